"""X12 in, typed records, tables and diagnostics out.

From a file, or a folder of files, to frames, and to the lines that a payer refused:

    import polars as pl
    from claimloop.parsers import tables

    era = tables("remittances/")        # nine polars frames: era.claims, era.services, era.adjustments …
    denied = era.services.filter("is_denial")
    why = denied.join(era.adjustments, on="service_id").group_by("group", "reason").agg(pl.col("amount").sum())
    where = denied.select("file", "segment", "procedure", "charge")     # claimloop explain FILE SEGMENT

Tables need `pip install 'claimloop[tables]'`; docs/tables.md has their columns. For more than memory holds,
`write_tables(paths, folder, "parquet")`. For records: `read_835(path, report)`, and `stream_835` in flat memory.
"""

from claimloop.parsers.remittance.reader import RemittanceItem, gather, read_835, stream_835
from claimloop.parsers.tables import tables, write_tables

__all__ = ["RemittanceItem", "gather", "read_835", "stream_835", "tables", "write_tables"]
