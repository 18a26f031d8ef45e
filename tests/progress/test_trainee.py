"""Progress: what a record means on a day, held against the calendar and a slow count by hand."""

import dataclasses
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ca_ladder.catalogue.models import Entry, Ladder, Months, Role, Task, Tier, Variant
from ca_ladder.progress.clock import Clock, add_months, window
from ca_ladder.progress.history import detail, history
from ca_ladder.progress.results import Counts, Tally, UncountedEntry, count
from ca_ladder.progress.trainee import measure, next_items, waiting_items
from ca_ladder.record.actor import Actor, enrol
from ca_ladder.record.events import Person, Stamp
from ca_ladder.record.fingerprint import fingerprint
from ca_ladder.record.judging import ALTERED
from ca_ladder.record.projection import STATES, State
from ca_ladder.record.record import Record


def months(first: int, until: int | None = None) -> Months:
    """Return the months from ``first`` up to, not including, ``until``."""
    return Months(first=first, until=until)


NEW, MEETING, EXCEEDING = TIERS = (
    Tier(id="0-3", title="New in role", months=months(0, 3)),
    Tier(id="3-6", title="Meeting expectations", months=months(3, 6)),
    Tier(id="6+", title="Exceeding expectations", months=months(6)),
)


def entries(*ids: str) -> tuple[Entry, ...]:
    """Return an entry for each id."""
    return tuple(Entry(id=id_, text=f"Do {id_}") for id_ in ids)


def task(
    id_: str = "k",
    new: tuple[Entry, ...] = (),
    meeting: tuple[Entry, ...] = (),
    exceeding: tuple[Entry, ...] = (),
    **fields: Any,
) -> Task:
    """Return a task with these expectations in the three tiers; the other fields are as in the catalogue."""
    expectations = {"0-3": new, "3-6": meeting, "6+": exceeding}
    return Task(id=id_, name=id_, why="W", expectations=expectations, **fields)


def ladder_of(*tasks: Task, tiers: tuple[Tier, ...] = TIERS, variants: frozenset[str] = frozenset()) -> Ladder:
    """Return the ladder of a role with these tasks."""
    role = Role(id="r", name="R", tiers=tiers, tasks=tasks, variants=(Variant(id="mm", name="Middle Market"),))
    return Ladder(role, variants, "v1")


ANN = Person(name="Ann", role="trainee")
MO = Person(name="Mo", role="mentor")


def record_from(start: date) -> Record:
    """Return the record of a trainee who starts on that day."""
    return enrol(stamp(start), ANN, name="Ann", start=start, role="r")


def stamp(day: date, account: str = "ann") -> Stamp:
    """Return the stamp of a command run at noon of that day."""
    return Stamp(datetime.combine(day, time(12), UTC), account, "PC")


def record_in_states(record: Record, ladder: Ladder, states: dict[str, State], day: date) -> Record:
    """Return the record with each of these items brought into its state on that day."""
    ann, mo = Actor(ladder, stamp(day), ANN), Actor(ladder, stamp(day, "mo"), MO)
    for id_, state in states.items():
        item = [ladder.items[id_]]
        if state in {"checked", "returned"}:
            record = ann.check(record, item)
        if state == "returned":
            record = mo.decide("return", record, item, "not yet")
        if state == "signed":
            record = mo.sign_off(record, item, observed=True)
        if state == "waived":
            record = mo.decide("waive", record, item, "not in this book")
    return record


def test_only_a_record_whose_every_entry_counts_has_a_fingerprint() -> None:
    """The progress of any other record names the entries that do not count, and nothing vouches for it."""
    ladder, record = ladder_of(task(new=entries("a"))), record_from(date(2026, 1, 15))
    assert measure(ladder, record, date(2026, 2, 1)).fingerprint == fingerprint(record)
    altered = measure(ladder, Record(record.events, altered=frozenset([0])), date(2026, 2, 1))
    uncounted = (UncountedEntry(1, record.events[0], ALTERED),)
    assert altered == measure(ladder, record, date(2026, 2, 1))._replace(fingerprint=None, does_not_count=uncounted)


