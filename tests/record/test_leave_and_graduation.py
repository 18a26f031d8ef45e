"""Leave, the final sign-off of a tier, and the next rung: who may, when, and what stands afterwards."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ca_ladder.catalogue.models import Catalogue, Entry, Ladder, Role, Task, Tier
from ca_ladder.errors import (
    BadInput,
    FutureDate,
    InvalidState,
    LadderError,
    NoManagerNamed,
    NotComplete,
    NotHigher,
    NothingToUndo,
    NotTheManager,
    SelfSignOff,
)
from ca_ladder.record import store
from ca_ladder.record.events import Event, Leave, Person, Stamp, new_event
from ca_ladder.record.fingerprint import fingerprint
from ca_ladder.record.merging import concurrent_changes, union
from ca_ladder.record.projection import project_leaves, subtract_leaves
from ca_ladder.record.record import Record, Subject
from ca_ladder.record.rules import Actor, enrol, enrol_again, go_on_leave, graduate, promote
from ca_ladder.record.tier_completion import final_sign_off
from ca_ladder.record.verification import problems
from tests.record.builders import ANN, MO, MORNING

START = date(2026, 1, 5)
LOW, HIGH = Tier(id="low", title="Low"), Tier(id="high", title="High")
TASK = Task(
    id="k",
    name="K",
    why="W",
    expectations={
        "low": (Entry(id="a", text="Do a"), Entry(id="b", text="Do b")),
        "high": (Entry(id="c", text="Do c"),),
    },
)
TOP = Tier(id="top", title="Top")
LADDER = Ladder(Role(id="r", name="R", tiers=(LOW, HIGH, TOP), tasks=(TASK,)), frozenset(), "v1")
A, B, C = LADDER.items.values()
KIM = Person(name="Kim", role="manager")


def stamp(hour: int, account: str = "kim") -> Stamp:
    """Return the stamp of a command run so many hours after the first."""
    return Stamp(MORNING + timedelta(hours=hour), account, "PC")


def record_of(mentors: tuple[str, ...] = ("Mo",), manager: str | None = "Kim") -> Record:
    """Return a new record of Ann."""
    return enrol(stamp(0, "ann"), ANN, name="Ann", start=START, role="r", mentors=mentors, manager=manager)


RECORD = record_of()
DONE = Actor(LADDER, stamp(1, "mo"), MO).sign_off(RECORD, [A, B], observed=True)


def days(first: str, last: str) -> Leave:
    """Return the leave from one day to another, written as 03-01."""
    return Leave(first=date.fromisoformat(f"2026-{first}"), last=date.fromisoformat(f"2026-{last}"))


def on_leave(record: Record, hour: int, first: str, last: str, by: Person = ANN, account: str = "ann") -> Record:
    """Return the record with this leave."""
    return go_on_leave(record, stamp(hour, account), by, days(first, last))


def messages_about(record: Record) -> list[str]:
    """Return what verification says of the record as it would lie in its file."""
    found = problems(store.as_bytes(record), Path("record.json"), MORNING + timedelta(days=30))
    return [str(each) for each in found]


# --- leave ----------------------------------------------------------------------------------------------------


def test_leave_is_kept_in_the_order_of_its_days() -> None:
    """What is written later may lie earlier, or ahead."""
    record = on_leave(on_leave(RECORD, 1, "08-03", "08-14"), 2, "02-02", "02-06")
    assert record.leaves == (days("02-02", "02-06"), days("08-03", "08-14"))
    assert messages_about(record) == []


def test_a_leave_takes_the_place_of_those_it_overlaps() -> None:
    """Whoever comes back earlier, or stays away longer, says it again."""
    record = on_leave(on_leave(on_leave(RECORD, 1, "03-02", "03-13"), 2, "03-20", "03-20"), 3, "03-02", "03-06")
    assert record.leaves == (days("03-02", "03-06"), days("03-20", "03-20"))
    assert on_leave(record, 4, "03-05", "03-25").leaves == (days("03-05", "03-25"),)


def test_leaves_that_touch_are_one() -> None:
    """No day between them is at work."""
    assert on_leave(on_leave(RECORD, 1, "03-02", "03-06"), 2, "03-07", "03-08").leaves == (days("03-02", "03-08"),)


def test_a_leave_is_cancelled() -> None:
    """Who is there after all is not away: the days that are named are taken out of every leave."""
    record = on_leave(on_leave(RECORD, 1, "03-02", "03-06"), 2, "04-06", "04-10")
    cancel = replace(days("03-02", "03-06"), cancelled=True)
    after = go_on_leave(record, stamp(3), KIM, cancel)
    assert after.leaves == (days("04-06", "04-10"),)
    assert messages_about(after) == []
    with pytest.raises(InvalidState, match="The leave is not in the record"):
        go_on_leave(after, stamp(4), KIM, cancel)
    some = replace(days("04-08", "04-09"), cancelled=True)
    assert go_on_leave(after, stamp(5), KIM, some).leaves == (days("04-06", "04-07"), days("04-10", "04-10"))


def test_leave_to_the_end_of_the_calendar() -> None:
    """Two copies, and no day after the last: nothing fails."""
    last = Leave(first=date(9999, 12, 1), last=date(9999, 12, 31))
    here, there = (go_on_leave(RECORD, stamp(hour), KIM, replace(last, first=date(9999, 11, hour))) for hour in (1, 2))
    assert union(here, there).leaves == (Leave(first=date(9999, 11, 1), last=date(9999, 12, 31)),)


def test_leave_on_two_copies_is_united() -> None:
    """Nobody knew of the other's entry: all the days stand, and both are told of."""
    here, there = on_leave(RECORD, 1, "03-02", "03-06"), on_leave(RECORD, 2, "03-05", "03-10", KIM, "kim")
    for both in (union(here, there), union(there, here)):
        assert both.leaves == (days("03-02", "03-10"),)
    assert [each.subject for each in concurrent_changes(here, there)] == [Subject("leave")]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), max_size=8))
