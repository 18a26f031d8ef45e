"""The commands of one account: which of them stand, which are undone, and what `undo` and `redo` take next.

An `undo` of an event takes it back; an `undo` of that undo brings it back, and is what `redo` writes.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ca_ladder.errors import NothingToRedo, NothingToUndo
from ca_ladder.record.events import Event
from ca_ladder.record.record import Record, Subject

Events = tuple[Event, ...]


class _Commands(NamedTuple):
    """The events of each command that stand, and of each that are undone, in the order in which they became so."""

    standing: list[Events]
    undone: list[Events]


def last_command(record: Record, account: str) -> Events:
    """Return the events of the last command from this account that stands, on whichever computer it was typed.

    Raises NothingToUndo if there is none, if it is the enrolment that began the record, or if its subjects have changed
    since.
    """
    commands = _commands(record, account)
    if not commands.standing:
        what = "all that was" if commands.undone else "nothing in this record was"
        raise NothingToUndo(f"{what} written from the account {account}{' is undone already' * bool(commands.undone)}")
    events = commands.standing[-1]
    if record.events[0] in events:
        raise NothingToUndo("the last command began the record; to start over, delete the file")
    _refuse_changed(record, events, NothingToUndo)
    return events


def last_undone(record: Record, account: str) -> Events:
    """Return the events that the last `undo` from this account took back.

    Raises NothingToRedo if the account has written anything else since, or if their subjects have changed since.
    """
    commands = _commands(record, account)
    if not commands.undone:
        raise NothingToRedo(f"nothing was undone from the account {account} since its last command")
    _refuse_changed(record, undos_of(record, commands.undone[-1]), NothingToRedo)
    return commands.undone[-1]


def undos_of(record: Record, events: Iterable[Event]) -> Events:
    """Return the undos that keep these events undone."""
    ids = {event.id for event in events}
    return tuple([event for event in _standing(record, record.events) if event.kind == "undo" and event.of in ids])


def change_since(record: Record, event: Event, subject: Subject) -> Event | None:
    """Return the last event since this one that changed the subject and still stands. Notes change nothing."""
    later = record.events[record.events.index(event) + 1 :]
    ids = {other.id for other in later}
    for other in _standing(record, reversed(later)):
        original = record.original(other)
        if original.kind == "note" or original == record.original(event):
            continue
        if record.subject(other) == subject and not (other.kind == "undo" and other.of in ids):
            return other
    return None


def _standing(record: Record, events: Iterable[Event]) -> Iterable[Event]:
    """Return those of the events that count and are not undone."""
    counted = record.projection.by_id
    return (event for event in events if event.id in counted and event.id not in record.undone)


def _commands(record: Record, account: str) -> _Commands:
    """Return the commands of this account. A new command leaves nothing to redo."""
    written: dict[object, list[Event]] = {}
    standing: dict[object, None] = {}
    undone: dict[object, None] = {}
    taking_back: set[str] = set()  # the undos that do, and do not bring back
    for event in record.events:
        if event.account != account or event.id not in record.projection.by_id:
            continue
        key = record.original(event).command_key
        standing.pop(key, None)
        undone.pop(key, None)
        if event.kind != "undo":
            written.setdefault(key, []).append(event)
            undone.clear()
        elif event.of not in taking_back:
            taking_back.add(event.id)
            undone[key] = None
            continue
        standing[key] = None

    def of(keys: Iterable[object], *, are_undone: bool) -> list[Events]:
        commands = [
            tuple([event for event in written[key] if (event.id in record.undone) == are_undone]) for key in keys
        ]
        return list(filter(None, commands))

    return _Commands(of(standing, are_undone=False), of(undone, are_undone=True))


def _refuse_changed(record: Record, events: Events, error: type[NothingToUndo]) -> None:
    """Raise the error if the subject of one of these events has changed since."""
    for event in events:
        subject = record.subject(event)
        if record.original(event).kind != "note" and (change := change_since(record, event, subject)):
            raise error(f"{subject} has changed since, by {change.by.name} on {change.on}")
