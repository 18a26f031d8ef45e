"""The report of a whole team, in all six formats, against an oracle that shares no line with the program."""

import csv
import io
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest

from tests.conftest import Cli
from tests.progress.oracle import KINDS, OWNERS, STATES, Figures, Item, Raw, Team, Trainee, read_team
from tests.renderers.test_html import Page, text

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "data" / "expectations.yaml"
BESIDE = (*KINDS.values(), "qualification")

Rows = list[list[str]]

# What stands below "Waits on" where people read.
WAITS_ON = {"trainee": "trainee", "mentor": "mentor", "manager": "manager", "opportunity": "not yet possible"}


class GeneratedTeam(NamedTuple):
    """The folder that benchmarks/team.py wrote, and the day of its report."""

    folder: Path
    day: date


class Reports(NamedTuple):
    """The team's report in each format, read back as far as the standard library and openpyxl do it."""

    json: Raw
    csv: str
    table: str
    markdown: str
    page: Page
    sheets: dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> GeneratedTeam:
    """Return the team of twelve."""
    folder = tmp_path_factory.mktemp("team") / "twelve"
    return GeneratedTeam(folder, make(folder))


@pytest.fixture(scope="module")
def truth(generated: GeneratedTeam) -> Team:
    """Return what is true of them."""
    return read_team(generated.folder, CATALOGUE, generated.day)


