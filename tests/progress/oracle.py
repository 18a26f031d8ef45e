"""Every figure of a report, counted the slow and obvious way: from the files themselves, and docs/progress.md alone.

Nothing here comes from ca_ladder. Dates are found by walking the calendar a day at a time, states by reading an item's
history from its beginning. Only plain histories are understood: those that were never written on two copies at once.
"""

import calendar
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import yaml

OWNERS = ("trainee", "mentor", "manager", "opportunity")
STATES = ("open", "checked", "returned", "signed", "waived")
KINDS = {
    "knowledge": "knowledge",
    "skills": "skill",
    "abilities": "ability",
    "activities": "activity",
    "manager_activities": "manager-activity",
}

STATE_AFTER = {"check": "checked", "return": "returned", "sign-off": "signed", "waive": "waived"}
FINISHED = {"signed", "waived"}

DAY = timedelta(days=1)
EIGHT_WEEKS = 56
TEN_YEARS = 10 * 365

# A tier, a task, an event or a catalogue as in its file.
Raw = dict[str, Any]


class Figures(NamedTuple):
    """All that is shown of some items: the seven counts, pace where there is a due date, whose move and how late."""

    counts: dict[str, int]
    expected: int | None
    ahead: int | None
    waits_on: dict[str, int]
    overdue_by: dict[str, int]


@dataclass(frozen=True, eq=False)
class Item:
    """An item of the catalogue that is counted by itself."""

    id: str
    kind: str
    task: Raw | None
    tier: Raw | None
    text: str
    revision: int
    needs: tuple[str, ...]
    led_by_manager: bool
    occasion: bool


@cache
def read_catalogue(path: Path) -> Raw:
    """Return the catalogue as it is in its file; every scalar is text."""
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert isinstance(content, dict)
    return content


def _items(role: Raw, tasks: Iterable[Raw]) -> Iterator[Item]:
    """Yield what a role expects in these tasks, and its qualifications."""
    occasions = {condition["id"] for condition in role.get("conditions", ()) if condition.get("occasion") == "true"}
    lists: list[tuple[str, Raw | None, Raw | None, list[Raw]]] = []
    for task in tasks:
        expectations = task.get("expectations", {})
        lists += [("expectation", task, tier, expectations.get(tier["id"], [])) for tier in role["tiers"]]
        lists += [(kind, task, None, task.get(field, [])) for field, kind in KINDS.items()]
    lists.append(("qualification", None, None, role.get("qualifications", [])))
    for kind, owning_task, tier, entries in lists:
        gate = [owning_task["gate"]] if owning_task and "gate" in owning_task and kind == "expectation" else []
        for entry in _leaves(entries):
            yield Item(
                id=entry["id"],
                kind=kind,
                task=owning_task,
                tier=tier,
                text=" ".join(entry["text"].split()),
                revision=int(entry.get("revision", "1")),
                needs=tuple(gate + entry.get("requires", [])),
                led_by_manager=kind == "manager-activity" or entry.get("led_by") == "manager",
                occasion=entry.get("condition") in occasions,
            )


def _leaves(entries: Iterable[Raw]) -> Iterator[Raw]:
    for entry in entries:
        if entry.get("retired") != "true":
            yield from _leaves(entry["children"]) if "children" in entry else (entry,)


