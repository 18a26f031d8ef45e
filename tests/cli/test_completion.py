"""Tab completes commands, ids with their text, tasks and tiers, in the shells themselves, and runs nothing else."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Cli, tool

SHELLS = ("bash", "zsh", "fish", "powershell")
FOLDER = Path(sys.executable).parent
PROGRAM = str(FOLDER / "ca-ladder")
posix = pytest.mark.skipif(os.name == "nt", reason="these shells are asked through a pseudo-terminal")
# pexpect forks; xdist's threads are none of the child's business, it becomes another program at once.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("home"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


@pytest.fixture
def home(tmp_path: Path, maria: Cli, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home of a person with a record; what runs in this test finds it in its environment."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.delenv("CA_LADDER_CATALOGUE", raising=False)
    for name, value in {
        "HOME": str(home),
        "ZDOTDIR": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "CA_LADDER_STORE": str(maria.store),
        "PATH": f"{FOLDER}{os.pathsep}{os.environ['PATH']}",
        "TERM": "dumb",
        "LANG": "C.UTF-8",
    }.items():
        monkeypatch.setenv(name, value)
    return home


def printed_by(*command: str, **environment: str) -> str:
    """Return what the command printed; it must succeed and print nothing on stderr."""
    completed = subprocess.run(
        command,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (completed.returncode, completed.stderr) == (0, "")
    return completed.stdout


def offers(shell: str, line: str, **environment: str) -> list[str]:
    """Ask the program as the shell's script does after Tab at the end of this line; return the lines it answers."""
    words = line.split(" ")
    protocol = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
        "powershell": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_WORD_TO_COMPLETE": words[-1]},
    }[shell]
    environment |= {"_CA_LADDER_COMPLETE": f"complete_{shell}", **protocol}
    return printed_by(PROGRAM, **environment).strip("\n").splitlines()


# --- the script -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_printed_and_no_profile_is_touched(home: Path, shell: str) -> None:
    """`completion` prints; it is for the person to keep it. Nothing in the home appears or changes."""
    profiles = [home / name for name in (".bashrc", ".zshrc", ".config/fish/config.fish")]
    for profile in profiles:
        profile.parent.mkdir(parents=True, exist_ok=True)
        profile.write_text("# mine\n", encoding="utf-8")
    before = sorted(home.rglob("*"))
    script = printed_by(PROGRAM, "completion", shell)
    assert "_CA_LADDER_COMPLETE" in script
    assert f"complete_{shell}" in script
    assert "To keep it" not in script
    offers(shell, "ca-ladder check cert-0")
    assert sorted(home.rglob("*")) == before
    assert {profile.read_text(encoding="utf-8") for profile in profiles} == {"# mine\n"}


def test_at_a_terminal_the_script_says_how_to_keep_it(cli: Cli) -> None:
    """The hint is a comment of the shell, so that it does no harm in the script."""
    cli.terminal = True
    hint = cli("completion", "bash").stdout.splitlines()[-1]
    assert hint == "# To keep it, append it to ~/.bashrc: ca-ladder completion bash >> ~/.bashrc"


# --- the protocol ---------------------------------------------------------------------------------------------

CATALOGUE = """\
version: "1"
roles:
  - id: client-advocate
    name: R
    variants: [{id: middle-market, name: M}]
    tiers: [{id: 0-3, title: First, months: {from: 0, until: 3}}, {id: 3-6, title: Second, months: {from: 3}}]
    tasks:
      - id: calls
        name: Calls with clients
        why: Because
        expectations:
          0-3:
            - {id: call-01, text: Greet}
            - {id: call-02, text: Listen}
"""


