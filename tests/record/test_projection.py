"""Folding: what was written gives every item exactly one state, the one people would say it has."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from ca_ladder.catalogue.models import Entry, Item, Ladder, Role, Task, Tier
from ca_ladder.errors import BeforeFirstEvent, InvalidState, LadderError, NotChecked, NothingToUndo, SignersStay
from ca_ladder.record.events import Event, Person, Stamp, new_event
from ca_ladder.record.merging import union
from ca_ladder.record.projection import STATES, ItemStatus, State, parent_state, project_item
from ca_ladder.record.record import Record
from ca_ladder.record.rules import Actor, enrol, enrol_again
from tests.conftest import many_examples
from tests.record.builders import ANN, LADDER, MORNING, A, B, ann, mo, new_record, stamp


def ladder_with(*entries: Entry, version: str = "v1") -> Ladder:
    """Return a ladder of one tier and one task with these expectations."""
    task = Task(id="k", name="K", why="W", expectations={"t": entries})
    role = Role(id="r", name="R", tiers=(Tier(id="t", title="T"),), tasks=(task,))
    return Ladder(role, frozenset(), version)


RECORD = new_record()


def test_an_item_nobody_touched_is_open() -> None:
    """Without events an item is open, and nothing put it there."""
    assert RECORD.status(A) == ItemStatus()
    assert (RECORD.status(A).state, RECORD.status(A).last) == ("open", None)


def test_a_checked_item_waits_and_shows_its_claim() -> None:
    """A check gives the state, and the event tells who, when and with what words."""
    record = ann(1).check(RECORD, [A], note="done twice")
    status = record.status(A)
    assert status == ItemStatus("checked", check=record.events[1], notes=(record.events[1],))
    assert status.last is status.check
    assert record.status(B) == ItemStatus()


def test_an_unchecked_item_is_open_again() -> None:
    """A claim taken back leaves no claim."""
    record = ann(2).uncheck(ann(1).check(RECORD, [A]), [A])
    assert record.status(A) == ItemStatus()


def test_a_signed_item_keeps_the_claim_it_answers() -> None:
    """A sign-off stands above the check, and both can be shown."""
    record = mo(2).sign_off(ann(1).check(RECORD, [A]), [A])
    status = record.status(A)
    assert status == ItemStatus("signed", check=record.events[1], sign_off=record.events[2])
    assert status.last is record.events[2]


def test_a_returned_item_takes_the_claim_away_until_it_is_checked_again() -> None:
    """Returned means "not yet": the claim is gone, and a new check takes the return away."""
    returned = mo(2).send_back(ann(1).check(RECORD, [A]), [A], "no forms yet")
    assert returned.status(A) == ItemStatus("returned", returned=returned.events[2])
    assert returned.status(A).last is returned.events[2]
    again = ann(3).check(returned, [A])
    assert again.status(A) == ItemStatus("checked", check=again.events[3])


def test_unchecking_after_a_return_and_a_new_check_leaves_the_item_returned() -> None:
    """The new claim was the answer to the mentor's "not yet": once it is taken back, the reason is unanswered again."""
    returned = mo(2).send_back(ann(1).check(RECORD, [A]), [A], "no forms yet")
    record = ann(4).uncheck(ann(3).check(returned, [A]), [A])
    assert record.status(A) == returned.status(A) == ItemStatus("returned", returned=returned.events[-1])
    assert ann(5).check(record, [A]).status(A).state == "checked"


def test_a_revoked_sign_off_leaves_the_item_as_it_was_before() -> None:
    """Revoking takes back one sign-off: a checked item waits again, an observed one is open again."""
    signed = mo(2).sign_off(ann(1).check(RECORD, [A]), [A])
    signed = mo(3).sign_off(signed, [B], observed=True)
    record = mo(4).revoke(signed, [A, B], "signed the wrong line")
    assert (record.status(A).state, record.status(A).sign_off) == ("checked", None)
    assert (record.status(B).state, record.status(B).sign_off) == ("open", None)


