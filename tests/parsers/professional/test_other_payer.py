"""Reading what an 837P says of other payers, and the supplements of claims and lines: fields, and what is kept."""

from datetime import date
from decimal import Decimal

import pytest

from claimloop.edi.records.adjustments import Adjustment
from claimloop.edi.records.claim_supplements import AmbulanceTransport, Contract
from claimloop.edi.records.other_payer import OutpatientAdjudication
from claimloop.edi.records.parties import Reference
from claimloop.tests.parsers.professional.test_reader import ABOVE, CLAIM, LINE, one, read

OTHER_PAYER = (
    "SBR*P*19*GRP*PLAN*12****CI~CAS*PR*1*5**2*10*1~CAS*CO*45*35~AMT*D*45~AMT*EAF*15~AMT*A8*3~OI***N*P**I~"
    "MOA*.5*10*MA01*N4~NM1*IL*1*DOE*JIM****MI*OLD~N3*9 OAK~N4*TOWN*IL*62704~REF*SY*123456789~"
    "NM1*PR*2*FIRST*****PI*9~N3*1 PAY~N4*TOWN*IL*62704~DTP*573*D8*20240202~REF*F8*X~NM1*82*1~REF*G2*77~"
)


def test_another_payer_has_his_insured_his_decision_and_his_numbers() -> None:
    claim = one(ABOVE + CLAIM + OTHER_PAYER + LINE)

    (other,) = claim.other_payers
    assert (other.payer_responsibility, other.relationship, other.claim_filing_indicator) == ("P", "19", "CI")
    assert (other.group_number, other.group_name, other.insurance_type) == ("GRP", "PLAN", "12")
    assert other.adjustments == (
        Adjustment("PR", "1", Decimal(5)),
        Adjustment("PR", "2", Decimal(10), Decimal(1)),
        Adjustment("CO", "45", Decimal(35)),
    )
    assert (other.paid, other.patient_owes, other.noncovered) == (Decimal(45), Decimal(15), Decimal(3))
    assert (other.benefits_assigned, other.patient_signature_source, other.release_of_information) == ("N", "P", "I")
    assert other.outpatient == OutpatientAdjudication(Decimal("0.5"), Decimal(10), ("MA01", "N4"))
    assert (other.subscriber.first_name, other.subscriber.references) == ("JIM", (Reference("SY", "123456789"),))
    assert (other.payer.name, other.claim_number, other.decided_on) == ("FIRST", "X", date(2024, 2, 2))
    assert [(provider.role, provider.references) for provider in other.providers] == [("82", (Reference("G2", "77"),))]
    assert (claim.references, claim.providers, claim.other_segments) == ((), (), ())


def test_several_other_payers_stand_behind_each_other() -> None:
    second = "SBR*T*18*******MC~OI***Y***Y~NM1*IL*1*DOE*ANN****MI*M~NM1*PR*2*SECOND*****PI*8~"

    claim = one(ABOVE + CLAIM + OTHER_PAYER + second + LINE)

    assert [(other.payer.id, other.paid) for other in claim.other_payers] == [("9", Decimal(45)), ("8", None)]


def test_another_payer_without_an_oi_has_assigned_nothing() -> None:
    (other,) = one(ABOVE + CLAIM + "SBR*P*18*******CI~NM1*PR*2*FIRST*****PI*9~" + LINE).other_payers

    assert (other.benefits_assigned, other.release_of_information) == ("", "")


def test_a_line_has_what_other_payers_decided_about_it() -> None:
    decided = (
        "SVD*9*45*HC:99213:25**1*2~CAS*PR*1*5~DTP*573*D8*20240202~AMT*EAF*5~SVD*8*0*HC:99213**1~DTP*573*D8*20240303~"
    )

    (line,) = one(ABOVE + CLAIM + LINE + decided).lines

    first, second = line.adjudications
    assert (first.payer_id, first.paid, first.procedure, first.modifiers) == ("9", Decimal(45), "99213", ("25",))
    assert (first.units, first.bundled_line, first.patient_owes) == (Decimal(1), 2, Decimal(5))
    assert (first.adjustments, first.decided_on) == ((Adjustment("PR", "1", Decimal(5)),), date(2024, 2, 2))
    assert (second.payer_id, second.paid, second.adjustments) == ("8", Decimal(0), ())
    assert line.dates == {}


