"""A faulty catalogue: every fault is told at once, at its line, in words an author understands."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_ladder.catalogue.loader import load_catalogue
from ca_ladder.catalogue.models import Catalogue
from ca_ladder.errors import CatalogueFaulty, CatalogueMissing, Fault

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


def written(folder: Path, text: str | bytes) -> Path:
    """Return a catalogue file with this text."""
    file = folder / "own.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def told(folder: Path, text: str | bytes) -> list[str]:
    """Return what an author of this catalogue is told, without the folder's name."""
    with pytest.raises(CatalogueFaulty) as faulty:
        load_catalogue(written(folder, text))
    return [line.removeprefix(f"{folder}/").removeprefix(f"{folder}\\") for line in faulty.value.lines()]


def loaded(folder: Path, text: str | bytes) -> Catalogue:
    """Return the catalogue with this text."""
    return load_catalogue(written(folder, text))


def with_task(lines: str) -> str:
    """Return the good catalogue with these lines in its task, from line 11 on."""
    return GOOD.replace("        expectations:\n", f"{lines}        expectations:\n")


def with_item(lines: str) -> str:
    """Return the good catalogue with these lines below its item's text, from line 15 on."""
    return f"{GOOD}{lines}"


# --- what is told, fault by fault -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        pytest.param("", ["own.yaml:1: the file is empty; ca-ladder needs `version:` and `roles:`"], id="empty"),
        pytest.param(
            "# nothing yet\n",
            ["own.yaml:1: the file is empty; ca-ladder needs `version:` and `roles:`"],
            id="comment",
        ),
        pytest.param("hello\n", ["own.yaml:1: the file must hold `version:` and `roles:`"], id="a text"),
        pytest.param("- a\n- b\n", ["own.yaml:1: the file must hold `version:` and `roles:`"], id="a list"),
        pytest.param(
            "version: 1\nroles: []\n",
            ["own.yaml:2: `roles` is empty; write it or leave the field out"],
            id="no role",
        ),
        pytest.param(
            "roles: x\n",
            [
                "own.yaml:1: `roles` must be a list, each entry on a line of its own after a dash",
                "own.yaml:1: `version` is missing here",
            ],
            id="no version",
        ),
        pytest.param(
            "version: 1\nroles:\n  - just words\n",
            ["own.yaml:3: entry 1 of `roles` must have fields of its own, indented below it"],
            id="a role of words",
        ),
    ],
)
def test_a_file_that_is_no_catalogue(tmp_path: Path, text: str, faults: list[str]) -> None:
    """Whatever the file holds instead, the author reads what it should hold."""
    assert told(tmp_path, text) == faults


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param(
            "version: 1\nroles:\n\t- id: x\n",
            "own.yaml:3: not YAML: a tab cannot indent; use spaces",
            id="tab",
        ),
        pytest.param(
            "version: 1\nroles:\n  - id: x\n  \tname: X\n",
            "own.yaml:4: not YAML: a tab cannot indent; use spaces",
            id="tab after spaces",
        ),
        pytest.param(
            "version: 1\nroles: Note: more\n",
            'own.yaml:2: not YAML: there is a ": " inside a text; put the text between quotes',
            id="colon",
        ),
        pytest.param(
            "version: @home\n",
            "own.yaml:1: not YAML: a text cannot begin with this character; put the text between quotes",
            id="reserved character",
        ),
        pytest.param(
            'version: "1\nroles:\n  - id: x\n',
            "own.yaml:1: not YAML: a quote opens here and is never closed; close it",
            id="open quote",
        ),
        pytest.param(
            "version: 1\nroles: [a\n",
            "own.yaml:3: not YAML: did not find expected ',' or ']'; "
            "look at indentation and quotes here and on the line above",
            id="open bracket",
        ),
        pytest.param(
            "version: 1\n\nroles: a\x07b\n",
            "own.yaml:3: the control character U+0007 is not allowed; delete it",
            id="control character",
        ),
        pytest.param(
            "version: \u00e9\u00e9\u00e9\u00e9\nroles: \x00\n\n\n",
            "own.yaml:2: the control character U+0000 is not allowed; delete it",
            id="nul",
        ),
        pytest.param(
            b"version: 1\nroles: caf\xe9\n",
            "own.yaml:2: not UTF-8 text; save the file as UTF-8",
            id="latin-1",
        ),
        pytest.param("version: 1".encode("utf-16"), "own.yaml:1: not UTF-8 text; save the file as UTF-8", id="utf-16"),
        pytest.param(
            f"{GOOD}---\n{GOOD}",
            "own.yaml:15: a second document starts here; a catalogue is one, without ---",
            id="two documents",
        ),
        pytest.param(
            "#" * 1_000_001,
            "own.yaml:1: the file is larger than 1 MB; a catalogue is far smaller",
            id="over 1 MB",
        ),
        pytest.param(
            f"version: 1\nroles: {'[' * 20}{']' * 20}\n",
            "own.yaml:2: nested deeper than 20 levels; a catalogue needs fewer",
            id="21 levels",
        ),
        pytest.param(
            "[" * 100_000,
            "own.yaml:1: nested deeper than 20 levels; a catalogue needs fewer",
            id="100,000 brackets",
        ),
        pytest.param(
            "{a: " * 100_000,
            "own.yaml:1: nested deeper than 20 levels; a catalogue needs fewer",
            id="100,000 braces",
        ),
    ],
)
def test_a_file_that_cannot_be_read_on(tmp_path: Path, text: str | bytes, fault: str) -> None:
    """Where reading stops, one sentence says at which line and what to do there."""
    assert told(tmp_path, text) == [fault]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param(
            with_task("        why: Again\n"),
            "own.yaml:11: `why` is written twice (first on line 10); keep one",
            id="duplicate key",
        ),
        pytest.param(
            GOOD.replace("why: People", "why: &why People").replace("Sort it", "*why"),
            "own.yaml:14: the alias *why is not allowed; write the text out",
            id="alias",
        ),
        pytest.param(
            with_item("              note: !!str x\n"),
            "own.yaml:15: the tag tag:yaml.org,2002:str is not allowed; leave it out",
            id="tag",
        ),
        pytest.param(
            with_task("        [a, b]: c\n"),
            "own.yaml:11: a field's name must be plain text",
            id="list as a field's name",
        ),
        pytest.param(
            with_task("        gaet: mail-1\n"),
            "own.yaml:11: there is no field `gaet` here; did you mean `gate`?",
            id="misspelt field",
        ),
        pytest.param(
            "versoin: 2\n" + GOOD,
            "own.yaml:1: there is no field `versoin` here; did you mean `version`?",
            id="misspelt at the top",
        ),
        pytest.param(
            with_item("              led-by: mentor\n"),
            "own.yaml:15: there is no field `led-by` here; did you mean `led_by`?",
            id="misspelt in an item",
        ),
        pytest.param(
            GOOD.replace("{from: 0,", "{from: 0, name: x,"),
            "own.yaml:6: there is no field `name` here; the fields are from, until",
            id="field in the wrong place",
        ),
        pytest.param(
            with_item("            - id: mail-1\n              text: Open it\n"),
            "own.yaml:15: the item id `mail-1` is used twice; every id stays with one item for ever",
            id="duplicate item",
        ),
        pytest.param(
            GOOD.replace("    tasks:", "      - {id: 0-3, title: Again}\n    tasks:"),
            "own.yaml:7: the tier id `0-3` is used twice; every id stays with one tier for ever",
            id="duplicate tier",
        ),
        pytest.param(
            GOOD.replace("          0-3:", "          0-4:"),
            "own.yaml:12: there is no tier `0-4`; did you mean `0-3`?",
            id="unknown tier",
        ),
        pytest.param(
            with_task("        not_required: [6+]\n"),
            "own.yaml:11: there is no tier `6+`; name one of this role",
            id="unknown tier not required",
        ),
        pytest.param(
            with_item("              requires: [mail-2]\n"),
            "own.yaml:15: there is no item `mail-2`; did you mean `mail-1`?",
            id="unknown prerequisite",
        ),
        pytest.param(
            with_task("        gate: license\n"),
            "own.yaml:11: there is no item `license`; name one of this role",
            id="unknown gate",
        ),
        pytest.param(
            with_task("        variant: large\n"),
            "own.yaml:11: there is no variant `large`; name one of this role",
            id="unknown variant",
        ),
        pytest.param(
            with_item("              condition: rare\n"),
            "own.yaml:15: there is no condition `rare`; name one of this role",
            id="unknown condition",
        ),
        pytest.param(
            with_item("              retired: true\n              replaced_by: mail-9\n"),
            "own.yaml:16: there is no item `mail-9`; did you mean `mail-1`?",
            id="unknown replacement",
        ),
        pytest.param(
            with_item("              requires: [mail-1]\n"),
            "own.yaml:13: a circle: mail-1 needs mail-1; take one `requires` or `gate` out",
            id="needs itself",
        ),
        pytest.param(
            with_task("        gate: mail-1\n"),
            "own.yaml:14: a circle: mail-1 needs mail-1; take one `requires` or `gate` out",
            id="its own gate",
        ),
        pytest.param(
            with_task(
                "        gate: mail-s1\n        skills:\n          - {id: mail-s1, text: Read, requires: [mail-1]}\n"
            ),
            "own.yaml:16: a circle: mail-1 needs mail-s1 needs mail-1; take one `requires` or `gate` out",
            id="circle through a gate",
        ),
        pytest.param(
            with_item(
                "              requires: [mail-2]\n"
                "            - {id: mail-2, text: B, requires: [mail-3]}\n"
                "            - {id: mail-3, text: C, requires: [mail-2]}\n"
            ),
            "own.yaml:16: a circle: mail-2 needs mail-3 needs mail-2; take one `requires` or `gate` out",
            id="circle that others lead to",
        ),
        pytest.param(
            with_item(
                "            - id: mail-2\n"
                "              text: Both\n"
                "              children: [{id: mail-3, text: One}]\n"
                "            - {id: mail-4, text: After, requires: [mail-2]}\n"
            ),
            "own.yaml:18: `mail-2` follows from its children and is never signed off itself; name a child",
            id="a parent as prerequisite",
        ),
        pytest.param(
            GOOD.replace("        name: Mail\n", ""), "own.yaml:8: `name` is missing here", id="missing field"
        ),
        pytest.param(
            GOOD.replace("text: Sort it", "text:"),
            "own.yaml:14: `text` is empty; write it or leave the field out",
            id="empty text",
        ),
        pytest.param(
            with_item("              note: [a, b]\n"),
            "own.yaml:15: `note` must be one text; put it between quotes if it has a colon or a dash",
            id="list for a text",
        ),
        pytest.param(
            with_item("              parts: a, b\n"),
            "own.yaml:15: `parts` must be a list, each entry on a line of its own after a dash",
            id="text for a list",
        ),
        pytest.param(
            with_item("              parts:\n                - One\n                - [Two]\n"),
            "own.yaml:17: entry 2 of `parts` must be one text; put it between quotes if it has a colon or a dash",
            id="list in a list of texts",
        ),
        pytest.param(
            GOOD.replace(
                "          0-3:\n            - id: mail-1\n              text: Sort it\n", "          - 0-3\n"
            ),
            "own.yaml:11: `expectations` must have fields of its own, indented below it",
            id="list for fields",
        ),
        pytest.param(
            with_item("            - Open it\n"),
            "own.yaml:15: entry 2 of `0-3` must have fields of its own, indented below it",
            id="text for an item",
        ),
        pytest.param(
            GOOD.replace("id: mail-1", "id: Mail 1"),
            'own.yaml:13: `id` is "Mail 1"; an id has small letters, digits, "-", "+" and "." only',
            id="bad id",
        ),
        pytest.param(
            GOOD.replace("id: mail-1", f"id: {'m' * 41}"),
            "own.yaml:13: `id` is longer than 40 characters",
            id="long id",
        ),
        pytest.param(
            GOOD.replace("from: 0", "from: soon"),
            'own.yaml:6: `from` is "soon"; it must be a whole number in a sensible range',
            id="words for a number",
        ),
        pytest.param(
            with_item("              revision: 0\n"),
            'own.yaml:15: `revision` is "0"; it must be a whole number in a sensible range',
            id="number too small",
        ),
        pytest.param(
            with_item(f"              revision: {'9' * 5000}\n"),
            f'own.yaml:15: `revision` is "{"9" * 57}..."; it must be a whole number in a sensible range',
            id="number too long",
        ),
        pytest.param(
            with_item("              revision: [1]\n"),
            "own.yaml:15: `revision` is not a single text; it must be a whole number in a sensible range",
            id="list for a number",
        ),
        pytest.param(
            GOOD.replace("from: 0", "from: 3.0"),
            "own.yaml:6: `until` (3) must be later than `from` (3.0)",
            id="window that ends before it begins",
        ),
        pytest.param(
            with_task("        begins: {from: 2, until: 2}\n"),
            "own.yaml:11: `until` (2) must be later than `from` (2)",
            id="learning that ends as it begins",
        ),
        pytest.param(
            with_item("              retired: maybe\n"),
            'own.yaml:15: `retired` is "maybe"; write true or false',
            id="bad boolean",
        ),
        pytest.param(
            with_item("              led_by: boss\n"),
            "own.yaml:15: `led_by` is \"boss\"; it must be 'mentor' or 'manager'",
            id="not one of the words",
        ),
    ],
)
def test_one_fault_is_told_at_its_line(tmp_path: Path, text: str, fault: str) -> None:
    """One mistake gives one sentence, at the line where it is mended: no fault follows from another."""
    assert told(tmp_path, text) == [fault]


