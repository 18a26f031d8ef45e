"""What it means: a record measured against its ladder on a given day, as frozen results with every number in them.

Pure: no clock, no files. Months are calendar months from the start date; tiers are half-open; an item is overdue when
it is unfinished after its tier's due date, which is the day the tier ends: on that day itself it is due, not late.

Days of leave stand outside all of this (see `clock`).

Expected by a day: the items of a task in a tier are spread evenly from the day learning starts (the tier's first day,
or the task's start month) to the due date; item k of n is expected when k/n of that time has gone. Checked and signed
items count as done here: a mentor's delay is not the trainee's.

Every unfinished item waits on exactly one: the trainee, a mentor, the manager, or its opportunity, which is the day it
begins, what has to be signed off before it, or an occasion that nobody can bring about.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import dropwhile

from ca_ladder.catalogue.models import Cell, Item, Kind, Ladder, Task, Tier
from ca_ladder.progress.clock import Clock, add_months, window
from ca_ladder.progress.pace import Pace, forecast
from ca_ladder.progress.results import (
    Counts,
    ItemProgress,
    Owner,
    RetainedSignOff,
    TaskProgress,
    TierProgress,
    TraineeProgress,
    WaitingOn,
    count,
    moves,
    sum_counts,
    sum_waiting_on,
)
from ca_ladder.record.events import Event
from ca_ladder.record.fingerprint import fingerprint
from ca_ladder.record.projection import State
from ca_ladder.record.record import Record
from ca_ladder.record.rules import blockers
from ca_ladder.record.tier_completion import final_sign_off


def measure(
    ladder: Ladder, record: Record, today: date, tier: Tier | None = None, task: Task | None = None
) -> TraineeProgress:
    """Return the trainee's progress on that day; ``tier`` and ``task`` leave other expectations and tasks out."""
    start = record.enrolment.start
    clock = Clock(start, tuple(leave for leave in record.leaves if leave.last >= start))
    measured = [(cell, _items(cell, ladder, record, clock, today)) for cell in ladder.cells]
    kinds: dict[Kind, list[ItemProgress]] = {kind: [] for kind in ladder.kinds if kind != "expectation"}
    shown: list[ItemProgress] = []
    for cell, items in measured:
        if (tier is None or cell.tier is tier or cell.tier is None) and (task is None or cell.task is task):
            shown += items
            for each in items if cell.tier is None else ():
                kinds[each.item.kind].append(each)

    whole = _tiers(measured, record, ladder, clock, today)
    tiers = [each for each in whole if tier is None or each.tier is tier]
    if task is not None:
        tiers = [_of_task(each, task) for each in tiers]
    return TraineeProgress(
        enrolment=record.enrolment,
        fingerprint=None if record.altered else fingerprint(record),
        ladder=ladder,
        as_of=today,
        tier=_tier_of_today(whole, clock, today),
        pace=_pace(tiers),
        forecast=next((each.forecast for each in reversed(tiers) if each.counts.total), None),
        finished=_finished([items for cell, items in measured if cell.tier and (tier is None or cell.tier is tier)]),
        tiers=tuple(tiers),
        kinds={kind: count(own) for kind, own in kinds.items()},
        kinds_wait_on={kind: moves(own) for kind, own in kinds.items()},
        items=tuple(shown),
        clock=clock,
        former=record.past_roles,
        written_under=next((event.wording.catalogue for event in reversed(record.events) if event.wording), None),
        no_longer_asked=tuple(_no_longer_asked(record, ladder)),
        tiers_gone=tuple(by for id_, by in record.graduations.items() if id_ not in {each.tier.id for each in whole}),
    )


