"""A faulty catalogue: every fault is told at once, at its line, in words an author understands."""

import re
from datetime import date
from pathlib import Path
from textwrap import indent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca_ladder.catalogue.lint import KnownWording, lint
from ca_ladder.catalogue.models import Catalogue
from ca_ladder.catalogue.validation import load_catalogue
from ca_ladder.errors import CatalogueFaulty, CatalogueMissing
from tests.conftest import many_examples

GOOD = """\
version: "1"
roles:
  - id: clerk
    name: Clerk
    tiers:
      - {id: 0-3, title: New, months: {from: 0, until: 3}}
    tasks:
      - id: mail
        name: Mail
        why: People wait
        expectations:
          0-3:
            - id: mail-1
              text: Sort it
"""


def write_catalogue(folder: Path, text: str | bytes) -> Path:
    """Return a catalogue file with this text."""
    file = folder / "own.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def faults_of(folder: Path, text: str | bytes) -> list[str]:
    """Return what an author of this catalogue is told, without the name of the file."""
    file = write_catalogue(folder, text)
    with pytest.raises(CatalogueFaulty) as faulty:
        load_catalogue(file)
    return [line.removeprefix(f"{file}:") for line in faulty.value.lines()]


def load(folder: Path, text: str | bytes) -> Catalogue:
    """Return the catalogue with this text."""
    return load_catalogue(write_catalogue(folder, text))


def with_task(lines: str) -> str:
    """Return the good catalogue with these lines in its task, from line 11 on."""
    return GOOD.replace("        expectations:\n", f"{indent(lines, ' ' * 8)}\n        expectations:\n")


def with_item(lines: str) -> str:
    """Return the good catalogue with these lines below its item's text, from line 15 on."""
    return f"{GOOD}{indent(lines, ' ' * 14)}\n"


def with_items(lines: str) -> str:
    """Return the good catalogue with these lines below its item, from line 15 on."""
    return f"{GOOD}{indent(lines, ' ' * 12)}\n"


# --- what is told, fault by fault -----------------------------------------------------------------

