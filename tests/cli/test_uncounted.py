"""What does not count is told: on stderr, on every screen and in every format, with the way back.

The faults are those that people cause with an editor: a decision written in by hand with an id that fits, an entry
taken out of the middle, a word changed.
"""

import csv
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ca_ladder.errors import VerificationFailed
from tests.conftest import Cli, forged_id, masked, screen

Entries = list[dict[str, Any]]


@pytest.fixture
def ann(office: Cli) -> Cli:
    """Ann Lee, Clerk since 5 January, with one letter checked, one signed off and the sign-off taken back again."""
    office("init", "--name=Ann Lee", "--start=2026-01-05", "--mentor=Mo Ray", "--manager=Kim Novak")
    office("check", "file-01", "file-02")
    office("signoff", "file-02", "--by=Mo Ray", as_="mo")
    office("revoke", "file-02", "--by=Mo Ray", "--because=It was the wrong letter", as_="mo")
    office("note", "file-01", "In the red folder")
    return office


def edited(store: Path, edit: Callable[[Entries], object]) -> None:
    """Edit the entries of a record as somebody with an editor would."""
    content = json.loads(store.read_text(encoding="utf-8"))
    edit(content["events"])
    store.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def forged(cli: Cli, day: str = "2026-03-16") -> Cli:
    """Let the trainee sign off file-01 by hand: the id fits, so that only the rules can tell."""

    def forge(entries: Entries) -> None:
        signed = next(entry for entry in entries if entry["kind"] == "sign-off")
        entry = {**signed, "item": "file-01", "by": entries[0]["by"], "parents": [entries[-1]["id"]], "on": day}
        entries.append({**entry, "id": forged_id(entry)})

    edited(cli.store, forge)
    return cli


def without(cli: Cli, kind: str) -> Cli:
    """Take the entry of this kind out of the record."""
    edited(cli.store, lambda entries: entries.remove(next(entry for entry in entries if entry["kind"] == kind)))
    return cli


FORGED = "1 entry of the record does not count. See which: ca-ladder record verify\n"
CUT = (
    "1 entry of the record does not count. What is missing or was altered is in the backup of 2026-03-16 12:00:05, with "
    "6 entries. To use it: ca-ladder record restore 20260316-120005\n"
)
LOOKING = [
    *(
        "",
        "status",
        "status --json",
        "next",
        "next --json",
        "list",
        "list --json",
        "show file-01",
        "show file-01 --json",
    ),
    *("show files", "show files --json", "log", "log --json", "agenda", "report", "report --format json"),
]


@pytest.mark.parametrize("line", LOOKING)
def test_every_command_tells_it_beside_the_answer(ann: Cli, line: str) -> None:
    """In one line, also beside JSON: what to look at, or which backup has what is missing."""
    assert ann(*shlex.split(line)).stderr == ""
    assert forged(ann)(*shlex.split(line)).stderr == FORGED


def test_the_backup_that_is_named_brings_back_what_is_missing(ann: Cli) -> None:
    """The command works as it stands, and names the store that was asked about."""
    without(ann, "revoke")
    assert ann("status").stderr == CUT
    store = str(ann.store)
    command = ann("status", "--store", store).stderr.rstrip("\n").partition("To use it: ")[2]
    assert command == f"ca-ladder record restore 20260316-120005 --store {store}"
    ann(*shlex.split(command)[1:], "--yes")
    assert ann("status").stderr == ""
    assert ann("record", "verify").stdout.startswith("The record of Ann Lee is in order: 6 entries")


