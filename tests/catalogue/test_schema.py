"""The JSON Schema that editors read, held against an independent validator; and the catalogue to begin with."""

from typing import Any

import jsonschema
import pytest
import yaml

from ca_ladder.catalogue.files import shipped_path, starter
from ca_ladder.catalogue.models import _Model
from ca_ladder.catalogue.schema import ABOUT, FIELDS, schema
from ca_ladder.catalogue.validation import fields_of, validate

VALIDATOR = jsonschema.Draft7Validator(schema())

SMALL: dict[str, Any] = {
    "version": "1",
    "roles": [
        {
            "id": "clerk",
            "name": "Clerk",
            "tiers": [{"id": "new", "title": "New"}],
            "tasks": [{"id": "mail", "name": "Mail", "why": "People wait"}],
        }
    ],
}


def faults_of(catalogue: Any) -> list[str]:
    """Return where the validator finds a fault."""
    return sorted(error.json_path for error in VALIDATOR.iter_errors(catalogue))


def test_it_is_a_schema_of_draft_7() -> None:
    """VS Code and PyCharm both read that draft; what only newer ones know would be passed over in silence."""
    assert schema()["$schema"] == "http://json-schema.org/draft-07/schema#"
    jsonschema.Draft7Validator.check_schema(schema())


def test_the_shipped_catalogue_is_valid() -> None:
    """An independent validator finds no fault in ours."""
    assert faults_of(yaml.safe_load(shipped_path().read_text(encoding="utf-8"))) == []


def test_every_field_is_described() -> None:
    """What an editor offers, it explains; no field is described that is not there."""
    assert set(_Model.__subclasses__()) == FIELDS.keys() == ABOUT.keys()
    for shape in FIELDS:
        assert list(FIELDS[shape]) == list(fields_of(shape))
    parts = [schema(), *schema()["$defs"].values()]
    assert all(field["description"] for part in parts for field in part["properties"].values())


@pytest.mark.parametrize("catalogue", [SMALL, SMALL | {"version": 2026}, SMALL | {"version": 1.1}])
def test_what_the_program_takes_for_text_is_text(catalogue: Any) -> None:
    """A version of digits, or a name that YAML takes for a truth value, is no fault for the editor either."""
    assert faults_of(catalogue) == []
    assert validate(yaml.safe_dump(catalogue)).faults == ()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"version": ""}, "$.version"),
        ({"roles": []}, "$.roles"),
        ({"rols": []}, "$"),
        ({"roles": [SMALL["roles"][0] | {"id": "Clerk"}]}, "$.roles[0].id"),
        ({"roles": [SMALL["roles"][0] | {"tiers": "new"}]}, "$.roles[0].tiers"),
        ({"roles": [{"id": "clerk"}]}, "$.roles[0]"),
    ],
)
def test_what_the_program_refuses_is_a_fault(change: dict[str, Any], where: str) -> None:
    """The editor marks what `catalogue check` would tell."""
    assert set(faults_of(SMALL | change)) == {where}
    assert validate(yaml.safe_dump(SMALL | change)).faults


def test_the_catalogue_to_begin_with_is_in_order() -> None:
    """It passes the check and the schema as it is, and shows most of what there is."""
    assert validate(starter()).faults == ()
    assert faults_of(yaml.safe_load(starter())) == []
