"""A forger: writes entries into a record's file with nothing but docs/store.md and the standard library.

It uses nothing of the program, so a mistake in the program's own ids or layout cannot hide a forgery. A record is here
the plain list of its events, and every function returns a new list.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

Event = dict[str, Any]
Events = list[Event]

MARIA = {"name": "Maria Lopez", "role": "trainee"}
PAT = {"name": "Pat Lee", "role": "mentor"}
KIM = {"name": "Kim Novak", "role": "manager"}
ACCOUNTS = {"Maria Lopez": "maria", "Pat Lee": "pat", "Kim Novak": "kim"}
# The fields of an event, in the order of docs/json.md, which is that of the file.
# --- the file: the only two functions that know its layout --------------------------------------------------------


def read_events(data: bytes) -> Events:
    """Return the events in a record's file."""
    events: Events = json.loads(data)["events"]
    return events


def as_file(events: Events, record: str) -> bytes:
    """Return the file of the record with this number and these events, as the program lays it out."""
    lines = ",\n".join(_line(event) if isinstance(event, dict) else _canonical(event) for event in events)
    head = f'{{"format":"ca-ladder record","schema":3,"record":{_canonical(record)},"events":['
    return f"{head}\n{lines}\n]}}\n".encode("utf-8", "surrogatepass")


def _line(event: Event) -> str:
    """Return an event in its canonical form with the id in front."""
    rest = _canonical({name: value for name, value in event.items() if name != "id"})
    return f'{{"id":{_canonical(event["id"])},{rest[1:]}' if "id" in event else rest


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def write(path: Path, events: Events, record: str) -> Path:
    """Write the file of a record, and return its path."""
    path.write_bytes(as_file(events, record))
    return path


# --- ids ----------------------------------------------------------------------------------------------------------


def id_of(event: Event) -> str:
    """Return the id that fits the content of an event."""
    content = {name: value for name, value in event.items() if name != "id"}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def sealed(event: Event) -> Event:
    """Return the event under the id that fits it."""
    return {"id": id_of(event), **{name: value for name, value in event.items() if name != "id"}}


def heads(events: Events) -> list[str]:
    """Return the ids of the events that no other event was written on."""
    parents = {parent for event in events for parent in event.get("parents", ())}
    return [event["id"] for event in events if event["id"] not in parents]


# --- a forger's tools ---------------------------------------------------------------------------------------------


def then(events: Events, kind: str, by: Mapping[str, str], **fields: Any) -> Events:
    """Return the events with one more, a minute later, under the id that fits. A field that is None is left out.

    The account is that of whoever is named, as a careful forger would have it.
    """
    at = datetime.fromisoformat(events[-1]["at"]) + timedelta(minutes=1)
    event = {
        "parents": heads(events),
        "kind": kind,
        "at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "on": f"{at:%Y-%m-%d}",
        "by": dict(by),
        "account": ACCOUNTS.get(by["name"], "someone"),
        "computer": "PC-1",
        **fields,
    }
    return [*events, sealed({name: value for name, value in event.items() if value is not None})]


def index_of(events: Events, kind: str, item: str | None = None) -> int:
    """Return the index of the last event of this kind, about this item if one is named."""
    return max(i for i, event in enumerate(events) if event["kind"] == kind and item in {None, event.get("item")})


def last(events: Events, kind: str, item: str | None = None) -> Event:
    """Return the last event of this kind, about this item if one is named."""
    return events[index_of(events, kind, item)]


def without(events: Events, kind: str, item: str | None = None) -> Events:
    """Return the events without the last of this kind, which was cut out with an editor."""
    index = index_of(events, kind, item)
    return events[:index] + events[index + 1 :]


def altered(events: Events, kind: str, item: str | None = None, /, **fields: Any) -> Events:
    """Return the events, the last of this kind with other words under its old id. A field that is None is taken out."""
    changed = deepcopy(events)
    index = index_of(events, kind, item)
    event = {**changed[index], **fields}
    changed[index] = {name: value for name, value in event.items() if value is not None}
    return changed


def resealed(events: Events, index: int) -> Events:
    """Return the events, one of them under the id that fits; those written on it still name the old one."""
    return [*events[:index], sealed(events[index]), *events[index + 1 :]]


def rewritten(events: Events, kind: str, item: str | None = None, /, **fields: Any) -> Events:
    """Return the events, the last of this kind with other words, and all ids after it computed anew."""
    return relinked(altered(events, kind, item, **fields))


def relinked(events: Sequence[Event]) -> Events:
    """Return the events under ids that fit, which the later ones name."""
    ids: dict[str, str] = {}
    links: Events = []
    for event in events:
        linked = {**event, "parents": [ids.get(parent, parent) for parent in event.get("parents", ())]}
        if not linked["parents"]:
            del linked["parents"]
        if "of" in linked:
            linked["of"] = ids.get(linked["of"], linked["of"])
        links.append(sealed(linked))
        ids[event["id"]] = links[-1]["id"]
    return links


def enrolment(events: Events, **fields: Any) -> Event:
    """Return the last enrolment with these fields changed."""
    return {**last(events, "enrol")["enrolment"], **fields}


def fingerprint(events: Events) -> str:
    """Return the fingerprint of a record with these events and one head."""
    (head,) = heads(events)
    return "-".join([str(len(events)), *(head[start : start + 4] for start in range(0, 20, 4))])
