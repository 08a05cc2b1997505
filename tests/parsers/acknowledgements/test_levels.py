"""The levels of a 277: who stands above a claim, in a 277CA and in the 277 that answers a question (005010X212)."""

from datetime import date
from decimal import Decimal
from io import BytesIO

from claimloop.edi.records.acknowledgement import BatchStatus, ClaimStatus, Status, StatusCode, StatusReport
from claimloop.edi.records.parties import Contact
from claimloop.parsers.acknowledgements.reader import acknowledgement_items
from claimloop.tests.parsers.acknowledgements.samples import STATUSES


def read(text):
    return list(acknowledgement_items(BytesIO(text.encode()), "a.x12", lambda _: None))


def only(kind, items):
    return [item for item in items if isinstance(item, kind)]


OTHER_277 = """\
ISA*00*          *00*          *ZZ*INVENTEDPAYER  *ZZ*INVENTEDDERM   *261007*0600*^*00501*000000503*0*T*:~
GS*HN*INVENTEDPAYER*INVENTEDDERM*20261007*0600*503*X*005010X212~
ST*277*0001*005010X212~
BHT*0010*08*ANSWER2*20261007*0600*DG~
HL*1**20*1~
NM1*PR*2*INVENTED PLAN*****PI*PLAN1~
PER*IC*HELP*TE*5552013344*EX*7~
HL*2*1*21*1~
NM1*41*2*INVENTED DERMATOLOGY*****46*INVENTEDDERM~
HL*3*2*19*1~
NM1*1P*2*INVENTED DERMATOLOGY*****XX*1234567893~
HL*4*3*22*1~
DMG*D8*19790314*M~
NM1*IL*1*MARLOWE*ABE****MI*M1001~
HL*5*4*23~
NM1*QC*1*MARLOWE*ADA~
TRN*2*VISIT1-1~
STC*F1:65:QC*20261005**150*120*20261004*CHK*20261006*CHECK1~
TRN*2*VISIT1-2~
STC*P1:20*20261005**95*0~
SVC*HC:99213*95*0****1~
STC*P1:20*20261005~
HL*6*4*23~
NM1*QC*1*MARLOWE*CLEO~
STC*D0:33*20261005~
HL*7*3*22*0~
NM1*IL*1*OKAFOR*BRUNO****MI*M1002~
TRN*2*VISIT3-1~
STC*F2:88*20261005*U*10*0~
SE*28*0001~
GE*1*503~
IEA*1*000000503~
"""


def test_another_277_has_subscribers_above_their_dependents_and_payments():
    items = read(OTHER_277)
    claims = only(ClaimStatus, items)
    assert only(StatusReport, items)[0].contacts == (Contact("IC", "HELP", (("TE", "5552013344"), ("EX", "7"))),)
    assert [
        (claim.control_number, claim.patient.first_name, claim.subscriber.first_name, claim.accepted)
        for claim in claims
    ] == [
        ("VISIT1-1", "ADA", "ABE", None),
        ("VISIT1-2", "ADA", "ABE", None),
        ("", "CLEO", "ABE", None),
        ("VISIT3-1", "BRUNO", "BRUNO", False),
    ]
    assert claims[0].statuses == (
        Status(
            (StatusCode("F1", "65", "QC"),), date(2026, 10, 5), "", Decimal(150), Decimal(120), date(2026, 10, 4),
            "CHK", date(2026, 10, 6), "CHECK1", segment=18,
        ),
    )  # fmt: skip
    assert [len(claim.lines) for claim in claims] == [0, 1, 0, 0]
    assert claims[1].lines[0].paid == 0
    assert [claim.other_segments for claim in claims] == [("DMG*D8*19790314*M",)] * 3 + [()]


def test_a_level_begins_anew_what_stood_above_the_claims_before():
    levels = "HL*6*1*21*1~\nTRN*2*BATCH18~\nHL*7*6*19*1~\nHL*8*7*PT~\nTRN*2*VISIT3-1~\nSTC*A2:20~\n"
    items = read(STATUSES.replace("SE*47*", levels + "SE*53*"))
    claim = only(ClaimStatus, items)[-1]
    assert (claim.control_number, claim.batch_reference, claim.provider, claim.patient) == (
        "VISIT3-1",
        "BATCH18",
        None,
        None,
    )
    assert claim.information_source.id == "PLAN1"
    assert [batch.batch_reference for batch in only(BatchStatus, items)] == ["BATCH17", "BATCH18"]


def test_a_dependent_of_nobody_gets_no_subscriber_of_another_provider():
    levels = "HL*8*2*19*1~\nHL*9*8*23~\nNM1*QC*1*BARROW*DORA~\nTRN*2*VISIT4-1~\nSTC*F2:88~\n"
    claim = only(ClaimStatus, read(OTHER_277.replace("SE*28*", levels + "SE*33*")))[-1]
    assert (claim.control_number, claim.patient.first_name) == ("VISIT4-1", "DORA")
    assert (claim.subscriber, claim.other_segments) == (None, ())


def test_a_second_source_in_a_set_is_a_report_of_its_own():
    levels = "HL*6**20*1~\nNM1*AY*2*INVENTED HOUSE*****46*HOUSE~\nHL*7*6*PT~\nTRN*2*VISIT3-1~\nSTC*A0:16~\n"
    items = read(STATUSES.replace("SE*47*", levels + "SE*52*"))
    assert [report.information_source.role for report in only(StatusReport, items)] == ["PR", "AY"]
    assert [report.reference for report in only(StatusReport, items)] == ["ANSWER1", "ANSWER1"]
    assert only(ClaimStatus, items)[-1].information_source.id == "HOUSE"
