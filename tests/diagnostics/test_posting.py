"""What is said when a remittance or an encounter meets the ledger (P5xx), word for word."""

from contextlib import closing

import msgspec

from claimloop.reconciliation.dispositions import Dispositions
from claimloop.reconciliation.receiving import receive_835
from claimloop.reconciliation.submitting import submit
from claimloop.tests.builders.examples import partner
from claimloop.tests.diagnostics.said import says
from claimloop.tests.reconciliation.making import (
    MOMENT,
    encounter,
    new_ledger,
    remittance,
    service_line,
    write_835,
)
from claimloop.tests.reconciliation.six_claims import paid, six_claims


def receive(folder, paths, report):
    """`claimloop receive` of these files by a practice that has sent six claims."""
    with closing(six_claims(folder)) as ledger:
        for path in paths:
            list(receive_835(path, ledger, Dispositions(), MOMENT, report))


def build(folder, encounters, report):
    """`claimloop build` of one file of encounters after the other."""
    with closing(new_ledger(folder)) as ledger:
        for number, each in enumerate(encounters):
            path = folder / f"{number}.json"
            path.write_bytes(msgspec.json.encode(each))
            submit([path], partner(), ledger, folder / "outbox", MOMENT, report)


@says(
    "cut.835:20: X118 error: transaction set 0001 is not closed by an SE",
    "cut.835:3: P501 error: set 0001 has no trailer: the remittance was not posted",
)
def test_a_set_that_breaks_off(folder, report):
    path = write_835(folder / "cut.835", remittance("T1", paid(1)), complete=False)
    receive(folder, [path], report)


@says("in.835:3: P502 note: payment T1 is in the ledger already: nothing was changed")
def test_a_payment_that_is_known(folder, report):
    path = write_835(folder / "in.835", remittance("T1", paid(1)))
    receive(folder, [path, path], report)


@says(
    "b.835:3: P503 warning: payment T1 is held in suspense as a whole: the same payment came before with other content"
)
def test_a_payment_that_is_held(folder, report):
    first = write_835(folder / "a.835", remittance("T1", paid(1)))
    second = write_835(folder / "b.835", remittance("T1", paid(2)))
    receive(folder, [first, second], report)


@says("P510 note: already sent as A1-1 in acme_000000001.837: not sent again  [encounter A1]")
def test_an_encounter_that_was_sent(folder, report):
    build(folder, [encounter("A1"), encounter("A1")], report)


@says("P511 error: this encounter id comes twice  [encounter A1]")
def test_an_encounter_id_that_comes_twice(folder, report):
    monday, tuesday = folder / "monday.json", folder / "tuesday.json"
    monday.write_bytes(msgspec.json.encode(encounter("A1", service_line("17000", 100))))
    tuesday.write_bytes(msgspec.json.encode(encounter("A1", service_line("17000", 70))))
    with closing(new_ledger(folder)) as ledger:
        submit([monday, tuesday], partner(), ledger, folder / "outbox", MOMENT, report)


@says("P512 error: frequency 8 (corrected or void claim) cannot be sent by build  [encounter A1]")
def test_a_void_claim_is_not_for_build(folder, report):
    void = msgspec.structs.replace(encounter("A1"), frequency="8", payer_claim_number="ICN1")
    build(folder, [void], report)
