"""Bytes to segments: nothing is lost, every segment knows where it stands, at any chunk size."""

import tracemalloc
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.edi.syntax import tokens
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.tokens import read_batches

ISA = b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240101*1200*^*00501*000000001*0*T*:~"
SMALL = ISA + b"GS*HP*S*R*20240101*1200*1*X*005010X221A1~ST*835*0001~SE*2*0001~GE*1*1~IEA*1*000000001~"


def never(found):
    raise AssertionError(str(found))


def read(raw, chunk=tokens.CHUNK):
    """Every segment with its number and byte offset, and the findings."""
    findings: list[Diagnostic] = []
    segments = []
    for batch in read_batches(BytesIO(raw), "a.x12", findings.append, chunk=chunk):
        for number, text in enumerate(batch.segments, batch.first):
            segments.append((number, batch.offset(number), text))
    return segments, findings


def test_segments_are_numbered_from_one_and_know_their_byte():
    segments, findings = read(SMALL)
    assert [number for number, _, _ in segments] == [1, 2, 3, 4, 5, 6]
    assert [offset for _, offset, _ in segments] == [
        SMALL.index(start) for start in (b"ISA", b"GS*", b"ST*", b"SE*", b"GE*", b"IEA")
    ]
    assert [text for _, _, text in segments][2:4] == ["ST*835*0001", "SE*2*0001"]
    assert findings == []


@pytest.mark.parametrize("line_break", [b"\n", b"\r\n", b"\r"])
def test_line_breaks_behind_the_terminator_belong_to_no_segment(line_break):
    raw = SMALL.replace(b"~", b"~" + line_break)
    segments, findings = read(raw)
    assert [text for _, _, text in segments] == [text for _, _, text in read(SMALL)[0]]
    assert [raw[offset : offset + 2].decode() for _, offset, _ in segments] == ["IS", "GS", "ST", "SE", "GE", "IE"]
    assert findings == []


@pytest.mark.parametrize("terminator", [b"\n", b"\r\n", b"\r"])
def test_a_line_break_may_be_the_terminator(terminator):
    segments, findings = read(SMALL.replace(b"~", terminator))
    assert [text for _, _, text in segments] == [text for _, _, text in read(SMALL)[0]]
    assert findings == []


def test_lines_wrapped_at_any_column_are_joined_again():
    for column in (20, 72, 80):
        wrapped = b"\r\n".join(SMALL[i : i + column] for i in range(0, len(SMALL), column))
        assert [text for _, _, text in read(wrapped)[0]] == [text for _, _, text in read(SMALL)[0]]


def test_a_second_interchange_has_its_own_delimiters():
    other = SMALL.replace(b"*", b"|").replace(b"~", b"'").replace(b":", b">").replace(b"^", b"!")
    batches = list(read_batches(BytesIO(SMALL + b"\n" + other), "a.x12", never))
    assert [batch.delimiters for batch in batches] == [Delimiters("*", ":", "^", "~"), Delimiters("|", ">", "!", "'")]
    assert [batch.first for batch in batches] == [1, 7]
    assert batches[1].segments[0].startswith("ISA|00|")


def test_text_before_the_first_isa_is_reported_and_passed_over():
    segments, findings = read(b"From: payer\n\n" + SMALL)
    assert segments[0][:2] == (1, 13)
    assert [str(found) for found in findings] == ["a.x12:1: X101 warning: skipped 11 bytes outside any interchange"]


def test_text_between_interchanges_is_reported_with_its_place():
    segments, findings = read(SMALL + b"\n-- next --\n" + SMALL)
    assert len(segments) == 12
    assert [str(found) for found in findings] == ["a.x12:7: X101 warning: skipped 10 bytes outside any interchange"]
    assert findings[0].where.offset == len(SMALL)


def test_a_byte_order_mark_is_passed_over_with_a_note():
    segments, findings = read(b"\xef\xbb\xbf" + SMALL)
    assert segments[0][1] == 3
    assert [str(found) for found in findings] == ["a.x12:1: X127 note: file begins with a UTF-8 byte order mark"]


@pytest.mark.parametrize("padding", [b"\n\n", b"\x1a", b"\0" * 100, b"  \r\n\x1a"])
def test_padding_behind_the_last_segment_is_no_finding(padding):
    segments, findings = read(SMALL + padding)
    assert (len(segments), findings) == (6, [])


def test_nul_bytes_in_data_stay_where_they_are():
    assert read(SMALL.replace(b"0001~SE", b"00\x0001~SE"))[0][2][2] == "ST*835*00\x0001"


def test_an_empty_segment_is_counted():
    segments, _ = read(SMALL.replace(b"~SE", b"~~SE"))
    assert [text for _, _, text in segments][2:5] == ["ST*835*0001", "", "SE*2*0001"]


def test_a_last_segment_without_terminator_is_read_and_reported():
    segments, findings = read(SMALL[:-1] + b"\n")
    assert segments[-1][2] == "IEA*1*000000001"
    assert [str(found) for found in findings] == [
        "a.x12:6: X103 warning: last 15 bytes of the interchange have no segment terminator"
    ]


def test_a_last_segment_without_terminator_before_the_next_interchange_is_read_and_reported():
    segments, findings = read(SMALL[:-1] + b"\n" + SMALL)
    assert [text for _, _, text in segments][5:7] == ["IEA*1*000000001", ISA[:-1].decode()]
    assert [str(found) for found in findings] == [
        "a.x12:6: X103 warning: last 15 bytes of the interchange have no segment terminator"
    ]


