"""The file a record rests in: read without a lock, written whole or not at all.

Writing: resolve a link once, lock, read again, add, keep the state before, write the new one, keep that too. Only then
is it said to be saved.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from ca_ladder.errors import (
    LadderError,
    NoRecord,
    StoreDamaged,
    StoreNewer,
    StoreUnreadable,
    StoreWriteFailed,
    system_words,
)
from ca_ladder.record.atomic_file import locked, make_folder, resolved, retry_while_locked, write_atomically
from ca_ladder.record.events import Event, NotAnEvent, event_in, is_altered
from ca_ladder.record.migrations import MIGRATIONS
from ca_ladder.record.names import file_stem
from ca_ladder.record.record import Record

FORMAT = "ca-ladder record"
SCHEMA = 2

ARCHIVE = "merged-copies"


class StoredRecord(NamedTuple):
    """A record as it lies in a file: what it says, its bytes, and the schema they were written in."""

    record: Record
    data: bytes
    schema: int


class _Document(msgspec.Struct):
    """A file as this program writes it."""

    format: str
    schema: int
    record: str
    events: tuple[Event, ...]


_documents = msgspec.json.Decoder(_Document)

Change = Callable[[Record], Record]
Keep = Callable[[StoredRecord], None]


def _keep_nothing(_: StoredRecord) -> None:
    pass


def load(path: Path) -> Record:
    """Return the record in the file.

    Raises NoRecord when there is no file, StoreUnreadable when it cannot be opened, StoreDamaged when it is empty,
    damaged or not a record, and StoreNewer.
    """
    return stored(path).record


def stored(path: Path) -> StoredRecord:
    """Return the record in the file together with its bytes; raises as `load` does."""
    return stored_in(read(path), path)


def read(path: Path) -> bytes:
    """Return the file's bytes; raises NoRecord or StoreUnreadable."""
    try:
        return retry_while_locked(path.read_bytes)
    except FileNotFoundError:
        raise NoRecord(path) from None
    except IsADirectoryError:
        raise StoreUnreadable(path, "it is a folder; name the file in it") from None
    except (OSError, ValueError) as problem:
        raise StoreUnreadable(path, system_words(problem)) from None


def stored_in(data: bytes, path: Path) -> StoredRecord:
    """Return the record that these bytes of the file are; raises StoreDamaged or StoreNewer."""
    if record := _as_left(data):
        return StoredRecord(record, data, SCHEMA)
    content, schema = document_in(data, path)
    record = _looked_into(content.get("events"), path)
    first = record.events[0].enrolment if record.events else None
    if first is None or first.record != content.get("record"):
        raise StoreDamaged(path, "it does not begin with the enrolment of its own trainee")
    return StoredRecord(record, data, schema)


def _as_left(data: bytes) -> Record | None:
    """Return the record if it lies there as this program left it, to the byte; that is the rule, and quickly known."""
    try:
        events = _documents.decode(data).events
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    record = Record(events)
    whole = events and events[0].enrolment and as_bytes(record) == data and not any(map(is_altered, events))
    return record if whole and _named(events) <= record.by_id.keys() else None


def _named(events: Iterable[Event]) -> set[str]:
    """Return the ids that these events name: of what they were written on, and of what they take back."""
    named = {parent for event in events for parent in event.parents}
    named.update(event.of for event in events if event.of)
    return named


def _looked_into(raw: object, path: Path) -> Record:
    """Return the record of these events, taken one by one, to say what is wrong and whether any was altered."""
    if not isinstance(raw, list):
        raise StoreDamaged(path, "its list of events is missing")
    events = []
    for number, each in enumerate(raw, start=1):
        try:
            events.append(event_in(each))
        except NotAnEvent as problem:
            where = f" at `{problem.field}`" if problem.field else ""
            raise StoreDamaged(path, f"event {number} is damaged{where}") from None
    # What would not be written again as it is would lose its id with the next change.
    as_it_is = all(each == event.as_json() for each, event in zip(raw, events, strict=True))
    return Record(tuple(events), altered=not as_it_is or any(map(is_altered, events)))


