"""Defects that were seen in other 835 readers. This one must not have them.

The name of each test says what a peer did wrong, or what is right; the comment of a section says which peer.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.records.remittance import Adjustment, ProviderAdjustment
from claimloop.parsers import read_835, read_tables
from claimloop.parsers.checking import check_file
from claimloop.tests.parsers.remittance.era import CLAIM, DATA, HEAD, interchange, read, read_body, transaction

# x12sdk refuses the whole remittance for two PLB segments, an adjustment of 0 or more than 99 lines, and accepts a
# payment that is off by any amount.


def test_two_provider_adjustment_segments_do_not_refuse_the_remittance() -> None:
    head = (HEAD[0].replace("*100*", "*97*"), *HEAD[1:])
    remittance, codes = read_body(*CLAIM, "PLB*1245319599*20261231*WO:X*1", "PLB*1245319599*20261231*WO:Y*2", head=head)
    assert codes == []
    assert [plb.reference for plb in remittance.provider_adjustments] == ["X", "Y"]


@pytest.mark.parametrize("zero", ["0", "0.00", "-0", ".0"])
def test_an_adjustment_of_zero_refuses_nothing_and_is_kept(zero: str) -> None:
    remittance, codes = read_body(*CLAIM, f"CAS*CO*16*{zero}")
    (line,) = remittance.claims[0].services
    assert codes == ["R213"]
    assert [one.reason for one in line.adjustments] == ["45", "16"]


# pyx12 calls such files valid, validedi says is_valid.


@pytest.mark.parametrize("off", ["99.99", "100.01", "0", "1000000"])
def test_a_payment_that_is_off_by_any_amount_is_an_error(off: str) -> None:
    (_,), findings = read(interchange(transaction(HEAD[0].replace("*100*", f"*{off}*"), *HEAD[1:], *CLAIM)))
    assert [(finding.code, finding.severity) for finding in findings] == [("R222", "error")]


@pytest.mark.parametrize("paid", ["99.99", "100.01", "-100"])
def test_a_claim_payment_that_is_off_is_an_error_at_the_claim_and_at_the_payment(paid: str) -> None:
    body = [segment.replace("*150*100*0*", f"*150*{paid}*0*") for segment in CLAIM]
    _, codes = read_body(*body)
    assert codes == ["R221", "R222"]


def test_the_guide_in_st03_which_an_835_does_not_use_disturbs_nothing() -> None:
    text = interchange(transaction(*HEAD, *CLAIM)).replace("ST*835*0001~", "ST*835*0001*005010X221A1~")
    (remittance,), findings = read(text)
    assert findings == []
    assert remittance.guide == "005010X221A1"


def test_a_file_that_the_guide_finds_good_is_not_valid_where_its_payment_is_wrong(tmp_path: Path) -> None:
    good = DATA / "835__badx12__x221-era-sample.x12"
    payment = next(segment for segment in good.read_text().split("~") if segment.strip().startswith("BPR"))
    elements = payment.split("*")
    path = tmp_path / "off.835"
    path.write_text(good.read_text().replace(payment, "*".join((*elements[:2], f"{elements[2]}1", *elements[3:]))))
    assert errors_of(good) == []
    assert errors_of(path) == ["R222"]


def errors_of(path: Path) -> list[str]:
    """The codes of the errors that `claimloop validate` finds."""
    findings: list[Diagnostic] = []
    check_file(path, findings.append)
    return [finding.code for finding in findings if finding.severity == "error"]


# databricks


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


# openx12, then validedi


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


def test_the_amount_of_a_provider_adjustment_is_not_its_identifier() -> None:
    head = (HEAD[0].replace("*100*", "*76.50*"), *HEAD[1:])
    remittance, codes = read_body(*CLAIM, "PLB*1245319599*20261231*WO:ICN9*23.5", head=head)
    assert codes == []
    assert remittance.provider_adjustments == [
        ProviderAdjustment("1245319599", "20261231", "WO", "ICN9", Decimal("23.5"), 16)
    ]


def test_the_adjustments_of_a_claim_have_a_total_and_a_good_claim_balances() -> None:
    remittance, codes = read_body("LX*1", "CLP*A1*1*150*100*20*12*ICN1", "CAS*CO*45*30", "CAS*PR*3*20")
    (claim,) = remittance.claims
    assert codes == []
    assert (claim.contractual, claim.patient_share.total, claim.imbalance) == (Decimal(30), Decimal(20), Decimal(0))


# edi-835-parser


def test_two_remittances_appended_in_one_file_are_two() -> None:
    one = interchange(transaction(*HEAD, *CLAIM))
    other = one.replace("000000001", "000000002").replace("EFT77", "EFT78")
    remittances, findings = read(one + "\n\n" + other)
    assert findings == []
    assert [len(remittance.claims) for remittance in remittances] == [1, 1]


def test_a_payer_that_opens_a_set_for_each_claim_is_read() -> None:
    sets = [transaction(*HEAD, *CLAIM, control=f"{number:04d}") for number in range(1, 6)]
    remittances, findings = read(interchange(*sets))
    assert [finding.code for finding in findings] == ["R268"]  # a note
    assert [remittance.payer.name for remittance in remittances] == ["INVENTED HEALTH PLAN"] * 5


def test_a_denied_claim_without_lines_is_a_claim_like_another() -> None:
    remittance, _ = read_body("LX*1", "CLP*A1*4*150*0**12*ICN1", "CAS*CO*29*150", "NM1*QC*1*A*B", *CLAIM[1:])
    denied, paid = remittance.claims
    assert (denied.patient_control_number, denied.paid, denied.services) == ("A1", Decimal(0), [])
    assert denied.adjustments == [Adjustment("CO", "29", Decimal(150))]
    assert len(paid.services) == 1


def test_a_denied_claim_without_lines_stays_in_the_frame(tmp_path: Path) -> None:
    path = tmp_path / "denied.835"
    path.write_text(interchange(transaction(*HEAD, "LX*1", "CLP*A1*4*150*0**12*ICN1", "CAS*CO*29*150", *CLAIM[1:])))
    frames = read_tables(path, lambda finding: None)
    assert frames.claims["is_denial"].to_list() == [True, False]
    assert frames.services["claim_id"].to_list() == [2]
    assert frames.adjustments["reason"].to_list() == ["29", "45"]


def test_claim_and_line_adjustments_stay_at_their_levels() -> None:
    remittance, codes = read_body(
        "LX*1", "CLP*A1*1*150*100*20*12*ICN1", "CAS*PR*1*20", "SVC*HC:99213*150*120", "CAS*CO*45*30"
    )
    (claim,) = remittance.claims
    assert codes == []
    assert claim.adjustments == [Adjustment("PR", "1", Decimal(20))]
    assert claim.services[0].adjustments == [Adjustment("CO", "45", Decimal(30))]


def test_every_adjustment_of_a_segment_is_read_not_only_the_first() -> None:
    remittance, _ = read_body("LX*1", "CLP*A1*1*150*100*20*12*ICN1", "CAS*PR*1*10**2*6**3*4", "CAS*CO*45*30")
    assert [one.reason for one in remittance.claims[0].adjustments] == ["1", "2", "3", "45"]


# x12sdk again: its guide has 99 lines, the official one 999. OpenEMR keeps the last remark, stops at another
# qualifier than HC, turns negative amounts round, drops reversals and a secondary's adjustments, and adds a made-up
# line where a claim does not balance.


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


def test_a_service_of_another_kind_does_not_stop_the_file() -> None:
    dental = ("CLP*A2*1*60*60**12*ICN2", "SVC*AD:D1110*60*60**1")
    head = (HEAD[0].replace("*100*", "*160*"), *HEAD[1:])
    remittance, codes = read_body(*CLAIM, *dental, head=head)
    assert codes == []
    assert [claim.services[0].procedure.qualifier for claim in remittance.claims] == ["HC", "AD"]


def test_the_line_number_comes_back_beside_the_submitted_procedure() -> None:
    remittance, _ = read_body("LX*1", "CLP*A1*1*9*9**12*I", "SVC*HC:99212*9*9**1*HC:99213*1", "REF*6R*A1L1")
    (line,) = remittance.claims[0].services
    assert (line.line_control_number, line.billed_procedure.code) == ("A1L1", "99213")


def test_the_adjustments_of_a_secondary_payer_are_information_and_not_garbage() -> None:
    remittance, codes = read_body(
        "LX*1", "CLP*A1*2*150*100*0*12*ICN1", "SVC*HC:99213*150*100", "CAS*OA*23*40", "CAS*CO*45*10"
    )
    (claim,) = remittance.claims
    assert codes == []
    assert (claim.prior_payers, claim.contractual, claim.denied) == (Decimal(40), Decimal(10), Decimal(0))


def test_a_claim_that_does_not_balance_gets_no_line_that_makes_it_balance() -> None:
    remittance, codes = read_body("LX*1", "CLP*A1*1*150*100**12*ICN1", "SVC*HC:99213*150*100", "CAS*CO*45*20")
    (claim,) = remittance.claims
    assert codes == ["R220", "R221"]
    assert [len(claim.services), len(claim.every_adjustment)] == [1, 1]
    assert claim.imbalance == claim.services[0].imbalance == Decimal(30)


def test_a_denied_claim_under_status_1_is_a_denial_and_nothing_of_it_is_written_off() -> None:
    remittance, codes = read_body(
        "LX*1", "CLP*A1*1*150*0*0*12*ICN1", "SVC*HC:99213*150*0", "CAS*CO*50*150",
        head=(HEAD[0].replace("*100*", "*0*"), *HEAD[1:]),
    )  # fmt: skip
    (claim,) = remittance.claims
    assert codes == []
    assert (claim.is_denial, claim.denied, claim.contractual) == (True, Decimal(150), Decimal(0))


def test_a_fee_schedule_amount_alone_is_no_denial() -> None:
    """x12sdk's is_denial holds for any CO, OA or PI, so nearly every line would be denied."""
    remittance, _ = read_body(*CLAIM)
    assert not remittance.claims[0].is_denial
    assert not remittance.claims[0].services[0].is_denial


# Open Dental


@pytest.mark.parametrize("group", ["PI", "OA"])
def test_the_group_of_an_adjustment_is_not_recoded(group: str) -> None:
    remittance, codes = read_body("LX*1", "CLP*A1*1*150*100**12*ICN1", "SVC*HC:99213*150*100", f"CAS*{group}*45*50")
    (adjustment,) = remittance.claims[0].services[0].adjustments
    assert codes == []
    assert (adjustment.group, adjustment.effect) == (group, "open")


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
    (remittance,) = read_835(str(DATA / "835__stupidedi__005010-x221-case-1.x12"), lambda finding: None)
    assert [claim.patient_control_number for claim in remittance.claims] == ["666123", "777777"]
