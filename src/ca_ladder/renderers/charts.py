"""The geometry of the charts in HTML: results become coordinates. Nothing is counted here.

A chart is as wide as the page, so x is in percent, or in thousandths for the points of a line; y is in pixels. That
keeps the size of the text in it on a telephone.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from math import ceil
from typing import NamedTuple

from ca_ladder.catalogue.models import Tier
from ca_ladder.progress.burn_up import BurnUp, Steps, burn_up
from ca_ladder.progress.clock import Clock, add_months
from ca_ladder.progress.pace import Pace
from ca_ladder.progress.results import Counts, TraineeProgress
from ca_ladder.record.events import Leave

HEIGHT = 200
SHADES = 5
_MOST_MARKS = 12
_APART = 16
_NEAR, _FAR = 1 / 3, 3 / 4
_BETWEEN_MARKS = (1, 2, 3, 4, 6, 12, 24, 60, 120, 600, 1200, 12000)


class Bar(NamedTuple):
    """A bullet bar in percent of the longest bar: its length, how far it is filled, and its mark for the expected."""

    total: float
    done: float
    expected: float


class Polyline(NamedTuple):
    """A line of a burn-up chart: its name, points and last value, and the position of its label.

    ``before``: the label ends at that position; otherwise it begins there.
    """

    name: str
    points: str
    value: int
    across: float
    down: float
    before: bool


class Mark(NamedTuple):
    """A number or a word at an axis."""

    label: str
    at: float


class TierEnd(NamedTuple):
    """The end of a tier, and its position."""

    tier: Tier
    due: date
    at: float


class Away(NamedTuple):
    """Days of leave, with their position and width."""

    leave: Leave
    at: float
    width: float


class Row(NamedTuple):
    """The numbers of a burn-up after a number of months in the role; ``months`` is None for the row of today.

    A number is None if it lies in the future, or if nothing is expected by a date.
    """

    months: int | None
    day: date
    expected: int | None
    done: int | None
    signed: int | None


class Picture(NamedTuple):
    """A trainee's burn-up chart and the rows of the table below it; ``today`` is None if it is outside the chart."""

    total: int
    lines: tuple[Polyline, ...]
    months: tuple[Mark, ...]
    items: tuple[Mark, ...]
    tier_ends: tuple[TierEnd, ...]
    leaves: tuple[Away, ...]
    today: float | None
    rows: tuple[Row, ...]


def bar(pace: Pace, longest: int) -> Bar:
    """Return a trainee's bullet bar; ``longest`` is the largest total in the same chart."""
    return Bar(*(100 * number / max(longest, 1) for number in (pace.total, pace.done, pace.expected)))


def shade(counts: Counts) -> int:
    """Return how dark a cell is, by the share signed off: 0 for none, SHADES - 1 for all."""
    if not counts.total or not counts.signed:
        return 0
    return 1 + counts.signed * (SHADES - 2) // counts.total


def months_at(clock: Clock, day: date) -> float:
    """Return the months in the role up to a day, with a fraction for the current one; 0 before the start.

    A month with leave in it is longer, so its days are closer together.
    """
    whole = clock.months(day)
    first, following = (clock.shifted(add_months(clock.start, months)) for months in (whole, whole + 1))
    return whole + min(max((day - first).days, 0) / max((following - first).days, 1), 1)


def horizon(trainees: Iterable[TraineeProgress]) -> int:
    """Return the number of months for the charts of all these trainees, the same for each, so that they compare."""
    return max((_months_shown(trainee, burn_up(trainee)) for trainee in trainees), default=1)


def picture(progress: TraineeProgress, months: int) -> Picture | None:
    """Return the burn-up chart over this many months in the role; None if there is nothing to count."""
    steps, clock = burn_up(progress), progress.clock
    if not steps.total:
        return None
    now = min(months_at(clock, progress.as_of) / months, 1)
    last_due = max((tier.due for tier in progress.tiers if tier.due), default=progress.as_of)
    end = min(months_at(clock, last_due) / months, 1)
    between = next(number for number in _BETWEEN_MARKS if months / number <= _MOST_MARKS)
    return Picture(
        total=steps.total,
        lines=_lines(steps, clock, months, now, end),
        months=tuple(Mark(str(number), 100 * number / months) for number in range(0, months + 1, between)),
        items=tuple(Mark(str(number), _down(number, steps.total)) for number in _item_marks(steps.total)),
        tier_ends=tuple(
            TierEnd(tier.tier, tier.due, 100 * months_at(clock, tier.due) / months)
            for tier in progress.tiers
            if tier.due and tier.counts.total and months_at(clock, tier.due) <= months
        ),
        leaves=tuple(_leaves(clock, months)),
        today=100 * now if clock.start <= progress.as_of and months_at(clock, progress.as_of) <= months else None,
        rows=tuple(_rows(steps, progress, range(0, months + 1, between))),
    )


