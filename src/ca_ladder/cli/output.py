"""Print a report, or write it to a file, in the format of --format or of the file's ending."""

import io
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ca_ladder.catalogue.lookup import choose
from ca_ladder.cli.context import CommandContext
from ca_ladder.cli.printing import rich_console
from ca_ladder.errors import BadInput, StoreWriteFailed, system_words
from ca_ladder.record.atomic_file import resolved, write_atomically
from ca_ladder.record.store import holds_record
from ca_ladder.renderers.display import Display

if TYPE_CHECKING:
    from rich.console import RenderableType

    Answer = Iterator[str] | str | bytes | RenderableType

OutputOption = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to this file.")]
OpenOption = Annotated[bool, typer.Option("--open", help="Open the file afterwards.")]

# A text file is as wide as a printed page, with glyphs and without colour.
PAGE = Display(encoding="utf-8", width=120, terminal=False)
_OTHER_FILE = "Name another file after -o."


class Format(NamedTuple):
    """A format: the ending of its files, and the module of ``renderers`` with the function that renders the answer.

    ``pieces`` names the function for one trainee, if a report is written trainee by trainee, for teams of thousands.
    ``unfinished``: a report shows only numbers of finished items. ``mark``: what a file begins with.
    """

    ending: str
    module: str = ""
    function: str = ""
    pieces: str = ""
    unfinished: bool = False
    mark: str = ""

    def load(self, function: str) -> Any:
        """Return a function of the module, which is loaded only now: most runs need no other format."""
        return getattr(import_module(f"ca_ladder.renderers.{self.module}"), function)

    def render(self, *content: object, to_file: bool, context: CommandContext) -> Any:
        """Return the answer; only a screen depends on where it is shown."""
        display = [PAGE if to_file else context.stdout] if self.ending == ".txt" else []
        return self.load(self.function)(*content, *display)


def format_option(formats: Iterable[str]) -> Any:
    """Return the option --format with these names."""
    return typer.Option("--format", metavar="FORMAT", help=f"One of {', '.join(formats)}.", show_default=False)


def chosen_format(
    formats: Mapping[str, Format], typed: str | None, output: Path | None, *, open_: bool = False
) -> Format:
    """Return the format of --format, else of the file's ending, else the table for the screen.

    Raises BadInput or StoreWriteFailed if the answer cannot be written, or if --format and the ending disagree.
    """
    if output and not output.name:
        raise BadInput("Name the file after -o.")
    by_ending = {known.ending: known for known in formats.values()}
    ending = output.suffix.lower() if output else ".txt"
    if typed is not None:
        name = choose("format", typed, tuple(formats))
        chosen = formats[name]
        if output and ending != chosen.ending:
            raise BadInput(f"{output} does not fit the format {name}: the name must end in {chosen.ending}")
    elif ending in by_ending:
        chosen = by_ending[ending]
    else:
        raise BadInput(f"{output} does not say which format. End it with {', '.join(by_ending)}")
    ready_to_write(output, needs_file=open_ or chosen.ending == ".xlsx")
    return chosen


def ready_to_write(output: Path | None, *, needs_file: bool = False) -> None:
    """Check before any work that the answer can be written; raises BadInput or StoreWriteFailed."""
    if output is None:
        if needs_file:
            raise BadInput("Say which file to write: -o FILE")
        return
    try:
        target = resolved(output)  # a link may lead to a record
        is_other = target.exists() and not target.is_file()
    except (OSError, StoreWriteFailed) as problem:
        raise StoreWriteFailed(output, system_words(problem), _OTHER_FILE) from None
    if is_other:
        raise BadInput(f"{output} is not a file. Name a file.")
    if holds_record(target):
        raise BadInput(f"{output} is a trainee's record. Name another file.")
    if not target.parent.is_dir():
        raise BadInput(f"There is no folder {target.parent}. Name a file in a folder that exists.")


def ready_to_begin(file: Path) -> None:
    """Check that a new catalogue can be written; raises BadInput."""
    if file.suffix.lower() not in {".yaml", ".yml"}:
        raise BadInput(f"{file} is not a catalogue's name: the file name must end in .yaml")
    ready_to_write(file)
    if file.exists():
        raise BadInput(f"{file} is there already, and was not changed. Name a new file.")


def deliver(context: CommandContext, what: str, answer: "Answer", output: Path | None, *, open_: bool = False) -> None:
    """Print the answer, or write it to the file and open it. ``what`` names it in the line that is printed then.

    Text may come in pieces; the last piece ends with a line break.
    """
    if output is None:
        if isinstance(answer, Iterator):
            context.print_pieces(answer)
        elif isinstance(answer, str):
            context.print_raw(answer.rstrip("\n"))
        elif not isinstance(answer, bytes):
            context.print_screen(answer)
        return
    try:
        write_atomically(resolved(output), _data(answer))
    except StoreWriteFailed as problem:
        raise StoreWriteFailed(output, problem.why, _OTHER_FILE) from None
    context.print_line(f"{what} is in {output}.")
    if open_ and typer.launch(str(resolved(output))):
        context.print_line("It could not be opened from here. Open it from its folder.")


def _data(answer: "Answer") -> bytes | Iterator[bytes]:
    """Return the bytes of an answer for a file."""
    if isinstance(answer, bytes):
        return answer
    if isinstance(answer, Iterator):
        return (piece.encode("utf-8") for piece in answer)
    if isinstance(answer, str):
        return answer.encode("utf-8")
    text = io.StringIO()
    rich_console(text, PAGE.width, force_terminal=False, no_color=True).print(answer)
    return text.getvalue().encode("utf-8")
