"""A large team is measured by several processes: what they tell is what one alone tells, in the same order."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from multiprocessing import active_children, parent_process
from pathlib import Path

import pytest

from ca_ladder.cli.context import CommandContext
from ca_ladder.cli.environment import RunEnvironment
from ca_ladder.cli.parallel import Outcome, Work, outcomes, processes_for
from ca_ladder.cli.team_records import for_each_progress
from ca_ladder.errors import LadderError
from ca_ladder.progress.results import TraineeProgress
from ca_ladder.record import store
from ca_ladder.renderers.csv import csv_pieces, report_csv
from ca_ladder.renderers.json import json_pieces, report_json
from ca_ladder.renderers.spool import Piece, Spool
from tests.conftest import Cli

OFFICE = """\
version: "7"
roles:
  - id: clerk
    name: Clerk
    tiers:
      - {id: 0-3, title: New, months: {from: 0, until: 3}}
    tasks:
      - id: files
        name: Files
        why: Nothing is lost.
        expectations:
          0-3:
            - {id: file-01, text: File a letter}
            - {id: file-02, text: Find a letter}
  - id: senior
    name: Senior Clerk
    tiers: [{id: 0-12, title: First year, months: {from: 0, until: 12}}]
    tasks:
      - id: office
        name: The office
        why: It runs.
        expectations:
          0-12:
            - {id: off-01, text: Open the office}
"""
STARTS = ["fork", "spawn"] if sys.platform == "linux" else ["spawn"]

# A test runner may have threads; the program has none where it copies itself.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@pytest.fixture
def office(cli: Cli, catalogue: Callable[[str], Path]) -> CommandContext:
    """Thirty clerks, some late, and beside them all that can be wrong with a record; on 16 June."""
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(OFFICE))}
    cli.store = cli.store.parent / "our team"
    cli.store.mkdir()
    cli.now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    for number in range(30):
        cli(
            "init",
            f"--name=Ann {number * 7 % 30:02}",
            f"--start=2026-0{1 + number % 3}-05",
            f"--mentor=Mo {number % 2}",
        )
    for number in range(0, 30, 4):
        cli("check", "file-01", f"--trainee=ann-{number:02}")
    for name in ("Cy", "Gone"):
        cli("init", f"--name={name}", "--start=2026-03-02", "--role=senior")
    shutil.copy(cli.store / "ann-03.json", cli.store / "ann-03 (1).json")
    cli("check", "file-02", "--store", str(cli.store / "ann-03 (1).json"))
    for file, was, now in (("ann-05.json", "Mo 1", "Mo 3"), ("gone.json", "senior", "boss")):
        altered = (cli.store / file).read_text("utf-8").replace(was, now)
        (cli.store / file).write_text(altered, encoding="utf-8")
    (cli.store / "broken.json").write_text("", encoding="utf-8")
    cli.now = datetime(2026, 6, 15, 12, tzinfo=UTC)
    cli("init", "--name=Late Lee", "--start=2026-01-05")
    here = RunEnvironment(datetime(2026, 6, 16, 12, tzinfo=UTC), terminal=False, interactive=False, zone=UTC)
    return CommandContext(
        environment=here,
        store_path=cli.store,
        catalogue_path=Path(str(cli.env["CA_LADDER_CATALOGUE"])),
        color="auto",
        interactive=False,
        store_option=str(cli.store),
        in_folder=True,
        trainee=None,
    )


def fingerprint_at_home(progress: TraineeProgress) -> str | None:
    """Return a record's fingerprint; in a process of a pool, end that as if the system had killed it."""
    if parent_process():
        os._exit(9)
    return progress.fingerprint


def said(found: Iterator[Outcome[list[Piece]]]) -> list[tuple[object, ...]]:
    """Return what came of records, with errors as what they say."""
    return [
        (*each[:3], (type(each.came), each.came.lines(), each.came.exit_code))
        if isinstance(each.came, LadderError)
        else each
        for each in found
    ]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("tier", [None, "0-3"])
