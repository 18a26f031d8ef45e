"""The record of one trainee: its events, and what they mean together. State is never stored."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from functools import cached_property
from itertools import chain, pairwise, takewhile
from typing import NamedTuple

from ca_ladder.catalogue.models import Item
from ca_ladder.errors import BeforeFirstEvent
from ca_ladder.record.causality import Causality, is_linear
from ca_ladder.record.events import Enrolment, Event, EventKind, Leave
from ca_ladder.record.projection import OPEN, ItemStatus, project_enrolment, project_item, project_leaves

# What an event is about that changes who the trainee is, since when, and who signs.
ENROLMENT = "the enrolment"


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
        return project_enrolment([first, *changes], self.causality.saw)

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
        return project_leaves(self._standing("leave"), self.causality.saw)

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
        stood = [project_enrolment(changes[:count], self.causality.saw) for count in range(1, len(changes) + 1)]
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
        return project_enrolment(known, self.causality.saw).role != event.enrolment.role

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
            status = project_item(events, item.revision, self.causality.saw) if events else OPEN
            self._statuses[which] = status
        return status

    @cached_property
    def _statuses(self) -> dict[tuple[str, int], ItemStatus]:
        """What was folded so far: an item is asked for again by each that requires it."""
        return {}

    def status_of_any_revision(self, item_id: str) -> ItemStatus:
        """Return where an item stood that nobody may be asking for any more, in whichever revision."""
        return project_item(self.by_item.get(item_id, ()), 1, self.causality.saw)

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
