"""Every view as it was on a day: what was recorded by then, dated by then, and nothing that came later."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from openpyxl import load_workbook

from ca_ladder.errors import BadInput, BeforeFirstEvent, Unknown
from tests.catalogues import OFFICE
from tests.conftest import Cli

# Ann Lee's way, day by day: each command with the account that it is given from.
DAYS: dict[str, list[tuple[str, list[str]]]] = {
    "2026-01-05": [("ann", ["init", "--name=Ann Lee", "--start=2026-01-05", "--mentor=Mo Ray", "--manager=Kim Novak"])],
    "2026-02-02": [
        ("ann", ["check", "file-01", "--on=2026-01-20", "--note=Twice"]),
        ("ann", ["check", "file-02", "--evidence=Box 7"]),
    ],
    "2026-02-09": [
        ("mo", ["signoff", "file-01", "--by=Mo Ray", "--on=2026-02-06"]),
        ("mo", ["signoff", "file-03", "--by=Mo Ray", "--observed"]),
        ("mo", ["return", "file-02", "--by=Mo Ray", "--because=Too slow"]),
    ],
    "2026-02-16": [("ann", ["leave", "2026-02-23", "2026-03-01"]), ("ann", ["note", "file-02", "Look again"])],
    "2026-02-17": [("ann", ["undo", "--yes"])],
    "2026-03-02": [("mo", ["waive", "file-02", "--by=Mo Ray", "--because=There is a clerk for that"])],
    "2026-03-03": [("kim", ["graduate", "0-3", "--by=Kim Novak", "--yes"])],
    "2026-03-04": [("mo", ["revoke", "file-01", "--by=Mo Ray", "--because=Mistaken"])],
    "2026-03-09": [("kim", ["promote", "senior", "--by=Kim Novak", "--yes", "--on=2026-03-01"])],
    "2026-03-16": [("ann", ["init", "--manager=Zoe Hill", "--by=Kim Novak"]), ("ann", ["check", "off-01"])],
}

VIEWS = [
    ["status"],
    ["status", "--task=files"],
    ["status", "--json"],
    ["next"],
    ["next", "--json"],
    ["list"],
    ["list", "--state=checked"],
    ["list", "--json"],
    ["show", "file-01"],
    ["show", "file-02"],
    ["show", "file-01", "--json"],
    ["show", "files"],
    ["log"],
    ["log", "file-02"],
    ["log", "--json"],
    ["report"],
    ["report", "--tier=0-3"],
    ["report", "--format=markdown"],
    ["report", "--format=csv"],
    ["report", "--format=json"],
    ["report", "--format=html"],
    ["agenda"],
    ["agenda", "--since=2026-02-01"],
    ["agenda", "--format=markdown"],
    ["agenda", "--format=html"],
]


def live_through(cli: Cli) -> Iterator[str]:
    """Let Ann's days pass; yield each of them in the evening, when all of it is written."""
    for day, commands in DAYS.items():
        cli.on_day(day)
        for account, command in commands:
            cli(*command, as_=account)
        yield day


class Life(NamedTuple):
    """What each view showed on each evening, and the program on the record as it is in the end."""

    then: dict[str, dict[str, tuple[str, str]]]
    cli: Cli


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Ann Lee's whole record, looked at every evening. No test changes it."""
    folder = tmp_path_factory.mktemp("life")
    (folder / "catalogue.yaml").write_text(OFFICE, encoding="utf-8")
    homes = {"XDG_DATA_HOME": str(folder / "data"), "XDG_CACHE_HOME": str(folder / "cache")}
    cli = Cli(folder / "record.json", env={"CA_LADDER_CATALOGUE": str(folder / "catalogue.yaml"), **homes})
    then = {day: {" ".join(view): view_of(cli, *view) for view in VIEWS} for day in live_through(cli)}
    assert list(then) == list(DAYS)
    return Life(then, cli)


@pytest.fixture
def ann(life: Life, office: Cli) -> Cli:
    """Ann Lee's whole record, looked at on 20 March."""
    shutil.copy(life.cli.store, office.store)
    return office.on_day("2026-03-20")


