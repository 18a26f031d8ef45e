"""The entry point: a short command loads only what it uses, and each way to end is one line."""

import os
import re
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from ca_ladder.cli.main import main
from tests.conftest import Cli

# Prints the loaded modules as the program ends, whichever way.
PRINT_MODULES = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
RUN = f"{PRINT_MODULES}; sys.argv[0] = 'ca-ladder'; from ca_ladder.cli.main import main; main()"

ALWAYS = """
    ca_ladder ca_ladder.errors
    ca_ladder.catalogue ca_ladder.catalogue.cache ca_ladder.catalogue.files ca_ladder.catalogue.lookup
    ca_ladder.catalogue.models
    ca_ladder.cli ca_ladder.cli.app ca_ladder.cli.commands ca_ladder.cli.completion ca_ladder.cli.context
    ca_ladder.cli.dates ca_ladder.cli.environment ca_ladder.cli.main ca_ladder.cli.options ca_ladder.cli.parsing
    ca_ladder.cli.paths ca_ladder.cli.printing ca_ladder.cli.repository
    ca_ladder.progress ca_ladder.progress.clock ca_ladder.progress.results ca_ladder.progress.trainee
    ca_ladder.record ca_ladder.record.atomic_file ca_ladder.record.causality ca_ladder.record.events
    ca_ladder.record.fingerprint ca_ladder.record.folder ca_ladder.record.judging ca_ladder.record.names
    ca_ladder.record.projection ca_ladder.record.record ca_ladder.record.rules ca_ladder.record.store
    ca_ladder.record.tier_completion ca_ladder.record.witness
    ca_ladder.renderers ca_ladder.renderers.display ca_ladder.renderers.phrases
"""
FOR_STATUS = """
    ca_ladder.cli.commands.views ca_ladder.progress.history
    ca_ladder.renderers.screens ca_ladder.renderers.screens.status
"""
FOR_COMPLETION = """
    ca_ladder.cli.commands.checks ca_ladder.cli.prompts ca_ladder.cli.record_args
    ca_ladder.record.actor ca_ladder.record.commands
"""

LIBRARIES = {"annotated_doc", "msgspec", "platformdirs", "shellingham", "typer", "typing_extensions"}

# Python's own that are heavy, and that no short command has a use for.
HEAVY = {"asyncio", "concurrent", "email", "http", "importlib.metadata", "json", "multiprocessing"}
HEAVY |= {"socket", "sqlite3", "ssl", "unittest", "xml", "zipfile"}


