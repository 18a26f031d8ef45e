"""Getting started: the home screen, init, and demo."""

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from ca_ladder.catalogue.lookup import find_role, find_variant
from ca_ladder.catalogue.models import Role
from ca_ladder.cli.context import CommandContext, command
from ca_ladder.cli.dates import first_day
from ca_ladder.cli.options import ByOption, YesOption, option
from ca_ladder.cli.prompts import agreed, ask, confirmed
from ca_ladder.cli.record_args import author
from ca_ladder.cli.team_records import measured, report_unreadable
from ca_ladder.errors import BadInput, Command, Missing, NotPossible, OtherTrainee, StoreUnreadable, quoted
from ca_ladder.progress.team import unfinished_only
from ca_ladder.progress.trainee import next_items
from ca_ladder.record import store
from ca_ladder.record.actor import Actor, enrol, enrol_again
from ca_ladder.record.events import Person
from ca_ladder.record.folder import record_files
from ca_ladder.record.names import clean_name, file_stem, same_person
from ca_ladder.record.record import Record
from ca_ladder.renderers.screens import items, status

app = typer.Typer()

NameOption = Annotated[str | None, option("--name", "NAME", "The trainee's name.")]
StartOption = Annotated[str | None, option("--start", "DATE", "The first day in the role.")]
RoleOption = Annotated[str | None, option("--role", "ROLE", "The role; see: ca-ladder catalogue roles.")]
VariantOption = Annotated[
    list[str] | None, option("--variant", "VARIANT", "A variant of the role; see: ca-ladder catalogue roles.")
]
MentorOption = Annotated[list[str] | None, option("--mentor", "NAME", "Who signs off; may be repeated.")]
ManagerOption = Annotated[str | None, option("--manager", "NAME", "The manager; signs off too.")]


# How the fields of a changed enrolment are shown.
FIELD_LABELS = {"start": "starts on", "variants": "variants:", "mentors": "mentors:", "manager": "manager:"}

WELCOME = """\
Welcome to ca-ladder, the training checklist of your office.

It shows a new colleague what is expected, month by month;
the trainee checks off what they can do, a mentor signs it
off, and everybody sees what is on track and what is late.

To begin:              ca-ladder init
To look around first:  ca-ladder demo
All commands:          ca-ladder --help"""


def home_screen(context: CommandContext) -> None:
    """Show the trainee's status and next items, or the team's overview; a welcome if there is no record."""
    count = len(record_files(context.store_path)) if context.is_team else 1
    if count > 1:
        from ca_ladder.renderers.screens.team_report import overview_screen

        team = measured(context, None, None, unfinished_only)
        context.print_screen(overview_screen(team, context.stdout))
        context.hint("All of it: ca-ladder report    What waits for you: ca-ladder signoff")
        report_unreadable(team.unreadable)
    elif count == 0:
        context.print_raw(WELCOME)
        context.print_line(f"The folder {context.store_path} is for the records of a team, and holds none yet.")
    elif store.exists(context.store):
        progress = context.progress(context.record())
        context.print_screen(items.home_screen(progress, next_items(progress)[:3], context.stdout))
        context.hint("Next: ca-ladder check ID    More: ca-ladder next    All: ca-ladder status")
    elif remedy := context.repository.restore_hint():
        context.print_line(f"The record {context.store} is gone.", remedy)
        context.hint("To start a new one: ca-ladder init")
    else:
        context.print_raw(WELCOME)
        if os.environ.get("CA_LADDER_STORE"):
            context.print_line(f"CA_LADDER_STORE says that the record is {context.store}, and nothing is there.")


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
    yes: YesOption = False,
) -> None:
    """Start a trainee's record.

    At a terminal it asks for what is missing. Once the record exists, it changes the start date, variants, mentors or
    manager that are given.
    """
    given: dict[str, Any] = {}  # what the options name, as fields of an enrolment
    if name is not None:
        given["name"] = clean_name(name)
    if start is not None:
        given["start"] = first_day(start, context.today)
    if role is not None:
        given["role"] = find_role(context.catalogue, role)
    if variant is not None:
        given["variants"] = variant  # as typed: they depend on the role
    if mentor is not None:
        given["mentors"] = tuple(map(clean_name, mentor))
    if manager is not None:
        given["manager"] = clean_name(manager)
    if context.is_team:
        given["name"] = given.get("name") or _ask_name(context)
        context = context.about(_new_file(context, given["name"]))
    elif not context.store.suffix and not store.exists(context.store):
        path = context.store
        raise BadInput(f"{path} does not exist. Name a file for one trainee, {path}.json, or a folder, {path}/")
    if store.exists(context.store):
        _change_enrolment(context, given, by)
        return
    if remedy := context.repository.restore_hint():
        context.warn(f"There was another record here before. {remedy}")
        if not confirmed(context, "Start a new record anyway?", "start a new record in its place", yes=yes):
            return
    _create(context, given)


@command(app.command())
def demo(context: CommandContext) -> None:
    """Show an example with data, to try things out.

    It is kept in a temporary folder: your own record is not touched.
    """
    from ca_ladder.cli.demo_data import example

    path = Path(tempfile.mkdtemp(prefix="ca-ladder-demo-")) / "maria-lopez.json"
    record = example(context.catalogue, context.stamp)
    store.create(path, record)
    progress = context.progress(record)
    people = "Maria Lopez, three and a half months in, with mentor Pat Lee and manager Kim Novak"
    context.print_line(f"An example: {people}.", "")
    context.print_screen(status.status_screen(progress, context.stdout))
    context.print_raw(
        f"""
Try it yourself; it touches no record of your own. First say
where the example is. In Windows PowerShell:
$env:CA_LADDER_STORE = "{path}"
On macOS and Linux:
export CA_LADDER_STORE={quoted(str(path))}
Then, as Maria:  ca-ladder     ca-ladder next     ca-ladder check ID
as her mentor:   ca-ladder signoff --by "Pat Lee"
as her manager:  ca-ladder report --tier {(progress.tier or progress.ladder.role.tiers[0]).id}
To leave the demo, close this window."""
    )


