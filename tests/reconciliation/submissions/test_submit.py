"""Encounters out: the file and the ledger agree in every case."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.guides import pyx12_opinion
from claimloop.edi.validate import validate
from claimloop.reconciliation.configuration.load import load_configuration
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.submissions.manifest import manifest_of
from claimloop.reconciliation.submissions.outbox import Outbox
from claimloop.reconciliation.submissions.submit import submit
from claimloop.samples import copy_samples
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation.making import MOMENT, dump, encounter, new_ledger, prove, rows, send, service_line
from claimloop.tests.reconciliation.submissions.outgoing import (
    WRONG_NPI,
    codes,
    control_numbers,
    outbox,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = new_ledger(tmp_path)
    yield ledger
    prove(ledger)
    ledger.close()


def test_the_file_and_the_ledger_say_the_same(ledger, tmp_path):
    result = send(ledger, tmp_path, encounter("A1", service_line("99213", 100), service_line("17000", "50.25")))
    assert (result.claims, result.lines, str(result.charge), result.refused) == (1, 2, "150.25", 0)
    assert result.file is not None
    text = result.file.read_text(encoding="ascii")
    assert "CLM*A1-1*150.25*" in text
    assert [row["line_control_number"] for row in rows(ledger, "lines")] == re.findall(r"REF\*6R\*(\w+)~", text)
    assert [(row["charge"], row["open"], row["status"]) for row in rows(ledger, "lines")] == [
        ("100.00", "100.00", "submitted"),
        ("50.25", "50.25", "submitted"),
    ]
    (claim,) = rows(ledger, "claims")
    assert (claim["claim_control_number"], claim["file"]) == ("A1-1", result.file.name)


def test_a_refused_encounter_writes_no_byte_and_the_others_go_out(ledger, tmp_path):
    findings: list[Diagnostic] = []
    result = send(ledger, tmp_path, encounter("A1"), encounter("BAD", npi=WRONG_NPI), encounter("A2"), report=findings)
    assert (result.encounters, result.claims, result.refused) == (3, 2, 1)
    assert [finding.where.subject for finding in findings] == ["encounter BAD"]
    assert result.file is not None
    text = result.file.read_text(encoding="ascii")
    assert "BAD" not in text
    assert WRONG_NPI not in text
    assert re.findall(r"CLM\*([^*]*)", text) == ["A1-1", "A2-1"]
    assert [row["encounter_id"] for row in rows(ledger, "claims")] == ["A1", "A2"]


def test_where_nothing_can_be_sent_there_is_no_file_and_no_number_is_used_up(ledger, tmp_path):
    before = dump(ledger)
    result = send(ledger, tmp_path, encounter("BAD", npi=WRONG_NPI))
    assert (result.file, result.refused) == (None, 1)
    assert outbox(tmp_path) == []
    assert dump(ledger) == before


def test_a_refused_encounter_can_be_sent_once_it_is_mended(ledger, tmp_path):
    send(ledger, tmp_path, encounter("A1", npi=WRONG_NPI))
    assert send(ledger, tmp_path, encounter("A1")).claims == 1


def test_what_was_sent_is_not_sent_again(ledger, tmp_path):
    send(ledger, tmp_path, encounter("A1"))
    before = dump(ledger)
    findings: list[Diagnostic] = []
    result = send(ledger, tmp_path, encounter("A1"), report=findings)
    assert (result.file, result.already_sent, codes(findings)) == (None, 1, ["P510"])
    assert dump(ledger) == before
    assert len(outbox(tmp_path)) == 1


def test_only_what_is_new_goes_out(ledger, tmp_path):
    send(ledger, tmp_path, encounter("A1"))
    result = send(ledger, tmp_path, encounter("A1"), encounter("A2"))
    assert (result.claims, result.already_sent) == (1, 1)
    assert result.file is not None
    assert re.findall(r"CLM\*([^*]*)", result.file.read_text(encoding="ascii")) == ["A2-1"]


def test_an_encounter_id_that_comes_twice_in_one_run_is_sent_once_and_reported(ledger, tmp_path):
    sources = [tmp_path / "monday.json", tmp_path / "tuesday.json"]
    for source, charge in zip(sources, (100, 70), strict=True):
        source.write_bytes(msgspec.json.encode(encounter("A1", service_line("17000", charge))))
    findings: list[Diagnostic] = []
    result = submit(sources, Outbox((partner(),), ledger, tmp_path / "outbox", MOMENT, findings.append))
    assert (result.claims, result.refused, codes(findings)) == (1, 1, ["P511"])
    assert [row["charge"] for row in rows(ledger, "claims")] == ["100.00"]


def test_control_numbers_never_come_again(ledger, tmp_path):
    seen: dict[str, list[str]] = {"ISA13": [], "GS06": [], "ST02": []}
    for run in range(3):
        visits = [encounter(f"A{run}{number}") for number in range(3)]
        result = send(ledger, tmp_path, *visits, claims_per_set=2)
        assert result.file is not None
        for name, numbers in control_numbers(result.file.read_text(encoding="ascii")).items():
            seen[name] += numbers
    assert {name: len(numbers) for name, numbers in seen.items()} == {"ISA13": 3, "GS06": 3, "ST02": 6}
    assert all(len(set(numbers)) == len(numbers) for numbers in seen.values())


def test_a_claim_knows_the_set_that_it_went_out_in(ledger, tmp_path):
    result = send(ledger, tmp_path, *(encounter(f"A{number}") for number in range(3)), claims_per_set=2)
    assert result.file is not None
    sets = control_numbers(result.file.read_text(encoding="ascii"))["ST02"]
    with ledger.reading() as connection:
        found = connection.exec_driver_sql("SELECT set_control_number FROM sendings ORDER BY id").scalars().all()
    assert found == [sets[0], sets[0], sets[1]]


def test_more_than_fifty_lines_make_several_claims(ledger, tmp_path):
    result = send(ledger, tmp_path, encounter("A1", *(service_line("11102", 10) for _ in range(120))))
    assert (result.claims, result.lines) == (3, 120)
    claims = rows(ledger, "claims")
    assert [row["claim_control_number"] for row in claims] == ["A1-1", "A1-1B", "A1-1C"]
    assert [row["charge"] for row in claims] == ["500.00", "500.00", "200.00"]
    numbers = [row["line_control_number"] for row in rows(ledger, "lines")]
    assert len(set(numbers)) == 120


def test_only_the_owner_may_read_what_was_written(ledger, tmp_path):
    result = send(ledger, tmp_path, encounter("A1"))
    assert result.file is not None
    assert result.file.stat().st_mode & 0o777 == 0o600
    assert result.file.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_that_is_in_the_way_is_left_alone_and_said(ledger, tmp_path):
    (tmp_path / "outbox").mkdir()
    stranger = tmp_path / "outbox" / "acme_000000001.837"
    stranger.write_text("somebody else's", encoding="ascii")
    before = dump(ledger)
    with pytest.raises(FileExistsError, match="in the way"):
        send(ledger, tmp_path, encounter("A1"))
    assert stranger.read_text(encoding="ascii") == "somebody else's"
    assert outbox(tmp_path) == [stranger.name]
    assert dump(ledger) == before


def test_an_error_in_the_middle_leaves_neither_a_file_nor_a_row(ledger, tmp_path, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = dump(ledger)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        send(ledger, tmp_path, encounter("A1"))
    assert outbox(tmp_path) == []
    assert dump(ledger) == before


def test_the_file_of_the_samples_follows_the_guide(tmp_path):
    copy_samples(tmp_path / "samples")
    practice = load_configuration(tmp_path / "samples" / "claimloop.toml")
    ledger = new_ledger(tmp_path)
    sources = sorted((tmp_path / "samples" / "encounters").iterdir())
    findings: list[Diagnostic] = []
    sent_on = MOMENT.replace(day=6)
    result = submit(sources, Outbox(practice.partners, ledger, tmp_path / "outbox", sent_on, lambda _: None))
    assert result.file is not None
    assert result.claims >= 30
    assert pyx12_opinion(result.file) == "accepts"
    validate(result.file, findings.append)
    assert [finding.render() for finding in findings] == []
    ledger.close()


def test_a_line_charged_nothing_is_sent_and_moves_no_money(ledger, tmp_path):
    send(ledger, tmp_path, encounter("A1", service_line("17000", 150), service_line("3008F", 0)))
    assert [(row["procedure"], row["charge"]) for row in rows(ledger, "lines")] == [
        ("17000", "150.00"),
        ("3008F", "0.00"),
    ]


def test_the_hidden_file_of_another_ledger_is_left_alone(ledger, tmp_path):
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox" / ".acme_000000001.837.0a1b2c3d.partial").write_text(
        "claims that another ledger holds as sent"
    )
    send(ledger, tmp_path, encounter("A1"))
    assert outbox(tmp_path) == [".acme_000000001.837.0a1b2c3d.partial", "acme_000000001.837"]


def test_a_manifest_says_what_the_file_holds_and_names_nobody(ledger, tmp_path):
    result = send(ledger, tmp_path, encounter("A1"), encounter("A2", service_line(), service_line("17000", 50)))
    assert result.file is not None
    path = manifest_of(result.file)
    told = json.loads(path.read_text(encoding="utf-8"))
    assert told["sha256"] == hashlib.sha256(result.file.read_bytes()).hexdigest()
    assert told["totals"] == {"sets": 1, "claims": 2, "lines": 3, "charge": "250.00"}
    assert [claim["claim_control_number"] for claim in told["claims"]] == ["A1-1", "A2-1"]
    assert "MARLOWE" not in path.read_text(encoding="utf-8").upper()
    assert path.stat().st_mode & 0o777 == 0o600
