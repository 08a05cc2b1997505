"""Deposits are read from NACHA files and from statements of any bank."""

import io
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.bank.csv_statement import read_day, read_dollars
from claimloop.reconciliation.bank.deposit import find_trn
from claimloop.reconciliation.bank.nacha import is_routing_number
from claimloop.reconciliation.bank.read import read_bank_file
from claimloop.simulation.bank import with_check_digit, write_nacha, write_statement
from claimloop.simulation.payments import Payment

MONDAY = date(2026, 3, 2)
PAYMENTS = [
    Payment("E100", "60054", "AETNA", "BAY DERM", "1234567893", "123456789", 123456, MONDAY, "ACH", "1066033492"),
    Payment("E200", "60054", "AETNA", "BAY DERM", "1234567893", "123456789", 900, MONDAY, "ACH", "1066033492"),
    Payment("X-7", "CB986", "Palmetto, Inc.", "BAY DERM", "1234567893", "123456789", 5, MONDAY, "ACH", "1570000001"),
]
SECOND = Payment("Z", "CB986", "Palmetto, Inc.", "BAY DERM", "", "", 7, MONDAY, "ACH", "1570000001")
READ = [
    (MONDAY, 123456, "E100", "1066033492", "AETNA"),
    (MONDAY, 900, "E200", "1066033492", "AETNA"),
    (MONDAY, 5, "X-7", "1570000001", "PALMETTO, INC."),
]


def deposits_of(folder, content):
    """The deposits of a file with this content, and the codes and lines of what was found wrong."""
    path = folder / "bank.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found: list[Diagnostic] = []
    deposits = list(read_bank_file(path, found.append))
    return deposits, [(each.code, each.where.segment) for each in found]


def told(deposits):
    return [(d.date, d.amount, d.trace_number, d.payer_company_id, d.company_name.upper()) for d in deposits]


def nacha(folder, payments=PAYMENTS):
    path = folder / "written.ach"
    path.unlink(missing_ok=True)
    write_nacha(path, payments, MONDAY)
    return path.read_text()


def changed(text, line, start, new):
    """The NACHA file with something else on a line (from 1) at a position (from 1)."""
    records = text.split("\n")
    record = records[line - 1]
    records[line - 1] = record[: start - 1] + new + record[start - 1 + len(new) :]
    return "\n".join(records)


# ---- NACHA


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


# ---- statements


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


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"hello\n", b"ISA*00*", b"Date,Balance\n3/2/26,5\n", b"\0" * 99])
def test_a_file_that_is_neither_is_told_once(tmp_path, content):
    assert deposits_of(tmp_path, content) == ([], [("P650", None)])


@pytest.mark.parametrize("kind", ["nacha", "statement"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 120), st.binary(max_size=6)), max_size=6))
def test_no_damage_raises(tmp_path, kind, cuts):
    if kind == "nacha":
        content = nacha(tmp_path).encode()
    else:
        (tmp_path / "written.csv").unlink(missing_ok=True)
        write_statement(tmp_path / "written.csv", PAYMENTS)
        content = (tmp_path / "written.csv").read_bytes()
    for start, length, new in cuts:
        at = start % (len(content) + 1)
        content = content[:at] + new + content[at + length :]
    deposits, found = deposits_of(tmp_path, content)
    assert all(isinstance(each.amount, int) and each.line > 0 for each in deposits)
    assert all(code.startswith("P65") for code, _ in found)


def test_every_byte_of_a_cut_file_gives_no_deposit_that_was_not_there(tmp_path):
    content = nacha(tmp_path).encode()
    for size in range(0, len(content), 7):
        deposits, found = deposits_of(tmp_path, content[:size])
        assert [each.amount for each in deposits] == [amount for _, amount, *_ in READ][: len(deposits)]
        assert found or size > 11 * 95  # only filler is missing


def test_a_statement_that_breaks_off_in_a_row_says_so(tmp_path):
    deposits, found = deposits_of(tmp_path, "Date,Amount,Memo\n3/2/26,5.00,a\n3/2/26,1")
    assert [each.amount for each in deposits] == [500]
    assert found == [("P651", 3)]


def test_no_number_of_an_account_is_kept(tmp_path):
    text = changed(nacha(tmp_path), 3, 13, "SECRET-ACCOUNT-17")
    deposits, _ = deposits_of(tmp_path, text)
    kept = io.StringIO()
    print(deposits, file=kept)
    assert "AETNA" in kept.getvalue()
    assert "SECRET" not in kept.getvalue()
