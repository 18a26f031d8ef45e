"""Run every check: lint, types, layers, tests with coverage, and the built wheel with the newest and lowest versions.

Run it with the environment's own Python: ``.venv/bin/python check.py``. Exit code 0 means every step passed.
"""

import os
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent

# A command of the program, and what it must print.
MAIN_WAYS = {
    "catalogue check": "is in order",
    "init --name Ann --start today --mentor Pat": "Ann is enrolled",
    "check cert-01": "Checked cert-01",
    "signoff cert-01 --by Pat": "Signed off cert-01",
    "status": "1/3",
    "list --json": '"signed"',
    "log": "signed off",
    "report": "Ann",
    "report --format csv": "Ann",
    "report --format html --output report.html": "report.html",
    "report --format xlsx --output report.xlsx": "report.xlsx",
    "record verify": "in order: 3 entries",
}
# What Typer says of a mistake is put into our words through its classes, which differ between versions.
MISTYPED = {"status --teir 0-3": "Did you mean --tier?", "statsu": "Did you mean status?"}


def run(title: str, *command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None, code: int = 0) -> str:
    """Run one step and return what it printed; a step that ends with another exit code ends the check."""
    print(f"== {title}", flush=True)
    process = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if process.returncode != code or env is None:
        print(process.stdout, end="", flush=True)
    if process.returncode != code:
        sys.exit(f"== {title}: failed with exit code {process.returncode}")
    return process.stdout


def new_environment(folder: Path) -> Path:
    """Create a virtual environment without pip, and return the folder of its programs."""
    venv.create(folder)
    return folder / ("Scripts" if os.name == "nt" else "bin")


def install(title: str, programs: Path, *what: str | Path) -> None:
    """Install into another environment with this one's pip. What is then used of it compiles itself."""
    pip = ("-m", "pip", "--python", programs / "python", "--disable-pip-version-check")
    run(f"install {title}", PYTHON, *pip, "install", "--quiet", "--no-compile", *what)


def main_ways(title: str, programs: Path) -> None:
    """Run the main commands of the installed program on a new record, outside this folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = ("XDG_DATA_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA")
        env = {"CA_LADDER_STORE": str(folder / "record.json"), "PYTHONUTF8": "1", **dict.fromkeys(variables, name)}
        for commands, code in ((MAIN_WAYS, 0), (MISTYPED, 2)):
            for command, expected in commands.items():
                step = f"{title}: {command}"
                if expected not in run(step, programs / "ca-ladder", *command.split(), cwd=folder, env=env, code=code):
                    sys.exit(f"== {step}: does not print {expected!r}")


def lowest_versions() -> list[str]:
    """Return each dependency of pyproject.toml at the lowest version that it allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [re.sub(r">=([^,]+).*", r"==\1", dependency) for dependency in project["dependencies"]]


def use_newest(wheel: Path, folder: Path) -> None:
    """Use the wheel with the newest versions, then with a Typer beyond our limit."""
    programs = new_environment(folder)
    install("the newest versions", programs, wheel)
    main_ways("newest versions", programs)
    # Ours is the only limit that this breaks, so pip's warning of a conflict is expected.
    install("the newest Typer", programs, "--upgrade", "typer")
    main_ways("newest Typer", programs)


def use_lowest(wheel: Path, folder: Path) -> None:
    """Use the wheel with the lowest versions."""
    programs = new_environment(folder)
    install("the lowest versions", programs, wheel, *lowest_versions())
    main_ways("lowest versions", programs)


def check_wheel() -> None:
    """Build the wheel, and use it in two new environments at the same time."""
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor() as pool:
        folder = Path(name)
        run("build the wheel", PYTHON, "-m", "build", "--wheel", "--outdir", folder / "dist")
        (wheel,) = (folder / "dist").glob("*.whl")
        uses = [pool.submit(use, wheel, folder / use.__name__) for use in (use_newest, use_lowest)]
        for use in uses:
            use.result()  # a step that failed ends the check here


def main() -> None:
    """Run every step."""
    run("ruff", BIN / "ruff", "check", ".")
    run("ruff format", BIN / "ruff", "format", "--check", ".")
    run("mypy", BIN / "mypy")
    run("import-linter", BIN / "lint-imports")
    # A few tests take minutes: a worker that has nothing left to do takes tests from another one's queue.
    workers = ("-n", "auto", "--dist", "worksteal")
    run("tests", PYTHON, "-m", "pytest", *workers, "--cov", "--cov-report=term", "--cov-fail-under=97")
    check_wheel()
    print("== all good")


if __name__ == "__main__":
    main()