# A file, and its only faults with line and column.
FILES = [
    # no catalogue
    ("", "1:1: the file is empty; ca-ladder needs `version:` and `roles:`"),
    ("# nothing yet\n", "1:1: the file is empty; ca-ladder needs `version:` and `roles:`"),
    ("hello\n", "1:1: the file must hold `version:` and `roles:`"),
    ("- a\n- b\n", "1:1: the file must hold `version:` and `roles:`"),
    ("version: 1\nroles: []\n", "2:1: `roles` is empty; it is needed"),
    (
        "roles: x\n",
        "1:1: `roles` must be a list: write [x], or each entry on a line of its own after a dash\n1:1: `version` is missing here",
    ),
    (
        "version: 1\nroles:\n  - just words\n",
        "3:5: entry 1 of `roles` must have fields of its own (`id`, `name`, `tiers`, `tasks`), indented below it",
    ),
    # nothing that can be read on
    (with_item("note: a\x07b"), "15:22: the control character U+0007 is not allowed; delete it"),
    (with_item("note: éé\x00\n\n"), "15:23: the control character U+0000 is not allowed; delete it"),
    (b"version: 1\nroles: caf\xe9\n", "2:11: not UTF-8 text; save the file as UTF-8"),
    ("version: 1".encode("utf-16"), "1:1: not UTF-8 text; save the file as UTF-8"),
    (f"{GOOD}---\n{GOOD}", "15:1: a second document starts here; a catalogue is one, without ---"),
    ("#" * 1_000_001, "1:1: the file is larger than 1 MB; a catalogue is far smaller"),
    (
        "version: 1\nroles:\n" + "- a\n" * 110_000,
        "99998:3: more than 100,000 texts and lists up to here; a catalogue has far fewer",
    ),
    (f"version: 1\nroles: {'[' * 20}{']' * 20}\n", "2:27: nested deeper than 20 levels; a catalogue needs fewer"),
    ("[" * 100_000, "1:21: nested deeper than 20 levels; a catalogue needs fewer"),
    ("{a: " * 100_000, "1:81: nested deeper than 20 levels; a catalogue needs fewer"),
    # fields
    (with_task("[a, b]: c"), "11:9: a field's name must be plain text"),
    ("versoin: 2\n" + GOOD, "1:1: there is no field `versoin` here; did you mean `version`?"),
    (
        GOOD.replace("{from: 0,", "{from: 0, name: x,"),
        "6:49: there is no field `name` here; the fields are from, until",
    ),
    (
        GOOD.replace("          0-3:\n            - id: mail-1\n              text: Sort it\n", "          - 0-3\n"),
        "11:9: `expectations` must have fields of its own, indented below it",
    ),
    (with_items("- Open it"), "15:15: entry 2 of `0-3` must have fields of its own (`id`, `text`), indented below it"),
    # references
    (
        GOOD.replace("    tasks:", "      - {id: 0-3, title: Again}\n    tasks:"),
        "7:10: the tier id `0-3` is used twice, first on line 6; every id stays with one tier for ever",
    ),
    (with_task("not_required: [6+]"), "11:24: there is no tier `6+`; name one of this role, or leave it out"),
    (with_item("requires: [mail-2]"), "15:26: there is no item `mail-2`; did you mean `mail-1`?"),
    (with_task("gate: license"), "11:9: there is no item `license`; name one of this role, or leave it out"),
    (with_task("variant: large"), "11:9: there is no variant `large`; name one of this role, or leave it out"),
    (with_item("condition: rare"), "15:15: there is no condition `rare`; name one of this role, or leave it out"),
    (with_item("retired: true\nreplaced_by: mail-9"), "16:15: there is no item `mail-9`; did you mean `mail-1`?"),
    (
        with_task("gate: mail-s1\nskills:\n  - {id: mail-s1, text: Read, requires: [mail-1]}"),
        "16:15: a circle: mail-1 needs mail-s1 needs mail-1; take one `requires` or `gate` out",
    ),
    (
        with_items(
            "  requires: [mail-2]\n"
            "- {id: mail-2, text: B, requires: [mail-3]}\n"
            "- {id: mail-3, text: C, requires: [mail-2]}"
        ),
        "16:16: a circle: mail-2 needs mail-3 needs mail-2; take one `requires` or `gate` out",
    ),
    (
        with_items(
            "- {id: mail-2, text: Both, children: [{id: mail-3, text: One}]}\n"
            "- {id: mail-4, text: After, requires: [mail-2]}"
        ),
        "16:52: `mail-2` follows from its children and is never signed off itself; name a child",
    ),
    # item ids are unique across roles: a record is read without knowing the role
    (
        GOOD + GOOD.split("roles:\n")[1],
        "15:5: the role id `clerk` is used twice, first on line 3; every id stays with one role for ever\n"
        "25:15: the item id `mail-1` is used twice, first on line 13; every id stays with one item for ever",
    ),
    # of two fields the first counts, and its own faults are told at its own line
    (
        with_task("notes: words\nnotes: [words]"),
        "11:9: `notes` must be a list: write [words], or each entry on a line of its own after a dash\n"
        "12:9: `notes` is written twice (first on line 11); keep one",
    ),
    # a fault that stops the reading hides none above it
    (
        "version: !one 1\nroles: [\n",
        "1:10: the tag !one is not allowed; put the text between quotes, or leave the ! out\n"
        "2:8: a [ opens here and is never closed; close it with ]",
    ),
    # a list is not called empty because its every entry has a fault
    (
        GOOD.replace("id: mail\n", "id: MAIL\n"),
        '8:9: `id` is "MAIL"; an id has small letters, digits, "-", "+" and "." only',
    ),
    # texts, numbers and windows
    (with_item("note: [a, b]"), "15:15: `note` must be one text; put it between quotes if it has a colon or a dash"),
    (GOOD.replace("mail-1", "m" * 41), "13:15: `id` is longer than 40 characters"),
    (with_item("revision: 0"), '15:15: `revision` is "0"; it must be a whole number, from 1 on'),
    (
        with_item(f"revision: {'9' * 5000}"),
        f'15:15: `revision` is "{"9" * 57}..."; it must be a whole number, from 1 on',
    ),
    (with_item("revision: [1]"), "15:15: `revision` is not a single text; it must be a whole number, from 1 on"),
    (GOOD.replace("from: 0", "from: 3.0"), "6:31: `until` (3) must be later than `from` (3.0)"),
    (with_task("begins: {from: 2, until: 2}"), "11:9: `until` (2) must be later than `from` (2)"),
    (with_item("retired: maybe"), '15:15: `retired` is "maybe"; write true or false'),
    (with_item("led_by: boss"), "15:15: `led_by` is \"boss\"; it must be 'mentor' or 'manager'"),
]


