"""The power fails at any moment: the record is the old or the new one."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

import pytest

from ca_ladder.errors import LadderError, NoRecord
from ca_ladder.record.backups import backups_of_record, backups_of_store
from ca_ladder.record.store import id_at, load
from ca_ladder.record.verification import problems
from tests.conftest import Cli, tool
from tests.faults.disk import TRACED, Call, Disk, State, built, calls_in

pytestmark = pytest.mark.slow

linux = pytest.mark.skipif(sys.platform != "linux", reason="strace is a tool of Linux")

PROGRAM = ("-m", "ca_ladder")
INIT = ("init", "--name", "Ann", "--start", "2026-01-05", "--mentor", "Pat")
BACKUPS = "data/ca-ladder/backups"


# --- the model itself -----------------------------------------------------------------------------------------------


def call(name: str, *arguments: Path | bytes | str | int, result: int = 0) -> Call:
    """Return a system call as strace tells of it."""

    def shown(argument: Path | bytes | str | int) -> str:
        data = os.fsencode(argument) if isinstance(argument, Path) else argument
        return f'"{"".join(f"{chr(92)}x{byte:02x}" for byte in data)}"' if isinstance(data, bytes) else str(data)

    return Call(name, tuple(map(shown, arguments)), result)


def written(path: Path, content: bytes, *, synced: bool) -> list[Call]:
    """Return the calls that write a file, anew or in place."""
    sync = [call("fsync", 3)] if synced else []
    opened = call("openat", "AT_FDCWD", path, "O_WRONLY|O_CREAT|O_TRUNC", "0600", result=3)
    return [opened, call("write", 3, content, len(content), result=len(content)), *sync, call("close", 3)]


def synced(folder: Path) -> list[Call]:
    """Return the calls that force a folder's names to the disk."""
    return [call("openat", "AT_FDCWD", folder, "O_RDONLY", result=4), call("fsync", 4), call("close", 4)]


def states_after(root: Path, *calls: Call) -> list[dict[str, bytes | None]]:
    """Return the states that a power cut may leave after these calls, in some order that is always the same."""
    disk = Disk(root)
    for one in calls:
        disk.apply(one)
    return sorted((dict(sorted(state)) for state in disk.possible_states()), key=repr)


def test_what_was_not_synced_may_be_old_or_cut_short_or_zeros(tmp_path: Path) -> None:
    """A file written in place is certain of nothing until it is synced, and of its new bytes from then on."""
    (tmp_path / "f").write_bytes(b"OLD")
    calls = written(tmp_path / "f", b"newer", synced=False)
    assert {state["f"] for state in states_after(tmp_path, *calls)} == {
        *(b"OLD", b"", b"ne", b"newe", b"newer", bytes(5)),
        *(b"neD",),  # the blocks of both
    }
    assert states_after(tmp_path, *written(tmp_path / "f", b"newer", synced=True)) == [{"f": b"newer"}]


def test_a_name_is_certain_once_its_folder_is_synced(tmp_path: Path) -> None:
    """A synced file may still be nowhere: its bytes are on the disk, and nothing leads to them."""
    calls = written(tmp_path / "f", b"new", synced=True)
    assert states_after(tmp_path, *calls) == [{"f": b"new"}, {}]
    assert states_after(tmp_path, *calls, *synced(tmp_path)) == [{"f": b"new"}]


def test_each_change_of_a_name_reaches_the_disk_or_not(tmp_path: Path) -> None:
    """A file is made and takes another's place: old or new stands there, with or without the passing name."""
    (tmp_path / "f").write_bytes(b"old")
    calls = [*written(tmp_path / "t", b"new", synced=True), call("rename", tmp_path / "t", tmp_path / "f")]
    assert states_after(tmp_path, *calls) == [{"f": b"new"}, {"f": b"old", "t": b"new"}, {"f": b"old"}]
    assert states_after(tmp_path, *calls, *synced(tmp_path)) == [{"f": b"new"}]
    assert states_after(tmp_path, call("unlink", tmp_path / "f")) == [{"f": b"old"}, {}]


