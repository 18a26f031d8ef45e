"""A role page, read line by line: each line goes to its task, kind and tier, or among the doubts.

Source of the layout: the first role document. Nothing on the page is passed over.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from ca_ladder.catalogue.files import MOST_BYTES
from ca_ladder.catalogue.importing.tokenizer import (
    SourceLine,
    TierHeading,
    is_heading,
    lines_in,
    months_in,
    number_in,
    sections_in,
    slug,
    spelling,
    tier_in,
)
from ca_ladder.errors import BadInput, PageUnreadable, system_words

MOST_MONTHS = 600
MOST_LINES = 10_000

_ACTIVITIES = {"activities", "manager_activities"}
_FOUNDATIONS = {"knowledge", "skills", "abilities"}
_OF_THE_ROLE = {"responsibilities", "qualifications", "notes", "expectations"}
_BESIDE_A_NAME = re.compile(
    r"\s*[-–—:]?\s*(?:role )?expectations(?: (?:for|of|in) (?:the|this) (?:role|job|position))?$|\s+role$",
    re.IGNORECASE,
)
_TO_SOMEBODY = re.compile(
    r"\b(?:ask|have|let|can|watch|observe|help|show|invite) (?:(?:the|your|an?) )?"
    r"(?:employee|trainee|learner|apprentice|student|colleague|new (?:hire|starter|colleague|joiner))\b",
    re.IGNORECASE,
)
_NOT_REQUIRED = re.compile(
    r"not (?:yet )?(?:necessary|required|needed|expected|applicable)\b.*|n/?a\.?|none\.?", re.IGNORECASE
)
_BEGINS = re.compile(r"(?:begin|start)s?\b.*\b(?:month|mo|year|yr)s?\b\.? (?:in|into|after)\b.*", re.IGNORECASE)
_SPECIFIC = re.compile(
    r"\s*\((?:(?:specific to|only (?:for|in)|applies (?:only )?to) (?P<of>[^()]+)|(?P<alone>[^()]+) only)\)",
    re.IGNORECASE,
)
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATED = re.compile(
    rf"\s*\((?P<note>[^()]*\b(?:(?P<month>{'|'.join(_MONTH_NAMES)})[a-z]*\.? (?P<year>\d{{4}})\b"
    r"|(?P<yyyy>\d{4})-(?P<mm>0[1-9]|1[0-2])\b)[^()]*)\)",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"(?:ask|attend|begin|check|complete|do|ensure|find|follow|get|go|know|learn|look|make|open|practi[cs]e|read|"
    r"remember|review|see|spend|start|take|talk|train|training|try|understand|use|visit|watch)\b",
    re.IGNORECASE,
)


class Doubt(NamedTuple):
    """A line (from 1) that the program was not sure about, and what it made of it."""

    line: int
    text: str
    made: str


@dataclass
class ItemOnPage:
    """An entry of a list, with the line that it comes from; the fields are those of the models."""

    line: SourceLine
    text: str
    note: str | None = None
    condition: str | None = None
    led_by: str | None = None
    parts: list[str] = field(default_factory=list)
    children: list["ItemOnPage"] = field(default_factory=list)
    dated: str | None = None
    stars: int = 0


@dataclass
class TaskOnPage:
    """A task, with its lists by the name of their field."""

    line: SourceLine
    name: str
    variant: str | None = None
    why: list[str] = field(default_factory=list)
    begins: tuple[int, int | None] | None = None
    not_required: list[str] = field(default_factory=list)
    expectations: dict[str, list[ItemOnPage]] = field(default_factory=dict)
    lists: defaultdict[str, list[ItemOnPage]] = field(default_factory=lambda: defaultdict(list))
    notes: list[str] = field(default_factory=list)

    def has(self, heading: SourceLine) -> bool:
        """Whether a list stands under this heading already: another task begins before it stands there again."""
        return heading.name in self.expectations or (heading.name in self.lists and heading.name not in _ACTIVITIES)


@dataclass
class RoleOnPage:
    """All that a page says of a role, and the doubts in the order of the page."""

    tiers: dict[str, TierHeading]
    name: str = "Role"
    disclaimer: list[str] = field(default_factory=list)
    responsibilities: list[str] = field(default_factory=list)
    variants: dict[str, str] = field(default_factory=dict)
    conditions: dict[str, str] = field(default_factory=dict)
    qualifications: list[ItemOnPage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tasks: list[TaskOnPage] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


def text_of(path: Path) -> str:
    """Return the text of a page's file; raises PageUnreadable."""
    if path.suffix.lower() not in {".md", ".markdown", ".txt"}:
        raise PageUnreadable(path, "its name does not end with .md, .markdown or .txt")
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise PageUnreadable(path, "it is not a file")
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as problem:
        raise PageUnreadable(path, system_words(problem)) from None
    if len(data) > MOST_BYTES:
        raise PageUnreadable(path, "it is larger than 1 MB, and a page is far smaller")
    if len(data.splitlines()) > MOST_LINES:
        raise PageUnreadable(path, f"it has more than {MOST_LINES:,} lines, and a page has far fewer")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise PageUnreadable(path, f"line {line} is not UTF-8 text; save it as UTF-8") from None


