"""Defects that were seen in other 835 readers (DOMAIN.md): this one must not have them."""

from decimal import Decimal

import pytest

from claimloop.edi.remittance import Adjustment
from claimloop.parsers.remittance import read_835
from claimloop.tests.parsers.era import CLAIM, DATA, HEAD, interchange, read, read_body, transaction


def test_the_second_adjustment_of_a_segment_keeps_its_group() -> None:
    remittance, _ = read_body("LX*1", "CLP*A1*1*348*100**12*ICN1", "CAS*CO*45*79*3*253*1*1*97*168")
    assert remittance.claims[0].adjustments == [
        Adjustment("CO", "45", Decimal(79), Decimal(3)),
        Adjustment("CO", "253", Decimal(1), Decimal(1)),
        Adjustment("CO", "97", Decimal(168)),
    ]


@pytest.mark.parametrize(
    ("last", "field"),
    [
        ("REF*LU*11", "references"),
        ("CAS*PR*1*0.01", "adjustments"),
        ("LQ*HE*N130", "remarks"),
        ("AMT*B6*1", "amounts"),
        ("QTY*ZK*1", "quantities"),
        ("DTM*150*20260102", "dates"),
    ],
)
def test_the_last_segment_of_each_claim_is_kept(last: str, field: str) -> None:
    without, _ = read_body(*CLAIM)
    remittance, _ = read_body(*CLAIM, last, *CLAIM, last, "PLB*1*2*L6*0")
    before = len(getattr(without.claims[0].services[0], field))
    assert [len(getattr(claim.services[0], field)) for claim in remittance.claims] == [before + 1, before + 1]


def test_last_and_first_names_are_not_swapped() -> None:
    remittance, _ = read_body(*CLAIM)
    patient = remittance.claims[0].party("QC")
    assert patient is not None
    assert (patient.name, patient.first_name, patient.full_name) == ("MARLOWE", "ADA", "ADA MARLOWE")


def test_the_payee_number_is_the_number_and_not_its_qualifier() -> None:
    remittance, _ = read_body(*CLAIM)
    assert (remittance.payee.id_qualifier, remittance.payee.id) == ("XX", "1245319599")


def test_payment_method_and_date_come_from_bpr() -> None:
    remittance, _ = read_body(*CLAIM, head=(HEAD[0].replace("20260105", "20260107"), *HEAD[1:]))
    assert remittance.payment_method == "ACH"
    assert f"{remittance.payment_date}" == "2026-01-07"


def test_every_pair_of_a_plb_has_its_own_reason_and_reference() -> None:
    remittance, _ = read_body(
        *CLAIM,
        "PLB*1245319599*20261231*WO:A*1*WO:B*2*CS:C*3*L6*-4*FB:E*-5*72:F*3",
        "PLB*1811901945*20261231*WO:G*7",
    )
    assert [(plb.reason, plb.reference, int(plb.amount)) for plb in remittance.provider_adjustments] == [
        ("WO", "A", 1), ("WO", "B", 2), ("CS", "C", 3), ("L6", "", -4), ("FB", "E", -5), ("72", "F", 3), ("WO", "G", 7),
    ]  # fmt: skip
    assert [plb.provider for plb in remittance.provider_adjustments] == ["1245319599"] * 6 + ["1811901945"]


def test_two_remittances_appended_in_one_file_are_two() -> None:
    one = interchange(transaction(*HEAD, *CLAIM))
    remittances, findings = read(one + "\n\n" + one.replace("000000001", "000000002"))
    assert findings == []
    assert [len(remittance.claims) for remittance in remittances] == [1, 1]


def test_a_payer_that_opens_a_set_for_each_claim_is_read() -> None:
    sets = [transaction(*HEAD, *CLAIM, control=f"{number:04d}") for number in range(1, 6)]
    remittances, findings = read(interchange(*sets))
    assert findings == []
    assert [remittance.payer.name for remittance in remittances] == ["INVENTED HEALTH PLAN"] * 5


