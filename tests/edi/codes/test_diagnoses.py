"""ICD-10-CM: what can be billed, what needs more characters, what does not exist, and on which days we know it."""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from claimloop.edi.codes import CodeListError, diagnoses
from claimloop.edi.codes.diagnoses import diagnosis_status, forget_releases, load_release, releases

IN_FISCAL_2026 = date(2026, 3, 2)
BEFORE, AFTER = date(2018, 5, 1), date(2027, 2, 1)


@pytest.fixture
def lists_of_this_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CLAIMLOOP_CODES", str(tmp_path / "lists"))
    diagnoses._forget_what_was_read()
    yield tmp_path / "lists"
    diagnoses._forget_what_was_read()


@pytest.mark.parametrize("code", ["L570", "B20", "C4A0", "S6291XA", "T360X1A", "M1A00X0", "U071", "QA00101", "V700XXA"])
def test_a_complete_code_is_billable(code):
    assert diagnosis_status(code, IN_FISCAL_2026) == "billable"


@pytest.mark.parametrize("code", ["L57", "S629", "S6291", "S6291X", "T360X1", "C4A", "E11", "Z68"])
def test_a_code_that_needs_more_characters_is_not_billable(code):
    assert diagnosis_status(code, IN_FISCAL_2026) == "not billable"


@pytest.mark.parametrize(
    "code", ["L578Z", "L5700", "S6291XZ", "X", "", "L5", "ZZZ", "L57.0", "l570", "69274", "S62.91XA"]
)
def test_what_is_no_code_is_unknown(code):
    assert diagnosis_status(code, IN_FISCAL_2026) == "unknown"


@pytest.mark.parametrize("day", [date(2025, 10, 1), date(2026, 3, 31), date(2026, 4, 1), date(2026, 9, 30)])
def test_the_release_stands_for_its_fiscal_year(day):
    assert diagnosis_status("L57", day) == "not billable"


@pytest.mark.parametrize("day", [BEFORE, AFTER, date(2025, 9, 30), date(2026, 10, 1)])
def test_outside_its_dates_a_known_code_is_taken_and_nothing_is_condemned(day):
    assert diagnosis_status("L570", day) == "billable"
    assert diagnosis_status("L57", day) == "outside the table's dates"
    assert diagnosis_status("L579999", day) == "outside the table's dates"


def test_the_table_has_as_many_codes_as_were_published():
    assert [len(release) for release in releases()] == [74_719]


def test_the_package_that_has_the_codes_is_not_imported():
    diagnosis_status("L570", IN_FISCAL_2026)
    assert "simple_icd_10_cm" not in sys.modules


ORDER = """\
00001 A00     0 Cholera                                                      Cholera
00002 A000    1 Cholera due to one                                           Cholera due to one
00003 A00A    1 Something new                                                Something new
"""
CODES = "A000    Cholera due to one\nA00A    Something new\n"


@pytest.mark.parametrize(
    ("name", "text", "first", "last"),
    [
        ("icd10cm-order-2027.txt", ORDER, date(2026, 10, 1), date(2027, 3, 31)),
        ("icd10cm_order_2027.txt", ORDER, date(2026, 10, 1), date(2027, 3, 31)),
        ("icd10cm-codes-2027.txt", CODES, date(2026, 10, 1), date(2027, 3, 31)),
        ("icd10cm-codes-April-2027.txt", CODES, date(2027, 4, 1), date(2027, 9, 30)),
    ],
)
def test_a_newer_release_is_loaded_from_the_file_of_cms(lists_of_this_user, tmp_path, name, text, first, last):
    path = tmp_path / name
    path.write_text(text)
    release = load_release(path)
    assert (release.first, release.last, len(release)) == (first, last, 2)
    assert diagnosis_status("A00A", first) == "billable"
    assert diagnosis_status("A00", first) == "not billable"
    assert diagnosis_status("L570", first) == "unknown"
    assert diagnosis_status("L570", IN_FISCAL_2026) == "billable"
    assert diagnosis_status("A00A", IN_FISCAL_2026) == "unknown"


def test_a_release_whose_name_says_nothing_needs_its_first_day(lists_of_this_user, tmp_path):
    path = tmp_path / "codes.txt"
    path.write_text(ORDER)
    with pytest.raises(CodeListError, match="--from"):
        load_release(path)
    assert load_release(path, date(2026, 10, 1)).last == date(2027, 3, 31)


@pytest.mark.parametrize("text", ["", "code,label\nA000,Cholera\n", "A000    Cholera\n<html>\n"])
def test_a_file_that_is_no_release_is_refused(lists_of_this_user, tmp_path, text):
    path = tmp_path / "icd10cm-codes-2027.txt"
    path.write_text(text)
    with pytest.raises(CodeListError, match="icd10cm-codes-2027"):
        load_release(path)
    assert not forget_releases()


def test_releases_are_private_and_can_be_forgotten(lists_of_this_user, tmp_path):
    path = tmp_path / "icd10cm-codes-2027.txt"
    path.write_text(CODES)
    load_release(path)
    (kept,) = lists_of_this_user.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert forget_releases()
    assert diagnosis_status("A00A", date(2026, 10, 1)) == "outside the table's dates"


def test_a_damaged_release_says_what_to_do(lists_of_this_user):
    lists_of_this_user.mkdir()
    (lists_of_this_user / "diagnoses-2026-10-01.json").write_text("{")
    with pytest.raises(CodeListError, match="claimloop codes forget diagnoses"):
        diagnosis_status("L570", IN_FISCAL_2026)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2025, 1, 1), date(2025, 3, 31)),
        (date(2025, 4, 1), date(2025, 9, 30)),
        (date(2026, 10, 1), date(2027, 3, 31)),
    ],
)
def test_a_release_stands_until_codes_may_change(first, last):
    assert diagnoses._release(first, "", ["L570"]).last == last


def test_only_a_release_that_changed_nothing_reaches_back():
    assert diagnoses._release(date(2025, 4, 1), "", []).first == date(2025, 4, 1)
    assert diagnoses._release(date(2026, 4, 1), "", []).first == date(2025, 10, 1)
