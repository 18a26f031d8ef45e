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
    """Remember the last events of the record that was written to this store.

    A folder that cannot be written is no error: the record is saved, and this only watches over it. Nor is it made
    sure that the disk has it: after a power failure, nothing or the state before is remembered.
    """
    file = _file(folder, store)
    with suppress(OSError):
        if _seen(file) == (record.id, *record.heads):
            return
        make_folder(folder, private=True)
        new = file.with_suffix(f".{os.getpid()}")  # two programs may write at the same time
        new.write_text("\n".join((record.id, *record.heads)), encoding="ascii")
        new.replace(file)


def missing_heads(folder: Path, store: Path, record: Record) -> Sequence[str]:
    """Return the ids of the events that this user has seen at the end of this store and that the record lacks.

    Nothing is missing in another record: the path was given to another trainee.
    """
    record_id, *heads = _seen(_file(folder, store)) or ("",)
    if record_id != record.id:
        return ()
    known = {event.id for event in record.events}
    return [head for head in heads if head not in known]


def _seen(file: Path) -> tuple[str, ...]:
    """Return the record and the heads in the file; nothing if this user has not written that store."""
    try:
        return tuple(file.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return ()


def _file(folder: Path, store: Path) -> Path:
    return folder / f"{store_key(store)}.txt"
