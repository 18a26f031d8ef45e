"""Changes: whatever an author changed is told, each once, and nothing is told of what is equal."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace
from pydantic import TypeAdapter

from ca_ladder.catalogue.diff import Change, Changes, changes
from ca_ladder.catalogue.files import shipped_path
from ca_ladder.catalogue.models import Catalogue, Condition, Entry, Months, Resource, Role, Task, Tier, Variant
from ca_ladder.catalogue.validation import load_catalogue

OFFICE = """\
version: "1"
roles:
  - id: clerk
    name: Clerk
    variants: [{id: claims, name: Claims}]
    tiers:
      - {id: new, title: New, months: {from: 0, until: 3}}
      - {id: full, title: Full}
    conditions: [{id: paper, text: Only on paper.}]
    tasks:
      - id: files
        name: Files
        why: Nothing is lost.
        expectations:
          new:
            - {id: file-01, text: File a letter}
            - {id: file-02, text: Find a letter}
        skills:
          - {id: file-s1, text: Read quickly}
      - id: mail
        name: Mail
        why: People wait.
        expectations:
          new:
            - {id: mail-01, text: Open the mail}
"""


def load(folder: Path, text: str) -> Catalogue:
    """Return the catalogue with this text."""
    file = folder / "own.yaml"
    file.write_text(text, "utf-8")
    return load_catalogue(file)


def diff_after(folder: Path, *edits: tuple[str, str]) -> dict[str, list[Change]]:
    """Return the changes by "type id" after these edits of the office's catalogue."""
    text = OFFICE
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the catalogue"
        text = text.replace(old, new)
    told = changes(load(folder, OFFICE), load(folder, text))
    return {f"{each.about} {each.id}".rstrip(): list(each.changes) for each in told.subjects}


ITEM = "{id: file-01, text: File a letter}"
SECOND = "            - {id: file-02, text: Find a letter}\n"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("text: File a letter", "text: File letters", Change("reworded", "text", "File a letter", "File letters")),
        ("File a letter}", "File a letter, revision: 3}", Change("revision-raised", "revision", "1", "3")),
        ("File a letter}", "File a letter, retired: true}", Change("retired")),
        ("File a letter}", "File a letter, replaced_by: file-02}", Change("changed", "replaced_by", None, "file-02")),
        ("File a letter}", "File a letter, note: Mind}", Change("changed", "note", None, "Mind")),
        ("File a letter}", "File a letter, condition: paper}", Change("changed", "condition", None, "paper")),
        ("File a letter}", "File a letter, requires: [file-s1]}", Change("changed", "requires", None, "file-s1")),
        ("File a letter}", "File a letter, led_by: mentor}", Change("changed", "led_by", None, "mentor")),
        ("File a letter}", "File a letter, parts: [in, out]}", Change("changed", "parts", None, "in")),
    ],
)
def test_what_an_author_does_to_an_item_is_told_under_the_files_own_name(
    tmp_path: Path, old: str, new: str, told: Change
) -> None:
    """Each field of an item that is otherwise than it was is told, with what stood there and what stands there now."""
    assert diff_after(tmp_path, (old, new))["item file-01"][0] == told


