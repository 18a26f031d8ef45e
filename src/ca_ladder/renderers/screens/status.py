"""One trainee's tables of counts for `status` and `report`, and the tables that other screens share.

Ids, dates and numbers are never cut. If a table does not fit, it gets short headings, with notes below, and shorter
names of tasks.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ca_ladder.catalogue.models import Ladder
from ca_ladder.progress.results import OWNERS, Counts, TierProgress, TraineeProgress
from ca_ladder.renderers.display import Display
from ca_ladder.renderers.phrases import (
    fingerprint_lines,
    short_counts,
    summary_lines,
    waiting_rows,
    waits_and_late,
    when_line,
)

if TYPE_CHECKING:
    from ca_ladder.record.backups import Backup

# Rich's SIMPLE_HEAD in ASCII; its ASCII boxes have bars between the columns.
_PLAIN_HEAD = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)

COUNTS = Counts._fields
_STYLES = {"checked": "yellow", "returned": "magenta", "signed": "green", "waived": "dim", "overdue": "red"}
_FULL = ("Total", "Open", "Checked", "Returned", "Signed", "Waived", "Overdue", "Expected", "Ahead")
_MEDIUM = (*_FULL[:7], "Exp.", "Ahead")
SHORT = ("All", "Open", "Chk", "Ret", "Sig", "Wvd", "Late", "Exp", "+/-")
EXPLAINED: dict[tuple[str, ...], str] = {
    _FULL: "",
    _MEDIUM: "Exp. = expected by now; Ahead = checked or signed beyond that, - is behind",
    SHORT: "Chk checked, Ret returned, Sig signed off, Wvd waived, Late overdue, Exp expected by now, "
    "+/- ahead or behind",
}


def trainee_line(progress: TraineeProgress, display: Display) -> Text:
    """Return the line with the trainee's name and role."""
    return Text.assemble((display.text(progress.enrolment.name), "bold"), ", ", display.text(progress.role_in_words))


def date_line(progress: TraineeProgress, display: Display) -> Text:
    """Return the line with the day of the report and the trainee's month and tier."""
    return Text(display.text(when_line(progress)))


def status_screen(progress: TraineeProgress, display: Display) -> RenderableType:
    """Return the whole ladder at a glance: tiers, tasks by tiers, items without a tier, pace, whose move it is."""
    parts: list[RenderableType] = [
        trainee_line(progress, display),
        date_line(progress, display),
        Text(),
        _tier_table(progress, display),
    ]
    parts += [Text(), _task_matrix(progress.tiers, display)]
    if display.terminal:
        parts.append(Text("2+1/5 = 2 signed off, 1 checked and waiting, of 5; ! = overdue", style="dim"))
    if progress.kinds:
        parts += [Text(), _kinds_table(progress, display)]
    parts += [Text(), *map(Text, summary_lines(progress))]
    return Group(*parts)


def trainee_report(progress: TraineeProgress, display: Display) -> RenderableType:
    """Return one trainee's report: the counts and pace of each task by tier, and whose move it is."""
    parts: list[RenderableType] = [trainee_line(progress, display), date_line(progress, display)]
    headings = _headings(progress.tiers, display)
    for tier in progress.tiers:
        parts += [Text(), _tier_heading(tier, display), _report_table(tier, headings, display)]
    if progress.kinds:
        parts += [Text(), Text("Beside the tiers", style="bold"), _kinds_report(progress, headings, display)]
    if EXPLAINED[headings]:
        parts.append(Text(EXPLAINED[headings], style="dim"))
    parts += [Text(), _moves_table(progress, display)]
    parts += [Text(), *map(Text, [*summary_lines(progress), *fingerprint_lines(progress)])]
    return Group(*parts)


def new_table(display: Display) -> Table:
    """Return an empty table: ruled at a terminal, bare when redirected."""
    gap = 1 if display.terminal and display.width < 76 else 2
    return Table(
        box=(box.SIMPLE_HEAD if display.unicode else _PLAIN_HEAD) if display.terminal else None,
        show_edge=False,
        pad_edge=False,
        # The ruled box already has a blank between columns.
        padding=(0, gap - display.terminal, 0, 0),
        header_style="bold" if display.terminal else "",
    )


def roles_table(ladders: Iterable[Ladder], display: Display) -> Table:
    """Return the roles in ladder order, with all their variants, tiers and items."""
    table = new_table(display)
    for heading in ("Role", "Name", "Variants", "Tiers"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "Role")
    table.add_column("Items", justify="right")
    for ladder in ladders:
        role = ladder.role
        variants = ", ".join(variant.id for variant in role.variants) or "none"
        tiers = ", ".join(tier.id for tier in role.tiers)
        table.add_row(*map(Text, (role.id, display.text(role.name), variants, tiers, str(len(ladder.items)))))
    return table


def backups_table(backups: "Iterable[tuple[Backup, str]]", display: Display) -> Table:
    """Return a table of backups, each paired with its local time, to the minute.

    If there is no room for whole fingerprints, they are left out.
    """
    table = new_table(display)
    backups = list(backups)
    room = display.width - 46 - max((len(backup.quality) for backup, _ in backups), default=0)
    wide = room >= max((len(backup.fingerprint) for backup, _ in backups), default=0)
    for heading in ("ID", "Kept", "State"):
        table.add_column(heading, no_wrap=True)
    table.add_column("Entries", justify="right", no_wrap=True)
    if wide:
        table.add_column("Fingerprint", overflow="fold")
    for backup, when_ in backups:
        row = [backup.id, when_, backup.quality, str(backup.events), *([backup.fingerprint] if wide else [])]
        table.add_row(*map(Text, row))
    return table


