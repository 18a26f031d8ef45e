"""YAML text as plain dicts, lists and strings, with the position of every part.

Every scalar is text. Duplicate keys, aliases, tags, a second document and deep nesting are refused: a plain load lets
the last key win and follows an alias bomb. The limits are checked on the parser's events, before anything is built.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

import yaml

from ca_ladder.catalogue.yaml_slips import LINE_BREAK, MOST_SLIPS, syntax_faults, text_faults
from ca_ladder.errors import Fault

KeyPath = tuple[str | int, ...]
"""The way to a part of the tree: ``("roles", 0, "tasks", 2, "why")``."""

Finding = tuple[KeyPath, str]
"""The sentence of a fault or a warning, with the path where the author corrects it."""

MOST_DEPTH = 20
MOST_NODES = 100_000

# libyaml stops at a depth of its own, before it reports any bracket.
_NESTED_TOO_DEEP = f"nested deeper than {MOST_DEPTH} levels; a catalogue needs fewer"
_TOO_DEEP = re.compile(rf"(?:[\[{{][^\[{{\]}}]*+){{{MOST_DEPTH}}}(?P<last>[\[{{])")

_CONTROL_CHARACTER = yaml.reader.Reader.NON_PRINTABLE

# libyaml's loader is eight times faster. A PyYAML built without it reads the same, slowly.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Position(NamedTuple):
    """A line and a column in the file, both from 1."""

    line: int
    column: int


@dataclass
class Source:
    """What was read: the tree (None if the file cannot be read), the faults of its YAML, and all positions."""

    tree: Any = None
    faults: list[Fault] = field(default_factory=list)
    positions: dict[KeyPath, Position] = field(default_factory=dict)

    def position(self, path: KeyPath) -> Position:
        """Return the position of this path, or of the nearest part that contains it."""
        while path not in self.positions:
            path = path[:-1]
        return self.positions[path]

    def located(self, findings: Iterable[Finding]) -> list[Fault]:
        """Return each finding at its line and column."""
        return [Fault(*self.position(path), sentence) for path, sentence in findings]


def last_field(path: KeyPath) -> str:
    """Return the last name on the way: of the part itself, or of the list that holds it."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def read_source(text: str) -> Source:
    """Return the document. After a syntax error, or beyond the limits, there is no tree."""
    source = Source()
    for match in islice(_CONTROL_CHARACTER.finditer(text), MOST_SLIPS):
        sentence = f"the control character U+{ord(match[0]):04X} is not allowed; delete it"
        source.faults.append(_fault_at(text, match.start(), sentence))
    if source.faults:
        return source
    try:
        if refusal := _check_events(text, source.faults):
            source.faults.append(refusal)
        elif node := yaml.compose(text, Loader=_LOADER):
            source.tree = _plain(node, (), source, text, set())
    except yaml.composer.ComposerError as error:  # an alias without its anchor, or an anchor given twice
        source.faults = source.faults or syntax_faults(error, text)
    except yaml.MarkedYAMLError as error:
        if deep := _TOO_DEEP.search(text):
            source.faults = [_fault_at(text, deep.start("last"), _NESTED_TOO_DEEP)]
        else:
            # The leftmost fault of each line stands: the others mostly follow from it.
            leftmost_last = sorted([*source.faults, *syntax_faults(error, text)], key=lambda fault: -fault.column)
            source.faults = list({fault.line: fault for fault in leftmost_last}.values())
    return source


def _fault_at(text: str, index: int, sentence: str) -> Fault:
    lines = LINE_BREAK.split(text[:index])
    return Fault(len(lines), len(lines[-1]) + 1, sentence)


def _check_events(text: str, faults: list[Fault]) -> Fault | None:
    """Add the faults that only the parser's events show. Return the one for which the document must not be built."""
    depth = nodes = documents = 0
    for event in yaml.parse(text, Loader=_LOADER):
        position = _position(event)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                return Fault(*position, "a second document starts here; a catalogue is one, without ---")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.NodeEvent):
            nodes += 1
            if nodes > MOST_NODES:
                sentence = f"more than {MOST_NODES:,} texts and lists up to here; a catalogue has far fewer"
                return Fault(*position, sentence)
            if isinstance(event, yaml.AliasEvent):
                advice = f'put "*{event.anchor}" between quotes, or write out what it means'
                faults.append(Fault(*position, f"a text cannot begin with *; {advice}"))
            elif (tag := getattr(event, "tag", None)) not in {None, "!"}:
                sentence = f"the tag {tag} is not allowed; put the text between quotes, or leave the ! out"
                faults.append(Fault(*position, sentence))
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MOST_DEPTH:
                    return Fault(*position, _NESTED_TOO_DEEP)
    return None if documents else Fault(1, 1, "the file is empty; ca-ladder needs `version:` and `roles:`")


def _plain(node: yaml.Node, path: KeyPath, source: Source, text: str, built: set[int]) -> Any:
    """Return a node as text, list or dict. Add its positions and faults to the source.

    ``built`` are the lists and dicts so far: one that an alias repeats is not built again.
    """
    source.positions.setdefault(path, _position(node))
    if isinstance(node, yaml.ScalarNode):
        source.faults += text_faults(node, last_field(path), text)
        return node.value
    if id(node) in built:
        return ""
    built.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*path, number), source, text, built) for number, child in enumerate(node.value)]
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, position = key_node.value, _position(key_node)
        if not isinstance(key_node, yaml.ScalarNode):
            source.faults.append(Fault(*position, "a field's name must be plain text"))
        elif key in values:
            first = source.positions[(*path, key)].line
            source.faults.append(Fault(*position, f"`{key}` is written twice (first on line {first}); keep one"))
        else:
            source.positions[(*path, key)] = position
            values[key] = _plain(value_node, (*path, key), source, text, built)
    return values


def _position(part: Any) -> Position:
    """Return the position of an event or a node."""
    return Position(part.start_mark.line + 1, part.start_mark.column + 1)
