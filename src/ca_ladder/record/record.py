"""The record of one trainee: its events, and what they mean together. State is never stored."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from functools import cached_property
from itertools import chain, pairwise, takewhile
from typing import Literal, NamedTuple

from msgspec import Struct

from ca_ladder.catalogue.models import Item
from ca_ladder.errors import BeforeFirstEvent
from ca_ladder.record.causality import Causality, is_linear
from ca_ladder.record.events import Enrolment, Event, EventKind, Leave
from ca_ladder.record.projection import OPEN, ItemStatus, project_enrolment, project_item, project_leaves


class Subject(Struct, frozen=True):
    """What an event is about. ``id`` names the item or the tier, and is empty for the leave and the enrolment."""

    kind: Literal["item", "tier", "leave", "enrolment"]
    id: str = ""

    def __str__(self) -> str:
        if self.kind == "item":
            return self.id
        return f"tier {self.id}" if self.kind == "tier" else f"the {self.kind}"


class PastRole(NamedTuple):
    """A role before today's: its first day, and the tiers of it that got their final sign-off."""

    role: str
    start: date
    tiers: tuple[str, ...]


class Record(Struct, frozen=True, dict=True):
    """All events of one trainee, parents before children. Never empty: the first event enrols the trainee.

    ``altered`` is set if the content of an event does not fit its id: somebody changed it after it was written.
    """

    events: tuple[Event, ...]
    altered: bool = False

    @cached_property
    def enrolment(self) -> Enrolment:
        """Today's enrolment."""
        first = self.events[0]
        changes = [event for event in self._enrolments if event is not first and event.id not in self.undone]
        if not changes and first.enrolment:
            return first.enrolment
        return project_enrolment([first, *changes], self.causality.saw)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All names the trainee has or ever had."""
        return tuple(dict.fromkeys(event.enrolment.name for event in self._enrolments if event.enrolment))

    @cached_property
    def _enrolments(self) -> list[Event]:
        """All enrolments, undone ones included."""
        return [event for event in self._trainee_events if event.enrolment]

    @cached_property
    def _trainee_events(self) -> list[Event]:
        """The events about the trainee and not about an item, undone ones included."""
        return [event for event in self.events if event.enrolment or event.leave or event.graduation]

    @property
    def id(self) -> str:
        """The record's UUID, from the first enrolment."""
        return self.events[0].enrolment.record if self.events[0].enrolment else ""

    @cached_property
    def undone(self) -> frozenset[str]:
        """The ids of all undone events. An undo that is itself undone has no effect."""
        undone: set[str] = set()
        for event in reversed([event for event in self.events if event.kind == "undo"]):
            if event.of and event.id not in undone:
                undone.add(event.of)
        return frozenset(undone)

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """The ids of the events that are no other event's parent."""
        if is_linear(self.events):
            return (self.events[-1].id,)
        parents = set(chain.from_iterable([event.parents for event in self.events]))
        return tuple(event.id for event in self.events if event.id not in parents)

    @cached_property
    def by_item(self) -> dict[str, tuple[Event, ...]]:
        """The events of each item by its id, without undone ones and undos."""
        undone = self.undone
        by_item: dict[str, list[Event]] = defaultdict(list)
        for event in self.events:
            if event.item and event.kind != "undo" and event.id not in undone:
                by_item[event.item].append(event)
        return {item: tuple(events) for item, events in by_item.items()}

    @cached_property
    def leaves(self) -> tuple[Leave, ...]:
        """The days of leave, in order and without overlaps."""
        return project_leaves(self._not_undone("leave"), self.causality.saw)

    @cached_property
    def graduations(self) -> dict[str, Event]:
        """The last final sign-off of each tier of today's role, by the tier's id."""
        events = [(event.graduation, event) for event in self._not_undone("graduate")]
        role = self.enrolment.role
        return {graduation.tier: event for graduation, event in events if graduation and graduation.role == role}

    @cached_property
    def past_roles(self) -> tuple[PastRole, ...]:
        """The roles the trainee had before today's, in order."""
        changes = self._not_undone("enrol")
        if len(changes) < 2:
            return ()
        saw = self.causality.saw
        enrolments = [project_enrolment(changes[:count], saw) for count in range(1, len(changes) + 1)]
        tiers: dict[str, list[str]] = defaultdict(list)
        for event in self._not_undone("graduate"):
            if event.graduation and event.graduation.tier not in tiers[event.graduation.role]:
                tiers[event.graduation.role].append(event.graduation.tier)
        return tuple(
            PastRole(before.role, before.start, tuple(tiers[before.role]))
            for before, after in pairwise(enrolments)
            if before.role != after.role
        )

    def promotes(self, event: Event) -> bool:
        """Whether an enrolment took the trainee to another role than the one its author knew of."""
        if event.enrolment is None or event.id == self.events[0].id:
            return False
        earlier = takewhile(lambda enrolment: enrolment.id != event.id, self._enrolments)
        seen = [enrol for enrol in earlier if enrol.id not in self.undone and self.causality.saw(event, enrol)]
        return project_enrolment(seen or [self.events[0]], self.causality.saw).role != event.enrolment.role

    def _not_undone(self, kind: EventKind) -> list[Event]:
        return [event for event in self._trainee_events if event.kind == kind and event.id not in self.undone]

    def original(self, event: Event) -> Event:
        """Return the event that an undo takes back or, as an undo of an undo, brings back. Any other: the event."""
        return self._originals.get(event.of or "", event) if event.kind == "undo" else event

    @cached_property
    def _originals(self) -> dict[str, Event]:
        originals: dict[str, Event] = {}
        for event in self.events:
            originals[event.id] = originals.get(event.of or "", event) if event.kind == "undo" else event
        return originals

    def subject(self, event: Event) -> Subject:
        """Return what an event is about. The subject of an undo is that of the undone event."""
        event = self.original(event)
        if event.graduation:
            return Subject("tier", event.graduation.tier)
        if event.item:
            return Subject("item", event.item)
        return Subject("leave" if event.leave else "enrolment")

    @cached_property
    def trainee_origins(self) -> frozenset[tuple[str, str]]:
        """The accounts and computers that the trainee checks from."""
        return frozenset(event.origin for event in self.events if event.kind in {"check", "uncheck"})

    @cached_property
    def by_id(self) -> dict[str, Event]:
        """The events by id."""
        return {event.id: event for event in self.events}

    @cached_property
    def causality(self) -> Causality:
        """Which event's author knew which other events."""
        return Causality(self.events)

    def status(self, item: Item) -> ItemStatus:
        """Return the status of an item without children. A parent's state follows from its children's."""
        key = item.id, item.revision
        status = self._statuses.get(key)
        if status is None:
            events = self.by_item.get(item.id)
            status = project_item(events, item.revision, self.causality.saw) if events else OPEN
            self._statuses[key] = status
        return status

    @cached_property
    def _statuses(self) -> dict[tuple[str, int], ItemStatus]:
        """A cache by item id and revision: every item that requires another asks for its status."""
        return {}

    def status_of_any_revision(self, item_id: str) -> ItemStatus:
        """Return the status of an item that is no longer on the ladder, whatever its revision was."""
        return project_item(self.by_item.get(item_id, ()), 1, self.causality.saw)

    def with_event(self, event: Event) -> "Record":
        """Return the record with one more event. It takes over what this event does not change."""
        heads = (*(head for head in self.heads if head not in event.parents), event.id)
        if event.kind == "undo":
            return self._derived((*self.events, event), heads=heads)
        by_item = self.by_item
        if event.item:
            by_item = by_item | {event.item: (*by_item.get(event.item, ()), event)}
        statuses = {key: status for key, status in self._statuses.items() if key[0] != event.item}
        events = (*self.events, event)
        return self._derived(events, heads=heads, undone=self.undone, by_item=by_item, _statuses=statuses)

    def as_of(self, day: date, zone: tzinfo | None) -> "Record":
        """Return the record as it was known at the end of that day in this time zone.

        Raises BeforeFirstEvent for a day before the record began.
        """

        def is_written(at: datetime) -> bool:
            # Time zones are at most two days apart. Converting to the local one is slow.
            return (day - at.date()).days > 2 or at.astimezone(zone).date() <= day

        events = tuple([event for event in self.events if event.on <= day and is_written(event.at)])
        if events[:1] != self.events[:1]:  # a wrong clock: without the first enrolment nothing has a meaning
            raise BeforeFirstEvent(day, self.events[0].at.astimezone(zone).date())
        return self.subset(events)

    def subset(self, events: Iterable[Event]) -> "Record":
        """Return a record of some of these events. Its authors know what they knew in the whole record."""
        return self._derived(events, causality=self.causality)

    def _derived(self, events: Iterable[Event], **properties: object) -> "Record":
        """Return a record of these events, some of whose cached properties are known already."""
        record = Record(tuple(events), self.altered)
        vars(record).update(properties)
        return record
