"""Verification: what people's own acts made is in order, and every other hand in the file is named."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from ca_ladder.catalogue.models import Catalogue, Entry, Role, Task, Tier, Variant
from ca_ladder.errors import LadderError, StoreDamaged, StoreNewer, StoreUnreadable
from ca_ladder.record import store
from ca_ladder.record.events import ActorRole, Person, Wording, new_event
from ca_ladder.record.merging import union
from ca_ladder.record.record import Record
from ca_ladder.record.rules import Actor, enrol, enrol_again, identify
from ca_ladder.record.verification import Problem, problems
from tests.conftest import forged_id, many_examples
from tests.record.builders import ANN, LATER, MO, MORNING, stamp

PATH = Path("ann.json")


def catalogue(version: str = "v1", revision: int = 1) -> Catalogue:
    """Return one of two items behind a gate and of one that only the night shift has; two needs that one too."""
    desk = Task(
        id="desk",
        name="MentorQueue",
        why="W",
        gate="gate",
        expectations={"t": (Entry(id="one", text="Do one", revision=revision), Entry(id="two", text="Do two"))},
        skills=(Entry(id="gate", text="Hold the licence"),),
    )
    night = Task(id="night", name="Night", why="W", variant="nights", skills=(Entry(id="late", text="Do late"),))
    files = Task(
        id="files", name="Files", why="W", expectations={"t": (Entry(id="file", text="File", requires=("late",)),)}
    )
    role = Role(
        id="clerk",
        name="Clerk",
        variants=(Variant(id="nights", name="Nights"),),
        tiers=(Tier(id="t", title="T"),),
        tasks=(desk, night, files),
    )
    return Catalogue(version=version, roles=(role,))


CATALOGUE = catalogue()
LADDER = CATALOGUE.ladder("clerk", ())
ONE, TWO, GATE, FILE = (LADDER.items[id_] for id_ in ("one", "two", "gate", "file"))


def ann(hour: float) -> Actor:
    """Return what the trainee does at that hour."""
    return Actor(LADDER, stamp(hour), ANN)


def mo(hour: float, name: str = "Mo") -> Actor:
    """Return what a mentor does at that hour."""
    return Actor(LADDER, stamp(hour, "mo"), Person(name=name, role="mentor"))


NEW = enrol(stamp(0), ANN, name="Ann", start=date(2026, 3, 2), role="clerk", mentors=("Mo",), manager="Max")
CHECKED = ann(1).check(NEW, [GATE], note="seen it twice, Zoë")
SIGNED = mo(2).sign_off(CHECKED, [GATE])
# Entries: 1 enrolment, 2 check of gate, 3 sign-off of gate, 4 check of one, 5 return of one.
STORY = mo(4).send_back(ann(3).check(SIGNED, [ONE]), [ONE], "not without the form")


def problems_of(data: bytes | Record, now: datetime = LATER, against: Catalogue | None = None) -> list[Problem]:
    """Return what is wrong with these bytes, or with a record as it would be written."""
    return problems(store.as_bytes(data) if isinstance(data, Record) else data, PATH, now, against)


def messages(data: bytes | Record, now: datetime = LATER, against: Catalogue | None = None) -> list[str]:
    """Return the sentences for what is wrong."""
    return [str(each) for each in problems_of(data, now, against)]


def by_hand(record: Record, change: Callable[[list[dict[str, Any]]], object]) -> bytes:
    """Return the record's file after somebody changed its list of entries, written in the same form."""
    content = json.loads(store.as_bytes(record))
    change(content["events"])
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def with_entry(record: Record, kind: str, by: Person = MO, *, hour: float = 9, **said: Any) -> Record:
    """Return the record with an entry that no command wrote: its id is right, and no rule was asked."""
    moment = MORNING + timedelta(hours=hour)
    details = {"kind": kind, "at": moment, "on": moment.date(), "by": by, "account": "x", "computer": "PC"}
    return record.with_event(new_event(**({"parents": record.heads} | details | said)))


WORDING = Wording(text="Do one", revision=1, catalogue="v1")


# --- what lies in the file --------------------------------------------------------------------------------------


def test_a_record_made_by_commands_is_in_order() -> None:
    """Nothing is named where nothing is wrong, with the catalogue and without."""
    assert messages(STORY) == []
    assert messages(STORY, against=CATALOGUE) == []


ALTERED = {
    "words": ("seen it twice", "seen it thrice", "Entry 2 (check of gate by Ann on 2026-03-02)"),
    "the signer": ('"name": "Mo"', '"name": "Max"', "Entry 3 (sign-off of gate by Max on 2026-03-02)"),
    "the item": ('"item": "gate"', '"item": "two"', "Entry 2 (check of two by Ann on 2026-03-02)"),
    "the wording": ("Hold the licence", "Have the licence", "Entry 2 (check of gate by Ann on 2026-03-02)"),
    "the reason": ("the form", "a form", "Entry 5 (return of one by Mo on 2026-03-02)"),
    "the account": ('"account": "mo"', '"account": "ann"', "Entry 3 (sign-off of gate by Mo on 2026-03-02)"),
    "the mentors": ('"mentors": [\n     "Mo"', '"mentors": [\n     "Ann"', "Entry 1 (enrolment by Ann on 2026-03-02)"),
    "a letter's form": ("Zoë", "Zoe\u0308", "Entry 2 (check of gate by Ann on 2026-03-02)"),
}


