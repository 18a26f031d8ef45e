"""The file of a record: read without a lock, written atomically.

Writing: resolve a symbolic link once, lock, read again, change, back up the old state, write the new one, back that up
too. Only then is it reported as saved.
"""

import re
import stat
from collections.abc import Callable, Iterable
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
from ca_ladder.record.causality import is_linear
from ca_ladder.record.events import Event, NotAnEvent, digest_of_line, event_in, is_altered, line_of
from ca_ladder.record.record import Record

FORMAT = "ca-ladder record"
# Schema 2 added kinds of events to schema 1; schema 3 writes each event as one line, in the form that its id is
# computed from. So an older document needs no conversion.
SCHEMA = 3

_MARK = f'"{FORMAT}"'.encode()
# What JSON Schemas and the program's own reports begin with. Inside of a text the quotation marks would be escaped.
_OTHER_JSON = re.compile(rb'"\$schema":|"schema": "ca-ladder ')
# The name in each enrolment, whatever the order of its fields and the blanks between them.
_ENROLLED_NAMES = re.compile(rb'"enrolment":\s*\{(?:"(?:[^"\\]|\\.)*"|[^"{}])*?"name":\s*("(?:[^"\\]|\\.)*")')
_BEGINNING = f'{{"format":"{FORMAT}","schema":{SCHEMA},'.encode()


class StoredRecord(NamedTuple):
    """A record, the bytes of its file, and the schema they were written in."""

    record: Record
    data: bytes
    schema: int


class _Document(msgspec.Struct):
    """The file's content as this program writes it."""

    format: str
    schema: int
    record: str
    events: tuple[Event, ...]


_documents = msgspec.json.Decoder(_Document)

Change = Callable[[Record], Record]
Keep = Callable[[StoredRecord], None]


def load(path: Path) -> Record:
    """Return the record in the file.

    Raises NoRecord if there is no file, StoreUnreadable if it cannot be opened, StoreDamaged if it is empty, damaged or
    not a record, and StoreNewer if a newer version wrote it.
    """
    return stored(path).record


def stored(path: Path) -> StoredRecord:
    """Return the record in the file and its bytes; raises as `load` does."""
    return stored_in(read(path), path)


def read(path: Path) -> bytes:
    """Return the file's bytes; raises NoRecord or StoreUnreadable."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise StoreUnreadable(path, "it is a folder; name the file in it")
        if not stat.S_ISREG(mode):  # to read a pipe or a device may never end
            raise StoreUnreadable(path, "it is not a file")
        return retry_while_locked(path.read_bytes)
    except FileNotFoundError:
        raise NoRecord(path) from None
    except (OSError, ValueError) as problem:
        raise StoreUnreadable(path, system_words(problem)) from None


def stored_in(data: bytes, path: Path) -> StoredRecord:
    """Decode the bytes of a record's file; raises StoreDamaged or StoreNewer."""
    if record := _decode_fast(data):
        return StoredRecord(record, data, SCHEMA)
    content, schema = document_in(data, path)
    record = _decode_carefully(content.get("events"), path)
    first = record.events[0].enrolment if record.events else None
    if first is None or first.record != content.get("record"):
        raise StoreDamaged(path, "it does not begin with the enrolment of its own trainee")
    return StoredRecord(record, data, schema)


def _decode_fast(data: bytes) -> Record | None:
    """Fast path: decode a file that is byte-for-byte what this program would write. None for any other file."""
    if not data.startswith(_BEGINNING):
        return None
    try:
        events = _documents.decode(data).events
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not events or events[0].enrolment is None:
        return None
    # An event may fit its id and yet not be in canonical form. The next change would write it under an id that no
    # longer fits, so it counts as altered now.
    lines = [line_of(event) for event in events]
    if _joined(events[0].enrolment.record, lines) != data:
        return None
    ids = [event.id for event in events]
    if list(map(digest_of_line, lines)) != ids:
        return None
    named = {event.of for event in events if event.of}
    if events[0].parents or not is_linear(events):
        named.update(*(event.parents for event in events))
    return Record(events) if named.issubset(ids) else None


def _decode_carefully(raw: object, path: Path) -> Record:
    """Decode the events one by one, to report the damaged one and to notice altered ones."""
    if not isinstance(raw, list):
        raise StoreDamaged(path, "its list of events is missing")
    events = []
    for number, raw_event in enumerate(raw, start=1):
        try:
            events.append(event_in(raw_event))
        except NotAnEvent as problem:
            where = f" at `{problem.field}`" if problem.field else ""
            raise StoreDamaged(path, f"event {number} is damaged{where}") from None
    # An event that would be written back differently no longer fits its id.
    pairs = enumerate(zip(raw, events, strict=True))
    altered = [index for index, (raw_event, event) in pairs if raw_event != event.as_json() or is_altered(event)]
    return Record(tuple(events), frozenset(altered))


