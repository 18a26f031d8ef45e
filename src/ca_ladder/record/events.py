"""The event: one immutable thing that happened to one trainee. Its id is the SHA-256 of its content.

An event names the events it was written on (``parents``). So a change or a gap inside a record is noticed, and two
copies of a record can be merged.
"""

import re
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Annotated, Any, Literal, NamedTuple, get_args

import msgspec
from msgspec import Meta, Struct

from ca_ladder.record.names import same_person

EventKind = Literal[
    "enrol", "check", "uncheck", "sign-off", "return", "revoke", "waive", "note", "undo", "leave", "graduate"
]
ActorRole = Literal["trainee", "mentor", "manager"]
ANY_REVISION = 2**31
Digest = Annotated[str, Meta(min_length=64, max_length=64)]
# A day inside the calendar's ends, so that every time zone has such a moment.
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


class NotAnEvent(ValueError):
    """The input is not an event. ``field`` is the path of the wrong field; empty if the whole input is wrong."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class _Model(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A part of a record's JSON. Fields with their default value are not written.

    The fields are declared in the order of their names, so that what is written is in canonical form without sorting.
    The parts hold no cycles, so the garbage collector need not visit them: a long record has a million of them.
    """


class Person(_Model, frozen=True, kw_only=True):
    """The author of an event: the name they gave, and their role."""

    name: str
    role: ActorRole


class Enrolment(_Model, frozen=True, kw_only=True):
    """Who the trainee is and what they train for.

    ``record`` is the record's UUID: it tells this record's events from another's.
    """

    manager: str | None = None
    mentors: tuple[str, ...] = ()
    name: str
    record: str
    role: str
    start: date
    variants: tuple[str, ...] = ()

    @property
    def signers(self) -> tuple[str, ...]:
        """The named mentors, then the manager. A mentor who is also the manager is named once."""
        if self.manager is None or any(same_person(self.manager, mentor) for mentor in self.mentors):
            return self.mentors
        return (*self.mentors, self.manager)


class Wording(_Model, frozen=True, kw_only=True):
    """The text of an item at the moment of a check or sign-off, with its revision and the catalogue's version."""

    catalogue: str
    revision: int
    text: str


class Leave(_Model, frozen=True, kw_only=True):
    """Days away from the role, from ``first`` to ``last`` inclusive. Due dates move by them.

    A ``cancelled`` leave takes its days out of earlier leaves: the trainee works on them after all.
    """

    cancelled: bool = False
    first: date
    last: date


class Graduation(_Model, frozen=True, kw_only=True):
    """The final sign-off of a tier of a role, with the counts and the record's fingerprint at that moment.

    ``total`` counts the signed items, without the ``waived`` ones. ``catalogue`` is the catalogue's version.
    """

    catalogue: str
    fingerprint: str
    role: str
    tier: str
    title: str
    total: int
    waived: int


class Event(_Model, frozen=True, kw_only=True):
    """Something that happened. ``on`` is the day it happened, ``at`` the moment (UTC) it was written down.

    ``account`` and ``computer`` come from the operating system. ``command`` is the same in all that one command wrote
    from that account. ``of`` is the id of the revoked or undone event.
    """

    id: Digest  # first, because the others are what it is computed from
    account: str
    at: Annotated[datetime, Meta(tz=True)]
    because: str | None = None
    by: Person
    command: str | None = None
    computer: str
    enrolment: Enrolment | None = None
    evidence: tuple[str, ...] = ()
    graduation: Graduation | None = None
    item: str | None = None
    kind: EventKind
    leave: Leave | None = None
    note: str | None = None
    observed: bool = False
    of: Digest | None = None
    on: date
    parents: tuple[Digest, ...] = ()
    wording: Wording | None = None

    def __post_init__(self) -> None:
        if not _FIRST <= self.at < _LAST:
            raise ValueError("at is outside of the calendar")

    def as_json(self) -> dict[str, Any]:
        """Return the event as plain JSON values, without fields that have their default value."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain

    def content(self) -> dict[str, Any]:
        """Return `as_json` without the id: what the id is computed from."""
        return {name: value for name, value in self.as_json().items() if name != "id"}

    @property
    def revision(self) -> int:
        """The revision of the item that a check or sign-off was given for. Without its words, it is for any."""
        return self.wording.revision if self.wording else ANY_REVISION

    @property
    def command_key(self) -> tuple[object, ...]:
        """What the events of one command have in common. Version 0.1 wrote no ``command``, and all at one time."""
        return (self.account, self.command) if self.command else (self.account, self.computer, self.at)


_events = msgspec.json.Decoder(Event)
_encoder = msgspec.json.Encoder()
_ID = re.compile("[0-9a-f]{64}")
_NO_ID = "0" * 64
_CONTENT = len(f'{{"id":"{_NO_ID}",')  # where the content of a line begins
# The wrong type; half a character, which UTF-8 does not have; lists nested too deeply.
_INVALID = (msgspec.ValidationError, UnicodeEncodeError, RecursionError)


def new_event(**content: Any) -> Event:
    """Return an event with this content and the id that follows from it; raises NotAnEvent."""
    draft = event_in({"id": _NO_ID, **content})
    return msgspec.structs.replace(draft, id=digest(draft))


def event_in(raw: object) -> Event:
    """Convert plain JSON values to an event; raises NotAnEvent."""
    try:
        event = _events.decode(msgspec.json.encode(raw))
    except _INVALID:
        raise NotAnEvent(_invalid_field(raw, Event)) from None
    ids = [("id", event.id), *(("parents", parent) for parent in event.parents), ("of", event.of)]
    for field, id_ in ids:
        if id_ is not None and not _ID.fullmatch(id_):
            raise NotAnEvent(field)
    return event


def _invalid_field(raw: Any, model: type[Struct]) -> str:
    """Return the path of the first field that does not fit, such as ``by.role``; empty if ``raw`` is no object."""
    if not isinstance(raw, dict):
        return ""
    fields = {field.name: field for field in msgspec.structs.fields(model)}
    for name, value in raw.items():
        if name not in fields:
            return str(name).encode(errors="replace").decode()
        try:
            msgspec.json.decode(msgspec.json.encode(value), type=fields[name].type)
        except _INVALID:
            types = (fields[name].type, *get_args(fields[name].type))
            nested = next((type_ for type_ in types if isinstance(type_, type) and issubclass(type_, Struct)), None)
            return ".".join(filter(None, (name, _invalid_field(value, nested) if nested else "")))
    missing = [field.name for field in fields.values() if field.required and field.name not in raw]
    return missing[0] if missing else "at"  # each field fits its type, so the time is outside of the calendar


def line_of(event: Event) -> bytes:
    """Return the event as it is written: its canonical JSON (keys sorted, no spaces, UTF-8) with the id in front."""
    return _encoder.encode(event)


def digest(event: Event) -> str:
    """Return the SHA-256 (hex) of the event's canonical JSON without its id."""
    return digest_of_line(line_of(event))


def digest_of_line(line: bytes) -> str:
    """Return the SHA-256 (hex) of an event's line without the id."""
    return sha256(b"{" + line[_CONTENT:]).hexdigest()


def is_altered(event: Event) -> bool:
    """Whether the event's content does not fit its id."""
    return digest(event) != event.id


class Stamp(NamedTuple):
    """When something is decided (local time with zone), from which account and computer, and by which command.

    A command with several decisions, such as a review, has a stamp for each; ``command`` is the same in all of them.
    """

    now: datetime
    account: str
    computer: str
    command: str | None = None

    @property
    def today(self) -> date:
        """The local date."""
        return self.now.date()
