"""The screen of `catalogue diff`: what changed between two catalogues, and the impact on each trainee."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ca_ladder.catalogue.diff import Change, ChangedObject, ChangeKind, Changes, ObjectType
from ca_ladder.errors import plural
from ca_ladder.progress.impact import Affected, Effect, Impact, ItemEffect, TierEffect
from ca_ladder.renderers.display import STATE_LABELS, Display
from ca_ladder.renderers.phrases import done_by
from ca_ladder.renderers.screens.status import folded, new_table, numeric, pairs_table, titled

MOST_NAMES = 6
FIRST_NAMES = 3

_Row = tuple[str, str, list[str]]  # the id of an object, its text, and the lines below

# By the most severe change of an item, the heading above it. Then the line that tells one such change, if it is not
# told as a field with its old and new value.
_KINDS: dict[ChangeKind, tuple[str, str]] = {
    "id-changed": ("The id changed, the words did not", "is {new} now, under the same words"),
    "revision-raised": ("The meaning changed: the revision was raised, and earlier sign-offs no longer count", ""),
    "gone": ("Deleted from the file (with retired: true, show could still tell what it was part of)", "gone"),
    "retired": ("Retired", "retired"),
    "revision-lowered": ("Revision lowered: sign-offs of the earlier meaning count again", ""),
    "brought-back": ("Brought back", "brought back"),
    "parent": ("Has children now, and follows from them", "children: {new}"),
    "no-parent": ("Has no children any more, and is asked for itself", "children were: {old}"),
    "moved": ("Moved", ""),
    "reworded": ("Reworded", "was: {old}"),
    "renamed": ("Renamed", "was: {old}"),
    "changed": ("Changed otherwise", ""),
    "added": ("New", "new"),
    "order": ("In another order", "{field} in another order: {new}"),
}
_OTHER_HEADINGS: dict[ObjectType, str] = {
    "task": "Tasks",
    "tier": "Tiers",
    "variant": "Variants",
    "condition": "Conditions",
    "role": "Roles",
    "catalogue": "The catalogue",
}
_PARENT = "follows from its children, its own history kept"
# The label of an effect in the line of an item, the heading of its column in the summary, and the note on that.
_EFFECTS: dict[Effect, tuple[str, str, str]] = {
    "kept": ("kept", "Kept", "counts as before"),
    "asked-again": ("asked again", "Again", "asked again"),
    "waived": ("waived, no longer signed off", "Waived", "waived, no longer signed off"),
    "counts-again": ("counts again", "Counts", "counts again"),
    "retired": ("retired with history", "Retired", "no longer asked, kept in the record"),
    "parent": (_PARENT, "Parent", _PARENT),
    "dropped": ("no longer asked", "Dropped", "no longer asked, nothing was done"),
    "newly-asked": ("newly asked", "New", "newly asked"),
    "history": ("in the record as before", "Before", "was not asked before either, kept in the record"),
}
_ALWAYS_SHOWN: tuple[Effect, ...] = ("kept", "asked-again", "retired", "newly-asked")


def diff_screen(changes: Changes, impact: Impact, old: Path, new: Path, display: Display) -> RenderableType:
    """Return the changes grouped by kind, each with the trainees affected; then the impact on each record."""
    if not changes.subjects:
        other = f" but the version: {changes.old_version}, now {changes.new_version}"
        return _text(f"No difference{other if changes.old_version != changes.new_version else ''}.", display)
    total = plural(changes.total, "change")
    heading = f"{old} (version {changes.old_version}) to {new} (version {changes.new_version}): {total}"
    parts: list[RenderableType] = [_text(heading, display, "bold")]
    parts += [_text(line, display, "bold red") for line in _alerts(changes, impact, new)]
    for title, rows in _sections(changes, impact).items():
        if rows:
            parts += titled(title, _rows_table(rows, display))
    if impact.trainees:
        parts += titled("What becomes of each record", *_summary(impact, display))
    sentences = {"What that means today": _today_lines(impact), "Final sign-offs": _final_sign_off_lines(impact)}
    for title, lines in sentences.items():
        if texts := [_text(line, display) for line in lines]:
            parts += titled(title, *texts)
    return Group(*parts)


def _sections(changes: Changes, impact: Impact) -> dict[str, list[_Row]]:
    """Return for each heading a row for each object below it: its changes, and the trainees affected."""
    by_item = impact.by_item()
    headings = [*(heading for heading, _ in _KINDS.values()), *_OTHER_HEADINGS.values()]
    sections: dict[str, list[_Row]] = {heading: [] for heading in headings}
    for subject in changes.subjects:
        lines = _change_lines(subject)
        if subject.about == "item":
            heading, _ = _KINDS[subject.most_severe]
            with_reason = subject.most_severe not in {"gone", "retired", "id-changed"}  # their headings give the reason
            lines += _effect_lines(by_item.get(subject.id, {}), with_reason)
        else:
            heading = _OTHER_HEADINGS[subject.about]
        sections[heading].append((subject.id, subject.words, lines))
    sections["Not changed themselves, and touched by the above"] = [
        (item_id, next(item.text for affected in effects.values() for _, item in affected), _effect_lines(effects))
        for item_id, effects in impact.unchanged_items(changes).items()
    ]
    return sections


def _rows_table(rows: Iterable[_Row], display: Display) -> Table:
    table = pairs_table(display, ())
    for id_, text, lines in rows:
        table.add_row(Text(f"  {id_}" if id_ else ""), _text(text, display))
        for line in lines:
            table.add_row(Text(), Padding(_text(line, display), (0, 0, 0, 2)))
    return table


def _change_lines(subject: ChangedObject) -> list[str]:
    """Return the changes in words, without one that the heading above says already."""
    in_heading = subject.most_severe if subject.about == "item" else None
    return [
        _change_line(change, subject)
        for change in subject.changes
        if change.kind != in_heading or change.kind not in {"gone", "retired", "brought-back"}
    ]


def _change_line(change: Change, subject: ChangedObject) -> str:
    field, old, new = change.field, change.old, change.new
    if change.kind == "added" and subject.about == "item":
        return ", ".join(filter(None, (subject.role, subject.task, subject.tier or subject.kind)))
    _, template = _KINDS[change.kind]
    if template:
        line = template.format(field=field, old=old, new=new)
        if change.kind == "id-changed" and subject.about in {"item", "role", "tier", "variant"}:
            line += f". Records know it as {subject.id}: give it back its id."
            if subject.about == "item":
                line += f" If {new} is another item, keep {subject.id} with retired: true and replaced_by: {new}."
        return line
    if old is None:
        return f"{field}: now {_quoted(new)}"
    return f"{field}: {_quoted(old)}, now {_quoted(new)}" if new is not None else f"{field}: no longer {_quoted(old)}"


def _quoted(text: str | None) -> str:
    """Return the text in quotes if it is a sentence, so that one sees where it ends."""
    return f'"{text}"' if text and text.endswith((".", "!", "?")) else str(text)


def _effect_lines(effects: dict[Effect, Affected], with_reason: bool = True) -> list[str]:
    """Return a line for each effect, with the trainees affected and, if asked, why the item is not asked for."""
    by_label: dict[str, Affected] = {}
    for effect, (label, _, _) in _EFFECTS.items():
        for trainee, item in effects.get(effect, ()):
            reason = f" ({item.why})" if with_reason and item.why and effect in {"retired", "dropped"} else ""
            by_label.setdefault(label + reason, []).append((trainee, item))
    return [f"{label}: {_affected_names(affected)}" for label, affected in by_label.items()]


def _affected_names(affected: Affected) -> str:
    """Return the names with what was done by whom; the number and the first names if there are many."""
    if len(affected) <= MOST_NAMES:
        return ", ".join(trainee.name + (f" ({done})" if (done := _done(item)) else "") for trainee, item in affected)
    states = Counter(STATE_LABELS[state] for _, item in affected if (state := item.before or item.after))
    counted = f" ({', '.join(f'{count} {state}' for state, count in states.items())})" if states else ""
    return f"{len(affected)} trainees{counted}: {_shortened([trainee.name for trainee, _ in affected], FIRST_NAMES)}"


def _done(item: ItemEffect) -> str:
    """Return the state if it is kept, else who did what, and when, that is affected."""
    if item.effect == "kept":
        return STATE_LABELS[item.before] if item.before else ""
    if item.event is None:
        return ""
    done = f"{done_by(item.event)} on {item.event.on}"
    if item.effect == "newly-asked" and item.after == "open":
        return f"{done} in another revision"
    return f"{done}, with these words: {item.other_words}" if item.other_words else done


def _alerts(changes: Changes, impact: Impact, new: Path) -> Iterator[str]:
    """Yield what the author must not miss: records that would be wrong, or could not be measured."""
    if changes.version_stayed:
        yield (
            f"The version is {changes.new_version} in both. Raise it: with the same version, record verify would hold "
            "what was signed before to the new catalogue, and call it wrong."
        )
    for item_id, words in impact.reused_ids(changes).items():
        known = f": {'; '.join(words)}" if words else ""
        yield (
            f"{item_id} is new in the file, but records know it{known}. Give the new item an id of its own, or its old "
            "sign-offs count for it."
        )
    for role, names in impact.names_by(lambda trainee: [trainee.role] if trainee.role_gone else []).items():
        yield (
            f"The role {role} is gone: with {new} nobody can look at the record of {_shortened(names, FIRST_NAMES)}. "
            f"Nothing in it is lost; keep the role {role} in the file until they have another."
        )
    for role, names in impact.names_by(lambda trainee: [trainee.role] if trainee.role_new else []).items():
        yield f"The old catalogue has no role {role}: it asked nothing of {_shortened(names, FIRST_NAMES)}."
    variants_gone = impact.names_by(lambda trainee: [(trainee.role, variant) for variant in trainee.variants_gone])
    for (role, variant), names in variants_gone.items():
        trainees = _shortened(names, FIRST_NAMES)
        yield f"The role {role} has no variant {variant} any more, which is that of {trainees}."


def _summary(impact: Impact, display: Display) -> list[RenderableType]:
    """Return a table with the number of items of each effect for each trainee, and notes on its columns."""
    counts = [(trainee.name, trainee.counts) for trainee in impact.trainees]
    shown = [effect for effect in _EFFECTS if effect in _ALWAYS_SHOWN or any(count[effect] for _, count in counts)]
    columns = [_EFFECTS[effect][1] for effect in shown]
    rows = [(name, *(count[effect] for effect in shown)) for name, count in counts]
    table = new_table(display, [*folded("Trainee"), *numeric(*columns)], rows)
    notes = "; ".join(f"{column} = {_EFFECTS[effect][2]}" for effect, column in zip(shown, columns, strict=True))
    return [table, Text(notes, style="dim")]


def _today_lines(impact: Impact) -> Iterator[str]:
    """Yield what becomes overdue or blocked today, in one line for trainees with the same items."""
    for ids, names in impact.names_by(lambda trainee: [trainee.overdue]).items():
        if ids:
            yield f"Overdue at once: {_shortened(names, FIRST_NAMES)}: {_shortened(ids)}"
    for ids, names in impact.names_by(lambda trainee: [trainee.blocked]).items():
        if ids:
            trainees = _shortened(names, FIRST_NAMES)
            yield f"Not to be signed off before something else is: {trainees}: {_shortened(ids)}"


def _final_sign_off_lines(impact: Impact) -> Iterator[str]:
    """Yield the effects on final sign-offs, in one line for trainees with the same effect."""
    names: dict[str, list[str]] = {}
    for trainee in impact.trainees:
        for tier in trainee.tiers:
            name = f"{trainee.name} ({tier.given.by.name} on {tier.given.on})"
            names.setdefault(f"Tier {tier.tier} {_tier_effect(tier)}", []).append(name)
    for effect, of_trainees in names.items():
        yield f"{effect}: {_shortened(of_trainees, FIRST_NAMES)}"


def _tier_effect(tier: TierEffect) -> str:
    if tier.gone:
        return "is gone, its final sign-off stays in the record"
    if tier.after:
        return "still has its final sign-off" if tier.before else "has its final sign-off again"
    if not tier.before:
        return "has a final sign-off that something was changed after, as before"
    missing = f", {_shortened(tier.missing)} missing" if tier.missing else ""
    return f"is no longer covered by its final sign-off{missing}"


def _shortened(words: Sequence[str], first: int = MOST_NAMES) -> str:
    """Return the words with commas between; if they are more than MOST_NAMES, only the first ones."""
    if len(words) <= MOST_NAMES:
        return ", ".join(words)
    return f"{', '.join(words[:first])} and {len(words) - first} more"


def _text(words: str, display: Display, style: str = "") -> Text:
    return Text(display.text(words), style=style)
