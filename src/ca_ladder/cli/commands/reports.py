"""The manager's commands: report, agenda, graduate, promote."""

from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from ca_ladder.catalogue.lookup import find_role, find_tier, find_variant
from ca_ladder.catalogue.models import Ladder, Tier
from ca_ladder.cli.completion import complete_roles
from ca_ladder.cli.context import CommandContext, command
from ca_ladder.cli.dates import parse_date
from ca_ladder.cli.options import AsOfOption, ByOption, TierArgument, TierOption, YesOption
from ca_ladder.cli.output import PAGE, OpenOption, OutputOption, deliver, format_of, ready_to_write
from ca_ladder.cli.parallel import executor_for
from ca_ladder.cli.prompts import agreed
from ca_ladder.cli.record_args import signer, write_decision
from ca_ladder.cli.team_records import for_each_progress, measured, report_unreadable
from ca_ladder.errors import FutureDate, NotComplete, plural
from ca_ladder.progress.agenda import agenda as measured_agenda
from ca_ladder.progress.team import unfinished_only, without_notes
from ca_ladder.record import rules
from ca_ladder.record.events import Person
from ca_ladder.record.record import Record
from ca_ladder.record.rules import refuse_if_changed
from ca_ladder.record.tier_completion import final_sign_off

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from ca_ladder.progress.agenda import Agenda
    from ca_ladder.progress.results import TraineeProgress
    from ca_ladder.progress.team import TeamProgress, Unreadable
    from ca_ladder.renderers.spool import Spool

app = typer.Typer()

REPORT_ENDINGS = {
    ".txt": "table",
    ".md": "markdown",
    ".csv": "csv",
    ".json": "json",
    ".html": "html",
    ".xlsx": "xlsx",
}

FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="FORMAT", help=f"One of {', '.join(REPORT_ENDINGS.values())}.", show_default=False
    ),
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
    chosen = format_of(output, format_, REPORT_ENDINGS)
    ready_to_write(output, chosen, open_=open_)
    if chosen not in {"csv", "json"}:
        team = measured(context, tier, as_of, unfinished_only if chosen in {"table", "markdown"} else without_notes)
        deliver(context, "The report", _whole(context, team, chosen, to_file=output is not None), output, open_=open_)
        report_unreadable(team.unreadable)
        return
    from ca_ladder.renderers.spool import Spool

    with Spool() as pieces:
        answer, unreadable = _in_pieces(context, pieces, tier, as_of, chosen)
        # Excel takes a CSV file for UTF-8 only if it begins with a byte order mark.
        mark = ["\ufeff"] if output and chosen == "csv" else []
        deliver(context, "The report", chain(mark, answer), output, open_=open_)
    report_unreadable(unreadable)


def _whole(
    context: CommandContext, team: "TeamProgress", chosen: str, *, to_file: bool
) -> "str | bytes | RenderableType":
    """Return the report in a format that needs all trainees in memory."""
    if chosen == "html":
        from ca_ladder.renderers.html import report_html

        return report_html(team)
    if chosen == "xlsx":
        from ca_ladder.renderers.xlsx import report_xlsx

        return report_xlsx(team)
    if chosen == "markdown":
        from ca_ladder.renderers.markdown import report_markdown

        return report_markdown(team)
    from ca_ladder.renderers.screens.team_report import report_screen

    return report_screen(team, PAGE if to_file else context.stdout)


def _in_pieces(
    context: CommandContext, pieces: "Spool", tier: str | None, as_of: str | None, chosen: str
) -> "tuple[Iterator[str], tuple[Unreadable, ...]]":
    """Return the report in a format that is written trainee by trainee, and the records that could not be read."""
    if chosen == "json":
        from ca_ladder.renderers.json import json_pieces, report_json

        unreadable = for_each_progress(context, tier, as_of, json_pieces, pieces.add, executor_for)
        return report_json(context.day(as_of), pieces, unreadable), unreadable
    from ca_ladder.renderers.csv import csv_pieces, report_csv

    return report_csv(pieces), for_each_progress(context, tier, as_of, csv_pieces, pieces.add, executor_for)


AGENDA_ENDINGS = {".txt": "table", ".md": "markdown", ".html": "html"}
CARD_ENDINGS = {".txt": "table", ".html": "html"}

AgendaFormatOption = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="FORMAT", help=f"One of {', '.join(AGENDA_ENDINGS.values())}.", show_default=False
    ),
]
SinceOption = Annotated[
    str | None,
    typer.Option("--since", metavar="DATE", help="The last one-to-one; without it, when a mentor last decided."),
]