def test_the_days_of_leave_are_those_of_the_entries_that_stand(spans: list[tuple[int, int]]) -> None:
    """Counted day by day: a later entry clears what it touches, then its own days are away."""
    entries: list[Event] = []
    kept: list[set[int]] = []
    for number, (first, more) in enumerate(spans):
        leave = Leave(first=START + timedelta(days=first), last=START + timedelta(days=first + more))
        own = set(range(first, first + more + 1))
        kept = [*(each for each in kept if not each & own), own]
        entries.append(
            new_event(kind="leave", at=stamp(number).now, on=START, by=ANN, account="a", computer="c", leave=leave)
        )
    away = {day for each in kept for day in each}
    folded = project_leaves(entries)
    found = [set(range((each.first - START).days, (each.last - START).days + 1)) for each in folded]
    assert set().union(*found) == away
    assert sum(map(len, found)) == len(away)
    assert all(max(one) + 1 < min(two) for one, two in pairwise(found))


@pytest.mark.parametrize(
    ("leave", "told"),
    [
        (days("03-06", "03-02"), "A leave does not end before it begins: 2026-03-06 to 2026-03-02."),
        (days("01-02", "01-04"), "2026-01-02 to 2026-01-04 is before the first day in the role, 2026-01-05."),
        (
            Leave(first=date(2026, 3, 2), last=date(2062, 3, 6)),
            "2026-03-02 to 2062-03-06 is longer than three years. Look at the years.",
        ),
    ],
)
def test_a_leave_that_cannot_be(leave: Leave, told: str) -> None:
    """A slip of the finger is told, before it moves a due date."""
    with pytest.raises(BadInput) as refusal:
        go_on_leave(RECORD, stamp(1), KIM, leave)
    assert str(refusal.value) == told


def test_the_same_leave_twice() -> None:
    """What would change nothing is not written."""
    record = on_leave(RECORD, 1, "03-02", "03-06")
    with pytest.raises(InvalidState, match="The leave is in the record already"):
        on_leave(record, 2, "03-02", "03-06")


