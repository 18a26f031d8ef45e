"""What an author changed from one catalogue to the next: nothing that differs goes unmentioned.

An item is known by its id in the whole catalogue; a task, tier, variant or footnote by its id within its role. A new
order counts as a change. An empty list of items below a tier says nothing, and is none.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypeVar, get_args

from msgspec import Struct
from msgspec.structs import fields

from ca_ladder.catalogue.models import (
    ITEM_LISTS,
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

# What an author can do, the gravest for the records first: an item is told under the first of its changes.
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
ABOUT: tuple[ObjectType, ...] = get_args(ObjectType)


class Change(NamedTuple):
    """One thing changed: which ``field`` of the file, where it is one, from ``old`` to ``new``; None is nothing there.

    Of ``id-changed``, ``old`` and ``new`` are the two ids. Of a list, each entry that came or went is a change.
    """

    kind: ChangeKind
    field: str | None = None
    old: str | None = None
    new: str | None = None


class ChangedObject(NamedTuple):
    """What was changed, with all that was: ``words`` are its text, name or title, the new ones where it has any.

    ``role`` is the id of the role it belongs to now, or belonged to; None for the catalogue as a whole. ``task``,
    ``kind`` and ``tier`` are those of an item.
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
        """The kind of change that it is told under."""
        return min((change.kind for change in self.changes), key=CHANGE_KINDS.index)


class Changes(NamedTuple):
    """All that differs between two catalogues, in the order of the new one."""

    old_version: str
    new_version: str
    subjects: tuple[ChangedObject, ...]

    @property
    def total(self) -> int:
        """How many changes there are."""
        return sum(len(each.changes) for each in self.subjects)

    @property
    def version_stayed(self) -> bool:
        """Whether something changed and the version did not."""
        return bool(self.subjects) and self.old_version == self.new_version


class _Place(NamedTuple):
    """Where an entry stands; of its kind and tier, the list that holds it follows."""

    role: str
    task: str | None
    kind: Kind
    tier: str | None
    parent: str | None


_Placed = tuple[Entry, _Place]
_Named = TypeVar("_Named", Role, Task, Tier, Variant, Condition)

# The fields that hold what has an id of its own, and is compared by it.
_OWN: dict[type[Struct], set[str]] = {
    Catalogue: {"version", "roles"},
    Role: {"variants", "tiers", "conditions", "qualifications", "tasks"},
    Task: {"expectations", *ITEM_LISTS},
    Entry: {"children"},
}
_KINDS_OF_FIELDS: dict[str, ChangeKind] = {"text": "reworded", "name": "renamed", "title": "renamed"}


def changes(old: Catalogue, new: Catalogue) -> Changes:
    """Return all that differs between two catalogues, but for their versions, which stand beside it."""
    subjects = [ChangedObject("catalogue", "", None, "", tuple(_catalogue(old, new))), *_below(old, new)]
    told: dict[tuple[ObjectType, str | None, str], ChangedObject] = {}
    for each in subjects:
        key = each.about, each.role, each.id
        told[key] = each._replace(changes=(*told[key].changes, *each.changes)) if key in told else each
    ordered = sorted((each for each in told.values() if each.changes), key=lambda each: ABOUT.index(each.about))
    return Changes(old.version, new.version, tuple(ordered))


def _catalogue(old: Catalogue, new: Catalogue) -> Iterator[Change]:
    yield from _fields(old, new)
    yield from _order("roles", [role.id for role in old.roles], [role.id for role in new.roles])


def _below(old: Catalogue, new: Catalogue) -> Iterator[ChangedObject]:
    """Yield what changed in the roles, and in what they hold."""
    ids: dict[tuple[str, str, str], str] = {}  # by new role, what, and old id: the new id, where that changed
    roles = _renumbered(old.roles, new.roles, lambda role: role.name)
    ids |= {("", "role", before): after for before, after in roles.items()}
    yield from _compared("role", None, old.roles, new.roles, roles, lambda role: role.name)
    by_id = {role.id: role for role in new.roles}
    for before in old.roles:
        after = by_id.get(roles.get(before.id, before.id))
        if after:
            yield from _role(before, after, ids)
    yield from _items(old, new, ids)


