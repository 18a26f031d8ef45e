"""The description of every field of the catalogue, and the JSON Schema for editors.

The shape comes from the models. The descriptions are kept here because only the author's commands need them.
docs/catalogue.md is generated from the same descriptions.
"""

from typing import Any

from msgspec import Struct

from ca_ladder.catalogue.models import Catalogue, Condition, Entry, Months, Resource, Role, Task, Tier, Variant

FILE_NAME = "ca-ladder.schema.json"

# How a catalogue names its schema, to VS Code and to PyCharm. Both read draft 7.
SCHEMA_LINES = f"# yaml-language-server: $schema={FILE_NAME}\n# $schema: {FILE_NAME}\n"
_DRAFT = "http://json-schema.org/draft-07/schema#"

_ITEMS = "Each is an item, with `id` and `text`."
_ID = "Small letters, digits, `-`, `+` and `.`; at most 40 characters."

ABOUT: dict[type[Struct], tuple[str, str]] = {
    Catalogue: ("the file", "All roles in ladder order, and the version that sign-offs are given under."),
    Role: ("a role", "A job on the ladder."),
    Tier: ("a tier", "A stretch of the way through a role, with a title: months, years, or levels without a date."),
    Months: ("months", "A stretch of months in the role."),
    Variant: ("a variant", "A form of the role that a trainee has or has not, with tasks of its own."),
    Condition: ("a condition", "A footnote: when the items that name it apply."),
    Task: ("a task", "An area of work."),
    Entry: ("an item", "One thing that is checked and signed off."),
    Resource: ("a resource", "A system, manual or guide that helps with a task: shown, never checked."),
}

FIELDS: dict[type[Struct], dict[str, str]] = {
    Catalogue: {
        "version": "The catalogue's version, of your choice; raise it with every change that you hand out. Each "
        "sign-off keeps the version that it was given under.",
        "roles": "The roles, in ladder order.",
    },
    Role: {
        "id": f"What people type for the role; it never changes. {_ID}",
        "name": "The role as people call it.",
        "disclaimer": "What the page does not cover, in a sentence.",
        "responsibilities": "The core responsibilities: text that is not checked.",
        "variants": "Forms of the role that a trainee has or has not; a task can belong to one.",
        "tiers": "The stretches of the way through the role, lowest first.",
        "conditions": "Footnotes: when the items that name them apply.",
        "qualifications": f"Licenses, designations, years of experience. {_ITEMS}",
        "notes": "Remarks on the role, not checked.",
        "tasks": "The areas of work, in the order of the screens.",
    },
    Tier: {
        "id": f"What people type for the tier, such as a stretch of months or a level; it never changes. {_ID}",
        "title": "The tier in words.",
        "months": "When it is due, in months in the role. Without it the tier has no dates at all.",
    },
    Months: {
        "from": "The month in the role it begins with; 0 is the first day.",
        "until": "The month it ends before: `{from: 0, until: 3}` are the first three months. Without it, it has no "
        "end.",
    },
    Variant: {
        "id": f"What people type for the variant; it never changes. {_ID}",
        "name": "The variant as people call it.",
    },
    Condition: {
        "id": f"What items name in their `condition`. {_ID}",
        "text": "When the items apply, in a sentence. A mentor can waive them where it does not.",
        "occasion": "`true`: the items can only be learned when something happens that nobody can bring about. They "
        "wait for their opportunity, not for the trainee.",
    },
    Task: {
        "id": f"What people type for the task; it never changes. {_ID}",
        "name": "The task in a few words.",
        "why": "Why the task matters, to the client and to the office.",
        "variant": "The variant of the role that alone has this task.",
        "begins": "In which months in the role learning starts.",
        "gate": "The item, such as a license, to be signed off before any expectation of the task can be.",
        "not_required": "The tiers in which the task is not required.",
        "expectations": f"What is expected, below the id of each tier. {_ITEMS}",
        "knowledge": f"What the trainee knows. {_ITEMS}",
        "skills": f"What the trainee is practised in. {_ITEMS}",
        "abilities": f"What the trainee is able to do. {_ITEMS}",
        "activities": f"What is done to learn it: exercises, conversations. {_ITEMS}",
        "manager_activities": f"What the manager does for it. {_ITEMS}",
        "resources": "Systems, manuals and guides that help.",
        "notes": "Remarks on the task, not checked.",
    },
    Entry: {
        "id": f"What people type for the item, and what its sign-offs hang on: it stays with the item for ever. {_ID}",
        "text": "One thing that can be seen done, beginning with a verb. Rewording it keeps every sign-off.",
        "revision": "1 unless written. Raise it when the meaning changes: what was signed off before is then asked for "
        "again.",
        "note": "A remark to mind.",
        "condition": "The id of the footnote that says when the item applies.",
        "requires": "The ids of the items to be signed off before this one.",
        "led_by": "Who leads an activity, if not the trainee: `mentor` or `manager`.",
        "parts": "What the item is made of, where all of it is checked as one.",
        "children": f"Its parts, where each is checked by itself; its own state then follows from theirs. {_ITEMS}",
        "retired": "`true`: no longer asked for or counted; its history stays readable.",
        "replaced_by": "The id of the item that takes its place.",
    },
    Resource: {
        "name": "What it is called.",
        "note": "What it is good for, or where to find it.",
        "dated": "When the note was true, such as 2026-03.",
    },
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a catalogue file, with a description of every field."""
    from pydantic import TypeAdapter

    whole = TypeAdapter(Catalogue).json_schema()
    for model, (title, about) in ABOUT.items():
        part = whole if model is Catalogue else whole["$defs"][model.__name__]
        del part["description"]  # the docstring, which is for programmers
        part |= {"title": title, "description": about, "additionalProperties": False}  # which pydantic 2.10 leaves out
        for field, words in FIELDS[model].items():
            part["properties"][field] = _plain(part["properties"][field]) | {"description": words}
    return {"$schema": _DRAFT, **whole, "title": "ca-ladder catalogue"}


def _plain(shape: dict[str, Any]) -> dict[str, Any]:
    """Return a field's schema as an author may write it: no null, and numbers and booleans count as text."""
    for alternative in shape.pop("anyOf", []):
        if alternative.get("type") != "null":
            shape |= alternative
    shape.pop("title", None)
    if shape.get("type") == "string" and "enum" not in shape:
        shape["type"] = ["string", "number", "boolean"]
    if "items" in shape:
        shape["items"] = _plain(shape["items"])
    return shape
