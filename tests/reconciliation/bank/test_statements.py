"""Deposits are read from the statements of any bank."""

import pytest

from claimloop.reconciliation.bank.csv_statement import read_day, read_dollars
from claimloop.reconciliation.bank.deposit import find_trn
from claimloop.simulation.bank import write_statement
from claimloop.tests.reconciliation.bank.bank_files import MONDAY, PAYMENTS, READ, deposits_of, nacha, told


def test_the_statement_of_the_simulated_bank_is_read_back(tmp_path):
    write_statement(tmp_path / "written.csv", PAYMENTS)
    deposits, found = deposits_of(tmp_path, (tmp_path / "written.csv").read_bytes())
    assert told(deposits) == READ
    assert [each.line for each in deposits] == [2, 3, 4]
    assert found == []


def test_one_deposit_has_one_identity_in_a_statement_and_in_the_nacha_file(tmp_path):
    write_statement(tmp_path / "written.csv", PAYMENTS)
    statement, _ = deposits_of(tmp_path, (tmp_path / "written.csv").read_bytes())
    transfers, _ = deposits_of(tmp_path, nacha(tmp_path))
    assert [each.identity for each in statement] == [each.identity for each in transfers]


@pytest.mark.parametrize(
    "text",
    [
        "Posted Date;Description;Credit;Debit\n03/02/2026;AETNA TRN*1*E1*1066033492~;1,234.56;\n",
        "Date\tMemo\tAmount\n3/2/26\tAETNA TRN 1 E1 1066033492\t$1,234.56\n",
        "Account 123|||\n\nEffective Date|Posting Date|Details|Amount\n2026-03-02|03/09/2026|TRN:E1|1234.56\n",
        "VALUE DATE,DESC,AMOUNT,CR/DR\n02-Mar-2026,trn*1*E1*1066033492\\,1234.56,CR\n",
        'Date,Reference,Credit Amount\n20260302,"AETNA, TRN*1*E1*1066033492~"," 1,234.56 "\n',
        'Date,Details,Amount\n"Mar 2, 2026","two\nlines TRN*1*E1~",1234.56\n',
    ],
    ids=["credit and debit", "tabs", "title rows and two dates", "sign column", "quoted", "a cell of two lines"],
)
def test_statements_of_many_banks_say_the_same(tmp_path, text):
    deposits, found = deposits_of(tmp_path, text)
    assert [(each.date, each.amount, each.trace_number) for each in deposits] == [(MONDAY, 123456, "E1")]
    assert found == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_statement_is_read_in_the_encodings_of_spreadsheets(tmp_path, encoding):
    content = "Date,Company,Amount\r\n03/02/2026,Santé Plan,5.00\r\n".encode(encoding)
    deposits, found = deposits_of(tmp_path, content)
    assert [(each.company_name, each.amount) for each in deposits] == [("Santé Plan", 500)]
    assert found == []


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1,234.56", 123456), ("$12.00", 1200), ("(12.00)", -1200), ("12.00-", -1200), ("-$5", -500), ("$-5", -500),
        ("($1,000.5)", -100050), ("+.07", 7), ("12.", 1200), ("7.0000", 700), ("1.50 CR", 150), ("1.50 DR", -150),
        ("USD 3.00", 300), ("−4.00", -400), ("0.00", 0), ("-1.50 DR", -150),
    ],
)  # fmt: skip
def test_amounts_are_read_as_banks_print_them(text, cents):
    assert read_dollars(text) == cents


@pytest.mark.parametrize(
    "text",
    ["", ".", "1.234,56", "12,50", "1,23.00", "1.005", "1e5", "--5", "-5-", "(-5)", "-5CR", "n/a", "٣", "9" * 19],
)
def test_what_is_no_amount_in_dollars_is_refused(text):
    with pytest.raises(ValueError, match="amount"):
        read_dollars(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02", "2026-03-02T09:30:00Z", "20260302", "03/02/2026", "3/2/26", "03-02-2026", "3/2/2026 9:30 AM",
        "02-Mar-2026", "2 March 2026", "02-MAR-26", "Mar 2, 2026",
    ],
)  # fmt: skip
def test_days_are_read_as_banks_print_them(text):
    assert read_day(text) == MONDAY


