"""What is refused is told in one line on stderr, with its exit code, and leaves every byte of the record."""

import os
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from ca_ladder.catalogue.files import shipped_path
from ca_ladder.errors import quoted
from ca_ladder.record import atomic_file as files
from tests.conftest import Cli
from tests.record.builders import REWRITTEN
from tests.users import ordinary_user

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions and links")


def refused(cli: Cli, *args: str, code: int, error: str, env: dict[str, str | None] | None = None) -> None:
    """Assert that the command says exactly this, on stderr alone, and leaves the folder of the record as it was."""
    folder = cli.store.parent
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    cli.env = env or {}
    run = cli(*args, code=code)
    assert (run.stdout, run.stderr) == ("", f"Error: {error}\n")
    after = {path: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.suffix != ".lock"}
    assert after == {path: data for path, data in before.items() if path.suffix != ".lock"}


# --- the trust rules ------------------------------------------------------------------------------------------

SELF = "Maria Lopez is the trainee and cannot decide on their own items. A mentor or the manager does."


@pytest.mark.parametrize("by", ["Maria Lopez", "  maria\t LOPEZ ", "Maria\u200b Lopez"])
def test_a_trainee_does_not_sign_for_themself(maria: Cli, by: str) -> None:
    """Not as typed at enrolment, not in another spelling, not by CA_LADDER_USER, by none of the mentor's commands."""
    maria("check", "cert-01")
    refused(maria, "signoff", "cert-01", "--by", by, code=1, error=SELF)
    refused(maria, "signoff", "cert-01", code=1, error=SELF, env={"CA_LADDER_USER": by})
    refused(maria, "signoff", "cert-02", "--by", by, "--observed", code=1, error=SELF)
    refused(maria, "signoff", "--all", "--yes", "--by", by, code=1, error=SELF)
    for command in ("return", "revoke", "waive"):
        refused(maria, command, "cert-01", "--by", by, "--because", "so", code=1, error=SELF)


def test_only_the_named_mentors_sign(cli: Cli) -> None:
    """Where the record names its mentors and manager, nobody else's word counts."""
    cli("init", "--name", "Ann", "--start", "2026-01-05", "--mentor", "Pat Lee", "--manager", "Kim Novak")
    cli("check", "cert-01")
    error = "Sam does not sign for Ann: the record names Pat Lee or Kim Novak."
    refused(cli, "signoff", "cert-01", "--by", "Sam", code=1, error=error)


# --- everything else that the record or the words do not allow -------------------------------------------------

