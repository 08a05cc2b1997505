"""Every order in which the same remittances can arrive ends with the same balances, and nothing else in suspense."""

from itertools import permutations
from pathlib import Path

import pytest

from claimloop.edi.records.remittance import ClaimPayment
from claimloop.tests.reconciliation.making import (
    OTHER_PAYER,
    PAYER,
    answer,
    encounter,
    prove,
    receive_sets,
    remittance,
    reversal,
    rows,
    service,
    service_line,
    submitted,
)

Outcome = tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, str], ...]]
"""Each line in words, and what stands in suspense: trace number and amount."""

Arrival = tuple[str, ClaimPayment]

FIRST = answer(
    "A1-1", service("99213", 100, 60, "CO-45 20", "PR-3 20"), service("17000", 50, 0, "CO-50 50"),
    payer_claim_number="ICN1",
)  # fmt: skip
BETTER = answer(
    "A1-1", service("99213", 100, 70, "CO-45 20", "PR-3 10"), service("17000", 50, 40, "CO-45 10"),
    payer_claim_number="ICN2",
)  # fmt: skip
BEST = answer(
    "A1-1", service("99213", 100, 80, "CO-45 20"), service("17000", 50, 45, "CO-45 5"), payer_claim_number="ICN3"
)  # fmt: skip
SECOND = answer(
    "A1-1", service("99213", 100, 20, "OA-23 80"), service("17000", 50, 10, "OA-23 40"), status="2",
    payer_claim_number="SEC1",
)  # fmt: skip
LINE_ONE = answer("A1-1", service("99213", 100, 70, "CO-45 30"), payer_claim_number="ICN1")
LINE_TWO = answer("A1-1", service("17000", 50, 40, "CO-45 10"), payer_claim_number="ICN1B")
OTHER_AMOUNTS = answer(
    "A1-1", service("99213", 100, 55, "CO-45 45"), service("17000", 50, 50), payer_claim_number="ICN1"
)

STORIES: dict[str, list[Arrival]] = {
    "reversal and correction": [(PAYER, FIRST), (PAYER, reversal(FIRST)), (PAYER, BETTER)],
    "primary and secondary": [(PAYER, FIRST), (OTHER_PAYER, SECOND)],
    "reversal, correction and a secondary": [
        (PAYER, FIRST), (PAYER, reversal(FIRST)), (PAYER, BETTER), (OTHER_PAYER, SECOND),
    ],
    "two lines apart, one taken back": [(PAYER, LINE_ONE), (PAYER, LINE_TWO), (PAYER, reversal(LINE_TWO, "ICN1B"))],
    "a reversal of what was never paid": [(PAYER, FIRST), (PAYER, reversal(OTHER_AMOUNTS))],
    "a reversal without a correction": [(PAYER, FIRST), (PAYER, reversal(FIRST)), (OTHER_PAYER, SECOND)],
    "corrected twice": [
        (PAYER, FIRST), (PAYER, reversal(FIRST)), (PAYER, BETTER), (PAYER, reversal(BETTER, "ICN2")), (PAYER, BEST),
    ],
}  # fmt: skip
STANDS = {"corrected twice": "125.00", "reversal and correction": "110.00"}


def outcome(folder: Path, arrivals: list[Arrival], names: tuple[int, ...]) -> Outcome:
    """What the ledger says in the end, without who came first."""
    folder.mkdir()
    ledger = submitted(folder, encounter("A1", service_line("99213", 100), service_line("17000", 50)))
    for place in names:
        payer, payment = arrivals[place]
        receive_sets(ledger, folder, remittance(f"T{place}", payment, payer=payer))
    prove(ledger)
    lines = [tuple(map(str, row.values())) for row in rows(ledger, "lines")]
    suspense = sorted((str(row["trace_number"]), str(row["amount"])) for row in rows(ledger, "suspense"))
    ledger.close()
    return tuple(lines), tuple(suspense)


@pytest.mark.parametrize("story", STORIES)
def test_every_permutation_of_the_arrivals_ends_the_same(tmp_path, story):
    arrivals = STORIES[story]
    orders = list(permutations(range(len(arrivals))))
    orders = orders if len(orders) <= 24 else orders[:: len(orders) // 24]
    seen = {outcome(tmp_path / str(place), arrivals, order): order for place, order in enumerate(orders)}
    assert len(seen) == 1, seen
    (lines, _), *_ = seen
    if story in STANDS:
        assert f"{sum(float(row[7]) for row in lines):.2f}" == STANDS[story]