def test_a_revoked_item_can_be_signed_again() -> None:
    """A revocation is of one sign-off, not of all that come later."""
    record = mo(3).revoke(mo(2).sign_off(ann(1).check(RECORD, [A]), [A]), [A], "wrong line")
    record = mo(4).sign_off(record, [A])
    assert (record.status(A).state, record.status(A).sign_off) == ("signed", record.events[-1])


def test_a_waived_item_and_the_waiver_revoked() -> None:
    """A waiver stands above a claim; revoked, the claim waits as before."""
    waived = mo(2).waive(ann(1).check(RECORD, [A]), [A], "not in this book")
    assert (waived.status(A).state, waived.status(A).last) == ("waived", waived.events[2])
    assert mo(3).revoke(waived, [A], "it is after all").status(A) == ItemStatus("checked", check=waived.events[1])


def test_notes_stand_beside_the_state() -> None:
    """Words change no state, stay in their order, and are there in every state."""
    record = ann(2).note(ann(1).check(RECORD, [A], note="one"), A, "two")
    record = mo(3).sign_off(record, [A], note="three")
    assert record.status(A).state == "signed"
    assert [event.note for event in record.status(A).notes] == ["one", "two", "three"]


def test_undo_takes_back_and_undo_of_undo_gives_back() -> None:
    """An undo leaves things as before the command, a second as after it, a third as before it."""
    checked = ann(1).check(RECORD, [A], note="words")
    once = ann(2).undo(checked)
    twice = ann(3).undo(once)
    thrice = ann(4).undo(twice)
    assert once.status(A) == thrice.status(A) == ItemStatus()
    assert twice.status(A) == checked.status(A)
    assert once.undone == {checked.events[1].id}
    assert twice.undone == {once.events[2].id}
    assert len(thrice.events) == 5


@pytest.mark.parametrize("command", ["uncheck", "sign-off", "return", "revoke", "waive", "revoke-waiver", "note"])
def test_undo_of_every_kind_leaves_the_item_as_it_was(command: str) -> None:
    """Whatever a command wrote, undo gives the standing that was there before it."""
    before = ann(1).check(RECORD, [A], note="words")
    if command == "revoke":
        before = mo(2).sign_off(before, [A])
    if command == "revoke-waiver":
        before = mo(2).waive(before, [A], "why")
    actor = Actor(LADDER, stamp(3, "shared"), Person(name="Mo", role="mentor"))
    after = {
        "uncheck": lambda: actor.uncheck(before, [A]),
        "sign-off": lambda: actor.sign_off(before, [A], note="seen"),
        "return": lambda: actor.send_back(before, [A], "why"),
        "revoke": lambda: actor.revoke(before, [A], "why"),
        "waive": lambda: actor.waive(before, [A], "why"),
        "revoke-waiver": lambda: actor.revoke(before, [A], "why"),
        "note": lambda: actor.note(before, A, "more"),
    }[command]()
    assert after.status(A) != before.status(A)
    undone = replace(actor, stamp=stamp(4, "shared")).undo(after)
    assert undone.status(A) == before.status(A)
    assert replace(actor, stamp=stamp(5, "shared")).undo(undone).status(A) == after.status(A)


def test_rewording_alone_keeps_the_sign_off_with_the_words_that_were_signed() -> None:
    """A better wording asks nobody to sign again, and the record still says what was signed."""
    record = mo(2).sign_off(ann(1).check(RECORD, [A]), [A])
    reworded = ladder_with(Entry(id="a", text="Do a, plainly"), version="v2").items["a"]
    assert record.status(reworded).state == "signed"
    signed = record.status(reworded).sign_off
    assert signed
    assert signed.wording
    assert (signed.wording.text, signed.wording.revision, signed.wording.catalogue) == ("Do a", 1, "v1")