@pytest.mark.parametrize("what", ALTERED)
def test_an_altered_entry_is_named(what: str) -> None:
    """Whatever an entry says, it cannot be made to say anything else unseen."""
    old, new, entry = ALTERED[what]
    text = store.as_bytes(STORY).decode()
    assert old in text
    data = text.replace(old, new, 1).encode()
    assert messages(data) == [f"{entry}: it was altered: its id belongs to another content."]
    assert problems_of(data)[0].serious


def test_an_entry_under_an_altered_id_is_named_with_all_that_was_written_on_it() -> None:
    """A changed id fits no content, and the entry that was written on it misses its parent."""
    old = STORY.events[2].id
    data = by_hand(STORY, lambda events: events[2].update(id=("0" if old[0] != "0" else "1") + old[1:]))
    assert messages(data) == [
        "Entry 3 (sign-off of gate by Mo on 2026-03-02): it was altered: its id belongs to another content.",
        f"Entry 4 (check of one by Ann on 2026-03-02): what it was written on is missing (entry {old[:8]}).",
    ]


def test_all_altered_entries_are_named_at_once() -> None:
    """Who looks for what is wrong hears all of it, in the order of the entries."""

    def change(events: list[dict[str, Any]]) -> None:
        events[4]["because"] = "no"
        events[1]["note"] = "no"

    assert [(each.entry, each.message) for each in problems_of(by_hand(STORY, change))] == [
        (2, "it was altered: its id belongs to another content"),
        (5, "it was altered: its id belongs to another content"),
    ]


def test_a_field_that_was_added_or_left_out_is_named() -> None:
    """What was added is not understood; what was left out makes another content, or no entry."""
    damaged = "Entry 5 (not understood): it is damaged at"
    assert messages(by_hand(STORY, lambda events: events[4].update(approved="yes"))) == [f"{damaged} `approved`."]
    assert messages(by_hand(STORY, lambda events: events[4]["by"].pop("role"))) == [f"{damaged} `by.role`."]
    assert messages(by_hand(STORY, lambda events: events[4].update(id="short"))) == [f"{damaged} `id`."]
    assert messages(by_hand(STORY, lambda events: events[4].pop("because"))) == [
        "Entry 5 (return of one by Mo on 2026-03-02): it was altered: its id belongs to another content."
    ]
    # Said aloud what goes without saying: the same meaning, but not what was written.
    assert messages(by_hand(STORY, lambda events: events[4].update(observed=False))) == [
        "Entry 5 (return of one by Mo on 2026-03-02): it was altered: its id belongs to another content."
    ]


def test_a_default_said_aloud_under_a_fitting_id_is_named() -> None:
    """What the program would not write again as it stands is altered: its next change would break the id unseen."""

    def change(events: list[dict[str, Any]]) -> None:
        events[4]["observed"] = False
        events[4]["id"] = forged_id(events[4])

    data = by_hand(STORY, change)
    forged = json.loads(data)["events"][4]
    assert forged["id"] == forged_id(forged)
    assert messages(data) == [
        "Entry 5 (return of one by Mo on 2026-03-02): it was altered: its id belongs to another content."
    ]
    assert problems_of(data)[0].serious


@pytest.mark.parametrize("thing", ["signed", 7, None, ["a"]])
def test_what_is_no_entry_is_named(thing: Any) -> None:
    """A word or number in the list of entries is not skipped."""
    data = by_hand(STORY, lambda events: events.append(thing))
    assert messages(data) == ["Entry 6 (not understood): it is no entry."]


def test_an_unknown_kind_is_named_where_the_store_only_refuses() -> None:
    """A kind that this program does not have is told with its name, cut where it is long."""
    data = by_hand(STORY, lambda events: events[4].update(kind="approve"))
    assert messages(data) == ['Entry 5 (not understood): its kind "approve" is unknown.']
    with pytest.raises(StoreUnreadable, match="event 5 is damaged at `kind`"):
        store.stored_in(data, PATH)
    data = by_hand(STORY, lambda events: events[4].update(kind="x" * 1000))
    assert messages(data) == [f'Entry 5 (not understood): its kind "{"x" * 40}" is unknown.']
    data = by_hand(STORY, lambda events: events[4].pop("kind"))
    assert messages(data) == ['Entry 5 (not understood): its kind "None" is unknown.']


@pytest.mark.parametrize("place", [2, 3, 4])
def test_an_entry_dropped_from_the_middle_is_missed(place: int) -> None:
    """What was written on a dropped entry knows that it was there."""
    (problem,) = problems_of(by_hand(STORY, lambda events: events.pop(place - 1)))
    assert (problem.entry, problem.serious) == (place, True)
    assert problem.message == f"what it was written on is missing (entry {STORY.events[place - 1].id[:8]})"