@pytest.mark.parametrize(
    ("old", "new", "subject", "told"),
    [
        ("name: Files", "name: Filing", "task files", Change("renamed", "name", "Files", "Filing")),
        (
            "why: Nothing",
            "why: Not a thing",
            "task files",
            Change("changed", "why", "Nothing is lost.", "Not a thing is lost."),
        ),
        (
            "why: People wait.",
            "why: People wait.\n        variant: claims",
            "task mail",
            Change("changed", "variant", None, "claims"),
        ),
        (
            "why: People wait.",
            "why: People wait.\n        gate: file-s1",
            "task mail",
            Change("changed", "gate", None, "file-s1"),
        ),
        (
            "why: People wait.",
            "why: People wait.\n        begins: {from: 1, until: 2}",
            "task mail",
            Change("changed", "begins", None, "from 1 until 2"),
        ),
        (
            "why: People wait.",
            "why: People wait.\n        not_required: [full]",
            "task mail",
            Change("changed", "not_required", None, "full"),
        ),
        (
            "why: People wait.",
            "why: People wait.\n        notes: [Once]",
            "task mail",
            Change("changed", "notes", None, "Once"),
        ),
        (
            "why: People wait.",
            "why: People wait.\n        resources: [{name: Scanner, note: N, dated: May}]",
            "task mail",
            Change("changed", "resources", None, "Scanner: N (May)"),
        ),
        ("title: Full}", "title: Whole}", "tier full", Change("renamed", "title", "Full", "Whole")),
        ("until: 3}}", "until: 6}}", "tier new", Change("changed", "months", "from 0 until 3", "from 0 until 6")),
        ("name: Claims}", "name: The claims}", "variant claims", Change("renamed", "name", "Claims", "The claims")),
        (
            "Only on paper.}",
            "Only on cardboard.}",
            "condition paper",
            Change("reworded", "text", "Only on paper.", "Only on cardboard."),
        ),
        (
            "Only on paper.}",
            "Only on paper., occasion: true}",
            "condition paper",
            Change("changed", "occasion", "false", "true"),
        ),
        ("name: Clerk", "name: File Clerk", "role clerk", Change("renamed", "name", "Clerk", "File Clerk")),
        (
            "name: Clerk",
            "name: Clerk\n    disclaimer: Not all.",
            "role clerk",
            Change("changed", "disclaimer", None, "Not all."),
        ),
        ("      - {id: full, title: Full}\n", "", "tier full", Change("gone")),
        ("[{id: claims, name: Claims}]", "[]", "variant claims", Change("gone")),
        ("{id: paper, text: Only on paper.}", "", "condition paper", Change("gone")),
        (
            "{id: full, title: Full}",
            "{id: full, title: Full}\n      - {id: more, title: More}",
            "tier more",
            Change("added"),
        ),
    ],
)
def test_what_an_author_does_around_the_items_is_told(
    tmp_path: Path, old: str, new: str, subject: str, told: Change
) -> None:
    """A task, tier, variant, footnote or role that came, went, or says something else is told, and nothing besides."""
    assert diff_after(tmp_path, (old, new)) == {subject: [told]}


def test_an_item_that_came_back_or_lost_its_revision_is_told_too(tmp_path: Path) -> None:
    """The way back is told like the way there."""
    there = load(tmp_path, OFFICE.replace("File a letter}", "File a letter, revision: 2, retired: true}"))
    told = changes(there, load(tmp_path, OFFICE))
    assert [each.changes for each in told.subjects] == [
        (Change("revision-lowered", "revision", "2", "1"), Change("brought-back"))
    ]


def test_a_moved_item_is_told_with_each_part_of_its_place(tmp_path: Path) -> None:
    """To another task, tier, kind and parent: each is told, and the order of what stayed is not."""
    edit = (SECOND, ""), ("          new:\n            - {id: mail-01, text: Open the mail}",
        "          full:\n            - id: mail-01\n              text: Open the mail\n"
        "              children: [{id: file-02, text: Find a letter}]")  # fmt: skip
    assert diff_after(tmp_path, *edit) == {
        "item mail-01": [Change("moved", "tier", "new", "full"), Change("parent", "children", None, "file-02")],
        "item file-02": [
            Change("moved", "task", "files", "mail"),
            Change("moved", "tier", "new", "full"),
            Change("moved", "parent", None, "mail-01"),
        ],
    }


def test_an_item_that_loses_its_last_child_is_told_to_be_asked_itself(tmp_path: Path) -> None:
    """A parent without children is an item again, which a record has to hear of."""
    parent = "{id: file-01, text: File a letter, children: [{id: file-03, text: Fold}]}"
    told = changes(load(tmp_path, OFFICE.replace(ITEM, parent)), load(tmp_path, OFFICE))
    assert {each.id: each.changes for each in told.subjects} == {
        "file-01": (Change("no-parent", "children", "file-03", None),),
        "file-03": (Change("gone"),),
    }


def test_another_kind_is_a_move(tmp_path: Path) -> None:
    """An expectation that becomes a skill keeps its id, and is told to have moved."""
    edit = (SECOND, ""), ("text: Read quickly}", "text: Read quickly}\n          - {id: file-02, text: Find a letter}")
    assert diff_after(tmp_path, *edit) == {
        "item file-02": [Change("moved", "kind", "expectation", "skill"), Change("moved", "tier", "new", None)]
    }


