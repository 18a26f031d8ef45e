"""Copies of a record that were written on apart: what a mentor sent back, what a sync service left beside the store."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from ca_ladder.errors import NotMerged, OtherRecord, SameIdOtherContent
from ca_ladder.record.events import Event, digest
from ca_ladder.record.folding import Record
from ca_ladder.record.merging import Merged, disagreement, meetings, united
from ca_ladder.record.store import stored
from ca_ladder.record.verification import about, problems


def merged(record: Record, path: Path, now: datetime) -> tuple[Record, Merged]:
    """Return the record united with the copy in the file, and what that brought.

    Raises what `store.load` does, OtherRecord, SameIdOtherContent, and NotMerged for a copy that is not as it was
    written. A copy from a computer whose clock is wrong is taken.
    """
    there = stored(path)
    other = there.record
    if other.id != record.id:
        raise OtherRecord(path, other.enrolment.name)
    if differing := disagreement(record, other):
        raise SameIdOtherContent(path, about(differing[0]), *_compared(*differing))
    wrong = [str(each) for each in problems(there.data, path, now) if each.grave]
    if wrong:
        raise NotMerged(path, wrong)
    new = tuple(event for event in other.events if event.id not in record.known)
    return united(record, other), Merged(path, new, meetings(record, other))


def _compared(here: Event, there: Event) -> tuple[str, str, str]:
    """Return what either copy says where they differ, and which of them was altered."""
    one, other = dict(_said(here.content())), dict(_said(there.content()))
    differing = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    altered = [where for where, event in (("here", here), ("there", there)) if digest(event.content()) != event.id]
    told = ["; ".join(f"{name}: {side.get(name, 'nothing')}" for name in differing) for side in (one, other)]
    return told[0], told[1], f"Altered after it was written: the one {' and the one '.join(altered)}."


def _said(content: dict[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Yield what an event says, piece by piece, each with its name."""
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _said(value, f"{within}{name} ")
        else:
            yield f"{within}{name}", ", ".join(value) if isinstance(value, list) else str(value)