def test_a_raised_revision_asks_again_and_tells_the_earlier_sign_off() -> None:
    """Where the meaning changed, an earlier sign-off and claim no longer count, but the sign-off is told."""
    record = mo(2).sign_off(ann(1).check(RECORD, [A]), [A])
    changed = ladder_with(Entry(id="a", text="Do a and more", revision=2), version="v2")
    item = changed.items["a"]
    assert record.status(item) == ItemStatus("open", earlier=record.events[2])
    again = mo(4, changed).sign_off(ann(3, changed).check(record, [item]), [item])
    assert again.status(item) == ItemStatus(
        "signed", check=again.events[3], sign_off=again.events[4], earlier=record.events[2]
    )


def test_a_raised_revision_drops_a_claim_and_its_return() -> None:
    """A claim or a "not yet" about the earlier meaning says nothing about the new one; the claim is told."""
    changed = ladder_with(Entry(id="a", text="Do more", revision=2)).items["a"]
    checked = ann(1).check(RECORD, [A])
    assert checked.status(changed) == ItemStatus(earlier=checked.events[1])
    assert mo(2).send_back(checked, [A], "no").status(changed) == ItemStatus()


def test_a_raised_revision_keeps_a_waiver() -> None:
    """What does not apply to a trainee does not apply in a new meaning either, until a mentor says so."""
    waived = mo(1).waive(RECORD, [A], "no such clients")
    changed = ladder_with(Entry(id="a", text="Do more", revision=2)).items["a"]
    assert waived.status(changed).state == "waived"


def test_a_revoked_sign_off_is_not_told_as_an_earlier_one() -> None:
    """A sign-off that was taken back is never shown as one that was given; the claim before it is."""
    record = mo(3).revoke(mo(2).sign_off(ann(1).check(RECORD, [A]), [A]), [A], "wrong line")
    changed = ladder_with(Entry(id="a", text="Do more", revision=2)).items["a"]
    assert record.status(changed) == ItemStatus(earlier=record.events[1])


def test_a_return_of_a_claim_that_was_undone_counts_no_more() -> None:
    """When two copies meet, a return whose claim was taken back returns nothing."""
    record = mo(2).send_back(ann(1).check(RECORD, [A]), [A], "no")
    assert project_item(record.events[2:]).state == "open"


# --- copies that were written on apart --------------------------------------------------------------------------

CHECKED = ann(1).check(RECORD, [A])


def test_who_takes_back_takes_back_what_they_knew() -> None:
    """An uncheck or a return answers the claims its author knew; one made on another copy still waits."""
    for answer in (ann(5).uncheck(CHECKED, [A]), mo(5).send_back(CHECKED, [A], "no")):
        elsewhere = ann(3).check(ann(2).uncheck(CHECKED, [A]), [A])
        record = union(answer, elsewhere)
        assert record.status(A) == ItemStatus("checked", check=elsewhere.events[-1])
        assert mo(6).send_back(record, [A], "no").status(A).state == "returned"
        assert record.events[-1] == answer.events[-1]  # though it stands after the claim that it did not know


def test_a_claim_taken_back_later_on_the_joined_record_is_gone() -> None:
    """Once copies have met, whoever takes back takes back all claims that were made on either."""
    record = union(ann(1).check(RECORD, [A]), ann(2).check(RECORD, [A]))
    assert record.status(A) == ItemStatus("checked", check=record.events[-1])
    assert ann(3).uncheck(record, [A]).status(A) == ItemStatus()
    assert mo(3).send_back(record, [A], "no").status(A).state == "returned"


def test_a_return_of_a_claim_that_was_taken_back_elsewhere_is_still_to_be_answered() -> None:
    """The mentor's reason reaches the trainee, even if the trainee had taken the claim back before."""
    for hour in (2, 4):
        returned = mo(3).send_back(CHECKED, [A], "no forms yet")
        record = union(returned, ann(hour).uncheck(CHECKED, [A]))
        assert record.status(A) == ItemStatus("returned", returned=returned.events[-1])


