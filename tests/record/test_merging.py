"""Merging: copies written on apart become one record, the same in whichever order they meet, and nothing is lost."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ca_ladder.catalogue.models import Catalogue, Entry, Role, Task, Tier
from ca_ladder.errors import LadderError, NotPossible, VerificationFailed
from ca_ladder.record import store
from ca_ladder.record.actor import Actor, enrol_again
from ca_ladder.record.causality import topological_order
from ca_ladder.record.events import Stamp, new_event
from ca_ladder.record.merging import (
    ConcurrentChange,
    MergeResult,
    concurrent_changes,
    differing,
    disagreements,
    union,
)
from ca_ladder.record.projection import ItemStatus
from ca_ladder.record.record import Record, Subject
from ca_ladder.record.verification import load_verified_copy, merge_judged, refuse_disagreement
from tests.conftest import many_examples
from tests.record.builders import (
    ANN,
    CATALOGUE,
    CHECKED,
    COMMANDS,
    LADDER,
    LATER,
    MO,
    MORNING,
    RECORD,
    TASK,
    A,
    B,
    after,
    ann,
    mo,
    stamp,
    with_entry,
)

ITEM_A = Subject("item", "a")
HERE = Path("ann.json")


def both_ways(one: Record, other: Record) -> Record:
    """Return the union of two copies, which is the same from either side."""
    assert union(one, other) == union(other, one)
    return union(one, other)


# --- the laws ---------------------------------------------------------------------------------------------------

OF_THE_ENROLMENT = ("start", "choose", "signers")
STEPS = st.lists(
    st.sampled_from(
        [
            (copy, command, id_)
            for copy in range(3)
            for command in (*COMMANDS, *OF_THE_ENROLMENT, "take")
            for id_ in ("a", "b")
        ]
    ),
    max_size=16,
)
# The clock of each copy's computer: right, ahead by more than a step, behind by more than two.
CLOCKS = (0.0, 1.5, -2.5)


def written_apart(steps: Sequence[tuple[int, str, str]]) -> list[Record]:
    """Return three copies of one record after these steps; what the rules refuse is not done."""
    copies = [RECORD, RECORD, RECORD]
    for hour, (copy, command, id_) in enumerate(steps, start=1):
        record = copies[copy]
        if command == "take":
            copies[copy] = union(record, copies[copy - 1])
            continue
        by = ANN if command in {"check", "uncheck", "start", "choose"} else MO
        actor = Actor(LADDER, Stamp(MORNING + timedelta(hours=hour + CLOCKS[copy]), "shared", f"PC-{copy}"), by)
        with suppress(LadderError):
            if command == "start":
                copies[copy] = enrol_again(record, actor.stamp, by, start=date(2026, 1, 1 + len(record.events)))
            elif command in OF_THE_ENROLMENT:
                copies[copy] = enrol_again(record, actor.stamp, by, mentors=("Mo", f"{command} {hour}"))
            else:
                copies[copy] = COMMANDS[command](actor, record, LADDER.items[id_])
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


@many_examples
@given(STEPS)
def test_what_commands_have_written_is_never_refused(steps: list[tuple[int, str, str]]) -> None:
    """Judged before it is written, the union of honest copies is the union, wherever their clocks stood."""
    one, other, third = (copy.under(CATALOGUE) for copy in written_apart(steps))
    merged, _ = merge_judged(one, other, HERE, LATER)
    assert merge_judged(merged, third, HERE, LATER)[0].events == reduce(union, (one, other, third)).events


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


# What was done with an item before the copies were apart; what here and there, each from that hour on; its state then;
# of which copy each part of its status is the last event, or "before"; what more commands lead to, by which event.
DECIDED_APART: list[tuple[str, str, str, str, dict[str, str], dict[str, str]]] = [
    # Who takes back a claim takes back what they saw: one made again on the other copy waits for the mentor.
    ("check", "5 uncheck", "2 uncheck check", "checked", {"check": "there"}, {"uncheck": "open"}),
    ("check", "5 uncheck", "2 uncheck check", "checked", {"check": "there"}, {"return": "returned new"}),
    ("check", "5 return", "2 uncheck check", "checked", {"check": "there"}, {"uncheck": "returned here"}),
    ("check", "5 return", "2 uncheck check", "checked", {"check": "there"}, {"return": "returned new"}),
    ("", "2 check uncheck", "1 check", "checked", {"check": "there"}, {"uncheck": "open"}),
    # Two who take the same claim back agree; who takes back on the joined record takes back the claims of both.
    ("check", "2 uncheck", "3 uncheck", "open", {}, {}),
    ("", "1 check", "2 check", "checked", {"check": "there"}, {"uncheck": "open", "return": "returned new"}),
    # The claim is gone, and the mentor's "not yet" is still to be answered, whichever came first.
    ("check", "3 return", "2 uncheck", "returned", {"returned": "here"}, {}),
    ("check", "3 return", "4 uncheck", "returned", {"returned": "here"}, {}),
    # The trainee has one "not yet" to answer, the latest.
    ("check", "2 return", "3 return", "returned", {"returned": "there"}, {"check": "checked new"}),
    # What two mentors confirmed needs two revocations: nobody takes back unseen what another gave.
    (
        *("check", "2 sign-off", "3 sign-off", "signed", {"check": "before", "sign_off": "there"}),
        {"revoke": "signed here", "revoke revoke": "checked before"},
    ),
    # A revocation is of one sign-off: another's, or one given again, is untouched.
    ("check", "3 sign-off revoke", "2 sign-off", "signed", {"check": "before", "sign_off": "there"}, {}),
    ("check sign-off", "3 revoke sign-off", "5 revoke", "signed", {"check": "before", "sign_off": "here"}, {}),
    # What was seen to be mastered is mastered; revoked, it leaves what the other mentor decided.
    *(
        (
            *("check", "3 sign-off", there, "signed", {"check": "before", "sign_off": "here", "waived": "there"}),
            {"revoke": "waived there"},
        )
        for there in ("2 waive", "4 waive")
    ),
    *(
        (
            "check",
            "3 sign-off",
            there,
            "signed",
            {"sign_off": "here", "returned": "there"},
            {"revoke": "returned there"},
        )
        for there in ("2 return", "4 return")
    ),
    # What does not apply needs no answer, until the waiver is revoked.
    ("check", "3 waive", "2 return", "waived", {"waived": "here", "returned": "there"}, {"revoke": "returned there"}),
    ("check", "3 waive", "4 return", "waived", {"waived": "here", "returned": "there"}, {"revoke": "returned there"}),
    # What was undone is undone after the merge, and what the other side did meanwhile stands.
    ("check", "2 undo", "3 undo", "open", {}, {}),
    ("check", "2 undo", "3 note", "open", {}, {}),
    ("check", "2 undo", "3 sign-off", "signed", {"sign_off": "there"}, {}),
]


@pytest.mark.parametrize(("before", "here", "there", "state", "parts", "then"), DECIDED_APART)
def test_what_was_decided_apart_has_one_state(
    before: str, here: str, there: str, state: str, parts: dict[str, str], then: dict[str, str]
) -> None:
    """Who answers answers what they knew, and a decision of one copy is not lost to the other's."""
    base = after(before)
    copies = [after(commands[2:], base, int(commands[0])) for commands in (here, there)]
    record = both_ways(*copies)
    last = {"here": copies[0].events[-1], "there": copies[1].events[-1], "before": record.events[1]}
    expected: dict[str, Any] = {"state": state} | {name: last[copy] for name, copy in parts.items()}
    assert replace(record.status(A), notes=()) == ItemStatus(**expected)
    for commands, outcome in then.items():
        later = after(commands, record, 6)
        later_state, _, copy = outcome.partition(" ")
        last["new"] = later.events[-1]
        assert (later.status(A).state, later.status(A).last) == (later_state, last.get(copy))


