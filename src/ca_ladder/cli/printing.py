"""Print answers on stdout, and warnings, questions and errors on stderr."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

import typer
from msgspec import Struct

from ca_ladder.cli.environment import RunEnvironment, encoding_of, is_terminal, let_go
from ca_ladder.errors import Command, WriteFailed, system_words
from ca_ladder.renderers.display import Display

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

# Redirected output has no width of its own: one row stays one line, unless COLUMNS asks for a width.
_UNBOUNDED = 10_000


class Printer(Struct, frozen=True, eq=False, dict=True):
    """The two streams of a run.

    ``color`` is auto, always or never. ``interactive`` says whether questions may be asked.
    """

    environment: RunEnvironment
    color: str
    interactive: bool

    @cached_property
    def stdout(self) -> Display:
        """What stdout can show."""
        return Display(encoding=encoding_of(sys.stdout), width=self._width(), terminal=self.environment.terminal)

    @cached_property
    def stderr(self) -> Display:
        """What stderr can show."""
        return Display(encoding=encoding_of(sys.stderr), width=self._width(), terminal=self.interactive)

    def print_line(self, *lines: str) -> None:
        """Print lines on stdout. Control characters in them are escaped."""
        for line in lines:
            self.print_raw(_wrapped(self.stdout.text(line), self.stdout))

    def print_raw(self, text: str) -> None:
        """Print text and a line break on stdout, unchanged where its encoding allows."""
        self.print_pieces([text, "\n"])

    def print_pieces(self, pieces: Iterable[str]) -> None:
        """Print pieces of text one after the other on stdout, unchanged where its encoding allows."""
        if sys.stdout is None:
            return
        encoding = encoding_of(sys.stdout)
        try:
            for piece in pieces:
                sys.stdout.write(piece.encode(encoding, "backslashreplace").decode(encoding))
            sys.stdout.flush()
        except BrokenPipeError:  # the reader wants no more; what the command does is done all the same
            let_go(sys.stdout)
        except OSError as problem:
            let_go(sys.stdout)
            sentence = f"The output could not be printed: {system_words(problem)}. What was saved stays saved"
            raise WriteFailed(sentence, Command("log")) from None

    def print_screen(self, screen: "RenderableType") -> None:
        """Print a screen on stdout. When it is redirected, the blanks that fill a table's last column are left out."""
        force_terminal = True if self.color == "always" else None
        no_color = {"always": False, "never": True}.get(self.color)
        console = rich_console(sys.stdout, self.stdout.width, force_terminal=force_terminal, no_color=no_color)
        if self.environment.terminal:
            console.print(screen)
            return
        with console.capture() as captured:
            console.print(screen)
        self.print_raw("\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n")))

    def warn(self, *lines: str) -> None:
        """Print lines on stderr. Control characters in them are escaped."""
        for line in lines:
            _print_to_stderr(_wrapped(self.stderr.text(line), self.stderr))

    def print_screen_to_stderr(self, screen: "RenderableType") -> None:
        """Print a screen on stderr, to go with a question."""
        rich_console(sys.stderr, self.stderr.width).print(screen)

    def _width(self) -> int:
        columns = os.environ.get("COLUMNS", "")
        if self.environment.width:
            return self.environment.width
        if self.environment.terminal:
            return max(typer.get_terminal_size().columns, 20)
        return max(int(columns), 20) if columns else _UNBOUNDED


def rich_console(file: TextIO | None, width: int, **options: Any) -> "Console":
    """Return a console of Rich that prints data as it is: never as markup, emoji or anything to highlight."""
    from rich.console import Console

    return Console(file=file, width=width, highlight=False, markup=False, emoji=False, **options)


def fail(lines: Iterable[str], exit_code: int) -> typer.Exit:
    """Print errors on stderr, and return the exit to raise."""
    terminal = is_terminal(sys.stderr)
    width = typer.get_terminal_size().columns if terminal else _UNBOUNDED
    display = Display(encoding=encoding_of(sys.stderr), width=width, terminal=terminal)
    for line in lines:
        _print_to_stderr(_wrapped(f"Error: {display.text(line)}", display))
    return typer.Exit(exit_code)


@contextmanager
def quiet_without_reader() -> Iterator[None]:
    """End the run with exit code 0 when whoever reads the output, such as that of --help, has closed the pipe."""
    try:
        yield
    except BrokenPipeError:
        let_go(sys.stdout)
        sys.exit(0)


def _print_to_stderr(line: str) -> None:
    try:
        typer.echo(line, file=sys.stderr)  # looked up now: a progress bar puts its own stream there
    except BrokenPipeError:
        let_go(sys.stderr)


def _wrapped(line: str, display: Display) -> str:
    """Break a line between words where a terminal would break it within one."""
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
