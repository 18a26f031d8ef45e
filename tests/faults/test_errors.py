"""The system refuses one call of the program, at any moment: nothing is lost, and what is said of it is true."""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import tool
from tests.faults.harness import Call, Run, Undisturbed, each, failed, let_go, lost, undisturbed
from tests.faults.test_kill import COMMANDS, at, entries, life_goes_on, prepared

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="strace is a tool of Linux"),
]

ERRORS = ("EIO", "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EMFILE", "EINTR", "ENOLCK")


class Injection(NamedTuple):
    """A call, the error it fails with, and whether it does so once or from then on."""

    call: Call
    error: str
    once: bool

    def __str__(self) -> str:
        return f"{self.call} {self.error} {'once' if self.once else 'from then on'}"


def on_a_file(calls: Sequence[Call]) -> list[Call]:
    """Return the calls that take a path or a descriptor: these the system may have reasons to refuse."""
    return [call for call in calls if re.search('[<"]', call.arguments)]


def on_the_store(calls: Sequence[Call]) -> list[Call]:
    """Return the calls on the record, its lock, its temporary file, its folder, and the copies of it."""
    own = re.compile(r"\{folder\}(/\.?(record|merged)[^/]*(/.*)?)?")
    return [call for call in on_a_file(calls) if own.fullmatch(call.file)]


def beside_the_store(calls: Sequence[Call]) -> list[Injection]:
    """Return two errors for each other call on a file, each once and from then on, and every error in its turn."""
    store = on_the_store(calls)
    others = [call for call in on_a_file(calls) if call not in store]
    chosen = [(call, ERRORS[(place + step) % 8]) for place, call in enumerate(others) for step in (0, 3)]
    return [Injection(call, error, once) for call, error in chosen for once in (True, False)]


def every_error(calls: Sequence[Call]) -> list[Injection]:
    """Return every error for each call on the store, four of them once and four from then on."""
    chosen = [(call, place, number) for place, call in enumerate(on_the_store(calls)) for number in range(8)]
    return [Injection(call, ERRORS[number], once=(place + number) % 2 == 1) for call, place, number in chosen]


def some_errors(calls: Sequence[Call]) -> list[Injection]:
    """Return one error for every second call on the store, every error in its turn, a third of them only once."""
    chosen = enumerate(on_the_store(calls)[::2])
    return [Injection(call, ERRORS[place % 8], once=place % 3 == 0) for place, call in chosen]


def judged(run: Run, plain: Undisturbed, injection: Injection, done: str) -> bool:
    """Return whether the change is in the store, after judging that what was said of it is true."""
    saved = entries(run.folder) == plain.after
    told = "".join(re.findall(r"^Error: .*", run.stderr, re.MULTILINE))
    assert "Traceback" not in run.stderr
    assert "This is a bug" not in run.stderr
    assert run.exit_code in {0, 2, 3, 4, 5}  # 2: it is the catalogue that cannot be read
    if run.exit_code == 0:
        assert saved
        assert (done in run.stdout, told) == (True, "")
    elif injection.call.name == "write" and not injection.once:  # nobody can be told: the exit code alone says it
        assert told == ""
    elif saved:
        assert re.search("Saved to .*, but|What was saved stays saved", told)
    else:
        assert told
        assert "Saved to" not in told
        assert done not in run.stdout
    assert not (saved and "Nothing was changed" in told)
    return saved


def repeat(folder: Path, name: str, *, saved: bool) -> None:
    """Give the command again: it does its work, or says plainly that it is done already."""
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
def test_whatever_call_fails_nothing_is_lost_and_what_is_said_is_true(
    name: str,
    chosen: Callable[[Sequence[Call]], list[Injection]],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """Exit code 0 means that it is saved, "nothing was changed" that it is not; to repeat the command is harmless."""
    tool("strace")
    subject = prepared(tmp_path / "prepared", name)
    plain = undisturbed(subject)
    injections = chosen(plain.calls)
    saved, wrong = 0, []
    runs = each(lambda one: failed(subject, one.call, one.error, once=one.once), injections)
    for injection, run in zip(injections, runs, strict=True):
        try:
            assert run.met
            assert lost(subject, run, plain) == ""
            there = judged(run, plain, injection, subject.done)
            repeat(run.folder, name, saved=there)
            assert entries(run.folder) == plain.after
            life_goes_on(run.folder, name)
            saved += there
        except AssertionError as failure:
            wrong.append(f"{injection}: {failure}\n{run}")
        let_go(run)
    assert wrong == []
    assert 0 < saved < len(injections)
    record_property(
        f"refused, {name} ({chosen.__name__.replace('_', ' ')})",
        f"{len(injections)} refusals, {saved} after the change was in place: 0 lost, 0 untrue",
    )
