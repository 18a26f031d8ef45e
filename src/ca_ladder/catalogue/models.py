"""The catalogue as frozen models: first the objects of the file, then what follows from them for one trainee.

The shape comes from the two role documents that the shipped catalogue restates. The field names are those of the file.

The models are msgspec Structs, because every command imports them. Nine Structs take 3 million instructions to import;
nine named tuples take 19 million and nine frozen dataclasses 50 million, an eighth of what the smallest command needs.
The cache is decoded into them directly. pydantic, which reports all faults of a file where msgspec stops at the first,
checks a tree and builds these same classes: `TypeAdapter(Catalogue)`. Only the commands that read YAML import it.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import groupby
from typing import Annotated, Any, Literal, NamedTuple, get_args

from msgspec import Struct, field
from msgspec.structs import fields

from ca_ladder.errors import RoleGone

Kind = Literal["expectation", "knowledge", "skill", "ability", "activity", "manager-activity", "qualification"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# The item lists of a task: the field's name in the file, and the kind of its items. The two kinds that are missing
# here are expectations, which are listed by tier, and qualifications, which belong to the role.
ITEM_LISTS: dict[str, Kind] = {
    "knowledge": "knowledge",
    "skills": "skill",
    "abilities": "ability",
    "activities": "activity",
    "manager_activities": "manager-activity",
}


# The lists in which a role's parts have ids of their own, and the word for one part.
ROLE_PARTS: dict[str, Literal["tier", "variant", "condition", "task"]] = {
    "tiers": "tier",
    "variants": "variant",
    "conditions": "condition",
    "tasks": "task",
}


class Limits:
    """The limits of a text, a number or a list, as pydantic's schema of it names them."""

    def __init__(self, **limits: str | int) -> None:
        self.limits = limits

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Return pydantic's schema of the annotated type, with these limits."""
        return handler(source) | self.limits


# Blanks alone are no words, so a text is stripped before it is measured.
Words = Annotated[str, Limits(min_length=1, strip_whitespace=True)]
Id = Annotated[str, Limits(pattern=r"^[a-z0-9][a-z0-9+.-]*$", max_length=40)]


