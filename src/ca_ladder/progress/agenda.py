"""What there is to talk about: one trainee's sheet for the next one-to-one."""

from datetime import date, tzinfo
from typing import NamedTuple

from ca_ladder.errors import BeforeFirstEvent
from ca_ladder.progress.history import HistoryLine, history
from ca_ladder.progress.results import OWNERS, ItemProgress, Owner, TierProgress, TraineeProgress
from ca_ladder.progress.trainee import next_items, waiting_items
from ca_ladder.record.record import Record

# So many items to come are looked at for the activities that lead to them.
AHEAD = 10

_DECISIONS = {"sign-off", "return", "revoke", "waive", "graduate"}


class Agenda(NamedTuple):
    """What waits, what came back, what is late and whose move that is, what comes next and who leads it, what changed.

    ``held_up`` is checked, and something else has to be signed off before it. ``mentor_led`` are open activities of the
    tasks that come next, ``manager`` those of the manager, ``to_conclude`` the tiers that wait for the final sign-off.
    ``changes`` is what was written after ``since``: the last day before this one on which a mentor or the manager
    decided anything, unless another was asked for; None from the beginning.
    """

    progress: TraineeProgress
    waiting: tuple[ItemProgress, ...]
    held_up: tuple[ItemProgress, ...]
    returned: tuple[ItemProgress, ...]
    overdue: dict[Owner, tuple[ItemProgress, ...]]
    coming: tuple[ItemProgress, ...]
    mentor_led: tuple[ItemProgress, ...]
    manager: tuple[ItemProgress, ...]
    to_conclude: tuple[TierProgress, ...]
    since: date | None
    changes: tuple[HistoryLine, ...]


def agenda(progress: TraineeProgress, record: Record, since: date | None, zone: tzinfo | None) -> Agenda:
    """Return the sheet for a record as it is known on the day of its progress, where the person is."""
    coming = next_items(progress)[:AHEAD]
    tasks = {each.item.task.id for each in coming if each.item.task}
    open_ = [each for each in progress.items if each.unfinished]
    since = since or _last_decided(record, progress.as_of)
    return Agenda(
        progress=progress,
        waiting=tuple(waiting_items(progress)),
        held_up=tuple(each for each in open_ if each.state == "checked" and each.waits_on == "opportunity"),
        returned=tuple(each for each in open_ if each.state == "returned"),
        overdue={
            owner: late
            for owner in OWNERS
            if (late := tuple(each for each in open_ if each.overdue and each.waits_on == owner))
        },
        coming=tuple(each for each in coming if each.item.led_by is None and each.state == "open" and not each.overdue),
        mentor_led=tuple(
            each for each in open_ if each.item.led_by == "mentor" and each.item.task and each.item.task.id in tasks
        ),
        manager=tuple(each for each in open_ if each.waits_on == "manager"),
        to_conclude=progress.to_conclude,
        since=since,
        changes=_changes(record, since, zone),
    )


def _last_decided(record: Record, today: date) -> date | None:
    """Return the last day before today on which a mentor or the manager decided anything."""
    return max((event.on for event in record.events if event.kind in _DECISIONS and event.on < today), default=None)


def _changes(record: Record, since: date | None, zone: tzinfo | None) -> tuple[HistoryLine, ...]:
    lines = history(record)[1:]
    try:
        before = record.as_of(since, zone).by_id if since else {}
    except BeforeFirstEvent:
        before = {}
    return tuple(line for line in lines if line.event.id not in before)
