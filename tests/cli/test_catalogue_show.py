"""The whole ladder as the office reads it: on the screen, redirected, in a file, and in every encoding."""

import json
import re
import textwrap
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from ca_ladder.catalogue.validation import load_catalogue
from ca_ladder.errors import BadInput, Unknown
from ca_ladder.renderers.html import ladder_html
from ca_ladder.renderers.role_page import role_pages
from tests.conftest import Cli
from tests.renderers.people import ARCHIVE

REDIRECTED = """\
Clerk
clerk, version 7

Leaders may ask for more than what stands on this page, and it is not all of the job.

Core responsibilities
- Keep what comes in so that anybody can find it again.
- Be there from 8 to 5.

Variants
claims  Claims department

Tiers
0-3     New, 0-3 months in the role
3+      Settled, from 3 months in the role
last    Master, no set months


files  Files
Why              What cannot be found again has not been kept.
Learning starts  1-2 months in the role
Needs first      file-k1, before any expectation here is signed off

Tier 0-3: New
file-01    File each document on the day on which it comes in, the large and the small [1]

Tier 3+: Settled
file-03    Keep the archive in order, in these two parts
           Mind: All of it.
  file-04  Label what goes into the archive
  file-05  Save it [2]
           Needs first: file-04, clm-01
file-08    Keep the cellar dry

Knowledge
file-k1    Explain what is confidential
           Opens: the expectations of files: none is signed off before this
           Mind: Also by e-mail.

Skills
file-s1    Read any hand

Abilities
file-a1    Climb a ladder

Training activities
file-t1    Walk through the archive
           Led by: the mentor
           Parts: Cellar, Attic

The manager's activities
file-m1    Ask the archive who files late
           Led by: the manager

What helps
- WorkSmart: Where documents are filed. (2021-03)
- Shelf

Notes
- Begin with the basics.


claims-mail  Claims mail
Why              A claim that lies in a tray costs the client money.
Only for         Claims department
Learning starts  from 6 months in the role
Not asked for    in tier 3+, last

Tier 0-3: New
clm-01  Bring each claim to its handler within the hour


Not part of a task

Qualifications
clerk-q1  Hold a diploma

Notes
- Reports to the head of the office.

Footnotes
[1]  Only in an office that still keeps its files on paper. If it does not apply, a mentor can waive it. (paper)
[2]  Fire. It waits for the occasion, which nobody can bring about. If it does not apply, a mentor can waive it. (fire)

No longer asked: file-02 (replaced by file-04), file-06, file-07, clerk-q2


Head of the office
head, version 7

Tiers
duties  Duties of the role, no set months


lead  Lead
Why  Somebody must.

Tier duties: Duties of the role
lead-01  Lead the office
"""

AT_60 = """\
files  Files
────────────────────────────────────────────────────────────
Why              What cannot be found again has not been
                 kept.
Learning starts  1-2 months in the role
Needs first      file-k1, before any expectation here is
                 signed off

Tier 0-3: New
file-01    File each document on the day on which it comes
           in, the large and the small [1]
"""

MARKDOWN = """\
# Head of the office

head, version 7

## Tiers

- **duties** Duties of the role, no set months

## Lead (lead)

- **Why** Somebody must.

### Tier duties: Duties of the role

- **lead-01** Lead the office
"""


def at_terminal(width: int) -> str:
    """Return the clerk's page of REDIRECTED as a terminal shows it: with rules, lines wrapped below their own text."""
    lines: list[str] = []
    for line in REDIRECTED[: REDIRECTED.index("\n\n\nHead of the office")].split("\n"):
        head = re.match(r"( *\[?[\w-]+\]?(?: \w+)* {2,}| +|- )?", line)
        assert head is not None
        lines += textwrap.wrap(line, width, subsequent_indent=" " * head.end(), break_on_hyphens=False) or [""]
        if lines[-3:-1] == ["", ""]:
            lines.append("\u2500" * width)
    return "\n".join([*lines, "To print it, add: -o ladder.html", ""])


@pytest.fixture
def office(cli: Cli, catalogue: Callable[[str], Path]) -> Cli:
    """The program with the office's catalogue."""
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(ARCHIVE))}
    return cli


# --- the screen -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_ladder_of_a_role_at_a_terminal(office: Cli, width: int) -> None:
    """Role, tasks, tiers and what stands beside them, from the top down; at every width ids are whole."""
    office.terminal, office.width = True, width
    assert office("catalogue", "show", "clerk").stdout == at_terminal(width)


def test_a_narrow_terminal_wraps_below_the_words(office: Cli) -> None:
    """A line that goes on begins below its own words, not below an id; a rule is as long as the screen is wide."""
    office.terminal, office.width = True, 60
    assert AT_60 in office("catalogue", "show", "clerk").stdout


def test_the_ladder_redirected(office: Cli) -> None:
    """Without a role all stand there, in ladder order; without rules and hints, and every item on a line of its own."""
    assert office("catalogue", "show").stdout == REDIRECTED


@pytest.mark.parametrize("typed", ["head", "Head of the office", "HEAD", "office"])
def test_a_role_is_found_by_its_id_and_its_name(office: Cli, typed: str) -> None:
    """As everywhere, a role may be called by its id, its name, or a word that only it has."""
    assert office("catalogue", "show", typed).stdout == REDIRECTED[REDIRECTED.index("Head of the office\n") :]


def test_a_role_that_is_not_there(office: Cli) -> None:
    """The nearest is offered, and nothing is printed or written."""
    refused = office(
        "catalogue", "show", "clark", "-o", str(office.store.parent / "ladder.html"), code=Unknown.exit_code
    )
    assert refused.stderr == 'Error: There is no role "clark". Did you mean clerk?\n'
    assert (refused.stdout, list(office.store.parent.glob("*.html"))) == ("", [])


