"""The whole ladder in three formats, read back: each text stands in each of them, and where it belongs."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

import msgspec
import pytest
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from rich.console import Console

from ca_ladder.catalogue.files import shipped_path
from ca_ladder.catalogue.models import Catalogue, Entry, Months, Role, Task
from ca_ladder.catalogue.validation import load_catalogue, parse_catalogue
from ca_ladder.renderers.display import Display, visible
from ca_ladder.renderers.html import ladder_html
from ca_ladder.renderers.markdown import ladder_markdown
from ca_ladder.renderers.role_page import RolePage, in_months, role_pages
from ca_ladder.renderers.screens.ladder import ladder_screen
from tests.renderers.people import ARCHIVE, HOSTILE, worded
from tests.renderers.test_html import Page, text


class Line(NamedTuple):
    """A text of the page and where it stands: below which task and heading, how deep; its id, mark and facts."""

    task: str
    block: str
    text: str
    id: str = ""
    depth: int = 0
    mark: str = ""
    facts: tuple[str, ...] = ()


SHIPPED = load_catalogue(shipped_path())
SMALL = parse_catalogue(ARCHIVE.encode(), Path("archive.yaml"))
every_role = pytest.mark.parametrize(
    ("catalogue", "role"),
    [(catalogue, role) for catalogue in (SHIPPED, SMALL) for role in catalogue.roles],
    ids=lambda subject: subject.id if isinstance(subject, Role) else f"version-{subject.version}",
)


# --- what belongs on the page, told from the catalogue alone ---------------------------------------------------


def expected_lines(role: Role, version: str) -> Iterator[Line]:
    """Yield what the page has to say, from the top down."""
    yield Line("", "", f"{role.id}, version {version}")
    if role.disclaimer:
        yield Line("", "", role.disclaimer)
    yield from (Line("", "Core responsibilities", duty) for duty in role.responsibilities)
    yield from (Line("", "Variants", variant.name, variant.id) for variant in role.variants)
    for tier in role.tiers:
        when = in_months(tier.months) if tier.months else "no set months"
        yield Line("", "Tiers", f"{tier.title}, {when}", tier.id)
    for task in role.tasks:
        yield from task_lines(role, task)
    yield from entry_lines(role, None, "Qualifications", role.qualifications)
    yield from (Line("", "Notes", note) for note in role.notes)
    texts = {condition.id: condition for condition in role.conditions}
    for number, id_ in enumerate(footnotes(role), start=1):
        text = texts[id_].text if texts[id_].text[-1] in ".!?" else f"{texts[id_].text}."
        waits = " It waits for the occasion, which nobody can bring about." if texts[id_].occasion else ""
        waived = "If it does not apply, a mentor can waive it."
        yield Line("", "Footnotes", f"{text}{waits} {waived} ({id_})", mark=str(number))
    gone = [
        f"{item.id} (replaced by {item.replaced_by})" if item.replaced_by else item.id
        for item in role.items.values()
        if item.retired
    ]
    if gone:
        yield Line("", "Gone", f"No longer asked: {', '.join(gone)}")


def footnotes(role: Role) -> list[str]:
    """Return the footnotes in the order in which items refer to them; those that none refers to come last."""

    def named(entries: Iterable[Entry]) -> Iterator[str]:
        for entry in entries:
            if entry.condition and not entry.retired:
                yield entry.condition
            yield from named(entry.children)

    ids = [
        *(id_ for task in role.tasks for entries in lists(role, task) for id_ in named(entries)),
        *named(role.qualifications),
        *(condition.id for condition in role.conditions),
    ]
    return list(dict.fromkeys(ids))


def lists(role: Role, task: Task) -> Iterator[tuple[Entry, ...]]:
    """Yield the lists of items of a task from the top of the page down."""
    yield from (task.expectations.get(tier.id, ()) for tier in role.tiers)
    yield from (task.knowledge, task.skills, task.abilities, task.activities, task.manager_activities)


def task_lines(role: Role, task: Task) -> Iterator[Line]:
    """Yield what belongs to a task, from its name to its notes."""
    yield Line(task.id, "", task.name)
    yield Line(task.id, "", task.why, "Why")
    if task.variant:
        names = {variant.id: variant.name for variant in role.variants}
        yield Line(task.id, "", names[task.variant], "Only for")
    if task.begins:
        yield Line(task.id, "", in_months(task.begins), "Learning starts")
    if task.gate:
        yield Line(task.id, "", f"{task.gate}, before any expectation here is signed off", "Needs first")
    if task.not_required:
        yield Line(task.id, "", f"in tier {', '.join(task.not_required)}", "Not asked for")
    for tier in role.tiers:
        yield from entry_lines(role, task, f"Tier {tier.id}: {tier.title}", task.expectations.get(tier.id, ()))
    yield from entry_lines(role, task, "Knowledge", task.knowledge)
    yield from entry_lines(role, task, "Skills", task.skills)
    yield from entry_lines(role, task, "Abilities", task.abilities)
    yield from entry_lines(role, task, "Training activities", task.activities)
    yield from entry_lines(role, task, "The manager's activities", task.manager_activities)
    for resource in task.resources:
        noted = f": {resource.note}" if resource.note else ""
        dated = f" ({resource.dated})" if resource.dated else ""
        yield Line(task.id, "What helps", f"{resource.name}{noted}{dated}")
    yield from (Line(task.id, "Notes", note) for note in task.notes)


def entry_lines(role: Role, task: Task | None, block: str, entries: Iterable[Entry], depth: int = 0) -> Iterator[Line]:
    """Yield the items that are asked for; the children of one that is not take its place."""
    for entry in entries:
        if not entry.retired:
            numbers = [str(footnotes(role).index(entry.condition) + 1)] if entry.condition else []
            needs = [id_ for id_ in entry.requires if task is None or id_ != task.gate]
            gated = " and ".join(task.id for task in role.tasks if task.gate == entry.id)
            facts = [
                *([f"Opens: the expectations of {gated}: none is signed off before this"] if gated else []),
                *([f"Mind: {entry.note}"] if entry.note else []),
                *([f"Led by: the {entry.led_by}"] if entry.led_by else []),
                *([f"Parts: {', '.join(entry.parts)}"] if entry.parts else []),
                *([f"Needs first: {', '.join(needs)}"] if needs else []),
            ]
            yield Line(task.id if task else "", block, entry.text, entry.id, depth, "".join(numbers), tuple(facts))
        yield from entry_lines(role, task, block, entry.children, depth if entry.retired else depth + 1)


# --- reading the formats back ----------------------------------------------------------------------------------


def printed(pages: list[RolePage], width: int = 10_000, *, terminal: bool = False) -> str:
    """Return the screen, without the blanks that fill its lines."""
    console = Console(width=width, force_terminal=terminal, color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(ladder_screen(pages, Display("utf-8", width, terminal=terminal)))
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def screen_words(role: Role, lines: Iterable[Line]) -> str:
    """Return all words of a role's screen in their order, with single blanks."""
    words, task, block = [role.name], "", ""
    for line in lines:
        if task and not line.task and "Not part of a task" not in words:
            words.append("Not part of a task")
        if line.task != task:
            words.append(line.task)
        if line.block not in {block, "Gone"}:
            words.append(line.block)
        task, block = line.task, line.block
        if block == "Footnotes":
            words += [f"[{line.mark}]", line.text]
        else:
            bullet = "-" if block not in {"", "Gone"} else ""
            words += [line.id or bullet, line.text, f"[{line.mark}]" if line.mark else "", *line.facts]
    return " ".join(" ".join(words).split())


