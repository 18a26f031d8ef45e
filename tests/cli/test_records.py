"""What people do to keep a record: verify, export and merge it, take over stray copies, go back to a backup."""

import csv
import json
import os
import re
import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from ca_ladder.catalogue.files import shipped_path
from ca_ladder.catalogue.validation import load_catalogue
from ca_ladder.cli.repository import RecordRepository
from tests.cli.test_completion import offers
from tests.conftest import Cli, RunResult, forged_id, masked, screen


@pytest.fixture
def maria(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The program on Maria's record, in a folder of her own, with two items checked."""
    # People give files by their names in the folder they are in, and the screens show those: only a process has one.
    monkeypatch.chdir(tmp_path)
    cli = Cli(store=Path("record.json"), env={"XDG_DATA_HOME": str(tmp_path / "data")})
    cli("init", "--name=Maria Lopez", "--start=2026-01-05", "--mentor=Pat Lee", "--manager=Kim Novak")
    cli("check", "cert-01", "mail-01")
    return cli


def whole(cli: Cli, *args: str, code: int = 0, answers: str | None = None) -> str:
    """Return what a person sees: the answer, then what is told beside it; places are named from here."""
    result = cli(*args, code=code, answers=answers)
    return from_here(masked(result.stdout + result.stderr))


def from_here(text: str) -> str:
    """Return text with places named as from this folder, which has another name in each run."""
    return text.replace(f"{Path.cwd()}{os.sep}", "")


def refused(cli: Cli, *args: str, code: int) -> str:
    """Return what is told of a command that changes nothing: not a file here is another than before."""

    def here() -> dict[Path, bytes]:
        files = (path for path in Path().rglob("*") if path.is_file() and path.suffix != ".lock")
        return {path: path.read_bytes() for path in files}

    before = here()
    result = cli(*args, code=code)
    assert here() == before
    assert result.stdout == ""
    return from_here(result.stderr)


def away(cli: Cli, name: str, *commands: list[str], account: str = "pat", computer: str = "PC-2") -> Path:
    """Copy the record to another computer, type the commands there, and return the copy as it comes back here."""
    path = Path("elsewhere") / name
    path.parent.mkdir(exist_ok=True)
    shutil.copy(cli.store, path)
    data: dict[str, str | None] = {"XDG_DATA_HOME": str(Path.cwd() / "data-of-others")}
    there = replace(cli, store=path, account=account, computer=computer, env=cli.env | data, terminal=False)
    for args in commands:
        there(*args)
    cli.now = there.now
    return path.replace(cli.store.with_name(name))


def at_terminal(cli: Cli, width: int = 80) -> Cli:
    """Sit down at a terminal of so many columns."""
    cli.terminal, cli.width = True, width
    return cli


def items_of(cli: Cli) -> list[tuple[str, str | None]]:
    """Return each entry's kind and item, in their order."""
    return [(event["kind"], event.get("item")) for event in cli("log", "--json").json["events"]]


def typed(cli: Cli, command: str) -> RunResult:
    """Type a command as it was printed, and agree to restoring a backup."""
    program, *args = shlex.split(command)
    assert program == "ca-ladder"
    return cli(*args, *["--yes"] * (args[:2] == ["record", "restore"] and "--yes" not in args))


def printed(result: str, before: str) -> str:
    """Return the command that was printed after these words."""
    return next(line.partition(before)[2] for line in result.splitlines() if before in line)


PAT = ["--by", "Pat Lee"]
KIM = ["--by", "Kim Novak"]
NOTED = ["note", "cert-03", "Well explained", *PAT]
LOOKING = [
    *("", "status", "status --json", "next", "list", "list --json", "show cert-01", "log", "log --json", "report"),
    *("report --format json", "signoff mail-01 --by 'Pat Lee' --dry-run"),
]
CHANGING = [
    *("check cert-02", "uncheck mail-01", "note mail-01 so", "undo --yes", "signoff mail-01 --by 'Pat Lee'"),
    *("signoff --all --yes --by 'Pat Lee'", "return mail-01 --by 'Pat Lee' --because so"),
    *("waive cert-02 --by 'Pat Lee' --because so", "init --start 2026-01-12"),
]

# --- record, record where -------------------------------------------------------------------------------------


def test_overview(maria: Cli) -> None:
    """`record` alone says what can be done with the record's file, and is no error."""
    assert maria("record").stdout == screen(
        """
        Usage: ca-ladder record [OPTIONS] COMMAND [ARGS]...

          Find, verify, merge, export and restore the record's file.

        Options:
          -h, --help  Show this message and exit.

        Commands:
          where    Show where the record, its backups and the catalogue are.
          verify   Check that every entry is as it was written.
          merge    Merge another copy into the record.
          export   Write a copy for a mentor at another computer, to send by e-mail.
          backups  List the backups of the record, the newest first.
          restore  Replace the record with a backup.
        """
    )


def test_where(maria: Cli, catalogue: Callable[[str], Path]) -> None:
    """Everything that one would copy or back up is named, and what comes next, on this same store."""
    result = screen(
        f"""
        The record: record.json
        Its backups: data/ca-ladder/backups (2 kept)
        The catalogue: {shipped_path()}
        """
    )
    assert whole(maria, "record", "where") == result
    hint = "Next: ca-ladder record verify --store record.json\n"
    assert whole(at_terminal(maria, 200), "record", "where", "--store", "record.json") == result + hint
    assert "The catalogue: own.yaml\n" in maria("record", "where", "--catalogue", "own.yaml").stdout


def test_where_before_any_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says where the record will be."""
    monkeypatch.chdir(tmp_path)
    cli = at_terminal(Cli(store=Path("record.json"), env={"XDG_DATA_HOME": str(tmp_path / "data")}), 200)
    assert whole(cli, "record", "where") == screen(
        f"""
        The record: record.json (there is no file yet)
        Its backups: data/ca-ladder/backups (0 kept)
        The catalogue: {shipped_path()}
        Next: ca-ladder init
        """
    )


def test_where_after_a_record_was_lost(maria: Cli) -> None:
    """A lost record is not begun anew: the command that brings it back is told."""
    maria.store.unlink()
    assert whole(at_terminal(maria, 200), "record", "where") == screen(
        f"""
        The record: record.json (the file is gone)
        Its backups: data/ca-ladder/backups (2 kept)
        The catalogue: {shipped_path()}
        The newest good backup is of 2026-03-16 12:00:02, with 3 entries. To use it: ca-ladder record restore 20260316-120002
        """
    )


# --- record verify --------------------------------------------------------------------------------------------


def test_verify(maria: Cli) -> None:
    """A whole record is said to be so, with the fingerprint to write down; redirected, there is no hint."""
    answer = screen(
        """
        The record of Maria Lopez is in order: 3 entries, each as it was written.
        Fingerprint: FINGERPRINT
        """
    )
    assert whole(maria, "record", "verify") == answer
    hint = "Write it down. Later: ca-ladder record verify --expect FINGERPRINT\n"
    assert whole(at_terminal(maria), "record", "verify") == answer + hint


def fingerprint_of(cli: Cli) -> str:
    """Return the fingerprint that `record verify` prints."""
    return printed(cli("record", "verify").stdout, "Fingerprint: ")


def test_verify_expect(maria: Cli) -> None:
    """A fingerprint that was written down is found again, whatever was added since, and however it is typed."""
    then = fingerprint_of(maria)
    assert "is in it. Entries added since: 0." in maria("record", "verify", "--expect", then).stdout
    maria("check", "cert-02")
    maria("signoff", "cert-01", *PAT, as_="pat")
    for spelling in (then, then.upper(), f" {then} ", then.replace("-", " - "), "3-" + then[2:].replace("-", "")):
        assert whole(at_terminal(maria), "record", "verify", "--expect", spelling) == screen(
            """
            The record of Maria Lopez is in order: 5 entries, each as it was written.
            The state FINGERPRINT is in it. Entries added since: 2.
            Fingerprint: FINGERPRINT
            Write it down. Later: ca-ladder record verify --expect FINGERPRINT
            """
        )


def test_verify_expect_after_the_end_was_cut_off(maria: Cli) -> None:
    """The record alone cannot show that its end is gone; the fingerprint on paper does."""
    before = maria.store.read_bytes()
    maria("signoff", "cert-01", *PAT, as_="pat")
    then = fingerprint_of(maria)
    maria.store.write_bytes(before)
    shutil.rmtree("data/ca-ladder/seen")  # whoever else looks has not written it
    assert maria("record", "verify").stdout.startswith("The record of Maria Lopez is in order: 3 entries")
    result = maria("record", "verify", "--expect", then, code=7).stdout
    assert masked(result) == screen(
        """
        The state FINGERPRINT is not in the record of Maria Lopez. Compare the fingerprint letter by letter: if it is right, entries were removed or replaced since it was printed.
        A backup has it: ca-ladder record restore 20260316-120003
        The record of Maria Lopez is otherwise in order: 3 entries, each as it was written.
        A backup holds what is not in it, sign-off of cert-01. To go back: ca-ladder record restore 20260316-120003
        Fingerprint: FINGERPRINT
        """
    )
    typed(maria, printed(result, "A backup has it: "))
    assert "is in it. Entries added since: 0." in maria("record", "verify", "--expect", then).stdout


def test_verify_expect_what_no_backup_has(maria: Cli) -> None:
    """A fingerprint of another record: nothing here can bring it back, and that is said."""
    maria("init", "--name=Ann", "--start=2026-01-05", "--store", "ann.json")
    other = printed(maria("record", "verify", "--store", "ann.json").stdout, "Fingerprint: ")
    assert whole(maria, "record", "verify", "--expect", other, code=7) == screen(
        """
        The state FINGERPRINT is not in the record of Maria Lopez. Compare the fingerprint letter by letter: if it is right, entries were removed or replaced since it was printed.
        No backup on this computer has it.
        The record of Maria Lopez is otherwise in order: 3 entries, each as it was written.
        Fingerprint: FINGERPRINT
        """
    )


def test_verify_when_only_a_clock_was_wrong(maria: Cli) -> None:
    """That is named, and not called an alteration; what was written down earlier is still looked for."""
    then = fingerprint_of(maria)
    maria.now -= timedelta(days=3)
    maria("note", "cert-01", "The clock is wrong")
    maria.now += timedelta(days=3)
    assert whole(maria, "record", "verify", "--expect", then, code=7) == screen(
        """
        Entry 4 (note of cert-01 by Maria Lopez on 2026-03-13): it was written on 2026-03-13, and builds on what was written on 2026-03-16.
        The record of Maria Lopez is otherwise in order: 4 entries, each as it was written.
        The state FINGERPRINT is in it. Entries added since: 1.
        Fingerprint: FINGERPRINT
        """
    )


@pytest.mark.parametrize("wrong", ["xx", "", "3", "3-9f3a", "9f3a-77c2-e041-b6d8-5a10", "3-9f3a-77c2-e041-b6d8-5a1g"])
def test_verify_expect_what_is_no_fingerprint(maria: Cli, wrong: str) -> None:
    """A slip of the pen is told as one, with what a fingerprint looks like; nothing is said of the record."""
    assert refused(maria, "record", "verify", "--expect", wrong, code=2) == (
        f'Error: "{wrong}" is not a fingerprint. It looks like 42-9f3a-77c2-e041-b6d8-5a10, as a report prints it.\n'
    )


def test_verify_altered(maria: Cli) -> None:
    """An entry that was altered by hand is named, with what it said before; the way back is told, and works."""
    maria("signoff", "cert-01", *PAT, "--note", "Needs work", as_="pat")
    maria.store.write_bytes(maria.store.read_bytes().replace(b"Needs work", b"Excellent!"))
    result = at_terminal(maria)("record", "verify", code=7)
    assert result.stdout == screen(
        """
        Entry 4 (sign-off of cert-01 by Pat Lee on 2026-03-16): it was altered: its id
        does not fit its content.
        The sign-off of cert-01 by Pat Lee on 2026-03-16 says now: note: Excellent!. A
        backup says: note: Needs work.
        """
    )
    assert result.stderr == (
        "1 entry of record.json does not count. What is missing or was altered is in the backup of 2026-03-16 12:00:03, "
        "with 4 entries. To use it: ca-ladder record restore 20260316-120003\n"
    )
    assert maria("record", "restore", "--yes").stdout.splitlines()[1] == (
        "It differs from the record as it is now in: sign-off of cert-01."
    )
    maria("record", "verify")


def test_verify_altered_without_a_backup(maria: Cli) -> None:
    """What it said before nobody can tell then; nothing is promised."""
    altered(maria)
    shutil.rmtree("data")
    assert at_terminal(maria)("record", "verify", code=7).stdout == screen(
        """
        Entry 2 (check of cert-01 by Maria Lopez on 2026-03-01): it was altered: its id
        does not fit its content.
        Next: ca-ladder record backups
        """
    )


# --- a record with an altered entry: see also test_uncounted.py -------------------------------------------------


def notice(second: int, entries: int) -> str:
    """Return the line on one altered entry, which the backup of this second has."""
    return (
        "1 entry of the record does not count. What is missing or was altered is in the backup of 2026-03-16 "
        f"12:00:0{second}, with {entries} entries. To use it: ca-ladder record restore 20260316-12000{second}\n"
    )


NOTICE = notice(2, 3)


def altered(cli: Cli) -> None:
    """Alter the record by hand: the check of cert-01 says another date."""
    first, rest = cli.store.read_bytes().split(b'"check"', 1)
    cli.store.write_bytes(first + b'"check"' + rest.replace(b'"on":"2026-03-16"', b'"on":"2026-03-01"', 1))


@pytest.mark.parametrize("line", [*LOOKING, *CHANGING])
def test_every_command_tells_of_an_altered_record(maria: Cli, line: str) -> None:
    """Once, beside the answer, which ends as ever: work goes on while somebody looks into it."""
    altered(maria)
    assert maria(*shlex.split(line)).stderr == NOTICE


def test_a_refusal_tells_of_an_altered_record_too(maria: Cli) -> None:
    """With the exit code of the refusal."""
    altered(maria)
    assert refused(maria, "check", "mail-01", code=1).splitlines(keepends=True)[0] == NOTICE


def test_an_altered_record_is_not_exported(maria: Cli) -> None:
    """Nobody could merge what comes back."""
    altered(maria)
    assert refused(maria, "record", "export", "--to", "maria.json", code=7) == NOTICE + (
        "Error: An export is not possible: not every entry of the record counts. See: ca-ladder record verify\n"
    )


def test_a_report_on_an_altered_record_has_no_fingerprint(maria: Cli) -> None:
    """Nothing that is printed vouches for it, in any format."""
    altered(maria)
    instead = "Fingerprint: none, because not every entry counts"
    assert maria("report").stdout.splitlines()[-1] == instead
    assert maria("report", "--format", "markdown").stdout.splitlines()[-1] == f"- {instead}"
    rows = list(csv.DictReader(maria("report", "--format", "csv").stdout.splitlines()))
    assert {row["fingerprint"] for row in rows} == {""}
    assert [run["fingerprint"] for run in maria("report", "--format", "json").json["trainees"]] == [None]


def test_merge_refuses_when_the_record_itself_is_altered(maria: Cli) -> None:
    """A sound copy does not lend its soundness: nothing is changed, and a copy beside is left where it is."""
    away(maria, "pats.json", NOTED)
    later = away(maria, "later.json", ["note", "mail-01", "Late", *PAT])
    maria("note", "cert-01", "Needs work")
    later.rename("record-PC2.json")
    maria.store.write_bytes(maria.store.read_bytes().replace(b"Needs work", b"Excellent!"))
    assert refused(maria, "record", "merge", "pats.json", code=7) == notice(5, 4) + screen(
        """
        Error: pats.json was not merged, nothing was changed: the record record.json is not as it was written.
        Error: Entry 4 (note of cert-01 by Maria Lopez on 2026-03-16): it was altered: its id does not fit its content.
        """
    )
    assert from_here(maria("check", "cert-02").stderr) == notice(5, 4) + (
        "The copy record-PC2.json next to the record was left alone. record-PC2.json was not merged, nothing was "
        "changed: the record record.json is not as it was written. Entry 4 (note of cert-01 by Maria Lopez on "
        "2026-03-16): it was altered: its id does not fit its content.\n"
    )
    assert Path("record-PC2.json").exists()
    assert not Path("merged-copies").exists()


# --- record export, and the packet's journey ------------------------------------------------------------------


@pytest.mark.parametrize("width", [60, 80, 200])
def test_export(maria: Cli, width: int) -> None:
    """A copy, to the byte, and what either person types next, whole on a line, however long the folder's name is."""
    result = at_terminal(maria, width)("record", "export", "--to", "maria.json").stdout
    where, then = result.split("The mentor saves", 1)
    path = Path("maria.json").resolve()
    assert " ".join(where.split()) == f"A copy of the record of Maria Lopez, to send to the mentor: {path}"
    sentence, commands = then.split("back:\n", 1)
    assert sentence.split() == ["it,", "types", "in", "that", "folder,", "and", "sends", "it"]
    assert commands == (
        '  ca-ladder signoff --store maria.json --by "Pat Lee"\n'
        "Next, in the folder where you save what came back:\n"
        "  ca-ladder record merge maria.json\n"
    )
    assert Path("maria.json").read_bytes() == maria.store.read_bytes()


@pytest.mark.parametrize("mentors", [[], ["--mentor=Pat Lee", "--mentor=Sam Poe"]], ids=["none", "two"])
def test_export_leaves_the_name_open(maria: Cli, mentors: list[str]) -> None:
    """Nobody's name is guessed when no mentor is named, or several are."""
    maria("init", "--name=Ann", "--start=2026-01-05", *mentors, "--store", "ann.json")
    result = maria("record", "export", "--to", "for-pat.json", "--store", "ann.json").stdout
    assert '  ca-ladder signoff --store for-pat.json --by "NAME"\n' in result


def test_export_to_a_name_with_blanks(maria: Cli) -> None:
    """The commands that are printed work as they stand, for mentor and trainee."""
    result = maria("record", "export", "--to", "Maria's record.json", "--store", "record.json").stdout
    _, signoff, merge = re.findall(r"^  (.*)$", result, flags=re.MULTILINE)
    typed(replace(maria, now=maria.now, account="pat"), signoff.replace("NAME", "Pat Lee") + " --all --yes")
    assert typed(maria, merge).stdout == "Merged Maria's record.json. New: sign-off of cert-01, mail-01.\n"


def test_export_with_a_catalogue_of_ones_own(maria: Cli) -> None:
    """The mentor needs it too."""
    shutil.copy(shipped_path(), "office.yaml")
    result = maria("record", "export", "--to", "maria.json", "--catalogue", "office.yaml").stdout
    assert "The catalogue is your own: send office.yaml too, for --catalogue.\n" in result


def test_export_refused(maria: Cli) -> None:
    """No file is ever written over, and it says what is missing; a folder that is not there is no crash."""
    Path("maria.json").write_text("mine", encoding="utf-8")
    assert refused(maria, "record", "export", "--to", "maria.json", code=1) == (
        "Error: maria.json is there already. Name a new file, such as maria-2.json.\n"
    )
    assert refused(maria, "record", "export", "--to", "record.json", code=1) == (
        "Error: record.json is there already. Name a new file, such as record-2.json.\n"
    )
    assert refused(maria, "record", "export", code=2) == (
        "Error: The name of the new file is missing. Add it: ca-ladder record export --to FILE\n"
    )
    assert "none/maria.json: no such file or directory" in refused(
        maria, "record", "export", "--to", "none/maria.json", code=5
    )


def test_the_packets_journey(maria: Cli) -> None:
    """By e-mail to a mentor at another computer and back, while the trainee goes on: nothing is lost on either side."""
    maria("record", "export", "--to", "maria.json")
    desk = Path("pats-desk")
    desk.mkdir()
    Path("maria.json").rename(desk / "maria.json")
    pat = Cli(desk / "maria.json", maria.now, "pat", "PC-2", env={"XDG_DATA_HOME": str(desk.resolve() / "data")})
    maria("check", "cert-02")
    review = pat("signoff", *PAT, answers="s\nr\nTwo systems are missing\n")
    assert review.stdout.splitlines()[-1] == "Signed off: cert-01. Returned: mail-01. Still waiting: 0."
    maria.now = pat.now
    (desk / "maria.json").rename("maria.json")
    assert whole(at_terminal(maria), "record", "merge", "maria.json") == screen(
        """
        Merged maria.json. New: sign-off of cert-01; return of mail-01.
        Next: ca-ladder status    Undo: ca-ladder record restore 20260316-120004
        """
    )
    assert whole(maria, "record", "merge", "maria.json") == screen(
        """
        maria.json has nothing new.
        If somebody has changed it, this may be the copy as it was sent: use the one
        that came back.
        Next: ca-ladder status
        """
    )
    assert maria("record", "verify").stdout.startswith("The record of Maria Lopez is in order: 6 entries")
    assert sorted(items_of(maria)[3:], key=str) == [
        ("check", "cert-02"),
        ("return", "mail-01"),
        ("sign-off", "cert-01"),
    ]
    assert "Two systems are missing" in maria("show", "mail-01").stdout


# --- record merge ---------------------------------------------------------------------------------------------


def test_merge_several(maria: Cli) -> None:
    """Several copies at once: each is told of by its name, in the order given."""
    pats = away(maria, "pats.json", ["signoff", "cert-01", *PAT])
    kims = away(maria, "kims.json", ["waive", "cert-09", *KIM, "--because", "No contracts"], account="kim")
    old = away(maria, "old.json")
    assert maria("record", "merge", str(pats), str(kims), str(old)).stdout == screen(
        """
        Merged pats.json. New: sign-off of cert-01.
        Merged kims.json. New: waive of cert-09.
        old.json has nothing new.
        If somebody has changed it, this may be the copy as it was sent: use the one that came back.
        """
    )
    assert [path.exists() for path in (pats, kims, old)] == [True, True, True]


def test_merge_is_undone_as_it_is_printed(maria: Cli) -> None:
    """The state before comes back, to the byte; on the same store."""
    away(maria, "pats.json", ["signoff", "cert-01", *PAT])
    before = maria.store.read_bytes()
    result = at_terminal(maria, 200)("record", "merge", "pats.json", "--store", "record.json").stdout
    undo = printed(result, "Undo: ")
    assert undo.endswith(" --store record.json")
    typed(maria, f"{undo} --yes")
    assert maria.store.read_bytes() == before


def test_merge_takes_over_the_copies_beside_too(maria: Cli) -> None:
    """Once the file that was named is in; what they brought is told beside the answer."""
    away(maria, "record-PC2.json", NOTED)
    away(maria, "pats.json", ["signoff", "cert-01", *PAT])
    result = maria("record", "merge", "pats.json")
    assert result.stdout == "Merged pats.json. New: sign-off of cert-01.\n"
    assert from_here(result.stderr) == screen(
        """
        Merged record-PC2.json. New: note of cert-03.
        The copy is now in merged-copies/record-PC2.json.
        """
    )
    assert len(items_of(maria)) == 5


def test_a_sign_off_stands_against_the_other_side(maria: Cli) -> None:
    """Signed here, returned there: which stands, why, and what takes it back."""
    away(maria, "copy.json", ["return", "cert-01", *PAT, "--because", "No"])
    maria("signoff", "cert-01", *KIM, as_="kim")
    assert (
        maria("record", "merge", "copy.json")
        .stdout.splitlines()[1]
        .endswith("A sign-off counts until it is taken back with: ca-ladder revoke cert-01")
    )


def test_merge_is_all_or_nothing(maria: Cli) -> None:
    """One of several that cannot be taken over: none is, as the error says."""
    pats = away(maria, "pats.json", ["signoff", "cert-01", *PAT])
    Path("broken.json").write_text("{", encoding="utf-8")
    assert refused(maria, "record", "merge", str(pats), "broken.json", code=3) == (
        "Error: The record broken.json cannot be read: it is damaged, not whole JSON (line 1). It was not changed.\n"
    )


MERGE_REFUSED: dict[str, tuple[list[str], int, str]] = {
    "nothing given": ([], 2, "The copy is missing. Add its file: ca-ladder record merge FILE"),
    "a file that is not there": (
        ["nothing.json"],
        2,
        "There is no file nothing.json. Give the copy's file, such as the one that was sent back.",
    ),
    "a folder": (
        ["data"],
        3,
        "The record data cannot be read: it is a folder; name the file in it. It was not changed.",
    ),
    "no record": (
        ["diary.json"],
        3,
        "The record diary.json cannot be read: it is not a ca-ladder record. It was not changed.",
    ),
    "another record of the same trainee": (
        ["ann.json"],
        1,
        "ann.json is another record, of Maria Lopez; only copies of one record are merged.",
    ),
    "a catalogue that is not there": (
        ["record.json", "--catalogue", "none.yaml"],
        2,
        "The catalogue none.yaml cannot be read: no such file or directory. Check its name after the command, or in CA_LADDER_CATALOGUE.",
    ),
}


@pytest.mark.parametrize("case", MERGE_REFUSED)
def test_merge_refused(maria: Cli, case: str) -> None:
    """What is no copy of this record is told in one line, before anything is changed."""
    maria("init", "--name=Maria Lopez", "--start=2026-01-05", "--store", "ann.json")
    Path("diary.json").write_text('{"dear": "diary"}', encoding="utf-8")
    args, code, message = MERGE_REFUSED[case]
    assert refused(maria, "record", "merge", *args, code=code) == f"Error: {message}\n"


# What somebody writes who can compute an id: the content of one entry, what it is written on, and why it is refused.
FORGED: dict[str, tuple[dict[str, Any], int, str]] = {
    "a first entry of its own, with other mentors": (
        {"parents": [], "enrolment": {"mentors": ["Friend"]}},
        1,
        "forged.json is another record, of Maria Lopez; only copies of one record are merged.",
    ),
    "the trainee takes the mentor's name off": (
        {"enrolment": {"mentors": ["Friend"]}},
        7,
        'Only Pat Lee or Kim Novak can change who signs off, not Maria Lopez. Say who does it: --by "NAME"',
    ),
    "the trainee calls herself a mentor": (
        {"by": {"name": "Maria Lopez", "role": "mentor"}},
        7,
        "Maria Lopez was the trainee, not the mentor.",
    ),
    "the signed record gets another name": (
        {"enrolment": {"name": "Jane Doe"}},
        7,
        "Since somebody has decided, only a mentor or the manager changes the name of Maria Lopez.",
    ),
    "an enrolment that hides behind an item": (
        {"item": "pol-01"},
        7,
        "it says something that does not belong to its kind.",
    ),
    "written in 2099": ({"at": "2099-01-01T00:00:00Z"}, 7, "it was written in the future, on 2099-01-01."),
}


@pytest.mark.parametrize("case", FORGED)
def test_what_a_forged_packet_would_bring_is_refused(maria: Cli, case: str) -> None:
    """Under right ids, too: the record keeps every byte, and honest packets are still taken."""
    maria("signoff", "cert-01", *PAT, as_="pat")
    content, code, why = FORGED[case]
    document = json.loads(maria.store.read_text("utf-8"))
    first, last = document["events"][0], document["events"][-1]
    entry = first | {"at": last["at"], "parents": [last["id"]]} | content
    entry["enrolment"] = first["enrolment"] | content.get("enrolment", {})
    entry = {name: value for name, value in entry.items() if value}
    entry["id"] = forged_id(entry)
    document["events"] = [*(document["events"] if entry.get("parents") else []), entry]
    Path("forged.json").write_text(json.dumps(document), encoding="utf-8")
    error = refused(maria, "record", "merge", "forged.json", code=code)
    assert why in " ".join(error.split())
    assert maria("record", "verify").stdout.startswith("The record of Maria Lopez is in order: 4 entries")


def test_a_packet_without_anything_new_changes_nothing(maria: Cli) -> None:
    """It is said, and neither the record nor its backups are written."""
    away(maria, "old.json")
    maria("check", "cert-02")
    before = {path: path.stat().st_mtime_ns for path in Path().rglob("*") if path.is_file()}
    assert maria("record", "merge", "old.json").stdout.startswith("old.json has nothing new.\n")
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert {path for path in Path().rglob("*") if path.is_file()} == {*before}


def test_merge_tells_of_decisions_that_met(maria: Cli) -> None:
    """Both sides decided on the same: both are told, and what came of it."""
    away(maria, "copy.json", ["signoff", "cert-01", *PAT], ["return", "mail-01", *PAT, "--because", "No"])
    maria("signoff", "cert-01", *KIM, as_="kim")
    maria("uncheck", "mail-01")
    assert whole(at_terminal(maria), "record", "merge", "copy.json") == screen(
        """
        Merged copy.json. New: sign-off of cert-01; return of mail-01.
        cert-01 changed on both sides: here signed off by Kim Novak on 2026-03-16; in
        the copy signed off by Pat Lee on 2026-03-16. Now: signed off by Kim Novak on
        2026-03-16. Both sign-offs are kept.
        mail-01 changed on both sides: here unchecked by Maria Lopez on 2026-03-16; in
        the copy returned by Pat Lee on 2026-03-16. Now: returned by Pat Lee on
        2026-03-16.
        Next: ca-ladder status    Undo: ca-ladder record restore 20260316-120006
        """
    )


def test_merge_tells_of_enrolments_that_met(maria: Cli) -> None:
    """Who signs off and when it began: what either side alone changed stands, and is told."""
    away(maria, "copy.json", ["init", "--start", "2026-01-19", *KIM])
    maria("init", "--mentor", "Sam Poe", *PAT)
    assert maria("record", "merge", "copy.json").stdout == screen(
        """
        Merged copy.json. New: change of the enrolment.
        The enrolment changed on both sides: here changed by Pat Lee on 2026-03-16; in the copy changed by Kim Novak on 2026-03-16. Now: starts on 2026-01-19, signed off by Sam Poe, Kim Novak.
        """
    )


def test_revoke_says_what_still_stands(maria: Cli) -> None:
    """Signed off on both sides: each sign-off is taken back on its own, and the person is told which remains."""
    away(maria, "copy.json", ["signoff", "cert-01", *PAT])
    maria("signoff", "cert-01", *KIM, as_="kim")
    maria("record", "merge", "copy.json")
    first = maria("revoke", "cert-01", *KIM, "--because", "By mistake", as_="kim").stdout
    assert first == screen(
        """
        Revoked cert-01 by Kim Novak: By mistake
        cert-01 is still signed off by Pat Lee, on another copy.
        """
    )
    second = maria("revoke", "cert-01", *KIM, "--because", "This too", as_="kim").stdout
    assert second == "Revoked cert-01 by Kim Novak: This too\n"
    assert maria("list", "--search", "cert-01", "--json").json["items"][0]["state"] == "checked"


# --- copies that appear by themselves -------------------------------------------------------------------------

LEFT = {
    "OneDrive": "record-PC2.json",
    "Dropbox": "record (Pat's conflicted copy 2026-03-16).json",
    "Syncthing": "record.sync-conflict-20260316-120000-ABCDEFG.json",
    "a browser": "record (1).json",
    "with signs of markup": "record ([foo] conflict).json",
}


@pytest.mark.parametrize("line", [*LOOKING, "record verify"])
def test_looking_mentions_a_copy_and_leaves_it(maria: Cli, line: str) -> None:
    """On stderr, so that whatever reads the answer gets the same bytes as without it; nothing is moved or written."""
    args = shlex.split(line)
    alone = maria(*args)
    assert alone.stderr == ""
    copy = away(maria, "record-PC2.json", NOTED)
    before = (copy.read_bytes(), maria.store.read_bytes())
    result = maria(*args)
    assert result.stdout == alone.stdout
    assert from_here(result.stderr) == (
        "Next to the record is a copy with 1 entry more than the record. "
        "The next change merges it, or now: ca-ladder record merge record-PC2.json\n"
    )
    assert (copy.read_bytes(), maria.store.read_bytes()) == before


@pytest.mark.parametrize(
    ("line", "name"), [*product(CHANGING[1:], ["record-PC2.json"]), *product(CHANGING[:1], LEFT.values())]
)
def test_changing_takes_over_a_copy(maria: Cli, line: str, name: str) -> None:
    """Every command that changes something merges it first, says so, and moves it aside byte for byte."""
    copy = away(maria, name, NOTED)
    before = copy.read_bytes()
    result = maria(*shlex.split(line))
    assert from_here(result.stderr) == (
        f"Merged {name}. New: note of cert-03.\nThe copy is now in merged-copies/{name}.\n"
    )
    assert not copy.exists()
    assert Path("merged-copies", name).read_bytes() == before
    assert items_of(maria)[3] == ("note", "cert-03")
    assert len(items_of(maria)) > 4
    assert maria("record", "verify").stderr == ""


def test_a_revoke_takes_over_a_copy_too(maria: Cli) -> None:
    """Also the command that needs a sign-off to begin with."""
    maria("signoff", "cert-01", *PAT, as_="pat")
    copy = away(maria, "record-PC2.json", NOTED)
    maria("revoke", "cert-01", *PAT, "--because", "so", as_="pat")
    assert not copy.exists()
    assert items_of(maria)[4:] == [("note", "cert-03"), ("revoke", "cert-01")]


def test_a_refused_command_has_merged_all_the_same(maria: Cli) -> None:
    """What was taken over stays taken over, and was told; the refusal is about the rest."""
    away(maria, "record-PC2.json", NOTED)
    result = maria("check", "cert-01", code=1)
    assert from_here(result.stderr) == screen(
        """
        Merged record-PC2.json. New: note of cert-03.
        The copy is now in merged-copies/record-PC2.json.
        Error: cert-01 is checked. To add words to it: ca-ladder note cert-01 TEXT
        """
    )
    assert len(items_of(maria)) == 4


def test_several_copies_and_the_same_name_again(maria: Cli) -> None:
    """Each is taken over, and none takes the place of another in the archive, over time either."""
    copies = [away(maria, name, ["note", "cert-03", name, *PAT]) for name in LEFT.values()]
    kept = [copy.read_bytes() for copy in copies]
    maria("check", "cert-02")
    for day in range(3):
        kept.append(away(maria, "record-PC2.json", ["note", "cert-03", str(day), *PAT]).read_bytes())
        maria("note", "cert-02", str(day))
    archive = sorted(Path("merged-copies").iterdir())
    assert sorted(path.read_bytes() for path in archive) == sorted(kept)
    assert [path.name for path in archive if "PC2" in path.name] == [
        "record-PC2 (2).json",
        "record-PC2 (3).json",
        "record-PC2 (4).json",
        "record-PC2.json",
    ]
    assert {event["note"] for event in maria("log", "cert-03", "--json").json["events"]} == {*LEFT.values(), *"012"}


def spoilt(data: bytes, how: str) -> bytes:
    """Return the bytes of a copy made unfit to be taken over."""
    if how == "altered":
        return data.replace(b"Well explained", b"Bad explained!")
    return data[:900] if how == "damaged" else data.replace(b'"schema":3', b'"schema":99')


LEFT_ALONE = {
    "altered": (
        "that cannot be merged. To see why",
        "record-PC2.json was not merged, nothing was changed: it is not as it was written. Entry 4 (note of cert-03 by "
        "Pat Lee on 2026-03-16): it was altered: its id does not fit its content.",
    ),
    "damaged": (
        "that cannot be read. To see why",
        "The record record-PC2.json cannot be read: it is damaged, not whole JSON (line 3). It was not changed.",
    ),
    "newer": (
        "that cannot be read. To see why",
        "The record record-PC2.json was written by a newer ca-ladder (schema 99). Update ca-ladder to open it; it was "
        "not changed.",
    ),
}


@pytest.mark.parametrize("how", LEFT_ALONE)
def test_a_copy_that_cannot_be_taken_over_is_left_alone_and_told(maria: Cli, how: str) -> None:
    """It is mentioned to who looks, and the reason told to who changes; the command does its work all the same."""
    copy = away(maria, "record-PC2.json", NOTED)
    copy.write_bytes(spoilt(copy.read_bytes(), how))
    before = copy.read_bytes()
    what, why = LEFT_ALONE[how]
    assert from_here(maria("status").stderr) == (
        f"Next to the record is a copy {what}: ca-ladder record merge record-PC2.json\n"
    )
    result = maria("check", "cert-02")
    assert result.stdout == "Checked cert-02. It waits for Pat Lee or Kim Novak to sign off.\n"
    assert from_here(result.stderr) == f"The copy record-PC2.json next to the record was left alone. {why}\n"
    assert copy.read_bytes() == before
    assert not Path("merged-copies").exists()
    assert items_of(maria)[3:] == [("check", "cert-02")]


def test_a_review_tells_of_an_altered_record_and_of_a_copy_left_alone_once(maria: Cli) -> None:
    """Though each of its decisions is saved on its own."""
    away(maria, "record-PC2.json", NOTED)
    altered(maria)
    result = maria("signoff", *PAT, answers="s\n", as_="pat")
    assert result.stdout.splitlines()[-1] == "Signed off: mail-01. Returned: none. Still waiting: 0."
    assert (result.stderr.count(NOTICE), result.stderr.count("was left alone")) == (1, 1)


def test_a_copy_that_vanishes_meanwhile_is_passed_over(maria: Cli) -> None:
    """Somebody else took it over between the look and the merge: that is no fault, and the next copy is taken."""
    bad, gone, good = (
        away(maria, f"record-PC{number}.json", ["note", "cert-03", "Well explained", *PAT]) for number in (1, 2, 3)
    )
    bad.write_bytes(spoilt(bad.read_bytes(), "altered"))
    message: list[str] = []

    def aside(line: str) -> None:
        message.append(line)
        gone.unlink()

    record, taken = RecordRepository(maria.store, maria.clock, UTC, aside, str).merge_copies(
        load_catalogue(shipped_path())
    )
    assert [line.split(" next to ")[0] for line in message] == ["The copy record-PC1.json"]
    assert [merged.path.name for merged, _ in taken] == ["record-PC3.json"]
    assert (good.exists(), len(record.events)) == (False, 4)


def test_a_copy_that_cannot_be_moved_is_merged_and_told(maria: Cli) -> None:
    """The truth is told: its entries are in the record; and lying there it does no more harm."""
    copy = away(maria, "record-PC2.json", NOTED)
    Path("merged-copies").write_text("a file in the way", encoding="utf-8")
    assert from_here(maria("check", "cert-02").stderr) == screen(
        """
        The copy record-PC2.json could not be moved to merged-copies. Cannot write record-PC2.json: file exists.
        Merged record-PC2.json. New: note of cert-03.
        The copy is now in record-PC2.json.
        """
    )
    assert copy.exists()
    assert maria("check", "cert-04").stderr == ""
    assert items_of(maria)[3:] == [("note", "cert-03"), ("check", "cert-02"), ("check", "cert-04")]


def test_what_is_no_stray_copy_is_left_alone_in_silence(maria: Cli) -> None:
    """Another trainee's record, a plain old copy, another kind of file, a folder: none is mentioned or merged."""
    maria("init", "--name=Ann Lee", "--start=2026-01-05", "--store", "record-ann.json")
    shutil.copy(maria.store, "record-backup.json")
    shutil.copy(away(maria, "other.json", NOTED), "record-PC2.txt")
    Path("record-folder.json").mkdir()
    Path("record-diary.json").write_text('{"dear": "diary"}', encoding="utf-8")
    before = sorted(path.name for path in Path().iterdir())
    maria("check", "cert-02")
    for args in (["status"], ["note", "cert-02", "so"], ["status"]):
        assert maria(*args).stderr == ""
    assert sorted(path.name for path in Path().iterdir()) == before
    assert items_of(maria)[3:] == [("check", "cert-02"), ("note", "cert-02")]


@pytest.mark.parametrize("packet", ["maria.json", "maria-lopez-for-pat.json", "MARIA.json"])
def test_a_packet_never_takes_the_record_for_a_copy_nor_is_it_one(maria: Cli, packet: str) -> None:
    """A mentor works on it in the folder where the record lies, under whatever name: neither is moved from its place."""
    maria.store = maria.store.rename("maria-lopez.json")
    maria("record", "export", "--to", packet)
    maria("check", "cert-02")
    before = maria.store.read_bytes()
    result = maria("signoff", "cert-01", *PAT, "--store", packet, as_="pat")
    assert (result.stdout, result.stderr) == ("Signed off cert-01 by Pat Lee.\n", "")
    assert maria.store.read_bytes() == before
    kept = Path(packet).read_bytes()
    assert maria("check", "cert-04").stderr == ""
    assert Path(packet).read_bytes() == kept
    assert maria("record", "merge", packet).stdout == f"Merged {packet}. New: sign-off of cert-01.\n"
    assert not Path("merged-copies").exists()


MISTAKABLE = {
    "a name that a browser gives": ("record.json", "record (1).json"),
    "a name that a sync service gives": ("maria-lopez.json", "maria-lopez-PC2.json"),
    "the name that the record's was made from": ("maria (1).json", "maria.json"),
    "the trainee's own name": ("record.json", "maria-lopez.json"),
    "the trainee's own name with a number": ("maria.json", "maria-lopez-2.json"),
}


@pytest.mark.parametrize("case", MISTAKABLE)
def test_no_packet_is_written_under_a_name_that_would_be_mistaken(maria: Cli, case: str) -> None:
    """It would be merged unasked, or shown instead of the record; the name that is offered instead is taken."""
    record, packet = MISTAKABLE[case]
    maria.store = maria.store.rename(record)
    assert refused(maria, "record", "export", "--to", packet, code=1) == (
        f"Error: In that folder, {packet} would be taken for the record itself, or for a conflict copy of it. "
        "Name another file, such as maria-lopez-to-sign.json.\n"
    )
    maria("record", "export", "--to", "maria-lopez-to-sign.json")
    Path("usb").mkdir()
    maria("record", "export", "--to", f"usb/{packet}")


SAVED_AGAIN: dict[str, Callable[[Any], bytes]] = {
    "without blanks": lambda content: json.dumps(content, separators=(",", ":")).encode(),
    "sorted": lambda content: json.dumps(content, sort_keys=True, indent=2).encode(),
    "as Windows calls Unicode": lambda content: json.dumps(content, indent=4).encode("utf-16"),
}


@pytest.mark.parametrize("how", SAVED_AGAIN)
def test_a_conflict_copy_that_another_program_saved_again_is_merged(maria: Cli, how: str) -> None:
    """Its layout says nothing: looking mentions it, and the next change merges it."""
    copy = away(maria, "record (1).json", NOTED)
    copy.write_bytes(SAVED_AGAIN[how](json.loads(copy.read_bytes())))
    assert "a copy with 1 entry more than the record." in maria("status").stderr
    assert from_here(maria("check", "cert-02").stderr).startswith("Merged record (1).json. New: note of cert-03.\n")


# --- record backups -------------------------------------------------------------------------------------------


def test_backups(maria: Cli) -> None:
    """Each kept state, the latest first, with what tells them apart; redirected, there is no rule and no hint."""
    head, rule, *states, hint = whole(at_terminal(maria), "record", "backups").splitlines()
    assert [head, *states] == [
        "ID               Kept              State  Entries  Fingerprint",
        "20260316-120002  2026-03-16 12:00  whole        3  FINGERPRINT",
        "20260316-120001  2026-03-16 12:00  whole        1  FINGERPRINT",
    ]
    assert (rule, hint) == ("─" * 77, "Next: ca-ladder record restore ID")
    maria.terminal = False
    assert whole(maria, "record", "backups").splitlines() == [head, *states]


def test_backups_keep_ids_and_dates_whole(maria: Cli) -> None:
    """Whatever the width, and however long the record: what has to be typed stands there whole."""
    for number in range(15):
        maria("note", "cert-01", str(number))
    for width in (60, 80, 120):
        lines = at_terminal(maria, width)("record", "backups").stdout.splitlines()
        rows = [re.match(r"(\d{8}-\d{6}) +(\d{4}-\d\d-\d\d \d\d:\d\d) +whole +\d+\b", line) for line in lines]
        assert len([row for row in rows if row]) == 10
        assert max(map(len, lines)) <= width


def test_backups_say_what_each_is_worth(maria: Cli) -> None:
    """One that was altered, damaged, or written by a newer version is told as that."""
    for item in ("cert-02", "cert-03", "cert-04"):
        maria("check", item)
    folder = next(Path("data/ca-ladder/backups").iterdir())
    spoil = {"120003": (b"cert-02", b"cert-09"), "120004": (b'"schema"', b"schema"), "120005": (b":3,", b":9,")}
    for id_, (old, new) in spoil.items():
        kept = next(folder.glob(f"*-{id_}_*"))
        kept.write_bytes(kept.read_bytes().replace(old, new, 1))
    lines = maria("record", "backups").stdout.splitlines()
    assert [line.split()[0][-6:] + " " + line.split()[3] for line in lines[1:]] == [
        "120005 newer",
        "120004 damaged",
        "120003 altered",
        "120002 whole",
        "120001 whole",
    ]


def test_no_backups(maria: Cli) -> None:
    """On a computer that only looked, nothing is kept, and that is said."""
    elsewhere = replace(maria, env={"XDG_DATA_HOME": str(Path.cwd() / "fresh")}, now=maria.now)
    assert whole(elsewhere, "record", "backups") == (
        "No backups of this record are kept in fresh/ca-ladder/backups: nothing was changed from here yet.\n"
    )


def test_a_folder_for_backups_that_cannot_be_written_stops_nobody(maria: Cli) -> None:
    """The record is saved; that there is no backup of it is told once, in one plain line."""
    shutil.rmtree("data")
    Path("data").write_text("a file in the way", encoding="utf-8")
    result = maria("check", "cert-02")
    assert result.stdout == "Checked cert-02. It waits for Pat Lee or Kim Novak to sign off.\n"
    assert result.stderr.startswith("No backup was kept. ")
    assert result.stderr.count("\n") == 1
    assert "Nothing was changed" not in result.stderr
    assert items_of(maria)[3:] == [("check", "cert-02")]


# --- record restore -------------------------------------------------------------------------------------------


def test_restore_when_in_order(maria: Cli) -> None:
    """A good record is not replaced by accident."""
    assert refused(maria, "record", "restore", code=1) == (
        "Error: Nothing was restored: the record is in order. To go back anyway: ca-ladder record restore ID\n"
    )


@pytest.mark.parametrize("damage", ["damaged", "emptied", "deleted"])
@pytest.mark.parametrize(
    "line", ["status", "check cert-02", "signoff cert-01 --by 'Pat Lee'", "log", "record verify", ""]
)
def test_a_lost_record_names_the_command_that_brings_it_back(maria: Cli, damage: str, line: str) -> None:
    """Whatever a person types first tells it; typed as it stands, it brings back every byte."""
    before = maria.store.read_bytes()
    lose(maria.store, damage)
    welcome = not line and damage == "deleted"
    result = maria(*shlex.split(line), code=0 if welcome else 1 if damage == "deleted" else 3)
    message = result.stdout if welcome else result.stderr
    assert "The newest good backup is of 2026-03-16 12:00:02, with 3 entries. " in message
    typed(maria, printed(message, "To use it: "))
    assert maria.store.read_bytes() == before


@pytest.mark.parametrize("damage", ["damaged", "emptied", "deleted"])
def test_the_command_that_brings_it_back_names_the_store(maria: Cli, damage: str) -> None:
    """A record that was named on the command line is the one that is restored."""
    option = ["--store", "Maria's own record.json"]
    maria.store = maria.store.rename(option[1])
    maria.env |= {"CA_LADDER_STORE": "elsewhere.json"}
    maria("note", "cert-01", "so", *option)
    before = maria.store.read_bytes()
    lose(maria.store, damage)
    result = maria("status", *option, code=1 if damage == "deleted" else 3)
    typed(maria, printed(result.stderr, "To use it: "))
    assert maria.store.read_bytes() == before


def lose(path: Path, damage: str) -> None:
    """Cut a file, empty it or delete it."""
    if damage == "deleted":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:900] if damage == "damaged" else b"")


