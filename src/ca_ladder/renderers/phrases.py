"""What the counts come to, in sentences: the same in every format that people read."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ca_ladder.catalogue.models import Ladder
from ca_ladder.progress.results import OWNERS, Counts, ItemProgress, Owner, TierProgress, TraineeProgress, WaitingOn
from ca_ladder.progress.trainee import waiting_items
from ca_ladder.record.events import Event, Leave
from ca_ladder.record.projection import ItemStatus
from ca_ladder.record.record import Record
from ca_ladder.renderers.display import EVENT_LABELS, OWNER_LABELS, STATE_LABELS

if TYPE_CHECKING:
    from ca_ladder.progress.history import Absence, HistoryLine
    from ca_ladder.progress.team import MentorQueue
    from ca_ladder.record.merging import ConcurrentChange, MergeResult

MOST_IDS = 12
_DEEDS = {"enrol": "change", "leave": "leave", "graduate": "final sign-off"}


def verdict(progress: TraineeProgress) -> list[str]:
    """Return a sentence for each tier, then what is overdue and whose move it is, what waits and what was returned."""
    lines = [*former(progress), *catalogues(progress), *no_longer_asked(progress), *leaves(progress), *paces(progress)]
    overdue = [each for each in progress.items if each.overdue]
    waiting = waiting_items(progress)
    returned = [each for each in progress.items if each.state == "returned"]
    for owner in OWNERS:
        if late := [each for each in overdue if each.waits_on == owner]:
            lines.append(f"Overdue, {OWNER_LABELS[owner]}: {listed(late)}")
    if waiting:
        lines.append(f"Waiting for a mentor (oldest since {waiting[0].waiting_since}): {listed(waiting)}")
    if held_up := [each for each in progress.items if each.state == "checked" and each.waits_on == "opportunity"]:
        needs = dict.fromkeys(need for each in held_up for need in each.blocked_by)
        lines.append(f"Checked, and waiting until {', '.join(needs)} is signed off: {listed(held_up)}")
    if returned:
        lines.append(f"Returned, to do again: {listed(returned)}")
    return lines


def former(progress: TraineeProgress) -> list[str]:
    """Return a sentence for each role before this one; what was signed off there is in the log."""
    return [
        f"Before: {each.role} from {each.start}"
        + (f", final sign-off of {', '.join(each.tiers)}" if each.tiers else "")
        + ". What was signed off then: ca-ladder log"
        for each in progress.former
    ]


def catalogues(progress: TraineeProgress) -> list[str]:
    """Return a sentence on what another catalogue has changed: that it is another, and what is asked for again."""
    written, again = progress.written_under, [e for e in progress.items if e.status.earlier and not e.status.last]
    this = progress.ladder.version
    lines = [f"Last written under the catalogue {written}; this is {this}."] if written not in {None, this} else []
    return [*lines, *([f"Asked again, since the meaning changed: {listed(again)}"] if again else [])]


def no_longer_asked(progress: TraineeProgress) -> list[str]:
    """Return a sentence on the sign-offs of items, and of tiers, that are gone: none goes without a word."""
    kept = progress.no_longer_asked
    more = f" and {len(kept) - MOST_IDS} more" if len(kept) > MOST_IDS else ""
    ids = ", ".join(f"{each.item} (signed off)" for each in kept[:MOST_IDS])
    lines = [f"No longer asked, kept in the record: {ids}{more}"] if kept else []
    for given in progress.tiers_gone:
        if given.graduation:
            lines.append(
                f"No longer a tier, kept in the record: {given.graduation.tier}, final sign-off {_by_on(given)}"
            )
    return lines


def absent_words(item_id: str, absence: "Absence") -> list[str]:
    """Return the sentences on an item that is not asked for by itself: why, what is kept of it, what replaces it."""
    held = held_words(absence)
    kept = [f"Kept in the record: {held}"] if held else []
    if absence.why is None:
        told = f"What was written of {item_id} itself does not count: it follows from its parts."
        return [told, *kept] if kept else []
    lines = [f"{item_id} is not on the ladder: {absence.why}.", *kept]
    if absence.replaced_by:
        lines.append(f"In its place: {absence.replaced_by.id}, {absence.replaced_by.text}")
    return lines


def held_words(absence: "Absence") -> str:
    """Return what the record holds of an item that is not asked for, with the words that were signed."""
    held = absence.held
    if held.last is None:
        return ""
    wording = held.last.wording
    because = f": {held.last.because}" if held.last.because else ""
    return f"{_deed(held.last)}{because}" + (f", with these words: {wording.text}" if wording else "")


def leaves(progress: TraineeProgress) -> list[str]:
    """Return a sentence on the days of leave, if there are any."""
    away = progress.clock.leaves
    return [f"Leave: {', '.join(days_of(each) for each in away)}"] if away else []


def paces(progress: TraineeProgress) -> list[str]:
    """Return a sentence for each tier that there is anything to say of."""
    return [line for tier in progress.tiers if (line := _pace(tier, progress))]


def moves_of(progress: TraineeProgress) -> list[tuple[str, WaitingOn, WaitingOn]]:
    """Return for each tier, and each kind beside them, how many items wait on whom, and how many of them are late."""
    tiers = [(f"Tier {each.tier.id}", each.waits_on, each.overdue_by) for each in progress.tiers]
    return tiers + [(kind, moves, WaitingOn()) for kind, moves in progress.kinds_wait_on.items()]


def waits_and_late(waits_on: WaitingOn, overdue_by: WaitingOn, owner: Owner) -> str:
    """Return how many items wait on this one, and how many of them are overdue: "12, 3 late"."""
    waits, late = getattr(waits_on, owner), getattr(overdue_by, owner)
    return f"{waits}, {late} late" if late else str(waits)


def desk_name(desk: "MentorQueue") -> str:
    """Return whose desk it is."""
    return " or ".join(desk.mentors) or "any mentor"


def words_of(line: "HistoryLine") -> str:
    """Return what an entry of the log says beside its kind."""
    event = line.event
    said = [
        f"the {_DEEDS.get(line.of.kind, line.of.kind)} of {line.of.on}" if line.of else "",
        "Seen done." if event.observed else "",
        event.because or "",
        event.note or "",
        *(f"Evidence: {each}" for each in event.evidence),
    ]
    if event.leave:
        said.append(days_of(event.leave))
    if event.graduation:
        given = event.graduation
        waived = f", {given.waived} waived" if given.waived else ""
        said.append(f"tier {given.tier} of {given.role}: {given.total} signed off{waived}; {given.fingerprint}")
    if event.enrolment:
        enrolment = event.enrolment
        said += [f"{enrolment.name} starts on {enrolment.start} as {enrolment.role}"]
        said += [", ".join(enrolment.variants), *(f"Mentor: {name}" for name in enrolment.mentors)]
        said += [f"Manager: {enrolment.manager}"] if enrolment.manager else []
    return "; ".join(part for part in said if part)


def moment(progress: TraineeProgress) -> str:
    """Return where in time the trainee stands on the day asked about."""
    start, tier = progress.enrolment.start, progress.tier
    if progress.month is None:
        return f"On {progress.as_of}: starts on {start}, in {(start - progress.as_of).days} day(s)"
    month = f"On {progress.as_of}: month {progress.month} since {start}"
    away = f", on leave until {progress.leave.last}" if progress.leave else ""
    told = tier and (tier.months or len(progress.ladder.role.tiers) > 1)
    return f"{month}, tier {tier.id} {tier.title}{away}" if tier and told else f"{month}{away}"


def in_brief(counts: Counts) -> str:
    """Return counts in a few characters: signed off, + checked and waiting, of all, ! for overdue; n/a for none."""
    if not counts.total:
        return "n/a"
    plus = f"+{counts.checked}" if counts.checked else ""
    return f"{counts.signed}{plus}/{counts.total}{'!' if counts.overdue else ''}"


def printed_fingerprint(progress: TraineeProgress) -> list[str]:
    """Return the lines by which a reader can say later whether the record still holds what was reported."""
    if progress.fingerprint is None:
        return ["Fingerprint: none. The record is not as it was written: ca-ladder record verify"]
    return [f"Fingerprint: {progress.fingerprint}", "To compare later: ca-ladder record verify --expect FINGERPRINT"]


def deeds(record: Record, events: Iterable[Event]) -> str:
    """Return what was done to the record, by kind: "sign-off of mail-01, mail-02; return of mail-03"."""
    kinds: dict[str, list[str]] = {}
    for event in events:
        about = str(record.subject(event))
        if event.leave:
            about = days_of(event.leave) + (" (cancelled)" if event.leave.cancelled else "")
        if event.enrolment and record.promotes(event):
            kinds.setdefault("promotion", []).append(event.enrolment.name)
        else:
            kinds.setdefault(_DEEDS.get(event.kind, event.kind), []).append(about)
    return "; ".join(f"{kind} of {', '.join(about)}" for kind, about in kinds.items())


def days_of(leave: Leave) -> str:
    """Return which days of leave these are."""
    return f"{leave.first} to {leave.last}"


def merge_lines(merged: "MergeResult", record: Record, ladder: Ladder | None) -> list[str]:
    """Return what a copy brought to the record, and what came of each item that both sides had changed.

    Without a ladder nobody can tell which items there are, nor where they stand.
    """
    if not merged.new:
        told = f"{merged.path.name} holds nothing that is not in the record already."
        return [
            told,
            "If somebody has written on it, this may be the copy as it was sent: take the one that came back.",
        ]
    lines = [f"Merged {merged.path.name}. New: {deeds(record, merged.new)}."]
    return lines + [_meeting(each, record, ladder) for each in merged.concurrent]


def _meeting(meeting: "ConcurrentChange", record: Record, ladder: Ladder | None) -> str:
    here, there = (", ".join(_deed(event) for event in side) for side in (meeting.here, meeting.there))
    subject = str(meeting.subject)
    if meeting.subject.kind != "item":
        subject = subject[0].upper() + subject[1:]
    told = f"{subject} changed on both sides: here {here}; in the copy {there}."
    if meeting.subject.kind == "enrolment":
        enrolment = record.enrolment
        named = ", ".join([*enrolment.mentors, *([enrolment.manager] if enrolment.manager else [])])
        return f"{told} Now: starts on {enrolment.start}, signed off by {named or 'anyone but the trainee'}."
    if meeting.subject.kind != "item":
        return told
    item = ladder.items.get(meeting.subject.id) if ladder else None
    if item is None:
        return f"{told} It is no longer on the ladder."
    status = record.status(item)
    by = f" by {status.last.by.name} on {status.last.on}" if status.last else ""
    return f"{told} Now: {STATE_LABELS[status.state]}{by}.{_why(meeting, status)}"


def _why(meeting: "ConcurrentChange", status: ItemStatus) -> str:
    """Return why a sign-off stands against what the other side did, and what takes it back."""
    kinds = [{event.kind for event in side} for side in (meeting.here, meeting.there)]
    if status.state != "signed":
        return ""
    if all("sign-off" in side for side in kinds) and not any("revoke" in side for side in kinds):
        return " Both sign-offs are kept."
    return f" A sign-off stands until it is taken back with: ca-ladder revoke {meeting.subject}"


def _by_on(event: Event) -> str:
    return f"by {event.by.name} on {event.on}"


def _deed(event: Event) -> str:
    return f"{done_by(event)} on {event.on}"


def done_by(event: Event, *, promoted: bool = False) -> str:
    """Return what an event did and who did it: "signed off by Pat Lee"."""
    what = "changed" if event.kind == "enrol" and not promoted else happened(event, promoted=promoted)
    return f"{what} by {event.by.name}"


def happened(event: Event, *, promoted: bool) -> str:
    """Return what an event did, in the words of a log."""
    if event.leave and event.leave.cancelled:
        return "leave cancelled"
    return "promoted" if promoted else EVENT_LABELS[event.kind]


def _pace(tier: TierProgress, progress: TraineeProgress) -> str:
    """Return where a tier stands against what is expected, and when it will be done; nothing where neither is known."""
    counts, name = tier.counts, tier.tier.id
    since = "" if tier.stands else ", before something was changed"
    final = f" Final sign-off by {tier.graduation.by.name} on {tier.graduation.on}{since}." if tier.graduation else ""
    if tier.finished and counts.total and counts.signed == counts.total:
        last = final + (" It waits for the manager's final sign-off." if tier.ready else "")
        return f"Tier {name}: all {counts.total} signed off on {tier.finished}.{last}"
    if not counts.total:
        asked = any(item.tier is tier.tier for item in progress.ladder.items.values())
        return f"Tier {name}: nothing is asked in it any more.{final}" if final and not asked else ""
    if tier.begins and tier.begins > progress.as_of:
        return f"Tier {name}: begins on {tier.begins}.{final}"
    forecast = f" At this pace all is checked on {tier.forecast}." if tier.forecast else ""
    if tier.ahead is None:
        done = f"Tier {name}: {counts.done} of {counts.total} checked or signed.{forecast}{final}"
        return done if forecast or final else ""
    pace = "on pace" if tier.ahead == 0 else f"{abs(tier.ahead)} {'ahead' if tier.ahead > 0 else 'behind'}"
    done = f"{tier.expected} of {counts.total} expected by now, {counts.done} checked or signed: {pace}."
    return f"Tier {name}: {done}{forecast}{final}"


def listed(items: Sequence[ItemProgress]) -> str:
    """Return the ids of the items, the first of very many."""
    more = f" and {len(items) - MOST_IDS} more" if len(items) > MOST_IDS else ""
    return ", ".join(each.item.id for each in items[:MOST_IDS]) + more
