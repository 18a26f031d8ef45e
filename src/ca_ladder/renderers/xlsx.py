"""The report as a workbook for Excel: a summary, tasks against people, what waits, what is overdue, counts, items.

A cell is blank for what has not happened yet, and `n/a` where there is nothing to count or no such day. In the rows
here, an empty text is blank, None becomes `n/a`, and a truth becomes yes or no.

The matrix has three columns for a task, signed, checked and total: a share alone would hide how much it is a share of,
and checked is not signed. The shade behind them is a rule on those cells, so that it stays right when the rows are
sorted; its three steps differ in brightness, and so in black and white.

All text is written as text, so that nothing in a name or note becomes a formula, a link or a date.
"""

import io
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Literal, NamedTuple

from rich.cells import cell_len

from ca_ladder.errors import plural
from ca_ladder.progress.results import OWNERS, Counts, ItemProgress, Tally, TraineeProgress
from ca_ladder.progress.team import Group, TeamProgress
from ca_ladder.renderers.display import WAITS_ON, visible
from ca_ladder.renderers.phrases import NO_FINGERPRINT, mentor_names, team_uncounted_lines

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

# Excel's limits: characters in a cell and in a sheet's name, rows below the headings, dates.
LONGEST_TEXT = 32_767
LONGEST_NAME = 31
MOST_ROWS = 1_000_000
FIRST_DAY = date(1900, 3, 1)  # Excel has a 29 February 1900, and no earlier dates

Cell = str | int | date | None
Kind = Literal["text", "long", "flag", "count", "ahead", "date"]

_WIDEST: dict[Kind, int] = {"text": 24, "long": 60, "flag": 5, "count": 5, "ahead": 5, "date": 11}
_TURNED = {"flag", "count", "ahead"}  # narrow columns have vertical headings
_LINE = 15  # points


class Column(NamedTuple):
    """A column of a list. ``alarm``: the formula by which a cell is highlighted.

    Signed, checked and total of a task have one more heading above them, ``band``, and a shade.
    """

    heading: str
    kind: Kind = "text"
    alarm: str = ""
    band: str = ""


_MANY = "=IF(ISNUMBER({0}),{0}>0)"
_BEHIND = "=IF(ISNUMBER({0}),{0}<0)"
_YES = '={0}="yes"'
_AHEAD = Column("Ahead or behind", "ahead", alarm=_BEHIND)
_PACED = (
    *(Column(name.capitalize(), "count", alarm=_MANY if name == "overdue" else "") for name in Counts._fields),
    Column("Expected", "count"),
    _AHEAD,
    *(Column(f"Waits on {owner}", "count") for owner in OWNERS[:-1]),
    Column("Not yet possible", "count"),
    *(Column(f"Overdue by {owner}", "count", alarm=_MANY) for owner in OWNERS[:-1]),
    Column("Overdue, not yet possible", "count", alarm=_MANY),
)
_TRAINEE, _ROLE, _TIER, _STATE = Column("Trainee"), Column("Role"), Column("Tier"), Column("State")
_ITEM, _KIND, _TASK, _TEXT = Column("Item"), Column("Kind"), Column("Task"), Column("Text", "long")
_MONTH, _DAYS, _OVERDUE = Column("Month", "count"), Column("Days", "count"), Column("Overdue", "flag", alarm=_YES)
_DUE, _FORECAST, _FINISHED = Column("Due", "date"), Column("Forecast", "date"), Column("Finished", "date")

SUMMARY = (
    *(_TRAINEE, _ROLE, Column("Start", "date"), _MONTH, _TIER, Column("Begins", "date"), _DUE, *_PACED),
    *(_FORECAST, _FINISHED, Column("Ready for final sign-off", "flag")),
    *(Column("Final sign-off by"), Column("Final sign-off on", "date"), Column("Fingerprint", "long")),
    Column("Entries that do not count", "count", alarm=_MANY),
)
MATRIX = (_TRAINEE, _MONTH, _TIER, _AHEAD, _FORECAST, _FINISHED)
CELLS = ("Signed", "Checked", "Total")
_ABOUT = (_TRAINEE, _ITEM, _KIND, _TASK, _TIER, _TEXT)
WAITING = (Column("Mentor"), *_ABOUT, Column("Since", "date"), _DAYS, _DUE, _OVERDUE)
OVERDUE = (_TRAINEE, _ITEM, _TASK, _TIER, _TEXT, _STATE, Column("Waits on"), _DUE, _DAYS)
COUNTS = (_TRAINEE, _ROLE, _KIND, _TIER, _TASK, _DUE, *_PACED)
ITEMS = (
    *(*_ABOUT, _STATE, _DUE, Column("Expected on", "date"), _OVERDUE, Column("Waits on")),
    *(Column(name, "date") for name in ("Checked on", "Done on", "Signed on")),
    *(Column("Signed by"), Column("Blocked by")),
)
UNREADABLE = (Column("File"), Column("Why", "long"))


