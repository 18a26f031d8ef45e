"""The workbook: every cell read back against what was measured, and opened by another program."""

import io
import subprocess
import zipfile
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from ca_ladder.catalogue.models import Catalogue, Entry, Months, Role, Task, Tier
from ca_ladder.progress.results import Counts, TraineeProgress, WaitingOn
from ca_ladder.progress.team import TeamProgress, Unreadable, team
from ca_ladder.renderers.display import visible
from ca_ladder.renderers.xlsx import report_xlsx
from tests.conftest import tool
from tests.renderers.people import TODAY, trainee

NEW = Tier(id="0-3", title="New in role", months=Months(first=0, until=3))
ABOVE = Tier(id="6+", title="Exceeding expectations", months=Months(first=6))
ALWAYS = Tier(id="all", title="All")
BROKEN = Unreadable("bo.json", "It is empty.")

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


def catalogue(*tasks: Task, tiers: tuple[Tier, ...] = (NEW, ABOVE), role: str = "clerk") -> Catalogue:
    """Return a catalogue of one role with these tasks."""
    return Catalogue("v1", (Role(id=role, name=f"The {role}", tiers=tiers, tasks=tasks),))


def task(id_: str, *ids: str, name: str = "Other work", text: str = "Do it", tier: str = "0-3") -> Task:
    """Return a task with these items in one tier."""
    return Task(id=id_, name=name, why="W", expectations={tier: entries(*ids, text=text)})


EXPECTED = {"0-3": entries("a", "b", "c", "d", "e"), "6+": entries("f")}
WORK = Task(id="work", name="The work", why="W", expectations=EXPECTED, skills=entries("s"))
OFFICE = catalogue(WORK)
ANN = trainee(
    "Ann",
    "2026-01-05",
    *("2026-01-20 check a", "2026-01-22 sign a", "2026-02-02 check b c", "2026-02-04 return c", "2026-02-04 waive d"),
    catalogue=OFFICE,
)


def book_of(*trainees: TraineeProgress, unreadable: tuple[Unreadable, ...] = (), **options: int) -> Workbook:
    """Return the workbook of a team as another library reads it."""
    return load_workbook(io.BytesIO(report_xlsx(team(TODAY, trainees, unreadable), **options)))


def rows_of(book: Workbook, name: str) -> list[dict[str, Any]]:
    """Return the rows of a sheet, each by its headings; dates as dates, the headings in the row with the filter."""
    sheet: Worksheet = book[name]
    left, top, right, bottom = range_boundaries(str(sheet.auto_filter.ref))
    headings, *rows = ([value(cell) for cell in row] for row in sheet.iter_rows(top, bottom, left, right))
    return [dict(zip(map(str, headings), row, strict=True)) for row in rows]


def columns_of(book: Workbook, name: str, *headings: str) -> list[tuple[Any, ...]]:
    """Return the cells of each row of a sheet below these headings."""
    return [tuple(row[heading] for heading in headings) for row in rows_of(book, name)]


def matrix(book: Workbook, name: str = "Matrix") -> list[list[Any]]:
    """Return the rows of a matrix from the top, its two rows of headings too."""
    return [[value(cell) for cell in row] for row in book[name].iter_rows()]


def value(cell: Any) -> Any:
    """Return what is in a cell; a date as a date."""
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
    waits = ("Waits on trainee", "Waits on mentor", "Waits on manager", "Not yet possible")
    late = ("Overdue by trainee", "Overdue by mentor", "Overdue by manager", "Overdue, not yet possible")
    return dict(zip((*waits, *late), (*waits_on, *overdue_by), strict=True))


# --- the cells ------------------------------------------------------------------------------------------------


