"""Leave, the final sign-off of a tier, and the next rung: who may, when, and what stands afterwards."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ca_ladder import errors
from ca_ladder.catalogue.models import Catalogue, Entry, Ladder, Role, Task, Tier
from ca_ladder.record.actor import Actor, go_on_leave, graduate, promote
from ca_ladder.record.events import Leave, Person, new_event
from ca_ladder.record.fingerprint import fingerprint
from ca_ladder.record.merging import concurrent_changes, union
from ca_ladder.record.projection import project_leaves, subtract_leaves
from ca_ladder.record.record import Record, Subject
from ca_ladder.record.tier_completion import final_sign_off
from tests.record import builders
from tests.record.builders import (
    ANN,
    KIM,
    MO,
    MORNING,
    broken_rules,
    enrolled_again,
    new_record,
    sentences,
    stamp,
    with_entry,
)

START = date(2026, 1, 5)
TODAY = MORNING.date()
LOW, HIGH, TOP = (Tier(id=id_, title=id_.capitalize()) for id_ in ("low", "high", "top"))
OF_LOW = (Entry(id="a", text="Do a"), Entry(id="b", text="Do b"))
TASK = Task(id="k", name="K", why="W", expectations={"low": OF_LOW, "high": (Entry(id="c", text="Do c"),)})
LADDER = Ladder(Role(id="r", name="R", tiers=(LOW, HIGH, TOP), tasks=(TASK,)), frozenset(), "v1")
CATALOGUE = Catalogue(version="v1", roles=(LADDER.role,))
A, B, C = LADDER.items.values()


ann, mo = partial(builders.ann, ladder=LADDER), partial(builders.mo, ladder=LADDER)
kim = partial(builders.kim, ladder=LADDER)


def record_of(mentors: tuple[str, ...] = ("Mo",), manager: str | None = "Kim") -> Record:
    """Return a new record of Ann."""
    return new_record(mentors=mentors, manager=manager, start=START)


def concluded(record: Record, hour: float, tier: Tier = LOW, by: Person = KIM, account: str = "kim") -> Record:
    """Return the record with the final sign-off of a tier."""
    return graduate(record, LADDER, stamp(hour, account), by, tier)


RECORD = record_of()
DONE = mo(1).sign_off(RECORD, [A, B], observed=True)
CONCLUDED = concluded(DONE, 2)


def days(span: str) -> Leave:
    """Return the leave from one day to another, written as 03-01/03-12."""
    first, last = (date.fromisoformat(f"2026-{day}") for day in span.split("/"))
    return Leave(first=first, last=last)


def on_leave(record: Record, hour: int, span: str, by: Person = ANN) -> Record:
    """Return the record with this leave."""
    return go_on_leave(record, stamp(hour, by.name.lower()), by, days(span))


# --- leave ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "leaves"),
    [
        # What is written later may lie earlier, or ahead.
        ("08-03/08-14 02-02/02-06", "02-02/02-06 08-03/08-14"),
        # Whoever comes back earlier, or stays away longer, says it again.
        ("03-02/03-13 03-20/03-20 03-02/03-06", "03-02/03-06 03-20/03-20"),
        ("03-02/03-06 03-20/03-20 03-05/03-25", "03-05/03-25"),
        # No day between them is at work.
        ("03-02/03-06 03-07/03-08", "03-02/03-08"),
    ],
)
def test_a_leave_takes_the_place_of_those_it_overlaps(entries: str, leaves: str) -> None:
    """The days of leave are in order, and joined where they touch."""
    record = RECORD
    for hour, entry in enumerate(entries.split(), start=1):
        record = on_leave(record, hour, entry)
    assert record.leaves == tuple(days(leave) for leave in leaves.split())
    assert sentences(record) == []


def test_a_leave_is_cancelled() -> None:
    """Who is there after all is not away: the days that are named are taken out of every leave."""
    record = on_leave(on_leave(RECORD, 1, "03-02/03-06"), 2, "04-06/04-10")
    cancel = replace(days("03-02/03-06"), cancelled=True)
    after = go_on_leave(record, stamp(3, "kim"), KIM, cancel)
    assert after.leaves == (days("04-06/04-10"),)
    assert sentences(after) == []
    with pytest.raises(errors.InvalidState, match="The leave is not in the record"):
        go_on_leave(after, stamp(4, "kim"), KIM, cancel)
    some = replace(days("04-08/04-09"), cancelled=True)
    leaves = go_on_leave(after, stamp(5, "kim"), KIM, some).leaves
    assert leaves == (days("04-06/04-07"), days("04-10/04-10"))


def test_leave_to_the_end_of_the_calendar() -> None:
    """Two copies, and no day after the last: nothing fails."""
    last = date(9999, 12, 31)
    here, there = (go_on_leave(RECORD, stamp(day), KIM, Leave(first=date(9999, 11, day), last=last)) for day in (1, 2))
    assert union(here, there).leaves == (Leave(first=date(9999, 11, 1), last=last),)


def test_leave_on_two_copies_is_united() -> None:
    """Nobody knew of the other's entry: all the days stand, and both are told of."""
    here, there = on_leave(RECORD, 1, "03-02/03-06"), on_leave(RECORD, 2, "03-05/03-10", KIM)
    for both in (union(here, there), union(there, here)):
        assert both.leaves == (days("03-02/03-10"),)
    assert [change.subject for change in concurrent_changes(here, there)] == [Subject("leave")]


