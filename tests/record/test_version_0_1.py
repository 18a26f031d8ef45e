"""Records that version 0.1 wrote, with all that it accepted: nobody loses a sign-off to a rule that came later."""

import json
from pathlib import Path

import pytest

from ca_ladder.catalogue.files import shipped_path
from ca_ladder.catalogue.validation import load_catalogue
from ca_ladder.record import store

FOLDER = Path(__file__).parent / "golden" / "version-0.1"
CATALOGUE = load_catalogue(shipped_path())
# The states that `list --json` of version 0.1 gave, without open items.
STATES: dict[str, dict[str, str]] = json.loads((FOLDER / "expected.json").read_text())


@pytest.mark.parametrize("name", STATES)
def test_every_sign_off_of_version_0_1_counts(name: str) -> None:
    """Blank notes, days in the year 26, a clock that was behind, leave by anybody: told at most by verify."""
    record = store.load(FOLDER / f"{name}.json").under(CATALOGUE)
    assert record.violations == {}
    assert record.leaves or name != "leave-by-nobody-named"
    ladder = CATALOGUE.ladder(record.enrolment.role, record.enrolment.variants)
    states = {item.id: record.status(item).state for item in ladder.items.values()}
    assert {item_id: state for item_id, state in states.items() if state != "open"} == STATES[name]


def test_the_final_sign_off_of_version_0_1_counts() -> None:
    """It stays the tier's, with its counts, after the trainee was promoted."""
    record = store.load(FOLDER / "concluded-and-promoted.json")
    assert [(role.role, role.tiers) for role in record.past_roles] == [("client-advocate", ("0-3",))]