@pytest.mark.parametrize(("text", "faults"), FILES, ids=[faults for _, faults in FILES])
def test_a_fault_is_told_at_its_line(tmp_path: Path, text: str | bytes, faults: str) -> None:
    """Each mistake gives one sentence, at the line where it is mended: no fault follows from another."""
    assert faults_of(tmp_path, text) == faults.splitlines()


def test_many_slips_are_cut_short(tmp_path: Path) -> None:
    """Of 60,000 lines that are not YAML, the first 20 are told."""
    faults = faults_of(tmp_path, "a: b: c\n" * 60_001)
    assert len(faults) == 21
    assert faults[0] == '1:5: there is a ": " inside a text; put the text between quotes'
    assert faults[-1] == "21:1: 20 such faults up to here; there may be more below"


# --- slips of the pen, each in a good catalogue ---------------------------------------------------

OFFICE = """\
version: "1"
roles:
  - id: clerk
    name: Clerk
    disclaimer: Not all of the job
    responsibilities:
      - Keep the office running
      - Answer within a day
    tiers:
      - id: new
        title: New
        months: {from: 0, until: 3}
      - {id: later, title: Later}
    conditions:
      - {id: rare, text: Seldom happens}
    tasks:
      - id: mail
        name: Mail
        why: People wait
        expectations:
          new:
            - id: mail-1
              text: Sort it
              note: With care
            - {id: mail-2, text: Open it, condition: rare}
          later:
            - id: mail-3
              text: Answer it
              requires: [mail-1]
        knowledge:
          - {id: mail-k1, text: Name the forms}
        resources:
          - name: Scanner
"""


def office_with(old: str, new: str) -> str:
    """Return the office's catalogue with one slip in it."""
    assert OFFICE.count(old) == 1, old
    return OFFICE.replace(old, new)


IN_BRACES = (
    'between { and }, a text with a comma, a bracket or a ": " needs quotes, and two fields need a comma between them'
)
IN_SQUARE = IN_BRACES.replace("{ and }", "[ and ]")
GOES_ON = "the text goes on after its closing quote or bracket; put all of it between double quotes"
NEITHER = "this is neither a field (`name: text`) nor an entry (`- text`); if it goes on with the text above, indent it"
ENTRY_FITS_NOTHING = "the indentation of this entry fits nothing above it; align it with the dashes of its list"
REMARK = "put it between quotes (or, if a remark was meant, two blanks before the #)"
NO_BREAK = "this blank is a no-break space, which is none for YAML; type a plain one"
LOOK_THERE = "look at indentation and quotes there"
OR_A_DASH = "each entry on a line of its own after a dash"
TAKEN_AS_FIELD = "a field; between { and }, put a text with a comma between quotes"

