"""The order of events and who knew what: the same for everyone, whatever the copies and their clocks went through."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ca_ladder.record.causality import Causality, always_saw, topological_order, with_ancestors
from ca_ladder.record.events import Event, Person, new_event
from tests.conftest import many_examples

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


def event(words: str, hour: int, *parents: Event) -> Event:
    """Return a note written at that hour on these events."""
    ids = tuple(parent.id for parent in parents)
    moment = MORNING + timedelta(hours=hour)
    by = Person(name="Ann", role="trainee")
    return new_event(
        parents=ids, kind="note", at=moment, on=moment.date(), by=by, account="a", computer="PC", note=words
    )


# How one more event is written: on the last alone, on all heads (as a command does), or on any of those before,
# counted back; and by a clock that shows this hour.
WAYS = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(["last", "heads"]), st.sets(st.integers(1, 6), min_size=1, max_size=3)),
        st.integers(0, 5),
    ),
    max_size=14,
)


def grown(ways: Sequence[tuple[str | set[int], int]]) -> list[Event]:
    """Return events written in these ways, the first on nothing, each after those it was written on."""
    events = [event("first", 0)]
    for number, (way, hour) in enumerate(ways):
        if way == "last":
            parents = [events[-1]]
        elif way == "heads":
            parents = heads_of(events)
        else:
            parents = [events[-back] for back in way if isinstance(back, int) and back <= len(events)] or [events[-1]]
        events.append(event(str(number), hour, *parents))
    return events


def heads_of(events: Sequence[Event]) -> list[Event]:
    """Return the events that no other was written on."""
    written_on = {parent for each in events for parent in each.parents}
    return [each for each in events if each.id not in written_on]


def known_to(event: Event, events: dict[str, Event]) -> set[str]:
    """Return the ids of all that the event was written on, directly or through others: the slow way."""
    return {id_ for parent in event.parents for id_ in (parent, *known_to(events[parent], events))}


def slowly_in_order(events: Sequence[Event]) -> list[Event]:
    """Return the events in order: again and again the earliest of those whose parents stand already."""
    ordered: list[Event] = []
    left = {each.id: each for each in events}
    while left:
        free = [each for each in left.values() if not left.keys() & set(each.parents)]
        ordered.append(left.pop(min(free, key=lambda each: (each.at, each.id)).id))
    return ordered


def test_a_line_keeps_its_order_whatever_its_clocks_say() -> None:
    """An event never comes before what it was written on, even if that computer's clock was ahead."""
    first = event("first", 5)
    second = event("second", 3, first)
    third = event("third", 4, second)
    assert topological_order([third, first, second]) == (first, second, third)


def test_branches_stand_by_the_time_they_were_written() -> None:
    """What was written apart stands as it was written in time, and what joins it stands after both."""
    first = event("first", 0)
    early, late, later = event("early", 1, first), event("late", 2, first), event("later", 3, first)
    after = event("after", 4, early)
    joined = event("joined", 1, after, late, later)
    assert topological_order([joined, after, later, late, early, first]) == (first, early, late, later, after, joined)


def test_what_was_written_at_the_same_moment_stands_by_its_id() -> None:
    """Where time does not decide, something does that is the same in every copy."""
    first = event("first", 0)
    two = [event("one", 1, first), event("other", 1, first)]
    assert (
        topological_order([*two, first])
        == topological_order([first, *reversed(two)])
        == (first, *sorted(two, key=lambda e: e.id))
    )


def test_an_event_whose_parent_is_missing_is_not_lost() -> None:
    """A hole in a record does not take with it what was written on the hole."""
    first = event("first", 0)
    hole = event("hole", 1, first)
    after = event("after", 2, hole)
    assert topological_order([after, first]) == (first, after)


def test_the_same_event_twice_stands_once() -> None:
    """The union of copies has each event once."""
    first = event("first", 0)
    second = event("second", 1, first)
    assert topological_order([first, second, first, second]) == (first, second)


