"""What goes wrong with files on their way: each fault has its diagnostic, its place, and the rest is still read."""

import gzip

import pytest

from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.edi.syntax import tokens
from claimloop.edi.validate import validate

ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240101*1200*^*00501*000000001*0*T*:~"
GS = "GS*HP*S*R*20240101*1200*1*X*005010X221A1~"
GOOD = ISA + GS + "ST*835*0001~BPR*I*0*C*NON~NTE*ADD*ADA~SE*4*0001~GE*1*1~IEA*1*000000001~"
SECOND = GOOD.replace("000000001", "000000002")


@pytest.fixture
def findings(tmp_path):
    """The findings on a file as lines, and how many segments were read of it."""

    def check(content, most=1_000):
        path = tmp_path / "a.x12"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        found: list[Diagnostic] = []
        counts = validate(path, found.append, guide=False, most=most)
        return [str(each) for each in found], counts.segments

    return check


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GOOD.encode("utf-16"), "the file is UTF-16 text"),
        (GOOD.encode("utf-16-le"), "the file is UTF-16 text"),
        (GOOD.encode("utf-16-be"), "the file is UTF-16 text"),
        (GOOD.encode("cp037"), "the file is EBCDIC text"),
        (gzip.compress(GOOD.encode(), mtime=0), "the file is compressed (gzip)"),
        (b"PK\x03\x04\x14\0\0\0", "the file is a ZIP archive"),
        (b"%PDF-1.7\n", "the file is a PDF document"),
        (b"-----BEGIN PGP MESSAGE-----\n", "the file is encrypted or signed (PGP)"),
        (b"\xef\xbb\xbf<!DOCTYPE HTML>\n<html>", "the file is a web page"),
        (b"\n<?xml version='1.0'?>", "the file is XML"),
        (b"UNA:+.? '", "the file is EDIFACT, not X12"),
        (b"MSH|^~\\&|", "the file is HL7, not X12"),
        (GS, "the file begins with GS, so its ISA segment is missing"),
        ("ST*835*0001~", "the file begins with ST, so its ISA segment is missing"),
        (GOOD.lower(), "the ISA segment at the start is damaged"),
        (GOOD[:90], "the ISA segment at the start is damaged"),
        ("", "the file is empty"),
        (b"\0" * 1_000, "the file is empty"),
        ("claim,amount\n", "there is no ISA segment in the first 13 bytes"),
        ("STATE*PA~", "there is no ISA segment in the first 9 bytes"),
    ],
)
def test_a_file_without_an_isa_is_named_for_what_it_is(findings, content, words):
    with pytest.raises(NotX12) as refusal:
        findings(content)
    assert str(refusal.value).startswith(words)


@pytest.mark.parametrize(
    ("content", "expected", "segments"),
    [
        ("\ufeff" + GOOD, ["a.x12:1: X127 note: file begins with a UTF-8 byte order mark"], 8),
        (
            "From: clearinghouse\n\n" + GOOD,
            ["a.x12:1: X101 warning: skipped 19 bytes outside any interchange"],
            8,
        ),
        (
            GOOD + "\n--boundary\n" + SECOND,
            ["a.x12:9: X101 warning: skipped 10 bytes outside any interchange"],
            16,
        ),
        (
            GOOD[:-1] + SECOND,
            ["a.x12:8: X103 warning: last 15 bytes of the interchange have no segment terminator"],
            16,
        ),
        (
            GOOD.replace("ADA", "A\0A"),
            [
                "a.x12:5: X128 warning: segment contains a control character (0x00)  [NTE02]  value •?• (masked: 2 letters)"
            ],
            8,
        ),
        (
            GOOD.replace("ADA", "\tA\x1d"),
            [
                "a.x12:5: X128 warning: segment contains a control character (0x09)  [NTE02]  value ?•? (masked: 1 letter)"
            ],
            8,
        ),
        (
            GOOD.replace("ADA", "ZOË"),
            [
                "a.x12:5: X129 warning: segment contains non-ASCII characters (read as UTF-8)  [NTE02]  value ••• (masked: 3 letters)"
            ],
            8,
        ),
        (
            GOOD.replace("ADA", "ZOË").encode("latin-1"),
            [
                "a.x12:5: X129 warning: segment contains non-ASCII characters (read as Latin-1)  [NTE02]  value ••• (masked: 3 letters)"
            ],
            8,
        ),
    ],
)
def test_bytes_that_do_not_belong_are_reported_and_the_rest_is_read(findings, content, expected, segments):
    assert findings(content) == (expected, segments)


