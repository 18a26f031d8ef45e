"""Consequences: what another catalogue does to a record is foretold, and comes out as it was foretold."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ca_ladder.catalogue.models import Catalogue, Entry, Ladder, Role, Task, Tier, Variant
from ca_ladder.errors import LadderError, RoleGone
from ca_ladder.progress.consequences import EFFECTS, Effect, ItemEffect, consequences
from ca_ladder.progress.history import detail, history
from ca_ladder.progress.trainee import measure
from ca_ladder.record.events import Person, Stamp
from ca_ladder.record.folding import Record, State
from ca_ladder.record.rules import Act, enrol, graduate, promote

ANN, MO, KIM = (
    Person(name="Ann", role="trainee"),
    Person(name="Mo", role="mentor"),
    Person(name="Kim", role="manager"),
)
START = date(2026, 1, 5)
TODAY = date(2026, 3, 16)


def stamp(minute: int = 0) -> Stamp:
    """Return the stamp of a command run so many minutes after noon of the first day."""
    return Stamp(datetime.combine(START, time(12), UTC) + timedelta(minutes=minute), "office", "PC")


def catalogue(*entries: Entry, version: str = "1", variant: str | None = None, role: str = "r") -> Catalogue:
    """Return a catalogue of one role with these expectations in its only tier."""
    task = Task(id="k", name="K", why="W", variant=variant, expectations={"a": entries})
    variants = (Variant(id=variant, name="V"),) if variant else ()
    own = Role(id=role, name="R", tiers=(Tier(id="a", title="A"),), tasks=(task,), variants=variants)
    return Catalogue(version=version, roles=(own,))


def ann(*variants: str) -> Record:
    """Return the record of a trainee in role ``r``."""
    return enrol(stamp(), ANN, name="Ann", start=START, role="r", variants=variants, manager="Kim")


def did(record: Record, on: Catalogue, what: str, id_: str) -> Record:
    """Return the record after one thing was done to an item under a catalogue."""
    ladder = on.ladder(record.enrolment.role, record.enrolment.variants)
    act = Act(ladder, stamp(len(record.events)), ANN if what in {"check", "uncheck"} else MO)
    item = [ladder.role.items[id_]]
    if what == "check":
        return act.check(record, item)
    if what == "uncheck":
        return act.uncheck(record, item)
    if what == "sign":
        return act.sign_off(record, item, observed=True)
    if what == "return":
        return act.send_back(record, item, "not yet")
    if what == "revoke":
        return act.revoke(record, item, "too early")
    if what == "waive":
        return act.waive(record, item, "not here")
    return act.note(record, item[0], "a word")


def entry(id_: str = "i", text: str = "Do it", **said: object) -> Entry:
    """Return an item."""
    return Entry.model_validate({"id": id_, "text": text, **said})


def effect(record: Record, old: Catalogue, new: Catalogue, id_: str = "i") -> ItemEffect:
    """Return what becomes of one item."""
    return next(each for each in consequences(record, old, new).items if each.item == id_)


OLD = catalogue(entry(), entry("other"))

CASES: list[tuple[str, Entry | None, Effect, State | None, State | None]] = [
    ("sign", entry(text="Do it well"), "kept", "signed", "signed"),
    ("check", entry(text="Do it well"), "kept", "checked", "checked"),
    ("waive", entry(revision=2), "kept", "waived", "waived"),
    ("note", entry(revision=2), "kept", "open", "open"),
    ("sign", entry(revision=2), "asked-again", "signed", "open"),
    ("check", entry(revision=2), "asked-again", "checked", "open"),
    ("sign", entry(retired=True), "retired", "signed", None),
    ("waive", entry(retired=True), "retired", "waived", None),
    ("check", None, "retired", "checked", None),
    ("note", None, "retired", "open", None),
    ("sign", entry(children=[{"id": "c", "text": "Part"}]), "parent", "signed", None),
]


@pytest.mark.parametrize(("done", "now", "what", "before", "after"), CASES)
def test_what_becomes_of_an_item(
    done: str, now: Entry | None, what: Effect, before: State | None, after: State | None
) -> None:
    """Rewording keeps, another meaning asks again, retiring and deleting ask no longer and keep what was done."""
    record = did(ann(), OLD, done, "i")
    new = catalogue(*([now] if now else []), entry("other"), version="2")
    found = effect(record, OLD, new)
    assert (found.effect, found.before, found.after) == (what, before, after)
    assert found.deed == (None if done == "note" else record.events[-1])


def test_nothing_is_told_of_what_nobody_touched() -> None:
    """An item that is asked as before, and that nobody did anything about, is no news; one that goes or comes is."""
    new = catalogue(entry("other", "Other words"), entry("new"))
    assert [(each.item, each.effect) for each in consequences(ann(), OLD, new).items] == [
        ("new", "newly-asked"),
        ("i", "dropped"),
    ]


def test_what_was_done_counts_again_when_the_item_is_asked_for_again() -> None:
    """A sign-off stays in the record while its item is retired, and counts from the day that it is brought back."""
    record = did(ann(), OLD, "sign", "i")
    gone = catalogue(entry(retired=True), entry("other"))
    assert effect(record, gone, OLD).effect == "counts-again"
    assert effect(record, catalogue(entry(revision=2)), OLD).effect == "counts-again"
    assert effect(record, gone, catalogue(entry(revision=2))).effect == "newly-asked"
    assert effect(record, gone, catalogue(entry("other"))).effect == "history"


def test_a_waiver_on_another_copy_counts_where_the_sign_off_no_longer_does() -> None:
    """Signed off on one copy and waived on another: with another meaning only the waiver is left."""
    begun = ann()
    signed, waived = did(begun, OLD, "sign", "i").events[-1], did(begun, OLD, "waive", "i").events[-1]
    record = Record((*begun.events, signed, waived))
    found = effect(record, OLD, catalogue(entry(revision=2)))
    assert (found.effect, found.before, found.after, found.deed) == ("waived", "signed", "waived", signed)


def test_the_replacement_and_the_reason_are_those_that_show_gives() -> None:
    """What diff says of an item that is not asked for is what `show` says with the new catalogue."""
    record = did(ann(), OLD, "sign", "i")
    new = catalogue(entry(retired=True, replaced_by="other"), entry("other"), version="2")
    found = effect(record, OLD, new)
    known = detail(measure(new.ladder("r", ()), record, TODAY), record, "i", new.roles)
    assert known is not None
    assert known.absence is not None
    assert (found.why, found.replaced_by) == (known.absent, "other")
    assert known.absence.replaced_by == new.roles[0].items["other"]
    assert known.absence.held.sign_off == record.events[-1]


def test_a_task_of_a_variant_alone_takes_its_items_from_the_others() -> None:
    """An item that was not changed itself may no longer be asked, because its task now belongs to a variant."""
    record = did(ann(), OLD, "sign", "i")
    new = catalogue(entry(), entry("other"), variant="v")
    found = consequences(record, OLD, new)
    assert [(each.item, each.effect, each.why) for each in found.items] == [
        ("i", "retired", 'it belongs to the variant "v" of the role'),
        ("other", "dropped", 'it belongs to the variant "v" of the role'),
    ]
    assert consequences(did(ann("v"), OLD, "sign", "i"), OLD, new).counts["kept"] == 1


def test_a_variant_that_is_gone_is_told() -> None:
    """The trainee's variant that the role no longer has is named."""
    there = catalogue(entry(), variant="v")
    assert consequences(ann("v"), there, catalogue(entry())).variants_gone == ("v",)
    assert consequences(ann("v"), there, there).variants_gone == ()


