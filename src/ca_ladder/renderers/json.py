"""JSON documents, as docs/json.md promises them: a schema name with its version, ISO dates, whole ids."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import asdict

from ca_ladder.catalogue.models import Task
from ca_ladder.progress.history import Absence, HistoryLine, ItemDetail
from ca_ladder.progress.results import ItemProgress, RetainedSignOff, TaskProgress, TierProgress, TraineeProgress
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
    sort_key, mentors = order(progress), progress.enrolment.mentors
    pieces = [Piece(("trainees",), sort_key, _entries([_trainee(progress)]))]
    for days, late in _by_days(overdue_items(progress)):
        pieces.append(Piece(("overdue",), (-days, sort_key), _entries([_late(item) for item in late])))
    for days, waiting in _by_days(mentor_items(progress)):
        entries = [{"mentors": mentors, **_waiting(item)} for item in waiting]
        pieces.append(Piece(("waiting", *mentors), (-days, sort_key), _entries(entries)))
    if tiers := progress.to_conclude:
        entries = [{"name": progress.enrolment.name, "tier": tier.tier.id} for tier in tiers]
        pieces.append(Piece(("to_conclude",), sort_key, _entries(entries)))
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
    yield _document("report", as_of=as_of).removesuffix("\n}")
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


def _by_days(items: Iterable["TeamItem"]) -> Iterable[tuple[int, list["TeamItem"]]]:
    """Return the items grouped by their number of days."""
    by_days: dict[int, list[TeamItem]] = {}
    for item in items:
        by_days.setdefault(item.days, []).append(item)
    return by_days.items()


def list_json(items: Iterable[ItemProgress]) -> str:
    """Return items with their task, tier and state."""
    return _document("list", items=[_item(item) for item in items])


def next_json(items: Iterable[ItemProgress]) -> str:
    """Return the items to do next, first things first."""
    return _document("next", items=[_item(item) for item in items])


def show_json(detail: ItemDetail) -> str:
    """Return one item, its children's states and its history."""
    if detail.progress:
        content = _item(detail.progress)
    else:
        item = detail.item
        content = {
            "id": detail.id,
            "kind": item.kind if item else None,
            "task": item.task.id if item and item.task else None,
            "tier": item.tier.id if item and item.tier else None,
            "text": detail.text,
            "state": detail.state,
        }
    return _document(
        "show",
        item=content,
        absent=detail.absent,
        replaced_by=detail.absence.replaced_by.id if detail.absence and detail.absence.replaced_by else None,
        in_record=_in_record(detail.absence),
        children=detail.children,
        history=[_line(line) for line in detail.history],
    )


def task_json(task: Task, items: Iterable[ItemProgress]) -> str:
    """Return one task with its items."""
    known = {name: getattr(task, name) for name in ("id", "name", "why", "gate", "not_required", "resources", "notes")}
    known |= {"resources": [asdict(resource) for resource in task.resources]}
    return _document("task", task=known, items=[_item(item) for item in items])


def log_json(lines: Sequence[HistoryLine]) -> str:
    """Return the events, oldest first."""
    return _document("log", events=[_line(line) for line in lines])


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


def _json(value: object) -> str:
    """Return a value as indented JSON in ASCII, which stays whole in every encoding it is redirected into."""
    return json.dumps(value, indent=1, default=date.isoformat)


def _trainee(progress: TraineeProgress) -> dict[str, Any]:
    enrolment = progress.enrolment
    return {
        "name": enrolment.name,
        "role": enrolment.role,
        "variants": list(enrolment.variants),
        "start": enrolment.start,
        "mentors": list(enrolment.mentors),
        "manager": enrolment.manager,
        "former": [past._asdict() for past in progress.former],
        "written_under": progress.written_under,
        "no_longer_asked": [_kept(kept) for kept in progress.no_longer_asked],
        "tiers_gone": [
            {"tier": event.graduation.tier, "by": event.by.name, "on": event.on}
            for event in progress.tiers_gone
            if event.graduation
        ],
        "leave": [msgspec.to_builtins(leave) for leave in progress.clock.leaves],
        "fingerprint": progress.fingerprint,
        "months": progress.months,
        "tier": progress.tier.id if progress.tier else None,
        "pace": progress.pace._asdict(),
        "forecast": progress.forecast,
        "finished": progress.finished,
        "tiers": [_tier(tier) for tier in progress.tiers],
        **{
            kind: {**counts._asdict(), "waits_on": progress.kinds_wait_on[kind]._asdict()}
            for kind, counts in progress.kinds.items()
        },
    }