# What is in the office's catalogue, what an author writes instead, and the faults with line and column.
SLIPS = [
    (
        "- Keep the office running",
        "- Note: keep the office running",
        '7:9: entry 1 of `responsibilities` has a ": " after "Note"; put the whole text between quotes',
    ),
    ("text: Open it,", "text: Open: it,", f"25:38: {IN_BRACES}"),
    ("text: Open it,", "text: Open it, then read it,", f'25:43: a comma has made "then read it" {TAKEN_AS_FIELD}'),
    ("condition: rare}", "condition: rare", "25:15: a { opens here and is never closed; close it with }"),
    ("Seldom happens}", "Seldom happens}}", "15:41: there is a } too many; delete it"),
    ("Sort it", "Sort form #4", f'23:31: a # after a blank hides the rest: the text is only "Sort form"; {REMARK}'),
    (
        "Answer within a day",
        "Answer call #1 first",
        f'8:21: a # after a blank hides the rest: the text is only "Answer call"; {REMARK}',
    ),
    (
        "text: Open it,",
        "text: Open #4,",
        "25:15: a { opens here and is never closed; close it with } (a # after a blank hides the rest of the line)",
    ),
    ("              text: Sort it", "            \ttext: Sort it", "23:13: a tab cannot indent; use spaces"),
    (
        "              text: Sort it",
        "                text: Sort it",
        "23:17: `text` is indented deeper than the line above allows; align it with the fields of the same part, or put the text that it continues between quotes",
    ),
    (
        "              text: Sort it",
        "             text: Sort it",
        "23:14: the indentation of this line fits nothing above it; align it with the fields of the same part",
    ),
    ("            - {id: mail-2", "              - {id: mail-2", f"25:15: {ENTRY_FITS_NOTHING}"),
    ("              note: With care", "        note: With care", f"25:13: {ENTRY_FITS_NOTHING}"),
    ("text: Sort it", "text Sort it", "23:19: after a field comes a colon and a blank: write `text: ...`"),
    ("            - id: mail-3\n", "              id: mail-3\n", f"26:11: `later` must be a list, {OR_A_DASH}"),
    ("Not all of the job", "Not all\nof the job", f"6:1: {NEITHER}"),
    ("requires: [mail-1]", "requires: No", "29:15: `requires` is No; write it or leave the field out"),
    ("why: People wait", "why:", "19:9: `why` is empty; it is needed"),
    (
        "{from: 0, until: 3}",
        "{from: zero, until: three}",
        '12:18: `from` is "zero"; it must be a whole number, from 0 to 600 months\n12:30: `until` is "three"; it must be a whole number, from 1 to 600 months',
    ),
    ("months: {from: 0, until: 3}", "months: 0-3", '12:9: `months` is "0-3"; write the months as {from: 0, until: 3}'),
    ("- {id: mail-2, text", "- {text", "25:15: `id` is missing here"),
    (
        "text: Open it,",
        "text: *Knock twice,",
        '25:34: a text cannot begin with *; put "*Knock" between quotes, or write out what it means',
    ),
    ("text: Open it,", "text: & knock,", "25:34: a text cannot begin with &; put the text between quotes"),
    ("text: Open it,", "text: Wash hands [5 moments],", f"25:45: {IN_BRACES}"),
    ("text: Open it,", "text: 'the resident's rights',", f"25:48: {IN_BRACES}"),
    (
        "text: Open it,",
        "text: “Feed (PEG), and wait”,",
        f'25:47: a comma has made "and wait”" {TAKEN_AS_FIELD}, straight ones',
    ),
    (
        "{id: mail-2, text: Open it, condition: rare}",
        "{id: mail-2, text:Cover, condition: rare}",
        "25:15: `text` is missing here\n25:28: a blank is missing after the colon of `text`",
    ),
    ("requires: [mail-1]", "requires: [mail-1}", f"29:32: {IN_SQUARE}"),
    ("requires: [mail-1]", "requires: mail-1", f"29:15: `requires` must be a list: write [mail-1], or {OR_A_DASH}"),
    (
        "- {id: mail-2, text: Open it, condition: rare}",
        "- id: mail-2, text: Open it}",
        "25:19: a { is missing in this line, or the } at its end is too many",
    ),
    (
        "- {id: mail-2, text: Open it, condition: rare}",
        "– {id: mail-2, text: Open it, condition: rare}",
        "25:13: an entry begins with a plain - and a blank, not with –",
    ),
    (
        "      - Keep the office running\n      - Answer",
        "      • Keep the office running\n      • Answer",
        f"6:5: `responsibilities` must be a list, {OR_A_DASH}",
    ),
    ("text: Sort it", "text:\xa0Sort it", f"23:20: {NO_BREAK}"),
    ("              text: Sort it", "\xa0             text: Sort it", f"23:1: {NO_BREAK}"),
    (
        "text: Sort it\n              note: With care",
        'text: "Sort it\n              note: "With care"',
        "23:21: a quote opens here and is never closed; close it",
    ),
    (
        "            - {id: mail-2, text: Open it, condition: rare}",
        "            {id: mail-2, text: Open it, condition: rare}",
        f"25:13: {NEITHER}",
    ),
    (
        "          later:\n",
        "        later:\n",
        "26:9: there is no field `later` here; if it is a tier, indent it below `expectations`",
    ),
    (
        "        knowledge:\n",
        "          knowledge:\n",
        "30:11: `knowledge` is a field of the task; it is indented too far",
    ),
    ("text: Sort it", "text :Sort it", "23:19: after a field comes a colon and a blank: write `text: ...`"),
    ("text: Sort it", "text= Sort it", "23:19: after a field comes a colon and a blank: write `text: ...`"),
    (
        "            - id: mail-1\n",
        "            -\tid: mail-1\n",
        "22:14: use a blank, not a tab, after the dash",
    ),
    ("    tasks:\n", "    tasks\n", "16:10: after a field comes a colon and a blank: write `tasks: ...`"),
    (
        "        why: People wait\n        expectations:\n",
        "        why: >-\n          People wait\n          expectations:\n",
        f"21:11: `expectations` has become part of the text that begins on line 19; {LOOK_THERE}",
    ),
    (
        "              text: Answer it\n              requires: [mail-1]",
        '              text: "Answer it\n              requires: [mail-1]"',
        f"29:15: `requires` has become part of the text that begins on line 28; {LOOK_THERE}",
    ),
    (
        "text: Sort it\n",
        "text: Sort it\n              retired: true\n              replaced_by: mail-2\n",
        "31:26: `mail-1` is retired and holds nothing back; name `mail-2`, which replaces it",
    ),
    ("id: mail-3", "id: mail–3", '27:15: `id` is "mail–3"; an id has small letters, digits, "-", "+" and "." only'),
    ("        why:", "        WHY:", "19:9: there is no field `WHY` here; did you mean `why`?"),
]


