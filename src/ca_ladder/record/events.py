"""The event: one immutable thing that happened to one trainee, named by the SHA-256 of its own content.

An event names the events it was written on (``parents``), so that nothing inside a record can be changed or dropped
unseen and two copies of a record can be united.
"""

import hashlib
import json
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

EventKind = Literal[
    "enrol", "check", "uncheck", "sign-off", "return", "revoke", "waive", "note", "undo", "leave", "graduate"
]
By = Literal["trainee", "mentor", "manager"]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
# A day within the ends of the calendar: there is such a moment in every time zone.
Moment = Annotated[AwareDatetime, Field(ge=datetime(1, 1, 2, tzinfo=UTC), lt=datetime(9999, 12, 31, tzinfo=UTC))]


class _Model(BaseModel):
    # A length that is asked for, be it none, makes pydantic refuse half a character, which no file can hold.
    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=0)


class Person(_Model):
    """Who an event is by: the name given, and in which role."""

    name: str
    role: By


class Enrolment(_Model):
    """Who the trainee is and what they train for. A later one replaces an earlier one whole.

    ``record`` is the record's own UUID: an event of another record cannot pass for one of this.
    """

    record: str
    name: str
    start: date
    role: str
    variants: tuple[str, ...] = ()
    mentors: tuple[str, ...] = ()
    manager: str | None = None


class Wording(_Model):
    """An item as it read at the moment of a check or sign-off, and the catalogue it stood in."""

    text: str
    revision: int
    catalogue: str


class Leave(_Model):
    """Days away from the role, both named ones included: the clock of all that is due stands still.

    ``cancelled``: the trainee is there on these days after all.
    """

    first: date
    last: date
    cancelled: bool = False


class Graduation(_Model):
    """The final sign-off of a tier of a role, and what it was given on: the counts and the record's fingerprint then.

    ``total`` is all that was signed off; the waived ones stand beside it. ``catalogue`` is its version.
    """

    role: str
    tier: str
    title: str
    total: int
    waived: int
    fingerprint: str
    catalogue: str


class Event(_Model):
    """Something that happened. ``on`` is the day it happened, ``at`` the moment (UTC) it was written down.

    ``account`` and ``computer`` are what the operating system said; ``of`` is the event revoked or undone.
    """

    id: Digest
    parents: tuple[Digest, ...] = ()
    kind: EventKind
    at: Moment
    on: date
    by: Person
    account: str
    computer: str
    enrolment: Enrolment | None = None
    leave: Leave | None = None
    graduation: Graduation | None = None
    item: str | None = None
    wording: Wording | None = None
    observed: bool = False
    note: str | None = None
    evidence: tuple[str, ...] = ()
    because: str | None = None
    of: Digest | None = None

    def content(self) -> dict[str, Any]:
        """Return what the event says, without its id, as plain JSON values; what is not said is left out."""
        return self.model_dump(mode="json", exclude={"id"}, exclude_defaults=True)

    @cached_property
    def origin(self) -> tuple[str, str]:
        """The account and computer the event was written from."""
        return self.account, self.computer


def new_event(**content: Any) -> Event:
    """Return the event with this content, under the id that the content gives it."""
    draft = Event(id="0" * 64, **content)
    return draft.model_copy(update={"id": digest(draft.content())})


def digest(content: dict[str, Any]) -> str:
    """Return the SHA-256 (hex) of the canonical JSON: keys sorted, no spaces, UTF-8."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def is_altered(raw: dict[str, Any]) -> bool:
    """Whether an event, as it lies in a file, says something else than its id stands for."""
    content = {name: value for name, value in raw.items() if name != "id"}
    return digest(content) != str(raw["id"])


class Stamp(NamedTuple):
    """The circumstances of one command: when it runs (aware, local), and from which account and computer.

    All events of one command share ``now``; that is how ``undo`` knows them.
    """

    now: datetime
    account: str
    computer: str

    @property
    def today(self) -> date:
        """The date where the person is."""
        return self.now.date()

    @property
    def origin(self) -> tuple[str, str]:
        """The account and computer."""
        return self.account, self.computer
