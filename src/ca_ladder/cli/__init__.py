"""How people ask: the only room with Typer, the consoles, today's date, prompts and exits."""

import gc
import sys


def main() -> None:
    """Run the program; a real bug says that it is one, and ``--debug`` shows its trace."""
    # A run is short and its memory goes with it: looking for garbage while modules load is a tenth of its time.
    gc.set_threshold(100_000)
    from ca_ladder.cli.app import app

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # never die of a character the terminal lacks
    try:
        app()
    except Exception as bug:  # outside of Typer: its own exits have become SystemExit by now
        if "--debug" in sys.argv:
            raise
        told = f"{type(bug).__name__}: {bug}".splitlines()[0]
        sys.stderr.write(f"This is a bug in ca-ladder, not your mistake ({told}). Add --debug to see its trace.\n")
        sys.exit(1)
