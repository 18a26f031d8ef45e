"""Measures a record against its ladder on a given day. The result is frozen and holds every number.

Pure: no clock, no files. Months are calendar months from the start date, and tiers are half-open. The due date of an
item is the day its tier ends; the item is overdue from the day after, while it is unfinished. Days of leave do not
count (see `clock`).

Expected: the items of a task in a tier are spread evenly from the day learning starts (the tier's first day, or the
task's start month) to the due date. Item k of n is expected when k/n of that time has passed. Checked items count as
done, as signed ones do: a mentor's delay is not the trainee's.

Every unfinished item waits on exactly one of these: the trainee, a mentor, the manager, or an opportunity. An
opportunity is the day the item begins, the sign-off of another item, or an occasion that nobody can bring about.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from ca_ladder.catalogue.models import KINDS, Cell, Item, Kind, Ladder, Task, Tier
from ca_ladder.progress.clock import Clock, add_months, window
from ca_ladder.progress.results import (
    ItemProgress,
    Owner,
    Pace,
    Tally,
    TaskProgress,
    TierProgress,
    TraineeProgress,
    count,
    count_waiting,
    sum_counts,
    sum_waiting_on,
    uncounted_entries,
)
from ca_ladder.record.events import Event
from ca_ladder.record.fingerprint import fingerprint
from ca_ladder.record.projection import State
from ca_ladder.record.record import Record
from ca_ladder.record.rules import blockers
from ca_ladder.record.tier_completion import final_sign_off

# The forecast goes on at the pace of the last eight weeks.
WEEKS = 8
# With fewer days in the role, or fewer items done, there is no forecast; nor beyond this many days.
FEWEST_DAYS = 14
FEWEST_DONE = 3
FURTHEST = 3653


def measure(
    ladder: Ladder, record: Record, today: date, tier: Tier | None = None, task: Task | None = None
) -> TraineeProgress:
    """Return the trainee's progress on that day; ``tier`` and ``task`` restrict it to one tier or task."""
    start = record.enrolment.start
    clock = Clock(start, tuple(leave for leave in record.leaves if leave.last >= start))
    measured = [(cell, _items(cell, ladder, record, clock, today)) for cell in ladder.cells]
    untiered = {item.kind for item in ladder.items.values() if item.tier is None}
    kinds: dict[Kind, list[ItemProgress]] = {kind: [] for kind in KINDS if kind in untiered}
    shown: list[ItemProgress] = []
    for cell, items in measured:
        if (tier is None or cell.tier is tier or cell.tier is None) and (task is None or cell.task is task):
            shown += items
            for item in items if cell.tier is None else ():
                kinds[item.item.kind].append(item)

    whole = _tiers(measured, record, ladder, clock, today)
    tiers = [progress for progress in whole if tier is None or progress.tier is tier]
    if task is not None:
        tiers = [_of_task(progress, task) for progress in tiers]
    in_tiers = [item for cell, items in measured if cell.tier and tier in (None, cell.tier) for item in items]
    tier_ids = {progress.tier.id for progress in whole}
    return TraineeProgress(
        enrolment=record.enrolment,
        fingerprint=fingerprint(record) if record.sound else None,
        ladder=ladder,
        as_of=today,
        tier=_tier_of_today(whole, start, today),
        pace=_pace(tiers),
        forecast=next((progress.forecast for progress in reversed(tiers) if progress.counts.total), None),
        finished=_finished(in_tiers),
        tiers=tuple(tiers),
        kinds={kind: Tally(counts=count(items), waits_on=count_waiting(items)) for kind, items in kinds.items()},
        items=tuple(shown),
        clock=clock,
        former=record.past_roles,
        written_under=next((event.wording.catalogue for event in reversed(record.events) if event.wording), None),
        no_longer_asked=tuple(_no_longer_asked(record, ladder)),
        tiers_gone=tuple(event for id_, event in record.graduations.items() if id_ not in tier_ids),
        does_not_count=uncounted_entries(record),
    )