def test_an_item_under_another_id_is_told_as_that(tmp_path: Path) -> None:
    """The words of a deleted item under a new id are an id that changed, whatever their capitals and full stop."""
    assert diff_after(tmp_path, ("id: file-02, text: Find a letter", "id: file-22, text: find a  Letter.")) == {
        "item file-22": [Change("added")],
        "item file-02": [Change("id-changed", "id", "file-02", "file-22")],
    }


def test_a_retired_item_with_a_successor_of_the_same_words_has_not_changed_its_id(tmp_path: Path) -> None:
    """Who retires an item and names its successor knows what they do."""
    retired = "{id: file-01, text: File a letter, retired: true, replaced_by: file-09}"
    both = f"{retired}\n            - {{id: file-09, text: File a letter}}"
    assert diff_after(tmp_path, (ITEM, both)) == {
        "item file-01": [Change("retired"), Change("changed", "replaced_by", None, "file-09")],
        "item file-09": [Change("added")],
    }


def test_of_several_with_the_same_words_the_one_in_the_same_place_is_meant(tmp_path: Path) -> None:
    """Two new items with the words of a deleted one: the one that stands where it stood has its id changed."""
    edits = (
        ("id: file-02, text: Find a letter", "id: file-22, text: Find a letter"),
        ("text: Open the mail}", "text: Open the mail}\n            - {id: mail-02, text: Find a letter}"),
    )
    assert diff_after(tmp_path, *reversed(edits))["item file-02"] == [Change("id-changed", "id", "file-02", "file-22")]


SENIOR = """\
  - id: senior
    name: Senior
    tiers: [{id: year, title: First year}]
    tasks: [{id: office, name: Office, why: W, expectations: {year: [{id: off-01, text: Find a letter}]}}]
"""


def test_the_words_of_a_deleted_item_in_another_role_are_a_new_item(tmp_path: Path) -> None:
    """To give it back its id would give the one role's sign-offs to the other: there it is new, and here deleted."""
    text = OFFICE.replace(SECOND, "") + SENIOR
    told = changes(load(tmp_path, OFFICE), load(tmp_path, text))
    assert [(each.about, each.id, each.changes) for each in told.subjects] == [
        ("item", "off-01", (Change("added"),)),
        ("item", "file-02", (Change("gone"),)),
        ("role", "senior", (Change("added"),)),
    ]


def test_of_the_same_words_in_two_roles_the_one_in_the_same_role_is_meant(tmp_path: Path) -> None:
    """The item whose id changed is looked for in its own role, also where that has another id now."""
    text = OFFICE.replace(SECOND, "") + "            - {id: mail-22, text: Find a letter}\n" + SENIOR
    for role in ("clerk", "filer"):
        told = changes(load(tmp_path, OFFICE), load(tmp_path, text.replace("id: clerk", f"id: {role}")))
        ids = {
            (each.id, change.new) for each in told.subjects for change in each.changes if change.kind == "id-changed"
        }
        assert ids == {("file-02", "mail-22"), *({("clerk", "filer")} if role == "filer" else ())}


def test_a_task_or_tier_under_another_id_moves_nothing(tmp_path: Path) -> None:
    """The items of a task or tier that only has another id stay where they are: one change is told, not many."""
    text = OFFICE.replace("id: files", "id: filing").replace("id: new", "id: first").replace("new:", "first:")
    told = changes(load(tmp_path, OFFICE), load(tmp_path, text))
    assert [(each.about, each.id, each.changes) for each in told.subjects] == [
        ("task", "files", (Change("id-changed", "id", "files", "filing"),)),
        ("tier", "new", (Change("id-changed", "id", "new", "first"),)),
    ]


