"""The report of a whole team, in all six formats, against an oracle that shares no line with the program."""

import csv
import io
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest

from tests.conftest import Cli
from tests.progress.oracle import COUNTS, KINDS, OWNERS, Expected, Team, Trainee, read_catalogue, read_team, sort_key

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "data" / "expectations.yaml"
BESIDE = (*KINDS.values(), "qualification")

Rows = list[list[str]]


class GeneratedTeam(NamedTuple):
    """The folder that benchmarks/team.py wrote, and the day of its report."""

    folder: Path
    day: date


class Figures(NamedTuple):
    """All that is shown of some items: the seven counts, pace where there is a due date, whose move and how late."""

    counts: list[int]
    expected: int | None
    ahead: int | None
    waits_on: list[int]
    overdue_by: list[int]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> GeneratedTeam:
    """Return the team of twelve."""
    folder = tmp_path_factory.mktemp("team") / "twelve"
    return GeneratedTeam(folder, make(folder))


@pytest.fixture(scope="module")
def truth(generated: GeneratedTeam) -> Team:
    """Return what is true of them."""
    return read_team(generated.folder, CATALOGUE, generated.day)


@pytest.fixture
def team(generated: GeneratedTeam) -> Cli:
    """Return the program on their folder, at noon of that day."""
    return Cli(store=generated.folder, now=datetime.combine(generated.day, time(12), UTC))


def make(folder: Path, *options: str) -> date:
    """Make the team's folder, and return the day that the command says it is about."""
    command = [sys.executable, str(ROOT / "benchmarks" / "team.py"), str(folder), *options]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    report, day = said.splitlines()[-1].rsplit(maxsplit=1)
    assert report == f"ca-ladder report --store {folder} --as-of"
    return date.fromisoformat(day)


# --- what is true, in the oracle's words ------------------------------------------------------------------------


def figures(one: Trainee, tier: str | None = None, task: str | None = None, kind: str | None = None) -> Figures:
    """Return the figures of a tier, of a task in it, or of a kind."""
    items = one.of(tier=tier, task=task, kind=kind)
    dated = tier is not None and one.due(one.tier(tier)) is not None
    counts, waits_on, waits_and_late = one.counts(items), one.waiting_on(items), one.overdue_by(items)
    return Figures(
        [counts[each] for each in COUNTS],
        one.expected(items) if dated else None,
        one.ahead(items) if dated else None,
        [waits_on[each] for each in OWNERS],
        [waits_and_late[each] for each in OWNERS],
    )


def tiers_of(one: Trainee) -> list[str]:
    """Return the tiers' ids."""
    return [str(tier["id"]) for tier in one.role.tiers]


def tasks_of(one: Trainee) -> list[str]:
    """Return the tasks' ids."""
    return [str(task["id"]) for task in one.role.tasks]


def kinds_of(one: Trainee) -> list[str]:
    """Return the kinds beside the tiers that the role asks for."""
    return [each for each in BESIDE if one.of(kind=each)]


def title_of(one: Trainee, tier: str) -> str:
    """Return a tier with its title."""
    return f"{tier} {one.tier(tier)['title']}"


def role_in_words(one: Trainee) -> str:
    """Return the role's name, with its variants that the trainee has."""
    role = next(each for each in read_catalogue(CATALOGUE)["roles"] if each["id"] == one.role.id)
    names = [each["name"] for each in role.get("variants", ()) if each["id"] in one.enrolment.get("variants", ())]
    return f"{role['name']} ({', '.join(names)})" if names else str(role["name"])


def fingerprint_of(one: Trainee) -> str:
    """Return the count of entries and the first 80 bits of the last one's id."""
    return "-".join([str(len(one.events)), *re.findall(".{4}", one.events[-1]["id"][:20])])


def final_on(one: Trainee, tier: str) -> str | None:
    """Return the day of a tier's final sign-off."""
    event = one.final_sign_off(one.tier(tier))
    return event["on"] if event else None


def cell(numbers: Sequence[int]) -> str:
    """Return counts as a matrix shows them: signed off, checked, all, and whether something is overdue."""
    total, _, checked, _, signed, _, overdue = numbers
    return f"{signed}{f'+{checked}' if checked else ''}/{total}{'!' if overdue else ''}" if total else "n/a"


def mentor_names(mentors: Sequence[str]) -> str:
    """Return whose desk it is."""
    return " or ".join(mentors) or "any mentor"


def shown(value: object) -> str:
    """Return what a reader sees of a value that there may not be."""
    return "n/a" if value is None else str(value)


def signed(number: int | None) -> str:
    """Return how far ahead, with its sign."""
    return "n/a" if number is None else f"{number:+d}" if number else "0"


def waits_and_late(waits_on: int, overdue: int) -> str:
    """Return how many items wait, and how many of these are late."""
    return f"{waits_on}, {overdue} late" if overdue else str(waits_on)


def count_cells(found: Figures) -> list[str]:
    """Return counts and pace as the screens show them: n/a where there is nothing to count."""
    total, waived = found.counts[0], found.counts[COUNTS.index("waived")]
    numbers = [str(count) for count in found.counts] if total or waived else ["n/a", *[""] * 6]
    known = total > 0
    return [*numbers, shown(found.expected if known else None), signed(found.ahead if known else None)]


def month_of(one: Trainee) -> int | str:
    """Return the month in the role, from 1; there is none before the first day."""
    return one.months + 1 if one.start <= one.today else "n/a"


