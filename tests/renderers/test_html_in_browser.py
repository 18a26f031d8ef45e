"""The HTML report in a real browser, at a desk, on a telephone and on paper."""

import base64
import json
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from ca_ladder.cli.demo_data import MANAGER, example
from ca_ladder.progress.agenda import agenda
from ca_ladder.progress.team import TeamProgress, Unreadable, team
from ca_ladder.progress.trainee import measure
from ca_ladder.record.actor import enrol_again
from ca_ladder.record.events import Stamp
from ca_ladder.renderers.html import agenda_html, card_html, ladder_html, report_html
from ca_ladder.renderers.role_page import role_pages
from tests.conftest import tool
from tests.renderers.people import FAY, TEAM, TODAY, trainee, worded
from tests.renderers.test_ladder import SHIPPED, SMALL

pytestmark = pytest.mark.slow

WIDTHS = (1280, 390)
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
IMAGE = '"><img src=x onerror=alert(1)>'
SCRIPT = "<script>alert(1)</script>"


def office() -> TeamProgress:
    """Return a team on the shipped catalogue, with the small one's people and some whose names are hostile or long."""
    catalogue = LADDERS["shipped"]
    people = []
    for weeks in (0, 8, 30):
        then = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC) - timedelta(weeks=weeks)
        record = example(catalogue, Stamp(then, "account", "PC"))
        enrolment = record.enrolment
        people.append(measure(catalogue.ladder(enrolment.role, enrolment.variants), record, TODAY))
    hostile = [
        trainee(
            name, "2026-01-05", "2026-01-20 check m-1 m-2", "2026-01-21 return m-2", mentors=(f"{name} M",), note=name
        )
        for name in (SCRIPT, IMAGE, "x" * 150)
    ]
    return team(TODAY, [*people, *TEAM.trainees, *hostile], [Unreadable(f"{IMAGE}.json", SCRIPT)])


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Headless Chromium, with nothing in it from before."""
    options = ChromeOptions()
    options.binary_location = tool("chromium")
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = Chrome(options=options, service=Service(tool("chromedriver")))
    started.set_script_timeout(120)  # a busy machine must not fail a test
    yield started
    started.quit()


LADDERS = {"shipped": SHIPPED, "hostile": worded(SMALL, IMAGE), "long": worded(SMALL, "x" * 150)}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every kind of page as a file: reports of a team, of one and of a plain trainee, a sheet, a card, ladders."""
    people = office()
    final = ((trainee, tier) for trainee in TEAM.trainees for tier in trainee.tiers if tier.graduation)
    texts = {
        "team": report_html(people),
        "one": report_html(team(TODAY, people.trainees[:1])),
        "plain": report_html(team(TODAY, [FAY])),
        "sheet": hostile_sheet(),
        "card": card_html(*next(final)),
        **{name: ladder_html(role_pages(catalogue)) for name, catalogue in LADDERS.items()},
    }
    folder = tmp_path_factory.mktemp("pages")
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


def hostile_sheet() -> str:
    """Return the sheet for a one-to-one of somebody with a hostile name."""
    catalogue = LADDERS["shipped"]
    record = example(catalogue, Stamp(datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC), "a", "PC"))
    stamp = Stamp(record.events[-1].at + timedelta(hours=1), "a", "PC")
    named = enrol_again(record, stamp, MANAGER, name=f"{SCRIPT} {IMAGE}")
    progress = measure(catalogue.ladder(named.enrolment.role, named.enrolment.variants), named, TODAY)
    return agenda_html(agenda(progress, named, None, UTC))


both_reports = pytest.mark.parametrize("name", ["team", "one"])
every_ladder = pytest.mark.parametrize("name", LADDERS)


def opened(browser: Chrome, page: Path, width: int) -> None:
    """Open the page on a screen so many pixels wide; a narrow one is a telephone's."""
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    for log in ("browser", "performance"):
        logged(browser, log)  # reading it empties it
    browser.get(page.as_uri())