def test_between_two_folders_either_half_may_be_lost(tmp_path: Path) -> None:
    """Nothing says that a name goes from one folder at the moment it comes to another."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "f").write_bytes(b"x")
    states = states_after(tmp_path, call("rename", tmp_path / "a" / "f", tmp_path / "b" / "f"))
    assert {tuple(sorted(name for name in state if "f" in name)) for state in states} == {
        *(("a/f",), ("b/f",), ("a/f", "b/f"), ()),
    }


def test_what_is_in_a_folder_goes_with_its_name(tmp_path: Path) -> None:
    """A new folder that was never made certain in the one above it takes along all that was certain in itself."""
    folder = tmp_path / "d"
    calls = [call("mkdir", folder, "0700"), *written(folder / "f", b"x", synced=True), *synced(folder)]
    assert states_after(tmp_path, *calls) == [{"d": None, "d/f": b"x"}, {}]
    assert states_after(tmp_path, *calls, *synced(tmp_path)) == [{"d": None, "d/f": b"x"}]


def test_a_call_the_model_does_not_know_is_no_silent_hole(tmp_path: Path) -> None:
    """What could change the files in a way that is not followed stops the test; elsewhere it is nobody's business."""
    assert states_after(tmp_path, call("link", Path("/elsewhere/a"), Path("/elsewhere/b"))) == [{}]
    with pytest.raises(ValueError, match="does not know this call: link"):
        states_after(tmp_path, call("link", tmp_path / "a", tmp_path / "b"))
    with pytest.raises(ValueError, match="two threads"):
        list(calls_in('7 write(3, "\\x61", 1 <unfinished ...>'))


def test_a_trace_is_read_to_the_byte() -> None:
    """Every byte comes back, also a quote, a comma and what looks like the end; calls that failed did nothing."""
    trace = """\
7 openat(AT_FDCWD, "\\x2f\\x66", O_RDONLY) = -1 ENOENT (No such file or directory)
7 write(3, "\\x22\\x2c\\x20\\x29\\x20\\x3d\\x20\\x31", 8) = 8
7 exit_group(0)                           = ?
"""
    written, exit_ = calls_in(trace)
    assert (written.name, written.data(1), written.result) == ("write", b'", ) = 1', 8)
    assert exit_.name == "exit_group"


# --- the program ----------------------------------------------------------------------------------------------------


Kind = Literal["corrupt", "lost", "backup", "stuck"]


class Fault(NamedTuple):
    """What is wrong in a state of the disk, and after which call the power failed.

    ``killed`` says that it needs no power cut: the death of the program alone leaves the same.
    """

    kind: Kind
    what: str
    after: str
    killed: bool


