"""Versions of the file: an older one is read and kept, a newer one is left as it is, and this one never changes."""

import hashlib
import json
import shlex
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from ca_ladder.catalogue.models import Entry
from ca_ladder.errors import StoreWriteFailed
from ca_ladder.record import store
from ca_ladder.record.events import EventKind, Leave
from ca_ladder.record.verification import problems
from tests.conftest import Cli
from tests.record.builders import ladder_with

# Written by the program itself, each in its time, and never again: what lies in offices today looks like this.
GOLDEN = Path(__file__).parent / "golden" / "schema-1.json"
GOLDEN_2 = GOLDEN.with_name("schema-2.json")
GOLDEN_3 = GOLDEN.with_name("schema-3.json")
LATER = datetime(2026, 5, 1, tzinfo=UTC)

LADDER = ladder_with(*(Entry(id=f"call-0{number}", text="Take a call") for number in range(1, 10)))

CATALOGUE = """\
version: "2026-03"
roles:
  - id: client-advocate
    name: Client Advocate
    variants: [{id: middle-market, name: Middle Market}]
    tiers: [{id: 0-3, title: New in role, months: {from: 0, until: 3}}]
    tasks:
      - id: calls
        name: Calls with clients
        why: Because
        expectations:
          0-3: [{id: call-01, text: Take a call}, {id: call-04, text: Take another}]
"""


# --- the golden store -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("golden", "written"),
    [
        (GOLDEN, "3e893cab42907f30e0a7d84be477a490e523ae0c274b49f30ad9dbdde3d006d2"),
        (GOLDEN_2, "b53f106753c53c8401152f1f9fcc4a07fc7beb220e1b2f97df8ee97f9635b030"),
        (GOLDEN_3, "5de04858d04eb21a571c7d46f44ebeb05778a8c9f77035dbf154373d060d4714"),
    ],
)
def test_a_golden_store_is_the_one_that_was_written_once(golden: Path, written: str) -> None:
    """A test that fails on it is put right in the program, never in the file."""
    assert hashlib.sha256(golden.read_bytes()).hexdigest() == written


def test_the_golden_store_of_today_holds_every_kind_of_entry() -> None:
    """What the program can write is in it, on two branches that meet."""
    events = json.loads(GOLDEN_3.read_bytes())["events"]
    assert {event["kind"] for event in events} == set(get_args(EventKind))
    assert {len(event.get("parents", ())) for event in events} == {0, 1, 2}


def test_the_golden_store_means_what_it_meant() -> None:
    """The state of each item is what it was when it was written."""
    record = store.load(GOLDEN)
    assert {id_: record.status(item).state for id_, item in LADDER.items.items()} == {
        "call-01": "signed",
        "call-02": "returned",
        "call-03": "checked",  # the sign-off was revoked
        "call-04": "open",  # unchecked
        "call-05": "signed",  # seen done, never checked
        "call-06": "waived",
        "call-07": "open",
        "call-08": "open",  # checked, and the check undone
        "call-09": "signed",  # on a copy, while the trainee took the check back here
    }
    assert record.enrolment.name == "Zoë O'Neil"
    assert str(record.enrolment.start) == "2026-01-12"
    assert record.enrolment.mentors == ("Pat Lee", "Sam Poe")
    first = record.status(LADDER.items["call-01"])
    assert first.check
    assert first.check.evidence == ("WorkSmart 20418", 'C:\\calls\\"one".wav')
    assert [event.note for event in first.notes] == ["Twice this week ✓, the second time alone", "Sat together"]


def test_what_the_second_schema_added_means_what_it_meant() -> None:
    """Leave and the final sign-off are what they were when they were written; of the leaves the longer one stands."""
    record = store.load(GOLDEN_2)
    assert record.leaves == (Leave(first=date(2026, 3, 23), last=date(2026, 3, 30)),)
    given = record.graduations["0-3"]
    assert (given.by.name, given.on) == ("Kim Novak", date(2026, 4, 13))
    assert given.graduation
    assert (given.graduation.total, given.graduation.waived) == (8, 1)


@pytest.mark.parametrize("golden", [GOLDEN, GOLDEN_2, GOLDEN_3])
def test_a_golden_store_verifies(golden: Path) -> None:
    """Every id fits, and no entry breaks a rule."""
    assert problems(golden.read_bytes(), golden, LATER) == []


