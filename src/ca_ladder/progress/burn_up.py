"""How it came about: one trainee's items checked and signed off, day by day, against what was expected."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from ca_ladder.progress.results import ItemProgress, TraineeProgress

Steps = tuple[tuple[date, int], ...]


class BurnUp(NamedTuple):
    """How many items were done, signed off and expected up to each day on which the number changed.

    What stands today is counted, on the day it was done: a check that was returned is not in it. Only tiers with a due
    date are counted, so that the lines can be compared; where a role has none, all its tiers, and nothing is expected.
    """

    total: int
    done: Steps
    signed: Steps
    expected: Steps


def burn_up(progress: TraineeProgress) -> BurnUp:
    """Return the way of one trainee up to the day of measuring; what is expected goes on to the last due date."""
    asked = [each for each in progress.items if each.item.tier and each.state != "waived"]
    items = [each for each in asked if each.due] if any(tier.due for tier in progress.tiers) else asked
    return BurnUp(
        total=len(items),
        done=_steps(each.done_on for each in items),
        signed=_steps(_signed_on(each) for each in items),
        expected=_steps(each.expected_on for each in items),
    )


def _signed_on(each: ItemProgress) -> date | None:
    return each.status.sign_off.on if each.state == "signed" and each.status.sign_off else None


def _steps(days: Iterable[date | None]) -> Steps:
    found = Counter(day for day in days if day)
    ordered = sorted(found)
    return tuple(zip(ordered, accumulate(found[day] for day in ordered), strict=True))
