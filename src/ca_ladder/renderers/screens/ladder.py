"""The whole ladder at a terminal: a page for each role, to read from the top down."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ca_ladder.renderers.display import Display
from ca_ladder.renderers.role_page import Block, PageLine, RolePage, TaskPart

# A row of two columns: an id or name, and lines of text.
Row = tuple[str, Sequence[str]]


def ladder_screen(pages: Iterable[RolePage], display: Display) -> RenderableType:
    """Return the roles one below the other. If redirected, each item and each fact is one line."""
    parts: list[RenderableType] = []
    for page in pages:
        parts += [*([Text(), Text()] if parts else []), *_role(page, display)]
    return Group(*parts)


def _role(page: RolePage, display: Display) -> Iterator[RenderableType]:
    yield Text(display.text(page.role.name), style="bold")
    yield Text(display.text(page.edition), style="dim" if display.terminal else "")
    if page.role.disclaimer:
        yield from (Text(), Text(display.text(page.role.disclaimer)))
    yield from _blocks([*chain(*page.opening)], display)
    for part in page.tasks:
        yield from _task(part, display)
    if page.closing or page.footnotes or page.retired:
        yield from _ruled(Text("Beside the tasks", style="bold"), display)
    yield from _blocks(page.closing, display)
    if page.footnotes:
        rows = [(f"[{note.number}]", [f"{note.text} ({note.id})"]) for note in page.footnotes]
        yield from (Text(), Text("Footnotes", style="bold"), _table(rows, display))
    if page.retired:
        yield from (Text(), Text(f"No longer asked: {', '.join(page.retired)}"))


def _task(part: TaskPart, display: Display) -> Iterator[RenderableType]:
    yield from _ruled(Text.assemble((part.task.id, "bold"), "  ", (display.text(part.task.name), "bold")), display)
    yield _table(((name, [text]) for name, text in part.facts), display)
    yield from _blocks([*chain(*part.rows)], display)


def _ruled(title: Text, display: Display) -> Iterator[RenderableType]:
    yield from (Text(), Text(), title)
    if display.terminal:
        yield Text(("\u2500" if display.unicode else "-") * display.width, style="dim")


def _blocks(blocks: Sequence[Block], display: Display) -> Iterator[RenderableType]:
    """Yield blocks; the words of all lines with an id begin in the same column."""
    rows = [list(_rows(block.lines)) for block in blocks]
    widest = max((len(name) for block_rows in rows for name, _ in block_rows), default=0)
    for block, block_rows in zip(blocks, rows, strict=True):
        yield from (Text(), Text(display.text(block.title), style="bold"))
        yield _table(block_rows, display, widest) if block.lines[0].id else _table(block_rows, display, gap=1)


def _rows(lines: Iterable[PageLine], indent: str = "") -> Iterator[Row]:
    for line in lines:
        mark = f" [{line.mark}]" if line.mark else ""
        yield f"{indent}{line.id or '-'}", [f"{line.text}{mark}", *(f"{name}: {text}" for name, text in line.facts)]
        yield from _rows(line.children, f"{indent}  ")


def _table(rows: Iterable[Row], display: Display, least: int = 0, gap: int = 2) -> Table:
    table = Table(box=None, show_header=False, show_edge=False, pad_edge=False, padding=(0, gap, 0, 0))
    table.add_column(no_wrap=True, min_width=least)
    table.add_column(overflow="fold")
    for name, lines in rows:
        table.add_row(Text(name), Text("\n".join(map(display.text, lines))))
    return table
