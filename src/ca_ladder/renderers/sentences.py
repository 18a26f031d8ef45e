"""What the counts come to, in sentences: the same in every format that people read."""

from collections.abc import Iterable, Sequence

from ca_ladder.catalogue.models import Ladder
from ca_ladder.progress.trainee import ItemProgress, TierProgress, TraineeProgress, waiting_items
from ca_ladder.record.events import Event
from ca_ladder.record.folding import Record, Standing
from ca_ladder.record.merging import Meeting, Merged
from ca_ladder.renderers.look import HAPPENED, WORDS

MOST_IDS = 12


def verdict(progress: TraineeProgress) -> list[str]:
    """Return a sentence for each tier, then what is overdue, what waits for a mentor and what was returned."""
    lines = [_pace(tier, progress) for tier in progress.tiers if tier.counts.total and tier.begins]
    overdue = [each for each in progress.items if each.overdue]
    waiting = waiting_items(progress)
    returned = [each for each in progress.items if each.state == "returned"]
    if overdue:
        theirs = sum(each.state == "checked" for each in overdue)
        told = f" ({theirs} of them wait{'s' * (theirs == 1)} for a mentor)" if theirs else ""
        lines.append(f"Overdue{told}: {_ids(overdue)}")
    if waiting and waiting[0].standing.check:
        lines.append(f"Waiting for a mentor (oldest since {waiting[0].standing.check.on}): {_ids(waiting)}")
    if returned:
        lines.append(f"Returned, to do again: {_ids(returned)}")
    return [line for line in lines if line]


def printed_fingerprint(progress: TraineeProgress) -> list[str]:
    """Return the lines by which a reader can say later whether the record still holds what was reported."""
    if progress.fingerprint is None:
        return ["Fingerprint: none. The record is not as it was written: ca-ladder record verify"]
    return [f"Fingerprint: {progress.fingerprint}", "To compare later: ca-ladder record verify --expect FINGERPRINT"]


def deeds(events: Iterable[Event]) -> str:
    """Return what was done, by kind: "sign-off of cert-01, aud-01; return of chg-01"."""
    kinds: dict[str, list[str]] = {}
    for event in events:
        kinds.setdefault(event.kind, []).append(event.item or "the enrolment")
    return "; ".join(f"{'change' if kind == 'enrol' else kind} of {', '.join(items)}" for kind, items in kinds.items())


def merge_lines(merged: Merged, record: Record, ladder: Ladder | None) -> list[str]:
    """Return what a copy brought to the record, and what came of each item that both sides had changed.

    Without a ladder nobody can tell which items there are, nor where they stand.
    """
    if not merged.new:
        told = f"{merged.path.name} holds nothing that is not in the record already."
        return [
            told,
            "If somebody has written on it, this may be the copy as it was sent: take the one that came back.",
        ]
    lines = [f"Merged {merged.path.name}. New: {deeds(merged.new)}."]
    return lines + [_meeting(each, record, ladder) for each in merged.meetings]


def _meeting(meeting: Meeting, record: Record, ladder: Ladder | None) -> str:
    here, there = (", ".join(_deed(event) for event in side) for side in (meeting.here, meeting.there))
    told = f"{meeting.item or 'The enrolment'} changed on both sides: here {here}; in the copy {there}."
    item = ladder.items.get(meeting.item or "") if ladder else None
    if meeting.item is None:
        enrolment = record.enrolment
        named = ", ".join([*enrolment.mentors, *([enrolment.manager] if enrolment.manager else [])])
        return f"{told} Now: starts on {enrolment.start}, signed off by {named or 'anyone but the trainee'}."
    if item is None:
        return f"{told} It is no longer on the ladder."
    standing = record.standing(item)
    by = f" by {standing.last.by.name} on {standing.last.on}" if standing.last else ""
    return f"{told} Now: {WORDS[standing.state]}{by}.{_why(meeting, standing)}"


def _why(meeting: Meeting, standing: Standing) -> str:
    """Return why a sign-off stands against what the other side did, and what takes it back."""
    kinds = [{event.kind for event in side} for side in (meeting.here, meeting.there)]
    if standing.state != "signed":
        return ""
    if all("sign-off" in side for side in kinds) and not any("revoke" in side for side in kinds):
        return " Both sign-offs are kept."
    return f" A sign-off stands until it is taken back with: ca-ladder revoke {meeting.item}"


def _deed(event: Event) -> str:
    what = "changed" if event.kind == "enrol" else HAPPENED[event.kind]
    return f"{what} by {event.by.name} on {event.on}"


def _pace(tier: TierProgress, progress: TraineeProgress) -> str:
    """Return where a tier stands against what is expected; nothing for one without a due date."""
    counts, name = tier.counts, tier.tier.id
    if counts.signed == counts.total:
        return f"Tier {name}: all {counts.total} signed off."
    if tier.begins and tier.begins > progress.as_of:
        return f"Tier {name}: begins on {tier.begins}."
    if tier.ahead is None:
        return ""
    pace = "on pace" if tier.ahead == 0 else f"{abs(tier.ahead)} {'ahead' if tier.ahead > 0 else 'behind'}"
    return f"Tier {name}: {tier.expected} of {counts.total} expected by now, {counts.done} checked or signed: {pace}."


def _ids(items: Sequence[ItemProgress]) -> str:
    more = f" and {len(items) - MOST_IDS} more" if len(items) > MOST_IDS else ""
    return ", ".join(each.item.id for each in items[:MOST_IDS]) + more
