"""The public face of the ledger: what each call gives."""

import typing
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta

import msgspec
import pytest

from claimloop.parsers import read_837p
from claimloop.reconciliation import (
    AcknowledgementReceipt,
    ClaimRow,
    ClaimsSent,
    DecisionError,
    DepositReceipt,
    ImportReceipt,
    Ledger,
    RemittanceReceipt,
)
from claimloop.reconciliation.api import rows
from claimloop.reconciliation.api.deciding import EntryKind, ResolutionKind
from claimloop.reconciliation.api.ledger import ExportName, WorklistName
from claimloop.reconciliation.claims.manual_entries import ENDING, ENTERED
from claimloop.reconciliation.queries import views
from claimloop.reconciliation.worklists import registry
from claimloop.tests.reconciliation.making import (
    MOMENT,
    encounter,
)
from claimloop.tests.reconciliation.public import BANK, TA1, TODAY, opened, paid_and_denied, received, sent, visit


@pytest.fixture
def ledger(tmp_path):
    with opened(tmp_path) as ledger:
        yield ledger


# What the calls give.


def test_submit_writes_files_and_records_the_claims(ledger, tmp_path):
    result = sent(ledger, tmp_path, 1, 2)
    assert result == ClaimsSent(
        files=(tmp_path / "outbox/acme_000000001.837",), claims=2, lines=4, charge=30000, encounters=2, held=0,
        already_sent=0,
    )  # fmt: skip
    assert [claim.patient_control_number for claim in read_837p(result.files[0])] == ["V1-1", "V2-1"]
    claims = ledger.claims()
    assert [(claim.claim_control_number, claim.balance.open, claim.status) for claim in claims] == [
        ("V1-1", 15000, "submitted"),
        ("V2-1", 15000, "submitted"),
    ]


def test_what_cannot_be_sent_is_held_with_its_findings_and_the_rest_goes_out(ledger, tmp_path):
    wrong_type = msgspec.structs.replace(visit(3), services="17000")
    encounters = [visit(1), encounter("V2", npi="1234567890"), wrong_type]
    result = ledger.submit(encounters, folder=tmp_path / "outbox", moment=MOMENT)
    assert (result.claims, result.encounters, result.held) == (1, 3, 2)
    assert {(each.where.subject, each.code) for each in result.errors} == {
        ("encounter V2", "C310"),
        ("encounter V3", "C304"),
    }


def test_an_encounter_is_sent_once_unless_it_is_to_go_again(ledger, tmp_path):
    sent(ledger, tmp_path, 1)
    known = sent(ledger, tmp_path, 1)
    assert (known.files, known.already_sent, [each.code for each in known.findings]) == ((), 1, ["P510"])
    again = ledger.submit([visit(1)], folder=tmp_path / "outbox", moment=MOMENT, again=True)
    assert (len(again.files), again.claims) == (1, 1)
    assert [claim.status for claim in ledger.claims()] == ["replaced", "submitted"]


def test_an_encounter_that_comes_twice_in_one_call_is_held(ledger, tmp_path):
    result = sent(ledger, tmp_path, 1, 1)
    assert (result.claims, result.held, [each.code for each in result.errors]) == (1, 1, ["P511"])


def test_a_remittance_is_posted_once(ledger, tmp_path):
    sent(ledger, tmp_path, 1)
    receipt = received(ledger, tmp_path)
    assert receipt == RemittanceReceipt(
        file="in.835", outcome="posted", trace_number="T1", payer_name="INVENTED PLAN", payment_amount=12000, claims=2,
        posted=7000, suspense=5000, provider_adjustments=0, needs_work=True,
    )  # fmt: skip
    before = ledger.export("entries")
    again = ledger.receive(paid_and_denied(tmp_path), moment=MOMENT)
    assert [(each.outcome, each.posted) for each in again] == [("known", 0)]
    assert [each.code for each in again.findings] == ["P502"]
    assert ledger.export("entries") == before


def test_each_kind_of_file_has_its_receipt(ledger, tmp_path):
    claim_file = sent(ledger, tmp_path, 1).files[0]
    (accepted,) = ledger.receive(TA1 % b"A", name="ok.ta1", moment=MOMENT)
    assert accepted == AcknowledgementReceipt(
        file="ok.ta1", accepted=1, rejected=0, other=0, known=0, foreign=0, needs_work=False
    )
    (rejected,) = ledger.receive(TA1 % b"R", name="bad.ta1", moment=MOMENT)
    assert isinstance(rejected, AcknowledgementReceipt)
    assert (rejected.rejected, rejected.needs_work) == (1, True)
    (deposits,) = ledger.receive(BANK, name="bank.csv", moment=MOMENT)
    assert deposits == DepositReceipt(file="bank.csv", deposits=1, amount=12000, known=0, needs_work=False)
    content = claim_file.read_bytes().replace(b"V1-1", b"W1-1")
    (imported,) = ledger.receive(content, name="other.837", moment=MOMENT)
    assert imported == ImportReceipt(
        file="other.837", outcome="imported", claims=1, lines=2, charge=15000, known=0, held=0, needs_work=False
    )
    (known,) = ledger.receive(content, name="other.837", moment=MOMENT)
    assert isinstance(known, ImportReceipt)
    assert (known.outcome, known.claims) == ("known", 0)
    assert [accepted.kind, deposits.kind, imported.kind] == ["acknowledgements", "bank", "837P"]


def test_bytes_and_streams_are_received_like_a_file(ledger, tmp_path):
    sent(ledger, tmp_path, 1)
    path = paid_and_denied(tmp_path)
    (receipt,) = ledger.receive(path.read_bytes(), name="../upload 7.835", moment=MOMENT)
    assert (receipt.file, receipt.outcome) == ("upload 7.835", "posted")
    with path.open("rb") as stream:
        (again,) = ledger.receive(stream, moment=MOMENT)
    assert (again.file, again.outcome) == ("in.835", "known")


