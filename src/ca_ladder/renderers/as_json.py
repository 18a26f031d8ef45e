"""JSON, a promise kept in docs/json.md: one document, a schema name with its version, ISO dates, ids whole."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from ca_ladder.catalogue.models import Task
from ca_ladder.progress.history import HistoryLine, ItemDetail
from ca_ladder.progress.trainee import Counts, ItemProgress, TierProgress, TraineeProgress


def status_json(progress: TraineeProgress) -> str:
    """Return one trainee's progress."""
    return _document("status", as_of=progress.as_of, trainee=_trainee(progress))


def report_json(as_of: date, trainees: Iterable[TraineeProgress]) -> str:
    """Return the progress of trainees, each as `status` gives it."""
    return _document("report", as_of=as_of, trainees=[_trainee(each) for each in trainees])


def list_json(items: Iterable[ItemProgress]) -> str:
    """Return items with their place and state."""
    return _document("list", items=[_item(each) for each in items])


def next_json(items: Iterable[ItemProgress]) -> str:
    """Return the items to do next, first things first."""
    return _document("next", items=[_item(each) for each in items])


def show_json(detail: ItemDetail) -> str:
    """Return one item, its children's states and its history."""
    if detail.progress:
        known = _item(detail.progress)
    else:
        item = detail.item
        known = {
            "id": detail.id,
            "kind": item.kind if item else None,
            "task": item.task.id if item and item.task else None,
            "tier": item.tier.id if item and item.tier else None,
            "text": detail.text,
            "state": detail.state,
        }
    return _document(
        "show",
        item=known,
        absent=detail.absent,
        children=detail.children,
        history=[_line(each) for each in detail.history],
    )


def task_json(task: Task, items: Iterable[ItemProgress]) -> str:
    """Return one task with its items."""
    known = task.model_dump(mode="json", include={"id", "name", "why", "gate", "not_required", "resources", "notes"})
    return _document("task", task=known, items=[_item(each) for each in items])


def log_json(lines: Sequence[HistoryLine]) -> str:
    """Return what was written, oldest first."""
    return _document("log", events=[_line(each) for each in lines])


def _document(name: str, **content: Any) -> str:
    # Escaped to ASCII, the document stays whole in every encoding it is redirected into.
    return json.dumps({"schema": f"ca-ladder {name} 1", **content}, indent=1, default=str)


def _trainee(progress: TraineeProgress) -> dict[str, Any]:
    enrolment = progress.enrolment
    return {
        "name": enrolment.name,
        "role": enrolment.role,
        "variants": list(enrolment.variants),
        "start": enrolment.start,
        "mentors": list(enrolment.mentors),
        "manager": enrolment.manager,
        "fingerprint": progress.fingerprint,
        "tier": progress.tier.id if progress.tier else None,
        "tiers": [_tier(each) for each in progress.tiers],
        **{kind: counts._asdict() for kind, counts in progress.kinds.items()},
    }


def _tier(tier: TierProgress) -> dict[str, Any]:
    return {
        "tier": tier.tier.id,
        "title": tier.tier.title,
        "begins": tier.begins,
        "due": tier.due,
        **_paced(tier.counts, tier.expected, tier.ahead),
        "tasks": [
            {
                "task": each.task.id,
                "name": each.task.name,
                "required": each.required,
                **_paced(each.counts, each.expected, each.ahead),
            }
            for each in tier.tasks
        ],
    }


def _paced(counts: Counts, expected: int | None, ahead: int | None) -> dict[str, int | None]:
    return {**counts._asdict(), "expected": expected, "ahead": ahead}


def _item(each: ItemProgress) -> dict[str, Any]:
    item = each.item
    return {
        "id": item.id,
        "kind": item.kind,
        "task": item.task.id if item.task else None,
        "tier": item.tier.id if item.tier else None,
        "text": item.text,
        "state": each.state,
        "due": each.due,
        "expected_on": each.expected_on,
        "overdue": each.overdue,
        "blocked_by": list(each.blocked_by),
    }


def _line(line: HistoryLine) -> dict[str, Any]:
    event = line.event
    return {"id": event.id, **event.content(), "undone": line.undone, "own_account": line.own_account}
