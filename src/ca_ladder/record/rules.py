"""The rules of a record, each stated once: what an event may say, given what its author could know.

`violation` judges every event: before a command writes it, when a record is read, when copies are merged, and when a
record is verified. What breaks a rule never counts. `implausible` states rules that only refuse what is new: an earlier
version has accepted such events, and nobody loses a sign-off to a rule that came later.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, timedelta
from operator import attrgetter
from typing import NamedTuple

from ca_ladder.catalogue.models import Item, Ladder
from ca_ladder.errors import (
    BadInput,
    Blocked,
    Command,
    InvalidState,
    LadderError,
    Missing,
    NotAMentor,
    NotComplete,
    NotPossible,
    SelfSignOff,
    either,
    quoted,
)
from ca_ladder.record.events import ANY_REVISION, Enrolment, Event, EventKind, Graduation, Person
from ca_ladder.record.fingerprint import printed_fingerprint
from ca_ladder.record.names import is_visible, same_person
from ca_ladder.record.projection import SETTLED, Known, Projection
from ca_ladder.record.tier_completion import completion

LONGEST_LEAVE = 3 * 366
FIRST_YEAR = 1950
# The clocks of two computers differ by less than this.
SLACK = timedelta(days=1)
# No time zone is further ahead of UTC, or behind it.
AHEAD, _BEHIND = timedelta(hours=14), timedelta(hours=12)

DECISIONS: frozenset[EventKind] = frozenset(("sign-off", "return", "revoke", "waive"))

_NO_WORDS = "a name or text in it is empty"

# By kind of event: the fields that it must have, and all that it may have.
_DETAILS = ("enrolment", "leave", "graduation", "item", "wording", "observed", "note", "evidence", "because", "of")
_FIELDS: dict[EventKind, tuple[set[str], set[str]]] = {
    "enrol": ({"enrolment"}, {"enrolment"}),
    "check": ({"item", "wording"}, {"item", "wording", "note", "evidence"}),
    "uncheck": ({"item"}, {"item"}),
    "sign-off": ({"item", "wording"}, {"item", "wording", "note", "observed"}),
    "return": ({"item"}, {"item", "because"}),
    "revoke": ({"item", "of"}, {"item", "of", "because"}),
    "waive": ({"item"}, {"item", "because"}),
    "note": ({"item", "note"}, {"item", "note"}),
    "undo": ({"of"}, {"of", "item"}),
    "leave": ({"leave"}, {"leave", "note"}),
    "graduate": ({"graduation"}, {"graduation"}),
}


# By kind of event: functions that return the fields that it must have, and those that it must not have. They are fast,
# because every event is asked. "kind" is there so that a single field becomes a tuple too.
_FORMS: dict[EventKind, tuple[Callable[[Event], tuple[object, ...]], Callable[[Event], tuple[object, ...]]]] = {
    kind: (attrgetter("kind", *required), attrgetter(*(name for name in _DETAILS if name not in allowed)))
    for kind, (required, allowed) in _FIELDS.items()
}


class Violation(NamedTuple):
    """A rule that an event breaks: a sentence for who reads the record, and the error for who tries to write it.

    ``follows``: the event itself may be right, but what it builds on is missing or was altered.
    """

    sentence: str
    error: LadderError
    follows: bool = False


def violation(event: Event, before: Projection, ladder: Ladder | None = None) -> Violation | None:
    """Return the first rule that the event breaks, or None. ``before`` is what its author knew.

    Prerequisites, and the counts of a final sign-off, are judged with the ``ladder`` that the event was written under.
    """
    try:
        _refuse_form(event)
        _refuse_author(event, before)
        rule = _RULES.get(event.kind)
        return rule(event, before, ladder) if rule else None
    except LadderError as error:
        return Violation(str(error).rstrip("."), error)


def implausible(event: Event, before: Projection) -> Violation | None:
    """Return what is unlikely about an event and would not be written today."""
    on, written = event.on, event.at.date()
    days = [on, written, *([event.enrolment.start] if event.enrolment else [])]
    if (day := min(days)).year < FIRST_YEAR:
        look = BadInput(f"{day} cannot be meant. Look at the year.")
        return Violation(f"it is dated in the year {day.year}", look)
    if event.kind == "sign-off" and not event.observed and event.item:
        check = before.status_of(event.item, event.revision).check
        today_in_the_west = (event.at.astimezone(UTC) - _BEHIND).date()
        if check and on < min(check.on, today_in_the_west):
            later = f"{event.item} was checked on {check.on}, so its sign-off cannot be dated {on}."
            error = NotPossible(f"{later} Give that day or a later one; if you saw it done before, add --observed.")
            return Violation(f"it is dated before the check that it answers, on {check.on}", error)
    if event.leave and not (
        _is_trainee(before, event.by) or _is_among(event.by.name, before.enrolment.signers or [event.by.name])
    ):
        name = before.enrolment.name
        error = NotPossible(
            f"{event.by.name} does not write down a leave of {name}: {name}, a mentor or the manager does."
        )
        return Violation(f"a leave is written down by {name}, a mentor or the manager", error)
    texts = [text for text in (event.note, *event.evidence) if text is not None]
    if not all(map(str.strip, texts)):
        return Violation("it has a note or evidence without words", BadInput("A note or evidence needs words."))
    return None


# --- what every event must keep ---------------------------------------------------------------------------------


def _violation(sentence: str) -> Violation:
    """Return a violation that no command can cause."""
    return Violation(sentence, NotPossible(f"This cannot be written: {sentence}."))


def _refuse_form(event: Event) -> None:
    """Raise unless the event has the fields of its kind, each with words or a number that makes sense."""
    required, forbidden = _FORMS[event.kind]
    parents, wording, enrolment = event.parents, event.wording, event.enrolment
    if not all(required(event)) or any(forbidden(event)) or (len(parents) > 1 and len(set(parents)) < len(parents)):
        raise NotPossible("it says something that does not belong to its kind")
    if wording and not 1 <= wording.revision < ANY_REVISION:
        raise NotPossible(f"there is no revision {wording.revision} of an item")
    words = [enrolment.name, enrolment.role, *enrolment.signers, *enrolment.variants] if enrolment else []
    if (
        (event.item and event.item.isspace())
        or (wording and (not wording.text or wording.text.isspace()))
        or not all(map(is_visible, words))
    ):
        raise NotPossible(_NO_WORDS)


def _refuse_author(event: Event, before: Projection) -> None:
    """Raise unless the author may write such an event, and is what the record says of that name."""
    by, kind = event.by, event.kind
    author = (kind, by.name, by.role)
    if author in before.authors:
        return
    if not is_visible(by.name):
        raise NotPossible(_NO_WORDS)
    if kind in DECISIONS:
        may_decide(before, by)
    elif kind == "graduate":
        must_be_manager(before, by)
    elif event.enrolment:
        may_enrol(before, event.enrolment, by)
    elif kind in {"check", "uncheck"} and not _is_trainee(before, by):
        raise NotPossible(f"Only {before.enrolment.name} checks, and takes checks back.")
    if not before.by_id or kind == "undo":
        return  # nothing says yet who is who; an undo of version 0.1 has the role that its author once had
    expected = identify(before, by.name).role
    # Where nobody is named, whoever concludes a tier does it as the manager.
    if by.role != expected and not (expected == "mentor" and by.role == "manager" and not before.enrolment.signers):
        raise NotPossible(f"{by.name} was the {expected}, not the {by.role}")
    if not event.enrolment:
        before.authors.add(author)


# --- the rules of each kind -------------------------------------------------------------------------------------


def _leave(event: Event, _before: Projection, _ladder: Ladder | None) -> Violation | None:
    if event.leave and not 0 <= (event.leave.last - event.leave.first).days <= LONGEST_LEAVE:
        return _violation("its leave ends before it begins, or lasts longer than three years")
    return None


def _sign_off(event: Event, before: Projection, ladder: Ladder | None) -> Violation | None:
    item_id = event.item or ""
    state = before.status_of(item_id, event.revision).state
    if state in SETTLED or (state != "checked" and not event.observed):
        error = InvalidState(item_id, "already signed off", "See", Command(f"show {item_id}"))
        if state != "signed":
            advice = "If you saw it done yourself, add --observed."
            error = InvalidState(item_id, f"{state}, not checked by the trainee", advice)
        return Violation(f"the item was {state}, not checked by the trainee", error)
    if ladder and item_id in ladder.items and (needs := blockers(before, ladder, ladder.items[item_id])):
        return Violation(f"{' and '.join(needs)} had to be signed off first", Blocked(item_id, needs))
    return None


def _return(event: Event, before: Projection, ladder: Ladder | None) -> Violation | None:
    if not before.is_checked(event.item or ""):  # a return does not name the revision of the mentor's catalogue
        return _violation("the item was not checked by the trainee")
    return _reason(event, before, ladder)


def _revoke(event: Event, before: Projection, ladder: Ladder | None) -> Violation | None:
    target = before.by_id.get(event.of or "")
    if target is None or target.kind not in {"sign-off", "waive"} or target.item != event.item:
        return _violation("it revokes what is no sign-off and no waiver of this item")
    return _reason(event, before, ladder)


def _reason(event: Event, _before: Projection, _ladder: Ladder | None) -> Violation | None:
    if not (event.because or "").strip():
        return Violation("it gives no reason", Missing("The reason", '--because "..."'))
    return None


def _undo(event: Event, before: Projection, _ladder: Ladder | None) -> Violation | None:
    target = before.by_id.get(event.of or "")
    if target is None or not target.parents:
        return _violation("it takes back what its author could not know")
    if target.account != event.account:
        return _violation("it takes back what was written from another account")
    if target.item != event.item:
        return _violation("it takes back what is about something else")
    may_undo(before, event)
    return None


def _graduate(event: Event, before: Projection, ladder: Ladder | None) -> Violation | None:
    graduation = event.graduation
    if graduation is None:
        return None
    if graduation.role != before.enrolment.role:
        return _violation("the trainee did not have that role")
    if graduation.fingerprint != printed_fingerprint(before.known, event.parents):
        return _violation("its fingerprint is not that of what it was given on")
    if ladder is None:
        counts = graduation.total, graduation.waived
        possible = min(counts) >= 0 and sum(counts) <= before.settled_items()
        return None if possible else _counts_otherwise(graduation, "not so many")
    tier = next((tier for tier in ladder.role.tiers if tier.id == graduation.tier), None)
    if tier is None:
        return _violation("there is no such tier in the role")
    missing, total, waived = completion(before, ladder, tier)
    if missing or not total + waived:
        sentence = f"{', '.join(missing)} had to be signed off first" if missing else "there is nothing to sign off"
        return Violation(sentence, NotComplete(tier.id, missing))
    if (total, waived) != (graduation.total, graduation.waived):
        return _counts_otherwise(graduation, f"{total} and {waived}")
    return None


def _counts_otherwise(graduation: Graduation, counts: str) -> Violation:
    return _violation(f"it counts {graduation.total} signed off and {graduation.waived} waived; there were {counts}")


_RULES: dict[EventKind, Callable[[Event, Projection, Ladder | None], Violation | None]] = {
    "sign-off": _sign_off,
    "return": _return,
    "revoke": _revoke,
    "waive": _reason,
    "undo": _undo,
    "leave": _leave,
    "graduate": _graduate,
}


# --- who may do what --------------------------------------------------------------------------------------------


def may_decide(before: Known, by: Person) -> None:
    """Raise SelfSignOff or NotAMentor unless this person may sign off, return, revoke and waive."""
    _refuse_trainee(before, by)
    named = deciders(before)
    if named and not _is_among(by.name, named):
        raise NotAMentor(by.name, before.enrolment.name, named)


def may_undo(before: Projection, undo: Event) -> None:
    """Raise unless the author may make this undo.

    Only a decider brings back a sign-off or waiver, and only a signer changes the signers. People may share an account.
    """
    toggled = [before.by_id[id_] for id_ in before.toggled(undo) if id_ in before.by_id]
    effects = {(event.kind, event.id in before.undone) for event in toggled}
    if ("graduate", True) in effects:
        must_be_manager(before, undo.by)
    if effects & {("sign-off", True), ("waive", True), ("revoke", False)}:
        may_decide(before, undo.by)
    if any(event.enrolment for event in toggled):
        after = before.copy()
        after.add(undo)
        may_enrol(before, after.enrolment, undo.by)


def may_enrol(before: Projection, enrolment: Enrolment, by: Person) -> None:
    """Raise unless this person may make this enrolment the trainee's. Nobody was enrolled before the first one.

    Only signers change the signers. A manager without mentors counts too: the trainee does not choose who concludes a
    tier. The trainee changes their own name only while nobody has decided anything.
    """
    if any(_is_among(name, enrolment.signers) for name in (*before.names, enrolment.name)):
        raise SelfSignOff(enrolment.name)
    if not before.by_id:
        return
    now = before.enrolment
    if enrolment.record != now.record:
        raise NotPossible("it is of another record: it enrols under another number")
    if enrolment.role != now.role:
        must_be_manager(before, by)
    if enrolment.name != now.name and any(event.kind in DECISIONS for event in before.by_id.values()):
        if _is_trainee(before, by):
            raise NotPossible(
                f"Since somebody has decided, only a mentor or the manager changes the name of {now.name}."
            )
        may_decide(before, by)
    if (enrolment.mentors, enrolment.manager) == (now.mentors, now.manager):
        return
    if now.signers and not _is_among(by.name, now.signers):
        signers = either(now.signers)
        raise NotPossible(f'Only {signers} can change who signs off, not {by.name}. Say who does it: --by "NAME"')


def must_be_manager(before: Known, by: Person) -> None:
    """Raise unless this person may conclude a tier or a role: the manager, or if none is named, not the trainee."""
    _refuse_trainee(before, by)
    name, manager, mentors = before.enrolment.name, before.enrolment.manager, before.enrolment.mentors
    if manager is None and mentors:
        named = Command(f'init --manager "NAME" --by {quoted(mentors[0])}')
        raise NotPossible("The record names no manager. Name one first", named)
    if manager is not None and not same_person(by.name, manager):
        raise NotPossible(f"{by.name} is not the manager of {name}: the record names {manager}.")


def deciders(known: Known) -> tuple[str, ...]:
    """Return the names of those who may sign. Empty if the record names no mentor: then anyone but the trainee may."""
    return known.enrolment.signers if known.enrolment.mentors else ()


def _refuse_trainee(before: Known, by: Person) -> None:
    """Raise SelfSignOff if the record belongs to this person, under any name that the trainee has had."""
    if _is_trainee(before, by):
        raise SelfSignOff(before.enrolment.name)


def _is_trainee(before: Known, by: Person) -> bool:
    return _is_among(by.name, before.names)


def _is_among(name: str, names: Iterable[str]) -> bool:
    return any(same_person(name, other) for other in names)


def identify(known: Known, name: str) -> Person:
    """Return the person of this name: the trainee, the manager, or otherwise a mentor."""
    enrolment = known.enrolment
    if _is_among(name, known.names):
        return Person(name=enrolment.name, role="trainee")
    if enrolment.manager and same_person(name, enrolment.manager):
        return Person(name=enrolment.manager, role="manager")
    mentor = next((mentor for mentor in enrolment.mentors if same_person(name, mentor)), name)
    return Person(name=mentor, role="mentor")


# --- what holds an item back ------------------------------------------------------------------------------------


def blockers(known: Known, ladder: Ladder, item: Item) -> tuple[str, ...]:
    """Return the ids of the items that have to be signed off before this one.

    Waived and retired items do not block. A required parent item is represented by its children.
    """
    return tuple([need.id for need in ladder.needs[item.id] if not known.status(need).settled])


def signable(known: Known, ladder: Ladder, items: Iterable[Item]) -> tuple[list[Item], list[Item]]:
    """Split the items into those that can be signed off together, and those blocked by an item outside of them."""
    ready, blocked = list(items), list[Item]()
    while True:
        ids = {item.id for item in ready}
        newly_blocked = [item for item in ready if set(blockers(known, ladder, item)) - ids]
        if not newly_blocked:
            return ready, blocked
        blocked += newly_blocked
        ready = [item for item in ready if item not in newly_blocked]
