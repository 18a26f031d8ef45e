"""State is never stored: it is folded from events, here and nowhere else."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from functools import cached_property
from itertools import chain, pairwise, takewhile
from typing import Any, Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import asdict

from ca_ladder.catalogue.models import Item
from ca_ladder.errors import BeforeFirstEvent
from ca_ladder.record.causality import Causality, Saw, always_saw, is_linear
from ca_ladder.record.events import Enrolment, Event, EventKind, Leave

State = Literal["open", "checked", "returned", "signed", "waived"]
STATES: tuple[State, ...] = ("open", "checked", "returned", "signed", "waived")

# What an event is about that changes who the trainee is, since when, and who signs.
ENROLMENT = "the enrolment"


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


class PastRole(NamedTuple):
    """A role before the one of today: since when, and which of its tiers got their final sign-off."""

    role: str
    start: date
    tiers: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """All that happened to one trainee, in the order it was written. Never empty: the first event enrols.

    ``altered``: an event does not say what its id stands for; somebody has changed it since.
    """

    events: tuple[Event, ...]
    altered: bool = field(default=False, compare=False)

    @cached_property
    def enrolment(self) -> Enrolment:
        """The enrolment that stands now."""
        first = self.events[0]
        changes = [each for each in self._enrolments if each is not first and each.id not in self.undone]
        if not changes and first.enrolment:
            return first.enrolment
        return folded_enrolment([first, *changes], self.causality.saw)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names that the trainee has or had."""
        return tuple(dict.fromkeys(event.enrolment.name for event in self._enrolments if event.enrolment))

    @cached_property
    def _enrolments(self) -> list[Event]:
        """All enrolments, those that were taken back too."""
        return [event for event in self._beside if event.enrolment]

    @cached_property
    def _beside(self) -> list[Event]:
        """All that was said of the trainee and of no item, what was taken back too."""
        return [event for event in self.events if event.enrolment or event.leave or event.graduation]

    @property
    def id(self) -> str:
        """The record's UUID: what the first enrolment says."""
        return self.events[0].enrolment.record if self.events[0].enrolment else ""

    @cached_property
    def undone(self) -> frozenset[str]:
        """The ids of events taken back by an undo that itself stands."""
        undone: set[str] = set()
        for event in reversed([event for event in self.events if event.kind == "undo"]):
            if event.of and event.id not in undone:
                undone.add(event.of)
        return frozenset(undone)

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """The ids of the events that no other event was written on."""
        if is_linear(self.events):
            return (self.events[-1].id,)
        written_on = set(chain.from_iterable([event.parents for event in self.events]))
        return tuple(event.id for event in self.events if event.id not in written_on)

    @cached_property
    def by_item(self) -> dict[str, tuple[Event, ...]]:
        """The standing events of each item."""
        undone = self.undone
        by_item: dict[str, list[Event]] = defaultdict(list)
        for event in self.events:
            if event.item and event.kind != "undo" and event.id not in undone:
                by_item[event.item].append(event)
        return {item: tuple(events) for item, events in by_item.items()}

    @cached_property
    def leaves(self) -> tuple[Leave, ...]:
        """The days of leave that stand, one after the other and none twice."""
        return folded_leaves(self._standing("leave"), self.causality.saw)

    @cached_property
    def graduations(self) -> dict[str, Event]:
        """The final sign-offs that stand, by the tiers of today's role; of several, the last."""
        given = [(event.graduation, event) for event in self._standing("graduate")]
        return {what.tier: by for what, by in given if what and what.role == self.enrolment.role}

    @cached_property
    def former(self) -> tuple[PastRole, ...]:
        """The roles that the trainee had before, in their order."""
        changes = self._standing("enrol")
        if len(changes) < 2:
            return ()
        given = [event.graduation for event in self._standing("graduate")]
        stood = [folded_enrolment(changes[:count], self.causality.saw) for count in range(1, len(changes) + 1)]
        return tuple(
            PastRole(
                one.role, one.start, tuple(dict.fromkeys(each.tier for each in given if each and each.role == one.role))
            )
            for one, after in pairwise(stood)
            if one.role != after.role
        )

    def promotes(self, event: Event) -> bool:
        """Whether an enrolment took the trainee to another role than its author knew of."""
        if event.enrolment is None or event.id == self.events[0].id:
            return False
        earlier = takewhile(lambda each: each.id != event.id, self._enrolments)
        known = [each for each in earlier if each.id not in self.undone and self.causality.saw(event, each)]
        known = known or [self.events[0]]
        return folded_enrolment(known, self.causality.saw).role != event.enrolment.role

    def _standing(self, kind: EventKind) -> list[Event]:
        return [event for event in self._beside if event.kind == kind and event.id not in self.undone]

    def root(self, event: Event) -> Event:
        """Return what an undo takes back or brings back in the end; any other event itself."""
        return self._roots.get(event.of or "", event) if event.kind == "undo" else event

    @cached_property
    def _roots(self) -> dict[str, Event]:
        """Of each event what it is in the end, by its id: an undo may take back an earlier undo."""
        roots: dict[str, Event] = {}
        for event in self.events:
            roots[event.id] = roots.get(event.of or "", event) if event.kind == "undo" else event
        return roots

    def subject(self, event: Event) -> str:
        """Return what an event is about: an item's id, a tier, the leave or the enrolment."""
        event = self.root(event)
        if event.graduation:
            return f"tier {event.graduation.tier}"
        return event.item or ("the leave" if event.leave else ENROLMENT)

    @cached_property
    def trainee_origins(self) -> frozenset[tuple[str, str]]:
        """The accounts and computers the trainee checks from."""
        return frozenset(event.origin for event in self.events if event.kind in {"check", "uncheck"})

    @cached_property
    def known(self) -> dict[str, Event]:
        """The events by id."""
        return {event.id: event for event in self.events}

    @cached_property
    def causality(self) -> Causality:
        """Who knew what: which events each event was written on."""
        return Causality(self.events)

    def status(self, item: Item) -> ItemStatus:
        """Return where the item stands. A parent follows from its children: ask for those."""
        which = item.id, item.revision
        status = self._statuses.get(which)
        if status is None:
            events = self.by_item.get(item.id)
            status = fold(events, item.revision, self.causality.saw) if events else OPEN
            self._statuses[which] = status
        return status

    @cached_property
    def _statuses(self) -> dict[tuple[str, int], ItemStatus]:
        """What was folded so far: an item is asked for again by each that requires it."""
        return {}

    def status_of_any_revision(self, item_id: str) -> ItemStatus:
        """Return where an item stood that nobody may be asking for any more, in whichever revision."""
        return fold(self.by_item.get(item_id, ()), 1, self.causality.saw)

    def with_event(self, event: Event) -> "Record":
        """Return the record with one more event; what that leaves as it was is not folded anew."""
        after = Record((*self.events, event), self.altered)
        known = after.__dict__
        known["heads"] = (*(head for head in self.heads if head not in event.parents), event.id)
        if event.kind != "undo":
            known["undone"] = self.undone
            known["by_item"] = self.by_item
            if event.item:
                known["by_item"] = self.by_item | {event.item: (*self.by_item.get(event.item, ()), event)}
            known["_standings"] = {which: each for which, each in self._statuses.items() if which[0] != event.item}
        return after

    def as_of(self, day: date, zone: tzinfo | None) -> "Record":
        """Return the record as it was known at the end of that day, where the person is.

        Raises NothingKnown before the record began.
        """

        def written(at: datetime) -> bool:
            # No two time zones are more than two days apart, and to ask for the one here takes a while.
            return (day - at.date()).days > 2 or at.astimezone(zone).date() <= day

        known = tuple([event for event in self.events if event.on <= day and written(event.at)])
        if known[:1] != self.events[:1]:  # even if a clock was behind: before the enrolment nothing has meaning
            raise BeforeFirstEvent(day, self.events[0].at.astimezone(zone).date())
        return self.subset(known)

    def subset(self, events: Iterable[Event]) -> "Record":
        """Return a record of some of these events, where everyone knows what they knew in the whole."""
        part = Record(tuple(events), self.altered)
        part.__dict__["causality"] = self.causality
        return part


