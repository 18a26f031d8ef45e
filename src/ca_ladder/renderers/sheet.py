"""What stands on the sheet for a one-to-one: the same in every format that people read."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from ca_ladder.progress.agenda import Agenda
from ca_ladder.progress.history import HistoryLine
from ca_ladder.progress.trainee import ItemProgress
from ca_ladder.renderers.look import MOVES
from ca_ladder.renderers.sentences import done_by, listed, paces, words_of


class Section(NamedTuple):
    """A heading of the sheet for a one-to-one, and under it lines of an id, or a name, and what there is to say."""

    title: str
    lines: list[tuple[str, str]]


def agenda_sections(sheet: Agenda) -> list[Section]:
    """Return the sheet's sections that have anything in them, for every format that people read."""
    as_of = sheet.progress.as_of
    waiting = [(each.item.id, _waiting(each, as_of)) for each in sheet.waiting]
    returned = [
        (each.item.id, f"{each.item.text}. {last.by.name} on {last.on}: {last.because}")
        for each in sheet.returned
        if (last := each.standing.returned)
    ]
    overdue = [(MOVES[owner], listed(late)) for owner, late in sheet.overdue.items()]
    to_conclude = [(f"tier {each.tier.id}", f"all {each.counts.total} signed off") for each in sheet.to_conclude]
    sections = [
        Section("Where it stands", [("", line) for line in paces(sheet.progress)]),
        Section("Ready to sign off", waiting),
        Section("Returned, to do again", returned),
        Section("Overdue", overdue),
        Section("Comes next", [(each.item.id, each.item.text) for each in sheet.coming]),
        Section("The mentor leads", [(each.item.id, each.item.text) for each in sheet.mentor_led]),
        Section("The manager's", to_conclude + [(each.item.id, each.item.text) for each in sheet.manager]),
    ]
    return [each for each in sections if each.lines]


def _waiting(each: ItemProgress, as_of: date) -> str:
    check = each.standing.check
    days = f" Since {check.on}, {(as_of - check.on).days} day(s)." if check else ""
    needs = f" Needs first: {', '.join(each.blocked_by)}." if each.blocked_by else ""
    noted = [f" {note.by.name}: {note.note}." for note in each.standing.notes]
    evidence = [f" Evidence: {link}." for link in check.evidence] if check else []
    return f"{each.item.text}.{days}{needs}{''.join(noted + evidence)}"


def changes_in_words(lines: Iterable[HistoryLine]) -> list[str]:
    """Return each entry of a log as a line."""
    told = [(str(line.event.on), line.event.item or "", done_by(line.event), words_of(line)) for line in lines]
    return [" ".join(filter(None, each)) for each in told]