def test_the_summary_has_a_row_for_each_trainee_and_tier() -> None:
    """Every figure of a tier stands in the summary: numbers as numbers, dates as dates, n/a where there is no day."""
    first, second = rows_of(book_of(ANN), "Summary")
    assert first == {
        "Trainee": "Ann",
        "Role": "The clerk",
        "Start": date(2026, 1, 5),
        "Month": 4,
        "Tier": "0-3",
        "Begins": date(2026, 1, 5),
        "Due": date(2026, 4, 5),
        **count_columns(Counts(total=4, open=1, checked=1, returned=1, signed=1, waived=1, overdue=3)),
        "Expected": 4,
        "Ahead or behind": -2,
        **owner_columns(WaitingOn(trainee=2, mentor=1), WaitingOn(trainee=2, mentor=1)),
        "Forecast": "n/a",
        "Finished": None,
        "Ready for final sign-off": "no",
        "Final sign-off by": None,
        "Final sign-off on": None,
        "Fingerprint": ANN.fingerprint,
        "Entries that do not count": 0,
    }
    assert (second["Tier"], second["Begins"], second["Due"]) == ("6+", date(2026, 7, 5), "n/a")
    assert (second["Total"], second["Expected"], second["Ahead or behind"]) == (1, "n/a", "n/a")
    assert (second["Not yet possible"], second["Overdue, not yet possible"]) == (1, 0)


def test_a_row_of_the_counts_names_kind_tier_task_and_due_date() -> None:
    """The counts say of each row what it is about."""
    first, *_ = columns_of(book_of(ANN), "Counts", "Kind", "Tier", "Task", "Due")
    assert first == ("expectation", "0-3", "work", date(2026, 4, 5))


def test_the_items_have_a_row_each() -> None:
    """An item tells its state, whose move it is and its days; what has not happened yet is blank."""
    assert rows_of(book_of(ANN), "Items")[0] == {
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
        "Signed by": "Pat Lee",
        "Blocked by": None,
    }


