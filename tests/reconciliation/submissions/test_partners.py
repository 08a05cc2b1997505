"""Each partner gets its own files, with its own limits, numbers, and companion guide."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from claimloop.builders.encounters.encounter import Encounter
from claimloop.builders.encounters.intake import encounter_items
from claimloop.builders.final_check import FileHeld
from claimloop.edi.diagnostics import Diagnostic, Report
from claimloop.reconciliation.ledger.connection import Ledger, LedgerError
from claimloop.reconciliation.submissions import outbox as outbox_module
from claimloop.reconciliation.submissions.outbox import Outbox
from claimloop.reconciliation.submissions.submit import submit
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation.making import MOMENT, encounter, new_ledger, prove, rows, service_line
from claimloop.tests.reconciliation.submissions.outgoing import TWO, WRONG_NPI, codes, outbox, sent_to, to_each


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = new_ledger(tmp_path)
    yield ledger
    prove(ledger)
    ledger.close()


def test_a_partner_may_want_few_claims_in_a_file(ledger, tmp_path):
    result, _ = sent_to(ledger, tmp_path, *(encounter(f"A{number}") for number in range(5)), claims_per_file=2)
    assert (len(result.files), result.claims) == (3, 5)
    assert [path.read_text(encoding="ascii").count("CLM*") for path in result.files] == [2, 2, 1]


def test_control_numbers_keep_to_the_partners_range(ledger, tmp_path):
    numbers = {"first": 500, "last": 500}
    result, _ = sent_to(ledger, tmp_path, encounter("A1"), control_numbers=numbers)
    assert [path.name for path in result.files] == ["acme_000000500.837"]
    with pytest.raises(LedgerError, match="used up: 500 was the last"):
        sent_to(ledger, tmp_path, encounter("A2"), control_numbers=numbers)
    assert [row["encounter_id"] for row in rows(ledger, "claims")] == ["A1"]


def test_what_was_sent_goes_out_again_when_asked_and_takes_its_own_place(ledger, tmp_path):
    sent_to(ledger, tmp_path, encounter("A1"))
    result, findings = sent_to(ledger, tmp_path, encounter("A1"), again=True)
    assert (result.claims, codes(findings)) == (1, [])
    assert [(row["claim_control_number"], row["charge"], row["status"]) for row in rows(ledger, "claims")] == [
        ("A1-1", "0.00", "replaced"),
        ("A1-2", "100.00", "submitted"),
    ]


NO_OFFICE = """
[[change]]
guide = "005010X222"
at = "2400/SV1/SV101-2"
because = "the payer pays for no such visit"
remove = []
shape = "^(?!99213)"
"""


def test_what_the_companion_guide_forbids_stays_back_and_the_rest_goes(ledger, tmp_path):
    (tmp_path / "acme.toml").write_text(NO_OFFICE, encoding="utf-8")
    good, bad = encounter("A1", service_line("17000", 50)), encounter("A2")
    result, findings = sent_to(ledger, tmp_path, good, bad, companion_guide=str(tmp_path / "acme.toml"))
    assert (result.claims, result.refused) == (1, 1)
    assert [(finding.code, finding.where.subject) for finding in findings] == [("P520", "encounter A2")]
    assert [row["encounter_id"] for row in rows(ledger, "claims")] == ["A1"]
    assert outbox(tmp_path) == ["acme_000000001.837"]


def test_a_claim_held_by_one_partners_guide_keeps_no_other_back_and_nothing_is_said_twice(ledger, tmp_path):
    (tmp_path / "acme.toml").write_text(NO_OFFICE, encoding="utf-8")
    other = msgspec.structs.replace(encounter("B1").coverages[0], payer_id="OTHER")
    visits = [
        encounter("A1"),
        msgspec.structs.replace(encounter("B1"), coverages=(other,)),
        msgspec.structs.replace(encounter("B2", service_line("17000", 50)), coverages=(other,)),
        encounter("BAD", npi=WRONG_NPI),
    ]
    source = tmp_path / "visits.jsonl"
    source.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in visits) + b"{torn\n")
    partners = partner(name="one", payers=["OTHER"], companion_guide=str(tmp_path / "acme.toml")), partner(name="two")
    findings: list[Diagnostic] = []
    result = submit([source], Outbox(partners, ledger, tmp_path / "outbox", MOMENT, findings.append))
    assert (result.encounters, result.claims, result.held, result.refused) == (4, 2, 2, 2)
    assert sorted(codes(findings)) == ["C301", "C310", "P520"]
    assert [row["encounter_id"] for row in rows(ledger, "claims")] == ["B2", "A1"]
    assert outbox(tmp_path) == ["one_000000001.837", "two_000000001.837"]


def test_every_file_is_read_once(ledger, tmp_path, monkeypatch):
    read: list[Path] = []

    def noted(path: Path, report: Report) -> Iterator[Encounter]:
        read.append(path)
        return encounter_items(path, report)

    monkeypatch.setattr(outbox_module, "encounter_items", noted)
    result, _ = to_each(ledger, tmp_path, *TWO)
    assert (result.claims, len(read)) == (2, 1)


def test_an_encounter_id_goes_to_one_partner_only(ledger, tmp_path):
    other = msgspec.structs.replace(encounter("A1").coverages[0], payer_id="OTHER")
    sources = [tmp_path / "monday.json", tmp_path / "tuesday.json"]
    sources[0].write_bytes(msgspec.json.encode(encounter("A1")))
    sources[1].write_bytes(msgspec.json.encode(msgspec.structs.replace(encounter("A1"), coverages=(other,))))
    findings: list[Diagnostic] = []
    partners = [partner(**each) for each in TWO]
    result = submit(sources, Outbox(partners, ledger, tmp_path / "outbox", MOMENT, findings.append))
    assert (result.claims, result.held, codes(findings)) == (1, 1, ["P511"])
    assert outbox(tmp_path) == ["two_000000001.837"]


def test_a_file_that_pyx12_rejects_is_not_sent(ledger, tmp_path, monkeypatch):
    monkeypatch.setattr("claimloop.builders.final_check.pyx12_opinion", lambda _: "rejects")
    with pytest.raises(FileHeld, match="nothing was sent"):
        sent_to(ledger, tmp_path, encounter("A1"), second_opinion=True)
    assert (rows(ledger, "claims"), outbox(tmp_path)) == ([], [])


def test_pyx12_accepts_what_we_write(ledger, tmp_path):
    result, findings = sent_to(ledger, tmp_path, encounter("A1"), second_opinion=True)
    assert (result.claims, codes(findings)) == (1, [])


def test_each_partner_gets_the_claims_of_its_payers(ledger, tmp_path):
    result, findings = to_each(ledger, tmp_path, {"name": "one", "payers": ["OTHER"]}, {"name": "two"})
    assert (result.claims, result.encounters, codes(findings)) == (2, 2, [])
    assert outbox(tmp_path) == ["one_000000001.837", "two_000000001.837"]
    assert "CLM*B1-1*" in result.files[0].read_text(encoding="ascii")


def test_a_payer_that_no_partner_takes_is_told(ledger, tmp_path):
    result, findings = to_each(ledger, tmp_path, {"name": "one", "payers": ["OTHER"]})
    assert (result.claims, result.refused, codes(findings)) == (1, 1, ["P523"])