def test_a_role_that_is_gone_is_told_and_every_sign_off_is_accounted_for() -> None:
    """Without the role nothing is asked: all that was done is told to stay in the record."""
    record = did(did(ann(), OLD, "sign", "i"), OLD, "check", "other")
    found = consequences(record, OLD, catalogue(entry(), role="s"))
    assert (found.role_gone, found.role_new) == (True, False)
    assert [(each.item, each.effect, each.before) for each in found.items] == [
        ("i", "retired", "signed"),
        ("other", "retired", "checked"),
    ]
    back = consequences(record, catalogue(entry(), role="s"), OLD)
    assert (back.role_gone, back.role_new) == (False, True)
    assert back.counts["counts-again"] == 2


def test_a_final_sign_off_holds_until_something_is_asked_that_it_does_not_cover() -> None:
    """Rewording leaves the final sign-off; a new item, or another meaning, takes it from what is asked today."""
    ladder = OLD.ladder("r", ())
    record = did(did(ann(), OLD, "sign", "i"), OLD, "sign", "other")
    record = graduate(record, ladder, stamp(9), KIM, ladder.role.tiers[0])

    def stands(new: Catalogue, old: Catalogue = OLD) -> tuple[bool, bool, bool, tuple[str, ...]]:
        (tier,) = consequences(record, old, new).tiers
        return tier.before, tier.after, tier.gone, tier.missing

    more = catalogue(entry(), entry("other"), entry("new"))
    assert stands(catalogue(entry(text="Do it well"), entry("other"))) == (True, True, False, ())
    assert stands(catalogue(entry())) == (True, True, False, ())
    assert stands(more) == (True, False, False, ("new",))
    assert stands(catalogue(entry(revision=2), entry("other"))) == (True, False, False, ("i",))
    assert stands(OLD, more) == (False, True, False, ())
    other = OLD.roles[0].model_copy(update={"tiers": (Tier(id="b", title="B"),)})
    assert stands(OLD.model_copy(update={"roles": (other,)}))[1:] == (False, True, ())


