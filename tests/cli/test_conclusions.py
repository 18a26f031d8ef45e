"""What a manager concludes, and what stops the clock: the final sign-off of a tier, the next rung, leave."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from ca_ladder.errors import (
    BadInput,
    FutureDate,
    InvalidState,
    LadderError,
    NotComplete,
    NothingToUndo,
    NotPossible,
    Unknown,
)
from tests.conftest import Cli, masked, screen


@pytest.fixture
def ann(office: Cli) -> Cli:
    """Ann Lee, Clerk since 5 January; on 16 March one of three letters is signed off, one waits, one came back."""
    office("init", "--name=Ann Lee", "--start=2026-01-05", "--mentor=Mo Ray", "--manager=Kim Novak")
    office("check", "file-01", "file-02", "file-03")
    office("signoff", "file-01", "--by=Mo Ray", as_="mo")
    office("return", "file-02", "--by=Mo Ray", "--because=Too slow", as_="mo")
    return office


@pytest.fixture
def done(ann: Cli) -> Cli:
    """Ann Lee with all of her first tier signed off, but for the letter that was waived."""
    ann("waive", "file-03", "--by=Mo Ray", "--because=There is no bin", as_="mo")
    ann("signoff", "file-02", "--by=Mo Ray", "--observed", as_="mo")
    ann.terminal, ann.width = True, 80
    return ann


@pytest.fixture
def senior(done: Cli) -> Cli:
    """Ann Lee, who was promoted from Clerk to Senior Clerk on 2 March, with one letter left."""
    done("promote", "senior", "--by=Kim Novak", "--yes", "--on=2026-03-02", as_="kim")
    return done


def first_line(cli: Cli, *args: str) -> str:
    """Return the first line that a command prints."""
    return cli(*args).stdout.split("\n")[0]


# --- graduate: refused ----------------------------------------------------------------------------------------


def test_what_is_missing_is_listed(ann: Cli) -> None:
    """The manager sees each item, where it stands and whose move it is; the refusal names them once more."""
    before = ann.store.read_bytes()
    refused = ann("graduate", "0-3", "--by=Kim Novak", as_="kim", code=NotComplete.exit_code)
    assert refused.stdout == screen(
        """
        Ann Lee, Clerk
        Missing for the final sign-off:

        Item     State       Waits on  What
        file-02  ↩ returned  trainee   Find a letter
        file-03  ◐ checked   mentor    Throw a letter away when the law does not ask any longer for it to be kept
        """
    )
    assert (
        refused.stderr
        == "Error: Tier 0-3 cannot get its final sign-off yet. Still to be signed off: file-02, file-03.\n"
    )
    assert ann.store.read_bytes() == before


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (60, "file-03 ◐ checked  mentor   Throw a letter away when the law\n"),
        (80, "file-03  ◐ checked   mentor    Throw a letter away when the law does not ask any\n"),
        (120, "when the law does not ask any longer for it to be kept\n"),
    ],
)
def test_what_is_missing_at_a_terminal(ann: Cli, width: int, row: str) -> None:
    """At every width each id and state is whole, and each word is there."""
    redirected = ann("graduate", "0-3", "--by=Kim Novak", code=NotComplete.exit_code).stdout
    ann.terminal, ann.width = True, width
    shown = ann("graduate", "0-3", "--by=Kim Novak", code=NotComplete.exit_code).stdout
    assert row in shown
    assert shown.replace("─", "").split() == redirected.split()


def test_what_is_below_a_tier_is_missing_too(ann: Cli) -> None:
    """Nobody concludes the second tier while the first is owed; what has not begun waits for its opportunity."""
    missing = ann("graduate", "3-6", "--by=Kim Novak", code=NotComplete.exit_code).stdout.splitlines()[4:]
    assert [line.split()[0] for line in missing] == ["file-02", "file-03", "file-04"]
    assert missing[-1] == "file-04  ○ open      not yet possible  Teach filing"


@pytest.mark.parametrize(
    ("named", "by", "why"),
    [
        (["--mentor=Mo Ray", "--manager=Kim Novak"], "Mo Ray", "the record names Kim Novak"),
        (["--mentor=Mo Ray", "--manager=Kim Novak"], "Zoe", "the record names Kim Novak"),
        (["--mentor=Mo Ray", "--manager=Kim Novak"], "ANN  lee", "Ann Lee is the trainee"),
        (["--mentor=Mo Ray"], "Mo Ray", 'ca-ladder init --manager "NAME" --by "Mo Ray"'),
        ([], "Ann Lee", "Ann Lee is the trainee"),
    ],
)
@pytest.mark.parametrize("conclusion", [["graduate", "0-3"], ["promote", "senior"]])
def test_only_the_manager_concludes(office: Cli, conclusion: list[str], named: list[str], by: str, why: str) -> None:
    """A tier and a role are concluded by the manager named, and never by the trainee."""
    office("init", "--name=Ann Lee", "--start=2026-01-05", *named)
    office("signoff", "file-01", "file-02", "file-03", "--by=Mo Ray", "--observed", as_="mo")
    assert why in office(*conclusion, f"--by={by}", code=NotPossible.exit_code).stderr
    assert "Final sign-off by" not in office("status").stdout
    assert first_line(office, "status") == "Ann Lee, Clerk"


def test_the_manager_is_asked_for_at_a_terminal(done: Cli) -> None:
    """Without --by the question says whose name is meant; without a terminal the option is named."""
    card = done("graduate", "0-3", answers="Kim Novak\ny\n")
    assert "Your name (the manager's)" in card.stderr
    assert "Give Ann Lee the final sign-off of tier 0-3? [y/N]" in card.stderr
    assert "Final sign-off  Kim Novak on 2026-03-16" in card.stdout
    assert '--by "NAME"' in done("promote", "senior", code=BadInput.exit_code).stderr


# --- graduate: given ------------------------------------------------------------------------------------------


def test_the_card(done: Cli) -> None:
    """What was signed off, by whom and when, and the fingerprint it can be told by; the name as the record has it."""
    card = done("graduate", "new", "--by=kim  NOVAK", "--yes", as_="kim").stdout
    assert masked(card) == screen(
        """
        Tier 0-3 is complete

        Trainee         Ann Lee
        Role            Clerk
        Tier            0-3 New
        Signed off      2 of 2, 1 waived
        Final sign-off  Kim Novak on 2026-03-16
        Fingerprint     FINGERPRINT
        Undo: ca-ladder undo
        """
    )


def test_the_card_is_printed_again(done: Cli) -> None:
    """By anybody, whatever was done since, at any width and redirected; nothing is written, so nothing is undone."""
    card = done("graduate", "0-3", "--by=Kim Novak", "--yes", as_="kim").stdout.replace("Undo: ca-ladder undo\n", "")
    done("check", "file-04")
    before = done.store.read_bytes()
    for done.terminal, done.width in ((True, 80), (True, 60), (False, None)):
        assert done("graduate", "0-3", as_="zoe").stdout == done("graduate", "0-3", "--by=Zoe", "--yes").stdout == card
    assert done.store.read_bytes() == before


def test_the_card_as_a_file(done: Cli, tmp_path: Path) -> None:
    """A text to keep, or a page to print, by the file's ending."""
    done("graduate", "0-3", "--by=Kim Novak", "--yes", as_="kim")
    assert first_line(done, "graduate", "0-3", "-o", str(tmp_path / "card.txt")).startswith("The card is in")
    done.terminal, done.width = False, None
    text = (tmp_path / "card.txt").read_text(encoding="utf-8")
    assert [line.rstrip() for line in text.splitlines()] == done("graduate", "0-3").stdout.splitlines()
    done("graduate", "0-3", "-o", str(tmp_path / "card.html"))
    page = (tmp_path / "card.html").read_text(encoding="utf-8")
    for fact in ("Tier 0-3 is complete", "Ann Lee", "Clerk: New", "2 of 2, 1 waived", "Kim Novak on 2026-03-16"):
        assert fact in page
    assert json.loads(done.store.read_text(encoding="utf-8"))["events"][-1]["graduation"]["fingerprint"] in page


