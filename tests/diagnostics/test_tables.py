"""What is said of 835 files that become tables (T9xx), word for word."""

from claimloop.parsers import read_tables
from claimloop.tests.diagnostics.said import says
from claimloop.tests.edi.rules.good import REMITTANCE


@says(
    "a.835:24: T901 error: number does not fit the column units_paid: the table has null there  [SVC05]  value '1.00001'"
)
def test_units_with_more_decimals_than_the_column_has(folder, report):
    path = folder / "a.835"
    path.write_text(REMITTANCE.replace("SVC*HC:99213*100*30**1~", "SVC*HC:99213*100*30**1.00001~"))
    read_tables(path, report)


@says("notes.txt: T902 error: skipped a file that is not X12: there is no ISA segment in the first 15 bytes")
def test_a_file_that_is_no_x12_among_others(folder, report):
    (folder / "a.835").write_text(REMITTANCE)
    (folder / "notes.txt").write_text("call the payer\n")
    read_tables(folder, report)