def span(first: int, more: int) -> Leave:
    """Return a leave that begins so many days after the start and lasts for one day and some more."""
    return Leave(first=START + timedelta(days=first), last=START + timedelta(days=first + more))


def days_of(leaves: Iterable[Leave]) -> list[int]:
    """Return the days of the leaves as numbers, one by one."""
    return [day for leave in leaves for day in range(leave.first.toordinal(), leave.last.toordinal() + 1)]


SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), max_size=8)


@given(SPANS)
def test_the_days_of_leave_are_those_of_the_entries_that_stand(spans: list[tuple[int, int]]) -> None:
    """Counted day by day: a later entry clears what it touches, then its own days are away."""
    leaves = [span(*days_away) for days_away in spans]
    author: dict[str, Any] = {"by": ANN, "account": "a", "computer": "c", "on": START}
    events = [new_event(kind="leave", at=stamp(hour).now, leave=leave, **author) for hour, leave in enumerate(leaves)]
    kept: list[set[int]] = []
    for leave in leaves:
        days_away = set(days_of([leave]))
        kept = [*(earlier for earlier in kept if not earlier & days_away), days_away]
    projected = project_leaves(events)
    assert days_of(projected) == sorted(set().union(*kept))
    assert all((two.first - one.last).days > 1 for one, two in pairwise(projected))


@given(SPANS, st.integers(0, 60), st.integers(0, 30))
def test_the_days_that_are_no_longer_leave(spans: list[tuple[int, int]], first: int, more: int) -> None:
    """Counted day by day."""
    leaves, other = [span(*days_away) for days_away in spans], span(first, more)
    left = subtract_leaves(leaves, [other])
    assert days_of(left) == sorted(set(days_of(leaves)) - set(days_of([other])))
    assert all((two.first - one.last).days > 1 for one, two in pairwise(left))


LONG = Leave(first=date(2026, 3, 2), last=date(2062, 3, 6))


@pytest.mark.parametrize(
    ("leave", "refusal"),
    [
        (days("03-06/03-02"), "The last day of a leave cannot be before the first: 2026-03-06 to 2026-03-02."),
        (days("01-02/01-04"), "2026-01-02 to 2026-01-04 is before the first day in the role, 2026-01-05."),
        (LONG, "2026-03-02 to 2062-03-06 is longer than three years. Look at the years."),
    ],
)
def test_a_leave_that_cannot_be(leave: Leave, refusal: str) -> None:
    """A slip of the finger is told, before it moves a due date."""
    with pytest.raises(errors.BadInput) as error:
        go_on_leave(RECORD, stamp(1, "kim"), KIM, leave)
    assert str(error.value) == refusal


def test_the_same_leave_twice() -> None:
    """What would change nothing is not written."""
    with pytest.raises(errors.InvalidState, match="The leave is in the record already"):
        on_leave(on_leave(RECORD, 1, "03-02/03-06"), 2, "03-02/03-06")