@pytest.mark.parametrize("golden", [GOLDEN, GOLDEN_2])
def test_an_older_store_is_written_with_the_same_entries(golden: Path) -> None:
    """Each schema has the entries of the one before, under the same ids: only their layout became another."""
    written = store.as_bytes(store.load(golden))
    assert json.loads(written) == json.loads(golden.read_bytes()) | {"schema": 3}
    assert store.load(golden) == store.stored_in(written, golden).record


def test_a_store_of_today_is_written_as_it_was() -> None:
    """While schema 3 is the one written, a record that is read and written again is the same to the byte."""
    assert store.as_bytes(store.load(GOLDEN_3)) == store.as_bytes(store.load(GOLDEN_2)) == GOLDEN_3.read_bytes()


def test_the_bytes_of_a_line_are_what_its_id_is_computed_from() -> None:
    """Whoever has the file can compute every id without knowing how JSON is written, as docs/store.md says."""
    _, *lines, _ = GOLDEN_3.read_bytes().splitlines()
    assert len(lines) == len(store.load(GOLDEN_3).events)
    for line in lines:
        id_, content = line[7:71].decode(), b"{" + line[73:].removesuffix(b",")
        assert hashlib.sha256(content).hexdigest() == id_


def test_version_0_1_finds_that_todays_file_is_newer() -> None:
    """It reads the format and the schema out of the whole document, and refuses a schema above 2 with exit code 6."""
    content = json.loads(GOLDEN_3.read_bytes())
    assert content["format"] == "ca-ladder record"
    assert isinstance(content["schema"], int)
    assert content["schema"] > 2


# --- an older file --------------------------------------------------------------------------------------------


@pytest.fixture
def older(cli: Cli, catalogue: Callable[[str], Path]) -> Cli:
    """The program on a store that an older version wrote."""
    cli.store.write_bytes(GOLDEN.read_bytes())
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(CATALOGUE))}
    cli.account = "zoe"
    return cli


def schema_of(path: Path) -> int:
    """Return the number of the schema that a file says it is written in."""
    return int(json.loads(path.read_bytes())["schema"])


LOOKING = [
    *("", "status", "status --json", "next", "list", "show call-01", "log", "report"),
    *("record where", "record verify", "record backups", "signoff call-04 --by 'Pat Lee' --observed --dry-run"),
]


@pytest.mark.parametrize("line", LOOKING)
def test_looking_at_an_older_file_leaves_its_bytes(older: Cli, line: str) -> None:
    """Whoever only looks does not change the file, and colleagues with the older program can still open it."""
    before = older.store.read_bytes()
    older(*shlex.split(line))
    assert older.store.read_bytes() == before


def test_an_older_file_means_the_same_and_is_in_order(older: Cli) -> None:
    """The step is taken in memory: the states are there, and every id still fits."""
    counts = older("status", "--json").json["trainee"]["tiers"][0]
    assert (counts["signed"], counts["open"]) == (1, 1)
    assert older("record", "verify").stdout.startswith("The record of Zoë O'Neil is in order: 21 entries")


def test_a_refused_change_leaves_an_older_file(older: Cli) -> None:
    """Only a change that is made writes the file anew."""
    before = older.store.read_bytes()
    older("signoff", "call-04", "--by", "Pat Lee", code=1)
    assert older.store.read_bytes() == before


@pytest.mark.parametrize("golden", [GOLDEN, GOLDEN_2])
def test_the_next_change_writes_it_anew_after_a_copy_of_the_old(older: Cli, golden: Path) -> None:
    """The old bytes are among the backups, named for their schema; nothing of the record is lost."""
    before = golden.read_bytes()
    older.store.write_bytes(before)
    older("note", "call-01", "Once more")
    assert schema_of(older.store) == 3
    assert [event.id for event in store.load(older.store).events[:-1]] == [
        event["id"] for event in json.loads(before)["events"]
    ]
    assert [path.read_bytes() for path in old_copies(older)] == [before]
    assert all(path.stem.endswith(f"_{golden.stem}") for path in old_copies(older))


