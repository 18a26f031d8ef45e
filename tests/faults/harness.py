"""Kill a program, or let a system call fail, at any call that one of its commands makes.

Nothing here knows ca-ladder. The command first runs undisturbed under strace. Then it runs again for each of its calls,
on a fresh copy of its data, and that call kills it or fails.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import NamedTuple, TypeVar

FOLDER = "{folder}"  # replaced by the data folder of a run, in the command, the environment and the calls

# No system interrupts the same call for ever, so a program may repeat an interrupted call until it succeeds.
INTERRUPTIONS = 10
SECONDS = 60
TRIES = 12  # a call that the next run makes earlier or later is looked for again, so that none is left out

# These calls change no file, so a kill at one of them leaves what a kill at the next call leaves.
# A call that is not in this list counts as a change.
READ_ONLY = {
    *("access", "brk", "clock_gettime", "close", "dup", "epoll_create1", "faccessat", "faccessat2", "fstat", "fstatfs"),
    *("futex", "getcwd", "getdents64", "getegid", "geteuid", "getgid", "getpid", "getrandom", "gettid", "getuid"),
    *("ioctl", "lseek", "lstat", "madvise", "mmap", "mprotect", "mremap", "munmap", "newfstatat", "pread64", "read"),
    *("readlink", "readlinkat", "rt_sigaction", "rt_sigprocmask", "stat", "statfs", "statx", "sysinfo", "uname"),
}

Item = TypeVar("Item")
Result = TypeVar("Result")


class Corrupt(Exception):
    """The data in a folder cannot be read, or is not what was written."""


class Subject(NamedTuple):
    """One command of a program, on data prepared in a folder; each run has a copy of it.

    ``argv`` and ``environment`` name that copy as ``{folder}``. The calls that matter begin with the first that has
    ``begins`` in its arguments, such as the name of a lock. ``done`` is what the command prints once its work is
    saved. ``entries`` reads all entries in a folder's data, or raises Corrupt. ``relocate`` adjusts a copy of the
    folder, for a program that remembers the path of its data.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    begins: str
    done: str
    entries: Callable[[Path], frozenset[str]]
    relocate: Callable[[Path], None] = lambda _: None


class Call(NamedTuple):
    """A system call with its arguments. ``number`` counts the calls of its name from 1.

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
        """The file it is about, without numbers, hashes and random names; empty if there is none."""
        match = re.search(r'[<"](?=[/{])([^<>"]*)', self.arguments)
        return re.sub(r"\btmp\w{8}\b|[0-9a-f]{4,}|\d+", "#", match[1]) if match else ""

    @property
    def changes_files(self) -> bool:
        """Whether the call may change a file, a name or a lock."""
        if self.name in {"open", "openat"}:
            return re.search("O_CREAT|O_TRUNC|O_TMPFILE", self.arguments) is not None
        return self.name not in READ_ONLY


class Run(NamedTuple):
    """How a run ended, and the folder it leaves. ``met``: it reached the call that was to be disturbed."""

    folder: Path
    exit_code: int
    stdout: str
    stderr: str
    met: bool


class Undisturbed(NamedTuple):
    """The calls that matter of an undisturbed run, and the entries before and after it."""

    calls: list[Call]
    before: frozenset[str]
    after: frozenset[str]


def undisturbed(subject: Subject) -> Undisturbed:
    """Run the command twice without a fault, the first time to fill its caches; raises RuntimeError if it fails."""
    for _ in range(2):
        folder, trace = _copy(subject)
        run = _run(subject, folder, trace)
        if run.exit_code or subject.done not in run.stdout:
            raise RuntimeError(f"{subject.argv} fails undisturbed: {run}")
        calls = list(_traced(trace, folder))
        after = subject.entries(folder)
        shutil.rmtree(folder.parent)
    first = next(index for index, call in enumerate(calls) if subject.begins in call.arguments)
    return Undisturbed(calls[first:], subject.entries(subject.folder), after)


def kill_points(calls: Sequence[Call]) -> list[Call]:
    """Return the calls to kill a program at: those that change files, and the last one."""
    return [call for call in calls[:-1] if call.changes_files] + list(calls[-1:])


def killed(subject: Subject, call: Call) -> Run:
    """Run the command on a copy of its data, and kill it as it makes the call."""
    return _disturbed(subject, call, lambda number: [f"--inject={call.name}:signal=SIGKILL:when={number}"])


def failed(subject: Subject, call: Call, error: str, *, once: bool) -> Run:
    """Run the command on a copy of its data, and let the call fail with the error, once or from then on."""

    def options(number: int) -> list[str]:
        last = f"..{number + INTERRUPTIONS - 1}" if error == "EINTR" else "+"
        when = f"{number}{'' if once else last}"
        # With this filter strace stops the program at these calls alone, which is faster; it would lose a signal.
        return ["--seccomp-bpf", f"--inject={call.name}:error={error}:when={when}"]

    return _disturbed(subject, call, options)


def data_loss(subject: Subject, run: Run, plain: Undisturbed) -> str:
    """Return in words what the run has damaged or lost; empty if every entry is there that has to be."""
    try:
        now = subject.entries(run.folder)
    except Corrupt as problem:
        return f"corrupt: {problem}"
    if not plain.before & plain.after <= now <= plain.before | plain.after:
        return f"lost: {sorted((plain.before & plain.after) - now)}; new: {sorted(now - plain.before - plain.after)}"
    if subject.done in run.stdout and now != plain.after:
        return f"acknowledged and lost: {sorted(now ^ plain.after)}"
    return ""


def in_parallel(action: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield the result of the action for each item, in order, on all processors that this test process may use.

    A program and its strace stay on one processor: between two, every stop would take twice as long.
    """
    processors = sorted(os.sched_getaffinity(0))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    ours = processors[int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % len(processors) :: workers]
    number = count()

    def bind_to_one_processor() -> None:
        os.sched_setaffinity(0, {ours[next(number) % len(ours)]})  # this thread and the programs it starts

    with ThreadPoolExecutor(len(ours), initializer=bind_to_one_processor) as pool:
        yield from pool.map(action, items)


