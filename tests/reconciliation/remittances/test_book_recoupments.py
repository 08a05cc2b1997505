"""Money that a PLB takes back from a claim opens that claim, whatever the order of arrival, and once only."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import select

from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.audit import audit
from claimloop.reconciliation.claims.manual_entries import DecisionRow, Kind, ManualEntry
from claimloop.reconciliation.claims.manual_entries import decisions as decisions_of
from claimloop.reconciliation.claims.states import find_claim
from claimloop.reconciliation.decisions.decide import Decider
from claimloop.reconciliation.decisions.import_file import import_decisions
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.queries.claim_history import story
from claimloop.reconciliation.queries.export import export
from claimloop.reconciliation.submissions.outbox import Outbox
from claimloop.reconciliation.submissions.submit import submit
from claimloop.reconciliation.worklists import provider_adjustments
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation.making import (
    MOMENT,
    OTHER_PAYER,
    PAYER,
    Amount,
    answer,
    dump,
    encounter,
    prove,
    provider_adjustment,
    receive_sets,
    remittance,
    reversal,
    rows,
    service,
    service_line,
    submitted,
)

TODAY = date(2026, 10, 31)
MADE = "2026-10-03T08:00:00"

FIRST = answer("A1-1", service("99213", 100, 60, "CO-45 40"), service("17000", 50, 20, "CO-45 30"))
BETTER = answer(
    "A1-1", service("99213", 100, 70, "CO-45 30"), service("17000", 50, 20, "CO-45 30"), payer_claim_number="ICN2"
)
SECOND = answer(
    "A1-1", service("99213", 100, 40, "OA-23 60"), service("17000", 50, 30, "OA-23 20"), status="2",
    payer_claim_number="SEC1",
)  # fmt: skip
OF_A2 = answer("A2-1", service("99213", 100, 80, "CO-45 20"), payer_claim_number="ICN9")


class Plb:
    """A provider adjustment that comes alone, or beside a payment of the claim."""

    def __init__(self, amount: int, reference: str = "ICN1", reason: str = "WO", *payments: ClaimPayment) -> None:
        self.told = [provider_adjustment(reason, amount, reference)]
        self.payments = payments


class Entered:
    """A person's decision about the claim."""

    def __init__(self, kind: Kind, amount: Amount) -> None:
        self.decision = ManualEntry(kind, Decimal(amount), TODAY, f"{kind} {amount}", "A1-1")


Arrival = ClaimPayment | Plb | Entered | tuple[str, ClaimPayment | Plb]

PAID = ("80.00", "70.00", "0.00")
"""Of FIRST: paid, contractual, open."""
OPENED = ("0.00", "70.00", "80.00")

STORIES: dict[str, tuple[list[Arrival], tuple[str, str, str]]] = {
    "taken back whole": ([FIRST, Plb(80)], OPENED),
    "taken back in parts over months": ([FIRST, Plb(30), Plb(20), Plb(30)], OPENED),
    "taken back in part": ([FIRST, Plb(30)], ("50.00", "70.00", "30.00")),
    "more taken than was paid": ([FIRST, Plb(100)], OPENED),
    "taken, and given back": ([FIRST, Plb(80), Plb(-80)], PAID),
    "named by our own control number": ([FIRST, Plb(80, "A1-1")], OPENED),
    "spelled otherwise": ([FIRST, Plb(80, "00icn-1")], OPENED),
    "a refund of the practice that is acknowledged": ([FIRST, Plb(80), Plb(-80, reason="72")], PAID),
    "another reason": ([FIRST, Plb(80, reason="CS")], PAID),
    "another number": ([FIRST, Plb(80, "ICN7")], PAID),
    "another payer's": ([FIRST, (OTHER_PAYER, Plb(80))], PAID),
    "reversed": ([FIRST, reversal(FIRST), Plb(80)], ("0.00", "0.00", "150.00")),
    "reversed, and taken later": (
        [FIRST, Plb(-80, "ICN1", "WO", reversal(FIRST)), Plb(80)], ("0.00", "0.00", "150.00"),
    ),
    "corrected, and the difference taken later": (
        [FIRST, Plb(-80, "ICN1", "WO", reversal(FIRST)), Plb(80, "ICN1", "WO", BETTER)], ("90.00", "60.00", "0.00"),
    ),
    "corrected, and taken as if it were not": ([FIRST, reversal(FIRST), BETTER, Plb(80)], ("90.00", "60.00", "0.00")),
    "the correction is taken back": (
        [FIRST, Plb(-80, "ICN1", "WO", reversal(FIRST)), Plb(80, "ICN1", "WO", BETTER), Plb(80, "ICN2"), Plb(90)],
        ("0.00", "60.00", "90.00"),
    ),
    "two payers, the first one's taken": ([FIRST, (OTHER_PAYER, SECOND), Plb(80)], ("70.00", "70.00", "10.00")),
    "two payers, the second one's taken": (
        [FIRST, (OTHER_PAYER, SECOND), (OTHER_PAYER, Plb(70, "SEC1"))], ("80.00", "70.00", "0.00"),
    ),
    "two payers, both taken": (
        [FIRST, (OTHER_PAYER, SECOND), (OTHER_PAYER, Plb(70, "SEC1")), Plb(80)], OPENED,
    ),
    "entered by hand too": ([FIRST, Plb(80), Entered("recoupment", 80)], OPENED),
    "entered by hand in part": ([FIRST, Plb(80), Entered("recoupment", 30)], OPENED),
    "sent back by the practice too": ([FIRST, Plb(80), Entered("payer-refund", 80)], OPENED),
    "two persons and two payers": (
        [FIRST, (OTHER_PAYER, SECOND), (OTHER_PAYER, Plb(70, "SEC1")), Entered("recoupment", 40)],
        ("80.00", "70.00", "0.00"),
    ),
}  # fmt: skip


