"""One trainee's tables of counts for `status` and `report`, and the tables that other screens share.

Ids, dates and numbers are never cut. If a table does not fit, it gets short headings, with notes below, and shorter
names of tasks.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from ca_ladder.catalogue.models import Ladder
from ca_ladder.progress.results import Counts, Tally, TierProgress, TraineeProgress, UncountedEntry
from ca_ladder.renderers import phrases
from ca_ladder.renderers.display import OWNER_HEADINGS_SHORT, STYLES, Display

if TYPE_CHECKING:
    from ca_ladder.record.backups import Backup

# The cells of a table: a Text, which is styled, or data, which is escaped.
Row = Sequence[object]

# Rich's SIMPLE_HEAD in ASCII; its ASCII boxes have bars between the columns.
_PLAIN_HEAD = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)

COUNTS = Counts._fields
_MASTERY = ("Signed", "Checked", "Returned", "Open", "Total")
_FULL = ("Total", "Open", "Checked", "Returned", "Signed", "Waived", "Overdue", "Expected", "Pace")
_MEDIUM = (*_FULL[:6], "Late", "Exp.", "Pace")
SHORT = ("All", "Open", "Chk", "Ret", "Sig", "Wvd", "Late", "Exp", "+/-")
EXPLAINED: dict[tuple[str, ...], str] = {
    _FULL: "",
    _MEDIUM: "Late = overdue; Exp. = expected by now; Pace = checked or signed, against that",
    SHORT: "Chk checked, Ret returned, Sig signed off, Wvd waived, Late overdue, Exp expected by now, "
    "+/- ahead or behind",
}
MOVES_EXPLAINED = "Not yet = not yet possible: too early, something else is first, or no occasion"
SHORT_COUNTS_EXPLAINED = "2+1/5 = 2 signed off, 1 checked and waiting, of 5; ! = overdue"


def trainee_line(progress: TraineeProgress, display: Display) -> Text:
    """Return the line with the trainee's name and role."""
    return Text.assemble((display.text(progress.enrolment.name), "bold"), ", ", display.text(progress.role_in_words))


def first_lines(progress: TraineeProgress, display: Display) -> list[RenderableType]:
    """Return the trainee's name and role, then the day, month and tier, then what does not count, a line for each."""
    when = Text(display.text(phrases.when_line(progress)))
    return [trainee_line(progress, display), when, *uncounted_texts(progress.does_not_count)]


def uncounted_texts(does_not_count: Sequence[UncountedEntry]) -> list[RenderableType]:
    """Return the line on entries of the record that do not count, if there are any."""
    return [Text(line, style="bold red") for line in phrases.uncounted_lines(does_not_count)]


def titled(title: str, *parts: RenderableType) -> list[RenderableType]:
    """Return a section of a screen: a blank line, the title and the parts below it."""
    return [Text(), Text(title, style="bold"), *parts]


def status_screen(progress: TraineeProgress, display: Display) -> RenderableType:
    """Return the whole ladder at a glance: tiers, tasks by tiers, items without a tier, pace, whose move it is."""
    parts = [*first_lines(progress, display), Text(), _tier_table(progress, display)]
    parts += [Text(), _task_matrix(progress.tiers, display)]
    if display.terminal:
        parts.append(Text(SHORT_COUNTS_EXPLAINED, style="dim"))
    if progress.kinds:
        rows = [(kind, *_mastery(tally.counts)) for kind, tally in progress.kinds.items()]
        parts += [Text(), new_table(display, [*whole("Not tied to a tier"), *numeric(*_MASTERY)], rows)]
    return Group(*parts, Text(), *(Text(display.text(line)) for line in phrases.summary_lines(progress)))


