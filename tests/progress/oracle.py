"""Every figure of a report, found the slow and obvious way: from the files as they lie, and docs/progress.md alone.

Nothing here comes from ca_ladder. Dates are found by walking the calendar a day at a time, states by reading a history
from its beginning again for each question. Only plain histories are understood: those that were never written on two
copies at once.
"""

import calendar
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

OWNERS = ("trainee", "mentor", "manager", "opportunity")
COUNTS = ("total", "open", "checked", "returned", "signed", "waived", "overdue")
KINDS = {
    "knowledge": "knowledge",
    "skills": "skill",
    "abilities": "ability",
    "activities": "activity",
    "manager_activities": "manager-activity",
}

STATE_AFTER = {"check": "checked", "return": "returned", "sign-off": "signed", "waive": "waived"}

DAY = timedelta(days=1)
EIGHT_WEEKS = 56
TEN_YEARS = 10 * 365

Numbers = dict[str, int]


@dataclass(frozen=True)
class Expected:
    """An item of the catalogue that is counted by itself."""

    id: str
    kind: str
    task: str | None
    tier: str | None
    text: str
    revision: int
    needs: tuple[str, ...]
    led_by_manager: bool
    occasion: bool


@dataclass(frozen=True)
class Role:
    """A role as one trainee has it, with or without its variants: what it expects, and when."""

    id: str
    tiers: tuple[dict[str, Any], ...]
    tasks: tuple[dict[str, Any], ...]
    items: tuple[Expected, ...]


@cache
def read_catalogue(path: Path) -> dict[str, Any]:
    """Return the catalogue as it stands in its file; every scalar is text."""
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert isinstance(content, dict)
    return content


def role_of(catalogue: dict[str, Any], role_id: str, variants: Iterable[str]) -> Role:
    """Return what a role expects of somebody with these variants of it."""
    role = next(each for each in catalogue["roles"] if each["id"] == role_id)
    tasks = [task for task in role["tasks"] if task.get("variant") in {None, *variants}]
    occasions = {each["id"] for each in role.get("conditions", ()) if each.get("occasion") == "true"}
    items = []
    for task in tasks:
        for tier, expectations in task.get("expectations", {}).items():
            items += [_expected(each, "expectation", task, tier, occasions) for each in _leaves(expectations)]
        for field, kind in KINDS.items():
            items += [_expected(each, kind, task, None, occasions) for each in _leaves(task.get(field, ()))]
    items += [
        _expected(each, "qualification", None, None, occasions) for each in _leaves(role.get("qualifications", ()))
    ]
    return Role(role_id, tuple(role["tiers"]), tuple(tasks), tuple(items))