def test_names_on_the_card_are_never_markup(office: Cli, tmp_path: Path) -> None:
    """A name is text on the screen and on the page."""
    office("init", '--name=Ann "><img onerror=x> [bold]', "--start=2026-01-05", "--manager=<script>Kim</script>")
    office("signoff", "file-01", "file-02", "file-03", "--by=Mo Ray", "--observed", as_="mo")
    card = office("graduate", "0-3", "--by=<script>Kim</script>", "--yes", as_="kim").stdout
    assert 'Trainee         Ann "><img onerror=x> [bold]\n' in card
    assert "Final sign-off  <script>Kim</script> on 2026-03-16\n" in card
    office("graduate", "0-3", "-o", str(tmp_path / "card.html"))
    page = (tmp_path / "card.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img" not in page


@pytest.mark.parametrize(
    "args", [["-o", "card.pdf"], ["-o", "no such folder/card.txt"], ["--open"]], ids=["kind", "folder", "no file"]
)
def test_a_card_that_cannot_be_written_concludes_nothing(done: Cli, args: list[str]) -> None:
    """What was asked for wrongly is told before anything is written."""
    before = done.store.read_bytes()
    done("graduate", "0-3", "--by=Kim Novak", *args, code=BadInput.exit_code)
    assert done.store.read_bytes() == before


def test_the_final_sign_off_stands_in_status_and_log(done: Cli) -> None:
    """Before, the tier waits for the manager; then it says who gave it, and when."""
    waits = "Tier 0-3: all 2 signed off on 2026-03-16. It waits for the manager's final\nsign-off.\n"
    assert waits in done("status").stdout
    done("graduate", "0-3", "--by=Kim Novak", "--yes", as_="kim")
    given = "Tier 0-3: all 2 signed off on 2026-03-16. Final sign-off by Kim Novak on\n2026-03-16.\n"
    assert given in done("status").stdout
    done.width = 120
    last = masked(done("log").stdout).splitlines()[-1]
    assert last == "2026-03-16  graduated            Kim Novak  tier 0-3 of clerk: 2 signed off, 1 waived; FINGERPRINT"


def test_a_final_sign_off_is_undone(done: Cli) -> None:
    """By who gave it, and nobody else; it says what it takes back, the tier waits again, and is given again."""
    done("graduate", "0-3", "--by=Kim Novak", "--yes", as_="kim")
    done("undo", "--yes", as_="zoe", code=NothingToUndo.exit_code)
    assert "Final sign-off by Kim Novak" in done("status").stdout
    assert "\nUndone: final sign-off of tier 0-3.\n" in done("undo", "--yes", as_="kim").stdout
    assert "It waits for the manager's final" in done("status").stdout
    assert first_line(done, "graduate", "0-3", "--by=Kim Novak", "--yes") == "Tier 0-3 is complete"


def test_what_is_taken_back_is_signed_off_finally_anew(done: Cli) -> None:
    """While it is missing the tier is not complete; once it is signed off again, the manager concludes again."""
    done("graduate", "0-3", "--by=Kim Novak", "--yes", as_="kim")
    done("revoke", "file-01", "--by=Mo Ray", "--because=Mistaken", as_="mo")
    done("graduate", "0-3", "--by=Kim Novak", as_="kim", code=NotComplete.exit_code)
    done("signoff", "file-01", "--by=Mo Ray", as_="mo")
    done.now += timedelta(days=1)
    card = done("graduate", "0-3", "--by=Kim Novak", "--yes", as_="kim").stdout
    assert "Final sign-off  Kim Novak on 2026-03-17\n" in card


# --- promote --------------------------------------------------------------------------------------------------


def test_the_next_rung(ann: Cli) -> None:
    """Who is what from when, what was left, and that it is not forgotten."""
    ann.terminal, ann.width = True, 120
    lines = ann("promote", "senior clerk", "--by=Kim Novak", "--yes", "--on=2026-03-02", as_="kim").stdout.splitlines()
    assert lines[0].startswith("Not signed off as Clerk: 3 items.")
    assert lines[1:] == ["Ann Lee is Senior Clerk from 2026-03-02.", "Next: ca-ladder status    Undo: ca-ladder undo"]


def test_the_new_role_begins(senior: Cli) -> None:
    """The ladder is the new role's, and its months count from its first day."""
    lines = senior("status").stdout.splitlines()
    assert lines[:2] == [
        "Ann Lee, Senior Clerk",
        "On 2026-03-16: month 1 since 2026-03-02, tier 0-12 First year",
    ]
    assert lines[-4:] == [
        "",
        "Before: clerk from 2026-01-05. What was signed off then: ca-ladder log",
        "Tier 0-12: 0 of 1 expected by now, 0 checked or signed: on pace.",
        "Next: ca-ladder next",
    ]


def test_a_promotion_is_called_one(ann: Cli) -> None:
    """In the log, on the sheet for a one-to-one, and when it is taken back."""
    ann("promote", "senior", "--by=Kim Novak", "--yes", as_="kim")
    assert " promoted " in ann("log").stdout.splitlines()[-1]
    assert "promoted by Kim Novak: Ann Lee starts on 2026-03-16 as senior" in ann("agenda", "--format=markdown").stdout
    assert "promotion of Ann Lee, by Kim Novak" in ann("undo", "--yes", as_="kim").stdout
    assert first_line(ann, "status") == "Ann Lee, Clerk"


def test_nothing_is_said_of_what_was_left_when_nothing_was(done: Cli) -> None:
    """Whoever finished hears nothing of what is missing."""
    done("signoff", "file-04", "--by=Mo Ray", "--observed", as_="mo")
    assert done("promote", "senior", "--by=Kim Novak", "--yes", as_="kim").stdout == screen(
        """
        Ann Lee is Senior Clerk from 2026-03-16.
        Next: ca-ladder status    Undo: ca-ladder undo
        """
    )


def test_the_role_before_is_told_with_its_final_sign_offs(done: Cli) -> None:
    """What was concluded in it is not forgotten."""
    done("graduate", "0-3", "--by=Kim Novak", "--yes", as_="kim")
    done("promote", "senior", "--by=Kim Novak", "--yes", as_="kim")
    done.width = 120
    before = "Before: clerk from 2026-01-05, final sign-off of 0-3. What was signed off then: ca-ladder log"
    assert before in done("status").stdout.splitlines()


def test_a_form_of_the_new_role(ann: Cli) -> None:
    """The next role may have variants of its own."""
    ann("promote", "senior", "--by=Kim Novak", "--yes", "--variant=night", as_="kim")
    assert first_line(ann, "status") == "Ann Lee, Senior Clerk (Night shift)"
    assert "off-02" in ann("list").stdout


@pytest.mark.parametrize(
    ("args", "error", "why"),
    [
        (["clerk"], NotPossible, "Clerk is not above Clerk on the ladder. See: ca-ladder catalogue roles"),
        (["senior", "--on=2026-01-04"], BadInput, "is before the first day in the role so far, 2026-01-05"),
        (["senior", "--on=2026-03-17"], FutureDate, "2026-03-17 is in the future"),
        (["senior", "--on=3/4"], BadInput, "could be 2026-03-04 or 2026-04-03: write one of these"),
        (["senior", "--variant=day"], Unknown, 'There is no variant "day"'),
    ],
)
def test_a_promotion_that_is_none(ann: Cli, args: list[str], error: type[LadderError], why: str) -> None:
    """It goes up, forward in time, and to what the catalogue has; a refusal writes nothing."""
    before = ann.store.read_bytes()
    assert why in ann("promote", *args, "--by=Kim Novak", code=error.exit_code).stderr
    assert ann.store.read_bytes() == before


def test_what_was_signed_in_the_role_before_stays_readable(senior: Cli) -> None:
    """Its item says whose it was, and its log is what it was."""
    assert senior("show", "file-01").stdout == screen(
        """
        file-01  File a letter

        Not on the ladder  it belongs to the role Clerk
        In the record      signed off by Mo Ray on 2026-03-16, with these words: File a
                           letter
        Task               files: Files
        Kind               expectation, tier 0-3 New
        Why                Nothing is lost.

        History
        On          What        By       Words
        ──────────────────────────────────────
        2026-03-16  checked     Ann Lee
        2026-03-16  signed off  Mo Ray
        Next: ca-ladder next
        """
    )
    assert senior("log", "file-01").stdout.endswith(
        "\nfile-01 is not on the ladder: it belongs to the role Clerk.\n"
        "Kept in the record: signed off by Mo Ray on 2026-03-16, with these words: File a\nletter\n"
    )


@pytest.mark.parametrize(
    "command",
    [
        ["check", "file-01"],
        ["signoff", "file-01", "--by=Mo Ray", "--yes"],
        ["graduate", "0-3", "--by=Kim Novak", "--yes"],
    ],
)
def test_what_was_asked_for_before_is_not_asked_for_now(senior: Cli, command: list[str]) -> None:
    """Items and tiers of the role before take nothing more."""
    before = senior.store.read_bytes()
    senior(*command, code=Unknown.exit_code)
    assert senior.store.read_bytes() == before


# --- leave ----------------------------------------------------------------------------------------------------


def due_dates(cli: Cli) -> dict[str, str]:
    """Return when each tier is due, in status, in next and in the report: all three must agree."""
    due = {tier["tier"]: tier["due"] for tier in cli("status", "--json").json["trainee"]["tiers"]}
    (trainee,) = cli("report", "--format=json").json["trainees"]
    assert {tier["tier"]: tier["due"] for tier in trainee["tiers"]} == due
    (last,) = [item for item in cli("next", "--json").json["items"] if item["id"] == "file-04"]
    assert last["due"] == due["3-6"]
    return due


def test_leave_moves_what_is_due(ann: Cli) -> None:
    """Fourteen days away are fourteen days more; the screen says which days they were."""
    ann.terminal, ann.width = True, 80
    assert ann("leave", "2026-02-02", "2026-02-15", "--note=Flu").stdout == screen(
        """
        Leave of Ann Lee: 2026-02-02 to 2026-02-15, 14 days in which nothing becomes
        due.
        Next: ca-ladder status    Undo: ca-ladder undo
        """
    )
    status = ann("status").stdout.splitlines()
    assert "0-3   ███▒▒▒░░░░       1        1         1     0      3        0  2026-04-19" in status
    leave = status.index("Leave: 2026-02-02 to 2026-02-15")
    assert status[leave + 1] == "Tier 0-3: 1 of 3 expected by now, 2 checked or signed: 1 ahead."
    assert status[leave + 2] == "Tier 3-6: begins on 2026-04-19."
    first, *_, last, learning, _ = [" ".join(line.split()) for line in ann("next").stdout.splitlines()[5:]]
    assert first == "file-02 ↩ returned 2026-03-20 Find a letter"
    assert (last, learning) == ("file-04 ○ open 2026-07-19 Teach filing", "Learning starts on 2026-04-19")
    assert ann("report", "--tier=0-3").stdout.count("2026-04-19") == 1
    assert "Leave: 2026-02-02 to 2026-02-15\n" in ann("report").stdout
    assert "- Leave: 2026-02-02 to 2026-02-15\n" in ann("report", "--format=markdown").stdout


@pytest.mark.parametrize(
    ("leaves", "first_due"),
    [
        ([("2026-02-02", "2026-02-15")], "2026-04-19"),
        ([("2026-02-02", "2026-02-15"), ("2026-02-02", "2026-02-22")], "2026-04-26"),
        ([("2026-02-02", "2026-02-15"), ("2026-02-02", "2026-02-08")], "2026-04-12"),
        ([("2026-02-02", "2026-02-15"), ("2026-02-09", "2026-02-22")], "2026-04-19"),
        ([("2026-02-02", "2026-02-15"), ("2026-03-02", "2026-03-08")], "2026-04-26"),
        ([("2025-12-29", "2026-01-11")], "2026-04-12"),
        ([("2026-04-06", "2026-04-12")], "2026-04-05"),
        ([("2026-03-16", "2026-03-16")], "2026-04-06"),
        ([("yesterday", "today")], "2026-04-07"),
        ([("2026-02-02", "2026-02-15"), ("2026-02-02", "2026-02-15", "--cancel")], "2026-04-05"),
    ],
    ids=["one", "longer", "shorter", "shifted", "another", "early", "later", "a day", "in words", "cancelled"],
)
def test_the_days_of_leave_count_once(ann: Cli, leaves: list[tuple[str, ...]], first_due: str) -> None:
    """A leave over one in the record takes its place; only days in the role, and before the tier's end, move it."""
    for days in leaves:
        ann("leave", *days)
    assert due_dates(ann)["0-3"] == first_due


def test_leave_is_undone(ann: Cli) -> None:
    """What it took the place of stands again; a redo says what comes back."""
    ann("leave", "2026-02-02", "2026-02-15")
    ann("leave", "2026-02-02", "2026-02-08")
    undone = ann("undo", "--yes").stdout
    assert ": leave of 2026-02-02 to 2026-02-08, by Ann Lee on 2026-03-16.\nUndone: leave of 2026-02-02" in undone
    assert due_dates(ann)["0-3"] == "2026-04-19"
    assert "\nRedone: leave of 2026-02-02 to 2026-02-08." in ann("redo", "--yes").stdout
    assert due_dates(ann)["0-3"] == "2026-04-12"


def test_a_leave_in_the_place_of_another_says_so(ann: Cli) -> None:
    """Nobody has to guess whether both count."""
    ann("leave", "2026-02-02", "2026-02-15")
    answer = ann("leave", "2026-02-09", "2026-02-22").stdout
    assert answer.startswith(
        "Leave of Ann Lee: 2026-02-09 to 2026-02-22, 14 days in which nothing becomes due; "
        "no longer 2026-02-02 to 2026-02-08.\n"
    )


@pytest.mark.parametrize(
    ("days", "error", "why"),
    [
        (
            ["2026-02-15", "2026-02-02"],
            BadInput,
            "The last day of a leave cannot be before the first: 2026-02-15 to 2026-02-02.",
        ),
        (["2026-02-02", "2030-02-15"], BadInput, "2026-02-02 to 2030-02-15 is longer than three years."),
        (["2026-02-02", "2062-02-15"], BadInput, "2062-02-15 cannot be meant. Look at the year."),
        (["2025-02-02", "2025-02-15"], BadInput, "is before the first day in the role, 2026-01-05."),
        (["2026-03-02", "2026-03-08"], InvalidState, "The leave is in the record already. See: ca-ladder status"),
        (["3/4", "2026-03-01"], BadInput, '"3/4" could be 2026-03-04 or 2026-04-03: write one of these.'),
    ],
)
def test_slips_of_the_finger(ann: Cli, days: list[str], error: type[LadderError], why: str) -> None:
    """What cannot be meant is refused, with what would be right, and nothing is written."""
    ann("leave", "2026-03-02", "2026-03-08")
    before = ann.store.read_bytes()
    assert why in ann("leave", *days, code=error.exit_code).stderr
    assert ann.store.read_bytes() == before


def test_leave_in_the_log(ann: Cli) -> None:
    """Which days, by whom, and in which words; a mentor or manager may write it down as well."""
    ann("leave", "2026-02-02", "2026-02-15", "--note=Flu")
    ann("leave", "2026-04-13", "2026-04-24", "--by=Kim Novak", as_="kim")
    authors = [event["by"] for event in ann("log", "--json").json["events"] if event["kind"] == "leave"]
    assert authors == [{"name": "Ann Lee", "role": "trainee"}, {"name": "Kim Novak", "role": "manager"}]
    flu, later = [" ".join(line.split()) for line in ann("log").stdout.splitlines()[-2:]]
    assert flu == "2026-03-16 leave entered Ann Lee Flu; 2026-02-02 to 2026-02-15"
    assert later == "2026-03-16 leave entered Kim Novak 2026-04-13 to 2026-04-24"
