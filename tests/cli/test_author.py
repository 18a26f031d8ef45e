"""The author at the bench: catalogue check, new and schema."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.conftest import Cli

OFFICE = """\
version: "1"
roles:
  - id: clerk
    name: Clerk
    tiers: [{id: new, title: New}]
    tasks:
      - id: mail
        name: Mail
        why: People wait
        expectations:
          new:
            - {id: mail-1, text: Sort it}
"""
FAULTY = OFFICE.replace("People wait", "“People wait”").replace("text: Sort it", "txt: Sort it, note: The mail")


def test_faults_come_first_and_warnings_apart(cli: Cli, catalogue: Callable[[str], Path]) -> None:
    """Each is a line that an editor can jump to; the sum is said beside."""
    path = catalogue(FAULTY + "            - {id: mail-2, text: The mail}\n")
    run = cli("catalogue", "check", str(path), code=1)
    assert run.stdout == (
        f"{path}:9:14: smart quotes become part of the text; use straight ones, or none\n"
        f"{path}:12:28: there is no field `txt` here; did you mean `text`?\n"
        f'{path}:13:28: warning: "The" is not a verb; begin with what one sees the trainee do, such as Explain, Enter '
        "or Find\n"
    )
    assert run.stderr == f"2 faults and 1 warning in {path}.\n"


def test_warnings_alone_are_no_failure(cli: Cli, catalogue: Callable[[str], Path]) -> None:
    """A catalogue with warnings is in order: exit 0."""
    path = catalogue(OFFICE.replace("Sort it", "The mail"))
    run = cli("catalogue", "check", str(path)).stdout
    assert run.endswith(f"{path} is in order, with 1 warning: version 1, 1 role, 1 item.\n")


def test_json_holds_the_same(cli: Cli, catalogue: Callable[[str], Path]) -> None:
    """For other programs: faults and warnings apart, each with line, column and sentence."""
    path = catalogue(FAULTY)
    run = cli("catalogue", "check", str(path), "--json", code=1)
    assert run.json == {
        "schema": "ca-ladder catalogue check 1",
        "file": str(path),
        "version": None,
        "faults": [
            {"line": 9, "column": 14, "sentence": "smart quotes become part of the text; use straight ones, or none"},
            {"line": 12, "column": 28, "sentence": "there is no field `txt` here; did you mean `text`?"},
        ],
        "warnings": [],
    }
    assert cli("catalogue", "check", str(catalogue(OFFICE)), "--json").json["version"] == "1"


def test_github_marks_the_lines(cli: Cli, tmp_path: Path) -> None:
    """The lines are workflow commands; what separates their parts is escaped in the file's name and in the sentence."""
    path = tmp_path / "a,b:c%.yaml"
    path.write_text(FAULTY + '            - {id: mail-2, text: "A\\n%"}\n', encoding="utf-8")
    run = cli("catalogue", "check", str(path), "--github", code=1)
    file = f"{tmp_path}/a%2Cb%3Ac%25.yaml"
    assert run.stdout.splitlines() == [
        f"::error file={file},line=9,col=14::smart quotes become part of the text; use straight ones, or none",
        f"::error file={file},line=12,col=28::there is no field `txt` here; did you mean `text`?",
        f'::warning file={file},line=13,col=28::"A" is not a verb; begin with what one sees the trainee do, such as '
        "Explain, Enter or Find",
    ]
    assert cli("catalogue", "check", str(path), "--github", code=1).stderr == f"2 faults and 1 warning in {path}.\n"


RENAMED = "`mail-1` is `mail-7` here, under the same words; an id stays with its item for ever"


def test_a_changed_id_is_found_by_the_catalogue_in_use(
    cli: Cli, catalogue: Callable[[str], Path], tmp_path: Path
) -> None:
    """Who checks next year's file beside this year's hears of an id that changed under the same words."""
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(OFFICE))}
    new = tmp_path / "new.yaml"
    new.write_text(OFFICE.replace("mail-1", "mail-7"), encoding="utf-8")
    assert f"{new}:12:16: {RENAMED}" in cli("catalogue", "check", str(new), code=1).stdout


def test_a_changed_id_is_found_by_the_records(cli: Cli, catalogue: Callable[[str], Path]) -> None:
    """Who edits the catalogue in use is told by the records of the store, one or a team's: they know the old id."""
    use = ("--catalogue", str(catalogue(OFFICE)))
    team = str(cli.store.parent / "team") + "/"
    cli("init", "--name", "Maria Lopez", "--start", "2026-01-05", "--role", "clerk", "--store", team, *use)
    cli("check", "mail-1", "--store", team, *use)
    catalogue(OFFICE.replace("mail-1", "mail-7"))
    assert RENAMED in cli("catalogue", "check", "--store", team, *use, code=1).stdout
    assert RENAMED in cli("catalogue", "check", "--store", f"{team}maria-lopez.json", *use, code=1).stdout
    (cli.store.parent / "team" / "maria-lopez.json").write_bytes(b"{")
    assert "is in order" in cli("catalogue", "check", "--store", team, *use).stdout