def fold(events: Iterable[Event], revision: int = 1, saw: Saw = always_saw) -> ItemStatus:
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


def folded_enrolment(events: Sequence[Event], saw: Saw = always_saw) -> Enrolment:
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


def folded_leaves(events: Iterable[Event], saw: Saw = always_saw) -> tuple[Leave, ...]:
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
                    kept += [(part, by) for part in days_only_in([old], [new])]
            status = kept if new.cancelled else [*kept, (new, event)]
    joined: list[Leave] = []
    for leave, _ in sorted(status, key=lambda each: (each[0].first, each[0].last)):
        if joined and (leave.first - joined[-1].last).days <= 1:
            joined[-1] = Leave(first=joined[-1].first, last=max(joined[-1].last, leave.last))
        else:
            joined.append(leave)
    return tuple(joined)


def days_only_in(leaves: Iterable[Leave], others: Iterable[Leave]) -> tuple[Leave, ...]:
    """Return the days of some leaves that are not in others, as leaves."""
    away = {day for leave in leaves for day in range(leave.first.toordinal(), leave.last.toordinal() + 1)}
    for leave in others:
        away.difference_update(range(leave.first.toordinal(), leave.last.toordinal() + 1))
    firsts = sorted(day for day in away if day - 1 not in away)
    lasts = sorted(day for day in away if day + 1 not in away)
    spans = zip(map(date.fromordinal, firsts), map(date.fromordinal, lasts), strict=True)
    return tuple(Leave(first=first, last=last) for first, last in spans)


def folded_together(states: Iterable[State]) -> State:
    """Return the state of a parent from its children's: the least advanced of those that are not waived."""
    remaining = {state for state in states if state != "waived"}
    if not remaining:
        return "waived"
    for state in ("returned", "open", "checked"):
        if state in remaining:
            return state
    return "signed"