def test_where_copies_decided_differently_a_sign_off_counts() -> None:
    """Signed on one copy, waived or returned on another: signed, and revoked it leaves what the other decided."""
    for hour in (2, 4):
        signed = mo(3).sign_off(CHECKED, [A])
        waived, returned = mo(hour).waive(CHECKED, [A], "not here"), mo(hour).send_back(CHECKED, [A], "no")
        for other, left in ((waived, "waived"), (returned, "returned")):
            record = union(signed, other)
            assert record.status(A).last == signed.events[-1]
            assert mo(5).revoke(record, [A], "wrong line").status(A).state == left


def test_of_two_sign_offs_one_revocation_leaves_one() -> None:
    """A revocation names the sign-off it takes back."""
    one, other = mo(2).sign_off(CHECKED, [A]), mo(3).sign_off(CHECKED, [A])
    revoked = mo(4).revoke(one, [A], "wrong line")
    assert union(revoked, other).status(A).sign_off == other.events[-1]
    assert mo(5).revoke(union(one, other), [A], "wrong line").status(A).sign_off == one.events[-1]


def test_a_claim_that_was_answered_is_not_asked_about_again() -> None:
    """However often an item was checked and taken back or returned: each answer looks at the claim before it alone."""
    record = RECORD
    for hour in range(1, 200, 4):
        record = ann(hour + 1).uncheck(ann(hour).check(record, [A]), [A])
        record = mo(hour + 3).send_back(ann(hour + 2).check(record, [A]), [A], "why")
    asked = 0

    def saw(later: Event, earlier: Event) -> bool:
        nonlocal asked
        asked += 1
        return record.causality.saw(later, earlier)

    assert project_item(record.by_item["a"], saw=saw) == record.status(A)
    assert asked == 3 * 50


def test_as_of_knows_of_each_what_its_author_knew() -> None:
    """In the view of an earlier day, too, a claim from another copy stands against an uncheck that did not know it."""
    elsewhere = ann(3).check(ann(2).uncheck(CHECKED, [A]), [A])
    record = mo(48).note(union(ann(5).uncheck(CHECKED, [A]), elsewhere), A, "two days later")
    assert record.as_of(date(2026, 3, 2), UTC).status(A).state == "checked"


def test_a_part_of_a_record_knows_what_the_whole_knew() -> None:
    """With the events between them left out, an uncheck still answers the check it was written after."""
    record = ann(4).uncheck(ann(3).note(union(CHECKED, ann(2).note(RECORD, B, "x")), B, "y"), [A])
    part = record.subset(event for event in record.events if event.item != "b")
    assert len(part.events) == 3
    assert part.status(A) == ItemStatus()


@pytest.mark.parametrize(
    ("children", "parent"),
    [
        (["signed", "signed"], "signed"),
        (["signed", "waived"], "signed"),
        (["waived", "waived"], "waived"),
        (["signed", "checked"], "checked"),
        (["checked", "open"], "open"),
        (["signed", "open"], "open"),
        (["open", "returned"], "returned"),
        (["checked", "returned", "signed", "open", "waived"], "returned"),
    ],
)
def test_a_parent_is_as_far_as_its_least_advanced_child(children: list[State], parent: State) -> None:
    """A parent is signed only when every child that applies is."""
    assert parent_state(children) == parent


@given(st.lists(st.sampled_from(STATES), min_size=1))
def test_a_parent_does_not_depend_on_the_order_of_its_children(children: list[State]) -> None:
    """The parent has one of its children's states, the same in every order."""
    assert parent_state(children) == parent_state(reversed(children))
    assert parent_state(children) in children


def test_as_of_shows_what_was_known_at_the_end_of_that_day() -> None:
    """A later sign-off, and a later undo, are not known yet on an earlier day."""
    checked = ann(1).check(RECORD, [A])
    signed = mo(24).sign_off(checked, [A])
    undone = mo(48).undo(signed)
    assert undone.as_of(date(2026, 3, 2), UTC) == checked
    assert undone.as_of(date(2026, 3, 3), UTC).status(A).state == "signed"
    assert undone.as_of(date(2026, 3, 4), UTC).status(A).state == "checked"
    assert undone.as_of(date(2030, 1, 1), UTC) == undone


