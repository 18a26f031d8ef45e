"""Sentences about progress, events and records: the same in every format that people read."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ca_ladder.catalogue.models import Ladder
from ca_ladder.errors import either, entries, plural, shortened
from ca_ladder.progress.results import (
    OWNERS,
    Counts,
    ItemProgress,
    TierProgress,
    TraineeProgress,
    UncountedEntry,
    WaitingOn,
)
from ca_ladder.progress.trainee import waiting_items
from ca_ladder.record.events import Event, Leave
from ca_ladder.record.projection import State
from ca_ladder.record.record import Record
from ca_ladder.renderers.display import EVENT_LABELS, OWNER_LABELS, STATE_LABELS

if TYPE_CHECKING:
    from ca_ladder.progress.history import Absence, HistoryLine
    from ca_ladder.progress.team import MentorQueue, TeamProgress
    from ca_ladder.record.merging import ConcurrentChange, MergeResult

NO_FINGERPRINT = "none, because not every entry counts"
_SEE_WHICH = "See which: ca-ladder record verify"
_EVENT_NOUNS = {"enrol": "change", "leave": "leave", "graduate": "final sign-off"}


def uncounted(number: int, of: str = "the record") -> str:
    """Return the sentence on so many entries that do not count, without its full stop."""
    return f"{entries(number)} of {of} {'does' if number == 1 else 'do'} not count"


def uncounted_lines(does_not_count: Sequence[UncountedEntry]) -> list[str]:
    """Return a sentence on the entries of a record that do not count, if there are any."""
    return [f"{uncounted(len(does_not_count))}. {_SEE_WHICH}"] if does_not_count else []


def team_uncounted_lines(team: "TeamProgress") -> list[str]:
    """Return a sentence on the records of a team that have entries that do not count, if there are any."""
    affected = [trainee for trainee in team.trainees if trainee.does_not_count]
    names = shortened([f"{trainee.enrolment.name} ({len(trainee.does_not_count)})" for trainee in affected])
    return [f"Entries that do not count: {names}. {_SEE_WHICH}"] if affected else []


def summary_lines(progress: TraineeProgress) -> list[str]:
    """Return a sentence for each tier, then what is overdue and whose move it is, what waits and what was returned."""
    lines = [*_past_lines(progress), *leave_and_pace_lines(progress)]
    for owner in OWNERS:
        if overdue := [item for item in progress.items if item.overdue and item.waits_on == owner]:
            lines.append(f"Overdue, {OWNER_LABELS[owner]}: {id_list(overdue)}")
    if waiting := waiting_items(progress):
        lines.append(f"Waiting for a mentor (oldest since {waiting[0].waiting_since}): {id_list(waiting)}")
    if blocked := [item for item in progress.items if item.state == "checked" and item.waits_on == "opportunity"]:
        needs = dict.fromkeys(need for item in blocked for need in item.blocked_by)
        lines.append(f"Checked, and waiting until {', '.join(needs)} is signed off: {id_list(blocked)}")
    if returned := [item for item in progress.items if item.state == "returned"]:
        lines.append(f"Returned, to do again: {id_list(returned)}")
    return lines


def _past_lines(progress: TraineeProgress) -> Iterator[str]:
    """Yield sentences on earlier roles, on another catalogue, and on what is kept although it is asked no longer."""
    for past in progress.former:
        final = f", final sign-off of {', '.join(past.tiers)}" if past.tiers else ""
        yield f"Before: {past.role} from {past.start}{final}. What was signed off then: ca-ladder log"
    written, current = progress.written_under, progress.ladder.version
    if written not in {None, current}:
        yield f"Last written under the catalogue {written}; this is {current}."
    if asked_again := [item for item in progress.items if item.status.earlier and not item.status.last]:
        yield f"Asked again, because the meaning changed: {id_list(asked_again)}"
    if kept := [f"{sign_off.item} (signed off)" for sign_off in progress.no_longer_asked]:
        yield f"No longer asked for, kept in the record: {shortened(kept)}"
    for event in progress.tiers_gone:
        if event.graduation:
            final = f"{event.graduation.tier}, final sign-off by {event.by.name} on {event.on}"
            yield f"No longer a tier, kept in the record: {final}"


def absent_words(item_id: str, absence: "Absence") -> list[str]:
    """Return sentences on an item that is not asked for: why, what the record keeps, and what replaces it."""
    words = kept_words(absence)
    kept = [f"Kept in the record: {words}"] if words else []
    if absence.why is None:
        reason = f"What was written of {item_id} itself does not count: it follows from its parts."
        return [reason, *kept] if kept else []
    lines = [f"{item_id} is not on the ladder: {absence.why}.", *kept]
    if absence.replaced_by:
        lines.append(f"In its place: {absence.replaced_by.id}, {absence.replaced_by.text}")
    return lines


def kept_words(absence: "Absence") -> str:
    """Return the last decision on an item that is not asked for, with the words that were signed; empty for none."""
    last = absence.held.last
    if last is None:
        return ""
    because = f": {last.because}" if last.because else ""
    return f"{_event_phrase(last)}{because}" + (f", with these words: {last.wording.text}" if last.wording else "")


def leave_and_pace_lines(progress: TraineeProgress) -> Iterator[str]:
    """Yield a sentence on the days of leave, then one on the pace of each tier, where there is anything to say."""
    if leaves := progress.clock.leaves:
        yield f"Leave: {', '.join(map(leave_days, leaves))}"
    yield from filter(None, (_pace_line(tier, progress) for tier in progress.tiers))


def waiting_rows(progress: TraineeProgress) -> list[tuple[str, ...]]:
    """Return a row for each tier and kind: its name, and how many of its items wait on each owner."""
    tiers = [(f"Tier {tier.tier.id}", *waits_and_late(tier.waits_on, tier.overdue_by)) for tier in progress.tiers]
    return tiers + [(kind, *map(str, tally.waits_on)) for kind, tally in progress.kinds.items()]


def waits_and_late(waits_on: WaitingOn, overdue_by: WaitingOn) -> list[str]:
    """Return how many items wait on each owner, and how many of them are overdue: "12, 3 late"."""
    numbers = zip(waits_on, overdue_by, strict=True)
    return [f"{waits}, {late} late" if late else str(waits) for waits, late in numbers]


def mentor_names(queue: "MentorQueue") -> str:
    """Return who can sign off the items in the queue: "Pat or Kim"."""
    return either(queue.mentors) or "any mentor"


def log_words(line: "HistoryLine") -> str:
    """Return the details of a log entry: reason, note, evidence, days, names."""
    event = line.event
    details = [
        f"the {_EVENT_NOUNS.get(line.of.kind, line.of.kind)} of {line.of.on}" if line.of else "",
        "Saw it done." if event.observed else "",
        event.because or "",
        event.note or "",
        *(f"Evidence: {evidence}" for evidence in event.evidence),
    ]
    if event.leave:
        details.append(leave_days(event.leave))
    if final := event.graduation:
        waived = f", {final.waived} waived" if final.waived else ""
        details.append(f"tier {final.tier} of {final.role}: {final.total} signed off{waived}; {final.fingerprint}")
    if enrolment := event.enrolment:
        details += [f"{enrolment.name} starts on {enrolment.start} as {enrolment.role}", ", ".join(enrolment.variants)]
        details += [f"Mentor: {name}" for name in enrolment.mentors]
        details += [f"Manager: {enrolment.manager}"] if enrolment.manager else []
    return "; ".join(filter(None, details))


def log_marks(line: "HistoryLine") -> str:
    """Return what a reader must know about a log entry besides its details, such as why it does not count."""
    marks = [
        "from the trainee's account" if line.own_account else "",
        "taken back" if line.undone else "",
        f"does not count: {line.does_not_count}" if line.does_not_count else "",
    ]
    return ", ".join(filter(None, marks))


def when_line(progress: TraineeProgress) -> str:
    """Return the day of the report, with the trainee's month, tier and leave on that day."""
    start, tier = progress.enrolment.start, progress.tier
    if progress.month is None:
        return f"On {progress.as_of}: starts on {start}, in {plural((start - progress.as_of).days, 'day')}"
    month = f"On {progress.as_of}: month {progress.month} since {start}"
    leave = f", on leave until {progress.leave.last}" if progress.leave else ""
    if tier and (tier.months or len(progress.ladder.role.tiers) > 1):
        return f"{month}, tier {tier.id} {tier.title}{leave}"
    return f"{month}{leave}"


