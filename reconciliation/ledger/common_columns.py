"""Columns that rows of several kinds share, with the way a table shows them."""

from typing import Annotated

from claimloop.edi.columns import Shown

ClaimNumber = Annotated[str, Shown("id", priority=1, heading="claim")]
LineNumber = Annotated[str | None, Shown("id", priority=2, heading="line")]
"""Null at claim level."""

PayerId = Annotated[str, Shown("id", priority=4, heading="payer ID")]
PayerName = Annotated[str, Shown("text", priority=2, heading="payer")]
TraceNumber = Annotated[str, Shown("id", priority=4, heading="trace")]
Procedure = Annotated[str | None, Shown("code", priority=2)]
Since = Annotated[str, Shown("day", listed=False)]
Days = Annotated[int, Shown("count", priority=3)]
