"""Verify a record: its ids, its parents and order, its times, and the rules. Every problem is reported.

The events are read one by one from the file, so that those that cannot be decoded are reported too.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, get_args

from ca_ladder.catalogue.models import Catalogue
from ca_ladder.errors import NotPossible, StoreDamaged, VerificationFailed
from ca_ladder.record.events import Event, EventKind, NotAnEvent, event_in, is_altered
from ca_ladder.record.merging import MergeResult, differing, disagreements, merge
from ca_ladder.record.record import Record
from ca_ladder.record.rules import AHEAD, SLACK
from ca_ladder.record.store import SCHEMA, as_bytes, document_in, stored


class Problem(NamedTuple):
    """One thing wrong with an event, or with the file itself: then ``entry`` is 0. The first event is entry 1.

    A ``serious`` problem means that the content cannot be trusted. Otherwise a clock or the file's form is wrong.
    ``follows``: the event itself may be right, but what it builds on is missing or was altered. A ``doubt`` is about
    what an earlier version has accepted: it is told, and the record is in order.
    """

    entry: int
    event: str
    message: str
    serious: bool = True
    follows: bool = False
    doubt: bool = False

    def __str__(self) -> str:
        return f"Entry {self.entry} ({self.event}): {self.message}." if self.entry else f"The file: {self.message}."


def problem_lines(problems: Sequence[Problem]) -> list[str]:
    """Return a line for each problem; entries that only build on what is wrong before them share the last line."""
    lines = [str(problem) for problem in problems if not problem.follows]
    if following := {problem.entry for problem in problems if problem.follows}:
        causes = {problem.entry for problem in problems if problem.serious and not problem.follows}
        build, do = ("builds", "does") if len(following) == 1 else ("build", "do")
        on = "it" if len(causes) == 1 else "these"
        lines.append(f"{_numbered(following)} {build} on {on} and {do} not count either.")
    return lines


def _numbered(entries: Set[int]) -> str:
    """Return the numbers of entries: "Entry 9", "Entries 3-5, 9 and 12-80"."""
    firsts = sorted(entry for entry in entries if entry - 1 not in entries)
    lasts = sorted(entry for entry in entries if entry + 1 not in entries)
    ranges = [str(first) if first == last else f"{first}-{last}" for first, last in zip(firsts, lasts, strict=True)]
    numbers = " and ".join(filter(None, (", ".join(ranges[:-1]), ranges[-1])))
    return f"Entry {numbers}" if len(entries) == 1 else f"Entries {numbers}"


def describe_event(event: Event) -> str:
    """Return a short description of an event: "sign-off of mail-01 by Pat on 2026-03-02"."""
    kind = "enrolment" if event.kind == "enrol" else event.kind
    item = f" of {event.item}" if event.item else f" of tier {event.graduation.tier}" if event.graduation else ""
    return f"{kind}{item} by {event.by.name} on {event.on}"


def problems(data: bytes, path: Path, now: datetime, catalogue: Catalogue | None = None) -> list[Problem]:
    """Return all problems of a record's file, in the order of its events.

    With a catalogue, sign-offs given under the same version of it are also checked against its prerequisites. Raises
    StoreDamaged and StoreNewer, as `store.load` does, if the file has no list of events.
    """
    content, schema = document_in(data, path)
    raw_events = content.get("events")
    if not isinstance(raw_events, list) or not raw_events:
        raise StoreDamaged(path, "it has no entries")
    faults: list[Problem] = []
    events: dict[int, Event] = {}
    altered: set[int] = set()
    for entry, raw in enumerate(raw_events, start=1):
        if isinstance(raw, dict) and raw.get("kind") not in get_args(EventKind):
            faults.append(Problem(entry, "not understood", f'its kind "{str(raw.get("kind"))[:40]}" is unknown'))
            continue
        try:
            event = event_in(raw)
        except NotAnEvent as problem:
            message = f"it is damaged at `{problem.field}`" if problem.field else "it is not an entry"
            faults.append(Problem(entry, "not understood", message))
            continue
        if is_altered(event) or raw != event.as_json():
            altered.add(len(events))
        events[entry] = event

    def add(findings: Iterable[tuple[int, str]], serious: bool = True) -> None:
        faults.extend(Problem(entry, describe_event(events[entry]), message, serious) for entry, message in findings)

    first = events.get(1)
    if first and (first.enrolment is None or first.enrolment.record != content.get("record")):
        add([(1, "it does not enrol the trainee of this record")])
    if events:
        record = Record(tuple(events.values()), frozenset(altered), catalogue)
        entries = list(events)
        for index, broken in record.violations.items():
            event = events[entries[index]]
            faults.append(Problem(entries[index], describe_event(event), broken.sentence, follows=broken.follows))
        add(_time_problems(events, now), serious=False)
        for index, doubt in record.doubts().items():
            event = events[entries[index]]
            faults.append(Problem(entries[index], describe_event(event), doubt.sentence, serious=False, doubt=True))
        if schema == SCHEMA and not any(fault.serious for fault in faults) and as_bytes(record) != data:
            message = "another program has saved it again in its own layout; every entry is intact"
            faults.append(Problem(0, "the file", message, serious=False))
    return sorted(set(faults))


def _time_problems(events: dict[int, Event], now: datetime) -> Iterator[tuple[int, str]]:
    """Yield the events whose moment cannot be: a clock was wrong."""
    written = {event.id: event.at for event in events.values()}
    for entry, event in events.items():
        for sentence in _impossible_dates(event, now):
            yield entry, sentence
        last = max((written[parent] for parent in event.parents if parent in written), default=event.at)
        if event.at < last - SLACK:
            yield entry, f"it was written on {event.at.date()}, and builds on what was written on {last.date()}"


def _impossible_dates(event: Event, now: datetime) -> Iterator[str]:
    """Yield what cannot be about an event's moment and day."""
    if event.at > now + SLACK:
        yield f"it was written in the future, on {event.at.date()}"
    if event.on > (event.at.astimezone(UTC) + AHEAD).date():
        yield f"it is dated after the day it was written, on {event.at.date()}"


