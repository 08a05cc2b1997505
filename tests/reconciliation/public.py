"""A ledger as programs open it, what goes into it, and what comes back."""

from pathlib import Path

from claimloop.builders import Encounter
from claimloop.reconciliation import (
    ClaimsSent,
    Configuration,
    Ledger,
    RemittanceReceipt,
)
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation import databases
from claimloop.tests.reconciliation.making import (
    MOMENT,
    answer,
    encounter,
    new_ledger,
    remittance,
    service,
    service_line,
    write_835,
)

TODAY = MOMENT.date()
CONFIGURATION = Configuration(partners=(partner(),))
TA1 = (
    b"ISA*00*          *00*          *ZZ*ACME01         *ZZ*LKV001         *261001*0931*^*00501*000000009*0*T*:~"
    b"TA1*000000001*261001*0930*%s*000~IEA*0*000000009~"
)
BANK = b"Date,Amount,Description\n2026-10-02,120.00,HCCLAIMPMT TRN*1*T1*1111111111~\n"


def opened(folder: Path, configuration: Configuration = CONFIGURATION) -> Ledger:
    """The ledger of this folder, on the database that the test runs on."""
    new_ledger(folder).close()
    return Ledger.open(databases.in_use.url(folder), configuration=configuration)


def visit(number: int) -> Encounter:
    """99213 for 100.00 and 17000 for 50.00; the claim is V1-1 and so on."""
    return encounter(f"V{number}", service_line("99213", 100), service_line("17000", 50))


def sent(ledger: Ledger, folder: Path, *numbers: int) -> ClaimsSent:
    return ledger.submit(map(visit, numbers), folder=folder / "outbox", moment=MOMENT)


def paid_and_denied(folder: Path, name: str = "in.835") -> Path:
    """V1: the first line is paid and the second denied. V9 is not ours."""
    of_ours = answer("V1-1", service("99213", 100, 70, "CO-45 20", "PR-2 10"), service("17000", 50, 0, "CO-16 50"))
    return write_835(folder / name, remittance("T1", of_ours, answer("V9-1", service("99213", 50, 50))))


def received(ledger: Ledger, folder: Path) -> RemittanceReceipt:
    (receipt,) = ledger.receive(paid_and_denied(folder), moment=MOMENT)
    assert isinstance(receipt, RemittanceReceipt)
    return receipt
