"""The rules: what may be added to a record, each refusal by its own error, and all or nothing."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from ca_ladder import errors
from ca_ladder.catalogue.models import Entry, Item, Ladder, Role, Task, Tier, Variant
from ca_ladder.record.actor import Actor, ReasonedDecision, refuse_if_changed
from ca_ladder.record.commands import last_command
from ca_ladder.record.events import Person, Stamp
from ca_ladder.record.merging import union
from ca_ladder.record.record import Record
from ca_ladder.record.rules import blockers, deciders, identify, signable
from tests.record.builders import (
    ANN,
    CHECKED,
    COMMANDS,
    DECISIONS,
    KIM,
    LADDER,
    MO,
    MORNING,
    RECORD,
    A,
    B,
    after,
    ann,
    enrolled_again,
    ladder_with,
    mo,
    new_record,
    stamp,
    with_entry,
)

TODAY = MORNING.date()
ITEM_COMMANDS = [command for command in COMMANDS if command not in {"sign-off", "undo", "redo"}]
REASONED: list[ReasonedDecision] = ["return", "revoke", "waive"]


# --- what events say ----------------------------------------------------------------------------------------


def test_enrolling_begins_a_record_of_its_own() -> None:
    """The first event enrols, has no parents, gives each record a UUID no other has, and names each mentor once."""
    record = new_record(mentors=("Mo", "MO ", "Mia"), manager="Max")
    (event,) = record.events
    assert (event.kind, event.parents, event.by, record.enrolment.mentors) == ("enrol", (), ANN, ("Mo", "Mia"))
    assert record.id != RECORD.id


def test_enrolling_again_holds_details_to_the_same_shape() -> None:
    """A list becomes a tuple as in a file read back, and a misspelt detail is no detail."""
    assert enrolled_again(RECORD, 1, mentors=["Mo"]).enrolment.mentors == ("Mo",)
    with pytest.raises(TypeError, match="mentor"):
        enrolled_again(RECORD, 1, mentor="Mo")


def test_a_check_says_all_it_was_given() -> None:
    """A check keeps day, words, evidence, and the wording and catalogue as they stood."""
    actor = replace(ann(1), on=date(2026, 3, 1))
    event = actor.check(RECORD, [A], note="twice", evidence=["a.pdf"]).events[-1]
    assert (event.kind, event.item, event.on, event.at) == ("check", "a", date(2026, 3, 1), actor.stamp.now)
    assert (event.note, event.evidence, event.account, event.computer) == ("twice", ("a.pdf",), "ann", "PC")
    assert event.wording
    assert (event.wording.text, event.wording.revision, event.wording.catalogue) == ("Do a", 1, "v1")


def test_a_sign_off_says_all_it_was_given() -> None:
    """A sign-off keeps who gave it, what was signed, and that it was seen rather than claimed."""
    record = mo(2).sign_off(CHECKED, [A], note="well done")
    signed, observed = mo(3).sign_off(record, [B], observed=True).events[-2:]
    assert (signed.by, signed.note) == (MO, "well done")
    assert (signed.observed, observed.observed) == (False, True)
    assert signed.wording
    assert signed.wording.text == "Do a"


def test_one_command_shares_its_moment_and_chains_its_events() -> None:
    """The events of one command have one moment, in UTC, and each is written on the one before."""
    first, second = ann(1).check(RECORD, [A, B]).events[1:]
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
    """A return, a waiver and a revocation say why, without blanks around it, and a revocation says of what."""
    returned = mo(2).decide("return", CHECKED, [A], " no forms yet\n").events[-1]
    waived = mo(2).decide("waive", CHECKED, [A], "other book")
    revoked = mo(3).decide("revoke", waived, [A], "same book").events[-1]
    assert (returned.kind, returned.because) == ("return", "no forms yet")
    assert (waived.events[-1].kind, waived.events[-1].because) == ("waive", "other book")
    assert (revoked.kind, revoked.because, revoked.of) == ("revoke", "same book", waived.events[-1].id)


# --- who may decide -----------------------------------------------------------------------------------------

SPELLINGS = ["Zoë Ünal", "ZOË ÜNAL", unicodedata.normalize("NFD", "Zoë Ünal"), " Zoë  Ünal "]
SPELLINGS += ["Zo\u200bë Ünal\u200d", "Zoë Ünal\x07"]


ZOE = ann(1, name="Zoë Ünal").check(new_record(name="Zoë Ünal"), [A])
RENAMED = ann(3).check(enrolled_again(enrolled_again(RECORD, 1, name="Ann Lee"), 2, name="Ann Poe"), [A])
NAMES = [*((ZOE, name) for name in SPELLINGS), *((RENAMED, name) for name in ("Ann", "ANN LEE", "Ann Poe"))]


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize(("record", "name"), NAMES, ids=[ascii(name) for _, name in NAMES])
def test_a_trainee_never_decides_on_their_own_items(decision: str, record: Record, name: str) -> None:
    """However the name is spelt, and under whatever name they had, nobody decides for themself."""
    with pytest.raises(errors.SelfSignOff, match=f"{record.enrolment.name} is the trainee"):
        COMMANDS[decision](mo(2, name=name), record, A)
    assert mo(4).sign_off(record, [A]).status(A).state == "signed"


def test_a_trainee_is_never_named_their_own_mentor_or_manager() -> None:
    """Neither at the beginning nor later, however the name is spelt."""
    with pytest.raises(errors.SelfSignOff):
        new_record(name="Zoë Ünal", mentors=("Mo", "zoë  ünal"))
    with pytest.raises(errors.SelfSignOff):
        new_record(name="Zoë Ünal", manager="ZOË ÜNAL")
    with pytest.raises(errors.SelfSignOff):
        enrolled_again(new_record(name="Zoë Ünal"), 1, MO, mentors=("zoë ünal",))


@pytest.mark.parametrize("mentors", [("Mo",), ()])
def test_once_named_only_those_who_sign_change_who_signs(mentors: tuple[str, ...]) -> None:
    """A trainee cannot add a mentor of their own making, nor remove a manager; who signs can add one."""
    record = new_record(mentors=mentors, manager="Kim")
    names = " or ".join((*mentors, "Kim"))
    for changes in ({"mentors": ("Mo", "Friend")}, {"manager": None}):
        with pytest.raises(errors.NotPossible, match=f"Only {names} can change who signs off, not Ann"):
            enrolled_again(record, 1, **changes)
    assert enrolled_again(record, 1, KIM, mentors=("Mo", "Mia")).enrolment.mentors == ("Mo", "Mia")
    assert enrolled_again(record, 1, start=date(2026, 2, 2)).enrolment.start == date(2026, 2, 2)


def test_a_decision_is_for_what_was_seen() -> None:
    """A claim made anew while the mentor was looking at the old one is not signed with it."""
    seen = ann(1).check(RECORD, [A], note="alone")
    anew = ann(3).check(ann(2).uncheck(seen, [A]), [A], note="with help")
    refuse_if_changed(seen, ann(2).note(seen, B, "beside it"), [A])
    with pytest.raises(errors.ChangedMeanwhile, match="a has changed meanwhile"):
        refuse_if_changed(seen, anew, [A])
    with pytest.raises(errors.ChangedMeanwhile, match="The enrolment"):
        refuse_if_changed(seen, enrolled_again(seen, 2, start=date(2026, 2, 2)), [A])


NAMED = ann(1).check(new_record(mentors=("Mo", "Mia"), manager="Max"), [A])


@pytest.mark.parametrize("decision", DECISIONS)
def test_only_the_named_mentors_and_the_manager_decide(decision: str) -> None:
    """Where the record names who signs, nobody else does; the error names those who do."""
    with pytest.raises(errors.NotAMentor, match="Mo, Mia or Max"):
        COMMANDS[decision](mo(2, name="Eve"), NAMED, A)


@pytest.mark.parametrize("name", ["Mo", "mo ", "MIA", "max"])
def test_the_named_ones_decide_in_any_spelling(name: str) -> None:
    """Mentors and the manager are known by their names, whatever the case."""
    signer = replace(mo(2), by=identify(NAMED, name))
    assert signer.sign_off(NAMED, [A]).status(A).state == "signed"


def test_without_named_mentors_anyone_but_the_trainee_decides() -> None:
    """A manager alone does not close the circle: only naming mentors does. Deciders are they, then the manager."""
    record = ann(1).check(new_record(manager="Max"), [A])
    assert mo(2, name="Eve").sign_off(record, [A]).status(A).state == "signed"
    assert deciders(record) == ()
    assert deciders(new_record(mentors=("Mo",))) == ("Mo",)
    assert deciders(NAMED) == ("Mo", "Mia", "Max")


@pytest.mark.parametrize(
    ("typed", "person"),
    [
        ("ANN", ANN),
        ("max ", Person(name="Max", role="manager")),
        ("mo", MO),
        ("Eve", Person(name="Eve", role="mentor")),
    ],
)
def test_a_name_is_a_person_to_the_record(typed: str, person: Person) -> None:
    """Who somebody is follows from the enrolment, and the record's spelling is kept."""
    assert identify(NAMED, typed) == person
    assert identify(RECORD, "Max") == Person(name="Max", role="mentor")  # without a manager nobody is one


