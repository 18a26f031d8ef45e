"""The screens of a team: pace, tiers and tasks of each trainee, whose move it is, what waits."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ca_ladder.catalogue.models import Tier
from ca_ladder.errors import plural
from ca_ladder.progress.results import OWNERS, TierProgress, TraineeProgress
from ca_ladder.progress.team import Group as RoleGroup
from ca_ladder.progress.team import TeamItem, TeamProgress
from ca_ladder.renderers.display import OWNER_LABELS, Display
from ca_ladder.renderers.phrases import mentor_names, waits_and_late
from ca_ladder.renderers.screens.status import (
    EXPLAINED,
    SHORT,
    cell,
    counts_table,
    new_table,
    numbers,
    paced,
    trainee_report,
)

# From this width on, the tables of tiers also show whose move it is.
_ROOM_FOR_MOVES = 110
_MOVES = ("Trn", "Mtr", "Mgr", "Opp")  # in the order of OWNERS
_MOVES_EXPLAINED = "Trn, Mtr, Mgr, Opp wait on the trainee, a mentor, the manager, an opportunity; (overdue of these)"


def report_screen(team: TeamProgress, display: Display) -> RenderableType:
    """Return the report of one trainee, or of a team: pace, tiers, tasks, whose move it is, what is overdue."""
    if len(team.trainees) == 1:
        return trainee_report(team.trainees[0], display)
    parts: list[RenderableType] = [overview_screen(team, display)]
    for group in team.groups:
        if len(team.groups) > 1:
            parts += [Text(), Text(display.text(group.role.name), style="bold")]
        for tier in group.tiers:
            parts += [Text(), Text(f"Tier {tier.id}  {display.text(tier.title)}", style="bold")]
            parts += [_tier_table(team, group, tier, display)]
        parts += [Text(EXPLAINED[SHORT], style="dim")]
        parts += [Text(_MOVES_EXPLAINED, style="dim")] if display.width >= _ROOM_FOR_MOVES else []
        parts += [Text()]
        parts += _task_matrices(team, group, display)
        parts += [Text("2+1/5 = 2 signed off, 1 checked and waiting, of 5; ! = overdue", style="dim")]
    parts += [Text(), Text("Whose move it is, in the tiers", style="bold"), _moves_table(team, display)]
    parts += [Text(), Text("Whose move it is, beside the tiers (knowledge, skills, activities ...)", style="bold")]
    parts += [_moves_beside_table(team, display), *_lists(team, display)]
    return Group(*parts)


def overview_screen(team: TeamProgress, display: Display) -> RenderableType:
    """Return a row for each trainee with pace and forecast, the most behind first and the finished last."""
    table = new_table(display)
    wide = display.terminal and display.width >= 76
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("Trainee", overflow="fold")
    table.add_column("Month", justify="right", no_wrap=True)
    table.add_column("Tier", no_wrap=True)
    if wide:
        table.add_column("Done", no_wrap=True)
    for heading in ("Ahead", "Overdue", "Own"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Forecast", no_wrap=True)
    for number, trainee in enumerate(team.trainees, start=1):
        pace = trainee.pace
        bar = [Text(display.bullet(pace.done, pace.expected, pace.total, 12))] if wide else []
        overdue, overdue_own = sum(trainee.overdue_by), trainee.overdue_by.trainee
        table.add_row(
            Text(str(number)),
            Text(display.text(trainee.enrolment.name)),
            Text(str(trainee.month or "n/a")),
            Text("finished" if trainee.finished else trainee.tier.id if trainee.tier else "n/a"),
            *bar,
            _ahead(pace.ahead),
            Text(str(overdue)),
            Text(str(overdue_own), style="bold red" if overdue_own else ""),
            Text(str(trainee.finished or trainee.forecast or "n/a")),
        )
    bars = "Done: checked or signed off; | = expected by now. " if wide else ""
    notes = "Own: overdue and the trainee's move. Forecast: all checked, at the pace of the last 8 weeks"
    title = Text(f"{plural(len(team.trainees), 'trainee')} on {team.as_of}", style="bold")
    return Group(title, Text(), table, Text(f"{bars}{notes}", style="dim"))


def _tier_table(team: TeamProgress, group: RoleGroup, tier: Tier, display: Display) -> Table:
    table = counts_table("#", (), display)
    table.add_column("Trainee", overflow="fold")
    table.add_column("Due", no_wrap=True)
    with_moves = display.width >= _ROOM_FOR_MOVES
    for heading in (*SHORT, *(_MOVES if with_moves else ())):
        table.add_column(heading, justify="right", no_wrap=True)
    numbered = _numbered(team)
    for trainee in group.trainees:
        for progress in trainee.tiers:
            if progress.tier is tier:
                due = Text(str(progress.due or "n/a"))
                pace = paced(progress.counts, progress.expected, progress.ahead)
                name = Text(display.text(trainee.enrolment.name))
                waits_on = _moves(progress) if with_moves else ()
                table.add_row(Text(numbered[id(trainee)]), name, due, *numbers(progress.counts), *pace, *waits_on)
    return table


def _moves(tier: TierProgress) -> list[Text]:
    """Return how many items of a tier wait on whom, with the number overdue in brackets."""
    waits_and_late = zip(tier.waits_on, tier.overdue_by, strict=True)
    return [Text(f"{waits} ({late})" if late else str(waits)) for waits, late in waits_and_late]


def _task_matrices(team: TeamProgress, group: RoleGroup, display: Display) -> list[RenderableType]:
    """Return tables of tasks by trainees, with as many trainees in each as fit the width."""
    longest = max((len(task.id) for task in group.tasks), default=0)
    room = max((display.width - longest) // 9, 1)
    people = [group.trainees[first : first + room] for first in range(0, len(group.trainees), room)]
    parts: list[RenderableType] = []
    numbered = _numbered(team)
    for shown in people:
        table = new_table(display)
        table.add_column("Task", no_wrap=True)
        for trainee in shown:
            table.add_column(f"#{numbered[id(trainee)]}", justify="right", no_wrap=True)
        for task in group.tasks:
            counts = [group.counts(trainee, task) for trainee in shown]
            table.add_row(Text(task.id), *(cell(count) if count else Text("n/a") for count in counts))
        parts.append(table)
    return parts


def _moves_table(team: TeamProgress, display: Display) -> Table:
    table = _owners_table(display)
    for number, trainee in enumerate(team.trainees, start=1):
        moves = {owner: waits_and_late(trainee.waits_on, trainee.overdue_by, owner) for owner in OWNERS}
        if trainee.to_conclude:
            moves["manager"] += f" + tier {', '.join(tier.tier.id for tier in trainee.to_conclude)}"
        table.add_row(Text(str(number)), Text(display.text(trainee.enrolment.name)), *map(Text, moves.values()))
    return table


def _moves_beside_table(team: TeamProgress, display: Display) -> Table:
    table = _owners_table(display)
    for number, trainee in enumerate(team.trainees, start=1):
        waits_on = map(str, trainee.waits_on_untiered)
        table.add_row(Text(str(number)), Text(display.text(trainee.enrolment.name)), *map(Text, waits_on))
    return table


def _owners_table(display: Display) -> Table:
    table = new_table(display)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("Trainee", overflow="fold")
    for owner in OWNERS:
        table.add_column(owner.capitalize(), justify="right", no_wrap=True)
    return table


def _lists(team: TeamProgress, display: Display) -> list[RenderableType]:
    """Return the lists of overdue items, of items that wait for a mentor, and of tiers that wait for the manager."""
    parts: list[RenderableType] = []
    if team.overdue:
        rows = []
        for trainee, late in _by_trainee(team.overdue):
            for owner in OWNERS:
                if items := [item for item in late if item.item.waits_on == owner]:
                    name = display.text(trainee.enrolment.name)
                    rows.append((name, OWNER_LABELS[owner], str(items[0].days), _ids(items)))
        headings = ("Trainee", "Whose move", "Days", "Items, the longest first")
        parts += [Text(), Text("Overdue", style="bold"), _table(headings, rows, display)]
    if team.mentor_queues:
        waiting = [
            (display.text(mentor_names(queue)), display.text(trainee.enrolment.name), str(items[0].days), _ids(items))
            for queue in team.mentor_queues
            for trainee, items in _by_trainee(queue.items)
        ]
        headings = ("Mentor", "Trainee", "Days", "Items, the longest first")
        parts += [Text(), Text("Waiting for a mentor", style="bold"), _table(headings, waiting, display)]
    if team.to_conclude:
        ready = [(display.text(trainee.enrolment.name), tier.tier.id) for trainee, tier in team.to_conclude]
        parts += [Text(), Text("Waiting for the manager's final sign-off", style="bold")]
        parts += [_table(("Trainee", "Tier"), ready, display)]
    return parts


def _by_trainee(items: Iterable[TeamItem]) -> list[tuple[TraineeProgress, list[TeamItem]]]:
    """Return the items grouped by trainee, in the order of their first items."""
    by_trainee: dict[int, list[TeamItem]] = {}
    for item in items:
        by_trainee.setdefault(id(item.trainee), []).append(item)
    return [(of_trainee[0].trainee, of_trainee) for of_trainee in by_trainee.values()]


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], display: Display) -> Table:
    table = new_table(display)
    for heading in headings:
        table.add_column(heading, overflow="fold", justify="right" if heading == "Days" else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _numbered(team: TeamProgress) -> dict[int, str]:
    """Return each trainee's number, by id(); it replaces the name where there is no room."""
    return {id(trainee): str(number) for number, trainee in enumerate(team.trainees, start=1)}


def _ids(items: Iterable[TeamItem]) -> str:
    return ", ".join(item.item.item.id for item in items)


def _ahead(ahead: int | None) -> Text:
    if ahead is None:
        return Text("n/a")
    return Text(f"{ahead:+d}" if ahead else "0", style="red" if ahead < 0 else "")
