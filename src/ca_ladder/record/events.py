"""The event: one immutable thing that happened to one trainee, named by the SHA-256 of its own content.

An event names the events it was written on (``parents``), so that nothing inside a record can be changed or dropped
unseen and two copies of a record can be united.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

EventKind = Literal[
    "enrol", "check", "uncheck", "sign-off", "return", "revoke", "waive", "note", "undo", "leave", "graduate"
]
By = Literal["trainee", "mentor", "manager"]
Digest = Annotated[str, Meta(min_length=64, max_length=64)]
# A day within the ends of the calendar: there is such a moment in every time zone.
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


class NotAnEvent(ValueError):
    """What was given is no event: the field that is wrong, empty where that is the whole."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class _Model(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is read from a record, and written there: what is not said is left out."""


class Person(_Model, frozen=True):
    """Who an event is by: the name given, and in which role."""

    name: str
    role: By


class Enrolment(_Model, frozen=True):
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


class Wording(_Model, frozen=True):
    """An item as it read at the moment of a check or sign-off, and the catalogue it stood in."""

    text: str
    revision: int
    catalogue: str


class Leave(_Model, frozen=True):
    """Days away from the role, both named ones included: the clock of all that is due stands still.

    ``cancelled``: the trainee is there on these days after all.
    """

    first: date
    last: date
    cancelled: bool = False


class Graduation(_Model, frozen=True):
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


class Event(_Model, frozen=True, kw_only=True):
    """Something that happened. ``on`` is the day it happened, ``at`` the moment (UTC) it was written down.

    ``account`` and ``computer`` are what the operating system said; ``of`` is the event revoked or undone.
    """

    id: Digest
    parents: tuple[Digest, ...] = ()
    kind: EventKind
    at: Annotated[datetime, Meta(tz=True)]
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

    def __post_init__(self) -> None:
        if not _FIRST <= self.at < _LAST:
            raise ValueError("outside of the calendar - at `$.at`")  # in the form of what msgspec says

    def as_json(self) -> dict[str, Any]:
        """Return the event as plain JSON values; what is not said is left out."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain

    def content(self) -> dict[str, Any]:
        """Return what the event says, without its id, as plain JSON values; what is not said is left out."""
        return {name: value for name, value in self.as_json().items() if name != "id"}

    def confirms(self, revision: int) -> bool:
        """Whether a check or sign-off was given for this revision of its item, or for a later one."""
        return self.wording is None or self.wording.revision >= revision

    @property
    def origin(self) -> tuple[str, str]:
        """The account and computer the event was written from."""
        return self.account, self.computer


_events = msgspec.json.Decoder(Event)
_canonical = msgspec.json.Encoder(order="sorted")
_NO_ID = "0" * 64
_UNWRITABLE = (UnicodeEncodeError, RecursionError)  # half a character, lists in lists in lists


def new_event(**content: Any) -> Event:
    """Return the event with this content, under the id that the content gives it; raises NotAnEvent."""
    draft = event_in({"id": _NO_ID, **content})
    return msgspec.structs.replace(draft, id=digest(draft))


def event_in(raw: object) -> Event:
    """Return the event that these plain JSON values are; raises NotAnEvent."""
    try:
        event = _events.decode(msgspec.json.encode(raw))
    except msgspec.ValidationError as problem:
        raise NotAnEvent(_wrong_field(str(problem))) from None
    except _UNWRITABLE:
        raise NotAnEvent(_unwritable_field(raw)) from None
    for field, id_ in _ids(event):
        if not re.fullmatch("[0-9a-f]{64}", id_):
            raise NotAnEvent(field)
    return event


def _ids(event: Event) -> Iterator[tuple[str, str]]:
    yield "id", event.id
    yield from (("parents", parent) for parent in event.parents)
    if event.of is not None:
        yield "of", event.of


def _unwritable_field(raw: object) -> str:
    """Return the field that cannot be put into a file."""
    for name, value in raw.items() if isinstance(raw, dict) else ():
        try:
            msgspec.json.encode(value)
        except _UNWRITABLE:
            return ".".join(filter(None, (str(name), _unwritable_field(value))))
    return ""


def _wrong_field(said: str) -> str:
    """Return the field, within its event, that msgspec speaks of."""
    place = re.search(r" - at `\$\.?(.*?)(?:\[.*)?`$", said)
    name = re.match(r"Object (?:missing required|contains unknown) field `(.*?)`", said)
    return ".".join(found[1] for found in (place, name) if found and found[1])


def digest(event: Event) -> str:
    """Return the SHA-256 (hex) of the event's canonical JSON without its id: keys sorted, no spaces, UTF-8."""
    before, _, after = _canonical.encode(event).partition(b'"id":"')  # only a key: in a text, its quotes are escaped
    return sha256(before + after[len(event.id) + 2 :]).hexdigest()


def is_altered(event: Event) -> bool:
    """Whether an event says something else than its id stands for."""
    return digest(event) != event.id


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
