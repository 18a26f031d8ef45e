"""Ladders of other kinds: tiers by level, by year or with none in time, four or five of them; other footnotes."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Cli

ROOT = Path(__file__).parents[2]

LEVELS = """\
version: "1"
roles:
  - id: engineer
    name: Software Engineer
    variants: [{id: on-call, name: On call}]
    tiers:
      - {id: l1, title: Junior}
      - {id: l2, title: Engineer}
      - {id: l3, title: Senior}
      - {id: l4, title: Staff}
      - {id: l5, title: Principal}
    conditions: [{id: legacy, text: Only where the old system still runs.}]
    tasks:
      - id: code
        name: Write code
        why: It is what the customers pay for.
        expectations:
          l1: [{id: code-1, text: Write a tested change with help}]
          l2: [{id: code-2, text: Write a tested change alone}, {id: code-3, text: Mend the old one, condition: legacy}]
          l3: [{id: code-4, text: Plan the work of a quarter, requires: [code-2]}]
          l4: [{id: code-5, text: Set the direction of a group}]
          l5: [{id: code-6, text: Set the direction of the company}]
        skills: [{id: code-s1, text: Read code}]
      - id: pager
        name: Answer the pager
        why: The site is up at night as well.
        variant: on-call
        expectations:
          l2: [{id: pag-1, text: Solve an incident by the book}]
"""
YEARS = """\
version: "1"
roles:
  - id: carer
    name: Care Assistant
    tiers:
      - {id: year-1, title: First year, months: {from: 0, until: 12}}
      - {id: year-2, title: Second year, months: {from: 12, until: 24}}
      - {id: year-3, title: Third year, months: {from: 24, until: 36}}
      - {id: "4", title: Later}
    tasks:
      - id: wash
        name: Personal care
        why: People keep their dignity.
        expectations:
          year-1: [{id: wash-1, text: Wash a person with care}, {id: wash-2, text: Ask before you touch}]
          year-2: [{id: wash-3, text: Teach it to a beginner}]
          "4": [{id: wash-4, text: Lead a ward}]
"""


@pytest.fixture
def ada(cli: Cli, catalogue: Callable[[str], Path]) -> Cli:
    """An engineer on a ladder of five levels."""
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(LEVELS))}
    cli("init", "--name", "Ada Byron", "--start", "2026-01-05", "--variant", "on-call", "--manager", "Kim Novak")
    return cli


@pytest.fixture
def joan(cli: Cli, catalogue: Callable[[str], Path]) -> Cli:
    """A care assistant on a ladder of years."""
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(YEARS))}
    cli("init", "--name", "Joan Ward", "--start", "2025-01-05")
    return cli


def ids_in(cli: Cli, *command: str) -> list[str]:
    """Return the ids of the items that a command lists."""
    return [item["id"] for item in cli(*command, "--json").json["items"]]


def write_reports(cli: Cli) -> None:
    """Write the report in every format."""
    folder = cli.store.parent / "reports"
    folder.mkdir()
    for ending in ("csv", "md", "html", "xlsx", "json", "txt"):
        cli("report", "-o", str(folder / f"report.{ending}"))


def test_levels_are_climbed_one_by_one(ada: Cli) -> None:
    """Without dates nothing is late; what comes next is of the lowest level that is not finished."""
    ada("check", "code-1", "code-s1")
    ada("signoff", "--all", "--yes", "--by", "Kim Novak", as_="kim")
    ada.terminal, ada.width = True, 80
    assert (
        ada().stdout
        == """\
Ada Byron, Software Engineer (On call)
On 2026-03-16: month 3 since 2026-01-05, tier l2 Engineer

l1  ██████████  1 signed off, 0 checked of 1
l2  ░░░░░░░░░░  0 signed off, 0 checked of 3
l3  ░░░░░░░░░░  0 signed off, 0 checked of 1
l4  ░░░░░░░░░░  0 signed off, 0 checked of 1
l5  ░░░░░░░░░░  0 signed off, 0 checked of 1

Tier l1: all 1 signed off on 2026-03-16. It waits for the manager's final
sign-off.