# --- months ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "later", "then"),
    [
        (date(2026, 1, 15), 1, date(2026, 2, 15)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2026, 1, 31), 3, date(2026, 4, 30)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 11, 1), 1, date(2026, 12, 1)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
        (date(9999, 12, 31), 1, date.max),
    ],
)
def test_months_later(day: date, later: int, then: date) -> None:
    """Months are calendar months: the same day, or the last of the month where it has no such day."""
    assert add_months(day, later) == then


days = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@given(days, days)
@example(date(2026, 1, 31), date(2026, 2, 28))
def test_counting_and_adding_months_agree(one: date, other: date) -> None:
    """As many months have gone as can be added to the start without passing today."""
    start, today = sorted((one, other))
    gone = Clock(start).months(today)
    assert add_months(start, gone) <= today < add_months(start, gone + 1)
    assert Clock(today).months(start) == 0  # none have gone before the start


# --- tiers ----------------------------------------------------------------------------------------------------

JANUARY = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("today", "tier"),
    [
        (date(2026, 1, 30), None),
        (date(2026, 1, 31), NEW),
        (date(2026, 4, 29), NEW),
        (date(2026, 4, 30), MEETING),
        (date(2026, 7, 30), MEETING),
        (date(2026, 7, 31), EXCEEDING),
        (date(2036, 7, 31), EXCEEDING),
    ],
)
def test_tiers_are_half_open(today: date, tier: Tier | None) -> None:
    """The day a tier ends is the first of the next; before the start there is none."""
    assert measure(ladder_of(), record_from(JANUARY), today).tier is tier


def test_the_tier_of_today_does_not_depend_on_their_order_in_the_file() -> None:
    """Tiers out of order are only a warning."""
    ladder = ladder_of(task("mail"), tiers=tuple(reversed(TIERS)))
    progress = measure(ladder, record_from(JANUARY), JANUARY + timedelta(days=20))
    assert progress.tier is TIERS[0]


def test_a_ladder_that_ends_has_no_tier_afterwards() -> None:
    """Where the last tier has an end, nobody is in it for ever."""
    assert measure(ladder_of(tiers=TIERS[:2]), record_from(JANUARY), date(2026, 7, 31)).tier is None


def test_the_windows_of_the_tiers() -> None:
    """A tier lasts from its first day to its due date, and the open end has none."""
    assert window(NEW, JANUARY) == (date(2026, 1, 31), date(2026, 4, 30))
    assert window(MEETING, JANUARY) == (date(2026, 4, 30), date(2026, 7, 31))
    assert window(EXCEEDING, JANUARY) == (date(2026, 7, 31), None)
    assert window(Tier(id="all", title="All"), JANUARY) == (None, None)


@pytest.mark.parametrize("today", [date(2025, 1, 1), date(2026, 3, 1), date(2040, 1, 1)])
def test_a_role_without_months_is_never_late(today: date) -> None:
    """Where nothing says by when, nothing is expected, ahead or overdue by any day; before the start is in no tier."""
    ladder = ladder_of(
        Task(id="k", name="K", why="W", expectations={"all": entries("a", "b")}),
        tiers=(Tier(id="all", title="All"),),
    )
    progress = measure(ladder, record_from(JANUARY), today)
    (tier,) = progress.tiers
    assert progress.tier is (tier.tier if today >= JANUARY else None)
    assert (tier.begins, tier.due, tier.expected, tier.ahead) == (None, None, None, None)
    assert (tier.tasks[0].expected, tier.tasks[0].ahead) == (None, None)
    assert tier.counts == Counts(total=2, open=2)
    before = today < JANUARY
    assert [(item.due, item.expected_on, item.not_begun) for item in progress.items] == [(None, None, before)] * 2


# --- due and overdue ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "overdue"),
    [
        (date(2026, 4, 29), []),
        (date(2026, 4, 30), []),
        (date(2026, 5, 1), ["open", "checked", "returned"]),
    ],
)
def test_what_is_unfinished_after_its_due_date_is_overdue(today: date, overdue: list[State]) -> None:
    """On the due date nothing is overdue yet; the day after, all that still waits for anybody is."""
    ladder = ladder_of(task(new=entries(*STATES), meeting=entries("later")))
    record = record_in_states(record_from(JANUARY), ladder, {state: state for state in STATES}, date(2026, 2, 1))
    progress = measure(ladder, record, today)
    assert [item.state for item in progress.items if item.overdue] == overdue
    assert progress.tiers[0].counts.overdue == len(overdue)
    assert {item.state for item in progress.items if not item.unfinished} == {"signed", "waived"}
    assert {item.due for item in progress.items} == {date(2026, 4, 30), date(2026, 7, 31)}


