"""Verify a record: its ids, its parents and order, its times, and the rules. Every problem is reported.

The events are read one by one from the file, so that those that cannot be decoded are reported too.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, get_args

from ca_ladder.catalogue.models import Catalogue, Ladder
from ca_ladder.errors import LadderError, NotPossible, StoreDamaged, VerificationFailed
from ca_ladder.record.causality import topological_order
from ca_ladder.record.events import Event, EventKind, Graduation, NotAnEvent, event_in, is_altered
from ca_ladder.record.fingerprint import fingerprint_before
from ca_ladder.record.merging import differing, disagreements
from ca_ladder.record.names import same_person
from ca_ladder.record.projection import ItemStatus, project_item
from ca_ladder.record.record import Record
from ca_ladder.record.rules import LONGEST_LEAVE, blockers, may_decide, may_enrol_again, may_undo, must_be_manager
from ca_ladder.record.store import SCHEMA, as_bytes, document_in, stored
from ca_ladder.record.tier_completion import completion

# The clocks of two computers differ by less than this.
SLACK = timedelta(days=1)
# No time zone is further ahead of UTC.
_AHEAD = timedelta(hours=14)


class Problem(NamedTuple):
    """One thing wrong with an event, or with the file itself: then ``entry`` is 0. The first event is entry 1.

    A ``serious`` problem means that the content cannot be trusted. Otherwise a clock or the file's form is wrong.
    """

    entry: int
    event: str
    message: str
    serious: bool = True

    def __str__(self) -> str:
        return f"Entry {self.entry} ({self.event}): {self.message}." if self.entry else f"The file: {self.message}."


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
    for entry, raw in enumerate(raw_events, start=1):
        if isinstance(raw, dict) and raw.get("kind") not in get_args(EventKind):
            faults.append(Problem(entry, "not understood", f'its kind "{str(raw.get("kind"))[:40]}" is unknown'))
            continue
        try:
            event = events[entry] = event_in(raw)
        except NotAnEvent as problem:
            message = f"it is damaged at `{problem.field}`" if problem.field else "it is not an entry"
            faults.append(Problem(entry, "not understood", message))
            continue
        if is_altered(event) or raw != event.as_json():
            faults.append(Problem(entry, describe_event(event), "it was altered: its id does not fit its content"))

    def add(findings: Iterable[tuple[int, str]], serious: bool = True) -> None:
        faults.extend(Problem(entry, describe_event(events[entry]), message, serious) for entry, message in findings)

    add(_link_problems(events, content.get("record")))
    add(_time_problems(events, now), serious=False)
    if not any(problem.serious for problem in faults):  # the rules need all earlier events to be intact
        record = Record(tuple(events.values()))
        add(_rule_problems(record, catalogue))
        if schema == SCHEMA and as_bytes(record) != data:
            message = "another program has saved it again in its own layout; every entry is intact"
            faults.append(Problem(0, "the file", message, serious=False))
    return sorted(set(faults))


def _link_problems(events: dict[int, Event], record_id: object) -> Iterator[tuple[int, str]]:
    """Yield wrong ids, parents and order, and events of another record."""
    first = events.get(1)
    if first and (first.enrolment is None or first.enrolment.record != record_id):
        yield 1, "it does not enrol the trainee of this record"
    entries: dict[str, int] = {}
    for entry, event in events.items():
        if event.id in entries:
            yield entry, f"it is in the record twice, also as entry {entries[event.id]}"
        entries.setdefault(event.id, entry)
        if entry > 1 and not event.parents:
            yield entry, "it is of another record: it was written on nothing of this one"
        if entry > 1 and event.enrolment and event.enrolment.record != record_id:
            yield entry, "it is of another record: it enrols under another number"
        details = {"enrol": event.enrolment, "leave": event.leave, "graduate": event.graduation}
        if any((event.kind == kind) != (detail is not None) for kind, detail in details.items()):
            yield entry, "it says something that does not belong to its kind"
    for entry, event in events.items():
        for parent in event.parents:
            if parent not in entries:
                yield entry, f"what it was written on is missing (entry {parent[:8]})"
            elif entries[parent] >= entry:
                yield entry, "it is before the entry that it builds on"
        if event.of is not None and event.of not in entries:
            yield entry, f"what it takes back is missing (entry {event.of[:8]})"
    is_linked = all(set(event.parents) & entries.keys() for entry, event in events.items() if entry > 1)
    if is_linked and len(entries) == len(events):  # otherwise the right order is unknown
        for (entry, event), expected in zip(events.items(), topological_order(events.values()), strict=False):
            if event.id != expected.id:
                yield entry, "it is not where it belongs; the order was changed"
                return


def _time_problems(events: dict[int, Event], now: datetime) -> Iterator[tuple[int, str]]:
    written = {event.id: event.at for event in events.values()}
    for entry, event in events.items():
        day = event.at.date()
        if event.on > (event.at.astimezone(UTC) + _AHEAD).date():
            yield entry, f"it is dated after the day it was written, on {day}"
        if event.at > now + SLACK:
            yield entry, f"it was written in the future, on {day}"
        last = max((written[parent] for parent in event.parents if parent in written), default=event.at)
        if event.at < last - SLACK:
            yield entry, f"it was written on {day}, and builds on what was written on {last.date()}"


def _rule_problems(record: Record, catalogue: Catalogue | None) -> Iterator[tuple[int, str]]:
    """Yield the events that break a rule, judged by what their authors knew."""
    catalogue = catalogue or Catalogue(version="", roles=())
    roles = {role.id for role in catalogue.roles}
    by_item: dict[str | None, list[Event]] = {None: []}
    for entry, event in enumerate(record.events[1:], start=2):
        needed = _needed_items(event, catalogue)
        earlier = [other for id_ in dict.fromkeys((None, event.item, *needed)) for other in by_item.get(id_, ())]
        seen = [other for other in earlier if record.causality.saw(event, other)]
        before = record.subset([record.events[0], *seen])
        role, variants = before.enrolment.role, before.enrolment.variants
        ladder = catalogue.ladder(role, variants) if needed and role in roles else None
        for message in _broken_rules(before, event, ladder):
            yield entry, message
        if event.graduation and event.graduation.fingerprint != fingerprint_before(record, event):
            yield entry, "its fingerprint is not that of what it was given on"
        by_item.setdefault(event.item, []).append(event)


def _needed_items(event: Event, catalogue: Catalogue) -> list[str]:
    """Return the ids of the items that a sign-off or graduation under this catalogue may depend on."""
    if event.graduation:
        roles = [role for role in catalogue.roles if role.id == event.graduation.role]
        return [item.id for role in roles for item in role.items.values() if item.tier]
    if event.kind != "sign-off" or event.wording is None or event.wording.catalogue != catalogue.version:
        return []
    roles = [role for role in catalogue.roles if event.item in role.items]
    needs = [role.items[need] for role in roles for need in role.items[event.item or ""].requires]
    return [part for need in needs for part in (need.id, *need.children)]


def _broken_rules(before: Record, event: Event, ladder: Ladder | None) -> Iterator[str]:
    """Yield the rules that the event breaks. ``before`` is the record as its author knew it."""
    yield from _broken_authority(before, event)

    if event.leave and not 0 <= (event.leave.last - event.leave.first).days <= LONGEST_LEAVE:
        yield "its leave ends before it begins, or lasts longer than three years"

    if event.graduation and event.graduation.role != before.enrolment.role:
        yield "the trainee did not have that role"
    elif event.graduation and ladder and ladder.version == event.graduation.catalogue:
        yield from _false_graduation(before, event.graduation, ladder)

    if event.kind in {"return", "revoke", "waive"} and not (event.because or "").strip():
        yield "it gives no reason"
    if event.kind in {"check", "uncheck"} and not same_person(event.by.name, before.enrolment.name):
        yield f"only {before.enrolment.name} checks"
    if event.kind in {"check", "sign-off"} and event.wording is None:
        yield "it does not keep the words of the item"

    target = before.by_id.get(event.of or "")
    if event.kind == "revoke" and (target is None or target.kind not in {"sign-off", "waive"}):
        yield "it revokes what is no sign-off and no waiver of this item"
    if event.kind == "undo" and target is None:
        yield "it takes back what its author could not know"
    if event.kind == "undo" and target and target.origin != event.origin:
        yield "it takes back what was written from another account"

    if event.kind == "sign-off" and event.wording:
        status = _status(before, event, event.wording.revision)
        if status.settled or (status.state != "checked" and not event.observed):
            yield f"the item was {status.state}, not checked by the trainee"
        if ladder and event.item in ladder.items and (needs := blockers(before, ladder, ladder.items[event.item])):
            yield f"{' and '.join(needs)} had to be signed off first"
    if event.kind == "return":
        # A return does not name the revision of the item in the mentor's catalogue.
        revisions = {check.wording.revision for check in before.events if check.item == event.item and check.wording}
        if not any(_status(before, event, revision).state == "checked" for revision in revisions):
            yield "the item was not checked by the trainee"


def _broken_authority(before: Record, event: Event) -> Iterator[str]:
    """Yield why the author was not allowed to write this event."""
    try:
        if event.kind in {"sign-off", "return", "revoke", "waive"}:
            may_decide(before, event.by)
        elif event.kind == "undo":
            may_undo(before, before.subset((*before.events, event)), event.by)
        elif event.enrolment:
            may_enrol_again(before, event.enrolment, event.by)
        elif event.kind == "graduate":
            must_be_manager(before, event.by)
    except LadderError as violation:
        yield str(violation).rstrip(".")


def _false_graduation(before: Record, graduation: Graduation, ladder: Ladder) -> Iterator[str]:
    """Yield where a final sign-off differs from the record, under the catalogue it was given under."""
    tier = next((tier for tier in ladder.role.tiers if tier.id == graduation.tier), None)
    if tier is None:
        yield "there is no such tier in the role"
        return
    missing, total, waived = completion(before, ladder, tier)
    if missing:
        yield f"{', '.join(missing)} had to be signed off first"
    elif (total, waived) != (graduation.total, graduation.waived):
        counts = f"{graduation.total} signed off and {graduation.waived} waived"
        yield f"it counts {counts}; there were {total} and {waived}"


def _status(before: Record, event: Event, revision: int) -> ItemStatus:
    return project_item(before.by_item.get(event.item or "", ()), revision, before.causality.saw)


def load_verified_copy(record: Record, store: Path, path: Path, now: datetime, catalogue: Catalogue) -> Record:
    """Return the copy of the store's record in a file, after both have been verified.

    Raises what `store.load` does, NotPossible, and VerificationFailed. A wrong clock is no reason to reject a copy.
    """
    copy = stored(path)
    if copy.record.id != record.id:
        name = copy.record.enrolment.name
        raise NotPossible(f"{path} is another record, of {name}; only copies of one record are merged.")
    refuse_disagreement(record, copy.record, path)
    for file, data in ((path, copy.data), (store, as_bytes(record))):
        if messages := [str(problem) for problem in problems(data, file, now, catalogue) if problem.serious]:
            which = "it" if file == path else f"the record {file}"
            sentence = f"{path} was not merged, nothing was changed: {which} is not as it was written."
            raise VerificationFailed(sentence, details=messages)
    return copy.record


def refuse_disagreement(record: Record, other: Record, path: Path) -> None:
    """Raise VerificationFailed if an event has the same id but another content in the copy."""
    for pair in disagreements(record, other):
        sides = zip(("here", "there"), pair, strict=True)
        altered = [f"the one {side}" for side, event in sides if is_altered(event)]
        here, there = differing(*pair)
        event = describe_event(pair[0])
        raise VerificationFailed(
            f"{path} was not merged, nothing was changed: the {event} does not say the same in both.",
            details=[f"here:  {here}", f"there: {there}", f"Altered after it was written: {' and '.join(altered)}."],
        )
