"""The payer's own reader of 837P files."""

from pathlib import Path

import pytest

from claimloop.edi.diagnostics import NotX12
from claimloop.simulation.submitted import PriorAdjustment, PriorLine, read_submitted
from claimloop.tests.simulation.making import Line, Visit, write_837

DATA = Path(__file__).parents[1] / "data"


def test_a_claim_knows_everything_above_it(tmp_path: Path) -> None:
    (claim,) = read_submitted(
        write_837(tmp_path / "a.837", Visit(more=("REF*F8*ICN9", "REF*D9*TRACE7", "AMT*F5*12.5")))
    )
    assert (claim.interchange.control_number, claim.group.sender, claim.transaction) == (
        "000000017", "INVENTEDDERM", "0001",
    )  # fmt: skip
    assert (claim.batch_id, claim.batch_date, claim.guide) == ("BATCH17", "20261006", "005010X222A1")
    assert (claim.submitter.name, claim.receiver.id) == ("INVENTED DERMATOLOGY", "INVENTEDHOUSE")
    assert (claim.billing_provider.npi, claim.billing_provider.tax_id) == ("1234567893", "123456789")
    assert (claim.payer.id, claim.subscriber.id, claim.patient.name) == ("PLAN1", "M1001", "MARLOWE")
    assert (claim.patient.birth_date, claim.patient.sex, claim.responsibility) == ("19800203", "F", "P")
    assert (claim.charge, claim.place_of_service, claim.frequency) == (24500, "11", "1")
    assert (claim.payer_claim_number, claim.trace, claim.patient_paid) == ("ICN9", "TRACE7", 1250)
    assert claim.diagnoses == ("L570", "D225")


def test_a_line_has_its_number_code_charge_and_day(tmp_path: Path) -> None:
    (claim,) = read_submitted(write_837(tmp_path / "a.837", Visit()))
    line = claim.lines[0]
    assert (line.number, line.line_control_number, line.procedure, line.modifiers) == (
        "1", "VISIT11L01", "99213", ("25",),
    )  # fmt: skip
    assert (line.charge, line.units, line.first_day, line.last_day, line.pointers) == (
        15000, "1", "20260910", "20260910", ("1",),
    )  # fmt: skip


def test_segment_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    path = write_837(tmp_path / "a.837", Visit(), Visit("VISIT2-1"))
    texts = path.read_text(encoding="ascii").split("~\n")
    for claim in read_submitted(path):
        assert texts[claim.segment - 1].startswith(f"CLM*{claim.control_number}*")
        assert texts[claim.last_segment - 1].startswith("REF*6R*")
        assert [texts[line.segment - 1] for line in claim.lines] == ["LX*1", "LX*2"]


def test_other_payers_and_what_they_decided_are_read(tmp_path: Path) -> None:
    more = (
        "SBR*P*18*******MB",
        "CAS*CO*45*7",
        "AMT*D*80.25",
        "NM1*IL*1*MARLOWE*ADA****MI*1EG4",
        "NM1*PR*2*FIRST*****PI*F1",
    )
    line = Line(more=("SVD*F1*80.25*HC:99213**1", "CAS*CO*45*40**253*1", "CAS*PR*2*20"))
    (claim,) = read_submitted(write_837(tmp_path / "a.837", Visit(lines=(line,), responsibility="S", more=more)))
    (other,) = claim.other_payers
    assert (other.responsibility, other.payer_id, other.member_id, other.paid) == ("P", "F1", "1EG4", 8025)
    assert other.adjustments == (PriorAdjustment("CO", "45", 700),)
    assert claim.lines[0].prior == (
        PriorLine(
            "F1", 8025,
            (PriorAdjustment("CO", "45", 4000), PriorAdjustment("CO", "253", 100), PriorAdjustment("PR", "2", 2000)),
        ),
    )  # fmt: skip
    assert claim.payer.id == "PLAN1"


def test_an_amount_that_is_no_number_is_counted_and_stands_as_zero(tmp_path: Path) -> None:
    (claim,) = read_submitted(write_837(tmp_path / "a.837", Visit(charge="12O")))
    assert (claim.charge, claim.unreadable) == (0, 1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("837P__ediworkbench__tree-multi-hl.x12", ["ACCT-A1", "ACCT-B1", "ACCT-B2-CHILD", "ACCT-C1", "ACCT-C2"]),
        ("837P__ediworkbench__tree-two-transactions.x12", ["T1-ACCT", "T2-ACCT"]),
        ("837P__imsweb__x12-valid-different-separators.x12", ["A37YH556", "A37YH667"]),
        ("837P__badx12__x222-cob-claim-from-billing-provider-to-payer-b.x12", ["26407789"]),
    ],
)
def test_files_of_other_systems_are_read(name: str, expected: list[str]) -> None:
    claims = list(read_submitted(DATA / name))
    assert [claim.control_number for claim in claims] == expected
    assert all(claim.lines and claim.billing_provider.name and claim.subscriber.name for claim in claims)


def test_a_dependant_is_the_patient_and_the_subscriber_stays(tmp_path: Path) -> None:
    claims = {claim.control_number: claim for claim in read_submitted(DATA / "837P__ediworkbench__tree-multi-hl.x12")}
    child, parent = claims["ACCT-B2-CHILD"], claims["ACCT-B1"]
    assert child.patient != child.subscriber
    assert child.subscriber == parent.subscriber == parent.patient


def test_what_is_no_x12_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("hello", encoding="ascii")
    with pytest.raises(NotX12):
        list(read_submitted(path))
