"""Deposits are read from NACHA files."""

import pytest

from claimloop.reconciliation.bank.nacha import is_routing_number
from claimloop.simulation.bank import with_check_digit
from claimloop.tests.reconciliation.bank.bank_files import (
    MONDAY,
    PAYMENTS,
    READ,
    SECOND,
    changed,
    deposits_of,
    nacha,
    told,
)


def test_the_nacha_file_of_the_simulated_bank_is_read_back(tmp_path):
    deposits, found = deposits_of(tmp_path, nacha(tmp_path))
    assert told(deposits) == READ
    assert [(each.file, each.line, each.description) for each in deposits] == [
        ("bank.txt", 3, "HCCLAIMPMT TRN*1*E100*1066033492~"),
        ("bank.txt", 5, "HCCLAIMPMT TRN*1*E200*1066033492~"),
        ("bank.txt", 9, "HCCLAIMPMT TRN*1*X-7*1570000001~"),
    ]
    assert found == []


@pytest.mark.parametrize(
    "printed",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", ""),
        lambda text: "\n".join(line.rstrip() for line in text.split("\n")),
        lambda text: "\ufeff" + text,
        lambda text: text.rstrip("9\n"),
        lambda text: text + "\x1a",
    ],
    ids=["crlf", "cr", "no line ends", "blanks cut off", "BOM", "no filler", "end-of-file sign"],
)
def test_a_nacha_file_is_the_same_however_its_records_are_set_apart(tmp_path, printed):
    deposits, found = deposits_of(tmp_path, printed(nacha(tmp_path)))
    assert (told(deposits), found) == (READ, [])


def test_records_without_line_ends_are_counted_as_lines(tmp_path):
    deposits, _ = deposits_of(tmp_path, nacha(tmp_path).replace("\n", ""))
    assert [each.line for each in deposits] == [3, 5, 9]


def test_a_file_of_no_entries_has_no_deposits(tmp_path):
    assert deposits_of(tmp_path, nacha(tmp_path, [])) == ([], [])


@pytest.mark.parametrize("code", ["27", "37"])
def test_what_a_payer_draws_is_negative(tmp_path, code):
    deposits, found = deposits_of(tmp_path, changed(nacha(tmp_path), 3, 2, code))
    assert [each.amount for each in deposits] == [-123456, 900, 5]
    assert {code for code, _ in found} == {"P653"}  # the totals of what is drawn and paid


@pytest.mark.parametrize("code", ["23", "24", "21", "26"])
def test_prenotes_and_returns_are_passed_over_and_told(tmp_path, code):
    deposits, found = deposits_of(tmp_path, changed(nacha(tmp_path), 3, 2, code))
    assert told(deposits) == READ[1:]
    assert ("P656", 3) in found


@pytest.mark.parametrize(
    ("line", "start", "new", "where"),
    [
        (3, 30, "0000123457", [7, 14]),
        (3, 4, "021000021", [7, 14]),
        (7, 5, "000009", [7]),
        (7, 11, "0000000001", [7]),
        (7, 21, "000000000001", [7]),
        (7, 33, "000000000001", [7]),
        (14, 2, "000003", [14]),
        (14, 14, "00000009", [14]),
        (14, 22, "0000000001", [14]),
        (14, 32, "000000000001", [14]),
        (14, 44, "000000000001", [14]),
        (14, 44, "ABC", [14]),
    ],
)
def test_each_total_that_is_not_that_of_the_records_is_told(tmp_path, line, start, new, where):
    deposits, found = deposits_of(tmp_path, changed(nacha(tmp_path, [*PAYMENTS, SECOND]), line, start, new))
    assert len(deposits) == 4
    assert found == [("P653", each) for each in where]


@pytest.mark.parametrize(
    ("by", "end"), [("*", "~"), ("*", "\\"), ("*", ""), ("|", "~"), ("^", "\\"), (":", "~"), (">", "")]
)
def test_the_trn_of_the_addenda_is_read_with_any_delimiter(tmp_path, by, end):
    addenda = by.join(("TRN", "1", "A77", "1999999999")) + end
    deposits, found = deposits_of(tmp_path, changed(nacha(tmp_path), 4, 4, addenda.ljust(80)))
    assert told(deposits)[0] == (MONDAY, 123456, "A77", "1999999999", "AETNA")
    assert found == []


def test_a_trn_that_breaks_off_after_its_number_leaves_the_company_of_the_batch(tmp_path):
    deposits, _ = deposits_of(tmp_path, changed(nacha(tmp_path), 4, 4, "TRN*1*A77".ljust(80)))
    assert told(deposits)[0] == (MONDAY, 123456, "A77", "1066033492", "AETNA")


def test_the_trn_of_a_ctx_may_go_on_in_the_next_addenda(tmp_path):
    lines = nacha(tmp_path).split("\n")
    one, other = "ISA*00*~".ljust(68, "X") + "~TRN*1*EFT-0", "99*1444444444~DTM*405*20260302~"
    lines[3:4] = [f"705{one:80}00010000001", f"705{other:80}00020000001"]
    assert len(one) == 80
    deposits, _ = deposits_of(tmp_path, "\n".join(lines))
    assert told(deposits)[0] == (MONDAY, 123456, "EFT-099", "1444444444", "AETNA")


def test_what_cannot_be_read_costs_only_itself(tmp_path):
    text = changed(nacha(tmp_path), 3, 30, "00000X3456")
    deposits, found = deposits_of(tmp_path, text)
    assert told(deposits) == READ[1:]
    assert found[0] == ("P652", 3)


def test_a_batch_without_a_day_is_told_and_its_entries_are_not_dated_by_guess(tmp_path):
    deposits, found = deposits_of(tmp_path, changed(nacha(tmp_path), 2, 70, "260230"))
    assert told(deposits) == READ[2:]
    assert found == [("P652", 2)]


@pytest.mark.parametrize("kind", ["IAT", "ADV"])
def test_batches_of_another_layout_are_passed_over_and_told(tmp_path, kind):
    deposits, found = deposits_of(tmp_path, changed(nacha(tmp_path), 2, 51, kind))
    assert told(deposits) == READ[2:]
    assert found == [("P656", 2)]


def test_a_file_that_breaks_off_says_so_and_gives_what_came(tmp_path):
    text = "\n".join(nacha(tmp_path).split("\n")[:4])
    deposits, found = deposits_of(tmp_path, text)
    assert told(deposits) == READ[:1]
    assert found == [("P655", 4), ("P655", 4)]


def test_an_extract_of_batches_without_the_header_of_the_file_is_read(tmp_path):
    deposits, found = deposits_of(tmp_path, nacha(tmp_path).split("\n", 1)[1])
    assert (told(deposits), found) == (READ, [])


def test_alike_deposits_are_counted(tmp_path):
    deposits, _ = deposits_of(tmp_path, nacha(tmp_path, [PAYMENTS[0]] * 3))
    assert [each.occurrence for each in deposits] == [1, 2, 3]
    assert len({each.identity for each in deposits}) == 3


@pytest.mark.parametrize("routing", ["021000021", "011401533", "091000019", with_check_digit("09999999")])
def test_a_routing_number_has_its_check_digit(routing):
    assert is_routing_number(routing)
    assert not is_routing_number(routing[:-1] + str((int(routing[-1]) + 1) % 10))
