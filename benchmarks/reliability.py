"""What becomes of the data when a program is killed, refused or raced: ca-ladder beside Watson and Taskwarrior.

Run it with the environment's own Python: ``.venv/bin/python benchmarks/reliability.py``. It runs the fault tests of
this repository and takes the figures they give, then the same harness (``tests/faults/harness.py``) on one command of
each program that adds one thing. Watson is installed into a temporary environment, Taskwarrior from
Debian's packages; what cannot be had is skipped, with a word. ``--write`` puts the tables into docs/reliability.md.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

from measuring import put_into, run, used
from neighbours import installed, task_environment, watson_environment
from team import one_record

from ca_ladder.record.store import as_bytes

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.faults.harness import (  # noqa: E402 - found by the path above
    FOLDER,
    Call,
    ChangedObject,
    Corrupt,
    Run,
    each,
    failed,
    killed,
    let_go,
    lost,
    undisturbed,
)

PAGE = ROOT / "docs" / "reliability.md"
ERRORS = ("EIO", "ENOSPC")
REFUSABLE = {"openat", "creat", "write", "pwrite64", "writev", "fsync", "fdatasync", "close", "rename", "renameat"}
REFUSABLE |= {"renameat2", "unlink", "unlinkat", "ftruncate", "chmod", "fchmod", "mkdir", "flock", "fcntl"}
WRITERS, WRITES = 16, 10
ENTRIES = 10_000
FIGURED = ["tests/faults", *(f"tests/record/test_{name}.py" for name in ("merging", "fuzz", "verification"))]


class Program(NamedTuple):
    """One program: its version, the command that is disturbed, and how one adds the so manieth thing to a folder."""

    name: str
    subject: ChangedObject
    add: Callable[[Path, int], subprocess.CompletedProcess[str]]


def ca_ladder(place: Path) -> Program:
    """Return ca-ladder on a record with one check."""
    folder = place / "ca-ladder"
    folder.mkdir()
    environment = {
        "PATH": os.defpath,
        "HOME": FOLDER,
        "XDG_DATA_HOME": f"{FOLDER}/data",
        "XDG_CACHE_HOME": str(place / "cache"),
        "CA_LADDER_STORE": f"{FOLDER}/record.json",
    }

    def command(here: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        own = {name: value.replace(FOLDER, str(here)) for name, value in environment.items()}
        return run([sys.executable, "-m", "ca_ladder", *arguments], own)

    def entries(here: Path) -> frozenset[str]:
        said = command(here, "log", "--json")
        if said.returncode or command(here, "record", "verify").returncode:
            raise Corrupt(said.stderr)
        return frozenset(
            f"{event['kind']} {event.get('item')} {event.get('note')}" for event in json.loads(said.stdout)["events"]
        )

    command(folder, "init", "--name", "Ann", "--start", "2026-01-05")
    command(folder, "check", "cert-01")
    subject = ChangedObject(
        (sys.executable, "-m", "ca_ladder", "check", "cert-02"),
        environment,
        folder,
        ".record.json.lock",
        "Checked",
        entries,
    )
    version = command(folder, "--version").stdout.strip()
    return Program(version, subject, lambda here, number: command(here, "note", "cert-03", f"thing {number}"))


def watson(place: Path) -> Program | None:
    """Return Watson with one frame; None where it cannot be installed."""
    program = installed(place, "td-watson", "watson")
    if not program:
        return None
    folder = place / "watson"
    folder.mkdir()
    environment = watson_environment(FOLDER)

    def add(here: Path, number: int) -> subprocess.CompletedProcess[str]:
        own = {name: value.replace(FOLDER, str(here)) for name, value in environment.items()}
        day = f"2026-01-{1 + number % 28:02} {number // 28 % 24:02}"
        return run([program, "add", "-f", f"{day}:00", "-t", f"{day}:30", f"thing-{number}"], own)

    def entries(here: Path) -> frozenset[str]:
        try:
            return frozenset(str(frame[2]) for frame in json.loads((here / "frames").read_text(encoding="utf-8")))
        except (OSError, ValueError) as problem:
            raise Corrupt(str(problem)) from None

    add(folder, 1)
    span = ("-f", "2026-02-01 10:00", "-t", "2026-02-01 11:00")
    subject = ChangedObject((program, "add", *span, "thing-2"), environment, folder, FOLDER, "Adding project", entries)
    version = run([program, "--version"], {"HOME": str(folder), "LANG": "C.UTF-8"}).stdout.strip()
    return Program(version.replace(", version", ""), subject, add)


def taskwarrior(place: Path) -> Program | None:
    """Return Taskwarrior with one task; None where it is neither there nor can be installed."""
    if not shutil.which("task"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "install", "-y", "-q", "--no-install-recommends", "taskwarrior"], quiet)
    program = shutil.which("task")
    if not program:
        return None
    folder = place / "task"
    folder.mkdir()
    environment = task_environment(FOLDER)

    def command(here: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        own = {name: value.replace(FOLDER, str(here)) for name, value in environment.items()}
        return run([program, "rc.confirmation=no", *arguments], own)

    def entries(here: Path) -> frozenset[str]:
        said = command(here, "export")
        try:
            return frozenset(str(task["description"]) for task in json.loads(said.stdout))
        except ValueError as problem:
            raise Corrupt(f"{problem}: {said.stderr}") from None

    command(folder, "add", "thing-1")
    subject = ChangedObject(
        (program, "rc.confirmation=no", "add", "thing-2"), environment, folder, FOLDER, "Created task", entries
    )
    version = run([program, "--version"], dict(os.environ)).stdout.strip()
    return Program(f"Taskwarrior {version}", subject, lambda here, number: command(here, "add", f"thing-{number}"))


def own_figures() -> Iterator[str]:
    """Run the fault tests and yield the rows of what they counted."""
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "auto",
            "--dist",
            "worksteal",
            "-p",
            "no:cacheprovider",
            f"--junitxml={report}",
        ]
        done = subprocess.run([*command, *FIGURED], cwd=ROOT, check=False)
        if done.returncode:
            sys.exit("The fault tests do not pass: there are no figures to tell.")
        for prop in sorted(ET.parse(report).iter("property"), key=lambda each: each.get("name", "")):
            yield f"| {prop.get('name')} | {prop.get('value')} |"


def verification(place: Path) -> str:
    """Return the time and memory of `record verify` on a record of many entries, as a whole process."""
    path = place / "many.json"
    path.write_bytes(as_bytes(one_record(ENTRIES)))
    took = used([sys.executable, "-m", "ca_ladder", "record", "verify", "--store", str(path)], os.environ)
    return f"{took.wall:.1f} s, {took.memory:.0f} MiB at most"


def kills(program: Program) -> str:
    """Return what came of killing the command at each of its calls."""
    plain = undisturbed(program.subject)

    def kill(call: Call) -> str:
        ended = killed(program.subject, call)
        found = lost(program.subject, ended, plain) if ended.met else "not met"
        let_go(ended)
        return found

    return _told(list(each(kill, plain.calls)), "points")


def refusals(program: Program) -> str:
    """Return what came of each call failing, once and from then on."""
    plain = undisturbed(program.subject)
    planned = [
        (call, error, once)
        for call in plain.calls
        if call.name in REFUSABLE
        for error in ERRORS
        for once in (True, False)
    ]

    def refuse(plan: tuple[Call, str, bool]) -> str:
        call, error, once = plan
        ended = failed(program.subject, call, error, once=once)
        found = (
            lost(program.subject, ended, plain) or _claimed(program.subject, ended, plain.after)
            if ended.met
            else "not met"
        )
        let_go(ended)
        return found

    return _told(list(each(refuse, planned)), "refusals")


def _claimed(subject: ChangedObject, ended: Run, after: frozenset[str]) -> str:
    """Return what is wrong with an exit code 0 that nothing stands behind."""
    return "exit 0, not saved" if ended.exit_code == 0 and subject.entries(ended.folder) != after else ""


def _told(found: list[str], what: str) -> str:
    met = [each for each in found if each != "not met"]
    kinds = {"corrupt": 0, "acknowledged and lost": 0, "lost": 0, "exit 0, not saved": 0}
    for each_ in met:
        for kind in kinds:
            if each_.startswith(kind):
                kinds[kind] += 1
                break
    bad = ", ".join(f"{number} {kind}" for kind, number in kinds.items() if number)
    missed = f" of {len(found)}" if len(met) < len(found) else ""
    return f"{len(met)}{missed} {what}: {bad or '0 corrupt, 0 lost'}"


def forced(program: Program) -> str:
    """Return how often the command forces anything to the disk."""
    made = [call for call in undisturbed(program.subject).calls if call.name in {"fsync", "fdatasync"}]
    return f"{len(made)} fsync"


def race(program: Program) -> str:
    """Return how many of many concurrent additions that were acknowledged are there in the end."""
    place = Path(tempfile.mkdtemp())
    folder = place / "data"
    shutil.copytree(program.subject.folder, folder)

    def write(writer: int) -> int:
        return sum(program.add(folder, 100 + writer * WRITES + number).returncode == 0 for number in range(WRITES))

    with ThreadPoolExecutor(WRITERS) as pool:
        acknowledged = sum(pool.map(write, range(WRITERS)))
    try:
        there = len(program.subject.entries(folder)) - len(program.subject.entries(program.subject.folder))
    except Corrupt:
        there = 0
    shutil.rmtree(place)
    return f"{acknowledged} of {WRITERS * WRITES} acknowledged, {acknowledged - there} of them lost"


def main() -> None:
    """Print the tables; with ``--write``, into the page too."""
    began = time.monotonic()
    lines = ["| what the fault tests did to ca-ladder | |", "|---|---|", *own_figures()]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        lines.append(f"| `record verify`, {ENTRIES:,} entries | {verification(place)} |")
        found = {"ca-ladder": ca_ladder(place), "Watson": watson(place), "Taskwarrior": taskwarrior(place)}
        programs = [program for program in found.values() if program]
        lines += [f"{name} could not be installed here, and is left out." for name, each_ in found.items() if not each_]
        lines += ["", "| adding one thing | " + " | ".join(program.name for program in programs) + " |"]
        lines += ["|---" * (len(programs) + 1) + "|"]
        for title, measure in (
            ("killed at every system call", kills),
            (f"each call failing with {' or '.join(ERRORS)}, once and from then on", refusals),
            ("forced to the disk", forced),
            (f"{WRITERS} at once, {WRITES} additions each", race),
        ):
            lines.append(f"| {title} | " + " | ".join(measure(program) for program in programs) + " |")
    print("\n".join(lines))
    print(f"\n{time.monotonic() - began:.0f} s in all.")
    if "--write" in sys.argv:
        put_into(PAGE, "reliability.py", lines)


if __name__ == "__main__":
    main()
