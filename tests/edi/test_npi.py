"""The check digit of an NPI notices every single wrong digit."""

import pytest

from claimloop.edi.npi import is_npi


@pytest.mark.parametrize("npi", ["1234567893", "1245319599"])
def test_published_npis_are_right(npi):
    assert is_npi(npi)


@pytest.mark.parametrize("npi", ["1234567893", "1245319599"])
@pytest.mark.parametrize("position", range(10))
def test_every_single_wrong_digit_is_noticed(npi, position):
    for digit in set("0123456789") - {npi[position]}:
        assert not is_npi(npi[:position] + digit + npi[position + 1 :])


@pytest.mark.parametrize(
    "text", ["", "123456789", "12345678930", "123456789X", "１２３４５６７８９３", " 1234567893", "3234567895"]
)
def test_what_is_no_npi(text):
    assert not is_npi(text)


def test_exactly_one_check_digit_is_right():
    assert [is_npi(f"143719805{digit}") for digit in range(10)].count(True) == 1
