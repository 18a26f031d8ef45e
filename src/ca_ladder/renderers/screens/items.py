"""The screens of single items: what comes next, a list, everything about one item or task, the log, the agenda."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ca_ladder.catalogue.models import Task
from ca_ladder.progress.agenda import Agenda
from ca_ladder.progress.history import Absence, HistoryLine, ItemDetail
from ca_ladder.progress.results import ItemProgress, TierProgress, TraineeProgress, UncountedEntry
from ca_ladder.record.events import Event, Wording
from ca_ladder.record.projection import ItemStatus, State
from ca_ladder.renderers.agenda_sections import agenda_sections, changes_title, latest
from ca_ladder.renderers.display import STATE_LABELS, STYLES, WAITS_ON, Display
from ca_ladder.renderers.phrases import (
    NO_FINGERPRINT,
    done_by,
    event_label,
    kept_words,
    log_marks,
    log_words,
    summary_lines,
)
from ca_ladder.renderers.role_page import depends, item_facts, task_facts
from ca_ladder.renderers.screens.status import (
    first_lines,
    folded,
    new_table,
    pairs_table,
    titled,
    trainee_line,
    uncounted_texts,
    whole,
)

# The name of a fact, and the fact.
Fact = tuple[str, object]


def home_screen(progress: TraineeProgress, following: Sequence[ItemProgress], display: Display) -> RenderableType:
    """Return the trainee's progress and the next items: the answer to a bare `ca-ladder`."""
    bars = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for tier in progress.tiers:
        counts = tier.counts
        late = f", {counts.overdue} overdue" if counts.overdue else ""
        in_words = f"{counts.signed} signed off, {counts.checked} checked of {counts.total}{late}"
        bar = [Text(display.bar(counts.signed, counts.checked, counts.total, 10))] if display.terminal else []
        bars.add_row(Text(tier.tier.id), *bar, Text(in_words if counts.total else "n/a"))
    parts = [*first_lines(progress, display), Text(), bars]
    if lines := summary_lines(progress):
        parts += [Text(), *(Text(display.text(line)) for line in lines)]
    if following:
        parts += titled("What comes next", next_table(following, display))
    return Group(*parts)


def next_screen(progress: TraineeProgress, following: Sequence[ItemProgress], display: Display) -> RenderableType:
    """Return what the trainee can do next, soonest first."""
    if not following:
        nothing = Text("Nothing is open: everything is checked, signed off or waived.")
        return Group(trainee_line(progress, display), *uncounted_texts(progress.does_not_count), nothing)
    return Group(*first_lines(progress, display), Text(), next_table(following, display))


def next_table(following: Sequence[ItemProgress], display: Display) -> Table:
    """Return the items with the day each is expected by, and why it was returned."""
    rows = []
    for item in following:
        text = Text(display.text(item.item.text))
        if item.state == "returned" and item.status.returned:
            text.append(f"\n{_by(item.status.returned, display)}: {display.text(item.status.returned.because or '')}")
        elif item.begins and item.not_begun:
            text.append(f"\nLearning starts on {item.begins}")
        day = Text(str(item.expected_on or ""), style="red" if item.overdue else "")
        rows.append((item.item.id, _state(item.state, display), day, text))
    return new_table(display, [*whole("Item", "State", "Do by"), *folded("What")], rows)


def list_screen(progress: TraineeProgress, items: Sequence[ItemProgress], display: Display) -> RenderableType:
    """Return one row for each item, in the catalogue's order; redirected, one line each."""
    nothing = Text("No item matches. Leave out an option to see more.")
    return _below_uncounted(progress.does_not_count, _items_table(items, display) if items else nothing)


def _items_table(items: Iterable[ItemProgress], display: Display) -> Table:
    rows = []
    for entry in items:
        item = entry.item
        rows.append((item.id, item.tier.id if item.tier else item.kind, _state(entry.state, display), item.text))
    return new_table(display, [*whole("Item", "Tier or kind", "State"), *folded("What")], rows)


def item_screen(progress: TraineeProgress, detail: ItemDetail, display: Display) -> RenderableType:
    """Return everything about one item: its text, its state and why, and its history."""
    title = Text.assemble((detail.id, "bold"), "  ", display.text(detail.text))
    uncounted = uncounted_texts(progress.does_not_count)
    parts: list[RenderableType] = [title, *uncounted, Text(), _facts_table(_item_facts(detail, display), display)]
    if detail.history:
        parts += titled("History", log_table(detail.history, display, with_item=False))
    return Group(*parts)


