"""The order of events, and which events an author knew.

The events of a record form a directed acyclic graph: each names its parents, the heads of the record when it was
written. Most records are linear. Copies that were changed independently and then merged have branches, which join in
the next event. Each event has a vector clock with one entry per chain of the graph.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from ca_ladder.record.events import Event

Saw = Callable[[Event, Event], bool]


def always_saw(later: Event, earlier: Event) -> bool:  # noqa: ARG001 - it answers for any two events
    """Answer for a linear record, where every author knew all earlier events."""
    return True


def topological_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return the events in the one order that is the same in every copy.

    Parents come first. Of the events whose parents are done, the earlier written comes first, then the smaller id.
    Missing parents are ignored.
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


def is_linear(events: Sequence[Event]) -> bool:
    """Whether each event has the event before it as its only parent."""
    return [event.parents for event in events[1:]] == [(event.id,) for event in events[:-1]]


def with_ancestors(events: dict[str, Event], ids: Iterable[str]) -> set[str]:
    """Return the ids and all their known ancestors."""
    visited: set[str] = set()
    waiting = list(ids)
    while waiting:
        id_ = waiting.pop()
        if id_ not in visited and id_ in events:
            visited.add(id_)
            waiting += events[id_].parents
    return visited


class VectorClock(NamedTuple):
    """What one event's author knew.

    The event has this ``position`` in its ``chain``, whose earlier events are all known. ``others`` counts the known
    events of each other chain.
    """

    chain: int
    position: int
    others: dict[int, int]


class Causality:
    """Which events each event's author knew. The events are in topological order.

    A branched record is split into chains, in each of which every event is an ancestor of the next. There are about as
    many chains as copies that were written on at the same time.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events

    @cached_property
    def branched(self) -> bool:
        """Whether the record is not linear."""
        return not is_linear(self._events)

    def saw(self, later: Event, earlier: Event) -> bool:
        """Whether ``earlier`` is an ancestor of ``later``, or the same event."""
        if not self.branched:
            return True
        chain, position, others = self._clocks[later.id]
        clock = self._clocks[earlier.id]
        return clock.position <= position if clock.chain == chain else clock.position < others.get(clock.chain, 0)

    @cached_property
    def _clocks(self) -> dict[str, VectorClock]:
        clocks: dict[str, VectorClock] = {}
        lengths: list[int] = []
        for event in self._events:
            if event.id in clocks:  # it is in the record twice; the first counts
                continue
            parents = [clocks[parent] for parent in event.parents if parent in clocks]
            if len(parents) == 1 and lengths[parents[0].chain] == parents[0].position + 1:
                chain, _, others = parents[0]  # the parent is the end of its chain: nothing else became known
            else:
                others = merge_clocks(parents)
                chain = next((chain for chain, count in others.items() if lengths[chain] == count), len(lengths))
                if chain == len(lengths):
                    lengths.append(0)
            clocks[event.id] = VectorClock(chain, lengths[chain], others)
            lengths[chain] += 1
        return clocks


def merge_clocks(clocks: Iterable[VectorClock]) -> dict[int, int]:
    """Return how many events of each chain the author of an event with these parents knows."""
    counts: dict[int, int] = {}
    for chain, position, others in clocks:
        for other, count in (*others.items(), (chain, position + 1)):
            counts[other] = max(counts.get(other, 0), count)
    return counts