def split_mark(words: str) -> tuple[str, str]:
    """Return words without the footnote's mark, and the mark."""
    marked = re.fullmatch(r"(.*) \[(\d+)\]", words)
    return (marked[1], marked[2]) if marked else (words, "")


def from_markdown(written: str, role: Role) -> Iterator[Line]:
    """Yield what the Markdown says of one role, as a reader of Markdown sees it."""
    task = block = ""
    ids = {task.id for task in role.tasks}
    for node in SyntaxTreeNode(MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(written)).children:
        words = "" if node.type == "bullet_list" else visible_text(node)
        if node.type == "heading" and node.tag == "h1":
            assert words == visible(role.name)
        elif node.type == "heading":
            heading = re.fullmatch(r"(.*) \((\S+)\)", words) if node.tag == "h2" else None
            if heading and heading[2] in ids:
                task, block = heading[2], ""
                yield Line(task, "", heading[1])
            else:
                task, block = (task if node.tag == "h3" else ""), words
        elif node.type == "paragraph":
            yield Line("", "Gone" if words.startswith("No longer asked: ") else "", words)
        else:
            assert node.type == "bullet_list"
            yield from from_bullets(node.children, task, block)


def from_bullets(bullets: Iterable[SyntaxTreeNode], task: str, block: str, depth: int = 0) -> Iterator[Line]:
    """Yield what a list says; a line below another that begins with no name is a fact of it."""
    for bullet in bullets:
        paragraph, *lists = bullet.children
        name = name_of(bullet)
        words, mark = split_mark(visible_text(paragraph).removeprefix(f"{name} " if name else ""))
        if block == "Footnotes":
            mark, words = words[1 : words.index("]")], words[words.index("]") + 2 :]
        below = [child for inner in lists for child in inner.children]
        facts = tuple(visible_text(child) for child in below if not name_of(child))
        assert [bool(name_of(child)) for child in below] == sorted(bool(name_of(child)) for child in below)
        yield Line(task, block, words, name, depth, mark, facts)
        children = [child for child in below if name_of(child)]
        yield from from_bullets(children, task, block, depth + 1)


