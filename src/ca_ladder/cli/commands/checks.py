"""What the trainee does: check, uncheck, note, undo, leave."""

from collections.abc import Sequence
from typing import Annotated

import typer

from ca_ladder.catalogue.lookup import find_item
from ca_ladder.catalogue.models import Item, Ladder
from ca_ladder.cli.context import CommandContext, command
from ca_ladder.cli.dates import parse_date
from ca_ladder.cli.options import ByOption, EvidenceOption, IdArgument, IdsArgument, NoteOption, OnOption, YesOption
from ca_ladder.cli.prompts import agreed, pick
from ca_ladder.errors import Command, Missing
from ca_ladder.progress.trainee import next_items
from ca_ladder.record.events import Event, Leave, Person
from ca_ladder.record.names import clean_name
from ca_ladder.record.projection import subtract_leaves
from ca_ladder.record.record import Record
from ca_ladder.record.rules import Actor, author_of, blockers, deciders, go_on_leave, identify, last_command
from ca_ladder.renderers.phrases import event_list, leave_days

app = typer.Typer()

FirstArgument = Annotated[str, typer.Argument(metavar="FROM", hidden=True)]
LastArgument = Annotated[str, typer.Argument(metavar="TO", hidden=True)]
CancelOption = Annotated[bool, typer.Option("--cancel", help="The trainee is there after all: no leave on these days.")]
TextArgument = Annotated[str, typer.Argument(metavar="TEXT", hidden=True)]


def found(ladder: Ladder, ids: Sequence[str]) -> list[Item]:
    """Return the items with these ids, each once, in the order given."""
    items = [find_item(ladder.role, id_, ladder.items) for id_ in ids]
    return list({item.id: item for item in items}.values())


def item_ids(events: Sequence[Event]) -> str:
    """Return the ids of the items that these events are about."""
    return ", ".join(event.item or "" for event in events)


def trainee(record: Record) -> Person:
    """Return the record's trainee as the author of an event."""
    return identify(record, record.enrolment.name)


@command(app.command())
def check(
    context: CommandContext,
    ids: IdsArgument = None,
    note: NoteOption = None,
    evidence: EvidenceOption = None,
    on: OnOption = None,
) -> None:
    """Say "I can do this" of items.

    Without an ID, at a terminal, choose from a list that typing narrows.
    """
    day = parse_date(on, context.today) if on is not None else None
    chosen = ids or _chosen(context)
    if not chosen:
        context.print_line("Nothing was chosen, nothing was changed.")
        return

    def change(record: Record, ladder: Ladder) -> Record:
        actor = Actor(ladder, context.stamp, trainee(record), day)
        return actor.check(record, found(ladder, chosen), note, evidence or ())

    record, events = context.change(change)
    ladder = context.ladder(record)
    needs: dict[str, list[str]] = {}
    for item in (ladder.items[event.item] for event in events if event.item):
        for need in blockers(record, ladder, item):
            needs.setdefault(need, []).append(item.id)
    held_up = {id_ for blocked in needs.values() for id_ in blocked}
    free = [event for event in events if event.item not in held_up]
    which = item_ids(free) if held_up else "They" if len(free) > 1 else "It"
    waits = f" {which} wait{'s' * (len(free) == 1)} for {_mentors(record)}." if free else ""
    context.print_line_about(record, f"Checked {item_ids(events)}.{waits}")
    for need, blocked in needs.items():
        context.print_line(f"Needed before {', '.join(blocked)} can be signed off: {need}, {ladder.items[need].text}.")
    context.hint("Next: ca-ladder next    Undo: ca-ladder undo")


@command(app.command())
def uncheck(context: CommandContext, ids: IdsArgument = None) -> None:
    """Take back the check of items."""
    if not ids:
        raise Missing(
            "The ID of an item", "it: ca-ladder uncheck ID. The checked ones", Command("list --state checked")
        )
    record, events = context.change(
        lambda record, ladder: Actor(ladder, context.stamp, trainee(record)).uncheck(record, found(ladder, ids))
    )
    context.print_line_about(record, f"Unchecked {item_ids(events)}.")
    context.hint("Undo: ca-ladder undo")


@command(app.command())
def note(context: CommandContext, id_: IdArgument, text: TextArgument, by: ByOption = None) -> None:
    """Add words to an item, for everybody to see."""
    if not text.strip():
        raise Missing("The text", "it", Command(f'note {id_} "TEXT"'))

    def change(record: Record, ladder: Ladder) -> Record:
        who = identify(record, clean_name(by) if by is not None else record.enrolment.name)
        return Actor(ladder, context.stamp, who).note(record, found(ladder, [id_])[0], text)

    record, events = context.change(change)
    context.print_line_about(record, f"Noted for {events[-1].item}.")
    context.hint("Undo: ca-ladder undo")


@command(app.command())
def undo(context: CommandContext, by: ByOption = None, yes: YesOption = False) -> None:
    """Take back what the last command did.

    The last command from this account on this computer is taken back whole; nothing is deleted. A second undo brings
    it back.
    """
    record = context.record_to_change()
    events = last_command(record, context.stamp)
    first = events[0]
    what = event_list(record, events)
    written = first.at.astimezone(context.environment.zone).date()
    whose = record.enrolment.name
    context.print_line(
        f"In {whose}'s record, the last command from this account, on {written}: {what}, by {first.by.name}."
    )
    if context.interactive and not yes and not agreed(context, "Take it back?"):
        context.print_line("Nothing was changed.")
        return

    def change(record: Record, ladder: Ladder) -> Record:
        who = identify(record, clean_name(by)) if by is not None else author_of(record, first)
        return Actor(ladder, context.stamp, who).undo(record, events)

    context.change(change)
    context.print_line(f"Taken back: {what}. The log keeps both.")
    context.hint("Undo, which brings it back: ca-ladder undo")


@command(app.command())
def leave(
    context: CommandContext,
    first: FirstArgument,
    last: LastArgument,
    cancel: CancelOption = False,
    note: NoteOption = None,
    by: ByOption = None,
) -> None:
    """Stop the clock from one day to another, both included: all that is due comes later.

    A leave that overlaps one in the record takes its place: that is how one is made longer or shorter.
    """
    record = context.record_to_change()
    days = Leave(first=parse_date(first, context.today), last=parse_date(last, context.today), cancelled=cancel)
    who = identify(record, clean_name(by) if by is not None else record.enrolment.name)
    after, _ = context.write(lambda record: go_on_leave(record, context.stamp, who, days, note))
    gone = ", ".join(leave_days(each) for each in subtract_leaves(record.leaves, after.leaves))
    name = record.enrolment.name
    if cancel:
        context.print_line(f"{name} is there after all: {gone}.")
    else:
        count = (days.last - days.first).days + 1
        instead = f", no longer {gone}" if gone else ""
        context.print_line(
            f"{name} is on leave {leave_days(days)}{instead}: {count} day(s) in which nothing comes due."
        )
    context.hint("Next: ca-ladder status    Undo: ca-ladder undo")


def _chosen(context: CommandContext) -> list[str]:
    if not context.interactive:
        raise Missing("The ID of an item", "it: ca-ladder check ID. What is open", Command("next"))
    items = next_items(context.progress(context.record()))
    return pick(context, "What can you do now?", items) if items else []


def _mentors(record: Record) -> str:
    return " or ".join(deciders(record)) + " to sign off" if deciders(record) else "a mentor to sign off"
