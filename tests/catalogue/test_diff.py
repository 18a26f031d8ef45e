"""Changes between two catalogues: every edit of an author is reported once, and nothing that is equal is."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca_ladder.catalogue.diff import Change, Changes, changes
from ca_ladder.catalogue.models import (
    ITEM_LISTS,
    Catalogue,
    Condition,
    Entry,
    Months,
    Resource,
    Role,
    Task,
    Tier,
    Variant,
)
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
SENIOR = """\
  - id: senior
    name: Senior
    tiers: [{id: year, title: First year}]
    tasks: [{id: office, name: Office, why: W, expectations: {year: [{id: off-01, text: Find a letter}]}}]
"""

Edits = dict[str, str]


def load(folder: Path, text: str) -> Catalogue:
    """Return the catalogue with this text."""
    file = folder / "own.yaml"
    file.write_text(text, "utf-8")
    return load_catalogue(file)


def edited_office(edits: Edits) -> str:
    """Return the office's catalogue after these edits, each of which has one place."""
    text = OFFICE
    for old, new in edits.items():
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in the catalogue"
        text = text.replace(old, new)
    return text


def changes_by_subject(old: Catalogue, new: Catalogue) -> dict[str, list[Change]]:
    """Return the changes by "type id", in their order."""
    return {f"{subject.about} {subject.id}": list(subject.changes) for subject in changes(old, new).subjects}


ITEM, TASK = "text: File a letter}", "why: People wait.\n"


@pytest.mark.parametrize(
    ("place", "line", "value"),
    [
        (ITEM, "replaced_by: file-02", "file-02"),
        (ITEM, "note: Mind", "Mind"),
        (ITEM, "condition: paper", "paper"),
        (ITEM, "requires: [file-s1]", "file-s1"),
        (ITEM, "led_by: mentor", "mentor"),
        (ITEM, "parts: [in]", "in"),
        (TASK, "variant: claims", "claims"),
        (TASK, "gate: file-s1", "file-s1"),
        (TASK, "begins: {from: 1, until: 2}", "from 1 until 2"),
        (TASK, "not_required: [full]", "full"),
        (TASK, "notes: [Once]", "Once"),
        (TASK, "resources: [{name: Scanner, note: N, dated: May}]", "Scanner: N (May)"),
    ],
)
def test_a_field_that_is_new_is_told_under_its_name_in_the_file(
    tmp_path: Path, place: str, line: str, value: str
) -> None:
    """Each optional field of an item or task is compared, and nothing is told besides."""
    new = f"{ITEM[:-1]}, {line}}}" if place == ITEM else f"{TASK}        {line}\n"
    subject = "item file-01" if place == ITEM else "task mail"
    changed = changes_by_subject(load(tmp_path, OFFICE), load(tmp_path, edited_office({place: new})))
    assert changed == {subject: [Change("changed", line.split(":")[0], None, value)]}


