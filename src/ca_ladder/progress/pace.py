"""How fast: what is done against what is expected, and when all will be done at the pace of the last eight weeks."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from ca_ladder.progress.clock import Clock

WEEKS = 8
# Fewer days in the role, or fewer items done, say too little of a pace; a forecast further ahead is none.
FEWEST_DAYS = 14
FEWEST_DONE = 3
FURTHEST = 3653


class Pace(NamedTuple):
    """How many items are done, expected by now, and asked for in all.

    ``ahead`` is negative for behind. A tier that is behind is not made up for by one that is ahead: where any is
    behind, those are summed; None where nothing is ever expected by a day.
    """

    done: int
    expected: int
    total: int
    ahead: int | None


def forecast(done_on: Sequence[date], left: int, clock: Clock, today: date) -> date | None:
    """Return the day by which so many more items will be done; None where none is left, or there is too little to say.

    The pace is what was done in the last eight weeks, by the days of them that lie in the role and not in leave.
    """
    since = today - timedelta(weeks=WEEKS)
    days = clock.days(since, today)
    done = len([day for day in done_on if since < day <= today])
    if not left or days < FEWEST_DAYS or done < FEWEST_DONE:
        return None
    needed = -(-left * days // done)
    return clock.after(today, needed) if needed <= FURTHEST else None
