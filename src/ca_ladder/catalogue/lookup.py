"""Find a role, task, tier or item by what a person typed. A near miss gets "did you mean"."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TypeVar

from ca_ladder.catalogue.models import Catalogue, Item, Role, Task, Tier, Variant
from ca_ladder.errors import Command, Unknown

_Named = TypeVar("_Named", Role, Variant, Task, Tier)


def find_role(catalogue: Catalogue, typed: str) -> Role:
    """Return the role with this id or name; raises Unknown."""
    return _find("role", typed, catalogue.roles, "See", Command("catalogue roles", "neither"))


def find_variant(role: Role, typed: str) -> Variant:
    """Return the variant with this id or name; raises Unknown."""
    return _find("variant", typed, role.variants, "See", Command("catalogue roles", "neither"))


def find_task(tasks: Sequence[Task], typed: str) -> Task:
    """Return the task with this id or name, or with a word that no other name has; raises Unknown."""
    return _find("task", typed, tasks, "See", Command("status"))


def find_tier(role: Role, typed: str) -> Tier:
    """Return the tier with this id (also as ``1-2 mos``), title, word of its title, or number; raises Unknown."""
    plain = re.sub(r"[\u2010-\u2015\u2212]", "-", _fold(typed))
    counted = {str(number): tier for number, tier in enumerate(role.tiers, start=1)}
    ids = [tier.id for tier in role.tiers]
    if plain in counted and plain not in ids:
        # A 3 may be the third tier, or the tier that begins with month 3.
        by_month = [id_ for id_ in ids if re.match(rf"{plain}\b", id_) and id_ != counted[plain].id]
        if by_month:
            raise Unknown("tier", typed, [*by_month, counted[plain].id])
        return counted[plain]
    plain = re.sub(r"\s*(mos?|months?)\.?$", "", plain)
    return _find("tier", typed, role.tiers, f"The tiers are {', '.join(ids)}.", plain=plain)


def find_item(role: Role, typed: str, ids: Iterable[str] = ()) -> Item:
    """Return the item with this id; raises Unknown, which suggests only ``ids`` if they are given."""
    plain = _fold(typed)
    if plain in role.items:
        return role.items[plain]
    if any(task.id == plain for task in role.tasks):
        raise Unknown("item", typed, where="It is a task", command=Command(f"show {plain}"))
    known = list(ids) or list(role.items)
    same_number = [id_ for id_ in known if _unpadded(id_) == _unpadded(plain)]
    near = same_number or get_close_matches(plain, known, n=3, cutoff=0.6)
    raise Unknown("item", typed, near, "All ids", Command("list"))


def choose(what: str, typed: str, choices: Sequence[str]) -> str:
    """Return the choice that was typed; raises Unknown with the nearest choices, or all of them."""
    plain = _fold(typed)
    if plain in choices:
        return plain
    near = get_close_matches(plain, choices, n=2)
    raise Unknown(what, typed, near, f"Choose from: {', '.join(choices)}.")


def _find(
    what: str, typed: str, parts: Sequence[_Named], where: str, command: Command | None = None, plain: str = ""
) -> _Named:
    """Return the part that matches by id or name, or the only one with a word that begins with ``typed``."""
    plain = plain or _fold(typed)
    by_id = {part.id: part for part in parts}
    ids = {_fold(part.title if isinstance(part, Tier) else part.name): part.id for part in parts}
    ids |= {_fold(id_): id_ for id_ in by_id}
    if plain in ids:
        return by_id[ids[plain]]
    words = f" {plain.replace('-', ' ')}"
    beginning = {id_ for name, id_ in ids.items() if plain and words in f" {name.replace('-', ' ')}"}
    if len(beginning) == 1:
        return by_id[beginning.pop()]
    near = dict.fromkeys(ids[match] for match in get_close_matches(plain, list(ids), n=3))
    raise Unknown(what, typed, sorted(beginning) or list(near), where, command)


def _unpadded(id_: str) -> str:
    """Return the id without its dash and leading zeros: people type mail-1 or mail1 for mail-01."""
    return re.sub(r"-?0*(\d+)$", r"\1", id_)


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
