"""What comes back before the money: TA1, 999 and 997, and the 277CA (005010X214), in the guides' words.

Codes stay as sent. What has no field of its own is in `other_segments`, as text. An empty number is None, never 0.
`accepted` is True, False, or None where the codes say neither.
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
"""TA104, AK901, IK501, AK501: A and E are taken in (E with errors); M, W and X are rejections for security's sake."""

TAKEN_IN = frozenset(("A0", "A1", "A2", "A5"))
TURNED_AWAY = frozenset(("A3", "A4", "A6", "A7", "A8"))
"""STC01-1 of a 277CA (rules.md#claim-acknowledgements)."""

_REJECT = "U"
_CLAIM_NUMBER = "CLM01"
_PAYER_CLAIM_NUMBER, _CLEARINGHOUSE_NUMBER, _BILL_TYPE, _LINE_NUMBER = "1K", "D9", "BLT", "FJ"
_SERVICE = "472"


def _verdict(code: str) -> bool | None:
    return True if code in ACCEPTING else False if code in REJECTING else None


class InterchangeAcknowledgement(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """TA1: what became of one interchange. Number, date (YYMMDD) and time (HHMM) are those of its ISA, as sent.

    `code` is A, E (errors) or R; `note` is 000 where nothing is wrong.
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
        """True for A and E, False for R."""
        return _verdict(self.code)


class ErrorContext(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """CTX of a 999: `references` are names and values (`("CLM01", "12345")`); the rest says which segment and element
    asked for the one that is in error.
    """

    references: tuple[tuple[str, str], ...] = ()
    segment_id: str = ""
    position: int | None = None
    loop: str = ""
    element: str = ""
    data_element: str = ""


class ElementError(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """IK4 or AK4: which element (component, repetition) is wrong, its number in the data dictionary, IK403 and the
    value as it was sent. A value can be anybody's: it is not for logs.
    """

    position: int | None
    component: int | None = None
    repetition: int | None = None
    data_element: str = ""
    code: str = ""
    value: str = ""
    contexts: tuple[ErrorContext, ...] = ()


class SegmentError(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """IK3 or AK3: the segment, its place in the set (ST is 1), its loop, the codes, and what is wrong inside it."""

    segment_id: str
    position: int | None = None
    loop: str = ""
    codes: tuple[str, ...] = ()
    contexts: tuple[ErrorContext, ...] = ()
    elements: tuple[ElementError, ...] = ()
    segment: int = 0

    @property
    def control_number(self) -> str:
        """The patient control number of the claim that is in error (CTX CLM01); empty where none is named."""
        contexts = (*self.contexts, *(one for element in self.elements for one in element.contexts))
        found = (value for one in contexts for name, value in one.references if name == _CLAIM_NUMBER and value)
        return next(found, "")


class SetAcknowledgement(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """AK2 to IK5 (AK5): one set. `code` is empty where the acknowledgement was cut before it; `codes` are IK502-506."""

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
        """True for A and E, False for R, M, W and X."""
        return _verdict(self.code)


class GroupAcknowledgement(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A 999 or 997 (`kind`): one group. `declared`, `received` and `accepted_sets` are AK902-904, `codes` AK905-909.

    `sets` can be empty where nothing is wrong. `complete` says whether AK9 and SE were there.
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
        """True for A and E, False for R, M, W and X; None for P: the sets say which."""
        return _verdict(self.code)


class StatusCode(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """STC01, STC10 or STC11: category (507), status (508), whom it is about (98), list of the status code (1270)."""

    category: str
    status: str = ""
    entity: str = ""
    code_list: str = ""


class Status(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """STC: one status. `action` is WQ (accept) or U (reject); `codes` has STC01, STC10 and STC11 where they are sent.

    `effective` is STC02, the day since which it is so. `paid` and what follows it (STC05-09) are of other guides only.
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
        """The first category; empty where there is none."""
        return next((code.category for code in self.codes if code.category), "")

    @property
    def accepted(self) -> bool | None:
        """By its category where that is of a 277CA; of others only the action U says something: rejected."""
        if self.category in TURNED_AWAY:
            return False
        if self.category in TAKEN_IN:
            return True
        return False if self.action == _REJECT else None


def newest(statuses: Iterable[Status]) -> tuple[Status, ...]:
    """Those of the newest day, and those without a date: nothing says that they are older."""
    statuses = tuple(statuses)
    day = max((one.effective for one in statuses if one.effective), default=None)
    return tuple(one for one in statuses if one.effective in (day, None))


def accepted_by(statuses: Iterable[Status]) -> bool | None:
    """What the newest of them say together: one that rejects is enough."""
    verdicts = {one.accepted for one in newest(statuses)}
    return False if False in verdicts else True if True in verdicts else None


class StatusReport(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """BHT and 2000A of a 277: the information source, a payer (NM101 PR) or clearinghouse (AY), and its own trace.

    `structure`, `purpose` and `reference` are BHT01-03, `dates` the DTPs, of which 050 and 009 have names.
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
        """DTP 050."""
        return _day(self.dates, "050")

    @property
    def processed(self) -> date | None:
        """DTP 009."""
        return _day(self.dates, "009")


class _Level(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What 2200B, 2200C, 2200D and 2220D have in common."""

    source: Source
    statuses: tuple[Status, ...] = ()
    quantities: tuple[QualifiedQuantity, ...] = ()
    amounts: tuple[QualifiedAmount, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[QualifiedDate, ...] = ()
    other_segments: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool | None:
        """By the category of the newest STC, see `accepted_by`."""
        return accepted_by(self.statuses)

    def reference(self, qualifier: str) -> str:
        """The first REF with this qualifier; empty where there is none."""
        return next((one.value for one in self.references if one.qualifier == qualifier), "")

    def amount(self, qualifier: str) -> Decimal | None:
        """The first AMT with this qualifier."""
        return next((one.amount for one in self.amounts if one.qualifier == qualifier), None)

    def count(self, qualifier: str) -> int | None:
        """The first QTY with this qualifier, without its fraction."""
        return next((int(one.quantity) for one in self.quantities if one.qualifier == qualifier), None)

    @property
    def service_period(self) -> DateRange | None:
        """DTP 472; None where it is missing or cannot be read."""
        return next((one.period for one in self.dates if one.qualifier == _SERVICE), None)


class BatchStatus(_Level, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """2000B and 2200B: what became of one batch. `batch_reference` is TRN02: BHT03 of the 837.

    Totals: QTY 90 accepted, AA rejected claims; AMT YU accepted, YY rejected charges.
    """

    receiver: Party | None = None
    batch_reference: str = ""


class ProviderStatus(_Level, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """2000C and 2200C: one billing provider of the batch. Totals: QTY QA and QC, AMT YU and YY."""

    batch_reference: str = ""
    provider: Party | None = None
    trace_number: str = ""


class LineStatus(_Level, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """2220D: one service line. `paid` (SVC03) is of other guides than the 277CA's."""

    procedure: Procedure
    charge: Decimal | None = None
    paid: Decimal | None = None
    revenue_code: str = ""
    units: Decimal | None = None

    @property
    def line_control_number(self) -> str:
        """REF FJ: REF 6R of the 837."""
        return self.reference(_LINE_NUMBER)


class ClaimStatus(_Level, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """2200D: one claim, with who says it and in answer to what. `control_number` is TRN02: CLM01 of the 837.

    `subscriber` is there where a level of his own is (2000D of 005010X212).
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
        """REF 1K: the number that the payer gave the claim."""
        return self.reference(_PAYER_CLAIM_NUMBER)

    @property
    def clearinghouse_number(self) -> str:
        """REF D9: the number that a clearinghouse gave the claim (2300 REF D9 of the 837)."""
        return self.reference(_CLEARINGHOUSE_NUMBER)

    @property
    def bill_type(self) -> str:
        """REF BLT, of an institutional claim."""
        return self.reference(_BILL_TYPE)

    @property
    def charge(self) -> Decimal | None:
        """STC04 of the newest status that has one."""
        return next((one.charge for one in reversed(newest(self.statuses)) if one.charge is not None), None)


class StatusReportEnd(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The end of a 277: how many claims it told of, whether its SE was there, and text of patients without a claim."""

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
