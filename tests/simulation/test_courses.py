"""Each course of a payment, as it stands in the 835s, and what the ledger must hold in the end."""

from pathlib import Path

import msgspec

from claimloop.simulation.rules import Plan, Rules
from claimloop.tests.simulation.making import Line, Visit, answer, money, plain_rules, segments, texts, truth

ONE = Visit(lines=(Line("99213", "150"),))


def flat_rules() -> Rules:
    """Prices, and 10 % coinsurance."""
    return msgspec.structs.replace(plain_rules(), plan=(Plan(fee_schedule="commercial", coinsurance_percent=10),))


def claims(folder: Path, scenario: str, visit: Visit = ONE, seed: int = 1) -> list[list[str]]:
    """CLP01 to CLP04 of each CLP, in the order of arrival."""
    summary = answer(folder, visit, scenario=scenario, rules=flat_rules(), seed=seed)
    return [text.split("*")[1:5] for text in segments(summary, "CLP")]


def test_the_ordinary_answer_is_one_claim_payment(tmp_path: Path) -> None:
    assert claims(tmp_path, "none") == [["VISIT1-1", "1", "150", "83.48"]]


def test_a_reversal_negates_everything_and_the_correction_follows(tmp_path: Path) -> None:
    summary = answer(tmp_path, ONE, scenario="reversal_same_835", rules=flat_rules())
    first, second = texts(summary)
    assert [text.split("*")[2:5] for text in first if text.startswith("CLP")] == [["1", "150", "83.48"]]
    reversal, correction = (text.split("*") for text in second if text.startswith("CLP"))
    assert reversal[2:6] == ["22", "-150", "-83.48", "-9.27"]
    assert correction[2:4] == ["1", "150"]
    assert [text for text in second if text.startswith(("SVC", "CAS"))][:3] == [
        "SVC*HC:99213*-150*-83.48**1", "CAS*CO*45*-57.25", "CAS*PR*2*-9.27",
    ]  # fmt: skip
    assert money(truth(summary)[0])["insurance_paid"] == f"{float(correction[4]):.2f}"
    assert correction[4] != "83.48"


def test_a_correction_may_come_before_its_reversal(tmp_path: Path) -> None:
    assert [claim[1] for claim in claims(tmp_path, "correction_first")] == ["1", "1", "22"]


def test_reversal_and_correction_may_come_in_two_835s(tmp_path: Path) -> None:
    summary = answer(tmp_path, ONE, scenario="reversal_later_835", rules=flat_rules())
    statuses = [[text.split("*")[2] for text in file if text.startswith("CLP")] for file in texts(summary)]
    assert statuses == [["1"], ["22"], ["1"]]


def test_a_reversal_that_nothing_pays_for_is_a_balance_forward_of_the_835(tmp_path: Path) -> None:
    summary = answer(tmp_path, ONE, scenario="reversal_later_835", rules=flat_rules())
    payment, owed, taken = segments(summary, "BPR")
    assert (payment.split("*")[2], owed.split("*")[1:5]) == ("83.48", ["H", "0", "C", "NON"])
    trace = segments(summary, "TRN")[1].split("*")[2]
    first, second = segments(summary, "PLB")
    assert first.endswith(f"*FB:{trace}*-83.48")
    assert f"*FB:{trace}*83.48" in second
    assert float(taken.split("*")[2]) >= 0


def test_a_recoupment_lets_the_money_be_and_takes_it_later(tmp_path: Path) -> None:
    summary = answer(tmp_path, ONE, scenario="recoupment", rules=flat_rules())
    number = segments(summary, "CLP")[0].split("*")[7]
    first, second = segments(summary, "PLB")
    assert first.endswith(f"*WO:{number}*-83.48")
    assert f"*WO:{number}*83.48" in second
    assert segments(summary, "BPR")[1].split("*")[1:3] == ["H", "0"]
    assert money(truth(summary)[0])["insurance_paid"] == "66.79"


