"""Pace: what is done against what is expected, and a forecast at the pace of the last eight weeks."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from ca_ladder.progress.clock import Clock

WEEKS = 8
# With fewer days in the role, or fewer items done, there is no forecast; nor beyond this many days.
FEWEST_DAYS = 14
FEWEST_DONE = 3
FURTHEST = 3653


class Pace(NamedTuple):
    """The number of items done, expected by now, and asked for in total.

    ``ahead`` is negative for behind. A tier that is ahead does not make up for one that is behind: if any is behind,
    only those are summed. None if nothing has a due date.
    """

    done: int
    expected: int
    total: int
    ahead: int | None


def forecast(done_on: Sequence[date], left: int, clock: Clock, today: date) -> date | None:
    """Return the day by which the items left will be done; None if none is left, or if too little is known.

    The pace is the number of items done in the last eight weeks, per day in the role and not on leave.
    """
    since = today - timedelta(weeks=WEEKS)
    days = clock.days(since, today)
    done = len([day for day in done_on if since < day <= today])
    if not left or days < FEWEST_DAYS or done < FEWEST_DONE:
        return None
    needed = -(-left * days // done)
    return clock.after(today, needed) if needed <= FURTHEST else None