@pytest.mark.parametrize(
    ("old", "new", "subject", "expected"),
    [
        (ITEM, "text: Fold it}", "item file-01", Change("reworded", "text", "File a letter", "Fold it")),
        (ITEM, f"revision: 3, {ITEM}", "item file-01", Change("revision-raised", "revision", "1", "3")),
        (ITEM, f"retired: true, {ITEM}", "item file-01", Change("retired")),
        ("name: Files", "name: Filing", "task files", Change("renamed", "name", "Files", "Filing")),
        (TASK, "why: Yes.\n", "task mail", Change("changed", "why", "People wait.", "Yes.")),
        ("title: Full}", "title: Whole}", "tier full", Change("renamed", "title", "Full", "Whole")),
        ("until: 3}}", "until: 6}}", "tier new", Change("changed", "months", "from 0 until 3", "from 0 until 6")),
        ("name: Claims}", "name: All}", "variant claims", Change("renamed", "name", "Claims", "All")),
        ("Only on paper.}", "On paper.}", "condition paper", Change("reworded", "text", "Only on paper.", "On paper.")),
        ("paper.}", "paper., occasion: true}", "condition paper", Change("changed", "occasion", "false", "true")),
        ("name: Clerk", "name: Filer", "role clerk", Change("renamed", "name", "Clerk", "Filer")),
        ("    tiers:", "    disclaimer: No.\n    tiers:", "role clerk", Change("changed", "disclaimer", None, "No.")),
        ("      - {id: full, title: Full}\n", "", "tier full", Change("gone")),
        ("[{id: claims, name: Claims}]", "[]", "variant claims", Change("gone")),
        ("{id: paper, text: Only on paper.}", "", "condition paper", Change("gone")),
        ("title: Full}", "title: Full}\n      - {id: more, title: More}", "tier more", Change("added")),
    ],
)
def test_everything_that_differs_is_told(tmp_path: Path, old: str, new: str, subject: str, expected: Change) -> None:
    """An item, task, tier, variant, condition or role that came, went or differs is told, and nothing besides."""
    edited = load(tmp_path, edited_office({old: new}))
    assert changes_by_subject(load(tmp_path, OFFICE), edited) == {subject: [expected]}


