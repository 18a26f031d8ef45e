"""A role page becomes the draft of a catalogue: each line in its task, kind and tier, and what is doubtful is told."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_ladder.catalogue.importing.draft import Draft, draft_of, draft_yaml
from ca_ladder.catalogue.importing.parser import text_of
from ca_ladder.catalogue.models import Catalogue
from ca_ladder.catalogue.validation import parse_catalogue
from ca_ladder.errors import BadInput, PageUnreadable

CARE = """\
CARE ASSISTANT

You are never alone: a senior is on every shift.

Main duties:
• Help residents live as they like
• Keep them safe

DAILY CARE

Personal care
Residents trust us with what is private.

Year 1: Learning the work
• Wash and dress a resident with a colleague
• Knock before entering,
  every time

Year 2: Working alone
• Notice changes of skin, mood and weight *write them down the same day

Year 3+: Teaching others
• Show a newcomer how it is done**
** Only on wards that train newcomers.

Knowledge:
• Hygiene

Abilities:
• Staying calm

Equipment:
• Lift (checked in May 2024 by the maker)
• Activity: Let the trainee lift a colleague

Mentor activity
Watch a whole morning without helping, and talk about:
• dignity
• pace

Meals (day shift only)
Eating together keeps people well.

Year 1: Learning the work
• Start this one 4-6 months after the first day
• Know who needs thick drinks

Year 2: working alone
• Feed a resident without hurry

Year 3+: Leading
• Not required

Manager activity
Eat with the residents once a month.

Requirements
1) A clean record
2) One of these certificates:
3) care level two
4) nursing aid

Printed for the notice board
"""

CARE_DRAFT = """\
version: draft
roles:
- id: care-assistant
  name: CARE ASSISTANT
  disclaimer: 'You are never alone: a senior is on every shift.'
  responsibilities:
  - Help residents live as they like
  - Keep them safe
  variants:
  - id: day-shift
    name: day shift
  tiers:
  - id: year-1
    title: Learning the work
    months:
      from: 0
      until: 12
  - id: year-2
    title: Working alone
    months:
      from: 12
      until: 24
  - id: year-3+
    title: Teaching others
    months:
      from: 24
  conditions:
  - id: footnote-1
    text: Only on wards that train newcomers.
  qualifications:
  - id: car-q1
    text: A clean record
  - id: car-q2
    text: 'One of these certificates:'
    children:
    - id: car-q3
      text: care level two
    - id: car-q4
      text: nursing aid
  notes:
  - Printed for the notice board
  tasks:
  - id: personal-care
    name: Personal care
    why: Residents trust us with what is private.
    expectations:
      year-1:
      - id: pers-01
        text: Wash and dress a resident with a colleague
      - id: pers-02
        text: Knock before entering, every time
      year-2:
      - id: pers-03
        text: Notice changes of skin, mood and weight
        note: write them down the same day
      year-3+:
      - id: pers-04
        text: Show a newcomer how it is done
        condition: footnote-1
    knowledge:
    - id: pers-k1
      text: Hygiene
    abilities:
    - id: pers-a1
      text: Staying calm
    activities:
    - id: pers-t1
      text: Let the trainee lift a colleague
      led_by: mentor
    - id: pers-t2
      text: 'Watch a whole morning without helping, and talk about:'
      parts:
      - dignity
      - pace
    resources:
    - name: Lift
      note: checked in May 2024 by the maker
      dated: 2024-05
  - id: meals
    name: Meals
    why: Eating together keeps people well.
    variant: day-shift
    begins:
      from: 4
      until: 6
    not_required:
    - year-3+
    expectations:
      year-1:
      - id: meal-01
        text: Know who needs thick drinks
      year-2:
      - id: meal-02
        text: Feed a resident without hurry
    manager_activities:
    - id: meal-m1
      text: Eat with the residents once a month.
