"""The time in a role: calendar months from the start date, half-open tiers, days of leave left out.

Dates are computed as if there were no leave, and then shifted by the days of all leave that began before them.
"""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from ca_ladder.catalogue.models import Tier
from ca_ladder.record.events import Leave


class Clock(NamedTuple):
    """One trainee's time in the role. It runs from the start date and stops on days of leave.

    ``leaves`` are sorted by date and do not overlap.
    """

    start: date
    leaves: tuple[Leave, ...] = ()

    def shifted(self, day: date) -> date:
        """Shift a date by all leave that began before it."""
        for leave in self.leaves:
            first = max(leave.first, self.start)
            if first < day and first <= leave.last:
                day = _later(day, (leave.last - first).days + 1)
        return day

    def window(self, tier: Tier) -> tuple[date | None, date | None]:
        """Return the tier's first day and its due date; None if the tier has none."""
        begins, due = window(tier, self.start)
        return begins and self.shifted(begins), due and self.shifted(due)

    def months(self, today: date) -> int:
        """Return the number of whole months in the role; 0 before the start and in the first month."""
        months = (today.year - self.start.year) * 12 + today.month - self.start.month
        while months > 0 and self.shifted(add_months(self.start, months)) > today:
            months -= 1
        return max(months, 0)

    def days(self, after: date, until: date) -> int:
        """Return the number of days in the role after one day, up to and including another, without leave."""
        first = max(after + timedelta(days=1), self.start)
        away = sum(max((min(leave.last, until) - max(leave.first, first)).days + 1, 0) for leave in self.leaves)
        return max((until - first).days + 1 - away, 0)

    def after(self, day: date, days: int) -> date:
        """Return the day that is this many days in the role after another."""
        reached = _later(day, days)
        for leave in self.leaves:
            if leave.last > day and leave.first <= reached:
                reached = _later(reached, (leave.last - max(leave.first, day + timedelta(days=1))).days + 1)
        return reached


def window(tier: Tier, start: date) -> tuple[date | None, date | None]:
    """Return the tier's first day and its due date before leave is added; None if the tier has none."""
    if tier.months is None:
        return None, None
    until = tier.months.until
    return add_months(start, tier.months.first), add_months(start, until) if until else None


@lru_cache(maxsize=4096)  # tasks, tiers and trainees share the same few dates
def add_months(day: date, months: int) -> date:
    """Return the same day this many calendar months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max
