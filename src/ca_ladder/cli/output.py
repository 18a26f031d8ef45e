"""Where a report goes: to the screen, or whole into a file, in the form that its ending or --format asks for."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ca_ladder.catalogue.lookup import choose
from ca_ladder.cli.session import Session
from ca_ladder.errors import BadInput
from ca_ladder.record.files import resolved, write_whole
from ca_ladder.record.store import holds_record
from ca_ladder.renderers.look import Look

if TYPE_CHECKING:
    from rich.console import RenderableType

OutputOption = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write it to this file.")]
OpenOption = Annotated[bool, typer.Option("--open", help="Open the file when it is written.")]

# How a text file looks: as wide as a printed page, with glyphs, without colour.
PAGE = Look(encoding="utf-8", width=120, terminal=False)


def format_of(output: Path | None, typed: str | None, endings: Mapping[str, str]) -> str:
    """Return the format asked for: by --format, else by the file's ending; on the screen, a table."""
    if typed is not None:
        return choose("format", typed, tuple(endings.values()))
    ending = output.suffix.lower() if output else ".txt"
    if ending not in endings:
        raise BadInput(f"{output} does not say which format. End it with {', '.join(endings)}, or add --format.")
    return endings[ending]


def deliver(
    session: Session, what: str, answer: "str | bytes | RenderableType", output: Path | None, *, open_: bool
) -> None:
    """Print the answer, or write it to the file and open that; ``what`` it is, is told."""
    if output is None:
        if open_ or isinstance(answer, bytes):
            raise BadInput("Say which file to write: -o FILE.")
        if isinstance(answer, str):
            session.tell(answer.rstrip("\n"))
        else:
            session.show(answer)
        return
    target = resolved(output)  # a link, or a way around, may lead to a record
    if target.exists() and not target.is_file():
        raise BadInput(f"{output} is not a file. Name a file after -o.")
    if holds_record(target):
        raise BadInput(f"{output} is a trainee's record. Name another file after -o.")
    if not isinstance(answer, bytes):
        answer = (answer if isinstance(answer, str) else _drawn(answer)).encode("utf-8")
    write_whole(target, answer)
    session.say(f"{what} is in {output}.")
    if open_ and typer.launch(str(target)):
        session.say("It could not be opened from here. Open it from its folder.")


def _drawn(screen: "RenderableType") -> str:
    """Return a screen as a file holds it."""
    from rich.console import Console

    text = io.StringIO()
    Console(
        file=text, width=PAGE.width, highlight=False, markup=False, emoji=False, force_terminal=False, no_color=True
    ).print(screen)
    return text.getvalue()
