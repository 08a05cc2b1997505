"""Encounters out: the file and the ledger agree, whatever happens on the way."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from claimloop.builders.encounters.encounter import Encounter
from claimloop.builders.encounters.intake import encounter_items
from claimloop.builders.final_check import FileHeld
from claimloop.edi.diagnostics import Diagnostic, Report
from claimloop.edi.guides import pyx12_opinion
from claimloop.edi.validate import validate
from claimloop.reconciliation.configuration.load import load_configuration
from claimloop.reconciliation.ledger.connection import Ledger, LedgerError
from claimloop.reconciliation.submissions import outbox as outbox_module
from claimloop.reconciliation.submissions import write_file
from claimloop.reconciliation.submissions.manifest import manifest_of
from claimloop.reconciliation.submissions.outbox import Outbox, SubmitResult
from claimloop.reconciliation.submissions.submit import submit
from claimloop.reconciliation.submissions.write_file import finish_interrupted
from claimloop.samples import copy_samples
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation.making import MOMENT, dump, encounter, new_ledger, prove, rows, send, service_line

WRONG_NPI = "1234567890"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = new_ledger(tmp_path)
    yield ledger
    prove(ledger)
    ledger.close()


def files_in(folder: Path) -> list[Path]:
    """All files of claims there, hidden ones too."""
    return sorted(path for path in (folder / "outbox").iterdir() if not path.name.endswith(".manifest.json"))


def outbox(folder: Path) -> list[str]:
    """Their names."""
    return [path.name for path in files_in(folder)]


def codes(findings: list[Diagnostic]) -> list[str]:
    return [finding.code for finding in findings]


def control_numbers(text: str) -> dict[str, list[str]]:
    """ISA13, GS06 and every ST02 of a file."""
    return {
        "ISA13": re.findall(r"^ISA(?:\*[^*]*){12}\*(\d{9})\*", text, re.M),
        "GS06": re.findall(r"^GS(?:\*[^*]*){5}\*(\d+)\*", text, re.M),
        "ST02": re.findall(r"^ST\*837\*(\d+)\*", text, re.M),
    }


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


# Killed.

_KILLED = """
import os, signal, sys
from pathlib import Path
from claimloop.reconciliation.submissions import write_file
from claimloop.reconciliation.ledger.connection import open_ledger
from claimloop.tests.reconciliation.making import encounter, send
from claimloop.tests.reconciliation.submissions.test_submit import to_each

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

holder = write_file.ClaimFile if hasattr(write_file.ClaimFile, sys.argv[3]) else write_file
before = getattr(holder, sys.argv[3])
calls = []

def kill_at_last(*arguments):
    calls.append(arguments)
    return kill() if len(calls) == int(sys.argv[4]) else before(*arguments)

setattr(holder, sys.argv[3], kill_at_last)
ledger, folder = open_ledger(sys.argv[1]), Path(sys.argv[2])
if sys.argv[5] == "two partners":
    to_each(ledger, folder, {"name": "one", "payers": ["OTHER"]}, {"name": "two"})
else:
    send(ledger, folder, encounter("A1"), encounter("A2"))
