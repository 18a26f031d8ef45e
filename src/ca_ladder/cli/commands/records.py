"""The commands on a record's file: record where, verify, merge, export, backups, restore."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ca_ladder.catalogue.files import shipped_path
from ca_ladder.cli.completion import complete_backups
from ca_ladder.cli.context import CommandContext, command
from ca_ladder.cli.options import YesOption, argument, option
from ca_ladder.cli.parsing import CommandGroup
from ca_ladder.cli.paths import backups_folder
from ca_ladder.cli.prompts import confirmed
from ca_ladder.errors import (
    BadInput,
    Command,
    LadderError,
    Missing,
    NoRecord,
    NotPossible,
    StoreUnreadable,
    Unknown,
    entries,
    quoted,
)
from ca_ladder.record import store
from ca_ladder.record.actor import refuse_unsound
from ca_ladder.record.atomic_file import resolved, write_atomically
from ca_ladder.record.fingerprint import events_since, fingerprint, parse_fingerprint
from ca_ladder.record.folder import is_mistakable
from ca_ladder.record.merging import differing, disagreements
from ca_ladder.record.names import file_stem
from ca_ladder.record.record import Record
from ca_ladder.record.verification import describe_event, problem_lines
from ca_ladder.renderers.phrases import event_list, uncounted

if TYPE_CHECKING:
    from ca_ladder.record.backups import Backup

records = typer.Typer(cls=CommandGroup, rich_markup_mode=None)
app = typer.Typer()
app.add_typer(records, name="record")

FilesArgument = Annotated[list[Path] | None, argument("[FILE]...")]
ToOption = Annotated[Path | None, option("--to", "FILE", "The new file to write.")]
ExpectOption = Annotated[str | None, option("--expect", "FINGERPRINT", "Check that this state is still in the record.")]
BackupArgument = Annotated[str | None, argument("ID", complete=complete_backups)]

UNREADABLE = {"damaged": "is damaged itself", "newer": "was written by a newer ca-ladder; update ca-ladder first"}


@records.callback(invoke_without_command=True)
def overview(ctx: typer.Context) -> None:
    """Find, verify, merge, export and restore the record's file."""
    if not ctx.invoked_subcommand:
        typer.echo(ctx.get_help())


@command(records.command())
def where(context: CommandContext) -> None:
    """Show where the record, its backups and the catalogue are."""
    exists = store.exists(context.store)
    remedy = "" if exists else context.repository.restore_hint()
    missing = "" if exists else " (the file is gone)" if remedy else " (there is no file yet)"
    context.print_line(f"The record: {context.store}{missing}")
    context.print_line(f"Its backups: {backups_folder()} ({len(context.repository.backups())} kept)")
    context.print_line(f"The catalogue: {context.catalogue_path}")
    if remedy:
        context.print_line(remedy)
    else:
        context.hint("Next: ca-ladder record verify" if exists else "Next: ca-ladder init")


@command(records.command())
def verify(context: CommandContext, expect: ExpectOption = None) -> None:
    """Check that every entry is as it was written.

    It also checks that no entry is missing in the middle and that no decision breaks a rule. With --expect, a
    fingerprint that was printed or written down earlier shows whether anything was removed or replaced since.
    """
    wanted = parse_fingerprint(expect) if expect is not None else None
    problems = context.repository.problems(context.catalogue)
    whole_backups = context.repository.whole_backups()
    context.print_line(*problem_lines(problems))
    if any(problem.serious for problem in problems):
        context.print_line(*_earlier_content(context.store, [backed_up for _, backed_up in whole_backups]))
        number = len({problem.entry for problem in problems if problem.serious})
        remedy = _lost_entries_hint(context)
        context.warn(f"{uncounted(number, str(context.store))}. {remedy}".rstrip())
        if not remedy:
            context.hint("Next: ca-ladder record restore" if whole_backups else "Next: ca-ladder record backups")
        raise typer.Exit(7)
    record = context.record()
    name = record.enrolment.name
    added = events_since(record, wanted) if wanted else None
    lost = wanted is not None and added is None
    if wanted and lost:
        context.print_line(
            f"The state {wanted} is not in the record of {name}. Compare the fingerprint letter by letter: if it is "
            "right, entries were removed or replaced since it was printed."
        )
        holding = [backup for backup, backed_up in whole_backups if events_since(backed_up, wanted) is not None]
        restore = f"A backup has it: {_restore(context, holding[0])}" if holding else ""
        context.print_line(restore or "No backup on this computer has it.")
    wrong = lost or record.cut_off or not all(problem.doubt for problem in problems)
    order = "otherwise in order" if problems or wrong else "in order"
    context.print_line(f"The record of {name} is {order}: {entries(len(record.events))}, each as it was written.")
    if added is not None:
        context.print_line(f"The state {wanted} is in it. Entries added since: {added}.")
    for backup, backed_up in whole_backups:
        if more := [event for event in backed_up.events if event.id not in record.by_id]:
            content, restore = event_list(backed_up, more), _restore(context, backup)
            context.print_line(f"A backup holds what is not in it, {content}. To go back: {restore}")
            break
    if not record.cut_off:
        context.print_line(f"Fingerprint: {fingerprint(record)}")
    if wrong:
        raise typer.Exit(7)
    context.hint("Write it down. Later: ca-ladder record verify --expect FINGERPRINT")


