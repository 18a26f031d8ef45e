"""What the trainee does: check, uncheck, note, undo, leave."""

from typing import Annotated

import typer

from ca_ladder.catalogue.models import Ladder
from ca_ladder.cli.context import CommandContext, command
from ca_ladder.cli.dates import parse_date
from ca_ladder.cli.options import ByOption, EvidenceOption, IdArgument, IdsArgument, NoteOption, OnOption, YesOption
from ca_ladder.cli.prompts import agreed, pick
from ca_ladder.cli.record_args import author, find_items, ids_of
from ca_ladder.errors import Missing
from ca_ladder.progress.trainee import next_items
from ca_ladder.record.events import Leave
from ca_ladder.record.record import Record, days_only_in
from ca_ladder.record.rules import Actor, author_of, blockers, deciders, go_on_leave, last_command
from ca_ladder.renderers.phrases import days_of, deeds

app = typer.Typer()

FirstArgument = Annotated[str, typer.Argument(metavar="FROM", hidden=True)]
LastArgument = Annotated[str, typer.Argument(metavar="TO", hidden=True)]
CancelOption = Annotated[bool, typer.Option("--cancel", help="The trainee is there after all: no leave on these days.")]
TextArgument = Annotated[str, typer.Argument(metavar="TEXT", hidden=True)]


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
        context.say("Nothing was chosen, nothing was changed.")
        return

    def change(record: Record, ladder: Ladder) -> Record:
        actor = Actor(ladder, context.stamp, author(record), day)
        return actor.check(record, find_items(ladder, chosen), note, evidence or ())

    record, events = context.change(change)
    ladder = context.ladder(record)
    needs: dict[str, list[str]] = {}
    for item in (ladder.items[event.item] for event in events if event.item):
        for need in blockers(record, ladder, item):
            needs.setdefault(need, []).append(item.id)
    held_up = {id_ for blocked in needs.values() for id_ in blocked}
    free = [event for event in events if event.item not in held_up]
    which = ids_of(free) if held_up else "They" if len(free) > 1 else "It"
    waits = f" {which} wait{'s' * (len(free) == 1)} for {_mentors(record)}." if free else ""
    context.say_of(record, f"Checked {ids_of(events)}.{waits}")
    for need, blocked in needs.items():
        context.say(f"Needed before {', '.join(blocked)} can be signed off: {need}, {ladder.items[need].text}.")
    context.hint("Next: ca-ladder next    Undo: ca-ladder undo")


@command(app.command())
def uncheck(context: CommandContext, ids: IdsArgument = None) -> None:
    """Take back the check of items."""
    if not ids:
        raise Missing("The ID of an item", "it: ca-ladder uncheck ID. The checked ones: ca-ladder list --state checked")
    record, events = context.change(
        lambda record, ladder: Actor(ladder, context.stamp, author(record)).uncheck(record, find_items(ladder, ids))
    )
    context.say_of(record, f"Unchecked {ids_of(events)}.")
    context.hint("Undo: ca-ladder undo")


@command(app.command())
def note(context: CommandContext, id_: IdArgument, text: TextArgument, by: ByOption = None) -> None:
    """Add words to an item, for everybody to see."""
    if not text.strip():
        raise Missing("The text", f'it: ca-ladder note {id_} "TEXT"')

    def change(record: Record, ladder: Ladder) -> Record:
        return Actor(ladder, context.stamp, author(record, by)).note(record, find_items(ladder, [id_])[0], text)

    record, events = context.change(change)
    context.say_of(record, f"Noted for {events[-1].item}.")
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
    what = deeds(record, events)
    written = first.at.astimezone(context.here.zone).date()
    whose = record.enrolment.name
    context.say(f"In {whose}'s record, the last command from this account, on {written}: {what}, by {first.by.name}.")
    if context.may_ask and not yes and not agreed(context, "Take it back?"):
        context.say("Nothing was changed.")
        return

    def change(record: Record, ladder: Ladder) -> Record:
        who = author(record, by) if by is not None else author_of(record, first)
        return Actor(ladder, context.stamp, who).undo(record, events)

    context.change(change)
    context.say(f"Taken back: {what}. The log keeps both.")
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
    who = author(record, by)
    after, _ = context.write(lambda record: go_on_leave(record, context.stamp, who, days, note))
    gone = ", ".join(days_of(each) for each in days_only_in(record.leaves, after.leaves))
    name = record.enrolment.name
    if cancel:
        context.say(f"{name} is there after all: {gone}.")
    else:
        count = (days.last - days.first).days + 1
        instead = f", no longer {gone}" if gone else ""
        context.say(f"{name} is on leave {days_of(days)}{instead}: {count} day(s) in which nothing comes due.")
    context.hint("Next: ca-ladder status    Undo: ca-ladder undo")


def _chosen(context: CommandContext) -> list[str]:
    if not context.may_ask:
        raise Missing("The ID of an item", "it: ca-ladder check ID. What is open: ca-ladder next")
    items = next_items(context.progress(context.record()))
    return pick(context, "What can you do now?", items) if items else []


def _mentors(record: Record) -> str:
    return " or ".join(deciders(record)) + " to sign off" if deciders(record) else "a mentor to sign off"
