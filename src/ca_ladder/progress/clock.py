"""Months in a role, and the tiers they make: calendar months from the start date, tiers half-open."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from ca_ladder.catalogue.models import Tier


def current_tier(tiers: Sequence[Tier], start: date, today: date) -> Tier | None:
    """Return the tier that the day falls in; a role with one tier and no months is always in it."""
    for tier in tiers:
        if tier.months is None:
            return tier
        begins, due = window(tier, start)
        if begins and begins <= today and (due is None or today < due):
            return tier
    return None


def window(tier: Tier, start: date) -> tuple[date | None, date | None]:
    """Return the tier's first day and its due date; None where the tier has none."""
    if tier.months is None:
        return None, None
    until = tier.months.until
    return add_months(start, tier.months.first), add_months(start, until) if until else None


def add_months(day: date, months: int) -> date:
    """Return the same day so many calendar months later; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_between(start: date, today: date) -> int:
    """Return how many whole calendar months have gone since the start."""
    months = (today.year - start.year) * 12 + today.month - start.month
    while months > 0 and add_months(start, months) > today:
        months -= 1
    return max(months, 0)
