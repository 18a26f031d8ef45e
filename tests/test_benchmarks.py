"""The benchmark of speed measures every budget; how long anything takes is never tested."""

import re
import sys
from pathlib import Path

import pytest
from measuring import Case, instructions
from performance import BUDGETS, SECTIONS, Sizes, document, measure

from tests.conftest import tool

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
TINY = Sizes(turns=1, events=20, backups=3, long_records=(20, 40), trainees=2, events_of_each=20)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="it binds a command to one core, as Linux does")
def test_each_budget_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sections together measure all that is promised, and the table has a figure for each."""
    monkeypatch.setattr("performance.instructions", lambda case: None)  # the CPU time is enough, and known much sooner
    results = measure(list(SECTIONS), TINY)
    assert set(results) == set(BUDGETS)
    assert min(results.values()) > 0
    rows = [line.strip("| ").split(" | ") for line in document(results, TINY) if line.startswith("| ")]
    assert [row[0] for row in rows[2:]] == [budget.what for budget in BUDGETS]
    assert all(re.match(r"\d", row[2]) and "KEPT" in row[3].upper() for row in rows[2:])


@pytest.mark.slow
def test_instructions_are_counted() -> None:
    """Two runs of the same command take about the same number of instructions."""
    tool("valgrind")
    case = Case((sys.executable, "-I", "-S", "-c", ""), {})
    first, second = instructions(case), instructions(case)
    assert first
    assert second
    assert abs(first - second) < first / 100


def test_the_page_has_each_budget() -> None:
    """docs/performance.md has a row for each budget, with the most it may be."""
    page = PAGE.read_text(encoding="utf-8")
    rows = [line.split(" | ")[:2] for line in document({}, Sizes()) if line.startswith("| ")]
    assert len(rows) == len(BUDGETS) + 2
    for row in rows:
        assert " | ".join(row) in page
