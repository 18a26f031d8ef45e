"""The workbook: every cell read back against what was measured, and opened by another program."""

import io
import subprocess
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from ca_ladder.catalogue.models import Entry, Ladder, Months, Role, Task, Tier
from ca_ladder.progress.results import OWNERS, Counts, TraineeProgress, WaitingOn
from ca_ladder.progress.team import TeamProgress, Unreadable, team
from ca_ladder.progress.trainee import measure
from ca_ladder.record.events import Person, Stamp
from ca_ladder.record.record import Record
from ca_ladder.record.rules import Actor, enrol, graduate
from ca_ladder.renderers.display import visible
from ca_ladder.renderers.xlsx import report_xlsx
from tests.conftest import tool

NEW = Tier(id="0-3", title="New in role", months=Months(first=0, until=3))
ABOVE = Tier(id="6+", title="Exceeding expectations", months=Months(first=6))
START, TODAY = date(2026, 1, 5), date(2026, 4, 20)

# What only a program that takes text for something else would make of it.
HOSTILE = [
    '=HYPERLINK("http://example.invalid","x")',
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "{=1+1}",
    "http://example.invalid",
    "3-6",
    "007",
    "a\x1b[31mred",
    "abc\u202efdp",
    "<script>alert(1)</script>",
    "<r><t>markup</t></r",
    "&<>\"'",
    "two\nlines",
    "\U0001f600 x",
]


def entries(*ids: str, text: str = "Do it") -> tuple[Entry, ...]:
    """Return an entry for each id."""
    return tuple(Entry(id=id_, text=text) for id_ in ids)


def ladder_of(*tasks: Task, tiers: tuple[Tier, ...] = (NEW, ABOVE), role: str = "advocate") -> Ladder:
    """Return the ladder of a role with these tasks."""
    return Ladder(Role(id=role, name=f"The {role}", tiers=tiers, tasks=tasks), frozenset(), "v1")


def stamp(day: date) -> Stamp:
    """Return the stamp of a command run at noon of that day."""
    return Stamp(datetime.combine(day, time(12), UTC), "account", "PC")


def record_of(
    name: str = "Ann", start: date = START, role: str = "advocate", mentor: str = "Mo", manager: str = "Kim"
) -> Record:
    """Return the record of a trainee with a mentor and a manager."""
    ann = Person(name=name, role="trainee")
    return enrol(stamp(start), ann, name=name, start=start, role=role, mentors=(mentor,), manager=manager)


class Builder:
    """Brings the items of one record into a state, on a day."""

    def __init__(self, ladder: Ladder, record: Record) -> None:
        self.ladder, self.record = ladder, record

    def check(self, day: date, *ids: str) -> "Builder":
        """The trainee checks these."""
        self.record = self._act(day, self.record.enrolment.name).check(self.record, self._items(ids))
        return self

    def sign(self, day: date, *ids: str) -> "Builder":
        """The mentor signs these off, whether checked or not."""
        mentor = self.record.enrolment.mentors[0]
        self.record = self._act(day, mentor).sign_off(self.record, self._items(ids), observed=True)
        return self

    def send_back(self, day: date, *ids: str) -> "Builder":
        """The mentor returns these."""
        self.record = self._act(day, "Mo").send_back(self.record, self._items(ids), "not yet")
        return self

    def waive(self, day: date, *ids: str) -> "Builder":
        """The mentor waives these."""
        self.record = self._act(day, "Mo").waive(self.record, self._items(ids), "not in this book")
        return self

    def measured(self, day: date = TODAY) -> TraineeProgress:
        """Return the trainee's progress on that day."""
        return measure(self.ladder, self.record, day)

    def _act(self, day: date, name: str) -> Actor:
        role = self.record.enrolment.name == name
        return Actor(self.ladder, stamp(day), Person(name=name, role="trainee" if role else "mentor"))

    def _items(self, ids: Iterable[str]) -> list[Any]:
        return [self.ladder.items[id_] for id_ in ids]


def work() -> Task:
    """Return a task with expectations in two tiers, and a skill."""
    expected = {"0-3": entries("a", "b", "c", "d", "e"), "6+": entries("f")}
    return Task(id="work", name="The work", why="W", expectations=expected, skills=entries("s"))


