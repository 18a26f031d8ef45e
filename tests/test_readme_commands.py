"""The README's two commands work as written, in a fresh checkout with nothing but Python and pip's network."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WINDOWS = os.name == "nt"
LEFT_BY_TOOLS = (".git", ".venv", "dist", "build", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", ".coverage*")


def readme_commands() -> list[str]:
    """Return the README's command blocks for this operating system."""
    language = "powershell" if WINDOWS else "bash"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", readme, flags=re.MULTILINE | re.DOTALL)


def _reachable(folder: Path) -> None:
    """Skip without pip's index, or fail where it is promised."""
    probe = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), "hatchling"]
    done = subprocess.run(probe, capture_output=True, encoding="utf-8", check=False)
    if done.returncode and os.environ.get("CA_LADDER_ALL_TOOLS"):
        pytest.fail(f"pip cannot reach its index, and CA_LADDER_ALL_TOOLS promises it\n{done.stderr}")
    if done.returncode:
        pytest.skip("pip cannot reach its index")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of this folder without what tools have left in it."""
    _reachable(tmp_path / "probe")
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_BY_TOOLS))
    return copy


def run_as_pasted(command: str, checkout: Path, **environment: str) -> str:
    """Run the command in the checkout as a new user's shell would, and return what it prints."""
    ours = ("CA_LADDER_", "COV", "PYTEST_", "PYTHON", "VIRTUAL_ENV")
    fresh = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    python = Path(sys.base_prefix) if WINDOWS else Path(sys.base_prefix, "bin")
    fresh |= {"PATH": os.pathsep.join([str(python), fresh.get("PATH", "")]), "PYTHONUTF8": "1", **environment}
    shell = ["powershell", "-NoProfile", "-Command"] if WINDOWS else ["sh", "-c"]
    done = subprocess.run(
        [*shell, command], cwd=checkout, env=fresh, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_readme_has_exactly_two_commands() -> None:
    """Whoever opens the README finds one command for the demo and one for the tests, for each kind of shell."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [readme.count(f"\n```{language}\n") for language in ("bash", "powershell")] == [2, 2]
    demo, tests = readme_commands()
    assert "ca-ladder demo" in demo
    assert "pytest" in tests


@pytest.mark.slow
def test_demo_command_works_as_written(checkout: Path, tmp_path: Path) -> None:
    """The first command sets up and shows the demo, and leaves the user's own data folder alone."""
    data = tmp_path / "data"
    places = {"XDG_DATA_HOME": str(data), "LOCALAPPDATA": str(data), "TMPDIR": str(tmp_path)}
    printed = run_as_pasted(readme_commands()[0], checkout, **places)
    assert "Maria Lopez, Client Advocate (Middle Market)" in printed
    assert "ca-ladder report --tier 3-6" in printed
    assert list(data.rglob("record.json")) == []


@pytest.mark.slow
def test_tests_command_works_as_written(checkout: Path) -> None:
    """The second command sets up and runs the tests; here one small module of them."""
    printed = run_as_pasted(readme_commands()[1], checkout, PYTEST_ADDOPTS="tests/record/test_names.py")
    assert re.search(r"^=+ \d+ passed in ", printed, flags=re.MULTILINE), printed
