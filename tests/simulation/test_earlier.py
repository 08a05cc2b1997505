"""Claims that replace or take back others: the payer reverses what it decided, under the number of that claim."""

from pathlib import Path

import msgspec

from claimloop.simulation.simulator import Summary, simulate
from claimloop.tests.simulation.making import Line, Visit, answer, money, plain_rules, segments, truth, write_837

FIRST = Visit(lines=(Line("99213", "150"),))


def number_of(summary: Summary) -> str:
    """CLP07 of the last answer."""
    return segments(summary, "CLP")[-1].split("*")[7]


def follow(folder: Path, second: Visit, *, scenario: str = "none") -> Summary:
    """A second run, that is told of the first file."""
    source = write_837(folder / "second.837", second)
    return simulate(
        [source], folder / "more", 4, scenarios=[scenario], rules=plain_rules(), earlier=[folder / "sent.837"]
    )


def claim_payments(summary: Summary) -> list[list[str]]:
    """CLP01 to CLP04, in the order of arrival."""
    return [text.split("*")[1:5] for text in segments(summary, "CLP")]


def replacement(number: str, frequency: str = "7") -> Visit:
    """The same visit once more, dearer."""
    return Visit("VISIT1-2", (Line("99214", "210"),), frequency=frequency, more=(f"REF*F8*{number}",))


def test_a_replacement_is_decided_and_the_earlier_claim_reversed(tmp_path: Path) -> None:
    first = answer(tmp_path, FIRST, seed=4)
    summary = follow(tmp_path, replacement(number_of(first)))
    paid = claim_payments(first)[0][3]
    assert claim_payments(summary) == [["VISIT1-1", "22", "-150", f"-{paid}"], ["VISIT1-2", "1", "210", "106.6"]]
    assert [(row["claim_control_number"], row["charge"], row["status"]) for row in truth(summary)] == [
        ("VISIT1-1", "0.00", "replaced"), ("VISIT1-2", "210.00", "paid"),
    ]  # fmt: skip
    assert [row["claim_control_number"] for row in truth(summary, "remittance_line")] == ["VISIT1-1", "VISIT1-2"]


def test_an_earlier_claim_of_the_same_run_has_its_end_in_its_own_rows(tmp_path: Path) -> None:
    number = number_of(answer(tmp_path / "alone", FIRST, seed=4))
    summary = answer(tmp_path / "both", FIRST, replacement(number), seed=4)
    assert [payment[:2] for payment in claim_payments(summary)] == [
        ["VISIT1-1", "1"], ["VISIT1-1", "22"], ["VISIT1-2", "1"],
    ]  # fmt: skip
    assert [(row["claim_control_number"], row["status"]) for row in truth(summary)] == [
        ("VISIT1-1", "replaced"), ("VISIT1-2", "paid"),
    ]  # fmt: skip


def test_a_reversal_waits_for_all_that_it_reverses(tmp_path: Path) -> None:
    number = number_of(answer(tmp_path / "alone", FIRST, seed=4, scenario="reversal_later_835"))
    summary = answer(tmp_path / "both", FIRST, replacement(number), seed=4, scenario="reversal_later_835")
    ours = [payment for payment in claim_payments(summary) if payment[0] == "VISIT1-1"]
    assert [payment[1] for payment in ours] == ["1", "22", "1", "22"]
    assert ours[3][3] == f"-{ours[2][3]}"


def test_a_replacement_of_a_claim_that_is_not_at_hand_is_only_decided(tmp_path: Path) -> None:
    summary = answer(tmp_path, replacement("2600000000001"))
    assert claim_payments(summary) == [["VISIT1-2", "1", "210", "106.6"]]


def test_a_void_reverses_under_the_earlier_claims_number_where_that_is_at_hand(tmp_path: Path) -> None:
    first = answer(tmp_path, FIRST, seed=4)
    void = msgspec.structs.replace(FIRST, number="VISIT1-2", frequency="8", more=(f"REF*F8*{number_of(first)}",))
    summary = follow(tmp_path, void)
    assert claim_payments(summary) == [["VISIT1-1", "22", "-150", f"-{claim_payments(first)[0][3]}"]]
    assert [(row["claim_control_number"], row["charge"], row["status"]) for row in truth(summary)] == [
        ("VISIT1-1", "0.00", "voided")
    ]


def test_what_another_payer_paid_for_a_voided_claim_stays(tmp_path: Path) -> None:
    first = answer(tmp_path, FIRST, seed=4, scenario="crossover")
    primary, secondary = (text.split("*") for text in segments(first, "CLP"))
    void = msgspec.structs.replace(FIRST, number="VISIT1-2", frequency="8", more=(f"REF*F8*{primary[7]}",))
    summary = follow(tmp_path, void, scenario="crossover")
    assert [payment[1:] for payment in claim_payments(summary)] == [["22", "-150", f"-{primary[4]}"]]
    paid = f"{float(secondary[4]):.2f}"
    assert [money(row) | {"charge": row["charge"]} for row in truth(summary)] == [
        {"insurance_paid": paid, "charge": paid, "status": "voided"}
    ]
