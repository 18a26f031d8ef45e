"""Judge the events of a record, and project those that count, in one walk.

Each event is judged by what its author knew: the projection of the events before it that count. In a record written in
one line that is the projection so far. Where copies were written on apart, each end has a projection of its own.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from ca_ladder.catalogue.models import Catalogue, Ladder
from ca_ladder.errors import NotPossible, RoleGone
from ca_ladder.record.causality import Saw, is_linear, topological_order, with_ancestors
from ca_ladder.record.events import Event
from ca_ladder.record.projection import Projection
from ca_ladder.record.rules import Violation, implausible, violation

_ON_A_LADDER = {"sign-off", "graduate"}
ALTERED = "it was altered: its id does not fit its content"
FOLLOWS = "it builds on an entry that is missing or was altered"


class Judgement(NamedTuple):
    """What the events of a record mean together.

    ``violations`` are by the index of the event that does not count. ``doubts`` are about events that count. Unless it
    ``continues``, what is written on its last events does not count either.
    """

    projection: Projection
    violations: dict[int, Violation]
    doubts: dict[int, Violation]
    continues: bool = True


def judge(
    events: Sequence[Event], altered: frozenset[int], saw: Saw, catalogue: Catalogue | None, *, thorough: bool = False
) -> Judgement:
    """Judge all events. ``altered`` are the indexes of those whose content does not fit their id.

    With the catalogue, what was written under its version is judged by its prerequisites too. Doubts are only looked
    for by a ``thorough`` judgement.
    """
    walk = _Walk(events, altered, saw)
    for index, event, before in walk.steps():
        if index in altered:
            walk.refuse(index, ALTERED)
        if index in walk.violations:  # altered, or not where it belongs
            before.doubted = True
            before.refused += 1
        elif problem := violation(
            event, before, _ladder(event, before, catalogue) if event.kind in _ON_A_LADDER else None
        ):
            walk.violations[index] = problem._replace(sentence=FOLLOWS, follows=True) if before.doubted else problem
            before.refused += 1
        else:
            if thorough and (doubt := implausible(event, before)):
                walk.doubts[index] = doubt
            before.add(event)
            walk.counted.append(event)
    for index in altered:  # also those after a gap: whoever restores a record wants to hear of everything
        walk.refuse(index, ALTERED)
    return walk.judgement()


def _ladder(event: Event, before: Projection, catalogue: Catalogue | None) -> Ladder | None:
    """Return the ladder that a decision was made on, if this is the catalogue that it was made under."""
    decided_under = event.graduation or event.wording
    if catalogue is None or decided_under is None or decided_under.catalogue != catalogue.version:
        return None
    try:
        return catalogue.ladder(before.enrolment.role, before.enrolment.variants)
    except RoleGone:
        return None


class _Walk:
    """One walk over the events: which of them count, and what each end of the graph means so far."""

    def __init__(self, events: Sequence[Event], altered: frozenset[int], saw: Saw) -> None:
        self.events = events
        self.untrusted = set(altered)  # the indexes of events that are altered, or not where they belong
        self.saw = saw
        self.violations: dict[int, Violation] = {}
        self.doubts: dict[int, Violation] = {}
        self.counted: list[Event] = []
        self.complete: set[str] = set()
        self.ends: dict[str, Projection] = {}
        self.changes: dict[str, dict[str, Any]] = {}
        self.indexes: dict[str, int] = {}  # of the first event with each id
        for index, event in enumerate(events):
            self.indexes.setdefault(event.id, index)

    def refuse(self, index: int, sentence: str, *, follows: bool = False) -> None:
        """Take the count away from an event that no command has written."""
        self.violations[index] = Violation(sentence, NotPossible(f"{sentence}."), follows)

    def steps(self) -> Iterator[tuple[int, Event, Projection]]:
        """Yield the events, parents before children, each with what its author knew. Refuse those that lack it."""
        if self.events[0].parents == () and is_linear(self.events):
            yield from self._linear_steps()
            return
        for index in self._order():
            event, before = self.events[index], self._known_before(index)
            if before is not None:
                yield index, event, before
                if 0 not in self.violations:  # nothing can be built on an enrolment that does not count
                    self.complete.add(event.id)
                    self.ends[event.id] = before

    def _linear_steps(self) -> Iterator[tuple[int, Event, Projection]]:
        """Yield the events of a record in one line. Each author knew all that is projected so far."""
        projection = Projection(self.changes, self.saw)
        intact = True
        for index, event in enumerate(self.events):
            if index:
                intact = intact and 0 not in self.violations and (event.of is None or event.of in self.indexes)
            if intact:
                yield index, event, projection
            else:
                self._known_before(index)  # says what is missing
        if 0 not in self.violations:
            self.ends[self.events[-1].id] = projection
            self.complete |= {self.events[-1].id} if intact else set()

    def _order(self) -> Sequence[int]:
        """Return the indexes of the events, parents before children; refuse those that are not where they belong."""
        ordered = [self.indexes[event.id] for event in topological_order(self.events[i] for i in self.indexes.values())]
        for index in sorted({*range(len(self.events))} - {*ordered}):
            first = self.indexes[self.events[index].id]
            doubled = f"it is in the record twice, also as entry {first + 1}"
            self.refuse(index, doubled if first != index else "it builds on itself")
        one_root = not any(event.parents == () for event in self.events[1:])
        all_there = all(parent in self.indexes for event in self.events for parent in event.parents)
        if one_root and all_there and not self.violations:  # otherwise the right order is not known
            moved = next((index for position, index in enumerate(ordered) if index != position), None)
            if moved is not None:
                position = ordered.index(moved)
                self.refuse(position, "it is not where it belongs; the order was changed")
                self.untrusted.add(position)
        return ordered

    def _known_before(self, index: int) -> Projection | None:
        """Return what the author of an event knew, or refuse the event if that is not all there."""
        parents, of = self.events[index].parents, self.events[index].of
        if len(parents) == 1 and not of and self.indexes.get(parents[0], index) < index and parents[0] in self.ends:
            return self.ends.pop(parents[0])
        if index == 0 and not parents:
            return Projection(self.changes, self.saw)
        if not parents:
            self.refuse(index, "it is of another record: it was written on nothing of this one")
        elif missing := [parent for parent in parents if parent not in self.indexes]:
            self.refuse(index, f"what it was written on is missing (entry {missing[0][:8]})")
        elif of and of not in self.indexes:
            self.refuse(index, f"what it takes back is missing (entry {of[:8]})")
        elif any(self.indexes[parent] > index for parent in parents):
            self.refuse(index, "it is before the entry that it builds on")
            self.untrusted.add(index)
        elif not self.complete.issuperset(parents):
            self.refuse(index, FOLLOWS, follows=True)
        if not parents or not self.complete.issuperset(parents) or (of and of not in self.indexes):
            return None
        known = self.ends.pop(parents[0], None) if len(parents) == 1 else None
        return known or self._projection_of_ancestors(parents)

    def _projection_of_ancestors(self, parents: Sequence[str]) -> Projection:
        """Return what the author of an event knew who joined copies, or wrote where another copy goes on."""
        by_id = {id_: self.events[index] for id_, index in self.indexes.items()}
        ids = with_ancestors(by_id, parents)
        for parent in parents:
            self.ends.pop(parent, None)
        projection = Projection.of((event for event in self.counted if event.id in ids), self.changes, self.saw)
        projection.refused = len(ids) - len(projection.by_id)
        projection.doubted = not self.untrusted.isdisjoint(self.indexes[id_] for id_ in ids)
        return projection

    def judgement(self) -> Judgement:
        """Return what was found. Of a record without an enrolment that counts, only its name is of use."""
        ends = list(self.ends.values())
        if len(ends) == 1:
            projection = ends[0]
        else:
            projection = Projection.of(self.counted or self.events[:1], self.changes, self.saw)
            projection.refused = len(self.complete) - len(projection.by_id)
        if not self.counted:
            projection.enrolment = replace(projection.enrolment, mentors=(), manager=None)
        return Judgement(projection, self.violations, self.doubts, self._continues())

    def _continues(self) -> bool:
        """Whether all that an event written now would build on is there."""
        if not self.violations:
            return True
        parents = {parent for event in self.events for parent in event.parents}
        return self.complete.issuperset(self.indexes.keys() - parents)
