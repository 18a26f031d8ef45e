"""Verification: what people's own acts made is in order, and every other hand in the file is named."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from ca_ladder.catalogue.models import Catalogue, Entry
from ca_ladder.errors import LadderError, StoreDamaged, StoreNewer, StoreUnreadable
from ca_ladder.record import store
from ca_ladder.record.actor import Actor, enrol_again
from ca_ladder.record.events import ActorRole, Enrolment, Person, Wording
from ca_ladder.record.judging import FOLLOWS
from ca_ladder.record.merging import union
from ca_ladder.record.record import Record
from ca_ladder.record.rules import identify
from ca_ladder.record.verification import Problem
from tests.conftest import forged_id, laid_out, many_examples
from tests.record.builders import (
    ANN,
    COMMANDS,
    FILE,
    GATE,
    MO,
    MORNING,
    NEW,
    OFFICE,
    ONE,
    PATH,
    REWRITTEN,
    SIGNED,
    STORY,
    TWO,
    broken_rules,
    chief,
    clerk,
    enrolled_again,
    ladder_with,
    long_story,
    mo,
    new_clerk,
    new_record,
    office,
    problems_of,
    sentences,
    stamp,
    with_entry,
)

ENTRIES = [
    "Entry 1 (enrolment by Ann on 2026-03-02)",
    "Entry 2 (check of gate by Ann on 2026-03-02)",
    "Entry 3 (sign-off of gate by Mo on 2026-03-02)",
    "Entry 4 (check of one by Ann on 2026-03-02)",
    "Entry 5 (return of one by Mo on 2026-03-02)",
]
IS_ALTERED = "it was altered: its id does not fit its content"


def by_hand(record: Record, change: Callable[[list[dict[str, Any]]], object]) -> bytes:
    """Return the record's file after somebody changed its list of entries, written in the same form."""
    content = json.loads(store.as_bytes(record))
    change(content["events"])
    return laid_out(content)


def causes(data: bytes) -> list[Problem]:
    """Return what is wrong, without what only follows from it: entries that build on what is missing or altered."""
    return [problem for problem in problems_of(data) if problem.message != FOLLOWS]


WORDING = Wording(text="Do one", revision=1, catalogue="v1")


# --- what lies in the file --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "entry"),
    [
        ("seen it twice", "seen it thrice", ENTRIES[1]),
        ('"name":"Mo"', '"name":"Max"', "Entry 3 (sign-off of gate by Max on 2026-03-02)"),
        ('"item":"gate"', '"item":"two"', "Entry 2 (check of two by Ann on 2026-03-02)"),
        ("Hold the licence", "Have the licence", ENTRIES[1]),
        ("the form", "a form", ENTRIES[4]),
        ('"account":"mo"', '"account":"ann"', ENTRIES[2]),
        ('"mentors":["Mo"', '"mentors":["Ann"', ENTRIES[0]),
        ("Zoë", "Zoe\u0308", ENTRIES[1]),
    ],
)
def test_an_altered_entry_is_named(old: str, new: str, entry: str) -> None:
    """Whatever an entry says, it cannot be made to say anything else unseen."""
    text = store.as_bytes(STORY).decode()
    assert old in text
    data = text.replace(old, new, 1).encode()
    (problem,) = causes(data)
    assert str(problem) == f"{entry}: {IS_ALTERED}."
    assert problem.serious


def missing(index: int) -> str:
    """Return what is said of an entry whose parent, the entry of the story at this index, is not there."""
    return f"what it was written on is missing (entry {STORY.events[index].id[:8]})"


def reversed_id(event: dict[str, Any]) -> None:
    """Give an entry an id that fits no content."""
    event["id"] = event["id"][::-1]


def forged_default(event: dict[str, Any]) -> None:
    """Say aloud what goes without saying, under the id that fits."""
    event.update(observed=False, id=forged_id(event | {"observed": False}))


