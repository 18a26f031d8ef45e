"""Forged records: none is merged, nothing forged counts, every screen says so, and nothing is concluded on them."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest

from tests.conftest import Cli, RunResult
from tests.trust.catalogue import CATALOGUE
from tests.trust.forger import Events, id_of, read_events, write
from tests.trust.forgeries import FORGERIES, HONEST, PACKETS, SPELLINGS, Forgery, Seen

PAT, KIM = ["--by", "Pat Lee"], ["--by", "Kim Novak"]
# Who types what, to make the good record.
GOOD: list[tuple[str, list[str]]] = [
    ("maria", ["init", "--name=Maria Lopez", "--start=2026-01-05", "--mentor=Pat Lee", "--mentor=Lee Mason"]),
    ("maria", ["init", "--manager=Kim Novak", *PAT]),
    ("kim", ["init", "--mentor=Pat Lee", *KIM]),
    ("maria", ["check", "open", "stamp", "send", "--note", "seen twice"]),
    ("pat", ["signoff", "open", "send", *PAT]),
    ("maria", ["note", "stamp", "with the old machine"]),
    ("pat", ["return", "stamp", *PAT, "--because", "not without the scale"]),
    ("pat", ["revoke", "send", *PAT, "--because", "the wrong letter"]),
    ("kim", ["waive", "burn", *KIM, "--because", "nothing is burnt here"]),
    ("maria", ["leave", "2026-03-23", "2026-03-27"]),
    ("maria", ["check", "sort"]),
    ("maria", ["uncheck", "sort"]),
    ("maria", ["check", "file"]),
    ("pat", ["signoff", "file", *PAT]),
    ("pat", ["undo", "--yes", *PAT]),
    ("maria", ["check", "find", "advise"]),
]
TODAY = "2026-04-20"  # a month after all of it


class Office(NamedTuple):
    """The good record: its file, its number, its events, and what is counted in it."""

    file: bytes
    number: str
    events: Events
    seen: Seen
    signed: dict[str, int]


# What the line on every screen of a forged record has in it.
WARNINGS = ("not as it was written", "does not count", "do not count", "damaged", "does not begin with")
CERTAIN = [name for name, forgery in FORGERIES.items() if not forgery.doubtful]


# --- what the program counts --------------------------------------------------------------------------------------


def seen_by(cli: Cli) -> Seen:
    """Return the states and the trainee that the program shows."""
    states = {item["id"]: item["state"] for item in cli("list", "--json").json["items"]}
    (trainee,) = cli("report", "--format=json").json["trainees"]
    return Seen(states, trainee)


def signed_counts(cli: Cli) -> dict[str, int]:
    """Return how many items are signed off in each of the six formats of the report."""
    (trainee,) = cli("report", "--format=json").json["trainees"]
    page, book = cli.store.with_name("report.html"), cli.store.with_name("report.xlsx")
    cli("report", "-o", str(page))
    cli("report", "-o", str(book))
    rows = csv.DictReader(io.StringIO(cli("report", "--format=csv").stdout))
    sheet = openpyxl.load_workbook(io.BytesIO(book.read_bytes()))["Items"]
    cells = re.findall(r'<td class="s\d[^>]*>(\d+)(?:\+\d+)?/', page.read_text(encoding="utf-8"))
    return {
        "json": sum(row["signed"] for row in [*trainee["tiers"], trainee["skill"]]),
        "csv": sum(int(row["signed"]) for row in rows),
        "table": sum(_signed_cells(cli("report").stdout, r" {2,}")),
        "markdown": sum(_signed_cells(cli("report", "--format=markdown").stdout, r" *\| *")),
        "html": sum(map(int, cells)),
        "xlsx": sum("signed" in row for row in sheet.iter_rows(values_only=True)),
    }


def _signed_cells(text: str, separator: str) -> Iterator[int]:
    """Yield what each row of a table says under Signed; rows of totals and of nothing are left out."""
    column = None
    for line in text.splitlines():
        cells = re.split(separator, line.strip("| "))
        if "Signed" in cells:
            column = cells.index("Signed")
        elif len(cells) == 1:
            column = None
        elif column is not None and cells[0] in {"mail", "law", "skill"} and "n/a" not in cells[1:2]:
            yield int(cells[column])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Return the good record, which the program's own commands made."""
    folder = tmp_path_factory.mktemp("office")
    cli = new_cli(folder)
    cli.env |= {"XDG_DATA_HOME": str(folder)}
    for account, command in GOOD:
        cli(*command, as_=account)
    cli.on_day(TODAY)
    data = cli.store.read_bytes()
    events = read_events(data)
    return Office(data, events[0]["enrolment"]["record"], events, seen_by(cli), signed_counts(cli))


