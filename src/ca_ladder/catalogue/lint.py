"""Warnings about a catalogue before it is handed out: likely mistakes that are not faults."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from difflib import SequenceMatcher
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

from ca_ladder.catalogue.files import read_catalogue_bytes
from ca_ladder.catalogue.models import Catalogue
from ca_ladder.catalogue.references import Part, all_entries, bare_words, dicts, entries_of, is_retired, number_of
from ca_ladder.catalogue.validation import decode_catalogue, validate
from ca_ladder.catalogue.yaml_reader import Finding, KeyPath, Source
from ca_ladder.errors import CatalogueFaulty, Fault

MOST_CHARACTERS = 200
YEARS_FRESH = 2
LEAST_SIMILARITY = 0.3  # two texts that share less than this are taken for different items

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# First words of statements that lack a verb, or have it later.
_NON_VERB = re.compile(
    "a|able|about|adequate|advanced|all|an|and|any|as|at|aware|basic|being|both|by|can|capable|"
    "capacity|competent|confident|could|each|every|excellent|experience|expert|familiar|familiarity|for|"
    "from|full|general|good|has|he|her|high|his|i|if|in|is|it|its|knowledge|may|more|must|new|no|"
    "not|of|often|on|our|proficiency|proficient|proven|responsible|shall|she|should|skilled|solid|some|"
    "strong|that|the|their|there|these|they|this|thorough|those|to|understanding|using|very|we|when|"
    "will|with|without|you|your"
    "|.{2,}(?:tion|sion|ness|ility|ance|ency|ship|ism|able|ible|ful|ous|ive|ly)"
)
# Verbs that have such an ending.
_VERB_DESPITE_ENDING = re.compile(
    "advance|apply|arrive|auction|balance|caution|commission|comply|condition|disable|drive|enable|"
    "enhance|envision|finance|forgive|function|give|harness|imply|live|mention|multiply|partition|"
    "petition|position|provision|question|rally|ration|receive|rely|reply|requisition|revive|sanction|"
    "section|station|strive|supply|survive|table|tally|transition|witness"
)


class KnownWording(NamedTuple):
    """A text that an item of a role has had under an id, in a catalogue or in a record."""

    role: str
    item: str
    text: str


class LintReport(NamedTuple):
    """A catalogue with its faults and warnings. ``catalogue`` is None if it has faults."""

    catalogue: Catalogue | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def lint(
    path: Path, today: date, known_wordings: Iterable[KnownWording] = (), in_use: Catalogue | None = None
) -> LintReport:
    """Return the faults and warnings of the catalogue in the file.

    ``known_wordings`` are texts that items have had elsewhere; those of roles that the file does not have are ignored.
    ``in_use`` is the catalogue that this one may replace. Raises CatalogueMissing.
    """
    try:
        validation = validate(decode_catalogue(read_catalogue_bytes(path), path))
    except CatalogueFaulty as faulty:  # the bytes are not text
        return LintReport(None, tuple(faulty.faults), ())
    source, catalogue = validation.source, validation.catalogue
    roles = {role.get("id") for _, role in dicts(source.tree, "roles") if isinstance(role.get("id"), str)}
    old_texts: dict[str, dict[str, None]] = defaultdict(dict)  # by item id, each text once
    for wording in known_wordings:
        if wording.role in roles:
            old_texts[wording.item][wording.text] = None
    entries = all_entries(source.tree)
    warnings = [*_tree_warnings(source, today), *_reused_ids(entries, old_texts)]
    if catalogue and in_use and catalogue != in_use and catalogue.version == in_use.version:
        sentence = f"the catalogue in use has the version {in_use.version} too, and is not the same; raise this one"
        warnings.append((("version",), sentence))
    faults = sorted([*validation.faults, *source.located(_changed_ids(entries, old_texts))])
    return LintReport(None if faults else catalogue, tuple(faults), tuple(sorted(source.located(warnings))))


def _changed_ids(entries: Iterable[Part], old_texts: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Yield each item with the text of another id. The sign-offs of that id would be lost or count for another item."""
    texts = {id_: bare_words(entry.get("text")) for _, entry in entries if isinstance(id_ := entry.get("id"), str)}
    ids_by_text: dict[str, list[str]] = defaultdict(list)
    for id_, old in old_texts.items():
        for text in set(map(bare_words, old)):
            ids_by_text[text].append(id_)
    for path, entry in entries:
        id_, text = str(entry.get("id")), bare_words(entry.get("text"))
        lost = [old_id for old_id in ids_by_text.get(text, ()) if texts.get(old_id) != text]
        split_off = id_ not in old_texts and lost and lost[0] in texts  # the old id is still there, reworded
        if text and lost and id_ not in ids_by_text[text] and not split_off:
            rule = "an id stays with its item for ever, and its sign-offs with the id"
            yield (*path, "id"), f"`{lost[0]}` is `{id_}` here, under the same words; {rule}: write `{lost[0]}`"