@command(app.command())
def agenda(
    context: CommandContext,
    since: SinceOption = None,
    format_: AgendaFormatOption = None,
    output: OutputOption = None,
    open_: OpenOption = False,
    as_of: AsOfOption = None,
) -> None:
    """The sheet for the next one-to-one: what waits, what came back, what is late, what comes next."""
    chosen = format_of(output, format_, AGENDA_ENDINGS)
    ready_to_write(output, chosen, open_=open_)
    record = context.record(as_of)
    progress = context.progress(record, as_of=as_of)
    last = parse_date(since, context.today) if since is not None else None
    if last and last > progress.as_of:
        raise FutureDate(last, progress.as_of)
    sheet = measured_agenda(progress, record, last, context.environment.zone)
    deliver(context, "The sheet", _sheet(context, sheet, chosen, to_file=output is not None), output, open_=open_)


def _sheet(context: CommandContext, sheet: "Agenda", chosen: str, *, to_file: bool) -> "str | RenderableType":
    """Return the agenda in the chosen format."""
    if chosen == "html":
        from ca_ladder.renderers.html import agenda_html

        return agenda_html(sheet)
    if chosen == "markdown":
        from ca_ladder.renderers.markdown import agenda_markdown

        return agenda_markdown(sheet)
    from ca_ladder.renderers.screens.one_to_one import agenda_screen

    return agenda_screen(sheet, PAGE if to_file else context.stdout)


RoleArgument = Annotated[str, typer.Argument(metavar="ROLE", hidden=True, autocompletion=complete_roles)]
FirstDayOption = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help="The first day in the next role, when it is not today.")
]
NewVariantOption = Annotated[
    list[str] | None, typer.Option("--variant", metavar="VARIANT", help="A form of the next role; may be repeated.")
]


@command(app.command())
def graduate(
    context: CommandContext,
    tier: TierArgument,
    by: ByOption = None,
    output: OutputOption = None,
    open_: OpenOption = False,
) -> None:
    """Give a tier its final sign-off, and print the card.

    Only when nothing in it or below it is missing; what is, is listed. Once given, the card is printed again.
    """
    chosen = format_of(output, None, CARD_ENDINGS)
    ready_to_write(output, chosen, open_=open_)
    record = context.record_to_change()
    ladder = context.ladder(record)
    chosen_tier = find_tier(ladder.role, tier)
    new = final_sign_off(record, ladder, chosen_tier) is None
    if new:
        record = _final_sign_off(context, record, ladder, chosen_tier, _manager(context, record, by))
        if output:  # the sign-off is saved, even if writing the file fails
            context.print_line(f"{record.enrolment.name} has the final sign-off of tier {chosen_tier.id}.")
    progress = context.progress(record)
    card = _card(context, progress, chosen_tier.id, chosen, to_file=output is not None)
    deliver(context, "The card", card, output, open_=open_)
    if new:
        context.hint("Undo: ca-ladder undo")


def _final_sign_off(context: CommandContext, record: Record, ladder: Ladder, tier: Tier, manager: Person) -> Record:
    """Save the final sign-off of a tier; print what is missing for it, and raise NotComplete."""
    try:
        return write_decision(
            context, record, (), lambda now: rules.graduate(now, ladder, context.stamp, manager, tier)
        )[0]
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
    """Take a trainee to the next role on the ladder.

    What was signed off in the role before stays in the record.
    """
    record = context.record_to_change()
    new_role = find_role(context.catalogue, role)
    start = context.day(on)
    variants = tuple(dict.fromkeys(find_variant(new_role, name).id for name in variant or ()))
    manager = _manager(context, record, by)
    changes = {"role": new_role.id, "start": start, "variants": variants}

    def change(now: Record) -> Record:
        refuse_if_changed(record, now, ())
        return rules.promote(now, context.stamp, manager, context.catalogue.roles, **changes)

    change(record)  # raise errors before asking anything
    name = record.enrolment.name
    if left := _left_open(context, record):
        context.print_line(f"{left} They will be asked for no longer, and stay in the record.")
        if context.interactive and not yes and not agreed(context, f"Is {name} {new_role.name} from {start}?"):
            context.print_line("Nothing was changed.")
            return
    context.write(change)
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


def _card(
    context: CommandContext, progress: "TraineeProgress", tier: str, chosen: str, *, to_file: bool
) -> "str | RenderableType":
    tier_progress = next(entry for entry in progress.tiers if entry.tier.id == tier)
    if chosen == "html":
        from ca_ladder.renderers.html import card_html

        return card_html(progress, tier_progress)
    from ca_ladder.renderers.screens.items import card_screen

    return card_screen(progress, tier_progress, PAGE if to_file else context.stdout)