def test_leave_is_undone_and_brings_back_what_it_replaced() -> None:
    """Undo works on it as on all else, as long as nobody changed it since."""
    first = on_leave(RECORD, 1, "03-02/03-06")
    record = on_leave(first, 2, "03-02/03-13")
    undone = ann(3).undo(record)
    assert undone.leaves == first.leaves
    assert ann(4).redo(undone).leaves == record.leaves
    assert sentences(undone) == []
    with pytest.raises(errors.NothingToUndo, match="the leave has changed since, by Kim"):
        ann(3).undo(on_leave(first, 2, "03-02/03-13", KIM))
    assert ann(3).undo(on_leave(ann(1).check(RECORD, [A]), 2, "03-02/03-13", KIM))


# --- the final sign-off of a tier -------------------------------------------------------------------------------


def test_a_complete_tier_gets_its_final_sign_off() -> None:
    """It freezes what it was given on: how many items, and the fingerprint of the record as it was."""
    waived = mo(3).decide("waive", mo(2).decide("revoke", DONE, [B], "wrong item"), [B], "not here")
    record = concluded(waived, 4)
    graduation = record.graduations["low"].graduation
    assert graduation
    assert (graduation.role, graduation.tier, graduation.title, graduation.catalogue) == ("r", "low", "Low", "v1")
    assert (graduation.total, graduation.waived) == (1, 1)
    assert graduation.fingerprint == fingerprint(waived)
    assert sentences(record) == []


HALF = mo(1).sign_off(RECORD, [A, C], observed=True)


@pytest.mark.parametrize(
    ("record", "tier", "missing"),
    [
        (HALF, LOW, "Tier low cannot get its final sign-off yet. Still to be signed off: b"),
        (HALF, HIGH, "Tier high cannot .* Still to be signed off: b"),
        (mo(2).sign_off(HALF, [B], observed=True), TOP, "Tier top .* There is nothing to sign off"),
    ],
)
def test_what_is_missing_is_named(record: Record, tier: Tier, missing: str) -> None:
    """Whoever is refused knows what to do, in the tier and in those below it."""
    with pytest.raises(errors.NotComplete, match=missing):
        concluded(record, 3, tier)


def test_a_tier_in_which_everything_is_waived_gets_it() -> None:
    """Nothing of it applies to this trainee, and the manager says that it is done."""
    graduation = concluded(mo(1).decide("waive", RECORD, [A, B], "all of it"), 2).graduations["low"].graduation
    assert graduation
    assert (graduation.total, graduation.waived) == (0, 2)


def test_a_tier_gets_it_once() -> None:
    """A second one would leave open which of them counts."""
    with pytest.raises(errors.InvalidState, match="Tier low is signed off by Kim on 2026-03-02"):
        concluded(CONCLUDED, 3)


NOBODY_NAMED = mo(1).sign_off(record_of((), None), [A, B], observed=True)


@pytest.mark.parametrize(
    ("record", "by", "refusal"),
    [
        (DONE, ANN, "Ann is the trainee"),
        (DONE, MO, "Mo is not the manager of Ann: the record names Kim"),
        (DONE, Person(name="Sue", role="manager"), "Sue is not the manager of Ann"),
        (record_of(manager=None), KIM, "names no manager. Name one first"),
        (record_of(mentors=()), MO, "Mo is not the manager of Ann"),
        (NOBODY_NAMED, ANN, "Ann is the trainee"),
    ],
)
def test_who_does_not_conclude_a_tier(record: Record, by: Person, refusal: str) -> None:
    """It is the manager's, and nobody else's; where no manager is named, one has to be."""
    with pytest.raises(errors.NotPossible, match=refusal):
        concluded(record, 2, by=by)
    assert concluded(NOBODY_NAMED, 2, by=KIM).graduations  # there, anyone but the trainee


def test_a_final_sign_off_outlives_what_comes_after_it() -> None:
    """It says what was true when it was given; after a revocation it covers the tier no longer, and is given again."""
    assert final_sign_off(CONCLUDED, LADDER, LOW) == CONCLUDED.events[-1]
    revoked = mo(3).decide("revoke", CONCLUDED, [A], "looked again")
    assert revoked.graduations["low"].graduation == CONCLUDED.graduations["low"].graduation
    assert final_sign_off(revoked, LADDER, LOW) is None
    assert sentences(revoked) == []
    with pytest.raises(errors.NotComplete, match="Still to be signed off: a"):
        concluded(revoked, 4)
    again = mo(4).sign_off(revoked, [A], observed=True)
    assert final_sign_off(again, LADDER, LOW) is None
    anew = concluded(again, 5)
    assert final_sign_off(anew, LADDER, LOW) == anew.events[-1]
    assert sentences(anew) == []


