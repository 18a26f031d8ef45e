"""A program killed, or refused by the system, at any call it makes: the harness for one command of any program.

It knows nothing of ca-ladder. The command runs once undisturbed under strace; then, for each of its calls, it runs
again on an equal copy of its data, and that call kills it, or fails.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import NamedTuple, TypeVar

FOLDER = "{folder}"  # stands for the data's folder, in a subject's command and environment and in a call's arguments

# No system interrupts the same call for ever, and a program that waited for its end would be right to.
INTERRUPTIONS = 10
SECONDS = 60
TRIES = 12  # a call that was missed is looked for again and again: none may go untried

Given = TypeVar("Given")
Result = TypeVar("Result")


class Corrupt(Exception):
    """The data in a folder cannot be read, or is not what was written."""


class ChangedObject(NamedTuple):
    """One command of a program, on data prepared in a folder; each run has a copy of it.

    ``argv`` and ``environment`` name that copy as ``{folder}``. The calls that matter begin with the first that has
    ``begins`` in its arguments, such as the name of a lock. ``done`` is what the command prints once its work is
    saved. ``entries`` reads all that a folder's data say, or raises Corrupt. ``moved`` is told of each copy, for a
    program that keeps in mind where its data lie.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    begins: str
    done: str
    entries: Callable[[Path], frozenset[str]]
    moved: Callable[[Path], None] = lambda _: None


class Call(NamedTuple):
    """A system call: the so manieth of its name (from 1), and its arguments, descriptors with their files' names.

    ``turn`` counts the calls of its name on the same file: another run may have opened other files before.
    """

    name: str
    number: int
    arguments: str
    turn: int = 1

    def __str__(self) -> str:
        return f"{self.name} {self.number} ({self.file or self.arguments[:60]})"

    @property
    def file(self) -> str:
        """The file that it is about, numbers, hashes and chance names left out; empty when it is about none."""
        found = re.search(r'[<"](?=[/{])([^<>"]*)', self.arguments)
        return re.sub(r"\btmp\w{8}\b|[0-9a-f]{4,}|\d+", "#", found[1]) if found else ""


class Run(NamedTuple):
    """How a run ended, and the folder that it leaves; ``met`` says whether it was disturbed where it should be."""

    folder: Path
    exit_code: int
    stdout: str
    stderr: str
    met: bool


class Undisturbed(NamedTuple):
    """The calls that matter of a run that nothing disturbed, and what the data said before and after."""

    calls: list[Call]
    before: frozenset[str]
    after: frozenset[str]


def calls(subject: ChangedObject) -> list[Call]:
    """Return every call the command makes from the first that matters to its exit."""
    return undisturbed(subject).calls


def undisturbed(subject: ChangedObject) -> Undisturbed:
    """Run the command twice with nothing in its way, once to warm its caches; raises where it does not succeed."""
    for _ in range(2):
        folder, trace = _copy(subject)
        run = _run(subject, folder, trace)
        if run.exit_code or subject.done not in run.stdout:
            raise RuntimeError(f"{subject.argv} fails undisturbed: {run}")
        made = list(_traced(trace, folder))
        after = subject.entries(folder)
        shutil.rmtree(folder.parent)
    first = next(place for place, call in enumerate(made) if subject.begins in call.arguments)
    return Undisturbed(made[first:], subject.entries(subject.folder), after)


def killed(subject: ChangedObject, call: Call) -> Run:
    """Run the command on a copy of its data, and kill it as it makes the call."""
    return _disturbed(subject, call, lambda number: [f"--inject={call.name}:signal=SIGKILL:when={number}"])


def failed(subject: ChangedObject, call: Call, error: str, *, once: bool) -> Run:
    """Run the command on a copy of its data, and let the call fail with the error, once or from then on."""

    def options(number: int) -> list[str]:
        last = f"..{number + INTERRUPTIONS - 1}" if error == "EINTR" else "+"
        when = f"{number}{'' if once else last}"
        # With this filter strace stops the program at these calls alone, which is faster; it would lose a signal.
        return ["--seccomp-bpf", f"--inject={call.name}:error={error}:when={when}"]

    return _disturbed(subject, call, options)


