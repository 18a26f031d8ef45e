"""Programs that do a neighbouring job, to measure beside: Watson and todoman (installed apart), and Taskwarrior."""

import json
import os
import shutil
import sys
import venv
from collections.abc import Mapping
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from measuring import Case, run

FIRST = 1_767_600_000  # 2026-01-05 08:00 UTC


def installed(place: Path, package: str, script: str) -> str | None:
    """Install a package into an environment of its own, and return its program; None where that fails."""
    venv.create(place / f"{package}-env", with_pip=True)
    scripts = place / f"{package}-env" / "bin"
    done = run([str(scripts / "python"), "-m", "pip", "install", "--quiet", package], os.environ)
    return None if done.returncode else str(scripts / script)


def watson_environment(folder: str) -> dict[str, str]:
    """Return what Watson needs to know, with its data in a folder."""
    return {"PATH": os.defpath, "HOME": folder, "WATSON_DIR": folder, "LANG": "C.UTF-8"}


def task_environment(folder: str) -> dict[str, str]:
    """Return what Taskwarrior needs to know, with its data in a folder."""
    return {"PATH": os.defpath, "HOME": folder, "TASKRC": "/dev/null", "TASKDATA": folder}


def watson(place: Path, entries: int) -> list[Case]:
    """Return what Watson shows of so many stretches of work; nothing where it cannot be installed."""
    program = installed(place, "td-watson", "watson")
    if not program:
        return []
    folder = _folder(place, "watson")
    frames: list[tuple[object, ...]] = [
        (began := FIRST + 7200 * number, began + 1800, f"thing-{number % 10}", _id(number), [], began + 1800)
        for number in range(entries)
    ]
    (folder / "frames").write_text(json.dumps(frames), encoding="utf-8")
    return _cases(program, watson_environment(str(folder)), ("report", "--all"), ("log", "--all"))


def todoman(place: Path, entries: int) -> list[Case]:
    """Return what todoman shows of so many things to do, a file each; nothing where it cannot be installed."""
    program = installed(place, "todoman", "todo")
    if not program:
        return []
    folder = _folder(place, "todoman")
    (folder / "lists" / "own").mkdir(parents=True)
    for number in range(entries):
        told = ("VTODO", f"UID:{_id(number)}", "DTSTAMP:20260105T080000Z", f"SUMMARY:thing {number}")
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:benchmark", *_between(*told), "END:VCALENDAR", ""]
        (folder / "lists" / "own" / f"{number}.ics").write_text("\r\n".join(lines), encoding="utf-8", newline="")
    settings = folder / "config.py"
    settings.write_text(f'path = "{folder}/lists/*"\ncache_path = "{folder}/cache.sqlite3"\n', encoding="utf-8")
    environment = {"PATH": os.defpath, "HOME": str(folder), "TODOMAN_CONFIG": str(settings), "LANG": "C.UTF-8"}
    return _cases(program, environment, ("list",))


def taskwarrior(place: Path, entries: int) -> list[Case]:
    """Return what Taskwarrior shows of so many tasks; nothing where it is not installed."""
    program = shutil.which("task")
    if not program:
        return []
    folder = _folder(place, "task")
    tasks = [{"description": f"thing {n}", "project": f"project-{n % 10}", "status": "pending"} for n in range(entries)]
    (folder / "tasks.json").write_text(json.dumps(tasks), encoding="utf-8")
    environment = task_environment(str(folder))
    if run([program, "import", str(folder / "tasks.json")], environment).returncode:
        sys.exit("Taskwarrior does not take the tasks.")
    return _cases(program, environment, ("summary",), ("list",))


def _between(kind: str, *lines: str) -> tuple[str, ...]:
    return (f"BEGIN:{kind}", *lines, f"END:{kind}")


def _id(number: int) -> str:
    return uuid5(NAMESPACE_URL, f"thing {number}").hex


def _folder(place: Path, name: str) -> Path:
    folder = place / name
    folder.mkdir()
    return folder


def _cases(program: str, environment: Mapping[str, str], *commands: tuple[str, ...]) -> list[Case]:
    """Return the commands under the program's name and version, as it tells them itself."""
    version = run([program, "--version"], environment).stdout.split()[-1]
    name = Path(program).name
    return [Case(f"{' '.join((name, *command))} ({version})", (program, *command), environment) for command in commands]
