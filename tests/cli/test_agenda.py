"""The sheet for the next one-to-one: whoever sits down with it sees what there is to talk about, and nothing else."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ca_ladder.errors import BadInput, NoRecord
from tests.catalogues import BUSY_CLERK
from tests.conftest import Cli, screen


@pytest.fixture
def ann(cli: Cli, catalogue: Callable[[str], Path]) -> Cli:
    """Ann Lee on 20 April, two weeks after her first tier was due: some signed off, some waits, some came back."""
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(BUSY_CLERK))}
    cli.on_day("2026-01-05")("init", "--name=Ann Lee", "--start=2026-01-05", "--mentor=Mo Ray", "--manager=Kim Novak")
    cli.on_day("2026-02-02")("check", "file-01", "--note=Twice this week", "--evidence=Box 7")
    cli("check", "file-02", "stamp-01")
    cli.on_day("2026-02-10")("signoff", "stamp-01", "--by=Mo Ray", as_="mo")
    cli("return", "file-02", "--by=Mo Ray", "--because=Too slow", as_="mo")
    cli.on_day("2026-03-02")("check", "file-03")
    cli("note", "file-03", "Look at the third page", "--by=Mo Ray", as_="mo")
    return cli.on_day("2026-04-20")


@pytest.fixture
def finished(cli: Cli, catalogue: Callable[[str], Path]) -> Cli:
    """Ann Lee on 16 March with all signed off, on the day she began."""
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(BUSY_CLERK))}
    cli("init", "--name=Ann Lee", "--start=2026-03-16", "--manager=Kim Novak")
    cli("signoff", "--all", "--observed", "--by=Mo Ray", "--yes", as_="mo")
    return cli


def words(text: str) -> list[str]:
    """Return the words of a screen, whichever way they are laid out."""
    return text.replace("─", " ").split()


# --- the sheet ------------------------------------------------------------------------------------------------


def test_the_sheet_redirected(ann: Cli) -> None:
    """Each section says what there is to talk about, with the words, days, reasons and evidence it takes."""
    assert ann("agenda").stdout == screen(
        """
        Ann Lee, Clerk
        On 2026-04-20: month 4 since 2026-01-05, tier 3-6 Meeting

        Progress so far
        Tier 0-3: 6 of 6 expected by now, 3 checked or signed: 3 behind.
        Tier 3-6: 0 of 2 expected by now, 0 checked or signed: on pace.

        Ready to sign off
        file-01  File a letter. Since 2026-02-02, 77 days. Ann Lee: Twice this week. Evidence: Box 7.
        file-03  Send a letter. Since 2026-03-02, 49 days. Mo Ray: Look at the third page.

        Returned, to do again
        file-02  Find a letter. Mo Ray on 2026-02-10: Too slow

        Overdue, the trainee's move
        file-02  Find a letter
        file-04  Burn a letter

        Overdue, and not the trainee's move
        a mentor's move   file-01, file-03
        not yet possible  file-05

        Comes next
        file-06  Teach filing
        file-07  Teach finding
        file-t2  Read the filing plan

        The mentor leads
        file-t1   Ask the employee to explain the filing plan
        stamp-t1  Ask the employee to explain the price of stamps

        The manager's
        file-m1  Ask the archive who files late

        What changed since 2026-02-10
        On          What     Item     By       Words
        2026-03-02  checked  file-03  Ann Lee
        2026-03-02  noted    file-03  Mo Ray   Look at the third page
        """
    )


@pytest.mark.parametrize("width", [80, 120])
def test_the_sheet_at_a_terminal(ann: Cli, width: int) -> None:
    """It holds the same words, broken between them, and no line is longer than the screen."""
    redirected = ann("agenda").stdout
    ann.terminal, ann.width = True, width
    shown = ann("agenda").stdout
    assert words(shown) == words(redirected)
    assert max(map(len, shown.splitlines())) <= width


def headings(markdown: str) -> list[str]:
    """Return the sections of a sheet in Markdown."""
    return [line[3:] for line in markdown.splitlines() if line.startswith("## ")]


def test_the_sheet_in_markdown(ann: Cli) -> None:
    """The same lines as a text to paste: titles with their marks, ids and names in bold."""
    name, *sections = ann("agenda").stdout.partition("\n\nWhat changed")[0].split("\n\n")
    expected = ["# " + name.replace("\n", "\n\n")]
    for title, _, lines in (section.partition("\n") for section in sections):
        named = [re.sub(r"^(\S.*?)  +", r"**\1** ", line) for line in lines.splitlines()]
        expected.append(f"## {title}\n\n" + "\n".join(f"- {line}" for line in named))
    sheet, _, changes = ann("agenda", "--format=markdown").stdout.partition("\n\n## What changed since 2026-02-10\n\n")
    assert sheet == "\n\n".join(expected)
    assert changes == screen(
        """
        - 2026-03-02 file-03 checked by Ann Lee
        - 2026-03-02 file-03 noted by Mo Ray: Look at the third page
        """
    )


def test_the_sheet_as_a_page(ann: Cli) -> None:
    """The same sections to print, with a box for each item and room to write."""
    page = ann("agenda", "--format=html").stdout
    titles = [part.split("</h2>")[0].replace("&#39;", "'") for part in page.split("<h2>")[1:]]
    assert titles == [*headings(ann("agenda", "--format=markdown").stdout), "Agreed today"]
    assert '<span class="box" aria-hidden="true"></span><b>file-02</b><span>Find a letter. Mo Ray on' in page
    for reaching_out in ("<script", "<link", "src=", "href=", "url("):
        assert reaching_out not in page


@pytest.mark.parametrize(("ending", "format_"), [("md", "markdown"), ("html", "html"), ("txt", "table")])
def test_the_sheet_in_a_file(ann: Cli, tmp_path: Path, ending: str, format_: str) -> None:
    """The file's ending says the format; what it holds is what is printed."""
    file = tmp_path / f"sheet.{ending}"
    assert ann("agenda", "-o", str(file)).stdout == f"The sheet is in {file}.\n"
    assert words(file.read_text(encoding="utf-8")) == words(ann("agenda", f"--format={format_}").stdout)


