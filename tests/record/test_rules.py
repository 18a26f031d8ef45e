"""The rules: what may be added to a record, each refusal by its own error, and all or nothing."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import msgspec
import pytest

from ca_ladder.catalogue.models import Entry, Item, Ladder, Role, Task, Tier, Variant
from ca_ladder.errors import (
    Blocked,
    ChangedMeanwhile,
    FollowsFromChildren,
    FutureDate,
    InvalidState,
    LadderError,
    Missing,
    NotAMentor,
    NotChecked,
    NothingToUndo,
    NotOnLadder,
    SelfSignOff,
    SignersStay,
)
from ca_ladder.record.events import Event, Person, Stamp
from ca_ladder.record.merging import union
from ca_ladder.record.record import Record
from ca_ladder.record.rules import (
    Actor,
    blockers,
    deciders,
    enrol_again,
    identify,
    last_command,
    refuse_if_changed,
    signable,
)
from tests.record.builders import ANN, LADDER, MORNING, A, B, ann, mo, new_record, stamp

TODAY = MORNING.date()


def ladder_with(*entries: Entry, gate: str | None = None, skills: tuple[Entry, ...] = ()) -> Ladder:
    """Return a ladder of one tier and one task with these expectations."""
    task = Task(id="k", name="K", why="W", gate=gate, expectations={"t": entries}, skills=skills)
    return Ladder(Role(id="r", name="R", tiers=(Tier(id="t", title="T"),), tasks=(task,)), frozenset(), "v1")


RECORD = new_record()


CHECKED = ann(1).check(RECORD, [A])

DECISIONS: dict[str, Callable[[Actor, Record], Record]] = {
    "sign_off": lambda actor, record: actor.sign_off(record, [A]),
    "observed": lambda actor, record: actor.sign_off(record, [A], observed=True),
    "send_back": lambda actor, record: actor.send_back(record, [A], "why"),
    "revoke": lambda actor, record: actor.revoke(record, [A], "why"),
    "waive": lambda actor, record: actor.waive(record, [A], "why"),
}


# --- what events say ----------------------------------------------------------------------------------------


def test_enrolling_begins_a_record_of_its_own() -> None:
    """The first event enrols, has no parents, and gives each record a UUID no other has."""
    record = new_record(mentors=("Mo",), manager="Max")
    (event,) = record.events
    assert (event.kind, event.parents, event.by) == ("enrol", (), ANN)
    assert record.enrolment.mentors == ("Mo",)
    assert record.id != RECORD.id


def test_enrolling_again_holds_details_to_the_same_shape() -> None:
    """A list becomes a tuple as in a file read back, and a misspelt detail is no detail."""
    record = enrol_again(RECORD, stamp(1, "ann"), ANN, mentors=["Mo"])
    assert record.enrolment.mentors == ("Mo",)
    with pytest.raises(TypeError, match="mentor"):
        enrol_again(RECORD, stamp(1, "ann"), ANN, mentor="Mo")


def test_a_check_says_all_it_was_given() -> None:
    """A check keeps day, words, evidence, and the wording and catalogue as they stood."""
    actor = Actor(LADDER, stamp(1, "ann"), ANN, on=date(2026, 3, 1))
    event = actor.check(RECORD, [A], note="twice", evidence=["a.pdf"]).events[-1]
    assert (event.kind, event.item, event.on, event.at) == ("check", "a", date(2026, 3, 1), actor.stamp.now)
    assert (event.note, event.evidence, event.account, event.computer) == ("twice", ("a.pdf",), "ann", "PC")
    assert event.wording
    assert (event.wording.text, event.wording.revision, event.wording.catalogue) == ("Do a", 1, "v1")


def test_a_sign_off_says_all_it_was_given() -> None:
    """A sign-off keeps who gave it, what was signed, and that it was seen rather than claimed."""
    record = mo(2).sign_off(CHECKED, [A], note="well done")
    record = mo(3).sign_off(record, [B], observed=True)
    signed, observed = record.events[-2:]
    assert (signed.by.name, signed.by.role, signed.note) == ("Mo", "mentor", "well done")
    assert (signed.observed, observed.observed) == (False, True)
    assert signed.wording
    assert signed.wording.text == "Do a"


def test_one_command_shares_its_moment_and_chains_its_events() -> None:
    """The events of one command have one moment, in UTC, and each is written on the one before."""
    record = ann(1).check(RECORD, [A, B])
    first, second = record.events[1:]
    assert first.at == second.at
    assert first.at.utcoffset() == timedelta(0)
    assert (first.parents, second.parents) == ((RECORD.events[0].id,), (first.id,))


def test_the_moment_is_written_in_utc_and_the_day_is_the_persons_own() -> None:
    """Late on 1 March in Minnesota it is 2 March in UTC: the moment says so, the day stays theirs."""
    evening = datetime(2026, 3, 1, 21, 30, tzinfo=timezone(timedelta(hours=-6)))
    event = Actor(LADDER, Stamp(evening, "ann", "PC"), ANN).check(RECORD, [A]).events[-1]
    assert event.content()["at"] == "2026-03-02T03:30:00Z"
    assert event.on == date(2026, 3, 1)


def test_decisions_against_keep_their_reason() -> None:
    """A return, a waiver and a revocation say why, and a revocation says of what."""
    returned = mo(2).send_back(CHECKED, [A], "no forms yet").events[-1]
    waived = mo(2).waive(CHECKED, [A], "other book")
    revoked = mo(3).revoke(waived, [A], "same book").events[-1]
    assert (returned.kind, returned.because) == ("return", "no forms yet")
    assert (waived.events[-1].kind, waived.events[-1].because) == ("waive", "other book")
    assert (revoked.kind, revoked.because, revoked.of) == ("revoke", "same book", waived.events[-1].id)


# --- who may decide -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize(
    "twin",
    [
        "Zoë Ünal",
        "ZOË ÜNAL",
        unicodedata.normalize("NFD", "Zoë Ünal"),
        " Zoë  Ünal ",
        "Zo\u200bë Ünal\u200d",
        "Zoë Ünal\x07",
    ],
    ids=ascii,
)
def test_a_trainee_never_decides_on_their_own_items(decision: str, twin: str) -> None:
    """However the name is spelt, nobody decides for themself."""
    record = ann(1).check(new_record(name="Zoë Ünal"), [A])
    with pytest.raises(SelfSignOff):
        DECISIONS[decision](mo(2, name=twin), record)


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("name", ["Ann", "ANN LEE", "Ann Poe"])
def test_a_trainee_never_decides_under_a_name_they_had(decision: str, name: str) -> None:
    """Who enrols anew under another name is the same trainee, also after a third one."""
    record = RECORD
    for hour, new in enumerate(("Ann Lee", "Ann Poe"), start=1):
        record = enrol_again(record, stamp(hour, "ann"), ANN, name=new)
    record = Actor(LADDER, stamp(3, "ann"), Person(name="Ann Poe", role="trainee")).check(record, [A])
    with pytest.raises(SelfSignOff, match="Ann Poe is the trainee"):
        DECISIONS[decision](mo(4, name=name), record)
    assert mo(4).sign_off(record, [A]).status(A).state == "signed"


def test_a_trainee_is_never_named_their_own_mentor_or_manager() -> None:
    """Neither at the beginning nor later, however the name is spelt."""
    with pytest.raises(SelfSignOff):
        new_record(name="Zoë Ünal", mentors=("Mo", "zoë  ünal"))
    with pytest.raises(SelfSignOff):
        new_record(name="Zoë Ünal", manager="ZOË ÜNAL")
    with pytest.raises(SelfSignOff):
        enrol_again(new_record(name="Zoë Ünal"), ann(1).stamp, mo(1).by, mentors=("zoë ünal",))


def test_a_mentor_is_named_once() -> None:
    """Two spellings of one name are one mentor."""
    assert new_record(mentors=("Mo", "MO ", "Mia")).enrolment.mentors == ("Mo", "Mia")


def test_once_named_only_those_who_sign_change_who_signs() -> None:
    """A trainee cannot add a mentor of their own making; the mentors and the manager can add one."""
    record = new_record(mentors=("Mo",), manager="Max")
    with pytest.raises(SignersStay, match="Mo or Max"):
        enrol_again(record, ann(1).stamp, ann(1).by, mentors=("Mo", "Friend"))
    with pytest.raises(SignersStay):
        enrol_again(record, ann(1).stamp, ann(1).by, manager=None)
    assert enrol_again(record, mo(1).stamp, mo(1).by, mentors=("Mo", "Mia")).enrolment.mentors == ("Mo", "Mia")
    assert enrol_again(record, ann(1).stamp, ann(1).by, start=date(2026, 2, 2)).enrolment.start == date(2026, 2, 2)


def test_bringing_a_sign_off_back_keeps_the_gate() -> None:
    """What was undone comes back only if it could be signed off now: not while its gate is open again."""
    ladder = ladder_with(Entry(id="c", text="Do c"), gate="g", skills=(Entry(id="g", text="Be licensed"),))
    c, gate = ladder.items["c"], ladder.items["g"]
    licensed = mo(2, ladder).sign_off(ann(1, ladder).check(RECORD, [c]), [gate], observed=True)
    undone = mo(4, ladder).undo(mo(3, ladder).sign_off(licensed, [c]))
    elsewhere = replace(mo(5, ladder), stamp=stamp(5, "max"))
    shut = elsewhere.revoke(undone, [gate], "not valid any more")
    with pytest.raises(Blocked, match="c cannot be signed off before g"):
        mo(6, ladder).undo(shut)
    assert mo(6, ladder).undo(undone).status(c).state == "signed"


def test_a_decision_is_for_what_was_seen() -> None:
    """A claim made anew while the mentor was looking at the old one is not signed with it."""
    seen = ann(1).check(RECORD, [A], note="alone")
    anew = ann(3).check(ann(2).uncheck(seen, [A]), [A], note="with help")
    refuse_if_changed(seen, ann(2).note(seen, B, "beside it"), [A])
    with pytest.raises(ChangedMeanwhile, match="a has changed meanwhile"):
        refuse_if_changed(seen, anew, [A])
    with pytest.raises(ChangedMeanwhile, match="The enrolment"):
        refuse_if_changed(seen, enrol_again(seen, ann(2).stamp, ann(2).by, start=date(2026, 2, 2)), [A])


@pytest.mark.parametrize("decision", DECISIONS)
def test_only_the_named_mentors_and_the_manager_decide(decision: str) -> None:
    """Where the record names who signs, nobody else does; the error names those who do."""
    record = ann(1).check(new_record(mentors=("Mo", "Mia"), manager="Max"), [A])
    with pytest.raises(NotAMentor, match="Mo or Mia or Max"):
        DECISIONS[decision](mo(2, name="Eve"), record)


@pytest.mark.parametrize("name", ["Mo", "mo ", "MIA", "max"])
def test_the_named_ones_decide_in_any_spelling(name: str) -> None:
    """Mentors and the manager are known by their names, whatever the case."""
    record = ann(1).check(new_record(mentors=("Mo", "Mia"), manager="Max"), [A])
    assert mo(2, name=name).sign_off(record, [A]).status(A).state == "signed"


def test_without_named_mentors_anyone_but_the_trainee_decides() -> None:
    """A manager alone does not close the circle: only naming mentors does."""
    record = ann(1).check(new_record(manager="Max"), [A])
    assert deciders(record) == ()
    assert mo(2, name="Eve").sign_off(record, [A]).status(A).state == "signed"


def test_the_deciders_are_the_mentors_and_then_the_manager() -> None:
    """What an error or a prompt offers is the record's own list."""
    assert deciders(new_record(mentors=("Mo",))) == ("Mo",)
    assert deciders(new_record(mentors=("Mo",), manager="Max")) == ("Mo", "Max")


