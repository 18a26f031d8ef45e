"""The models as pydantic checks them: pydantic reports all faults at once, msgspec only the first.

They are generated from those in models.py. Only commands that read YAML need them, because importing pydantic is slow.
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
    """Return a tree of texts as a catalogue; raises pydantic's ValidationError with all faults."""
    valid = pydantic_model(Catalogue).model_validate(tree)
    return msgspec.convert(valid.model_dump(by_alias=True), Catalogue)


@cache
def pydantic_model(model: type[Struct]) -> type[BaseModel]:
    """Return the pydantic model of the same name, fields and limits."""
    fields: dict[str, Any] = {
        field.name: (_pydantic_type(field.type, model), Field(alias=field.encode_name, **_default(field)))
        for field in msgspec.structs.fields(model)
    }
    return create_model(model.__name__, __config__=ConfigDict(extra="forbid"), **fields)


def _default(field: msgspec.structs.FieldInfo) -> dict[str, Any]:
    if field.required:
        return {}
    factory = field.default_factory
    return {"default": field.default} if factory is msgspec.NODEFAULT else {"default_factory": factory}


def _pydantic_type(annotation: Any, within: type[Struct]) -> Any:
    """Return a field's type with its limits in pydantic's form. ``within`` is the model that has the field."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        base, limits = parts
        return Annotated[_pydantic_type(base, within), _limits(limits, text=base is str)]
    if origin in {Union, UnionType}:
        return reduce(or_, (_pydantic_type(part, within) for part in parts))
    if origin in {tuple, dict}:
        return origin[tuple(_pydantic_type(part, within) for part in parts)]
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return annotation.__name__ if annotation is within else pydantic_model(annotation)
    return annotation


def _limits(meta: Meta, *, text: bool) -> Any:
    limits = {name: value for name in _LIMITS if (value := getattr(meta, name)) is not None}
    # A text that must not be empty is stripped, so that blanks alone do not count.
    return StringConstraints(**limits, strip_whitespace="min_length" in limits) if text else Field(**limits)