def test_a_duplicate_role_is_told_with_its_items(tmp_path: Path) -> None:
    """Item ids are unique across roles: a record is read without knowing the role."""
    assert told(tmp_path, GOOD + GOOD.split("roles:\n")[1]) == [
        "own.yaml:15: the role id `clerk` is used twice; every id stays with one role for ever",
        "own.yaml:25: the item id `mail-1` is used twice; every id stays with one item for ever",
    ]


def test_a_field_written_twice_is_judged_where_it_stands_first(tmp_path: Path) -> None:
    """The first of two fields is the one that counts, and its own faults are told at its own line."""
    assert told(tmp_path, with_task("        notes: words\n        notes: [words]\n")) == [
        "own.yaml:11: `notes` must be a list, each entry on a line of its own after a dash",
        "own.yaml:12: `notes` is written twice (first on line 11); keep one",
    ]


def test_what_was_found_before_reading_stops_is_told_too(tmp_path: Path) -> None:
    """A fault that stops the reading does not hide those above it."""
    assert told(tmp_path, "version: 1\nversion: 2\nroles:\n\t- x\n") == [
        "own.yaml:2: `version` is written twice (first on line 1); keep one",
        "own.yaml:4: not YAML: a tab cannot indent; use spaces",
    ]


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
    assert told(tmp_path, catalogue.replace("        why:", "        gate: mail-2\n        why:")) == [
        f"own.yaml:14: `id` {sentence}",
        "own.yaml:16: there is no item `mail-3`; did you mean `mail-2`?",
        "own.yaml:17: a circle: mail-2 needs mail-2; take one `requires` or `gate` out",
        "own.yaml:19: entry 2 of `requires` must be one text; put it between quotes if it has a colon or a dash",
    ]


