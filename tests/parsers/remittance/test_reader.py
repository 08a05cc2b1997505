"""What an 835 says, read into records."""

from datetime import date
from decimal import Decimal

from claimloop.edi.dates import DateRange
from claimloop.edi.records.parties import Address, Contact, Party, Reference
from claimloop.edi.records.remittance import (
    Adjustment,
    InpatientAdjudication,
    OutpatientAdjudication,
    Procedure,
    ProviderSummary,
    QualifiedAmount,
    QualifiedDate,
    QualifiedQuantity,
    RemarkCode,
    Remittance,
)
from claimloop.edi.syntax.envelope import Source
from claimloop.parsers import read_835
from claimloop.tests.parsers.remittance.era import CLAIM, DATA, HEAD, interchange, read, read_body, transaction


def read_head(*segments: str) -> Remittance:
    (remittance,), findings = read(interchange(transaction(*segments, *CLAIM)))
    assert findings == []
    return remittance


def test_a_good_remittance_has_no_findings() -> None:
    remittance, codes = read_body(*CLAIM)
    assert codes == []
    assert len(remittance.claims) == 1
    assert remittance.end is not None
    assert remittance.end.complete


def test_every_element_of_bpr_is_read() -> None:
    remittance = read_head(
        "BPR*I*100*C*ACH*CTX*01*999999992*DA*123456*1512345678*SUPP*01*999988880*SG*98765*20260105", *HEAD[1:]
    )
    assert remittance.handling == "I"
    assert remittance.payment_amount == Decimal(100)
    assert remittance.credit_debit == "C"
    assert (remittance.payment_method, remittance.payment_format) == ("ACH", "CTX")
    assert remittance.payer_account == ("01", "999999992", "DA", "123456")
    assert (remittance.originating_company, remittance.supplemental_id) == ("1512345678", "SUPP")
    assert remittance.payee_account == ("01", "999988880", "SG", "98765")
    assert remittance.payment_date == date(2026, 1, 5)


def test_the_trace_names_the_payment_and_the_payer() -> None:
    remittance = read_head(HEAD[0], "TRN*1*EFT77*1512345678*SUB9", *HEAD[2:])
    assert (remittance.trace_number, remittance.payer_id) == ("EFT77", "1512345678")
    assert remittance.supplemental_id == "SUB9"


def test_currency_references_and_dates_stand_on_the_remittance() -> None:
    remittance = read_head(
        *HEAD[:2],
        "CUR*PR*CAD*1.25",
        "REF*EV*RECEIVER",
        "REF*F2*V1",
        "DTM*405*20260104",
        "DTM*009*20260103",
        *HEAD[3:],
    )
    assert (remittance.currency_entity, remittance.currency) == ("PR", "CAD")
    assert remittance.exchange_rate == Decimal("1.25")
    assert remittance.other_segments == []
    assert remittance.references == [Reference("EV", "RECEIVER"), Reference("F2", "V1")]
    assert remittance.production_date == date(2026, 1, 4)
    assert remittance.dates == [QualifiedDate("009", date(2026, 1, 3))]


def test_payer_and_payee_have_their_own_address_contacts_and_references() -> None:
    remittance = read_head(
        *HEAD[:3],
        "N1*PR*PLAN*XV*12345",
        "N3*1 MADE UP STREET*FLOOR 2",
        "N4*NOWHERE*PA*17111*CA",
        "REF*2U*0101",
        "PER*CX**TE*8005550100*EX*12*FX*8005550101",
        "PER*BL*JO DOE*EM*EDI@PLAN.EXAMPLE",
        "N1*PE*CLINIC*XX*1245319599",
        "N3*9 ELSEWHERE ROAD",
        "N4*FARTOWN*OH*43004",
        "REF*TJ*999994703",
        "RDM*EM*CLINIC*ERA@CLINIC.EXAMPLE",
    )
    assert remittance.payer == Party(
        "PR",
        "",
        "PLAN",
        id_qualifier="XV",
        id="12345",
        address=Address("1 MADE UP STREET", "FLOOR 2", "NOWHERE", "PA", "17111", "CA"),
        contacts=(
            Contact("CX", "", (("TE", "8005550100"), ("EX", "12"), ("FX", "8005550101"))),
            Contact("BL", "JO DOE", (("EM", "EDI@PLAN.EXAMPLE"),)),
        ),
        references=(Reference("2U", "0101"),),
    )
    assert remittance.payee.address == Address("9 ELSEWHERE ROAD", "", "FARTOWN", "OH", "43004")
    assert remittance.payee.references == (Reference("TJ", "999994703"),)
    assert remittance.delivery == ("EM", "CLINIC", "ERA@CLINIC.EXAMPLE")


