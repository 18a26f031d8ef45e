"""The screen of what changed from one catalogue to the next, and of what that does to whom."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ca_ladder.catalogue.diff import CHANGE_KINDS, Change, ChangedObject, ChangeKind, Changes, ObjectType
from ca_ladder.progress.impact import Affected, Effect, Impact, ItemEffect, TierEffect
from ca_ladder.renderers.display import STATE_LABELS, Display
from ca_ladder.renderers.phrases import done_by
from ca_ladder.renderers.screens.status import new_table

if TYPE_CHECKING:
    from pathlib import Path

MOST_NAMES = 6
FIRST_NAMES = 3

# What is said over the items whose gravest change is of this kind.
_OF_ITEMS: dict[ChangeKind, str] = {
    "id-changed": "Another id under the same words",
    "revision-raised": "Another meaning: the revision was raised, and earlier sign-offs no longer count",
    "gone": "Deleted from the file (with retired: true, show could still tell what it was part of)",
    "retired": "Retired",
    "revision-lowered": "Revision lowered: sign-offs of the earlier meaning count again",
    "brought-back": "Brought back",
    "parent": "Has children now, and follows from them",
    "no-parent": "Has no children any more, and is asked for itself",
    "moved": "Moved",
    "reworded": "Reworded",
    "changed": "Changed otherwise",
    "added": "New",
    "order": "In another order",
}
_OF_OTHERS: dict[ObjectType, str] = {
    "task": "Tasks",
    "tier": "Tiers",
    "variant": "Variants",
    "condition": "Conditions",
    "role": "Roles",
    "catalogue": "The catalogue",
}
_EFFECTS: dict[Effect, str] = {
    "kept": "kept",
    "asked-again": "asked again",
    "waived": "waived, no longer signed off",
    "counts-again": "counts again",
    "retired": "retired with history",
    "parent": "follows from its children, its own history kept",
    "dropped": "no longer asked",
    "newly-asked": "newly asked",
    "history": "in the record as before",
}
_COLUMNS: dict[Effect, str] = {
    "kept": "Kept",
    "asked-again": "Again",
    "waived": "Waived",
    "counts-again": "Counts",
    "retired": "Retired",
    "parent": "Parent",
    "dropped": "Dropped",
    "newly-asked": "New",
    "history": "Before",
}
_ALWAYS: tuple[Effect, ...] = ("kept", "asked-again", "retired", "newly-asked")
_EXPLAINED: dict[Effect, str] = {
    "kept": "Kept = stands as before",
    "asked-again": "Again = asked again",
    "waived": "Waived = waived, no longer signed off",
    "counts-again": "Counts = counts again",
    "retired": "Retired = no longer asked, kept in the record",
    "parent": "Parent = follows from its children, its own history kept",
    "dropped": "Dropped = no longer asked, nothing was done",
    "newly-asked": "New = newly asked",
    "history": "Before = was not asked before either, kept in the record",
}


def diff_screen(found: Changes, effects: Impact, old: "Path", new: "Path", display: Display) -> RenderableType:
    """Return what changed, grouped by what it is, each with whom it touches; then each trainee's record as a whole."""
    if not found.subjects:
        other = f" but the version: {found.old_version}, now {found.new_version}"
        return _text(f"No difference{other if found.old_version != found.new_version else ''}.", display)
    changes = f"{found.total} change{'s' * (found.total != 1)}"
    heading = f"{old} (version {found.old_version}) to {new} (version {found.new_version}): {changes}"
    parts: list[RenderableType] = [_text(heading, display, "bold")]
    parts += [_text(line, display, "bold red") for line in _loud(found, effects, new)]
    touched = effects.by_item()
    for title, subjects in _sections(found):
        parts += [Text(), _text(title, display, "bold"), _subjects(subjects, touched, display)]
    if others := effects.unchanged_items(found):
        parts += [Text(), _text("Not changed themselves, and touched by the above", display, "bold")]
        parts += [_lines(((id_, _words(met), _effects(met)) for id_, met in others.items()), display)]
    if effects.trainees:
        parts += [Text(), _text("What becomes of each record", display, "bold"), *_summary(effects, display)]
    if today := list(_today(effects)):
        parts += [Text(), _text("What that means today", display, "bold"), *(_text(line, display) for line in today)]
    if final := list(_final_sign_offs(effects)):
        parts += [Text(), _text("Final sign-offs", display, "bold"), *(_text(line, display) for line in final)]
    return Group(*parts)


