"""What the manager asks: report."""

import io
from pathlib import Path
from typing import Annotated

import typer

from ca_ladder.catalogue.lookup import choose
from ca_ladder.cli.options import AsOfOption, TierOption
from ca_ladder.cli.session import Session, command
from ca_ladder.errors import BadInput
from ca_ladder.progress.trainee import TraineeProgress
from ca_ladder.record.files import resolved, write_whole
from ca_ladder.record.store import holds_record
from ca_ladder.renderers import as_json, as_text, tables
from ca_ladder.renderers.look import Look

app = typer.Typer()

FORMATS = ("table", "markdown", "csv", "json")
_ENDINGS = {".txt": "table", ".md": "markdown", ".csv": "csv", ".json": "json"}

FormatOption = Annotated[
    str | None,
    typer.Option("--format", metavar="FORMAT", help=f"One of {', '.join(FORMATS)}.", show_default=False),
]
OutputOption = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write it to this file.")]


@command(app.command())
def report(
    session: Session,
    tier: TierOption = None,
    format_: FormatOption = None,
    output: OutputOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Who is on track and what is late, task by task."""
    chosen = choose("format", format_, FORMATS) if format_ is not None else _format_of(output)
    progress = session.progress(session.record(), tier, as_of=as_of)
    if output:
        # Excel takes a CSV file for UTF-8 only if it begins with the mark.
        _write(session, output, _text(progress, chosen).encode("utf-8-sig" if chosen == "csv" else "utf-8"))
    elif chosen == "table":
        session.show(tables.report_screen([progress], session.look))
    else:
        session.tell(_text(progress, chosen).rstrip("\n"))


def _format_of(output: Path | None) -> str:
    """Return the format that the file's ending asks for; on the screen, a table."""
    ending = output.suffix.lower() if output else ".txt"
    if ending not in _ENDINGS:
        raise BadInput(f"{output} does not say which format. End it with {', '.join(_ENDINGS)}, or add --format.")
    return _ENDINGS[ending]


def _text(progress: TraineeProgress, chosen: str) -> str:
    """Return the report as a file holds it."""
    if chosen == "json":
        return as_json.report_json(progress.as_of, [progress]) + "\n"
    if chosen == "csv":
        return as_text.report_csv(progress.as_of, [progress])
    if chosen == "markdown":
        return as_text.report_markdown(progress.as_of, [progress])
    from rich.console import Console

    text = io.StringIO()
    look = Look(encoding="utf-8", width=120, terminal=False)
    Console(
        file=text, width=look.width, highlight=False, markup=False, emoji=False, force_terminal=False, no_color=True
    ).print(tables.report_screen([progress], look))
    return text.getvalue()


def _write(session: Session, output: Path, data: bytes) -> None:
    target = resolved(output)  # a link, or a way around, may lead to a record
    if target.exists() and not target.is_file():
        raise BadInput(f"{output} is not a file. Name a file after -o.")
    if holds_record(target):
        raise BadInput(f"{output} is a trainee's record. Name another file after -o.")
    write_whole(target, data)
    session.say(f"The report is in {output}.")
