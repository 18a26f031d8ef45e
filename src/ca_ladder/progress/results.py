"""Progress as frozen results with every number: of an item, a task in a tier, a tier, a trainee."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, NamedTuple, get_args

from msgspec import Struct

from ca_ladder.catalogue.models import Item, Kind, Ladder, Task, Tier
from ca_ladder.progress.clock import Clock
from ca_ladder.record.events import Enrolment, Event, Leave
from ca_ladder.record.projection import STATES, ItemStatus, State
from ca_ladder.record.record import PastRole, Record

Owner = Literal["trainee", "mentor", "manager", "opportunity"]
OWNERS: tuple[Owner, ...] = get_args(Owner)


class Counts(NamedTuple):
    """The number of items in each state. ``total`` leaves out the waived; the five states are exclusive."""

    total: int = 0
    open: int = 0
    checked: int = 0
    returned: int = 0
    signed: int = 0
    waived: int = 0
    overdue: int = 0

    @property
    def done(self) -> int:
        """The number of items that the trainee has done: checked or signed."""
        return self.checked + self.signed


class WaitingOn(NamedTuple):
    """The number of unfinished items that wait on each owner."""

    trainee: int = 0
    mentor: int = 0
    manager: int = 0
    opportunity: int = 0


class Pace(NamedTuple):
    """The number of items done, expected by now, and asked for in total.

    ``ahead`` is negative for behind. A tier that is ahead does not make up for one that is behind: if any is behind,
    only those are summed. None if nothing has a due date.
    """

    done: int
    expected: int
    total: int
    ahead: int | None


class ItemProgress(Struct, frozen=True):
    """One item for one trainee: its state, when it is due and expected, what blocks it, and whose move it is.

    ``waits_on`` is None for a finished item. ``waiting_since`` is the day of the check. If the check was recorded more
    than a day later, it is the day of recording, because no mentor could know of it before. (One day may be the time
    zone.)
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
        """The day the trainee did the item: the check, or the earlier sign-off of a mentor; None while it is open."""
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
        """True until the item is signed off or waived."""
        return not self.status.settled


class Tally(Struct, frozen=True, kw_only=True):
    """The numbers of some items: in each state, waiting on each owner, overdue by owner, and expected by now.

    ``expected`` is None without a due date.
    """

    counts: Counts
    waits_on: WaitingOn
    overdue_by: WaitingOn = WaitingOn()
    expected: int | None = None

    @property
    def ahead(self) -> int | None:
        """The number of items done beyond those expected, negative for behind; None without a due date."""
        return None if self.expected is None else self.counts.done - self.expected


class TaskProgress(Tally, frozen=True, kw_only=True):
    """The progress of a task's expectations in one tier."""

    task: Task
    required: bool


class TierProgress(Tally, frozen=True, kw_only=True):
    """The progress of one tier; ``begins`` and ``due`` are None for a tier without a window.

    ``finished`` is the day the last item was signed off or waived. ``forecast`` is the day on which this tier and those
    below will be checked at the current pace. ``graduation`` is the last final sign-off, and ``stands`` is true if it
    is still valid. ``ready`` is true if only the final sign-off is missing, here and below.
    """

    tier: Tier
    begins: date | None
    due: date | None
    forecast: date | None
    finished: date | None
    graduation: Event | None
    stands: bool
    ready: bool
    tasks: tuple[TaskProgress, ...]


class UncountedEntry(NamedTuple):
    """An entry of a record that does not count, its number (the first is 1), and the reason in words."""

    entry: int
    event: Event
    sentence: str


class TraineeProgress(NamedTuple):
    """All of one trainee's progress on one day.

    ``tier`` is the one that today is in, None before the start; if tiers have no months, the lowest unfinished one.
    ``pace``, ``forecast`` and ``finished`` are about the tiers shown: done against expected, the day on which all will
    be checked, and the day the last item was signed off or waived. ``fingerprint`` is the record's, None if not every
    entry counts; ``does_not_count`` are those that do not. ``written_under`` is the catalogue version of the last check
    or sign-off. ``no_longer_asked`` are sign-offs of items that are no longer on the ladder, ``tiers_gone`` final
    sign-offs of tiers that the role no longer has.
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
    kinds: dict[Kind, Tally]
    items: tuple[ItemProgress, ...]
    clock: Clock
    former: tuple[PastRole, ...]
    written_under: str | None
    no_longer_asked: tuple[Event, ...]
    tiers_gone: tuple[Event, ...]
    does_not_count: tuple[UncountedEntry, ...]

    @property
    def waits_on(self) -> WaitingOn:
        """Whom the unfinished items of the tiers shown wait on."""
        return sum_waiting_on(tier.waits_on for tier in self.tiers)

    @property
    def waits_on_untiered(self) -> WaitingOn:
        """Whom the unfinished items without a tier wait on."""
        return sum_waiting_on(kind.waits_on for kind in self.kinds.values())

    @property
    def overdue_by(self) -> WaitingOn:
        """Whom the overdue items wait on."""
        return sum_waiting_on(tier.overdue_by for tier in self.tiers)

    @property
    def overdue(self) -> int:
        """The number of overdue items."""
        return sum(self.overdue_by)

    @property
    def to_conclude(self) -> tuple[TierProgress, ...]:
        """The tiers that wait for the manager's final sign-off."""
        return tuple(tier for tier in self.tiers if tier.ready)

    @property
    def role_in_words(self) -> str:
        """The role's name, with the trainee's variants."""
        role = self.ladder.role
        names = [variant.name for variant in role.variants if variant.id in self.ladder.variants]
        return f"{role.name} ({', '.join(names)})" if names else role.name

    @property
    def month(self) -> int | None:
        """The month in the role, from 1; None before the first day."""
        return self.clock.months(self.as_of) + 1 if self.enrolment.start <= self.as_of else None

    @property
    def leave(self) -> Leave | None:
        """The leave that the trainee is on today, if any."""
        return next((leave for leave in self.clock.leaves if leave.first <= self.as_of <= leave.last), None)


def uncounted_entries(record: Record) -> tuple[UncountedEntry, ...]:
    """Return the entries of the record that do not count, in their order."""
    return tuple(
        UncountedEntry(index + 1, record.events[index], broken.sentence)
        for index, broken in sorted(record.violations.items())
    )


def count(items: Sequence[ItemProgress]) -> Counts:
    """Return the counts of these items."""
    states = [item.status.state for item in items]
    by_state = {state: states.count(state) for state in STATES}
    return Counts(len(states) - by_state["waived"], overdue=sum([item.overdue for item in items]), **by_state)


def count_waiting(items: Iterable[ItemProgress]) -> WaitingOn:
    """Return whom these items wait on."""
    owners = [item.waits_on for item in items]
    return WaitingOn(*map(owners.count, OWNERS))


def sum_counts(parts: Iterable[Counts]) -> Counts:
    """Return the sums of several counts."""
    return Counts(*map(sum, zip(Counts(), *parts, strict=True)))


def sum_waiting_on(parts: Iterable[WaitingOn]) -> WaitingOn:
    """Return the sums of several numbers by owner."""
    return WaitingOn(*map(sum, zip(WaitingOn(), *parts, strict=True)))