def test_as_of_ends_the_day_where_the_person_is() -> None:
    """What was written late in the evening belongs to that day, though in UTC it was the next."""
    minnesota = timezone(timedelta(hours=-6))
    evening = Stamp((MORNING + timedelta(hours=17)).astimezone(minnesota), "ann", "PC")  # 02:00 of 3 March in UTC
    late = Actor(LADDER, evening, ANN).check(RECORD, [A])
    assert late.as_of(date(2026, 3, 2), minnesota) == late
    assert late.as_of(date(2026, 3, 2), UTC) == RECORD


def test_as_of_leaves_out_what_is_dated_later() -> None:
    """Written on 10 January in Tokyo, it was still the 9th in Chicago: there it shows on the day it is dated."""
    tokyo, chicago = timezone(timedelta(hours=9)), timezone(timedelta(hours=-6))
    early = Stamp(datetime(2026, 3, 10, 1, tzinfo=tokyo), "ann", "PC")
    record = Actor(LADDER, early, ANN).check(RECORD, [A])
    assert record.as_of(date(2026, 3, 9), chicago) == RECORD
    assert record.as_of(date(2026, 3, 10), chicago) == record


def test_as_of_before_the_record_began_says_when_it_did() -> None:
    """Nothing is made up for a day of which nothing is known."""
    with pytest.raises(BeforeFirstEvent, match="begins on 2026-03-02"):
        RECORD.as_of(date(2026, 3, 1), UTC)
    far_west = timezone(timedelta(hours=-10))  # where it was still 1 March, 23:00
    with pytest.raises(BeforeFirstEvent, match="begins on 2026-03-01"):
        RECORD.as_of(date(2026, 2, 28), far_west)


def test_as_of_is_not_confused_by_a_clock_that_was_behind() -> None:
    """An event from a computer whose clock was a day behind is not known before the enrolment itself."""
    record = ann(-24).check(RECORD, [A])
    with pytest.raises(BeforeFirstEvent):
        record.as_of(date(2026, 3, 1), UTC)


def test_a_later_enrolment_changes_what_it_says_otherwise() -> None:
    """Each change of the enrolment stands until it is changed again or undone."""
    corrected = enrol_again(RECORD, stamp(1), ANN, start=date(2026, 2, 1), mentors=("Mo",))
    assert (corrected.enrolment.start, corrected.enrolment.mentors) == (date(2026, 2, 1), ("Mo",))
    assert (corrected.enrolment.name, corrected.id) == ("Ann", RECORD.id)
    again = enrol_again(corrected, stamp(2), Person(name="Mo", role="mentor"), mentors=())
    assert (again.enrolment.start, again.enrolment.mentors) == (date(2026, 2, 1), ())
    assert ann(3).undo(again).enrolment == corrected.enrolment


KIM = Person(name="Kim", role="manager")
PAT_SIGNS = enrol(stamp(0), ANN, name="Ann", start=date(2026, 3, 2), role="r", mentors=("Pat",), manager="Kim")
FEBRUARY = date(2026, 2, 1)


@pytest.mark.parametrize("hour", [1, 3])
def test_a_start_on_one_side_and_mentors_on_the_other_both_stand(hour: int) -> None:
    """Who changes one thing on an old copy changes nothing else, whichever was written first."""
    start = enrol_again(RECORD, stamp(hour), ANN, start=FEBRUARY)
    mentors = enrol_again(RECORD, stamp(2, "kim"), KIM, mentors=("Pat",), manager="Kim")
    enrolment = union(start, mentors).enrolment
    assert (enrolment.start, enrolment.mentors, enrolment.manager) == (FEBRUARY, ("Pat",), "Kim")


