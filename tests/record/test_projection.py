"""Projection: what was written gives every item exactly one state, the one people would say it has."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from ca_ladder.catalogue.models import Entry, Item
from ca_ladder.errors import BeforeFirstEvent, InvalidState, NothingToUndo, NotPossible
from ca_ladder.record.actor import Actor
from ca_ladder.record.events import Event, Stamp, new_event
from ca_ladder.record.merging import union
from ca_ladder.record.projection import ItemStatus, State, parent_state, project_item
from ca_ladder.record.record import Record
from tests.conftest import many_examples
from tests.record.builders import (
    ANN,
    CHECKED,
    COMMANDS,
    KIM,
    LADDER,
    MO,
    MORNING,
    RECORD,
    A,
    B,
    after,
    ann,
    enrolled_again,
    ladder_with,
    mo,
    new_record,
)

MORE = ladder_with(Entry(id="a", text="Do a and more", revision=2), version="v2")
CHANGED_A = MORE.items["a"]

# What was done with an item: its state, and the index of each event that its status names.
STATUSES: list[tuple[str, State, dict[str, int]]] = [
    ("", "open", {}),
    ("check", "checked", {"check": 1}),
    ("check uncheck", "open", {}),
    ("check sign-off", "signed", {"check": 1, "sign_off": 2}),
    # "Not yet" takes the claim away, and a new claim the "not yet"; taken back, it leaves the reason unanswered.
    ("check return", "returned", {"returned": 2}),
    ("check return check", "checked", {"check": 3}),
    ("check return check uncheck", "returned", {"returned": 2}),
    ("check return check uncheck check", "checked", {"check": 5}),
    # A revocation is of one decision, not of all that come later: it leaves the item as it was before.
    ("check sign-off revoke", "checked", {"check": 1}),
    ("observe revoke", "open", {}),
    ("check sign-off revoke sign-off", "signed", {"check": 1, "sign_off": 4}),
    ("check waive", "waived", {"check": 1, "waived": 2}),
    ("check waive revoke", "checked", {"check": 1}),
    # An undo leaves things as before the command, a redo as after it, another undo as before it.
    ("check undo", "open", {}),
    ("check undo redo", "checked", {"check": 1}),
    ("check undo redo undo", "open", {}),
]
# The same for a raised revision: claims, returns and sign-offs of the earlier meaning count no longer, and the last
# valid one is told. What does not apply to a trainee does not in a new meaning either, until a mentor changes so.
CHANGED_STATUSES: list[tuple[str, State, dict[str, int]]] = [
    ("check", "open", {"earlier": 1}),
    ("check sign-off", "open", {"earlier": 2}),
    ("check return", "open", {}),
    ("check sign-off revoke", "open", {"earlier": 1}),
    ("waive", "waived", {"waived": 1}),
]
LAST = {"checked": "check", "returned": "returned", "signed": "sign_off", "waived": "waived"}


@pytest.mark.parametrize(
    ("item", "commands", "state", "indices"),
    [*((A, *row) for row in STATUSES), *((CHANGED_A, *row) for row in CHANGED_STATUSES)],
)
def test_what_was_done_with_an_item_is_its_status(
    item: Item, commands: str, state: State, indices: dict[str, int]
) -> None:
    """An item has one state, shows the events that led to it, and leaves the other item alone."""
    record = after(commands)
    events: dict[str, Any] = {name: record.events[index] for name, index in indices.items()}
    assert record.status(item) == ItemStatus(state, **events)
    assert record.status(item).last == events.get(LAST.get(state, ""))
    assert record.status(B) == ItemStatus()


def test_an_item_signed_again_in_a_new_meaning_tells_the_earlier_sign_off() -> None:
    """The sign-off of the new meaning counts, and the one of the old stays in sight."""
    record = after("check sign-off", after("check sign-off"), 3, MORE)
    _, _, earlier, check, sign_off = record.events
    assert record.status(CHANGED_A) == ItemStatus("signed", check=check, sign_off=sign_off, earlier=earlier)


def test_rewording_alone_keeps_the_sign_off_with_the_words_that_were_signed() -> None:
    """A better wording asks nobody to sign again, and the record still changes what was signed."""
    reworded = ladder_with(Entry(id="a", text="Do a, plainly"), version="v2").items["a"]
    status = after("check sign-off").status(reworded)
    assert status.state == "signed"
    assert status.sign_off
    assert status.sign_off.wording
    assert (status.sign_off.wording.text, status.sign_off.wording.catalogue) == ("Do a", "v1")


def test_notes_stand_beside_the_state() -> None:
    """Words change no state, stay in their order, and are there in every state."""
    record = ann(2).note(ann(1).check(RECORD, [A], note="one"), A, "two")
    record = mo(3).sign_off(record, [A], note="three")
    assert record.status(A).state == "signed"
    assert [event.note for event in record.status(A).notes] == ["one", "two", "three"]


def test_an_undo_of_an_undo_undoes_only_the_undo() -> None:
    """The first event counts again; nothing leaves the record."""
    once, twice, thrice = after("check undo"), after("check undo redo"), after("check undo redo undo")
    assert [len(record.events) for record in (once, twice, thrice)] == [3, 4, 5]
    assert once.undone == {once.events[1].id}
    assert twice.undone == {twice.events[2].id}


@pytest.mark.parametrize(
    ("before", "command"),
    [
        *(("check", command) for command in ("uncheck", "sign-off", "return", "waive", "note")),
        ("check sign-off", "revoke"),
        ("check waive", "revoke"),
    ],
)
def test_undo_of_every_kind_leaves_the_item_as_it_was(before: str, command: str) -> None:
    """Whatever a command wrote, undo gives the status that was there before it, and redo the one after it."""
    record = after(before)
    changed = COMMANDS[command](mo(5, account="shared"), record, A)
    assert changed.status(A) != record.status(A)
    undone = mo(6, account="shared").undo(changed)
    assert undone.status(A) == record.status(A)
    assert mo(7, account="shared").redo(undone).status(A) == changed.status(A)


def test_a_return_of_a_claim_that_was_undone_counts_no_more() -> None:
    """When two copies meet, a return whose claim was taken back returns nothing."""
    assert project_item(after("check return").events[2:]).state == "open"


# --- copies that were written on apart --------------------------------------------------------------------------


def test_a_claim_that_was_answered_is_not_asked_about_again() -> None:
    """However often an item was checked and taken back or returned: each answer looks at the claim before it alone."""
    record = RECORD
    for hour in range(1, 200, 4):
        record = ann(hour + 1).uncheck(ann(hour).check(record, [A]), [A])
        record = mo(hour + 3).decide("return", ann(hour + 2).check(record, [A]), [A], "why")
    asked = 0

    def saw(later: Event, earlier: Event) -> bool:
        nonlocal asked
        asked += 1
        return record.causality.saw(later, earlier)

    assert project_item(record.by_item["a"], saw=saw) == record.status(A)
    assert asked == 3 * 50


def test_as_of_knows_of_each_what_its_author_knew() -> None:
    """In the view of an earlier day, too, a claim from another copy stands against an uncheck that did not know it."""
    elsewhere = ann(3).check(ann(2).uncheck(CHECKED, [A]), [A])
    record = mo(48).note(union(ann(5).uncheck(CHECKED, [A]), elsewhere), A, "two days later")
    assert record.as_of(date(2026, 3, 2), UTC).status(A).state == "checked"


def test_a_part_of_a_record_knows_what_the_whole_knew() -> None:
    """With the events between them left out, an uncheck still answers the check it was written after."""
    record = ann(4).uncheck(ann(3).note(union(CHECKED, ann(2).note(RECORD, B, "x")), B, "y"), [A])
    part = record.subset([index for index, event in enumerate(record.events) if event.item != "b"])
    assert len(part.events) == 3
    assert part.status(A) == ItemStatus()


@pytest.mark.parametrize(
    ("children", "parent"),
    [
        (["signed", "signed"], "signed"),
        (["signed", "waived"], "signed"),
        (["waived", "waived"], "waived"),
        (["signed", "checked"], "checked"),
        (["checked", "open"], "open"),
        (["signed", "open"], "open"),
        (["open", "returned"], "returned"),
        (["checked", "returned", "signed", "open", "waived"], "returned"),
    ],
)
def test_a_parent_is_as_far_as_its_least_advanced_child(children: list[State], parent: State) -> None:
    """A parent is signed only when every child that applies is. The order of the children does not matter."""
    assert {parent_state(order) for order in permutations(children)} == {parent}


def test_as_of_shows_what_was_known_at_the_end_of_that_day() -> None:
    """A later sign-off, and a later undo, are not known yet on an earlier day."""
    undone = mo(48).undo(mo(24).sign_off(CHECKED, [A]))
    assert undone.as_of(date(2026, 3, 2), UTC) == CHECKED
    assert undone.as_of(date(2026, 3, 3), UTC).status(A).state == "signed"
    assert undone.as_of(date(2026, 3, 4), UTC).status(A).state == "checked"
    assert undone.as_of(date(2030, 1, 1), UTC) == undone


def test_as_of_ends_the_day_where_the_person_is() -> None:
    """What was written late in the evening belongs to that day, though in UTC it was the next."""
    minnesota = timezone(timedelta(hours=-6))
    evening = Stamp((MORNING + timedelta(hours=17)).astimezone(minnesota), "ann", "PC")  # 02:00 of 3 March in UTC
    late = Actor(LADDER, evening, ANN).check(RECORD, [A])
    assert late.as_of(date(2026, 3, 2), minnesota) == late
    assert late.as_of(date(2026, 3, 2), UTC) == RECORD


def test_as_of_leaves_out_what_is_dated_later() -> None:
    """Written on 10 January in Tokyo, it was still the 9th in Chicago: there it shows on the day it is dated."""
    tokyo, chicago = timezone(timedelta(hours=9)), timezone(timedelta(hours=-6))
    early = Stamp(datetime(2026, 3, 10, 1, tzinfo=tokyo), "ann", "PC")
    record = Actor(LADDER, early, ANN).check(RECORD, [A])
    assert record.as_of(date(2026, 3, 9), chicago) == RECORD
    assert record.as_of(date(2026, 3, 10), chicago) == record


def test_as_of_before_the_record_began_says_when_it_did() -> None:
    """Nothing is made up for a day of which nothing is known."""
    with pytest.raises(BeforeFirstEvent, match="begins on 2026-03-02"):
        RECORD.as_of(date(2026, 3, 1), UTC)
    far_west = timezone(timedelta(hours=-10))  # where it was still 1 March, 23:00
    with pytest.raises(BeforeFirstEvent, match="begins on 2026-03-01"):
        RECORD.as_of(date(2026, 2, 28), far_west)
    with pytest.raises(BeforeFirstEvent):  # though a computer whose clock was a day behind wrote an event
        ann(-24).check(RECORD, [A]).as_of(date(2026, 3, 1), UTC)


def test_a_later_enrolment_changes_what_it_says_otherwise() -> None:
    """Each change of the enrolment stands until it is changed again or undone."""
    corrected = enrolled_again(RECORD, 1, start=date(2026, 2, 1), mentors=("Mo",))
    assert (corrected.enrolment.start, corrected.enrolment.mentors) == (date(2026, 2, 1), ("Mo",))
    assert (corrected.enrolment.name, corrected.id) == ("Ann", RECORD.id)
    again = enrolled_again(corrected, 2, MO, mentors=())
    assert (again.enrolment.start, again.enrolment.mentors) == (date(2026, 2, 1), ())
    assert mo(3).undo(again).enrolment == corrected.enrolment


PAT_SIGNS = new_record(mentors=("Pat",), manager="Kim")
FEBRUARY = date(2026, 2, 1)
KIM_NAMES_PAT = {"mentors": ("Pat",), "manager": "Kim"}
BUDDY = {"mentors": ("Buddy",), "manager": "Buddy"}


@pytest.mark.parametrize("hour", [1, 3])
@pytest.mark.parametrize(
    ("record", "by_trainee", "by_manager", "expected"),
    [
        # Who changes one thing on an old copy changes nothing else.
        (RECORD, {"start": FEBRUARY}, KIM_NAMES_PAT, KIM_NAMES_PAT | {"start": FEBRUARY}),
        # A mentor who was replaced does not come back with a copy that names them.
        (PAT_SIGNS, {"start": FEBRUARY}, {"mentors": ("Jo",)}, {"start": FEBRUARY, "mentors": ("Jo",)}),
        # The trainee names Buddy where nobody is named yet, while Kim names Pat: Pat signs, and the start counts.
        (RECORD, BUDDY | {"start": FEBRUARY}, KIM_NAMES_PAT, KIM_NAMES_PAT | {"start": FEBRUARY}),
    ],
)
def test_what_was_changed_on_two_copies(
    record: Record, by_trainee: dict[str, Any], by_manager: dict[str, Any], expected: dict[str, Any], hour: int
) -> None:
    """All of it stands, whichever was written first, but a trainee on an old copy does not choose who signs."""
    both = union(enrolled_again(record, hour, **by_trainee), enrolled_again(record, 2, KIM, **by_manager))
    assert {name: getattr(both.enrolment, name) for name in expected} == expected
    renamed = enrolled_again(both, 5, name="Ann Lee").enrolment
    assert {name: getattr(renamed, name) for name in expected} == expected


def test_an_enrolment_that_knows_nothing_of_the_record_is_no_stumbling_block() -> None:
    """A file may hold an enrolment that was written on nothing: verifying names it, and nothing fails before that."""
    stray = RECORD.events[0].content() | {"at": MORNING + timedelta(hours=1), "note": "stray"}
    record = Record((*RECORD.events, new_event(**stray)))
    assert record.enrolment == RECORD.enrolment


def test_copies_that_cross_many_times_are_projected_all_the_same() -> None:
    """Two computers that each lack the other's last change, over and over: each crossing is worked out once."""
    here = there = PAT_SIGNS
    for number in range(40):
        start, mentors = date(2026, 2, 1) + timedelta(days=number), (f"Mentor {number}",)
        before = here, there
        here = enrolled_again(here, 2 * number + 1, start=start)
        there = enrolled_again(there, 2 * number + 2, KIM, mentors=mentors)
        here, there = union(here, before[1]), union(there, before[0])
    enrolment = union(here, there).enrolment
    assert (enrolment.start, enrolment.mentors) == (date(2026, 3, 12), ("Mentor 39",))