# What an author writes instead of `Sort it` on line 23.
TEXT_SLIPS = [
    ("“Sort it”", "23:21: smart quotes become part of the text; use straight ones, or none"),
    ("“Sort: it”", "23:21: smart quotes do not work here; use straight ones"),
    ('"Sort it', "23:21: a quote opens here and is never closed; close it"),
    ("'Sort the client's mail'", f"23:38: {GOES_ON}"),
    ('"Sort C:\\Users"', "23:31: a \\ between double quotes has a meaning of its own; write \\\\ for it"),
    ("*Sort it", "23:21: a text cannot begin with *; put the text between quotes"),
    ("> 4 letters a day", "23:21: a text cannot begin with >; put the text between quotes"),
    ("!Sort it", "23:21: the tag !Sort is not allowed; put the text between quotes, or leave the ! out"),
    ("- Sort it", "23:21: a text cannot begin with -; put the text between quotes"),
    ("*Knock", '23:21: a text cannot begin with *; put "*Knock" between quotes, or write out what it means'),
    ("[Hoist] Move", f"23:29: {GOES_ON}"),
    ("|\n Sort it", f"24:2: {NEITHER}"),
    ('“Sort it"', "23:21: smart quotes become part of the text; use straight ones, or none"),
]
SLIPS += [("text: Sort it", f"text: {text}", faults) for text, faults in TEXT_SLIPS]


@pytest.mark.parametrize(("old", "new", "faults"), SLIPS, ids=[faults for *_, faults in SLIPS])
def test_a_slip_of_the_pen_is_told_where_it_is(tmp_path: Path, old: str, new: str, faults: str) -> None:
    """One slip in a good catalogue is told at its line and column, in words that say how to mend it."""
    assert faults_of(tmp_path, office_with(old, new)) == faults.splitlines()


