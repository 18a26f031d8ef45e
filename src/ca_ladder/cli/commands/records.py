"""What keeps a record trustworthy: record where, verify, merge, export, backups, restore."""

import shlex
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ca_ladder.catalogue.files import shipped_path
from ca_ladder.cli.completion import complete_backups
from ca_ladder.cli.context import CommandContext, command
from ca_ladder.cli.options import YesOption
from ca_ladder.cli.parsing import CommandGroup
from ca_ladder.cli.paths import backups_folder
from ca_ladder.cli.prompts import agreed
from ca_ladder.cli.repository import entries
from ca_ladder.errors import (
    BadInput,
    Command,
    FileExists,
    LadderError,
    Missing,
    NoRecord,
    NothingToRestore,
    RecordAltered,
    StoreUnreadable,
    Unknown,
)
from ca_ladder.record import store
from ca_ladder.record.atomic_file import resolved, write_atomically
from ca_ladder.record.fingerprint import events_since, fingerprint, parse_fingerprint
from ca_ladder.record.merging import differing, disagreements
from ca_ladder.record.record import Record
from ca_ladder.renderers.phrases import event_list

if TYPE_CHECKING:
    from ca_ladder.record.backups import Backup

records = typer.Typer(cls=CommandGroup, rich_markup_mode=None)
app = typer.Typer()
app.add_typer(records, name="record")

FilesArgument = Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", hidden=True, show_default=False)]
ToOption = Annotated[Path | None, typer.Option("--to", metavar="FILE", help="The file to write; a new one.")]
ExpectOption = Annotated[
    str | None,
    typer.Option("--expect", metavar="FINGERPRINT", help="Say whether the state printed then is still in the record."),
]
BackupArgument = Annotated[
    str | None, typer.Argument(metavar="ID", hidden=True, autocompletion=complete_backups, show_default=False)
]


@records.callback(invoke_without_command=True)
def overview(ctx: typer.Context) -> None:
    """The record's file: where it is, whether it is whole, its copies and backups."""
    if not ctx.invoked_subcommand:
        typer.echo(ctx.get_help())


@command(records.command())
def where(context: CommandContext) -> None:
    """Where the record, its backups and the catalogue lie."""
    there = store.exists(context.store)
    remedy = "" if there else context.repository.restore_hint()
    gone = "" if there else " (nothing is there any more)" if remedy else " (nothing is there yet)"
    context.print_line(f"The record: {context.store}{gone}")
    context.print_line(f"Its backups: {backups_folder()} ({len(context.repository.backups())} kept)")
    context.print_line(f"The catalogue: {context.catalogue_path}")
    if remedy:
        context.print_line(remedy)
    else:
        context.hint("Next: ca-ladder record verify" if there else "Next: ca-ladder init")


@command(records.command())
def verify(context: CommandContext, expect: ExpectOption = None) -> None:
    """Check that every entry is as it was written.

    None is missing in the middle, and no decision breaks a rule. With --expect, a fingerprint that was printed or
    written down earlier shows whether anything was removed or replaced since.
    """
    wanted = parse_fingerprint(expect) if expect is not None else None
    problems = context.repository.problems(context.catalogue)
    kept = context.repository.whole_backups()
    for each in problems:
        context.print_line(str(each))
    if any(each.serious for each in problems):
        for line in _said_before(context, [there for _, there in kept]):
            context.print_line(line)
        context.warn(f"{context.store} is not as it was written.")
        context.hint("Next: ca-ladder record restore" if kept else "Next: ca-ladder record backups")
        raise typer.Exit(7)
    record = context.record()
    lost = wanted is not None and events_since(record, wanted) is None
    if wanted and lost:
        context.print_line(
            f"The state {wanted} is not in the record of {record.enrolment.name}. Compare the fingerprint letter by "
            "letter: if it is right, entries were removed or replaced since it was printed."
        )
        having = [backup for backup, there in kept if events_since(there, wanted) is not None]
        context.print_line(
            f"A backup has it: {_restore(context, having[0])}" if having else "No backup on this computer has it."
        )
    found = "otherwise in order" if problems or lost else "in order"
    context.print_line(
        f"The record of {record.enrolment.name} is {found}: {entries(len(record.events))}, each as written."
    )
    if wanted and not lost:
        context.print_line(f"The state {wanted} is in it, whole. Entries added since: {events_since(record, wanted)}.")
    for backup, there in kept:
        if more := [event for event in there.events if event.id not in record.by_id]:
            context.print_line(
                f"A backup holds what is not in it, {event_list(there, more)}. To go back: {_restore(context, backup)}"
            )
            break
    context.print_line(f"Fingerprint: {fingerprint(record)}")
    if problems or lost:
        raise typer.Exit(7)
    context.hint("Write it down. Later: ca-ladder record verify --expect FINGERPRINT")


@command(records.command())
def merge(context: CommandContext, files: FilesArgument = None) -> None:
    """Take over what another copy of the record holds.

    Such as the one that a mentor sent back. Nothing is lost on either side.
    """
    if not files:
        raise Missing("The copy", "its file", Command("record merge FILE"))
    for each in files:
        if not store.exists(each):
            raise BadInput(f"There is no file {each}. Give the copy's file, such as the one that was sent back.")
    before = context.repository.load()  # the copies beside it are taken over below
    record, merged = context.repository.merge(files, context.catalogue)
    for copy in merged:
        for line in context.merge_lines(copy, record):
            context.print_line(line)
    kept = (each.id for each in context.repository.backups() if each.fingerprint == fingerprint(before))
    undo = next(kept, None) if record.events != before.events else None
    context.record_to_change()  # the copies that lie beside it, if there are any
    context.hint("Next: ca-ladder status" + (f"    Undo: ca-ladder record restore {undo}" if undo else ""))


