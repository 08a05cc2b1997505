"""835s as a whole: who pays whom and how, provider adjustments, files that come late or again."""

from pathlib import Path

import msgspec
import pytest

from claimloop.simulation.payments import Payment
from claimloop.simulation.simulator import Summary
from claimloop.tests.simulation.making import Line, Visit, answer, plain_rules, segments, texts, truth


def visits(count: int, payer: str = "PLAN1") -> list[Visit]:
    """As many claims of one line."""
    return [Visit(f"{payer}{number}-1", (Line("99213", str(100 + number)),), payer=payer) for number in range(count)]


def pairs(summary: Summary) -> list[list[tuple[str, str, float]]]:
    """Of each PLB: reason, reference, amount."""
    found = []
    for text in segments(summary, "PLB"):
        fields = text.split("*")[3:]
        codes = [(code + ":").split(":") for code in fields[::2]]
        found.append([(code[0], code[1], float(amount)) for code, amount in zip(codes, fields[1::2], strict=True)])
    return found


def test_the_set_names_payer_payee_and_the_money(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit(lines=(Line("99213", "150"),)))
    (payment,) = summary.payments
    company, trace = payment.company_id, payment.trace_number
    day = f"{payment.date:%Y%m%d}"
    assert texts(summary)[0][2:15] == [
        "ST*835*0001",
        f"BPR*I*67.75*C*ACH*CCP*01*999999992*DA*1000200030*{company}**01*999988880*DA*"
        f"{segments(summary, 'BPR')[0].split('*')[15]}*{day}",
        f"TRN*1*{trace}*{company}", f"DTM*405*{day}", "N1*PR*INVENTED PLAN", "N3*1 MADE UP STREET",
        "N4*NOWHERE*PA*17111", "REF*2U*PLAN1", "PER*BL*EDI HELP*TE*8005550100",
        "N1*PE*INVENTED DERMATOLOGY*XX*1234567893", "REF*TJ*123456789", "LX*1",
        segments(summary, "CLP")[0],
    ]  # fmt: skip
    assert payment == Payment(
        trace, "PLAN1", "INVENTED PLAN", "INVENTED DERMATOLOGY", "1234567893", "123456789", 67_75, payment.date, "ACH",
        company,
    )  # fmt: skip


def test_the_answer_goes_back_the_way_the_claim_came(tmp_path: Path) -> None:
    isa, gs = texts(answer(tmp_path, Visit()))[0][:2]
    assert isa.split("*")[5:9] == ["ZZ", "INVENTEDHOUSE  ", "ZZ", "INVENTEDDERM   "]
    assert gs.split("*")[1:4] == ["HP", "INVENTEDHOUSE", "INVENTEDDERM"]


def test_a_plan_may_pay_by_check(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit(filing="MC"))
    assert segments(summary, "BPR")[0].split("*")[3:6] == ["C", "CHK", ""]
    assert summary.payments[0].method == "CHK"


def test_each_payer_has_a_file_of_its_own(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit(), Visit("VISIT2-1", payer="PLAN2"))
    assert sorted(path.name.split("-")[3] for path in summary.remittances) == ["PLAN1", "PLAN2"]
    assert len({payment.company_id for payment in summary.payments}) == 2


def test_names_and_numbers_of_other_systems_cannot_break_the_syntax(tmp_path: Path) -> None:
    visit = Visit("A|B^C", name="O^NEIL", member="M\\1")
    summary = answer(tmp_path, visit)
    assert segments(summary, "CLP")[0].split("*")[1] == "A|B-C"
    assert segments(summary, "NM1")[0].split("*")[3] == "O-NEIL"


def test_more_taken_than_paid_moves_to_later_835s(tmp_path: Path) -> None:
    summary = answer(tmp_path, *visits(40), scenario="forward_balance")
    brought: dict[str, float] = {}
    for one in pairs(summary):
        for reason, reference, amount in one:
            if reason == "FB":
                assert amount < 0 or brought[reference] >= amount - 0.001, "brought forward before it was moved on"
                brought[reference] = brought.get(reference, 0) - amount
    assert len(brought) >= 2
    assert {round(left, 2) for left in brought.values()} != {0.0}
    assert all(float(text.split("*")[2]) >= 0 for text in segments(summary, "BPR"))
    assert set(brought) <= {text.split("*")[2] for text in segments(summary, "TRN")}


def test_a_lump_sum_belongs_to_no_claim(tmp_path: Path) -> None:
    summary = answer(tmp_path, *visits(4), scenario="lump_sum")
    sums = [(reason, amount) for one in pairs(summary) for reason, _, amount in one if reason != "FB"]
    assert sums
    assert all((reason in ("IP", "BN", "LS", "B2")) == (amount < 0) for reason, amount in sums)


