"""The clock of a role: months and tiers with days of leave left out, held against walking the calendar day by day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca_ladder.catalogue.models import Months, Tier
from ca_ladder.progress.clock import Clock
from ca_ladder.record.events import Leave

START = date(2026, 1, 5)


def days(first: str, last: str) -> Leave:
    """Return the leave from one day of 2026 to another, written as 03-01."""
    return Leave(first=date.fromisoformat(f"2026-{first}"), last=date.fromisoformat(f"2026-{last}"))


def day(written: str) -> date:
    """Return a day of 2026."""
    return date.fromisoformat(f"2026-{written}")


@pytest.mark.parametrize(
    ("leaves", "without", "moved"),
    [
        ((), "04-05", "04-05"),
        ((days("03-02", "03-06"),), "04-05", "04-10"),
        ((days("04-04", "04-10"),), "04-05", "04-12"),  # one day of the leave lies before the date, all of it counts
        ((days("04-05", "04-10"),), "04-05", "04-05"),  # it begins on the day itself: that day is reached
        ((days("04-06", "04-10"),), "04-05", "04-05"),
        ((days("03-02", "03-06"), days("04-08", "04-09")), "04-05", "04-12"),  # the second begins before the moved date
        ((days("03-02", "03-06"), days("04-10", "04-11")), "04-05", "04-10"),
        ((days("01-01", "01-06"),), "04-05", "04-07"),  # days before the first day in the role count for nothing
        ((days("01-01", "01-04"),), "04-05", "04-05"),
    ],
)
def test_a_date_moves_on_by_the_leave_that_begins_before_it(
    leaves: tuple[Leave, ...], without: str, moved: str
) -> None:
    """The table in words stands in docs/progress.md."""
    assert Clock(START, leaves).shifted(day(without)) == day(moved)


def test_a_tier_ends_where_the_next_begins_with_leave_too() -> None:
    """No day belongs to two tiers, and none between them to neither."""
    tiers = [Tier(id=f"{first}", title="T", months=Months(first=first, until=first + 1)) for first in range(6)]
    clock = Clock(date(2026, 1, 31), (days("02-10", "03-20"), days("05-01", "05-01")))
    windows = [clock.window(tier) for tier in tiers]
    assert [end for _, end in windows[:-1]] == [begin for begin, _ in windows[1:]]
    assert all(begins and due and begins < due for begins, due in windows)


def test_months_stand_still_during_leave() -> None:
    """Who is away for two weeks has been there a month two weeks later."""
    clock = Clock(START, (days("01-20", "02-02"),))
    assert [clock.months(day(text)) for text in ("02-04", "02-05", "02-18", "02-19", "03-18", "03-19")] == [
        *(0, 0, 0, 1, 1, 2)
    ]


SPANS = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 20)), max_size=4)


def leaves_of(spans: list[tuple[int, int]]) -> tuple[Leave, ...]:
    """Return leaves, each so many days after the one before it, and so many days longer than one."""
    leaves, last = [], START - timedelta(days=15)
    for gap, more in spans:
        first = last + timedelta(days=gap + 1)
        last = first + timedelta(days=more)
        leaves.append(Leave(first=first, last=last))
    return tuple(leaves)


@given(SPANS, st.integers(0, 120))
def test_days_and_dates_are_those_that_are_counted_one_by_one(spans: list[tuple[int, int]], number: int) -> None:
    """A date moves to the day on which as many days in the role have gone as without leave."""
    clock = Clock(START, leaves_of(spans))
    away = {
        leave.first + timedelta(days=more)
        for leave in clock.leaves
        for more in range((leave.last - leave.first).days + 1)
    }
    without = START + timedelta(days=number)
    moved, gone = START, 0
    while gone < number:
        gone += moved not in away
        moved += timedelta(days=1)
    assert clock.shifted(without) == moved

    until = START + timedelta(days=number)
    at_work = [now for days in range(400) if (now := START + timedelta(days)) not in away]
    assert clock.days(START - timedelta(days=1), until) == sum(now <= until for now in at_work)
    assert clock.days(START, until) == sum(START < now <= until for now in at_work)
    later = [now for now in at_work if now > START]
    assert [clock.after(START, days) for days in range(1, number)] == later[: max(number - 1, 0)]


def test_far_dates_end_with_the_calendar() -> None:
    """A date beyond the last one is the last one, not an error."""
    clock = Clock(date(9999, 1, 1), (Leave(first=date(9999, 2, 1), last=date(9999, 12, 31)),))
    assert clock.shifted(date(9999, 12, 31)) == date.max
    assert clock.after(date(9999, 1, 1), 40_000) == date.max