# --- what may be decided ------------------------------------------------------------------------------------

STATES = {
    "open": RECORD,
    "checked": CHECKED,
    "returned": after("check return"),
    "signed": after("check sign-off"),
    "waived": after("check waive"),
}
# What an item's state leaves no room for, and what is said about it.
REFUSED = {
    (command, state): message.format(state)
    for commands, states, message in [
        ("check", "checked signed", "a is {}.*ca-ladder note a"),
        ("check", "waived", "a is {}.*ca-ladder show a"),
        ("uncheck return", "open returned waived", "a is {}.*Only a checked"),
        ("uncheck return", "signed", "a is {}.*ca-ladder revoke a"),
        ("sign-off", "open returned", "a is {}.*--observed"),
        ("sign-off observe", "signed", "a is already signed off.*ca-ladder show a"),
        ("sign-off observe", "waived", "a is {}.*ca-ladder revoke a"),
        ("revoke", "open checked returned", "a is {}.*no sign-off"),
        ("waive", "signed waived", "a is {}.*ca-ladder revoke a"),
    ]
    for command in commands.split()
    for state in states.split()
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("command", [*ITEM_COMMANDS, "sign-off"])
def test_every_command_in_every_state(command: str, state: str) -> None:
    """A command either adds one event, or says the state that leaves no room for it, and what to do instead."""
    before = STATES[state]
    refusal = REFUSED.get((command, state))
    if refusal:
        with pytest.raises(errors.InvalidState, match=refusal):
            COMMANDS[command](mo(5), before, A)
    else:
        assert COMMANDS[command](mo(5), before, A).events[:-1] == before.events


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", REASONED)
def test_a_decision_is_refused_before_its_reason_is_known(kind: ReasonedDecision, state: str) -> None:
    """What forbids the decision is told before anybody is asked why; where nothing does, nothing is said."""
    if (kind, state) in REFUSED:
        with pytest.raises(errors.InvalidState, match=REFUSED[kind, state]):
            mo(5).refuse_decision(STATES[state], A, kind)
    else:
        mo(5).refuse_decision(STATES[state], A, kind)
    with pytest.raises(errors.SelfSignOff):
        ann(5).refuse_decision(STATES[state], A, kind)


@pytest.mark.parametrize("kind", REASONED)
@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_decision_against_needs_a_reason(kind: ReasonedDecision, reason: str) -> None:
    """Return, revoke and waive say why; blanks say nothing."""
    with pytest.raises(errors.Missing, match="--because"):
        mo(3).decide(kind, STATES["signed" if kind == "revoke" else "checked"], [A], reason)


GATED = ladder_with(
    Entry(id="a", text="Do a"),
    Entry(id="b", text="Do b", requires=("a",)),
    gate="licence",
    skills=(Entry(id="licence", text="Hold the licence"), Entry(id="other", text="Be quick")),
)
GATED_A, GATED_B, LICENCE, OTHER = (GATED.items[id_] for id_ in ("a", "b", "licence", "other"))


def test_a_gate_that_is_not_signed_blocks_the_tasks_expectations() -> None:
    """The expectations of a gated task wait for the gate; its other items do not."""
    record = ann(1, GATED).check(RECORD, [GATED_A, OTHER, LICENCE])
    with pytest.raises(errors.Blocked, match="a cannot be signed off before licence"):
        mo(2, GATED).sign_off(record, [GATED_A])
    with pytest.raises(errors.Blocked):  # to have seen it done is not the right to do it
        mo(2, GATED).sign_off(record, [GATED_A], observed=True)
    assert mo(2, GATED).sign_off(record, [OTHER]).status(OTHER).state == "signed"


def test_every_blocker_is_named() -> None:
    """An item waits for its gate and its prerequisites, in the order they are asked."""
    assert blockers(RECORD, GATED, GATED_B) == ("licence", "a")
    with pytest.raises(errors.Blocked, match="before licence and a"):
        mo(2, GATED).sign_off(RECORD, [GATED_B])


def test_a_gate_signed_in_the_same_command_comes_first() -> None:
    """In whatever order they are named, what others wait for is signed before them."""
    all_three = [GATED_B, GATED_A, LICENCE]
    record = mo(2, GATED).sign_off(ann(1, GATED).check(RECORD, all_three), all_three)
    assert [event.item for event in record.events if event.kind == "sign-off"] == ["licence", "a", "b"]


@pytest.mark.parametrize("decision", ["observe", "waive"])
def test_a_signed_or_waived_gate_does_not_block(decision: str) -> None:
    """Once the gate is signed, or does not apply, its task is open; revoked, it blocks again."""
    opened = COMMANDS[decision](mo(1, GATED), RECORD, LICENCE)
    assert blockers(opened, GATED, GATED_A) == ()
    assert mo(2, GATED).sign_off(opened, [GATED_A], observed=True).status(GATED_A).state == "signed"
    assert blockers(mo(3, GATED).decide("revoke", opened, [LICENCE], "expired"), GATED, GATED_A) == ("licence",)


PARTS = (Entry(id="p1", text="P1"), Entry(id="p2", text="P2"))
PARENT = Entry(id="p", text="P", children=PARTS)
ITEM_A, ITEM_B = Entry(id="a", text="Do a"), Entry(id="b", text="Do b")
ITEM_Z = Entry(id="z", text="Z", requires=("p",))
RETIRED_GATE = Entry(id="licence", text="Hold it", retired=True)


@pytest.mark.parametrize(
    ("ladder", "item", "blocked_by"),
    [
        # What nobody is asked for any more holds up nothing.
        (ladder_with(ITEM_A, gate="licence", skills=(RETIRED_GATE,)), "a", ()),
        # A parent is never signed itself: what requires it waits for each child.
        (ladder_with(PARENT, ITEM_Z), "z", ("p1", "p2")),
        # A gate that is one of the task's own expectations can be signed.
        (ladder_with(ITEM_A, ITEM_B, gate="a"), "a", ()),
        (ladder_with(ITEM_A, ITEM_B, gate="a"), "b", ("a",)),
    ],
)
def test_what_an_item_waits_for(ladder: Ladder, item: str, blocked_by: tuple[str, ...]) -> None:
    """Each blocker is one less once it is signed off."""
    assert blockers(RECORD, ladder, ladder.items[item]) == blocked_by
    if blocked_by:
        record = mo(1, ladder).sign_off(RECORD, [ladder.items[blocked_by[0]]], observed=True)
        assert blockers(record, ladder, ladder.items[item]) == blocked_by[1:]


def test_signable_parts_what_can_be_signed_together() -> None:
    """What waits only for others in the list goes with them; the blocked takes along what waits for it."""
    assert signable(RECORD, GATED, [GATED_B, GATED_A, LICENCE]) == ([GATED_B, GATED_A, LICENCE], [])
    assert signable(RECORD, GATED, [GATED_B, LICENCE]) == ([LICENCE], [GATED_B])
    assert signable(RECORD, GATED, [GATED_B, GATED_A]) == ([], [GATED_B, GATED_A])
    needs: dict[str, tuple[str, ...]] = {"x": (), "y": ("x",), "z": ("y",)}
    chain = ladder_with(*(Entry(id=id_, text=id_, requires=requires) for id_, requires in needs.items()))
    x, y, z = chain.items.values()
    assert signable(RECORD, chain, [z, y]) == ([], [y, z])
    assert signable(RECORD, chain, [z, y, x]) == ([z, y, x], [])


@pytest.mark.parametrize("command", ITEM_COMMANDS)
def test_nothing_is_dated_in_the_future(command: str) -> None:
    """What happened, happened today or before; today itself is allowed."""
    record = {"uncheck": CHECKED, "return": CHECKED, "revoke": STATES["signed"]}.get(command, RECORD)
    with pytest.raises(errors.FutureDate, match="2026-03-03 is in the future"):
        COMMANDS[command](replace(mo(2), on=TODAY + timedelta(days=1)), record, A)
    assert COMMANDS[command](replace(mo(2), on=TODAY), record, A).events[-1].on == TODAY


def test_a_sign_off_answers_an_earlier_check() -> None:
    """It is not dated before the check, except by somebody for whom the day of the check has not come yet."""
    with pytest.raises(errors.NotPossible, match="a was checked on 2026-03-02, so its sign-off cannot be dated 2026-0"):
        replace(mo(8), on=TODAY - timedelta(days=1)).sign_off(CHECKED, [A])
    assert replace(mo(8), on=TODAY - timedelta(days=1)).sign_off(CHECKED, [A], observed=True)
    west = Stamp(datetime(2026, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-11))), "mo", "PC")
    assert Actor(LADDER, west, MO).sign_off(CHECKED, [A]).events[-1].on == date(2026, 3, 1)