@pytest.mark.parametrize(
    ("typed", "name", "role"),
    [("ANN", "Ann", "trainee"), ("max ", "Max", "manager"), ("Mo", "Mo", "mentor"), ("Eve", "Eve", "mentor")],
)
def test_a_name_is_a_person_to_the_record(typed: str, name: str, role: str) -> None:
    """Who somebody is follows from the enrolment, and the record's spelling is kept."""
    assert identify(new_record(mentors=("Mo",), manager="Max"), typed) == msgspec.convert(
        {"name": name, "role": role}, Person
    )


def test_without_a_manager_nobody_is_one() -> None:
    """Where no manager is named, a name that is not the trainee's is a mentor's."""
    assert identify(RECORD, "Max") == Person(name="Max", role="mentor")


# --- what may be decided ------------------------------------------------------------------------------------


def test_an_open_item_is_not_signed_off() -> None:
    """Only a checked item is signed off; the error says how to sign what one saw."""
    with pytest.raises(NotChecked, match=r"a is open.*--observed"):
        mo(1).sign_off(RECORD, [A])


def test_a_returned_item_is_not_signed_off() -> None:
    """After "not yet" the trainee checks again first."""
    with pytest.raises(NotChecked, match="a is returned"):
        mo(3).sign_off(mo(2).send_back(CHECKED, [A], "no"), [A])