def view_of(cli: Cli, *args: str) -> tuple[str, str]:
    """Return what a view shows, or why it shows nothing: what a role does not have is a fair answer, too."""
    try:
        run = cli(*args)
    except AssertionError:
        run = cli(*args, code=Unknown.exit_code)
    return run.stdout, run.stderr


# --- the law --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS, ids=" ".join)
def test_a_view_as_of_a_day_is_what_it_showed_that_evening(life: Life, view: list[str]) -> None:
    """Whatever is written afterwards, by whomever, and whichever day it is dated."""
    for day, shown in life.then.items():
        assert view_of(life.cli, *view, f"--as-of={day}") == shown[" ".join(view)], day


def test_a_workbook_as_of_a_day_is_what_it_held_that_evening(office: Cli, tmp_path: Path) -> None:
    """Cell by cell, in all of its sheets."""

    def cells(*args: str) -> dict[str, list[tuple[object, ...]]]:
        office("report", "-o", str(tmp_path / "report.xlsx"), *args)
        book = load_workbook(tmp_path / "report.xlsx")
        return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}

    then = {day: cells() for day in live_through(office)}
    for day, held in then.items():
        assert cells(f"--as-of={day}") == held, day


@pytest.mark.parametrize("format_", ["table", "markdown", "csv", "json", "html"])
def test_a_team_as_of_a_day_is_who_had_a_record_that_evening(office: Cli, format_: str) -> None:
    """Who came later is not there yet, and is named beside it; who was there stands as then."""
    office.store = office.store.parent / "team"
    office.store.mkdir()
    then = {}
    for day, name, done in [
        ("2026-01-05", "Zoe Hill", []),
        ("2026-02-02", "Ben Ode", ["file-01"]),
        ("2026-03-02", "Cy Roe", ["file-01", "file-02"]),
    ]:
        office.on_day(day)
        office("init", f"--name={name}", f"--start={day}")
        if done:
            office("check", *done, "--trainee=zoe-hill")
            office("uncheck", *done, "--trainee=zoe-hill")
            office("check", *done, f"--trainee={name}")
        then[day] = office("report", f"--format={format_}").stdout
    for day, shown in then.items():
        assert office("report", f"--format={format_}", f"--as-of={day}").stdout == shown, day
    first = office("report", f"--format={format_}", "--as-of=2026-01-05")
    assert first.stderr == "Left out, since nothing about them was recorded by then: Ben Ode, Cy Roe.\n"
    before = office("report", f"--format={format_}", "--as-of=2026-01-04", code=BeforeFirstEvent.exit_code).stderr
    assert before.endswith(": the record begins on 2026-01-05.\n")


@pytest.mark.parametrize("view", VIEWS, ids=" ".join)
def test_before_the_record_began(ann: Cli, view: list[str]) -> None:
    """Nothing is made up for a day on which nobody had written anything."""
    run = ann(*view, "--as-of=2026-01-04", code=BeforeFirstEvent.exit_code)
    assert (run.stdout, run.stderr) == (
        "",
        "Error: Nothing had been recorded on 2026-01-04: the record begins on 2026-01-05.\n",
    )


@pytest.mark.parametrize("view", VIEWS, ids=" ".join)
def test_as_of_today_is_the_view_itself(ann: Cli, view: list[str]) -> None:
    """In any words for today."""
    assert view_of(ann, *view, "--as-of=today") == view_of(ann, *view, "--as-of=2026-03-20") == view_of(ann, *view)


# --- what a person reads --------------------------------------------------------------------------------------