def report_xlsx(team: TeamProgress, most_rows: int = MOST_ROWS) -> bytes:
    """Return the workbook; a list with more rows than ``most_rows`` continues in another sheet."""
    from xlsxwriter import Workbook

    file = io.BytesIO()
    never = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    with Workbook(file, {"in_memory": True, **never}) as book:
        # The creation date is the report's day, so that the same report has the same bytes.
        book.set_properties({"title": f"Progress on {team.as_of}", "created": datetime.combine(team.as_of, time())})
        writer = _SheetWriter(book, team.as_of, most_rows)
        above: list[Sequence[Cell]] = [("Progress on", team.as_of)]
        if team.unreadable:
            records = plural(len(team.unreadable), "record")
            above.append((f"Not all are here: {records} could not be read, see the sheet Unreadable.",))
        above += [(line,) for line in team_uncounted_lines(team)]
        writer.write("Summary", SUMMARY, _summary(team), above=above)
        for group in team.groups:
            writer.write(
                f"Matrix {group.role.id}" if len(team.groups) > 1 else "Matrix",
                (*MATRIX, *(Column(cell, "count", band=task.name) for task in group.tasks for cell in CELLS)),
                _matrix(group),
                below="The shade: the darker, the more is signed off; some, half, all. Below zero is behind.",
            )
        writer.write("Waiting", WAITING, _waiting(team))
        writer.write("Overdue", OVERDUE, _overdue(team))
        writer.write("Counts", COUNTS, _counts(team))
        writer.write("Items", ITEMS, _items(team))
        if team.unreadable:
            writer.write("Unreadable", UNREADABLE, team.unreadable)
    return file.getvalue()


# --- the rows -------------------------------------------------------------------------------------------------


def _summary(team: TeamProgress) -> Iterator[Sequence[Cell]]:
    for progress in team.trainees:
        enrolment = progress.enrolment
        person = (enrolment.name, progress.role_in_words, enrolment.start, progress.month)
        last = (progress.fingerprint or NO_FINGERPRINT, len(progress.does_not_count))
        for tier in progress.tiers:
            final = (tier.graduation.by.name, tier.graduation.on) if tier.graduation else ("", "")
            end = (tier.forecast, tier.finished or "", tier.ready, *final, *last)
            yield *person, tier.tier.id, tier.begins, tier.due, *_paced(tier), *end


def _matrix(group: Group) -> Iterator[Sequence[Cell]]:
    for trainee in group.trainees:
        now = (trainee.month, trainee.tier.id if trainee.tier else None, trainee.pace.ahead)
        tasks: list[Cell] = []
        for counts in (group.counts(trainee, task) for task in group.tasks):
            tasks += [counts.signed, counts.checked, counts.total] if counts and counts.total else [None] * len(CELLS)
        yield trainee.enrolment.name, *now, trainee.forecast, trainee.finished or "", *tasks


def _waiting(team: TeamProgress) -> Iterator[Sequence[Cell]]:
    for queue in team.mentor_queues:
        for trainee, item, days in queue.items:
            yield mentor_names(queue), *_about(trainee, item), item.waiting_since, days, item.due, item.overdue


def _overdue(team: TeamProgress) -> Iterator[Sequence[Cell]]:
    for trainee, item, days in team.overdue:
        name, item_id, _, *position = _about(trainee, item)
        yield name, item_id, *position, item.state, WAITS_ON[item.waits_on], item.due, days


def _counts(team: TeamProgress) -> Iterator[Sequence[Cell]]:
    """Yield a row for each tier and task, and one for each kind without a tier; no totals."""
    for progress in team.trainees:
        person = (progress.enrolment.name, progress.ladder.role.name)
        for tier in progress.tiers:
            for task in tier.tasks:
                yield *person, "expectation", tier.tier.id, task.task.id, tier.due, *_paced(task)
        for kind, tally in progress.kinds.items():
            numbers = (*_any(tally.counts, tally.counts), None, None, *_any(tally.counts, tally.waits_on))
            yield *person, kind, None, None, None, *numbers, *(None for _ in OWNERS)


