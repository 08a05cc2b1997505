"""What the ledger must hold, worked out from decisions: the identity, the statuses, who owes the rest."""

from pathlib import Path

import msgspec
import pytest

from claimloop.simulation.decisions import ClaimAnswer, LineAnswer, Reason
from claimloop.simulation.submitted import SubmittedClaim, read_submitted
from claimloop.simulation.truth import line_truths, remittance_line_truths
from claimloop.tests.simulation.making import Line, Visit, money, write_837

ONE = Visit(lines=(Line("99213", "100"),))


def claim_of(folder: Path, visit: Visit = ONE) -> SubmittedClaim:
    """A visit as the payer reads it."""
    (claim,) = read_submitted(write_837(folder / "a.837", visit))
    return claim


def decided(claim: SubmittedClaim, *reasons: str, paid: int = 0, status: str = "1") -> ClaimAnswer:
    """The claim's one line with these reasons ("CO-45 20")."""
    line = claim.lines[0]
    split = [text.replace("-", " ").split() for text in reasons]
    told = tuple(Reason(group, code, int(amount) * 100) for group, code, amount in split)
    answer = LineAnswer(
        line, "HC", line.procedure, (), line.charge, paid * 100, "1", line.first_day, line.last_day,
        line.line_control_number, told,
    )  # fmt: skip
    return ClaimAnswer(claim, claim.control_number, status, claim.charge, paid * 100, "ICN1", (answer,))


def balance(claim: SubmittedClaim, *standing: ClaimAnswer) -> dict[str, object]:
    """Where the one line's charge is."""
    return money(msgspec.to_builtins(line_truths(claim, standing, "")[0]))


@pytest.mark.parametrize(
    ("reasons", "paid", "expected"),
    [
        (("CO-45 20", "PR-2 10"), 70, {"insurance_paid": "70.00", "contractual": "20.00", "patient": "10.00", "status": "paid"}),
        (("CO-50 100",), 0, {"open": "100.00", "denied": "100.00", "status": "denied"}),
        (("CO-45 20", "CO-97 30"), 50, {"insurance_paid": "50.00", "contractual": "20.00", "open": "30.00", "denied": "30.00", "status": "partly denied"}),
        (("CO-45 100",), 0, {"open": "100.00", "denied": "100.00", "status": "denied"}),
        (("CO-45 20", "PR-1 80"), 0, {"contractual": "20.00", "patient": "80.00", "status": "patient"}),
        (("OA-23 60",), 40, {"insurance_paid": "40.00", "open": "60.00", "status": "open"}),
        (("CO-24 100",), 0, {"contractual": "100.00", "status": "adjusted"}),
        (("PI-45 30",), 70, {"insurance_paid": "70.00", "open": "30.00", "status": "open"}),
    ],
)  # fmt: skip
def test_reasons_go_where_their_meaning_says(
    tmp_path: Path, reasons: tuple[str, ...], paid: int, expected: dict[str, object]
) -> None:
    claim = claim_of(tmp_path)
    assert balance(claim, decided(claim, *reasons, paid=paid)) == expected


def test_a_claim_without_an_answer_is_open_and_submitted(tmp_path: Path) -> None:
    assert balance(claim_of(tmp_path)) == {"open": "100.00", "status": "submitted"}


def test_what_is_held_does_not_count(tmp_path: Path) -> None:
    claim = claim_of(tmp_path)
    held = msgspec.structs.replace(decided(claim, "CO-45 20", paid=80), held="payment_out_of_balance")
    assert balance(claim, held) == {"open": "100.00", "status": "submitted"}


def test_the_patients_part_waits_for_a_further_payer_of_the_claim(tmp_path: Path) -> None:
    more = ("SBR*S*18*******CI", "OI***Y***Y", "NM1*IL*1*MARLOWE*ADA****MI*S1", "NM1*PR*2*SECOND*****PI*SECND")
    claim = claim_of(tmp_path, msgspec.structs.replace(ONE, more=more))
    assert balance(claim, decided(claim, "CO-45 20", "PR-2 10", paid=70)) == {
        "insurance_paid": "70.00", "contractual": "20.00", "open": "10.00", "status": "open",
    }  # fmt: skip


def test_a_later_payers_claim_holds_what_the_first_one_paid_too(tmp_path: Path) -> None:
    more = (
        "SBR*P*18*******MB",
        "AMT*D*70",
        "OI***Y***Y",
        "NM1*IL*1*MARLOWE*ADA****MI*1EG4",
        "NM1*PR*2*FIRST*****PI*F1",
    )
    line = Line("99213", "100", more=("SVD*F1*70*HC:99213**1", "CAS*CO*45*20", "CAS*PR*2*10"))
    claim = claim_of(tmp_path, Visit(lines=(line,), responsibility="S", more=more))
    assert balance(claim, decided(claim, "OA-23 90", "PR-2 4", paid=6, status="2")) == {
        "insurance_paid": "76.00", "contractual": "20.00", "patient": "4.00", "status": "paid",
    }  # fmt: skip


def test_a_remittance_line_knows_the_place_of_its_submitted_line(tmp_path: Path) -> None:
    claim = claim_of(tmp_path, Visit())
    line = msgspec.structs.replace(decided(claim).lines[0], of=claim.lines[1])
    answer = msgspec.structs.replace(decided(claim), lines=(line,))
    (row,) = remittance_line_truths(answer, "E1", 1, 3, "")
    assert (row.claim, row.service, row.submitted_line, row.line_control_number) == (3, 1, 2, "VISIT11L02")


def second(folder: Path, *cas: str, paid: str = "70") -> SubmittedClaim:
    """The one line as a secondary payer gets it, behind a primary that paid and gave these reasons."""
    more = (
        "SBR*P*18*******MB", f"AMT*D*{paid}", "OI***Y***Y", "NM1*IL*1*MARLOWE*ADA****MI*1EG4",
        "NM1*PR*2*FIRST*****PI*F1",
    )  # fmt: skip
    line = Line("99213", "100", more=(f"SVD*F1*{paid}*HC:99213**1", *cas))
    return claim_of(folder, Visit(lines=(line,), responsibility="S", more=more))


def test_what_the_first_payer_refused_stays_refused_until_the_second_decides(tmp_path: Path) -> None:
    claim = second(tmp_path, "CAS*CO*50*100", paid="0")
    assert balance(claim) == {"open": "100.00", "denied": "100.00", "status": "denied"}
    assert balance(claim, decided(claim, "PR-2 40", paid=60, status="2")) == {
        "insurance_paid": "60.00", "patient": "40.00", "status": "paid",
    }  # fmt: skip


def test_a_second_payer_can_refuse_only_what_is_open(tmp_path: Path) -> None:
    claim = second(tmp_path, "CAS*CO*45*20", "CAS*PR*2*10")
    assert balance(claim, decided(claim, "CO-97 100", status="2")) == {
        "insurance_paid": "70.00", "contractual": "20.00", "open": "10.00", "denied": "10.00",
        "status": "partly denied",
    }  # fmt: skip


def test_a_second_payer_that_has_not_answered_leaves_the_rest_open(tmp_path: Path) -> None:
    assert balance(second(tmp_path, "CAS*CO*45*20", "CAS*PR*2*10")) == {
        "insurance_paid": "70.00", "contractual": "20.00", "open": "10.00", "status": "open",
    }  # fmt: skip
