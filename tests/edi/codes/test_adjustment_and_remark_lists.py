"""The lists of X12 behind a remittance and a claim status answer: which codes there are, since when, until when."""

import csv
import re
from datetime import date
from importlib.resources import files

import pytest
from pyx12.codes import ExternalCodes

from claimloop.edi.codes import code_list
from claimloop.edi.codes.table import read_shipped

LISTS = ("claim_adjustment_reasons", "remittance_remarks", "claim_status_categories", "claim_statuses")
EVERY_LIST = pytest.mark.parametrize("name", LISTS)
TODAY = date(2026, 11, 23)


def rows_of(name):
    text = files("claimloop.edi.codes").joinpath(f"{name}.csv").read_text(encoding="ascii")
    rows = list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))
    assert rows[0] == ["code", "start", "stop", "label"]
    return rows[1:]


def as_people_count(code):
    """Numbers before letters, and 9 before 10: B2, B10, F3, F3F."""
    parts = re.fullmatch(r"([A-Z]*)(\d*)([A-Z]*)", code)
    assert parts, code
    return parts[1], int(parts[2] or 0), parts[3]


@EVERY_LIST
def test_every_row_has_four_columns_and_its_code_once_in_the_order_people_count(name):
    rows = rows_of(name)
    codes = [row[0] for row in rows]
    assert {len(row) for row in rows} == {4}
    assert len(set(codes)) == len(codes)
    assert codes == sorted(codes, key=as_people_count)
    assert codes == list(read_shipped(name).rows)


@EVERY_LIST
def test_dates_are_whole_iso_dates_in_order_and_none_is_later_than_the_copy(name):
    copied = read_shipped(name).head["date"]
    for code, start, stop, _ in rows_of(name):
        for day in (start, stop):
            assert day == "" or date.fromisoformat(day).isoformat() == day, code
            assert day <= copied, code
        assert not (start and stop) or start <= stop, code


@EVERY_LIST
def test_every_code_has_a_label_of_plain_words_of_at_most_90_characters(name):
    for code, _, _, label in rows_of(name):
        assert label, code
        assert len(label) <= 90, code
        assert label == " ".join(label.split()), code
        assert not label.endswith("."), code


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("remark_code", "remittance_remarks"),
        ("claim_status", "claim_statuses"),
        ("claim_status_cat", "claim_status_categories"),
    ],
)
def test_every_code_that_pyx12_knows_has_its_row(theirs, ours):
    codes = {code.strip() for code in ExternalCodes().codes[theirs]["codes"]}
    assert len(codes) > 40
    assert codes - set(read_shipped(ours).rows) == set()


@pytest.mark.parametrize(
    ("name", "prefix", "first", "last", "never_given"),
    [
        ("claim_adjustment_reasons", "", 1, 308, set()),
        ("claim_adjustment_reasons", "A", 0, 8, set()),
        ("claim_adjustment_reasons", "B", 1, 23, set()),
        ("claim_adjustment_reasons", "D", 1, 23, set()),
        ("claim_adjustment_reasons", "P", 1, 32, set()),
        ("claim_adjustment_reasons", "W", 1, 9, set()),
        ("claim_adjustment_reasons", "Y", 1, 3, set()),
        ("remittance_remarks", "M", 1, 144, set()),
        ("remittance_remarks", "N", 1, 940, {813, 814}),
        ("claim_statuses", "", 0, 808, {36, 43, 58, 62, 63, 74, 75, 76, 77, 79, 80, 82, 151, 797}),
        ("claim_status_categories", "DR0", 1, 8, set()),
    ],
)
def test_no_number_of_a_series_is_left_out_but_those_that_x12_never_gave(name, prefix, first, last, never_given):
    codes = code_list(name)
    assert {number for number in range(first, last + 1) if f"{prefix}{number}" not in codes} == never_given
    assert f"{prefix}{last + 1}" not in codes


def test_remarks_of_the_ma_series_are_written_with_two_digits_at_least():
    remarks = code_list("remittance_remarks")
    assert all(f"MA{number:02}" in remarks for number in range(1, 135))
    assert "MA1" not in remarks
    assert len(remarks) == 144 + 134 + 938


def test_the_whole_list_of_adjustment_reasons_is_here():
    assert len(code_list("claim_adjustment_reasons")) == 308 + 9 + 23 + 23 + 32 + 9 + 3