def load_verified_copy(record: Record, store: Path, path: Path) -> Record:
    """Return the copy of the store's record in a file, after both have been verified under the record's catalogue.

    Both must begin with the same event: the number of a record is in every copy, and anybody can begin another record
    with it. Raises what `store.load` does, NotPossible, and VerificationFailed.
    """
    copy = stored(path).record.under(record.catalogue)
    if (copy.id, copy.events[0].id) != (record.id, record.events[0].id):
        name = copy.enrolment.name
        raise NotPossible(f"{path} is another record, of {name}; only copies of one record are merged.")
    refuse_disagreement(record, copy, path)
    for which, verified in (("it", copy), (f"the record {store}", record)):
        if verified.violations:
            problems = [
                Problem(index + 1, describe_event(verified.events[index]), broken.sentence, follows=broken.follows)
                for index, broken in sorted(verified.violations.items())
            ]
            raise _not_merged(path, f"{which} is not as it was written.", problem_lines(problems))
    return copy


def merge_judged(record: Record, copy: Record, path: Path, now: datetime) -> tuple[Record, MergeResult]:
    """Merge a verified copy from a file into the record, and judge the union.

    Raises VerificationFailed if the union breaks a rule, or if what is new is unlikely. What is unlikely in the record
    itself stays: an earlier version has accepted it.
    """
    refuse_disagreement(record, copy, path)
    merged, result = merge(record, copy, path)
    if new := {event.id for event in result.new}:
        broken = [(merged.events[index], rule.sentence) for index, rule in sorted(merged.violations.items())]
        doubts = [(merged.events[index], doubt.sentence) for index, doubt in sorted(merged.doubts().items())]
        unlikely = [(event, doubt) for event, doubt in doubts if event.id in new]
        unlikely += [(event, sentence) for event in result.new for sentence in _impossible_dates(event, now)]
        if refused := broken or unlikely:
            why = "together with the record it breaks a rule." if broken else "it brings what cannot be right."
            raise _not_merged(path, why, (f"The {describe_event(event)}: {sentence}." for event, sentence in refused))
    return merged, result


def _not_merged(path: Path, why: str, details: Iterable[str]) -> VerificationFailed:
    return VerificationFailed(f"{path} was not merged, nothing was changed: {why}", details=list(details))


def refuse_disagreement(record: Record, other: Record, path: Path) -> None:
    """Raise VerificationFailed if an event has the same id but another content in the copy."""
    for pair in disagreements(record, other):
        sides = zip(("here", "there"), pair, strict=True)
        altered = [f"the one {side}" for side, event in sides if is_altered(event)]
        here, there = differing(*pair)
        event = describe_event(pair[0])
        details = [f"here:  {here}", f"there: {there}", f"Altered after it was written: {' and '.join(altered)}."]
        raise _not_merged(path, f"the {event} does not say the same in both.", details)
