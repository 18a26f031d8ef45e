"""The event: named by its own content, so that nothing in it changes unseen."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ca_ladder.record.events import (
    Enrolment,
    Event,
    Graduation,
    Leave,
    Person,
    Wording,
    digest,
    event_in,
    is_altered,
    new_event,
)
from tests.conftest import forged_id

FULL: dict[str, Any] = {
    "parents": ("a" * 64,),
    "kind": "sign-off",
    "at": datetime(2026, 3, 31, 15, 4, 5, 678, tzinfo=UTC),
    "on": date(2026, 3, 30),
    "by": Person(name="Zoë Ünal", role="mentor"),
    "account": "zoe",
    "computer": "PC-7",
    "command": "0123456789ab",
    "enrolment": Enrolment(record="r-1", name="Ann", start=date(2026, 1, 31), role="ca"),
    "leave": Leave(first=date(2026, 3, 2), last=date(2026, 3, 6)),
    "graduation": Graduation(
        role="r", tier="0-3", title="New", total=8, waived=1, fingerprint="1-" + "-".join(["0a0a"] * 5), catalogue="v"
    ),
    "item": "cert-01",
    "wording": Wording(text="Explain the form 🗎", revision=2, catalogue="2026-11"),
    "observed": True,
    "note": "seen\ttwice\x07",
    "evidence": ("https://example.org/1", "C:\\scan.pdf"),
    "because": "why not",
    "of": "b" * 64,
}


def test_an_entry_is_altered_when_its_id_belongs_to_other_words() -> None:
    """Any piece changed, added or left out shows; the order of the pieces does not."""
    event = new_event(**FULL)
    raw = event.as_json()
    assert not is_altered(event_in(raw))
    assert not is_altered(event_in(dict(reversed(raw.items()))))
    assert is_altered(event_in(raw | {"note": "other"}))
    assert is_altered(event_in(raw | {"id": "0" * 64}))
    assert is_altered(event_in(raw | {"at": raw["at"].replace("Z", "+01:00")}))
    assert is_altered(event_in({name: value for name, value in raw.items() if name != "observed"}))


def test_the_id_of_a_known_event_never_changes() -> None:
    """A record written today is verified by every later version: the canonical form is fixed to the byte."""
    canonical = (
        '{"account":"zoe","at":"2026-03-31T15:04:05Z","by":{"name":"Zoë","role":"trainee"},"computer":"PC-7",'
        '"item":"cert-01","kind":"check","on":"2026-03-31"}'
    )
    event = new_event(**json.loads(canonical))
    assert event.id == hashlib.sha256(canonical.encode("utf-8")).hexdigest()


OTHERS: dict[str, list[Any]] = {
    "parents": [("c" * 64,), ()],
    "kind": ["check"],
    "at": [FULL["at"] + timedelta(microseconds=1)],
    "on": [date(2026, 3, 29)],
    "by": [Person(name="Zoë Ünal", role="manager"), Person(name="Zoe Ünal", role="mentor")],
    "account": ["ann"],
    "computer": ["PC-8"],
    "command": ["0123456789ac", None],
    "enrolment": [{"mentors": ("Bo",)}, {"manager": "Mo"}, {"variants": ("mm",)}, None],
    "leave": [{"first": date(2026, 3, 1)}, {"last": date(2026, 3, 7)}, {"cancelled": True}, None],
    "graduation": [
        *({name: "9"} for name in ("role", "tier", "title", "fingerprint", "catalogue")),
        *({name: 9} for name in ("total", "waived")),
        None,
    ],
    "item": ["cert-02"],
    "wording": [{"text": "Explain it"}, {"revision": 3}, {"catalogue": "2027-01"}],
    "observed": [False],
    "note": ["seen\ttwice", None],
    "evidence": [tuple(reversed(FULL["evidence"]))],
    "because": ["why"],
    "of": ["c" * 64],
}


@pytest.mark.parametrize("field", [name for name in Event.__struct_fields__ if name != "id"])
def test_any_change_of_any_field_changes_the_id(field: str) -> None:
    """Nothing an event says can be altered under the same id; a field added later cannot be left out unseen."""
    before = FULL[field]
    for other in OTHERS[field]:
        value = replace(before, **other) if isinstance(other, dict) else other
        assert new_event(**FULL | {field: value}).id != new_event(**FULL).id


# Text as people and other programs give it: emoji, controls, decomposed letters, but whole characters.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))])


@given(
    note=texts | st.none(),
    name=texts,
    evidence=st.lists(texts, max_size=3),
    at=st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=ZONES),
    on=st.dates(),
)
def test_json_and_back_keeps_the_event_and_its_id(
    note: str | None, name: str, evidence: list[str], at: datetime, on: date
) -> None:
    """What was written is what is read, to the character, under the id that JSON and SHA-256 alone give."""
    by = Person(name=name, role="mentor")
    event = new_event(**FULL | {"note": note, "by": by, "evidence": tuple(evidence), "at": at, "on": on})
    again = event_in(json.loads(json.dumps(event.as_json())))
    assert again == event
    assert digest(again) == event.id == forged_id(again.content())


def test_what_is_not_said_is_left_out() -> None:
    """An event in the file holds only what it says: no empty fields to read past."""
    event = new_event(**{key: FULL[key] for key in ("kind", "at", "on", "by", "account", "computer")})
    assert list(event.content()) == ["account", "at", "by", "computer", "kind", "on"]


def test_an_event_is_frozen() -> None:
    """What happened cannot be changed in memory either, nor can what it holds."""
    event = new_event(**FULL)
    with pytest.raises(AttributeError, match="immutable"):
        event.note = "other"  # type: ignore[misc]  # the very thing that is refused
    with pytest.raises(AttributeError, match="immutable"):
        event.by.name = "other"  # type: ignore[misc]  # the very thing that is refused
