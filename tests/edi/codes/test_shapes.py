"""Codes that are known by their shape."""

import pytest

from claimloop.edi.codes import shapes


@pytest.mark.parametrize(
    ("shape", "good", "bad"),
    [
        (shapes.is_taxonomy, "207N00000X 261QM1300X 3336C0003X", "207N00000 207N000000 207n00000X 207N00000XX"),
        (shapes.is_cpt_hcpcs, "99213 0001F 0042T 0001U 0002M 0001A J3490 G0008", "9921 992133 9921O 9921I JJ490 g0008"),
        (shapes.is_modifier, "25 LT 1P X1", "2 251 lt L-"),
        (shapes.is_ndc11, "00002143380", "0002143380 00002-1433-80 000021433800"),
        (shapes.is_revenue_code, "0450 0001 1000", "450 04500 045A"),
        (shapes.is_icd10cm, "L57 L570 U071 S6291XA QA00101 C4A0 M1A00X0 Z3A39", "L5 L57.0 l570 692 69274 S6291XAA LL7"),
    ],
)
def test_a_shape(shape, good, bad):
    assert [code for code in good.split() if not shape(code)] == []
    assert [code for code in [*bad.split(), "", " "] if shape(code)] == []


@pytest.mark.parametrize("shape", [shapes.is_ndc11, shapes.is_revenue_code, shapes.is_modifier, shapes.is_cpt_hcpcs])
def test_digits_of_other_scripts_are_no_digits(shape):
    assert not any(shape("٣" * length) for length in range(1, 13))


@pytest.mark.parametrize("shape", [shapes.is_modifier, shapes.is_taxonomy, shapes.is_icd10cm])
def test_a_line_break_behind_a_code_is_seen(shape):
    assert not any(shape(f"{code}\n") for code in ("25", "207N00000X", "L570"))
