"""What an author is told of a catalogue: warnings apart from faults, and ids that changed under the same words."""

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


def lint_text(folder: Path, text: str, known: dict[str, set[str]] | None = None) -> LintReport:
    """Return the lint report of a catalogue with this text."""
    file = folder / "own.yaml"
    file.write_text(text, encoding="utf-8")
    wordings = [KnownWording("clerk", item, text) for item, texts in (known or {}).items() for text in texts]
    return lint(file, TODAY, wordings)


def warnings_of(report: LintReport) -> list[str]:
    """Return the warnings of a catalogue without faults."""
    assert report.faults == ()
    assert report.catalogue is not None
    return [f"{line}:{column}: {sentence}" for line, column, sentence in report.warnings]


def edited(old: str, new: str) -> str:
    """Return the office's catalogue with an edit that has one place."""
    assert OFFICE.count(old) == 1
    return OFFICE.replace(old, new)


STALE = "more than 2 years ago; see whether it still holds"
SAME = "say what differs, or keep one"
MAIL_2, SKILL = "- {id: mail-2, text: Open it}", "- {id: mail-s1, text: Read}"
TIERS = "[{id: new, title: New}, {id: later, title: Later}]"
OVERLAP = "[{id: new, title: New, months: {from: 3}}, {id: later, title: Later, months: {from: 0, until: 3}}]"
NO_VERB = "is not a verb; begin with what one sees the trainee do, such as Explain, Enter or Find"


@pytest.mark.parametrize(
    ("old", "new", "warning"),
    [
        ("dated: 2025-03", "dated: 2024-02", f"19:43: this note is from 2024-02, {STALE}"),
        ("dated: 2025-03", "dated: February 2024", f"19:43: this note is from February 2024, {STALE}"),
        ("dated: 2025-03", "dated: 2023", f"19:43: this note is from 2023, {STALE}"),
        ("Answer it", "sort  it.", f"15:28: `mail-3` has the same words as `mail-1` on line 12; {SAME}"),
        (
            SKILL,
            f"{SKILL}\n          - {{id: mail-s2, text: Read}}",
            f"18:27: `mail-s2` has the same words as `mail-s1` on line 17; {SAME}",
        ),
        (
            "Sort it",
            f"Sort {'x' * (MOST_CHARACTERS - 4)}",
            "12:28: this item has 201 characters, more than 200; say one thing that can be seen, or split it",
        ),
        ("Sort it", "Knowledge of sorting", f'12:28: "Knowledge" {NO_VERB}'),
        (
            MAIL_2,
            "- {id: mail-2, text: Open it, replaced_by: mail-1}",
            "13:43: what is replaced is retired: write `retired: true` too",
        ),
        (
            MAIL_2,
            "- {id: mail-2, text: Open it, revision: 2, children: [{id: mail-4, text: Cut it}]}",
            "13:43: `mail-2` is not signed off itself; raise the revision of its children",
        ),
        (TIERS, OVERLAP, "5:81: `later` begins before `new` ends; tiers follow one another, the lowest first"),
    ],
)
def test_a_probable_mistake_is_a_warning(tmp_path: Path, old: str, new: str, warning: str) -> None:
    """Warnings keep no catalogue from use, and are told at their line."""
    assert warnings_of(lint_text(tmp_path, edited(old, new))) == [warning]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("dated: 2025-03", "dated: 2024-03"),  # two years ago
        ("dated: 2025-03", "dated: 2024"),  # some time two years ago
        ("dated: 2025-03", "dated: last spring"),
        ("text: Listen", "text: Read"),  # a skill that two tasks ask for
        ("Open it}", "Sort it, retired: true}"),  # the words of a retired item
        ("Sort it", f"Sort {'x' * (MOST_CHARACTERS - 5)}"),  # 200 characters
        ("text: Read}", "text: Good eyes}"),  # a skill may be a noun
        ("text: Read}", "text: Read}"),
    ],
)
def test_what_is_in_order_gets_no_warning(tmp_path: Path, old: str, new: str) -> None:
    """Nothing is said of what is as it should be, up to the last allowed month and character."""
    assert warnings_of(lint_text(tmp_path, edited(old, new))) == []


def test_warnings_are_told_beside_faults(tmp_path: Path) -> None:
    """A fault hides no warning: the author mends both in one go."""
    report = lint_text(tmp_path, edited("why: People wait", "whi: People wait").replace("Sort it", "The mail"))

    assert [fault.line for fault in report.faults] == [9]
    assert [warning.line for warning in report.warnings] == [12]


@pytest.mark.parametrize(
    "text", ["", "- a", "version: 1\nroles: [a, {id: [b], tasks: [c, {expectations: {d: [e]}}]}]\n"]
)
def test_a_file_that_is_no_catalogue_has_faults_and_no_warnings(tmp_path: Path, text: str) -> None:
    """Whatever the file holds, it is checked."""
    report = lint_text(tmp_path, text, {"mail-1": {"Sort it"}})

    assert report.faults
    assert report.warnings == ()


