"""Data is never markup, never a command to the terminal, and never takes another column's place."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.conftest import Cli, RunResult, masked

TABLES = [
    [],
    ["status"],
    ["status", "--tier", "0-3"],
    ["next", "-n", "200"],
    ["list"],
    ["show", "cert-01"],
    ["show", "cert-02"],
    ["show", "certificates"],
    ["log"],
    ["log", "cert-01"],
    ["report"],
]
TEXTS = [["report", "--format", "markdown"], ["report", "--format", "csv"]]
JSONS = [
    ["status", "--json"],
    ["next", "--json"],
    ["list", "--json"],
    ["show", "cert-01", "--json"],
    ["show", "certificates", "--json"],
    ["log", "--json"],
    ["report", "--format", "json"],
]

# What a person can type or paste as a name, and how a terminal in UTF-8 shows it.
NAMES = {
    "Ann [/red]": "Ann [/red]",
    "[x]": "[x]",
    "[bold]Ann[/bold] :smile:": "[bold]Ann[/bold] :smile:",
    "\\[b]": "\\[b]",
    "\x1b[31mAnn\x1b[0m": "\\x1b[31mAnn\\x1b[0m",
    "\x1b]0;owned\x07Ann": "\\x1b]0;owned\\x07Ann",
    "\x9b2JAnn\x7f": "\\x9b2JAnn\\x7f",
    "\u202ennA": "\\u202ennA",
    "Ann\u200d\ufeffB": "Ann\\u200d\\ufeffB",
    "Zoë 👩🏽": "Zoë 👩🏽",
    "Zoe\u0308": "Zoe\u0308",
    "山田 太郎": "山田 太郎",
    "Ann\n\tLee\r\nB": "Ann Lee B",
    "=1+1": "=1+1",
    "| a | b |": "| a | b |",
    "x" * 198: "x" * 198,  # with the mark of the mentor the longest there is
}


def brief(text: str) -> str:
    """Return what names a test after its input."""
    return ascii(text if len(text) <= 40 else text[:10] + "...")


def filled(cli: Cli, name: str, note: str) -> Cli:
    """Begin a record in which every free text is hostile: names, notes, evidence and reasons."""
    mentor = f"{name} M"
    cli("init", f"--name={name}", "--start=2026-01-05", f"--mentor={mentor}", f"--manager={name} H")
    cli("check", "cert-01", "cert-02", "cert-03", f"--note={note}", f"--evidence={note}")
    cli("signoff", "cert-01", f"--by={mentor}", f"--note={note}", as_="pat")
    cli("return", "cert-02", f"--by={mentor}", f"--because={note}", as_="pat")
    cli("waive", "cert-04", f"--by={name} H", f"--because={note}", as_="kim")
    return cli


# One of everything that a view shows. Names and notes stand beside the same columns as in the shipped catalogue.
SMALL = """\
version: "1"
roles:
  - id: client-advocate
    name: Client Advocate
    tiers: [{id: 0-3, title: New, months: {from: 0, until: 3}}, {id: 3-6, title: Able, months: {from: 3, until: 6}}]
    conditions: [{id: c, text: Only at night.}]
    qualifications: [{id: licence, text: Hold the licence}]
    tasks:
      - id: certificates
        name: Certificates
        why: Clients wait for them.
        expectations:
          0-3:
            - {id: cert-01, text: Issue a certificate, note: As asked for, condition: c, parts: [Front, Back]}
            - {id: cert-02, text: Send a certificate}
            - {id: cert-03, text: Explain a certificate to a client who has never seen one, requires: [cert-02]}
          3-6: [{id: cert-04, text: Teach certificates}]
        knowledge: [{id: cert-k1, text: Forms}]
        skills: [{id: cert-s1, text: Typing}]
        abilities: [{id: cert-a1, text: Patience}]
        activities: [{id: cert-t1, text: Ask the trainee about forms, led_by: mentor}]
        manager_activities: [{id: cert-m1, text: Look at the file}]
        resources: [{name: Forms, note: On the shelf, dated: 2021-03}]
      - id: mail
        name: Incoming mail
        why: It is read.
        expectations:
          0-3: [{id: mail-01, text: Open it}]
