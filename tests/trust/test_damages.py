"""Several damages in one file: `record verify` names every one of them, not only the first."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ca_ladder.record.judging import FOLLOWS
from ca_ladder.record.verification import problems
from tests.trust.forger import MARIA, PAT, Events, as_file, relinked, sealed, then

NUMBER = "00000000-0000-4000-8000-000000000000"
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def forty_events() -> Events:
    """Return a record in which thirteen items are checked, signed off and noted, one after the other."""
    enrolment = {
        "record": NUMBER,
        "name": "Maria Lopez",
        "start": "2026-03-02",
        "role": "clerk",
        "mentors": ["Pat Lee"],
    }
    start = {"kind": "enrol", "at": "2026-03-02T09:00:00Z", "on": "2026-03-02", "by": MARIA}
    events = [sealed({**start, "account": "maria", "computer": "PC-1", "enrolment": enrolment})]
    for number in range(13):
        item = f"item-{number}"
        wording = {"text": "Do it", "revision": 1, "catalogue": "7"}
        events = then(events, "check", MARIA, item=item, wording=wording)
        events = then(events, "sign-off", PAT, item=item, wording=wording)
        events = then(events, "note", MARIA, item=item, note="thanks")
    return events


RECORD = forty_events()

# What is in the list after the damage, the entry that must be named, and some words of what is told of it.
Damaged = tuple[list[Any], Any, str]


def removed(events: list[Any], at: int) -> Damaged:
    """Cut an entry out: the next one misses it."""
    missing = f"what it was written on is missing (entry {events[at]['id'][:8]})"
    return events[:at] + events[at + 1 :], events[at + 1], missing


def doubled(events: list[Any], at: int) -> Damaged:
    """Have an entry there a second time."""
    copy = dict(events[at])
    return [*events[: at + 1], copy, *events[at + 1 :]], copy, "it is in the record twice, also as entry"


def swapped(events: list[Any], at: int) -> Damaged:
    """Exchange an entry with the next."""
    swapped = [*events[:at], events[at + 1], events[at], *events[at + 2 :]]
    return swapped, events[at + 1], "it is before the entry that it builds on"


def replaced(events: list[Any], at: int, entry: Any, words: str) -> Damaged:
    """Put something else there instead of an entry."""
    return [*events[:at], entry, *events[at + 1 :]], entry, words


ALTERED = "it was altered: its id does not fit its content"
DAMAGES: dict[str, Callable[[list[Any], int], Damaged]] = {
    "removed": removed,
    "doubled": doubled,
    "swapped": swapped,
    "another account": lambda events, at: replaced(events, at, {**events[at], "account": "x"}, ALTERED),
    "another day": lambda events, at: replaced(events, at, {**events[at], "on": "2026-03-01"}, ALTERED),
    "another id": lambda events, at: replaced(events, at, {**events[at], "id": f"{at:064x}"}, ALTERED),
    "said aloud": lambda events, at: replaced(events, at, sealed({**events[at], "observed": False}), ALTERED),
    "an unknown field": lambda events, at: replaced(events, at, {**events[at], "x": 1}, "it is damaged at `x`"),
    "an unknown kind": lambda events, at: replaced(events, at, {**events[at], "kind": "y"}, 'its kind "y" is unknown'),
    "a field lost": lambda events, at: replaced(
        events, at, {name: value for name, value in events[at].items() if name != "at"}, "it is damaged at `at`"
    ),
    "no entry": lambda events, at: replaced(events, at, [at], "it is not an entry"),
    "written on what is not there": lambda events, at: replaced(
        events, at, sealed({**events[at], "parents": ["f" * 64]}), "is missing (entry ffffffff)"
    ),
    "written on nothing": lambda events, at: replaced(
        events, at, sealed({**events[at], "parents": []}), "it was altered"
    ),
    "a root": lambda events, at: replaced(
        events,
        at,
        sealed({name: value for name, value in events[at].items() if name != "parents"}),
        "it is of another record",
    ),
}
RULE = "a rule broken"  # the entry has no author; all ids after it are computed anew
BROKEN = "a name or text in it is empty"

# Three entries or more lie between two damages, so that none hides another.
indexes = st.lists(st.integers(3, 6), min_size=1, max_size=6).map(
    lambda gaps: [index - 2 for index in accumulate(gaps)]
)


@settings(max_examples=200)
@given(data=st.data(), indexes=indexes)
def test_every_damage_is_named(data: st.DataObject, indexes: list[int]) -> None:
    """Who restores or repairs a record hears of all that was done to it at once.

    Whether a rule was broken is not known of what follows a gap: then that is said of the entry.
    """
    kinds = [data.draw(st.sampled_from([*DAMAGES, RULE])) for _ in indexes]
    events: list[Any] = [dict(event) for event in RECORD]
    for index, kind in zip(indexes, kinds, strict=True):
        if kind == RULE:
            events[index]["by"] = {"name": " ", "role": events[index]["by"]["role"]}
    events = list(relinked(events))
    wanted: list[tuple[Any, list[str]]] = []
    for index, kind in reversed(list(zip(indexes, kinds, strict=True))):
        if kind == RULE:
            wanted.append((events[index], [BROKEN, FOLLOWS]))
        else:
            events, entry, words = DAMAGES[kind](events, index)
            wanted.append((entry, [words]))
    faults = problems(as_file(events, NUMBER), Path("record.json"), NOW)
    for entry, sentences in wanted:
        number = 1 + next(count for count, event in enumerate(events) if event is entry)
        messages = [fault.message for fault in faults if fault.entry == number]
        assert any(words in message for words in sentences for message in messages), (kinds, number, messages)


def test_the_record_is_in_order() -> None:
    """Without a damage nothing is named."""
    assert problems(as_file(RECORD, NUMBER), Path("record.json"), NOW) == []