What comes next
Item    State   Do by  What
────────────────────────────────────────────────────
code-2  ○ open         Write a tested change alone
code-3  ○ open         Mend the old one
pag-1   ○ open         Solve an incident by the book
Next: ca-ladder check ID    More: ca-ladder next    All: ca-ladder status
"""
    )
    assert ids_in(ada, "next", "-n", "9") == ["code-2", "code-3", "pag-1", "code-4", "code-5", "code-6"]


def test_levels_in_every_view(ada: Cli) -> None:
    """A level is found by its id, its title or its number, in every command that takes a tier."""
    for typed in ("l2", "L2", "engineer", "2"):
        assert ids_in(ada, "list", "--tier", typed) == ["code-2", "code-3", "pag-1"]
    assert ada("status", "--tier", "staff", "--json").json["trainee"]["tiers"][0]["due"] is None
    assert "l5  Principal, no due date" in ada("report").stdout
    assert "tier l1 Junior" in ada("report", "--format", "markdown").stdout
    ada("check", "code-1")
    ada("signoff", "code-1", "--by", "Kim Novak", as_="kim")
    assert "Tier l1 is complete" in ada("graduate", "junior", "--by", "Kim Novak", "--yes", as_="kim").stdout
    assert ada("agenda").stdout.startswith("Ada Byron, Software Engineer (On call)\n")
    assert ada("show", "code-3").stdout.count("Only where the old system still runs.") == 1


def test_years_are_windows_of_months(joan: Cli) -> None:
    """The first year is due twelve months in; what has no months is what is left when the years are over."""
    status = joan("status", "--json").json["trainee"]
    assert [(tier["tier"], tier["due"], tier["total"], tier["overdue"]) for tier in status["tiers"]] == [
        ("year-1", "2026-01-05", 2, 2),
        ("year-2", "2027-01-05", 1, 0),
        ("year-3", "2028-01-05", 0, 0),
        ("4", None, 1, 0),
    ]
    assert status["tier"] == "year-2"
    assert "n/a" in joan("status").stdout
    write_reports(joan)
    joan.now = joan.now.replace(year=2030)
    assert joan("status", "--json").json["trainee"]["tier"] == "4"


def test_a_table_takes_no_tier_for_a_number(joan: Cli) -> None:
    """In a spreadsheet a tier is text, whatever its id: of 4 alone, sums would be made."""
    rows = csv.DictReader(io.StringIO(joan("report", "--format", "csv").stdout))
    assert [row["tier"] for row in rows] == ["year-1", "year-2", "year-3", "tier 4"]


def test_promotion_leads_to_a_ladder_of_another_kind(ada: Cli, catalogue: Callable[[str], Path]) -> None:
    """From levels to years: the record keeps the one, and the clock of the other begins."""
    catalogue(LEVELS + YEARS.split("roles:\n")[1])
    ada("promote", "carer", "--on", "2026-03-02", "--by", "Kim Novak", "--yes", as_="kim")
    trainee = ada("status", "--json").json["trainee"]
    assert (trainee["role"], trainee["tier"], trainee["start"]) == ("carer", "year-1", "2026-03-02")


def test_another_catalogue_is_mentioned(ada: Cli, catalogue: Callable[[str], Path]) -> None:
    """Who looks with another catalogue than the record was written under reads so, and what is asked again."""
    ada("check", "code-1")
    ada("signoff", "code-1", "--by", "Kim Novak", as_="kim")
    assert "catalogue" not in ada("status").stdout
    catalogue(LEVELS.replace('"1"', '"2"').replace("with help}", "with help, revision: 2}"))
    status = ada("status").stdout
    assert "Last written under the catalogue 1; this is 2." in status
    assert "Asked again, because the meaning changed: code-1" in status
    ada("check", "code-1")
    assert "catalogue" not in ada("status").stdout


def test_a_care_home_trains_by_it(cli: Cli) -> None:
    """A catalogue of another trade, by an author who had the guide alone, from the first day to the report."""
    care = Path(__file__).parent / "care.yaml"
    cli.env = {"CA_LADDER_CATALOGUE": str(care)}
    assert cli("catalogue", "check").stdout == f"{care} is in order: version 2026, 1 role, 48 items.\n"
    cli("init", "--name", "Ada Cole", "--start", "2025-09-01", "--variant", "Night shift", "--mentor", "Pat Lee")
    assert ids_in(cli, "next", "-n", "3") == ["per-02", "mov-c1", "mov-02"]
    cli("check", "mov-02", "ngt-01", "dig-01", "--note", "Twice this week")
    refused = cli("signoff", "mov-02", "--by", "Pat Lee", as_="pat", code=1).stderr
    assert refused == "Error: mov-02 cannot be signed off before mov-c1. See: ca-ladder show mov-c1\n"
    cli("signoff", "mov-c1", "--observed", "--by", "Pat Lee", as_="pat")
    signed = cli("signoff", "--all", "--yes", "--by", "Pat Lee", as_="pat").stdout
    assert signed == "Signed off dig-01, mov-02, ngt-01 by Pat Lee.\n"
    tiers = cli("report", "--format", "json").json["trainees"][0]["tiers"]
    assert [(tier["tier"], tier["signed"], tier["due"]) for tier in tiers] == [
        ("year-1", 3, "2026-09-01"),
        ("year-2", 0, "2027-09-01"),
    ]
    write_reports(cli)
    assert "Moving and handling" in cli("catalogue", "show", "--format", "markdown").stdout


def test_the_code_knows_no_word_of_a_catalogue() -> None:
    """Which roles, tiers, tasks and items there are, the catalogue alone says."""
    words = re.compile(
        r"\b0-3\b|\b3-6\b|\b6\+|certificates|\bcert-|client.advocate|middle.market|\baudits?\b", re.IGNORECASE
    )
    source = ROOT / "src" / "ca_ladder"
    lines = {
        f"{file.name}: {line.strip()}"
        for file in [*source.rglob("*.py"), *source.rglob("*.j2")]
        for line in file.read_text(encoding="utf-8").splitlines()
        if words.search(line)
    }
    assert lines == set()
