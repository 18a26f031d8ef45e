"""JSON documents, as docs/json.md promises them: a schema name with its version, ISO dates, whole ids."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import asdict

from ca_ladder.catalogue.models import Item, Task
from ca_ladder.progress.history import HistoryLine, ItemDetail
from ca_ladder.progress.results import ItemProgress, Tally, TierProgress, TraineeProgress, UncountedEntry
from ca_ladder.progress.team import Unreadable, mentor_items, order, overdue_items
from ca_ladder.record.events import Event
from ca_ladder.renderers.spool import Piece, Spool

if TYPE_CHECKING:
    from pathlib import Path

    from ca_ladder.catalogue.diff import ChangedObject, Changes
    from ca_ladder.catalogue.lint import LintReport
    from ca_ladder.progress.impact import Impact, ItemEffect, TraineeEffects
    from ca_ladder.progress.team import TeamItem


def status_json(progress: TraineeProgress) -> str:
    """Return one trainee's progress."""
    return _document("status", as_of=progress.as_of, trainee=_trainee(progress))


def json_pieces(progress: TraineeProgress) -> list[Piece]:
    """Return the report's entries about one trainee: the progress, and what is overdue or waits, grouped by days."""
    sort_key, name, mentors = order(progress), progress.enrolment.name, progress.enrolment.mentors
    pieces = [Piece(("trainees",), sort_key, _entries([_trainee(progress)]))]
    for days, late in _by_days(overdue_items(progress)):
        overdue = (
            {"name": name, "item": item.item.id, "due": item.due, "days": days, "waits_on": item.waits_on}
            for _, item, _ in late
        )
        pieces.append(Piece(("overdue",), (-days, sort_key), _entries(overdue)))
    for days, queue in _by_days(mentor_items(progress)):
        waiting = (
            {"mentors": mentors, "name": name, "item": item.item.id, "since": item.waiting_since, "days": days}
            for _, item, _ in queue
        )
        pieces.append(Piece(("waiting", *mentors), (-days, sort_key), _entries(waiting)))
    if progress.to_conclude:
        tiers = ({"name": name, "tier": tier.tier.id} for tier in progress.to_conclude)
        pieces.append(Piece(("to_conclude",), sort_key, _entries(tiers)))
    return pieces


def report_json(as_of: date, pieces: Spool, unreadable: Sequence[Unreadable]) -> Iterator[str]:
    """Yield the report: the trainees, then what is overdue or waits among all of them."""
    lists: dict[str, Iterable[str]] = {
        "trainees": pieces.texts(("trainees",)),
        "overdue": pieces.texts(("overdue",)),
        "waiting": (text for mentors in pieces.sections("waiting") for text in pieces.texts(mentors)),
        "to_conclude": pieces.texts(("to_conclude",)),
        "unreadable": (_entries([file._asdict()]) for file in unreadable),
    }
    yield f'{{\n "schema": "ca-ladder report 1",\n "as_of": "{as_of}"'
    for name, texts in lists.items():
        yield f',\n "{name}": ['
        separator = ""
        for text in texts:
            yield separator + text
            separator = ","
        yield "\n ]" if separator else "]"
    yield "\n}\n"


def _entries(values: Iterable[object]) -> str:
    """Return values as entries of a list that is a field of the document."""
    return ",".join(f"\n{_json(value)}".replace("\n", "\n  ") for value in values)


def _by_days(items: Iterable["TeamItem"]) -> Iterable[tuple[int, Iterable["TeamItem"]]]:
    """Return the items grouped by their number of days."""
    days = attrgetter("days")
    return groupby(sorted(items, key=days), key=days)


def items_json(name: str, progress: TraineeProgress, items: Iterable[ItemProgress]) -> str:
    """Return the document of this name ("list" or "next"): items with their task, tier and state."""
    uncounted = _uncounted(progress.does_not_count)
    return _document(name, items=[_item(item) for item in items], does_not_count=uncounted)


def show_json(progress: TraineeProgress, detail: ItemDetail) -> str:
    """Return one item, its children's states and its history."""
    absence = detail.absence
    if detail.progress:
        content = _item(detail.progress)
    else:
        content = {"id": detail.id, **_position(detail.item), "text": detail.text, "state": detail.state}
    in_record = None
    if absence and (last := absence.held.last):
        in_record = {"state": absence.held.state, "by": last.by.name, "on": last.on, "text": _wording(last)}
    return _document(
        "show",
        item=content,
        absent=absence.why if absence else None,
        replaced_by=absence.replaced_by.id if absence and absence.replaced_by else None,
        in_record=in_record,
        children=detail.children,
        history=[_line(line) for line in detail.history],
        does_not_count=_uncounted(progress.does_not_count),
    )


def task_json(progress: TraineeProgress, task: Task, items: Iterable[ItemProgress]) -> str:
    """Return one task with its items."""
    known = _fields(task, "id", "name", "why", "gate", "not_required", "resources", "notes")
    known["resources"] = [asdict(resource) for resource in task.resources]
    uncounted = _uncounted(progress.does_not_count)
    return _document("task", task=known, items=[_item(item) for item in items], does_not_count=uncounted)


def log_json(uncounted: Sequence[UncountedEntry], lines: Sequence[HistoryLine]) -> str:
    """Return the events, oldest first, and those of the whole record that do not count."""
    return _document("log", events=[_line(line) for line in lines], does_not_count=_uncounted(uncounted))


