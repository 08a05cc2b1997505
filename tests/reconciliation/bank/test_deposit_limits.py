"""How many business days an 835 and its money wait for one another before they are late: by partner and by payer."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from claimloop.edi.records.parties import Party
from claimloop.reconciliation.bank.receive import receive_deposits
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.configuration.expectations import Expectation
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.worklists.worklist import is_due
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation.making import (
    OTHER_PAYER,
    PAYER,
    Cell,
    answer,
    copied,
    encounter,
    receive_sets,
    remittance,
    send,
    service,
    work,
)

THURSDAY, FRIDAY, MONDAY = date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 5)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A1-1 of the payer PLAN, paid by the remittance T1 of a Thursday; its money has not come."""
    ledger = copied(tmp_path, send_one_and_pay)
    yield ledger
    ledger.close()


def send_one_and_pay(ledger: Ledger, folder: Path) -> None:
    send(ledger, folder, encounter("A1"))
    receive_sets(ledger, folder, remittance("T1", answer("A1-1", service("99213", 100, 80, "CO-45 20"))))


def book(ledger: Ledger, folder: Path, *rows: str) -> None:
    path = folder / "bank.csv"
    path.write_text("\n".join(("date,amount,company,company_id,description,addenda", *rows)))
    receive_deposits(path, ledger, datetime(2026, 10, 20, 7, 0), lambda finding: None)


def deposits(ledger: Ledger, day: date, *expectations: Expectation, everything: bool = False) -> list[dict[str, Cell]]:
    return work(ledger, "deposits", AsOf(day, expectations, (partner(),), everything))


def late(ledger: Ledger, day: date, *expectations: Expectation) -> list[Cell]:
    return [row["trace_number"] for row in deposits(ledger, day, *expectations)]


def test_a_weekend_does_not_count(ledger):
    one_day = Expectation(deposit_days=1)
    assert late(ledger, FRIDAY, one_day) == []
    assert late(ledger, date(2026, 10, 4), one_day) == ["T1"], "a Sunday is as late as the Monday after it"
    (row,) = deposits(ledger, MONDAY, one_day)
    assert (row["days"], row["late"], is_due(SimpleNamespace(**row))) == (2, "late", True)


def test_by_default_four_business_days_are_waited(ledger):
    assert late(ledger, date(2026, 10, 7)) == []
    assert late(ledger, date(2026, 10, 8)) == ["T1"]


def test_what_is_not_late_yet_is_listed_on_request_and_is_not_due(ledger):
    (row,) = deposits(ledger, FRIDAY, everything=True)
    assert (row["trace_number"], row["late"], is_due(SimpleNamespace(**row))) == ("T1", "not yet", False)


@pytest.mark.parametrize(
    ("expectation", "is_late"),
    [
        (Expectation(deposit_days=1), True),
        (Expectation(payer="PLAN", deposit_days=1), True),
        (Expectation(partner="acme", deposit_days=1), True),
        (Expectation(partner="acme", payer="PLAN", deposit_days=1), True),
        (Expectation(payer="OTHER", deposit_days=1), False),
        (Expectation(partner="other", deposit_days=1), False),
        (Expectation(payer="PLAN", remittance_days=1), False),
    ],
)
def test_the_limit_is_that_of_the_payer_whose_claims_the_remittance_pays(ledger, expectation, is_late):
    assert late(ledger, MONDAY, expectation) == ["T1"] * is_late


def test_a_deposit_without_its_835_has_the_limit_of_the_payer_that_the_bank_names(ledger, tmp_path):
    by_id = f"{THURSDAY},55.00,SOMEBODY,{PAYER},HCCLAIMPMT,TRN*1*T7*{PAYER}~"
    by_name = f"{THURSDAY},66.00,INVENTED PLAN,,HCCLAIMPMT,TRN*1*T8~"
    of_another = f"{THURSDAY},77.00,ELSEWHERE,{OTHER_PAYER},HCCLAIMPMT,TRN*1*T9*{OTHER_PAYER}~"
    book(ledger, tmp_path, by_id, by_name, of_another)
    found = late(ledger, MONDAY, Expectation(payer="PLAN", deposit_days=1))
    assert sorted(map(str, found)) == ["T1", "T7", "T8"]
    assert late(ledger, MONDAY, Expectation(payer="PLAN", deposit_days=9), Expectation(deposit_days=1)) == ["T9"]


def test_a_payer_of_no_known_claim_may_be_named_by_its_number_on_the_remittance(ledger, tmp_path):
    unknown = answer("X1", service("99213", 100, 80, "CO-45 20"))
    told = msgspec.structs.replace(
        remittance("T2", unknown, payer="1999999999"), payer=Party(role="PR", name="UNHEARD OF MUTUAL")
    )
    receive_sets(ledger, tmp_path, told)
    assert late(ledger, MONDAY, Expectation(payer="1999999999", deposit_days=1)) == ["T2"]