def test_a_long_chain_of_prerequisites_is_no_circle(tmp_path: Path) -> None:
    """Prerequisites may lead on for ever, as long as they end: neither the stack nor time runs out."""
    chain = "".join(f"            - {{id: m{n}, text: T, requires: [m{n + 1}]}}\n" for n in range(3000))
    catalogue = loaded(tmp_path, f"{GOOD}{chain}            - {{id: m3000, text: T}}\n")

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
    assert told(tmp_path, catalogue) == [
        "own.yaml:5: `name` is written twice (first on line 4); keep one",
        "own.yaml:12: there is no field `wyh` here; did you mean `why`?",
        "own.yaml:13: the alias *all is not allowed; write the text out",
        "own.yaml:16: a circle: mail-1 needs mail-2 needs mail-1; take one `requires` or `gate` out",
        "own.yaml:22: the item id `mail-1` is used twice; every id stays with one item for ever",
        "own.yaml:24: there is no tier `3-6`; name one of this role",
        "own.yaml:25: `text` is missing here",
    ]


def test_a_list_whose_every_entry_is_faulty_is_not_called_empty(tmp_path: Path) -> None:
    """Only the entries' own faults are told; the list that holds them is not empty."""
    assert told(tmp_path, GOOD.replace("id: mail\n", "id: MAIL\n")) == [
        'own.yaml:8: `id` is "MAIL"; an id has small letters, digits, "-", "+" and "." only'
    ]