@pytest.mark.parametrize("command", ITEM_COMMANDS)
@pytest.mark.parametrize(
    ("details", "error", "message"),
    [
        ({"children": PARTS}, errors.NotPossible, "a follows from p1, p2"),
        ({"retired": True}, errors.NotPossible, "it was retired\\."),
        ({"retired": True, "replaced_by": "b"}, errors.NotPossible, "it was retired, replaced by b\\."),
    ],
)
def test_nothing_is_said_of_a_parent_or_a_retired_item(
    command: str, details: dict[str, Any], error: type[errors.LadderError], message: str
) -> None:
    """The error names the ids to use instead, even behind an unsigned gate."""
    ladder = ladder_with(Entry(id="a", text="Do a", requires=("b",), **details), Entry(id="b", text="Do b"))
    with pytest.raises(error, match=message):
        COMMANDS[command](mo(1, ladder), RECORD, ladder.role.items["a"])


@pytest.mark.parametrize("command", ITEM_COMMANDS)
def test_an_item_of_a_variant_the_trainee_has_not_is_not_on_the_ladder(command: str) -> None:
    """A trainee without the variant is never asked for its items; with it, they are like any other."""
    task = Task(id="k", name="K", why="W", variant="mm", expectations={"t": (Entry(id="a", text="Do a"),)})
    variants, tiers = (Variant(id="mm", name="M M"),), (Tier(id="t", title="T"),)
    role = Role(id="r", name="R", variants=variants, tiers=tiers, tasks=(task,))
    item = role.items["a"]
    with pytest.raises(errors.NotPossible, match='the variant "mm"'):
        COMMANDS[command](mo(1, Ladder(role, frozenset(), "v1")), RECORD, item)
    with_variant = Ladder(role, frozenset({"mm"}), "v1")
    assert mo(1, with_variant).sign_off(RECORD, [item], observed=True).status(item).state == "signed"


