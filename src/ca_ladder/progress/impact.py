"""The impact of another catalogue on records: the same events, projected under the old catalogue and the new one.

Nothing is removed from a record. What changes is what is asked for, and which of the sign-offs count.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Literal, NamedTuple, TypeVar, get_args

from ca_ladder.catalogue.diff import Changes
from ca_ladder.catalogue.models import Catalogue, Ladder
from ca_ladder.catalogue.references import bare_words
from ca_ladder.errors import RoleGone
from ca_ladder.progress.history import absence
from ca_ladder.progress.results import ItemProgress, TraineeProgress
from ca_ladder.progress.team import Unreadable
from ca_ladder.progress.trainee import measure
from ca_ladder.record.events import Event
from ca_ladder.record.projection import State
from ca_ladder.record.record import Record
from ca_ladder.record.tier_completion import completion, final_sign_off

# kept           asked before and after, in the same state
# asked-again    what was done no longer counts: the meaning changed
# waived         the sign-off no longer counts, and a waiver does
# counts-again   what was done counts now, and did not before
# retired        no longer asked; what was done stays in the record
# parent         no longer asked by itself: it follows from its children; what was done stays in the record
# dropped        no longer asked, and nothing had been done
# newly-asked    not asked before
# history        neither asked before nor after; what was done stays in the record
Effect = Literal[
    "kept", "asked-again", "waived", "counts-again", "retired", "parent", "dropped", "newly-asked", "history"
]
EFFECTS: tuple[Effect, ...] = get_args(Effect)

# The states of an item that is asked for, from nothing done to signed off.
_STATES: tuple[State, ...] = ("open", "returned", "checked", "waived", "signed")
_Key = TypeVar("_Key")


class ItemEffect(NamedTuple):
    """The effect on one item, with its state before and after; None while it is not asked for.

    ``event`` is the sign-off, or else the waiver, check or return, that the effect is about. ``words`` is the item's
    text at that time, as far as the record knows it. ``why`` says why the new catalogue does not ask for the item.
    """

    item: str
    text: str
    effect: Effect
    before: State | None
    after: State | None
    event: Event | None
    words: str | None
    why: str | None
    replaced_by: str | None

    @property
    def other_words(self) -> str | None:
        """The words at the time of the event, if it counts again now and they differ from today's."""
        differ = self.words and bare_words(self.words) != bare_words(self.text)
        return self.words if differ and self.effect == "counts-again" else None


class TierEffect(NamedTuple):
    """The effect on a final sign-off.

    ``before`` and ``after`` say if it covers everything in its tier and below. ``missing`` lists what it does not
    cover. ``gone`` is true if the new catalogue has no tier with this id.
    """

    tier: str
    given: Event
    before: bool
    after: bool
    gone: bool
    missing: tuple[str, ...]


class TraineeEffects(NamedTuple):
    """The effects on one trainee's record, item by item; ``file`` is the record's.

    ``role_gone``: the new catalogue lacks the role, so that the record cannot be measured with it. ``role_new``: the
    old catalogue lacks it. ``variants_gone`` are the trainee's variants that the role no longer has. ``overdue`` and
    ``blocked`` are the ids of items that become so with the new catalogue; empty if one catalogue lacks the role.
    """

    name: str
    file: str
    role: str
    role_gone: bool
    role_new: bool
    variants_gone: tuple[str, ...]
    items: tuple[ItemEffect, ...]
    tiers: tuple[TierEffect, ...]
    overdue: tuple[str, ...]
    blocked: tuple[str, ...]

    @property
    def counts(self) -> dict[Effect, int]:
        """The number of items with each effect."""
        number = Counter(item.effect for item in self.items)
        return {effect: number[effect] for effect in EFFECTS}


Affected = list[tuple[TraineeEffects, ItemEffect]]