# Who changes which fields of the enrolment.
CHANGES = {
    "start": (ANN, "start"),
    "name": (ANN, "name"),
    "choose": (ANN, "mentors"),
    "mentors": (KIM, "mentors"),
    "nobody": (KIM, "mentors"),
    "all": (KIM, "start mentors name"),
}


@many_examples
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([*CHANGES, "take"])), max_size=14))
def test_the_enrolment_is_what_was_changed_change_by_change(steps: list[tuple[int, str]]) -> None:
    """Held against a list of what each command changed on its copy, put together in the order of the events."""
    copies = [RECORD] * 3
    changed: dict[str, dict[str, object]] = {}
    saw: dict[str, set[str]] = {}
    for hour, (copy, command) in enumerate(steps, start=1):
        record = copies[copy]
        if command == "take":
            copies[copy] = union(record, copies[copy - 1])
            continue
        mentors = () if command == "nobody" else ("Kim", f"Mentor {hour}")
        values = {"start": date(2026, 1, 1 + hour), "mentors": mentors, "name": f"Ann {hour}"}
        by, fields = CHANGES[command]
        changes = {name: values[name] for name in fields.split()}
        try:
            copies[copy] = enrolled_again(record, hour, by, **changes)
        except NotPossible:
            continue
        event = copies[copy].events[-1]
        before = asdict(record.enrolment)
        changed[event.id] = {name: value for name, value in changes.items() if value != before[name]}
        saw[event.id] = set(record.by_id)
    record = union(union(copies[0], copies[1]), copies[2])
    expected: dict[str, object] = asdict(RECORD.enrolment)
    named_by = RECORD.events[0]
    for event in record.events[1:]:
        new = dict(changed[event.id])
        if "mentors" in new and named_by.by == KIM and event.by == ANN and named_by.id not in saw[event.id]:
            del new["mentors"]
        named_by = event if "mentors" in new else named_by
        expected |= new
    assert asdict(record.enrolment) == expected