@pytest.mark.parametrize(
    "command",
    [
        lambda: ann(5).check(CHECKED, [B, A]),
        lambda: ann(5).uncheck(CHECKED, [A, B]),
        lambda: mo(5).sign_off(CHECKED, [A, B]),
        lambda: mo(5).decide("return", CHECKED, [A, B], "why"),
        lambda: mo(5).decide("revoke", CHECKED, [A, B], "why"),
        lambda: mo(5).decide("waive", mo(4).decide("waive", CHECKED, [B], "why"), [A, B], "why"),
        lambda: ann(5).check(CHECKED, [B, B]),
    ],
)
def test_one_failing_item_leaves_all_as_it_was(command: Callable[[], Record]) -> None:
    """A command does all it was asked or nothing: the record given is never changed."""
    before = CHECKED.events
    with pytest.raises(errors.LadderError):
        command()
    assert CHECKED.events is before
    assert (CHECKED.status(A).state, CHECKED.status(B).state) == ("checked", "open")


# --- undo ---------------------------------------------------------------------------------------------------


def test_undo_takes_back_all_events_of_the_last_command_and_no_other() -> None:
    """Three items checked at once are taken back at once; the command before stays. It is known what will be."""
    ladder = ladder_with(*(Entry(id=id_, text=id_) for id_ in "abcd"))
    a, *rest = ladder.items.values()
    record = ann(2, ladder).check(ann(1, ladder).check(RECORD, [a]), rest)
    assert last_command(record, "ann") == record.events[-3:]
    undone = ann(3, ladder).undo(record)
    assert [undone.status(item).state for item in (a, *rest)] == ["checked", "open", "open", "open"]
    assert [(event.kind, event.item) for event in undone.events[-3:]] == [("undo", id_) for id_ in "bcd"]
    assert undone.events[: len(record.events)] == record.events