# --- expected by a day ----------------------------------------------------------------------------------------


def test_expectations_are_spread_evenly_over_the_tier() -> None:
    """Of three items in ninety days, one is expected every thirty, the last on the due date."""
    ladder = ladder_of(task(new=entries("a", "b", "c")))
    start = date(2025, 12, 1)  # to 1 March 2026: ninety days
    items = measure(ladder, record_from(start), start).items
    assert [item.expected_on for item in items] == [date(2025, 12, 31), date(2026, 1, 30), date(2026, 3, 1)]
    for today, expected in [(29, 0), (30, 1), (59, 1), (60, 2), (89, 2), (90, 3), (1000, 3)]:
        assert measure(ladder, record_from(start), start + timedelta(today)).tiers[0].expected == expected


def test_a_task_that_begins_later_is_expected_later() -> None:
    """What is learnt from the second month is spread over what remains of the tier."""
    ladder = ladder_of(task(begins=months(2, 3), new=entries("a", "b"), meeting=entries("c")))
    start = date(2026, 1, 1)
    a, b, c = measure(ladder, record_from(start), date(2026, 2, 28)).items
    assert (a.begins, a.expected_on, b.expected_on) == (date(2026, 3, 1), date(2026, 3, 17), date(2026, 4, 1))
    assert (c.begins, c.expected_on) == (date(2026, 4, 1), date(2026, 7, 1))
    assert (a.not_begun, c.not_begun) == (True, True)
    assert not measure(ladder, record_from(start), date(2026, 3, 1)).items[0].not_begun


def test_a_waived_item_leaves_the_total_and_what_is_expected() -> None:
    """What does not apply is neither owed nor a head start: the others are spread over the whole time."""
    ladder = ladder_of(task(new=entries("a", "b", "c")))
    start = date(2025, 12, 1)
    record = record_in_states(record_from(start), ladder, {"b": "waived"}, start)
    progress = measure(ladder, record, start + timedelta(45))
    assert [item.expected_on for item in progress.items] == [date(2026, 1, 15), None, date(2026, 3, 1)]
    assert progress.tiers[0].counts == Counts(total=2, open=2, waived=1)
    assert (progress.tiers[0].expected, progress.tiers[0].ahead) == (1, -1)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Ladder, Record, date]:
    """Draw a ladder of two tasks, a record with each item in some state, and a day to look at it."""
    begins = st.none() | st.integers(0, 8).map(months)
    tasks, states = [], dict[str, State]()
    for id_ in ("k", "l"):
        expectations = {
            tier: entries(*(f"{id_}.{tier}.{n}" for n in range(draw(st.integers(0, 4)))))
            for tier in ("new", "meeting", "exceeding")
        }
        tasks.append(task(id_, begins=draw(begins), **expectations))
        states |= {entry.id: draw(st.sampled_from(STATES)) for listed in expectations.values() for entry in listed}
    start = draw(days)
    ladder = ladder_of(*tasks)
    record = record_in_states(record_from(start), ladder, states, start)
    return ladder, record, start + timedelta(draw(st.integers(-40, 400)))


def expected_one_by_one(n: int, begins: date, due: date, today: date) -> int:
    """Count by the words of the promise: item k of n is expected when k/n of the time has gone."""
    if begins >= due:
        return n if today >= due else 0
    gone = Fraction((today - begins).days, (due - begins).days)
    return sum(gone >= Fraction(k, n) for k in range(1, n + 1))


@given(situations())
def test_what_is_expected_agrees_with_counting_by_hand(situation: tuple[Ladder, Record, date]) -> None:
    """Whatever the catalogue and the day, as much is expected as has had its share of the time."""
    ladder, record, today = situation
    start = record.enrolment.start
    for tier in measure(ladder, record, today).tiers:
        for task in tier.tasks:
            if tier.due is None:
                assert task.expected is None
                continue
            asked = task.counts.open + task.counts.checked + task.counts.returned + task.counts.signed
            learning = add_months(start, task.task.begins.first) if task.task.begins else start
            begins, due = window(tier.tier, start)
            assert begins
            assert due
            assert task.expected == expected_one_by_one(asked, max(begins, learning), due, today)