def test_a_line_control_number_behind_other_loops_is_the_lines() -> None:
    body = LINE.replace("REF*6R*LINE1~", "") + "NM1*82*1*DR*DEE~REF*G2*5~REF*6R*LINE1~SVD*9*45*HC:99213**1~REF*G1*AUTH~"

    (line,) = one(ABOVE + CLAIM + body).lines

    assert line.line_control_number == "LINE1"
    assert line.providers[0].references == (Reference("G2", "5"),)
    assert line.references == (Reference("G1", "AUTH"),)


def test_the_references_of_another_provider_are_not_those_of_the_line() -> None:
    (line,) = one(ABOVE + CLAIM + LINE + "REF*G1*AUTH~NM1*DK*1*ORD*ER~REF*G2*77~").lines

    assert line.references == (Reference("G1", "AUTH"),)
    assert [(provider.role, provider.references) for provider in line.providers] == [("DK", (Reference("G2", "77"),))]


def test_a_number_of_a_line_says_which_payer_gave_it() -> None:
    (line,) = one(ABOVE + CLAIM + LINE + "REF*G1*AUTH**2U:60054~").lines

    assert line.references == (Reference("G1", "AUTH", payer_id="60054"),)
    assert line.other_segments == ()


@pytest.mark.parametrize(
    ("segment", "code", "element"),
    [
        ("CN1*02*1O0", "R250", "CN102"),
        ("CR1*LB*140**A*DH*FAR", "R250", "CR106"),
        ("HCP*00*1.2.3", "R250", "HCP02"),
        ("SBR*S*18*******CI~CAS*PR*1*5O~NM1*PR*2*FIRST*****PI*9", "R250", "CAS03"),
        ("SBR*S*18*******CI~CAS*PR*1", "R250", "CAS03"),
        ("SBR*S*18*******CI~AMT*D*none", "R250", "AMT02"),
        ("SBR*S*18*******CI~NM1*PR*2*FIRST~DTP*573*D8*2024", "R251", "DTP03"),
    ],
)
def test_a_supplement_that_cannot_be_read_is_reported_counted_and_kept(segment: str, code: str, element: str) -> None:
    claims, findings = read(ABOVE + CLAIM + segment + "~" + LINE)

    assert [(finding.code, finding.where.element) for finding in findings] == [(code, element)]
    assert claims[0].unreadable == 1
    bad = next(text for text in segment.split("~") if text.startswith(element[:3]))
    assert claims[0].other_segments == (bad,)


def test_a_decision_without_a_readable_payment_is_kept_whole() -> None:
    decided = "SVD*9*4S*HC:99213**1~CAS*PR*1*5~DTP*573*D8*20240202~"

    claims, findings = read(ABOVE + CLAIM + LINE + decided)

    assert [finding.code for finding in findings] == ["R250"]
    assert claims[0].lines[0].adjudications == ()
    assert claims[0].lines[0].other_segments == tuple(decided.rstrip("~").split("~"))


def test_a_segment_that_stands_once_is_kept_where_it_stands_again() -> None:
    claim = one(ABOVE + CLAIM + "CN1*02*100~CN1*05~" + LINE)

    assert claim.contract == Contract("02", Decimal(100))
    assert claim.other_segments == ("CN1*05",)


def test_what_a_segment_says_beyond_its_fields_is_read_and_kept() -> None:
    claim = one(ABOVE + CLAIM + "CR1*LB*140*I*A*DH*12~" + LINE)

    assert claim.ambulance == AmbulanceTransport("A", Decimal(12), Decimal(140))
    assert claim.other_segments == ("CR1*LB*140*I*A*DH*12",)


def test_a_claim_in_the_middle_of_a_party_takes_its_own_segments() -> None:
    claim = one(ABOVE + CLAIM + "NM1*82*1*DR*DEE~NTE*ADD*SAID~REF*G2*5~" + LINE)

    assert claim.providers[0].references == (Reference("G2", "5"),)
    assert claim.notes == (Reference("ADD", "SAID"),)


def test_the_taxonomy_of_a_pay_to_provider_of_4010_is_not_the_billing_providers() -> None:
    (claim,), findings = read(ABOVE.replace("PRV*BI*PXC*", "PRV*PT*ZZ*") + CLAIM + LINE, "004010X098A1")

    assert findings == []
    assert claim.billing_provider.taxonomy == ""
    assert claim.other_segments == ("PRV*PT*ZZ*207N00000X",)
