"""A full disk, a read-only one, one shared with others: the record stays as it was, and one line says why."""

import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import Cli, RunResult, tool
from tests.users import ordinary_user, other_user

pytestmark = pytest.mark.slow

linux = pytest.mark.skipif(sys.platform != "linux", reason="mounts as Linux has them")
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")

INIT = ("init", "--name", "Ann", "--start", "2026-01-05", "--mentor", "Pat")
READING = [
    *((), ("status",), ("next",), ("list",), ("show", "cert-01"), ("log",), ("report",)),
    *(("record", "where"), ("record", "verify"), ("record", "backups")),
]

# Runs a command of the program; a refusal fails the test.
Run = Callable[..., RunResult]


def not_here(why: str) -> None:
    """Skip the test, or fail it where all that tests need is promised."""
    if os.environ.get("CA_LADDER_ALL_TOOLS"):
        pytest.fail(f"{why}, and CA_LADDER_ALL_TOOLS promises it")
    pytest.skip(f"needs it: {why}")


@dataclass
class Installation:
    """The program with the paths of its record and of the user's folders.

    ``around`` is put before the command, for example to enter a mount namespace.
    """

    store: Path
    home: Path
    around: Sequence[str] = ()
    umask: int = 0o022

    def __call__(self, *args: str) -> RunResult:
        """Run the program, and return what it printed."""
        done = self.tried(*args)
        assert (done.returncode, done.stderr) == (0, "")
        return RunResult(done.stdout, done.stderr, done.returncode)

    def tried(self, *args: str, default_store: bool = False) -> subprocess.CompletedProcess[str]:
        """Run the program, whatever comes of it."""
        return subprocess.run(
            [*self.around, sys.executable, "-m", "ca_ladder", *args],
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
                "PYTHONDONTWRITEBYTECODE": "1",
                "XDG_DATA_HOME": str(self.home / "data"),
                "XDG_CACHE_HOME": str(self.home / "cache"),
                **({} if default_store else {"CA_LADDER_STORE": str(self.store)}),
            },
            umask=self.umask,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def in_this_process(store: Path, home: Path, account: str = "maria") -> Cli:
    """Return the program in the test's own process, with these paths."""
    env: dict[str, str | None] = {"XDG_DATA_HOME": str(home / "data"), "XDG_CACHE_HOME": str(home / "cache")}
    return Cli(store, account=account, env=env)


def changes(run: Run, copy: Path) -> dict[str, tuple[str, ...]]:
    """Begin a record, and return commands that would change it: what each of them needs is there."""
    run(*INIT)
    run("check", "cert-01")
    run("record", "export", "--to", str(copy))
    run("signoff", "cert-01", "--by", "Pat", "--store", str(copy))
    begun = [line.split()[0] for line in run("record", "backups").stdout.splitlines() if " 1 " in line]
    return {
        "check": ("check", "cert-02"),
        "signoff": ("signoff", "cert-01", "--by", "Pat"),
        "merge": ("record", "merge", str(copy)),
        "restore": ("record", "restore", "--yes", *begun),
    }


# --- a full disk, a read-only mount ---------------------------------------------------------------------------------


@dataclass
class Mounts:
    """A mount namespace of the test's own: what is mounted there nobody else sees, and it ends with the test."""

    keeper: subprocess.Popen[str]
    enter: list[str] = field(init=False)

    def __post_init__(self) -> None:
        rootless = [] if os.geteuid() == 0 else ["-U", "--preserve-credentials"]
        self.enter = [tool("nsenter"), "-t", str(self.keeper.pid), "-m", *rootless, "--"]

    def mount(self, *args: str | Path) -> None:
        """Mount something, or skip the test where that is not permitted."""
        done = subprocess.run(
            [*self.enter, tool("mount"), *map(str, args)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            not_here(f"mounting is not permitted: {done.stderr.strip()}")

    def seen(self, path: Path) -> Path:
        """Return where the test sees what the program sees at this path."""
        return Path(f"/proc/{self.keeper.pid}/root") / path.relative_to("/")


@pytest.fixture
def mounts() -> Iterator[Mounts]:
    """Return a mount namespace; the superuser has one for the asking, another user as the root of a namespace."""
    unshare = [tool("unshare"), "-m" if os.geteuid() == 0 else "-rm"]
    pipe = subprocess.PIPE
    # `cat` waits for the end of its input: it lives as long as the test.
    with subprocess.Popen([*unshare, "sh", "-c", "echo here; cat"], stdin=pipe, stdout=pipe, text=True) as keeper:
        assert keeper.stdout
        if keeper.stdout.readline() != "here\n":
            not_here("a mount namespace is not permitted")
        yield Mounts(keeper)
        keeper.communicate()


def fill(folder: Path) -> None:
    """Write to a new file until the disk is full."""
    with suppress(OSError), (folder / "holiday.mov").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1000))
    assert os.statvfs(folder).f_bavail == 0


