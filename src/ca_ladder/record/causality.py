"""The order of events, and who knew what: an event is written on others, its parents, and knows all before them.

Most records are a line, each event written on the one before. Copies that were written on apart and then united
branch, and the branches meet again in the next event.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from ca_ladder.record.events import Event

Saw = Callable[[Event, Event], bool]


def always_saw(later: Event, earlier: Event) -> bool:  # noqa: ARG001 - it answers for any two events
    """Whether the later event's author knew the earlier: in a line, always."""
    return True


def topological_order(events: Iterable[Event]) -> tuple[Event, ...]:
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


def is_linear(events: Sequence[Event]) -> bool:
    """Whether each event was written on the one that stands before it, and on nothing else."""
    before = events[0].parents if events else ()
    for event in events:
        if event.parents != before:
            return False
        before = (event.id,)
    return True


def with_ancestors(events: dict[str, Event], ids: Iterable[str]) -> set[str]:
    """Return these ids and those of all events they were written on, as far as ``events`` has them."""
    found: set[str] = set()
    waiting = list(ids)
    while waiting:
        id_ = waiting.pop()
        if id_ not in found and id_ in events:
            found.add(id_)
            waiting += events[id_].parents
    return found


class _Known(NamedTuple):
    """What one event's author knew: the events before it on its own line, and so many of each of the others."""

    line: int
    place: int
    others: dict[int, int]


class Causality:
    """Who knew what, in a record whose events stand in their order.

    A branched record is laid out in lines, on each of which every event was written on the one before, be it through
    others. There are about as many lines as copies that were ever written on at once.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events

    @cached_property
    def branched(self) -> bool:
        """Whether the record is anything but a line."""
        return not is_linear(self._events)

    def saw(self, later: Event, earlier: Event) -> bool:
        """Whether one event is another, or was written on it, directly or through others."""
        if not self.branched:
            return True
        line, place, others = self._known[later.id]
        other = self._known[earlier.id]
        return other.place <= place if other.line == line else other.place < others.get(other.line, 0)

    @cached_property
    def _known(self) -> dict[str, _Known]:
        known: dict[str, _Known] = {}
        lengths: list[int] = []
        for event in self._events:
            before = [known[parent] for parent in event.parents if parent in known]
            if len(before) == 1 and lengths[before[0].line] == before[0].place + 1:
                line, _, others = before[0]  # written on the end of a line: nothing else came to be known
            else:
                others = _together(before)
                line = next((each for each, count in others.items() if lengths[each] == count), len(lengths))
                if line == len(lengths):
                    lengths.append(0)
            known[event.id] = _Known(line, lengths[line], others)
            lengths[line] += 1
        return known


def _together(before: Iterable[_Known]) -> dict[int, int]:
    """Return how many events of each line are known to whoever wrote on all of these."""
    together: dict[int, int] = {}
    for line, place, others in before:
        for other, count in (*others.items(), (line, place + 1)):
            together[other] = max(together.get(other, 0), count)
    return together
