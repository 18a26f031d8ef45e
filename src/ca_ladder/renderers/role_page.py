"""What stands on the page of a role, in which order and in which words: the same in every format.

Retired items are not on it, but for a list of their ids at its end.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ca_ladder.catalogue.models import Catalogue, Condition, Entry, Item, Role, Task
from ca_ladder.renderers.catalogue_phrases import Fact, depends, item_facts, task_facts, tier_in_words

_FOUNDATIONS = {"knowledge": "Knowledge", "skills": "Skills", "abilities": "Abilities"}
_TRAINING = {"activities": "Training activities", "manager_activities": "The manager's activities"}


class PageLine(NamedTuple):
    """What stands below a heading: an item, or another thing with an id, or words alone.

    ``mark`` is the number of the footnote it refers to. Children stand indented below it, after the facts.
    """

    text: str
    id: str = ""
    mark: int | None = None
    facts: Sequence[Fact] = ()
    children: Sequence["PageLine"] = ()


class Block(NamedTuple):
    """A heading and the lines below it."""

    title: str
    lines: Sequence[PageLine]


class Footnote(NamedTuple):
    """A condition, and the number that items refer to it by."""

    number: int
    id: str
    text: str


class TaskPart(NamedTuple):
    """A task: the facts of it, and rows of blocks that stand side by side where a page has room for that."""

    task: Task
    facts: Sequence[Fact]
    rows: Sequence[Sequence[Block]]


class RolePage(NamedTuple):
    """All that stands on the page of a role, from the top down; the opening has rows as a task has."""

    role: Role
    version: str
    opening: Sequence[Sequence[Block]]
    tasks: Sequence[TaskPart]
    closing: Sequence[Block]
    footnotes: Sequence[Footnote]
    retired: Sequence[str]

    @property
    def edition(self) -> str:
        """Which role of which catalogue this is, as the program names them."""
        return f"{self.role.id}, version {self.version}"


def role_pages(catalogue: Catalogue, role: Role | None = None) -> list[RolePage]:
    """Return the page of this role of the catalogue, or those of all its roles in ladder order."""
    return [_page(each, catalogue.version) for each in ([role] if role else catalogue.roles)]


def _page(role: Role, version: str) -> RolePage:
    duties = [Block("Core responsibilities", [PageLine(each) for each in role.responsibilities])]
    forms = [
        Block("Variants", [PageLine(each.name, each.id) for each in role.variants]),
        Block("Tiers", [PageLine(tier_in_words(each), each.id) for each in role.tiers]),
    ]
    closing = [
        Block("Qualifications", list(_lines(role, role.qualifications))),
        Block("Notes", [PageLine(each) for each in role.notes]),
    ]
    return RolePage(
        role=role,
        version=version,
        opening=_rows(duties, forms),
        tasks=[_task(role, each) for each in role.tasks],
        closing=_filled(closing),
        footnotes=[Footnote(number, each.id, depends(each)) for each, number in _marks(role).items()],
        retired=[_gone(each) for each in role.items.values() if each.retired],
    )


def _task(role: Role, task: Task) -> TaskPart:
    names = {variant.id: variant.name for variant in role.variants}
    facts = [("Why", task.why)]
    if task.variant:
        facts.append(("Only for", names[task.variant]))
    tiers = [
        Block(f"Tier {tier.id}: {tier.title}", list(_lines(role, task.expectations.get(tier.id, ()))))
        for tier in role.tiers
    ]
    foundations = [Block(title, list(_lines(role, getattr(task, name)))) for name, title in _FOUNDATIONS.items()]
    training = [Block(title, list(_lines(role, getattr(task, name)))) for name, title in _TRAINING.items()]
    help_ = [
        Block("What helps", [PageLine(each.in_short) for each in task.resources]),
        Block("Notes", [PageLine(each) for each in task.notes]),
    ]
    return TaskPart(task, [*facts, *task_facts(task)], _rows(tiers, foundations, [*training, *help_]))


def _rows(*rows: Iterable[Block]) -> list[list[Block]]:
    return [filled for row in rows if (filled := _filled(row))]


def _filled(blocks: Iterable[Block]) -> list[Block]:
    return [block for block in blocks if block.lines]


def _lines(role: Role, entries: Iterable[Entry], above: str | None = None) -> Iterator[PageLine]:
    """Yield a line for each item that is asked for; the children of a retired parent stand in its place.

    ``above`` is the footnote of the parent that they stand below: what is true of it is not marked again.
    """
    marks = _marks(role)
    for entry in entries:
        children = list(_lines(role, entry.children, None if entry.retired else entry.condition))
        if entry.retired:
            yield from children
            continue
        item = role.items[entry.id]
        mark = marks[item.condition] if item.condition and item.condition.id != above else None
        yield PageLine(item.text, item.id, mark, [*item_facts(item), *_needs(item)], children)


def _marks(role: Role) -> dict[Condition, int]:
    """Return the footnotes with their numbers: those that items refer to in the order of the items, then the others."""
    named = [item.condition for item in role.items.values() if item.condition and not item.retired]
    return {condition: number for number, condition in enumerate(dict.fromkeys([*named, *role.conditions]), start=1)}


def _needs(item: Item) -> list[Fact]:
    """Return what has to be signed off before the item; the gate of its task is told there."""
    gate = item.task.gate if item.task else None
    needs = [each for each in item.requires if each != gate]
    return [("Needs first", ", ".join(needs))] if needs else []


def _gone(item: Item) -> str:
    return item.id + (f" (replaced by {item.replaced_by})" if item.replaced_by else "")
