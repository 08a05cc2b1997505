"""What a payer decides by its rules, seen in the 835 that it sends."""

from pathlib import Path

import msgspec
import pytest

from claimloop.simulation.rules import CoverageEnded, Denial, Plan, Rules
from claimloop.tests.simulation.making import Line, Visit, answer, money, plain_rules, segments, truth


def with_plan(**fields: object) -> Rules:
    """Plain rules with one plan for everybody."""
    plan = msgspec.structs.replace(Plan(fee_schedule="commercial"), **fields)
    return msgspec.structs.replace(plain_rules(), plan=(plan,))


def test_a_price_takes_the_rest_of_the_charge_off_by_contract(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit(lines=(Line("99213", "150"),)), rules=with_plan())
    assert segments(summary, "SVC", "CAS", "AMT") == ["SVC*HC:99213*150*92.75**1", "CAS*CO*45*57.25", "AMT*B6*92.75"]


def test_a_price_counts_for_each_unit(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit(lines=(Line("17003", "100", units="5"),)), rules=with_plan())
    assert segments(summary, "SVC") == ["SVC*HC:17003*100*34.25**5"]


def test_a_charge_below_the_price_is_paid_in_full(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit(lines=(Line("99213", "80"),)), rules=with_plan())
    assert segments(summary, "SVC", "CAS") == ["SVC*HC:99213*80*80**1"]


def test_a_code_without_a_price_is_allowed_at_a_percentage(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit(lines=(Line("11900", "100"),)), rules=with_plan())
    assert segments(summary, "SVC") == ["SVC*HC:11900*100*62**1"]


def test_deductible_copay_and_coinsurance_are_the_patients(tmp_path: Path) -> None:
    rules = with_plan(deductible="10.00", deductible_rate=1.0, copay="25.00", coinsurance_percent=10)
    summary = answer(tmp_path, Visit(), rules=rules)
    cas = segments(summary, "CAS")
    deductible = cas[1].split("*")[3]
    assert cas[1] == f"CAS*PR*1*{deductible}**3*25"
    assert 0 < float(deductible) <= 10
    assert cas[3] == "CAS*PR*2*6.64"  # the deductible is used up, and a procedure has no copay


def test_sequestration_is_taken_off_what_is_left_to_pay(tmp_path: Path) -> None:
    rules = with_plan(coinsurance_percent=20, sequestration_percent=2)
    summary = answer(tmp_path, Visit(lines=(Line("99213", "150"),)), rules=rules)
    assert segments(summary, "SVC", "CAS") == [
        "SVC*HC:99213*150*72.72**1", "CAS*CO*45*57.25**253*1.48", "CAS*PR*2*18.55",
    ]  # fmt: skip


def test_further_procedures_are_cut_but_not_the_dearest(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit(lines=(Line("11102", "200"), Line("12031", "400"))), rules=without_bundling())
    assert segments(summary, "CAS") == ["CAS*CO*45*98.85**59*50.57", "CAS*CO*45*151.4"]


def without_bundling() -> Rules:
    return msgspec.structs.replace(with_plan(), bundling=None)


def test_a_code_that_is_part_of_another_is_refused_unless_a_modifier_says_otherwise(tmp_path: Path) -> None:
    part = Visit(lines=(Line("17004", "300"), Line("17000", "95")))
    own = Visit("VISIT2-1", lines=(Line("17004", "300"), Line("17000", "96", ("59",))))
    summary = answer(tmp_path, part, own, rules=with_plan())
    assert [text for text in segments(summary, "CAS", "LQ") if "97" in text or "LQ" in text] == [
        "CAS*CO*97*95", "LQ*HE*M15",
    ]  # fmt: skip


def test_a_visit_in_a_global_period_is_refused_unless_a_modifier_says_otherwise(tmp_path: Path) -> None:
    within = Visit(lines=(Line("99213", "150"), Line("17000", "95")))
    apart = Visit("VISIT2-1", lines=(Line("99213", "151", ("25",)), Line("17000", "95")))
    before = Visit("VISIT3-1", lines=(Line("99213", "152", day="20260909"), Line("17000", "95")))
    summary = answer(tmp_path, within, apart, before, rules=with_plan())
    assert [text for text in segments(summary, "CAS", "LQ") if "97" in text or "LQ" in text] == [
        "CAS*CO*97*150", "LQ*HE*M144",
    ]  # fmt: skip


def test_a_claim_that_comes_too_late_is_refused(tmp_path: Path) -> None:
    late = Visit(lines=(Line("99213", "150", day="20251005"),))
    in_time = Visit("VISIT2-1", lines=(Line("99213", "151", day="20251006"),))
    summary = answer(tmp_path, late, in_time, rules=with_plan())
    assert [text for text in segments(summary, "CAS") if "*29*" in text] == ["CAS*CO*29*150"]