def name_of(bullet: SyntaxTreeNode) -> str:
    """Return the name in strong letters that a line begins with; empty if there is none."""
    pieces = [child for child in bullet.children[0].children[0].children if child.type != "text" or child.content]
    return visible_text(pieces[0]) if pieces and pieces[0].type == "strong" else ""


def visible_text(node: SyntaxTreeNode) -> str:
    """Return the words that a reader of Markdown sees, without those of lists below."""
    if node.type == "text":
        return node.content
    assert node.type in {"root", "heading", "paragraph", "inline", "strong", "list_item"}, node.type
    return "".join(visible_text(child) for child in node.children if child.type not in {"bullet_list", "ordered_list"})


def from_html(written: str, role: Role) -> Iterator[Line]:
    """Yield what the page in HTML says of one role."""
    page = Page(written)
    task = block = ""
    assert [text(element) for element in page.root.iter("h1")] == [visible(role.name)]
    content = [element for part in ("header", "main") for element in descendants(next(page.root.iter(part)))]
    for element in content:
        names = element.get("class", "").split()
        if element.tag == "h2" and list(element):
            task, block = text(element[0]), ""
            yield Line(task, "", text(element).removesuffix(f" {task}"))
        elif element.tag in {"h2", "h3"}:
            task, block = (task if element.tag == "h3" else ""), text(element)
        elif element.tag == "dl":
            for name, fact in zip(element.findall("dt"), element.findall("dd"), strict=True):
                yield Line(task, "", text(fact), text(name))
        elif element.tag == "ul":
            assert "lines" in names
            yield from from_lines(element, task, block)
        elif element.tag == "ol":
            for number, line in enumerate(element, start=1):
                assert line.get("id") == f"r1-f{number}"
                yield Line(
                    "", block, f"{text(line).removesuffix(f' {text(line[0])}')} ({text(line[0])})", mark=str(number)
                )
        elif element.tag == "p":
            yield Line("", "Gone" if text(element).startswith("No longer asked: ") else "", text(element))


def descendants(element: Element) -> Iterator[Element]:
    """Yield the headings, paragraphs and outer lists below an element, in the order of the page."""
    for child in element:
        if child.tag in {"h2", "h3", "dl", "ul", "ol", "p"}:
            yield child
        else:
            yield from descendants(child)


def from_lines(lines: Element, task: str, block: str, depth: int = 0) -> Iterator[Line]:
    """Yield what a list of the page says."""
    for line in lines:
        id_ = "".join(text(element) for element in line.findall("span[@class='id']"))
        (words,) = [element for element in line.findall("span") if element.get("class") is None]
        links = [element.get("href", "") for element in words.iter("a")]
        mark = "".join(text(element) for element in words.findall("sup"))
        assert links == ([f"#r1-f{mark}"] if mark else [])
        facts = tuple(text(element) for element in words.findall("span[@class='remark']"))
        yield Line(task, block, " ".join((words.text or "").split()), id_, depth, mark, facts)
        for below in line.findall("ul"):
            yield from from_lines(below, task, block, depth + 1)


@every_role
def test_every_text_stands_in_every_format_where_it_belongs(catalogue: Catalogue, role: Role) -> None:
    """All that the catalogue says of a role is on the page: below its task, kind and tier, in the same order."""
    pages = role_pages(catalogue, role)
    expected = list(expected_lines(role, catalogue.version))
    assert " ".join(printed(pages).split()) == screen_words(role, expected)
    assert list(from_markdown(ladder_markdown(pages), role)) == expected
    assert list(from_html(ladder_html(pages), role)) == expected


