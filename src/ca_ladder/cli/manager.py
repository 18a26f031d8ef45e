"""What the manager asks and decides: report, agenda, graduate, promote."""

from typing import TYPE_CHECKING, Annotated

import typer

from ca_ladder.catalogue.lookup import find_role, find_tier, find_variant
from ca_ladder.cli.complete import complete_roles
from ca_ladder.cli.dates import first_day, parse_date
from ca_ladder.cli.mentor import signer
from ca_ladder.cli.options import AsOfOption, ByOption, TierArgument, TierOption
from ca_ladder.cli.output import PAGE, OpenOption, OutputOption, deliver, format_of
from ca_ladder.cli.session import Session, command
from ca_ladder.cli.team import measured, report_unreadable
from ca_ladder.errors import BadInput, NotComplete, NotPossible
from ca_ladder.progress.agenda import agenda as measured_agenda
from ca_ladder.record import rules
from ca_ladder.record.events import Person
from ca_ladder.record.folding import Record

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ca_ladder.progress.agenda import Agenda
    from ca_ladder.progress.team import TeamProgress
    from ca_ladder.progress.trainee import TraineeProgress

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
    session: Session,
    tier: TierOption = None,
    format_: FormatOption = None,
    output: OutputOption = None,
    open_: OpenOption = False,
    as_of: AsOfOption = None,
) -> None:
    """Who is on track, what is late, and whose move it is."""
    chosen = format_of(output, format_, REPORT_ENDINGS)
    if chosen == "xlsx" and output is None:
        raise BadInput("A workbook is written to a file. Add -o FILE.xlsx")
    team = measured(session, tier, as_of)
    answer = _report(session, team, chosen, to_file=output is not None)
    deliver(session, "The report", answer, output, open_=open_)
    report_unreadable(team)


def _report(session: Session, team: "TeamProgress", chosen: str, *, to_file: bool) -> "str | bytes | RenderableType":
    """Return the report in the format chosen."""
    if chosen == "json":
        from ca_ladder.renderers.as_json import report_json

        return report_json(team) + "\n"
    if chosen == "html":
        from ca_ladder.renderers.as_html import report_html

        return report_html(team)
    if chosen == "xlsx":
        from ca_ladder.renderers.as_xlsx import report_xlsx

        return report_xlsx(team)
    if chosen == "table":
        from ca_ladder.renderers.team import report_screen

        return report_screen(team, PAGE if to_file else session.look)
    from ca_ladder.renderers.as_text import report_csv, report_markdown

    if chosen == "markdown":
        return report_markdown(team)
    # Excel takes a CSV file for UTF-8 only if it begins with the mark.
    return ("\ufeff" if to_file else "") + report_csv(team)


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
    session: Session,
    since: SinceOption = None,
    format_: AgendaFormatOption = None,
    output: OutputOption = None,
    open_: OpenOption = False,
    as_of: AsOfOption = None,
) -> None:
    """The sheet for the next one-to-one: what waits, what came back, what is late, what comes next."""
    chosen = format_of(output, format_, AGENDA_ENDINGS)
    record = session.record(as_of)
    progress = session.progress(record, as_of=as_of)
    last = parse_date(since, session.today) if since is not None else None
    sheet = measured_agenda(progress, record, last, session.here.zone)
    deliver(session, "The sheet", _sheet(session, sheet, chosen, to_file=output is not None), output, open_=open_)


def _sheet(session: Session, sheet: "Agenda", chosen: str, *, to_file: bool) -> "str | RenderableType":
    """Return the sheet in the format chosen."""
    if chosen == "html":
        from ca_ladder.renderers.as_html import agenda_html

        return agenda_html(sheet)
    if chosen == "markdown":
        from ca_ladder.renderers.as_text import agenda_markdown

        return agenda_markdown(sheet)
    from ca_ladder.renderers.agenda import agenda_screen

    return agenda_screen(sheet, PAGE if to_file else session.look)


RoleArgument = Annotated[str, typer.Argument(metavar="ROLE", hidden=True, autocompletion=complete_roles)]
FirstDayOption = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help="The first day in the next role, when it is not today.")
]
NewVariantOption = Annotated[
    list[str] | None, typer.Option("--variant", metavar="VARIANT", help="A form of the next role; may be repeated.")
]


@command(app.command())
def graduate(
    session: Session,
    tier: TierArgument,
    by: ByOption = None,
    output: OutputOption = None,
    open_: OpenOption = False,
) -> None:
    """Give a tier its final sign-off, and print the card.

    Only when nothing in it or below it is missing; what is, is listed. Once given, the card is printed again.
    """
    chosen = format_of(output, None, CARD_ENDINGS)
    record = session.record_to_change()
    ladder = session.ladder(record)
    wanted = find_tier(ladder.role, tier)
    given = wanted.id not in record.graduations
    if given:
        manager = _manager(session, record, by)
        try:
            rules.graduate(record, ladder, session.stamp, manager, wanted)
        except NotComplete as problem:
            from ca_ladder.renderers.items import missing_screen

            session.show(missing_screen(session.progress(record), problem.missing, session.look))
            raise
        record, _ = session.change(lambda now, ladder: rules.graduate(now, ladder, session.stamp, manager, wanted))
    progress = session.progress(record)
    deliver(
        session,
        "The card",
        _card(session, progress, wanted.id, chosen, to_file=output is not None),
        output,
        open_=open_,
    )
    if given:
        session.hint("Undo: ca-ladder undo")


@command(app.command())
def promote(
    session: Session,
    role: RoleArgument,
    by: ByOption = None,
    on: FirstDayOption = None,
    variant: NewVariantOption = None,
) -> None:
    """Take a trainee to the next role on the ladder.

    What was signed off in the role before stays in the record.
    """
    record = session.record_to_change()
    before = session.ladder(record).role
    after = find_role(session.catalogue, role)
    rungs = [each.id for each in session.catalogue.roles]
    if rungs.index(after.id) <= rungs.index(before.id):
        raise NotPossible(f"{after.name} is not above {before.name} on the ladder. See: ca-ladder catalogue roles")
    start = first_day(on, session.today) if on is not None else session.today
    if start < record.enrolment.start:
        raise BadInput(f"{start} is before the first day in the role so far, {record.enrolment.start}.")
    variants = tuple(dict.fromkeys(find_variant(after, each).id for each in variant or ()))
    manager = _manager(session, record, by)
    changes = {"role": after.id, "start": start, "variants": variants}
    left = sum(each.unfinished for each in session.progress(record).items if each.item.tier)
    session.change(lambda now, _: rules.enrol_again(now, session.stamp, manager, **changes))
    name = record.enrolment.name
    session.say(f"{name} is {after.name} from {start}, and was {before.name}.")
    if left:
        session.say(
            f"Not signed off as {before.name}: {left} item(s). They are asked for no longer, and stay in the log."
        )
    session.hint("Next: ca-ladder status    Undo: ca-ladder undo")


def _manager(session: Session, record: Record, by: str | None) -> Person:
    """Return who concludes a tier or a role; whether they may is for the rules to say."""
    who = signer(session, record, by, "Your name (the manager's)")
    return who if who.role == "trainee" else Person(name=who.name, role="manager")


def _card(
    session: Session, progress: "TraineeProgress", tier: str, chosen: str, *, to_file: bool
) -> "str | RenderableType":
    own = next(each for each in progress.tiers if each.tier.id == tier)
    if chosen == "html":
        from ca_ladder.renderers.as_html import card_html

        return card_html(progress, own)
    from ca_ladder.renderers.items import card_screen

    return card_screen(progress, own, PAGE if to_file else session.look)
