"""The report as CSV: one row for each tier and task, and one for each kind without a tier."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from ca_ladder.catalogue.models import Tier
from ca_ladder.progress.results import OWNERS, Counts, TraineeProgress
from ca_ladder.progress.team import order
from ca_ladder.renderers.display import visible
from ca_ladder.renderers.spool import Piece, Spool

_HEADER = (
    "as_of",
    "name",
    "role",
    "start",
    "kind",
    "tier",
    "due",
    "task",
    *Counts._fields,
    "expected",
    "ahead",
    *(f"waits_on_{owner}" for owner in OWNERS),
    *(f"overdue_by_{owner}" for owner in OWNERS),
    "forecast",
    "finished",
    "final_sign_off",
    "fingerprint",
)


def csv_pieces(progress: TraineeProgress) -> list[Piece]:
    """Return the rows of one trainee: one for each tier and task, and one for each kind without a tier; no totals.

    Forecast, finished and final sign-off are those of the whole tier.
    """
    return [Piece(("rows",), order(progress), _csv_text(_rows(progress)))]


def report_csv(pieces: Spool) -> Iterator[str]:
    """Yield the headings, then the rows of each trainee."""
    yield _csv_text([_HEADER])
    yield from pieces.texts(("rows",))


def _csv_text(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _rows(progress: TraineeProgress) -> Iterator[Sequence[str | int | None]]:
    """Yield the rows, their cells in the order of the headings."""
    enrolment = progress.enrolment
    person = (str(progress.as_of), _harmless(enrolment.name), enrolment.role, str(enrolment.start))
    fingerprint = progress.fingerprint or ""
    for tier in progress.tiers:
        final = tier.graduation.on if tier.graduation else None
        start = (*person, "expectation", _tier_id(tier.tier), _day(tier.due))
        end = (_day(tier.forecast), _day(tier.finished), _day(final), fingerprint)
        for task in tier.tasks:
            pace = (task.expected, task.ahead)
            yield *start, task.task.id, *task.counts, *pace, *task.waits_on, *task.overdue_by, *end
    for kind, counts in progress.kinds.items():
        waits_on = progress.kinds_wait_on[kind]
        yield *person, kind, *_blank(3), *counts, *_blank(2), *waits_on, *_blank(len(OWNERS) + 3), fingerprint


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _tier_id(tier: Tier) -> str:
    """Return the tier's id as text for a spreadsheet: Excel would read a bare `1-2` as a day in January."""
    return f"tier {tier.id}" if tier.id[0].isdigit() else tier.id


def _blank(cells: int) -> list[None]:
    return [None] * cells


def _harmless(data: str) -> str:
    """Escape data so that a spreadsheet sees no formula in it, even if it splits columns at semicolons."""
    return re.sub(r"(^|;\s*)(?=[=+@\t\r-])", r"\1'", visible(data))
