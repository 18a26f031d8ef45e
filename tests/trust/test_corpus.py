"""Files as they were once met, forged, damaged or only odd: what must be told of each, for ever.

The files are never written anew. They are of schema 2, as every later version of the program must read it.
"""

import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import Cli
from tests.trust.catalogue import CATALOGUE

FOLDER = Path(__file__).parent / "corpus"
TODAY = "2026-04-20"


class Answer(NamedTuple):
    """What a command answers to a file: its exit code, and words on stdout or stderr."""

    code: int
    words: str
    command: str = "record verify"
    day: str = TODAY


IN_ORDER = Answer(0, "is in order")
REWRITTEN = Answer(7, "The file: another program has saved it again in its own layout; every entry is intact.")
NOT_THE_TRAINEE = "is the trainee and cannot decide on their own items"
MISSING = "what it was written on is missing (entry {})"
WORDLESS = "it has a note or evidence without words"
NOT_OF_ITS_KIND = "it says something that does not belong to its kind"
SOUND = Answer(0, "", "record export --to {folder}/packet.json")

CORPUS: dict[str, list[Answer]] = {
    # A beginning of the forger's own.
    "a01-second-root": [Answer(7, "Entry 4 (enrolment by Maria Lopez on 2026-03-02): it is of another record")],
    "a01-second-root-earlier": [Answer(7, "Entry 4 (enrolment by Maria Lopez on 2026-01-02): it is of another record")],
    # Decisions that break a rule, and entries cut out, altered, moved or doubled.
    "a05-signed-by-the-trainee": [
        Answer(7, f"Entry 4 (sign-off of find by Maria Lopez on 2026-03-02): Maria Lopez {NOT_THE_TRAINEE}"),
        Answer(7, "Entry 5 (sign-off of open by Maria Lopez"),
    ],
    "a05-revoke-cut-out": [Answer(7, "Entry 5 (note of find by Maria Lopez on 2026-03-02): what it was written on is")],
    "a05-note-cut-out": [Answer(7, "Entry 3 (return of find by Pat Lee on 2026-03-02): what it was written on is")],
    "a05-order-changed": [
        Answer(7, "Entry 3 (sign-off of open by Pat Lee on 2026-03-02): it is before the entry that")
    ],
    "a05-entry-twice": [Answer(7, "Entry 5 (check of find by Maria Lopez on 2026-03-02): it is in the record twice")],
    "a05-altered": [Answer(7, "Entry 4 (sign-off of find by Pat Lee on 2026-03-02): it was altered")],
    # The trainee takes another name, or the mentor's.
    "a06-another-trainee": [
        Answer(7, "only a mentor or the manager changes the name of Maria Lopez."),
        Answer(0, "Maria Lopez, Clerk", "status"),
    ],
    "a06-named-as-the-mentor": [
        Answer(7, "Entry 5 (enrolment by Maria Lopez on 2026-03-02):"),
        Answer(0, "Maria Lopez, Clerk", "status"),
    ],
    # The same entries, written by another program. They are a record, and no report may replace them.
    "a07-utf-16": [REWRITTEN, SOUND, Answer(2, "is a trainee's record", "report --format=json -o {file}")],
    "a07-keys-sorted": [REWRITTEN, SOUND, Answer(2, "is a trainee's record", "report --format=json -o {file}")],
    # A role that is not that of the name.
    "a08-role-of-another": [
        Answer(7, "Entry 4 (enrolment by Maria Lopez on 2026-03-02): Only Pat Lee or Kim Novak can change who signs"),
        Answer(7, "Entry 5 (sign-off of find by Friend"),
    ],
    "a08-mentor-as-trainee": [Answer(7, "Pat Lee was the mentor, not the trainee")],
    "a08-trainee-as-manager": [Answer(7, "Maria Lopez was the trainee, not the manager")],
    # Fields that do not belong, and numbers that make no sense.
    "a09-enrolment-about-an-item": [
        Answer(7, f"Entry 4 (enrolment of sort by Kim Novak on 2026-03-02): {NOT_OF_ITS_KIND}")
    ],
    "a09-sign-off-of-no-item": [Answer(7, f"Entry 4 (sign-off by Pat Lee on 2026-03-02): {NOT_OF_ITS_KIND}")],
    "a09-parent-twice": [Answer(7, NOT_OF_ITS_KIND)],
    "a09-revision-below-one": [Answer(7, "there is no revision -5 of an item")],
    "a09-revision-beyond-all": [Answer(7, f"there is no revision {10**30} of an item")],
    "a09-undo-of-the-beginning": [Answer(7, "Entry 4 (undo by Maria Lopez on 2026-03-02): it takes back what")],
    # Sound, and hard for whoever prints, quotes or counts it.
    "a10-mentor-named-for-a-shell": [
        IN_ORDER,
        Answer(0, "--by '$(touch X)'", "record export --to {folder}/packet.json"),
    ],
    "a11-many-enrolments": [IN_ORDER, SOUND],
    "a16-name-of-a-formula": [IN_ORDER, Answer(0, ",'＝1+1,", "report --format=csv")],
    # Names that look like the trainee's.
    "a14-full-width-twin": [Answer(7, NOT_THE_TRAINEE), Answer(0, "No item matches", "list --state=signed")],
    "a14-twin-with-a-tag": [Answer(7, NOT_THE_TRAINEE), Answer(0, "No item matches", "list --state=signed")],
    # Leave and final sign-offs that anybody could write.
    "limit-leave-by-nobody": [Answer(0, "Entry 4 (leave by Nobody At All on 2026-03-02):")],
    "limit-final-sign-off-of-39": [Answer(7, "it counts 39 signed off and 0 waived; there were")],
    "limit-final-sign-off-of-another-catalogue": [Answer(7, "it counts 39 signed off and 0 waived; there were")],
    # Days and moments that cannot be. The entries count: an earlier version has accepted such.
    "limit-in-2099": [Answer(7, "it was written in the future, on 2099-01-01"), SOUND],
    "limit-in-the-year-1": [Answer(7, "it is dated in the year 1"), SOUND],
    "b01-written-before-what-it-builds-on": [
        Answer(7, "it was written on 2026-03-13, and builds on what was written on 2026-03-16"),
        SOUND,
    ],
    "b10-start-in-the-year-26": [
        Answer(0, "Entry 1 (enrolment by Maria Lopez on 2026-03-02): it is dated in the year 26")
    ],
    "b10-check-in-the-year-26": [Answer(0, "it is dated in the year 26"), SOUND],
    "b10-signed-before-its-check": [
        Answer(0, "it is dated before the check that it answers, on 2026-03-02"),
        Answer(0, "Find a letter", "list --state=signed"),
    ],
    "b13-blank-note": [Answer(0, WORDLESS), SOUND],
    "b13-blank-evidence": [Answer(0, WORDLESS), SOUND],
    # What the file says twice, or says more than it should.
    "limit-decoy": [REWRITTEN],
    "limit-unknown-top-level-field": [REWRITTEN],
    "b14-saved-by-another-program": [REWRITTEN, SOUND],
    # Nothing in the file shows who sat at an account. The log keeps it.
    "limit-sign-off-undone-from-the-mentors-account": [IN_ORDER, Answer(0, "(taken back)", "log")],
    # Other files in the folder, and what is left of a merge by another program.
    "b04-not-a-record": [Answer(3, "it is not a ca-ladder record")],
    "d08-conflict-markers": [Answer(3, "it is damaged, not whole JSON (line 21)")],
    # What people's own commands made, and a screen once did not tell well.
    "b05-two-computers": [IN_ORDER],
    "b07-waiting-item-gone": [IN_ORDER],
    "b08-gate-revoked": [IN_ORDER, Answer(0, "Advise a client", "list --state=signed")],
    "b11-checked-tomorrow": [IN_ORDER, Answer(0, "0 days", "agenda", "2026-03-02")],
    "b12-mentor-is-manager": [IN_ORDER, Answer(0, "It waits for Kim Novak to sign off.", "check sort")],
    "b16-all-waived": [IN_ORDER, Answer(0, "0 of 0, 2 waived", "graduate first --by 'Kim Novak' --yes")],
}
ANSWERS = [
    pytest.param(name, answer, id=f"{name} {answer.command.split(' -')[0]}")
    for name, answers in CORPUS.items()
    for answer in answers
]


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """Return the program with the small catalogue."""
    catalogue = tmp_path / "catalogue.yaml"
    catalogue.write_text(CATALOGUE, encoding="utf-8")
    return Cli(store=tmp_path / "record.json", env={"CA_LADDER_CATALOGUE": str(catalogue)})