def test_restore_a_damaged_record(maria: Cli) -> None:
    """The screen of it: what is taken, what it is worth, where the damaged file is now."""
    maria("note", "cert-01", "so")
    good = maria.store.read_bytes()
    maria.store.write_bytes(good[:900])
    result = whole(at_terminal(maria), "record", "restore", "--yes")
    folder = next(Path("data/ca-ladder/backups").iterdir())
    kept = next(folder.glob("*_found.json"))
    assert result == screen(
        f"""
        The backup of 2026-03-16 12:00:03 is whole, with 4 entries.
        Restored record.json as of 2026-03-16 12:00:03.
        The replaced record is kept:
        {kept}
        Next: ca-ladder
        """
    )
    assert maria.store.read_bytes() == good
    assert kept.read_bytes() == good[:900]


def test_restore_an_earlier_state_and_undo_it(maria: Cli) -> None:
    """What is lost by it is told before; the printed command brings the present state back, to the byte."""
    maria("signoff", "cert-01", *PAT, as_="pat")
    before = maria.store.read_bytes()
    result = at_terminal(maria, 200)("record", "restore", "20260316-120002", "--yes")
    assert from_here(result.stdout).splitlines()[:3] == [
        "The backup of 2026-03-16 12:00:02 is whole, with 3 entries.",
        "Not in it, of the record as it is now: sign-off of cert-01.",
        "Restored record.json as of 2026-03-16 12:00:02.",
    ]
    assert items_of(maria) == [("enrol", None), ("check", "cert-01"), ("check", "mail-01")]
    typed(maria, printed(result.stdout, "Undo: "))
    assert maria.store.read_bytes() == before