NO_ENROLMENT = "it does not enrol the trainee of this record"
UNKNOWN_KIND = 'its kind "{}" is unknown'


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        # Who looks for what is wrong hears all of it, in the order of the entries.
        (lambda events: (events[4].update(because="no"), events[1].update(note="no")), {2: IS_ALTERED, 5: IS_ALTERED}),
        (lambda events: reversed_id(events[2]), {3: IS_ALTERED, 4: missing(2)}),
        # What was added is not understood; what was left out makes another content, or no entry.
        (lambda events: events[4].update(approved="yes"), {5: "it is damaged at `approved`"}),
        (lambda events: events[4]["by"].pop("role"), {5: "it is damaged at `by.role`"}),
        (lambda events: events[4].update(id="short"), {5: "it is damaged at `id`"}),
        (lambda events: events[4].pop("because"), {5: IS_ALTERED}),
        # The same meaning, but not what was written: the program's next change would break the id unseen.
        (lambda events: events[4].update(observed=False), {5: IS_ALTERED}),
        (lambda events: forged_default(events[4]), {5: IS_ALTERED}),
        (lambda events: events[4].update(kind="approve"), {5: UNKNOWN_KIND.format("approve")}),
        (lambda events: events[4].update(kind="x" * 999), {5: UNKNOWN_KIND.format("x" * 40)}),
        (lambda events: events[4].pop("kind"), {5: UNKNOWN_KIND.format(None)}),
        (lambda events: events.extend(["signed", 7, None, ["a"]]), dict.fromkeys((6, 7, 8, 9), "it is not an entry")),
        # What was written on a dropped entry knows that it was there, and an entry is there once.
        (lambda events: events.pop(1), {2: missing(1)}),
        (lambda events: events.pop(2), {3: missing(2)}),
        (lambda events: events.pop(3), {4: missing(3)}),
        (lambda events: events.append(events[2]), {6: "it is in the record twice, also as entry 3"}),
    ],
)
def test_what_was_done_to_the_entries_is_named(
    change: Callable[[list[dict[str, Any]]], object], wrong: dict[int, str]
) -> None:
    """Nothing is skipped: an entry that is altered, damaged, dropped or doubled is told with its number."""
    faults = causes(by_hand(STORY, change))
    assert [(problem.entry, problem.message) for problem in faults] == list(wrong.items())
    assert all(problem.serious for problem in faults)


def test_an_unknown_kind_is_named_where_the_store_only_refuses() -> None:
    """Nothing is read from a record with an entry that this program does not understand."""
    data = by_hand(STORY, lambda events: events[4].update(kind="approve"))
    with pytest.raises(StoreUnreadable, match="event 5 is damaged at `kind`"):
        store.stored_in(data, PATH)


def test_a_record_without_its_enrolment_is_named() -> None:
    """A record begins with the enrolment of its own trainee, and nothing else can take that place."""
    headless = causes(by_hand(STORY, lambda events: events.pop(0)))
    assert [problem.message for problem in headless] == [NO_ENROLMENT, missing(0)]
    other = STORY.id.replace(STORY.id[:8], "00000000")
    data = store.as_bytes(STORY).replace(STORY.id.encode(), other.encode(), 1)
    assert sentences(data) == [f"{ENTRIES[0]}: {NO_ENROLMENT}."]


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_a_cut_off_tail_does_not_show_here(length: int) -> None:
    """What was written last is missed by nothing in the file: only a fingerprint kept elsewhere shows that."""
    assert sentences(Record(STORY.events[:length])) == []


def test_an_entry_of_another_record_is_named() -> None:
    """A sign-off from somebody else's record, or from another one of the same trainee, is no entry of this."""
    foreign = chief(5).sign_off(clerk(4.5).check(new_clerk(), [FILE]), [FILE])
    assert broken_rules(Record((*STORY.events, foreign.events[2]))) == [
        f"what it was written on is missing (entry {foreign.events[1].id[:8]})"
    ]
    assert broken_rules(Record((*STORY.events, *foreign.events))) == [
        "it is of another record: it was written on nothing of this one",
        FOLLOWS,
        FOLLOWS,
    ]


ANOTHER_NUMBER = replace(STORY.enrolment, record="00000000-0000-0000-0000-000000000000")
MISSING = "is missing (entry ffffffff)"
EMPTY = "a name or text in it is empty"
NO_REVISION = "there is no revision 4000000000 of an item"
OTHER_CONTENT = "it says something that does not belong to its kind"


