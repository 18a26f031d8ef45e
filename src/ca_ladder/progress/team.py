"""The progress of a team: who is most behind, what is overdue and whose move it is, what waits for which mentor."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from ca_ladder.catalogue.models import Role, Task, Tier
from ca_ladder.progress.results import Counts, ItemProgress, TierProgress, TraineeProgress, sum_counts


class Unreadable(NamedTuple):
    """A file among the records of a team that could not be read or measured, and why."""

    file: str
    why: str


class TeamItem(NamedTuple):
    """An item of one trainee, and the number of days that it is overdue or waits."""

    trainee: TraineeProgress
    item: ItemProgress
    days: int


class MentorQueue(NamedTuple):
    """The items that wait for these mentors, the longest first; ``mentors`` is empty if anyone may sign off."""

    mentors: tuple[str, ...]
    items: tuple[TeamItem, ...]


class Group(NamedTuple):
    """The trainees of one role, with the tiers and tasks that they are measured in."""

    role: Role
    tiers: tuple[Tier, ...]
    tasks: tuple[Task, ...]
    trainees: tuple[TraineeProgress, ...]

    def counts(self, trainee: TraineeProgress, task: Task) -> Counts | None:
        """Return a task's counts, summed over the tiers shown; None if the trainee does not have the task."""
        counts = [progress.counts for tier in trainee.tiers for progress in tier.tasks if progress.task is task]
        return sum_counts(counts) if counts else None


class TeamProgress(NamedTuple):
    """The progress of several trainees on one day, and the files that could not be read.

    ``trainees`` has the most behind first and the finished last. ``overdue`` and ``mentor_queues`` begin with what has
    waited longest. ``to_conclude`` are the tiers that wait for the manager's final sign-off.
    """

    as_of: date
    trainees: tuple[TraineeProgress, ...]
    groups: tuple[Group, ...]
    overdue: tuple[TeamItem, ...]
    mentor_queues: tuple[MentorQueue, ...]
    to_conclude: tuple[tuple[TraineeProgress, TierProgress], ...]
    unreadable: tuple[Unreadable, ...]


def team(as_of: date, trainees: Iterable[TraineeProgress], unreadable: Sequence[Unreadable] = ()) -> TeamProgress:
    """Return the team's progress, with what needs the manager's attention first."""
    ordered = tuple(sorted(trainees, key=order))
    return TeamProgress(
        as_of=as_of,
        trainees=ordered,
        groups=_groups(ordered),
        overdue=_longest_first(item for trainee in ordered for item in overdue_items(trainee)),
        mentor_queues=_mentor_queues(ordered),
        to_conclude=tuple((trainee, tier) for trainee in ordered for tier in trainee.to_conclude),
        unreadable=tuple(unreadable),
    )


def order(trainee: TraineeProgress) -> tuple[bool, int, str, date]:
    """Return the sort key of a trainee: the most behind first and the finished last, then by name and start."""
    enrolment = trainee.enrolment
    return trainee.finished is not None, trainee.pace.ahead or 0, enrolment.name.casefold(), enrolment.start


def without_notes(trainee: TraineeProgress) -> TraineeProgress:
    """Return the progress without notes, which no report shows. That keeps the memory of large teams small."""
    items = (replace(item, status=replace(item.status, notes=())) for item in trainee.items)
    return trainee._replace(items=tuple(items))


def unfinished_only(trainee: TraineeProgress) -> TraineeProgress:
    """Return the progress without notes and finished items, for reports that only count the finished ones."""
    return without_notes(trainee._replace(items=tuple(item for item in trainee.items if item.unfinished)))


def overdue_items(trainee: TraineeProgress) -> list[TeamItem]:
    """Return one trainee's overdue items, in the catalogue's order."""
    return [
        TeamItem(trainee, item, (trainee.as_of - item.due).days) for item in trainee.items if item.overdue and item.due
    ]


def mentor_items(trainee: TraineeProgress) -> list[TeamItem]:
    """Return one trainee's items that wait for a mentor, in the catalogue's order."""
    return [
        TeamItem(trainee, item, (trainee.as_of - item.waiting_since).days)
        for item in trainee.items
        if item.waits_on == "mentor" and item.waiting_since
    ]


def _mentor_queues(trainees: Sequence[TraineeProgress]) -> tuple[MentorQueue, ...]:
    by_mentors: dict[tuple[str, ...], list[TeamItem]] = {}
    for trainee in trainees:
        for item in mentor_items(trainee):
            by_mentors.setdefault(trainee.enrolment.mentors, []).append(item)
    queues = [MentorQueue(mentors, _longest_first(items)) for mentors, items in by_mentors.items()]
    return tuple(sorted(queues, key=lambda queue: (-queue.items[0].days, queue.mentors)))


def _longest_first(items: Iterable[TeamItem]) -> tuple[TeamItem, ...]:
    return tuple(sorted(items, key=lambda item: -item.days))


def _groups(trainees: Sequence[TraineeProgress]) -> tuple[Group, ...]:
    groups = []
    for role in {trainee.ladder.role.id: trainee.ladder.role for trainee in trainees}.values():
        members = tuple(trainee for trainee in trainees if trainee.ladder.role.id == role.id)
        tiers = {tier.tier.id: tier for trainee in members for tier in trainee.tiers}
        task_ids = {task.task.id for trainee in members for tier in trainee.tiers for task in tier.tasks}
        tasks = tuple(task for task in role.tasks if task.id in task_ids)
        groups.append(Group(role, tuple(tier.tier for tier in tiers.values()), tasks, members))
    return tuple(groups)
