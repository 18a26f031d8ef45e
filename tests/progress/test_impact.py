"""Consequences: what another catalogue does to a record is foretold, and comes out as it was foretold."""

from collections import Counter
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
from ca_ladder.progress.results import ItemProgress, TraineeProgress
from ca_ladder.progress.trainee import measure
from ca_ladder.record.events import Person, Stamp
from ca_ladder.record.merging import union
from ca_ladder.record.projection import State
from ca_ladder.record.record import Record
from ca_ladder.record.rules import Actor, enrol, enrol_again, graduate, promote

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


def record_after(record: Record, on: Catalogue, what: str, id_: str, minute: int | None = None) -> Record:
    """Return the record after one thing was done to an item under a catalogue."""
    ladder = on.ladder(record.enrolment.role, record.enrolment.variants)
    at = stamp(len(record.events) if minute is None else minute)
    actor = Actor(ladder, at, ANN if what in {"check", "uncheck"} else MO)
    item = [ladder.role.items[id_]]
    if what == "check":
        return actor.check(record, item)
    if what == "uncheck":
        return actor.uncheck(record, item)
    if what == "sign":
        return actor.sign_off(record, item, observed=True)
    if what == "return":
        return actor.send_back(record, item, "not yet")
    if what == "revoke":
        return actor.revoke(record, item, "too early")
    if what == "waive":
        return actor.waive(record, item, "not here")
    return actor.note(record, item[0], "a word")


def entry(id_: str = "i", text: str = "Do it", **said: object) -> Entry:
    """Return an item."""
    return msgspec.convert({"id": id_, "text": text, **said}, Entry)


def measure_impact(record: Record, old: Catalogue, new: Catalogue) -> TraineeEffects:
    """Return what the new catalogue does to the record on the day that all of this is about."""
    return impact_on_record(record, old, new, TODAY)


def effect(record: Record, old: Catalogue, new: Catalogue, id_: str = "i") -> ItemEffect:
    """Return what becomes of one item."""
    return next(item for item in measure_impact(record, old, new).items if item.item == id_)


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
    record = record_after(ann(), OLD, done, "i")
    new = catalogue(*([now] if now else []), entry("other"), version="2")
    found = effect(record, OLD, new)
    assert (found.effect, found.before, found.after) == (what, before, after)
    assert found.event == (None if done == "note" else record.events[-1])


def test_nothing_is_told_of_what_nobody_touched() -> None:
    """An item that is asked as before, and that nobody did anything about, is no news; one that goes or comes is."""
    new = catalogue(entry("other", "Other words"), entry("new"))
    assert [(item.item, item.effect) for item in measure_impact(ann(), OLD, new).items] == [
        ("new", "newly-asked"),
        ("i", "dropped"),
    ]


def test_what_was_done_counts_again_when_the_item_is_asked_for_again() -> None:
    """A sign-off stays in the record while its item is retired, and counts from the day that it is brought back."""
    record = record_after(ann(), OLD, "sign", "i")
    gone = catalogue(entry(retired=True), entry("other"))
    assert effect(record, gone, OLD).effect == "counts-again"
    assert effect(record, catalogue(entry(revision=2)), OLD).effect == "counts-again"
    assert effect(record, gone, catalogue(entry(revision=2))).effect == "newly-asked"
    assert effect(record, gone, catalogue(entry("other"))).effect == "history"


def test_a_waiver_on_another_copy_counts_where_the_sign_off_no_longer_does() -> None:
    """Signed off on one copy and waived on another: with another meaning only the waiver is left."""
    begun = ann()
    signed, waived = record_after(begun, OLD, "sign", "i").events[-1], record_after(begun, OLD, "waive", "i").events[-1]
    record = Record((*begun.events, signed, waived))
    found = effect(record, OLD, catalogue(entry(revision=2)))
    assert (found.effect, found.before, found.after, found.event) == ("waived", "signed", "waived", signed)


