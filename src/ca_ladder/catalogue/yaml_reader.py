"""YAML text as plain dicts, lists and strings: every scalar is text, nothing is shared, nothing is hidden.

The file is read as a stream of libyaml's events, so that duplicate keys and aliases are seen (a plain load
lets the last key win and follows an alias bomb), a file nested thousands deep cannot exhaust the stack, and
everything keeps the place where its author finds it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import yaml

from ca_ladder.catalogue.syntax import SWALLOWED, explained, hidden_rest, without_smart_quotes
from ca_ladder.errors import Fault

Place = tuple[str | int, ...]
"""Where something stands in the tree: ``("roles", 0, "tasks", 2, "why")``."""

MOST_DEPTH = 20
MOST_NODES = 100_000
MOST_MENDED = 20
LARGEST_MENDED = 300_000  # characters: what is larger is read once, since nobody could wait for twenty times

# libyaml gives up at a depth of its own, with words of its own, and before it tells of any bracket.
_NESTED_TOO_DEEP = f"nested deeper than {MOST_DEPTH} levels; a catalogue needs fewer"
_TOO_DEEP = re.compile(rf"(?:[\[{{][^\[{{\]}}]*+){{{MOST_DEPTH}}}(?P<last>[\[{{])")

_HIDDEN = yaml.reader.Reader.NON_PRINTABLE

# libyaml's own loader is eight times faster; a PyYAML built without it reads the same, slowly.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Position(NamedTuple):
    """Where something stands in the file: line and column, both from 1."""

    line: int
    column: int


Found = TypeVar("Found", Position, Fault)


@dataclass
class Source:
    """What was read: the tree (None when there is none), what is wrong with the YAML, and where everything stands.

    ``unread`` are the lines that were read otherwise than they are written.
    """

    tree: Any = None
    faults: list[Fault] = field(default_factory=list)
    positions: dict[Place, Position] = field(default_factory=dict)
    unread: set[int] = field(default_factory=set)

    def spot(self, place: Place) -> Position:
        """Return where the place is, or the nearest thing that holds it."""
        while place not in self.positions:
            place = place[:-1]
        return self.positions[place]


def read_source(text: str) -> Source:
    """Return the document.

    Where YAML cannot read on, the line is mended as its author most likely meant it, and all is read again: so the
    faults below are told too.
    """
    unreadable = [_hidden(text, found) for found in islice(_HIDDEN.finditer(text), MOST_MENDED)]
    mended = text = _HIDDEN.sub(" ", text)
    last = 0
    for _ in range(MOST_MENDED):
        source, problem = _read(mended)
        moved = _moved(text, mended)
        if problem is None:
            break
        fault, meant = explained(problem, mended)
        source.faults = [each for each in source.faults if each.line != fault.line]
        if fault.line <= last:  # it follows from one that could not be mended
            break
        last = fault.line
        unreadable.append(_as_written(fault, moved))
        if meant is None or len(text) > LARGEST_MENDED:
            break
        mended = meant
    else:
        unreadable.append(Fault(last, 1, f"{MOST_MENDED} such faults up to here; there may be more below"))
    source.faults = [*(_as_written(each, moved) for each in source.faults), *unreadable]
    source.unread = {each.line for each in unreadable}
    source.positions = {place: _as_written(spot, moved) for place, spot in source.positions.items()}
    return source


def _read(text: str) -> tuple[Source, yaml.MarkedYAMLError | None]:
    """Return what can be read, and what YAML cannot read."""
    source = Source()
    try:
        source.tree = _Reader(source, text).document()
    except yaml.MarkedYAMLError as problem:
        if deep := _TOO_DEEP.search(text):
            source.faults = [
                _fault_at(text, deep.end() - 1, f"nested deeper than {MOST_DEPTH} levels; a catalogue needs fewer")
            ]
            return source, None
        return source, problem
    return source, None


def _hidden(text: str, found: re.Match[str]) -> Fault:
    """Return the fault of a character that nobody sees and YAML refuses; a blank is read in its place."""
    return _fault_at(text, found.start(), f"the control character U+{ord(found[0]):04X} is not allowed; delete it")


def _fault_at(text: str, index: int, sentence: str) -> Fault:
    line = re.split(r"\r\n|[\n\r\x85\u2028\u2029]", text[:index])
    return Fault(len(line), len(line[-1]) + 1, sentence)


def _moved(written: str, mended: str) -> dict[int, int]:
    """Return by how much each line was moved to the right, to read on."""
    if written == mended:
        return {}
    indents = [[len(line) - len(line.lstrip()) for line in text.splitlines()] for text in (written, mended)]
    return {line: now - was for line, (was, now) in enumerate(zip(*indents, strict=False), start=1) if now != was}


def _as_written(found: Found, moved: dict[int, int]) -> Found:
    return found._replace(column=max(found.column - moved.get(found.line, 0), 1)) if moved else found


class _HopelessError(Exception):
    """Nested deeper, or made of more parts, than any catalogue is."""


class _Reader:
    def __init__(self, source: Source, text: str) -> None:
        self._source = source
        self._text = text
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
        self._nodes = 0

    def document(self) -> Any:
        next(self._events)  # the stream starts
        first = next(self._events)
        if isinstance(first, yaml.StreamEndEvent):
            self._source.faults.append(Fault(1, 1, "the file is empty; ca-ladder needs `version:` and `roles:`"))
            return None
        try:
            tree = self._value(next(self._events), ())
        except _HopelessError:
            return None
        next(self._events)  # the document ends
        rest = next(self._events)
        if not isinstance(rest, yaml.StreamEndEvent):
            self._fault(rest, "a second document starts here; a catalogue is one, without ---")
        return tree

    def _value(self, event: Any, place: Place) -> Any:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._fault(event, f"more than {MOST_NODES:,} texts and lists up to here; a catalogue has far fewer")
            raise _HopelessError
        self._source.positions.setdefault(place, _spot(event))
        if isinstance(event, yaml.AliasEvent):
            meant = f'put "*{event.anchor}" between quotes, or write out what it stands for'
            self._fault(event, f"a text cannot begin with *; {meant}")
            return str(event.anchor)
        if event.tag is not None and event.tag != "!":
            self._fault(event, f"the tag {event.tag} is not allowed; put the text between quotes, or leave the ! out")
        if isinstance(event, yaml.ScalarEvent):
            self._swallowed(event)
            return event.value if event.style else self._plain(event, place)
        if len(place) >= MOST_DEPTH:
            self._fault(event, _NESTED_TOO_DEEP)
            raise _HopelessError
        return self._sequence(place) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(place)

    def _swallowed(self, event: Any) -> None:
        """Look through a text of several lines for a field that has become part of it."""
        start, end = event.start_mark, event.end_mark
        if not event.style or end.line == start.line:
            return
        rows = self._text[start.index : end.index].splitlines()[1:]
        for line, row in enumerate(rows, start=start.line + 2):
            if found := SWALLOWED.match(row):
                told = f"`{found['key']}` has become part of the text that begins on line {start.line + 1}"
                sentence = f"{told}; look at indentation and quotes there"
                self._source.faults.append(Fault(line, found.start("key") + 1, sentence))
                return

    def _plain(self, event: Any, place: Place) -> str:
        """Return a text without quotes, as it was most likely meant."""
        end = event.end_mark
        sentence = hidden_rest(event.value, place, self._text[end.index : end.index + 2])
        if sentence:
            self._source.faults.append(Fault(end.line + 1, end.column + 2, sentence))
        value = without_smart_quotes(event.value or "#" if sentence else event.value)
        if value != event.value and not sentence:
            self._fault(event, "smart quotes become part of the text; use straight ones, or none")
        return value

    def _sequence(self, place: Place) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event, (*place, len(values))))
        return values

    def _mapping(self, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        first_lines: dict[str, int] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._value(event, (*place, -1))
            if not isinstance(key, str):
                self._fault(event, "a field's name must be plain text")
                self._value(next(self._events), (*place, -1))
                continue
            again = key in values
            spot = _spot(event)
            self._source.positions.setdefault((*place, key), spot)
            value = self._value(next(self._events), (*place, -1 if again else key))
            if again:
                self._fault(event, f"`{key}` is written twice (first on line {first_lines[key]}); keep one")
                continue
            values[key] = value
            first_lines[key] = spot.line
        return values

    def _fault(self, event: Any, sentence: str) -> None:
        self._source.faults.append(Fault(*_spot(event), sentence))


def _spot(event: Any) -> Position:
    return Position(event.start_mark.line + 1, event.start_mark.column + 1)