def test_every_suspicious_line_is_told_beside_the_first_error(tmp_path: Path) -> None:
    """YAML stops at its first error; the usual slips below it are told in the same go, and nothing is read on.

    What only the parser sees, such as the text after a closing quote in line 8, waits for its turn.
    """
    slips = [
        ("name: Clerk", "name: @Clerk"),
        ("- Answer within a day", "- 'Answer' within a day"),
        ("title: New", "title: New: at first"),
        ("text: Sort it", "text:Sort it"),
        ("              note: With", "\t\tnote: With"),
        ("text: Answer it", "text: Answer call #4"),
        ("- {id: mail-k1, ", "-{id: mail-k1, "),
        ("- name: Scanner", "- nam: “Scanner”"),
    ]
    catalogue = OFFICE
    for old, new in slips:
        catalogue = catalogue.replace(old, new)
    assert faults_of(tmp_path, catalogue) == [
        "4:11: a text cannot begin with @; put the text between quotes",
        '11:19: there is a ": " inside a text; put the text between quotes',
        "23:19: after a field comes a colon and a blank: write `text: ...`",
        "24:1: a tab cannot indent; use spaces",
        '28:33: a # after a blank hides the rest: the text is only "Answer call"; put it between quotes (or, if a remark was meant, two blanks before the #)',
        "31:12: a blank is missing after the dash",
        "33:18: smart quotes do not work here; use straight ones",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "text: >-\n                Fill in: the form\n                # 4",
        'text: "Sort it:\n                by name: first"',
    ],
)
def test_texts_of_several_lines_are_not_suspected(tmp_path: Path, text: str) -> None:
    """Beside an error elsewhere, a block or a quoted text may hold colons and #."""
    catalogue = office_with("text: Sort it", text).replace("name: Clerk", "name: @Clerk")
    catalogue = catalogue.replace("id: new\n", "id: 0-3\n").replace("new:", "0-3:")
    assert faults_of(tmp_path, catalogue) == ["4:11: a text cannot begin with @; put the text between quotes"]


@pytest.mark.parametrize(
    ("id_", "sentence"),
    [
        ("[a]", "must be one text; put it between quotes if it has a colon or a dash"),
        ("", 'is ""; an id has small letters, digits, "-", "+" and "." only'),
    ],
)
def test_an_item_without_a_usable_id_hides_no_other_fault(tmp_path: Path, id_: str, sentence: str) -> None:
    """Uniqueness, references and circles are looked at around an item whose own id is a fault."""
    catalogue = GOOD.replace("id: mail-1", f"id: {id_}") + (
        "              requires: [mail-3]\n"
        "            - id: mail-2\n"
        "              text: Open it\n"
        "              requires: [mail-2, [mail-3]]\n"
    )
    assert faults_of(tmp_path, catalogue.replace("        why:", "        gate: mail-2\n        why:")) == [
        f"14:15: `id` {sentence}",
        "16:26: there is no item `mail-3`; did you mean `mail-2`?",
        "17:15: a circle: mail-2 needs mail-2; take one `requires` or `gate` out",
        "19:34: entry 2 of `requires` must be one text; put it between quotes if it has a colon or a dash",
    ]


def test_a_long_chain_of_prerequisites_is_no_circle(tmp_path: Path) -> None:
    """Prerequisites may lead on for ever, as long as they end: neither the stack nor time runs out."""
    chain = "".join(f"            - {{id: m{n}, text: T, requires: [m{n + 1}]}}\n" for n in range(3000))
    catalogue = load(tmp_path, f"{GOOD}{chain}            - {{id: m3000, text: T}}\n")

    assert catalogue.roles[0].items["m2999"].requires == ("m3000",)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """An author mends the file once: faults of YAML, shape and meaning come in one go, sorted by line."""
    catalogue = """\
version: "1"
roles:
  - id: clerk
    name: Clerk
    name: Clark
    disclaimer: &all Not all
    tiers:
      - {id: 0-3, title: New}
    tasks:
      - id: mail
        name: Mail
        wyh: People wait
        why: *all
        expectations:
          0-3:
            - id: mail-1
              text: Sort it
              requires: [mail-2]
            - id: mail-2
              text: Open it
              requires: [mail-1]
            - id: mail-1
              text: Close it
          3-6:
            - id: mail-3
"""
    assert faults_of(tmp_path, catalogue) == [
        "5:5: `name` is written twice (first on line 4); keep one",
        "12:9: there is no field `wyh` here; did you mean `why`?",
        '13:14: a text cannot begin with *; put "*all" between quotes, or write out what it means',
        "16:15: a circle: mail-1 needs mail-2 needs mail-1; take one `requires` or `gate` out",
        "22:15: the item id `mail-1` is used twice, first on line 16; every id stays with one item for ever",
        "24:11: there is no tier `3-6`; name one of this role, or leave it out",
        "25:15: `text` is missing here",
    ]


