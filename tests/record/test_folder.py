"""The files of a folder: which name makes a file a conflict copy of a record, and which does not."""

import re
from pathlib import Path

import pytest

from ca_ladder.record import store
from ca_ladder.record.folder import copies, is_conflict_copy, record_files
from tests.record.builders import new_record

DOCS = Path(__file__).parents[2] / "docs" / "store.md"
SECTION = DOCS.read_text("utf-8").partition("### Conflict copies")[2].partition("The name of a computer")[0]
LISTED = re.findall(r"`(maria.+?\.json)`", SECTION.partition("|---|")[2])
MARIA = new_record("Maria Lopez")


def saved(path: Path) -> Path:
    """Write Maria's record under this path."""
    path.write_bytes(store.as_bytes(MARIA))
    return path


def test_the_docs_list_the_names() -> None:
    """The table is read by the next test: a name that is listed there is recognised."""
    assert len(LISTED) >= 15


@pytest.mark.parametrize("name", [*LISTED, "maria-PC2 (1).json", "maria (1) (1).json", "maria-DESKTOP-4F2K-2.json"])
def test_a_name_that_a_sync_service_gives_is_a_conflict_copy(tmp_path: Path, name: str) -> None:
    """Beside the file that it is named after, and only there."""
    record, copy = saved(tmp_path / "maria.json"), saved(tmp_path / name)
    assert copies(record, MARIA) == [copy]
    assert copies(copy, MARIA) == []
    assert record_files(tmp_path) == {record: [copy]}
    assert not is_conflict_copy(copy, tmp_path / "mari.json")


@pytest.mark.parametrize(
    ("name", "record"),
    [
        *((name, "maria.json") for name in ("maria-2.json", "maria-old.json", "maria_2.json", "maria2.json")),
        *((name, "maria.json") for name in ("maria-for-pat.json", "maria (from home).json", "maria (1).txt")),
        *(("maria-lopez.json", record) for record in ("maria.json", "m.json", "maria-lopez (1).json")),
        ("MARIA-LOPEZ.json", "MARIA.json"),  # the trainee's own name, on a disk that knows capitals only
        *((f"maria{'-A' * 110}x.json", "maria.json"), (f"maria{'(conflict)' * 24}x.json", "maria.json")),  # at once
        ("maria.json", "maria.json"),
    ],
)
def test_any_other_name_is_none(tmp_path: Path, name: str, record: str) -> None:
    """A record, a packet or a safety copy: no change of the other file merges or moves it."""
    saved(tmp_path / name)
    assert copies(saved(tmp_path / record), MARIA) == []
    assert not is_conflict_copy(tmp_path / name, tmp_path / record)


def test_the_file_with_the_trainees_own_name_is_the_record(tmp_path: Path) -> None:
    """Not the shorter name, not the first, not the one that a copy is named after."""
    own = saved(tmp_path / "maria-lopez.json")
    others = [saved(tmp_path / name) for name in ("a.json", "maria (1).json", "maria.json", "maria-lopez-2.json")]
    assert record_files(tmp_path) == {own: sorted(others)}
