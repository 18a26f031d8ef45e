"""What this user has seen of a record's file: the ids of its last events, when they last wrote it.

An entry cut off at the end of a file is missed by nothing in the file. Whoever wrote the file remembers its last
events in a folder of their own, so that a record that lacks one of them shows on their computer.
"""

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ca_ladder.record.atomic_file import make_folder
from ca_ladder.record.record import Record


def store_key(store: Path) -> str:
    """Return a short key for a store's path. One record may have several stores, such as a packet."""
    return hashlib.sha256(os.fsencode(store)).hexdigest()[:8]


def remember(folder: Path, store: Path, record: Record) -> None:
    """Remember the last events of the record that was written to this store, and those that it still lacks.

    A folder that cannot be written is no error: the record is saved, and this only watches over it. Nor is it made
    sure that the disk has it: after a power failure, nothing or the state before is remembered.
    """
    file = folder / f"{store_key(store)}.txt"
    new = file.with_suffix(f".{os.getpid()}")  # two programs may write at the same time
    now = (record.id, *record.heads, *sorted(record.cut_off))
    try:
        if seen(folder, store) != now:
            make_folder(folder, private=True)
            new.write_text("\n".join(now), encoding="ascii")
            new.replace(file)
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)


def seen(folder: Path, store: Path) -> tuple[str, ...]:
    """Return the record that this user has written to this store, and its last events; nothing if there is none."""
    try:
        return tuple((folder / f"{store_key(store)}.txt").read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return ()


def missing(record: Record, seen: Sequence[str]) -> frozenset[str]:
    """Return the last events that were seen and that the record lacks.

    What was seen must have been read before the record: somebody may write both meanwhile. Nothing is missing in
    another record, for which the path was used before.
    """
    record_id, *heads = seen or ("",)
    return frozenset(heads) - {event.id for event in record.events} if record_id == record.id else frozenset()