def in_team_order(truth: Team, names: Iterable[str]) -> bool:
    """Whether people stand as a team does: the most behind first, the finished last; and everyone is there."""
    names = list(names)
    everyone = sorted(names) == sorted(trainee.name for trainee in truth.trainees)
    return everyone and [sort_key(truth.by_name(name)) for name in names] == truth.order


# --- JSON -------------------------------------------------------------------------------------------------------


def expected_trainee(one: Trainee) -> dict[str, Any]:
    """Return what the JSON report has to say of one trainee."""
    return {
        "name": one.name,
        "role": one.role.id,
        "start": str(one.start),
        "mentors": one.enrolment.get("mentors", []),
        "manager": one.enrolment.get("manager"),
        "fingerprint": fingerprint_of(one),
        "months": one.months,
        "tier": one.tier_now,
        "pace": one.pace(),
        "forecast": one.forecast and str(one.forecast),
        "finished": one.finished and str(one.finished),
        "tiers": [expected_tier(one, each) for each in tiers_of(one)],
    } | {kind: _numbers_and_moves(figures(one, kind=kind)) for kind in kinds_of(one)}


def expected_tier(one: Trainee, id_: str) -> dict[str, Any]:
    """Return what the JSON report has to say of one tier."""
    tier = one.tier(id_)
    days = {
        "begins": one.begins(tier),
        "due": one.due(tier),
        "forecast": one.forecast_of(tier),
        "finished": one.finished_of(one.of(tier=id_)),
    }
    return (
        {name: day and str(day) for name, day in days.items()}
        | {"tier": id_, "final_sign_off": final_on(one, id_)}
        | _paced(figures(one, id_))
        | {"tasks": [{"task": task, **_paced(figures(one, id_, task))} for task in tasks_of(one)]}
    )


def _numbers_and_moves(found: Figures) -> dict[str, Any]:
    counts = dict(zip(COUNTS, found.counts, strict=True))
    return counts | {"waits_on": dict(zip(OWNERS, found.waits_on, strict=True))}


def _paced(found: Figures) -> dict[str, Any]:
    overdue_by = dict(zip(OWNERS, found.overdue_by, strict=True))
    return _numbers_and_moves(found) | {"overdue_by": overdue_by, "expected": found.expected, "ahead": found.ahead}