@pytest.mark.parametrize("chunk", [1, 700, 1 << 18])
def test_what_is_too_long_for_a_segment_is_passed_over_and_the_rest_is_read(monkeypatch, chunk):
    monkeypatch.setattr(tokens, "LONGEST_SEGMENT", 500)
    giant = b"NTE*ADD*" + b"x" * 5_000 + b"~"
    segments, findings = read(SMALL.replace(b"SE*2", giant + b"SE*2"), chunk)
    assert [text for _, _, text in segments] == [text for _, _, text in read(SMALL)[0]]
    assert [str(found) for found in findings] == [
        "a.x12:4: X102 error: no segment terminator within 500 bytes: skipped 5,009 bytes"
    ]
    assert findings[0].where.offset == SMALL.index(b"SE*2")


@pytest.mark.parametrize("chunk", [1, 700, 1 << 18])
def test_an_interchange_behind_one_whose_terminator_never_comes_again_is_read(monkeypatch, chunk):
    monkeypatch.setattr(tokens, "LONGEST_SEGMENT", 500)
    segments, findings = read(ISA + b"GS*" + b"x" * 5_000 + SMALL + b"y" * 5_000, chunk)
    assert [text[:2] for _, _, text in segments] == ["IS", "IS", "GS", "ST", "SE", "GE", "IE"]
    assert [(found.code, found.where.offset) for found in findings] == [
        ("X102", len(ISA)),
        ("X102", len(ISA) + 5_003 + len(SMALL)),
    ]


def test_memory_is_bounded_by_the_longest_segment_not_by_the_file():
    class Endless(BytesIO):
        """A hundred megabytes in which no terminator comes."""

        reads = 0

        def read(self, size=-1):
            self.reads += 1
            return ISA if self.reads == 1 else b"x" * size if self.reads < 400 else b""

    findings: list[Diagnostic] = []
    tracemalloc.start()
    segments = [text for batch in read_batches(Endless(), "a.x12", findings.append) for text in batch.segments]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(segments), [found.code for found in findings]) == (1, ["X102"])
    assert peak < 4 * tokens.LONGEST_SEGMENT


def test_names_in_utf_8_and_in_latin_1_are_read_side_by_side():
    utf_8, latin_1 = "NM1*QC*1*MÜLLER~".encode(), "NM1*QC*1*PEÑA~".encode("latin-1")
    raw = SMALL.replace(b"SE*2", utf_8 + latin_1 + b"SE*4")
    segments, _ = read(raw)
    assert [text for _, _, text in segments][3:5] == ["NM1*QC*1*MÜLLER", "NM1*QC*1*PEÑA"]
    assert segments[5][1] == raw.index(b"SE*4")


@pytest.mark.parametrize("name", ["LISA", "ISA", "ISABELLE*00*00"])
def test_the_letters_isa_in_data_begin_no_interchange(name):
    segments, findings = read(SMALL.replace(b"SE*2", f"NM1*QC*1*{name}~SE*3".encode()))
    assert (len(segments), findings) == (7, [])


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "the file is empty"),
        (b" \r\n \n", "the file is empty"),
        (
            b"\xff\xfe" + SMALL.decode().encode("utf-16-le"),
            "the file is UTF-16 text, but X12 has one byte per character",
        ),
        (b"claim,amount\n1,100\n", "there is no ISA segment in the first 19 bytes"),
        (SMALL[: len(ISA) - 10], "the ISA segment at the start is damaged: it is truncated"),
    ],
)
def test_what_has_no_isa_is_no_x12(raw, message):
    with pytest.raises(NotX12, match=message):
        read(raw)


def test_the_search_for_the_first_isa_ends(monkeypatch):
    monkeypatch.setattr(tokens, "FARTHEST_ISA", 2_000)
    with pytest.raises(NotX12, match="there is no ISA segment in the first 2,000 bytes"):
        read(b"x" * 100_000 + SMALL, chunk=1_000)


TEXT = st.text("ABISA *:^~|!\n\r 0é\0", max_size=30)
SIGNS = st.permutations("*|+:>^!~'\x1d\x1e")


@st.composite
def interchange(draw):
    element, component, repetition, terminator = draw(SIGNS)[:4]
    terminator = draw(st.sampled_from([terminator, "\n", "\r\n"]))
    table = str.maketrans({"*": element, ":": component, "^": repetition, "~": terminator})
    data = "".join(f"NTE*{text}~" for text in draw(st.lists(TEXT, max_size=4)))
    text = (SMALL[:-16].decode() + data + "IEA*1*000000001~").translate(table)
    encoding = draw(st.sampled_from(["utf-8", "latin-1"]))
    return draw(st.sampled_from(["", "\n", "mail header\n"])).encode() + text.encode(encoding)


@given(st.lists(interchange(), min_size=1, max_size=3), st.integers(1, 700))
def test_segments_offsets_and_findings_do_not_depend_on_the_chunk_size(interchanges, chunk):
    raw = b"".join(interchanges)
    assert read(raw, chunk) == read(raw)


@given(st.lists(interchange(), min_size=1, max_size=3))
def test_every_offset_is_where_the_segment_begins(interchanges):
    raw = b"".join(interchanges)
    for _, offset, text in read(raw)[0]:
        begins = text.lstrip(" ")[:1]
        assert raw[offset : offset + 2].startswith((begins.encode(), begins.encode("latin-1")))
