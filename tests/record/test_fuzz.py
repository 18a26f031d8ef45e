"""Whatever lies in a file, and whatever people write: an answer, or an error of the program's own, never a crash."""

import json
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from datetime import date, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from ca_ladder.catalogue.validation import load_catalogue
from ca_ladder.errors import CatalogueFaulty, StoreDamaged, StoreNewer
from ca_ladder.record import store
from ca_ladder.record.fingerprint import events_since, fingerprint
from ca_ladder.record.record import Record
from ca_ladder.record.verification import problems
from tests.conftest import forged_id, laid_out, many_examples
from tests.record.builders import LATER, OFFICE, ONE, clerk, long_story

STORY = long_story()
WHOLE = store.as_bytes(STORY)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a place for a file that every example writes anew."""
    return tmp_path_factory.mktemp("fuzz") / "file"


# --- stores -----------------------------------------------------------------------------------------------------

# Pieces that mean something where they land.
PIECES = [b"null", b"\\ud800", b"\\u0000", b"NaN", b"-1", b"1e999", *(sign.encode() for sign in '"{}[],:')]


def spliced(whole: bytes, pieces: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Return a document with some pieces cut out and others put in."""

    def result(splices: list[tuple[int, int, bytes]]) -> bytes:
        data = whole
        for start, length, piece in splices:
            data = data[:start] + piece + data[start + length :]
        return data

    splice = st.tuples(st.integers(0, len(whole)), st.integers(0, 60), pieces)
    return st.lists(splice, min_size=1, max_size=4).map(result)


Changes = list[tuple[int, str, Any]]


def changes(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Changes]:
    """Return changes of a document: at which place, what is done there, and with which value."""
    change = st.tuples(st.integers(0, 400), st.sampled_from(["replace", "remove", "add", "twice"]), values)
    return st.lists(change, min_size=1, max_size=3)


TIMES = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+14:00", "2026-03-02T09:00:00Z"]
JSON_VALUES = ["", "Ann", "Mo", "one", "gate", "none", "sign-off", "undo", "revoke", "enrol", "\ud800", "0001-01-01"]
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([None, True, 0, 1, -1, 10**30, 0.5, float("nan"), [], {}, [[]], *TIMES, *JSON_VALUES]),
    st.sampled_from(["9999-12-31", *(event.id for event in STORY.events)]),
    st.sampled_from([[event.id] for event in STORY.events]),
    st.text(max_size=5),
)


def rewritten(changes: Changes, forged: bool, escaped: bool) -> bytes:
    """Return the store with values replaced, removed, added or doubled, each entry under its right id if forged."""
    content = changed(json.loads(WHOLE), changes)
    if forged:
        forge(content.get("events"))
    if not escaped:
        with suppress(TypeError, KeyError, ValueError, AttributeError):  # it lost its shape, or has half a character
            return laid_out(content)
    return json.dumps(content, indent=1, ensure_ascii=escaped).encode("utf-8", "surrogatepass")


def changed(content: Any, changes: Changes) -> Any:
    """Return the document after these changes, each at the place with that number."""
    for number, how, put in changes:
        value = deepcopy(put)
        places = list(places_in(content))
        if not places:
            break
        holder, key = places[number % len(places)]
        if how == "remove":
            del holder[key]
        elif how == "replace":
            holder[key] = value
        elif isinstance(holder, list):
            holder.insert(key, value if how == "add" else deepcopy(holder[key]))
        else:
            holder[str(value)] = deepcopy(holder[key])
    return content