def test_restore_keeps_what_was_written_without_a_backup(maria: Cli) -> None:
    """Entries that came by a sync, and are in no backup here, are kept before they are replaced."""
    maria.store.write_bytes(away(maria, "copy.json", NOTED).read_bytes())
    before = maria.store.read_bytes()
    result = at_terminal(maria, 200)("record", "restore", "20260316-120001", "--yes", "--store", "record.json")
    assert "Undo: ca-ladder record restore 20260316-120004 --store record.json\n" in result.stdout
    typed(maria, printed(result.stdout, "Undo: "))
    assert maria.store.read_bytes() == before


@pytest.mark.parametrize(("answer", "restored"), [("y", True), ("yes", True), ("n", False), ("", False)])
def test_restore_asks_at_a_terminal(maria: Cli, answer: str, restored: bool) -> None:
    """A no, or just Enter, is a polite end, and changes nothing."""
    before = maria.store.read_bytes()
    result = at_terminal(maria)("record", "restore", "20260316-120001", answers=f"{answer}\n")
    assert "Replace the record with it? [y/N]" in result.stderr
    assert ("Nothing was changed." in result.stdout) is not restored
    assert (maria.store.read_bytes() != before) is restored


def test_restore_refused(maria: Cli) -> None:
    """An id that does not exist, a backup that is damaged itself, and no backup at all."""
    assert refused(maria, "record", "restore", "20260101-000000", code=2) == (
        'Error: There is no backup "20260101-000000". See: ca-ladder record backups\n'
    )
    for kept in Path("data/ca-ladder/backups").glob("*/*.json"):
        kept.write_bytes(
            kept.read_bytes()[:100] if "120001" in kept.name else kept.read_bytes().replace(b":3,", b":9,")
        )
    for id_, why in (
        ("120001", "is damaged itself"),
        ("120002", "was written by a newer ca-ladder; update ca-ladder first"),
    ):
        assert refused(maria, "record", "restore", f"20260316-{id_}", code=1) == (
            f"Error: Nothing was restored: the backup 20260316-{id_} {why}.\n"
        )
    maria.store.write_bytes(b"{")
    assert refused(maria, "record", "restore", code=1) == (
        "Error: Nothing was restored: no backup is whole. See: ca-ladder record backups\n"
    )
    shutil.rmtree("data")
    assert refused(maria, "record", "restore", code=1) == (
        "Error: Nothing was restored: no backup of this record is kept in data/ca-ladder/backups.\n"
    )