def test_what_was_signed_in_a_former_role_is_told_there_and_not_as_retired() -> None:
    """A promotion asks for other items: those of the role before are in its sentence, not among the retired."""
    second = catalogue(entry("s-1"), role="s").roles[0]
    both = Catalogue(version="1", roles=(*OLD.roles, second))
    record = did(ann(), both, "sign", "i")
    record = promote(record, stamp(5), KIM, both.roles, role="s", start=START)
    record = did(record, both, "sign", "s-1")
    gone = both.model_copy(update={"roles": (OLD.roles[0], catalogue(entry("s-2"), role="s").roles[0])})

    assert measure(both.ladder("s", ()), record, TODAY).no_longer_asked == ()
    kept = measure(gone.ladder("s", ()), record, TODAY).no_longer_asked
    assert [(each.item, each.sign_off) for each in kept] == [("s-1", record.events[-1])]
    assert {each.item: each.effect for each in consequences(record, both, gone).items} == {
        "s-1": "retired",
        "s-2": "newly-asked",
        "i": "history",
    }


# --- as it was foretold -------------------------------------------------------------------------------------------

IDS = [f"i-{number}" for number in range(5)]
TIERS = (Tier(id="a", title="A"), Tier(id="b", title="B"))
DEEDS = ["check", "sign", "sign", "uncheck", "return", "revoke", "waive", "note"]


@st.composite
def catalogues(draw: st.DrawFn, version: str) -> Catalogue:
    """Return a small catalogue: some of five items, each somewhere, in some revision, retired or not, with children."""
    left = draw(st.permutations(IDS))[: draw(st.integers(3, 5))]
    found: dict[tuple[str, str], list[Entry]] = {}
    while left:
        own = left.pop()
        children = [left.pop() for _ in range(draw(st.sampled_from([0, 0, 0, min(len(left), 1)])))]
        place = draw(st.sampled_from([*[("k", "a")] * 6, ("k", "b"), ("v", "a"), ("k", "skill"), ("s", "a")]))
        said = {"revision": draw(st.sampled_from([1, 1, 2])), "retired": draw(st.integers(0, 4)) == 4}
        below = [entry(each, revision=draw(st.integers(1, 3))) for each in children]
        found.setdefault(place, []).append(entry(own, draw(st.sampled_from(["Do", "Do it"])), children=below, **said))

    def task(id_: str, variant: str | None = None) -> Task:
        own = {tier.id: tuple(found.get((id_, tier.id), ())) for tier in TIERS}
        skills = tuple(found.get((id_, "skill"), ()))
        return Task(id=id_, name=id_, why="W", variant=variant, expectations=own, skills=skills)

    variant = draw(st.sampled_from([None, "v"]))
    variants = (Variant(id="v", name="V"),)
    tiers = TIERS if draw(st.booleans()) or any(place[1] == "b" for place in found) else TIERS[:1]
    role = Role(id="r", name="R", tiers=tiers, tasks=(task("k"), task("v", variant)), variants=variants)
    other = Role(id="s", name="S", tiers=TIERS[:1], tasks=(task("s"),))
    return Catalogue(version=version, roles=(role, other) if draw(st.integers(0, 9)) < 9 else (other,))


