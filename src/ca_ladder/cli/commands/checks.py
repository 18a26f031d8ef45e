"""The trainee's commands: check, uncheck, note, undo, redo, leave."""

from typing import Annotated, Literal

import typer

from ca_ladder.cli.context import CommandContext, command
from ca_ladder.cli.dates import parse_date
from ca_ladder.cli.options import ByOption, EvidenceOption, IdArgument, IdsArgument, NoteOption, OnOption, YesOption
from ca_ladder.cli.prompts import confirmed, pick
from ca_ladder.cli.record_args import author, find_items, ids_of
from ca_ladder.errors import Command, Missing, either, plural, quoted
from ca_ladder.progress.trainee import next_items
from ca_ladder.record.actor import Actor, go_on_leave
from ca_ladder.record.commands import Events, last_command, last_undone
from ca_ladder.record.events import Leave
from ca_ladder.record.projection import subtract_leaves
from ca_ladder.record.record import Record
from ca_ladder.record.rules import blockers, deciders
from ca_ladder.renderers.phrases import event_list, leave_days, step_outcome

app = typer.Typer()

FirstArgument = Annotated[str, typer.Argument(metavar="FROM", hidden=True, help="The first day of the leave")]
LastArgument = Annotated[str, typer.Argument(metavar="TO", hidden=True, help="The last day of the leave")]
CancelOption = Annotated[bool, typer.Option("--cancel", help="Cancel the leave on these days.")]
TextArgument = Annotated[str, typer.Argument(metavar="TEXT", hidden=True, help="The text of the note")]

# How undo and redo change a record, what they name before and after, and the command that takes them back.
_STEPS = {"undo": (Actor.undo, "done", "Undone", "redo"), "redo": (Actor.redo, "undone", "Redone", "undo")}


@command(app.command())
def check(
    context: CommandContext,
    ids: IdsArgument = None,
    note: NoteOption = None,
    evidence: EvidenceOption = None,
    on: OnOption = None,
) -> None:
    """Check items: say "I can do this".

    Without an ID, at a terminal, choose from a list that typing narrows.
    """
    day = parse_date(on, context.today) if on is not None else None
    if not ids and not context.interactive:
        raise Missing("The ID of an item", "it: ca-ladder check ID. What is open", Command("next"))
    if not ids:
        open_items = next_items(context.progress(context.record()))
        ids = pick(context, "What can you do now?", open_items) if open_items else []
    if not ids:
        context.print_line("Nothing was chosen, nothing was changed.")
        return

    def change(record: Record) -> Record:
        actor = Actor(context.ladder(record), context.stamp, author(record), day)
        return actor.check(record, find_items(actor.ladder, ids), note, evidence or ())

    record, events = context.write(change)
    ladder = context.ladder(record)
    blocked_by: dict[str, list[str]] = {}
    for item in (ladder.items[event.item] for event in events if event.item):
        for blocker in blockers(record, ladder, item):
            blocked_by.setdefault(blocker, []).append(item.id)
    blocked = {id_ for ids in blocked_by.values() for id_ in ids}
    ready = [event for event in events if event.item not in blocked]
    subject = ids_of(ready) if blocked else "They" if len(ready) > 1 else "It"
    mentors = either(deciders(record)) or "a mentor"
    waits = f" {subject} wait{'s' * (len(ready) == 1)} for {mentors} to sign off." if ready else ""
    context.print_line_about(record, f"Checked {ids_of(events)}{context.on_another_day(day)}.{waits}")
    for blocker, waiting in blocked_by.items():
        need = f"{blocker}, {ladder.items[blocker].text}"
        context.print_line(f"Needed before {', '.join(waiting)} can be signed off: {need}.")
    context.hint("Next: ca-ladder next    Undo: ca-ladder undo")