def test_the_names_of_a_trainee_are_all_they_ever_had() -> None:
    """Each name once, the first first; also one that was given up or undone again."""
    renamed = enrolled_again(enrolled_again(RECORD, 1, name="Ann Lee"), 2, name="Ann")
    undone = ann(4).undo(enrolled_again(renamed, 3, name="Ann Poe"))
    assert undone.enrolment.name == "Ann"
    assert undone.names == ("Ann", "Ann Lee", "Ann Poe")


def test_a_record_that_is_altered_stays_so() -> None:
    """What is added to it, and what is looked at of it, is as doubtful as it is."""
    doubted = Record(CHECKED.events, altered=frozenset([1]))
    assert not ann(2).check(doubted, [B]).sound
    assert not doubted.subset([0, 1]).sound
    assert not doubted.as_of(date(2026, 3, 2), UTC).sound
    assert ann(2).check(CHECKED, [B]).sound


def test_heads_are_the_events_nothing_was_written_on() -> None:
    """A record has one head; two copies united have two, and the next event joins them."""
    here, there = ann(1).check(RECORD, [A]), mo(1).decide("waive", RECORD, [B], "no")
    assert here.heads == (here.events[1].id,)
    both = here.with_event(there.events[1])
    assert both.heads == (here.events[1].id, there.events[1].id)
    joined = ann(2).note(both, A, "both")
    assert joined.events[-1].parents == both.heads
    assert joined.heads == (joined.events[-1].id,)


