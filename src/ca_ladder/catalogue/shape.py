"""The shape of a catalogue's file as pydantic checks it: all faults at once, where msgspec stops at the first.

The models say what the shape is; no command but those that read YAML needs pydantic, which takes a while to load.
"""

from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from ca_ladder.catalogue.models import Catalogue

_LIMITS = ("min_length", "max_length", "pattern", "ge", "gt", "le")


def catalogue_of(tree: Any) -> Catalogue:
    """Return the catalogue that a tree of texts is; raises pydantic's ValidationError with every fault."""
    sound = shape_of(Catalogue).model_validate(tree)
    return msgspec.convert(sound.model_dump(by_alias=True), Catalogue)


@cache
def shape_of(model: type[Struct]) -> type[BaseModel]:
    """Return the pydantic model of the same name, fields and limits."""
    fields: dict[str, Any] = {
        each.name: (_typed(each.type, model), Field(alias=each.encode_name, **_default(each)))
        for each in msgspec.structs.fields(model)
    }
    return create_model(model.__name__, __config__=ConfigDict(extra="forbid"), **fields)


def _default(each: msgspec.structs.FieldInfo) -> dict[str, Any]:
    if each.required:
        return {}
    factory = each.default_factory
    return {"default": each.default} if factory is msgspec.NODEFAULT else {"default_factory": factory}


def _typed(annotation: Any, within: type[Struct]) -> Any:
    """Return a field's type as pydantic reads it; ``within`` is the model that has the field."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        base, limits = parts
        return Annotated[_typed(base, within), _limits(limits, text=base is str)]
    if origin in {Union, UnionType}:
        return reduce(or_, (_typed(part, within) for part in parts))
    if origin in {tuple, dict}:
        return origin[tuple(_typed(part, within) for part in parts)]
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return annotation.__name__ if annotation is within else shape_of(annotation)
    return annotation


def _limits(limits: Meta, *, text: bool) -> Any:
    said = {name: value for name in _LIMITS if (value := getattr(limits, name)) is not None}
    # Blanks are no words: what must not be empty is taken without those around it.
    return StringConstraints(**said, strip_whitespace="min_length" in said) if text else Field(**said)
