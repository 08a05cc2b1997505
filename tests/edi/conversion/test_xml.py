"""The XML: the guide's loops and names, for queries; and what another program made of it is still read."""

import base64

import pytest
from lxml import etree

from claimloop.tests.edi.conversion.converting import ISA, back, there
from claimloop.tests.edi.guides.test_check import CLAIM

SPACE = {"x": "urn:claimloop:x12:1"}


def find(element, path):
    return element.xpath(path, namespaces=SPACE)


@pytest.fixture
def root(tmp_path):
    """The document made of a file."""
    return lambda content: etree.fromstring(there(tmp_path, content, "xml"))


def test_the_xml_has_the_guides_loops_and_names(root):
    document = root(CLAIM)
    (claim,) = find(document, "//x:set[@guide='005010X222A1']//x:loop[@id='2300']/x:CLM")
    assert claim.get("name") == "Claim Information"
    assert [(e.get("id"), e.get("name"), e.text) for e in claim][:2] == [
        ("CLM01", "Patient Control Number", "C1"),
        ("CLM02", "Total Claim Charge Amount", "100"),
    ]
    place, *others = find(claim, "x:e[@id='CLM05']/x:c")
    assert (place.get("id"), place.get("name"), place.text) == ("CLM05-1", "Place of Service Code", "11")
    assert [part.get("id") for part in others] == ["CLM05-2", "CLM05-3"]
    nested = [loop.get("id") for loop in claim.iterancestors("{urn:claimloop:x12:1}loop")]
    assert nested == ["2300", "2000B", "2000A"]
    (interchange,) = find(document, "x:interchange")
    assert (interchange.get("delimiters"), interchange.get("ending")) == ("2A 3A 5E 7E", "7E 0A")


def test_every_occurrence_of_a_loop_is_one(root):
    line = "LX*1~\nSV1*HC:99213*100*UN*1***1~\nDTP*472*D8*20240101~\n"
    assert len(find(root(CLAIM.replace(line, line * 3)), "//x:loop[@id='2300']/x:loop[@id='2400']")) == 3


def test_a_segment_without_place_stays_in_the_loop_that_is_open(root):
    (stray,) = find(root(CLAIM.replace("LX*1~\n", "ZZZ*1~\nLX*1~\n")), "//x:ZZZ")
    assert (stray.getparent().get("id"), stray.get("name"), stray[0].get("id")) == ("2300", None, "ZZZ01")


def test_a_set_without_guide_is_a_flat_list(root):
    (group,) = find(root(CLAIM.replace("005010X222A1", "999999X999")), "//x:set")
    assert [etree.QName(child).localname for child in group][:4] == ["ST", "BHT", "NM1", "PER"]
    assert find(group, "x:loop") == []


def test_empty_elements_at_the_end_are_there(root):
    one, two = find(root(ISA + "REF*A**B*~\nREF*A**B~\n"), "//x:REF")
    assert [e.text for e in one] == ["A", None, "B", None]
    assert [e.text for e in two] == ["A", None, "B"]


def test_repeats_are_elements_of_their_own(root):
    (first, second, third) = find(root(ISA + "EB*1**30^1:2^35~\n"), "//x:EB/x:e[@id='EB03']/x:r")
    assert (first.text, [part.text for part in second], third.text) == ("30", ["1", "2"], "35")


def test_the_ordinary_segment_has_its_name_only_and_another_what_differs(root):
    document = root(ISA + "REF*A~\nREF*B~REF*C\n*D~\nREF*\xe9~\nREF*E\0~\n" + "REF*F")
    plain, same_line, wrapped, letter, control, last = find(document, "//x:REF")
    assert (dict(plain.attrib), dict(letter.attrib)) == ({}, {})
    assert dict(same_line.attrib) == {"ending": "7E"}
    assert base64.b64decode(wrapped.get("raw")) == b"REF*C\n*D~\n"
    assert (control[0].text, base64.b64decode(control.get("raw"))) == ("E\ufffd", b"REF*E\0~\n")
    assert dict(last.attrib) == {"ending": ""}


def test_delimiters_that_xml_cannot_hold_make_no_ordinary_segment_longer(root):
    text = (ISA + "REF*A:B*C~\n").replace("*", "\x1d").replace(":", "\x1f")
    document = root(text)
    assert dict(find(document, "//x:REF")[0].attrib) == {}
    assert find(document, "//x:ISA")[0].get("raw")
    assert find(document, "x:interchange")[0].get("delimiters") == "1D 1F 5E 7E"


def test_bytes_outside_any_segment_are_kept_as_they_are(root):
    (outside,) = find(root("Dear all,\n" + CLAIM), "x:outside")
    assert base64.b64decode(outside.text) == b"Dear all,\n"


def test_a_segment_id_that_is_none_has_a_tag_that_can_be_read(root):
    (malformed,) = find(root(ISA + "no <id>*1~\n"), "//x:segment")
    assert (malformed.get("id"), malformed[0].get("id"), malformed[0].text) == ("no <id>", "01", "1")


def test_xml_that_another_tool_laid_out_comes_back(tmp_path):
    tree = etree.fromstring(there(tmp_path, CLAIM, "xml"), etree.XMLParser(remove_blank_text=True))
    assert back(tmp_path, etree.tostring(tree, pretty_print=True), "xml") == CLAIM.encode()


def test_every_tag_on_a_line_of_its_own_is_the_same_document(tmp_path):
    document = there(tmp_path, CLAIM, "xml").replace(b"><", b">\n\t<").replace(b"<CLM", b"<!-- checked -->\n<CLM")
    empty = document.replace(b'">\n\t</e>', b'"></e>')
    assert back(tmp_path, empty, "xml") == CLAIM.encode()


def test_another_prefix_and_another_encoding_are_the_same_document(tmp_path):
    text = there(tmp_path, CLAIM, "xml").decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    prefixed = text.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:").replace("<x:?", "<?")
    document = prefixed.replace("xmlns=", "xmlns:x=")
    assert back(tmp_path, document.encode("utf-16"), "xml") == CLAIM.encode()


def test_blank_values_are_marked_for_programs_that_drop_blanks(root):
    blank = find(root(CLAIM), "//x:ISA/x:e[@xml:space='preserve']")
    assert [(e.get("id"), e.text) for e in blank] == [("ISA02", " " * 10), ("ISA04", " " * 10)]
