"""The example record of `demo`, written through the same rules as any record."""

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
    """Return the record of a trainee three and a half months into the first role, with all its variants.

    Of the items due by now, every 13th is open, every 7th waits for the mentor, and every 17th was returned.
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
    progress = measure(ladder, record, stamp.today)
    plan = [(entry.expected_on, entry.item) for entry in progress.items if entry.expected_on]
    for required in sorted({id_ for _, item in plan for id_ in item.requires}):
        record = _sign_off(record, ladder, ladder.items[required], start + timedelta(days=7), stamp, observed=True)
    for number, (day, item) in enumerate(sorted(plan, key=lambda due: due[0]), start=1):
        if day <= stamp.today and number % 13:
            record = _check(record, ladder, item, day, stamp, number)
            if number % 17 == 0:
                record = _return(record, ladder, item, day + timedelta(days=2), stamp)
            elif number % 7 and not blockers(record, ladder, item):
                record = _sign_off(record, ladder, item, day + timedelta(days=3), stamp)
    return record


def _check(record: Record, ladder: Ladder, item: Item, day: date, stamp: Stamp, number: int) -> Record:
    note = "Did it twice this week, the second time without notes" if number % 6 == 0 else None
    evidence = ("WorkSmart activity 20418",) if number % 6 == 0 else ()
    return Actor(ladder, _at(day, stamp, "maria"), TRAINEE).check(record, [item], note, evidence)


def _return(record: Record, ladder: Ladder, item: Item, day: date, stamp: Stamp) -> Record:
    because = "Right result, but show me how you got there"
    return Actor(ladder, _at(day, stamp, "pat"), MENTOR).send_back(record, [item], because)


def _sign_off(record: Record, ladder: Ladder, item: Item, day: date, stamp: Stamp, *, observed: bool = False) -> Record:
    return Actor(ladder, _at(day, stamp, "pat"), MENTOR).sign_off(record, [item], observed=observed)


def _at(day: date, stamp: Stamp, account: str) -> Stamp:
    moment = datetime.combine(min(day, stamp.today), time(9), stamp.now.tzinfo)
    return Stamp(now=min(moment, stamp.now), account=account, computer="OFFICE-PC")
