"""What every command needs, put together once: the options all share, the two consoles, today, the store."""

import inspect
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ca_ladder.catalogue.lookup import choose, find_role
from ca_ladder.catalogue.models import Catalogue, Ladder, Task, Tier
from ca_ladder.catalogue.shelf import read_catalogue
from ca_ladder.cli.places import cache_folder, catalogue_path, store_path
from ca_ladder.errors import BadInput
from ca_ladder.record import store
from ca_ladder.record.events import Event, Stamp
from ca_ladder.record.folding import Record
from ca_ladder.renderers.look import Look

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from ca_ladder.progress import TraineeProgress

# Redirected output has no width of its own: one row stays one line, unless COLUMNS asks for a width.
_UNBOUNDED = 10_000


class Here(NamedTuple):
    """The surroundings of a run: when (aware, local), by which account, and what kind of terminal it talks to.

    ``origin`` is the account and computer, asked of the system when None; ``width`` is given for an output that
    cannot tell its own.
    """

    now: datetime
    terminal: bool
    interactive: bool
    origin: tuple[str, str] | None = None
    width: int | None = None


def _here() -> Here:
    return Here(
        now=datetime.now().astimezone(),
        terminal=sys.stdout.isatty(),
        interactive=sys.stdin.isatty() and sys.stderr.isatty(),
    )


def _origin() -> tuple[str, str]:
    """Return the account and the computer's name, as the operating system says."""
    import getpass
    import platform

    try:
        account = getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name, as in some containers
        account = "unknown"
    return account, platform.node() or "unknown"


StoreOption = Annotated[str | None, typer.Option("--store", metavar="PATH", help="The record's file.")]
CatalogueOption = Annotated[
    str | None, typer.Option("--catalogue", metavar="FILE", help="Another catalogue than the one that ships.")
]
ColorOption = Annotated[
    str, typer.Option("--color", metavar="WHEN", show_default=False, help="Colour: auto, always or never.")
]
NoInputOption = Annotated[bool, typer.Option("--no-input", help="Never ask anything.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show the trace of a bug.")]


def open_session(
    ctx: typer.Context,
    store: StoreOption = None,
    catalogue: CatalogueOption = None,
    color: ColorOption = "auto",
    no_input: NoInputOption = False,
    debug: DebugOption = False,
) -> "Session":
    """Return the session that these options, the ones all commands share, ask for."""
    del debug  # read by main(), where bugs end
    here = ctx.obj if isinstance(ctx.obj, Here) else _here()
    return Session(
        here=here,
        store=store_path(store),
        catalogue_path=catalogue_path(catalogue),
        color=choose("colour", color, ["auto", "always", "never"]),
        may_ask=here.interactive and not no_input,
    )


_SHARED = tuple(inspect.signature(open_session).parameters.values())


def command(
    register: Callable[[Callable[..., None]], Any],
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command whose first parameter is the session: it gets the shared options in its place."""

    def registered(function: Callable[..., None]) -> Callable[..., None]:
        _, *own = inspect.signature(function).parameters.values()

        def run(**options: Any) -> None:
            for name, value in options.items():
                _refuse_what_is_not_text(name, value)
            session = open_session(**{each.name: options.pop(each.name) for each in _SHARED})
            function(session, **options)

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
class Session:
    """One run of one command."""

    here: Here
    store: Path
    catalogue_path: Path
    color: str
    may_ask: bool

    @property
    def today(self) -> date:
        """The date where the person is."""
        return self.here.now.date()

    @cached_property
    def stamp(self) -> Stamp:
        """What a command that writes signs its events with."""
        return Stamp(self.here.now, *(self.here.origin or _origin()))

    @property
    def user(self) -> str | None:
        """Who sits at this computer, as CA_LADDER_USER says."""
        return os.environ.get("CA_LADDER_USER", "").strip() or None

    @cached_property
    def out(self) -> "Console":
        """The answer's console."""
        from rich.console import Console

        return Console(
            file=sys.stdout,
            width=self.look.width,
            highlight=False,
            markup=False,
            emoji=False,
            force_terminal=True if self.color == "always" else None,
            no_color={"always": False, "never": True}.get(self.color),
        )

    @cached_property
    def look(self) -> Look:
        """What stdout can show."""
        return Look(encoding=sys.stdout.encoding or "ascii", width=self._width(), terminal=self.here.terminal)

    @cached_property
    def aside(self) -> Look:
        """What stderr can show."""
        return Look(encoding=sys.stderr.encoding or "ascii", width=self._width(), terminal=self.may_ask)

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

    def record(self) -> Record:
        """Return the record in the store."""
        return store.load(self.store)

    def ladder(self, record: Record) -> Ladder:
        """Return what is expected of the record's trainee."""
        role = find_role(self.catalogue, record.enrolment.role)
        return Ladder(role, frozenset(record.enrolment.variants), self.catalogue.version)

    def progress(
        self, record: Record, as_of: date | None = None, tier: Tier | None = None, task: Task | None = None
    ) -> "TraineeProgress":
        """Return the trainee's progress today, or on another day as it was known then."""
        from ca_ladder.progress import measure

        day = as_of or self.today
        known = record.as_of(day, self.here.now.tzinfo) if day < self.today else record
        return measure(self.ladder(known), known, day, tier, task)

    def change(self, change: Callable[[Record, Ladder], Record]) -> tuple[Record, tuple[Event, ...]]:
        """Change the stored record under its lock; return it, with the events that were added."""
        record = store.update(self.store, lambda before: change(before, self.ladder(before)))
        at = self.stamp.now.astimezone(UTC)
        return record, tuple(event for event in record.events if event.at == at and event.origin == self.stamp.origin)

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
        typer.echo(_wrapped(self.aside.text(line), self.aside), err=True)

    def tell(self, line: str) -> None:
        """Print text as it is, on stdout; what its encoding lacks is escaped."""
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")

    def say(self, line: str) -> None:
        """Print a line of what happened; data in it is made harmless."""
        self.tell(_wrapped(self.look.text(line), self.look))

    def hint(self, line: str) -> None:
        """Print what to do next, at a terminal."""
        if self.here.terminal:
            self.say(line)


def fail(lines: Iterable[str], exit_code: int) -> typer.Exit:
    """Print what went wrong on stderr, and return the exit to raise."""
    look = Look(encoding=sys.stderr.encoding or "ascii", width=_UNBOUNDED, terminal=False)
    for line in lines:
        typer.echo(f"Error: {look.text(line)}", err=True)
    return typer.Exit(exit_code)


def _refuse_what_is_not_text(name: str, value: object) -> None:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str) and not _is_text(each):
            raise BadInput(f"What was given for {name.replace('_', '-')} is not text. Type it again.")


def _wrapped(line: str, look: Look) -> str:
    """Break the line between words where a terminal would break inside them."""
    if not look.terminal or len(line) <= look.width:
        return line
    from textwrap import fill

    return fill(line, look.width, break_long_words=False, break_on_hyphens=False)


def _is_text(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in value
