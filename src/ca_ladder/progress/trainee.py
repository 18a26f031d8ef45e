"""What it means: a record measured against its ladder on a given day, as frozen results with every number in them.

Pure: no clock, no files. Months are calendar months from the start date; tiers are half-open; an item is overdue when
it is unfinished after its tier's due date, which is the day the tier ends: on that day itself it is due, not late.

Expected by a day: the items of a task in a tier are spread evenly from the day learning starts (the tier's first day,
or the task's start month) to the due date; item k of n is expected when k/n of that time has gone. Checked and signed
items count as done here: a mentor's delay is not the trainee's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from ca_ladder.catalogue.models import KINDS, Item, Kind, Ladder, Task, Tier
from ca_ladder.progress.clock import add_months, current_tier, months_between, window
from ca_ladder.record.events import Enrolment
from ca_ladder.record.fingerprint import fingerprint
from ca_ladder.record.folding import Record, Standing, State
from ca_ladder.record.rules import blockers


class Counts(NamedTuple):
    """How many items are in which state. ``total`` leaves out the waived; the five states are exclusive."""

    total: int = 0
    open: int = 0
    checked: int = 0
    returned: int = 0
    signed: int = 0
    waived: int = 0
    overdue: int = 0

    @property
    def done(self) -> int:
        """The trainee's part: checked and signed."""
        return self.checked + self.signed


class ItemProgress(NamedTuple):
    """One item for one trainee: where it stands, when it is due and expected, and what blocks its sign-off."""

    item: Item
    standing: Standing
    due: date | None
    begins: date | None
    expected_on: date | None
    overdue: bool
    not_begun: bool
    blocked_by: tuple[str, ...]

    @property
    def state(self) -> State:
        """The item's state."""
        return self.standing.state

    @property
    def unfinished(self) -> bool:
        """Whether anything is still to be done by anyone."""
        return self.state not in {"signed", "waived"}


class TaskProgress(NamedTuple):
    """A task's expectations in one tier.

    ``expected`` and ``ahead`` count items (behind is negative); both are None without a due date.
    """

    task: Task
    required: bool
    counts: Counts
    expected: int | None
    ahead: int | None


class TierProgress(NamedTuple):
    """The expectations of one tier; ``begins`` and ``due`` are None for a tier without a window."""

    tier: Tier
    begins: date | None
    due: date | None
    counts: Counts
    expected: int | None
    ahead: int | None
    tasks: tuple[TaskProgress, ...]


class TraineeProgress(NamedTuple):
    """All of one trainee's progress on one day. ``tier`` is the one today falls in, None before the start.

    ``fingerprint`` is that of the record which was measured, None if that is not as it was written.
    """

    enrolment: Enrolment
    fingerprint: str | None
    ladder: Ladder
    as_of: date
    tier: Tier | None
    tiers: tuple[TierProgress, ...]
    kinds: dict[Kind, Counts]
    items: tuple[ItemProgress, ...]

    @property
    def role_in_words(self) -> str:
        """The role's name, with the variants that the trainee has."""
        role = self.ladder.role
        names = [variant.name for variant in role.variants if variant.id in self.ladder.variants]
        return f"{role.name} ({', '.join(names)})" if names else role.name

    @property
    def months(self) -> int:
        """Whole months in the role; 0 before and in the first."""
        return months_between(self.enrolment.start, self.as_of)


def measure(
    ladder: Ladder, record: Record, today: date, tier: Tier | None = None, task: Task | None = None
) -> TraineeProgress:
    """Return the trainee's progress on that day; ``tier`` and ``task`` leave other expectations and tasks out."""
    items = tuple(
        each
        for each in _items(ladder, record, today)
        if (tier is None or each.item.tier is tier or each.item.tier is None)
        and (task is None or each.item.task is task)
    )
    start = record.enrolment.start
    tasks = [each for each in ladder.tasks if task is None or each is task]
    return TraineeProgress(
        enrolment=record.enrolment,
        fingerprint=None if record.altered else fingerprint(record),
        ladder=ladder,
        as_of=today,
        tier=current_tier(ladder.role.tiers, start, today),
        tiers=tuple(
            _tier(each, tasks, items, start, today) for each in ladder.role.tiers if tier is None or each is tier
        ),
        kinds={
            kind: count(each for each in items if each.item.kind == kind)
            for kind in KINDS[1:]
            if any(item.kind == kind for item in ladder.items.values())
        },
        items=items,
    )