def ann() -> TraineeProgress:
    """Return Ann, who began on 5 January: a is signed off, b waits, c came back, d is waived, e and f are open."""
    builder = Builder(ladder_of(work()), record_of())
    builder.check(date(2026, 1, 20), "a").sign(date(2026, 1, 22), "a").check(date(2026, 2, 2), "b", "c")
    return builder.send_back(date(2026, 2, 4), "c").waive(date(2026, 2, 4), "d").measured()


def book_of(progress: TeamProgress, **options: int) -> Workbook:
    """Return the workbook as another library reads it."""
    return load_workbook(io.BytesIO(report_xlsx(progress, **options)))


def rows_of(book: Workbook, sheet: str) -> list[dict[str, Any]]:
    """Return the rows of a sheet, each by its headings; dates as dates, the headings in the row with the filter."""
    found: Worksheet = book[sheet]
    left, top, right, bottom = range_boundaries(str(found.auto_filter.ref))
    values = [[_value(cell) for cell in row] for row in found.iter_rows(top, bottom, left, right)]
    return [dict(zip(map(str, values[0]), row, strict=True)) for row in values[1:]]


def _value(cell: Any) -> Any:
    if isinstance(cell.value, datetime):
        assert cell.number_format == "yyyy-mm-dd"
        assert cell.value.time() == time()
        return cell.value.date()
    return cell.value


def count_columns(counts: Counts) -> dict[str, int]:
    """Return counts by their headings."""
    return {name.capitalize(): number for name, number in counts._asdict().items()}


def owner_columns(waits_on: WaitingOn, overdue_by: WaitingOn) -> dict[str, int]:
    """Return whose move it is by the headings."""
    waits = {f"Waits on {owner}": getattr(waits_on, owner) for owner in OWNERS}
    return waits | {f"Overdue by {owner}": getattr(overdue_by, owner) for owner in OWNERS}


# --- what stands in the cells ---------------------------------------------------------------------------------


def test_the_summary_has_a_row_for_each_trainee_and_tier() -> None:
    """Every figure of a tier stands in the summary: numbers as numbers, dates as dates, n/a where there is no day."""
    trainee = ann()
    first, second = rows_of(book_of(team(TODAY, [trainee])), "Summary")
    assert first == {
        "Trainee": "Ann",
        "Role": "The advocate",
        "Start": date(2026, 1, 5),
        "Month": 4,
        "Tier": "0-3",
        "Begins": date(2026, 1, 5),
        "Due": date(2026, 4, 5),
        "Total": 4,
        "Open": 1,
        "Checked": 1,
        "Returned": 1,
        "Signed": 1,
        "Waived": 1,
        "Overdue": 3,
        "Expected": 4,
        "Ahead": -2,
        "Waits on trainee": 2,
        "Waits on mentor": 1,
        "Waits on manager": 0,
        "Waits on opportunity": 0,
        "Overdue by trainee": 2,
        "Overdue by mentor": 1,
        "Overdue by manager": 0,
        "Overdue by opportunity": 0,
        "Forecast": "n/a",
        "Finished": None,
        "Ready for final sign-off": "no",
        "Final sign-off by": None,
        "Final sign-off on": None,
        "Fingerprint": trainee.fingerprint,
    }
    assert (second["Tier"], second["Begins"], second["Due"]) == ("6+", date(2026, 7, 5), "n/a")
    assert (second["Total"], second["Expected"], second["Ahead"]) == (1, "n/a", "n/a")
    assert (second["Waits on opportunity"], second["Overdue by opportunity"]) == (1, 0)


def test_a_forecast_is_a_date() -> None:
    """Where the last weeks say enough, the summary and the matrix name the day by which all will be checked."""
    builder = Builder(ladder_of(work()), record_of()).check(date(2026, 3, 20), "a", "b", "c")
    trainee = builder.measured()
    book = book_of(team(TODAY, [trainee]))
    assert trainee.forecast is not None
    assert [row["Forecast"] for row in rows_of(book, "Summary")] == [tier.forecast for tier in trainee.tiers]
    assert rows_of(book, "Matrix")[0]["Forecast"] == trainee.forecast