def test_a_denied_claim_without_lines_is_a_claim_like_another() -> None:
    remittance, _ = read_body("LX*1", "CLP*A1*4*150*0**12*ICN1", "CAS*CO*29*150", "NM1*QC*1*A*B", *CLAIM[1:])
    denied, paid = remittance.claims
    assert (denied.patient_control_number, denied.paid, denied.services) == ("A1", Decimal(0), [])
    assert denied.adjustments == [Adjustment("CO", "29", Decimal(150))]
    assert len(paid.services) == 1


def test_claim_and_line_adjustments_stay_at_their_levels() -> None:
    remittance, codes = read_body(
        "LX*1", "CLP*A1*1*150*100*20*12*ICN1", "CAS*PR*1*20", "SVC*HC:99213*150*120", "CAS*CO*45*30"
    )
    (claim,) = remittance.claims
    assert codes == []
    assert claim.adjustments == [Adjustment("PR", "1", Decimal(20))]
    assert claim.services[0].adjustments == [Adjustment("CO", "45", Decimal(30))]


def test_more_than_99_lines_are_read() -> None:
    lines = [f"SVC*HC:99213*1*1**1~REF*6R*L{number}" for number in range(1200)]
    head = (HEAD[0].replace("*100*", "*1200*"), *HEAD[1:])
    remittance, codes = read_body("LX*1", "CLP*A1*1*1200*1200**12*ICN1", *lines, head=head)
    assert codes == []
    assert remittance.claims[0].services[-1].line_control_number == "L1199"


def test_every_remark_of_a_line_is_kept_in_its_order() -> None:
    remittance, _ = read_body(*CLAIM, "LQ*HE*N130", "LQ*HE*M15", "LQ*RX*75", "LQ*HE*MA01")
    assert [remark.code for remark in remittance.claims[0].services[0].remarks] == [
        "N130",
        "M15",
        "75",
        "MA01",
    ]


@pytest.mark.parametrize("reason", ["45", "144", "94"])
def test_negative_amounts_keep_their_sign(reason: str) -> None:
    remittance, codes = read_body("LX*1", "CLP*A1*1*90*100**12*ICN1", f"CAS*CO*{reason}*-10")
    assert codes == []
    assert remittance.claims[0].adjustments == [Adjustment("CO", reason, Decimal(-10))]


def test_a_reversal_and_its_correction_are_two_claims_with_one_number() -> None:
    reversal = ("CLP*A1*22*-150*-100*0*12*ICN1", "SVC*HC:99213*-150*-100", "CAS*CO*45*-50")
    head = (HEAD[0].replace("*100*", "*20*"), *HEAD[1:])
    correction = ("CLP*A1*1*150*120*0*12*ICN1", "SVC*HC:99213*150*120", "CAS*CO*45*30")
    remittance, codes = read_body("LX*1", *reversal, *correction, head=head)
    assert codes == []
    assert [(claim.patient_control_number, claim.is_reversal) for claim in remittance.claims] == [
        ("A1", True),
        ("A1", False),
    ]


def test_the_billed_procedure_and_its_modifiers_come_back() -> None:
    remittance, _ = read_body("LX*1", "CLP*A1*1*100*100**12*ICN1", "SVC*HC:99212*100*100**1*HC:99213:25:59*2")
    (line,) = remittance.claims[0].services
    assert line.billed_procedure.code == "99213"
    assert line.billed_procedure.modifiers == ("25", "59")
    assert line.procedure.modifiers == ()


def test_claim_status_and_member_number_are_read() -> None:
    remittance, _ = read_body(*CLAIM)
    (claim,) = remittance.claims
    patient = claim.party("QC")
    assert (claim.status, patient.id if patient else "") == ("1", "M1")


def test_an_element_separator_of_another_kind_does_not_empty_the_file() -> None:
    (remittance,) = read_835(DATA / "835__stupidedi__005010-x221-case-1.x12", lambda finding: None)
    assert [claim.patient_control_number for claim in remittance.claims] == ["666123", "777777"]
