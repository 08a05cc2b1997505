"""TA1, 999, 277CA and the bank's side of a simulated payer; and what the truth says of the first three."""

import csv
import json
from pathlib import Path

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.guides import pyx12_opinion
from claimloop.edi.validate import validate
from claimloop.simulation.answers import Answers, answer
from claimloop.simulation.bank import transfers, with_check_digit
from claimloop.tests.simulation.making import Line, Visit, write_837

VISITS = [Visit(f"VISIT{number}-1", payer=f"PLAN{number % 2 + 1}", member=f"M{number}") for number in range(40)]


@pytest.fixture
def answers(tmp_path: Path) -> Answers:
    """What forty claims get back, one of which does not add up and a few of unknown members."""
    odd = Visit("ODD-1", (Line("99213", "150"),), charge="99", more=("REF*D9*TRACE77",))
    sent = write_837(tmp_path / "claims.837", *VISITS, odd)
    return answer([sent], tmp_path / "answers", 7, scenarios=["usual", "rejected=0.1"])


def segments(path: Path) -> list[str]:
    return path.read_text(encoding="ascii").replace("\n", "").split("~")


def truths(answers: Answers) -> list[dict[str, object]]:
    return [json.loads(line) for line in answers.acknowledgement_truth.read_text(encoding="utf-8").splitlines()]


def test_everything_that_is_x12_is_right_in_every_eye(answers):
    files = [*answers.acknowledgements, *answers.statuses]
    assert [path.suffix for path in files] == [".ta1", ".999", ".277"]
    for path in files:
        found: list[Diagnostic] = []
        validate(path, found.append)
        assert [finding.render() for finding in found if finding.severity == "error"] == []
        assert pyx12_opinion(path) == "accepts"
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_277_tells_of_each_claim_and_its_totals_come_out(answers):
    told = segments(answers.statuses[0])
    numbers = [text.split("*")[2] for text in told if text.startswith("TRN*2*")][1:]
    assert numbers == [*(visit.number for visit in VISITS), "ODD-1"]
    refused = [row for row in truths(answers) if row.get("accepted") is False]
    assert f"QTY*90*{41 - len(refused)}" in told
    assert f"QTY*AA*{len(refused)}" in told
    assert "REF*D9*TRACE77" in told


def test_the_truth_says_what_the_277_says(answers):
    rows = [row for row in truths(answers) if "claim_control_number" in row]
    told = segments(answers.statuses[0])
    categories = [text.split("*")[1].split(":")[0] for text in told if text.startswith("STC*") and ":PR*" not in text]
    assert [row["category"] for row in rows] == categories
    assert {row["because"] for row in rows} == {"", "unknown member", "does not add up"}
    assert rows[-1]["category"] == "A7"


def test_a_refused_claim_gets_no_835(answers):
    refused = {row["claim_control_number"] for row in truths(answers) if row.get("accepted") is False}
    paid = "".join(path.read_text(encoding="ascii") for path in answers.summary.remittances)
    assert refused
    assert not [number for number in refused if f"CLP*{number}*" in paid]


def test_the_truth_names_the_answers_to_the_file(answers):
    (row,) = (row for row in truths(answers) if "claim_control_number" not in row)
    assert (row["file"], row["accepted"]) == ("claims.837", True)
    assert row["answers"] == [path.name for path in answers.acknowledgements]


def test_a_spoilt_file_is_rejected_by_its_999(tmp_path):
    sent = write_837(tmp_path / "claims.837", VISITS[0])
    sent.write_text(sent.read_text(encoding="ascii").replace("*11:B:1*", "*11:X:1*"), encoding="ascii")
    said = answer([sent], tmp_path / "answers", 7)
    (row,) = (row for row in truths(said) if "claim_control_number" not in row)
    assert row["accepted"] is False
    assert "IK5*R" in said.acknowledgements[1].read_text(encoding="ascii")


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    sent = write_837(tmp_path / "claims.837", *VISITS)
    one, two = (answer([sent], tmp_path / name, 7) for name in ("one", "two"))
    for mine in sorted(one.summary.truth.parent.iterdir()):
        assert mine.read_bytes() == (two.summary.truth.parent / mine.name).read_bytes()


# The bank.


def test_the_statement_has_each_transfer_and_no_formula(answers):
    with answers.statement.open(encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))
    sent = transfers(answers.summary.payments)
    assert [(row["date"], row["amount"]) for row in rows] == [
        (each.date.isoformat(), f"{each.amount / 100:.2f}") for each in sent
    ]
    assert sent
    assert all(
        row["addenda"] == f"TRN*1*{each.trace_number}*{each.company_id}~" for row, each in zip(rows, sent, strict=True)
    )
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_the_nacha_file_comes_out_by_position(answers):
    lines = answers.nacha.read_text(encoding="ascii").splitlines()
    assert {len(line) for line in lines} == {94}
    assert len(lines) % 10 == 0
    records = [line for line in lines if line != "9" * 94]
    entries = [line for line in records if line[0] == "6"]
    addenda = [line for line in records if line[0] == "7"]
    sent = transfers(answers.summary.payments)
    assert [int(line[29:39]) for line in entries] == [each.amount for each in sent]
    assert [line[3:83].rstrip() for line in addenda] == [
        f"TRN*1*{each.trace_number}*{each.company_id}~" for each in sent
    ]
    hashed = sum(int(line[3:11]) for line in entries) % 10**10
    control = records[-1]
    batches = [line for line in records if line[0] == "8"]
    assert (control[0], int(control[1:7]), int(control[7:13])) == ("9", len(batches), len(lines) // 10)
    assert (int(control[13:21]), int(control[21:31])) == (2 * len(entries), hashed)
    assert int(control[43:55]) == sum(each.amount for each in sent)
    assert sum(int(line[32:44]) for line in batches) == int(control[43:55])
    opened = [line for line in records if line[0] == "5"]
    assert [line[69:75] for line in opened] == sorted(line[69:75] for line in opened)
    for line in entries:
        weighed = sum(int(digit) * weight for digit, weight in zip(line[3:12], (3, 7, 1) * 3, strict=True))
        assert weighed % 10 == 0


def test_a_routing_number_gets_its_check_digit():
    assert with_check_digit("01100001") == "011000015"  # the Federal Reserve's own
