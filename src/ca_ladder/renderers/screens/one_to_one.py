"""The agenda for a one-to-one at a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ca_ladder.progress.agenda import Agenda
from ca_ladder.renderers.agenda_sections import agenda_sections, latest
from ca_ladder.renderers.display import Display
from ca_ladder.renderers.screens.items import log_table
from ca_ladder.renderers.screens.status import date_line, trainee_line


def agenda_screen(agenda: Agenda, display: Display) -> RenderableType:
    """Return the agenda: what waits, what was returned, what is overdue, what comes next, what changed."""
    parts: list[RenderableType] = [trainee_line(agenda.progress, display), date_line(agenda.progress, display)]
    for section in agenda_sections(agenda):
        parts += [Text(), Text(display.text(section.title), style="bold"), *_lines(section.lines, display)]
    parts += [Text(), Text(f"What changed since {agenda.since or 'the beginning'}", style="bold")]
    last, before = latest(agenda.changes)
    parts += [log_table(last, display) if last else Text("Nothing."), *([Text(before)] if before else [])]
    return Group(*parts)


def _lines(lines: Sequence[tuple[str, str]], display: Display) -> Iterator[RenderableType]:
    table = Table(box=None, show_header=False, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in lines:
        if name:
            table.add_row(Text(display.text(name)), Text(display.text(text)))
    if table.row_count:
        yield table
    yield from (Text(display.text(text)) for name, text in lines if not name)