def next_items(progress: TraineeProgress) -> list[ItemProgress]:
    """Return what the trainee can do next, first things first.

    What came back with a reason, then what is expected soonest; a gate comes before what it blocks, a task whose
    learning has not begun comes after those that have, what has no date comes last, and of tiers without dates the
    lowest comes first.
    """
    own = [each for each in progress.items if each.state in {"open", "returned"}]
    needing: dict[str, list[ItemProgress]] = {}
    for each in progress.items:
        for need in each.blocked_by:
            needing.setdefault(need, []).append(each)
    undated = {tier.id: place for place, tier in enumerate(progress.ladder.role.tiers) if tier.months is None}

    def place(each: ItemProgress) -> int:
        """Return how far up among the tiers without dates an item is wanted: a gate where the lowest needs it."""
        wanted, ids = [each], {each.item.id}
        for one in wanted:  # grows while it is gone through
            more = [other for other in needing.get(one.item.id, ()) if other.item.id not in ids]
            wanted += more
            ids.update(other.item.id for other in more)
        return min(undated.get(one.item.tier.id, 0) if one.item.tier else 0 for one in wanted)

    def order(each: ItemProgress) -> tuple[bool, bool, int, bool, bool, date]:
        return (
            each.state != "returned",
            each.not_begun,
            place(each) if undated else 0,
            each.item.id not in needing,
            each.item.id in needing and bool(each.blocked_by),
            each.expected_on or date.max,
        )

    return sorted((each for each in own if each.item.kind != "manager-activity"), key=order)


def waiting_items(progress: TraineeProgress) -> list[ItemProgress]:
    """Return what waits for a mentor's sign-off, the longest first."""
    waiting = [each for each in progress.items if each.waits_on == "mentor"]
    return sorted(waiting, key=lambda each: each.waiting_since or date.max)


def _items(cell: Cell, ladder: Ladder, record: Record, clock: Clock, today: date) -> list[ItemProgress]:
    """Return the progress of the items of one task and tier; they have their days in common."""
    begins, due = window(cell.tier, clock.start) if cell.tier else (None, None)
    begins = _learning_begins(cell.task, begins, clock.start)
    standings = [record.status(item) for item in cell.items]
    asked = len(standings) - [each.state for each in standings].count("waived")
    expected = map(clock.moved, _expected(asked, begins, due) if begins and due else ())
    begins, due = begins and clock.moved(begins), due and clock.moved(due)
    late = due is not None and today > due
    not_begun = begins is not None and today < begins
    found = []
    for item, status in zip(cell.items, standings, strict=True):
        state = status.state
        unfinished = state not in {"signed", "waived"}
        blocked_by = blockers(record, ladder, item) if unfinished and item.requires else ()
        found.append(
            ItemProgress(
                item,
                status,
                due,
                begins,
                next(expected, None) if state != "waived" else None,
                late and unfinished,
                not_begun,
                blocked_by,
                _waits_on(item, state, bool(blocked_by), not_begun) if unfinished else None,
                _known_since(status.check, today) if status.check and state == "checked" else None,
            )
        )
    return found


def _no_longer_asked(record: Record, ladder: Ladder) -> Iterator[RetainedSignOff]:
    """Yield the standing sign-offs that this ladder does not ask for, but for those of a former role."""
    if not (others := [id_ for id_ in record.by_item if id_ not in ladder.items]):
        return
    promoted = [
        each for each in record.events if each.enrolment and each.id not in record.undone and record.promotes(each)
    ]
    since = dropwhile(lambda event: event is not promoted[-1], record.events) if promoted else record.events
    ids = {event.id for event in since}
    for id_ in others:
        given = record.status_of_any_revision(id_).sign_off
        if given and given.id in ids and (not promoted or record.causality.saw(given, promoted[-1])):
            yield RetainedSignOff(id_, given)


