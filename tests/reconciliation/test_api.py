"""The public face of the ledger: what each call gives, and what it answers to what cannot be done."""

import io
import typing
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from claimloop.builders import ConfigurationError, Encounter
from claimloop.edi import UserError
from claimloop.edi.diagnostics import NotX12
from claimloop.parsers import read_837p
from claimloop.reconciliation import (
    AcknowledgementReceipt,
    ClaimRow,
    ClaimsSent,
    Configuration,
    DecisionError,
    DepositReceipt,
    ImportReceipt,
    Ledger,
    LedgerError,
    NoLedger,
    RemittanceReceipt,
    UnknownName,
)
from claimloop.reconciliation.api import rows
from claimloop.reconciliation.api.deciding import EntryKind, ResolutionKind
from claimloop.reconciliation.api.ledger import ExportName, WorklistName
from claimloop.reconciliation.claims.manual_entries import ENDING, ENTERED
from claimloop.reconciliation.queries import views
from claimloop.reconciliation.worklists import registry
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


@pytest.fixture
def ledger(tmp_path):
    with opened(tmp_path) as ledger:
        yield ledger


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


# What cannot be done.


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"Marlowe Ada 1980-02-03", "no ISA segment"),
        (b"\x00\xff\xfe" * 100, "UTF-16"),
        (b"%PDF-1.7 Marlowe", "PDF"),
    ],
)
def test_what_is_not_x12_is_one_clear_line_and_changes_nothing(ledger, content, problem):
    with pytest.raises(NotX12) as error:
        ledger.receive(content, name="odd.835", moment=MOMENT)
    message = str(error.value)
    assert message.startswith("odd.835: ")
    assert problem in message
    assert "\n" not in message
    assert "Marlowe" not in message
    assert ledger.export("remittances") == []


def test_an_835_that_is_cut_off_posts_nothing(ledger, tmp_path):
    sent(ledger, tmp_path, 1)
    content = paid_and_denied(tmp_path).read_bytes()
    cut = ledger.receive(content[: content.index(b"SE*")], name="cut.835", moment=MOMENT)
    assert [each.outcome for each in cut] == ["incomplete"]
    assert "P501" in [each.code for each in cut.findings]
    assert received(ledger, tmp_path).outcome == "posted"


def test_a_kind_that_is_not_received_is_named(ledger):
    content = (TA1 % b"A").partition(b"TA1")[0] + b"GS*HS*A*B*20261001*0931*1*X*005010X279A1~ST*270*0001~"
    with pytest.raises(NotX12, match=r"^ask\.270: it is 270; received are 837P, TA1"):
        ledger.receive(content, name="ask.270", moment=MOMENT)


def test_a_missing_file_is_an_os_error(ledger, tmp_path):
    with pytest.raises(FileNotFoundError):
        ledger.receive(tmp_path / "nothing.835", moment=MOMENT)


def test_bytes_need_a_usable_name_and_text_is_refused(ledger):
    with pytest.raises(TypeError, match="pass name="):
        ledger.receive(TA1 % b"A", moment=MOMENT)
    for name in ("a" * 300, "nul\0"):
        with pytest.raises(ValueError, match="name must be a file name"):
            ledger.receive(TA1 % b"A", name=name, moment=MOMENT)
    with pytest.raises(TypeError, match="not a path"):
        ledger.receive((TA1 % b"A").decode(), moment=MOMENT)
    with pytest.raises(TypeError, match="binary mode"):
        ledger.receive(io.StringIO("ISA"), name="a", moment=MOMENT)


def test_a_payer_that_no_partner_takes_is_held(ledger, tmp_path):
    others = [partner(payers=["OTHER"])]
    result = ledger.submit([visit(1)], partners=others, folder=tmp_path / "outbox", moment=MOMENT)
    assert (result.files, result.held, [each.code for each in result.errors]) == ((), 1, ["P523"])
    assert ledger.claims() == []


def test_without_a_partner_nothing_can_be_sent(tmp_path):
    with opened(tmp_path, Configuration()) as ledger:
        with pytest.raises(ConfigurationError, match="no trading partner: pass partners="):
            sent(ledger, tmp_path, 1)
        with pytest.raises(TypeError, match="TradingPartner"):
            ledger.submit([visit(1)], partners=["acme"], folder=tmp_path, moment=MOMENT)  # type: ignore[list-item]


def test_encounters_must_be_encounters(ledger, tmp_path):
    for wrong, kind in (("visits.csv", "str"), (tmp_path, "PosixPath"), (visit(1), "Encounter"), ([{}], "dict")):
        with pytest.raises(TypeError, match=f"not {kind}$"):
            ledger.submit(wrong, folder=tmp_path / "outbox", moment=MOMENT)


def test_a_folder_that_cannot_be_written_leaves_nothing_behind(ledger, tmp_path):
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(OSError, match="outbox"):
        sent(ledger, tmp_path, 1)
    assert ledger.claims() == []