# What is typed, the exit code, and the sentence.
REFUSED = [
    (
        "signoff cert-02 --by Pat",
        1,
        "cert-02 is open, not checked by the trainee. If you saw it done yourself, add --observed.",
    ),
    ("signoff chg-01 --by Pat", 1, "chg-01 cannot be signed off before chg-s2. See: ca-ladder show chg-s2"),
    ("signoff chg-02 --by Pat --observed", 1, "chg-02 cannot be signed off before chg-s2. See: ca-ladder show chg-s2"),
    ("check cert-01", 1, "cert-01 is checked. To add words to it: ca-ladder note cert-01 TEXT"),
    ("check cert-02 cert-01", 1, "cert-01 is checked. To add words to it: ca-ladder note cert-01 TEXT"),
    ("uncheck cert-02", 1, "cert-02 is open. Only a checked item can be unchecked."),
    ("return cert-02 --by Pat --because no", 1, "cert-02 is open. Only a checked item can be returned."),
    ("revoke cert-01 --by Pat --because no", 1, "cert-01 is checked. There is no sign-off to revoke."),
    ("check aud-11", 1, "aud-11 follows from aud-12, aud-13, aud-14. Use those ids."),
    ("check cert-99", 2, 'There is no item "cert-99". Did you mean cert-09, cert-t1 or cert-s2?'),
    ("check zzzzzz", 2, 'There is no item "zzzzzz". All ids: ca-ladder list'),
    ("check cert-02 crt-03", 2, 'There is no item "crt-03". Did you mean cert-03, cert-10 or cert-09?'),
    ("show certt-01", 2, 'There is no item "certt-01". Did you mean cert-01, cert-t1 or cert-s1?'),
    ("check aud-01 --on 2026-03-17", 2, "2026-03-17 is in the future (today is 2026-03-16). Give the day it happened."),
    ("check aud-01 --on 1926-03-16", 2, "1926-03-16 cannot be meant. Look at the year."),
    ("signoff cert-01 --by Pat --on 0026-03-16", 2, "0026-03-16 cannot be meant. Look at the year."),
    ("leave 2062-12-20 2063-01-05", 2, "2062-12-20 cannot be meant. Look at the year."),
    ("status --as-of 2206-03-16", 2, "2206-03-16 cannot be meant. Look at the year."),
    (
        "signoff cert-01 --by Pat --on 2026-03-15",
        1,
        "cert-01 was checked on 2026-03-16, so its sign-off cannot be dated 2026-03-15. "
        "Give that day or a later one; if you saw it done before, add --observed.",
    ),
    ("status --tier 4-9", 2, 'There is no tier "4-9". The tiers are 0-3, 3-6, 6+.'),
    ("signoff --tier 9 --yes --by Pat", 2, 'There is no tier "9". The tiers are 0-3, 3-6, 6+.'),
    (
        "status --as-of 2026-02-30",
        2,
        '"2026-02-30" is not a date. Write it as 2026-03-31, today, yesterday, 3 days ago, or monday.',
    ),
    ("check cert-02 --on 3/4/2026", 2, '"3/4/2026" could be 2026-03-04 or 2026-04-03: write one of these.'),
    ("status --as-of 2026-03-01", 1, "Nothing had been recorded on 2026-03-01: the record begins on 2026-03-16."),
    ("return cert-01 --by Pat", 2, 'The reason is missing. Add --because "..."'),
    ("revoke cert-03 --by Pat", 2, 'The reason is missing. Add --because "..."'),
    ("waive cert-02 --by Pat --because ' \n'", 2, 'The reason is missing. Add --because "..."'),
    ("signoff cert-01", 2, 'Who decides is missing. Add --by "NAME" (or set CA_LADDER_USER)'),
    ("signoff cert-01 --by ' \u200b '", 2, "The name is empty. Give the name people use in the office."),
    (
        "signoff --by Pat",
        2,
        "The ID of an item is missing. Add it, or --task, --tier or --all. What waits: ca-ladder list --state checked",
    ),
    ("signoff cert-01 --all --by Pat", 2, "Give IDs, or --task, --tier or --all, not both."),
    (
        "signoff --task certificates --by Pat",
        2,
        "This would sign off 1 item. Add --yes to do it, or --dry-run to see them.",
    ),
    ("check", 2, "The ID of an item is missing. Add it: ca-ladder check ID. What is open: ca-ladder next"),
    ("note cert-01 ' '", 2, 'The text is missing. Add it: ca-ladder note cert-01 "TEXT"'),
    ("check cert-02 --note ' '", 2, "--note is blank. Write something after it, or leave it out."),
    ("check cert-02 --evidence=x --evidence=", 2, "--evidence is blank. Write something after it, or leave it out."),
    ("signoff cert-01 --by Pat --note=''", 2, "--note is blank. Write something after it, or leave it out."),
    ("leave today tomorrow --note '\t'", 2, "--note is blank. Write something after it, or leave it out."),
    ("stauts", 2, 'There is no command "stauts". Did you mean status?'),
    ("catalogue chek", 2, 'There is no command "chek". Did you mean check?'),
    ("--color never status", 2, "Options come after the command: ca-ladder status --color ..."),
    ("status --color blue", 2, 'There is no colour "blue". Choose from: auto, always, never.'),
    ("report --format jsn", 2, 'There is no format "jsn". Did you mean json?'),
    ("list --state singed", 2, 'There is no state "singed". Did you mean signed?'),
    ("list --kind skil", 2, 'There is no kind "skil". Did you mean skill?'),
    ("note cert-01 '\udcff'", 2, "What was given for text is not text. Type it again."),
    ("signoff cert-01 --by 'Pat\udcff'", 2, "What was given for by is not text. Type it again."),
    ("check '\ud800'", 2, "What was given for ids is not text. Type it again."),
    ("status --catalog x", 2, "There is no option --catalog. Did you mean --catalogue?"),
    ("catalogue roles --catalog x", 2, "There is no option --catalog. Did you mean --catalogue?"),
    ("status --store ''", 2, "--store is empty. Name a file or a folder."),
    ("check cert-01 --store ''", 2, "--store is empty. Name a file or a folder."),
    ("check --on", 2, "--on needs a value after it. See: ca-ladder check --help"),
    ("report -o", 2, "-o needs a value after it. See: ca-ladder report --help"),
    ("catalogue roles --catalogue", 2, "--catalogue needs a value after it. See: ca-ladder catalogue roles --help"),
    ("report -o ''", 2, "Name the file after -o."),
    ("catalogue check --json --github", 2, "Choose one of --json and --github."),
    ("next -n x", 2, '"x" is not a number of items. Write -n 5, for example.'),
    ("next -n 0", 2, '"0" is not a number of items. Write -n 5, for example.'),
    ("next -n -3", 2, '"-3" is not a number of items. Write -n 5, for example.'),
    ("next -n", 2, "-n needs a value after it. See: ca-ladder next --help"),
    ("status extra", 2, "Unexpected argument: extra. See: ca-ladder status --help"),
    ("show", 2, "The ID of an item or task is missing. See: ca-ladder show --help"),
    ("note", 2, "The ID of an item is missing. See: ca-ladder note --help"),
    ("completion", 2, "The name of your shell is missing. See: ca-ladder completion --help"),
    ("completion tcsh", 2, 'There is no shell "tcsh". Choose from: bash, zsh, fish, powershell.'),
    ("leave 2026-02-02", 2, "The last day of the leave is missing. See: ca-ladder leave --help"),
    ("leave", 2, "The first day of the leave is missing. See: ca-ladder leave --help"),
    ("check cert-02 --note one --note=two", 2, "--note can be given only once."),
    ("report --tier 0-3 --tier 3-6", 2, "--tier can be given only once."),
    ("check cert-02 --store a.json --store b.json", 2, "--store can be given only once."),
    ("signoff cert-02 --by Pat --by Sam --by Kim", 2, "--by can be given only once."),
    ("report -o a.csv --output b.csv", 2, "-o can be given only once."),
    ("undo --yes", 1, "Nothing to undo: nothing in this record was written from the account other."),
]


