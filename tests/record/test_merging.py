"""Merging: copies written on apart become one record, the same in whichever order they meet, and nothing is lost."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ca_ladder.catalogue.models import Catalogue, Entry, Role, Task, Tier
from ca_ladder.errors import (
    LadderError,
    NothingToUndo,
    NotPossible,
    VerificationFailed,
)
from ca_ladder.record import store
from ca_ladder.record.causality import topological_order
from ca_ladder.record.events import Stamp, new_event
from ca_ladder.record.merging import (
    ConcurrentChange,
    MergeResult,
    concurrent_changes,
    differing,
    disagreements,
    merge,
    union,
)
from ca_ladder.record.projection import ItemStatus
from ca_ladder.record.record import Record, Subject
from ca_ladder.record.rules import Actor, enrol, enrol_again
from ca_ladder.record.verification import load_verified_copy, refuse_disagreement
from tests.conftest import forged_id, many_examples
from tests.record.builders import ANN, CATALOGUE, LADDER, LATER, MO, MORNING, TASK, A, B, ann, mo, new_record, stamp

ITEM_A = Subject("item", "a")


NEW = new_record()
CHECKED = ann(1).check(NEW, [A])


def both_ways(one: Record, other: Record) -> Record:
    """Return the union of two copies, which is the same from either side."""
    assert union(one, other) == union(other, one)
    return union(one, other)


# --- the laws ---------------------------------------------------------------------------------------------------

COMMANDS = ("check", "uncheck", "note", "sign-off", "observe", "return", "revoke", "waive", "undo", "enrol")
OF_SIGNERS = ("signers", "choose", "take")
STEPS = st.lists(
    st.sampled_from(
        [(copy, command, id_) for copy in range(3) for command in COMMANDS + OF_SIGNERS for id_ in ("a", "b")]
    ),
    max_size=16,
)
# The clock of each copy's computer: right, ahead by more than a step, behind by more than two.
CLOCKS = (0.0, 1.5, -2.5)


def carried_out(record: Record, actor: Actor, command: str, id_: str) -> Record:
    """Return the record after the command; raises what the rules raise."""
    item = LADDER.items[id_]
    return {
        "check": lambda: actor.check(record, [item], note="done"),
        "uncheck": lambda: actor.uncheck(record, [item]),
        "note": lambda: actor.note(record, item, "words"),
        "sign-off": lambda: actor.sign_off(record, [item]),
        "observe": lambda: actor.sign_off(record, [item], observed=True),
        "return": lambda: actor.send_back(record, [item], "why"),
        "revoke": lambda: actor.revoke(record, [item], "why"),
        "waive": lambda: actor.waive(record, [item], "why"),
        "undo": lambda: actor.undo(record),
        "enrol": lambda: enrol_again(record, actor.stamp, actor.by, start=date(2026, 1, 1 + len(record.events))),
        "signers": lambda: enrol_again(record, actor.stamp, actor.by, mentors=("Mo", f"Mentor {actor.stamp.now}")),
        "choose": lambda: enrol_again(record, actor.stamp, actor.by, mentors=("Mo", f"Friend {actor.stamp.now}")),
    }[command]()


def written_apart(steps: Sequence[tuple[int, str, str]]) -> list[Record]:
    """Return three copies of one record after these steps; what the rules refuse is not done."""
    copies = [NEW, NEW, NEW]
    for hour, (copy, command, id_) in enumerate(steps, start=1):
        if command == "take":
            copies[copy] = union(copies[copy], copies[copy - 1])
            continue
        by = ANN if command in {"check", "uncheck", "enrol", "choose"} else MO
        actor = Actor(LADDER, Stamp(MORNING + timedelta(hours=hour + CLOCKS[copy]), "shared", f"PC-{copy}"), by)
        try:
            copies[copy] = carried_out(copies[copy], actor, command, id_)
        except LadderError:
            continue
    return copies


@many_examples
@given(STEPS)
def test_it_does_not_matter_who_takes_over_whose_copy(steps: list[tuple[int, str, str]]) -> None:
    """Commutative: from either side, two copies become the same record, entry by entry, and the same enrolment."""
    one, other, _ = written_apart(steps)
    assert union(one, other).events == union(other, one).events
    assert union(one, other).enrolment == union(other, one).enrolment


@many_examples
@given(STEPS)
def test_it_does_not_matter_in_which_order_copies_meet(steps: list[tuple[int, str, str]]) -> None:
    """Associative: three copies become the same record, and every item stands the same, in all six orders."""
    copies = written_apart(steps)
    one, other, third = copies
    record = union(union(one, other), third)
    assert union(one, union(other, third)) == record
    for ordered in permutations(copies):
        again = reduce(union, ordered)
        assert again.events == record.events
        assert [again.status(item) for item in (A, B)] == [record.status(item) for item in (A, B)]
        assert (again.enrolment, again.heads) == (record.enrolment, record.heads)


@many_examples
@given(STEPS)
def test_what_was_taken_over_brings_nothing_the_second_time(steps: list[tuple[int, str, str]]) -> None:
    """Idempotent: the same copy again, or one that is behind, changes nothing."""
    copies = written_apart(steps)
    record = reduce(union, copies)
    for copy in copies:
        assert union(copy, copy) == copy
        assert union(record, copy) == union(copy, record) == record


@many_examples
@given(STEPS)
def test_nothing_is_lost_and_nothing_is_made_up(steps: list[tuple[int, str, str]]) -> None:
    """The union has every entry of every copy, once, as it was, each copy's own in the order they had there."""
    copies = written_apart(steps)
    record = reduce(union, copies)
    assert record.by_id == {id_: event for copy in copies for id_, event in copy.by_id.items()}
    assert len(record.events) == len(record.by_id)
    assert record.events == topological_order(record.events)
    for copy in copies:
        assert tuple(event for event in record.events if event.id in copy.by_id) == copy.events
        assert disagreements(record, copy) == []


