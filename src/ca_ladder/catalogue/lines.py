"""The lines of a role page, each with what it is: a bullet, a tier's or a section's heading, a footnote, other words.

Source of the layout: the first role document. A page is plain text or Markdown; what a line is follows from its own
words, its bullet, its level and what stands below it, never from what the page is about.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import count, pairwise
from typing import Literal, NamedTuple

What = Literal["bullet", "footnote", "tier", "section", "plain"]


class Line(NamedTuple):
    """A line of the page; ``name`` is the id of a tier, or the field of the catalogue that a section fills."""

    number: int
    text: str
    what: What = "plain"
    level: int = 0
    indent: int = 0
    name: str = ""
    numbered: bool = False


@dataclass(frozen=True)
class Tier:
    """A tier as its heading tells it: from ``first`` to ``last`` (None: open) in a unit of so many ``months``.

    A level or step has no months; a tier that is told by its title alone has neither months nor a number. ``meant`` is
    what the numbers are: one year ("Year 2"), years counted from one ("Years 2-3"), or years that have passed.
    """

    id: str
    title: str
    line: Line
    months: float = 0
    first: int | None = None
    last: int | None = None
    meant: Literal["one", "counted", "passed"] = "passed"


class Page(NamedTuple):
    """The lines that are not blank, and the tiers by id in the order first seen."""

    lines: list[Line]
    tiers: dict[str, Tier]


_SECTIONS = {
    "responsibilities": "responsibility responsibilities duties",
    "expectations": "expectation expectations tasks",
    "knowledge": "knowledge",
    "skills": "skill skills",
    "abilities": "ability abilities",
    "resources": "technology technologies tool tools system systems resource resources software materials equipment",
    "activities": "activity activities exercise exercises",
    "qualifications": "qualification qualifications education experience requirement requirements certifications",
    "notes": "note notes remarks",
    "why": "why purpose",
}
_SECTION_OF = {word: section for section, words in _SECTIONS.items() for word in words.split()}
_BESIDE = re.compile(
    "a|additional|and|basic|core|do|essential|for|general|important|in|is|it|job|key|main|manager|matters|mentor|minimum|"
    "needed|of|or|other|personal|preferred|recommended|required|role|task|technical|the|this|to|training|useful|we|work|your"
)
_NUMBER_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "1st", "2nd", "3rd", "4th", "5th")
_MONTHS_IN = {"month": 1, "mo": 1, "mth": 1, "year": 12, "yr": 12, "week": 12 / 52, "wk": 12 / 52, "day": 12 / 365}
_STEPS = {each: each for each in ("level", "grade", "stage", "step", "tier", "phase", "band")} | {"l": "level"}
_NUMBER = rf"\d{{1,3}}|{'|'.join(_NUMBER_WORDS)}"
_SPAN = rf"(?:{_NUMBER})(?:\s*(?:-|to)\s*(?:{_NUMBER})|\s*(?:\+|plus\b|and (?:more|over|up)\b))?"
_TIME = rf"(?:{'|'.join(_MONTHS_IN)})s?\.?"
_WINDOW = "|".join(
    (
        rf"(?P<kind>(?:{'|'.join({*_MONTHS_IN, *_STEPS} - {'l'})})s?)\s+(?P<count>{_SPAN})",
        r"(?P<letter>l)(?P<step>\d{1,2})",
        rf"(?P<until>first|up to|under)\s+(?P<end>{_NUMBER})\s+(?P<unit1>{_TIME})",
        rf"(?:after|over|from)\s+(?P<begin>{_NUMBER})\s+(?P<unit2>{_TIME})(?:\s+on)?",
        rf"(?P<nth>{'|'.join(_ORDINALS)})\s+(?P<unit3>{_TIME})",
        rf"(?P<span>(?:{_NUMBER})\s*(?:-|to)\s*(?:{_NUMBER})|(?:{_NUMBER})\s*(?:\+|plus\b|and (?:more|over|up)\b))"
        rf"\s*(?P<unit4>{_TIME})",
    )
)
_TIER_HEADINGS = [
    re.compile(shape.replace("WINDOW", f"(?:{_WINDOW})"), re.IGNORECASE)
    for shape in (
        r"(?P<title>.*?)\s*[(\[]WINDOW[)\]]",
        r"WINDOW(?:\s*[:.-]\s*(?P<title>\D.*))?",
        r"(?P<title>.+?)\s*[:,-]\s+WINDOW",
    )
]
_BULLET = re.compile(
    r"(?:(?P<mark>[-+*•◦▪●○·‣–])\s+|[-•◦▪●○·‣](?=\w)|(?P<number>(?:\d{1,3}|[a-z])[.)])\s+)?(?P<box>\[[ xX]?\]\s+)?"
)
_RULE = re.compile(r"([-=_*~])(?:\s*\1){2,}")


def lines_in(text: str) -> Page:
    """Return the page's lines and tiers."""
    lines = _with_headings_numbered(_joined(text))
    tiers: dict[str, Tier] = {}
    # The first line is the title, whatever it says, unless a list stands right below it.
    title = lines[:1] if lines[1:2] and lines[1].what != "bullet" else []
    rest = [part for line in lines[len(title) :] for part in _classified(line, tiers)]
    lines = _with_repeated_tiers([*title, *rest], tiers)
    return Page(_with_tasks_named_like_sections(lines), tiers)


