"""`catalogue diff`: what an author changed, and what that does to whom; and that it comes out as predicted."""

import re
from collections import Counter
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from ca_ladder.catalogue.diff import CHANGE_KINDS
from ca_ladder.errors import (
    BadInput,
    CatalogueFaulty,
    CatalogueMissing,
    NoRecord,
    NoTrainees,
    RoleGone,
    VerificationFailed,
)
from tests.conftest import Cli, RunResult

OLD = """\
version: "1"
roles:
  - id: clerk
    name: Clerk
    variants: [{id: claims, name: Claims}]
    tiers:
      - {id: new, title: New, months: {from: 0, until: 3}}
    tasks:
      - id: files
        name: Files
        why: Nothing is lost.
        expectations:
          new:
            - {id: file-01, text: File a letter}
            - {id: file-02, text: Find a letter}
            - {id: file-03, text: Send a letter}
            - {id: file-04, text: Burn a letter}
            - {id: file-05, text: Copy a letter}
"""
NEW = """\
version: "2"
roles:
  - id: clerk
    name: Clerk
    variants: [{id: claims, name: Claims}]
    tiers:
      - {id: new, title: New in the office, months: {from: 0, until: 6}}
    tasks:
      - id: files
        name: Files
        why: Nothing is lost.
        expectations:
          new:
            - {id: file-01, text: File a letter on the day it comes}
            - {id: file-02, text: Find a letter, revision: 2}
            - {id: file-03, text: Send a letter, retired: true, replaced_by: file-06}
            - {id: file-06, text: Send an e-mail}
            - {id: file-15, text: Copy a letter}
"""


MARIA = ("--name=Maria Lopez", "--start=2026-01-05", "--mentor=Pat Lee", "--manager=Kim Novak")
DIFF = ("catalogue", "diff", "old.yaml", "new.yaml")
BY_PAT = ("--by=Pat Lee", "--trainee=maria")


