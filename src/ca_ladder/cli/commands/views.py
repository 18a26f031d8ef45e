"""The commands that only read: status, next, list, show, log."""

from importlib import import_module
from typing import Annotated

import typer

from ca_ladder.catalogue.lookup import choose, find_item, find_task
from ca_ladder.catalogue.models import KINDS
from ca_ladder.cli.context import CommandContext, command
from ca_ladder.cli.options import AsOfOption, IdOrTaskArgument, JsonOption, OptionalIdArgument, TaskOption, TierOption
from ca_ladder.errors import BadInput, RoleGone, Unknown
from ca_ladder.progress.history import Absence, ItemDetail, absence, detail, history
from ca_ladder.progress.results import TraineeProgress, uncounted_entries
from ca_ladder.progress.trainee import next_items
from ca_ladder.record.projection import STATES
from ca_ladder.record.record import Record

app = typer.Typer()

CountOption = Annotated[str, typer.Option("-n", metavar="N", show_default=False, help="How many to show (default 5).")]
KindOption = Annotated[str | None, typer.Option("--kind", metavar="KIND", help="Only this kind, such as skill.")]
StateOption = Annotated[str | None, typer.Option("--state", metavar="STATE", help="Only this state, such as open.")]
SearchOption = Annotated[str | None, typer.Option("--search", metavar="TEXT", help="Only items with these words.")]


@command(app.command())
def status(
    context: CommandContext,
    tier: TierOption = None,
    task: TaskOption = None,
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> None:
    """Show how far the trainee is, in every tier and task."""
    progress = context.progress(context.record(), tier, task, as_of)
    if json:
        _print_json(context, "status_json", progress)
        return
    from ca_ladder.renderers.screens.status import status_screen

    context.print_screen(status_screen(progress, context.stdout))
    context.hint("Next: ca-ladder next")


@command(app.command("next"))
def next_(context: CommandContext, n: CountOption = "5", as_of: AsOfOption = None, json: JsonOption = False) -> None:
    """Show what the trainee can do next, soonest first."""
    from ca_ladder.renderers.screens import items

    progress = context.progress(context.record(), as_of=as_of)
    upcoming = next_items(progress)[: _number(n)]
    if json:
        _print_json(context, "items_json", "next", progress, upcoming)
        return
    context.print_screen(items.next_screen(progress, upcoming, context.stdout))
    if upcoming:
        context.hint(f"Next: ca-ladder show {upcoming[0].item.id}    When you can do it: ca-ladder check ID")


@command(app.command("list"))
def list_(
    context: CommandContext,
    tier: TierOption = None,
    task: TaskOption = None,
    kind: KindOption = None,
    state: StateOption = None,
    search: SearchOption = None,
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> None:
    """List the items with their state."""
    from ca_ladder.renderers.screens import items

    progress = context.progress(context.record(), tier, task, as_of)
    kind = kind and choose("kind", kind, KINDS)
    state = state and choose("state", state, STATES)
    words = (search or "").casefold().split()
    matches = [
        entry
        for entry in progress.items
        if (tier is None or entry.item.tier)
        and (kind is None or entry.item.kind == kind)
        and (state is None or entry.state == state)
        and all(word in f"{entry.item.id} {entry.item.text}".casefold() for word in words)
    ]
    if json:
        _print_json(context, "items_json", "list", progress, matches)
        return
    context.print_screen(items.list_screen(progress, matches, context.stdout))
    context.hint("Next: ca-ladder show ID")


@command(app.command())
def show(context: CommandContext, what: IdOrTaskArgument, as_of: AsOfOption = None, json: JsonOption = False) -> None:
    """Show everything about one item or one task."""
    from ca_ladder.renderers.screens import items

    record = context.record(as_of)
    progress = context.progress(record, as_of=as_of)
    item = detail(progress, record, what.strip().lower(), context.catalogue.roles)
    if item is None:
        _show_task(context, progress, what, json)
    elif json:
        _print_json(context, "show_json", progress, item)
    else:
        context.print_screen(items.item_screen(progress, item, context.stdout))
        context.hint(_after(item))


@command(app.command())
def log(
    context: CommandContext, id_: OptionalIdArgument = None, as_of: AsOfOption = None, json: JsonOption = False
) -> None:
    """Show the history, of everything or of one item."""
    from ca_ladder.renderers.screens import items

    record = context.record(as_of)
    if id_ is not None:
        id_ = id_.strip().lower()
        lines = history(record, id_) or history(record, find_item(context.ladder(record).role, id_).id)
    else:
        lines = history(record)
    if json:
        _print_json(context, "log_json", uncounted_entries(record), lines)
        return
    if lines:
        context.print_screen(items.log_screen(uncounted_entries(record), lines, context.stdout))
    else:
        context.print_line(f"Nothing was written about {id_} yet.")
    if id_:
        context.print_line(*_absence(context, record, id_))


def _print_json(context: CommandContext, document: str, *content: object) -> None:
    """Print a document of `renderers.json`, which is loaded only now: a screen needs no JSON."""
    context.print_raw(getattr(import_module("ca_ladder.renderers.json"), document)(*content))


def _number(typed: str) -> int:
    if not typed.strip().isdecimal() or not int(typed.strip()[:5]) >= 1:
        raise BadInput(f'"{typed}" is not a number of items. Write -n 5, for example.')
    return int(typed.strip()[:5])


def _absence(context: CommandContext, record: Record, id_: str) -> list[str]:
    """Return why the item is not on the trainee's ladder; nothing if it is."""
    from ca_ladder.renderers.phrases import absent_words

    try:
        missing = absence(context.ladder(record), record, id_, context.catalogue.roles)
    except RoleGone:
        missing = Absence("the catalogue does not have the role", record.status_of_any_revision(id_), None)
    return absent_words(id_, missing) if missing else []


def _show_task(context: CommandContext, progress: TraineeProgress, what: str, json: bool) -> None:
    from ca_ladder.renderers.screens import items

    ladder = progress.ladder
    try:
        task = find_task(ladder.tasks, what)
    except Unknown:
        find_item(ladder.role, what, [*ladder.items, *(task.id for task in ladder.tasks)])
        raise
    entries = [entry for entry in progress.items if entry.item.task is task]
    if json:
        _print_json(context, "task_json", progress, task, entries)
        return
    context.print_screen(items.task_screen(progress, task, entries, context.stdout))
    context.hint("Next: ca-ladder show ID")


def _after(item: ItemDetail) -> str:
    """Return the hint after `show`."""
    if item.state in {"open", "returned"} and not item.children:
        return f"Next, when you can do it: ca-ladder check {item.id}"
    if item.state == "checked" and not item.children:
        return f'Next, for a mentor: ca-ladder signoff {item.id} --by "NAME"'
    if item.absence and item.absence.replaced_by:
        return f"Next: ca-ladder show {item.absence.replaced_by.id}"
    return "Next: ca-ladder next"
