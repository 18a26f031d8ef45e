"""The draft of a catalogue from a role page: ids for all that the page holds, and the text of the file."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import BaseModel

from ca_ladder.catalogue.lines import Tier, slug
from ca_ladder.catalogue.models import Entry, Resource, Role, Task
from ca_ladder.catalogue.page import MOST_MONTHS, Doubt, ItemOnPage, TaskOnPage, read_page
from ca_ladder.catalogue.schema import SCHEMA_LINES
from ca_ladder.catalogue.shelf import MOST_BYTES
from ca_ladder.catalogue.syntax import without_smart_quotes
from ca_ladder.catalogue.yaml_tree import MOST_NODES
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
    """Return the draft of a catalogue with the role that the page describes; raises NoLadderOnPage."""
    page = read_page(text)
    doubts = page.doubts
    tiers = list(_tiers(page.tiers, doubts))
    role_id = slug(page.name, "role")
    role = _of_model(
        Role,
        id=role_id,
        name=page.name,
        disclaimer=" ".join(page.disclaimer),
        responsibilities=page.responsibilities,
        variants=[{"id": id_, "name": name} for id_, name in page.variants.items()],
        tiers=tiers,
        conditions=[{"id": id_, "text": text} for id_, text in page.conditions.items()],
        qualifications=_entries(page.qualifications, f"{role_id[:3].strip('-')}-q{{}}"),
        notes=page.notes,
        tasks=list(_tasks(page.tasks, [tier["id"] for tier in tiers])),
    )
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


class _Dumper(yaml.SafeDumper):
    """Puts a text that stands in typographic quotes between straight ones as well: they are part of it."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """Return the text as YAML writes it."""
        style = '"' if without_smart_quotes(text) != text else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _Dumper.represent_text)


def _nodes(tree: Any) -> int:
    """Return how many texts and lists the tree is made of, the names of fields counted."""
    if isinstance(tree, dict):
        return 1 + len(tree) + sum(map(_nodes, tree.values()))
    return 1 + sum(map(_nodes, tree)) if isinstance(tree, list) else 1


def _tiers(found: dict[str, Tier], doubts: list[Doubt]) -> Iterator[dict[str, Any]]:
    """Yield the tiers by their numbers, or in the order of the page, with the months that they cover."""
    tiers = list(found.values())
    if all(tier.first is not None for tier in tiers):
        tiers.sort(key=lambda tier: (tier.first or 0) * (tier.months or 1))
    before = 0.0  # the month in which the tier before ends
    for tier in tiers:
        tree: dict[str, Any] = {"id": tier.id, "title": tier.title}
        if tier.months and tier.first is not None:
            begins, ends = tier.first * tier.months, None if tier.last is None else tier.last * tier.months
            made = "" if tier.months >= 1 else "rounded, since a tier counts whole months"
            if tier.meant != "one" and round(begins - before - tier.months, 3) == 0:
                begins = before
                made = made or ("" if tier.meant == "counted" else "taken to begin where the tier before it ends")
            before = ends or before
            first = round(begins)
            until = None if ends is None else max(round(ends), first + 1)
            if max(first, until or 0) > MOST_MONTHS:
                made = "longer than any role lasts; the tier has no months"
            else:
                tree["months"] = _window(first, until)
            if made:
                doubts.append(Doubt(tier.line.number, tier.line.text, made))
        yield tree


def _tasks(tasks: list[TaskOnPage], tiers: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the tasks, each with an id, and with letters of its own for the ids of its items."""
    spread = Counter(stem for task in tasks for stem in set(_stems(task)))
    ids: set[str] = set()
    prefixes: set[str] = set()
    for task in tasks:
        words = _most_telling_first(task, spread)
        id_ = slug(" ".join(sorted(words[:2], key=_telling_words(task.name).index)), "task", ids)
        prefix = next(each for each in _prefixes(words) if each not in prefixes)
        ids.add(id_)
        prefixes.add(prefix)
        numbers = count(1)
        yield _of_model(
            Task,
            id=id_,
            name=task.name,
            why=" ".join(task.why) or _NO_WHY,
            variant=task.variant,
            begins=_window(*task.begins) if task.begins else None,
            not_required=task.not_required,
            expectations={
                tier: _entries(items, f"{prefix}-{{:02}}", numbers)
                for tier in tiers
                if (items := task.expectations.get(tier))
            },
            resources=[
                _of_model(Resource, name=item.text, note=item.note, dated=item.dated)
                for item in task.lists.get("resources", [])
            ],
            notes=task.notes,
            **{name: _entries(task.lists.get(name, []), f"{prefix}-{_LETTERS[name]}{{}}") for name in _LETTERS},
        )


def _entries(items: list[ItemOnPage], shape: str, numbers: Iterator[int] | None = None) -> list[dict[str, Any]]:
    """Return the items with ids of this shape, numbered on."""
    numbers = numbers or count(1)
    return [
        _of_model(
            Entry,
            id=shape.format(next(numbers)),
            text=item.text,
            note=item.note,
            condition=item.condition,
            led_by=item.led_by,
            parts=item.parts,
            children=_entries(item.children, shape, numbers),
        )
        for item in items
    ]


def _of_model(model: type[BaseModel], **values: Any) -> dict[str, Any]:
    """Return the values that are there, in the order of the model's fields."""
    return {name: values[name] for name in model.model_fields if values.get(name)}


def _window(first: int, until: int | None) -> dict[str, int]:
    return {"from": first} if until is None else {"from": first, "until": until}


def _telling_words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W_]{3,}", text.casefold()) if not _SMALL_WORDS.fullmatch(word)]


def _stems(task: TaskOnPage) -> list[str]:
    """Return the beginnings of the telling words in the task's lines."""
    texts = (task.name, *task.why, *(item.text for item in task.items()))
    return [word[:5] for word in _telling_words(" ".join(texts))]


def _most_telling_first(task: TaskOnPage, spread: Counter[str]) -> list[str]:
    """Return the words of the task's name: first those that are frequent in its lines and rare in other tasks."""
    own = Counter(_stems(task))
    return sorted(dict.fromkeys(_telling_words(task.name)), key=lambda word: -(own[word[:5]] ** 2) / spread[word[:5]])


def _prefixes(words: list[str]) -> Iterator[str]:
    """Yield what the ids of a task's items could begin with, the best first."""
    letters = [slug(word, "task")[:4] for word in words] or ["task"]
    yield from letters
    yield from (f"{letters[0]}{n}" for n in count(2))