def remove(run: Run) -> None:
    """Delete the files of a run."""
    shutil.rmtree(run.folder.parent)


def _disturbed(subject: Subject, call: Call, options: Callable[[int], list[str]]) -> Run:
    """Run the command with a fault at the call; run it again if this run made the call earlier or later."""
    number = call.number
    for attempt in range(TRIES):
        folder, trace = _copy(subject)
        run = _run(subject, folder, trace, f"--trace={call.name}", *options(number))
        reached = next((other for other in _traced(trace, folder) if other.number == number), None)
        if reached and reached.file == call.file:
            return run._replace(met=True)
        if attempt < TRIES - 1:
            remove(run)
            number = _number_now(subject, call)
    return run


def _number_now(subject: Subject, call: Call) -> int:
    """Return the number that the call has in a new run."""
    folder, trace = _copy(subject)
    run = _run(subject, folder, trace, f"--trace={call.name}")
    numbers = [other.number for other in _traced(trace, folder) if (other.file, other.turn) == (call.file, call.turn)]
    remove(run)
    return numbers[0] if numbers else call.number


def _run(subject: Subject, folder: Path, trace: Path, *options: str) -> Run:
    strace = ["strace", "-f", "-qq", "-y", f"--output={trace}", *options]
    process = subprocess.run(
        [*strace, *(part.replace(FOLDER, str(folder)) for part in subject.argv)],
        env={name: value.replace(FOLDER, str(folder)) for name, value in subject.environment.items()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="backslashreplace",
        timeout=SECONDS,
        check=False,
    )
    return Run(folder, process.returncode, process.stdout, process.stderr, met=False)


def _copy(subject: Subject) -> tuple[Path, Path]:
    """Return a fresh copy of the subject's folder, and a path for the trace beside it."""
    parent = Path(tempfile.mkdtemp(dir=subject.folder.parent))
    copy = parent / subject.folder.name
    shutil.copytree(subject.folder, copy)
    subject.relocate(copy)
    return copy, parent / "trace"


def _traced(trace: Path, folder: Path) -> Iterator[Call]:
    """Yield the calls of a trace, numbered by name."""
    numbers: dict[str, int] = {}
    turns: dict[tuple[str, str], int] = {}
    for name, arguments in re.findall(r"^(?:\d+ +)?(\w+)\((.*)", trace.read_text(errors="replace"), re.MULTILINE):
        numbers[name] = numbers.get(name, 0) + 1
        masked = re.sub(r"^AT_FDCWD<[^>]*>", "AT_FDCWD", arguments)
        masked = masked.replace(str(folder), FOLDER).replace(str(folder.parent), "{beside}")
        call = Call(name, numbers[name], masked)
        key = (name, call.file)
        turns[key] = turns.get(key, 0) + 1
        yield call._replace(turn=turns[key])