def test_an_empty_folder_says_nothing_of_ids(cli: Cli, catalogue: Callable[[str], Path], tmp_path: Path) -> None:
    """A store without records keeps nobody from checking, nor does a catalogue in use that has faults."""
    (tmp_path / "team").mkdir()
    other = tmp_path / "other.yaml"
    other.write_text(OFFICE, encoding="utf-8")
    broken = ("--catalogue", str(catalogue("roles: x\n")))
    assert "is in order" in cli("catalogue", "check", str(other), "--store", str(tmp_path / "team"), *broken).stdout


# --- new and schema -------------------------------------------------------------------------------


def test_new_begins_a_catalogue(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file passes the check as it is, and names the schema that lies beside it."""
    monkeypatch.chdir(tmp_path)
    cli.terminal, cli.width = True, 80
    assert cli("catalogue", "new", "office.yaml").stdout == (
        "A small catalogue to begin with is in office.yaml.\n"
        "What VS Code and PyCharm need to explain its fields is in ca-ladder.schema.json.\n"
        "Next, in any editor: write your own. Then: ca-ladder catalogue check office.yaml\n"
    )
    text = Path("office.yaml").read_text(encoding="utf-8")
    assert text.splitlines()[:2] == [
        "# yaml-language-server: $schema=ca-ladder.schema.json",
        "# $schema: ca-ladder.schema.json",
    ]
    jsonschema.validate(yaml.safe_load(text), json.loads(Path("ca-ladder.schema.json").read_text(encoding="utf-8")))
    assert cli("catalogue", "check", "office.yaml").stdout == (
        "office.yaml is in order: version 2026-01, 1 role, 5 items.\n"
    )


def test_new_overwrites_nothing(cli: Cli, tmp_path: Path) -> None:
    """A file that is there is left as it is; so is a schema beside it."""
    (tmp_path / "ca-ladder.schema.json").write_text("{}", encoding="utf-8")
    run = cli("catalogue", "new", str(tmp_path / "office.yaml")).stdout
    assert run == f"A small catalogue to begin with is in {tmp_path / 'office.yaml'}.\n"
    assert (tmp_path / "ca-ladder.schema.json").read_text(encoding="utf-8") == "{}"
    before = (tmp_path / "office.yaml").read_bytes()
    refused = cli("catalogue", "new", str(tmp_path / "office.yaml"), code=2).stderr
    assert refused == f"Error: {tmp_path / 'office.yaml'} is there already, and was not changed. Name a new file.\n"
    assert (tmp_path / "office.yaml").read_bytes() == before


def test_new_copies_the_catalogue_in_use(cli: Cli, catalogue: Callable[[str], Path], tmp_path: Path) -> None:
    """Next year's file begins with this year's, and names the schema for the editor, once."""
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(OFFICE))}
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    run = cli("catalogue", "new", str(first), "--copy").stdout
    assert run.startswith(f"A copy of the catalogue in use is in {first}.\n")
    assert first.read_text(encoding="utf-8").endswith(OFFICE)
    cli("catalogue", "new", str(second), "--copy", "--catalogue", str(first))
    assert second.read_bytes() == first.read_bytes()
    assert "is in order" in cli("catalogue", "check", str(second)).stdout


def test_a_catalogue_s_name_ends_as_such(cli: Cli, tmp_path: Path) -> None:
    """Neither a new catalogue nor the schema is written under the name of something else."""
    run = cli("catalogue", "new", str(tmp_path / "office.txt"), code=2).stderr
    assert run == f"Error: {tmp_path / 'office.txt'} is not a catalogue's name: the file name must end in .yaml\n"
    run = cli("catalogue", "schema", "-o", str(tmp_path / "office.yaml"), code=2).stderr
    assert run == f"Error: {tmp_path / 'office.yaml'} does not say which format. End it with .json\n"
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_cannot_be_compared_is_told(cli: Cli, catalogue: Callable[[str], Path]) -> None:
    """A check that could not look into a record says so, and looks at the catalogue all the same."""
    cli.store.write_bytes(b"{")
    run = cli("catalogue", "check", str(catalogue(OFFICE)))
    assert "is in order" in run.stdout
    assert run.stderr.startswith("Not compared with record.json: ")


def test_schema_is_printed_or_written(cli: Cli, tmp_path: Path) -> None:
    """What is printed is what is written: one JSON document."""
    printed = cli("catalogue", "schema")
    file = tmp_path / "own.json"
    assert cli("catalogue", "schema", "-o", str(file)).stdout == f"The schema is in {file}.\n"
    assert json.loads(file.read_text(encoding="utf-8")) == printed.json
    assert printed.json["title"] == "ca-ladder catalogue"
