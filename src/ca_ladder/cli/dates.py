"""Dates as people type them: 2026-03-31, today, yesterday, 3 days ago, monday, or 31/3/2026 if that is clear."""

import re
from contextlib import suppress
from datetime import date, timedelta

from ca_ladder.errors import BadInput, either
from ca_ladder.progress.clock import add_months
from ca_ladder.record.rules import FIRST_YEAR

_MOST_YEARS_AHEAD = 5
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def parse_date(typed: str, today: date) -> date:
    """Return the day that was typed. A weekday is the latest one, today included.

    Raises BadInput, also when the text fits two days, or a year that cannot be meant.
    """
    day = _read(typed, today)
    if not FIRST_YEAR <= day.year <= today.year + _MOST_YEARS_AHEAD:
        raise BadInput(f"{day} cannot be meant. Look at the year.")
    return day


def _read(typed: str, today: date) -> date:
    """Return the day that was typed, in whatever year."""
    text = " ".join(typed.casefold().split())
    if text in {"today", "yesterday"}:
        return today - timedelta(days=text == "yesterday")
    if ago := re.fullmatch(r"(\d{1,4}) (day|week|month)s? ago", text):
        if ago[2] == "month":
            return add_months(today, -int(ago[1]))
        return today - timedelta(days=int(ago[1]) * (7 if ago[2] == "week" else 1))
    weekday = [n for n, name in enumerate(_WEEKDAYS) if len(text) >= 3 and name.startswith(text)]
    if weekday:
        return today - timedelta(days=(today.weekday() - weekday[0]) % 7)
    readings: list[tuple[int, int, int]] = []
    if iso := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        year, month, day = map(int, iso.groups())
        readings = [(year, month, day)]
    elif other := re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", text):
        one, two, year = map(int, other.groups())
        readings = [(year, one, two), (year, two, one)]
    elif short := re.fullmatch(r"(\d{1,2})[./](\d{1,2})", text):
        one, two = map(int, short.groups())
        readings = [(today.year, one, two), (today.year, two, one)]
    days = set()
    for year, month, day in readings:
        with suppress(ValueError):
            days.add(date(year, month, day))
    if not days:
        raise BadInput(f'"{typed}" is not a date. Write it as 2026-03-31, today, yesterday, 3 days ago, or monday.')
    if len(days) > 1:
        raise BadInput(f'"{typed}" could be {either([str(day) for day in sorted(days)])}: write one of these.')
    return days.pop()


def first_day(typed: str, today: date) -> date:
    """Return the first day in a role, at most a year ahead; raises BadInput."""
    start = parse_date(typed, today)
    if (start - today).days > 366:
        raise BadInput(f"{start} is more than a year ahead. Give the first day in the role.")
    return start
