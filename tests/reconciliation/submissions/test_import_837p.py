"""Claims that another system sent: taken as submitted, once, and paid like our own."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.submissions.import_837p import Imported, import_837p
from claimloop.tests.reconciliation.making import (
    MOMENT,
    answer,
    encounter,
    new_ledger,
    prove,
    receive_sets,
    remittance,
    reversal,
    rows,
    send,
    service,
)
from claimloop.tests.reconciliation.six_claims import held, of

HEAD = (
    "ISA*00*          *00*          *ZZ*OTHERSYSTEM    *ZZ*CLEARING       *261001*0900*^*00501*00000000{number}*0*P*:~"
    "GS*HC*OTHERSYSTEM*CLEARING*20261001*0900*{number}*X*005010X222A1~ST*837*0001*005010X222A1~"
    "BHT*0019*00*{number}*20261001*0900*CH~NM1*41*2*OTHER SYSTEM*****46*OTHER~PER*IC*KIM*TE*5552013344~"
    "NM1*40*2*CLEARING*****46*CLEAR~HL*1**20*1~NM1*85*2*LAKEVIEW DERMATOLOGY*****XX*1234567893~"
    "N3*12 LAKEVIEW ROAD~N4*SPRINGFIELD*IL*627041234~REF*EI*123456789~"
)
CLAIM = (
    "HL*{hl}*1*22*0~SBR*{turn}*18*******CI~NM1*IL*1*MARLOWE*ADA****MI*M1001~N3*1 ELM STREET~N4*SPRINGFIELD*IL*62704~"
    "DMG*D8*19800203*F~NM1*PR*2*INVENTED PLAN*****PI*PLAN~CLM*{number}*{charge}***11:B:{frequency}*Y*A*Y*Y~{more}"
    "HI*ABK:L570~LX*1~SV1*HC:{code}*{charge}*UN*1***1~DTP*472*D8*20260901~"
)


def claim(
    number: str = "P77", charge: str = "100", *, code: str = "99213", frequency: str = "1", turn: str = "P", more: str = ""
) -> str:  # fmt: skip
    return CLAIM.replace("{number}", number).replace("{charge}", charge).replace("{code}", code).replace(
        "{frequency}", frequency
    ).replace("{turn}", turn).replace("{more}", more)  # fmt: skip


def written(folder: Path, name: str, *claims: str) -> Path:
    """An 837P file of another system."""
    number = str(len(list(folder.glob("*.837"))) + 1)
    body = HEAD.replace("{number}", number)
    body += "".join(each.replace("{hl}", str(place)) for place, each in enumerate(claims, start=2))
    in_set = body[body.index("ST*") :].count("~") + 1
    path = folder / name
    path.write_text(f"{body}SE*{in_set}*0001~GE*1*{number}~IEA*1*00000000{number}~", encoding="ascii")
    return path


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = new_ledger(tmp_path)
    yield ledger
    prove(ledger)
    ledger.close()


def take(ledger: Ledger, path: Path, findings: list[Diagnostic] | None = None) -> Imported:
    return import_837p(path, ledger, MOMENT, (findings if findings is not None else []).append)


def numbers(ledger: Ledger) -> list[tuple[object, ...]]:
    return [(row["claim_control_number"], row["charge"], row["status"]) for row in rows(ledger, "claims")]


def test_claims_are_taken_as_they_were_submitted(ledger, tmp_path):
    taken = take(ledger, written(tmp_path, "one.837", claim("P77"), claim("P78", "55.5")))
    assert (taken.claims, taken.lines, taken.charge, taken.refused) == (2, 2, Decimal("155.5"), 0)
    assert numbers(ledger) == [("P77", "100.00", "submitted"), ("P78", "55.50", "submitted")]
    assert [row["file"] for row in rows(ledger, "claims")] == ["one.837", "one.837"]


def test_what_is_imported_is_paid_like_our_own(ledger, tmp_path):
    take(ledger, written(tmp_path, "one.837", claim()))
    receive_sets(ledger, tmp_path, remittance("T1", answer("P77", service("99213", 100, 80, "CO-45 20"))))
    assert of(ledger, "P77") == {"insurance_paid": "80.00", "contractual": "20.00"}


def test_the_same_file_again_changes_nothing(ledger, tmp_path):
    path = written(tmp_path, "one.837", claim())
    take(ledger, path)
    again = take(ledger, path.rename(tmp_path / "copy.837"))
    assert (again.outcome, again.claims, len(numbers(ledger))) == ("known", 0, 1)


def test_a_file_of_our_own_is_known(ledger, tmp_path):
    sent = send(ledger, tmp_path, encounter("A1"))
    assert sent.file is not None
    assert take(ledger, sent.file).outcome == "known"


def test_the_same_claim_in_another_file_is_known(ledger, tmp_path):
    take(ledger, written(tmp_path, "one.837", claim()))
    again = take(ledger, written(tmp_path, "two.837", claim(), claim("P78")))
    assert (again.claims, again.known) == (1, 1)


def test_a_claim_sent_again_under_its_number_takes_its_own_place(ledger, tmp_path):
    take(ledger, written(tmp_path, "one.837", claim()))
    take(ledger, written(tmp_path, "two.837", claim("P77", "130", code="99214")))
    assert numbers(ledger) == [("P77", "0.00", "replaced"), ("P77", "130.00", "submitted")]
    receive_sets(ledger, tmp_path, remittance("T1", answer("P77", service("99214", 130, 130))))
    assert numbers(ledger) == [("P77", "0.00", "replaced"), ("P77", "130.00", "paid")]


def test_a_correction_under_a_new_number_is_found_by_the_payers_number(ledger, tmp_path):
    take(ledger, written(tmp_path, "one.837", claim()))
    original = answer("P77", service("99213", 100, 80, "CO-45 20"), payer_claim_number="ICN1")
    receive_sets(ledger, tmp_path, remittance("T1", original))
    take(ledger, written(tmp_path, "two.837", claim("P99", "130", code="99214", frequency="7", more="REF*F8*ICN1~")))
    assert numbers(ledger) == [("P77", "80.00", "replaced"), ("P99", "130.00", "submitted")]
    better = answer("P99", service("99214", 130, 110, "CO-45 20"), payer_claim_number="ICN2")
    receive_sets(ledger, tmp_path, remittance("T2", reversal(original), better))
    assert of(ledger, "P99") == {"insurance_paid": "110.00", "contractual": "20.00"}
    assert (of(ledger, "P77"), held(ledger)) == ({}, [])


def test_a_void_closes_the_claim(ledger, tmp_path):
    take(ledger, written(tmp_path, "one.837", claim()))
    take(ledger, written(tmp_path, "two.837", claim(frequency="8", more="REF*F8*ICN1~")))
    assert numbers(ledger) == [("P77", "0.00", "voided")]


def test_a_void_of_nothing_is_not_charged(ledger, tmp_path):
    findings: list[Diagnostic] = []
    taken = take(ledger, written(tmp_path, "one.837", claim(frequency="8", more="REF*F8*ICN1~")), findings)
    assert (taken.claims, taken.refused, numbers(ledger)) == (0, 1, [])
    assert "P540" in [finding.code for finding in findings]


def test_a_secondary_claim_under_the_same_number_adds_no_charge(ledger, tmp_path):
    take(ledger, written(tmp_path, "one.837", claim()))
    taken = take(ledger, written(tmp_path, "two.837", claim(turn="S")))
    assert (taken.claims, taken.charge) == (1, Decimal(0))
    assert numbers(ledger) == [("P77", "100.00", "submitted")]


def test_what_cannot_be_read_in_full_stays_out_and_the_rest_goes_in(ledger, tmp_path):
    findings: list[Diagnostic] = []
    spoilt = claim("P78").replace("DTP*472*D8*20260901", "DTP*472*D8*20269901")
    odd = claim("P79").replace("SV1*HC:99213*100*", "SV1*HC:99213*90*")
    taken = take(ledger, written(tmp_path, "one.837", claim(), spoilt, odd), findings)
    assert (taken.claims, taken.refused) == (1, 2)
    assert [finding.message for finding in findings if finding.code == "P540"] == [
        "claim was not imported: an amount, quantity, or date cannot be read",
        "claim was not imported: its charge does not equal the total of its lines",
    ]


def test_a_number_that_one_of_our_encounters_has_as_its_id_is_kept_apart(ledger, tmp_path):
    send(ledger, tmp_path, encounter("P77"))
    take(ledger, written(tmp_path, "one.837", claim()))
    assert [(row["claim_control_number"], row["encounter_id"]) for row in rows(ledger, "claims")] == [
        ("P77-1", "P77"),
        ("P77", "OTHERSYSTEM/P77"),
    ]
