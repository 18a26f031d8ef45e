"""The rules for adding to a record: each function returns the record with its events, or raises the rule's own error.

Source of the rules: only a checked item is signed off, nobody signs for themself, the named mentors sign, a gate
blocks, a decision against needs its reason, nothing is dated in the future, nothing is ever deleted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from msgspec.structs import replace

from ca_ladder.catalogue.models import Item, Ladder, Role, Tier
from ca_ladder.errors import (
    BadInput,
    Blocked,
    ChangedMeanwhile,
    Command,
    FollowsFromChildren,
    FutureDate,
    InvalidState,
    Missing,
    NoManagerNamed,
    NotAMentor,
    NotChecked,
    NotComplete,
    NotHigher,
    NothingToUndo,
    NotOnLadder,
    NotTheManager,
    SelfSignOff,
    SignersStay,
)
from ca_ladder.record.causality import with_ancestors
from ca_ladder.record.events import (
    Enrolment,
    Event,
    EventKind,
    Graduation,
    Leave,
    Person,
    Stamp,
    Wording,
    new_event,
)
from ca_ladder.record.fingerprint import fingerprint
from ca_ladder.record.names import same_person
from ca_ladder.record.record import Record
from ca_ladder.record.tier_completion import completion, final_sign_off

LONGEST_LEAVE = 3 * 366


def enrol(stamp: Stamp, by: Person, **details: Any) -> Record:
    """Return a new record; ``details`` are those of an Enrolment."""
    from uuid import uuid4  # here, since only a new record needs it

    enrolment = _sound(Enrolment(record=str(uuid4()), **details))
    return Record((_event((), "enrol", stamp, by, enrolment=enrolment),))


def enrol_again(record: Record, stamp: Stamp, by: Person, **changes: Any) -> Record:
    """Return the record with the enrolment changed: a corrected start date, a new mentor."""
    enrolment = _sound(replace(record.enrolment, **changes))
    may_enrol_again(record, enrolment, by)
    return record.with_event(_event(record.heads, "enrol", stamp, by, enrolment=enrolment))


def promote(record: Record, stamp: Stamp, by: Person, roles: Sequence[Role], **changes: Any) -> Record:
    """Return the record on a higher rung of the ladder that the roles are, which is one of the ``changes``."""
    must_be_manager(record, by)
    rungs = {role.id: (place, role.name) for place, role in enumerate(roles)}
    now, after, start = rungs.get(record.enrolment.role), rungs[changes["role"]], changes["start"]
    if now and after[0] <= now[0]:
        raise NotHigher(after[1], now[1])
    if start > stamp.today:
        raise FutureDate(start, stamp.today)
    if start < record.enrolment.start:
        raise BadInput(f"{start} is before the first day in the role so far, {record.enrolment.start}.")
    return enrol_again(record, stamp, by, **changes)


def go_on_leave(record: Record, stamp: Stamp, by: Person, leave: Leave, note: str | None = None) -> Record:
    """Return the record with days of leave, or without them, in the place of those known ones that they overlap."""
    start = record.enrolment.start
    if leave.last < leave.first:
        raise BadInput(f"A leave does not end before it begins: {leave.first} to {leave.last}.")
    if leave.last < start:
        raise BadInput(f"{leave.first} to {leave.last} is before the first day in the role, {start}.")
    if (leave.last - leave.first).days > LONGEST_LEAVE:
        raise BadInput(f"{leave.first} to {leave.last} is longer than three years. Look at the years.")
    after = record.with_event(_event(record.heads, "leave", stamp, by, leave=leave, note=note))
    if after.leaves == record.leaves:
        state = "not in the record" if leave.cancelled else "in the record already"
        raise InvalidState("The leave", state, "See", Command("status"))
    return after


def graduate(record: Record, ladder: Ladder, stamp: Stamp, by: Person, tier: Tier) -> Record:
    """Return the record with the final sign-off of a tier; raises NotComplete with all that is missing.

    Where something was taken back since an earlier one, and signed off anew, it is given again.
    """
    must_be_manager(record, by)
    missing, total, waived = completion(record, ladder, tier)
    if missing or not total:
        raise NotComplete(tier.id, missing)
    given = final_sign_off(record, ladder, tier)
    if given:
        raise InvalidState(f"Tier {tier.id}", f"signed off by {given.by.name} on {given.on}", "See", Command("status"))
    graduation = Graduation(
        role=ladder.role.id,
        tier=tier.id,
        title=tier.title,
        total=total,
        waived=waived,
        fingerprint=fingerprint(record),
        catalogue=ladder.version,
    )
    return record.with_event(_event(record.heads, "graduate", stamp, by, graduation=graduation))


def _sound(enrolment: Enrolment) -> Enrolment:
    """Name each mentor once, and never the trainee."""
    mentors: list[str] = []
    for name in enrolment.mentors:
        if not any(same_person(name, each) for each in mentors):
            mentors.append(name)
    for name in (*mentors, *([enrolment.manager] if enrolment.manager else [])):
        if same_person(name, enrolment.name):
            raise SelfSignOff(enrolment.name)
    return replace(enrolment, mentors=tuple(mentors))


@dataclass(frozen=True)
class Actor:
    """What one command does: on which ladder, by whom, when. ``on`` (default: today) is the day it happened."""

    ladder: Ladder
    stamp: Stamp
    by: Person
    on: date | None = None

    def check(
        self, record: Record, items: Sequence[Item], note: str | None = None, evidence: Sequence[str] = ()
    ) -> Record:
        """The trainee says "I can do this" of each item."""
        for item in items:
            state = self._state(record, item)
            if state in {"checked", "signed"}:
                raise InvalidState(item.id, state, "To add words to it", Command(f"note {item.id} TEXT"))
            if state == "waived":
                raise InvalidState(item.id, state, "Why", Command(f"show {item.id}"))
            record = self._add(record, "check", item, self._wording(item), note=note, evidence=tuple(evidence))
        return record

    def uncheck(self, record: Record, items: Sequence[Item]) -> Record:
        """The trainee takes a claim back, as long as nobody has decided on it."""
        for item in items:
            state = self._state(record, item)
            if state == "signed":
                raise InvalidState(item.id, state, "A mentor takes it back with", Command(f"revoke {item.id}"))
            if state != "checked":
                raise InvalidState(item.id, state, "Only a checked item can be unchecked.")
            record = self._add(record, "uncheck", item)
        return record

    def note(self, record: Record, item: Item, text: str) -> Record:
        """Anybody adds words to an item."""
        self._state(record, item)
        return self._add(record, "note", item, note=text)

    def sign_off(
        self,
        record: Record,
        items: Sequence[Item],
        note: str | None = None,
        observed: bool = False,
    ) -> Record:
        """A mentor or the manager confirms each item; one that others of ``items`` depend on comes first.

        ``observed``: the signer saw it done and needs no claim by the trainee.
        """
        may_decide(record, self.by)
        for item in items:  # what can never be signed off is told before what blocks it
            self._state(record, item)
        waiting = list(items)
        while waiting:
            ready = [item for item in waiting if not blockers(record, self.ladder, item)]
            if not ready:
                raise Blocked(waiting[0].id, blockers(record, self.ladder, waiting[0]))
            for item in ready:
                state = self._state(record, item)
                if state == "signed":
                    raise InvalidState(item.id, "already signed off", "See", Command(f"show {item.id}"))
                if state == "waived":
                    raise InvalidState(item.id, state, "To take the waiver back", Command(f"revoke {item.id}"))
                if state != "checked" and not observed:
                    raise NotChecked(item.id, state)
                record = self._add(
                    record,
                    "sign-off",
                    item,
                    self._wording(item),
                    note=note,
                    observed=observed,
                )
            waiting = [item for item in waiting if item not in ready]
        return record

    def send_back(self, record: Record, items: Sequence[Item], because: str) -> Record:
        """A mentor says "not yet" to checked items, with a reason."""
        may_decide(record, self.by)
        for item in items:
            state = self._state(record, item)
            if state == "signed":
                raise InvalidState(item.id, state, "To take the sign-off back", Command(f"revoke {item.id}"))
            if state != "checked":
                raise InvalidState(item.id, state, "Only a checked item can be returned.")
            record = self._add(record, "return", item, because=reason(because))
        return record

    def revoke(self, record: Record, items: Sequence[Item], because: str) -> Record:
        """A mentor takes back the sign-off that stands, or the waiver, with a reason."""
        may_decide(record, self.by)
        for item in items:
            state = self._state(record, item)
            last = record.status(item).last
            if state not in {"signed", "waived"} or last is None:
                raise InvalidState(item.id, state, "There is no sign-off to revoke.")
            record = self._add(record, "revoke", item, because=reason(because), of=last.id)
        return record

    def waive(self, record: Record, items: Sequence[Item], because: str) -> Record:
        """A mentor says that items do not apply to this trainee, with a reason."""
        may_decide(record, self.by)
        for item in items:
            state = self._state(record, item)
            if state in {"signed", "waived"}:
                raise InvalidState(item.id, state, "To take that back", Command(f"revoke {item.id}"))
            record = self._add(record, "waive", item, because=reason(because))
        return record

    def undo(self, record: Record, announced: tuple[Event, ...] | None = None) -> Record:
        """Take back all that the last command from this account wrote; an undo is undone by a second one.

        ``announced`` is what the person was told would be taken back: nothing else is.
        """
        events = last_command(record, self.stamp)
        if announced is not None and events != announced:
            raise NothingToUndo("the record has changed meanwhile; look at it with", Command("log"))
        after = record
        for event in events:
            after = after.with_event(_event(after.heads, "undo", self.stamp, self.by, item=event.item, of=event.id))
        may_undo(record, after, self.by)
        turned = (record.undone ^ after.undone) & record.known.keys()
        if not turned - {event.id for event in events if event.kind == "undo"}:
            raise NothingToUndo("the same was taken back on another copy as well")
        for item in self.ladder.items.values():
            if any(event.id in turned for event in record.by_item.get(item.id, ()) + after.by_item.get(item.id, ())):
                back = after.status(item).state == "signed" != record.status(item).state
                if back and (needs := blockers(after, self.ladder, item)):
                    raise Blocked(item.id, needs)
        stood_on = {record.root(event).id for event in events}  # what came after a final sign-off may be turned
        for tier in self.ladder.role.tiers:
            given = final_sign_off(record, self.ladder, tier)
            held = given and given.id not in turned and stood_on & with_ancestors(record.known, given.parents)
            if given and held and completion(after, self.ladder, tier)[0]:
                raise NothingToUndo(f"{given.by.name} has given tier {tier.id} its final sign-off since")
        return after

    def _state(self, record: Record, item: Item) -> str:
        if item.children:
            raise FollowsFromChildren(item.id, item.children)
        if absence := self.ladder.absence(item):
            raise NotOnLadder(item.id, absence)
        return record.status(item).state

    def _wording(self, item: Item) -> Wording:
        return Wording(text=item.text, revision=item.revision, catalogue=self.ladder.version)

    def _add(self, record: Record, kind: EventKind, item: Item, wording: Wording | None = None, **said: Any) -> Record:
        if self.on and self.on > self.stamp.today:
            raise FutureDate(self.on, self.stamp.today)
        event = _event(record.heads, kind, self.stamp, self.by, on=self.on, item=item.id, wording=wording, **said)
        return record.with_event(event)


def may_decide(record: Record, by: Person) -> None:
    """Raise SelfSignOff or NotAMentor unless this person may sign, return, revoke and waive here."""
    named = deciders(record)
    if any(same_person(by.name, name) for name in record.names):
        raise SelfSignOff(record.enrolment.name)
    if named and not any(same_person(by.name, name) for name in named):
        raise NotAMentor(by.name, record.enrolment.name, named)


def may_undo(record: Record, after: Record, by: Person) -> None:
    """Raise unless this person may undo what ``after`` has undone, or undo the undoing of it.

    Only who may decide gives a sign-off or waiver back, and only who signs changes who signs; so also on an account
    that people share.
    """
    turned = record.undone ^ after.undone
    stands = {(event.kind, event.id not in after.undone) for event in record.events if event.id in turned}
    if ("graduate", True) in stands:
        must_be_manager(record, by)
    if stands & {("sign-off", True), ("waive", True), ("revoke", False)}:
        may_decide(record, by)
    may_enrol_again(record, after.enrolment, by)


def may_enrol_again(record: Record, enrolment: Enrolment, by: Person) -> None:
    """Raise SignersStay unless this person may change the enrolment to this one: who signs changes who signs."""
    now, named = record.enrolment, deciders(record)
    if enrolment.role != now.role:
        must_be_manager(record, by)
    if (enrolment.mentors, enrolment.manager) == (now.mentors, now.manager):
        return
    named = named or ((now.manager,) if now.manager else ())  # who concludes a tier is not for the trainee to choose
    if named and not any(same_person(by.name, name) for name in named):
        raise SignersStay(by.name, named)


def must_be_manager(record: Record, by: Person) -> None:
    """Raise unless this person may conclude a tier or a role: the manager; where nobody is named, not the trainee."""
    manager = record.enrolment.manager
    if any(same_person(by.name, name) for name in record.names):
        raise SelfSignOff(record.enrolment.name)
    if manager is None and record.enrolment.mentors:
        raise NoManagerNamed(record.enrolment.mentors)
    if manager is not None and not same_person(by.name, manager):
        raise NotTheManager(by.name, record.enrolment.name, manager)


def deciders(record: Record) -> tuple[str, ...]:
    """Return the names of those who may sign; empty when the record names no mentor: then anyone but the trainee."""
    enrolment = record.enrolment
    if not enrolment.mentors:
        return ()
    return (*enrolment.mentors, *([enrolment.manager] if enrolment.manager else []))


def person(record: Record, name: str) -> Person:
    """Return who this name is to the record: its trainee, its manager, or else a mentor."""
    enrolment = record.enrolment
    if same_person(name, enrolment.name):
        return Person(name=enrolment.name, role="trainee")
    if enrolment.manager and same_person(name, enrolment.manager):
        return Person(name=enrolment.manager, role="manager")
    named = next((each for each in enrolment.mentors if same_person(name, each)), name)
    return Person(name=named, role="mentor")


def blockers(record: Record, ladder: Ladder, item: Item) -> tuple[str, ...]:
    """Return the items that have to be signed off before this one; a waived or retired one does not block.

    Of a parent that is required, these are its children.
    """
    needs = ladder.needs[item.id]
    return tuple([need.id for need in needs if record.status(need).state not in {"signed", "waived"}])


def signable(record: Record, ladder: Ladder, items: Iterable[Item]) -> tuple[list[Item], list[Item]]:
    """Part the items into those that can be signed off together, and those that something outside them blocks."""
    ready, blocked = list(items), list[Item]()
    while stuck := [item for item in ready if set(blockers(record, ladder, item)) - {each.id for each in ready}]:
        blocked += stuck
        ready = [item for item in ready if item not in stuck]
    return ready, blocked


def last_command(record: Record, stamp: Stamp) -> tuple[Event, ...]:
    """Return the events of the last command from this account and computer.

    Raises NothingToUndo when there is none, when it is the enrolment that began the record, or when somebody has
    built on it since.
    """
    own = [event for event in record.events if event.origin == stamp.origin]
    if not own:
        raise NothingToUndo(f"nothing in this record was written by {stamp.account} on {stamp.computer}")
    events = tuple(event for event in own if event.at == own[-1].at)
    if record.events[0] in events:
        raise NothingToUndo("the last command began the record; to start over, delete the file")
    after = record.events[record.events.index(events[-1]) + 1 :]
    ids = {event.id for event in after}
    words: set[str] = set()  # notes, and the taking back of notes: they change no state
    for event in record.events:
        if event.kind == "note" or (event.kind == "undo" and event.of in words):
            words.add(event.id)
    changed = {record.subject(event) for event in events if event.id not in words}
    for later in after:
        if later.id in words or later.id in record.undone or (later.kind == "undo" and later.of in ids):
            continue  # nothing to build on, or an undo of something that came later itself
        if record.subject(later) in changed:
            raise NothingToUndo(f"{record.subject(later)} has changed since, by {later.by.name} on {later.on}")
    return events


def refuse_if_changed(seen: Record, now: Record, items: Iterable[Item]) -> None:
    """Raise ChangedMeanwhile unless the items still stand as the person saw them when they decided."""
    if now.enrolment != seen.enrolment:
        raise ChangedMeanwhile("The enrolment")
    for item in items:
        if now.status(item) != seen.status(item):
            raise ChangedMeanwhile(item.id)


def author_of(record: Record, event: Event) -> Person:
    """Return whose doing an event is: of an undo, whoever did what it takes back or brings back."""
    return record.root(event).by


def reason(because: str) -> str:
    """Return the reason without blanks around it; raises Missing when there is none."""
    if not because.strip():
        raise Missing("The reason", '--because "..."')
    return because.strip()


def _event(
    parents: tuple[str, ...],
    kind: EventKind,
    stamp: Stamp,
    by: Person,
    on: date | None = None,
    **said: Any,
) -> Event:
    return new_event(
        parents=parents,
        kind=kind,
        at=stamp.now.astimezone(UTC),
        on=on or stamp.today,
        by=by,
        account=stamp.account,
        computer=stamp.computer,
        **said,
    )