@pytest.mark.parametrize("args", [["-o", "sheet.csv"], ["--format=csv"], ["--format=xlsx"], ["--open"]])
def test_a_sheet_of_no_known_kind(ann: Cli, args: list[str]) -> None:
    """What cannot be made is told, and no file appears."""
    beside = sorted(ann.store.parent.iterdir())
    assert ann("agenda", *args, code=BadInput.exit_code).stdout == ""
    assert sorted(ann.store.parent.iterdir()) == beside


def test_the_sheet_is_of_one_trainee(ann: Cli) -> None:
    """Of a team's folder it asks which one; a name nearly right is enough."""
    ann.store = ann.store.parent / "team"
    ann.store.mkdir()
    ann("agenda", code=NoRecord.exit_code)
    for name in ("Ann Lee", "Ben Ode"):
        ann("init", f"--name={name}", "--start=2026-04-06")
    assert "Here are: Ann Lee, Ben Ode." in ann("agenda", code=BadInput.exit_code).stderr
    assert ann("agenda", "--trainee=ben").stdout.startswith("Ben Ode, Clerk\n")


# --- what stands in which section -----------------------------------------------------------------------------


def sections(cli: Cli, *args: str) -> dict[str, str]:
    """Return the lines below each title of a sheet."""
    _, *parts = cli("agenda", *args).stdout.split("\n\n")
    return {title: lines for title, _, lines in (part.partition("\n") for part in parts)}


def test_on_the_first_day(cli: Cli, catalogue: Callable[[str], Path]) -> None:
    """A new record: what comes next and who leads it; nothing is said of what is not there."""
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(BUSY_CLERK))}
    cli("init", "--name=Ann Lee", "--start=today")
    sheet = sections(cli)
    assert list(sheet) == [
        "Progress so far",
        "Comes next",
        "The mentor leads",
        "The manager's",
        "What changed since the beginning",
    ]
    assert sheet["Progress so far"] == (
        "Tier 0-3: 0 of 6 expected by now, 0 checked or signed: on pace.\nTier 3-6: begins on 2026-06-16."
    )
    coming = [line.split()[0] for line in sheet["Comes next"].splitlines()]
    assert coming == ["file-01", "file-02", "file-03", "file-04", "file-05", "stamp-01", "file-t2", "file-06"]
    assert sheet["What changed since the beginning"] == "Nothing.\n"


