"""Is a record what its own ids, parents and rules say it must be? Every departure is named.

It reads the events as they lie in the file, so that it can name also those that the program does not understand.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple, get_args

from ca_ladder.catalogue.models import Catalogue, Ladder
from ca_ladder.errors import LadderError, MergeRejected, OtherRecord, SameIdOtherContent, StoreDamaged
from ca_ladder.record.causality import topological_order
from ca_ladder.record.events import Enrolment, Event, EventKind, Graduation, NotAnEvent, event_in, is_altered
from ca_ladder.record.fingerprint import fingerprint_before
from ca_ladder.record.merging import differing, disagreements
from ca_ladder.record.names import same_person
from ca_ladder.record.projection import project_item
from ca_ladder.record.record import Record
from ca_ladder.record.rules import LONGEST_LEAVE, blockers, may_decide, may_enrol_again, may_undo, must_be_manager
from ca_ladder.record.store import SCHEMA, as_bytes, document_in, stored
from ca_ladder.record.tier_completion import completion

# Clocks of two computers differ; by more than a day they do not.
SLACK = timedelta(days=1)
# The day where the person was may be ahead of the day in UTC, by no more than this.
_AHEAD = timedelta(hours=14)

_DECISIONS = {"sign-off", "return", "revoke", "waive"}


class Problem(NamedTuple):
    """One thing wrong with the event at a place (from 1), or with the file itself (place 0).

    ``grave`` says that what is written there cannot be trusted; else a clock was wrong, or the file's form.
    """

    place: int
    about: str
    wrong: str
    grave: bool = True

    def __str__(self) -> str:
        return f"Entry {self.place} ({self.about}): {self.wrong}." if self.place else f"The file: {self.wrong}."


def about(event: Event) -> str:
    """Return which event this is, in a few words."""
    kind = "enrolment" if event.kind == "enrol" else event.kind
    item = f" of {event.item}" if event.item else f" of tier {event.graduation.tier}" if event.graduation else ""
    return f"{kind}{item} by {event.by.name} on {event.on}"


def problems(data: bytes, path: Path, now: datetime, catalogue: Catalogue | None = None) -> list[Problem]:
    """Return all that is wrong with a record as it lies in a file, in the order of its events.

    With a catalogue, sign-offs given under this same version of it are held to its gates too. Raises StoreDamaged and
    StoreNewer, as `store.load` does, for what is no document with events at all.
    """
    content, schema = document_in(data, path)
    events = content.get("events")
    if not isinstance(events, list) or not events:
        raise StoreDamaged(path, "it has no entries")
    found: list[Problem] = []
    sound: dict[int, Event] = {}
    for place, raw in enumerate(events, start=1):
        event = _understood(place, raw, found)
        if event:
            sound[place] = event
            if is_altered(event) or raw != event.as_json():
                found.append(Problem(place, about(event), "it was altered: its id belongs to another content"))
    found += _links(sound, content.get("record"))
    found += _times(sound, now)
    if not any(each.grave for each in found):  # what a rule says of an event is known where all before it is whole
        record = Record(tuple(sound.values()))
        found += _rules(record, catalogue)
        if schema == SCHEMA and as_bytes(record) != data:
            wrong = "another program has written it anew; every entry is whole, the form is not as it was"
            found.append(Problem(0, "the file", wrong, grave=False))
    return sorted(set(found))


def _understood(place: int, raw: object, found: list[Problem]) -> Event | None:
    """Return the event, or say why it cannot be understood."""
    if isinstance(raw, dict) and raw.get("kind") not in get_args(EventKind):
        found.append(Problem(place, "not understood", f'its kind "{str(raw.get("kind"))[:40]}" is unknown'))
        return None
    try:
        return event_in(raw)
    except NotAnEvent as problem:
        wrong = f"it is damaged at `{problem.field}`" if problem.field else "it is no entry"
        found.append(Problem(place, "not understood", wrong))
        return None


def _links(sound: dict[int, Event], own: object) -> Iterator[Problem]:
    """Yield what is wrong with the ids and parents, and with whose record it is."""
    first = sound.get(1)
    if first and (first.enrolment is None or first.enrolment.record != own):
        yield Problem(1, about(first), "it does not enrol the trainee of this record")
    places: dict[str, int] = {}
    for place, event in sound.items():
        named = about(event)
        if event.id in places:
            yield Problem(place, named, f"it stands in the record twice, also as entry {places[event.id]}")
        places.setdefault(event.id, place)
        if place > 1 and not event.parents:
            yield Problem(place, named, "it is of another record: it was written on nothing of this one")
        if place > 1 and event.enrolment and event.enrolment.record != own:
            yield Problem(place, named, "it is of another record: it enrols under another number")
        for kind, said in (("enrol", event.enrolment), ("leave", event.leave), ("graduate", event.graduation)):
            if (event.kind == kind) != (said is not None):
                yield Problem(place, named, "it says something else than what its kind stands for")
    for place, event in sound.items():
        for parent in event.parents:
            if parent not in places:
                yield Problem(place, about(event), f"what it was written on is missing (entry {parent[:8]})")
            elif places[parent] >= place:
                yield Problem(place, about(event), "it stands before what it was written on")
        if event.of is not None and event.of not in places:
            yield Problem(place, about(event), f"what it takes back is missing (entry {event.of[:8]})")
    linked = all(set(event.parents) & places.keys() for place, event in sound.items() if place > 1)
    if linked and len(places) == len(sound):  # else nobody knows where it belongs
        ordered = topological_order(sound.values())
        for (place, event), right in zip(sound.items(), ordered, strict=False):
            if event.id != right.id:
                yield Problem(place, about(event), "it does not stand where it belongs; the order was changed")
                return


def _times(sound: dict[int, Event], now: datetime) -> Iterator[Problem]:
    written = {event.id: event.at for event in sound.values()}
    for place, event in sound.items():
        if event.on > (event.at.astimezone(UTC) + _AHEAD).date():
            yield Problem(
                place, about(event), f"it happened after it was written down, on {event.at.date()}", grave=False
            )
        if event.at > now + SLACK:
            yield Problem(place, about(event), f"it was written in the future, on {event.at.date()}", grave=False)
        before = max((written[parent] for parent in event.parents if parent in written), default=event.at)
        if event.at < before - SLACK:
            wrong = f"it was written on {event.at.date()}, and builds on what was written on {before.date()}"
            yield Problem(place, about(event), wrong, grave=False)


def _rules(record: Record, catalogue: Catalogue | None) -> Iterator[Problem]:
    """Yield the events that break a rule, judged by what their authors could know."""
    ladder_of = cache(lambda enrolment: _ladder(enrolment, catalogue))
    own: dict[str | None, list[Event]] = {None: []}
    for place, event in enumerate(record.events[1:], start=2):
        needed = _needed(event, catalogue)
        seen = [each for id_ in dict.fromkeys((None, event.item, *needed)) for each in own.get(id_, ())]
        then = record.subset([record.events[0], *(each for each in seen if record.causality.saw(event, each))])
        for wrong in _broken(then, event, ladder_of(then.enrolment) if needed else None):
            yield Problem(place, about(event), wrong)
        if event.graduation and event.graduation.fingerprint != fingerprint_before(record, event):
            yield Problem(place, about(event), "its fingerprint is not that of what it was given on")
        own.setdefault(event.item, []).append(event)


def _ladder(enrolment: Enrolment, catalogue: Catalogue | None) -> Ladder | None:
    """Return what was expected of the trainee so enrolled; None where the catalogue does not have the role."""
    if catalogue is None or enrolment.role not in {role.id for role in catalogue.roles}:
        return None
    return catalogue.ladder(enrolment.role, enrolment.variants)


def _needed(event: Event, catalogue: Catalogue | None) -> list[str]:
    """Return what may have to be signed off before a sign-off given under this same catalogue."""
    if catalogue is None:
        return []
    if event.graduation:
        role = next((role for role in catalogue.roles if role.id == event.graduation.role), None)
        return [item.id for item in role.items.values() if item.tier] if role else []
    if event.kind != "sign-off":
        return []
    if event.wording is None or event.wording.catalogue != catalogue.version:
        return []
    items = next((role.items for role in catalogue.roles if event.item in role.items), None)
    if items is None or event.item is None:
        return []
    return [part for need in items[event.item].requires for part in (need, *items[need].children)]


def _broken(then: Record, event: Event, ladder: Ladder | None) -> Iterator[str]:
    """Yield the rules that the event breaks, in the record as its author knew it."""
    try:
        if event.kind in _DECISIONS:
            may_decide(then, event.by)
        elif event.kind == "undo":
            may_undo(then, then.subset((*then.events, event)), event.by)
        elif event.enrolment:
            may_enrol_again(then, event.enrolment, event.by)
        elif event.kind == "graduate":
            must_be_manager(then, event.by)
    except LadderError as broken:
        yield str(broken).rstrip(".")
    if event.leave and not 0 <= (event.leave.last - event.leave.first).days <= LONGEST_LEAVE:
        yield "its leave ends before it begins, or lasts longer than three years"
    if event.graduation and event.graduation.role != then.enrolment.role:
        yield "the trainee did not have that role"
    elif event.graduation and ladder and ladder.version == event.graduation.catalogue:
        yield from _not_complete(then, event.graduation, ladder)
    if event.kind in {"return", "revoke", "waive"} and not (event.because or "").strip():
        yield "it gives no reason"
    if event.kind in {"check", "uncheck"} and not same_person(event.by.name, then.enrolment.name):
        yield f"only {then.enrolment.name} checks"
    if event.kind in {"check", "sign-off"} and event.wording is None:
        yield "it does not keep the words of the item"
    taken = then.by_id.get(event.of or "")
    if event.kind == "revoke" and (taken is None or taken.kind not in {"sign-off", "waive"}):
        yield "it revokes what is no sign-off and no waiver of this item"
    if event.kind == "undo" and taken is None:
        yield "it takes back what its author could not know"
    if event.kind == "undo" and taken and taken.origin != event.origin:
        yield "it takes back what was written from another account"
    if event.kind == "sign-off" and event.wording:
        state = _state(then, event, event.wording.revision)
        if state in {"signed", "waived"} or (state != "checked" and not event.observed):
            yield f"the item was {state}, not checked by the trainee"
        if ladder and event.item in ladder.items and (needs := blockers(then, ladder, ladder.items[event.item])):
            yield f"{' and '.join(needs)} had to be signed off first"
    # A return does not say which revision of the item the mentor's catalogue had.
    revisions = {each.wording.revision for each in then.events if each.item == event.item and each.wording}
    if event.kind == "return" and not any(_state(then, event, each) == "checked" for each in revisions):
        yield "the item was not checked by the trainee"


def _not_complete(then: Record, given: Graduation, ladder: Ladder) -> Iterator[str]:
    """Yield what is not as the final sign-off says, under the catalogue it was given under."""
    tier = next((each for each in ladder.role.tiers if each.id == given.tier), None)
    if tier is None:
        yield "there is no such tier in the role"
        return
    missing, total, waived = completion(then, ladder, tier)
    if missing:
        yield f"{', '.join(missing)} had to be signed off first"
    elif (total, waived) != (given.total, given.waived):
        yield f"it counts {given.total} signed off and {given.waived} waived; there were {total} and {waived}"


def _state(then: Record, event: Event, revision: int) -> str:
    return project_item(then.by_item.get(event.item or "", ()), revision, then.causality.saw).state


def load_verified_copy(record: Record, store: Path, path: Path, now: datetime, catalogue: Catalogue) -> Record:
    """Return the copy of the store's record in a file, once both have proved to be as they were written.

    Raises what `store.load` does, OtherRecord, SameIdOtherContent, and NotMerged. A copy from a computer whose clock is
    wrong is taken.
    """
    there = stored(path)
    if there.record.id != record.id:
        raise OtherRecord(path, there.record.enrolment.name)
    refuse_disagreement(record, there.record, path)
    for place, data in ((path, there.data), (store, as_bytes(record))):
        if wrong := [str(each) for each in problems(data, place, now, catalogue) if each.grave]:
            raise MergeRejected(path, place, wrong)
    return there.record


def refuse_disagreement(record: Record, other: Record, path: Path) -> None:
    """Raise SameIdOtherContent where an event does not say the same in both copies."""
    for pair in disagreements(record, other):
        sides = zip(("here", "there"), pair, strict=True)
        altered = [f"the one {side}" for side, event in sides if is_altered(event)]
        told = f"Altered after it was written: {' and '.join(altered)}."
        raise SameIdOtherContent(path, about(pair[0]), *differing(*pair), told)