@command(app.command())
def uncheck(context: CommandContext, ids: IdsArgument = None) -> None:
    """Uncheck items."""
    if not ids:
        raise Missing(
            "The ID of an item", "it: ca-ladder uncheck ID. The checked ones", Command("list --state checked")
        )

    def change(record: Record) -> Record:
        actor = Actor(context.ladder(record), context.stamp, author(record))
        return actor.uncheck(record, find_items(actor.ladder, ids))

    record, events = context.write(change)
    context.print_line_about(record, f"Unchecked {ids_of(events)}.")
    context.hint("Undo: ca-ladder undo")


@command(app.command())
def note(context: CommandContext, id_: IdArgument, text: TextArgument, by: ByOption = None) -> None:
    """Add a note to an item, for everybody to see."""
    if not text.strip():
        raise Missing("The text", "it", Command(f'note {quoted(id_)} "TEXT"'))

    def change(record: Record) -> Record:
        actor = Actor(context.ladder(record), context.stamp, author(record, by))
        return actor.note(record, find_items(actor.ladder, [id_])[0], text)

    record, events = context.write(change)
    context.print_line_about(record, f"Note added to {events[-1].item}.")
    context.hint("Undo: ca-ladder undo")


@command(app.command())
def undo(context: CommandContext, by: ByOption = None, yes: YesOption = False) -> None:
    """Undo the last command.

    Everything that the last command from your account did is taken back; nothing is deleted. A second undo goes one
    command further back. To go forward again: ca-ladder redo
    """
    record = context.record_to_change()
    events = last_command(record, context.stamp.account)
    _step(context, record, events, "undo", by, yes=yes)


@command(app.command())
def redo(context: CommandContext, by: ByOption = None, yes: YesOption = False) -> None:
    """Redo what was undone last.

    After several undos, each redo brings one command back. A new command leaves nothing to redo.
    """
    record = context.record_to_change()
    events = last_undone(record, context.stamp.account)
    _step(context, record, events, "redo", by, yes=yes)


def _step(
    context: CommandContext,
    record: Record,
    events: Events,
    verb: Literal["undo", "redo"],
    by: str | None,
    *,
    yes: bool,
) -> None:
    """Undo or redo these events of one command, once somebody agrees."""
    step, last, changed, back = _STEPS[verb]
    by_whom = author(record, by if by is not None else events[0].by.name)

    def change(now: Record) -> Record:
        return step(Actor(context.ladder(now), context.stamp, by_whom), now, events)

    after = change(record)  # raise errors before anything is asked
    summary = event_list(record, events)
    day = events[0].at.astimezone(context.environment.zone).date()
    written = f"{summary}, by {events[0].by.name} on {day}"
    context.print_line(f"In {record.enrolment.name}'s record, last {last} from this account: {written}.")
    outcome = step_outcome(record, after, context.ladder(record), events)
    if context.interactive and not yes and outcome != summary:
        context.warn(f"Then {outcome}.")
    if confirmed(context, f"{verb.title()} it?", f"{verb} the {summary}", yes=yes):
        context.write(change)
        context.print_line(f"{changed}: {outcome}.")
        context.hint(f"Undo: ca-ladder {back}")


@command(app.command())
def leave(
    context: CommandContext,
    first: FirstArgument,
    last: LastArgument,
    cancel: CancelOption = False,
    note: NoteOption = None,
    by: ByOption = None,
) -> None:
    """Enter leave, first and last day included: due dates move back.

    A leave that overlaps an earlier one replaces it: that is how to make one longer or shorter.
    """
    record = context.record_to_change()
    days = Leave(first=parse_date(first, context.today), last=parse_date(last, context.today), cancelled=cancel)
    by_whom = author(record, by)
    after, _ = context.write(lambda record: go_on_leave(record, context.stamp, by_whom, days, note))
    removed = ", ".join(leave_days(leave) for leave in subtract_leaves(record.leaves, after.leaves))
    name = record.enrolment.name
    if cancel:
        context.print_line(f"Leave of {name} cancelled: {removed}.")
    else:
        count = plural((days.last - days.first).days + 1, "day")
        instead = f"; no longer {removed}" if removed else ""
        context.print_line(f"Leave of {name}: {leave_days(days)}, {count} in which nothing becomes due{instead}.")
    context.hint("Next: ca-ladder status    Undo: ca-ladder undo")