def places_in(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each value in a document as what holds it and under which key."""
    if isinstance(value, dict | list):
        for key, held in value.items() if isinstance(value, dict) else enumerate(value):
            yield value, key
            yield from places_in(held)


def forge(events: Any) -> None:
    """Give every entry the id that its content has, and name it by that in those written on it: so would a forger."""
    ids: dict[str, str] = {}
    for event in events if isinstance(events, list) else []:
        if isinstance(event, dict):
            old = str(event.pop("id", ""))
            if isinstance(event.get("parents"), list):
                event["parents"] = [ids.get(str(parent), parent) for parent in event["parents"]]
            if "of" in event:
                event["of"] = ids.get(str(event["of"]), event["of"])
            try:
                event["id"] = ids[old] = forged_id(event)
            except UnicodeEncodeError:  # half a character has no digest; whatever id it gets
                event["id"] = old


STORES = st.one_of(
    st.binary(max_size=100),
    spliced(WHOLE, st.sampled_from(PIECES) | st.binary(max_size=6)),
    st.builds(rewritten, changes(VALUES), forged=st.booleans(), escaped=st.booleans()),
)


@many_examples
@given(STORES)
@example(WHOLE)
@example(b"[" * 100_000)
@example(b'{"format": "ca-ladder record", "schema": ' + b"9" * 5000 + b"}")
@example(b"\xff\xfe\x00")
def test_whatever_lies_in_the_store_is_read_or_refused_and_what_is_wrong_is_named(path: Path, data: bytes) -> None:
    """Damaged, forged or made up: only the program's own errors come out, and what can be read can be looked at."""
    path.write_bytes(data)
    record = None
    with suppress(StoreDamaged, StoreNewer):
        record = store.load(path)
    try:
        faults = problems(data, path, LATER, OFFICE)
    except (StoreDamaged, StoreNewer):
        assert record is None
        return
    assert faults == sorted(faults)
    assert all(str(fault).endswith(".") for fault in faults)
    assert record or any(fault.serious for fault in faults)
    if data == WHOLE:
        assert faults == []
    if record:
        if data.startswith(b"{"):  # the quick way of reading and the careful one find the same
            assert store.stored_in(data + b"\n", path).record == record
        assert record.status(ONE).state
        assert record.enrolment
        for zone in (timezone(timedelta(hours=-12)), timezone(timedelta(hours=14))):
            assert record.as_of(date.max, zone).events == record.events
        if not any(fault.serious for fault in faults):
            assert events_since(record, fingerprint(record)) == 0


# --- catalogues -------------------------------------------------------------------------------------------------

OFFICE_TEXT = """\
version: "1"
roles:
  - id: clerk
    name: Clerk
    variants: [{id: nights, name: Night shift}]
    conditions: [{id: far, text: Where it is far}]
    tiers:
      - {id: 0-3, title: New, months: {from: 0, until: 3}}
      - {id: 3+, title: Able, months: {from: 3}}
    qualifications: [{id: licence, text: Hold the licence}]
    tasks:
      - id: mail
        name: Mail
        why: "Clients wait: answer"
        gate: m-gate
        begins: {from: 1, until: 2}
        expectations:
          0-3:
            - {id: m-1, text: Open it, condition: far}
            - {id: m-2, text: Sort it, requires: [m-1], revision: 2}
            - id: m-3
              text: Send it on
              children: [{id: m-4, text: By hand}, {id: m-5, text: By fax, retired: true, replaced_by: m-4}]
        skills: [{id: m-gate, text: Read it, led_by: mentor, parts: [Print, Script]}]
        resources: [{name: Manual, note: Shelf 3, dated: March 2021}]
      - {id: night, name: Night, why: They sleep, variant: nights, not_required: [3+], activities: [{id: n, text: Go}]}
"""
SIGNS = [*":-?[]{},#&*!|>'\"%@`\t\n\r \x00\x85\u2028\ufeff", "&a ", "*a", "!!int ", "<<: *a", "? ", "- - - "]
SIGNS += ["---\n", "...\n"]
CATALOGUE_VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([None, True, 0, -1, 1e400, 10**30, [], {}, [[]], [{}], {"id": {}}, {"a": "b"}, "x" * 50, "clerk"]),
    st.sampled_from(["m-1", "m-2", "m-3", "m-gate", "nights", "0-3", "far", "true", "1", "-1", "\u0665", "nan", "1e3"]),
    st.sampled_from([["m-1"], ["m-2", "m-3"], ["none"], "a: b", "", " "]),
    st.text(max_size=5),
)


TREE = yaml.load(OFFICE_TEXT, Loader=yaml.BaseLoader)
CATALOGUES = st.one_of(
    st.binary(max_size=60),
    st.text(st.sampled_from("ab:- [{]}\n\t\"'#&*!|>?,%"), max_size=60).map(str.encode),
    spliced(OFFICE_TEXT.encode(), (st.sampled_from(SIGNS) | st.text(max_size=6)).map(str.encode)),
    # JSON is YAML too
    changes(CATALOGUE_VALUES).map(
        lambda edits: json.dumps(changed(deepcopy(TREE), edits), ensure_ascii=False).encode()
    ),
)


@many_examples
@given(CATALOGUES)
@example(OFFICE_TEXT.encode())
@example(b"[" * 100_000)
@example(b"\xff\xfe")
def test_whatever_lies_in_the_catalogue_is_read_or_every_fault_has_its_line(path: Path, data: bytes) -> None:
    """Only the program's own error comes out, with a line of the file for each fault; what was read can be used."""
    path.write_bytes(data)
    catalogue, faults = None, []
    try:
        catalogue = load_catalogue(path)
    except CatalogueFaulty as error:
        faults = error.faults
    lines = len(data.decode(errors="replace").splitlines()) + 1
    assert all(1 <= fault.line <= lines and fault.sentence for fault in faults)
    if data == OFFICE_TEXT.encode():
        assert faults == []
    if catalogue is None:
        assert faults
        return
    for role in catalogue.roles:
        ladder = catalogue.ladder(role.id, [variant.id for variant in role.variants])
        assert ladder.items.keys() <= role.items.keys()


# --- notes ------------------------------------------------------------------------------------------------------

# All that can be typed or pasted; halves of characters and notes without words are refused before they come here.
NOTES = st.text(st.characters(exclude_categories=["Cs"]), max_size=60).filter(str.strip)


@many_examples
@given(NOTES)
@example("\u0000\x1b[31m\u202e\u2028\r\n\ufeff\U0001f469\u200d\U0001f4bb")
@example('"}],"events":[')
@example("e\u0301 \u00e9 \u212b")
def test_whatever_is_noted_comes_back_and_verifies(path: Path, text: str) -> None:
    """A note is kept to the character, the record it stands in is in order, and its fingerprint is found in it."""
    before = Record(STORY.events[:3])
    record = clerk(11).note(before, ONE, text)
    path.write_bytes(store.as_bytes(record))
    assert store.load(path) == record
    assert store.load(path).events[-1].note == text
    assert problems(path.read_bytes(), path, LATER, OFFICE) == []
    assert events_since(record, fingerprint(before)) == 1