def sums(counts: Iterable[Counts]) -> Counts:
    """Return the sums of these counts."""
    return Counts(*(sum(numbers) for numbers in zip(*counts, strict=True)))


@given(situations())
def test_every_number_adds_up(situation: tuple[Ladder, Record, date]) -> None:
    """The five states are exclusive, the waived leave the total, and tasks, tiers and the whole agree."""
    ladder, record, today = situation
    progress = measure(ladder, record, today)
    parts: list[Tally] = [*progress.tiers]
    for part in [*parts, *(task for tier in progress.tiers for task in tier.tasks)]:
        counts = part.counts
        assert counts.total == counts.open + counts.checked + counts.returned + counts.signed
        assert counts.done == counts.checked + counts.signed
        assert 0 <= counts.overdue <= counts.total - counts.signed
        assert part.ahead == (None if part.expected is None else counts.done - part.expected)
        assert part.expected is None or 0 <= part.expected <= counts.total
    for tier in progress.tiers:
        assert tier.counts == sums(task.counts for task in tier.tasks)
        waits = [(*task.waits_on, *task.overdue_by) for task in tier.tasks]
        assert [*tier.waits_on, *tier.overdue_by] == [sum(numbers) for numbers in zip(*waits, strict=True)]
        if tier.expected is not None:
            assert tier.expected == sum(task.expected or 0 for task in tier.tasks)
    every = count(progress.items)
    assert every == sums(tier.counts for tier in progress.tiers)
    assert every.total + every.waived == len(ladder.items)


@given(situations(), st.integers(0, 400))
def test_what_is_expected_never_shrinks(situation: tuple[Ladder, Record, date], later: int) -> None:
    """A day later never less is expected, and nothing overdue stops being so by waiting."""
    ladder, record, today = situation
    now, then = (measure(ladder, record, day) for day in (today, today + timedelta(later)))
    for before, after in zip(now.tiers, then.tiers, strict=True):
        assert (before.expected or 0) <= (after.expected or 0)
        assert before.counts.overdue <= after.counts.overdue


# --- what is measured -----------------------------------------------------------------------------------------


def test_foundations_and_activities_are_counted_beside_the_tiers() -> None:
    """Tiers count expectations alone; every other kind the ladder has is counted under its own name."""
    ladder = ladder_of(task(new=entries("a"), skills=entries("s"), activities=entries("t", "u")))
    record = record_in_states(record_from(JANUARY), ladder, {"s": "signed", "t": "checked"}, JANUARY)
    progress = measure(ladder, record, JANUARY)
    assert progress.tiers[0].counts == Counts(total=1, open=1)
    counts = {kind: tally.counts for kind, tally in progress.kinds.items()}
    assert counts == {"skill": Counts(total=1, signed=1), "activity": Counts(total=2, open=1, checked=1)}


def test_parents_and_retired_items_are_not_counted_children_are() -> None:
    """Each thing to do is counted once."""
    parent = Entry(id="p", text="P", children=entries("p1", "p2"))
    ladder = ladder_of(task(new=(parent, Entry(id="old", text="Old", retired=True))))
    progress = measure(ladder, record_from(JANUARY), JANUARY)
    assert [item.item.id for item in progress.items] == ["p1", "p2"]


def test_a_variant_counts_for_those_who_have_it() -> None:
    """A task of a variant is part of the ladder of a trainee with it, and of no other."""
    tasks = task("k", new=entries("a")), task("l", new=entries("b"), variant="mm")
    without = measure(ladder_of(*tasks), record_from(JANUARY), JANUARY)
    with_it = measure(ladder_of(*tasks, variants=frozenset({"mm"})), record_from(JANUARY), JANUARY)
    assert [task.task.id for task in without.tiers[0].tasks] == ["k"]
    assert (count(without.items).total, count(with_it.items).total) == (1, 2)


def test_a_task_not_required_in_a_tier_says_so() -> None:
    """A tier without items of a task is told apart from one that does not ask for the task."""
    ladder = ladder_of(task(meeting=entries("a"), not_required=("0-3",)))
    tiers = measure(ladder, record_from(JANUARY), JANUARY).tiers
    assert [tier.tasks[0].required for tier in tiers] == [False, True, True]


