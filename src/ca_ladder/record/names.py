"""Names of people: kept as they were given, compared as people compare them."""

import re
import unicodedata

from ca_ladder.errors import BadName

LONGEST = 200
LONGEST_STEM = 60

# Windows takes these for devices, whatever stands after the dot.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}

# Unicode calls these letters, marks or symbols, yet nothing of them is seen: fillers, joiners, variation selectors.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def clean_name(typed: str) -> str:
    """Return the name with white space collapsed; raises BadName when nothing visible is left or it is too long."""
    name = " ".join(typed.split())
    if not _key(name) or len(name) > LONGEST:
        raise BadName(typed if _key(name) else "")
    return name


def file_stem(name: str) -> str:
    """Return a name for the file of this person's record that every file system takes: ``maria-lopez``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    stem = re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_STEM].strip("-")
    return f"{stem or 'trainee'}-record" if not stem or stem in _DEVICES else stem


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's: NFC, case-folded, white space collapsed, invisible characters ignored."""
    return _key(one) == _key(other)


def _key(name: str) -> str:
    composed = _BLANK.sub("", unicodedata.normalize("NFC", name))
    visible = "".join(char for char in composed if char.isspace() or unicodedata.category(char) not in {"Cc", "Cf"})
    return " ".join(unicodedata.normalize("NFC", visible.casefold()).split())