def test_no_backup_has_what_is_missing(ann: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where nothing was kept, nothing is promised: the command says what is wrong."""
    without(ann, "revoke")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "another computer"))
    assert ann("status").stderr == FORGED


# --- the answers ----------------------------------------------------------------------------------------------


def test_the_screens(ann: Cli) -> None:
    """Each says it on top, and counts nothing of it: what the trainee signed off by hand still waits."""
    forged(ann)
    first_lines = """\
Ann Lee, Clerk
On 2026-03-16: month 3 since 2026-01-05, tier 0-3 New
1 entry of the record does not count. See which: ca-ladder record verify
"""
    for command in ([], ["status"], ["next"], ["agenda"], ["report"]):
        assert ann(*command).stdout.startswith(f"{first_lines}\n"), command
    assert ann("list", "--state", "checked").stdout == screen(
        """
        1 entry of the record does not count. See which: ca-ladder record verify

        Item     Tier or kind  State      What
        file-01  0-3           ◐ checked  File a letter
        file-02  0-3           ◐ checked  Find a letter
        """
    )
    assert ann("show", "file-01").stdout == screen(
        """
        file-01  File a letter
        1 entry of the record does not count. See which: ca-ladder record verify

        Task   files: Files
        Kind   expectation, tier 0-3 New
        State  ◐ checked on 2026-03-16 by Ann Lee (trainee)
        Do by  2026-02-04
        Due    2026-04-05 (the end of the tier)
        Note   Ann Lee, 2026-03-16: In the red folder
        Why    Nothing is lost.

        History
        On          What        By       Words
        2026-03-16  checked     Ann Lee
        2026-03-16  noted       Ann Lee  In the red folder
        2026-03-16  signed off  Ann Lee  (does not count: Ann Lee is the trainee and cannot decide on their own items. A mentor or the manager does)
        """
    )
    assert ann("show", "files").stdout.startswith(f"files  Files\n{FORGED}\n")
    assert ann("report").stdout.endswith("\nFingerprint: none, because not every entry counts\n")


def test_the_log_marks_each_entry(ann: Cli) -> None:
    """What builds on the missing entry is marked too, and a note on an item says the same on the item's own log."""
    without(ann, "revoke")
    assert ann("log").stdout == screen(
        """
        1 entry of the record does not count. See which: ca-ladder record verify

        On          What        Item     By       Words
        2026-03-16  enrolled             Ann Lee  Ann Lee starts on 2026-01-05 as clerk; Mentor: Mo Ray; Manager: Kim Novak
        2026-03-16  checked     file-01  Ann Lee
        2026-03-16  checked     file-02  Ann Lee
        2026-03-16  signed off  file-02  Mo Ray
        2026-03-16  noted       file-01  Ann Lee  In the red folder (does not count: what it was written on is missing (entry ENTRY))
        """
    ).replace("ENTRY", missing_entry(ann))
    assert ann("log", "file-01").stdout.startswith(f"{FORGED}\n")
    marked = [event["does_not_count"] for event in ann("log", "--json").json["events"]]
    assert marked == [None] * 4 + [f"what it was written on is missing (entry {missing_entry(ann)})"]


def missing_entry(cli: Cli) -> str:
    """Return the beginning of the id of the entry that was taken out, which the last one was written on."""
    return str(json.loads(cli.store.read_text(encoding="utf-8"))["events"][-1]["parents"][0])[:8]


def test_the_sheet_for_a_one_to_one_marks_it_in_every_format(ann: Cli, tmp_path: Path) -> None:
    """What does not count is no news that a mentor could take for true."""
    forged(ann)
    news = "2026-03-16 file-01 signed off by Ann Lee (does not count: Ann Lee is the trainee and cannot decide"
    for file in ("sheet.txt", "sheet.md", "sheet.html"):
        ann("agenda", "-o", str(tmp_path / file))
        sheet = (tmp_path / file).read_text(encoding="utf-8").replace("\\", "")
        assert sheet.count("1 entry of the record does not count. See which: ca-ladder record verify") == 1
        assert file == "sheet.txt" or news in sheet


def test_the_sheet_does_not_begin_with_it(ann: Cli) -> None:
    """What changed is told since a mentor last decided, and this was no decision."""
    assert "What changed since the beginning\n" in forged(ann, day="2026-03-15")("agenda").stdout


def test_every_format_of_the_report(ann: Cli, tmp_path: Path) -> None:
    """Markdown, page, workbook, CSV and JSON say it, and none of them has a fingerprint."""
    forged(ann)
    sentence = FORGED.rstrip("\n")
    for ending in ("md", "html", "txt"):
        ann("report", "-o", str(tmp_path / f"report.{ending}"))
        text = (tmp_path / f"report.{ending}").read_text(encoding="utf-8")
        assert text.count(sentence) == 1
        assert "Fingerprint: none, because not every entry counts" in text
    rows = list(csv.DictReader(ann("report", "--format", "csv").stdout.splitlines()))
    assert {(row["does_not_count"], row["fingerprint"]) for row in rows} == {("1", "")}
    ann("report", "-o", str(tmp_path / "report.xlsx"))
    summary = openpyxl.load_workbook(tmp_path / "report.xlsx")["Summary"]
    assert summary["A2"].value == "Entries that do not count: Ann Lee (1). See which: ca-ladder record verify"
    columns = {heading.value: cell.value for heading, cell in zip(summary[3], summary[4], strict=True)}
    assert columns["Entries that do not count"] == 1
    assert columns["Fingerprint"] == "none, because not every entry counts"


def test_every_json_document(ann: Cli) -> None:
    """Each document about the record lists the entries, and is the same document otherwise."""
    assert ann("status", "--json").json["trainee"]["does_not_count"] == []
    forged(ann)
    entry = {
        "entry": 7,
        "event": ann("log", "--json").json["events"][-1]["id"],
        "kind": "sign-off",
        "item": "file-01",
        "sentence": "Ann Lee is the trainee and cannot decide on their own items. A mentor or the manager does",
    }
    for line in ("next --json", "list --json", "show file-01 --json", "show files --json", "log --json"):
        assert ann(*line.split()).json["does_not_count"] == [entry], line
    (trainee,) = ann("report", "--format", "json").json["trainees"]
    assert trainee == ann("status", "--json").json["trainee"]
    assert (trainee["does_not_count"], trainee["fingerprint"]) == ([entry], None)


def test_a_team_names_whose_record_it_is(ann: Cli, tmp_path: Path) -> None:
    """A line below the table names the trainee, and beside the answer the file is named."""
    team = tmp_path / "team"
    team.mkdir()
    forged(ann).store.rename(team / "ann-lee.json")
    ann.store = team
    for name in ("Ben Ode", "Cy Roe"):
        ann("init", "--name", name, "--start=2026-01-05", "--mentor=Mo Ray")
    told = "1 entry of ann-lee.json does not count. See which: ca-ladder record verify --trainee ann-lee\n"
    sentence = "Entries that do not count: Ann Lee (1). See which: ca-ladder record verify"
    assert ann().stderr == told
    assert ann().stdout == screen(
        """
        3 trainees on 2026-03-16

        #  Trainee  Month  Tier      Pace  Overdue  Own  Forecast
        1  Ben Ode      3  0-3   2 behind        0    0  n/a
        2  Cy Roe       3  0-3   2 behind        0    0  n/a
        3  Ann Lee      3  0-3    on pace        0    0  n/a
        Entries that do not count: Ann Lee (1). See which: ca-ladder record verify
        Own: overdue and the trainee's move. Forecast: all checked, at the pace of the last 8 weeks
        """
    )
    for ending in ("txt", "md", "html"):
        ann("report", "-o", str(tmp_path / f"report.{ending}"))
        assert (tmp_path / f"report.{ending}").read_text(encoding="utf-8").count(sentence) == 1
    uncounted = {run["name"]: len(run["does_not_count"]) for run in ann("report", "--format=json").json["trainees"]}
    assert uncounted == {"Ann Lee": 1, "Ben Ode": 0, "Cy Roe": 0}


def test_the_screen_as_of_an_earlier_day(ann: Cli) -> None:
    """What was written since does not count against a day on which the record was whole; that it is not now is told."""
    ann.on_day("2026-03-18")
    ann("check", "file-03")
    edited(ann.store, lambda entries: entries[-1].update(note="Yesterday"))
    run = ann("status", "--as-of", "2026-03-17", "--json")
    assert run.json["trainee"]["does_not_count"] == []
    assert run.stderr.startswith(
        "1 entry of the record does not count. What is missing or was altered is in the backup"
    )


# --- nothing is concluded on it -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("graduate 0-3", "A final sign-off is not possible: not every entry of the record counts."),
        ("promote senior", "A promotion is not possible: not every entry of the record counts."),
        ("record export --to copy.json", "An export is not possible: not every entry of the record counts."),
    ],
)
def test_nothing_is_concluded_or_exported(ann: Cli, line: str, why: str) -> None:
    """One sentence and exit code 7, before anybody's name is asked for."""
    before = forged(ann).store.read_bytes()
    refused = ann(*line.split(), code=VerificationFailed.exit_code, answers="Kim Novak\n")
    assert refused.stdout == ""
    assert refused.stderr == f"{FORGED}Error: {why.format(ann.store)} See: ca-ladder record verify\n"
    assert ann.store.read_bytes() == before