def new_cli(folder: Path) -> Cli:
    """Return the program with the small catalogue, and no record yet."""
    catalogue = folder / "catalogue.yaml"
    catalogue.write_text(CATALOGUE, encoding="utf-8")
    return Cli(store=folder / "record.json", env={"CA_LADDER_CATALOGUE": str(catalogue)})


@pytest.fixture
def good(tmp_path: Path, office: Office) -> Cli:
    """Return the program on the good record, a month later."""
    cli = new_cli(tmp_path).on_day(TODAY)
    cli.store.write_bytes(office.file)
    return cli


@pytest.fixture
def forged(good: Cli, office: Office, name: str) -> Path:
    """Return the file of a forgery, away from the record."""
    folder = good.store.with_name("mail")
    folder.mkdir()
    forgery: Forgery = {**FORGERIES, **PACKETS, **HONEST}[name]
    return write(folder / "packet.json", forgery.forge(office.events), office.number)


# --- the forger ---------------------------------------------------------------------------------------------------


def test_the_forger_knows_the_ids(office: Office) -> None:
    """docs/store.md says all that is needed to compute an id."""
    assert [id_of(event) for event in office.events] == [event["id"] for event in office.events]


def test_six_formats_count_the_same(good: Cli, office: Office) -> None:
    """The counts that the forgeries are measured by are there in each format, and grow with an honest sign-off."""
    assert set(office.signed.values()) == {1}
    good("signoff", "find", *PAT, as_="pat")
    assert set(signed_counts(good).values()) == {2}


@pytest.mark.parametrize("name", HONEST)
def test_what_breaks_no_rule_counts(good: Cli, office: Office, forged: Path, name: str) -> None:
    """The same hand, writing what people may write, is believed: so a forgery fails for what it says."""
    gain = HONEST[name].gain
    assert gain
    assert not gain(office.seen)
    good("record", "verify", "--store", str(forged))
    good("record", "merge", str(forged))
    assert gain(seen_by(good))


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_wants_what_is_not_there(office: Office, name: str) -> None:
    """The good record has nothing of what is tried for, and forging leaves its events alone."""
    before = repr(office.events)
    gain = FORGERIES[name].gain
    assert FORGERIES[name].forge(office.events) != office.events
    assert repr(office.events) == before
    assert gain is None or not gain(office.seen)


# --- where a forgery is tried -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORGERIES)
def test_verify_names_the_entry(good: Cli, forged: Path, name: str) -> None:
    """Whoever looks for a forgery finds it, with exit code 7; what version 0.1 accepted is told only."""
    code = None if FORGERIES[name].doubtful else 7
    assert good("record", "verify", "--store", str(forged), code=code).stdout.startswith("Entry ")


@pytest.mark.parametrize("name", [*FORGERIES, *PACKETS])
def test_a_packet_is_refused(good: Cli, office: Office, forged: Path, name: str) -> None:
    """A packet that was forged is not merged, whoever sends it."""
    result = good("record", "merge", str(forged), code=None)
    assert result.exit_code in {1, 3, 7}, result.stdout
    assert result.stderr
    assert good.store.read_bytes() == office.file


@pytest.mark.parametrize("name", [*FORGERIES, *PACKETS])
def test_a_conflict_copy_is_left_alone(good: Cli, office: Office, forged: Path, name: str) -> None:
    """What lies beside the record as a sync service would name it comes in no more easily than a packet."""
    copy = forged.rename(good.store.with_name("record (1).json"))
    data = copy.read_bytes()
    result = good("check", "stamp")
    assert "record (1).json" in result.stderr
    assert copy.read_bytes() == data
    *events, check = read_events(good.store.read_bytes())
    assert events == office.events
    assert (check["kind"], check["item"]) == ("check", "stamp")


