"""The impact of another catalogue on a record: it is predicted, and comes out as predicted."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

import msgspec
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ca_ladder.catalogue.diff import changes
from ca_ladder.catalogue.models import Catalogue, Entry, Months, Role, Task, Tier, Variant
from ca_ladder.errors import LadderError, RoleGone
from ca_ladder.progress.history import absence, detail, history
from ca_ladder.progress.impact import EFFECTS, Effect, Impact, ItemEffect, TraineeEffects, impact_on_record
from ca_ladder.progress.results import TraineeProgress
from ca_ladder.progress.trainee import measure
from ca_ladder.record.actor import Actor, enrol, enrol_again, graduate, promote
from ca_ladder.record.events import Person, Stamp
from ca_ladder.record.merging import union
from ca_ladder.record.projection import State
from ca_ladder.record.record import Record

ANN = Person(name="Ann", role="trainee")
MO = Person(name="Mo", role="mentor")
KIM = Person(name="Kim", role="manager")
START = date(2026, 1, 5)
TODAY = date(2026, 3, 16)


def stamp(minute: int = 0) -> Stamp:
    """Return the stamp of a command run so many minutes after noon of the first day."""
    return Stamp(datetime.combine(START, time(12), UTC) + timedelta(minutes=minute), "office", "PC")


def catalogue(*entries: Entry, version: str = "1", variant: str | None = None, role: str = "r") -> Catalogue:
    """Return a catalogue of one role with these expectations in its only tier."""
    task = Task(id="k", name="K", why="W", variant=variant, expectations={"a": entries})
    variants = (Variant(id=variant, name="V"),) if variant else ()
    only_role = Role(id=role, name="R", tiers=(Tier(id="a", title="A"),), tasks=(task,), variants=variants)
    return Catalogue(version=version, roles=(only_role,))


def ann(*variants: str) -> Record:
    """Return the record of a trainee in role ``r``."""
    return enrol(stamp(), ANN, name="Ann", start=START, role="r", variants=variants, manager="Kim")


def record_after(record: Record, on: Catalogue, action: str, id_: str, minute: int | None = None) -> Record:
    """Return the record after one action on an item under a catalogue."""
    ladder = on.ladder(record.enrolment.role, record.enrolment.variants)
    at = stamp(len(record.events) if minute is None else minute)
    actor = Actor(ladder, at, ANN if action in {"check", "uncheck"} else MO)
    item = ladder.role.items[id_]
    actions: dict[str, Callable[[], Record]] = {
        "check": lambda: actor.check(record, [item]),
        "uncheck": lambda: actor.uncheck(record, [item]),
        "sign": lambda: actor.sign_off(record, [item], observed=True),
        "return": lambda: actor.decide("return", record, [item], "not yet"),
        "revoke": lambda: actor.decide("revoke", record, [item], "too early"),
        "waive": lambda: actor.decide("waive", record, [item], "not here"),
        "note": lambda: actor.note(record, item, "a word"),
    }
    return actions[action]()


def entry(id_: str = "i", text: str = "Do it", **fields: object) -> Entry:
    """Return an item."""
    return msgspec.convert({"id": id_, "text": text, **fields}, Entry)


def measure_impact(record: Record, old: Catalogue, new: Catalogue) -> TraineeEffects:
    """Return what the new catalogue does to the record today."""
    return impact_on_record(record, old, new, TODAY)


def effect(record: Record, old: Catalogue, new: Catalogue, id_: str = "i") -> ItemEffect:
    """Return what becomes of one item."""
    return next(item for item in measure_impact(record, old, new).items if item.item == id_)


OLD = catalogue(entry(), entry("other"))
SIGNED = record_after(ann(), OLD, "sign", "i")


@pytest.mark.parametrize(
    ("action", "now", "expected", "before", "after"),
    [
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
    ],
)
def test_what_becomes_of_an_item(
    action: str, now: Entry | None, expected: Effect, before: State | None, after: State | None
) -> None:
    """Rewording keeps, another meaning asks again, retiring and deleting ask no longer and keep what was done."""
    record = record_after(ann(), OLD, action, "i")
    result = effect(record, OLD, catalogue(*([now] if now else []), entry("other"), version="2"))
    assert (result.effect, result.before, result.after) == (expected, before, after)
    assert result.event == (None if action == "note" else record.events[-1])


def test_nothing_is_told_of_what_nobody_touched() -> None:
    """An item that is asked as before, and that nobody did anything about, is no news; one that goes or comes is."""
    new = catalogue(entry("other", "Other words"), entry("new"))
    assert [(item.item, item.effect) for item in measure_impact(ann(), OLD, new).items] == [
        ("new", "newly-asked"),
        ("i", "dropped"),
    ]


def test_what_was_done_counts_again_when_the_item_is_asked_for_again() -> None:
    """A sign-off stays in the record while its item is retired, and counts from the day that it is brought back."""
    gone = catalogue(entry(retired=True), entry("other"))
    assert effect(SIGNED, gone, OLD).effect == "counts-again"
    assert effect(SIGNED, catalogue(entry(revision=2)), OLD).effect == "counts-again"
    assert effect(SIGNED, gone, catalogue(entry(revision=2))).effect == "newly-asked"
    assert effect(SIGNED, gone, catalogue(entry("other"))).effect == "history"


def test_a_waiver_on_another_copy_counts_where_the_sign_off_no_longer_does() -> None:
    """Signed off on one copy and waived on another: with another meaning only the waiver is left."""
    begun = ann()
    signed, waived = (record_after(begun, OLD, action, "i") for action in ("sign", "waive"))
    result = effect(union(signed, waived), OLD, catalogue(entry(revision=2)))
    assert (result.effect, result.before, result.after, result.event) == (
        "waived",
        "signed",
        "waived",
        signed.events[-1],
    )


def test_a_variant_may_take_items_away_or_be_gone_itself() -> None:
    """A task that belongs to a variant now is no longer asked of the others. A variant that is gone is named."""
    new = catalogue(entry(), entry("other"), variant="v")
    why = 'it belongs to the variant "v" of the role'
    assert [(item.item, item.effect, item.why) for item in measure_impact(SIGNED, OLD, new).items] == [
        ("i", "retired", why),
        ("other", "dropped", why),
    ]
    of_variant = record_after(ann("v"), OLD, "sign", "i")
    assert measure_impact(of_variant, OLD, new).counts["kept"] == 1
    assert measure_impact(of_variant, new, OLD).variants_gone == ("v",)
    assert measure_impact(of_variant, new, new).variants_gone == ()


def test_a_role_that_is_gone_is_told_and_every_sign_off_is_accounted_for() -> None:
    """Without the role nothing is asked: all that was done is told to stay in the record."""
    record = record_after(SIGNED, OLD, "check", "other")
    other_role = catalogue(entry(), role="s")
    result = measure_impact(record, OLD, other_role)
    assert (result.role_gone, result.role_new) == (True, False)
    assert [(item.item, item.effect, item.before) for item in result.items] == [
        ("i", "retired", "signed"),
        ("other", "retired", "checked"),
    ]
    back = measure_impact(record, other_role, OLD)
    assert (back.role_gone, back.role_new) == (False, True)
    assert back.counts["counts-again"] == 2


def test_a_final_sign_off_holds_until_something_is_asked_that_it_does_not_cover() -> None:
    """Rewording leaves the final sign-off; a new item, or another meaning, takes it from what is asked today."""
    ladder = OLD.ladder("r", ())
    record = record_after(SIGNED, OLD, "sign", "other")
    record = graduate(record, ladder, stamp(9), KIM, ladder.role.tiers[0])

    def coverage(new: Catalogue, old: Catalogue = OLD) -> tuple[bool, bool, bool, tuple[str, ...]]:
        (tier,) = measure_impact(record, old, new).tiers
        return tier.before, tier.after, tier.gone, tier.missing

    more = catalogue(entry(), entry("other"), entry("new"))
    assert coverage(catalogue(entry(text="Do it well"), entry("other"))) == (True, True, False, ())
    assert coverage(catalogue(entry())) == (True, True, False, ())
    assert coverage(more) == (True, False, False, ("new",))
    assert coverage(catalogue(entry(revision=2), entry("other"))) == (True, False, False, ("i",))
    assert coverage(OLD, more) == (False, True, False, ())
    other = replace(OLD.roles[0], tiers=(Tier(id="b", title="B"),))
    assert coverage(replace(OLD, roles=(other,)))[1:] == (False, True, ())


def test_what_was_signed_in_a_former_role_is_told_there_and_not_as_retired() -> None:
    """A promotion asks for other items: those of the role before are in its sentence, not among the retired."""
    second = catalogue(entry("s-1"), role="s").roles[0]
    both = Catalogue(version="1", roles=(*OLD.roles, second))
    record = promote(SIGNED, stamp(5), KIM, both.roles, role="s", start=START)
    record = record_after(record, both, "sign", "s-1")
    gone = replace(both, roles=(OLD.roles[0], catalogue(entry("s-2"), role="s").roles[0]))

    assert measure(both.ladder("s", ()), record, TODAY).no_longer_asked == ()
    kept = measure(gone.ladder("s", ()), record, TODAY).no_longer_asked
    assert kept == (record.events[-1],)
    assert {item.item: item.effect for item in measure_impact(record, both, gone).items} == {
        "s-1": "retired",
        "s-2": "newly-asked",
        "i": "history",
    }


def test_what_counts_again_under_other_words_says_them() -> None:
    """An id given to another item brings its old sign-off along: the words that were signed are told, and loudly."""
    gone, again = catalogue(entry("other")), catalogue(entry(text="Fly"), entry("other"))
    result = effect(SIGNED, gone, again)
    assert (result.effect, result.words, result.other_words) == ("counts-again", "Do it", "Do it")
    assert effect(SIGNED, gone, catalogue(entry(text="do it."))).other_words is None

    def reused(record: Record, old: Catalogue, new: Catalogue) -> dict[str, list[str]]:
        return Impact((measure_impact(record, old, new),)).reused_ids(changes(old, new))

    assert reused(SIGNED, gone, again) == {"i": ["Do it"]}
    assert reused(SIGNED, gone, OLD) == {}, "the same item, brought back"
    assert reused(SIGNED, OLD, again) == {}, "reworded, which is told of the item"
    assert reused(SIGNED, gone, catalogue(entry(text="Fly", revision=2))) == {}, "nothing counts for it"
    checked = record_after(ann(), OLD, "check", "i")
    assert reused(checked, gone, again) == {}, "a mentor will see what is claimed"
    assert reused(record_after(ann(), OLD, "waive", "i"), gone, again) == {"i": []}, "nobody knows for which words"
    assert reused(record_after(checked, OLD, "waive", "i"), gone, again) == {"i": ["Do it"]}


@pytest.mark.parametrize(
    ("replacements", "first_still_asked"),
    [
        ([entry(replaced_by="b", retired=True), entry("b")], "b"),
        ([entry(replaced_by="b", retired=True), entry("b", replaced_by="c", retired=True), entry("c")], "c"),
        ([entry(replaced_by="b", retired=True), entry("b", children=[{"id": "c", "text": "Part"}])], "b"),
        ([entry(replaced_by="b", retired=True), entry("b", replaced_by="i", retired=True), entry("c")], None),
        ([entry(replaced_by="i", retired=True), entry("c")], None),
        ([entry(replaced_by="b", retired=True), entry("b", retired=True), entry("c")], None),
    ],
    ids=["one", "chain", "parent", "circle", "itself", "dead end"],
)
def test_what_replaces_an_item_is_the_first_that_is_still_asked_for(
    replacements: list[Entry], first_still_asked: str | None
) -> None:
    """Nobody is sent to an item that was retired itself: the replacements are followed, and never round and round."""
    new = catalogue(*replacements, version="2")
    away = absence(new.ladder("r", ()), SIGNED, "i", new.roles)
    assert away is not None
    assert (away.replaced_by.id if away.replaced_by else None) == first_still_asked
    assert effect(SIGNED, OLD, new).replaced_by == first_still_asked


def test_what_replaces_an_item_is_not_of_a_variant_that_the_trainee_has_not() -> None:
    """What only others are asked for replaces nothing here; of a role that the trainee had before, what it asks for."""
    mine = Task(id="k", name="K", why="W", expectations={"a": (entry(replaced_by="b", retired=True),)})
    others = Task(id="l", name="L", why="W", variant="v", expectations={"a": (entry("b"),)})
    variants = (Variant(id="v", name="V"),)
    role = Role(id="r", name="R", tiers=(Tier(id="a", title="A"),), tasks=(mine, others), variants=variants)
    second = catalogue(entry("s-1"), role="s").roles[0]
    new = Catalogue(version="2", roles=(role, second))

    def replaced_by(role: str, *variants: str) -> str | None:
        away = absence(new.ladder(role, variants), SIGNED, "i", new.roles)
        return away.replaced_by.id if away and away.replaced_by else None

    assert (replaced_by("r"), replaced_by("r", "v"), replaced_by("s")) == (None, "b", "b")


def months(first: int, until: int) -> Months:
    """Return the months from the first up to the second."""
    return Months(first=first, until=until)


def timed(first: tuple[Entry, ...], second: tuple[Entry, ...], until: int = 3, gate: str | None = None) -> Catalogue:
    """Return a catalogue with these expectations in two tiers, of which the first ends after so many months."""
    tiers = Tier(id="a", title="A", months=months(0, until)), Tier(id="b", title="B", months=months(until, 9))
    task = Task(id="k", name="K", why="W", gate=gate, expectations={"a": first, "b": second}, skills=(entry("gate"),))
    return Catalogue(version="1", roles=(Role(id="r", name="R", tiers=tiers, tasks=(task,)),))


ONE, TWO = entry("i"), entry("j")


@pytest.mark.parametrize(
    ("new", "overdue", "blocked"),
    [
        (timed((ONE,), (TWO,)), (), ()),
        (timed((ONE,), (TWO,), until=2), ("i",), ()),
        (timed((ONE, TWO), (), until=2), ("i", "j"), ()),
        (timed((ONE, entry("new")), (TWO,), until=2), ("i", "new"), ()),
        (timed((ONE,), (TWO,), gate="gate"), (), ("i", "j")),
        (timed((ONE,), (entry("j", requires=["i"]),)), (), ("j",)),
        (timed((ONE,), (TWO, entry("new", requires=["i"]))), (), ("new",)),
        (timed((), (entry("j", requires=["gate"]), ONE)), (), ("j",)),
    ],
    ids=["nothing", "months", "moved too", "new", "gate", "requires", "new that requires", "moved away"],
)
def test_what_is_late_or_has_to_wait_at_once_is_told(
    new: Catalogue, overdue: tuple[str, ...], blocked: tuple[str, ...]
) -> None:
    """Other months, another tier, a gate or a prerequisite touch the trainee on the day that they come."""
    old = timed((ONE,), (TWO,))
    result = measure_impact(ann(), old, new)
    assert (result.overdue, result.blocked) == (overdue, blocked)
    assert measure_impact(ann(), new, new)[-2:] == ((), ()), "what was so before is no news"
    done = measure_impact(record_after(record_after(ann(), old, "sign", "i"), old, "sign", "j"), old, new)
    assert not {"i", "j"} & {*done.overdue, *done.blocked}
    assert measure_impact(ann(), catalogue(entry(), role="s"), new)[-2:] == ((), ()), "there is nothing to compare with"


# --- as it was predicted ------------------------------------------------------------------------------------------

IDS = [f"i-{number}" for number in range(6)]
ACTIONS = ["check", "sign", "sign", "uncheck", "return", "revoke", "waive", "note"]
STEPS = [*ACTIONS, *ACTIONS, "conclude", "conclude", "conclude", "undo", "variants", "part", "part", "unite"]


@st.composite
def catalogues(draw: st.DrawFn, version: str) -> Catalogue:
    """Return a small catalogue: some of six items, each somewhere, in some revision, retired or not, with children.

    Some wait for others to be signed off, the tiers may have months, and a tier or a role may be missing.
    """
    ends = draw(st.sampled_from([None, 2, 3]))
    windows = (months(0, ends), months(ends, 12)) if ends else (None, None)
    both = Tier(id="a", title="A", months=windows[0]), Tier(id="b", title="B", months=windows[1])
    tiers = draw(st.sampled_from([both, both, both[:1], both[1:]]))
    lists = [("k", tiers[0].id), ("k", tiers[0].id), ("k", tiers[-1].id), ("v", tiers[0].id), ("k", "-"), ("s", "a")]

    left = draw(st.permutations(IDS))[: draw(st.integers(3, 6))]
    entries: dict[tuple[str, str], list[Entry]] = {key: [] for key in lists}
    live: dict[bool, list[str]] = {True: [], False: []}  # by role, what may be required
    while left:
        id_ = left.pop()
        children = [left.pop() for _ in range(draw(st.sampled_from([0, 0, 0, min(len(left), 1)])))]
        key = draw(st.sampled_from(lists))
        of_role = live[key[0] == "s"]
        fields = {
            "revision": draw(st.sampled_from([1, 1, 2])),
            "retired": draw(st.integers(0, 7)) == 7,
            "requires": draw(st.sampled_from([(), tuple(of_role[-1:])])),
            "children": [entry(child, revision=draw(st.integers(1, 3))) for child in children],
        }
        entries[key].append(entry(id_, draw(st.sampled_from(["Do", "Do it"])), **fields))
        of_role += [] if fields["retired"] or children else [id_]

    skills = tuple(entries["k", "-"])
    gate = draw(st.sampled_from([None, *(skill.id for skill in skills if skill.id in live[False])]))

    def task(id_: str, variant: str | None = None) -> Task:
        by_tier = {tier: tuple(below) for (task, tier), below in entries.items() if task == id_ and tier != "-"}
        common = Task(id=id_, name=id_, why="W", variant=variant, expectations=by_tier)
        return replace(common, skills=skills, gate=gate) if id_ == "k" else common

    variants = (Variant(id="v", name="V"),)
    first, second = task("k"), task("v", draw(st.sampled_from([None, "v"])))
    role = Role(id="r", name="R", tiers=tiers, tasks=(first, second), variants=variants)
    other = Role(id="s", name="S", tiers=both[:1], tasks=(task("s"),))
    return Catalogue(version=version, roles=(role, other) if draw(st.integers(0, 19)) < 19 else (other,))


def try_step(record: Record, on: Catalogue, step: str, id_: str, minute: int) -> Record:
    """Return the record after one step under a catalogue; raises what keeps it from being taken."""
    ladder = on.ladder(record.enrolment.role, record.enrolment.variants)
    at, number = stamp(minute), IDS.index(id_)
    if step == "undo":
        return Actor(ladder, at, record.events[-1].by).undo(record)
    if step == "promote":
        return promote(record, at, KIM, on.roles, role="s", start=START)
    if step == "variants":
        return enrol_again(record, at, KIM, variants=("v",) if number % 2 else ())
    if step == "conclude":
        tier = ladder.role.tiers[number % len(ladder.role.tiers)]
        left = [item for item in ladder.items.values() if record.status(item).state not in {"signed", "waived"}]
        record = Actor(ladder, at, MO).sign_off(record, left, observed=True)
        return graduate(record, ladder, at, KIM, tier)
    return record_after(record, on, step, id_, minute)


@st.composite
def records(draw: st.DrawFn, *on: Catalogue) -> Record:
    """Return a record of what people did under these catalogues, on one copy or two, as far as the rules let them."""
    record, copy = ann(*draw(st.sampled_from([(), ("v",)]))), None
    steps = st.tuples(st.sampled_from(STEPS), st.sampled_from(IDS), st.sampled_from(on), st.booleans())
    taken = draw(st.lists(steps, min_size=20, max_size=45))
    if draw(st.integers(0, 4)) == 4:
        taken.insert(draw(st.integers(0, len(taken))), ("promote", IDS[0], on[0], False))
    for minute, (step, id_, under, on_copy) in enumerate(taken, start=1):
        if step == "part":
            copy = copy or record
        elif step == "unite":
            record, copy = union(record, copy or record), None
        else:
            with suppress(LadderError, KeyError):  # what is not possible, or not there, is not done
                after = try_step(copy if copy and on_copy else record, under, step, id_, minute)
                record, copy = (record, after) if copy and on_copy else (after, copy)
    return union(record, copy or record)


def measured(record: Record, on: Catalogue) -> TraineeProgress | None:
    """Return the record as it is measured; None where the catalogue does not have the role."""
    with suppress(RoleGone):
        return measure(on.ladder(record.enrolment.role, record.enrolment.variants), record, TODAY)
    return None


@pytest.mark.slow
@settings(max_examples=300)
@given(st.data(), catalogues("1"), catalogues("2"))
def test_what_is_predicted_is_what_is_measured(data: st.DataObject, old: Catalogue, new: Catalogue) -> None:
    """Every item's state, before and after, and every final sign-off: as diff says. Each sign-off has one outcome."""
    record = data.draw(records(old, new))
    result = measure_impact(record, old, new)
    effects = {item.item: item for item in result.items}
    was, now = measured(record, old), measured(record, new)
    assert (result.role_new, result.role_gone) == (was is None, now is None)
    for progress, side in ((was, "before"), (now, "after")):
        states = {item.item.id: item.state for item in progress.items} if progress else {}
        predicted = {id_: getattr(item, side) for id_, item in effects.items() if getattr(item, side)}
        assert predicted == {id_: state for id_, state in states.items() if id_ in effects}
        assert {state for id_, state in states.items() if id_ not in effects} <= {"open"}
        coverage = {tier.tier.id: tier.stands for tier in progress.tiers if tier.graduation} if progress else {}
        tiers = {tier.tier: getattr(tier, side) for tier in result.tiers}
        assert tiers == dict.fromkeys(record.graduations, False) | coverage
    for item in result.items:
        event(item.effect)
        assert (item.effect == "kept") == (item.before is not None and item.before == item.after)
        assert (item.effect in {"retired", "parent", "dropped"}) == (item.before is not None and item.after is None)
        assert (item.effect == "newly-asked") == (item.before is None and item.after in {"open", "returned"})
        assert (item.effect == "history") == (item.before is None and item.after is None)
    assert len(effects) == len(result.items) == sum(result.counts.values())
    assert list(result.counts) == list(EFFECTS)
    assert set(record.by_item) <= effects.keys()
    for written in record.events:
        if written.kind == "sign-off" and written.item:
            assert written.item in effects or written.id in record.undone
            assert written in [line.event for line in history(record, written.item)]
    same = measure_impact(record, old, old)  # which asks nothing again, and nothing new
    assert {item.effect for item in same.items} <= {"kept", "history"}
    assert all(tier.before == tier.after for tier in same.tiers)
    assert (same.overdue, same.blocked) == ((), ())


