"""Runs the program for tests: the environment is an argument, and exit code 0 is asserted by default."""

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from typer.main import get_command
from typer.testing import CliRunner

from ca_ladder.catalogue.cache import read_catalogue
from ca_ladder.catalogue.files import shipped_path
from ca_ladder.cli.app import app
from ca_ladder.cli.environment import RunEnvironment
from tests.catalogues import OFFICE

# A busy machine must not fail a test, so Hypothesis sets no deadline.
settings.register_profile("ca-ladder", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ca-ladder")
NIGHTLY = bool(os.environ.get("CA_LADDER_NIGHTLY"))


def many_examples(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a property test as slow and give it 500 examples, or 5,000 at night (`.ci/run --nightly`)."""
    pytest.mark.slow(test)
    return settings(max_examples=5000 if NIGHTLY else 500)(test)


def forged_id(raw: dict[str, Any]) -> str:
    """Return the id that fits these plain values of an event, by the rule in docs/store.md alone."""
    content = {name: value for name, value in raw.items() if name != "id"}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def laid_out(content: dict[str, Any]) -> bytes:
    """Return a record's document in the layout of its file, by the rule in docs/store.md alone."""
    *head, (_, events) = content.items()

    def canonical(value: Any) -> str:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def line(event: Any) -> str:
        if not isinstance(event, dict):
            return canonical(event)
        content = {name: value for name, value in event.items() if name != "id"}
        return f'{{"id":"{event["id"]}",{canonical(content)[1:]}'

    fields = ",".join(f'"{name}":{canonical(value)}' for name, value in head)
    return ("{" + fields + ',"events":[\n' + ",\n".join(map(line, events)) + "\n]}\n").encode("utf-8")


# The program is put together once; a command is built where it is run first.
PROGRAM = get_command(app)
NOON = datetime(2026, 3, 16, 12, tzinfo=UTC)  # a Monday


@dataclass
class RunResult:
    """What a run printed, without trailing blanks."""

    stdout: str
    stderr: str
    exit_code: int

    @property
    def json(self) -> Any:
        """The JSON document on stdout."""
        return json.loads(self.stdout)


@dataclass
class Cli:
    """Runs commands on one store as one account. Each run is a second later than the one before."""

    store: Path
    now: datetime = NOON
    account: str = "maria"
    computer: str = "PC-1"
    terminal: bool = False
    width: int | None = None
    charset: str = "utf-8"
    env: dict[str, str | None] = field(default_factory=dict)

    def clock(self) -> datetime:
        """Return the moment."""
        return self.now

    def __call__(
        self, *args: str, code: int | None = 0, answers: str | None = None, as_: str | None = None
    ) -> RunResult:
        """Run the program with these arguments. ``answers`` are typed at its questions, one per line.

        With ``code`` None, any exit code will do.
        """
        self.now += timedelta(seconds=1)
        surroundings = RunEnvironment(
            clock=self.clock,
            origin=(as_ or self.account, self.computer),
            terminal=self.terminal,
            interactive=answers is not None,
            width=self.width,
            zone=UTC,
        )
        environment = {
            "CA_LADDER_STORE": str(self.store),
            "CA_LADDER_CATALOGUE": None,
            "CA_LADDER_USER": None,
            "COLUMNS": None,
            "NO_COLOR": None,
            "FORCE_COLOR": None,
            "TERM": "dumb",
        }
        runner = CliRunner(charset=self.charset)
        with runner.isolation(answers, {**environment, **self.env}) as (stdout, stderr, _):
            exit_code: object = None
            try:
                PROGRAM.main(list(args), prog_name="ca-ladder", obj=surroundings)
            except SystemExit as end:  # always so; it is not kept, since it would keep the frames of the test
                exit_code = end.code
            sys.stdout.flush()
            sys.stderr.flush()
            assert isinstance(exit_code, int)
            run = RunResult(self._read(stdout), self._read(stderr), exit_code)
        assert code in {None, run.exit_code}, f"exit {run.exit_code}, not {code}\n{run.stdout}\n{run.stderr}"
        return run

    def _read(self, stream: BytesIO) -> str:
        text = stream.getvalue().decode(self.charset, "replace").replace("\r\n", "\n")
        return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)

    def on_day(self, day: str) -> "Cli":
        """Go on at noon of this day."""
        self.now = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        return self


def screen(text: str) -> str:
    """Return a screen that stands indented in a test."""
    return dedent(text).lstrip("\n")


def masked(text: str) -> str:
    """Return text with its fingerprints replaced. They differ for every new record."""
    return re.sub(r"\d+(-[0-9a-f]{4}){5}", "FINGERPRINT", text)


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """The program without a record."""
    return Cli(store=tmp_path / "record.json")


@pytest.fixture
def maria(cli: Cli) -> Cli:
    """The program with the record of Maria Lopez, Middle Market, who started on 5 January 2026."""
    cli("init", "--name", "Maria Lopez", "--start", "2026-01-05", "--variant", "middle-market")
    return cli


@pytest.fixture
def catalogue(tmp_path: Path) -> Callable[[str], Path]:
    """Write a catalogue's text to a file and return its path."""

    def write(text: str) -> Path:
        path = tmp_path / "catalogue.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def office(cli: Cli, catalogue: Callable[[str], Path]) -> Cli:
    """The program with the catalogue of the office, and no record yet."""
    cli.env = {"CA_LADDER_CATALOGUE": str(catalogue(OFFICE))}
    return cli


def tool(name: str) -> str:
    """Return the path of a program. Without it the test is skipped, or fails if CA_LADDER_ALL_TOOLS is set."""
    path = shutil.which(name)
    if path is None and os.environ.get("CA_LADDER_ALL_TOOLS"):
        pytest.fail(f"{name} is missing, and CA_LADDER_ALL_TOOLS promises it")
    if path is None:
        pytest.skip(f"needs {name}")
    return path


@pytest.fixture(scope="session")
def _cached_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file that the program keeps of the shipped catalogue once it was read."""
    folder = tmp_path_factory.mktemp("cached-catalogue")
    read_catalogue(shipped_path(), folder)
    (file,) = folder.iterdir()
    return file


@pytest.fixture(autouse=True)
def _own_folders(
    tmp_path_factory: pytest.TempPathFactory, _cached_catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep every test out of the data and cache folders of the user who runs it.

    The cache holds the shipped catalogue, as that of anybody who has run the program before, since reading its YAML
    takes longer than most tests. What the cache promises is tested in tests/catalogue/test_cache.py.
    """
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    cache = home / "cache" / "ca-ladder"
    cache.mkdir(parents=True)
    os.link(_cached_catalogue, cache / _cached_catalogue.name)


@pytest.fixture(scope="session", autouse=True)
def _no_fsync() -> Iterator[None]:
    """Leave out fsync in the tests' own process: it waits for the disk, and changes nothing that a process can see.

    A program that a test starts calls it as ever. That it does, and in the right order, is what tests/faults/ looks
    at in every system call of such programs.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture
def shared() -> Iterator[Path]:
    """Return a folder that every user can enter. Only the owner can enter pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)
