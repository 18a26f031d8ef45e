"""The order of events, and who knew what: an event is written on others, its parents, and knows all before them.

Most records are a line, each event written on the one before. Copies that were written on apart and then united
branch, and the branches meet again in the next event.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import pairwise

from ca_ladder.record.events import Event

Knew = Callable[[Event, Event], bool]


def always(later: Event, earlier: Event) -> bool:  # noqa: ARG001 - it answers for any two events
    """Whether the later event's author knew the earlier: in a line, always."""
    return True


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return the events in the one order that they have in every copy.

    Parents come first; of those whose parents are all there, what was written earlier, then what has the smaller id.
    Events on a parent that is missing come as if it were there.
    """
    known = {event.id: event for event in events}
    children: dict[str, list[Event]] = {id_: [] for id_ in known}
    awaited = dict.fromkeys(known, 0)
    for event in known.values():
        for parent in {parent for parent in event.parents if parent in known}:
            children[parent].append(event)
            awaited[event.id] += 1
    free = [(event.at, event.id) for event in known.values() if not awaited[event.id]]
    heapify(free)
    ordered = []
    while free:
        event = known[heappop(free)[1]]
        ordered.append(event)
        for child in children[event.id]:
            awaited[child.id] -= 1
            if not awaited[child.id]:
                heappush(free, (child.at, child.id))
    return tuple(ordered)


def with_all_before(events: dict[str, Event], ids: Iterable[str]) -> set[str]:
    """Return these ids and those of all events they were written on, as far as ``events`` has them."""
    found: set[str] = set()
    waiting = list(ids)
    while waiting:
        id_ = waiting.pop()
        if id_ not in found and id_ in events:
            found.add(id_)
            waiting += events[id_].parents
    return found


class Knowledge:
    """Who knew what, in a record whose events stand in their order."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events

    @cached_property
    def branched(self) -> bool:
        """Whether the record is anything but a line."""
        return any(event.parents != (before.id,) for before, event in pairwise(self._events))

    def knew(self, later: Event, earlier: Event) -> bool:
        """Whether one event was written on another that stands before it, directly or through others."""
        if not self.branched:
            return True
        until, since = self._places[later.id], self._places[earlier.id]
        if self._joins[until] > (self._joins[since - 1] if since else 0):
            return True  # all branches meet in between
        start, before = self._before[until]
        return bool(before >> (since - start) & 1)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {event.id: place for place, event in enumerate(self._events)}

    @cached_property
    def _joins(self) -> list[int]:
        """How many events up to each place know all before them and are known to all after them."""
        heads: set[str] = set()
        alone = []
        for event in self._events:
            heads.difference_update(event.parents)
            heads.add(event.id)
            alone.append(len(heads) == 1)
        lowest = len(self._events)
        for place in range(len(self._events) - 1, -1, -1):
            alone[place] = alone[place] and lowest >= place
            lowest = min([lowest, *(self._places.get(parent, 0) for parent in self._events[place].parents)])
        joins, count = [], 0
        for each in alone:
            count += each
            joins.append(count)
        return joins

    @cached_property
    def _before(self) -> list[tuple[int, int]]:
        """For each place, where its stretch between joins begins, and what of that it knows: a bit for each place."""
        found: list[tuple[int, int]] = []
        start = 0
        for place, event in enumerate(self._events):
            before = 0
            for parent in event.parents:
                there = self._places.get(parent, -1)
                if start <= there < place:
                    before |= found[there][1] | 1 << (there - start)
            found.append((start, before))
            if self._joins[place] > (self._joins[place - 1] if place else 0):
                start = place + 1
        return found
