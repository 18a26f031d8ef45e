"""A ladder with the items a and b, its trainee Ann and mentor Mo, and what they do at an hour of the first day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ca_ladder.catalogue.models import Catalogue, Entry, Item, Ladder, Role, Task, Tier
from ca_ladder.record import store
from ca_ladder.record.events import Person, Stamp, new_event
from ca_ladder.record.record import Record
from ca_ladder.record.rules import Actor, enrol, enrol_again
from ca_ladder.record.verification import Problem, problems

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = MORNING + timedelta(days=30)
TASK = Task(id="k", name="K", why="W", expectations={"t": (Entry(id="a", text="Do a"), Entry(id="b", text="Do b"))})
CATALOGUE = Catalogue(version="v1", roles=(Role(id="r", name="R", tiers=(Tier(id="t", title="T"),), tasks=(TASK,)),))
LADDER = CATALOGUE.ladder("r", ())
A, B = LADDER.items.values()
ANN = Person(name="Ann", role="trainee")
MO = Person(name="Mo", role="mentor")
KIM = Person(name="Kim", role="manager")
PATH = Path("ann.json")


def ladder_with(
    *entries: Entry, gate: str | None = None, skills: tuple[Entry, ...] = (), version: str = "v1"
) -> Ladder:
    """Return a ladder of one tier and one task with these expectations."""
    task = Task(id="k", name="K", why="W", gate=gate, expectations={"t": entries}, skills=skills)
    return Ladder(Role(id="r", name="R", tiers=(Tier(id="t", title="T"),), tasks=(task,)), frozenset(), version)


def stamp(hour: float, account: str = "ann", computer: str = "PC") -> Stamp:
    """Return the stamp of a command run so many hours after the first."""
    return Stamp(MORNING + timedelta(hours=hour), account, computer)


def ann(hour: float, ladder: Ladder = LADDER) -> Actor:
    """Return the trainee at that hour."""
    return Actor(ladder, stamp(hour), ANN)


def mo(hour: float, ladder: Ladder = LADDER, name: str = "Mo", account: str = "mo") -> Actor:
    """Return a mentor at that hour."""
    return Actor(ladder, stamp(hour, account), Person(name=name, role="mentor"))


def kim(hour: float, ladder: Ladder = LADDER) -> Actor:
    """Return the manager at that hour."""
    return Actor(ladder, stamp(hour, "kim"), KIM)


def new_record(
    name: str = "Ann",
    mentors: tuple[str, ...] = (),
    manager: str | None = None,
    role: str = "r",
    start: date = date(2026, 3, 2),
) -> Record:
    """Return the record of a trainee who enrolled at the first hour."""
    return enrol(stamp(0), ANN, name=name, start=start, role=role, mentors=mentors, manager=manager)


RECORD = new_record()
CHECKED = ann(1).check(RECORD, [A])


def enrolled_again(record: Record, hour: float, by: Person = ANN, **changes: Any) -> Record:
    """Return the record after this person changed the enrolment, from an account of their own."""
    return enrol_again(record, stamp(hour, by.name.lower()), by, **changes)


# What people do with one item.
COMMANDS: dict[str, Callable[[Actor, Record, Item], Record]] = {
    "check": lambda actor, record, item: actor.check(record, [item]),
    "uncheck": lambda actor, record, item: actor.uncheck(record, [item]),
    "note": lambda actor, record, item: actor.note(record, item, "words"),
    "sign-off": lambda actor, record, item: actor.sign_off(record, [item]),
    "observe": lambda actor, record, item: actor.sign_off(record, [item], observed=True),
    "return": lambda actor, record, item: actor.send_back(record, [item], "why"),
    "revoke": lambda actor, record, item: actor.revoke(record, [item], "why"),
    "waive": lambda actor, record, item: actor.waive(record, [item], "why"),
    "undo": lambda actor, record, _: actor.undo(record),
}
DECISIONS = ["sign-off", "observe", "return", "revoke", "waive"]


def after(commands: str, record: Record = RECORD, first_hour: float = 1, ladder: Ladder = LADDER) -> Record:
    """Return the record after these commands on its first item, one an hour: the mentor decides, the trainee acts.

    The mentor undoes what the mentor did last.
    """
    item = next(iter(ladder.items.values()))
    for number, command in enumerate(commands.split()):
        is_trainee = command in {"check", "uncheck"} or (command == "undo" and record.events[-1].account == "ann")
        actor = ann(first_hour + number, ladder) if is_trainee else mo(first_hour + number, ladder)
        record = COMMANDS[command](actor, record, item)
    return record


def with_entry(record: Record, kind: str, by: Person = MO, *, hour: float = 9, **content: Any) -> Record:
    """Return the record with an entry that no command wrote: its id is right, and no rule was asked."""
    moment = MORNING + timedelta(hours=hour)
    details = {"kind": kind, "at": moment, "on": moment.date(), "by": by, "account": "x", "computer": "PC"}
    return record.with_event(new_event(**({"parents": record.heads} | details | content)))


def problems_of(data: bytes | Record, now: datetime = LATER, against: Catalogue | None = None) -> list[Problem]:
    """Return what is wrong with these bytes, or with a record as it would be written."""
    return problems(store.as_bytes(data) if isinstance(data, Record) else data, PATH, now, against)


def sentences(data: bytes | Record, now: datetime = LATER, against: Catalogue | None = None) -> list[str]:
    """Return what is wrong as sentences that name the entry."""
    return [str(problem) for problem in problems_of(data, now, against)]


def broken_rules(data: bytes | Record, against: Catalogue | None = None) -> list[str]:
    """Return what is wrong, without the entry."""
    return [problem.message for problem in problems_of(data, against=against)]
