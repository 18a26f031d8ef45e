"""What a short command loads is what it uses: loading is most of its time."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Cli

# Told as the program ends, whichever way.
TELL = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
RUN = f"{TELL}; sys.argv[0] = 'ca-ladder'; from ca_ladder.cli.main import main; main()"

ALWAYS = """
    ca_ladder ca_ladder.errors
    ca_ladder.catalogue ca_ladder.catalogue.cache ca_ladder.catalogue.files ca_ladder.catalogue.lookup
    ca_ladder.catalogue.models
    ca_ladder.cli ca_ladder.cli.app ca_ladder.cli.commands ca_ladder.cli.completion ca_ladder.cli.context
    ca_ladder.cli.dates ca_ladder.cli.environment ca_ladder.cli.main ca_ladder.cli.options ca_ladder.cli.parsing
    ca_ladder.cli.paths ca_ladder.cli.printing ca_ladder.cli.repository ca_ladder.cli.streams
    ca_ladder.progress ca_ladder.progress.clock ca_ladder.progress.pace ca_ladder.progress.results
    ca_ladder.progress.trainee
    ca_ladder.record ca_ladder.record.atomic_file ca_ladder.record.causality ca_ladder.record.events
    ca_ladder.record.fingerprint ca_ladder.record.folder ca_ladder.record.migrations ca_ladder.record.names
    ca_ladder.record.projection ca_ladder.record.record ca_ladder.record.rules ca_ladder.record.store
    ca_ladder.record.tier_completion
    ca_ladder.renderers ca_ladder.renderers.display ca_ladder.renderers.phrases
"""
FOR_STATUS = """
    ca_ladder.cli.commands.views ca_ladder.progress.history
    ca_ladder.renderers.screens ca_ladder.renderers.screens.status
"""
FOR_COMPLETION = "ca_ladder.cli.commands.checks ca_ladder.cli.prompts ca_ladder.cli.record_args"

LIBRARIES = {"annotated_doc", "msgspec", "platformdirs", "shellingham", "typer", "typing_extensions"}

# Python's own that are heavy, and that no short command has a use for.
HEAVY = {"asyncio", "concurrent", "email", "http", "importlib.metadata", "json", "multiprocessing"}
HEAVY |= {"socket", "sqlite3", "ssl", "unittest", "xml", "zipfile"}


def loaded(cli: Cli, *arguments: str, **environment: str) -> set[str]:
    """Return the modules that the program has loaded when it ends, but for what Python and its tools load anyway."""
    found = []
    for code in (TELL, RUN):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env={**os.environ, "CA_LADDER_STORE": str(cli.store), **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(set(done.stderr.split()))
    return found[1] - found[0]


def own(modules: set[str]) -> set[str]:
    """Return those that are ca-ladder's."""
    return {name for name in modules if name.partition(".")[0] == "ca_ladder"}


def libraries(modules: set[str]) -> set[str]:
    """Return the libraries that the others belong to, without Python's own."""
    return {name.partition(".")[0] for name in modules} - {"ca_ladder"} - sys.stdlib_module_names


def test_status_loads_what_it_shows_with_and_no_more(maria: Cli) -> None:
    """No YAML reader, no pydantic, nothing that writes, no other command, no other format."""
    maria("status")  # the catalogue is kept for the next time
    modules = loaded(maria, "status")
    assert own(modules) == {*ALWAYS.split(), *FOR_STATUS.split()}
    assert libraries(modules) == LIBRARIES | {"rich"}
    assert modules & HEAVY == set()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("arguments", [["status"], ["list"], ["--help"]], ids=lambda arguments: arguments[0])
def test_what_cannot_be_printed_is_told_once(maria: Cli, arguments: list[str]) -> None:
    """A pipe or file that takes no more: one line, exit 5, and nothing in Python's own words as the program ends."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ca_ladder", *arguments],
            env={**environment, "CA_LADDER_STORE": str(maria.store)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 5
    assert re.fullmatch(r"Error: .*[Nn]o space left on device.*\n", done.stderr)


def test_completion_loads_no_screen(maria: Cli) -> None:
    """Whoever presses Tab waits for it: of Rich nothing is loaded, and of the commands the one that is typed."""
    maria("status")
    modules = loaded(
        maria, _CA_LADDER_COMPLETE="complete_bash", COMP_WORDS="ca-ladder check cert-", COMP_CWORD="2", COLUMNS="80"
    )
    assert own(modules) == {*ALWAYS.split(), *FOR_COMPLETION.split()}
    assert libraries(modules) == LIBRARIES
    assert modules & HEAVY == set()