def next_items(progress: TraineeProgress) -> list[ItemProgress]:
    """Return the items that the trainee can do next, in the order to do them.

    Returned items come first, then what is expected soonest. A gate comes before what it blocks, tasks whose learning
    has not begun come after the others, items without a date come last, and lower tiers without dates before higher.
    """
    blocked_by_id: dict[str, list[ItemProgress]] = {}
    for item in progress.items:
        for gate in item.blocked_by:
            blocked_by_id.setdefault(gate, []).append(item)
    undated = {tier.id: number for number, tier in enumerate(progress.ladder.role.tiers) if tier.months is None}

    def lowest_undated_tier(item: ItemProgress) -> int:
        """Return the lowest undated tier that needs the item: its own, or that of an item it blocks."""
        needed_for, ids = [item], {item.item.id}
        for needed in needed_for:  # the list grows while we go through it
            more = [other for other in blocked_by_id.get(needed.item.id, ()) if other.item.id not in ids]
            needed_for += more
            ids.update(other.item.id for other in more)
        return min(undated.get(needed.item.tier.id, 0) if needed.item.tier else 0 for needed in needed_for)

    def order(item: ItemProgress) -> tuple[bool, bool, int, bool, bool, date]:
        is_gate = item.item.id in blocked_by_id
        return (
            item.state != "returned",
            item.not_begun,
            lowest_undated_tier(item) if undated else 0,
            not is_gate,
            is_gate and bool(item.blocked_by),
            item.expected_on or date.max,
        )

    to_do = [item for item in progress.items if item.state in {"open", "returned"}]
    return sorted((item for item in to_do if item.item.kind != "manager-activity"), key=order)


def waiting_items(progress: TraineeProgress) -> list[ItemProgress]:
    """Return the items that wait for a mentor's sign-off, the longest first."""
    waiting = [item for item in progress.items if item.waits_on == "mentor"]
    return sorted(waiting, key=lambda item: item.waiting_since or date.max)


def _items(cell: Cell, ladder: Ladder, record: Record, clock: Clock, today: date) -> list[ItemProgress]:
    """Return the progress of the items of one task and tier, which share their dates."""
    begins, due = window(cell.tier, clock.start) if cell.tier else (None, None)
    if cell.task:  # learning begins neither before the tier nor before the first day in the role
        learning = add_months(clock.start, cell.task.begins.first) if cell.task.begins else clock.start
        begins = max(begins or learning, learning)
    statuses = [record.status(item) for item in cell.items]
    asked = sum([status.state != "waived" for status in statuses])
    expected = map(clock.shifted, _expected(asked, begins, due) if begins and due else ())
    begins, due = begins and clock.shifted(begins), due and clock.shifted(due)
    late = due is not None and today > due
    not_begun = begins is not None and today < begins
    measured = []
    for item, status in zip(cell.items, statuses, strict=True):
        blocked_by = blockers(record, ladder, item) if item.requires and not status.settled else ()
        measured.append(
            ItemProgress(
                item,
                status,
                due,
                begins,
                next(expected, None) if status.state != "waived" else None,
                late and not status.settled,
                not_begun,
                blocked_by,
                None if status.settled else _waits_on(item, status.state, bool(blocked_by), not_begun),
                _known_since(status.check, today) if status.check and status.state == "checked" else None,
            )
        )
    return measured


def _no_longer_asked(record: Record, ladder: Ladder) -> Iterator[Event]:
    """Yield the valid sign-offs of items that this ladder does not ask for, except those from a past role."""
    if not (other_ids := [id_ for id_ in record.by_item if id_ not in ladder.items]):
        return
    enrolments = [event for event in record.events if event.enrolment and event.id not in record.undone]
    promotion = next(filter(record.promotes, reversed(enrolments)), None)
    since = {event.id for event in record.events[record.events.index(promotion) if promotion else 0 :]}
    for id_ in other_ids:
        sign_off = record.status_of_any_revision(id_).sign_off
        if sign_off and sign_off.id in since and (promotion is None or record.causality.saw(sign_off, promotion)):
            yield sign_off


def _known_since(check: Event, today: date) -> date:
    """Return the first day on which a mentor could know of a check."""
    # Dated in a time zone further east, a check may bear a day that has not come here.
    written = check.at.date()
    return min(today, check.on if (written - check.on).days <= 1 else written)


def _waits_on(item: Item, state: State, blocked: bool, not_begun: bool) -> Owner:
    """Return whose move an unfinished item is."""
    if item.kind == "manager-activity" or item.led_by == "manager":
        return "manager"
    if state == "returned":
        return "trainee"
    if state == "checked":
        return "opportunity" if blocked else "mentor"
    occasion = item.condition is not None and item.condition.occasion
    return "opportunity" if blocked or not_begun or occasion else "trainee"