@many_examples
@given(WAYS, st.randoms(use_true_random=False), st.sets(st.integers(1, 13), max_size=2))
def test_the_order_is_one_and_does_not_depend_on_how_the_events_came(
    ways: list[tuple[str | set[int], int]], random: Random, holes: set[int]
) -> None:
    """From any order, with holes or without: each event once, after its parents, as the slow way orders them."""
    events = [each for place, each in enumerate(grown(ways)) if place not in holes]
    shuffled = random.sample(events, len(events))
    ordered = topological_order(shuffled)
    assert ordered == topological_order(events) == topological_order(ordered)
    assert list(ordered) == slowly_in_order(events)
    places = {each.id: place for place, each in enumerate(ordered)}
    assert len(places) == len(events)
    assert all(places.get(parent, -1) < places[each.id] for each in events for parent in each.parents)


@many_examples
@given(WAYS, st.sampled_from(range(15)))
def test_the_order_of_what_a_copy_has_stays_when_more_is_added(
    ways: list[tuple[str | set[int], int]], place: int
) -> None:
    """What somebody saw in one order before another copy was merged, they see in that order afterwards."""
    events = grown(ways)
    known = {each.id: each for each in events}
    copy = with_ancestors(known, [events[place % len(events)].id])
    ordered = topological_order(events)
    assert tuple(each for each in ordered if each.id in copy) == topological_order(known[id_] for id_ in copy)


@many_examples
@given(WAYS)
def test_who_knew_what_is_what_a_slow_walk_finds(ways: list[tuple[str | set[int], int]]) -> None:
    """An author knew what the event was written on, directly or through others, and nothing else."""
    ordered = topological_order(grown(ways))
    events = {each.id: each for each in ordered}
    knowledge = Causality(ordered)
    for earlier, later in combinations(ordered, 2):
        assert knowledge.saw(later, earlier) == (earlier.id in known_to(later, events))


@settings(max_examples=500, deadline=None)
@given(WAYS)
def test_a_record_is_a_line_or_branched(ways: list[tuple[str | set[int], int]]) -> None:
    """In a line, and only there, everyone knew all that stands before."""
    ordered = topological_order(grown(ways))
    line = all(later.parents == (earlier.id,) for earlier, later in pairwise(ordered))
    assert Causality(ordered).branched != line
    if line:
        assert all(Causality(ordered).saw(*pair) == always_saw(*pair) for pair in combinations(reversed(ordered), 2))


def test_who_knew_what_across_a_join() -> None:
    """Two sides do not know of each other; what is written on both knows both, and so does all after it."""
    first = event("first", 0)
    here, there = event("here", 1, first), event("there", 2, first)
    joined = event("joined", 3, here, there)
    after = event("after", 4, joined)
    knowledge = Causality((first, here, there, joined, after))
    assert not knowledge.saw(there, here)
    assert knowledge.saw(there, first)
    assert all(knowledge.saw(later, side) for later in (joined, after) for side in (here, there))


def test_who_knew_what_on_two_long_branches() -> None:
    """Two copies of two thousand entries each, written by turns: each knows its own side, and the join knows both."""
    first = event("first", 0)
    here, there = [event("here", 1, first)], [event("there", 2, first)]
    for number in range(1, 2000):
        here.append(event("here", 2 * number + 1, here[-1]))
        there.append(event("there", 2 * number + 2, there[-1]))
    joined = event("joined", 5000, here[-1], there[-1])
    ordered = topological_order([first, *here, *there, joined])
    assert ordered[1:5] == (here[0], there[0], here[1], there[1])
    knowledge = Causality(ordered)
    for side, other in ((here, there), (there, here)):
        assert all(knowledge.saw(side[-1], each) for each in (first, *side[:-1]))
        assert all(knowledge.saw(each, side[0]) for each in side[1:])
        assert not any(knowledge.saw(each, earlier) for each, earlier in zip(side[1:], other, strict=False))
        assert all(knowledge.saw(joined, each) for each in side)


@settings(max_examples=500, deadline=None)
@given(WAYS, st.sampled_from(range(15)), st.sets(st.integers(1, 13), max_size=2))
def test_all_before_is_what_a_slow_walk_finds(
    ways: list[tuple[str | set[int], int]], place: int, holes: set[int]
) -> None:
    """All that an event was written on is found, as far as it is there; ids of what is not there give nothing."""
    events = grown(ways)
    known = {each.id: each for each in events}
    asked = events[place % len(events)]
    assert with_ancestors(known, [asked.id]) == {asked.id, *known_to(asked, known)}
    assert with_ancestors(known, []) == with_ancestors({}, [asked.id]) == set()
    there = {each.id: each for number, each in enumerate(events) if number not in holes}
    assert with_ancestors(there, [asked.id]) <= there.keys()
