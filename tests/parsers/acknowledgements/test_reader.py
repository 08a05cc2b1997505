"""TA1, 999, 997 and 277CA as records: every field, every habit of older guides, and whatever comes broken."""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from claimloop.edi.dates import DateRange
from claimloop.edi.records.acknowledgement import (
    BatchStatus,
    ClaimStatus,
    ElementError,
    ErrorContext,
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
    accepted_by,
)
from claimloop.edi.records.parties import Party, Reference
from claimloop.edi.records.procedure import Procedure
from claimloop.edi.records.service_payment import QualifiedAmount, QualifiedDate, QualifiedQuantity
from claimloop.edi.syntax.envelope import Source
from claimloop.parsers.acknowledgements.reader import acknowledgement_items
from claimloop.tests.parsers.acknowledgements.samples import ACKNOWLEDGED, STATUSES

SAMPLES = Path(__file__).parents[2] / "data"


def read(text, report=lambda _: None):
    content = text if isinstance(text, bytes) else text.encode()
    return list(acknowledgement_items(BytesIO(content), "a.x12", report))


def only(kind, items):
    return [item for item in items if isinstance(item, kind)]


def test_a_ta1_names_the_interchange_and_what_became_of_it():
    assert only(InterchangeAcknowledgement, read(ACKNOWLEDGED)) == [
        InterchangeAcknowledgement(
            Source("a.x12", "000000501", segment=2), "000000017", date="261006", time="1800", code="E", note="024"
        )
    ]


def test_a_999_tells_of_the_group_its_sets_and_their_errors():
    assert only(GroupAcknowledgement, read(ACKNOWLEDGED)) == [
        GroupAcknowledgement(
            Source("a.x12", "000000501", "501", "0001", 4),
            kind="999",
            guide="005010X231A1",
            functional_id="HC",
            control_number="17",
            version="005010X222A1",
            code="P",
            declared=2,
            received=3,
            accepted_sets=1,
            codes=("1", "5"),
            sets=(
                SetAcknowledgement("837", "0001", "005010X222A1", code="A", segment=6),
                SetAcknowledgement(
                    "837",
                    "0002",
                    "005010X222A1",
                    code="R",
                    codes=("5", "I5"),
                    errors=(
                        SegmentError(
                            "CLM",
                            22,
                            "2300",
                            ("8",),
                            contexts=(ErrorContext((("CLM01", "VISIT9-1"),)),),
                            elements=(
                                ElementError(
                                    5, 3, 1, "1325", "7", "Z",
                                    (
                                        ErrorContext(
                                            (("SITUATIONAL TRIGGER", ""), ("CLM01", "OTHER")),
                                            "CLM", 22, "2300", "5:3", "C023:1325",
                                        ),
                                    ),
                                ),
                                ElementError(2, data_element="782", code="1"),
                            ),
                            segment=9,
                        ),
                        SegmentError(
                            "REF", 57, codes=("3",), contexts=(ErrorContext((("TRN02", "BATCH17"),)),), segment=14
                        ),
                    ),
                    segment=8,
                ),
            ),
        )
    ]  # fmt: skip


def test_the_claim_in_error_is_named_by_its_context():
    (group,) = only(GroupAcknowledgement, read(ACKNOWLEDGED))
    assert [error.control_number for error in group.sets[1].errors] == ["VISIT9-1", ""]