def test_the_replacement_and_the_reason_are_those_that_show_gives() -> None:
    """What diff says of an item that is not asked for is what `show` says with the new catalogue."""
    record = record_after(ann(), OLD, "sign", "i")
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
    record = record_after(ann(), OLD, "sign", "i")
    new = catalogue(entry(), entry("other"), variant="v")
    found = measure_impact(record, OLD, new)
    assert [(item.item, item.effect, item.why) for item in found.items] == [
        ("i", "retired", 'it belongs to the variant "v" of the role'),
        ("other", "dropped", 'it belongs to the variant "v" of the role'),
    ]
    assert measure_impact(record_after(ann("v"), OLD, "sign", "i"), OLD, new).counts["kept"] == 1


def test_a_variant_that_is_gone_is_told() -> None:
    """The trainee's variant that the role no longer has is named."""
    there = catalogue(entry(), variant="v")
    assert measure_impact(ann("v"), there, catalogue(entry())).variants_gone == ("v",)
    assert measure_impact(ann("v"), there, there).variants_gone == ()


def test_a_role_that_is_gone_is_told_and_every_sign_off_is_accounted_for() -> None:
    """Without the role nothing is asked: all that was done is told to stay in the record."""
    record = record_after(record_after(ann(), OLD, "sign", "i"), OLD, "check", "other")
    found = measure_impact(record, OLD, catalogue(entry(), role="s"))
    assert (found.role_gone, found.role_new) == (True, False)
    assert [(item.item, item.effect, item.before) for item in found.items] == [
        ("i", "retired", "signed"),
        ("other", "retired", "checked"),
    ]
    back = measure_impact(record, catalogue(entry(), role="s"), OLD)
    assert (back.role_gone, back.role_new) == (False, True)
    assert back.counts["counts-again"] == 2


def test_a_final_sign_off_holds_until_something_is_asked_that_it_does_not_cover() -> None:
    """Rewording leaves the final sign-off; a new item, or another meaning, takes it from what is asked today."""
    ladder = OLD.ladder("r", ())
    record = record_after(record_after(ann(), OLD, "sign", "i"), OLD, "sign", "other")
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
    record = record_after(ann(), both, "sign", "i")
    record = promote(record, stamp(5), KIM, both.roles, role="s", start=START)
    record = record_after(record, both, "sign", "s-1")
    gone = replace(both, roles=(OLD.roles[0], catalogue(entry("s-2"), role="s").roles[0]))

    assert measure(both.ladder("s", ()), record, TODAY).no_longer_asked == ()
    kept = measure(gone.ladder("s", ()), record, TODAY).no_longer_asked
    assert [(each.item, each.sign_off) for each in kept] == [("s-1", record.events[-1])]
    assert {item.item: item.effect for item in measure_impact(record, both, gone).items} == {
        "s-1": "retired",
        "s-2": "newly-asked",
        "i": "history",
    }


def test_what_counts_again_under_other_words_says_them() -> None:
    """An id given to another item brings its old sign-off along: the words that were signed are told, and loudly."""
    record = record_after(ann(), OLD, "sign", "i")
    gone, again = catalogue(entry("other")), catalogue(entry(text="Fly"), entry("other"))
    found = effect(record, gone, again)
    assert (found.effect, found.words, found.other_words) == ("counts-again", "Do it", "Do it")
    assert effect(record, gone, catalogue(entry(text="do it."))).other_words is None

    def reused(record: Record, there: Catalogue, here: Catalogue) -> dict[str, list[str]]:
        return Impact((measure_impact(record, there, here),)).reused_ids(changes(there, here))

    assert reused(record, gone, again) == {"i": ["Do it"]}
    assert reused(record, gone, OLD) == {}, "the same item, brought back"
    assert reused(record, OLD, again) == {}, "reworded, which is told of the item"
    assert reused(record, gone, catalogue(entry(text="Fly", revision=2))) == {}, "nothing counts for it"
    assert reused(record_after(ann(), OLD, "check", "i"), gone, again) == {}, "a mentor will see what is claimed"
    assert reused(record_after(ann(), OLD, "waive", "i"), gone, again) == {"i": []}, "nobody knows for which words"
    checked = record_after(record_after(ann(), OLD, "check", "i"), OLD, "waive", "i")
    assert reused(checked, gone, again) == {"i": ["Do it"]}


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
    record = record_after(ann(), OLD, "sign", "i")
    new = catalogue(*replacements, version="2")
    away = absence(new.ladder("r", ()), record, "i", new.roles)
    assert away is not None
    assert (away.replaced_by.id if away.replaced_by else None) == first_still_asked
    assert effect(record, OLD, new).replaced_by == first_still_asked