def test_the_error_says_how_many_faults_there_are(tmp_path: Path) -> None:
    """A faulty catalogue is bad input (exit code 2), and the sentence counts its faults."""
    file = write_catalogue(tmp_path, "roles: x\n")
    with pytest.raises(CatalogueFaulty, match=r"own\.yaml has 2 faults") as faulty:
        load_catalogue(file)

    assert faulty.value.exit_code == 2


# --- a file that is not there ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "absent.yaml", "a\0b.yaml"], ids=["a folder", "absent", "no file's name"])
def test_a_file_that_cannot_be_opened_is_missing(tmp_path: Path, name: str) -> None:
    """A folder, an absent file and an impossible name are told with the option that names the file."""
    with pytest.raises(
        CatalogueMissing, match=r"cannot be read: .+\. Check its name after the command, or in CA_LADDER_CATALOGUE\."
    ):
        load_catalogue(tmp_path / name)


# --- what is no fault -----------------------------------------------------------------------------


def test_scalars_are_text(tmp_path: Path) -> None:
    """Nothing is guessed: `no`, `3:30`, `2021-03`, `1.10` and `~` stay as they are written."""
    catalogue = load(
        tmp_path,
        GOOD.replace('"1"', "1.10")
        .replace("name: Mail", "name: no")
        .replace("why: People wait", "why: 3:30")
        .replace("Sort it", "~")
        + "        resources:\n          - {name: null, dated: 2021-03}\n",
    )
    task = catalogue.roles[0].tasks[0]

    assert catalogue.version == "1.10"
    assert (task.name, task.why) == ("no", "3:30")
    assert (task.resources[0].name, task.resources[0].dated) == ("null", "2021-03")
    assert catalogue.roles[0].items["mail-1"].text == "~"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GOOD.encode("utf-8-sig"), id="byte order mark"),
        pytest.param(GOOD.replace("\n", "\r\n").encode(), id="Windows line ends"),
        pytest.param(f"---\n{GOOD}...\n".encode(), id="document marks"),
        pytest.param(GOOD.replace("why: People", "why: &why People").encode(), id="an anchor nobody uses"),
        pytest.param(GOOD.replace("Sort it", "! Sort it").encode(), id="the tag that says text"),
        pytest.param(with_item("retired: no").encode(), id="a boolean as people write it"),
        pytest.param(GOOD.encode() + b"#" * (1_000_000 - len(GOOD)), id="1 MB"),
    ],
)
def test_what_editors_do_to_a_file_is_no_fault(tmp_path: Path, text: bytes) -> None:
    """What an editor adds, or an author may rightly write, loads as the same catalogue."""
    assert load(tmp_path, text) == load(tmp_path, GOOD)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            "text: Sort it",
            "text: >-\n                Fill in the form; on it are\n                name: the client",
            id="a word with a colon in a folded text",
        ),
        pytest.param(
            "note: With care",
            "note: |\n                - until: the day\n                - text: the words",
            id="a list in a text",
        ),
        pytest.param("text: Sort it", 'text: "Explain\n                text: the words"', id="a text over two lines"),
        pytest.param(
            "text: Sort it",
            "text: Take the call\n                from the client",
            id="a line that begins like a field",
        ),
        pytest.param("text: Sort it", "text: Sort it  # as of March", id="a remark after two blanks"),
        pytest.param("text: Sort it", "text: Sort “urgent” letters", id="smart quotes inside a text"),
        pytest.param("text: Sort it", "text: Sort letters\n                – and parcels", id="a dash in a text"),
        pytest.param(
            "text: Sort it\n              note: With care",
            "text: Sort it\n              retired: true\n              replaced_by: mail-2\n              requires: [mail-3]",
            id="a retired item may need what it needed",
        ),
    ],
)
def test_what_looks_like_a_slip_and_is_none(tmp_path: Path, old: str, new: str) -> None:
    """A good file never gets a fault."""
    catalogue = office_with(old, new).replace("requires: [mail-1]", "")
    assert load(tmp_path, catalogue).version == "1"