def months_after(start: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a month that has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, eq=False)
class Trainee:
    """What a record says of one trainee on one day."""

    events: tuple[Raw, ...]
    catalogue: Raw
    today: date

    # --- what was written

    @cached_property
    def valid_events(self) -> list[Raw]:
        """The events that no valid undo takes back."""

        def is_valid(event: Raw) -> bool:
            return not any(
                is_valid(undo) for undo in self.events if undo["kind"] == "undo" and undo["of"] == event["id"]
            )

        return list(filter(is_valid, self.events))

    @cached_property
    def enrolment(self) -> Raw:
        """Who the trainee is, as it was last written."""
        return dict([event["enrolment"] for event in self.valid_events if event["kind"] == "enrol"][-1])

    @property
    def name(self) -> str:
        """The trainee's name."""
        return str(self.enrolment["name"])

    @property
    def mentors(self) -> tuple[str, ...]:
        """The names of those who may sign off; nobody is named if anyone may."""
        return tuple(self.enrolment.get("mentors", ()))

    @cached_property
    def start(self) -> date:
        """The first day in the role."""
        return date.fromisoformat(self.enrolment["start"])

    @cached_property
    def role(self) -> Raw:
        """The role."""
        return dict(next(role for role in self.catalogue["roles"] if role["id"] == self.enrolment["role"]))

    @property
    def tiers(self) -> list[Raw]:
        """The role's tiers, the lowest first."""
        return list(self.role["tiers"])

    @cached_property
    def tasks(self) -> list[Raw]:
        """The role's tasks without those of a variant that the trainee does not have."""
        variants = {None, *self.enrolment.get("variants", ())}
        return [task for task in self.role["tasks"] if task.get("variant") in variants]

    @cached_property
    def items(self) -> list[Item]:
        """All that is expected of the trainee, item by item."""
        return list(_items(self.role, self.tasks))

    @cached_property
    def leave_days(self) -> set[date]:
        """The days of leave since the first day; one takes the place of what it overlaps, a cancelled one its days."""
        leaves: list[set[date]] = []
        for event in self.valid_events:
            if event["kind"] == "leave":
                first, last = (date.fromisoformat(event["leave"][end]) for end in ("first", "last"))
                days = {first + number * DAY for number in range((last - first).days + 1)}
                if event["leave"].get("cancelled"):
                    leaves = [leave - days for leave in leaves]
                else:
                    leaves = [*(leave for leave in leaves if not leave & days), days]
        return {day for days in leaves for day in days if day >= self.start}

    @cached_property
    def histories(self) -> dict[Item, list[Raw]]:
        """What counts of each item: not what was revoked, nor the claims to an earlier meaning of it."""
        histories = {}
        for item in self.items:
            events = [event for event in self.valid_events if event.get("item") == item.id]
            revoked = {event["of"] for event in events if event["kind"] == "revoke"}
            histories[item] = [
                event
                for event in events
                if event["id"] not in revoked
                and event["kind"] in {"uncheck", *STATE_AFTER}
                and int(event.get("wording", {}).get("revision", item.revision)) >= item.revision
            ]
        return histories

    @cached_property
    def states(self) -> dict[Item, str]:
        """The one state of each item: what was last done about it; a check taken back was never done."""
        states = {}
        for item, history in self.histories.items():
            stack = ["open"]
            for event in history:
                if event["kind"] == "uncheck":
                    stack.pop()
                else:
                    stack.append(STATE_AFTER[event["kind"]])
            states[item] = stack[-1]
        return states

    def last(self, item: Item, kind: str) -> Raw | None:
        """Return the last event of a kind, after which no check was taken back or returned."""
        last = None
        for event in self.histories[item]:
            if event["kind"] == kind:
                last = event
            elif event["kind"] in {"uncheck", "return"}:
                last = None
        return last

    def last_on(self, item: Item, kind: str) -> date | None:
        """Return the day of that event."""
        event = self.last(item, kind)
        return date.fromisoformat(event["on"]) if event else None

    def waiting_since(self, item: Item) -> date | None:
        """Return the day of the check, or that on which it was written down where this was more than a day later."""
        check = self.last(item, "check")
        if check is None:
            return None
        day, written = (date.fromisoformat(text[:10]) for text in (check["on"], check["at"]))
        return day if (written - day).days <= 1 else written

    def done_on(self, item: Item) -> date | None:
        """Return the day of its check, or of its sign-off where that was earlier or is all there is."""
        if self.states[item] not in {"checked", "signed"}:
            return None
        return min(day for kind in ("check", "sign-off") if (day := self.last_on(item, kind)))

    # --- when

    def shifted(self, day: date) -> date:
        """Return a day as leave moves it: the first on which as many days in the role have gone."""
        now = self.start
        for _ in range((day - self.start).days):
            while now in self.leave_days:
                now += DAY
            now += DAY
        return now

    @cached_property
    def months(self) -> int:
        """How many whole months in the role lie behind today, leave left out."""
        reached = now = self.start
        while now < self.today:
            reached += DAY if now not in self.leave_days else timedelta()
            now += DAY
        months = 0
        while months_after(self.start, months + 1) <= reached:
            months += 1
        return months

    def tier_days(self, tier: Raw) -> tuple[date | None, date | None]:
        """Return the first day and the due date of a tier as if there were no leave."""
        months = tier.get("months", {})
        first, due = (
            months_after(self.start, int(months[end])) if end in months else None for end in ("from", "until")
        )
        return first, due

    def begins(self, tier: Raw) -> date | None:
        """Return the first day of a tier."""
        first, _ = self.tier_days(tier)
        return self.shifted(first) if first else None

    def due(self, tier: Raw | None) -> date | None:
        """Return the day a tier is due; what is in no tier has no such day."""
        due = self.tier_days(tier)[1] if tier else None
        return self.shifted(due) if due else None

    def learning(self, task: Raw) -> date:
        """Return the day on which learning a task starts, as if there were no leave."""
        return months_after(self.start, int(task["begins"]["from"])) if "begins" in task else self.start

    @cached_property
    def expected_on(self) -> dict[Item, date]:
        """The days that items are expected by: each its share of the time of its task in its tier."""
        days_by_item = {}
        for tier in self.tiers:
            tier_begins, due = self.tier_days(tier)
            for task in self.tasks if tier_begins and due else ():
                assert tier_begins
                assert due
                begins = min(max(tier_begins, self.learning(task)), due)
                asked = [item for item in self.of(task=task, tier=tier) if self.states[item] != "waived"]
                for number, item in enumerate(asked, 1):
                    days = 0
                    while days * len(asked) < number * (due - begins).days:
                        days += 1
                    days_by_item[item] = self.shifted(begins + days * DAY)
        return days_by_item

    @cached_property
    def tier_now(self) -> str | None:
        """The tier that today falls in; one without months has no day on which it does not."""
        for tier in self.tiers:
            if "months" not in tier:
                return str(tier["id"])
            begins, due = self.begins(tier), self.due(tier)
            if begins and begins <= self.today and (due is None or self.today < due):
                return str(tier["id"])
        return None

    # --- how many

    def of(self, *, task: Raw | None = None, tier: Raw | None = None, kind: str | None = None) -> list[Item]:
        """Return the items of a task, a tier, a kind, or of several of these."""
        return [
            item
            for item in self.items
            if (task is None or item.task is task)
            and (tier is None or item.tier is tier)
            and (kind is None or item.kind == kind)
        ]

    def up_to(self, tier: Raw) -> list[Item]:
        """Return the items of a tier and of those below it."""
        return [item for lower in self.tiers[: self.tiers.index(tier) + 1] for item in self.of(tier=lower)]

    def overdue(self, item: Item) -> bool:
        """Whether an item is neither signed off nor waived after its due date."""
        due = self.due(item.tier)
        return due is not None and self.today > due and self.states[item] not in FINISHED

    def blocked_by(self, item: Item) -> list[str]:
        """Return what has to be signed off before an item, and is not; what is waived holds nothing back."""
        needs = [need for need in self.items if need.id in item.needs and need is not item]
        unfinished = [need.id for need in needs if self.states[need] not in FINISHED]
        return sorted(unfinished, key=item.needs.index)

    @cached_property
    def waits_on(self) -> dict[Item, str]:
        """Whose move each unfinished item is."""
        return {item: self._owner(item) for item in self.items if self.states[item] not in FINISHED}

    def _owner(self, item: Item) -> str:
        if item.led_by_manager:
            return "manager"
        if self.states[item] == "returned":
            return "trainee"
        if self.blocked_by(item):
            return "opportunity"
        if self.states[item] == "checked":
            return "mentor"
        return "opportunity" if item.occasion or not self._has_begun(item) else "trainee"

    def _has_begun(self, item: Item) -> bool:
        """Whether the tier of an item and the learning of its task have begun; a tier without months has no dates."""
        days = [self.learning(item.task)] if item.task else []
        days += [first for first in self.tier_days(item.tier)[:1] if first] if item.tier else []
        return all(self.shifted(day) <= self.today for day in days)

    def figures(self, tier: Raw | None = None, task: Raw | None = None, kind: str | None = None) -> Figures:
        """Return the figures of a tier, of a task in it, or of a kind; ahead is what is done but not yet expected."""
        dated = tier is not None and self.tier_days(tier)[1] is not None
        items = self.of(tier=tier, task=task, kind=kind)
        states = Counter(self.states[item] for item in items)
        late = [item for item in items if self.overdue(item)]
        waits, late_waits = (Counter(map(self.waits_on.get, part)) for part in (items, late))
        expected = sum(item in self.expected_on and self.expected_on[item] <= self.today for item in items)
        return Figures(
            {
                "total": len(items) - states["waived"],
                **{state: states[state] for state in STATES},
                "overdue": len(late),
            },
            expected if dated else None,
            states["checked"] + states["signed"] - expected if dated else None,
            {owner: waits[owner] for owner in OWNERS},
            {owner: late_waits[owner] for owner in OWNERS},
        )

    # --- how fast

    @cached_property
    def pace(self) -> dict[str, int | None]:
        """Done, expected and all of what has a due date, and how far ahead the trainee is as a whole."""
        tiers = [figures for tier in self.tiers if (figures := self.figures(tier)).expected is not None]
        aheads = [tier.ahead or 0 for tier in tiers]
        return {
            "done": sum(tier.counts["checked"] + tier.counts["signed"] for tier in tiers),
            "expected": sum(tier.expected or 0 for tier in tiers),
            "total": sum(tier.counts["total"] for tier in tiers),
            "ahead": sum([ahead for ahead in aheads if ahead < 0] or aheads) if tiers else None,
        }

    def forecast_of(self, tier: Raw) -> date | None:
        """Return the day by which all of a tier and of those below it will be checked at the pace of eight weeks."""
        window = [self.today - number * DAY for number in range(EIGHT_WEEKS)]
        days = sum(day >= self.start and day not in self.leave_days for day in window)
        done = sum(self.done_on(item) in window for item in self.of(kind="expectation"))
        left = sum(self.states[item] in {"open", "returned"} for item in self.up_to(tier))
        if days < 14 or done < 3 or left == 0 or not self.figures(tier).counts["total"]:
            return None
        needed = 0
        while needed * done < left * days:
            needed += 1
        day = self.today
        while needed:
            day += DAY
            needed -= day not in self.leave_days
            if (day - self.today).days > TEN_YEARS + 3:
                return None
        return day

    @cached_property
    def forecast(self) -> date | None:
        """The forecast of the last tier that has items."""
        with_items = [tier for tier in self.tiers if self.figures(tier).counts["total"]]
        return self.forecast_of(with_items[-1]) if with_items else None

    def finished_of(self, items: Iterable[Item]) -> date | None:
        """Return the day of the last sign-off or waiver where nothing else is left and something is signed off."""
        states = {item: self.states[item] for item in items}
        if {*states.values()} not in ({"signed"}, {"signed", "waived"}):
            return None
        days = [self.last_on(item, "sign-off" if state == "signed" else "waive") for item, state in states.items()]
        return max(day for day in days if day)

    @cached_property
    def finished(self) -> date | None:
        """The day on which all expectations of the ladder were signed off or waived."""
        return self.finished_of(self.of(kind="expectation"))

    def final_sign_off(self, tier: Raw) -> Raw | None:
        """Return the event of a tier's last final sign-off."""
        role_and_tier = {"role": self.role["id"], "tier": tier["id"]}
        finals = [event for event in self.valid_events if role_and_tier.items() <= event.get("graduation", {}).items()]
        return finals[-1] if finals else None

    def is_ready(self, tier: Raw) -> bool:
        """Whether a tier waits for its final sign-off, and for nothing else.

        Nothing is left to sign off in it and below it, and its final sign-off was not given after all these decisions.
        """
        items, final = self.up_to(tier), self.final_sign_off(tier)
        if self.finished_of(self.of(tier=tier)) is None or any(self.states[item] not in FINISHED for item in items):
            return False
        later = self.events[self.events.index(final) + 1 :] if final else self.events
        return any(self.histories[item][-1] in later for item in items)

    @property
    def sort_key(self) -> tuple[bool, int]:
        """What decides the order of a team: the most behind first, the finished last."""
        return self.finished is not None, self.pace["ahead"] or 0


