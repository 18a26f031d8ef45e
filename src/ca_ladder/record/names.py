"""Names of people: stored as they were typed, compared without regard to case, spaces and invisible characters."""

import re
import unicodedata
from functools import lru_cache

from ca_ladder.errors import BadInput

LONGEST = 200
LONGEST_STEM = 60

# Windows takes these names for devices, whatever the extension.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}

# Invisible, although Unicode calls them letters, marks, symbols or not yet anything: fillers, joiners, selectors.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U0001d159\U000e0000-\U000e0fff]"
)


def is_visible(name: str) -> bool:
    """Whether there is anything to see in a name or text."""
    return bool(_key(name))


def clean_name(typed: str) -> str:
    """Return the name with white space collapsed; raises BadInput if nothing visible is left or it is too long."""
    name = " ".join(typed.split())
    if not is_visible(name) or len(name) > LONGEST:
        problem = "is longer than 200 characters" if is_visible(name) else "is empty"
        raise BadInput(f"The name {problem}. Give the name people use in the office.")
    return name


def file_stem(name: str) -> str:
    """Return a file name for this person's record that is valid on every file system: ``maria-lopez``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    stem = re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_STEM].strip("-")
    return f"{stem or 'trainee'}-record" if not stem or stem in _DEVICES else stem


def same_person(one: str, other: str) -> bool:
    """Whether two names are the same after NFKC, case folding and removal of extra spaces and invisible characters.

    NFKC makes full-width and other compatibility forms of a letter the letter itself.
    """
    return one == other or _key(one) == _key(other)


@lru_cache(4096)  # the same few names and words stand in all events of a record
def _key(name: str) -> str:
    composed = _BLANK.sub("", unicodedata.normalize("NFKC", _BLANK.sub("", name)))
    visible = "".join(char for char in composed if char.isspace() or unicodedata.category(char) not in {"Cc", "Cf"})
    return " ".join(unicodedata.normalize("NFKC", visible.casefold()).split())
