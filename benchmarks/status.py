"""CPU of `status` (real catalogue, 300 events) against a one-table Typer + Rich program, paired, in one run.

Run it with the environment's own Python: ``.venv/bin/python benchmarks/status.py``. The machine's speed drifts, so the
two programs take turns and the ratio of each pair counts, not the seconds.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from ca_ladder.catalogue.loader import load_catalogue
from ca_ladder.catalogue.models import Ladder
from ca_ladder.catalogue.shelf import shipped_path
from ca_ladder.record import store
from ca_ladder.record.events import Person, Stamp
from ca_ladder.record.rules import Act, enrol

PAIRS = 41
EVENTS = 300

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


def make_record(path: Path) -> None:
    """Write a record of EVENTS events on the shipped catalogue."""
    catalogue = load_catalogue(shipped_path())
    role = catalogue.roles[0]
    variants = tuple(variant.id for variant in role.variants)
    stamp = Stamp(datetime.now().astimezone() - timedelta(days=30), "trainee", "PC")
    trainee = Person(name="A Trainee", role="trainee")
    start = stamp.today - timedelta(days=100)
    record = enrol(stamp, trainee, name=trainee.name, start=start, role=role.id, variants=variants)
    act = Act(Ladder(role, frozenset(variants), catalogue.version), stamp, trainee)
    items = list(act.ladder.items.values())
    while len(record.events) < EVENTS:
        item = items[len(record.events) // 3 % len(items)]
        state = record.standing(item).state
        record = act.uncheck(record, [item]) if state == "checked" else act.check(record, [item])
    store.create(path, record)


def cpu_seconds(*command: str | Path) -> float:
    """Run the command to its end and return its CPU seconds, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the ratio, pair by pair: its median, and the quartiles around it."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        os.environ["CA_LADDER_STORE"] = str(place / "record.json")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed: modules are compiled once
        make_record(place / "record.json")
        (place / "one_table.py").write_text(ONE_TABLE, encoding="utf-8")
        program = Path(sys.executable).with_name("ca-ladder")
        ratios, ours, theirs = [], [], []
        for pair in range(PAIRS + 1):
            ours.append(cpu_seconds(program, "status"))
            theirs.append(cpu_seconds(sys.executable, place / "one_table.py", "status"))
            if pair:  # the first pair warms up
                ratios.append(ours[-1] / theirs[-1])
        low, middle, high = statistics.quantiles(ratios, n=4)
        print(
            f"status, {EVENTS} events: {middle:.2f} x the CPU of a one-table program, quartiles {low:.2f} to {high:.2f}"
        )
        print(f"medians {statistics.median(ours):.3f} s and {statistics.median(theirs):.3f} s of {PAIRS} pairs")


if __name__ == "__main__":
    main()
