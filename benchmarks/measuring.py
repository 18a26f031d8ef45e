"""A command as a whole process: what it takes, beside others that take turns with it. And a page's printed part."""

import shlex
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple

LAUNCHER = Path(__file__).with_name("launcher.py")


class Used(NamedTuple):
    """What a command took: CPU (user and system) and wall time in seconds, the peak of its largest process in MiB."""

    cpu: float
    wall: float
    memory: float


@dataclass(frozen=True)
class Case:
    """A command to measure, ``against`` the case of that name, or itself.

    ``before`` is run before each turn, and not measured.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    against: str = ""
    before: Callable[[], object] = lambda: None
    one_core: bool = False


class Spread(NamedTuple):
    """The quartiles of some figures: of single ones, all three are the same."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Timed:
    """What a command took in all its turns: medians and the highest peak, and turn by turn the ratio to another."""

    HEADS: ClassVar = ("CPU, times", "quartiles", "wall time, times", "CPU", "wall time", "peak memory")

    cpu_times: Spread
    wall_times: Spread
    cpu: float
    wall: float
    memory: float

    def cells(self) -> tuple[str, ...]:
        """Return the figures as they are shown."""
        low, middle, high = self.cpu_times
        times = (f"{middle:.2f}x", f"{low:.2f} to {high:.2f}", f"{self.wall_times.middle:.2f}x")
        return (*times, f"{self.cpu:.3f} s", f"{self.wall:.3f} s", f"{self.memory:.0f} MiB")


def run(argv: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def used(argv: Sequence[str], environment: Mapping[str, str], *, one_core: bool = False) -> Used:
    """Run a command to its end and return what it took; where it fails there is nothing to tell."""
    cores = "one" if one_core else "all"
    done = run([sys.executable, "-I", "-S", str(LAUNCHER), cores, *argv], environment)
    if done.returncode:
        sys.exit(f"{shlex.join(argv)}: exit code {done.returncode}\n{done.stderr}")
    cpu, wall, memory = map(float, done.stdout.split())
    return Used(cpu, wall, memory / 1024)


def in_turns(cases: Sequence[Case], turns: int, *, warm: bool) -> dict[str, Timed]:
    """Run the commands one after the other, so often all over; ``warm`` runs each once before, and forgets it."""
    taken: dict[str, list[Used]] = {case.name: [] for case in cases}
    for _ in range(turns + warm):
        for case in cases:
            case.before()
            taken[case.name].append(used(case.argv, case.environment, one_core=case.one_core))
    counted = {name: runs[warm:] for name, runs in taken.items()}
    return {case.name: _timed(counted[case.name], counted[case.against or case.name]) for case in cases}


def spread(figures: Iterable[float]) -> Spread:
    """Return the quartiles."""
    found = list(figures)
    return Spread(*(statistics.quantiles(found, n=4, method="inclusive") if len(found) > 1 else found * 3))


def _timed(ours: Sequence[Used], theirs: Sequence[Used]) -> Timed:
    turns = list(zip(ours, theirs, strict=True))
    return Timed(
        cpu_times=spread(one.cpu / other.cpu for one, other in turns),
        wall_times=spread(one.wall / other.wall for one, other in turns),
        cpu=statistics.median(each.cpu for each in ours),
        wall=statistics.median(each.wall for each in ours),
        memory=max(each.memory for each in ours),
    )


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Return the lines of a table in Markdown."""
    first = tuple(heads)
    return [f"| {' | '.join(cells)} |" for cells in (first, ("---",) * len(first), *rows)]


def put_into(page: Path, script: str, lines: Iterable[str]) -> None:
    """Write what a script printed between its two marks on a page."""
    begin, end = f"<!-- printed by benchmarks/{script} -->", "<!-- end of what was printed -->"
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    after = rest.partition(end)[2]
    page.write_text(f"{before}{begin}\n\n" + "\n".join(lines) + f"\n\n{end}{after}", encoding="utf-8")