def test_undo_walks_back_and_redo_forward_again() -> None:
    """Each undo goes one command further back, on whichever computer it was typed; each redo one forward.

    Kind: a second undo brought the mistake back, and a new name of the computer hid the last command.
    """
    elsewhere = replace(ann(2), stamp=stamp(2, computer="laptop-vpn"))
    record = elsewhere.check(CHECKED, [B])
    states = []
    for hour, step in enumerate((Actor.undo, Actor.undo, Actor.redo, Actor.redo, Actor.undo), start=3):
        record = step(ann(hour), record)
        states.append((record.status(A).state, record.status(B).state))
    at_first, both = ("checked", "open"), ("checked", "checked")
    assert states == [at_first, ("open", "open"), at_first, both, at_first]
    with pytest.raises(errors.NothingToRedo, match="undone from the account ann since its last command"):
        ann(9).redo(ann(8).note(record, A, "new"))


def test_a_record_with_undos_of_undos_goes_on_as_it_was() -> None:
    """Version 0.1 brought back by a second undo, and told one command from the next by their time alone."""
    once = ann(2).undo(CHECKED)
    back = with_entry(once, "undo", ANN, hour=3, item="a", of=once.heads[0], account="ann")
    assert back.status(A).state == "checked"
    assert ann(4).undo(back).status(A).state == "open"
    away = with_entry(back, "undo", ANN, hour=4, item="a", of=back.heads[0], account="ann")
    assert away.status(A).state == "open"
    assert ann(5).redo(away).status(A).state == "checked"