@dataclass(frozen=True)
class Team:
    """All whose records are in a folder, on one day."""

    trainees: tuple[Trainee, ...]
    today: date

    def by_name(self, name: str) -> Trainee:
        """Return one of them."""
        (trainee,) = (trainee for trainee in self.trainees if trainee.name == name)
        return trainee

    @cached_property
    def overdue(self) -> list[tuple[str, str, date, int, str]]:
        """Who, what, when it was due, how many days ago, and whose move it is; the longest first."""
        late = [
            (trainee.name, item.id, due, (self.today - due).days, trainee.waits_on[item])
            for trainee in self.trainees
            for item in trainee.items
            if trainee.overdue(item) and (due := trainee.due(item.tier))
        ]
        return sorted(late, key=lambda entry: -entry[3])

    @cached_property
    def waiting(self) -> list[tuple[tuple[str, ...], str, str, date, int]]:
        """For which mentors, of whom, what, since when, for how many days; the longest first."""
        waiting = [
            (trainee.mentors, trainee.name, item.id, since, (self.today - since).days)
            for trainee in self.trainees
            for item, owner in trainee.waits_on.items()
            if owner == "mentor" and (since := trainee.waiting_since(item))
        ]
        return sorted(waiting, key=lambda entry: -entry[4])

    @cached_property
    def to_conclude(self) -> list[tuple[str, str]]:
        """Who, and which tier waits for the manager's final sign-off."""
        return [(one.name, tier["id"]) for one in self.trainees for tier in one.tiers if one.is_ready(tier)]


def read_team(folder: Path, catalogue: Path, today: date) -> Team:
    """Return all who have a record in a folder, as it was known at the end of that day in UTC."""
    trainees = []
    for path in sorted(folder.glob("*.json")):
        events = json.loads(path.read_text(encoding="utf-8"))["events"]
        known = tuple(event for event in events if event["at"][:10] <= today.isoformat())
        if known:
            trainees.append(Trainee(known, read_catalogue(catalogue), today))
    return Team(tuple(trainees), today)
