"""The models: an item knows its place, a ladder holds what one trainee is asked."""

from pathlib import Path
from textwrap import indent

import pytest

from ca_ladder.catalogue.models import KINDS, Ladder, Role
from ca_ladder.catalogue.validation import load_catalogue


def role(folder: Path, rest: str) -> Role:
    """Return the clerk's role, with tiers a and b, that has the rest of these lines."""
    file = folder / "own.yaml"
    head = "version: 1\nroles:\n- id: clerk\n  name: Clerk\n  tiers: [{id: a, title: First}, {id: b, title: Second}]\n"
    file.write_text(head + indent(rest, "  "), "utf-8")
    return load_catalogue(file).roles[0]


def test_items_stand_by_task_tier_and_kind(tmp_path: Path) -> None:
    """Task by task, the tiers as the role has them, then kind by kind; qualifications come last, and have no task."""
    clerk = role(
        tmp_path,
        """\
qualifications:
  - {id: q-1, text: Degree}
tasks:
  - id: mail
    name: Mail
    why: People wait
    manager_activities: [{id: m-m1, text: Look}]
    activities: [{id: m-t1, text: Try}]
    abilities: [{id: m-a1, text: Can}]
    skills: [{id: m-s1, text: Do}]
    knowledge: [{id: m-k1, text: Know}]
    expectations:
      b: [{id: m-02, text: Two}]
      a: [{id: m-01, text: One}]
  - id: phone
    name: Phone
    why: People call
    expectations:
      a: [{id: p-01, text: Answer}]
""",
    )

    items = clerk.items.values()
    assert [(item.id, item.kind, item.task and item.task.id, item.tier and item.tier.id) for item in items] == [
        ("m-01", "expectation", "mail", "a"),
        ("m-02", "expectation", "mail", "b"),
        ("m-k1", "knowledge", "mail", None),
        ("m-s1", "skill", "mail", None),
        ("m-a1", "ability", "mail", None),
        ("m-t1", "activity", "mail", None),
        ("m-m1", "manager-activity", "mail", None),
        ("p-01", "expectation", "phone", "a"),
        ("q-1", "qualification", None, None),
    ]
    assert {item.kind for item in items} == set(KINDS)
    assert list(Ladder(clerk, frozenset(), "1").items) == list(clerk.items)


def test_an_item_carries_what_its_entry_says(tmp_path: Path) -> None:
    """Nothing of an entry is lost on the way to the item, and the condition is there in full."""
    item = role(
        tmp_path,
        """\
conditions: [{id: rare, text: When it comes up}]
tasks:
  - id: mail
    name: Mail
    why: People wait
    activities:
      - id: m-1
        text: Try
        revision: 3
        note: Slowly
        condition: rare
        requires: [m-2]
        led_by: manager
        parts: [One, Two]
      - {id: m-2, text: Look}
""",
    ).items["m-1"]

    assert (item.text, item.revision, item.entry.note, item.led_by) == ("Try", 3, "Slowly", "manager")
    assert item.condition is not None
    assert item.condition.text == "When it comes up"
    assert item.requires == ("m-2",)
    assert item.entry.parts == ("One", "Two")


VARIANT = """\
variants: [{id: large, name: Large}]
tasks:
  - {id: mail, name: Mail, why: People wait, skills: [{id: m-1, text: Sort}]}
  - {id: bills, name: Bills, why: Money, variant: large, skills: [{id: b-1, text: Count}]}
"""


@pytest.mark.parametrize(
    ("variants", "tasks", "items"),
    [
        ([], ["mail"], ["m-1"]),
        (["large"], ["mail", "bills"], ["m-1", "b-1"]),
        (["small"], ["mail"], ["m-1"]),
    ],
)
def test_a_ladder_holds_the_tasks_of_its_variants(
    tmp_path: Path, variants: list[str], tasks: list[str], items: list[str]
) -> None:
    """A variant's task and items are there for those who have the variant, and for nobody else."""
    clerk = role(tmp_path, VARIANT)
    ladder = Ladder(clerk, frozenset(variants), "1")

    assert [task.id for task in ladder.tasks] == tasks
    assert list(ladder.items) == items
    assert [item.id for item in clerk.items.values() if ladder.has(item)] == items


PARENTS = """\
tasks:
  - id: mail
    name: Mail
    why: People wait
    expectations:
      a:
        - id: m-1
          text: Handle mail
          children:
            - {id: m-2, text: Sort it}
            - {id: m-3, text: Weigh it, retired: true, replaced_by: m-2}
        - {id: m-4, text: Stamp it, retired: true}
        - id: m-5
          text: Seal it
          retired: true
          children: [{id: m-6, text: Lick it, retired: true}]
"""


def test_a_parent_and_a_retired_item_are_known_but_not_counted(tmp_path: Path) -> None:
    """Every item stays in the role, so that its history is readable; the ladder holds those that count."""
    clerk = role(tmp_path, PARENTS)

    assert list(clerk.items) == ["m-1", "m-2", "m-3", "m-4", "m-5", "m-6"]
    assert [item.id for item in clerk.items.values() if item.counts] == ["m-2"]
    assert list(Ladder(clerk, frozenset(), "1").items) == ["m-2"]
    replaced_by = {item.id: item.replaced_by for item in clerk.items.values() if item.retired}
    assert replaced_by == {"m-3": "m-2", "m-4": None, "m-5": None, "m-6": None}


def test_parents_and_children_know_each_other(tmp_path: Path) -> None:
    """A parent follows from those children that are not retired; a child stands in its parent's task and tier."""
    items = role(tmp_path, PARENTS).items

    assert {item.id: item.children for item in items.values() if item.children} == {"m-1": ("m-2",)}
    parents = {item.id: item.parent for item in items.values() if item.parent}
    assert parents == {"m-2": "m-1", "m-3": "m-1", "m-6": "m-5"}
    parent, child = items["m-1"], items["m-2"]
    assert (child.kind, child.task, child.tier) == (parent.kind, parent.task, parent.tier)


def test_a_gate_is_required_by_expectations_alone(tmp_path: Path) -> None:
    """The gate comes first, once, and holds back the task's expectations: no skill, no other task."""
    items = role(
        tmp_path,
        """\
tasks:
  - id: mail
    name: Mail
    why: People wait
    gate: m-s1
    expectations:
      a:
        - {id: m-1, text: Sort}
        - {id: m-2, text: Open, requires: [m-1, m-s1, m-1]}
        - {id: m-3, text: Both, children: [{id: m-4, text: One}]}
    skills: [{id: m-s1, text: Read}, {id: m-s2, text: Write, requires: [m-1]}]
    knowledge: [{id: m-k1, text: Know}]
  - id: phone
    name: Phone
    why: People call
    expectations:
      a: [{id: p-1, text: Answer}]
""",
    ).items

    assert {item.id: item.requires for item in items.values()} == {
        "m-1": ("m-s1",),
        "m-2": ("m-s1", "m-1"),
        "m-3": ("m-s1",),
        "m-4": ("m-s1",),
        "m-k1": (),
        "m-s1": (),
        "m-s2": ("m-1",),
        "p-1": (),
    }


def test_models_cannot_be_changed(tmp_path: Path) -> None:
    """What is expected does not change while the program runs."""
    clerk = role(tmp_path, VARIANT)

    with pytest.raises(AttributeError, match="immutable"):
        clerk.tasks[0].name = "Post"  # type: ignore[misc]  # the point of the test
    with pytest.raises(AttributeError):
        clerk.items["m-1"].text = "Post"  # type: ignore[misc]  # the point of the test
    assert clerk.items["m-1"].text == "Sort"
