"""Kill a program, or let a system call fail, at any call that one of its commands makes.

Nothing here knows ca-ladder. The command runs up to the point where it begins to write, and stops there. Each run from
there on is a fork of it under strace, on the data as they were at that point: one undisturbed, then one for each of its
calls, in which that call kills it or fails.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

FOLDER = "{folder}"  # replaced by the data folder, in the command, the environment and the calls

# No system interrupts the same call for ever, so a program may repeat an interrupted call until it succeeds.
INTERRUPTIONS = 10
SECONDS = 60

# These calls change no file, so a kill at one of them leaves what a kill at the next call leaves.
# A call that is not in this list counts as a change.
READ_ONLY = {
    *("access", "brk", "clock_gettime", "close", "dup", "epoll_create1", "faccessat", "faccessat2", "fstat", "fstatfs"),
    *("futex", "getcwd", "getdents64", "getegid", "geteuid", "getgid", "getpid", "getrandom", "gettid", "getuid"),
    *("ioctl", "lseek", "lstat", "madvise", "mmap", "mprotect", "mremap", "munmap", "newfstatat", "pread64", "read"),
    *("readlink", "readlinkat", "rt_sigaction", "rt_sigprocmask", "stat", "statfs", "statx", "sysinfo", "uname"),
}


class Corrupt(Exception):
    """The data in a folder cannot be read, or is not what was written."""


class Subject(NamedTuple):
    """One command of a program, on data prepared in a folder.

    ``argv`` runs it up to the point where it begins to write (see `stopped.py`); the number of a socket is put after
    the second part. ``argv`` and ``environment`` name the folder as ``{folder}``. The calls that matter begin with the
    first that has ``begins`` in its arguments, such as the name of a lock. ``done`` is what the command prints once its
    work is saved. ``entries`` reads all entries in the folder's data, or raises Corrupt.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    begins: str
    done: str
    entries: Callable[[Path], frozenset[str]]


class Call(NamedTuple):
    """A system call with its arguments. ``number`` counts the calls of its name from 1."""

    name: str
    number: int
    arguments: str

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
    """How a run ended, and the calls that it made as far as they were traced."""

    exit_code: int
    stdout: str
    stderr: str
    calls: list[Call]


class Undisturbed(NamedTuple):
    """The calls that matter of an undisturbed run, and the entries before and after it."""

    calls: list[Call]
    before: frozenset[str]
    after: frozenset[str]


class Stopped:
    """A command that is about to write. Each run goes on from there, on the data as they are now."""

    def __init__(self, subject: Subject, control: socket.socket, answers: TextIO, beside: Path) -> None:
        self.subject = subject
        control.settimeout(SECONDS)
        self._control, self._answers = control, answers
        self._beside, self._snapshot = beside, beside / "snapshot"
        if self._answers.readline() != "ready\n":
            raise RuntimeError(f"{subject.argv} does not begin to write: {(beside / 'stderr').read_text()}")
        shutil.copytree(subject.folder, self._snapshot)

    def undisturbed(self) -> Undisturbed:
        """Run the command without a fault; raises RuntimeError if it fails."""
        run = self.run()
        if run.exit_code or self.subject.done not in run.stdout:
            raise RuntimeError(f"{self.subject.argv} fails undisturbed: {run}")
        first = next(index for index, call in enumerate(run.calls) if self.subject.begins in call.arguments)
        entries = self.subject.entries
        return Undisturbed(run.calls[first:], entries(self._snapshot), entries(self.subject.folder))

    def killed(self, call: Call) -> Run:
        """Run the command, and kill it as it makes the call."""
        return self._disturbed(call, f"signal=SIGKILL:when={call.number}")

    def failed(self, call: Call, error: str, *, once: bool) -> Run:
        """Run the command, and let the call fail with the error, once or from then on."""
        last = "" if once else f"..{call.number + INTERRUPTIONS - 1}" if error == "EINTR" else "+"
        return self._disturbed(call, f"error={error}:when={call.number}{last}")

    def _disturbed(self, call: Call, fault: str) -> Run:
        run = self.run(f"--trace={call.name}", f"--inject={call.name}:{fault}")
        reached = run.calls[call.number - 1]
        assert reached.file == call.file, f"{reached} instead of {call}"
        return run

    def run(self, *options: str) -> Run:
        """Run the command from here on under strace with these options."""
        shutil.rmtree(self.subject.folder)
        shutil.copytree(self._snapshot, self.subject.folder)
        output = [self._beside / name for name in ("stdout", "stderr")]
        for path in output:
            os.truncate(path, 0)
        self._control.send(b".")
        child = int(self._answers.readline())
        trace = self._beside / "trace"
        strace = ("strace", "-f", "-y", f"--output={trace}", *options, f"--attach={child}")
        with subprocess.Popen(strace, stderr=subprocess.PIPE, text=True) as tracer:
            assert tracer.stderr
            attached = tracer.stderr.readline()
            os.kill(child, signal.SIGCONT)
            assert "attached" in attached, attached
            exit_code = int(self._answers.readline())
        stdout, stderr = (path.read_text(errors="backslashreplace") for path in output)
        return Run(exit_code, stdout, stderr, list(_traced(trace, self.subject.folder)))


@contextmanager
def stopped(subject: Subject) -> Iterator[Stopped]:
    """Run a command up to the point where it begins to write."""
    ours, theirs = socket.socketpair()
    beside = subject.folder.with_name(f"{subject.folder.name}-runs")
    beside.mkdir()
    argv = [part.replace(FOLDER, str(subject.folder)) for part in subject.argv]
    with (
        ours,
        theirs,
        ours.makefile() as answers,
        (beside / "stdout").open("ab") as stdout,
        (beside / "stderr").open("ab") as stderr,
    ):
        process = subprocess.Popen(
            [*argv[:2], str(theirs.fileno()), *argv[2:]],
            env={name: value.replace(FOLDER, str(subject.folder)) for name, value in subject.environment.items()},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        try:
            yield Stopped(subject, ours, answers, beside)
        finally:
            process.kill()
            process.wait()


def kill_points(calls: Sequence[Call]) -> list[Call]:
    """Return the calls to kill a program at: those that change files, and the last one."""
    return [call for call in calls[:-1] if call.changes_files] + list(calls[-1:])


def data_loss(subject: Subject, run: Run, plain: Undisturbed) -> str:
    """Return in words what the run has damaged or lost; empty if every entry is there that has to be."""
    try:
        now = subject.entries(subject.folder)
    except Corrupt as problem:
        return f"corrupt: {problem}"
    if not plain.before & plain.after <= now <= plain.before | plain.after:
        return f"lost: {sorted((plain.before & plain.after) - now)}; new: {sorted(now - plain.before - plain.after)}"
    if subject.done in run.stdout and now != plain.after:
        return f"acknowledged and lost: {sorted(now ^ plain.after)}"
    return ""


def _traced(trace: Path, folder: Path) -> Iterator[Call]:
    """Yield the calls of a trace, numbered by name."""
    numbers: dict[str, int] = {}
    for name, arguments in re.findall(r"^(?:\d+ +)?(\w+)\((.*)", trace.read_text(errors="replace"), re.MULTILINE):
        numbers[name] = numbers.get(name, 0) + 1
        masked = re.sub(r"^AT_FDCWD<[^>]*>", "AT_FDCWD", arguments)
        yield Call(name, numbers[name], masked.replace(str(folder), FOLDER))
