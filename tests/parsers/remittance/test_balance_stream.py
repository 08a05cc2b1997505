"""The balance report: every sum of an 835, what it is made of and where its parts stand."""

import json
import random
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from rich.console import Console

from claimloop.edi.diagnostics import Diagnostic, NotX12, UserError
from claimloop.parsers import read_835
from claimloop.parsers.remittance.balance import Balance, Part, balance_report
from claimloop.parsers.remittance.balance_stream import stream_balances
from claimloop.parsers.show.balance import show_balances, show_balances_json
from claimloop.tests.parsers.remittance.era import CLAIM, DATA, HEAD, ISA, interchange, read, read_body, transaction
from claimloop.tests.parsers.remittance.test_corpus import FILES, mutate

BODY = (
    "LX*1",
    "CLP*A1*1*200*110*30*12*ICN1*11*1",
    "CAS*PR*1*20",
    "NM1*QC*1*MARLOWE*ADA****MI*M1",
    "SVC*HC:99213*150*100**1",
    "CAS*CO*45*40**253*10",
    "SVC*HC:11102*50*30**1",
    "CAS*PR*2*10",
    "CAS*CO*45*10",
    "PLB*1245319599*20261231*WO:ICN9*15*L6*-5",
)


def ignore(finding: Diagnostic) -> None:
    """For tests that are not about findings."""


def file_of(*body: str, payment: str = "100") -> str:
    return interchange(transaction(HEAD[0].replace("*100*", f"*{payment}*"), *HEAD[1:], *body))


def streamed(text: str) -> list[Balance]:
    return list(stream_balances(BytesIO(text.encode()), "test.835", ignore))


def by_name(balances: list[Balance]) -> dict[str, Balance]:
    return {f"{balance.level} {balance.subject}": balance for balance in balances}


def test_every_level_is_judged_lines_first_the_payment_last() -> None:
    assert [(found.code, found.level, found.subject) for found in streamed(file_of(*BODY))] == [
        ("R220", "line", "CLP #1 SVC #1"),
        ("R220", "line", "CLP #1 SVC #2"),
        ("R221", "claim", "CLP #1"),
        ("R223", "charges", "CLP #1"),
        ("R224", "patient", "CLP #1"),
        ("R222", "remittance", "TRN EFT77"),
    ]


def test_a_good_remittance_balances_at_every_level() -> None:
    found = streamed(file_of(*BODY))
    assert all(balance.balances for balance in found)
    assert [balance.difference for balance in found] == [0] * 6


def test_a_sum_names_each_amount_with_its_segment_and_its_sign() -> None:
    balance = by_name(streamed(file_of(*BODY)))["claim CLP #1"]
    assert balance.parts == (
        Part("CLP03", Decimal(200), 10),
        Part("CAS03", Decimal(-20), 11, "PR-1"),
        Part("CAS03", Decimal(-40), 14, "CO-45"),
        Part("CAS06", Decimal(-10), 14, "CO-253"),
        Part("CAS03", Decimal(-10), 16, "PR-2"),
        Part("CAS03", Decimal(-10), 17, "CO-45"),
    )
    assert (balance.expected, balance.found) == (Decimal(110), Decimal(110))
    assert (balance.element, balance.segment, balance.claim) == ("CLP04", 10, "A1")


def test_the_patients_part_is_the_pr_adjustments_of_both_levels() -> None:
    balance = by_name(streamed(file_of(*BODY)))["patient CLP #1"]
    assert balance.parts == (Part("CAS03", Decimal(20), 11, "PR-1"), Part("CAS03", Decimal(10), 16, "PR-2"))


def test_a_provider_adjustment_lowers_the_payment_with_its_own_sign_turned() -> None:
    balance = by_name(streamed(file_of(*BODY)))["remittance TRN EFT77"]
    assert balance.parts == (
        Part("CLP04", Decimal(110), 0, "1 claim"),
        Part("PLB", Decimal(-15), 18, "WO ICN9"),
        Part("PLB", Decimal(5), 18, "L6"),
    )
    assert (balance.element, balance.segment) == ("BPR02", 4)


