"""The entry point: runs the program, and ends it in one line when the system or a bug stops it."""

import os
import sys
from typing import NoReturn

from ca_ladder.cli.streams import let_go


def main() -> None:
    """Run the program; a real bug says that it is one, and ``--debug`` shows its trace."""
    from ca_ladder.cli.app import app

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # never die of a character the terminal lacks
    try:
        app()
    except (SystemExit, KeyboardInterrupt):
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)  # who presses Ctrl-C twice was heard the first time
        raise
    except (OSError, ImportError, MemoryError) as refusal:  # the system, in the middle of it; no mistake of ours
        if "--debug" in sys.argv:
            raise
        told = f"{type(refusal).__name__}: {refusal}".splitlines()[0]
        _end(f"Error: The system refused to go on ({told}). What was saved stays saved: ca-ladder log", 5)
    except Exception as bug:  # outside of Typer: its own exits have become SystemExit by now
        if "--debug" in sys.argv:
            raise
        told = f"{type(bug).__name__}: {bug}".splitlines()[0]
        _end(f"This is a bug in ca-ladder, not your mistake ({told}). Add --debug to see its trace.", 1)


def _end(told: str, exit_code: int) -> NoReturn:
    """Say on stderr why the run ends, and end it."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        let_go(sys.stdout)
    try:
        sys.stderr.write(f"{told}\n")
        sys.stderr.flush()
    except (
        OSError,
        AttributeError,
    ):  # nobody can be told: the exit code alone says it, where Python would try stderr again and fail
        os._exit(exit_code)
    sys.exit(exit_code)
