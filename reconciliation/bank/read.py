"""Read bank files: NACHA files and CSV statements, distinguished by their content."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from claimloop.edi.diagnostics import Report, Where, diagnose
from claimloop.edi.listing import MOST, Listing
from claimloop.edi.syntax.foreign import foreign_file
from claimloop.reconciliation.bank.csv_statement import read_statement
from claimloop.reconciliation.bank.deposit import Deposit
from claimloop.reconciliation.bank.nacha import is_nacha, read_nacha

__all__ = ["Deposit", "read_bank_file"]


def read_bank_file(path: Path, report: Report) -> Iterator[Deposit]:
    """Yield the deposits of a bank file; withdrawals have negative amounts. The whole file is read into memory.

    What cannot be read is reported with its line (P650 to P657), and the rest is read. Raises OSError.
    """
    content = path.read_bytes()
    listing = Listing(report, MOST)
    yield from _deposits(content, _text(content), path.name, listing)
    listing.finish(Where(path.name), "file")


def _deposits(content: bytes, text: str, file: str, report: Report) -> Iterator[Deposit]:
    if is_nacha(text):
        return read_nacha(text, file, report)
    deposits = read_statement(text, file, report)
    if deposits is not None:
        return deposits
    if text.lstrip().startswith("ISA"):
        problem = "it is an X12 file"
    else:
        problem = foreign_file(content[:1000]) or "it is not a NACHA file, and no row has a date and an amount"
    report(diagnose("P650", Where(file), problem=problem))
    return iter(())


def _text(content: bytes) -> str:
    """Decode a file: UTF-16 if it has a byte order mark, else UTF-8, else Windows-1252."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
