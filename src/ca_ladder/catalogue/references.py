"""Checks beyond the shape of a catalogue: unique ids, references that lead somewhere, no cycles of prerequisites.

They work on the plain tree, even a faulty one, so that an author reads these faults together with those of the shape.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from math import nan
from typing import Any

from ca_ladder.catalogue.models import ITEM_LISTS, ROLE_PARTS, Task
from ca_ladder.catalogue.yaml_reader import Finding, KeyPath, Source

MOST_SUGGESTIONS = 20  # per file, because searching is slow

Part = tuple[KeyPath, dict[str, Any]]
"""A dict of the tree, with its path."""


def reference_findings(source: Source) -> Iterator[Finding]:
    """Yield each fault of the tree."""
    roles = list(dicts(source.tree, "roles"))
    suggestions = iter(range(MOST_SUGGESTIONS))
    yield from _repeated_ids("role", roles, source)
    yield from _repeated_ids("item", all_entries(source.tree), source)
    for path, role in roles:
        for field, what in ROLE_PARTS.items():
            yield from _repeated_ids(what, dicts(role, field, path), source)
        yield from _role_findings(role, path, suggestions)


def _role_findings(role: dict[str, Any], role_path: KeyPath, suggestions: Iterator[int]) -> Iterator[Finding]:
    def check(what: str, id_: Any, known: Collection[str], path: KeyPath) -> Iterator[Finding]:
        """Refuse an id that is not known. The first ones of a file get a suggestion."""
        if isinstance(id_, str) and id_ not in known:
            valid = [known_id for known_id in known if re.fullmatch(r"[a-z0-9][a-z0-9+.-]*", known_id)]
            nearest = get_close_matches(id_, valid, n=1) if next(suggestions, None) is not None else []
            advice = f"did you mean `{nearest[0]}`?" if nearest else "name one of this role, or leave it out"
            yield path, f"there is no {what} `{id_ if len(id_) <= 60 else id_[:57] + '...'}`; {advice}"

    tiers, variants, conditions = (
        _ids(part for _, part in dicts(role, field)) for field in ("tiers", "variants", "conditions")
    )
    entries = list(entries_of(role, role_path))
    ids = _ids(entry for _, entry in entries)
    parents = _ids(entry for _, entry in entries if _list(entry.get("children")))
    retired = {str(entry.get("id")): entry.get("replaced_by") for _, entry in entries if is_retired(entry)}

    def check_prerequisite(id_: Any, path: KeyPath, *, live: bool) -> Iterator[Finding]:
        """Refuse unknown items and, if a live one needs them, parents and retired items: these are never signed off."""
        yield from check("item", id_, ids, path)
        if not live or not isinstance(id_, str):
            return
        if id_ in retired:
            successor = _successor(id_, retired)
            advice = f"name `{successor}`, which replaces it" if successor else "name another, or leave it out"
            yield path, f"`{id_}` is retired and holds nothing back; {advice}"
        elif id_ in parents:
            yield path, f"`{id_}` follows from its children and is never signed off itself; name a child"

    for path, tier in dicts(role, "tiers", role_path):
        yield from _check_months(tier.get("months"), (*path, "months"))
    for path, task in dicts(role, "tasks", role_path):
        yield from _check_months(task.get("begins"), (*path, "begins"))
        yield from check("variant", task.get("variant"), variants, (*path, "variant"))
        live = any(not is_retired(entry) for _, entry in _expectations(task, path))
        yield from check_prerequisite(task.get("gate"), (*path, "gate"), live=live)
        for m, tier_id in enumerate(_list(task.get("not_required"))):
            yield from check("tier", tier_id, tiers, (*path, "not_required", m))
        for tier_id in _dict(task.get("expectations")) if tiers else ():
            if tier_id in Task.__struct_fields__ and tier_id not in tiers:
                yield (*path, "expectations", tier_id), f"`{tier_id}` is a field of the task; it is indented too far"
            else:
                yield from check("tier", tier_id, tiers, (*path, "expectations", tier_id))
    for path, entry in entries:
        yield from check("condition", entry.get("condition"), conditions, (*path, "condition"))
        yield from check("item", entry.get("replaced_by"), ids, (*path, "replaced_by"))
        for m, required in enumerate(_list(entry.get("requires"))):
            yield from check_prerequisite(required, (*path, "requires", m), live=not is_retired(entry))
        children = list(dicts(entry, "children", path))
        if children and all(is_retired(child) for _, child in children) and not is_retired(entry):
            yield (*path, "children"), "every child is retired; retire the parent too, or give it another child"
        for child_path, child in children:
            if _list(child.get("children")):
                yield (*child_path, "children"), "a child has no children of its own; list them side by side"
    yield from _cycles(entries, {path: task.get("gate") for path, task in dicts(role, "tasks", role_path)})


def _ids(parts: Iterable[dict[str, Any]]) -> dict[str, None]:
    """Return the ids in their order, as a dict for fast lookup."""
    return {id_: None for part in parts if isinstance(id_ := part.get("id"), str)}


def _successor(id_: str, retired: dict[str, Any]) -> str | None:
    """Follow the replacements of a retired item to the first one that is not retired."""
    successor: Any = id_
    for _ in retired:  # in a circle of replacements, every one is retired
        successor = retired.get(successor, successor) if isinstance(successor, str) else None
    return successor if isinstance(successor, str) and successor not in retired else None


def _repeated_ids(what: str, parts: Iterable[Part], source: Source) -> Iterator[Finding]:
    first_paths: dict[str, KeyPath] = {}
    for path, part in parts:
        if isinstance(id_ := part.get("id"), str) and first_paths.setdefault(id_, path) != path:
            first = source.position((*first_paths[id_], "id")).line
            sentence = f"the {what} id `{id_}` is used twice, first on line {first}"
            yield (*path, "id"), f"{sentence}; every id stays with one {what} for ever"


def _check_months(months: Any, path: KeyPath) -> Iterator[Finding]:
    first, until = _dict(months).get("from"), _dict(months).get("until")
    if number_of(until) <= number_of(first):
        yield path, f"`until` ({until}) must be later than `from` ({first})"


def number_of(text: Any, otherwise: float = nan) -> float:
    """Return a text as a number. If it is none, NaN compares as false, and the shape check reports the text."""
    try:
        return float(text)
    except (TypeError, ValueError):
        return otherwise


def _cycles(entries: Iterable[Part], gates: dict[KeyPath, Any]) -> Iterator[Finding]:
    """Yield each cycle of prerequisites once, at its first item. Nothing in it could ever be signed off.

    ``gates`` are those of the tasks, by their paths.
    """
    prerequisites: dict[str, list[str]] = {}
    paths: dict[str, KeyPath] = {}
    for path, entry in entries:
        # An id used twice is another fault.
        if isinstance(id_ := entry.get("id"), str) and id_ not in prerequisites:
            paths[id_] = path
            needs = [*_list(entry.get("requires")), gates[path[:4]] if "expectations" in path else None]
            prerequisites[id_] = [required for required in needs if isinstance(required, str)]
    done: set[str] = set()
    for start in prerequisites:
        # Depth first without recursion. The current path holds each item with its prerequisites still to visit.
        current: dict[str, Iterator[str]] = {} if start in done else {start: iter(prerequisites[start])}
        while current:
            last = next(reversed(current))
            following = next(current[last], None)
            if following is None:
                del current[last]
                done.add(last)
            elif following in current:
                visited = list(current)
                cycle = [*visited[visited.index(following) :], following]
                yield (*paths[following], "id"), f"a circle: {' needs '.join(cycle)}; take one `requires` or `gate` out"
            elif following in prerequisites and following not in done:
                current[following] = iter(prerequisites[following])


def all_entries(tree: Any) -> list[Part]:
    """Return every item of all roles."""
    return [entry for path, role in dicts(tree, "roles") for entry in entries_of(role, path)]


def entries_of(role: dict[str, Any], path: KeyPath) -> Iterator[Part]:
    """Yield every item of the role at this path."""
    for task_path, task in dicts(role, "tasks", path):
        yield from _expectations(task, task_path)
        for field in ITEM_LISTS:
            yield from _nested(task, field, task_path)
    yield from _nested(role, "qualifications", path)


def _expectations(task: dict[str, Any], path: KeyPath) -> Iterator[Part]:
    by_tier = _dict(task.get("expectations"))
    for tier_id in by_tier:
        yield from _nested(by_tier, tier_id, (*path, "expectations"))


def _nested(parent: dict[str, Any], field: str, path: KeyPath) -> Iterator[Part]:
    for entry_path, entry in dicts(parent, field, path):
        yield entry_path, entry
        yield from _nested(entry, "children", entry_path)


def bare_words(text: Any) -> str:
    """Return a text without capitals, extra blanks and final full stops, for comparing. No text gives ""."""
    return " ".join(text.casefold().split()).rstrip(".") if isinstance(text, str) else ""


def is_retired(entry: dict[str, Any]) -> bool:
    """True if the entry is marked as retired, in any word that is read as true."""
    return str(entry.get("retired")).casefold() in {"true", "yes", "on", "1", "y", "t"}


def dicts(parent: Any, field: str, path: KeyPath = ()) -> Iterator[Part]:
    """Yield the dicts in a list field. ``path`` is that of the parent."""
    children = enumerate(_list(_dict(parent).get(field)))
    return (((*path, field, n), child) for n, child in children if isinstance(child, dict))


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