FILE = "{id: file-01, text: File a letter}"
FIND = "            - {id: file-02, text: Find a letter}\n"
ID_CHANGED = [Change("id-changed", "id", "file-02", "file-22")]
ORDERED = """\
version: "1"
roles:
  - id: r
    name: R
    tiers: [{id: a, title: A}, {id: b, title: B}]
    tasks:
      - {id: l, name: L, why: W}
      - {id: k, name: K, why: W, skills: [{id: k-1, text: One}, {id: k-2, text: Two}]}
"""
REORDERED = """\
version: "1"
roles:
  - id: r
    name: R
    tiers: [{id: b, title: B}, {id: a, title: A}]
    tasks:
      - {id: k, name: K, why: W, skills: [{id: k-2, text: Two}, {id: k-3, text: Three}, {id: k-1, text: One}]}
      - {id: l, name: L, why: W}
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            edited_office({"File a letter}": "File a letter, revision: 2, retired: true}"}),
            OFFICE,
            {"item file-01": [Change("revision-lowered", "revision", "2", "1"), Change("brought-back")]},
            id="an item that comes back, with a lower revision",
        ),
        pytest.param(
            OFFICE,
            edited_office(
                {
                    FIND: "",
                    "          new:\n            - {id: mail-01, text: Open the mail}": "          full:\n"
                    "            - id: mail-01\n              text: Open the mail\n"
                    "              children: [{id: file-02, text: Find a letter}]",
                }
            ),
            {
                "item mail-01": [Change("moved", "tier", "new", "full"), Change("parent", "children", None, "file-02")],
                "item file-02": [
                    Change("moved", "task", "files", "mail"),
                    Change("moved", "tier", "new", "full"),
                    Change("moved", "parent", None, "mail-01"),
                ],
            },
            id="a move to another task, tier and parent changes no order",
        ),
        pytest.param(
            edited_office({FILE: "{id: file-01, text: File a letter, children: [{id: file-03, text: Fold}]}"}),
            OFFICE,
            {"item file-01": [Change("no-parent", "children", "file-03", None)], "item file-03": [Change("gone")]},
            id="a parent that loses its last child is asked for itself",
        ),
        pytest.param(
            edited_office({ITEM: f"{ITEM[:-1]}, children: [{{id: file-03, text: Fold}}]}}"}),
            edited_office({ITEM: f"{ITEM[:-1]}, revision: 2, children: [{{id: file-03, text: Fold, revision: 2}}]}}"}),
            {
                "item file-01": [Change("changed", "revision", "1", "2")],
                "item file-03": [Change("revision-raised", "revision", "1", "2")],
            },
            id="the revision of a parent has no effect",
        ),
        pytest.param(
            OFFICE,
            edited_office({FIND: "", "quickly}": "quickly}\n          - {id: file-02, text: Find a letter}"}),
            {"item file-02": [Change("moved", "kind", "expectation", "skill"), Change("moved", "tier", "new", None)]},
            id="another kind is a move",
        ),
        pytest.param(
            OFFICE,
            edited_office({"id: file-02, text: Find a letter": "id: file-22, text: find a  Letter."}),
            {"item file-22": [Change("added")], "item file-02": ID_CHANGED},
            id="another id under the same words, whatever their capitals and full stop",
        ),
        pytest.param(
            OFFICE,
            edited_office(
                {
                    FILE: "{id: file-01, text: File a letter, retired: true, replaced_by: file-09}\n"
                    "            - {id: file-09, text: File a letter}"
                }
            ),
            {
                "item file-01": [Change("retired"), Change("changed", "replaced_by", None, "file-09")],
                "item file-09": [Change("added")],
            },
            id="a retired item with a successor of the same words keeps its id",
        ),
        pytest.param(
            OFFICE,
            edited_office({FIND: "            - {id: file-22, text: Open the mail}\n", "id: mail-01": "id: mail-22"}),
            {
                "item file-22": [Change("added")],
                "item mail-22": [Change("added")],
                "item file-02": [Change("gone")],
                "item mail-01": [Change("id-changed", "id", "mail-01", "mail-22")],
            },
            id="of two items with the old words, the one in the same list has the new id",
        ),
        pytest.param(
            edited_office({"Find a letter}": "Find a letter, retired: true}"}),
            edited_office({"id: file-02": "id: file-22"}),
            {"item file-22": [Change("added")], "item file-02": [Change("gone")]},
            id="a retired item gives its id to no other",
        ),
        pytest.param(
            OFFICE,
            edited_office({FIND: ""}) + SENIOR,
            {"item off-01": [Change("added")], "item file-02": [Change("gone")], "role senior": [Change("added")]},
            id="the same words in another role are another item",
        ),
        pytest.param(
            OFFICE,
            edited_office({FIND: "            - {id: file-22, text: Find a letter}\n", "id: clerk": "id: filer"})
            + SENIOR,
            {
                "item file-22": [Change("added")],
                "item off-01": [Change("added")],
                "item file-02": ID_CHANGED,
                "role clerk": [Change("id-changed", "id", "clerk", "filer")],
                "role senior": [Change("added")],
            },
            id="an item keeps its words under another id, in a role that has another id too",
        ),
        pytest.param(
            OFFICE,
            edited_office({"id: files": "id: filing"}).replace("id: new", "id: first").replace("new:", "first:"),
            {
                "task files": [Change("id-changed", "id", "files", "filing")],
                "tier new": [Change("id-changed", "id", "new", "first")],
            },
            id="another id of a task or tier moves no item",
        ),
        pytest.param(
            OFFICE,
            edited_office({"id: clerk": "id: filer", "text: Open the": "text: Open all"}),
            {
                "item mail-01": [Change("reworded", "text", "Open the mail", "Open all mail")],
                "role clerk": [Change("id-changed", "id", "clerk", "filer")],
            },
            id="another id of a role moves no item",
        ),
        pytest.param(
            ORDERED,
            REORDERED,
            {
                "item k-3": [Change("added")],
                "task k": [Change("order", "skill", "k-1, k-2", "k-2, k-1")],
                "role r": [Change("order", "tiers", "a, b", "b, a"), Change("order", "tasks", "l, k", "k, l")],
            },
            id="another order is that of what is in both",
        ),
        pytest.param(
            OFFICE,
            OFFICE + SENIOR,
            {"item off-01": [Change("added")], "role senior": [Change("added")]},
            id="a new role brings its items",
        ),
        pytest.param(
            OFFICE + SENIOR,
            OFFICE,
            {"item off-01": [Change("gone")], "role senior": [Change("gone")]},
            id="a deleted role takes its items along",
        ),
    ],
)
def test_an_edit_is_reported_as_what_it_is(
    tmp_path: Path, old: str, new: str, expected: dict[str, list[Change]]
) -> None:
    """Moves, other ids, parents, another order: each with the changes it makes, in their order, and no others."""
    found = changes_by_subject(load(tmp_path, old), load(tmp_path, new))
    assert list(found.items()) == list(expected.items())


def test_the_version_is_told_beside_the_changes(tmp_path: Path) -> None:
    """Another version alone is no change; a change without another version is told to be that."""
    one, two = load(tmp_path, OFFICE), load(tmp_path, OFFICE.replace('"1"', '"2"'))
    reworded = load(tmp_path, edited_office({"File a": "Fold a"}))
    assert changes(one, two) == Changes("1", "2", ())
    assert not changes(one, one).version_stayed
    assert changes(one, reworded).version_stayed
    assert not changes(two, reworded).version_stayed


def test_an_item_is_told_under_the_most_severe_of_its_changes(tmp_path: Path) -> None:
    """An item that is reworded and given another meaning is told where nobody overlooks that."""
    new = load(tmp_path, edited_office({"File a letter}": "File it, revision: 2, note: N}"}))
    result = changes(load(tmp_path, OFFICE), new)
    assert [subject.most_severe for subject in result.subjects] == ["revision-raised"]
    assert result.total == 3


# --- nothing goes unmentioned -------------------------------------------------------------------------------------

WORDS = st.sampled_from(["One", "Two", "Three"])
NOTES = st.lists(WORDS, max_size=2).map(tuple)
MONTHS = st.none() | st.builds(Months, first=st.integers(0, 2), until=st.none() | st.integers(3, 4))
TIERS = ("a", "b")


@st.composite
def entries(draw: st.DrawFn, ids: list[str], *, nested: bool = True) -> tuple[Entry, ...]:
    """Return some entries with anything that an author may write. Each takes one of the ids away."""
    return tuple(
        Entry(
            id=ids.pop(draw(st.integers(0, len(ids) - 1))),
            text=draw(WORDS),
            revision=draw(st.integers(1, 2)),
            note=draw(st.none() | WORDS),
            condition=draw(st.sampled_from([None, "c"])),
            requires=draw(st.sampled_from([(), ("x",), ("x", "y"), ("y", "x")])),
            led_by=draw(st.sampled_from([None, "mentor", "manager"])),
            parts=draw(st.sampled_from([(), ("p",), ("p", "q"), ("q", "p"), ("p", "p")])),
            children=draw(entries(ids, nested=False)) if nested else (),
            retired=draw(st.booleans()),
            replaced_by=draw(st.sampled_from([None, "x"])),
        )
        for _ in range(draw(st.integers(0, 2)))
        if ids
    )


@st.composite
def tasks(draw: st.DrawFn, id_: str, ids: list[str]) -> Task:
    """Return a task."""
    lists: dict[str, Any] = {field: draw(entries(ids)) for field in ITEM_LISTS}
    return Task(
        id=id_,
        name=draw(WORDS),
        why=draw(WORDS),
        variant=draw(st.sampled_from([None, "v"])),
        begins=draw(MONTHS),
        gate=draw(st.sampled_from([None, "x"])),
        not_required=draw(st.sampled_from([(), ("a",), ("b", "a")])),
        expectations={tier: draw(entries(ids)) for tier in draw(st.lists(st.sampled_from(TIERS), unique=True))},
        resources=draw(NOTES.map(lambda notes: tuple(Resource(name="R", note=note) for note in notes))),
        notes=draw(NOTES),
        **lists,
    )


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """Return a small catalogue in which every field may say something; its ids are those of a few items."""
    ids = [f"i-{number}" for number in range(8)]

    def role(id_: str) -> Role:
        return Role(
            id=id_,
            name=draw(WORDS),
            disclaimer=draw(st.none() | WORDS),
            responsibilities=draw(NOTES),
            variants=tuple(Variant(id=v, name=draw(WORDS)) for v in draw(st.permutations(["v", "w"]))),
            tiers=tuple(Tier(id=t, title=draw(WORDS), months=draw(MONTHS)) for t in draw(st.permutations(TIERS))),
            conditions=tuple(
                Condition(id=c, text=draw(WORDS), occasion=draw(st.booleans()))
                for c in draw(st.permutations(["c", "d"]))
            ),
            qualifications=draw(entries(ids)),
            notes=draw(NOTES),
            tasks=tuple(
                draw(tasks(task, ids)) for task in draw(st.lists(st.sampled_from("kl"), min_size=1, unique=True))
            ),
        )

    role_ids = draw(st.lists(st.sampled_from("rs"), min_size=1, unique=True))
    return Catalogue(version="1", roles=tuple(map(role, role_ids)))


def content_of(value: Any) -> Any:
    """Return a catalogue as plain dicts and lists with every field of the file, also those at their default."""
    if isinstance(value, msgspec.Struct):
        return {field.encode_name: content_of(getattr(value, field.name)) for field in msgspec.structs.fields(value)}
    if isinstance(value, dict):  # an empty list of items below a tier says nothing
        return {tier: content_of(below) for tier, below in value.items() if below}
    return list(map(content_of, value)) if isinstance(value, tuple) else value


def dicts_in(content: Any) -> list[dict[str, Any]]:
    """Return the dict and all dicts in it."""
    if isinstance(content, list):
        return [inner for value in content for inner in dicts_in(value)]
    return [content, *dicts_in(list(content.values()))] if isinstance(content, dict) else []


@st.composite
def edited_catalogues(draw: st.DrawFn, catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with one field of one thing in it edited, or one list shortened or turned around."""
    content = content_of(catalogue)
    fields = [(holder, name) for holder in dicts_in(content) for name in holder if name not in {"id", "version"}]
    holder, name = draw(st.sampled_from(fields))
    value = holder[name]
    if isinstance(value, list) and value and name != "roles":
        fewer = value[1:] if name not in {"tiers", "tasks"} or len(value) > 1 else value
        holder[name] = draw(st.sampled_from([value[::-1], fewer]))
    elif isinstance(value, bool):
        holder[name] = not value
    elif isinstance(value, int):
        holder[name] = value + 1
    elif name in {"text", "name", "title", "why", "note", "disclaimer", "dated"} or isinstance(value, str):
        holder[name] = draw(WORDS) if name != "led_by" else "mentor"
    return msgspec.convert(content, Catalogue)


