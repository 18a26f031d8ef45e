"""Generate commands.md, catalogue.md and status.svg from the program.

``python docs/make_docs.py`` writes them. With ``--check`` it writes nothing, and exits 1 if one is out of date.
"""

import io
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from typer.testing import CliRunner

from ca_ladder.catalogue.files import shipped_path
from ca_ladder.catalogue.models import Ladder
from ca_ladder.catalogue.schema import ABOUT, FIELDS
from ca_ladder.catalogue.validation import fields_of, load_catalogue
from ca_ladder.cli.app import app
from ca_ladder.cli.demo_data import example
from ca_ladder.progress.trainee import measure
from ca_ladder.record.events import Stamp
from ca_ladder.renderers.display import Display
from ca_ladder.renderers.screens.status import status_screen

DOCS = Path(__file__).parent
NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
WIDTH = 88

COMMANDS_HEAD = """\
# Commands

What `ca-ladder COMMAND --help` prints, for every command. `python docs/make_docs.py` writes this page.
"""

FIELDS_HEAD = """\
# The fields of a catalogue

All fields of a catalogue's file. A field with * is required. How to write a catalogue, from the first line on:
[author.md](author.md). VS Code and PyCharm explain the fields in the same words while you type: write the schema with
`ca-ladder catalogue schema -o ca-ladder.schema.json`; the first lines of the catalogue name it.
`python docs/make_docs.py` writes this page.

Every value is text: `no` is the word "no", and `3:30` is not a number. Refused are aliases, anchors that are used,
tags, a field that is written twice, more than 20 levels, and files over 1 MB.
"""

# Rich's own template fetches a font from the network. This one uses a monospaced font of the reader's computer.
PICTURE = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: monospace; font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def command_reference() -> str:
    """Return the page with the help of every command, 80 columns wide."""
    names = ["", *_commands(typer.main.get_command(app))]
    parts = [f"## ca-ladder{' ' if name else ''}{name}\n\n```text\n{_help_text(name)}\n```\n" for name in names]
    return "\n".join([COMMANDS_HEAD, *parts])


def field_reference() -> str:
    """Return the page with all fields of a catalogue."""
    parts = [FIELDS_HEAD]
    for model, (title, about) in ABOUT.items():
        rows = [
            f"| `{name}`{' *' if field.required else ''} | {FIELDS[model][name]} |"
            for name, field in fields_of(model).items()
        ]
        parts.append("\n".join([f"## {title[0].upper()}{title[1:]}\n\n{about}\n", "| | |", "|---|---|", *rows, ""]))
    return "\n".join(parts)


def status_picture() -> str:
    """Return the status screen of the demo's trainee on a fixed day, as SVG."""
    catalogue = load_catalogue(shipped_path())
    record = example(catalogue, Stamp(now=NOW, account="maria", computer="OFFICE-PC"))
    ladder = Ladder(catalogue.roles[0], frozenset(record.enrolment.variants), catalogue.version)
    console = Console(
        record=True,
        file=io.StringIO(),
        width=WIDTH,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        highlight=False,
        _environ={},
    )
    console.print(status_screen(measure(ladder, record, NOW.date()), Display("utf-8", WIDTH, terminal=True)))
    picture = console.export_svg(title="ca-ladder status", code_format=PICTURE, unique_id="status")
    return "".join(f"{line.rstrip()}\n" for line in picture.splitlines() if line.strip())


def _commands(group: Any, before: str = "") -> Iterator[str]:
    context = typer.Context(group)
    for name in group.list_commands(context):
        yield before + name
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            yield from _commands(command, f"{before}{name} ")


def _help_text(name: str) -> str:
    # Some variables switch colours on, or change what the program shows.
    unset = {key: None for key in os.environ if key.startswith(("FORCE_", "PY_", "GITHUB_", "CA_"))}
    runner = CliRunner(env={**unset, "NO_COLOR": "1"})
    words = [*name.split(), "--help"]
    # In a terminal of 80 columns the last two stay free.
    result = runner.invoke(app, words, prog_name="ca-ladder", terminal_width=78, catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return "\n".join(line.rstrip() for line in result.stdout.strip("\n").splitlines()).strip("\n")


def main(arguments: list[str]) -> int:
    """Write the pages that are out of date, or with --check only list them. Return the exit code."""
    pages = {
        DOCS / "commands.md": command_reference(),
        DOCS / "catalogue.md": field_reference(),
        DOCS / "status.svg": status_picture(),
    }
    stale = [page for page, text in pages.items() if not page.exists() or page.read_text(encoding="utf-8") != text]
    for page in stale:
        if "--check" in arguments:
            print(f"{page} is out of date; write it with: python docs/make_docs.py")
        else:
            page.write_text(pages[page], encoding="utf-8", newline="\n")
            print(f"Wrote {page}")
    return int(bool(stale) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