def plain_dashes(text: str) -> str:
    """Return the text with every kind of dash as a hyphen."""
    return re.sub(r"[\u2010-\u2015\u2212]", "-", text)


def is_heading(line: Line) -> bool:
    """Whether the line looks like a heading, not like a sentence."""
    if len(line.text) > 150:
        return bool(line.level)
    words = re.sub(r"\(.*\)", "", line.text).split()
    return bool(line.level) or (len(words) <= 10 and not re.search(r"[.!?;,]$|[.!?] ", line.text))


def section_named(text: str) -> str:
    """Return the field of the catalogue that a section of this name fills; "" when it is no section's name."""
    words = re.findall(r"[^\W_]+", text.casefold())
    named = [_SECTION_OF[word] for word in words if word in _SECTION_OF]
    if len(words) > 6 or not all(word in _SECTION_OF or _BESIDE.fullmatch(word) for word in words):
        return ""
    if named[:1] == ["activities"] and "manager" in words:
        return "manager_activities"
    return named[0] if named else "activities" if words == ["training"] else ""


def alike(heading: str, other: str) -> bool:
    """Whether two headings are the same but for small differences of spelling."""
    words, others = _words(heading), _words(other)
    return len(words) == len(others) and all(
        a == b or (f"{a}{b}".isalpha() and min(len(a), len(b)) > 4 and SequenceMatcher(None, a, b).ratio() > 0.85)
        for a, b in zip(words, others, strict=True)
    )