@pytest.mark.parametrize(
    ("kind", "content", "messages"),
    [
        ("enrol", {"enrolment": ANOTHER_NUMBER}, ["it is of another record: it enrols under another number"]),
        ("enrol", {}, [OTHER_CONTENT]),
        ("note", {"item": "one", "enrolment": STORY.enrolment}, [OTHER_CONTENT]),
        ("revoke", {"item": "gate", "of": "f" * 64, "because": "why"}, [f"what it takes back {MISSING}"]),
        ("undo", {"item": "gate", "of": "f" * 64}, [f"what it takes back {MISSING}"]),
        ("note", {"item": "one", "note": "x", "by": Person(name="\u200b\u2060", role="mentor")}, [EMPTY]),
        ("sign-off", {"item": "two", "observed": True, "wording": replace(WORDING, text=" ")}, [EMPTY]),
        ("sign-off", {"item": "two", "observed": True, "wording": replace(WORDING, revision=10**9 * 4)}, [NO_REVISION]),
    ],
)
def test_an_entry_that_does_not_belong_is_named(kind: str, content: dict[str, Any], messages: list[str]) -> None:
    """Only an enrolment enrols, and under this record's number; what is taken back must be there."""
    assert broken_rules(with_entry(STORY, kind, **content)) == messages


def test_entries_in_another_order_are_named() -> None:
    """An entry never stands before what it was written on; of two copies, too, the order decides what is the latest."""
    moved = "it is not where it belongs; the order was changed"
    data = by_hand(STORY, lambda events: events.insert(2, events.pop(3)))
    assert broken_rules(data) == ["it is before the entry that it builds on", FOLLOWS]
    both = union(clerk(5).check(STORY, [TWO]), chief(6).sign_off(STORY, [ONE], observed=True))
    assert sentences(both) == []
    turned = Record((*both.events[:5], both.events[6], both.events[5]))
    assert sentences(turned) == [f"Entry 6 (sign-off of one by Mo on 2026-03-02): {moved}."]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", StoreDamaged),
        (b"[]", StoreDamaged),
        (b'{"format": "ca-ladder record", "schema": 3, "events": []}', StoreDamaged),
        (b'{"format": "ca-ladder record", "schema": 3, "events": {}}', StoreDamaged),
        (b'{"format": "ca-ladder record", "schema": 99, "events": []}', StoreNewer),
    ],
)
def test_what_is_no_record_is_refused_as_loading_does(data: bytes, error: type[LadderError]) -> None:
    """Where there are no entries, there is nothing to verify, and that is told as for every other command."""
    with pytest.raises(error):
        problems_of(data)


# --- times ------------------------------------------------------------------------------------------------------


def noted(hour: float = 9, record: Record = STORY, **content: Any) -> Record:
    """Return the record with a note, as entry 6, that no command wrote."""
    return with_entry(record, "note", hour=hour, item="one", note="x", **content)


DAY_AFTER = "it is dated after the day it was written, on 2026-03-02"
BEFORE_PARENT = "it was written on 2026-03-01, and builds on what was written on 2026-03-02"


@pytest.mark.parametrize(
    ("record", "wrong"),
    [
        # Nothing is written down before it happens; at 14:00 in UTC it is the next day already in the far east.
        (noted(5, on=date(2020, 1, 1)), []),
        (noted(5, on=date(2026, 3, 3)), []),
        (noted(5, on=date(2026, 3, 4)), [DAY_AFTER]),
        # A mentor's computer may be minutes, or by its time zone hours, behind the trainee's, but not more than a day.
        *((noted(4 - behind), []) for behind in (0.1, 13, 24)),
        (noted(-21), [BEFORE_PARENT]),
    ],
)
def test_a_time_that_cannot_be_is_named(record: Record, wrong: list[str]) -> None:
    """A clock was wrong, and the words are not doubted."""
    assert [(problem.message, problem.serious) for problem in problems_of(record)] == [(text, False) for text in wrong]


def test_an_entry_from_the_future_is_named() -> None:
    """Clocks differ, but not by more than a day; no claim is given up for it: the words are not doubted."""
    assert sentences(STORY, now=MORNING - timedelta(hours=19)) == []
    future = "it was written in the future, on 2026-03-02."
    assert sentences(STORY, now=MORNING - timedelta(hours=22)) == [f"{entry}: {future}" for entry in ENTRIES[3:]]
    assert {problem.serious for problem in problems_of(STORY, now=MORNING - timedelta(days=9))} == {False}


@pytest.mark.parametrize("at", ["0001-01-02T00:00:00Z", "9999-12-30T23:59:59Z"])
def test_times_near_the_ends_of_the_calendar_are_named(at: str) -> None:
    """A moment that no clock shows is named, here and in what is written on it, and never stumbled over."""
    forged = noted(record=noted(at=at))
    assert problems_of(forged)
    assert not any(problem.serious for problem in problems_of(forged))


