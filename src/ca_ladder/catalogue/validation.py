"""Read a catalogue file into frozen models, or report all of its faults at once in an author's words."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct, inspect
from msgspec.structs import FieldInfo, fields
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from ca_ladder.catalogue.files import read_catalogue_bytes
from ca_ladder.catalogue.models import Catalogue, Months, Task
from ca_ladder.catalogue.references import reference_findings
from ca_ladder.catalogue.schema import ABOUT
from ca_ladder.catalogue.yaml_reader import Finding, KeyPath, Source, last_field, read_source
from ca_ladder.catalogue.yaml_slips import SMART_QUOTES
from ca_ladder.errors import CatalogueFaulty, Fault, either

MOST_FAULTS = 1_000
_CATALOGUE = TypeAdapter(Catalogue)
_RANGES = {"from": ", from 0 to 600 months", "until": ", from 1 to 600 months", "revision": ", from 1 on"}
_WORDS_FOR_NONE = {"no", "none", "null", "~", "-", "n/a", "false", ""}


class Validation(NamedTuple):
    """A catalogue file with all its faults. ``catalogue`` is None if it has any."""

    source: Source
    catalogue: Catalogue | None
    faults: tuple[Fault, ...]


def load_catalogue(path: Path) -> Catalogue:
    """Return the catalogue in the file.

    Raises CatalogueMissing if the file cannot be read, and CatalogueFaulty with all of its faults.
    """
    return parse_catalogue(read_catalogue_bytes(path), path)


def parse_catalogue(data: bytes, path: Path) -> Catalogue:
    """Return the catalogue in these bytes of that file; raises CatalogueFaulty."""
    validation = validate(decode_catalogue(data, path))
    if validation.catalogue is None:
        raise CatalogueFaulty(path, validation.faults)
    return validation.catalogue


def decode_catalogue(data: bytes, path: Path) -> str:
    """Return the text in these bytes of that file; raises CatalogueFaulty if they are not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        before = data[: problem.start].split(b"\n")
        fault = Fault(len(before), len(before[-1]) + 1, "not UTF-8 text; save the file as UTF-8")
        raise CatalogueFaulty(path, [fault]) from None


def validate(text: str) -> Validation:
    """Read a catalogue's text and find all faults of its YAML, its shape and its references."""
    source = read_source(text)
    faults = set(source.faults)
    faulty_lines = {fault.line for fault in faults}  # further faults there mostly follow from these
    findings: list[Finding] = []
    catalogue = None
    if isinstance(source.tree, dict):
        findings += reference_findings(source)
        try:
            catalogue = _CATALOGUE.validate_python(source.tree)
        except ValidationError as invalid:
            findings += _shape_findings(invalid)
    elif not faults:
        faults.add(Fault(1, 1, "the file must hold `version:` and `roles:`"))
    faults |= {fault for fault in source.located(findings) if fault.line not in faulty_lines}
    return Validation(source, None if faults else catalogue, tuple(sorted(faults)))


def _shape_findings(invalid: ValidationError) -> Iterator[Finding]:
    errors = invalid.errors(include_url=False)[:MOST_FAULTS]
    misspelt = {(*error["loc"][:-1], _nearest(error["loc"])) for error in errors if error["type"] == "extra_forbidden"}
    for error in errors:
        emptied = error["type"] == "too_short" and error["input"]  # pydantic does not count entries with faults
        if not emptied and not (error["type"] == "missing" and error["loc"] in misspelt):
            yield error["loc"], _sentence(error)