# --- init where a record was before ----------------------------------------------------------------------------

ANN = ["init", "--name=Ann", "--start=2026-02-02"]


@pytest.mark.parametrize(("answer", "begun"), [("y", True), ("n", False), ("", False)])
def test_init_asks_where_a_record_was_before(maria: Cli, answer: str, begun: bool) -> None:
    """Whoever lost a record is not led to begin another by mistake; a no changes nothing."""
    maria.store.unlink()
    result = at_terminal(maria, 200)(*ANN, "--role=client-advocate", answers=f"{answer}\n")
    assert result.stderr.startswith(
        "There was another record here before. The newest good backup is of 2026-03-16 12:00:02, with 3 entries. "
        "To use it: ca-ladder record restore 20260316-120002\nStart a new record anyway? [y/N]"
    )
    assert maria.store.exists() is begun
    assert ("Nothing was changed." in result.stdout) is not begun


def test_the_record_that_was_before_can_still_be_restored(maria: Cli) -> None:
    """A script says --yes; the earlier record's backups stay in the list, and come back by their ids."""
    before = maria.store.read_bytes()
    maria.store.unlink()
    assert maria(*ANN, "--yes").stderr == (
        "There was another record here before. The newest good backup is of 2026-03-16 12:00:02, with 3 entries. "
        "To use it: ca-ladder record restore 20260316-120002\n"
    )
    anns = maria.store.read_bytes()
    listed = re.findall(r"20260316-\d{6}", maria("record", "backups").stdout)
    assert listed == ["20260316-120003", "20260316-120002", "20260316-120001"]
    result = at_terminal(maria, 200)("record", "restore", "20260316-120002", "--yes")
    assert maria.store.read_bytes() == before
    typed(maria, printed(result.stdout, "Undo: ") + " --yes")
    assert maria.store.read_bytes() == anns


