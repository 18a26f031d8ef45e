"""Writes what the program itself says into docs/: its commands, a catalogue's fields, the picture of a screen.

``python docs/make_docs.py`` writes all three; with ``--check`` it writes nothing and exits 1 when they are out of date.
"""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

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

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
WIDTH = 88

HEAD = """\
# Commands

What `ca-ladder COMMAND --help` prints, for every command. `python docs/make_docs.py` writes this page.
"""

FIELDS_HEAD = """\
# The fields of a catalogue

What may stand in a catalogue's file, part by part; a field marked with * has to stand. How one is written, from the
first line on: [author.md](author.md). In VS Code and PyCharm the same words stand beside each field, once
`ca-ladder catalogue schema -o ca-ladder.schema.json` has written the schema that a catalogue names in its first lines.
`python docs/make_docs.py` writes this page.

Every value is text: `no` is the word, and `3:30` the time. Aliases, anchors that are used, tags, a field written twice,
more than 20 levels and files over 1 MB are refused.
"""

# Rich's own frame fetches a font from the network; this one takes the reader's monospaced font.
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
    """Return the page of all commands, each with its help at 80 columns."""
    names = ["", *_commands(typer.main.get_command(app))]
    with ThreadPoolExecutor() as runs:
        helps = list(runs.map(_help, names))
    parts = [HEAD]
    for name, told in zip(names, helps, strict=True):
        parts.append(f"## ca-ladder{' ' if name else ''}{name}\n\n```text\n{told}\n```\n")
    return "\n".join(parts)


def field_reference() -> str:
    """Return the page of all fields of a catalogue."""
    parts = [FIELDS_HEAD]
    for shape, (title, about) in ABOUT.items():
        rows = [
            f"| `{name}`{' *' if field.required else ''} | {FIELDS[shape][name]} |"
            for name, field in fields_of(shape).items()
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


def _help(name: str) -> str:
    program = "import sys; sys.argv[0] = 'ca-ladder'; from ca_ladder.cli.main import main; main()"
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("FORCE_", "PY_", "GITHUB_", "CA_"))}
    done = subprocess.run(
        [sys.executable, "-c", program, *name.split(), "--help"],
        env={**plain, "COLUMNS": "80", "NO_COLOR": "1", "TERMINAL_WIDTH": "80", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines()).strip("\n")


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check tell which are out of date; return the exit code."""
    pages = {
        HERE / "commands.md": command_reference(),
        HERE / "catalogue.md": field_reference(),
        HERE / "status.svg": status_picture(),
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