def _sentence(error: ErrorDetails) -> str:
    """Return one of pydantic's errors in an author's words."""
    kind, path, value, context = error["type"], error["loc"], error["input"], error.get("ctx", {})
    last, field = path[-1], last_field(path)
    name = f"entry {last + 1} of `{field}`" if isinstance(last, int) else f"`{last}`"
    shown = f'"{_shortened(value)}"' if isinstance(value, str) else "not a single text"
    known = fields_of(_model_at(path[:-1])).get(field)
    remedy = "it is needed" if known and known.required and field == last else "write it or leave the field out"
    if kind == "missing":
        return f"{name} is missing here"
    if kind == "extra_forbidden":
        return _no_such_field(path, value)
    no_list = kind in {"tuple_type", "dict_type"} and field == last
    if no_list and isinstance(value, str) and value.strip().casefold() in _WORDS_FOR_NONE:
        return f"{name} is {value or 'empty'}; {remedy}"
    if kind == "tuple_type":
        short = f": write [{value}], or" if isinstance(value, str) and value and " " not in value else ","
        return f"{name} must be a list{short} each entry on a line of its own after a dash"
    if kind == "dict_type" and _model_at(path) is Months:
        return f"{name} is {shown}; write the months as {{from: 0, until: 3}}"
    if kind == "dict_type":
        needed = ", ".join(f"`{name}`" for name, field in fields_of(_model_at(path)).items() if field.required)
        return f"{name} must have fields of its own{f' ({needed})' if needed else ''}, indented below it"
    if kind == "string_type" and isinstance(value, dict) and len(value) == 1 and isinstance(last, int):
        return f'{name} has a ": " after "{next(iter(value))}"; put the whole text between quotes'
    if kind == "string_type":
        return f"{name} must be one text; put it between quotes if it has a colon or a dash"
    if kind in {"string_too_short", "too_short"}:
        return f"{name} is empty; {remedy}"
    if kind == "string_too_long":
        return f"{name} is longer than {context['max_length']} characters"
    if kind == "string_pattern_mismatch":
        return f'{name} is {shown}; an id has small letters, digits, "-", "+" and "." only'
    if kind.startswith(("int_", "greater_than", "less_than")):
        return f"{name} is {shown}; it must be a whole number{_RANGES.get(field, '')}"
    if kind.startswith("bool_"):
        return f"{name} is {shown}; write true or false"
    return f"{name} is {shown}; it must be {context['expected']}"


def _no_such_field(path: KeyPath, value: Any) -> str:
    """Suggest a similar field, quotes for a text that a comma has cut, or the object that the field belongs to."""
    name, known = last_field(path), fields_of(_model_at(path[:-1]))
    could_be_tier = _model_at(path[:-1]) is Task and isinstance(value, list)
    if could_be_tier and not get_close_matches(name, known, n=1, cutoff=0.75):
        return f"there is no field `{name}` here; if it is a tier, indent it below `expectations`"
    if near := _nearest(path):
        return f"there is no field `{name}` here; did you mean `{near}`?"
    name = _shortened(name)
    if re.fullmatch(r"[a-z_]+:\S.*", name):
        return f"a blank is missing after the colon of `{name.partition(':')[0]}`"
    if " " in name:
        smart = ", straight ones" if any(sign in name for sign in SMART_QUOTES) else ""
        return f'a comma has made "{name}" a field; between {{ and }}, put a text with a comma between quotes{smart}'
    owners = [title for model, (title, _) in ABOUT.items() if name in fields_of(model)]
    if 1 <= len(owners) <= 2:
        return f"`{name}` is a field of {either(owners)}, not of the part it is in; look at its indentation"
    comma = "; if a comma made it one, put the text between quotes" if value == "" else ""
    return f"there is no field `{name}` here; the fields are {', '.join(known)}{comma}"


def _nearest(path: KeyPath) -> str | None:
    """Return the field most similar to a misspelt one."""
    near = get_close_matches(last_field(path)[:60].casefold(), fields_of(_model_at(path[:-1])), n=1)
    return near[0] if near else None


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _model_at(path: KeyPath) -> type[Struct] | None:
    """Return the model of the object at this path of the tree, None for a list or a text."""
    here: inspect.Type | None = inspect.type_info(Catalogue)
    for part in path:
        match here:
            case inspect.StructType(fields=fields):
                here = next((field.type for field in fields if field.encode_name == part), None)
            case inspect.VarTupleType(item_type=below) | inspect.DictType(value_type=below):
                here = below
        if isinstance(here, inspect.UnionType):  # the field may be left out
            here = here.types[0]
    return here.cls if isinstance(here, inspect.StructType) else None


def fields_of(model: type[Struct] | None) -> dict[str, FieldInfo]:
    """Return the fields of a model by their names in the file; a list or a text has no model and no fields."""
    return {field.encode_name: field for field in fields(model)} if model else {}
