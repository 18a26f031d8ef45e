"""The program at a real terminal: what it asks, how it is answered, refused or broken off, and how it looks there."""

import os
import re
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from ca_ladder.cli.environment import system_origin
from tests.conftest import Cli

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals that a test could open", allow_module_level=True)

import pexpect
import pyte

# pexpect forks; xdist's threads are none of the child's business, it becomes another program at once.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]

INTERRUPT = "\x03"
PROGRAM = (sys.executable, "-m", "ca_ladder")

Environment = dict[str, str]


def environment(store: Path, changes: Environment) -> Environment:
    """Return the environment of a person at a terminal of today, with these changes."""
    left_out = ("CA_LADDER_", "NO_COLOR", "FORCE_COLOR", "COLUMNS")  # of whoever runs the tests
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {**inherited, "CA_LADDER_STORE": str(store), "TERM": "xterm-256color", "LANG": "C.UTF-8", **changes}


def _hear_ctrl_c() -> None:
    """Let the program hear Ctrl-C even where whoever runs the tests does not, as in a job in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Screen(pyte.Screen):
    """A screen that answers when the program asks where the cursor stands."""

    def __init__(self, child: "pexpect.spawn[str]", rows: int) -> None:
        super().__init__(100, rows)
        self._child = child

    def write_process_input(self, data: str) -> None:
        """Send the terminal's answer to the program."""
        self._child.send(data)


class Terminal:
    """A terminal with the program in it: keys go in, and a screen comes out as a person sees it."""

    def __init__(self, store: Path, *args: str, rows: int = 200, env: Environment | None = None) -> None:
        self._child = pexpect.spawn(
            PROGRAM[0],
            [*PROGRAM[1:], *args],
            env=environment(store, env or {}),
            preexec_fn=_hear_ctrl_c,
            dimensions=(rows, 100),
            timeout=30,
            encoding="utf-8",
        )
        self._screen = Screen(self._child, rows)
        self._stream = pyte.Stream(self._screen)
        self.printed = ""

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def until(self, words: str, gone: str = "\0") -> "Terminal":
        """Read on until these words are on the screen, and others are gone from it."""
        while words not in self.text or gone in self.text:
            try:
                self._read()
            except (pexpect.EOF, pexpect.TIMEOUT) as problem:
                raise AssertionError(f"{type(problem).__name__} before {words!r}:\n{self.text}") from None
        return self

    def type(self, keys: str) -> "Terminal":
        """Press these keys."""
        self._child.send(keys)
        return self

    def answer(self, question: str, typed: str) -> "Terminal":
        """Type a line, once the question is asked."""
        self.until(question)
        self._screen.reset()  # so that the next question is not mistaken for this
        return self.type(f"{typed}\r")

    def end(self, code: int = 0) -> "Terminal":
        """Read to the end, and check the exit code."""
        try:
            while True:
                self._read()
        except pexpect.EOF:
            self._child.close()
        assert (self._child.exitstatus, self._child.signalstatus) == (code, None), self.text
        return self

    def _read(self) -> None:
        data = self._child.read_nonblocking(4096, timeout=30)
        self.printed += data
        self._stream.feed(data)


@pytest.fixture
def ann(cli: Cli) -> Cli:
    """The program on a record begun long ago, with three items checked."""
    cli("init", "--name", "Ann Lee", "--start", "2026-01-05")
    cli("check", "cert-01", "cert-02", "chg-01", "--note", "Twice this week", "--evidence", "ticket 7")
    return cli


def check_here(ann: Cli) -> None:
    """Check an item from the account of this test, which is that of a terminal and may undo it."""
    ann.account, ann.computer = system_origin()
    ann("check", "cert-03")


def new_events(cli: Cli) -> list[tuple[str, str | None, str]]:
    """Return the kind, item and reason of each event after the three checks."""
    events = cli("log", "--json").json["events"][4:]
    return [(event["kind"], event.get("item"), event.get("because", "")) for event in events]


# --- what is asked --------------------------------------------------------------------------------------------