def contents(folder: Path) -> Mapping[str, bytes | None]:
    """Return all that is in a folder, without the lock."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix != ".lock")
    return {str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes() for path in paths}


@linux
def test_on_a_full_disk_nothing_changes_and_one_line_tells(mounts: Mounts, tmp_path: Path) -> None:
    """Check, sign-off, merge and restore exit with 5; no byte of the record changes, and no file is left behind."""
    office = tmp_path / "office"
    office.mkdir()
    mounts.mount("-t", "tmpfs", "-o", "size=128k", "none", office)
    run = Installation(office / "ann.json", tmp_path, mounts.enter)
    commands = changes(run, tmp_path / "copy.json")
    seen = mounts.seen(office)
    fill(seen)
    before = contents(seen)
    for command in commands.values():
        done = run.tried(*command)
        message = f"Error: Cannot write {run.store}: no space left on device. Nothing was changed.\n"
        assert (done.returncode, done.stderr) == (5, message)
        assert contents(seen) == before
    (seen / "holiday.mov").unlink()
    for name in ("check", "signoff", "merge", "restore"):
        run(*commands[name])


@linux
def test_a_home_that_is_full_keeps_nobody_from_working(mounts: Mounts, tmp_path: Path) -> None:
    """Where no backup can be kept, the change of the shared record is saved all the same, and the lack is told."""
    home = tmp_path / "home"
    home.mkdir()
    mounts.mount("-t", "tmpfs", "-o", "size=128k", "none", home)
    run = Installation(tmp_path / "ann.json", home, mounts.enter)
    run(*INIT)
    fill(mounts.seen(home))
    before = contents(mounts.seen(home))
    done = run.tried("check", "cert-01")
    assert (done.returncode, done.stdout) == (0, "Checked cert-01. It waits for Pat to sign off.\n")
    assert done.stderr.startswith("No backup was kept. ")
    assert done.stderr.count("\n") == 1
    assert contents(mounts.seen(home)) == before


@linux
def test_where_home_and_record_share_a_full_disk_one_line_tells(mounts: Mounts, tmp_path: Path) -> None:
    """On the one disk that most computers have, neither backup nor record can be written: it is told once."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounts.mount("-t", "tmpfs", "-o", "size=128k", "none", disk)
    run = Installation(disk / "ann.json", disk, mounts.enter)
    commands = changes(run, disk / "copy.json")
    fill(mounts.seen(disk))
    before = contents(mounts.seen(disk))
    for command in commands.values():
        done = run.tried(*command)
        assert done.returncode == 5
        assert done.stderr.count("\n") == 1, done.stderr
        assert contents(mounts.seen(disk)) == before


@linux
def test_a_read_only_mount_is_never_written(mounts: Mounts, tmp_path: Path) -> None:
    """Who tries to change it is told in one line, and nothing changes; a copy can be taken out of it."""
    office = tmp_path / "office"
    office.mkdir()
    run = Installation(office / "ann.json", tmp_path, mounts.enter)
    commands = changes(in_this_process(run.store, tmp_path), tmp_path / "copy.json")
    mounts.mount("--bind", office, office)
    mounts.mount("-o", "remount,bind,ro", office)
    before = contents(office)
    for command in commands.values():
        done = run.tried(*command)
        message = f"Error: Cannot write {run.store}: read-only file system. Nothing was changed.\n"
        assert (done.returncode, done.stderr) == (5, message)
    run("record", "export", "--to", str(tmp_path / "for-pat.json"))
    assert contents(office) == before


