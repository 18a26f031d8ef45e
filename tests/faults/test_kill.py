"""The program killed at any moment of its writing: the record is the old or the new one, whole, and life goes on."""

import os
import platform
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from ca_ladder.errors import LadderError
from ca_ladder.record.backups import place_of
from ca_ladder.record.store import ARCHIVE, load
from ca_ladder.record.verification import problems
from tests.conftest import Cli, tool
from tests.faults.harness import FOLDER, ChangedObject, Corrupt, each, killed, let_go, lost, undisturbed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="strace is a tool of Linux"),
]

COPY = "record-PC2.json"
MEMORY = {"brk", "madvise", "mmap", "mremap", "munmap"}
ENVIRONMENT = {
    "PATH": os.defpath,
    "PYTHONHASHSEED": "0",
    "CA_LADDER_STORE": f"{FOLDER}/record.json",
    "XDG_DATA_HOME": f"{FOLDER}/data",
    "XDG_CACHE_HOME": f"{FOLDER}/cache",
}
PROGRAM = (sys.executable, "-m", "ca_ladder")


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
    "note": Command("note cert-02 Soon", "Noted for cert-02"),
    "undo": Command("undo", "Taken back"),
    "signoff": Command("signoff cert-03 --by Pat", "Signed off cert-03"),
    "return": Command("return cert-03 --by Pat --because Early", "Returned cert-03"),
    "revoke": Command("revoke cert-01 --by Pat --because Wrong", "Revoked cert-01"),
    "waive": Command("waive cert-02 --by Pat --because Elsewhere", "Waived cert-02"),
    "init again": Command("init --start 2026-01-06", "Ann: "),
    "record merge": Command(f"record merge {FOLDER}/sent.json", "Merged sent.json", beside="sent.json"),
    "record restore": Command("record restore BACKUP", "Restored "),
}


def entries(folder: Path) -> frozenset[str]:
    """Return what the folder's record says, and what a copy of it says that is still to be taken over."""
    return said(folder / "record.json") | said(folder / COPY)


def said(store: Path) -> frozenset[str]:
    """Return what a record says, without its moments and ids; nothing where there is none."""
    told, found = Counter[str](), set()
    if not store.exists():
        return frozenset()
    try:
        if wrong := problems(store.read_bytes(), store, datetime.now(UTC)):
            raise Corrupt("; ".join(map(str, wrong)))
        for event in load(store).events:
            enrolment = event.enrolment and replace(event.enrolment, record="")
            what = f"{event.kind} {event.item} {event.note} {event.because} {event.by} {enrolment}"
            told[what] += 1
            found.add(f"{what} ({told[what]})")
    except LadderError as problem:
        raise Corrupt(str(problem)) from None
    return frozenset(found)


def at(folder: Path) -> Cli:
    """Return the program on the record in the folder, as who runs this."""
    import pwd

    data = {"XDG_DATA_HOME": str(folder / "data"), "XDG_CACHE_HOME": str(folder / "cache")}
    account = pwd.getpwuid(os.getuid()).pw_name
    now = datetime.now(UTC) - timedelta(minutes=1)
    return Cli(store=folder / "record.json", now=now, account=account, computer=platform.node(), env={**data})


def moved(folder: Path) -> None:
    """Let the backups be those of the record where it lies now."""
    for path in (folder / "data").rglob("*_*_*.json"):
        moment, _, rest = path.name.split("_", 2)
        path.rename(path.with_name(f"{moment}_{place_of(folder / 'record.json')}_{rest}"))


def prepared(folder: Path, name: str) -> ChangedObject:
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
    return ChangedObject(
        (*PROGRAM, *argv.split()), ENVIRONMENT, folder, ".record.json.lock", command.done, entries, moved
    )


def life_goes_on(folder: Path, name: str) -> None:
    """Whatever the folder holds now: the next command that writes works, all is in order, and nothing is left."""
    cli = at(folder)
    was = entries(folder)
    cli(*(["check", "cert-06"] if was else ["init", "--name", "Ann", "--start", "2026-01-05"]))
    now = entries(folder)
    assert was <= now
    assert ("check cert-06" if was else "enrol") in str(now - was)
    beside = {path.name for path in folder.iterdir()} - {COMMANDS[name].beside}
    assert beside <= {"record.json", ".record.json.lock", "data", "cache", ARCHIVE}
    assert [path.name for path in (folder / "data").rglob(".*")] == []
    if COMMANDS[name].beside == COPY:
        assert "check mail-01" in str(said(cli.store))
        assert len([*folder.glob(COPY), *folder.glob(f"{ARCHIVE}/*")]) == 1  # a copy is moved, never deleted


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file of the folder, wherever that lies, but for what can be made again at any time."""
    files = (path for path in folder.rglob("*") if path.is_file() and "cache" not in path.relative_to(folder).parts)
    place = place_of(folder / "record.json")
    return {
        str(path.relative_to(folder)).replace(place, "PLACE"): path.read_bytes().replace(bytes(folder), b"FOLDER")
        for path in files
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_any_call_the_record_is_the_old_or_the_new_one(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """From the lock to the end, at every system call: nothing is lost, nothing is half written, life goes on."""
    tool("strace")
    subject = prepared(tmp_path / "prepared", name)
    plain = undisturbed(subject)
    written, wrong, unmet = 0, [], []
    seen: list[dict[str, bytes]] = []
    for call, run in zip(plain.calls, each(partial(killed, subject), plain.calls), strict=True):
        try:
            if not run.met:  # memory is not asked for at the same places in every run: this one came to its end
                assert (call.name in MEMORY, run.exit_code, entries(run.folder)) == (True, 0, plain.after)
                unmet.append(str(call))
                continue
            assert run.exit_code in {-9, 137}
            assert lost(subject, run, plain) == ""
            now = entries(run.folder)
            assert now in {plain.before, plain.after}
            if (left := tree(run.folder)) not in seen:  # the same files lead to the same next day
                seen.append(left)
                life_goes_on(run.folder, name)
            written += now == plain.after
        except AssertionError as failure:
            wrong.append(f"killed at {call}: {failure}\n{run}")
        finally:
            let_go(run)
    assert wrong == []
    assert 0 < written < len(plain.calls)
    missed = f", {len(unmet)} calls for memory not made again" if unmet else ""
    record_property(f"killed, {name}", f"at each of {len(plain.calls) - len(unmet)} calls{missed}: 0 corrupt, 0 lost")