def read_page(text: str) -> RoleOnPage:
    """Return what the page says of a role; raises BadInput if it has no tier."""
    lines, tiers = lines_in(text)
    if not tiers:
        raise BadInput(
            "No tier was found on the page. Over the lines of each tier put a heading that says when it is, such as "
            "Starter (0-6 months), Year 1: Beginner or Level 1 - Junior, the same ones in every task."
        )
    return _Reader(lines, tiers).read()


class _Reader:
    """Goes down the page once. What a line fills follows from ``open_section``, the section that is open."""

    def __init__(self, lines: list[SourceLine], tiers: dict[str, TierHeading]) -> None:
        self.lines = lines
        self.role = RoleOnPage(tiers)
        self.tier_level = max(line.level for line in lines if line.what == "tier")
        self.open_section, self.tier = "disclaimer", ""
        self.waiting: dict[int, list[ItemOnPage]] = {}  # by their stars, which have not led to a footnote yet
        self.apart = False  # the section stands above the tasks, and not in the last of them
        self.untold = False  # an activity's heading stands above, and its words have not come yet
        self.activity: ItemOnPage | None = None  # the one whose parts are the bullets below it

    @property
    def task(self) -> TaskOnPage | None:
        """The task that the lines belong to."""
        return self.role.tasks[-1] if self.role.tasks else None

    def read(self) -> RoleOnPage:
        """Read all lines."""
        at = self._title()
        while at < len(self.lines):
            line, end = self.lines[at], at + 1
            while line.what in {"plain", "bullet"} and end < len(self.lines) and self.lines[end].what == line.what:
                end += 1
            if line.what == "plain":
                self._run(self.lines[at:end], self.lines[end : end + 2])
            elif line.what == "bullet":
                self._bullets(self.lines[at:end])
            elif line.what == "footnote":
                self._footnote(line)
            elif line.what == "tier":
                self._open_tier(line)
            else:
                self._open_section(line)
            at = end
        self._close_task()
        return self.role

    def _doubt(self, line: SourceLine, made: str) -> None:
        self.role.doubts.append(Doubt(line.number, line.text, made))

    def _title(self) -> int:
        """Take the first line as the role's name; return where the rest begins."""
        first = self.lines[0]
        if first.what != "plain":
            self._doubt(first, 'there is no title above it; the role is called "Role"')
            return 0
        bare = re.sub(r"^(?:role|position|job title|title)\s*:\s*", "", first.text, flags=re.IGNORECASE)
        self.role.name = _BESIDE_A_NAME.sub("", bare) or bare
        if not is_heading(first):
            self._doubt(first, "taken for the role's name, since it is the first line")
        return 1

    def _run(self, run: list[SourceLine], following: list[SourceLine]) -> None:
        """Take words without a bullet: a task's heading and why, those of an activity, or others."""
        if self.untold:
            if len(run) > 1 and is_heading(run[0]) and not is_heading(run[1]):
                self._doubt(run[0], "taken for the words of the activity above it")
            self.untold, self.activity = False, self._add(run[0])
            run = run[1:]
        head = self._heading_in(run, following)
        for line in run[:head]:
            if head is not None and is_heading(line) and bool(line.level) == bool(run[head].level):
                self._doubt(line, "a title over several tasks; left out")
            else:
                self._words(line, at_end=not following)
        if head is not None:
            self._open_task(run[head], run[head + 1 :])

    def _heading_in(self, run: list[SourceLine], following: list[SourceLine]) -> int | None:
        """Return which line of the run is the heading of a new task, by what stands under it and below the run."""
        if following and following[0].name == "expectations":
            following = [each for each in following[1:] if each.what in {"tier", "section"}]
        if not run or not following or following[0].what == "footnote" or following[0].name in _OF_THE_ROLE:
            return None
        below, task = following[0], self.task
        headings = [n for n, each in enumerate(run) if is_heading(each)]
        head = next((n for n in reversed(headings) if run[n].level), headings[-1] if headings else None)
        level = run[head].level if head is not None else 0
        if task and task.line.level and level > task.line.level:
            return None
        if task and task.has(below):
            return head or 0
        if head is None or (not level and head == len(run) - 1):  # nothing under a short line says that it is a task
            return head if below.name == "why" or (below.what == "tier" and not task) else None
        return None if below.what == "bullet" and (not task or level < task.line.level) else head

    def _words(self, line: SourceLine, *, at_end: bool) -> None:
        """Take a line that has no bullet and is no heading of a task."""
        if line.level:
            self._open("" if self.task or self.open_section != "disclaimer" else "disclaimer")
            self._doubt(line, "a heading of no known kind; left out")
        elif self.open_section in {"disclaimer", "why", "notes", ""}:
            self._add(line)
        elif at_end and self.task and (self.task.lists or self.task.expectations):
            self.role.notes.append(line.text)
            self._doubt(line, "is at the end and has no bullet; kept as a note on the role")
        else:
            self._add(line)
            self._doubt(line, "has no bullet; taken for one more line of its list")

    def _open_task(self, heading: SourceLine, why: list[SourceLine]) -> None:
        self._close_task()
        name, variant = heading.text.rstrip(": ") or heading.text, None
        if (match := _SPECIFIC.search(name)) and (bare := (name[: match.start()] + name[match.end() :]).strip()):
            of = match["of"] or match["alone"]
            first, *rest = re.split(" [-–—] ", of, maxsplit=1)
            of = first if self.role.name.casefold() in "".join(rest).casefold() else of
            name, variant = bare, slug(of, "variant")
            self.role.variants.setdefault(variant, of)
            self._doubt(heading, f'taken for a task of the variant "{of}" of the role')
        if heading.what == "plain" and sections_in(name) and not 0 < heading.level < self.tier_level:
            self._doubt(heading, "called like a section, but there is a tier below it; taken for a task")
        self.role.tasks.append(TaskOnPage(heading, name, variant, [line.text for line in why]))
        self._open("")

    def _close_task(self) -> None:
        """Look again at what only a whole task tells: tiers that are not required, stars without a footnote."""
        for item in chain.from_iterable(self.waiting.values()):
            self._doubt(item.line, "ends with a star, but there is no footnote below it in this task")
        self.waiting = {}
        if not self.task:
            return
        for tier, items in self.task.expectations.items():
            if len(items) == 1 and not items[0].children and _NOT_REQUIRED.fullmatch(items[0].text):
                self._doubt(items.pop().line, "no item: in this task the tier is not required")
                self.task.not_required.append(tier)
        if not self.task.why and self.task.line.what != "tier":
            self._doubt(self.task.line, "no sentence under it says why the task matters; write one")

    def _footnote(self, line: SourceLine) -> None:
        waiting = self.waiting.pop(len(line.text) - len(line.text.lstrip("*")), [])
        if not waiting:
            self._bullets([line._replace(text=line.text.lstrip("* "))])
            self._doubt(line, "begins with a star, but no line above it in this task refers to it; taken for a bullet")
            return
        id_ = f"footnote-{len(self.role.conditions) + 1}"
        self.role.conditions[id_] = line.text.lstrip("* ")
        for item in waiting:
            item.condition = id_

    def _open(self, open_section: str, tier: str = "") -> None:
        self.open_section, self.tier = open_section, tier
        self.apart, self.untold, self.activity = False, open_section in _ACTIVITIES, None

    def _open_tier(self, line: SourceLine) -> None:
        if not self.task:
            self._open_task(line._replace(text=self.role.name), [])
            self._doubt(line, "is under no task; a task with the role's name was made; say why it matters")
        self._told_again(line)
        self.role.tasks[-1].expectations.setdefault(line.name, [])
        self._open("expectations", line.name)
        kept, own = self.role.tiers[line.name], tier_in(line)
        if kept.order is None and kept.line.number == line.number:
            self._doubt(line, "taken for a tier, since several lists have it as their heading; it has no months")
        if own and spelling(own.title) != spelling(kept.title):
            self._doubt(line, f'taken for the tier "{kept.title}", and that title kept')

    def _told_again(self, line: SourceLine) -> None:
        if self.task and self.task.has(line):
            self._doubt(line, f'stands in the task "{self.task.name}" a second time; its lines were put there as well')

    def _open_section(self, line: SourceLine) -> None:
        self._open("" if line.name == "expectations" else line.name)
        own = self.task.line.level if self.task else 0
        self.apart = 0 < line.level < own or 0 < line.level == own < self.tier_level
        if line.name == "expectations":
            self._doubt(line, "a title of what is below it; left out")
        elif len(kinds := sections_in(line.text)) > 1:
            self._doubt(line, f"names {' and '.join(kinds).replace('_', ' ')}; all was taken for {kinds[0]}")
        if self.task and not self.apart:
            self._told_again(line)
            if line.name in {"responsibilities", "qualifications"}:
                self._doubt(line, f"is below a task; taken for {line.name} of the whole role")

    def _bullets(self, bullets: list[SourceLine]) -> None:
        """Take a list: each line on its own, or under the one above it that asks for such lines."""
        for line in bullets:
            if line.text.startswith("|"):
                self._doubt(line, "is in a table; each row became one bullet, and the lines between them were left out")
        bullets = [line for line in bullets if not re.fullmatch(r"\|[\s|:-]*", line.text)]
        self.untold, at, top = False, 0, min((line.indent for line in bullets), default=0)
        if self.activity:
            self._put_under(self.activity, bullets)
            return
        while at < len(bullets):
            line = bullets[at]
            item = self._add(line)
            if line.indent > top:
                self._doubt(line, "is under another line; taken for a line of its own")
            at = end = at + 1
            while item and end < len(bullets) and bullets[end].indent > line.indent:
                end += 1
            if item and end == at < len(bullets) and item.text.endswith(":"):
                named = number_in(item.text)
                end = at + named if 1 < named <= len(bullets) - at else len(bullets)
                if end - at != named:
                    self._doubt(line, "every line after it in this list was put under it")
            if item and end > at:
                self._put_under(item, bullets[at:end])
                at = end

    def _put_under(self, item: ItemOnPage, below: list[SourceLine]) -> None:
        second = min((line.indent for line in below), default=0)
        for line in below:
            if line.indent > second:
                self._doubt(line, "is at a third level; put with the lines of the second")
        if item.line.name in _ACTIVITIES:
            item.parts += [line.text for line in below]
            if not item.text.endswith(":"):
                self._doubt(item.line, "the lines under it were taken for its parts")
        else:
            item.children += [self._item(line, line.text) for line in below]

    def _add(self, line: SourceLine) -> ItemOnPage | None:
        """Take a line into the section that is open; return the item, where others can stand under it."""
        open_section, text, task = self.open_section, line.text, None if self.apart else self.task
        head, _, rest = text.partition(": ")
        if rest and _ACTIVITIES.intersection(kinds := sections_in(head)[:1]):
            open_section, text = kinds[0], rest
        if open_section == "disclaimer" or (open_section == "why" and not task):
            self.role.disclaimer.append(text)
            if line.what == "bullet" or is_heading(line):
                self._doubt(line, "is above every task; put into the disclaimer")
        elif open_section == "responsibilities":
            self.role.responsibilities.append(text)
        elif open_section == "why" and task:
            task.why.append(text)
        elif open_section == "qualifications" or (not task and open_section in _FOUNDATIONS):
            if open_section != "qualifications":
                self._doubt(line, "is in no task; taken for a qualification")
            return self._item(line, text, self.role.qualifications)
        elif task and open_section == "expectations":
            return None if self._is_beginning(line, task) else self._item(line, text, task.expectations[self.tier])
        elif task and open_section == "resources":
            self._resource(self._item(line, text, task.lists[open_section]))
        elif task and open_section in _ACTIVITIES | _FOUNDATIONS:
            item = self._item(line._replace(name=open_section), text, task.lists[open_section])
            item.led_by = "mentor" if open_section == "activities" and _TO_SOMEBODY.search(text) else None
            return item
        else:
            (task or self.role).notes.append(text)
            if task or open_section != "notes":
                self._doubt(line, f"kept as a note on the {'task' if task else 'role'}")
        return None

    def _item(self, line: SourceLine, text: str, into: list[ItemOnPage] | None = None) -> ItemOnPage:
        bare = text.rstrip("* ")
        words, *note = re.split(r"\s\*+(?=[^\s*])", bare, maxsplit=1)
        if note and words:
            self._doubt(line, "what follows the star was taken for a note on it")
        else:
            words, note = bare or text, []
        item = ItemOnPage(line, words, note[0] if note else None, stars=text[len(bare) :].count("*") if bare else 0)
        if item.stars:
            self.waiting.setdefault(item.stars, []).append(item)
        if into is not None:
            into.append(item)
        return item

    def _is_beginning(self, line: SourceLine, task: TaskOnPage) -> bool:
        """Take a line that says in which months learning the task begins."""
        months = months_in(line.text) if _BEGINS.fullmatch(line.text) and not task.begins else None
        if not months or not months[0] < (months[1] or MOST_MONTHS) <= MOST_MONTHS:
            return False
        task.begins = months
        self._doubt(line, "no item: learning the task begins in these months")
        return True

    def _resource(self, item: ItemOnPage) -> None:
        """Take the note apart from the name of a thing."""
        line, words = item.line, item.text
        name, _, rest = words.partition(": ")
        if rest and re.search(r"\S\S$", name):  # one letter is that of a drive
            item.text, item.note = name, rest
        if date := _DATED.search(words[:500]):
            month = _MONTH_NAMES.index(date["month"].casefold()) + 1 if date["month"] else int(date["mm"])
            item.dated = f"{date['year'] or date['yyyy']}-{month:02}"
            item.text = (words[: date.start()] + words[date.end() :]).strip() or words
            item.note = date["note"].strip()
            self._doubt(line, f"what is in brackets was taken for a note of {item.dated}")
        if _ORDER.match(words):
            self._doubt(line, "kept among the resources, but it begins like something to do")
        elif len(item.text.split()) > 8 or words.endswith((".", ":")):
            self._doubt(line, "kept among the resources, but it is long for the name of a thing")