def trainee_report(progress: TraineeProgress, display: Display) -> RenderableType:
    """Return one trainee's report: the counts and pace of each task by tier, and whose move it is."""
    parts = first_lines(progress, display)
    headings = _headings(progress.tiers, display)
    for tier in progress.tiers:
        rows = [(task.task.id, *counts_and_pace(task, headings)) for task in tier.tasks]
        table = new_table(display, [*whole("Task"), *numeric(*headings)], rows, narrow=True)
        table.add_section()
        table.add_row(Text("Total"), *counts_and_pace(tier, headings))
        due = f"due {tier.due}" if tier.due else "no due date"
        parts += titled(f"Tier {tier.tier.id}  {display.text(tier.tier.title)}, {due}", table)
    if progress.kinds:
        rows = [(kind, *_count_cells(tally.counts)) for kind, tally in progress.kinds.items()]
        columns = [*whole("Kind"), *numeric(*headings[: len(COUNTS)])]
        parts += titled("Not tied to a tier", new_table(display, columns, rows, narrow=True))
    if EXPLAINED[headings]:
        parts.append(Text(EXPLAINED[headings], style="dim"))
    columns = [*whole("Waits on"), *numeric(*OWNER_HEADINGS_SHORT)]
    parts += [Text(), new_table(display, columns, phrases.waiting_rows(progress)), Text(MOVES_EXPLAINED, style="dim")]
    lines = [*phrases.summary_lines(progress), *phrases.fingerprint_lines(progress)]
    return Group(*parts, Text(), *(Text(display.text(line)) for line in lines))


def folded(*headings: str) -> list[Column]:
    """Return columns of words, broken into lines where there is no room."""
    return [Column(Text(heading), overflow="fold") for heading in headings]


def whole(*headings: str) -> list[Column]:
    """Return columns of ids, dates and states, each on one line."""
    return [Column(Text(heading), no_wrap=True) for heading in headings]


def numeric(*headings: str) -> list[Column]:
    """Return columns of numbers."""
    return [Column(Text(heading), no_wrap=True, justify="right") for heading in headings]


def new_table(display: Display, columns: Iterable[Column], rows: Iterable[Row], *, narrow: bool = False) -> Table:
    """Return a table: ruled at a terminal, bare when redirected. If ``narrow``, columns are as near as they can be.

    The columns are the table's own: Rich keeps its cells in them.
    """
    gap = 1 if display.terminal and (narrow or display.width < 76) else 2
    table = Table(
        *columns,
        box=(box.SIMPLE_HEAD if display.unicode else _PLAIN_HEAD) if display.terminal else None,
        show_edge=False,
        pad_edge=False,
        # The ruled box already has a blank between columns.
        padding=(0, gap - display.terminal, 0, 0),
        header_style="bold" if display.terminal else "",
    )
    return _filled(display, table, rows)


def pairs_table(display: Display, rows: Iterable[Row], *, style: str = "", least: int = 0, gap: int = 2) -> Table:
    """Return a table without headings: names, in a column at least so wide, and a text beside each."""
    columns = Column(no_wrap=True, min_width=least, style=style), Column(overflow="fold")
    table = Table(*columns, box=None, show_header=False, pad_edge=False, padding=(0, gap, 0, 0))
    return _filled(display, table, rows)


def _filled(display: Display, table: Table, rows: Iterable[Row]) -> Table:
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(display.text(str(cell))) for cell in row))
    return table


def roles_table(ladders: Iterable[Ladder], display: Display) -> Table:
    """Return the roles in ladder order, with all their variants, tiers and items."""
    rows = []
    for ladder in ladders:
        role = ladder.role
        variants = ", ".join(variant.id for variant in role.variants) or "none"
        rows.append((role.id, role.name, variants, ", ".join(tier.id for tier in role.tiers), len(ladder.items)))
    role_column = Column("Role", overflow="fold", no_wrap=True)
    columns = [role_column, *folded("Name", "Variants", "Tiers"), Column("Items", justify="right")]
    return new_table(display, columns, rows)


def backups_table(backups: "Sequence[tuple[Backup, str]]", record_id: str | None, display: Display) -> Table:
    """Return a table of backups, each paired with its local time, to the minute.

    The trainees are named if not all are backups of the record with this id. If there is no room for whole
    fingerprints, they are left out.
    """
    records = [backup.record for backup, _ in backups]
    names = [record.enrolment.name if record else "" for record in records]
    named = any(record and record.id != record_id for record in records)
    room = display.width - 46 - max((len(backup.quality) for backup, _ in backups), default=0)
    room -= max(map(len, names), default=0) + 2 if named else 0
    wide = room >= max((len(backup.fingerprint) for backup, _ in backups), default=0)
    rows = [
        (backup.id, kept, backup.quality, backup.events, *[name] * named, *[_vouched(backup)] * wide)
        for (backup, kept), name in zip(backups, names, strict=True)
    ]
    words = folded(*["Trainee"] * named, *["Fingerprint"] * wide)
    return new_table(display, [*whole("ID", "Kept", "State"), *numeric("Entries"), *words], rows)


