"""The report as a workbook for Excel: a summary, tasks against people, what waits, what is overdue, counts, items.

A cell is blank for what has not happened yet, and `n/a` where there is nothing to count or no such day.

The matrix has three columns for a task, signed, checked and total: a share alone would hide how much it is a share of,
and checked is not signed. The shade behind them is a rule on those cells, so that it stays right when the rows are
sorted; its three steps differ in brightness, and so in black and white.

All text is written as text, so that nothing in a name or note becomes a formula, a link or a date.
"""

import io
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import TYPE_CHECKING, Literal, NamedTuple

from ca_ladder.errors import plural
from ca_ladder.progress.results import OWNERS, Counts, ItemProgress, TaskProgress, TierProgress, WaitingOn
from ca_ladder.progress.team import Group, TeamProgress
from ca_ladder.renderers.display import visible
from ca_ladder.renderers.phrases import mentor_names

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# Excel's limits: characters in a cell and in a sheet's name, rows below the headings, dates.
LONGEST_TEXT = 32_767
LONGEST_NAME = 31
MOST_ROWS = 1_000_000
FIRST_DAY = date(1900, 3, 1)  # Excel has a 29 February 1900, and no earlier dates

Cell = str | int | date | None
Kind = Literal["text", "long", "flag", "count", "ahead", "date"]

NONE = "n/a"
_WIDEST: dict[Kind, int] = {"text": 24, "long": 60, "flag": 5, "count": 5, "ahead": 5, "date": 11}
_TURNED = {"flag", "count", "ahead"}  # narrow columns have vertical headings
_LINE = 15  # points


class Column(NamedTuple):
    """A column of a list. ``alarm``: a number over 0, or a yes, is highlighted."""

    heading: str
    kind: Kind = "text"
    alarm: bool = False


_COUNTS = tuple(Column(name.capitalize(), "count", name == "overdue") for name in Counts._fields)
_PACED = (
    *_COUNTS,
    Column("Expected", "count"),
    Column("Ahead", "ahead"),
    *(Column(f"Waits on {owner}", "count") for owner in OWNERS),
    *(Column(f"Overdue by {owner}", "count", alarm=True) for owner in OWNERS),
)
_TRAINEE, _ITEM, _KIND, _TASK, _TIER = (Column(name) for name in ("Trainee", "Item", "Kind", "Task", "Tier"))
_DUE, _TEXT, _STATE, _DAYS = Column("Due", "date"), Column("Text", "long"), Column("State"), Column("Days", "count")
_OVERDUE = Column("Overdue", "flag", alarm=True)