def test_a_record_without_its_enrolment_is_named() -> None:
    """A record begins with the enrolment of its own trainee, and nothing else can take that place."""
    data = by_hand(STORY, lambda events: events.pop(0))
    assert messages(data) == [
        "Entry 1 (check of gate by Ann on 2026-03-02): it does not enrol the trainee of this record.",
        "Entry 1 (check of gate by Ann on 2026-03-02): what it was written on is missing "
        f"(entry {STORY.events[0].id[:8]}).",
    ]
    other = STORY.id.replace(STORY.id[:8], "00000000")
    data = store.as_bytes(STORY).replace(STORY.id.encode(), other.encode(), 1)
    assert messages(data) == ["Entry 1 (enrolment by Ann on 2026-03-02): it does not enrol the trainee of this record."]


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_a_cut_off_tail_does_not_show_here(length: int) -> None:
    """What was written last is missed by nothing in the file: only a fingerprint kept elsewhere shows that."""
    assert messages(Record(STORY.events[:length])) == []


def test_an_entry_of_another_record_is_named() -> None:
    """A sign-off from somebody else's record, or from another one of the same trainee, is no entry of this."""
    other = enrol(stamp(0), ANN, name="Ann", start=date(2026, 3, 2), role="clerk", mentors=("Mo",), manager="Max")
    foreign = mo(5).sign_off(ann(4.5).check(other, [FILE]), [FILE])
    missing = f"what it was written on is missing (entry {foreign.events[1].id[:8]})"
    assert messages(STORY.with_event(foreign.events[2])) == [
        f"Entry 6 (sign-off of file by Mo on 2026-03-02): {missing}."
    ]
    whole = Record((*STORY.events, *foreign.events))
    assert messages(whole) == [
        "Entry 6 (enrolment by Ann on 2026-03-02): it is of another record: it enrols under another number.",
        "Entry 6 (enrolment by Ann on 2026-03-02): it is of another record: it was written on nothing of this one.",
    ]


def test_an_enrolment_under_another_number_is_named() -> None:
    """An enrolment belongs to the record whose number it gives, even if it was written on this one."""
    enrolment = replace(STORY.enrolment, record="00000000-0000-0000-0000-000000000000")
    assert messages(with_entry(STORY, "enrol", enrolment=enrolment)) == [
        "Entry 6 (enrolment by Mo on 2026-03-02): it is of another record: it enrols under another number."
    ]


def test_an_enrolment_hidden_in_another_entry_is_named() -> None:
    """Only an enrolment enrols, and it always does."""
    odd = "it says something else than what its kind stands for"
    assert messages(with_entry(STORY, "note", item="one", enrolment=STORY.enrolment)) == [
        f"Entry 6 (note of one by Mo on 2026-03-02): {odd}."
    ]
    assert messages(with_entry(STORY, "enrol")) == [f"Entry 6 (enrolment by Mo on 2026-03-02): {odd}."]


def test_the_same_entry_twice_is_named() -> None:
    """A sign-off that stands in the file twice was given once."""
    data = by_hand(STORY, lambda events: events.append(events[2]))
    assert messages(data)[-1] == (
        "Entry 6 (sign-off of gate by Mo on 2026-03-02): it stands in the record twice, also as entry 3."
    )


def test_entries_in_another_order_are_named() -> None:
    """An entry never stands before what it was written on."""
    data = by_hand(STORY, lambda events: events.insert(2, events.pop(3)))
    assert "Entry 3 (check of one by Ann on 2026-03-02): it stands before what it was written on." in messages(data)
    assert all(each.serious for each in problems_of(data))


def test_branches_in_another_order_are_named() -> None:
    """What was written on two copies has one order, too: the order decides what counts as the latest."""
    here, there = ann(5).check(STORY, [TWO]), mo(6).sign_off(STORY, [ONE], observed=True)
    both = union(here, there)
    assert messages(both) == []
    turned = Record((*both.events[:5], both.events[6], both.events[5]))
    assert messages(turned) == [
        "Entry 6 (sign-off of one by Mo on 2026-03-02): it does not stand where it belongs; the order was changed."
    ]


def test_what_is_taken_back_must_be_there() -> None:
    """A revocation or an undo of an entry that the record does not have is named."""
    for kind in ("revoke", "undo"):
        forged = with_entry(STORY, kind, item="gate", of="f" * 64, because="why")
        assert [each.message for each in problems_of(forged) if each.entry == 6] == [
            "what it takes back is missing (entry ffffffff)"
        ]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", StoreDamaged),
        (b"[]", StoreDamaged),
        (b'{"format": "ca-ladder record", "schema": 2, "events": []}', StoreDamaged),
        (b'{"format": "ca-ladder record", "schema": 2, "events": {}}', StoreDamaged),
        (b'{"format": "ca-ladder record", "schema": 99, "events": []}', StoreNewer),
    ],
)
def test_what_is_no_record_is_refused_as_loading_does(data: bytes, error: type[LadderError]) -> None:
    """Where there are no entries, there is nothing to verify, and that is told as for every other command."""
    with pytest.raises(error):
        problems_of(data)


# --- times ------------------------------------------------------------------------------------------------------