@pytest.mark.slow
@given(catalogues(), catalogues())
def test_two_catalogues_differ_exactly_when_a_change_is_told(one: Catalogue, other: Catalogue) -> None:
    """A change is told if anything differs, else none. Each id of only one catalogue is new, gone or changed, once."""
    result = changes(one, other)
    assert bool(result.subjects) == (content_of(one) != content_of(other))
    assert not changes(one, one).subjects
    keys = [(subject.about, subject.role, subject.id) for subject in result.subjects]
    assert len(keys) == len(set(keys))
    before, after = ({id_ for role in catalogue.roles for id_ in role.items} for catalogue in (one, other))
    items = {s.id: {change.kind for change in s.changes} for s in result.subjects if s.about == "item"}
    assert {id_ for id_, kinds in items.items() if "added" in kinds} == after - before
    assert {id_ for id_, kinds in items.items() if kinds & {"gone", "id-changed"}} == before - after


@pytest.mark.slow
@given(st.data())
def test_one_small_edit_never_goes_unmentioned(data: st.DataObject) -> None:
    """Whichever single field an author edits, whichever list they shorten or turn around: it is told."""
    one = data.draw(catalogues())
    other = data.draw(edited_catalogues(one))
    assert bool(changes(one, other).subjects) == (content_of(one) != content_of(other))