@pytest.mark.parametrize("hour", [1, 3])
def test_a_replaced_mentor_does_not_come_back_with_an_old_copy(hour: int) -> None:
    """Kim replaces Pat by Jo while the trainee, on an old copy that names Pat, changes the start: Jo signs."""
    replaced = enrol_again(PAT_SIGNS, stamp(2, "kim"), KIM, mentors=("Jo",))
    record = union(enrol_again(PAT_SIGNS, stamp(hour), ANN, start=FEBRUARY), replaced)
    assert (record.enrolment.start, record.enrolment.mentors) == (FEBRUARY, ("Jo",))
    after = enrol_again(record, stamp(5), ANN, name="Ann Lee")
    assert (after.enrolment.start, after.enrolment.mentors, after.enrolment.name) == (FEBRUARY, ("Jo",), "Ann Lee")


@pytest.mark.parametrize("hour", [1, 3])
def test_a_trainee_on_an_old_copy_does_not_choose_who_signs(hour: int) -> None:
    """The trainee names Buddy where nobody is named yet, while Kim names Pat: Pat signs, whoever was first."""
    buddy = enrol_again(RECORD, stamp(hour), ANN, mentors=("Buddy",), manager="Buddy", start=FEBRUARY)
    pat = enrol_again(RECORD, stamp(2, "kim"), KIM, mentors=("Pat",), manager="Kim")
    enrolment = union(buddy, pat).enrolment
    assert (enrolment.mentors, enrolment.manager, enrolment.start) == (("Pat",), "Kim", FEBRUARY)


@pytest.mark.parametrize("hour", [1, 3])
def test_of_two_who_may_the_later_written_names_who_signs(hour: int) -> None:
    """Where Kim and Pat both change who signs, on two copies, what was written later stands."""
    kim = enrol_again(PAT_SIGNS, stamp(2, "kim"), KIM, mentors=("Jo",))
    pat = enrol_again(PAT_SIGNS, stamp(hour, "pat"), Person(name="Pat", role="mentor"), mentors=("Pat", "Bo"))
    assert union(kim, pat).enrolment.mentors == (("Jo",) if hour < 2 else ("Pat", "Bo"))


def test_a_trainee_who_knows_the_names_may_change_them() -> None:
    """What stands against a trainee is only what they did not know: a known manager's change can be built on."""
    nobody = enrol_again(PAT_SIGNS, stamp(1, "kim"), KIM, mentors=(), manager=None)
    assert enrol_again(nobody, stamp(2), ANN, mentors=("Bo",)).enrolment.mentors == ("Bo",)


def test_an_enrolment_that_knows_nothing_of_the_record_is_no_stumbling_block() -> None:
    """A file may hold an enrolment that was written on nothing: verifying names it, and nothing fails before that."""
    stray = RECORD.events[0].content() | {"at": MORNING + timedelta(hours=1), "note": "stray"}
    record = RECORD.with_event(new_event(**stray))
    assert record.enrolment == RECORD.enrolment


def test_copies_that_cross_many_times_are_folded_all_the_same() -> None:
    """Two computers that each lack the other's last change, over and over: each crossing is worked out once."""
    here = there = PAT_SIGNS
    for number in range(40):
        start, mentors = date(2026, 2, 1) + timedelta(days=number), (f"Mentor {number}",)
        before = here, there
        here = enrol_again(here, stamp(2 * number + 1), ANN, start=start)
        there = enrol_again(there, stamp(2 * number + 2, "kim"), KIM, mentors=mentors)
        here, there = union(here, before[1]), union(there, before[0])
    enrolment = union(here, there).enrolment
    assert (enrolment.start, enrolment.mentors) == (date(2026, 3, 12), ("Mentor 39",))


CHANGES = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["start", "mentors", "nobody", "choose", "name", "all", "take"])),
    max_size=14,
)


