"""An owner's newer list: read as published, kept privately, laid over ours, and dropped again."""

import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from claimloop.edi.codes import CodeListError, code_list, forget, load, owners

TODAY = date(2026, 11, 23)
Write = Callable[[str], Path]


@pytest.fixture(autouse=True)
def lists_of_this_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "lists"
    monkeypatch.setenv("CLAIMLOOP_CODES", str(folder))
    code_list.cache_clear()
    yield folder
    code_list.cache_clear()


@pytest.fixture
def published(tmp_path: Path) -> Write:
    """Write an owner's file."""

    def write(text: str) -> Path:
        path = tmp_path / "published.csv"
        path.write_bytes(text.encode())
        return path

    return write


def test_a_new_code_is_known_after_loading_and_ours_stay(published: Write):
    path = published("Code,Description,Start Date\n28,A new place,1/1/2027\n")
    assert load("place_of_service", path, TODAY) == 1
    places = code_list("place_of_service")
    assert places.status("28", date(2026, 12, 31)) == "not yet"
    assert places.status("28", date(2027, 1, 1)) == "active"
    assert places.label("28") == "A new place"
    assert places.label("11") == "office"
    assert places.about.loaded == "published.csv, 2026-11-23"
    assert [row.code for row in places] == sorted(row.code for row in places)


def test_a_code_that_the_owner_stopped_keeps_our_label_where_he_gives_none(published: Write):
    load("place_of_service", published("code,stop\n49,2026-06-30\n"), TODAY)
    places = code_list("place_of_service")
    assert places.status("49", date(2026, 7, 1)) == "stopped"
    assert places.label("49") == "independent clinic"
    assert places.status("49", date(2003, 9, 30)) == "not yet"


def test_a_date_that_the_owner_took_away_is_gone(published: Write):
    load("countries", published("code,start,stop\nAN,,\n"), TODAY)
    assert code_list("countries").status("AN", TODAY) == "active"


def test_a_whole_list_replaces_ours(published: Write):
    load("place_of_service", published("code\n11\n"), TODAY, replace=True)
    assert [row.code for row in code_list("place_of_service")] == ["11"]
    assert code_list("place_of_service").label("11") == "office"


def test_loading_again_takes_the_place_of_what_was_loaded(published: Write):
    load("place_of_service", published("code\n28\n"), TODAY)
    load("place_of_service", published("code\n29\n"), TODAY)
    assert "28" not in code_list("place_of_service")
    assert "29" in code_list("place_of_service")


def test_what_was_loaded_is_forgotten(published: Write):
    load("place_of_service", published("code\n28\n"), TODAY)
    assert forget("place_of_service")
    assert "28" not in code_list("place_of_service")
    assert not forget("place_of_service")


def test_what_is_kept_is_readable_by_its_owner_only(published: Write, lists_of_this_user: Path):
    load("place_of_service", published("code\n28\n"), TODAY)
    (kept,) = lists_of_this_user.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert lists_of_this_user.stat().st_mode & 0o777 == 0o700


def test_a_load_that_fails_leaves_what_was_there(published: Write, lists_of_this_user: Path):
    load("place_of_service", published("code\n28\n"), TODAY)
    with pytest.raises(CodeListError):
        load("place_of_service", published("code,start\n29,soon\n"), TODAY)
    assert "28" in code_list("place_of_service")
    assert len(list(lists_of_this_user.iterdir())) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Code,Start Date,Stop Date,Description\n28,07/01/2026,7/31/2027,a place\n",
        "\ufeffcode;Effective Date;Deactivation Date;Description\r\n28;2026-07-01;2027-07-31;a place\r\n",
        "Start\tEnd\tPlace of Service Code\tName\n20260701\t20270731\t28\ta place\n",
        "List of places\n\nas of July\nPOS|From|To|Title\n28|2026-07-01 00:00:00|7/31/2027 0:00|a place\n",
        '# from our own format\ncode,start,stop,label\n28,2026-07-01,2027-07-31,"a\nplace"\n\n,,,\n',
        "Group Code,Code,Effective,Termination Date,Definition\nXX,28,7/1/2026,7/31/2027,a place\n",
    ],
    ids=["commas", "semicolons", "tabs", "bars", "ours", "two columns of codes"],
)
def test_headings_and_dates_are_recognised_as_owners_write_them(published: Write, text: str):
    load("place_of_service", published(text), TODAY)
    row = code_list("place_of_service").codes["28"]
    assert (row.start, row.stop, row.label) == (date(2026, 7, 1), date(2027, 7, 31), "a place")


