"""Earlier states of a record, kept as they were in a folder of the user's own, away from the store.

The last ten are kept, then one for each day of the last thirty. None is removed whose events are not all in a later
one, so that a record that lost events never pushes out what still has them.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

from ca_ladder.errors import NoRecord, StoreNewer, StoreUnreadable
from ca_ladder.record.events import digest
from ca_ladder.record.files import make_folder, write_whole
from ca_ladder.record.fingerprint import fingerprint, holds
from ca_ladder.record.folding import Record
from ca_ladder.record.store import SCHEMA, Stored, stored, stored_in
from ca_ladder.record.verification import problems

LAST = 10
DAYS = 30

_FORM = "%Y%m%d-%H%M%S"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"(\d{8}-\d{6})_(?:(\d+-[0-9a-f+-]+)|\d+-[0-9a-f+-]+_schema-\d+|found)\.json")
_LONGEST = 200  # of a fingerprint in a file's name, which may have 255 characters


Quality = Literal["whole", "altered", "damaged", "newer"]


class Backup(NamedTuple):
    """One kept state: the id to ask for it by, its file, when it was kept (UTC), and what is in it.

    ``altered`` can be read, and is not as it was written; of a ``damaged`` one nothing can be read, nor of one that a
    ``newer`` version wrote.
    """

    id: str
    path: Path
    kept: datetime
    quality: Quality
    events: int
    fingerprint: str


def keep(folder: Path, state: Stored, store: Path, now: datetime) -> None:
    """Keep this state of the store, once, and let go of those no longer needed; raises OSError or CannotWrite."""
    own = _own(folder, state.record.id)
    make_folder(own, private=True)
    for left_by_a_killed_program in own.glob(".*.new"):
        left_by_a_killed_program.unlink(missing_ok=True)
    _note_place(own, store)
    names = _names(own)
    older = f"_schema-{state.schema}" if state.schema < SCHEMA else ""
    rest = f"_{_printed(state.record)}{older}.json"
    if not any(name.endswith(rest) for name in names):
        names.append(_moment(names, now) + rest)
        write_whole(own / names[-1], state.data, private=True)
    for name in _unneeded(names, state.record, now):
        (own / name).unlink(missing_ok=True)


def keep_found(own: Path, data: bytes, now: datetime) -> Path:
    """Keep what a restored state takes the place of, be it whole or damaged, and return where; raises CannotWrite."""
    names = _names(own)
    rest = "_found.json"
    if is_whole(data, now):
        rest = f"_{_printed(stored_in(data, own).record)}.json"
        for name in names:
            if name.endswith(rest) and is_whole((own / name).read_bytes(), now):
                return own / name
    kept = own / (_moment(names, now) + rest)
    write_whole(kept, data, private=True)
    return kept


def listed(folder: Path, record_id: str, now: datetime) -> list[Backup]:
    """Return the kept states of a record, the latest first."""
    own = _own(folder, record_id)
    return [each for name in reversed(_names(own)) if (each := _backup(own / name, now))]


def newest_whole(backups: Iterable[Backup]) -> Backup | None:
    """Return the first of these backups that holds a whole and unaltered record."""
    return next((each for each in backups if each.quality == "whole"), None)


def is_whole(data: bytes, now: datetime) -> bool:
    """Whether these bytes are a whole and unaltered record."""
    try:
        return not any(each.grave for each in problems(data, Path(), now))
    except (StoreUnreadable, StoreNewer):
        return False


def record_of(folder: Path, store: Path) -> str | None:
    """Return the id of the record that was last kept from this place; None when there was none."""
    found = list(folder.glob(f"*/{_place(store)}"))
    return max(found, key=lambda each: each.stat().st_mtime_ns).parent.name if found else None


def _own(folder: Path, record_id: str) -> Path:
    """Return the folder of a record's backups: a file may say anything of its id, and it must not lead elsewhere."""
    return folder / (record_id if _UUID.fullmatch(record_id) else hashlib.sha256(record_id.encode()).hexdigest())


def _note_place(own: Path, store: Path) -> None:
    """Note whose states these are, for a store that is too damaged to say which record it was.

    A record may lie in several places, such as a packet beside it, and a place may have had several records.
    """
    place = own / _place(store)
    if not place.exists():
        write_whole(place, os.fsencode(store), private=True)
    with suppress(OSError):
        os.utime(place)


def _place(store: Path) -> str:
    """Return the name of the note that a record's states were kept from this place."""
    return f"store-{hashlib.sha256(os.fsencode(store)).hexdigest()[:16]}.txt"


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


def _unneeded(names: list[str], latest: Record, now: datetime) -> Iterator[str]:
    """Yield the files that may go: not among the last, nor the last of a recent day, and all in the latest state.

    What was damaged, or written by an older version, stays: it is evidence. While the latest state is altered, all
    stay: an altered entry is not in it as it was written.
    """
    found = [match for match in map(_NAME.fullmatch, names) if match and match[2]]
    last_of_day = {match[1][:8]: match[0] for match in found}
    oldest = (now.astimezone(UTC) - timedelta(days=DAYS)).strftime("%Y%m%d")
    daily = {name for day, name in last_of_day.items() if day >= oldest}
    old = [match for match in found[:-LAST] if match[0] not in daily]
    if old and all(digest(event.content()) == event.id for event in latest.events):
        yield from (match[0] for match in old if holds(latest, match[2]) is not None)


def _backup(path: Path, now: datetime) -> Backup | None:
    """Return what is in a kept file; nothing when it was let go meanwhile."""
    id_ = path.name[:15]
    kept = _when(id_)
    try:
        state = stored(path)
    except NoRecord:
        return None
    except StoreUnreadable:
        return Backup(id_, path, kept, "damaged", 0, "")
    except StoreNewer:
        return Backup(id_, path, kept, "newer", 0, "")
    quality: Quality = "whole" if is_whole(state.data, now) else "altered"
    return Backup(id_, path, kept, quality, len(state.record.events), fingerprint(state.record))
