"""Print a report, or write it to a file, in the format of --format or of the file's ending."""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ca_ladder.catalogue.lookup import choose
from ca_ladder.cli.context import CommandContext
from ca_ladder.cli.printing import rich_console
from ca_ladder.errors import BadInput, OutputWriteFailed, StoreWriteFailed, system_words
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


def format_of(output: Path | None, typed: str | None, endings: Mapping[str, str]) -> str:
    """Return the format: from --format, else from the file's ending, else a table for the screen.

    Raises BadInput, also when --format and the ending disagree.
    """
    if output and not output.name:
        raise BadInput("Name the file after -o.")
    if typed is not None:
        chosen = choose("format", typed, tuple(endings.values()))
        ending = next(ending for ending, name in endings.items() if name == chosen)
        if output and output.suffix.lower() != ending:
            raise BadInput(f"{output} is no name for {chosen}. End it with {ending}")
        return chosen
    ending = output.suffix.lower() if output else ".txt"
    if ending not in endings:
        raise BadInput(f"{output} does not say which format. End it with {', '.join(endings)}")
    return endings[ending]


def ready_to_write(output: Path | None, chosen: str, *, open_: bool) -> None:
    """Check before any work that the answer can be written; raises BadInput or OutputWriteFailed."""
    if output is None:
        if open_ or chosen == "xlsx":
            raise BadInput("Say which file to write: -o FILE")
        return
    try:
        target = resolved(output)  # a link may lead to a record
        is_other = target.exists() and not target.is_file()
    except (OSError, StoreWriteFailed) as problem:
        raise OutputWriteFailed(output, system_words(problem)) from None
    if is_other:
        raise BadInput(f"{output} is not a file. Name a file.")
    if holds_record(target):
        raise BadInput(f"{output} is a trainee's record. Name another file.")
    if not target.parent.is_dir():
        raise BadInput(f"There is no folder {target.parent}. Name a file in one that is there.")


def ready_to_begin(file: Path) -> None:
    """Check that a new catalogue can be written; raises BadInput."""
    if file.suffix.lower() not in {".yaml", ".yml"}:
        raise BadInput(f"{file} is not a catalogue's name: the file name must end in .yaml")
    ready_to_write(file, "new", open_=False)
    if file.exists():
        raise BadInput(f"{file} is there already, and was not changed. Name a new file.")


def deliver(context: CommandContext, what: str, answer: "Answer", output: Path | None, *, open_: bool) -> None:
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
        raise OutputWriteFailed(output, problem.why) from None
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
