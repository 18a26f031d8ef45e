"""The whole ladder as Markdown, to paste into a wiki or to keep beside the catalogue."""

from collections.abc import Iterable, Iterator
from itertools import chain

from ca_ladder.renderers.markdown import plain
from ca_ladder.renderers.role_page import Block, PageLine, RolePage

# What cannot be markup within a sentence, where brackets, stars and the like are escaped.
_HARMLESS = "()+{}!"


def ladder_markdown(pages: Iterable[RolePage]) -> str:
    """Return the roles one below the other: headings of the first rank, with tasks and blocks below them."""
    return "\n".join(line for page in pages for line in _role(page))


def _role(page: RolePage) -> Iterator[str]:
    yield from (f"# {_said(page.role.name)}", "", _said(page.edition), "")
    if page.role.disclaimer:
        yield from (_said(page.role.disclaimer), "")
    yield from _blocks(chain(*page.opening), "##")
    for part in page.tasks:
        yield from (f"## {_said(part.task.name)} ({part.task.id})", "")
        yield from (f"- **{name}** {_said(said)}" for name, said in part.facts)
        yield ""
        yield from _blocks(chain(*part.rows), "###")
    yield from _blocks(page.closing, "##")
    if page.footnotes:
        yield from ("## Footnotes", "")
        yield from (f"- \\[{each.number}\\] {_said(each.text)} ({each.id})" for each in page.footnotes)
        yield ""
    if page.retired:
        yield from (f"No longer asked: {', '.join(page.retired)}", "")


def _blocks(blocks: Iterable[Block], rank: str) -> Iterator[str]:
    for block in blocks:
        yield from (f"{rank} {_said(block.title)}", "", *_lines(block.lines), "")


def _lines(lines: Iterable[PageLine], indent: str = "") -> Iterator[str]:
    for line in lines:
        name = f"**{line.id}** " if line.id else ""
        mark = f" \\[{line.mark}\\]" if line.mark else ""
        yield f"{indent}- {name}{_said(line.text)}{mark}"
        yield from (f"{indent}  - {name}: {_said(said)}" for name, said in line.facts)
        yield from _lines(line.children, f"{indent}  ")


def _said(data: str) -> str:
    return plain(data, besides=_HARMLESS)
