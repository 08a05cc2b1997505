"""X12 in, typed records and diagnostics out: the 835 (`stream_835`, `read_835`)."""

from claimloop.parsers.remittance import RemittanceItem, gather, read_835, stream_835

__all__ = ["RemittanceItem", "gather", "read_835", "stream_835"]