@settings(max_examples=500, deadline=None)
@given(STEPS)
def test_what_meets_is_what_changed_on_both_sides(steps: list[tuple[int, str, str]]) -> None:
    """People are told of exactly the items that either side changed without knowing of the other's change."""
    here, there, _ = written_apart(steps)
    ours = {here.subject(event) for event in here.events if event.id not in there.by_id and event.kind != "note"}
    theirs = {there.subject(event) for event in there.events if event.id not in here.by_id and event.kind != "note"}
    assert {meeting.subject for meeting in concurrent_changes(here, there)} == ours & theirs
    turned = [ConcurrentChange(change.subject, change.there, change.here) for change in concurrent_changes(there, here)]
    assert sorted(turned, key=str) == sorted(concurrent_changes(here, there), key=str)


# --- what was decided where copies disagree ---------------------------------------------------------------------


def test_a_check_that_the_uncheck_did_not_know_stands() -> None:
    """Who takes back a claim takes back what they saw: one made again on the other copy waits for the mentor."""
    home = ann(4).uncheck(CHECKED, [A])
    away = ann(3).check(ann(2).uncheck(CHECKED, [A]), [A])
    record = both_ways(home, away)
    assert record.status(A) == ItemStatus("checked", check=away.events[-1])
    assert ann(5).uncheck(record, [A]).status(A).state == "open"


def test_a_claim_unchecked_on_both_sides_is_gone() -> None:
    """Two who take the same claim back agree."""
    assert both_ways(ann(2).uncheck(CHECKED, [A]), ann(3).uncheck(CHECKED, [A])).status(A) == ItemStatus()


def test_checked_on_both_sides_one_uncheck_leaves_the_other_check() -> None:
    """A claim made on two copies and taken back on one still stands: the other was not known."""
    home = ann(3).uncheck(ann(2).check(NEW, [A]), [A])
    away = ann(1).check(NEW, [A])
    assert both_ways(home, away).status(A) == ItemStatus("checked", check=away.events[-1])


