"""Read a bank statement in CSV with any of the usual separators, header names, amounts, and dates."""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from claimloop.edi.diagnostics import Report, Where, diagnose
from claimloop.reconciliation.bank.deposit import CLAIM_PAYMENT, Deposit, find_trn, numbered

_SEPARATORS = ",;\t|"
_ROWS_ABOVE_HEADER = 50
_LINES_OF_A_ROW = 20
_MOST_CENTS = 10**13
_FORMULA = ("=", "+", "-", "@", "\t", "\n")

# If several columns fit, the first one in this order counts: BPR16 is the effective date (rules.md#reassociation).
_DATES = (
    "effective date", "effective entry date", "value date", "settlement date", "posting date", "posted date",
    "post date", "date posted", "posted", "date", "transaction date", "booking date", "as of date", "deposit date",
)  # fmt: skip
_AMOUNTS = ("amount", "transaction amount", "net amount", "amount usd", "deposit amount", "payment amount")
_CREDITS = ("credit", "credits", "credit amount", "deposit", "deposits", "money in", "paid in", "received")
_DEBITS = ("debit", "debits", "debit amount", "withdrawal", "withdrawals", "money out", "paid out")
_SIGNS = ("credit debit", "debit credit", "cr dr", "dr cr", "credit debit indicator", "debit credit indicator")
_COMPANIES = ("company", "company name", "originator", "originator name", "payer", "payer name", "name", "counterparty")
_COMPANY_IDS = ("company id", "company identification", "originator id", "originating company id", "payer id")
_TRACES = ("trn", "trn02", "trn number", "reassociation trace number", "reassociation trace")
_CHECKS = ("check number", "check no", "check num", "check", "cheque number", "check or slip")  # prose: allow cheque

_DESCRIBING = (
    "descr",
    "memo",
    "detail",
    "addend",
    "reference",
    "remark",
    "narrative",
    "payment related",
    "information",
)
"""A column whose name contains one of these is part of the description."""

_DOLLARS = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)?(?:\.(\d{0,2})0*)?", re.ASCII)
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_TIME = r"(?:[T ]\s*\d{1,2}:\d\d.{0,20})?"
_YEAR_FIRST = re.compile(rf"(?P<y>\d{{4}})(?P<by>[-/.]?)(?P<m>\d\d)(?P=by)(?P<d>\d\d){_TIME}", re.ASCII)
_MONTH_FIRST = re.compile(rf"(?P<m>\d{{1,2}})(?P<by>[-/.])(?P<d>\d{{1,2}})(?P=by)(?P<y>\d{{4}}|\d\d){_TIME}", re.ASCII)
_DAY_AND_NAME = re.compile(r"(?P<d>\d{1,2})[- ]?(?P<m>[a-z]{3})[a-z]*\.?[- ,]*(?P<y>\d{4}|\d\d)", re.ASCII | re.I)
_NAME_AND_DAY = re.compile(r"(?P<m>[a-z]{3})[a-z]*\.? (?P<d>\d{1,2}),? (?P<y>\d{4}|\d\d)", re.ASCII | re.I)


class _Unreadable(ValueError):
    """A row cannot be read as a deposit; the message says why."""


class _Columns(msgspec.Struct, frozen=True):
    """The positions of the columns, best first, out of `count`. `texts` are all columns without a date or an amount."""

    count: int
    dates: tuple[int, ...]
    amounts: tuple[int, ...]
    credits: tuple[int, ...]
    debits: tuple[int, ...]
    signs: tuple[int, ...]
    companies: tuple[int, ...]
    company_ids: tuple[int, ...]
    traces: tuple[int, ...]
    checks: tuple[int, ...]
    descriptions: tuple[int, ...]
    texts: tuple[int, ...]


