"""The agenda for one trainee's next one-to-one."""

from datetime import date, tzinfo
from typing import NamedTuple

from ca_ladder.errors import BeforeFirstEvent
from ca_ladder.progress.history import HistoryLine, history
from ca_ladder.progress.results import OWNERS, ItemProgress, Owner, TraineeProgress
from ca_ladder.progress.trainee import next_items, waiting_items
from ca_ladder.record.record import Record

# The number of next items on the agenda; activities of their tasks are included.
COMING = 10

_DECISIONS = {"sign-off", "return", "revoke", "waive", "graduate"}


class Agenda(NamedTuple):
    """What waits, what was returned, what is overdue, what comes next and who leads it, and what changed.

    ``held_up`` items are checked, but another item has to be signed off first. ``mentor_led`` are open activities of
    the tasks that come next, ``manager`` those of the manager. ``changes`` are the events after ``since``: by default
    the last day before today on which a mentor or the manager decided anything; None means all events.
    """

    progress: TraineeProgress
    waiting: tuple[ItemProgress, ...]
    held_up: tuple[ItemProgress, ...]
    returned: tuple[ItemProgress, ...]
    overdue: dict[Owner, tuple[ItemProgress, ...]]
    coming: tuple[ItemProgress, ...]
    mentor_led: tuple[ItemProgress, ...]
    manager: tuple[ItemProgress, ...]
    since: date | None
    changes: tuple[HistoryLine, ...]


def agenda(progress: TraineeProgress, record: Record, since: date | None, zone: tzinfo | None) -> Agenda:
    """Return the agenda for the day of the progress; ``zone`` is the time zone that days are in, None for local."""
    coming = next_items(progress)[:COMING]
    tasks = [item.item.task for item in coming if item.item.task]
    unfinished = [item for item in progress.items if item.unfinished]
    if since is None:
        counted = record.projection.by_id
        decisions = (event.on for event in record.events if event.kind in _DECISIONS and event.id in counted)
        since = max((day for day in decisions if day < progress.as_of), default=None)
    try:
        known = record.as_of(since, zone).by_id if since else {}
    except BeforeFirstEvent:
        known = {}
    return Agenda(
        progress=progress,
        waiting=tuple(waiting_items(progress)),
        held_up=tuple(item for item in unfinished if item.state == "checked" and item.waits_on == "opportunity"),
        returned=tuple(item for item in unfinished if item.state == "returned"),
        overdue={
            owner: overdue
            for owner in OWNERS
            if (overdue := tuple(item for item in unfinished if item.overdue and item.waits_on == owner))
        },
        coming=tuple(item for item in coming if item.item.led_by is None and item.state == "open" and not item.overdue),
        mentor_led=tuple(item for item in unfinished if item.item.led_by == "mentor" and item.item.task in tasks),
        manager=tuple(item for item in unfinished if item.waits_on == "manager"),
        since=since,
        changes=tuple(line for line in history(record)[1:] if line.event.id not in known),
    )
