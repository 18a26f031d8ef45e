"""The benchmark of speed measures what it names; how long anything takes is never tested."""

import re
import sys
from pathlib import Path

import pytest
from performance import (
    COMMANDS,
    FORMATS,
    PROMISES,
    READING,
    REFERENCE,
    SECTIONS,
    Sizes,
    document,
    measured,
)

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
TINY = Sizes(pairs=1, rounds=1, events=20, records=(1,), events_of_each=20, stepped=1, long_records=(20,))

Table = list[list[str]]


def tables(lines: list[str]) -> dict[str, Table]:
    """Return the tables by the heading above them: the heads, then the rows."""
    found: dict[str, Table] = {}
    heading = ""
    for line in lines:
        if line.startswith("### "):
            heading = line.removeprefix("### ")
        elif line.startswith("| ") and not line.startswith("| ---"):
            found.setdefault(heading, []).append([cell.strip() for cell in line[1:-1].split("|")])
    return found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="it binds a command to one core, as Linux does")
def test_each_command_has_its_row_and_each_row_its_figures() -> None:
    """The tables have a row for all that was run, and a figure in each place; of what was not run, they say so."""
    names = ["commands", "reports", "steps", "records"]
    found = tables(document(measured(names, TINY), names, TINY))
    promised, single, reports, steps, long = found.values()
    assert [row[0] for row in single[1:]] == [REFERENCE, *COMMANDS]
    assert len(reports[1:]) == 1 + 2 * len(FORMATS)
    assert [row[0] for row in long[1:]] == ["status, 20 events"]
    assert steps[1][0] == READING
    for table in (single, reports, steps, long):
        assert all(re.search(r"\d", cell) for row in table[1:] for cell in row[1:])
    told = {row[0]: row[2:] for row in promised[1:]}
    assert re.fullmatch(r"\d+\.\d\dx", told[f"`ca-ladder status`: CPU against {REFERENCE}"][0])
    assert told["status, 100,000 events: CPU against 10,000"] == ["not measured", ""]


def test_the_page_is_what_the_benchmark_prints_today() -> None:
    """docs/performance.md has each promise and each section, under the heads of today."""
    found = tables(PAGE.read_text(encoding="utf-8").splitlines())
    assert [row[0] for row in found.pop("What was promised")[1:]] == [promise.what for promise in PROMISES]
    heads = {section.title: ["what", *section.heads] for section in SECTIONS.values()}
    assert {heading: table[0] for heading, table in found.items()} == heads
    assert [row[0] for row in found["Single commands"][1:]] == [REFERENCE, *COMMANDS]