def count(items: Iterable[ItemProgress]) -> Counts:
    """Return the counts of these items."""
    found = {"open": 0, "checked": 0, "returned": 0, "signed": 0, "waived": 0}
    total = overdue = 0
    for each in items:
        found[each.state] += 1
        total += each.state != "waived"
        overdue += each.overdue
    return Counts(total=total, overdue=overdue, **found)


def next_items(progress: TraineeProgress) -> list[ItemProgress]:
    """Return what the trainee can do next, first things first.

    What came back with a reason, then what is expected soonest; a gate comes before what it blocks, a task whose
    learning has not begun comes after those that have, and what has no date comes last.
    """
    own = [each for each in progress.items if each.state in {"open", "returned"}]
    gates = {need for each in progress.items for need in each.blocked_by}

    def order(each: ItemProgress) -> tuple[bool, bool, bool, date]:
        return (
            each.state != "returned",
            each.not_begun,
            each.item.id not in gates,
            each.expected_on or date.max,
        )

    return sorted((each for each in own if each.item.kind != "manager-activity"), key=order)


def waiting_items(progress: TraineeProgress) -> list[ItemProgress]:
    """Return what waits for a mentor's sign-off, the longest first."""

    def since(each: ItemProgress) -> date:
        return each.standing.check.on if each.standing.check else date.max

    return sorted((each for each in progress.items if each.state == "checked"), key=since)


def _items(ladder: Ladder, record: Record, today: date) -> Iterator[ItemProgress]:
    """Yield the progress of every item that counts, in the catalogue's order."""
    start = record.enrolment.start
    standings = {item.id: record.standing(item) for item in ladder.items.values()}
    asked = [item for item in ladder.items.values() if standings[item.id].state != "waived"]
    cells = Counter(_cell(item) for item in asked)
    places: Counter[tuple[str | None, str | None]] = Counter()
    for item in ladder.items.values():
        standing = standings[item.id]
        begins, due = window(item.tier, start) if item.tier else (None, None)
        begins = _learning_begins(item.task, begins, start)
        cell = _cell(item)
        places[cell] += standing.state != "waived"
        unfinished = standing.state not in {"signed", "waived"}
        yield ItemProgress(
            item=item,
            standing=standing,
            due=due,
            begins=begins,
            expected_on=_expected_on(places[cell], cells[cell], begins, due) if standing.state != "waived" else None,
            overdue=bool(unfinished and due and today > due),
            not_begun=begins is not None and today < begins,
            blocked_by=blockers(record, ladder, item) if unfinished and item.requires else (),
        )


def _cell(item: Item) -> tuple[str | None, str | None]:
    return item.task.id if item.task else None, item.tier.id if item.tier else None


def _expected_on(place: int, of: int, begins: date | None, due: date | None) -> date | None:
    if begins is None or due is None:
        return None
    days = max((due - begins).days, 0)
    return due - timedelta(days=days * (of - place) // of)


def _learning_begins(task: Task | None, tier_begins: date | None, start: date) -> date | None:
    if task is None or task.begins is None or tier_begins is None:
        return tier_begins
    return max(tier_begins, add_months(start, task.begins.first))


def _tier(tier: Tier, tasks: Sequence[Task], items: Iterable[ItemProgress], start: date, today: date) -> TierProgress:
    own = [each for each in items if each.item.tier is tier]
    cells: dict[str, list[ItemProgress]] = {task.id: [] for task in tasks}
    for each in own:
        if each.item.task:
            cells[each.item.task.id].append(each)
    begins, due = window(tier, start)
    counts, expected, ahead = _paced(own, due, today)
    return TierProgress(
        tier=tier,
        begins=begins,
        due=due,
        counts=counts,
        expected=expected,
        ahead=ahead,
        tasks=tuple(
            TaskProgress(task, tier.id not in task.not_required, *_paced(cells[task.id], due, today)) for task in tasks
        ),
    )


def _paced(items: Sequence[ItemProgress], due: date | None, today: date) -> tuple[Counts, int | None, int | None]:
    """Return the counts of these items, how many are expected by now, and how many more or fewer are done."""
    counts = count(items)
    if due is None:
        return counts, None, None
    expected = sum(each.expected_on is not None and each.expected_on <= today for each in items)
    return counts, expected, counts.done - expected