"""

CARE_DOUBTS = """\
9: a title over several tasks; left out
20: what follows the star was taken for a note on it
22: taken to begin where the tier before it ends
33: what is in brackets was taken for a note of 2024-05
41: taken for a task of the variant "day shift" of the role
45: no item: learning the task begins in these months
51: taken for the tier "Teaching others", and that title kept
52: no item: in this task the tier is not required
57: is below a task; taken for qualifications of the whole role
59: every line after it in this list was put under it
63: is at the end and has no bullet; kept as a note on the role
"""


def body(page: str) -> str:
    """Return the draft's file without the comment at its beginning."""
    return draft_yaml(draft_of(page), Path("page.md")).partition("\n\n")[2]


def doubts(page: str) -> str:
    """Return what was made of each doubtful line, a line each."""
    return "".join(f"{line}: {taken_for}\n" for line, _, taken_for in draft_of(page).doubts)


def loaded(draft: Draft) -> Catalogue:
    """Return the catalogue that the draft's file is."""
    return parse_catalogue(draft_yaml(draft, Path("page.md")).encode(), Path("draft.yaml"))


def role_of(page: str) -> Any:
    """Return the draft's role, which loads."""
    draft = draft_of(page)
    loaded(draft)
    return draft.tree["roles"][0]


def tasks_of(page: str) -> dict[str, Any]:
    """Return the tasks of the draft by their names."""
    return {task["name"]: task for task in role_of(page)["tasks"]}


def brief(tree: Any) -> Any:
    """Return a part of a draft without ids. What has a text or a name alone is given as that."""
    if isinstance(tree, list):
        return [brief(part) for part in tree]
    if not isinstance(tree, dict):
        return tree
    fields = {field: brief(value) for field, value in tree.items() if field != "id"}
    return next(iter(fields.values())) if len(fields) == 1 and fields.keys() <= {"text", "name"} else fields


ON_TOP = "Clerk\nMail\nPeople wait.\nYear 1\n"


def lists_of(page: str) -> dict[str, Any]:
    """Return in brief the lists of the draft's role and of its first task, whose tiers stand beside its other lists."""
    role = role_of(page)
    task, *_ = role["tasks"]
    fields = role | task | task.get("expectations", {})
    names = fields.keys() - {"id", "name", "why", "tiers", "tasks", "expectations"}
    return {name: brief(fields[name]) for name in names}


# --- whole pages --------------------------------------------------------------------------------------------------


def test_a_page_in_plain_text_with_tiers_by_year() -> None:
    """No heading is marked: what each line is follows from its words and from what stands below it."""
    assert body(CARE) == CARE_DRAFT
    assert doubts(CARE) == CARE_DOUBTS
    assert loaded(draft_of(CARE)).roles[0].tiers[2].months is not None


RANKS = {
    "# ": {"CARE ASSISTANT"},
    "## ": {"Main duties:", "DAILY CARE", "Requirements"},
    "### ": {"Personal care", "Meals (day shift only)"},
    "#### ": {"Knowledge:", "Abilities:", "Equipment:", "Mentor activity", "Manager activity"},
}


def as_markdown(page: str) -> str:
    """Return the care assistant's page with its headings and bullets marked."""
    marked = re.sub("^Year ", "#### Year ", page.replace("• ", "* "), flags=re.MULTILINE)
    ranks = {line: rank for rank, lines in RANKS.items() for line in lines}
    return "".join(f"{ranks.get(line.strip(), '')}{line}" for line in marked.splitlines(keepends=True))


def test_the_same_page_in_markdown() -> None:
    """Headings of four ranks lead to the same draft; a marked section of the whole role is beyond doubt."""
    assert body(as_markdown(CARE)) == CARE_DRAFT
    assert doubts(as_markdown(CARE)) == CARE_DOUBTS.replace(
        "57: is below a task; taken for qualifications of the whole role\n", ""
    )