def test_the_year_9999_means_that_a_code_never_stops(published: Write):
    load("place_of_service", published("code,stop\n28,12/31/9999\n"), TODAY)
    assert code_list("place_of_service").status("28", date(2099, 1, 1)) == "active"


def test_a_zero_that_a_spreadsheet_dropped_is_put_back(published: Write):
    load("place_of_service", published("code,label\n1,chemist\n"), TODAY)
    assert code_list("place_of_service").label("01") == "chemist"


def test_no_zero_is_put_before_codes_of_many_lengths(published: Write):
    load("claim_adjustment_reasons", published("code,label\n9,something\n"), TODAY)
    assert code_list("claim_adjustment_reasons").label("9") == "something"


def test_a_file_of_windows_is_read(published: Write):
    path = published("")
    path.write_bytes("code,label\n28,Zürich\n".encode("cp1252"))
    load("place_of_service", path, TODAY)
    assert code_list("place_of_service").label("28") == "Zürich"


def test_a_label_cannot_disturb_a_terminal(published: Write):
    load("place_of_service", published("code,label\n28,a\x1b[31m  place\x07\n"), TODAY)
    assert code_list("place_of_service").label("28") == "a [31m place"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no heading"),
        ("a,b\n1,2\n", "no heading"),
        ("code\n", "no codes"),
        ("code,start\n28,2026-02-30\n", "line 2: a date"),
        ("code,start\n28,1/2/26\n", "line 2: a date"),
        ("code\n\n28-30\n", "line 3: no code"),
        ("code,start,stop\n28,2027-01-01,2026-01-01\n", "line 2: code 28 stops before"),
        ("code,label\n28,a\n28,b\n", "line 3: code 28 is listed twice with different values"),
        ("PK\x03\x04\0\0", "save the list as CSV"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_one_line(published: Write, text: str, says: str):
    with pytest.raises(CodeListError, match=says) as refused:
        load("place_of_service", published(text), TODAY)
    assert "\n" not in str(refused.value)


def test_the_same_row_twice_is_one(published: Write):
    assert load("place_of_service", published("code,label\n28,a\n28,a\n"), TODAY) == 1


def test_a_list_that_does_not_exist_cannot_be_loaded_or_forgotten(published: Write):
    with pytest.raises(KeyError):
        load("../states", published("code\n28\n"), TODAY)
    with pytest.raises(KeyError):
        forget("../states")


def test_a_kept_list_that_was_damaged_says_what_to_do(published: Write, lists_of_this_user: Path):
    load("place_of_service", published("code\n28\n"), TODAY)
    (lists_of_this_user / "place_of_service.csv").write_text("nonsense")
    with pytest.raises(CodeListError, match="claimloop codes forget place_of_service"):
        code_list("place_of_service")
    assert forget("place_of_service")
    assert "11" in code_list("place_of_service")


def test_the_folder_is_the_users_own_where_none_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("CLAIMLOOP_CODES")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert owners.folder().name == "codes"
    assert owners.folder().parent.name == "claimloop"


def test_tests_see_neither_lists_nor_tables_of_the_user(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()
    for name in ("CLAIMLOOP_CODES", "CLAIMLOOP_CACHE"):
        assert "claimloop-tests-" in os.environ[name]