def test_what_waits_and_what_is_overdue_are_lists() -> None:
    """What waits for a mentor says at whose desk and since when, what is overdue says whose move it is."""
    book = book_of(ANN)
    assert rows_of(book, "Waiting") == [
        {
            "Mentor": "Pat Lee",
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
    assert columns_of(book, "Overdue", "Item", "State", "Waits on", "Due", "Days") == [
        ("b", "checked", "mentor", date(2026, 4, 5), 15),
        ("c", "returned", "trainee", date(2026, 4, 5), 15),
        ("e", "open", "trainee", date(2026, 4, 5), 15),
    ]


def test_an_empty_list_says_so() -> None:
    """A list without rows says that it is empty, below its headings and outside its filter."""
    book = book_of(trainee("Ann", "2026-04-20", catalogue=OFFICE))
    for name in ("Waiting", "Overdue"):
        assert rows_of(book, name) == []
        assert [cell.value for cell in book[name]["A"] if cell.value] == [book[name]["A1"].value, "None"]


# --- the matrix -----------------------------------------------------------------------------------------------


def test_the_matrix_shows_signed_checked_and_total_of_each_task() -> None:
    """A row for each trainee, three numbers for each task in all tiers, whose name stands above the three."""
    deeds = ("2026-02-02 check a b", "2026-04-20 sign a")
    ann = trainee("Ann", "2026-01-05", *deeds, catalogue=catalogue(WORK, task("other", "o")))
    above, headings, row = matrix(book_of(ann))[:3]
    assert above == [*[None] * 6, "The work", None, None, "Other work", None, None]
    assert headings[:6] == ["Trainee", "Month", "Tier", "Ahead or behind", "Forecast", "Finished"]
    assert headings[6:] == ["Signed", "Checked", "Total"] * 2
    assert row == ["Ann", 4, "n/a", -4, "n/a", None, 1, 1, 6, 0, 0, 1]


def test_the_shade_of_the_matrix_follows_the_numbers() -> None:
    """Three cells of a task share a shade by how much of the total is signed off, also after the rows are sorted."""
    formats = {str(area.sqref): area.rules for area in book_of(ANN)["Matrix"].conditional_formatting}
    assert [rule.formula[0] for rule in formats["G3:I3"]] == [
        "IF(ISNUMBER($G3),$G3=$I3)",
        "IF(ISNUMBER($G3),2*$G3>=$I3)",
        "IF(ISNUMBER($G3),$G3>0)",
    ]
    assert [rule.formula[0] for rule in formats["D3"]] == ["IF(ISNUMBER($D3),$D3<0)"]
    shades = [int(rule.dxf.fill.bgColor.rgb[2:4], 16) for rule in formats["G3:I3"]]
    assert min(later - earlier for earlier, later in pairwise(shades)) > 60


def test_a_task_that_asks_for_nothing_is_not_zero() -> None:
    """Where all of a task is waived there is nothing to count, and the matrix says n/a, never 0 of 0."""
    book = book_of(trainee("Ann", "2026-01-05", "2026-02-02 waive x", catalogue=catalogue(task("t", "x"))))
    assert matrix(book)[2][6:] == ["n/a", "n/a", "n/a"]
    first, second = rows_of(book, "Summary")
    assert (first["Total"], first["Waived"], first["Expected"], first["Ahead or behind"]) == (0, 1, "n/a", "n/a")
    assert {second[name] for name in ["Total", "Open", "Signed", "Waits on trainee", "Overdue by mentor"]} == {"n/a"}


def test_each_role_has_a_matrix() -> None:
    """People of two roles stand in two matrices, each with its own tasks."""
    duties = catalogue(task("duty", "x", name="The duty", tier="all"), tiers=(ALWAYS,), role="senior")
    book = book_of(ANN, trainee("Bo", "2026-01-05", role="senior", catalogue=duties))
    matrices = {name: matrix(book, name) for name in book.sheetnames if name.startswith("Matrix")}
    assert {name: (rows[0][6], rows[2][0]) for name, rows in matrices.items()} == {
        "Matrix clerk": ("The work", "Ann"),
        "Matrix senior": ("The duty", "Bo"),
    }


# --- special people -------------------------------------------------------------------------------------------


def test_a_tier_without_months_has_no_days() -> None:
    """A tier without a due date says n/a for its days and its pace, and counts as any other."""
    duties = catalogue(task("duty", "x", "y", tier="all"), tiers=(ALWAYS,))
    row = rows_of(book_of(trainee("Ann", "2026-01-05", "2026-04-20 check x", catalogue=duties)), "Summary")[0]
    assert [row[name] for name in ("Begins", "Due", "Expected", "Ahead or behind")] == ["n/a"] * 4
    assert [row[name] for name in ("Total", "Open", "Checked", "Overdue")] == [2, 1, 1, 0]


def test_an_altered_record_has_no_fingerprint() -> None:
    """A record with entries that do not count says so where its fingerprint would vouch for it."""
    row = rows_of(book_of(ANN._replace(fingerprint=None)), "Summary")[0]
    assert row["Fingerprint"] == "none, because not every entry counts"


def test_who_is_missing_is_said_on_top() -> None:
    """What could not be read is said above the summary, and named with the reason on a sheet of its own."""
    book = book_of(ANN, unreadable=(BROKEN,))
    missing = "Not all are here: 1 record could not be read, see the sheet Unreadable."
    assert [value(book["Summary"][cell]) for cell in ("A1", "B1", "A2")] == ["Progress on", TODAY, missing]
    assert columns_of(book, "Unreadable", "File", "Why") == [BROKEN]
    assert "Unreadable" not in book_of(ANN).sheetnames


def test_a_team_of_unreadable_records_is_still_a_workbook() -> None:
    """Where nothing could be read, the workbook opens and says what is missing."""
    book = book_of(unreadable=(BROKEN,))
    assert book.sheetnames == ["Summary", "Waiting", "Overdue", "Counts", "Items", "Unreadable"]
    assert rows_of(book, "Summary") == rows_of(book, "Items") == []
    assert columns_of(book, "Unreadable", "File", "Why") == [BROKEN]


@pytest.mark.parametrize(("start", "cell"), [("1899-05-01", "1899-05-01"), ("1900-03-01", date(1900, 3, 1))])
def test_a_day_before_excels_first_is_text(start: str, cell: str | date) -> None:
    """Excel has no days before 1900, and counts one in it that never was: such a day is written as text."""
    assert rows_of(book_of(trainee("Ann", start, catalogue=OFFICE)), "Summary")[0]["Start"] == cell


# --- hostile text ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text(text: str) -> None:
    """A name, a wording, a mentor or a reason that looks like a formula, a link, a day or markup stays what it says."""
    words = catalogue(task("t", "x", "y", name=text, text=text))
    deeds = ("2026-04-20 check x", "2026-04-20 sign y")
    ann = trainee(text, "2026-01-05", *deeds, mentors=(f"{text}m",), catalogue=words)
    progress = team(TODAY, [ann], [Unreadable(text, text)])
    book = book_of(ann, unreadable=(Unreadable(text, text),))
    shown, mentor = visible(text), visible(f"{text}m")
    assert columns_of(book, "Items", "Trainee", "Text", "Signed by") == [(shown, shown, None), (shown, shown, mentor)]
    assert columns_of(book, "Waiting", "Mentor") == [(mentor,)]
    assert columns_of(book, "Unreadable", "File", "Why") == [(shown, shown)]
    assert matrix(book)[0][6] == shown
    with zipfile.ZipFile(io.BytesIO(report_xlsx(progress))) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "/worksheets/" in name]
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}


