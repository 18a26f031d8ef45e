"""The lines of a role page, each with what it is: a bullet, a tier's or a section's heading, a footnote, other words.

Source of the layout: the first role document. A page is plain text or Markdown; what a line is follows from its own
words, its bullet, its level and what stands below it, never from what the page is about.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from itertools import pairwise, takewhile
from typing import Literal, NamedTuple

What = Literal["bullet", "footnote", "tier", "section", "plain"]

_LONGEST_HEADING = 150
_LONGEST_PARAGRAPH = 2_000


class SourceLine(NamedTuple):
    """A line of the page; ``name`` is the id of a tier, or the field of the catalogue that a section fills."""

    number: int
    text: str
    what: What = "plain"
    level: int = 0
    indent: int = 0
    name: str = ""


class TierHeading(NamedTuple):
    """A tier as its heading tells it; one that is told by its title alone has no ``order``.

    ``unit`` (1 or 12 months) is that of a span whose numbers may be counted from one: such a span can begin where the
    tier before it ends.
    """

    id: str
    title: str
    line: SourceLine
    order: int | None = None
    months: tuple[int, int | None] | None = None
    unit: int = 0


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
_TRAINING_TOO = re.compile(r"\btraining\s*(?:and\b|[&/,+])|(?:\band|[&/,+])\s*training\b", re.IGNORECASE)
_NUMBER_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_MONTHS_IN = {"month": 1, "mo": 1, "year": 12, "yr": 12}
_STEPS = ("level", "grade", "stage", "step", "tier", "phase", "band")
_NUMBER = rf"\d{{1,3}}|{'|'.join(_NUMBER_WORDS)}"
_TIME = rf"(?:{'|'.join(_MONTHS_IN)})s?\.?"
_SPAN = rf"(?:{_NUMBER})(?:\s*(?:-|to)\s*(?:{_NUMBER})|\s*(?:\+|plus\b|and (?:more|over|up)\b))"
_WINDOW = "|".join(
    (
        rf"(?:{'|'.join((*_MONTHS_IN, *_STEPS))})s?\s+(?:{_SPAN}|{_NUMBER})",
        rf"(?:first|up to|under|after|over|from)\s+(?:{_NUMBER})\s+{_TIME}(?:\s+on)?",
        rf"(?:{'|'.join(_ORDINALS)})\s+{_TIME}",
        rf"{_SPAN}\s*{_TIME}",
    )
)
_TIER_HEADINGS = [
    re.compile(shape.replace("WINDOW", f"(?P<window>{_WINDOW})"), re.IGNORECASE)
    for shape in (
        r"(?P<title>.*?)\s*\(WINDOW\)",
        r"WINDOW(?:\s*[:.-]\s*(?P<title>\D.*))?",
        r"(?P<title>.+?)\s*[:,-]\s+WINDOW",
    )
]
_BULLET = re.compile(
    r"(?:(?P<mark>[-+*•◦▪●○·‣–])\s+|[-•◦▪●○·‣](?=\w)|(?:\d{1,3}|[a-z])[.)]\s+)?(?:\[[ xX]?\]\s+)?",
)
_RULE = re.compile(r"([-=_*~])(?:\s*\1){2,}")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")


def lines_in(text: str) -> tuple[list[SourceLine], dict[str, TierHeading]]:
    """Return the lines that are not blank, and the tiers by id in the order first seen."""
    lines = _joined(text)
    tiers: dict[str, TierHeading] = {}
    # The first line is the title, whatever it says, unless a list stands right below it.
    title = lines[:1] if lines[1:2] and lines[1].what != "bullet" else []
    rest = [part for line in lines[len(title) :] for part in _classified(line, tiers)]
    lines = _with_repeated_tiers([*title, *rest], tiers)
    return _with_tasks_named_like_sections(lines), tiers


def _plain_dashes(text: str) -> str:
    """Return the text with every kind of dash as a hyphen."""
    return re.sub(r"[\u2010-\u2015\u2212]", "-", text)


def is_heading(line: SourceLine) -> bool:
    """Whether the line looks like a heading, not like a sentence."""
    if line.level or len(line.text) > _LONGEST_HEADING:
        return bool(line.level)
    words = re.sub(r"\(.*\)", "", line.text).split()
    return len(words) <= 10 and not re.search(r"[.!?;,]$|[.!?] ", line.text)


def sections_in(text: str) -> list[str]:
    """Return the fields of the catalogue that a section of this name fills; none when it is no section's name."""
    words = _words(text) if len(text) <= _LONGEST_HEADING else []
    if len(words) > 6 or not all(word in _SECTION_OF or _BESIDE.fullmatch(word) for word in words):
        return []
    named = dict.fromkeys(_SECTION_OF[word] for word in words if word in _SECTION_OF)
    if words == ["training"] or (named and _TRAINING_TOO.search(text)):
        named["activities"] = "activities"
    return ["manager_activities" if each == "activities" and "manager" in words else each for each in named]