class _Model(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The base of all objects in a catalogue file."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Describe the fields to pydantic, which checks them and builds the model."""
        from pydantic_core import core_schema

        itself = core_schema.definition_reference_schema(cls.__name__)
        described = {
            field.name: core_schema.typed_dict_field(
                # An entry has entries as its children.
                core_schema.tuple_schema([itself], variadic_item_index=0)
                if get_args(field.type) == (cls, ...)
                else handler.generate_schema(field.type),
                required=field.required,
                validation_alias=field.encode_name,
            )
            for field in fields(cls)
        }
        return core_schema.no_info_after_validator_function(
            lambda values: cls(**values),
            core_schema.typed_dict_schema(described, cls=cls, extra_behavior="forbid"),
            ref=cls.__name__,
        )


class Months(_Model, frozen=True):
    """A half-open range of months in the role: ``from`` is included, ``until`` is not."""

    first: Annotated[int, Limits(ge=0, le=600)] = field(name="from")
    until: Annotated[int, Limits(gt=0, le=600)] | None = None

    def __str__(self) -> str:
        return f"from {self.first}" + (f" until {self.until}" if self.until is not None else "")


class Tier(_Model, frozen=True):
    """A stage of a role. Without ``months`` it has no dates."""

    id: Id
    title: Words
    months: Months | None = None


class Variant(_Model, frozen=True):
    """A form of the role, such as a specialty, with tasks of its own (source: a task specific to one)."""

    id: Id
    name: Words


class Condition(_Model, frozen=True):
    """A footnote that says when its items apply (source: the starred lines).

    ``occasion`` is true if they can only be learned when something happens by itself (source: "real time").
    """

    id: Id
    text: Words
    occasion: bool = False


class Resource(_Model, frozen=True):
    """A system, manual or guide that helps with a task. It is shown but never checked.

    ``dated`` is when its note was true.
    """

    name: Words
    note: Words | None = None
    dated: Words | None = None

    def __str__(self) -> str:
        return self.name + (f": {self.note}" if self.note else "") + (f" ({self.dated})" if self.dated else "")


class Entry(_Model, frozen=True):
    """An item as written in the file. Its kind, task and tier follow from the list that holds it.

    ``revision`` is raised when the meaning changes: sign-offs of an earlier revision no longer count.
    """

    id: Id
    text: Words
    revision: Annotated[int, Limits(ge=1)] = 1
    note: Words | None = None
    condition: str | None = None
    requires: tuple[str, ...] = ()
    led_by: Literal["mentor", "manager"] | None = None
    parts: tuple[Words, ...] = ()
    children: tuple["Entry", ...] = ()
    retired: bool = False
    replaced_by: str | None = None


class Task(_Model, frozen=True):
    """An area of work.

    ``gate`` is an item that must be signed off before the task's expectations can be. ``begins`` are the months in the
    role in which learning starts (source: "2-3 months in role").
    """

    id: Id
    name: Words
    why: Words
    variant: str | None = None
    begins: Months | None = None
    gate: str | None = None
    not_required: tuple[str, ...] = ()
    expectations: dict[str, tuple[Entry, ...]] = {}
    knowledge: tuple[Entry, ...] = ()
    skills: tuple[Entry, ...] = ()
    abilities: tuple[Entry, ...] = ()
    activities: tuple[Entry, ...] = ()
    manager_activities: tuple[Entry, ...] = ()
    resources: tuple[Resource, ...] = ()
    notes: tuple[Words, ...] = ()


class Item(NamedTuple):
    """An entry with its kind, task and tier, and what follows from them. ``entry`` is the item as written.

    ``requires`` includes the task's gate. ``opens`` are the ids of the tasks whose gate this is. A parent, which has
    ``children``, has no state of its own. Children inherit its condition.
    """

    id: str
    text: str
    kind: Kind
    task: Task | None
    tier: Tier | None
    revision: int
    condition: Condition | None
    requires: tuple[str, ...]
    led_by: str | None
    children: tuple[str, ...]
    parent: str | None
    opens: tuple[str, ...]
    retired: bool
    replaced_by: str | None
    entry: Entry

    @property
    def counts(self) -> bool:
        """True if the item is neither a parent nor retired."""
        return not self.children and not self.retired


class Role(_Model, frozen=True, kw_only=True, dict=True):
    """A job on the ladder."""

    id: Id
    name: Words
    disclaimer: Words | None = None
    responsibilities: tuple[Words, ...] = ()
    variants: tuple[Variant, ...] = ()
    tiers: Annotated[tuple[Tier, ...], Limits(min_length=1)]
    conditions: tuple[Condition, ...] = ()
    qualifications: tuple[Entry, ...] = ()
    notes: tuple[Words, ...] = ()
    tasks: Annotated[tuple[Task, ...], Limits(min_length=1)]

    @cached_property
    def items(self) -> dict[str, Item]:
        """All items by id, including parents, retired items and those of all variants."""
        return {item.id: item for item in self._all_items()}

    def _all_items(self) -> Iterator[Item]:
        for task in self.tasks:
            for tier in self.tiers:
                yield from self._items(task.expectations.get(tier.id, ()), "expectation", task, tier)
            for field_name, kind in ITEM_LISTS.items():
                yield from self._items(getattr(task, field_name), kind, task, None)
        yield from self._items(self.qualifications, "qualification", None, None)

    def _items(
        self, entries: tuple[Entry, ...], kind: Kind, task: Task | None, tier: Tier | None, parent: Entry | None = None
    ) -> Iterator[Item]:
        conditions: dict[str | None, Condition] = {condition.id: condition for condition in self.conditions}
        gate = (task.gate,) if task and task.gate and kind == "expectation" else ()
        for entry in entries:
            yield Item(
                id=entry.id,
                text=entry.text,
                kind=kind,
                task=task,
                tier=tier,
                revision=entry.revision,
                condition=conditions.get(entry.condition or (parent.condition if parent else None)),
                requires=tuple(dict.fromkeys((*gate, *entry.requires))),
                led_by=entry.led_by,
                children=tuple(child.id for child in entry.children if not child.retired),
                parent=parent.id if parent else None,
                opens=tuple([gated.id for gated in self.tasks if gated.gate == entry.id]),
                retired=entry.retired,
                replaced_by=entry.replaced_by,
                entry=entry,
            )
            yield from self._items(entry.children, kind, task, tier, entry)


class Catalogue(_Model, frozen=True, dict=True):
    """All roles in ladder order, and the version that sign-offs refer to."""

    version: Words
    roles: Annotated[tuple[Role, ...], Limits(min_length=1)]

    def ladder(self, role_id: str, variants: Iterable[str]) -> "Ladder":
        """Return the ladder of this role with these variants; raises RoleGone."""
        key = role_id, frozenset(variants)
        if key not in self._ladders:
            role = next((role for role in self.roles if role.id == role_id), None)
            if role is None:
                raise RoleGone(role_id, self.version)
            self._ladders[key] = Ladder(role, key[1], self.version)
        return self._ladders[key]

    @cached_property
    def _ladders(self) -> dict[tuple[str, frozenset[str]], "Ladder"]:
        """The ladders built so far. Many trainees share one."""
        return {}


class Cell(NamedTuple):
    """The items of one task and tier that count for a trainee. Some items have no task or no tier."""

    task: Task | None
    tier: Tier | None
    items: tuple[Item, ...]


class Ladder(Struct, frozen=True, dict=True):
    """What is expected of one trainee: a role with their variants of it, and the catalogue's version."""

    role: Role
    variants: frozenset[str]
    version: str

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks of this trainee, in catalogue order."""
        return tuple(task for task in self.role.tasks if task.variant is None or task.variant in self.variants)

    @cached_property
    def items(self) -> dict[str, Item]:
        """The items that count for this trainee, by id, in catalogue order."""
        return {item.id: item for item in self.role.items.values() if item.counts and self.has(item)}

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The same items, grouped by task and tier. The catalogue order already keeps each group together."""
        groups = groupby(self.items.values(), key=lambda item: (id(item.task), id(item.tier)))
        cells = (tuple(items) for _, items in groups)
        return tuple(Cell(items[0].task, items[0].tier, items) for items in cells)

    @cached_property
    def needs(self) -> dict[str, tuple[Item, ...]]:
        """The prerequisites of each item on this ladder, by id. A required parent is replaced by its children."""
        needs = {}
        for item in self.role.items.values():
            required = (self.role.items[id_] for id_ in item.requires)
            ids = dict.fromkeys(id_ for need in required for id_ in need.children or (need.id,))
            needs[item.id] = tuple(self.items[id_] for id_ in ids if id_ in self.items and id_ != item.id)
        return needs

    def has(self, item: Item) -> bool:
        """True if the item belongs to a task of this trainee, or to no task."""
        return item.task is None or item.task.variant is None or item.task.variant in self.variants

    def absence(self, item: Item) -> str | None:
        """Return why an item of the role is not on this ladder, or None if it is."""
        if item.retired:
            return "it was retired" + (f", replaced by {item.replaced_by}" if item.replaced_by else "")
        if item.task and not self.has(item):
            return f'it belongs to the variant "{item.task.variant}" of the role'
        return None
