"""The draft of a catalogue from a role page: ids for all that the page holds, and the text of the file."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from msgspec import Struct

from ca_ladder.catalogue.files import MOST_BYTES
from ca_ladder.catalogue.importing.parser import MOST_MONTHS, Doubt, ItemOnPage, TaskOnPage, read_page
from ca_ladder.catalogue.importing.tokenizer import TierHeading, slug, unlike
from ca_ladder.catalogue.models import Entry, Resource, Role, Task
from ca_ladder.catalogue.schema import SCHEMA_LINES
from ca_ladder.catalogue.yaml_reader import MOST_NODES
from ca_ladder.catalogue.yaml_slips import without_smart_quotes
from ca_ladder.errors import PageUnreadable


class Draft(NamedTuple):
    """What the draft's file holds, and the doubts in the order of the page."""

    tree: dict[str, Any]
    doubts: tuple[Doubt, ...]


_HEAD = """\
# A draft, made from {source}. Read it beside the page, and say in each line one thing that can be seen.
# Choose ids that you like before anybody works with this file: from then on an id stays with its item for ever.
# Then: ca-ladder catalogue check

"""
_NO_WHY = "Write here why this task matters."

# What follows the task's letters in the ids of each list; the expectations have a number alone.
_LETTERS = {"knowledge": "k", "skills": "s", "abilities": "a", "activities": "t", "manager_activities": "m"}
_SMALL_WORDS = re.compile("and|are|for|from|into|our|own|that|the|their|this|with|you|your")


def draft_of(text: str) -> Draft:
    """Return the draft of a catalogue with the role that the page describes; raises BadInput if it has no tier."""
    page = read_page(text)
    doubts = page.doubts
    tiers = list(_tiers(page.tiers, doubts))
    role_id = slug(page.name, "role")
    own = {
        "id": role_id,
        "disclaimer": " ".join(page.disclaimer),
        "variants": [{"id": id_, "name": name} for id_, name in page.variants.items()],
        "tiers": tiers,
        "conditions": [{"id": id_, "text": text} for id_, text in page.conditions.items()],
        "qualifications": _entries(page.qualifications, f"{role_id[:3].strip('-')}-q{{}}", count(1)),
        "tasks": list(_tasks(page.tasks, [tier["id"] for tier in tiers])),
    }
    role = _of_model(Role, vars(page) | own)
    return Draft({"version": "draft", "roles": [role]}, tuple(sorted(set(doubts))))


def draft_yaml(draft: Draft, page: Path) -> str:
    """Return the text of the draft's file; raises PageUnreadable when it would be too large for a catalogue."""
    if _nodes(draft.tree) > MOST_NODES:
        raise PageUnreadable(page, "it holds more than a catalogue can")
    body = yaml.dump(draft.tree, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    text = SCHEMA_LINES + _HEAD.format(source=json.dumps(page.name)) + body
    if len(text.encode()) > MOST_BYTES:
        raise PageUnreadable(page, "it holds more than a catalogue can")
    return text


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc] # of two, one is chosen here
    """Puts a text that stands in typographic quotes between straight ones as well: they are part of it."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """Return the text as YAML writes it."""
        style = '"' if without_smart_quotes(text) != text else None
        node: yaml.ScalarNode = self.represent_scalar("tag:yaml.org,2002:str", text, style)
        return node


_Dumper.add_representer(str, _Dumper.represent_text)


def _nodes(tree: Any) -> int:
    """Return how many texts and lists the tree is made of, the names of fields counted."""
    if isinstance(tree, dict):
        return 1 + len(tree) + sum(map(_nodes, tree.values()))
    return 1 + sum(map(_nodes, tree)) if isinstance(tree, list) else 1


def _tiers(headings: dict[str, TierHeading], doubts: list[Doubt]) -> Iterator[dict[str, Any]]:
    """Yield the tiers by their numbers, or in the order of the page, with the months that they cover."""
    tiers = list(headings.values())
    if all(tier.order is not None for tier in tiers):
        tiers.sort(key=lambda tier: tier.order or 0)
    before = 0  # the month in which the tier before ends
    for tier in tiers:
        tree: dict[str, Any] = {"id": tier.id, "title": tier.title}
        if tier.months:
            first, until = tier.months
            made = ""
            if tier.unit and first - before == tier.unit:
                first, made = before, "taken to begin where the tier before it ends"
            before = until or before
            if max(first, until or 0) <= MOST_MONTHS:
                tree["months"] = _window(first, until)
            else:
                made = "longer than any role lasts; the tier has no months"
            if made:
                doubts.append(Doubt(tier.line.number, tier.line.text, made))
        yield tree


def _tasks(tasks: list[TaskOnPage], tiers: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the tasks, each with an id, and with letters of its own for the ids of its items."""
    stems = [_stems(task) for task in tasks]
    spread = Counter(stem for own in stems for stem in own)
    ids: dict[str, int] = {}
    prefixes: dict[str, int] = {}
    for task, own in zip(tasks, stems, strict=True):
        # The words of its name: first those that are frequent in its lines and rare in other tasks.
        words = _telling_words(task.name)
        best = sorted(dict.fromkeys(words), key=lambda word: -(own[word[:5]] ** 2) / spread[word[:5]])
        letters = [slug(word, "task")[:4] for word in best] or ["task"]
        prefix = unlike(next((each for each in letters if each not in prefixes), letters[0]), prefixes)
        numbers = count(1)
        values = {
            "id": unlike(slug(" ".join(sorted(best[:2], key=words.index)), "task"), ids),
            "why": " ".join(task.why) or _NO_WHY,
            "begins": _window(*task.begins) if task.begins else None,
            "expectations": {
                tier: _entries(task.expectations[tier], f"{prefix}-{{:02}}", numbers)
                for tier in tiers
                if task.expectations.get(tier)
            },
            "resources": [_of_model(Resource, vars(item) | {"name": item.text}) for item in task.lists["resources"]],
        }
        lists = {name: _entries(task.lists[name], f"{prefix}-{_LETTERS[name]}{{}}", count(1)) for name in _LETTERS}
        yield _of_model(Task, vars(task) | values | lists)


def _entries(items: list[ItemOnPage], shape: str, numbers: Iterator[int]) -> list[dict[str, Any]]:
    """Return the items with ids of this shape, numbered on."""
    ids = ({"id": shape.format(next(numbers)), "children": _entries(each.children, shape, numbers)} for each in items)
    return [_of_model(Entry, vars(item) | own) for item, own in zip(items, ids, strict=True)]


def _of_model(model: type[Struct], values: dict[str, Any]) -> dict[str, Any]:
    """Return the values that are there, in the order of the model's fields."""
    return {name: values[name] for name in model.__struct_fields__ if values.get(name)}


def _window(first: int, until: int | None) -> dict[str, int]:
    return {"from": first} if until is None else {"from": first, "until": until}


def _telling_words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W_]{3,}", text.casefold()) if not _SMALL_WORDS.fullmatch(word)]


def _stems(task: TaskOnPage) -> Counter[str]:
    """Return how often the telling words of the task's lines begin alike."""
    items = chain.from_iterable((*task.expectations.values(), *task.lists.values()))
    texts = (each.text for item in items for each in (item, *item.children))
    return Counter(word[:5] for word in _telling_words(" ".join((task.name, *task.why, *texts))))
