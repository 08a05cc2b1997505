"""Read X12: 835 remittances, 837P claims, and acknowledgements (TA1, 999, 997, 277CA), as typed records or tables.

Every reader takes a path, the bytes of a file, or a stream that is open in binary mode:

    from claimloop.parsers import read_835

    remittances = read_835("remit.835")             # a list of Remittance, one for each ST
    for claim in remittances[0].claims:
        print(claim.patient_control_number, claim.charge, claim.paid)
    for finding in remittances.findings:            # what is wrong with the file, if anything
        print(finding)

`read_835`, `read_837p` and `read_acknowledgements` return everything at once. `stream_835`, `stream_837p` and
`stream_acknowledgements` yield one record after another, in flat memory. Money is `Decimal` in dollars, codes are text
as sent, and nothing that was in the file is lost. A file raises only two errors: NotX12 where it holds no ISA segment,
and OSError where it cannot be read. Everything else is a finding (`claimloop.edi.Diagnostic`): on the result, or passed
to your own `report` function. `check_file` runs every check on a file of any kind.

From a folder of 835 files to polars frames, and to the denied lines:

    import polars as pl
    from claimloop.parsers import read_tables

    tables = read_tables("remittances/")    # nine frames: tables.claims, tables.services, tables.adjustments …
    denied = tables.services.filter("is_denial")
    why = denied.join(tables.adjustments, on="service_id").group_by("group", "reason").agg(pl.col("amount").sum())
    where = denied.select("file", "segment", "procedure", "charge")     # claimloop explain FILE SEGMENT

Tables need `pip install 'claimloop[tables]'`; docs/tables.md lists their columns. For more than memory holds, use
`write_tables("remittances/", "tables", "parquet")`. docs/python.md is the full guide.
"""

from typing import TYPE_CHECKING

from claimloop.edi.reading import Records, Stream, X12Source
from claimloop.parsers.professional.reader import ClaimFile
from claimloop.parsers.reading import (
    Claims,
    read_835,
    read_837p,
    read_acknowledgements,
    stream_835,
    stream_837p,
    stream_acknowledgements,
)
from claimloop.parsers.remittance.set_reader import RemittanceItem
from claimloop.parsers.tables import read_tables, write_tables

if TYPE_CHECKING:
    from claimloop.parsers.checking import check_file

__all__ = [
    "ClaimFile",
    "Claims",
    "Records",
    "RemittanceItem",
    "Stream",
    "X12Source",
    "check_file",
    "read_835",
    "read_837p",
    "read_acknowledgements",
    "read_tables",
    "stream_835",
    "stream_837p",
    "stream_acknowledgements",
    "write_tables",
]

if not TYPE_CHECKING:  # otherwise mypy accepts any name as one of the package's

    def __getattr__(name: str) -> object:
        """Import a name that the readers do not need (the guides) on first use."""
        if name == "check_file":
            from claimloop.parsers.checking import check_file

            return check_file
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
