"""The catalogue as frozen models: the file's own shape first, then an item with its place on the ladder.

Source of the shape: the two role documents the shipped catalogue restates. The field names are those of the
file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Annotated, Literal, NamedTuple, get_args

from msgspec import Meta, Struct, field

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

Words = Annotated[str, Meta(min_length=1)]
Id = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9+.-]*$", max_length=40)]


class _Model(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a catalogue's file is made of."""


class Months(_Model, frozen=True):
    """A stretch of months in the role, half-open: ``from`` is in it, ``until`` is not."""

    first: Annotated[int, Meta(ge=0, le=600)] = field(name="from")
    until: Annotated[int, Meta(gt=0, le=600)] | None = None


class Tier(_Model, frozen=True):
    """A stretch of time in a role with a title; without ``months`` it has no window and no due date."""

    id: Id
    title: Words
    months: Months | None = None


class Variant(_Model, frozen=True):
    """A form of the role that a trainee has or has not (source: a task specific to one)."""

    id: Id
    name: Words


class Condition(_Model, frozen=True):
    """A footnote that items refer to: when they apply (source: the starred lines).

    ``occasion``: they can only be learned when something happens that nobody can bring about (source: "real time").
    """

    id: Id
    text: Words
    occasion: bool = False


class Resource(_Model, frozen=True):
    """A system, manual or guide that helps with a task; shown, never checked.

    ``dated`` is when its note was true.
    """

    name: Words
    note: Words | None = None
    dated: Words | None = None

    @property
    def in_short(self) -> str:
        """What it is, with its note and when that was true."""
        return self.name + (f": {self.note}" if self.note else "") + (f" ({self.dated})" if self.dated else "")


class Entry(_Model, frozen=True):
    """An item as the file writes it; where it stands in the file gives its kind, task and tier.

    ``revision`` says when the meaning changed: a sign-off of an earlier one no longer counts.
    """

    id: Id
    text: Words
    revision: Annotated[int, Meta(ge=1)] = 1
    note: Words | None = None
    condition: str | None = None
    requires: tuple[str, ...] = ()
    led_by: Literal["mentor", "manager"] | None = None
    parts: tuple[Words, ...] = ()
    children: tuple["Entry", ...] = ()
    retired: bool = False
    replaced_by: str | None = None