@pytest.mark.parametrize(
    ("name", "code", "start", "stop"),
    [
        ("claim_adjustment_reasons", "23", date(1995, 1, 1), None),
        ("claim_adjustment_reasons", "45", date(1995, 1, 1), None),
        ("claim_adjustment_reasons", "97", date(1995, 1, 1), None),
        ("claim_adjustment_reasons", "144", date(2001, 6, 30), None),
        ("claim_adjustment_reasons", "253", date(2013, 6, 2), None),
        ("claim_adjustment_reasons", "125", date(1995, 1, 1), date(2013, 11, 1)),
        ("claim_adjustment_reasons", "A2", date(1995, 1, 1), date(2008, 1, 1)),
        ("claim_adjustment_reasons", "W1", date(2000, 2, 29), date(2014, 7, 1)),
        ("claim_adjustment_reasons", "P12", date(2013, 11, 1), None),
        ("remittance_remarks", "MA01", date(1997, 1, 1), None),
        ("remittance_remarks", "MA130", date(2001, 10, 12), None),
        ("remittance_remarks", "N130", date(2002, 10, 31), None),
        ("remittance_remarks", "N519", date(2009, 7, 1), None),
        ("remittance_remarks", "M57", date(1997, 1, 1), date(2005, 6, 2)),
        ("remittance_remarks", "N29", date(2000, 1, 1), date(2016, 3, 1)),
    ],
)
def test_dates_that_x12_publishes(name, code, start, stop):
    row = code_list(name).codes[code]
    assert (row.start, row.stop) == (start, stop)


@pytest.mark.parametrize(
    ("name", "code", "day", "status"),
    [
        ("claim_adjustment_reasons", "253", date(2013, 4, 1), "not yet"),
        ("claim_adjustment_reasons", "253", date(2013, 6, 2), "active"),
        ("claim_adjustment_reasons", "15", TODAY, "stopped"),
        ("claim_adjustment_reasons", "138", TODAY, "stopped"),
        ("claim_adjustment_reasons", "308", TODAY, "active"),
        ("claim_adjustment_reasons", "309", TODAY, "unknown"),
        ("remittance_remarks", "N411", TODAY, "active"),
        ("remittance_remarks", "N793", TODAY, "stopped"),
        ("remittance_remarks", "N940", TODAY, "active"),
        ("remittance_remarks", "N814", TODAY, "unknown"),
        ("claim_statuses", "21", TODAY, "active"),
        ("claim_statuses", "253", date(2026, 11, 24), "stopped"),
        ("claim_status_categories", "A7", TODAY, "active"),
        ("claim_status_categories", "F3F", TODAY, "active"),
    ],
)
def test_a_code_is_active_on_a_day_or_it_is_not(name, code, day, status):
    assert code_list(name).status(code, day) == status


@pytest.mark.parametrize(
    ("name", "code", "word"),
    [
        ("claim_adjustment_reasons", "1", "deductible"),
        ("claim_adjustment_reasons", "23", "earlier payer"),
        ("claim_adjustment_reasons", "45", "fee schedule"),
        ("claim_adjustment_reasons", "97", "included"),
        ("claim_adjustment_reasons", "144", "incentive"),
        ("claim_adjustment_reasons", "253", "sequestration"),
        ("claim_adjustment_reasons", "P12", "workers' compensation"),
        ("remittance_remarks", "MA01", "appeal"),
        ("remittance_remarks", "MA130", "unprocessable"),
        ("remittance_remarks", "N130", "plan's documents"),
        ("remittance_remarks", "N519", "modifiers"),
        ("claim_statuses", "562", "NPI"),
        ("claim_statuses", "718", "too late"),
        ("claim_status_categories", "A3", "returned"),
        ("claim_status_categories", "F2", "denied"),
    ],
)
def test_a_label_says_what_the_code_is_about(name, code, word):
    assert word in code_list(name).label(code)


def test_a_stop_that_only_the_day_of_the_copy_bounds_is_said_in_the_note():
    for name in ("remittance_remarks", "claim_statuses"):
        head = read_shipped(name).head
        bounded = [row[0] for row in rows_of(name) if row[2] == head["date"]]
        assert bounded
        assert "not known" in head["note"] or "some day before" in head["note"]
