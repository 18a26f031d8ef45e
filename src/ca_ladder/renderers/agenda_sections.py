"""The sections of the agenda for a one-to-one: the same in every format that people read."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from ca_ladder.errors import plural
from ca_ladder.progress.agenda import Agenda
from ca_ladder.progress.history import HistoryLine
from ca_ladder.progress.results import ItemProgress
from ca_ladder.renderers.display import OWNER_LABELS
from ca_ladder.renderers.phrases import done_by, id_list, leave_and_pace_lines, log_marks, log_words

MOST_LINES = 10


class Section(NamedTuple):
    """A heading, and below it lines of an id or name (may be empty) and a text."""

    title: str
    lines: list[tuple[str, str]]


def agenda_sections(agenda: Agenda) -> list[Section]:
    """Return the sections that have any lines, each shortened to what fits on a sheet of paper."""
    as_of = agenda.progress.as_of
    waiting = [(item.item.id, _waiting(item, as_of)) for item in agenda.waiting]
    held_up = [(item.item.id, f"{item.item.text}. Needs: {', '.join(item.blocked_by)}.") for item in agenda.held_up]
    returned = [
        (item.item.id, f"{item.item.text}. {last.by.name} on {last.on}: {last.because}")
        for item in agenda.returned
        if (last := item.status.returned)
    ]
    others = [(OWNER_LABELS[owner], id_list(items)) for owner, items in agenda.overdue.items() if owner != "trainee"]
    complete = agenda.progress.to_conclude
    to_conclude = [(f"tier {tier.tier.id}", f"all {tier.counts.total} signed off") for tier in complete]
    sections = [
        Section("Progress so far", [("", line) for line in leave_and_pace_lines(agenda.progress)]),
        Section("Ready to sign off", waiting),
        Section("Checked, but something else comes first", held_up),
        Section("Returned, to do again", returned),
        Section("Overdue, the trainee's move", _ids_and_texts(agenda.overdue.get("trainee", ()))),
        Section("Overdue, and not the trainee's move", others),
        Section("Comes next", _ids_and_texts(agenda.coming)),
        Section("The mentor leads", _ids_and_texts(agenda.mentor_led)),
        Section("The manager's", to_conclude + _ids_and_texts(agenda.manager)),
    ]
    for section in sections:
        if (more := len(section.lines) - MOST_LINES) > 0:
            section.lines[MOST_LINES:] = [("", f"and {more} more")]
    return [section for section in sections if section.lines]


def _ids_and_texts(items: Sequence[ItemProgress]) -> list[tuple[str, str]]:
    return [(item.item.id, item.item.text) for item in items]


def _waiting(item: ItemProgress, as_of: date) -> str:
    """Return the text of an item that waits for sign-off, how long it waits, its notes and its evidence."""
    check, since = item.status.check, item.waiting_since
    days = f" Since {since}, {plural((as_of - since).days, 'day')}." if since else ""
    notes = [f" {note.by.name}: {note.note}." for note in item.status.notes]
    evidence = [f" Evidence: {link}." for link in check.evidence] if check else []
    return f"{item.item.text}.{days}{''.join(notes + evidence)}"


def latest(lines: Sequence[HistoryLine]) -> tuple[Sequence[HistoryLine], str]:
    """Return the last log entries that fit on the sheet, and a sentence on those before; empty for none."""
    before = len(lines) - MOST_LINES
    return lines[-MOST_LINES:], f"and {before} before these: ca-ladder log" if before > 0 else ""


def changes_title(agenda: Agenda) -> str:
    """Return the heading above the last log entries."""
    return f"What changed since {agenda.since or 'the beginning'}"


def changes_section(agenda: Agenda) -> Section:
    """Return the last log entries in words, one line each."""
    last, before = latest(agenda.changes)
    texts = []
    for line in last:
        event = line.event
        what = " ".join(filter(None, (str(event.on), event.item, done_by(event, promoted=line.promoted))))
        marks = f" ({marked})" if (marked := log_marks(line)) else ""
        texts.append(": ".join(filter(None, (what, log_words(line)))) + marks)
    texts += [before] if before else []
    return Section(changes_title(agenda), [("", text) for text in texts or ["Nothing."]])