def _role(old: Role, new: Role, ids: dict[tuple[str, str, str], str]) -> Iterator[ChangedObject]:
    """Yield what changed in the tasks, tiers, variants and footnotes of a role; note which ids changed."""

    def compared(
        about: ObjectType, before: Sequence[_Named], after: Sequence[_Named], words: Callable[[_Named], str]
    ) -> Iterator[ChangedObject]:
        changed = _renumbered(before, after, words)
        ids.update({(new.id, about, was): now for was, now in changed.items()})
        yield from _compared(about, new.id, before, after, changed, words)
        order = _order(f"{about}s", [changed.get(each.id, each.id) for each in before], [each.id for each in after])
        yield ChangedObject("role", new.id, new.id, new.name, tuple(order))

    yield from compared("tier", old.tiers, new.tiers, lambda tier: tier.title)
    yield from compared("variant", old.variants, new.variants, lambda variant: variant.name)
    yield from compared("condition", old.conditions, new.conditions, lambda condition: condition.text)
    yield from compared("task", old.tasks, new.tasks, lambda task: task.name)


def _renumbered(old: Sequence[_Named], new: Sequence[_Named], words: Callable[[_Named], str]) -> dict[str, str]:
    """Return by the old id the new one of each whose id alone changed: its name is that of one that came."""
    there = {each.id for each in old}
    came = [each for each in new if each.id not in there]
    still = {each.id for each in new}
    found: dict[str, str] = {}
    for each in old:
        if each.id not in still:
            left = [one for one in came if one.id not in found.values()]
            same = [one for one in left if bare_words(words(one)) == bare_words(words(each))]
            found |= {each.id: same[0].id} if same else {}
    return found


def _compared(
    about: ObjectType,
    role: str | None,
    old: Sequence[_Named],
    new: Sequence[_Named],
    changed: dict[str, str],
    words: Callable[[_Named], str],
) -> Iterator[ChangedObject]:
    """Yield what came, what went, and what is otherwise than it was; of a role, ``role`` is its own id."""
    before = {changed.get(each.id, each.id): each for each in old}
    now = {each.id for each in new}
    for each in new:
        was = before.get(each.id)
        own = role or each.id
        if was is None:
            yield ChangedObject(about, each.id, own, words(each), (Change("added"),))
            continue
        if was.id != each.id:
            id_changed = Change("id-changed", "id", was.id, each.id)
            yield ChangedObject(about, was.id, role or was.id, words(was), (id_changed,))
        yield ChangedObject(about, each.id, own, words(each), tuple(_fields(was, each)))
    for each in old:
        if changed.get(each.id, each.id) not in now:
            yield ChangedObject(about, each.id, role or each.id, words(each), (Change("gone"),))


def _items(old: Catalogue, new: Catalogue, ids: dict[tuple[str, str, str], str]) -> Iterator[ChangedObject]:
    """Yield what changed of the items, with their place; one whose task has another id now was not moved."""
    before = {entry.id: (entry, _now(place, ids)) for role in old.roles for entry, place in _entries(role)}
    after = {entry.id: (entry, place) for role in new.roles for entry, place in _entries(role)}
    changed = _renumbered_items(before, after)
    for id_, (entry, place) in after.items():
        found = tuple(_entry(*before[id_], entry, place)) if id_ in before else (Change("added"),)
        yield _subject(entry, place, found)
    for id_, (entry, place) in before.items():
        if id_ in changed:
            yield _subject(entry, place, (Change("id-changed", "id", id_, changed[id_]),))
        elif id_ not in after:
            yield _subject(entry, place, (Change("gone"),))
    yield from _orders(before, after, new)


def _subject(entry: Entry, place: _Place, found: tuple[Change, ...]) -> ChangedObject:
    return ChangedObject("item", entry.id, place.role, entry.text, found, place.task, place.kind, place.tier)


def _renumbered_items(before: dict[str, _Placed], after: dict[str, _Placed]) -> dict[str, str]:
    """Return by the old id the new one of each item that came back word for word in its role; best in its place."""
    came = [each for id_, each in after.items() if id_ not in before and not each[0].retired]
    found: dict[str, str] = {}
    for id_, (entry, place) in before.items():
        if id_ in after or entry.retired:
            continue
        own = [each for each in came if each[1].role == place.role and each[0].id not in found.values()]
        same = [each for each in own if bare_words(each[0].text) == bare_words(entry.text)]
        same.sort(key=lambda each: each[1] != place)
        found |= {id_: same[0][0].id} if same else {}
    return found