def test_the_card_that_was_given_before(ann: Cli, tmp_path: Path) -> None:
    """It is printed again, says that not all counts, and vouches for nothing."""
    ann("signoff", "file-01", "file-02", "file-03", "--observed", "--by=Mo Ray", as_="mo")
    ann("graduate", "0-3", "--by=Kim Novak", "--yes", as_="kim")
    edited(ann.store, lambda entries: entries[5].update(note="In the blue folder"))
    assert ann("graduate", "0-3").stdout == screen(
        """
        Tier 0-3 is complete
        1 entry of the record does not count. See which: ca-ladder record verify

        Trainee         Ann Lee
        Role            Clerk
        Tier            0-3 New
        Signed off      3 of 3
        Final sign-off  Kim Novak on 2026-03-16
        Fingerprint     none, because not every entry counts
        """
    )
    ann("graduate", "0-3", "-o", str(tmp_path / "card.html"))
    page = (tmp_path / "card.html").read_text(encoding="utf-8")
    assert FORGED.rstrip("\n") in page
    assert masked(page) == page


def test_nothing_is_written_that_would_not_count(ann: Cli) -> None:
    """What builds on a missing entry never counts: nobody is told "checked". After an altered entry, work goes on."""
    before = without(ann, "revoke").store.read_bytes()
    assert ann("check", "file-03", code=VerificationFailed.exit_code).stderr == CUT + (
        "Error: Nothing was written, because it would not count: what the record says last builds on an entry that is "
        "missing or was altered. See: ca-ladder record verify\n"
    )
    assert ann.store.read_bytes() == before
    ann("record", "restore", "--yes")
    edited(ann.store, lambda entries: entries[-1].update(note="In the blue folder"))
    ann("check", "file-03")
    assert {item["id"] for item in ann("list", "--state=checked", "--json").json["items"]} >= {"file-03"}


