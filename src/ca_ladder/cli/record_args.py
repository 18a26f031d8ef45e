"""What several commands do with a record: find the items and people that were typed, save a decision, print it."""

from collections.abc import Callable, Sequence

from ca_ladder.catalogue.lookup import find_item
from ca_ladder.catalogue.models import Item, Ladder
from ca_ladder.cli.context import CommandContext
from ca_ladder.cli.prompts import ask
from ca_ladder.errors import Missing
from ca_ladder.record.actor import Actor, refuse_if_changed
from ca_ladder.record.events import Event, Person
from ca_ladder.record.names import clean_name
from ca_ladder.record.record import Record
from ca_ladder.record.rules import blockers, identify


def find_items(ladder: Ladder, ids: Sequence[str]) -> list[Item]:
    """Return the items with these ids, without duplicates, in the order given; raises Unknown."""
    items = [find_item(ladder.role, id_, ladder.items) for id_ in ids]
    return list({item.id: item for item in items}.values())


def ids_of(events: Sequence[Event]) -> str:
    """Return the ids of the items of these events, with commas."""
    return ", ".join(event.item or "" for event in events)


def author(record: Record, by: str | None = None) -> Person:
    """Return the person named by --by, or the trainee."""
    return identify(record, clean_name(by) if by is not None else record.enrolment.name)


def signer(
    context: CommandContext, record: Record, by: str | None, question: str = "Your name (the mentor's)"
) -> Person:
    """Return the person who decides, named by --by or asked for; raises Missing without a terminal."""
    missing = Missing("Who decides", '--by "NAME" (or set CA_LADDER_USER)')
    return identify(record, clean_name(by) if by is not None else ask(context, question, clean_name, missing=missing))


def write_decision(
    context: CommandContext, seen: Record, items: Sequence[Item], decide: Callable[[Record], Record]
) -> tuple[Record, tuple[Event, ...]]:
    """Save a decision; return the record and the new events.

    Raises ChangedMeanwhile if one of the items or the enrolment has changed since ``seen`` was read.
    """

    def change(now: Record) -> Record:
        refuse_if_changed(seen, now, items)
        return decide(now)

    return context.write(change)


def blocked_line(record: Record, ladder: Ladder, blocked: Sequence[Item]) -> str:
    """Return the sentence on items that cannot be signed off yet, and what is needed first."""
    needs = sorted({need for item in blocked for need in blockers(record, ladder, item)})
    are = "is" if len(needs) == 1 else "are"
    return f"Left out until {', '.join(needs)} {are} signed off: {', '.join(item.id for item in blocked)}."


def account_note(actor: Actor, record: Record) -> str:
    """Return a note for a decision written from the trainee's own account: that is allowed, but shown."""
    return ", from the trainee's own account" if actor.stamp.account in record.trainee_accounts else ""
