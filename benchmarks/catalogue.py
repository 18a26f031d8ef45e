"""How long a hostile catalogue keeps its reader busy, against reading the one that ships, in one run.

Run it with the environment's own Python: ``.venv/bin/python benchmarks/catalogue.py``. Each is examined in this
process, several times; the fastest counts. The ratio is to the shipped catalogue, read and checked in the same run.
"""

import tempfile
import timeit
from collections.abc import Callable
from datetime import date
from pathlib import Path

from ca_ladder.catalogue.files import MOST_BYTES, shipped_path
from ca_ladder.catalogue.lint import lint

TIMES = 7


def alias_bomb() -> str:
    """Return nine levels of ten aliases each: a billion texts, for a reader that follows them."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    return "\n".join(lines)


def filled(unit: str) -> str:
    """Return as much of a text as a catalogue's file may hold."""
    return (unit * (MOST_BYTES // len(unit) + 1))[:MOST_BYTES]


def hostile() -> dict[str, str]:
    """Return the hostile files by what they try."""
    shipped = shipped_path().read_text(encoding="utf-8")
    return {
        "alias bomb": alias_bomb(),
        "larger than 1 MB": filled("# long\n") + "#",
        "1 MB of remarks": filled("# long\n"),
        "1 MB of one text": f"version: {filled('x ')}"[:MOST_BYTES],
        "1 MB of empty lists": filled("- []\n"),
        "1 MB of one field again and again": filled("a: b\n"),
        "1 MB of the shipped catalogue": filled(shipped),
        "1 MB of lines that are not YAML": filled("a: b: c\n"),
        "1 MB of open quotes": filled('- "a\n'),
        "depth 500": "[" * 500 + "]" * 500,
        "depth 100,000": "[" * 100_000,
    }


def fastest(run: Callable[[], object]) -> float:
    """Return the seconds of the fastest of several runs."""
    return min(timeit.repeat(run, number=1, repeat=TIMES))


def main() -> None:
    """Print one line for each file."""
    today = date(2026, 3, 16)
    shipped = fastest(lambda: lint(shipped_path(), today))
    print(f"{'the shipped catalogue':36}{shipped:8.3f} s{1:8.1f} times{0:7} faults")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "hostile.yaml"
        for name, text in hostile().items():
            file.write_text(text, encoding="utf-8")
            faults = len(lint(file, today).faults)
            taken = fastest(lambda: lint(file, today))
            print(f"{name:36}{taken:8.3f} s{taken / shipped:8.1f} times{faults:7} faults")


if __name__ == "__main__":
    main()
