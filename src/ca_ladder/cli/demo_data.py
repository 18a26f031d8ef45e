"""The example record of `demo`, written through the same rules as any record."""

from datetime import date, datetime, time, timedelta

from ca_ladder.catalogue.models import Catalogue, Ladder
from ca_ladder.progress.clock import add_months
from ca_ladder.progress.trainee import measure
from ca_ladder.record.actor import Actor, enrol
from ca_ladder.record.events import Person, Stamp
from ca_ladder.record.record import Record
from ca_ladder.record.rules import blockers

TRAINEE = Person(name="Maria Lopez", role="trainee")
MENTOR = Person(name="Pat Lee", role="mentor")
MANAGER = Person(name="Kim Novak", role="manager")
NOTE = "Did it twice this week, the second time without notes"
EVIDENCE = ("WorkSmart activity 20418",)
BECAUSE = "Right result, but show me how you got there"


def example(catalogue: Catalogue, stamp: Stamp) -> Record:
    """Return the record of a trainee three and a half months into the first role, with all its variants.

    Of the items due by now, every 13th is open, every 7th waits for the mentor, and every 17th was returned.
    """
    role = catalogue.roles[0]
    variants = tuple(variant.id for variant in role.variants)
    start = add_months(stamp.today, -3) - timedelta(days=15)
    ladder = Ladder(role, frozenset(variants), catalogue.version)
    people = {"name": TRAINEE.name, "mentors": (MENTOR.name,), "manager": MANAGER.name}
    record = enrol(_at(start, stamp, "maria"), TRAINEE, start=start, role=role.id, variants=variants, **people)

    def mentor(day: date) -> Actor:
        return Actor(ladder, _at(day, stamp, "pat"), MENTOR)

    plan = [
        (entry.expected_on, entry.item) for entry in measure(ladder, record, stamp.today).items if entry.expected_on
    ]
    for required in sorted({id_ for _, item in plan for id_ in item.requires}):
        record = mentor(start + timedelta(days=7)).sign_off(record, [ladder.items[required]], observed=True)
    for number, (day, item) in enumerate(sorted(plan, key=lambda due: due[0]), start=1):
        if day <= stamp.today and number % 13:
            note, evidence = (NOTE, EVIDENCE) if number % 6 == 0 else (None, ())
            record = Actor(ladder, _at(day, stamp, "maria"), TRAINEE).check(record, [item], note, evidence)
            if number % 17 == 0:
                record = mentor(day + timedelta(days=2)).decide("return", record, [item], BECAUSE)
            elif number % 7 and not blockers(record, ladder, item):
                record = mentor(day + timedelta(days=3)).sign_off(record, [item])
    return record


def _at(day: date, stamp: Stamp, account: str) -> Stamp:
    moment = datetime.combine(min(day, stamp.today), time(9), stamp.now.tzinfo)
    return Stamp(now=min(moment, stamp.now), account=account, computer="OFFICE-PC")
