"""A team is a folder of records: one of them is picked by name, all of them are seen together, none hides another."""

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ca_ladder.cli import team_records as team
from ca_ladder.errors import (
    BadInput,
    NotPossible,
    NoTrainees,
    OtherTrainee,
    RoleGone,
    StoreUnreadable,
    Unknown,
    quoted,
)
from tests.catalogues import CLERK, catalogue_of
from tests.conftest import Cli, RunResult, forged_id, screen


@pytest.fixture
def office(office: Cli) -> Cli:
    """The program on an empty folder for a team, with the catalogue of the office."""
    office.store = office.store.parent / "our team"
    office.store.mkdir()
    return office


@pytest.fixture
def trio(office: Cli) -> Cli:
    """Three trainees on 16 March: Ann in her third month, Ben in his second, Cy a Senior Clerk with another mentor."""
    office.on_day("2026-03-02")
    office("init", "--name=Ann Lee", "--start=2026-01-05", "--mentor=Mo Ray", "--manager=Kim Novak")
    office("init", "--name=Ben Ode", "--start=2026-02-02", "--mentor=Mo Ray", "--manager=Kim Novak")
    office("init", "--name=Cy Roe", "--start=2026-03-02", "--role=senior", "--mentor=Zoe Hill", "--mentor=Ann Lee")
    return office.on_day("2026-03-16")


@pytest.fixture
def waiting(trio: Cli) -> Cli:
    """The three with what they checked: Ben's first letter waits longest, then Cy's office, then two of Ann's."""
    trio.on_day("2026-03-03")("check", "file-01", "--trainee=ben", as_="ben")
    trio.on_day("2026-03-09")("check", "off-01", "--trainee=cy", as_="cy")
    trio.on_day("2026-03-10")("check", "file-02", "--trainee=ann", as_="ann")
    trio.on_day("2026-03-11")("check", "file-01", "--trainee=ann", "--note=Twice", as_="ann")
    return trio.on_day("2026-03-16")


def names(cli: Cli, *args: str, code: int = 0) -> set[str]:
    """Return whom the report is about; a name stands there once."""
    trainees = [trainee["name"] for trainee in cli("report", "--format=json", *args, code=code).json["trainees"]]
    assert len(trainees) == len(set(trainees))
    return set(trainees)


def checked(cli: Cli, name: str) -> int:
    """Return how many items of the first tier the report says that this trainee has checked."""
    (trainee,) = [trainee for trainee in cli("report", "--format=json").json["trainees"] if trainee["name"] == name]
    return int(trainee["tiers"][0]["checked"])


def files(cli: Cli) -> dict[str, bytes]:
    """Return the records in the folder, by their names."""
    return {path.name: path.read_bytes() for path in cli.store.glob("*.json")}


# --- init -----------------------------------------------------------------------------------------------------


def test_init_adds_a_record_to_the_folder(office: Cli) -> None:
    """The file is named after the trainee, and the answer says where it is and what comes next."""
    office.terminal, office.width = True, 200
    output = office("init", "--name=Ann Lee", "--start=2026-01-05").stdout
    assert output == (
        f"Ann Lee is enrolled as Clerk, starting 2026-01-05. The record: {office.store}/ann-lee.json\n"
        "Next: ca-ladder status --trainee ann-lee\n"
    )


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Ann Lee", "ann-lee.json"),
        ("  María   López-O'Neill ", "maria-lopez-o-neill.json"),
        ("ÅSE Ødegård", "ase-degard.json"),
        ("李明", "trainee-record.json"),
        ("../../etc/passwd", "etc-passwd.json"),
        ("Con", "con-record.json"),
        (".hidden", "hidden.json"),
        ("x" * 200, "x" * 60 + ".json"),
    ],
)
def test_the_file_is_named_as_every_system_takes_it(office: Cli, name: str, file: str) -> None:
    """Nothing of a name leads out of the folder, or to a file that some computer cannot hold."""
    office("init", f"--name={name}", "--start=today")
    assert list(files(office)) == [file]
    assert names(office) == {" ".join(name.split())}


def test_names_that_make_the_same_file_are_told_apart(office: Cli) -> None:
    """Nobody's record is written over."""
    for name in ("Ann Lee", "Ann-Lee", "李明", "王芳"):
        office("init", f"--name={name}", "--start=today")
    assert sorted(files(office)) == ["ann-lee-2.json", "ann-lee.json", "trainee-record-2.json", "trainee-record.json"]
    assert names(office) == {"Ann Lee", "Ann-Lee", "李明", "王芳"}


def test_a_name_that_is_there_is_not_taken_twice(trio: Cli) -> None:
    """However it is written; it says how to change that record, and nothing of it changes by mistake."""
    before = files(trio)
    run = trio("init", "--name=ANN  lee", "--start=2026-01-12", code=OtherTrainee.exit_code)
    assert "To change it, add --trainee ann-lee" in run.stderr
    assert files(trio) == before
    assert trio("init", "--trainee=ann-lee", "--start=2026-01-12").stdout == "Ann Lee: starts on 2026-01-12.\n"


def test_a_folder_may_be_new(office: Cli) -> None:
    """A path that ends as a folder's does is one, and is made."""
    folder = office.store / "sub"
    office("init", "--store", f"{folder}/", "--name=Ann Lee", "--start=today")
    assert [path.name for path in folder.glob("*.json")] == ["ann-lee.json"]