@pytest.mark.parametrize("as_of", [None, "2026-06-01"])
def test_several_processes_tell_what_one_tells(
    office: CommandContext, start: str, tier: str | None, as_of: str | None
) -> None:
    """Of each record the same, in the same order: what was made of it, or why nothing was, and what else to tell."""
    work = Work(office, tier, as_of, json_pieces)
    files = store.record_files(office.store_path)
    alone = said(outcomes(work, files, 1))
    assert said(outcomes(work, files, 2, start)) == alone
    assert len(alone) == len(files) == 34


@pytest.mark.parametrize("tier", [None, "0-3"])
@pytest.mark.parametrize("as_of", [None, "2026-06-01"])
def test_the_report_of_several_processes_is_that_of_one(
    office: CommandContext, capsys: pytest.CaptureFixture[str], tier: str | None, as_of: str | None
) -> None:
    """The same bytes as CSV and as JSON, the same records that could not be read, the same words beside the answer."""

    def told(processes: int) -> tuple[str, str, list[str], str]:
        with Spool() as rows, Spool() as fields:
            for_each_progress(office, tier, as_of, csv_pieces, rows.add, lambda _: processes)
            broken = for_each_progress(office, tier, as_of, json_pieces, fields.add, lambda _: processes)
            csv, json = report_csv(rows), report_json(office.day(as_of), fields, broken)
            return "".join(csv), "".join(json), [each.file for each in broken], capsys.readouterr().err

    alone = told(1)
    assert told(2) == alone
    assert "ann-03.json lies a copy with 1 entry more" in alone[-1]
    assert "not as it was written" in alone[-1]
    assert ("their role has no such tier" in alone[-1]) == (tier is not None)
    assert alone[2] == ["broken.json", "gone.json"]


def test_a_process_that_is_ended_keeps_nobody_from_the_report(office: CommandContext) -> None:
    """What it did not do is done by the one that asked."""
    files = store.record_files(office.store_path)
    work = Work(office, None, None, fingerprint_at_home)
    alone = [str(each.came) for each in outcomes(work, files, 1)]
    assert [str(each.came) for each in outcomes(work, files, 2)] == alone


def test_whoever_stops_reading_leaves_no_process_behind(office: CommandContext) -> None:
    """A report that ends early, as on Ctrl-C, ends all that worked on it."""
    found = outcomes(Work(office, None, None, csv_pieces), store.record_files(office.store_path), 2)
    next(found)
    assert active_children()
    found.close()
    assert not active_children()


def test_few_records_are_measured_by_one_process() -> None:
    """To begin another takes longer than to read them."""
    assert processes_for(12) == 1


def test_whoever_stands_alike_stands_in_the_order_of_the_files(cli: Cli) -> None:
    """Of the same name and first day, and as far behind; however they came into the folder."""
    folder = cli.store.parent / "team"
    for mentor in ("Zoe", "Ann", "Mo"):
        cli("init", "--name=Al Ho", "--start=2026-01-05", f"--mentor={mentor}", f"--store={folder / mentor}.json")
    found = cli("report", "--format=json", f"--store={folder}").json["trainees"]
    assert [each["mentors"] for each in found] == [["Ann"], ["Mo"], ["Zoe"]]


@pytest.mark.parametrize("size", [1, 1_000_000])
def test_pieces_come_back_in_order(size: int) -> None:
    """By their place, and with the same place as they came; in memory or in a file."""
    with Spool() as pieces:
        pieces.add(Piece(("rows",), (number % 3,), f"{number}" + "x" * size) for number in range(12))
        assert [each.rstrip("x") for each in pieces.texts(("rows",))] == [
            "0",
            "3",
            "6",
            "9",
            "1",
            "4",
            "7",
            "10",
            "2",
            "5",
            "8",
            "11",
        ]
        assert list(pieces.texts(("none",))) == []


def test_parts_come_in_the_order_of_their_first_pieces() -> None:
    """The desk where something waits longest stands first; of two that wait alike, the one with the first name."""
    with Spool() as pieces:
        for whose, place in (("Zoe", 2), ("Pat", 3), ("Mo", 2), ("Pat", 1), ("Zoe", 5)):
            pieces.add([Piece(("waiting", whose), (place,), "")])
        pieces.add([Piece(("overdue",), (0,), "")])
        assert pieces.sections("waiting") == [("waiting", "Pat"), ("waiting", "Mo"), ("waiting", "Zoe")]