FIFTH_TIME = '"at":"2026-03-02T13:00:00Z"'


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (FIFTH_TIME, '"at":"0001-01-01T00:00:00Z"', (5, "at")),
        (FIFTH_TIME, '"at":"9999-12-31T23:59:59Z"', (5, "at")),
        (FIFTH_TIME, '"at":"0001-01-01T00:00:00+14:00"', (5, "at")),
        ("twice, Zo", "twice, \\ud83d", (2, "note")),
    ],
)
def test_what_nobody_could_be_shown_is_damage(old: str, new: str, where: tuple[int, str]) -> None:
    """A moment that is none in some time zone, or half a character, which no file in UTF-8 can hold."""
    data = store.as_bytes(STORY).replace(old.encode(), new.encode())
    entry, field = where
    assert sentences(data)[0] == f"Entry {entry} (not understood): it is damaged at `{field}`."
    with pytest.raises(StoreDamaged, match=f"event {entry} is damaged at `{field}`"):
        store.stored_in(data, PATH)


# --- rules ------------------------------------------------------------------------------------------------------

WAITING = clerk(5).check(STORY, [ONE])  # one waits for sign-off, as entry 6; the gate is signed
WAITING_SIGNED, WAITING_WAIVED = chief(6).sign_off(WAITING, [ONE]), chief(6).decide("waive", WAITING, [ONE], "why")
SIGNED_GATE = SIGNED.heads[0]
MAY_NOT = "Ann is the trainee and cannot decide on their own items. A mentor or the manager does"
BO = Person(name="Bo", role="mentor")
OF_ONE: dict[str, Any] = {"item": "one", "wording": WORDING}
OBSERVED = {**OF_ONE, "observed": True}
DECISIONS: dict[str, dict[str, Any]] = {
    "sign-off": OF_ONE,
    "return": {"item": "one", "because": "why"},
    "revoke": {"item": "gate", "because": "why", "of": SIGNED_GATE},
    "waive": {"item": "two", "because": "why"},
}


@pytest.mark.parametrize("kind", DECISIONS)
def test_a_decision_by_who_may_not_decide_is_named(kind: str) -> None:
    """The trainee never decides, under whatever role or spelling; nor does somebody the record does not name."""
    spellings: list[tuple[str, ActorRole]] = [("Ann", "trainee"), ("Ann", "mentor"), (" ANN\u200b", "manager")]
    for name, role in spellings:
        (problem,) = problems_of(with_entry(WAITING, kind, Person(name=name, role=role), **DECISIONS[kind]))
        assert (problem.entry, problem.message, problem.serious) == (7, MAY_NOT, True)
    unnamed = "Bo does not sign for Ann: the record names Mo or Max"
    assert broken_rules(with_entry(WAITING, kind, BO, **DECISIONS[kind])) == [unnamed]
    assert broken_rules(with_entry(WAITING, kind, Person(name="max", role="manager"), **DECISIONS[kind])) == []


@pytest.mark.parametrize("because", [None, "", " \n\t"])
@pytest.mark.parametrize("kind", ["return", "revoke", "waive"])
def test_a_decision_without_its_reason_is_named(kind: str, because: str | None) -> None:
    """Return, revoke and waive say why; blanks are no reason."""
    assert broken_rules(with_entry(WAITING, kind, **DECISIONS[kind] | {"because": because})) == ["it gives no reason"]


NOT_CHECKED = "the item was {}, not checked by the trainee"
NOT_REVOCABLE = "it revokes what is no sign-off and no waiver of this item"
ONLY_ANN = "Only Ann checks, and takes checks back"
WORDLESS = OTHER_CONTENT
SOMETHING_ELSE = "it takes back what is about something else"
UNKNOWN = "it takes back what its author could not know"
ANOTHER_ACCOUNT = "it takes back what was written from another account"


