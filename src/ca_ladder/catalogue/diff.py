"""Every difference between two catalogues.

Items are matched by their id in the whole catalogue; tasks, tiers, variants and conditions by their id within the role.
A new order is a change. An empty list of items below a tier is not.
"""

from collections import Counter
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
    Entry,
    Kind,
    Months,
    Resource,
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
    """The list that holds an entry. The field names are those of a ``moved`` change."""

    role: str
    task: str | None
    kind: Kind
    tier: str | None
    parent: str | None


_Named = Role | Task | Tier | Variant | Condition
_LocatedEntry = tuple[Entry, _Location]
_Matched = TypeVar("_Matched")
_NewIds = dict[tuple[str, ObjectType, str], str]  # by new role id, object type and old id, if the id changed

# The fields that are matched by ids, or are compared in another way.
_MATCHED_BY_ID = {"id", "version", "roles", *ROLE_PARTS, "qualifications", "expectations", *ITEM_LISTS, "children"}
_KINDS_OF_FIELDS: dict[str, ChangeKind] = {"text": "reworded", "name": "renamed", "title": "renamed"}


def changes(old: Catalogue, new: Catalogue) -> Changes:
    """Return all differences between two catalogues. The versions are not among the changes."""
    catalogue_changes = (*_field_changes(old, new), *_order_change("roles", _ids(old.roles), _ids(new.roles)))
    merged: dict[tuple[ObjectType, str | None, str], ChangedObject] = {}
    for subject in (ChangedObject("catalogue", "", None, "", catalogue_changes), *_role_changes(old, new)):
        key = subject.about, subject.role, subject.id
        before = merged[key].changes if key in merged else ()
        merged[key] = subject._replace(changes=(*before, *subject.changes))
    subjects = sorted(merged.values(), key=lambda subject: OBJECT_TYPES.index(subject.about))
    return Changes(old.version, new.version, tuple(subject for subject in subjects if subject.changes))


def _role_changes(old: Catalogue, new: Catalogue) -> Iterator[ChangedObject]:
    """Yield the changes of the roles and of everything in them."""
    renamed_roles = _renamed_ids(old.roles, new.roles)
    new_ids: _NewIds = {("", "role", before): after for before, after in renamed_roles.items()}
    yield from _compare("role", None, old.roles, new.roles, renamed_roles)
    new_roles = {role.id: role for role in new.roles}
    for old_role in old.roles:
        role = new_roles.get(renamed_roles.get(old_role.id, old_role.id))
        if role is None:
            continue
        for field, about in ROLE_PARTS.items():
            old_parts, parts = getattr(old_role, field), getattr(role, field)
            renamed = _renamed_ids(old_parts, parts)
            new_ids |= {(role.id, about, before): after for before, after in renamed.items()}
            yield from _compare(about, role.id, old_parts, parts, renamed)
            order = _order_change(field, [renamed.get(id_, id_) for id_ in _ids(old_parts)], _ids(parts))
            yield ChangedObject("role", role.id, role.id, role.name, tuple(order))
    yield from _compare_items(old, new, new_ids)


def _ids(parts: Sequence[_Named]) -> list[str]:
    return [part.id for part in parts]


def _words_of(part: _Named) -> str:
    return part.text if isinstance(part, Condition) else part.title if isinstance(part, Tier) else part.name


def _renamed_ids(old: Sequence[_Named], new: Sequence[_Named]) -> dict[str, str]:
    """Return the new id of each part that has kept its name under another id."""
    old_words, new_words = ({part.id: bare_words(_words_of(part)) for part in parts} for parts in (old, new))
    return _detect_renamed_ids(old_words, new_words, eq)


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


def _compare(
    about: ObjectType, role: str | None, old: Sequence[_Named], new: Sequence[_Named], renamed: dict[str, str]
) -> Iterator[ChangedObject]:
    """Yield what was added, removed or changed. ``role`` is None for roles themselves: each has its own id."""

    def changed_part(part: _Named, *changes: Change) -> ChangedObject:
        return ChangedObject(about, part.id, role or part.id, _words_of(part), changes)

    old_parts = {renamed.get(part.id, part.id): part for part in old}
    for after in new:
        before = old_parts.pop(after.id, None)
        if before and before.id != after.id:
            yield changed_part(before, Change("id-changed", "id", before.id, after.id))
        yield changed_part(after, *_field_changes(before, after)) if before else changed_part(after, Change("added"))
    yield from (changed_part(part, Change("gone")) for part in old_parts.values())


def _compare_items(old: Catalogue, new: Catalogue, new_ids: _NewIds) -> Iterator[ChangedObject]:
    """Yield the changes of the items. An item whose task got another id was not moved."""
    before = {entry.id: (entry, _new_location(at, new_ids)) for role in old.roles for entry, at in _entries(role)}
    after = {entry.id: (entry, location) for role in new.roles for entry, location in _entries(role)}
    renamed = _detect_renamed_ids(before, after, _item_likeness)
    for id_, (entry, location) in after.items():
        changes_of_item = _entry_changes(before[id_], after[id_]) if id_ in before else [Change("added")]
        yield _changed_item(entry, location, *changes_of_item)
    for id_, (entry, location) in before.items():
        if id_ in renamed:
            yield _changed_item(entry, location, Change("id-changed", "id", id_, renamed[id_]))
        elif id_ not in after:
            yield _changed_item(entry, location, Change("gone"))
    yield from _order_changes(before, after, new)