def test_changes_of_the_enrolment_on_both_sides_are_united() -> None:
    """A start corrected here and mentors named there both stand, and it is told; of two starts, the later written."""
    first = enrol_again(RECORD, stamp(1), ANN, start=date(2026, 2, 1))
    second = enrol_again(RECORD, stamp(2, "mo"), MO, mentors=("Mo",))
    record = both_ways(first, second)
    assert (record.enrolment.start, record.enrolment.mentors) == (date(2026, 2, 1), ("Mo",))
    assert concurrent_changes(first, second) == [
        ConcurrentChange(Subject("enrolment"), first.events[1:], second.events[1:])
    ]
    later = enrol_again(RECORD, stamp(3, "mo"), MO, start=date(2026, 1, 1))
    assert both_ways(first, later).enrolment.start == date(2026, 1, 1)


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
    enrolled = enrol_again(RECORD, stamp(1), ANN, mentors=("Mo", "Pat Lee")).events[-1]
    other = replace(enrolled, enrolment=RECORD.enrolment, note="so")
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


def taken(record: Record, path: Path, now: datetime = LATER) -> tuple[Record, MergeResult]:
    """Return the record with the copy from that file taken over, as the command does it."""
    record = record.under(CATALOGUE)
    return merge_judged(record, load_verified_copy(record, HERE, path), path, now)


def test_a_copy_is_taken_over_with_what_it_brought(saved: Callable[[Record], Path]) -> None:
    """The packet comes home: the mentor's sign-off, and nothing else, is new; a second time nothing is."""
    home, away = ann(2).uncheck(CHECKED, [A]), mo(3).sign_off(CHECKED, [A])
    path = saved(away)
    record, brought = taken(home, path)
    assert record.events == union(home, away).events
    assert brought == (
        path,
        (away.events[2],),
        [ConcurrentChange(ITEM_A, (home.events[2],), (away.events[2],))],
    )
    again, nothing = taken(record, path)
    assert again == record
    assert (nothing.new, nothing.concurrent) == ((), [])
    assert path.read_bytes() == store.as_bytes(away)


def test_a_copy_whose_words_are_not_doubted_is_taken_over(saved: Callable[[Record], Path]) -> None:
    """No sign-off is refused because a mail program changed the line ends, or a clock is half a day ahead."""
    path = saved(mo(24 * 30 + 12).sign_off(CHECKED, [A]))
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert taken(CHECKED, path)[0].status(A).state == "signed"