@pytest.mark.parametrize("returned", [False, True])
def test_what_was_observed_needs_no_claim(returned: bool) -> None:
    """A mentor who saw it done signs an open or returned item."""
    record = mo(2).send_back(CHECKED, [A], "no") if returned else RECORD
    assert mo(3).sign_off(record, [A], observed=True).status(A).state == "signed"


GATED = ladder_with(
    Entry(id="a", text="Do a"),
    Entry(id="b", text="Do b", requires=("a",)),
    gate="licence",
    skills=(Entry(id="licence", text="Hold the licence"), Entry(id="other", text="Be quick")),
)


def test_a_gate_that_is_not_signed_blocks_the_tasks_expectations() -> None:
    """The expectations of a gated task wait for the gate; its other items do not."""
    record = ann(1, GATED).check(RECORD, [GATED.items[id_] for id_ in ("a", "other", "licence")])
    with pytest.raises(Blocked, match="a cannot be signed off before licence"):
        mo(2, GATED).sign_off(record, [GATED.items["a"]])
    assert mo(2, GATED).sign_off(record, [GATED.items["other"]]).status(GATED.items["other"]).state == "signed"


def test_observing_does_not_pass_a_gate() -> None:
    """A gate is about the right to do it, not about having seen it done."""
    with pytest.raises(Blocked):
        mo(2, GATED).sign_off(RECORD, [GATED.items["a"]], observed=True)