def test_the_error_says_how_many_faults_there_are(tmp_path: Path) -> None:
    """A faulty catalogue is bad input (exit code 2), and the sentence counts its faults."""
    file = written(tmp_path, "roles: x\n")
    with pytest.raises(CatalogueFaulty, match=r"own\.yaml has 2 fault\(s\)") as faulty:
        load_catalogue(file)

    assert faulty.value.exit_code == 2


# --- a file that is not there ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "absent.yaml", "a\0b.yaml"], ids=["a folder", "absent", "no file's name"])
def test_a_file_that_cannot_be_opened_is_missing(tmp_path: Path, name: str) -> None:
    """A folder, an absent file and an impossible name are told with the option that names the file."""
    with pytest.raises(CatalogueMissing, match=r"cannot be read: .+\. Check --catalogue or CA_LADDER_CATALOGUE\."):
        load_catalogue(tmp_path / name)


# --- what is no fault -----------------------------------------------------------------------------


def test_scalars_are_text(tmp_path: Path) -> None:
    """Nothing is guessed: `no`, `3:30`, `2021-03`, `1.10` and `~` stay as they are written."""
    catalogue = loaded(
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
        pytest.param(with_item(f"{' ' * 14}retired: no\n").encode(), id="a boolean as people write it"),
        pytest.param(GOOD.encode() + b"#" * (1_000_000 - len(GOOD)), id="1 MB"),
    ],
)
def test_what_editors_do_to_a_file_is_no_fault(tmp_path: Path, text: bytes) -> None:
    """What an editor adds, or an author may rightly write, loads as the same catalogue."""
    assert loaded(tmp_path, text) == loaded(tmp_path, GOOD)