def read_statement(text: str, file: str, report: Report) -> Iterator[Deposit] | None:
    """Return the deposits and withdrawals of a statement in its order, or None if no row is a usable header."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for separator in _SEPARATORS:
        for line in range(min(_ROWS_ABOVE_HEADER, len(lines))):
            cells = _cells(lines[line], separator)
            columns = _columns(cells) if cells else None
            if columns is not None:
                return numbered(_deposits(lines, line + 1, separator, columns, file, report))
    return None


def _columns(header: Sequence[str]) -> _Columns | None:
    """Return the columns by their names; None if there is no column for a date or none for an amount."""
    names = [" ".join(_NOT_A_WORD.sub(" ", name.lower()).split()) for name in header]

    def named(known: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(position for each in known for position, name in enumerate(names) if name == each)

    dates, amounts, credits, debits = named(_DATES), named(_AMOUNTS), named(_CREDITS), named(_DEBITS)
    if not dates or not (amounts or credits):
        return None
    money = {*dates, *amounts, *credits, *debits}
    return _Columns(
        count=len(names),
        dates=dates,
        amounts=amounts,
        credits=credits,
        debits=debits,
        signs=named(_SIGNS),
        companies=named(_COMPANIES),
        company_ids=named(_COMPANY_IDS),
        traces=named(_TRACES),
        checks=named(_CHECKS),
        descriptions=tuple(at for at, name in enumerate(names) if any(word in name for word in _DESCRIBING)),
        texts=tuple(at for at in range(len(names)) if at not in money),
    )


def _cells(row: str, separator: str) -> list[str] | None:
    """Return the cells of one row; None if a quotation is open at its end, or continues after its closing mark."""
    try:
        (cells,) = csv.reader([row], delimiter=separator, strict=True)
    except (csv.Error, ValueError):
        return None
    return cells


def _rows(lines: Sequence[str], start: int, separator: str) -> Iterator[tuple[int, list[str] | None]]:
    """Yield each row that is not blank with the line, from 0, where it begins; None for a row that is not CSV.

    A quotation may span lines. One that is never closed loses only its own line.
    """
    at = start
    while at < len(lines):
        cells, size = None, 1
        if lines[at].strip():
            for size in range(1, _LINES_OF_A_ROW + 1):
                if at + size <= len(lines):
                    cells = _cells("\n".join(lines[at : at + size]), separator)
                if cells is not None:
                    break
            if cells is None:
                size = 1
            if cells is None or any(cell.strip() for cell in cells):
                yield at, cells
        at += size


def _deposits(
    lines: Sequence[str], start: int, separator: str, columns: _Columns, file: str, report: Report
) -> Iterator[Deposit]:
    for line, cells in _rows(lines, start, separator):
        where = Where(file, line + 1)
        try:
            if cells is None:
                raise _Unreadable("a quotation mark is not closed")
            if line == len(lines) - 1 and len(cells) < columns.count:
                raise _Unreadable("the file ends inside it")
            deposit = _deposit([_without_apostrophe(cell) for cell in cells], columns, file, line + 1)
        except _Unreadable as error:
            report(diagnose("P651", where, problem=error))
            continue
        if CLAIM_PAYMENT in deposit.description.upper() and not deposit.trace_number:
            report(diagnose("P657", where))
        yield deposit


def _without_apostrophe(cell: str) -> str:
    """Return the cell without the apostrophe that keeps a spreadsheet from evaluating it as a formula."""
    if cell.startswith("'") and cell[1:].startswith(_FORMULA):
        cell = cell[1:]
    return cell.strip()


def _deposit(cells: list[str], columns: _Columns, file: str, line: int) -> Deposit:
    """Return the deposit of a row. Raises _Unreadable."""

    def first(positions: tuple[int, ...]) -> str:
        return next((cells[at] for at in positions if at < len(cells) and cells[at]), "")

    day = read_day(first(columns.dates))
    amount = _amount(first(columns.amounts), first(columns.credits), first(columns.debits))
    if amount > 0 and first(columns.signs).lower().startswith("d"):
        amount = -amount
    texts = [cells[at] for at in columns.texts if at < len(cells) and cells[at]]
    trace_number, company_id = next((found for found in map(find_trn, texts) if found[0]), ("", ""))
    if not trace_number:
        trace_number = first(columns.traces) or (first(columns.checks) if amount > 0 else "")
    return Deposit(
        date=day,
        amount=amount,
        trace_number=trace_number,
        payer_company_id=company_id or first(columns.company_ids),
        company_name=first(columns.companies),
        description=" ".join(cells[at] for at in columns.descriptions if at < len(cells) and cells[at]),
        file=file,
        line=line,
    )


def _amount(amount: str, credit: str, debit: str) -> int:
    """Return the cents of a row: its amount, or its credit less its debit. Raises _Unreadable."""
    if amount:
        return read_dollars(amount)
    if not credit and not debit:
        raise _Unreadable("it has no amount")
    return (read_dollars(credit) if credit else 0) - (abs(read_dollars(debit)) if debit else 0)


def read_dollars(text: str) -> int:
    """Return the cents of an amount as banks print it. Raises ValueError.

    Examples: 1,234.56, $12.00, (12.00), 12.00-, -$5, 7.00 CR.
    """
    rest = text.upper().replace("\N{MINUS SIGN}", "-").replace("$", "").replace("USD", "")
    rest = "".join(rest.split())
    side = rest[-2:] if rest.endswith(("CR", "DR", "DB")) else ""
    rest = rest.removesuffix(side)
    in_brackets = rest.startswith("(") and rest.endswith(")")
    rest = rest[1:-1] if in_brackets else rest
    signs = {rest[:1], rest[-1:]} & {"-", "+"}
    if signs:
        rest = rest[1:] if rest[0] in signs else rest[:-1]
    minus = in_brackets or "-" in signs
    if (in_brackets and signs) or (minus and side == "CR"):
        raise _Unreadable("its amount has two signs")
    minus = minus or side in ("DR", "DB")
    found = _DOLLARS.fullmatch(rest)
    if found is None or not any(found.groups()):
        raise _Unreadable("its amount is not a dollar amount")
    if len(found[1] or "") > 18:
        raise _Unreadable("its amount is too large")
    cents = int((found[1] or "0").replace(",", "")) * 100 + int((found[2] or "").ljust(2, "0"))
    if cents > _MOST_CENTS:
        raise _Unreadable("its amount is too large")
    return -cents if minus else cents


def read_day(text: str) -> date:
    """Read a date as American banks print it: the month comes before the day. Raises ValueError."""
    text = " ".join(text.split())
    for pattern in (_YEAR_FIRST, _MONTH_FIRST, _DAY_AND_NAME, _NAME_AND_DAY):
        found = pattern.fullmatch(text)
        if found is None:
            continue
        year, month = int(found["y"]), found["m"].lower()
        try:
            day = date(year + 2000 if len(found["y"]) == 2 else year, _MONTHS.get(month) or int(month), int(found["d"]))
        except ValueError:
            break
        if 1990 <= day.year < 2100:
            return day
        break
    raise _Unreadable("its date is not valid" if text else "it has no date")
