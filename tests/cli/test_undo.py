"""The moment of a decision, the command that it belongs to, and what undo and redo make of it."""

from datetime import timedelta
from typing import Any

import pytest
import typer

from ca_ladder.errors import BadInput, NotPossible
from tests.conftest import Cli

PAT, KIM = "--by=Pat Lee", "--by=Kim Novak"


@pytest.fixture
def ann(office: Cli) -> Cli:
    """The program with the record of Ann, who has checked two items."""
    office("init", "--name=Ann Lee", "--start=2026-01-05", "--mentor=Pat Lee", "--manager=Kim Novak")
    office("check", "file-01", "file-02")
    return office


def events(cli: Cli) -> list[dict[str, str]]:
    """Return the events of the record."""
    written: list[dict[str, str]] = cli("log", "--json").json["events"]
    return written


def states(cli: Cli) -> dict[str, str]:
    """Return the state of each item."""
    return {item["id"]: item["state"] for item in cli("list", "--json").json["items"]}


def let_answers_take(pause: timedelta, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let so much time go by before each answer."""
    prompt = typer.prompt

    def slow_prompt(*args: Any, **options: Any) -> Any:
        cli.now += pause
        return prompt(*args, **options)

    monkeypatch.setattr(typer, "prompt", slow_prompt)


# --- the moment -----------------------------------------------------------------------------------------------


def test_an_answer_in_a_review_is_dated_when_it_is_given(ann: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A review left open over days dates each answer rightly, and the record stays in order.

    Kind: now was read once at the start, and used for all later writes.
    """
    let_answers_take(timedelta(days=3), ann, monkeypatch)
    ann("signoff", PAT, answers="s\nr\nOnce more\n", as_="pat")
    signed, returned = events(ann)[-2:]
    assert [(signed["on"], signed["at"][:10]), (returned["on"], returned["at"][:10])] == [
        ("2026-03-19", "2026-03-19"),
        ("2026-03-25", "2026-03-25"),
    ]
    ann("record", "verify")


@pytest.mark.parametrize(
    ("command", "answers"),
    [
        (["return", "file-01", PAT], "Once more\n"),
        (["waive", "file-03", PAT], "Not here\n"),
        (["signoff", "--all", PAT], "y\n"),
        (["check"], "1\n"),
        (["undo"], "y\n"),
        (["promote", "senior", KIM], "y\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_decision_is_dated_when_it_is_made(
    ann: Cli, monkeypatch: pytest.MonkeyPatch, command: list[str], answers: str
) -> None:
    """Whatever asks dates its events by the answer, not by the start of the program."""
    let_answers_take(timedelta(days=2), ann, monkeypatch)
    ann(*command, answers=answers)
    written = events(ann)[-1]
    assert (written["on"], written["at"][:10]) == ("2026-03-18", "2026-03-18")


# --- the command ----------------------------------------------------------------------------------------------


def test_what_one_command_writes_has_one_id(ann: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """All items of a check, all answers of a review; the next command has another."""
    let_answers_take(timedelta(hours=1), ann, monkeypatch)
    ann("signoff", PAT, answers="s\ns\n", as_="pat")
    init, *checks = (event["command"] for event in events(ann)[:3])
    signed = [event["command"] for event in events(ann)[3:]]
    assert len({init, *checks, *signed}) == 3
    ann("undo", "--yes", as_="pat")
    assert (states(ann)["file-01"], states(ann)["file-02"]) == ("checked", "checked")


# --- back and forward -----------------------------------------------------------------------------------------


def test_undo_walks_back_and_redo_forward(ann: Cli) -> None:
    """Each says what comes of it and what takes it back; the name of the computer does not matter.

    Kind: a second undo brought the mistake back, and after a new name of the computer an older command was undone.
    """
    ann.computer = "laptop-vpn"
    ann("check", "file-03")
    ann.computer, ann.terminal, ann.width = "hotel-wifi", True, 200
    say = [
        line.partition(": ")[2]
        for step in ("undo", "undo", "redo", "redo")
        for line in ann(step, "--yes").stdout.splitlines()[1:]
    ]
    assert say == [
        "file-03 is open again.",
        "ca-ladder redo",
        "file-01, file-02 are open again.",
        "ca-ladder redo",
        "file-01, file-02 are checked again.",
        "ca-ladder undo",
        "file-03 is checked again.",
        "ca-ladder undo",
    ]
    assert "Nothing to redo" in ann("redo", "--yes", code=NotPossible.exit_code).stderr


def test_the_undo_that_a_revocation_offers_works(maria: Cli) -> None:
    """Also when what the item needs was revoked before: the undo gives back the state of a moment ago.

    Kind: an undo that was offered, and refused for ever.
    """
    maria("signoff", "chg-s2", "chg-01", "--observed", PAT, as_="pat")
    maria("revoke", "chg-s2", PAT, "--because=Lapsed", as_="pat")
    maria("revoke", "chg-01", PAT, "--because=Wrong one", as_="pat")
    maria("undo", "--yes", as_="pat")
    assert (states(maria)["chg-s2"], states(maria)["chg-01"]) == ("open", "signed")


def test_undo_is_offered_only_where_it_works(office: Cli) -> None:
    """Who gives the say to others has none left in who signs; a new start date is taken back as ever."""
    office("init", "--name=Ann Lee", "--start=2026-01-05")
    office.terminal = True
    assert "Undo: ca-ladder undo" in office("init", "--start=2026-01-12").stdout
    assert "Undo" not in office("init", "--mentor=Pat Lee").stdout
    assert "Only Pat Lee can change" in office("undo", "--yes", code=NotPossible.exit_code).stderr


def test_a_decision_from_the_trainees_account_is_marked_on_any_computer(ann: Cli) -> None:
    """The account is the trainee's wherever the network takes the computer."""
    ann.computer = "hotel-wifi"
    assert "from the trainee's own account" in ann("signoff", "file-01", PAT).stdout


# --- sure? ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "would"),
    [
        (["undo"], "undo the check of file-01, file-02"),
        (["redo"], "redo the check of file-03"),
        (["signoff", "--all", PAT], "sign off 2 items"),
        (["promote", "senior", KIM], "promote Ann Lee to Senior Clerk from 2026-03-16"),
        (["graduate", "0-3", KIM], "give Ann Lee the final sign-off of tier 0-3"),
        (["record", "restore", "BACKUP"], "replace the record with that backup"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_asks_refuses_without_a_terminal(ann: Cli, command: list[str], would: str) -> None:
    """A pipe, and so a piped "n", is asked nothing and changes nothing: one sentence names --yes.

    Kind: a question that nobody could answer was taken for answered.
    """
    if command[0] == "redo":
        ann("check", "file-03")
        ann("undo", "--yes")
    if command[0] == "graduate":
        ann("signoff", "file-01", "file-02", "file-03", "--observed", PAT, as_="pat")
    backups = [line.split()[0] for line in ann("record", "backups").stdout.splitlines()[1:]]
    command = [backups[-1] if word == "BACKUP" else word for word in command]
    before = ann.store.read_bytes()
    error = ann(*command, code=BadInput.exit_code).stderr
    assert error.startswith(f"Error: This would {would}. Add --yes to do it")
    assert ann(*command, "--no-input", answers="y\n", code=BadInput.exit_code).stderr == error
    assert ann(*command, answers="n\n").stdout.endswith("Nothing was changed.\n")
    assert ann.store.read_bytes() == before
    ann(*command, "--yes")
    assert ann.store.read_bytes() != before


def test_a_record_in_the_place_of_another_is_begun_only_on_purpose(ann: Cli) -> None:
    """Where a record was before, a script that begins one says so."""
    ann.store.unlink()
    begin = ["init", "--name=Bo", "--start=2026-03-02"]
    assert "This would start a new record in its place. Add --yes" in ann(*begin, code=BadInput.exit_code).stderr
    assert not ann.store.exists()
    ann(*begin, "--yes")
    assert ann.store.exists()