def test_what_is_recouped_without_a_reversal_is_open_and_what_was_decided_stays(tmp_path: Path) -> None:
    visits = [Visit(f"VISIT{each}-1", (Line("99213", "150"),), member=f"M{each}") for each in range(1, 9)]
    summary = answer(tmp_path, *visits, scenario="recouped", rules=flat_rules())
    taken: dict[str, float] = {}
    for one in (part for text in segments(summary, "PLB") for part in text.split("*WO:")[1:]):
        number, amount = one.split("*")[:2]
        taken[number] = taken.get(number, 0) + float(amount)
    paid = {clp.split("*")[7]: float(clp.split("*")[4]) for clp in segments(summary, "CLP")}
    assert taken == paid
    assert {clp.split("*")[2] for clp in segments(summary, "CLP")} == {"1"}
    assert {(row["insurance_paid"], row["open"], row["status"]) for row in truth(summary)} == {
        ("0.00", "83.48", "open")
    }


def test_interest_stands_at_the_claim_and_in_l6(tmp_path: Path) -> None:
    summary = answer(tmp_path, ONE, scenario="interest", rules=flat_rules())
    assert segments(summary, "AMT")[0] == "AMT*I*1.66"
    assert segments(summary, "PLB") == ["PLB*1234567893*20261231*L6*-1.66"]
    assert segments(summary, "BPR")[0].split("*")[2] == "85.14"
    assert money(truth(summary)[0])["insurance_paid"] == "83.48"


def test_a_split_claim_is_answered_in_parts_with_one_control_number(tmp_path: Path) -> None:
    parts = claims(tmp_path, "claim_split", Visit())
    assert [part[:3] for part in parts] == [["VISIT1-1", "1", "150"], ["VISIT1-1", "1", "95"]]
    assert segments(answer(tmp_path / "again", Visit(), scenario="claim_split"), "MOA") == ["MOA***MA15"] * 2


def test_the_same_decision_again_is_held(tmp_path: Path) -> None:
    summary = answer(tmp_path, ONE, scenario="claim_twice", rules=flat_rules())
    first, second = (text.split("*", 3)[3] for text in segments(summary, "CLP"))
    assert first == second
    assert [row["suspense"] for row in truth(summary, "remittance_line")] == [
        None, "already_adjudicated",
    ]  # fmt: skip


def test_a_split_line_comes_back_twice_with_its_number_and_original_units(tmp_path: Path) -> None:
    visit = Visit(lines=(Line("17003", "100", units="5"),))
    summary = answer(tmp_path, visit, scenario="line_split", rules=flat_rules())
    assert segments(summary, "SVC") == ["SVC*HC:17003*50*15.42**2**5", "SVC*HC:17003*50*15.41**3**5"]
    assert segments(summary, "REF")[-2:] == ["REF*6R*VISIT11L01"] * 2
    assert [row["submitted_line"] for row in truth(summary, "remittance_line")] == [1, 1]
    assert money(truth(summary)[0]) == {
        "insurance_paid": "30.83", "contractual": "65.75", "patient": "3.42", "status": "paid",
    }  # fmt: skip


def test_a_split_line_without_a_number_comes_back_with_its_lx(tmp_path: Path) -> None:
    visit = Visit(lines=(Line("99213", "150"), Line("11900", "300", number="")))
    summary = answer(tmp_path, visit, scenario="line_split", rules=flat_rules())
    assert segments(summary, "REF")[-2:] == ["REF*6R*2"] * 2


def test_an_unbundled_line_comes_back_under_two_codes_with_its_number(tmp_path: Path) -> None:
    summary = answer(tmp_path, ONE, scenario="unbundled", rules=flat_rules())
    first, second = segments(summary, "SVC")
    assert first.startswith("SVC*HC:99213*75*")
    assert second.startswith("SVC*HC:99070*75*")
    assert second.endswith("*HC:99213")
    assert segments(summary, "REF")[-2:] == ["REF*6R*VISIT11L01"] * 2


