"""Project events into what they mean: the status of every item, the enrolment, the days of leave."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Literal, Protocol, get_args

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from ca_ladder.catalogue.models import Item
from ca_ladder.record.causality import Saw, always_saw
from ca_ladder.record.events import Enrolment, Event, Leave

State = Literal["open", "checked", "returned", "signed", "waived"]
STATES: tuple[State, ...] = get_args(State)
SETTLED: frozenset[State] = frozenset(("signed", "waived"))
_LEAST_ADVANCED_FIRST: tuple[State, ...] = ("returned", "open", "checked", "signed")


class ItemStatus(Struct, frozen=True, gc=False):
    """The state of one item, and the events that led to it.

    ``check`` is the last unanswered check, ``sign_off`` the last valid sign-off. ``earlier`` is the last sign-off of an
    earlier revision of the item, or else the last unanswered check of one: it no longer counts. ``notes`` are in order.
    """

    state: State = "open"
    check: Event | None = None
    sign_off: Event | None = None
    returned: Event | None = None
    waived: Event | None = None
    earlier: Event | None = None
    notes: tuple[Event, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether the item is done: nobody has to do anything for it any more."""
        return self.state in SETTLED

    @property
    def last(self) -> Event | None:
        """The event that gave the item its state. None while it is open."""
        events = {"signed": self.sign_off, "checked": self.check, "returned": self.returned, "waived": self.waived}
        return events.get(self.state)


OPEN = ItemStatus()


class ItemHistory(Struct, gc=False):
    """What the events of one item have left standing so far.

    ``unanswered`` are the checks that nobody returned or took back. ``returns`` have the highest revision that each
    answered a check of. ``sign_offs`` and ``waivers`` are those that nobody revoked.
    """

    checks: list[Event] = field(default_factory=list)
    unanswered: list[Event] = field(default_factory=list)
    returns: list[tuple[Event, int]] = field(default_factory=list)
    sign_offs: list[Event] = field(default_factory=list)
    waivers: list[Event] = field(default_factory=list)
    notes: list[Event] = field(default_factory=list)
    highest: int = 0
    _status: ItemStatus | None = None  # of this revision: each item that requires this one asks for it
    _revision: int = 0

    def add(self, event: Event, saw: Saw) -> None:
        """Add the next event of the item.

        An event takes back only what its author ``saw``: a check that was written on another copy stays.
        """
        self._status = None
        if event.note:
            self.notes.append(event)
        if event.kind == "check":
            self.checks.append(event)
            self.unanswered.append(event)
            self.highest = max(self.highest, event.revision)
        elif event.kind == "sign-off":
            self.sign_offs.append(event)
        elif event.kind == "waive":
            self.waivers.append(event)
        elif event.kind == "revoke":
            self.sign_offs = [decision for decision in self.sign_offs if decision.id != event.of]
            self.waivers = [decision for decision in self.waivers if decision.id != event.of]
        elif event.kind in {"uncheck", "return"}:
            if event.kind == "return":
                self.returns.append((event, self._highest_seen(event, saw)))
            self.unanswered = [check for check in self.unanswered if not saw(event, check)]

    def copy(self) -> "ItemHistory":
        """Return a history to which events can be added apart from this one."""
        return ItemHistory(
            list(self.checks),
            list(self.unanswered),
            list(self.returns),
            list(self.sign_offs),
            list(self.waivers),
            list(self.notes),
            self.highest,
        )

    def _highest_seen(self, event: Event, saw: Saw) -> int:
        """Return the highest revision of a check that the event's author saw: mostly that of the last one."""
        highest = 0
        for check in reversed(self.checks):
            if saw(event, check):
                highest = max(highest, check.revision)
            if highest == self.highest:
                break
        return highest

    def status(self, revision: int) -> ItemStatus:
        """Return the status of this revision of the item.

        A check or sign-off of an earlier revision does not count, because the item's meaning has changed. After
        concurrent decisions a sign-off wins over a waiver.
        """
        if self._status and self._revision == revision:
            return self._status
        sign_off, outdated_sign_off = _latest(self.sign_offs, revision)
        check, outdated_check = _latest(self.unanswered, revision)
        returned = None
        if self.returns:
            returned = next((event for event, answered in reversed(self.returns) if answered >= revision), None)
        waived = self.waivers[-1] if self.waivers else None
        state: State = "open"
        if sign_off:
            state = "signed"
        elif waived:
            state = "waived"
        elif check:
            state = "checked"
        elif returned:
            state = "returned"
        earlier = outdated_sign_off or outdated_check
        returned = None if check else returned
        self._status = ItemStatus(state, check, sign_off, returned, waived, earlier, tuple(self.notes))
        self._revision = revision
        return self._status