def test_a_role_under_another_id_is_told_and_its_items_stay(tmp_path: Path) -> None:
    """Of a role that only has another id, that is told, and what else changed in it."""
    text = OFFICE.replace("id: clerk", "id: filer").replace("text: Open the mail", "text: Open all mail")
    told = changes(load(tmp_path, OFFICE), load(tmp_path, text))
    assert [(each.about, each.id, each.changes) for each in told.subjects] == [
        ("item", "mail-01", (Change("reworded", "text", "Open the mail", "Open all mail"),)),
        ("role", "clerk", (Change("id-changed", "id", "clerk", "filer"),)),
    ]


def test_another_order_is_told_where_it_is(tmp_path: Path) -> None:
    """Items, tasks and tiers in another order are told as such; what came or went between them changes no order."""
    text = dedent("""\
        version: "1"
        roles:
          - id: r
            name: R
            tiers: [{id: a, title: A}, {id: b, title: B}]
            tasks:
              - {id: k, name: K, why: W, skills: [{id: k-1, text: One}, {id: k-2, text: Two}]}
              - {id: l, name: L, why: W}
        """)
    turned = dedent("""\
        version: "1"
        roles:
          - id: r
            name: R
            tiers: [{id: b, title: B}, {id: a, title: A}]
            tasks:
              - {id: l, name: L, why: W}
              - {id: k, name: K, why: W, skills: [{id: k-2, text: Two}, {id: k-3, text: Three}, {id: k-1, text: One}]}
        """)
    told = changes(load(tmp_path, text), load(tmp_path, turned))
    assert [(each.about, each.id, each.changes) for each in told.subjects] == [
        ("item", "k-3", (Change("added"),)),
        ("task", "k", (Change("order", "skill", "k-1, k-2", "k-2, k-1"),)),
        ("role", "r", (Change("order", "tiers", "a, b", "b, a"), Change("order", "tasks", "k, l", "l, k"))),
    ]


def test_a_role_that_came_or_went_brings_its_items(tmp_path: Path) -> None:
    """Each item of a role that is gone is told to be gone: there may be sign-offs of every one."""
    two = OFFICE + dedent("""\
          - id: senior
            name: Senior
            tiers: [{id: y, title: Y}]
            tasks: [{id: o, name: O, why: W, expectations: {y: [{id: off-01, text: Open the office}]}}]
        """).replace("\n", "\n  ").rstrip(" ").replace("- id", "  - id", 1)
    there, gone = load(tmp_path, two), load(tmp_path, OFFICE)
    assert [(each.about, each.id, each.changes) for each in changes(there, gone).subjects] == [
        ("item", "off-01", (Change("gone"),)),
        ("role", "senior", (Change("gone"),)),
    ]
    assert [(each.about, each.id, each.changes) for each in changes(gone, there).subjects] == [
        ("item", "off-01", (Change("added"),)),
        ("role", "senior", (Change("added"),)),
    ]


def test_the_version_is_told_beside_the_changes(tmp_path: Path) -> None:
    """Another version alone is no change; a change without another version is told to be that."""
    one, two = load(tmp_path, OFFICE), load(tmp_path, OFFICE.replace('"1"', '"2"'))
    reworded = load(tmp_path, OFFICE.replace("File a letter", "File letters"))
    assert changes(one, two) == Changes("1", "2", ())
    assert not changes(one, one).version_stayed
    assert changes(one, reworded).version_stayed
    assert not changes(two, reworded).version_stayed


def test_an_item_is_told_under_the_gravest_of_its_changes(tmp_path: Path) -> None:
    """An item that is reworded, moved and given another meaning is told where nobody overlooks that."""
    told = changes(
        load(tmp_path, OFFICE),
        load(tmp_path, OFFICE.replace("File a letter}", "File it, revision: 2, note: N}")),
    )
    assert [each.most_severe for each in told.subjects] == ["revision-raised"]
    assert told.total == 3


# --- nothing goes unmentioned -------------------------------------------------------------------------------------


def months(values: tuple[int, int | None]) -> Months:
    """Return the months from the first up to the second."""
    return Months(first=values[0], until=values[1])


STATE_LABELS = st.sampled_from(["One", "Two", "Three"])
MAYBE = st.none() | STATE_LABELS
WINDOWS = st.none() | st.tuples(st.integers(0, 2), st.none() | st.integers(3, 4)).map(months)
TIERS = ("a", "b")