@command(records.command())
def merge(context: CommandContext, files: FilesArgument = None) -> None:
    """Merge another copy into the record.

    For example the one that a mentor sent back. Nothing is lost on either side.
    """
    if not files:
        raise Missing("The copy", "its file", Command("record merge FILE"))
    for file in files:
        if not store.exists(file):
            raise BadInput(f"There is no file {file}. Give the copy's file, such as the one that was sent back.")
    before = context.repository.load()
    record, merged = context.repository.merge(files, context.catalogue)
    for copy in merged:
        context.print_line(*context.merge_lines(copy, record))
    states_before = (backup.id for backup in context.repository.backups() if backup.fingerprint == fingerprint(before))
    undo = next(states_before, None) if record.events != before.events else None
    context.record_to_change()  # also merges copies beside the record
    context.hint("Next: ca-ladder status" + (f"    Undo: ca-ladder record restore {undo}" if undo else ""))


@command(records.command())
def export(context: CommandContext, to: ToOption = None) -> None:
    """Write a copy for a mentor at another computer, to send by e-mail."""
    if to is None:
        raise Missing("The name of the new file", "it", Command("record export --to FILE"))
    record = context.record()
    refuse_unsound(record, "An export")
    if store.exists(to):
        raise NotPossible(f"{to} is there already. Name a new file, such as {to.stem}-2{to.suffix}.")
    if is_mistakable(to, record):
        other = to.with_name(f"{file_stem(record.enrolment.name)}-to-sign{to.suffix}")
        mistaken = f"In that folder, {to.name} would be taken for the record itself, or for a conflict copy of it."
        raise NotPossible(f"{mistaken} Name another file, such as {other}.")
    write_atomically(resolved(to), store.as_bytes(record), private=context.repository.private)
    enrolment, packet = record.enrolment, quoted(to.name)
    by = quoted(enrolment.mentors[0]) if len(enrolment.mentors) == 1 else '"NAME"'
    context.print_line(f"A copy of the record of {enrolment.name}, to send to the mentor:")
    context.print_line(f"  {resolved(to)}")
    context.print_line("The mentor saves it, types in that folder, and sends it back:")
    context.print_line(f"  ca-ladder signoff --store {packet} --by {by}")
    if context.catalogue_path != shipped_path():
        context.print_line(f"The catalogue is your own: send {context.catalogue_path.name} too, for --catalogue.")
    context.print_line("Next, in the folder where you save what came back:")
    context.print_line(f"  {context.on_this_store(f'ca-ladder record merge {packet}')}")


@command(records.command())
def backups(context: CommandContext) -> None:
    """List the backups of the record, the newest first."""
    from ca_ladder.renderers.screens.status import backups_table

    rows = [(backup, context.repository.kept_at(backup)[:-3]) for backup in context.repository.backups()]
    if not rows:
        nothing = f"No backups of this record are kept in {backups_folder()}: nothing was changed from here yet."
        context.print_line(nothing)
        return
    context.print_screen(backups_table(rows, store.id_at(context.store), context.stdout))
    context.hint("Next: ca-ladder record restore ID")