# Long: the whole expected list is written out, because its order is what the test is about.
def test_a_277ca_tells_of_source_batch_provider_and_claims_in_this_order():
    place = "a.x12", "000000502", "502", "0001"
    payer = Party("PR", "2", "INVENTED PLAN", id_qualifier="PI", id="PLAN1")
    provider = Party("85", "1", "ASHDOWN", "MARIGOLD", "J", "JR", "XX", "1234567893")
    totals = QualifiedAmount("YU", Decimal(245)), QualifiedAmount("YY", Decimal(150))
    service = (QualifiedDate("472", date(2026, 9, 10)),)
    received = StatusCode("A1", "19", "PR")
    invalid = StatusCode("A7", "454")
    assert read(STATUSES) == [
        StatusReport(
            Source(*place, 3),
            guide="005010X214",
            structure="0085",
            purpose="08",
            reference="ANSWER1",
            created=date(2026, 10, 7),
            time="0600",
            transaction_type="TH",
            information_source=payer,
            trace_number="SOURCE1",
            dates=(QualifiedDate("050", date(2026, 10, 6)), QualifiedDate("009", date(2026, 10, 7))),
        ),
        BatchStatus(
            Source(*place, 10),
            statuses=(Status((received,), date(2026, 10, 7), "WQ", Decimal(395), segment=13),),
            quantities=(QualifiedQuantity("90", Decimal(1)), QualifiedQuantity("AA", Decimal(1))),
            receiver=Party("41", "2", "INVENTED DERMATOLOGY", id_qualifier="46", id="INVENTEDDERM"),
            batch_reference="BATCH17",
            amounts=totals,
        ),
        ProviderStatus(
            Source(*place, 18),
            statuses=(Status((received,), None, "WQ", Decimal(395), segment=21),),
            quantities=(QualifiedQuantity("QA", Decimal(1)), QualifiedQuantity("QC", Decimal(1))),
            references=(Reference("TJ", "123456789"),),
            batch_reference="BATCH17",
            provider=provider,
            trace_number="0",
            amounts=totals,
        ),
        ClaimStatus(
            Source(*place, 29),
            statuses=(Status((StatusCode("A2", "20", "PR"),), date(2026, 10, 7), "WQ", Decimal(245), segment=30),),
            references=(Reference("1K", "ICN1"), Reference("D9", "TRACE1"), Reference("BLT", "111")),
            dates=(QualifiedDate("472", date(2026, 9, 10), date(2026, 9, 11)),),
            control_number="VISIT1-1",
            patient=Party("QC", "1", "MARLOWE", "ADA", id_qualifier="MI", id="M1001"),
            information_source=payer,
            batch_reference="BATCH17",
            provider=provider,
        ),
        ClaimStatus(
            Source(*place, 37),
            statuses=(
                Status((StatusCode("A1", "20"),), date(2026, 10, 6), "WQ", Decimal(150), segment=38),
                Status(
                    (StatusCode("A7", "562", "85"), StatusCode("A7", "153", "82"), StatusCode("A8", "496", "QC", "65")),
                    date(2026, 10, 7), "U", Decimal(150), text="CALL US", segment=39,
                ),
                Status((StatusCode("A6", "21"),), date(2026, 10, 7), "U", Decimal(150), segment=40),
            ),
            dates=service,
            control_number="VISIT2-1",
            patient=Party("QC", "1", "OKAFOR", "BRUNO", id_qualifier="MI", id="M1002"),
            lines=(
                LineStatus(
                    Source(*place, 42),
                    statuses=(Status((invalid,), action="U", segment=43),),
                    references=(Reference("FJ", "L1"),),
                    dates=service,
                    procedure=Procedure("HC", "99213", ("25",)),
                    charge=Decimal(100),
                    revenue_code="0450",
                    units=Decimal("1.5"),
                ),
                LineStatus(
                    Source(*place, 46),
                    statuses=(Status((invalid,), action="U", segment=47),),
                    references=(Reference("FJ", "L2"),),
                    procedure=Procedure("HC", "17000"),
                    charge=Decimal(50),
                    units=Decimal(1),
                ),
            ),
            information_source=payer,
            batch_reference="BATCH17",
            provider=provider,
        ),
        StatusReportEnd(Source(*place, 3), claims=2),
    ]  # fmt: skip