def test_another_trainees_backup_says_whose_it_is(maria: Cli) -> None:
    """Who has the same file now does not get the record of who had it before, unless told and agreed."""
    maria.store.unlink()
    maria(*ANN, "--yes")
    head, *states = whole(maria, "record", "backups").splitlines()
    assert [line.split()[4:] for line in (head, *states)] == [
        ["Trainee", "Fingerprint"],
        ["1", "Ann", "FINGERPRINT"],
        ["3", "Maria", "Lopez", "FINGERPRINT"],
        ["1", "Maria", "Lopez", "FINGERPRINT"],
    ]
    restore = ["record", "restore", "20260316-120002"]
    anns = maria.store.read_bytes()
    error = maria(*restore, code=2).stderr
    assert error == "Error: This would replace the record with that backup. Add --yes to do it.\n"
    assert "It is the record of Maria Lopez, not that of Ann.\n" in maria(*restore, answers="n\n").stdout
    assert maria.store.read_bytes() == anns
    assert "Restored" in maria(*restore, "--yes").stdout


# --- data that is never markup --------------------------------------------------------------------------------


def test_control_characters_and_markup_stay_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, notes and file names with what a terminal obeys, or Rich reads as markup, are shown for what they are."""
    monkeypatch.chdir(tmp_path)
    cli = Cli(store=Path("record.json"), env={"XDG_DATA_HOME": str(tmp_path / "data")}, terminal=True, width=200)
    cli("init", "--name=Ann [/foo]\x1b[31m", "--start=2026-01-05")
    cli("check", "cert-01", "--note=[/foo] \x1b]0;owned\x07 \u202eevil")
    pat = ["--by=Pat [/foo]\x1b[2J"]
    name = "record ([foo]\x1b[2J\u202e conflict).json"
    cli("record", "export", "--to", f"for {name}")
    shown = "record ([foo]\\x1b[2J\\u202e conflict).json"
    result = [
        cli("record", "verify"),
        cli("record", "backups"),
        cli("record", "export", "--to", f"for {name}", code=1),
        cli("record", "merge", f"not {name}", code=2),
    ]
    assert f"Error: for {shown} is there already" in result[2].stderr
    assert "The record of Ann [/foo]\\x1b[31m is in order" in result[0].stdout
    away(cli, name, ["note", "cert-03", "[/foo]", *pat], ["signoff", "cert-01", *pat])
    result += [cli("signoff", "cert-01", *pat, "--dry-run"), cli("signoff", "cert-01", *pat, as_="kim", code=1)]
    assert "a copy with 2 entries more than the record." in result[4].stderr
    assert f"{shown}'\n" in result[4].stderr
    assert f"Merged {shown}. New: note of cert-03; sign-off of cert-01." in result[5].stderr
    cli.store.write_bytes(cli.store.read_bytes().replace(b"[/foo]", b"[/bar]"))
    result += [cli("record", "verify", code=7), cli("record", "restore", "--yes")]
    assert "Entry 1 (enrolment by Ann [/bar]\\x1b[31m on 2026-03-16): it was altered" in result[6].stdout
    everything = "".join(run.stdout + run.stderr for run in result)
    assert [char for char in everything if not char.isprintable() and char != "\n"] == []


# --- Tab ------------------------------------------------------------------------------------------------------


@pytest.fixture
def at_a_shell(maria: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Let what runs in this test, as a shell runs it, find Maria's record and backups in its environment."""
    for name, value in {**maria.env, "CA_LADDER_STORE": str(maria.store), "TZ": "UTC"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("CA_LADDER_CATALOGUE", raising=False)
    return maria


def test_tab_offers_the_backups(at_a_shell: Cli) -> None:
    """By their ids, the latest first, each with when it was kept and what is in it."""
    assert offers("bash", "ca-ladder record restore ") == ["20260316-120002", "20260316-120001"]
    assert offers("bash", "ca-ladder record restore 20260316-120001") == ["20260316-120001"]
    assert offers("fish", "ca-ladder record restore 20260316-120002") == [
        "20260316-120002\t2026-03-16 12:00:02, whole, 3 entries"
    ]


def test_tab_offers_the_backups_of_the_store_on_the_line(at_a_shell: Cli) -> None:
    """--store counts, as it will when the command runs."""
    at_a_shell("init", "--name=Ann", "--start=2026-01-05", "--store", "ann.json")
    assert offers("bash", "ca-ladder record restore --store ann.json ") == ["20260316-120003"]
    assert offers("bash", "ca-ladder record restore --store none.json ") == []


@pytest.mark.parametrize("damage", ["damaged", "deleted"])
def test_tab_offers_the_backups_of_a_lost_record(at_a_shell: Cli, damage: str) -> None:
    """That is when they are needed."""
    if damage == "deleted":
        at_a_shell.store.unlink()
    else:
        at_a_shell.store.write_bytes(b"{")
    assert offers("bash", "ca-ladder record restore ") == ["20260316-120002", "20260316-120001"]