def _changed_item(entry: Entry, location: _Location, *changes: Change) -> ChangedObject:
    role, task, kind, tier, _ = location
    return ChangedObject("item", entry.id, role, entry.text, changes, task, kind, tier)


def _item_likeness(old: _LocatedEntry, new: _LocatedEntry) -> int:
    """Return 2 for the same words in the same list, 1 for the same words elsewhere in the role."""
    (old_entry, old_location), (new_entry, new_location) = old, new
    same_words = bare_words(old_entry.text) == bare_words(new_entry.text)
    if old_entry.retired or new_entry.retired or old_location.role != new_location.role or not same_words:
        return 0
    return 2 if old_location == new_location else 1


def _entry_changes(old: _LocatedEntry, new: _LocatedEntry) -> Iterator[Change]:
    for field, before, after in zip(_Location._fields, old[1], new[1], strict=True):
        if before != after:
            yield Change("moved", field, before, after)
    old_children, new_children = ([c.id for c in entry.children if not c.retired] for entry in (old[0], new[0]))
    for change in _field_changes(old[0], new[0]):
        # A parent is not signed off itself, so its revision has no effect.
        yield change._replace(kind="changed") if new_children and change.field == "revision" else change
    if new_children and not old_children:
        yield Change("parent", "children", None, ", ".join(new_children))
    if old_children and not new_children:
        yield Change("no-parent", "children", ", ".join(old_children), None)


def _order_changes(
    before: dict[str, _LocatedEntry], after: dict[str, _LocatedEntry], new: Catalogue
) -> Iterator[ChangedObject]:
    """Yield the lists whose remaining items are in another order."""
    old_lists: dict[_Location, list[str]] = {}
    new_lists: dict[_Location, list[str]] = {}
    for lists, items in ((old_lists, before), (new_lists, after)):
        for id_, (_, location) in items.items():
            lists.setdefault(location, []).append(id_)
    names: dict[tuple[str, str | None], str] = {(role.id, None): role.name for role in new.roles}
    names |= {(role.id, task.id): task.name for role in new.roles for task in role.tasks}
    for location, ids in new_lists.items():
        role_id, task_id, kind, tier, parent = location
        for change in _order_change(tier or kind, old_lists.get(location, []), ids):
            if parent:
                yield _changed_item(*after[parent], change._replace(field="children"))
            else:
                about: ObjectType = "task" if task_id else "role"
                yield ChangedObject(about, task_id or role_id, role_id, names[role_id, task_id], (change,))


def _order_change(field: str, old: Collection[str], new: Collection[str]) -> Iterator[Change]:
    before, after = [id_ for id_ in old if id_ in new], [id_ for id_ in new if id_ in old]
    if before != after:
        yield Change("order", field, ", ".join(before), ", ".join(after))


def _field_changes(old: Struct, new: Struct) -> Iterator[Change]:
    """Yield the fields that differ, under their names in the file."""
    for field in fields(new):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after and field.name not in _MATCHED_BY_ID:
            yield from _field_change(field.encode_name, before, after)


def _field_change(name: str, before: Any, after: Any) -> Iterator[Change]:
    if name == "retired":
        yield Change("retired" if after else "brought-back")
    elif name == "revision":
        yield Change("revision-raised" if after > before else "revision-lowered", name, str(before), str(after))
    elif isinstance(before, tuple) and isinstance(after, tuple):
        removed, added = Counter(before) - Counter(after), Counter(after) - Counter(before)
        yield from (Change("changed", name, _words(value), None) for value in removed.elements())
        yield from (Change("changed", name, None, _words(value)) for value in added.elements())
        if not removed and not added:
            old, new = ("; ".join(str(_words(value)) for value in values) for values in (before, after))
            yield Change("order", name, old, new)
    else:
        yield Change(_KINDS_OF_FIELDS.get(name, "changed"), name, _words(before), _words(after))


def _words(value: Any) -> str | None:
    """Return a value as an author reads it."""
    if isinstance(value, Months):
        return f"from {value.first}" + (f" until {value.until}" if value.until is not None else "")
    if isinstance(value, Resource):
        return value.in_short
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _entries(role: Role) -> Iterator[_LocatedEntry]:
    """Yield every entry of a role with its location, children after their parent."""
    for task in role.tasks:
        for tier, entries in task.expectations.items():
            yield from _nested(entries, _Location(role.id, task.id, "expectation", tier, None))
        for name, kind in ITEM_LISTS.items():
            yield from _nested(getattr(task, name), _Location(role.id, task.id, kind, None, None))
    yield from _nested(role.qualifications, _Location(role.id, None, "qualification", None, None))


def _nested(entries: Sequence[Entry], location: _Location) -> Iterator[_LocatedEntry]:
    for entry in entries:
        yield entry, location
        yield from _nested(entry.children, location._replace(parent=entry.id))


def _new_location(old: _Location, new_ids: _NewIds) -> _Location:
    """Return a location in the old catalogue under the ids of the new one."""
    role = new_ids.get(("", "role", old.role), old.role)
    task = old.task and new_ids.get((role, "task", old.task), old.task)
    tier = old.tier and new_ids.get((role, "tier", old.tier), old.tier)
    return old._replace(role=role, task=task, tier=tier)
