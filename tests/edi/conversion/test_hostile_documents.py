"""Documents that are broken, of another form, or made to harm: one clear line, without delay."""

import pytest

from claimloop.edi.conversion import ConversionError, write_x12
from claimloop.edi.conversion import from_json as json_reader
from claimloop.edi.conversion import from_xml as xml_reader
from claimloop.tests.edi.conversion.converting import back

HEAD = '<file xmlns="urn:claimloop:x12:1">'
OPEN = f'{HEAD}<interchange delimiters="2A 3A 5E 7E" ending="7E">'
CLOSE = "</interchange></file>"
LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
JSON_OPEN = (
    '{"form":"claimloop x12 1","content":[\n{"kind":"interchange","delimiters":"2A 3A 5E 7E","ending":"7E","content":['
)


def refusal(folder, document, form):
    """The one line that is said; nothing may have been written."""
    with pytest.raises(ConversionError) as caught:
        back(folder, document, form)
    words = str(caught.value)
    assert "\n" not in words
    return words.removeprefix(f"{folder / f'in.{form}'}: ")


@pytest.mark.parametrize(
    "document",
    [
        f'<!DOCTYPE file [<!ENTITY l0 "ha">{LAUGHS}]>{HEAD}<NTE><e>&l9;</e></NTE></file>',
        f'<!DOCTYPE file [<!ENTITY l0 "ha">{LAUGHS}]>{HEAD.replace(">", " a=")}"&l9;"/>',
        f'<!DOCTYPE file [<!ENTITY x SYSTEM "file:///etc/passwd">]>{HEAD}<NTE><e>&x;</e></NTE></file>',
        f'<!DOCTYPE file SYSTEM "http://localhost:1/x.dtd">{HEAD}</file>',
        f'<!DOCTYPE file [<!ENTITY % x SYSTEM "http://localhost:1/x.dtd">%x;]>{HEAD}</file>',
        f'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE file []>{HEAD}</file>',
        f"<!DOCTYPE file>{HEAD}</file>".encode("utf-16"),
    ],
)
def test_a_document_with_a_dtd_is_refused(tmp_path, document):
    assert refusal(tmp_path, document, "xml") == "the document has a DTD, which is not allowed"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("<file/>", "the root element must be file in the namespace urn:claimloop:x12:1"),
        ('<a xmlns="urn:claimloop:x12:1"/>', "the root element must be file in the namespace urn:claimloop:x12:1"),
        (f"{HEAD}<", "the document is not well-formed XML, line 1"),
        (f"{OPEN}<NTE><e>&x;</e></NTE>{CLOSE}", "the document is not well-formed XML, line 1"),
        (OPEN, "the document is not well-formed XML, line 1"),
        (f'{HEAD}<x xmlns="other"/></file>', "an element of another namespace is not allowed here"),
        (f'{HEAD}<interchange delimiters="2A"/></file>', "interchange before segment 1: an interchange must have four delimiters: element, component, repetition, segment"),
        (f"{HEAD}<NTE><e>1</e></NTE></file>", "segment 1 (NTE): it is outside an interchange"),
        (f'{OPEN}<NTE raw="?"/>{CLOSE}', "raw bytes of segment 1 are not valid base64"),
        (f"{OPEN}<outside>?</outside>{CLOSE}", "outside bytes after segment 0 are not valid base64"),
        (f"{OPEN}<NTE><r/></NTE>{CLOSE}", "after segment 0: r is not allowed in segment"),
        (f"{OPEN}<NTE><e><e/></e></NTE>{CLOSE}", "after segment 0: e is not allowed in e"),
        (f"{OPEN}<e/>{CLOSE}", "after segment 0: e is not allowed here"),
        (f"{OPEN}<claim/>{CLOSE}", "after segment 0: an element of that name is not allowed here"),
        (f"{OPEN}<NTE>1</NTE>{CLOSE}", "after segment 0: text is outside of a value"),
        (f"{OPEN}1{CLOSE}", "after segment 0: text is outside of a value"),
        (f"{OPEN}<NTE><e>1<c>2</c></e></NTE>{CLOSE}", "after segment 0: an element contains text as well as components or repeats"),
        (f"{OPEN}<NTE><e><c>2</c>1</e></NTE>{CLOSE}", "after segment 0: an element contains text as well as components or repeats"),
        (f"{OPEN}<NTE><e><c>2</c><r>1</r></e></NTE>{CLOSE}", "after segment 0: an element contains text as well as components or repeats"),
        (f"{OPEN}<NTE><e><r>1</r><c>2</c></e></NTE>{CLOSE}", "after segment 0: an element contains text as well as components or repeats"),
        (HEAD + "<loop>" * 1_000_000, "the document is nested deeper than 64 elements"),
    ],
)  # fmt: skip
def test_xml_of_another_form_is_one_clear_line(tmp_path, document, words):
    assert refusal(tmp_path, document, "xml") == words