def slug(text: str, otherwise: str, taken: Collection[str] = ()) -> str:
    """Return a short id made of the words, unlike those that are taken."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    whole = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or otherwise
    if len(whole) > 30:
        whole = whole[:30].rpartition("-")[0] or whole[:30]
    return next(id_ for n in count(1) if (id_ := f"{whole}-{n}" if n > 1 else whole) not in taken)


def number_in(text: str) -> int | None:
    """Return the first number that the text names, in digits or in a word."""
    found = re.search(rf"\b({_NUMBER})\b", text, re.IGNORECASE)
    return _number(found[1]) if found else None


def months_in(text: str) -> tuple[int, int | None] | None:
    """Return the months that a span of time in the text covers: "2-4 months", "8+ mos"."""
    found = re.search(rf"\b({_SPAN})\s*({_TIME})(?!\w)", plain_dashes(text), re.IGNORECASE)
    if not found:
        return None
    first, last, _ = _span(found[1])
    months = _MONTHS_IN[_singular(found[2])]
    return round(first * months), round(last * months) if last is not None else None


def tier_in(line: Line) -> Tier | None:
    """Return the tier whose heading names its months, years or level."""
    text = plain_dashes(line.text).rstrip(": ")
    if len(text) > 120:
        return None
    found = next((match for shape in _TIER_HEADINGS if (match := shape.fullmatch(text))), None)
    if not found:
        return None
    title = (found["title"] or "").strip(" -:,") or text
    said = {name: value for name, value in found.groupdict().items() if value and name != "title"}
    unit = _singular(next((said[name] for name in said if name.startswith(("kind", "letter", "unit"))), ""))
    first, last, one = _span(said.get("count") or said.get("step") or said.get("span") or "0")
    if "end" in said:
        first, last, one = 0, _number(said["end"]), False
    if "begin" in said:
        first, last, one = _number(said["begin"]), None, False
    if "nth" in said:
        first, last, one = _ORDINALS.index(said["nth"].casefold()) % 5 + 1, None, True
    told = f"{first}" if one else f"{first}+" if last is None else f"{first}-{last}"
    if unit in _STEPS:
        return Tier(f"{_STEPS[unit]}-{told}", title, line, first=first)
    months = _MONTHS_IN[unit]
    name = "year-" if months == 12 else "" if months == 1 else "week-" if months > 0.1 else "day-"
    if one:
        return Tier(f"{name or 'month-'}{told}", title, line, months, max(first - 1, 0), max(first, 1), "one")
    return Tier(f"{name}{told}", title, line, months, first, last, "counted" if "count" in said else "passed")


def _joined(text: str) -> list[Line]:
    """Return the lines with their marks taken off, each wrapped one joined to the line that it goes on from."""
    lines: list[Line] = []
    after_blank = True
    raw_lines = re.split(r"\r\n|\r|\n", text)
    marks = Counter(found["mark"] for raw in raw_lines if (found := _BULLET.match(raw.strip())) and found["mark"])
    starred = marks["*"] < marks.total() / 2  # where the bullets are others, a star begins a footnote
    for number, raw in enumerate(raw_lines, start=1):
        visible = "".join(c for c in raw.expandtabs(4) if unicodedata.category(c) not in {"Cc", "Cs"} and c != "\ufeff")
        if not visible.strip():
            after_blank = True
            continue
        if _RULE.fullmatch(visible.strip()):
            if lines and not after_blank and visible.strip()[0] in "=-" and lines[-1].what == "plain":
                lines[-1] = lines[-1]._replace(level=1 if "=" in visible else 2)
            after_blank = True
            continue
        line = _unmarked(number, visible, stars_are_footnotes=starred)
        if lines and not after_blank and _goes_on(line, lines[-1], first=len(lines) == 1):
            lines[-1] = lines[-1]._replace(text=f"{lines[-1].text} {line.text}")
        else:
            lines.append(line)
        after_blank = False
    return lines


def _unmarked(number: int, visible: str, *, stars_are_footnotes: bool) -> Line:
    indent = len(visible) - len(visible.lstrip())
    text = " ".join(visible.split())
    if heading := re.match(r"(#{1,6})\s+(?:\d+[.)]\s+)?(.+)", text):
        return Line(number, _unemphasized(heading[2].rstrip("# ") or text), level=len(heading[1]))
    if bold := re.fullmatch(r"\*\*([^*]+)\*\*:?", text):
        return Line(number, bold[1].strip() or text, level=0 if bold[1].rstrip().endswith(".") else 7)
    if text.startswith("\\*") and text[1:].strip("* "):
        return Line(number, text[1:], "footnote", indent=indent)
    text = _unemphasized(text)
    found = _BULLET.match(text)
    assert found is not None  # noqa: S101 - all of its parts may be missing
    if text.startswith("*") and (stars_are_footnotes or not found[0]):
        return Line(number, text, "footnote", indent=indent) if text.strip("* ") else Line(number, text)
    if not found[0] or not text[found.end() :]:
        return Line(number, text, indent=indent)
    return Line(number, text[found.end() :], "bullet", indent=indent, numbered=bool(found["number"]))


def _unemphasized(text: str) -> str:
    """Return the text without Markdown's stars around bold and stressed words."""
    text = re.sub(r"\*\*([^*]+)\*\*", r"\1", text)
    return re.sub(r"(?<![\w*\\])\*([^\s*](?:[^*]*[^\s*])?)\*(?![\w*])", r"\1", text).replace("\\*", "*")


