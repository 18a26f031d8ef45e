"""The rules for adding events to a record: who may do what, and what holds an item back.

The rules: only a checked item is signed off, nobody signs off their own items, only the named mentors and the manager
decide, prerequisites block, returning, revoking and waiving need a reason, nothing is dated in the future, nothing is
deleted.
"""

from collections.abc import Iterable

from ca_ladder.catalogue.models import Item, Ladder
from ca_ladder.errors import (
    Command,
    NotAMentor,
    NotPossible,
    SelfSignOff,
    either,
)
from ca_ladder.record.events import Enrolment, Person
from ca_ladder.record.names import same_person
from ca_ladder.record.record import Record

LONGEST_LEAVE = 3 * 366


def may_decide(record: Record, by: Person) -> None:
    """Raise SelfSignOff or NotAMentor unless this person may sign off, return, revoke and waive."""
    _refuse_trainee(record, by)
    named = deciders(record)
    if named and not is_among(by.name, named):
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
    """Raise NotPossible unless this person may change the enrolment to this one: only signers change the signers.

    A manager without mentors counts too: the trainee does not choose who concludes a tier.
    """
    now = record.enrolment
    if enrolment.role != now.role:
        must_be_manager(record, by)
    if (enrolment.mentors, enrolment.manager) == (now.mentors, now.manager):
        return
    if now.signers and not is_among(by.name, now.signers):
        signers = either(now.signers)
        raise NotPossible(f'Only {signers} can change who signs off, not {by.name}. Say who does it: --by "NAME"')


def must_be_manager(record: Record, by: Person) -> None:
    """Raise unless this person may conclude a tier or a role: the manager, or if none is named, not the trainee."""
    _refuse_trainee(record, by)
    name, manager, mentors = record.enrolment.name, record.enrolment.manager, record.enrolment.mentors
    if manager is None and mentors:
        named = Command(f'init --manager "NAME" --by "{mentors[0]}"')
        raise NotPossible("The record names no manager. Name one first", named)
    if manager is not None and not same_person(by.name, manager):
        raise NotPossible(f"{by.name} is not the manager of {name}: the record names {manager}.")


def deciders(record: Record) -> tuple[str, ...]:
    """Return the names of those who may sign. Empty if the record names no mentor: then anyone but the trainee may."""
    return record.enrolment.signers if record.enrolment.mentors else ()


def _refuse_trainee(record: Record, by: Person) -> None:
    """Raise SelfSignOff if the record belongs to this person, under any name that the trainee has had."""
    if is_among(by.name, record.names):
        raise SelfSignOff(record.enrolment.name)


def is_among(name: str, names: Iterable[str]) -> bool:
    """Whether one of the names is this person's."""
    return any(same_person(name, other) for other in names)


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
    return tuple([need.id for need in ladder.needs[item.id] if not record.status(need).settled])


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