@pytest.mark.parametrize(
    ("old", "new", "wrong", "difference"),
    [
        ("SVC*HC:99213*150*100", "SVC*HC:99213*150*101", ["line CLP #1 SVC #1"], "1"),
        ("CAS*PR*2*10", "CAS*PR*2*9.99", ["claim CLP #1", "line CLP #1 SVC #2", "patient CLP #1"], "-0.01"),
        ("200*110*30", "201*111*30", ["charges CLP #1", "remittance TRN EFT77"], "1"),
        ("200*110*30", "200*110*29", ["patient CLP #1"], "-1"),
        ("WO:ICN9*15", "WO:ICN9*16", ["remittance TRN EFT77"], "1"),
    ],
)
def test_a_wrong_amount_is_found_at_each_level_that_it_spoils(
    old: str, new: str, wrong: list[str], difference: str
) -> None:
    text = file_of(*BODY)
    assert old in text
    found = {name: one for name, one in by_name(streamed(text.replace(old, new))).items() if not one.balances}
    assert sorted(found) == wrong
    assert found[wrong[-1]].difference in (Decimal(difference), -Decimal(difference))
    assert all(one.difference == one.found - one.expected for one in found.values())


def test_the_report_of_a_remittance_in_memory_says_the_same_without_segments_of_adjustments() -> None:
    (remittance,), _ = read(file_of(*BODY))
    in_memory, from_file = balance_report(remittance), streamed(file_of(*BODY))
    assert [(one.level, one.subject, one.expected, one.found) for one in in_memory] == [
        (one.level, one.subject, one.expected, one.found) for one in from_file
    ]
    assert in_memory[0].parts == (
        Part("SVC02", Decimal(150), 13),
        Part("CAS", Decimal(-40), 0, "CO-45"),
        Part("CAS", Decimal(-10), 0, "CO-253"),
    )
    assert in_memory[-1].parts[0] == Part("CLP04", Decimal(110), 10, "CLP #1")


def test_a_claim_without_lines_or_patient_responsibility_has_fewer_sums() -> None:
    remittance, _ = read_body("LX*1", "CLP*A1*1*150*100**12*ICN1", "CAS*CO*45*50")
    assert [found.level for found in balance_report(remittance)] == ["claim", "remittance"]


@pytest.mark.parametrize("path", sorted(DATA.glob("835__*.x12")), ids=lambda path: path.stem)
def test_every_adjustment_of_a_sample_has_its_place_and_every_sum_is_the_same_both_ways(path: Path) -> None:
    with path.open("rb") as stream:
        from_file = list(stream_balances(stream, path.name, ignore))
    in_memory = [found for remittance in read_835(path, ignore) for found in balance_report(remittance)]
    assert [(one.level, one.expected, one.found) for one in in_memory] == [
        (one.level, one.expected, one.found) for one in from_file if one.level != "check"
    ]
    taken = [part for one in from_file for part in one.parts if part.element.startswith("CAS")]
    assert all(part.segment and part.element != "CAS" for part in taken)
    assert all(one.expected == sum(part.amount for part in one.parts) for one in from_file)


def test_adjustments_after_a_gap_and_in_small_letters_have_their_place_too() -> None:
    text = file_of("LX*1", "CLP*A1*1*130*100**12*I", "cas*CO*45*10*****253*20", "LX*2", "CAS*CO*1*1")
    parts = by_name(streamed(text))["claim CLP #1"].parts
    assert [(part.element, part.segment, part.about) for part in parts[1:]] == [
        ("CAS03", 11, "CO-45"),
        ("CAS09", 11, "CO-253"),
    ]


# Several sets for one check.