def lost(subject: ChangedObject, run: Run, plain: Undisturbed) -> str:
    """Return what the run made of the data that it must not; empty when every entry is there that has to be."""
    try:
        now = subject.entries(run.folder)
    except Corrupt as problem:
        return f"corrupt: {problem}"
    if not plain.before & plain.after <= now <= plain.before | plain.after:
        return f"lost: {sorted((plain.before & plain.after) - now)}; new: {sorted(now - plain.before - plain.after)}"
    if subject.done in run.stdout and now != plain.after:
        return f"acknowledged and lost: {sorted(now ^ plain.after)}"
    return ""


def each(action: Callable[[Given], Result], things: Iterable[Given]) -> Iterator[Result]:
    """Yield what the action makes of each thing, in order; as many at a time as there are processors to share.

    A program and the strace that stops it stay on one processor: between two, every stop would take twice as long.
    """
    processors = sorted(os.sched_getaffinity(0))
    neighbours = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    own = processors[int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % len(processors) :: neighbours]
    number = count()

    def stay() -> None:
        os.sched_setaffinity(0, {own[next(number) % len(own)]})  # of this thread, and of the programs it starts

    with ThreadPoolExecutor(len(own), initializer=stay) as pool:
        yield from pool.map(action, things)


def let_go(run: Run) -> None:
    """Remove what the run left."""
    shutil.rmtree(run.folder.parent)


def _disturbed(subject: ChangedObject, call: Call, options: Callable[[int], list[str]]) -> Run:
    """Run the command; where it makes a call more or less than before, it is run again, and the call looked for."""
    number = call.number
    for attempt in range(TRIES):
        folder, trace = _copy(subject)
        run = _run(subject, folder, trace, f"--trace={call.name}", *options(number))
        there = next((each for each in _traced(trace, folder) if each.number == number), None)
        if there and there.file == call.file:
            return run._replace(met=True)
        if attempt < TRIES - 1:
            let_go(run)
            number = _number_now(subject, call)
    return run


def _number_now(subject: ChangedObject, call: Call) -> int:
    """Return which of its name the call is when the command is run now."""
    folder, trace = _copy(subject)
    run = _run(subject, folder, trace, f"--trace={call.name}")
    found = [each.number for each in _traced(trace, folder) if (each.file, each.turn) == (call.file, call.turn)]
    let_go(run)
    return found[0] if found else call.number


def _run(subject: ChangedObject, folder: Path, trace: Path, *options: str) -> Run:
    strace = ["strace", "-f", "-qq", "-y", f"--output={trace}", *options]
    done = subprocess.run(
        [*strace, *(part.replace(FOLDER, str(folder)) for part in subject.argv)],
        env={name: value.replace(FOLDER, str(folder)) for name, value in subject.environment.items()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="backslashreplace",
        timeout=SECONDS,
        check=False,
    )
    return Run(folder, done.returncode, done.stdout, done.stderr, met=False)


def _copy(subject: ChangedObject) -> tuple[Path, Path]:
    """Return a fresh copy of the subject's folder, and a place for a trace beside it."""
    place = Path(tempfile.mkdtemp(dir=subject.folder.parent))
    copy = place / subject.folder.name
    shutil.copytree(subject.folder, copy)
    subject.moved(copy)
    return copy, place / "trace"


def _traced(trace: Path, folder: Path) -> Iterator[Call]:
    """Yield the calls of a trace, each as the so manieth of its name."""
    made: dict[str, int] = {}
    turns: dict[tuple[str, str], int] = {}
    for name, arguments in re.findall(r"^(?:\d+ +)?(\w+)\((.*)", trace.read_text(errors="replace"), re.MULTILINE):
        made[name] = made.get(name, 0) + 1
        here = re.sub(r"^AT_FDCWD<[^>]*>", "AT_FDCWD", arguments)
        here = here.replace(str(folder), FOLDER).replace(str(folder.parent), "{beside}")
        call = Call(name, made[name], here)
        same = (name, call.file)
        turns[same] = turns.get(same, 0) + 1
        yield call._replace(turn=turns[same])