def test_status_as_of_a_day(ann: Cli) -> None:
    """The role, the leave, the states and the pace of that day: one signed off on the 6th, written down on the 9th."""
    ann.terminal, ann.width = True, 80
    lines = ann("status", "--as-of=2026-02-16").stdout.splitlines()
    for line in (
        "On 2026-02-16: month 2 since 2026-01-05, tier 0-3 New",
        "0-3   ██████░░░░       2        0         1     0      3        0  2026-04-12",
        "Leave: 2026-02-23 to 2026-03-01",
        "Tier 0-3: 1 of 3 expected by now, 2 checked or signed: 1 ahead.",
        "Returned, to do again: file-02",
    ):
        assert line in lines
    day_before = ann("status", "--as-of=2026-02-08").stdout
    assert "\n0-3   ▒▒▒▒▒▒░░░░       0        2         0     1      3        0  2026-04-05\n" in day_before
    assert "\nWaiting for a mentor (oldest since 2026-02-02): file-01, file-02\n" in day_before
    assert "Leave:" not in day_before


def test_what_was_written_later_is_not_known_earlier(ann: Cli) -> None:
    """A check of 20 January that was written on 2 February is unknown on the days between, and dated as it says."""
    for day in ("2026-01-20", "2026-01-31", "2026-02-01"):
        assert ann("list", "--state=checked", f"--as-of={day}", "--json").json["items"] == []
    ann.terminal, ann.width = True, 80
    assert (
        "State  ◐ checked on 2026-01-20 by Ann Lee (trainee)\n" in ann("show", "file-01", "--as-of=2026-02-02").stdout
    )


def test_the_role_before_is_that_of_the_day(ann: Cli) -> None:
    """A promotion that was dated back is known from the day on which it was written."""
    assert ann("status", "--as-of=2026-03-08").stdout.startswith("Ann Lee, Clerk\n")
    assert ann("status", "--as-of=2026-03-09").stdout.startswith("Ann Lee, Senior Clerk\n")
    ann("show", "off-01", "--as-of=2026-03-08", code=Unknown.exit_code)
    assert "it belongs to the role" not in ann("show", "file-01", "--as-of=2026-03-08").stdout


def test_the_fingerprint_of_a_day_is_one_the_record_answers_to(ann: Cli) -> None:
    """What was reported then can be compared now."""
    (trainee,) = ann("report", "--format=json", "--as-of=2026-02-16").json["trainees"]
    ann("record", "verify", "--expect", trainee["fingerprint"])


# --- a later day ----------------------------------------------------------------------------------------------


def test_a_later_day_shows_what_will_be_late(office: Cli) -> None:
    """Nothing is known of it but the calendar: what is not done by then is overdue."""
    office("init", "--name=Ann Lee", "--start=2026-01-05")
    (trainee,) = office("report", "--format=json", "--as-of=2026-04-06").json["trainees"]
    assert [(tier["tier"], tier["open"], tier["overdue"]) for tier in trainee["tiers"]] == [
        ("0-3", 3, 3),
        ("3-6", 1, 0),
    ]
    assert office("report", "--format=json", "--as-of=2026-04-05").json["trainees"][0]["tiers"][0]["overdue"] == 0


def test_a_later_day_knows_all_of_the_record(ann: Cli) -> None:
    """The log of tomorrow is that of today."""
    assert ann("log", "--as-of=2026-12-31").stdout == ann("log").stdout


# --- days that are none ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["status", "next", "list", "log", "report", "agenda"])
@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("3/4", '"3/4" could be 2026-03-04 or 2026-04-03: write one of these.'),
        ("2026-02-30", '"2026-02-30" is not a date.'),
        ("", "is not a date."),
    ],
)
def test_a_day_that_is_none(ann: Cli, view: str, day: str, why: str) -> None:
    """Every view reads dates alike."""
    assert why in ann(view, f"--as-of={day}", code=BadInput.exit_code).stderr


@pytest.mark.parametrize("command", [["check", "off-01"], ["undo"], ["leave", "today", "today"], ["graduate", "0-12"]])
def test_nothing_is_written_as_of_a_day(ann: Cli, command: list[str]) -> None:
    """It is an option of views: what changes the record is written now."""
    before = ann.store.read_bytes()
    assert "There is no option --as-of." in ann(*command, "--as-of=2026-02-02", code=BadInput.exit_code).stderr
    assert ann.store.read_bytes() == before
