"""The code lists that come with claimloop: each is a sound table, knows its owner, and answers for a day."""

import re
from datetime import date
from importlib.resources import files

import pytest
from pyx12.codes import ExternalCodes

from claimloop.edi.codes import EXTERNAL_LISTS, code_list, label, shipped
from claimloop.edi.codes.table import Code, CodeList, parse

EVERY_LIST = pytest.mark.parametrize("name", shipped())


def text_of(name):
    return files("claimloop.edi.codes").joinpath(f"{name}.csv").read_text(encoding="utf-8")


@EVERY_LIST
def test_every_list_says_what_it_is_whose_it_is_and_from_when(name):
    about = code_list(name).about
    assert about.list
    assert about.owner
    assert about.source
    assert about.license
    assert date(2025, 1, 1) < date.fromisoformat(about.date) < date(2100, 1, 1)
    assert about.loaded == ""


def as_people_count(code):
    """2 before 10, numbers before letters."""
    letters, digits = re.findall(r"(\D*)(\d*)", code)[0]
    return letters, int(digits or 0), code


@EVERY_LIST
def test_every_list_has_its_columns_and_each_code_once_in_order(name):
    lines = [line for line in text_of(name).splitlines() if not line.startswith("#")]
    codes = [line.split(",")[0] for line in lines[1:]]
    assert lines[0] == "code,start,stop,label"
    assert codes in (sorted(set(codes)), sorted(set(codes), key=as_people_count))
    assert codes == [row.code for row in code_list(name)]


@EVERY_LIST
def test_codes_are_capitals_and_digits_and_labels_short_plain_text(name):
    for row in code_list(name):
        assert row.code.isascii()
        assert row.code.isalnum()
        assert row.code == row.code.upper()
        assert row.label.isascii()
        assert len(row.label) <= 90, row
        assert row.label == " ".join(row.label.split())


@EVERY_LIST
def test_no_code_stops_before_it_starts(name):
    for row in code_list(name):
        assert row.start is None or row.stop is None or row.start <= row.stop, row


@pytest.mark.parametrize(("theirs", "ours"), EXTERNAL_LISTS.items())
def test_no_code_that_pyx12_accepts_is_unknown(theirs, ours):
    accepted = {code.strip() for code in ExternalCodes().codes[theirs]["codes"]}
    assert accepted
    assert {code for code in accepted if code not in code_list(ours)} == set()


def test_every_list_that_the_guides_refer_to_is_there():
    assert set(ExternalCodes().codes) == set(EXTERNAL_LISTS)
    assert set(EXTERNAL_LISTS.values()) <= set(shipped())


@pytest.mark.parametrize("state", ["PW", "AE", "QC", "NL", "NU"])
def test_places_that_pyx12_forgets_are_there(state):
    assert state in code_list("states")


def test_a_code_is_active_from_its_first_to_its_last_day():
    list_of_one = CodeList("one", code_list("states").about, {"A": Code("A", date(2020, 1, 1), date(2021, 6, 30))})
    assert list_of_one.status("A", date(2019, 12, 31)) == "not yet"
    assert list_of_one.status("A", date(2020, 1, 1)) == "active"
    assert list_of_one.status("A", date(2021, 6, 30)) == "active"
    assert list_of_one.status("A", date(2021, 7, 1)) == "stopped"
    assert list_of_one.status("B", date(2020, 6, 1)) == "unknown"


def test_without_a_day_a_code_is_active_where_it_exists():
    assert code_list("countries").status("AN", None) == "active"
    assert code_list("countries").status("XX", None) == "unknown"


@pytest.mark.parametrize(
    ("name", "code", "day", "status"),
    [
        ("place_of_service", "11", date(1990, 1, 1), "active"),
        ("place_of_service", "10", date(2021, 12, 31), "not yet"),
        ("place_of_service", "27", date(2023, 10, 1), "active"),
        ("place_of_service", "28", date(2026, 1, 1), "unknown"),
        ("countries", "AN", date(2026, 1, 1), "stopped"),
        ("currencies", "DEM", date(2026, 1, 1), "stopped"),
        ("modifiers", "25", date(2026, 1, 1), "active"),
        ("modifiers", "JZ", date(2022, 12, 31), "not yet"),
        ("modifiers", "ZA", date(2018, 4, 1), "stopped"),
        ("modifiers", "RH", date(2026, 1, 1), "active"),
        ("provider_adjustments", "WO", date(2026, 1, 1), "active"),
    ],
)
def test_dates_that_owners_publish(name, code, day, status):
    assert code_list(name).status(code, day) == status


def test_modifiers_of_cpt_have_no_label_and_those_of_hcpcs_do():
    modifiers = code_list("modifiers")
    assert modifiers.label("59") == modifiers.label("P3") == ""
    assert modifiers.label("LT") == "left side"
    assert modifiers.label("RH") == "ambulance: residence to hospital"


def test_a_label_is_found_by_the_element_and_by_the_list():
    assert label("claim_status", "22") == code_list("claim_payment_statuses").label("22") != ""
    assert label("place_of_service", "11") == "office"
    assert label("place_of_service", "98") == ""


@pytest.mark.parametrize("name", ["remarks_in_french", "", "../codes/states", "states.csv"])
def test_a_list_that_does_not_exist_is_an_error(name):
    with pytest.raises(KeyError):
        code_list(name)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "line 1"),
        ("# list: x\nlabel,code\n", "line 2"),
        ("code,start,stop,label\nA,,\n", "line 2"),
        ("# a: b\n# c: d\ncode,start,stop,label\nA,,,\nB,2020-13-01,,\n", "line 5"),
    ],
)
def test_a_damaged_table_is_refused_with_its_line(text, where):
    with pytest.raises(ValueError, match=where):
        parse(text)