"""


def on_small_catalogue(cli: Cli) -> Cli:
    """Let the program use the small catalogue."""
    path = cli.store.with_name("small.yaml")
    path.write_text(SMALL, encoding="utf-8")
    return replace(cli, env={"CA_LADDER_CATALOGUE": str(path)})


@pytest.fixture
def small(cli: Cli) -> Cli:
    """The program with the small catalogue, and no record yet."""
    return on_small_catalogue(cli)


def assert_harmless(run: RunResult) -> None:
    """Assert that nothing which a terminal obeys, or nobody sees, was printed."""
    for char in set(run.stdout + run.stderr) - {"\n"}:
        assert unicodedata.category(char)[0] != "C", f"{char!r} was printed as it is"
        assert unicodedata.category(char) not in {"Zl", "Zp"}, f"{char!r} was printed as it is"


# --- names and notes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES, ids=brief)
def test_a_name_is_shown_as_it_was_typed_or_visibly_escaped(small: Cli, name: str) -> None:
    """No view passes on what a terminal would obey. The reader sees what was typed; JSON loses only white space."""
    shown = NAMES[name]
    filled(small, name, name)
    for args in (*TABLES, *TEXTS, *JSONS):
        assert_harmless(small(*args))
    assert small("status").stdout.startswith(f"{shown}, Client Advocate\n")
    assert f"by {shown} M (mentor)" in small("show", "cert-01").stdout
    assert shown in small("log").stdout
    assert small("status", "--json").json["trainee"]["name"] == " ".join(name.split())


@pytest.mark.parametrize("name", NAMES, ids=brief)
def test_no_other_column_moves(small: Cli, tmp_path: Path, name: str) -> None:
    """A view with a hostile name is that with a plain name of the same width on the screen, but for the name."""
    shown = NAMES[name]
    plain = "a" * cell_len(shown)
    (tmp_path / "plain").mkdir()
    twin = filled(replace(small, store=tmp_path / "plain" / "record.json"), plain, plain)
    filled(small, name, shown)
    for args in TABLES:
        assert masked(small(*args).stdout.replace(shown, plain)) == masked(twin(*args).stdout)


NOTES = {
    "two\nlines": "two\\nlines",
    "a\ttab": "a\\ttab",
    "a\r\nbreak": "a\\r\\nbreak",
    "\x1b[2Jgone": "\\x1b[2Jgone",
    "\u2066\u202eevil\u2069": "\\u2066\\u202eevil\\u2069",
    "line\u2028separator\x85next": "line\\u2028separator\\x85next",
    "\x01\x08\x0b\x0c\x7f\x80": "\\x01\\x08\\x0b\\x0c\\x7f\\x80",
    "[/red] [x] [link=file:///etc]y[/link]": "[/red] [x] [link=file:///etc]y[/link]",
    "y" * 300: "y" * 300,
    "word " * 60: ("word " * 60).strip(),
}


@pytest.mark.parametrize("note", NOTES, ids=brief)
def test_a_note_is_shown_whole_on_its_own_row(small: Cli, note: str) -> None:
    """Redirected, each event is one line, whatever was written; the JSON has the note to the character."""
    filled(small, "Ann", note)
    lines = small("log").stdout.splitlines()
    events = small("log", "--json").json["events"]
    assert len(lines) == len(events) + 1
    assert [line[:10] for line in lines[1:]] == [event["on"] for event in events]
    assert sum(NOTES[note] in line for line in lines) == 6
    assert [event["note"] for event in events if event["kind"] == "check"] == [note] * 3
    for args in (*TABLES, *TEXTS, *JSONS):
        assert_harmless(small(*args))


def test_the_csv_keeps_a_row_a_row(cli: Cli) -> None:
    """Quotes, commas and line breaks in a name add no cell, and a spreadsheet takes it for no formula."""
    filled(cli, '=cmd|"x",\n;1', "note")
    rows = list(csv.reader(io.StringIO(cli("report", "--format", "csv").stdout)))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert {row[1] for row in rows[1:]} == {'\'=cmd|"x", ;1'}


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "−"])
def test_no_name_in_the_csv_begins_a_formula(cli: Cli, sign: str) -> None:
    """A spreadsheet may read a full-width sign as the plain one."""
    cli("init", f"--name={sign}1;{sign}2", "--start=2026-01-05")
    _, row, *_ = csv.reader(io.StringIO(cli("report", "--format", "csv").stdout))
    assert row[1] == f"'{sign}1;'{sign}2"


def test_markdown_keeps_a_heading_a_heading(cli: Cli) -> None:
    """A name with Markdown's own signs stays on its line, and each sign is taken literally."""
    filled(cli, "# <b>|*Ann*\n---\n", "note")
    first, *rest = cli("report", "--format", "markdown").stdout.splitlines()
    assert first == r"# \# \<b\>\|\*Ann\* ---, Client Advocate"
    assert not [line for line in rest if "Ann" in line]


