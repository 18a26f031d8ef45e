"""The documents say what the program does.

A ``console`` block is a session at a terminal of 80 columns: every ``$`` line is run, in the order of the document, on
one temporary store, and what stands below it is what is printed. ``...`` stands for what is left out: on a line of its
own for whole lines, inside a line for a part of it. A command with nothing below it is only run. After the word
``console`` may stand whose account it is (``account=pat``), the exit code (``exit=1``), and what is typed at the
questions (``answers="s|r|reason"``). Any other block with a ``file=NAME`` is that file, which the commands can name.
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ca_ladder.catalogue.diff import CHANGE_KINDS
from ca_ladder.progress.impact import EFFECTS
from ca_ladder.record.events import Enrolment, Event, Graduation, Leave, Person, Wording
from ca_ladder.record.record import PastRole
from ca_ladder.record.store import FORMAT, SCHEMA
from tests.conftest import Cli, RunResult

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def told(document: Path) -> str:
    """Return the document's name as a test's id."""
    return document.relative_to(ROOT).as_posix()


@dataclass
class Block:
    """A fenced block: its language, the options after it, its lines."""

    language: str
    options: dict[str, str]
    lines: list[str] = field(default_factory=list)

    def commands(self) -> Iterator[tuple[str, str]]:
        """Yield each command line of a session, with what stands below it."""
        sessions = re.split(r"^\$ ", "\n".join(self.lines), flags=re.MULTILINE)
        assert not sessions[0].strip(), f"a session begins with a command, not with {sessions[0]!r}"
        for session in sessions[1:]:
            line, _, shown = session.partition("\n")
            yield line, shown


def blocks(document: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a document."""
    block = None
    for line in document.read_text(encoding="utf-8").splitlines():
        if block and line == "```":
            yield block
            block = None
        elif block:
            block.lines.append(line)
        elif line.startswith("```"):
            language, *options = shlex.split(line[3:]) or [""]
            block = Block(language, dict(option.split("=", 1) for option in options))
    assert block is None, f"a block of {document} is never closed"


SESSIONS = [each for each in DOCUMENTS if any(block.language == "console" for block in blocks(each))]


def matches(shown: str, printed: str) -> bool:
    """Whether the document shows what was printed, but for what it leaves out."""
    lines = [re.escape(line).replace(r"\.\.\.", "[^\n]*?") + "\n" for line in shown.rstrip("\n").split("\n")]
    pattern = "".join("(?:[^\n]*\n)*?" if line == "[^\n]*?\n" else line for line in lines)
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n") is not None


def screen(said: RunResult, answers: list[str]) -> str:
    """Return what a person saw: questions come before the answer, and what is typed stands after each question."""
    if not answers:
        return said.stdout + said.stderr
    seen = said.stderr
    answer = said.stdout
    place = 0
    for typed in answers:
        assert answer.startswith(f" {typed}\n"), "an answer was not asked for"
        answer = answer.removeprefix(f" {typed}\n")
        question = re.compile(r"\[skip\]:|missing\?:|reason:").search(seen, place)
        assert question, f"no question for {typed!r}"
        place = question.end()
        seen = f"{seen[:place]} {typed}\n{seen[place:]}"
    return seen + answer


