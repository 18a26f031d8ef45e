"""The HTML report, read back without a browser: it is sound, closed, and says what the results say."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import NamedTuple
from xml.etree.ElementTree import Element, TreeBuilder

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca_ladder.catalogue.files import shipped_path
from ca_ladder.catalogue.models import Catalogue
from ca_ladder.catalogue.validation import load_catalogue
from ca_ladder.progress.burn_up import Steps, burn_up
from ca_ladder.progress.clock import Clock, add_months
from ca_ladder.progress.results import Counts
from ca_ladder.progress.team import TeamProgress, Unreadable, team
from ca_ladder.record.events import Leave
from ca_ladder.renderers import charts
from ca_ladder.renderers.display import visible
from ca_ladder.renderers.html import ladder_html, report_html
from ca_ladder.renderers.phrases import summary_lines
from ca_ladder.renderers.role_page import role_pages
from tests.renderers.people import ANN, BOB, CAT, DAN, EVE, FAY, HOSTILE, OFFICE, TEAM, TODAY, trainee, worded

TEAMS = {"team": TEAM, **{trainee.enrolment.name: team(TODAY, [trainee]) for trainee in TEAM.trainees}}
every_team = pytest.mark.parametrize("of", TEAMS.values(), ids=TEAMS)


class Sheet(NamedTuple):
    """A table of the page: the columns of its head, with spans laid out, and the texts of its body's cells."""

    headings: list[list[str]]
    rows: list[list[str]]


