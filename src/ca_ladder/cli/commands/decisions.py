"""What a mentor or the manager decides: signoff, return, revoke, waive."""

from collections.abc import Callable, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Annotated, NamedTuple

import typer

from ca_ladder.catalogue.lookup import find_task, find_tier
from ca_ladder.catalogue.models import Item, Ladder
from ca_ladder.cli.commands.checks import found, item_ids
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
from ca_ladder.cli.printing import fail
from ca_ladder.cli.prompts import agreed, ask
from ca_ladder.cli.team_records import records, why
from ca_ladder.errors import (
    BadInput,
    Command,
    LadderError,
    Missing,
    NobodyToSignFor,
    NotAMentor,
    NotPossible,
    SelfSignOff,
)
from ca_ladder.progress.results import ItemProgress
from ca_ladder.record.events import Event, Person
from ca_ladder.record.names import clean_name
from ca_ladder.record.record import Record
from ca_ladder.record.rules import Actor, blockers, deciders, identify, may_decide, reason, refuse_if_changed, signable
from ca_ladder.renderers.display import STATE_LABELS
from ca_ladder.renderers.screens.items import review_screen

app = typer.Typer()

AllOption = Annotated[bool, typer.Option("--all", help="All that wait for sign-off.")]
ObservedOption = Annotated[bool, typer.Option("--observed", help="I saw it done: no check by the trainee is needed.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would be signed off.")]


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
    many = all_ or task is not None or tier is not None
    if ids and many:
        raise BadInput("Give IDs, or --task, --tier or --all, not both.")
    if not ids and not many and (dry_run or observed or not context.interactive):
        raise Missing(
            "The ID of an item", "it, or --task, --tier or --all. What waits", Command("list --state checked")
        )
    if not ids and not many:
        broken: list[str] = []
        _review(_desk(context, by, day, broken), context, note)
        if broken:
            raise fail(broken, 1)
        return
    record = context.record() if dry_run else context.record_to_change()
    ladder = context.ladder(record)
    actor = Actor(ladder, context.stamp, signer(context, record, by), day)
    may_decide(record, actor.by)
    items = found(ladder, ids) if ids else _many(context, record, task, tier, observed)
    if not items:
        context.print_line("Nothing here can be signed off now. What waits: ca-ladder list --state checked")
        return
    preview = actor.sign_off(record, items, note, observed=observed)
    if dry_run:
        context.print_line(
            f"Would sign off {item_ids(preview.events[len(record.events) :])} as {actor.by.name}. Nothing was changed."
        )
        return
    if many and not yes and not _agreed_to_many(context, items, actor.by):
        context.print_line("Nothing was changed.")
        return

    def change(now: Record, _: Ladder) -> Record:
        refuse_if_changed(record, now, items)
        return actor.sign_off(now, items, note, observed=observed)

    _, events = context.change(change)
    context.print_line_about(record, f"Signed off {item_ids(events)} by {actor.by.name}{_from_where(actor, record)}.")
    context.hint("Undo: ca-ladder undo")
    _send_back(context)


@command(app.command("return"))
def return_(
    context: CommandContext, ids: IdsArgument = None, by: ByOption = None, because: BecauseOption = None
) -> None:
    """Say "not yet" to checked items, with a reason."""
    _decide(context, ids, by, because, "Returned", "return", Actor.send_back)


@command(app.command())
def revoke(
    context: CommandContext, ids: IdsArgument = None, by: ByOption = None, because: BecauseOption = None
) -> None:
    """Take back a sign-off or waiver, with a reason."""
    _decide(context, ids, by, because, "Revoked", "revoke", Actor.revoke)


@command(app.command())
def waive(context: CommandContext, ids: IdsArgument = None, by: ByOption = None, because: BecauseOption = None) -> None:
    """Say that items do not apply, with a reason."""
    _decide(context, ids, by, because, "Waived", "waive", Actor.waive)


def signer(
    context: CommandContext, record: Record, by: str | None, question: str = "Your name (the mentor's)"
) -> Person:
    """Return who decides: the name given, or asked for at a terminal."""
    if by is None and not context.interactive:
        raise Missing("Who decides", '--by "NAME" (or set CA_LADDER_USER)')
    if by is None:
        by = ask(context, question, clean_name)
    return identify(record, clean_name(by))