def document_in(data: bytes, path: Path) -> tuple[dict[str, Any], int]:
    """Return the document in these bytes, brought to today's schema, and the schema it was written in."""
    import json  # here, since a record is seldom looked into

    if not data.strip():
        raise StoreDamaged(path, "it is empty")
    try:
        content = json.loads(data, parse_constant=_no_number)
    except RecursionError:
        raise StoreDamaged(path, "it is not a ca-ladder record") from None
    except ValueError as problem:
        where = f" (line {problem.lineno})" if isinstance(problem, json.JSONDecodeError) else ""
        raise StoreDamaged(path, f"it is damaged, not whole JSON{where}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise StoreDamaged(path, "it is not a ca-ladder record")
    schema = content.get("schema")
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise StoreDamaged(path, "its schema number is missing")
    if schema > SCHEMA:
        raise StoreNewer(path, schema)
    for number in range(schema, SCHEMA):
        content = MIGRATIONS[number](content)
    return content, schema


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def exists(path: Path) -> bool:
    """Whether anything stands at this place, readable or not; a link that leads nowhere does not.

    Raises StoreUnreadable where the system does not say.
    """
    try:
        return path.exists()
    except OSError as problem:
        raise StoreUnreadable(path, system_words(problem)) from None


def record_files(folder: Path) -> dict[Path, list[Path]]:
    """Return the records in a folder, in the order of their names, each with its copies there.

    Every .json file is taken for a record, whole or damaged, but for the program's own reports. Of several files of
    one record the copies are those whose names hold the other's; where none does, all but the one that is named as
    `init` names it, or else comes first. Raises StoreUnreadable.
    """
    if not exists(folder):
        return {}
    same: dict[str, list[Path]] = {}
    try:
        for each in sorted(folder.iterdir()):
            named = each.suffix.lower() == ".json" and each.name[0] != "." and (each.is_file() or each.is_symlink())
            if named and b'"schema": "ca-ladder ' not in (head := _head(each)):
                same.setdefault(_id_in(head) or each.name, []).append(each)
    except OSError as problem:
        raise StoreUnreadable(folder, system_words(problem)) from None
    found = {}
    for paths in same.values():
        first = paths[0] if len(paths) == 1 else _original(paths)
        found[first] = [each for each in paths if each != first]
    return dict(sorted(found.items()))


def _original(paths: Sequence[Path]) -> Path:
    """Return which of several files of one record is the record itself."""
    for each in paths:
        if all(each.stem in other.stem for other in paths):
            return each
    for each in paths:
        with suppress(LadderError):
            if each.stem == file_stem(load(each).enrolment.name):
                return each
    return paths[0]


def holds_record(path: Path) -> bool:
    """Whether a record, even a damaged or newer one, lies at this place."""
    return FORMAT.encode() in _head(path)


def id_at(path: Path) -> str | None:
    """Return the id of the record at this place, even of a damaged one; None where none can be read."""
    return _id_in(_head(path))


def name_at(path: Path) -> str | None:
    """Return the name of the trainee whose record lies at this place, even of a damaged one; None where there is none.

    Of many records only the beginnings are read: a name never changes.
    """
    found = re.search(rb'"enrolment":\s*\{\s*"record":\s*"[^"]*",\s*"name":\s*("(?:[^"\\]|\\.)*")', _head(path))
    try:
        return msgspec.json.decode(found[1], type=str) if found else load(path).enrolment.name
    except (LadderError, ValueError):
        return None


def create(path: Path, record: Record, keep: Keep = _keep_nothing, *, private: bool = False) -> None:
    """Write a new record where there is none, ``private`` to its owner; raises rather than replace anything."""
    target = resolved(path)
    try:
        make_folder(target.parent, private=private)
    except OSError as problem:
        raise StoreWriteFailed(target, system_words(problem)) from None
    with locked(target):
        if exists(target):
            raise StoreUnreadable(path, "something else was put there meanwhile")
        _write(target, record, keep, private=private)


def update(path: Path, change: Change, keep: Keep = _keep_nothing) -> Record:
    """Read the record again under the lock, change it, write it, and return it.

    ``keep`` gets the state before it is replaced, and the new one once it is written. What ``change`` raises leaves
    the file as it was.
    """
    load(path)  # a missing or damaged record is told before anything is created beside it
    target = resolved(path)
    with locked(target):
        before = stored(target)
        after = change(before.record)
        if after.events != before.record.events:
            keep(before)
            _write(target, after, keep)
    return after


def replace_content(path: Path, data: bytes, keep: Callable[[bytes], None], *, private: bool = False) -> None:
    """Let these bytes of a record take the place of whatever is there, which ``keep`` gets first."""
    stored_in(data, path)
    target = resolved(path)
    with locked(target):
        if exists(target):
            keep(read(target))
        write_atomically(target, data, private=private)


def copies(path: Path, record: Record) -> list[Path]:
    """Return the copies of this record beside the store, whatever left them there: a sync service, a browser.

    Such a copy begins as the record does, and its name is the store's with something added. A file with another name
    may be a store of its own, such as the one that this is a copy of.
    """
    target = resolved(path)
    own = f'"record": "{record.id}"'.encode()
    try:
        beside = sorted(target.parent.iterdir())
    except OSError:  # a folder that may be entered, but not listed
        return []
    named = [each for each in beside if each.suffix == target.suffix and each.name[0] != "." and each != target]
    return [each for each in named if target.stem in each.stem and each.is_file() and own in _head(each)]


def archive(path: Path, copy: Path) -> Path:
    """Move a copy of the store into the folder for what was merged, under a name of its own; return where it is."""
    folder = copy.parent / ARCHIVE
    with locked(resolved(path)):  # two that archive at once must not choose the same name
        try:
            make_folder(folder)
            place = folder / copy.name
            number = 1
            while place.exists():
                number += 1
                place = folder / f"{copy.stem} ({number}){copy.suffix}"
            retry_while_locked(lambda: copy.rename(place))
        except FileNotFoundError:
            raise NoRecord(copy) from None
        except OSError as problem:
            raise StoreWriteFailed(copy, system_words(problem)) from None
    return place


def as_bytes(record: Record) -> bytes:
    """Return the record as this program writes it."""
    document = _Document(FORMAT, SCHEMA, record.id, record.events)
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _write(target: Path, record: Record, keep: Keep, *, private: bool = False) -> None:
    data = as_bytes(record)
    write_atomically(target, data, private=private)
    keep(StoredRecord(record, data, SCHEMA))


def _id_in(head: bytes) -> str | None:
    found = re.search(rb'"record":\s*"([0-9a-f-]{36})"', head)
    return found[1].decode() if found else None


def _head(path: Path) -> bytes:
    """Return how the file begins; nothing where there is no file to read."""
    try:
        with path.open("rb") as file:
            return file.read(2000)
    except OSError:
        return b""