def test_the_trainees_accounts_are_those_the_trainee_wrote_from() -> None:
    """Enrolling is often done from the manager's account: that alone makes it no account of the trainee's."""
    assert RECORD.trainee_accounts == set()
    assert after("check sign-off").trainee_accounts == {"ann"}


# --- the law: random sequences against a model small enough to be seen to be right --------------------------


@dataclass(frozen=True)
class Simple:
    """One item as a person would tell it: what the trainee claims, what is left without it, what a mentor decided."""

    claim: State = "open"
    unclaimed: State = "open"
    decision: State | None = None

    @property
    def state(self) -> State:
        """The decision if there is one, else the claim."""
        return self.decision or self.claim

    def after(self, command: str) -> "Simple | None":
        """Return the item after the command; None where the rules refuse it."""
        undecided, checked = self.decision is None, self.claim == "checked"
        outcomes = {
            "note": (True, self),
            "check": (undecided and not checked, replace(self, claim="checked")),
            "uncheck": (undecided and checked, replace(self, claim=self.unclaimed)),
            "return": (undecided and checked, replace(self, claim="returned", unclaimed="returned")),
            "sign-off": (undecided and checked, replace(self, decision="signed")),
            "observe": (undecided, replace(self, decision="signed")),
            "waive": (undecided, replace(self, decision="waived")),
            "revoke": (not undecided, replace(self, decision=None)),
        }
        allowed, outcome = outcomes[command]
        return outcome if allowed else None

    def with_new_meaning(self) -> "Simple":
        """Return the item after its revision was raised: only a waiver is left."""
        return Simple(decision="waived" if self.decision == "waived" else None)