def test_what_one_command_wrote_at_several_moments_is_one_command() -> None:
    """A review is undone as a whole, however long it took; a command of the same moment stays."""
    ladder = ladder_with(*(Entry(id=id_, text=id_) for id_ in "abc"))
    a, b, c = ladder.items.values()
    record = ann(1, ladder).check(RECORD, [a, b, c])

    def signed(record: Record, hour: float, item: Item, command: str) -> Record:
        actor = mo(hour, ladder)
        return replace(actor, stamp=actor.stamp._replace(command=command)).sign_off(record, [item])

    record = signed(signed(signed(record, 2, c, "other"), 2, a, "review"), 72, b, "review")
    undone = mo(73, ladder).undo(record)
    assert [undone.status(item).state for item in (a, b, c)] == ["checked", "checked", "signed"]


def test_only_what_counts_is_undone() -> None:
    """An entry that breaks a rule changes nothing, so taking it back would change nothing either."""
    forged = with_entry(CHECKED, "sign-off", ANN, hour=2, item="b", account="ann", wording=CHECKED.events[1].wording)
    assert not forged.sound
    assert ann(3).undo(forged).status(A).state == "open"


def test_what_was_undone_on_two_copies_is_brought_back_by_one_redo() -> None:
    """The undo of each copy is taken back; each new command can be undone as ever."""
    both = union(ann(2).undo(CHECKED), ann(3).undo(CHECKED))
    assert ann(4).redo(both).status(A).state == "checked"
    again = ann(5).check(both, [A])
    assert ann(6).undo(again).status(A).state == "open"


