"""YAML text as plain dicts, lists and strings: every scalar is text, nothing is shared, nothing is hidden.

The file is read as a stream of libyaml's events, so that duplicate keys and aliases are seen (a plain load
lets the last key win and follows an alias bomb) and a file nested thousands deep cannot exhaust the stack.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from ca_ladder.errors import Fault

Place = tuple[str | int, ...]
"""Where something stands in the tree: ``("roles", 0, "tasks", 2, "why")``."""

MOST_DEPTH = 20

# libyaml's own loader is eight times faster; a PyYAML built without it reads the same, slowly.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read_tree(text: str, faults: list[Fault], lines: dict[Place, int] | None = None) -> Any:
    """Return the document's tree; what is wrong with the YAML is added to ``faults``.

    ``lines`` is filled with the line (from 1) of each place, when it is given: that costs time.
    """
    try:
        return _Reader(text, faults, lines).document()
    except yaml.reader.ReaderError as problem:
        hidden = text.index(chr(problem.character))
        line = len(text[: hidden + 1].splitlines())
        faults.append(Fault(line, f"the control character U+{problem.character:04X} is not allowed; delete it"))
    except yaml.MarkedYAMLError as problem:
        faults.append(_not_yaml(problem, text))
    return None


def _not_yaml(problem: yaml.MarkedYAMLError, text: str) -> Fault:
    said, at, began = str(problem.problem), problem.problem_mark, problem.context_mark
    assert at is not None  # noqa: S101 - the scanner and the parser always know where they are
    words = f"{said}; look at indentation and quotes here and on the line above"
    if "mapping values are not allowed" in said:
        words = 'there is a ": " inside a text; put the text between quotes'
    elif "tab character" in said or text[at.index : at.index + 1] == "\t":
        words = "a tab cannot indent; use spaces"
    elif "cannot start any token" in said:
        words = "a text cannot begin with this character; put the text between quotes"
    elif "end of stream" in said and began is not None:
        at, words = began, "a quote opens here and is never closed; close it"
    return Fault(at.line + 1, f"not YAML: {words}")


class _TooDeepError(Exception):
    """Nested deeper than any catalogue is."""


class _Reader:
    def __init__(self, text: str, faults: list[Fault], lines: dict[Place, int] | None) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
        self._faults = faults
        self._lines = lines

    def document(self) -> Any:
        next(self._events)  # the stream starts
        first = next(self._events)
        if isinstance(first, yaml.StreamEndEvent):
            self._faults.append(Fault(1, "the file is empty; ca-ladder needs `version:` and `roles:`"))
            return None
        try:
            tree = self._value(next(self._events), ())
        except _TooDeepError:
            return None
        next(self._events)  # the document ends
        rest = next(self._events)
        if not isinstance(rest, yaml.StreamEndEvent):
            self._fault(rest, "a second document starts here; a catalogue is one, without ---")
        return tree

    def _value(self, event: Any, place: Place) -> Any:
        if self._lines is not None:
            self._lines.setdefault(place, event.start_mark.line + 1)
        if isinstance(event, yaml.AliasEvent):
            self._fault(event, f"the alias *{event.anchor} is not allowed; write the text out")
            return str(event.anchor)
        if event.tag is not None and event.tag != "!":
            self._fault(event, f"the tag {event.tag} is not allowed; leave it out")
        if isinstance(event, yaml.ScalarEvent):
            return event.value
        if len(place) >= MOST_DEPTH:
            self._fault(event, f"nested deeper than {MOST_DEPTH} levels; a catalogue needs fewer")
            raise _TooDeepError
        return self._sequence(place) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(place)

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
            line = event.start_mark.line + 1
            if self._lines is not None:
                self._lines.setdefault((*place, key), line)
            value = self._value(next(self._events), (*place, key))
            if key in values:
                self._fault(event, f"`{key}` is written twice (first on line {first_lines[key]}); keep one")
                continue
            values[key] = value
            first_lines[key] = line
        return values

    def _fault(self, event: Any, sentence: str) -> None:
        self._faults.append(Fault(event.start_mark.line + 1, sentence))
