"""What a run takes from the system: the moment, the account, and what kind of streams it has."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, tzinfo
from typing import NamedTuple, TextIO


class RunEnvironment(NamedTuple):
    """The clock, the account and the terminal of a run.

    ``clock`` returns the moment, aware and local. It is asked whenever something is decided: a question may stay open
    for days. ``origin`` is the account and computer, and ``zone`` the time zone of dates; None means to ask the system.
    ``width`` overrides the width of the output.
    """

    clock: Callable[[], datetime]
    terminal: bool
    interactive: bool
    origin: tuple[str, str] | None = None
    width: int | None = None
    zone: tzinfo | None = None


def local_time() -> datetime:
    """Return the moment by the system's clock, in the local time zone."""
    return datetime.now().astimezone()


def current_environment() -> RunEnvironment:
    """Return the environment of this process."""
    return RunEnvironment(
        clock=local_time,
        terminal=is_terminal(sys.stdout),
        interactive=is_terminal(sys.stdin) and is_terminal(sys.stderr),
    )


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal. A closed stream is None."""
    return stream is not None and stream.isatty()


def let_go(stream: TextIO) -> None:
    """Send what is left in the stream to the null device. Python would try to write it again at exit, and fail."""
    with suppress(OSError, ValueError):  # the stream has no file
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def encoding_of(stream: TextIO | None) -> str:
    """Return the encoding of a stream. A closed stream is None."""
    return (stream.encoding if stream is not None else None) or "ascii"


def system_origin() -> tuple[str, str]:
    """Return the account and the computer's name, as the operating system reports them."""
    import getpass
    import platform

    try:
        import pwd

        account = pwd.getpwuid(os.getuid()).pw_name  # getpass would believe the environment
    except (ImportError, KeyError):  # Windows, or an account without a name, as in some containers
        account = getpass.getuser() if os.name == "nt" else str(os.getuid())
    return account, platform.node() or "unknown"
