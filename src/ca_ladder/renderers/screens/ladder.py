"""The whole ladder at a terminal: a page for each role, to read from the top down."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from rich.console import Group, RenderableType
from rich.text import Text

from ca_ladder.renderers.display import Display
from ca_ladder.renderers.role_page import Block, PageLine, RolePage
from ca_ladder.renderers.screens.status import pairs_table, titled


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
        yield from _ruled(f"{part.task.id}  {display.text(part.task.name)}", display)
        yield pairs_table(display, part.facts)
        yield from _blocks([*chain(*part.rows)], display)
    if page.closing or page.footnotes or page.retired:
        yield from _ruled("Not part of a task", display)
    yield from _blocks(page.closing, display)
    if page.footnotes:
        rows = [(f"[{note.mark}]", f"{note.text} ({note.id})") for note in page.footnotes]
        yield from titled("Footnotes", pairs_table(display, rows))
    if page.retired:
        yield from (Text(), Text(f"No longer asked: {', '.join(page.retired)}"))


def _ruled(title: str, display: Display) -> Iterator[RenderableType]:
    yield from (Text(), *titled(title))
    if display.terminal:
        yield Text(("\u2500" if display.unicode else "-") * display.width, style="dim")


def _blocks(blocks: Sequence[Block], display: Display) -> Iterator[RenderableType]:
    """Yield blocks; the words of all lines with an id begin in the same column."""
    rows = [list(_rows(block.lines, display)) for block in blocks]
    widest = max((len(name) for block_rows in rows for name, _ in block_rows), default=0)
    for block, block_rows in zip(blocks, rows, strict=True):
        with_ids = block.lines[0].id
        table = pairs_table(display, block_rows, least=widest if with_ids else 0, gap=2 if with_ids else 1)
        yield from titled(display.text(block.title), table)


def _rows(lines: Iterable[PageLine], display: Display, indent: str = "") -> Iterator[tuple[str, Text]]:
    """Yield an id and lines of text for each of the items, parents before their children."""
    for line in lines:
        mark = f" [{line.mark}]" if line.mark else ""
        texts = [f"{line.text}{mark}", *(f"{name}: {text}" for name, text in line.facts)]
        yield f"{indent}{line.id or '-'}", Text("\n".join(map(display.text, texts)))
        yield from _rows(line.children, display, f"{indent}  ")