def _latest(events: Sequence[Event], revision: int) -> tuple[Event | None, Event | None]:
    """Return the last event given for this revision of the item, and the last for an earlier revision."""
    current = outdated = None
    for event in events:
        if event.revision >= revision:
            current = event
        else:
            outdated = event
    return current, outdated


def project_item(events: Iterable[Event], revision: int = 1, saw: Saw = always_saw) -> ItemStatus:
    """Return the status of an item of this revision after its events, without those undone, in order."""
    return _history(events, saw).status(revision)


def _history(events: Iterable[Event], saw: Saw) -> ItemHistory:
    history = ItemHistory()
    for event in events:
        history.add(event, saw)
    return history


class Known(Protocol):
    """What the rules ask of a record: of all of it, or of what one author knew."""

    @property
    def enrolment(self) -> Enrolment:
        """The enrolment so far."""

    @property
    def names(self) -> Collection[str]:
        """All names that the trainee has had so far."""

    def status(self, item: Item) -> ItemStatus:
        """Return the status of an item without children."""


class Projection(Struct):
    """What some events of one record mean together. They are added one by one, parents before children.

    - ``changes``: the fields by which each enrolment differed from what its author knew, by its id. They are found once
      for all projections of a record.
    - ``saw``: tells whether the author of an event knew another one.
    - ``refused``: the number of events so far that do not count; ``doubted``: one was altered.
    - ``authors``: who has written which kind of event since the enrolment last changed, and so may do it again.
    - ``undone``: the ids of the undone events. An undo that is itself undone has no effect.
    - ``names``: all that the trainee ever had.
    - ``standing``: the events that are not undone, without undos, by their item; below None those about no item.
    """

    changes: dict[str, dict[str, Any]]
    saw: Saw
    refused: int = 0
    doubted: bool = False
    authors: set[tuple[str, str, str]] = field(default_factory=set)
    by_id: dict[str, Event] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    names: dict[str, None] = field(default_factory=dict)
    standing: dict[str | None, list[Event]] = field(default_factory=dict)
    enrolment: Enrolment = Enrolment(record="", name="", start=date.min, role="")
    _changed_by: dict[str, Event] = field(default_factory=dict)
    _undos: dict[str, list[str]] = field(default_factory=dict)
    _histories: dict[str, ItemHistory] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[Event], changes: dict[str, dict[str, Any]], saw: Saw) -> "Projection":
        """Return what these events mean together."""
        projection = cls(changes, saw)
        for event in events:
            projection.add(event)
        return projection

    def copy(self) -> "Projection":
        """Return a projection to which events can be added apart from this one."""
        histories = {item: history.copy() for item, history in self._histories.items()}
        return Projection(
            self.changes,
            self.saw,
            self.refused,
            self.doubted,
            set(self.authors),
            dict(self.by_id),
            set(self.undone),
            dict(self.names),
            {item: list(events) for item, events in self.standing.items()},
            self.enrolment,
            dict(self._changed_by),
            {id_: list(undos) for id_, undos in self._undos.items()},
            histories,
        )

    @property
    def known(self) -> int:
        """The number of events before the next one, with those that do not count."""
        return len(self.by_id) + self.refused

    def status(self, item: Item) -> ItemStatus:
        """Return the status of an item without children."""
        return self.status_of(item.id, item.revision)

    def status_of(self, item_id: str, revision: int = 1) -> ItemStatus:
        """Return the status of this revision of an item, whether the catalogue has it or not."""
        history = self._histories.get(item_id)
        return history.status(revision) if history else OPEN

    def is_checked(self, item_id: str) -> bool:
        """Whether the trainee has checked the item, in any revision, and nobody has decided."""
        history = self._histories.get(item_id)
        checks = history.unanswered if history else []
        return any(self.status_of(item_id, check.revision).state == "checked" for check in checks)

    def settled_items(self) -> int:
        """Return how many items have a sign-off or waiver that nobody revoked, in any revision."""
        return sum(bool(history.sign_offs or history.waivers) for history in self._histories.values())

    def add(self, event: Event) -> None:
        """Add the next event."""
        self.by_id[event.id] = event
        if event.kind == "undo":
            self._add_undo(event)
            return
        self.standing.setdefault(event.item, []).append(event)
        if event.item:
            history = self._histories.get(event.item)
            if history is None:
                history = self._histories[event.item] = ItemHistory()
            history.add(event, self.saw)
        elif event.enrolment:
            self.names[event.enrolment.name] = None
            if event.id not in self.changes:
                known, new = asdict(self.enrolment), asdict(event.enrolment)
                # The start and the variants belong to the role, so a new role has them with it, changed or not.
                of_role = {"start", "variants"} if new["role"] != known["role"] else set()
                self.changes[event.id] = {
                    name: value for name, value in new.items() if value != known[name] or name in of_role
                }
            self._enrol(event)

    def toggled(self, undo: Event) -> list[str]:
        """Return the ids of the events that this undo takes back, or brings back as the undo of an undo."""
        toggled: list[str] = []
        id_, becomes_undone = undo.of, True
        while id_ and becomes_undone != (id_ in self.undone):
            toggled.append(id_)
            target = self.by_id.get(id_)
            id_ = target.of if target and target.kind == "undo" else None
            # What an undone undo took back is back, unless another undo takes it back as well.
            others = [other for other in self._undos.get(id_ or "", ()) if other != toggled[-1]]
            becomes_undone = not becomes_undone or any(other not in self.undone for other in others)
        return toggled

    def enrolments(self) -> Iterator[Enrolment]:
        """Yield the enrolment after each of its changes that is not undone."""
        projection = Projection(self.changes, self.saw)
        for event in self.standing.get(None, ()):
            if event.enrolment:
                projection.add(event)
                yield projection.enrolment

    def _add_undo(self, undo: Event) -> None:
        toggled = self.toggled(undo)
        self.undone.symmetric_difference_update(toggled)
        self._undos.setdefault(undo.of or "", []).append(undo.id)
        original = self.by_id.get(toggled[-1]) if toggled else None
        if original is None or original.kind == "undo":
            return
        item = original.item
        among = self.standing.get(item, ()) if original.id in self.undone else self.by_id.values()
        events = [event for event in among if event.item == item and event.id not in self.undone]
        self.standing[item] = [event for event in events if event.kind != "undo"]
        if item:
            self._histories[item] = _history(self.standing[item], self.saw)
        elif original.enrolment:
            self.enrolment, self._changed_by = Projection(self.changes, self.saw).enrolment, {}
            for event in self.standing[item]:
                if event.enrolment:
                    self._enrol(event)

    def _enrol(self, event: Event) -> None:
        """Change the enrolment; of concurrent changes of one field the later written wins, unless it is overruled."""
        self.authors.clear()
        for name, value in self.changes[event.id].items():
            if not self._is_overruled(name, event):
                self.enrolment = replace(self.enrolment, **{name: value})
                self._changed_by[name] = event

    def _is_overruled(self, name: str, event: Event) -> bool:
        """Whether a concurrent change forbids this one.

        The trainee does not replace signers whom somebody else named without the trainee's knowledge. The start and
        variants belong to a role, so only someone who knew of the role changes them.
        """
        if name in {"mentors", "manager"}:
            last = self._changed_by.get(name)
            by_trainee = event.by.role == "trainee"
            return by_trainee and last is not None and last.by.role != "trainee" and not self.saw(event, last)
        if name in {"start", "variants"}:
            role_change = self._changed_by.get("role")
            return role_change is not None and not self.saw(event, role_change)
        return False


