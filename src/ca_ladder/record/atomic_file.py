"""Files that change whole or not at all: one writer at a time, the old bytes or the new ones, on the disk when told.

Writing: take the lock, write a temporary file beside the target, fsync it, give it the old one's owner and mode,
replace, fsync the folder.
"""

import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from ca_ladder.errors import SavedUnconfirmed, StoreLocked, StoreWriteFailed, system_words

LOCK_SECONDS = 10.0

# Windows refuses for a moment while a virus scanner or a sync client has the file open: denied, shared, locked.
_MOMENTARY = {5, 32, 33}
_WAITS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8)

Result = TypeVar("Result")


def resolved(path: Path) -> Path:
    """Follow a symbolic link once, so that the file it leads to is replaced and not the link."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as problem:
        raise StoreWriteFailed(path, system_words(problem)) from None


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Be the only writer of this file; raises StoreLocked after ten seconds, CannotWrite where no lock can be had."""
    from filelock import FileLock, Timeout

    try:
        lock = FileLock(target.with_name(f".{target.name}.lock"), timeout=LOCK_SECONDS, mode=0o666)
        lock.acquire()
    except Timeout:
        raise StoreLocked(target, LOCK_SECONDS) from None
    except (OSError, NotImplementedError) as problem:  # a file system without locks is the latter
        raise StoreWriteFailed(target, system_words(problem)) from None
    try:
        yield
    finally:
        with suppress(OSError):  # what was written is written; the lock ends with the program at the latest
            lock.release()


def make_folder(folder: Path, *, private: bool = False) -> None:
    """Make the folder where it is missing, and those it lies in, so that what is saved there is not lost with it.

    If ``private``, all that is made is the owner's alone. Raises OSError.
    """
    if folder.is_dir():
        return
    if folder.parent != folder:
        make_folder(folder.parent, private=private)
    folder.mkdir(mode=0o700 if private else 0o777, exist_ok=True)
    _fsync_folder(folder.parent)


def write_atomically(target: Path, data: bytes | Iterable[bytes], *, private: bool = False) -> None:
    """Put the bytes, or all these pieces, in the file's place, whole and on the disk, or leave what is there.

    A replaced file keeps its mode, and its owner and group where the system allows. A new one is as open as its
    folder, or if ``private`` the owner's alone. Raises CannotWrite while the old file stands, SavedUnconfirmed once
    the new one does.
    """
    # One name for the temporary file: what a killed program left is cleared by the next.
    temporary = target.with_name(f".{target.name}.new")
    try:
        temporary.unlink(missing_ok=True)
        try:
            _write_temporary(temporary, data, target, private=private)
            retry_while_locked(lambda: temporary.replace(target))
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise StoreWriteFailed(target, system_words(problem)) from None
    try:
        _fsync_folder(target.parent)
    except OSError as problem:
        raise SavedUnconfirmed(target, system_words(problem)) from None


def retry_while_locked(action: Callable[[], Result]) -> Result:
    """Do it, and on Windows again for up to two seconds while another program has the file open."""
    for wait in _WAITS:
        try:
            return action()
        except OSError as problem:
            if getattr(problem, "winerror", None) not in _MOMENTARY:
                raise
        time.sleep(wait)
    return action()


def _write_temporary(temporary: Path, data: bytes | Iterable[bytes], target: Path, *, private: bool) -> None:
    before = target.stat() if target.exists() else None
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    # Closed to others until it has the mode that it keeps: what is private is at no moment open.
    with open(os.open(temporary, flags, 0o600), "wb") as file:  # noqa: PTH123 - a descriptor has no path
        file.writelines([data] if isinstance(data, bytes) else data)
        file.flush()
        if before:
            _give(temporary, before)
            temporary.chmod(before.st_mode & 0o7777)
        elif not private:
            temporary.chmod(_mode_of_new_file(target.parent))
        os.fsync(file.fileno())


def _give(file: Path, before: os.stat_result) -> None:
    """Let the file belong to whom the old one belonged to, as far as the system allows."""
    if os.name == "nt":  # Windows: rights follow the folder
        return
    now = file.stat()
    for owner, group in ((before.st_uid, before.st_gid), (-1, before.st_gid)):
        if (now.st_uid, now.st_gid) == (before.st_uid, before.st_gid):
            return
        with suppress(OSError):
            os.chown(file, owner, group)
            return


def _mode_of_new_file(folder: Path) -> int:
    """Return what the umask leaves, and what the folder gives: who may write there may open the file anyway."""
    umask = os.umask(0)
    os.umask(umask)
    shared = folder.stat().st_mode
    return 0o666 & ~umask | (0o660 if shared & 0o020 else 0) | (0o666 if shared & 0o002 else 0)


def _fsync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder, and needs no telling
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as problem:
        if problem.errno != errno.EINVAL:  # some network file systems have no such thing for a folder
            raise
    finally:
        os.close(descriptor)