@st.composite
def entries(draw: st.DrawFn, ids: list[str], *, nested: bool = True) -> tuple[Entry, ...]:
    """Return some entries under ids that nothing else has, with anything that an author may write."""
    found = []
    for _ in range(draw(st.integers(0, 2))):
        if not ids:
            break
        found.append(
            Entry(
                id=ids.pop(draw(st.integers(0, len(ids) - 1))),
                text=draw(STATE_LABELS),
                revision=draw(st.integers(1, 2)),
                note=draw(MAYBE),
                condition=draw(st.none() | st.just("c")),
                requires=draw(st.sampled_from([(), ("x",), ("x", "y"), ("y", "x")])),
                led_by=draw(st.sampled_from([None, "mentor", "manager"])),
                parts=draw(st.sampled_from([(), ("p",), ("p", "q"), ("q", "p"), ("p", "p")])),
                children=draw(entries(ids, nested=False)) if nested else (),
                retired=draw(st.booleans()),
                replaced_by=draw(st.none() | st.just("x")),
            )
        )
    return tuple(found)


@st.composite
def tasks(draw: st.DrawFn, id_: str, ids: list[str]) -> Task:
    """Return a task."""
    own: dict[str, Any] = {
        name: draw(entries(ids)) for name in ("knowledge", "skills", "abilities", "activities", "manager_activities")
    }
    resources = [Resource(name="R", note=note) for note in (None, "N")]
    return Task(
        id=id_,
        name=draw(STATE_LABELS),
        why=draw(STATE_LABELS),
        variant=draw(st.none() | st.just("v")),
        begins=draw(WINDOWS),
        gate=draw(st.none() | st.just("x")),
        not_required=draw(st.sampled_from([(), ("a",), ("b", "a")])),
        expectations={tier: draw(entries(ids)) for tier in draw(st.sets(st.sampled_from(TIERS)))},
        resources=tuple(draw(st.lists(st.sampled_from(resources), max_size=2))),
        notes=tuple(draw(st.lists(STATE_LABELS, max_size=2))),
        **own,
    )


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """Return a small catalogue in which every field may say something; its ids are those of a few items."""
    ids = [f"i-{number}" for number in range(8)]
    order = st.permutations
    found = []
    for role in draw(st.lists(st.sampled_from(["r", "s"]), min_size=1, unique=True)):
        tiers = [Tier(id=each, title=draw(STATE_LABELS), months=draw(WINDOWS)) for each in draw(order(TIERS))]
        of_role = draw(st.lists(st.sampled_from(["k", "l"]), min_size=1, unique=True))
        found.append(
            Role(
                id=role,
                name=draw(STATE_LABELS),
                disclaimer=draw(MAYBE),
                responsibilities=tuple(draw(st.lists(STATE_LABELS, max_size=2))),
                variants=tuple(Variant(id=each, name=draw(STATE_LABELS)) for each in draw(order(["v", "w"]))),
                tiers=tuple(tiers),
                conditions=tuple(
                    Condition(id=each, text=draw(STATE_LABELS), occasion=draw(st.booleans()))
                    for each in draw(order(["c", "d"]))
                ),
                qualifications=draw(entries(ids)),
                notes=tuple(draw(st.lists(STATE_LABELS, max_size=2))),
                tasks=tuple(draw(tasks(each, ids)) for each in of_role),
            )
        )
    return Catalogue(version="1", roles=tuple(found))


def content_of(catalogue: Catalogue) -> dict[str, Any]:
    """Return all that a catalogue says; an empty list of items below a tier says nothing."""
    content: dict[str, Any] = _content(catalogue)
    for role in content["roles"]:
        for task in role["tasks"]:
            task["expectations"] = {tier: own for tier, own in task["expectations"].items() if own}
    return content