@pytest.mark.parametrize("page", [CARE, as_markdown(CARE)], ids=["plain", "markdown"])
@pytest.mark.parametrize(
    ("old", "new"),
    [("\n", "\r\n"), ("\n", "\r"), ("\n", "\n\n"), ("", ""), ("\n• ", "\n- "), ("\n• ", "\n1. "), ("\n• ", "\n[ ] ")],
)
def test_the_look_of_a_page_changes_nothing(page: str, old: str, new: str) -> None:
    """Ends of lines, blank lines, a byte order mark and other bullets lead to the same draft."""
    page = page.replace(",\n  every", ", every")
    other = f"\ufeff{page.replace(old, new) if old else page}"
    if "\u2022" in old:
        other = re.sub(r"\n\d\) ", "\n+ ", other)
    assert body(other) == body(page)


def test_the_file_says_what_it_is_and_what_to_do() -> None:
    """The editor finds the schema, the author the next step; a page's name cannot break out of the comment."""
    text = draft_yaml(draft_of("Clerk\nYear 1\n- File"), Path("desk\nrole: evil.md"))
    assert text.splitlines()[0] == "# yaml-language-server: $schema=ca-ladder.schema.json"
    assert all(line.startswith("#") for line in text.partition("\n\n")[0].splitlines())
    assert "ca-ladder catalogue check" in text


# --- tiers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "tier"),
    [
        ("New here (0-3 mos)", {"id": "0-3", "title": "New here", "months": {"from": 0, "until": 3}}),
        ("New here (0–3 months):", {"id": "0-3", "title": "New here", "months": {"from": 0, "until": 3}}),
        ("### New here (0 to 3 months)", {"id": "0-3", "title": "New here", "months": {"from": 0, "until": 3}}),
        ("Settled (6+ mos.)", {"id": "6+", "title": "Settled", "months": {"from": 6}}),
        ("Settled - after six months", {"id": "6+", "title": "Settled", "months": {"from": 6}}),
        ("First three months", {"id": "0-3", "title": "First three months", "months": {"from": 0, "until": 3}}),
        ("Months 0-3", {"id": "0-3", "title": "Months 0-3", "months": {"from": 0, "until": 3}}),
        ("Months 1-3", {"id": "1-3", "title": "Months 1-3", "months": {"from": 0, "until": 3}}),
        ("Year 1: Starter", {"id": "year-1", "title": "Starter", "months": {"from": 0, "until": 12}}),
        ("Starter (year 2)", {"id": "year-2", "title": "Starter", "months": {"from": 12, "until": 24}}),
        ("Second year", {"id": "year-2", "title": "Second year", "months": {"from": 12, "until": 24}}),
        ("Senior (2+ years)", {"id": "year-2+", "title": "Senior", "months": {"from": 24}}),
        ("Level 1 - Junior", {"id": "level-1", "title": "Junior"}),
        ("Stage two", {"id": "stage-2", "title": "Stage two"}),
        ("Forever (700-900 months)", {"id": "700-900", "title": "Forever"}),
    ],
)
def test_a_tier_is_told_by_its_heading(heading: str, tier: dict[str, Any]) -> None:
    """Months, years and levels, in brackets, before or after the title; the id is short and typable."""
    assert role_of(f"Clerk\nMail\nPeople wait.\n{heading}\n- Sort it")["tiers"] == [tier]


def test_a_window_that_was_worked_out_is_doubtful() -> None:
    """After three months "4-6" begins where they end; no role lasts longer than a life."""
    page = "Clerk\nMail\nPeople wait.\nNew (0-3 mos)\n- Post\nOld (4-6 mos)\n- Teach\nLate (700-900 mos)\n- Rest"
    assert [tier.get("months") for tier in role_of(page)["tiers"]] == [
        {"from": 0, "until": 3},
        {"from": 3, "until": 6},
        None,
    ]
    assert doubts(page) == (
        "6: taken to begin where the tier before it ends\n8: longer than any role lasts; the tier has no months\n"
    )


