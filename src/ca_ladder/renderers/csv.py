"""The report as CSV: one row for each tier and task, and one for each kind without a tier."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from ca_ladder.progress.results import OWNERS, Counts, TraineeProgress
from ca_ladder.progress.team import Unreadable, order
from ca_ladder.renderers.display import visible
from ca_ladder.renderers.spool import Piece, Spool

_HEADER = (
    *("as_of", "name", "role", "start", "kind", "tier", "due", "task"),
    *Counts._fields,
    "expected",
    "ahead",
    *(f"waits_on_{owner}" for owner in OWNERS),
    *(f"overdue_by_{owner}" for owner in OWNERS),
    *("forecast", "finished", "final_sign_off", "fingerprint", "does_not_count"),
)

# What begins a formula: the signs, also full-width, small, and the minus of typesetters; tab and carriage return.
_FORMULA_SIGNS = r"=+@\t\r\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212-"


def csv_pieces(progress: TraineeProgress) -> list[Piece]:
    """Return the rows of one trainee: one for each tier and task, and one for each kind without a tier; no totals.

    Forecast, finished and final sign-off are those of the whole tier.
    """
    return [Piece(("rows",), order(progress), _csv_text(_rows(progress)))]


def report_csv(_as_of: date, pieces: Spool, _unreadable: Sequence[Unreadable]) -> Iterator[str]:
    """Yield the headings, then the rows of each trainee. Unreadable records have no rows."""
    yield _csv_text([_HEADER])
    yield from pieces.texts(("rows",))


def _csv_text(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _rows(progress: TraineeProgress) -> Iterator[Sequence[str | int | date | None]]:
    """Yield the rows, their cells in the order of the headings."""
    enrolment = progress.enrolment
    person = (progress.as_of, _harmless(enrolment.name), enrolment.role, enrolment.start)
    last = (progress.fingerprint, len(progress.does_not_count))
    for tier in progress.tiers:
        # Excel would read a bare `1-2` as a day in January.
        tier_id = f"tier {tier.tier.id}" if tier.tier.id[0].isdigit() else tier.tier.id
        position = (*person, "expectation", tier_id, tier.due)
        final = tier.graduation.on if tier.graduation else None
        end = (tier.forecast, tier.finished, final, *last)
        for task in tier.tasks:
            pace = (task.expected, task.ahead)
            yield *position, task.task.id, *task.counts, *pace, *task.waits_on, *task.overdue_by, *end
    blank = [None] * (len(OWNERS) + 3)
    for kind, tally in progress.kinds.items():
        untiered = (*person, kind, None, None, None)
        yield *untiered, *tally.counts, None, None, *tally.waits_on, *blank, *last


def _harmless(data: str) -> str:
    """Escape data so that a spreadsheet sees no formula in it, even if it splits columns at semicolons."""
    return re.sub(rf"(^|;\s*)(?=[{_FORMULA_SIGNS}])", r"\1'", visible(data))