def test_leave_is_undone_and_brings_back_what_it_replaced() -> None:
    """Undo works on it as on all else."""
    record = on_leave(on_leave(RECORD, 1, "03-02", "03-06"), 2, "03-02", "03-13")
    undone = Actor(LADDER, stamp(3, "ann"), ANN).undo(record)
    assert undone.leaves == (days("03-02", "03-06"),)
    assert Actor(LADDER, stamp(4, "ann"), ANN).undo(undone).leaves == record.leaves
    assert messages_about(undone) == []


def test_leave_is_not_undone_when_another_changed_it_since() -> None:
    """Each undo takes back what the same account wrote, as long as nobody built on it."""
    record = on_leave(on_leave(RECORD, 1, "03-02", "03-06"), 2, "03-02", "03-13", KIM, "kim")
    with pytest.raises(NothingToUndo, match="the leave has changed since, by Kim"):
        Actor(LADDER, stamp(3, "ann"), ANN).undo(record)
    sick = Actor(LADDER, stamp(1, "ann"), ANN).check(RECORD, [A])
    assert Actor(LADDER, stamp(3, "ann"), ANN).undo(on_leave(sick, 2, "03-02", "03-13", KIM, "kim"))


# --- the final sign-off of a tier -------------------------------------------------------------------------------


def test_a_complete_tier_gets_its_final_sign_off() -> None:
    """It freezes what it was given on: how many items, and the fingerprint of the record as it was."""
    waived = Actor(LADDER, stamp(2, "mo"), MO).revoke(DONE, [B], "wrong item")
    waived = Actor(LADDER, stamp(3, "mo"), MO).waive(waived, [B], "not here")
    record = graduate(waived, LADDER, stamp(4), KIM, LOW)
    given = record.graduations["low"].graduation
    assert given
    assert (given.role, given.tier, given.title, given.catalogue) == ("r", "low", "Low", "v1")
    assert (given.total, given.waived) == (1, 1)
    assert given.fingerprint == fingerprint(waived)
    assert messages_about(record) == []


def test_what_is_missing_is_named() -> None:
    """Whoever is refused knows what to do, in the tier and in those below it."""
    half = Actor(LADDER, stamp(1, "mo"), MO).sign_off(RECORD, [A, C], observed=True)
    with pytest.raises(NotComplete, match="Tier low cannot get its final sign-off, not signed off yet: b"):
        graduate(half, LADDER, stamp(2), KIM, LOW)
    with pytest.raises(NotComplete, match=r"Tier high cannot .* not signed off yet: b"):
        graduate(half, LADDER, stamp(2), KIM, HIGH)
    full = Actor(LADDER, stamp(2, "mo"), MO).sign_off(half, [B], observed=True)
    with pytest.raises(NotComplete, match=r"Tier top .* there is nothing to sign off"):
        graduate(full, LADDER, stamp(3), KIM, TOP)
    waived = Actor(LADDER, stamp(1, "mo"), MO).waive(RECORD, [A, B], "all of it")
    with pytest.raises(NotComplete, match="nothing to sign off"):
        graduate(waived, LADDER, stamp(2), KIM, LOW)


def test_a_tier_gets_it_once() -> None:
    """A second one would leave open which of them counts."""
    record = graduate(DONE, LADDER, stamp(2), KIM, LOW)
    with pytest.raises(InvalidState, match="Tier low is signed off by Kim on 2026-03-02"):
        graduate(record, LADDER, stamp(3), KIM, LOW)


@pytest.mark.parametrize(
    ("record", "by", "refusal"),
    [
        (DONE, ANN, SelfSignOff),
        (DONE, MO, NotTheManager),
        (DONE, Person(name="Sue", role="manager"), NotTheManager),
        (record_of(manager=None), KIM, NoManagerNamed),
        (record_of(mentors=()), MO, NotTheManager),
    ],
)
def test_who_does_not_conclude_a_tier(record: Record, by: Person, refusal: type[LadderError]) -> None:
    """It is the manager's, and nobody else's; where no manager is named, one has to be."""
    with pytest.raises(refusal):
        graduate(record, LADDER, stamp(2), by, LOW)