def test_a_day_after_it_was_written_down_is_named() -> None:
    """Nothing is written down before it happens; the day may be the next one where the person is, east of UTC."""

    def on(day: date) -> Record:  # written at 14:00 in UTC: in the far east it is the next day already
        return with_entry(STORY, "note", hour=5, on=day, item="one", note="x")

    assert messages(on(date(2020, 1, 1))) == []
    assert messages(on(date(2026, 3, 3))) == []
    assert messages(on(date(2026, 3, 4))) == [
        "Entry 6 (note of one by Mo on 2026-03-04): it happened after it was written down, on 2026-03-02."
    ]


def test_an_entry_from_the_future_is_named() -> None:
    """Clocks differ, but not by more than a day; no claim is given up for it: the words are not doubted."""
    assert messages(STORY, now=MORNING - timedelta(hours=19)) == []
    assert messages(STORY, now=MORNING - timedelta(hours=22)) == [
        "Entry 4 (check of one by Ann on 2026-03-02): it was written in the future, on 2026-03-02.",
        "Entry 5 (return of one by Mo on 2026-03-02): it was written in the future, on 2026-03-02.",
    ]
    assert not any(each.serious for each in problems_of(STORY, now=MORNING - timedelta(days=9)))


@pytest.mark.parametrize("behind", [timedelta(minutes=7), timedelta(hours=13), timedelta(hours=24)])
def test_a_clock_that_is_somewhat_behind_is_no_problem(behind: timedelta) -> None:
    """A mentor's computer may be minutes, or by its time zone hours, behind the trainee's."""
    hour = (STORY.events[-1].at - MORNING - behind) / timedelta(hours=1)
    assert messages(with_entry(STORY, "note", hour=hour, item="one", note="x")) == []


def test_an_entry_much_before_what_it_was_written_on_is_named() -> None:
    """More than a day before its parent an entry was not written: a clock was wrong, and the words are not doubted."""
    forged = with_entry(STORY, "note", hour=-21, item="one", note="x")
    assert messages(forged) == [
        "Entry 6 (note of one by Mo on 2026-03-01): it was written on 2026-03-01, and builds on what was written on "
        "2026-03-02."
    ]
    assert not problems_of(forged)[0].serious


@pytest.mark.parametrize("at", ["0001-01-02T00:00:00Z", "9999-12-30T23:59:59Z"])
def test_times_near_the_ends_of_the_calendar_are_named(at: str) -> None:
    """A moment that no clock shows is named, here and in what is written on it, and never stumbled over."""
    forged = with_entry(with_entry(STORY, "note", at=at, item="one", note="x"), "note", item="one", note="y")
    assert problems_of(forged)
    assert not any(each.serious for each in problems_of(forged))


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
def test_times_at_the_ends_of_the_calendar_are_damage(at: str) -> None:
    """A moment that is none in some time zone is no moment: it could not be shown to everyone."""
    data = by_hand(STORY, lambda events: events[4].update(at=at))
    assert messages(data) == ["Entry 5 (not understood): it is damaged at `at`."]
    with pytest.raises(StoreDamaged, match="event 5 is damaged at `at`"):
        store.stored_in(data, PATH)


def test_half_a_character_is_damage() -> None:
    """A lone surrogate, which no file in UTF-8 can hold, is refused where it stands."""
    data = store.as_bytes(STORY).replace(b"twice, Zo", b"twice, \\ud83d")
    assert messages(data)[0] == "Entry 2 (not understood): it is damaged at `note`."
    with pytest.raises(StoreDamaged, match="event 2 is damaged at `note`"):
        store.stored_in(data, PATH)


# --- rules ------------------------------------------------------------------------------------------------------

WAITING = ann(5).check(STORY, [ONE])  # one waits for sign-off, as entry 6; the gate is signed
MAY_NOT = "Ann is the trainee and cannot decide on their own items. A mentor or the manager does."
BO = Person(name="Bo", role="mentor")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("sign-off", {"item": "one", "wording": WORDING}),
        ("return", {"item": "one", "because": "why"}),
        ("revoke", {"item": "gate", "because": "why", "of": SIGNED.events[2].id}),
        ("waive", {"item": "two", "because": "why"}),
    ],
)
def test_a_decision_by_who_may_not_decide_is_named(kind: str, said: dict[str, Any]) -> None:
    """The trainee never decides, under whatever role or spelling; nor does somebody the record does not name."""
    spellings: list[tuple[str, ActorRole]] = [("Ann", "trainee"), ("Ann", "mentor"), (" ANN\u200b", "manager")]
    for name, role in spellings:
        (problem,) = problems_of(with_entry(WAITING, kind, by=Person(name=name, role=role), **said))
        assert (problem.entry, f"{problem.message}.") == (7, MAY_NOT)
        assert problem.serious
    (problem,) = problems_of(with_entry(WAITING, kind, by=BO, **said))
    assert problem.message == "Bo does not sign for Ann: the record names Mo or Max"
    assert problems_of(with_entry(WAITING, kind, by=Person(name="max", role="manager"), **said)) == []


