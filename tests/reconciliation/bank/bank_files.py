"""The files that a simulated bank writes for three payments, and what reading one of them gives."""

from datetime import date

from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.bank.read import read_bank_file
from claimloop.simulation.bank import write_nacha
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