def test_a_bundled_line_has_the_other_code_and_its_own_in_svc06(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit(), scenario="bundled", rules=flat_rules())
    assert segments(summary, "SVC")[1] == "SVC*HC:99213:25*95*0**1*HC:17000"
    assert "CAS*CO*97*95" in segments(summary, "CAS")
    assert money(truth(summary)[1]) == {"open": "95.00", "denied": "95.00", "status": "denied"}


def test_a_bundled_line_may_have_nothing_but_its_number(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit(), scenario="bundled_without_svc06", rules=flat_rules())
    assert segments(summary, "SVC")[1] == "SVC*HC:99213:25*95*0**1"
    assert segments(summary, "REF")[-1] == "REF*6R*VISIT11L02"


def test_a_changed_code_keeps_the_submitted_one_in_svc06(tmp_path: Path) -> None:
    summary = answer(tmp_path, ONE, scenario="changed_code", rules=flat_rules())
    assert segments(summary, "SVC") == ["SVC*HC:99212*150*83.48**1*HC:99213"]
    assert truth(summary)[0]["procedure"] == "99213"


def test_a_denial_may_have_status_4(tmp_path: Path) -> None:
    assert claims(tmp_path, "denied_status_4") == [["VISIT1-1", "4", "150", "0"]]


def test_a_notice_without_money_stands_apart(tmp_path: Path) -> None:
    paid = Visit("VISIT2-1", member="M2", lines=(Line("99213", "151"),))
    summary = answer(tmp_path, ONE, paid, scenario=("none", "zero_pay_notice=0.5"), rules=flat_rules(), seed=3)
    assert summary.scenarios == {"": 1, "zero_pay_notice": 1}
    assert sorted(text.split("*")[1:5] for text in segments(summary, "BPR")) == [
        ["H", "0", "C", "NON"], ["I", "83.48", "C", "ACH"],
    ]  # fmt: skip


def test_a_crossover_is_paid_by_the_next_payer_after_oa_23(tmp_path: Path) -> None:
    summary = answer(tmp_path, ONE, scenario="crossover", rules=flat_rules())
    first, second = segments(summary, "CLP")
    assert (first.split("*")[2], second.split("*")[2]) == ("19", "2")
    assert "NM1*TT*2*INVENTED SUPPLEMENT*****PI*XOVR2" in segments(summary, "NM1")
    assert "CAS*OA*23*140.73" in segments(summary, "CAS")
    row = truth(summary)[0]
    assert float(str(row["insurance_paid"])) + float(str(row["patient"])) == 92.75
    assert (row["contractual"], row["open"]) == ("57.25", "0.00")


def test_what_a_primary_sent_on_stays_open_until_the_next_payer_answers(tmp_path: Path) -> None:
    summary = answer(tmp_path, ONE, scenario="crossover_unanswered", rules=flat_rules())
    assert money(truth(summary)[0]) == {
        "insurance_paid": "83.48", "contractual": "57.25", "open": "9.27", "status": "open",
    }  # fmt: skip


def test_another_payers_claim_is_sent_on_and_nothing_is_decided(tmp_path: Path) -> None:
    summary = answer(tmp_path, ONE, scenario="not_our_claim", rules=flat_rules())
    assert segments(summary, "CLP")[0].split("*")[2:5] == ["23", "150", "0"]
    assert money(truth(summary)[0]) == {"open": "150.00", "status": "open"}


def test_a_claim_level_decision_of_several_lines_goes_to_the_bucket(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit(), scenario="claim_level", rules=flat_rules())
    assert segments(summary, "SVC") == []
    assert segments(summary, "CAS") == ["CAS*CO*45*85.85", "CAS*PR*2*15.91"]
    *lines, bucket = truth(summary)
    assert [money(row) for row in lines] == [
        {"open": "150.00", "status": "submitted"}, {"open": "95.00", "status": "submitted"},
    ]  # fmt: skip
    assert bucket["line_control_number"] is None
    assert money(bucket) == {
        "insurance_paid": "143.24", "contractual": "85.85", "patient": "15.91", "open": "-245.00", "status": "open",
    }  # fmt: skip