def test_unknown_names_are_one_line_with_what_there_is(ledger):
    with pytest.raises(UnknownName, match=r"^no claim V7-1 was submitted$"):
        ledger.claim("V7-1")
    with pytest.raises(UnknownName, match=r"there is no work list denial; did you mean denials\?; use one of denials"):
        ledger.worklist("denial", as_of=TODAY)
    with pytest.raises(UnknownName, match="there is no export; use one of lines, claims"):
        ledger.export("'; DROP TABLE claims")
    with pytest.raises(UnknownName, match="there is no decision delete; use one of patient-payment"):
        ledger.decide("delete", item=1, moment=MOMENT)
    for wrong in (b"V1", 1, None):
        with pytest.raises(TypeError, match="claim must be text"):
            ledger.claim(wrong)
    with pytest.raises(ValueError, match="not valid Unicode"):
        ledger.claim("\ud800")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"kind": "write-off", "claim": "V7", "cents": 1, "reference": "r"}, "no claim V7 was submitted"),
        ({"kind": "write-off", "claim": "V1", "cents": 15001, "reference": "r"}, "the open balance is 150.00"),
        ({"kind": "write-off", "claim": "V1", "cents": 0, "reference": "r"}, "greater than zero"),
        ({"kind": "write-off", "claim": "V1", "cents": -1, "reference": "r"}, "greater than zero"),
        ({"kind": "write-off", "claim": "V1", "cents": 10**40, "reference": "r"}, "not a valid amount"),
        ({"kind": "write-off", "claim": "V1", "line": "9", "cents": 1, "reference": "r"}, "has no line 9"),
        ({"kind": "write-off", "claim": "V1", "cents": 1}, "needs a claim, cents, and a reference"),
        ({"kind": "write-off", "cents": 1, "reference": "r"}, "needs a claim, cents, and a reference"),
        ({"kind": "write-off", "claim": "V1", "cents": 1, "reference": "r", "to": "open"}, "leave out from_ and to"),
        ({"kind": "write-off", "claim": "V1", "cents": 1, "reference": "r", "item": 1}, "leave out item"),
        ({"kind": "transfer", "claim": "V1", "cents": 1, "reference": "r"}, "two different balances"),
        ({"kind": "refund-suspense", "item": 99}, "there is no open item 99"),
        ({"kind": "refund-suspense"}, "pass item="),
        ({"kind": "refund-suspense", "item": 1, "cents": 1}, "resolved as a whole"),
        ({"kind": "refund-suspense", "item": 1, "claim": "V1"}, "leave out claim and line"),
        ({"kind": "post", "item": 1}, "pass claim="),
    ],
)
def test_a_decision_that_cannot_be_made_is_one_line(ledger, tmp_path, arguments, problem):
    sent(ledger, tmp_path, 1)
    with pytest.raises(DecisionError) as error:
        ledger.decide(**arguments, moment=MOMENT)
    assert problem in str(error.value)
    assert "\n" not in str(error.value)
    assert isinstance(error.value, UserError)
    assert ledger.export("decisions") == []


def test_dollars_are_not_taken_for_cents(ledger, tmp_path):
    sent(ledger, tmp_path, 1)
    for wrong in (Decimal("40.00"), 40.0, "40", True):
        with pytest.raises(TypeError, match="cents must be a whole number"):
            ledger.decide("write-off", claim="V1", cents=wrong, reference="r", moment=MOMENT)


def test_the_moment_and_the_day_are_required_and_checked(ledger, tmp_path):
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'moment'"):
        ledger.receive(b"", name="a")
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'as_of'"):
        ledger.worklist("denials")
    with pytest.raises(TypeError, match="moment must be a datetime"):
        ledger.submit([], folder=tmp_path, moment=TODAY)
    with pytest.raises(ValueError, match="without a time zone"):
        ledger.submit([], folder=tmp_path, moment=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(TypeError, match="as_of must be a date"):
        ledger.worklist("denials", as_of=MOMENT)


def test_a_closed_ledger_says_so(ledger):
    ledger.close()
    ledger.close()
    for use in (ledger.claims, lambda: ledger.receive(BANK, name="b.csv", moment=MOMENT)):
        with pytest.raises(LedgerError, match="is closed"):
            use()


# Opening.


@pytest.mark.sqlite
def test_a_ledger_is_opened_by_file_url_configuration_or_its_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "claims.db"
    Path("claimloop.toml").write_text('ledger = "sqlite:///claims.db"\n')
    with Ledger.open(file, create=True) as ledger:
        assert repr(ledger) == f"<Ledger {file}>"
        ledger.receive(BANK, name="bank.csv", moment=MOMENT)
    for where in ("claims.db", "sqlite:///claims.db", "claimloop.toml", Configuration(ledger=f"sqlite:///{file}")):
        with Ledger.open(where) as ledger:
            assert len(ledger.worklist("deposits", as_of=TODAY, everything=True)) == 1


@pytest.mark.sqlite
def test_a_ledger_that_cannot_be_opened_says_why(tmp_path):
    with pytest.raises(NoLedger, match=r"there is no ledger .*none\.db; open it with create=True to make one$"):
        Ledger.open(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "notes.db").write_text("Marlowe, Ada " * 500)
    with pytest.raises(LedgerError, match="is not an SQLite database"):
        Ledger.open(tmp_path / "notes.db")
    with pytest.raises(LedgerError, match="a ledger is sqlite:///FILE or postgresql://"):
        Ledger.open("mysql://root@localhost/claims")
    with pytest.raises(ConfigurationError, match=r"none\.toml"):
        Ledger.open(tmp_path / "none.toml")
    with pytest.raises(TypeError, match="not int"):
        Ledger.open(7)  # type: ignore[arg-type]


@pytest.mark.sqlite
def test_the_password_of_a_database_is_in_no_error():
    with pytest.raises(LedgerError) as error:
        Ledger.open("postgresql://billing:s3cret@127.0.0.1:9/claims")
    assert "s3cret" not in str(error.value)


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
