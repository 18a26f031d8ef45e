"""The program is killed at any moment while it saves: the record is the old or the new one, and work can go on."""

import os
import platform
import re
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from ca_ladder.errors import LadderError
from ca_ladder.record.folder import ARCHIVE
from ca_ladder.record.store import load
from ca_ladder.record.verification import problems
from tests.conftest import Cli, tool
from tests.faults.harness import FOLDER, Corrupt, Subject, data_loss, kill_points, stopped

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="strace is a tool of Linux"),
]

COPY = "record-PC2.json"
CHANCE = re.compile(r"[0-9a-f]{64}|\d{4}-\d\d-\d\dT[\d:.]+Z|\d{8}-\d{6}\w*")  # ids and times, also in names of backups
ENVIRONMENT = {
    "PATH": os.defpath,
    "PYTHONHASHSEED": "0",
    "PYTHONSAFEPATH": "1",  # else the current folder is listed, in which other tests write at the same time
    "CA_LADDER_STORE": f"{FOLDER}/record.json",
    "XDG_DATA_HOME": f"{FOLDER}/data",
    "XDG_CACHE_HOME": f"{FOLDER}/cache",
}
PROGRAM = (sys.executable, str(Path(__file__).with_name("stopped.py")))


class Command(NamedTuple):
    """A command that writes, what it prints when it is done, and what lies beside the record before it runs."""

    argv: str
    done: str
    beside: str = ""


COMMANDS = {
    "check beside a copy": Command("check cert-02", "Checked cert-02", beside=COPY),
    "init": Command("init --name Ann --start 2026-01-05", "Ann is enrolled"),
    "check": Command("check cert-02 --note Twice", "Checked cert-02"),
    "uncheck": Command("uncheck cert-03", "Unchecked cert-03"),
    "note": Command("note cert-02 Soon", "Note added to cert-02"),
    "undo": Command("undo --yes", "Undone"),
    "signoff": Command("signoff cert-03 --by Pat", "Signed off cert-03"),
    "return": Command("return cert-03 --by Pat --because Early", "Returned cert-03"),
    "revoke": Command("revoke cert-01 --by Pat --because Wrong", "Revoked cert-01"),
    "waive": Command("waive cert-02 --by Pat --because Elsewhere", "Waived cert-02"),
    "init again": Command("init --start 2026-01-06", "Ann: "),
    "record merge": Command(f"record merge {FOLDER}/sent.json", "Merged sent.json", beside="sent.json"),
    "record restore": Command("record restore BACKUP --yes", "Restored "),
}


def entries(folder: Path) -> frozenset[str]:
    """Return the entries of the folder's record, and of a copy that is still to be merged."""
    return record_entries(folder / "record.json") | record_entries(folder / COPY)


def record_entries(store: Path) -> frozenset[str]:
    """Return the entries of a record, without times and ids; none if there is no record."""
    counts, entries = Counter[str](), set()
    if not store.exists():
        return frozenset()
    try:
        if problems_found := problems(store.read_bytes(), store, datetime.now(UTC)):
            raise Corrupt("; ".join(map(str, problems_found)))
        for event in load(store).events:
            enrolment = event.enrolment and replace(event.enrolment, record="")
            entry = f"{event.kind} {event.item} {event.note} {event.because} {event.by} {enrolment}"
            counts[entry] += 1
            entries.add(f"{entry} ({counts[entry]})")
    except LadderError as problem:
        raise Corrupt(str(problem)) from None
    return frozenset(entries)


def at(folder: Path) -> Cli:
    """Return the program on the record in the folder, run by the account that runs the tests."""
    import pwd

    data = {"XDG_DATA_HOME": str(folder / "data"), "XDG_CACHE_HOME": str(folder / "cache")}
    account = pwd.getpwuid(os.getuid()).pw_name
    now = datetime.now(UTC) - timedelta(minutes=1)
    return Cli(store=folder / "record.json", now=now, account=account, computer=platform.node(), env={**data})


def prepared(folder: Path, name: str) -> Subject:
    """Return the command, ready to run on a record of Ann's with more than the ten backups that are always kept."""
    folder.mkdir()
    command, cli = COMMANDS[name], at(folder)
    argv = command.argv
    if name != "init":
        cli("init", "--name", "Ann", "--start", "2026-01-05", "--mentor", "Pat")
        cli("check", "cert-01")
        cli("signoff", "cert-01", "--by", "Pat")
        cli("check", "cert-03")
        for number in range(6):
            cli("note", "cert-01", f"Word {number}")
        here = cli.store.read_bytes()
        cli("check", "mail-01")
        there = cli.store.read_bytes()
        cli.store.write_bytes(here)
        cli("check", "cert-04")
        if command.beside:
            (folder / command.beside).write_bytes(there)
        kept = sorted(path.name[:15] for path in (folder / "data").rglob("*_*.json"))
        argv = argv.replace("BACKUP", kept[3])
    return Subject((*PROGRAM, *argv.split()), ENVIRONMENT, folder, ".record.json.lock", command.done, entries)


def check_next_command(folder: Path, name: str) -> None:
    """Check that the next command that writes works, keeps every entry and removes temporary files."""
    cli = at(folder)
    before = entries(folder)
    cli(*(["check", "cert-06"] if before else ["init", "--name", "Ann", "--start", "2026-01-05"]))
    after = entries(folder)
    assert before <= after
    assert ("check cert-06" if before else "enrol") in str(after - before)
    beside = {path.name for path in folder.iterdir()} - {COMMANDS[name].beside}
    assert beside <= {"record.json", ".record.json.lock", "data", "cache", ARCHIVE}
    assert [path.name for path in (folder / "data").rglob(".*")] == []
    if COMMANDS[name].beside == COPY:
        assert "check mail-01" in str(record_entries(cli.store))
        assert len([*folder.glob(COPY), *folder.glob(f"{ARCHIVE}/*")]) == 1  # a copy is moved, never deleted


def tree(folder: Path) -> dict[str, bytes]:
    """Return the files in the folder without the cache. Times and ids are masked."""
    files = {}
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_file() and not name.startswith("cache"):
            files[CHANCE.sub("#", name)] = re.sub(CHANCE.pattern.encode(), b"#", path.read_bytes())
    return files


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_any_call_the_record_is_the_old_or_the_new_one(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """From the lock to the exit, at every call that changes a file: no entry is lost and the next command works."""
    tool("strace")
    subject = prepared(tmp_path / "prepared", name)
    written, failures = 0, []
    checked: list[dict[str, bytes]] = []
    with stopped(subject) as program:
        normal = program.undisturbed()
        calls = kill_points(normal.calls)
        for call in calls:
            run = program.killed(call)
            try:
                assert run.exit_code == -9
                assert data_loss(subject, run, normal) == ""
                now = entries(subject.folder)
                assert now in {normal.before, normal.after}
                if (files := tree(subject.folder)) not in checked:  # with the same files the next command does the same
                    checked.append(files)
                    check_next_command(subject.folder, name)
                written += now == normal.after
            except AssertionError as failure:
                failures.append(f"killed at {call}: {failure}\n{run}")
    assert failures == []
    assert 0 < written < len(calls)
    record_property(
        f"killed, {name}", f"at the {len(calls)} of {len(normal.calls)} calls that change files: 0 corrupt, 0 lost"
    )
