"""The agenda for a one-to-one at a terminal."""

from rich.console import Group, RenderableType
from rich.text import Text

from ca_ladder.progress.agenda import Agenda
from ca_ladder.renderers.agenda_sections import agenda_sections, latest
from ca_ladder.renderers.display import Display
from ca_ladder.renderers.screens.items import log_table
from ca_ladder.renderers.screens.status import first_lines, pairs_table, titled


def agenda_screen(agenda: Agenda, display: Display) -> RenderableType:
    """Return the agenda: what waits, what was returned, what is overdue, what comes next, what changed."""
    parts = first_lines(agenda.progress, display)
    for title, lines in agenda_sections(agenda):
        named = pairs_table(display, [line for line in lines if line[0]])
        sentences = [Text(display.text(text)) for name, text in lines if not name]
        parts += titled(display.text(title), *([named] if named.row_count else []), *sentences)
    last, before = latest(agenda.changes)
    changes = log_table(last, display) if last else Text("Nothing.")
    parts += titled(f"What changed since {agenda.since or 'the beginning'}", changes)
    return Group(*parts, *([Text(before)] if before else []))