def test_what_cannot_be_read_as_text_is_one_fault_and_a_missing_file_is_missing(tmp_path: Path) -> None:
    """A file in another encoding has its fault at the byte where that shows. A missing file has no faults."""
    file = tmp_path / "own.yaml"
    file.write_bytes(b"version: 1\nroles: caf\xe9\n")

    assert lint(file, TODAY).faults == ((2, 11, "not UTF-8 text; save the file as UTF-8"),)
    with pytest.raises(CatalogueMissing):
        lint(tmp_path / "absent.yaml", TODAY)


# --- an id that changed ---------------------------------------------------------------------------

WASH = {"mail-1": {"Wash your hands before each bed"}}


def test_an_id_that_changed_under_the_same_words_is_a_fault(tmp_path: Path) -> None:
    """Records name items by their ids: the sign-offs of the old one would be asked for again."""
    report = lint_text(tmp_path, edited("mail-1", "mail-9"), {"mail-1": {"Other words", "Sort it"}})

    assert report.catalogue is None
    sentence = (
        "`mail-1` is `mail-9` here, under the same words; an id stays with its item for ever, and its sign-offs with "
        "the id: write `mail-1`"
    )
    assert report.faults == ((12, 16, sentence),)


def test_ids_that_moved_to_other_items_are_faults(tmp_path: Path) -> None:
    """Whoever numbers anew, or swaps two ids, would give every sign-off to another item."""
    swapped = OFFICE.replace("mail-1", "none").replace("mail-2", "mail-1").replace("none", "mail-2")
    report = lint_text(tmp_path, swapped, {"mail-1": {"Sort it"}, "mail-2": {"Open it"}})

    assert [(line, sentence.split(",")[0]) for line, _, sentence in report.faults] == [
        (12, "`mail-1` is `mail-2` here"),
        (13, "`mail-2` is `mail-1` here"),
    ]


def test_another_role_says_nothing_of_this_one(tmp_path: Path) -> None:
    """Two roles may use the same ids, and the same words, for what they expect."""
    report = lint_text(tmp_path, edited("id: clerk", "id: nurse"), {"mail-7": {"Sort it"}, **WASH})

    assert warnings_of(report) == []


def test_an_id_under_words_that_have_nothing_in_common_is_doubted(tmp_path: Path) -> None:
    """It may have been given to another item, whose sign-offs would be those of the first."""
    assert warnings_of(lint_text(tmp_path, OFFICE, WASH)) == [
        "12:16: `mail-1` was: Wash your hands before each bed; if this is another item, give it an id of its own, and "
        "if the meaning changed, raise the revision"
    ]


def test_another_catalogue_under_the_version_in_use_is_doubted(tmp_path: Path) -> None:
    """A sign-off keeps the version that it was given under: two catalogues of one version would both be that."""
    in_use = lint_text(tmp_path, edited("Sort it", "Sort it all")).catalogue
    same = lint_text(tmp_path, OFFICE).catalogue
    (warning,) = lint(tmp_path / "own.yaml", TODAY, (), in_use).warnings

    assert warning.sentence.split(",")[0] == "the catalogue in use has the version 1 too"
    assert lint(tmp_path / "own.yaml", TODAY, (), same).warnings == ()


@pytest.mark.parametrize(
    "known",
    [
        {"mail-1": {"Sort it"}},  # unchanged
        {"mail-1": {"Sort it by hand"}},  # reworded
        {"mail-0": {"Sort it"}, "mail-1": {"Sort it"}},  # both were known, one is gone
        {"mail-0": {"Sort them"}},  # another item is gone
    ],
)
def test_other_changes_are_no_fault(tmp_path: Path, known: dict[str, set[str]]) -> None:
    """Rewording, retiring and deleting are what an author may do."""
    assert warnings_of(lint_text(tmp_path, OFFICE, known)) == []


# --- verbs ----------------------------------------------------------------------------------------


VERBS = ["Explain", "Bring it", "Process audits", "Apply", "Give", "Document it", "Comply", "Knows it", "\u00c4ndern"]
OTHER = ["Ability to", "The mail", "Understanding of it", "Communication skills", "Regularly meets", "Good notes"]


@pytest.mark.parametrize(("text", "verb"), [*((text, True) for text in VERBS), *((text, False) for text in OTHER)])
def test_a_statement_begins_with_a_verb_or_not(text: str, verb: bool) -> None:
    """Verbs may look like nouns or be of another language. Role pages are full of nouns, articles and adverbs."""
    assert begins_with_verb(text) == verb


def test_the_shipped_catalogue_has_no_fault() -> None:
    """Ours holds to its own rules: what it is warned of are the note and the two lines that the source has so."""
    report = lint(shipped_path(), TODAY)

    assert report.faults == ()
    assert [warning.sentence.partition(";")[0] for warning in report.warnings] == [
        "this note is from 2021-03, more than 2 years ago",
        "`pol-12` has the same words as `pol-06` on line 513",
    ]