def test_init_asks_what_is_missing(cli: Cli) -> None:
    """Each question is answered, one not understood is asked again, and the record is as it was answered."""
    terminal = Terminal(cli.store, "init")
    terminal.answer("The trainee's name", "  ").answer("The name is empty", "Ann  Lee")
    terminal.answer("The first day in the role", "3/4/2026").answer("could be 2026-03-04 or 2026-04-03", "2026-01-05")
    terminal.answer("The role (client-advocate", "")
    terminal.answer("Does Ann Lee work in Middle Market?", "y")
    terminal.answer("Who signs off?", "Pat Lee, Sam Poe").answer("The manager's name", "Kim Novak").end()
    assert "Ann Lee is enrolled as Client Advocate, starting 2026-01-05." in terminal.text.replace("\n", " ")
    assert "Next: ca-ladder" in terminal.text
    cli.now = cli.now.replace(year=2100)
    trainee = cli("status", "--json").json["trainee"]
    assert [trainee[field] for field in ("name", "start", "role", "variants", "mentors", "manager")] == [
        *("Ann Lee", "2026-01-05", "client-advocate", ["middle-market"]),
        *(["Pat Lee", "Sam Poe"], "Kim Novak"),
    ]


def test_init_asks_nothing_that_was_given(cli: Cli) -> None:
    """Who says the name and the start is not held up by a question."""
    terminal = Terminal(cli.store, "init", "--name", "Ann", "--start", "today").end()
    assert terminal.text.startswith(f"Ann is enrolled as Client Advocate, starting {date.today()}.")


def test_the_picker_narrows_to_what_is_typed(ann: Cli) -> None:
    """Type a part of the id or text, choose with space, narrow again, and Enter checks what was chosen."""
    terminal = Terminal(ann.store, "check", "--note", "Alone", rows=24).until("mail-02")
    terminal.type("cert-05").until("cert-05  Process the policy endorsements", gone="mail-02")
    terminal.type(" ").until("● cert-05").type("\x7f" * 7).until("mail-02")
    terminal.type("payroll").until("aud-03  Explain", gone="mail-02").type(" ").until("● aud-03")
    assert new_events(ann) == []
    assert "Checked " in terminal.type("\r").end().text
    assert sorted(new_events(ann)) == [("check", "aud-03", ""), ("check", "cert-05", "")]


def test_the_numbered_fallback(ann: Cli) -> None:
    """A terminal that cannot draw lists the items with numbers, and asks again until it understands. Enter is none."""
    dumb = {"TERM": "dumb"}
    terminal = Terminal(ann.store, "check", env=dumb).answer("or Enter", "").end()
    assert "Nothing was chosen, nothing was changed." in terminal.text
    assert new_events(ann) == []
    terminal = Terminal(ann.store, "check", env=dumb).until("  1  ").answer("Numbers such as 1 3-5", "999")
    terminal.answer("The numbers go from 1 to", "two").answer('"two" is not a number', "0")
    terminal.answer("go from 1", "1, 3-4").end()
    assert [kind for kind, _, _ in new_events(ann)] == ["check"] * 3


def test_the_review_of_a_mentor(ann: Cli) -> None:
    """Item by item, with the words, note and evidence of the claim: sign, return with a reason, or go on."""
    terminal = Terminal(ann.store, "signoff", "--by", "Pat")
    terminal.until("Left out until chg-s2 is signed off: chg-01.")
    terminal.until("1 of 2  cert-01").until("Twice this week").until("ticket 7")
    terminal.answer("[q]uit?", "maybe").answer("Type s to sign", "s")
    terminal.until("2 of 2  cert-02").answer("[q]uit?", "return").answer("What is missing?", " ")
    terminal.answer("The reason is missing", "Show me once more").end()
    assert "Signed off: cert-01. Returned: cert-02. Still waiting: 0." in terminal.text
    assert "Undo (the whole review): ca-ladder undo" in terminal.text
    assert new_events(ann) == [("sign-off", "cert-01", ""), ("return", "cert-02", "Show me once more")]
    Terminal(ann.store, "undo", "--yes").end()
    states = {item["id"]: item["state"] for item in ann("list", "--json").json["items"]}
    assert (states["cert-01"], states["cert-02"]) == ("checked", "checked")


def test_ctrl_c_in_the_review_keeps_what_was_decided(ann: Cli) -> None:
    """Each decision is saved as it is made; breaking off loses none and adds none."""
    terminal = Terminal(ann.store, "signoff", "--by", "Pat").until("1 of 2").answer("[q]uit?", "s")
    terminal.until("2 of 2").until("[q]uit?").type(INTERRUPT).end(130)
    assert new_events(ann) == [("sign-off", "cert-01", "")]