def pace_in_words(ahead: int | None, total: int) -> str:
    """Return a pace: "3 ahead", "53 behind" or "on pace"; n/a without a due date, and for no items."""
    if ahead is None or not total:
        return "n/a"
    return f"{abs(ahead)} {'ahead' if ahead > 0 else 'behind'}" if ahead else "on pace"


def short_counts(counts: Counts) -> str:
    """Return counts in a few characters, "2+1/5!": 2 signed off, 1 checked, of 5, some overdue; n/a for no items."""
    if not counts.total:
        return "n/a"
    plus = f"+{counts.checked}" if counts.checked else ""
    return f"{counts.signed}{plus}/{counts.total}{'!' if counts.overdue else ''}"


def fingerprint_lines(progress: TraineeProgress) -> list[str]:
    """Return the record's fingerprint, and the command that compares it later."""
    if progress.fingerprint is None:
        return [f"Fingerprint: {NO_FINGERPRINT}"]
    return [f"Fingerprint: {progress.fingerprint}", "To compare later: ca-ladder record verify --expect FINGERPRINT"]


def event_list(record: Record, events: Iterable[Event]) -> str:
    """Return events grouped by kind: "sign-off of mail-01, mail-02; return of mail-03"."""
    subjects: dict[str, list[str]] = {}
    for event in events:
        noun, subject = _EVENT_NOUNS.get(event.kind, event.kind), str(record.subject(event))
        if event.leave:
            subject = leave_days(event.leave) + (" (cancelled)" if event.leave.cancelled else "")
        if event.enrolment and record.promotes(event):
            noun, subject = "promotion", event.enrolment.name
        subjects.setdefault(noun, []).append(subject)
    return "; ".join(f"{noun} of {', '.join(of_kind)}" for noun, of_kind in subjects.items())


