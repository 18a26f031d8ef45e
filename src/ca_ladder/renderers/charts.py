"""The geometry of the charts in HTML: results become coordinates. Nothing is counted here.

A chart is as wide as the page, so x is in percent, or in thousandths for the points of a line; y is in pixels. That
keeps the size of the text in it on a telephone.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from math import ceil
from typing import NamedTuple

from ca_ladder.progress.burn_up import BurnUp, Steps, burn_up
from ca_ladder.progress.clock import Clock, add_months
from ca_ladder.progress.results import Counts, TraineeProgress

HEIGHT = 200
SHADES = 5
_MOST_MARKS = 12
_LABEL_HEIGHT = 16
_BETWEEN_MARKS = (1, 2, 3, 4, 6, 12, 24, 60, 120, 600, 1200, 12000)


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


class Row(NamedTuple):
    """The numbers of a burn-up after a number of months in the role; ``months`` is None for the row of today.

    A number is None if it lies in the future, or if nothing is expected by a date.
    """

    months: int | None
    day: date
    expected: int | None
    done: int | None
    signed: int | None


class BurnUpChart(NamedTuple):
    """A trainee's burn-up chart over so many months in the role; positions of days are in percent of its width."""

    progress: TraineeProgress
    steps: BurnUp
    months: int

    def across(self, day: date) -> float:
        """Return the position of a day; days after the last month are at the right edge."""
        return min(100 * months_at(self.progress.clock, day) / self.months, 100)

    def down(self, number: int) -> float:
        """Return the position of a number of items in pixels."""
        return HEIGHT - HEIGHT * number / self.steps.total

    def shows(self, day: date) -> bool:
        """True if the day is in the chart."""
        clock = self.progress.clock
        return clock.start <= day and months_at(clock, day) <= self.months

    @property
    def leaves(self) -> list[tuple[float, float]]:
        """The positions where each leave begins and ends, as far as it is in the chart."""
        leaves = self.progress.clock.leaves
        after = [leave.last + timedelta(days=1) if leave.last < date.max else date.max for leave in leaves]
        spans = [(self.across(leave.first), self.across(day)) for leave, day in zip(leaves, after, strict=True)]
        return [(first, last) for first, last in spans if first < last]

    @property
    def month_marks(self) -> range:
        """The numbers on the x axis, which are also those of the table."""
        between = next(number for number in _BETWEEN_MARKS if self.months / number <= _MOST_MARKS)
        return range(0, self.months + 1, between)

    @property
    def item_marks(self) -> list[int]:
        """The numbers on the y axis: 0, the total, and round ones between them, not too close."""
        total = self.steps.total
        between = next(number for number in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, total) if total / number <= 5)
        return [*(number for number in range(0, total, between) if total - number >= between / 2), total]

    @property
    def lines(self) -> Iterator[Polyline]:
        """The lines, the lower ones first; before the start only the expected one. Labels do not overlap."""
        steps, as_of = self.steps, self.progress.as_of
        now = self.across(as_of)
        end = self.across(max((tier.due for tier in self.progress.tiers if tier.due), default=as_of))
        if steps.expected:
            # Label it in the middle of the future, where no other line is; if that is short, in the middle of the line.
            at = (now + end) / 2 if now < end * 3 / 4 else end / 2
            day = max((day for day, _ in steps.expected if self.across(day) <= at), default=self.progress.clock.start)
            number = upto(steps.expected, day)
            above = upto(steps.done, day) <= number and at > 100 / 3
            down = self.down(number) + (-8 if above else 16)
            yield Polyline("expected", self._points(steps.expected, end), _last(steps.expected), at, down, above)
        if steps.done or now:
            signed, done = self.down(_last(steps.signed)), self.down(_last(steps.done))
            if signed - done < _LABEL_HEIGHT:
                done = min(max((signed + done - _LABEL_HEIGHT) / 2, 4), HEIGHT - _LABEL_HEIGHT - 4)
                signed = done + _LABEL_HEIGHT
            for name, line, down in (("signed", steps.signed, signed), ("done", steps.done, done)):
                yield Polyline(name, self._points(line, now), _last(line), now, down, before=False)

    def _points(self, steps: Steps, until: float) -> str:
        """Return the points of a stepped line, x in thousandths and y in pixels."""
        corners, before = [(0.0, 0)], 0
        for day, number in steps:
            corners += [(self.across(day), before), (self.across(day), number)]
            before = number
        corners.append((max(until, corners[-1][0]), before))
        return " ".join(f"{10 * across:.1f},{self.down(number):.1f}" for across, number in corners)

    @property
    def rows(self) -> Iterator[Row]:
        """The rows of the table month by month, with the row of today among them."""
        steps, clock, as_of = self.steps, self.progress.clock, self.progress.as_of
        days: list[tuple[int | None, date]] = [(number, _after(clock, number)) for number in self.month_marks]
        days.append((None, as_of))
        for number, day in sorted(days, key=lambda entry: (entry[1], entry[0] is None)):
            expected = upto(steps.expected, day) if steps.expected else None
            done = [upto(line, day) if day <= as_of else None for line in (steps.done, steps.signed)]
            yield Row(number, day, expected, *done)


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
    first, following = _after(clock, whole), _after(clock, whole + 1)
    return whole + min(max((day - first).days, 0) / max((following - first).days, 1), 1)


def horizon(trainees: Iterable[TraineeProgress]) -> int:
    """Return the number of months for the charts of all these trainees, the same for each, so that they compare.

    Each chart goes up to the last due date or the last item done, and up to today while anything is left.
    """
    months = 1
    for progress in trainees:
        steps = burn_up(progress)
        days = [line[-1][0] for line in (steps.expected, steps.done, steps.signed) if line]
        if upto(steps.signed, progress.as_of) < steps.total:
            days.append(progress.as_of)
        months = max([months, *(ceil(months_at(progress.clock, day)) for day in days)])
    return months


def burn_up_chart(progress: TraineeProgress, months: int) -> BurnUpChart | None:
    """Return the burn-up chart over this many months in the role; None if there is nothing to count."""
    steps = burn_up(progress)
    return BurnUpChart(progress, steps, months) if steps.total else None


def upto(steps: Steps, day: date) -> int:
    """Return the value of a line at the end of a day."""
    return next((number for stepped, number in reversed(steps) if stepped <= day), 0)


def _last(steps: Steps) -> int:
    return steps[-1][1] if steps else 0


def _after(clock: Clock, months: int) -> date:
    return clock.shifted(add_months(clock.start, months))
