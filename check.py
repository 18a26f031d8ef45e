"""Is it good? The one command that says so: lint, types, layers, tests with coverage, and the built wheel.

Run it with the environment's own Python: ``.venv/bin/python check.py``. Exit code 0 means every step passed.
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent


def run(title: str, *command: str | Path, cwd: Path = HERE) -> str:
    """Run one step and return what it printed; a step that fails ends the check."""
    print(f"== {title}", flush=True)
    done = subprocess.run([str(part) for part in command], cwd=cwd, text=True, stdout=subprocess.PIPE, check=False)
    print(done.stdout, end="", flush=True)
    if done.returncode:
        sys.exit(f"== {title}: failed with exit code {done.returncode}")
    return done.stdout


def check_wheel() -> None:
    """Build the wheel, install it alone into a fresh environment, and use it from another folder."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        run("build the wheel", PYTHON, "-m", "build", "--wheel", "--outdir", place / "dist")
        venv.create(place / "env", with_pip=True)
        scripts = place / "env" / ("Scripts" if os.name == "nt" else "bin")
        (wheel,) = (place / "dist").glob("*.whl")
        run("install the wheel", scripts / "python", "-m", "pip", "install", "--quiet", wheel)
        os.environ["CA_LADDER_STORE"] = str(place / "record.json")
        program = scripts / "ca-ladder"
        run("the wheel: catalogue check", program, "catalogue", "check", cwd=place)
        run("the wheel: init", program, "init", "--name", "A Trainee", "--start", "today", cwd=place)
        run("the wheel: check", program, "check", "cert-01", cwd=place)
        run("the wheel: signoff", program, "signoff", "cert-01", "--by", "A Mentor", cwd=place)
        if "1/3" not in run("the wheel: status", program, "status", cwd=place):
            sys.exit("== the wheel: status does not show the sign-off")
        del os.environ["CA_LADDER_STORE"]


def main() -> None:
    """Run every step."""
    run("ruff", BIN / "ruff", "check", ".")
    run("ruff format", BIN / "ruff", "format", "--check", ".")
    run("mypy", BIN / "mypy")
    run("import-linter", BIN / "lint-imports")
    # The long tests are neighbours in their files: a worker that has nothing left to do takes some of another's.
    spread = ("-n", "auto", "--dist", "worksteal")
    run("tests", PYTHON, "-m", "pytest", *spread, "--cov", "--cov-report=term", "--cov-fail-under=97")
    check_wheel()
    print("== all good")


if __name__ == "__main__":
    main()