def test_a_check_that_the_return_did_not_know_stands() -> None:
    """A mentor returns the claim they saw; what the trainee checked anew meanwhile waits for them again."""
    mentor = mo(5).send_back(CHECKED, [A], "no forms yet")
    trainee = ann(3).check(ann(2).uncheck(CHECKED, [A]), [A])
    record = both_ways(mentor, trainee)
    assert record.status(A) == ItemStatus("checked", check=trainee.events[-1])
    assert ann(6).uncheck(record, [A]).status(A).state == "returned"


def test_a_return_and_an_uncheck_of_the_same_claim() -> None:
    """The claim is gone, and the mentor's "not yet" is still to be answered, whichever came first."""
    for hour in (2, 4):
        returned = mo(3).send_back(CHECKED, [A], "no forms yet")
        record = both_ways(returned, ann(hour).uncheck(CHECKED, [A]))
        assert record.status(A) == ItemStatus("returned", returned=returned.events[-1])


def test_two_sign_offs_are_both_kept_and_a_revocation_takes_one() -> None:
    """What two mentors confirmed needs two revocations: nobody takes back unseen what another gave."""
    one, other = mo(2).sign_off(CHECKED, [A]), mo(3, account="bo").sign_off(CHECKED, [A])
    record = both_ways(one, other)
    assert record.status(A) == ItemStatus("signed", check=CHECKED.events[-1], sign_off=other.events[-1])
    once = mo(4).revoke(record, [A], "wrong line")
    assert once.status(A) == ItemStatus("signed", check=CHECKED.events[-1], sign_off=one.events[-1])
    assert mo(5).revoke(once, [A], "wrong line").status(A).state == "checked"


def test_a_second_sign_off_stands_against_a_revocation_that_did_not_know_it() -> None:
    """A revocation is of one sign-off: another's, given on the other copy, is untouched."""
    revoked = mo(4).revoke(mo(2).sign_off(CHECKED, [A]), [A], "wrong line")
    second = mo(3, account="bo").sign_off(CHECKED, [A])
    assert both_ways(revoked, second).status(A) == ItemStatus(
        "signed", check=CHECKED.events[-1], sign_off=second.events[-1]
    )


def test_a_sign_off_given_again_stands_against_the_revocation_of_the_first() -> None:
    """Revoked and given again on one copy, revoked on the other: what was given again stands."""
    signed = mo(2).sign_off(CHECKED, [A])
    again = mo(4).sign_off(mo(3).revoke(signed, [A], "wrong day"), [A])
    record = both_ways(again, mo(5, account="bo").revoke(signed, [A], "wrong line"))
    assert record.status(A).sign_off == again.events[-1]


@pytest.mark.parametrize("hour", [2, 4])
def test_a_sign_off_counts_over_a_waiver(hour: int) -> None:
    """What was seen to be mastered is mastered, even where another mentor thought that it does not apply."""
    signed, waived = mo(3).sign_off(CHECKED, [A]), mo(hour, account="bo").waive(CHECKED, [A], "not in this book")
    record = both_ways(signed, waived)
    assert (record.status(A).state, record.status(A).last) == ("signed", signed.events[-1])
    assert mo(5).revoke(record, [A], "wrong line").status(A).state == "waived"


@pytest.mark.parametrize("hour", [2, 4])
def test_a_sign_off_counts_over_a_return(hour: int) -> None:
    """One mentor's sign-off is not lost to another's "not yet", which comes back if it is revoked."""
    signed, returned = mo(3).sign_off(CHECKED, [A]), mo(hour, account="bo").send_back(CHECKED, [A], "no forms yet")
    record = both_ways(signed, returned)
    assert (record.status(A).state, record.status(A).last) == ("signed", signed.events[-1])
    assert mo(5).revoke(record, [A], "wrong line").status(A) == ItemStatus("returned", returned=returned.events[-1])


@pytest.mark.parametrize("hour", [2, 4])
def test_a_waiver_counts_over_a_claim_and_its_return(hour: int) -> None:
    """What does not apply needs no answer, until the waiver is revoked."""
    waived, returned = mo(3).waive(CHECKED, [A], "not here"), mo(hour, account="bo").send_back(CHECKED, [A], "not yet")
    record = both_ways(waived, returned)
    assert record.status(A).state == "waived"
    assert mo(5).revoke(record, [A], "it is").status(A).state == "returned"


