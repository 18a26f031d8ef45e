"""How fast ca-ladder is: every figure a ratio to something that ran in turn with it, in the same run.

Run it with the environment's own Python, on Linux: ``.venv/bin/python benchmarks/performance.py``. The machine's speed
drifts, so the programs take turns and the ratio of each turn counts, not the seconds. Name sections to measure only
those. Watson and todoman are installed into temporary environments; what cannot be had is skipped, with a word.
``--write`` puts the tables into docs/performance.md.
"""

import argparse
import gc
import json
import os
import platform
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from measuring import Case, Timed, in_turns, put_into, run, table
from neighbours import taskwarrior, todoman, watson
from team import AS_OF, make_team, one_record

from ca_ladder.catalogue.files import shipped_path
from ca_ladder.catalogue.validation import load_catalogue
from ca_ladder.catalogue.yaml_reader import MOST_NODES
from ca_ladder.progress.results import TraineeProgress
from ca_ladder.progress.trainee import measure
from ca_ladder.record.events import is_altered
from ca_ladder.record.record import Record
from ca_ladder.record.store import as_bytes, stored_in
from ca_ladder.renderers.csv import csv_pieces

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
PROGRAM = str(Path(sys.executable).with_name("ca-ladder"))

ONE_TABLE = """
import typer
from typing import Annotated
from rich.console import Console
from rich.table import Table

app = typer.Typer(add_completion=False)


@app.callback()
def root() -> None: ...


@app.command()
def status(tier: Annotated[str | None, typer.Option("--tier")] = None) -> None:
    table = Table(title="Status")
    for heading in ("Task", "Total", "Signed"):
        table.add_column(heading)
    for number in range(8):
        table.add_row(f"task {number}", str(number), str(number))
    Console().print(table)


app()
"""

READ_ALL = """
import json, pathlib, sys

for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    with path.open("rb") as file:
        json.load(file)
"""

REFERENCE, READING = "a one-table program", "json.load"

# In every record of some length the first item is checked and the last one open.
CHECKED, OPEN = "cert-01", "tech-t2"
STATUS, NEXT, CHECK = "ca-ladder status", "ca-ladder next", "ca-ladder check ID"
SIGNOFF = "ca-ladder signoff ID --by NAME"
COMPLETION = "completion of an id"
NOT_KEPT = "ca-ladder status, the YAML read anew"
COMMANDS = {
    "ca-ladder": (),
    STATUS: ("status",),
    NEXT: ("next",),
    "ca-ladder show ID": ("show", CHECKED),
    CHECK: ("check", OPEN),
    SIGNOFF: ("signoff", CHECKED, "--by", "Pat Lee"),
    COMPLETION: (),
    NOT_KEPT: ("status",),
}
ASKED = {"_CA_LADDER_COMPLETE": "complete_bash", "COMP_WORDS": "ca-ladder check cert-", "COMP_CWORD": "2"}
CORES = ("one core", "all cores")
FORMATS = {"csv": "csv", "json": "json", "table": "txt"}

CACHEGRIND = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
ITEMS_OF_A_TASK = 100
NODES_OF_AN_ITEM, NODES_OF_A_TASK, NODES_AROUND = 5, 11, 100  # an item is a mapping of two names and two texts


@dataclass(frozen=True)
class Sizes:
    """How much is measured: turns of a short command and of a long one, and how much there is to read."""

    pairs: int = 41
    rounds: int = 5
    events: int = 300
    records: Sequence[int] = (100, 1_000, 10_000)
    events_of_each: int = 200
    stepped: int = 100
    long_records: Sequence[int] = (1_000, 10_000, 100_000)
    items: int = 15_000


@dataclass(frozen=True)
class Counted:
    """A figure that is no time of a whole process, and how many times that of what it is measured against."""

    times: float
    figure: str

    def cells(self) -> tuple[str, ...]:
        """Return the figures as they are shown."""
        return f"{self.times:.2f}x", self.figure


@dataclass
class Found:
    """What was measured, by section and row, and what has to be said beside."""

    timed: dict[str, dict[str, Timed]] = field(default_factory=dict)
    counted: dict[str, dict[str, Counted]] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)

    def rows(self, section: str) -> Mapping[str, Timed | Counted]:
        """Return the rows of a section."""
        return self.counted.get(section) or self.timed.get(section, {})


# --- the surroundings ------------------------------------------------------------------------------------------