def test_a_path_that_could_be_either_is_asked_about(office: Cli) -> None:
    """Neither a file nor a folder is made by guessing."""
    path = office.store / "new"
    run = office("init", "--store", str(path), "--name=Ann Lee", "--start=today", code=BadInput.exit_code)
    assert f"Name a file for one trainee, {path}.json, or a folder, {path}/" in run.stderr
    assert not path.exists()


# --- which one ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["Ann Lee", "ann  LEE", "ann-lee", "Ann-lee", "ann", "Lee", "ANN-LEE"], ids=lambda typed: f"<{typed}>"
)
def test_a_trainee_is_picked_by_name(trio: Cli, typed: str) -> None:
    """By the name, the file's name, or one word that only theirs has."""
    assert trio("status", f"--trainee={typed}").stdout.startswith("Ann Lee, Clerk\n")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("Ann Lea", "Did you mean Ann Lee?"), ("ben-odd", "Did you mean Ben Ode?"), ("e", ""), ("", ""), ("Dora", "")],
)
def test_a_name_nearly_right_is_offered(trio: Cli, typed: str, offered: str) -> None:
    """And never taken for granted."""
    run = trio("check", "file-01", f"--trainee={typed}", code=Unknown.exit_code)
    assert f'There is no trainee "{typed}".' in run.stderr
    assert offered in run.stderr
    assert "checked" not in trio("log", "--trainee=ann").stdout + trio("log", "--trainee=ben").stdout


@pytest.mark.parametrize(
    "command",
    [
        ["status"],
        ["next"],
        ["list"],
        ["show", "file-01"],
        ["log"],
        ["check", "file-01"],
        ["uncheck", "file-01"],
        ["note", "file-01", "Look"],
        ["undo"],
        ["leave", "today", "today"],
        ["signoff", "file-01", "--by=Mo Ray"],
        ["return", "file-01", "--by=Mo Ray", "--because=No"],
        ["waive", "file-01", "--by=Mo Ray", "--because=No"],
        ["agenda"],
        ["graduate", "0-3", "--by=Kim Novak", "--yes"],
        ["promote", "senior", "--by=Kim Novak", "--yes"],
        ["record", "verify"],
        ["record", "where"],
    ],
    ids=" ".join,
)
def test_what_is_about_one_trainee_asks_which(trio: Cli, command: list[str]) -> None:
    """It says how to answer, and whom there is to choose from; nothing is written."""
    before = files(trio)
    run = trio(*command, code=BadInput.exit_code)
    assert run.stderr == 'Error: Which trainee? Add --trainee "NAME". Here are: Ann Lee, Ben Ode, Cy Roe.\n'
    assert files(trio) == before


def test_of_many_the_first_are_named(office: Cli) -> None:
    """A question stays one line."""
    for number in range(14):
        office("init", f"--name=Trainee {number:02}", "--start=today")
    error = office("status", code=BadInput.exit_code).stderr
    assert error.endswith("Trainee 00, " + ", ".join(f"Trainee {n:02}" for n in range(1, 12)) + " and 2 more.\n")


def test_two_of_one_name_are_told_apart_by_their_files(trio: Cli) -> None:
    """The name alone does not do; each file's name does, also where the name makes the file's."""
    trio("init", "--store", str(trio.store / "ann-lee-2.json"), "--name=Ann Lee", "--start=2026-03-02")
    refused = trio("status", "--trainee=Ann Lee", code=BadInput.exit_code).stderr
    assert "--trainee ann-lee-2 or --trainee ann-lee" in refused
    assert set(re.findall(r"ann-lee\S*", refused)) == {"ann-lee", "ann-lee-2"}
    assert "since 2026-01-05" in trio("status", "--trainee=ann-lee").stdout
    assert "since 2026-03-02" in trio("status", "--trainee=ann-lee-2").stdout
    starts = [trainee["start"] for trainee in trio("report", "--format=json").json["trainees"]]
    assert sorted(starts) == ["2026-01-05", "2026-02-02", "2026-03-02", "2026-03-02"]


@pytest.mark.parametrize(("typed", "theirs"), [("Ann Lee", True), ("ann", True), ("Ben Ode", False), ("Bea", False)])
def test_a_file_is_of_one_trainee(trio: Cli, typed: str, theirs: bool) -> None:
    """With a file for a store, --trainee says whose it has to be."""
    trio.store /= "ann-lee.json"
    if theirs:
        assert trio("status", f"--trainee={typed}").stdout.startswith("Ann Lee, Clerk\n")
        return
    run = trio("status", f"--trainee={typed}", code=OtherTrainee.exit_code)
    assert run.stderr.startswith(f"Error: {trio.store} is the record of Ann Lee.")


def test_of_one_record_nobody_asks_which(office: Cli) -> None:
    """A folder with one record works as its file does."""
    office("init", "--name=Ann Lee", "--start=2026-01-05")
    office("check", "file-01")
    assert office("status").stdout.startswith("Ann Lee, Clerk\n")
    assert office().stdout.startswith("Ann Lee, Clerk\n")
    assert office("report").stdout.startswith("Ann Lee, Clerk\n")