def test_a_revoke_is_undone_although_its_gate_was_revoked_before() -> None:
    """An undo gives back exactly the state of a moment ago: that decides nothing anew.

    Kind: the undo that a command offered was refused for ever.
    """
    licensed = mo(2, GATED).sign_off(ann(1, GATED).check(RECORD, [GATED_A]), [LICENCE, GATED_A], observed=True)
    shut = mo(3, GATED).decide("revoke", licensed, [LICENCE], "not valid any more")
    revoked = mo(4, GATED).decide("revoke", shut, [GATED_A], "mistaken")
    back = mo(5, GATED).undo(revoked)
    assert (back.status(GATED_A).state, back.status(LICENCE).state) == ("signed", "open")
    assert mo(6, GATED).undo(back).status(LICENCE).state == "signed"


def test_bringing_a_sign_off_back_keeps_the_gate() -> None:
    """What was undone does not come back if its gate was shut since."""
    licensed = mo(2, GATED).sign_off(ann(1, GATED).check(RECORD, [GATED_A]), [LICENCE], observed=True)
    undone = mo(4, GATED).undo(mo(3, GATED).sign_off(licensed, [GATED_A]))
    shut = mo(5, GATED, account="max").decide("revoke", undone, [LICENCE], "not valid any more")
    with pytest.raises(errors.Blocked, match="a cannot be signed off before licence"):
        mo(6, GATED).redo(shut)
    assert mo(6, GATED).redo(undone).status(GATED_A).state == "signed"


def test_undo_leaves_another_accounts_command_alone() -> None:
    """What a mentor wrote later from another account is not the trainee's to undo, nor in the way."""
    undone = ann(3).undo(mo(2).sign_off(CHECKED, [B], observed=True))
    assert (undone.status(A).state, undone.status(B).state) == ("open", "signed")


def test_what_is_not_undone() -> None:
    """What another account wrote, or what is undone; and a record without its enrolment is nobody's."""
    with pytest.raises(errors.NothingToUndo, match="nothing in this record was written from the account mo"):
        mo(1).undo(RECORD)
    with pytest.raises(errors.NothingToUndo, match="all that was written from the account mo is undone already"):
        mo(3).undo(mo(2).undo(mo(1).note(RECORD, A, "words")))
    with pytest.raises(errors.NothingToUndo, match="began the record"):
        ann(1).undo(RECORD)


