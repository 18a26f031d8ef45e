"""A ladder with the items a and b, its trainee Ann and mentor Mo, and what they do at an hour of the first day."""

from datetime import UTC, date, datetime, timedelta

from ca_ladder.catalogue.models import Catalogue, Entry, Ladder, Role, Task, Tier
from ca_ladder.record.events import Person, Stamp
from ca_ladder.record.record import Record
from ca_ladder.record.rules import Actor, enrol

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = MORNING + timedelta(days=30)
TASK = Task(id="k", name="K", why="W", expectations={"t": (Entry(id="a", text="Do a"), Entry(id="b", text="Do b"))})
CATALOGUE = Catalogue(version="v1", roles=(Role(id="r", name="R", tiers=(Tier(id="t", title="T"),), tasks=(TASK,)),))
LADDER = CATALOGUE.ladder("r", ())
A, B = LADDER.items.values()
ANN = Person(name="Ann", role="trainee")
MO = Person(name="Mo", role="mentor")


def stamp(hour: float, account: str = "ann") -> Stamp:
    """Return the stamp of a command run so many hours after the first."""
    return Stamp(MORNING + timedelta(hours=hour), account, "PC")


def ann(hour: float, ladder: Ladder = LADDER) -> Actor:
    """Return the trainee at that hour."""
    return Actor(ladder, stamp(hour), ANN)


def mo(hour: float, ladder: Ladder = LADDER, name: str = "Mo", account: str = "mo") -> Actor:
    """Return a mentor at that hour."""
    return Actor(ladder, stamp(hour, account), Person(name=name, role="mentor"))


def new_record(name: str = "Ann", mentors: tuple[str, ...] = (), manager: str | None = None) -> Record:
    """Return the record of a trainee who enrolled at the first hour."""
    return enrol(stamp(0), ANN, name=name, start=date(2026, 3, 2), role="r", mentors=mentors, manager=manager)
