"""Whose move it is: every unfinished item waits on exactly one."""

from datetime import date, timedelta

import pytest

from ca_ladder.catalogue.models import Condition, Entry, Ladder, Role, Tier
from ca_ladder.progress.burn_up import burn_up
from ca_ladder.progress.results import WaitingOn
from ca_ladder.progress.team import team
from ca_ladder.progress.trainee import measure
from ca_ladder.record.actor import go_on_leave
from ca_ladder.record.events import Leave
from ca_ladder.record.record import Record
from tests.progress.test_trainee import (
    ANN,
    TIERS,
    entries,
    ladder_of,
    months,
    record_from,
    record_in_states,
    stamp,
    task,
)

START = date(2026, 1, 5)
DURING, AFTER = date(2026, 2, 2), date(2026, 4, 20)

EVERY_KIND = task(
    new=(
        *entries("plain"),
        Entry(id="dispute", text="Dispute it", condition="dispute"),
        Entry(id="book", text="Know it", condition="book"),
    ),
    meeting=entries("later"),
    gate="licence",
    skills=entries("licence", "free"),
    activities=(Entry(id="led", text="Watch it", led_by="mentor"), Entry(id="boss", text="Hear it", led_by="manager")),
    manager_activities=entries("managers"),
)
LATE_TASK = task("l", new=entries("begins"), begins=months(2, 3))
CONDITIONS = (Condition(id="dispute", text="In real time", occasion=True), Condition(id="book", text="In some books"))
LADDER = Ladder(
    Role(id="r", name="R", tiers=TIERS, tasks=(EVERY_KIND, LATE_TASK), conditions=CONDITIONS), frozenset(), "v1"
)
OPEN_GATE = record_in_states(record_from(START), LADDER, {"licence": "signed"}, date(2026, 1, 6))


def owners(record: Record, today: date) -> dict[str, str | None]:
    """Return whose move each item is."""
    return {item.item.id: item.waits_on for item in measure(LADDER, record, today).items}


def test_nothing_is_done_yet() -> None:
    """What has not begun, what a gate keeps, and what needs an occasion are nobody's delay."""
    assert owners(record_from(START), DURING) == {
        "plain": "opportunity",  # the gate of its task is not signed off
        "dispute": "opportunity",
        "book": "opportunity",
        "later": "opportunity",
        "licence": "trainee",
        "free": "trainee",
        "led": "trainee",
        "boss": "manager",
        "managers": "manager",
        "begins": "opportunity",
    }


def test_the_gate_is_open() -> None:
    """Then the work is the trainee's, but for what has not begun and what needs its occasion."""
    expected = {"plain": "trainee", "dispute": "opportunity", "book": "trainee", "later": "opportunity"}
    expected |= {"begins": "opportunity"}
    assert expected.items() <= owners(OPEN_GATE, DURING).items()


@pytest.mark.parametrize(
    ("id_", "checked", "returned"),
    [
        *((id_, "mentor", "trainee") for id_ in ("plain", "dispute", "later", "free")),
        *((id_, "manager", "manager") for id_ in ("managers", "boss")),
    ],
)
def test_what_was_checked_and_what_came_back(id_: str, checked: str, returned: str) -> None:
    """A check is the mentor's move, however early it came; what was returned is the trainee's."""
    assert owners(record_in_states(OPEN_GATE, LADDER, {id_: "checked"}, DURING), DURING)[id_] == checked
    assert owners(record_in_states(OPEN_GATE, LADDER, {id_: "returned"}, DURING), DURING)[id_] == returned


def test_no_mentor_can_sign_behind_a_closed_gate() -> None:
    """Checked, and it waits for the gate; the gate itself is somebody's move."""
    record = record_in_states(record_from(START), LADDER, {"plain": "checked"}, DURING)
    assert owners(record, DURING)["plain"] == "opportunity"
    assert owners(record, DURING)["licence"] == "trainee"


def test_what_is_finished_waits_on_nobody() -> None:
    """Signed off and waived."""
    record = record_in_states(OPEN_GATE, LADDER, {"plain": "signed", "book": "waived"}, DURING)
    assert (owners(record, DURING)["plain"], owners(record, DURING)["book"]) == (None, None)


