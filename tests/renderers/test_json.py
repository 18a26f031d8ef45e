"""JSON documents: ASCII, indented by one, and the same bytes whichever way they are written."""

import json
from pathlib import Path

import pytest

from ca_ladder.catalogue.lint import LintReport
from ca_ladder.renderers.json import check_json, json_pieces, report_json, status_json
from ca_ladder.renderers.spool import Spool
from tests.renderers.people import ANN, TEAM


@pytest.mark.parametrize(
    "words", ['plain "quoted" \\ / \x00\x7f\n', "\xfcber \u2028 \u202e \U0001f600", "not text: \udcff"]
)
def test_a_document_is_what_json_writes(words: str) -> None:
    """Quotes, control characters, other alphabets and file names that are not text are escaped as json does it."""
    text = check_json(Path(words), LintReport(None, (), ()))
    content = json.loads(text)
    assert content["file"] == words
    assert text == json.dumps(content, indent=1)


def test_a_report_made_in_pieces_is_one_document() -> None:
    """The pieces of a report join to what json would write of it in one go, and hold what status says of each."""
    with Spool() as pieces:
        for trainee in TEAM.trainees:
            pieces.add(json_pieces(trainee))
        text = "".join(report_json(TEAM.as_of, pieces, TEAM.unreadable))
    report = json.loads(text)
    assert text == json.dumps(report, indent=1) + "\n"
    assert report["trainees"] == [json.loads(status_json(trainee))["trainee"] for trainee in TEAM.trainees]
    assert all(report.values())


def test_a_report_of_nobody_has_empty_lists() -> None:
    """A report without trainees is a whole document, too."""
    with Spool() as pieces:
        text = "".join(report_json(ANN.as_of, pieces, []))
    assert json.loads(text)["trainees"] == []
    assert text == json.dumps(json.loads(text), indent=1) + "\n"