def test_provider_summaries_keep_their_elements_and_their_header_number() -> None:
    remittance, codes = read_body("LX*7", "TS3*1245319599*11*20261231*1*150", "TS2*10**3", *CLAIM[1:])
    assert codes == []
    assert remittance.summaries == [
        ProviderSummary("TS3", "7", ("1245319599", "11", "20261231", "1", "150")),
        ProviderSummary("TS2", "7", ("10", "", "3")),
    ]
    assert remittance.claims[0].header_number == "7"


def test_every_element_of_clp_is_read() -> None:
    remittance, _ = read_body("LX*1", "CLP*A1*2*150*100*20*MB*ICN1*13*7**871*1.2345*0.5")
    (claim,) = remittance.claims
    assert (claim.patient_control_number, claim.status, claim.payer_claim_number) == ("A1", "2", "ICN1")
    assert (claim.charge, claim.paid, claim.patient_responsibility) == (
        Decimal(150),
        Decimal(100),
        Decimal(20),
    )
    assert (claim.claim_filing_indicator, claim.facility_type, claim.frequency) == ("MB", "13", "7")
    assert (claim.drg, claim.drg_weight, claim.discharge_fraction) == (
        "871",
        Decimal("1.2345"),
        Decimal("0.5"),
    )
    assert claim.source == Source("test.835", "000000001", "1", "0001", 10)


def test_a_patient_responsibility_that_was_not_sent_is_none_and_not_zero() -> None:
    remittance, _ = read_body("LX*1", "CLP*A1*1*100*100**12*ICN1", "CLP*A2*1*0*0*0*12*ICN2")
    assert [claim.patient_responsibility for claim in remittance.claims] == [None, Decimal(0)]


def test_a_claim_has_every_party_by_its_role() -> None:
    remittance, codes = read_body(
        "LX*1",
        "CLP*A1*19*150*100*0*12*ICN1",
        "CAS*CO*45*50",
        "NM1*QC*1*MARLOWE*ADA*B**JR*MI*M1",
        "NM1*IL*1*MARLOWE*BRUNO",
        "NM1*74*1*MARLOW*ADA****C*M2",
        "NM1*82*1*DERM*IVY****XX*1811901945",
        "NM1*TT*2*NEXT PLAN*****PI*777",
        "NM1*PR*2*RIGHT PLAN*****PI*888",
        "NM1*GB*1*OTHER*CLEO",
    )
    (claim,) = remittance.claims
    assert codes == []
    assert claim.party("QC") == Party("QC", "1", "MARLOWE", "ADA", "B", "JR", "MI", "M1")
    assert [party.role for party in claim.parties] == ["QC", "IL", "74", "82", "TT", "PR", "GB"]
    assert claim.forwarded


def test_adjudication_information_keeps_its_elements_and_names_its_remarks() -> None:
    remittance, codes = read_body(
        "LX*1",
        "CLP*A1*1*100*100*0*12*ICN1",
        "MIA*3***100*MA01***************MA02*MA03",
        "MOA*0.8*5*MA07*MA18",
    )
    (claim,) = remittance.claims
    assert codes == []
    assert claim.inpatient == InpatientAdjudication(
        ("3", "", "", "100", "MA01", *[""] * 14, "MA02", "MA03"), ("MA01", "MA02", "MA03")
    )
    assert claim.outpatient == OutpatientAdjudication(("0.8", "5", "MA07", "MA18"), ("MA07", "MA18"))


def test_what_stands_before_the_first_line_belongs_to_the_claim() -> None:
    remittance, codes = read_body(
        "LX*1",
        "CLP*A1*1*150*100*50*12*ICN1",
        "CAS*PR*1*50",
        "NM1*QC*1*MARLOWE*ADA****MI*M1",
        "REF*EA*MR5",
        "DTM*232*20260102",
        "PER*CX*DESK*TE*8005550100",
        "AMT*AU*100",
        "QTY*CA*2.5",
    )
    (claim,) = remittance.claims
    assert codes == []
    assert claim.adjustments == [Adjustment("PR", "1", Decimal(50))]
    assert claim.references == [Reference("EA", "MR5")]
    assert claim.dates == [QualifiedDate("232", date(2026, 1, 2))]
    assert list(claim.contacts) == [Contact("CX", "DESK", (("TE", "8005550100"),))]
    assert claim.amounts == [QualifiedAmount("AU", Decimal(100))]
    assert list(claim.quantities) == [QualifiedQuantity("CA", Decimal("2.5"))]
    assert claim.services == []