def test_what_is_asked_of_a_277_has_a_name():
    report, batch, provider, first, second, _ = read(STATUSES)
    assert (report.received, report.processed) == (date(2026, 10, 6), date(2026, 10, 7))
    assert (batch.count("90"), batch.count("AA"), batch.amount("YY"), batch.accepted) == (1, 1, 150, True)
    assert (provider.count("QA"), provider.amount("YU"), provider.count("90"), provider.amount("YY")) == (
        1,
        245,
        None,
        150,
    )
    assert (first.payer_claim_number, first.clearinghouse_number, first.bill_type) == ("ICN1", "TRACE1", "111")
    assert (first.charge, first.accepted) == (245, True)
    assert first.service_period == DateRange(date(2026, 9, 10), date(2026, 9, 11))
    assert (second.payer_claim_number, second.charge, second.accepted) == ("", 150, False)
    assert [line.line_control_number for line in second.lines] == ["L1", "L2"]
    assert [line.service_period for line in second.lines] == [DateRange(date(2026, 9, 10), date(2026, 9, 10)), None]
    assert [line.accepted for line in second.lines] == [False, False]


def test_the_public_sample_of_an_accepted_claim():
    items = read((SAMPLES / "277CA__imsweb__x12-277ca-accepted.x12").read_bytes())
    place = "a.x12", "000014420", "14420", "000014420"
    day = date(2011, 3, 11)
    payer = Party("PR", "2", "NYSDOH", id_qualifier="FI", id="141797357")
    provider = Party("85", "1", "OCTOR", "IMA", "D", "", "XX", "1234567890")
    assert items == [
        StatusReport(
            Source(*place, 3), "005010X214", "0085", "08", "000000674", day, "100831", "TH", payer, "000014420",
            dates=(QualifiedDate("050", day), QualifiedDate("009", day)),
        ),
        BatchStatus(
            Source(*place, 10), (Status((StatusCode("A1", "20"),), day, "WQ", Decimal(125), segment=13),),
            (QualifiedQuantity("90", Decimal(1)),), (QualifiedAmount("YU", Decimal(125)),),
            receiver=Party("41", "2", "A NY MD GROUP", id_qualifier="46", id="ETIN"), batch_reference="000000674",
        ),
        ProviderStatus(
            Source(*place, 16), provider=provider, trace_number="1107000000000135FF", batch_reference="000000674"
        ),
        ClaimStatus(
            Source(*place, 21), (Status((StatusCode("A2", "20"),), day, "WQ", Decimal(125), segment=22),),
            references=(Reference("1K", "1107000000014420"),), dates=(QualifiedDate("472", date(1001, 1, 1)),),
            control_number="5781", patient=Party("QC", "1", "TPATIENT", "THEBE", "S", "", "MI", "LL99999X"),
            information_source=payer, batch_reference="000000674", provider=provider,
        ),
        StatusReportEnd(Source(*place, 3), 1),
    ]  # fmt: skip
    assert items[3].accepted is True


def test_the_public_sample_of_a_rejected_claim_is_rejected_whatever_its_action():
    items = read((SAMPLES / "277CA__imsweb__x12-277ca-rejected.x12").read_bytes())
    place = "a.x12", "000001120", "1120", "000001120"
    day = date(2011, 3, 11)
    payer = Party("PR", "2", "NYSDOH", id_qualifier="FI", id="141797357")
    provider = Party("85", "2", "PROVLNAME", id_qualifier="XX", id="123456789")
    charge = Decimal("199.14")
    assert items == [
        StatusReport(
            Source(*place, 3), "005010X214", "0085", "08", "3920394930203", day, "051225", "TH", payer, "000001120",
            dates=(QualifiedDate("050", day), QualifiedDate("009", day)),
        ),
        BatchStatus(
            Source(*place, 10), (Status((StatusCode("A1", "20"),), day, "WQ", charge, segment=13),),
            (QualifiedQuantity("90", Decimal(1)),), (QualifiedAmount("YU", charge),),
            receiver=Party("41", "1", "TEST", "TEST", id_qualifier="46", id="ETIN"), batch_reference="11200001",
        ),
        ProviderStatus(
            Source(*place, 16), provider=provider, trace_number="1107000000000001FF", batch_reference="11200001"
        ),
        ClaimStatus(
            Source(*place, 21), (Status((StatusCode("A7", "562", "85"),), day, "WQ", charge, segment=22),),
            references=(Reference("1K", "1107000000001120"), Reference("BLT", "731")),
            dates=(QualifiedDate("472", date(2009, 3, 11)),), control_number="3920394930203",
            patient=Party("QC", "1", "CLILNAME", "CLIFNAME", "CLIMI", "", "MI", "XX99999X"),
            information_source=payer, batch_reference="11200001", provider=provider,
        ),
        StatusReportEnd(Source(*place, 3), 1),
    ]  # fmt: skip
    assert items[3].accepted is False