def _sections(found: Changes) -> Iterator[tuple[str, list[ChangedObject]]]:
    items = [each for each in found.subjects if each.about == "item"]
    for kind in CHANGE_KINDS:
        if own := [each for each in items if each.most_severe == kind]:
            yield _OF_ITEMS.get(kind, kind), own
    for about, title in _OF_OTHERS.items():
        if own := [each for each in found.subjects if each.about == about]:
            yield title, own


def _subjects(subjects: Iterable[ChangedObject], touched: dict[str, dict[Effect, Affected]], display: Display) -> Table:
    """Return each with its words, what is otherwise than it was, and who that touches."""
    rows = []
    for each in subjects:
        met = touched.get(each.id, {}) if each.about == "item" else {}
        said = [line for change in each.changes if (line := _said(change, each))]
        why = each.most_severe not in {"gone", "retired", "id-changed"}  # these say why by themselves
        rows.append((each.id, each.words, [*said, *_effects(met, why=why)]))
    return _lines(rows, display)


def _lines(rows: Iterable[tuple[str, str, Sequence[str]]], display: Display) -> Table:
    table = Table(box=None, show_header=False, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for id_, words, said in rows:
        table.add_row(Text(f"  {id_}" if id_ else ""), _text(words, display))
        for line in said:
            table.add_row(Text(), Padding(_text(line, display), (0, 0, 0, 2)))
    return table


def _said(change: Change, of: ChangedObject) -> str:
    """Return what one change is, under a heading that may have said it already."""
    field, old, new = change.field or "", change.old, change.new
    if change.kind == "id-changed":
        return _id_changed(of, str(new))
    if change.kind in {"reworded", "renamed"}:
        return f"was: {old}"
    if change.kind == "order":
        return f"{field} in another order: {new}"
    if change.kind == "parent":
        return f"children: {new}"
    if change.kind == "no-parent":
        return f"children were: {old}"
    if change.kind == "added" and of.about == "item":
        return ", ".join(filter(None, (of.role, of.task, of.tier or of.kind)))
    if change.kind in {"added", "gone", "retired", "brought-back"}:
        plain = {"added": "new", "gone": "gone", "retired": "retired", "brought-back": "brought back"}
        return "" if of.about == "item" and of.most_severe == change.kind else plain[change.kind]
    if old is None:
        return f"{field}: now {_quoted(new)}"
    return f"{field}: {_quoted(old)}, now {_quoted(new)}" if new is not None else f"{field}: no longer {_quoted(old)}"


def _quoted(words: str | None) -> str:
    """Return what may be a sentence so that one sees where it ends."""
    return f'"{words}"' if words and words.endswith((".", "!", "?")) else str(words)


def _id_changed(of: ChangedObject, new: str) -> str:
    """Return what another id under the same words means, and what would be right."""
    told = f"is {new} now, under the same words"
    if of.about == "item":
        return (
            f"{told}. Records know it as {of.id}: give it back its id. If {new} is another item, keep {of.id} with "
            f"retired: true and replaced_by: {new}."
        )
    if of.about in {"role", "tier", "variant"}:
        return f"{told}. Records know it as {of.id}: give it back its id."
    return told


def _words(met: dict[Effect, Affected]) -> str:
    """Return the words of the item that these are about."""
    return next(each.text for whom in met.values() for _, each in whom)


def _effects(met: dict[Effect, Affected], *, why: bool = True) -> list[str]:
    """Return for each effect, and ``why`` an item is not asked for, whom it touches."""
    found: dict[str, Affected] = {}
    for effect, told in _EFFECTS.items():
        for trainee, each in met.get(effect, ()):
            because = f" ({each.why})" if why and each.why and effect in {"retired", "dropped"} else ""
            found.setdefault(told + because, []).append((trainee, each))
    return [f"{told}: {_names(whom)}" for told, whom in found.items()]


def _names(met: Affected) -> str:
    """Return all by name where they are few, else how many there are, and the first."""
    if len(met) <= MOST_NAMES:
        return ", ".join(trainee.name + (f" ({how})" if (how := _how(each)) else "") for trainee, each in met)
    states = Counter(STATE_LABELS[state] for _, each in met if (state := each.before or each.after))
    counted = f" ({', '.join(f'{count} {state}' for state, count in states.items())})" if states else ""
    first = ", ".join(trainee.name for trainee, _ in met[:FIRST_NAMES])
    return f"{len(met)} trainees{counted}: {first} and {len(met) - FIRST_NAMES} more"


def _how(each: ItemEffect) -> str:
    """Return how it stands, or by whom and when that was done which no longer counts."""
    if each.effect == "kept":
        return STATE_LABELS[each.before] if each.before else ""
    if each.event is None:
        return ""
    told = f"{done_by(each.event)} on {each.event.on}"
    if each.effect == "newly-asked" and each.after == "open":
        return f"{told} in another revision"
    return f"{told}, with these words: {each.other_words}" if each.other_words else told


def _loud(found: Changes, effects: Impact, new: "Path") -> Iterator[str]:
    """Yield what makes a record wrong, keeps it from being measured, or leads nowhere."""
    if found.version_stayed:
        yield (
            f"The version is {found.new_version} in both. Raise it: with the same version, record verify would hold "
            "what was signed before to the new catalogue, and call it wrong."
        )
    for id_, words in effects.reused_ids(found).items():
        known = f": {'; '.join(words)}" if words else ""
        yield (
            f"{id_} is new in the file, but records know it{known}. Give the new item an id of its own, or its old "
            "sign-offs count for it."
        )
    for role, names in effects.roles_gone.items():
        whose = _some(names)
        yield (
            f"The role {role} is gone: with {new} nobody can look at the record of {whose}. Nothing in it is lost; "
            f"keep the role {role} in the file until they have another."
        )
    for role, names in effects.roles_new.items():
        yield f"The old catalogue has no role {role}: nothing was asked with it of {_some(names)}."
    for (role, variant), names in effects.variants_gone.items():
        yield f"The role {role} has no variant {variant} any more, which is that of {_some(names)}."


def _summary(effects: Impact, display: Display) -> list[RenderableType]:
    """Return how many items of each effect every trainee has."""
    shown = [
        effect for effect in _COLUMNS if effect in _ALWAYS or any(each.counts[effect] for each in effects.trainees)
    ]
    table = new_table(display)
    table.add_column("Trainee", overflow="fold")
    for effect in shown:
        table.add_column(_COLUMNS[effect], justify="right", no_wrap=True)
    for each in effects.trainees:
        table.add_row(_text(each.name, display), *(Text(str(each.counts[effect])) for effect in shown))
    return [table, Text("; ".join(_EXPLAINED[effect] for effect in shown if _EXPLAINED[effect]), style="dim")]


def _today(effects: Impact) -> Iterator[str]:
    """Yield what is late at once, or has to wait at once, of all whom the same happens to in one sentence."""
    for ids, names in effects.overdue.items():
        yield f"Overdue at once: {_some(names)}: {_first(ids)}"
    for ids, names in effects.blocked.items():
        yield f"Not to be signed off before something else is: {_some(names)}: {_first(ids)}"


def _final_sign_offs(effects: Impact) -> Iterator[str]:
    """Yield what becomes of the tiers' final sign-offs, of all whom the same happens to in one sentence."""
    found: dict[str, list[str]] = {}
    for trainee in effects.trainees:
        for each in trainee.tiers:
            by = f"{trainee.name} ({each.given.by.name} on {each.given.on})"
            found.setdefault(f"Tier {each.tier} {_stands(each)}", []).append(by)
    for what, names in found.items():
        yield f"{what}: {_some(names)}"


def _stands(tier: TierEffect) -> str:
    if tier.gone:
        return "is gone, its final sign-off stays in the record"
    if tier.after:
        return "still has its final sign-off" if tier.before else "has its final sign-off again"
    if not tier.before:
        return "has a final sign-off that something was changed after, as before"
    asked = f", {_first(tier.missing)} missing" if tier.missing else ""
    return f"is no longer covered by its final sign-off{asked}"


def _first(ids: Sequence[str]) -> str:
    """Return the ids, the first of very many."""
    return ", ".join(ids[:MOST_NAMES]) + (f" and {len(ids) - MOST_NAMES} more" if len(ids) > MOST_NAMES else "")


def _some(names: Sequence[str]) -> str:
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[:FIRST_NAMES])} and {len(names) - FIRST_NAMES} more"


def _text(said: str, display: Display, style: str = "") -> Text:
    return Text(display.text(said), style=style)