@pytest.mark.parametrize(
    ("record", "kind", "by", "content", "broken"),
    [
        # Without a claim there is no sign-off, unless the mentor says that they saw it done.
        (SIGNED, "sign-off", MO, OF_ONE, NOT_CHECKED.format("open")),
        (STORY, "sign-off", MO, OF_ONE, NOT_CHECKED.format("returned")),
        (STORY, "sign-off", MO, OBSERVED, ""),
        # An item is signed off once, and not while it is waived.
        (WAITING_SIGNED, "sign-off", MO, OBSERVED, NOT_CHECKED.format("signed")),
        (WAITING_WAIVED, "sign-off", MO, OBSERVED, NOT_CHECKED.format("waived")),
        # There is nothing to return where nothing waits.
        (SIGNED, "return", MO, DECISIONS["return"], "the item was not checked by the trainee"),
        (STORY, "return", MO, DECISIONS["return"], "the item was not checked by the trainee"),
        (WAITING_SIGNED, "return", MO, DECISIONS["return"], "the item was not checked by the trainee"),
        # Only the trainee says "I can do this", and takes it back.
        (SIGNED, "check", MO, OF_ONE, ONLY_ANN),
        (WAITING, "uncheck", MO, {"item": "one"}, ONLY_ANN),
        (WAITING, "uncheck", Person(name="ANN", role="trainee"), {"item": "one"}, ""),
        # What was confirmed must be readable in five years, whatever the catalogue says then.
        (WAITING, "sign-off", MO, {"item": "one"}, WORDLESS),
        (SIGNED, "check", ANN, {"item": "one"}, WORDLESS),
        # Only a sign-off or a waiver of the same item is revoked.
        (STORY, "revoke", MO, DECISIONS["revoke"], ""),
        (STORY, "revoke", MO, DECISIONS["revoke"] | {"of": None}, OTHER_CONTENT),
        (STORY, "revoke", MO, DECISIONS["revoke"] | {"of": SIGNED.events[1].id}, NOT_REVOCABLE),
        (STORY, "revoke", MO, DECISIONS["revoke"] | {"item": "one"}, NOT_REVOCABLE),
        # An undo takes back what was written from the same account, and of the item it names.
        (SIGNED, "undo", MO, {"item": "gate", "of": SIGNED_GATE, "account": "mo"}, ""),
        (SIGNED, "undo", ANN, {"item": "gate", "of": SIGNED_GATE, "account": "mo"}, ""),
        (SIGNED, "undo", MO, {"item": "gate", "of": SIGNED_GATE, "account": "ann"}, ANOTHER_ACCOUNT),
        (SIGNED, "undo", MO, {"item": "gate", "of": SIGNED_GATE, "account": "mo", "computer": "NB"}, ""),
        (SIGNED, "undo", MO, {"item": "two", "of": SIGNED_GATE, "account": "mo"}, SOMETHING_ELSE),
        (SIGNED, "undo", MO, {"item": "gate", "account": "mo"}, OTHER_CONTENT),
    ],
)
def test_an_entry_that_breaks_a_rule_is_named(
    record: Record, kind: str, by: Person, content: dict[str, Any], broken: str
) -> None:
    """What no command would have written is told in one sentence, and is serious."""
    faults = problems_of(with_entry(record, kind, by, **content))
    assert [(problem.message, problem.serious) for problem in faults] == ([(broken, True)] if broken else [])
    assert all(problem.entry == len(record.events) + 1 for problem in faults)


def test_who_may_sign_is_judged_by_what_the_signer_could_know() -> None:
    """Who signs on a copy before hearing that they no longer do breaks no rule; afterwards they do."""
    changed = enrolled_again(WAITING, 6, MO, mentors=("Bo",), manager=None)
    assert sentences(union(changed, chief(7).sign_off(WAITING, [ONE]))) == []
    assert broken_rules(with_entry(changed, "sign-off", **OF_ONE)) == ["Mo does not sign for Ann: the record names Bo"]
    assert broken_rules(with_entry(changed, "sign-off", BO, **OF_ONE)) == []


def test_only_what_the_author_could_know_is_answered() -> None:
    """A claim that was merged in later is no claim; nobody takes back what they could not know of."""
    blind = with_entry(STORY, "sign-off", hour=6, **OF_ONE)
    assert broken_rules(union(WAITING, blind)) == [NOT_CHECKED.format("returned")]
    elsewhere = clerk(6).note(WAITING, ONE, "words")
    sign_off = WAITING_SIGNED.heads[0]
    revoked = with_entry(elsewhere, "revoke", hour=7, item="one", because="why", of=sign_off)
    assert broken_rules(union(WAITING_SIGNED, revoked)) == [NOT_REVOCABLE]
    undone = with_entry(elsewhere, "undo", hour=7, item="one", of=sign_off, account="mo")
    assert broken_rules(union(WAITING_SIGNED, undone)) == [UNKNOWN]