@command(records.command())
def restore(context: CommandContext, id_: BackupArgument = None, yes: YesOption = False) -> None:
    """Replace the record with a backup.

    Without an ID, the newest good one, where the record is damaged or lost. What is there now is kept too. A backup of
    another trainee's record, which was in that file before, needs --yes where nobody can be asked.
    """
    keeper = context.repository
    backup = _find_backup(context, id_)
    context.print_line(f"The backup of {keeper.kept_at(backup)} is {backup.quality}, with {entries(backup.events)}.")
    context.print_line(*_differences(context.store, backup.path))
    replaced_id = store.id_at(context.store)
    if backup.record and backup.record.id != replaced_id:
        instead = f", not that of {name}" if (name := store.name_at(context.store)) else ""
        context.print_line(f"It is the record of {backup.record.enrolment.name}{instead}.")
    if not confirmed(context, "Replace the record with it?", "replace the record with that backup", yes=yes):
        return
    replaced = keeper.restore(backup)
    context.print_line(f"Restored {context.store} as of {keeper.kept_at(backup)}.")
    if replaced:
        context.print_line(f"The replaced record is kept: {replaced.path}")
    if replaced and replaced.quality != "damaged":
        context.hint(f"Undo: ca-ladder record restore {replaced.id}")
    else:
        context.hint("Next: ca-ladder")


def _find_backup(context: CommandContext, id_: str | None) -> "Backup":
    """Return the backup with this id; without one, the newest good backup of a damaged or lost record.

    Raises Unknown or NotPossible.
    """
    from ca_ladder.record.backups import is_whole, newest_whole

    with suppress(StoreUnreadable, NoRecord):
        store.load(context.store)  # raises StoreNewer: what a newer version wrote is not damaged
    kept = context.repository.backups()
    if not kept:
        raise NotPossible(f"Nothing was restored: no backup of this record is kept in {backups_folder()}.")
    if id_ is not None:
        backup = next((backup for backup in kept if backup.id == id_.strip()), None)
        if backup is None:
            raise Unknown("backup", id_, where="See", command=Command("record backups"))
        if why := UNREADABLE.get(backup.quality):
            raise NotPossible(f"Nothing was restored: the backup {backup.id} {why}.")
        return backup
    whole_file = store.exists(context.store) and is_whole(store.read(context.store), context.environment.clock())
    cut_off = whole_file and context.repository.load().cut_off
    if whole_file and not cut_off:
        in_order = "Nothing was restored: the record is in order. To go back anyway"
        raise NotPossible(in_order, Command("record restore ID"))
    if cut_off:
        kept = [backup for backup in kept if backup.record and cut_off <= backup.record.by_id.keys()]
    whole = newest_whole(kept, resolved(context.store))
    if whole is None:
        raise NotPossible("Nothing was restored: no backup is whole. See", Command("record backups"))
    return whole


def _differences(path: Path, backup: Path) -> list[str]:
    """Return what restoring the backup would remove, bring back and correct, one sentence each."""
    try:
        now, then = store.load(path), store.load(backup)
    except LadderError:
        return []
    removed = [event for event in now.events if event.id not in then.by_id]
    restored = [event for event in then.events if event.id not in now.by_id]
    altered = [original for _, original in disagreements(now, then)]
    differences = [
        ("Not in it, of the record as it is now", now, removed),
        ("It brings back", then, restored),
        ("It differs from the record as it is now in", then, altered),
    ]
    return [f"{label}: {event_list(record, events)}." for label, record, events in differences if events]


def _earlier_content(path: Path, backups: Sequence[Record]) -> list[str]:
    """Return how altered entries differ from the first backup that has the originals."""
    try:
        now = store.load(path)
    except LadderError:  # an entry cannot be read at all
        return []
    altered = next(filter(None, (disagreements(now, backup) for backup in backups)), [])
    compared = [(describe_event(event), *differing(event, original)) for event, original in altered]
    return [f"The {what} says now: {here}. A backup says: {then}." for what, here, then in compared]


def _lost_entries_hint(context: CommandContext) -> str:
    """Return which backup has what is missing or was altered; empty if the record cannot be read at all."""
    try:
        return context.repository.lost_entries_hint(store.load(context.store))
    except LadderError:
        return ""


def _restore(context: CommandContext, backup: "Backup") -> str:
    return context.on_this_store(f"ca-ladder record restore {backup.id}")
