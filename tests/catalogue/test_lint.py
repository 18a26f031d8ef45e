"""What an author hears of a catalogue: warnings apart from faults, and an id that changed under the same words."""

from datetime import date
from pathlib import Path

import pytest

from ca_ladder.catalogue.files import shipped_path
from ca_ladder.catalogue.lint import MOST_CHARACTERS, KnownWording, LintReport, begins_with_verb, lint
from ca_ladder.errors import CatalogueMissing

TODAY = date(2026, 3, 16)

OFFICE = """\
version: "1"
roles:
  - id: clerk
    name: Clerk
    tiers: [{id: new, title: New}, {id: later, title: Later}]
    tasks:
      - id: mail
        name: Mail
        why: People wait
        expectations:
          new:
            - {id: mail-1, text: Sort it}
            - {id: mail-2, text: Open it}
          later:
            - {id: mail-3, text: Answer it}
        skills:
          - {id: mail-s1, text: Read}
        resources:
          - {name: Scanner, note: Of use, dated: 2025-03}
      - id: phone
        name: Phone
        why: People call
        skills:
          - {id: ph-s1, text: Listen}
"""


def lint_text(folder: Path, text: str, known: dict[str, set[str]] | None = None, today: date = TODAY) -> LintReport:
    """Return the lint report of a catalogue with this text."""
    file = folder / "own.yaml"
    file.write_text(text, encoding="utf-8")
    wordings = [KnownWording("clerk", item, text) for item, texts in (known or {}).items() for text in texts]
    return lint(file, today, wordings)


def warnings_of(report: LintReport) -> list[str]:
    """Return the warnings of a catalogue without faults."""
    assert report.faults == ()
    assert report.catalogue is not None
    return [f"{line}:{column}: {sentence}" for line, column, sentence in report.warnings]


@pytest.mark.parametrize(
    ("old", "new", "warnings"),
    [
        pytest.param("Sort it", "Sort it", [], id="in order"),
        pytest.param(
            "dated: 2025-03",
            "dated: 2024-02",
            ["19:43: this note is of 2024-02, more than 2 years ago; see whether it still holds"],
            id="dated more than two years ago",
        ),
        pytest.param("dated: 2025-03", "dated: 2024-03", [], id="dated two years ago"),
        pytest.param(
            "dated: 2025-03",
            "dated: February 2024",
            ["19:43: this note is of February 2024, more than 2 years ago; see whether it still holds"],
            id="dated in words",
        ),
        pytest.param(
            "dated: 2025-03",
            "dated: 2023",
            ["19:43: this note is of 2023, more than 2 years ago; see whether it still holds"],
            id="dated by the year",
        ),
        pytest.param("dated: 2025-03", "dated: 2024", [], id="dated some time two years ago"),
        pytest.param("dated: 2025-03", "dated: last spring", [], id="dated without a year"),
        pytest.param(
            "Answer it",
            "sort  it.",
            ["15:28: `mail-3` has the same words as `mail-1` on line 12; say what differs, or keep one"],
            id="same words but for case, blanks and the full stop",
        ),
        pytest.param("{id: ph-s1, text: Listen}", "{id: ph-s1, text: Read}", [], id="a skill that two tasks ask for"),
        pytest.param(
            "- {id: mail-s1, text: Read}",
            "- {id: mail-s1, text: Read}\n          - {id: mail-s2, text: Read}",
            ["18:27: `mail-s2` has the same words as `mail-s1` on line 17; say what differs, or keep one"],
            id="a skill twice in one task",
        ),
        pytest.param("Open it}", "Sort it, retired: true}", [], id="same words as a retired item"),
        pytest.param(
            "Sort it",
            f"Sort {'x' * (MOST_CHARACTERS - 4)}",
            ["12:28: this item has 201 characters, more than 200; say one thing that can be seen, or split it"],
            id="201 characters",
        ),
        pytest.param("Sort it", f"Sort {'x' * (MOST_CHARACTERS - 5)}", [], id="200 characters"),
        pytest.param(
            "Sort it",
            "Knowledge of sorting",
            ['12:28: "Knowledge" is no verb; begin with what one sees the trainee do, such as Explain, Enter or Find'],
            id="no verb",
        ),
        pytest.param("text: Read}", "text: Good eyes}", [], id="a skill may be a noun"),
        pytest.param(
            "text: Open it}",
            "text: Open it, replaced_by: mail-1}",
            ["13:43: what is replaced is retired: write `retired: true` too"],
            id="replaced and not retired",
        ),
        pytest.param(
            "- {id: mail-2, text: Open it}",
            "- {id: mail-2, text: Open it, revision: 2, children: [{id: mail-4, text: Cut it}]}",
            ["13:43: `mail-2` is not signed off itself; raise the revision of its children"],
            id="the revision of a parent",
        ),
        pytest.param(
            "[{id: new, title: New}, {id: later, title: Later}]",
            "[{id: new, title: New, months: {from: 3}}, {id: later, title: Later, months: {from: 0, until: 3}}]",
            ["5:81: `later` begins before `new` ends; tiers follow one another, the lowest first"],
            id="tiers in another order",
        ),
    ],
)
def test_what_may_be_a_mistake_is_told_apart(tmp_path: Path, old: str, new: str, warnings: list[str]) -> None:
    """Warnings keep no catalogue from use, and are told at their line."""
    assert OFFICE.count(old) == 1
    assert warnings_of(lint_text(tmp_path, OFFICE.replace(old, new))) == warnings


def test_warnings_are_told_beside_faults(tmp_path: Path) -> None:
    """A fault hides no warning: the author mends both in one go."""
    found = lint_text(tmp_path, OFFICE.replace("why: People wait", "whi: People wait").replace("Sort it", "The mail"))

    assert [fault.line for fault in found.faults] == [9]
    assert [warning.line for warning in found.warnings] == [12]