def test_the_counts_have_a_row_for_each_tier_and_task_and_kind() -> None:
    """The counts hold every tier's task, then every kind beside the tiers, and no row is a sum of others."""
    other = Task(id="other", name="Other", why="W", expectations={"0-3": entries("o")})
    trainee = Builder(ladder_of(work(), other), record_of()).check(date(2026, 2, 2), "a", "s").measured()
    rows = rows_of(book_of(team(TODAY, [trainee])), "Counts")
    places = [(row["Kind"], row["Tier"], row["Task"], row["Due"]) for row in rows]
    assert places == [
        ("expectation", "0-3", "work", date(2026, 4, 5)),
        ("expectation", "0-3", "other", date(2026, 4, 5)),
        ("expectation", "6+", "work", "n/a"),
        ("expectation", "6+", "other", "n/a"),
        ("skill", "n/a", "n/a", "n/a"),
    ]
    for row, task in zip(rows[:2], trainee.tiers[0].tasks, strict=True):
        expected = count_columns(task.counts) | owner_columns(task.waits_on, task.overdue_by)
        expected |= {"Expected": task.expected or 0, "Ahead": task.ahead or 0}
        assert {name: row[name] for name in expected} == expected
    kind = count_columns(trainee.kinds["skill"])
    assert {name: rows[-1][name] for name in kind} == kind
    assert [rows[-1][f"Waits on {owner}"] for owner in OWNERS] == list(trainee.kinds_wait_on["skill"])
    assert [rows[-1][name] for name in ("Expected", "Ahead", "Overdue by mentor")] == ["n/a", "n/a", "n/a"]


def test_the_items_have_a_row_each() -> None:
    """An item tells its state, whose move it is and its days; what has not happened yet is blank."""
    rows = {row["Item"]: row for row in rows_of(book_of(team(TODAY, [ann()])), "Items")}
    assert list(rows) == ["a", "b", "c", "d", "e", "f", "s"]
    assert rows["a"] == {
        "Trainee": "Ann",
        "Item": "a",
        "Kind": "expectation",
        "Task": "work",
        "Tier": "0-3",
        "Text": "Do it",
        "State": "signed",
        "Due": date(2026, 4, 5),
        "Expected on": date(2026, 1, 28),
        "Overdue": "no",
        "Waits on": None,
        "Checked on": date(2026, 1, 20),
        "Done on": date(2026, 1, 20),
        "Signed on": date(2026, 1, 22),
        "Signed by": "Mo",
        "Blocked by": None,
    }
    told = [(row["State"], row["Overdue"], row["Waits on"], row["Checked on"]) for row in rows.values()]
    assert told == [
        ("signed", "no", None, date(2026, 1, 20)),
        ("checked", "yes", "mentor", date(2026, 2, 2)),
        ("returned", "yes", "trainee", None),
        ("waived", "no", None, None),
        ("open", "yes", "trainee", None),
        ("open", "no", "opportunity", None),
        ("open", "no", "trainee", None),
    ]
    assert [rows["s"][name] for name in ("Tier", "Due", "Expected on")] == ["n/a", "n/a", "n/a"]


def test_an_item_names_what_blocks_it() -> None:
    """What has to be signed off first stands beside an item by its ids."""
    gated = Task(id="t", name="T", why="W", expectations={"0-3": entries("x")}, skills=entries("gate"), gate="gate")
    rows = rows_of(book_of(team(TODAY, [Builder(ladder_of(gated), record_of()).measured()])), "Items")
    assert [(row["Item"], row["Blocked by"]) for row in rows] == [("x", "gate"), ("gate", None)]


def test_what_waits_and_what_is_overdue_are_lists() -> None:
    """What waits for a mentor says at whose desk and since when, what is overdue says whose move it is."""
    book = book_of(team(TODAY, [ann()]))
    assert rows_of(book, "Waiting") == [
        {
            "Mentor": "Mo",
            "Trainee": "Ann",
            "Item": "b",
            "Kind": "expectation",
            "Task": "work",
            "Tier": "0-3",
            "Text": "Do it",
            "Since": date(2026, 2, 2),
            "Days": 77,
            "Due": date(2026, 4, 5),
            "Overdue": "yes",
        }
    ]
    columns = ("Item", "State", "Waits on", "Due", "Days")
    overdue = [tuple(row[column] for column in columns) for row in rows_of(book, "Overdue")]
    assert overdue == [
        ("b", "checked", "mentor", date(2026, 4, 5), 15),
        ("c", "returned", "trainee", date(2026, 4, 5), 15),
        ("e", "open", "trainee", date(2026, 4, 5), 15),
    ]


