"""What is said when a bank's file is read (P65x), word for word."""

from claimloop.reconciliation.bank.read import read_bank_file
from claimloop.tests.diagnostics.said import says
from claimloop.tests.reconciliation.bank.bank_files import changed, nacha

HEAD = "Date,Description,Amount\n"


def read(folder, text, report):
    """`read_bank_file` of a file with this text."""
    path = folder / "bank.txt"
    path.write_text(text)
    list(read_bank_file(path, report))


@says("bank.txt: P650 error: cannot read deposits from this file: the file is a PDF document")
def test_a_file_of_another_kind(folder, report):
    read(folder, "%PDF-1.7 ...", report)


@says(
    "bank.txt:2: P651 error: cannot read the row: its date is not valid",
    "bank.txt:3: P651 error: cannot read the row: its amount is not a dollar amount",
    "bank.txt:4: P651 error: cannot read the row: it has no amount",
    "bank.txt:5: P651 error: cannot read the row: a quotation mark is not closed",
)
def test_rows_that_cannot_be_read(folder, report):
    read(folder, HEAD + '31/31/2026,a,1.00\n3/2/2026,a,one\n3/2/2026,a,\n3/2/2026,"a,1.00\n3/2/2026,a,1.00\n', report)


@says(
    "bank.txt:3: P652 error: cannot read the NACHA record: the amount is not a number  value •••••••••• (masked: 1 letter, 9 digits)",
    "bank.txt:7: P653 error: batch control record has 124356 as cents credited, but its records total 900",
    "bank.txt:12: P653 error: file control record has 124361 as cents credited, but its records total 905",
)
def test_an_amount_that_cannot_be_read(folder, report):
    read(folder, changed(nacha(folder), 3, 30, "00001x3456"), report)


@says(
    "bank.txt:3: P654 warning: routing number has an invalid check digit",
    "bank.txt:5: P656 note: skipped an entry with transaction code 23: it is not a claim payment",
)
def test_a_check_digit_and_an_entry_of_no_money(folder, report):
    good = nacha(folder).split("\n")[2][11]
    text = changed(nacha(folder), 3, 12, str((int(good) + 1) % 10))
    read(folder, changed(text, 5, 2, "23"), report)


@says(
    "bank.txt:4: P655 error: batch has no control record (type 8)",
    "bank.txt:4: P655 error: file has no control record (type 9)",
)
def test_a_bank_file_that_breaks_off(folder, report):
    read(folder, "\n".join(nacha(folder).split("\n")[:4]), report)


@says("bank.txt:3: P657 note: claim payment has no trace number (TRN)")
def test_a_payment_without_its_trn(folder, report):
    read(folder, changed(nacha(folder), 4, 4, " " * 80), report)