"""


def killed_at(ledger: Ledger, folder: Path, step: str, time: int = 1, to: str = "one partner") -> None:
    """Submit in another process, which is killed when it comes to this function of `write_file` so many times."""
    arguments = [str(ledger.url), str(folder), step, str(time), to]
    process = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False, env=os.environ)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("step", ["_record", "_take_numbers"])
def test_killed_before_the_commit_nothing_was_sent(ledger, tmp_path, step):
    before = dump(ledger)
    killed_at(ledger, tmp_path, step)
    assert dump(ledger) == before
    (hidden,) = outbox(tmp_path)
    assert re.fullmatch(r"\.acme_000000001\.837\.\w+\.partial", hidden)
    result = send(ledger, tmp_path, encounter("A1"), encounter("A2"))
    assert result.claims == 2
    assert outbox(tmp_path) == ["acme_000000001.837"]


def test_killed_between_the_commit_and_the_move_the_next_run_moves_the_file(ledger, tmp_path):
    killed_at(ledger, tmp_path, "_put_in_place")
    (hidden,) = outbox(tmp_path)
    assert re.fullmatch(r"\.acme_000000001\.837\.\w+\.partial", hidden)
    assert [row["encounter_id"] for row in rows(ledger, "claims")] == ["A1", "A2"]
    result = send(ledger, tmp_path, encounter("A1"), encounter("A2"))
    assert (result.file, result.already_sent) == (None, 2)
    assert outbox(tmp_path) == ["acme_000000001.837"]
    text = (tmp_path / "outbox" / "acme_000000001.837").read_text(encoding="ascii")
    assert re.findall(r"CLM\*([^*]*)", text) == ["A1-1", "A2-1"]


TWO: tuple[dict[str, object], ...] = ({"name": "one", "payers": ["OTHER"]}, {"name": "two"})


@pytest.mark.parametrize("time", [1, 2])
def test_killed_before_the_commit_nothing_was_sent_to_any_partner(ledger, tmp_path, time):
    before = dump(ledger)
    killed_at(ledger, tmp_path, "_record", time, "two partners")
    assert dump(ledger) == before
    assert all(name.endswith(".partial") for name in outbox(tmp_path))
    result, _ = to_each(ledger, tmp_path, *TWO)
    assert (result.claims, outbox(tmp_path)) == (2, ["one_000000001.837", "two_000000001.837"])


@pytest.mark.parametrize("time", [1, 2])
def test_killed_between_two_moves_the_next_run_moves_the_rest(ledger, tmp_path, time):
    killed_at(ledger, tmp_path, "_put_in_place", time, "two partners")
    assert len([name for name in outbox(tmp_path) if name.endswith(".partial")]) == 3 - time
    result, findings = to_each(ledger, tmp_path, *TWO)
    assert (result.claims, result.already_sent, codes(findings)) == (0, 2, ["P510", "P510"])
    assert outbox(tmp_path) == ["one_000000001.837", "two_000000001.837"]
    assert len(list((tmp_path / "outbox").glob("*.manifest.json"))) == 2


def test_no_room_for_the_second_partners_file_sends_nothing_to_the_first(ledger, tmp_path, monkeypatch):
    before = dump(ledger)
    sync = os.fsync
    synced: list[int] = []

    def full_at_second(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(28, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full_at_second)
    with pytest.raises(OSError, match="No space"):
        to_each(ledger, tmp_path, *TWO)
    assert outbox(tmp_path) == []
    assert dump(ledger) == before
    assert to_each(ledger, tmp_path, *TWO)[0].claims == 2


def test_a_file_that_waits_in_another_folder_is_moved_too(ledger, tmp_path):
    killed_at(ledger, tmp_path, "_put_in_place")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    send(ledger, elsewhere, encounter("A3"))
    assert outbox(tmp_path) == ["acme_000000001.837"]
    assert outbox(elsewhere) == ["acme_000000002.837"]


def test_another_run_may_move_the_file_first(ledger, tmp_path, monkeypatch):
    put_in_place = write_file._put_in_place

    def overtaken(partial: Path, path: Path) -> None:
        monkeypatch.setattr(write_file, "_put_in_place", put_in_place)
        finish_interrupted(ledger, tmp_path / "outbox")
        put_in_place(partial, path)

    monkeypatch.setattr(write_file, "_put_in_place", overtaken)
    result = send(ledger, tmp_path, encounter("A1"))
    assert result.file is not None
    assert outbox(tmp_path) == [result.file.name]


def test_a_file_that_is_gone_before_it_is_moved_is_an_error(ledger, tmp_path, monkeypatch):
    put_in_place = write_file._put_in_place

    def gone(partial: Path, path: Path) -> None:
        partial.unlink()
        put_in_place(partial, path)

    monkeypatch.setattr(write_file, "_put_in_place", gone)
    with pytest.raises(FileNotFoundError):
        send(ledger, tmp_path, encounter("A1"))


def test_a_hidden_file_of_other_content_than_the_ledger_knows_is_dropped(ledger, tmp_path):
    killed_at(ledger, tmp_path, "_put_in_place")
    (hidden,) = files_in(tmp_path)
    hidden.write_text("torn", encoding="ascii")
    finish_interrupted(ledger, tmp_path / "outbox")
    assert outbox(tmp_path) == []


def test_another_ledgers_hidden_file_is_left_to_it(ledger, tmp_path):
    other_home = tmp_path / "other"
    other_home.mkdir()
    other = new_ledger(other_home)
    killed_at(other, tmp_path, "_put_in_place")
    waiting = outbox(tmp_path)
    finish_interrupted(ledger, tmp_path / "outbox")
    assert outbox(tmp_path) == waiting
    finish_interrupted(other, tmp_path / "outbox")
    assert outbox(tmp_path) == ["acme_000000001.837"]
    other.close()


def test_two_runs_at_once_send_everything_once(ledger, tmp_path):
    script = """
