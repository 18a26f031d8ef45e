"""The mentor's commands, also for the manager: signoff, return, revoke, waive."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated

import typer

from ca_ladder.catalogue.models import Item
from ca_ladder.cli.context import CommandContext, command
from ca_ladder.cli.dates import parse_date
from ca_ladder.cli.options import (
    BecauseOption,
    ByOption,
    IdsArgument,
    NoteOption,
    OnOption,
    TaskOption,
    TierOption,
    YesOption,
)
from ca_ladder.cli.prompts import ask, confirmed
from ca_ladder.cli.record_args import account_note, blocked_line, find_items, ids_of, signer, write_decision
from ca_ladder.cli.review import review
from ca_ladder.errors import BadInput, Command, Missing, plural
from ca_ladder.record.actor import Actor, ReasonedDecision, reason
from ca_ladder.record.events import Event, EventKind, Person
from ca_ladder.record.record import Record
from ca_ladder.record.rules import may_decide, signable
from ca_ladder.renderers.display import STATE_LABELS

app = typer.Typer()

AllOption = Annotated[bool, typer.Option("--all", help="All items that wait for sign-off.")]
ObservedOption = Annotated[bool, typer.Option("--observed", help="I saw it done; no check needed first.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only show what would be signed off.")]


VERBS: dict[EventKind, str] = {"sign-off": "Signed off", "return": "Returned", "revoke": "Revoked", "waive": "Waived"}


@command(app.command())
def signoff(
    context: CommandContext,
    ids: IdsArgument = None,
    by: ByOption = None,
    task: TaskOption = None,
    tier: TierOption = None,
    all_: AllOption = False,
    note: NoteOption = None,
    observed: ObservedOption = False,
    on: OnOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Confirm items as a mentor or the manager.

    Without an ID, at a terminal, go through what waits, item by item: sign, return, skip or quit.
    """
    day = parse_date(on, context.today) if on is not None else None
    selected = all_ or task is not None or tier is not None
    if ids and selected:
        raise BadInput("Give IDs, or --task, --tier or --all, not both.")
    if not ids and not selected:
        if dry_run or observed or not context.interactive:
            raise Missing(
                "The ID of an item", "it, or --task, --tier or --all. What waits", Command("list --state checked")
            )
        review(context, by, day, note)
        return
    record = context.record() if dry_run else context.record_to_change()
    actor = Actor(context.ladder(record), context.stamp, signer(context, record, by), day)
    may_decide(record, actor.by)
    items = find_items(actor.ladder, ids) if ids else _select(context, record, task, tier, observed)
    trial = actor.sign_off(record, items, note, observed=observed)  # raises errors before anything is asked
    if not items:
        context.print_line("Nothing here can be signed off now. What waits: ca-ladder list --state checked")
    elif dry_run:
        preview = ids_of(trial.events[len(record.events) :])
        when = context.on_another_day(day)
        context.print_line(f"Would sign off {preview}{when} as {actor.by.name}. Nothing was changed.")
    elif not selected or _agreed_to_all(context, items, actor.by, yes=yes):
        decided = replace(actor, stamp=context.stamp)
        _save(context, record, decided, items, lambda now: decided.sign_off(now, items, note, observed=observed))


@command(app.command("return"))
def return_(
    context: CommandContext, ids: IdsArgument = None, by: ByOption = None, because: BecauseOption = None
) -> None:
    """Say "not yet" to checked items, with a reason."""
    _decide(context, "return", ids, by, because)


@command(app.command())
def revoke(
    context: CommandContext, ids: IdsArgument = None, by: ByOption = None, because: BecauseOption = None
) -> None:
    """Take back a sign-off or waiver, with a reason."""
    _decide(context, "revoke", ids, by, because)


@command(app.command())
def waive(context: CommandContext, ids: IdsArgument = None, by: ByOption = None, because: BecauseOption = None) -> None:
    """Mark items as not applicable, with a reason."""
    _decide(context, "waive", ids, by, because)


def _decide(
    context: CommandContext, kind: ReasonedDecision, ids: Sequence[str] | None, by: str | None, because: str | None
) -> None:
    if not ids:
        raise Missing("The ID of an item", "it", Command(f"{kind} ID"))
    record = context.record_to_change()
    items = find_items(context.ladder(record), ids)
    actor = Actor(context.ladder(record), context.stamp, signer(context, record, by))
    for item in items:  # raise what forbids it before a reason is asked for
        actor.refuse_decision(record, item, kind)
    text = because or ""
    if because is None:
        text = ask(context, "The reason", reason) if context.interactive else reason("")
    decided = replace(actor, stamp=context.stamp)
    _save(context, record, decided, items, lambda now: decided.decide(kind, now, items, text))


def _save(
    context: CommandContext, seen: Record, actor: Actor, items: Sequence[Item], decide: Callable[[Record], Record]
) -> None:
    """Save a decision on items, and print what was decided."""
    after, events = write_decision(context, seen, items, decide)
    kind, because = events[0].kind, events[0].because
    when = context.on_another_day(actor.on)
    words = f"{VERBS[kind]} {ids_of(events)}{when} by {actor.by.name}{account_note(actor, seen)}"
    context.print_line_about(seen, f"{words}: {because}" if because else f"{words}.")
    if kind == "revoke":
        context.print_line(*_uncovered(seen, after, items))
    context.hint("Undo: ca-ladder undo")
    context.remind_to_send_back()


def _uncovered(before: Record, after: Record, items: Sequence[Item]) -> list[str]:
    """Return a sentence for each item that is still signed off or waived after one decision on it was revoked."""
    lines: list[str] = []
    for item in items:
        revoked, valid = before.status(item).last, after.status(item).last
        if revoked and valid and valid.kind in {"sign-off", "waive"}:
            state = STATE_LABELS[after.status(item).state]
            lines.append(f"{item.id} is still {state} by {valid.by.name}{_why_valid(after, revoked, valid)}.")
    return lines


def _why_valid(record: Record, revoked: Event, valid: Event) -> str:
    """Return why a decision is valid although another was revoked: made on another copy, or made before it."""
    earlier, later = sorted((revoked, valid), key=record.events.index)
    if not record.causality.saw(later, earlier):
        return ", on another copy"
    return ", by an earlier sign-off" if valid.kind == "sign-off" else ""


def _select(context: CommandContext, record: Record, task: str | None, tier: str | None, observed: bool) -> list[Item]:
    """Return the items of the task and tier that can be signed off; print those that are blocked."""
    progress = context.progress(record, tier, task)
    states = {"checked", "open", "returned"} if observed else {"checked"}
    items = [entry.item for entry in progress.items if entry.state in states and (tier is None or entry.item.tier)]
    ready, blocked = signable(record, progress.ladder, items)
    if blocked:
        context.print_line(blocked_line(record, progress.ladder, blocked))
    return ready


def _agreed_to_all(context: CommandContext, items: Sequence[Item], by: Person, *, yes: bool) -> bool:
    if context.interactive and not yes:
        context.warn(*(f"  {item.id}  {item.text}" for item in items))
    count = plural(len(items), "item")
    instead = ", or --dry-run to see them"
    return confirmed(context, f"Sign off {count} as {by.name}?", f"sign off {count}", yes=yes, instead=instead)