@pytest.mark.parametrize("name", [name for name in NAMES if NAMES[name] != name], ids=brief)
def test_errors_and_answers_are_harmless_too(cli: Cli, name: str) -> None:
    """What is only told in passing is escaped as well."""
    assert_harmless(cli("init", f"--name={name}", "--start=2026-01-05", f"--mentor={name} M"))
    assert_harmless(cli("check", "cert-01", f"--note={name}"))
    for args in (
        ["signoff", "cert-01", f"--by={name}"],
        ["signoff", "cert-01", f"--by={name} other"],
        ["init"],
        ["init", f"--name={name} other"],
        ["undo", "--yes"],
    ):
        assert_harmless(cli(*args, code=1, as_=name if args[0] == "undo" else None))
    for args in (
        ["check", f"cert{name}"],
        [f"stat{name}"],
        ["status", f"--tier={name}"],
        ["status", f"--{name}"],
        ["status", f"--as-of={name}"],
        ["list", f"--kind={name}"],
        ["status", f"--color={name}"],
        ["next", f"-n{name}"],
        ["status", f"--catalogue={name}"],
        [f"--{name}", "status"],
    ):
        assert_harmless(cli(*args, code=2))
    assert_harmless(cli("return", "cert-01", f"--by={name} M", f"--because={name}"))
    assert_harmless(cli("undo", "--yes"))


# --- questions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in NAMES if len(name) < 100], ids=brief)
def test_the_numbered_picker_and_the_review_are_harmless(cli: Cli, name: str) -> None:
    """What is asked shows data as harmlessly as what is answered."""
    cli("init", f"--name={name}", "--start=2026-01-05", f"--mentor={name} M")
    assert_harmless(cli("check", f"--note={name}", f"--evidence={name}", answers="1 2 3\n"))
    review = cli("signoff", f"--by={name} M", answers="r\nShow me once more\ns\nq\n")
    assert_harmless(review)
    assert f"Note      {NAMES[name]}, 2026-03-16: " in review.stderr
    assert_harmless(cli("check", answers="99\n1\n"))
    assert_harmless(cli("undo", answers="y\n"))


# --- the catalogue's texts ------------------------------------------------------------------------------------


def quoted(text: str) -> str:
    """Return the text as YAML in double quotes, what cannot be seen as an escape."""
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text) + '"'


CATALOGUE = """\
version: HOSTILE
roles:
  - id: r
    name: HOSTILE
    disclaimer: HOSTILE
    responsibilities: [HOSTILE]
    variants: [{id: v, name: HOSTILE}]
    tiers: [{id: 0-3, title: HOSTILE, months: {from: 0, until: 3}}, {id: 3+, title: HOSTILE, months: {from: 3}}]
    conditions: [{id: c, text: HOSTILE}]
    tasks:
      - id: certificates
        name: HOSTILE
        why: HOSTILE
        variant: v
        expectations:
          0-3:
            - {id: cert-01, text: HOSTILE, note: HOSTILE, condition: c, parts: [HOSTILE, HOSTILE]}
            - {id: cert-02, text: HOSTILE}
            - {id: cert-03, text: HOSTILE, requires: [cert-02]}
          3+:
            - {id: cert-04, text: HOSTILE}
        resources: [{name: HOSTILE, note: HOSTILE, dated: HOSTILE}]
        notes: [HOSTILE]
"""
SHOWN = {**NAMES, **NOTES}


def on_hostile_catalogue(cli: Cli, catalogue: Callable[[str], Path], words: str) -> Cli:
    """Begin a record on a catalogue of which every text is hostile."""
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(CATALOGUE.replace("HOSTILE", quoted(words))))}
    cli("init", "--name=Ann", "--start=2026-01-05", "--variant=v")
    cli("check", "cert-01", "cert-02")
    cli("signoff", "cert-01", "--by=Pat")
    return cli


