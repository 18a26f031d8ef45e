"""Start one command, wait for its end, and print what it took: ``launcher.py one|all COMMAND...`` (one core, or all).

A program of its own, because to Linux a command's peak memory is never less than that of the program which started it.
It imports next to nothing, so it is smaller than all that is measured in Python.
"""

import os
import sys
import time


def main() -> None:
    """Print CPU seconds (user and system), wall seconds, and the peak memory of the largest process in KiB."""
    _, cores, *command = sys.argv
    if cores == "one":
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    nothing_read = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    nothing_shown = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    began = time.monotonic()
    child = os.posix_spawnp(command[0], command, os.environ, file_actions=[nothing_read, nothing_shown])
    _, status, used = os.wait4(child, 0)
    print(used.ru_utime + used.ru_stime, time.monotonic() - began, used.ru_maxrss)
    sys.exit(abs(os.waitstatus_to_exitcode(status)))


main()
