"""The burn-up of one trainee: items checked and signed off by day, against what was expected."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from ca_ladder.progress.results import TraineeProgress

Steps = tuple[tuple[date, int], ...]


class BurnUp(NamedTuple):
    """The number of items done, signed off and expected, for each day on which it changed.

    Only what is valid today counts, on the day it was done: a returned check does not. Only tiers with a due date
    count, so that the lines can be compared; if a role has none, all tiers do, and nothing is expected.
    """

    total: int
    done: Steps
    signed: Steps
    expected: Steps


def burn_up(progress: TraineeProgress) -> BurnUp:
    """Return a trainee's burn-up to the day of measuring; the expected line goes on to the last due date."""
    asked = [item for item in progress.items if item.item.tier and item.state != "waived"]
    items = [item for item in asked if item.due] if any(tier.due for tier in progress.tiers) else asked
    return BurnUp(
        total=len(items),
        done=_steps(item.done_on for item in items),
        signed=_steps(item.status.sign_off.on for item in items if item.status.sign_off),
        expected=_steps(item.expected_on for item in items),
    )


def _steps(days: Iterable[date | None]) -> Steps:
    by_day = sorted(Counter(day for day in days if day).items())
    return tuple(zip((day for day, _ in by_day), accumulate(number for _, number in by_day), strict=True))
