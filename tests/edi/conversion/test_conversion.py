"""X12 to XML or JSON and back: the same bytes, whatever was in the file."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from claimloop.edi.conversion import ConversionError, form_of, write_json, write_x12, write_xml
from claimloop.edi.diagnostics import NotX12
from claimloop.tests.edi.guides.test_check import CLAIM, ISA

SAMPLES = sorted((Path(__file__).parents[2] / "data").glob("**/*.x12"))
WRITERS = {"xml": write_xml, "json": write_json}
SPACE = {"x": "urn:claimloop:x12:1"}


def there(folder, content, form):
    path = folder / "in.x12"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    out: list[bytes] = []
    WRITERS[form](path, out.append)
    return b"".join(out)


def find(element, path):
    return element.xpath(path, namespaces=SPACE)


def back(folder, document, form):
    path = folder / f"in.{form}"
    path.write_bytes(document.encode() if isinstance(document, str) else document)
    assert form_of(path) == form
    out: list[bytes] = []
    write_x12(path, form, out.append)
    return b"".join(out)


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_comes_back_byte_for_byte(tmp_path, sample, form):
    content = sample.read_bytes()
    assert back(tmp_path, there(tmp_path, content, form), form) == content


@pytest.mark.parametrize("form", WRITERS)
@settings(max_examples=60)
@given(
    head=st.sampled_from([b"", b"mail\r\n", b"\xef\xbb\xbf"]),
    body=st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from(
                [b"CLM*1*2***11:B:1~", b"~", b"\r\n", b"NM1*QC*1*D\xd6E~", b"A\n B*1~", b"\0\x07*~", b"<&>*'~"]
            ),
        ),
        max_size=8,
    ).map(b"".join),
)
def test_arbitrary_bytes_behind_an_isa_come_back(tmp_path_factory, form, head, body):
    folder = tmp_path_factory.mktemp("any")
    content = head + ISA.encode().rstrip() + body
    assert back(folder, there(folder, content, form), form) == content


@pytest.mark.parametrize("form", WRITERS)
def test_what_is_no_x12_is_not_converted(tmp_path, form):
    with pytest.raises(NotX12):
        there(tmp_path, "hello", form)


def test_the_xml_has_the_guides_loops_and_names(tmp_path):
    root = etree.fromstring(there(tmp_path, CLAIM, "xml"))
    (claim,) = find(root, "//x:set[@guide='005010X222A1']//x:loop[@id='2300']/x:CLM")
    assert claim.get("name") == "Claim Information"
    assert [(e.get("id"), e.get("name"), e.text) for e in claim][:2] == [
        ("CLM01", "Patient Control Number", "C1"),
        ("CLM02", "Total Claim Charge Amount", "100"),
    ]
    place, *_ = find(claim, "x:e[@id='CLM05']/x:c")
    assert (place.get("name"), place.text) == ("Place of Service Code", "11")
    nested = [loop.get("id") for loop in claim.iterancestors("{urn:claimloop:x12:1}loop")]
    assert nested == ["2300", "2000B", "2000A"]
    (interchange,) = find(root, "x:interchange")
    assert (interchange.get("delimiters"), interchange.get("ending")) == ("2A 3A 5E 7E", "7E 0A")


def test_every_occurrence_of_a_loop_is_one(tmp_path):
    line = "LX*1~\nSV1*HC:99213*100*UN*1***1~\nDTP*472*D8*20240101~\n"
    root = etree.fromstring(there(tmp_path, CLAIM.replace(line, line * 3), "xml"))
    assert len(find(root, "//x:loop[@id='2300']/x:loop[@id='2400']")) == 3


def test_the_json_is_one_document_with_a_line_for_each_segment(tmp_path):
    document = there(tmp_path, CLAIM, "json")
    lines = json.loads(document)["lines"]
    assert len(document.splitlines()) == len(lines) + 1
    claim = next(line for line in lines if line and line.get("segment") == "CLM")
    assert claim["loops"] == ["2000A", "2000B", "2300"]
    assert claim["elements"][0] == {"id": "CLM01", "name": "Patient Control Number", "value": "C1"}
    assert claim["elements"][4]["components"] == ["11", "B", "1"]


@pytest.mark.parametrize("form", WRITERS)
def test_a_value_may_be_changed_by_hand(tmp_path, form):
    document = there(tmp_path, CLAIM, form).replace(b"SPRINGFIELD", b"SHELBYVILLE")
    assert back(tmp_path, document, form) == CLAIM.replace("SPRINGFIELD", "SHELBYVILLE").encode()


@pytest.mark.parametrize("form", WRITERS)
def test_a_changed_value_wins_over_the_raw_bytes(tmp_path, form):
    wrapped = CLAIM.replace("*DOE*JOHN", "*DO\nE*JOHN")
    document = there(tmp_path, wrapped, form)
    assert back(tmp_path, document, form) == wrapped.encode()
    assert b"NM1*IL*1*ROE*JOHN" in back(
        tmp_path, document.replace(b">DOE<", b">ROE<").replace(b'"DOE"', b'"ROE"'), form
    )


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("bad", ["SPRING*FIELD", "SPRING~FIELD", "SPRING:FIELD"])
def test_a_delimiter_in_a_value_is_refused(tmp_path, form, bad):
    document = there(tmp_path, CLAIM, form).replace(b"SPRINGFIELD", bad.encode())
    with pytest.raises(ConversionError, match="N401 holds the"):
        back(tmp_path, document, form)


def test_xml_that_another_tool_laid_out_comes_back(tmp_path):
    root = etree.fromstring(there(tmp_path, CLAIM, "xml"), etree.XMLParser(remove_blank_text=True))
    assert back(tmp_path, etree.tostring(root, pretty_print=True), "xml") == CLAIM.encode()


def test_json_that_another_tool_laid_out_comes_back(tmp_path):
    document = json.dumps(json.loads(there(tmp_path, CLAIM, "json")), indent=2)
    assert back(tmp_path, document, "json") == CLAIM.encode()


BOMB = '<!DOCTYPE file [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><file xmlns="urn:claimloop:x12:1"><X>&b;</X></file>'
OUTSIDER = '<!DOCTYPE file SYSTEM "file:///etc/passwd"><file xmlns="urn:claimloop:x12:1"/>'


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (BOMB, "has a DTD"),
        (OUTSIDER, "has a DTD"),
        ("<file/>", "the root element is not file of the namespace"),
        ('<file xmlns="urn:claimloop:x12:1"><', "is no XML"),
        ('<file xmlns="urn:claimloop:x12:1"><x xmlns="other"/></file>', "has no place here"),
        ('<file xmlns="urn:claimloop:x12:1"><interchange delimiters="2A"/></file>', "delimiters are four code points"),
        ('<file xmlns="urn:claimloop:x12:1"><X raw="?"/></file>', "segment 1: "),
        ('<file xmlns="urn:claimloop:x12:1"><X><y/></X></file>', "holds an element that is no e"),
        ('<file xmlns="urn:claimloop:x12:1">' + "<loop>" * 300 + "</loop>" * 300 + "</file>", "is no XML that is read"),
    ],
)
def test_hostile_and_foreign_xml_is_one_clear_line(tmp_path, document, problem):
    with pytest.raises(ConversionError) as caught:
        back(tmp_path, document, "xml")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("{}", "no JSON of the documented form"),
        ('{"form": "other", "lines": []}', "not of the form"),
        ('{"form":"claimloop x12 1","lines":[\n{"segment":1},\nnull]}', "line 2 is not of the documented form"),
        ('{"form":"claimloop x12 1","lines":[\n{"segment":"A"},\n', "ends before its last line"),
        ('{"form":"claimloop x12 1","lines":[\n{"outside":"?"},\nnull]}', "segment 1: "),
    ],
)
def test_json_of_another_form_is_one_clear_line(tmp_path, document, problem):
    with pytest.raises(ConversionError, match=problem):
        back(tmp_path, document, "json")


def test_bytes_outside_any_segment_are_kept_as_they_are(tmp_path):
    root = etree.fromstring(there(tmp_path, "Dear all,\n" + CLAIM, "xml"))
    (outside,) = find(root, "x:outside")
    assert base64.b64decode(outside.text) == b"Dear all,\n"