def test_of_two_returns_the_later_written_is_shown() -> None:
    """The trainee has one "not yet" to answer, the latest; both reasons stay in the log."""
    first, second = mo(2).send_back(CHECKED, [A], "no forms"), mo(3, account="bo").send_back(CHECKED, [A], "no names")
    record = both_ways(first, second)
    assert record.status(A) == ItemStatus("returned", returned=second.events[-1])
    assert [event.because for event in record.events[2:]] == ["no forms", "no names"]
    assert ann(4).check(record, [A]).status(A).returned is None


def test_changes_of_the_enrolment_on_both_sides_are_united() -> None:
    """A start corrected here and mentors named there both stand, and it is told; of two starts, the later written."""
    first = enrol_again(NEW, stamp(1), ANN, start=date(2026, 2, 1))
    second = enrol_again(NEW, stamp(2, "mo"), MO, mentors=("Mo",))
    record = both_ways(first, second)
    assert (record.enrolment.start, record.enrolment.mentors) == (date(2026, 2, 1), ("Mo",))
    assert concurrent_changes(first, second) == [
        ConcurrentChange(Subject("enrolment"), first.events[1:], second.events[1:])
    ]
    later = enrol_again(NEW, stamp(3, "mo"), MO, start=date(2026, 1, 1))
    assert both_ways(first, later).enrolment.start == date(2026, 1, 1)


def test_an_undo_on_one_side_takes_back_what_it_knew() -> None:
    """What was undone is undone after the merge, and what the other side did meanwhile stands."""
    home = ann(2).undo(CHECKED)
    assert both_ways(home, ann(3).note(CHECKED, A, "words")).status(A).state == "open"
    signed = mo(3).sign_off(CHECKED, [A])
    record = both_ways(home, signed)
    assert record.status(A) == ItemStatus("signed", sign_off=signed.events[-1])


def test_an_undo_on_both_sides_is_one() -> None:
    """The same command undone on two copies is undone; where one undoing less changes nothing, undo says so."""
    record = both_ways(ann(2).undo(CHECKED), ann(3).undo(CHECKED))
    assert record.status(A) == ItemStatus()
    with pytest.raises(NothingToUndo, match="the same was taken back on another copy as well"):
        ann(4).undo(record)


def test_words_meet_nothing() -> None:
    """Notes from both sides stand beside each other, in the order they were written, and nobody is asked."""
    home, away = ann(2).note(CHECKED, A, "home"), mo(3).note(CHECKED, A, "away")
    assert concurrent_changes(home, away) == []
    assert concurrent_changes(home, mo(3).sign_off(CHECKED, [A])) == []
    assert [event.note for event in both_ways(home, away).status(A).notes] == ["home", "away"]


# --- telling ----------------------------------------------------------------------------------------------------


def test_where_copies_met_is_told_by_item() -> None:
    """Each item that both sides changed, with what either did; an item that one side changed is no meeting."""
    home = ann(3).check(ann(2).uncheck(CHECKED, [A]), [B])
    away = mo(4).sign_off(mo(3).note(CHECKED, B, "soon"), [A])
    assert concurrent_changes(home, away) == [ConcurrentChange(ITEM_A, (home.events[2],), (away.events[3],))]
    assert concurrent_changes(away, home) == [ConcurrentChange(ITEM_A, (away.events[3],), (home.events[2],))]
    assert concurrent_changes(CHECKED, away) == concurrent_changes(away, CHECKED) == []


def altered(record: Record, index: int, **fields: str) -> Record:
    """Return the record as somebody altered it by hand: an entry says something else under its old id."""
    events = list(record.events)
    events[index] = replace(events[index], **fields)
    return Record(tuple(events))