@pytest.mark.parametrize(("command", "code", "error"), REFUSED)
def test_a_refusal_is_one_line_and_changes_nothing(maria: Cli, command: str, code: int, error: str) -> None:
    """Whatever is asked for wrongly: the sentence, its exit code, and the record as it was."""
    args = shlex.split(command)
    maria("check", "cert-01", "chg-01")
    maria("signoff", "cert-03", "--by", "Pat", "--observed")
    maria.account = "other" if args[0] == "undo" else "maria"
    refused(maria, *args, code=code, error=error)


# --- the store ------------------------------------------------------------------------------------------------

UNREADABLE = "The record {path} cannot be read: it is %s. It was not changed."
DAMAGED: dict[str, tuple[bytes, int, str]] = {
    "empty": (b"", 3, UNREADABLE % "empty"),
    "truncated": (b'{\n "format": "ca-ladder record",\n "sche', 3, UNREADABLE % "damaged, not whole JSON (line 3)"),
    "not JSON": (b"Dear diary", 3, UNREADABLE % "damaged, not whole JSON (line 1)"),
    "other JSON": (b'{"name": "Ann"}', 3, UNREADABLE % "not a ca-ladder record"),
    "binary": (b"\x80\x81\x82", 3, UNREADABLE % "damaged, not whole JSON"),
    "newer": (
        b'{"format": "ca-ladder record", "schema": 4, "record": "x", "events": {"of": "another shape"}}',
        6,
        "The record {path} was written by a newer ca-ladder (schema 4). Update ca-ladder to open it; "
        "it was not changed.",
    ),
}

ABOUT_ONE = [
    ["status"],
    ["log", "--json"],
    ["report", "--format", "csv"],
    ["check", "cert-01"],
    ["signoff", "cert-01", "--by", "Pat", "--observed"],
    ["undo", "--yes"],
]
READ_OR_WRITE = pytest.mark.parametrize(
    "args",
    [[], *ABOUT_ONE, ["init", "--name", "Maria Lopez", "--start", "2026-01-05"]],
    ids=lambda args: " ".join(args[:1]) or "bare",
)


