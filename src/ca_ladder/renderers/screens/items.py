"""The screens of single items: what comes next, a list, everything about one item or task, the log."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ca_ladder.catalogue.models import Item, Task
from ca_ladder.progress.history import Absence, HistoryLine, ItemDetail
from ca_ladder.progress.results import ItemProgress, TierProgress, TraineeProgress
from ca_ladder.record.events import Event, Wording
from ca_ladder.record.projection import State
from ca_ladder.renderers.catalogue_phrases import depends, item_facts, task_facts
from ca_ladder.renderers.display import STATE_LABELS, STYLES, Display
from ca_ladder.renderers.phrases import done_by, event_label, kept_words, log_words, summary_lines
from ca_ladder.renderers.screens.status import date_line, new_table, trainee_line


def home_screen(progress: TraineeProgress, following: Sequence[ItemProgress], display: Display) -> RenderableType:
    """Return the trainee's progress and the next items: the answer to a bare `ca-ladder`."""
    parts: list[RenderableType] = [trainee_line(progress, display), date_line(progress, display), Text()]
    bars = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for tier in progress.tiers:
        counts = tier.counts
        late = f", {counts.overdue} overdue" if counts.overdue else ""
        in_words = f"{counts.signed} signed off, {counts.checked} checked of {counts.total}{late}"
        bar = [Text(display.bar(counts.signed, counts.checked, counts.total, 10))] if display.terminal else []
        bars.add_row(Text(tier.tier.id), *bar, Text(in_words if counts.total else "n/a"))
    parts += [bars]
    if lines := summary_lines(progress):
        parts += [Text(), *map(Text, lines)]
    if following:
        parts += [Text(), Text("What comes next", style="bold"), next_table(following, display)]
    return Group(*parts)


def next_screen(progress: TraineeProgress, following: Sequence[ItemProgress], display: Display) -> RenderableType:
    """Return what the trainee can do next, soonest first."""
    if not following:
        nothing = Text("Nothing is open: everything is checked, signed off or waived.")
        return Group(trainee_line(progress, display), nothing)
    return Group(trainee_line(progress, display), date_line(progress, display), Text(), next_table(following, display))


def next_table(following: Sequence[ItemProgress], display: Display) -> Table:
    """Return the items with the day each is expected by, and why it was returned."""
    table = new_table(display)
    for heading in ("Item", "State", "Do by"):
        table.add_column(heading, no_wrap=True)
    table.add_column("What", overflow="fold")
    for item in following:
        words = Text(display.text(item.item.text))
        if item.state == "returned" and item.status.returned:
            words.append(f"\n{_by(item.status.returned, display)}: {display.text(item.status.returned.because or '')}")
        elif item.begins and item.not_begun:
            words.append(f"\nLearning starts on {item.begins}")
        late = Text(str(item.expected_on or ""), style="red" if item.overdue else "")
        table.add_row(Text(item.item.id), _state(item.state, display), late, words)
    return table


def list_screen(items: Sequence[ItemProgress], display: Display) -> RenderableType:
    """Return one row for each item, in the catalogue's order; redirected, one line each."""
    if not items:
        return Text("No item fits. Leave an option out to see more.")
    table = new_table(display)
    table.add_column("Item", no_wrap=True)
    table.add_column("Tier or kind", no_wrap=True)
    table.add_column("State", no_wrap=True)
    table.add_column("What", overflow="fold")
    for item in items:
        table.add_row(
            Text(item.item.id),
            Text(item.item.tier.id if item.item.tier else item.item.kind),
            _state(item.state, display),
            Text(display.text(item.item.text)),
        )
    return table


def item_screen(detail: ItemDetail, display: Display) -> RenderableType:
    """Return everything about one item: its text, its state and why, and its history."""
    facts = _Facts(display)
    if detail.absence:
        _add_absence(facts, detail.absence)
    if detail.item:
        _add_position(facts, detail.item)
    if detail.state:
        facts.add_text("State", _state_in_words(detail, detail.state, display))
    if detail.progress:
        _add_progress(facts, detail.progress)
    if detail.item:
        _add_help(facts, detail.item)
    for child, state in detail.children.items():
        facts.add_text(f"Part {child}", _state(state, display))
    parts: list[RenderableType] = [
        Text.assemble((detail.id, "bold"), "  ", display.text(detail.text)),
        Text(),
        facts.table,
    ]
    if detail.history:
        parts += [Text(), Text("History", style="bold"), log_table(detail.history, display, with_item=False)]
    return Group(*parts)