@dataclass(frozen=True)
class Machine:
    """A computer whose whole disk is a folder: the record, and the user's data folder with the backups."""

    folder: Path

    @property
    def disk(self) -> Path:
        """What a power cut may touch."""
        return self.folder / "disk"

    @property
    def store(self) -> Path:
        """The record's file, in folders that the first command has to make."""
        return self.disk / "office" / "records" / "ann.json"

    @property
    def cli(self) -> Cli:
        """The program in this process, as the account that runs the tests and a minute ago."""
        import pwd

        return Cli(
            self.store,
            now=datetime.now(UTC) - timedelta(minutes=1),
            account=pwd.getpwuid(os.getuid()).pw_name,
            computer=platform.node(),
            env={"XDG_DATA_HOME": str(self.disk / "data"), "XDG_CACHE_HOME": str(self.folder / "cache")},
        )

    def calls_of(self, *command: str) -> list[Call]:
        """Run a command as a program of its own, and return the system calls it made."""
        trace = self.folder / "trace"
        whole_strings = ("-xx", "-s", "10000000")
        strace = (tool("strace"), "-f", "-qq", *whole_strings, "-o", str(trace), "-e", TRACED)
        done = subprocess.run(
            [*strace, sys.executable, *command],
            env={
                "PATH": os.defpath,
                "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)]),
                "PYTHONDONTWRITEBYTECODE": "1",
                "CA_LADDER_STORE": str(self.store),
                **{name: str(value) for name, value in self.cli.env.items()},
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return list(calls_in(trace.read_text(encoding="ascii")))


@dataclass
class PowerCuts:
    """Cut the power after each call of a command and collect what is wrong on the disk then."""

    machine: Machine
    answer: str
    moments: int = 0
    cases: int = 0
    states: set[State] = field(default_factory=set)

    def faults(self, *command: str) -> list[Fault]:
        """Run the command, cut the power after each of its calls from the lock on, and return all that is wrong."""
        self.machine.disk.mkdir(exist_ok=True, parents=True)
        disk = Disk(self.machine.disk)
        before = dict(disk.now())
        calls = self.machine.calls_of(*command)
        after = Disk(self.machine.disk).now()
        store = str(self.machine.store.relative_to(self.machine.disk))
        self._old, self._new = before.get(store), dict(after)[store]
        self._genuine = {content for _, content in after} | {self._old}
        # A command that takes over a copy first writes the record twice: what was between is kept as a backup.
        self._stages = {content for path, content in after if path not in before} | {self._old, self._new}
        judged: set[tuple[State, bool]] = set()
        wrong: dict[State, list[tuple[Kind, str]]] = {}
        faults: list[Fault] = []
        locked = acknowledged = False
        for call in calls:
            disk.apply(call)
            locked = locked or (call.name == "openat" and call.path(1).name == f".{self.machine.store.name}.lock")
            if not locked:
                continue
            acknowledged = acknowledged or (
                call.name == "write" and call.number(0) == 1 and self.answer.encode() in call.data(1)
            )
            left = disk.possible_states()
            self.moments += 1
            self.cases += len(left)
            for state in left:
                if (state, acknowledged) in judged:
                    continue
                judged.add((state, acknowledged))
                if state not in wrong:
                    wrong[state] = list(self._wrong(state))
                killed = state == disk.now()
                faults += [Fault(*kind, str(call), killed) for kind in wrong[state]]
                if acknowledged and dict(state).get(store) in self._stages - {self._new}:
                    faults.append(Fault("lost", "it was reported as saved, and is not there", str(call), killed))
        self.states = set(wrong)
        assert acknowledged, f"it never printed: {self.answer}"
        assert disk.now() == after, "the model does not end where the real disk ended"
        return faults

    def _wrong(self, state: State) -> Iterator[tuple[Kind, str]]:
        """Yield what is wrong in a state of the disk, whether or not the change was reported as saved."""
        folder = built(state, self.machine.folder / "after-the-cut")
        store = folder / self.machine.store.relative_to(self.machine.disk)
        try:
            yield from self._wrong_record(store)
            yield from self._wrong_backups(folder / BACKUPS)
            yield from self._stuck(store, folder / "data")
        finally:
            shutil.rmtree(folder)

    def _wrong_record(self, store: Path) -> Iterator[tuple[Kind, str]]:
        content = None
        try:
            load(store)
            content = store.read_bytes()
            for problem in problems(content, store, datetime.now(UTC)):
                yield "corrupt", str(problem)
        except NoRecord:
            pass
        except LadderError as error:
            yield "corrupt", str(error)
            return
        if content not in self._stages:
            yield "corrupt", "neither the old record nor the new one"

    def _wrong_backups(self, backups: Path) -> Iterator[tuple[Kind, str]]:
        """Yield the backups that hold what the record never was, and are not recognised as damaged."""
        backups_of_store(backups, self.machine.store, datetime.now(UTC))  # whatever lies there
        kept = backups_of_record(backups, id_at(self.machine.store) or "", datetime.now(UTC))
        for backup in kept:
            if backup.quality != "damaged" and backup.path.read_bytes() not in self._genuine:
                yield "backup", f"{backup.path.name} is shown as {backup.quality}"

    def _stuck(self, store: Path, data: Path) -> Iterator[tuple[Kind, str]]:
        """Yield why the next command fails, and the temporary files that it leaves."""
        next_day = Cli(store, now=datetime.now(UTC), env={"XDG_DATA_HOME": str(data)})
        try:
            next_day(*(("note", "cert-09", "Go on") if store.exists() else INIT))
        except AssertionError as refusal:
            yield "stuck", str(refusal)
        if left := [path.name for path in store.parents[2].rglob("*.new")]:
            yield "stuck", f"left behind: {', '.join(left)}"


def nothing(_: Machine) -> list[str]:
    """Let there be no record."""
    return []


def two_checks(machine: Machine) -> list[str]:
    """Let two items of Ann wait for Pat."""
    cli = machine.cli
    cli(*INIT)
    cli("check", "cert-01", "cert-02")
    return []


def no_backups(machine: Machine) -> list[str]:
    """Let nothing be kept yet: a colleague's first change of a shared record."""
    two_checks(machine)
    shutil.rmtree(machine.disk / "data")
    return []


def packet(machine: Machine) -> list[str]:
    """Let Pat have sent home a copy with a sign-off; return where it is."""
    two_checks(machine)
    copy = str(machine.folder / "home.json")
    shutil.copy(machine.store, copy)
    machine.cli("signoff", "cert-01", "--by", "Pat", "--store", copy)
    return [copy]


def conflict_copy(machine: Machine) -> list[str]:
    """Let a sync service have left a copy with a sign-off beside the record."""
    (copy,) = packet(machine)
    shutil.copy(copy, machine.store.with_stem("ann (conflicted copy)"))
    return []


def regret(machine: Machine) -> list[str]:
    """Let the state before the two checks be wanted back; return its id."""
    two_checks(machine)
    return [line.split()[0] for line in machine.cli("record", "backups").stdout.splitlines() if " 1 " in line]


def gone(machine: Machine) -> list[str]:
    """Let somebody have deleted the record."""
    two_checks(machine)
    machine.store.unlink()
    return []


@linux
@pytest.mark.parametrize(
    ("given", "command", "answer"),
    [
        (nothing, INIT, "Ann is enrolled"),
        (two_checks, ("check", "cert-03"), "Checked cert-03"),
        (two_checks, ("signoff", "cert-01", "--by", "Pat"), "Signed off cert-01"),
        (two_checks, ("undo", "--yes"), "Undone"),
        (no_backups, ("check", "cert-03"), "Checked cert-03"),
        (conflict_copy, ("check", "cert-03"), "Checked cert-03"),
        (packet, ("record", "merge"), "home.json"),
        (regret, ("record", "restore", "--yes"), "Restored"),
        (gone, ("record", "restore", "--yes"), "Restored"),
    ],
    ids=lambda value: value.__name__ if callable(value) else " ".join(value[:2]) if isinstance(value, tuple) else "",
)
def test_a_power_cut_leaves_the_old_or_the_new_record(
    given: Callable[[Machine], list[str]],
    command: tuple[str, ...],
    answer: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """After each call from the lock to the exit, in every state the disk may be in: nothing corrupt, nothing lost.

    What was reported as saved is there, every backup is genuine or known to be damaged, and the next command works.
    """
    machine = Machine(tmp_path)
    more = given(machine)
    cuts = PowerCuts(machine, answer)
    assert cuts.faults(*PROGRAM, *command, *more) == []
    assert cuts.moments > 10
    assert len(cuts.states) > 5
    result = f"cut after each of {cuts.moments} calls: {len(cuts.states)} different disks, 0 corrupt, 0 lost"
    record_property(f"power cut, {' '.join(command[:2])} ({given.__name__.replace('_', ' ')})", result)


@linux
@pytest.mark.parametrize(
    ("mutant", "kind", "by_a_kill"),
    [
        ("no_sync_of_the_file", "corrupt", False),
        ("no_sync_of_the_folder", "lost", False),
        ("written_in_place", "corrupt", True),
    ],
)
def test_a_program_that_saves_carelessly_is_caught(
    mutant: str, kind: Kind, by_a_kill: bool, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Each of the three careless ways to save leaves a record that is corrupt, or lost though reported as saved.

    Written in place, even the death of the program does, without a power cut; the others only a power cut shows.
    """
    machine = Machine(tmp_path)
    two_checks(machine)
    faults = PowerCuts(machine, "Checked").faults("-m", "tests.faults.mutants", mutant, "check", "cert-03")
    caught = [fault for fault in faults if fault.kind == kind]
    assert caught
    assert any(fault.killed for fault in faults) == by_a_kill
    example = next((fault for fault in caught if fault.killed), caught[0])
    where = f"{example.kind} after `{example.after.split('(')[0]}`"
    record_property(f"careless program: {mutant.replace('_', ' ')}", f"caught on {len(faults)} disks, such as {where}")