@READ_OR_WRITE
@pytest.mark.parametrize("damage", DAMAGED)
def test_a_store_that_cannot_be_read_is_told_and_left(cli: Cli, damage: str, args: list[str]) -> None:
    """To look or to change: what cannot be understood is named, and never written over."""
    data, code, error = DAMAGED[damage]
    cli.store.write_bytes(data)
    refused(cli, *args, code=code, error=error.format(path=cli.store))


@READ_OR_WRITE
def test_a_cut_record_is_never_taken_for_the_whole(maria: Cli, args: list[str]) -> None:
    """A record that lost its end is refused, also where the cut falls between two events."""
    maria("check", "cert-01")
    data = maria.store.read_bytes()
    maria.store.write_bytes(data[: data.rindex(b'{"id"')])
    lines = maria.store.read_bytes().count(b"\n") + 1
    error = (
        f"The record {maria.store} cannot be read: it is damaged, not whole JSON (line {lines}). It was not changed. "
        "The newest good backup is of 2026-03-16 12:00:02, with 2 entries. "
        "To use it: ca-ladder record restore 20260316-120002"
    )
    refused(maria, *args, code=3, error=error)


@posix
@READ_OR_WRITE
def test_a_store_of_somebody_else_is_told_and_left(shared: Path, args: list[str]) -> None:
    """A record that this account may not read is neither missing nor empty."""
    cli = Cli(store=shared / "record.json")
    cli("init", "--name", "Maria Lopez", "--start", "2026-01-05")
    before = cli.store.read_bytes()
    cli.store.chmod(0o000)
    with ordinary_user():
        run = cli(*args, code=3)
    error = f"Error: The record {cli.store} cannot be read: permission denied. It was not changed.\n"
    assert (run.stdout, run.stderr) == ("", error)
    cli.store.chmod(0o600)
    assert cli.store.read_bytes() == before


@posix
@pytest.mark.parametrize("args", [["check", "cert-01"], ["signoff", "cert-01", "--by", "Pat", "--observed"]])
def test_a_read_only_folder_can_be_looked_at_but_not_changed(shared: Path, args: list[str]) -> None:
    """On a read-only share every view works; a change is refused, and nothing is left lying there."""
    cli = Cli(store=shared / "record.json")
    cli("init", "--name", "Maria Lopez", "--start", "2026-01-05")
    before = cli.store.read_bytes()
    cli.store.with_name(".record.json.lock").unlink()
    shared.chmod(0o555)
    with ordinary_user():
        cli("status")
        run = cli(*args, code=5)
    error = f"Error: Cannot write {cli.store}: permission denied. Nothing was changed.\n"
    assert (run.stdout, run.stderr) == ("", error)
    assert cli.store.read_bytes() == before
    assert [path.name for path in shared.iterdir()] == ["record.json"]