@linux
def test_all_can_be_read_where_nothing_can_be_written(mounts: Mounts, tmp_path: Path) -> None:
    """A whole computer that is read-only, the user's own folders and all, still shows where the trainee stands."""
    disk = tmp_path / "disk"
    disk.mkdir()
    run = Installation(disk / "ann.json", disk, mounts.enter)
    changes(in_this_process(run.store, disk), disk / "copy.json")
    shutil.rmtree(disk / "cache")
    mounts.mount("--bind", disk, disk)
    mounts.mount("-o", "remount,bind,ro", disk)
    before = contents(disk)
    for reading in READING:
        run(*reading)
    assert contents(disk) == before


# --- other people's files -------------------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("lock_left", [True, False], ids=["with a lock file", "without one"])
def test_a_folder_of_others_is_read_and_never_written(shared: Path, lock_left: bool) -> None:
    """Who may not write in the folder is told in one line, and the record stays as it is to the byte."""
    for name in ("office", "home"):
        (shared / name).mkdir()
        (shared / name).chmod(0o777)
    office, home = shared / "office", shared / "home"
    cli = in_this_process(office / "ann.json", home)
    with ordinary_user():
        commands = changes(cli, home / "copy.json")
    if not lock_left:
        (office / ".ann.json.lock").unlink()
    office.chmod(0o555)
    before = contents(office)
    try:
        with ordinary_user():
            for command in commands.values():
                done = cli(*command, code=5)
                assert done.stderr == f"Error: Cannot write {cli.store}: permission denied. Nothing was changed.\n"
            for reading in READING:
                assert cli(*reading).stderr == ""
        assert contents(office) == before
    finally:
        office.chmod(0o777)  # so that the test's own files can be removed


@dataclass
class User:
    """An account of this computer, with a group and a home of its own; ``cli`` is the program as it runs it."""

    number: int
    group: int | None
    umask: int
    cli: Cli

    def __call__(self, *args: str, code: int = 0) -> RunResult:
        """Run the program as this user."""
        with other_user(self.number, self.group, self.umask):
            return self.cli(*args, code=code)


def ann_and_pat(shared: Path, group: int | None) -> tuple[User, User]:
    """Return two users, of whom the first is more careful than the second; both may be in a group."""
    if os.name == "nt" or os.geteuid() != 0:
        not_here("only the superuser can be another user")
    users = []
    for number, umask in ((65533, 0o077), (65534, 0o022)):
        home = shared / f"home-{number}"
        home.mkdir()
        os.chown(home, number, number)
        users.append(User(number, group, umask, in_this_process(shared / "office" / "ann.json", home, str(number))))
    return users[0], users[1]


@posix
@pytest.mark.parametrize(
    ("mode", "group", "expected"),
    [(0o2770, 4242, 0o660), (0o770, 4242, 0o660), (0o777, None, 0o666)],
    ids=["2770", "770", "777"],
)
def test_two_users_write_in_a_shared_folder(shared: Path, mode: int, group: int | None, expected: int) -> None:
    """Each reads and changes what the other wrote, however careful their umask.

    The mode stays as it was, and the group too wherever both are in it.
    """
    ann, pat = ann_and_pat(shared, group)
    office, store = shared / "office", shared / "office" / "ann.json"
    office.mkdir()
    os.chown(office, 0, group or 0)
    office.chmod(mode)
    ann(*INIT)
    if mode == 0o770:  # new files do not follow the folder: somebody gave the record to the group
        os.chown(store, -1, 4242)
    for who, command in [
        *((ann, ("check", "cert-01")), (pat, ("status",)), (pat, ("signoff", "cert-01", "--by", "Pat"))),
        *((ann, ("log",)), (ann, ("check", "cert-02")), (pat, ("return", "cert-02", "--by", "Pat", "--because", "No"))),
    ]:
        assert who(*command).stderr == ""
        assert store.stat().st_mode & 0o7777 == expected
        assert store.stat().st_gid == group or group is None
    events = ann("log", "--json").json["events"]
    assert [(event["kind"], event["account"]) for event in events] == [
        *(("enrol", "65533"), ("check", "65533"), ("sign-off", "65534"), ("check", "65533"), ("return", "65534")),
    ]
    assert {path.name for path in office.iterdir()} == {"ann.json", ".ann.json.lock"}