def loaded(cli: Cli, *arguments: str, **environment: str) -> tuple[set[str], set[str]]:
    """Run the program; return the modules of ca-ladder that it loaded, and the libraries and heavy modules."""
    modules = []
    for code in (PRINT_MODULES, RUN):
        completed = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env={**os.environ, "CA_LADDER_STORE": str(cli.store), **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        modules.append(set(completed.stderr.split()))
    added = modules[1] - modules[0]  # Python and its tools load the others anyway
    by_package = {name: name.partition(".")[0] for name in added}
    libraries = set(by_package.values()) - {"ca_ladder"} - sys.stdlib_module_names
    return {name for name in added if by_package[name] == "ca_ladder"}, libraries | (added & HEAVY)


def test_status_loads_what_it_shows_with_and_no_more(maria: Cli) -> None:
    """No YAML reader, no pydantic, nothing that writes, no other command, no other format."""
    maria("status")  # the catalogue is kept for the next time
    assert loaded(maria, "status") == ({*ALWAYS.split(), *FOR_STATUS.split()}, LIBRARIES | {"rich"})


def test_completion_loads_no_screen(maria: Cli) -> None:
    """Whoever presses Tab waits for it: of Rich nothing is loaded, and of the commands the one that is typed."""
    maria("status")
    tab = {"_CA_LADDER_COMPLETE": "complete_bash", "COMP_WORDS": "ca-ladder check cert-", "COMP_CWORD": "2"}
    assert loaded(maria, **tab, COLUMNS="80") == ({*ALWAYS.split(), *FOR_COMPLETION.split()}, LIBRARIES)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("arguments", [["status"], ["list"], ["--help"]], ids=lambda arguments: arguments[0])
def test_what_cannot_be_printed_is_reported_once(maria: Cli, arguments: list[str]) -> None:
    """A pipe or file that takes no more: one line, exit 5, and nothing in Python's own words as the program ends."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("w") as full:
        completed = subprocess.run(
            [sys.executable, "-m", "ca_ladder", *arguments],
            env={**environment, "CA_LADDER_STORE": str(maria.store)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert completed.returncode == 5
    assert re.fullmatch(r"Error: .*[Nn]o space left on device.*\n", completed.stderr)


@pytest.mark.parametrize(
    ("problem", "code", "message"),
    [
        (ValueError("x\ny"), 1, "This is a bug in ca-ladder, not your mistake (ValueError: x). "),
        (OSError(5, "Gone"), 5, "Error: The system refused to go on (OSError: [Errno 5] Gone). "),
    ],
)
def test_a_bug_and_a_failing_system_are_reported_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], problem: Exception, code: int, message: str
) -> None:
    """Nobody but who asks for it sees a trace."""
    monkeypatch.setattr("ca_ladder.cli.app.app", Mock(side_effect=problem))
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == code
    printed = capsys.readouterr().err
    assert (printed.startswith(message), printed.count("\n")) == (True, 1)
    monkeypatch.setattr("sys.argv", ["ca-ladder", "--debug"])
    with pytest.raises(type(problem)):
        main()


@pytest.mark.parametrize("group", [[], ["catalogue"], ["record"]], ids=lambda group: " ".join(group) or "all")
def test_a_narrow_terminal_cuts_no_line_of_the_help_off(group: list[str]) -> None:
    """At 60 columns the line of a command goes on below."""
    completed = subprocess.run(
        [sys.executable, "-m", "ca_ladder", *group, "--help"],
        env={**os.environ, "COLUMNS": "60"},
        capture_output=True,
        text=True,
        check=True,
    )
    _, *lines = completed.stdout.splitlines()  # the first is the usage, which has dots of its own
    assert not [line for line in lines if line.endswith(("...", "…")) or len(line) > 60]


@pytest.mark.parametrize("columns", ["", "wide", "-1", "0", "10000", "²", "9" * 5000, "0000" + "9" * 5000])
def test_a_width_that_makes_no_sense_is_ignored(maria: Cli, columns: str) -> None:
    """A number in the environment that nobody can mean is as good as none, however long it is."""
    expected = maria("status").stdout
    maria.env["COLUMNS"] = columns
    assert maria("status").stdout == expected
    maria.env["COLUMNS"] = "60"
    assert max(map(len, maria("status").stdout.splitlines())) <= 60


def without_reader(cli: Cli, *args: str, **environment: str) -> tuple[int, str]:
    """Run the program into a pipe that nobody reads; return its exit code and what it said on stderr."""
    reader, pipe = os.pipe()
    os.close(reader)
    completed = subprocess.run(
        [sys.executable, "-m", "ca_ladder", *args],
        env={**os.environ, "CA_LADDER_STORE": str(cli.store), **environment},
        stdout=pipe,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(pipe)
    return completed.returncode, completed.stderr


@pytest.mark.parametrize(
    "command",
    ["", "status", "log", "list --json", "report --format csv", "--help", "--version", "check --help", "record"],
)
def test_a_reader_that_closes_the_pipe_ends_a_command_quietly(maria: Cli, command: str) -> None:
    """In `log | head -1` nothing has failed."""
    assert without_reader(maria, *command.split()) == (0, "")


def test_without_a_reader_tab_is_quiet_too(maria: Cli) -> None:
    """The shell may give up before the answer comes."""
    tab = {"_CA_LADDER_COMPLETE": "complete_bash", "COMP_WORDS": "ca-ladder check cert-0", "COMP_CWORD": "2"}
    assert without_reader(maria, **tab) == (0, "")


def test_a_command_does_its_work_without_a_reader(maria: Cli) -> None:
    """What it changes is changed, and its exit code is that of its work: `undo` prints before it acts."""
    assert without_reader(maria, "check", "cert-01") == (0, "")
    assert without_reader(maria, "undo", "--yes") == (0, "")
    assert [event["kind"] for event in maria("log", "--json").json["events"]] == ["enrol", "check", "undo"]
    code, error = without_reader(maria, "check", "cert-99")
    assert (code, error[:6]) == (2, "Error:")
    maria.store.write_text(maria.store.read_text(encoding="utf-8").replace("cert-01", "cert-02"), encoding="utf-8")
    assert without_reader(maria, "record", "verify")[0] == 7