def test_an_empty_list_says_so() -> None:
    """A list without rows says that it is empty, below its headings and outside its filter."""
    book = book_of(team(START, [Builder(ladder_of(work()), record_of()).measured(START)]))
    for name in ("Waiting", "Overdue"):
        assert rows_of(book, name) == []
        assert [cell.value for cell in book[name]["A"] if cell.value] == [book[name]["A1"].value, "None"]


# --- the matrix -----------------------------------------------------------------------------------------------


def matrix(book: Workbook, name: str = "Matrix") -> list[list[Any]]:
    """Return the rows of a matrix as they stand, its two rows of headings too."""
    return [[_value(cell) for cell in row] for row in book[name].iter_rows()]


def test_the_matrix_shows_signed_checked_and_total_of_each_task() -> None:
    """A row for each trainee, three numbers for each task in all tiers, whose name stands above the three."""
    other = Task(id="other", name="Other work", why="W", expectations={"0-3": entries("o")})
    builder = Builder(ladder_of(work(), other), record_of())
    trainee = builder.check(date(2026, 2, 2), "a", "b").sign(TODAY, "a").measured()
    above, headings, row = matrix(book_of(team(TODAY, [trainee])))[:3]
    assert above == [*[None] * 6, "The work", None, None, "Other work", None, None]
    assert headings[:6] == ["Trainee", "Month", "Tier", "Ahead", "Forecast", "Finished"]
    assert headings[6:] == ["Signed", "Checked", "Total"] * 2
    assert row == ["Ann", 4, "n/a", -4, "n/a", None, 1, 1, 6, 0, 0, 1]


def test_the_shade_of_the_matrix_follows_the_numbers() -> None:
    """Three cells of a task share a shade by how much of the total is signed off, also after the rows are sorted."""
    sheet: Worksheet = book_of(team(TODAY, [ann()]))["Matrix"]
    rules = {str(each.sqref): [rule.formula[0] for rule in each.rules] for each in sheet.conditional_formatting}
    assert rules["G3:I3"] == [
        "IF(ISNUMBER($G3),$G3=$I3)",
        "IF(ISNUMBER($G3),2*$G3>=$I3)",
        "IF(ISNUMBER($G3),$G3>0)",
    ]
    assert rules["D3"] == ["IF(ISNUMBER($D3),$D3<0)"]
    fills = [rule.dxf.fill.bgColor.rgb for each in sheet.conditional_formatting for rule in each.rules]
    shades = [int(fill[2:4], 16) for fill in fills[-3:]]
    assert shades == sorted(shades)
    assert min(later - earlier for earlier, later in pairwise(shades)) > 60


def test_a_task_that_asks_for_nothing_is_not_zero() -> None:
    """Where all of a task is waived there is nothing to count, and the matrix says n/a, never 0 of 0."""
    task = Task(id="t", name="T", why="W", expectations={"0-3": entries("x")})
    waived = Builder(ladder_of(task), record_of()).waive(date(2026, 2, 2), "x").measured()
    book = book_of(team(TODAY, [waived]))
    assert matrix(book)[2][6:] == ["n/a", "n/a", "n/a"]
    first, second = rows_of(book, "Summary")
    assert (first["Total"], first["Waived"], first["Expected"], first["Ahead"]) == (0, 1, "n/a", "n/a")
    assert {second[name] for name in ["Total", "Open", "Signed", "Waits on trainee", "Overdue by mentor"]} == {"n/a"}