def spelling(heading: str) -> str:
    """Return the heading without what is often misspelt: vowels, doubled letters and the last s of its longer words."""
    return " ".join(
        word[0] + re.sub(r"[aeiou]|(.)(?=\1)", "", word[1:].removesuffix("s"))
        if len(word) > 4 and word.isalpha()
        else word
        for word in _words(heading)
    )


def slug(text: str, otherwise: str) -> str:
    """Return a short id made of the words."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    whole = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or otherwise
    return whole if len(whole) <= 30 else whole[:30].rpartition("-")[0] or whole[:30]


def unlike(id_: str, taken: dict[str, int]) -> str:
    """Return the id, with a number after it when it is taken already, and take it."""
    new = id_
    while new in taken:
        taken[id_] += 1
        new = f"{id_}{taken[id_]}"
    taken[new] = 1
    return new


def number_in(text: str) -> int:
    """Return the first number that the text names, in digits or in a word; 0 when it names none."""
    match = re.search(rf"\b({_NUMBER})\b", text, re.IGNORECASE)
    return _number(match[1]) if match else 0


def months_in(text: str) -> tuple[int, int | None] | None:
    """Return the months that a span of time in the text covers: "2-4 months", "8+ mos"."""
    match = re.search(rf"\b(?:{_SPAN}|{_NUMBER})\s*{_TIME}(?!\w)", _plain_dashes(text), re.IGNORECASE)
    return _months(*_span(match[0])) if match else None


def tier_in(line: SourceLine) -> TierHeading | None:
    """Return the tier whose heading names its months, years or level."""
    text = _plain_dashes(line.text).rstrip(": ")
    if len(text) > _LONGEST_HEADING or not re.search(rf"{_NUMBER}|{'|'.join(_ORDINALS)}", text, re.IGNORECASE):
        return None
    match = next((match for shape in _TIER_HEADINGS if (match := shape.fullmatch(text))), None)
    if not match:
        return None
    title = (match["title"] or "").strip(" -:,") or text
    unit, first, last = _span(match["window"])
    one = first == last and not re.match("up to|under", match["window"], re.IGNORECASE)
    told = f"{first}" if one else f"{first}+" if last is None else f"{first}-{last}"
    if unit in _STEPS:
        return TierHeading(f"{unit}-{told}", title, line, first)
    if one:
        first = max(first - 1, 0)
    name = "year-" if _MONTHS_IN[unit] == 12 else "month-" if one else ""
    months = _months(unit, first, max(last, first + 1) if last is not None else None)
    return TierHeading(f"{name}{told}", title, line, months[0], months, 0 if one else _MONTHS_IN[unit])


def _span(window: str) -> tuple[str, int, int | None]:
    """Return the unit of a window, its first number and its last one (None: open); both are the same for one number."""
    said = window.casefold()
    unit = re.findall("|".join((*_MONTHS_IN, *_STEPS)), said)[0]
    numbers = [_number(each) for each in re.findall(_NUMBER, said)]
    if not numbers:
        numbers = [next(n for n, ordinal in enumerate(_ORDINALS, start=1) if said.startswith(ordinal))]
    elif said.startswith(("first", "up to", "under")):
        numbers.append(0)
    if re.search(r"\+|plus|and|after|over|from", said):
        return unit, numbers[0], None
    return unit, min(numbers), max(numbers)


def _months(unit: str, first: int, last: int | None) -> tuple[int, int | None]:
    return first * _MONTHS_IN[unit], None if last is None else last * _MONTHS_IN[unit]


def _number(text: str) -> int:
    word = text.casefold()
    return _NUMBER_WORDS.index(word) + 1 if word in _NUMBER_WORDS else int(text)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _joined(text: str) -> list[SourceLine]:
    """Return the lines with their marks taken off, each wrapped one joined to the line that it goes on from."""
    lines: list[SourceLine] = []
    after_blank = True
    raw_lines = re.split(r"\r\n|\r|\n", text)
    marks = Counter(match["mark"] for raw in raw_lines if (match := _BULLET.match(raw.strip())) and match["mark"])
    starred = marks["*"] < marks.total() / 2  # where the bullets are others, a star begins a footnote
    for number, raw in enumerate(raw_lines, start=1):
        visible = _UNSEEN.sub("", raw.expandtabs(4))
        if not visible.strip() or _RULE.fullmatch(visible.strip()):
            after_blank = True
            continue
        line = _unmarked(number, visible, stars_are_footnotes=starred)
        if lines and not after_blank and _goes_on(line, lines[-1], first=len(lines) == 1):
            lines[-1] = lines[-1]._replace(text=f"{lines[-1].text} {line.text}")
        else:
            lines.append(line)
        after_blank = False
    return lines


def _unmarked(number: int, visible: str, *, stars_are_footnotes: bool) -> SourceLine:
    indent = len(visible) - len(visible.lstrip())
    text = " ".join(visible.split())
    if text.startswith("|"):  # a row of a table
        return SourceLine(number, text, "bullet", indent=indent)
    if heading := re.match(r"(#{1,6})\s+(?:\d+[.)]\s+)?(.+)", text):
        return SourceLine(number, _unemphasized(heading[2].rstrip("# ") or text), level=len(heading[1]))
    if bold := re.fullmatch(r"\*\*([^*]+)\*\*:?", text):
        return SourceLine(number, bold[1].strip() or text, level=0 if bold[1].rstrip().endswith(".") else 7)
    if text.startswith("\\*") and text[1:].strip("* "):
        return SourceLine(number, text[1:], "footnote", indent=indent)
    text = _unemphasized(text)
    match = _BULLET.match(text)
    assert match is not None  # noqa: S101 - all of its parts may be missing
    if text.startswith("*") and (stars_are_footnotes or not match[0]):
        return SourceLine(number, text, "footnote", indent=indent) if text.strip("* ") else SourceLine(number, text)
    if not match[0] or not text[match.end() :]:
        return SourceLine(number, text, indent=indent)
    return SourceLine(number, text[match.end() :], "bullet", indent=indent)


def _unemphasized(text: str) -> str:
    """Return the text without Markdown's stars around bold and stressed words."""
    text = re.sub(r"\*\*([^*]+)\*\*", r"\1", text)
    return re.sub(r"(?<![\w*\\])\*([^\s*](?:[^*]*[^\s*])?)\*(?![\w*])", r"\1", text).replace("\\*", "*")