def task_screen(task: Task, items: Sequence[ItemProgress], display: Display) -> RenderableType:
    """Return a task: its why, its gate, its resources and its items."""
    facts = _Facts(display)
    facts.add("Why", task.why)
    for name, text in task_facts(task):
        facts.add(name, text)
    for resource in task.resources:
        facts.add("Helps", resource.in_short)
    for note in task.notes:
        facts.add("Note", note)
    title = Text.assemble((task.id, "bold"), "  ", display.text(task.name))
    return Group(title, Text(), facts.table, Text(), list_screen(items, display))


def log_table(lines: Iterable[HistoryLine], display: Display, *, with_item: bool = True) -> Table:
    """Return a table of events, oldest first: the day, what was done to which item, by whom, and the details."""
    table = new_table(display)
    for heading in ("On", "What", *(("Item",) if with_item else ())):
        table.add_column(heading, no_wrap=True)
    table.add_column("By", overflow="fold")
    table.add_column("Words", overflow="fold")
    for line in lines:
        event = line.event
        words = Text(display.text(log_words(line)))
        marks = ["from the trainee's account"] * line.own_account + ["taken back"] * line.undone
        if marks:
            words.append(f" ({', '.join(marks)})" if words else f"({', '.join(marks)})", "yellow")
        item = [Text(event.item or "")] if with_item else []
        by = display.text(event.by.name)
        table.add_row(Text(str(event.on)), Text(event_label(event, promoted=line.promoted)), *item, Text(by), words)
    return table


def review_screen(item: ItemProgress, number: int, of: int, trainee: str, display: Display) -> RenderableType:
    """Return what a mentor needs to decide on one item: its words, the trainee's claim, note and evidence.

    ``trainee`` is the name to show if several trainees are reviewed; empty otherwise.
    """
    facts = _Facts(display)
    if trainee:
        facts.add("Trainee", trainee)
    if item.item.tier:
        facts.add("Tier", f"{item.item.tier.id} {item.item.tier.title}")
    if item.status.check:
        facts.add("Checked", f"{item.status.check.on} by {item.status.check.by.name}")
        for evidence in item.status.check.evidence:
            facts.add("Evidence", evidence)
    for note in item.status.notes:
        facts.add("Note", f"{note.by.name}, {note.on}: {note.note}")
    if item.item.condition:
        facts.add("Depends", item.item.condition.text)
    if item.blocked_by:
        facts.add("Needs first", ", ".join(item.blocked_by))
    title = Text.assemble(f"{number} of {of}  ", (item.item.id, "bold"), "  ", display.text(item.item.text))
    return Group(Text(), title, Padding(facts.table, (0, 0, 0, 2)))


def missing_screen(progress: TraineeProgress, missing: Sequence[str], display: Display) -> RenderableType:
    """Return the items that are missing for a final sign-off, with their state and whose move it is."""
    table = new_table(display)
    for heading in ("Item", "State", "Waits on"):
        table.add_column(heading, no_wrap=True)
    table.add_column("What", overflow="fold")
    for item in progress.items:
        if item.item.id in missing:
            needs = f" (needs {', '.join(item.blocked_by)} first)" if item.blocked_by else ""
            row = Text(item.item.id), _state(item.state, display), Text(item.waits_on or "")
            table.add_row(*row, Text(display.text(f"{item.item.text}{needs}")))
    return Group(trainee_line(progress, display), Text("Missing for the final sign-off:"), Text(), table)


