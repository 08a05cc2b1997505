"""The balances of an 835, judged from records and reported where they stand."""

from decimal import Decimal

import pytest

from claimloop.edi.records.remittance import Adjustment, ClaimPayment, Procedure, ServicePayment
from claimloop.parsers import read_835
from claimloop.parsers.remittance.balance import Imbalance, claim_imbalances, payment_imbalance, remittance_imbalance
from claimloop.tests.parsers.remittance.era import CLAIM, DATA, HEAD, interchange, read, read_body, transaction


def claim(charge: str, paid: str, *lines: ServicePayment, **more: object) -> ClaimPayment:
    return ClaimPayment("A1", "1", Decimal(charge), Decimal(paid), services=list(lines), **more)  # type: ignore[arg-type]


def line(charge: str, paid: str, *adjustments: tuple[str, str, str]) -> ServicePayment:
    return ServicePayment(
        Procedure("HC", "99213"),
        Decimal(charge),
        Decimal(paid),
        adjustments=[Adjustment(group, reason, Decimal(amount)) for group, reason, amount in adjustments],
    )


def test_a_claim_that_balances_at_both_levels_has_no_findings() -> None:
    both = claim("100", "70", line("100", "80", ("CO", "45", "20")), adjustments=[Adjustment("PR", "1", Decimal(10))])
    assert claim_imbalances(both) == []


def test_a_claim_without_lines_is_judged_by_its_own_adjustments() -> None:
    assert claim_imbalances(claim("100", "70", adjustments=[Adjustment("CO", "45", Decimal(30))])) == []
    assert [found.code for found in claim_imbalances(claim("100", "70"))] == ["R221"]


def test_a_line_that_does_not_balance_is_named() -> None:
    found = claim_imbalances(claim("150", "130", line("100", "80", ("CO", "45", "20")), line("50", "50.01")))
    assert found[0] == Imbalance("R220", "SVC03", Decimal("50.01"), Decimal(50), line=2)
    assert found[0].difference == Decimal("0.01")


def test_a_reversal_balances_with_every_sign_turned() -> None:
    reversal = claim("-100", "-80", line("-100", "-80", ("PR", "2", "-20")), patient_responsibility=Decimal(-20))
    assert claim_imbalances(reversal) == []


def test_lines_that_do_not_add_up_to_the_claim_are_a_finding_of_their_own() -> None:
    found = claim_imbalances(claim("150", "100", line("100", "100"), adjustments=[Adjustment("CO", "45", Decimal(50))]))
    assert found == [Imbalance("R223", "CLP03", Decimal(150), Decimal(100))]


def test_patient_responsibility_must_be_supported_by_pr_adjustments_of_either_level() -> None:
    lines = line("100", "80", ("PR", "2", "20"))
    assert claim_imbalances(claim("100", "80", lines, patient_responsibility=Decimal(20))) == []
    assert claim_imbalances(claim("100", "80", lines, patient_responsibility=Decimal(25))) == [
        Imbalance("R224", "CLP05", Decimal(25), Decimal(20))
    ]


def test_a_patient_responsibility_that_was_not_sent_is_not_judged() -> None:
    assert claim_imbalances(claim("100", "80", line("100", "80", ("PR", "2", "20")))) == []


@pytest.mark.parametrize(("adjusted", "payment"), [("10", "90"), ("-10", "110"), ("0", "100")])
def test_a_positive_provider_adjustment_lowers_the_payment(adjusted: str, payment: str) -> None:
    assert payment_imbalance(Decimal(payment), Decimal(100), Decimal(adjusted)) is None
    assert payment_imbalance(Decimal(payment) + 1, Decimal(100), Decimal(adjusted)) is not None


def test_the_finding_says_the_difference_and_where_it_is() -> None:
    body = [segment.replace("*150*100**1", "*150*101**1") for segment in CLAIM]
    _, findings = read(interchange(transaction(*HEAD, *body)))
    (finding,) = findings
    assert str(finding) == (
        "test.835:12: R220 error: line does not balance: charge less adjustments is 100.00, "
        "but paid is 101.00 (difference 1.00)  [2110 CLP #1 SVC #1, SVC03]"
    )


def test_an_unbalanced_claim_is_kept_as_it_came() -> None:
    remittance, codes = read_body("LX*1", "CLP*A1*1*150*100**12*ICN1")
    assert codes == ["R221"]
    assert (remittance.claims[0].charge, remittance.claims[0].paid) == (Decimal(150), Decimal(100))
    assert remittance.claims[0].imbalance == Decimal(50)


def test_the_payment_is_judged_with_all_provider_adjustments() -> None:
    head = (HEAD[0].replace("*100*", "*88*"), *HEAD[1:])
    remittance, codes = read_body(*CLAIM, "PLB*1245319599*20261231*WO:ICN9*15*L6*-3", head=head)
    assert codes == []
    assert remittance_imbalance(remittance) is None
    remittance, codes = read_body(*CLAIM, "PLB*1245319599*20261231*WO:ICN9*15", head=head)
    assert codes == ["R222"]
    assert remittance_imbalance(remittance) == Imbalance("R222", "BPR02", Decimal(88), Decimal(85))


def test_amounts_and_quantities_take_part_in_no_balance() -> None:
    _, codes = read_body(*CLAIM, "AMT*B6*999", "QTY*ZK*999")
    assert codes == []


def test_a_file_whose_total_does_not_reconcile_says_so_once() -> None:
    codes: list[str] = []
    read_835(DATA / "835__ediworkbench__835-total-does-not-reconcile.x12", lambda found: codes.append(found.code))
    assert codes == ["R222"]