def test_the_same_entry_with_other_words_is_refused_and_both_are_shown(saved: Callable[[Record], Path]) -> None:
    """Nothing is merged over a contradiction: what either copy says, and which of them was altered, is told."""
    signed = mo(2).sign_off(CHECKED, [A], note="seen it")
    forged = altered(signed, 2, note="never seen", account="ann")
    path = saved(forged)
    with pytest.raises(VerificationFailed) as refusal:
        taken(signed, path)
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
        taken(forged, saved(signed))
    assert refusal.value.lines()[1:] == [
        "here:  account: ann; note: never seen",
        "there: account: mo; note: seen it",
        "Altered after it was written: the one here.",
    ]
    with pytest.raises(VerificationFailed) as refusal:
        taken(altered(signed, 2, note="once"), saved(forged))
    assert refusal.value.lines()[-1] == "Altered after it was written: the one here and the one there."


def test_a_copy_that_breaks_a_rule_is_not_taken(saved: Callable[[Record], Path]) -> None:
    """Whoever writes an entry by hand, under its right id, still cannot sign for themself."""
    signed = mo(2).sign_off(CHECKED, [A]).events[-1]
    forged = new_event(**signed.content() | {"by": {"name": "ANN", "role": "mentor"}})
    with pytest.raises(VerificationFailed) as refusal:
        taken(CHECKED, saved(Record((*CHECKED.events, forged))))
    assert refusal.value.lines()[1:] == [
        "Entry 3 (sign-off of a by ANN on 2026-03-02): Ann is the trainee and cannot decide on their own items. "
        "A mentor or the manager does."
    ]


def test_a_copy_that_signs_before_the_licence_is_not_merged(saved: Callable[[Record], Path]) -> None:
    """Under this same version of the catalogue its gates hold for a packet too; another may have had none."""
    task = Task(id="k", name="K", why="W", gate="g", expectations=TASK.expectations, skills=(Entry(id="g", text="Be"),))
    gated = Role(id="r", name="R", tiers=(Tier(id="t", title="T"),), tasks=(task,))
    path = saved(mo(2).sign_off(CHECKED, [A]))
    with pytest.raises(VerificationFailed) as refusal:
        load_verified_copy(CHECKED.under(Catalogue(version="v1", roles=(gated,))), HERE, path)
    assert refusal.value.lines()[1:] == ["Entry 3 (sign-off of a by Mo on 2026-03-02): g had to be signed off first."]
    other = CHECKED.under(Catalogue(version="v2", roles=(gated,)))
    assert load_verified_copy(other, HERE, path).status(A).sign_off


def test_a_copy_is_held_against_the_record_of_the_moment_it_is_merged() -> None:
    """What was written to the store while the copy was looked at counts: a contradiction is refused then, too."""
    signed = mo(2).sign_off(CHECKED, [A], note="seen it")
    with pytest.raises(VerificationFailed):
        refuse_disagreement(signed, altered(signed, 2, note="never seen"), HERE)
    refuse_disagreement(signed, ann(3).note(CHECKED, A, "x"), HERE)


@pytest.mark.parametrize(
    ("at", "on", "sentence"),
    [
        (datetime(2099, 1, 1, tzinfo=UTC), date(2099, 1, 1), "it was written in the future, on 2099-01-01"),
        (MORNING, date(1, 1, 2), "it is dated in the year 1"),
    ],
)
def test_what_cannot_be_right_is_not_merged(
    saved: Callable[[Record], Path], at: datetime, on: date, sentence: str
) -> None:
    """What no command would write today is refused; where an earlier version let it in, nothing is lost by it."""
    doubtful = with_entry(CHECKED, "note", ANN, item="a", note="x", at=at, on=on)
    with pytest.raises(VerificationFailed) as refusal:
        taken(CHECKED, saved(doubtful))
    assert refusal.value.lines()[1:] == [f"The note of a by Ann on {on}: {sentence}."]
    assert taken(doubtful, saved(ann(2).check(CHECKED, [B])))[0].status(B).state == "checked"


def test_another_record_under_the_same_number_is_no_copy(saved: Callable[[Record], Path]) -> None:
    """The number is in every copy: whoever begins a record of their own with it gets nothing in."""
    first = RECORD.events[0].content()
    forged = Record((new_event(**first | {"enrolment": first["enrolment"] | {"mentors": ["Friend"]}}),))
    assert (forged.id, forged.sound) == (CHECKED.id, True)
    with pytest.raises(NotPossible, match=r"copy\.json is another record, of Ann;"):
        taken(CHECKED, saved(forged))


def test_the_union_is_judged_again_when_it_is_written() -> None:
    """What was altered in the record since the copy was verified is noticed: nothing is written over it."""
    signed = mo(2).sign_off(CHECKED, [A])
    broken = Record(CHECKED.events, frozenset({1}))
    with pytest.raises(VerificationFailed, match="together with the record it breaks a rule"):
        merge_judged(broken, signed, HERE, LATER)