def test_each_role_has_a_matrix() -> None:
    """People of two roles stand in two matrices, each with its own tasks."""
    one = Builder(ladder_of(work()), record_of()).measured()
    duty = Task(id="duty", name="The duty", why="W", expectations={"all": entries("x")})
    tier = Tier(id="all", title="All")
    two = Builder(ladder_of(duty, tiers=(tier,), role="associate"), record_of("Bo", role="associate")).measured()
    book = book_of(team(TODAY, [one, two]))
    matrices = {name: matrix(book, name) for name in book.sheetnames if name.startswith("Matrix")}
    told = {name: (rows[0][6], rows[2][0]) for name, rows in matrices.items()}
    assert told == {"Matrix advocate": ("The work", "Ann"), "Matrix associate": ("The duty", "Bo")}


# --- special people -------------------------------------------------------------------------------------------


def test_a_tier_without_months_has_no_days() -> None:
    """A tier without a due date says n/a for its days and its pace, and counts as any other."""
    duty = Task(id="duty", name="Duty", why="W", expectations={"all": entries("x", "y")})
    ladder = ladder_of(duty, tiers=(Tier(id="all", title="All"),))
    row = rows_of(book_of(team(TODAY, [Builder(ladder, record_of()).check(TODAY, "x").measured()])), "Summary")[0]
    assert [row[name] for name in ("Begins", "Due", "Expected", "Ahead")] == ["n/a"] * 4
    assert [row[name] for name in ("Total", "Open", "Checked", "Overdue")] == [2, 1, 1, 0]


def test_who_has_finished_stands_there_with_the_days() -> None:
    """A finished tier has its day, and the manager's final sign-off its day and name; a ready one says so."""
    task = Task(id="t", name="T", why="W", expectations={"0-3": entries("x"), "6+": entries("y")})
    builder = Builder(ladder_of(task), record_of()).sign(date(2026, 2, 2), "x").sign(date(2026, 3, 3), "y")
    kim = Person(name="Kim", role="manager")
    builder.record = graduate(builder.record, builder.ladder, stamp(date(2026, 2, 9)), kim, NEW)
    book = book_of(team(TODAY, [builder.measured()]))
    headings = ("Finished", "Ready for final sign-off", "Final sign-off by", "Final sign-off on")
    assert [[row[name] for name in headings] for row in rows_of(book, "Summary")] == [
        [date(2026, 2, 2), "no", "Kim", date(2026, 2, 9)],
        [date(2026, 3, 3), "yes", None, None],
    ]
    assert rows_of(book, "Matrix") != []
    assert matrix(book)[2][5] == date(2026, 3, 3)


def test_an_altered_record_has_no_fingerprint() -> None:
    """A record that is not as it was written says so where its fingerprint would vouch for it."""
    builder = Builder(ladder_of(work()), record_of())
    builder.record = replace(builder.record, altered=True)
    row = rows_of(book_of(team(TODAY, [builder.measured()])), "Summary")[0]
    assert row["Fingerprint"] == "none: the record is not as it was written"


def test_who_is_missing_is_said_on_top() -> None:
    """What could not be read is said above the summary, and named with the reason on a sheet of its own."""
    book = book_of(team(TODAY, [ann()], [Unreadable("bo.json", "It is empty.")]))
    told = "Not all are here: 1 record could not be read, see the sheet Unreadable."
    assert [_value(book["Summary"][cell]) for cell in ("A1", "B1", "A2")] == ["Progress on", TODAY, told]
    assert rows_of(book, "Unreadable") == [{"File": "bo.json", "Why": "It is empty."}]
    assert "Unreadable" not in book_of(team(TODAY, [ann()])).sheetnames


def test_a_team_of_unreadable_records_is_still_a_workbook() -> None:
    """Where nothing could be read, the workbook opens and says what is missing."""
    book = book_of(team(TODAY, [], [Unreadable("bo.json", "It is empty.")]))
    assert book.sheetnames == ["Summary", "Waiting", "Overdue", "Counts", "Items", "Unreadable"]
    assert rows_of(book, "Summary") == rows_of(book, "Items") == []
    assert rows_of(book, "Unreadable") == [{"File": "bo.json", "Why": "It is empty."}]