@command(records.command())
def export(context: CommandContext, to: ToOption = None) -> None:
    """Write a copy for a mentor at another computer, to send by e-mail."""
    if to is None:
        raise Missing("The file", "it", Command("record export --to FILE"))
    record = context.record()
    if record.altered:
        raise RecordAltered(context.store)
    if store.exists(to):
        raise FileExists(to)
    write_atomically(resolved(to), store.as_bytes(record), private=context.repository.private)
    enrolment, packet = record.enrolment, shlex.quote(to.name)
    by = enrolment.mentors[0] if len(enrolment.mentors) == 1 else "NAME"
    context.print_line(f"A copy of the record of {enrolment.name}, to send to the mentor:")
    context.print_line(f"  {resolved(to)}")
    context.print_line("The mentor saves it, types in that folder, and sends it back:")
    context.print_line(f'  ca-ladder signoff --store {packet} --by "{by}"')
    if context.catalogue_path != shipped_path():
        context.print_line(f"The catalogue is your own: send {context.catalogue_path.name} too, for --catalogue.")
    context.print_line("Next, in the folder where you save what came back:")
    context.print_line(f"  {context.on_this_store(f'ca-ladder record merge {packet}')}")


@command(records.command())
def backups(context: CommandContext) -> None:
    """The kept states of the record, the latest first."""
    from ca_ladder.renderers.screens.status import backups_table

    kept = context.repository.backups()
    if not kept:
        context.print_line(
            f"No backups of this record are kept in {backups_folder()}: nothing was changed from here yet."
        )
        return
    context.print_screen(
        backups_table([(each, context.repository.kept_at(each)[:-3]) for each in kept], context.stdout)
    )
    context.hint("Next: ca-ladder record restore ID")


@command(records.command())
def restore(context: CommandContext, id_: BackupArgument = None, yes: YesOption = False) -> None:
    """Put a backup in the record's place.

    Without an ID, the newest good one, where the record is damaged or lost. What is there now is kept too.
    """
    keeper = context.repository
    chosen = _chosen(context, id_)
    context.print_line(f"The backup of {keeper.kept_at(chosen)} is {chosen.quality}, with {entries(chosen.events)}.")
    for line in _differences(context, chosen):
        context.print_line(line)
    if context.interactive and not yes and not agreed(context, "Put it in the record's place?"):
        context.print_line("Nothing was changed.")
        return
    place = keeper.restore(chosen)
    context.print_line(f"Restored {context.store} as of {keeper.kept_at(chosen)}.")
    if place:
        before = next(each for each in keeper.backups() if each.path == place)
        context.print_line(f"What was there is kept: {place}")
        if before.quality != "damaged":
            context.hint(f"Undo: ca-ladder record restore {before.id}")
            return
    context.hint("Next: ca-ladder")


def _chosen(context: CommandContext, id_: str | None) -> "Backup":
    """Return the backup asked for, or the newest good one of a record that is damaged or lost."""
    from ca_ladder.record.backups import is_whole, newest_whole

    with suppress(StoreUnreadable, NoRecord):
        store.load(context.store)  # one of a newer version is refused: nothing of it is damaged or lost
    kept = context.repository.backups()
    if not kept:
        raise NothingToRestore(f"no backup of this record is kept in {backups_folder()}")
    if id_ is not None:
        found = next((each for each in kept if each.id == id_.strip()), None)
        if found is None:
            raise Unknown("backup", id_, where="See", command=Command("record backups"))
        if found.quality == "damaged":
            raise NothingToRestore(f"the backup {found.id} is damaged itself")
        if found.quality == "newer":
            raise NothingToRestore(f"the backup {found.id} was written by a newer ca-ladder; update ca-ladder first")
        return found
    if store.exists(context.store) and is_whole(store.read(context.store), context.environment.now):
        raise NothingToRestore("the record is in order. To go back all the same", Command("record restore ID"))
    whole = newest_whole(kept, resolved(context.store))
    if whole is None:
        raise NothingToRestore("no backup is whole. See", Command("record backups"))
    return whole


def _differences(context: CommandContext, chosen: "Backup") -> list[str]:
    """Return what the record has now and the backup has not, what it brings back, and what it sets right."""
    try:
        now, then = store.load(context.store), store.load(chosen.path)
    except LadderError:
        return []
    lost = [event for event in now.events if event.id not in then.by_id]
    back = [event for event in then.events if event.id not in now.by_id]
    altered = [there for _, there in disagreements(now, then)]
    return [
        f"{what}: {event_list(whose, events)}."
        for what, whose, events in (
            ("Not in it, of the record as it is now", now, lost),
            ("It brings back", then, back),
            ("It differs from the record as it is now in", then, altered),
        )
        if events
    ]


def _said_before(context: CommandContext, backups: Sequence[Record]) -> list[str]:
    """Return what altered entries said, as far as a backup knows."""
    from ca_ladder.record.verification import describe_event

    try:
        now = store.load(context.store)
    except LadderError:
        return []
    for there in backups:
        if found := disagreements(now, there):
            compared = [(describe_event(here), *differing(here, then)) for here, then in found]
            return [f"The {what} says now: {here}. A backup says: {then}." for what, here, then in compared]
    return []


def _restore(context: CommandContext, backup: "Backup") -> str:
    return context.on_this_store(f"ca-ladder record restore {backup.id}")
