"""A small office with two roles and its people, and a builder for others: what each format is shown with."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from ca_ladder.catalogue.models import Catalogue
from ca_ladder.catalogue.validation import parse_catalogue
from ca_ladder.progress.results import TraineeProgress
from ca_ladder.progress.team import Unreadable, team
from ca_ladder.progress.trainee import measure
from ca_ladder.record.events import Leave, Person, Stamp
from ca_ladder.record.rules import Actor, enrol, go_on_leave, graduate

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    "</title></svg></table></style>",
    "{{7*7}}{% raw %}",
    "[red]Ann[/red]",
    "&amp;&lt;b&gt;",
    "<!-- ]]>",
    "\x1b[31mred\x1b[0m\x07\x00",
    "\u202eevil\u2069\u200d\u2028live",
    "a\tb\r\nc",
    "x" * 150,
]
TODAY = date(2026, 4, 20)
OFFICE = parse_catalogue(
    b"""
version: "1"
roles:
  - id: clerk
    name: Clerk
    tiers:
      - {id: 0-3, title: New in role, months: {from: 0, until: 3}}
      - {id: 3+, title: Settled, months: {from: 3}}
    tasks:
      - id: mail
        name: Incoming mail
        why: Mail that waits is a client that waits.
        expectations:
          0-3:
            - {id: m-1, text: Open the mail}
            - {id: m-2, text: Sort the mail}
            - {id: m-3, text: Answer the mail}
            - {id: m-4, text: File the mail, requires: [m-3]}
          3+:
            - {id: m-5, text: Teach the mail}
      - id: phone
        name: Telephone
        why: Who calls wants an answer.
        not_required: [0-3]
        expectations:
          3+:
            - {id: p-1, text: Answer a call}
        knowledge:
          - {id: k-1, text: Know the numbers}
  - id: senior
    name: Senior
    tiers:
      - {id: duties, title: Duties}
    tasks:
      - id: care
        name: Care
        why: Accounts need care.
        expectations:
          duties:
            - {id: c-1, text: Care for an account}
            - {id: c-2, text: Renew an account}
""",
    Path("catalogue.yaml"),
)


def trainee(
    name: str,
    start: str,
    *events: str,
    role: str = "clerk",
    mentors: Sequence[str] = ("Pat Lee",),
    note: str | None = None,
    catalogue: Catalogue = OFFICE,
    as_of: date = TODAY,
) -> TraineeProgress:
    """Return the progress of a trainee who did this: "2026-02-01 check m-1", "2026-02-03 sign m-1"."""
    first_day = date.fromisoformat(start)
    ladder = catalogue.ladder(role, ())
    person, mentor = Person(name=name, role="trainee"), Person(name=(*mentors, "Pat Lee")[0], role="mentor")
    manager = Person(name="Kim Novak", role="manager")
    facts = {"name": name, "start": first_day, "role": role, "mentors": tuple(mentors), "manager": manager.name}
    record = enrol(stamp(min(first_day, as_of)), person, **facts)
    for event in events:
        day, verb, *words = event.split()
        at = stamp(date.fromisoformat(day))
        items = [ladder.items[word] for word in words if word in ladder.items]
        if verb == "check":
            record = Actor(ladder, at, person).check(record, items, note, (note,) if note else ())
        elif verb == "sign":
            record = Actor(ladder, at, mentor).sign_off(record, items, observed=True)
        elif verb == "return":
            record = Actor(ladder, at, mentor).send_back(record, items, note or "Not yet")
        elif verb == "waive":
            record = Actor(ladder, at, mentor).waive(record, items, note or "Not here")
        elif verb == "leave":
            leave = Leave(first=date.fromisoformat(day), last=date.fromisoformat(words[0]))
            record = go_on_leave(record, at, person, leave)
        else:
            assert verb == "graduate"
            record = graduate(record, ladder, at, manager, next(tier for tier in ladder.role.tiers if tier.id in words))
    return measure(ladder, record, as_of)


def stamp(day: date) -> Stamp:
    """Return the stamp of a command run at noon of that day."""
    return Stamp(datetime.combine(day, time(12), UTC), "account", "PC")


ANN = trainee(
    "Ann Able",
    "2026-01-05",
    "2026-01-20 check m-1",
    "2026-01-23 sign m-1",
    "2026-02-10 check m-2",
    "2026-03-01 check m-3",
    "2026-03-02 return m-3",
    note="Twice this week",
)
BOB = trainee("Bob Beam", "2026-03-01", "2026-03-10 check m-1", "2026-03-12 leave 2026-03-31", mentors=("Ada Quinn",))
CAT = trainee(
    "Cat Cole",
    "2025-06-01",
    "2025-08-01 sign m-1 m-2 m-3",
    "2025-08-20 waive m-4",
    "2025-09-01 graduate 0-3",
    "2025-12-01 sign m-5 p-1",
)
DAN = trainee("Dan Dale", "2026-01-12", "2026-02-12 check c-1", "2026-02-12 waive c-2", role="senior", mentors=())
EVE = trainee("Eve Ease", "2026-01-31", "2026-02-12 waive m-1 m-2 m-3 m-4 m-5 p-1")
FAY = trainee("Fay Fox", "2026-05-01")
TEAM = team(TODAY, [ANN, BOB, CAT, DAN, EVE, FAY], [Unreadable("gus.json", "It is cut off.")])