def _tier_table(progress: TraineeProgress, display: Display) -> Table:
    table = new_table(display)
    bar = display.terminal and display.width >= 76
    for heading in ("Tier", "") if bar else ("Tier",):
        table.add_column(heading, no_wrap=True)
    for heading in ("Signed", "Checked", "Returned", "Open", "Total", "Overdue"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Due", no_wrap=True)
    for tier in progress.tiers:
        counts = tier.counts
        drawn = [Text(display.bar(counts.signed, counts.checked, counts.total, 10))] if bar else []
        late = Text(str(counts.overdue), style="bold red" if counts.overdue else "")
        table.add_row(Text(tier.tier.id), *drawn, *_mastery(counts), late, Text(str(tier.due or "n/a")))
    return table


def _kinds_table(progress: TraineeProgress, display: Display) -> Table:
    table = new_table(display)
    table.add_column("Beside the tiers", no_wrap=True)
    for heading in ("Signed", "Checked", "Returned", "Open", "Total"):
        table.add_column(heading, justify="right", no_wrap=True)
    for kind, counts in progress.kinds.items():
        table.add_row(Text(kind), *_mastery(counts))
    return table


def _mastery(counts: Counts) -> list[Text]:
    numbers = [counts.signed, counts.checked, counts.returned, counts.open]
    return [*(Text(str(number)) for number in numbers), Text(str(counts.total or "n/a"))]


def _task_matrix(tiers: Sequence[TierProgress], display: Display) -> Table:
    table = new_table(display)
    rows = [(row[0].task, [cell(task.counts) for task in row]) for row in zip(*(t.tasks for t in tiers), strict=True)]
    widths = [max([len(tier.tier.id), *(len(cells[n]) for _, cells in rows)]) for n, tier in enumerate(tiers)]
    room = display.width - max((len(task.id) for task, _ in rows), default=0) - sum(widths) - 2 * (len(widths) + 1)
    table.add_column("Task", no_wrap=True)
    if room >= 12:
        table.add_column("", no_wrap=True)
    for tier in tiers:
        table.add_column(Text(tier.tier.id), no_wrap=True, justify="right")
    for task, cells in rows:
        name = Text(display.text(task.name))
        name.truncate(max(room, 12), overflow="ellipsis" if display.unicode else "crop")
        table.add_row(Text(task.id), *([name] if room >= 12 else []), *cells)
    return table


def cell(counts: Counts) -> Text:
    """Return counts in a few characters: signed off, + checked, of all, and a mark for overdue."""
    style = "red" if counts.overdue else "green" if counts.total and counts.signed == counts.total else ""
    return Text(short_counts(counts), style=style)


def _tier_heading(tier: TierProgress, display: Display) -> Text:
    due = f"due {tier.due}" if tier.due else "no due date"
    return Text(f"Tier {tier.tier.id}  {display.text(tier.tier.title)}, {due}", style="bold")


def _moves_table(progress: TraineeProgress, display: Display) -> Table:
    table = new_table(display)
    table.add_column("Waits on", no_wrap=True)
    for owner in OWNERS:
        table.add_column(owner.capitalize(), justify="right", no_wrap=True)
    for name, waits_on, overdue_by in waiting_rows(progress):
        table.add_row(Text(name), *(Text(waits_and_late(waits_on, overdue_by, owner)) for owner in OWNERS))
    return table


def _report_table(tier: TierProgress, headings: Sequence[str], display: Display) -> Table:
    table = counts_table("Task", headings, display)
    for task in tier.tasks:
        table.add_row(Text(task.task.id), *numbers(task.counts), *paced(task.counts, task.expected, task.ahead))
    table.add_section()
    table.add_row(Text("Total"), *numbers(tier.counts), *paced(tier.counts, tier.expected, tier.ahead))
    return table


def _kinds_report(progress: TraineeProgress, headings: Sequence[str], display: Display) -> Table:
    table = counts_table("Kind", headings[: len(COUNTS)], display)
    for kind, counts in progress.kinds.items():
        table.add_row(Text(kind), *numbers(counts))
    return table


def counts_table(first: str, headings: Sequence[str], display: Display) -> Table:
    """Return an empty table, as narrow as possible, for the cells of `numbers` and `paced`."""
    table = new_table(display)
    if display.terminal:
        table.padding = (0, 0, 0, 0)
    table.add_column(first, no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _headings(tiers: Iterable[TierProgress], display: Display) -> tuple[str, ...]:
    """Return the longest headings that fit the width."""
    if not display.terminal:
        return _FULL
    longest = max((len(task.task.id) for tier in tiers for task in tier.tasks), default=0)
    for headings in (_FULL, _MEDIUM):
        if longest + sum(len(heading) + 1 for heading in headings) <= display.width:
            return headings
    return SHORT


def numbers(counts: Counts) -> list[Text]:
    """Return the cells of all counts; n/a if there is nothing to count."""
    if not counts.total and not counts.waived:
        return [Text("n/a"), *(Text("") for _ in COUNTS[1:])]
    numbers = [(name, getattr(counts, name)) for name in COUNTS]
    return [Text(str(number), style=_STYLES.get(name, "") if number else "dim") for name, number in numbers]


def paced(counts: Counts, expected: int | None, ahead: int | None) -> list[Text]:
    """Return the cells of what is expected by now, and how far ahead that is; n/a without a due date."""
    if not counts.total or expected is None or ahead is None:
        return [Text("n/a"), Text("n/a")]
    return [Text(str(expected)), Text(f"{ahead:+d}" if ahead else "0", style="red" if ahead < 0 else "")]
