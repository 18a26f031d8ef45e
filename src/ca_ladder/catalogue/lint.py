"""What an author hears of a catalogue before it is handed out: its faults, and apart from them what may be one."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from difflib import SequenceMatcher
from math import inf, isnan
from pathlib import Path
from typing import Any, NamedTuple

from ca_ladder.catalogue.files import read_catalogue_bytes
from ca_ladder.catalogue.models import Catalogue
from ca_ladder.catalogue.references import Finding, LineOf, bare_words, dicts, entries_of, is_retired, number_of
from ca_ladder.catalogue.validation import decode_catalogue, validate
from ca_ladder.catalogue.yaml_reader import KeyPath
from ca_ladder.errors import CatalogueFaulty, Fault

MOST_CHARACTERS = 200
YEARS_FRESH = 2
UNLIKE = 0.3  # the share of letters in common below which two texts are no rewording of one another

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# Words that statements begin with where the verb is missing or comes later.
_NO_VERBS = {
    *("a", "able", "about", "adequate", "advanced", "all", "an", "and", "any", "as", "at", "aware", "basic", "both"),
    *("by", "can", "capable", "capacity", "competent", "confident", "could", "each", "every"),
    *(
        "being",
        "excellent",
        "experience",
        "expert",
        "familiar",
        "familiarity",
        "for",
        "from",
        "full",
        "general",
        "good",
        "has",
        "he",
        "her",
        "high",
        "his",
        "i",
    ),
    *("if", "in", "is", "it", "its", "knowledge", "may", "more", "must", "new", "no", "not", "of", "often", "on"),
    *(
        "our",
        "proficiency",
        "proficient",
        "proven",
        "responsible",
        "shall",
        "she",
        "should",
        "skilled",
        "solid",
        "some",
        "strong",
    ),
    *(
        "that",
        "the",
        "their",
        "there",
        "these",
        "they",
        "this",
        "those",
        "thorough",
        "to",
        "understanding",
        "using",
        "very",
    ),
    *("we", "when", "will", "with", "without", "you", "your"),
}
_NO_VERBS_END = re.compile(r".{2,}(?:tion|sion|ness|ility|ance|ency|ship|ism|able|ible|ful|ous|ive|ly)")
_VERBS_ALL_THE_SAME = {
    *("advance", "apply", "arrive", "auction", "balance", "caution", "commission", "comply", "condition", "disable"),
    *("drive", "enable", "enhance", "envision", "finance", "forgive", "function", "give", "harness", "imply", "live"),
    *(
        "mention",
        "multiply",
        "partition",
        "petition",
        "position",
        "provision",
        "question",
        "rally",
        "ration",
        "receive",
    ),
    *("rely", "reply", "requisition", "revive", "sanction", "section", "station", "strive", "supply", "survive"),
    *("table", "tally", "transition", "witness"),
}


class KnownWording(NamedTuple):
    """The words that an item of a role has had under an id, in a catalogue or in a record."""

    role: str
    item: str
    text: str


class LintReport(NamedTuple):
    """A catalogue with all there is to say of it; ``catalogue`` is None when it has faults."""

    catalogue: Catalogue | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def review(
    path: Path, today: date, words_before: Iterable[KnownWording] = (), in_use: Catalogue | None = None
) -> LintReport:
    """Return what there is to say of the catalogue in the file.

    ``words_before`` is what is known of items from elsewhere; what is of a role that the file does not have says
    nothing of it. ``in_use`` is the catalogue in whose place it may be handed out. Raises CatalogueMissing.
    """
    try:
        found = validate(decode_catalogue(read_catalogue_bytes(path), path))
    except CatalogueFaulty as faulty:  # no text that could be read at all
        return LintReport(None, tuple(faulty.faults), ())
    spot = found.source.position
    roles = {role.get("id") for _, role in dicts(found.source.tree, "roles") if isinstance(role.get("id"), str)}
    before: dict[str, dict[str, None]] = defaultdict(dict)  # by id, each of the words once
    for each in words_before:
        if each.role in roles:
            before[each.item][each.text] = None
    renamed = [Fault(*spot(place), told) for place, told in _renamed(found.source.tree, before)]
    doubts = _doubts(found.source.tree, lambda place: spot(place).line, today)
    reused = _reused(found.source.tree, before)
    warnings = [Fault(*spot(place), told) for place, told in (*doubts, *reused)]
    if found.catalogue and in_use and found.catalogue != in_use and found.catalogue.version == in_use.version:
        told = f"the catalogue in use has the version {in_use.version} too, and is not the same; raise this one"
        warnings.append(Fault(*spot(("version",)), told))
    faults = (*found.faults, *renamed)
    return LintReport(None if faults else found.catalogue, tuple(sorted(faults)), tuple(sorted(warnings)))


def _renamed(tree: Any, before: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Yield each item whose words were those of another id: the other's sign-offs would stand for it, or get lost."""
    entries = [each for number, role in dicts(tree, "roles") for each in entries_of(role, number)]
    now = {id_: bare_words(entry.get("text")) for _, entry in entries if isinstance(id_ := entry.get("id"), str)}
    known: dict[str, list[str]] = defaultdict(list)
    for id_, texts in before.items():
        for words in set(map(bare_words, texts)):
            known[words].append(id_)
    for place, entry in entries:
        id_, words = str(entry.get("id")), bare_words(entry.get("text"))
        lost = [was for was in known.get(words, ()) if now.get(was) != words]
        split_off = id_ not in before and lost and lost[0] in now  # the old id stands, reworded
        if words and lost and id_ not in known[words] and not split_off:
            yield (
                place,
                f"`{lost[0]}` is `{id_}` here, under the same words; an id stays with its item for ever, and its "
                f"sign-offs with the id: write `{lost[0]}`",
            )


