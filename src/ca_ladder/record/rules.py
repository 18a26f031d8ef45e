"""The rules for adding events to a record. Each function returns the record with new events, or raises an error.

The rules: only a checked item is signed off, nobody signs off their own items, only the named mentors and the manager
decide, prerequisites block, returning, revoking and waiving need a reason, nothing is dated in the future, nothing is
deleted.
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


def enrol(stamp: Stamp, by: Person, **fields: Any) -> Record:
    """Return a new record. ``fields`` are those of the Enrolment."""
    from uuid import uuid4  # here, because only a new record needs it

    enrolment = _checked_signers(Enrolment(record=str(uuid4()), **fields))
    return Record((_event((), "enrol", stamp, by, enrolment=enrolment),))


def enrol_again(record: Record, stamp: Stamp, by: Person, **changes: Any) -> Record:
    """Return the record with a changed enrolment, such as a corrected start date or a new mentor."""
    enrolment = _checked_signers(replace(record.enrolment, **changes))
    may_enrol_again(record, enrolment, by)
    return record.with_event(_event(record.heads, "enrol", stamp, by, enrolment=enrolment))


def promote(record: Record, stamp: Stamp, by: Person, roles: Sequence[Role], **changes: Any) -> Record:
    """Return the record in a higher role. ``roles`` are in ladder order; ``changes`` has the new role and its start."""
    must_be_manager(record, by)
    ranks = {role.id: rank for rank, role in enumerate(roles)}
    current, new, start = ranks.get(record.enrolment.role), ranks[changes["role"]], changes["start"]
    if current is not None and new <= current:
        raise NotHigher(roles[new].name, roles[current].name)
    if start > stamp.today:
        raise FutureDate(start, stamp.today)
    if start < record.enrolment.start:
        raise BadInput(f"{start} is before the first day in the role so far, {record.enrolment.start}.")
    return enrol_again(record, stamp, by, **changes)


def go_on_leave(record: Record, stamp: Stamp, by: Person, leave: Leave, note: str | None = None) -> Record:
    """Return the record with a leave added or cancelled; it replaces the leaves that it overlaps."""
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
    """Return the record with the final sign-off of a tier; raises NotComplete with all missing items.

    It can be given again if a sign-off was revoked and renewed since the last one.
    """
    must_be_manager(record, by)
    missing, total, waived = completion(record, ladder, tier)
    if missing or not total:
        raise NotComplete(tier.id, missing)
    if last := final_sign_off(record, ladder, tier):
        raise InvalidState(f"Tier {tier.id}", f"signed off by {last.by.name} on {last.on}", "See", Command("status"))
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


def _checked_signers(enrolment: Enrolment) -> Enrolment:
    """Return the enrolment without repeated mentors; raises SelfSignOff if the trainee is a mentor or the manager."""
    mentors: list[str] = []
    for name in enrolment.mentors:
        if not any(same_person(name, mentor) for mentor in mentors):
            mentors.append(name)
    for name in (*mentors, *([enrolment.manager] if enrolment.manager else [])):
        if same_person(name, enrolment.name):
            raise SelfSignOff(enrolment.name)
    return replace(enrolment, mentors=tuple(mentors))


@dataclass(frozen=True)
class Actor:
    """One person who runs one command on a ladder. ``on`` is the day it happened, by default today."""

    ladder: Ladder
    stamp: Stamp
    by: Person
    on: date | None = None

    def check(
        self, record: Record, items: Sequence[Item], note: str | None = None, evidence: Sequence[str] = ()
    ) -> Record:
        """The trainee says "I can do this" for these items."""
        for item in items:
            state = self._state(record, item)
            if state in {"checked", "signed"}:
                raise InvalidState(item.id, state, "To add words to it", Command(f"note {item.id} TEXT"))
            if state == "waived":
                raise InvalidState(item.id, state, "Why", Command(f"show {item.id}"))
            record = self._add(record, "check", item, self._wording(item), note=note, evidence=tuple(evidence))
        return record

    def uncheck(self, record: Record, items: Sequence[Item]) -> Record:
        """The trainee takes checks back, as long as nobody has decided on them."""
        for item in items:
            state = self._state(record, item)
            if state == "signed":
                raise InvalidState(item.id, state, "A mentor takes it back with", Command(f"revoke {item.id}"))
            if state != "checked":
                raise InvalidState(item.id, state, "Only a checked item can be unchecked.")
            record = self._add(record, "uncheck", item)
        return record

    def note(self, record: Record, item: Item, text: str) -> Record:
        """Anybody adds a note to an item."""
        self._state(record, item)
        return self._add(record, "note", item, note=text)

    def sign_off(
        self,
        record: Record,
        items: Sequence[Item],
        note: str | None = None,
        observed: bool = False,
    ) -> Record:
        """A mentor or the manager confirms the items, prerequisites first.

        ``observed``: the signer saw it done, so the trainee need not have checked it.
        """
        may_decide(record, self.by)
        for item in items:  # report items that can never be signed off before those that are blocked
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
                record = self._add(record, "sign-off", item, self._wording(item), note=note, observed=observed)
            waiting = [item for item in waiting if item not in ready]
        return record

    def send_back(self, record: Record, items: Sequence[Item], because: str) -> Record:
        """A mentor or the manager says "not yet" to checked items, with a reason."""
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
        """A mentor or the manager takes back the valid sign-off or waiver of each item, with a reason."""
        may_decide(record, self.by)
        for item in items:
            state = self._state(record, item)
            status = record.status(item)
            if not status.settled or status.last is None:
                raise InvalidState(item.id, state, "There is no sign-off to revoke.")
            record = self._add(record, "revoke", item, because=reason(because), of=status.last.id)
        return record

    def waive(self, record: Record, items: Sequence[Item], because: str) -> Record:
        """A mentor or the manager says that items do not apply to this trainee, with a reason."""
        may_decide(record, self.by)
        for item in items:
            state = self._state(record, item)
            if record.status(item).settled:
                raise InvalidState(item.id, state, "To take that back", Command(f"revoke {item.id}"))
            record = self._add(record, "waive", item, because=reason(because))
        return record

    def undo(self, record: Record, announced: tuple[Event, ...] | None = None) -> Record:
        """Undo all that the last command from this account wrote. Undoing an undo brings the events back.

        ``announced`` are the events that the person agreed to undo; raises NothingToUndo if others came after them.
        """
        events = last_command(record, self.stamp)
        if announced is not None and events != announced:
            raise NothingToUndo("the record has changed meanwhile; look at it with", Command("log"))
        after = record
        for event in events:
            after = after.with_event(_event(after.heads, "undo", self.stamp, self.by, item=event.item, of=event.id))
        may_undo(record, after, self.by)
        changed = (record.undone ^ after.undone) & record.by_id.keys()
        if not changed - {event.id for event in events if event.kind == "undo"}:
            raise NothingToUndo("the same was taken back on another copy as well")
        self._refuse_blocked_sign_offs(record, after, changed)
        self._refuse_broken_graduation(record, after, events, changed)
        return after

    def _refuse_blocked_sign_offs(self, record: Record, after: Record, changed: frozenset[str]) -> None:
        """Raise Blocked if the undo brings back a sign-off of an item whose prerequisites are no longer settled."""
        for item in self.ladder.items.values():
            events = (*record.by_item.get(item.id, ()), *after.by_item.get(item.id, ()))
            if not any(event.id in changed for event in events):
                continue
            is_brought_back = after.status(item).state == "signed" != record.status(item).state
            if is_brought_back and (needs := blockers(after, self.ladder, item)):
                raise Blocked(item.id, needs)

    def _refuse_broken_graduation(
        self, record: Record, after: Record, events: Sequence[Event], changed: frozenset[str]
    ) -> None:
        """Raise NothingToUndo if a tier got its final sign-off on these events and would no longer be complete."""
        originals = {record.original(event).id for event in events}
        for tier in self.ladder.role.tiers:
            graduation = final_sign_off(record, self.ladder, tier)
            if graduation is None or graduation.id in changed:
                continue
            # What was written after the final sign-off may be undone.
            if originals & with_ancestors(record.by_id, graduation.parents) and completion(after, self.ladder, tier)[0]:
                raise NothingToUndo(f"{graduation.by.name} has given tier {tier.id} its final sign-off since")

    def _state(self, record: Record, item: Item) -> str:
        if item.children:
            raise FollowsFromChildren(item.id, item.children)
        if absence := self.ladder.absence(item):
            raise NotOnLadder(item.id, absence)
        return record.status(item).state

    def _wording(self, item: Item) -> Wording:
        return Wording(text=item.text, revision=item.revision, catalogue=self.ladder.version)

    def _add(
        self, record: Record, kind: EventKind, item: Item, wording: Wording | None = None, **fields: Any
    ) -> Record:
        if self.on and self.on > self.stamp.today:
            raise FutureDate(self.on, self.stamp.today)
        event = _event(record.heads, kind, self.stamp, self.by, on=self.on, item=item.id, wording=wording, **fields)
        return record.with_event(event)


def may_decide(record: Record, by: Person) -> None:
    """Raise SelfSignOff or NotAMentor unless this person may sign off, return, revoke and waive."""
    named = deciders(record)
    if any(same_person(by.name, name) for name in record.names):
        raise SelfSignOff(record.enrolment.name)
    if named and not any(same_person(by.name, name) for name in named):
        raise NotAMentor(by.name, record.enrolment.name, named)


def may_undo(record: Record, after: Record, by: Person) -> None:
    """Raise unless this person may make the undos, and undos of undos, by which ``after`` differs from ``record``.

    Only a decider brings back a sign-off or waiver, and only a signer changes the signers. People may share an account.
    """
    changed = record.undone ^ after.undone
    effects = {(event.kind, event.id not in after.undone) for event in record.events if event.id in changed}
    if ("graduate", True) in effects:
        must_be_manager(record, by)
    if effects & {("sign-off", True), ("waive", True), ("revoke", False)}:
        may_decide(record, by)
    may_enrol_again(record, after.enrolment, by)


def may_enrol_again(record: Record, enrolment: Enrolment, by: Person) -> None:
    """Raise SignersStay unless this person may change the enrolment to this one: only signers change the signers."""
    now, named = record.enrolment, deciders(record)
    if enrolment.role != now.role:
        must_be_manager(record, by)
    if (enrolment.mentors, enrolment.manager) == (now.mentors, now.manager):
        return
    named = named or ((now.manager,) if now.manager else ())  # the trainee does not choose who concludes a tier
    if named and not any(same_person(by.name, name) for name in named):
        raise SignersStay(by.name, named)


def must_be_manager(record: Record, by: Person) -> None:
    """Raise unless this person may conclude a tier or a role: the manager, or if none is named, not the trainee."""
    manager = record.enrolment.manager
    if any(same_person(by.name, name) for name in record.names):
        raise SelfSignOff(record.enrolment.name)
    if manager is None and record.enrolment.mentors:
        raise NoManagerNamed(record.enrolment.mentors)
    if manager is not None and not same_person(by.name, manager):
        raise NotTheManager(by.name, record.enrolment.name, manager)


def deciders(record: Record) -> tuple[str, ...]:
    """Return the names of those who may sign. Empty if the record names no mentor: then anyone but the trainee may."""
    enrolment = record.enrolment
    if not enrolment.mentors:
        return ()
    return (*enrolment.mentors, *([enrolment.manager] if enrolment.manager else []))


def identify(record: Record, name: str) -> Person:
    """Return the person of this name: the trainee, the manager, or otherwise a mentor."""
    enrolment = record.enrolment
    if same_person(name, enrolment.name):
        return Person(name=enrolment.name, role="trainee")
    if enrolment.manager and same_person(name, enrolment.manager):
        return Person(name=enrolment.manager, role="manager")
    mentor = next((mentor for mentor in enrolment.mentors if same_person(name, mentor)), name)
    return Person(name=mentor, role="mentor")


def blockers(record: Record, ladder: Ladder, item: Item) -> tuple[str, ...]:
    """Return the ids of the items that have to be signed off before this one.

    Waived and retired items do not block. A required parent item is represented by its children.
    """
    needs = ladder.needs[item.id]
    return tuple([need.id for need in needs if not record.status(need).settled])


def signable(record: Record, ladder: Ladder, items: Iterable[Item]) -> tuple[list[Item], list[Item]]:
    """Split the items into those that can be signed off together, and those blocked by an item outside of them."""
    ready, blocked = list(items), list[Item]()
    while True:
        ids = {item.id for item in ready}
        newly_blocked = [item for item in ready if set(blockers(record, ladder, item)) - ids]
        if not newly_blocked:
            return ready, blocked
        blocked += newly_blocked
        ready = [item for item in ready if item not in newly_blocked]


def last_command(record: Record, stamp: Stamp) -> tuple[Event, ...]:
    """Return the events of the last command from this account and computer.

    Raises NothingToUndo if there is none, if it is the enrolment that began the record, or if its subjects have changed
    since.
    """
    from_here = [event for event in record.events if event.origin == stamp.origin]
    if not from_here:
        raise NothingToUndo(f"nothing in this record was written by {stamp.account} on {stamp.computer}")
    events = tuple(event for event in from_here if event.at == from_here[-1].at)
    if record.events[0] in events:
        raise NothingToUndo("the last command began the record; to start over, delete the file")
    after = record.events[record.events.index(events[-1]) + 1 :]
    ids = {event.id for event in after}
    notes: set[str] = set()  # and undos of notes: they change no state
    for event in record.events:
        if event.kind == "note" or (event.kind == "undo" and event.of in notes):
            notes.add(event.id)
    changed = {record.subject(event) for event in events if event.id not in notes}
    for later in after:
        if later.id in notes or later.id in record.undone or (later.kind == "undo" and later.of in ids):
            continue  # changes no state, or is undone itself, or undoes a later event
        if record.subject(later) in changed:
            raise NothingToUndo(f"{record.subject(later)} has changed since, by {later.by.name} on {later.on}")
    return events


def refuse_if_changed(seen: Record, now: Record, items: Iterable[Item]) -> None:
    """Raise ChangedMeanwhile unless the items have the status that the person saw when they decided."""
    if now.enrolment != seen.enrolment:
        raise ChangedMeanwhile("The enrolment")
    for item in items:
        if now.status(item) != seen.status(item):
            raise ChangedMeanwhile(item.id)


def author_of(record: Record, event: Event) -> Person:
    """Return the author; for an undo, the author of the undone event."""
    return record.original(event).by


def reason(because: str) -> str:
    """Return the reason without surrounding spaces; raises Missing if there is none."""
    if not because.strip():
        raise Missing("The reason", '--because "..."')
    return because.strip()


def _event(
    parents: tuple[str, ...],
    kind: EventKind,
    stamp: Stamp,
    by: Person,
    on: date | None = None,
    **fields: Any,
) -> Event:
    return new_event(
        parents=parents,
        kind=kind,
        at=stamp.now.astimezone(UTC),
        on=on or stamp.today,
        by=by,
        account=stamp.account,
        computer=stamp.computer,
        **fields,
    )