def _kept(kept: RetainedSignOff) -> dict[str, Any]:
    sign_off = kept.sign_off
    text = sign_off.wording.text if sign_off.wording else None
    return {"item": kept.item, "by": sign_off.by.name, "on": sign_off.on, "text": text}


def _late(entry: "TeamItem") -> dict[str, Any]:
    return {
        "name": entry.trainee.enrolment.name,
        "item": entry.item.item.id,
        "due": entry.item.due,
        "days": entry.days,
        "waits_on": entry.item.waits_on,
    }


def _waiting(entry: "TeamItem") -> dict[str, Any]:
    return {
        "name": entry.trainee.enrolment.name,
        "item": entry.item.item.id,
        "since": entry.item.waiting_since,
        "days": entry.days,
    }


def _tier(tier: TierProgress) -> dict[str, Any]:
    return {
        "tier": tier.tier.id,
        "title": tier.tier.title,
        "begins": tier.begins,
        "due": tier.due,
        **_paced(tier),
        "forecast": tier.forecast,
        "finished": tier.finished,
        "final_sign_off": _graduation(tier.graduation, stands=tier.stands),
        "tasks": [
            {
                "task": task.task.id,
                "name": task.task.name,
                "required": task.required,
                **_paced(task),
            }
            for task in tier.tasks
        ],
    }


def _paced(progress: TierProgress | TaskProgress) -> dict[str, Any]:
    return {
        **progress.counts._asdict(),
        "expected": progress.expected,
        "ahead": progress.ahead,
        "waits_on": progress.waits_on._asdict(),
        "overdue_by": progress.overdue_by._asdict(),
    }


def _graduation(event: Event | None, *, stands: bool) -> dict[str, Any] | None:
    if event is None or event.graduation is None:
        return None
    frozen = {name: getattr(event.graduation, name) for name in ("total", "waived", "fingerprint", "catalogue")}
    return {"by": event.by.name, "on": event.on, **frozen, "stands": stands}


def _in_record(absence: Absence | None) -> dict[str, Any] | None:
    last = absence.held.last if absence else None
    if absence is None or last is None:
        return None
    text = last.wording.text if last.wording else None
    return {"state": absence.held.state, "by": last.by.name, "on": last.on, "text": text}


def _item(progress: ItemProgress) -> dict[str, Any]:
    item = progress.item
    return {
        "id": item.id,
        "kind": item.kind,
        "task": item.task.id if item.task else None,
        "tier": item.tier.id if item.tier else None,
        "text": item.text,
        "state": progress.state,
        "due": progress.due,
        "expected_on": progress.expected_on,
        "overdue": progress.overdue,
        "waits_on": progress.waits_on,
        "blocked_by": list(progress.blocked_by),
    }


def _changed(subject: "ChangedObject") -> dict[str, Any]:
    changes = [
        {"change": change.kind, "field": change.field, "old": change.old, "new": change.new}
        for change in subject.changes
    ]
    position = {"role": subject.role, "task": subject.task, "kind": subject.kind, "tier": subject.tier}
    return {"about": subject.about, "id": subject.id, **position, "text": subject.words, "changes": changes}


def _effects(trainee: "TraineeEffects") -> dict[str, Any]:
    return {
        "name": trainee.name,
        "file": trainee.file,
        "role": trainee.role,
        "role_gone": trainee.role_gone,
        "role_new": trainee.role_new,
        "variants_gone": list(trainee.variants_gone),
        "overdue_at_once": list(trainee.overdue),
        "blocked_at_once": list(trainee.blocked),
        "effects": trainee.counts,
        "items": [_effect(item) for item in trainee.items],
        "final_sign_offs": [
            {
                "tier": tier.tier,
                "by": tier.given.by.name,
                "on": tier.given.on,
                "before": tier.before,
                "after": tier.after,
                "gone": tier.gone,
                "missing": list(tier.missing),
            }
            for tier in trainee.tiers
        ],
    }


def _effect(effect: "ItemEffect") -> dict[str, Any]:
    event = effect.event
    return {
        "item": effect.item,
        "text": effect.text,
        "effect": effect.effect,
        "before": effect.before,
        "after": effect.after,
        "deed": event.kind if event else None,
        "by": event.by.name if event else None,
        "on": event.on if event else None,
        "words": effect.words,
        "why": effect.why,
        "replaced_by": effect.replaced_by,
    }


def _line(line: HistoryLine) -> dict[str, Any]:
    event = line.event
    return {"id": event.id, **event.content(), "undone": line.undone, "own_account": line.own_account}
