"""The whole ladder at a terminal: a page for each role, to read from the top down."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ca_ladder.renderers.look import Look
from ca_ladder.renderers.role_page import Block, Line, RolePage, TaskPart

# A row of two columns: an id or a name, and the lines of what there is to say.
Row = tuple[str, Sequence[str]]


def ladder_screen(pages: Iterable[RolePage], look: Look) -> RenderableType:
    """Return the roles one below the other; redirected, a line each for an item and for what is said about it."""
    parts: list[RenderableType] = []
    for page in pages:
        parts += [*([Text(), Text()] if parts else []), *_role(page, look)]
    return Group(*parts)


def _role(page: RolePage, look: Look) -> Iterator[RenderableType]:
    yield Text(look.text(page.role.name), style="bold")
    yield Text(look.text(page.edition), style="dim" if look.terminal else "")
    if page.role.disclaimer:
        yield from (Text(), Text(look.text(page.role.disclaimer)))
    yield from _blocks([*chain(*page.opening)], look)
    for part in page.tasks:
        yield from _task(part, look)
    if page.closing or page.footnotes or page.retired:
        yield from _ruled(Text("Beside the tasks", style="bold"), look)
    yield from _blocks(page.closing, look)
    if page.footnotes:
        rows = [(f"[{each.number}]", [f"{each.text} ({each.id})"]) for each in page.footnotes]
        yield from (Text(), Text("Footnotes", style="bold"), _table(rows, look))
    if page.retired:
        yield from (Text(), Text(f"No longer asked: {', '.join(page.retired)}"))


def _task(part: TaskPart, look: Look) -> Iterator[RenderableType]:
    yield from _ruled(Text.assemble((part.task.id, "bold"), "  ", (look.text(part.task.name), "bold")), look)
    yield _table(((name, [said]) for name, said in part.facts), look)
    yield from _blocks([*chain(*part.rows)], look)


def _ruled(title: Text, look: Look) -> Iterator[RenderableType]:
    yield from (Text(), Text(), title)
    if look.terminal:
        yield Text(("\u2500" if look.rich_glyphs else "-") * look.width, style="dim")


def _blocks(blocks: Sequence[Block], look: Look) -> Iterator[RenderableType]:
    """Yield blocks; the words of all lines with an id begin in the same column."""
    rows = [list(_rows(block.lines)) for block in blocks]
    widest = max((len(name) for each in rows for name, _ in each), default=0)
    for block, own in zip(blocks, rows, strict=True):
        yield from (Text(), Text(look.text(block.title), style="bold"))
        yield _table(own, look, widest) if block.lines[0].id else _table(own, look, gap=1)


def _rows(lines: Iterable[Line], indent: str = "") -> Iterator[Row]:
    for line in lines:
        mark = f" [{line.mark}]" if line.mark else ""
        yield f"{indent}{line.id or '-'}", [f"{line.text}{mark}", *(f"{name}: {said}" for name, said in line.facts)]
        yield from _rows(line.children, f"{indent}  ")


def _table(rows: Iterable[Row], look: Look, least: int = 0, gap: int = 2) -> Table:
    table = Table(box=None, show_header=False, show_edge=False, pad_edge=False, padding=(0, gap, 0, 0))
    table.add_column(no_wrap=True, min_width=least)
    table.add_column(overflow="fold")
    for name, said in rows:
        table.add_row(Text(name), Text("\n".join(map(look.text, said))))
    return table
