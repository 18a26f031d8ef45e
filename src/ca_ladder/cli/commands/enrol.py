"""Beginning: the welcome, init, and a demo in a place of its own."""

import os
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ca_ladder.catalogue.lookup import find_role, find_variant
from ca_ladder.catalogue.models import Role
from ca_ladder.cli.context import CommandContext, command
from ca_ladder.cli.dates import first_day
from ca_ladder.cli.options import ByOption
from ca_ladder.cli.prompts import agreed, ask
from ca_ladder.cli.team_records import measured, report_unreadable
from ca_ladder.errors import AlreadyEnrolled, BadInput, Missing, OtherTrainee, SameName, StoreUnreadable
from ca_ladder.progress.team import unfinished_only
from ca_ladder.progress.trainee import next_items
from ca_ladder.record import store
from ca_ladder.record.events import Person
from ca_ladder.record.names import clean_name, file_stem, same_person
from ca_ladder.record.record import Record
from ca_ladder.record.rules import enrol, enrol_again, identify
from ca_ladder.renderers.screens import items
from ca_ladder.renderers.screens import status as tables

app = typer.Typer()

NameOption = Annotated[str | None, typer.Option("--name", metavar="NAME", help="The trainee's name.")]
StartOption = Annotated[str | None, typer.Option("--start", metavar="DATE", help="The first day in the role.")]
RoleOption = Annotated[
    str | None, typer.Option("--role", metavar="ROLE", help="The role; see: ca-ladder catalogue roles.")
]
VariantOption = Annotated[
    list[str] | None,
    typer.Option("--variant", metavar="VARIANT", help="A form of the role: catalogue roles lists them."),
]
MentorOption = Annotated[
    list[str] | None, typer.Option("--mentor", metavar="NAME", help="Who signs off; may be repeated.")
]
ManagerOption = Annotated[str | None, typer.Option("--manager", metavar="NAME", help="The manager; signs off too.")]

_FIELDS = {"start": "starts on", "variants": "variants:", "mentors": "mentors:", "manager": "manager:"}

WELCOME = """\
Welcome to ca-ladder, the training checklist of your office.

It shows a new colleague what is expected, month by month;
the trainee checks off what they can do, a mentor signs it
off, and everybody sees what is on track and what is late.

To begin:              ca-ladder init
To look around first:  ca-ladder demo
All commands:          ca-ladder --help"""


def home_screen(context: CommandContext) -> None:
    """Show where the trainee is and what comes next, or a welcome while there is no record; of a team, who is where."""
    count = len(store.record_files(context.store_path)) if context.is_team else 1
    if not count:
        context.print_raw(WELCOME)
        context.print_line(f"The folder {context.store_path} is for the records of a team, and holds none yet.")
        return
    if count > 1:
        team = measured(context, None, None, unfinished_only)
        from ca_ladder.renderers.screens.team_report import overview_screen

        context.print_screen(overview_screen(team, context.stdout))
        context.hint("All of it: ca-ladder report    What waits for you: ca-ladder signoff")
        report_unreadable(team.unreadable)
        return
    if not store.exists(context.store):
        if remedy := context.repository.restore_hint():
            context.print_line(f"There is no record at {context.store} any more.")
            context.print_line(remedy)
            context.hint("To begin anew: ca-ladder init")
            return
        context.print_raw(WELCOME)
        if os.environ.get("CA_LADDER_STORE"):
            context.print_line(f"CA_LADDER_STORE says that the record is {context.store}, and nothing is there.")
        return
    progress = context.progress(context.record())
    context.print_screen(items.home_screen(progress, next_items(progress)[:3], context.stdout))
    context.hint("Next: ca-ladder check ID    More: ca-ladder next    All: ca-ladder status")


@command(app.command())
def init(
    context: CommandContext,
    name: NameOption = None,
    start: StartOption = None,
    role: RoleOption = None,
    variant: VariantOption = None,
    mentor: MentorOption = None,
    manager: ManagerOption = None,
    by: ByOption = None,
) -> None:
    """Begin a trainee's record.

    At a terminal it asks for what is missing. Once the record exists, it changes the start date, variants, mentors or
    manager that are given.
    """
    if context.is_team:
        name = _given(context, name, "The trainee's name", '--name "NAME"')
        context = context.about(_new_file(context, name))
    elif not context.store.suffix and not store.exists(context.store):
        place = context.store
        raise BadInput(f"{place} is not there. Name a file for one trainee, {place}.json, or a folder, {place}/")
    if store.exists(context.store):
        _enrol_again(context, name, start, role, variant, mentor, manager, by)
        return
    if (remedy := context.repository.restore_hint()) and not _anew(context, remedy):
        context.print_line("Nothing was changed.")
        return
    asked = context.interactive and (name is None or start is None)
    if asked:
        context.warn("A new record. Press Ctrl-C to stop; nothing is written before the last answer.")
    today = context.today
    trainee = _given(context, name, "The trainee's name", '--name "NAME"')
    begins = _given_start(context, start, today)
    chosen = _role(context, role, asked)
    variants = [find_variant(chosen, each).id for each in variant or ()]
    if asked and variant is None:
        variants = [each.id for each in chosen.variants if agreed(context, f"Does {trainee} work in {each.name}?")]
    mentors = _names(mentor)
    if asked and mentor is None:
        mentors = ask(context, "Who signs off? Mentors' names, with commas (Enter if anyone may)", _split, default="")
    head = clean_name(manager) if manager is not None else None
    if asked and manager is None:
        head = ask(context, "The manager's name (Enter if none)", _optional_name, default="")
    record = enrol(
        context.stamp,
        Person(name=trainee, role="trainee"),
        name=trainee,
        start=begins,
        role=chosen.id,
        variants=tuple(dict.fromkeys(variants)),
        mentors=mentors,
        manager=head,
    )
    context = _created(context, record)
    context.print_line(f"{trainee} is enrolled as {chosen.name}, starting {begins}. The record: {context.store}")
    context.hint("Next: ca-ladder" if context.is_default_store else "Next: ca-ladder status")