def test_every_element_of_svc_is_read() -> None:
    remittance, codes = read_body(
        "LX*1",
        "CLP*A1*1*100*100*0*12*ICN1",
        "SVC*HC:99213:25:59:RT:76:LONG VISIT*100*100*0510*1.5*HC:99214:25*2",
    )
    (line,) = remittance.claims[0].services
    assert codes == []
    assert line.procedure == Procedure("HC", "99213", ("25", "59", "RT", "76"), "LONG VISIT")
    assert (line.charge, line.paid, line.revenue_code) == (Decimal(100), Decimal(100), "0510")
    assert (line.units_paid, line.submitted_units) == (Decimal("1.5"), Decimal(2))
    assert line.submitted_procedure == line.billed_procedure == Procedure("HC", "99214", ("25",))
    assert line.segment == 11


def test_procedures_of_any_qualifier_are_read() -> None:
    remittance, codes = read_body(
        "LX*1",
        "CLP*A1*1*100*100*0*13*ICN1",
        "SVC*N4:00002143481*50*50",
        "SVC*AD:D0120*10*10",
        "SVC*NU:0022*10*10",
        "SVC*ZZ:HOME1*10*10",
        "SVC*99213*10*10",
        "SVC*:99213*10*10",
    )
    assert codes == ["R271"]
    assert [(line.procedure.qualifier, line.procedure.code) for line in remittance.claims[0].services] == [
        ("N4", "00002143481"), ("AD", "D0120"), ("NU", "0022"), ("ZZ", "HOME1"), ("99213", ""), ("", "99213"),
    ]  # fmt: skip


def test_what_stands_behind_a_line_belongs_to_the_line() -> None:
    remittance, codes = read_body(
        *CLAIM[:-4],
        "SVC*HC:99213*100*50",
        "DTM*150*20260102",
        "DTM*151*20260104",
        "CAS*CO*45*50",
        "REF*6R*A1L1",
        "REF*LU*11",
        "AMT*B6*50",
        "QTY*ZK*1",
        "LQ*HE*N130",
        "LQ*HE*M15",
        "SVC*HC:11102*50*50",
        "DTM*472*20260103",
    )
    first, second = remittance.claims[0].services
    assert codes == []
    assert first.service_date == DateRange(date(2026, 1, 2), date(2026, 1, 4))
    assert first.adjustments == [Adjustment("CO", "45", Decimal(50))]
    assert (first.line_control_number, len(first.references)) == ("A1L1", 2)
    assert first.amounts == [QualifiedAmount("B6", Decimal(50))]
    assert list(first.quantities) == [QualifiedQuantity("ZK", Decimal(1))]
    assert list(first.remarks) == [RemarkCode("HE", "N130"), RemarkCode("HE", "M15")]
    assert second.service_date == DateRange(date(2026, 1, 3), date(2026, 1, 3))
    assert (second.adjustments, second.references, list(second.remarks)) == ([], [], [])


def test_composites_are_split_by_the_separator_of_the_file() -> None:
    text = interchange(transaction(*HEAD, *CLAIM)).replace(":", ">")
    (remittance,), findings = read(text)
    assert findings == []
    assert remittance.claims[0].services[0].procedure == Procedure("HC", "99213", ("25",))


def test_each_interchange_is_read_with_its_own_delimiters() -> None:
    plain = interchange(transaction(*HEAD, *CLAIM))
    other = plain.translate(str.maketrans("*:~", "|>\n")).replace("000000001", "000000002")
    (first, second), findings = read(plain + other)
    assert [finding.code for finding in findings] == ["R268"]
    assert [claim.services[0].procedure for claim in first.claims + second.claims] == [
        Procedure("HC", "99213", ("25",)),
        Procedure("HC", "99213", ("25",)),
    ]


def test_a_4010_remittance_is_read_like_a_5010_one() -> None:
    (remittance,) = read_835(DATA / "835__stupidedi__004010-x091a1-case-1.x12", lambda finding: None)
    (claim,) = remittance.claims
    assert remittance.guide == "004010X091A1"
    assert claim.adjustments == [Adjustment("PI", "23", Decimal("157.39"))]
    assert [(plb.reason, plb.reference) for plb in remittance.provider_adjustments] == [("L6", "74122910359")]


def test_an_unknown_guide_is_read_all_the_same() -> None:
    text = interchange(transaction(*HEAD, *CLAIM)).replace("005010X221A1", "006020X322")
    (remittance,), findings = read(text)
    assert findings == []
    assert (remittance.guide, len(remittance.claims)) == ("006020X322", 1)
