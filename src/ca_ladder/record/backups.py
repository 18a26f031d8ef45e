"""Backups: earlier states of a record, in a folder of the user, away from the store.

The last ten are kept, and the last of each of the past thirty days. A backup is only removed if the latest state has
all its events. So a record that lost events never replaces a backup that still has them.
"""

import hashlib
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal

from msgspec import Struct

from ca_ladder.errors import NoRecord, StoreNewer, StoreUnreadable
from ca_ladder.record.atomic_file import make_folder, write_atomically
from ca_ladder.record.fingerprint import events_since, fingerprint
from ca_ladder.record.record import Record
from ca_ladder.record.store import SCHEMA, StoredRecord, stored, stored_in
from ca_ladder.record.verification import problems
from ca_ladder.record.witness import store_key

LAST = 10
DAYS = 30

_FORM = "%Y%m%d-%H%M%S"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"(\d{8}-\d{6})_([0-9a-f]{8})_(?:(\d+-[0-9a-f+-]+)|\d+-[0-9a-f+-]+_schema-\d+|found)\.json")
_LONGEST = 200  # of a fingerprint in a file's name, which may have 255 characters


Quality = Literal["whole", "altered", "damaged", "newer"]


class Backup(Struct, frozen=True, dict=True):
    """One backup. The file is only read when its content is needed, so that listing many is fast.

    ``now`` is the time it is verified at.
    """

    path: Path
    now: datetime

    @property
    def id(self) -> str:
        """The id that `record restore` takes."""
        return self.path.name[:15]

    @property
    def kept(self) -> datetime:
        """When the backup was made (UTC)."""
        return _when(self.id)

    @property
    def store_key(self) -> str:
        """The store it is a state of, as named by `store_key`."""
        return self.path.name[16:24]

    @cached_property
    def record(self) -> Record | None:
        """The record in it. None if it cannot be read."""
        return self._read.record if isinstance(self._read, StoredRecord) else None

    @cached_property
    def quality(self) -> Quality:
        """Whether it can be restored.

        An ``altered`` one can be read, but was changed after it was written. A ``damaged`` one, or one of a ``newer``
        version, cannot be read.
        """
        if not isinstance(self._read, StoredRecord):
            return self._read
        return "whole" if is_whole(self._read.data, self.now) else "altered"

    @property
    def events(self) -> int:
        """The number of its events; 0 if it cannot be read."""
        return len(self.record.events) if self.record else 0

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the state; empty if it cannot be read."""
        return fingerprint(self.record) if self.record else ""

    @cached_property
    def _read(self) -> StoredRecord | Literal["damaged", "newer"]:
        try:
            return stored(self.path)
        except (StoreUnreadable, NoRecord):  # the latter: it was removed meanwhile
            return "damaged"
        except StoreNewer:
            return "newer"


def keep(folder: Path, state: StoredRecord, store: Path, now: datetime) -> None:
    """Back up this state of the store, once, and remove backups no longer needed.

    Raises OSError or StoreWriteFailed.
    """
    backups = _record_folder(folder, state.record.id)
    make_folder(backups, private=True)
    for left_by_a_killed_program in backups.glob(".*.new"):
        left_by_a_killed_program.unlink(missing_ok=True)
    # The store may one day be too damaged to tell its record.
    note = backups / _note(store)
    if not note.exists():
        write_atomically(note, os.fsencode(store), private=True)
    _keep_once(backups, state.data, _suffix(state, store), now)
    for name in _unneeded(_names(backups), state.record, store_key(store), now):
        (backups / name).unlink(missing_ok=True)


def keep_found(backups: Path, data: bytes, store: Path, now: datetime) -> Path:
    """Back up the bytes that a restored state replaces, even damaged ones; return the file. Raises StoreWriteFailed."""
    if is_whole(data, now):
        return _keep_once(backups, data, _suffix(stored_in(data, backups), store), now)
    return _write(backups, data, f"_{store_key(store)}_found.json", now)


def backups_of_record(folder: Path, record_id: str, now: datetime) -> list[Backup]:
    """Return the backups of a record, the latest first."""
    return _listed(_record_folder(folder, record_id), now)


def backups_of_store(folder: Path, store: Path, now: datetime) -> list[Backup]:
    """Return the backups of all records that this store ever was, the latest first."""
    backups = [backup for note in folder.glob(f"*/{_note(store)}") for backup in _listed(note.parent, now)]
    return sorted(backups, key=lambda backup: backup.id, reverse=True)


def newest_whole(backups: Iterable[Backup], store: Path) -> Backup | None:
    """Return the first whole backup, of this store if there is one, else of another store of the record."""
    by_store = sorted(backups, key=lambda backup: backup.store_key != store_key(store))
    return next((backup for backup in by_store if backup.quality == "whole"), None)


def is_whole(data: bytes, now: datetime) -> bool:
    """Whether these bytes are a complete and unaltered record."""
    try:
        return not any(problem.serious for problem in problems(data, Path(), now))
    except (StoreUnreadable, StoreNewer):
        return False


def _listed(backups: Path, now: datetime) -> list[Backup]:
    return [Backup(backups / name, now) for name in reversed(_names(backups))]


def _record_folder(folder: Path, record_id: str) -> Path:
    """Return the folder of a record's backups. An id that is no UUID is hashed: it must not lead out of the folder."""
    return folder / (record_id if _UUID.fullmatch(record_id) else hashlib.sha256(record_id.encode()).hexdigest())


