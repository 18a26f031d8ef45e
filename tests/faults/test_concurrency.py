"""Many programs write to one record at the same time: each waits for its turn, and no entry is lost."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from threading import Event
from typing import NamedTuple

import pytest

from ca_ladder.errors import StoreLocked
from tests.conftest import NOON, Cli, RunResult

pytestmark = pytest.mark.slow

WRITERS, ITEMS = 16, 5

# Each writer is a process of its own. A server forks them, so that Python and the program are loaded only once.
PROCESSES = get_context("spawn" if os.name == "nt" else "forkserver")
if os.name != "nt":
    PROCESSES.set_forkserver_preload([__name__])

# What one writer does to each of its items, one command a line; {} is the item. An undo takes back the line above it.
COMMANDS = """\
check {} --note First
note {} Words
uncheck {}
undo --yes
return {} --by Pat --because Almost
check {} --note Second
signoff {} --by Pat
revoke {} --by Pat --because Mistaken
waive {} --by Pat --because Elsewhere
undo --yes
"""
EVENTS = [
    *(("check", "First"), ("note", "Words"), ("uncheck", None), ("undo", None), ("return", "Almost")),
    *(("check", "Second"), ("sign-off", None), ("revoke", "Mistaken"), ("waive", "Elsewhere"), ("undo", None)),
]
HOMES = ("XDG_DATA_HOME", "XDG_CACHE_HOME")
ENDS = "checked"  # the sign-off is revoked, the waiver taken back: the check waits again

HEAD = """\
version: "1"
roles:
  - id: r
    name: R
    tiers: [{id: t, title: T}]
    tasks:
      - id: k
        name: K
        why: Because
        expectations:
          t:
"""


class Office(NamedTuple):
    """Where the record of all and its catalogue lie."""

    folder: Path

    @property
    def catalogue(self) -> Path:
        """The catalogue: one task, with a few items for each writer."""
        return self.folder / "catalogue.yaml"

    @property
    def home(self) -> Path:
        """The folder for everybody's backups and cache."""
        return self.folder / "home"

    def cli(self, account: str, seconds: int) -> Cli:
        """Return the program as this account runs it, from so many seconds after noon on."""
        return Cli(
            store=self.folder / "record.json",
            now=NOON + timedelta(seconds=seconds),
            account=account,
            env={"CA_LADDER_CATALOGUE": str(self.catalogue), **dict.fromkeys(HOMES, str(self.home))},
        )


def items_of(writer: int) -> list[str]:
    """Return the items that only this writer touches."""
    return [f"i-{writer}-{number}" for number in range(ITEMS)]


def write_much(office: Office, writer: int) -> list[RunResult]:
    """Run all the commands on this writer's own items, one by one (runs in a process of its own)."""
    cli = office.cli(f"writer-{writer}", seconds=60 * (writer + 1))
    lines = [line.replace("{}", item) for item in items_of(writer) for line in COMMANDS.splitlines()]
    return [until_its_turn(cli, *line.split()) for line in lines]


def until_its_turn(cli: Cli, *args: str) -> RunResult:
    """Run a command, and again where it says that nothing was changed since others write (a busy machine)."""
    while True:
        try:
            return cli(*args)
        except AssertionError as refusal:
            if not str(refusal).startswith(f"exit {StoreLocked.exit_code},"):
                raise