def test_where_nobody_is_named_anyone_but_the_trainee_concludes() -> None:
    """As with every other sign-off."""
    nobody = Actor(LADDER, stamp(1, "mo"), MO).sign_off(record_of((), None), [A, B], observed=True)
    assert graduate(nobody, LADDER, stamp(2), KIM, LOW).graduations
    with pytest.raises(SelfSignOff):
        graduate(nobody, LADDER, stamp(2), ANN, LOW)


def test_a_final_sign_off_outlives_what_comes_after_it() -> None:
    """It says what was true when it was given; after a revocation it covers the tier no longer, and is given again."""
    record = graduate(DONE, LADDER, stamp(2), KIM, LOW)
    assert final_sign_off(record, LADDER, LOW) == record.events[-1]
    revoked = Actor(LADDER, stamp(3, "mo"), MO).revoke(record, [A], "looked again")
    assert revoked.graduations["low"].graduation == record.graduations["low"].graduation
    assert final_sign_off(revoked, LADDER, LOW) is None
    assert messages_about(revoked) == []
    with pytest.raises(NotComplete, match="not signed off yet: a"):
        graduate(revoked, LADDER, stamp(4), KIM, LOW)
    again = Actor(LADDER, stamp(4, "mo"), MO).sign_off(revoked, [A], observed=True)
    assert final_sign_off(again, LADDER, LOW) is None
    anew = graduate(again, LADDER, stamp(5), KIM, LOW)
    assert final_sign_off(anew, LADDER, LOW) == anew.events[-1]
    assert messages_about(anew) == []


def test_what_a_final_sign_off_stands_on_is_not_undone() -> None:
    """Who wants it back says so with a reason: revoke."""
    record = graduate(DONE, LADDER, stamp(2), KIM, LOW)
    with pytest.raises(NothingToUndo, match="Kim has given tier low its final sign-off since"):
        Actor(LADDER, stamp(3, "mo"), MO).undo(record)


def test_a_final_sign_off_is_undone_and_given_again_by_the_manager_alone() -> None:
    """Also on an account that people share."""
    record = graduate(DONE, LADDER, stamp(2), KIM, LOW)
    undone = Actor(LADDER, stamp(3), KIM).undo(record)
    assert undone.graduations == {}
    with pytest.raises(SelfSignOff):
        Actor(LADDER, stamp(4), ANN).undo(undone)
    assert Actor(LADDER, stamp(4), KIM).undo(undone).graduations == record.graduations


def test_of_two_final_sign_offs_on_two_copies_the_last_counts() -> None:
    """Both are kept."""
    here, there = (
        graduate(DONE, LADDER, stamp(2), KIM, LOW),
        graduate(DONE, LADDER, stamp(3, "k2"), KIM, LOW),
    )
    both = union(there, here)
    assert both.graduations["low"] == there.events[-1]
    assert [each.subject for each in concurrent_changes(here, there)] == [Subject("tier", "low")]


# --- the next rung ----------------------------------------------------------------------------------------------


def test_the_next_rung_is_the_managers_to_give() -> None:
    """The role changes with its start; what was signed before stays in the record."""
    record = graduate(DONE, LADDER, stamp(2), KIM, LOW)
    promoted = enrol_again(record, stamp(3), KIM, role="next", start=date(2026, 3, 2), variants=())
    assert promoted.enrolment.role == "next"
    assert promoted.status(A).state == "signed"
    assert promoted.graduations == {}  # those of the role before are told as such
    assert promoted.past_roles == (("r", START, ("low",)),)
    assert Actor(LADDER, stamp(4), KIM).undo(promoted).past_roles == ()
    assert messages_about(promoted) == []
    for by, refusal in ((ANN, SelfSignOff), (MO, NotTheManager)):
        with pytest.raises(refusal):
            enrol_again(record, stamp(3), by, role="next")