@pytest.mark.parametrize("name", CERTAIN)
def test_it_does_not_count(good: Cli, office: Office, forged: Path, name: str) -> None:
    """As the record itself: what the forger wants is in no format of the report."""
    forgery = FORGERIES[name]
    good.store.write_bytes(forged.read_bytes())
    if good("list", code=None).exit_code == 3:
        return  # it is not read at all
    seen = seen_by(good)
    if forgery.known:
        return
    assert forgery.gain is None or not forgery.gain(seen)
    assert {item for item in done(seen) if item not in done(office.seen)} == set()
    if repr(seen) not in counted:  # of all forgeries that come to the same, one is written in every format
        counted[repr(seen)] = signed_counts(good)
    assert all(counted[repr(seen)][format_] <= count for format_, count in office.signed.items())


counted: dict[str, dict[str, int]] = {}


def done(seen: Seen) -> set[str]:
    """Return the items that nobody has to do anything for any more."""
    return {item for item, state in seen.states.items() if state in {"signed", "waived"}}


SCREENS = ["status", "list", "show find", "log", "next", "agenda", "report", "report --format=csv"]
JSON_SCREENS = ["status --json", "list --json", "show find --json", "log --json", "next --json", "report --format=json"]


# A screen does not care how a name is spelt: one spelling will do.
SHOWN = [name for name in CERTAIN if name not in {f"the trainee signs off {how}" for how in [*SPELLINGS][1:]}]


@pytest.mark.slow
@pytest.mark.parametrize("name", SHOWN)
def test_every_screen_says_so(good: Cli, forged: Path, name: str) -> None:
    """Nobody has to ask for a check: every screen says that the record is not as it was written, or cannot be read."""
    good.store.write_bytes(forged.read_bytes())
    for command in (*SCREENS, *JSON_SCREENS):
        result = good(*command.split(), code=None)
        assert result.exit_code in {0, 3}, command
        assert says_so(result), f"{command}\n{result.stderr}"


def says_so(result: RunResult) -> bool:
    """Return whether a line says that something is wrong with the record."""
    return any(words in line for line in result.stderr.splitlines() for words in WARNINGS)


@pytest.mark.parametrize("name", CERTAIN)
def test_nothing_is_concluded(good: Cli, forged: Path, name: str) -> None:
    """There is no final sign-off, no promotion and no export of a record that is not as it was written."""
    good.store.write_bytes(forged.read_bytes())
    files = sorted(good.store.parent.iterdir())
    for command in (
        ["graduate", "first", "--yes", *KIM],
        ["promote", "senior", "--yes", *KIM],
        ["record", "export", "--to", str(good.store.with_name("o.json"))],
    ):
        result = good(*command, code=None)
        assert result.exit_code in {1, 3, 7}, f"{command}\n{result.stdout}"
        assert good.store.read_bytes() == forged.read_bytes()
        assert {*good.store.parent.iterdir()} - {*files} <= {good.store.with_name(".record.json.lock")}


CUT = [name for name in FORGERIES if name.endswith("is cut out") and name != "the first entry is cut out"]


@pytest.mark.parametrize("name", [*CUT, "the mentors of the first entry, under the old id"])
def test_what_would_not_count_is_not_written(good: Cli, forged: Path, name: str) -> None:
    """After a gap nothing is said to be written: it would never count."""
    good.store.write_bytes(forged.read_bytes())
    for command in (["check", "stamp"], ["note", "sort", "so"], ["waive", "sort", "--because", "why", *KIM], ["undo"]):
        result = good(*command, code=None)
        assert result.exit_code in {1, 7}, f"{command}\n{result.stdout}"
        assert good.store.read_bytes() == forged.read_bytes()


def test_the_good_record_is_concluded(good: Cli) -> None:
    """Without a forgery the same commands work."""
    good("record", "export", "--to", str(good.store.with_name("o.json")))
    good("graduate", "first", "--yes", *KIM)
    good("promote", "senior", "--yes", *KIM)