def test_a_heading_that_repeats_is_a_tier() -> None:
    """It needs no months and no number; a small difference of spelling or case makes no other tier."""
    page = """\
Barista

Opening
A shop that opens late loses its guests.
Foundation
- Count the till
Independent
- Open alone

Serving
Guests come back for a smile.
foundation
- Greet everyone
Independant
- Handle a complaint
"""
    assert role_of(page)["tiers"] == [
        {"id": "foundation", "title": "Foundation"},
        {"id": "independent", "title": "Independent"},
    ]
    assert brief(tasks_of(page)["Serving"]["expectations"]) == {
        "foundation": ["Greet everyone"],
        "independent": ["Handle a complaint"],
    }
    doubt = "taken for a tier, since several lists have it as their heading; it has no months"
    assert doubts(page) == f"5: {doubt}\n7: {doubt}\n"


@pytest.mark.parametrize(
    "title",
    ["Kitchen Assistant - Expectations for the Role", "Kitchen Assistant Role", "Role: Kitchen Assistant expectations"],
)
def test_the_role_is_called_as_the_title_says(title: str) -> None:
    """Without the words that only say that it is a page on a role."""
    assert role_of(f"# {title}\nYear 1\n- Wash")["name"] == "Kitchen Assistant"


def test_tiers_stand_in_the_order_of_their_months() -> None:
    """Even where the page tells the best first."""
    page = "Clerk\nMail\nPeople wait.\nDone (3+ mos)\n- Teach\nNew (0-3 mos)\n- Sort"
    assert [tier["id"] for tier in role_of(page)["tiers"]] == ["0-3", "3+"]
    assert list(tasks_of(page)["Mail"]["expectations"]) == ["0-3", "3+"]


@pytest.mark.parametrize("page", ["", " \n\n", "Just a title", "Clerk\n- Sort\n- Post", "Knowledge\n- Mail"])
def test_a_page_without_a_tier_is_refused(page: str) -> None:
    """The sentence says what a page must look like."""
    with pytest.raises(BadInput, match=r"heading that says when it is.*0-6 months.*Year 1.*Level 1"):
        draft_of(page)


# --- tasks --------------------------------------------------------------------------------------------------------


def test_the_last_heading_before_the_sentences_is_the_task() -> None:
    """Those above it are titles over several tasks; all sentences below it say why."""
    page = "Clerk\nOffice\nFront desk\nMail\nPeople wait.\nThey also pay.\nYear 1\n- Sort"
    assert {name: task["why"] for name, task in tasks_of(page).items()} == {"Mail": "People wait. They also pay."}
    assert doubts(page) == "2: a title over several tasks; left out\n3: a title over several tasks; left out\n"


def test_a_task_begins_where_a_tier_comes_again() -> None:
    """Even when no sentence says why: one is asked for."""
    page = "Clerk\nMail\nPeople wait.\nYear 1\n- Sort\nPhone\nYear 1\n- Greet"
    assert tasks_of(page)["Phone"]["why"] == "Write here why this task matters."
    assert doubts(page) == "6: no sentence under it says why the task matters; write one\n"


def test_a_task_may_have_foundations_alone() -> None:
    """What stands in no tier needs none; and foundations may stand before the tiers."""
    page = "Clerk\nMail\nPeople wait.\nSkills\n- Reading\nYear 1\n- Sort\n\nPhone\nPeople ring.\nKnowledge\n- Manners"
    assert lists_of(page) == {"skills": ["Reading"], "year-1": ["Sort"]}
    assert brief(tasks_of(page)["Phone"]) == {"name": "Phone", "why": "People ring.", "knowledge": ["Manners"]}


def test_a_page_without_tasks_is_one_task() -> None:
    """Tiers right under the title make a task with the role's name."""
    page = "Picker\nYear 1\n- Scan\nYear 2\n- Teach"
    assert list(tasks_of(page)) == ["Picker"]
    assert doubts(page) == "2: is under no task; a task with the role's name was made; say why it matters\n"


