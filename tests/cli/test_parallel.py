"""A large team is measured by several processes, with the same results as by one, in the same order."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from contextlib import closing, nullcontext
from datetime import UTC, date
from functools import partial
from multiprocessing import active_children, parent_process
from pathlib import Path
from typing import TypeVar

import pytest
from msgspec.structs import replace

from ca_ladder.cli.context import CommandContext
from ca_ladder.cli.environment import RunEnvironment
from ca_ladder.cli.parallel import Result, executor_for, measure_all, measure_file, process_pool
from ca_ladder.cli.team_records import for_each_progress
from ca_ladder.errors import LadderError
from ca_ladder.progress.results import TraineeProgress
from ca_ladder.record.folder import record_files
from ca_ladder.renderers.csv import csv_pieces, report_csv
from ca_ladder.renderers.json import json_pieces, report_json
from ca_ladder.renderers.spool import Piece, Spool
from tests.catalogues import OFFICE
from tests.conftest import Cli

Value = TypeVar("Value")
STARTS = ["fork", "spawn"] if sys.platform == "linux" else ["spawn"]

# A test runner may have threads; the program has none where it copies itself.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """Thirty clerks, some late, and beside them all that can be wrong with a record. No test changes them."""
    folder = tmp_path_factory.mktemp("records")
    (folder / "catalogue.yaml").write_text(OFFICE, encoding="utf-8")
    homes = {"XDG_DATA_HOME": str(folder / "data"), "XDG_CACHE_HOME": str(folder / "cache")}
    office = Cli(folder / "our team", env={"CA_LADDER_CATALOGUE": str(folder / "catalogue.yaml"), **homes})
    office.store.mkdir()
    office.on_day("2026-03-02")
    for number in range(30):
        name, start, mentor = f"Ann {number * 7 % 30:02}", f"2026-0{1 + number % 3}-05", f"Mo {number % 2}"
        office("init", f"--name={name}", f"--start={start}", f"--mentor={mentor}")
    for number in range(0, 30, 4):
        office("check", "file-01", f"--trainee=ann-{number:02}")
    for name in ("Cy", "Gone"):
        office("init", f"--name={name}", "--start=2026-03-02", "--role=senior")
    shutil.copy(office.store / "ann-03.json", office.store / "ann-03 (1).json")
    office("check", "file-02", "--store", str(office.store / "ann-03 (1).json"))
    for file, was, now in (("ann-05.json", "Mo 1", "Mo 3"), ("gone.json", "senior", "boss")):
        altered = (office.store / file).read_text("utf-8").replace(was, now)
        (office.store / file).write_text(altered, encoding="utf-8")
    (office.store / "broken.json").write_text("", encoding="utf-8")
    office.on_day("2026-06-15")("init", "--name=Late Lee", "--start=2026-01-05")
    return office


@pytest.fixture
def team(records: Cli) -> CommandContext:
    """Their folder on 16 June."""
    environment = RunEnvironment(records.on_day("2026-06-16").clock, terminal=False, interactive=False, zone=UTC)
    return CommandContext(
        environment=environment,
        store_path=records.store,
        catalogue_path=Path(str(records.env["CA_LADDER_CATALOGUE"])),
        color="auto",
        interactive=False,
        store_option=str(records.store),
        in_folder=True,
        trainee=None,
    )


def job(
    team: CommandContext,
    convert: Callable[[TraineeProgress], Value],
    tier: str | None = None,
    day: date = date(2026, 6, 16),
) -> Callable[[tuple[Path, list[Path]]], Result[Value]]:
    """Return the function that `report` has processes call."""
    return partial(measure_file, replace(team, loaded_catalogue=team.catalogue), tier, day.isoformat(), convert)


def die_in_a_worker(progress: TraineeProgress) -> str | None:
    """Return a record's fingerprint; in a worker process, end it as if the system had killed it."""
    if parent_process():
        os._exit(9)
    return progress.fingerprint


def plain(results: Iterable[Result[list[Piece]]]) -> list[tuple[object, ...]]:
    """Return the results, with errors as their type, words and exit code, so that they can be compared."""
    return [
        (*result[:3], (type(result.value), result.value.lines(), result.value.exit_code))
        if isinstance(result.value, LadderError)
        else result
        for result in results
    ]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(("tier", "day"), [(None, date(2026, 6, 16)), ("0-3", date(2026, 6, 1))])
def test_several_processes_give_the_results_of_one(
    team: CommandContext, start: str, tier: str | None, day: date
) -> None:
    """The same value or error and the same warnings for each record, in the same order."""
    files = record_files(team.store_path)
    alone = plain(measure_all(job(team, json_pieces, tier, day), files))
    with process_pool(2, start) or nullcontext() as executor:
        assert executor
        assert plain(measure_all(job(team, json_pieces, tier, day), files, executor)) == alone
    assert len(alone) == len(files) == 34


