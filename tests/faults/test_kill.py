"""The program killed at any moment of its writing: the record is the old or the new one, whole, and life goes on."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import Cli, tool

# All by which a store could be changed, let go or given away; "?": not every machine has each of them.
CALLS = (
    *(
        "openat",
        "creat",
        "write",
        "pwrite64",
        "writev",
        "fsync",
        "fdatasync",
        "ftruncate",
        "truncate",
        "flock",
        "fcntl",
    ),
    *("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "chmod", "fchmod", "fchmodat"),
    *("mkdir", "mkdirat", "close", "exit_group"),
)
WATCHED = "trace=" + ",".join(f"?{call}" for call in CALLS)
ENVIRONMENT = {
    "PATH": os.defpath,
    "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
}


class Kill(NamedTuple):
    """Where the program dies: as it makes this call for the so manieth time."""

    call: str
    number: int

    def __str__(self) -> str:
        return f"{self.call} {self.number}"


def check(strace: str, store: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the real `check cert-02` on the store under strace, with these options of strace."""
    traced = [strace, "-f", "-qq", "-o", str(store.with_suffix(".trace")), "-e", WATCHED, *options]
    return subprocess.run(
        [*traced, sys.executable, "-m", "ca_ladder", "check", "cert-02", "--note", "Twice"],
        env={**ENVIRONMENT, "CA_LADDER_STORE": str(store)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def kills(trace: str, lock: str) -> list[Kill]:
    """Return every call of the trace from the first that opens the lock, each as the so manieth of its name."""
    made: dict[str, int] = {}
    found: list[Kill] = []
    for call, arguments in re.findall(r"^(?:\d+ +)?(\w+)\((.*)", trace, re.MULTILINE):
        made[call] = made.get(call, 0) + 1
        if found or lock in arguments:
            found.append(Kill(call, made[call]))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="strace is a tool of Linux")
def test_killed_at_any_call_the_record_is_the_old_or_the_new_one(tmp_path: Path) -> None:
    """From the lock to the end, at every call that could matter: nothing is lost, half written, or in the way."""
    strace = tool("strace")
    places = (tmp_path / f"{number:03}" / "record.json" for number in range(1000))

    def place() -> Path:
        cli = Cli(store=next(places))
        cli("init", "--name", "Ann", "--start", "2026-01-05", "--mentor", "Pat")
        cli("check", "cert-01")
        cli("signoff", "cert-01", "--by", "Pat")
        return cli.store

    undisturbed = place()
    done = check(strace, undisturbed)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    moments = kills(undisturbed.with_suffix(".trace").read_text(encoding="utf-8"), ".record.json.lock")
    assert {"openat", "flock", "write", "fsync", "close", "exit_group"} <= {moment.call for moment in moments}
    stores = {moment: place() for moment in moments}
    before = {moment: store.read_bytes() for moment, store in stores.items()}

    def killed(moment: Kill) -> subprocess.CompletedProcess[str]:
        return check(strace, stores[moment], "-e", f"inject={moment.call}:signal=SIGKILL:when={moment.number}")

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = dict(zip(moments, pool.map(killed, moments), strict=True))
    written = 0
    for moment, run in runs.items():
        assert run.returncode in {-9, 137}, f"not killed at {moment}: {run.stderr}"
        store = stores[moment]
        cli = Cli(store=store)
        events = cli("log", "--json").json["events"]
        old = json.loads(before[moment])["events"]
        assert [event["id"] for event in events[:3]] == [event["id"] for event in old], f"killed at {moment}"
        if store.read_bytes() != before[moment]:
            assert [event["kind"] for event in events[3:]] == ["check"], f"killed at {moment}"
            assert (events[3]["item"], events[3]["note"]) == ("cert-02", "Twice"), f"killed at {moment}"
            written += 1
        else:
            assert "Checked" not in run.stdout, f"killed at {moment}: said to be saved, and is not"
        cli("check", "cert-03")
        assert cli("log", "--json").json["events"][-1]["item"] == "cert-03"
        store.with_suffix(".trace").unlink()
        left = {path.name for path in store.parent.iterdir()}
        assert left <= {"record.json", ".record.json.lock"}, f"killed at {moment}"
    assert 0 < written < len(moments)