def test_a_store_in_use_can_be_read_but_not_changed(maria: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program writes, a view answers and a change is told to try again."""
    # The wait is a constant because no caller has a reason to choose another; the test need not sit it through.
    monkeypatch.setattr(files, "LOCK_SECONDS", 0.1)
    error = f"The record {maria.store} is in use by another ca-ladder (waited 0.1 s). Nothing was changed: try again."
    with FileLock(maria.store.with_name(".record.json.lock")):
        refused(maria, "check", "cert-01", code=4, error=error)
        refused(maria, "signoff", "cert-01", "--by", "Pat", "--observed", code=4, error=error)
        maria("status")
    maria("check", "cert-01")


NO_RECORD = (
    "There is no record yet at {}. If one was sent to you, add its file: --store FILE. To start one: ca-ladder init"
)


@pytest.mark.parametrize("args", [["status"], ["check", "cert-01"], ["log"], ["undo", "--yes"]])
def test_no_record_yet_is_told_with_how_to_begin(cli: Cli, args: list[str]) -> None:
    """Before init there is nothing to see or change, and nothing appears."""
    refused(cli, *args, code=1, error=NO_RECORD.format(cli.store))
    elsewhere = cli.store.with_name("her file.json")
    error = NO_RECORD.format(elsewhere) + f' --store "{elsewhere}"'
    refused(cli, *args, f"--store={elsewhere}", code=1, error=error)
    assert list(cli.store.parent.iterdir()) == []


# --- what no shell has read -----------------------------------------------------------------------------------


@pytest.mark.parametrize("quotes", ['"', "'"])
@pytest.mark.parametrize("name", ["CA_LADDER_STORE", "CA_LADDER_CATALOGUE", "CA_LADDER_USER"])
def test_quotation_marks_kept_around_a_variable_are_refused(maria: Cli, name: str, quotes: str) -> None:
    """`set NAME="value"` of Windows keeps them; a folder of that name would be made, or a mentor signed with them."""
    value = f"{quotes}Pat Lee{quotes}"
    error = f"{name} is {value}, with the quotation marks. Set it without them."
    refused(maria, "signoff", "cert-01", "--observed", env={name: value}, code=2, error=error)


@posix
def test_a_tilde_is_the_home_wherever_a_path_is_given(maria: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell leaves it alone inside quotes and after =; a folder that is named ~ is never made."""
    home = maria.store.parent / "home"
    home.mkdir()
    shutil.copy(shipped_path(), home / "own.yaml")
    monkeypatch.chdir(maria.store.parent)
    maria.env = {"HOME": str(home), "CA_LADDER_CATALOGUE": "~/own.yaml"}
    maria("init", "--name=Ann", "--start=2026-01-05", "--store=~/team/")
    assert maria("record", "where", "--store=~/team").stdout.startswith(f"The record: {home}/team/ann.json\n")
    maria("report", "--store=~/team/", "-o", "~/report.csv")
    maria("record", "export", "--store=~/team/", "--to=~/packet.json")
    maria("record", "merge", "~/packet.json", "--store=~/team/")
    maria("catalogue", "check", "~/own.yaml", "--catalogue=~/own.yaml")
    maria.env["CA_LADDER_STORE"] = "~/one.json"
    maria("init", "--name=Bo", "--start=2026-01-05")
    assert {path.name for path in home.iterdir()} >= {"team", "report.csv", "packet.json", "one.json"}
    assert not Path("~").exists()
    error = "The catalogue ~nobody-here/x.yaml cannot be read: no such file or directory."
    assert error in maria("status", "--catalogue=~nobody-here/x.yaml", code=2).stderr


# --- the report's file ----------------------------------------------------------------------------------------


def test_what_an_error_offers_works_on_the_same_store(cli: Cli) -> None:
    """Typed as it stands there, it would else change one's own record, or look into it."""
    team = cli.store.parent / "team"
    team.mkdir()
    at = f"--store {team}"
    for name in ("Ann Lee", "Bo Ode"):
        cli("init", "--name", name, "--start", "2026-01-05", *at.split())
    of_ann = f"{at} --trainee ann"
    cli("signoff", "cert-01", "--observed", "--by", "Pat", *of_ann.split())
    for command, error in {
        f"check cert-01 {of_ann}": f"ca-ladder note cert-01 TEXT {of_ann}",
        f"uncheck cert-01 {of_ann}": f"ca-ladder revoke cert-01 {of_ann}",
        f"signoff chg-01 --observed --by Pat {of_ann}": f"ca-ladder show chg-s2 {of_ann}",
        f"show zzzzz {of_ann}": f"ca-ladder list {of_ann}",
        f"status {at} --trainee zzz": f"ca-ladder report {at}",
    }.items():
        run = cli(*command.split(), code=2 if "zzz" in command else 1)
        assert run.stderr.endswith(f": {error}\n"), run.stderr
    cli("init", "--name", "Cy Roe", "--start", "2026-01-05", "--mentor", "Dr. Mo", *at.split())
    of_cy = f"{at} --trainee cy"
    run = cli("promote", "associate-ii", "--by", "Dr. Mo", *of_cy.split(), code=1)
    assert run.stderr.endswith(f': ca-ladder init --manager "NAME" --by "Dr. Mo" {of_cy}\n')
    run = cli("record", "restore", *of_cy.split(), code=1)
    assert run.stderr.endswith(f": ca-ladder record restore ID {of_cy}\n")


@pytest.mark.parametrize(
    ("word", "typed"),
    [
        ("maria.json", "maria.json"),
        ("/mnt/training/", "/mnt/training/"),
        ("Pat Lee", '"Pat Lee"'),
        ("Pat O'Neill", '"Pat O\'Neill"'),
        (r"S:\training\our team", r'"S:\training\our team"'),
        ("R&D; all", '"R&D; all"'),
        ("~/x", '"~/x"'),
        ("", '""'),
        ("$(touch X)", "'$(touch X)'"),
        ("`touch X`", "'`touch X`'"),
        ("Hi!", "'Hi!'"),
        ("a“; touch X; “", "'a“; touch X; “'"),
        ("ends\\", "'ends\\'"),
    ],
)
def test_a_word_of_a_command_to_paste(word: str, typed: str) -> None:
    """Plain as it is, in the double quotes of every shell if they suffice, else in those that let nothing happen."""
    assert quoted(word) == typed


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_pasted_word_is_what_it_was(word: str) -> None:
    """Whatever a name or path holds, a shell reads it as one word, the same, and runs nothing."""
    assert shlex.split(quoted(word)) == [word]


def test_a_name_that_a_shell_would_run_is_harmless_in_a_command_to_paste(cli: Cli) -> None:
    """The trainee writes who the mentor is; the mentor pastes what is printed."""
    name = '$(touch X) "; touch X; "'
    cli("init", "--name=Ann", "--start=2026-01-05", f"--mentor={name}")
    packet = cli.store.with_name("for $HOME.json")
    _, signoff, merge = re.findall("^  (.*)$", cli("record", "export", "--to", str(packet)).stdout, flags=re.MULTILINE)
    assert shlex.split(signoff) == ["ca-ladder", "signoff", "--store", packet.name, "--by", name]
    assert shlex.split(merge) == ["ca-ladder", "record", "merge", packet.name]
    _, offered = cli("graduate", "0-3", "--by", name, code=1).stderr.split("first: ")
    assert shlex.split(offered) == ["ca-ladder", "init", "--manager", "NAME", "--by", name]


def test_a_report_never_takes_a_records_place(maria: Cli) -> None:
    """Not by the record's own path, nor by another way to it, nor that of a colleague's record."""
    around = maria.store.parent / "x" / ".." / maria.store.name
    other = maria.store.with_name("bob.json")
    maria("init", "--name", "Bob", "--start", "2026-01-05", "--store", str(other))
    for output in (maria.store, around, other):
        error = f"{output} is a trainee's record. Name another file."
        refused(maria, "report", "-o", str(output), code=2, error=error)


@pytest.mark.parametrize(("format_", "ending"), [("csv", ".csv"), ("table", ".txt"), ("xlsx", ".xlsx")])
def test_a_file_is_what_its_name_says(maria: Cli, format_: str, ending: str) -> None:
    """A catalogue is not overwritten by a slip, and no list of figures lies in a folder as if it were a record."""
    victim = maria.store.with_name("victim.yaml")
    victim.write_bytes(b"mine")
    for output in (victim, maria.store.with_name("new.json")):
        error = f"{output} does not fit the format {format_}: the name must end in {ending}"
        refused(maria, "report", "--format", format_, "-o", str(output), code=2, error=error)
    assert victim.read_bytes() == b"mine"
    assert not maria.store.with_name("new.json").exists()


@pytest.mark.parametrize("rewritten", REWRITTEN)
def test_a_report_never_takes_the_place_of_a_record_saved_by_another_program(maria: Cli, rewritten: str) -> None:
    """Notepad saves UTF-16, jq sorts the keys: what the program still reads, it does not replace by a report."""
    maria.store.write_bytes(REWRITTEN[rewritten](maria.store.read_bytes()))
    error = f"{maria.store} is a trainee's record. Name another file."
    refused(maria, "report", "--format", "json", "-o", str(maria.store), code=2, error=error)


@posix
def test_a_report_never_takes_the_records_place_through_a_link(maria: Cli) -> None:
    """A link to the record is the record."""
    link = maria.store.with_name("report.csv")
    link.symlink_to(maria.store)
    refused(maria, "report", "-o", str(link), code=2, error=f"{link} is a trainee's record. Name another file.")
    assert link.is_symlink()


def test_a_report_into_a_missing_folder(maria: Cli) -> None:
    """The folder is named, and none is made."""
    output = maria.store.parent / "missing" / "report.csv"
    error = f"There is no folder {output.parent}. Name a file in a folder that exists."
    refused(maria, "report", "-o", str(output), code=2, error=error)
    assert not output.parent.exists()


# --- the catalogue --------------------------------------------------------------------------------------------


def test_a_missing_catalogue(maria: Cli) -> None:
    """The file is named, and where its name came from."""
    path = maria.store.parent / "none.yaml"
    error = f"The catalogue {path} cannot be read: no such file or directory. "
    error += "Check its name after the command, or in CA_LADDER_CATALOGUE."
    refused(maria, "status", "--catalogue", str(path), code=2, error=error)
    refused(maria, "check", "cert-01", code=2, error=error, env={"CA_LADDER_CATALOGUE": str(path)})
    refused(maria, "catalogue", "check", str(path), code=2, error=error)


@pytest.mark.parametrize("args", [["status"], ["check", "cert-01"]])
def test_a_faulty_catalogue_is_not_used(maria: Cli, catalogue: Callable[[str], Path], args: list[str]) -> None:
    """All its faults are the error of any command but the author's, and nothing is changed."""
    path = catalogue("version: 1\nversion: 2\nroles: x\n")
    error = (
        f"{path}:2:1: `version` is written twice (first on line 1); keep one\n"
        f"Error: {path}:3:1: `roles` must be a list: write [x], or each entry on a line of its own after a dash"
    )
    refused(maria, *args, "--catalogue", str(path), code=2, error=error)


# --- init -----------------------------------------------------------------------------------------------------


def test_init_without_a_terminal_names_the_option(cli: Cli) -> None:
    """What nobody can be asked for must be given; nothing is written before it is."""
    refused(cli, "init", code=2, error='The trainee\'s name is missing. Add --name "NAME"')
    error = "The first day in the role is missing. Add --start DATE, such as --start 2026-03-31"
    refused(cli, "init", "--name", "Ann", code=2, error=error)
    assert list(cli.store.parent.iterdir()) == []


# What is added to a good `init`, and the sentence.
INIT = [
    (f"--name {'x' * 300}", "The name is longer than 200 characters. Give the name people use in the office."),
    ("--name ' \t'", "The name is empty. Give the name people use in the office."),
    ("--mentor ''", "The name is empty. Give the name people use in the office."),
    ("--start 2031-01-01", "2031-01-01 is more than a year ahead. Give the first day in the role."),
    ("--start 0026-11-02", "0026-11-02 cannot be meant. Look at the year."),
    ("--start 3/4/2026", '"3/4/2026" could be 2026-03-04 or 2026-04-03: write one of these.'),
    ("--role client-advokate", 'There is no role "client-advokate". Did you mean client-advocate?'),
    ("--variant midle-market", 'There is no variant "midle-market". Did you mean middle-market?'),
]


@pytest.mark.parametrize(("options", "error"), INIT)
def test_init_refuses_what_it_cannot_understand(cli: Cli, options: str, error: str) -> None:
    """No record is begun on a guess."""
    good = [option for option in ("--name=Ann", "--start=today") if option.partition("=")[0] not in options]
    refused(cli, "init", *good, *shlex.split(options), code=2, error=error)
    assert list(cli.store.parent.iterdir()) == []


def test_init_twice(maria: Cli) -> None:
    """A second time with nothing new is told, not done; and a record belongs to one trainee for good."""
    error = f"Maria Lopez is already enrolled, starting 2026-01-05, in {maria.store}. See: ca-ladder status"
    refused(maria, "init", code=1, error=error)
    refused(maria, "init", "--name", "Maria Lopez", "--start", "2026-01-05", code=1, error=error)
    error = f"{maria.store} is the record of Maria Lopez. Use another file for someone else: --store PATH"
    refused(maria, "init", "--name", "Bob", "--start", "2026-01-05", code=1, error=error)