def test_activities_are_those_of_the_tasks_that_come_next(cli: Cli, catalogue: Callable[[str], Path]) -> None:
    """Ten letters come before the first stamp: the price of stamps is for a later sheet, as is what nobody leads."""
    more = "".join(f"\n            - {{id: file-1{number}, text: File letter {number}}}" for number in range(10))
    text = BUSY_CLERK.replace("Save the letters, condition: fire}", "Save the letters, condition: fire}" + more)
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(text.replace("stamp-01, text", "stamp-01, condition: fire, text")))}
    cli("init", "--name=Ann Lee", "--start=2026-03-16")
    led = cli("agenda", "--format=markdown").stdout.split("## The mentor leads\n\n")[1].split("\n\n")[0]
    assert led == "- **file-t1** Ask the employee to explain the filing plan"


def test_a_tier_that_waits_for_its_final_sign_off_is_the_managers(finished: Cli) -> None:
    """It stands first in the manager's section, until it is given."""
    assert "The manager's\ntier 0-3  all 6 signed off\ntier 3-6  all 2 signed off\n" in finished("agenda").stdout
    finished("graduate", "0-3", "--by=Kim Novak", "--yes")
    assert "The manager's\ntier 3-6  all 2 signed off\n" in finished("agenda").stdout


def test_nothing_to_say(finished: Cli) -> None:
    """When all is concluded, the sheet says so, and no section stands empty."""
    finished("graduate", "0-3", "--by=Kim Novak", "--yes")
    finished("graduate", "3-6", "--by=Kim Novak", "--yes")
    finished.on_day("2026-03-18")
    final = "signed off on 2026-03-16. Final sign-off by Kim Novak on 2026-03-16."
    assert sections(finished) == {
        "Progress so far": f"Tier 0-3: all 6 {final}\nTier 3-6: all 2 {final}",
        "What changed since 2026-03-16": "Nothing.\n",
    }


def test_a_role_without_a_clock(cli: Cli, catalogue: Callable[[str], Path]) -> None:
    """Where nothing is due there is nothing to say of pace, and nothing is overdue."""
    role = BUSY_CLERK.replace(", months: {from: 0, until: 3}}", "}").replace(
        "      - {id: 3-6, title: Meeting, months: {from: 3, until: 6}}\n", ""
    )
    meeting = role[role.index("          3-6:") : role.index("        activities:")]
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(role.replace(meeting, "")))}
    cli("init", "--name=Ann Lee", "--start=2025-01-05")
    sheet = cli("agenda", "--format=markdown").stdout
    assert headings(sheet) == ["Comes next", "The mentor leads", "The manager's", "What changed since the beginning"]


# --- since, as of ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "changed"),
    [
        ([], ["file-03 checked", "file-03 noted"]),
        (["--since=2026-02-10"], ["file-03 checked", "file-03 noted"]),
        (["--since=2026-03-01"], ["file-03 checked", "file-03 noted"]),
        (["--since=2026-03-02"], []),
        (["--since=2026-02-09"], ["stamp-01 signed off", "file-02 returned", "file-03 checked", "file-03 noted"]),
        (["--as-of=2026-03-01"], []),
        (["--as-of=2026-02-11"], []),
        (
            ["--as-of=2026-02-10"],
            ["file-01 checked", "file-02 checked", "stamp-01 checked", "stamp-01 signed off", "file-02 returned"],
        ),
        (["--as-of=2026-02-10", "--since=2026-02-09"], ["stamp-01 signed off", "file-02 returned"]),
        (["--as-of=2026-02-02"], ["file-01 checked", "file-02 checked", "stamp-01 checked"]),
    ],
)
def test_what_changed(ann: Cli, args: list[str], changed: list[str]) -> None:
    """It is what was written after the last one-to-one: a day before this one on which a mentor decided, or --since."""
    _, _, listed = ann("agenda", "--format=markdown", *args).stdout.partition("## What changed since ")
    assert [line.split(" by ")[0][13:] for line in listed.splitlines()[2:] if line != "- Nothing."] == changed
    assert ("- Nothing." in listed) == (not changed)


def test_before_anybody_decided_all_is_new(ann: Cli) -> None:
    """There was no one-to-one before the first."""
    assert "\n## What changed since the beginning\n" in ann("agenda", "--format=markdown", "--as-of=2026-02-05").stdout
    assert "\nWhat changed since the beginning\n" in ann("agenda", "--as-of=2026-02-05").stdout
    assert "<h2>What changed since the beginning</h2>" in ann("agenda", "--format=html", "--as-of=2026-02-05").stdout