@pytest.mark.parametrize("answer", ["sign-off", "return", "waive", "sign-off revoke", "sign-off undo redo"])
def test_what_somebody_built_on_is_not_undone(answer: str) -> None:
    """A claim that a mentor has answered is not pulled away from under the answer."""
    with pytest.raises(errors.NothingToUndo, match="a has changed since, by Mo on 2026-03-02"):
        ann(5).undo(after(answer, CHECKED, 2))


LEFT_ALONE = {
    "note": mo(2).note(CHECKED, A, "well done"),
    "note taken back": mo(3).undo(mo(2).note(CHECKED, A, "well done")),
    "sign-off taken back": mo(3).undo(mo(2).sign_off(CHECKED, [A])),
    "other item": mo(2).decide("waive", CHECKED, [B], "no"),
    "enrolment": enrolled_again(CHECKED, 2, KIM, mentors=("Mo",)),
}


@pytest.mark.parametrize("left", LEFT_ALONE)
def test_what_nobody_built_on_is_undone(left: str) -> None:
    """Words, other items, who signs, and what was itself taken back are in nobody's way."""
    assert ann(5).undo(LEFT_ALONE[left]).status(A).state == "open"


def test_a_sign_off_taken_back_does_not_return_to_a_claim_taken_back_since() -> None:
    """Mentor undoes, trainee undoes, mentor redoes: the sign-off is not given to an unchecked item."""
    record = ann(4).undo(mo(3).undo(mo(2).sign_off(CHECKED, [A])))
    with pytest.raises(errors.NothingToRedo, match="a has changed since, by Ann"):
        mo(5).redo(record)


@pytest.mark.parametrize("commands", ["sign-off undo", "sign-off revoke", "waive undo", "waive revoke"])
def test_a_trainee_gives_no_decision_back_by_undo(commands: str) -> None:
    """On an account that people share, undo is no way to sign for oneself; the mentor may undo it there."""
    record = after(commands, CHECKED, 2)
    step = Actor.redo if commands.endswith("undo") else Actor.undo
    with pytest.raises(errors.SelfSignOff):
        step(replace(mo(4), by=ANN), record)
    assert step(mo(4), record).status(A).settled


def test_a_wrong_decision_is_taken_back_by_whoever_sits_there() -> None:
    """Taking a sign-off back signs nothing: it needs no mentor on the account it was written from."""
    assert replace(mo(3), by=ANN).undo(STATES["signed"]).status(A).state == "checked"


def test_a_note_is_undone_whatever_came_after() -> None:
    """Nobody builds on words."""
    noted = ann(2).note(CHECKED, A, "typo")
    assert ann(4).undo(mo(3).sign_off(noted, [A])).status(A).notes == ()


def test_a_later_enrolment_is_undone_unless_somebody_changed_it_since() -> None:
    """A wrong correction of the start date is taken back, but not from under a later change."""
    changed = enrolled_again(RECORD, 1, start=date(2026, 1, 1))
    assert ann(2).undo(changed).enrolment == RECORD.enrolment
    with pytest.raises(errors.NothingToUndo, match="the enrolment has changed since, by Kim"):
        ann(3).undo(enrolled_again(changed, 2, KIM, mentors=("Mo",)))


def test_undo_takes_back_only_what_was_announced() -> None:
    """What a person agreed to take back is taken back, and nothing that was written while they thought about it."""
    announced = last_command(CHECKED, "ann")
    assert ann(3).undo(CHECKED, announced).status(A).state == "open"
    meanwhile = ann(2).check(CHECKED, [B])
    with pytest.raises(errors.NothingToUndo, match="changed meanwhile"):
        ann(3).undo(meanwhile, announced)