def test_two_encodings_in_one_interchange_are_reported_at_the_first_segment_of_the_second(findings):
    content = GOOD.replace("SE*4", "SE*6").encode()
    mixed = b"NTE*ADD*\xc3\x8b~NTE*ADD*\xcb~NTE*ADD*\xc3\x8b~"
    lines, segments = findings(content.replace(b"NTE*ADD*ADA~", mixed))
    assert [line for line in lines if "X130" in line] == [
        "a.x12:6: X130 warning: segment is Latin-1, but earlier segments are UTF-8  [NTE02]  value • (masked: 1 letter)"
    ]
    assert [line for line in lines if "X129" not in line and "X130" not in line] == []
    assert segments == 10


def test_each_interchange_may_have_its_own_encoding(findings):
    one, other = GOOD.replace("ADA", "ZOË").encode(), SECOND.replace("ADA", "ZOË").encode("latin-1")
    assert [line.split()[1] for line in findings(one + other)[0]] == ["X129", "X129"]


def test_delimiters_outside_ascii_and_control_characters_as_delimiters_are_no_finding(findings):
    signs = str.maketrans("*~:^", "\x1d\x1c§\x1f")
    assert findings(GOOD.translate(signs).encode("latin-1")) == ([], 8)


def test_a_gigantic_segment_is_passed_over(monkeypatch, findings):
    monkeypatch.setattr(tokens, "LONGEST_SEGMENT", 2_000)
    lines, segments = findings(GOOD.replace("ADA", "A" * 10_000))
    assert lines == [
        "a.x12:5: X102 error: no segment terminator within 2,000 bytes: skipped 10,009 bytes",
        "a.x12:5: X114 error: SE01 is 4, but the set has 3 segments  [SE01]",
    ]
    assert segments == 7


def test_a_terminator_that_never_comes_again(monkeypatch, findings):
    monkeypatch.setattr(tokens, "LONGEST_SEGMENT", 2_000)
    lines, segments = findings(ISA + GOOD[len(ISA) :].replace("~", "'") * 100)
    assert [line.split()[1] for line in lines] == ["X102", "X110"]
    assert segments == 1


@pytest.mark.parametrize(
    ("end", "codes"),
    [
        ("NTE*ADD*ADA~", ["X118", "X113", "X110"]),  # behind a segment
        ("NTE*ADD", ["X103", "X118", "X113", "X110"]),  # inside a segment
        ("SE*4*0001~", ["X113", "X110"]),
        ("GE*1*1~", ["X110"]),
        ("GE*1*", ["X103", "X117", "X126", "X110"]),
    ],
)
def test_a_file_that_was_cut_says_what_is_not_closed(findings, end, codes):
    lines, _ = findings(GOOD[: GOOD.index(end) + len(end)])
    assert [line.split()[1] for line in lines] == codes


def test_empty_segments_without_number_are_reported_in_a_few_lines(findings):
    lines, segments = findings(GOOD.replace("GE*", "~" * 100_000 + "GE*"))
    assert lines == [f"a.x12:{number}: X123 warning: segment is empty" for number in range(7, 12)] + [
        "a.x12:100008: X131 note: only the first X123 findings of this interchange are listed: there are 99995 more"
    ]
    assert segments == 100_008


def test_of_findings_of_one_kind_the_first_are_listed(findings):
    stray = GOOD.replace("GE*", "GE*9*9~" * 50 + "GE*")
    lines, _ = findings(stray, most=10)
    assert [line.split()[1] for line in lines] == ["X116", "X117", *["X119"] * 10, "X131"]
    assert lines[-1] == "a.x12: X131 note: only the first X119 findings of this file are listed: there are 40 more"
    assert len(findings(stray, most=None)[0]) == 52


def test_all_findings_are_there_for_the_asking(findings):
    lines, _ = findings(GOOD.replace("GE*", "~" * 3_000 + "GE*"), most=None)
    assert len(lines) == 3_000


def test_findings_stand_in_the_order_of_the_file(findings):
    lines, _ = findings("mail\n" + GOOD.replace("ADA", "ZOË~").replace("SE*4", "SE*5") + "x\n" + SECOND[:-1])
    assert [line.split()[1] for line in lines] == ["X101", "X129", "X123", "X101", "X103"]