def _goes_on(line: Line, above: Line, *, first: bool) -> bool:
    if line.what != "plain" or line.level or above.level or _heading_of(line):
        return False
    if above.what == "plain" and (first or is_heading(above) or _heading_of(above)):
        return False
    return (line.text[0].islower() and above.text[-1] not in ".!?:") or (
        above.what == "bullet" and line.indent > above.indent
    )


def _heading_of(line: Line) -> bool:
    return bool(section_named(line.text)) or tier_in(line) is not None


def _with_headings_numbered(lines: list[Line]) -> list[Line]:
    """Return the lines with a number that stands alone as headings, where bullets and headings have no numbers."""
    if any(line.level for line in lines) or not any(line.what == "bullet" and not line.numbered for line in lines):
        return lines
    beside = [False, *(line.numbered for line in lines), False]
    alone = [
        line.numbered and not before and not after
        for before, line, after in zip(beside, lines, beside[2:], strict=False)
    ]
    return [line._replace(what="plain") if single else line for line, single in zip(lines, alone, strict=True)]


def _classified(line: Line, tiers: dict[str, Tier]) -> list[Line]:
    """Return the line as the heading that it is, or as a heading and what stands after its colon."""
    if line.what != "plain":
        return [line]
    if is_heading(line) and (tier := tier_in(line)):
        tiers.setdefault(tier.id, tier)
        return [line._replace(what="tier", name=tier.id)]
    if section := section_named(line.text):
        return [line._replace(what="section", name=section)]
    head, _, inline = line.text.partition(": ")
    if inline and (section := section_named(head)):
        return [line._replace(text=head, what="section", name=section), Line(line.number, inline, "bullet")]
    return [line]


def _span(text: str) -> tuple[int, int | None, bool]:
    """Return the first and the last number of a span (None: open), and whether it is one number alone."""
    numbers = [_number(each) for each in re.findall(_NUMBER, text, re.IGNORECASE)]
    is_open = bool(re.search(r"\+|plus|and", text, re.IGNORECASE))
    if len(numbers) > 1:
        return min(numbers), max(numbers), False
    return numbers[0], None, not is_open


def _number(text: str) -> int:
    word = text.casefold()
    return _NUMBER_WORDS.index(word) + 1 if word in _NUMBER_WORDS else int(text)


def _singular(unit: str) -> str:
    return unit.casefold().rstrip(".").removesuffix("s")


def _with_repeated_tiers(lines: list[Line], tiers: dict[str, Tier]) -> list[Line]:
    """Return the lines with the headings that several lists of bullets have as tiers: the same ones in every task."""
    by_beginnings: dict[str, list[list[Line]]] = defaultdict(list)
    holds_list = {line.number for line, below in pairwise(lines) if line.level or below.what == "bullet"}
    for line in lines[1:]:
        if line.what == "plain" and is_heading(line):
            groups = by_beginnings[" ".join(word[:4] for word in _words(line.text))]
            group = next((each for each in groups if alike(each[0].text, line.text)), None)
            if group is None:
                groups.append([line])
            else:
                group.append(line)
    named: dict[int, str] = {}
    for group in (group for groups in by_beginnings.values() for group in groups):
        if sum(line.number in holds_list for line in group) < 2:
            continue
        id_ = slug(group[0].text, "tier", tiers)
        tiers[id_] = Tier(id_, group[0].text.rstrip(": "), group[0])
        named |= {line.number: id_ for line in group}
    return [line._replace(what="tier", name=named[line.number]) if line.number in named else line for line in lines]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _with_tasks_named_like_sections(lines: list[Line]) -> list[Line]:
    """Return the lines with such a section as a plain heading: it has a reason, or is above the tiers below it."""
    lines = list(lines)
    for n, line in enumerate(lines[:-1]):
        if line.what == "section" and line.name not in {"activities", "manager_activities", "expectations", "why"}:
            under = n + 1
            while under < len(lines) and lines[under].what == "plain" and not is_heading(lines[under]):
                under += 1
            is_above = 0 < line.level < lines[under].level if under < len(lines) else False
            if under < len(lines) and lines[under].what == "tier" and (under > n + 1 or is_above):
                lines[n] = line._replace(what="plain", name="")
    return lines