class Page(HTMLParser):
    """A page as a tree; asserts that every tag that was opened is closed in its turn and no attribute stands twice."""

    VOID = {"meta", "br"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.builder = TreeBuilder()
        self.feed(html)
        self.close()
        assert self.open == []
        self.root: Element = self.builder.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element; one that holds nothing is closed at once."""
        assert len(dict(attrs)) == len(attrs), f"<{tag}> says {attrs}"
        self.tags.append(tag)
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in self.VOID:
            self.builder.end(tag)
        else:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element and close it."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self.open.pop() == tag
        self.builder.end(tag)

    def handle_data(self, data: str) -> None:
        """Add words to the element that is open."""
        if self.open:
            self.builder.data(data)

    @property
    def text(self) -> str:
        """All words of the page."""
        return text(self.body)

    @property
    def body(self) -> Element:
        """What a reader sees."""
        return next(self.root.iter("body"))

    def sheet(self, id_: str) -> Sheet:
        """Return the table whose caption has this id."""
        table = next(element for element in self.root.iter("table") if next(element.iter("caption")).get("id") == id_)
        rows = [[text(cell) for cell in row] for body in table.iter("tbody") for row in body.iter("tr")]
        return Sheet(laid_out(next(table.iter("thead"))), rows)

    def ids(self, ending: str) -> Iterator[str]:
        """Yield the ids of the captions that end so."""
        ids = (caption.attrib["id"] for caption in self.root.iter("caption"))
        yield from (id_ for id_ in ids if id_.endswith(ending))

    def by_class(self, name: str) -> list[Element]:
        """Return the elements of a class, in the order of the page."""
        return [element for element in self.root.iter() if name in element.get("class", "").split()]


def text(element: Element) -> str:
    """Return the words in an element, white space collapsed as a browser does."""
    return " ".join("".join(element.itertext()).split())


def laid_out(head: Element) -> list[list[str]]:
    """Return for each column of a head what stands above it, from the top down."""
    columns: dict[int, list[str]] = {}
    taken: dict[int, int] = {}
    for number, row in enumerate(head.iter("tr")):
        column = 0
        for cell in row:
            while taken.get(column, 0) > number:
                column += 1
            for _ in range(int(cell.get("colspan", 1))):
                columns.setdefault(column, []).append(text(cell))
                taken[column] = number + int(cell.get("rowspan", 1))
                column += 1
    return [columns[column] for column in sorted(columns)]


def number(cell: str) -> int | None:
    """Return the number in a cell; None for n/a and for an empty one."""
    return None if cell in {"n/a", ""} else int(cell)


# --- the page itself ------------------------------------------------------------------------------------------


LADDER = ladder_html(role_pages(load_catalogue(shipped_path())))
every_page = pytest.mark.parametrize("html", [*map(report_html, TEAMS.values()), LADDER], ids=[*TEAMS, "ladder"])


@every_page
def test_the_page_is_sound(html: str) -> None:
    """Every tag is closed, no id stands twice, and whatever names an id or leads to one finds it on the page."""
    page = Page(html)
    ids = [element.attrib["id"] for element in page.root.iter() if "id" in element.attrib]
    links = [element.attrib["href"] for element in page.root.iter("a")]
    names = [name for element in page.root.iter() for name in element.get("aria-labelledby", "").split()]
    assert len(set(ids)) == len(ids)
    assert all(link.startswith("#") for link in links)
    assert {link.removeprefix("#") for link in links} | set(names) <= set(ids)
    assert page.root.get("lang") == "en"


@every_page
def test_the_page_loads_and_runs_nothing(html: str) -> None:
    """No script, no handler, no address outside the page, in tags or style; and the browser is told to refuse all."""
    page = Page(html)
    assert not set(page.tags) & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "use", "image"}
    for element in page.root.iter():
        assert not [name for name in element.attrib if name.startswith("on") or name in {"src", "style", "action"}]
    assert not re.search(r"https?:|//|url\(|@import", html)
    meta = {tag.get("http-equiv", tag.get("name")): tag.get("content", "") for tag in page.root.iter("meta")}
    assert meta["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert meta["viewport"] == "width=device-width, initial-scale=1"


@every_team
def test_every_picture_has_a_name_and_every_table_its_heads(of: TeamProgress) -> None:
    """A screen reader is told what each picture shows, and of each cell which row and column it stands in."""
    page = Page(report_html(of))
    outer = [element for element in page.root.iter("svg") if element.get("role") == "img"]
    named = {element.attrib["id"]: text(element) for element in page.root.iter() if "id" in element.attrib}
    for picture in outer:
        assert all(named[id_] for id_ in picture.attrib["aria-labelledby"].split())
        assert next(iter(picture)).tag == "title"
    inner = [element for svg in outer for element in svg.iter("svg") if element is not svg]
    assert len(outer) + len(inner) == len(list(page.root.iter("svg")))
    for table in page.root.iter("table"):
        assert text(next(table.iter("caption")))
        assert all(element.get("scope") in {"col", "row", "colgroup"} for element in table.iter("th"))
        columns = len(laid_out(next(table.iter("thead"))))
        for body in table.iter("tbody"):
            assert {len(row) for row in body.iter("tr")} == {columns}
            assert all(next(iter(row)).tag == "th" for row in body.iter("tr"))


@every_team
def test_what_may_be_wide_scrolls_in_a_box_that_the_keyboard_reaches(of: TeamProgress) -> None:
    """Every table lies in a box of its own, which can be focused and has the table's name."""
    page = Page(report_html(of))
    boxes = page.by_class("scroll")
    assert len(boxes) == len(list(page.root.iter("table")))
    for box in boxes:
        assert (box.get("tabindex"), box.get("role")) == ("0", "group")
        assert box.get("aria-labelledby") == next(box.iter("caption")).get("id")


def hostile_page(words: str) -> str:
    """Return the report of a team in which all that people write freely are these words."""
    deeds = ("2026-01-05", "2026-01-20 check m-1 m-2", "2026-01-23 return m-2")
    catalogue = worded(OFFICE, words)
    people = [
        trainee(f"{words}{number}", *deeds, mentors=(f"{words} M",), note=words, catalogue=catalogue)
        for number in range(2)
    ]
    return report_html(team(TODAY, people, [Unreadable(f"{words}.json", words)]))


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda words: ascii(words[:20]))
def test_data_stays_text(hostile: str) -> None:
    """Names, notes, reasons and the catalogue's words add no tag, whatever is in them, and are shown as they are."""
    html = hostile_page(hostile)
    page = Page(html)
    assert page.tags == Page(hostile_page("Plain")).tags
    shown = " ".join(visible(hostile).split())
    for words in (
        f"{shown}0",
        f"{shown} M: 2, the oldest first",
        f"Note: {shown}",
        f"Evidence: {shown}",
        f"Returned by {shown} M: {shown}",
        f"{shown}.json: {shown}",
        f"m-1 {shown}",
    ):
        assert words in page.text
    assert [["Task"], [f"0-3 {shown}"], [f"3+ {shown}"]] == page.sheet("t1-heat").headings
    assert [row[0] for row in page.sheet("t1-heat").rows] == [shown, shown]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", html)


# --- the same numbers everywhere ------------------------------------------------------------------------------