@pytest.mark.parametrize(("name", "answer"), ANSWERS)
def test_the_right_thing_is_told(cli: Cli, name: str, answer: Answer) -> None:
    """Each file gets the answer that it deserves, whoever rewrites the program."""
    cli.store.write_bytes((FOLDER / f"{name}.json").read_bytes())
    paths = {"file": cli.store, "folder": cli.store.parent}
    command = [part.format(**paths) for part in shlex.split(answer.command)]
    result = cli.on_day(answer.day)(*command, code=answer.code)
    assert answer.words in result.stdout + result.stderr


@pytest.mark.xfail(reason="status names a signed item that is no longer asked for, and not yet one that waits")
def test_a_waiting_check_whose_item_is_gone_is_named(cli: Cli) -> None:
    """What waits never disappears without a word."""
    cli.store.write_bytes((FOLDER / "b07-waiting-item-gone.json").read_bytes())
    assert "gone" in cli("status").stdout


@pytest.mark.parametrize("name", CORPUS)
def test_a_screen_warns_of_what_does_not_count(cli: Cli, name: str) -> None:
    """A warning on a screen means that something does not count, and the other way round."""
    cli.store.write_bytes((FOLDER / f"{name}.json").read_bytes())
    cli.on_day(TODAY)
    verified = cli("record", "verify", code=None)
    is_trusted = verified.exit_code == 0 or "otherwise in order" in verified.stdout
    assert bool(cli("status", code=None).stderr) is not is_trusted


def test_every_file_of_the_corpus_is_tried() -> None:
    """A file without an answer would be forgotten."""
    assert {path.stem for path in FOLDER.iterdir()} == CORPUS.keys()
