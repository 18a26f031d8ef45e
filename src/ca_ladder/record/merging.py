"""Merge two copies of one record: the union of their events, in topological order.

The result does not depend on the order of merges, and merging again changes nothing.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ca_ladder.record.causality import topological_order
from ca_ladder.record.events import Event
from ca_ladder.record.record import Record, Subject


def merge(record: Record, other: Record, path: Path) -> "tuple[Record, MergeResult]":
    """Merge a copy from a file into the record; return the merged record and what was new."""
    new = tuple(event for event in other.events if event.id not in record.by_id)
    return union(record, other), MergeResult(path, new, concurrent_changes(record, other))


def union(one: Record, other: Record) -> Record:
    """Return a record with the events of both copies. The copies must have no `disagreements`."""
    if one.by_id.keys() >= other.by_id.keys():
        return one
    events = topological_order([*one.events, *other.events])
    altered = {record.events[index].id for record in (one, other) for index in record.altered}
    indexes = frozenset(index for index, event in enumerate(events) if event.id in altered)
    return Record(events, indexes, one.catalogue, one.cut_off - other.by_id.keys())


def disagreements(one: Record, other: Record) -> list[tuple[Event, Event]]:
    """Return the events that differ between the copies although they have the same id, as pairs."""
    pairs = [(event, other.by_id.get(event.id)) for event in one.events]
    return [(here, there) for here, there in pairs if there is not None and there != here]


def differing(here: Event, there: Event) -> tuple[str, str]:
    """Return the fields in which two events differ, as text for each: "by name: Pat Lee"."""
    ours, theirs = dict(_flattened(here.content())), dict(_flattened(there.content()))
    names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    texts = ["; ".join(f"{name}: {fields.get(name, 'nothing')}" for name in names) for fields in (ours, theirs)]
    return texts[0], texts[1]


def _flattened(content: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name and text of each field, with nested fields named "by name"."""
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _flattened(value, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", ", ".join(value) if isinstance(value, list) else str(value)


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