def test_who_may_sign_is_judged_by_what_the_signer_could_know() -> None:
    """Who signs on a copy before hearing that they no longer do breaks no rule; afterwards they do."""
    changed = enrol_again(WAITING, stamp(6, "mo"), MO, mentors=("Bo",), manager=None)
    elsewhere = mo(7).sign_off(WAITING, [ONE])
    assert messages(union(changed, elsewhere)) == []
    assert messages(with_entry(changed, "sign-off", item="one", wording=WORDING)) == [
        "Entry 8 (sign-off of one by Mo on 2026-03-02): Mo does not sign for Ann: the record names Bo."
    ]
    assert messages(with_entry(changed, "sign-off", by=BO, item="one", wording=WORDING)) == []


def test_a_sign_off_of_what_was_not_checked_is_named() -> None:
    """Without a claim there is no sign-off, unless the mentor says that they saw it done."""
    not_checked = "(sign-off of one by Mo on 2026-03-02): the item was {}, not checked by the trainee."
    sign_off: dict[str, Any] = {"kind": "sign-off", "item": "one", "wording": WORDING}
    assert messages(with_entry(SIGNED, **sign_off)) == [f"Entry 4 {not_checked.format('open')}"]
    assert messages(with_entry(STORY, **sign_off)) == [f"Entry 6 {not_checked.format('returned')}"]
    assert messages(with_entry(STORY, **sign_off, observed=True)) == []


def test_a_check_that_the_signer_could_not_know_is_no_claim() -> None:
    """A sign-off answers the claim that was there for the signer to see, not one that was merged in later."""
    claim = ann(5).check(STORY, [ONE])
    blind = with_entry(STORY, "sign-off", hour=6, item="one", wording=WORDING)
    assert messages(union(claim, blind)) == [
        "Entry 7 (sign-off of one by Mo on 2026-03-02): the item was returned, not checked by the trainee."
    ]


def test_a_sign_off_of_what_is_decided_already_is_named() -> None:
    """An item is signed off once, and not while it is waived; on two copies apart it can be signed twice."""
    signed = mo(6).sign_off(WAITING, [ONE])
    again: dict[str, Any] = {"kind": "sign-off", "item": "one", "wording": WORDING, "observed": True}
    assert messages(with_entry(signed, **again)) == [
        "Entry 8 (sign-off of one by Mo on 2026-03-02): the item was signed, not checked by the trainee."
    ]
    assert messages(with_entry(mo(6).waive(WAITING, [ONE], "why"), **again)) == [
        "Entry 8 (sign-off of one by Mo on 2026-03-02): the item was waived, not checked by the trainee."
    ]
    assert messages(union(signed, with_entry(WAITING, **again))) == []


def test_a_return_of_what_was_not_checked_is_named() -> None:
    """There is nothing to return where nothing waits."""
    for record in (SIGNED, STORY, mo(6).sign_off(WAITING, [ONE])):
        (problem,) = problems_of(with_entry(record, "return", item="one", because="why"))
        assert problem.message == "the item was not checked by the trainee"


def test_a_decision_without_its_reason_is_named() -> None:
    """Return, revoke and waive say why; blanks are no reason."""
    for because in (None, "", " \n\t"):
        for kind, item, of in (
            ("return", "one", None),
            ("revoke", "gate", SIGNED.events[2].id),
            ("waive", "two", None),
        ):
            (problem,) = problems_of(with_entry(WAITING, kind, item=item, of=of, because=because))
            assert problem.message == "it gives no reason"


def test_a_check_by_somebody_else_is_named() -> None:
    """Only the trainee says "I can do this", and takes it back."""
    assert messages(with_entry(SIGNED, "check", item="one", wording=WORDING)) == [
        "Entry 4 (check of one by Mo on 2026-03-02): only Ann checks."
    ]
    assert messages(with_entry(WAITING, "uncheck", item="one")) == [
        "Entry 7 (uncheck of one by Mo on 2026-03-02): only Ann checks."
    ]
    assert messages(with_entry(WAITING, "uncheck", item="one", by=Person(name="ANN", role="trainee"))) == []


def test_a_trainee_with_a_new_name_checks_under_it() -> None:
    """Who married after the first checks is the same trainee."""
    renamed = enrol_again(SIGNED, stamp(6), ANN, name="Ann Lee")
    lee = Person(name="Ann Lee", role="trainee")
    assert messages(with_entry(renamed, "check", by=lee, item="one", wording=WORDING)) == []
    assert messages(with_entry(renamed, "check", by=ANN, item="one", wording=WORDING)) == [
        "Entry 5 (check of one by Ann on 2026-03-02): only Ann Lee checks."
    ]
    assert messages(with_entry(renamed, "waive", by=lee, item="one", because="why")) != []


def test_a_trainee_never_signs_under_a_former_name() -> None:
    """Neither the name that the trainee had, nor one that was given up again, signs for them."""
    unnamed = enrol(stamp(0), ANN, name="Ann", start=date(2026, 3, 2), role="clerk")
    renamed = enrol_again(unnamed, stamp(1), ANN, name="Ann Lee")
    ann_poe = enrol_again(enrol_again(unnamed, stamp(1), ANN, name="Ann Lee"), stamp(2), ANN, name="Ann Poe")
    for record in (renamed, ann_poe):
        for name in ("Ann", "ANN LEE"):
            by = Person(name=name, role="mentor")
            (problem,) = problems_of(with_entry(record, "sign-off", by=by, item="one", wording=WORDING, observed=True))
            assert "is the trainee and cannot decide on their own items" in problem.message
            assert problem.serious
    assert messages(with_entry(renamed, "sign-off", by=BO, item="one", wording=WORDING, observed=True)) == []