def test_findings_go_to_the_report_where_there_is_one(ledger, tmp_path):
    sent(ledger, tmp_path, 1)
    received(ledger, tmp_path)
    codes: list[str] = []

    def report(finding):
        codes.append(finding.code)

    assert ledger.receive(paid_and_denied(tmp_path), moment=MOMENT, report=report).findings == []
    result = ledger.submit([visit(1)], folder=tmp_path / "outbox", moment=MOMENT, report=report)
    assert (result.findings, codes) == ((), ["P502", "P510"])


def test_a_denied_line_is_found_and_decided_once(ledger, tmp_path):
    sent(ledger, tmp_path, 1)
    received(ledger, tmp_path)
    (line,) = ledger.worklist("denials", as_of=TODAY)
    assert (line.claim_control_number, line.procedure, line.denied, line.reasons) == ("V1-1", "17000", 5000, ("CO-16",))
    assert line.line_control_number

    def write_off(cents: int = line.denied):
        return ledger.decide(
            "write-off", claim="V1-1", line=line.line_control_number or "", cents=cents, reference="W-1", moment=MOMENT
        )

    first, second = write_off(), write_off()
    assert (first.amount, first.day, first.is_new, second.is_new) == (5000, TODAY, True, False)
    with pytest.raises(DecisionError, match="reference W-1 was already used for another entry"):
        write_off(4000)
    assert ledger.worklist("denials", as_of=TODAY) == []
    history = ledger.claim("V1")
    assert (history.claim.balance.written_off, history.claim.balance.denied) == (5000, 0)
    assert [type(event) for event in history.events] == [rows.Submitted, rows.Paid, rows.ManualEntry]
    assert [row.amount for row in ledger.export("decisions")] == [5000]


def test_an_item_in_suspense_is_resolved_once(ledger, tmp_path):
    sent(ledger, tmp_path, 1, 2)
    received(ledger, tmp_path)
    (item,) = ledger.worklist("suspense", as_of=TODAY)
    assert (item.amount, item.hold_reason) == (5000, "no_claim_matches")
    made = ledger.decide("refund-suspense", item=item.item, note="not our patient", moment=MOMENT)
    assert (made.amount, made.item, made.is_new) == (5000, item.item, True)
    with pytest.raises(DecisionError, match=f"item {item.item} is settled: refunded to the payer"):
        ledger.decide("refund-suspense", item=item.item, moment=MOMENT)
    assert ledger.worklist("suspense", as_of=TODAY) == []
    assert [row.difference for row in ledger.export("remittances")] == [0]


def test_an_item_is_posted_to_a_line(ledger, tmp_path):
    sent(ledger, tmp_path, 1, 2)
    received(ledger, tmp_path)
    (item,) = ledger.worklist("suspense", as_of=TODAY)
    made = ledger.decide("post", item=item.item, claim="V2", line="2", moment=MOMENT)
    assert (made.claim, made.line) == ("V2-1", "2")
    assert [line.balance.insurance_paid for line in ledger.claim("V2-1").lines] == [0, 5000]


def test_every_export_and_worklist_has_records_of_its_type(ledger, tmp_path):
    sent(ledger, tmp_path, 1, 2)
    received(ledger, tmp_path)
    ledger.receive(TA1 % b"R", name="bad.ta1", moment=MOMENT)
    sent(ledger, tmp_path, 3)
    ledger.decide("write-off", claim="V1", cents=5000, reference="w-1", moment=MOMENT)
    ledger.decide("patient-payment", claim="V1", cents=20000, reference="card-1", moment=MOMENT)
    long_after = TODAY + timedelta(days=400)
    for name, view in views.VIEWS.items():
        given = ledger.export(typing.cast(ExportName, name))
        assert given, name
        assert {type(row) for row in given} == {view.row}
    empty = {name for name, each in registry.WORKLISTS.items() if not of_type(ledger, name, each.row, long_after)}
    assert empty == {"secondary", "provider", "denials"}  # the denial was written off


def of_type(ledger: Ledger, name: str, kind: type, day: date) -> int:
    given = ledger.worklist(typing.cast(WorklistName, name), as_of=day, everything=True)
    assert {type(row) for row in given} <= {kind}
    return len(given)


# Its types say the same as the rooms below.


@pytest.mark.sqlite
def test_the_kinds_of_decisions_are_those_of_the_ledger():
    assert typing.get_args(EntryKind) == ENTERED
    assert set(typing.get_args(ResolutionKind)) == set(ENDING)


@pytest.mark.sqlite
def test_each_export_and_worklist_is_typed_with_its_own_rows():
    assert typed(Ledger.export) == {name: view.row for name, view in views.VIEWS.items()}
    assert typed(Ledger.worklist) == {name: each.row for name, each in registry.WORKLISTS.items()}


def typed(method: Callable[..., object]) -> dict[str, type]:
    """The row type that each name of an overloaded method gives."""
    hints = [typing.get_type_hints(each) for each in typing.get_overloads(method)]
    return {name: typing.get_args(hint["return"])[0] for hint in hints for name in typing.get_args(hint["name"])}


@pytest.mark.sqlite
def test_every_call_is_done_when_it_returns(tmp_path):
    with closing(opened(tmp_path)) as ledger:
        given = [
            ledger.claims(), ledger.worklist("denials", as_of=TODAY), ledger.export("lines"),
            ledger.receive(BANK, name="b.csv", moment=MOMENT),
        ]  # fmt: skip
    assert all(isinstance(each, list) for each in given)
    assert ClaimRow.__struct_fields__
