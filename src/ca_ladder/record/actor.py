"""What people do: each function returns the record with new events, or raises what forbids them.

An event enters a record through `Record.with_event`, which asks the rules. What is refused here besides depends on the
catalogue of today: an item without a state of its own, a state that leaves nothing to do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any, Literal

from msgspec.structs import replace

from ca_ladder.catalogue.models import Item, Ladder, Role, Tier
from ca_ladder.errors import (
    BadInput,
    Blocked,
    ChangedMeanwhile,
    Command,
    FutureDate,
    InvalidState,
    Missing,
    NotComplete,
    NothingToRedo,
    NothingToUndo,
    NotPossible,
    VerificationFailed,
)
from ca_ladder.record.causality import with_ancestors
from ca_ladder.record.commands import change_since, last_command, last_undone, undos_of
from ca_ladder.record.events import Enrolment, Event, EventKind, Graduation, Leave, Person, Stamp, Wording, new_event
from ca_ladder.record.fingerprint import fingerprint
from ca_ladder.record.names import same_person
from ca_ladder.record.projection import State
from ca_ladder.record.record import Record, Subject
from ca_ladder.record.rules import LONGEST_LEAVE, blockers, may_decide, must_be_manager
from ca_ladder.record.tier_completion import completion, final_sign_off

ReasonedDecision = Literal["return", "revoke", "waive"]

VERIFY = Command("record verify")

# The states of an item that leave no room for an event: what to do instead, and the command for that.
_FORBIDDEN_STATES: dict[EventKind, list[tuple[set[State], str, str]]] = {
    "check": [({"checked", "signed"}, "To add words to it", "note {} TEXT"), ({"waived"}, "Why", "show {}")],
    "uncheck": [
        ({"signed"}, "A mentor takes it back with", "revoke {}"),
        ({"open", "returned", "waived"}, "Only a checked item can be unchecked.", ""),
    ],
    "sign-off": [({"waived"}, "To take the waiver back", "revoke {}")],
    "return": [
        ({"signed"}, "To take the sign-off back", "revoke {}"),
        ({"open", "returned", "waived"}, "Only a checked item can be returned.", ""),
    ],
    "revoke": [({"open", "checked", "returned"}, "There is no sign-off to revoke.", "")],
    "waive": [({"signed", "waived"}, "To take that back", "revoke {}")],
}


def enrol(stamp: Stamp, by: Person, **fields: Any) -> Record:
    """Return a new record. ``fields`` are those of the Enrolment."""
    from uuid import uuid4  # here, because only a new record needs it

    enrolment = _named_once(Enrolment(record=str(uuid4()), **fields))
    record = Record((_event((), "enrol", stamp, by, enrolment=enrolment),))
    for broken in record.violations.values():
        raise broken.error
    return record


def enrol_again(record: Record, stamp: Stamp, by: Person, **changes: Any) -> Record:
    """Return the record with a changed enrolment, such as a corrected start date or a new mentor."""
    enrolment = _named_once(replace(record.enrolment, **changes))
    return record.with_event(_event(record.heads, "enrol", stamp, by, enrolment=enrolment))


def promote(record: Record, stamp: Stamp, by: Person, roles: Sequence[Role], **changes: Any) -> Record:
    """Return the record in a higher role. ``roles`` are in ladder order; ``changes`` has the new role and its start."""
    refuse_unsound(record, "A promotion")
    must_be_manager(record, by)
    ranks = {role.id: rank for rank, role in enumerate(roles)}
    current, new, start = ranks.get(record.enrolment.role), ranks[changes["role"]], changes["start"]
    if current is not None and new <= current:
        higher = Command("catalogue roles", "neither")
        raise NotPossible(f"{roles[new].name} is not above {roles[current].name} on the ladder. See", higher)
    if start > stamp.today:
        raise FutureDate(start, stamp.today)
    if start < record.enrolment.start:
        raise BadInput(f"{start} is before the first day in the role so far, {record.enrolment.start}.")
    return enrol_again(record, stamp, by, **changes)


def go_on_leave(record: Record, stamp: Stamp, by: Person, leave: Leave, note: str | None = None) -> Record:
    """Return the record with a leave added or cancelled; it replaces the leaves that it overlaps."""
    start = record.enrolment.start
    if leave.last < leave.first:
        raise BadInput(f"The last day of a leave cannot be before the first: {leave.first} to {leave.last}.")
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
    refuse_unsound(record, "A final sign-off")
    must_be_manager(record, by)
    missing, total, waived = completion(record, ladder, tier)
    if missing or not total + waived:
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
    return record.with_event(_event(record.heads, "graduate", stamp, by, graduation=graduation), ladder)


def _named_once(enrolment: Enrolment) -> Enrolment:
    """Return the enrolment with each mentor named once."""
    mentors: list[str] = []
    for name in enrolment.mentors:
        if not any(same_person(name, other) for other in mentors):
            mentors.append(name)
    return replace(enrolment, mentors=tuple(mentors))


def refuse_unsound(record: Record, what: str) -> None:
    """Raise VerificationFailed if events do not count or were cut off: nothing is concluded on such a record."""
    if not record.sound:
        why = "not every entry of the record counts" if record.violations else "entries were cut off from the record"
        raise VerificationFailed(f"{what} is not possible: {why}. See", VERIFY)


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
            record = self._add(record, item, "check", note=note, evidence=tuple(evidence))
        return record

    def uncheck(self, record: Record, items: Sequence[Item]) -> Record:
        """The trainee takes checks back, as long as nobody has decided on them."""
        for item in items:
            record = self._add(record, item, "uncheck")
        return record

    def note(self, record: Record, item: Item, text: str) -> Record:
        """Anybody adds a note to an item."""
        return self._add(record, item, "note", note=text)

    def sign_off(
        self, record: Record, items: Sequence[Item], note: str | None = None, observed: bool = False
    ) -> Record:
        """A mentor or the manager confirms the items, prerequisites first.

        ``observed``: the signer saw it done, so the trainee need not have checked it.
        """
        may_decide(record, self.by)
        for item in items:  # report items that can never be signed off before those that are blocked
            self._refuse_unusable(item)
        waiting = list(items)
        while waiting:
            ready = [item for item in waiting if not blockers(record, self.ladder, item)]
            if not ready:
                raise Blocked(waiting[0].id, blockers(record, self.ladder, waiting[0]))
            for item in ready:
                record = self._add(record, item, "sign-off", note=note, observed=observed)
            waiting = [item for item in waiting if item not in ready]
        return record

    def decide(self, kind: ReasonedDecision, record: Record, items: Sequence[Item], because: str) -> Record:
        """A mentor or the manager decides on these items, with a reason.

        They "return" checked items ("not yet"), "revoke" the valid sign-off or waiver of each, or "waive" what does not
        apply to this trainee.
        """
        for item in items:
            self.refuse_decision(record, item, kind)
            decided = record.status(item).last if kind == "revoke" else None
            record = self._add(record, item, kind, because=reason(because), of=decided and decided.id)
        return record

    def refuse_decision(self, record: Record, item: Item, kind: ReasonedDecision) -> None:
        """Raise what forbids this decision on the item, whatever the reason for it is."""
        may_decide(record, self.by)
        self._refuse_state(record, item, kind)

    def undo(self, record: Record, announced: Sequence[Event] | None = None) -> Record:
        """Take back all that the last command from this account wrote and that stands. Again, it goes further back.

        ``announced`` are the events that the person agreed to undo; raises NothingToUndo if others came after them.
        """
        events = last_command(record, self.stamp.account)
        _refuse_other(events, announced, NothingToUndo)
        return self._take_back(record, events, NothingToUndo)

    def redo(self, record: Record, announced: Sequence[Event] | None = None) -> Record:
        """Bring back what the last `undo` from this account took back. Again, it goes further forward.

        ``announced`` is as in `undo`; raises NothingToRedo.
        """
        events = last_undone(record, self.stamp.account)
        _refuse_other(events, announced, NothingToRedo)
        return self._take_back(record, undos_of(record, events), NothingToRedo)

    def _take_back(self, record: Record, events: Sequence[Event], error: type[NothingToUndo]) -> Record:
        """Return the record with these events undone: as it was before them, which is no new decision.

        So a sign-off comes back whatever its prerequisites are, unless they have changed since.
        """
        after = record
        for event in events:
            after = after.with_event(_event(after.heads, "undo", self.stamp, self.by, item=event.item, of=event.id))
        for event in events:
            item = self.ladder.items.get(event.item or "")
            if item and after.status(item).state == "signed" != record.status(item).state:
                original = record.original(event)
                last = next(other for other in reversed(record.events) if record.original(other) == original)
                needs = blockers(after, self.ladder, item)
                if changed := [need for need in needs if change_since(record, last, Subject("item", need))]:
                    raise Blocked(item.id, changed)
        # A tier with a final sign-off on these events stays complete. What was written after it may be undone.
        originals = {record.original(event).id for event in events}
        for tier in self.ladder.role.tiers:
            graduation = final_sign_off(record, self.ladder, tier)
            if graduation is None or graduation.id in originals:
                continue
            if originals & with_ancestors(record.by_id, graduation.parents) and completion(after, self.ladder, tier)[0]:
                raise error(f"{graduation.by.name} has given tier {tier.id} its final sign-off since")
        return after

    def _refuse_state(self, record: Record, item: Item, kind: EventKind) -> None:
        """Raise what forbids this kind of event on the item: what the item is, or its state."""
        self._refuse_unusable(item)
        state = record.status(item).state
        for states, instead, command in _FORBIDDEN_STATES.get(kind, ()):
            if state in states:
                raise InvalidState(item.id, state, instead, Command(command.format(item.id)) if command else None)

    def _refuse_unusable(self, item: Item) -> None:
        """Raise NotPossible if nothing can be written about the item itself."""
        if item.children:
            raise NotPossible(f"{item.id} follows from {', '.join(item.children)}. Use those ids.")
        if absence := self.ladder.absence(item):
            raise NotPossible(f"{item.id} is not on this trainee's ladder: {absence}.")

    def _add(self, record: Record, item: Item, kind: EventKind, **fields: Any) -> Record:
        """Return the record with an event about the item, unless its state or its date forbids it."""
        self._refuse_state(record, item, kind)
        if self.on and self.on > self.stamp.today:
            raise FutureDate(self.on, self.stamp.today)
        if kind in {"check", "sign-off"}:
            fields["wording"] = Wording(text=item.text, revision=item.revision, catalogue=self.ladder.version)
        on = self.on or self.stamp.today
        event = _event(record.heads, kind, self.stamp, self.by, on=on, item=item.id, **fields)
        return record.with_event(event, self.ladder)


def refuse_if_changed(seen: Record, now: Record, items: Iterable[Item]) -> None:
    """Raise ChangedMeanwhile unless the items have the status that the person saw when they decided."""
    if now.enrolment != seen.enrolment:
        raise ChangedMeanwhile("The enrolment")
    for item in items:
        if now.status(item) != seen.status(item):
            raise ChangedMeanwhile(item.id)


def reason(because: str) -> str:
    """Return the reason without surrounding spaces; raises Missing if there is none."""
    if not because.strip():
        raise Missing("The reason", '--because "..."')
    return because.strip()


def _refuse_other(events: Sequence[Event], announced: Sequence[Event] | None, error: type[NothingToUndo]) -> None:
    """Raise the error if other events were announced than these."""
    if announced is not None and events != announced:
        raise error("the record has changed meanwhile; look at it with", Command("log"))


def _event(parents: tuple[str, ...], kind: EventKind, stamp: Stamp, by: Person, **fields: Any) -> Event:
    moment = {"at": stamp.now.astimezone(UTC), "on": stamp.today}
    author = {"by": by, "account": stamp.account, "computer": stamp.computer, "command": stamp.command}
    return new_event(parents=parents, kind=kind, **(moment | author | fields))