def _vouched(backup: "Backup") -> str:
    """Return the fingerprint of a whole backup. It would vouch for an altered one, too."""
    return backup.fingerprint if backup.quality == "whole" else ""


def _tier_table(progress: TraineeProgress, display: Display) -> Table:
    with_bar = display.terminal and display.width >= 76
    rows = []
    for tier in progress.tiers:
        counts = tier.counts
        bar = [display.bar(counts.signed, counts.checked, counts.total, 10)] if with_bar else []
        late = Text(str(counts.overdue), style="bold red" if counts.overdue else "")
        rows.append((tier.tier.id, *bar, *_mastery(counts), late, tier.due or "n/a"))
    tiers = whole("Tier", "") if with_bar else whole("Tier")
    return new_table(display, [*tiers, *numeric(*_MASTERY, "Overdue"), *whole("Due")], rows)


def _mastery(counts: Counts) -> Row:
    """Return the cells below the headings of _MASTERY."""
    return counts.signed, counts.checked, counts.returned, counts.open, counts.total or "n/a"


def _task_matrix(tiers: Sequence[TierProgress], display: Display) -> Table:
    tasks = [
        (row[0].task, [counts_cell(task.counts) for task in row]) for row in zip(*(t.tasks for t in tiers), strict=True)
    ]
    widths = [max([len(tier.tier.id), *(len(cells[n]) for _, cells in tasks)]) for n, tier in enumerate(tiers)]
    room = display.width - max((len(task.id) for task, _ in tasks), default=0) - sum(widths) - 2 * (len(widths) + 1)
    rows = []
    for task, cells in tasks:
        name = Text(display.text(task.name))
        name.truncate(max(room, 12), overflow="ellipsis" if display.unicode else "crop")
        rows.append((task.id, *([name] if room >= 12 else []), *cells))
    columns = [*(whole("Task", "") if room >= 12 else whole("Task")), *numeric(*(tier.tier.id for tier in tiers))]
    return new_table(display, columns, rows)


def counts_cell(counts: Counts) -> Text:
    """Return counts in a few characters: signed off, + checked, of all, and a mark for overdue."""
    style = "red" if counts.overdue else "green" if counts.total and counts.signed == counts.total else ""
    return Text(phrases.short_counts(counts), style=style)


def _headings(tiers: Sequence[TierProgress], display: Display) -> tuple[str, ...]:
    """Return the longest headings that fit the width."""
    if not display.terminal:
        return _FULL
    tasks = [task for tier in tiers for task in tier.tasks]
    longest = max((len(task.task.id) for task in tasks), default=0)
    # The words of a pace may be wider than their heading.
    parts: list[Tally] = [*tasks, *tiers]
    paces = ["Pace", *(phrases.pace_in_words(part.ahead, part.counts.total) for part in parts)]
    room = display.width - longest - (max(map(len, paces)) - len("Pace"))
    return next((names for names in (_FULL, _MEDIUM) if sum(len(name) + 1 for name in names) <= room), SHORT)


def _count_cells(counts: Counts) -> list[Text]:
    """Return the cells of all counts; n/a if there is nothing to count."""
    if not counts.total and not counts.waived:
        return [Text("n/a"), *(Text("") for _ in COUNTS[1:])]
    numbers = zip(COUNTS, counts, strict=True)
    return [Text(str(number), style=STYLES.get(name, "") if number else "dim") for name, number in numbers]


def counts_and_pace(part: Tally, headings: Sequence[str]) -> list[Text]:
    """Return the cells below the headings: all counts, what is expected by now, and the pace."""
    expected = part.expected if part.counts.total else None
    pace = pace_cell(part.ahead, part.counts.total)
    if headings == SHORT and part.ahead is not None and part.counts.total:
        pace.plain = f"{part.ahead:+d}" if part.ahead else "0"
    return [*_count_cells(part.counts), Text("n/a" if expected is None else str(expected)), pace]


def pace_cell(ahead: int | None, total: int) -> Text:
    """Return how many items somebody is ahead or, in red, behind."""
    return Text(phrases.pace_in_words(ahead, total), style="red" if ahead and ahead < 0 else "")