def _note(store: Path) -> str:
    """Return the name of the file that says which store these backups are of; a record may have several."""
    return f"store-{store_key(store)}.txt"


def _printed(record: Record) -> str:
    """Return the fingerprint for a file name. A long one, of a record with many heads, is hashed.

    A hashed fingerprint cannot be compared, so that backup is never removed.
    """
    printed = fingerprint(record)
    if len(printed) <= _LONGEST:
        return printed
    return f"{len(record.events)}-{hashlib.sha256(printed.encode()).hexdigest()}"


def _suffix(state: StoredRecord, store: Path) -> str:
    """Return how the name of a backup ends. One of an older schema says so, and is never removed."""
    older = f"_schema-{state.schema}" if state.schema < SCHEMA else ""
    return f"_{store_key(store)}_{_printed(state.record)}{older}.json"


def _names(backups: Path) -> list[str]:
    """Return the file names of the backups, the earliest first."""
    return sorted(path.name for path in backups.glob("*.json") if _NAME.fullmatch(path.name))


def _when(name: str) -> datetime:
    """Return the time in a file's name."""
    # strptime would load a module under the lock, from a disk that may be failing.
    return datetime.fromisoformat(name[:15].replace("-", "T")).replace(tzinfo=UTC)


def _keep_once(backups: Path, data: bytes, suffix: str, now: datetime) -> Path:
    """Return the backup with these bytes and this end of its name. Write it if there is none."""
    paths = [backups / name for name in _names(backups) if name.endswith(suffix)]
    return next((path for path in paths if path.read_bytes() == data), None) or _write(backups, data, suffix, now)


def _write(backups: Path, data: bytes, suffix: str, now: datetime) -> Path:
    """Write a backup and return it. The time in its name is later than that of all others."""
    after = [_when(name) + timedelta(seconds=1) for name in _names(backups)[-1:]]
    path = backups / (max([now.astimezone(UTC), *after]).strftime(_FORM) + suffix)
    write_atomically(path, data, private=True)
    return path


def _unneeded(names: list[str], latest: Record, key: str, now: datetime) -> list[str]:
    """Return the files to remove: not of the last ten, not the last of a recent day, and all in the latest state.

    Damaged files and those of an older version are never removed: they are evidence. While the latest state is altered,
    nothing is removed, because an altered event does not replace the original one.
    """
    if not latest.sound:
        return []
    matches = [match for match in map(_NAME.fullmatch, names) if match and match[3] and match[2] == key]
    last_of_day = {match[1][:8]: match for match in matches}
    oldest = (now.astimezone(UTC) - timedelta(days=DAYS)).strftime("%Y%m%d")
    needed = matches[-LAST:] + [match for day, match in last_of_day.items() if day >= oldest]
    return [match[0] for match in matches if match not in needed and events_since(latest, match[3]) is not None]