@st.composite
def edited_catalogues(draw: st.DrawFn, catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with one field of one thing in it set otherwise, or one thing left out or turned around."""
    content = _content(catalogue)
    places = [(holder, name) for holder in _holders(content) for name in holder if name not in {"id", "version"}]
    holder, name = draw(st.sampled_from(places))
    value = holder[name]
    if isinstance(value, list | tuple) and value and name != "roles":
        turned, fewer = list(value)[::-1], list(value)[1:]
        holder[name] = draw(
            st.sampled_from([turned, fewer if name not in {"tiers", "tasks"} or len(value) > 1 else turned])
        )
    elif isinstance(value, bool):
        holder[name] = not value
    elif isinstance(value, int):
        holder[name] = value + 1
    elif name in {"text", "name", "title", "why", "note", "disclaimer", "dated", "condition", "variant", "gate"}:
        holder[name] = draw(STATE_LABELS) if name not in {"condition", "variant", "gate"} or value else value
    return TypeAdapter(Catalogue).validate_python(content)


def _holders(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, list | tuple):
        return [each for one in content for each in _holders(one)]
    if isinstance(content, dict):
        return [content, *(each for one in content.values() for each in _holders(one))]
    return []


def _content(part: Any) -> Any:
    """Return a part of a catalogue as the file has it, with every field that it leaves out."""
    if isinstance(part, Struct):
        names = zip(part.__struct_encode_fields__, part.__struct_fields__, strict=True)
        return {name: _content(getattr(part, attribute)) for name, attribute in names}
    if isinstance(part, dict):
        return {name: _content(value) for name, value in part.items()}
    return [_content(value) for value in part] if isinstance(part, tuple) else part


@pytest.mark.slow
@given(catalogues(), catalogues())
def test_two_catalogues_differ_exactly_when_a_change_is_told(one: Catalogue, other: Catalogue) -> None:
    """Nothing goes unmentioned: there is a change where anything at all differs, and none where nothing does."""
    assert bool(changes(one, other).subjects) == (content_of(one) != content_of(other))
    assert not changes(one, one).subjects


@pytest.mark.slow
@given(st.data())
def test_one_small_edit_never_goes_unmentioned(data: st.DataObject) -> None:
    """Whichever single field an author edits, whichever list they shorten or turn around: it is told."""
    one = data.draw(catalogues())
    other = data.draw(edited_catalogues(one))
    assert bool(changes(one, other).subjects) == (content_of(one) != content_of(other))


@pytest.mark.slow
@given(catalogues(), catalogues())
def test_every_item_that_came_or_went_is_told_once(one: Catalogue, other: Catalogue) -> None:
    """Each id that only one of two catalogues has is told as new, gone or changed, and no subject stands twice."""
    told = changes(one, other)
    keys = [(each.about, each.role, each.id) for each in told.subjects]
    assert len(keys) == len(set(keys))
    before, after = ({id_ for role in each.roles for id_ in role.items} for each in (one, other))
    items = {each.id: {change.kind for change in each.changes} for each in told.subjects if each.about == "item"}
    assert {id_ for id_, kinds in items.items() if "added" in kinds} == after - before
    assert {id_ for id_, kinds in items.items() if kinds & {"gone", "id-changed"}} == before - after


def test_one_item_of_the_shipped_catalogue_is_one_change() -> None:
    """Of the catalogue that ships, an item with another revision is one change; a parent's revision means nothing."""
    shipped = load_catalogue(shipped_path())
    assert not changes(shipped, shipped).subjects
    role = shipped.roles[0]
    for item in role.items.values():
        raised = replace(shipped, roles=(_raised(role, item.id), *shipped.roles[1:]))
        told = [(each.id, [change.kind for change in each.changes]) for each in changes(shipped, raised).subjects]
        assert told == [(item.id, ["changed" if item.children else "revision-raised"])]


def _raised(role: Role, id_: str) -> Role:
    """Return the role with the revision of one item raised."""

    def entry(each: Entry) -> Entry:
        children = tuple(map(entry, each.children))
        return replace(each, children=children, revision=each.revision + (each.id == id_))

    def task(each: Task) -> Task:
        lists = ("knowledge", "skills", "abilities", "activities", "manager_activities")
        own = {name: tuple(map(entry, getattr(each, name))) for name in lists}
        expectations = {tier: tuple(map(entry, below)) for tier, below in each.expectations.items()}
        return replace(each, **own, expectations=expectations)

    qualifications = tuple(map(entry, role.qualifications))
    return replace(role, tasks=tuple(map(task, role.tasks)), qualifications=qualifications)
