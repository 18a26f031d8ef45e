"""A folder with the records of a team, the same bytes at every run: to look at, to test with, to measure with.

Run it with the environment's own Python: ``.venv/bin/python benchmarks/team.py FOLDER``. The twelve differ in all that
a report counts; with more ``--trainees`` they come again, under numbered names. ``--events`` adds notes until each
record holds so many events.
"""

import argparse
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from msgspec.structs import replace

from ca_ladder.catalogue.files import shipped_path
from ca_ladder.catalogue.models import Catalogue, Item, Ladder
from ca_ladder.catalogue.validation import load_catalogue
from ca_ladder.errors import LadderError
from ca_ladder.progress.trainee import measure
from ca_ladder.record import store
from ca_ladder.record.actor import Actor, enrol, enrol_again, go_on_leave, graduate
from ca_ladder.record.events import Enrolment, Event, Leave, Person, Stamp, Wording, new_event
from ca_ladder.record.fingerprint import fingerprint
from ca_ladder.record.names import file_stem
from ca_ladder.record.record import Record
from ca_ladder.record.rules import identify

AS_OF = date(2026, 3, 16)  # a Monday; nothing is written later
PAT, NOOR, SLOW, KIM = "Pat Lee", "Noor Haddad", "Sam Slow", "Kim Novak"
MARKUP = '<script>alert(1)</script> "><img src=x onerror=alert(1)>'
FORMULA = "=1+1"