def surroundings(place: Path, store: Path) -> dict[str, str]:
    """Return an environment with a home of its own and this store, as after an installation: modules are compiled."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CA_LADDER_", "XDG_"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "HOME": str(place / "home"), "CA_LADDER_STORE": str(store), "LANG": "C.UTF-8", "COLUMNS": "80"}


def record_of(place: Path, events: int) -> Path:
    """Write a record of so many events, and return its file."""
    path = place / f"{events}-events.json"
    path.write_bytes(as_bytes(one_record(events)))
    return path


def one_table(place: Path) -> Case:
    """Return the program that all others are measured against."""
    script = place / "one_table.py"
    script.write_text(ONE_TABLE, encoding="utf-8")
    return Case(REFERENCE, (sys.executable, str(script), "status"), surroundings(place, place / "none.json"))


def single_commands(place: Path, events: int) -> list[Case]:
    """Return the commands, each on a record as it was before; the one-table program comes first."""
    record = record_of(place, events)
    store = place / "record.json"
    environment = surroundings(place, store)

    def ready(name: str) -> None:
        """Put the record back as it was; forget the catalogue where it is to be read anew."""
        shutil.copyfile(record, store)
        if name == NOT_KEPT:
            shutil.rmtree(place / "home" / ".cache", ignore_errors=True)

    return [
        one_table(place),
        *(
            Case(
                name,
                (PROGRAM, *argv),
                environment | (ASKED if name == COMPLETION else {}),
                REFERENCE,
                partial(ready, name),
            )
            for name, argv in COMMANDS.items()
        ),
    ]


def clerk(tasks: int, items: int) -> Iterator[str]:
    """Yield the lines of a catalogue of so many tasks and items, in the shortest words there are."""
    yield 'version: "1"\nroles:\n- id: clerk\n  name: Clerk\n  tiers: [{id: first, title: First, months: {from: 0}}]'
    yield "  tasks:"
    for task in range(tasks):
        yield f"  - id: t{task}\n    name: Task {task}\n    why: It counts\n    expectations:\n      first:"
        yield from (f"      - {{id: a{number}, text: Do {number}}}" for number in range(task, items, tasks))


# --- what is measured ------------------------------------------------------------------------------------------


def commands(place: Path, sizes: Sizes, found: Found) -> None:
    """Each command as a whole process; what one writes is locked, forced to the disk and kept as a backup."""
    found.timed["commands"] = in_turns(single_commands(place, sizes.events), sizes.pairs, warm=True)


def programs(place: Path, sizes: Sizes, found: Found) -> None:
    """Other programs, showing as many entries."""
    others = {"Watson": watson, "todoman": todoman, "Taskwarrior": taskwarrior}
    had = {name: cases(place, sizes.events) for name, cases in others.items()}
    reference, *own = single_commands(place, sizes.events)
    beside = [Case(each.name, each.argv, each.environment, REFERENCE) for cases in had.values() for each in cases]
    shown = [case for case in own if case.name in {STATUS, NEXT}]
    found.timed["programs"] = in_turns([reference, *shown, *beside], sizes.pairs, warm=True)
    found.notes["programs"] = [f"{name} could not be had here." for name, cases in had.items() if not cases]


def instructions(place: Path, sizes: Sizes, found: Found) -> None:
    """The instructions of the same commands, which no noise moves."""
    counts: dict[str, int] = {}
    for case in single_commands(place, sizes.events):
        case.before()
        argv = case.argv if case.name == REFERENCE else (sys.executable, *case.argv)
        environment = {**case.environment, "PYTHONHASHSEED": "0"}
        run(argv, environment)  # what is kept for the next time is kept
        case.before()
        said = run((*CACHEGRIND, *argv), environment) if shutil.which("valgrind") else None
        refs = re.search(r"I +refs: +([\d,]+)", said.stderr) if said and not said.returncode else None
        if not refs:
            found.notes["instructions"] = ["valgrind could not be had here, or does not run Python."]
            return
        counts[case.name] = int(refs[1].replace(",", ""))
    found.counted["instructions"] = {
        name: Counted(count / counts[REFERENCE], f"{count / 1e6:,.0f} million") for name, count in counts.items()
    }


def reports(place: Path, sizes: Sizes, found: Found) -> None:
    """The report over a folder of records, against reading the same files."""
    found.timed["reports"] = {}
    for records in sizes.records:
        folder = place / f"{records}-records"
        make_team(folder, records, sizes.events_of_each)
        found.timed["reports"] |= in_turns(reports_over(folder, records, place), sizes.rounds, warm=False)
        shutil.rmtree(folder)


def reports_over(folder: Path, records: int, place: Path) -> list[Case]:
    """Return the reading of the folder, and the reports over it in one process and in as many as there are cores."""
    environment = surroundings(place, folder)
    reading = f"{READING}, {records:,} records"
    asked = (PROGRAM, "report", "--as-of", str(AS_OF))
    cases = [Case(reading, (sys.executable, "-c", READ_ALL, str(folder)), environment)]
    for cores in CORES:
        for kind, suffix in FORMATS.items():
            argv = (*asked, "--format", kind, "--output", str(place / f"report.{suffix}"))
            name = report_row(kind, records, cores)
            cases.append(Case(name, argv, environment, reading, one_core=cores == CORES[0]))
    return cases


def report_row(kind: str, records: int, cores: str) -> str:
    """Return the name of the row for a report."""
    return f"report, {FORMATS[kind]}, {records:,} records, {cores}"


def steps(place: Path, sizes: Sizes, found: Found) -> None:
    """What a report does with each record, in this process: the fastest of all turns."""
    make_team(place / "team", sizes.stepped, sizes.events_of_each)
    files = sorted((place / "team").glob("*.json"))
    catalogue = load_catalogue(shipped_path())
    contents = [path.read_bytes() for path in files]
    whole = [stored_in(data, path).record for data, path in zip(contents, files, strict=True)]

    def progress(record: Record) -> TraineeProgress:
        enrolment = record.enrolment
        return measure(catalogue.ladder(enrolment.role, enrolment.variants), record, AS_OF)

    done: dict[str, tuple[Callable[[Any], object], Sequence[Any]]] = {
        READING: (lambda path: json.loads(path.read_bytes()), files),
        "the bytes of the file": (Path.read_bytes, files),
        "the record that they are": (lambda data: stored_in(data, PAGE), contents),
        "of that: is every entry what its id stands for?": (lambda record: any(map(is_altered, record.events)), whole),
        "of that: would it be written as it is?": (as_bytes, whole),
        "where the trainee stands": (lambda record: progress(Record(record.events)), whole),
        "rows of CSV": (csv_pieces, [progress(record) for record in whole]),
    }
    taken: dict[str, list[float]] = {name: [] for name in done}
    gc.freeze()  # a report holds no records but the one that it is at
    for _ in range(sizes.rounds * 3):
        for name, (step, each_of) in done.items():
            began = time.perf_counter()
            for each in each_of:
                step(each)
            taken[name].append((time.perf_counter() - began) / len(files))
    fastest = {name: min(turns) for name, turns in taken.items()}
    found.counted["steps"] = {
        name: Counted(seconds / fastest[READING], f"{seconds * 1e6:,.0f} microseconds")
        for name, seconds in fastest.items()
    }


def records(place: Path, sizes: Sizes, found: Found) -> None:
    """`status` of longer and longer records, each against the one before."""
    cases: list[Case] = []
    for events in sizes.long_records:
        environment = surroundings(place, record_of(place, events))
        before = cases[-1].name if cases else ""
        cases.append(Case(f"status, {events:,} events", (PROGRAM, "status"), environment, before))
    found.timed["records"] = in_turns(cases, sizes.rounds, warm=True)


def catalogues(place: Path, sizes: Sizes, found: Found) -> None:
    """Larger and larger catalogues, each against the one before: as it is examined, and as it is used afterwards."""
    largest = largest_catalogue(sizes.items)
    if largest < sizes.items:
        words = f"A catalogue of {sizes.items:,} items is refused: it has more than {MOST_NODES:,} texts and lists."
        found.notes["catalogues"] = [words]
    cases: list[Case] = []
    for items in (largest // 100, largest // 10, largest):
        before = [case.name for case in cases[-2:]] or ["", ""]
        cases += catalogue_commands(place, items, before)
    found.timed["catalogues"] = in_turns(cases, sizes.rounds, warm=True)


def catalogue_commands(place: Path, items: int, before: Sequence[str]) -> list[Case]:
    """Return the two commands on a catalogue of so many items, and begin a record with it."""
    file = place / f"{items}-items.yaml"
    file.write_text("\n".join(clerk(items // ITEMS_OF_A_TASK + 1, items)), encoding="utf-8")
    environment = surroundings(place, place / f"{items}-items.json") | {"CA_LADDER_CATALOGUE": str(file)}
    done = run((PROGRAM, "init", "--name", "Maria Lopez", "--start", "today"), environment)
    if done.returncode:
        sys.exit(done.stderr)
    return [
        Case(f"catalogue check, {items:,} items", (PROGRAM, "catalogue", "check", str(file)), environment, before[0]),
        Case(f"status, {items:,} items", (PROGRAM, "status"), environment, before[1]),
    ]


def largest_catalogue(items: int) -> int:
    """Return the items, or as many of them as a catalogue may hold in whole tasks."""
    nodes = ITEMS_OF_A_TASK * NODES_OF_AN_ITEM + NODES_OF_A_TASK
    return min(items, (MOST_NODES - NODES_AROUND) // nodes * ITEMS_OF_A_TASK)


class Section(NamedTuple):
    """A table of the page: its title, what it means in plain words, and what measures it."""

    title: str
    meaning: str
    measure: Callable[[Path, Sizes, Found], None]
    heads: Sequence[str] = Timed.HEADS


SECTIONS = {
    "commands": Section(
        "Single commands",
        "Each command as it is typed, from start to end, on a record of {sizes.events} events with the catalogue that "
        "ships. What writes waits for the lock and for the disk, and keeps its backups. The catalogue is kept as it "
        "was read, under the hash of its file; one row shows what that saves. All take turns with {reference}: Typer "
        "and Rich in the same environment, showing eight rows.",
        commands,
    ),
    "programs": Section(
        "Beside other programs",
        "Watson shows {sizes.events} stretches of work, todoman as many things to do, Taskwarrior as many tasks, and "
        "ca-ladder a record of as many events; all take turns with {reference}.",
        programs,
    ),
    "instructions": Section(
        "Instructions",
        "How many instructions the processor carries out for the single commands, as valgrind counts them: a figure "
        "that other work on the machine does not move.",
        instructions,
        ("instructions, times", "instructions"),
    ),
    "reports": Section(
        "Reports over a team",
        "`report --format ... -o FILE` over a folder, each record of about {sizes.events_of_each} events, against "
        "Python doing nothing but `{reading}` of the same files in one process. On one core the report is one "
        "process; on all cores it may be several, and the memory is that of the largest.",
        reports,
    ),
    "steps": Section(
        "What a report does with each record",
        "One step after the other, in one process, for records of about {sizes.events_of_each} events; against "
        "`json.load` of the same file.",
        steps,
        ("json.load, times", "for each record"),
    ),
    "records": Section(
        "Long records",
        "`status` of one record, as it grows tenfold; each row against the row before.",
        records,
    ),
    "catalogues": Section(
        "Large catalogues",
        "`catalogue check` reads the whole YAML each time; `status` reads what was kept of it. Each row against the "
        "same command on a tenth of the items.",
        catalogues,
    ),
}


# --- what was promised -----------------------------------------------------------------------------------------


Measured = Callable[[Mapping[str, Mapping[str, Timed]]], float]
"""What finds a figure in what was measured, by section and row; raises KeyError where it was not measured."""


class Promise(NamedTuple):
    """A budget: what it is about, the most it may be, in which unit, and where it stands in what was measured."""

    what: str
    most: float
    unit: str
    measured: Measured


def cpu_times(row: Timed) -> float:
    """Return the ratio of the CPU time."""
    return row.cpu_times.middle


def wall_times(row: Timed) -> float:
    """Return the ratio of the wall time."""
    return row.wall_times.middle


def memory(row: Timed) -> float:
    """Return the peak memory."""
    return row.memory


def of_row(section: str, row: str) -> Measured:
    """Return what finds the ratio of CPU time in a row."""
    return lambda timed: cpu_times(timed[section][row])


def of_reports(figure: Callable[[Timed], float], kinds: Sequence[str], records: int, cores: str) -> Measured:
    """Return what finds the highest figure among the reports of these formats."""
    names = [report_row(kind, records, cores) for kind in kinds]
    return lambda timed: max(figure(timed["reports"][name]) for name in names)


def of_largest_catalogue(timed: Mapping[str, Mapping[str, Timed]]) -> float:
    """Return the higher ratio of the two commands."""
    return max(cpu_times(row) for row in list(timed["catalogues"].values())[-2:])


ONE, ALL = CORES
MANY, FEWER = 10_000, 1_000


def of_many(kinds: Sequence[str]) -> tuple[Promise, ...]:
    """Return what was promised of reports in these formats."""
    what = f"report, {MANY:,} records, {' or '.join(FORMATS[kind] for kind in kinds)}"
    peak, of_fewer = (of_reports(memory, kinds, records, ONE) for records in (MANY, FEWER))
    cpu, wall = of_reports(cpu_times, kinds, MANY, ONE), of_reports(wall_times, kinds, MANY, ALL)
    return (
        Promise(f"{what}, {ONE}: CPU against {READING}", 2.0, "x", cpu),
        Promise(f"{what}, {ALL}: wall time against {READING}", 1.2, "x", wall),
        Promise(f"{what}, {ONE}: peak memory", 150, " MiB", peak),
        Promise(f"{what}, {ONE}: peak memory against {FEWER:,}", 1.1, "x", lambda timed: peak(timed) / of_fewer(timed)),
    )


PROMISES = (
    *(
        Promise(f"`{name}`: CPU against {REFERENCE}", most, "x", of_row("commands", name))
        for name, most in {STATUS: 1.1, CHECK: 1.2, SIGNOFF: 1.2}.items()
    ),
    Promise(f"{COMPLETION}: CPU against {REFERENCE}", 1.0, "x", of_row("commands", COMPLETION)),
    *of_many(("csv", "json")),
    *of_many(("table",)),
    Promise("status, 100,000 events: CPU against 10,000", 10.5, "x", of_row("records", "status, 100,000 events")),
    Promise("the largest catalogue: CPU against one of a tenth", 10.5, "x", of_largest_catalogue),
)


def kept(promise: Promise, timed: Mapping[str, Mapping[str, Timed]]) -> tuple[str, ...]:
    """Return the row of a promise."""
    digits = 0 if "MiB" in promise.unit else 2
    most = f"{promise.most:.{digits}f}{promise.unit}"
    try:
        found = promise.measured(timed)
    except KeyError:
        return promise.what, most, "not measured", ""
    return promise.what, most, f"{found:.{digits}f}{promise.unit}", "kept" if found <= promise.most else "NOT KEPT"


# --- what is told ----------------------------------------------------------------------------------------------


def measured(names: Sequence[str], sizes: Sizes) -> Found:
    """Measure these sections, one after the other."""
    found = Found()
    for name in names:
        with tempfile.TemporaryDirectory() as place:
            SECTIONS[name].measure(Path(place), sizes, found)
        print(f"{name}: done", file=sys.stderr)
    return found


def document(found: Found, names: Sequence[str], sizes: Sizes) -> list[str]:
    """Return the lines of the tables: what was promised first, then each section."""
    lines = [machine(sizes), "", "### What was promised", ""]
    lines += table(("what", "at most", "measured", ""), (kept(promise, found.timed) for promise in PROMISES))
    for name in names:
        section, rows = SECTIONS[name], found.rows(name)
        meaning = section.meaning.format(sizes=sizes, reference=REFERENCE, reading=READING)
        lines += ["", f"### {section.title}", "", meaning, *(f"\n{note}" for note in found.notes.get(name, [])), ""]
        lines += (
            table(("what", *section.heads), ((row, *figures.cells()) for row, figures in rows.items())) if rows else []
        )
    return lines


def machine(sizes: Sizes) -> str:
    """Return what was measured with, and how often."""
    cores = f"{len(os.sched_getaffinity(0))} cores, {platform.system()} on {platform.machine()}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    version = run((PROGRAM, "--version"), os.environ).stdout.strip()
    return (
        f"{version}, {python}, {cores}. Single commands and programs: {sizes.pairs} turns; all else: {sizes.rounds}; "
        "instructions: one."
    )


def main() -> None:
    """Print the tables; with ``--write``, into the page too."""
    usual = Sizes()
    parser = argparse.ArgumentParser(description="Measure how fast ca-ladder is.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; without one, all")
    parser.add_argument("--pairs", type=int, default=usual.pairs, help="turns of the single commands")
    parser.add_argument("--rounds", type=int, default=usual.rounds, help="turns of what takes longer")
    parser.add_argument("--records", type=int, nargs="+", default=usual.records, help="how many records are reported")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md too")
    asked = parser.parse_args()
    if unknown := [name for name in asked.sections if name not in SECTIONS]:
        parser.error(f"no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    sizes = Sizes(pairs=asked.pairs, rounds=asked.rounds, records=asked.records)
    names = asked.sections or list(SECTIONS)
    began = time.monotonic()
    lines = document(measured(names, sizes), names, sizes)
    print("\n".join(lines))
    print(f"\n{time.monotonic() - began:.0f} s in all.")
    if asked.write:
        put_into(PAGE, "performance.py", lines)


if __name__ == "__main__":
    main()