@pytest.mark.parametrize(
    ("heading", "name", "variant"),
    [
        ("Mail (Specific to Claims - Clerk Role)", "Mail", {"id": "claims", "name": "Claims"}),
        ("Mail (specific to claims)", "Mail", {"id": "claims", "name": "claims"}),
        ("Mail (Night shift only)", "Mail", {"id": "night-shift", "name": "Night shift"}),
    ],
)
def test_a_task_for_some_is_a_variant(heading: str, name: str, variant: dict[str, str]) -> None:
    """The bracket leaves the name, and the task says which variant it is for."""
    page = f"Clerk Role Expectations\n{heading}\nPeople wait.\nYear 1\n- Sort"
    role = role_of(page)
    assert (role["name"], role["variants"]) == ("Clerk", [variant])
    assert (role["tasks"][0]["name"], role["tasks"][0]["variant"]) == (name, variant["id"])
    assert doubts(page) == f'2: taken for a task of the variant "{variant["name"]}" of the role\n'


@pytest.mark.parametrize("name", ["Training", "Activities", "Skills", "Education", "Resources", "Notes"])
@pytest.mark.parametrize("marks", ["", "## "])
def test_a_task_may_be_called_like_a_section(name: str, marks: str) -> None:
    """With words and a tier below it, it is a task, whatever its name: none of its lines lands in the task above."""
    tier = f"{marks and '### '}Year 1"
    page = f"Clerk\n{marks}Mail\nPeople wait.\n{tier}\n- Sort\n{marks}{name}\nOthers learn from us.\n{tier}\n- Teach"
    assert brief([*tasks_of(page).values()]) == [
        {"name": "Mail", "why": "People wait.", "expectations": {"year-1": ["Sort"]}},
        {"name": name, "why": "Others learn from us.", "expectations": {"year-1": ["Teach"]}},
    ]
    doubt = "6: called like a section, but there is a tier below it; taken for a task\n"
    assert doubts(page) == ("" if marks else doubt)


@pytest.mark.parametrize(
    ("lines", "doubtful"),
    [
        ("This is a job.\n- Sort\n- Post", [3, 4]),
        ("| Tier | Line |\n|---|---|\n| Year 1 | Sort |", [2, 2, 3, 4, 4]),
        ("### Year 1 (with supervision)\n- Sort", [2, 3]),
        ("This is a job.\n\nYear 1 (with supervision)\n- Sort", [4, 5]),
    ],
)
def test_a_list_above_the_first_task_is_doubtful(lines: str, doubtful: list[int]) -> None:
    """It is put into the disclaimer line by line: bullets, rows of a table, and all under an unknown heading."""
    page = f"Clerk\n{lines}\n## Mail\nPeople wait.\n### Year 1\n- Bring"
    assert role_of(page)["disclaimer"].endswith(lines.splitlines()[-1].removeprefix("- "))
    assert [doubt.line for doubt in draft_of(page).doubts] == doubtful


def test_a_page_in_markdown_with_sections_of_the_whole_role() -> None:
    """Bold words, an escaped star, a heading of no known kind; a heading of a higher rank ends the tasks."""
    page = """\
# Clerk
### Mail
People wait.
#### Year 1
- Write **before** noon*
\\* With a pen.
#### Rituals
- Friday demo
## Education
- [ ] School, or not
## Duties
- Help
## Notes
Read it.
"""
    assert lists_of(page) == {
        "year-1": [{"text": "Write before noon", "condition": "footnote-1"}],
        "conditions": ["With a pen."],
        "qualifications": ["School, or not"],
        "responsibilities": ["Help"],
        "notes": ["Friday demo"],  # of the task
    }
    assert role_of(page)["notes"] == ["Read it."]
    assert doubts(page) == "7: a heading of no known kind; left out\n8: kept as a note on the task\n"


# --- items --------------------------------------------------------------------------------------------------------

