"""Two copies of one record become one: the union of their events, in the one order that all copies agree on.

United in any order, any number of times, the result is the same. What the union means is for `folding`.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ca_ladder.record.events import Event
from ca_ladder.record.folding import Record
from ca_ladder.record.graph import in_order


def united(one: Record, other: Record) -> Record:
    """Return the record with the events of both copies. Which event stands under an id is for `disagreement`."""
    if one.known.keys() >= other.known.keys():
        return one
    return Record(in_order([*one.events, *other.events]))


def disagreement(one: Record, other: Record) -> tuple[Event, Event] | None:
    """Return the first event that does not say the same in both copies under the same id, as each has it."""
    for event in one.events:
        there = other.known.get(event.id)
        if there is not None and there != event:
            return event, there
    return None


class Meeting(NamedTuple):
    """What happened to one item on either side while neither knew of the other; ``item`` is None for the enrolment."""

    item: str | None
    here: tuple[Event, ...]
    there: tuple[Event, ...]


class Merged(NamedTuple):
    """A copy that was taken over: the events that were new, and where both sides had changed the same."""

    path: Path
    new: tuple[Event, ...]
    meetings: Sequence[Meeting]


def meetings(here: Record, there: Record) -> list[Meeting]:
    """Return the items, and the enrolment, that changed on both sides; words alone change nothing."""
    own = _changes(here.events, there)
    found = _changes(there.events, here)
    return [Meeting(item, tuple(own[item]), tuple(found[item])) for item in own if item in found]


def _changes(events: Iterable[Event], other: Record) -> dict[str | None, list[Event]]:
    changes: dict[str | None, list[Event]] = {}
    for event in events:
        if event.id not in other.known and event.kind != "note":
            changes.setdefault(event.item, []).append(event)
    return changes