def task_screen(
    progress: TraineeProgress, task: Task, items: Sequence[ItemProgress], display: Display
) -> RenderableType:
    """Return a task: its why, its gate, its resources and its items."""
    helps = [("Helps", str(resource)) for resource in task.resources]
    facts = [("Why", task.why), *task_facts(task), *helps, *(("Note", note) for note in task.notes)]
    title = Text.assemble((task.id, "bold"), "  ", display.text(task.name))
    uncounted = uncounted_texts(progress.does_not_count)
    return Group(title, *uncounted, Text(), _facts_table(facts, display), Text(), _items_table(items, display))


def log_screen(
    does_not_count: Sequence[UncountedEntry], lines: Iterable[HistoryLine], display: Display
) -> RenderableType:
    """Return the log, below the line on all entries of the record that do not count."""
    return _below_uncounted(does_not_count, log_table(lines, display))


def log_table(lines: Iterable[HistoryLine], display: Display, *, with_item: bool = True) -> Table:
    """Return a table of events, oldest first: the day, what was done to which item, by whom, and the details."""
    rows = []
    for line in lines:
        event = line.event
        details = Text(display.text(log_words(line)))
        if marks := display.text(log_marks(line)):
            details.append(f" ({marks})" if details else f"({marks})", "red" if line.does_not_count else "yellow")
        item = [event.item or ""] if with_item else []
        rows.append((event.on, event_label(event, promoted=line.promoted), *item, event.by.name, details))
    first = whole("On", "What", "Item") if with_item else whole("On", "What")
    return new_table(display, [*first, *folded("By", "Words")], rows)


def agenda_screen(agenda: Agenda, display: Display) -> RenderableType:
    """Return the agenda: what waits, what was returned, what is overdue, what comes next, what changed."""
    parts = first_lines(agenda.progress, display)
    for title, lines in agenda_sections(agenda):
        named = pairs_table(display, [line for line in lines if line[0]])
        sentences = [Text(display.text(text)) for name, text in lines if not name]
        parts += titled(display.text(title), *([named] if named.row_count else []), *sentences)
    last, before = latest(agenda.changes)
    parts += titled(changes_title(agenda), log_table(last, display) if last else Text("Nothing."))
    return Group(*parts, *([Text(before)] if before else []))


def review_screen(item: ItemProgress, number: int, of: int, trainee: str, display: Display) -> RenderableType:
    """Return what a mentor needs to decide on one item: its words, the trainee's claim, note and evidence.

    ``trainee`` is the name to show if several trainees are reviewed; empty otherwise.
    """
    facts: list[Fact] = [("Trainee", trainee)] if trainee else []
    if item.item.tier:
        facts.append(("Tier", f"{item.item.tier.id} {item.item.tier.title}"))
    if item.status.check:
        facts.append(("Checked", f"{item.status.check.on} by {item.status.check.by.name}"))
    facts += [*_evidence(item.status), *_notes(item.status)]
    if item.item.condition:
        facts.append(("Depends", item.item.condition.text))
    if item.blocked_by:
        facts.append(("Needs first", ", ".join(item.blocked_by)))
    title = Text.assemble(f"{number} of {of}  ", (item.item.id, "bold"), "  ", display.text(item.item.text))
    return Group(Text(), title, Padding(_facts_table(facts, display), (0, 0, 0, 2)))


def missing_screen(progress: TraineeProgress, missing: Sequence[str], display: Display) -> RenderableType:
    """Return the items that are missing for a final sign-off, with their state and whose move it is."""
    rows = []
    for item in progress.items:
        if item.item.id in missing:
            needs = f" (needs {', '.join(item.blocked_by)} first)" if item.blocked_by else ""
            text = f"{item.item.text}{needs}"
            rows.append((item.item.id, _state(item.state, display), WAITS_ON[item.waits_on], text))
    table = new_table(display, [*whole("Item", "State", "Waits on"), *folded("What")], rows)
    return Group(trainee_line(progress, display), Text("Missing for the final sign-off:"), Text(), table)


