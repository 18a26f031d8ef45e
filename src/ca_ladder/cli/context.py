"""The context of a command: the shared options, the store, the catalogue and the day, put together once."""

import inspect
import os
import re
from collections.abc import Callable
from datetime import date
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from msgspec import field
from msgspec.structs import replace

from ca_ladder.catalogue.cache import read_catalogue
from ca_ladder.catalogue.lookup import choose, find_task, find_tier
from ca_ladder.catalogue.models import Catalogue, Ladder
from ca_ladder.cli.dates import parse_date
from ca_ladder.cli.environment import RunEnvironment, current_environment, system_origin
from ca_ladder.cli.options import CatalogueOption, ColorOption, DebugOption, NoInputOption, StoreOption, TraineeOption
from ca_ladder.cli.paths import backups_folder, cache_folder, catalogue_path, is_folder, store_path, with_home
from ca_ladder.cli.printing import Printer
from ca_ladder.cli.repository import RecordRepository
from ca_ladder.errors import BadInput, Command, RoleGone, quoted
from ca_ladder.record.events import Event, Stamp
from ca_ladder.record.folder import find_trainee_record
from ca_ladder.record.record import Record

if TYPE_CHECKING:
    from ca_ladder.progress.results import TraineeProgress
    from ca_ladder.record.merging import MergeResult


def open_context(
    ctx: typer.Context,
    store: StoreOption = None,
    trainee: TraineeOption = None,
    catalogue: CatalogueOption = None,
    color: ColorOption = "auto",
    no_input: NoInputOption = False,
    debug: DebugOption = False,
) -> "CommandContext":
    """Return the context of a run with these options, which all commands share."""
    del debug  # read by main(), which reports bugs
    environment = ctx.obj if isinstance(ctx.obj, RunEnvironment) else current_environment()
    return CommandContext(
        environment=environment,
        store_path=store_path(store),
        catalogue_path=catalogue_path(catalogue),
        color=choose("colour", color, ["auto", "always", "never"]),
        interactive=environment.interactive and not no_input,
        store_option=store,
        in_folder=is_folder(store),
        trainee=trainee,
    )


CONTEXT_KEY = "ca_ladder.context"  # in Typer's ctx.meta, for the group that prints the errors
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")  # no file or record can hold these characters
_SHARED_OPTIONS = tuple(inspect.signature(open_context).parameters.values())


CommandFunction = Callable[..., None]


def command(register: Callable[[CommandFunction], Any]) -> Callable[[CommandFunction], CommandFunction]:
    """Register a command whose first parameter is the context. Typer sees the shared options instead."""

    def decorate(function: CommandFunction) -> CommandFunction:
        _, *command_options = inspect.signature(function).parameters.values()
        options = [option.replace(kind=option.KEYWORD_ONLY) for option in (*command_options, *_SHARED_OPTIONS)]

        @wraps(function)
        def run(**values: Any) -> None:
            for name, value in values.items():
                _refuse_what_is_not_text(name, value)
                if isinstance(value, Path):
                    values[name] = with_home(value)
                elif isinstance(value, list):
                    values[name] = [with_home(one) if isinstance(one, Path) else one for one in value]
            ctx: typer.Context = values["ctx"]
            context = open_context(**{option.name: values.pop(option.name) for option in _SHARED_OPTIONS})
            ctx.meta[CONTEXT_KEY] = context
            function(context, **values)

        run.__annotations__ = {option.name: option.annotation for option in options}
        vars(run)["__signature__"] = inspect.Signature(options)  # what Typer reads
        register(run)
        return function

    return decorate


