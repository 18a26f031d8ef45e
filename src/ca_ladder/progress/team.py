"""What it means for a team: who is most behind, what is late and whose move it is, what waits at whose desk."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from ca_ladder.catalogue.models import Role, Task, Tier
from ca_ladder.progress.results import Counts, ItemProgress, TierProgress, TraineeProgress

# Where a trainee stands among others; see `order`.
Order = tuple[bool, int, str, date]


class Unreadable(NamedTuple):
    """A file among the records of a team that could not be read or measured, and why."""

    file: str
    why: str


class TeamItem(NamedTuple):
    """An item of one trainee, and since how many days it is late or waits."""

    trainee: TraineeProgress
    item: ItemProgress
    days: int


class MentorQueue(NamedTuple):
    """What waits for sign-off at one desk, the longest first; ``mentors`` are those of the record, empty for anyone."""

    mentors: tuple[str, ...]
    items: tuple[TeamItem, ...]


class Group(NamedTuple):
    """The trainees of one role, with the tiers and tasks that they are measured in."""

    role: Role
    tiers: tuple[Tier, ...]
    tasks: tuple[Task, ...]
    trainees: tuple[TraineeProgress, ...]

    def counts(self, trainee: TraineeProgress, task: Task) -> Counts | None:
        """Return the counts of a task in all tiers shown; None where it is not the trainee's."""
        found = [each.counts for tier in trainee.tiers for each in tier.tasks if each.task is task]
        return Counts(*map(sum, zip(*found, strict=True))) if found else None


class TeamProgress(NamedTuple):
    """Several trainees on one day, the most behind first and the finished last, and what could not be read.

    ``overdue`` and ``mentor_queues`` begin with what has waited longest. ``to_conclude`` are the tiers that wait for
    the manager's final sign-off.
    """

    as_of: date
    trainees: tuple[TraineeProgress, ...]
    groups: tuple[Group, ...]
    overdue: tuple[TeamItem, ...]
    mentor_queues: tuple[MentorQueue, ...]
    to_conclude: tuple[tuple[TraineeProgress, TierProgress], ...]
    unreadable: tuple[Unreadable, ...]


def team(as_of: date, trainees: Iterable[TraineeProgress], unreadable: Sequence[Unreadable] = ()) -> TeamProgress:
    """Return the team, in the order in which a manager has to look at it."""
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


def order(trainee: TraineeProgress) -> Order:
    """Return what a team is sorted by: the most behind first and the finished last, then by name and start."""
    enrolment = trainee.enrolment
    return trainee.finished is not None, trainee.pace.ahead or 0, enrolment.name.casefold(), enrolment.start


def without_notes(trainee: TraineeProgress) -> TraineeProgress:
    """Return the progress with what any report shows of it, so that the rest of the record can be forgotten."""
    items = (replace(each, status=replace(each.status, notes=())) for each in trainee.items)
    return trainee._replace(items=tuple(items))


def unfinished_only(trainee: TraineeProgress) -> TraineeProgress:
    """Return the progress without the items that are finished, for a report that has only counts of them."""
    return without_notes(trainee._replace(items=tuple(each for each in trainee.items if each.unfinished)))


def overdue_items(trainee: TraineeProgress) -> list[TeamItem]:
    """Return what of one trainee is overdue, in the catalogue's order."""
    return [
        TeamItem(trainee, each, (trainee.as_of - each.due).days) for each in trainee.items if each.overdue and each.due
    ]


def mentor_items(trainee: TraineeProgress) -> list[TeamItem]:
    """Return what of one trainee waits at a mentor's desk, in the catalogue's order."""
    return [
        TeamItem(trainee, each, (trainee.as_of - (each.waiting_since or trainee.as_of)).days)
        for each in trainee.items
        if each.waits_on == "mentor" and each.status.check
    ]


def _mentor_queues(trainees: Sequence[TraineeProgress]) -> tuple[MentorQueue, ...]:
    desks: dict[tuple[str, ...], list[TeamItem]] = {}
    for trainee in trainees:
        for each in mentor_items(trainee):
            desks.setdefault(trainee.enrolment.mentors, []).append(each)
    found = [MentorQueue(mentors, _longest_first(own)) for mentors, own in desks.items()]
    return tuple(sorted(found, key=lambda desk: (-desk.items[0].days, desk.mentors)))


def _longest_first(items: Iterable[TeamItem]) -> tuple[TeamItem, ...]:
    return tuple(sorted(items, key=lambda each: -each.days))


def _groups(trainees: Sequence[TraineeProgress]) -> tuple[Group, ...]:
    roles = {each.ladder.role.id: each.ladder.role for each in trainees}
    return tuple(_group(role, [each for each in trainees if each.ladder.role.id == role.id]) for role in roles.values())


def _group(role: Role, trainees: Sequence[TraineeProgress]) -> Group:
    tiers = {tier.tier.id: tier.tier for each in trainees for tier in each.tiers}
    tasks = {task.task.id for each in trainees for tier in each.tiers for task in tier.tasks}
    return Group(
        role,
        tuple(tiers.values()),
        tuple(task for task in role.tasks if task.id in tasks),
        tuple(trainees),
    )