def _items(team: TeamProgress) -> Iterator[Sequence[Cell]]:
    for progress in team.trainees:
        for item in progress.items:
            check, sign_off = item.status.check, item.status.sign_off
            due = (item.due, item.expected_on, item.overdue)
            signed = (sign_off.on, sign_off.by.name) if sign_off else ("", "")
            end = (check.on if check else "", item.done_on or "", *signed, ", ".join(item.blocked_by))
            yield *_about(progress, item), item.state, *due, WAITS_ON[item.waits_on], *end


def _about(trainee: TraineeProgress, progress: ItemProgress) -> tuple[str | None, ...]:
    """Return the cells of the columns _ABOUT."""
    item = progress.item
    task, tier = item.task.id if item.task else None, item.tier.id if item.tier else None
    return trainee.enrolment.name, item.id, item.kind, task, tier, item.text


def _paced(progress: Tally) -> list[Cell]:
    counts = progress.counts
    pace = (progress.expected, progress.ahead) if counts.total else (None, None)
    return [*_any(counts, counts), *pace, *_any(counts, progress.waits_on), *_any(counts, progress.overdue_by)]


def _any(counts: Counts, numbers: Sequence[int]) -> Sequence[Cell]:
    """Return the numbers, or n/a for each if there is nothing to count."""
    return numbers if counts.total or counts.waived else [None for _ in numbers]


# --- writing the sheets ---------------------------------------------------------------------------------------


class _SheetWriter:
    """Writes lists into a workbook, all with the same frozen headings, filters, widths and page setup."""

    def __init__(self, book: "Workbook", as_of: date, most_rows: int) -> None:
        self.book = book
        self.as_of = as_of
        self.most_rows = most_rows
        ruled = {"valign": "top", "bottom": 1, "bottom_color": "#BFBFBF"}
        # The prefix keeps text that looks like a formula or a date what it is, even after it is edited.
        text = {**ruled, "text_wrap": True, "quote_prefix": True}
        centred = {**ruled, "align": "center"}
        heading = {"bold": True, "bg_color": "#E7E6E6", "bottom": 1, "text_wrap": True}
        looks: dict[str, dict[str, object]] = {
            "text": text,
            "long": text,
            "flag": {**text, "align": "center"},
            "count": {**centred, "num_format": "0"},
            "ahead": {**centred, "num_format": "+0;-0;0"},
            "date": {**centred, "num_format": "yyyy-mm-dd"},
            "none": {**centred, "quote_prefix": True, "font_color": "#595959"},
            "heading": {**heading, "valign": "bottom"},
            "dated": {**heading, "valign": "bottom", "align": "center"},
            "turned": {**heading, "valign": "top", "align": "center", "rotation": 90},
            "band": {**heading, "valign": "top", "align": "center", "left": 1, "right": 1},
            "notice": {"bold": True, "num_format": "yyyy-mm-dd", "align": "left"},
            "alarm": {"bold": True, "font_color": "#9C0006", "bg_color": "#F8CBAD"},
            "some": {"bg_color": "#DDEBF7"},
            "half": {"bg_color": "#9DC3E6"},
            "all": {"bg_color": "#1F4E79", "font_color": "#FFFFFF", "bold": True},
        }
        self.formats = {name: book.add_format(look) for name, look in looks.items()}

    def write(
        self,
        name: str,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Cell]],
        *,
        above: Sequence[Sequence[Cell]] = (),
        below: str = "",
    ) -> None:
        """Write a list, in as many sheets as it needs."""
        all_rows = list(rows)
        for first in range(0, max(len(all_rows), 1), self.most_rows):
            part = all_rows[first : first + self.most_rows]
            sheet = self.book.add_worksheet(self._unused(name))
            head = len(above) + bool(columns[-1].band)
            bottom = head + len(part)
            for number, line in enumerate(above):
                sheet.write_row(number, 0, [_written(cell) for cell in line], self.formats["notice"])
            self._write_headings(sheet, head, columns)
            widths = [_width(column, [row[index] for row in part]) for index, column in enumerate(columns)]
            for index, width in enumerate(widths):
                sheet.set_column(index, index, width)
            for number, row in enumerate(part, start=head + 1):
                for index, (column, cell) in enumerate(zip(columns, row, strict=True)):
                    style = "none" if cell is None and column.kind != "text" else column.kind
                    sheet.write(number, index, _written(cell), self.formats[style])
                if (height := _height(row, widths)) > _LINE:
                    sheet.set_row(number, height)
            if note := below if part else "None":
                sheet.write(bottom + 2, 0, note, self.formats["notice"])
            sheet.autofilter(head, 0, bottom, len(columns) - 1)
            sheet.freeze_panes(head + 1, 1)
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(len(above), head)
            sheet.set_margins(left=0.3, right=0.3, top=0.5, bottom=0.7)
            sheet.set_footer(f"&L&A&CProgress on {self.as_of}&RPage &P of &N")
            if part:
                for left, right, look, rule in _rules(head + 1, columns):
                    options = {"type": "formula", "criteria": rule, "format": self.formats[look], "stop_if_true": True}
                    sheet.conditional_format(head + 1, left, bottom, right, options)

    def _write_headings(self, sheet: "Worksheet", row: int, columns: Sequence[Column]) -> None:
        for index, column in enumerate(columns):
            look = "turned" if column.kind in _TURNED else "dated" if column.kind == "date" else "heading"
            sheet.write(row, index, column.heading, self.formats[look])
            if column.band and column.heading == CELLS[0]:
                last = index + len(CELLS) - 1
                sheet.merge_range(row - 1, index, row - 1, last, _text(column.band), self.formats["band"])
        if bands := [column.band for column in columns if column.band]:
            sheet.set_row(row - 1, _height(bands, [len(CELLS) * _WIDEST["count"]] * len(bands)))
        if turned := [len(column.heading) for column in columns if column.kind in _TURNED]:
            sheet.set_row(row, 6 * max(turned) + 26)

    def _unused(self, name: str) -> str:
        """Return a name for a sheet that is short enough and not taken."""
        short, number = name[:LONGEST_NAME], 1
        while self.book.get_worksheet_by_name(short):
            number += 1
            short = f"{name[: LONGEST_NAME - len(str(number)) - 1]} {number}"
        return short


