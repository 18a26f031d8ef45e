"""What every command needs, put together once: the options all share, the two consoles, today, the store."""

import inspect
import os
import shlex
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TextIO

import typer

from ca_ladder.catalogue.cache import read_catalogue
from ca_ladder.catalogue.lookup import choose, find_task, find_tier
from ca_ladder.catalogue.models import Catalogue, Ladder
from ca_ladder.cli.completion import complete_trainees
from ca_ladder.cli.dates import parse_date
from ca_ladder.cli.paths import backups_folder, cache_folder, catalogue_path, is_folder, store_path
from ca_ladder.cli.repository import RecordRepository
from ca_ladder.cli.streams import let_go
from ca_ladder.errors import BadInput, Command, RoleGone, StdoutFailed, system_words
from ca_ladder.record.events import Event, Stamp
from ca_ladder.record.folder import find_trainee_record
from ca_ladder.record.names import clean_name
from ca_ladder.record.record import Record
from ca_ladder.renderers.display import Display

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from ca_ladder.progress.results import TraineeProgress
    from ca_ladder.record.merging import Merged

# Redirected output has no width of its own: one row stays one line, unless COLUMNS asks for a width.
_UNBOUNDED = 10_000


class RunEnvironment(NamedTuple):
    """The surroundings of a run: when (aware, local), by which account, and what kind of terminal it talks to.

    ``origin`` is the account and computer, and ``zone`` the time zone of dates, asked of the system when None;
    ``width`` is given for an output that cannot tell its own.
    """

    now: datetime
    terminal: bool
    interactive: bool
    origin: tuple[str, str] | None = None
    width: int | None = None
    zone: tzinfo | None = None


def _here() -> RunEnvironment:
    return RunEnvironment(
        now=datetime.now().astimezone(),
        terminal=_is_terminal(sys.stdout),
        interactive=_is_terminal(sys.stdin) and _is_terminal(sys.stderr),
    )


def _encoding(stream: TextIO | None) -> str:
    return (stream.encoding if stream is not None else None) or "ascii"


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal; one that was closed is not even there."""
    return stream is not None and stream.isatty()


def _origin() -> tuple[str, str]:
    """Return the account and the computer's name, as the operating system says."""
    import getpass
    import platform

    try:
        import pwd

        account = pwd.getpwuid(os.getuid()).pw_name  # getpass would believe the environment
    except (ImportError, KeyError):  # Windows, or an account without a name, as in some containers
        account = getpass.getuser() if os.name == "nt" else str(os.getuid())
    return account, platform.node() or "unknown"


StoreOption = Annotated[
    str | None, typer.Option("--store", metavar="PATH", help="The record's file, or a team's folder.")
]
TraineeOption = Annotated[
    str | None,
    typer.Option("--trainee", metavar="NAME", help="Which one of a team.", autocompletion=complete_trainees),
]
CatalogueOption = Annotated[
    str | None, typer.Option("--catalogue", metavar="FILE", help="Another catalogue than the one that ships.")
]
ColorOption = Annotated[
    str, typer.Option("--color", metavar="WHEN", show_default=False, help="Colour: auto, always or never.")
]
NoInputOption = Annotated[bool, typer.Option("--no-input", help="Never ask anything.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show the trace of a bug.")]


def open_context(
    ctx: typer.Context,
    store: StoreOption = None,
    trainee: TraineeOption = None,
    catalogue: CatalogueOption = None,
    color: ColorOption = "auto",
    no_input: NoInputOption = False,
    debug: DebugOption = False,
) -> "CommandContext":
    """Return the session that these options, the ones all commands share, ask for."""
    del debug  # read by main(), where bugs end
    here = ctx.obj if isinstance(ctx.obj, RunEnvironment) else _here()
    return CommandContext(
        here=here,
        place=store_path(store),
        catalogue_path=catalogue_path(catalogue),
        color=choose("colour", color, ["auto", "always", "never"]),
        may_ask=here.interactive and not no_input,
        store_option=store,
        in_folder=is_folder(store),
        trainee=trainee,
    )


CONTEXT_KEY = "ca_ladder.session"  # where a run's context keeps it, for whoever has to say what went wrong
_SHARED = tuple(inspect.signature(open_context).parameters.values())


