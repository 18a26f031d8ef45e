"""Earlier states of a record, kept as they were in a folder of the user's own, away from the store.

The last ten are kept, then one for each day of the last thirty. None is removed whose events are not all in a later
one, so that a record that lost events never pushes out what still has them.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal

from ca_ladder.errors import NoRecord, StoreNewer, StoreUnreadable
from ca_ladder.record.atomic_file import make_folder, write_atomically
from ca_ladder.record.fingerprint import events_since, fingerprint
from ca_ladder.record.record import Record
from ca_ladder.record.store import SCHEMA, StoredRecord, stored, stored_in
from ca_ladder.record.verification import problems

LAST = 10
DAYS = 30

_FORM = "%Y%m%d-%H%M%S"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"(\d{8}-\d{6})_([0-9a-f]{8})_(?:(\d+-[0-9a-f+-]+)|\d+-[0-9a-f+-]+_schema-\d+|found)\.json")
_LONGEST = 200  # of a fingerprint in a file's name, which may have 255 characters


Quality = Literal["whole", "altered", "damaged", "newer"]


@dataclass(frozen=True)
class Backup:
    """One kept state. What is in it is read when it is asked for: to list many takes no longer than it must.

    ``now`` is when it is looked at. ``altered`` can be read, and is not as it was written; of a ``damaged`` one nothing
    can be read, nor of one that a ``newer`` version wrote.
    """

    path: Path
    now: datetime

    @property
    def id(self) -> str:
        """The id to ask for it by."""
        return self.path.name[:15]

    @property
    def kept(self) -> datetime:
        """When it was kept (UTC)."""
        return _when(self.id)

    @property
    def place(self) -> str:
        """Which store it was a state of, as `place_of` names stores."""
        return self.path.name[16:24]

    @cached_property
    def record(self) -> Record | None:
        """The record in it, if it can be read."""
        return self._read.record if isinstance(self._read, StoredRecord) else None

    @cached_property
    def quality(self) -> Quality:
        """What the state is worth."""
        if not isinstance(self._read, StoredRecord):
            return self._read
        return "altered" if self._read.record.altered or not is_whole(self._read.data, self.now) else "whole"

    @property
    def events(self) -> int:
        """How many events are in it."""
        return len(self.record.events) if self.record else 0

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the state; empty where it cannot be read."""
        return fingerprint(self.record) if self.record else ""

    @cached_property
    def _read(self) -> StoredRecord | Literal["damaged", "newer"]:
        try:
            return stored(self.path)
        except (StoreUnreadable, NoRecord):  # the latter was let go meanwhile
            return "damaged"
        except StoreNewer:
            return "newer"


def keep(folder: Path, state: StoredRecord, store: Path, now: datetime) -> None:
    """Keep this state of the store, once, and let go of those no longer needed; raises OSError or CannotWrite."""
    own = _own(folder, state.record.id)
    make_folder(own, private=True)
    for left_by_a_killed_program in own.glob(".*.new"):
        left_by_a_killed_program.unlink(missing_ok=True)
    _note_place(own, store)
    names = _names(own)
    older = f"_schema-{state.schema}" if state.schema < SCHEMA else ""
    rest = f"_{place_of(store)}_{_printed(state.record)}{older}.json"
    if not any(name.endswith(rest) and (own / name).read_bytes() == state.data for name in names):
        names.append(_moment(names, now) + rest)
        write_atomically(own / names[-1], state.data, private=True)
    for name in _unneeded(names, state.record, place_of(store), now):
        (own / name).unlink(missing_ok=True)


def keep_found(own: Path, data: bytes, store: Path, now: datetime) -> Path:
    """Keep what a restored state takes the place of, be it whole or damaged, and return where; raises CannotWrite."""
    names = _names(own)
    rest = f"_{place_of(store)}_found.json"
    if is_whole(data, now):
        rest = f"_{place_of(store)}_{_printed(stored_in(data, own).record)}.json"
        for name in names:
            if name.endswith(rest) and (own / name).read_bytes() == data:
                return own / name
    kept = own / (_moment(names, now) + rest)
    write_atomically(kept, data, private=True)
    return kept


