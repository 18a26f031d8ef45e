"""What another catalogue does to a record: foretold by folding the same events under both, not by rules of its own.

Nothing is taken out of a record. What changes is what is asked, and which of the sign-offs count.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Literal, NamedTuple, TypeVar, get_args

from ca_ladder.catalogue.diff import Changes
from ca_ladder.catalogue.models import Catalogue, Ladder, Role
from ca_ladder.catalogue.references import bare_words
from ca_ladder.errors import RoleGone
from ca_ladder.progress.history import absence
from ca_ladder.progress.team import Unreadable
from ca_ladder.progress.trainee import measure
from ca_ladder.record.events import Event
from ca_ladder.record.projection import State
from ca_ladder.record.record import Record
from ca_ladder.record.tier_completion import completion, final_sign_off

# kept           asked before and after, in the same state
# asked-again    what was done no longer counts: the meaning changed
# waived         the sign-off no longer counts, and a waiver does
# counts-again   what was done counts, as it did not before
# retired        no longer asked; what was done stays in the record
# parent         no longer asked by itself: it follows from its children; what was done stays in the record
# dropped        no longer asked, and nothing had been done
# newly-asked    not asked before
# history        neither asked before nor after; what was done stays in the record
Effect = Literal[
    "kept", "asked-again", "waived", "counts-again", "retired", "parent", "dropped", "newly-asked", "history"
]
EFFECTS: tuple[Effect, ...] = get_args(Effect)
_Key = TypeVar("_Key")
_ADVANCED: tuple[State, ...] = ("open", "returned", "checked", "waived", "signed")


class ItemEffect(NamedTuple):
    """What becomes of one item: its state while it is asked for, before and after.

    ``deed`` is the sign-off, or else the waiver, check or return, that this is about; ``words`` are those that the item
    had then, as far as the record knows. ``why`` it is not asked for, and what replaces it, is told of the new
    catalogue.
    """

    item: str
    text: str
    effect: Effect
    before: State | None
    after: State | None
    deed: Event | None
    words: str | None
    why: str | None
    replaced_by: str | None

    @property
    def other_words(self) -> str | None:
        """Where something counts again that was done under other words than those of today, these words."""
        differ = self.words and bare_words(self.words) != bare_words(self.text)
        return self.words if differ and self.effect == "counts-again" else None


class TierEffect(NamedTuple):
    """What becomes of a final sign-off: ``missing`` is what it does not cover, ``gone`` that the tier has no such id.

    ``before`` and ``after``: whether it covers all that is decided in the tier and below it.
    """

    tier: str
    given: Event
    before: bool
    after: bool
    gone: bool
    missing: tuple[str, ...]


class TraineeEffects(NamedTuple):
    """What the new catalogue does to one trainee's record, item by item; ``file`` is the record's.

    ``role_gone``: the new catalogue does not have the role, so that the record cannot be measured with it;
    ``role_new``: the old one did not. ``variants_gone`` are those of the trainee that the role no longer has.
    ``overdue`` are the ids of what is overdue under the new catalogue and was not under the old one, ``blocked`` those
    of what waits for something to be signed off first and did not; both only where both catalogues have the role.
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
        """How many items there are of each effect."""
        found = Counter(each.effect for each in self.items)
        return {effect: found[effect] for effect in EFFECTS}


Affected = list[tuple[TraineeEffects, ItemEffect]]