def test_every_blocker_is_named() -> None:
    """An item waits for its gate and its prerequisites, in the order they are asked."""
    assert blockers(RECORD, GATED, GATED.items["b"]) == ("licence", "a")
    with pytest.raises(Blocked, match="before licence and a"):
        mo(2, GATED).sign_off(RECORD, [GATED.items["b"]])


def test_a_gate_signed_in_the_same_command_comes_first() -> None:
    """In whatever order they are named, what others wait for is signed before them."""
    all_three = [GATED.items[id_] for id_ in ("b", "a", "licence")]
    record = mo(2, GATED).sign_off(ann(1, GATED).check(RECORD, all_three), all_three)
    signed = [event.item for event in record.events if event.kind == "sign-off"]
    assert signed == ["licence", "a", "b"]


@pytest.mark.parametrize("decision", ["sign_off", "waive"])
def test_a_signed_or_waived_gate_does_not_block(decision: str) -> None:
    """Once the gate is signed, or does not apply, its task is open; revoked, it blocks again."""
    gate, item = GATED.items["licence"], GATED.items["a"]
    actor = mo(1, GATED)
    opened = (
        actor.waive(RECORD, [gate], "n/a") if decision == "waive" else actor.sign_off(RECORD, [gate], observed=True)
    )
    assert blockers(opened, GATED, item) == ()
    assert mo(2, GATED).sign_off(opened, [item], observed=True).status(item).state == "signed"
    assert blockers(mo(3, GATED).revoke(opened, [gate], "expired"), GATED, item) == ("licence",)


def test_a_retired_gate_does_not_block() -> None:
    """What nobody is asked for any more holds up nothing."""
    gate = Entry(id="licence", text="Hold it", retired=True)
    ladder = ladder_with(Entry(id="a", text="Do a"), gate="licence", skills=(gate,))
    assert blockers(RECORD, ladder, ladder.items["a"]) == ()


def test_a_required_parent_stands_for_its_children() -> None:
    """A parent is never signed itself: what requires it waits for each child."""
    ladder = ladder_with(
        Entry(id="p", text="P", children=(Entry(id="p1", text="P1"), Entry(id="p2", text="P2"))),
        Entry(id="z", text="Z", requires=("p",)),
    )
    assert blockers(RECORD, ladder, ladder.items["z"]) == ("p1", "p2")
    record = mo(1, ladder).sign_off(RECORD, [ladder.items["p1"]], observed=True)
    assert blockers(record, ladder, ladder.items["z"]) == ("p2",)


