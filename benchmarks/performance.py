"""Measure every promise about speed and memory, each as a ratio to something that ran in turn with it.

Run it with the environment's own Python, on Linux: ``.venv/bin/python benchmarks/performance.py``. Name sections to
measure only those. ``--write`` puts the table into docs/performance.md. Where valgrind is installed, single commands
are measured in instructions, which other work on the machine does not change; else in CPU time.
"""

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from measuring import Case, in_turns, instructions, put_into, ratio, run, table
from team import AS_OF, make_team, one_record

from ca_ladder.record.store import as_bytes

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
PROGRAM = (sys.executable, "-m", "ca_ladder")

# The least that a program with these libraries does. It must not load pydantic, which Typer 0.29 does by itself.
FLOOR = """
import sys
import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(add_completion=False)


@app.callback()
def main() -> None: ...


@app.command()
def status() -> None:
    table = Table(title="Status")
    for heading in ("Task", "Total", "Signed"):
        table.add_column(heading)
    for number in range(8):
        table.add_row(f"task {number}", str(number), str(number))
    Console().print(table)
    if "pydantic" in sys.modules:
        print("this Typer loads pydantic", file=sys.stderr)


app()
"""
READ_ALL = """
import json, pathlib, sys
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    with path.open("rb") as file:
        json.load(file)
"""

# In a record of `one_record` of a few hundred entries the first item is checked and the last one is open.
CHECKED, OPEN = "cert-01", "tech-t2"
COMPLETION = {"_CA_LADDER_COMPLETE": "complete_bash", "COMP_WORDS": "ca-ladder check cert-", "COMP_CWORD": "2"}
FORMATS = {"csv": "csv", "json": "json", "table": "txt", "html": "html", "xlsx": "xlsx"}  # and their file names


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    turns: int = 5
    events: int = 300
    backups: int = 50
    long_records: tuple[int, int] = (10_000, 100_000)
    trainees: int = 10_000
    events_of_each: int = 200


class Budget(NamedTuple):
    """The most that something may be."""

    what: str
    most: float
    unit: str = "x"


COMMANDS = {
    Budget("status", 1.5): ("status",),
    Budget("check", 1.45): ("check", OPEN),
    Budget("signoff", 1.6): ("signoff", CHECKED, "--by", "Pat Lee"),
    Budget("completion of an id", 1.1): (),
    Budget("log", 2.0): ("log",),
    Budget("report of one trainee, table", 1.9): ("report",),
    Budget("report of one trainee, page", 3.0): ("report", "--format", "html", "--output", "{folder}/page.html"),
}
LONG = {
    Budget("record verify, long record", 10.5): ("record", "verify"),
    Budget("log, long record", 10.5): ("log",),
    Budget("status, long record", 10.5): ("status",),
    Budget("check, long record", 10.5): ("check", "{item}"),
}
REPORTS = {
    **{Budget(f"team report, {kind}", 2.5): kind for kind in ("csv", "json")},
    **{Budget(f"team report, {kind}", 3.5): kind for kind in ("table", "html", "xlsx")},
}
MEMORY = {
    **{Budget(f"team report, {kind}: peak memory", 64, " MiB"): kind for kind in ("csv", "json")},
    **{Budget(f"team report, {kind}: peak memory", 128, " MiB"): kind for kind in ("table", "html", "xlsx")},
}
ALL_CORES = {Budget(f"team report, {kind}, all cores: wall time", 1.5): kind for kind in FORMATS}
LINES, PAGE_SIZE = Budget("team report, table: length", 80, " lines"), Budget("team report, html: size", 2, " MB")
BUDGETS = [*COMMANDS, *LONG, *REPORTS, *MEMORY, *ALL_CORES, LINES, PAGE_SIZE]

Measured = Iterator[tuple[Budget, float]]