def _known_since(check: Event, today: date) -> date:
    """Return the day since which a mentor could know of a check."""
    written = check.at.date()
    return check.on if (written - check.on).days <= 1 else min(written, today)


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
    """Return the days by which so many items are expected, one after the other, as they are without leave."""
    last, days = due.toordinal(), max((due - begins).days, 0)
    return [date.fromordinal(last - days * left // number) for left in range(number - 1, -1, -1)]


def _learning_begins(task: Task | None, tier_begins: date | None, start: date) -> date | None:
    """Return the day that the time for a task comes: with its tier, and never before the first day in the role."""
    if task is None:
        return tier_begins
    learning = add_months(start, task.begins.first) if task.begins else start
    return max(tier_begins or learning, learning)


def _tier_of_today(tiers: Sequence[TierProgress], clock: Clock, today: date) -> Tier | None:
    """Return the tier whose months the day is in; where none is nor will be, the lowest unfinished of the others."""
    dated = clock.tier([each.tier for each in tiers], today)
    undated = [each for each in tiers if each.tier.months is None]
    to_come = any(each.begins and today < each.begins for each in tiers)
    if dated or to_come or not undated or today < clock.start:
        return dated
    return next((each.tier for each in undated if any(each.waits_on)), undated[-1].tier)


def _tiers(
    measured: Sequence[tuple[Cell, list[ItemProgress]]], record: Record, ladder: Ladder, clock: Clock, today: date
) -> list[TierProgress]:
    """Return all tiers, each with the day by which it and those below it will be checked, and its final sign-off."""
    done_on = [day for cell, items in measured if cell.tier for each in items if (day := each.done_on)]
    left, missing = 0, False
    found = []
    for tier in ladder.role.tiers:
        own = {cell.task.id: items for cell, items in measured if cell.tier is tier and cell.task}
        begins, due = clock.window(tier)
        tasks = tuple(
            TaskProgress(task, tier.id not in task.not_required, *_paced(own.get(task.id, ()), due, today))
            for task in ladder.tasks
        )
        counts = sum_counts(each.counts for each in tasks)
        expected = None if due is None else sum(each.expected or 0 for each in tasks)
        left += counts.open + counts.returned
        finished = _finished(list(own.values()))
        missing = missing or counts.total > counts.signed
        given = record.graduations.get(tier.id)
        stands = given is not None and not missing and final_sign_off(record, ladder, tier) is not None
        found.append(
            TierProgress(
                tier=tier,
                begins=begins,
                due=due,
                counts=counts,
                expected=expected,
                ahead=None if expected is None else counts.done - expected,
                waits_on=sum_waiting_on(each.waits_on for each in tasks),
                overdue_by=sum_waiting_on(each.overdue_by for each in tasks),
                forecast=forecast(done_on, left, clock, today) if counts.total else None,
                finished=finished,
                graduation=given,
                stands=stands,
                ready=finished is not None and not missing and not stands,
                tasks=tasks,
            )
        )
    return found


def _paced(
    items: Sequence[ItemProgress], due: date | None, today: date
) -> tuple[Counts, int | None, int | None, WaitingOn, WaitingOn]:
    """Return the counts of these items, how many are expected by now, how many more or fewer are done, whose move."""
    counts, whose = count(items), moves(items)
    late = moves([each for each in items if each.overdue]) if counts.overdue else WaitingOn()
    if due is None:
        return counts, None, None, whose, late
    expected = sum([each.expected_on is not None and each.expected_on <= today for each in items])
    return counts, expected, counts.done - expected, whose, late


def _finished(parts: Sequence[Sequence[ItemProgress]]) -> date | None:
    """Return the day the last of these was signed off or waived; None while one is not, or where none was signed."""
    items = [each for part in parts for each in part]
    if any(each.unfinished for each in items) or not any(each.state == "signed" for each in items):
        return None
    return max(each.status.last.on for each in items if each.status.last)


def _of_task(whole: TierProgress, task: Task) -> TierProgress:
    """Return of a tier what one task is of it; what is said of the tier as a whole stays."""
    (own,) = (each for each in whole.tasks if each.task is task)
    return whole._replace(
        counts=own.counts,
        expected=own.expected,
        ahead=own.ahead,
        waits_on=own.waits_on,
        overdue_by=own.overdue_by,
        tasks=(own,),
    )


def _pace(tiers: Iterable[TierProgress]) -> Pace:
    dated = [each for each in tiers if each.expected is not None]
    each_ahead = [each.ahead or 0 for each in dated]
    behind = sum(ahead for ahead in each_ahead if ahead < 0)
    return Pace(
        done=sum(each.counts.done for each in dated),
        expected=sum(each.expected or 0 for each in dated),
        total=sum(each.counts.total for each in dated),
        ahead=(behind or sum(each_ahead)) if dated else None,
    )