def test_a_day_before_excels_first_is_text() -> None:
    """Excel has no days before 1900, and counts one in it that never was: such a day is written as text."""
    row = rows_of(
        book_of(team(TODAY, [Builder(ladder_of(work()), record_of(start=date(1899, 5, 1))).measured()])), "Summary"
    )
    assert row[0]["Start"] == "1899-05-01"
    row = rows_of(
        book_of(team(TODAY, [Builder(ladder_of(work()), record_of(start=date(1900, 3, 1))).measured()])), "Summary"
    )
    assert row[0]["Start"] == date(1900, 3, 1)


# --- hostile text ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text(text: str) -> None:
    """A name, a wording, a mentor or a reason that looks like a formula, a link, a day or markup stays what it says."""
    task = Task(id="t", name=text, why="W", expectations={"0-3": entries("x", "y", text=text)})
    builder = Builder(ladder_of(task), record_of(text, mentor=f"{text}m")).check(TODAY, "x").sign(TODAY, "y")
    progress = team(TODAY, [builder.measured()], [Unreadable(text, text)])
    book = book_of(progress)
    shown = visible(text)
    items = rows_of(book, "Items")
    assert [(row["Trainee"], row["Text"], row["Signed by"]) for row in items] == [
        (shown, shown, None),
        (shown, shown, visible(f"{text}m")),
    ]
    assert rows_of(book, "Waiting")[0]["Mentor"] == visible(f"{text}m")
    assert rows_of(book, "Unreadable") == [{"File": shown, "Why": shown}]
    assert matrix(book)[0][6] == shown
    with zipfile.ZipFile(io.BytesIO(report_xlsx(progress))) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "/worksheets/" in name]
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}


def test_the_markup_of_excels_own_files_stays_text() -> None:
    """A text that reads as Excel's own rich text is not written into the file as it is."""
    hostile = "<r><t>a</t></r><evil/><r></r>"
    book = book_of(team(TODAY, [Builder(ladder_of(work()), record_of(hostile)).measured()]))
    assert {row["Trainee"].rstrip() for row in rows_of(book, "Items")} == {hostile}


