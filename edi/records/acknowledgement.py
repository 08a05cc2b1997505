"""Records of the acknowledgements that precede payment: TA1, 999 and 997, and 277CA (005010X214). Names follow the
guides.

Codes stay as sent. Segments without a field of their own are kept as text in `other_segments`. An empty number is None,
never 0. `accepted` is True, False, or None when the codes do not decide it.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import msgspec

from claimloop.edi.dates import DateRange
from claimloop.edi.records.parties import Contact, Party, Reference
from claimloop.edi.records.procedure import Procedure
from claimloop.edi.records.service_payment import QualifiedAmount, QualifiedDate, QualifiedQuantity
from claimloop.edi.syntax.envelope import Source

ACCEPTING, REJECTING = frozenset("AE"), frozenset("RMWX")
"""TA104, AK901, IK501 and AK501: A and E mean accepted (E with errors). M, W and X are rejections for security reasons.
"""

ACCEPTED_CATEGORIES = frozenset(("A0", "A1", "A2", "A5"))
REJECTED_CATEGORIES = frozenset(("A3", "A4", "A6", "A7", "A8"))
"""STC01-1 of a 277CA: the categories that accept a claim and those that reject it (rules.md#claim-acknowledgements)."""

_REJECT = "U"
_CLAIM_NUMBER = "CLM01"
_PAYER_CLAIM_NUMBER, _CLEARINGHOUSE_NUMBER, _BILL_TYPE, _LINE_NUMBER = "1K", "D9", "BLT", "FJ"
_SERVICE = "472"


def _verdict(code: str) -> bool | None:
    return True if code in ACCEPTING else False if code in REJECTING else None


class InterchangeAcknowledgement(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """TA1: whether one interchange was accepted. Control number, date (YYMMDD) and time (HHMM) are those of its ISA, as
    sent.

    `code` is A, E (accepted with errors) or R; `note` is 000 when there is no error.
    """

    source: Source
    control_number: str
    date: str = ""
    time: str = ""
    code: str = ""
    note: str = ""
    other_segments: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool | None:
        """Return True for A and E, False for R."""
        return _verdict(self.code)


class ErrorContext(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """CTX of a 999: the context of an error.

    `references` holds names and values (`("CLM01", "12345")`). The other fields locate the segment and element that
    made the segment in error required.
    """

    references: tuple[tuple[str, str], ...] = ()
    segment_id: str = ""
    position: int | None = None
    loop: str = ""
    element: str = ""
    data_element: str = ""


class ElementError(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """IK4 or AK4: the element in error (with its component and repetition), its data element number, and IK403.

    `value` is the element's value as sent. It may identify a patient, so never log it.
    """

    position: int | None
    component: int | None = None
    repetition: int | None = None
    data_element: str = ""
    code: str = ""
    value: str = ""
    contexts: tuple[ErrorContext, ...] = ()


class SegmentError(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """IK3 or AK3: a segment in error with its position in the set (ST is 1), its loop, its error codes, and its element
    errors.
    """

    segment_id: str
    position: int | None = None
    loop: str = ""
    codes: tuple[str, ...] = ()
    contexts: tuple[ErrorContext, ...] = ()
    elements: tuple[ElementError, ...] = ()
    segment: int = 0

    @property
    def control_number(self) -> str:
        """Return the patient control number (CTX CLM01) of the claim in error; empty if the acknowledgement does not
        name it.
        """
        contexts = (*self.contexts, *(one for element in self.elements for one in element.contexts))
        found = (value for one in contexts for name, value in one.references if name == _CLAIM_NUMBER and value)
        return next(found, "")


class SetAcknowledgement(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """AK2 to IK5 (AK5): one set. `code` is empty if the acknowledgement breaks off before it; `codes` holds
    IK502-506.
    """

    kind: str
    control_number: str
    guide: str = ""
    code: str = ""
    codes: tuple[str, ...] = ()
    errors: tuple[SegmentError, ...] = ()
    segment: int = 0
    other_segments: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool | None:
        """Return True for A and E, False for R, M, W and X."""
        return _verdict(self.code)


class GroupAcknowledgement(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A 999 or 997 (`kind`): one group. `declared`, `received` and `accepted_sets` are AK902-904, `codes` AK905-909.

    `sets` may be empty when there are no errors. `complete` is True if both AK9 and SE are present.
    """

    source: Source
    kind: str
    guide: str = ""
    functional_id: str = ""
    control_number: str = ""
    version: str = ""
    code: str = ""
    declared: int | None = None
    received: int | None = None
    accepted_sets: int | None = None
    codes: tuple[str, ...] = ()
    sets: tuple[SetAcknowledgement, ...] = ()
    complete: bool = True
    other_segments: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool | None:
        """Return True for A and E, False for R, M, W and X. Return None for P: each set has its own code."""
        return _verdict(self.code)


class StatusCode(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """STC01, STC10 or STC11: category (code list 507), status (508), entity (98), and the code list of the status
    (1270).
    """

    category: str
    status: str = ""
    entity: str = ""
    code_list: str = ""


class Status(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """STC: one status. `action` is WQ (accept) or U (reject); `codes` holds STC01, STC10 and STC11 if sent.

    `effective` is STC02, the date of the status. `paid` and the fields after it (STC05-09) occur only in guides other
    than the 277CA.
    """

    codes: tuple[StatusCode, ...] = ()
    effective: date | None = None
    action: str = ""
    charge: Decimal | None = None
    paid: Decimal | None = None
    decided: date | None = None
    payment_method: str = ""
    payment_date: date | None = None
    check_number: str = ""
    text: str = ""
    segment: int = 0

    @property
    def category(self) -> str:
        """Return the first category; empty if there is none."""
        return next((code.category for code in self.codes if code.category), "")

    @property
    def accepted(self) -> bool | None:
        """Derive acceptance from a 277CA category. For other categories only action U decides: the claim is
        rejected.
        """
        if self.category in REJECTED_CATEGORIES:
            return False
        if self.category in ACCEPTED_CATEGORIES:
            return True
        return False if self.action == _REJECT else None


def newest(statuses: Iterable[Status]) -> tuple[Status, ...]:
    """Return the statuses of the latest date and those without a date, which cannot be shown to be older."""
    statuses = tuple(statuses)
    day = max((one.effective for one in statuses if one.effective), default=None)
    return tuple(one for one in statuses if one.effective in (day, None))


def accepted_by(statuses: Iterable[Status]) -> bool | None:
    """Combine the newest statuses: one rejection is enough to reject; None if none of them decides."""
    verdicts = {one.accepted for one in newest(statuses)}
    return False if False in verdicts else True if True in verdicts else None


class StatusReport(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """BHT and 2000A of a 277: the information source, a payer (NM101 PR) or clearinghouse (AY), and its trace number.

    `structure`, `purpose` and `reference` are BHT01-03. `dates` holds the DTP segments; 050 and 009 also have
    properties.
    """

    source: Source
    guide: str = ""
    structure: str = ""
    purpose: str = ""
    reference: str = ""
    created: date | None = None
    time: str = ""
    transaction_type: str = ""
    information_source: Party | None = None
    trace_number: str = ""
    contacts: tuple[Contact, ...] = ()
    dates: tuple[QualifiedDate, ...] = ()
    other_segments: tuple[str, ...] = ()

    @property
    def received(self) -> date | None:
        """Return the date received (DTP 050)."""
        return _day(self.dates, "050")

    @property
    def processed(self) -> date | None:
        """Return the date processed (DTP 009)."""
        return _day(self.dates, "009")


class _Level(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The fields that loops 2200B, 2200C, 2200D and 2220D have in common."""

    source: Source
    statuses: tuple[Status, ...] = ()
    quantities: tuple[QualifiedQuantity, ...] = ()
    amounts: tuple[QualifiedAmount, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[QualifiedDate, ...] = ()
    other_segments: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool | None:
        """Derive acceptance from the newest STC; see `accepted_by`."""
        return accepted_by(self.statuses)

    def reference(self, qualifier: str) -> str:
        """Return the first REF with this qualifier; empty if there is none."""
        return next((one.value for one in self.references if one.qualifier == qualifier), "")

    def amount(self, qualifier: str) -> Decimal | None:
        """Return the first AMT with this qualifier."""
        return next((one.amount for one in self.amounts if one.qualifier == qualifier), None)

    def count(self, qualifier: str) -> int | None:
        """Return the first QTY with this qualifier, truncated to an integer."""
        return next((int(one.quantity) for one in self.quantities if one.qualifier == qualifier), None)

    @property
    def service_period(self) -> DateRange | None:
        """Return the service period (DTP 472); None if it is missing or cannot be read."""
        return next((one.period for one in self.dates if one.qualifier == _SERVICE), None)


class BatchStatus(_Level, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """2000B and 2200B: the status of one batch. `batch_reference` is TRN02, which repeats BHT03 of the 837.

    Totals: QTY 90 counts accepted claims and AA rejected claims; AMT YU totals accepted charges and YY rejected
    charges.
    """

    receiver: Party | None = None
    batch_reference: str = ""


class ProviderStatus(_Level, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """2000C and 2200C: the status of one billing provider's claims in the batch. Totals: QTY QA and QC, AMT
    YU and YY.
    """

    batch_reference: str = ""
    provider: Party | None = None
    trace_number: str = ""


class LineStatus(_Level, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """2220D: the status of one service line. `paid` (SVC03) occurs only in guides other than the 277CA."""

    procedure: Procedure
    charge: Decimal | None = None
    paid: Decimal | None = None
    revenue_code: str = ""
    units: Decimal | None = None

    @property
    def line_control_number(self) -> str:
        """Return REF FJ, which repeats REF 6R of the 837."""
        return self.reference(_LINE_NUMBER)


class ClaimStatus(_Level, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """2200D: the status of one claim, with the source that reports it and the batch it belongs to.

    `control_number` is TRN02, which repeats CLM01 of the 837. `subscriber` is set if the subscriber has a separate
    level (2000D of 005010X212).
    """

    control_number: str
    patient: Party | None = None
    subscriber: Party | None = None
    lines: tuple[LineStatus, ...] = ()
    information_source: Party | None = None
    batch_reference: str = ""
    provider: Party | None = None

    @property
    def payer_claim_number(self) -> str:
        """Return the payer's number for the claim (REF 1K)."""
        return self.reference(_PAYER_CLAIM_NUMBER)

    @property
    def clearinghouse_number(self) -> str:
        """Return the clearinghouse's number for the claim (REF D9; 2300 REF D9 of the 837)."""
        return self.reference(_CLEARINGHOUSE_NUMBER)

    @property
    def bill_type(self) -> str:
        """Return the type of bill of an institutional claim (REF BLT)."""
        return self.reference(_BILL_TYPE)

    @property
    def charge(self) -> Decimal | None:
        """Return STC04 of the newest status that has one."""
        return next((one.charge for one in reversed(newest(self.statuses)) if one.charge is not None), None)


class StatusReportEnd(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The end of a 277: its claim count, whether its SE is present, and the text of patient levels without a claim."""

    source: Source
    claims: int = 0
    complete: bool = True
    other_segments: tuple[str, ...] = ()


AcknowledgementItem = (
    InterchangeAcknowledgement
    | GroupAcknowledgement
    | StatusReport
    | BatchStatus
    | ProviderStatus
    | ClaimStatus
    | StatusReportEnd
)


def _day(dates: tuple[QualifiedDate, ...], qualifier: str) -> date | None:
    return next((one.date for one in dates if one.qualifier == qualifier), None)