# Each with a name, the lines of a page, "=" and what becomes of them in brief, and "?" before every doubt.
OUTCOMES = """\
what a task has for the whole role leaves the task
- Sort
Requirements
- Stamps
Education and experience
- School
Duties
- Keep order
= year-1: [Sort]
= qualifications: [Stamps, School]
= responsibilities: [Keep order]
? 6: is below a task; taken for qualifications of the whole role
? 8: is below a task; taken for qualifications of the whole role
? 10: is below a task; taken for responsibilities of the whole role

a star leads to its footnote; inside a line it begins a note
- Sort*
- Post **
- Stamp *with care
- Weigh*
*Not on Sundays
** If there is time
- Seal*
= conditions: [Not on Sundays, If there is time]
= year-1: [{text: Sort, condition: footnote-1}, {text: Post, condition: footnote-2}, {text: Stamp, note: with care},
=   {text: Weigh, condition: footnote-1}, Seal]
? 7: what follows the star was taken for a note on it
? 11: ends with a star, but there is no footnote below it in this task

a line announces as many as it names
- Do these two:
- Sort
- Post
- Seal
= year-1: [{text: "Do these two:", children: [Sort, Post]}, Seal]

a line that names no number announces all the rest
- Do all of it:
- Sort
- Post
= year-1: [{text: "Do all of it:", children: [Sort, Post]}]
? 5: every line after it in this list was put under it

indented lines stand under the one above
- Parcels
    - Weigh
    - Stamp
- Seal
= year-1: [{text: Parcels, children: [Weigh, Stamp]}, Seal]

a third level is put beside the second, and nothing stands under a resource
- Parcels
  - Weigh
    - Before noon
  - Stamp
Tools
- Scales
  - The large one
= year-1: [{text: Parcels, children: [Weigh, Before noon, Stamp]}]
= resources: [Scales, The large one]
? 7: is at a third level; put with the lines of the second
? 11: is under another line; taken for a line of its own

a wrapped line goes on indented, or with a small letter
- Sort what came in
  On Monday
- Post what
goes out
= year-1: [Sort what came in On Monday, Post what goes out]

when a task begins and where it is not required are no items; as one of several the latter is
- Start with this task 1-2 months into the role
- Sort
- Not required on Sundays
Year 2
- Not necessary for clerks
= begins: {from: 1, until: 2}
= not_required: [year-2]
= year-1: [Sort, Not required on Sundays]
? 5: no item: learning the task begins in these months
? 9: no item: in this task the tier is not required

a tier or a list that comes twice in a task is doubtful: another task may have begun
- Sort
Skills
- Reading
Year 1
- Teach
Skills
- Patience
= year-1: [Sort, Teach]
= skills: [Reading, Patience]
? 8: stands in the task "Mail" a second time; its lines were put there as well
? 10: stands in the task "Mail" a second time; its lines were put there as well

each row of a table is a bullet of the list that is open
| What | When |
|:---|---:|
| Sort | daily |
Tools
| Scale |
= year-1: ["| What | When |", "| Sort | daily |"]
= resources: ["| Scale |"]
? 5: is in a table; each row became one bullet, and the lines between them were left out
? 6: is in a table; each row became one bullet, and the lines between them were left out
? 7: is in a table; each row became one bullet, and the lines between them were left out
? 9: is in a table; each row became one bullet, and the lines between them were left out

a section of two kinds is of the first, and one may stand on one line
Knowledge & Skills
- Stamps
Tools and Training
- Scales
Skills, abilities
- Patience
Activities: Visit the post office
= knowledge: [Stamps]
= resources: [Scales]
= skills: [Patience]
= activities: [Visit the post office]
? 5: names knowledge and skills; all was taken for knowledge
? 7: names resources and activities; all was taken for resources
? 9: names skills and abilities; all was taken for skills

activities stand under headings of their own, or inside any list
- Sort
Technology
- Scale: in the cellar
- Activity: Weigh ten parcels
- Franking machine
Training Activity
Ask the trainee to explain stamps
Training Activity
Sort the post for:
- the board
- the canteen
Manager Activity
Look into the tray.
Training activities
- Visit the post office
- Ride with the van
= year-1: [Sort]
= activities: [Weigh ten parcels, {text: Ask the trainee to explain stamps, led_by: mentor},
=   {text: "Sort the post for:", parts: [the board, the canteen]}, Visit the post office, Ride with the van]
= manager_activities: [Look into the tray.]
= resources: [{name: Scale, note: in the cellar}, Franking machine]

a resource has a name, a note and a date; a drive's letter is no name
Tools and systems
- Manual found in K: Office
- Price list (as of Sept 2023, being renewed)
- Review the price list
- Everything that somebody once wrote down about the sorting of post
= resources: ["Manual found in K: Office",
=   {name: Price list, note: "as of Sept 2023, being renewed", dated: 2023-09}, Review the price list,
=   Everything that somebody once wrote down about the sorting of post]
? 7: what is in brackets was taken for a note of 2023-09
? 8: kept among the resources, but it begins like something to do
? 9: kept among the resources, but it is long for the name of a thing
""".strip().split("\n\n")