def test_a_trainee_with_a_new_name_checks_under_it() -> None:
    """Who married after the first checks is the same trainee, under both names, and never signs under either."""
    renamed = enrolled_again(SIGNED, 6, MO, name="Ann Lee")
    lee = Person(name="Ann Lee", role="trainee")
    assert broken_rules(with_entry(renamed, "check", lee, **OF_ONE)) == []
    assert broken_rules(with_entry(renamed, "check", ANN, **OF_ONE)) == []
    for person in (ANN, lee):
        assert broken_rules(with_entry(renamed, "waive", person, item="one", because="why")) != []


def test_a_trainee_never_signs_under_a_former_name() -> None:
    """Neither the name that the trainee had, nor one that was given up again, signs for them."""
    renamed = enrolled_again(new_record(role="clerk"), 1, name="Ann Lee")
    for record in (renamed, enrolled_again(renamed, 2, name="Ann Poe")):
        for name in ("Ann", "ANN LEE"):
            (problem,) = problems_of(with_entry(record, "sign-off", Person(name=name, role="mentor"), **OBSERVED))
            assert "is the trainee and cannot decide on their own items" in problem.message
            assert problem.serious
    assert broken_rules(with_entry(renamed, "sign-off", BO, **OBSERVED)) == []


GATE_FIRST = ["gate had to be signed off first"]


def test_a_sign_off_before_its_gate_is_named_under_the_same_catalogue() -> None:
    """The licence comes first; a catalogue of another version may have had no such gate."""
    early = with_entry(clerk(1).check(NEW, [ONE]), "sign-off", **OF_ONE)
    assert broken_rules(early, OFFICE) == GATE_FIRST
    assert broken_rules(early, office("v2")) == []
    elsewhere = clerk(1).check(new_record(role="gone"), [ONE])  # a role that the catalogue does not have
    assert broken_rules(with_entry(elsewhere, "sign-off", **OF_ONE), OFFICE) == []
    assert broken_rules(early) == []
    waived = clerk(6).check(chief(5).decide("waive", NEW, [GATE], "why"), [ONE])
    assert broken_rules(chief(7).sign_off(waived, [ONE]), OFFICE) == []


def test_a_sign_off_before_the_children_of_what_it_requires_is_named() -> None:
    """Who requires a parent item requires its children, of which one is signed off here and one is not."""
    parent = Entry(id="parent", text="Do all", children=(Entry(id="first", text="1"), Entry(id="second", text="2")))
    ladder = ladder_with(Entry(id="one", text="Do one", requires=("parent",)), parent)
    catalogue = Catalogue(version="v1", roles=(ladder.role,))
    first, second = ladder.items["first"], ladder.items["second"]
    record = clerk(2).check(mo(1, ladder).sign_off(new_record(), [first], observed=True), [ONE])
    assert broken_rules(with_entry(record, "sign-off", **OF_ONE), catalogue) == ["second had to be signed off first"]
    record = mo(3, ladder).sign_off(record, [second], observed=True)
    assert broken_rules(with_entry(record, "sign-off", **OF_ONE), catalogue) == []


def test_a_gate_is_judged_by_what_the_signer_could_know() -> None:
    """A gate signed on another copy does not excuse who could not know; one revoked there accuses nobody."""
    claimed = clerk(1).check(NEW, [ONE, GATE])
    gate = chief(2).sign_off(claimed, [GATE])
    assert broken_rules(union(gate, with_entry(claimed, "sign-off", hour=3, **OF_ONE)), OFFICE) == GATE_FIRST
    signed = chief(5).sign_off(gate, [ONE])
    assert broken_rules(union(chief(4).decide("revoke", gate, [GATE], "expired"), signed), OFFICE) == []
    assert broken_rules(chief(6).decide("revoke", signed, [GATE], "expired"), OFFICE) == []


def test_a_gate_is_judged_by_the_trainees_ladder_at_that_moment() -> None:
    """What was signed before the trainee joined the night shift did not have to wait for the night's items."""
    claimed = clerk(1).check(NEW, [FILE])
    joined = enrolled_again(chief(2).sign_off(claimed, [FILE]), 3, variants=("nights",))
    assert broken_rules(joined, OFFICE) == []
    wording = Wording(text="File", revision=1, catalogue="v1")
    early = with_entry(enrolled_again(claimed, 3, variants=("nights",)), "sign-off", item="file", wording=wording)
    for record in (early, enrolled_again(early, 10, variants=())):
        assert broken_rules(record, OFFICE) == ["late had to be signed off first"]