def _expected(number: int, begins: date, due: date) -> list[date]:
    """Return the days by which this many items are expected, in order, before leave is added."""
    last, days = due.toordinal(), max((due - begins).days, 0)
    return [date.fromordinal(last - days * left // number) for left in range(number - 1, -1, -1)]


def _tier_of_today(tiers: Sequence[TierProgress], start: date, today: date) -> Tier | None:
    """Return the tier whose months today is in; if no dated tier is left, the lowest unfinished undated one."""
    not_over = [progress for progress in tiers if progress.begins and (progress.due is None or today < progress.due)]
    undated = [progress for progress in tiers if progress.tier.months is None]
    if not_over or not undated or today < start:
        return next((progress.tier for progress in not_over if progress.begins and progress.begins <= today), None)
    return next((progress.tier for progress in undated if any(progress.waits_on)), undated[-1].tier)


def _tiers(
    measured: Sequence[tuple[Cell, list[ItemProgress]]], record: Record, ladder: Ladder, clock: Clock, today: date
) -> list[TierProgress]:
    """Return the progress of all tiers, with forecasts that include the tiers below, and final sign-offs."""
    done_on = [day for cell, items in measured if cell.tier for item in items if (day := item.done_on)]
    left, missing = 0, False
    tiers = []
    for tier in ladder.role.tiers:
        items_by_task = {cell.task.id: items for cell, items in measured if cell.tier is tier and cell.task}
        begins, due = clock.window(tier)
        tasks = tuple(_task(task, tier, items_by_task.get(task.id, ()), due, today) for task in ladder.tasks)
        counts = sum_counts(progress.counts for progress in tasks)
        left += counts.open + counts.returned
        finished = _finished([item for items in items_by_task.values() for item in items])
        missing = missing or counts.total > counts.signed
        final = record.graduations.get(tier.id)
        stands = final is not None and not missing and final_sign_off(record, ladder, tier) is not None
        tiers.append(
            TierProgress(
                tier=tier,
                begins=begins,
                due=due,
                counts=counts,
                expected=None if due is None else sum(progress.expected or 0 for progress in tasks),
                waits_on=sum_waiting_on(progress.waits_on for progress in tasks),
                overdue_by=sum_waiting_on(progress.overdue_by for progress in tasks),
                forecast=forecast(done_on, left, clock, today) if counts.total else None,
                finished=finished,
                graduation=final,
                stands=stands,
                ready=finished is not None and not missing and not stands,
                tasks=tasks,
            )
        )
    return tiers


def forecast(done_on: Sequence[date], left: int, clock: Clock, today: date) -> date | None:
    """Return the day by which the items left will be done; None if none is left, or if too little is known.

    The pace is the number of items done in the last eight weeks, per day in the role and not on leave.
    """
    since = today - timedelta(weeks=WEEKS)
    days = clock.days(since, today)
    done = len([day for day in done_on if since < day <= today])
    if not left or days < FEWEST_DAYS or done < FEWEST_DONE:
        return None
    needed = -(-left * days // done)
    return clock.after(today, needed) if needed <= FURTHEST else None


def _task(task: Task, tier: Tier, items: Sequence[ItemProgress], due: date | None, today: date) -> TaskProgress:
    """Return the progress of a task's items in one tier."""
    expected = sum([item.expected_on is not None and item.expected_on <= today for item in items])
    return TaskProgress(
        task=task,
        required=tier.id not in task.not_required,
        counts=count(items),
        expected=None if due is None else expected,
        waits_on=count_waiting(items),
        overdue_by=count_waiting(item for item in items if item.overdue),
    )


def _finished(items: Sequence[ItemProgress]) -> date | None:
    """Return the day the last item was signed off or waived; None if one is unfinished, or none was signed."""
    if any(item.unfinished for item in items) or not any(item.state == "signed" for item in items):
        return None
    return max(item.status.last.on for item in items if item.status.last)


def _of_task(whole: TierProgress, task: Task) -> TierProgress:
    """Return the tier's progress with the numbers of one task; its dates and final sign-off stay."""
    (of_task,) = (progress for progress in whole.tasks if progress.task is task)
    return replace(whole, **{name: getattr(of_task, name) for name in Tally.__struct_fields__}, tasks=(of_task,))


def _pace(tiers: Iterable[TierProgress]) -> Pace:
    dated = [tier for tier in tiers if tier.expected is not None]
    tiers_ahead = [tier.ahead or 0 for tier in dated]
    behind = sum(ahead for ahead in tiers_ahead if ahead < 0)
    return Pace(
        done=sum(tier.counts.done for tier in dated),
        expected=sum(tier.expected or 0 for tier in dated),
        total=sum(tier.counts.total for tier in dated),
        ahead=(behind or sum(tiers_ahead)) if dated else None,
    )
