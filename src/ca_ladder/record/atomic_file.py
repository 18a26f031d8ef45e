"""Atomic writes: one writer at a time; the file has either the old bytes or the new ones, and they are on the disk.

Writing: take the lock, write a temporary file beside the target, fsync it, give it the old one's owner and mode,
rename it over the target, fsync the folder.
"""

import errno
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from ca_ladder.errors import Command, StoreLocked, StoreWriteFailed, WriteFailed, system_words

LOCK_SECONDS = 10.0

# Windows errors while a virus scanner or a sync client has the file open: access denied, sharing, lock violation.
_MOMENTARY = {5, 32, 33}
_WAITS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8)

Result = TypeVar("Result")


def resolved(path: Path) -> Path:
    """Follow a symbolic link once, so that the file it leads to is replaced and not the link."""
    try:
        target = path.resolve()
        in_a_circle = target.is_symlink()  # from Python 3.13 on, resolve returns such a link and raises nothing
    except (OSError, RuntimeError, ValueError) as problem:
        raise StoreWriteFailed(path, system_words(problem)) from None
    if in_a_circle:
        raise StoreWriteFailed(path, os.strerror(errno.ELOOP))
    return target


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Lock the file for writing. Raises StoreLocked after ten seconds, StoreWriteFailed if no lock can be created."""
    from filelock import FileLock, Timeout

    try:
        lock = FileLock(target.with_name(f".{target.name}.lock"), timeout=LOCK_SECONDS, mode=0o666)
        lock.acquire()
    except Timeout:
        raise StoreLocked(target, LOCK_SECONDS) from None
    except (OSError, NotImplementedError) as problem:  # the latter: a file system without locks
        raise StoreWriteFailed(target, system_words(problem)) from None
    try:
        yield
    finally:
        with suppress(OSError):  # the file is written; the lock ends with the program at the latest
            lock.release()


def make_folder(folder: Path, *, private: bool = False) -> None:
    """Create the folder and its missing parents, and fsync them so that they survive a power loss.

    If ``private``, only the owner can enter the new folders. Raises OSError.
    """
    if folder.is_dir():
        return
    if folder.parent != folder:
        make_folder(folder.parent, private=private)
    folder.mkdir(mode=0o700 if private else 0o777, exist_ok=True)
    _fsync_folder(folder.parent)


def write_atomically(target: Path, data: bytes | Iterable[bytes], *, private: bool = False) -> None:
    """Replace the file by these bytes, or by all these pieces, completely or not at all.

    A replaced file keeps its mode, and its owner and group where the system allows it. A new file has the permissions
    of its folder; if ``private``, only the owner can read it. A read-only file is not replaced. Raises StoreWriteFailed
    if the old file is unchanged, WriteFailed if the new one is there but may not be on the disk.
    """
    # Always the same temporary name: the next run removes what a killed program left.
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
        sentence = f"Saved to {target}, but the disk did not confirm it ({system_words(problem)}). Look with"
        raise WriteFailed(sentence, Command("log"), path=target) from None


def retry_while_locked(action: Callable[[], Result]) -> Result:
    """Run the action. On Windows, retry for up to two seconds while another program has the file open."""
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
    if before and not before.st_mode & stat.S_IWUSR:  # a rename needs no permission to write the file
        raise StoreWriteFailed(target, "it is read-only")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    # Only the owner can read it until it has its final mode: a private file is never readable by others.
    with open(os.open(temporary, flags, 0o600), "wb") as file:  # noqa: PTH123 - a descriptor has no path
        file.writelines([data] if isinstance(data, bytes) else data)
        file.flush()
        if before:
            _copy_owner(temporary, before)
            temporary.chmod(before.st_mode & 0o7777)
        elif not private:
            temporary.chmod(_mode_of_new_file(target.parent))
        os.fsync(file.fileno())


def _copy_owner(file: Path, before: os.stat_result) -> None:
    """Give the file the owner and group of the old one, as far as the system allows."""
    now = file.stat()
    if (now.st_uid, now.st_gid) == (before.st_uid, before.st_gid):  # always so on Windows
        return
    for owner in (before.st_uid, -1):  # the group alone, where the owner may not be given
        with suppress(OSError):
            os.chown(file, owner, before.st_gid)
            return


def _mode_of_new_file(folder: Path) -> int:
    """Return the mode from the umask, plus the folder's write groups: they could replace the file anyway."""
    umask = os.umask(0)
    os.umask(umask)
    shared = folder.stat().st_mode
    return 0o666 & ~umask | (0o660 if shared & 0o020 else 0) | (0o666 if shared & 0o002 else 0)


def _fsync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder, and does not need to
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as problem:
        if problem.errno != errno.EINVAL:  # some network file systems cannot fsync a folder
            raise
    finally:
        os.close(descriptor)
