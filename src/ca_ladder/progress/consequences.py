"""What another catalogue does to a record: foretold by folding the same events under both, not by rules of its own.

Nothing is taken out of a record. What changes is what is asked, and which of the sign-offs count.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from ca_ladder.catalogue.models import Catalogue, Ladder, Role
from ca_ladder.errors import RoleGone
from ca_ladder.progress.history import absence
from ca_ladder.progress.team import Unreadable
from ca_ladder.record.conclusion import completion, final_sign_off
from ca_ladder.record.events import Event
from ca_ladder.record.folding import Record, State

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
EFFECTS: tuple[Effect, ...] = (
    "kept",
    "asked-again",
    "waived",
    "counts-again",
    "retired",
    "parent",
    "dropped",
    "newly-asked",
    "history",
)
_ADVANCED: tuple[State, ...] = ("open", "returned", "checked", "waived", "signed")


class ItemEffect(NamedTuple):
    """What becomes of one item: its state while it is asked for, before and after.

    ``deed`` is the sign-off, or else the waiver, check or return, that this is about. ``why`` it is not asked for, and
    what replaces it, is told of the new catalogue.
    """

    item: str
    text: str
    effect: Effect
    before: State | None
    after: State | None
    deed: Event | None
    why: str | None
    replaced_by: str | None


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
    """

    name: str
    file: str
    role: str
    role_gone: bool
    role_new: bool
    variants_gone: tuple[str, ...]
    items: tuple[ItemEffect, ...]
    tiers: tuple[TierEffect, ...]

    @property
    def counts(self) -> dict[Effect, int]:
        """How many items there are of each effect."""
        found = Counter(each.effect for each in self.items)
        return {effect: found[effect] for effect in EFFECTS}


class Consequences(NamedTuple):
    """What the new catalogue does to the records of a store, and what could not be read of them."""

    trainees: tuple[TraineeEffects, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()

    def by_item(self) -> dict[str, dict[Effect, list[tuple[TraineeEffects, ItemEffect]]]]:
        """Return by item what becomes of it, and to whom."""
        found: dict[str, dict[Effect, list[tuple[TraineeEffects, ItemEffect]]]] = {}
        for trainee in self.trainees:
            for each in trainee.items:
                found.setdefault(each.item, {}).setdefault(each.effect, []).append((trainee, each))
        return found


def consequences(record: Record, old: Catalogue, new: Catalogue, file: str = "") -> TraineeEffects:
    """Return what the new catalogue does to this record, which was kept under the old one."""
    before, after = _ladder(old, record), _ladder(new, record)
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
        was = record.standing(there[id_]) if id_ in there else None
        now = record.standing(here[id_]) if id_ in here else None
        done = id_ in record.by_item
        held = record.held(id_)
        away = absence(after, record, id_, catalogues[1].roles) if after else None
        parent = after is not None and away is not None and away.why is None
        effect = _effect(was.state if was else None, now.state if now else None, done=done, parent=parent)
        if effect is None:
            continue
        yield ItemEffect(
            item=id_,
            text=_words(id_, roles, held.last),
            effect=effect,
            before=was.state if was else None,
            after=now.state if now else None,
            deed=(was and was.last) or (now and now.last) or held.last,
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