class CommandContext(Printer, frozen=True, eq=False):
    """One run of one command: its store, its catalogue, and the streams it prints on.

    ``store_option`` and ``trainee`` are as they were typed. ``file`` is set for one record of a team. ``run`` names
    this run in all events that it writes, and so in all records of a team.
    """

    store_path: Path
    catalogue_path: Path
    store_option: str | None
    in_folder: bool
    trainee: str | None
    file: Path | None = None
    loaded_catalogue: Catalogue | None = None
    run: str = field(default_factory=lambda: os.urandom(6).hex())

    @property
    def today(self) -> date:
        """The date where the person is."""
        return self.environment.clock().date()

    @property
    def is_team(self) -> bool:
        """True if the command is about every trainee whose record is in a folder."""
        return self.file is None and self.trainee is None and self.in_folder

    @cached_property
    def store(self) -> Path:
        """The file of the one trainee whom the command is about; raises BadInput, Unknown or OtherTrainee."""
        return self.file or find_trainee_record(
            self.store_path, self.trainee, backups_folder(), self.environment.clock(), in_folder=self.in_folder
        )

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue asked for, or the one that ships."""
        return self.loaded_catalogue or read_catalogue(self.catalogue_path, cache_folder())

    @cached_property
    def repository(self) -> RecordRepository:
        """The store, read and written with its backups."""
        try:
            catalogue: Catalogue | None = self.catalogue
        except BadInput:  # whoever needs the catalogue is told; a backup is restored without it
            catalogue = None
        clock, zone = self.environment.clock, self.environment.zone
        return RecordRepository(self.store, clock, zone, self.warn, self.on_this_store, catalogue)

    @property
    def stamp(self) -> Stamp:
        """What new events carry: this moment, the account and computer, and the run. Ask for it at each decision."""
        return Stamp(self.environment.clock(), *self._origin, self.run)

    @cached_property
    def _origin(self) -> tuple[str, str]:
        return self.environment.origin or system_origin()

    def about(self, file: Path) -> "CommandContext":
        """Return the context for one record of the team. The catalogue is read once for all of them."""
        return replace(self, trainee=file.stem, file=file, loaded_catalogue=self.catalogue)

    def day(self, as_of: str | None) -> date:
        """Return the day that was typed, or today."""
        return parse_date(as_of, self.today) if as_of is not None else self.today

    def on_another_day(self, day: date | None) -> str:
        """Return " on DAY" for the sentence on what was dated; empty if it was dated today."""
        return f" on {day}" if day and day != self.today else ""

    def record(self, as_of: str | None = None) -> Record:
        """Return the record to read: as it is, or as it was known on the day that was typed."""
        record = self.repository.load_and_report_copies()
        day = self.day(as_of)
        return record.as_of(day, self.environment.zone) if day < self.today else record

    def record_to_change(self) -> Record:
        """Return the record to change, after the copies beside it are merged into it."""
        record, taken = self.repository.merge_copies(self.catalogue)
        for merged, archived in taken:
            self.warn(*self.merge_lines(merged, record), f"The copy is now in {archived}.")
        return record

    def merge_lines(self, merged: "MergeResult", record: Record) -> list[str]:
        """Return the sentences on what a copy added to the record."""
        from ca_ladder.renderers.phrases import merge_lines

        try:
            ladder = self.ladder(record)
        except RoleGone:
            ladder = None
        return merge_lines(merged, record, ladder)

    def ladder(self, record: Record) -> Ladder:
        """Return what is expected of the record's trainee; raises RoleGone."""
        return self.catalogue.ladder(record.enrolment.role, record.enrolment.variants)

    def progress(
        self, record: Record, tier: str | None = None, task: str | None = None, as_of: str | None = None
    ) -> "TraineeProgress":
        """Return the trainee's progress for the tier, task and day that were typed, as it was known on that day."""
        from ca_ladder.progress.trainee import measure

        day = self.day(as_of)
        known = record.as_of(day, self.environment.zone) if day < self.today else record
        ladder = self.ladder(known)
        only_tier = find_tier(ladder.role, tier) if tier is not None else None
        only_task = find_task(ladder.tasks, task) if task is not None else None
        return measure(ladder, known, day, only_tier, only_task)

    def write(self, change: Callable[[Record], Record]) -> tuple[Record, tuple[Event, ...]]:
        """Change the stored record under its lock; return it and the events that were added."""
        self.record_to_change()
        _ = self.catalogue, self._origin  # read now: under the lock, others would wait for it
        count_before = 0

        def change_and_count(before: Record) -> Record:
            nonlocal count_before
            count_before = len(before.events)
            return change(before)

        record = self.repository.update(change_and_count)
        return record, record.events[count_before:]

    def print_line_about(self, record: Record, line: str) -> None:
        """Print a line about one record, with the trainee's name when the store is a team's folder."""
        self.print_line(f"{record.enrolment.name}: {line}" if self.in_folder else line)

    def hint(self, line: str) -> None:
        """Print what to do next, at a terminal only. Commands in it are separated by four blanks."""
        if self.environment.terminal:
            self.print_line("    ".join(map(self.on_this_store, line.split("    "))))

    def remind_to_send_back(self) -> None:
        """At a terminal, remind the mentor to send back a record that was named by --store."""
        if self.environment.terminal and self.store_option and not self.in_folder:
            self.print_line(f"If {self.store.name} was sent to you, send it back now.")

    def on_this_store(self, command: str) -> str:
        """Return a command with the --store and --trainee of this run."""
        store = f" --store {quoted(self.store_option)}" if self.store_option else ""
        trainee = f" --trainee {quoted(self.trainee)}" if self.trainee else ""
        return f"{command}{store}{trainee}"

    def command_line(self, command: Command) -> str:
        """Return a command that an error offers, with the --store and --trainee that it needs."""
        if command.about == "neither":
            return str(command)
        about = replace(self, trainee=None) if command.about == "store" else self
        return about.on_this_store(str(command))


def _refuse_what_is_not_text(name: str, value: object) -> None:
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str) and _NOT_TEXT.search(text):
            raise BadInput(f"What was given for {name.replace('_', '-')} is not text. Type it again.")