def test_a_gate_may_retire_with_its_task(tmp_path: Path) -> None:
    """Where nothing of a task is asked for any more, its gate holds nothing back, and need not."""
    office = OFFICE.replace("requires: [mail-1]", "retired: true").replace(
        "        expectations:", "        gate: mail-k1\n        expectations:"
    )
    office = office.replace("note: With care", "retired: true").replace("condition: rare}", "retired: true}")
    assert load(tmp_path, office.replace("text: Name the forms}", "text: Name the forms, retired: true}"))


FULL = f"""{OFFICE}
      - id: post
        name: Post
        why: >-
          People wait,
          and write again
        variant: large
        gate: q-1
        begins: {{from: 1, until: 2}}
        not_required: [later]
        expectations:
          new:
            - id: post-1
              text: Sort it
              children: [{{id: post-2, text: 'By name', requires: [post-s1]}}]
            - {{id: post-3, text: Open it, retired: true, replaced_by: post-2}}
        skills: [{{id: post-s1, text: Read, led_by: mentor, parts: [a, b]}}]
        resources: [{{name: Knife, note: "Sharp: mind", dated: 2021-03}}]
    variants: [{{id: large, name: Large}}]
    qualifications: [{{id: q-1, text: Read, revision: 2}}]
"""

edits = st.lists(
    st.tuples(
        st.sampled_from(["delete", "duplicate", "replace", "characters"]),
        st.integers(0, 200),
        st.integers(0, 200),
        st.sampled_from(
            [*"\t\n:-[]{}&*!|>'\"%@#?,~ \0\x07\x85\u2028\ud7ff", "- ", ": ", "---\n", "mail-1", "*a", "&a "]
        )
        | st.text(max_size=5),
    ),
    min_size=1,
    max_size=6,
)


@many_examples
@given(edits)
def test_no_edit_of_a_catalogue_ends_in_anything_but_faults(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, int, int, str]]
) -> None:
    """Whatever is done to the file, it loads, or has faults at places that are in it: 5,000 times."""
    lines = FULL.splitlines(keepends=True)
    for how, line, column, written_in in edits:
        at = line % len(lines)
        cut = column % len(lines[at]) if lines[at] else 0
        lines[at : at + 1] = {
            "delete": [""],
            "duplicate": [lines[at], lines[at]],
            "replace": [lines[column % len(lines)]],
            "characters": [lines[at][:cut] + written_in + lines[at][cut + 1 :]],
        }[how]
    text = "".join(lines)
    file = write_catalogue(tmp_path_factory.getbasetemp(), text.encode(errors="surrogatepass"))

    report = lint(file, date(2026, 3, 16), [KnownWording("clerk", "mail-0", "Never said")])

    rows = [*re.split(r"\r\n|[\n\r\x85\u2028\u2029]", text), "", ""]
    assert (report.catalogue is None) == bool(report.faults)
    for fault in (*report.faults, *report.warnings):
        assert 1 <= fault.line <= len(rows)
        assert 1 <= fault.column <= len(rows[fault.line - 1].encode()) + 2
    if report.catalogue:
        assert load_catalogue(file) == report.catalogue
        assert all(role.items is not None for role in report.catalogue.roles)
    else:
        with pytest.raises(CatalogueFaulty):
            load_catalogue(file)