@pytest.mark.slow
@settings(max_examples=300)
@given(st.data(), catalogues("1"), catalogues("2"))
def test_what_comes_is_what_was_predicted(data: st.DataObject, old: Catalogue, new: Catalogue) -> None:
    """Under the new catalogue, what is no longer asked, missing, overdue or blocked is what diff said would be."""
    record = data.draw(records(old, new))
    result = measure_impact(record, old, new)
    was, now = measured(record, old), measured(record, new)
    gone = {tier.tier for tier in result.tiers if tier.gone}
    if now is None:
        assert (gone, result.overdue, result.blocked) == (set(record.graduations), (), ())
        return
    assert gone == {final.graduation.tier for final in now.tiers_gone if final.graduation}
    order = [tier.tier.id for tier in now.tiers]
    for label, occurs in (
        ("of two copies", record.causality.branched),
        ("undone", record.undone),
        ("promoted", record.past_roles),
        ("overdue", result.overdue),
        ("blocked", result.blocked),
        ("no longer asked", now.no_longer_asked),
        ("more than 20 events", len(record.events) > 20),
    ):
        if occurs:
            event(label)
    unfinished = [(item.item.tier.id, item.item.id) for item in now.items if item.item.tier and item.unfinished]
    for tier in result.tiers:
        event("a tier that is gone" if tier.gone else "a tier that stays")
        upto = order[: order.index(tier.tier) + 1] if not tier.gone else []
        assert {*tier.missing} == {id_ for tier_id, id_ in unfinished if tier_id in upto}
    if was:
        before, after = ({item.item.id: item for item in progress.items} for progress in (was, now))
        for predicted, field in ((result.overdue, "overdue"), (result.blocked, "blocked_by")):
            first, then = ({id_ for id_ in items if getattr(items[id_], field)} for items in (before, after))
            assert {*predicted} == then - first
        assert all(after[id_].unfinished for id_ in result.blocked)
    kept = {retained.item for retained in now.no_longer_asked}
    not_asked = {item.item for item in result.items if not item.after}
    signed = {id_ for id_ in not_asked if record.status_of_any_revision(id_).sign_off}
    assert kept == signed if not record.past_roles else kept <= signed
    for item in result.items:
        shown = detail(now, record, item.item, new.roles)
        assert shown is not None or item.effect == "dropped"
        assert shown is None or (shown.absence and shown.absence.why) == item.why