# --- record verify, record backups ----------------------------------------------------------------------------


def test_verify_lists_the_causes(ann: Cli) -> None:
    """What only builds on a missing entry takes one line, however much it is."""
    for number in range(60):
        ann("note", "file-01", f"Letter {number}")
    edited(ann.store, lambda entries: entries.pop(40) and entries.pop(20))
    run = ann("record", "verify", code=VerificationFailed.exit_code)
    lines = [line.replace(line[-10:-2], "ENTRY") if "(entry" in line else line for line in run.stdout.splitlines()]
    assert lines == [
        "Entry 21 (note of file-01 by Ann Lee on 2026-03-16): what it was written on is missing (entry ENTRY).",
        "Entry 40 (note of file-01 by Ann Lee on 2026-03-16): what it was written on is missing (entry ENTRY).",
        "Entries 22-39 and 41-64 build on these and do not count either.",
    ]
    assert run.stderr == (
        f"44 entries of {ann.store} do not count. What is missing or was altered is in the backup of "
        "2026-03-16 12:01:05, with 66 entries. To use it: ca-ladder record restore 20260316-120105\n"
    )


def test_no_fingerprint_of_an_altered_backup(ann: Cli) -> None:
    """The list of backups vouches for the whole ones only."""
    edited(ann.store, lambda entries: entries[-1].update(note="In the blue folder"))
    ann("check", "file-03")
    assert masked(ann("record", "backups").stdout).splitlines()[:4] == [
        "ID               Kept              State    Entries  Fingerprint",
        "20260316-120007  2026-03-16 12:00  altered        7",
        "20260316-120006  2026-03-16 12:00  altered        6",
        "20260316-120005  2026-03-16 12:00  whole          6  FINGERPRINT",
    ]
