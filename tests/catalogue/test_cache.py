"""What is kept of a catalogue that was read: faster, and never anything else than the file says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ca_ladder.catalogue import cache
from ca_ladder.catalogue.cache import MOST_CACHED, read_catalogue
from ca_ladder.catalogue.files import shipped_path
from ca_ladder.catalogue.validation import load_catalogue
from ca_ladder.errors import CatalogueFaulty, CatalogueMissing

CLERK = """\
version: "1"
roles:
  - id: clerk
    name: Clerk
    tiers: [{id: t1, title: First, months: {from: 0, until: 3}}]
    tasks:
      - id: mail
        name: Mail
        why: Letters wait
        expectations:
          t1: [{id: mail-01, text: Sort the mail}]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A catalogue's file with CLERK in it."""
    path = tmp_path / "own.yaml"
    path.write_text(CLERK, encoding="utf-8")
    return path


def test_what_is_kept_is_what_the_file_says(tmp_path: Path) -> None:
    """The shipped catalogue comes back from the folder as it was read from YAML, to the last field."""
    first = read_catalogue(shipped_path(), tmp_path)
    assert len(list(tmp_path.glob("catalogue-*.json"))) == 1
    assert read_catalogue(shipped_path(), tmp_path) == first == load_catalogue(shipped_path())


def test_the_second_reading_needs_no_yaml(file: Path, tmp_path: Path) -> None:
    """That is what it is kept for: the YAML reader is not even loaded."""
    read_catalogue(file, tmp_path)
    code = (
        "import sys; from pathlib import Path; from ca_ladder.catalogue.cache import read_catalogue;"
        f"read_catalogue(Path({str(file)!r}), Path({str(tmp_path)!r})); print('yaml' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_changed_file_is_read_again(file: Path, tmp_path: Path) -> None:
    """One changed letter is another catalogue."""
    assert read_catalogue(file, tmp_path).roles[0].items["mail-01"].text == "Sort the mail"
    file.write_text(CLERK.replace("Sort", "Read"), encoding="utf-8")
    assert read_catalogue(file, tmp_path).roles[0].items["mail-01"].text == "Read the mail"


@pytest.mark.parametrize("damage", [b"", b"{", b'{"version": "1"}', b"\xff", b'{"roles":[' * 100_000])
def test_damage_to_what_is_kept_is_harmless(file: Path, tmp_path: Path, damage: bytes) -> None:
    """What cannot be read back is read from the file again, and kept anew."""
    whole = read_catalogue(file, tmp_path)
    (kept,) = tmp_path.glob("catalogue-*.json")
    kept.write_bytes(damage)
    assert read_catalogue(file, tmp_path) == whole
    assert kept.read_bytes() != damage


@pytest.mark.parametrize("change", ["another text", "the cache of another file"])
def test_a_cached_catalogue_that_says_something_else_is_not_believed(file: Path, tmp_path: Path, change: str) -> None:
    """What it says would be shown, asked, and written into records as the words that were signed."""
    whole = read_catalogue(file, tmp_path)
    (kept,) = tmp_path.glob("catalogue-*.json")
    if change == "another text":
        kept.write_bytes(kept.read_bytes().replace(b"Sort", b"Burn"))
    else:
        file.write_text(CLERK.replace("Sort", "Burn"), encoding="utf-8")
        read_catalogue(file, tmp_path)
        (other,) = set(tmp_path.glob("catalogue-*.json")) - {kept}
        other.replace(kept)
        file.write_text(CLERK, encoding="utf-8")
    assert read_catalogue(file, tmp_path) == whole


def test_other_code_reads_the_file_itself(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of the same version may be another one: a checkout of today, and one of yesterday."""
    read_catalogue(file, tmp_path)
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "cache.py"))
    read_catalogue(file, tmp_path)
    assert len(list(tmp_path.glob("catalogue-*.json"))) == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows lets few users make links")
def test_a_link_in_the_folder_is_not_followed(file: Path, tmp_path: Path) -> None:
    """Nothing outside of the folder is written over."""
    read_catalogue(file, tmp_path)
    (kept,) = tmp_path.glob("catalogue-*.json")
    kept.unlink()
    victim = tmp_path / "victim"
    victim.write_text("mine", encoding="utf-8")
    kept.with_suffix(".new").symlink_to(victim)
    read_catalogue(file, tmp_path)
    assert (victim.read_text(encoding="utf-8"), kept.exists()) == ("mine", True)


def test_a_folder_that_cannot_be_written_is_no_obstacle(file: Path, tmp_path: Path) -> None:
    """Without a place to keep it, the catalogue is read all the same."""
    assert read_catalogue(file, file / "below a file") == load_catalogue(file)


def test_a_faulty_catalogue_is_never_kept(file: Path, tmp_path: Path) -> None:
    """Its faults are told each time."""
    file.write_text(CLERK.replace("why", "whi"), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(CatalogueFaulty):
            read_catalogue(file, tmp_path)
    assert list(tmp_path.glob("catalogue-*")) == []


def test_a_missing_file_is_missing_however_often_it_was_read(file: Path, tmp_path: Path) -> None:
    """What is kept never stands in for a file that is gone."""
    read_catalogue(file, tmp_path)
    file.unlink()
    with pytest.raises(CatalogueMissing):
        read_catalogue(file, tmp_path)


def test_the_folder_does_not_grow(file: Path, tmp_path: Path) -> None:
    """Only the latest few are kept."""
    for number in range(MOST_CACHED + 3):
        file.write_text(CLERK.replace('"1"', f'"{number}"'), encoding="utf-8")
        read_catalogue(file, tmp_path)
    assert len(list(tmp_path.glob("catalogue-*"))) == MOST_CACHED