def test_an_undo_by_the_trainee_that_gives_a_decision_back_is_named() -> None:
    """The trainee may undo what was done at a shared computer, and never bring a sign-off back by that."""
    content: dict[str, Any] = {"item": "gate", "account": "mo"}
    revoked = chief(6).decide("revoke", SIGNED, [GATE], "why")
    undone = with_entry(SIGNED, "undo", ANN, hour=3, of=SIGNED_GATE, **content)
    for record in (revoked, undone):
        assert broken_rules(with_entry(record, "undo", ANN, of=record.heads[0], **content)) == [MAY_NOT]
        assert broken_rules(with_entry(record, "undo", MO, of=record.heads[0], **content)) == []


def test_a_change_of_who_signs_by_who_does_not_is_named() -> None:
    """Mentors and manager are changed by one of them; all else of the enrolment by anyone."""
    bo_signs = replace(STORY.enrolment, mentors=("Bo",))
    begun = replace(STORY.enrolment, start=date(2026, 2, 1))
    refusal = 'Only {} or Max can change who signs off, not {}. Say who does it: --by "NAME"'
    for person in (ANN, BO):
        wrong = refusal.format("Mo", person.name)
        assert broken_rules(with_entry(STORY, "enrol", person, enrolment=bo_signs)) == [wrong]
        assert broken_rules(with_entry(STORY, "enrol", person, enrolment=begun)) == []
    changed = with_entry(STORY, "enrol", MO, enrolment=bo_signs)
    assert broken_rules(changed) == []
    undone = with_entry(changed, "undo", ANN, hour=10, of=changed.heads[0])
    assert broken_rules(undone) == [refusal.format("Bo", "Ann")]


def test_nobody_is_accused_of_what_follows_from_an_altered_entry() -> None:
    """What an altered entry meant is not known: the sign-off after it does not count, and breaks no rule."""
    data = by_hand(SIGNED, lambda events: events[1].update(note="no"))
    assert [(problem.entry, problem.message) for problem in problems_of(data)] == [(2, IS_ALTERED), (3, FOLLOWS)]


# --- the form ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rewritten", REWRITTEN)
def test_a_file_that_another_program_wrote_anew_is_told_apart_from_an_altered_one(rewritten: str) -> None:
    """Every entry says what it said: that is told, and nothing in it is doubted."""
    data = REWRITTEN[rewritten](store.as_bytes(STORY))
    assert data != store.as_bytes(STORY)
    assert sentences(data) == ["The file: another program has saved it again in its own layout; every entry is intact."]
    assert not problems_of(data)[0].serious
    assert store.stored_in(data, PATH).record == STORY


# --- the two promises for everything ----------------------------------------------------------------------------


OTHER_ENROLMENTS: dict[str, Callable[[Enrolment], dict[str, Any]]] = {
    "other mentor": lambda now: {"mentors": ("Bo",) if now.mentors == ("Mo",) else ("Mo",)},
    "nights": lambda now: {"variants": () if now.variants else ("nights",)},
    "other name": lambda now: {"name": "Ann Lee" if now.name == "Ann" else "Ann"},
}
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1]),  # the copy
        st.sampled_from([*COMMANDS, "take the other copy", *OTHER_ENROLMENTS]),
        st.sampled_from(["one", "two", "gate", "late", "file"]),
        st.sampled_from(["Mo", "Bo"]),  # who decides
        st.booleans(),  # from a computer of their own, or the trainee's
        st.sampled_from([1, 2]),  # which of two catalogues that computer has; in the second, one has a new meaning
    ),
    max_size=25,
)
Step = tuple[int, str, str, str, bool, int]


def copies_after(steps: list[Step], mentors: tuple[str, ...]) -> list[Record]:
    """Return two copies of a record after these steps; what the rules refuse is not done."""
    copies = [new_record(role="clerk", mentors=mentors)] * 2
    for hour, (copy, command, id_, name, own_computer, number) in enumerate(steps, start=1):
        record = copies[copy]
        if command == "take the other copy":
            copies[copy] = union(record, copies[1 - copy])
            continue
        trainee = command in {"check", "uncheck", "nights", "other name"} or (
            command in {"undo", "redo"} and not own_computer
        )
        by = identify(record, record.enrolment.name if trainee else name)
        ladder = office(f"v{number}", number).ladder("clerk", record.enrolment.variants)
        actor = Actor(ladder, stamp(hour, name if own_computer and not trainee else "ann"), by)
        with suppress(LadderError):
            if command in OTHER_ENROLMENTS:
                changes = OTHER_ENROLMENTS[command](record.enrolment)
                copies[copy] = enrol_again(record, actor.stamp, by, **changes)
            else:
                copies[copy] = COMMANDS[command](actor, record, ladder.role.items[id_])
    return copies


