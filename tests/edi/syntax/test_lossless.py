"""Every byte of a file is in exactly one piece: what was cut can be put together again."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.syntax import tokens
from claimloop.edi.syntax.lossless import pieces, render, written
from claimloop.edi.syntax.tokens import read_batches

DATA = Path(__file__).resolve().parents[2] / "data"
FILES = sorted(DATA.rglob("*.x12"))
ISA = b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240101*1200*^*00501*000000001*0*T*:~"
SMALL = ISA + b"GS*HP*S*R*20240101*1200*1*X*005010X221A1~ST*835*0001~SE*2*0001~GE*1*1~IEA*1*000000001~"


def ignore(finding):
    pass


def cut(raw, chunk=tokens.CHUNK):
    return list(pieces(BytesIO(raw), "a.x12", ignore, chunk=chunk))


def prove(raw, chunk=tokens.CHUNK):
    """Cut a file and hold the pieces to everything that is promised of them."""
    parts = cut(raw, chunk)
    assert b"".join(render(parts)) == raw
    position = 0
    for piece in parts:
        assert piece.raw
        assert piece.offset == position
        position += len(piece.raw)
        if piece.delimiters is not None and piece.ending is not None:
            assert written(piece.text, piece.ending, piece.delimiters) == piece.raw
    read = [
        (number, text, batch.delimiters)
        for batch in read_batches(BytesIO(raw), "a.x12", ignore)
        for number, text in enumerate(batch.segments, batch.first)
    ]
    assert [(piece.number, piece.text, piece.delimiters) for piece in parts if piece.kind == "segment"] == read
    return parts


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_sample_comes_back_byte_for_byte(path):
    prove(path.read_bytes())


def test_most_samples_come_back_from_text_and_one_ending_each():
    simple = 0
    for path in FILES:
        endings = {piece.ending for piece in cut(path.read_bytes()) if piece.kind == "segment"}
        simple += len(endings) <= 2 and None not in endings
    assert simple > 0.9 * len(FILES)


@pytest.mark.parametrize("end", ["~", "~\n", "~\r\n", "~\n\n", "\n", "\r\n", "\r"])
def test_the_line_break_behind_a_segment_is_part_of_its_ending(end):
    parts = prove(SMALL.replace(b"~", end.encode()))
    assert {piece.ending for piece in parts} == {end}
    assert [piece.text[:2] for piece in parts] == ["IS", "GS", "ST", "SE", "GE", "IE"]


def test_a_line_break_inside_a_segment_leaves_only_the_raw_bytes():
    parts = prove(SMALL.replace(b"ST*835", b"ST*\r\n835"))
    assert [piece.ending for piece in parts] == ["~", "~", None, "~", "~", "~"]
    assert (parts[2].text, parts[2].raw) == ("ST*835*0001", b"ST*\r\n835*0001~")


def test_latin_1_letters_leave_only_the_raw_bytes():
    parts = prove(SMALL.replace(b"SE*2", "NTE*ADD*é~".encode("latin-1") + "NTE*ADD*é~SE*2".encode()))
    assert [(piece.text, piece.ending) for piece in parts[3:5]] == [("NTE*ADD*é", None), ("NTE*ADD*é", "~")]


def test_what_stands_outside_interchanges_is_a_piece_of_its_own():
    raw = b"\xef\xbb\xbfmail\n" + SMALL + b"\r\n-- next --\n" + SMALL + b"\n\0\0"
    parts = prove(raw)
    assert [piece.raw for piece in parts if piece.kind == "outside"] == [
        b"\xef\xbb\xbfmail\n",
        b"-- next --\n",
        b"\0\0",
    ]
    assert [piece.ending for piece in parts if piece.number in (6, 12)] == ["~\r\n", "~\n"]


def test_a_last_segment_without_terminator_has_an_ending_without_one():
    assert prove(SMALL[:-1])[-1].ending == ""
    assert prove(SMALL[:-1] + b"\n")[-1].ending == "\n"


def test_a_last_segment_without_terminator_before_the_next_interchange_is_a_segment():
    parts = prove(SMALL[:-1] + b"\n" + SMALL)
    assert [(piece.text, piece.ending) for piece in parts[5:7]] == [("IEA*1*000000001", "\n"), (ISA[:-1].decode(), "~")]


def test_empty_segments_are_pieces():
    assert [piece.raw for piece in prove(SMALL.replace(b"~SE", b"~~\n~SE"))[2:5]] == [b"ST*835*0001~", b"~\n", b"~"]
    lines = prove(SMALL.replace(b"~", b"\r\n").replace(b"SE*2", b"\r\nSE*2"))
    assert [piece.raw for piece in lines[2:5]] == [b"ST*835*0001\r\n", b"\r\n", b"SE*2*0001\r\n"]


def test_what_is_too_long_for_a_segment_is_outside(monkeypatch):
    monkeypatch.setattr(tokens, "LONGEST_SEGMENT", 200)
    raw = SMALL.replace(b"SE*2", b"\nNTE*" + b"x" * 1_000 + b"~\nSE*2")
    for chunk in (1, 100, 10_000):
        parts = prove(raw, chunk)
        assert [piece.text[:2] for piece in parts if piece.kind == "segment"] == ["IS", "GS", "ST", "SE", "GE", "IE"]
        outside = b"".join(piece.raw for piece in parts if piece.kind == "outside")
        assert outside == b"NTE*" + b"x" * 1_000 + b"~\n"


def test_an_isa_that_is_none_in_what_is_passed_over_breaks_nothing(monkeypatch):
    monkeypatch.setattr(tokens, "LONGEST_SEGMENT", 200)
    raw = SMALL.replace(b"SE*2", b"NTE*" + b"ISA*" * 500 + b"~SE*2")
    for chunk in (1, 3, 100, 10_000):
        prove(raw, chunk)


SIGNS = st.permutations("*|+:>^!~'\x1d\x1e\x00\t§\x85")
PARTS = st.one_of(
    st.sampled_from((b"~", b"\n", b"\r\n", b"\r", b" ", b"\0", b"\xef\xbb\xbf", b"ISA", b"ISA*00*", SMALL, SMALL[:-1], ISA)),
    st.binary(max_size=20),
    st.text("ABST*~:^|\n\ré", max_size=20).map(str.encode),
)  # fmt: skip


@st.composite
def files(draw):
    """Anything at all behind an ISA that can be read, with any delimiters."""
    element, component, repetition, terminator = draw(SIGNS)[:4]
    terminator = draw(st.sampled_from([terminator, "\n", "\r\n", "\r"]))
    table = str.maketrans({"*": element, ":": component, "^": repetition, "~": terminator})
    isa = ISA.decode().translate(table).encode("latin-1")
    before = draw(st.sampled_from([b"", b"\xef\xbb\xbf", b"\r\n", b"From: a\n\n"]))
    parts = draw(st.lists(st.one_of(PARTS, st.just(terminator.encode("latin-1"))), max_size=12))
    return before + isa + b"".join(parts)


@given(files(), st.integers(1, 700))
def test_arbitrary_bytes_behind_an_isa_come_back_whatever_the_delimiters_and_the_chunk(raw, chunk):
    assert prove(raw, chunk) == prove(raw)


@given(files(), st.integers(1, 700), st.integers(106, 400))
def test_findings_and_pieces_of_overlong_segments_do_not_depend_on_the_chunk(raw, chunk, longest):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "LONGEST_SEGMENT", longest)
        found: dict[int, list[Diagnostic]] = {}
        segments = {}
        for size in (chunk, tokens.CHUNK):
            found[size] = []
            parts = list(pieces(BytesIO(raw), "a.x12", found[size].append, chunk=size))
            assert b"".join(render(parts)) == raw
            segments[size] = [piece for piece in parts if piece.kind == "segment"]
        assert found[chunk] == found[tokens.CHUNK]
        assert segments[chunk] == segments[tokens.CHUNK]
