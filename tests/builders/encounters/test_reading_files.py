"""`read_encounters` and `stream_encounters`: a file in, a list with findings or one encounter after another."""

import msgspec
import pytest
from msgspec.structs import replace

from claimloop.builders import read_encounters, stream_encounters
from claimloop.edi.diagnostics import Diagnostic
from claimloop.tests.builders.encounters.examples import SIMPLE


@pytest.fixture
def visits(tmp_path):
    """Two encounters, and between them a line that is not JSON."""
    path = tmp_path / "visits.jsonl"
    other = replace(SIMPLE, encounter_id="E1002")
    path.write_bytes(b"\n".join((msgspec.json.encode(SIMPLE), b"{", msgspec.json.encode(other))))
    return path


def test_a_file_gives_a_list_with_what_was_found(visits):
    encounters = read_encounters(str(visits))
    assert [each.encounter_id for each in encounters] == ["E1001", "E1002"]
    assert [(finding.code, finding.where.segment) for finding in encounters.errors] == [("C301", 2)]


def test_a_stream_gives_one_after_another_and_finds_the_same(visits):
    stream = stream_encounters(visits)
    assert stream.findings == []
    assert next(stream) == SIMPLE
    assert [each.encounter_id for each in stream] == ["E1002"]
    assert stream.findings == read_encounters(visits).findings


def test_a_report_gets_the_findings_instead(visits):
    told: list[Diagnostic] = []
    assert read_encounters(visits, told.append).findings == []
    assert [finding.code for finding in told] == ["C301"]


def test_a_missing_file_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_encounters(tmp_path / "gone.json")