def test_progress_can_be_restricted_to_a_tier_or_a_task() -> None:
    """Narrowing leaves other expectations out and changes no number of those that stay."""
    tasks = task(new=entries("a", "b"), meeting=entries("c"), skills=entries("s")), task("l", new=entries("d"))
    ladder, today = ladder_of(*tasks), date(2026, 4, 1)
    record = record_in_states(record_from(JANUARY), ladder, {"a": "checked"}, JANUARY)
    whole = measure(ladder, record, today)
    tier = measure(ladder, record, today, tier=ladder.role.tiers[0])
    assert tier.tiers == whole.tiers[:1]
    assert [item.item.id for item in tier.items] == ["a", "b", "s", "d"]
    assert tier.kinds == whole.kinds
    one = measure(ladder, record, today, task=ladder.role.tasks[0])
    assert [tier.tasks for tier in one.tiers] == [tier.tasks[:1] for tier in whole.tiers]
    assert [item.item.id for item in one.items] == ["a", "b", "c", "s"]
    assert one.tier is tier.tier is whole.tier is ladder.role.tiers[0]


def test_an_item_names_what_blocks_its_sign_off() -> None:
    """What still has to be signed before is named, until it is or the item is finished itself."""
    ladder = ladder_of(task(new=entries("a", "b"), gate="s", skills=entries("s")))
    record = record_in_states(record_from(JANUARY), ladder, {"b": "waived"}, JANUARY)
    blocked = {item.item.id: item.blocked_by for item in measure(ladder, record, JANUARY).items}
    assert blocked == {"a": ("s",), "b": (), "s": ()}
    opened = record_in_states(record, ladder, {"s": "signed"}, JANUARY)
    assert measure(ladder, opened, JANUARY).items[0].blocked_by == ()


# --- what next, what waits ------------------------------------------------------------------------------------


def test_what_comes_next() -> None:
    """First what came back, then gates, then what is expected soonest; what begins later comes last."""
    first = task(
        new=entries("a1", "a2", "a3"),
        exceeding=entries("z"),
        gate="s2",
        skills=entries("s1", "s2"),
        manager_activities=entries("m"),
    )
    later = task("l", begins=months(2), new=entries("l1"))
    soon = task("n", new=entries("n1", "n2"))
    ladder = ladder_of(first, later, soon)
    record = record_in_states(record_from(JANUARY), ladder, {"a2": "checked", "a3": "returned"}, JANUARY)
    progress = measure(ladder, record, date(2026, 2, 1))
    assert [item.item.id for item in next_items(progress)] == ["a3", "s2", "a1", "n1", "n2", "s1", "l1", "z"]


def test_what_is_done_waits_or_is_the_managers_is_not_next() -> None:
    """The list holds only what the trainee can do: not what waits for a mentor or is finished."""
    ladder = ladder_of(task(new=entries(*STATES), manager_activities=entries("m")))
    record = record_in_states(record_from(JANUARY), ladder, {state: state for state in STATES}, JANUARY)
    assert [item.item.id for item in next_items(measure(ladder, record, JANUARY))] == ["returned", "open"]


def test_what_waits_longest_comes_first() -> None:
    """A mentor sees first what lies there longest: since the day it was done, unless it was written down days later."""
    ladder = ladder_of(task(new=entries("a", "b", "c", "d")))
    a, b, c, _ = ladder.items.values()
    record = record_from(JANUARY)
    for day, happened, item in [(5, 5, a), (6, 2, b), (7, 7, c)]:
        actor = Actor(ladder, stamp(date(2026, 2, day)), ANN, on=date(2026, 2, happened))
        record = actor.check(record, [item])
    record = Actor(ladder, stamp(date(2026, 2, 8), "mo"), MO).sign_off(record, [c])
    assert [item.item.id for item in waiting_items(measure(ladder, record, date(2026, 2, 8)))] == ["a", "b"]


