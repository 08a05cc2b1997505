"""The JSON: nested as the XML is, one line for each segment, described by a schema."""

import json
from pathlib import Path

import msgspec
import pytest

from claimloop.edi.conversion.from_json import Document
from claimloop.edi.conversion.to_json import FORM
from claimloop.tests.edi.conversion.converting import ISA, back, there
from claimloop.tests.edi.guides.test_check import CLAIM

SCHEMA = Path(__file__).parents[3] / "docs" / "conversion.schema.json"


def inside(node, **wanted):
    """Every node below this one that has these values."""
    for child in node["content"]:
        if wanted.items() <= child.items():
            yield child
        if "content" in child:
            yield from inside(child, **wanted)


def test_the_json_nests_as_the_guide_does(tmp_path):
    document = json.loads(there(tmp_path, CLAIM, "json"))
    assert document["form"] == FORM
    (interchange,) = document["content"]
    assert (interchange["kind"], interchange["delimiters"], interchange["ending"]) == (
        "interchange", "2A 3A 5E 7E", "7E 0A",
    )  # fmt: skip
    (loop,) = inside(document, kind="loop", id="2300")
    assert loop["name"] == "Claim Information"
    claim = loop["content"][0]
    assert (claim["kind"], claim["id"], claim["name"]) == ("segment", "CLM", "Claim Information")
    assert claim["elements"][0] == {"id": "CLM01", "name": "Patient Control Number", "value": "C1"}
    assert claim["elements"][4]["components"][0] == {"id": "CLM05-1", "name": "Place of Service Code", "value": "11"}
    assert [node["id"] for node in loop["content"]] == ["CLM", "HI", "2400"]


def test_every_segment_and_every_end_of_a_level_has_a_line(tmp_path):
    lines = there(tmp_path, CLAIM, "json").decode().splitlines()
    begun = [line for line in lines if line.endswith('"content":[')]
    ended = [line for line in lines if line in ("]}", "]},")]
    segments = [line for line in lines if line.startswith('{"kind":"segment"')]
    assert len(begun) == len(ended)
    assert len(segments) == CLAIM.count("~\n")
    assert len(lines) == len(begun) + len(ended) + len(segments)


def test_repeats_have_values_or_components(tmp_path):
    document = json.loads(there(tmp_path, ISA + "EB*1**30^1:2^35~\n", "json"))
    (segment,) = inside(document, id="EB")
    assert segment["elements"][2]["repeats"] == [
        {"value": "30"},
        {"components": [{"id": "EB03-1", "value": "1"}, {"id": "EB03-2", "value": "2"}]},
        {"value": "35"},
    ]


def test_letters_outside_ascii_and_control_characters_stand_as_json_has_them(tmp_path):
    document = json.loads(there(tmp_path, ISA + 'NTE*ADD*é"\\\0~\n', "json"))
    (segment,) = inside(document, id="NTE")
    assert segment == {
        "kind": "segment", "id": "NTE", "elements": [{"id": "NTE01", "value": "ADD"}, {"id": "NTE02", "value": 'é"\\\0'}],
    }  # fmt: skip


@pytest.mark.parametrize("layout", [{"indent": 2}, {"separators": (",", ":")}, {"indent": 1, "sort_keys": True}])
def test_json_that_another_tool_laid_out_comes_back(tmp_path, layout):
    document = json.dumps(json.loads(there(tmp_path, CLAIM, "json")), **layout)
    assert back(tmp_path, document, "json") == CLAIM.encode()


def test_json_of_which_a_part_was_laid_out_anew_comes_back(tmp_path):
    document = there(tmp_path, CLAIM, "json").decode()
    assert back(tmp_path, document.replace('"elements":[', '"elements":[\n'), "json") == CLAIM.encode()
    assert back(tmp_path, document.replace('"elements":[', '\n"elements":['), "json") == CLAIM.encode()
    assert back(tmp_path, document.replace("},\n{", "},{"), "json") == CLAIM.encode()
    assert back(tmp_path, document.replace("\n", "\r\n\r\n"), "json") == CLAIM.encode()


def test_the_committed_schema_is_the_one_of_the_records():
    schema = msgspec.json.schema(Document)
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == schema, json.dumps(schema, indent=2)
