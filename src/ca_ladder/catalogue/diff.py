"""Every difference between two catalogues.

Items are matched by their id in the whole catalogue; tasks, tiers, variants and conditions by their id within the role.
A new order is a change. An empty list of items below a tier is not.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from operator import eq
from typing import Any, Literal, NamedTuple, TypeVar, get_args

from msgspec import Struct
from msgspec.structs import fields

from ca_ladder.catalogue.models import (
    ITEM_LISTS,
    ROLE_PARTS,
    Catalogue,
    Condition,
    Item,
    Kind,
    Role,
    Task,
    Tier,
    Variant,
)
from ca_ladder.catalogue.references import bare_words

# What an author can change, with the most severe for the records first.
ChangeKind = Literal[
    "id-changed",
    "revision-raised",
    "gone",
    "retired",
    "revision-lowered",
    "brought-back",
    "parent",
    "no-parent",
    "moved",
    "reworded",
    "renamed",
    "changed",
    "added",
    "order",
]
CHANGE_KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)
ObjectType = Literal["item", "task", "tier", "variant", "condition", "role", "catalogue"]
OBJECT_TYPES: tuple[ObjectType, ...] = get_args(ObjectType)


class Change(NamedTuple):
    """One change. ``field`` is the field of the file, if it is about one; ``old`` or ``new`` is None if there is none.

    With ``id-changed``, ``old`` and ``new`` are the ids. In a list, each entry added or removed is a change.
    """

    kind: ChangeKind
    field: str | None = None
    old: str | None = None
    new: str | None = None


class ChangedObject(NamedTuple):
    """A part of the catalogue with all its changes. ``words`` are its text, name or title, the new ones if it has any.

    ``role`` is the id of its role, None for the catalogue itself. Only items have ``task``, ``kind`` and ``tier``.
    """

    about: ObjectType
    id: str
    role: str | None
    words: str
    changes: tuple[Change, ...]
    task: str | None = None
    kind: Kind | None = None
    tier: str | None = None

    @property
    def most_severe(self) -> ChangeKind:
        """The most severe kind of its changes."""
        return min((change.kind for change in self.changes), key=CHANGE_KINDS.index)


class Changes(NamedTuple):
    """All differences between two catalogues, in the order of the new one."""

    old_version: str
    new_version: str
    subjects: tuple[ChangedObject, ...]

    @property
    def total(self) -> int:
        """The number of changes."""
        return sum(len(subject.changes) for subject in self.subjects)

    @property
    def version_stayed(self) -> bool:
        """True if something changed but the version did not."""
        return bool(self.subjects) and self.old_version == self.new_version


class _Location(NamedTuple):
    """The list that holds an item. The field names are those of a ``moved`` change."""

    role: str
    task: str | None
    kind: Kind
    tier: str | None
    parent: str | None


_Named = Role | Task | Tier | Variant | Condition
_LocatedItem = tuple[Item, _Location]
_Matched = TypeVar("_Matched")
_NewIds = dict[tuple[str | None, ObjectType, str], str]  # by new role id, object type and old id, if the id changed

# The fields that are matched by ids, or are compared in another way.
_MATCHED_BY_ID = {"id", *ROLE_PARTS, "qualifications", "expectations", *ITEM_LISTS, "children"}
_KINDS_OF_FIELDS: dict[str, ChangeKind] = {"text": "reworded", "name": "renamed", "title": "renamed"}


def changes(old: Catalogue, new: Catalogue) -> Changes:
    """Return all differences between two catalogues. The versions are not among the changes."""
    merged: dict[tuple[ObjectType, str | None, str], ChangedObject] = {}
    for subject in _changed_objects(old, new):
        key = subject.about, subject.role, subject.id
        before = merged[key].changes if key in merged else ()
        merged[key] = subject._replace(changes=(*before, *subject.changes))
    subjects = sorted(merged.values(), key=lambda subject: OBJECT_TYPES.index(subject.about))
    return Changes(old.version, new.version, tuple(subject for subject in subjects if subject.changes))


def _changed_objects(old: Catalogue, new: Catalogue) -> Iterator[ChangedObject]:
    """Yield every object with its changes. One object may come twice, and one without changes may come too."""
    new_ids: _NewIds = {}
    yield from _compare(ChangedObject("catalogue", "", None, "", ()), "roles", "role", old.roles, new.roles, new_ids)
    new_roles = {role.id: role for role in new.roles}
    for old_role in old.roles:
        if role := new_roles.get(new_ids.get((None, "role", old_role.id), old_role.id)):
            owner = ChangedObject("role", role.id, role.id, role.name, ())
            for field, about in ROLE_PARTS.items():
                yield from _compare(owner, field, about, getattr(old_role, field), getattr(role, field), new_ids)
    before = {located[0].id: located for located in _located_items(old, new_ids)}
    after = {located[0].id: located for located in _located_items(new, {})}
    yield from _compare_items(before, after)
    yield from _order_changes(before, after, {role.id: role.name for role in new.roles})


def _compare(
    owner: ChangedObject, field: str, about: ObjectType, old: Sequence[_Named], new: Sequence[_Named], new_ids: _NewIds
) -> Iterator[ChangedObject]:
    """Yield what was added, removed or changed in a list, and the owner of the list if its order changed.

    A part that has kept its name under another id is the same part. Its ids are added to ``new_ids``.
    """

    def changed_part(part: _Named, *changes: Change) -> ChangedObject:
        # Each role has its own id as its role.
        return ChangedObject(about, part.id, owner.role or part.id, _words_of(part), changes)

    old_words, new_words = ({part.id: bare_words(_words_of(part)) for part in parts} for parts in (old, new))
    renamed = _detect_renamed_ids(old_words, new_words, eq)
    new_ids.update({(owner.role, about, before): after for before, after in renamed.items()})
    old_parts = {renamed.get(part.id, part.id): part for part in old}
    yield owner._replace(changes=_order_change(field, [*old_parts], [part.id for part in new]))
    for after in new:
        before = old_parts.pop(after.id, None)
        if before and before.id != after.id:
            yield changed_part(before, Change("id-changed", "id", before.id, after.id))
        yield changed_part(after, *_field_changes(before, after)) if before else changed_part(after, Change("added"))
    yield from (changed_part(part, Change("gone")) for part in old_parts.values())


def _words_of(part: _Named) -> str:
    return part.text if isinstance(part, Condition) else part.title if isinstance(part, Tier) else part.name


def _detect_renamed_ids(
    old: Mapping[str, _Matched], new: Mapping[str, _Matched], likeness: Callable[[_Matched, _Matched], int]
) -> dict[str, str]:
    """Return for each removed id the added one most like it. A likeness of 0 is no match."""
    added = {id_: after for id_, after in new.items() if id_ not in old}
    renamed: dict[str, str] = {}
    for id_, before in old.items():
        if id_ in new:
            continue
        scores = {new_id: likeness(before, after) for new_id, after in added.items()}
        if any(scores.values()):
            renamed[id_] = max(scores, key=scores.__getitem__)
            del added[renamed[id_]]
    return renamed


def _located_items(catalogue: Catalogue, new_ids: _NewIds) -> Iterator[_LocatedItem]:
    """Yield every item with its location, under the new ids: an item whose task got another id was not moved."""
    for role in catalogue.roles:
        role_id = new_ids.get((None, "role", role.id), role.id)
        for item in role.items.values():
            task = new_ids.get((role_id, "task", item.task.id), item.task.id) if item.task else None
            tier = new_ids.get((role_id, "tier", item.tier.id), item.tier.id) if item.tier else None
            yield item, _Location(role_id, task, item.kind, tier, item.parent)


def _compare_items(before: dict[str, _LocatedItem], after: dict[str, _LocatedItem]) -> Iterator[ChangedObject]:
    renamed = _detect_renamed_ids(before, after, _item_likeness)
    for id_, located in after.items():
        yield _changed_item(located, *(_item_changes(before[id_], located) if id_ in before else [Change("added")]))
    for id_, located in before.items():
        if id_ in renamed:
            yield _changed_item(located, Change("id-changed", "id", id_, renamed[id_]))
        elif id_ not in after:
            yield _changed_item(located, Change("gone"))


def _changed_item(located: _LocatedItem, *changes: Change) -> ChangedObject:
    item, (role, task, kind, tier, _) = located
    return ChangedObject("item", item.id, role, item.text, changes, task, kind, tier)


def _item_likeness(old: _LocatedItem, new: _LocatedItem) -> int:
    """Return 2 for the same words in the same list, 1 for the same words elsewhere in the role."""
    (old_item, old_location), (new_item, new_location) = old, new
    same_words = bare_words(old_item.text) == bare_words(new_item.text)
    if old_item.retired or new_item.retired or old_location.role != new_location.role or not same_words:
        return 0
    return 2 if old_location == new_location else 1


def _item_changes(old: _LocatedItem, new: _LocatedItem) -> Iterator[Change]:
    (before, old_location), (after, new_location) = old, new
    for field, was, now in zip(_Location._fields, old_location, new_location, strict=True):
        if was != now:
            yield Change("moved", field, was, now)
    for change in _field_changes(before.entry, after.entry):
        # A parent is not signed off itself, so its revision has no effect.
        yield change._replace(kind="changed") if after.children and change.field == "revision" else change
    if after.children and not before.children:
        yield Change("parent", "children", None, ", ".join(after.children))
    if before.children and not after.children:
        yield Change("no-parent", "children", ", ".join(before.children), None)


def _order_changes(
    before: dict[str, _LocatedItem], after: dict[str, _LocatedItem], role_names: dict[str, str]
) -> Iterator[ChangedObject]:
    """Yield the owners of lists whose remaining items are in another order."""
    ids: defaultdict[_Location, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for number, items in enumerate((after, before)):
        for item, location in items.values():
            ids[location][number].append(item.id)
    for (role, _, kind, tier, parent), (new, old) in ids.items():
        for change in _order_change(tier or kind, old, new):
            in_task = after[new[0]][0].task
            if parent:
                yield _changed_item(after[parent], change._replace(field="children"))
            elif in_task:
                yield ChangedObject("task", in_task.id, role, in_task.name, (change,))
            else:
                yield ChangedObject("role", role, role, role_names[role], (change,))


def _order_change(field: str, old: Collection[str], new: Collection[str]) -> tuple[Change, ...]:
    """Return the change of the order of what is in both, if there is one."""
    before, after = [id_ for id_ in old if id_ in new], [id_ for id_ in new if id_ in old]
    return (Change("order", field, ", ".join(before), ", ".join(after)),) if before != after else ()


def _field_changes(old: Struct, new: Struct) -> Iterator[Change]:
    """Yield the fields that differ, under their names in the file."""
    for field in fields(new):
        name, before, after = field.encode_name, getattr(old, field.name), getattr(new, field.name)
        if before == after or name in _MATCHED_BY_ID:
            continue
        if name == "retired":
            yield Change("retired" if after else "brought-back")
        elif name == "revision":
            yield Change("revision-raised" if after > before else "revision-lowered", name, str(before), str(after))
        elif isinstance(before, tuple) and isinstance(after, tuple):
            removed, added = Counter(before) - Counter(after), Counter(after) - Counter(before)
            yield from (Change("changed", name, str(value), None) for value in removed.elements())
            yield from (Change("changed", name, None, str(value)) for value in added.elements())
            if not removed and not added:
                yield Change("order", name, "; ".join(map(str, before)), "; ".join(map(str, after)))
        else:
            yield Change(_KINDS_OF_FIELDS.get(name, "changed"), name, _words(before), _words(after))


def _words(value: Any) -> str | None:
    """Return a value as an author writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)