def _months_shown(progress: TraineeProgress, steps: BurnUp) -> int:
    """Return the months up to the last due date or the last item done; up to today while anything is left."""
    days = [line[-1][0] for line in (steps.expected, steps.done, steps.signed) if line]
    if upto(steps.signed, progress.as_of) < steps.total:
        days.append(progress.as_of)
    return max([1, *(ceil(months_at(progress.clock, day)) for day in days)])


def _lines(steps: BurnUp, clock: Clock, months: int, now: float, end: float) -> tuple[Polyline, ...]:
    """Return the lines, the lower ones first; before the start only the expected one. Labels do not overlap."""

    def polyline(name: str, line: Steps, until: float, across: float, down: float, *, before: bool) -> Polyline:
        value = line[-1][1] if line else 0
        return Polyline(name, _points(line, steps.total, clock, months, until), value, 100 * across, down, before)

    signed, done = (_down(line[-1][1] if line else 0, steps.total) for line in (steps.signed, steps.done))
    if signed - done < _APART:
        done = min(max((signed + done - _APART) / 2, 4), HEIGHT - _APART - 4)
        signed = done + _APART
    lines = []
    if steps.done or now:
        lines.append(polyline("signed", steps.signed, now, now, signed, before=False))
        lines.append(polyline("done", steps.done, now, now, done, before=False))
    if steps.expected:
        # Label it in the middle of the future, where no other line is; if that is short, in the middle of the line.
        at = (now + end) / 2 if now < end * _FAR else end / 2
        days = [day for day, _ in steps.expected if months_at(clock, day) <= at * months]
        day = max(days, default=clock.start)
        number, reached = upto(steps.expected, day), upto(steps.done, day)
        down = _down(number, steps.total)
        above = reached <= number and at > _NEAR
        lines.insert(0, polyline("expected", steps.expected, end, at, down - 8 if above else down + 16, before=above))
    return tuple(lines)


def _points(steps: Steps, total: int, clock: Clock, months: int, until: float) -> str:
    """Return the points of a stepped line, x in thousandths and y in pixels."""
    corners, before = [(0.0, 0)], 0
    for day, number in steps:
        across = min(months_at(clock, day) / months, 1)
        corners += [(across, before), (across, number)]
        before = number
    corners.append((max(until, corners[-1][0]), before))
    return " ".join(f"{1000 * across:.1f},{_down(number, total):.1f}" for across, number in corners)


def upto(steps: Steps, day: date) -> int:
    """Return the value of a line at the end of a day."""
    return next((number for stepped, number in reversed(steps) if stepped <= day), 0)


def _rows(steps: BurnUp, progress: TraineeProgress, months: Iterable[int]) -> Iterable[Row]:
    """Yield the rows month by month, with the row of today among them."""
    days: list[tuple[int | None, date]] = [(number, _after(progress.clock, number)) for number in months]
    days.append((None, progress.as_of))
    for number, day in sorted(days, key=lambda entry: (entry[1], entry[0] is None)):
        known = day <= progress.as_of
        yield Row(
            months=number,
            day=day,
            expected=upto(steps.expected, day) if steps.expected else None,
            done=upto(steps.done, day) if known else None,
            signed=upto(steps.signed, day) if known else None,
        )


def _after(clock: Clock, months: int) -> date:
    return clock.shifted(add_months(clock.start, months))


def _leaves(clock: Clock, months: int) -> Iterable[Away]:
    for leave in clock.leaves:
        first = min(months_at(clock, leave.first), months)
        after = min(months_at(clock, leave.last + timedelta(days=1)), months) if leave.last < date.max else months
        if first < after:
            yield Away(leave, 100 * first / months, 100 * (after - first) / months)


def _item_marks(total: int) -> list[int]:
    """Return the numbers on the y axis: 0, the total, and round ones between them, not too close."""
    between = next(number for number in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, total) if total / number <= 5)
    return [*(number for number in range(0, total, between) if total - number >= between / 2), total]


def _down(number: int, total: int) -> float:
    return HEIGHT - HEIGHT * number / total