def test_the_same_claim_under_another_number_is_a_duplicate(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit("FIRST-1"), Visit("SECOND-1"), rules=with_plan())
    assert [(row["claim_control_number"], row["status"]) for row in truth(summary)] == [
        ("FIRST-1", "paid"), ("FIRST-1", "paid"), ("SECOND-1", "denied"), ("SECOND-1", "denied"),
    ]  # fmt: skip
    assert [text for text in segments(summary, "CAS") if "*18*" in text] == ["CAS*CO*18*150", "CAS*CO*18*95"]


def test_the_same_claim_under_the_same_number_decides_nothing_twice(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit(), Visit(), rules=with_plan())
    assert [row["status"] for row in truth(summary)] == ["paid", "paid"]
    held = [row["suspense"] for row in truth(summary, "remittance_line")]
    assert held == [None, None] + 2 * ["already_adjudicated"]


def test_a_replacement_is_no_duplicate(tmp_path: Path) -> None:
    again = Visit("VISIT1-2", frequency="7", more=("REF*F8*2600000000001",))
    summary = answer(tmp_path, Visit(), again, rules=with_plan())
    assert [row["status"] for row in truth(summary)] == ["paid"] * 4


def test_coverage_that_ended_is_the_patients_matter(tmp_path: Path) -> None:
    rules = msgspec.structs.replace(with_plan(), coverage_ended=CoverageEnded(group="PR", reason="27", rate=1.0))
    summary = answer(tmp_path, Visit(lines=(Line(),)), rules=rules)
    assert segments(summary, "CAS") == ["CAS*PR*27*150"]
    assert [money(row) for row in truth(summary)] == [{"patient": "150.00", "status": "patient"}]


@pytest.mark.parametrize(
    ("fields", "denied"),
    [
        ({"procedures": frozenset(("99213",))}, ["99213"]),
        ({"modifiers": frozenset(("25",))}, ["99213"]),
        ({"places": frozenset(("11",))}, ["99213", "17000"]),
        ({"places": frozenset(("12",))}, []),
        ({"diagnoses": ("L57",)}, ["99213", "17000"]),
        ({"diagnoses": ("D22",)}, []),
        ({"rate": 0.0}, []),
    ],
)
def test_a_denial_hits_the_lines_that_it_describes(
    tmp_path: Path, fields: dict[str, object], denied: list[str]
) -> None:
    rule = msgspec.structs.replace(Denial(group="CO", reason="50", remarks=("N115",)), **fields)
    summary = answer(tmp_path, Visit(), rules=msgspec.structs.replace(with_plan(), denial=(rule,)))
    assert [row["procedure"] for row in truth(summary) if row["status"] == "denied"] == denied
    assert segments(summary, "LQ") == ["LQ*HE*N115"] * len(denied)


def test_a_rate_is_how_many_lines_a_denial_hits(tmp_path: Path) -> None:
    rules = msgspec.structs.replace(with_plan(), denial=(Denial(group="CO", reason="16", rate=0.25),))
    visits = [Visit(f"V{number}-1", (Line("99213", str(100 + number)),)) for number in range(400)]
    summary = answer(tmp_path, *visits, rules=rules)
    assert 70 <= sum(row["status"] == "denied" for row in truth(summary)) <= 130


OTHER_PAYER = (
    "SBR*P*18*******MB",
    "AMT*D*80",
    "OI***Y***Y",
    "NM1*IL*1*MARLOWE*ADA****MI*1EG4",
    "NM1*PR*2*FIRST*****PI*FIRST1",
)


def test_a_secondary_payer_reports_what_the_first_one_did_as_oa_23(tmp_path: Path) -> None:
    line = Line(
        "99213", "150", more=("SVD*FIRST1*80*HC:99213**1", "CAS*CO*45*50", "CAS*PR*2*20", "DTP*573*D8*20261001")
    )
    second = Visit(lines=(line,), responsibility="S", more=OTHER_PAYER)
    summary = answer(tmp_path, second, rules=with_plan(coinsurance_percent=10))
    assert segments(summary, "CLP")[0].split("*")[2:5] == ["2", "150", "20"]
    assert segments(summary, "SVC", "CAS") == ["SVC*HC:99213*150*20**1", "CAS*OA*23*130"]


def test_a_first_payer_that_sent_no_lines_is_spread_over_them(tmp_path: Path) -> None:
    lines = Line("99213", "150"), Line("17000", "50")
    first = ("SBR*P*18*******MB", "CAS*CO*45*20", "AMT*D*160", *OTHER_PAYER[2:])
    summary = answer(tmp_path, Visit(lines=lines, responsibility="S", more=first), rules=with_plan())
    assert segments(summary, "SVC", "CAS") == [
        "SVC*HC:99213*150*15**1", "CAS*OA*23*135", "SVC*HC:17000*50*5**1", "CAS*OA*23*45",
    ]  # fmt: skip


def test_a_plan_is_chosen_by_payer_and_filing_indicator(tmp_path: Path) -> None:
    medicare = Visit(filing="MB", lines=(Line("99213", "150"),))
    summary = answer(tmp_path, medicare)
    assert segments(summary, "CAS") == ["CAS*CO*45*63.66**253*1.38", "CAS*PR*2*17.26"]