@pytest.fixture
def office(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The two catalogues above in the current folder, and a folder for a team beside them."""
    monkeypatch.chdir(tmp_path)
    Path("old.yaml").write_text(OLD, "utf-8")
    Path("new.yaml").write_text(NEW, "utf-8")
    cli.store = tmp_path / "team"
    cli.store.mkdir()
    cli.env = {"CA_LADDER_CATALOGUE": "old.yaml"}
    return cli


@pytest.fixture
def two(office: Cli) -> Cli:
    """Maria, of whom all five were signed off and who has the final sign-off; Sam, who has checked one."""
    office("init", *MARIA)
    office("init", "--name=Sam Reed", "--start=2026-02-02", "--mentor=Pat Lee")
    office("signoff", "--tier=new", "--observed", "--yes", *BY_PAT, as_="pat")
    office("graduate", "new", "--by=Kim Novak", "--yes", "--trainee=maria", as_="kim")
    office("check", "file-02", "--trainee=sam", as_="sam")
    return office


def diff(cli: Cli, old: str, new: str, *options: str) -> RunResult:
    """Write the two catalogues over those of the office, and run `catalogue diff` on them."""
    Path("old.yaml").write_text(old, "utf-8")
    Path("new.yaml").write_text(new, "utf-8")
    return cli(*DIFF, *options)


SCREEN = """\
old.yaml (version 1) to new.yaml (version 2): 10 changes

The id changed, the words did not
  file-05  Copy a letter
             is file-15 now, under the same words. Records know it as file-05: give it back its id. If file-15 is another item, keep file-05 with retired: true and replaced_by: file-15.
             retired with history: Maria Lopez (signed off by Pat Lee on 2026-03-16)
             no longer asked: Sam Reed

The meaning changed: the revision was raised, and earlier sign-offs no longer count
  file-02  Find a letter
             revision: 1, now 2
             asked again: Maria Lopez (signed off by Pat Lee on 2026-03-16), Sam Reed (checked by Sam Reed on 2026-03-16)

Deleted from the file (with retired: true, show could still tell what it was part of)
  file-04  Burn a letter
             retired with history: Maria Lopez (signed off by Pat Lee on 2026-03-16)
             no longer asked: Sam Reed

Retired
  file-03  Send a letter
             replaced_by: now file-06
             retired with history: Maria Lopez (signed off by Pat Lee on 2026-03-16)
             no longer asked: Sam Reed

Reworded
  file-01  File a letter on the day it comes
             was: File a letter
             kept: Maria Lopez (signed off)

New
  file-06  Send an e-mail
             clerk, files, new
             newly asked: Maria Lopez, Sam Reed
  file-15  Copy a letter
             clerk, files, new
             newly asked: Maria Lopez, Sam Reed

Tiers
  new  New in the office
         was: New
         months: from 0 until 3, now from 0 until 6

What becomes of each record
Trainee      Kept  Again  Retired  Dropped  New
Maria Lopez     1      1        3        0    2
Sam Reed        0      1        0        3    2
Kept = counts as before; Again = asked again; Retired = no longer asked, kept in the record; Dropped = no longer asked, nothing was done; New = newly asked

Final sign-offs
Tier new is no longer covered by its final sign-off, file-02, file-06, file-15 missing: Maria Lopez (Kim Novak on 2026-03-16)
"""  # noqa: E501 - redirected, one line is one line, however long


def test_the_whole_screen(two: Cli) -> None:
    """Grouped by what changed, the most severe first; then each record as a whole. The catalogue in use is not read."""
    assert two(*DIFF).stdout == SCREEN
    two.env |= {"CA_LADDER_CATALOGUE": "gone.yaml"}
    assert two(*DIFF).stdout == SCREEN


def test_at_a_narrow_terminal_lines_are_broken_under_each_other(two: Cli) -> None:
    """At 60 columns what is said of an item stays below its words."""
    two.terminal, two.width = True, 60
    excerpt = """\
The meaning changed: the revision was raised, and earlier
sign-offs no longer count
  file-02  Find a letter
             revision: 1, now 2
             asked again: Maria Lopez (signed off by Pat Lee
             on 2026-03-16), Sam Reed (checked by Sam Reed
             on 2026-03-16)
"""
    assert excerpt in two(*DIFF).stdout


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("charset", ["utf-8", "cp1252", "ascii"])
def test_every_id_and_date_is_whole_at_every_width(two: Cli, width: int, charset: str) -> None:
    """No line is longer than the terminal is wide, and no id, name or date is broken or cut."""
    two.terminal, two.width, two.charset = True, width, charset
    screen = two(*DIFF).stdout
    assert max(map(len, screen.splitlines())) <= width
    assert Counter(re.findall(r"file-\d\d", screen)) == Counter(re.findall(r"file-\d\d", SCREEN))
    assert screen.count("2026-03-16") == SCREEN.count("2026-03-16")
    assert " ".join(screen.split()).count("Maria Lopez") == SCREEN.count("Maria Lopez")


def test_without_a_record_only_the_catalogues_changes_are_told(two: Cli) -> None:
    """An author who keeps no records hears what changed, and nothing of trainees."""
    two.env |= {"CA_LADDER_STORE": None}
    screen = two(*DIFF).stdout
    assert "Maria" not in screen
    assert "What becomes" not in screen
    assert "revision: 1, now 2" in screen
    assert two(*DIFF, "--json").json["trainees"] == []


def test_no_difference_is_said_in_two_words(two: Cli) -> None:
    """Equal files are told to be equal; of those that only have another version, that is told."""
    assert diff(two, OLD, OLD).stdout == "No difference.\n"
    assert diff(two, OLD, OLD.replace('"1"', '"2"')).stdout == "No difference but the version: 1, now 2.\n"


def test_a_change_under_the_same_version_is_told_with_what_comes_of_it(two: Cli) -> None:
    """A gate and a new item without another version: verify calls honest sign-offs wrong, as diff had said in red."""
    gate = "gate: file-s1\n        skills: [{id: file-s1, text: Read quickly}]\n        expectations:"
    same_version = OLD.replace("expectations:", gate) + "            - {id: file-06, text: Send an e-mail}\n"
    verify = "record", "verify", "--trainee=maria"
    two(*verify)
    two.env = {"CA_LADDER_CATALOGUE": "new.yaml"}
    assert "Raise it" not in diff(two, OLD, same_version.replace('"1"', '"2"', 1)).stdout
    two(*verify)
    assert diff(two, OLD, same_version).stdout.splitlines()[1] == (
        "The version is 1 in both. Raise it: with the same version, record verify would hold what was signed before to "
        "the new catalogue, and call it wrong."
    )
    assert "file-s1 had to be signed off first" in two(*verify, code=VerificationFailed.exit_code).stdout
    two.terminal, two.env = True, {"FORCE_COLOR": "1", "TERM": "xterm"}
    assert "\x1b[1;31mThe version is 1 in both." in two(*DIFF).stdout


def test_an_id_given_to_another_item_is_said_loudly_with_the_words_that_were_signed(two: Cli) -> None:
    """What was signed under an id counts for whatever has it later: the author hears for which words it was given."""
    without = OLD.replace("            - {id: file-01, text: File a letter}\n", "")
    counts = "counts again: Maria Lopez (signed off by Pat Lee on 2026-03-16"
    same = diff(two, without, OLD).stdout
    assert f"{counts})\n" in same
    assert "records know it" not in same
    screen = diff(two, without, OLD.replace("File a letter", "Fly").replace('"1"', '"2"')).stdout
    assert screen.splitlines()[1] == (
        "file-01 is new in the file, but records know it: File a letter. Give the new item an id of its own, or its "
        "old sign-offs count for it."
    )
    assert f"{counts}, with these words: File a letter)" in screen
    (maria, _) = two(*DIFF, "--json").json["trainees"]
    (item,) = [item for item in maria["items"] if item["item"] == "file-01"]
    assert (item["text"], item["words"], item["effect"]) == ("Fly", "File a letter", "counts-again")


def test_what_was_returned_is_only_said_to_be_of_another_revision_where_it_is(two: Cli) -> None:
    """Brought back as it was, a returned item is still returned; with another meaning nothing of it counts."""
    two("return", "file-02", "--because=Not quite", "--by=Pat Lee", "--trainee=sam", as_="pat")
    retired, raised = (OLD.replace("Find a letter", f"Find a letter, {s}") for s in ("retired: true", "revision: 2"))
    returned = "Sam Reed (returned by Pat Lee on 2026-03-16"
    assert f"newly asked: {returned})" in diff(two, retired, OLD).stdout
    assert f"{returned} in another revision)" in diff(two, retired, raised).stdout


def test_what_a_change_means_today_is_told(two: Cli) -> None:
    """A shorter tier and a prerequisite: what is late or has to wait from that day on, by trainee and item."""
    two("init", "--name=Ada Byron", "--start=2026-02-02")
    new = NEW.replace("until: 6}", "until: 1}").replace("text: Send an e-mail", "text: Send it, requires: [file-02]")
    screen = diff(two, OLD, new).stdout
    assert screen[screen.index("What that means") : screen.index("\nFinal")] == dedent("""\
        What that means today
        Overdue at once: Ada Byron, Sam Reed: file-01, file-02, file-06, file-15
        Overdue at once: Maria Lopez: file-02, file-06, file-15
        Not to be signed off before something else is: Ada Byron, Maria Lopez, Sam Reed: file-06
        """)
    trainees = {trainee["name"]: trainee for trainee in two(*DIFF, "--json").json["trainees"]}
    two.env = {"CA_LADDER_CATALOGUE": "new.yaml"}
    for name in ("Ada Byron", "Maria Lopez", "Sam Reed"):
        items = two("list", f"--trainee={name}", "--json").json["items"]
        assert trainees[name]["overdue_at_once"] == [item["id"] for item in items if item["overdue"]]
        assert trainees[name]["blocked_at_once"] == [item["id"] for item in items if item["blocked_by"]] == ["file-06"]


def test_one_trainee_of_a_team_may_be_meant(two: Cli) -> None:
    """With --trainee, and of a file, the record of one is told of."""
    one = two(*DIFF, "--trainee=sam", "--json").json
    assert [trainee["name"] for trainee in one["trainees"]] == ["Sam Reed"]
    assert two(*DIFF, f"--store={two.store}/sam-reed.json", "--json").json == one


def test_an_unreadable_record_is_told_and_hides_no_others(two: Cli) -> None:
    """The others are told of first; then what cannot be read, with exit code 1, as report does."""
    (two.store / "broken.json").write_bytes(b"{")
    run = two(*DIFF, code=1)
    assert (run.stdout, run.stderr) == (SCREEN, two("report", code=1).stderr)
    document = two(*DIFF, "--json", code=1).json
    assert document["unreadable"] == two("report", "--format=json", code=1).json["unreadable"]
    alone = two(*DIFF, f"--store={two.store}/broken.json", code=1)
    assert "Reworded" in alone.stdout
    assert "broken.json cannot be read" in alone.stderr


def test_what_cannot_be_compared_is_told(office: Cli) -> None:
    """A store that was named has to be there. A fault has its place in the file, whichever of the two it is in."""
    office(*DIFF, code=NoTrainees.exit_code)
    office(*DIFF, "--store=none.json", code=NoRecord.exit_code)
    Path("bad.yaml").write_text(OLD.replace("name: Files", "nmae: Files"), "utf-8")
    for files in (("bad.yaml", "new.yaml"), ("old.yaml", "bad.yaml")):
        run = office("catalogue", "diff", *files, code=CatalogueFaulty.exit_code)
        assert "bad.yaml:10:" in run.stderr
        assert run.stdout == ""
    office("catalogue", "diff", "old.yaml", "gone.yaml", code=CatalogueMissing.exit_code)
    office("catalogue", "diff", "old.yaml", code=BadInput.exit_code)


def test_many_trainees_are_counted_and_the_first_named(office: Cli) -> None:
    """What touches many is told with how many, in which states, and the first of them; JSON has all."""
    for number in range(12):
        office("init", f"--name=Trainee {number:02}", "--start=2026-01-05", "--mentor=Pat Lee")
        office("check", "file-01", f"--trainee=trainee-{number:02}")
    office("signoff", "file-01", "--by=Pat Lee", "--trainee=trainee-03", as_="pat")
    screen, names = office(*DIFF).stdout, "Trainee 00, Trainee 01, Trainee 02 and 9 more"
    assert f"kept: 12 trainees (11 checked, 1 signed off): {names}" in screen
    assert f"newly asked: 12 trainees (12 open): {names}" in screen
    trainees = office(*DIFF, "--json").json["trainees"]
    assert [trainee["effects"]["kept"] for trainee in trainees] == [1] * 12


def test_a_role_or_variant_that_is_gone_is_said_loudly_and_first(two: Cli) -> None:
    """A catalogue without a trainee's role would leave their record closed to everyone. A variant has trainees."""
    two("init", "--name=Ada Byron", "--start=2026-02-02", "--variant=claims")
    screen = diff(two, OLD, NEW.replace("[{id: claims, name: Claims}]", "[]")).stdout
    assert screen.splitlines()[1] == "The role clerk has no variant claims any more, which is that of Ada Byron."
    screen = diff(two, OLD, NEW.replace("id: clerk", "id: filer")).stdout
    assert screen.splitlines()[1] == (
        "The role clerk is gone: with new.yaml nobody can look at the record of Ada Byron, Maria Lopez, Sam Reed. "
        "Nothing in it is lost; keep the role clerk in the file until they have another."
    )
    two.env |= {"CA_LADDER_CATALOGUE": "new.yaml"}
    assert "is filer now, under the same words. Records know it as clerk: give it back its id." in screen
    two("status", "--trainee=maria", code=RoleGone.exit_code)
    assert "signed off" in two("log", "file-04", "--trainee=maria").stdout
    new_role = "The old catalogue has no role clerk: it asked nothing of Ada Byron, Maria Lopez, Sam Reed."
    assert diff(two, NEW.replace("id: clerk", "id: filer"), OLD).stdout.splitlines()[1] == new_role


def test_what_an_author_writes_is_never_markup(office: Cli) -> None:
    """Brackets, escapes and bidi characters of a text, an id or a name are shown as they are, made visible."""
    office("init", "--name=[red]Eve", "--start=2026-01-05")
    office("check", "file-01", "--trainee=eve")
    office.terminal, office.width = True, 100
    screen = diff(office, OLD, OLD.replace("File a letter", '"[bold]File \\e[31m \\u202e it"')).stdout
    assert "[bold]File \\x1b[31m \\u202e it" in screen
    assert "kept: [red]Eve (checked)" in screen


# --- show, log and status of what is not asked for ----------------------------------------------------------------


@pytest.fixture
def later(two: Cli) -> Cli:
    """The two trainees, looked at with the new catalogue."""
    two.env = {"CA_LADDER_CATALOGUE": "new.yaml"}
    return two


def test_show_explains_a_retired_item(later: Cli) -> None:
    """Why it is not asked, what takes its place, and the words that were signed, by whom and when."""
    shown = later("show", "file-03", "--trainee=maria").stdout
    assert shown == dedent("""\
        file-03  Send a letter

        Not on the ladder  it was retired, replaced by file-06
        In its place       file-06  Send an e-mail
        In the record      signed off by Pat Lee on 2026-03-16, with these words: Send a letter
        Task               files: Files
        Kind               expectation, tier new New in the office
        Why                Nothing is lost.

        History
        On          What        By       Words
        2026-03-16  signed off  Pat Lee  Saw it done.
        """)
    later.terminal = True
    assert "Next: ca-ladder show file-06" in later("show", "file-03", "--trainee=maria").stdout


def test_show_explains_a_deleted_item(later: Cli) -> None:
    """Of an id that the catalogue has forgotten, the record still knows the words that were signed."""
    assert later("show", "file-04", "--trainee=maria").stdout.splitlines()[:6] == [
        *("file-04  Burn a letter", ""),
        "Not on the ladder  it is no longer in the catalogue",
        "In the record      signed off by Pat Lee on 2026-03-16, with these words: Burn a letter",
        *("", "History"),
    ]


def test_log_explains_what_is_no_longer_asked(later: Cli) -> None:
    """Below the history of an item that is not on the ladder stands why, and the words; of one that is, nothing."""
    assert later("log", "file-03", "--trainee=maria").stdout == dedent("""\
        On          What        Item     By       Words
        2026-03-16  signed off  file-03  Pat Lee  Saw it done.
        file-03 is not on the ladder: it was retired, replaced by file-06.
        Kept in the record: signed off by Pat Lee on 2026-03-16, with these words: Send a letter
        In its place: file-06, Send an e-mail
        """)
    assert later("log", "file-03", "--trainee=sam").stdout == dedent("""\
        Nothing was written about file-03 yet.
        file-03 is not on the ladder: it was retired, replaced by file-06.
        In its place: file-06, Send an e-mail
        """)
    assert len(later("log", "file-01", "--trainee=maria").stdout.splitlines()) == 2


def test_status_names_every_sign_off_that_is_no_longer_asked_for(later: Cli) -> None:
    """No sign-off vanishes without a word: one line on the screen and in every format of the report that has words."""
    line = "No longer asked for, kept in the record: file-03 (signed off), file-04 (signed off), file-05 (signed off)"
    assert line in later("status", "--trainee=maria").stdout.splitlines()
    assert "No longer asked" not in later("status", "--trainee=sam").stdout
    for format_ in ("table", "markdown", "html"):
        assert line in later("report", "--trainee=maria", f"--format={format_}").stdout
    assert later("status", "--trainee=maria", "--json").json["trainee"]["no_longer_asked"] == [
        {"item": "file-03", "by": "Pat Lee", "on": "2026-03-16", "text": "Send a letter"},
        {"item": "file-04", "by": "Pat Lee", "on": "2026-03-16", "text": "Burn a letter"},
        {"item": "file-05", "by": "Pat Lee", "on": "2026-03-16", "text": "Copy a letter"},
    ]


def test_a_sign_off_that_was_taken_back_is_not_said_to_be_kept(later: Cli) -> None:
    """Only what is valid is named: a sign-off that was revoked before the item was retired is in the log alone."""
    later.env = {"CA_LADDER_CATALOGUE": "old.yaml"}
    later("revoke", "file-04", "--because=Too early", *BY_PAT, as_="pat")
    later.env = {"CA_LADDER_CATALOGUE": "new.yaml"}
    kept = later("status", "--trainee=maria", "--json").json["trainee"]["no_longer_asked"]
    assert [sign_off["item"] for sign_off in kept] == ["file-03", "file-05"]
    assert "In the record" not in later("show", "file-04", "--trainee=maria").stdout


def test_a_parent_says_what_was_signed_before_it_had_parts(later: Cli) -> None:
    """A sign-off of an item that has children now does not count, and is told where one looks for it."""
    parts = "File a letter, children: [{id: file-11, text: Stamp a letter}]"
    Path("new.yaml").write_text(OLD.replace("File a letter", parts), "utf-8")
    signed = "signed off by Pat Lee on 2026-03-16, with these words: File a letter"
    assert f"Before it had parts  {signed}" in later("show", "file-01", "--trainee=maria").stdout
    assert later("log", "file-01", "--trainee=maria").stdout.splitlines()[-2:] == [
        "What was written of file-01 itself does not count: it follows from its parts.",
        f"Kept in the record: {signed}",
    ]


def test_a_retired_item_leads_to_what_is_asked_for_today(later: Cli) -> None:
    """What replaced it may have been replaced since: show and log name the item that is asked for in the end."""
    chain = "Send an e-mail, retired: true, replaced_by: file-07}\n            - {id: file-07, text: Call"
    (maria, _) = diff(later, OLD, NEW.replace("Send an e-mail", chain), "--json").json["trainees"]
    assert {item["replaced_by"] for item in maria["items"] if item["item"] == "file-03"} == {"file-07"}
    assert "In its place       file-07  Call" in later("show", "file-03", "--trainee=maria").stdout
    assert "In its place: file-07, Call" in later("log", "file-03", "--trainee=maria").stdout


def test_revoke_names_an_earlier_sign_off_that_counts_again(later: Cli) -> None:
    """With the revision lowered, what was signed before counts beside the later sign-off: that is no other copy's."""
    later("signoff", "file-02", "--observed", *BY_PAT, as_="pat")
    later.env = {"CA_LADDER_CATALOGUE": "old.yaml"}
    first = later("revoke", "file-02", "--because=By mistake", *BY_PAT, as_="pat").stdout
    assert "file-02 is still signed off by Pat Lee, by an earlier sign-off.\n" in first
    assert "file-02 is still" not in later("revoke", "file-02", "--because=This too", *BY_PAT, as_="pat").stdout


# --- what diff predicts is what comes ----------------------------------------------------------------------------

A = """\
version: "2026-03"
roles:
  - id: clerk
    name: Clerk
    responsibilities: [Keep the office in order]
    variants: [{id: claims, name: Claims}, {id: archive, name: Archive}]
    tiers:
      - {id: new, title: New, months: {from: 0, until: 3}}
      - {id: full, title: Full, months: {from: 3, until: 6}}
      - {id: top, title: Top}
    conditions: [{id: paper, text: Only on paper.}]
    qualifications: [{id: clerk-q1, text: Hold a diploma}]
    tasks:
      - id: files
        name: Files
        why: Nothing is lost.
        expectations:
          new:
            - {id: file-01, text: File a letter, condition: paper}
            - {id: file-02, text: Find a letter}
            - {id: file-03, text: Send a letter}
            - {id: file-04, text: Burn a letter}
            - {id: file-05, text: Copy a letter}
            - {id: file-06, text: Fold a letter}
            - {id: file-07, text: Sort the mail}
            - {id: file-08, text: Keep the archive}
            - {id: file-09, text: Stamp a letter}
            - {id: file-10, text: Seal a letter, retired: true}
            - {id: file-11, text: Read a letter}
            - {id: file-20, text: Order paper, children: [{id: file-21, text: Count it}, {id: file-22, text: Pay it}]}
          full:
            - {id: file-30, text: Plan the shelves}
            - {id: file-31, text: Label the shelves}
            - {id: file-32, text: Dust the shelves}
          top: [{id: file-40, text: Teach filing}]
        skills: [{id: file-s1, text: Read quickly}]
        knowledge: [{id: file-k1, text: Explain what is confidential, revision: 2}]
      - id: mail
        name: Mail
        why: People wait.
        expectations: {new: [{id: mail-01, text: Open the mail}, {id: mail-02, text: Carry the mail}]}
      - {id: phone, name: Phone, why: People call., expectations: {new: [{id: phone-01, text: Answer the phone}]}}
      - {id: claims, name: Claims, why: They wait., variant: claims, expectations: {new: [{id: clm-01, text: Sort it}]}}
  - id: senior
    name: Senior Clerk
    tiers: [{id: year, title: First year}]
    tasks: [{id: office, name: Office, why: It runs., expectations: {year: [{id: off-01, text: Open the office}]}}]
"""

# Everything that an author can do to A; the result is B.
LINE = "            - {{id: {}, text: {}}}\n".format
MAIL = A[A.index("      - id: mail") : A.index("      - {id: phone")]
OTHER_MAIL = """\
      - id: mail
        name: The mail
        why: People wait for it.
        gate: file-k1
        begins: {from: 1, until: 2}
        not_required: [expert]
        expectations:
          new: [{id: mail-01, text: Open the mail, requires: [file-01]}, {id: file-07, text: Sort the mail}]
"""
PARENT = """\
            - id: file-08
              text: Keep the archive
              children: [{id: file-18, text: Air the archive}, {id: file-09, text: Stamp a letter}]
"""
EDITS = {
    "2026-03": "2026-09",
    "name: Clerk\n": "name: Office Clerk\n",
    "[Keep the office in order]": "[Keep the office in order, Greet people]",
    "{id: claims, name: Claims}, ": "",
    "title: New, months: {from: 0, until: 3}": "title: New here, months: {from: 0, until: 4}",
    "from: 3, until: 6": "from: 4, until: 6",
    "{id: top, title: Top}": "{id: expert, title: Expert}",
    " top: [": " expert: [",
    "Only on paper.": "Only where there is paper.",
    "Hold a diploma": "Hold a diploma, note: Any",
    MAIL: "",
    "      - id: files\n": f"{OTHER_MAIL}      - id: files\n",  # another order too
    "File a letter": "File a letter today",
    "Find a letter": "Find a letter, revision: 2",
    "Send a letter": "Send a letter, retired: true, replaced_by: file-13",
    LINE("file-04", "Burn a letter"): LINE("file-13", "Send an e-mail"),
    "id: file-05": "id: file-15",
    LINE("file-06", "Fold a letter"): "",  # in another tier now
    LINE("file-07", "Sort the mail"): "",  # in another task now
    LINE("file-08", "Keep the archive") + LINE("file-09", "Stamp a letter"): PARENT,
    "Seal a letter, retired: true": "Seal a letter",
    "Read a letter": "Read a letter, revision: 2",  # which was waived
    ", children: [{id: file-21, text: Count it}, {id: file-22, text: Pay it}]": "",
    "          full:\n": LINE("file-30", "Plan the shelves") + "          full:\n",
    "full:\n" + LINE("file-30", "Plan the shelves"): "full:\n" + LINE("file-06", "Fold a letter"),
    "Label the shelves": "Label the shelves, revision: 2, led_by: mentor",  # which was returned
    "Dust the shelves": "Dust the shelves, parts: [top, side]",
    "        skills: [{id: file-s1, text: Read quickly}]\n": "",
    "confidential, revision: 2}": "confidential}, {id: file-s1, text: Read quickly}",
    "why: People call.": "why: People call., variant: archive",
    " variant: claims,": "",
    "text: Open the office}": "text: Open the office}, {id: mail-02, text: Carry the mail}",  # in another role now
}


@pytest.fixture
def on_a(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Maria's record, made under catalogue A: checks, sign-offs, waivers, returns, a final sign-off."""
    monkeypatch.chdir(tmp_path)
    b = A
    for old, new in EDITS.items():
        assert b.count(old) == 1, old
        b = b.replace(old, new)
    Path("before.yaml").write_text(A.replace(", retired: true", "").replace('"2026-03"', '"2025-09"'), "utf-8")
    Path("a.yaml").write_text(A, "utf-8")
    Path("b.yaml").write_text(b, "utf-8")
    cli.env = {"CA_LADDER_CATALOGUE": "before.yaml"}
    pat = ("--by", "Pat Lee")
    cli("init", "--variant=claims", *MARIA)
    cli("check", "file-10", "--note", "With red wax")
    cli("signoff", "file-10", *pat, as_="pat")
    cli.env = {"CA_LADDER_CATALOGUE": "a.yaml"}
    cli("check", "file-01", "file-02", "file-03", "--evidence", "Shelf 4")
    cli("signoff", "file-01", "file-02", "file-03", *pat, as_="pat")
    cli("waive", "file-11", "--because", "Nobody writes letters", *pat, as_="pat")
    cli("waive", "file-22", "--because", "The manager pays", *pat, as_="pat")
    cli("check", "file-21")
    cli("return", "file-21", "--because", "One sheet is missing", *pat, as_="pat")
    cli("check", "file-21")
    cli("signoff", "--tier=new", "--observed", "--yes", *pat, as_="pat")
    cli("revoke", "file-04", "--because", "It was not burnt", *pat, as_="pat")
    cli("signoff", "file-04", "--observed", "--note", "Now it is", *pat, as_="pat")
    cli("graduate", "new", "--by=Kim Novak", "--yes", as_="kim")
    cli("check", "file-30", "file-31")
    cli("return", "file-31", "--because", "Not legible", *pat, as_="pat")
    cli("signoff", "file-s1", "file-k1", "clerk-q1", "--observed", *pat, as_="pat")
    cli("note", "file-32", "In spring")
    return cli


A_TO_B = ("catalogue", "diff", "a.yaml", "b.yaml")


def test_the_two_catalogues_differ_in_every_way_there_is(on_a: Cli) -> None:
    """The promise below is made on all that an author can do: each kind of change, to each kind of thing."""
    document = on_a(*A_TO_B, "--json").json
    changed = [(subject["about"], change) for subject in document["changed"] for change in subject["changes"]]
    assert {change["change"] for about, change in changed if about == "item"} == set(CHANGE_KINDS) - {
        "renamed",
        "order",
    }
    assert {(about, change["change"]) for about, change in changed if about != "item"} == {
        *(("task", kind) for kind in ("renamed", "changed")),
        *(("tier", kind) for kind in ("renamed", "changed", "added", "gone")),
        *(("variant", "gone"), ("condition", "reworded")),
        *(("role", kind) for kind in ("renamed", "changed", "order")),
    }
    fields = {change["field"] for _, change in changed}
    assert {"task", "tier", "kind", "role", "parent", "gate", "begins", "not_required", "variant", "months"} <= fields
    assert {"requires", "led_by", "parts", "note", "replaced_by", "why", "responsibilities"} <= fields


def test_every_sign_off_is_accounted_for_as_diff_had_foretold(on_a: Cli) -> None:
    """A record made on A and opened on B: item by item, list, show, status and log say what diff had said."""
    (predicted,) = on_a(*A_TO_B, "--json").json["trainees"]
    effects = {item["item"]: item for item in predicted["items"]}
    assert len(effects) == len(predicted["items"])
    log_on_a = on_a("log", "--json").json["events"]
    states_on_a = _states(on_a)
    on_a.env = {"CA_LADDER_CATALOGUE": "b.yaml"}

    states = _states(on_a)
    trainee = on_a("status", "--json").json["trainee"]
    for side, listed in (("before", states_on_a), ("after", states)):
        assert {id_: item[side] for id_, item in effects.items() if item[side]} == {
            id_: state for id_, state in listed.items() if id_ in effects
        }
    assert all(states[id_] == states_on_a[id_] == "open" for id_ in states.keys() - effects.keys())
    kinds = [counts for name, counts in trainee.items() if name in {"knowledge", "skill", "qualification"}]
    for state, count in Counter(states.values()).items():
        assert sum(counts[state] for counts in [*trainee["tiers"], *kinds]) == count

    for id_, item in effects.items():
        shown = on_a("show", id_, "--json", code=2 if item["effect"] == "dropped" else 0)
        if item["effect"] != "dropped":
            _assert_shown_as_predicted(shown.json, item)
    kept = {item["item"]: (item["by"], item["on"]) for item in trainee["no_longer_asked"]}
    unasked = {id_: item for id_, item in effects.items() if item["after"] is None and item["deed"] == "sign-off"}
    assert kept == {id_: (item["by"], item["on"]) for id_, item in unasked.items()}
    assert {tier["tier"]: tier["final_sign_off"]["stands"] for tier in trainee["tiers"] if tier["final_sign_off"]} == {
        tier["tier"]: tier["after"] for tier in predicted["final_sign_offs"]
    }

    assert on_a("log", "--json").json["events"] == log_on_a
    signed = [event for event in log_on_a if event["kind"] in {"sign-off", "waive"}]
    assert len(signed) > 20
    for event in signed:
        assert event["item"] in effects
        assert event in on_a("log", event["item"], "--json").json["events"]
        if event["kind"] == "sign-off":
            assert event["wording"]["text"] in on_a("show", event["item"]).stdout
    on_a("record", "verify")


def _states(cli: Cli) -> dict[str, str]:
    """Return the state of every item that is asked for."""
    return {item["id"]: item["state"] for item in cli("list", "--json").json["items"]}


def _assert_shown_as_predicted(shown: dict[str, Any], item: dict[str, Any]) -> None:
    """Compare what `show` says of an item with what `diff` said would become of it."""
    if item["after"]:
        assert (shown["item"]["state"], shown["absent"], shown["in_record"]) == (item["after"], None, None)
    elif item["effect"] == "parent":
        assert shown["children"]
        assert shown["absent"] is None
    else:
        assert (shown["item"]["state"], shown["absent"]) == (None, item["why"])
    assert shown["replaced_by"] == item["replaced_by"]
    if item["deed"]:
        assert item["after"] or (shown["in_record"]["by"], shown["in_record"]["on"]) == (item["by"], item["on"])
        decided = [(event["kind"], event["by"]["name"], event["on"]) for event in shown["history"]]
        assert (item["deed"], item["by"], item["on"]) in decided


def test_what_becomes_of_each_item_of_the_record(on_a: Cli) -> None:
    """Of every change by name: what it does to what was done. The screen counts the same as the document."""
    (trainee,) = on_a(*A_TO_B, "--json").json["trainees"]
    counts = {"kept": 12, "asked-again": 2, "counts-again": 1, "retired": 7, "parent": 1, "newly-asked": 4}
    assert {effect: count for effect, count in trainee["effects"].items() if count} == counts
    assert trainee["variants_gone"] == ["claims"]
    (final,) = trainee["final_sign_offs"]
    assert (final["before"], final["after"], final["gone"]) == (True, False, False)

    lines = on_a(*A_TO_B).stdout.splitlines()
    row = lines[lines.index("What becomes of each record") + 2]
    assert row.split()[2:] == [str(count) for count in trainee["effects"].values() if count]
    unchanged = lines[lines.index("Not changed themselves, and touched by the above") :]
    label = 'retired with history (it belongs to the variant "archive" of the role): Maria Lopez'
    assert any(label in line for line in unchanged)
