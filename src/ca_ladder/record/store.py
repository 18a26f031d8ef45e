"""The file a record rests in: read without a lock, written whole or not at all.

Writing: resolve a link once, lock, read again, add, write a temporary file beside the store, flush and fsync it, keep
the mode, replace, fsync the folder. Only then is it said to be saved.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ca_ladder.errors import (
    CannotWrite,
    NoRecord,
    SavedUnconfirmed,
    StoreLocked,
    StoreNewer,
    StoreUnreadable,
    system_words,
)
from ca_ladder.record.events import Event
from ca_ladder.record.folding import Record

FORMAT = "ca-ladder record"
SCHEMA = 1
LOCK_SECONDS = 10.0

Change = Callable[[Record], Record]


def load(path: Path) -> Record:
    """Return the record in the file.

    Raises NoRecord when there is no file, StoreUnreadable when it is empty, damaged or not a record, and StoreNewer.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NoRecord(path) from None
    except IsADirectoryError:
        raise StoreUnreadable(path, "it is a folder; name the file in it") from None
    except (OSError, ValueError) as problem:
        raise StoreUnreadable(path, system_words(problem)) from None
    return _record_in(data, path)


def exists(path: Path) -> bool:
    """Whether anything stands at this place, readable or not; a link that leads nowhere does not."""
    return path.exists()


def holds_record(path: Path) -> bool:
    """Whether a record, even a damaged or newer one, lies at this place."""
    try:
        with path.open("rb") as file:
            return FORMAT.encode() in file.read(1000)
    except OSError:
        return False


def create(path: Path, record: Record) -> None:
    """Write a new record where there is none; raises StoreUnreadable rather than replace anything."""
    target = resolved(path)
    with _writing(target):
        if exists(target):
            raise StoreUnreadable(path, "something else was put there meanwhile")
        write_whole(target, _as_bytes(record))


def update(path: Path, change: Change) -> Record:
    """Read the record again under the lock, change it, write it, and return it.

    What ``change`` raises leaves the file as it was.
    """
    load(path)  # a missing or damaged record is told before anything is created beside it
    target = resolved(path)
    with _writing(target):
        before = load(target)
        after = change(before)
        if after.events != before.events:
            write_whole(target, _as_bytes(after))
    return after


def _record_in(data: bytes, path: Path) -> Record:
    if not data.strip():
        raise StoreUnreadable(path, "it is empty")
    try:
        content = json.loads(data)
    except RecursionError:
        raise StoreUnreadable(path, "it is not a ca-ladder record") from None
    except ValueError as problem:
        where = f" (line {problem.lineno})" if isinstance(problem, json.JSONDecodeError) else ""
        raise StoreUnreadable(path, f"it is damaged, not whole JSON{where}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise StoreUnreadable(path, "it is not a ca-ladder record")
    schema = content.get("schema")
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise StoreUnreadable(path, "its schema number is missing")
    if schema > SCHEMA:
        raise StoreNewer(path, schema)
    try:
        record = Record(_events.validate_python(content.get("events")))
    except ValidationError as problem:
        raise StoreUnreadable(path, _faulty_event(problem)) from None
    first = record.events[0].enrolment if record.events else None
    if first is None or first.record != content.get("record"):
        raise StoreUnreadable(path, "it does not begin with the enrolment of its own trainee")
    return record


_events: TypeAdapter[tuple[Event, ...]] = TypeAdapter(tuple[Event, ...])


def _faulty_event(problem: ValidationError) -> str:
    place = problem.errors(include_url=False, include_input=False, include_context=False)[0]["loc"]
    number, field = (place[0], ".".join(str(part) for part in place[1:])) if place else (None, "")
    if not isinstance(number, int):
        return "its list of events is missing"
    return f"event {number + 1} is damaged" + (f" at `{field}`" if field else "")


def _as_bytes(record: Record) -> bytes:
    content: dict[str, Any] = {"format": FORMAT, "schema": SCHEMA, "record": record.id}
    content["events"] = [{"id": event.id, **event.content()} for event in record.events]
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def resolved(path: Path) -> Path:
    """Follow a symbolic link once, so that the file it leads to is replaced and not the link."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as problem:
        raise CannotWrite(path, system_words(problem)) from None


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """Hold the lock; whatever the disk or folder refuses meanwhile becomes CannotWrite."""
    from filelock import FileLock, Timeout

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(f".{target.name}.lock"), timeout=LOCK_SECONDS, mode=0o666):
            yield
    except Timeout:
        raise StoreLocked(target, LOCK_SECONDS) from None
    except (OSError, NotImplementedError) as problem:  # a file system without locks is the latter
        raise CannotWrite(target, system_words(problem)) from None


def write_whole(target: Path, data: bytes) -> None:
    """Put the bytes in the file's place, whole and on the disk, or leave what is there.

    Raises OSError while the old file stands, SavedUnconfirmed once the new one does.
    """
    # One name for the temporary file: what a killed program left is cleared by the next.
    temporary = target.with_name(f".{target.name}.new")
    temporary.unlink(missing_ok=True)
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o7777)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    try:
        _fsync_folder(target.parent)
    except OSError as problem:
        raise SavedUnconfirmed(target, system_words(problem)) from None


def _fsync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder, and needs no telling
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
