"""The entry point. A failure of the system or a bug ends the program with one line."""

import os
import sys
from typing import NoReturn

from ca_ladder.cli.environment import let_go


def main() -> None:
    """Run the program. A bug is reported as one; ``--debug`` shows its trace."""
    from ca_ladder.cli.app import app

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # characters that the terminal lacks are escaped
    try:
        app(prog_name="ca-ladder")  # also as python -m ca_ladder: help and completion name the command
    except (SystemExit, KeyboardInterrupt):
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C changes nothing
        raise
    except Exception as problem:  # Typer has turned its own exits into SystemExit already
        if "--debug" in sys.argv:
            raise
        reason = f"{type(problem).__name__}: {problem}".splitlines()[0]
        if isinstance(problem, OSError | ImportError | MemoryError):  # the system failed, not the program
            _end(f"Error: The system refused to go on ({reason}). What was saved stays saved: ca-ladder log", 5)
        _end(f"This is a bug in ca-ladder, not your mistake ({reason}). Add --debug to see its trace.", 1)


def _end(message: str, exit_code: int) -> NoReturn:
    """Print why the run ends on stderr, and end it."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        let_go(sys.stdout)
    try:
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()
    except (OSError, AttributeError):
        os._exit(exit_code)  # stderr is closed or full: Python would flush it again at exit, and change the exit code
    sys.exit(exit_code)