def _entry(old: Entry, was: _Place, new: Entry, place: _Place) -> Iterator[Change]:
    for field, there, here in zip(_Place._fields, was, place, strict=True):
        if there != here:
            yield Change("moved", field, there, here)
    live = [[child.id for child in each.children if not child.retired] for each in (old, new)]
    for change in _fields(old, new):  # a parent is not signed off itself: its revision means nothing
        yield change._replace(kind="changed") if live[1] and change.field == "revision" else change
    if live[1] and not live[0]:
        yield Change("parent", "children", None, ", ".join(live[1]))
    if live[0] and not live[1]:
        yield Change("no-parent", "children", ", ".join(live[0]), None)


def _orders(before: dict[str, _Placed], after: dict[str, _Placed], new: Catalogue) -> Iterator[ChangedObject]:
    """Yield which lists of items stand in another order; where one came or went does not matter here."""
    lists: tuple[dict[_Place, list[str]], dict[_Place, list[str]]] = ({}, {})
    for found, entries in zip(lists, (before, after), strict=True):
        for id_, (_, place) in entries.items():
            found.setdefault(place, []).append(id_)
    roles = {role.id: role for role in new.roles}
    for place, now in lists[1].items():
        for change in _order(place.tier or place.kind, lists[0].get(place, []), now):
            role = roles[place.role]
            task = next((each for each in role.tasks if each.id == place.task), None)
            if place.parent:
                yield _subject(*after[place.parent], (change._replace(field="children"),))
            elif task:
                yield ChangedObject("task", task.id, role.id, task.name, (change,))
            else:
                yield ChangedObject("role", role.id, role.id, role.name, (change,))


def _order(field: str, old: Collection[str], new: Collection[str]) -> Iterator[Change]:
    was, now = [each for each in old if each in new], [each for each in new if each in old]
    if was != now:
        yield Change("order", field, ", ".join(was), ", ".join(now))


def _fields(old: Struct, new: Struct) -> Iterator[Change]:
    """Yield the fields that differ, whichever a model has, under the names that they have in the file."""
    for field in fields(new):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before == after or field.name in {"id", *_OWN.get(type(new), ())}:
            continue
        yield from _field(field.encode_name, before, after)


def _field(name: str, before: Any, after: Any) -> Iterator[Change]:
    if name == "retired":
        yield Change("retired" if after else "brought-back")
    elif name == "revision":
        yield Change("revision-raised" if after > before else "revision-lowered", name, str(before), str(after))
    elif isinstance(before, tuple) and isinstance(after, tuple):
        went, came = Counter(before) - Counter(after), Counter(after) - Counter(before)
        yield from (Change("changed", name, _words(each), None) for each in went.elements())
        yield from (Change("changed", name, None, _words(each)) for each in came.elements())
        if not went and not came:
            yield Change(
                "order", name, "; ".join(map(str, map(_words, before))), "; ".join(map(str, map(_words, after)))
            )
    else:
        yield Change(_KINDS_OF_FIELDS.get(name, "changed"), name, _words(before), _words(after))


def _words(value: Any) -> str | None:
    """Return a value as an author reads it; None where there is none."""
    if isinstance(value, Months):
        return f"from {value.first}" + (f" until {value.until}" if value.until is not None else "")
    if isinstance(value, Resource):
        return value.in_short
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _entries(role: Role) -> Iterator[_Placed]:
    """Yield every entry of a role with its place, children after their parent."""
    for task in role.tasks:
        for tier, entries in task.expectations.items():
            yield from _nested(entries, _Place(role.id, task.id, "expectation", tier, None))
        for name, kind in ITEM_LISTS.items():
            yield from _nested(getattr(task, name), _Place(role.id, task.id, kind, None, None))
    yield from _nested(role.qualifications, _Place(role.id, None, "qualification", None, None))


def _nested(entries: Sequence[Entry], place: _Place) -> Iterator[_Placed]:
    for entry in entries:
        yield entry, place
        yield from _nested(entry.children, place._replace(parent=entry.id))


def _now(place: _Place, ids: dict[tuple[str, str, str], str]) -> _Place:
    """Return a place of the old catalogue under the ids of the new one."""
    role = ids.get(("", "role", place.role), place.role)
    task = place.task and ids.get((role, "task", place.task), place.task)
    return place._replace(role=role, task=task, tier=place.tier and ids.get((role, "tier", place.tier), place.tier))