def test_the_ladder_needs_no_record(office: Cli) -> None:
    """Whoever only wants to read what is expected leaves nothing behind."""
    office("catalogue", "show")
    assert [file.name for file in office.store.parent.iterdir()] == ["catalogue.yaml"]


# --- files and formats ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ladder.txt", "ladder.md", "ladder.html"])
def test_a_file_holds_what_its_ending_says(office: Cli, name: str) -> None:
    """The file is what the screen would be in that format; a text is as wide as a sheet of paper."""
    file = office.store.parent / name
    answer = office("catalogue", "show", "clerk", "-o", str(file))
    assert answer.stdout == f"The ladder is in {file}.\n"
    written = file.read_text(encoding="utf-8")
    office.env["COLUMNS"] = "120"
    format_ = {"ladder.txt": "table", "ladder.md": "markdown", "ladder.html": "html"}[name]
    lines = [line.rstrip() for line in written.splitlines()]
    assert office("catalogue", "show", "clerk", "--format", format_).stdout.splitlines() == lines


def test_the_page_in_html_is_that_of_the_role(office: Cli) -> None:
    """What is asked for is what is written."""
    catalogue = load_catalogue(Path(str(office.env["CA_LADDER_CATALOGUE"])))
    page = ladder_html(role_pages(catalogue, catalogue.roles[1]))
    assert office("catalogue", "show", "head", "--format", "html").stdout == page + "\n"
    assert page.startswith("<!DOCTYPE html>")
    assert "<h1" in page


def test_the_ladder_in_markdown(office: Cli) -> None:
    """Headings of three ranks, lists below them, and children below their parent."""
    assert office("catalogue", "show", "head", "--format", "markdown").stdout == MARKDOWN


@pytest.mark.parametrize("words", [["-o", "ladder.pdf"], ["--format", "pdf"], ["--format", "html", "-o", "ladder.md"]])
def test_a_format_that_is_not_there(office: Cli, words: list[str]) -> None:
    """Another format, and a file that would not be what it is called, are refused."""
    office("catalogue", "show", *words, code=BadInput.exit_code)


# --- every encoding, and words that would like to be something else ---------------------------------------------


@pytest.mark.parametrize("charset", ["cp1252", "ascii"])
@pytest.mark.parametrize("format_", ["table", "markdown", "html"])
def test_an_old_console_shows_all_of_it(office: Cli, charset: str, format_: str) -> None:
    """Nothing of the page needs a character that an old console lacks."""
    known = office("catalogue", "show", "--format", format_).stdout
    office.charset = charset
    assert office("catalogue", "show", "--format", format_).stdout == known


@pytest.mark.parametrize("charset", ["cp1252", "ascii"])
def test_the_rules_at_an_old_console(office: Cli, charset: str) -> None:
    """Where there is no line to draw with, a rule is made of hyphens."""
    office.terminal, office.width, office.charset = True, 80, charset
    assert office("catalogue", "show", "clerk").stdout == at_terminal(80).replace("\u2500", "-")


HOSTILE = {
    "[bold]Read[/bold]": "[bold]Read[/bold]",
    "[/x] :smile:": "[/x] :smile:",
    "\\[b]": "\\[b]",
    "\x1b[31mRead\x1b[0m": "\\x1b[31mRead\\x1b[0m",
    "\u202edaeR\u2069": "\\u202edaeR\\u2069",
    "a\tb\r\nc": "a\\tb\\r\\nc",
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    "| a | b |": "| a | b |",
    "# Read": "# Read",
    "`Read`": "`Read`",
    "* Read": "* Read",
}


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "redirected"])
@pytest.mark.parametrize("words", HOSTILE, ids=ascii)
def test_words_are_shown_as_they_are(cli: Cli, catalogue: Callable[[str], Path], words: str, terminal: bool) -> None:
    """The screen with hostile words is that with plain ones, but for the words."""
    texts = ("Read any hand", "Claims department", "Begin with the basics.", "Only in an office", "Cellar", "Shelf")
    quoted = json.dumps(words)
    hostile = ARCHIVE
    for text in texts:
        hostile = hostile.replace(text, "@")
    cli.terminal, cli.width = terminal, 10_000
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(hostile.replace("@", "plain words")))}
    plain = cli("catalogue", "show", "clerk").stdout
    assert plain.count("plain words") >= len(texts)
    filled = re.sub(r"(?<=[ \[])@(.*?)(?=[\],}])", lambda match: json.dumps(words + match[1]), hostile)
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(filled))}
    shown = cli("catalogue", "show", "clerk").stdout
    assert quoted in filled
    assert shown == plain.replace("plain words", HOSTILE[words])


@pytest.mark.parametrize("format_", ["table", "markdown", "html"])
@pytest.mark.parametrize("charset", ["utf-8", "cp1252", "ascii"])
def test_no_format_passes_on_what_a_terminal_obeys(
    cli: Cli, catalogue: Callable[[str], Path], format_: str, charset: str
) -> None:
    """Whatever the encoding, no control, bidi or invisible character leaves the program as it is."""
    words = "".join(HOSTILE) + "\u4f60\u597d \u017d\u2028"
    cli.charset = charset
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(ARCHIVE.replace("Read any hand", json.dumps(words))))}
    shown = cli("catalogue", "show", "--format", format_).stdout
    assert not [char for char in set(shown) - {"\n"} if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"}]
    assert "\\x1b" in shown
    shown.encode(charset)
