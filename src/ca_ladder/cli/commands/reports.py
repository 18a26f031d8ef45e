"""The manager's commands: report, agenda, graduate, promote."""

from collections.abc import Callable
from itertools import chain
from typing import Annotated

import typer

from ca_ladder.catalogue.lookup import find_role, find_tier, find_variant
from ca_ladder.cli.completion import complete_roles
from ca_ladder.cli.context import CommandContext, command
from ca_ladder.cli.dates import parse_date
from ca_ladder.cli.options import AsOfOption, ByOption, TierArgument, TierOption, YesOption, argument, option
from ca_ladder.cli.output import Format, OpenOption, OutputOption, chosen_format, deliver, format_option
from ca_ladder.cli.parallel import executor_for
from ca_ladder.cli.prompts import confirmed
from ca_ladder.cli.record_args import signer, write_decision
from ca_ladder.cli.team_records import for_each_progress, measured, report_unreadable
from ca_ladder.errors import FutureDate, NotComplete, plural
from ca_ladder.progress.agenda import agenda as measured_agenda
from ca_ladder.progress.team import unfinished_only, without_notes
from ca_ladder.record import actor
from ca_ladder.record.events import Person
from ca_ladder.record.record import Record
from ca_ladder.record.tier_completion import final_sign_off

app = typer.Typer()


REPORT_FORMATS = {
    "table": Format(".txt", "screens.team_report", "report_screen", unfinished=True),
    "markdown": Format(".md", "markdown", "report_markdown", unfinished=True),
    # Excel takes a CSV file for UTF-8 only if it begins with a byte order mark.
    "csv": Format(".csv", "csv", "report_csv", pieces="csv_pieces", mark="\ufeff"),
    "json": Format(".json", "json", "report_json", pieces="json_pieces"),
    "html": Format(".html", "html", "report_html"),
    "xlsx": Format(".xlsx", "xlsx", "report_xlsx"),
}
AGENDA_FORMATS = {
    "table": Format(".txt", "screens.items", "agenda_screen"),
    "markdown": Format(".md", "markdown", "agenda_markdown"),
    "html": Format(".html", "html", "agenda_html"),
}
CARD_FORMATS = {
    "table": Format(".txt", "screens.items", "card_screen"),
    "html": Format(".html", "html", "card_html"),
}


FormatOption = Annotated[str | None, format_option(REPORT_FORMATS)]
AgendaFormatOption = Annotated[str | None, format_option(AGENDA_FORMATS)]
SinceOption = Annotated[
    str | None, option("--since", "DATE", "The last one-to-one; without it, when a mentor last decided.")
]


@command(app.command())
def report(
    context: CommandContext,
    tier: TierOption = None,
    format_: FormatOption = None,
    output: OutputOption = None,
    open_: OpenOption = False,
    as_of: AsOfOption = None,
) -> None:
    """Who is on track, what is late, and whose move it is."""
    chosen = chosen_format(REPORT_FORMATS, format_, output, open_=open_)
    if chosen.pieces:
        from ca_ladder.renderers.spool import Spool

        with Spool() as pieces:
            convert = chosen.load(chosen.pieces)
            unreadable = for_each_progress(context, tier, as_of, convert, pieces.add, executor_for)
            texts = chosen.load(chosen.function)(context.day(as_of), pieces, unreadable)
            deliver(context, "The report", chain([chosen.mark] if output else [], texts), output, open_=open_)
    else:
        team = measured(context, tier, as_of, unfinished_only if chosen.unfinished else without_notes)
        unreadable = team.unreadable
        answer = chosen.render(team, to_file=output is not None, context=context)
        deliver(context, "The report", answer, output, open_=open_)
    report_unreadable(unreadable)


@command(app.command())
def agenda(
    context: CommandContext,
    since: SinceOption = None,
    format_: AgendaFormatOption = None,
    output: OutputOption = None,
    open_: OpenOption = False,
    as_of: AsOfOption = None,
) -> None:
    """The sheet for the next one-to-one: what waits, is late, comes next."""
    chosen = chosen_format(AGENDA_FORMATS, format_, output, open_=open_)
    record = context.record(as_of)
    progress = context.progress(record, as_of=as_of)
    last = parse_date(since, context.today) if since is not None else None
    if last and last > progress.as_of:
        raise FutureDate(last, progress.as_of)
    sheet = measured_agenda(progress, record, last, context.environment.zone)
    answer = chosen.render(sheet, to_file=output is not None, context=context)
    deliver(context, "The sheet", answer, output, open_=open_)


