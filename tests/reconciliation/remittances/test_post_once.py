"""A remittance is posted once and whole: in any envelope, after any error, after any kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.edi.records.remittance import Remittance
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.remittances import post
from claimloop.reconciliation.remittances.post import receive_835
from claimloop.tests.reconciliation.making import (
    MOMENT,
    OTHER_PAYER,
    answer,
    dump,
    prove,
    provider_adjustment,
    receive,
    receive_sets,
    remittance,
    reversal,
    rows,
    write_835,
)
from claimloop.tests.reconciliation.six_claims import denied, held, of, paid, six_claims, sums


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = six_claims(tmp_path)
    yield ledger
    prove(ledger)
    ledger.close()


# The same again.


def test_the_same_file_again_changes_nothing(ledger, tmp_path):
    path = write_835(tmp_path / "in.835", remittance("T1", paid(1), plb=[provider_adjustment("WO", 5)]))
    receive(ledger, path)
    before = dump(ledger)
    (receipt,) = receive(ledger, path)
    assert (receipt.outcome, str(receipt.posted)) == ("known", "0.00")
    assert dump(ledger) == before


def test_the_same_set_in_another_envelope_changes_nothing(ledger, tmp_path):
    sent = remittance("T1", paid(1), denied(2), plb=[provider_adjustment("WO", 5)])
    receive(ledger, write_835(tmp_path / "payer.835", sent))
    before = dump(ledger)
    repacked = write_835(
        tmp_path / "clearinghouse.835",
        sent,
        delimiters=Delimiters("|", ">", "^", "\n"),
        interchange=4711,
        first_set=99,
    )
    findings: list[Diagnostic] = []
    (receipt,) = receive(ledger, repacked, report=findings)
    assert receipt.outcome == "known"
    assert "P502" in [finding.code for finding in findings]
    assert dump(ledger) == before


def test_the_same_set_twice_in_one_file_is_posted_once(ledger, tmp_path):
    receipts = receive_sets(ledger, tmp_path, remittance("T1", paid(1)), remittance("T1", paid(1)))
    assert [receipt.outcome for receipt in receipts] == ["posted", "known"]
    assert of(ledger, "A1-1")["insurance_paid"] == "120.00"


def test_the_same_payment_with_other_content_is_held_whole(ledger, tmp_path):
    """openemr #10681: the same payment in two files must not be posted twice."""
    receive_sets(ledger, tmp_path, remittance("T1", paid(1)))
    findings: list[Diagnostic] = []
    (receipt,) = receive(ledger, write_835(tmp_path / "b.835", remittance("T1", paid(2), plb=[])), None, findings)
    assert receipt.outcome == "held"
    assert "P503" in [finding.code for finding in findings]
    assert held(ledger) == [("A2-1", None, "120.00", "same_payment_differs")]
    assert of(ledger, "A2-1") == {"open": "150.00"}
    assert [row["suspense"] for row in sums(ledger)] == ["0.00", "120.00"]


@pytest.mark.parametrize("change", [{"payer": OTHER_PAYER}, {"day": date(2026, 10, 8)}, {"trace": "T2"}])
def test_another_payer_day_or_trace_number_is_another_payment(ledger, tmp_path, change):
    receive_sets(ledger, tmp_path, remittance("T1", paid(1)))
    other = {"trace": "T1", **change}
    (receipt,) = receive_sets(ledger, tmp_path, remittance(other.pop("trace"), paid(2), **other))
    assert receipt.outcome == "posted"


# What breaks off.


@pytest.mark.parametrize("batch", [1, 500])
def test_a_set_without_its_trailer_posts_nothing(ledger, tmp_path, monkeypatch, batch):
    monkeypatch.setattr(post, "_BATCH", batch)
    before = dump(ledger)
    findings: list[Diagnostic] = []
    path = write_835(tmp_path / "cut.835", remittance("T1", paid(1), paid(2)), complete=False)
    (receipt,) = receive(ledger, path, report=findings)
    assert receipt.outcome == "incomplete"
    assert "P501" in [finding.code for finding in findings]
    assert dump(ledger) == before


def test_the_whole_set_is_posted_once_it_comes(ledger, tmp_path):
    receive(ledger, write_835(tmp_path / "cut.835", remittance("T1", paid(1)), complete=False))
    (receipt,) = receive(ledger, write_835(tmp_path / "whole.835", remittance("T1", paid(1))))
    assert receipt.outcome == "posted"
    assert held(ledger) == []


def test_a_file_that_was_cut_anywhere_posts_only_whole_sets(ledger, tmp_path):
    whole = write_835(tmp_path / "whole.835", remittance("T1", paid(1)), remittance("T2", paid(2))).read_bytes()
    cut = tmp_path / "cut.835"
    first_trailer, second_trailer = whole.index(b"SE*"), whole.rindex(b"SE*")
    for length in range(second_trailer, 120, -97):
        cut.write_bytes(whole[:length])
        receive(ledger, cut)
        assert len(rows(ledger, "remittances")) <= 1
        prove(ledger)
    assert first_trailer < second_trailer
    assert of(ledger, "A1-1")["insurance_paid"] == "120.00"
    assert of(ledger, "A2-1") == {"open": "150.00"}


