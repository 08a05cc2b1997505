"""The label tables: every table is there, every code is spelled as it is sent, no label is long."""

import pytest

from claimloop.edi.codes import label

CODES = {
    "claim_status": ("1", "2", "3", "4", "19", "20", "21", "22", "23", "25"),
    "adjustment_group": ("CO", "OA", "PI", "PR"),
    "payment_method": ("ACH", "BOP", "CHK", "FWT", "NON"),
    "provider_adjustment": (
        "50",
        "51",
        "72",
        "90",
        "AH",
        "AM",
        "AP",
        "B2",
        "B3",
        "BD",
        "BN",
        "C5",
        "CR",
        "CS",
        "CT",
        "CV",
        "CW",
        "DM",
        "E3",
        "FB",
        "FC",
        "GO",
        "HM",
        "IP",
        "IR",
        "IS",
        "J1",
        "L3",
        "L6",
        "LE",
        "LS",
        "OA",
        "OB",
        "PI",
        "PL",
        "RA",
        "RE",
        "SL",
        "TL",
        "WO",
        "WU",
    ),
    "frequency": ("1", "7", "8"),
    "place_of_service": ("02", "10", "11", "22", "24"),
    "filing_indicator": ("12", "BL", "CI", "HM", "MB", "MC", "WC"),
    "adjustment_reason": (
        "1",
        "2",
        "3",
        "4",
        "16",
        "18",
        "22",
        "23",
        "29",
        "45",
        "50",
        "96",
        "97",
        "109",
        "197",
        "204",
        "253",
        "A1",
        "B7",
        "B13",
    ),
}


@pytest.mark.parametrize("table", sorted(CODES))
def test_the_codes_that_a_biller_meets_have_short_labels(table: str) -> None:
    for code in CODES[table]:
        assert 0 < len(label(table, code)) <= 60, code


def test_a_code_without_a_label_is_no_error() -> None:
    assert label("adjustment_reason", "9999") == ""


def test_a_table_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        label("remarks_in_french", "1")
