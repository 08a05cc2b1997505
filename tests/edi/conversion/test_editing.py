"""A document that was changed by hand: the change is written, and what would be read as something else is refused."""

import pytest

from claimloop.edi.conversion import ConversionError
from claimloop.tests.edi.conversion.converting import ISA, WRITERS, back, there
from claimloop.tests.edi.guides.test_check import CLAIM

BOTH = pytest.mark.parametrize("form", WRITERS)


@pytest.fixture
def edited(tmp_path):
    """X12 to a document, a text of it (in both forms: `>old<` and `"old"`) exchanged, and back."""

    def edit(content, form, old, new):
        document = there(tmp_path, content, form).decode()
        before, after = (f">{old}<", f">{new}<") if form == "xml" else (f'"{old}"', f'"{new}"')
        assert before in document
        return back(tmp_path, document.replace(before, after), form)

    return edit


@BOTH
def test_a_value_may_be_changed_by_hand(edited, form):
    changed = CLAIM.replace("SPRINGFIELD", "SHELBYVILLE")
    assert edited(CLAIM, form, "SPRINGFIELD", "SHELBYVILLE") == changed.encode()


@BOTH
def test_counts_stay_as_they_stand(tmp_path, form):
    document = there(tmp_path, CLAIM, form).decode()
    without = "\n".join(line for line in document.split("\n") if "2 OAK ST" not in line)
    assert back(tmp_path, without, form) == CLAIM.replace("N3*2 OAK ST~\n", "").encode()


@BOTH
def test_a_changed_value_wins_over_the_raw_bytes(edited, form):
    wrapped = CLAIM.replace("*DOE*JOHN", "*DO\nE*JOHN")
    assert edited(wrapped, form, "DOE", "ROE") == CLAIM.replace("DOE", "ROE").encode()


@BOTH
def test_a_changed_segment_keeps_its_encoding(edited, form):
    content = (ISA + "NM1*QC*1*M\xdcLLER*ADA~\n").encode("latin-1")
    assert edited(content, form, "ADA", "EVE") == content.replace(b"ADA", b"EVE")
    assert edited(content, form, "ADA", "\u017duk") == content.replace(b"ADA", "\u017duk".encode()).replace(
        b"\xdc", "\xdc".encode()
    )


def test_a_changed_segment_must_lose_what_xml_cannot_hold(edited, tmp_path):
    content = ISA + "NTE*ADD*A\0B~\n"
    with pytest.raises(ConversionError, match=r"segment 2 \(NTE\): the segment was changed, so its character"):
        edited(content, "xml", "ADD", "DCP")
    assert edited(content, "xml", "A\ufffdB", "AB") == content.replace("\0", "").encode()
    assert edited(content, "json", "ADD", "DCP") == content.replace("ADD", "DCP").encode()


@BOTH
@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ("SPRING*FIELD", "the element separator"),
        ("SPRING~FIELD", "the segment terminator"),
        ("SPRING:FIELD", "the component separator"),
        ("SPRING^FIELD", "the repetition separator"),
    ],
)
def test_a_delimiter_in_a_value_is_refused(edited, form, bad, what):
    with pytest.raises(ConversionError, match=rf"segment 11 \(N401\): the value contains {what}$"):
        edited(CLAIM, form, "SPRINGFIELD", bad)


@pytest.mark.parametrize(("form", "bad"), [("xml", "SPRING\nFIELD"), ("json", "SPRING\\nFIELD")])
def test_a_line_break_in_a_value_is_refused(edited, form, bad):
    with pytest.raises(ConversionError, match=r"\(N401\): the value contains a line break"):
        edited(CLAIM, form, "SPRINGFIELD", bad)


@BOTH
def test_a_delimiter_in_a_component_is_refused(edited, form):
    with pytest.raises(ConversionError, match=r"\(SV101\): the value contains the component separator"):
        edited(CLAIM, form, "99213", "992:13")


@BOTH
def test_an_isa_that_tells_other_delimiters_is_refused(edited, form):
    with pytest.raises(ConversionError, match=r"segment 1 \(ISA\): ISA11, ISA16 and the delimiters"):
        edited(CLAIM, form, "^", "!")


@BOTH
def test_the_delimiters_may_be_changed_where_the_isa_says_the_same(tmp_path, form):
    document = there(tmp_path, CLAIM, form).decode()
    for old, new in (("2A 3A 5E 7E", "7C 3E 5E 27"), ("7E 0A", "27")):
        document = document.replace(f'"{old}"', f'"{new}"')
    document = document.replace(">:<", ">&gt;<").replace('"value":":"', '"value":">"')
    expected = CLAIM.replace("~\n", "'").replace(":", ">").replace("*", "|")
    assert back(tmp_path, document, form) == expected.encode()


@BOTH
@pytest.mark.parametrize(("signs", "what"), [("2A - 5E 7E", "components"), ("2A 3A - 7E", "repeats")])
def test_components_and_repeats_need_a_separator(tmp_path, form, signs, what):
    content = ISA.replace("*:~", "*>~") + f"EB*1**{'A>B' if what == 'components' else 'A^B'}~\n"
    document = there(tmp_path, content, form).decode().replace(f'"{"2A 3E 5E 7E"}"', f'"{signs.replace("3A", "3E")}"')
    lines = [line for line in document.split("\n") if "ISA01" not in line]
    with pytest.raises(ConversionError, match=rf"segment 1 \(EB03\): .*{what}"):
        back(tmp_path, "\n".join(lines), form)


@BOTH
@pytest.mark.parametrize("bad", ["41", "7E 7C", "zz"])
def test_an_ending_is_made_of_terminator_and_line_breaks(tmp_path, form, bad):
    document = there(tmp_path, CLAIM, form).decode().replace('"7E 0A"', f'"{bad}"')
    with pytest.raises(ConversionError, match="ending"):
        back(tmp_path, document, form)


def test_a_segment_id_with_a_delimiter_is_refused(tmp_path):
    document = there(tmp_path, ISA + "id*1~\n", "xml").decode().replace('id="id"', 'id="i*d"')
    with pytest.raises(ConversionError, match="segment 2: its id contains a delimiter"):
        back(tmp_path, document, "xml")


def test_letters_that_cannot_stand_beside_the_delimiters_are_refused(tmp_path):
    content = ISA.replace("*", "§").encode("latin-1") + b"NTE\xa7ADD\xa7\xe9~\n"
    document = there(tmp_path, content, "json").decode()
    assert back(tmp_path, document, "json") == content
    with pytest.raises(ConversionError, match=r"segment 2 \(NTE\): it contains a letter that cannot be encoded"):
        back(tmp_path, document.replace('"é"', '"ž"'), "json")