SUMMARY = (
    _TRAINEE,
    Column("Role"),
    Column("Start", "date"),
    Column("Month", "count"),
    _TIER,
    Column("Begins", "date"),
    _DUE,
    *_PACED,
    Column("Forecast", "date"),
    Column("Finished", "date"),
    Column("Ready for final sign-off", "flag"),
    Column("Final sign-off by"),
    Column("Final sign-off on", "date"),
    Column("Fingerprint", "long"),
)
MATRIX = (
    _TRAINEE,
    Column("Month", "count"),
    Column("Tier"),
    Column("Ahead", "ahead"),
    Column("Forecast", "date"),
    Column("Finished", "date"),
)
CELLS = (Column("Signed", "count"), Column("Checked", "count"), Column("Total", "count"))
WAITING = (
    Column("Mentor"),
    _TRAINEE,
    _ITEM,
    _KIND,
    _TASK,
    _TIER,
    _TEXT,
    Column("Since", "date"),
    _DAYS,
    _DUE,
    _OVERDUE,
)
OVERDUE = (_TRAINEE, _ITEM, _TASK, _TIER, _TEXT, _STATE, Column("Waits on"), _DUE, _DAYS)
COUNTS = (_TRAINEE, Column("Role"), _KIND, _TIER, _TASK, _DUE, *_PACED)
ITEMS = (
    _TRAINEE,
    _ITEM,
    _KIND,
    _TASK,
    _TIER,
    _TEXT,
    _STATE,
    _DUE,
    Column("Expected on", "date"),
    _OVERDUE,
    Column("Waits on"),
    Column("Checked on", "date"),
    Column("Done on", "date"),
    Column("Signed on", "date"),
    Column("Signed by"),
    Column("Blocked by"),
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
        writer.write("Summary", SUMMARY, _summary(team), above=_notices(team))
        for group in team.groups:
            _write_matrix(writer, group, f"Matrix {group.role.id}" if len(team.groups) > 1 else "Matrix")
        writer.write("Waiting", WAITING, _waiting(team))
        writer.write("Overdue", OVERDUE, _overdue(team))
        writer.write("Counts", COUNTS, _counts(team))
        writer.write("Items", ITEMS, _items(team))
        if team.unreadable:
            writer.write("Unreadable", UNREADABLE, team.unreadable)
    return file.getvalue()


# --- the rows -------------------------------------------------------------------------------------------------


def _notices(team: TeamProgress) -> list[tuple[Cell, ...]]:
    missing = f"Not all are here: {plural(len(team.unreadable), 'record')} could not be read, see the sheet Unreadable."
    return [("Progress on", team.as_of), *([(missing,)] if team.unreadable else [])]


def _summary(team: TeamProgress) -> Iterator[Sequence[Cell]]:
    for progress in team.trainees:
        enrolment = progress.enrolment
        for tier in progress.tiers:
            yield (
                enrolment.name,
                progress.role_in_words,
                enrolment.start,
                progress.month or NONE,
                tier.tier.id,
                tier.begins or NONE,
                tier.due or NONE,
                *_paced(tier),
                tier.forecast or NONE,
                tier.finished,
                _yes(tier.ready),
                tier.graduation.by.name if tier.graduation else None,
                tier.graduation.on if tier.graduation else None,
                progress.fingerprint or "none: the record is not as it was written",
            )


def _waiting(team: TeamProgress) -> Iterator[Sequence[Cell]]:
    for queue in team.mentor_queues:
        for trainee, item, days in queue.items:
            yield (
                mentor_names(queue),
                trainee.enrolment.name,
                item.item.id,
                item.item.kind,
                *_task_tier_text(item),
                item.waiting_since,
                days,
                item.due or NONE,
                _yes(item.overdue),
            )


def _overdue(team: TeamProgress) -> Iterator[Sequence[Cell]]:
    for trainee, item, days in team.overdue:
        where = _task_tier_text(item)
        yield trainee.enrolment.name, item.item.id, *where, item.state, item.waits_on, item.due, days


def _counts(team: TeamProgress) -> Iterator[Sequence[Cell]]:
    """Yield a row for each tier and task, and one for each kind without a tier; no totals."""
    for progress in team.trainees:
        person = (progress.enrolment.name, progress.ladder.role.name)
        for tier in progress.tiers:
            for task in tier.tasks:
                yield *person, "expectation", tier.tier.id, task.task.id, tier.due or NONE, *_paced(task)
        for kind, counts in progress.kinds.items():
            untiered = (*_numbers(counts), NONE, NONE, *_moves(counts, progress.kinds_wait_on[kind]))
            yield *person, kind, NONE, NONE, NONE, *untiered, *(NONE for _ in OWNERS)


def _items(team: TeamProgress) -> Iterator[Sequence[Cell]]:
    for progress in team.trainees:
        for item in progress.items:
            check, sign_off = item.status.check, item.status.sign_off
            yield (
                progress.enrolment.name,
                item.item.id,
                item.item.kind,
                *_task_tier_text(item),
                item.state,
                item.due or NONE,
                item.expected_on or NONE,
                _yes(item.overdue),
                item.waits_on,
                check.on if check else None,
                item.done_on,
                sign_off.on if sign_off else None,
                sign_off.by.name if sign_off else None,
                ", ".join(item.blocked_by),
            )


def _task_tier_text(progress: ItemProgress) -> tuple[str, str, str]:
    item = progress.item
    return item.task.id if item.task else NONE, item.tier.id if item.tier else NONE, item.text


def _paced(progress: TierProgress | TaskProgress) -> list[Cell]:
    pace = (progress.expected, progress.ahead) if progress.counts.total else (None, None)
    known = (NONE if number is None else number for number in pace)
    moves = (*_moves(progress.counts, progress.waits_on), *_moves(progress.counts, progress.overdue_by))
    return [*_numbers(progress.counts), *known, *moves]


def _numbers(counts: Counts) -> Sequence[Cell]:
    return counts if counts.total or counts.waived else [NONE for _ in counts]


def _moves(counts: Counts, moves: WaitingOn) -> Sequence[Cell]:
    return moves if counts.total or counts.waived else [NONE for _ in moves]


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def _write_matrix(writer: "_SheetWriter", group: Group, name: str) -> None:
    first = len(MATRIX)
    bands = [(task.name, first + number * len(CELLS)) for number, task in enumerate(group.tasks)]
    columns = (*MATRIX, *(CELLS * len(group.tasks)))
    legend = "The shade: the darker, the more is signed off; some, half, all. Ahead: below zero is behind."
    for area in writer.write(name, columns, _matrix(group), bands=bands, below=legend):
        for _, column in bands:
            writer.shade(area, column)


def _matrix(group: Group) -> Iterator[Sequence[Cell]]:
    for trainee in group.trainees:
        ahead = trainee.pace.ahead
        cells: list[Cell] = [
            trainee.enrolment.name,
            trainee.month or NONE,
            trainee.tier.id if trainee.tier else NONE,
            NONE if ahead is None else ahead,
            trainee.forecast or NONE,
            trainee.finished,
        ]
        for task in group.tasks:
            counts = group.counts(trainee, task)
            cells += [counts.signed, counts.checked, counts.total] if counts and counts.total else [NONE] * len(CELLS)
        yield cells


# --- writing the sheets ---------------------------------------------------------------------------------------


class _Area(NamedTuple):
    """The rows of a list in a sheet, without its headings."""

    sheet: "Worksheet"
    top: int
    bottom: int


class _SheetWriter:
    """Writes lists into a workbook, all with the same frozen headings, filters, widths and page setup."""

    def __init__(self, book: "Workbook", as_of: date, most_rows: int) -> None:
        self.book = book
        self.as_of = as_of
        self.most_rows = most_rows
        self.names: set[str] = set()
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
            "notice": {"bold": True},
            "notice date": {"bold": True, "num_format": "yyyy-mm-dd", "align": "left"},
            "alarm": {"bold": True, "font_color": "#9C0006", "bg_color": "#F8CBAD"},
            "some": {"bg_color": "#DDEBF7"},
            "half": {"bg_color": "#9DC3E6"},
            "all": {"bg_color": "#1F4E79", "font_color": "#FFFFFF", "bold": True},
        }
        self.formats: dict[str, Format] = {name: book.add_format(display) for name, display in looks.items()}

    def write(
        self,
        name: str,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Cell]],
        *,
        above: Sequence[Sequence[Cell]] = (),
        bands: Sequence[tuple[str, int]] = (),
        below: str = "",
    ) -> list[_Area]:
        """Write a list, in as many sheets as it needs; ``bands`` are the headings above groups of columns."""
        rows = iter(rows)
        parts = [list(islice(rows, self.most_rows))]
        while part := list(islice(rows, self.most_rows)):
            parts.append(part)
        return [self._write_part(name, columns, part, above, bands, below) for part in parts]

    def shade(self, area: _Area, column: int) -> None:
        """Shade signed, checked and total by how much of the total is signed off."""
        signed, total = (_cell_name(area.top, column), _cell_name(area.top, column + 2))
        for display, rule in (("all", f"{signed}={total}"), ("half", f"2*{signed}>={total}"), ("some", f"{signed}>0")):
            self._add_rule(area, column, column + 2, f"=IF(ISNUMBER({signed}),{rule})", display)

    def _write_part(
        self,
        name: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        above: Sequence[Sequence[Cell]],
        bands: Sequence[tuple[str, int]],
        below: str,
    ) -> _Area:
        sheet = self.book.add_worksheet(self._unused(name))
        head = len(above) + bool(bands)
        area = _Area(sheet, head + 1, head + len(rows))
        for number, line in enumerate(above):
            self._write_notice(sheet, number, line)
        self._write_headings(sheet, head, columns, bands)
        widths = [_width(column, [row[index] for row in rows]) for index, column in enumerate(columns)]
        for index, width in enumerate(widths):
            sheet.set_column(index, index, width)
        for number, row in enumerate(rows, start=area.top):
            for index, (column, cell) in enumerate(zip(columns, row, strict=True)):
                self._write_cell(sheet, number, index, column.kind, cell)
            _set_height(sheet, number, _lines(row, widths))
        self._write_notice(sheet, area.bottom + 2, [below if rows else "None"])
        sheet.autofilter(head, 0, area.bottom, len(columns) - 1)
        sheet.freeze_panes(area.top, 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(len(above), head)
        sheet.set_margins(left=0.3, right=0.3, top=0.5, bottom=0.7)
        sheet.set_footer(f"&L&A&CProgress on {self.as_of}&RPage &P of &N")
        if rows:
            self._add_alarms(area, columns)
        return area

    def _write_notice(self, sheet: "Worksheet", row: int, line: Sequence[Cell]) -> None:
        for column, cell in enumerate(line):
            if isinstance(cell, date):
                self._write_date(sheet, row, column, cell, self.formats["notice date"])
            elif cell:
                sheet.write_string(row, column, _text(str(cell)), self.formats["notice"])

    def _write_headings(
        self, sheet: "Worksheet", row: int, columns: Sequence[Column], bands: Sequence[tuple[str, int]]
    ) -> None:
        width = len(CELLS) * _WIDEST["count"]
        for name, first in bands:
            sheet.merge_range(row - 1, first, row - 1, first + len(CELLS) - 1, "", self.formats["band"])
            sheet.write_string(row - 1, first, _text(name), self.formats["band"])
        if bands:
            _set_height(sheet, row - 1, max(_lines([name], [width]) for name, _ in bands))
        for index, column in enumerate(columns):
            display = "turned" if column.kind in _TURNED else "dated" if column.kind == "date" else "heading"
            sheet.write_string(row, index, column.heading, self.formats[display])
        turned = [len(column.heading) for column in columns if column.kind in _TURNED]
        if turned:
            sheet.set_row(row, 6 * max(turned) + 26)

    def _write_cell(self, sheet: "Worksheet", row: int, index: int, kind: Kind, cell: Cell) -> None:
        display = self.formats[kind]
        if isinstance(cell, date):
            self._write_date(sheet, row, index, cell, display)
        elif isinstance(cell, int):
            sheet.write_number(row, index, cell, display)
        elif cell:
            sheet.write_string(
                row, index, _text(cell), display if kind in {"text", "long", "flag"} else self.formats["none"]
            )
        else:
            sheet.write_blank(row, index, None, display)

    def _write_date(self, sheet: "Worksheet", row: int, index: int, day: date, display: "Format") -> None:
        if day < FIRST_DAY:
            sheet.write_string(row, index, day.isoformat(), display)
        else:
            sheet.write_datetime(row, index, datetime.combine(day, time()), display)

    def _add_alarms(self, area: _Area, columns: Sequence[Column]) -> None:
        for index, column in enumerate(columns):
            cell = _cell_name(area.top, index)
            if column.kind == "ahead":
                self._add_rule(area, index, index, f"=IF(ISNUMBER({cell}),{cell}<0)", "alarm")
            elif column.alarm and column.kind == "count":
                self._add_rule(area, index, index, f"=IF(ISNUMBER({cell}),{cell}>0)", "alarm")
            elif column.alarm:
                self._add_rule(area, index, index, f'={cell}="yes"', "alarm")

    def _add_rule(self, area: _Area, left: int, right: int, rule: str, display: str) -> None:
        options = {"type": "formula", "criteria": rule, "format": self.formats[display], "stop_if_true": True}
        area.sheet.conditional_format(area.top, left, area.bottom, right, options)

    def _unused(self, name: str) -> str:
        """Return a name for a sheet that is short enough and not taken."""
        short, number = name[:LONGEST_NAME], 1
        while short in self.names:
            number += 1
            short = f"{name[: LONGEST_NAME - len(str(number)) - 1]} {number}"
        self.names.add(short)
        return short


def _width(column: Column, cells: Iterable[Cell]) -> int:
    """Return the width of a column in characters; longer text wraps."""
    if column.kind in _TURNED or column.kind == "date":
        return _WIDEST[column.kind]
    with_filter = max(map(len, column.heading.split())) + 3
    longest = max((_wide(cell) for cell in cells if isinstance(cell, str)), default=0)
    return max(with_filter, min(longest + 2, _WIDEST[column.kind]))


def _lines(cells: Iterable[Cell], widths: Iterable[int]) -> int:
    """Return the number of lines in a row's tallest cell."""
    long = [(cell, width) for cell, width in zip(cells, widths, strict=True) if isinstance(cell, str)]
    return max((len(textwrap.wrap(cell, width)) for cell, width in long if _wide(cell) > width), default=1)


def _set_height(sheet: "Worksheet", row: int, lines: int) -> None:
    """Set the height of a row: not every program that opens the workbook computes it."""
    if lines > 1:
        sheet.set_row(row, min(lines * _LINE, 400))


def _wide(text: str) -> int:
    return len(text) if text.isascii() else sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def _cell_name(row: int, column: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    return xl_rowcol_to_cell(row, column, col_abs=True)


def _text(data: str) -> str:
    """Return data as a cell can hold it: hidden characters escaped, and not too long."""
    shown = data if data.isascii() and data.isprintable() else visible(data)
    if shown.startswith("<r>") and shown.endswith("</r>"):
        shown += " "  # otherwise xlsxwriter would write it as raw XML
    units = shown.encode("utf-16-le")
    if len(units) > 2 * LONGEST_TEXT:
        shown = units[: 2 * (LONGEST_TEXT - 1)].decode("utf-16-le", errors="ignore") + "\u2026"
    return shown
