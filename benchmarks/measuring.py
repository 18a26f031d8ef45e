"""Run commands as whole processes, count what they use, and write the results into a page."""

import re
import shlex
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

# A process of its own starts each command: on Linux the peak memory of a command is never less than that of the process
# that started it, so the starting process has to be small.
LAUNCHER = """
import os, sys, time
_, cores, *command = sys.argv
if cores == "one":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
files = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
began = time.monotonic()
child = os.posix_spawnp(command[0], command, os.environ, file_actions=files)
_, status, used = os.wait4(child, 0)
print(used.ru_utime + used.ru_stime, time.monotonic() - began, used.ru_maxrss)
sys.exit(abs(os.waitstatus_to_exitcode(status)))
"""
CACHEGRIND = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")


class Used(NamedTuple):
    """What a command used: CPU (user and system) and wall time in seconds, the peak of its largest process in MiB."""

    cpu: float
    wall: float
    memory: float


@dataclass(frozen=True)
class Case:
    """A command to measure. ``before`` runs before each turn and is not measured."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    before: Callable[[], object] = lambda: None
    one_core: bool = False


def run(argv: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; exit with its message if it fails."""
    process = subprocess.run(
        argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if process.returncode:
        sys.exit(f"{shlex.join(argv)}: exit code {process.returncode}\n{process.stderr}")
    return process


def used(case: Case) -> Used:
    """Run a command and return what it used."""
    case.before()
    cores = "one" if case.one_core else "all"
    process = run([sys.executable, "-I", "-S", "-c", LAUNCHER, cores, *case.argv], case.environment)
    cpu, wall, memory = map(float, process.stdout.split())
    return Used(cpu, wall, memory / 1024)


def in_turns(cases: Mapping[str, Case], turns: int) -> dict[str, list[Used]]:
    """Run the commands one after the other, ``turns`` times, after a first turn that does not count."""
    results: dict[str, list[Used]] = {name: [] for name in cases}
    for _ in range(turns + 1):
        for name, case in cases.items():
            results[name].append(used(case))
    return {name: measured[1:] for name, measured in results.items()}


def ratio(ours: Iterable[float], theirs: Iterable[float]) -> float:
    """Return the median of the ratios, turn by turn."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def instructions(case: Case) -> int | None:
    """Return how many instructions a Python command runs, counted by valgrind; None if valgrind is not installed."""
    if not shutil.which("valgrind"):
        return None
    environment = {**case.environment, "PYTHONHASHSEED": "0"}
    case.before()
    run(case.argv, environment)  # fills the caches
    case.before()
    refs = re.search(r"I +refs: +([\d,]+)", run((*CACHEGRIND, *case.argv), environment).stderr)
    return int(refs[1].replace(",", "")) if refs else None


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Return the lines of a table in Markdown."""
    first = tuple(heads)
    return [f"| {' | '.join(cells)} |" for cells in (first, ("---",) * len(first), *rows)]


def put_into(page: Path, script: str, lines: Iterable[str]) -> None:
    """Write the output of a script between its two marks on a page."""
    begin, end = f"<!-- printed by benchmarks/{script} -->", "<!-- end of what was printed -->"
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    after = rest.partition(end)[2]
    page.write_text(f"{before}{begin}\n\n" + "\n".join(lines) + f"\n\n{end}{after}", encoding="utf-8")
