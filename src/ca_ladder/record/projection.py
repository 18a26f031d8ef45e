"""Project events into what they mean: the status of an item, the enrolment, the days of leave."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import asdict

from ca_ladder.record.causality import Saw, always_saw
from ca_ladder.record.events import Enrolment, Event, Leave

State = Literal["open", "checked", "returned", "signed", "waived"]
STATES: tuple[State, ...] = ("open", "checked", "returned", "signed", "waived")


class ItemStatus(Struct, frozen=True):
    """Where one item stands for the trainee, and the events that put it there.

    ``check`` is the standing claim, ``sign_off`` the latest that counts, ``earlier`` the latest given for an earlier
    revision of the item, or else the latest claim for one: it no longer counts. ``notes`` are all standing notes,
    oldest first.
    """

    state: State = "open"
    check: Event | None = None
    sign_off: Event | None = None
    returned: Event | None = None
    waived: Event | None = None
    earlier: Event | None = None
    notes: tuple[Event, ...] = ()

    @property
    def last(self) -> Event | None:
        """The event that gave the item its state; None while it is open."""
        match self.state:
            case "signed":
                return self.sign_off
            case "checked":
                return self.check
            case "returned":
                return self.returned
            case "waived":
                return self.waived
            case "open":
                return None


OPEN = ItemStatus()


def project_item(events: Iterable[Event], revision: int = 1, saw: Saw = always_saw) -> ItemStatus:
    """Return where an item of this revision stands after its standing events, parents before children.

    A check or sign-off of an earlier revision does not count: the meaning has changed since. A revoked sign-off or
    waiver leaves the item as it was before. What takes something back takes back no more than its author ``saw``:
    a check written on another copy stands. Where copies decided differently, a sign-off counts over a waiver.
    """
    claims: list[Event] = []  # the checks, whatever became of them
    checks: list[Event] = []  # those that nobody has answered or taken back
    before: list[Event] = []  # such claims for an earlier revision
    sign_offs: list[Event] = []
    waivers: list[Event] = []
    notes: list[Event] = []
    revoked: set[str | None] = set()
    returned = waived = sign_off = earlier = None
    for event in events:
        if event.note:
            notes.append(event)
        match event.kind:
            case "check":
                if _current(event, revision):
                    claims.append(event)
                    checks.append(event)
                else:
                    before.append(event)
            case "sign-off":
                sign_offs.append(event)
            case "uncheck" | "return":
                if event.kind == "return" and any(saw(event, check) for check in claims):
                    returned = event
                checks = [check for check in checks if not saw(event, check)]
                before = [check for check in before if not saw(event, check)]
            case "waive":
                waivers.append(event)
            case "revoke":
                revoked.add(event.of)
    for event in sign_offs:
        if event.id not in revoked:
            sign_off, earlier = (event, earlier) if _current(event, revision) else (sign_off, event)
    for event in waivers:
        if event.id not in revoked:
            waived = event
    check = checks[-1] if checks else None
    if before and not earlier:
        earlier = before[-1]
    state: State = "open"
    if sign_off:
        state = "signed"
    elif waived:
        state = "waived"
    elif check:
        state = "checked"
    elif returned:
        state = "returned"
    return ItemStatus(state, check, sign_off, None if check else returned, waived, earlier, tuple(notes))


def _current(event: Event, revision: int) -> bool:
    """Whether a check or sign-off is of this revision of its item, or of a later one."""
    return event.wording is None or event.wording.revision >= revision


def project_enrolment(events: Sequence[Event], saw: Saw = always_saw) -> Enrolment:
    """Return what stands after these enrolments, parents before children: each changes what it says otherwise.

    Of two that knew nothing of each other, the later written counts where both changed the same; but who signs off is
    not changed by a trainee who did not know that somebody else has changed it, and the start and variants of a role
    not by anyone who did not know of the role.
    """
    return Enrolment(**_said_of_trainee(events, saw, {}))


def _said_of_trainee(events: Sequence[Event], saw: Saw, before: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return what stands; ``before`` keeps what each author knew, found once: copies may cross many times."""
    says: dict[str, Any] = {}
    said_by: dict[str, Event] = {}
    for place, event in enumerate(events):
        if event.id not in before:
            known = [each for each in events[:place] if saw(event, each)]
            before[event.id] = _said_of_trainee(known, saw, before) if len(known) < place else dict(says)
        for name, value in asdict(event.enrolment).items() if event.enrolment else ():
            last = said_by.get(name) if name in {"mentors", "manager"} and event.by.role == "trainee" else None
            theirs = last is not None and last.by.role != "trainee" and not saw(event, last)
            role = said_by.get("role") if name in {"start", "variants"} else None
            other_role = role is not None and event.enrolment is not None and not saw(event, role)
            if value != before[event.id].get(name) and not theirs and not other_role:
                says[name], said_by[name] = value, event
    return says


def project_leaves(events: Iterable[Event], saw: Saw = always_saw) -> tuple[Leave, ...]:
    """Return what stands after these leaves, in the order of their days, joined where they touch.

    A leave takes the place of those it overlaps and its author knew: that is how one is made longer or shorter. A
    cancelled one only takes its own days out of them.
    """
    status: list[tuple[Leave, Event]] = []
    for event in events:
        if new := event.leave:
            kept = []
            for old, by in status:
                if new.last < old.first or old.last < new.first or not saw(event, by):
                    kept.append((old, by))
                elif new.cancelled:
                    kept += [(part, by) for part in subtract_leaves([old], [new])]
            status = kept if new.cancelled else [*kept, (new, event)]
    joined: list[Leave] = []
    for leave, _ in sorted(status, key=lambda each: (each[0].first, each[0].last)):
        if joined and (leave.first - joined[-1].last).days <= 1:
            joined[-1] = Leave(first=joined[-1].first, last=max(joined[-1].last, leave.last))
        else:
            joined.append(leave)
    return tuple(joined)


def subtract_leaves(leaves: Iterable[Leave], others: Iterable[Leave]) -> tuple[Leave, ...]:
    """Return the days of some leaves that are not in others, as leaves."""
    away = {day for leave in leaves for day in range(leave.first.toordinal(), leave.last.toordinal() + 1)}
    for leave in others:
        away.difference_update(range(leave.first.toordinal(), leave.last.toordinal() + 1))
    firsts = sorted(day for day in away if day - 1 not in away)
    lasts = sorted(day for day in away if day + 1 not in away)
    spans = zip(map(date.fromordinal, firsts), map(date.fromordinal, lasts), strict=True)
    return tuple(Leave(first=first, last=last) for first, last in spans)


def parent_state(states: Iterable[State]) -> State:
    """Return the state of a parent from its children's: the least advanced of those that are not waived."""
    remaining = {state for state in states if state != "waived"}
    if not remaining:
        return "waived"
    for state in ("returned", "open", "checked"):
        if state in remaining:
            return state
    return "signed"
