"""What a catalogue must keep beyond its shape: ids unique, every reference leading somewhere, no circles.

Works on the plain tree, whatever its shape, so that an author hears of these faults beside the faults of
shape.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from difflib import get_close_matches
from math import nan
from typing import Any

from ca_ladder.catalogue.models import ITEM_LISTS, Task
from ca_ladder.catalogue.yaml_reader import KeyPath

MOST_OFFERS = 20

Finding = tuple[KeyPath, str]
LineOf = Callable[[KeyPath], int]


def reference_findings(tree: Any, line_of: LineOf) -> Iterator[Finding]:
    """Yield each fault of meaning with the place in the tree where its author mends it; ``line_of`` finds its line."""
    named: list[tuple[str, list[tuple[KeyPath, Any]]]] = [
        ("role", [(("roles", n, "id"), role.get("id")) for n, role in dicts(tree, "roles")]),
        ("item", [(place, each.get("id")) for n, role in dicts(tree, "roles") for place, each in entries_of(role, n)]),
    ]
    for number, role in dicts(tree, "roles"):
        for what in ("tiers", "variants", "conditions", "tasks"):
            own: list[tuple[KeyPath, Any]] = [
                (("roles", number, what, n, "id"), each.get("id")) for n, each in dicts(role, what)
            ]
            named.append((what.removesuffix("s"), own))
    for what, places in named:
        yield from _repeated(what, places, line_of)
    offers = _Offers()
    for number, role in dicts(tree, "roles"):
        yield from _role_findings(role, ("roles", number), number, offers)


class _Offers:
    """Finds what a misspelt id was meant to be: for the first few of a file, since looking takes time."""

    def __init__(self) -> None:
        self._left = MOST_OFFERS

    def near(self, id_: str, known: Collection[str]) -> str | None:
        """Return the nearest id that is known, if it is near."""
        self._left -= 1
        good = [each for each in known if re.fullmatch(r"[a-z0-9][a-z0-9+.-]*", each)] if self._left >= 0 else []
        near = get_close_matches(id_, good, n=1)
        return near[0] if near else None


def _role_findings(role: dict[str, Any], place: KeyPath, number: int, offers: _Offers) -> Iterator[Finding]:
    tiers, variants, conditions = (
        _ids(each for _, each in dicts(role, what)) for what in ("tiers", "variants", "conditions")
    )
    entries = list(entries_of(role, number))
    retired = {str(entry.get("id")): entry.get("replaced_by") for _, entry in entries if is_retired(entry)}
    ids = _ids(entry for _, entry in entries)
    parents = _ids(entry for _, entry in entries if _list(entry.get("children")))
    for n, tier in dicts(role, "tiers"):
        yield from _window(tier.get("months"), (*place, "tiers", n, "months"))
    for n, task in dicts(role, "tasks"):
        at = (*place, "tasks", n)
        yield from _window(task.get("begins"), (*at, "begins"))
        yield from _leads(offers, "variant", task.get("variant"), variants, (*at, "variant"))
        live = any(not is_retired(entry) for _, entry in _expectations(task, n))
        yield from _needs(offers, task.get("gate"), ids, parents, retired if live else {}, (*at, "gate"))
        for m, tier_id in enumerate(_list(task.get("not_required"))):
            yield from _leads(offers, "tier", tier_id, tiers, (*at, "not_required", m))
        for tier_id in _dict(task.get("expectations")) if tiers else ():
            if tier_id in Task.__struct_fields__ and tier_id not in tiers:
                yield (*at, "expectations", tier_id), f"`{tier_id}` is a field of the task; it is indented too far"
            else:
                yield from _leads(offers, "tier", tier_id, tiers, (*at, "expectations", tier_id))
    for at, entry in entries:
        here = at[:-1]
        yield from _leads(offers, "condition", entry.get("condition"), conditions, (*here, "condition"))
        yield from _leads(offers, "item", entry.get("replaced_by"), ids, (*here, "replaced_by"))
        for m, required in enumerate(_list(entry.get("requires"))):
            if is_retired(entry):
                yield from _leads(offers, "item", required, ids, (*here, "requires", m))
            else:
                yield from _needs(offers, required, ids, parents, retired, (*here, "requires", m))
        children = [child for _, child in dicts(entry, "children")]
        if children and all(map(is_retired, children)) and not is_retired(entry):
            yield (*here, "children"), "every child is retired; retire the parent too, or give it another child"
        for m, child in dicts(entry, "children"):
            if _list(child.get("children")):
                yield (*here, "children", m, "children"), "a child has no children of its own; list them side by side"
    yield from _circles(role, entries)


def _ids(each_with_id: Iterable[dict[str, Any]]) -> dict[str, None]:
    """Return the ids in their order, for looking up."""
    return {id_: None for each in each_with_id if isinstance(id_ := each.get("id"), str)}


def _successor(id_: str, retired: dict[str, Any]) -> str | None:
    """Return the first of those that replace a retired item which is not retired itself."""
    passed: set[str] = set()
    while id_ in retired and id_ not in passed:
        passed.add(id_)
        if not isinstance(after := retired[id_], str):
            return None
        id_ = after
    return id_ if id_ not in retired else None


def _repeated(what: str, places: list[tuple[KeyPath, Any]], line_of: LineOf) -> Iterator[Finding]:
    seen: dict[str, KeyPath] = {}
    for place, id_ in places:
        if isinstance(id_, str) and id_ in seen:
            twice = f"the {what} id `{id_}` is used twice, first on line {line_of(seen[id_])}"
            yield place, f"{twice}; every id stays with one {what} for ever"
        if isinstance(id_, str):
            seen.setdefault(id_, place)


def _leads(offers: _Offers, what: str, id_: Any, known: Collection[str], place: KeyPath) -> Iterator[Finding]:
    if isinstance(id_, str) and id_ not in known:
        near = offers.near(id_, known)
        offer = f"did you mean `{near}`?" if near else "name one of this role, or leave it out"
        yield place, f"there is no {what} `{id_ if len(id_) <= 60 else id_[:57] + '...'}`; {offer}"


def _needs(
    offers: _Offers, id_: Any, known: Collection[str], parents: Collection[str], retired: dict[str, Any], place: KeyPath
) -> Iterator[Finding]:
    """Refuse parents and retired items as well: never signed off, they could not hold anything back."""
    yield from _leads(offers, "item", id_, known, place)
    if isinstance(id_, str) and id_ in retired:
        instead = (
            f"name `{new}`, which replaces it" if (new := _successor(id_, retired)) else "name another, or leave it out"
        )
        yield place, f"`{id_}` is retired and holds nothing back; {instead}"
    elif isinstance(id_, str) and id_ in parents:
        yield place, f"`{id_}` follows from its children and is never signed off itself; name a child"


def _window(months: Any, place: KeyPath) -> Iterator[Finding]:
    first, until = _dict(months).get("from"), _dict(months).get("until")
    if number_of(until) <= number_of(first):
        yield place, f"`until` ({until}) must be later than `from` ({first})"


def number_of(written: Any) -> float:
    """Return the number that is written; not a number where none is."""
    try:
        return float(written)
    except (TypeError, ValueError):
        return nan  # a fault of shape, told as such; it compares as false


def _circles(role: dict[str, Any], entries: list[tuple[KeyPath, dict[str, Any]]]) -> Iterator[Finding]:
    """Yield each circle of prerequisites once, at its first item: nothing in it could ever be signed off."""
    needs: dict[str, list[str]] = {}
    where: dict[str, KeyPath] = {}
    for place, entry in entries:
        if isinstance(id_ := entry.get("id"), str) and id_ not in needs:  # one used twice has a fault of its own
            where[id_] = place
            needs[id_] = [need for need in _list(entry.get("requires")) if isinstance(need, str)]
    for n, task in dicts(role, "tasks"):
        if isinstance(gate := task.get("gate"), str):
            for _, entry in _expectations(task, n):
                if isinstance(id_ := entry.get("id"), str) and id_ in needs:
                    needs[id_].append(gate)
    done: set[str] = set()
    for start in needs:
        # Depth first without recursion: the path being walked holds each item with what it still has to ask.
        path: dict[str, Iterator[str]] = {} if start in done else {start: iter(needs[start])}
        while path:
            last = next(reversed(path))
            following = next(path[last], None)
            if following is None:
                del path[last]
                done.add(last)
            elif following in path:
                walked = list(path)
                circle = [*walked[walked.index(following) :], following]
                yield (
                    where[following],
                    f"a circle: {' needs '.join(circle)}; take one `requires` or `gate` out",
                )
            elif following in needs and following not in done:
                path[following] = iter(needs[following])


def entries_of(role: dict[str, Any], number: int) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Yield every item of the role with the place of its id."""
    for n, task in dicts(role, "tasks"):
        at: KeyPath = ("roles", number, "tasks", n)
        yield from ((("roles", number, *place), entry) for place, entry in _expectations(task, n))
        for what in ITEM_LISTS:
            yield from _nested(task.get(what), (*at, what))
    yield from _nested(role.get("qualifications"), ("roles", number, "qualifications"))


def _expectations(task: dict[str, Any], number: int) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    for tier_id, entries in _dict(task.get("expectations")).items():
        yield from _nested(entries, ("tasks", number, "expectations", tier_id))


def _nested(entries: Any, place: KeyPath) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    for n, entry in enumerate(_list(entries)):
        if isinstance(entry, dict):
            yield (*place, n, "id"), entry
            yield from _nested(entry.get("children"), (*place, n, "children"))


def bare_words(text: Any) -> str:
    """Return the words alone: capitals, blanks and a full stop at the end change none. Of what is no text, nothing."""
    return " ".join(text.casefold().split()).rstrip(".") if isinstance(text, str) else ""


def is_retired(entry: dict[str, Any]) -> bool:
    """Whether the entry is marked as retired, in any of the words that are taken for true."""
    return str(entry.get("retired")).casefold() in {"true", "yes", "on", "1", "y", "t"}


def dicts(parent: Any, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the entries of a list that have fields, with their numbers (from 0)."""
    children = _list(_dict(parent).get(name))
    return ((n, child) for n, child in enumerate(children) if isinstance(child, dict))


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
