"""The program, stopped as it takes a lock for the first time: each run from there on is a fork of it.

Run as `python stopped.py DESCRIPTOR COMMAND...`. The descriptor is a socket. For each byte on it the program forks, and
writes the fork's number and, once the fork has ended, its exit code. A fork waits to be continued before it goes on.
"""

import ctypes
import os
import signal
import sys
from typing import Any

import filelock

PR_SET_PTRACER, ANYBODY = 0x59616D61, -1


def fork_for_each_byte(control: int) -> None:
    """Return in each of the forks; end the program with the socket."""
    prctl = ctypes.CDLL(None).prctl
    os.write(control, b"ready\n")
    while os.read(control, 1):
        child = os.fork()
        if child == 0:
            os.close(control)
            prctl(PR_SET_PTRACER, ANYBODY, 0, 0, 0)
            signal.raise_signal(signal.SIGSTOP)
            return
        os.waitpid(child, os.WUNTRACED)
        os.write(control, f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        os.write(control, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def stop_at_the_first_lock(control: int) -> None:
    """Let the program fork where it would take its first lock."""
    lock = filelock.FileLock

    def forked(*args: Any, **options: Any) -> Any:
        filelock.FileLock = lock
        fork_for_each_byte(control)
        return lock(*args, **options)

    filelock.FileLock = forked  # type: ignore[assignment]


if __name__ == "__main__":
    from ca_ladder.cli.main import main
    from ca_ladder.record import atomic_file

    stop_at_the_first_lock(int(sys.argv.pop(1)))
    atomic_file.LOCK_SECONDS = 0.5  # so that nobody waits ten seconds for a lock that the system refuses
    main()