@command(app.command())
def demo(context: CommandContext) -> None:
    """Show a filled example to try things out.

    It lies in a temporary place: your own record is not touched.
    """
    from ca_ladder.cli.demo_data import example

    place = Path(tempfile.mkdtemp(prefix="ca-ladder-demo-")) / "maria-lopez.json"
    record = example(context.catalogue, context.stamp)
    store.create(place, record)
    progress = context.progress(record)
    context.print_line(
        "An example: Maria Lopez, three and a half months in, with mentor Pat Lee and manager Kim Novak."
    )
    context.print_raw("")
    context.print_screen(tables.status_screen(progress, context.stdout))
    context.print_raw(
        f"""
Try it yourself; it touches no record of your own. First say
where the example is. In Windows PowerShell:
$env:CA_LADDER_STORE = "{place}"
On macOS and Linux:
export CA_LADDER_STORE="{place}"
Then, as Maria:  ca-ladder     ca-ladder next     ca-ladder check ID
as her mentor:   ca-ladder signoff --by "Pat Lee"
as her manager:  ca-ladder report --tier {(progress.tier or progress.ladder.role.tiers[0]).id}
To be done with it, close the window."""
    )


def _enrol_again(
    context: CommandContext,
    name: str | None,
    start: str | None,
    role: str | None,
    variant: Sequence[str] | None,
    mentor: Sequence[str] | None,
    manager: str | None,
    by: str | None,
) -> None:
    """Change what an enrolled trainee's enrolment says, by the options given."""
    record = context.record_to_change()
    now = record.enrolment
    if name is not None and not same_person(name, now.name):
        raise OtherTrainee(now.name, context.store)
    chosen = context.ladder(record).role
    if role is not None and find_role(context.catalogue, role).id != chosen.id:
        raise BadInput(f"{now.name} is enrolled as {chosen.name}; a role is not changed by init.")
    wanted: dict[str, object] = {}
    if start is not None:
        wanted["start"] = first_day(start, context.today)
    if variant is not None:
        wanted["variants"] = tuple(dict.fromkeys(find_variant(chosen, each).id for each in variant))
    if mentor is not None:
        wanted["mentors"] = _names(mentor)
    if manager is not None:
        wanted["manager"] = clean_name(manager)
    changes = {field: value for field, value in wanted.items() if getattr(now, field) != value}
    if not changes:
        raise AlreadyEnrolled(now.name, now.start, context.store, context.on_this_store("ca-ladder status"))
    who = identify(record, clean_name(by) if by is not None else now.name)
    context.change(lambda record, _: enrol_again(record, context.stamp, who, **changes))
    told = "; ".join(f"{_FIELDS[field]} {_told(value)}" for field, value in changes.items())
    context.print_line(f"{now.name}: {told}.")
    context.hint("Undo: ca-ladder undo")


def _new_file(context: CommandContext, name: str) -> Path:
    """Return a place for the record of a new trainee in a team's folder.

    Raises SameName, and what keeps a file that is named so from being read: it may well be theirs.
    """
    folder, stem = context.store_path, file_stem(name)
    files = store.record_files(folder)
    for path in files:
        each = store.name_at(path)
        if each and same_person(name, each):
            raise SameName(each, path)
        if each is None and path.stem == stem:
            context.about(path).repository.load()
    stems = [stem, *(f"{stem}-{number}" for number in range(2, len(files) + 3))]
    return next(path for each in stems if not store.exists(path := folder / f"{each}.json"))


def _created(context: CommandContext, record: Record) -> CommandContext:
    """Write a new record; where somebody else was faster with the same name for a file, under the next one."""
    while True:
        try:
            context.repository.create(record)
        except StoreUnreadable:
            if not context.in_folder:
                raise
            context = context.about(_new_file(context, record.enrolment.name))
        else:
            return context


def _anew(context: CommandContext, remedy: str) -> bool:
    """Return whether to begin a new record where there was one before; its backups can still be restored then."""
    context.warn(f"There was another record here before. {remedy}")
    return not context.interactive or agreed(context, "Begin a new record all the same?")


def _given(context: CommandContext, typed: str | None, question: str, option: str) -> str:
    if typed is not None:
        return clean_name(typed)
    if not context.interactive:
        raise Missing(question, option)
    return ask(context, question, clean_name)


def _given_start(context: CommandContext, typed: str | None, today: date) -> date:
    if typed is not None:
        return first_day(typed, today)
    if not context.interactive:
        raise Missing("The first day in the role", "--start DATE, such as --start 2026-03-31")
    return ask(context, "The first day in the role (2026-03-31, today, monday)", lambda t: first_day(t, today), "today")


def _role(context: CommandContext, typed: str | None, asked: bool) -> Role:
    roles = context.catalogue.roles
    if typed is not None:
        return find_role(context.catalogue, typed)
    if asked and len(roles) > 1:
        listed = ", ".join(role.id for role in roles)
        return ask(context, f"The role ({listed})", lambda t: find_role(context.catalogue, t), roles[0].id)
    return roles[0]


def _names(typed: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(clean_name(each) for each in typed or ())


def _split(typed: str) -> tuple[str, ...]:
    return _names([each for each in typed.split(",") if each.strip()])


def _optional_name(typed: str) -> str | None:
    return clean_name(typed) if typed.strip() else None


def _told(value: object) -> str:
    return ", ".join(value) or "empty" if isinstance(value, tuple) else str(value)