def command(
    register: Callable[[Callable[..., None]], Any],
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command whose first parameter is the session: it gets the shared options in its place."""

    def registered(function: Callable[..., None]) -> Callable[..., None]:
        _, *own = inspect.signature(function).parameters.values()

        def run(**options: Any) -> None:
            for name, value in options.items():
                _refuse_what_is_not_text(name, value)
            ctx = options["ctx"]
            context = open_context(**{each.name: options.pop(each.name) for each in _SHARED})
            ctx.meta[CONTEXT_KEY] = context
            function(context, **options)

        run.__name__ = function.__name__
        run.__doc__ = function.__doc__
        run.__annotations__ = {each.name: each.annotation for each in (*own, *_SHARED)}
        run.__dict__["__signature__"] = inspect.Signature(
            [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (*own, *_SHARED)]
        )
        register(run)
        return function

    return registered


@dataclass(frozen=True)
class CommandContext:
    """One run of one command."""

    here: RunEnvironment
    place: Path
    catalogue_path: Path
    color: str
    may_ask: bool
    store_option: str | None
    in_folder: bool
    trainee: str | None
    file: Path | None = None

    @property
    def today(self) -> date:
        """The date where the person is."""
        return self.here.now.date()

    @property
    def of_team(self) -> bool:
        """Whether the command is about all the trainees whose records lie in a folder."""
        return self.file is None and self.trainee is None and self.in_folder

    @cached_property
    def store(self) -> Path:
        """The file of the one trainee whom the command is about; raises WhichTrainee, Unknown or OtherTrainee."""
        return self.file or find_trainee_record(
            self.place, self.trainee, backups_folder(), self.here.now, in_folder=self.in_folder
        )

    @property
    def hints_as_it_is(self) -> bool:
        """Whether a command finds this same store and trainee without a further word."""
        return self.on_this_store("") == ""

    def about(self, file: Path) -> "CommandContext":
        """Return the session for one record of the team."""
        own = replace(self, trainee=file.stem, file=file)
        own.__dict__["catalogue"] = self.catalogue  # read once for all of them
        return own

    @cached_property
    def stamp(self) -> Stamp:
        """What a command that writes signs its events with."""
        return Stamp(self.here.now, *(self.here.origin or _origin()))

    @property
    def user(self) -> str | None:
        """Who sits at this computer, as CA_LADDER_USER says."""
        named = os.environ.get("CA_LADDER_USER", "")
        _refuse_what_is_not_text("CA_LADDER_USER", named)
        return clean_name(named) if named.strip() else None

    @cached_property
    def out(self) -> "Console":
        """The answer's console."""
        from rich.console import Console

        return Console(
            file=sys.stdout,
            width=self.display.width,
            highlight=False,
            markup=False,
            emoji=False,
            force_terminal=True if self.color == "always" else None,
            no_color={"always": False, "never": True}.get(self.color),
        )

    @cached_property
    def display(self) -> Display:
        """What stdout can show."""
        return Display(encoding=_encoding(sys.stdout), width=self._width(), terminal=self.here.terminal)

    @cached_property
    def aside(self) -> Display:
        """What stderr can show."""
        return Display(encoding=_encoding(sys.stderr), width=self._width(), terminal=self.may_ask)

    def _width(self) -> int:
        asked = os.environ.get("COLUMNS", "")
        if self.here.width:
            return self.here.width
        if self.here.terminal:
            return max(typer.get_terminal_size().columns, 20)
        return max(int(asked), 20) if asked.isdecimal() and int(asked[:5]) else _UNBOUNDED

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue asked for, or the one that ships."""
        return read_catalogue(self.catalogue_path, cache_folder())

    @cached_property
    def keeper(self) -> RecordRepository:
        """Who reads and writes the store."""
        return RecordRepository(self.store, self.here.now, self.here.zone, self.say_aside, self.on_this_store)

    def record(self, as_of: str | None = None) -> Record:
        """Return the record in the store, to look at: as it is, or as it was known on the day that was typed."""
        record = self.keeper.looked_at()
        day = self.day(as_of)
        return record.as_of(day, self.here.zone) if day < self.today else record

    def day(self, as_of: str | None) -> date:
        """Return the day that was typed, or today."""
        return parse_date(as_of, self.today) if as_of is not None else self.today

    def record_to_change(self) -> Record:
        """Return the record in the store, once the copies beside it are taken over."""
        record, taken = self.keeper.gathered(self.catalogue)
        for merged, place in taken:
            for line in self.told_of(merged, record):
                self.say_aside(line)
            self.say_aside(f"The copy is now in {place}.")
        return record

    def told_of(self, merged: "Merged", record: Record) -> list[str]:
        """Return the sentences on what a copy brought to the record."""
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
        """Return the trainee's progress, for the tier, task and day that were typed, as it was known on that day."""
        from ca_ladder.progress.trainee import measure

        day = self.day(as_of)
        known = record.as_of(day, self.here.zone) if day < self.today else record
        ladder = self.ladder(known)
        return measure(
            ladder,
            known,
            day,
            find_tier(ladder.role, tier) if tier is not None else None,
            find_task(ladder.tasks, task) if task is not None else None,
        )

    def change(self, change: Callable[[Record, Ladder], Record]) -> tuple[Record, tuple[Event, ...]]:
        """Change the stored record under its lock; return it, with the events that were added."""
        return self.write(lambda before: change(before, self.ladder(before)))

    def write(self, change: Callable[[Record], Record]) -> tuple[Record, tuple[Event, ...]]:
        """Change the stored record as `change` does, whether or not the catalogue has its role."""
        self.record_to_change()
        _ = self.catalogue, self.stamp  # what takes time is done before others have to wait
        known = 0

        def changed(before: Record) -> Record:
            nonlocal known
            known = len(before.events)
            return change(before)

        record = self.keeper.update(changed)
        return record, record.events[known:]

    def show(self, screen: "RenderableType") -> None:
        """Print a screen; redirected, without the blanks that fill a table's last column."""
        if self.here.terminal:
            self.out.print(screen)
            return
        with self.out.capture() as captured:
            self.out.print(screen)
        self.tell("\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n")))

    def show_aside(self, screen: "RenderableType") -> None:
        """Print a screen that belongs to a question, on stderr."""
        from rich.console import Console

        Console(stderr=True, width=self.aside.width, highlight=False, markup=False, emoji=False).print(screen)

    def say_aside(self, line: str) -> None:
        """Print a line between questions, on stderr."""
        typer.echo(_wrapped(self.aside.text(line), self.aside), file=sys.stderr)  # above a bar, where one stands

    def tell(self, line: str) -> None:
        """Print text as it is, on stdout; what its encoding lacks is escaped."""
        self.tell_all([line, "\n"])

    def tell_all(self, pieces: Iterable[str]) -> None:
        """Print pieces of text, one right after the other, on stdout; what its encoding lacks is escaped."""
        if sys.stdout is None:
            return
        encoding = _encoding(sys.stdout)
        try:
            for each in pieces:
                sys.stdout.write(each.encode(encoding, "backslashreplace").decode(encoding))
            sys.stdout.flush()
        except BrokenPipeError:  # whoever read has read enough: Typer ends the run quietly
            raise
        except OSError as problem:
            let_go(sys.stdout)
            raise StdoutFailed(system_words(problem)) from None

    def say(self, line: str) -> None:
        """Print a line of what happened; data in it is made harmless."""
        self.tell(_wrapped(self.display.text(line), self.display))

    def say_of(self, record: Record, line: str) -> None:
        """Print what happened to a record; in a team, whose it is."""
        self.say(f"{record.enrolment.name}: {line}" if self.in_folder else line)

    def hint(self, line: str) -> None:
        """Print what to do next, at a terminal; commands stand four blanks apart, and work on this same store."""
        if self.here.terminal:
            self.say("    ".join(map(self.on_this_store, line.split("    "))))

    def on_this_store(self, command: str) -> str:
        """Return a command so that it works on this same store, and on this same trainee."""
        where = f" --store {shlex.quote(self.store_option)}" if self.store_option else ""
        whom = f" --trainee {shlex.quote(self.trainee)}" if self.trainee else ""
        return f"{command}{where}{whom}"

    def command_line(self, command: Command) -> str:
        """Return a command that an error offers so that it works on this same store and trainee."""
        if command.about == "neither":
            return str(command)
        about = replace(self, trainee=None) if command.about == "store" else self
        return about.on_this_store(str(command))


def fail(lines: Iterable[str], exit_code: int) -> typer.Exit:
    """Print what went wrong on stderr, and return the exit to raise."""
    terminal = _is_terminal(sys.stderr)
    width = typer.get_terminal_size().columns if terminal else _UNBOUNDED
    display = Display(encoding=_encoding(sys.stderr), width=width, terminal=terminal)
    for line in lines:
        typer.echo(_wrapped(f"Error: {display.text(line)}", display), err=True)
    return typer.Exit(exit_code)


def _refuse_what_is_not_text(name: str, value: object) -> None:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str) and not _is_text(each):
            raise BadInput(f"What was given for {name.replace('_', '-')} is not text. Type it again.")


def _wrapped(line: str, display: Display) -> str:
    """Break the line between words where a terminal would break inside them."""
    if not display.terminal or (line.isascii() and len(line) <= display.width):
        return line
    from rich.cells import cell_len

    rows: list[str] = []
    for word in line.split(" "):
        if rows and (not rows[-1].strip() or cell_len(rows[-1]) + 1 + cell_len(word) <= display.width):
            rows[-1] += f" {word}"
        else:
            rows.append(word)
    return "\n".join(row.rstrip() for row in rows)


def _is_text(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in value