def _reused_ids(entries: Iterable[Part], old_texts: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Yield each item whose text is unlike all earlier texts of its id: it may be another item."""
    for path, entry in entries:
        known, text = old_texts.get(str(entry.get("id")), ()), bare_words(entry.get("text"))
        if not known or not text:
            continue
        if max(SequenceMatcher(None, bare_words(old), text).ratio() for old in known) < LEAST_SIMILARITY:
            advice = "if this is another item, give it an id of its own, and if the meaning changed, raise the revision"
            yield (*path, "id"), f"`{entry['id']}` was: {next(iter(known))}; {advice}"


def _tree_warnings(source: Source, today: date) -> Iterator[Finding]:
    for role_path, role in dicts(source.tree, "roles"):
        entries = list(entries_of(role, role_path))
        yield from _repeated_texts(entries, source)
        yield from _overlapping_tiers(role, role_path)
        for path, entry in entries:
            yield from _entry_warnings(entry, path)
        for task_path, task in dicts(role, "tasks", role_path):
            for path, resource in dicts(task, "resources", task_path):
                if _is_stale(resource.get("dated"), today):
                    age = f"this note is from {resource['dated']}, more than {YEARS_FRESH} years ago"
                    yield (*path, "dated"), f"{age}; see whether it still holds"


def _entry_warnings(entry: dict[str, Any], path: KeyPath) -> Iterator[Finding]:
    if entry.get("replaced_by") and not is_retired(entry):
        yield (*path, "replaced_by"), "what is replaced is retired: write `retired: true` too"
    if entry.get("revision") and entry.get("children"):
        sentence = f"`{entry.get('id')}` is not signed off itself; raise the revision of its children"
        yield (*path, "revision"), sentence
    text = entry.get("text")
    if not isinstance(text, str):
        return
    if len(text) > MOST_CHARACTERS:
        length = f"this item has {len(text)} characters, more than {MOST_CHARACTERS}"
        yield (*path, "text"), f"{length}; say one thing that can be seen, or split it"
    if "expectations" in path and not begins_with_verb(text):
        advice = "begin with what one sees the trainee do, such as Explain, Enter or Find"
        yield (*path, "text"), f'"{text.split()[0]}" is not a verb; {advice}'


def _overlapping_tiers(role: dict[str, Any], role_path: KeyPath) -> Iterator[Finding]:
    """Yield each tier that begins before the one above it ends."""
    tiers = [(path, tier) for path, tier in dicts(role, "tiers", role_path) if isinstance(tier.get("months"), dict)]
    for (_, above), (path, tier) in pairwise(tiers):
        if number_of(tier["months"].get("from")) < number_of(above["months"].get("until"), otherwise=inf):
            order = f"`{tier.get('id')}` begins before `{above.get('id')}` ends"
            yield (*path, "months"), f"{order}; tiers follow one another, the lowest first"


def _repeated_texts(entries: Iterable[Part], source: Source) -> Iterator[Finding]:
    """Yield items with the same text. Several tasks may share a foundation, so only its own list is compared."""
    first_uses: dict[object, tuple[str, KeyPath]] = {}
    for path, entry in entries:
        text = bare_words(entry.get("text"))
        if not text or is_retired(entry):
            continue
        scope = None if "expectations" in path else path[:5]
        first_id, first_path = first_uses.setdefault((text, scope), (str(entry.get("id")), path))
        if first_path != path:
            line = source.position((*first_path, "id")).line
            sentence = f"`{entry.get('id')}` has the same words as `{first_id}` on line {line}"
            yield (*path, "text"), f"{sentence}; say what differs, or keep one"


def begins_with_verb(text: str) -> bool:
    """True if a statement seems to begin with a verb, judged by its first word."""
    first = re.sub(r"[^a-z'-]", "", text.split()[0].casefold()) if text.split() else ""
    if _VERB_DESPITE_ENDING.fullmatch(first):
        return True
    ing = first.endswith("ing") and len(first) > 5  # bring, sing; but not understanding
    return not (ing or text[:1].isdigit() or _NON_VERB.fullmatch(first))


def _is_stale(dated: Any, today: date) -> bool:
    """True if a date such as 2021-03 or March 2021 is more than two years past."""
    year = re.search(r"\b(?:19|20)\d\d\b", dated) if isinstance(dated, str) else None
    if not year:
        return False
    number = re.match(r"-(\d\d)\b", dated[year.end() :])
    names = (_MONTHS.index(word) + 1 for word in re.findall(r"[a-z]{3}", dated.casefold()) if word in _MONTHS)
    month = int(number[1]) if number else next(names, 12)
    return (int(year[0]) + YEARS_FRESH, month) < (today.year, today.month)