@pytest.fixture
def two_calls(home: Path, catalogue: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every program of the test use a catalogue with two items."""
    monkeypatch.setenv("CA_LADDER_CATALOGUE", str(catalogue(CATALOGUE)))


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("ca-ladder che", ["check"]),
        ("ca-ladder check call-", ["call-01", "call-02"]),
        ("ca-ladder check CALL-01 call-", ["call-01", "call-02"]),
        ("ca-ladder signoff call-02", ["call-02"]),
        ("ca-ladder show c", ["calls", "call-01", "call-02"]),
        ("ca-ladder status --tier ", ["0-3", "3-6"]),
        ("ca-ladder status --task ca", ["calls"]),
        ("ca-ladder status --ti", ["--tier"]),
        ("ca-ladder catalogue ro", ["roles"]),
        ("ca-ladder check nothing", []),
    ],
)
@pytest.mark.usefixtures("two_calls")
def test_what_is_offered(line: str, offered: list[str]) -> None:
    """Commands, options, the trainee's ids, tasks and tiers, each where it belongs."""
    assert offers("bash", line) == offered


@pytest.mark.usefixtures("two_calls")
def test_ids_come_with_their_text() -> None:
    """The shells that can show it tell what each id stands for."""
    line = "ca-ladder check call-"
    assert offers("zsh", line) == ["""_arguments '*: :(("call-01":"Greet\"""", """"call-02":"Listen"))\'"""]
    assert offers("fish", line) == ["call-01\tGreet", "call-02\tListen"]
    assert offers("powershell", line) == ["call-01:::Greet", "call-02:::Listen"]


@pytest.mark.parametrize("columns", ["", "40", "200"])
@pytest.mark.parametrize(("shell", "separator"), [("fish", "\t"), ("powershell", ":::")])
def test_each_offer_is_one_line_however_long_its_text(shell: str, separator: str, columns: str) -> None:
    """These shells read one offer from each line: the rest of a long text must not become an offer of its own."""
    ids = offers("bash", "ca-ladder check ")
    assert len(ids) > 100
    assert [line.split(separator)[0] for line in offers(shell, "ca-ladder check ", COLUMNS=columns)] == ids


def test_the_store_and_catalogue_of_the_line_are_those_asked(home: Path, catalogue: Callable[[str], Path]) -> None:
    """Options that stand before the word under the cursor count, as they will when the command runs."""
    path = catalogue(CATALOGUE)
    assert offers("bash", f"ca-ladder check --catalogue {path} call-") == ["call-01", "call-02"]
    assert offers("bash", f"ca-ladder show --store {home / 'none.json'} --catalogue {path} call-01") == ["call-01"]


@pytest.mark.parametrize("damage", ["no record", "a damaged record", "no catalogue", "a faulty catalogue"])
def test_tab_never_fails_and_never_writes(home: Path, maria: Cli, damage: str) -> None:
    """Whatever is wrong is told when the command runs; Tab offers what it can, in silence, and touches no record."""
    environment: dict[str, str] = {}
    if damage == "no record":
        maria.store.unlink()
    elif damage == "a damaged record":
        maria.store.write_text("{", encoding="utf-8")
    else:
        environment["CA_LADDER_CATALOGUE"] = str(home.parent / "c.yaml")
    if damage == "a faulty catalogue":
        (home.parent / "c.yaml").write_text("roles: []", encoding="utf-8")

    def files() -> dict[Path, bytes]:  # but for what can be made again at any time
        paths = (path for path in home.parent.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in paths if not path.name.startswith("catalogue-")}

    before = files()
    offered = offers("bash", "ca-ladder check cert-01", **environment)
    assert offered == ([] if "catalogue" in damage else ["cert-01"])
    assert files() == before


# --- the shells themselves ------------------------------------------------------------------------------------


def screen_after_tab(shell: str, home: Path, line: str) -> str:
    """Return what an interactive shell, with the script sourced, shows after this line and Tab, twice."""
    import pexpect

    program = tool(shell)
    script = home.parent / "script"
    script.write_text(printed_by(PROGRAM, "completion", shell), encoding="utf-8")
    if shell == "fish":
        return printed_by(program, "--no-config", "-c", f"source {script}; complete --do-complete '{line}'")
    options, begin = {
        "bash": (["--norc", "--noprofile", "-i"], f"source {script}"),
        "zsh": (["-f", "-i"], f"autoload -Uz compinit; compinit -u -D; source {script}"),
    }[shell]
    session = pexpect.spawn(program, options, dimensions=(100, 300), timeout=30, encoding="utf-8")
    session.sendline(f"PS1='' PROMPT='' ; {begin} ; echo READY-$((6*7))")
    session.expect("READY-42")
    session.send(f"{line}\t\t")
    session.send("\x15")  # leave the line, and say so: all that Tab did has come before
    session.sendline("echo DONE-$((6*7))")
    session.expect("DONE-42")
    session.close(force=True)
    return str(session.before)


real_shells = pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])