@many_examples
@given(CHANGES)
def test_the_enrolment_is_what_was_changed_change_by_change(steps: list[tuple[int, str]]) -> None:
    """Held against a list of what each command changed on its copy, put together in the order of the events."""
    copies = [RECORD] * 3
    changed: dict[str, dict[str, object]] = {}
    saw: dict[str, set[str]] = {}
    for hour, (copy, command) in enumerate(steps, start=1):
        record = copies[copy]
        if command == "take":
            copies[copy] = union(record, copies[copy - 1])
            continue
        start, mentors = date(2026, 1, 1 + hour), ("Kim", f"Mentor {hour}")
        commands: dict[str, dict[str, object]] = {
            "start": {"start": start},
            "mentors": {"mentors": mentors},
            "nobody": {"mentors": ()},
            "choose": {"mentors": mentors},
            "name": {"name": f"Ann {hour}"},
            "all": {"start": start, "mentors": mentors, "name": f"Ann {hour}"},
        }
        says = commands[command]
        by = KIM if command in {"mentors", "nobody", "all"} else ANN
        try:
            copies[copy] = enrol_again(record, stamp(hour, f"account {copy}"), by, **says)
        except SignersStay:
            continue
        event = copies[copy].events[-1]
        before = asdict(record.enrolment)
        changed[event.id] = {name: value for name, value in says.items() if value != before[name]}
        saw[event.id] = set(record.by_id)
    record = union(union(copies[0], copies[1]), copies[2])
    stands: dict[str, object] = asdict(RECORD.enrolment)
    named_by = RECORD.events[0]
    for event in record.events[1:]:
        new = dict(changed[event.id])
        if "mentors" in new and named_by.by == KIM and event.by == ANN and named_by.id not in saw[event.id]:
            del new["mentors"]
        named_by = event if "mentors" in new else named_by
        stands |= new
    assert asdict(record.enrolment) == stands


def test_the_names_of_a_trainee_are_all_they_ever_had() -> None:
    """Each name once, the first first; also one that was given up or undone again."""
    renamed = enrol_again(enrol_again(RECORD, stamp(1), ANN, name="Ann Lee"), stamp(2), ANN, name="Ann")
    undone = ann(4).undo(enrol_again(renamed, stamp(3), ANN, name="Ann Poe"))
    assert undone.enrolment.name == "Ann"
    assert undone.names == ("Ann", "Ann Lee", "Ann Poe")


def test_a_record_that_is_altered_stays_so() -> None:
    """What is added to it, and what is looked at of it, is as doubtful as it is; equal is what says the same."""
    doubted = Record(RECORD.events, altered=True)
    assert ann(1).check(doubted, [A]).altered
    assert doubted.subset(doubted.events).altered
    assert doubted.as_of(date(2026, 3, 2), UTC).altered
    assert not ann(1).check(RECORD, [A]).altered
    assert doubted == RECORD


def test_heads_are_the_events_nothing_was_written_on() -> None:
    """A record has one head; two copies united have two, and the next event joins them."""
    here, there = ann(1).check(RECORD, [A]), mo(1).waive(RECORD, [B], "no")
    assert here.heads == (here.events[1].id,)
    both = here.with_event(there.events[1])
    assert both.heads == (here.events[1].id, there.events[1].id)
    joined = ann(2).note(both, A, "both")
    assert joined.events[-1].parents == both.heads
    assert joined.heads == (joined.events[-1].id,)


def test_the_trainees_accounts_are_those_the_trainee_wrote_from() -> None:
    """Enrolling is often done on the manager's computer: that alone makes it no account of the trainee's."""
    enrolled = enrol(stamp(0, "boss"), ANN, name="Ann", start=date(2026, 3, 2), role="r")
    assert enrolled.trainee_origins == set()
    record = mo(2).sign_off(ann(1).check(enrolled, [A]), [A])
    assert record.trainee_origins == {("ann", "PC")}


# --- the law: random sequences against a model small enough to be seen to be right --------------------------