@many_examples
@given(STEPS, st.sampled_from([(), ("Mo",)]))
@example(
    [
        (1, "other mentor", "one", "Mo", False, 1),
        (1, "check", "one", "Mo", False, 1),
        (1, "other mentor", "one", "Bo", False, 1),
        (0, "check", "one", "Mo", False, 2),
        (0, "take the other copy", "one", "Mo", False, 1),
        (0, "undo", "one", "Mo", False, 1),
    ],
    ("Mo",),
)
def test_all_that_the_rules_allow_is_in_order(steps: list[Step], mentors: tuple[str, ...]) -> None:
    """Nobody is ever accused of what the program let them do: not on their copy, and not once it is united."""
    copies = copies_after(steps, mentors)
    for record in (*copies, union(*copies)):
        for number in (1, 2):
            assert sentences(record, against=office(f"v{number}", number)) == []


LONG_STORY = long_story()


def named_or_refused(data: bytes) -> bool:
    """Whether damage shows: loading refuses it, or verifying refuses or names it. Any other error comes through."""
    try:
        store.stored_in(data, PATH)
        return bool(problems_of(data))
    except LadderError:
        return True


def test_no_truncation_goes_unseen(record_property: Callable[[str, object], None]) -> None:
    """However much of the end of the file is lost, it is refused or named."""
    whole = store.as_bytes(LONG_STORY)
    assert sentences(whole) == []
    assert [length for length in range(len(whole)) if not named_or_refused(whole[:length])] == []
    record_property("a record of 20 entries, cut at every byte", f"{len(whole)} cuts, 0 unseen")


@pytest.mark.parametrize("offset", range(4))
def test_no_flipped_bit_goes_unseen(offset: int, record_property: Callable[[str, object], None]) -> None:
    """One bit of any byte turned, by a bad disk or cable, is refused or named; every place, every bit in turn."""
    whole = store.as_bytes(LONG_STORY)
    unseen = []
    for index in range(offset, len(whole), 4):
        damaged = bytearray(whole)
        damaged[index] ^= 1 << (index // 4 + offset) % 8
        if not named_or_refused(bytes(damaged)):
            unseen.append(index)
    assert unseen == []
    flips = len(range(offset, len(whole), 4))
    record_property(f"the same, one bit flipped in every 4th byte from {offset}", f"{flips} flips, 0 unseen")


# --- what an earlier version has written, and what meets --------------------------------------------------------


def test_an_undo_by_the_role_that_its_author_once_had_counts() -> None:
    """Version 0.1 wrote down the role of the author of what it took back, whatever they had become meanwhile."""
    changed = enrolled_again(WAITING_SIGNED, 7, MO, mentors=("Bo",), manager="Mo")
    undone = with_entry(changed, "undo", MO, item="one", of=WAITING_SIGNED.heads[0], account="mo")
    assert broken_rules(undone) == []
    assert undone.status(ONE).state == "checked"


def test_a_new_role_keeps_its_variants_whatever_was_written_of_the_old_one() -> None:
    """Whoever names a variant on another copy means the role that they know."""
    there = enrolled_again(NEW, 5, MO, variants=("nights",))
    here = enrolled_again(NEW, 6, Person(name="Max", role="manager"), role="senior", start=date(2026, 3, 3))
    enrolment = union(here, there).enrolment
    assert (enrolment.role, enrolment.variants, enrolment.start) == ("senior", (), date(2026, 3, 3))


def test_an_undo_changes_no_signers_that_were_overruled_before() -> None:
    """Two people named signers apart, and the trainee's choice was overruled: it does not matter for her start."""
    begun = new_record(role="clerk")
    both = union(enrolled_again(begun, 5, MO, mentors=("Mo",)), enrolled_again(begun, 6, mentors=("Jo",)))
    assert both.enrolment.mentors == ("Mo",)
    corrected = enrolled_again(both, 7, start=date(2026, 2, 1))
    undone = with_entry(corrected, "undo", ANN, hour=8, of=corrected.heads[0], account="ann")
    assert broken_rules(undone) == []
    assert undone.enrolment == both.enrolment