def _leaves(items: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        if item.get("retired") != "true":
            yield from _leaves(item["children"]) if "children" in item else (item,)


def _expected(
    item: dict[str, Any], kind: str, task: dict[str, Any] | None, tier: str | None, occasions: set[str]
) -> Expected:
    gate = [task["gate"]] if task and "gate" in task and kind == "expectation" else []
    return Expected(
        id=item["id"],
        kind=kind,
        task=task["id"] if task else None,
        tier=tier,
        text=item["text"],
        revision=int(item.get("revision", "1")),
        needs=tuple(gate + item.get("requires", [])),
        led_by_manager=kind == "manager-activity" or item.get("led_by") == "manager",
        occasion=item.get("condition") in occasions,
    )


def months_after(start: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a month that has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class Trainee:
    """What a record says of one trainee on one day."""

    events: tuple[dict[str, Any], ...]
    catalogue: Path
    today: date

    # --- what was written

    @cached_property
    def status(self) -> list[dict[str, Any]]:
        """The events that no standing undo takes back."""

        def stands(event: dict[str, Any]) -> bool:
            undoings = [each for each in self.events if each["kind"] == "undo" and each["of"] == event["id"]]
            return not any(stands(each) for each in undoings)

        return [event for event in self.events if stands(event)]

    @cached_property
    def by_item(self) -> dict[str, list[dict[str, Any]]]:
        """The standing events of each item."""
        found: dict[str, list[dict[str, Any]]] = {}
        for event in self.status:
            found.setdefault(event.get("item", ""), []).append(event)
        return found

    @cached_property
    def enrolment(self) -> dict[str, Any]:
        """What was last written of who the trainee is."""
        told: dict[str, Any] = [event["enrolment"] for event in self.status if event["kind"] == "enrol"][-1]
        return told

    @property
    def name(self) -> str:
        """The trainee's name."""
        return str(self.enrolment["name"])

    @property
    def start(self) -> date:
        """The first day in the role."""
        return date.fromisoformat(self.enrolment["start"])

    @cached_property
    def role(self) -> Role:
        """The role, and what it expects."""
        enrolment = self.enrolment
        return role_of(read_catalogue(self.catalogue), enrolment["role"], enrolment.get("variants", ()))

    @cached_property
    def leave_days(self) -> set[date]:
        """The days of leave since the first day; one takes the place of what it overlaps, a cancelled one its days."""
        leaves: list[set[date]] = []
        for event in self.status:
            if event["kind"] == "leave":
                first, last = (date.fromisoformat(event["leave"][end]) for end in ("first", "last"))
                days = {first + number * DAY for number in range((last - first).days + 1)}
                if event["leave"].get("cancelled"):
                    leaves = [leave - days for leave in leaves]
                else:
                    leaves = [*(leave for leave in leaves if not leave & days), days]
        return {day for days in leaves for day in days if day >= self.start}

    def history(self, item: Expected) -> list[dict[str, Any]]:
        """Return what counts of an item: not what was revoked, nor the claims to an earlier meaning of it."""
        own = self.by_item.get(item.id, [])
        revoked = {event["of"] for event in own if event["kind"] == "revoke"}
        return [
            event
            for event in own
            if event["id"] not in revoked
            and event["kind"] in {"check", "uncheck", "return", "sign-off", "waive"}
            and int(event.get("wording", {}).get("revision", item.revision)) >= item.revision
        ]

    def state(self, item: Expected) -> str:
        """Return the one state of an item: what was last done about it; a check taken back was never done."""
        states = ["open"]
        for event in self.history(item):
            if event["kind"] == "uncheck":
                states.pop()
            else:
                states.append(STATE_AFTER[event["kind"]])
        return states[-1]

    def last(self, item: Expected, kind: str) -> date | None:
        """Return the day of the last event of a kind, after which no check was taken back or returned."""
        day = None
        for event in self.history(item):
            if event["kind"] == kind:
                day = date.fromisoformat(event["on"])
            elif event["kind"] in {"uncheck", "return"}:
                day = None
        return day

    def waiting_since(self, item: Expected) -> date | None:
        """Return the day of the check, or that on which it was written down where this was more than a day later."""
        checks = [event for event in self.history(item) if event["kind"] == "check"]
        day = self.last(item, "check")
        if day is None:
            return None
        written = date.fromisoformat(checks[-1]["at"][:10])
        return day if (written - day).days <= 1 else written

    def done_on(self, item: Expected) -> date | None:
        """Return the day of its check, or of its sign-off where that was earlier or is all there is."""
        if self.state(item) not in {"checked", "signed"}:
            return None
        return min(day for kind in ("check", "sign-off") if (day := self.last(item, kind)))

    # --- when

    def shifted(self, day: date) -> date:
        """Return a day as leave moves it: the first on which as many days in the role have gone."""
        now = self.start
        for _ in range((day - self.start).days):
            while now in self.leave_days:
                now += DAY
            now += DAY
        return now

    @property
    def days_gone(self) -> int:
        """How many days in the role lie behind today, leave left out."""
        return sum(day not in self.leave_days for day in _days(self.start, self.today))

    @property
    def months(self) -> int:
        """How many whole months in the role lie behind today."""
        reached = self.start + self.days_gone * DAY
        months = 0
        while months_after(self.start, months + 1) <= reached:
            months += 1
        return months

    def tier_days(self, tier: dict[str, Any]) -> tuple[date | None, date | None]:
        """Return the first day and the due date of a tier as if there were no leave."""
        months = tier.get("months", {})
        first, last = (
            months_after(self.start, int(months[each])) if each in months else None for each in ("from", "until")
        )
        return first, last

    def begins(self, tier: dict[str, Any]) -> date | None:
        """Return the first day of a tier."""
        first, _ = self.tier_days(tier)
        return self.shifted(first) if first else None

    def due(self, tier: dict[str, Any]) -> date | None:
        """Return the day a tier is due."""
        _, last = self.tier_days(tier)
        return self.shifted(last) if last else None

    def learning(self, task: dict[str, Any]) -> date:
        """Return the day on which learning a task starts, as if there were no leave."""
        return months_after(self.start, int(task["begins"]["from"])) if "begins" in task else self.start

    def due_of(self, item: Expected) -> date | None:
        """Return the day an item is due."""
        return self.due(self.tier(item.tier)) if item.tier else None

    def expected_on(self, item: Expected) -> date | None:
        """Return the day an item is expected by: its share of the time of its task in its tier."""
        if item.tier is None or self.state(item) == "waived":
            return None
        first, last = self.tier_days(self.tier(item.tier))
        if first is None or last is None:
            return None
        first = min(max(first, self.learning(self.task(item.task))), last)
        shared = [each.id for each in self.of(task=item.task, tier=item.tier) if self.state(each) != "waived"]
        number = shared.index(item.id) + 1
        days = 0
        while days * len(shared) < number * (last - first).days:
            days += 1
        return self.shifted(first + days * DAY)

    @property
    def tier_now(self) -> str | None:
        """The tier that today falls in; one without months has no day on which it does not."""
        for tier in self.role.tiers:
            if "months" not in tier:
                return str(tier["id"])
            begins, due = self.begins(tier), self.due(tier)
            if begins and begins <= self.today and (due is None or self.today < due):
                return str(tier["id"])
        return None

    # --- how many

    def tier(self, id_: str | None) -> dict[str, Any]:
        """Return a tier."""
        return next(tier for tier in self.role.tiers if tier["id"] == id_)

    def task(self, id_: str | None) -> dict[str, Any]:
        """Return a task."""
        return next(task for task in self.role.tasks if task["id"] == id_)

    def of(self, *, task: str | None = None, tier: str | None = None, kind: str | None = None) -> list[Expected]:
        """Return the items of a task, a tier, a kind, or of several of these."""
        return [
            item
            for item in self.role.items
            if task in {None, item.task} and tier in {None, item.tier} and kind in {None, item.kind}
        ]

    def overdue(self, item: Expected) -> bool:
        """Whether an item is neither signed off nor waived after its due date."""
        due = self.due_of(item)
        return due is not None and self.today > due and self.state(item) not in {"signed", "waived"}

    def counts(self, items: Iterable[Expected]) -> Numbers:
        """Return all seven counts."""
        items = list(items)
        states = Counter(self.state(item) for item in items)
        late = sum(self.overdue(item) for item in items)
        return {"total": len(items) - states["waived"], "overdue": late} | {each: states[each] for each in COUNTS[1:-1]}

    def blocked_by(self, item: Expected) -> list[str]:
        """Return what has to be signed off before an item, and is not; what is waived holds nothing back."""
        known = {item.id: item for item in self.role.items}
        needs = [known[each] for each in item.needs if each in known and each != item.id]
        return [each.id for each in needs if self.state(each) not in {"signed", "waived"}]

    def waits_on(self, item: Expected) -> str | None:
        """Return whose move an item is."""
        state = self.state(item)
        if state in {"signed", "waived"}:
            return None
        if item.led_by_manager:
            return "manager"
        if state == "returned":
            return "trainee"
        if self.blocked_by(item):
            return "opportunity"
        if state == "checked":
            return "mentor"
        return "opportunity" if item.occasion or not self.begun(item) else "trainee"

    def begun(self, item: Expected) -> bool:
        """Whether the tier of an item and the learning of its task have begun; a tier without months has no dates."""
        days = [self.learning(self.task(item.task))] if item.task else []
        if item.tier:
            first, _ = self.tier_days(self.tier(item.tier))
            days = [first, *days] if first else []
        return all(self.shifted(day) <= self.today for day in days)

    def waiting_on(self, items: Iterable[Expected]) -> Numbers:
        """Return how many items wait on whom."""
        waits = Counter(self.waits_on(item) for item in items)
        return {owner: waits[owner] for owner in OWNERS}

    def overdue_by(self, items: Iterable[Expected]) -> Numbers:
        """Return how many overdue items wait on whom."""
        return self.waiting_on(item for item in items if self.overdue(item))

    # --- how fast

    def expected(self, items: Iterable[Expected]) -> int:
        """Return how many items are expected by today."""
        days = [self.expected_on(item) for item in items]
        return sum(day is not None and day <= self.today for day in days)

    def ahead(self, items: Iterable[Expected]) -> int:
        """Return how many more items are done than expected."""
        items = list(items)
        return sum(self.state(item) in {"checked", "signed"} for item in items) - self.expected(items)

    @property
    def dated(self) -> list[list[Expected]]:
        """The items of each tier that has a due date."""
        return [self.of(tier=tier["id"]) for tier in self.role.tiers if self.due(tier)]

    def pace(self) -> dict[str, int | None]:
        """Return done, expected and all of what has a due date, and how far ahead the trainee is as a whole."""
        all_ = [item for items in self.dated for item in items]
        counts = self.counts(all_)
        by_tier = [self.ahead(items) for items in self.dated]
        behind = [each for each in by_tier if each < 0]
        return {
            "done": counts["checked"] + counts["signed"],
            "expected": self.expected(all_),
            "total": counts["total"],
            "ahead": sum(behind or by_tier) if by_tier else None,
        }

    def forecast_of(self, tier: dict[str, Any]) -> date | None:
        """Return the day by which all of a tier and of those below it will be checked at the pace of eight weeks."""
        window = [self.today - number * DAY for number in range(EIGHT_WEEKS)]
        days = sum(day >= self.start and day not in self.leave_days for day in window)
        done = sum(self.done_on(item) in window for item in self.of(kind="expectation"))
        upto = self.role.tiers[: self.role.tiers.index(tier) + 1]
        owed = [item for low in upto for item in self.of(tier=low["id"])]
        left = sum(self.state(each) in {"open", "returned"} for each in owed)
        if days < 14 or done < 3 or left == 0 or self.counts(self.of(tier=tier["id"]))["total"] == 0:
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

    @property
    def forecast(self) -> date | None:
        """The forecast of the last tier that has items."""
        with_items = [tier for tier in self.role.tiers if self.counts(self.of(tier=tier["id"]))["total"]]
        return self.forecast_of(with_items[-1]) if with_items else None

    def finished_of(self, items: Iterable[Expected]) -> date | None:
        """Return the day of the last sign-off or waiver where nothing else is left and something is signed off."""
        items = list(items)
        if {self.state(item) for item in items} not in ({"signed"}, {"signed", "waived"}):
            return None
        days = [self.last(item, {"signed": "sign-off", "waived": "waive"}[self.state(item)]) for item in items]
        return max(day for day in days if day)

    @property
    def finished(self) -> date | None:
        """The day on which all expectations of the ladder were signed off or waived."""
        return self.finished_of(self.of(kind="expectation"))

    def final_sign_off(self, tier: dict[str, Any]) -> dict[str, Any] | None:
        """Return the event of a tier's last final sign-off."""
        found = None
        for event in self.status:
            given = event.get("graduation")
            if given and (given["role"], given["tier"]) == (self.role.id, tier["id"]):
                found = event
        return found

    def complete(self, tier: dict[str, Any]) -> bool:
        """Whether nothing is left to sign off in a tier and in those below it."""
        upto = [self.of(tier=each["id"]) for each in self.role.tiers[: self.role.tiers.index(tier) + 1]]
        return all(self.state(item) in {"signed", "waived"} for items in upto for item in items)

    def has_valid_final_sign_off(self, tier: dict[str, Any]) -> bool:
        """Whether a tier has a final sign-off that was given after all that is decided in it and below it."""
        given = self.final_sign_off(tier)
        if given is None or not self.complete(tier):
            return False
        later = self.events[self.events.index(given) + 1 :]
        upto = self.role.tiers[: self.role.tiers.index(tier) + 1]
        items = [item for low in upto for item in self.of(tier=low["id"])]
        return not any(self.history(item)[-1] in later for item in items)

    def ready(self, tier: dict[str, Any]) -> bool:
        """Whether a tier waits for its final sign-off, and for nothing else."""
        finished = self.finished_of(self.of(tier=tier["id"])) is not None
        return finished and self.complete(tier) and not self.has_valid_final_sign_off(tier)


@dataclass(frozen=True)
class Team:
    """All whose records lie in a folder, on one day."""

    trainees: tuple[Trainee, ...]
    today: date

    def by_name(self, name: str) -> Trainee:
        """Return one of them."""
        (one,) = (trainee for trainee in self.trainees if trainee.name == name)
        return one

    @property
    def order(self) -> list[tuple[bool, int]]:
        """Whether each is finished, and how far ahead, in the order that a team stands in."""
        return sorted(sort_key(trainee) for trainee in self.trainees)

    @property
    def overdue(self) -> list[tuple[str, str, date, int, str]]:
        """Who, what, when it was due, how many days ago, and whose move it is; the longest first."""
        late = [
            (trainee.name, item.id, due, (self.today - due).days, str(trainee.waits_on(item)))
            for trainee in self.trainees
            for item in trainee.role.items
            if trainee.overdue(item) and (due := trainee.due_of(item))
        ]
        return sorted(late, key=lambda each: -each[3])

    @property
    def waiting(self) -> list[tuple[tuple[str, ...], str, str, date, int]]:
        """At whose desk, of whom, what, since when, for how many days; the longest first."""
        waiting = [
            (tuple(trainee.enrolment.get("mentors", ())), trainee.name, item.id, since, (self.today - since).days)
            for trainee in self.trainees
            for item in trainee.role.items
            if trainee.waits_on(item) == "mentor" and (since := trainee.waiting_since(item))
        ]
        return sorted(waiting, key=lambda each: -each[4])

    @property
    def to_conclude(self) -> list[tuple[str, str]]:
        """Who, and which tier waits for the manager's final sign-off."""
        return [
            (trainee.name, tier["id"])
            for trainee in self.trainees
            for tier in trainee.role.tiers
            if trainee.ready(tier)
        ]


def sort_key(trainee: Trainee) -> tuple[bool, int]:
    """Return what decides where somebody stands in a team: the most behind first, the finished last."""
    return trainee.finished is not None, trainee.pace()["ahead"] or 0


def read_team(folder: Path, catalogue: Path, today: date) -> Team:
    """Return all who have a record in a folder, as it was known at the end of that day in UTC."""
    trainees = []
    for path in sorted(folder.glob("*.json")):
        events = json.loads(path.read_text(encoding="utf-8"))["events"]
        known = tuple(event for event in events if event["at"][:10] <= today.isoformat())
        if known:
            trainees.append(Trainee(known, catalogue, today))
    return Team(tuple(trainees), today)


def _days(first: date, end: date) -> Iterator[date]:
    while first < end:
        yield first
        first += DAY