def logged(browser: Chrome, log: str) -> list[dict[str, Any]]:
    """Return what was logged since it was last asked for."""
    entries: list[dict[str, Any]] = browser.execute("getLog", {"type": log})["value"]
    return entries


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["team", "one", "sheet", "card", *LADDERS])
def test_every_page_is_closed_quiet_and_open_to_everybody(
    browser: Chrome, pages: dict[str, Path], name: str, width: int
) -> None:
    """It requests only its file, the console stays empty, no data runs, it never scrolls sideways; axe finds nothing.

    What is wider than the screen scrolls in a box of its own. axe-core's best practices are rules, too.
    """
    opened(browser, pages[name], width)
    events = [json.loads(entry["message"])["message"] for entry in logged(browser, "performance")]
    sent = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
    # The browser's own start page may still be loading when the first page is opened.
    requests = [request["request"]["url"] for request in sent if not request["documentURL"].startswith("chrome://")]
    assert requests == [pages[name].as_uri()]
    assert logged(browser, "browser") == []
    assert not [event for event in events if event["method"] == "Page.javascriptDialogOpening"]
    root = "document.documentElement"
    across, room = browser.execute_script(f"return [{root}.scrollWidth, {root}.clientWidth]")
    assert across <= room <= width == browser.execute_script("return innerWidth")
    browser.execute_script(axe())
    results: dict[str, Any] = browser.execute_async_script("axe.run().then(arguments[0])")
    assert [(rule["id"], [node["html"] for node in rule["nodes"]][:3]) for rule in results["violations"]] == []
    tried = {"color-contrast"}
    if name in {"team", "one"}:
        tried |= {"svg-img-alt", *(["scrollable-region-focusable"] if width < 600 else [])}
    assert tried <= {rule["id"] for rule in results["passes"]}


@pytest.mark.parametrize(("width", "abreast"), [(1280, 3), (390, 1)])
def test_the_tiers_of_a_task_stand_side_by_side_where_there_is_room(
    browser: Chrome, pages: dict[str, Path], width: int, abreast: int
) -> None:
    """At a desk the three tiers are read across, as rungs are compared; on a telephone one below the other."""
    opened(browser, pages["shipped"], width)
    rows: list[list[int]] = browser.execute_script(
        "return [...document.querySelectorAll('.row')].map(row => [...row.children].map(each => each.offsetTop))"
        ".filter(tops => tops.length == 3)"
    )
    assert len(rows) > 10
    assert {max(tops.count(top) for top in tops) for tops in rows} == {abreast}


def axe() -> str:
    """Return the script of axe-core; where it is not, the test is skipped, or fails where all tools are promised."""
    path = os.environ.get("CA_LADDER_AXE")
    if path is None and os.environ.get("CA_LADDER_ALL_TOOLS"):
        pytest.fail("CA_LADDER_AXE is missing, and CA_LADDER_ALL_TOOLS promises it")
    if path is None:
        pytest.skip("needs CA_LADDER_AXE, the path of axe.min.js")
    return Path(path).read_text(encoding="utf-8")


@both_reports
def test_no_label_of_a_picture_leaves_its_plot(browser: Chrome, pages: dict[str, Path], name: str) -> None:
    """On a telephone, every word of every picture stands within the box that the picture has."""
    opened(browser, pages[name], 390)
    outside = browser.execute_script(
        "return [...document.querySelectorAll('.plot')].flatMap(plot => [...plot.querySelectorAll('text')].filter("
        "word => {const [a, b] = [plot, word].map(each => each.getBoundingClientRect());"
        "return b.left < a.left || b.right > a.right || b.top < a.top || b.bottom > a.bottom})"
        ".map(word => word.textContent))"
    )
    assert outside == []