def _reused(tree: Any, before: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Yield each item whose words have nothing in common with those that its id has had: it may be another item."""
    for place, entry in (each for number, role in dicts(tree, "roles") for each in entries_of(role, number)):
        known, text = before.get(str(entry.get("id")), ()), bare_words(entry.get("text"))
        if known and text and max(SequenceMatcher(None, bare_words(each), text).ratio() for each in known) < UNLIKE:
            yield (
                place,
                f"`{entry['id']}` was: {next(iter(known))}; if this is another item, give it an id of its own, and if "
                "the meaning changed, raise the revision",
            )


def _doubts(tree: Any, line_of: LineOf, today: date) -> Iterator[Finding]:
    for number, role in dicts(tree, "roles"):
        entries = list(entries_of(role, number))
        yield from _same_words(entries, line_of)
        yield from _windows(role, ("roles", number))
        for place, entry in entries:
            here = place[:-1]
            if entry.get("replaced_by") and not is_retired(entry):
                yield (*here, "replaced_by"), "what is replaced is retired: write `retired: true` too"
            if entry.get("revision") and entry.get("children"):
                told = f"`{entry.get('id')}` is not signed off itself; raise the revision of its children"
                yield (*here, "revision"), told
            text = entry.get("text")
            if not isinstance(text, str):
                continue
            if len(text) > MOST_CHARACTERS:
                long = f"this item has {len(text)} characters, more than {MOST_CHARACTERS}"
                yield (*place[:-1], "text"), f"{long}; say one thing that can be seen, or split it"
            if "expectations" in place and not begins_with_verb(text):
                yield (
                    (*place[:-1], "text"),
                    f'"{text.split()[0]}" is no verb; begin with what one sees the trainee do, such as Explain, Enter '
                    "or Find",
                )
        for n, task in dicts(role, "tasks"):
            for m, resource in dicts(task, "resources"):
                if _is_stale(resource.get("dated"), today):
                    place = ("roles", number, "tasks", n, "resources", m, "dated")
                    dated = f"this note is of {resource['dated']}, more than {YEARS_FRESH} years ago"
                    yield place, f"{dated}; see whether it still holds"


def _windows(role: dict[str, Any], place: KeyPath) -> Iterator[Finding]:
    """Yield each tier that begins before the one above it ends."""
    ended: tuple[float, str] | None = None
    for n, tier in dicts(role, "tiers"):
        months = tier.get("months")
        if not isinstance(months, dict):
            continue
        first, until = number_of(months.get("from")), number_of(months.get("until"))
        if ended and first < ended[0]:
            told = f"`{tier.get('id')}` begins before `{ended[1]}` ends; tiers follow one another, the lowest first"
            yield (*place, "tiers", n, "months"), told
        ended = (inf if isnan(until) else until, str(tier.get("id")))


def _same_words(entries: list[tuple[KeyPath, dict[str, Any]]], line_of: LineOf) -> Iterator[Finding]:
    """Yield items with the same words; a foundation may be asked for in several tasks."""
    seen: dict[object, tuple[str, KeyPath]] = {}
    for place, entry in entries:
        words = bare_words(entry.get("text"))
        if not words or is_retired(entry):
            continue
        beside = None if "expectations" in place else place[:5]
        first = seen.setdefault((words, beside), (str(entry.get("id")), place))
        if first[1] != place:
            same = f"`{entry.get('id')}` has the same words as `{first[0]}` on line {line_of(first[1])}"
            yield (*place[:-1], "text"), f"{same}; say what differs, or keep one"


def begins_with_verb(text: str) -> bool:
    """Whether a statement begins with a verb, as far as its first word shows."""
    first = re.sub(r"[^a-z'-]", "", text.split()[0].casefold()) if text.split() else ""
    if first in _VERBS_ALL_THE_SAME:
        return True
    ing = first.endswith("ing") and len(first) > 5  # bring, sing; but not understanding
    return first not in _NO_VERBS and not ing and not text[:1].isdigit() and not _NO_VERBS_END.fullmatch(first)


def _is_stale(dated: Any, today: date) -> bool:
    """Whether a date in an author's words, such as 2021-03 or March 2021, is more than two years past."""
    found = re.search(r"\b(?:19|20)\d\d\b", dated) if isinstance(dated, str) else None
    if not found:
        return False
    number = re.match(r"-(\d\d)\b", dated[found.end() :])
    names = (_MONTHS.index(word) + 1 for word in re.findall(r"[a-z]{3}", dated.casefold()) if word in _MONTHS)
    month = int(number[1]) if number else next(names, 12)
    return (int(found[0]) + YEARS_FRESH, month) < (today.year, today.month)
