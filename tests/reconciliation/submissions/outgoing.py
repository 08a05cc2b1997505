"""What the tests of submitting share: the outbox, its numbers, and runs with one partner or two."""

import re
from pathlib import Path

import msgspec

from claimloop.builders.encounters.encounter import Encounter
from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.submissions.outbox import Outbox, SubmitResult
from claimloop.reconciliation.submissions.submit import submit
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation.making import MOMENT, encounter

WRONG_NPI = "1234567890"
TWO: tuple[dict[str, object], ...] = ({"name": "one", "payers": ["OTHER"]}, {"name": "two"})


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


def to_each(ledger: Ledger, folder: Path, *tables: dict[str, object]) -> tuple[SubmitResult, list[Diagnostic]]:
    source = folder / "more.jsonl"
    other = msgspec.structs.replace(encounter("B1").coverages[0], payer_id="OTHER")
    visits = encounter("A1"), msgspec.structs.replace(encounter("B1"), coverages=(other,))
    source.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in visits))
    findings: list[Diagnostic] = []
    partners = [partner(**each) for each in tables]
    result = submit([source], Outbox(partners, ledger, folder / "outbox", MOMENT, findings.append))
    return result, findings
