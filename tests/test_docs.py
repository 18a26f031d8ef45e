"""Run the examples in the documents and compare them with what the program prints.

A ``console`` block is a session at a terminal of 80 columns. Every ``$`` line is run, in the order of the document, on
one temporary store, and must print the lines below it. ``...`` leaves something out: whole lines if it is on a line of
its own, otherwise a part of the line. A command without lines below it is only run.

Options after the word ``console``: the account (``account=pat``), the exit code (``exit=1``), and the answers typed at
questions (``answers="s|r|reason"``). Any other block with ``file=NAME`` is written to that file for the commands.
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ca_ladder.catalogue.diff import CHANGE_KINDS
from ca_ladder.progress.impact import EFFECTS
from ca_ladder.record.events import Enrolment, Event, Graduation, Leave, Person, Wording
from ca_ladder.record.record import PastRole
from ca_ladder.record.store import FORMAT, SCHEMA
from tests.conftest import Cli, RunResult

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def document_name(document: Path) -> str:
    """Return the path of a document, as the id of a test."""
    return document.relative_to(ROOT).as_posix()


class Block(NamedTuple):
    """A fenced block with its language, options and text."""

    language: str
    options: dict[str, str]
    text: str

    def commands(self) -> Iterator[tuple[str, str]]:
        """Yield each command line of a session, with the output shown below it."""
        before, *commands = re.split(r"^\$ ", self.text, flags=re.MULTILINE)
        assert not before.strip(), f"a session begins with a command, not with {before!r}"
        for command in commands:
            line, _, shown = command.partition("\n")
            yield line, shown


def blocks(document: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a document."""
    _, *fenced = re.split(r"^```", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(fenced) % 2 == 0, f"a block of {document} is never closed"
    for block in fenced[::2]:
        info, _, text = block.partition("\n")
        language, *options = shlex.split(info) or [""]
        yield Block(language, dict(option.split("=", 1) for option in options), text)


DOCUMENTS_WITH_SESSIONS = [
    document for document in DOCUMENTS if any(block.language == "console" for block in blocks(document))
]


def matches(shown: str, printed: str) -> bool:
    """True if the shown text equals the printed one, except for the parts left out with ``...``."""
    lines = [re.escape(line).replace(r"\.\.\.", "[^\n]*?") + "\n" for line in shown.rstrip("\n").split("\n")]
    pattern = "".join("(?:[^\n]*\n)*?" if line == "[^\n]*?\n" else line for line in lines)
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n") is not None


def screen(run: RunResult, answers: list[str]) -> str:
    """Return what a terminal shows: first the questions, each with the answer typed, then the output."""
    if not answers:
        return run.stdout + run.stderr
    questions, output = run.stderr, run.stdout
    position = 0
    for answer in answers:
        assert output.startswith(f" {answer}\n"), "an answer was not asked for"
        output = output.removeprefix(f" {answer}\n")
        question = re.compile(r"\[skip\]:|missing\?|reason:").search(questions, position)
        assert question, f"no question for {answer!r}"
        position = question.end()
        questions = f"{questions[:position]} {answer}\n{questions[position:]}"
    return questions + output


@pytest.mark.parametrize("document", DOCUMENTS_WITH_SESSIONS, ids=document_name)
def test_commands_print_what_the_document_shows(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader who types the commands of a document sees what the document shows."""
    monkeypatch.chdir(tmp_path)
    cli = Cli(store=tmp_path / "record.json", terminal=True, width=80)
    for block in blocks(document):
        if "file" in block.options:
            Path(block.options["file"]).write_text(block.text, encoding="utf-8")
        if block.language != "console":
            continue
        cli.account = block.options.get("account", "maria")
        answers = block.options["answers"].split("|") if "answers" in block.options else []
        typed = "".join(f"{answer}\n" for answer in answers) or None
        for line, shown in block.commands():
            program, *arguments = shlex.split(line)
            assert program == "ca-ladder", f"{line}: only ca-ladder is shown in a session"
            printed = screen(cli(*arguments, code=int(block.options.get("exit", 0)), answers=typed), answers)
            assert not shown or matches(shown, printed), f"{document_name(document)}\n$ {line}\n{printed}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=document_name)
def test_every_shown_command_is_run(document: Path) -> None:
    """Commands of the program are only shown in console blocks, which the test above runs."""
    other_blocks = [block.text for block in blocks(document) if block.language != "console"]
    assert [text for text in other_blocks if re.search(r"^(\$ )?ca-ladder\b", text, flags=re.MULTILINE)] == []


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ("a\nb\n", "a\nb", True),
        ("a\n...\nd", "a\nb\nc\nd", True),
        ("a ... d", "a b c d", True),
        ("a", "a\nb", False),
        ("a\n...\nd", "a\nb\nc", False),
        ("a ... d", "a b\nc d", False),
        ("a.", "ab", False),
    ],
)
def test_only_parts_left_out_may_differ(shown: str, printed: str, expected: bool) -> None:
    """Output is compared letter by letter; three dots inside a line do not reach beyond the line."""
    assert matches(shown, printed) is expected


def test_generated_pages_are_up_to_date() -> None:
    """The command reference, the field reference and the picture fit the program of today."""
    completed = subprocess.run(
        [sys.executable, ROOT / "docs" / "make_docs.py", "--check"], capture_output=True, encoding="utf-8", check=False
    )
    assert (completed.returncode, completed.stdout, completed.stderr) == (0, "", "")


def test_picture_needs_no_network() -> None:
    """The picture fetches no font, style or image."""
    picture = (ROOT / "docs" / "status.svg").read_text(encoding="utf-8")
    assert re.findall(r"https?://[^\"' )]*", picture) == ["http://www.w3.org/2000/svg"]
    assert "@font-face" not in picture
    assert "@import" not in picture


@pytest.mark.parametrize("document", DOCUMENTS, ids=document_name)
def test_links_lead_to_files_and_headings(document: Path) -> None:
    """Every link of a document leads to an existing file, and to an existing heading in it."""
    links = re.findall(r"\]\(([^)]+)\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not _target_exists(link, document)] == []


def _target_exists(link: str, document: Path) -> bool:
    path, _, anchor = link.partition("#")
    target = document.parent / path if path else document
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _documented_fields(heading: str) -> set[str]:
    """Return the field names in the table below this heading of docs/json.md."""
    text = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    assert section, f"docs/json.md has no heading {heading!r}"
    rows = re.findall(r"^\| (`.*?`) \|", section[1], flags=re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


TWO_ITEMS = """\
version: "1"
roles:
  - id: client-advocate
    name: Client Advocate
    tiers: [{id: 0-3, title: New in role}]
    tasks:
      - id: certificates
        name: Certificates
        why: Clients wait.
        expectations:
          0-3: [{id: cert-01, text: Issue one}, {id: cert-02, text: Explain one}]
"""


def _keys(objects: list[dict[str, Any]]) -> set[str]:
    return {key for fields in objects for key in fields}


def test_json_fields_are_the_documented_ones(cli: Cli) -> None:
    """docs/json.md lists every field of every JSON document, and no other."""
    options = ["--variant", "middle-market", "--mentor", "Pat Lee", "--manager", "Kim Novak"]
    cli("init", "--name", "Maria Lopez", "--start", "2026-01-05", *options)
    cli("check", "cert-01", "cert-02", "cert-03", "--note", "Twice this week", "--evidence", "AMS360 file 4711")
    cli("uncheck", "cert-03")
    cli("signoff", "cert-01", "--by", "Pat Lee")
    cli("return", "cert-02", "--by", "Pat Lee", "--because", "Not yet")
    cli("revoke", "cert-01", "--by", "Pat Lee", "--because", "Too early")
    cli("signoff", "aud-01", "--observed", "--by", "Pat Lee")
    cli("waive", "cert-09", "--by", "Pat Lee", "--because", "Not in this book")
    cli("note", "cert-01", "Ask again in May")
    cli("undo", "--yes")
    cli("leave", "2026-02-02", "2026-02-06")
    late = cli("report", "--format", "json", "--as-of", "2026-05-01").json
    waiting = cli("report", "--format", "json").json["waiting"]
    cli("signoff", "chg-s2", "--observed", "--by", "Pat Lee")
    cli("signoff", "--tier", "0-3", "--observed", "--yes", "--by", "Pat Lee")
    complete = cli("report", "--format", "json").json
    cli("graduate", "0-3", "--by", "Kim Novak", "--yes")
    folder = cli.store.parent
    (folder / "broken.json").write_bytes(b"{")
    broken = cli("report", "--format", "json", "--store", str(folder), code=1).json

    status = cli("status", "--json").json
    report = cli("report", "--format", "json").json
    trainee = status["trainee"]
    tier = trainee["tiers"][0]
    counts = _documented_fields("Counts")
    pace = _documented_fields("Pace")
    assert _documented_fields("ca-ladder status 1") == status.keys()
    assert _documented_fields("ca-ladder report 1") == report.keys()
    assert report["trainees"] == [trainee]
    assert _documented_fields("A trainee") == trainee.keys() | {"qualification"}
    assert _documented_fields("A trainee's pace") == trainee["pace"].keys()
    assert _documented_fields("A tier") | counts | pace == tier.keys()
    assert _documented_fields("A final sign-off") == tier["final_sign_off"].keys()
    assert _documented_fields("A task of a tier") | counts | pace == tier["tasks"][0].keys()
    assert counts | {"waits_on"} == trainee["skill"].keys()
    assert _documented_fields("Moves") == tier["waits_on"].keys() == tier["overdue_by"].keys()
    assert _documented_fields("An overdue item") == _keys(late["overdue"])
    assert _documented_fields("A waiting item") == _keys(waiting)
    assert _documented_fields("A tier to conclude") == _keys(complete["to_conclude"])
    assert _documented_fields("An unreadable file") == _keys(broken["unreadable"])

    following = cli("next", "--json").json
    listed = cli("list", "--json").json
    assert _documented_fields("ca-ladder next 1") == following.keys()
    assert _documented_fields("ca-ladder list 1") == listed.keys()
    assert _documented_fields("An item") == _keys(listed["items"]) == _keys(following["items"])

    shown = cli("show", "cert-01", "--json").json
    assert _documented_fields("ca-ladder show 1") == shown.keys()
    assert _documented_fields("An item") == shown["item"].keys()
    assert _documented_fields("An item without progress") == cli("show", "aud-11", "--json").json["item"].keys()

    (folder / "old.yaml").write_text(TWO_ITEMS, encoding="utf-8")
    (folder / "new.yaml").write_text(
        TWO_ITEMS.replace("cert-02, text", "cert-02, retired: true, text"), encoding="utf-8"
    )
    compared = [str(folder / "old.yaml"), str(folder / "new.yaml")]
    diff = cli("catalogue", "diff", *compared, "--json").json
    (record,) = diff["trainees"]
    assert _documented_fields("ca-ladder catalogue diff 1") == diff.keys()
    assert _documented_fields("A compared catalogue") == diff["old"].keys() == diff["new"].keys()
    assert _documented_fields("What was changed") == _keys(diff["changed"])
    assert _documented_fields("A change") - {*CHANGE_KINDS, "role", "task", "kind", "tier", "parent"} == _keys(
        diff["changed"][0]["changes"]
    )
    assert _documented_fields("A record under another catalogue") == record.keys()
    assert _documented_fields("Effects") == record["effects"].keys() == set(EFFECTS)
    assert _documented_fields("An item under another catalogue") == _keys(record["items"])
    assert _documented_fields("A final sign-off under another catalogue") == _keys(record["final_sign_offs"])
    in_record = cli("show", "aud-01", "--json", "--catalogue", compared[1]).json["in_record"]
    assert _documented_fields("What the record holds") == in_record.keys()
    no_longer_asked = cli("status", "--json", "--catalogue", compared[1]).json["trainee"]["no_longer_asked"]
    assert _documented_fields("A sign-off no longer asked") == _keys(no_longer_asked)

    task = cli("show", "certificates", "--json").json
    assert _documented_fields("ca-ladder task 1") == task.keys()
    assert _documented_fields("A task") == task["task"].keys()
    assert _documented_fields("A resource") == task["task"]["resources"][0].keys()

    log = cli("log", "--json").json
    assert _documented_fields("ca-ladder log 1") == log.keys()
    of_line = {"undone", "own_account", "does_not_count"}
    assert _documented_fields("An event") == _keys(log["events"]) == {*Event.__struct_fields__} | of_line
    assert _documented_fields("Who an event is by") == set(Person.__struct_fields__)
    assert _documented_fields("A former role") == set(PastRole._fields)
    assert _documented_fields("A leave") == set(Leave.__struct_fields__) == _keys(trainee["leave"]) | {"cancelled"}
    assert _documented_fields("A graduation") == set(Graduation.__struct_fields__)
    assert _documented_fields("An enrolment") == set(Enrolment.__struct_fields__)
    assert _documented_fields("A wording") == set(Wording.__struct_fields__)

    cli.store.write_bytes(cli.store.read_bytes().replace(b"Twice this week", b"Only this week!"))
    altered = cli("log", "--json").json
    assert _documented_fields("An entry that does not count") == _keys(altered["does_not_count"])


def test_record_file_is_the_documented_one(maria: Cli) -> None:
    """docs/architecture.md shows the format and schema with which a record's file begins."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    beginning = f'{{"format":"{FORMAT}","schema":{SCHEMA},'
    assert beginning in page
    assert maria.store.read_text(encoding="utf-8").startswith(beginning)


def test_the_lines_of_python_in_the_documents_compute_every_id(
    maria: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """docs/store.md shows how to compute the ids without the program; an altered event does not print True."""
    maria("check", "cert-01", "--note", 'Zoë said, "twice"')
    monkeypatch.chdir(maria.store.parent)
    whole = maria.store.read_bytes()
    programs = re.findall("```python\n(.*?)```", (ROOT / "docs" / "store.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(programs) == 2
    for data, fits in ((whole, ["True", "True"]), (whole.replace(b"twice", b"once!"), ["True", "False"])):
        Path("record.json").write_bytes(data)
        for program in programs:
            exec(program, {})
            assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == fits