def test_many_provider_adjustments_take_two_plb(tmp_path: Path) -> None:
    summary = answer(tmp_path, *visits(1), scenario="two_plb_segments")
    first, second = pairs(summary)
    assert (len(first), len(second) > 0) == (6, True)


def test_at_most_six_provider_adjustments_are_in_a_set(tmp_path: Path) -> None:
    some = ("recoupment=0.6", "interest=0.4", "lump_sum=0.5", "forward_balance=0.5")
    summary = answer(tmp_path, *visits(120), scenario=some)
    plb_in_a_set = [
        sum(text.startswith("PLB") for text in one.split("~\n"))
        for path in summary.remittances
        for one in path.read_text(encoding="ascii").split("\nST*")[1:]
    ]
    assert max(plb_in_a_set) == 1


def test_a_file_may_come_again_byte_for_byte(tmp_path: Path) -> None:
    summary = answer(tmp_path, *visits(10), scenario="repeated_file")
    copies = {path.read_bytes() for path in summary.repeats}
    assert len(summary.repeats) == len(copies) == len(summary.remittances) / 2
    assert all(path.read_bytes() in copies for path in summary.remittances)


def test_an_835_may_come_again_inside_a_clearinghouses_file(tmp_path: Path) -> None:
    summary = answer(tmp_path, *visits(10), *visits(10, "PLAN2"), scenario="repeated_835")
    own = [file for file in texts(summary) if "CLEARINGHOUSE" not in file[0]]
    again = [file for file in texts(summary) if "CLEARINGHOUSE" in file[0]]
    body = ("BPR", "TRN", "CLP", "SVC", "CAS", "NM1", "REF")
    assert sorted(t for file in own for t in file if t.startswith(body)) == sorted(
        t for file in again for t in file if t.startswith(body)
    )
    comes = [row["comes"] for row in truth(summary, "remittance")]
    assert comes.count("again") == comes.count("first") > 0


def test_one_check_may_be_told_by_two_835s(tmp_path: Path) -> None:
    summary = answer(tmp_path, *visits(30), scenario="two_835s_one_check")
    by_trace: dict[object, list[dict[str, object]]] = {}
    for row in truth(summary, "remittance"):
        by_trace.setdefault(row["trace_number"], []).append(row)
    two = [rows for rows in by_trace.values() if len(rows) == 2]
    assert two
    amounts = {payment.trace_number: payment.amount for payment in summary.payments}
    for rows in two:
        first, second = (round(float(str(row["payment_amount"])) * 100) for row in rows)
        assert first != second
        assert first + second == amounts[str(rows[0]["trace_number"])]


def test_two_835s_for_one_check_never_have_the_same_amount(tmp_path: Path) -> None:
    same = [Visit(f"A{number}-1", (Line("99213", "150"),), member=f"M{number}") for number in range(12)]
    summary = answer(tmp_path, *same, scenario="two_835s_one_check")
    keys = [(row["trace_number"], row["payment_amount"]) for row in truth(summary, "remittance")]
    assert len(set(keys)) == len(keys)


def test_a_late_file_arrives_behind_the_next_payment(tmp_path: Path) -> None:
    summary = answer(tmp_path, *visits(60), scenario="out_of_order=0.5", seed=1)
    paid = [file[3].split("*")[16] for file in texts(summary)]
    assert paid != sorted(paid)
    assert [path.name for path in summary.remittances] == sorted(path.name for path in summary.remittances)
    assert all(
        path.name[:10].replace("-", "")[2:] == file[0].split("*")[9]
        for path, file in zip(summary.remittances, texts(summary), strict=True)
    )


def test_a_payment_that_differs_from_its_parts_is_a_dollar_out(tmp_path: Path) -> None:
    summary = answer(tmp_path, Visit(lines=(Line("99213", "150"),)), scenario="unbalanced_payment")
    assert segments(summary, "BPR")[0].split("*")[2] == "68.75"
    assert [row["comes"] for row in truth(summary, "remittance")] == ["unbalanced"]


@pytest.mark.parametrize(("day", "file_day"), [("20261006", "2026-10"), ("20240131", "2024-02")])
def test_days_follow_the_day_of_receipt(tmp_path: Path, day: str, file_day: str) -> None:
    from claimloop.simulation.simulator import simulate
    from claimloop.tests.simulation.making import write_837

    service = f"{int(day) - 3}"
    source = write_837(tmp_path / "a.837", Visit(lines=(Line(day=service),)), day=day)
    summary = simulate([source], tmp_path / "out", 1, scenarios=("none",), rules=plain_rules())
    assert summary.remittances[0].name.startswith(file_day)


def test_the_cycle_is_a_rule(tmp_path: Path) -> None:
    rules = plain_rules()
    cycle = msgspec.structs.replace(rules.cycle, shortest_days=0, longest_days=0, every_days=1)
    summary = answer(tmp_path, Visit(), rules=msgspec.structs.replace(rules, cycle=cycle))
    assert summary.payments[0].date == summary.received