def listed(folder: Path, record_id: str, now: datetime) -> list[Backup]:
    """Return the kept states of a record, the latest first."""
    return _listed(_own(folder, record_id), now)


def listed_of_place(folder: Path, store: Path, now: datetime) -> list[Backup]:
    """Return the kept states of all records that ever were in this place, the latest first."""
    found = [each for note in folder.glob(f"*/{_note(store)}") for each in _listed(note.parent, now)]
    return sorted(found, key=lambda each: each.id, reverse=True)


def newest_whole(backups: Iterable[Backup], store: Path) -> Backup | None:
    """Return the first of these backups that holds a whole and unaltered record; states of this store come first."""
    own_first = sorted(backups, key=lambda each: each.place != place_of(store))
    return next((each for each in own_first if each.quality == "whole"), None)


def is_whole(data: bytes, now: datetime) -> bool:
    """Whether these bytes are a whole and unaltered record."""
    try:
        return not any(each.serious for each in problems(data, Path(), now))
    except (StoreUnreadable, StoreNewer):
        return False


def place_of(store: Path) -> str:
    """Return a short name for a store's place: two stores of one record, such as a packet, are not confused."""
    return hashlib.sha256(os.fsencode(store)).hexdigest()[:8]


def _listed(own: Path, now: datetime) -> list[Backup]:
    return [Backup(own / name, now) for name in reversed(_names(own))]


def _own(folder: Path, record_id: str) -> Path:
    """Return the folder of a record's backups: a file may say anything of its id, and it must not lead elsewhere."""
    return folder / (record_id if _UUID.fullmatch(record_id) else hashlib.sha256(record_id.encode()).hexdigest())


def _note_place(own: Path, store: Path) -> None:
    """Note whose states these are, for a store that is too damaged to say which record it was.

    A record may lie in several places, such as a packet beside it, and a place may have had several records.
    """
    if not (own / _note(store)).exists():
        write_atomically(own / _note(store), os.fsencode(store), private=True)


def _note(store: Path) -> str:
    return f"store-{place_of(store)}.txt"


def _printed(record: Record) -> str:
    """Return the fingerprint as a file's name has room for it; a longer one, of many copies merged, is shortened.

    From a shortened one nobody can tell what is in the state: it is kept for good.
    """
    printed = fingerprint(record)
    if len(printed) <= _LONGEST:
        return printed
    return f"{len(record.events)}-{hashlib.sha256(printed.encode()).hexdigest()}"


def _names(own: Path) -> list[str]:
    """Return the names of the kept files, the earliest first."""
    return sorted(each.name for each in own.glob("*.json") if _NAME.fullmatch(each.name))


def _when(name: str) -> datetime:
    """Return the time that a file's name begins with."""
    # strptime would be loaded under the lock, from a disk that may refuse already.
    return datetime.fromisoformat(name[:15].replace("-", "T")).replace(tzinfo=UTC)


def _moment(names: list[str], now: datetime) -> str:
    """Return the time a state is kept under: after all that are there."""
    after = [_when(name) + timedelta(seconds=1) for name in names[-1:]]
    return max([now.astimezone(UTC), *after]).strftime(_FORM)


def _unneeded(names: list[str], latest: Record, place: str, now: datetime) -> Iterator[str]:
    """Yield the files that may go: neither the store's last nor the last of a recent day, and all in the latest state.

    What was found damaged, or written by an older version, stays: it is evidence. While the latest state is altered,
    all stay: an altered entry is not in it as it was written.
    """
    found = [match for match in map(_NAME.fullmatch, names) if match and match[3] and match[2] == place]
    last_of_day = {match[1][:8]: match[0] for match in found}
    oldest = (now.astimezone(UTC) - timedelta(days=DAYS)).strftime("%Y%m%d")
    daily = {name for day, name in last_of_day.items() if day >= oldest}
    old = [match for match in found[:-LAST] if match[0] not in daily]
    if not latest.altered:
        yield from (match[0] for match in old if events_since(latest, match[3]) is not None)