def test_the_tables_of_a_trainee_are_headed_by_what_they_count() -> None:
    """Counts, whose move it is, and kinds name their columns; the first two name task and tier on each row."""
    page = Page(report_html(team(TODAY, [ANN])))
    names = [[name.capitalize()] for name in (*Counts._fields, "expected", "pace")]
    owners = ("Trainee", "Mentor", "Manager", "Not yet possible")
    waits, late = ([[over, owner] for owner in owners] for over in ("Waits on", "Of these overdue"))
    assert page.sheet("t1-counts").headings == [["Task"], ["Tier"], *names]
    assert page.sheet("t1-moves").headings == [["Task"], ["Tier"], *waits, *late]
    assert page.sheet("t1-kinds").headings == [["Kind"], *names[:7], *waits]


def cell(counts: Counts) -> str:
    """Return a cell of a matrix: signed+checked/total, ! for overdue."""
    checked = f"+{counts.checked}" if counts.checked else ""
    return f"{counts.signed}{checked}/{counts.total}{'!' * (counts.overdue > 0)}" if counts.total else "n/a"


@every_team
def test_the_heatmap_has_counts_and_the_dates_of_what_is_not_filled(of: TeamProgress) -> None:
    """A cell that is not all signed off says by when it has to be; the shade is darker the more is signed off."""
    page = Page(report_html(of))
    for index, progress in enumerate(of.trainees, start=1):
        sheet = page.sheet(f"t{index}-heat")
        assert sheet.headings == [["Task"], *([f"{tier.tier.id} {tier.tier.title}"] for tier in progress.tiers)]
        for row, task in zip(sheet.rows, progress.tiers[0].tasks, strict=True):
            assert row[0] == task.task.name
            for shown, tier in zip(row[1:], progress.tiers, strict=True):
                measured = next(part for part in tier.tasks if part.task is task.task)
                due = f"due {tier.due}" if tier.due else "no due date"
                unfilled = due if measured.counts.signed < measured.counts.total else ""
                assert shown == cell(measured.counts) + ("" if measured.required else "not required") + unfilled


def test_a_matrix_of_many_tasks_is_parted_so_that_paper_holds_it() -> None:
    """More than eight tasks stand in several tables, each with all trainees."""
    tasks = [
        {"id": f"t-{n}", "name": "T", "why": "W", "expectations": {"0-3": [{"id": f"i-{n}", "text": "Do"}]}}
        for n in range(19)
    ]
    tier = {"id": "0-3", "title": "New", "months": {"from": 0, "until": 3}}
    role = {"id": "r", "name": "R", "tiers": [tier], "tasks": tasks}
    many = msgspec.convert({"version": "1", "roles": [role]}, Catalogue)
    people = [trainee(name, "2026-03-01", role="r", catalogue=many) for name in ("Ann", "Bob")]
    page = Page(report_html(team(TODAY, people)))
    parts = [page.sheet(f"tasks-1-{part}") for part in (1, 2, 3)]
    assert [head[0] for part in parts for head in part.headings[2:]] == [f"t-{n}" for n in range(19)]
    assert [[row[0] for row in part.rows] for part in parts] == [["Ann", "Bob"]] * 3


@given(signed=st.integers(0, 40), left=st.integers(0, 40))
def test_a_shade_is_none_where_nothing_is_signed_and_the_darkest_where_all_is(signed: int, left: int) -> None:
    """Between them it never gets lighter when more is signed off."""
    darkness = charts.shade(Counts(total=signed + left, signed=signed))
    assert (darkness == 0) == (signed == 0)
    assert (darkness == charts.SHADES - 1) == (signed > 0 and left == 0)
    assert darkness <= charts.shade(Counts(total=signed + left + 1, signed=signed + 1))


def percent(value: str) -> float:
    """Return the number before a percent sign."""
    return float(value.removesuffix("%"))


def test_the_bars_say_what_the_table_under_them_says() -> None:
    """Frame, filled part and mark are as long as total, done and expected; the longest total is the whole width."""
    page = Page(report_html(TEAM))
    sheet = page.sheet("pace-table")
    assert [head[0] for head in sheet.headings[4:8]] == ["Done", "Expected", "Total", "Pace"]
    bars = [element for element in page.by_class("bars")[0] if element.tag == "li"]
    longest = max(number(row[6]) or 0 for row in sheet.rows)
    assert longest == 4
    drawn = []
    for bar, row in zip(bars, sheet.rows, strict=True):
        done, expected, total = (number(figure) for figure in row[4:7])
        assert text(bar).startswith(row[0])
        rects = list(bar.iter("rect"))
        if not total:
            assert not rects
            assert "n/a" in text(bar)
            continue
        room, filled, mark = (
            percent(rect.attrib[side]) for rect, side in zip(rects, ("width", "width", "x"), strict=True)
        )
        assert [round(share * longest / 100) for share in (room, filled, mark)] == [total, done, expected]
        assert f"{done} done, {expected} expected, of {total}" in text(bar)
        assert (f"finished on {row[9]}" if row[9] != "not yet" else row[7]) in text(bar)
        drawn.append(row[0])
    assert drawn == ["Ann Able", "Bob Beam", "Fay Fox", "Cat Cole"]