def test_the_mentors_name_and_reason_are_asked_for(ann: Cli) -> None:
    """At a terminal nothing has to be known by heart."""
    terminal = Terminal(ann.store, "return", "cert-01")
    terminal.answer("Your name (the mentor's)", "").answer("Your name", "Pat").answer("The reason", "Not yet").end()
    assert "Returned cert-01 by Pat: Not yet" in terminal.text
    assert new_events(ann) == [("return", "cert-01", "Not yet")]


def test_the_trainee_is_refused_before_the_review(ann: Cli) -> None:
    """Nobody answers question after question only to hear that they may not sign."""
    terminal = Terminal(ann.store, "signoff").answer("Your name (the mentor's)", "ann lee").end(1)
    assert "Ann Lee is the trainee and cannot decide" in terminal.text
    assert "1 of 2" not in terminal.text
    assert new_events(ann) == []


def test_undo_says_what_it_takes_back_and_asks(ann: Cli) -> None:
    """A yes takes it back, and the answer says how to have it again."""
    check_here(ann)
    terminal = Terminal(ann.store, "undo").until("check of cert-03")
    terminal.until("Then cert-03 is open again.").answer("Undo it? [y/N]", "y").end()
    assert "Undone: cert-03 is open again." in terminal.text
    assert "Undo: ca-ladder redo" in terminal.text
    assert [kind for kind, _, _ in new_events(ann)] == ["check", "undo"]


# --- no is an answer, and so is Ctrl-C ----------------------------------------------------------------------------

SIGN_ALL = ["signoff", "--all", "--by", "Pat"]
REVIEW = ["signoff", "--by", "Pat"]


@pytest.mark.parametrize(
    ("args", "conversation", "code", "answer"),
    [
        (["check"], [("What can you do now?", ""), ("aud-01", "\r")], 0, "Nothing was chosen, nothing was changed."),
        (["undo"], [("check of cert-03", ""), ("Undo it? [y/N]", "n\r")], 0, "Nothing was changed."),
        (SIGN_ALL, [("cert-01  Explain", ""), ("Sign off 3 items as Pat? [y/N]", "n\r")], 0, "Nothing was changed."),
        (SIGN_ALL, [("chg-s2 is signed off: chg-01.", ""), ("as Pat?", INTERRUPT)], 130, "Stopped."),
        (REVIEW, [("[q]uit?", "\r"), ("2 of 3", "q\r")], 0, "Signed off: none. Returned: none. Still waiting: 3."),
        (["signoff"], [("Your name", INTERRUPT)], 130, "Stopped."),
        (["undo"], [("Undo it?", INTERRUPT)], 130, "Stopped."),
        (["check"], [("aud-01", " "), ("●", INTERRUPT)], 130, ""),
    ],
    ids=[
        *("picker left", "undo declined", "signoff --all declined", "signoff --all stopped"),
        *("review left", "signoff stopped", "undo stopped", "picker stopped"),
    ],
)
def test_a_no_and_ctrl_c_change_nothing(
    ann: Cli, args: list[str], conversation: list[tuple[str, str]], code: int, answer: str
) -> None:
    """Who chooses nothing, says no, skips, quits or breaks off leaves every byte of the record."""
    check_here(ann)
    before = ann.store.read_bytes()
    terminal = Terminal(ann.store, *args)
    for words, keys in conversation:
        terminal.until(words).type(keys)
    terminal.end(code)
    assert answer in terminal.text
    assert "Traceback" not in terminal.text
    assert ann.store.read_bytes() == before


QUESTIONS_OF_INIT = [
    ("The trainee's name", "Ann"),
    ("The first day in the role", "today"),
    ("The role", ""),
    ("Does Ann work in Middle Market?", "n"),
    ("Who signs off?", ""),
    ("The manager's name", ""),
]


