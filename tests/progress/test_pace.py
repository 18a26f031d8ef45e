"""Pace and forecast: what is done against what is expected, and when all of it will be."""

from datetime import date, timedelta

import pytest

from ca_ladder.progress.clock import Clock
from ca_ladder.progress.trainee import forecast, measure
from ca_ladder.record.events import Leave
from tests.progress.test_trainee import entries, ladder_of, record_from, record_in_states, task

START = date(2026, 1, 5)
TODAY = date(2026, 6, 1)
NO_LEAVE = Clock(START)


def before(*days: int) -> list[date]:
    """Return the days so many days before today."""
    return [TODAY - timedelta(days=day) for day in days]


def test_the_pace_of_eight_weeks_goes_on() -> None:
    """Seven items in 56 days are one in eight: three more take 24."""
    assert forecast(before(0, 1, 2, 10, 20, 30, 55), 3, NO_LEAVE, TODAY) == TODAY + timedelta(days=24)
    assert forecast(before(0, 1, 2, 10, 20), 3, NO_LEAVE, TODAY) == TODAY + timedelta(days=34)  # 33.6, rounded up


def test_what_was_done_before_the_eight_weeks_is_no_pace() -> None:
    """The window ends today and is 56 days long: the 56th day before today is outside it."""
    assert forecast(before(1, 2, 55), 1, NO_LEAVE, TODAY) == TODAY + timedelta(days=19)
    assert forecast(before(1, 2, 56), 1, NO_LEAVE, TODAY) is None


def test_leave_is_left_out_before_and_after() -> None:
    """Four weeks away: what was done was done in the other four, and a leave to come moves the day."""
    away = Leave(first=TODAY - timedelta(days=40), last=TODAY - timedelta(days=13))
    ahead = Leave(first=TODAY + timedelta(days=1), last=TODAY + timedelta(days=10))
    done = before(1, 2, 3, 50)
    assert forecast(done, 2, Clock(START, (away,)), TODAY) == TODAY + timedelta(days=14)
    assert forecast(done, 2, Clock(START, (away, ahead)), TODAY) == TODAY + timedelta(days=24)


@pytest.mark.parametrize(
    ("done", "left", "start"),
    [
        (before(1, 2), 5, START),  # two items
        (before(1, 2, 3), 0, START),  # nothing is left
        (before(1, 2, 3), 5, TODAY - timedelta(days=12)),  # thirteen days
        (before(1, 2, 3), 5, TODAY + timedelta(days=30)),  # not begun
        (before(1, 2, 3), 1000, START),  # more than ten years
    ],
)
def test_too_little_to_say(done: list[date], left: int, start: date) -> None:
    """A forecast that would mean nothing is none."""
    assert forecast(done, left, Clock(start), TODAY) is None


def test_fourteen_days_and_three_items_are_enough() -> None:
    """The least that says something."""
    clock = Clock(TODAY - timedelta(days=13))
    assert forecast(before(1, 2, 3), 3, clock, TODAY) == TODAY + timedelta(days=14)


def test_a_tier_that_is_behind_is_not_made_up_for_by_another() -> None:
    """Two behind in the first tier, one ahead in the second: two behind."""
    ladder = ladder_of(task(new=entries("a", "b"), meeting=entries("c", "d")))
    record = record_in_states(record_from(START), ladder, {"c": "checked"}, date(2026, 4, 5))
    progress = measure(ladder, record, date(2026, 4, 6))
    assert [tier.ahead for tier in progress.tiers] == [-2, 1, None]
    assert progress.pace == (1, 2, 4, -2)
    caught_up = record_in_states(record, ladder, {"a": "signed", "b": "checked"}, date(2026, 4, 6))
    assert measure(ladder, caught_up, date(2026, 4, 6)).pace == (3, 2, 4, 1)


def test_pace_forecast_and_finish_are_those_of_the_tiers_shown() -> None:
    """Who asks for one tier gets one scope: its pace, its forecast and its end; the tier's own are always the same."""
    ladder = ladder_of(task(new=entries("a", "b"), meeting=entries("c")))
    record = record_in_states(record_from(START), ladder, {"a": "signed", "b": "waived"}, date(2026, 2, 2))
    whole = measure(ladder, record, TODAY)
    narrow = measure(ladder, record, TODAY, tier=ladder.role.tiers[0])
    assert (narrow.pace, narrow.finished) == ((1, 1, 1, 0), date(2026, 2, 2))
    assert (whole.pace, whole.finished) == ((1, 1, 2, 0), None)
    assert narrow.tiers == whole.tiers[:1]
    done = record_in_states(record, ladder, {"c": "signed"}, date(2026, 5, 4))
    assert measure(ladder, done, TODAY).finished == date(2026, 5, 4)


def test_what_is_said_of_a_tier_is_said_of_all_of_it() -> None:
    """One task of it is done: the tier is not, and is not ready for a final sign-off."""
    ladder = ladder_of(task("k", new=entries("a")), task("l", new=entries("b")))
    record = record_in_states(record_from(START), ladder, {"a": "signed"}, date(2026, 2, 2))
    one = measure(ladder, record, TODAY, task=ladder.tasks[0]).tiers[0]
    assert (one.counts.total, one.counts.signed, one.finished, one.ready) == (1, 1, None, False)


def test_a_tier_is_ready_when_nothing_below_it_is_missing() -> None:
    """As the rule of the final sign-off has it."""
    ladder = ladder_of(task(new=entries("a"), meeting=entries("b")))
    record = record_in_states(record_from(START), ladder, {"b": "signed"}, date(2026, 2, 2))
    assert [tier.ready for tier in measure(ladder, record, TODAY).tiers] == [False, False, False]
    record = record_in_states(record, ladder, {"a": "signed"}, date(2026, 2, 3))
    assert [tier.ready for tier in measure(ladder, record, TODAY).tiers] == [True, True, False]


def test_a_tier_is_finished_on_the_day_of_its_last_decision() -> None:
    """A waiver may be the last one; where all is waived, nothing was finished."""
    ladder = ladder_of(task(new=entries("a", "b"), meeting=entries("c")))
    record = record_in_states(record_from(START), ladder, {"a": "signed"}, date(2026, 2, 2))
    record = record_in_states(record, ladder, {"b": "waived", "c": "waived"}, date(2026, 3, 2))
    progress = measure(ladder, record, TODAY)
    assert [tier.finished for tier in progress.tiers] == [date(2026, 3, 2), None, None]
    assert progress.finished == date(2026, 3, 2)
    assert [tier.tier.id for tier in progress.to_conclude] == ["0-3"]
