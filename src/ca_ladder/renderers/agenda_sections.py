"""What stands on the sheet for a one-to-one: the same in every format that people read."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from ca_ladder.progress.agenda import Agenda
from ca_ladder.progress.history import HistoryLine
from ca_ladder.progress.results import ItemProgress
from ca_ladder.renderers.display import OWNER_LABELS
from ca_ladder.renderers.phrases import done_by, id_list, leave_lines, log_words, pace_lines, plural

MOST_LINES = 10


class Section(NamedTuple):
    """A heading of the sheet for a one-to-one, and under it lines of an id, or a name, and what there is to say."""

    title: str
    lines: list[tuple[str, str]]


def agenda_sections(sheet: Agenda) -> list[Section]:
    """Return the sheet's sections that have anything in them, for every format that people read."""
    as_of = sheet.progress.as_of
    waiting = [(each.item.id, _waiting(each, as_of)) for each in sheet.waiting]
    held_up = [(each.item.id, f"{each.item.text}. Needs: {', '.join(each.blocked_by)}.") for each in sheet.held_up]
    returned = [
        (each.item.id, f"{each.item.text}. {last.by.name} on {last.on}: {last.because}")
        for each in sheet.returned
        if (last := each.status.returned)
    ]
    own = sheet.overdue.get("trainee", ())
    late = [(each.item.id, each.item.text) for each in own]
    others = [(OWNER_LABELS[owner], id_list(items)) for owner, items in sheet.overdue.items() if owner != "trainee"]
    to_conclude = [(f"tier {each.tier.id}", f"all {each.counts.total} signed off") for each in sheet.to_conclude]
    standing = [*leave_lines(sheet.progress), *pace_lines(sheet.progress)]
    sections = [
        Section("Where it stands", [("", line) for line in standing]),
        Section("Ready to sign off", waiting),
        Section("Checked, and held up by something else", held_up),
        Section("Returned, to do again", returned),
        Section("Overdue, the trainee's move", late),
        Section("Overdue, and not the trainee's move", others),
        Section("Comes next", [(each.item.id, each.item.text) for each in sheet.coming]),
        Section("The mentor leads", [(each.item.id, each.item.text) for each in sheet.mentor_led]),
        Section("The manager's", to_conclude + [(each.item.id, each.item.text) for each in sheet.manager]),
    ]
    return [Section(each.title, _first(each.lines)) for each in sections if each.lines]


def _first(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return no more than a sheet of paper has room for."""
    more = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], ("", f"and {more} more")] if more > 0 else lines


def _waiting(each: ItemProgress, as_of: date) -> str:
    check = each.status.check
    since = each.waiting_since
    days = f" Since {since}, {plural((as_of - since).days, 'day')}." if since else ""
    noted = [f" {note.by.name}: {note.note}." for note in each.status.notes]
    evidence = [f" Evidence: {link}." for link in check.evidence] if check else []
    return f"{each.item.text}.{days}{''.join(noted + evidence)}"


def latest(lines: Sequence[HistoryLine]) -> tuple[Sequence[HistoryLine], str]:
    """Return the last of these entries, as many as the sheet has room for, and what to say of those before them."""
    before = len(lines) - MOST_LINES
    return lines[-MOST_LINES:], f"and {before} before these: ca-ladder log" if before > 0 else ""


def changes_in_words(lines: Sequence[HistoryLine]) -> list[str]:
    """Return each of the last entries of a log as a line."""
    last, before = latest(lines)
    told = [(str(line.event.on), line.event.item or "", done_by(line.event, promoted=line.promoted)) for line in last]
    said = [
        ": ".join(filter(None, (" ".join(filter(None, each)), log_words(line))))
        for each, line in zip(told, last, strict=True)
    ]
    return [*said, before] if before else said
