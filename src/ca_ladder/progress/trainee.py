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

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from ca_ladder.catalogue.models import KINDS, Item, Ladder, Task, Tier
from ca_ladder.progress.clock import Clock, add_months, window
from ca_ladder.progress.pace import Pace, forecast
from ca_ladder.progress.results import (
    Counts,
    ItemProgress,
    Kept,
    Moves,
    Owner,
    TaskProgress,
    TierProgress,
    TraineeProgress,
    count,
    moves,
)
from ca_ladder.record.conclusion import final_sign_off
from ca_ladder.record.events import Event
from ca_ladder.record.fingerprint import fingerprint
from ca_ladder.record.folding import Record, State
from ca_ladder.record.rules import blockers


def measure(
    ladder: Ladder, record: Record, today: date, tier: Tier | None = None, task: Task | None = None
) -> TraineeProgress:
    """Return the trainee's progress on that day; ``tier`` and ``task`` leave other expectations and tasks out."""
    start = record.enrolment.start
    clock = Clock(start, tuple(leave for leave in record.leaves if leave.last >= start))
    measured = tuple(_items(ladder, record, clock, today))
    items = tuple(
        each
        for each in measured
        if (tier is None or each.item.tier is tier or each.item.tier is None)
        and (task is None or each.item.task is task)
    )
    kinds = {kind: [each for each in items if each.item.kind == kind] for kind in KINDS[1:]}
    asked = {item.kind for item in ladder.items.values()}

    whole = [_tier(each, ladder.tasks, measured, clock, today) for each in ladder.role.tiers]
    whole = _concluded(_forecast(whole, measured, clock, today), record, ladder)
    shown = [each for each in whole if tier is None or each.tier is tier]
    if task is not None:
        shown = [_of_task(each, task, items, clock, today) for each in shown]
    return TraineeProgress(
        enrolment=record.enrolment,
        fingerprint=None if record.altered else fingerprint(record),
        ladder=ladder,
        as_of=today,
        tier=_tier_of_today(whole, clock, today),
        pace=_pace(shown),
        forecast=next((each.forecast for each in reversed(shown) if each.counts.total), None),
        finished=_finished([each for each in measured if tier is None or each.item.tier is tier if each.item.tier]),
        tiers=tuple(shown),
        kinds={kind: count(own) for kind, own in kinds.items() if kind in asked},
        kinds_wait_on={kind: moves(own) for kind, own in kinds.items() if kind in asked},
        items=items,
        clock=clock,
        former=record.former,
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
    gates = {need for each in progress.items for need in each.blocked_by}
    undated = {tier.id: place for place, tier in enumerate(progress.ladder.role.tiers) if tier.months is None}

    def place(each: ItemProgress) -> int:
        """Return how far up among the tiers without dates an item is wanted: a gate where the lowest needs it."""
        wanted, ids = [each], {each.item.id}
        for one in wanted:  # grows while it is gone through
            needing = [o for o in progress.items if one.item.id in o.blocked_by and o.item.id not in ids]
            wanted += needing
            ids.update(other.item.id for other in needing)
        return min(undated.get(one.item.tier.id, 0) if one.item.tier else 0 for one in wanted)

    def order(each: ItemProgress) -> tuple[bool, bool, int, bool, bool, date]:
        return (
            each.state != "returned",
            each.not_begun,
            place(each) if undated else 0,
            each.item.id not in gates,
            each.item.id in gates and bool(each.blocked_by),
            each.expected_on or date.max,
        )

    return sorted((each for each in own if each.item.kind != "manager-activity"), key=order)


def waiting_items(progress: TraineeProgress) -> list[ItemProgress]:
    """Return what waits for a mentor's sign-off, the longest first."""
    waiting = [each for each in progress.items if each.waits_on == "mentor"]
    return sorted(waiting, key=lambda each: each.waiting_since or date.max)


def _items(ladder: Ladder, record: Record, clock: Clock, today: date) -> Iterator[ItemProgress]:
    """Yield the progress of every item that counts, in the catalogue's order."""
    start = clock.start
    standings = {item.id: record.standing(item) for item in ladder.items.values()}
    asked = [item for item in ladder.items.values() if standings[item.id].state != "waived"]
    cells = Counter(_cell(item) for item in asked)
    places: Counter[tuple[str | None, str | None]] = Counter()
    for item in ladder.items.values():
        standing = standings[item.id]
        begins, due = window(item.tier, start) if item.tier else (None, None)
        begins = _learning_begins(item, begins, start)
        cell = _cell(item)
        places[cell] += standing.state != "waived"
        expected_on = _expected_on(places[cell], cells[cell], begins, due) if standing.state != "waived" else None
        unfinished = standing.state not in {"signed", "waived"}
        blocked_by = blockers(record, ladder, item) if unfinished and item.requires else ()
        begins, due, expected_on = (day and clock.moved(day) for day in (begins, due, expected_on))
        not_begun = begins is not None and today < begins
        yield ItemProgress(
            item=item,
            standing=standing,
            due=due,
            begins=begins,
            expected_on=expected_on,
            overdue=bool(unfinished and due and today > due),
            not_begun=not_begun,
            blocked_by=blocked_by,
            waits_on=_waits_on(item, standing.state, bool(blocked_by), not_begun) if unfinished else None,
            waiting_since=_known_since(standing.check, today)
            if standing.check and standing.state == "checked"
            else None,
        )


def _no_longer_asked(record: Record, ladder: Ladder) -> Iterator[Kept]:
    """Yield the standing sign-offs that this ladder does not ask for, but for those of a former role."""
    if not (others := [id_ for id_ in record.by_item if id_ not in ladder.items]):
        return
    promoted = [event for event in record.events if event.id not in record.undone and record.promotes(event)]
    since = record.events[record.events.index(promoted[-1]) :] if promoted else record.events
    ids = {event.id for event in since}
    for id_ in others:
        given = record.held(id_).sign_off
        if given and given.id in ids and (not promoted or record.knowledge.knew(given, promoted[-1])):
            yield Kept(id_, given)


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


def _cell(item: Item) -> tuple[str | None, str | None]:
    return item.task.id if item.task else None, item.tier.id if item.tier else None


def _expected_on(place: int, of: int, begins: date | None, due: date | None) -> date | None:
    if begins is None or due is None:
        return None
    days = max((due - begins).days, 0)
    return due - timedelta(days=days * (of - place) // of)


def _learning_begins(item: Item, tier_begins: date | None, start: date) -> date | None:
    """Return the day the item's time comes: with its tier and its task, and never before the first day in the role."""
    if item.task is None:
        return tier_begins
    learning = add_months(start, item.task.begins.first) if item.task.begins else start
    return max(tier_begins or learning, learning)


def _tier_of_today(tiers: Sequence[TierProgress], clock: Clock, today: date) -> Tier | None:
    """Return the tier whose months the day is in; where none is nor will be, the lowest unfinished of the others."""
    dated = clock.tier([each.tier for each in tiers], today)
    undated = [each for each in tiers if each.tier.months is None]
    to_come = any(each.begins and today < each.begins for each in tiers)
    if dated or to_come or not undated or today < clock.start:
        return dated
    return next((each.tier for each in undated if any(each.waits_on)), undated[-1].tier)


def _tier(tier: Tier, tasks: Sequence[Task], items: Iterable[ItemProgress], clock: Clock, today: date) -> TierProgress:
    own = [each for each in items if each.item.tier is tier]
    cells: dict[str, list[ItemProgress]] = {task.id: [] for task in tasks}
    for each in own:
        if each.item.task:
            cells[each.item.task.id].append(each)
    begins, due = clock.window(tier)
    counts, expected, ahead, waits_on, overdue_by = _paced(own, due, today)
    return TierProgress(
        tier=tier,
        begins=begins,
        due=due,
        counts=counts,
        expected=expected,
        ahead=ahead,
        waits_on=waits_on,
        overdue_by=overdue_by,
        forecast=None,
        finished=_finished(own),
        graduation=None,
        stands=False,
        ready=False,
        tasks=tuple(
            TaskProgress(task, tier.id not in task.not_required, *_paced(cells[task.id], due, today)) for task in tasks
        ),
    )


def _paced(
    items: Sequence[ItemProgress], due: date | None, today: date
) -> tuple[Counts, int | None, int | None, Moves, Moves]:
    """Return the counts of these items, how many are expected by now, how many more or fewer are done, whose move."""
    counts = count(items)
    whose = moves(items), moves(each for each in items if each.overdue)
    if due is None:
        return counts, None, None, *whose
    expected = sum(each.expected_on is not None and each.expected_on <= today for each in items)
    return counts, expected, counts.done - expected, *whose


def _finished(items: Sequence[ItemProgress]) -> date | None:
    """Return the day the last of these was signed off or waived; None while one is not, or where none was signed."""
    if not any(each.state == "signed" for each in items) or any(each.unfinished for each in items):
        return None
    return max(each.standing.last.on for each in items if each.standing.last)


def _forecast(
    tiers: Sequence[TierProgress], items: Iterable[ItemProgress], clock: Clock, today: date
) -> list[TierProgress]:
    """Return the tiers, each with the day by which it and those below it will be checked."""
    done_on = [each.done_on for each in items if each.item.tier and each.done_on]
    left, found = 0, []
    for tier in tiers:
        left += tier.counts.open + tier.counts.returned
        found.append(tier._replace(forecast=forecast(done_on, left, clock, today) if tier.counts.total else None))
    return found


def _concluded(tiers: Iterable[TierProgress], record: Record, ladder: Ladder) -> list[TierProgress]:
    """Return the tiers, each with its final sign-off, or whether it is ready for one."""
    found, missing = [], False
    for tier in tiers:
        missing = missing or (bool(tier.counts.total) and tier.finished is None)
        given = record.graduations.get(tier.tier.id)
        stands = given is not None and final_sign_off(record, ladder, tier.tier) is not None
        ready = tier.finished is not None and not missing and not stands
        found.append(tier._replace(graduation=given, stands=stands, ready=ready))
    return found


def _of_task(whole: TierProgress, task: Task, items: Iterable[ItemProgress], clock: Clock, today: date) -> TierProgress:
    """Return of a tier what one task is of it; what is said of the tier as a whole stays."""
    own = _tier(whole.tier, [task], items, clock, today)
    return whole._replace(
        counts=own.counts,
        expected=own.expected,
        ahead=own.ahead,
        waits_on=own.waits_on,
        overdue_by=own.overdue_by,
        tasks=own.tasks,
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