def _create(context: CommandContext, given: dict[str, Any]) -> None:
    """Ask for what the options leave out, and write the record."""
    asking = context.interactive and not {"name", "start"} <= given.keys()
    if asking:
        context.warn("A new record. Press Ctrl-C to stop; nothing is saved before the last answer.")
    name = given.get("name") or _ask_name(context)
    question = "The first day in the role (2026-03-31, today, monday)"
    missing = Missing("The first day in the role", "--start DATE, such as --start 2026-03-31")
    start = given.get("start") or ask(context, question, partial(_start, context), "today", missing)
    role = given.get("role") or context.catalogue.roles[0]
    if asking and "role" not in given and len(context.catalogue.roles) > 1:
        ids = ", ".join(role.id for role in context.catalogue.roles)
        role = ask(context, f"The role ({ids})", partial(find_role, context.catalogue), default=role.id)
    variants = _variants(role, given.get("variants", ()))
    if asking and "variants" not in given:
        variants = tuple(
            variant.id for variant in role.variants if agreed(context, f"Does {name} work in {variant.name}?")
        )
    if asking and "mentors" not in given:
        question = "Who signs off? Mentors' names, separated by commas (Enter if anyone may)"
        given["mentors"] = ask(context, question, _split_names, default="")
    if asking and "manager" not in given:
        question = "The manager's name (Enter if none)"
        given["manager"] = ask(context, question, lambda typed: clean_name(typed) if typed.strip() else None, "")
    given |= {"name": name, "start": start, "role": role.id, "variants": variants}
    context = _written(context, enrol(context.stamp, Person(name=name, role="trainee"), **given))
    context.print_line(f"{name} is enrolled as {role.name}, starting {start}. The record: {context.store}")
    context.hint("Next: ca-ladder status" if context.store_option or context.trainee else "Next: ca-ladder")


def _start(context: CommandContext, typed: str) -> date:
    """Return the first day that was typed; "today" is the day of the answer."""
    return first_day(typed, context.today)


def _ask_name(context: CommandContext) -> str:
    return ask(context, "The trainee's name", clean_name, missing=Missing("The trainee's name", '--name "NAME"'))


def _split_names(typed: str) -> tuple[str, ...]:
    return tuple(clean_name(name) for name in typed.split(",") if name.strip())


def _written(context: CommandContext, record: Record) -> CommandContext:
    """Write a new record; in a team, if somebody else has just taken the file name, under the next one."""
    try:
        context.repository.create(record)
    except StoreUnreadable:
        if not context.in_folder:
            raise
        return _written(context.about(_new_file(context, record.enrolment.name)), record)
    return context


def _change_enrolment(context: CommandContext, given: dict[str, Any], by: str | None) -> None:
    """Change the enrolment in the record to what is given; raises NotPossible if that changes nothing."""
    record = context.record_to_change()
    now = record.enrolment
    if not same_person(given.pop("name", now.name), now.name):
        raise OtherTrainee(now.name, context.store)
    role = context.ladder(record).role
    if given.pop("role", role).id != role.id:
        raise BadInput(f"{now.name} is enrolled as {role.name}; a role is not changed by init.")
    if "variants" in given:
        given["variants"] = _variants(role, given["variants"])
    changes = {field: value for field, value in given.items() if value != getattr(now, field)}
    if not changes:
        enrolled = f"{now.name} is already enrolled, starting {now.start}, in {context.store}. See"
        raise NotPossible(enrolled, Command("status"))
    after, _ = context.write(lambda record: enrol_again(record, context.stamp, author(record, by), **changes))
    listed = (
        f"{FIELD_LABELS[field]} {', '.join(value) or 'empty' if isinstance(value, tuple) else value}"
        for field, value in changes.items()
    )
    context.print_line(f"{now.name}: {'; '.join(listed)}.")
    with suppress(NotPossible):  # who names others to sign off has no say in that any more
        Actor(context.ladder(after), context.stamp, author(after, by)).undo(after)
        context.hint("Undo: ca-ladder undo")


def _variants(role: Role, typed: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of these variants of the role, without duplicates; raises Unknown."""
    return tuple(dict.fromkeys(find_variant(role, variant).id for variant in typed))


def _new_file(context: CommandContext, name: str) -> Path:
    """Return an unused file name in the team's folder for a new trainee.

    Raises OtherTrainee if the name has a record, and the error of an unreadable file with that name: it may be theirs.
    """
    folder, stem = context.store_path, file_stem(name)
    files = record_files(folder)
    for path in files:
        other = store.name_at(path)
        if other and same_person(name, other):
            other_name = f"--name {quoted(f'{other} (Claims)')}"
            new_name = f"if it is somebody else of that name, add something to the name: {other_name}"
            raise OtherTrainee(other, path, f"To change it, add --trainee {quoted(path.stem)}; {new_name}")
        if other is None and path.stem == stem:
            context.about(path).repository.load()
    stems = [stem, *(f"{stem}-{number}" for number in range(2, len(files) + 3))]
    return next(path for unused in stems if not store.exists(path := folder / f"{unused}.json"))