@dataclass(frozen=True)
class Simple:
    """One item as a person would tell it: what the trainee claims, what is left without it, what a mentor decided."""

    claim: State = "open"
    unclaimed: State = "open"
    decision: State | None = None

    @property
    def state(self) -> State:
        """The decision if there is one, else the claim."""
        return self.decision or self.claim

    def after(self, command: str) -> "Simple | None":
        """Return the item after the command; None where the rules refuse it."""
        if command == "note":
            return self
        if command == "revoke":
            return replace(self, decision=None) if self.decision else None
        if self.decision:
            return None
        if command == "check":
            return replace(self, claim="checked") if self.claim != "checked" else None
        if command == "observe":
            return replace(self, decision="signed")
        if command == "waive":
            return replace(self, decision="waived")
        if self.claim != "checked":
            return None
        return {
            "uncheck": replace(self, claim=self.unclaimed),
            "return": replace(self, claim="returned", unclaimed="returned"),
            "sign-off": replace(self, decision="signed"),
        }[command]

    def with_new_meaning(self) -> "Simple":
        """Return the item after its revision was raised: only a waiver is left."""
        return Simple(decision="waived" if self.decision == "waived" else None)


def carried_out(command: str, actor: Actor, record: Record, item: Item) -> Record:
    """Return the record after the command; raises what the rules raise."""
    return {
        "check": lambda: actor.check(record, [item]),
        "uncheck": lambda: actor.uncheck(record, [item]),
        "note": lambda: actor.note(record, item, "words"),
        "sign-off": lambda: actor.sign_off(record, [item]),
        "observe": lambda: actor.sign_off(record, [item], observed=True),
        "return": lambda: actor.send_back(record, [item], "why"),
        "revoke": lambda: actor.revoke(record, [item], "why"),
        "waive": lambda: actor.waive(record, [item], "why"),
        "undo": lambda: actor.undo(record),
    }[command]()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["check", "uncheck", "observe", "waive", "undo"]), st.sampled_from("ab"))))
def test_a_record_that_grew_folds_like_one_that_is_read(sequence: list[tuple[str, str]]) -> None:
    """What is carried over from one event to the next is what all events together say."""
    record = RECORD
    for hour, (command, id_) in enumerate(sequence, start=1):
        with suppress(LadderError):
            record = carried_out(command, mo(hour), record, LADDER.items[id_])
        read = Record(record.events)
        assert (record.heads, record.undone, record.by_item) == (read.heads, read.undone, read.by_item)
        assert (record.status(A), record.status(B)) == (read.status(A), read.status(B))


COMMANDS = [
    "check",
    "uncheck",
    "note",
    "sign-off",
    "observe",
    "return",
    "revoke",
    "waive",
    "undo",
    "new meaning",
]
commands = st.lists(st.tuples(st.sampled_from(COMMANDS), st.sampled_from(["a", "b"])), max_size=25)


@settings(max_examples=500, deadline=None)
@given(commands)
def test_folding_agrees_with_a_simple_model(sequence: list[tuple[str, str]]) -> None:
    """Whatever people do in whatever order, an item has the one state a person would say."""
    record, revisions = RECORD, {"a": 1, "b": 1}
    now = before = {
        "a": Simple(),
        "b": Simple(),
    }  # one account: undo goes back and forth over its last command
    for hour, (command, id_) in enumerate(sequence, start=1):
        if command == "new meaning":
            revisions[id_] += 1
            now, before = ({**each, id_: each[id_].with_new_meaning()} for each in (now, before))
        ladder = ladder_with(*(Entry(id=each, text=each, revision=revisions[each]) for each in revisions))
        actor = Actor(ladder, stamp(hour), Person(name="Mo", role="mentor"))
        if command == "undo":
            try:
                record = carried_out(command, actor, record, ladder.items[id_])
                now, before = before, now
            except NothingToUndo:
                assert len(record.events) == 1
        elif command != "new meaning":
            after = now[id_].after(command)
            try:
                record = carried_out(command, actor, record, ladder.items[id_])
            except (InvalidState, NotChecked):
                assert after is None
            else:
                assert after is not None
                now, before = {**now, id_: after}, now
        for each, item in ladder.items.items():
            status = record.status(item)
            assert status.state == now[each].state
            assert status.state in STATES
            assert (status.last is None) == (status.state == "open")