def test_what_a_final_sign_off_stands_on_is_not_undone() -> None:
    """Who wants it back says so with a reason: revoke. What was decided after it may be undone and brought back."""
    with pytest.raises(errors.NothingToUndo, match="Kim has given tier low its final sign-off since"):
        mo(3).undo(CONCLUDED)
    revoked = mo(3).decide("revoke", CONCLUDED, [A], "looked again")
    back = mo(4).undo(revoked)
    assert final_sign_off(back, LADDER, LOW)
    assert mo(5).redo(back).status(A).state == revoked.status(A).state == "open"


def test_a_final_sign_off_is_undone_and_given_again_by_the_manager_alone() -> None:
    """Also on an account that people share."""
    undone = kim(3).undo(CONCLUDED)
    assert undone.graduations == {}
    with pytest.raises(errors.SelfSignOff):
        Actor(LADDER, stamp(4, "kim"), ANN).redo(undone)
    assert kim(4).redo(undone).graduations == CONCLUDED.graduations


def test_a_second_sign_off_from_a_copy() -> None:
    """Of two final ones the last counts; a mentor's, after the manager's final one on another copy, changes nothing."""
    again = concluded(DONE, 3, account="k2")
    assert union(again, CONCLUDED).graduations["low"] == again.events[-1]
    assert [change.subject for change in concurrent_changes(CONCLUDED, again)] == [Subject("tier", "low")]
    half = mo(1).sign_off(RECORD, [B], observed=True)
    here = concluded(mo(2).sign_off(half, [A], observed=True), 3)
    there = mo(4, account="m2").sign_off(half, [A], observed=True)
    assert final_sign_off(union(here, there), LADDER, LOW) == here.events[-1]


# --- the next rung ----------------------------------------------------------------------------------------------


def test_the_next_rung_is_the_managers_to_give() -> None:
    """The role changes with its start; what was signed before stays in the record."""
    promoted = enrolled_again(CONCLUDED, 3, KIM, role="next", start=TODAY, variants=())
    assert promoted.enrolment.role == "next"
    assert promoted.status(A).state == "signed"
    assert promoted.graduations == {}  # those of the role before are told as such
    assert promoted.past_roles == (("r", START, ("low",)),)
    assert kim(4).undo(promoted).past_roles == ()
    assert sentences(promoted) == []
    for by, refusal in ((ANN, "Ann is the trainee"), (MO, "Mo is not the manager of Ann")):
        with pytest.raises(errors.NotPossible, match=refusal):
            enrolled_again(CONCLUDED, 3, by, role="next")


UP = enrolled_again(RECORD, 1, KIM, role="s", start=date(2026, 3, 1), variants=("v",))


def test_who_did_not_know_of_a_promotion_did_not_promote() -> None:
    """Mentors changed on a copy, and a start corrected once the promotion was undone: the role changed once."""
    both = union(UP, enrolled_again(RECORD, 2, KIM, mentors=("Jo",)))
    assert (both.enrolment.role, both.enrolment.mentors) == ("s", ("Jo",))
    assert both.past_roles == (("r", START, ()),)
    assert [both.promotes(event) for event in both.events] == [False, True, False]
    moved = enrolled_again(kim(3).undo(UP), 4, start=date(2026, 1, 12))
    assert moved.past_roles == ()
    assert [moved.promotes(event) for event in moved.events] == [False, True, False, False]


def test_of_two_promotions_the_later_one_counts_with_all_that_belongs_to_it() -> None:
    """Promoted on two copies: the role of one never begins on the start of the other."""
    other = enrolled_again(RECORD, 2, KIM, role="t", start=date(2026, 4, 1), variants=("w",))
    for both in (union(UP, other), union(other, UP)):
        assert (both.enrolment.role, both.enrolment.start, both.enrolment.variants) == ("t", date(2026, 4, 1), ("w",))


