"""A catalogue file to frozen models, through one door: all faults are told at once, in an author's words."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ca_ladder.catalogue.consistency import Finding, findings
from ca_ladder.catalogue.models import (
    Catalogue,
    Condition,
    Entry,
    Months,
    Resource,
    Role,
    Task,
    Tier,
    Variant,
)
from ca_ladder.catalogue.shelf import data_of
from ca_ladder.catalogue.yaml_tree import Place, read_tree
from ca_ladder.errors import CatalogueFaulty, Fault

# What an entry of each list holds; every other list holds items.
_SHAPES: dict[str, type[BaseModel]] = {
    "": Catalogue,
    "roles": Role,
    "variants": Variant,
    "tiers": Tier,
    "months": Months,
    "begins": Months,
    "conditions": Condition,
    "tasks": Task,
    "resources": Resource,
}


def load_catalogue(path: Path) -> Catalogue:
    """Return the catalogue in the file.

    Raises CatalogueMissing when the file cannot be read, and CatalogueFaulty with every fault it has.
    """
    return catalogue_in(data_of(path), path)


def catalogue_in(data: bytes, path: Path) -> Catalogue:
    """Return the catalogue in these bytes of that file; raises CatalogueFaulty."""
    text = _text_in(data, path)
    faults: list[Fault] = []
    tree = read_tree(text, faults)
    try:
        catalogue = Catalogue.model_validate(tree)
    except ValidationError:
        raise CatalogueFaulty(path, _all_faults(text)) from None
    if faults or any(findings(tree)):
        raise CatalogueFaulty(path, _all_faults(text))
    return catalogue


def _text_in(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise CatalogueFaulty(path, [Fault(line, "not UTF-8 text; save the file as UTF-8")]) from None


def _all_faults(text: str) -> list[Fault]:
    """Read the text again, slowly, keeping lines, and return every fault."""
    faults: list[Fault] = []
    lines: dict[Place, int] = {}
    tree = read_tree(text, faults, lines)
    if not isinstance(tree, dict):
        return faults or [Fault(1, "the file must hold `version:` and `roles:`")]
    found: list[Finding] = list(findings(tree))
    try:
        Catalogue.model_validate(tree)
    except ValidationError as problem:
        found += _faults_of_shape(problem)
    return faults + [Fault(_line(place, lines), sentence) for place, sentence in found]


def _line(place: Place, lines: dict[Place, int]) -> int:
    """Return the line of the place, or of the nearest thing that holds it."""
    while place not in lines:
        place = place[:-1]
    return lines[place]


def _faults_of_shape(problem: ValidationError) -> Iterator[Finding]:
    for error in problem.errors(include_url=False, include_context=True):
        if error["type"] == "too_short" and error["input"]:
            continue  # not empty: pydantic left out the entries that have faults of their own
        yield (
            tuple(error["loc"]),
            _in_words(error["type"], tuple(error["loc"]), error["input"], error.get("ctx", {})),
        )


def _in_words(kind: str, place: Place, value: Any, context: dict[str, Any]) -> str:
    """Say in an author's words what pydantic found."""
    names = [part for part in place if isinstance(part, str)]
    last = place[-1]
    name = f"entry {last + 1} of `{names[-1]}`" if isinstance(last, int) else f"`{last}`"
    shown = f'"{value if len(value) <= 60 else value[:57] + "..."}"' if isinstance(value, str) else "not a single text"
    if kind == "missing":
        return f"{name} is missing here"
    if kind == "extra_forbidden":
        known = _field_names(names[-2] if len(names) > 1 else "")
        near = get_close_matches(names[-1], known, n=1)
        return f"there is no field {name} here; " + (
            f"did you mean `{near[0]}`?" if near else f"the fields are {', '.join(known)}"
        )
    if kind == "tuple_type":
        return f"{name} must be a list, each entry on a line of its own after a dash"
    if kind in {"model_type", "dict_type"}:
        return f"{name} must have fields of its own, indented below it"
    if kind == "string_type":
        return f"{name} must be one text; put it between quotes if it has a colon or a dash"
    if kind in {"string_too_short", "too_short"}:
        return f"{name} is empty; write it or leave the field out"
    if kind == "string_too_long":
        return f"{name} is longer than {context['max_length']} characters"
    if kind == "string_pattern_mismatch":
        return f'{name} is {shown}; an id has small letters, digits, "-", "+" and "." only'
    if kind.startswith(("int_", "greater_than", "less_than")):
        return f"{name} is {shown}; it must be a whole number in a sensible range"
    if kind.startswith("bool_"):
        return f"{name} is {shown}; write true or false"
    return f"{name} is {shown}; it must be {context.get('expected', 'something else')}"


@cache
def _field_names(holder: str) -> list[str]:
    """Return the fields of what stands under this field (the whole file under none)."""
    shape = _SHAPES.get(holder, Entry)
    return [field.alias or name for name, field in shape.model_fields.items()]