@posix
def test_where_each_file_is_its_owners_alone_nothing_changes(shared: Path) -> None:
    """In a sticky folder, as /tmp is, nobody replaces another's file: one line tells, and nothing is left."""
    ann, pat = ann_and_pat(shared, None)
    office = shared / "office"
    office.mkdir()
    office.chmod(0o1777)
    ann(*INIT)
    ann("check", "cert-01")
    before = contents(office)
    done = pat("signoff", "cert-01", "--by", "Pat", code=5)
    assert done.stderr.startswith(f"Error: Cannot write {pat.cli.store}: ")
    assert done.stderr.count("\n") == 1
    assert contents(office) == before


@posix
@pytest.mark.parametrize("before", [[], [INIT]], ids=["first", "after backups of a shared one"])
def test_a_record_in_its_usual_place_is_nobody_elses(tmp_path: Path, before: list[tuple[str, ...]]) -> None:
    """In the user's own data folder, the record and its backups are the owner's alone, whatever the umask leaves."""
    run = Installation(tmp_path / "shared.json", tmp_path, umask=0)
    for command in before:
        run(*command)
    assert run.tried(*INIT, default_store=True).returncode == 0
    folder = tmp_path / "data" / "ca-ladder"
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, folder / "record.json", folder / "backups")}
    assert modes == {"ca-ladder": 0o700, "record.json": 0o600, "backups": 0o700}
    kept = [path.stat().st_mode & 0o777 for path in (folder / "backups").rglob("*.json")]
    assert kept == [0o600] * (1 + len(before))


@posix
def test_a_record_behind_a_link_is_changed_where_it_lies(tmp_path: Path) -> None:
    """The link stays a link, what it leads to changes, and nothing temporary is left on either side."""
    synced, home = tmp_path / "synced", tmp_path / "home"
    synced.mkdir()
    home.mkdir()
    (home / "record.json").symlink_to(synced / "ann.json")
    cli = Cli(home / "record.json")
    cli(*INIT)
    cli("check", "cert-01")
    begun = (synced / "ann.json").read_bytes()
    cli("signoff", "cert-01", "--by", "Pat")
    assert (home / "record.json").readlink() == synced / "ann.json"
    assert (synced / "ann.json").read_bytes() != begun
    assert [path.name for path in home.iterdir()] == ["record.json"]
    assert sorted(path.name for path in synced.iterdir()) == [".ann.json.lock", "ann.json"]


# --- Windows, where a file that another program has open cannot be replaced -----------------------------------------


class Violation(PermissionError):
    """What Windows says while a virus scanner or a sync client has the file open."""

    def __init__(self, number: int) -> None:
        super().__init__(errno.EACCES, "The process cannot access the file")
        self.winerror = number


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return how long the program waited, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


def refuse_replacing(monkeypatch: pytest.MonkeyPatch, store: Path, winerror: int, times: float) -> None:
    """Let the record's file be in use by another program, for so many attempts to replace it."""
    replace, attempts = Path.replace, []

    def refused(self: Path, target: Path) -> Path:
        attempts.append(target)
        if target == store and attempts.count(store) <= times:
            raise Violation(winerror)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refused)


@pytest.mark.parametrize("winerror", [5, 32, 33])
def test_a_file_in_use_for_a_moment_is_waited_for(
    cli: Cli, winerror: int, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused three times since another program has the file open, the record is saved at the fourth."""
    cli(*INIT)
    refuse_replacing(monkeypatch, cli.store, winerror, times=3)
    assert cli("check", "cert-01").stdout == "Checked cert-01. It waits for Pat to sign off.\n"
    assert len(waits) == 3
    assert [event["kind"] for event in cli("log", "--json").json["events"]] == ["enrol", "check"]


@pytest.mark.parametrize(("winerror", "longest"), [(32, 2.0), (112, 0.0)], ids=["in use", "disk full"])
def test_a_file_in_use_for_good_stays_as_it_is(
    cli: Cli, winerror: int, longest: float, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After two seconds at most it is told that nothing was changed, and nothing is left; a full disk at once."""
    cli(*INIT)
    before = contents(cli.store.parent)
    refuse_replacing(monkeypatch, cli.store, winerror, times=float("inf"))
    done = cli("check", "cert-01", code=5)
    assert done.stderr.startswith(f"Error: Cannot write {cli.store}: ")
    assert done.stderr.endswith("Nothing was changed.\n")
    assert sum(waits) <= longest
    assert bool(waits) == bool(longest)
    assert contents(cli.store.parent) == before