@pytest.mark.parametrize("outcome", OUTCOMES, ids=[outcome.partition("\n")[0] for outcome in OUTCOMES])
def test_what_becomes_of_the_lines_of_a_task(outcome: str) -> None:
    """Each line lands in its list; what was only guessed is among the doubts."""
    _, *lines = outcome.splitlines()
    expected, doubtful = ([line[2:] for line in lines if line.startswith(sign)] for sign in ("= ", "? "))
    page = ON_TOP + "\n".join(line for line in lines if not line.startswith(("= ", "? ")))
    assert lists_of(page) == yaml.safe_load("\n".join(expected))
    assert doubts(page).splitlines() == doubtful


def test_ids_are_short_telling_and_unlike_each_other() -> None:
    """The letters are those of the word that the task's own lines have and others lack; numbers go on through tiers."""
    page = """\
Clerk
Answer the mail
Letters wait.
Year 1
- Open the mail
- Answer a letter
Year 2
- Sort mail by street
Skills
- Reading mail
Requirements
- A license
Answer the phone
Nobody likes a phone that rings.
Year 1
- Answer within a minute
Manager activity
Ring the phone.
Answer the phone
Phones ring again.
Year 1
- Answer again
"""
    first, second, third = tasks_of(page.replace("Answer the phone\nPhones", "Answer more phones\nPhones")).values()
    assert [task["id"] for task in (first, second, third)] == ["answer-mail", "answer-phone", "answer-phones"]
    assert {tier: [e["id"] for e in entries] for tier, entries in first["expectations"].items()} == {
        "year-1": ["mail-01", "mail-02"],
        "year-2": ["mail-03"],
    }
    assert first["skills"][0]["id"] == "mail-s1"
    assert second["manager_activities"][0]["id"] == "phon-m1"
    assert third["expectations"]["year-1"][0]["id"] == "answ-01"
    assert role_of(page)["qualifications"][0]["id"] == "cle-q1"
    assert len({task["id"] for task in role_of(page)["tasks"]}) == 3


# --- nothing disappears, and nothing else is raised -----------------------------------------------------------------

PIECES = [
    *("- do it W", "* do it W", "• do it W", "2. do it W", "[ ] do it W", "  - below W", "- these two W:", "- done W*"),
    *("*footnote W", "** footnote W", "- done *note W", "- Tool: note W", "- Activity: ask the trainee W", "- W"),
    *("- List W (March 2021 - old)", "- Begin with W 2-3 months into the role", "- Not required W", "W", "Words W."),
    *("# Heading W", "## Heading W", "### Heading W", "**Heading W**", "Heading W (Specific to X)", "going on W"),
    *("Heading W:", "A sentence, and a long one, that says why all of this matters so much W.", "Knowledge: W"),
    *("1. W", "Name: W", "W one\ngoes on", "- W one\n  Goes on", "> W", "| W |", "|---|", "    - below W", "`W`"),
    *("\\* W", "\\*", "-W", "– W", "W?", "- “W”", "«W»", "- it is # W", "- yes: W #", "- ! W", "- 'W", '- "W" is'),
    *("- {W}", "- @W", "- W \u2028 \x07 \xad"),
]
HEADINGS = [
    *("New (0-3 mos)", "Old (3+ mos)", "Year 1", "Level 2", "### Foundation", "Foundation", "Advanced", "Weeks 1-9"),
    *("Knowledge", "Skills:", "## Technology", "Training Activity", "Manager Activity", "Tasks", "Why", "Notes"),
    *("Responsibilities", "### Requirements", "Technical skills", "", "====", "---", "Training", "Year 1: Other W"),
]