def test_a_claim_level_decision_of_one_line_is_the_lines(tmp_path: Path) -> None:
    summary = answer(tmp_path, ONE, scenario="claim_level", rules=flat_rules())
    assert money(truth(summary)[0])["insurance_paid"] == "83.48"
    assert truth(summary, "remittance_line")[0]["submitted_line"] == 1


def test_a_claim_that_was_never_sent_belongs_to_nothing(tmp_path: Path) -> None:
    summary = answer(tmp_path, ONE, scenario="unknown_claim", rules=flat_rules())
    ours, theirs = truth(summary, "remittance_line")
    assert (ours["claim_control_number"], ours["suspense"]) == ("VISIT1-1", None)
    assert (theirs["claim_control_number"], theirs["suspense"]) == (None, "no_claim_matches")
    assert [text.split("*")[3] for text in segments(summary, "NM1")] != ["MARLOWE", "MARLOWE"]


def test_a_claim_that_does_not_balance_is_a_dollar_out_and_held(tmp_path: Path) -> None:
    summary = answer(tmp_path, ONE, scenario="unbalanced_claim", rules=flat_rules())
    assert segments(summary, "CLP")[0].split("*")[4] == "84.48"
    assert truth(summary, "remittance_line")[0]["suspense"] == "payment_out_of_balance"
    assert money(truth(summary)[0]) == {"open": "150.00", "status": "submitted"}


def test_what_the_front_end_refuses_and_what_nobody_answers_has_no_835(tmp_path: Path) -> None:
    for scenario, refused in (("rejected", 1), ("unanswered", 0)):
        summary = answer(tmp_path / scenario, ONE, scenario=scenario)
        assert (summary.remittances, summary.refused) == ([], refused)
        assert money(truth(summary)[0]) == {"open": "150.00", "status": "submitted"}


def test_a_void_is_answered_by_the_reversal_of_what_stands(tmp_path: Path) -> None:
    first = answer(tmp_path / "first", Visit(), seed=4)
    sent = segments(first, "CLP")[0].split("*")
    void = Visit("VISIT1-2", frequency="8", more=(f"REF*F8*{sent[7]}",))
    summary = answer(tmp_path / "void", void, seed=4)
    reversal = segments(summary, "CLP")[0].split("*")
    assert reversal[1:4] == ["VISIT1-2", "22", f"-{sent[3]}"]
    assert reversal[4:6] == [f"-{sent[4]}", f"-{sent[5]}"]
    assert reversal[7] == sent[7]
    assert [(row["charge"], row["status"]) for row in truth(summary)] == [("0.00", "voided")] * 2


def test_a_void_of_a_corrected_claim_reverses_the_correction(tmp_path: Path) -> None:
    first = answer(tmp_path / "first", ONE, scenario="reversal_same_835", seed=4)
    corrected = segments(first, "CLP")[2].split("*")
    void = msgspec.structs.replace(ONE, number="VISIT1-2", frequency="8", more=(f"REF*F8*{corrected[7]}",))
    summary = answer(tmp_path / "void", void, scenario="reversal_same_835", seed=4)
    assert [text.split("*")[4] for text in segments(summary, "CLP")] == [f"-{corrected[4]}"]


def test_a_void_of_a_claim_that_the_payer_never_had_is_refused(tmp_path: Path) -> None:
    for more in ((), ("REF*F8*SOMEBODYELSES",)):
        summary = answer(tmp_path / str(len(more)), Visit(frequency="8", more=more))
        assert (summary.refused, summary.remittances) == (1, [])