@posix
@real_shells
@pytest.mark.usefixtures("two_calls")
def test_the_shell_itself_offers_ids_with_their_text(home: Path, shell: str) -> None:
    """The printed script works in the real shell; bash alone has no place for the text. An only offer is completed."""
    screen = screen_after_tab(shell, home, "ca-ladder check call-0")
    assert "call-01" in screen
    assert "call-02" in screen
    assert ("Greet" in screen, "Listen" in screen) == (shell != "bash", shell != "bash")
    assert "calls" in screen_after_tab(shell, home, "ca-ladder status --task ca")


HOSTILE = [
    "[x] and [/red] and [bold]",
    """He said "so" and 'so'""",
    "Read $(touch CANARY) it",
    "Read `touch CANARY` it",
    "Costs $HOME or ${HOME} or $5",
    """'; touch CANARY; ' "; touch CANARY; " ')); touch CANARY; ((' """,
    "(touch CANARY)",
    r"a;b & c | d > CANARY < e \ f # g ! h * i ? j ~ k : l % m = n",
    "\x1b[31mred\x1b[0m \x07 \u202eevil",
    "one\ntwo\tthree",
]


def with_hostile_texts(canary: str) -> tuple[str, list[str]]:
    """Return a catalogue with an item for each hostile text, and the items' ids."""
    lines = {}
    for number, text in enumerate(HOSTILE):
        escaped = "".join(f"\\U{ord(char):08x}" for char in text.replace("CANARY", f"{canary}-{number}"))
        lines[f"call-0{number}"] = f'            - {{id: call-0{number}, text: "{escaped}"}}\n'
    return CATALOGUE.partition("            - {id: call-01")[0] + "".join(lines.values()), list(lines)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_hostile_text_is_one_harmless_offer(catalogue: Callable[[str], Path], shell: str) -> None:
    """As the program answers each shell: an id on each line, in their order, and nothing that a terminal obeys."""
    text, ids = with_hostile_texts("CANARY")
    lines = offers(shell, "ca-ladder check call-", CA_LADDER_CATALOGUE=str(catalogue(text)))
    assert [id_ for id_, line in zip(ids, lines, strict=True) if id_ not in line] == []
    assert [line for line in lines if not line.replace("\t", " ").isprintable()] == []


@posix
@real_shells
def test_the_shell_runs_nothing_of_a_hostile_text(
    home: Path, catalogue: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    """Tab in the real shell offers every id, and executes and expands nothing of what they say."""
    text, ids = with_hostile_texts(str(home / "CANARY"))
    monkeypatch.setenv("CA_LADDER_CATALOGUE", str(catalogue(text)))
    screen = screen_after_tab(shell, home, "ca-ladder check call-0")
    assert [id_ for id_ in ids if id_ not in screen] == []
    assert [path.name for path in home.iterdir() if "CANARY" in path.name] == []
    assert ("$HOME" in screen) == (shell != "bash")


# Names of files that a shell would run, expand or split.
NAMES_TO_RUN = [r"\$(touch CANARY)", "$(touch CANARY)", "`touch CANARY`", 'a"$(touch CANARY)"', "a;touch b", "a\nb"]


@pytest.fixture
def team(home: Path, maria: Cli, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a team in which somebody has given records such names."""
    folder = home / "team"
    folder.mkdir()
    for stem in ("Mae Lopez", "mia.lopez", *NAMES_TO_RUN):
        maria("init", "--name=Ann", "--start=2026-01-05", f"--store={folder / f'{stem}.json'}")
    monkeypatch.chdir(home)
    return folder


@posix
@pytest.mark.parametrize("shell", SHELLS)
def test_only_what_every_shell_takes_literally_is_offered(team: Path, shell: str) -> None:
    """A file's name that a shell would run is left out; a blank in it becomes a hyphen, which is understood."""
    first, second = offers(shell, f"ca-ladder status --store {team} --trainee ")
    assert ("Mae-Lopez" in first, "mia.lopez" in second) == (True, True)
    assert printed_by(PROGRAM, "status", f"--store={team}", "--trainee=Mae-Lopez").startswith("Ann")


@posix
@real_shells
def test_the_shell_runs_nothing_of_a_files_name(team: Path, home: Path, shell: str) -> None:
    """Whoever may write to the shared folder runs nothing on the computer of whoever presses Tab."""
    screen = screen_after_tab(shell, home, f"ca-ladder status --store {team} --trainee ")
    assert "mia.lopez" in screen
    assert [path.name for path in home.iterdir() if "CANARY" in path.name] == []