def test_copies_that_say_different_things_under_one_id_disagree() -> None:
    """All entries that differ are given as either copy has them; copies that are merely apart do not disagree."""
    signed = mo(2).sign_off(CHECKED, [A], note="seen it")
    forged = altered(signed, 2, note="never seen")
    assert disagreements(signed, forged) == [(signed.events[2], forged.events[2])]
    assert disagreements(forged, signed) == [(forged.events[2], signed.events[2])]
    twice = altered(forged, 1, note="never done")
    assert disagreements(signed, twice) == [*zip(signed.events[1:], twice.events[1:], strict=True)]
    assert disagreements(signed, signed) == []
    assert disagreements(signed, ann(2).note(CHECKED, A, "x")) == []


def test_what_differs_is_told_in_words() -> None:
    """Only what differs, by its name, also within an entry's parts; what one does not say is nothing."""
    enrolled = enrol_again(NEW, stamp(1), ANN, mentors=("Mo", "Pat Lee")).events[-1]
    other = replace(enrolled, enrolment=NEW.enrolment, note="so")
    assert differing(enrolled, other) == (
        "enrolment mentors: Mo, Pat Lee; note: nothing",
        "enrolment mentors: nothing; note: so",
    )
    assert differing(enrolled, enrolled) == ("", "")


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[Record], Path]:
    """Write a record to a file as the program would, and return where."""

    def written(record: Record) -> Path:
        path = tmp_path / "copy.json"
        path.write_bytes(store.as_bytes(record))
        return path

    return written


HERE = Path("ann.json")


def taken(record: Record, path: Path, now: datetime) -> tuple[Record, MergeResult]:
    """Return the record with the copy from that file taken over, as the command does it."""
    return merge(record, load_verified_copy(record, HERE, path, now, CATALOGUE), path)


def test_a_copy_is_taken_over_with_what_it_brought(saved: Callable[[Record], Path]) -> None:
    """The packet comes home: the mentor's sign-off, and nothing else, is new; a second time nothing is."""
    home, away = ann(2).uncheck(CHECKED, [A]), mo(3).sign_off(CHECKED, [A])
    path = saved(away)
    record, brought = taken(home, path, LATER)
    assert record == union(home, away)
    assert brought == (
        path,
        (away.events[2],),
        [ConcurrentChange(ITEM_A, (home.events[2],), (away.events[2],))],
    )
    again, nothing = taken(record, path, LATER)
    assert again == record
    assert (nothing.new, nothing.concurrent) == ((), [])
    assert path.read_bytes() == store.as_bytes(away)


def test_a_copy_with_a_wrong_clock_is_taken_over(saved: Callable[[Record], Path]) -> None:
    """A mentor's sign-off is not refused because their computer lives in another year."""
    away = mo(24 * 400).sign_off(CHECKED, [A])
    record, _ = taken(CHECKED, saved(away), LATER)
    assert record.status(A).state == "signed"


def test_a_copy_that_another_program_wrote_anew_is_taken_over(saved: Callable[[Record], Path]) -> None:
    """A mail program or editor that changed the line ends changed no word."""
    path = saved(mo(3).sign_off(CHECKED, [A]))
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert taken(CHECKED, path, LATER)[0].status(A).state == "signed"


def test_another_record_is_refused(saved: Callable[[Record], Path]) -> None:
    """Somebody else's record, or a second one of the same trainee, is told by name and nothing is taken."""
    other = enrol(stamp(0), ANN, name="Bea", start=date(2026, 3, 2), role="r")
    path = saved(other)
    with pytest.raises(NotPossible) as refusal:
        taken(NEW, path, LATER)
    assert refusal.value.lines() == [f"{path} is another record, of Bea; only copies of one record are merged."]
    with pytest.raises(NotPossible):
        taken(NEW, saved(enrol(stamp(0), ANN, name="Ann", start=date(2026, 3, 2), role="r")), LATER)


