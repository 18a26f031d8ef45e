"""The record of one trainee: its events, and what they mean together. State is never stored."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from functools import cached_property
from itertools import chain, pairwise
from typing import Literal, NamedTuple

from msgspec import Struct

from ca_ladder.catalogue.models import Catalogue, Item, Ladder
from ca_ladder.errors import BeforeFirstEvent, Command, VerificationFailed
from ca_ladder.record.causality import Causality, is_linear
from ca_ladder.record.events import Enrolment, Event, EventKind, Leave
from ca_ladder.record.judging import Judgement, judge
from ca_ladder.record.projection import ItemStatus, Projection, project_leaves
from ca_ladder.record.rules import Violation, implausible, violation


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

    ``altered`` are the indexes of the events whose content does not fit their id: somebody changed them after they were
    written. With the ``catalogue``, prerequisites are judged too. ``cut_off`` are the ids of events that this user has
    seen at the end of the record and that it lacks.
    """

    events: tuple[Event, ...]
    altered: frozenset[int] = frozenset()
    catalogue: Catalogue | None = None
    cut_off: frozenset[str] = frozenset()

    def under(self, catalogue: Catalogue | None, cut_off: Iterable[str] = ()) -> "Record":
        """Return the record, judged by the prerequisites of this catalogue too, and lacking these events."""
        return Record(self.events, self.altered, catalogue, frozenset(cut_off))

    @cached_property
    def _judgement(self) -> Judgement:
        return judge(self.events, self.altered, self.causality.saw, self.catalogue)

    @property
    def violations(self) -> dict[int, Violation]:
        """The events that do not count, by their index, each with the rule that it breaks."""
        return self._judgement.violations

    def doubts(self) -> dict[int, Violation]:
        """Return what is unlikely about events that count, by their index."""
        return judge(self.events, self.altered, self.causality.saw, self.catalogue, thorough=True).doubts

    @cached_property
    def projection(self) -> Projection:
        """What the events that count mean together."""
        return self._judgement.projection

    @property
    def sound(self) -> bool:
        """Whether every event counts, and none is known to be cut off."""
        return not self.violations and not self.cut_off

    @property
    def lost(self) -> set[str]:
        """The ids of the events that are missing, or whose content was altered. A backup may still have them."""
        named = {id_ for event in self.events for id_ in (*event.parents, event.of) if id_}
        return {self.events[index].id for index in self.altered} | (named - self.by_id.keys()) | self.cut_off

    @property
    def enrolment(self) -> Enrolment:
        """Today's enrolment."""
        return self.projection.enrolment

    @property
    def names(self) -> tuple[str, ...]:
        """All names the trainee has or ever had."""
        return tuple(self.projection.names)

    @property
    def undone(self) -> set[str]:
        """The ids of all undone events. An undo that is itself undone has no effect."""
        return self.projection.undone

    @property
    def id(self) -> str:
        """The record's UUID, from the first enrolment."""
        return self.events[0].enrolment.record if self.events[0].enrolment else ""

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
        by_item: dict[str, list[Event]] = defaultdict(list)
        for index, event in enumerate(self.events):
            if event.item and event.kind != "undo" and event.id not in self.undone and index not in self.violations:
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
        tiers: dict[str, list[str]] = defaultdict(list)
        for event in self._not_undone("graduate"):
            if event.graduation and event.graduation.tier not in tiers[event.graduation.role]:
                tiers[event.graduation.role].append(event.graduation.tier)
        return tuple(
            PastRole(before.role, before.start, tuple(tiers[before.role]))
            for before, after in pairwise(self.projection.enrolments())
            if before.role != after.role
        )

    def promotes(self, event: Event) -> bool:
        """Whether an enrolment took the trainee to another role than the one its author knew of."""
        return bool(event.parents) and "role" in self.projection.changes.get(event.id, {})

    def _not_undone(self, kind: EventKind) -> list[Event]:
        return [event for event in self.projection.standing.get(None, ()) if event.kind == kind]

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
    def trainee_accounts(self) -> frozenset[str]:
        """The accounts that the trainee checks from, on whichever computer."""
        return frozenset(event.account for event in self.events if event.kind in {"check", "uncheck"})

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
        return self.projection.status(item)

    def status_of_any_revision(self, item_id: str) -> ItemStatus:
        """Return the status of an item that is no longer on the ladder, whatever its revision was."""
        return self.projection.status_of(item_id)

    def with_event(self, event: Event, ladder: Ladder | None = None) -> "Record":
        """Return the record with one more event; raises the error of the rule that it breaks.

        With the ``ladder``, prerequisites and the counts of a final sign-off are judged. Raises VerificationFailed if
        the event would not count because of what it is written on.
        """
        if not self._judgement.continues:
            raise VerificationFailed(
                "Nothing was written, because it would not count: what the record says last builds on an entry that is "
                "missing or was altered. See",
                Command("record verify"),
            )
        broken = violation(event, self.projection, ladder) or implausible(event, self.projection)
        if broken:
            raise broken.error
        heads = (*(head for head in self.heads if head not in event.parents), event.id)
        after = self._derived((*self.events, event), heads=heads)
        projection = self.projection.copy()
        projection.saw = after.causality.saw
        projection.add(event)
        vars(after)["_judgement"] = Judgement(projection, self.violations, {})
        return after

    def as_of(self, day: date, zone: tzinfo | None) -> "Record":
        """Return the record as it was known at the end of that day in this time zone.

        Raises BeforeFirstEvent for a day before the record began.
        """

        def is_written(at: datetime) -> bool:
            # Time zones are at most two days apart. Converting to the local one is slow.
            return (day - at.date()).days > 2 or at.astimezone(zone).date() <= day

        indexes = [i for i, event in enumerate(self.events) if event.on <= day and is_written(event.at)]
        if indexes[:1] != [0]:  # a wrong clock: without the first enrolment nothing has a meaning
            raise BeforeFirstEvent(day, self.events[0].at.astimezone(zone).date())
        return self.subset(indexes)

    def subset(self, indexes: Sequence[int]) -> "Record":
        """Return a record of the events at these indexes. Its authors know what they knew in the whole record."""
        violations = {new: self.violations[old] for new, old in enumerate(indexes) if old in self.violations}
        counted = [self.events[index] for index in indexes if index not in self.violations]
        projection = Projection.of(counted or self.events[:1], self.projection.changes, self.causality.saw)
        events = tuple(self.events[index] for index in indexes)
        altered = frozenset(new for new, old in enumerate(indexes) if old in self.altered)
        part = Record(events, altered, self.catalogue, self.cut_off)
        vars(part).update(causality=self.causality, _judgement=Judgement(projection, violations, {}))
        return part

    def _derived(self, events: Iterable[Event], **properties: object) -> "Record":
        """Return a record of these events, some of whose cached properties are known already."""
        record = Record(tuple(events), self.altered, self.catalogue, self.cut_off)
        vars(record).update(properties)
        return record