def diff_json(changes: "Changes", impact: "Impact", old: "Path", new: "Path") -> str:
    """Return the changes between two catalogues, and their impact on each record."""
    return _document(
        "catalogue diff",
        old={"file": str(old), "version": changes.old_version},
        new={"file": str(new), "version": changes.new_version},
        version_stayed=changes.version_stayed,
        changed=[_changed(subject) for subject in changes.subjects],
        trainees=[_effects(trainee) for trainee in impact.trainees],
        unreadable=[file._asdict() for file in impact.unreadable],
    )


def check_json(path: "Path", reviewed: "LintReport") -> str:
    """Return the faults and warnings of a catalogue's file."""
    catalogue = reviewed.catalogue
    return _document(
        "catalogue check",
        file=str(path),
        version=catalogue.version if catalogue else None,
        faults=[fault._asdict() for fault in reviewed.faults],
        warnings=[warning._asdict() for warning in reviewed.warnings],
    )


def _document(name: str, **content: Any) -> str:
    return _json({"schema": f"ca-ladder {name} 1", **content})


def _fields(subject: object, *names: str) -> dict[str, Any]:
    """Return the attributes that are fields of the document under the same name."""
    return {name: getattr(subject, name) for name in names}


def _json(value: object) -> str:
    """Return a value as indented JSON in ASCII, which stays whole in every encoding it is redirected into."""
    return json.dumps(value, indent=1, default=date.isoformat)


def _trainee(progress: TraineeProgress) -> dict[str, Any]:
    return {
        **_fields(progress.enrolment, "name", "role", "variants", "start", "mentors", "manager"),
        "former": [past._asdict() for past in progress.former],
        "written_under": progress.written_under,
        "no_longer_asked": [
            {"item": sign_off.item, "by": sign_off.by.name, "on": sign_off.on, "text": _wording(sign_off)}
            for sign_off in progress.no_longer_asked
        ],
        "tiers_gone": [
            {"tier": event.graduation.tier, "by": event.by.name, "on": event.on}
            for event in progress.tiers_gone
            if event.graduation
        ],
        "leave": [msgspec.to_builtins(leave) for leave in progress.clock.leaves],
        "fingerprint": progress.fingerprint,
        "does_not_count": _uncounted(progress.does_not_count),
        "months": progress.clock.months(progress.as_of),
        "tier": progress.tier.id if progress.tier else None,
        "pace": progress.pace._asdict(),
        **_fields(progress, "forecast", "finished"),
        "tiers": [_tier(tier) for tier in progress.tiers],
        **{
            kind: {**tally.counts._asdict(), "waits_on": tally.waits_on._asdict()}
            for kind, tally in progress.kinds.items()
        },
    }


def _uncounted(entries: Iterable[UncountedEntry]) -> list[dict[str, Any]]:
    return [
        {"entry": number, "event": event.id, "kind": event.kind, "item": event.item, "sentence": sentence}
        for number, event, sentence in entries
    ]


def _wording(event: Event) -> str | None:
    return event.wording.text if event.wording else None


def _tier(tier: TierProgress) -> dict[str, Any]:
    final = None
    if tier.graduation and tier.graduation.graduation:
        frozen = _fields(tier.graduation.graduation, "total", "waived", "fingerprint", "catalogue")
        final = {"by": tier.graduation.by.name, "on": tier.graduation.on, **frozen, "stands": tier.stands}
    return {
        "tier": tier.tier.id,
        "title": tier.tier.title,
        **_fields(tier, "begins", "due"),
        **_paced(tier),
        **_fields(tier, "forecast", "finished"),
        "final_sign_off": final,
        "tasks": [
            {"task": task.task.id, "name": task.task.name, "required": task.required, **_paced(task)}
            for task in tier.tasks
        ],
    }


def _paced(progress: Tally) -> dict[str, Any]:
    return {
        **progress.counts._asdict(),
        **_fields(progress, "expected", "ahead"),
        "waits_on": progress.waits_on._asdict(),
        "overdue_by": progress.overdue_by._asdict(),
    }


def _item(progress: ItemProgress) -> dict[str, Any]:
    item = progress.item
    known = _fields(progress, "state", "due", "expected_on", "overdue", "waits_on", "blocked_by")
    return {"id": item.id, **_position(item), "text": item.text, **known}


def _position(item: Item | None) -> dict[str, Any]:
    return {
        "kind": item.kind if item else None,
        "task": item.task.id if item and item.task else None,
        "tier": item.tier.id if item and item.tier else None,
    }


def _changed(subject: "ChangedObject") -> dict[str, Any]:
    changes = [{"change": change.kind, **_fields(change, "field", "old", "new")} for change in subject.changes]
    position = _fields(subject, "about", "id", "role", "task", "kind", "tier")
    return {**position, "text": subject.words, "changes": changes}


def _effects(trainee: "TraineeEffects") -> dict[str, Any]:
    return {
        **_fields(trainee, "name", "file", "role", "role_gone", "role_new", "variants_gone"),
        "overdue_at_once": trainee.overdue,
        "blocked_at_once": trainee.blocked,
        "effects": trainee.counts,
        "items": [_effect(item) for item in trainee.items],
        "final_sign_offs": [
            {
                "tier": tier.tier,
                "by": tier.given.by.name,
                "on": tier.given.on,
                **_fields(tier, "before", "after", "gone", "missing"),
            }
            for tier in trainee.tiers
        ],
    }


def _effect(effect: "ItemEffect") -> dict[str, Any]:
    event = effect.event
    return {
        **_fields(effect, "item", "text", "effect", "before", "after"),
        "deed": event.kind if event else None,
        "by": event.by.name if event else None,
        "on": event.on if event else None,
        **_fields(effect, "words", "why", "replaced_by"),
    }


def _line(line: HistoryLine) -> dict[str, Any]:
    return {"id": line.event.id, **line.event.content(), **_fields(line, "undone", "own_account", "does_not_count")}