def environment(folder: Path, store: Path) -> dict[str, str]:
    """Return an environment with its own home folder and this store. Python may keep compiled modules."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CA_LADDER_", "XDG_"))}
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**inherited, "HOME": str(folder / "home"), "CA_LADDER_STORE": str(store), "COLUMNS": "80"}


def record_with_backups(folder: Path, events: int, backups: int) -> tuple[dict[str, str], Callable[[], None]]:
    """Write a record with backups, one for each of the last days.

    Returns the environment to use it in, and a function that puts record and backups back as they were.
    """
    store, saved = folder / "record.json", folder / "saved"
    env = environment(folder, store)
    store.write_bytes(as_bytes(one_record(events)))
    saved.mkdir()
    shutil.copy(store, saved)
    if backups:
        run((*PROGRAM, "check", OPEN), env)
        backup, *_ = (folder / "home" / ".local").rglob(f"{datetime.now(UTC):%Y%m%d}-*.json")
        for days in range(1, backups):
            day = datetime.now(UTC) - timedelta(days=days)
            shutil.copy(backup, backup.with_name(f"{day:%Y%m%d}{backup.name[8:]}"))
        shutil.copytree(folder / "home", saved / "home")

    def restore() -> None:
        shutil.copy(saved / "record.json", store)
        if backups:
            shutil.rmtree(folder / "home")
            shutil.copytree(saved / "home", folder / "home")

    return env, restore


def commands(folder: Path, sizes: Sizes) -> Measured:
    """Measure single commands against the floor program."""
    script = folder / "floor.py"
    script.write_text(FLOOR, encoding="utf-8")
    env, restore = record_with_backups(folder, sizes.events, sizes.backups)
    floor = Case((sys.executable, str(script), "status"), env)
    if warning := run(floor.argv, env).stderr:
        print(f"The floor program is too slow: {warning}", file=sys.stderr)
    cases = {
        budget: Case(
            (*PROGRAM, *(part.format(folder=folder) for part in argv)), env | ({} if argv else COMPLETION), restore
        )
        for budget, argv in COMMANDS.items()
    }
    if floor_count := instructions(floor):
        for budget, case in cases.items():
            yield budget, (instructions(case) or 0) / floor_count
        return
    results = in_turns({"": floor, **{budget.what: case for budget, case in cases.items()}}, sizes.turns)
    for budget in cases:
        yield budget, ratio((one.cpu for one in results[budget.what]), (one.cpu for one in results[""]))


def long_records(folder: Path, sizes: Sizes) -> Measured:
    """Measure the CPU time of commands on a long record against a record of a tenth of its length."""
    records = []
    for events in sizes.long_records:
        (parent := folder / str(events)).mkdir()
        records.append((open_item(events), *record_with_backups(parent, events, backups=0)))
    for budget, argv in LONG.items():
        cases = {
            str(number): Case((*PROGRAM, *(part.format(item=item) for part in argv)), env, restore)
            for number, (item, env, restore) in enumerate(records)
        }
        results = in_turns(cases, sizes.turns)
        yield budget, ratio((one.cpu for one in results["1"]), (one.cpu for one in results["0"]))


def open_item(events: int) -> str:
    """Return an item that is open in `one_record` of so many events: its checks have all been taken back."""
    changes = Counter(event.item for event in one_record(events).events if event.item)
    return next((item for item, number in changes.items() if number % 2 == 0), OPEN)


def reports(folder: Path, sizes: Sizes) -> Measured:
    """Measure reports over a team against `json.load` of the same files."""
    make_team(folder / "team", sizes.trainees, sizes.events_of_each)
    env = environment(folder, folder / "team")
    files = {kind: folder / f"report.{suffix}" for kind, suffix in FORMATS.items()}
    load = Case((sys.executable, "-c", READ_ALL, str(folder / "team")), env, one_core=True)
    argv = {
        kind: (*PROGRAM, "report", "--as-of", str(AS_OF), "--format", kind, "--output", str(path))
        for kind, path in files.items()
    }
    cases = {kind: Case(argv[kind], env, one_core=True) for kind in argv}
    results = in_turns({"": load, **cases}, sizes.turns)
    for budget, kind in REPORTS.items():
        yield budget, ratio((one.cpu for one in results[kind]), (one.cpu for one in results[""]))
    for budget, kind in MEMORY.items():
        yield budget, max(one.memory for one in results[kind])
    yield LINES, len(files["table"].read_text(encoding="utf-8").splitlines())
    yield PAGE_SIZE, files["html"].stat().st_size / 1e6
    results = in_turns({"": load, **{kind: Case(argv[kind], env) for kind in argv}}, sizes.turns)
    for budget, kind in ALL_CORES.items():
        yield budget, ratio((one.wall for one in results[kind]), (one.wall for one in results[""]))


SECTIONS = {"commands": commands, "long": long_records, "reports": reports}


def measure(names: list[str], sizes: Sizes) -> dict[Budget, float]:
    """Measure these sections, one after the other."""
    results: dict[Budget, float] = {}
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            results.update(SECTIONS[name](Path(folder), sizes))
        print(f"{name}: done", file=sys.stderr)
    return results


def row(budget: Budget, figure: float | None) -> tuple[str, ...]:
    """Return the cells of a budget."""
    form = "{:.2f}{}" if budget.unit in {"x", " MB"} else "{:.0f}{}"
    most = form.format(budget.most, budget.unit)
    if figure is None:
        return budget.what, most, "not measured", ""
    return budget.what, most, form.format(figure, budget.unit), "kept" if figure <= budget.most else "NOT KEPT"


def document(results: dict[Budget, float], sizes: Sizes) -> list[str]:
    """Return the lines of the table, after the machine it was measured on."""
    unit = "instructions" if shutil.which("valgrind") else "CPU time"
    cores = f"{len(os.sched_getaffinity(0))} cores, {platform.system()} on {platform.machine()}"
    heads = ("what", "at most", "measured", "")
    return [
        f"{platform.python_implementation()} {platform.python_version()}, {cores}. Single commands: {unit}, on a",
        f"record of {sizes.events} events with {sizes.backups} backups. Team reports: {sizes.trainees:,} records of",
        f"{sizes.events_of_each} events. All but instructions: the median of {sizes.turns} turns.",
        "",
        *table(heads, (row(budget, results.get(budget)) for budget in BUDGETS)),
    ]


def main() -> None:
    """Print the table; with ``--write``, write it into the page too."""
    parser = argparse.ArgumentParser(description="Measure how fast ca-ladder is.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; without one, all")
    parser.add_argument("--turns", type=int, default=Sizes.turns, help="how often each command is measured")
    parser.add_argument("--trainees", type=int, default=Sizes.trainees, help="how many records are reported")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md too")
    options = parser.parse_args()
    if unknown := [name for name in options.sections if name not in SECTIONS]:
        parser.error(f"no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    sizes = Sizes(turns=options.turns, trainees=options.trainees)
    lines = document(measure(options.sections or list(SECTIONS), sizes), sizes)
    print("\n".join(lines))
    if options.write:
        put_into(PAGE, "performance.py", lines)


if __name__ == "__main__":
    main()