@pytest.fixture(scope="module")
def reports(generated: GeneratedTeam, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """Return the report of that day in every format."""
    folder = tmp_path_factory.mktemp("reports")
    cli = program(generated.folder, generated.day)
    cli.env = {"XDG_DATA_HOME": str(folder / "data"), "XDG_CACHE_HOME": str(folder / "cache")}
    for name in ("report.html", "report.xlsx"):
        cli("report", "-o", str(folder / name))
    return Reports(
        json=cli("report", "--format", "json").json,
        csv=cli("report", "--format", "csv").stdout,
        table=cli("report").stdout,
        markdown=cli("report", "--format", "markdown").stdout,
        page=Page((folder / "report.html").read_text(encoding="utf-8")),
        sheets=sheet_rows(folder / "report.xlsx"),
    )


def program(store: Path, day: date) -> Cli:
    """Return the program on these records, at noon of that day."""
    return Cli(store=store, now=datetime.combine(day, time(12), UTC), account="kim")


def make(folder: Path, *options: str) -> date:
    """Make the team's folder, and return the day that the command says it is about."""
    command = [sys.executable, str(ROOT / "benchmarks" / "team.py"), str(folder), *options]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    report, day = output.splitlines()[-1].rsplit(maxsplit=1)
    assert report == f"ca-ladder report --store {folder} --as-of"
    return date.fromisoformat(day)


# --- what is true, as several formats show it -------------------------------------------------------------------


def kinds_of(trainee: Trainee) -> dict[str, Figures]:
    """Return the figures of the kinds beside the tiers that the role asks for."""
    return {kind: trainee.figures(kind=kind) for kind in BESIDE if trainee.of(kind=kind)}


def role_in_words(trainee: Trainee) -> str:
    """Return the role's name, with its variants that the trainee has."""
    variants = trainee.enrolment.get("variants", ())
    names = [variant["name"] for variant in trainee.role.get("variants", ()) if variant["id"] in variants]
    return f"{trainee.role['name']} ({', '.join(names)})" if names else str(trainee.role["name"])


def fingerprint_of(trainee: Trainee) -> str:
    """Return the count of entries and the first 80 bits of the last one's id."""
    return "-".join([str(len(trainee.events)), *re.findall(".{4}", trainee.events[-1]["id"][:20])])


def final_on(trainee: Trainee, tier: Raw) -> str | None:
    """Return the day of a tier's final sign-off."""
    event = trainee.final_sign_off(tier)
    return event["on"] if event else None


def cell(figures: Figures) -> str:
    """Return counts as a matrix shows them: signed off, checked, all, and whether something is overdue."""
    total, _, checked, _, signed, _, overdue = figures.counts.values()
    return f"{signed}{f'+{checked}' if checked else ''}/{total}{'!' if overdue else ''}" if total else "n/a"


def task_cell(trainee: Trainee, task: Raw) -> str:
    """Return the cell of a task, all tiers together; n/a where it is not the trainee's."""
    return cell(trainee.figures(task=task, kind="expectation")) if task in trainee.tasks else "n/a"


def tasks_shown(truth: Team, trainee: Trainee) -> list[Raw]:
    """Return the tasks that anyone of this role has."""
    everyone = [task for other in truth.trainees for task in other.tasks]
    return [task for task in trainee.role["tasks"] if task in everyone]


def mentor_names(mentors: Sequence[str]) -> str:
    """Return for whom an item waits."""
    return " or ".join(mentors) or "any mentor"


def shown(value: object, instead: str = "n/a") -> str:
    """Return what a reader sees of a value that there may not be."""
    return instead if value is None else str(value)


def signed(number: int | None) -> str:
    """Return how far ahead, with its sign."""
    return f"{number:+d}" if number else shown(number)


def in_words(ahead: int | None, total: int | None = 1) -> str:
    """Return a pace as people read it; n/a without a due date, and for no items."""
    if ahead is None or not total:
        return "n/a"
    return f"{abs(ahead)} {'behind' if ahead < 0 else 'ahead'}" if ahead else "on pace"


def waits_and_late(figures: Figures) -> list[str]:
    """Return how many items wait on each owner, and how many of these are late."""
    pairs = zip(figures.waits_on.values(), figures.overdue_by.values(), strict=True)
    return [f"{waits}, {late} late" if late else str(waits) for waits, late in pairs]


def count_cells(figures: Figures, pace: Callable[[int | None], str]) -> list[str]:
    """Return counts and pace as the screens and the page show them: n/a where there is nothing to count."""
    counts = figures.counts
    numbers = list(map(str, counts.values())) if counts["total"] or counts["waived"] else ["n/a", *[""] * 6]
    return [*numbers, *([shown(figures.expected), pace(figures.ahead)] if counts["total"] else ["n/a"] * 2)]


def month_of(trainee: Trainee, instead: str = "n/a") -> str:
    """Return the month in the role, from 1; there is none before the first day."""
    return str(trainee.months + 1) if trainee.start <= trainee.today else instead


def in_team_order(truth: Team, names: Iterable[str]) -> bool:
    """Whether people are in a team's order: the most behind first, the finished last; and everyone is there."""
    names = list(names)
    keys = [truth.by_name(name).sort_key for name in names]
    return sorted(names) == sorted(trainee.name for trainee in truth.trainees) and keys == sorted(keys)


def as_text(rows: Iterable[Sequence[object]]) -> list[list[str]]:
    """Return rows as their cells are read, in an order of their own."""
    return sorted([str(value) for value in row] for row in rows)


def waiting(truth: Team) -> list[tuple[str, str, str, date, int]]:
    """Return for whom, of whom, what waits, since when and for how many days."""
    return [(mentor_names(mentors), name, id_, since, days) for mentors, name, id_, since, days in truth.waiting]


# --- JSON -------------------------------------------------------------------------------------------------------


def expected_trainee(trainee: Trainee) -> Raw:
    """Return what the JSON report has to say of one trainee."""
    return _dates_as_text(
        {
            "name": trainee.name,
            "role": trainee.role["id"],
            "start": trainee.start,
            "mentors": list(trainee.mentors),
            "manager": trainee.enrolment.get("manager"),
            "fingerprint": fingerprint_of(trainee),
            "does_not_count": [],
            "months": trainee.months,
            "tier": trainee.tier_now,
            "pace": trainee.pace,
            "forecast": trainee.forecast,
            "finished": trainee.finished,
            "tiers": [_expected_tier(trainee, tier) for tier in trainee.tiers],
        }
        | {kind: figures.counts | {"waits_on": figures.waits_on} for kind, figures in kinds_of(trainee).items()}
    )


def _expected_tier(trainee: Trainee, tier: Raw) -> Raw:
    days = {
        "begins": trainee.begins(tier),
        "due": trainee.due(tier),
        "forecast": trainee.forecast_of(tier),
        "finished": trainee.finished_of(trainee.of(tier=tier)),
    }
    tasks = [{"task": task["id"], **_paced(trainee.figures(tier, task))} for task in trainee.tasks]
    final = {"tier": tier["id"], "final_sign_off": final_on(trainee, tier)}
    return _dates_as_text(days) | final | _paced(trainee.figures(tier)) | {"tasks": tasks}


def _dates_as_text(values: Raw) -> Raw:
    return {name: str(value) if isinstance(value, date) else value for name, value in values.items()}


def _paced(figures: Figures) -> Raw:
    return figures.counts | {name: value for name, value in figures._asdict().items() if name != "counts"}


def without_extras(trainee: Raw, expected: Raw) -> Raw:
    """Return of one trainee in the JSON report what the oracle knows."""
    known = {name: value for name, value in trainee.items() if name in {*expected, *BESIDE}}
    known["tiers"] = [
        {name: value for name, value in tier.items() if name != "title"}
        | {"final_sign_off": tier["final_sign_off"] and tier["final_sign_off"]["on"]}
        | {"tasks": [{name: task[name] for name in task if name not in {"name", "required"}} for task in tier["tasks"]]}
        for tier in trainee["tiers"]
    ]
    return known


def assert_agrees(document: Raw, truth: Team) -> None:
    """Assert that a JSON report says what the oracle found, figure by figure."""
    assert document["as_of"] == str(truth.today)
    assert in_team_order(truth, [trainee["name"] for trainee in document["trainees"]])
    for trainee in document["trainees"]:
        expected = expected_trainee(truth.by_name(trainee["name"]))
        assert without_extras(trainee, expected) == expected
    overdue = [[entry[name] for name in ("name", "item", "due", "days", "waits_on")] for entry in document["overdue"]]
    assert as_text(overdue) == as_text(truth.overdue)
    assert [entry[3] for entry in overdue] == [entry[3] for entry in truth.overdue]
    queues = [
        (mentor_names(entry["mentors"]), *(entry[name] for name in ("name", "item", "since", "days")))
        for entry in document["waiting"]
    ]
    assert as_text(queues) == as_text(waiting(truth))
    assert as_text((entry["name"], entry["tier"]) for entry in document["to_conclude"]) == as_text(truth.to_conclude)


def test_json_says_what_the_oracle_found(reports: Reports, truth: Team) -> None:
    """Every count, owner, pace, date and list in the JSON report is the one the documentation asks for."""
    assert_agrees(reports.json, truth)


@pytest.mark.parametrize("days", [-77, -41, -15, 106])
def test_any_day_says_what_was_known_then(generated: GeneratedTeam, days: int) -> None:
    """`--as-of` an earlier day counts what was written by then, and what was due then; a later day what will be due."""
    day = generated.day + timedelta(days=days)
    report = program(generated.folder, generated.day)("report", "--as-of", str(day), "--format", "json").json
    assert_agrees(report, read_team(generated.folder, CATALOGUE, day))


# --- CSV --------------------------------------------------------------------------------------------------------


def _expected_csv(trainee: Trainee) -> list[dict[str, str]]:
    """Return what the rows of one trainee have to say; a name that begins like a formula is made harmless."""
    person = {
        "as_of": trainee.today,
        "name": f"'{trainee.name}" if trainee.name.startswith("=") else trainee.name,
        "role": trainee.role["id"],
        "start": trainee.start,
        "fingerprint": fingerprint_of(trainee),
        "does_not_count": 0,
    }
    rows: list[Raw] = []
    for tier in trainee.tiers:
        of_tier = {
            "kind": "expectation",
            "tier": f"tier {tier['id']}" if tier["id"][0].isdigit() else tier["id"],
            "due": trainee.due(tier),
            "forecast": trainee.forecast_of(tier),
            "finished": trainee.finished_of(trainee.of(tier=tier)),
            "final_sign_off": final_on(trainee, tier),
        }
        rows += [of_tier | {"task": task["id"]} | _columns(trainee.figures(tier, task)) for task in trainee.tasks]
    for kind, figures in kinds_of(trainee).items():
        rows.append({"kind": kind} | {name: n for name, n in _columns(figures).items() if "overdue_by" not in name})
    return [{name: str(value) for name, value in (person | row).items() if value is not None} for row in rows]


def _columns(figures: Figures) -> Raw:
    waits = {f"waits_on_{owner}": number for owner, number in figures.waits_on.items()}
    late = {f"overdue_by_{owner}": number for owner, number in figures.overdue_by.items()}
    pace = {"expected": figures.expected, "ahead": figures.ahead}
    return figures.counts | pace | waits | late


def assert_csv_agrees(report: str, truth: Team) -> None:
    """Assert that a CSV report has the rows that the oracle counts, and no others."""
    rows = list(csv.DictReader(io.StringIO(report)))
    filled = [{name: value for name, value in row.items() if value} for row in rows]
    expected = [row for trainee in truth.trainees for row in _expected_csv(trainee)]
    assert sorted(filled, key=_csv_order) == sorted(expected, key=_csv_order)
    assert in_team_order(truth, dict.fromkeys(row["name"].removeprefix("'") for row in rows))


def _csv_order(row: dict[str, str]) -> list[str]:
    return [row.get(name, "") for name in ("name", "kind", "tier", "task")]


def test_csv_says_what_the_oracle_found(reports: Reports, truth: Team) -> None:
    """Each row of the CSV report has all figures of one task in one tier, or of one kind, and no row is missing."""
    assert_csv_agrees(reports.csv, truth)


# --- the table, piped -------------------------------------------------------------------------------------------


def tables_in(screen: str) -> list[tuple[str, Rows]]:
    """Return the tables of a piped screen, each with the line before it, and its headings as the first row."""
    tables: list[tuple[str, Rows]] = []
    before = ""
    for line in screen.splitlines():
        cells = re.split(r" {2,}", line.strip())
        if len(cells) < 2:
            before = line.strip() or before
        elif re.match(r"( *#|Task|Trainee|Mentor|Kind|Tier |Not tied to a tier|Waits on) ", line):
            tables.append((cells[0] if cells[0] == "Waits on" else before, [cells]))
        elif tables and (len(cells) > 2 or not line.startswith("Tier ")):
            tables[-1][1].append(cells)
        else:
            before = line.strip()
    return tables


def _expected_tier_row(trainee: Trainee, tier: Raw) -> list[str]:
    """Return a trainee's row in a tier's table, without the blank cells, which cannot be seen in a piped table."""
    figures = trainee.figures(tier)
    pairs = zip(figures.waits_on.values(), figures.overdue_by.values(), strict=True)
    moves = [f"{waits} ({late})" if late else str(waits) for waits, late in pairs]
    return [text for text in (shown(trainee.due(tier)), *count_cells(figures, signed), *moves) if text]


def test_the_table_says_what_the_oracle_found(reports: Reports, truth: Team) -> None:
    """A piped report shows who is where, for each tier due date, counts, pace and owners, and each task's cell."""
    (title, people), *rest = tables_in(reports.table)
    names = {row[0]: row[1] for row in people[1:]}
    assert title == f"{len(truth.trainees)} trainees on {truth.today}"
    assert in_team_order(truth, names.values())
    assert people[0][2:] == ["Month", "Tier", "Pace", "Overdue", "Own", "Forecast"]
    for _, name, *cells in people[1:]:
        trainee = truth.by_name(name)
        figures = trainee.figures(kind="expectation")
        assert cells == [
            month_of(trainee),
            "finished" if trainee.finished else shown(trainee.tier_now),
            in_words(trainee.pace["ahead"], trainee.pace["total"]),
            *(str(number) for number in (figures.counts["overdue"], figures.overdue_by["trainee"])),
            shown(trainee.finished or trainee.forecast),
        ]

    headings = ["#", "Trainee", "Due", "All", "Open", "Chk", "Ret", "Sig", "Wvd", "Late", "Exp", "+/-"]
    tier_rows: dict[tuple[str, str], list[str]] = {}
    task_cells: dict[tuple[str, str], str] = {}
    for title, (head, *rows) in rest:
        if title.startswith("Tier "):
            assert head == [*headings, "Trn", "Mtr", "Mgr", "Not yet"]
            tier_rows |= {(row[1], title.split()[1]): row[2:] for row in rows if names[row[0]] == row[1]}
        elif head[0] == "Task":
            people_here = [names[number.removeprefix("#")] for number in head[1:]]
            for task, *cells in rows:
                task_cells |= {(name, task): text for name, text in zip(people_here, cells, strict=True)}
    assert tier_rows == {
        (one.name, tier["id"]): _expected_tier_row(one, tier) for one in truth.trainees for tier in one.tiers
    }
    assert task_cells == {
        (one.name, task["id"]): task_cell(one, task) for one in truth.trainees for task in tasks_shown(truth, one)
    }


def test_the_lists_of_the_table_say_what_the_oracle_found(reports: Reports, truth: Team) -> None:
    """A piped report lists whose move all is, what is overdue, for which mentor what waits, and for the manager."""
    tables = {title: rows for title, rows in tables_in(reports.table) if not title.startswith("Tier ")}
    moves = tables["Whose move it is, in the tiers"][1:]
    assert in_team_order(truth, [row[1] for row in moves])
    for _, name, *cells in moves:
        trainee = truth.by_name(name)
        expected = waits_and_late(trainee.figures(kind="expectation"))
        if tiers := [tier for other, tier in truth.to_conclude if other == name]:
            expected[OWNERS.index("manager")] += f", to conclude: {', '.join(tiers)}"
        assert cells == expected
    for _, name, *cells in tables["Whose move it is, not tied to a tier (knowledge, skills, activities ...)"][1:]:
        moves_by_kind = [figures.waits_on for figures in kinds_of(truth.by_name(name)).values()]
        assert list(map(int, cells)) == [sum(waits[owner] for waits in moves_by_kind) for owner in OWNERS]

    movers = {
        "trainee": "the trainee's move",
        "mentor": "a mentor's move",
        "manager": "the manager's move",
        "opportunity": "not yet possible",
    }
    overdue = [((name, movers[move]), id_, days) for name, id_, _, days, move in truth.overdue]
    queues = [((mentors, name), id_, days) for mentors, name, id_, _, days in waiting(truth)]
    for title, entries in [("Overdue", overdue), ("Waiting for a mentor", queues)]:
        ids = [((first, second), id_) for first, second, _, ids in tables[title][1:] for id_ in ids.split(", ")]
        assert sorted(ids) == sorted((key, id_) for key, id_, _ in entries)
        for first, second, days, _ in tables[title][1:]:
            assert int(days) == max(entry_days for key, _, entry_days in entries if key == (first, second))
    assert as_text(tables["Waiting for the manager's final sign-off"][1:]) == as_text(truth.to_conclude)


# --- Markdown ---------------------------------------------------------------------------------------------------


def markdown_tables(markdown: str) -> dict[str, dict[str, Rows]]:
    """Return the tables by the two headings above them, what Markdown escapes being what it means."""
    chapters: dict[str, dict[str, Rows]] = {}
    chapter = section = ""
    for line in markdown.splitlines():
        plain = re.sub(r"\\(.)", r"\1", line)
        if line.startswith("# "):
            chapter, section = plain[2:], ""
        elif line.startswith("## "):
            section = plain[3:]
        elif line.startswith(("| ", "- ")) and not line.startswith("| ---"):
            cells = [value.strip() for value in plain.strip("|").split(" | ")] if line[0] == "|" else [plain[2:]]
            chapters.setdefault(chapter, {}).setdefault(section, []).append(cells)
    return chapters


def assert_markdown_agrees(chapters: dict[str, dict[str, Rows]], truth: Team) -> None:
    """Assert that each trainee's chapter has all figures of tiers, tasks and kinds, and whose move they are."""
    assert chapters.keys() == {f"{trainee.name}, {role_in_words(trainee)}" for trainee in truth.trainees}
    for trainee in truth.trainees:
        sections = chapters[f"{trainee.name}, {role_in_words(trainee)}"]
        kinds = kinds_of(trainee)
        for tier in trainee.tiers:
            _, *rows = sections[f"Tier {tier['id']} {tier['title']}, due {shown(trainee.due(tier))}"]
            tasks = [(task["id"], trainee.figures(tier, task)) for task in trainee.tasks]
            assert rows == [
                [
                    name,
                    *map(str, figures.counts.values()),
                    shown(figures.expected),
                    in_words(figures.ahead, figures.counts["total"]),
                ]
                for name, figures in (*tasks, ("**Total**", trainee.figures(tier)))
            ]
        assert sections["Not tied to a tier"][1:] == [
            [kind, *map(str, figures.counts.values())] for kind, figures in kinds.items()
        ]
        figures_by_name = {f"Tier {tier['id']}": trainee.figures(tier) for tier in trainee.tiers} | kinds
        assert [row for row in sections["Whose move it is"][1:] if len(row) > 1] == [
            [name, *waits_and_late(figures)] for name, figures in figures_by_name.items()
        ]


def test_markdown_says_what_the_oracle_found(reports: Reports, truth: Team) -> None:
    """The Markdown report has the team's lists and every trainee's tiers, tasks and kinds with all figures."""
    chapters = markdown_tables(reports.markdown)
    first = chapters.pop(f"{len(truth.trainees)} trainees on {truth.today}")
    assert in_team_order(truth, [row[0] for row in first[""][1:]])
    for name, *cells in first[""][1:]:
        trainee = truth.by_name(name)
        done, expected, total, ahead = trainee.pace.values()
        pace = [*((None, None) if ahead is None else (done, expected)), in_words(ahead, total)]
        texts = map(shown, (trainee.tier_now, *pace, trainee.forecast, trainee.finished))
        assert cells == [month_of(trainee), *texts]
    matrix: dict[tuple[str, str], str] = {}
    for section, (head, *rows) in first.items():
        if section.startswith(("Tiers", "Tasks")):
            for name, *cells in rows:
                matrix |= {(name, column): text for column, text in zip(head[1:], cells, strict=True)}
    expected_matrix: dict[tuple[str, str], str] = {}
    for trainee in truth.trainees:
        expected_matrix |= {(trainee.name, tier["id"]): cell(trainee.figures(tier)) for tier in trainee.tiers}
        tasks = tasks_shown(truth, trainee)
        expected_matrix |= {(trainee.name, task["id"]): task_cell(trainee, task) for task in tasks}
    assert matrix == expected_matrix
    assert as_text(first["Waiting for a mentor"][1:]) == as_text(waiting(truth))
    overdue = [(name, id_, due, days, move) for name, id_, move, due, days in first["Overdue"][1:]]
    assert as_text(overdue) == as_text([(*facts, WAITS_ON[move]) for *facts, move in truth.overdue])
    ready = [row[0].rsplit(", tier ", 1) for row in first["Waiting for the manager's final sign-off"]]
    assert as_text(ready) == as_text(truth.to_conclude)
    assert_markdown_agrees(chapters, truth)


# --- HTML -------------------------------------------------------------------------------------------------------


def page_tables(page: Page) -> dict[str, Rows]:
    """Return a page's tables by their captions."""
    return {
        text(next(table.iter("caption"))): [[text(cell) for cell in row] for row in table.iter("tr")]
        for table in page.root.iter("table")
    }


def test_html_says_what_the_oracle_found_of_each_trainee(reports: Reports, truth: Team) -> None:
    """The page's tables have for each trainee every tier, task and kind with dates, counts, pace and owners."""
    for trainee in truth.trainees:
        tables = {title.removeprefix(f"{trainee.name}: "): rows for title, rows in page_tables(reports.page).items()}
        for tier, row in zip(trainee.tiers, tables["dates of the tiers"][1:], strict=True):
            days = [trainee.begins(tier), trainee.due(tier), trainee.forecast_of(tier)]
            finished = shown(trainee.finished_of(trainee.of(tier=tier)), "not yet")
            assert row[:5] == [f"{tier['id']} {tier['title']}", *map(shown, days), finished]
            final = final_on(trainee, tier)
            assert row[5].startswith(f"{final} by " if final else ("not yet", "waits for the manager"))
        counts, moves = [], []
        for tier in trainee.tiers:
            for task in (*trainee.tasks, None):
                figures = trainee.figures(tier, task)
                name = [task["id"] if task else "Total", tier["id"]]
                counts.append([*name, *count_cells(figures, in_words)])
                numbers = map(str, (*figures.waits_on.values(), *figures.overdue_by.values()))
                moves.append([*name, *(numbers if figures.counts["total"] else ["n/a", *[""] * 7])])
        assert tables["counts by tier and task"][1:] == counts
        assert tables["whose move it is, by tier and task"][2:] == moves
        assert tables["not tied to a tier"][2:] == [
            [kind, *map(str, (*figures.counts.values(), *figures.waits_on.values()))]
            for kind, figures in kinds_of(trainee).items()
        ]


def test_html_says_what_the_oracle_found_of_the_team(reports: Reports, truth: Team) -> None:
    """The page shows who is on track, in bars and numbers, tiers and tasks by people, and the lists of what is late."""
    tables = page_tables(reports.page)
    titles_of_bars = [text(title) for title in reports.page.root.iter("title")]
    people = tables["Done against expected: the numbers of the bars"][1:]
    assert in_team_order(truth, [row[0] for row in people])
    for name, *cells in people:
        trainee = truth.by_name(name)
        done, expected, total, ahead = trainee.pace.values() if trainee.pace["total"] else [None] * 4
        month = month_of(trainee, f"starts {trainee.start}")
        assert cells == [
            role_in_words(trainee),
            month,
            *map(shown, (trainee.tier_now, done, expected, total)),
            in_words(ahead),
            shown(trainee.forecast),
            shown(trainee.finished, "not yet"),
        ]
        if total:
            assert f"{name}: {done} done, {expected} expected, of {total}" in titles_of_bars
        of_role = {title.removeprefix(f"{trainee.role['name']}: "): rows for title, rows in tables.items()}
        (tier_cells,) = (row[1:] for row in of_role["tiers by trainee"] if row[0] == name)
        assert tier_cells == [month, *(cell(trainee.figures(tier)) for tier in trainee.tiers)]
        head, *rows = of_role["tasks by trainee, all tiers together"]
        (task_cells,) = (row[1:] for row in rows if row[0] == name)
        tasks = {task["id"]: task for task in trainee.role["tasks"]}
        assert task_cells == [month, *(task_cell(trainee, tasks[id_]) for id_ in head[2:])]

    def entries(titles: dict[str, str]) -> Iterable[tuple[str, list[str]]]:
        """Yield the rows below the captions that begin so; the number at the end of a caption is not compared."""
        for caption, rows in tables.items():
            name = caption.rsplit(": ", 1)[0]
            if name in titles:
                yield from ((titles[name], row) for row in rows[1:])

    mentors = {f"Waiting for {mentor_names(one.mentors)}": mentor_names(one.mentors) for one in truth.trainees}
    queues = [(names, row[0], row[3].split()[0], *row[1:3]) for names, row in entries(mentors)]
    assert as_text(queues) == as_text(waiting(truth))
    movers = {
        "The trainee's move": "trainee",
        "A mentor's move": "mentor",
        "The manager's move": "manager",
        "Not yet possible": "opportunity",
    }
    overdue = [(row[0], row[3].split()[0], *row[1:3], move) for move, row in entries(movers)]
    assert as_text(overdue) == as_text(truth.overdue)
    ready = {(row[0], row[1].split()[0]): row[2] for row in tables["Complete, and waiting for the manager"][1:]}
    assert as_text(ready) == as_text(truth.to_conclude)
    for (name, tier_id), day in ready.items():
        items = [item for item in truth.by_name(name).items if item.tier and item.tier["id"] == tier_id]
        assert day == str(truth.by_name(name).finished_of(items))


# --- Excel ------------------------------------------------------------------------------------------------------


def sheet_rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each sheet below its headings, with dates as dates; what is below a list is left out."""
    sheets = {}
    for sheet in openpyxl.load_workbook(path):
        rows = [
            tuple(value.date() if isinstance(value, datetime) else value for value in row)
            for row in sheet.iter_rows(values_only=True)
        ]
        is_head = [{"Trainee", "Month"} <= {*row} or "Item" in row or "Kind" in row for row in rows]
        first = is_head.index(True) + 1
        last = next((number for number, row in enumerate(rows) if number >= first and not any(row)), len(rows))
        sheets[sheet.title] = rows[first:last]
    return sheets


def _number_cells(figures: Figures, *, dated: bool = True) -> tuple[Any, ...]:
    """Return figures as the workbook has them: n/a where there is nothing to count, or nothing is ever due."""
    total, waived = figures.counts["total"], figures.counts["waived"]
    numbers: list[int | None] = [
        *figures.counts.values(),
        *((figures.expected, figures.ahead) if total else (None, None)),
    ]
    numbers += [*figures.waits_on.values(), *(figures.overdue_by.values() if dated else [None] * 4)]
    return tuple("n/a" if number is None or not (total or waived) else number for number in numbers)


def test_the_workbooks_summary_and_counts_say_what_the_oracle_found(reports: Reports, truth: Team) -> None:
    """The workbook has a row of all figures for each tier of each trainee, and one for each task and kind."""
    summary, counts = [], []
    for one in truth.trainees:
        person = (one.name, str(one.role["name"]))
        for tier in one.tiers:
            final, due = one.final_sign_off(tier), one.due(tier) or "n/a"
            month = one.months + 1 if one.start <= one.today else "n/a"
            summary.append(
                (
                    *(one.name, role_in_words(one), one.start, month, tier["id"], one.begins(tier) or "n/a", due),
                    *_number_cells(one.figures(tier)),
                    *(one.forecast_of(tier) or "n/a", one.finished_of(one.of(tier=tier))),
                    "yes" if one.is_ready(tier) else "no",
                    *((final["by"]["name"], date.fromisoformat(final["on"])) if final else (None, None)),
                    *(fingerprint_of(one), 0),
                )
            )
            for task in one.tasks:
                cells = _number_cells(one.figures(tier, task))
                counts.append((*person, "expectation", tier["id"], task["id"], due, *cells))
        for kind, figures in kinds_of(one).items():
            counts.append((*person, kind, "n/a", "n/a", "n/a", *_number_cells(figures, dated=False)))
    assert sorted(reports.sheets["Summary"], key=str) == sorted(summary, key=str)
    assert sorted(reports.sheets["Counts"], key=str) == sorted(counts, key=str)
    assert in_team_order(truth, dict.fromkeys(row[0] for row in reports.sheets["Summary"]))


def test_the_workbooks_matrix_says_what_the_oracle_found(reports: Reports, truth: Team) -> None:
    """The matrix has each trainee's pace, forecast and end, and signed, checked and total of each task."""
    rows = [row for title, rows in reports.sheets.items() if title.startswith("Matrix") for row in rows]
    assert sorted(row[0] for row in rows) == sorted(trainee.name for trainee in truth.trainees)
    for name, month, tier, ahead, forecast, finished, *cells in rows:
        one = truth.by_name(name)
        assert (str(month), tier) == (month_of(one), shown(one.tier_now))
        assert ahead == ("n/a" if one.pace["ahead"] is None else one.pace["ahead"])
        assert (forecast, finished) == (one.forecast or "n/a", one.finished)
        expected: list[Any] = []
        for task in one.role["tasks"]:
            counts = one.figures(task=task, kind="expectation").counts
            expected += [counts[name] for name in ("signed", "checked", "total")] if counts["total"] else ["n/a"] * 3
        assert cells == expected


def test_the_workbooks_items_say_what_the_oracle_found(reports: Reports, truth: Team) -> None:
    """The workbook has a row for each item: its state, its dates, whose move it is and what it needs."""
    rows = []
    for one in truth.trainees:
        for item in one.items:
            sign_off = one.last(item, "sign-off")
            rows.append(
                (
                    *(one.name, *_item_cells(item), one.states[item], one.due(item.tier) or "n/a"),
                    one.expected_on.get(item, "n/a"),
                    "yes" if one.overdue(item) else "no",
                    *(WAITS_ON.get(one.waits_on.get(item, "")), one.last_on(item, "check"), one.done_on(item)),
                    *(one.last_on(item, "sign-off"), sign_off["by"]["name"] if sign_off else None),
                    ", ".join(one.blocked_by(item)) if item in one.waits_on else "",
                )
            )
    sheet = [(*row[:-1], row[-1] or "") for row in reports.sheets["Items"]]
    assert sorted(sheet, key=str) == sorted(rows, key=str)


def test_the_workbooks_lists_say_what_the_oracle_found(reports: Reports, truth: Team) -> None:
    """The workbook lists for whom what waits and what is overdue, with days."""
    items = {(one.name, item.id): (one, item) for one in truth.trainees for item in one.items}
    queues, overdue = [], []
    for mentors, name, id_, since, days in waiting(truth):
        one, item = items[name, id_]
        late = "yes" if one.overdue(item) else "no"
        queues.append((mentors, name, *_item_cells(item), since, days, one.due(item.tier) or "n/a", late))
    for name, id_, due, days, move in truth.overdue:
        one, item = items[name, id_]
        _, _, *place, text = _item_cells(item)
        overdue.append((name, id_, *place, text, one.states[item], WAITS_ON[move], due, days))
    assert sorted(reports.sheets["Waiting"], key=str) == sorted(queues, key=str)
    assert sorted(reports.sheets["Overdue"], key=str) == sorted(overdue, key=str)


def _item_cells(item: Item) -> tuple[str, ...]:
    return item.id, item.kind, *(place["id"] if place else "n/a" for place in (item.task, item.tier)), item.text


# --- both sides move together, and the command is what it says ---------------------------------------------------

CHANGES = {
    "one more check": ("08-hal-finch", ["check chg-07"]),
    "a check dated earlier": ("02-ben-cole", ["check mail-04 --on 2026-01-20"]),
    "a sign-off": ("11-1-1-kit-sato", ["signoff aud-02 --by 'Pat Lee' --yes"]),
    "a return": ("04-dan-oduya", ["return mail-02 --by 'Noor Haddad' --because 'Not yet'"]),
    "a waiver": ("08-hal-finch", ["waive aud-04 --by 'Pat Lee' --because 'None here'"]),
    "a revocation": ("06-finn-berg", ["revoke pol-01 --by 'Pat Lee' --because 'Another file'"]),
    "a sign-off after the final one": (
        "06-finn-berg",
        ["revoke pol-01 --by 'Pat Lee' --because 'Another file'", "signoff pol-01 --by 'Pat Lee' --yes"],
    ),
    "a day of leave": ("01-ana-ruiz", ["leave 2026-03-16 2026-03-16"]),
    "a leave made shorter": ("08-hal-finch", ["leave 2026-03-02 2026-03-20"]),
    "a leave since before the first day": ("07-gia-romano", ["leave 2025-09-01 2025-10-19"]),
    "a final sign-off": ("07-gia-romano", ["graduate 0-3 --yes --by 'Kim Novak'"]),
    "a start corrected": ("02-ben-cole", ["init --start 2025-11-24"]),
    "a promotion": ("06-finn-berg", ["promote associate-ii --yes --by 'Kim Novak'"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_report_and_oracle_move_together(change: str, generated: GeneratedTeam, tmp_path: Path) -> None:
    """Whatever is written, report and oracle change by it, and by the same; so neither is blind to it."""
    record, commands = CHANGES[change]
    cli = program(Path(shutil.copy(generated.folder / f"{record}.json", tmp_path)), generated.day)

    def report_and_oracle() -> tuple[str, str]:
        """Return what both say, fingerprints aside, after comparing them."""
        document, truth = cli("report", "--format", "json").json, read_team(tmp_path, CATALOGUE, generated.day)
        assert_agrees(document, truth)
        pair = repr(document), repr(expected_trainee(*truth.trainees))
        report, expected = (re.sub(r"\d+(-[0-9a-f]{4}){5}", "", text) for text in pair)
        return report, expected

    before = report_and_oracle()
    for command in commands:
        cli(*shlex.split(command))
    after = report_and_oracle()
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_the_command_makes_the_same_bytes_again(generated: GeneratedTeam, tmp_path: Path) -> None:
    """The team is the same whenever and wherever it is made."""
    make(tmp_path / "again")
    again, twelve = (
        {path.name: path.read_bytes() for path in folder.glob("*.json")}
        for folder in (tmp_path / "again", generated.folder)
    )
    assert again == twelve


def test_a_larger_team_repeats_the_twelve_as_others(generated: GeneratedTeam, tmp_path: Path) -> None:
    """With more trainees the same stories come again, as sound records of other people, as long as asked for."""
    make(tmp_path / "more", "--trainees", "25", "--events", "60")
    more = read_team(tmp_path / "more", CATALOGUE, generated.day)
    assert len(more.trainees) == len({trainee.name for trainee in more.trainees}) == 25
    assert min(len(trainee.events) for trainee in more.trainees) == 60
    eighteenth, sixth = more.by_name("Finn Berg 18"), more.by_name("Finn Berg")
    assert eighteenth.figures(eighteenth.tiers[1]) == sixth.figures(sixth.tiers[1])
    for path in sorted((tmp_path / "more").glob("*.json")):
        program(path, generated.day)("record", "verify")


def test_the_twelve_differ_in_all_that_counts(truth: Team) -> None:
    """The team shows each case that a report has to tell apart: without that, agreement would prove little."""
    everyone = truth.trainees
    states = [state for one in everyone for state in one.states.values()]
    owners = [one.waits_on.get(item) for one in everyone for item in one.items]
    finals = [one.final_sign_off(tier) for one in everyone for tier in one.tiers]
    paces = [one.pace["ahead"] for one in everyone]
    assert min(pace or 0 for pace in paces) < 0 < max(pace or 0 for pace in paces)
    assert {None, 0} <= {*paces}
    aheads = [[one.figures(tier).ahead or 0 for tier in one.tiers] for one in everyone]
    assert any(min(ahead) < 0 < max(ahead) for ahead in aheads)  # behind in one tier, ahead in another
    assert any(one.start > truth.today for one in everyone)
    assert any(one.finished for one in everyone)
    assert any(truth.today in one.leave_days for one in everyone)
    assert any(one.due(tier) in one.leave_days for one in everyone for tier in one.tiers)
    assert {final is None for final in finals} == {True, False}
    assert len(truth.to_conclude) > 1
    assert {one.role["id"] for one in everyone} == {"client-advocate", "associate-ii"}
    assert {len(one.enrolment.get("variants", ())) for one in everyone} == {0, 1}
    assert {len(one.mentors) for one in everyone} == {0, 1, 2}
    assert {*states} == set(STATES)
    assert {*owners} == {*OWNERS, None}
    assert {entry[4] for entry in truth.overdue} == {"trainee", "mentor", "opportunity"}
    assert {event["kind"] for one in everyone for event in one.events} >= {"undo", "revoke", "uncheck", "leave"}
    assert {one.forecast is None for one in everyone} == {True, False}
    assert any("<script>" in one.name for one in everyone)
    assert any(event.get("note", "").startswith("=") for one in everyone for event in one.events)
