"""The agenda for one trainee's next one-to-one."""

from datetime import date, tzinfo
from typing import NamedTuple

from ca_ladder.errors import BeforeFirstEvent
from ca_ladder.progress.history import HistoryLine, history
from ca_ladder.progress.results import OWNERS, ItemProgress, Owner, TierProgress, TraineeProgress
from ca_ladder.progress.trainee import next_items, waiting_items
from ca_ladder.record.record import Record

# The number of next items on the agenda; activities of their tasks are included.
COMING = 10

_DECISIONS = {"sign-off", "return", "revoke", "waive", "graduate"}


class Agenda(NamedTuple):
    """What waits, what was returned, what is overdue, what comes next and who leads it, and what changed.

    ``held_up`` items are checked, but another item has to be signed off first. ``mentor_led`` are open activities of
    the tasks that come next, ``manager`` those of the manager, ``to_conclude`` the tiers that wait for the final
    sign-off. ``changes`` are the events after ``since``: by default the last day before today on which a mentor or the
    manager decided anything; None means all events.
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
    """Return the agenda for the day of the progress; ``zone`` is the time zone that days are in, None for local."""
    coming = next_items(progress)[:COMING]
    tasks = {item.item.task.id for item in coming if item.item.task}
    open_ = [item for item in progress.items if item.unfinished]
    since = since or _last_decided(record, progress.as_of)
    return Agenda(
        progress=progress,
        waiting=tuple(waiting_items(progress)),
        held_up=tuple(item for item in open_ if item.state == "checked" and item.waits_on == "opportunity"),
        returned=tuple(item for item in open_ if item.state == "returned"),
        overdue={
            owner: overdue
            for owner in OWNERS
            if (overdue := tuple(item for item in open_ if item.overdue and item.waits_on == owner))
        },
        coming=tuple(item for item in coming if item.item.led_by is None and item.state == "open" and not item.overdue),
        mentor_led=tuple(
            item for item in open_ if item.item.led_by == "mentor" and item.item.task and item.item.task.id in tasks
        ),
        manager=tuple(item for item in open_ if item.waits_on == "manager"),
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
