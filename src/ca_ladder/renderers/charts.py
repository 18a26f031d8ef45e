"""The geometry of the pictures in HTML: frozen results become places in percent and in pixels; counts nothing.

Across, a picture is as wide as the page has room: places are percents, and the points of lines thousandths. Down, they
are pixels. So the words in it keep their size on a telephone.
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
    """A bullet bar in percent of the longest: how long it is, how far it is filled, where the expected is marked."""

    total: float
    done: float
    expected: float


class Polyline(NamedTuple):
    """A line of a burn-up: its name, its points, its last number, and where its label stands.

    ``before``: the label ends there, or else it begins there.
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
    """Where a tier ends."""

    tier: Tier
    due: date
    at: float


class Away(NamedTuple):
    """Days of leave, and the stretch they take."""

    leave: Leave
    at: float
    width: float


class Row(NamedTuple):
    """The numbers of a burn-up at the end of a day: after so many months in the role, or (``months`` None) today.

    None is what nobody knows yet, and what is not expected by a day at all.
    """

    months: int | None
    day: date
    expected: int | None
    done: int | None
    signed: int | None


class Picture(NamedTuple):
    """A trainee's burn-up, drawn, and the numbers to stand in the table under it; ``today`` is None outside it."""

    total: int
    lines: tuple[Polyline, ...]
    months: tuple[Mark, ...]
    items: tuple[Mark, ...]
    tier_ends: tuple[TierEnd, ...]
    leaves: tuple[Away, ...]
    today: float | None
    rows: tuple[Row, ...]


def bar(pace: Pace, longest: int) -> Bar:
    """Return a trainee's bullet bar; ``longest`` is the largest total among those it stands with."""
    return Bar(*(100 * number / max(longest, 1) for number in (pace.total, pace.done, pace.expected)))


def shade(counts: Counts) -> int:
    """Return how dark a cell is, by the part that is signed off: 0 for none of it, the darkest for all."""
    if not counts.total or not counts.signed:
        return 0
    return 1 + counts.signed * (SHADES - 2) // counts.total


def months_at(clock: Clock, day: date) -> float:
    """Return how many months in the role have gone on a day, with the part of the one that runs; 0 before the start.

    A month in which leave falls is longer by it, so its days lie closer together.
    """
    whole = clock.months(day)
    first, following = (clock.shifted(add_months(clock.start, months)) for months in (whole, whole + 1))
    return whole + min(max((day - first).days, 0) / max((following - first).days, 1), 1)


def horizon(trainees: Iterable[TraineeProgress]) -> int:
    """Return how many months the burn-ups of all these trainees show: the same for each, so that they compare."""
    return max((_months_shown(each, burn_up(each)) for each in trainees), default=1)


def picture(progress: TraineeProgress, months: int) -> Picture | None:
    """Return the burn-up over so many months in the role; None where there is nothing to count."""
    steps, clock = burn_up(progress), progress.clock
    if not steps.total:
        return None
    now = min(months_at(clock, progress.as_of) / months, 1)
    last_due = max((each.due for each in progress.tiers if each.due), default=progress.as_of)
    end = min(months_at(clock, last_due) / months, 1)
    between = next(each for each in _BETWEEN_MARKS if months / each <= _MOST_MARKS)
    return Picture(
        total=steps.total,
        lines=_lines(steps, clock, months, now, end),
        months=tuple(Mark(str(each), 100 * each / months) for each in range(0, months + 1, between)),
        items=tuple(Mark(str(each), _down(each, steps.total)) for each in _item_marks(steps.total)),
        tier_ends=tuple(
            TierEnd(each.tier, each.due, 100 * months_at(clock, each.due) / months)
            for each in progress.tiers
            if each.due and each.counts.total and months_at(clock, each.due) <= months
        ),
        leaves=tuple(_leaves(clock, months)),
        today=100 * now if clock.start <= progress.as_of and months_at(clock, progress.as_of) <= months else None,
        rows=tuple(_rows(steps, progress, range(0, months + 1, between))),
    )


def _months_shown(progress: TraineeProgress, steps: BurnUp) -> int:
    """Return the months up to the last due date, to the last that was done, and while anything is left to today."""
    days = [each[-1][0] for each in (steps.expected, steps.done, steps.signed) if each]
    if upto(steps.signed, progress.as_of) < steps.total:
        days.append(progress.as_of)
    return max([1, *(ceil(months_at(progress.clock, day)) for day in days)])


def _lines(steps: BurnUp, clock: Clock, months: int, now: float, end: float) -> tuple[Polyline, ...]:
    """Return the lines, the lower ones first, and none of what is done before the start; labels are moved apart."""

    def drawn(name: str, own: Steps, until: float, across: float, down: float, *, before: bool) -> Polyline:
        value = own[-1][1] if own else 0
        return Polyline(name, _points(own, steps.total, clock, months, until), value, 100 * across, down, before)

    signed, done = (_down(own[-1][1] if own else 0, steps.total) for own in (steps.signed, steps.done))
    if signed - done < _APART:
        done = min(max((signed + done - _APART) / 2, 4), HEIGHT - _APART - 4)
        signed = done + _APART
    lines = []
    if steps.done or now:
        lines.append(drawn("signed", steps.signed, now, now, signed, before=False))
        lines.append(drawn("done", steps.done, now, now, done, before=False))
    if steps.expected:
        # In the middle of what is to come, where no other line is; when that is little, in the middle of all.
        at = (now + end) / 2 if now < end * _FAR else end / 2
        days = [day for day, _ in steps.expected if months_at(clock, day) <= at * months]
        number, reached = (upto(each, max(days, default=clock.start)) for each in (steps.expected, steps.done))
        down = _down(number, steps.total)
        above = reached <= number and at > _NEAR
        lines.insert(0, drawn("expected", steps.expected, end, at, down - 8 if above else down + 16, before=above))
    return tuple(lines)


def _points(steps: Steps, total: int, clock: Clock, months: int, until: float) -> str:
    """Return the corners of a line that rises in steps, in thousandths across and pixels down."""
    corners, before = [(0.0, 0)], 0
    for day, number in steps:
        across = min(months_at(clock, day) / months, 1)
        corners += [(across, before), (across, number)]
        before = number
    corners.append((max(until, corners[-1][0]), before))
    return " ".join(f"{1000 * across:.1f},{_down(number, total):.1f}" for across, number in corners)


def upto(steps: Steps, day: date) -> int:
    """Return how high a line stands at the end of a day."""
    return next((number for stepped, number in reversed(steps) if stepped <= day), 0)


def _rows(steps: BurnUp, progress: TraineeProgress, months: Iterable[int]) -> Iterable[Row]:
    """Yield the numbers month by month, and today's in their place."""
    days: list[tuple[int | None, date]] = [(each, _after(progress.clock, each)) for each in months]
    days.append((None, progress.as_of))
    for number, day in sorted(days, key=lambda each: (each[1], each[0] is None)):
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
    """Return the numbers at the left: none, all, and round ones between that leave room for each other."""
    between = next(each for each in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, total) if total / each <= 5)
    return [*(each for each in range(0, total, between) if total - each >= between / 2), total]


def _down(number: int, total: int) -> float:
    return HEIGHT - HEIGHT * number / total