def card_screen(progress: TraineeProgress, tier: TierProgress, display: Display) -> RenderableType:
    """Return the card of a tier's final sign-off, with the numbers frozen in it."""
    given = tier.graduation
    facts = []
    if given and (card := given.graduation):
        waived = f", {card.waived} waived" if card.waived else ""
        facts = [
            ("Trainee", progress.enrolment.name),
            ("Role", progress.role_in_words),
            ("Tier", f"{card.tier} {card.title}"),
            ("Signed off", f"{card.total} of {card.total}{waived}"),
            ("Final sign-off", f"{given.by.name} on {given.on}"),
            ("Fingerprint", NO_FINGERPRINT if progress.does_not_count else card.fingerprint),
        ]
    title = Text(f"Tier {tier.tier.id} is complete", style="bold")
    return Group(title, *uncounted_texts(progress.does_not_count), Text(), _facts_table(facts, display))


def _below_uncounted(does_not_count: Sequence[UncountedEntry], answer: RenderableType) -> RenderableType:
    """Return an answer without a title, below the line on entries that do not count."""
    return Group(*uncounted_texts(does_not_count), Text(), answer) if does_not_count else answer


def _facts_table(facts: Iterable[Fact], display: Display) -> Table:
    return pairs_table(display, facts, style="dim" if display.terminal else "")


def _item_facts(detail: ItemDetail, display: Display) -> Iterator[Fact]:
    """Yield why an item is not asked for, where it belongs, its state, its progress, what helps, and its parts."""
    item, progress = detail.item, detail.progress
    if detail.absence:
        yield from _absence_facts(detail.absence)
    if item and item.task:
        yield "Task", f"{item.task.id}: {item.task.name}"
    if item:
        yield "Kind", f"{item.kind}, tier {item.tier.id} {item.tier.title}" if item.tier else item.kind
    if item and item.parent:
        yield "Part of", item.parent
    if detail.state:
        yield "State", _state_in_words(detail, detail.state, display)
    if progress:
        yield from _evidence(progress.status)
        yield from _wording_facts(progress)
        if progress.unfinished and progress.expected_on:
            yield "Do by", progress.expected_on
        if progress.unfinished and progress.due:
            yield "Due", f"{progress.due} (the end of the tier)" + (", overdue" if progress.overdue else "")
        if progress.blocked_by:
            yield "Needs first", ", ".join(progress.blocked_by)
        yield from _notes(progress.status)
    if item:
        yield from item_facts(item)
    if item and item.condition:
        yield "Depends", depends(item.condition, ", ".join(item.children) or "it")
    if item and item.task:
        yield "Why", item.task.why
        yield from (("Helps", str(resource)) for resource in item.task.resources)
    yield from ((f"Part {child}", _state(state, display)) for child, state in detail.children.items())


def _absence_facts(absence: Absence) -> Iterator[Fact]:
    if absence.why:
        yield "Not on the ladder", absence.why
    if absence.replaced_by:
        yield "In its place", f"{absence.replaced_by.id}  {absence.replaced_by.text}"
    if kept := kept_words(absence):
        yield "In the record" if absence.why else "Before it had parts", kept


def _wording_facts(progress: ItemProgress) -> Iterator[Fact]:
    """Yield the words that were signed off or checked, if they were others than today's."""
    status = progress.status
    counted = status.sign_off or status.check
    if counted and counted.wording and counted.wording.text != progress.item.text:
        yield "Words then", _as_signed(counted.wording)
    if (given := status.earlier) and given.wording:
        name = "Earlier" if status.last else "Asked again"
        yield name, f"the meaning changed; {done_by(given)} on {given.on} as it was before"
        yield "Words then", _as_signed(given.wording)


def _as_signed(wording: Wording) -> str:
    return f"{wording.text} (version {wording.catalogue})"


def _evidence(status: ItemStatus) -> list[Fact]:
    return [("Evidence", evidence) for evidence in status.check.evidence] if status.check else []


def _notes(status: ItemStatus) -> list[Fact]:
    return [("Note", f"{note.by.name}, {note.on}: {note.note}") for note in status.notes]


def _state(state: State, display: Display) -> Text:
    return Text(f"{display.glyph(state)} {STATE_LABELS[state]}", style=STYLES.get(state, ""))


def _state_in_words(detail: ItemDetail, state: State, display: Display) -> Text:
    text = _state(state, display)
    last = detail.progress.status.last if detail.progress else None
    if detail.children:
        text.append(" (follows from its parts)")
    if last:
        text.append(f" on {last.on} by {_by(last, display)}")
        own_account = any(line.own_account for line in detail.history if line.event.id == last.id)
        text.append(", who saw it done" if last.observed else "")
        text.append(", from the trainee's own account" if own_account else "")
        text.append(f": {display.text(last.because)}" if last.because else "")
    return text


def _by(event: Event, display: Display) -> str:
    return f"{display.text(event.by.name)} ({event.by.role})"