def test_a_claim_or_sign_off_without_the_words_of_its_item_is_named() -> None:
    """What was confirmed must be readable in five years, whatever the catalogue says then."""
    wordless = "it does not keep the words of the item"
    assert [each.message for each in problems_of(with_entry(WAITING, "sign-off", item="one"))] == [wordless]
    assert [each.message for each in problems_of(with_entry(SIGNED, "check", by=ANN, item="one"))] == [wordless]


def test_a_sign_off_before_its_gate_is_named_under_the_same_catalogue() -> None:
    """The licence comes first; a catalogue of another version may have had no such gate."""
    claimed = ann(1).check(NEW, [ONE])
    early = with_entry(claimed, "sign-off", item="one", wording=WORDING)
    assert messages(early, against=CATALOGUE) == [
        "Entry 3 (sign-off of one by Mo on 2026-03-02): gate had to be signed off first."
    ]
    assert messages(early, against=catalogue("v2")) == []
    assert messages(early) == []
    assert messages(mo(5).waive(NEW, [GATE], "why"), against=CATALOGUE) == []
    waived = ann(6).check(mo(5).waive(NEW, [GATE], "why"), [ONE])
    assert messages(mo(7).sign_off(waived, [ONE]), against=CATALOGUE) == []


def test_a_gate_is_judged_by_what_the_signer_could_know() -> None:
    """A gate signed on another copy does not excuse who could not know; one revoked there accuses nobody."""
    claimed = ann(1).check(NEW, [ONE, GATE])
    gate = mo(2).sign_off(claimed, [GATE])
    blind = with_entry(claimed, "sign-off", hour=3, item="one", wording=WORDING)
    assert [each.message for each in problems_of(union(gate, blind), against=CATALOGUE)] == [
        "gate had to be signed off first"
    ]
    revoked = mo(4).revoke(gate, [GATE], "expired")
    assert messages(union(revoked, mo(5).sign_off(gate, [ONE])), against=CATALOGUE) == []
    assert messages(mo(6).revoke(mo(5).sign_off(gate, [ONE]), [GATE], "expired"), against=CATALOGUE) == []


def test_a_gate_is_judged_by_the_trainees_ladder_at_that_moment() -> None:
    """What was signed before the trainee joined the night shift did not have to wait for the night's items."""
    signed = mo(2).sign_off(ann(1).check(NEW, [FILE]), [FILE])
    joined = enrol_again(signed, stamp(3), ANN, variants=("nights",))
    assert messages(joined, against=CATALOGUE) == []
    wording = Wording(text="File", revision=1, catalogue="v1")
    claimed = enrol_again(ann(1).check(NEW, [FILE]), stamp(3), ANN, variants=("nights",))
    early = with_entry(claimed, "sign-off", item="file", wording=wording)
    wrong = ["late had to be signed off first"]
    assert [each.message for each in problems_of(early, against=CATALOGUE)] == wrong
    left = enrol_again(early, stamp(10), ANN, variants=())
    assert [each.message for each in problems_of(left, against=CATALOGUE)] == wrong


def test_a_revocation_of_what_is_no_sign_off_is_named() -> None:
    """Only a sign-off or a waiver of the same item is revoked."""
    wrong = "it revokes what is no sign-off and no waiver of this item"
    for item, of in (("gate", CHECKED.events[1].id), ("one", SIGNED.events[2].id), ("gate", None)):
        assert [each.message for each in problems_of(with_entry(STORY, "revoke", item=item, of=of, because="why"))] == [
            wrong
        ]
    assert messages(with_entry(STORY, "revoke", item="gate", of=SIGNED.events[2].id, because="why")) == []


def test_a_revocation_of_a_sign_off_on_another_copy_is_named() -> None:
    """Nobody takes back what they could not know."""
    here, there = mo(6).sign_off(WAITING, [ONE]), ann(6).note(WAITING, ONE, "words")
    forged = with_entry(there, "revoke", hour=7, item="one", because="why", of=here.events[-1].id)
    assert [each.message for each in problems_of(union(here, forged))] == [
        "it revokes what is no sign-off and no waiver of this item"
    ]


def test_an_undo_by_the_trainee_that_gives_a_decision_back_is_named() -> None:
    """The trainee may undo what was done at a shared computer, and never bring a sign-off back by that."""
    revoked = mo(6).revoke(SIGNED, [GATE], "why")
    back: dict[str, Any] = {"kind": "undo", "item": "gate", "of": revoked.heads[0], "account": "mo"}
    assert [each.message + "." for each in problems_of(with_entry(revoked, by=ANN, **back))] == [MAY_NOT]
    assert messages(with_entry(revoked, by=MO, **back)) == []
    undone = with_entry(SIGNED, "undo", ANN, hour=3, item="gate", of=SIGNED.heads[0], account="mo")
    assert messages(undone) == []
    back["of"] = undone.heads[0]
    assert [each.message + "." for each in problems_of(with_entry(undone, by=ANN, **back))] == [MAY_NOT]