def test_the_same_entry_with_other_words_is_refused_and_both_are_shown(saved: Callable[[Record], Path]) -> None:
    """Nothing is merged over a contradiction: what either copy says, and which of them was altered, is told."""
    signed = mo(2).sign_off(CHECKED, [A], note="seen it")
    forged = altered(signed, 2, note="never seen", account="ann")
    path = saved(forged)
    with pytest.raises(VerificationFailed) as refusal:
        taken(signed, path, LATER)
    assert refusal.value.exit_code == 7
    lines = [
        f"{path} was not merged, nothing was changed: the sign-off of a by Mo on 2026-03-02 does not say the same in "
        "both.",
        "here:  account: mo; note: seen it",
        "there: account: ann; note: never seen",
        "Altered after it was written: the one there.",
    ]
    assert refusal.value.lines() == lines
    with pytest.raises(VerificationFailed) as refusal:
        taken(forged, saved(signed), LATER)
    assert refusal.value.lines()[1:] == [
        "here:  account: ann; note: never seen",
        "there: account: mo; note: seen it",
        "Altered after it was written: the one here.",
    ]
    with pytest.raises(VerificationFailed) as refusal:
        taken(altered(signed, 2, note="once"), saved(forged), LATER)
    assert refusal.value.lines()[-1] == "Altered after it was written: the one here and the one there."


def test_a_copy_that_breaks_a_rule_is_not_taken(saved: Callable[[Record], Path]) -> None:
    """Whoever writes an entry by hand, under its right id, still cannot sign for themself."""
    signed = mo(2).sign_off(CHECKED, [A]).events[-1]
    forged = new_event(**signed.content() | {"by": {"name": "ANN", "role": "mentor"}})
    with pytest.raises(VerificationFailed) as refusal:
        taken(CHECKED, saved(CHECKED.with_event(forged)), LATER)
    assert refusal.value.lines()[1:] == [
        "Entry 3 (sign-off of a by ANN on 2026-03-02): Ann is the trainee and cannot decide on their own items. "
        "A mentor or the manager does."
    ]


def test_a_copy_that_says_a_default_aloud_is_not_merged(tmp_path: Path) -> None:
    """An entry under a fitting id that would not be written again as it is would break once it is here."""
    content = json.loads(store.as_bytes(mo(2).sign_off(CHECKED, [A])))
    sign_off = content["events"][2]
    sign_off["observed"] = False
    sign_off["id"] = forged_id(sign_off)
    path = tmp_path / "copy.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(VerificationFailed) as refusal:
        taken(CHECKED, path, LATER)
    assert refusal.value.lines()[1:] == [
        "Entry 3 (sign-off of a by Mo on 2026-03-02): it was altered: its id belongs to another content."
    ]


def test_a_copy_that_signs_before_the_licence_is_not_merged(saved: Callable[[Record], Path]) -> None:
    """Under this same version of the catalogue its gates hold for a packet too; another may have had none."""
    task = Task(id="k", name="K", why="W", gate="g", expectations=TASK.expectations, skills=(Entry(id="g", text="Be"),))
    gated = Role(id="r", name="R", tiers=(Tier(id="t", title="T"),), tasks=(task,))
    path = saved(mo(2).sign_off(CHECKED, [A]))
    with pytest.raises(VerificationFailed) as refusal:
        load_verified_copy(CHECKED, HERE, path, LATER, Catalogue(version="v1", roles=(gated,)))
    assert refusal.value.lines()[1:] == ["Entry 3 (sign-off of a by Mo on 2026-03-02): g had to be signed off first."]
    assert load_verified_copy(CHECKED, HERE, path, LATER, Catalogue(version="v2", roles=(gated,))).status(A).sign_off


def test_a_copy_is_held_against_the_record_of_the_moment_it_is_merged() -> None:
    """What was written to the store while the copy was looked at counts: a contradiction is refused then, too."""
    signed = mo(2).sign_off(CHECKED, [A], note="seen it")
    with pytest.raises(VerificationFailed):
        refuse_disagreement(signed, altered(signed, 2, note="never seen"), HERE)
    refuse_disagreement(signed, ann(3).note(CHECKED, A, "x"), HERE)


def test_what_is_united_with_an_altered_copy_is_altered() -> None:
    """The doubt goes with the entries; a copy that brings nothing brings no doubt."""
    spoilt = Record(altered(ann(1).note(NEW, A, "x"), 1, note="y").events, altered=True)
    assert union(CHECKED, spoilt).altered
    assert union(spoilt, CHECKED).altered
    assert not union(ann(1).note(NEW, A, "x"), spoilt).altered