def test_a_gate_does_not_block_itself() -> None:
    """A gate that is one of the task's own expectations can be signed."""
    ladder = ladder_with(Entry(id="a", text="Do a"), Entry(id="b", text="Do b"), gate="a")
    assert blockers(RECORD, ladder, ladder.items["a"]) == ()
    assert blockers(RECORD, ladder, ladder.items["b"]) == ("a",)


def test_signable_parts_what_can_be_signed_together() -> None:
    """What waits only for others in the list goes with them; the blocked takes along what waits for it."""
    licence, a, b = (GATED.items[id_] for id_ in ("licence", "a", "b"))
    assert signable(RECORD, GATED, [b, a, licence]) == ([b, a, licence], [])
    assert signable(RECORD, GATED, [b, licence]) == ([licence], [b])
    assert signable(RECORD, GATED, [b, a]) == ([], [b, a])
    chain = ladder_with(
        Entry(id="x", text="X"),
        Entry(id="y", text="Y", requires=("x",)),
        Entry(id="z", text="Z", requires=("y",)),
    )
    x, y, z = chain.items.values()
    assert signable(RECORD, chain, [z, y]) == ([], [y, z])
    assert signable(RECORD, chain, [z, y, x]) == ([z, y, x], [])


@pytest.mark.parametrize("decision", ["send_back", "revoke", "waive"])
@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_decision_against_needs_a_reason(decision: str, reason: str) -> None:
    """Return, revoke and waive say why; blanks say nothing."""
    record = mo(2).sign_off(CHECKED, [A]) if decision == "revoke" else CHECKED
    with pytest.raises(Missing, match="--because"):
        getattr(mo(3), decision)(record, [A], reason)


def everything(actor: Actor, record: Record, item: Item) -> dict[str, Callable[[], Record]]:
    """Return every command about one item, ready to run."""
    return {
        "check": lambda: actor.check(record, [item]),
        "uncheck": lambda: actor.uncheck(record, [item]),
        "note": lambda: actor.note(record, item, "words"),
        "sign_off": lambda: actor.sign_off(record, [item], observed=True),
        "send_back": lambda: actor.send_back(record, [item], "why"),
        "revoke": lambda: actor.revoke(record, [item], "why"),
        "waive": lambda: actor.waive(record, [item], "why"),
    }


EVERYTHING = list(everything(mo(1), RECORD, A))


@pytest.mark.parametrize("command", EVERYTHING)
def test_nothing_is_dated_in_the_future(command: str) -> None:
    """What happened, happened today or before; today itself is allowed."""
    record = {"uncheck": CHECKED, "send_back": CHECKED}.get(command, RECORD)
    record = mo(1).sign_off(record, [A], observed=True) if command == "revoke" else record
    with pytest.raises(FutureDate, match="2026-03-03 is in the future"):
        everything(replace(mo(2), on=TODAY + timedelta(days=1)), record, A)[command]()
    assert everything(replace(mo(2), on=TODAY), record, A)[command]().events[-1].on == TODAY


@pytest.mark.parametrize("command", EVERYTHING)
def test_a_parent_item_follows_from_its_children(command: str) -> None:
    """Nothing is said of a parent itself; the error names the ids to use, even behind an unsigned gate."""
    parent = Entry(id="p", text="P", requires=("z",), children=(Entry(id="p1", text="P1"), Entry(id="p2", text="P2")))
    ladder = ladder_with(parent, Entry(id="z", text="Z"))
    with pytest.raises(FollowsFromChildren, match="p follows from p1, p2"):
        everything(mo(1, ladder), RECORD, ladder.role.items["p"])[command]()


@pytest.mark.parametrize("command", EVERYTHING)
@pytest.mark.parametrize(
    ("successor", "told"), [(None, "it was retired\\."), ("b", "it was retired, replaced by b\\.")]
)
def test_a_retired_item_is_on_no_ladder(command: str, successor: str | None, told: str) -> None:
    """Nothing more is written about a retired item; the error names what replaced it."""
    retired = Entry(id="a", text="Do a", requires=("b",), retired=True, replaced_by=successor)
    ladder = ladder_with(retired, Entry(id="b", text="Do b"))
    with pytest.raises(NotOnLadder, match=told):
        everything(mo(1, ladder), RECORD, ladder.role.items["a"])[command]()