def test_what_was_decided_after_a_final_sign_off_may_be_undone_and_brought_back() -> None:
    """A revocation that knew of it is the manager's or a mentor's own; only what it stands on is held."""
    record = graduate(DONE, LADDER, stamp(2), KIM, LOW)
    record = Actor(LADDER, stamp(3, "mo"), MO).revoke(record, [A], "looked again")
    back = Actor(LADDER, stamp(4, "mo"), MO).undo(record)
    assert final_sign_off(back, LADDER, LOW)
    again = Actor(LADDER, stamp(5, "mo"), MO).undo(back)
    assert again.status(A).state == record.status(A).state != "signed"


def test_a_second_sign_off_from_a_copy_changes_nothing() -> None:
    """Both mentors signed the same item, one after the manager's final sign-off on another copy: it stands."""
    half = Actor(LADDER, stamp(1, "mo"), MO).sign_off(RECORD, [B], observed=True)
    here = Actor(LADDER, stamp(2, "mo"), MO).sign_off(half, [A], observed=True)
    here = graduate(here, LADDER, stamp(3), KIM, LOW)
    there = Actor(LADDER, stamp(4, "m2"), MO).sign_off(half, [A], observed=True)
    both = union(here, there)
    assert final_sign_off(both, LADDER, LOW) == here.events[-1]


def test_who_did_not_know_of_a_promotion_did_not_promote() -> None:
    """Mentors changed on a copy, and a start corrected once the promotion was undone: the role changed once."""
    up = enrol_again(RECORD, stamp(1), KIM, role="s", start=date(2026, 3, 1))
    there = enrol_again(RECORD, stamp(2, "k2"), KIM, mentors=("Jo",))
    both = union(up, there)
    assert (both.enrolment.role, both.enrolment.mentors) == ("s", ("Jo",))
    assert both.past_roles == (("r", START, ()),)
    assert [both.promotes(event) for event in both.events] == [False, True, False]
    undone = Actor(LADDER, stamp(3), KIM).undo(up)
    moved = enrol_again(undone, stamp(4, "ann"), ANN, start=date(2026, 1, 12))
    assert moved.past_roles == ()
    assert [moved.promotes(event) for event in moved.events] == [False, True, False, False]


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9)), max_size=4), st.integers(0, 60), st.integers(0, 30))
def test_the_days_that_are_no_longer_leave(spans: list[tuple[int, int]], first: int, more: int) -> None:
    """Counted day by day."""

    def span(begin: int, longer: int) -> Leave:
        return Leave(first=START + timedelta(days=begin), last=START + timedelta(days=begin + longer))

    def counted(leaves: Iterable[Leave]) -> list[int]:
        return [day for each in leaves for day in range(each.first.toordinal(), each.last.toordinal() + 1)]

    leaves, other = [span(*each) for each in spans], span(first, more)
    left = subtract_leaves(leaves, [other])
    assert counted(left) == sorted(set(counted(leaves)) - set(counted([other])))
    assert all((two.first - one.last).days > 1 for one, two in pairwise(left))


def test_a_promotion_goes_up_and_begins_no_later_than_today() -> None:
    """Not to the same role, not down, not ahead of time, not before the role so far."""
    roles = [replace(role, id=id_) for id_, role in (("r", LADDER.role), ("s", LADDER.role))]
    today = MORNING.date()
    up = promote(RECORD, stamp(1), KIM, roles, role="s", start=today, variants=())
    assert (up.enrolment.role, up.enrolment.start) == ("s", today)
    with pytest.raises(NotHigher, match="R is not above R on the ladder"):
        promote(up, stamp(2), KIM, roles, role="r", start=today, variants=())
    with pytest.raises(NotHigher):
        promote(RECORD, stamp(1), KIM, roles, role="r", start=today, variants=())
    with pytest.raises(FutureDate):
        promote(RECORD, stamp(1), KIM, roles, role="s", start=today + timedelta(days=1), variants=())
    with pytest.raises(BadInput, match="before the first day in the role so far, 2026-01-05"):
        promote(RECORD, stamp(1), KIM, roles, role="s", start=date(2026, 1, 4), variants=())
    gone = promote(RECORD, stamp(1), KIM, roles[1:], role="s", start=today, variants=())
    assert gone.enrolment.role == "s"  # the role so far is no longer in the catalogue