def test_eight_hundred_changes_by_sixteen_programs_lose_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Each says that it is done with exit code 0, is in the log once, in one unbroken chain; the record is in order."""
    office = Office(tmp_path)
    mine = {writer: items_of(writer) for writer in range(WRITERS)}
    entries = "".join(f"            - {{id: {item}, text: Do it}}\n" for items in mine.values() for item in items)
    office.catalogue.write_text(HEAD + entries, encoding="utf-8")
    office.cli("ann", seconds=0)("init", "--name", "Ann", "--start", "2026-01-05", "--mentor", "Pat")
    with ProcessPoolExecutor(WRITERS, mp_context=PROCESSES) as pool:
        writers = [pool.submit(write_much, office, writer) for writer in mine]
        results = [result for writer in writers for result in writer.result()]  # a run that fails raises here
    assert len(results) == 800
    assert {result.stderr for result in results} == {""}

    cli = office.cli("ann", seconds=7200)
    events = cli("log", "--json").json["events"]
    logged = Counter((e["account"], e["item"], e["kind"], e.get("note") or e.get("because")) for e in events[1:])
    assert logged == {
        (f"writer-{writer}", item, *event): count
        for writer, items in mine.items()
        for item in items
        for event, count in Counter(EVENTS).items()
    }
    assert [event["parents"] for event in events[1:]] == [[event["id"]] for event in events[:-1]]
    assert {item["state"] for item in cli("list", "--json").json["items"]} == {ENDS}
    assert "in order: 801 entries, each as it was written." in cli("record", "verify").stdout
    assert {path.name for path in tmp_path.iterdir()} == {".record.json.lock", "catalogue.yaml", "record.json", "home"}
    assert list(office.home.rglob("*.new")) == []
    record_property(
        f"{WRITERS} programs at once", f"{len(results)} changes acknowledged, 0 lost, `record verify` clean"
    )


TRAINEES = ("Ann", "Ben", "Cem")


def work_for_the_team(office: Office, writer: int) -> list[RunResult]:
    """Check and sign off this writer's items of every trainee (runs in a process of its own)."""
    cli = replace(office.cli(f"writer-{writer}", seconds=3600 * (writer + 1)), store=office.folder / "team")
    results = []
    for item in items_of(writer):
        for name in TRAINEES:
            results += [until_its_turn(cli, "check", item, "--trainee", name)]
            results += [until_its_turn(cli, "signoff", item, "--by", "Pat", "--trainee", name)]
    return results


def report_until(office: Office, done: Event, formats: Sequence[str]) -> list[tuple[str, RunResult]]:
    """Report in a loop, in one format after the other, until the writers are done (runs in a process of its own)."""
    cli = replace(office.cli("kim", seconds=7200), store=office.folder / "team")
    results: list[tuple[str, RunResult]] = []
    while not done.is_set():
        for format_ in formats:
            results += [(format_, cli("report", "--format", format_))]
    return results


def test_three_write_into_a_teams_folder_while_a_fourth_reports(tmp_path: Path) -> None:
    """Every report is whole and fails at nothing, what it counts only grows, and nothing of the writers is lost."""
    office = Office(tmp_path)
    entries = "".join(
        f"            - {{id: {item}, text: Do it}}\n" for writer in range(3) for item in items_of(writer)
    )
    office.catalogue.write_text(HEAD + entries, encoding="utf-8")
    cli = replace(office.cli("kim", seconds=0), store=tmp_path / "team")
    cli.store.mkdir()
    for name in TRAINEES:
        cli("init", "--name", name, "--start", "2026-01-05", "--mentor", "Pat")
    with PROCESSES.Manager() as manager, ProcessPoolExecutor(4, mp_context=PROCESSES) as pool:
        done = manager.Event()
        reporting = pool.submit(report_until, office, done, ("json", "table", "csv", "html"))
        try:
            writers = [pool.submit(work_for_the_team, office, writer) for writer in range(3)]
            written = [result for writer in writers for result in writer.result()]
        finally:
            done.set()
        reports = reporting.result()
    assert len(written) == 2 * 3 * ITEMS * len(TRAINEES)
    assert {result.stderr for result in (*written, *(report for _, report in reports))} == {""}
    counted = [
        {trainee["name"]: trainee["tiers"][0]["signed"] for trainee in report.json["trainees"]}
        for format_, report in reports
        if format_ == "json"
    ]
    assert len(counted) > 1
    for earlier, later in pairwise(counted):
        assert all(earlier[name] <= later[name] for name in TRAINEES)
    for name in TRAINEES:
        assert "in order: 31 entries, each as it was written." in cli("record", "verify", "--trainee", name).stdout
    tiers = [trainee["tiers"][0] for trainee in cli("report", "--format", "json").json["trainees"]]
    assert [(tier["total"], tier["signed"]) for tier in tiers] == [(3 * ITEMS, 3 * ITEMS)] * len(TRAINEES)
