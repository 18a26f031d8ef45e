"""What an author hears of a catalogue before it is handed out: its faults, and apart from them what may be one."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from ca_ladder.catalogue.consistency import Finding, LineOf, dicts, entries_of
from ca_ladder.catalogue.loader import examined, text_in
from ca_ladder.catalogue.models import Catalogue
from ca_ladder.catalogue.shelf import data_of
from ca_ladder.catalogue.yaml_tree import Place
from ca_ladder.errors import CatalogueFaulty, Fault

MOST_CHARACTERS = 200
YEARS_FRESH = 2

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# Words that statements begin with where the verb is missing or comes later.
_NO_VERBS = {
    *("a", "able", "about", "adequate", "advanced", "all", "an", "and", "any", "as", "at", "aware", "basic", "both"),
    *("by", "can", "capable", "capacity", "clear", "competent", "confident", "could", "each", "every"),
    *("excellent", "expert", "familiar", "for", "from", "full", "general", "good", "has", "he", "her", "his", "i"),
    *("if", "in", "is", "it", "its", "knowledge", "may", "more", "must", "new", "no", "not", "of", "often", "on"),
    *("our", "proficient", "proven", "responsible", "shall", "she", "should", "skilled", "solid", "some", "strong"),
    *("that", "the", "their", "there", "these", "they", "this", "those", "thorough", "to", "understanding", "very"),
    *("we", "when", "will", "with", "without", "you", "your"),
}
_NO_VERBS_END = re.compile(r".{2,}(?:tion|sion|ness|ility|ance|ency|ship|ism|able|ible|ful|ous|ive|ly)")
_VERBS_ALL_THE_SAME = {
    *("advance", "apply", "arrive", "balance", "comply", "disable", "drive", "enable", "enhance", "finance", "forgive"),
    *("give", "imply", "live", "mention", "multiply", "position", "question", "rally", "receive", "rely", "reply"),
    *("strive", "supply", "survive", "table", "tally", "transition", "witness"),
}


class Reviewed(NamedTuple):
    """A catalogue with all there is to say of it; ``catalogue`` is None when it has faults."""

    catalogue: Catalogue | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def review(path: Path, today: date, words_before: Mapping[str, Collection[str]]) -> Reviewed:
    """Return what there is to say of the catalogue in the file.

    ``words_before`` is what is known of its items from elsewhere: by id, the words each had. Raises CatalogueMissing.
    """
    try:
        found = examined(text_in(data_of(path), path))
    except CatalogueFaulty as faulty:  # no text that could be read at all
        return Reviewed(None, tuple(faulty.faults), ())
    spot = found.source.spot
    renamed = [Fault(*spot(place), told) for place, told in _renamed(found.source.tree, words_before)]
    warnings = [
        Fault(*spot(place), told) for place, told in _doubts(found.source.tree, lambda place: spot(place).line, today)
    ]
    faults = (*found.faults, *renamed)
    return Reviewed(None if faults else found.catalogue, tuple(sorted(faults)), tuple(sorted(warnings)))


def _renamed(tree: Any, words_before: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Yield each item that has another id than it had under the same words: records would not find it any more."""
    entries = [each for number, role in dicts(tree, "roles") for each in entries_of(role, number)]
    ids = {id_ for _, entry in entries if isinstance(id_ := entry.get("id"), str)}
    gone = {_plain(text): id_ for id_, texts in words_before.items() if id_ not in ids for text in texts}
    for place, entry in entries:
        was = gone.get(_plain(entry.get("text")))
        if was and str(entry.get("id")) not in words_before:
            yield (
                place,
                f"`{was}` is `{entry.get('id')}` here, under the same words; an id stays with its item for ever, "
                f"and its sign-offs with the id: write `{was}`",
            )


def _doubts(tree: Any, line_of: LineOf, today: date) -> Iterator[Finding]:
    for number, role in dicts(tree, "roles"):
        entries = list(entries_of(role, number))
        yield from _same_words(entries, line_of)
        for place, entry in entries:
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


def _same_words(entries: list[tuple[Place, dict[str, Any]]], line_of: LineOf) -> Iterator[Finding]:
    """Yield items with the same words; a foundation may be asked for in several tasks."""
    seen: dict[object, tuple[str, Place]] = {}
    for place, entry in entries:
        words = _plain(entry.get("text"))
        if not words or entry.get("retired") == "true":
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
    return first not in _NO_VERBS and not ing and not _NO_VERBS_END.fullmatch(first)


def _is_stale(dated: Any, today: date) -> bool:
    """Whether a date in an author's words, such as 2021-03 or March 2021, is more than two years past."""
    found = re.search(r"\b(?:19|20)\d\d\b", dated) if isinstance(dated, str) else None
    if not found:
        return False
    number = re.match(r"-(\d\d)\b", dated[found.end() :])
    names = (_MONTHS.index(word) + 1 for word in re.findall(r"[a-z]{3}", dated.casefold()) if word in _MONTHS)
    month = int(number[1]) if number else next(names, 12)
    return (int(found[0]) + YEARS_FRESH, month) < (today.year, today.month)


def _plain(text: Any) -> str:
    return " ".join(text.casefold().split()).rstrip(".") if isinstance(text, str) else ""