@pytest.mark.parametrize(
    "text", ["", "- a", "version: 1\nroles: [a, {id: [b], tasks: [c, {expectations: {d: [e]}}]}]\n"]
)
def test_a_file_that_is_no_catalogue_has_faults_and_no_warnings(tmp_path: Path, text: str) -> None:
    """Whatever the file holds, it is reviewed."""
    found = lint_text(tmp_path, text, {"mail-1": {"Sort it"}})

    assert found.faults
    assert found.warnings == ()


def test_what_is_no_text_is_one_fault(tmp_path: Path) -> None:
    """A file in another encoding is told of at the byte where that shows."""
    file = tmp_path / "own.yaml"
    file.write_bytes(b"version: 1\nroles: caf\xe9\n")

    assert lint(file, TODAY).faults == ((2, 11, "not UTF-8 text; save the file as UTF-8"),)


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    """What cannot be read at all is no matter of faults."""
    with pytest.raises(CatalogueMissing):
        lint(tmp_path / "absent.yaml", TODAY)


# --- an id that changed ---------------------------------------------------------------------------


def test_an_id_that_changed_under_the_same_words_is_a_fault(tmp_path: Path) -> None:
    """Records name items by their ids: the sign-offs of the old one would be asked for again."""
    found = lint_text(tmp_path, OFFICE.replace("mail-1", "mail-9"), {"mail-1": {"Other words", "Sort it"}})

    assert found.catalogue is None
    assert found.faults == (
        (
            12,
            16,
            "`mail-1` is `mail-9` here, under the same words; an id stays with its item for ever, and its sign-offs "
            "with the id: write `mail-1`",
        ),
    )


def test_ids_that_moved_to_other_items_are_faults(tmp_path: Path) -> None:
    """Whoever numbers anew, or swaps two ids, would give every sign-off to another item."""
    before = {"mail-1": {"Sort it"}, "mail-2": {"Open it"}}
    swapped = OFFICE.replace("mail-1", "none").replace("mail-2", "mail-1").replace("none", "mail-2")

    assert [(line, told.split(",")[0]) for line, _, told in lint_text(tmp_path, swapped, before).faults] == [
        (12, "`mail-1` is `mail-2` here"),
        (13, "`mail-2` is `mail-1` here"),
    ]


def test_another_role_says_nothing_of_this_one(tmp_path: Path) -> None:
    """Two roles may use the same ids, and the same words, for what they expect."""
    other = OFFICE.replace("id: clerk", "id: nurse")

    assert (
        warnings_of(lint_text(tmp_path, other, {"mail-7": {"Sort it"}, "mail-1": {"Wash your hands before each bed"}}))
        == []
    )


def test_an_id_under_words_that_have_nothing_in_common_is_doubted(tmp_path: Path) -> None:
    """It may have been given to another item, whose sign-offs would be those of the first."""
    assert warnings_of(lint_text(tmp_path, OFFICE, {"mail-1": {"Wash your hands before each bed"}})) == [
        "12:16: `mail-1` was: Wash your hands before each bed; if this is another item, give it an id of its own, and "
        "if the meaning changed, raise the revision"
    ]


def test_another_catalogue_under_the_version_in_use_is_doubted(tmp_path: Path) -> None:
    """A sign-off keeps the version that it was given under: two catalogues of one version would both be that."""
    in_use = lint_text(tmp_path, OFFICE.replace("Sort it", "Sort it all")).catalogue
    (tmp_path / "own.yaml").write_text(OFFICE, encoding="utf-8")

    assert [told.split(",")[0] for _, _, told in lint(tmp_path / "own.yaml", TODAY, (), in_use).warnings] == [
        "the catalogue in use has the version 1 too"
    ]
    same = lint_text(tmp_path, OFFICE).catalogue
    assert lint(tmp_path / "own.yaml", TODAY, (), same).warnings == ()


@pytest.mark.parametrize(
    "known",
    [
        pytest.param({"mail-1": {"Sort it"}}, id="unchanged"),
        pytest.param({"mail-1": {"Sort it by hand"}}, id="reworded"),
        pytest.param({"mail-0": {"Sort it"}, "mail-1": {"Sort it"}}, id="both were known, one is gone"),
        pytest.param({"mail-0": {"Sort them"}}, id="another item is gone"),
    ],
)
def test_other_changes_are_no_fault(tmp_path: Path, known: dict[str, set[str]]) -> None:
    """Rewording, retiring and deleting are what an author may do."""
    assert warnings_of(lint_text(tmp_path, OFFICE, known)) == []


# --- verbs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Explain it",
        "Bring it",
        "Process audits",
        "Apply it",
        "Give notice",
        "Document it",
        "Comply",
        "Knows it",
        "\u00c4ndern",
    ],
)
def test_a_verb_is_taken_for_one(text: str) -> None:
    """Verbs that look like nouns or adverbs are not complained of, nor are words of other languages."""
    assert begins_with_verb(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ability to sort",
        "The mail",
        "Understanding of forms",
        "Communication skills",
        "Regularly meets",
        "Good notes",
    ],
)
def test_what_is_no_verb_is_seen(text: str) -> None:
    """Nouns, articles, adverbs and adjectives at the beginning are what role pages are full of."""
    assert not begins_with_verb(text)


def test_the_shipped_catalogue_has_no_fault() -> None:
    """Ours holds to its own rules: what it is warned of are the note and the two lines that the source has so."""
    found = lint(shipped_path(), TODAY)

    assert found.faults == ()
    assert [sentence.partition(";")[0] for _, _, sentence in found.warnings] == [
        "this note is of 2021-03, more than 2 years ago",
        "`pol-12` has the same words as `pol-06` on line 513",
    ]
