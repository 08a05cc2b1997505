"""The public face of the ledger: what it answers to what cannot be done, in one clear line."""

import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from claimloop.builders import ConfigurationError
from claimloop.edi import UserError
from claimloop.edi.diagnostics import NotX12
from claimloop.reconciliation import (
    Configuration,
    DecisionError,
    Ledger,
    LedgerError,
    NoLedger,
    UnknownName,
)
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation.making import (
    MOMENT,
)
from claimloop.tests.reconciliation.public import BANK, TA1, TODAY, opened, paid_and_denied, received, sent, visit


@pytest.fixture
def ledger(tmp_path):
    with opened(tmp_path) as ledger:
        yield ledger


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
    with pytest.raises(LedgerError, match="URL must be sqlite:///FILE or postgresql://"):
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