@pytest.mark.parametrize("answered", range(len(QUESTIONS_OF_INIT)))
def test_ctrl_c_at_any_question_of_init_writes_nothing(cli: Cli, answered: int) -> None:
    """Broken off before the last answer, there is no record and no trace of one: exit 130."""
    terminal = Terminal(cli.store, "init")
    for question, answer in QUESTIONS_OF_INIT[:answered]:
        terminal.answer(question, answer)
    terminal.until(QUESTIONS_OF_INIT[answered][0]).type(INTERRUPT).end(130)
    assert "Traceback" not in terminal.text
    assert list(cli.store.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("args", "code", "answer"),
    [
        (["check"], 2, "The ID of an item is missing."),
        (["signoff", "--by", "Pat"], 2, "The ID of an item is missing."),
        (["signoff", "cert-01"], 2, "Who decides is missing."),
        (SIGN_ALL, 2, "Add --yes to do it"),
        (["return", "cert-01", "--by", "Pat"], 2, "The reason is missing."),
        (["undo"], 2, "This would undo the check of cert-03. Add --yes to do it."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_no_input_never_asks(ann: Cli, args: list[str], code: int, answer: str) -> None:
    """With --no-input a terminal gets the same answer as a script: what is missing, or what was done."""
    check_here(ann)
    terminal = Terminal(ann.store, *args, "--no-input").end(code)
    assert answer in terminal.text
    assert "?" not in terminal.text


def test_no_input_never_asks_at_init(cli: Cli) -> None:
    """Nothing is begun on answers nobody gave."""
    assert "The trainee's name is missing." in Terminal(cli.store, "init", "--no-input").end(2).text
    assert list(cli.store.parent.iterdir()) == []


# --- looks ----------------------------------------------------------------------------------------------------

VIEWS: tuple[list[str], ...] = (["status"], ["next"], ["list"], ["show", "cert-01"], ["log"], ["report"], [])
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;\d+)*m")


def piped(store: Path, *args: str, env: Environment | None = None) -> str:
    """Return what the program prints into a pipe."""
    done = subprocess.run(
        [*PROGRAM, *args],
        env=environment(store, env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def at_terminal(store: Path, *args: str, env: Environment | None = None) -> str:
    """Return what the program prints at a terminal."""
    return Terminal(store, *args, env=env).end().printed


@pytest.mark.parametrize("args", VIEWS, ids=lambda args: " ".join(args) or "bare")
def test_rules_hints_and_styles_only_at_a_terminal(ann: Cli, args: list[str]) -> None:
    """A person gets ruled tables, styles and what to type next; a pipe gets plain rows and nothing else."""
    seen, read = at_terminal(ann.store, *args), piped(ann.store, *args)
    assert ("─" in seen, "─" in read) == (True, False)
    assert ("\x1b[" in seen, "\x1b" in read) == (True, False)
    assert ("Next" in seen, "Next" in read) == (args[:1] not in (["log"], ["report"]), False)


@pytest.mark.parametrize(
    ("options", "changes"),
    [([], {"NO_COLOR": "1"}), (["--color", "never"], {}), (["--color", "never"], {"FORCE_COLOR": "1"})],
    ids=["NO_COLOR", "never", "never against FORCE_COLOR"],
)
def test_no_colour_where_none_is_wanted(ann: Cli, options: list[str], changes: dict[str, str]) -> None:
    """The terminal shows the same without a colour: every state still has its sign and word."""
    coloured, plain = at_terminal(ann.store, "list"), at_terminal(ann.store, "list", *options, env=changes)
    assert COLOUR.search(coloured)
    assert not COLOUR.search(plain)
    assert re.sub(r"\x1b\[[\d;]*m", "", plain) == re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert "◐ checked" in plain


@pytest.mark.parametrize(
    ("options", "changes"),
    [([], {"FORCE_COLOR": "1"}), (["--color", "always"], {}), (["--color=always"], {"NO_COLOR": "1"})],
    ids=["FORCE_COLOR", "always", "always against NO_COLOR"],
)
def test_colour_in_a_pipe_where_it_is_wanted(ann: Cli, options: list[str], changes: dict[str, str]) -> None:
    """For `less -R` and the logs of a build: the option says more than the environment."""
    plain, coloured = piped(ann.store, "list"), piped(ann.store, "list", *options, env=changes)
    assert COLOUR.search(coloured)
    assert re.sub(r" *\x1b\[[\d;]*m *", " ", coloured).split() == plain.split()


def test_a_terminal_that_knows_no_colour_gets_none(ann: Cli) -> None:
    """TERM=dumb: not one escape sequence."""
    assert "\x1b" not in at_terminal(ann.store, "status", env={"TERM": "dumb"})


def test_json_is_the_same_everywhere(ann: Cli) -> None:
    """At a terminal, in a pipe, coloured or not: one document."""
    read = piped(ann.store, "list", "--json")
    assert at_terminal(ann.store, "list", "--json").replace("\r\n", "\n") == read
    assert piped(ann.store, "list", "--json", "--color", "always", env={"FORCE_COLOR": "1"}) == read