@pytest.mark.parametrize("command", EVERYTHING)
def test_an_item_of_a_variant_the_trainee_has_not_is_not_on_the_ladder(command: str) -> None:
    """A trainee without the variant is never asked for its items; with it, they are like any other."""
    task = Task(id="k", name="K", why="W", variant="mm", expectations={"t": (Entry(id="a", text="Do a"),)})
    role = Role(
        id="r",
        name="R",
        variants=(Variant(id="mm", name="M M"),),
        tiers=(Tier(id="t", title="T"),),
        tasks=(task,),
    )
    without, with_it = Ladder(role, frozenset(), "v1"), Ladder(role, frozenset({"mm"}), "v1")
    item = role.items["a"]
    with pytest.raises(NotOnLadder, match='the variant "mm"'):
        everything(mo(1, without), RECORD, item)[command]()
    assert mo(1, with_it).sign_off(RECORD, [item], observed=True).status(item).state == "signed"


STATES: dict[str, Callable[[], Record]] = {
    "open": lambda: RECORD,
    "checked": lambda: CHECKED,
    "returned": lambda: mo(2).send_back(CHECKED, [A], "no"),
    "signed": lambda: mo(2).sign_off(CHECKED, [A]),
    "waived": lambda: mo(2).waive(CHECKED, [A], "no"),
}


@pytest.mark.parametrize(
    ("command", "state", "told"),
    [
        ("check", "checked", "a is checked.*ca-ladder note a"),
        ("check", "signed", "a is signed.*ca-ladder note a"),
        ("check", "waived", "a is waived.*ca-ladder show a"),
        ("uncheck", "open", "a is open.*Only a checked"),
        ("uncheck", "returned", "a is returned.*Only a checked"),
        ("uncheck", "signed", "a is signed.*ca-ladder revoke a"),
        ("uncheck", "waived", "a is waived.*Only a checked"),
        ("sign_off", "signed", "a is already signed off.*ca-ladder show a"),
        ("sign_off", "waived", "a is waived.*ca-ladder revoke a"),
        ("send_back", "open", "a is open.*Only a checked"),
        ("send_back", "returned", "a is returned.*Only a checked"),
        ("send_back", "signed", "a is signed.*ca-ladder revoke a"),
        ("send_back", "waived", "a is waived.*Only a checked"),
        ("revoke", "open", "a is open.*no sign-off"),
        ("revoke", "checked", "a is checked.*no sign-off"),
        ("revoke", "returned", "a is returned.*no sign-off"),
        ("waive", "signed", "a is signed.*ca-ladder revoke a"),
        ("waive", "waived", "a is waived.*ca-ladder revoke a"),
    ],
)
def test_what_is_so_already_or_makes_no_sense_is_told(command: str, state: str, told: str) -> None:
    """A command that the item's state leaves no room for says the state, and what to do instead."""
    with pytest.raises(InvalidState, match=told):
        everything(mo(5), STATES[state](), A)[command]()


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ("check", "open"),
        ("check", "returned"),
        ("uncheck", "checked"),
        ("sign_off", "open"),
        ("sign_off", "checked"),
        ("sign_off", "returned"),
        ("send_back", "checked"),
        ("revoke", "signed"),
        ("revoke", "waived"),
        ("waive", "open"),
        ("waive", "checked"),
        ("waive", "returned"),
        *(("note", state) for state in STATES),
    ],
)
def test_what_makes_sense_is_written(command: str, state: str) -> None:
    """Every other command adds exactly one event; with the refusals this is every command and state."""
    before = STATES[state]()
    after = everything(mo(5), before, A)[command]()
    assert after.events[:-1] == before.events


@pytest.mark.parametrize(
    "command",
    [
        lambda record: ann(5).check(record, [B, A]),
        lambda record: ann(5).uncheck(record, [A, B]),
        lambda record: mo(5).sign_off(record, [A, B]),
        lambda record: mo(5).send_back(record, [A, B], "why"),
        lambda record: mo(5).revoke(record, [A, B], "why"),
        lambda record: mo(5).waive(mo(4).waive(record, [B], "why"), [A, B], "why"),
        lambda record: ann(5).check(record, [B, B]),
    ],
)
def test_one_failing_item_leaves_all_as_it_was(command: Callable[[Record], Record]) -> None:
    """A command does all it was asked or nothing: the record given is never changed."""
    before = CHECKED.events
    with pytest.raises(LadderError):
        command(CHECKED)
    assert CHECKED.events is before
    assert (CHECKED.status(A).state, CHECKED.status(B).state) == ("checked", "open")


