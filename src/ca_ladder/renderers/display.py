"""The output's abilities: its encoding and glyphs, its width, and escaping of data that it cannot show."""

import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from ca_ladder.record.projection import STATES, State

if TYPE_CHECKING:
    from ca_ladder.progress.results import Owner

_ROUND = {"open": "\u25cb", "checked": "\u25d0", "returned": "\u21a9", "signed": "\u25cf", "waived": "\u2013"}
_PLAIN = {"open": ".", "checked": "?", "returned": "<", "signed": "x", "waived": "-"}

# The colours of the states, and of what is overdue.
STYLES = {"checked": "yellow", "returned": "magenta", "signed": "green", "waived": "dim", "overdue": "red"}
STATE_LABELS: dict[State, str] = {state: state for state in STATES} | {"signed": "signed off"}

# What an event did, in the log.
EVENT_LABELS = {
    "enrol": "enrolled",
    "check": "checked",
    "uncheck": "unchecked",
    "sign-off": "signed off",
    "return": "returned",
    "revoke": "revoked",
    "waive": "waived",
    "note": "noted",
    "undo": "undone",
    "leave": "leave entered",
    "graduate": "graduated",
}

# Whose move it is.
OWNER_LABELS: "dict[Owner, str]" = {
    "trainee": "the trainee's move",
    "mentor": "a mentor's move",
    "manager": "the manager's move",
    "opportunity": "not yet possible",
}

# The same as the heading of a column, where there is little room, and below a heading "Waits on".
OWNER_HEADINGS = ("Trainee", "Mentor", "Manager", "Not yet possible")
OWNER_HEADINGS_SHORT = ("Trainee", "Mentor", "Manager", "Not yet")
WAITS_ON: "dict[Owner | None, str]" = {None: "", **dict(zip(OWNER_LABELS, map(str.lower, OWNER_HEADINGS), strict=True))}


class Display(Struct, frozen=True, dict=True):
    """The output: its encoding, its width in columns, and whether it is a terminal, with boxes and hints."""

    encoding: str
    width: int
    terminal: bool

    @cached_property
    def unicode(self) -> bool:
        """True if the encoding has the round glyphs and blocks."""
        glyphs = "".join(_ROUND.values()) + "\u2588\u2591"
        return self.text(glyphs) == glyphs

    def glyph(self, state: State) -> str:
        """Return the glyph of a state."""
        return (_ROUND if self.unicode else _PLAIN)[state]

    def bar(self, signed: int, checked: int, total: int, cells: int) -> str:
        """Return a bar of ``cells`` characters: signed full, checked half, the rest empty; blank without a total."""
        if not total:
            return " " * cells
        full, half = signed * cells // total, (signed + checked) * cells // total
        filled, shaded, empty = "\u2588\u2592\u2591" if self.unicode else "#=."
        return filled * full + shaded * (half - full) + empty * (cells - half)

    def bullet(self, done: int, expected: int, total: int, cells: int) -> str:
        """Return a bar of what is done, with a mark at what is expected; blank without a total."""
        if not total:
            return " " * cells
        bar, mark = self.bar(done, 0, total, cells), min(expected * cells // total, cells - 1)
        return f"{bar[:mark]}|{bar[mark + 1 :]}"

    def text(self, data: str) -> str:
        """Escape control, bidi and hidden characters, and those that the encoding lacks."""
        if data.isascii() and data.isprintable():
            return data
        return visible(data).encode(self.encoding, "backslashreplace").decode(self.encoding)


def visible(data: str) -> str:
    """Escape control, bidi and invisible characters."""
    hidden = ("C", "Zl", "Zp")  # C: controls, bidi, joiners; Zl and Zp: separators of lines
    return "".join(
        char.encode("unicode_escape").decode() if unicodedata.category(char).startswith(hidden) else char
        for char in data
    )
