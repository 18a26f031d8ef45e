"""The page of a role: its content, order and words, the same in every format; `show` has the same facts.

Retired items are left out, except for a list of their ids at the end.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ca_ladder.catalogue.models import ITEM_LISTS, Catalogue, Condition, Entry, Item, Months, Role, Task
from ca_ladder.errors import plural

Fact = tuple[str, str]
_Marks = dict[Condition, int]

# The lists of training, with their headings. All other lists of items are headed by their own names.
_TRAINING = {"activities": "Training activities", "manager_activities": "The manager's activities"}


class PageLine(NamedTuple):
    """A line below a heading: an item, something else with an id, or text alone.

    ``mark`` is the number of its footnote, or of the footnote that it is. Children follow indented, after the facts.
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


class TaskPart(NamedTuple):
    """A task: its facts, and rows of blocks, which a wide page shows side by side."""

    task: Task
    facts: Sequence[Fact]
    rows: Sequence[Sequence[Block]]


class RolePage(NamedTuple):
    """The content of a role's page, from the top down; the opening has rows of blocks, too."""

    role: Role
    version: str
    opening: Sequence[Sequence[Block]]
    tasks: Sequence[TaskPart]
    closing: Sequence[Block]
    footnotes: Sequence[PageLine]
    retired: Sequence[str]

    @property
    def edition(self) -> str:
        """The id of the role, and the version of the catalogue."""
        return f"{self.role.id}, version {self.version}"


def role_pages(catalogue: Catalogue, role: Role | None = None) -> list[RolePage]:
    """Return the page of one role, or the pages of all roles in ladder order."""
    return [_page(shown, catalogue.version) for shown in ([role] if role else catalogue.roles)]


def _page(role: Role, version: str) -> RolePage:
    marks = _marks(role)
    duties = [Block("Core responsibilities", [PageLine(text) for text in role.responsibilities])]
    forms = [
        Block("Variants", [PageLine(variant.name, variant.id) for variant in role.variants]),
        Block("Tiers", [PageLine(f"{tier.title}, {in_months(tier.months)}", tier.id) for tier in role.tiers]),
    ]
    closing = [
        Block("Qualifications", list(_lines(role, marks, role.qualifications))),
        Block("Notes", [PageLine(note) for note in role.notes]),
    ]
    return RolePage(
        role=role,
        version=version,
        opening=_rows(duties, forms),
        tasks=[_task(role, marks, task) for task in role.tasks],
        closing=[block for block in closing if block.lines],
        footnotes=[PageLine(depends(note), note.id, number) for note, number in marks.items()],
        retired=[
            item.id + (f" (replaced by {item.replaced_by})" if item.replaced_by else "")
            for item in role.items.values()
            if item.retired
        ],
    )


def _task(role: Role, marks: _Marks, task: Task) -> TaskPart:
    facts = [("Why", task.why), *(("Only for", form.name) for form in role.variants if form.id == task.variant)]
    tiers = [
        Block(f"Tier {tier.id}: {tier.title}", list(_lines(role, marks, task.expectations.get(tier.id, ()))))
        for tier in role.tiers
    ]
    lists = {name: list(_lines(role, marks, getattr(task, name))) for name in ITEM_LISTS}
    foundations = [Block(name.capitalize(), lines) for name, lines in lists.items() if name not in _TRAINING]
    training = [Block(title, lists[name]) for name, title in _TRAINING.items()]
    help_ = [
        Block("What helps", [PageLine(str(resource)) for resource in task.resources]),
        Block("Notes", [PageLine(note) for note in task.notes]),
    ]
    return TaskPart(task, [*facts, *task_facts(task)], _rows(tiers, foundations, [*training, *help_]))


def _rows(*rows: Iterable[Block]) -> list[list[Block]]:
    """Return the rows of blocks without those that are empty."""
    return [filled for row in rows if (filled := [block for block in row if block.lines])]


def _lines(role: Role, marks: _Marks, entries: Iterable[Entry], above: str | None = None) -> Iterator[PageLine]:
    """Yield a line for each item that is not retired; the children of a retired parent move up.

    ``above`` is the condition of the parent: children with the same condition get no mark of their own.
    """
    for entry in entries:
        children = list(_lines(role, marks, entry.children, None if entry.retired else entry.condition))
        if entry.retired:
            yield from children
            continue
        item = role.items[entry.id]
        mark = marks[item.condition] if item.condition and item.condition.id != above else None
        # What has to be signed off before it, without the gate, which the task shows.
        needs = [item_id for item_id in item.requires if not item.task or item_id != item.task.gate]
        facts = [*item_facts(item), *([("Needs first", ", ".join(needs))] if needs else [])]
        yield PageLine(item.text, item.id, mark, facts, children)


def _marks(role: Role) -> _Marks:
    """Return the conditions with their numbers: first those of items, in the order of the items, then the others."""
    named = [item.condition for item in role.items.values() if item.condition and not item.retired]
    return {condition: number for number, condition in enumerate(dict.fromkeys([*named, *role.conditions]), start=1)}


def task_facts(task: Task) -> list[Fact]:
    """Return when learning starts, the gate, and the tiers in which the task is not required."""
    facts = [
        ("Learning starts", in_months(task.begins) if task.begins else ""),
        ("Needs first", f"{task.gate}, before any expectation here is signed off" if task.gate else ""),
        ("Not asked for", f"in tier {', '.join(task.not_required)}" if task.not_required else ""),
    ]
    return [fact for fact in facts if fact[1]]


def item_facts(item: Item) -> list[Fact]:
    """Return the tasks that an item opens, its note, who leads it, and its parts."""
    opens = " and ".join(item.opens)
    facts = [
        ("Opens", f"the expectations of {opens}: none is signed off before this" if opens else ""),
        ("Mind", item.entry.note or ""),
        ("Led by", f"the {item.led_by}" if item.led_by else ""),
        ("Parts", ", ".join(item.entry.parts)),
    ]
    return [fact for fact in facts if fact[1]]


def depends(condition: Condition, what: str = "it") -> str:
    """Return the sentences on a condition, and on what to do if it does not apply."""
    text = condition.text if condition.text[-1] in ".!?" else f"{condition.text}."
    until = " It waits for the occasion, which nobody can bring about." if condition.occasion else ""
    return f"{text}{until} If it does not apply, a mentor can waive {what}."


def in_months(months: Months | None) -> str:
    """Return a range of months: "2-3 months in the role", or "from 6 months in the role"."""
    if not months:
        return "no set months"
    if months.until:
        return f"{months.first}-{plural(months.until, 'month')} in the role"
    if not months.first:
        return "from the first day in the role"
    return f"from {plural(months.first, 'month')} in the role"