# --- undo ---------------------------------------------------------------------------------------------------


def test_undo_takes_back_all_events_of_the_last_command_and_no_other() -> None:
    """Three items checked at once are taken back at once; the command before stays."""
    ladder = ladder_with(*(Entry(id=id_, text=id_) for id_ in "abcd"))
    a, *rest = ladder.items.values()
    record = ann(2, ladder).check(ann(1, ladder).check(RECORD, [a]), rest)
    undone = ann(3, ladder).undo(record)
    assert [undone.status(item).state for item in (a, *rest)] == ["checked", "open", "open", "open"]
    assert [(event.kind, event.item) for event in undone.events[-3:]] == [("undo", id_) for id_ in "bcd"]
    assert undone.events[: len(record.events)] == record.events


def test_undo_twice_does_it_again() -> None:
    """The last command after an undo is the undo."""
    twice = ann(3).undo(ann(2).undo(CHECKED))
    assert twice.status(A).state == "checked"
    assert twice.events[-1].of == twice.events[-2].id


def test_what_was_undone_on_two_copies_is_not_brought_back_by_one_undo() -> None:
    """An undo that would change nothing is refused and says why; each new command can be undone as ever."""
    both = union(ann(2).undo(CHECKED), ann(3).undo(CHECKED))
    with pytest.raises(NothingToUndo, match="the same was taken back on another copy as well"):
        ann(4).undo(both)
    again = ann(5).check(both, [A])
    assert ann(6).undo(again).status(A).state == "open"


def test_undo_leaves_another_accounts_command_alone() -> None:
    """What a mentor wrote later from another account is not the trainee's to undo, nor in the way."""
    record = mo(2).sign_off(CHECKED, [B], observed=True)
    undone = ann(3).undo(record)
    assert (undone.status(A).state, undone.status(B).state) == ("open", "signed")


def test_the_same_account_name_on_another_computer_is_another_account() -> None:
    """Every office has two people called the same by their computers."""
    elsewhere = Stamp(MORNING + timedelta(hours=2), "ann", "LAPTOP")
    with pytest.raises(NothingToUndo, match="ann on LAPTOP"):
        last_command(CHECKED, elsewhere)


def test_who_wrote_nothing_has_nothing_to_undo() -> None:
    """The error says for which account nothing was found."""
    with pytest.raises(NothingToUndo, match="written by mo on PC"):
        mo(1).undo(RECORD)


def test_the_first_enrolment_is_not_undone() -> None:
    """A record without its enrolment would be nobody's."""
    with pytest.raises(NothingToUndo, match="began the record"):
        ann(1).undo(RECORD)


def test_a_later_enrolment_is_undone() -> None:
    """A wrong correction of the start date is taken back like anything else."""
    changed = enrol_again(RECORD, stamp(1, "ann"), ANN, start=date(2026, 1, 1))
    assert ann(2).undo(changed).enrolment == RECORD.enrolment


BUILT_ON: dict[str, Callable[[], Record]] = {
    "sign-off": lambda: mo(2).sign_off(CHECKED, [A]),
    "return": lambda: mo(2).send_back(CHECKED, [A], "no"),
    "waive": lambda: mo(2).waive(CHECKED, [A], "no"),
    "revoked": lambda: mo(3).revoke(mo(2).sign_off(CHECKED, [A]), [A], "no"),
    "redone": lambda: mo(4).undo(mo(3).undo(mo(2).sign_off(CHECKED, [A]))),
}


@pytest.mark.parametrize("built", BUILT_ON)
def test_what_somebody_built_on_is_not_undone(built: str) -> None:
    """A claim that a mentor has answered is not pulled away from under the answer."""
    with pytest.raises(NothingToUndo, match="a has changed since, by Mo on 2026-03-02"):
        ann(5).undo(BUILT_ON[built]())


