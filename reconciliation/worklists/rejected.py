"""The work list `rejected`: claims that the clearinghouse or payer rejected, so they are not filed."""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from sqlalchemy import Connection, Row, select

from claimloop.edi.columns import MONEY, Shown
from claimloop.reconciliation.acknowledgements.status import rejections
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.common_columns import ClaimNumber, Days, PayerName
from claimloop.reconciliation.worklists.worklist import Worklist, days_since

_AT_ONCE = 500
_claims, _sendings = schema.claims.c, schema.sendings.c


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """A rejected claim and the acknowledgement that rejected it. `charge` is in cents."""

    claim_control_number: ClaimNumber
    payer_name: PayerName
    charge: Annotated[int, MONEY]
    said: Annotated[str, Shown("text", priority=2, heading="last response")]
    days: Days
    file: str
    segment: int


def rejected(connection: Connection, when: AsOf) -> Iterator[Rejected]:
    """Yield the claims, the most money first."""
    found = {row.sending_id: row for row in rejections(connection)}
    rows: list[Row[Any]] = []
    wanted = list(found)
    for start in range(0, len(wanted), _AT_ONCE):
        query = (
            select(_sendings.id, _sendings.patient_control_number, _sendings.payer_name, _claims.charge)
            .join_from(schema.sendings, schema.claims, _claims.id == _sendings.claim_id)
            .where(_sendings.id.in_(wanted[start : start + _AT_ONCE]))
        )
        rows += connection.execute(query)
    for row in sorted(rows, key=lambda each: (-each.charge, each.id)):
        why = found[row.id]
        yield Rejected(
            claim_control_number=row.patient_control_number,
            payer_name=row.payer_name,
            charge=row.charge,
            said=f"{why.kind} {why.code}",
            days=days_since(why.day or why.received, when.day),
            file=why.file,
            segment=why.segment,
        )


LIST = Worklist(
    "rejected",
    Rejected,
    rejected,
    money="charge",
    title="Rejected",
    about="claims that the clearinghouse or payer rejected",
    one="rejected claim",
    many="rejected claims",
    urgency=2,
    next_step="claimloop correct CLAIM --rejected --with ENCOUNTER -o outbox",
)