def test_the_check_above_has_something_to_check() -> None:
    """The shipped roles have 104 and 31 expectations, a parent included, and all their other items are told too."""
    for role, wanted in zip(SHIPPED.roles, (104, 31), strict=True):
        lines = list(expected_lines(role, SHIPPED.version))
        assert sum(line.block.startswith("Tier ") for line in lines) == wanted
        assert {line.id for line in lines} >= {item.id for item in role.items.values() if not item.retired}


# --- all roles, and what only some formats have ----------------------------------------------------------------


def test_all_roles_stand_below_one_another_in_ladder_order() -> None:
    """Without a role the ladder is that of each role, one after the other."""
    one_by_one = [role_pages(SMALL, role) for role in SMALL.roles]
    assert printed(role_pages(SMALL)) == "\n\n\n".join(printed(pages) for pages in one_by_one)
    assert ladder_markdown(role_pages(SMALL)) == "\n".join(ladder_markdown(pages) for pages in one_by_one)
    page = Page(ladder_html(role_pages(SMALL)))
    assert [text(element) for element in page.root.iter("h1")] == ["The ladder"]
    assert [text(element) for element in page.by_class("role")] == ["Clerk", "Head of the office"]
    assert [text(element) for element in page.by_class("task")] == [
        "Files files",
        "Claims mail claims-mail",
        "Qualifications",
        "Notes",
        "Footnotes",
        "Lead lead",
    ]


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "redirected"])
def test_the_screen_keeps_to_its_width_and_keeps_ids_whole(width: int, terminal: bool) -> None:
    """No line is wider than the screen, and wrapping changes no word."""
    shown = printed(role_pages(SHIPPED), width, terminal=terminal)
    assert max(map(len, shown.splitlines())) <= width
    words = [word for word in shown.split() if set(word) != {"\u2500"}]
    assert sorted(words) == sorted(printed(role_pages(SHIPPED)).split())


# --- words that would like to be markup ------------------------------------------------------------------------

AT_THE_BEGINNING = [
    "# Heading",
    "## Heading",
    "- item",
    "* item",
    "+ item",
    "1. item",
    "12) item",
    "> quote",
    "    code",
    "```code",
    "~~~code",
    "`code`",
    "---",
    "===",
    "***",
    "| a | b |",
    "<script>alert(1)</script>",
    "<!-- comment",
    "[link](javascript:alert(1))",
    "![image](x.png)",
    "[note]: /x",
    "&lt;b&gt;",
    "~~gone~~",
    "**bold** and __bold__",
    "\\*",
    "1.5 hours, 6+ times, -3 degrees",
    "word  ",
    "ends with \\",
]


def as_shown(role: Role, version: str) -> list[Line]:
    """Return what the page has to say, with what is hidden escaped."""
    return [
        line._replace(block=visible(line.block), text=visible(line.text), facts=tuple(map(visible, line.facts)))
        for line in expected_lines(role, version)
    ]


@pytest.mark.parametrize("words", [*AT_THE_BEGINNING, *HOSTILE], ids=lambda words: ascii(words[:20]))
def test_no_words_are_taken_for_markup(words: str) -> None:
    """Whatever an author writes is read in Markdown and HTML as it was written, where any other words would stand."""
    catalogue, plain = worded(SMALL, words.strip()), worded(SMALL, "Plain")
    for role, other in zip(catalogue.roles, plain.roles, strict=True):
        assert {role.name, role.tasks[0].name, role.tasks[0].why, role.tiers[0].title} == {words.strip()}
        written = ladder_html(role_pages(catalogue, role))
        assert list(from_markdown(ladder_markdown(role_pages(catalogue, role)), role)) == as_shown(role, "7")
        assert list(from_html(written, role)) == as_shown(role, "7")
        assert Page(written).tags == Page(ladder_html(role_pages(plain, other))).tags


# --- the words both `show` and the ladder use ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "words"),
    [
        ({"from": 2, "until": 3}, "2-3 months in the role"),
        ({"from": 0, "until": 1}, "0-1 month in the role"),
        ({"from": 6}, "from 6 months in the role"),
        ({"from": 1}, "from 1 month in the role"),
        ({"from": 0}, "from the first day in the role"),
    ],
)
def test_months_in_words(months: dict[str, int], words: str) -> None:
    """A stretch of months reads as a person would say it."""
    assert in_months(msgspec.convert(months, Months)) == words
