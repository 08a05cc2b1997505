"""The records of 837P, 835 and acknowledgements, named by the guides' words. Readers make them, builders write them.

Money is `Decimal` in dollars, signed as sent. Quantities are `Decimal`, days are `datetime.date`, codes are text as
sent. A segment that has no field is kept as text in `other_segments`, so nothing is lost. Most records are frozen; make
a changed copy with `msgspec.structs.replace(claim, frequency="7")`.

- 837P: `Claim` holds `ServiceLine`, `Subscriber`, `Patient`, `Provider`, `OtherPayer`.
- 835: `Remittance` holds `ClaimPayment`, which holds `ServicePayment`; both hold `Adjustment` (CAS). PLB is
  `ProviderAdjustment`, and `RemittanceEnd` has the sums of a set.
- Acknowledgements: `InterchangeAcknowledgement` (TA1), `GroupAcknowledgement` (999, 997), and for a 277CA
  `StatusReport`, `BatchStatus`, `ProviderStatus`, `ClaimStatus`, `StatusReportEnd`. `AcknowledgementItem` is any one.

    from decimal import Decimal
    from claimloop.edi.records import Adjustment

    Adjustment("CO", "45", Decimal("35.00"))
"""

from claimloop.edi.dates import DateRange
from claimloop.edi.records.acknowledgement import (
    AcknowledgementItem,
    BatchStatus,
    ClaimStatus,
    GroupAcknowledgement,
    InterchangeAcknowledgement,
    LineStatus,
    ProviderStatus,
    SegmentError,
    SetAcknowledgement,
    Status,
    StatusCode,
    StatusReport,
    StatusReportEnd,
)
from claimloop.edi.records.adjustments import Adjustment
from claimloop.edi.records.claim import Accident, Claim, Patient, Subscriber
from claimloop.edi.records.claim_payment import ClaimPayment
from claimloop.edi.records.other_payer import LineAdjudication, OtherPayer
from claimloop.edi.records.parties import Address, Contact, Party, Provider, Reference
from claimloop.edi.records.procedure import Procedure
from claimloop.edi.records.remittance import (
    ProviderAdjustment,
    ProviderSummary,
    QualifiedAmount,
    QualifiedDate,
    QualifiedQuantity,
    ReassociationKey,
    RemarkCode,
    Remittance,
    RemittanceEnd,
    ServicePayment,
)
from claimloop.edi.records.service_line import Drug, ServiceLine
from claimloop.edi.syntax.envelope import Source

__all__ = [
    "Accident",
    "AcknowledgementItem",
    "Address",
    "Adjustment",
    "BatchStatus",
    "Claim",
    "ClaimPayment",
    "ClaimStatus",
    "Contact",
    "DateRange",
    "Drug",
    "GroupAcknowledgement",
    "InterchangeAcknowledgement",
    "LineAdjudication",
    "LineStatus",
    "OtherPayer",
    "Party",
    "Patient",
    "Procedure",
    "Provider",
    "ProviderAdjustment",
    "ProviderStatus",
    "ProviderSummary",
    "QualifiedAmount",
    "QualifiedDate",
    "QualifiedQuantity",
    "ReassociationKey",
    "Reference",
    "RemarkCode",
    "Remittance",
    "RemittanceEnd",
    "SegmentError",
    "ServiceLine",
    "ServicePayment",
    "SetAcknowledgement",
    "Source",
    "Status",
    "StatusCode",
    "StatusReport",
    "StatusReportEnd",
    "Subscriber",
]
