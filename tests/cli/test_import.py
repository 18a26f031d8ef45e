"""catalogue import: a role page becomes a draft beside it, and the author hears what to look at again."""

from pathlib import Path

import pytest

from tests.conftest import Cli

PAGE = """\
Clerk Role Expectations
This page is not all of the job.
Responsibilities
- Keep the post moving
Office work
Mail
People wait for their letters.
New here (0-3 mos)
- Sort the mail
- Bring the mail to [bold]every[/bold] desk
At home here (3+ mos)
- Not required
"""


@pytest.fixture
def page(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A role page, in the folder where the program runs."""
    monkeypatch.chdir(cli.store.parent)
    path = Path("clerk.txt")
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_a_page_becomes_a_draft(cli: Cli, page: Path) -> None:
    """The screen tells where it is, what it holds and each doubtful line; the draft passes `check` and can be used."""
    run = cli("catalogue", "import", "clerk.txt")
    assert run.stdout == (
        "The draft is in clerk.yaml.\n"
        "What VS Code and PyCharm need to explain its fields is in ca-ladder.schema.json.\n"
        "It holds the role Clerk: 2 tiers, 1 task, 2 items.\n"
        "Look again at 2 lines of the page:\n"
        'clerk.txt:5: "Office work": a title over several tasks; left out\n'
        'clerk.txt:12: "Not required": no item: in this task the tier is not required\n'
    )
    assert run.stderr == ""
    assert page.read_text(encoding="utf-8") == PAGE
    assert cli("catalogue", "check", "clerk.yaml").stdout.startswith("clerk.yaml is in order")
    cli("init", "--name", "Ann", "--start", "2026-03-01", "--catalogue", "clerk.yaml")
    assert "Bring the mail to [bold]every[/bold] desk" in cli("show", "mail-02", "--catalogue", "clerk.yaml").stdout


def test_a_terminal_is_told_what_comes_next(cli: Cli, page: Path) -> None:
    """The next command stands there, ready to be typed; a page without doubts says so; lines break between words."""
    page.write_text(PAGE.replace("Office work\n", "").replace("Not required", "Teach"), encoding="utf-8")
    cli.terminal, cli.width = True, 60
    assert cli("catalogue", "import", "clerk.txt", "-o", "my draft.yaml").stdout == (
        "The draft is in my draft.yaml.\n"
        "What VS Code and PyCharm need to explain its fields is in\nca-ladder.schema.json.\n"
        "It holds the role Clerk: 2 tiers, 1 task, 3 items.\n"
        "Every line of the page was clear.\n"
        'Next: ca-ladder catalogue check "my draft.yaml"\n'
    )


def test_a_page_is_data(cli: Cli, page: Path) -> None:
    """Markup stays as it was typed, a control character never reaches the screen, and an old console shows the rest."""
    page.write_text("Clerk\n[red]Desk \x1b[2J\u2192[/red]\nMail\nWhy.\nYear 1\n- Sort", encoding="utf-8")
    cli.charset = "cp1252"
    screen = cli("catalogue", "import", "clerk.txt").stdout
    assert 'clerk.txt:2: "[red]Desk [2J\\u2192[/red]": a title over several tasks; left out\n' in screen


def test_an_old_file_is_left_as_it_is(cli: Cli, page: Path) -> None:
    """Neither a draft that somebody works on nor the page itself is written over: exit code 2."""
    cli("catalogue", "import", "clerk.txt")
    Path("clerk.yaml").write_text("mine", encoding="utf-8")
    assert "is there already" in cli("catalogue", "import", "clerk.txt", code=2).stderr
    assert (
        "the file name must end in .yaml" in cli("catalogue", "import", "clerk.txt", "-o", "clerk.txt", code=2).stderr
    )
    assert (Path("clerk.yaml").read_text(encoding="utf-8"), page.read_text(encoding="utf-8")) == ("mine", PAGE)


def test_a_page_that_cannot_be_read_is_told_in_one_line(cli: Cli, page: Path) -> None:
    """What is wrong and what to do, and no file is left behind."""
    Path("folder.md").mkdir()
    Path("plain.md").write_text("Clerk\n- Sort", encoding="utf-8")
    remedy = "Name a text or Markdown file, such as role.md."
    for name, error in {
        "folder.md": f"Error: The page folder.md cannot be read: it is not a file. {remedy}\n",
        "plain.md": (
            "Error: No tier was found on the page. Over the lines of each tier put a heading that says when it is, "
            "such as Starter (0-6 months), Year 1: Beginner or Level 1 - Junior, the same ones in every task.\n"
        ),
    }.items():
        run = cli("catalogue", "import", name, code=2)
        assert (run.stdout, run.stderr) == ("", error)
    assert list(Path().glob("*.yaml")) == []
