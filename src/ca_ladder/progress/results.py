"""Progress as frozen results, with every number in them: of one item, of a task in a tier, of a tier, of a trainee."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, NamedTuple

from msgspec import Struct

from ca_ladder.catalogue.models import Item, Kind, Ladder, Task, Tier
from ca_ladder.progress.clock import Clock
from ca_ladder.progress.pace import Pace
from ca_ladder.record.events import Enrolment, Event, Leave
from ca_ladder.record.projection import ItemStatus, State
from ca_ladder.record.record import PastRole

Owner = Literal["trainee", "mentor", "manager", "opportunity"]
OWNERS: tuple[Owner, ...] = ("trainee", "mentor", "manager", "opportunity")


class Counts(NamedTuple):
    """How many items are in which state. ``total`` leaves out the waived; the five states are exclusive."""

    total: int = 0
    open: int = 0
    checked: int = 0
    returned: int = 0
    signed: int = 0
    waived: int = 0
    overdue: int = 0

    @property
    def done(self) -> int:
        """The trainee's part: checked and signed."""
        return self.checked + self.signed


class WaitingOn(NamedTuple):
    """How many unfinished items wait on whom."""

    trainee: int = 0
    mentor: int = 0
    manager: int = 0
    opportunity: int = 0


class ItemProgress(Struct, frozen=True):
    """One item for one trainee: where it stands, when it is due and expected, what blocks it, and whose move it is.

    ``waits_on`` is None for what is finished. ``waiting_since`` is the day of the check of what is checked; or where
    that was written down more than a day later, the day of that: no mentor could know of it before. (A day more or less
    may be the time zone.)
    """

    item: Item
    status: ItemStatus
    due: date | None
    begins: date | None
    expected_on: date | None
    overdue: bool
    not_begun: bool
    blocked_by: tuple[str, ...]
    waits_on: Owner | None
    waiting_since: date | None

    @property
    def done_on(self) -> date | None:
        """The day the trainee's part was done: the check, or what a mentor saw; None while it is not."""
        check, sign_off = self.status.check, self.status.sign_off
        if sign_off:
            return min(check.on, sign_off.on) if check else sign_off.on
        return check.on if check and self.state == "checked" else None

    @property
    def state(self) -> State:
        """The item's state."""
        return self.status.state

    @property
    def unfinished(self) -> bool:
        """Whether anything is still to be done by anyone."""
        return self.state not in {"signed", "waived"}


class TaskProgress(NamedTuple):
    """A task's expectations in one tier.

    ``expected`` and ``ahead`` count items (behind is negative); both are None without a due date.
    """

    task: Task
    required: bool
    counts: Counts
    expected: int | None
    ahead: int | None
    waits_on: WaitingOn
    overdue_by: WaitingOn


class TierProgress(NamedTuple):
    """The expectations of one tier; ``begins`` and ``due`` are None for a tier without a window.

    ``finished`` is the day the last item was signed off or waived, ``forecast`` the one on which all of it and of what
    is below it will be checked at the pace of the last weeks; either is None where there is none to say.
    ``graduation`` is the last final sign-off; ``stands`` says that it covers all that is decided today, ``ready`` that
    nothing is missing here and below but a final sign-off.
    """

    tier: Tier
    begins: date | None
    due: date | None
    counts: Counts
    expected: int | None
    ahead: int | None
    waits_on: WaitingOn
    overdue_by: WaitingOn
    forecast: date | None
    finished: date | None
    graduation: Event | None
    stands: bool
    ready: bool
    tasks: tuple[TaskProgress, ...]


class RetainedSignOff(NamedTuple):
    """A sign-off that the record keeps of an item which is not asked for any more."""

    item: str
    sign_off: Event


class TraineeProgress(NamedTuple):
    """All of one trainee's progress on one day.

    ``tier`` is the one today falls in, None before the start; of tiers without months, the lowest unfinished.

    ``pace``, ``forecast`` and ``finished`` are those of the tiers shown: against what is expected, when all will be
    checked at the pace of the last weeks, and on which day the last item was signed off or waived.
    ``fingerprint`` is that of the record which was measured, None if that is not as it was written.
    ``written_under`` is the version of the catalogue that the last check or sign-off was written under.
    ``no_longer_asked`` are the sign-offs of items that were retired, deleted or taken away since, ``tiers_gone`` the
    final sign-offs of tiers that the role does not have any more.
    """

    enrolment: Enrolment
    fingerprint: str | None
    ladder: Ladder
    as_of: date
    tier: Tier | None
    pace: Pace
    forecast: date | None
    finished: date | None
    tiers: tuple[TierProgress, ...]
    kinds: dict[Kind, Counts]
    kinds_wait_on: dict[Kind, WaitingOn]
    items: tuple[ItemProgress, ...]
    clock: Clock
    former: tuple[PastRole, ...]
    written_under: str | None
    no_longer_asked: tuple[RetainedSignOff, ...]
    tiers_gone: tuple[Event, ...]

    @property
    def waits_on(self) -> WaitingOn:
        """How many unfinished items of the tiers shown wait on whom."""
        return sum_waiting_on(each.waits_on for each in self.tiers)

    @property
    def waits_on_beside(self) -> WaitingOn:
        """How many unfinished items beside the tiers wait on whom."""
        return sum_waiting_on(self.kinds_wait_on.values())

    @property
    def overdue_by(self) -> WaitingOn:
        """How many overdue items wait on whom."""
        return sum_waiting_on(each.overdue_by for each in self.tiers)

    @property
    def to_conclude(self) -> tuple[TierProgress, ...]:
        """The tiers that wait for the manager's final sign-off."""
        return tuple(each for each in self.tiers if each.ready)

    @property
    def role_in_words(self) -> str:
        """The role's name, with the variants that the trainee has."""
        role = self.ladder.role
        names = [variant.name for variant in role.variants if variant.id in self.ladder.variants]
        return f"{role.name} ({', '.join(names)})" if names else role.name

    @property
    def months(self) -> int:
        """Whole months in the role; 0 before and in the first."""
        return self.clock.months(self.as_of)

    @property
    def month(self) -> int | None:
        """The month in the role, from 1; None before the first day."""
        return self.months + 1 if self.enrolment.start <= self.as_of else None

    @property
    def leave(self) -> Leave | None:
        """The leave that the trainee is on."""
        return next((each for each in self.clock.leaves if each.first <= self.as_of <= each.last), None)


def count(items: Sequence[ItemProgress]) -> Counts:
    """Return the counts of these items."""
    states = [each.status.state for each in items]
    waived = states.count("waived")
    return Counts(
        len(states) - waived,
        states.count("open"),
        states.count("checked"),
        states.count("returned"),
        states.count("signed"),
        waived,
        sum([each.overdue for each in items]),
    )


def moves(items: Iterable[ItemProgress]) -> WaitingOn:
    """Return how many of these items wait on whom."""
    found = [each.waits_on for each in items]
    return WaitingOn(*map(found.count, OWNERS))


def sum_counts(parts: Iterable[Counts]) -> Counts:
    """Return the counts of a whole from those of its parts."""
    return Counts(*map(sum, zip(Counts(), *parts, strict=True)))


def sum_waiting_on(parts: Iterable[WaitingOn]) -> WaitingOn:
    """Return the moves of a whole from those of its parts."""
    return WaitingOn(*map(sum, zip(WaitingOn(), *parts, strict=True)))