# --- an empty folder ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        *(["status"], ["log", "--json"], ["report"], ["report", "--format=csv"], ["agenda"], ["undo", "--yes"]),
        *(["check", "file-01"], ["signoff", "file-01", "--by=Mo Ray", "--observed"], ["signoff", "--by=Mo Ray"]),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("there", [True, False])
def test_a_folder_without_records(office: Cli, command: list[str], there: bool) -> None:
    """Empty or not there yet, it says so, and how to begin; no folder is made by looking."""
    folder = office.store if there else office.store / "not there"
    run = office(*command, "--store", f"{folder}/", code=NoTrainees.exit_code, answers="")
    error = f"There is no record in the folder {folder}. Look at its name, or begin one: ca-ladder init --store"
    assert (run.stdout, run.stderr) == ("", f"Error: {error} {quoted(f'{folder}/')}\n")
    assert list(office.store.iterdir()) == []
    assert folder.exists() == there


def test_the_welcome_of_a_team(office: Cli) -> None:
    """A bare `ca-ladder` on an empty folder says what the folder is for."""
    welcome = office().stdout
    assert welcome.startswith("Welcome to ca-ladder,")
    assert welcome.endswith(f"The folder {office.store} is for the records of a team, and holds none yet.\n")


# --- the team's home ------------------------------------------------------------------------------------------


def test_the_home_of_a_team(waiting: Cli) -> None:
    """Who is where, the most behind first; with room a bar of what is done against what is expected."""
    waiting.terminal, waiting.width = True, 80
    assert waiting().stdout == screen(
        """
        3 trainees on 2026-03-16

        #  Trainee  Month  Tier  Done             Pace  Overdue  Own  Forecast
        ──────────────────────────────────────────────────────────────────────
        1  Ann Lee      3  0-3   ██████|░░░░░  on pace        0    0  n/a
        2  Ben Ode      2  0-3   ███|░░░░░░░░  on pace        0    0  n/a
        3  Cy Roe       1  0-12  |███████████  1 ahead        0    0  n/a
        Done: checked or signed off; | = expected by now. Own: overdue and the trainee's
        move. Forecast: all checked, at the pace of the last 8 weeks
        All of it: ca-ladder report    What waits for you: ca-ladder signoff
        """
    )


@pytest.mark.parametrize("width", [60, 120])
def test_the_home_of_a_team_at_a_terminal(waiting: Cli, width: int) -> None:
    """At every width each number and date is whole, and no line is longer than the screen."""
    *redirected, notes = waiting().stdout.splitlines()[2:]
    assert notes == "Own: overdue and the trainee's move. Forecast: all checked, at the pace of the last 8 weeks"
    waiting.terminal, waiting.width = True, width
    shown = waiting().stdout.splitlines()
    assert max(map(len, shown)) <= width
    rows = [re.sub(r"Done|[█░|]+", "", line).split() for line in (shown[2], *shown[4:7])]
    assert rows == [line.split() for line in redirected]


# --- what else lies in the folder -----------------------------------------------------------------------------


def test_what_is_no_record_is_not_taken_for_one(trio: Cli) -> None:
    """Hidden files, folders, other files, and our own documents are none of the team."""
    folder = trio.store
    (folder / ".hidden.json").write_text("", encoding="utf-8")
    (folder / "readme.txt").write_text("Letters", encoding="utf-8")
    (folder / "older").mkdir()
    shutil.copy(folder / "ann-lee.json", folder / "older" / "dora.json")
    (folder / "folder.json").mkdir()
    trio("report", "--format=json", "-o", str(folder / "report.json"))
    for view in ("status", "list", "next", "log", "show"):
        output = trio(view, *(["file-01"] if view == "show" else []), "--trainee=ann", "--json").stdout
        (folder / f"{view}.json").write_text(output, encoding="utf-8")
    trio("catalogue", "new", str(folder / "clerk.yaml"), "--copy")  # the schema is written beside it
    trio("catalogue", "schema", "-o", str(folder / "fields.json"))
    assert (folder / "ca-ladder.schema.json").exists()
    assert names(trio) == {"Ann Lee", "Ben Ode", "Cy Roe"}
    assert trio("report").stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_pipe_in_the_folder_is_told_and_not_waited_for(trio: Cli) -> None:
    """A pipe, or a link to one, hides nobody and holds nobody up."""
    os.mkfifo(trio.store / "pipe.json")
    (trio.store / "link.json").symlink_to("pipe.json")
    assert names(trio, code=1) == {"Ann Lee", "Ben Ode", "Cy Roe"}
    errors = trio("report", code=1).stderr.splitlines()
    assert [line.endswith("cannot be read: it is not a file. It was not changed.") for line in errors] == [True, True]