def test_the_markup_of_excels_own_files_stays_text() -> None:
    """A text that reads as Excel's own rich text is not written into the file as it is."""
    hostile = "<r><t>a</t></r><evil/><r></r>"
    book = book_of(trainee(hostile, "2026-01-05", catalogue=OFFICE))
    assert {row["Trainee"].rstrip() for row in rows_of(book, "Items")} == {hostile}


@pytest.mark.parametrize(("char", "units"), [("x", 1), ("\U0001f600", 2)])
def test_a_text_longer_than_a_cell_is_cut_visibly(char: str, units: int) -> None:
    """Excel holds 32,767 characters in a cell, as UTF-16 counts them: a longer text ends with an ellipsis."""
    book = book_of(trainee("Ann", "2026-01-05", catalogue=catalogue(task("t", "x", text=char * 40_000))))
    assert rows_of(book, "Items")[0]["Text"] == char * (32_766 // units) + "…"


def test_cells_that_look_like_formulas_are_marked_as_text() -> None:
    """A name that begins as a formula does stays text when somebody edits its cell in Excel."""
    cell = book_of(trainee("=1+1", "2026-01-05", catalogue=OFFICE))["Items"]["A2"]
    assert (cell.value, cell.quotePrefix) == ("=1+1", True)


# --- sheets and pages -----------------------------------------------------------------------------------------


def test_every_list_is_ready_to_filter_to_read_and_to_print() -> None:
    """Headings stay in sight and on every page, lists can be filtered, and a page is as wide as the list."""
    book = book_of(ANN, unreadable=(BROKEN,))
    assert book.sheetnames == ["Summary", "Matrix", "Waiting", "Overdue", "Counts", "Items", "Unreadable"]
    for sheet in book:
        head = {"Summary": 3, "Matrix": 2}.get(sheet.title, 1)
        assert sheet.freeze_panes == f"B{head + 1}"
        assert sheet.auto_filter.ref.startswith(f"A{head}:")
        assert sheet.print_title_rows == f"${1 if sheet.title == 'Matrix' else head}:${head}"
        page, fit, foot = sheet.page_setup, sheet.sheet_properties.pageSetUpPr, sheet.oddFooter
        assert fit is not None
        assert foot is not None
        assert (page.orientation, fit.fitToPage, page.fitToWidth or 1, page.fitToHeight) == ("landscape", True, 1, 0)
        parts = [part.text for part in (foot.left, foot.center, foot.right) if part]
        assert parts == ["&A", "Progress on 2026-04-20", "Page &P of &N"]


def test_columns_are_as_wide_as_what_stands_in_them() -> None:
    """A name fits into its column, an item's text of many words stands on as many lines as it needs."""
    book = book_of(trainee("Maria Lopez-Smith", "2026-01-05", catalogue=catalogue(task("t", "x", text="word " * 60))))
    sheet: Worksheet = book["Items"]
    assert sheet.column_dimensions["A"].width > len("Maria Lopez-Smith")
    assert sheet.column_dimensions["F"].width == pytest.approx(60, abs=2)
    assert sheet["F2"].alignment.wrap_text
    assert sheet.row_dimensions[2].height == 5 * 15


def test_what_is_late_stands_out_without_colour() -> None:
    """Overdue numbers and a pace below zero are bold; n/a, which Excel takes for more than any number, is not."""
    sheet: Worksheet = book_of(ANN)["Summary"]
    formats = {str(area.sqref): area.rules for area in sheet.conditional_formatting}
    for column, heading, rule in (
        ("N", "Overdue", "IF(ISNUMBER($N3),$N3>0)"),
        ("P", "Ahead or behind", "IF(ISNUMBER($P3),$P3<0)"),
    ):
        assert sheet[f"{column}2"].value == heading
        assert [(known.formula[0], known.dxf.font.b) for known in formats[f"{column}3:{column}4"]] == [(rule, True)]


def test_the_same_team_gives_the_same_bytes() -> None:
    """A workbook is dated by the day it is about, and written twice it is the same."""
    progress: TeamProgress = team(TODAY, [ANN])
    assert report_xlsx(progress) == report_xlsx(progress)
    assert book_of(ANN).properties.created == datetime(2026, 4, 20)


def test_a_list_of_more_rows_than_a_sheet_has_goes_on_in_another() -> None:
    """No row is lost where a sheet is full: the list goes on in the next, with its headings."""
    book = book_of(ANN, most_rows=3)
    parts = [name for name in book.sheetnames if name.startswith("Items")]
    assert parts == ["Items", "Items 2", "Items 3"]
    assert [row["Item"] for name in parts for row in rows_of(book, name)] == [item.item.id for item in ANN.items]


def test_long_ids_of_roles_give_names_that_sheets_can_have() -> None:
    """The name of a sheet has 31 characters at most, and no other sheet has it."""
    roles = [f"{'long-' * 6}role-{number}" for number in (1, 2)]
    people = [trainee("Ann", "2026-01-05", role=role, catalogue=catalogue(WORK, role=role)) for role in roles]
    names = [name for name in book_of(*people).sheetnames if name.startswith("Matrix")]
    assert names == ["Matrix long-long-long-long-long", "Matrix long-long-long-long-lo 2"]


@pytest.mark.slow
def test_another_program_opens_and_prints_it(tmp_path: Path) -> None:
    """LibreOffice opens the workbook and prints it: names, figures and the last word of a long text are there."""
    soffice, pdftotext = tool("soffice"), tool("pdftotext")
    long = catalogue(task("t", "x", text=f"{'word ' * 60}end"))
    people = [ANN, trainee("=1+1 _x0041_ <b>", "2026-01-05", catalogue=long)]
    path = tmp_path / "team.xlsx"
    path.write_bytes(report_xlsx(team(TODAY, people, [BROKEN])))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(convert, check=True, capture_output=True, timeout=300)
    read = [pdftotext, "-layout", str(tmp_path / "team.pdf"), "-"]
    printed = subprocess.run(read, check=True, capture_output=True, text=True).stdout
    pages = [page for page in printed.split("\f") if page.strip()]
    assert [page.split("Progress on 2026-04-20")[-2].split()[-1] for page in pages] == [
        *("Summary", "Matrix", "Waiting", "Overdue", "Counts", "Items", "Unreadable")
    ]
    summary = next(line.split() for line in pages[0].splitlines() if line.startswith("Ann") and "0-3" in line)
    figures = "2026-01-05 4 0-3 2026-01-05 2026-04-05 4 1 1 1 1 1 3 4 -2 2 1 0 0 2 1 0 0"
    assert " ".join(summary[3:]).startswith(figures)
    assert "=1+1 _x0041_ <b>" in printed
    assert "end" in pages[5].split()
    assert "bo.json" in pages[-1]