SEQUENCES = st.lists(st.tuples(st.sampled_from([*COMMANDS, "new meaning"]), st.sampled_from(["a", "b"])), max_size=25)


@settings(max_examples=500, deadline=None)
@given(SEQUENCES)
def test_projection_agrees_with_a_simple_model(sequence: list[tuple[str, str]]) -> None:
    """Whatever people do in whatever order, an item has the one state a person would say.

    A record takes over from the one before it only what all its events together say.
    """
    record, revisions = RECORD, {"a": 1, "b": 1}
    now = {"a": Simple(), "b": Simple()}
    past: list[dict[str, Simple]] = []  # one account: undo goes back over its commands, and redo forward
    future: list[dict[str, Simple]] = []
    for hour, (command, id_) in enumerate(sequence, start=1):
        if command == "new meaning":
            revisions[id_] += 1
            for states in (now, *past, *future):
                states[id_] = states[id_].with_new_meaning()
        ladder = ladder_with(*(Entry(id=id_, text=id_, revision=revision) for id_, revision in revisions.items()))
        actor = mo(hour, ladder, account="ann")
        if command in {"undo", "redo"}:
            from_, to = (past, future) if command == "undo" else (future, past)
            try:
                record = COMMANDS[command](actor, record, ladder.items[id_])
            except NothingToUndo:
                assert not from_
            else:
                to.append(now)
                now = from_.pop()
        elif command != "new meaning":
            after = now[id_].after(command)
            try:
                record = COMMANDS[command](actor, record, ladder.items[id_])
            except InvalidState:
                assert after is None
            else:
                assert after is not None
                past.append(now)
                now = {**now, id_: after}
                future.clear()
        read = Record(record.events)
        assert (record.heads, record.undone, record.by_item) == (read.heads, read.undone, read.by_item)
        for item in ladder.items.values():
            status = record.status(item)
            assert status == read.status(item)
            assert status.state == now[item.id].state
            assert (status.last is None) == (status.state == "open")