FULL = """\
version: "1"
roles:
  - id: clerk
    name: Clerk
    variants: [{id: large, name: Large}]
    conditions: [{id: rare, text: "Rare: seldom"}]
    tiers:
      - {id: 0-3, title: New, months: {from: 0, until: 3}}
      - {id: 3+, title: Old, months: {from: 3}}
    qualifications:
      - {id: q-1, text: Read, revision: 2}
    tasks:
      - id: mail
        name: Mail
        why: >-
          People wait,
          and write again
        gate: q-1
        begins: {from: 1, until: 2}
        not_required: [3+]
        expectations:
          0-3:
            - id: mail-1
              text: Sort it
              condition: rare
              children:
                - {id: mail-2, text: 'By name', requires: [mail-3]}
            - {id: mail-3, text: Open it, retired: true, replaced_by: mail-2}
        skills: [{id: mail-s1, text: Read, led_by: mentor, parts: [a, b]}]
        resources: [{name: Knife, note: Sharp, dated: 2021-03}]
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


def faults_of(file: Path) -> list[Fault] | None:
    """Return the faults of a catalogue; None for a good one, whose items are placed without fault."""
    try:
        catalogue = load_catalogue(file)
    except CatalogueFaulty as faulty:
        return faulty.faults
    assert all(role.items is not None for role in catalogue.roles)
    return None


@settings(deadline=None)
@given(edits)
def test_no_edit_of_a_catalogue_ends_in_anything_but_faults(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, int, int, str]]
) -> None:
    """Whatever is done to the file, it loads, or has faults at lines that are in it."""
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
    file = written(tmp_path_factory.mktemp("edited"), text.encode(errors="surrogatepass"))

    faults = faults_of(file)

    assert faults != []
    assert all(1 <= fault.line <= len(text.splitlines()) + 1 for fault in faults or ())