def _rules(top: int, columns: Sequence[Column]) -> Iterator[tuple[int, int, str, str]]:
    """Yield the rules that colour cells: the first and last column, the format, and the formula for the first row."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    names = [xl_rowcol_to_cell(top, index, col_abs=True) for index in range(len(columns))]
    for index, column in enumerate(columns):
        if column.alarm:
            yield index, index, "alarm", column.alarm.format(names[index])
        if column.band and column.heading == CELLS[0]:
            last = index + len(CELLS) - 1
            signed, total = names[index], names[last]
            for look, rule in (("all", f"{signed}={total}"), ("half", f"2*{signed}>={total}"), ("some", f"{signed}>0")):
                yield index, last, look, f"=IF(ISNUMBER({signed}),{rule})"


def _width(column: Column, cells: Iterable[Cell]) -> int:
    """Return the width of a column in characters; longer text wraps."""
    if column.kind in _TURNED or column.kind == "date":
        return _WIDEST[column.kind]
    with_filter = max(map(len, column.heading.split())) + 3
    longest = max((cell_len(cell) for cell in cells if isinstance(cell, str)), default=0)
    return max(with_filter, min(longest + 2, _WIDEST[column.kind]))


def _height(cells: Sequence[Cell], widths: Sequence[int]) -> int:
    """Return the height of a row in points: LibreOffice does not compute it when it opens the workbook."""
    texts = [(cell, width) for cell, width in zip(cells, widths, strict=True) if isinstance(cell, str)]
    lines = [len(textwrap.wrap(cell, width)) for cell, width in texts if len(cell) > width]
    return min(max(lines, default=1) * _LINE, 400)


def _written(cell: Cell) -> Cell:
    """Return a cell as xlsxwriter takes it: harmless text, and no day that Excel does not know."""
    if cell is None or isinstance(cell, bool):
        return {None: "n/a", True: "yes", False: "no"}[cell]
    if isinstance(cell, date) and cell < FIRST_DAY:
        return cell.isoformat()
    return _text(cell) if isinstance(cell, str) else cell


def _text(data: str) -> str:
    """Return data as a cell can hold it: hidden characters escaped, and not too long."""
    shown = data if data.isascii() and data.isprintable() else visible(data)
    if shown.startswith("<r>") and shown.endswith("</r>"):
        shown += " "  # otherwise xlsxwriter would write it as raw XML
    units = shown.encode("utf-16-le")
    if len(units) > 2 * LONGEST_TEXT:
        shown = units[: 2 * (LONGEST_TEXT - 1)].decode("utf-16-le", errors="ignore") + "\u2026"
    return shown