def _goes_on(line: SourceLine, above: SourceLine, *, first: bool) -> bool:
    if line.what != "plain" or line.level or above.level or len(above.text) > _LONGEST_PARAGRAPH or _is_named(line):
        return False
    if above.what == "plain" and (first or is_heading(above) or _is_named(above)):
        return False
    return (line.text[0].islower() and above.text[-1] not in ".!?:") or (
        above.what == "bullet" and line.indent > above.indent
    )


def _is_named(line: SourceLine) -> bool:
    """Whether the line is called like a section or a tier."""
    return bool(sections_in(line.text)) or tier_in(line) is not None


def _classified(line: SourceLine, tiers: dict[str, TierHeading]) -> list[SourceLine]:
    """Return the line as the heading that it is, or as a heading and what stands after its colon."""
    if line.what != "plain":
        return [line]
    if is_heading(line) and (tier := tier_in(line)):
        tiers.setdefault(tier.id, tier)
        return [line._replace(what="tier", name=tier.id)]
    if sections := sections_in(line.text):
        return [line._replace(what="section", name=sections[0])]
    head, _, inline = line.text.partition(": ")
    if inline and (sections := sections_in(head)):
        return [line._replace(text=head, what="section", name=sections[0]), SourceLine(line.number, inline, "bullet")]
    return [line]


def _with_repeated_tiers(lines: list[SourceLine], tiers: dict[str, TierHeading]) -> list[SourceLine]:
    """Return the lines with the headings that several lists of bullets have as tiers: the same ones in every task."""
    groups: dict[str, list[SourceLine]] = defaultdict(list)
    for line in lines[1:]:
        if line.what == "plain" and is_heading(line):
            groups[spelling(line.text)].append(line)
    holds_list = {line.number for line, below in pairwise(lines) if line.level or below.what == "bullet"}
    taken = dict.fromkeys(tiers, 1)
    named: dict[int, str] = {}
    for group in groups.values():
        if sum(line.number in holds_list for line in group) > 1:
            id_ = unlike(slug(group[0].text, "tier"), taken)
            tiers[id_] = TierHeading(id_, group[0].text.rstrip(": "), group[0])
            named |= {line.number: id_ for line in group}
    return [line._replace(what="tier", name=named[line.number]) if line.number in named else line for line in lines]


def _with_tasks_named_like_sections(lines: list[SourceLine]) -> list[SourceLine]:
    """Return the lines with such a section as a task's heading: it has a reason, or is above the tiers below it."""
    lines = list(lines)
    for n, line in enumerate(lines):
        if line.what == "section" and line.name not in {"expectations", "why"}:
            why = list(takewhile(lambda below: below.what == "plain" and not below.level, lines[n + 1 : n + 100]))
            below = lines[n + 1 + len(why)] if n + 1 + len(why) < len(lines) else line
            told = len(why) == 1 or (why and not any(map(is_heading, why)))
            if below.what == "tier" and (told or 0 < line.level < below.level):
                lines[n] = line._replace(what="plain", name="", level=line.level or 7)
    return lines