@pytest.mark.parametrize(
    ("category", "action", "accepted"),
    [
        *((category, action, True) for category in ("A0", "A1", "A2", "A5") for action in ("", "WQ", "U")),
        *((category, action, False) for category in ("A3", "A4", "A6", "A7", "A8") for action in ("", "WQ", "U")),
        *((category, "", None) for category in ("R0", "E0", "D0", "P1", "F1", "A9", "")),
        *((category, "U", False) for category in ("R0", "E0", "D0", "P1", "F1", "A9", "")),
    ],
)
def test_the_category_decides_and_elsewhere_only_a_rejecting_action(category, action, accepted):
    assert Status((StatusCode(category),), action=action).accepted is accepted


def test_the_newest_status_counts_wherever_it_stands():
    rejected = Status((StatusCode("A3"),), date(2026, 10, 1))
    accepted = Status((StatusCode("A2"),), date(2026, 10, 2))
    assert accepted_by([rejected, accepted]) is accepted_by([accepted, rejected]) is True


def test_of_one_day_a_rejection_counts_and_one_without_a_day_is_never_too_old():
    accepted = Status((StatusCode("A2"),), date(2026, 10, 2))
    assert accepted_by([Status((StatusCode("A7"),), date(2026, 10, 2)), accepted]) is False
    assert accepted_by([Status((StatusCode("A7"),)), accepted]) is False
    assert accepted_by([Status((StatusCode("F1"),)), accepted]) is True
    assert accepted_by([]) is None


@pytest.mark.parametrize(
    ("code", "accepted"),
    [("A", True), ("E", True), ("R", False), ("M", False), ("W", False), ("X", False), ("P", None), ("", None)],
)
def test_groups_and_sets_are_accepted_by_their_code(code, accepted):
    assert GroupAcknowledgement(Source(), "999", code=code).accepted is accepted
    assert SetAcknowledgement("837", "1", code=code).accepted is accepted
    assert InterchangeAcknowledgement(Source(), "1", code=code).accepted is accepted


OLD_997 = """\
ISA*00*          *00*          *ZZ*INVENTEDPAYER  *ZZ*INVENTEDDERM   *061006*1900*U*00401*000000009*0*T*:~
GS*FA*INVENTEDPAYER*INVENTEDDERM*20061006*1900*9*X*004010~
ST*997*0001~
AK1*HC*17~
AK2*837*0021~
AK3*NM1*8**8*3~
AK4*8*66*7*MI~
AK5*R*5*4~
AK9*R*1*1*0*2~
SE*8*0001~
GE*1*9~
IEA*1*000000009~
"""


def test_a_997_reads_like_a_999():
    assert read(OLD_997) == [
        GroupAcknowledgement(
            Source("a.x12", "000000009", "9", "0001", 3), "997", "004010", "HC", "17", "", "R", 1, 1, 0, ("2",),
            (
                SetAcknowledgement(
                    "837", "0021", "", "R", ("5", "4"),
                    (
                        SegmentError(
                            "NM1", 8, codes=("8", "3"), elements=(ElementError(8, None, None, "66", "7", "MI"),), segment=6
                        ),
                    ),
                    5,
                ),
            ),
        )
    ]  # fmt: skip


def test_a_file_of_many_interchanges_is_read_in_its_order_each_with_its_own_delimiters():
    other = OLD_997.replace("*", "|").replace(":~", ">~")
    items = read(STATUSES + other + ACKNOWLEDGED)
    alone = [item for text in (STATUSES, other, ACKNOWLEDGED) for item in read(text)]
    assert list(map(unplaced, items)) == list(map(unplaced, alone))
    assert len(only(ClaimStatus, items)) == 2


def unplaced(item):
    """The record as text without the numbers of its segments, which count through the file."""
    return type(item), re.sub(rb'"segment":\d+', b"", msgspec.json.encode(item))