@pytest.mark.parametrize("body", ["<NTE><e>" + "x" * 400_000, "<NTE>" + "<e/>" * 400_000, "<outside>" + "x" * 400_000])
def test_what_is_too_long_for_a_segment_is_not_gathered(tmp_path, monkeypatch, body):
    monkeypatch.setattr(xml_reader, "_LARGEST", 100_000)
    assert refusal(tmp_path, OPEN + body, "xml") == "after segment 0: the element is too long for a segment"


@pytest.mark.parametrize("body", ["<!-- ", '<NTE raw="', "<?x "])
def test_a_tag_or_comment_without_end_is_not_gathered(tmp_path, monkeypatch, body):
    monkeypatch.setattr(xml_reader, "_LONGEST_SILENCE", 100_000)
    document = OPEN + body + "A" * 1_000_000
    assert refusal(tmp_path, document, "xml") == "the document contains a tag or comment that never ends"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{}", "not JSON of the documented form"),
        ('{"form": "other", "content": []}', "not JSON of the documented form"),
        ('{"form": "claimloop x12 1", "content": [', "not JSON of the documented form"),
        ('{"form": "claimloop x12 1", "content": [{"kind": "claim"}]}', "not JSON of the documented form"),
        (f'{JSON_OPEN}\n{{"kind":"segment","id":"NTE","elements":[{{"vlaue":"1"}}]}}\n]}}\n]}}', "line 3 does not have the documented form"),
        (f'{JSON_OPEN}\n{{"kind":"segment","id":"NTE","elements":[{{"id":"NTE01"}}]}}\n]}}\n]}}', "segment 1: element 1 must have exactly one of value, components and repeats"),
        (f'{JSON_OPEN}\n{{"kind":"segment","id":"NTE","elements":[{{"components":[]}}]}}\n]}}\n]}}', "segment 1: element 1 must have exactly one of value, components and repeats"),
        (f'{JSON_OPEN}\n{{"kind":"segment","id":"NTE","elements":[{{"repeats":[{{}}]}}]}}\n]}}\n]}}', "segment 1: element 1 must have exactly one of value, components and repeats"),
        (f'{JSON_OPEN}\n{{"kind":"segment","id":"NTE","content":[\n]}}\n]}}\n]}}', "line 3 does not have the documented form"),
        (f'{JSON_OPEN}\n{{"kind":"outside","bytes":"?"}}\n]}}\n]}}', "outside bytes after segment 0 are not valid base64"),
        (f'{JSON_OPEN}\n{{"kind":"segment","id":"NTE"}}', "the document ends before its last line"),
        (f"{JSON_OPEN}\n]}}\n]}}\n{{}}", "line 4: the document continues after its end"),
        ('{"form":"claimloop x12 1","content":[\n{"kind":"segment","id":"NTE"}\n]}', "segment 1 (NTE): it is outside an interchange"),
        ('{"form":"claimloop x12 1","content": [' + '{"kind":"loop","content":[' * 100_000, "not JSON of the documented form"),
    ],
)  # fmt: skip
def test_json_of_another_form_is_one_clear_line(tmp_path, document, words):
    assert words in refusal(tmp_path, document, "json")


def test_json_that_is_too_large_to_be_read_whole_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(json_reader, "_LARGEST_WHOLE", 100)
    said = refusal(tmp_path, '{"form": "claimloop x12 1", "content": [' + " " * 100, "json")
    assert said == "the document is longer than 100 bytes and not in the line layout of `convert`"


def test_messages_hold_no_value(tmp_path):
    for form, value in (("xml", "<e>ADA~LOVELACE</e>"), ("json", '{"value":"ADA~LOVELACE"}')):
        document = f"{OPEN}<NTE>{value}</NTE>{CLOSE}"
        if form == "json":
            document = f'{JSON_OPEN}\n{{"kind":"segment","id":"NTE","elements":[{value}]}}\n]}}\n]}}'
        assert refusal(tmp_path, document, form) == "segment 1 (NTE01): the value contains the segment terminator"


def test_a_document_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        write_x12(tmp_path / "none", "xml", lambda _: None)