def test_sets_that_repeat_the_amount_of_the_check_are_added_up() -> None:
    sets = [transaction(*HEAD, *CLAIM, control="0001"), transaction(*HEAD, *CLAIM, control="0002")]
    text = interchange(*sets).replace("BPR*I*100*", "BPR*I*200*")
    found = streamed(text)
    assert [one.level for one in found if not one.balances] == ["remittance", "remittance"]
    check = found[-1]
    assert check.level == "check"
    assert (check.expected, check.found, check.difference) == (Decimal(200), Decimal(200), Decimal(0))
    assert [(part.amount, part.segment) for part in check.parts] == [(Decimal(100), 4), (Decimal(100), 18)]


def test_sets_that_each_have_their_part_of_the_check_are_added_up() -> None:
    sets = [transaction(*HEAD, *CLAIM, control="0001"), transaction(*HEAD, *CLAIM, control="0002")]
    check = streamed(interchange(*sets))[-1]
    assert check.level == "check"
    assert (check.expected, check.found) == (Decimal(200), Decimal(200))


def test_one_set_for_a_check_needs_no_sum_of_sets() -> None:
    other = transaction(HEAD[0], HEAD[1].replace("EFT77", "EFT78"), *HEAD[2:], *CLAIM, control="0002")
    found = streamed(interchange(transaction(*HEAD, *CLAIM), other))
    assert [one.level for one in found].count("check") == 0


# Shown.


def shown(path: Path, *, every: bool = False) -> str:
    out = StringIO()
    show_balances(path, Console(file=out, width=140, color_system=None), ignore, every=every)
    return out.getvalue()


def json_of(path: Path, *, every: bool = False) -> list[dict[str, object]]:
    out = BytesIO()
    show_balances_json(path, out.write, ignore, every=every)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_only_what_does_not_come_out_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "wrong.835"
    path.write_text(file_of(*BODY).replace("SVC*HC:99213*150*100", "SVC*HC:99213*150*101"))
    text = shown(path)
    assert "CLP #1 SVC #1" in text
    assert "CLP #1 SVC #2" not in text
    assert "-40.00  CAS03 (14) CO-45" in text
    assert text.rstrip().endswith("6 sums, 1 out of balance.")
    (found,) = json_of(path)
    assert (found["code"], found["expected"], found["found"], found["difference"]) == ("R220", "100", "101", "1")
    assert found["parts"] == [
        {"element": "SVC02", "amount": "150", "segment": 13},
        {"element": "CAS03", "amount": "-40", "segment": 14, "about": "CO-45"},
        {"element": "CAS06", "amount": "-10", "segment": 14, "about": "CO-253"},
    ]


def test_all_sums_are_shown_on_request(tmp_path: Path) -> None:
    path = tmp_path / "right.835"
    path.write_text(file_of(*BODY))
    assert shown(path) == "6 sums, all in balance.\n"
    assert json_of(path) == []
    assert len(json_of(path, every=True)) == 6
    assert "CLP #1 SVC #2" in shown(path, every=True)


def test_a_file_that_is_no_835_has_no_balances(tmp_path: Path) -> None:
    path = tmp_path / "ack.999"
    path.write_text(f"{ISA}~GS*FA*A*B*20260105*0900*1*X*005010X231A1~ST*999*1~SE*2*1~GE*1*1~IEA*1*000000001~")
    with pytest.raises(UserError, match="this file holds 999"):
        shown(path)


@pytest.mark.parametrize("seed", range(6))
def test_no_mutation_of_a_remittance_raises_or_loses_the_sum_of_its_parts(seed: int) -> None:
    chance = random.Random(seed)
    judged = 0
    for path in FILES:
        raw = mutate(path.read_bytes()[:6000], chance)
        try:
            for found in stream_balances(BytesIO(raw), path.name, ignore):
                judged += 1
                assert found.expected == sum(part.amount for part in found.parts)
                assert found.difference == found.found - found.expected
        except NotX12:
            continue
    assert judged > 100