@pytest.mark.parametrize("words", SHOWN, ids=brief)
def test_a_catalogues_text_is_as_harmless_as_a_name(cli: Cli, catalogue: Callable[[str], Path], words: str) -> None:
    """In every view and question, whoever wrote the catalogue; redirected, an item stays one line."""
    on_hostile_catalogue(cli, catalogue, words)
    for args in (*TABLES, *TEXTS, *JSONS, ["catalogue", "check"], ["catalogue", "roles"]):
        assert_harmless(cli(*args))
    listed = cli("list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["Item", "cert-01", "cert-02", "cert-03", "cert-04"]
    assert [item["text"] for item in cli("list", "--json").json["items"]] == [words.strip()] * 4
    assert_harmless(cli("check", answers="\n"))


def test_who_gave_a_final_sign_off_is_harmless_too(cli: Cli, catalogue: Callable[[str], Path]) -> None:
    """The sentences below the tables name the manager, with anything that a terminal would obey escaped."""
    on_hostile_catalogue(cli, catalogue, "Words")
    cli("signoff", "cert-02", "--by=Pat")
    cli("signoff", "cert-03", "--observed", "--by=Pat")
    cli("graduate", "0-3", "--by=\x1b[31mKim", "--yes")
    for args in TABLES:
        assert_harmless(cli(*args))
    for args in ([], ["status"], ["report"]):
        assert "Final sign-off by \\x1b[31mKim" in " ".join(cli(*args).stdout.split())
    assert_harmless(cli("signoff", "--by=Pat", answers="q\n"))
    assert_harmless(cli("signoff", "--all", "--by=Pat", answers="n\n"))


@pytest.mark.parametrize("words", [words for words in NAMES if "\n" not in words], ids=brief)
def test_no_column_moves_for_a_catalogues_text(cli: Cli, catalogue: Callable[[str], Path], words: str) -> None:
    """The list with hostile texts is that with plain ones of the same width, but for the texts."""
    shown = SHOWN[words]
    plain = "a" * cell_len(shown)
    hostile = on_hostile_catalogue(cli, catalogue, words)
    twin = replace(cli, store=cli.store.with_name("twin.json"))
    screens = [hostile(*args).stdout.replace(shown, plain) for args in (["list"], ["next"], ["show", "certificates"])]
    on_hostile_catalogue(twin, catalogue, plain)
    assert screens == [twin(*args).stdout for args in (["list"], ["next"], ["show", "certificates"])]


# --- encodings and widths -------------------------------------------------------------------------------------

CHARSETS = ("utf-8", "cp1252", "cp437", "ascii")
LOOKS = pytest.mark.parametrize(("charset", "width"), [(c, w) for c in CHARSETS for w in (60, 80, 120)])


def assert_fits(text: str, width: int) -> None:
    """Assert that no line is wider than the terminal, unless it is one word that cannot be broken."""
    for line in text.splitlines():
        assert cell_len(line) <= width or " " not in line.strip(), f"{cell_len(line)} columns: {line}"


class Wide(NamedTuple):
    """A record with wide words, and what its JSON says is on the screens."""

    cli: Cli
    items: list[dict[str, Any]]
    following: list[dict[str, Any]]
    events: list[dict[str, Any]]


@pytest.fixture(scope="module", params=["Łukasz [x] \x1b[1m é 👩🏽 Zoe\u0308 山田", "w" * 180], ids=["odd", "long"])
def wide(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Wide:
    """A record of odd or of long words on the shipped catalogue. No test changes it."""
    folder = tmp_path_factory.mktemp("wide")
    homes = {"XDG_DATA_HOME": str(folder / "data"), "XDG_CACHE_HOME": str(folder / "cache")}
    cli = filled(Cli(folder / "record.json", env={**homes}), request.param, f"{request.param} note")
    items, following = (cli(view, "--json").json["items"] for view in ("list", "next"))
    return Wide(cli, items, following, cli("log", "--json").json["events"])


@LOOKS
def test_every_view_fits_every_terminal(wide: Wide, charset: str, width: int) -> None:
    """At a terminal of 60, 80 or 120 columns in any encoding: nothing sticks out, every id and date is whole."""
    terminal = replace(wide.cli, terminal=True, width=width, charset=charset)
    shown = {}
    for args in [*TABLES, ["show", "cert-03"]]:
        run = terminal(*args)  # what cannot be encoded would raise here
        assert_harmless(run)
        assert_fits(run.stdout, width)
        shown[" ".join(args)] = run.stdout
    listed = shown["list"].splitlines()  # in plain encodings a "|" may stand between two columns
    assert {item["id"] for item in wide.items} <= {re.split("[ |]", line)[0] for line in listed}
    for item in wide.following:
        expected = rf"^{re.escape(item['id'])}[ |].*[ |]{item['expected_on'] or ''}"
        assert re.search(expected, shown["next -n 200"], re.MULTILINE)
    for event in wide.events:
        assert re.search(rf"^{event['on']}[ |].*\b{event.get('item', 'enrolled')}\b", shown["log"], re.MULTILINE)
    for view in ("status", "report"):
        assert {"2026-04-05", "2026-07-05"} <= set(re.findall(r"\d{4}-\d\d-\d\d", shown[view]))
    assert re.search(r"^Due .*\b2026-04-05\b", shown["show cert-03"], re.MULTILINE)


@LOOKS
def test_answers_and_hints_fit_too(cli: Cli, charset: str, width: int) -> None:
    """What follows a change is broken between words, never inside them by the terminal."""
    terminal = replace(cli, terminal=True, width=width, charset=charset)
    path = str(cli.store)
    welcome = terminal()
    assert welcome.stdout.startswith("Welcome to ca-ladder")
    for run in (
        welcome,
        terminal("init", "--name=Łukasz " + "Ann " * 30, "--start=2026-01-05"),
        terminal("check", *(f"cert-0{n}" for n in range(1, 10))),
        terminal("signoff", "--all", "--yes", "--by=Pat 山田"),
        terminal("undo", "--yes"),
        terminal("list", "--search", "nothing like it"),
        terminal("catalogue", "roles"),
    ):
        assert_harmless(run)
        assert_fits(run.stdout.replace(path, ""), width)


QUESTIONS = {
    "picker": (["check"], "\n"),
    "review": (["signoff", "--by=Pat"], "s\nk\nq\n"),
    "preview": (["signoff", "--all", "--by=Pat"], "n\n"),
    "undo": (["undo"], "n\n"),
}


@LOOKS
@pytest.mark.parametrize("question", QUESTIONS)
def test_questions_fit(cli: Cli, charset: str, width: int, question: str) -> None:
    """What is asked, and what is shown to decide by, is broken between words as every answer is."""
    cli("init", "--name=Ann", "--start=2026-01-05", "--variant=middle-market")
    cli("check", *(f"cert-0{n}" for n in range(1, 10)), "--note=Łukasz [x]", "--evidence=" + "e" * 180)
    args, answers = QUESTIONS[question]
    run = replace(cli, terminal=True, width=width, charset=charset)(*args, answers=answers)
    assert_harmless(run)
    assert_fits(run.stdout, width)
    assert_fits(re.sub(r"\]:(?=.)", "]:\n", run.stderr), width)  # the end of a typed line is not in what was said


@pytest.mark.parametrize("charset", ["utf-8", "cp1252", "cp437"])
@pytest.mark.parametrize("args", [*TEXTS, ["log"]], ids=" ".join)
def test_redirected_output_never_dies_of_a_character(cli: Cli, charset: str, args: list[str]) -> None:
    """The real program, its output in an encoding that lacks the letters: they are escaped, and the exit code is 0."""
    filled(cli, "Łukasz 山田 👩🏽", "😀")
    done = subprocess.run(
        [sys.executable, "-m", "ca_ladder", *args],
        env={**os.environ, "CA_LADDER_STORE": str(cli.store), "PYTHONIOENCODING": charset},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "ukasz" in done.stdout.decode(charset)


# --- anything at all ------------------------------------------------------------------------------------------

# All that a person can type or paste; half characters and NUL are refused before they come here.
anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
visible = anything.filter(lambda text: any(char.isalnum() and char.isascii() for char in text))


@settings(max_examples=15, deadline=None)
@given(
    name=visible,
    note=anything,
    charset=st.sampled_from(CHARSETS),
    width=st.sampled_from([60, 80, 120]),
)
def test_no_name_and_no_note_breaks_a_view(name: str, note: str, charset: str, width: int) -> None:
    """Whatever is typed: it is kept to the character, no view crashes, sticks out, or obeys it."""
    with tempfile.TemporaryDirectory() as folder:
        cli = filled(on_small_catalogue(Cli(store=Path(folder) / "record.json")), name, f"n{note}")
        terminal = replace(cli, terminal=True, width=width, charset=charset)
        for run in [terminal(*args) for args in TABLES]:
            assert_harmless(run)
            assert_fits(run.stdout, width)
        events = cli("log", "--json").json["events"]
        assert events[0]["enrolment"]["name"] == " ".join(name.split())
        assert [event["note"] for event in events if event["kind"] == "check"] == [f"n{note}"] * 3
        lines = cli("log").stdout.splitlines()
        assert [line[:10] for line in lines[1:]] == [event["on"] for event in events]
        rows = list(csv.reader(io.StringIO(cli("report", "--format", "csv").stdout)))
        assert {len(row) for row in rows} == {len(rows[0])}
        assert json.loads(cli("report", "--format", "json").stdout)["trainees"][0]["name"] == " ".join(name.split())
