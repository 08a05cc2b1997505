"""The digest of a set: the same however the bytes are cut, delimited, broken into lines and spelled."""

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimloop.edi.syntax.tokens import read_batches
from claimloop.parsers.remittance.set_digest import SetDigest

ISA = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *240101*1200*^*00501*000000001*0*T*:~"
SEGMENT = st.text("AB1 .:^\N{LATIN SMALL LETTER E WITH ACUTE}", max_size=6).map(lambda text: f"X*{text}")
SEGMENTS = st.lists(st.one_of(SEGMENT, st.just("")), min_size=1, max_size=12)


def digest(text, chunk=1 << 18, encoding="utf-8"):
    """Of all segments behind the ISA."""
    found = SetDigest()
    for batch in read_batches(io.BytesIO(text.encode(encoding)), "a", lambda _: None, chunk=chunk):
        found.update(batch, 1 if batch.first == 1 else 0)
    return found.hexdigest()


def plainly(segments):
    """What the digest is of, written down as its docstring says."""
    kept = "".join(f"{segment}\x1c" for segment in segments if segment)
    return hashlib.sha256(kept.translate(str.maketrans("*:^", "\x1d\x1f\x1e")).encode()).hexdigest()


@given(SEGMENTS, st.integers(1, 200), st.sampled_from(["~", "~\n", "~\r\n", "~\n\n"]))
def test_it_is_the_same_in_pieces_of_any_size_and_with_any_line_breaks(segments, chunk, end):
    text = ISA + "".join(segment + end for segment in segments)
    assert digest(text, chunk) == plainly(segments)


@given(SEGMENTS)
def test_other_delimiters_change_nothing(segments):
    text = ISA + "".join(f"{segment}~" for segment in segments)
    assert digest(text.translate(str.maketrans("*:^~", "|>!\n"))) == digest(text)


def test_a_missing_last_terminator_changes_nothing():
    assert digest(f"{ISA}CLP*1~SVC*2") == digest(f"{ISA}CLP*1~SVC*2~")


@pytest.mark.parametrize(
    "other", ["CLP*1~SVC*3~", "SVC*2~CLP*1~", "CLP*1~SVC*2*~", "CLP*1~~SVC*2~SVC*2~", "CLP*1SVC*2~"]
)
def test_other_content_has_another_digest(other):
    assert digest(ISA + other) != digest(f"{ISA}CLP*1~SVC*2~")