@pytest.mark.parametrize(("char", "units"), [("x", 1), ("\U0001f600", 2)])
def test_a_text_longer_than_a_cell_is_cut_visibly(char: str, units: int) -> None:
    """Excel holds 32,767 characters in a cell, as UTF-16 counts them: a longer text ends with an ellipsis."""
    task = Task(id="t", name="T", why="W", expectations={"0-3": entries("x", text=char * 40_000)})
    text = rows_of(book_of(team(TODAY, [Builder(ladder_of(task), record_of()).measured()])), "Items")[0]["Text"]
    assert text == char * (32_766 // units) + "…"


def test_cells_that_look_like_formulas_are_marked_as_text() -> None:
    """A name that begins as a formula does stays text when somebody edits its cell in Excel."""
    book = book_of(team(TODAY, [Builder(ladder_of(work()), record_of("=1+1")).measured()]))
    assert book["Items"]["A2"].value == "=1+1"
    assert book["Items"]["A2"].quotePrefix


# --- sheets and pages -----------------------------------------------------------------------------------------


def test_every_list_is_ready_to_filter_to_read_and_to_print() -> None:
    """Headings stay in sight and on every page, lists can be filtered, and a page is as wide as the list."""
    book = book_of(team(TODAY, [ann()], [Unreadable("bo.json", "It is empty.")]))
    assert book.sheetnames == ["Summary", "Matrix", "Waiting", "Overdue", "Counts", "Items", "Unreadable"]
    heads = {"Summary": 3, "Matrix": 2}
    for sheet in book:
        head = heads.get(sheet.title, 1)
        assert sheet.freeze_panes == f"B{head + 1}"
        assert sheet.auto_filter.ref.startswith(f"A{head}:")
        first = 1 if sheet.title == "Matrix" else head
        assert sheet.print_title_rows == f"${first}:${head}"
        assert sheet.page_setup.orientation == "landscape"
        page, fit = sheet.page_setup, sheet.sheet_properties.pageSetUpPr
        assert fit is not None
        assert (fit.fitToPage, page.fitToWidth or 1, page.fitToHeight) == (True, 1, 0)
        foot = sheet.oddFooter
        assert foot is not None
        told = [part.text for part in (foot.left, foot.center, foot.right) if part]
        assert told == ["&A", "Progress on 2026-04-20", "Page &P of &N"]


def test_columns_are_as_wide_as_what_stands_in_them() -> None:
    """A name fits into its column, an item's text of many words stands on as many lines as it needs."""
    task = Task(id="t", name="T", why="W", expectations={"0-3": entries("x", text="word " * 60)})
    trainee = Builder(ladder_of(task), record_of("Maria Lopez-Smith")).measured()
    sheet: Worksheet = book_of(team(TODAY, [trainee]))["Items"]
    assert sheet.column_dimensions["A"].width > len("Maria Lopez-Smith")
    assert sheet.column_dimensions["F"].width == pytest.approx(60, abs=2)
    assert sheet["F2"].alignment.wrap_text
    assert sheet.row_dimensions[2].height == 5 * 15


def test_what_is_late_stands_out_without_colour() -> None:
    """Overdue numbers and a pace below zero are bold; n/a, which Excel takes for more than any number, is not."""
    sheet: Worksheet = book_of(team(TODAY, [ann()]))["Summary"]
    rules = {
        str(each.sqref): [(rule.formula[0], rule.dxf.font.b) for rule in each.rules]
        for each in sheet.conditional_formatting
    }
    assert rules["N3:N4"] == [("IF(ISNUMBER($N3),$N3>0)", True)]
    assert rules["P3:P4"] == [("IF(ISNUMBER($P3),$P3<0)", True)]
    assert (sheet["N2"].value, sheet["P2"].value) == ("Overdue", "Ahead")


def test_the_same_team_gives_the_same_bytes() -> None:
    """A workbook is dated by the day it is about, and written twice it is the same."""
    progress = team(TODAY, [ann()])
    assert report_xlsx(progress) == report_xlsx(progress)
    assert book_of(progress).properties.created == datetime(2026, 4, 20)


def test_a_list_of_more_rows_than_a_sheet_has_goes_on_in_another() -> None:
    """No row is lost where a sheet is full: the list goes on in the next, with its headings."""
    trainee = ann()
    book = book_of(team(TODAY, [trainee]), most_rows=3)
    parts = [name for name in book.sheetnames if name.startswith("Items")]
    assert parts == ["Items", "Items 2", "Items 3"]
    ids = [row["Item"] for name in parts for row in rows_of(book, name)]
    assert ids == [item.item.id for item in trainee.items]


def test_long_ids_of_roles_give_names_that_sheets_can_have() -> None:
    """The name of a sheet has 31 characters at most, and no other sheet has it."""
    roles = [f"{'long-' * 6}role-{number}" for number in (1, 2)]
    each = [Builder(ladder_of(work(), role=role), record_of(role=role)).measured() for role in roles]
    names = [name for name in book_of(team(TODAY, each)).sheetnames if name.startswith("Matrix")]
    assert names == ["Matrix long-long-long-long-long", "Matrix long-long-long-long-lo 2"]


def test_another_program_opens_and_prints_it(tmp_path: Path) -> None:
    """LibreOffice opens the workbook and prints it: names and figures stand there as they were written."""
    soffice, pdftotext = tool("soffice"), tool("pdftotext")
    hostile = Builder(ladder_of(work()), record_of("=1+1 _x0041_ <b>")).measured()
    path = tmp_path / "team.xlsx"
    path.write_bytes(report_xlsx(team(TODAY, [ann(), hostile], [Unreadable("bo.json", "It is empty.")])))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(convert, check=True, capture_output=True, timeout=300)
    printed = subprocess.run(
        [pdftotext, "-layout", str(tmp_path / "team.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout
    pages = [page for page in printed.split("\f") if page.strip()]
    assert [page.split("Progress on 2026-04-20")[-2].split()[-1] for page in pages] == [
        *("Summary", "Matrix", "Waiting", "Overdue", "Counts", "Items", "Unreadable")
    ]
    summary = next(line.split() for line in pages[0].splitlines() if line.startswith("Ann") and "0-3" in line)
    figures = "2026-01-05 4 0-3 2026-01-05 2026-04-05 4 1 1 1 1 1 3 4 -2 2 1 0 0 2 1 0 0"
    assert " ".join(summary[3:]).startswith(figures)
    assert "=1+1 _x0041_ <b>" in printed
    assert "bo.json" in pages[-1]
