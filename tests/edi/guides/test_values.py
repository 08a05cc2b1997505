"""Data types: what a value is."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyx12.validation import IsValidDataType, contains_control_character

from claimloop.edi.guides.values import has_control_character, is_date, is_of_type, is_time

DATES = st.builds(
    "{:04d}{:02d}{:02d}{}".format,
    st.integers(1790, 2110),
    st.integers(0, 13),
    st.integers(0, 32),
    st.sampled_from(["", "-20240101", "-", "1200", "2400", "12"]),
)
TIMES = st.from_regex(r"[0-9]{0,9}", fullmatch=True)
NUMBERS = st.from_regex(r"[-+]?[0-9.,]{0,6}", fullmatch=True)
TEXTS = st.text(st.characters(max_codepoint=0x17F), max_size=6)
KINDS = ["AN", "ID", "R", "N0", "N2", "DT", "TM", "B", "D8", "D6", "RD8", "CC"]


@given(
    text=st.one_of(DATES, DATES.map(lambda date: date[2:]), TIMES, NUMBERS, TEXTS).filter(bool),
    kind=st.sampled_from(KINDS),
    version=st.sampled_from(["00401", "00501"]),
)
@example(text="20240229", kind="D8", version="00501")
@example(text="19000229", kind="D8", version="00501")
@example(text="20240101-20240131", kind="RD8", version="00501")
@example(text="-", kind="R", version="00501")
@example(text="^", kind="AN", version="00501")
@example(text="^", kind="AN", version="00401")
def test_a_value_is_of_a_type_where_pyx12_says_so(text, kind, version):
    if kind == "RD8" and text.count("-") > 1:
        assert not is_of_type(text, kind, version)  # pyx12 dies of it
        return
    assert is_of_type(text, kind, version) == IsValidDataType(text, kind, "E", version)


@given(TEXTS)
def test_control_characters_are_those_of_pyx12(text):
    assert has_control_character(text) == contains_control_character(text)[0]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("20240229", "D8", True),
        ("20230229", "D8", False),
        ("20000229", "D8", True),
        ("17991231", "D8", False),
        ("240131", "D8", False),
        ("240131", "D6", True),
        ("240131", "DT", True),
        ("202401312359", "DT", True),
        ("202401312400", "DT", False),
        ("2024-1-1", "DT", False),
        ("٢٠٢٤٠١٠١", "D8", False),
    ],
)
def test_dates(text, kind, expected):
    assert is_date(text, kind) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0000", True), ("2359", True), ("2400", False), ("1260", False), ("12000", False), ("120060", False),
        ("12005999", True), ("120059999", False), ("12:0", False), ("", False),
    ],
)  # fmt: skip
def test_times(text, expected):
    assert is_time(text) is expected
