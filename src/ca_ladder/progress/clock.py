"""The time in a role: calendar months from the start date, tiers half-open, days of leave left out.

Every date is reckoned as if there were no leave, and then moved on by the days of leave that begin before it.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from ca_ladder.catalogue.models import Tier
from ca_ladder.record.events import Leave


class Clock(NamedTuple):
    """One trainee's time in the role: it runs from the start, and stands still on days of leave.

    ``leaves`` are in the order of their days and do not overlap.
    """

    start: date
    leaves: tuple[Leave, ...] = ()

    def shifted(self, day: date) -> date:
        """Return when a day comes that would be this one without leave; one that a leave begins on does not move."""
        for leave in self.leaves:
            first = max(leave.first, self.start)
            if first < day and first <= leave.last:
                day = _later(day, (leave.last - first).days + 1)
        return day

    def window(self, tier: Tier) -> tuple[date | None, date | None]:
        """Return the tier's first day and its due date; None where the tier has none."""
        begins, due = window(tier, self.start)
        return begins and self.shifted(begins), due and self.shifted(due)

    def tier(self, tiers: Sequence[Tier], today: date) -> Tier | None:
        """Return the tier whose months the day falls in; None before the first day, and where tiers have no months."""
        for tier in tiers:
            begins, due = self.window(tier)
            if begins and begins <= today and (due is None or today < due):
                return tier
        return None

    def months(self, today: date) -> int:
        """Return how many whole months of the role have gone; 0 before it, and in the first."""
        months = (today.year - self.start.year) * 12 + today.month - self.start.month
        while months > 0 and self.shifted(add_months(self.start, months)) > today:
            months -= 1
        return max(months, 0)

    def days(self, after: date, until: date) -> int:
        """Return how many days in the role lie after one day, up to another and with it; leave is left out."""
        first = max(after + timedelta(days=1), self.start)
        away = sum(max((min(leave.last, until) - max(leave.first, first)).days + 1, 0) for leave in self.leaves)
        return max((until - first).days + 1 - away, 0)

    def after(self, day: date, days: int) -> date:
        """Return the day on which so many days in the role have gone since that one."""
        reached = _later(day, days)
        for leave in self.leaves:
            if leave.last > day and leave.first <= reached:
                reached = _later(reached, (leave.last - max(leave.first, day + timedelta(days=1))).days + 1)
        return reached


def window(tier: Tier, start: date) -> tuple[date | None, date | None]:
    """Return the tier's first day and its due date as they are without leave; None where the tier has none."""
    if tier.months is None:
        return None, None
    until = tier.months.until
    return add_months(start, tier.months.first), add_months(start, until) if until else None


@lru_cache(maxsize=4096)  # every task and tier asks for the same few days, and many trainees begin together
def add_months(day: date, months: int) -> date:
    """Return the same day so many calendar months later; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max