@pytest.mark.parametrize("document", SESSIONS, ids=told)
def test_commands_print_what_the_document_shows(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever follows a document line by line sees what it shows."""
    monkeypatch.chdir(tmp_path)
    cli = Cli(store=tmp_path / "record.json", terminal=True, width=80)
    for block in blocks(document):
        if "file" in block.options:
            Path(block.options["file"]).write_text("\n".join(block.lines) + "\n", encoding="utf-8")
        if block.language != "console":
            continue
        cli.account = block.options.get("account", "maria")
        answers = block.options["answers"].split("|") if "answers" in block.options else []
        typed = "".join(f"{answer}\n" for answer in answers) or None
        for line, shown in block.commands():
            program, *arguments = shlex.split(line)
            assert program == "ca-ladder", f"{line}: only ca-ladder is shown in a session"
            said = cli(*arguments, code=int(block.options.get("exit", 0)), answers=typed)
            printed = screen(said, answers)
            assert not shown or matches(shown, printed), f"{told(document)}\n$ {line}\n{printed}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=told)
def test_no_command_stands_where_it_is_not_run(document: Path) -> None:
    """No document shows a command of the program in a block that the test above passes over."""
    others = [block for block in blocks(document) if block.language != "console"]
    assert [line for block in others for line in block.lines if re.match(r"(\$ )?ca-ladder\b", line)] == []


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
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
def test_only_what_is_left_out_may_differ(shown: str, printed: str, same: bool) -> None:
    """What a document shows is compared to the letter, and the three dots stay on their line."""
    assert matches(shown, printed) is same


def test_generated_pages_are_what_the_program_says_now() -> None:
    """The command reference and the picture cannot drift from the program."""
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "make_docs.py", "--check"], capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_picture_asks_nothing_of_the_network() -> None:
    """The picture shows the same on a computer without a network: no font, style or image is fetched."""
    picture = (ROOT / "docs" / "status.svg").read_text(encoding="utf-8")
    assert re.findall(r"https?://[^\"' )]*", picture) == ["http://www.w3.org/2000/svg"]
    assert "@font-face" not in picture
    assert "@import" not in picture


@pytest.mark.parametrize("document", DOCUMENTS, ids=told)
def test_links_lead_to_files_and_headings(document: Path) -> None:
    """Every relative link of a document leads to a file that is there, and to a heading that it has."""
    links = re.findall(r"\]\(([^)]+)\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not _leads_somewhere(link, document)] == []


def _leads_somewhere(link: str, document: Path) -> bool:
    path, _, anchor = link.partition("#")
    target = document.parent / path if path else document
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _documented_fields(heading: str) -> set[str]:
    """Return the first column of the table below this heading of docs/json.md."""
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
    return {key for each in objects for key in each}


def test_json_fields_are_the_documented_ones(cli: Cli) -> None:
    """docs/json.md names every field of every document, and none that is not there."""
    named = ["--variant", "middle-market", "--mentor", "Pat Lee", "--manager", "Kim Novak"]
    cli("init", "--name", "Maria Lopez", "--start", "2026-01-05", *named)
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
    cli("graduate", "0-3", "--by", "Kim Novak")
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
    kept = cli("show", "aud-01", "--json", "--catalogue", compared[1]).json["in_record"]
    assert _documented_fields("What the record holds") == kept.keys()
    unasked = cli("status", "--json", "--catalogue", compared[1]).json["trainee"]["no_longer_asked"]
    assert _documented_fields("A sign-off no longer asked") == _keys(unasked)

    task = cli("show", "certificates", "--json").json
    assert _documented_fields("ca-ladder task 1") == task.keys()
    assert _documented_fields("A task") == task["task"].keys()
    assert _documented_fields("A resource") == task["task"]["resources"][0].keys()

    log = cli("log", "--json").json
    assert _documented_fields("ca-ladder log 1") == log.keys()
    assert _documented_fields("An event") == _keys(log["events"]) == {*Event.__struct_fields__, "undone", "own_account"}
    assert _documented_fields("Who an event is by") == set(Person.__struct_fields__)
    assert _documented_fields("A former role") == set(PastRole._fields)
    assert _documented_fields("A leave") == set(Leave.__struct_fields__) == _keys(trainee["leave"]) | {"cancelled"}
    assert _documented_fields("A graduation") == set(Graduation.__struct_fields__)
    assert _documented_fields("An enrolment") == set(Enrolment.__struct_fields__)
    assert _documented_fields("A wording") == set(Wording.__struct_fields__)


def test_record_file_is_the_documented_one(maria: Cli) -> None:
    """docs/architecture.md shows the format's name and schema that the file begins with."""
    shown = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert f'"format": "{FORMAT}", "schema": {SCHEMA}' in shown
    assert f'"format": "{FORMAT}",\n "schema": {SCHEMA},' in maria.store.read_text(encoding="utf-8")
