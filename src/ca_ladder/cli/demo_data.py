"""The filled example of `demo`: a trainee a few months in, made by the same rules as any record."""

from datetime import date, datetime, time, timedelta

from ca_ladder.catalogue.models import Catalogue, Item, Ladder
from ca_ladder.progress.clock import add_months
from ca_ladder.progress.trainee import measure
from ca_ladder.record.events import Person, Stamp
from ca_ladder.record.record import Record
from ca_ladder.record.rules import Actor, blockers, enrol

TRAINEE = Person(name="Maria Lopez", role="trainee")
MENTOR = Person(name="Pat Lee", role="mentor")
MANAGER = Person(name="Kim Novak", role="manager")


def example(catalogue: Catalogue, stamp: Stamp) -> Record:
    """Return the record of someone three and a half months in, on the first role with all its variants.

    Every thirteenth item is still open, every seventh waits for the mentor, every seventeenth came back.
    """
    role = catalogue.roles[0]
    variants = tuple(variant.id for variant in role.variants)
    start = add_months(stamp.today, -3) - timedelta(days=15)
    ladder = Ladder(role, frozenset(variants), catalogue.version)
    record = enrol(
        _at(start, stamp, "maria"),
        TRAINEE,
        name=TRAINEE.name,
        start=start,
        role=role.id,
        variants=variants,
        mentors=(MENTOR.name,),
        manager=MANAGER.name,
    )
    plan = [(each.expected_on, each.item) for each in measure(ladder, record, stamp.today).items if each.expected_on]
    gates = sorted({need for _, item in plan for need in item.requires})
    for gate in gates:
        record = _signed(record, ladder, ladder.items[gate], start + timedelta(days=7), stamp, observed=True)
    for number, (day, item) in enumerate(sorted(plan, key=lambda each: each[0]), start=1):
        if day <= stamp.today and number % 13:
            record = _checked(record, ladder, item, day, stamp, number)
            if number % 17 == 0:
                record = _sent_back(record, ladder, item, day + timedelta(days=2), stamp)
            elif number % 7 and not blockers(record, ladder, item):
                record = _signed(record, ladder, item, day + timedelta(days=3), stamp)
    return record


def _checked(record: Record, ladder: Ladder, item: Item, day: date, stamp: Stamp, number: int) -> Record:
    note = "Did it twice this week, the second time without notes" if number % 6 == 0 else None
    evidence = ("WorkSmart activity 20418",) if number % 6 == 0 else ()
    return Actor(ladder, _at(day, stamp, "maria"), TRAINEE).check(record, [item], note, evidence)


def _sent_back(record: Record, ladder: Ladder, item: Item, day: date, stamp: Stamp) -> Record:
    because = "Right result, but show me how you got there"
    return Actor(ladder, _at(day, stamp, "pat"), MENTOR).send_back(record, [item], because)


def _signed(record: Record, ladder: Ladder, item: Item, day: date, stamp: Stamp, *, observed: bool = False) -> Record:
    return Actor(ladder, _at(day, stamp, "pat"), MENTOR).sign_off(record, [item], observed=observed)


def _at(day: date, stamp: Stamp, account: str) -> Stamp:
    moment = datetime.combine(min(day, stamp.today), time(9), stamp.now.tzinfo)
    return Stamp(now=min(moment, stamp.now), account=account, computer="OFFICE-PC")