def test_a_file_without_x12_says_so(ledger, tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear provider,", encoding="ascii")
    with pytest.raises(NotX12):
        receive(ledger, path)


@pytest.mark.parametrize("batch", [1, 500])
def test_an_error_in_the_middle_of_a_set_leaves_nothing_of_it_behind(ledger, tmp_path, monkeypatch, batch):
    monkeypatch.setattr(post, "_BATCH", batch)
    path = write_835(tmp_path / "in.835", remittance("T1", paid(1)), remittance("T2", paid(2), paid(3), paid(4)))
    calls = []

    def fail_at_the_third(done: int) -> None:
        calls.append(done)
        if len(calls) == 3:
            raise RuntimeError("out of luck")

    with pytest.raises(RuntimeError, match="out of luck"):
        list(receive_835(path, ledger, Dispositions(), MOMENT, print, fail_at_the_third))
    assert [row["trace_number"] for row in rows(ledger, "remittances")] == ["T1"]
    assert of(ledger, "A2-1") == {"open": "150.00"}
    receipts = receive(ledger, path)
    assert [receipt.outcome for receipt in receipts] == ["known", "posted"]
    assert of(ledger, "A4-1")["insurance_paid"] == "120.00"


def test_whoever_stops_asking_for_receipts_keeps_what_was_yielded(ledger, tmp_path):
    path = write_835(tmp_path / "in.835", remittance("T1", paid(1)), remittance("T2", paid(2)))
    receipts = receive_835(path, ledger, Dispositions(), MOMENT, print)
    assert next(receipts).trace_number == "T1"
    del receipts
    assert [row["trace_number"] for row in rows(ledger, "remittances")] == ["T1"]


_KILLED = """
import os, signal, sys
from pathlib import Path
from claimloop.reconciliation.remittances import post
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.ledger.connection import open_ledger
from claimloop.tests.reconciliation.making import MOMENT

url, path, moment, at = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
post._BATCH = 1
counts = {"claim": 0, "receipt": 0}

def count(what):
    counts[what] += 1
    if what == moment and counts[what] == at:
        os.kill(os.getpid(), signal.SIGKILL)

ledger = open_ledger(url)
for _ in post.receive_835(path, ledger, Dispositions(), MOMENT, print, lambda _: count("claim")):
    count("receipt")
"""


def sets_for_a_kill() -> list[Remittance]:
    return [
        remittance("T1", paid(1), paid(2), denied(3)),
        remittance("T2", paid(3), reversal(denied(3)), paid(4), plb=[provider_adjustment("WO", 7)]),
        remittance("T3", paid(5), answer("K9", charge=9, paid=9)),
    ]


@pytest.mark.parametrize(("moment", "at"), [("claim", 1), ("claim", 3), ("receipt", 1), ("claim", 6), ("receipt", 2)])
def test_a_run_that_was_killed_is_finished_by_the_next_one(ledger, tmp_path, monkeypatch, moment, at):
    monkeypatch.setattr(post, "_BATCH", 1)
    path = write_835(tmp_path / "in.835", *sets_for_a_kill())
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    other = six_claims(undisturbed)
    receive(other, path)

    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(ledger.url), str(path), moment, str(at)], check=False, env=os.environ
    )
    assert killed.returncode == -signal.SIGKILL
    prove(ledger)
    receive(ledger, path)
    one, two = dump(ledger), dump(other)
    for table in set(one) - {"submissions"}:  # their folders differ
        assert one[table] == two[table], table
    other.close()


def test_the_record_of_a_claim_payment_is_kept_whole(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", paid(1)))
    with ledger.reading() as connection:
        record = connection.exec_driver_sql("SELECT record FROM claim_payments").scalar()
    kept = msgspec.json.decode(record, type=type(paid(1)))
    assert kept.services[0].adjustments == paid(1).services[0].adjustments
    assert kept.services[0].line_control_number == "A11L01"
    assert kept.parties[0].name == "MARLOWE"


def test_a_payment_that_is_held_whole_moves_nothing_but_suspense(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", paid(1), plb=[provider_adjustment("WO", 20)]))
    receive_sets(ledger, tmp_path, remittance("T1", paid(2), plb=[provider_adjustment("WO", 20)]))
    assert [(row["suspense"], row["provider_adjustments"]) for row in sums(ledger)] == [
        ("0.00", "20.00"),
        ("100.00", "0.00"),
    ]


def test_the_same_decision_under_another_trace_number_is_held(ledger, tmp_path):
    part = answer("A1-1", charge=50, paid=50)
    receive_sets(ledger, tmp_path, remittance("T1", part))
    receive_sets(ledger, tmp_path, remittance("T2", part))
    assert [item[2:] for item in held(ledger)] == [("50.00", "already_adjudicated")]