def document_in(data: bytes, path: Path) -> tuple[dict[str, Any], int]:
    """Return the document in these bytes, and the schema it was written in; raises StoreDamaged or StoreNewer."""
    import json  # here, because the fast path does without it

    def refuse_constant(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    if not data.strip():
        raise StoreDamaged(path, "it is empty")
    try:
        content = json.loads(data, parse_constant=refuse_constant)
    except RecursionError:
        content = None
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
    return content, schema


def exists(path: Path) -> bool:
    """Whether there is a file or folder at this path, readable or not. False for a link to nowhere.

    Raises StoreUnreadable if the system does not tell.
    """
    try:
        return path.exists()
    except OSError as problem:
        raise StoreUnreadable(path, system_words(problem)) from None


def holds_record(path: Path) -> bool:
    """Whether this file is a record in any layout and encoding, even a damaged or newer one."""
    return _MARK in read_prefix(path) or bool(_content_at(path))


def is_other_json(prefix: bytes) -> bool:
    """Whether a file that begins so is no record, but a JSON Schema or one of the program's own reports."""
    return _MARK not in prefix and bool(_OTHER_JSON.search(prefix))


def id_at(path: Path) -> str | None:
    """Return the id of the record in this file, even of a damaged one. None if there is none."""
    return id_in(read_prefix(path), path)


def name_at(path: Path) -> str | None:
    """Return the name of the trainee whose record this file is, even of a damaged one. None if there is none.

    The record is only decoded if its enrolments have several names: then the rules say which one counts.
    """
    try:
        data = read(path)
        names = _ENROLLED_NAMES.findall(data)
        if len(set(names)) != 1:
            with suppress(StoreUnreadable, StoreNewer):
                return stored_in(data, path).record.enrolment.name
        return msgspec.json.decode(names[0], type=str) if names else None
    except (LadderError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def create(path: Path, record: Record, keep: Keep = lambda _: None, *, private: bool = False) -> None:
    """Write a new record, if ``private`` for its owner only. Raises StoreUnreadable if there already is something."""
    target = resolved(path)
    try:
        make_folder(target.parent, private=private)
    except OSError as problem:
        raise StoreWriteFailed(target, system_words(problem)) from None
    with locked(target):
        if exists(target):
            raise StoreUnreadable(path, "something else was put there meanwhile")
        _write(target, record, keep, private=private)


def update(path: Path, change: Change, keep: Keep = lambda _: None) -> Record:
    """Read the record again under the lock, change it, write it, and return it.

    ``keep`` gets the old state before it is replaced, and the new one after it is written. If ``change`` raises, the
    file stays as it was.
    """
    load(path)  # report a missing or damaged record before the lock file is created
    target = resolved(path)
    with locked(target):
        before = stored(target)
        after = change(before.record)
        if after.events != before.record.events:
            keep(before)
            _write(target, after, keep)
    return after


def replace_content(path: Path, data: bytes, keep: Callable[[bytes], None], *, private: bool = False) -> None:
    """Replace whatever is at this path by these bytes of a record. ``keep`` gets the old bytes first."""
    stored_in(data, path)
    target = resolved(path)
    with locked(target):
        if exists(target):
            keep(read(target))
        write_atomically(target, data, private=private)


def as_bytes(record: Record) -> bytes:
    """Return the bytes of a record's file: one event a line."""
    return _joined(record.id, map(line_of, record.events))


def _joined(record_id: str, lines: Iterable[bytes]) -> bytes:
    return b'%b"record":%b,"events":[\n%b\n]}\n' % (_BEGINNING, msgspec.json.encode(record_id), b",\n".join(lines))


def _write(target: Path, record: Record, keep: Keep, *, private: bool = False) -> None:
    data = as_bytes(record)
    write_atomically(target, data, private=private)
    keep(StoredRecord(record, data, SCHEMA))


def id_in(prefix: bytes, path: Path) -> str | None:
    """Return the id of the record in a file that begins so, in any layout and encoding. None if there is none."""
    match = re.search(rb'"record":\s*"([0-9a-f-]{36})"', prefix)
    id_ = match[1].decode() if match else _content_at(path).get("record")
    return id_ if isinstance(id_, str) else None


def read_prefix(path: Path) -> bytes:
    """Return the first bytes of a file, without those that UTF-16 adds to ASCII; empty if it cannot be read."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(2000).replace(b"\0", b"")
    except OSError:
        return b""


def _content_at(path: Path) -> dict[str, Any]:
    """Return the document of a record in any layout, encoding and schema; empty if this file is none."""
    import json

    prefix = read_prefix(path)
    if _OTHER_JSON.search(prefix) or not re.match(rb"(\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*\{", prefix):
        return {}  # most files need not be read whole
    try:
        content = json.loads(read(path))
    except (LadderError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) and content.get("format") == FORMAT else {}