def card_screen(progress: TraineeProgress, tier: TierProgress, display: Display) -> RenderableType:
    """Return the card of a tier's final sign-off, with the numbers frozen in it."""
    given = tier.graduation
    facts = _Facts(display)
    if given and given.graduation:
        waived = f", {given.graduation.waived} waived" if given.graduation.waived else ""
        facts.add("Trainee", progress.enrolment.name)
        facts.add("Role", progress.role_in_words)
        facts.add("Tier", f"{given.graduation.tier} {given.graduation.title}")
        facts.add("Signed off", f"{given.graduation.total} of {given.graduation.total}{waived}")
        facts.add("Final sign-off", f"{given.by.name} on {given.on}")
        facts.add("Fingerprint", given.graduation.fingerprint)
    return Group(Text(f"Tier {tier.tier.id} is complete", style="bold"), Text(), facts.table)


class _Facts:
    """A two-column table of names and texts."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self.table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        self.table.add_column(no_wrap=True, style="dim" if display.terminal else "")
        self.table.add_column(overflow="fold")

    def add(self, name: str, text: str) -> None:
        self.add_text(name, Text(self._display.text(text)))

    def add_text(self, name: str, text: Text) -> None:
        self.table.add_row(Text(name), text)


def _add_position(facts: _Facts, item: Item) -> None:
    if item.task:
        facts.add("Task", f"{item.task.id}: {item.task.name}")
    facts.add("Kind", f"{item.kind}, tier {item.tier.id} {item.tier.title}" if item.tier else item.kind)
    if item.parent:
        facts.add("Part of", item.parent)


def _add_absence(facts: _Facts, absence: Absence) -> None:
    if absence.why:
        facts.add("Not on the ladder", absence.why)
    if absence.replaced_by:
        facts.add("In its place", f"{absence.replaced_by.id}  {absence.replaced_by.text}")
    if kept := kept_words(absence):
        facts.add("In the record" if absence.why else "Before it had parts", kept)


def _add_progress(facts: _Facts, progress: ItemProgress) -> None:
    status = progress.status
    if status.check:
        for evidence in status.check.evidence:
            facts.add("Evidence", evidence)
    counted = status.sign_off or status.check
    if counted and counted.wording and counted.wording.text != progress.item.text:
        facts.add("Words then", _as_signed(counted.wording))
    if (given := status.earlier) and given.wording:
        name = "Earlier" if status.last else "Asked again"
        facts.add(name, f"the meaning changed; {done_by(given)} on {given.on} as it was before")
        facts.add("Words then", _as_signed(given.wording))
    if progress.unfinished:
        if progress.expected_on:
            facts.add("Do by", str(progress.expected_on))
        if progress.due:
            facts.add("Due", f"{progress.due} (the end of the tier)" + (", overdue" if progress.overdue else ""))
        if progress.blocked_by:
            facts.add("Needs first", ", ".join(progress.blocked_by))
    for note in status.notes:
        facts.add("Note", f"{note.by.name}, {note.on}: {note.note}")


def _as_signed(wording: Wording) -> str:
    return f"{wording.text} (version {wording.catalogue})"


def _add_help(facts: _Facts, item: Item) -> None:
    for name, text in item_facts(item):
        facts.add(name, text)
    if item.condition:
        facts.add("Depends", depends(item.condition, ", ".join(item.children) or "it"))
    if item.task:
        facts.add("Why", item.task.why)
        for resource in item.task.resources:
            facts.add("Helps", resource.in_short)


def _state(state: State, display: Display) -> Text:
    return Text(f"{display.glyph(state)} {STATE_LABELS[state]}", style=STYLES[state])


def _state_in_words(detail: ItemDetail, state: State, display: Display) -> Text:
    words = _state(state, display)
    last = detail.progress.status.last if detail.progress else None
    if detail.children:
        words.append(" (follows from its parts)")
    if last:
        words.append(f" on {last.on} by {_by(last, display)}")
        own_account = any(line.own_account for line in detail.history if line.event.id == last.id)
        words.append(", seen done" if last.observed else "")
        words.append(", from the trainee's own account" if own_account else "")
        words.append(f": {display.text(last.because)}" if last.because else "")
    return words


def _by(event: Event, display: Display) -> str:
    return f"{display.text(event.by.name)} ({event.by.role})"
