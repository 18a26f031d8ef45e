"""The order of events and who knew what: the same for everyone, whatever the copies and their clocks went through."""

from collections.abc import Sequence
from itertools import combinations, pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ca_ladder.record.causality import Causality, always_saw, topological_order, with_ancestors
from ca_ladder.record.events import Event, new_event
from tests.conftest import many_examples
from tests.record.builders import ANN, stamp


def note(words: str, hour: int, *parents: Event) -> Event:
    """Return a note written at that hour on these events."""
    ids = tuple(parent.id for parent in parents)
    at, account, computer, _ = stamp(hour)
    content = {"at": at, "on": at.date(), "by": ANN, "account": account, "computer": computer}
    return new_event(parents=ids, kind="note", note=words, **content)


Ways = list[tuple[str | set[int], int]]
# How one more event is written: on the last alone, on all heads (as a command does), or on any of those before,
# counted back; and by a clock that shows this hour.
WAYS = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(["last", "heads"]), st.sets(st.integers(1, 6), min_size=1, max_size=3)),
        st.integers(0, 5),
    ),
    max_size=14,
)


def grown(ways: Ways) -> list[Event]:
    """Return events written in these ways, the first on nothing, each after those it was written on."""
    events = [note("first", 0)]
    for number, (way, hour) in enumerate(ways):
        if way == "last":
            parents = [events[-1]]
        elif way == "heads":
            parents = heads_of(events)
        else:
            parents = [events[-back] for back in way if isinstance(back, int) and back <= len(events)] or [events[-1]]
        events.append(note(str(number), hour, *parents))
    return events


def heads_of(events: Sequence[Event]) -> list[Event]:
    """Return the events that no other was written on."""
    parents = {parent for event in events for parent in event.parents}
    return [event for event in events if event.id not in parents]


def known_to(event: Event, events: dict[str, Event]) -> set[str]:
    """Return the ids of all that the event was written on, directly or through others: the slow way."""
    return {id_ for parent in event.parents for id_ in (parent, *known_to(events[parent], events))}


def slowly_in_order(events: Sequence[Event]) -> list[Event]:
    """Return the events in order: again and again the earliest of those whose parents stand already."""
    ordered: list[Event] = []
    left = {event.id: event for event in events}
    while left:
        free = [event for event in left.values() if not left.keys() & set(event.parents)]
        ordered.append(left.pop(min(free, key=lambda event: (event.at, event.id)).id))
    return ordered


@many_examples
@given(WAYS, st.randoms(use_true_random=False), st.sets(st.integers(1, 13), max_size=2))
def test_the_order_is_one_and_does_not_depend_on_how_the_events_came(
    ways: Ways, random: Random, holes: set[int]
) -> None:
    """From any order, with holes and doubles: each event once, after its parents, as the slow way orders them.

    Clocks may be wrong, and several events may have one time: then their ids decide.
    """
    events = [event for index, event in enumerate(grown(ways)) if index not in holes]
    ordered = topological_order(random.sample([*events, *events], 2 * len(events)))
    assert ordered == topological_order(events) == topological_order(ordered)
    assert list(ordered) == slowly_in_order(events)
    positions = {event.id: position for position, event in enumerate(ordered)}
    assert len(positions) == len(events)
    assert all(positions.get(parent, -1) < positions[event.id] for event in events for parent in event.parents)


@many_examples
@given(WAYS, st.sampled_from(range(15)))
def test_the_order_of_what_a_copy_has_stays_when_more_is_added(ways: Ways, index: int) -> None:
    """What somebody saw in one order before another copy was merged, they see in that order afterwards."""
    events = grown(ways)
    known = {event.id: event for event in events}
    copy = with_ancestors(known, [events[index % len(events)].id])
    ordered = topological_order(events)
    assert tuple(event for event in ordered if event.id in copy) == topological_order(known[id_] for id_ in copy)


@many_examples
@given(WAYS)
def test_who_knew_what_is_what_a_slow_walk_finds(ways: Ways) -> None:
    """An author knew what the event was written on, directly or through others: in a line, all that stands before."""
    ordered = topological_order(grown(ways))
    events = {event.id: event for event in ordered}
    causality = Causality(ordered)
    line = all(later.parents == (earlier.id,) for earlier, later in pairwise(ordered))
    assert causality.branched != line
    for earlier, later in combinations(ordered, 2):
        assert causality.saw(later, earlier) == (earlier.id in known_to(later, events))
        assert causality.saw(later, later)
        assert not line or causality.saw(later, earlier) == always_saw(later, earlier)


def test_who_knew_what_on_two_long_branches() -> None:
    """Two copies of two thousand entries each, written by turns: each knows its own side, and the join knows both."""
    first = note("first", 0)
    here, there = [note("here", 1, first)], [note("there", 2, first)]
    for number in range(1, 2000):
        here.append(note("here", 2 * number + 1, here[-1]))
        there.append(note("there", 2 * number + 2, there[-1]))
    joined = note("joined", 5000, here[-1], there[-1])
    ordered = topological_order([first, *here, *there, joined])
    assert ordered[1:5] == (here[0], there[0], here[1], there[1])
    causality = Causality(ordered)
    for side, other in ((here, there), (there, here)):
        assert all(causality.saw(side[-1], event) for event in (first, *side[:-1]))
        assert all(causality.saw(event, side[0]) for event in side[1:])
        assert not any(causality.saw(event, earlier) for event, earlier in zip(side[1:], other, strict=False))
        assert all(causality.saw(joined, event) for event in side)


@settings(max_examples=500, deadline=None)
@given(WAYS, st.sampled_from(range(15)), st.sets(st.integers(1, 13), max_size=2))
def test_all_before_is_what_a_slow_walk_finds(ways: Ways, index: int, holes: set[int]) -> None:
    """All that an event was written on is found, as far as it is there; ids of what is not there give nothing."""
    events = grown(ways)
    known = {event.id: event for event in events}
    asked = events[index % len(events)]
    assert with_ancestors(known, [asked.id]) == {asked.id, *known_to(asked, known)}
    assert with_ancestors(known, []) == with_ancestors({}, [asked.id]) == set()
    there = {event.id: event for number, event in enumerate(events) if number not in holes}
    assert with_ancestors(there, [asked.id]) <= there.keys()