def a_ledger(folder: Path) -> Ledger:
    """A1-1 with 99213 for 100.00 and 17000 for 50.00, and A2-1 with 99213 for 100.00."""
    folder.mkdir(exist_ok=True)
    return submitted(
        folder,
        encounter("A1", service_line("99213", 100), service_line("17000", 50)),
        encounter("A2", service_line("99213", 100)),
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = a_ledger(tmp_path)
    yield ledger
    ledger.close()


def arrive(ledger: Ledger, folder: Path, name: str, arrival: Arrival) -> None:
    """One remittance of its own, or one decision."""
    if isinstance(arrival, Entered):
        with ledger.writing() as connection:
            Decider(connection, Dispositions(), MADE).take(arrival.decision)
        return
    payer, what = arrival if isinstance(arrival, tuple) else (PAYER, arrival)
    if isinstance(what, Plb):
        receive_sets(ledger, folder, remittance(name, *what.payments, plb=what.told, payer=payer))
    else:
        receive_sets(ledger, folder, remittance(name, what, payer=payer))


def lines(ledger: Ledger, claim: str = "A1-1") -> list[tuple[str, ...]]:
    """Of each line, and of the bucket: paid, contractual, patient, open, denied, status."""
    names = ("insurance_paid", "contractual", "patient", "open", "denied", "status")
    return [
        tuple(str(row[name]) for name in names) for row in rows(ledger, "lines") if row["claim_control_number"] == claim
    ]


def whole(ledger: Ledger, claim: str = "A1-1") -> tuple[str, ...]:
    """Of the claim: paid, contractual, open."""
    (row,) = (row for row in rows(ledger, "claims") if row["claim_control_number"] == claim)
    return tuple(str(row[name]) for name in ("insurance_paid", "contractual", "open"))


def problems(ledger: Ledger) -> list[str]:
    with ledger.reading() as connection:
        return audit(connection).problems


def possible(orders: Iterable[tuple[int, ...]], arrivals: list[Arrival]) -> list[tuple[int, ...]]:
    """The orders in which a person enters only what is there by then."""
    entered = [place for place, each in enumerate(arrivals) if isinstance(each, Entered)]
    return [order for order in orders if not any(order.index(place) < order.index(0) for place in entered)]


@pytest.mark.parametrize("name", STORIES)
def test_every_order_of_arrival_ends_with_the_same_balances(tmp_path, name, database):
    """On a server, where a ledger takes long to make, of the many orders some that differ from one another."""
    arrivals, expected = STORIES[name]
    orders = possible(permutations(range(len(arrivals))), arrivals)
    most = 24 if database == "sqlite" else 6
    orders = orders if len(orders) <= most else orders[:: len(orders) // most]
    seen = {}
    for place, order in enumerate(orders):
        ledger = a_ledger(tmp_path / str(place))
        for at in order:
            arrive(ledger, tmp_path / str(place), f"T{at}", arrivals[at])
            prove(ledger)
        assert problems(ledger) == []
        assert rows(ledger, "suspense") == [], order
        assert whole(ledger) == expected, order
        seen[tuple(lines(ledger))] = order
        ledger.close()
    assert len(seen) == 1, seen


def test_what_was_taken_back_is_open_and_what_was_decided_stays(ledger, tmp_path):
    payment = answer("A1-1", service("99213", 100, 60, "CO-45 20", "PR-2 20"), service("17000", 50, 0, "CO-50 50"))
    receive_sets(ledger, tmp_path, remittance("T1", payment))
    receive_sets(ledger, tmp_path, remittance("T2", plb=[provider_adjustment("WO", 60, "ICN1")]))
    assert lines(ledger) == [
        ("0.00", "20.00", "20.00", "60.00", "0.00", "open"),
        ("0.00", "0.00", "0.00", "50.00", "50.00", "denied"),
    ]


@pytest.mark.parametrize(
    ("amount", "open_amounts"),
    [(80, ["60.00", "20.00"]), (60, ["60.00", "0.00"]), (20, ["0.00", "20.00"]), (30, ["30.00", "0.00", "0.00"])],
    ids=["all of it", "the first line's", "the second line's", "nobody knows whose"],
)
def test_it_is_taken_from_the_line_that_was_paid_just_this_or_else_from_the_claim(
    ledger, tmp_path, amount, open_amounts
):
    arrive(ledger, tmp_path, "T1", FIRST)
    arrive(ledger, tmp_path, "T2", Plb(amount))
    assert [line[3] for line in lines(ledger)] == open_amounts
    assert {line[5] for line in lines(ledger) if line[3] != "0.00"} == {"open"}


def test_the_remittance_that_takes_the_money_posts_it_and_comes_out(ledger, tmp_path):
    arrive(ledger, tmp_path, "T1", OF_A2)
    (receipt,) = receive_sets(ledger, tmp_path, remittance("T2", plb=[provider_adjustment("WO", 30, "ICN9")]))
    names = ("payment_amount", "posted", "suspense", "provider_adjustments", "difference")
    assert [str(rows(ledger, "remittances")[1][name]) for name in names] == ["-30.00", "-30.00", "0.00", "0.00", "0.00"]
    assert (receipt.posted, receipt.provider_adjustments) == (Decimal("-30.00"), Decimal("0.00"))
    assert [(row["kind"], row["trace_number"]) for row in rows(ledger, "entries")][-4:] == [("recoupment", "T2")] * 4


def test_a_payment_that_comes_behind_the_plb_takes_it_upon_itself(ledger, tmp_path):
    arrive(ledger, tmp_path, "T1", Plb(30, "ICN9"))
    assert str(rows(ledger, "remittances")[0]["provider_adjustments"]) == "30.00"
    arrive(ledger, tmp_path, "T2", OF_A2)
    assert whole(ledger, "A2-1") == ("50.00", "20.00", "30.00")
    first, second = rows(ledger, "remittances")
    assert (first["posted"], first["provider_adjustments"], first["difference"]) == ("0.00", "30.00", "0.00")
    assert (second["posted"], second["provider_adjustments"], second["difference"]) == ("50.00", "-30.00", "0.00")


def test_the_same_remittance_again_takes_nothing_more(ledger, tmp_path):
    arrive(ledger, tmp_path, "T1", FIRST)
    arrive(ledger, tmp_path, "T2", Plb(30))
    before = dump(ledger)
    arrive(ledger, tmp_path, "T2", Plb(30))
    assert dump(ledger) == before


def test_a_remittance_that_is_held_takes_nothing(ledger, tmp_path):
    arrive(ledger, tmp_path, "T1", FIRST)
    plb = [provider_adjustment("WO", 30, "ICN1")]
    receive_sets(ledger, tmp_path, remittance("T2", plb=plb, amount=50, handling="H"))
    assert whole(ledger) == PAID


def test_a_number_of_two_claims_opens_neither_and_of_one_of_them_no_longer(ledger, tmp_path):
    arrive(ledger, tmp_path, "T1", FIRST)
    arrive(ledger, tmp_path, "T2", Plb(80))
    assert whole(ledger) == OPENED
    arrive(ledger, tmp_path, "T3", answer("A2-1", service("99213", 100, 80, "CO-45 20"), payer_claim_number="ICN1"))
    assert (whole(ledger), whole(ledger, "A2-1")) == (PAID, ("80.00", "20.00", "0.00"))
    assert problems(ledger) == []


def test_a_payment_out_of_suspense_is_recouped_at_once(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", answer("OLD-7", service("99213", 100, 80, "CO-45 20"))))
    arrive(ledger, tmp_path, "T2", Plb(80))
    with ledger.writing() as connection:
        item = connection.execute(select(schema.suspense.c.id)).scalar_one()
        Decider(connection, Dispositions(), MADE).end(item, "post", TODAY, claim="A2-1")
    assert whole(ledger, "A2-1") == ("0.00", "20.00", "80.00")
    assert problems(ledger) == []
    prove(ledger)


def test_a_correction_that_waited_is_recouped_with_the_reversal_that_lets_it_in(ledger, tmp_path):
    arrive(ledger, tmp_path, "T1", FIRST)
    arrive(ledger, tmp_path, "T2", BETTER)
    arrive(ledger, tmp_path, "T3", Plb(90, "ICN2"))
    assert whole(ledger) == PAID  # ICN2 is no claim's yet
    arrive(ledger, tmp_path, "T4", Plb(-80, "ICN1", "WO", reversal(FIRST)))
    arrive(ledger, tmp_path, "T5", Plb(80))
    assert whole(ledger) == ("80.00", "60.00", "10.00")


def test_a_ledger_of_the_same_files_and_decisions_ends_the_same(ledger, tmp_path):
    arrivals: list[Arrival] = [
        FIRST, Entered("recoupment", 30), Plb(30), Entered("payer-refund", 20), Plb(50), OF_A2, Plb(10, "ICN9"),
    ]  # fmt: skip
    for place, arrival in enumerate(arrivals):
        arrive(ledger, tmp_path, f"T{place}", arrival)
    decisions = tmp_path / "decisions.csv"
    with decisions.open("w", encoding="utf-8", newline="") as file, ledger.reading() as connection:
        export(decisions_of(connection), DecisionRow, "csv", file)
    again = a_ledger(tmp_path / "again")
    for place, arrival in enumerate(arrivals):
        if not isinstance(arrival, Entered):
            arrive(again, tmp_path / "again", f"T{place}", arrival)
    taken = import_decisions(decisions, again, Dispositions(), MOMENT, print)
    assert (taken.taken, taken.refused) == (2, 0)
    assert (lines(again), lines(again, "A2-1")) == (lines(ledger), lines(ledger, "A2-1"))
    assert problems(again) == []
    again.close()


def test_the_register_says_what_is_open_again_and_what_was_taken_twice(ledger, tmp_path):
    def told() -> list[tuple[str, str, int, int, str]]:
        with ledger.reading() as connection:
            return [
                (item.reference, item.claim, item.balance, item.recouped, item.alarm)
                for item in provider_adjustments.register(connection, TODAY)
            ]

    arrive(ledger, tmp_path, "T1", FIRST)
    arrive(ledger, tmp_path, "T2", Plb(80))
    assert told() == [("ICN1", "A1-1", 80_00, 80_00, "")]
    arrive(ledger, tmp_path, "T3", reversal(FIRST))
    assert told() == [("ICN1", "A1-1", 80_00, 0, "recovered twice")]
    arrive(ledger, tmp_path, "T4", Plb(-80))
    assert told() == [("ICN1", "A1-1", 0, 0, "")]


def test_a_claims_story_tells_who_took_it_and_where(ledger, tmp_path):
    arrive(ledger, tmp_path, "T1", FIRST)
    arrive(ledger, tmp_path, "T2", Plb(30))
    with ledger.reading() as connection:
        claim_id = find_claim(connection, "A1-1")
        assert claim_id is not None
        *_, last = story(connection, claim_id).as_text()["events"]
    assert last["segment"] > 0
    del last["segment"]
    assert last == {
        "event": "recoupment", "day": "2026-10-01", "payer": "INVENTED PLAN", "trace_number": "T2", "reason": "WO",
        "reference": "ICN1", "amount": "30.00", "recouped": "30.00", "file": "in.835",
    }  # fmt: skip


def test_a_voided_claim_keeps_nothing_of_what_was_taken_back(ledger, tmp_path):
    arrive(ledger, tmp_path, "T1", FIRST)
    arrive(ledger, tmp_path, "T2", Plb(80))
    send_again(ledger, tmp_path)
    assert whole(ledger) == ("0.00", "0.00", "0.00")
    assert problems(ledger) == []
    arrive(ledger, tmp_path, "T3", Plb(-80))
    assert whole(ledger) == ("80.00", "0.00", "0.00")
    assert problems(ledger) == []


def send_again(ledger: Ledger, folder: Path) -> None:
    """A1 goes out again and replaces what went out before."""
    (line,) = [line for line in (folder / "encounters.jsonl").read_text().splitlines() if '"A1"' in line]
    again = folder / "again.jsonl"
    again.write_text(line)
    submit([again], Outbox((partner(),), ledger, folder / "outbox", MOMENT, print), again=True)