def without_extras(said: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    """Return of one trainee in the JSON report what the oracle knows."""
    told = {name: value for name, value in said.items() if name in {*like, *BESIDE}}
    told["tiers"] = [
        {name: value for name, value in each.items() if name not in {"title"}}
        | {"final_sign_off": each["final_sign_off"] and each["final_sign_off"]["on"]}
        | {"tasks": [{name: task[name] for name in task if name not in {"name", "required"}} for task in each["tasks"]]}
        for each in said["tiers"]
    ]
    return told


def assert_agrees(document: dict[str, Any], truth: Team) -> None:
    """Assert that a JSON report says what the oracle found, figure by figure."""
    assert document["as_of"] == str(truth.today)
    assert in_team_order(truth, [each["name"] for each in document["trainees"]])
    for said in document["trainees"]:
        true = expected_trainee(truth.by_name(said["name"]))
        assert without_extras(said, true) == true
    overdue = [(e["name"], e["item"], e["due"], e["days"], e["waits_on"]) for e in document["overdue"]]
    true_overdue = [(name, item, str(due), days, move) for name, item, due, days, move in truth.overdue]
    assert sorted(overdue) == sorted(true_overdue)
    assert [entry[3] for entry in overdue] == [each[3] for each in true_overdue]
    waiting = [(tuple(e["mentors"]), e["name"], e["item"], e["since"], e["days"]) for e in document["waiting"]]
    assert sorted(waiting) == sorted(
        (mentors, name, item, str(since), days) for mentors, name, item, since, days in truth.waiting
    )
    assert sorted((e["name"], e["tier"]) for e in document["to_conclude"]) == sorted(truth.to_conclude)


def test_json_says_what_the_oracle_found(team: Cli, truth: Team) -> None:
    """Every count, owner, pace, date and list in the JSON report is the one the documentation asks for."""
    assert_agrees(team("report", "--format", "json").json, truth)


@pytest.mark.parametrize("days", [-77, -41, -15, 106])
def test_any_day_says_what_was_known_then(team: Cli, generated: GeneratedTeam, days: int) -> None:
    """`--as-of` an earlier day counts what was written by then, and what was due then; a later day what will be due."""
    day = generated.day + timedelta(days=days)
    report = team("report", "--as-of", str(day), "--format", "json").json
    assert_agrees(report, read_team(generated.folder, CATALOGUE, day))


# --- CSV --------------------------------------------------------------------------------------------------------


def expected_csv(one: Trainee, day: date) -> Iterator[dict[str, str]]:
    """Yield what the rows of one trainee have to say; a name that begins like a formula is made harmless."""
    name = f"'{one.name}" if one.name.startswith("=") else one.name
    person = {"as_of": day, "name": name, "role": one.role.id, "start": one.start, "fingerprint": fingerprint_of(one)}
    for tier in tiers_of(one):
        whole = one.tier(tier)
        of_tier = {
            "kind": "expectation",
            "tier": f"tier {tier}" if tier[0].isdigit() else tier,
            "due": one.due(whole),
            "forecast": one.forecast_of(whole),
            "finished": one.finished_of(one.of(tier=tier)),
            "final_sign_off": final_on(one, tier),
        }
        for task in tasks_of(one):
            found = figures(one, tier, task)
            pace = {"task": task, "expected": found.expected, "ahead": found.ahead}
            yield _as_csv(person | of_tier | pace | _flat(found))
    for kind in kinds_of(one):
        found = figures(one, kind=kind)
        yield _as_csv(
            person | {"kind": kind} | {name: n for name, n in _flat(found).items() if "overdue_by" not in name}
        )


def _flat(found: Figures) -> dict[str, int]:
    waits = {f"waits_on_{owner}": number for owner, number in zip(OWNERS, found.waits_on, strict=True)}
    waits_and_late = {f"overdue_by_{owner}": number for owner, number in zip(OWNERS, found.overdue_by, strict=True)}
    return dict(zip(COUNTS, found.counts, strict=True)) | waits | waits_and_late


def _as_csv(row: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in row.items() if value is not None}


def csv_agrees(text: str, truth: Team) -> None:
    """Assert that a CSV report has the rows that the oracle counts, and no others."""
    rows = list(csv.DictReader(io.StringIO(text)))
    shown_rows = [{name: value for name, value in row.items() if value} for row in rows]
    true_rows = [row for one in truth.trainees for row in expected_csv(one, truth.today)]
    assert sorted(shown_rows, key=_key) == sorted(true_rows, key=_key)
    assert in_team_order(truth, dict.fromkeys(row["name"].removeprefix("'") for row in rows))


def test_csv_says_what_the_oracle_found(team: Cli, truth: Team) -> None:
    """Each row of the CSV report has all figures of one task in one tier, or of one kind, and no row is missing."""
    csv_agrees(team("report", "--format", "csv").stdout, truth)


def _key(row: dict[str, str]) -> list[str]:
    return [row.get(name, "") for name in ("name", "kind", "tier", "task")]


def test_the_rows_of_a_tier_add_up_to_it(team: Cli, truth: Team) -> None:
    """A spreadsheet that sums the CSV's rows of a tier gets the tier's own counts, pace and moves."""
    rows = list(csv.DictReader(io.StringIO(team("report", "--format", "csv").stdout)))
    for one in truth.trainees:
        for tier in tiers_of(one):
            found = figures(one, tier)
            columns = _flat(found) | {"expected": found.expected or 0, "ahead": found.ahead or 0}
            own = [
                r for r in rows if r["name"].removeprefix("'") == one.name and r["tier"].removeprefix("tier ") == tier
            ]
            assert {name: sum(int(row[name] or 0) for row in own) for name in columns} == columns


# --- the table, piped -------------------------------------------------------------------------------------------


def tables_in(text: str) -> list[tuple[str, Rows]]:
    """Return the tables of a piped screen, each with the line before it, and its headings as the first row."""
    found: list[tuple[str, Rows]] = []
    before = ""
    for line in text.splitlines():
        cells = re.split(r" {2,}", line.strip())
        if len(cells) < 2:
            before = line.strip() or before
        elif re.match(r"( *#|Task|Trainee|Mentor) ", line):
            found.append((before, [cells]))
        elif found and not line.startswith(("Tier ", "On ")):
            found[-1][1].append(cells)
        else:
            before = line.strip()
    return found


def filled(row: Iterable[str]) -> list[str]:
    """Return the cells that anything stands in: a blank one cannot be seen in a piped table."""
    return [each for each in row if each]


def expected_tier_row(one: Trainee, tier: str) -> list[str]:
    """Return a trainee's row in a tier's table: due date, counts, pace, and whose move."""
    found = figures(one, tier)
    waiting_on = [
        f"{waits} ({waits_and_late})" if waits_and_late else str(waits)
        for waits, waits_and_late in zip(found.waits_on, found.overdue_by, strict=True)
    ]
    return [shown(one.due(one.tier(tier))), *count_cells(found), *waiting_on]


def test_the_table_says_what_the_oracle_found(team: Cli, truth: Team) -> None:
    """A piped report shows who is where, for each tier due date, counts, pace and owners, and each task's cell."""
    (title, people), *rest = tables_in(team("report").stdout)
    names = {row[0]: row[1] for row in people[1:]}
    assert title == f"{len(truth.trainees)} trainees on {truth.today}"
    assert in_team_order(truth, names.values())
    assert people[0][2:] == ["Month", "Tier", "Ahead", "Overdue", "Own", "Forecast"]
    for row in people[1:]:
        one = truth.by_name(row[1])
        assert row[2:] == [
            str(month_of(one)),
            "finished" if one.finished else shown(one.tier_now),
            signed(one.pace()["ahead"]),
            str(figures(one, kind="expectation").counts[-1]),
            str(one.overdue_by(one.role.items)["trainee"]),
            shown(one.finished or one.forecast),
        ]

    headings = ["#", "Trainee", "Due", "All", "Open", "Chk", "Ret", "Sig", "Wvd", "Late", "Exp", "+/-"]
    told: dict[tuple[str, str], list[str]] = {}
    true: dict[tuple[str, str], list[str]] = {}
    for title, (head, *rows) in rest:
        if title.startswith("Tier "):
            assert head == [*headings, "Trn", "Mtr", "Mgr", "Opp"]
            told |= {(row[1], title.split()[1]): row[2:] for row in rows if names[row[0]] == row[1]}
    for one in truth.trainees:
        true |= {(one.name, tier): filled(expected_tier_row(one, tier)) for tier in tiers_of(one)}
    assert told == true

    cells: dict[tuple[str, str], str] = {}
    for _, (head, *rows) in rest:
        if head[0] == "Task":
            people_here = [truth.by_name(names[each.removeprefix("#")]) for each in head[1:]]
            cells |= {(one.name, row[0]): each for row in rows for one, each in zip(people_here, row[1:], strict=True)}
    assert cells == {
        (one.name, str(task["id"])): expected_cell(one, str(task["id"]))
        for one in truth.trainees
        for task in _tasks_shown(truth, one)
    }


def _tasks_shown(truth: Team, one: Trainee) -> list[dict[str, Any]]:
    """Return the tasks that anyone of this role has."""
    return list(
        {
            task["id"]: task
            for trainee in truth.trainees
            if trainee.role.id == one.role.id
            for task in trainee.role.tasks
        }.values()
    )


def expected_cell(one: Trainee, task: str) -> str:
    """Return the cell of a task, all tiers together; n/a where it is not the trainee's."""
    return cell(figures(one, task=task, kind="expectation").counts) if task in tasks_of(one) else "n/a"


def test_the_lists_of_the_table_say_what_the_oracle_found(team: Cli, truth: Team) -> None:
    """A piped report lists whose move all is, what is overdue, what waits at whose desk, and for the manager."""
    tables = {title: rows for title, rows in tables_in(team("report").stdout) if not title.startswith("Tier ")}
    waiting_on = tables["Whose move it is, in the tiers"][1:]
    ready_ones = {name: [tier for who, tier in truth.to_conclude if who == name] for name, _ in truth.to_conclude}
    for _, name, *told in waiting_on:
        one = truth.by_name(name)
        items = [item for item in one.role.items if item.tier]
        late_ones = one.overdue_by(items)
        true = {owner: waits_and_late(number, late_ones[owner]) for owner, number in one.waiting_on(items).items()}
        true["manager"] += f" + tier {', '.join(ready_ones[name])}" if name in ready_ones else ""
        assert told == list(true.values())
    assert in_team_order(truth, [row[1] for row in waiting_on])
    beside = tables["Whose move it is, beside the tiers (knowledge, skills, activities ...)"][1:]
    for _, name, *told in beside:
        one = truth.by_name(name)
        untiered = one.waiting_on(item for item in one.role.items if not item.tier)
        assert told == [str(number) for number in untiered.values()]

    movers = {
        "trainee": "the trainee's move",
        "mentor": "a mentor's move",
        "manager": "the manager's move",
        "opportunity": "waiting for an opportunity",
    }
    overdue = [(name, move, id_) for name, move, _, ids in tables["Overdue"][1:] for id_ in ids.split(", ")]
    assert sorted(overdue) == sorted((name, movers[move], id_) for name, id_, _, _, move in truth.overdue)
    for name, move, days, _ in tables["Overdue"][1:]:
        assert days == str(max(entry[3] for entry in truth.overdue if (entry[0], movers[entry[4]]) == (name, move)))

    waiting = [(who, name, id_) for who, name, _, ids in tables["Waiting for a mentor"][1:] for id_ in ids.split(", ")]
    assert sorted(waiting) == sorted((mentor_names(mentors), name, id_) for mentors, name, id_, _, _ in truth.waiting)
    for who, name, days, _ in tables["Waiting for a mentor"][1:]:
        of_both = [entry for entry in truth.waiting if (mentor_names(entry[0]), entry[1]) == (who, name)]
        assert days == str(max(entry[4] for entry in of_both))

    ready = tables["Waiting for the manager's final sign-off"][1:]
    assert sorted(map(tuple, ready)) == sorted(truth.to_conclude)


# --- Markdown ---------------------------------------------------------------------------------------------------


def markdown_tables(text: str) -> dict[str, dict[str, Rows]]:
    """Return the tables by the two headings above them, what Markdown escapes being what it stands for."""
    found: dict[str, dict[str, Rows]] = {}
    chapter = section = ""
    for line in text.splitlines():
        plain = re.sub(r"\\(.)", r"\1", line)
        if line.startswith("# "):
            chapter, section = plain[2:], ""
        elif line.startswith("## "):
            section = plain[3:]
        elif line.startswith("| ") and not line.startswith("| ---"):
            cells = [each.strip() for each in plain.strip("|").split(" | ")]
            found.setdefault(chapter, {}).setdefault(section, []).append(cells)
        elif line.startswith("- "):
            found.setdefault(chapter, {}).setdefault(section, []).append([plain[2:]])
    return found


def test_markdown_says_what_the_oracle_found(team: Cli, truth: Team) -> None:
    """The Markdown report has every trainee's tiers, tasks and kinds with all figures, and whose move they are."""
    chapters = markdown_tables(team("report", "--format", "markdown").stdout)
    first = chapters.pop(f"{len(truth.trainees)} trainees on {truth.today}")
    assert in_team_order(truth, [row[0] for row in first[""][1:]])
    for name, *told in first[""][1:]:
        one = truth.by_name(name)
        pace = one.pace()
        assert told == [
            str(month_of(one)),
            shown(one.tier_now),
            *(shown(pace[each] if pace["ahead"] is not None else None) for each in ("done", "expected", "ahead")),
            shown(one.forecast),
            shown(one.finished),
        ]
    cells: dict[tuple[str, str], str] = {}
    for section, (head, *rows) in first.items():
        if section.startswith(("Tiers", "Tasks")):
            cells |= {(name, column): each for name, *row in rows for column, each in zip(head[1:], row, strict=True)}
    assert cells == {
        (one.name, column): each
        for one in truth.trainees
        for column, each in (
            *((tier, cell(figures(one, tier).counts)) for tier in tiers_of(one)),
            *((str(task["id"]), expected_cell(one, str(task["id"]))) for task in _tasks_shown(truth, one)),
        )
    }
    waiting = [(who, name, id_, since, int(days)) for who, name, id_, since, days in first["Waiting for a mentor"][1:]]
    assert sorted(waiting) == sorted(
        (mentor_names(who), name, id_, str(on), days) for who, name, id_, on, days in truth.waiting
    )
    overdue = [(name, id_, move, due, int(days)) for name, id_, move, due, days in first["Overdue"][1:]]
    assert sorted(overdue) == sorted((name, id_, move, str(due), days) for name, id_, due, days, move in truth.overdue)
    ready = [row[0].rsplit(", tier ", 1) for row in first["Waiting for the manager's final sign-off"]]
    assert sorted(map(tuple, ready)) == sorted(truth.to_conclude)

    assert chapters.keys() == {f"{one.name}, {role_in_words(one)}" for one in truth.trainees}
    for one in truth.trainees:
        sections = chapters[f"{one.name}, {role_in_words(one)}"]
        owners = []
        for tier in tiers_of(one):
            _, *rows = sections[f"Tier {title_of(one, tier)}, due {shown(one.due(one.tier(tier)))}"]
            assert rows == [*(_markdown(one, tier, task) for task in tasks_of(one)), _markdown(one, tier)]
            owners.append((f"Tier {tier}", figures(one, tier)))
        assert sections["Beside the tiers"][1:] == [
            [kind, *map(str, figures(one, kind=kind).counts)] for kind in kinds_of(one)
        ]
        owners += [(kind, figures(one, kind=kind)) for kind in kinds_of(one)]
        assert [row for row in sections["Whose move it is"][1:] if len(row) > 1] == [
            [name, *map(waits_and_late, found.waits_on, found.overdue_by)] for name, found in owners
        ]


def _markdown(one: Trainee, tier: str, task: str | None = None) -> list[str]:
    found = figures(one, tier, task)
    return [task or "**Total**", *map(str, found.counts), shown(found.expected), shown(found.ahead)]


# --- HTML -------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """A page's tables by their captions, and the titles of its pictures."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, Rows] = {}
        self.titles: list[str] = []
        self._rows: Rows = []
        self._caption: list[str] = []
        self._into: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row, a cell, or a title."""
        if tag == "table":
            self._rows, self._caption = [], []
        elif tag == "caption":
            self._into = self._caption
        elif tag == "tr":
            self._rows.append([])
        elif tag in {"td", "th"}:
            self._rows[-1].append("")
            self._into = self._rows[-1]
        elif tag == "title":
            self.titles.append("")
            self._into = self.titles

    def handle_endtag(self, tag: str) -> None:
        """End one of these."""
        if tag in {"caption", "td", "th", "title"}:
            self._into = None
        elif tag == "table":
            rows = [[" ".join(each.split()) for each in row] for row in self._rows]
            self.tables[" ".join("".join(self._caption).split())] = rows

    def handle_data(self, data: str) -> None:
        """Add the words to where they stand."""
        if self._into is self._caption:
            self._caption.append(data)
        elif self._into:
            self._into[-1] += data


@pytest.fixture
def page(team: Cli, tmp_path: Path) -> Page:
    """Return the HTML report, read back."""
    team("report", "-o", str(tmp_path / "report.html"))
    return Page((tmp_path / "report.html").read_text(encoding="utf-8"))


def test_html_says_what_the_oracle_found_of_each_trainee(page: Page, truth: Team) -> None:
    """The page's tables have for each trainee every tier, task and kind with dates, counts, pace and owners."""
    for one in truth.trainees:
        dates, counts, waiting_on = [], [], []
        for tier in tiers_of(one):
            whole, given = one.tier(tier), final_on(one, tier)
            days = [one.begins(whole), one.due(whole), one.forecast_of(whole)]
            finished = one.finished_of(one.of(tier=tier))
            dates.append([title_of(one, tier), *map(shown, days), str(finished or "not yet"), given])
            for task in (*tasks_of(one), None):
                found = figures(one, tier, task)
                total = found.counts[0]
                counts.append([task or "Total", tier, *count_cells(found)])
                owners = [*found.waits_on, *found.overdue_by]
                waiting_on.append([task or "Total", tier, *(map(str, owners) if total else ["n/a", *[""] * 7])])
        told = page.tables[f"{one.name}: dates of the tiers"][1:]
        assert [row[:5] for row in told] == [row[:5] for row in dates]
        for said, (*_, given) in zip((row[5] for row in told), dates, strict=True):
            assert said.startswith(f"{given} by " if given else ("not yet", "waits for the manager"))
        assert page.tables[f"{one.name}: counts by tier and task"][1:] == counts
        assert page.tables[f"{one.name}: whose move what is unfinished is, by tier and task"][2:] == waiting_on
        beside = page.tables[f"{one.name}: beside the tiers"][2:]
        kinds = {kind: figures(one, kind=kind) for kind in kinds_of(one)}
        assert beside == [[kind, *map(str, found.counts), *map(str, found.waits_on)] for kind, found in kinds.items()]


def test_html_says_what_the_oracle_found_of_the_team(page: Page, truth: Team) -> None:
    """The page shows who is on track, in bars and numbers, tiers and tasks by people, and the lists of what is late."""
    people = page.tables["Done against expected: the numbers of the bars"][1:]
    assert in_team_order(truth, [row[0] for row in people])
    for name, *told in people:
        one = truth.by_name(name)
        pace = one.pace()
        numbers = [pace["done"], pace["expected"], pace["total"]] if pace["total"] else [None] * 3
        assert told == [
            role_in_words(one),
            _month(one),
            shown(one.tier_now),
            *map(shown, numbers),
            signed(pace["ahead"] if pace["total"] else None),
            shown(one.forecast),
            str(one.finished or "not yet"),
        ]
        if pace["total"]:
            bar = f"{name}: {pace['done']} done, {pace['expected']} expected, of {pace['total']}"
            assert bar in page.titles

    for one in truth.trainees:
        role = role_in_words(one).split(" (")[0]
        (tiers,) = (row for row in page.tables[f"{role}: tiers by trainee"] if row[0] == one.name)
        assert tiers[1:] == [_month(one), *(cell(figures(one, tier).counts) for tier in tiers_of(one))]
        tasks = page.tables[f"{role}: tasks by trainee, all tiers together"]
        (cells,) = (row for row in tasks if row[0] == one.name)
        assert cells[1:] == [_month(one), *(expected_cell(one, task) for task in tasks[0][2:])]

    desks = {title: rows for title, rows in page.tables.items() if title.startswith("At the desk of ")}
    waiting = [
        (title.removeprefix("At the desk of ").rsplit(": ", 1)[0], name, what.split()[0], since, int(days))
        for title, rows in desks.items()
        for name, since, days, what in rows[1:]
    ]
    assert sorted(waiting) == sorted(
        (mentor_names(who), name, id_, str(on), days) for who, name, id_, on, days in truth.waiting
    )

    movers = {
        "The trainee's move": "trainee",
        "A mentor's move": "mentor",
        "The manager's move": "manager",
        "Waiting for an opportunity": "opportunity",
    }
    overdue = [
        (name, what.split()[0], due, int(days), movers[title.rsplit(": ", 1)[0]])
        for title, rows in page.tables.items()
        if title.rsplit(": ", 1)[0] in movers
        for name, due, days, what in rows[1:]
    ]
    assert sorted(overdue) == sorted((name, id_, str(due), days, move) for name, id_, due, days, move in truth.overdue)
    ready = [(row[0], row[1].split()[0], row[2]) for row in page.tables["Complete, and waiting for the manager"][1:]]
    assert sorted(ready) == sorted(
        (name, tier, str(truth.by_name(name).finished_of(truth.by_name(name).of(tier=tier))))
        for name, tier in truth.to_conclude
    )


def _month(one: Trainee) -> str:
    return str(month_of(one)) if one.today >= one.start else f"starts {one.start}"


# --- Excel ------------------------------------------------------------------------------------------------------


def sheet_rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each sheet below its headings, with dates as dates; what stands below a list is left out."""
    found = {}
    for sheet in openpyxl.load_workbook(path):
        rows = [tuple(_as_date(each) for each in row) for row in sheet.iter_rows(values_only=True)]
        head = next(
            number
            for number, row in enumerate(rows)
            if {"Trainee", "Month"} <= {*row} or "Item" in row or "Kind" in row
        )
        last = next((number for number, row in enumerate(rows) if number > head and not any(row)), len(rows))
        found[sheet.title] = rows[head + 1 : last]
    return found


def _as_date(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


@pytest.fixture
def book(team: Cli, tmp_path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the workbook, read back."""
    team("report", "-o", str(tmp_path / "report.xlsx"))
    return sheet_rows(tmp_path / "report.xlsx")


def _in_cells(found: Figures, *, dated: bool = True) -> tuple[Any, ...]:
    """Return figures as the workbook has them: n/a where there is nothing to count, or nothing is ever due."""
    total, waived = found.counts[0], found.counts[COUNTS.index("waived")]
    nothing = not total and not waived
    pace = [None, None] if not total else [found.expected, found.ahead]
    waiting_on = [*found.waits_on, *(found.overdue_by if dated else [None] * 4)]
    return tuple(
        "n/a" if each is None else each
        for each in (*([None] * 7 if nothing else found.counts), *pace, *([None] * 8 if nothing else waiting_on))
    )


def test_the_workbooks_summary_and_counts_say_what_the_oracle_found(
    book: dict[str, list[tuple[Any, ...]]], truth: Team
) -> None:
    """The workbook has a row of all figures for each tier of each trainee, and one for each task and kind."""
    summary, counts = [], []
    for one in truth.trainees:
        name = role_in_words(one).split(" (")[0]
        for tier in tiers_of(one):
            whole, event = one.tier(tier), one.final_sign_off(one.tier(tier))
            due = one.due(whole) or "n/a"
            summary.append(
                (
                    *(one.name, role_in_words(one), one.start, month_of(one), tier),
                    *(one.begins(whole) or "n/a", due),
                    *_in_cells(figures(one, tier)),
                    *(one.forecast_of(whole) or "n/a", one.finished_of(one.of(tier=tier))),
                    "yes" if one.ready(whole) else "no",
                    *((event["by"]["name"], date.fromisoformat(event["on"])) if event else (None, None)),
                    fingerprint_of(one),
                )
            )
            for task in tasks_of(one):
                counts.append((one.name, name, "expectation", tier, task, due, *_in_cells(figures(one, tier, task))))
        for kind in kinds_of(one):
            found = _in_cells(figures(one, kind=kind), dated=False)
            counts.append((one.name, name, kind, "n/a", "n/a", "n/a", *found))
    assert sorted(book["Summary"], key=str) == sorted(summary, key=str)
    assert sorted(book["Counts"], key=str) == sorted(counts, key=str)
    assert in_team_order(truth, dict.fromkeys(row[0] for row in book["Summary"]))


def test_the_workbooks_matrix_says_what_the_oracle_found(book: dict[str, list[tuple[Any, ...]]], truth: Team) -> None:
    """The matrix has each trainee's pace, forecast and end, and signed, checked and total of each task."""
    rows = [row for title, rows in book.items() if title.startswith("Matrix") for row in rows]
    assert len(rows) == len(truth.trainees)
    for name, month, tier, ahead, forecast, finished, *cells in rows:
        one = truth.by_name(name)
        known = one.pace()["ahead"]
        true = (
            month_of(one),
            shown(one.tier_now),
            "n/a" if known is None else known,
            one.forecast or "n/a",
            one.finished,
        )
        assert (month, tier, ahead, forecast, finished) == true
        tasks = [str(each["id"]) for each in _catalogue_tasks(one)]
        assert cells == [number for task in tasks for number in _signed_checked_total(one, task)]


def _catalogue_tasks(one: Trainee) -> list[dict[str, Any]]:
    role = next(each for each in read_catalogue(CATALOGUE)["roles"] if each["id"] == one.role.id)
    return list(role["tasks"])


def _signed_checked_total(one: Trainee, task: str) -> list[Any]:
    total, _, checked, _, signed_off, *_ = figures(one, task=task, kind="expectation").counts
    return [signed_off, checked, total] if task in tasks_of(one) and total else ["n/a"] * 3


def test_the_workbooks_items_say_what_the_oracle_found(book: dict[str, list[tuple[Any, ...]]], truth: Team) -> None:
    """The workbook has a row for each item: its state, its dates, whose move it is and what it needs."""
    items = []
    for one in truth.trainees:
        for item in one.role.items:
            signed_on = one.last(item, "sign-off")
            items.append(
                (
                    one.name,
                    *_item_cells(item),
                    one.state(item),
                    one.due_of(item) or "n/a",
                    one.expected_on(item) or "n/a",
                    "yes" if one.overdue(item) else "no",
                    one.waits_on(item),
                    one.last(item, "check"),
                    one.done_on(item),
                    signed_on,
                    _signer(one, item) if signed_on else None,
                    ", ".join(one.blocked_by(item)) if one.waits_on(item) else "",
                )
            )
    told = [(*row[:-1], row[-1] or "") for row in book["Items"]]
    assert sorted(told, key=str) == sorted(items, key=str)


def test_the_workbooks_lists_say_what_the_oracle_found(book: dict[str, list[tuple[Any, ...]]], truth: Team) -> None:
    """The workbook lists what waits at whose desk and what is overdue, with days."""
    waiting, overdue = [], []
    for mentors, name, id_, since, days in truth.waiting:
        one = truth.by_name(name)
        item = next(item for item in one.role.items if item.id == id_)
        late_now = "yes" if one.overdue(item) else "no"
        due = one.due_of(item) or "n/a"
        waiting.append((mentor_names(mentors), name, *_item_cells(item), since, days, due, late_now))
    for name, id_, due, days, move in truth.overdue:
        one = truth.by_name(name)
        item = next(item for item in one.role.items if item.id == id_)
        overdue.append((name, id_, item.task, item.tier, item.text, one.state(item), move, due, days))
    assert sorted(book["Waiting"], key=str) == sorted(waiting, key=str)
    assert sorted(book["Overdue"], key=str) == sorted(overdue, key=str)


def _item_cells(item: Expected) -> tuple[str, ...]:
    return item.id, item.kind, item.task or "n/a", item.tier or "n/a", " ".join(item.text.split())


def _signer(one: Trainee, item: Expected) -> str:
    return str([event for event in one.history(item) if event["kind"] == "sign-off"][-1]["by"]["name"])


# --- both sides move together, and the command is what it says ---------------------------------------------------

CHANGES: dict[str, Callable[[Cli], object]] = {
    "one more check": lambda cli: cli("check", "chg-07", "--trainee", "Hal Finch"),
    "a check dated earlier": lambda cli: cli("check", "mail-04", "--on", "2026-01-20", "--trainee", "Ben Cole"),
    "a sign-off": lambda cli: cli("signoff", "aud-02", "--by", "Pat Lee", "--yes", "--trainee", "11-1-1-kit-sato"),
    "a return": lambda cli: cli(
        "return", "mail-02", "--by", "Noor Haddad", "--because", "Not yet", "--trainee", "Dan Oduya"
    ),
    "a waiver": lambda cli: cli(
        "waive", "aud-04", "--by", "Pat Lee", "--because", "None here", "--trainee", "Hal Finch"
    ),
    "a revocation": lambda cli: cli(
        "revoke", "pol-01", "--by", "Pat Lee", "--because", "Another file", "--trainee", "Finn Berg"
    ),
    "a sign-off after the final one": lambda cli: (
        cli("revoke", "pol-01", "--by", "Pat Lee", "--because", "Another file", "--trainee", "Finn Berg"),
        cli("signoff", "pol-01", "--by", "Pat Lee", "--yes", "--trainee", "Finn Berg"),
    ),
    "a day of leave": lambda cli: cli("leave", "2026-03-16", "2026-03-16", "--trainee", "Ana Ruiz"),
    "a leave made shorter": lambda cli: cli("leave", "2026-03-02", "2026-03-20", "--trainee", "Hal Finch"),
    "a leave since before the first day": lambda cli: cli(
        "leave", "2025-09-01", "2025-10-19", "--trainee", "Gia Romano"
    ),
    "a final sign-off": lambda cli: cli("graduate", "0-3", "--by", "Kim Novak", "--trainee", "Gia Romano"),
    "a start corrected": lambda cli: cli("init", "--start", "2025-11-24", "--trainee", "Ben Cole"),
    "a promotion": lambda cli: cli("promote", "associate-ii", "--by", "Kim Novak", "--trainee", "Finn Berg"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_report_and_oracle_move_together(change: str, generated: GeneratedTeam, truth: Team, tmp_path: Path) -> None:
    """Whatever is written, report and oracle change by it, and by the same; so neither is blind to it."""
    folder = tmp_path / "changed"
    shutil.copytree(generated.folder, folder)
    team = Cli(store=folder, now=datetime.combine(generated.day, time(12), UTC), account="kim")
    before = _without_fingerprints(team("report", "--format", "json").json)
    CHANGES[change](team)
    document = team("report", "--format", "json").json
    after = read_team(folder, CATALOGUE, generated.day)
    assert_agrees(document, after)
    assert _without_fingerprints(document) != before
    (new,) = (one for one in after.trainees if one.events != truth.by_name(one.name).events)
    old = truth.by_name(new.name)
    assert _without_fingerprints(expected_trainee(new)) != _without_fingerprints(expected_trainee(old))


def _without_fingerprints(document: dict[str, Any]) -> str:
    return re.sub(r"\d+(-[0-9a-f]{4}){5}", "", repr(document))


def test_the_command_makes_the_same_bytes_again(generated: GeneratedTeam, tmp_path: Path) -> None:
    """The team is the same whenever and wherever it is made."""
    make(tmp_path / "again")
    assert _bytes_in(tmp_path / "again") == _bytes_in(generated.folder)


def _bytes_in(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.glob("*.json")}


def test_a_larger_team_repeats_the_twelve_as_others(generated: GeneratedTeam, tmp_path: Path) -> None:
    """With more trainees the same stories come again, as sound records of other people, as long as asked for."""
    make(tmp_path / "more", "--trainees", "25", "--events", "60")
    more = read_team(tmp_path / "more", CATALOGUE, generated.day)
    assert len(more.trainees) == len({trainee.name for trainee in more.trainees}) == 25
    assert min(len(trainee.events) for trainee in more.trainees) == 60
    twelfth = more.by_name("Finn Berg 18"), more.by_name("Finn Berg")
    assert figures(twelfth[0], "3-6") == figures(twelfth[1], "3-6")
    for path in sorted((tmp_path / "more").glob("*.json")):
        Cli(store=path, now=datetime.combine(generated.day, time(12), UTC))("record", "verify")


def test_the_twelve_differ_in_all_that_counts(truth: Team) -> None:
    """The team shows each case that a report has to tell apart: without that, agreement would prove little."""
    everyone = truth.trainees
    paces = [one.pace()["ahead"] for one in everyone]
    assert {(ahead or 0) > 0 for ahead in paces} | {ahead == 0 for ahead in paces} == {True, False}
    assert min(pace or 0 for pace in paces) < 0
    assert None in paces
    by_tier = [{one.ahead(items) > 0 for items in one.dated if one.ahead(items)} for one in everyone]
    assert {True, False} in by_tier  # behind in one tier, ahead in another
    assert any(one.start > truth.today for one in everyone)
    assert any(one.finished for one in everyone)
    assert any(truth.today in one.leave_days for one in everyone)
    assert any(one.due(tier) in one.leave_days for one in everyone for tier in one.role.tiers)
    assert {one.final_sign_off(tier) is None for one in everyone for tier in one.role.tiers} == {True, False}
    assert len(truth.to_conclude) > 1
    assert {one.role.id for one in everyone} == {"client-advocate", "associate-ii"}
    assert {len(one.enrolment.get("variants", ())) for one in everyone} == {0, 1}
    assert {len(one.enrolment.get("mentors", ())) for one in everyone} == {0, 1, 2}
    assert {one.state(item) for one in everyone for item in one.role.items} == set(COUNTS[1:-1])
    assert {one.waits_on(item) for one in everyone for item in one.role.items} == {*OWNERS, None}
    assert {entry[4] for entry in truth.overdue} == {"trainee", "mentor", "opportunity"}
    assert {event["kind"] for one in everyone for event in one.events} >= {"undo", "revoke", "uncheck", "leave"}
    assert {one.forecast is None for one in everyone} == {True, False}
    assert any("<script>" in one.name for one in everyone)
    assert any(event.get("note", "").startswith("=") for one in everyone for event in one.events)
