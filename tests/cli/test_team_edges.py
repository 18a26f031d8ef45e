"""What goes wrong at the edges of a team's folder is told with its name, and with what can be typed next."""

import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from ca_ladder.cli import team
from tests.cli.test_team import OFFICE, offered, office, trio, waiting  # noqa: F401 - fixtures
from tests.conftest import Cli


def test_a_role_that_is_gone_says_whose(waiting: Cli, catalogue: Callable[[str], Path]) -> None:  # noqa: F811
    """Among many records, the one that cannot be measured is named, in a report and in a mentor's queue."""
    catalogue(OFFICE)
    assert "cy-roe.json" in waiting("report", code=1).stderr
    assert "cy-roe.json" in waiting("signoff", "--by=Mo Ray", answers="k\nk\nk\n", code=1).stderr


def test_what_is_told_while_the_bar_stands_is_whole(trio: Cli, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """A line about a copy stands above the bar, not inside it."""
    shutil.copy(trio.store / "ann-lee.json", trio.store / "ann-lee (1).json")
    trio("check", "file-01", "--store", str(trio.store / "ann-lee (1).json"), as_="home")
    plain = trio("report").stderr
    monkeypatch.setattr(team, "PATIENCE", -1)
    trio.env |= {"TERM": "xterm", "FORCE_COLOR": "1", "COLUMNS": "400"}
    said = trio("report", answers="")
    assert plain.strip() in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.stderr).replace("\r", "\n").splitlines()


def test_a_tier_mistyped_is_told_beside_a_broken_record(trio: Cli) -> None:  # noqa: F811
    """Both are reported: what was typed wrongly, and what cannot be read."""
    (trio.store / "broken.json").write_text("", encoding="utf-8")
    said = trio("report", "--tier=7-9", code=2).stderr
    assert 'There is no tier "7-9"' in said
    assert "broken.json" in said


def test_a_file_that_nobody_can_read_may_be_theirs(trio: Cli) -> None:  # noqa: F811
    """No second record is begun beside it, and nobody is told that it is somebody's."""
    (trio.store / "broken.json").write_text("", encoding="utf-8")
    assert "broken.json cannot be read: it is empty" in trio("init", "--name=Broken", "--start=today", code=3).stderr
    assert sorted(path.name for path in trio.store.glob("broken*")) == ["broken.json"]


def test_an_error_repeats_the_folder(office: Cli, tmp_path: Path) -> None:  # noqa: F811
    """The command that it offers begins a record there, and not in the user's own place."""
    folder = tmp_path / "new"
    assert f"ca-ladder init --store {folder}/" in office("report", "--store", f"{folder}/", code=1).stderr


def test_the_earliest_record_is_told(office: Cli) -> None:  # noqa: F811
    """Nothing was known of anybody before it."""
    for day, name in (("2026-01-05", "Zoe"), ("2026-02-02", "Ann")):
        office.now = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        office("init", f"--name={name}", f"--start={day}")
    assert "begins on 2026-01-05" in office("report", "--as-of=2026-01-04", code=1).stderr


def test_tab_takes_a_name_as_it_is_written(trio: Cli) -> None:  # noqa: F811
    """People begin a name with a capital letter; what is offered is taken by the command."""
    assert trio("status", "--trainee", "Ann-lee").stdout.startswith("Ann Lee")
    assert offered(trio, "status --trainee A") == ["Ann-lee"]


def test_roles_are_called_by_their_names(trio: Cli) -> None:  # noqa: F811
    """Ids are for typing."""
    assert "Clerk is not above" in trio("promote", "clerk", "--by=Kim Novak", "--trainee=ben", code=1).stderr


def test_a_record_that_is_gone_comes_before_the_beginning_of_another_name(office: Cli) -> None:  # noqa: F811
    """Nothing is written for Kim Lee-Jones by who means Kim Lee, whose record was lost; nobody gets a stranger's."""
    for name in ("Kim Lee", "Kim Lee-Jones", "\u674e\u56db"):
        office("init", f"--name={name}", "--start=today")
    (office.store / "kim-lee.json").unlink()
    assert "record restore" in office("check", "file-01", "--trainee=Kim Lee", code=1).stderr
    (office.store / "trainee-record.json").unlink()
    assert "There is no trainee" in office("status", "--trainee=\u8d75\u516d", code=2).stderr
    assert "record restore" in office("status", "--trainee=\u674e\u56db", code=1).stderr


def test_a_file_that_is_named_as_its_trainee_is_can_always_be_meant(trio: Cli) -> None:  # noqa: F811
    """Two records of one name, copied together: the name says both, the file's says one."""
    trio("init", "--name=Ann Lee", "--start=today", "--store", str(trio.store.parent / "other.json"))
    (trio.store.parent / "other.json").rename(trio.store / "ann-lee-2.json")
    assert "--trainee ann-lee-2 or --trainee ann-lee" in trio("status", "--trainee=Ann Lee", code=2).stderr
    for file in ("ann-lee", "ann-lee-2"):
        assert trio("status", f"--trainee={file}").stdout.startswith("Ann Lee")


def test_a_cancelled_leave_is_called_one(trio: Cli) -> None:  # noqa: F811
    """In the log, and when it is taken back; what still stands is not said to be gone."""
    trio("leave", "2026-03-01", "2026-03-15", "--trainee=ann")
    assert "no longer" not in trio("leave", "2026-03-16", "2026-03-31", "--trainee=ann").stdout
    said = trio("leave", "2026-03-20", "2026-03-31", "--cancel", "--trainee=ann").stdout
    assert "Ann Lee is there after all: 2026-03-20 to 2026-03-31." in said
    assert "leave cancelled" in trio("log", "--trainee=ann").stdout.splitlines()[-1]
    assert "leave of 2026-03-20 to 2026-03-31 (cancelled)" in trio("undo", "--yes", "--trainee=ann").stdout


def test_a_name_that_is_too_long_for_a_file(trio: Cli) -> None:  # noqa: F811
    """One line, and nothing was done before it."""
    said = trio("report", "-o", f"{'a' * 300}.html", code=5).stderr
    assert said.startswith("Error: Cannot write a")


def test_a_broken_record_is_told_where_nobody_else_is_signed_for(trio: Cli) -> None:  # noqa: F811
    """Whose record is damaged may be the very one that this mentor signs for."""
    (trio.store / "ann-lee.json").write_bytes(b"{")
    said = trio("signoff", "--by=Nobody", answers="", code=1).stderr
    assert "ann-lee.json" in said
    assert "signs off for nobody" not in said