@pytest.mark.parametrize("tier", [None, "0-3"])
@pytest.mark.parametrize("as_of", [None, "2026-06-01"])
def test_the_report_of_several_processes_is_that_of_one(
    team: CommandContext, capsys: pytest.CaptureFixture[str], tier: str | None, as_of: str | None
) -> None:
    """The same CSV and JSON bytes, the same unreadable records, the same warnings on stderr."""

    def report(processes: int) -> tuple[str, str, list[str], str]:
        def executor_for(_: int) -> Executor | None:
            return process_pool(processes) if processes > 1 else None

        with Spool() as rows, Spool() as fields:
            for_each_progress(team, tier, as_of, csv_pieces, rows.add, executor_for)
            broken = for_each_progress(team, tier, as_of, json_pieces, fields.add, executor_for)
            csv, json = report_csv(team.day(as_of), rows, broken), report_json(team.day(as_of), fields, broken)
            return "".join(csv), "".join(json), [file.file for file in broken], capsys.readouterr().err

    alone = report(1)
    assert report(2) == alone
    assert "ann-03.json is a copy with 1 entry more" in alone[-1]
    assert "does not count" in alone[-1]
    assert ("their role has no such tier" in alone[-1]) == (tier is not None)
    assert alone[2] == ["broken.json", "gone.json"]


def test_a_dead_worker_does_not_stop_the_report(team: CommandContext) -> None:
    """The parent measures the remaining records itself."""
    files = record_files(team.store_path)
    alone = [str(result.value) for result in measure_all(job(team, die_in_a_worker), files)]
    with process_pool(2) or nullcontext() as executor:
        several = measure_all(job(team, die_in_a_worker), files, executor)
        assert [str(result.value) for result in several] == alone


def test_a_report_that_ends_early_leaves_no_process_behind(team: CommandContext) -> None:
    """As on Ctrl-C."""
    files = record_files(team.store_path)
    with (
        process_pool(2) or nullcontext() as executor,
        closing(measure_all(job(team, csv_pieces), files, executor)) as results,
    ):
        next(results)
        assert active_children()
    assert not active_children()


KILLED = """\
import os, signal, sys
from ca_ladder.cli.parallel import process_pool
with process_pool(2) as executor:
    print(*{executor.submit(os.getpid).result() for _ in range(20)}, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="kills a process that has forked")
def test_workers_end_when_the_parent_is_killed() -> None:
    """Nobody else would end them. The pipe stays open until the last of them has ended."""
    killed = subprocess.run([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, timeout=20, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert killed.stdout


def test_few_records_need_no_processes() -> None:
    """Starting them takes longer than reading the records."""
    assert executor_for(12) is None


def test_equal_trainees_are_in_the_order_of_the_files(cli: Cli) -> None:
    """Those of the same name and first day, and as far behind."""
    folder = cli.store.parent / "team"
    for mentor in ("Zoe", "Ann", "Mo"):
        cli("init", "--name=Al Ho", "--start=2026-01-05", f"--mentor={mentor}", f"--store={folder / mentor}.json")
    trainees = cli("report", "--format=json", f"--store={folder}").json["trainees"]
    assert [trainee["mentors"] for trainee in trainees] == [["Ann"], ["Mo"], ["Zoe"]]


@pytest.mark.parametrize("size", [1, 1_000_000])
def test_pieces_come_back_in_order(size: int) -> None:
    """By their place, and with the same place as they came; in memory or in a file."""
    with Spool() as pieces:
        pieces.add(Piece(("rows",), (number % 3,), f"{number}" + "x" * size) for number in range(12))
        texts = [text.rstrip("x") for text in pieces.texts(("rows",))]
        assert texts == ["0", "3", "6", "9", "1", "4", "7", "10", "2", "5", "8", "11"]
        assert list(pieces.texts(("none",))) == []


def test_parts_come_in_the_order_of_their_first_pieces() -> None:
    """The desk where something waits longest stands first; of two that wait alike, the one with the first name."""
    with Spool() as pieces:
        for whose, place in (("Zoe", 2), ("Pat", 3), ("Mo", 2), ("Pat", 1), ("Zoe", 5)):
            pieces.add([Piece(("waiting", whose), (place,), "")])
        pieces.add([Piece(("overdue",), (0,), "")])
        assert pieces.sections("waiting") == [("waiting", "Pat"), ("waiting", "Mo"), ("waiting", "Zoe")]
