"""A small office with two roles and its people, and a builder for others: what each format is shown with."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import msgspec

from ca_ladder.catalogue.models import Catalogue
from ca_ladder.catalogue.validation import parse_catalogue
from ca_ladder.progress.results import TraineeProgress
from ca_ladder.progress.team import Unreadable, team
from ca_ladder.progress.trainee import measure
from ca_ladder.record.actor import Actor, enrol, go_on_leave, graduate
from ca_ladder.record.events import Leave, Person, Stamp

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
FREE_FIELDS = {"text", "title", "name", "why", "disclaimer", "note", "notes", "dated", "parts", "responsibilities"}

# A catalogue that has everything a page of a role can show.
ARCHIVE = """\
version: "7"
roles:
  - id: clerk
    name: Clerk
    disclaimer: Leaders may ask for more than what stands on this page, and it is not all of the job.
    responsibilities: [Keep what comes in so that anybody can find it again., Be there from 8 to 5.]
    variants: [{id: claims, name: Claims department}]
    tiers:
      - {id: 0-3, title: New, months: {from: 0, until: 3}}
      - {id: 3+, title: Settled, months: {from: 3}}
      - {id: last, title: Master}
    conditions:
      - {id: fire, text: Fire, occasion: true}
      - {id: paper, text: Only in an office that still keeps its files on paper.}
    qualifications: [{id: clerk-q1, text: Hold a diploma}, {id: clerk-q2, text: Hold a medal, retired: true}]
    notes: [Reports to the head of the office.]
    tasks:
      - id: files
        name: Files
        why: What cannot be found again has not been kept.
        begins: {from: 1, until: 2}
        gate: file-k1
        expectations:
          0-3:
            - id: file-01
              text: File each document on the day on which it comes in, the large and the small
              condition: paper
            - {id: file-02, text: Find a file, retired: true, replaced_by: file-04}
          3+:
            - id: file-03
              text: Keep the archive in order, in these two parts
              note: All of it.
              children:
                - {id: file-04, text: Label what goes into the archive}
                - {id: file-05, text: Save it, condition: fire, requires: [file-04, clm-01, file-k1]}
                - {id: file-06, text: Burn it, retired: true}
            - id: file-07
              text: Keep the cellar
              retired: true
              children: [{id: file-08, text: Keep the cellar dry}]
        knowledge: [{id: file-k1, text: Explain what is confidential, note: Also by e-mail.}]
        skills: [{id: file-s1, text: Read any hand}]
        abilities: [{id: file-a1, text: Climb a ladder}]
        activities: [{id: file-t1, text: Walk through the archive, led_by: mentor, parts: [Cellar, Attic]}]
        manager_activities: [{id: file-m1, text: Ask the archive who files late, led_by: manager}]
        resources: [{name: WorkSmart, note: Where documents are filed., dated: 2021-03}, {name: Shelf}]
        notes: [Begin with the basics.]
      - id: claims-mail
        name: Claims mail
        why: A claim that lies in a tray costs the client money.
        variant: claims
        begins: {from: 6}
        not_required: [3+, last]
        expectations:
          0-3: [{id: clm-01, text: Bring each claim to its handler within the hour}]
  - id: head
    name: Head of the office
    tiers: [{id: duties, title: Duties of the role}]
    tasks:
      - {id: lead, name: Lead, why: Somebody must., expectations: {duties: [{id: lead-01, text: Lead the office}]}}
"""

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
            record = Actor(ladder, at, mentor).decide("return", record, items, note or "Not yet")
        elif verb == "waive":
            record = Actor(ladder, at, mentor).decide("waive", record, items, note or "Not here")
        elif verb == "leave":
            leave = Leave(first=date.fromisoformat(day), last=date.fromisoformat(words[0]))
            record = go_on_leave(record, at, person, leave)
        else:
            assert verb == "graduate"
            record = graduate(record, ladder, at, manager, next(tier for tier in ladder.role.tiers if tier.id in words))
    return measure(ladder, record, as_of)


def worded(catalogue: Catalogue, words: str) -> Catalogue:
    """Return the catalogue with these words in all that its author writes freely."""

    def with_words(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: with_words(inner, name) for name, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [with_words(inner, key) for inner in value]
        return words if key in FREE_FIELDS else value

    return msgspec.convert(with_words(msgspec.to_builtins(catalogue)), Catalogue)


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
