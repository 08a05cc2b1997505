"""X12 to XML or JSON and back: the same bytes, whatever was in the file."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimloop.edi.conversion import form_of
from claimloop.edi.diagnostics import NotX12
from claimloop.tests.edi.conversion.converting import ISA, WRITERS, back, there

SAMPLES = sorted((Path(__file__).parents[2] / "data").glob("**/*.x12"))
SIGNS = st.permutations("*|+:>^!~'<&\"\x1d\x1e\x00\t§\x85")
PARTS = st.one_of(
    st.binary(max_size=40),
    st.text("ABCLMST01*~:^|<&>\"'\\\n\r\0\x1fé\ufffd\U0001f600 ", max_size=20).map(str.encode),
    st.sampled_from(
        [
            b"~", b"\n", b"\r\n", b"\r", b" ", b"ISA", b"ISA*00*", b"GS*HC*S*R*20240101*1200*1*X*005010X222A1~",
            b"ST*837*0001*005010X222A1~", b"SE*2*0001~", b"GE*1*1~", b"IEA*1*000000001~", ISA.encode(), b" HL*1**20*1~",
            b"CLM*1*2***11:B:1~", b"EB*1**30^1:2^35~", b"NM1*QC*1*D\xd6E~", b"A\n B*1~", b"\0\x07*~", b"]]>*~", b"file~",
        ]
    ),
)  # fmt: skip


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_comes_back_byte_for_byte(tmp_path, sample, form):
    content = sample.read_bytes()
    assert back(tmp_path, there(tmp_path, content, form), form) == content


@st.composite
def files(draw):
    """Anything at all behind an ISA that can be read, with any delimiters."""
    element, component, repetition, terminator = draw(SIGNS)[:4]
    terminator = draw(st.sampled_from([terminator, "\n", "\r\n", "\r"]))
    version = draw(st.sampled_from(["00501", "00401"]))
    isa = ISA.rstrip().replace("00501", version)
    if version == "00401":
        isa = isa.replace("^", "U")
    table = str.maketrans({"*": element, ":": component, "^": repetition, "~": terminator})
    before = draw(st.sampled_from([b"", b"\xef\xbb\xbf", b"\r\n", b"From: a\n\n", b"<mail>\n", b"{\n"]))
    parts = draw(st.lists(st.one_of(PARTS, st.just(terminator.encode("latin-1"))), max_size=12))
    translated = [
        part.decode("latin-1").translate(table).encode("latin-1") if draw(st.booleans()) else part for part in parts
    ]
    return before + isa.translate(table).encode("latin-1") + b"".join(translated)


@pytest.mark.parametrize("form", WRITERS)
@settings(max_examples=120)
@given(content=files())
def test_arbitrary_bytes_behind_an_isa_come_back_whatever_the_delimiters(tmp_path_factory, form, content):
    folder = tmp_path_factory.mktemp("any")
    document = there(folder, content, form)
    assert back(folder, document, form) == content
    assert form_of(folder / "in.x12") == "x12"


@pytest.mark.parametrize("sign", [b"x", b"\0"])
def test_what_is_longer_than_xml_readers_like_comes_back(tmp_path, sign):
    content = ISA.encode() + b"NTE*ADD*" + sign * 10_100_000 + b"~" + sign * 10_100_000 + b"\n"
    assert back(tmp_path, there(tmp_path, content, "xml"), "xml") == content


@pytest.mark.parametrize("form", WRITERS)
def test_what_is_no_x12_is_not_converted(tmp_path, form):
    with pytest.raises(NotX12):
        there(tmp_path, "hello", form)


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (ISA, "x12"),
        ("<mail>\n" + ISA, "x12"),
        ("{note}\n" + ISA, "x12"),
        ("hello", "x12"),
        ("", "x12"),
        ('\n<?xml version="1.0"?><a/>', "xml"),
        ("\ufeff<a/>", "xml"),
        (" {}", "json"),
    ],
)
def test_what_a_file_holds_is_seen_from_its_first_bytes(tmp_path, content, form):
    path = tmp_path / "a"
    path.write_bytes(content.encode())
    assert form_of(path) == form
