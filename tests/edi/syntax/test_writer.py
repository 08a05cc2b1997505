"""What is written can always be read back: envelopes counted, data clean, delimiters never inside data."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.envelope import ENVELOPE_SEGMENTS, EnvelopeReader
from claimloop.edi.syntax.tokens import read_batches
from claimloop.edi.syntax.writer import InterchangeIds, X12Writer

MOMENT = datetime(2024, 3, 7, 9, 5)
IDS = InterchangeIds("ZZ", "SENDER", "30", "123456789", "APPSENDER", "APPRECEIVER")
USUAL = Delimiters()


def written(fill, delimiters=USUAL, line_break="\n", character_set="basic"):
    """A whole interchange of one set, with what `fill(writer)` puts into it."""
    out: list[str] = []
    writer = X12Writer(out.append, delimiters, line_break=line_break, character_set=character_set)
    writer.begin_interchange(IDS, 42, MOMENT)
    writer.begin_group(IDS, "HC", 7, MOMENT, "005010X222A1")
    writer.begin_set("837", 1, "005010X222A1")
    fill(writer)
    writer.end_set()
    writer.end_group()
    writer.end_interchange()
    return "".join(out)


def test_the_whole_envelope():
    text = written(lambda writer: writer.segment("BHT", "0019", "00", "X1", "20240307", "0905", "CH"))
    assert text.splitlines() == [
        "ISA*00*          *00*          *ZZ*SENDER         *30*123456789      *240307*0905*^*00501*000000042*0*T*:~",
        "GS*HC*APPSENDER*APPRECEIVER*20240307*0905*7*X*005010X222A1~",
        "ST*837*0001*005010X222A1~",
        "BHT*0019*00*X1*20240307*0905*CH~",
        "SE*3*0001~",
        "GE*1*7~",
        "IEA*1*000000042~",
    ]


def test_the_isa_has_106_characters_and_its_delimiters_in_their_columns():
    isa = written(lambda _: None, Delimiters("|", ">", "!", "'"), line_break="")[:106]
    assert (isa[3], isa[82], isa[104], isa[105]) == ("|", "!", ">", "'")


def test_several_groups_and_sets_are_counted():
    out: list[str] = []
    writer = X12Writer(out.append, USUAL)
    writer.begin_interchange(IDS, 1, MOMENT)
    for group, sets in ((1, 2), (2, 1)):
        writer.begin_group(IDS, "HC", group, MOMENT, "005010X222A1")
        for number in range(1, sets + 1):
            writer.begin_set("837", number)
            writer.segment("BHT", "0019")
            writer.end_set()
        writer.end_group()
    writer.end_interchange()
    trailers = [line.strip("~\n") for line in out if line.startswith(("SE", "GE", "IEA"))]
    assert trailers == ["SE*3*0001", "SE*3*0002", "GE*2*1", "SE*3*0001", "GE*1*2", "IEA*2*000000001"]


def test_levels_and_lines_are_numbered():
    def fill(writer):
        billing = writer.hl(None, "20", has_children=True)
        subscriber = writer.hl(billing, "22", has_children=True)
        writer.hl(subscriber, "23", has_children=False)
        for _ in range(2):
            writer.begin_lines()
            writer.lx()
            writer.lx()

    lines = written(fill).replace("~", "").splitlines()[3:-3]
    assert lines == ["HL*1**20*1", "HL*2*1*22*1", "HL*3*2*23*0", "LX*1", "LX*2", "LX*1", "LX*2"]


def test_levels_start_again_in_the_next_set():
    out: list[str] = []
    writer = X12Writer(out.append, USUAL)
    for number in (1, 2):
        writer.begin_set("837", number)
        assert writer.hl(None, "20", has_children=False) == 1
        writer.end_set()


def test_empty_elements_and_components_at_the_end_are_left_out():
    def fill(writer):
        writer.segment("SV1", ("HC", "99213", "", "25", "", ""), Decimal("100.50"), None, 2, "", None, ("", ""))

    assert "\nSV1*HC:99213::25*100.5**2~\n" in written(fill)


def test_no_line_break_follows_where_the_terminator_is_one():
    assert "\n\n" not in written(lambda _: None, Delimiters("*", ":", "^", "\n"))


def test_data_is_transliterated_and_in_capitals():
    assert "NM1*85*1*MULLER*ZOE~" in written(lambda writer: writer.segment("NM1", "85", "1", "Müller", "Zoë"))


ELEMENT = st.one_of(
    st.text(max_size=20),
    st.none(),
    st.integers(-1000, 1000),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**6), max_value=10**6),
    st.tuples(st.text(max_size=8), st.text(max_size=8)),
)


@given(
    st.lists(st.lists(ELEMENT, min_size=1, max_size=6), max_size=5),
    st.permutations("*|+:>^!~'%&\x1d\x1e"),
    st.sampled_from(["basic", "extended"]),
)
def test_whatever_the_data_the_reader_finds_the_same_segments(rows, signs, character_set):
    delimiters = Delimiters(*signs[:4])

    def fill(writer):
        for row in rows:
            writer.segment("NTE", *row)

    text = written(fill, delimiters, character_set=character_set)
    assert text.isascii()
    findings: list[Diagnostic] = []
    envelope = EnvelopeReader("a.x12", findings.append)
    (batch,) = read_batches(BytesIO(text.encode("ascii")), "a.x12", findings.append)
    assert batch.delimiters == delimiters
    assert len(batch.segments) == len(rows) + 6
    for number, segment in enumerate(batch.segments, 1):
        elements = segment.split(delimiters.element)
        assert len(elements) == 1 or elements[-1]
        assert len(elements) <= 17
        if elements[0] in ENVELOPE_SEGMENTS:
            envelope.read(elements[0], elements, batch, number)
        else:
            assert len(elements) <= 7
    envelope.finish()
    assert findings == []


@pytest.mark.parametrize(
    "delimiters",
    [
        Delimiters("*", "*", "^", "~"), Delimiters("*", ":", ":", "~"), Delimiters("*", ":", "^", "*"),
        Delimiters("", ":", "^", "~"), Delimiters("*", "", "^", "~"), Delimiters("*", ":", "^", ""),
        Delimiters("A", ":", "^", "~"), Delimiters("*", "5", "^", "~"), Delimiters("*", ".", "^", "~"),
        Delimiters("-", ":", "^", "~"), Delimiters("*", ":", " ", "~"), Delimiters("\n", ":", "^", "~"),
        Delimiters("*", ":", "^", "§"),
    ],
)  # fmt: skip
def test_delimiters_that_could_stand_in_data_or_numbers_are_refused(delimiters):
    with pytest.raises(ValueError, match="delimiter"):
        X12Writer(print, delimiters)


@pytest.mark.parametrize("tag", ["", "N", "n1", "NM1X", "1NM", "N*", "ÄB", "NM1\n"])
def test_a_malformed_segment_id_is_refused(tag):
    with pytest.raises(ValueError, match="segment id"):
        X12Writer(print, USUAL).segment(tag, "1")


@pytest.mark.parametrize("number", [0, -1, 10**9])
def test_a_control_number_that_does_not_fit_is_refused(number):
    writer = X12Writer(lambda _: None, USUAL)
    with pytest.raises(ValueError, match="control number"):
        writer.begin_interchange(IDS, number, MOMENT)
    with pytest.raises(ValueError, match="control number"):
        writer.begin_group(IDS, "HC", number, MOMENT, "005010X222A1")
    with pytest.raises(ValueError, match="control number"):
        writer.begin_set("837", number)


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (InterchangeIds("Z", "A", "ZZ", "B", "A", "B"), "qualifier"),
        (InterchangeIds("ZZ", "A", "*Z", "B", "A", "B"), "qualifier"),
        (InterchangeIds("ZZ", "A", "ZZ", "B", "A", "B", usage=""), "usage"),
        (InterchangeIds("ZZ", "A" * 16, "ZZ", "B", "A", "B"), "15 characters"),
        (InterchangeIds("ZZ", "A*B", "ZZ", "B", "A", "B"), "cannot be sent"),
        (InterchangeIds("ZZ", "", "ZZ", "B", "A", "B"), "15 characters"),
    ],
)
def test_ids_that_do_not_fit_the_isa_are_refused(ids, words):
    with pytest.raises(ValueError, match=words):
        X12Writer(print, USUAL).begin_interchange(ids, 1, MOMENT)