def _decide(
    context: CommandContext,
    ids: Sequence[str] | None,
    by: str | None,
    because: str | None,
    done: str,
    name: str,
    decide: Callable[[Actor, Record, Sequence[Item], str], Record],
) -> None:
    if not ids:
        raise Missing("The ID of an item", "it", Command(f"{name} ID"))
    record = context.record_to_change()
    items = found(context.ladder(record), ids)
    actor = Actor(context.ladder(record), context.stamp, signer(context, record, by))
    decide(
        actor, record, items, because or "asked below"
    )  # what is not possible is told before the reason is asked for
    if because is None and context.interactive:
        because = ask(context, "The reason", reason)
    because = reason(because or "")

    def change(now: Record, _: Ladder) -> Record:
        refuse_if_changed(record, now, items)
        return decide(actor, now, items, because)

    after, events = context.change(change)
    context.print_line_about(
        record, f"{done} {item_ids(events)} by {actor.by.name}{_from_where(actor, record)}: {because}"
    )
    for item in items:
        was, still = record.status(item).last, after.status(item).last
        if decide is Actor.revoke and was and still and still.kind in {"sign-off", "waive"}:
            how = _how_still(after, was, still)
            context.print_line(f"{item.id} is still {STATE_LABELS[after.status(item).state]} by {still.by.name}{how}.")
    context.hint("Undo: ca-ladder undo")
    _send_back(context)


def _how_still(record: Record, revoked: Event, still: Event) -> str:
    """Return why a decision stands although another was taken back: it was made apart, or counts (again) beside it."""
    earlier, later = sorted((revoked, still), key=record.events.index)
    if not record.causality.saw(later, earlier):
        return ", on another copy"
    return ", by an earlier sign-off" if still.kind == "sign-off" else ""


def _many(context: CommandContext, record: Record, task: str | None, tier: str | None, observed: bool) -> list[Item]:
    """Return what of the task and tier can be signed off; say what is left out and why."""
    ladder = context.ladder(record)
    wanted_task = find_task(ladder.tasks, task) if task is not None else None
    wanted_tier = find_tier(ladder.role, tier) if tier is not None else None
    states = {"checked", "open", "returned"} if observed else {"checked"}
    items = [
        item
        for item in ladder.items.values()
        if record.status(item).state in states
        and (wanted_task is None or item.task is wanted_task)
        and (wanted_tier is None or item.tier is wanted_tier)
    ]
    ready, blocked = signable(record, ladder, items)
    if blocked:
        context.print_line(_left_out(record, ladder, blocked))
    return ready


def _left_out(record: Record, ladder: Ladder, blocked: Sequence[Item]) -> str:
    """Say what cannot be signed off now, and what has to be before it."""
    needs = sorted({need for item in blocked for need in blockers(record, ladder, item)})
    are = "is" if len(needs) == 1 else "are"
    return f"Left out until {', '.join(needs)} {are} signed off: {', '.join(item.id for item in blocked)}."


def _agreed_to_many(context: CommandContext, items: Sequence[Item], by: Person) -> bool:
    if not context.interactive:
        raise BadInput(f"This would sign off {len(items)} item(s). Add --yes to do it, or --dry-run to see them.")
    for item in items:
        context.warn(f"  {item.id}  {item.text}")
    return agreed(context, f"Sign off these {len(items)} as {by.name}?")


class _Waiting(NamedTuple):
    """One item that waits for sign-off, with the session of its trainee, the record as it was read and the signer."""

    context: CommandContext
    record: Record
    actor: Actor
    item: ItemProgress


def _desk(context: CommandContext, by: str | None, day: date | None, broken: list[str]) -> list[_Waiting]:
    """Return what this signer can sign, the longest waiting first: of the one trainee, or of all in the team's folder.

    Why a record of the team cannot be read is added to ``broken``. Raises NobodyToSignFor.
    """
    if not context.is_team:
        record = context.record_to_change()
        actor = Actor(context.ladder(record), context.stamp, signer(context, record, by), day)
        may_decide(record, actor.by)
        return _in_turn(_of_one(context, record, actor))
    name = clean_name(by) if by is not None else ask(context, "Your name (the mentor's)", clean_name)
    waiting: list[_Waiting] = []
    named: set[str] = set()
    signs = False
    for own, read in records(context):
        try:
            if isinstance(read, LadderError):
                raise read
            named.update(deciders(read))
            actor = Actor(own.ladder(read), own.stamp, identify(read, name), day)
            may_decide(read, actor.by)
            waiting += _of_one(own, read, actor)
            signs = True
        except (SelfSignOff, NotAMentor):  # somebody else signs for them
            continue
        except LadderError as problem:
            broken.append(why(own.store, problem))
    if not signs and named and not broken:
        folded = {each.casefold(): each for each in named}
        raise NobodyToSignFor(name, _near(name, folded), sorted(named))
    return _in_turn(waiting)