@st.composite
def records(draw: st.DrawFn, *on: Catalogue) -> Record:
    """Return a record of what people did under these catalogues, as far as the rules let them."""
    record = ann(*draw(st.sampled_from([(), ("v",)])))
    for _ in range(draw(st.integers(4, 16))):
        under = draw(st.sampled_from(on))
        with suppress(LadderError, KeyError):  # what is not possible, or not there, is not done
            record = did(record, under, draw(st.sampled_from(DEEDS)), draw(st.sampled_from(IDS)))
        if draw(st.integers(0, 3)) == 0:
            with suppress(LadderError):
                ladder = under.ladder("r", record.enrolment.variants)
                tier = draw(st.sampled_from(ladder.role.tiers))
                record = graduate(record, ladder, stamp(len(record.events)), KIM, tier)
    return record


def ladder_of(record: Record, on: Catalogue) -> Ladder | None:
    """Return the trainee's ladder; None where the catalogue does not have the role."""
    with suppress(RoleGone):
        return on.ladder(record.enrolment.role, record.enrolment.variants)
    return None


@settings(max_examples=400)
@given(st.data(), catalogues("1"), catalogues("2"))
def test_what_is_foretold_is_what_is_measured(data: st.DataObject, old: Catalogue, new: Catalogue) -> None:
    """Every item's state, before and after, every final sign-off and all that is no longer asked: as diff says."""
    record = data.draw(records(old, new))
    found = consequences(record, old, new)
    effects = {each.item: each for each in found.items}
    for on, side in ((old, "before"), (new, "after")):
        ladder = ladder_of(record, on)
        foretold = {id_: getattr(each, side) for id_, each in effects.items() if getattr(each, side)}
        if ladder is None:
            assert not foretold
            assert found.role_new if side == "before" else found.role_gone
            continue
        measured = measure(ladder, record, TODAY)
        states = {each.item.id: each.state for each in measured.items}
        assert foretold == {id_: state for id_, state in states.items() if id_ in effects}
        assert {state for id_, state in states.items() if id_ not in effects} <= {"open"}
        given_ = {each.tier.id: each.stands for each in measured.tiers if each.graduation}
        assert {each.tier: getattr(each, side) for each in found.tiers if each.tier in given_} == given_
        if side == "after":
            kept = {each.item for each in measured.no_longer_asked}
            assert kept == {each.item for each in found.items if not each.after and record.held(each.item).sign_off}
            for each in found.items:
                known = detail(measured, record, each.item, new.roles)
                assert known is not None or each.effect == "dropped"
                assert known is None or known.absent == each.why
    for effect_ in {each.effect for each in found.items}:
        event(effect_)


@given(st.data(), catalogues("1"), catalogues("2"))
def test_every_sign_off_has_exactly_one_outcome(data: st.DataObject, old: Catalogue, new: Catalogue) -> None:
    """Nobody's sign-off is without a word, nor told of twice; and the log has it as it had."""
    record = data.draw(records(old, new))
    found = consequences(record, old, new)
    outcomes = Counter(each.item for each in found.items)
    for each in record.events:
        if each.kind == "sign-off" and each.item:
            assert outcomes[each.item] == 1
            assert each in [line.event for line in history(record, each.item)]
    assert set(record.by_item) <= outcomes.keys()
    assert sum(found.counts.values()) == len(found.items)
    assert list(found.counts) == list(EFFECTS)


@given(st.data(), catalogues("1"))
def test_the_same_catalogue_does_nothing(data: st.DataObject, same: Catalogue) -> None:
    """Where nothing is changed nothing is asked again, retired or newly asked, and every state is kept."""
    record = data.draw(records(same))
    found = consequences(record, same, same)
    assert {each.effect for each in found.items} <= {"kept", "history"}
    assert all(each.before == each.after for each in found.items)
    assert all(each.before == each.after for each in found.tiers)
