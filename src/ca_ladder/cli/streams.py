"""The streams of a run: what to do with one that nobody reads any more."""

import os
from contextlib import suppress
from typing import TextIO


def let_go(stream: TextIO) -> None:
    """Let what could not be written go nowhere: Python would try once more at the end, and fail in its own words."""
    with suppress(OSError, ValueError):  # no file at all
        place, nowhere = stream.fileno(), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, place)
        os.close(nowhere)