def _near(name: str, folded: dict[str, str]) -> list[str]:
    """Return the names that were nearly typed, or of which a word was."""
    typed = name.casefold()
    return [folded[each] for each in folded if f" {typed}" in f" {each}"] or [
        folded[each] for each in get_close_matches(typed, folded, n=2, cutoff=0.75)
    ]


def _of_one(context: CommandContext, record: Record, actor: Actor) -> list[_Waiting]:
    """Return what of one trainee can be signed off now: what is checked, and not held up by anything else."""
    checked = [each for each in context.progress(record).items if each.state == "checked"]
    ready, blocked = signable(record, actor.ladder, [each.item for each in checked])
    if blocked:
        whose = f"{record.enrolment.name}: " if context.in_folder else ""
        context.warn(f"{whose}{_left_out(record, actor.ladder, blocked)}")
    return [_Waiting(context, record, actor, each) for each in checked if each.item in ready]


def _in_turn(waiting: list[_Waiting]) -> list[_Waiting]:
    """Return it with the longest waiting first, but what needs nothing else before what does."""

    def turn(each: _Waiting) -> tuple[bool, date, date]:
        since = each.item.waiting_since or date.max
        return bool(each.item.blocked_by), since, each.item.done_on or since

    return sorted(waiting, key=turn)


def _review(waiting: Sequence[_Waiting], context: CommandContext, note: str | None) -> None:
    """Go through what waits, item by item; each decision is saved as it is made, all are undone together."""
    made: dict[CommandContext, list[Event]] = {each.context: [] for each in waiting}
    for place, each in enumerate(waiting, start=1):
        whose = each.record.enrolment.name if context.is_team else ""
        context.print_screen_to_stderr(review_screen(each.item, place, len(waiting), whose, context.stderr))
        decision = ask(context, "[s]ign, [r]eturn, s[k]ip or [q]uit?", _decision, default="skip")
        if decision == "quit":
            break
        if decision != "skip":
            made[each.context] += _saved(each, decision, note)
    if not waiting:
        whose = "your trainees" if context.is_team else context.record().enrolment.name
        context.print_line(f"Nothing of {whose} waits for sign-off.")
        return
    names = {each.context: f"{each.record.enrolment.name}: " if context.is_team else "" for each in waiting}
    left = f"Still waiting: {len(waiting) - sum(map(len, made.values()))}."
    for own, events in made.items():
        signed = item_ids([event for event in events if event.kind == "sign-off"])
        returned = item_ids([event for event in events if event.kind == "return"])
        told = f"{names[own]}Signed off: {signed or 'none'}. Returned: {returned or 'none'}."
        if events or not context.is_team:
            context.print_line(told if context.is_team else f"{told} {left}")
    if context.is_team:
        context.print_line(left)
    for own in [own for own, events in made.items() if events]:
        own.hint(f"Undo ({names[own]}the whole review): ca-ladder undo")
        _send_back(context)


def _saved(each: _Waiting, decision: str, note: str | None) -> tuple[Event, ...]:
    """Save one decision of the review; what is not possible is told, and the review goes on."""
    context, item = each.context, each.item.item
    because = ask(context, "What is missing?", reason) if decision == "return" else ""

    def change(now: Record, _: Ladder) -> Record:
        refuse_if_changed(each.record, now, [item])
        return each.actor.send_back(now, [item], because) if because else each.actor.sign_off(now, [item], note)

    try:
        _, events = context.change(change)
    except NotPossible as problem:
        context.warn(str(problem))
        return ()
    done = "Returned" if because else "Signed off"
    context.warn(f"{done} {item.id}{_from_where(each.actor, each.record)}.")
    return events


def _send_back(context: CommandContext) -> None:
    """Say what comes next where the record is a file that was named, and may have come by e-mail."""
    if context.environment.terminal and context.store_option and not context.in_folder:
        context.print_line(f"If {context.store.name} was sent to you, send it back now.")


def _from_where(actor: Actor, record: Record) -> str:
    """Return what is said of a decision written from the trainee's own account: allowed, and shown."""
    return ", from the trainee's own account" if actor.stamp.origin in record.trainee_origins else ""


def _decision(typed: str) -> str:
    word = typed.strip().casefold()
    for key, decision in (("s", "sign"), ("r", "return"), ("k", "skip"), ("q", "quit")):
        if word in {key, decision}:
            return decision
    raise BadInput("Type s to sign, r to return, k to skip or q to quit.")