def test_lateness_is_split_by_whose_move_it_is() -> None:
    """What waits for a mentor is late, and not the trainee's delay; every late item is counted once."""
    record = record_in_states(OPEN_GATE, LADDER, {"plain": "checked", "begins": "returned"}, DURING)
    progress = measure(LADDER, record, AFTER)
    low = progress.tiers[0]
    assert low.counts.overdue == 4
    assert low.overdue_by == WaitingOn(trainee=2, mentor=1, opportunity=1)
    assert low.waits_on == WaitingOn(trainee=2, mentor=1, opportunity=1)
    assert progress.overdue_by == low.overdue_by
    assert sum(progress.waits_on + progress.waits_on_untiered) == sum(item.unfinished for item in progress.items)


def test_leave_moves_what_is_late_and_what_begins() -> None:
    """Learning starts in the third month. Two weeks away: due two weeks later, and learning starts two weeks later."""
    assert owners(OPEN_GATE, date(2026, 3, 4))["begins"] == "opportunity"
    assert owners(OPEN_GATE, date(2026, 3, 5))["begins"] == "trainee"
    away = go_on_leave(OPEN_GATE, stamp(DURING), ANN, Leave(first=date(2026, 2, 9), last=date(2026, 2, 22)))
    assert measure(LADDER, away, date(2026, 4, 19)).tiers[0].counts.overdue == 0
    assert measure(LADDER, away, AFTER).tiers[0].counts.overdue == 4
    assert owners(away, date(2026, 3, 18))["begins"] == "opportunity"
    assert owners(away, date(2026, 3, 19))["begins"] == "trainee"


# --- the team -------------------------------------------------------------------------------------------------

SIMPLE = ladder_of(task(new=entries("a", "b", "c")))


def test_a_team_is_in_the_order_of_a_managers_attention() -> None:
    """The most behind first, the finished last; what is late by its days, what waits by mentors and days."""
    none = measure(SIMPLE, record_from(START), AFTER)
    some = record_in_states(record_from(START), SIMPLE, {"a": "checked"}, date(2026, 2, 2))
    some = record_in_states(some, SIMPLE, {"b": "checked"}, date(2026, 2, 12))
    done = record_in_states(record_from(START), SIMPLE, {"a": "signed", "b": "signed", "c": "signed"}, date(2026, 3, 2))
    finished, waiting = measure(SIMPLE, done, AFTER), measure(SIMPLE, some, AFTER)
    progress = team(AFTER, [finished, waiting, none])
    assert [trainee.pace.ahead for trainee in progress.trainees] == [-3, -1, 0]
    assert [(entry.trainee.pace.ahead, entry.item.item.id, entry.days) for entry in progress.overdue] == [
        *((-3, "a", 15), (-3, "b", 15), (-3, "c", 15)),
        *((-1, "a", 15), (-1, "b", 15), (-1, "c", 15)),
    ]
    (queue,) = progress.mentor_queues
    assert [(item.item.item.id, item.days) for item in queue.items] == [("a", 77), ("b", 67)]
    assert [(trainee.finished, tier.tier.id) for trainee, tier in progress.to_conclude] == [(date(2026, 3, 2), "0-3")]
    (group,) = progress.groups
    assert group.counts(waiting, group.tasks[0]) == waiting.tiers[0].tasks[0].counts


# --- the burn-up ----------------------------------------------------------------------------------------------


def test_the_burn_up_ends_at_the_counts() -> None:
    """Each line rises on the days on which something was done, and ends at what is counted today."""
    ladder = ladder_of(task(new=entries("a", "b"), meeting=entries("c"), exceeding=entries("x")))
    record = record_in_states(record_from(START), ladder, {"a": "checked", "x": "checked"}, date(2026, 2, 2))
    record = record_in_states(record, ladder, {"b": "signed"}, date(2026, 2, 9))
    progress = measure(ladder, record, DURING + timedelta(days=30))
    burned = burn_up(progress)
    assert burned.total == 3  # the tier without a due date cannot be compared with what is expected
    assert burned.done == ((date(2026, 2, 2), 1), (date(2026, 2, 9), 2))
    assert burned.signed == ((date(2026, 2, 9), 1),)
    assert burned.expected[-1] == (date(2026, 7, 5), 3)
    assert burned.done[-1][1] == progress.pace.done


def test_the_burn_up_of_a_role_without_dates_has_all_items() -> None:
    """Nothing is expected by a day there, but what was done is shown."""
    ladder = ladder_of(task(new=entries("a", "b")), tiers=(Tier(id="0-3", title="T"),))
    burned = burn_up(measure(ladder, record_in_states(record_from(START), ladder, {"a": "signed"}, DURING), AFTER))
    assert (burned.total, burned.done, burned.expected) == (2, ((DURING, 1),), ())