def test_what_replaces_an_item_is_not_of_a_variant_that_the_trainee_has_not() -> None:
    """What only others are asked for replaces nothing here; of a role that the trainee had before, what it asks for."""
    mine = Task(id="k", name="K", why="W", expectations={"a": (entry(replaced_by="b", retired=True),)})
    others = Task(id="l", name="L", why="W", variant="v", expectations={"a": (entry("b"),)})
    variants = (Variant(id="v", name="V"),)
    role = Role(id="r", name="R", tiers=(Tier(id="a", title="A"),), tasks=(mine, others), variants=variants)
    second = catalogue(entry("s-1"), role="s").roles[0]
    new = Catalogue(version="2", roles=(role, second))
    record = record_after(ann(), OLD, "sign", "i")

    def replaced_by(role: str, *variants: str) -> str | None:
        away = absence(new.ladder(role, variants), record, "i", new.roles)
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
    found = measure_impact(ann(), old, new)
    assert (found.overdue, found.blocked) == (overdue, blocked)
    assert measure_impact(ann(), new, new)[-2:] == ((), ()), "what was so before is no news"
    done = record_after(record_after(ann(), old, "sign", "i"), old, "sign", "j")
    assert not {"i", "j"} & {*measure_impact(done, old, new).overdue, *measure_impact(done, old, new).blocked}
    assert measure_impact(ann(), catalogue(entry(), role="s"), new)[-2:] == ((), ()), "there is nothing to compare with"


# --- as it was foretold -------------------------------------------------------------------------------------------

IDS = [f"i-{number}" for number in range(6)]
DEEDS = ["check", "sign", "sign", "uncheck", "return", "revoke", "waive", "note"]
MIGRATIONS = [*DEEDS, *DEEDS, "conclude", "conclude", "conclude", "undo", "variants", "part", "part", "unite"]


@st.composite
def catalogues(draw: st.DrawFn, version: str) -> Catalogue:
    """Return a small catalogue: some of six items, each somewhere, in some revision, retired or not, with children.

    Some wait for others to be signed off, the tiers may have months, and a tier or a role may be missing.
    """
    ends = draw(st.sampled_from([None, 2, 3]))
    windows = (months(0, ends), months(ends, 12)) if ends else (None, None)
    both = Tier(id="a", title="A", months=windows[0]), Tier(id="b", title="B", months=windows[1])
    tiers = draw(st.sampled_from([both, both, both[:1], both[1:]]))
    places = [("k", tiers[0].id), ("k", tiers[0].id), ("k", tiers[-1].id), ("v", tiers[0].id), ("k", "-"), ("s", "a")]

    left = draw(st.permutations(IDS))[: draw(st.integers(3, 6))]
    found: dict[tuple[str, str], list[Entry]] = {place: [] for place in places}
    asked: dict[bool, list[str]] = {True: [], False: []}  # of either role, what may be required
    while left:
        own = left.pop()
        children = [left.pop() for _ in range(draw(st.sampled_from([0, 0, 0, min(len(left), 1)])))]
        place = draw(st.sampled_from(places))
        there = asked[place[0] == "s"]
        said = {
            "revision": draw(st.sampled_from([1, 1, 2])),
            "retired": draw(st.integers(0, 7)) == 7,
            "requires": draw(st.sampled_from([(), tuple(there[-1:])])),
        }
        below = [entry(child, revision=draw(st.integers(1, 3))) for child in children]
        found[place].append(entry(own, draw(st.sampled_from(["Do", "Do it"])), children=below, **said))
        there += [] if said["retired"] or children else [own]

    skills = tuple(found["k", "-"])
    gates = [each.id for each in skills if each.id in asked[False]]

    def task(id_: str, variant: str | None = None) -> Task:
        own = {tier: tuple(below) for (task, tier), below in found.items() if task == id_ and tier != "-"}
        gate = draw(st.sampled_from([None, *gates])) if id_ == "k" else None
        beside = skills if id_ == "k" else ()
        return Task(id=id_, name=id_, why="W", variant=variant, expectations=own, skills=beside, gate=gate)

    variants = (Variant(id="v", name="V"),)
    first, second = task("k"), task("v", draw(st.sampled_from([None, "v"])))
    role = Role(id="r", name="R", tiers=tiers, tasks=(first, second), variants=variants)
    other = Role(id="s", name="S", tiers=both[:1], tasks=(task("s"),))
    return Catalogue(version=version, roles=(role, other) if draw(st.integers(0, 19)) < 19 else (other,))


