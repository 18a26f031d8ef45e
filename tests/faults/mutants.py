"""The program with a mistake in how it saves. Run as `python -m tests.faults.mutants MUTANT COMMAND...`."""

import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from unittest.mock import patch

from ca_ladder.record import atomic_file as files


def no_sync_of_the_file() -> None:
    """The new file may take the old one's name before its bytes are on the disk."""
    sync = os.fsync

    def of_folders_only(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            sync(descriptor)

    patch.object(os, "fsync", of_folders_only).start()


def no_sync_of_the_folder() -> None:
    """What was reported as saved may still be missing under its name."""
    patch.object(files, "_fsync_folder", lambda _: None).start()


def written_in_place() -> None:
    """The old bytes are gone before the new ones are there."""

    def plainly(target: Path, data: bytes | Iterable[bytes], *, private: bool = False) -> None:
        with target.open("wb") as file:
            file.writelines([data] if isinstance(data, bytes) else data)
            file.flush()
            os.fsync(file.fileno())
        files._fsync_folder(target.parent)

    patch.object(files, "write_atomically", plainly).start()


MUTANTS = {mutant.__name__: mutant for mutant in (no_sync_of_the_file, no_sync_of_the_folder, written_in_place)}

if __name__ == "__main__":
    MUTANTS[sys.argv.pop(1)]()
    from ca_ladder.cli.main import main  # only now: who imports from `files` gets what it is by then

    main()