@every_team
def test_the_burn_up_says_what_the_table_under_it_says(of: TeamProgress) -> None:
    """At each month and today, every line stands as high as the table says, measured against the picture's own axes."""
    page = Page(report_html(of))
    pictures = page.by_class("plot")
    tables = list(page.ids("-burn-table"))
    assert len(pictures) == len(tables)
    for picture, id_ in zip(pictures, tables, strict=True):
        words = [(text(element), element.attrib, element.get("class")) for element in picture.iter("text")]
        across = {word: 10 * percent(its["x"]) for word, its, kind in words if kind == "months" or word == "today"}
        up = {int(word): float(its["y"]) - 4 for word, its, kind in words if kind == "items"}
        total = max(up)
        assert (up[0], up[total]) == (charts.HEIGHT, 0)
        lines = {
            element.attrib["class"]: [tuple(map(float, point.split(","))) for point in element.attrib["points"].split()]
            for element in picture.iter("polyline")
        }
        sheet = page.sheet(id_)
        assert [head[0] for head in sheet.headings] == ["Months in role", "Date", "Expected", "Done", "Signed"]
        compared = set()
        for month, _, *numbers in sheet.rows:
            for name, shown in zip(("expected", "done", "signed"), numbers, strict=True):
                if number(shown) is not None and name in lines and month in across:
                    height = [y for x, y in lines[name] if x <= across[month] + 0.2][-1]
                    assert round((charts.HEIGHT - height) / charts.HEIGHT * total, 1) == number(shown), (month, name)
                    compared.add(name)
        assert compared == set(lines)


def upto(steps: Steps, day: date) -> int:
    """Return how high a line stands at the end of a day, looked for the slow way."""
    return max((height for stepped, height in steps if stepped <= day), default=0)


@every_team
def test_the_table_of_a_burn_up_says_what_was_measured(of: TeamProgress) -> None:
    """Of each month and of today: what was expected, done and signed by its day; nothing is known of days to come."""
    page = Page(report_html(of))
    seen = 0
    for index, progress in enumerate(of.trainees, start=1):
        steps = burn_up(progress)
        if f"t{index}-burn-table" not in page.ids("-burn-table"):
            assert steps.total == 0
            assert progress is EVE
            continue
        for month, on, expected, done, signed in page.sheet(f"t{index}-burn-table").rows:
            day = date.fromisoformat(on)
            assert day == (
                TODAY if month == "today" else progress.clock.shifted(add_months(progress.clock.start, int(month)))
            )
            assert number(expected) == (upto(steps.expected, day) if steps.expected else None)
            known = day <= TODAY
            assert number(done) == (upto(steps.done, day) if known else None)
            assert number(signed) == (upto(steps.signed, day) if known else None)
            seen += 1
    assert seen or of.trainees == (EVE,)


def test_a_burn_up_marks_leave_the_ends_of_tiers_and_today() -> None:
    """Bob was away from 12 to 31 March: his first month is longer by that, and 0-3 still ends at month 3."""
    page = Page(report_html(team(TODAY, [BOB])))
    picture = page.by_class("plot")[0]
    away = page.by_class("away")[0]
    month = (date(2026, 4, 21) - date(2026, 3, 1)).days  # 31 days of March, and 20 of leave
    first, after = (100 * days / month / 3 for days in (11, 31))
    assert percent(away.attrib["x"]) == pytest.approx(first, abs=0.01)
    assert percent(away.attrib["width"]) == pytest.approx(after - first, abs=0.01)
    words = {text(element): element for element in picture.iter("text")}
    assert percent(words["0-3 ends"].attrib["x"]) == 100
    assert percent(words["today"].attrib["x"]) == pytest.approx(100 * 50 / month / 3, abs=0.01)
    assert page.sheet("t1-tiers").rows[0][:3] == ["0-3 New in role", "2026-03-01", "2026-06-21"]