def project_leaves(events: Iterable[Event], saw: Saw = always_saw) -> tuple[Leave, ...]:
    """Return the leaves after these events, in the order of their days, joined where they touch.

    A leave replaces those that it overlaps and that its author knew; that is how one is extended or shortened. A
    cancelled leave only removes its own days from them.
    """
    current: list[tuple[Leave, Event]] = []
    for event in events:
        new = event.leave
        if new is None:
            continue
        kept = []
        for old, author in current:
            if new.last < old.first or old.last < new.first or not saw(event, author):
                kept.append((old, author))
            elif new.cancelled:
                kept += [(part, author) for part in subtract_leaves([old], [new])]
        current = kept if new.cancelled else [*kept, (new, event)]
    joined: list[Leave] = []
    for leave in sorted([leave for leave, _ in current], key=lambda leave: (leave.first, leave.last)):
        if joined and (leave.first - joined[-1].last).days <= 1:
            joined[-1] = Leave(first=joined[-1].first, last=max(joined[-1].last, leave.last))
        else:
            joined.append(leave)
    return tuple(joined)


def subtract_leaves(leaves: Iterable[Leave], others: Iterable[Leave]) -> tuple[Leave, ...]:
    """Return the days of ``leaves`` that are not in ``others``, as leaves in order that do not touch."""
    days = {day for leave in leaves for day in range(leave.first.toordinal(), leave.last.toordinal() + 1)}
    for leave in others:
        days.difference_update(range(leave.first.toordinal(), leave.last.toordinal() + 1))
    firsts = sorted(day for day in days if day - 1 not in days)
    lasts = sorted(day for day in days if day + 1 not in days)
    spans = zip(map(date.fromordinal, firsts), map(date.fromordinal, lasts), strict=True)
    return tuple(Leave(first=first, last=last) for first, last in spans)


def parent_state(children: Iterable[State]) -> State:
    """Return the state of a parent item: the least advanced of its children's that are not waived."""
    states = set(children)
    return next((state for state in _LEAST_ADVANCED_FIRST if state in states), "waived")