def test_a_promotion_is_whole_whatever_was_written_on_a_copy_meanwhile() -> None:
    """Role, start and variants change together: who did not know of it corrected the start of the role before."""
    moved = enrolled_again(RECORD, 2, start=date(2026, 1, 12), variants=("mm",))
    for there in (ann(2).note(RECORD, A, "on the copy"), moved):
        assert union(UP, there).enrolment == union(there, UP).enrolment == UP.enrolment


def test_a_promotion_goes_up_and_begins_no_later_than_today() -> None:
    """Not to the same role, not down, not ahead of time, not before the role so far."""
    roles = [replace(LADDER.role, id=id_) for id_ in ("r", "s")]

    def promoted(role: str, start: date = TODAY, record: Record = RECORD, ladder: list[Role] = roles) -> Record:
        return promote(record, stamp(1, "kim"), KIM, ladder, role=role, start=start, variants=())

    up = promoted("s")
    assert (up.enrolment.role, up.enrolment.start) == ("s", TODAY)
    with pytest.raises(errors.NotPossible, match="R is not above R on the ladder"):
        promoted("r", record=up)
    with pytest.raises(errors.NotPossible, match="R is not above R"):
        promoted("r")
    with pytest.raises(errors.FutureDate):
        promoted("s", TODAY + timedelta(days=1))
    with pytest.raises(errors.BadInput, match="before the first day in the role so far, 2026-01-05"):
        promoted("s", date(2026, 1, 4))
    assert promoted("s", ladder=roles[1:]).enrolment.role == "s"  # the role so far is no longer in the catalogue


# --- what verification finds ------------------------------------------------------------------------------------

GIVEN = CONCLUDED.events[-1].graduation
assert GIVEN
OTHER = replace(GIVEN, fingerprint="1-" + "-".join(["0000"] * 5))
LEAVE, BACKWARDS = days("03-02/03-06"), days("03-06/03-02")
OTHER_CONTENT = "it says something that does not belong to its kind"


@pytest.mark.parametrize(
    ("kind", "by", "content", "wrong"),
    [
        ("graduate", MO, {"graduation": GIVEN}, "Mo is not the manager of Ann: the record names Kim"),
        ("graduate", KIM, {"graduation": OTHER}, "its fingerprint is not that of what it was given on"),
        ("leave", KIM, {"leave": BACKWARDS}, "its leave ends before it begins, or lasts longer than three years"),
        ("leave", KIM, {"leave": LEAVE, "graduation": GIVEN}, OTHER_CONTENT),
        ("graduate", KIM, {}, OTHER_CONTENT),
    ],
)
def test_what_nobody_may_write_is_found(kind: str, by: Person, content: dict[str, Any], wrong: str) -> None:
    """A final sign-off by a mentor, or on another fingerprint, and a leave that runs backwards."""
    tier = " of tier low" if "graduation" in content else ""
    entry = f"Entry 4 ({kind}{tier} by {by.name} on 2026-03-02)"
    assert sentences(with_entry(DONE, kind, by, **content)) == [f"{entry}: {wrong}."]


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, []),
        ({"total": 9}, ["it counts 9 signed off and 0 waived; there were 2 and 0"]),
        ({"waived": 1}, ["it counts 2 signed off and 1 waived; there were 2 and 0"]),
        ({"tier": "high"}, ["c had to be signed off first"]),
        ({"tier": "none"}, ["there is no such tier in the role"]),
        ({"role": "other"}, ["the trainee did not have that role"]),
        ({"total": 9, "catalogue": "v0"}, ["it counts 9 signed off and 0 waived; there were not so many"]),
        ({"tier": "high", "catalogue": "v0"}, []),  # what was asked for then is not known
    ],
)
def test_a_final_sign_off_is_held_to_the_catalogue_it_was_given_under(
    changed: dict[str, object], wrong: list[str]
) -> None:
    """Under the same version of it, all was signed off, and as many as it says; under any, no more than there is."""
    assert GIVEN
    record = with_entry(DONE, "graduate", KIM, graduation=replace(GIVEN, **changed))
    assert broken_rules(record, CATALOGUE) == wrong
