"""One system call of the program fails, at any moment: no entry is lost, and the message is true."""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import tool
from tests.faults.harness import Call, Run, Undisturbed, data_loss, stopped
from tests.faults.test_kill import COMMANDS, at, check_next_command, entries, prepared, tree

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="strace is a tool of Linux"),
]

ERRORS = ("EIO", "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EMFILE", "EINTR", "ENOLCK")


class Injection(NamedTuple):
    """A call, the error it fails with, and whether it fails once or from then on."""

    call: Call
    error: str
    once: bool

    def __str__(self) -> str:
        return f"{self.call} {self.error} {'once' if self.once else 'from then on'}"


def on_a_file(calls: Sequence[Call]) -> list[Call]:
    """Return the calls that take a path or a descriptor: these may fail."""
    return [call for call in calls if re.search('[<"]', call.arguments)]


def on_the_store(calls: Sequence[Call]) -> list[Call]:
    """Return the calls on the record, its lock, its temporary file, its folder, and the copies of it."""
    paths = re.compile(r"\{folder\}(/\.?(record|merged)[^/]*(/.*)?)?")
    return [call for call in on_a_file(calls) if paths.fullmatch(call.file)]


def beside_the_store(calls: Sequence[Call]) -> list[Injection]:
    """Return two errors for each other call on a file, once and from then on; the errors take turns."""
    store = on_the_store(calls)
    others = [call for call in on_a_file(calls) if call not in store]
    chosen = [(call, ERRORS[(index + step) % 8]) for index, call in enumerate(others) for step in (0, 3)]
    return [Injection(call, error, once) for call, error in chosen for once in (True, False)]


def every_error(calls: Sequence[Call]) -> list[Injection]:
    """Return every error for each call on the store, four of them once and four from then on."""
    chosen = [(call, index, number) for index, call in enumerate(on_the_store(calls)) for number in range(8)]
    return [Injection(call, ERRORS[number], once=(index + number) % 2 == 1) for call, index, number in chosen]


def some_errors(calls: Sequence[Call]) -> list[Injection]:
    """Return one error for every second call on the store, a third of them only once; the errors take turns."""
    chosen = enumerate(on_the_store(calls)[::2])
    return [Injection(call, ERRORS[index % 8], once=index % 3 == 0) for index, call in chosen]


def check_message(folder: Path, run: Run, normal: Undisturbed, injection: Injection, done: str) -> bool:
    """Check that exit code and message fit what is in the store; return whether the change is there."""
    saved = entries(folder) == normal.after
    message = "".join(re.findall(r"^Error: .*", run.stderr, re.MULTILINE))
    assert "Traceback" not in run.stderr
    assert "This is a bug" not in run.stderr
    assert run.exit_code in {0, 2, 3, 4, 5}  # 2: the catalogue cannot be read
    if run.exit_code == 0:
        assert saved
        assert (done in run.stdout, message) == (True, "")
    elif injection.call.name == "write" and not injection.once:  # nothing can be printed: only the exit code tells
        assert message == ""
    elif saved:
        assert re.search("Saved to .*, but|What was saved stays saved", message)
    else:
        assert message
        assert "Saved to" not in message
        assert done not in run.stdout
    assert not (saved and "Nothing was changed" in message)
    return saved


def repeat(folder: Path, name: str, *, saved: bool) -> None:
    """Run the command again: it does its work, or says that it is done already."""
    again = at(folder)(*COMMANDS[name].argv.split(), code=1 if saved else 0)
    if saved:
        assert re.search(r"Error: cert-\d\d is (checked|already signed off)", again.stderr)
    else:
        assert COMMANDS[name].done in again.stdout


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("check", beside_the_store),
        ("check", every_error),
        ("check beside a copy", some_errors),
        ("signoff", some_errors),
    ],
)
def test_whatever_call_fails_nothing_is_lost_and_the_message_is_true(
    name: str,
    chosen: Callable[[Sequence[Call]], list[Injection]],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """Exit code 0 means saved and "nothing was changed" means not saved; the command can be repeated."""
    tool("strace")
    subject = prepared(tmp_path / "prepared", name)
    folder = subject.folder
    saved, failures = 0, []
    checked: list[dict[str, bytes]] = []
    with stopped(subject) as program:
        normal = program.undisturbed()
        injections = chosen(normal.calls)
        for injection in injections:
            run = program.failed(injection.call, injection.error, once=injection.once)
            try:
                assert data_loss(subject, run, normal) == ""
                is_saved = check_message(folder, run, normal, injection, subject.done)
                if (files := tree(folder)) not in checked:  # with the same files the next command does the same
                    checked.append(files)
                    repeat(folder, name, saved=is_saved)
                    assert entries(folder) == normal.after
                    check_next_command(folder, name)
                saved += is_saved
            except AssertionError as failure:
                failures.append(f"{injection}: {failure}\n{run}")
    assert failures == []
    assert 0 < saved < len(injections)
    record_property(
        f"refused, {name} ({chosen.__name__.replace('_', ' ')})",
        f"{len(injections)} refusals, {saved} after the change was in place: 0 lost, 0 untrue",
    )
