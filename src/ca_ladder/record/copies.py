"""Copies of a record that were written on apart: what a mentor sent back, what a sync service left beside the store."""

from datetime import datetime
from pathlib import Path

from ca_ladder.catalogue.models import Catalogue
from ca_ladder.errors import MergeRejected, OtherRecord, SameIdOtherContent
from ca_ladder.record.events import is_altered
from ca_ladder.record.merging import differing, disagreements
from ca_ladder.record.record import Record
from ca_ladder.record.store import as_bytes, stored
from ca_ladder.record.verification import about, problems


def trusted_copy(record: Record, store: Path, path: Path, now: datetime, catalogue: Catalogue) -> Record:
    """Return the copy of the store's record in a file, once both have proved to be as they were written.

    Raises what `store.load` does, OtherRecord, SameIdOtherContent, and NotMerged. A copy from a computer whose clock is
    wrong is taken.
    """
    there = stored(path)
    if there.record.id != record.id:
        raise OtherRecord(path, there.record.enrolment.name)
    refuse_disagreement(record, there.record, path)
    for place, data in ((path, there.data), (store, as_bytes(record))):
        if wrong := [str(each) for each in problems(data, place, now, catalogue) if each.grave]:
            raise MergeRejected(path, place, wrong)
    return there.record


def refuse_disagreement(record: Record, other: Record, path: Path) -> None:
    """Raise SameIdOtherContent where an event does not say the same in both copies."""
    for pair in disagreements(record, other):
        sides = zip(("here", "there"), pair, strict=True)
        altered = [f"the one {side}" for side, event in sides if is_altered(event)]
        told = f"Altered after it was written: {' and '.join(altered)}."
        raise SameIdOtherContent(path, about(pair[0]), *differing(*pair), told)