LEFT_ALONE: dict[str, Callable[[], Record]] = {
    "note": lambda: mo(2).note(CHECKED, A, "well done"),
    "note taken back": lambda: mo(3).undo(mo(2).note(CHECKED, A, "well done")),
    "sign-off taken back": lambda: mo(3).undo(mo(2).sign_off(CHECKED, [A])),
    "other item": lambda: mo(2).waive(CHECKED, [B], "no"),
}


@pytest.mark.parametrize("left", LEFT_ALONE)
def test_what_nobody_built_on_is_undone(left: str) -> None:
    """Words, other items, and what was itself taken back are in nobody's way."""
    assert ann(5).undo(LEFT_ALONE[left]()).status(A).state == "open"


def test_a_sign_off_taken_back_does_not_return_to_a_claim_taken_back_since() -> None:
    """Mentor undoes, trainee undoes, mentor undoes again: the sign-off is not given to an unchecked item."""
    record = ann(4).undo(mo(3).undo(mo(2).sign_off(CHECKED, [A])))
    with pytest.raises(NothingToUndo, match="a has changed since, by Ann"):
        mo(5).undo(record)


GIVEN_BACK: dict[str, Callable[[], Record]] = {
    "sign-off undone": lambda: mo(3).undo(mo(2).sign_off(CHECKED, [A])),
    "sign-off revoked": lambda: mo(3).revoke(mo(2).sign_off(CHECKED, [A]), [A], "wrong line"),
    "waiver undone": lambda: mo(3).undo(mo(2).waive(CHECKED, [A], "no")),
    "waiver revoked": lambda: mo(3).revoke(mo(2).waive(CHECKED, [A], "no"), [A], "it does"),
}


@pytest.mark.parametrize("taken_back", GIVEN_BACK)
def test_a_trainee_gives_no_decision_back_by_undo(taken_back: str) -> None:
    """On an account that people share, undo is no way to sign for oneself; the mentor may undo it there."""
    record = GIVEN_BACK[taken_back]()
    with pytest.raises(SelfSignOff):
        replace(mo(4), by=ANN).undo(record)
    assert mo(4).undo(record).status(A).state in {"signed", "waived"}


def test_a_wrong_decision_is_taken_back_by_whoever_sits_there() -> None:
    """Taking a sign-off back signs nothing: it needs no mentor on the account it was written from."""
    record = mo(2).sign_off(CHECKED, [A])
    assert replace(mo(3), by=ANN).undo(record).status(A).state == "checked"


def test_a_note_is_undone_whatever_came_after() -> None:
    """Nobody builds on words."""
    noted = ann(2).note(CHECKED, A, "typo")
    assert ann(4).undo(mo(3).sign_off(noted, [A])).status(A).notes == ()


def test_an_enrolment_that_somebody_changed_since_is_not_undone() -> None:
    """A change that a later enrolment carries on cannot be taken back from under it without saying so."""
    changed = enrol_again(RECORD, stamp(1, "ann"), ANN, start=date(2026, 1, 1))
    changed = enrol_again(changed, stamp(2, "max"), Person(name="Max", role="manager"), mentors=("Mo",))
    with pytest.raises(NothingToUndo, match="the enrolment has changed since, by Max"):
        ann(3).undo(changed)


def test_an_enrolment_does_not_stand_in_the_way_of_an_item() -> None:
    """A mentor added since has nothing to do with a claim."""
    changed = enrol_again(CHECKED, stamp(2, "max"), Person(name="Max", role="manager"), mentors=("Mo",))
    assert ann(3).undo(changed).status(A).state == "open"


def test_the_last_command_is_known_before_it_is_undone() -> None:
    """What undo will take back can be told first."""
    events: tuple[Event, ...] = last_command(ann(2).check(CHECKED, [B]), stamp(3, "ann"))
    assert [(event.kind, event.item) for event in events] == [("check", "b")]


def test_undo_takes_back_only_what_was_announced() -> None:
    """What a person agreed to take back is taken back, and nothing that was written while they thought about it."""
    announced = last_command(CHECKED, stamp(2, "ann"))
    assert ann(3).undo(CHECKED, announced).status(A).state == "open"
    meanwhile = ann(2).check(CHECKED, [B])
    with pytest.raises(NothingToUndo, match="changed meanwhile"):
        ann(3).undo(meanwhile, announced)