def _scalars(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        tree = [*tree.values()]
    for inner in tree if isinstance(tree, list) else []:
        yield from _scalars(inner)
    if isinstance(tree, str):
        yield tree


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES + HEADINGS), max_size=30))
def test_every_line_ends_in_the_draft_or_among_the_doubts(pieces: list[str]) -> None:
    """Whatever a page is put together from; each line has a word of its own, by which it is found again."""
    lines = "\n".join(["Title", "Year 1", *pieces]).split("\n")
    page = "\n".join(line.replace("W", f"word{number}x") for number, line in enumerate(lines, start=1))
    draft = draft_of(page)
    loaded(draft)
    held = " ".join([*_scalars(draft.tree), *(doubt.text for doubt in draft.doubts)])
    assert [line for n, line in enumerate(lines, start=1) if "W" in line and f"word{n}x" not in held] == []


@pytest.mark.slow
@settings(max_examples=300)
@given(st.lists(st.one_of(st.sampled_from(PIECES + HEADINGS), st.text(max_size=40)), max_size=25).map("\n".join))
def test_any_text_is_a_draft_that_loads_or_is_refused(page: str) -> None:
    """Never anything else: no other error, and no draft with a fault in it."""
    try:
        draft = draft_of(page)
    except BadInput as refused:
        if not str(refused).startswith("No tier was found on the page."):
            raise
        return
    assert loaded(draft).roles[0].tiers


# --- the file -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("page.md", b"Clerk\nYear 1\n- Caf\xe9", "line 3 is not UTF-8 text; save it as UTF-8"),
        ("page.txt", b"x" * 1_000_001, "it is larger than 1 MB, and a page is far smaller"),
        ("page.txt", b"- a\n" * 10_001, "it has more than 10,000 lines, and a page has far fewer"),
        ("page.docx", b"x", "its name does not end with .md, .markdown or .txt"),
        ("page.txt", None, "no such file or directory"),
    ],
)
def test_a_file_that_is_no_page_is_refused(tmp_path: Path, name: str, data: bytes | None, why: str) -> None:
    """In one line, which says what is wrong with the file."""
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(PageUnreadable) as refused:
        text_of(path)
    assert refused.value.lines() == [
        f"The page {path} cannot be read: {why}. Name a text or Markdown file, such as role.md."
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "lines",
    [
        "Abcdefgh{n}\n- a",
        "Abcdefgh{n}\n- a\nAbcdefgh{n}\n- b",
        "- a*\n** b",
        "# M" + "[" * 90,
        "M" + "(" * 90,
        "wrapped and wrapped, again and again, without an end in sight for those who have to read it",
        "Мост\n- a\n## Мост\nWhy.\nYear 1\n- b",
    ],
)
def test_a_page_of_ten_thousand_lines_is_answered(lines: str) -> None:
    """However alike its lines are: a draft that loads, or one that says that it is too large."""
    copies = 10_000 // len(lines.splitlines())
    many = "\n".join(lines.replace("{n}", str(number)) for number in range(copies))
    draft = draft_of(f"Clerk\nYear 1\n- Sort\n{many}")
    with suppress(PageUnreadable):
        assert loaded(draft).roles[0].tiers


@pytest.mark.slow
def test_a_long_line_is_answered() -> None:
    """One of a megabyte is a line like any other, whatever signs it is made of."""
    for sign in "[(*|x#- ":
        for before in ("", "## M", "- ", "- x (", "Tools: "):
            assert draft_of(f"Clerk\nYear 1\n- Sort\n{before}{sign * 900_000}").tree["roles"]


def test_a_page_of_too_many_lines_is_refused() -> None:
    """A page may be small enough and its draft too large to be a catalogue."""
    page = "Clerk\nYear 1\n" + "- a\n" * 30_000
    with pytest.raises(PageUnreadable, match="more than a catalogue can"):
        draft_yaml(draft_of(page), Path("page.md"))
