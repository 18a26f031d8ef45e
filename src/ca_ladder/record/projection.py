"""Project events into what they mean: the status of an item, the enrolment, the days of leave."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal, get_args

from msgspec import Struct
from msgspec.structs import asdict

from ca_ladder.record.causality import Saw, always_saw
from ca_ladder.record.events import Enrolment, Event, Leave

State = Literal["open", "checked", "returned", "signed", "waived"]
STATES: tuple[State, ...] = get_args(State)
SETTLED: frozenset[State] = frozenset(("signed", "waived"))
_LEAST_ADVANCED_FIRST: tuple[State, ...] = ("returned", "open", "checked", "signed")


class ItemStatus(Struct, frozen=True):
    """The state of one item, and the events that led to it.

    ``check`` is the last unanswered check, ``sign_off`` the last valid sign-off. ``earlier`` is the last sign-off of an
    earlier revision of the item, or else the last unanswered check of one: it no longer counts. ``notes`` are in order.
    """

    state: State = "open"
    check: Event | None = None
    sign_off: Event | None = None
    returned: Event | None = None
    waived: Event | None = None
    earlier: Event | None = None
    notes: tuple[Event, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether the item is done: nobody has to do anything for it any more."""
        return self.state in SETTLED

    @property
    def last(self) -> Event | None:
        """The event that gave the item its state. None while it is open."""
        events = {"signed": self.sign_off, "checked": self.check, "returned": self.returned, "waived": self.waived}
        return events.get(self.state)


OPEN = ItemStatus()


def project_item(events: Sequence[Event], revision: int = 1, saw: Saw = always_saw) -> ItemStatus:
    """Return the status of an item of this revision. ``events`` are the item's events without those undone, in order.

    A check or sign-off of an earlier revision does not count, because the item's meaning has changed. A revoked
    sign-off or waiver leaves the item as it was before. An event takes back only what its author ``saw``: a check that
    was written on another copy stays. After concurrent decisions a sign-off wins over a waiver.
    """
    revoked = {event.of for event in events if event.kind == "revoke"}
    sign_offs = [event for event in events if event.kind == "sign-off" and event.id not in revoked]
    waivers = [event for event in events if event.kind == "waive" and event.id not in revoked]
    checks, returned = _unanswered_checks(events, revision, saw)
    sign_off, outdated_sign_off = _latest(sign_offs, revision)
    check, outdated_check = _latest(checks, revision)
    waived = waivers[-1] if waivers else None

    state: State = "open"
    if sign_off:
        state = "signed"
    elif waived:
        state = "waived"
    elif check:
        state = "checked"
    elif returned:
        state = "returned"
    notes = tuple([event for event in events if event.note])
    earlier = outdated_sign_off or outdated_check
    return ItemStatus(state, check, sign_off, None if check else returned, waived, earlier, notes)


def _unanswered_checks(events: Sequence[Event], revision: int, saw: Saw) -> tuple[list[Event], Event | None]:
    """Return the checks that nobody returned or took back, and the last return that answered one of this revision."""
    checks: list[Event] = []
    unanswered: list[Event] = []
    returned = None
    for event in events:
        if event.kind == "check":
            checks.append(event)
            unanswered.append(event)
        elif event.kind in {"uncheck", "return"}:
            if event.kind == "return" and any(check.confirms(revision) and saw(event, check) for check in checks):
                returned = event
            unanswered = [check for check in unanswered if not saw(event, check)]
    return unanswered, returned


def _latest(events: Sequence[Event], revision: int) -> tuple[Event | None, Event | None]:
    """Return the last event given for this revision of the item, and the last for an earlier revision."""
    current = outdated = None
    for event in events:
        if event.confirms(revision):
            current = event
        else:
            outdated = event
    return current, outdated


def project_enrolment(events: Sequence[Event], saw: Saw = always_saw) -> Enrolment:
    """Return the enrolment after these events, parents before children. Each changes only the fields it gives anew.

    Of concurrent changes of one field the later written wins, with two exceptions: see `_is_overruled`.
    """
    return Enrolment(**_project_fields(events, saw, {}))


def _project_fields(events: Sequence[Event], saw: Saw, known_before: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the enrolment's fields. ``known_before`` caches the fields that each event's author knew, by event id."""
    fields: dict[str, Any] = {}
    changed_by: dict[str, Event] = {}
    for index, event in enumerate(events):
        if event.id not in known_before:
            known = [earlier for earlier in events[:index] if saw(event, earlier)]
            known_before[event.id] = _project_fields(known, saw, known_before) if len(known) < index else dict(fields)
        for name, value in asdict(event.enrolment).items() if event.enrolment else ():
            is_change = value != known_before[event.id].get(name)
            if is_change and not _is_overruled(name, event, changed_by, saw):
                fields[name], changed_by[name] = value, event
    return fields


def _is_overruled(field: str, event: Event, changed_by: dict[str, Event], saw: Saw) -> bool:
    """Whether a concurrent change forbids this one.

    The trainee does not replace signers whom somebody else named without the trainee's knowledge. The start and
    variants belong to a role, so only someone who knew of the role changes them.
    """
    if field in {"mentors", "manager"}:
        last = changed_by.get(field)
        return event.by.role == "trainee" and last is not None and last.by.role != "trainee" and not saw(event, last)
    if field in {"start", "variants"}:
        role_change = changed_by.get("role")
        return role_change is not None and not saw(event, role_change)
    return False


def project_leaves(events: Iterable[Event], saw: Saw = always_saw) -> tuple[Leave, ...]:
    """Return the leaves after these events, in the order of their days, joined where they touch.

    A leave replaces those that it overlaps and that its author knew; that is how one is extended or shortened. A
    cancelled leave only removes its own days from them.
    """
    current: list[tuple[Leave, Event]] = []
    for event in events:
        new = event.leave
        if new is None:
            continue
        kept = []
        for old, author in current:
            if new.last < old.first or old.last < new.first or not saw(event, author):
                kept.append((old, author))
            elif new.cancelled:
                kept += [(part, author) for part in subtract_leaves([old], [new])]
        current = kept if new.cancelled else [*kept, (new, event)]
    joined: list[Leave] = []
    for leave in sorted([leave for leave, _ in current], key=lambda leave: (leave.first, leave.last)):
        if joined and (leave.first - joined[-1].last).days <= 1:
            joined[-1] = Leave(first=joined[-1].first, last=max(joined[-1].last, leave.last))
        else:
            joined.append(leave)
    return tuple(joined)


def subtract_leaves(leaves: Iterable[Leave], others: Iterable[Leave]) -> tuple[Leave, ...]:
    """Return the days of ``leaves`` that are not in ``others``, as leaves in order that do not touch."""
    days = {day for leave in leaves for day in range(leave.first.toordinal(), leave.last.toordinal() + 1)}
    for leave in others:
        days.difference_update(range(leave.first.toordinal(), leave.last.toordinal() + 1))
    firsts = sorted(day for day in days if day - 1 not in days)
    lasts = sorted(day for day in days if day + 1 not in days)
    spans = zip(map(date.fromordinal, firsts), map(date.fromordinal, lasts), strict=True)
    return tuple(Leave(first=first, last=last) for first, last in spans)


def parent_state(children: Iterable[State]) -> State:
    """Return the state of a parent item: the least advanced of its children's that are not waived."""
    states = set(children)
    return next((state for state in _LEAST_ADVANCED_FIRST if state in states), "waived")