def test_without_a_copy_of_the_old_the_change_is_refused(older: Cli, tmp_path: Path) -> None:
    """What an older version wrote is never replaced while no copy of it can be kept; looking is still possible."""
    in_the_way = tmp_path / "no-folder"
    in_the_way.write_text("", encoding="utf-8")
    older.env["XDG_DATA_HOME"] = str(in_the_way)
    before = older.store.read_bytes()
    result = older("check", "call-04", code=StoreWriteFailed.exit_code)
    assert result.stdout == ""
    assert "no copy could be kept of what an older ca-ladder wrote; " in result.stderr
    assert older.store.read_bytes() == before
    older("status")
    assert older.store.read_bytes() == before


def old_copies(cli: Cli) -> list[Path]:
    """Return the kept copies that an older version wrote."""
    record_id = store.load(cli.store).id
    return sorted((backups_of(cli) / record_id).glob("*_schema-[12].json"))


def backups_of(cli: Cli) -> Path:
    """Return the folder of all backups, as the program names it."""
    result = cli("record", "where").stdout
    return Path(next(line for line in result.splitlines() if line.startswith("Its backups: "))[13:].rpartition(" (")[0])


def test_the_copy_of_the_old_file_is_kept_for_good(older: Cli) -> None:
    """Sixty further changes over two months let go of other states, never of this one."""
    before = older.store.read_bytes()
    for day in range(61):
        older.now += timedelta(days=1)
        older("uncheck" if day % 2 else "check", "call-04")
    assert [path.read_bytes() for path in old_copies(older)] == [before]
    assert len(older("record", "backups").stdout.splitlines()) < 61


def test_the_copy_of_the_old_file_can_be_restored(older: Cli) -> None:
    """It is listed as a good one, put back to the byte, and read and written anew as before."""
    before = older.store.read_bytes()
    older("check", "call-04")
    older("record", "restore", old_copies(older)[0].name[:15], "--yes")
    assert older.store.read_bytes() == before
    older("check", "call-04")
    assert schema_of(older.store) == 3
    assert [path.read_bytes() for path in old_copies(older)] == [before]


def test_a_copy_in_the_older_form_is_merged(older: Cli) -> None:
    """A mentor with the older program sends back an older file: what it holds is taken over."""
    packet = older.store.with_name("packet.json")
    packet.write_bytes(older.store.read_bytes())
    content = json.loads(GOLDEN.read_bytes())
    older.store.write_bytes(json.dumps(content | {"schema": 3, "events": content["events"][:-1]}).encode())
    assert older("record", "merge", str(packet)).stdout == "Merged packet.json. New: note of call-09.\n"
    assert schema_of(packet) == 1


# --- a newer file ---------------------------------------------------------------------------------------------

REFUSED = [
    *("", "status", "status --json", "next", "list", "show cert-01", "log", "report", "record verify"),
    *("check cert-01", "uncheck cert-01", "note cert-01 so", "undo --yes", "init --mentor 'Sam Poe'"),
    *("signoff cert-01 --by 'Pat Lee'", "signoff cert-01 --by 'Pat Lee' --dry-run"),
    *(f"{decision} cert-01 --by 'Pat Lee' --because so" for decision in ("return", "revoke", "waive")),
    *("record merge other.json", "record export --to new.json"),
    *("record restore --yes", "record restore 20260316-120001 --yes"),
]


@pytest.mark.parametrize("line", REFUSED)
def test_a_newer_file_is_refused_and_left_as_it_is(
    maria: Cli, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither looking nor changing guesses at what a newer version wrote; a restore does not push it out either."""
    monkeypatch.chdir(tmp_path)
    Path("other.json").write_bytes(maria.store.read_bytes())
    maria("check", "cert-01")
    newer = maria.store.read_bytes().replace(b'"schema":3', b'"schema":4').replace(b'"events":[', b'"lines":[')
    maria.store.write_bytes(newer)
    result = maria(*shlex.split(line), code=6)
    assert result.stdout == ""
    assert result.stderr == (
        f"Error: The record {maria.store} was written by a newer ca-ladder (schema 4). Update ca-ladder to open it; "
        "it was not changed.\n"
    )
    assert maria.store.read_bytes() == newer
    assert not Path("new.json").exists()