def test_a_promotion_is_whole_whatever_was_written_on_a_copy_meanwhile() -> None:
    """Role, start and variants of one enrolment change together: its author knew of the role that it gives."""
    up = enrol_again(RECORD, stamp(1), KIM, role="s", start=date(2026, 3, 1), variants=("v",))
    noted = Actor(LADDER, stamp(2, "ann"), ANN).note(RECORD, A, "on the copy")
    assert union(up, noted).enrolment == up.enrolment


def test_a_start_corrected_on_a_copy_is_not_that_of_the_next_role() -> None:
    """Who did not know of the promotion corrected the start of the role before it."""
    here = enrol_again(RECORD, stamp(1), KIM, role="s", start=date(2026, 3, 1))
    there = enrol_again(RECORD, stamp(2, "ann"), ANN, start=date(2026, 1, 12), variants=("mm",))
    for both in (union(here, there), union(there, here)):
        assert (both.enrolment.role, both.enrolment.start) == ("s", date(2026, 3, 1))
        assert both.enrolment.variants == ()


# --- what verification finds ------------------------------------------------------------------------------------


def test_what_nobody_may_write_is_found() -> None:
    """A final sign-off by a mentor, or on another fingerprint, and a leave that runs backwards."""
    said = {"at": stamp(2).now, "on": MORNING.date(), "account": "mo", "computer": "PC", "parents": DONE.heads}
    given = graduate(DONE, LADDER, stamp(2), KIM, LOW).events[-1].graduation
    assert given
    by_mentor = new_event(kind="graduate", by=MO, graduation=given, **said)
    other = replace(given, fingerprint="1-" + "-".join(["0000"] * 5))
    on_other = new_event(kind="graduate", by=KIM, graduation=other, **said)
    backwards = new_event(kind="leave", by=KIM, leave=days("03-06", "03-02"), **said)
    mixed = new_event(kind="leave", by=KIM, leave=days("03-02", "03-06"), graduation=given, **said)
    empty = new_event(kind="graduate", by=KIM, **said)
    for event, wrong in (
        (by_mentor, "(graduate of tier low by Mo on 2026-03-02): Mo is not the manager of Ann: the record names Kim."),
        (on_other, "(graduate of tier low by Kim on 2026-03-02): its fingerprint is not that of what it was given on."),
        (backwards, "(leave by Kim on 2026-03-02): its leave ends before it begins, or lasts longer than three years."),
        (mixed, "(leave of tier low by Kim on 2026-03-02): it says something else than what its kind stands for."),
        (empty, "(graduate by Kim on 2026-03-02): it says something else than what its kind stands for."),
    ):
        assert messages_about(DONE.with_event(event)) == [f"Entry 4 {wrong}"]


CATALOGUE = Catalogue(version="v1", roles=(LADDER.role,))


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, ""),
        ({"total": 9}, "it counts 9 signed off and 0 waived; there were 2 and 0"),
        ({"waived": 1}, "it counts 2 signed off and 1 waived; there were 2 and 0"),
        ({"tier": "high"}, "c had to be signed off first"),
        ({"tier": "none"}, "there is no such tier in the role"),
        ({"role": "other"}, "the trainee did not have that role"),
        ({"tier": "high", "catalogue": "v0"}, ""),  # what was asked for then is not known
    ],
)
def test_a_final_sign_off_is_held_to_the_catalogue_it_was_given_under(changed: dict[str, object], wrong: str) -> None:
    """Under the same version of it, all was signed off, and as many as it says."""
    given = graduate(DONE, LADDER, stamp(2), KIM, LOW).events[-1]
    assert given.graduation
    said = replace(given.graduation, **changed)
    content = {**given.content(), "graduation": said, "by": KIM}
    record = DONE.with_event(new_event(**content))
    found = problems(store.as_bytes(record), Path("record.json"), MORNING + timedelta(days=30), CATALOGUE)
    assert [each.message for each in found] == ([wrong] if wrong else [])