class Task(_Model, frozen=True):
    """An area of work, with its why.

    ``gate`` is an item to be signed off before the task's expectations can be. ``begins`` says in which
    months in the role learning starts (source: "2-3 months in role").
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
    """Anything with an id that can be checked, with its place on the ladder.

    ``requires`` holds the task's gate too, ``opens`` the tasks whose gate this is. A parent (with ``children``) has no
    state of its own; its condition is that of its children too.
    """

    id: str
    text: str
    kind: Kind
    task: Task | None
    tier: Tier | None
    revision: int
    note: str | None
    condition: Condition | None
    requires: tuple[str, ...]
    led_by: str | None
    parts: tuple[str, ...]
    children: tuple[str, ...]
    parent: str | None
    opens: tuple[str, ...]
    retired: bool
    replaced_by: str | None

    @property
    def counts(self) -> bool:
        """Whether the item is counted: not a parent, not retired."""
        return not self.children and not self.retired


class Role(_Model, frozen=True, kw_only=True, dict=True):
    """A job on the ladder."""

    id: Id
    name: Words
    disclaimer: Words | None = None
    responsibilities: tuple[Words, ...] = ()
    variants: tuple[Variant, ...] = ()
    tiers: Annotated[tuple[Tier, ...], Meta(min_length=1)]
    conditions: tuple[Condition, ...] = ()
    qualifications: tuple[Entry, ...] = ()
    notes: tuple[Words, ...] = ()
    tasks: Annotated[tuple[Task, ...], Meta(min_length=1)]

    @cached_property
    def items(self) -> dict[str, Item]:
        """Every item by its id: parents, retired ones and those of all variants too."""
        return {item.id: item for item in self._placed()}

    @cached_property
    def _gated(self) -> dict[str, tuple[str, ...]]:
        """The tasks that each gate opens."""
        gates = dict.fromkeys(task.gate for task in self.tasks if task.gate)
        return {gate: tuple(task.id for task in self.tasks if task.gate == gate) for gate in gates}

    def _placed(self) -> Iterator[Item]:
        for task in self.tasks:
            for tier in self.tiers:
                yield from self._place(task.expectations.get(tier.id, ()), "expectation", task, tier)
            for field_name, kind in ITEM_LISTS.items():
                yield from self._place(getattr(task, field_name), kind, task)
        yield from self._place(self.qualifications, "qualification")

    def _place(
        self,
        entries: tuple[Entry, ...],
        kind: Kind,
        task: Task | None = None,
        tier: Tier | None = None,
        parent: Entry | None = None,
    ) -> Iterator[Item]:
        conditions = {condition.id: condition for condition in self.conditions}
        gate = (task.gate,) if task and task.gate and kind == "expectation" else ()
        for entry in entries:
            condition = entry.condition or (parent.condition if parent else None)
            yield Item(
                id=entry.id,
                text=entry.text,
                kind=kind,
                task=task,
                tier=tier,
                revision=entry.revision,
                note=entry.note,
                condition=conditions[condition] if condition else None,
                requires=tuple(dict.fromkeys((*gate, *entry.requires))),
                led_by=entry.led_by,
                parts=entry.parts,
                children=tuple(child.id for child in entry.children if not child.retired),
                parent=parent.id if parent else None,
                opens=self._gated.get(entry.id, ()),
                retired=entry.retired,
                replaced_by=entry.replaced_by,
            )
            yield from self._place(entry.children, kind, task, tier, entry)


class Catalogue(_Model, frozen=True, dict=True):
    """All roles in ladder order, and the version that sign-offs are given under."""

    version: Words
    roles: Annotated[tuple[Role, ...], Meta(min_length=1)]

    def ladder(self, role_id: str, variants: Iterable[str]) -> "Ladder":
        """Return what is expected in this role with these variants; raises RoleGone."""
        asked = role_id, frozenset(variants)
        if asked not in self._ladders:
            role = next((role for role in self.roles if role.id == role_id), None)
            if role is None:
                raise RoleGone(role_id, self.version)
            self._ladders[asked] = Ladder(role, asked[1], self.version)
        return self._ladders[asked]

    @cached_property
    def _ladders(self) -> dict[tuple[str, frozenset[str]], "Ladder"]:
        """The ladders asked for so far: many trainees share one, and what follows from it."""
        return {}


MODELS: tuple[type[Struct], ...] = (Catalogue, Role, Variant, Tier, Months, Condition, Task, Resource, Entry)


class Cell(NamedTuple):
    """The items of one task and tier that count for a trainee, or those of neither."""

    task: Task | None
    tier: Tier | None
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Ladder:
    """What is expected of one trainee: a role, the variants of it they have, and the catalogue's version."""

    role: Role
    variants: frozenset[str]
    version: str

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks of this trainee, in the catalogue's order."""
        return tuple(task for task in self.role.tasks if task.variant is None or task.variant in self.variants)

    @cached_property
    def items(self) -> dict[str, Item]:
        """The items that count for this trainee, by id, in the catalogue's order."""
        return {item.id: item for item in self.role.items.values() if item.counts and self.has(item)}

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The same items, together by task and tier: in the catalogue they stand so."""

        def place(item: Item) -> tuple[str | None, str | None]:
            return item.task.id if item.task else None, item.tier.id if item.tier else None

        together = (tuple(items) for _, items in groupby(self.items.values(), key=place))
        return tuple(Cell(items[0].task, items[0].tier, items) for items in together)

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that these items are of."""
        found = {item.kind for item in self.items.values()}
        return tuple(kind for kind in KINDS if kind in found)

    @cached_property
    def needs(self) -> dict[str, tuple[Item, ...]]:
        """What of this ladder has to be signed off before an item, by its id; of a required parent, its children."""
        needs = {}
        for item in self.role.items.values():
            required = (self.role.items[id_] for id_ in item.requires)
            ids = dict.fromkeys(id_ for need in required for id_ in need.children or (need.id,))
            needs[item.id] = tuple(self.items[id_] for id_ in ids if id_ in self.items and id_ != item.id)
        return needs

    def has(self, item: Item) -> bool:
        """Whether the item's task is one of this trainee's."""
        return item.task is None or item.task.variant is None or item.task.variant in self.variants

    def absence(self, item: Item) -> str | None:
        """Return why an item of the role is not on this ladder; None when it is."""
        if item.retired:
            return "it was retired" + (f", replaced by {item.replaced_by}" if item.replaced_by else "")
        if item.task and not self.has(item):
            return f'it belongs to the variant "{item.task.variant}" of the role'
        return None