def try_step(record: Record, on: Catalogue, what: str, id_: str, minute: int) -> Record:
    """Return the record after one step under a catalogue; raises what keeps it from being taken."""
    ladder = on.ladder(record.enrolment.role, record.enrolment.variants)
    at, number = stamp(minute), IDS.index(id_)
    if what == "undo":
        return Actor(ladder, at, record.events[-1].by).undo(record)
    if what == "promote":
        return promote(record, at, KIM, on.roles, role="s", start=START)
    if what == "variants":
        return enrol_again(record, at, KIM, variants=("v",) if number % 2 else ())
    if what == "conclude":
        tier = ladder.role.tiers[number % len(ladder.role.tiers)]
        left = [item for item in ladder.items.values() if record.status(item).state not in {"signed", "waived"}]
        record = Actor(ladder, at, MO).sign_off(record, left, observed=True)
        return graduate(record, ladder, at, KIM, tier)
    return record_after(record, on, what, id_, minute)


@st.composite
def records(draw: st.DrawFn, *on: Catalogue) -> Record:
    """Return a record of what people did under these catalogues, on one copy or two, as far as the rules let them."""
    record, copy = ann(*draw(st.sampled_from([(), ("v",)]))), None
    steps = st.tuples(st.sampled_from(MIGRATIONS), st.sampled_from(IDS), st.sampled_from(on), st.booleans())
    taken = draw(st.lists(steps, min_size=20, max_size=45))
    if draw(st.integers(0, 4)) == 4:
        taken.insert(draw(st.integers(0, len(taken))), ("promote", IDS[0], on[0], False))
    for minute, (what, id_, under, on_copy) in enumerate(taken, start=1):
        if what == "part":
            copy = copy or record
        elif what == "unite":
            record, copy = union(record, copy or record), None
        else:
            with suppress(LadderError, KeyError):  # what is not possible, or not there, is not done
                after = try_step(copy if copy and on_copy else record, under, what, id_, minute)
                record, copy = (record, after) if copy and on_copy else (after, copy)
    return union(record, copy or record)


def measured(record: Record, on: Catalogue) -> TraineeProgress | None:
    """Return the record as it is measured; None where the catalogue does not have the role."""
    with suppress(RoleGone):
        return measure(on.ladder(record.enrolment.role, record.enrolment.variants), record, TODAY)
    return None


def ids_if(progress: TraineeProgress, which: Callable[[ItemProgress], object]) -> set[str]:
    """Return the ids of the items that are so."""
    return {item.item.id for item in progress.items if which(item)}


@pytest.mark.slow
@settings(max_examples=300)
@given(st.data(), catalogues("1"), catalogues("2"))
def test_what_is_foretold_is_what_is_measured(data: st.DataObject, old: Catalogue, new: Catalogue) -> None:
    """Every item's state, before and after, every final sign-off, and what is late or has to wait: as diff says."""
    record = data.draw(records(old, new))
    found = measure_impact(record, old, new)
    effects = {item.item: item for item in found.items}
    was, now = measured(record, old), measured(record, new)
    assert (found.role_new, found.role_gone) == (was is None, now is None)
    for progress, side in ((was, "before"), (now, "after")):
        states = {item.item.id: item.state for item in progress.items} if progress else {}
        told = {id_: getattr(each, side) for id_, each in effects.items() if getattr(each, side)}
        assert told == {id_: state for id_, state in states.items() if id_ in effects}
        assert {state for id_, state in states.items() if id_ not in effects} <= {"open"}
        coverage = {tier.tier.id: tier.stands for tier in progress.tiers if tier.graduation} if progress else {}
        assert {tier.tier: getattr(tier, side) for tier in found.tiers} == dict.fromkeys(
            record.graduations, False
        ) | coverage
    for item in found.items:
        event(item.effect)
        assert (item.effect == "kept") == (item.before is not None and item.before == item.after)
        assert (item.effect in {"retired", "parent", "dropped"}) == (item.before is not None and item.after is None)
        assert (item.effect == "newly-asked") == (item.before is None and item.after in {"open", "returned"})
        assert (item.effect == "history") == (item.before is None and item.after is None)


