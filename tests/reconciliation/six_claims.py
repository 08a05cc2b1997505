"""Six submitted claims, what a payer may say about them, and what the ledger says of them then."""

from pathlib import Path

from claimloop.builders.encounters.encounter import Encounter
from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.tests.reconciliation.making import answer, copied, encounter, rows, send, service, service_line

CLAIMS = 6


def six_claims(folder: Path) -> Ledger:
    """A ledger where the claims A1-1 to A6-1 were submitted."""
    return copied(folder, send_six)


def send_six(ledger: Ledger, folder: Path) -> None:
    """Submit them."""
    send(ledger, folder, *(visit(number) for number in range(1, CLAIMS + 1)))


def visit(number: int) -> Encounter:
    """99213-25 for 100.00 and 17000 for 50.00."""
    return encounter(f"A{number}", service_line("99213", 100, "25"), service_line("17000", 50))


def paid(number: int, status: str = "1") -> ClaimPayment:
    """70 and 50 paid, 20 contractual, 10 the patient's."""
    return answer(
        f"A{number}-1",
        service("99213", 100, 70, "CO-45 20", "PR-2 10", number=f"A{number}1L01"),
        service("17000", 50, 50, number=f"A{number}1L02"),
        status=status,
    )


def denied(number: int) -> ClaimPayment:
    """Both lines refused."""
    return answer(f"A{number}-1", service("99213", 100, 0, "CO-16 100"), service("17000", 50, 0, "CO-97 50"))


def of(ledger: Ledger, claim: str) -> dict[str, str]:
    """The money columns of one claim that are not zero."""
    (row,) = (row for row in rows(ledger, "claims") if row["claim_control_number"] == claim)
    names = ("insurance_paid", "contractual", "written_off", "patient", "open", "denied")
    return {name: str(row[name]) for name in names if row[name] != "0.00"}


def sums(ledger: Ledger) -> list[dict[str, object]]:
    """The money of each remittance."""
    names = ("trace_number", "payment_amount", "posted", "suspense", "provider_adjustments", "difference")
    return [{name: row[name] for name in names} for row in rows(ledger, "remittances")]


def held(ledger: Ledger) -> list[tuple[object, ...]]:
    """Claim, line, amount and hold reason of each item in suspense."""
    names = ("claim_control_number", "line_control_number", "amount", "hold_reason")
    return [tuple(row[name] for name in names) for row in rows(ledger, "suspense")]
