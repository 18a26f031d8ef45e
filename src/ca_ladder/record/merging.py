"""Two copies of one record become one: the union of their events, in the one order that all copies agree on.

United in any order, any number of times, the result is the same. What the union means is for `folding`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ca_ladder.record.causality import topological_order
from ca_ladder.record.events import Event
from ca_ladder.record.record import Record, Subject


def merged(record: Record, other: Record, path: Path) -> "tuple[Record, MergeResult]":
    """Return the record united with the copy from a file, and what that brought."""
    new = tuple(event for event in other.events if event.id not in record.by_id)
    return united(record, other), MergeResult(path, new, concurrent_changes(record, other))


def united(one: Record, other: Record) -> Record:
    """Return the record with the events of both copies. Which event stands under an id is for `disagreements`."""
    if one.by_id.keys() >= other.by_id.keys():
        return one
    return Record(topological_order([*one.events, *other.events]), one.altered or other.altered)


def disagreements(one: Record, other: Record) -> list[tuple[Event, Event]]:
    """Return the events that do not say the same in both copies under the same id, each as either has it."""
    pairs = [(event, other.by_id.get(event.id)) for event in one.events]
    return [(here, there) for here, there in pairs if there is not None and there != here]


def differing(here: Event, there: Event) -> tuple[str, str]:
    """Return what either event says where they differ, in words: "by name: Pat Lee"."""
    one, other = dict(_said(here.content())), dict(_said(there.content()))
    names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    told = ["; ".join(f"{name}: {side.get(name, 'nothing')}" for name in names) for side in (one, other)]
    return told[0], told[1]


def _said(content: dict[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Yield what an event says, piece by piece, each with its name."""
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _said(value, f"{within}{name} ")
        else:
            yield f"{within}{name}", ", ".join(value) if isinstance(value, list) else str(value)


class ConcurrentChange(NamedTuple):
    """Events on both sides about the same subject, where neither side knew of the other's."""

    subject: Subject
    here: tuple[Event, ...]
    there: tuple[Event, ...]


class MergeResult(NamedTuple):
    """What a merged copy brought: the events that were new, and the subjects that had changed on both sides."""

    path: Path
    new: tuple[Event, ...]
    concurrent: Sequence[ConcurrentChange]


def concurrent_changes(here: Record, there: Record) -> list[ConcurrentChange]:
    """Return what changed on both sides. Notes change nothing."""
    ours, theirs = _changes(here, there), _changes(there, here)
    return [
        ConcurrentChange(subject, tuple(events), tuple(theirs[subject]))
        for subject, events in ours.items()
        if subject in theirs
    ]


def _changes(record: Record, other: Record) -> dict[Subject, list[Event]]:
    """Return the events that only ``record`` has, by subject, without notes."""
    changes: dict[Subject, list[Event]] = {}
    for event in record.events:
        if event.id not in other.by_id and event.kind != "note":
            changes.setdefault(record.subject(event), []).append(event)
    return changes