@pytest.mark.parametrize("origin", [("ann", "PC"), ("mo", "LAPTOP")])
def test_an_undo_from_another_account_is_named(origin: tuple[str, str]) -> None:
    """Undo is for one's own last command: nobody takes back from elsewhere what was signed, not even the mentor."""
    account, computer = origin
    forged = with_entry(SIGNED, "undo", item="gate", of=SIGNED.heads[0], account=account, computer=computer)
    assert messages(forged) == [
        "Entry 4 (undo of gate by Mo on 2026-03-02): it takes back what was written from another account."
    ]
    assert problems_of(forged)[0].serious
    assert messages(mo(3).undo(SIGNED)) == []


def test_an_undo_of_what_its_author_could_not_know_is_named() -> None:
    """An undo takes back what was there to be seen, and of the item it names."""
    here, there = mo(6).sign_off(WAITING, [ONE]), ann(6).note(WAITING, ONE, "words")
    unknown = "it takes back what its author could not know"
    forged = with_entry(there, "undo", hour=7, item="one", of=here.events[-1].id, account="mo")
    assert [each.message for each in problems_of(union(here, forged))] == [unknown]
    assert [each.message for each in problems_of(with_entry(here, "undo", item="two", of=here.heads[0]))] == [unknown]
    assert [each.message for each in problems_of(with_entry(here, "undo", item="one"))] == [unknown]


def test_a_change_of_who_signs_by_who_does_not_is_named() -> None:
    """Mentors and manager are changed by one of them; all else of the enrolment by anyone."""
    bo_signs = replace(STORY.enrolment, mentors=("Bo",))
    begun = replace(STORY.enrolment, start=date(2026, 2, 1))
    for who in (ANN, BO):
        (problem,) = problems_of(with_entry(STORY, "enrol", by=who, enrolment=bo_signs))
        wrong = f'Who signs off is changed by Mo or Max, not by {who.name}. Say who does it: --by "NAME"'
        assert problem.message == wrong
        assert messages(with_entry(STORY, "enrol", by=who, enrolment=begun)) == []
    assert messages(with_entry(STORY, "enrol", by=MO, enrolment=bo_signs)) == []
    changed = with_entry(STORY, "enrol", by=MO, enrolment=bo_signs)
    (problem,) = problems_of(with_entry(changed, "undo", by=ANN, hour=10, of=changed.heads[0]))
    assert problem.message == 'Who signs off is changed by Bo or Max, not by Ann. Say who does it: --by "NAME"'


def test_rules_are_not_judged_where_entries_are_not_whole() -> None:
    """What an altered entry meant is not known, so nobody is accused of what follows from it."""
    forged = with_entry(STORY, "sign-off", by=ANN, item="one", wording=WORDING)
    data = by_hand(forged, lambda events: events[1].update(note="no"))
    assert [each.entry for each in problems_of(data)] == [2]


# --- the form ---------------------------------------------------------------------------------------------------

REWRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "Windows' line ends": lambda data: data.replace(b"\n", b"\r\n"),
    "other indentation": lambda data: json.dumps(json.loads(data), indent=4, ensure_ascii=False).encode() + b"\n",
    "one line": lambda data: json.dumps(json.loads(data), ensure_ascii=False).encode(),
    "escaped letters": lambda data: json.dumps(json.loads(data), indent=1).encode() + b"\n",
    "sorted keys": lambda data: json.dumps(json.loads(data), indent=1, ensure_ascii=False, sort_keys=True).encode(),
    "no last newline": lambda data: data.removesuffix(b"\n"),
    "a mark at the beginning": lambda data: b"\xef\xbb\xbf" + data,
    "another encoding": lambda data: data.decode().encode("utf-16"),
}


@pytest.mark.parametrize("rewritten", REWRITTEN)
def test_a_file_that_another_program_wrote_anew_is_told_apart_from_an_altered_one(rewritten: str) -> None:
    """Every entry says what it said: that is told, and nothing in it is doubted."""
    data = REWRITTEN[rewritten](store.as_bytes(STORY))
    assert data != store.as_bytes(STORY)
    assert messages(data) == [
        "The file: another program has written it anew; every entry is whole, the form is not as it was."
    ]
    assert not problems_of(data)[0].serious
    assert store.stored_in(data, PATH).record == STORY


# --- the two promises for everything ----------------------------------------------------------------------------

CLAIMS = ["check", "uncheck", "note"]
DECISIONS = ["sign-off", "observe", "return", "revoke", "waive"]
COMMANDS = [*CLAIMS, *DECISIONS, "undo", "take the other copy", "other mentor", "nights", "other name"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1]),  # the copy
        st.sampled_from(COMMANDS),
        st.sampled_from(["one", "two", "gate", "late", "file"]),
        st.sampled_from(["Mo", "Bo"]),  # who decides
        st.booleans(),  # from a computer of their own, or the trainee's
        st.sampled_from([1, 2]),  # which of two catalogues that computer has; in the second, one has a new meaning
    ),
    max_size=25,
)