class Impact(NamedTuple):
    """The impact of the new catalogue on the records of a store, and the files that could not be read."""

    trainees: tuple[TraineeEffects, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()

    def by_item(self) -> dict[str, dict[Effect, Affected]]:
        """Return the effects on each item, and the trainees who are affected."""
        by_item: dict[str, dict[Effect, Affected]] = {}
        for trainee in self.trainees:
            for item in trainee.items:
                by_item.setdefault(item.item, {}).setdefault(item.effect, []).append((trainee, item))
        return by_item

    def unchanged_items(self, changes: Changes) -> dict[str, dict[Effect, Affected]]:
        """Return the effects on items that did not change themselves, but whose task, variant or parent did.

        Trainees whose role is gone are left out: that is reported once, for the role.
        """
        changed = {subject.id for subject in changes.subjects if subject.about == "item"}
        by_item: dict[str, dict[Effect, Affected]] = {}
        for trainee in self.trainees:
            for item in trainee.items if not trainee.role_gone else ():
                if item.item not in changed and item.effect not in {"kept", "history"}:
                    by_item.setdefault(item.item, {}).setdefault(item.effect, []).append((trainee, item))
        return by_item

    def reused_ids(self, changes: Changes) -> dict[str, list[str]]:
        """Return new items that get the sign-offs or waivers of another item with the same id: the words of that one.

        The list of words is empty if no record knows them.
        """
        added = {new.id for new in changes.subjects if new.about == "item" and new.most_severe == "added"}
        reused: dict[str, list[str]] = {}
        for item in (item for trainee in self.trainees for item in trainee.items if item.item in added):
            decided = item.event is not None and item.event.kind in {"sign-off", "waive"}
            if item.effect == "counts-again" and decided and (item.other_words or item.words is None):
                words = reused.setdefault(item.item, [])
                words += [item.other_words] if item.other_words and item.other_words not in words else []
        return reused

    def names_by(self, keys: Callable[[TraineeEffects], Iterable[_Key]]) -> dict[_Key, list[str]]:
        """Return the names of the trainees by the keys that each of them has."""
        names: dict[_Key, list[str]] = {}
        for trainee in self.trainees:
            for key in keys(trainee):
                names.setdefault(key, []).append(trainee.name)
        return names


def impact_on_record(record: Record, old: Catalogue, new: Catalogue, today: date, file: str = "") -> TraineeEffects:
    """Return the effects of the new catalogue, introduced today, on a record that was kept under the old one."""
    before, after = _ladder(old, record), _ladder(new, record)
    progress = (measure(before, record, today), measure(after, record, today)) if before and after else None
    variants = {variant.id for variant in after.role.variants} if after else set(record.enrolment.variants)
    return TraineeEffects(
        name=record.enrolment.name,
        file=file,
        role=record.enrolment.role,
        role_gone=after is None,
        role_new=before is None,
        variants_gone=tuple(variant for variant in record.enrolment.variants if variant not in variants),
        items=tuple(_item_effects(record, before, after, old, new)),
        tiers=tuple(_tier_effects(record, before, after)),
        overdue=_newly(lambda item: item.overdue, *progress) if progress else (),
        blocked=_newly(lambda item: item.blocked_by, *progress) if progress else (),
    )


def _ladder(catalogue: Catalogue, record: Record) -> Ladder | None:
    try:
        return catalogue.ladder(record.enrolment.role, record.enrolment.variants)
    except RoleGone:
        return None


def _item_effects(
    record: Record, before: Ladder | None, after: Ladder | None, old: Catalogue, new: Catalogue
) -> Iterator[ItemEffect]:
    """Yield the effects on all items that were or are asked for, or that the record mentions."""
    old_items = before.items if before else {}
    new_items = after.items if after else {}
    for item_id in dict.fromkeys((*new_items, *old_items, *record.by_item)):
        was = record.status(old_items[item_id]) if item_id in old_items else None
        now = record.status(new_items[item_id]) if item_id in new_items else None
        gone = absence(after, record, item_id, new.roles) if after else None
        old_state, new_state = was.state if was else None, now.state if now else None
        parent = gone is not None and gone.why is None
        effect = _effect(old_state, new_state, done=item_id in record.by_item, parent=parent)
        if effect is None:
            continue
        last = record.status_of_any_revision(item_id).last
        event = (was and was.last) or (now and now.last) or last
        texts = (role.items[item_id].text for role in (*new.roles, *old.roles) if item_id in role.items)
        yield ItemEffect(
            item=item_id,
            text=next(texts, last.wording.text if last and last.wording else ""),
            effect=effect,
            before=old_state,
            after=new_state,
            event=event,
            words=_words_at(record, item_id, event),
            why=gone and gone.why,
            replaced_by=gone.replaced_by.id if gone and gone.replaced_by else None,
        )


def _effect(before: State | None, after: State | None, *, done: bool, parent: bool) -> Effect | None:
    """Return the effect on an item with these states, of which None stands for "not asked for"; None for no effect.

    ``done``: the record mentions the item. ``parent``: the new catalogue has children below it.
    """
    if after is None:
        if before is None:
            return "history"
        return "parent" if parent else "retired" if done else "dropped"
    if before == after:
        return "kept" if done else None
    if (before, after) == ("signed", "waived"):
        return "waived"
    # An item that was not asked for before, and that only a return is known of, is newly asked too.
    if _STATES.index(after) > _STATES.index(before or "returned"):
        return "counts-again"
    return "asked-again" if before else "newly-asked"


def _words_at(record: Record, item_id: str, event: Event | None) -> str | None:
    """Return the item's words at the time of the event; a waiver or return has none, so take the last known."""
    events = (event, *reversed(record.by_item[item_id])) if event else ()
    return next((known.wording.text for known in events if known.wording), None)


def _newly(is_so: Callable[[ItemProgress], object], old: TraineeProgress, new: TraineeProgress) -> tuple[str, ...]:
    """Return the ids of items that are overdue, say, under the new catalogue only."""
    before = {item.item.id for item in old.items if is_so(item)}
    return tuple(item.item.id for item in new.items if is_so(item) and item.item.id not in before)


def _tier_effects(record: Record, before: Ladder | None, after: Ladder | None) -> Iterator[TierEffect]:
    """Yield the effects on the final sign-offs of the trainee's role."""
    old_tiers = {tier.id: tier for tier in before.role.tiers} if before else {}
    new_tiers = {tier.id: tier for tier in after.role.tiers} if after else {}
    for tier_id, given in record.graduations.items():
        was, now = old_tiers.get(tier_id), new_tiers.get(tier_id)
        yield TierEffect(
            tier=tier_id,
            given=given,
            before=bool(before and was and final_sign_off(record, before, was)),
            after=bool(after and now and final_sign_off(record, after, now)),
            gone=now is None,
            missing=tuple(completion(record, after, now)[0]) if after and now else (),
        )