@pytest.mark.slow
@settings(max_examples=300)
@given(st.data(), catalogues("1"), catalogues("2"))
def test_what_comes_is_what_was_foretold(data: st.DataObject, old: Catalogue, new: Catalogue) -> None:
    """Under the new catalogue, what is no longer asked, missing, overdue or blocked is what diff said would be."""
    record = data.draw(records(old, new))
    found = measure_impact(record, old, new)
    was, now = measured(record, old), measured(record, new)
    gone = {tier.tier for tier in found.tiers if tier.gone}
    if now is None:
        assert (gone, found.overdue, found.blocked) == (set(record.graduations), (), ())
        return
    assert gone == {each.graduation.tier for each in now.tiers_gone if each.graduation}
    order = [tier.tier.id for tier in now.tiers]
    for what, so in (
        ("of two copies", record.causality.branched),
        ("undone", record.undone),
        ("promoted", record.past_roles),
        ("overdue", found.overdue),
        ("blocked", found.blocked),
        ("no longer asked", now.no_longer_asked),
        ("more than 20 events", len(record.events) > 20),
    ):
        if so:
            event(what)
    unfinished = [(item.item.tier.id, item.item.id) for item in now.items if item.item.tier and item.unfinished]
    for tier in found.tiers:
        event("a tier that is gone" if tier.gone else "a tier that stays")
        upto = order[: order.index(tier.tier) + 1] if not tier.gone else []
        assert {*tier.missing} == {id_ for own, id_ in unfinished if own in upto}
    if was:
        assert {*found.overdue} == ids_if(now, lambda one: one.overdue) - ids_if(was, lambda one: one.overdue)
        assert {*found.blocked} == ids_if(now, lambda one: one.blocked_by) - ids_if(was, lambda one: one.blocked_by)
        assert {*found.blocked} <= ids_if(now, lambda one: one.unfinished)
    kept = {each.item for each in now.no_longer_asked}
    signed = {item.item for item in found.items if not item.after and record.status_of_any_revision(item.item).sign_off}
    assert kept == signed if not record.past_roles else kept <= signed
    for item in found.items:
        known = detail(now, record, item.item, new.roles)
        assert known is not None or item.effect == "dropped"
        assert known is None or known.absent == item.why


@pytest.mark.slow
@given(st.data(), catalogues("1"), catalogues("2"))
def test_every_sign_off_has_exactly_one_outcome(data: st.DataObject, old: Catalogue, new: Catalogue) -> None:
    """Nobody's sign-off is without a word, nor told of twice, unless it was undone; and the log has it as it had."""
    record = data.draw(records(old, new))
    found = measure_impact(record, old, new)
    outcomes = Counter(item.item for item in found.items)
    for written in record.events:
        if written.kind == "sign-off" and written.item:
            assert outcomes[written.item] or written.id in record.undone
            assert written in [line.event for line in history(record, written.item)]
    assert set(record.by_item) <= outcomes.keys()
    assert set(outcomes.values()) <= {1}
    assert sum(found.counts.values()) == len(found.items)
    assert list(found.counts) == list(EFFECTS)


@pytest.mark.slow
@given(st.data(), catalogues("1"))
def test_the_same_catalogue_does_nothing(data: st.DataObject, same: Catalogue) -> None:
    """Where nothing is changed nothing is asked again, retired or newly asked, and every state is kept."""
    record = data.draw(records(same))
    found = measure_impact(record, same, same)
    assert {item.effect for item in found.items} <= {"kept", "history"}
    assert all(item.before == item.after for item in found.items)
    assert all(tier.before == tier.after for tier in found.tiers)
    assert (found.overdue, found.blocked) == ((), ())