def carried_out(record: Record, actor: Actor, command: str, id_: str) -> Record:
    """Return the record after the command; raises what the rules raise."""
    if command == "undo":
        return actor.undo(record)
    if command == "other mentor":
        mentors = ("Bo",) if record.enrolment.mentors == ("Mo",) else ("Mo",)
        return enrol_again(record, actor.stamp, actor.by, mentors=mentors)
    if command == "nights":
        return enrol_again(record, actor.stamp, actor.by, variants=() if record.enrolment.variants else ("nights",))
    if command == "other name":
        return enrol_again(record, actor.stamp, actor.by, name="Ann Lee" if record.enrolment.name == "Ann" else "Ann")
    item = actor.ladder.role.items[id_]
    return {
        "check": lambda: actor.check(record, [item]),
        "uncheck": lambda: actor.uncheck(record, [item]),
        "note": lambda: actor.note(record, item, "words"),
        "sign-off": lambda: actor.sign_off(record, [item]),
        "observe": lambda: actor.sign_off(record, [item], observed=True),
        "return": lambda: actor.send_back(record, [item], "why"),
        "revoke": lambda: actor.revoke(record, [item], "why"),
        "waive": lambda: actor.waive(record, [item], "why"),
    }[command]()


def played(steps: list[tuple[int, str, str, str, bool, int]], mentors: tuple[str, ...]) -> list[Record]:
    """Return two copies of a record after these steps; what the rules refuse is not done."""
    copies = [enrol(stamp(0), ANN, name="Ann", start=date(2026, 3, 2), role="clerk", mentors=mentors)] * 2
    for hour, (copy, command, id_, name, own, number) in enumerate(steps, start=1):
        record = copies[copy]
        if command == "take the other copy":
            copies[copy] = union(record, copies[1 - copy])
            continue
        trainee = command in {"check", "uncheck", "nights", "other name"} or (command == "undo" and not own)
        by = identify(record, record.enrolment.name if trainee else name)
        ladder = catalogue(f"v{number}", number).ladder("clerk", record.enrolment.variants)
        actor = Actor(ladder, stamp(hour, name if own and not trainee else "ann"), by)
        try:
            copies[copy] = carried_out(record, actor, command, id_)
        except LadderError:
            continue
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
def test_all_that_the_rules_allow_is_in_order(
    steps: list[tuple[int, str, str, str, bool, int]], mentors: tuple[str, ...]
) -> None:
    """Nobody is ever accused of what the program let them do: not on their copy, and not once it is united."""
    copies = played(steps, mentors)
    for record in (*copies, union(*copies)):
        for number in (1, 2):
            assert messages(record, against=catalogue(f"v{number}", number)) == []


def twenty_entries() -> bytes:
    """Return the file of a record with twenty entries of every kind, branched and united."""
    record = enrol_again(STORY, stamp(5, "mo"), MO, start=date(2026, 2, 1), variants=("nights",))
    record = ann(6).check(record, [ONE, TWO], note="Ω ✓", evidence=["C:\\a.pdf"])
    record = mo(7).sign_off(record, [ONE], note="\n")
    record = mo(8).waive(mo(8).revoke(record, [ONE], "wrong line"), [TWO], "not here")
    record = ann(10).undo(ann(9).uncheck(record, [ONE]))
    here = mo(12).sign_off(mo(11).note(record, ONE, "ready"), [ONE])
    there = ann(12.5).check(ann(11.5).note(record, ONE, "first"), [FILE])
    record = ann(13).note(union(here, there), ONE, "thanks")
    record = mo(14).sign_off(ann(13.5).note(record, FILE, "see"), [FILE])
    assert len(record.events) == 20
    assert messages(record) == []
    return store.as_bytes(record)


def named_or_refused(data: bytes) -> bool:
    """Whether damage shows: loading refuses it, or verifying refuses or names it. Any other error comes through."""
    try:
        store.stored_in(data, PATH)
        return bool(problems_of(data))
    except LadderError:
        return True


def test_no_truncation_goes_unseen(record_property: Callable[[str, object], None]) -> None:
    """However much of the end of the file is lost, it is refused or named."""
    whole = twenty_entries()
    assert [length for length in range(len(whole)) if not named_or_refused(whole[:length])] == []
    record_property("a record of 20 entries, cut at every byte", f"{len(whole)} cuts, 0 unseen")


@pytest.mark.parametrize("offset", range(4))
def test_no_flipped_bit_goes_unseen(offset: int, record_property: Callable[[str, object], None]) -> None:
    """One bit of any byte turned, by a bad disk or cable, is refused or named; every place, every bit in turn."""
    whole = twenty_entries()
    unseen = []
    for place in range(offset, len(whole), 4):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << (place // 4 + offset) % 8
        if not named_or_refused(bytes(damaged)):
            unseen.append(place)
    assert unseen == []
    flips = len(range(offset, len(whole), 4))
    record_property(f"the same, one bit flipped in every 4th byte from {offset}", f"{flips} flips, 0 unseen")