@pytest.mark.parametrize("text", ["", "13/02/2026", "02-Foo-2026", "2026-02-30", "0026-03-02", "March", "1/2", "46083"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValueError, match="date"):
        read_day(text)


@pytest.mark.parametrize(
    ("text", "number", "company"),
    [
        ("AETNA AS01 HCCLAIMPMT TRN*1*882*1066033492*000087726\\", "882", "1066033492"),
        ("TRN*1*882*1066033492~\nRMR*IK*1", "882", "1066033492"),
        ("TRN 1 882 1066033492 PMT", "882", "1066033492"),
        ("TRN 1 882 PMT INFO", "882", ""),
        ("TRN: 882, thanks", "882", ""),
        ("TRN*1*882", "882", ""),
        ("TRN*1*", "", ""),
        ("TRN*1*~", "", ""),
        ("RETURN*1*882", "", ""),
        ("TRNX 1 882", "", ""),
    ],
)
def test_a_trn_is_found_in_a_text(text, number, company):
    assert find_trn(text) == (number, company)


def test_a_bad_row_is_told_with_its_line_and_the_others_are_read(tmp_path):
    text = (
        "Date,Description,Amount\n"
        "03/02/2026,a,1.00\n"
        "32/02/2026,b,1.00\n"
        "\n"
        "03/02/2026,c,one\n"
        "03/02/2026,d,\n"
        '03/02/2026,"e,1.00\n'
        "03/02/2026\n"
        "03/02/2026,f,2.00\n"
    )
    deposits, found = deposits_of(tmp_path, text)
    assert [(each.description, each.line) for each in deposits] == [("a", 2), ("f", 9)]
    assert found == [("P651", line) for line in (3, 5, 6, 7, 8)]


def test_a_claim_payment_without_its_trn_is_told(tmp_path):
    deposits, found = deposits_of(tmp_path, "Date,Description,Amount\n03/02/2026,AETNA HCCLAIMPMT,1.00\n")
    assert [(each.trace_number, each.is_claim_payment) for each in deposits] == [("", True)]
    assert found == [("P657", 2)]


def test_withdrawals_are_negative_and_their_check_number_is_no_trace(tmp_path):
    text = "Date,Check Number,Description,Deposits,Withdrawals\n3/2/26,1001,RENT,,-50.00\n3/2/26,88,LOCKBOX,7.00,\n"
    deposits, _ = deposits_of(tmp_path, text)
    assert [(each.amount, each.trace_number) for each in deposits] == [(-5000, ""), (700, "88")]


def test_a_column_may_tell_which_side_an_amount_is_on(tmp_path):
    text = "Date,Amount,Credit/Debit\n3/2/26,5.00,Credit\n3/2/26,6.00,Debit\n3/2/26,-7.00,D\n"
    deposits, _ = deposits_of(tmp_path, text)
    assert [each.amount for each in deposits] == [500, -600, -700]


def test_the_company_id_is_the_identity_however_the_name_is_printed(tmp_path):
    head = "Date,Company,Company ID,Amount\n"
    one, _ = deposits_of(tmp_path, head + "3/2/26,PALMETTO GOVT BE,1570000001,5.00\n")
    other, _ = deposits_of(tmp_path, head + "3/2/26,Palmetto Government Benefits,1-570000001,5.00\n")
    unnamed, _ = deposits_of(tmp_path, head + "3/2/26,Palmetto Government Benefits,,5.00\n")
    assert one[0].identity == other[0].identity != unnamed[0].identity


def test_the_apostrophe_before_a_formula_sign_is_no_part_of_a_cell(tmp_path):
    deposits, found = deposits_of(tmp_path, "Date,Company,Amount\n3/2/26,'=AETNA,'-5.00\n3/2/26,'T IS,1\n")
    assert [(each.company_name, each.amount) for each in deposits] == [("=AETNA", -500), ("'T IS", 100)]
    assert found == []


def test_a_deposit_keeps_its_identity_when_another_company_stands_before_it(tmp_path):
    head, one, other = "Date,Company,Amount\n", "3/2/26,AETNA,5.00\n", "3/2/26,CIGNA,5.00\n"
    first, _ = deposits_of(tmp_path, head + one + other)
    second, _ = deposits_of(tmp_path, head + other + one)
    assert {each.identity for each in first} == {each.identity for each in second}
