"""What is said when a remittance or an encounter meets the ledger, word for word."""

import msgspec
import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.submitting import submit
from claimloop.tests.builders.examples import partner
from claimloop.tests.reconciliation.making import (
    MOMENT,
    encounter,
    new_ledger,
    receive,
    remittance,
    send,
    service_line,
    write_835,
)
from claimloop.tests.reconciliation.six_claims import paid, six_claims


@pytest.fixture
def ledger(tmp_path):
    ledger = six_claims(tmp_path)
    yield ledger
    ledger.close()


@pytest.fixture
def empty(tmp_path):
    ledger = new_ledger(tmp_path)
    yield ledger
    ledger.close()


def said(found, family="P"):
    return [each.render() for each in found if each.code.startswith(family)]


def test_a_set_that_breaks_off(ledger, tmp_path):
    found: list[Diagnostic] = []
    receive(ledger, write_835(tmp_path / "cut.835", remittance("T1", paid(1)), complete=False), report=found)
    assert said(found) == ["cut.835:3: P501 error: set 0001 has no trailer: the remittance was not posted"]


def test_a_payment_that_is_known(ledger, tmp_path):
    found: list[Diagnostic] = []
    path = write_835(tmp_path / "in.835", remittance("T1", paid(1)))
    receive(ledger, path)
    receive(ledger, path, report=found)
    assert said(found) == ["in.835:3: P502 note: payment T1 is in the ledger already: nothing was changed"]


def test_a_payment_that_is_held(ledger, tmp_path):
    found: list[Diagnostic] = []
    receive(ledger, write_835(tmp_path / "a.835", remittance("T1", paid(1))))
    receive(ledger, write_835(tmp_path / "b.835", remittance("T1", paid(2))), report=found)
    assert said(found) == [
        "b.835:3: P503 warning: payment T1 is held in suspense as a whole: the same payment came before with other content"
    ]


def test_an_encounter_that_was_sent(empty, tmp_path):
    found: list[Diagnostic] = []
    send(empty, tmp_path, encounter("A1"))
    send(empty, tmp_path, encounter("A1"), report=found)
    assert said(found) == ["P510 note: already sent as A1-1 in acme_000000001.837: not sent again  [encounter A1]"]


def test_an_encounter_id_that_comes_twice(empty, tmp_path):
    sources = [tmp_path / "monday.json", tmp_path / "tuesday.json"]
    for source, charge in zip(sources, (100, 70), strict=True):
        source.write_bytes(msgspec.json.encode(encounter("A1", service_line("17000", charge))))
    found: list[Diagnostic] = []
    submit(sources, partner(), empty, tmp_path / "outbox", MOMENT, found.append)
    assert said(found) == ["P511 error: this encounter id comes twice  [encounter A1]"]


def test_a_void_claim_is_not_for_build(empty, tmp_path):
    found: list[Diagnostic] = []
    void = msgspec.structs.replace(encounter("A1"), frequency="8", payer_claim_number="ICN1")
    send(empty, tmp_path, void, report=found)
    assert said(found) == ["P512 error: frequency 8 (corrected or void claim) cannot be sent by build  [encounter A1]"]