def test_all_burn_ups_have_one_scale() -> None:
    """People are aligned by months in role: a month is as wide for one as for the other."""
    page = Page(report_html(TEAM))
    scales = {
        tuple((text(label), label.attrib["x"]) for label in picture.iter("text") if label.get("class") == "months")
        for picture in page.by_class("plot")
    }
    assert len(scales) == 1
    assert len(page.by_class("plot")) == 5


def test_the_scale_holds_whoever_needs_most_of_it() -> None:
    """Ann is late in her fourth month, and shown up to its end; who finished long ago needs no room up to today."""
    assert [charts.horizon([person]) for person in (FAY, ANN, CAT, DAN)] == [3, 4, 3, 4]
    assert charts.horizon([FAY, ANN]) == charts.horizon([ANN, FAY]) == 4
    assert charts.horizon([]) == charts.horizon([EVE]) == 1


@given(
    start=st.dates(date(2020, 1, 1), date(2026, 1, 1)),
    leaves=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 60)), max_size=3),
    days=st.lists(st.integers(-10, 1000), min_size=2, max_size=2),
)
def test_time_runs_one_way_across_a_picture(start: date, leaves: list[tuple[int, int]], days: list[int]) -> None:
    """A later day is never drawn before an earlier one, whatever leave there is; a whole month is a whole number."""
    known: list[Leave] = []
    for after, long in sorted(leaves):
        first = start + timedelta(days=after)
        if not known or known[-1].last < first:
            known.append(Leave(first=first, last=first + timedelta(days=long)))
    clock = Clock(start, tuple(known))
    early, late = (charts.months_at(clock, start + timedelta(days=day)) for day in sorted(days))
    assert 0 <= early <= late
    for month in (0, 3, 6):
        assert charts.months_at(clock, clock.shifted(add_months(start, month))) == month


# --- the lists ------------------------------------------------------------------------------------------------


def test_what_waits_stands_at_its_desk_with_days_note_and_evidence() -> None:
    """Each mentor's list tells since when and for how many days, the longest first; Dan's mentor may be anyone."""
    page = Page(report_html(TEAM))
    assert "Waiting for a mentor: 3" in page.text
    captions = [text(next(element.iter("caption"))) for element in page.root.iter("table")]
    assert [caption for caption in captions if ", the oldest first" in caption] == [
        "Waiting for Pat Lee: 1, the oldest first",
        "Waiting for any mentor: 1, the oldest first",
        "Waiting for Ada Quinn: 1, the oldest first",
    ]
    assert [page.sheet(f"desk-{n}").rows for n in (1, 2, 3)] == [
        [["Ann Able", "2026-02-10", "69", "m-2 Sort the mail Note: Twice this weekEvidence: Twice this week"]],
        [["Dan Dale", "2026-02-12", "67", "c-1 Care for an account"]],
        [["Bob Beam", "2026-03-10", "41", "m-1 Open the mail"]],
    ]


def test_what_is_overdue_is_parted_by_whose_move_it_is() -> None:
    """Ann's tier ended 15 days ago: one item came back, one lies with the mentor, one needs another first."""
    page = Page(report_html(TEAM))
    assert "Overdue: 3" in page.text
    assert {owner: page.sheet(f"overdue-{owner}").rows for owner in ("trainee", "mentor", "opportunity")} == {
        "trainee": [["Ann Able", "2026-04-05", "15", "m-3 Answer the mail Returned by Pat Lee: Twice this week"]],
        "mentor": [["Ann Able", "2026-04-05", "15", "m-2 Sort the mail"]],
        "opportunity": [["Ann Able", "2026-04-05", "15", "m-4 File the mail Needs first: m-3"]],
    }
    assert "overdue-manager" not in page.ids("manager")


def test_tiers_that_wait_for_the_manager_are_listed() -> None:
    """Cat finished 3+, and only the final sign-off is missing; that of 0-3 was given and says on what."""
    page = Page(report_html(TEAM))
    assert "Final sign-offs to give: 1" in page.text
    assert page.sheet("conclude-table").rows == [["Cat Cole", "3+ Settled", "2025-12-01", "Kim Novak"]]
    cat = TEAM.trainees.index(CAT) + 1
    given_on = "2025-09-01 by Kim Novak, on 3 signed off and 1 waived"
    assert page.sheet(f"t{cat}-tiers").rows == [
        ["0-3 New in role", "2025-06-01", "2025-09-01", "n/a", "2025-08-20", given_on],
        ["3+ Settled", "2025-09-01", "n/a", "n/a", "2025-12-01", "waits for the manager"],
    ]