def test_nothing_waits_for_a_negative_number_of_days() -> None:
    """East of the reader, a check may bear the date of tomorrow: it waits since today."""
    ladder = ladder_of(task(new=entries("a")))
    today, east = date(2026, 2, 5), timezone(timedelta(hours=14))
    tomorrow = stamp(today)._replace(now=datetime(2026, 2, 6, 6, tzinfo=east))
    record = Actor(ladder, tomorrow, ANN).check(record_from(JANUARY), list(ladder.items.values()))
    (waiting,) = waiting_items(measure(ladder, record, today))
    assert waiting.waiting_since == today


# --- one item -------------------------------------------------------------------------------------------------


def test_history_marks_what_was_undone_or_decided_from_the_trainees_account() -> None:
    """A decision made on the trainee's computer is allowed and shown; so is what was undone."""
    ladder = ladder_of(task(new=entries("a", "b")))
    a, b = ladder.items.values()
    record = Actor(ladder, stamp(date(2026, 2, 1)), ANN).check(record_from(JANUARY), [a])
    record = Actor(ladder, stamp(date(2026, 2, 2), "mo"), MO).sign_off(record, [a])
    beside = Actor(ladder, stamp(date(2026, 2, 3)), MO)
    record = beside.sign_off(record, [b], observed=True)
    record = dataclasses.replace(beside, stamp=stamp(date(2026, 2, 4)), by=ANN).undo(record)
    lines = [(line.event.kind, line.event.item, line.undone, line.own_account) for line in history(record)]
    assert lines == [
        ("enrol", None, False, False),
        ("check", "a", False, False),
        ("sign-off", "a", False, False),
        ("sign-off", "b", True, True),
        ("undo", "b", False, False),
    ]
    assert [line.event for line in history(record, "b")] == list(record.events[3:])


def test_the_details_of_an_item() -> None:
    """An item of the ladder comes with its words, its progress and its past."""
    ladder = ladder_of(task(new=entries("a", "b")))
    record = record_in_states(record_from(JANUARY), ladder, {"a": "checked", "b": "signed"}, JANUARY)
    progress = measure(ladder, record, JANUARY)
    known = detail(progress, record, "a")
    assert known
    assert (known.text, known.state, known.absence, known.children) == ("Do a", "checked", None, {})
    assert known.progress is progress.items[0]
    assert [line.event.kind for line in known.history] == ["check"]


@pytest.mark.parametrize(
    ("entry", "variant", "why"),
    [
        (Entry(id="a", text="Do a", retired=True), None, "it was retired"),
        (Entry(id="a", text="Do a", retired=True, replaced_by="b"), None, "it was retired, replaced by b"),
        (Entry(id="a", text="Do a"), "mm", 'it belongs to the variant "mm" of the role'),
    ],
)
def test_an_item_that_is_not_asked_for_stays_readable(entry: Entry, variant: str | None, why: str) -> None:
    """What was written about an item is shown when it is retired or of a variant, and why it is not asked for."""
    before = ladder_of(task(new=entries("a", "b")))
    record = record_in_states(record_from(JANUARY), before, {"a": "signed"}, JANUARY)
    after = ladder_of(task("l", new=entries("b")), task(new=(entry,), variant=variant))
    known = detail(measure(after, record, JANUARY), record, "a")
    assert known
    assert known.absence
    assert (known.absence.why, known.state, known.progress) == (why, None, None)
    assert [line.event.kind for line in known.history] == ["sign-off"]


def test_an_item_the_catalogue_lost_keeps_the_words_that_were_signed() -> None:
    """A record keeps its meaning even when the catalogue forgets the id."""
    before = ladder_of(task(new=entries("a", "b")))
    record = record_in_states(record_from(JANUARY), before, {"a": "signed"}, JANUARY)
    record = Actor(before, stamp(JANUARY), ANN).note(record, before.items["b"], "only words")
    progress = measure(ladder_of(task(new=entries("c"))), record, JANUARY)
    signed, noted = detail(progress, record, "a"), detail(progress, record, "b")
    assert signed
    assert noted
    assert signed.absence
    assert (signed.item, signed.text, signed.absence.why) == (None, "Do a", "it is no longer in the catalogue")
    assert (noted.text, [line.event.note for line in noted.history]) == ("", ["only words"])


def test_an_unknown_id_has_no_details() -> None:
    """An id neither in the catalogue nor in the record has no detail."""
    record = record_from(JANUARY)
    assert detail(measure(ladder_of(task(new=entries("a"))), record, JANUARY), record, "x") is None