def test_as_of_a_day(ann: Cli) -> None:
    """The sheet is as it would have been printed then: who waited, and for how many days."""
    assert ann("agenda", "--as-of=2026-02-05").stdout.startswith("Ann Lee, Clerk\nOn 2026-02-05: month 2 since ")
    sheet = sections(ann, "--as-of=2026-02-05")
    assert sheet["Progress so far"].startswith("Tier 0-3: 1 of 6 expected by now, 3 checked or signed: 2 ahead. At ")
    assert sheet["Ready to sign off"] + "\n" == screen(
        """
        file-01   File a letter. Since 2026-02-02, 3 days. Ann Lee: Twice this week. Evidence: Box 7.
        file-02   Find a letter. Since 2026-02-02, 3 days.
        stamp-01  Stamp a letter. Since 2026-02-02, 3 days.
        """
    )
    assert "Returned, to do again" not in sheet
    assert sheet["Comes next"].startswith("file-03  Send a letter\n")
    assert sheet["What changed since the beginning"].count("2026-02-02  checked  ") == 3


def test_since_a_day_that_is_none(ann: Cli) -> None:
    """It says how a date is written."""
    assert "is not a date" in ann("agenda", "--since=soon", code=BadInput.exit_code).stderr


# --- hostile data ---------------------------------------------------------------------------------------------

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
LINK = "[here](http://example.org) **now** `run`"
RICH = "[bold red]stop[/] [link=http://example.org]"
ESCAPES = "\x1b[31mred\x1b[0m \u202eesrever"


@pytest.fixture
def hostile(cli: Cli, catalogue: Callable[[str], Path]) -> Cli:
    """A record in which every text that people write is an attack on whoever prints it."""
    text = BUSY_CLERK.replace("File a letter", f"'File {SCRIPT}'").replace("title: New", f"title: 'New {SCRIPT}'")
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(text))}
    cli("init", f"--name=Ann {IMAGE}", "--start=2026-01-05", f"--mentor=Mo {LINK}")
    cli("check", "file-01", f"--note={RICH}", f"--evidence={IMAGE}", f"--evidence={ESCAPES}")
    cli("check", "file-02", f"--note={LINK}")
    cli("return", "file-02", f"--by=Mo {LINK}", f"--because={SCRIPT} {RICH} {ESCAPES}", as_="mo")
    return cli


def test_data_stays_text_at_a_terminal(hostile: Cli) -> None:
    """What looks like markup is shown as it was written; what would steer the terminal is shown escaped."""
    hostile.terminal, hostile.width = True, 400
    sheet = hostile("agenda").stdout
    for text in (SCRIPT, IMAGE, LINK, RICH):
        assert text in sheet
    assert "\x1b" not in sheet
    assert "\u202e" not in sheet
    assert "\\x1b[31mred" in sheet


def test_data_stays_text_in_markdown(hostile: Cli) -> None:
    """Every character that Markdown reads as its own is escaped."""
    sheet = hostile("agenda", "--format=markdown").stdout
    assert re.findall(r"(?<!\\)[<>`\[\]()_]", sheet) == []
    assert "\\<script\\>alert\\(1\\)\\</script\\>" in sheet
    assert "\\[here\\]\\(http://example.org\\) \\*\\*now\\*\\* \\`run\\`" in sheet
    assert "\x1b" not in sheet
    assert "\u202e" not in sheet


def test_data_stays_text_on_the_page(hostile: Cli) -> None:
    """No tag, no attribute and no address of the page comes from data."""
    page = hostile("agenda", "--format=html").stdout
    for mark in ("<script", "<img", 'Ann ">', "<a href", "\x1b", "\u202e"):
        assert mark not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&#34;&gt;&lt;img src=x onerror=alert(1)&gt;" in page
    assert "[bold red]stop[/]" in page


def test_no_more_than_a_page_has_room_for(ann: Cli) -> None:
    """Of many entries the last stand there, in every format, and where the others are."""
    for number in range(12):
        ann("note", "file-01", f"Word {number}")
    for form in ("table", "markdown", "html"):
        sheet = ann("agenda", f"--format={form}", "--since=2026-03-02").stdout
        shown = re.findall(r"Word (\d+)", sheet.partition("<h2>What changed" if form == "html" else "What changed")[2])
        assert shown == [str(number) for number in range(2, 12)]
        assert "and 2 before these: ca-ladder log" in sheet
