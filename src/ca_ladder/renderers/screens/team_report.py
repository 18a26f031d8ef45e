"""The screens of a team: who is where, counts of tiers and tasks against people, whose move it is, what waits."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ca_ladder.catalogue.models import Tier
from ca_ladder.progress.results import OWNERS, TierProgress, TraineeProgress
from ca_ladder.progress.team import Group as RoleGroup
from ca_ladder.progress.team import TeamItem, TeamProgress
from ca_ladder.renderers.display import OWNER_LABELS, Display
from ca_ladder.renderers.phrases import mentor_names, plural, waits_and_late
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

# Where a tier's table has room for it, it says whose move it is, too.
_ROOM_FOR_MOVES = 110
_MOVES = ("Trn", "Mtr", "Mgr", "Opp")  # in the order of OWNERS
_MOVES_EXPLAINED = "Trn, Mtr, Mgr, Opp wait on the trainee, a mentor, the manager, an opportunity; (overdue of these)"


def report_screen(team: TeamProgress, display: Display) -> RenderableType:
    """Return the report: of one trainee every task, of a team who is where, every tier, whose move, what is late."""
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
    """Return who is where, the most behind first and the finished last."""
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
    for number, each in enumerate(team.trainees, start=1):
        pace = each.pace
        bar = [Text(display.bullet(pace.done, pace.expected, pace.total, 12))] if wide else []
        late, own = sum(each.overdue_by), each.overdue_by.trainee
        table.add_row(
            Text(str(number)),
            Text(display.text(each.enrolment.name)),
            Text(str(each.month or "n/a")),
            Text("finished" if each.finished else each.tier.id if each.tier else "n/a"),
            *bar,
            _ahead(pace.ahead),
            Text(str(late)),
            Text(str(own), style="bold red" if own else ""),
            Text(str(each.finished or each.forecast or "n/a")),
        )
    bars = "Done: checked or signed off; | = expected by now. " if wide else ""
    told = "Own: overdue and the trainee's move. Forecast: all checked, at the pace of the last 8 weeks"
    title = Text(f"{plural(len(team.trainees), 'trainee')} on {team.as_of}", style="bold")
    return Group(title, Text(), table, Text(f"{bars}{told}", style="dim"))


def _tier_table(team: TeamProgress, group: RoleGroup, tier: Tier, display: Display) -> Table:
    table = counts_table("#", (), display)
    table.add_column("Trainee", overflow="fold")
    table.add_column("Due", no_wrap=True)
    with_moves = display.width >= _ROOM_FOR_MOVES
    for heading in (*SHORT, *(_MOVES if with_moves else ())):
        table.add_column(heading, justify="right", no_wrap=True)
    numbered = _numbered(team)
    for each in group.trainees:
        for own in each.tiers:
            if own.tier is tier:
                due = Text(str(own.due or "n/a"))
                pace = paced(own.counts, own.expected, own.ahead)
                name = Text(display.text(each.enrolment.name))
                whose = _moves(own) if with_moves else ()
                table.add_row(Text(numbered[id(each)]), name, due, *numbers(own.counts), *pace, *whose)
    return table


def _moves(tier: TierProgress) -> list[Text]:
    """Return how many items of a tier wait on whom, and in brackets how many of them are overdue."""
    waits_and_late = zip(tier.waits_on, tier.overdue_by, strict=True)
    return [Text(f"{waits} ({late})" if late else str(waits)) for waits, late in waits_and_late]


def _task_matrices(team: TeamProgress, group: RoleGroup, display: Display) -> list[RenderableType]:
    """Return tasks against people, as many people side by side as there is room for."""
    longest = max((len(task.id) for task in group.tasks), default=0)
    room = max((display.width - longest) // 9, 1)
    people = [group.trainees[first : first + room] for first in range(0, len(group.trainees), room)]
    parts: list[RenderableType] = []
    numbered = _numbered(team)
    for some in people:
        table = new_table(display)
        table.add_column("Task", no_wrap=True)
        for each in some:
            table.add_column(f"#{numbered[id(each)]}", justify="right", no_wrap=True)
        for task in group.tasks:
            counts = [group.counts(each, task) for each in some]
            table.add_row(Text(task.id), *(cell(each) if each else Text("n/a") for each in counts))
        parts += [table]
    return parts


def _moves_table(team: TeamProgress, display: Display) -> Table:
    table = _owners_table(display)
    for number, each in enumerate(team.trainees, start=1):
        moves = {owner: waits_and_late(each.waits_on, each.overdue_by, owner) for owner in OWNERS}
        if each.to_conclude:
            moves["manager"] += f" + tier {', '.join(tier.tier.id for tier in each.to_conclude)}"
        table.add_row(Text(str(number)), Text(display.text(each.enrolment.name)), *map(Text, moves.values()))
    return table


def _moves_beside_table(team: TeamProgress, display: Display) -> Table:
    table = _owners_table(display)
    for number, each in enumerate(team.trainees, start=1):
        table.add_row(
            Text(str(number)), Text(display.text(each.enrolment.name)), *map(Text, map(str, each.waits_on_untiered))
        )
    return table


def _owners_table(display: Display) -> Table:
    table = new_table(display)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("Trainee", overflow="fold")
    for owner in OWNERS:
        table.add_column(owner.capitalize(), justify="right", no_wrap=True)
    return table


def _lists(team: TeamProgress, display: Display) -> list[RenderableType]:
    """Return what is overdue, what waits for a mentor, and what for the manager's last word."""
    parts: list[RenderableType] = []
    if team.overdue:
        rows = []
        for each, late in _by_trainee(team.overdue):
            for owner in OWNERS:
                if own := [one for one in late if one.item.waits_on == owner]:
                    rows.append((display.text(each.enrolment.name), OWNER_LABELS[owner], str(own[0].days), _ids(own)))
        headings = ("Trainee", "Whose move", "Days", "Items, the longest first")
        parts += [Text(), Text("Overdue", style="bold"), _table(headings, rows, display)]
    if team.mentor_queues:
        waiting = [
            (display.text(mentor_names(desk)), display.text(each.enrolment.name), str(own[0].days), _ids(own))
            for desk in team.mentor_queues
            for each, own in _by_trainee(desk.items)
        ]
        headings = ("Mentor", "Trainee", "Days", "Items, the longest first")
        parts += [Text(), Text("Waiting for a mentor", style="bold"), _table(headings, waiting, display)]
    if team.to_conclude:
        ready = [(display.text(each.enrolment.name), tier.tier.id) for each, tier in team.to_conclude]
        parts += [Text(), Text("Waiting for the manager's final sign-off", style="bold")]
        parts += [_table(("Trainee", "Tier"), ready, display)]
    return parts


def _by_trainee(items: Iterable[TeamItem]) -> list[tuple[TraineeProgress, list[TeamItem]]]:
    """Return the items of each trainee who has any, whose first comes first."""
    found: dict[int, list[TeamItem]] = {}
    for each in items:
        found.setdefault(id(each.trainee), []).append(each)
    return [(own[0].trainee, own) for own in found.values()]


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], display: Display) -> Table:
    table = new_table(display)
    for heading in headings:
        table.add_column(heading, overflow="fold", justify="right" if heading == "Days" else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _numbered(team: TeamProgress) -> dict[int, str]:
    """Return the number by which each trainee is called where a name has no room."""
    return {id(each): str(number) for number, each in enumerate(team.trainees, start=1)}


def _ids(items: Iterable[TeamItem]) -> str:
    return ", ".join(each.item.item.id for each in items)


def _ahead(ahead: int | None) -> Text:
    if ahead is None:
        return Text("n/a")
    return Text(f"{ahead:+d}" if ahead else "0", style="red" if ahead < 0 else "")