def broken(folder: Path, kind: str) -> str:
    """Put a file among the records that nobody can read, and return what is said of it."""
    record = json.loads((folder / "ann-lee.json").read_text(encoding="utf-8"))
    record["record"] = record["events"][0]["enrolment"]["record"] = "0" * 8 + "-0000-0000-0000-" + "0" * 12
    whole = json.dumps(record, indent=1)
    text, why = {
        "empty": ("", "it is empty"),
        "cut": (whole[: len(whole) // 2], "it is damaged, not whole JSON (line "),
        "newer": (whole.replace('"schema": 3', '"schema": 99'), "was written by a newer ca-ladder (schema 99)"),
        "unrelated": ('{"a": 1}', "it is not a ca-ladder record"),
        "no record": (whole.replace('"enrol"', '"enrolled"'), "event 1 is damaged at `kind`"),
    }[kind]
    (folder / "broken.json").write_text(text, encoding="utf-8")
    return why


@pytest.mark.parametrize("kind", ["empty", "cut", "newer", "unrelated", "no record"])
def test_what_cannot_be_read_is_told_and_hides_nobody(trio: Cli, kind: str) -> None:
    """All the others are there; the file, and what is wrong with it, stand on stderr; it is left as it is."""
    why = broken(trio.store, kind)
    before = files(trio)
    assert names(trio, code=1) == {"Ann Lee", "Ben Ode", "Cy Roe"}
    (error,) = trio("report", code=1).stderr.splitlines()
    assert error.startswith(f"Error: The record {trio.store}/broken.json ")
    assert why in error
    assert trio(code=1).stderr.splitlines() == [error]
    assert files(trio) == before


@pytest.mark.parametrize("ending", ["txt", "md", "csv", "json", "html", "xlsx"])
def test_in_every_format_the_others_are_shown(trio: Cli, tmp_path: Path, ending: str) -> None:
    """Whoever waits for the file gets it, and the exit code says that it is not the whole truth."""
    broken(trio.store, "cut")
    path = tmp_path / f"report.{ending}"
    run = trio("report", "-o", str(path), code=1)
    assert run.stdout == f"The report is in {path}.\n"
    assert "broken.json" in run.stderr
    written = path.read_bytes()
    assert ending == "xlsx" or all(name in written for name in (b"Ann Lee", b"Ben Ode", b"Cy Roe"))
    assert (b"broken.json" in written) == (ending in {"md", "json", "html"})


def test_a_broken_record_is_no_obstacle_to_the_others(trio: Cli) -> None:
    """Commands on one trainee do not stumble over another's file; on the broken one they say what it is."""
    broken(trio.store, "empty")
    trio("check", "file-01", "--trainee=ann")
    trio("status", "--trainee=broken", code=StoreUnreadable.exit_code)
    assert trio("status", code=BadInput.exit_code).stderr.endswith("Ann Lee, Ben Ode, broken, Cy Roe.\n")


def test_an_altered_record_among_them(trio: Cli) -> None:
    """It is shown with the others, and told of, with the command that says what was altered."""
    file = trio.store / "ben-ode.json"
    file.write_text(file.read_text(encoding="utf-8").replace("2026-02-02", "2026-02-09"), encoding="utf-8")
    run = trio("report")
    assert run.stderr.startswith("1 entry of ben-ode.json does not count. ")
    assert run.stderr.endswith(" --trainee ben-ode\n")
    fingerprints = {
        trainee["name"]: trainee["fingerprint"] for trainee in trio("report", "--format=json").json["trainees"]
    }
    assert [name for name, fingerprint in fingerprints.items() if fingerprint is None] == ["Ben Ode"]


def test_a_role_that_is_gone_hides_nobody(waiting: Cli, catalogue: Callable[[str], Path]) -> None:
    """Whose role the catalogue no longer has is named, and cannot be measured or signed off; the others can."""
    catalogue(catalogue_of(CLERK))
    assert names(waiting, code=1) == {"Ann Lee", "Ben Ode"}
    assert waiting("report", "--format=json", code=1).json["unreadable"][0]["file"] == "cy-roe.json"
    waiting("status", "--trainee=cy", code=RoleGone.exit_code)
    queue = waiting("signoff", "--by=Mo Ray", answers="k\nk\nk\n", as_="mo", code=1)
    assert len(reviewed_items(queue)) == 3
    for error in (waiting("report", code=1).stderr, queue.stderr.splitlines()[-1]):
        assert error.count("Error: ") == 1
        assert "cy-roe.json" in error
        assert 'the role "senior", which the catalogue (version 7) does not have.' in error


# --- copies ---------------------------------------------------------------------------------------------------


def test_a_conflict_copy_that_holds_more_is_told_of(trio: Cli) -> None:
    """The record counts, the copy is told of with the command that merges it; that command works as it stands."""
    copy = trio.store / "ann-lee-PC2.json"
    shutil.copy(trio.store / "ann-lee.json", copy)
    trio("check", "file-01", "file-02", "--store", str(copy), as_="home")
    assert checked(trio, "Ann Lee") == 0
    assert names(trio) == {"Ann Lee", "Ben Ode", "Cy Roe"}
    merge = f"ca-ladder record merge {quoted(str(copy))} --trainee ann-lee"
    assert trio("report").stderr == (
        "Next to ann-lee.json is a copy with 2 entries more than the record. "
        f"The next change merges it, or now: {merge}\n"
    )
    trio(*shlex.split(merge)[1:])
    assert trio("report").stderr == ""
    assert "0+2/3" in trio("status", "--trainee=ann").stdout


def test_the_next_change_merges_a_copy(trio: Cli) -> None:
    """As it does beside a single record."""
    copy = trio.store / "ann-lee (1).json"
    shutil.copy(trio.store / "ann-lee.json", copy)
    trio("check", "file-01", "--store", str(copy), as_="home")
    trio("check", "file-02", "--trainee=ann")
    assert "0+2/3" in trio("status", "--trainee=ann").stdout
    assert not copy.exists()
    assert names(trio) == {"Ann Lee", "Ben Ode", "Cy Roe"}


@pytest.mark.parametrize("name", ["ann.json", "before-the-move.json", "ann-lee-from-home.json"])
def test_a_copy_under_another_name_is_never_the_record(trio: Cli, name: str) -> None:
    """A packet or a safety copy, shorter name or longer, older or newer: it is told of, not merged, and stays there."""
    copy = trio.store / name
    shutil.copy(trio.store / "ann-lee.json", copy)
    trio("check", "file-01", "--trainee=ann-lee")
    assert checked(trio, "Ann Lee") == 1
    assert trio("report").stderr == f"{name} is a copy of ann-lee.json, with nothing new.\n"
    trio("check", "file-02", "--store", str(copy), as_="home")
    merge = f"ca-ladder record merge {quoted(str(copy))} --trainee ann-lee"
    assert trio("report").stderr == (
        f"{name} is a copy of ann-lee.json with 1 entry more than the record, not merged. To merge it: {merge}\n"
    )
    assert names(trio) == {"Ann Lee", "Ben Ode", "Cy Roe"}
    assert trio("note", "file-01", "so", "--trainee=Ann Lee").stderr == ""
    assert checked(trio, "Ann Lee") == 1
    trio(*shlex.split(merge)[1:])
    assert checked(trio, "Ann Lee") == 2
    assert trio("report").stderr == f"{name} is a copy of ann-lee.json, with nothing new.\n"


def test_an_older_conflict_copy_is_silent(trio: Cli) -> None:
    """It brings nothing, so nobody needs to hear of it."""
    shutil.copy(trio.store / "ann-lee.json", trio.store / "ann-lee (1).json")
    trio("check", "file-01", "--trainee=ann-lee")
    assert trio("report").stderr == ""
    assert checked(trio, "Ann Lee") == 1


def test_a_record_copied_as_a_template_is_said_to_be_a_copy(trio: Cli) -> None:
    """Whoever copies a file for a new colleague hears that it is the old colleague's record."""
    shutil.copy(trio.store / "ann-lee.json", trio.store / "new-hire.json")
    assert trio("status", "--trainee=new-hire", code=1).stderr.startswith(
        "Error: new-hire.json is a copy of ann-lee.json, the record of Ann Lee. To begin one for somebody else: "
        'ca-ladder init --name "NAME"'
    )


@pytest.mark.parametrize("name", ["ann.json", "ann-lee (1).json"])
def test_another_record_under_the_same_number_replaces_nobodys(trio: Cli, name: str) -> None:
    """Whoever begins a record of their own under Ann's number, and names it well, does not get into the report for her."""
    path = trio.store / name
    document = json.loads((trio.store / "ann-lee.json").read_text("utf-8"))
    first = document["events"][0]
    first["enrolment"] |= {"name": "Ann", "mentors": ["Friend"]}
    document["events"] = [first | {"id": forged_id(first)}]
    path.write_text(json.dumps(document), encoding="utf-8")
    trio("check", "file-01", "--trainee=ann-lee")
    assert path.exists()
    assert checked(trio, "Ann Lee") == 1
    told = trio("report").stderr
    assert ("Next to ann-lee.json is a copy that cannot be merged. To see why: " in told) == ("(1)" in name)


def test_a_copy_that_cannot_be_read_is_told_of(trio: Cli) -> None:
    """The record is whole, and counts; what lies beside it may hold more, and nobody knows."""
    whole = (trio.store / "ann-lee.json").read_bytes()
    (trio.store / "ann-lee (1).json").write_bytes(whole[: len(whole) - 50])
    run = trio("report", "--format=json")
    assert len(run.json["trainees"]) == 3
    assert run.stderr.startswith("Next to ann-lee.json is a copy that cannot be read. To see why: ca-ladder record ")


# --- tiers that not all of them have --------------------------------------------------------------------------


def test_a_tier_that_some_roles_lack(trio: Cli) -> None:
    """The report of a tier is about those who have it; a tier that nobody has is a slip."""
    assert names(trio, "--tier=0-3") == {"Ann Lee", "Ben Ode"}
    assert names(trio, "--tier=first") == {"Cy Roe"}
    assert 'There is no tier "7-9".' in trio("report", "--tier=7-9", code=Unknown.exit_code).stderr


# --- hints ----------------------------------------------------------------------------------------------------


def hints_of(run: RunResult) -> list[list[str]]:
    """Return the commands that the last lines of a screen offer, as a shell would read them when pasted."""
    lines = [line for line in run.stdout.splitlines() if re.match(r"[A-Z][^:]*: ca-ladder ", line)]
    hints = [part.partition(": ")[2] for line in lines for part in line.split("    ")]
    return [shlex.split(hint.replace(" ID", " file-02"))[1:] for hint in hints]


@pytest.mark.parametrize(
    ("command", "offers"),
    [
        (["status"], 1),
        (["next"], 2),
        (["list"], 1),
        (["show", "file-01"], 1),
        (["show", "files"], 1),
        (["check", "file-01"], 2),
        (["note", "file-01", "Look"], 1),
        (["leave", "today", "today"], 2),
        (["signoff", "file-03", "--observed", "--by=Mo Ray"], 1),
        (["waive", "file-03", "--by=Mo Ray", "--because=No"], 1),
        (["promote", "senior", "--by=Kim Novak", "--yes"], 2),
        (["init", "--start=2026-01-12"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
@pytest.mark.parametrize("typed", ["Ann Lee", "ann"])
def test_hints_work_when_pasted(trio: Cli, typed: str, command: list[str], offers: int) -> None:
    """They repeat --store and --trainee as they were typed, blanks and all."""
    folder, trio.store = trio.store, trio.store.parent / "elsewhere.json"
    trio.terminal, trio.width = True, 1000
    given = ["--store", str(folder), "--trainee", typed]
    hints = hints_of(trio(*command, *given))
    assert len(hints) == offers
    for hint in hints:
        assert hint[-4:] == given
        trio(*hint, *(["--yes"] if hint[0] == "undo" else []))


def test_the_hint_of_an_undo_works(trio: Cli) -> None:
    """An undo is taken back by the command that it offers."""
    trio("check", "file-01", "--trainee=ann")
    trio.terminal, trio.width = True, 500
    (hint,) = hints_of(trio("undo", "--yes", "--trainee=ann"))
    trio(*hint, "--yes")
    assert "0+1/3" in trio("status", "--trainee=ann").stdout


# --- the mentor's queue ---------------------------------------------------------------------------------------


def reviewed_items(run: RunResult) -> list[tuple[str, str]]:
    """Return the items that were put before the mentor, in their order, each with its trainee."""
    items = re.findall(r"^\d+ of \d+  (\S+) ", run.stderr, re.MULTILINE)
    return list(zip(re.findall(r"^  Trainee  (.*)$", run.stderr, re.MULTILINE), items, strict=True))


def test_the_queue_is_across_trainees_the_oldest_first(waiting: Cli) -> None:
    """Each item with whose it is, since when, and what was noted, on stderr; what was decided is told on stdout."""
    waiting.width = 80
    review = waiting("signoff", "--by=Mo Ray", answers="s\nr\nTry it alone\nk\n", as_="mo")
    assert review.stdout[review.stdout.index("Ben Ode: ") :] == screen(
        """
        Ben Ode: Signed off: file-01. Returned: none.
        Ann Lee: Signed off: none. Returned: file-02.
        Still waiting: 1.
        """
    )
    assert review.stderr.strip("\n") + "\n" == screen(
        """
        1 of 3  file-01  File a letter
          Trainee  Ben Ode
          Tier     0-3 New
          Checked  2026-03-03 by Ben Ode
        [s]ign, [r]eturn, s[k]ip or [q]uit? [skip]:Signed off file-01.

        2 of 3  file-02  Find a letter
          Trainee  Ann Lee
          Tier     0-3 New
          Checked  2026-03-10 by Ann Lee
        [s]ign, [r]eturn, s[k]ip or [q]uit? [skip]:What is missing?Returned file-02.

        3 of 3  file-01  File a letter
          Trainee  Ann Lee
          Tier     0-3 New
          Checked  2026-03-11 by Ann Lee
          Note     Ann Lee, 2026-03-11: Twice
        [s]ign, [r]eturn, s[k]ip or [q]uit? [skip]:
        """
    )


@pytest.mark.parametrize(
    ("by", "theirs"),
    [
        ("Mo Ray", [("Ben Ode", "file-01"), ("Ann Lee", "file-02"), ("Ann Lee", "file-01")]),
        ("kim NOVAK", [("Ben Ode", "file-01"), ("Ann Lee", "file-02"), ("Ann Lee", "file-01")]),
        ("Zoe Hill", [("Cy Roe", "off-01")]),
        ("Ann Lee", [("Cy Roe", "off-01")]),
    ],
)
def test_the_queue_holds_what_this_mentor_signs_for(waiting: Cli, by: str, theirs: list[tuple[str, str]]) -> None:
    """Those who name this mentor or manager, and nobody's own items."""
    run = waiting("signoff", f"--by={by}", answers="k\n" * len(theirs))
    assert reviewed_items(run) == theirs


@pytest.mark.parametrize(
    ("by", "why"),
    [("Mo Rey", "Did you mean Mo Ray?"), ("Ben Ode", "Those who do: Ann Lee, Kim Novak, Mo Ray, Zoe Hill.")],
)
def test_who_signs_for_nobody_is_told_so(waiting: Cli, by: str, why: str) -> None:
    """A slip in one's name must not look like an empty desk."""
    run = waiting("signoff", f"--by={by}", answers="", code=NotPossible.exit_code)
    assert run.stderr == f"Error: {by} signs off for nobody in this folder. {why}\n"


def test_where_nobody_is_named_everybody_signs_but_the_trainee(office: Cli) -> None:
    """A record without mentors is on every desk."""
    for name in ("Ann Lee", "Ben Ode"):
        office("init", f"--name={name}", "--start=2026-03-02")
        office("check", "file-01", f"--trainee={name}")
    assert reviewed_items(office("signoff", "--by=Mo", answers="k\nk\n")) == [
        ("Ann Lee", "file-01"),
        ("Ben Ode", "file-01"),
    ]
    assert reviewed_items(office("signoff", "--by=Ann Lee", answers="q\n")) == [("Ben Ode", "file-01")]


def test_quitting_keeps_what_was_decided(waiting: Cli) -> None:
    """The rest still waits. Ctrl-C, or the end of the input, takes nothing back either."""
    quit_ = waiting("signoff", "--by=Mo Ray", answers="s\nq\n", as_="mo")
    assert quit_.stdout.endswith("Ben Ode: Signed off: file-01. Returned: none.\nStill waiting: 2.\n")
    assert "1/3" in waiting("status", "--trainee=ben").stdout
    stopped = waiting("signoff", "--by=Mo Ray", answers="s\n", as_="mo", code=130)
    assert stopped.stderr.endswith("Stopped. What was already saved stays saved.\n")
    assert "1+1/3" in waiting("status", "--trainee=ann").stdout


def test_the_undo_of_a_queue_works_as_it_is_offered(waiting: Cli) -> None:
    """For each trainee one command, which takes back all that was decided on theirs, and nothing else."""
    waiting.terminal, waiting.width = True, 200
    run = waiting("signoff", "--by=Mo Ray", answers="s\nr\nTry it alone\ns\n", as_="mo")
    lines = [line for line in run.stdout.splitlines() if line.startswith("Undo (")]
    undo = [shlex.split(line.partition("): ")[2])[1:] for line in lines]
    assert sorted(undo) == [["undo", "--trainee", "ann-lee"], ["undo", "--trainee", "ben-ode"]]
    waiting("undo", "--trainee", "ann-lee", "--yes", as_="mo")
    waiting.terminal = False
    assert "0+2/3" in waiting("status", "--trainee=ann").stdout
    assert "1/3" in waiting("status", "--trainee=ben").stdout
    waiting("undo", "--trainee", "ben-ode", "--yes", as_="mo")
    assert "0+1/3" in waiting("status", "--trainee=ben").stdout


def test_the_queue_goes_on_when_a_record_is_broken(waiting: Cli) -> None:
    """The others are reviewed; at the end the file is told of, with exit 1."""
    broken(waiting.store, "cut")
    run = waiting("signoff", "--by=Mo Ray", answers="s\nk\nk\n", as_="mo", code=1)
    assert len(reviewed_items(run)) == 3
    assert run.stdout.endswith("Ben Ode: Signed off: file-01. Returned: none.\nStill waiting: 2.\n")
    assert run.stderr.splitlines()[-1].count("broken.json cannot be read: it is damaged") == 1


def test_an_empty_desk(trio: Cli) -> None:
    """Nothing waits: it says so, and asks nothing more."""
    assert trio("signoff", "--by=Mo Ray", answers="").stdout == "There is nothing to sign off for your trainees.\n"
    assert trio("signoff", "--trainee=ann", "--by=Mo Ray", answers="").stdout == (
        "There is nothing to sign off for Ann Lee.\n"
    )


# --- completion -----------------------------------------------------------------------------------------------


def completions(cli: Cli, line: str) -> list[str]:
    """Return what the Tab key offers at the end of this line."""
    cli.env |= {"_CA_LADDER_COMPLETE": "complete_fish", "_TYPER_COMPLETE_ARGS": f"ca-ladder {line}"}
    cli.env |= {"_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    return [line.split("\t")[0] for line in cli().stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("line", "there"),
    [
        ("status --trainee ", ["ann-lee", "ben-ode", "cy-roe"]),
        ("status --trainee b", ["ben-ode"]),
        ("status --trainee x", []),
        ("status --trainee A", ["Ann-lee"]),
        ("check --trainee ann-lee ", ["file-01", "file-02", "file-03", "file-04", "file-t1"]),
        ("check --trainee cy ", ["off-01"]),
        ("check ", ["file-01", "file-02", "file-03", "file-04", "file-t1", "off-01", "off-02"]),
        ("check --trainee nobody file-0", ["file-01", "file-02", "file-03", "file-04"]),
        ("graduate --trainee cy ", ["0-12"]),
        ("promote --trainee ann ", ["clerk", "senior"]),
    ],
)
def test_tab_knows_the_folder(trio: Cli, line: str, there: list[str]) -> None:
    """It offers the trainees, and then what is on the ladder of the one named; of none named, all there is."""
    assert completions(trio, line) == there


@pytest.mark.parametrize("line", ["status --trainee ", "check --trainee ann "])
def test_tab_never_fails(office: Cli, line: str) -> None:
    """Not in an empty folder, nor in one with a broken record, nor where there is none."""
    assert "Error" not in " ".join(completions(office, line))
    (office.store / "ann.json").write_text("", encoding="utf-8")
    assert "Error" not in " ".join(completions(office, line))
    office.store /= "nowhere/"
    assert "Error" not in " ".join(completions(office, line))


# --- the progress bar -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patience", "terminal", "args", "bar"),
    [
        (-1, True, ["report"], True),
        (-1, True, ["report", "--format=json"], True),
        (float("inf"), True, ["report"], False),
        (-1, False, ["report"], False),
        (-1, True, ["report", "--no-input"], False),
        (-1, True, ["status", "--trainee=ann"], False),
    ],
    ids=["long", "redirected", "short", "no terminal", "no input", "of one"],
)
def test_a_bar_shows_how_far_the_reading_is(
    trio: Cli, monkeypatch: pytest.MonkeyPatch, patience: float, terminal: bool, args: list[str], bar: bool
) -> None:
    """Once it takes long, on stderr, where somebody watches; the answer is the same, and the bar is gone after it."""
    plain = trio(*args).stdout
    monkeypatch.setattr(team, "PATIENCE", patience)
    trio.env |= {"TERM": "xterm", "FORCE_COLOR": "1"}
    run = trio(*args, answers="" if terminal else None)
    assert ("Reading" in run.stderr) == bar
    assert "Reading" not in run.stdout
    assert re.sub(r"\x1b\[[0-9;]*m", "", run.stdout) == plain
    if bar:
        assert run.stderr.endswith("\x1b[2K")


# --- what goes wrong at the edges is told with its name, and with what can be typed next --------------------------


def test_what_is_told_while_the_bar_stands_is_whole(trio: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line about a copy stands above the bar, not inside it; a broken record is told of after it."""
    shutil.copy(trio.store / "ann-lee.json", trio.store / "ann-lee (1).json")
    trio("check", "file-01", "--store", str(trio.store / "ann-lee (1).json"), as_="home")
    broken(trio.store, "empty")
    copy, error = trio("report", code=1).stderr.splitlines()
    monkeypatch.setattr(team, "PATIENCE", -1)
    trio.env |= {"TERM": "xterm", "FORCE_COLOR": "1", "COLUMNS": "400"}
    run = trio("report", answers="", code=1)
    assert copy in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", run.stderr).replace("\r", "\n").splitlines()
    assert run.stderr.split("\x1b[2K")[-1] == f"{error}\n"
    assert "broken.json cannot be read: it is empty." in error


def test_a_tier_mistyped_is_told_beside_a_broken_record(trio: Cli) -> None:
    """Both are reported: what was typed wrongly, and what cannot be read."""
    (trio.store / "broken.json").write_text("", encoding="utf-8")
    error = trio("report", "--tier=7-9", code=2).stderr
    assert 'There is no tier "7-9"' in error
    assert "broken.json" in error


def test_a_file_that_nobody_can_read_may_be_theirs(trio: Cli) -> None:
    """No second record is begun beside it, and nobody is told that it is somebody's."""
    (trio.store / "broken.json").write_text("", encoding="utf-8")
    assert "broken.json cannot be read: it is empty" in trio("init", "--name=Broken", "--start=today", code=3).stderr
    assert sorted(path.name for path in trio.store.glob("broken*")) == ["broken.json"]


def test_a_record_that_is_gone_comes_before_the_beginning_of_another_name(office: Cli) -> None:
    """Nothing is written for Kim Lee-Jones by who means Kim Lee, whose record was lost; nobody gets a stranger's."""
    for name in ("Kim Lee", "Kim Lee-Jones", "\u674e\u56db"):
        office("init", f"--name={name}", "--start=today")
    (office.store / "kim-lee.json").unlink()
    assert "record restore" in office("check", "file-01", "--trainee=Kim Lee", code=1).stderr
    (office.store / "trainee-record.json").unlink()
    assert "There is no trainee" in office("status", "--trainee=\u8d75\u516d", code=2).stderr
    assert "record restore" in office("status", "--trainee=\u674e\u56db", code=1).stderr


def test_a_cancelled_leave_is_called_one(trio: Cli) -> None:
    """In the log, and when it is taken back; what still stands is not said to be gone."""
    trio("leave", "2026-03-01", "2026-03-15", "--trainee=ann")
    assert "no longer" not in trio("leave", "2026-03-16", "2026-03-31", "--trainee=ann").stdout
    output = trio("leave", "2026-03-20", "2026-03-31", "--cancel", "--trainee=ann").stdout
    assert "Leave of Ann Lee cancelled: 2026-03-20 to 2026-03-31." in output
    assert "leave cancelled" in trio("log", "--trainee=ann").stdout.splitlines()[-1]
    assert "leave of 2026-03-20 to 2026-03-31 (cancelled)" in trio("undo", "--yes", "--trainee=ann").stdout


def test_a_name_that_is_too_long_for_a_file(trio: Cli) -> None:
    """One line, and nothing was done before it."""
    error = trio("report", "-o", f"{'a' * 300}.html", code=5).stderr
    assert error.startswith("Error: Cannot write a")


def test_a_broken_record_is_told_where_nobody_else_is_signed_for(trio: Cli) -> None:
    """Whose record is damaged may be the very one that this mentor signs for."""
    (trio.store / "ann-lee.json").write_bytes(b"{")
    error = trio("signoff", "--by=Nobody", answers="", code=1).stderr
    assert "ann-lee.json" in error
    assert "signs off for nobody" not in error


@pytest.mark.skipif(sys.platform != "linux", reason="file names that are no text are known to Linux alone")
def test_a_file_whose_name_is_no_text_is_named_in_the_json(cli: Cli) -> None:
    """The document stays whole, and the others are in it."""
    folder = cli.store.parent / "team"
    folder.mkdir()
    cli("init", "--name=Al Ho", "--start=2026-01-05", f"--store={folder}")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.json")).write_text("no record", encoding="utf-8")
    run = cli("report", "--format=json", f"--store={folder}", code=1)
    assert [trainee["name"] for trainee in run.json["trainees"]] == ["Al Ho"]
    assert [record["file"] for record in run.json["unreadable"]] == ["\udcff.json"]
