"""Read whole files and streams of records: `read_x` returns everything at once, `stream_x` yields one at a time."""

from claimloop.edi.diagnostics import Diagnostic, Report
from claimloop.edi.reading import Records, Stream, X12Source, x12_stream
from claimloop.edi.records.acknowledgement import AcknowledgementItem
from claimloop.edi.records.claim import Claim
from claimloop.edi.records.remittance import Remittance
from claimloop.parsers.acknowledgements.reader import acknowledgement_items
from claimloop.parsers.professional.reader import ClaimFile, claim_file_items, claim_items
from claimloop.parsers.remittance.reader import gather, remittance_items
from claimloop.parsers.remittance.set_reader import RemittanceItem


class Claims(Records[Claim]):
    """The claims of an 837P file. `headers` has one `ClaimFile` (envelope, BHT, submitter, receiver) for each ST."""

    headers: list[ClaimFile]

    def __init__(self, claims: list[Claim], findings: list[Diagnostic], headers: list[ClaimFile]) -> None:
        super().__init__(claims, findings)
        self.headers = headers


def read_835(source: X12Source, report: Report | None = None, *, name: str = "") -> Records[Remittance]:
    """Read every 835 of a file into memory: one `Remittance` for each ST, with its claims.

    Each remittance has `claims` (with their `services`), `provider_adjustments` (PLB), `summaries` (TS2, TS3) and
    `end` (sums and a digest). Amounts are `Decimal` dollars, signed as sent. Sets of other kinds are skipped, with
    finding R201. `name` is what findings call the file (default: the path).

    Raises NotX12 where there is no ISA segment, and OSError where the file cannot be read. Anything else about the
    content is a finding.

        remittances = read_835("remit.835")
        for claim in remittances[0].claims:
            print(claim.patient_control_number, claim.charge, claim.paid)
        print(remittances.errors)
    """
    stream = stream_835(source, report, name=name)
    return Records(gather(stream), stream.findings)


def stream_835(source: X12Source, report: Report | None = None, *, name: str = "") -> Stream[RemittanceItem]:
    """Read the 835s of a file one record after another, in flat memory.

    Each set gives its `Remittance` (without claims), then its `ProviderSummary`, `ClaimPayment` and
    `ProviderAdjustment` records in the order of the file, then a `RemittanceEnd`. Parameters and errors as for
    `read_835`; the errors are raised when the first record is asked for.

        with stream_835("remit.835") as items:
            paid = sum(item.paid for item in items if isinstance(item, ClaimPayment))
    """
    return x12_stream(remittance_items, source, report, name)


def read_837p(source: X12Source, report: Report | None = None, *, name: str = "") -> Claims:
    """Read every claim of an 837P file into memory.

    A `Claim` holds its service `lines` and the billing provider, subscriber, patient and payer above it. Amounts and
    quantities are `Decimal`, dates are `datetime.date`, codes are text as sent. Sets of other kinds are skipped, with
    finding R259. `name` is what findings call the file (default: the path).

    Raises NotX12 where there is no ISA segment, and OSError where the file cannot be read. Anything else about the
    content is a finding; `claim.unreadable` counts the values of a claim that could not be read.

        for claim in read_837p("claims.837"):
            print(claim.patient_control_number, claim.payer.name, len(claim.lines))
    """
    stream = x12_stream(claim_file_items, source, report, name)
    claims: list[Claim] = []
    headers: list[ClaimFile] = []
    for item in stream:
        if isinstance(item, Claim):
            claims.append(item)
        else:
            headers.append(item)
    return Claims(claims, stream.findings, headers)


def stream_837p(source: X12Source, report: Report | None = None, *, name: str = "") -> Stream[Claim]:
    """Read the claims of an 837P file one after another, in flat memory.

    `claim.source` has the control numbers of the claim's envelope. Parameters and errors as for `read_837p`; the
    errors are raised when the first claim is asked for.

        with stream_837p("claims.837") as claims:
            charge = sum(claim.charge for claim in claims)
    """
    return x12_stream(claim_items, source, report, name)


def read_acknowledgements(
    source: X12Source, report: Report | None = None, *, name: str = ""
) -> Records[AcknowledgementItem]:
    """Read every TA1, 999, 997 and 277CA of a file into memory, in the order of the file.

    A TA1 is an `InterchangeAcknowledgement`; a 999 or 997 is a `GroupAcknowledgement` with its sets. A 277CA is
    several records: a `StatusReport`, then `BatchStatus`, `ProviderStatus` and `ClaimStatus` records, then a
    `StatusReportEnd`. `accepted` of a record is True, False, or None where its codes do not decide. Sets of other
    kinds are skipped, with finding P601. `name` is what findings call the file (default: the path).

    Raises NotX12 where there is no ISA segment, and OSError where the file cannot be read. Anything else about the
    content is a finding.

        for answer in read_acknowledgements("claims.277ca"):
            if isinstance(answer, ClaimStatus) and answer.accepted is False:
                print(answer.control_number, answer.statuses)
    """
    stream = stream_acknowledgements(source, report, name=name)
    return Records(list(stream), stream.findings)


def stream_acknowledgements(
    source: X12Source, report: Report | None = None, *, name: str = ""
) -> Stream[AcknowledgementItem]:
    """Read the acknowledgements of a file one record after another, in flat memory.

    The records are those of `read_acknowledgements`; the errors are raised when the first one is asked for.

        with stream_acknowledgements("claims.999") as answers:
            rejected = [answer for answer in answers if getattr(answer, "accepted", None) is False]
    """
    return x12_stream(acknowledgement_items, source, report, name)
