"""Record deposits in the ledger, and match them with the remittances that they pay.

Rule: rules.md#reassociation.
"""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
from sqlalchemy import Connection, select

from claimloop.edi.diagnostics import Report
from claimloop.edi.money import ZERO, from_cents
from claimloop.reconciliation.bank.deposit import Deposit
from claimloop.reconciliation.bank.read import read_bank_file
from claimloop.reconciliation.bank.reassociation import Reassociation, RemittancePayment, match_deposits
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import Ledger, next_id
from claimloop.reconciliation.ledger.inserts import DepositRow, insert
from claimloop.reconciliation.ledger.stored_codes import HoldReason

BANK = "bank"
_HEAD = 4096
_AT_ONCE = 500


class Banked(msgspec.Struct):
    """The result of receiving a bank file: new deposits and their total, and deposits received before."""

    file: str
    deposits: int = 0
    amount: Decimal = ZERO
    known: int = 0


def is_bank_file(path: Path) -> bool:
    """Return true if a file is not X12 and begins with a NACHA file header or has several columns. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    text = head.lstrip(b"\xef\xbb\xbf\xff\xfe\r\n\t ").replace(b"\0", b"")
    if text[:3].upper() == b"ISA":
        return False
    first_line = text.splitlines()[0] if text else b""
    return text.startswith(b"101") or any(first_line.count(separator) >= 2 for separator in (b",", b";", b"\t"))


def receive_deposits(path: Path, ledger: Ledger, moment: datetime, report: Report) -> Banked:
    """Record the deposits of a bank file in one transaction; one that was received in another file is known.

    Raises OSError if the file cannot be read, and LedgerError.
    """
    result = Banked(path.name)
    received = moment.isoformat(timespec="seconds")
    deposits = list(read_bank_file(path, report))
    table = schema.deposits.c
    with ledger.writing() as connection:
        next_row, cents = next_id(connection, schema.deposits), 0
        for start in range(0, len(deposits), _AT_ONCE):
            some = {_identity(each): each for each in deposits[start : start + _AT_ONCE]}
            known = set(connection.scalars(select(table.identity).where(table.identity.in_(some))))
            new = {identity: each for identity, each in some.items() if identity not in known}
            rows = [
                DepositRow(
                    id=row,
                    date=each.date.isoformat(),
                    amount=each.amount,
                    trace_number=each.trace_number,
                    payer_company_id=each.payer_company_id,
                    company_name=each.company_name,
                    description=each.description,
                    file=each.file,
                    line=each.line,
                    occurrence=each.occurrence,
                    received=received,
                    identity=identity,
                )
                for row, (identity, each) in enumerate(new.items(), start=next_row)
            ]
            insert(connection, rows)
            next_row += len(rows)
            cents += sum(each.amount for each in new.values())
            result.deposits += len(new)
            result.known += len(some) - len(new)
    result.amount = from_cents(cents)
    return result


def reassociate(connection: Connection, today: date) -> Reassociation:
    """Match the ledger's deposits with its remittances, as of a day."""
    remittances, table = schema.remittances.c, schema.deposits.c
    payments = [
        RemittancePayment(row[0], row[1], row[2], row[3], date.fromisoformat(row[4]), row[5], row[6])
        for row in connection.execute(
            select(
                remittances.id, remittances.payer_id, remittances.payer_name, remittances.trace_number,
                remittances.payment_date, remittances.amount, remittances.payment_method,
            ).where(remittances.hold_reason != _CAME_BEFORE)
        )
    ]  # fmt: skip
    deposits = [
        Deposit(date.fromisoformat(row[0]), *row[1:])
        for row in connection.execute(
            select(
                table.date, table.amount, table.trace_number, table.payer_company_id, table.company_name,
                table.description, table.file, table.line, table.occurrence,
            ).order_by(table.id)
        )
    ]  # fmt: skip
    return match_deposits(deposits, payments, today)


_CAME_BEFORE: HoldReason = "same_payment_differs"


def _identity(deposit: Deposit) -> str:
    return msgspec.json.encode(deposit.identity).decode()