import sys
from pathlib import Path
from claimloop.reconciliation.ledger.connection import open_ledger
from claimloop.tests.reconciliation.making import encounter, send
folder = Path(sys.argv[2])
for number in range(8):
    send(open_ledger(sys.argv[1]), folder, encounter(f"{sys.argv[3]}{number}"), encounter(f"BOTH{number}"))
"""
    folders = [tmp_path / name for name in ("A", "B")]
    for folder in folders:  # the same outbox, but a source of its own
        folder.mkdir()
        (folder / "outbox").symlink_to(tmp_path / "outbox")
    (tmp_path / "outbox").mkdir()
    runs = [
        subprocess.Popen([sys.executable, "-c", script, str(ledger.url), str(folder), folder.name])
        for folder in folders
    ]
    assert [run.wait(timeout=90) for run in runs] == [0, 0]
    sent = [row["claim_control_number"] for row in rows(ledger, "claims")]
    assert len(sent) == len(set(sent)) == 24
    written = [
        number
        for path in files_in(tmp_path)
        for number in re.findall(r"CLM\*([^*]*)", path.read_text(encoding="ascii"))
    ]
    assert sorted(written) == sorted(str(number) for number in sent)
    assert not [name for name in outbox(tmp_path) if name.startswith(".")]


# The guide.


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


# What lies beside the file, and what is checked before it goes.


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


def test_a_file_that_was_left_waiting_gets_its_manifest_too(ledger, tmp_path):
    killed_at(ledger, tmp_path, "write_manifest")
    assert list((tmp_path / "outbox").glob("*.manifest.json")) == []
    finish_interrupted(ledger, tmp_path / "outbox")
    (path,) = (tmp_path / "outbox").glob("*.manifest.json")
    assert json.loads(path.read_text(encoding="utf-8"))["totals"]["claims"] == 2


def sent_to(
    ledger: Ledger,
    folder: Path,
    *encounters: Encounter,
    again: bool = False,
    second_opinion: bool = False,
    **settings: object,
) -> tuple[SubmitResult, list[Diagnostic]]:
    source = folder / "more.jsonl"
    source.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in encounters))
    findings: list[Diagnostic] = []
    outbox = Outbox((partner(**settings),), ledger, folder / "outbox", MOMENT, findings.append, second_opinion)
    return submit([source], outbox, again=again), findings


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
    with pytest.raises(FileHeld, match="nothing of it was sent"):
        sent_to(ledger, tmp_path, encounter("A1"), second_opinion=True)
    assert (rows(ledger, "claims"), outbox(tmp_path)) == ([], [])


def test_pyx12_accepts_what_we_write(ledger, tmp_path):
    result, findings = sent_to(ledger, tmp_path, encounter("A1"), second_opinion=True)
    assert (result.claims, codes(findings)) == (1, [])


def to_each(ledger: Ledger, folder: Path, *tables: dict[str, object]) -> tuple[SubmitResult, list[Diagnostic]]:
    source = folder / "more.jsonl"
    other = msgspec.structs.replace(encounter("B1").coverages[0], payer_id="OTHER")
    visits = encounter("A1"), msgspec.structs.replace(encounter("B1"), coverages=(other,))
    source.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in visits))
    findings: list[Diagnostic] = []
    partners = [partner(**each) for each in tables]
    result = submit([source], Outbox(partners, ledger, folder / "outbox", MOMENT, findings.append))
    return result, findings


def test_each_partner_gets_the_claims_of_its_payers(ledger, tmp_path):
    result, findings = to_each(ledger, tmp_path, {"name": "one", "payers": ["OTHER"]}, {"name": "two"})
    assert (result.claims, result.encounters, codes(findings)) == (2, 2, [])
    assert outbox(tmp_path) == ["one_000000001.837", "two_000000001.837"]
    assert "CLM*B1-1*" in result.files[0].read_text(encoding="ascii")


def test_a_payer_that_no_partner_takes_is_told(ledger, tmp_path):
    result, findings = to_each(ledger, tmp_path, {"name": "one", "payers": ["OTHER"]})
    assert (result.claims, result.refused, codes(findings)) == (1, 1, ["P523"])
