"""The screens of a team: pace, tiers and tasks of each trainee, whose move it is, what waits."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ca_ladder.catalogue.models import Tier
from ca_ladder.errors import plural
from ca_ladder.progress.results import OWNERS, TraineeProgress
from ca_ladder.progress.team import Group as RoleGroup
from ca_ladder.progress.team import TeamItem, TeamProgress
from ca_ladder.renderers.display import OWNER_HEADINGS_SHORT, OWNER_LABELS, Display
from ca_ladder.renderers.phrases import mentor_names, team_uncounted_lines, waits_and_late
from ca_ladder.renderers.screens.status import (
    EXPLAINED,
    MOVES_EXPLAINED,
    SHORT,
    SHORT_COUNTS_EXPLAINED,
    counts_and_pace,
    counts_cell,
    folded,
    new_table,
    numeric,
    pace_cell,
    titled,
    trainee_report,
    whole,
)

# From this width on, the tables of tiers also show whose move it is.
_ROOM_FOR_MOVES = 110
_MOVES = ("Trn", "Mtr", "Mgr", "Not yet")  # in the order of OWNERS
_MOVES_EXPLAINED = (
    "Trn, Mtr, Mgr wait on the trainee, a mentor, the manager; Not yet = not yet possible; (overdue of these)"
)


def report_screen(team: TeamProgress, display: Display) -> RenderableType:
    """Return the report of one trainee, or of a team: pace, tiers, tasks, whose move it is, what is overdue."""
    if len(team.trainees) == 1:
        return trainee_report(team.trainees[0], display)
    parts: list[RenderableType] = [overview_screen(team, display)]
    # By id(); a number replaces the name where there is no room.
    numbers = {id(trainee): number for number, trainee in enumerate(team.trainees, start=1)}
    for group in team.groups:
        if len(team.groups) > 1:
            parts += titled(display.text(group.role.name))
        for tier in group.tiers:
            table = _tier_table(numbers, group, tier, display)
            parts += titled(f"Tier {tier.id}  {display.text(tier.title)}", table)
        parts += [Text(EXPLAINED[SHORT], style="dim")]
        parts += [Text(_MOVES_EXPLAINED, style="dim")] if display.width >= _ROOM_FOR_MOVES else []
        parts += [Text(), *_task_matrices(numbers, group, display), Text(SHORT_COUNTS_EXPLAINED, style="dim")]
    return Group(*parts, *_moves(team, display), *_lists(team, display))


def overview_screen(team: TeamProgress, display: Display) -> RenderableType:
    """Return a row for each trainee with pace and forecast, the most behind first and the finished last."""
    wide = display.terminal and display.width >= 76
    rows = []
    for number, trainee in enumerate(team.trainees, start=1):
        pace = trainee.pace
        tier = "finished" if trainee.finished else trainee.tier.id if trainee.tier else "n/a"
        bar = [display.bullet(pace.done, pace.expected, pace.total, 12)] if wide else []
        overdue, overdue_own = trainee.overdue, trainee.overdue_by.trainee
        own_cell = Text(str(overdue_own), style="bold red" if overdue_own else "")
        first = number, trainee.enrolment.name, trainee.month or "n/a", tier
        forecast = trainee.finished or trainee.forecast or "n/a"
        rows.append((*first, *bar, pace_cell(pace.ahead, pace.total), overdue, own_cell, forecast))
    columns = [*numeric("#"), *folded("Trainee"), *numeric("Month")]
    columns += whole("Tier", "Done") if wide else whole("Tier")
    columns += [*numeric("Pace", "Overdue", "Own"), *whole("Forecast")]
    bars = "Done: checked or signed off; | = expected by now. " if wide else ""
    notes = "Own: overdue and the trainee's move. Forecast: all checked, at the pace of the last 8 weeks"
    title = Text(f"{plural(len(team.trainees), 'trainee')} on {team.as_of}", style="bold")
    uncounted = [Text(display.text(line), style="bold red") for line in team_uncounted_lines(team)]
    return Group(title, Text(), new_table(display, columns, rows), *uncounted, Text(f"{bars}{notes}", style="dim"))


def _tier_table(numbers: dict[int, int], group: RoleGroup, tier: Tier, display: Display) -> Table:
    with_moves = display.width >= _ROOM_FOR_MOVES
    rows = []
    for trainee in group.trainees:
        for progress in trainee.tiers:
            if progress.tier is tier:
                first = numbers[id(trainee)], trainee.enrolment.name, progress.due or "n/a"
                by_owner = zip(progress.waits_on, progress.overdue_by, strict=True) if with_moves else ()
                moves = [f"{waits} ({late})" if late else waits for waits, late in by_owner]
                rows.append((*first, *counts_and_pace(progress, SHORT), *moves))
    columns = [*whole("#"), *folded("Trainee"), *whole("Due"), *numeric(*SHORT, *(_MOVES if with_moves else ()))]
    return new_table(display, columns, rows, narrow=True)


def _task_matrices(numbers: dict[int, int], group: RoleGroup, display: Display) -> list[RenderableType]:
    """Return tables of tasks by trainees, with as many trainees in each as fit the width."""
    longest = max((len(task.id) for task in group.tasks), default=0)
    room = max((display.width - longest) // 9, 1)
    parts: list[RenderableType] = []
    for first in range(0, len(group.trainees), room):
        trainees = group.trainees[first : first + room]
        rows = []
        for task in group.tasks:
            counts = [group.counts(trainee, task) for trainee in trainees]
            rows.append((task.id, *(counts_cell(count) if count else "n/a" for count in counts)))
        columns = [*whole("Task"), *numeric(*(f"#{numbers[id(trainee)]}" for trainee in trainees))]
        parts.append(new_table(display, columns, rows))
    return parts


def _moves(team: TeamProgress, display: Display) -> list[RenderableType]:
    """Return the tables of how many items wait on whom, in the tiers and outside of them."""
    in_tiers, untiered = [], []
    for number, trainee in enumerate(team.trainees, start=1):
        moves = waits_and_late(trainee.waits_on, trainee.overdue_by)
        if trainee.to_conclude:
            tiers = ", ".join(tier.tier.id for tier in trainee.to_conclude)
            moves[OWNERS.index("manager")] += f", to conclude: {tiers}"
        in_tiers.append((number, trainee.enrolment.name, *moves))
        untiered.append((number, trainee.enrolment.name, *trainee.waits_on_untiered))
    parts: list[RenderableType] = []
    for title, rows in (
        ("in the tiers", in_tiers),
        ("not tied to a tier (knowledge, skills, activities ...)", untiered),
    ):
        columns = [*numeric("#"), *folded("Trainee"), *numeric(*OWNER_HEADINGS_SHORT)]
        parts += titled(f"Whose move it is, {title}", new_table(display, columns, rows))
    return [*parts, Text(MOVES_EXPLAINED, style="dim")]


def _lists(team: TeamProgress, display: Display) -> list[RenderableType]:
    """Return the lists of overdue items, of items that wait for a mentor, and of tiers that wait for the manager."""
    overdue = [
        (trainee.enrolment.name, OWNER_LABELS[owner], items[0].days, _ids(items))
        for trainee, late in _by_trainee(team.overdue)
        for owner in OWNERS
        if (items := [item for item in late if item.item.waits_on == owner])
    ]
    waiting = [
        (mentor_names(queue), trainee.enrolment.name, items[0].days, _ids(items))
        for queue in team.mentor_queues
        for trainee, items in _by_trainee(queue.items)
    ]
    parts: list[RenderableType] = []
    for title, who, rows in (
        ("Overdue", ("Trainee", "Whose move"), overdue),
        ("Waiting for a mentor", ("Mentor", "Trainee"), waiting),
    ):
        if rows:
            columns = [*folded(*who), *numeric("Days"), *folded("Items, the oldest first")]
            parts += titled(title, new_table(display, columns, rows))
    if ready := [(trainee.enrolment.name, tier.tier.id) for trainee, tier in team.to_conclude]:
        table = new_table(display, folded("Trainee", "Tier"), ready)
        parts += titled("Waiting for the manager's final sign-off", table)
    return parts


def _by_trainee(items: Iterable[TeamItem]) -> list[tuple[TraineeProgress, list[TeamItem]]]:
    """Return the items grouped by trainee, in the order of their first items."""
    by_trainee: dict[int, list[TeamItem]] = {}
    for item in items:
        by_trainee.setdefault(id(item.trainee), []).append(item)
    return [(of_trainee[0].trainee, of_trainee) for of_trainee in by_trainee.values()]


def _ids(items: Iterable[TeamItem]) -> str:
    return ", ".join(item.item.item.id for item in items)
