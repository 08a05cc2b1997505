"""Build, simulate, receive: after everything that a payer can do, the ledger holds what the truth says."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from claimloop.builders.encounters.encounter import Coverage, Encounter, Service
from claimloop.reconciliation.audit import audit
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.simulation import Summary, simulate
from claimloop.simulation.scenarios import SCENARIOS
from claimloop.tests.reconciliation.making import encounter, new_ledger, prove, receive, rows, send
from claimloop.tests.simulation.making import truth

CLAIMS = 2_000
PAYERS = (("PLAN1", "Invented Plan", "CI"), ("MCARE", "Invented Medicare", "MB"), ("MCAID", "Invented Medicaid", "MC"))
VISITS: tuple[tuple[tuple[str, str, tuple[str, ...], str], ...], ...] = (
    (("99213", "150", ("25",), "1"), ("17000", "95", (), "1")),
    (("99214", "210", ("25",), "1"), ("11102", "205", (), "1"), ("88305", "165", ("26",), "1")),
    (("17000", "95", (), "1"), ("17003", "120", (), "6")),
    (("17000", "95", ("RT",), "1"), ("17000", "95", ("LT",), "1"), ("99213", "150", ("25",), "1")),
    (("99203", "190", (), "1"),),
)
FROM_SEVERAL_KEYS = {"truncated_clp01", "missing_clp01"}
"""Only member id, days and charge tell whose these are."""


def practice(count: int) -> Iterable[Encounter]:
    """Visits of as many patients, each of one payer."""
    for number in range(count):
        payer, name, filing = PAYERS[number % 3]
        day = date(2026, 8, 3) + timedelta(days=number % 29)
        one = encounter(f"S{number:05d}", *(
            Service(
                procedure=code, charge=Decimal(charge), service_date=day, modifiers=modifiers, units=Decimal(units)
            )
            for code, charge, modifiers, units in VISITS[number % len(VISITS)]
        ))  # fmt: skip
        coverage = Coverage(
            payer_id=payer, payer_name=name, member_id=f"MBR{number:07d}", filing_indicator=filing
        )  # fmt: skip
        patient = msgspec.structs.replace(one.patient, last_name=f"Testperson{number % 97}")
        yield msgspec.structs.replace(one, coverages=(coverage,), patient=patient)


def play(folder: Path, count: int, *scenarios: str, seed: int = 1) -> tuple[Summary, Ledger]:
    """Send, answer, and receive everything in the order of its arrival."""
    ledger = new_ledger(folder)
    assert send(ledger, folder, *practice(count)).claims == count
    sent = sorted((folder / "outbox").glob("*.837"))
    summary = simulate(sent, folder / "answers", seed, scenarios=scenarios)
    for path in summary.remittances:
        receive(ledger, path)
    return summary, ledger


def differences(summary: Summary, ledger: Ledger) -> dict[str, list[tuple[dict[str, object], object]]]:
    """By scenario, the rows of the truth that the ledger does not hold, and what it holds instead.

    Lines that were sent without a number of their own are told apart by their order.
    """
    held: dict[tuple[object, object], list[dict[str, object]]] = {}
    for ours in rows(ledger, "lines"):
        held.setdefault((ours["claim_control_number"], ours["line_control_number"]), []).append(dict(ours))
    found: dict[str, list[tuple[dict[str, object], object]]] = {}
    for row in truth(summary):
        scenario = str(row.pop("scenario"))
        del row["record"]
        wrong = found.setdefault(scenario, [])
        alike = held.get((row["claim_control_number"], row["line_control_number"]), [])
        own = alike.pop(0) if alike else None
        if own != row:
            wrong.append((row, own))
    assert not any(held.values()), "the ledger holds lines that the truth does not know"
    return found


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Summary, Ledger]:
    """Two thousand claims of three payers, with every scenario."""
    return play(tmp_path_factory.mktemp("loop"), CLAIMS, "all")


def test_the_ledger_equals_the_truth_for_every_line(played: tuple[Summary, Ledger]) -> None:
    summary, ledger = played
    found = differences(summary, ledger)
    assert set(found) == {"", *(s.name for s in SCENARIOS if s.level == "claim")}
    assert {scenario: wrong[:1] for scenario, wrong in found.items() if wrong} == {}


def test_every_identity_of_the_ledger_holds(played: tuple[Summary, Ledger]) -> None:
    prove(played[1])


def test_each_remittance_is_in_the_ledger_once(played: tuple[Summary, Ledger]) -> None:
    summary, ledger = played
    told = truth(summary, "remittance")
    names = ("trace_number", "payer_id", "payment_date", "payment_amount")
    once = Counter(tuple(row[name] for name in names) for row in told if row["comes"] != "again")
    assert Counter(tuple(row[name] for name in names) for row in rows(ledger, "remittances")) == once
    assert any(row["comes"] == "again" for row in told)


def test_suspense_holds_what_nobody_can_book_and_nothing_else(tmp_path: Path) -> None:
    """In order of arrival; out of it an original and its reversal may wait there side by side."""
    summary, ledger = play(tmp_path, 600, "all", "out_of_order=0", seed=4)
    expected: set[tuple[object, ...]] = set()
    for row in truth(summary, "remittance_line"):
        if row["suspense"]:
            service = row["service"] if row["suspense"] == "no_line_matches" else None
            expected.add((row["trace_number"], row["part"], row["claim"], service, row["suspense"]))
    for row in truth(summary, "remittance"):
        if row["comes"] == "unbalanced":
            why = "remittance_out_of_balance"
            expected.add((row["trace_number"], row["part"], None, None, why))
    held = Counter((row["trace_number"], row["hold_reason"]) for row in rows(ledger, "suspense"))
    assert held == Counter((item[0], item[-1]) for item in expected)


@pytest.mark.parametrize("name", sorted(FROM_SEVERAL_KEYS))
def test_a_claim_is_found_by_member_days_and_charge(tmp_path: Path, name: str) -> None:
    assert not differences(*play(tmp_path, 12, name))[name]


def test_a_correction_that_arrives_before_its_original_stands_alone(tmp_path: Path) -> None:
    summary, ledger = play(tmp_path, 60, "reversal_same_835", "out_of_order=0.5", seed=2)
    assert not differences(summary, ledger)["reversal_same_835"]
    assert rows(ledger, "suspense") == []


@pytest.mark.parametrize("name", ["recouped", "recoupment"])
def test_a_plb_that_arrives_before_what_it_takes_back_ends_the_same(tmp_path: Path, name: str) -> None:
    summary, ledger = play(tmp_path, 60, name, "out_of_order=0.5", seed=2)
    assert not differences(summary, ledger)[name]
    with ledger.reading() as connection:
        assert audit(connection).problems == []


def test_a_reversal_that_arrives_before_its_original_undoes_it(tmp_path: Path) -> None:
    summary, ledger = play(tmp_path, 60, "reversal_later_835", "out_of_order=0.5", seed=2)
    assert not differences(summary, ledger)["reversal_later_835"]