@dataclass
class Story:
    """One trainee's record as it grows: what is planned for a day is done on it, in the order of the days."""

    catalogue: Catalogue
    name: str
    start: date
    mentors: tuple[str, ...] = (PAT,)
    manager: str | None = KIM
    variants: tuple[str, ...] = ()
    enrolled: date | None = None
    events: int = 0
    plans: list[tuple[date, Callable[[], None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.day = self.enrolled or self.start
        self.commands = 0
        self.trainee = Person(name=self.name, role="trainee")
        enrolment = Enrolment(
            record=record_id(self.name),
            name=self.name,
            start=self.start,
            role=self.catalogue.roles[0].id,
            variants=self.variants,
            mentors=self.mentors,
            manager=self.manager,
        )
        stamp = self.stamp("trainee")
        first = new_event(
            kind="enrol",
            at=stamp.now,
            on=stamp.today,
            by=self.trainee,
            account=stamp.account,
            computer=stamp.computer,
            enrolment=enrolment,
        )
        self.record = Record((first,))

    def stamp(self, account: str) -> Stamp:
        """Return the circumstances of the next command: each is a second after the one before."""
        self.commands += 1
        moment = datetime.combine(self.day, time(8), UTC) + timedelta(seconds=self.commands)
        return Stamp(moment, account, "OFFICE-PC")

    @property
    def ladder(self) -> Ladder:
        """What is expected of the trainee now."""
        enrolment = self.record.enrolment
        role = next(role for role in self.catalogue.roles if role.id == enrolment.role)
        return Ladder(role, frozenset(enrolment.variants), self.catalogue.version)

    def items(self, *ids: str) -> list[Item]:
        """Return the items of these ids."""
        return [self.ladder.items[id_] for id_ in ids]

    def plan(self, day: date, deed: Callable[..., None], *args: Any, **options: Any) -> None:
        """Have something done on a day."""
        self.plans.append((day, partial(deed, *args, **options)))

    def carry_out(self) -> Record:
        """Return the record after all that was planned up to the last day, and the notes that make it long enough."""
        for day, deed in sorted(self.plans, key=lambda plan: plan[0]):
            if day <= AS_OF:
                self.day = max(day, self.day)
                deed()
        self.day = AS_OF
        items = list(self.ladder.items.values())
        while len(self.record.events) < self.events:
            number = len(self.record.events)
            self.note(items[number % len(items)].id, f"Remark {number}: talked about it in the one-to-one")
        return self.record

    # --- what a trainee does

    def check(self, *ids: str, note: str | None = None, evidence: Sequence[str] = (), on: date | None = None) -> None:
        """Check items that are open or returned."""
        trainee = Actor(self.ladder, self.stamp("trainee"), self.trainee, on)
        self.record = trainee.check(self.record, self.items(*ids), note, evidence)

    def uncheck(self, *ids: str) -> None:
        """Take checks back."""
        self.record = self._by_trainee().uncheck(self.record, self.items(*ids))

    def note(self, id_: str, text: str) -> None:
        """Add words."""
        (item,) = self.items(id_)
        self.record = self._by_trainee().note(self.record, item, text)

    def undo(self) -> None:
        """Take the trainee's last command back."""
        self.record = self._by_trainee().undo(self.record)

    def redo(self) -> None:
        """Bring back what was undone last."""
        self.record = self._by_trainee().redo(self.record)

    def leave(self, first: date, last: date) -> None:
        """Go on leave."""
        self.record = go_on_leave(self.record, self.stamp("trainee"), self.trainee, Leave(first=first, last=last))

    def correct(self, by: Person, **changes: object) -> None:
        """Change the enrolment."""
        self.record = enrol_again(self.record, self.stamp(by.role), by, **changes)

    # --- what the others do

    def sign(self, *ids: str, by: str | None = None, observed: bool = False, on: date | None = None) -> None:
        """Sign items off."""
        self.record = self._by(by, on).sign_off(self.record, self.items(*ids), observed=observed)

    def send_back(self, *ids: str, because: str = "Right result, but show me how you got there") -> None:
        """Return items."""
        self.record = self._by(None).decide("return", self.record, self.items(*ids), because)

    def revoke(self, *ids: str) -> None:
        """Take sign-offs or waivers back."""
        self.record = self._by(None).decide("revoke", self.record, self.items(*ids), "It was another client's file")

    def waive(self, *ids: str) -> None:
        """Say that items do not apply."""
        self.record = self._by(None).decide("waive", self.record, self.items(*ids), "Not in this book of business")

    def graduate(self, tier: str) -> None:
        """Give the final sign-off of a tier."""
        manager = Person(name=self.manager or KIM, role="manager")
        wanted = next(other for other in self.ladder.role.tiers if other.id == tier)
        self.record = graduate(self.record, self.ladder, self.stamp("kim"), manager, wanted)

    def _by_trainee(self) -> Actor:
        return Actor(self.ladder, self.stamp("trainee"), self.trainee)

    def _by(self, name: str | None, on: date | None = None) -> Actor:
        who = identify(self.record, name or (self.mentors or (PAT,))[0])
        return Actor(self.ladder, self.stamp(file_stem(who.name)), who, on)

    # --- how the weeks go

    def licensed(self) -> None:
        """Plan the sign-off of every gate in the first week: the mentor sees the license."""
        gates = dict.fromkeys(need for item in self.ladder.items.values() for need in item.requires)
        self.plan(self.start + timedelta(days=4), self.sign, *gates, observed=True)

    def expectations(self, *tiers: str) -> list[tuple[date, Item]]:
        """Return the expectations of tiers with the day each is expected; of an open end, two in three days."""
        progress = measure(self.ladder, self.record, self.start)
        begun = {tier.tier.id: tier.begins or self.start for tier in progress.tiers}
        expected: list[tuple[date, Item]] = []
        for number, item in enumerate(progress.items):
            if (tier := item.item.tier) and tier.id in tiers:
                expected.append((item.expected_on or begun[tier.id] + timedelta(days=number // 2 * 3 % 90), item.item))
        return sorted(expected, key=lambda pair: pair[0])

    def learn(
        self,
        plan: Iterable[tuple[date, Item]],
        pace: float,
        lag: int,
        *,
        leaves_out: int = 0,
        waits: int = 0,
        comes_back: int = 0,
    ) -> None:
        """Plan checks of expected items, and sign-offs ``lag`` days later; ``pace`` 2 takes twice the time.

        Every so manieth item is left out, waits for its sign-off, or comes back.
        """
        for number, (day, item) in enumerate(plan, start=1):
            checked = self.start + timedelta(days=round((day - self.start).days * pace))
            decided = checked + timedelta(days=lag)
            if leaves_out and number % leaves_out == 0:
                continue
            note = MARKUP if number % 9 == 0 else FORMULA if number % 10 == 0 else None
            evidence = ("WorkSmart activity 20418", FORMULA) if number % 8 == 0 else ()
            self.plan(checked, self.check, item.id, note=note, evidence=evidence)
            if comes_back and number % comes_back == 0:
                self.plan(decided, self.send_back, item.id)
            elif not waits or number % waits:
                self.plan(decided, self.sign, item.id)

    def foundations(self, every: int = 1, *, all_signed: bool = False) -> None:
        """Plan the checks and sign-offs of every so manieth of what has no tier, five a week, but not of the gates."""
        gates = {need for item in self.ladder.items.values() for need in item.requires}
        beside = [item for item in self.ladder.items.values() if not item.tier and item.id not in gates]
        for number, item in enumerate(beside[::every]):
            day = self.start + timedelta(days=8 + 7 * (number // 5))
            self.plan(day, self.check, item.id)
            if all_signed or number % 4:
                self.plan(day + timedelta(days=3), self.sign, item.id)


# --- the twelve: a name, and what became of them ---------------------------------------------------------------


PATTERNS: list[Callable[[Catalogue, int], Record]] = []


def trainee(name: str, start: date, **enrolment: Any) -> Callable[[Callable[[Story], None]], Callable[[Story], None]]:
    """Add a trainee to the twelve; the function below plans what becomes of them."""

    def add(plan: Callable[[Story], None]) -> Callable[[Story], None]:
        def record(catalogue: Catalogue, events: int) -> Record:
            story = Story(catalogue, name, start, events=events, **enrolment)
            plan(story)
            return story.carry_out()

        PATTERNS.append(record)
        return plan

    return add


@trainee("Ana Ruiz", date(2026, 1, 5), variants=("middle-market",))
def ahead(one: Story) -> None:
    """One who is ahead, with a waived item, a waiver taken back, and a check taken back."""
    one.licensed()
    one.foundations(2)
    one.learn(one.expectations("0-3"), 0.6, 3)
    one.plan(date(2026, 1, 8), one.waive, "aud-10", "cert-09", "cert-10")
    one.plan(date(2026, 1, 9), one.revoke, "cert-10")
    one.plan(date(2026, 3, 2), one.check, "aud-05", "aud-06", "aud-07")
    one.plan(date(2026, 3, 3), one.uncheck, "aud-06")


@trainee("Ben Cole", date(2025, 11, 17), mentors=(SLOW,))
def behind(one: Story) -> None:
    """One who is behind, with a slow mentor and a license that was taken back: what is late waits on all."""
    one.licensed()
    one.foundations(3)
    one.learn(one.expectations("0-3"), 1.5, 6, leaves_out=6, waits=2, comes_back=7)
    one.learn(one.expectations("3-6")[:6], 1.1, 5, waits=3)
    one.plan(date(2026, 3, 9), one.revoke, "chg-s2")


@trainee("Cleo Park", date(2025, 11, 30), mentors=(PAT, NOOR), variants=("middle-market",))
def on_pace(one: Story) -> None:
    """One on pace with two mentors, from a day that not every month has; some days were told later."""
    one.licensed()
    one.foundations()
    one.learn(one.expectations("0-3"), 0.98, 4)
    later = [(day, item) for day, item in one.expectations("3-6") if day <= AS_OF]
    for day, item in later:
        one.plan(min(day + timedelta(days=4), AS_OF), one.check, item.id, on=day)
    for day, item in later[:2]:
        one.plan(AS_OF, one.sign, item.id, by=NOOR, on=day)


@trainee("Dan Oduya", date(2026, 3, 2), mentors=(NOOR,), enrolled=date(2026, 2, 27))
def just_started(one: Story) -> None:
    """One in the second week, whose first day was corrected, and who wrote a check down days later."""
    one.plan(date(2026, 3, 5), one.correct, Person(name=NOOR, role="mentor"), start=date(2026, 3, 9))
    one.plan(date(2026, 3, 12), one.check, "aud-01", "mail-01", "mail-02")
    one.plan(date(2026, 3, 13), one.sign, "mail-01")
    one.plan(date(2026, 3, 14), one.check, "pol-01", on=date(2026, 3, 10))


@trainee("Eve Stone", date(2026, 4, 1), enrolled=date(2026, 3, 10))
def not_started(one: Story) -> None:
    """One whose first day is to come, with a license already."""
    one.plan(date(2026, 3, 11), one.sign, "chg-s2", observed=True)


@trainee("Finn Berg", date(2025, 4, 7), variants=("middle-market",))
def finished(one: Story) -> None:
    """One who has all signed off or waived, and two of the three final sign-offs."""
    one.licensed()
    one.foundations(all_signed=True)
    one.plan(date(2025, 4, 14), one.waive, "aud-10", "cert-09")
    of_all = [(day, item) for day, item in one.expectations("0-3", "3-6", "6+") if item.id not in {"aud-10", "cert-09"}]
    one.learn(of_all, 0.9, 3)
    one.plan(date(2025, 7, 21), one.graduate, "0-3")
    one.plan(date(2025, 10, 20), one.graduate, "3-6")


@trainee("Gia Romano", date(2025, 10, 6), mentors=(PAT, NOOR))
def to_conclude(one: Story) -> None:
    """One whose first tier waits for the manager's final sign-off, with two mentors."""
    one.licensed()
    one.foundations(2)
    one.learn(one.expectations("0-3"), 0.9, 3)
    one.learn(one.expectations("3-6"), 1.0, 12, leaves_out=5)


@trainee("Hal Finch", date(2025, 12, 15))
def on_leave(one: Story) -> None:
    """One who is away now, across the end of a tier, and was away over the turn of the year."""
    one.licensed()
    one.learn(one.expectations("0-3"), 0.9, 5, leaves_out=8, waits=4)
    one.plans = [plan for plan in one.plans if plan[0] < date(2026, 3, 2)]
    one.plan(date(2025, 12, 20), one.leave, date(2025, 12, 24), date(2026, 1, 2))
    one.plan(date(2026, 2, 20), one.leave, date(2026, 3, 2), date(2026, 3, 27))


@trainee("Iva Moss", date(2025, 12, 1), variants=("middle-market",))
def away_on_the_due_date(one: Story) -> None:
    """One whose leave begins on the day that a tier is due; behind in that tier, and ahead in the next."""
    one.licensed()
    one.foundations(4)
    one.plan(date(2025, 12, 3), one.waive, "cert-03", "mail-04")
    of_first = [(day, item) for day, item in one.expectations("0-3") if item.id not in {"cert-03", "mail-04"}]
    one.learn(of_first, 1.05, 2, leaves_out=9)
    one.plan(date(2026, 2, 20), one.check, "aud-05", "aud-06")
    one.plan(date(2026, 2, 23), one.leave, date(2026, 3, 1), date(2026, 3, 7))


@trainee(MARKUP, date(2025, 11, 24), mentors=(SLOW,), manager=None)
def at_a_slow_desk(one: Story) -> None:
    """One with a name that is markup, of whom much waits for a mentor, and whose leaves overlap."""
    one.licensed()
    one.foundations(2)
    one.learn(one.expectations("0-3"), 0.95, 9, waits=1)
    one.plan(date(2026, 1, 2), one.leave, date(2026, 1, 5), date(2026, 1, 16))
    one.plan(date(2026, 1, 9), one.leave, date(2026, 1, 12), date(2026, 1, 30))
    one.plan(date(2026, 2, 2), one.leave, date(2026, 2, 9), date(2026, 2, 10))
    one.plan(date(2026, 2, 3), one.leave, date(2026, 2, 11), date(2026, 2, 13))


@trainee(f"{FORMULA} Kit Sato", date(2025, 9, 8), mentors=(), manager=None)
def without_a_mentor(one: Story) -> None:
    """One without a named mentor: sign-offs and a command were taken back, a later tier is done before."""
    one.licensed()
    one.learn(one.expectations("0-3"), 0.9, 4)
    one.learn(one.expectations("3-6"), 0.95, 4)
    one.plan(date(2026, 3, 10), one.revoke, "aud-02")
    one.plan(date(2026, 3, 11), one.waive, "cert-10")
    one.plan(date(2026, 3, 11), one.check, "cert-08", "cert-09")
    one.plan(date(2026, 3, 12), one.undo)
    one.plan(date(2026, 3, 13), one.check, "aud-12", "aud-13", "aud-14")
    one.plan(date(2026, 3, 13), one.undo)
    one.plan(date(2026, 3, 13), one.redo)


@trainee("Lou Meyer", date(2025, 3, 3))
def on_the_second_rung(one: Story) -> None:
    """One who was promoted: some duties are signed off, others wait."""
    one.licensed()
    one.learn(one.expectations("0-3", "3-6", "6+"), 0.9, 3)
    for day, tier in ((date(2025, 6, 9), "0-3"), (date(2025, 9, 8), "3-6"), (date(2025, 12, 8), "6+")):
        one.plan(day, one.graduate, tier)
    manager = Person(name=KIM, role="manager")
    promoted = date(2026, 1, 19)
    one.plan(promoted, one.correct, manager, role=one.catalogue.roles[1].id, start=promoted, variants=())
    duties = [f"acct-0{number}" for number in range(1, 7)]
    for number, duty in enumerate(duties):
        one.plan(date(2026, 2, 2) + timedelta(days=5 * number), one.check, duty)
    one.plan(date(2026, 2, 27), one.sign, *duties[:3])
    one.plan(date(2026, 3, 2), one.check, "q-01", "q-05")
    one.plan(date(2026, 3, 3), one.sign, "q-01")


def record_id(name: str) -> str:
    """Return the UUID that the record of this trainee always has."""
    return str(uuid5(NAMESPACE_URL, f"ca-ladder team/{name}"))


def renamed(record: Record, name: str) -> Record:
    """Return the same story of somebody with another name: every event gets the id that this gives it."""
    was = record.enrolment.name
    ids: dict[str, str] = {}
    events: list[Event] = []
    for old in record.events:
        fields: dict[str, Any] = {field: getattr(old, field) for field in Event.__struct_fields__ if field != "id"}
        fields |= {"parents": tuple(ids[parent] for parent in old.parents), "of": old.of and ids[old.of]}
        if old.by.name == was:
            fields["by"] = Person(name=name, role=old.by.role)
        if old.enrolment:
            fields["enrolment"] = replace(old.enrolment, name=name, record=record_id(name))
        if old.graduation:
            fields["graduation"] = replace(old.graduation, fingerprint=fingerprint(Record(tuple(events))))
        events.append(new_event(**fields))
        ids[old.id] = events[-1].id
    return Record(tuple(events))


def team(trainees: int, events: int = 0) -> Iterator[Record]:
    """Yield the records of so many trainees, each of at least about so many events."""
    catalogue = load_catalogue(shipped_path())
    twelve = [pattern(catalogue, events) for pattern in PATTERNS[:trainees]]
    yield from twelve
    for number in range(len(twelve), trainees):
        again = twelve[number % len(twelve)]
        yield renamed(again, f"{again.enrolment.name} {number + 1}")


def make_team(folder: Path, trainees: int = len(PATTERNS), events: int = 0) -> tuple[int, int]:
    """Write the records into a folder, and return how many there are and how many events are in them."""
    counted = 0
    digits = len(str(trainees))
    for number, record in enumerate(team(trainees, events), start=1):
        store.create(folder / f"{number:0{digits}}-{file_stem(record.enrolment.name)}.json", record)
        counted += len(record.events)
    return trainees, counted


def one_record(events: int) -> Record:
    """Return the record of one trainee, of today, in which so many events are checks and checks taken back."""
    catalogue = load_catalogue(shipped_path())
    role = catalogue.roles[0]
    ladder = catalogue.ladder(role.id, ())
    items = [item for item in ladder.items.values() if not item.children]
    stamp = Stamp(datetime.now(UTC) - timedelta(days=90), "trainee", "OFFICE-PC")
    trainee = Person(name="Maria Lopez", role="trainee")
    record = list(enrol(stamp, trainee, name=trainee.name, start=stamp.today, role=role.id).events)
    common = {"by": trainee, "account": stamp.account, "computer": stamp.computer}
    checked: set[str] = set()
    while len(record) < events:
        item = items[(len(record) - 1) // 3 % len(items)]
        at = stamp.now + timedelta(minutes=len(record))
        words = Wording(text=item.text, revision=item.revision, catalogue=catalogue.version)
        change = {"kind": "uncheck"} if item.id in checked else {"kind": "check", "wording": words}
        checked ^= {item.id}
        record.append(new_event(parents=(record[-1].id,), at=at, on=at.date(), item=item.id, **common, **change))
    return Record(tuple(record))


def main() -> None:
    """Make the team and print how to look at it."""
    parser = argparse.ArgumentParser(description="Make the records of a team in a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--trainees", type=int, default=len(PATTERNS), metavar="N")
    parser.add_argument("--events", type=int, default=0, metavar="E", help="notes are added up to so many")
    asked = parser.parse_args()
    try:
        records, events = make_team(asked.folder, asked.trainees, asked.events)
    except LadderError as problem:
        sys.exit("\n".join(problem.lines()))
    print(f"{records} records of {events} events.")
    print(f"ca-ladder report --store {shlex.quote(str(asked.folder))} --as-of {AS_OF}")


if __name__ == "__main__":
    main()