def printed(browser: Chrome, page: Path, *how: str) -> str:
    """Return what pdftotext finds in the page as it is printed."""
    opened(browser, page, 1280)
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    pdf = page.with_suffix(".pdf")
    pdf.write_bytes(base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"]))
    read = [tool("pdftotext"), *how, str(pdf), "-"]
    return subprocess.run(read, check=True, capture_output=True, encoding="utf-8").stdout


def assert_fits_on_a4(boxes: str) -> None:
    """Assert that all sheets are A4 and no word leaves them, from what pdftotext says of the boxes."""
    assert set(re.findall(r'<page width="(\d+).*?" height="(\d+)', boxes)) == {("594", "841")}
    assert 0 < max(float(edge) for edge in re.findall(r'xMax="(.*?)"', boxes)) < 595 - 28


@both_reports
def test_the_paper_is_wide_enough(browser: Chrome, pages: dict[str, Path], name: str) -> None:
    """A4, no word beyond the edge, and nothing so wide that the browser shrinks all: letters are as large as ever."""
    heights = []
    for page in (pages[name], pages["plain"]):
        boxes = printed(browser, page, "-bbox")
        assert_fits_on_a4(boxes)
        top, bottom = re.findall(r'yMin="(.*?)" .*? yMax="(.*?)">training<', boxes)[0]
        heights.append(round(float(bottom) - float(top), 3))
    assert heights[0] == heights[1] > 16


@both_reports
def test_what_is_printed_holds_names_and_figures_whole(browser: Chrome, pages: dict[str, Path], name: str) -> None:
    """On paper stand all rows of counts, each on a line, all figures, and the head again where a table is parted."""
    text = printed(browser, pages[name], "-layout")
    rows: list[list[str]] = browser.execute_script(
        "return [...document.querySelectorAll('tbody tr')].map(row => [...row.cells].map(each => each.innerText))"
    )
    lines = [" ".join(line.split()) for line in text.splitlines()]
    counts = {" ".join(" ".join(row).split()) for row in rows if len(row) == 11}
    assert len(counts) > 3
    assert counts <= set(lines)
    figure = re.compile(r"[-+]?\d+(\+\d+)?(/\d+!?)?|\d{4}-\d\d-\d\d|n/a")
    figures = {cell for row in rows for cell in row if figure.fullmatch(cell)}
    assert len(figures) > 20
    assert figures <= set(text.split())
    for heading in browser.execute_script("return [...document.querySelectorAll('h2')].map(each => each.innerText)"):
        assert "".join(heading.split()) in "".join(text.split()) or heading == "On this page"
    tables = browser.execute_script("return document.querySelectorAll('[id$=-counts]').length")
    heads = sum(line.startswith("Task Tier Total Open Checked Returned Signed Waived Overdue") for line in lines)
    assert heads > tables


@every_ladder
def test_the_ladder_is_printed_whole(browser: Chrome, pages: dict[str, Path], name: str) -> None:
    """On A4 paper stands every text, in its order; no word leaves the edge, and each role begins on a new sheet."""
    assert_fits_on_a4(printed(browser, pages[name], "-bbox"))
    sheets = [squeezed(sheet) for sheet in printed(browser, pages[name], "-raw").split("\f")[:-1]]
    numbers = [f"{number}/{len(sheets)}" for number in range(1, len(sheets) + 1)]
    assert all(sheet.startswith(number) for number, sheet in zip(numbers, sheets, strict=True))
    sheets = [sheet.removeprefix(number) for number, sheet in zip(numbers, sheets, strict=True)]
    paper = "".join(sheets)
    texts: list[str] = browser.execute_script(
        "return [...document.querySelectorAll('h1, h2:not(nav h2), h3, h4, p, dt, dd, .lines span:not(.remark span), "
        "ol li')].map(each => each.innerText)"
    )
    end = 0
    for text in texts:
        wanted = squeezed(text)
        start = paper.find(wanted, end)
        assert start >= 0, f"{text!r} is not printed after {paper[max(end - 60, 0) : end]!r}"
        end = start if "\n" in text else start + len(wanted)
    roles = [squeezed(role.name) for role in LADDERS[name].roles]
    assert all(any(sheet.startswith(role) for sheet in sheets) for role in roles[1:])


def test_no_heading_of_the_ladder_is_parted_from_what_it_heads(browser: Chrome, pages: dict[str, Path]) -> None:
    """The name of a task, its why, the heading of a tier and the first thing asked for there are on one sheet."""
    sheets = [squeezed(sheet) for sheet in printed(browser, pages["shipped"], "-raw").split("\f")]
    tasks = [task for role in LADDERS["shipped"].roles for task in role.tasks]
    for task in tasks:
        first = next(entries[0] for entries in task.expectations.values() if entries)
        head = squeezed(f"{task.name} {task.id} Why {task.why}")
        (sheet,) = [sheet for sheet in sheets if head in sheet]
        assert squeezed(f"{first.id} {first.text}") in sheet[sheet.index(head) :]


def squeezed(text: str) -> str:
    """Return text without its blanks: paper breaks lines wherever it has to."""
    return "".join(text.split())
