"""The witness: an end that was cut off shows on the computer of whoever wrote it."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Cli

LOST = (
    "The record lacks entries that were written from here: its end was cut off, or an older copy was put in its place."
)


@pytest.fixture
def maria(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The program on Maria's record, in a folder of her own, with an older copy of it."""
    monkeypatch.chdir(tmp_path)
    cli = Cli(store=Path("record.json"), env={"XDG_DATA_HOME": str(tmp_path / "data")})
    cli("init", "--name=Maria Lopez", "--start=2026-01-05", "--mentor=Pat Lee", "--manager=Kim Novak")
    cli("check", "cert-01")
    shutil.copy("record.json", "older")
    cli("check", "mail-01")
    return cli


@pytest.mark.parametrize("command", ["", "status --json", "list", "log", "report", "note cert-01 words"])
def test_a_tail_that_was_cut_off_is_told_by_every_command_here(maria: Cli, command: str) -> None:
    """With the backup that has it; nothing in the file itself could tell."""
    shutil.copy("older", "record.json")
    warned = maria(*command.split()).stderr
    assert warned.startswith(f"{LOST} What is missing or was altered is in the backup of ")
    assert ", with 3 entries. To use it: ca-ladder record restore " in warned


def test_it_is_told_until_it_is_mended(maria: Cli) -> None:
    """Not only once: what is written after it hides nothing. Nothing is concluded or exported, and verify fails."""
    shutil.copy("older", "record.json")
    maria("note", "cert-01", "words")
    assert LOST in maria("status").stderr
    assert maria("report", "--format=json").json["trainees"][0]["fingerprint"] is None
    assert "otherwise in order" in maria("record", "verify", code=7).stdout
    for command in (["record", "export", "--to=copy.json"], ["promote", "associate-ii", "--yes", "--by=Kim Novak"]):
        assert "entries were cut off from the record" in maria(*command, code=7).stderr
    maria("record", "restore", "--yes")
    assert maria("status").stderr == ""
    assert len(maria("log", "--json").json["events"]) == 3


def test_who_never_wrote_the_file_cannot_know(maria: Cli) -> None:
    """Another person's computer has seen nothing of it; where it has, it tells too."""
    pat = replace(maria, env={"XDG_DATA_HOME": str(Path("data-of-pat").resolve())})
    assert pat("status").stderr == ""
    pat("signoff", "mail-01", "--by", "Pat Lee", as_="pat")
    shutil.copy("older", "record.json")
    assert LOST in pat("status").stderr


def test_a_command_that_only_looks_remembers_nothing(maria: Cli) -> None:
    """The folder of what was seen is written by whoever writes the record."""
    looking = replace(maria, env={"XDG_DATA_HOME": str(Path("data-of-kim").resolve())})
    looking("status")
    looking("report")
    assert not Path("data-of-kim").exists()


def test_a_restored_state_is_no_alarm(maria: Cli) -> None:
    """Whoever goes back on purpose knows what is gone; nor is another trainee's record at the same path one."""
    earliest = maria("record", "backups").stdout.splitlines()[-1].split()[0]
    maria("record", "restore", earliest, "--yes")
    assert len(maria("log", "--json").json["events"]) == 1
    assert maria("status").stderr == ""
    Path("record.json").unlink()
    maria("init", "--name=Cy Roe", "--start=2026-01-05", "--yes")
    assert LOST not in maria("status").stderr