def step_outcome(before: Record, after: Record, ladder: Ladder, events: Iterable[Event]) -> str:
    """Return what undoing or redoing these events changes: "mail-03 is open again". The rest of them is only named."""
    ids: dict[State, list[str]] = {}
    rest: list[Event] = []
    for event in events:
        item = ladder.items.get(event.item or "")
        states = [record.status(item).state for record in (before, after)] if item else []
        if item and states[0] != states[1]:
            ids.setdefault(states[1], []).append(item.id)
        else:
            rest.append(event)
    changed = [f"{', '.join(of)} {'are' if of[1:] else 'is'} {STATE_LABELS[state]} again" for state, of in ids.items()]
    return "; ".join([*changed, *([event_list(before, rest)] if rest else [])])


def leave_days(leave: Leave) -> str:
    """Return the first and last day of a leave."""
    return f"{leave.first} to {leave.last}"


def merge_lines(merged: "MergeResult", record: Record, ladder: Ladder | None) -> list[str]:
    """Return what a copy added to the record, and the result for each subject that both sides had changed.

    Without a ladder, items are reported as if none of them were asked for.
    """
    if not merged.new:
        return [
            f"{merged.path.name} has nothing new.",
            "If somebody has changed it, this may be the copy as it was sent: use the one that came back.",
        ]
    lines = [f"Merged {merged.path.name}. New: {event_list(record, merged.new)}."]
    return lines + [_concurrent_change(change, record, ladder) for change in merged.concurrent]


def _concurrent_change(change: "ConcurrentChange", record: Record, ladder: Ladder | None) -> str:
    here, there = (", ".join(_event_phrase(event) for event in side) for side in (change.here, change.there))
    subject = str(change.subject)
    if change.subject.kind != "item":
        subject = subject[0].upper() + subject[1:]
    both = f"{subject} changed on both sides: here {here}; in the copy {there}."
    if change.subject.kind == "enrolment":
        enrolment = record.enrolment
        signers = ", ".join([*enrolment.mentors, *([enrolment.manager] if enrolment.manager else [])])
        return f"{both} Now: starts on {enrolment.start}, signed off by {signers or 'anyone but the trainee'}."
    if change.subject.kind != "item":
        return both
    item = ladder.items.get(change.subject.id) if ladder else None
    if item is None:
        return f"{both} It is no longer on the ladder."
    status = record.status(item)
    by = f" by {status.last.by.name} on {status.last.on}" if status.last else ""
    now = f"{both} Now: {STATE_LABELS[status.state]}{by}."
    if status.state != "signed":
        return now
    kinds = [{event.kind for event in side} for side in (change.here, change.there)]
    if all("sign-off" in side for side in kinds) and not any("revoke" in side for side in kinds):
        return f"{now} Both sign-offs are kept."
    return f"{now} A sign-off counts until it is taken back with: ca-ladder revoke {change.subject}"


def _event_phrase(event: Event) -> str:
    return f"{done_by(event)} on {event.on}"


def done_by(event: Event, *, promoted: bool = False) -> str:
    """Return what an event did and who did it: "signed off by Pat Lee"."""
    label = "changed" if event.kind == "enrol" and not promoted else event_label(event, promoted=promoted)
    return f"{label} by {event.by.name}"


def event_label(event: Event, *, promoted: bool) -> str:
    """Return what an event did, in the words of a log."""
    if event.leave and event.leave.cancelled:
        return "leave cancelled"
    return "promoted" if promoted else EVENT_LABELS[event.kind]


def _pace_line(tier: TierProgress, progress: TraineeProgress) -> str:
    """Return how a tier compares with what is expected, and its forecast; empty if neither is known."""
    counts, name = tier.counts, f"Tier {tier.tier.id}"
    since = "" if tier.stands else ", but something has changed since"
    final = f" Final sign-off by {tier.graduation.by.name} on {tier.graduation.on}{since}." if tier.graduation else ""
    if tier.finished and counts.total and counts.signed == counts.total:
        ready = " It waits for the manager's final sign-off." if tier.ready else ""
        return f"{name}: all {counts.total} signed off on {tier.finished}.{final}{ready}"
    if not counts.total:
        asked = any(item.tier is tier.tier for item in progress.ladder.items.values())
        return f"{name}: nothing is asked in it any more.{final}" if final and not asked else ""
    if tier.begins and tier.begins > progress.as_of:
        return f"{name}: begins on {tier.begins}.{final}"
    forecast = f" At this pace everything is checked by {tier.forecast}." if tier.forecast else ""
    if tier.ahead is None:
        line = f"{name}: {counts.done} of {counts.total} checked or signed.{forecast}{final}"
        return line if forecast or final else ""
    pace = pace_in_words(tier.ahead, counts.total)
    done = f"{tier.expected} of {counts.total} expected by now, {counts.done} checked or signed: {pace}."
    return f"{name}: {done}{forecast}{final}"


def id_list(items: Sequence[ItemProgress]) -> str:
    """Return the ids of the items; of many, only the first."""
    return shortened([item.item.id for item in items])