RoleArgument = Annotated[str, argument("ROLE", "The next role", complete_roles)]
FirstDayOption = Annotated[str | None, option("--on", "DATE", "The first day in the next role, when it is not today.")]
NewVariantOption = Annotated[
    list[str] | None, option("--variant", "VARIANT", "A variant of the next role; may be repeated.")
]


@command(app.command())
def graduate(
    context: CommandContext,
    tier: TierArgument,
    by: ByOption = None,
    yes: YesOption = False,
    output: OutputOption = None,
    open_: OpenOption = False,
) -> None:
    """Give a tier its final sign-off, and print the card.

    Only when nothing in it or below it is missing; what is missing is listed. Once given, the card is
    printed again.
    """
    chosen = chosen_format(CARD_FORMATS, None, output, open_=open_)
    record = context.record_to_change()
    ladder = context.ladder(record)
    chosen_tier = find_tier(ladder.role, tier)
    new = final_sign_off(record, ladder, chosen_tier) is None
    if new:
        actor.refuse_unsound(record, "A final sign-off")
        manager = _manager(context, record, by)

        def conclude(now: Record) -> Record:
            return actor.graduate(now, ladder, context.stamp, manager, chosen_tier)

        _refuse_incomplete(context, record, conclude)
        what = f"{record.enrolment.name} the final sign-off of tier {chosen_tier.id}"
        if not confirmed(context, f"Give {what}?", f"give {what}", yes=yes):
            return
        record, _ = write_decision(context, record, (), conclude)
        if output:  # the sign-off is saved, even if writing the file fails
            context.print_line(f"{record.enrolment.name} has the final sign-off of tier {chosen_tier.id}.")
    progress = context.progress(record)
    tier_progress = next(entry for entry in progress.tiers if entry.tier.id == chosen_tier.id)
    card = chosen.render(progress, tier_progress, to_file=output is not None, context=context)
    deliver(context, "The card", card, output, open_=open_)
    if new:
        context.hint("Undo: ca-ladder undo")


def _refuse_incomplete(context: CommandContext, record: Record, conclude: Callable[[Record], Record]) -> None:
    """Raise what forbids the final sign-off before anything is asked; print what is missing for it."""
    try:
        conclude(record)
    except NotComplete as problem:
        from ca_ladder.renderers.screens.items import missing_screen

        context.print_screen(missing_screen(context.progress(record), problem.missing, context.stdout))
        raise


@command(app.command())
def promote(
    context: CommandContext,
    role: RoleArgument,
    by: ByOption = None,
    on: FirstDayOption = None,
    variant: NewVariantOption = None,
    yes: YesOption = False,
) -> None:
    """Promote a trainee to the next role on the ladder.

    What was signed off in the role before stays in the record.
    """
    record = context.record_to_change()
    actor.refuse_unsound(record, "A promotion")
    new_role = find_role(context.catalogue, role)
    start = context.day(on)
    variants = tuple(dict.fromkeys(find_variant(new_role, name).id for name in variant or ()))
    manager = _manager(context, record, by)
    changes = {"role": new_role.id, "start": start, "variants": variants}

    def change(now: Record) -> Record:
        return actor.promote(now, context.stamp, manager, context.catalogue.roles, **changes)

    change(record)  # raise errors before asking anything
    name = record.enrolment.name
    if left := _left_open(context, record):
        context.print_line(f"{left} They will no longer count, and stay in the record.")
    what = f"{name} to {new_role.name} from {start}"
    if not confirmed(context, f"Promote {what}?", f"promote {what}", yes=yes):
        return
    write_decision(context, record, (), change)
    context.print_line(f"{name} is {new_role.name} from {start}.")
    context.hint("Next: ca-ladder status    Undo: ca-ladder undo")


def _left_open(context: CommandContext, record: Record) -> str:
    """Return how many items of the current role are not signed off; empty if none, or if the role is gone."""
    if record.enrolment.role not in {role.id for role in context.catalogue.roles}:
        return ""
    progress = context.progress(record)
    left = sum(entry.unfinished for entry in progress.items if entry.item.tier)
    return f"Not signed off as {progress.ladder.role.name}: {plural(left, 'item')}." if left else ""


def _manager(context: CommandContext, record: Record, by: str | None) -> Person:
    """Return the person who gives a final sign-off or promotes. The rules decide whether they may."""
    by_whom = signer(context, record, by, "Your name (the manager's)")
    return by_whom if by_whom.role == "trainee" else Person(name=by_whom.name, role="manager")
