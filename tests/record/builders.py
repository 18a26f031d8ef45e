"""A ladder with the items a and b, its trainee Ann and mentor Mo, and what they do at an hour of the first day."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from ca_ladder.catalogue.models import Catalogue, Entry, Item, Ladder, Role, Task, Tier, Variant
from ca_ladder.record import store
from ca_ladder.record.actor import Actor, enrol, enrol_again
from ca_ladder.record.events import Person, Stamp, new_event
from ca_ladder.record.merging import union
from ca_ladder.record.record import Record
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


def ann(hour: float, ladder: Ladder = LADDER, name: str = "Ann") -> Actor:
    """Return the trainee at that hour."""
    return Actor(ladder, stamp(hour), Person(name=name, role="trainee"))


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
    return enrol(
        stamp(0), Person(name=name, role="trainee"), name=name, start=start, role=role, mentors=mentors, manager=manager
    )


RECORD = new_record()
CHECKED = ann(1).check(RECORD, [A])


def enrolled_again(record: Record, hour: float, by: Person = ANN, **changes: Any) -> Record:
    """Return the record after this person changed the enrolment, from an account of their own."""
    return enrol_again(record, stamp(hour, by.name.lower()), by, **changes)


def trainee_of(record: Record) -> Person:
    """Return the trainee as the author of events."""
    return Person(name=record.enrolment.name, role="trainee")


# What people do with one item; only the trainee checks, whoever is at the computer.
COMMANDS: dict[str, Callable[[Actor, Record, Item], Record]] = {
    "check": lambda actor, record, item: replace(actor, by=trainee_of(record)).check(record, [item]),
    "uncheck": lambda actor, record, item: replace(actor, by=trainee_of(record)).uncheck(record, [item]),
    "note": lambda actor, record, item: actor.note(record, item, "words"),
    "sign-off": lambda actor, record, item: actor.sign_off(record, [item]),
    "observe": lambda actor, record, item: actor.sign_off(record, [item], observed=True),
    "return": lambda actor, record, item: actor.decide("return", record, [item], "why"),
    "revoke": lambda actor, record, item: actor.decide("revoke", record, [item], "why"),
    "waive": lambda actor, record, item: actor.decide("waive", record, [item], "why"),
    "undo": lambda actor, record, _: actor.undo(record),
    "redo": lambda actor, record, _: actor.redo(record),
}
DECISIONS = ["sign-off", "observe", "return", "revoke", "waive"]


def after(commands: str, record: Record = RECORD, first_hour: float = 1, ladder: Ladder = LADDER) -> Record:
    """Return the record after these commands on its first item, one an hour: the mentor decides, the trainee acts.

    Whoever wrote last undoes or redoes it.
    """
    item = next(iter(ladder.items.values()))
    for number, command in enumerate(commands.split()):
        is_trainee = command in {"check", "uncheck"} or (
            command in {"undo", "redo"} and record.events[-1].account == "ann"
        )
        actor = ann(first_hour + number, ladder) if is_trainee else mo(first_hour + number, ladder)
        record = COMMANDS[command](actor, record, item)
    return record


def with_entry(record: Record, kind: str, by: Person = MO, *, hour: float = 9, **content: Any) -> Record:
    """Return the record with an entry that no command wrote: its id is right, and no rule was asked."""
    moment = MORNING + timedelta(hours=hour)
    details = {"kind": kind, "at": moment, "on": moment.date(), "by": by, "account": "x", "computer": "PC"}
    event = new_event(**({"parents": record.heads} | details | content))
    return Record((*record.events, event), catalogue=record.catalogue)


# What other programs make of a record's file: every entry says what it said.
REWRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "Windows' line ends": lambda data: data.replace(b"\n", b"\r\n"),
    "indentation": lambda data: json.dumps(json.loads(data), indent=4, ensure_ascii=False).encode() + b"\n",
    "one line": lambda data: json.dumps(json.loads(data), ensure_ascii=False).encode(),
    "escaped letters": lambda data: json.dumps(json.loads(data), indent=1).encode() + b"\n",
    "sorted keys": lambda data: json.dumps(json.loads(data), indent=1, ensure_ascii=False, sort_keys=True).encode(),
    "a blank": lambda data: data.replace(b'","', b'", "', 1),
    "no last newline": lambda data: data.removesuffix(b"\n"),
    "a mark at the beginning": lambda data: b"\xef\xbb\xbf" + data,
    "another encoding": lambda data: data.decode().encode("utf-16"),
}


def problems_of(data: bytes | Record, now: datetime = LATER, against: Catalogue | None = None) -> list[Problem]:
    """Return what is wrong with these bytes, or with a record as it would be written."""
    return problems(store.as_bytes(data) if isinstance(data, Record) else data, PATH, now, against)


def sentences(data: bytes | Record, now: datetime = LATER, against: Catalogue | None = None) -> list[str]:
    """Return what is wrong as sentences that name the entry."""
    return [str(problem) for problem in problems_of(data, now, against)]


def broken_rules(data: bytes | Record, against: Catalogue | None = None) -> list[str]:
    """Return what is wrong, without the entry."""
    return [problem.message for problem in problems_of(data, against=against)]


# --- an office with a gate, a night shift, and a record with entries of every kind -------------------------------


def office(version: str = "v1", revision: int = 1) -> Catalogue:
    """Return a catalogue of two items behind a gate and of one that only the night shift has; file needs that one."""
    one, two = Entry(id="one", text="Do one", revision=revision), Entry(id="two", text="Do two")
    gate, late = Entry(id="gate", text="Hold the licence"), Entry(id="late", text="Do late")
    file = Entry(id="file", text="File", requires=("late",))
    tasks = (
        Task(id="desk", name="Desk", why="W", gate="gate", expectations={"t": (one, two)}, skills=(gate,)),
        Task(id="night", name="Night", why="W", variant="nights", skills=(late,)),
        Task(id="files", name="Files", why="W", expectations={"t": (file,)}),
    )
    variants, tiers = (Variant(id="nights", name="Nights"),), (Tier(id="t", title="T"),)
    clerk = Role(id="clerk", name="Clerk", variants=variants, tiers=tiers, tasks=tasks)
    return Catalogue(version=version, roles=(clerk,))


OFFICE = office()
OFFICE_LADDER = OFFICE.ladder("clerk", ())
ONE, TWO, GATE, FILE = (OFFICE_LADDER.items[id_] for id_ in ("one", "two", "gate", "file"))
clerk, chief = partial(ann, ladder=OFFICE_LADDER), partial(mo, ladder=OFFICE_LADDER)


def new_clerk() -> Record:
    """Return another record of the same trainee in the office."""
    return new_record(role="clerk", mentors=("Mo",), manager="Max")


NEW = new_clerk()
SIGNED = chief(2).sign_off(clerk(1).check(NEW, [GATE], note="seen it twice, Zoë"), [GATE])
# Entries: 1 enrolment, 2 check of gate, 3 sign-off of gate, 4 check of one, 5 return of one.
STORY = chief(4).decide("return", clerk(3).check(SIGNED, [ONE]), [ONE], "not without the form")


def long_story() -> Record:
    """Return the story with more entries of every kind, branched and united: twenty in all."""
    record = enrolled_again(STORY, 5, MO, start=date(2026, 2, 1))
    record = clerk(6).check(record, [ONE, TWO], note="Ω ✓", evidence=["C:\\a.pdf"])
    record = chief(7).sign_off(record, [ONE], note="seen\n")
    record = chief(8).decide("waive", chief(8).decide("revoke", record, [ONE], "wrong line"), [TWO], "not here")
    record = clerk(10).undo(clerk(9).uncheck(record, [ONE]))
    here = chief(12).sign_off(chief(11).note(record, ONE, "ready"), [ONE])
    there = clerk(12.5).check(clerk(11.5).note(record, ONE, "first"), [FILE])
    record = chief(14).sign_off(clerk(13).note(union(here, there), ONE, "thanks"), [FILE])
    return enrolled_again(record, 15, MO, variants=("nights",))