class Impact(NamedTuple):
    """What the new catalogue does to the records of a store, and what could not be read of them."""

    trainees: tuple[TraineeEffects, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()

    def by_item(self) -> dict[str, dict[Effect, Affected]]:
        """Return by item what becomes of it, and to whom."""
        found: dict[str, dict[Effect, Affected]] = {}
        for trainee in self.trainees:
            for each in trainee.items:
                found.setdefault(each.item, {}).setdefault(each.effect, []).append((trainee, each))
        return found

    def beside(self, found: Changes) -> dict[str, dict[Effect, Affected]]:
        """Return the same of the items that were not changed themselves, but for what stays as it was.

        What touches them is the change of something else: their task's variant, or their parent. Where the whole role
        is gone, that is told of the role.
        """
        own = {each.id for each in found.subjects if each.about == "item"}
        others: dict[str, dict[Effect, Affected]] = {}
        for id_, effects in self.by_item().items():
            for effect, met in effects.items():
                left = [(trainee, each) for trainee, each in met if not trainee.role_gone]
                if id_ not in own and effect not in {"kept", "history"} and left:
                    others.setdefault(id_, {})[effect] = left
        return others

    def reused(self, found: Changes) -> dict[str, list[str]]:
        """Return by id each new item for which a sign-off or waiver counts that was given for another: its words."""
        added = {each.id for each in found.subjects if each.about == "item" and each.most_severe == "added"}
        reused: dict[str, list[str]] = {}
        for trainee in self.trainees:
            for each in trainee.items:
                counts = each.item in added and each.effect == "counts-again"
                decided = each.deed is not None and each.deed.kind in {"sign-off", "waive"}
                if counts and decided and (each.other_words or each.words is None):
                    known = reused.setdefault(each.item, [])
                    known += [each.other_words] if each.other_words and each.other_words not in known else []
        return reused

    @property
    def roles_gone(self) -> dict[str, list[str]]:
        """By role, whose record cannot be measured any more."""
        return self._whose(lambda each: [each.role] if each.role_gone else [])

    @property
    def roles_new(self) -> dict[str, list[str]]:
        """By role, of whom nothing was asked before."""
        return self._whose(lambda each: [each.role] if each.role_new else [])

    @property
    def variants_gone(self) -> dict[tuple[str, str], list[str]]:
        """By role and variant, whose the variant is that the role no longer has."""
        return self._whose(lambda each: [(each.role, variant) for variant in each.variants_gone])

    @property
    def overdue(self) -> dict[tuple[str, ...], list[str]]:
        """By the items that are overdue at once, of whom they are."""
        return self._whose(lambda each: [each.overdue] if each.overdue else [])

    @property
    def blocked(self) -> dict[tuple[str, ...], list[str]]:
        """By the items that have to wait for others at once, of whom they are."""
        return self._whose(lambda each: [each.blocked] if each.blocked else [])

    def _whose(self, found: Callable[[TraineeEffects], Iterable[_Key]]) -> dict[_Key, list[str]]:
        """Return the names of the trainees by what is found of each."""
        whose: dict[_Key, list[str]] = {}
        for each in self.trainees:
            for key in found(each):
                whose.setdefault(key, []).append(each.name)
        return whose


def impact_on_record(record: Record, old: Catalogue, new: Catalogue, today: date, file: str = "") -> TraineeEffects:
    """Return what the new catalogue, handed out today, does to this record, which was kept under the old one."""
    before, after = _ladder(old, record), _ladder(new, record)
    overdue, blocked = _at_once(record, before, after, today)
    known = {variant.id for variant in after.role.variants} if after else set()
    missing = [variant for variant in record.enrolment.variants if variant not in known]
    return TraineeEffects(
        name=record.enrolment.name,
        file=file,
        role=record.enrolment.role,
        role_gone=after is None,
        role_new=before is None,
        variants_gone=tuple(missing) if after else (),
        items=tuple(_items(record, before, after, (old, new))),
        tiers=tuple(_tiers(record, before, after)),
        overdue=overdue,
        blocked=blocked,
    )


def _ladder(catalogue: Catalogue, record: Record) -> Ladder | None:
    try:
        return catalogue.ladder(record.enrolment.role, record.enrolment.variants)
    except RoleGone:
        return None


def _items(
    record: Record, before: Ladder | None, after: Ladder | None, catalogues: tuple[Catalogue, Catalogue]
) -> Iterator[ItemEffect]:
    """Yield what becomes of every item that was or is asked for, or of which anything is in the record."""
    there = before.items if before else {}
    here = after.items if after else {}
    roles = [role for each in reversed(catalogues) for role in each.roles]
    for id_ in dict.fromkeys((*here, *there, *record.by_item)):
        was = record.status(there[id_]) if id_ in there else None
        now = record.status(here[id_]) if id_ in here else None
        done = id_ in record.by_item
        held = record.status_of_any_revision(id_)
        away = absence(after, record, id_, catalogues[1].roles) if after else None
        parent = after is not None and away is not None and away.why is None
        effect = _effect(was.state if was else None, now.state if now else None, done=done, parent=parent)
        if effect is None:
            continue
        deed = (was and was.last) or (now and now.last) or held.last
        yield ItemEffect(
            item=id_,
            text=_words(id_, roles, held.last),
            effect=effect,
            before=was.state if was else None,
            after=now.state if now else None,
            deed=deed,
            words=_words_then(record, id_, deed),
            why=away.why if away else None,
            replaced_by=away.replaced_by.id if away and away.replaced_by else None,
        )


def _effect(before: State | None, after: State | None, *, done: bool, parent: bool) -> Effect | None:
    """Return what happened to an item that went from one state, or from not being asked for, to another."""
    if before is None and after is None:
        return "history" if done else None
    if after is None:
        return "parent" if parent else "retired" if done else "dropped"
    if before is None:
        return "newly-asked" if after in {"open", "returned"} else "counts-again"
    advanced = _ADVANCED.index(after) - _ADVANCED.index(before)
    if advanced == 0:
        return "kept" if done else None
    if advanced > 0:
        return "counts-again"
    return "waived" if after == "waived" else "asked-again"


def _words(id_: str, roles: Iterable[Role], last: Event | None) -> str:
    """Return the item's words in the first of the roles that has it, or else those of the record."""
    text = next((role.items[id_].text for role in roles if id_ in role.items), None)
    return text or (last.wording.text if last and last.wording else "")


def _words_then(record: Record, id_: str, deed: Event | None) -> str | None:
    """Return the item's words when something was done about it; of a waiver or return, those that were known last."""
    if deed is None or deed.wording:
        return deed.wording.text if deed and deed.wording else None
    return next((event.wording.text for event in reversed(record.by_item[id_]) if event.wording), None)


def _at_once(
    record: Record, before: Ladder | None, after: Ladder | None, today: date
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is overdue, and what waits for something to be signed off first, under the new catalogue alone."""
    if before is None or after is None:
        return (), ()
    was, now = measure(before, record, today).items, measure(after, record, today).items
    late = {each.item.id for each in was if each.overdue}
    held_up = {each.item.id for each in was if each.blocked_by}
    return (
        tuple(each.item.id for each in now if each.overdue and each.item.id not in late),
        tuple(each.item.id for each in now if each.blocked_by and each.item.id not in held_up),
    )


def _tiers(record: Record, before: Ladder | None, after: Ladder | None) -> Iterator[TierEffect]:
    """Yield what becomes of each final sign-off in today's role."""
    for tier, given in record.graduations.items():
        was, _ = _stands(record, before, tier)
        now, missing = _stands(record, after, tier)
        gone = after is None or tier not in {each.id for each in after.role.tiers}
        yield TierEffect(tier, given, was, now, gone, missing)


def _stands(record: Record, ladder: Ladder | None, tier_id: str) -> tuple[bool, tuple[str, ...]]:
    """Return whether the tier's final sign-off covers all that is decided, and what is missing for that."""
    tier = next((each for each in ladder.role.tiers if each.id == tier_id), None) if ladder else None
    if ladder is None or tier is None:
        return False, ()
    return final_sign_off(record, ladder, tier) is not None, tuple(completion(record, ladder, tier)[0])
