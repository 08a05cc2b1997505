"""What the ledger reports: its columns (rules.md#interface), and the status words of a claim."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from claimloop.edi.columns import names_of
from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.claims.manual_entries import ManualEntry
from claimloop.reconciliation.claims.states import find_claim
from claimloop.reconciliation.decisions.decide import Decider
from claimloop.reconciliation.ledger.balances import LineBalance
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.queries.claim_history import story
from claimloop.reconciliation.queries.claims import claims, lines
from claimloop.reconciliation.queries.totals import totals
from claimloop.reconciliation.queries.views import VIEWS
from claimloop.tests.reconciliation.making import (
    OTHER_PAYER,
    PAYER,
    PAYMENT_DAY,
    answer,
    encounter,
    new_ledger,
    provider_adjustment,
    receive_sets,
    remittance,
    reversal,
    rows,
    send,
    service,
    service_line,
    submitted,
)

FIXED = {
    "lines": "claim_control_number, line_control_number, payer_id, procedure, modifiers, service_date, charge, "
    "insurance_paid, contractual, written_off, patient, open, denied, status",
    "remittances": "trace_number, payer_id, payment_date, payment_amount, posted, suspense, provider_adjustments, "
    "difference",
    "suspense": "trace_number, claim_control_number, line_control_number, amount, reason",
}
"""The columns that other programs read (rules.md#interface)."""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A1-1 with 99213-25 for 100.00 and 17000 for 50.00, and A2-1 with 99213 for 100.00."""
    ledger = submitted(
        tmp_path,
        encounter("A1", service_line("99213", 100, "25"), service_line("17000", 50)),
        encounter("A2", service_line("99213", 100)),
    )
    yield ledger
    ledger.close()


def single(*adjustments: str, paid: int, status: str = "1") -> ClaimPayment:
    """An answer to A2-1."""
    return answer("A2-1", service("99213", 100, paid, *adjustments), status=status)


def status(ledger: Ledger, claim: str) -> str:
    (row,) = (row for row in rows(ledger, "claims") if row["claim_control_number"] == claim)
    return str(row["status"])


@pytest.mark.parametrize("view", FIXED)
def test_the_first_columns_are_those_of_the_design(view):
    fixed = FIXED[view].split(", ")
    assert list(names_of(VIEWS[view].row))[: len(fixed)] == fixed


def test_every_row_has_the_columns_of_its_view_in_their_order(ledger, tmp_path):
    refused = answer("A1-1", service("99213", 100, 0, "CO-16 100"), service("999", 50, 50))
    receive_sets(ledger, tmp_path, remittance("T1", refused))
    with ledger.writing() as connection:
        Decider(connection, Dispositions(), "2026-10-03T08:00:00").take(
            ManualEntry("patient-payment", Decimal(20), PAYMENT_DAY, "receipt 1", "A2-1")
        )
    for view in VIEWS:
        found = rows(ledger, view)
        assert found, view
        assert {tuple(row) for row in found} == {names_of(VIEWS[view].row)}


def test_a_line_that_was_just_submitted(ledger):
    assert rows(ledger, "lines")[0] == {
        "claim_control_number": "A1-1", "line_control_number": "A11L01", "payer_id": "PLAN", "procedure": "99213",
        "modifiers": ["25"], "service_date": "2026-09-01", "charge": "100.00", "insurance_paid": "0.00",
        "contractual": "0.00", "written_off": "0.00", "patient": "0.00", "open": "100.00", "denied": "0.00",
        "status": "submitted",
    }  # fmt: skip


def test_a_claims_bucket_is_a_row_only_where_it_holds_money(ledger, tmp_path):
    assert all(row["line_control_number"] for row in rows(ledger, "lines"))
    receive_sets(ledger, tmp_path, remittance("T1", answer("A1-1", charge=150, paid=120, adjustments=["CO-45 30"])))
    (bucket,) = (row for row in rows(ledger, "lines") if row["line_control_number"] is None)
    assert (bucket["claim_control_number"], bucket["procedure"], bucket["charge"]) == ("A1-1", None, "0.00")
    assert (bucket["insurance_paid"], bucket["contractual"], bucket["open"]) == ("120.00", "30.00", "-150.00")
    assert status(ledger, "A1-1") == "paid"


def test_a_bucket_beside_paid_lines_is_answered(ledger, tmp_path):
    payment = answer("A1-1", service("99213", 100, 100), service("17000", 50, 50), adjustments=["PR-1 25"])
    receive_sets(ledger, tmp_path, remittance("T1", payment))
    (bucket,) = (row for row in rows(ledger, "lines") if row["line_control_number"] is None)
    assert (bucket["insurance_paid"], bucket["patient"], bucket["status"]) == ("-25.00", "25.00", "paid")


def test_a_bucket_that_was_emptied_again_is_no_row(ledger, tmp_path):
    payment = answer("A1-1", charge=150, paid=120, adjustments=["CO-45 30"])
    receive_sets(ledger, tmp_path, remittance("T1", payment))
    receive_sets(ledger, tmp_path, remittance("T2", reversal(payment), amount=0))
    assert all(row["line_control_number"] for row in rows(ledger, "lines"))


@pytest.mark.parametrize(
    ("payment", "word"),
    [
        (single(paid=100), "paid"),
        (single("CO-45 30", "PR-2 10", paid=60), "paid"),
        (single("PR-1 100", paid=0), "patient"),
        (single("CO-45 40", "PR-1 60", paid=0), "patient"),
        (single("CO-16 100", paid=0), "denied"),
        (single("CO-45 30", "CO-97 70", paid=0), "denied"),
        (single("CO-97 40", paid=60), "partly denied"),
        (single("CO-97 40", "PR-2 60", paid=0), "partly denied"),
        (single("OA-45 30", paid=70), "open"),
        (single("CO-45 30", "PR-2 20", paid=50, status="19"), "open"),
        (single("CO-24 100", paid=0), "adjusted"),
        (single("OA-109 100", paid=0, status="23"), "open"),
    ],
)
def test_the_word_for_how_it_stands(ledger, tmp_path, payment, word):
    receive_sets(ledger, tmp_path, remittance("T1", payment))
    (line,) = (row for row in rows(ledger, "lines") if row["claim_control_number"] == "A2-1")
    assert (line["status"], status(ledger, "A2-1")) == (word, word)


def test_a_claim_that_was_reversed_is_open_not_submitted(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", single(paid=100)))
    receive_sets(ledger, tmp_path, remittance("T2", reversal(single(paid=100)), plb=[], amount=0))
    assert status(ledger, "A2-1") == "open"


def test_a_claim_whose_payment_is_held_is_still_waiting_for_an_answer(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", answer("A2-1", charge=150, paid=150)))
    assert status(ledger, "A2-1") == "submitted"


def test_denials_name_reason_remarks_and_payment(ledger, tmp_path):
    payment = answer(
        "A1-1", service("99213", 100, 60, "CO-45 40"), service("17000", 50, 0, "CO-16 50", remarks=("N519", "M51"))
    )
    receive_sets(ledger, tmp_path, remittance("T1", payment))
    assert rows(ledger, "denials") == [
        {
            "claim_control_number": "A1-1", "line_control_number": "A11L02", "payer_id": "PLAN", "procedure": "17000",
            "group": "CO", "reason": "16", "remarks": ["N519", "M51"], "amount": "50.00", "trace_number": "T1",
            "payment_date": "2026-10-01",
        }
    ]  # fmt: skip


def test_a_denial_at_the_claim_names_the_claim(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", answer("A1-1", charge=150, paid=0, adjustments=["CO-29 150"])))
    (row,) = rows(ledger, "denials")
    assert (row["claim_control_number"], row["line_control_number"], row["amount"]) == ("A1-1", None, "150.00")


def test_a_denial_that_was_reversed_is_no_longer_listed(ledger, tmp_path):
    refused = single("CO-16 100", paid=0)
    receive_sets(ledger, tmp_path, remittance("T1", refused))
    assert len(rows(ledger, "denials")) == 1
    receive_sets(ledger, tmp_path, remittance("T2", reversal(refused), single("CO-45 30", paid=70)))
    assert rows(ledger, "denials") == []


def test_entries_name_what_they_are_about(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", single("CO-45 30", paid=70)))
    posted = [row for row in rows(ledger, "entries") if row["trace_number"] == "T1"]
    assert [(row["kind"], row["line_control_number"], row["account"], row["amount"]) for row in posted] == [
        ("claim payment", "A21L01", "insurance_cash", "70.00"),
        ("claim payment", "A21L01", "contractual", "30.00"),
        ("claim payment", "A21L01", "open", "-100.00"),
    ]


def test_legs_of_every_entry_sum_to_zero(ledger, tmp_path):
    receive_sets(
        ledger, tmp_path, remittance("T1", single(paid=100), plb=[provider_adjustment("WO", 10)], amount=85)
    )  # fmt: skip
    sums: dict[object, Decimal] = {}
    for row in rows(ledger, "entries"):
        sums[row["entry"]] = sums.get(row["entry"], Decimal(0)) + Decimal(str(row["amount"]))
    assert set(sums.values()) == {Decimal(0)}


def test_the_difference_of_a_balance_is_what_is_missing():
    balanced = LineBalance(
        charge=100_00, insurance_paid=60_00, contractual=20_00, written_off=5_00, patient=10_00, open=5_00, denied=5_00
    )
    assert balanced.difference == 0
    short = LineBalance(
        charge=100_00, insurance_paid=60_00, contractual=20_00, written_off=0, patient=10_00, open=5_00, denied=5_00
    )
    assert short.difference == 5_00


def test_totals_are_the_sums_of_the_rows(ledger, tmp_path):
    receive_sets(
        ledger, tmp_path,
        remittance(
            "T1", single("CO-45 30", "PR-2 10", paid=60), answer("K9", charge=9, paid=9),
            plb=[provider_adjustment("L6", "-1.25")],
        ),
    )  # fmt: skip
    with ledger.reading() as connection:
        whole = totals(connection)
    assert (whole.claims, whole.lines, whole.remittances, whole.suspense_items) == (2, 3, 1, 1)
    assert whole.claims_by_status == {"submitted": 1, "paid": 1}
    assert (whole.payments, whole.posted, whole.suspense, whole.provider_adjustments) == (70_25, 60_00, 9_00, -1_25)
    assert (whole.difference, whole.balance.difference) == (0, 0)
    for name in ("charge", "insurance_paid", "contractual", "patient", "open", "denied"):
        summed = sum(Decimal(str(row[name])) for row in rows(ledger, "lines"))
        assert Decimal(getattr(whole.balance, name)) == summed * 100


def test_an_empty_ledger_has_no_rows_and_totals_of_nothing(tmp_path):
    ledger = new_ledger(tmp_path)
    assert [rows(ledger, view) for view in VIEWS] == [[] for _ in VIEWS]
    with ledger.reading() as connection:
        whole = totals(connection)
    assert (whole.claims, whole.payments, whole.difference, whole.balance.difference) == (0, 0, 0, 0)
    ledger.close()


def test_one_claims_lines(ledger):
    with ledger.reading() as connection:
        assert [row.line_control_number for row in lines(connection, find_claim(connection, "A1-1"))] == [
            "A11L01",
            "A11L02",
        ]
        assert list(lines(connection, 999)) == []


# One claim's story.


def number_of(connection, claim_id):
    (row,) = claims(connection, claim_id)
    return row.claim_control_number


@pytest.mark.parametrize("asked", ["A1-1", "a11", "A1", "00A1-1"])
def test_a_claim_is_found_by_its_number_or_its_encounter(ledger, asked):
    with ledger.reading() as connection:
        assert number_of(connection, find_claim(connection, asked)) == "A1-1"


def test_an_encounter_id_wins_over_a_control_number_that_is_only_alike(ledger, tmp_path):
    send(ledger, tmp_path, encounter("A11"))
    with ledger.reading() as connection:
        assert number_of(connection, find_claim(connection, "A11")) == "A11-1"


def test_an_unknown_claim_is_not_found(ledger):
    with ledger.reading() as connection:
        assert find_claim(connection, "K9") is None
        assert find_claim(connection, "--") is None


def test_the_story_of_a_claim_in_order_with_its_sources(ledger, tmp_path):
    secondary = answer("A2-1", service("99213", 100, 40, "OA-23 60"), status="2", payer_claim_number="S77")
    receive_sets(ledger, tmp_path, remittance("T1", single("CO-45 30", "PR-2 10", paid=60)))
    receive_sets(ledger, tmp_path, remittance("T2", reversal(single("CO-45 30", "PR-2 10", paid=60)), amount=0))
    receive_sets(ledger, tmp_path, remittance("S1", secondary, payer=OTHER_PAYER))
    with ledger.reading() as connection:
        found = find_claim(connection, "A2-1")
        assert found is not None
        told = story(connection, found).as_text()
    assert [event["event"] for event in told["events"]] == ["submitted", "payment", "reversal", "payment"]
    first, second = told["events"][1], told["events"][2]
    assert (first["trace_number"], first["paid"], first["file"]) == ("T1", "60.00", "in.835")
    assert first["segment"] > 0
    assert [(each["group"], each["reason"], each["disposition"]) for each in first["adjustments"]] == [
        ("CO", "45", "contractual"),
        ("PR", "2", "patient"),
    ]
    assert (second["claim_status"], second["paid"]) == ("22", "-60.00")
    assert told["claim"]["insurance_paid"] == "40.00"


def test_the_remittances_payer_is_its_own_number(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", single(paid=100)))
    (row,) = rows(ledger, "remittances")
    assert (row["payer_id"], row["payer_name"], row["payment_date"]) == (PAYER, "INVENTED PLAN", "2026-10-01")