def test_empty_lists_say_so() -> None:
    """Where nothing waits, is late or is to be given, the page says that, and shows no empty table."""
    page = Page(report_html(team(TODAY, [FAY])))
    for words in ("Nothing waits for a mentor.", "Nothing is overdue.", "No tier waits for the manager."):
        assert words in page.text


# --- one and many ---------------------------------------------------------------------------------------------


def test_one_trainee_has_no_comparison_and_no_contents() -> None:
    """The page of one trainee is about that one: no bars, no matrices, no list of names."""
    page = Page(report_html(team(TODAY, [ANN])))
    headings = [text(element) for element in page.root.iter() if element.tag in {"h1", "h2"}]
    assert text(next(page.root.iter("title"))) == "Ann Able, 2026-04-20: training report"
    assert headings == [
        "Ann Able: training report, 2026-04-20",
        "Waiting for a mentor: 1",
        "Overdue: 3",
        "Final sign-offs to give: 0",
        "Ann Able, Clerk",
    ]


def test_a_team_has_a_way_to_every_part_and_trainee() -> None:
    """The contents lead to each part and to each trainee's section, in the order of the page."""
    page = Page(report_html(TEAM))
    links = [(text(element), element.attrib["href"]) for element in page.by_class("contents")[0].iter("a")]
    assert text(next(page.root.iter("title"))) == "The team, 2026-04-20: training report"
    assert links[:5] == [
        ("Who is on track", "#pace"),
        ("Tiers and tasks", "#matrices"),
        ("Waiting for a mentor", "#waiting"),
        ("Overdue, by whose move it is", "#overdue"),
        ("Final sign-offs to give", "#conclude"),
    ]
    assert links[5:] == [(person.enrolment.name, f"#t{n}") for n, person in enumerate(TEAM.trainees, start=1)]


def test_each_trainees_section_says_who_and_how_it_stands() -> None:
    """Start, month, tier, mentors, manager, leave, the verdict's sentences and the fingerprint are all there."""
    page = Page(report_html(TEAM))
    for progress, section in zip(TEAM.trainees, page.root.iter("article"), strict=True):
        words = text(section)
        assert words.startswith(
            f"{progress.enrolment.name}, {progress.role_in_words} In the role since{progress.enrolment.start}"
        )
        assert all(line in words for line in summary_lines(progress))
        assert f"Fingerprint: {progress.fingerprint}" in words
    bob = text(list(page.root.iter("article"))[TEAM.trainees.index(BOB)])
    assert "Leave2026-03-12 to 2026-03-31" in bob
    assert "on leave now" not in bob
    away = trainee("Gil Gray", "2026-03-01", "2026-04-15 leave 2026-04-30")
    assert "2026-04-15 to 2026-04-30 (on leave now, until 2026-04-30)" in Page(report_html(team(TODAY, [away]))).text


def test_what_cannot_be_read_is_told_before_all_figures() -> None:
    """A broken record hides no other, and nobody takes the figures for those of the whole team."""
    page = Page(report_html(TEAM))
    assert page.text.startswith(
        "The team: training report, 2026-04-20 6 trainees, 1 finished. "
        "Could not be read: 1 gus.json: It is cut off. Nothing of these is in the figures below."
    )
    alone = Page(report_html(team(TODAY, [], TEAM.unreadable)))
    assert "gus.json: It is cut off." in alone.text
    assert not list(alone.root.iter("table"))


def test_an_altered_record_has_no_fingerprint() -> None:
    """The page vouches for no record with entries that do not count."""
    page = Page(report_html(team(TODAY, [ANN._replace(fingerprint=None)])))
    assert "Fingerprint: none, because not every entry counts" in page.text


def test_where_all_is_waived_nothing_is_counted() -> None:
    """Everything of Eve's is waived: n/a in every place, no picture, and never none or all of nothing."""
    page = Page(report_html(team(TODAY, [EVE])))
    assert page.sheet("t1-heat").rows[0] == ["Incoming mail", "n/a", "n/a"]
    assert page.sheet("t1-counts").rows[0] == ["mail", "0-3", "0", "0", "0", "0", "0", "4", "0", "n/a", "n/a"]
    assert page.sheet("t1-tiers").rows[0][4:] == ["n/a", "n/a"]
    assert "n/a: there is nothing to count." in page.text
    assert not list(page.root.iter("svg"))
    assert "%" not in page.text
