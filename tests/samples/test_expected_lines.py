"""What the samples expect of a ledger follows from their remittances."""

import re
from decimal import Decimal

from claimloop.samples import sample_files
from claimloop.tests.samples.split_remittances import (
    ALL_CLAIMS,
    ALL_SERVICES,
    FIRST_SETS,
    Segment,
    adjustments,
    claim_level,
    claims,
    line_control_number,
    read_expected,
    services,
    total,
)

CONTRACTUAL = {("CO", "45"), ("CO", "59"), ("CO", "253")}
DECISIONS = {"insurance_paid", "contractual", "patient", "denied"}


def decided(claim: list[Segment]) -> dict[str, Decimal]:
    """Return what one CLP decides (rules.md#dispositions, rules.md#denials)."""
    sums = dict.fromkeys(DECISIONS, Decimal(0)) | {"insurance_paid": Decimal(claim[0][4])}
    for part in [claim_level(claim), *services(claim)]:
        refused = part[0][0] == "SVC" and adjustments(part) == [("CO", "45", Decimal(part[0][2]))]
        for group, reason, amount in adjustments(part):
            contractual = (group, reason) in CONTRACTUAL and not refused
            sums["patient" if group == "PR" else "contractual" if contractual else "denied"] += amount
    return sums


def test_the_expected_lines_add_up_to_what_the_remittances_say_of_each_claim() -> None:
    said: dict[str, dict[str, Decimal]] = {}
    for claim in ALL_CLAIMS:
        key = claim[0][1].upper().replace("-", "")
        sums = decided(claim)
        said[key] = {name: said.get(key, {}).get(name, Decimal(0)) + amount for name, amount in sums.items()}
    del said["K88213"]
    expected: dict[str, dict[str, Decimal]] = {}
    for line in read_expected("lines"):
        sums = expected.setdefault(line["claim_control_number"].replace("-", ""), dict.fromkeys(DECISIONS, Decimal(0)))
        for name in DECISIONS:
            sums[name] += Decimal(line[name])
    answered = {key: sums for key, sums in expected.items() if key in said}
    assert answered == said
    assert len(answered) == 41
    assert all(not any(sums.values()) for key, sums in expected.items() if key not in said)


def test_the_expected_lines_are_decided_by_the_services_that_name_them() -> None:
    by_number: dict[str, Decimal] = {}
    for service in ALL_SERVICES:
        if line_control_number(service):
            number = line_control_number(service)
            by_number[number] = by_number.get(number, Decimal(0)) + Decimal(service[0][3])
    lines = {line["line_control_number"]: Decimal(line["insurance_paid"]) for line in read_expected("lines")}
    assert by_number.pop("K88213L1") == Decimal("88.40")
    assert len(by_number) > 50
    assert {number: lines[number] for number in by_number} == by_number


def test_the_expected_remittances_are_those_of_the_files() -> None:
    expected = {row["trace_number"]: row for row in read_expected("remittances")}
    assert len(expected) == len(FIRST_SETS)
    held = {row["claim_control_number"]: Decimal(row["amount"]) for row in read_expected("suspense")}
    for run in FIRST_SETS:
        row = expected[run[2][2]]
        assert row["payer_id"] == run[2][3]
        assert row["payment_date"].replace("-", "") == run[1][16]
        assert Decimal(row["payment_amount"]) == Decimal(run[1][2])
        suspended = total(Decimal(claim[0][4]) for claim in claims(run) if claim[0][1] in held)
        assert Decimal(row["suspense"]) == suspended
        assert Decimal(row["posted"]) == total(Decimal(claim[0][4]) for claim in claims(run)) - suspended


def test_what_stands_in_suspense_is_the_claim_that_was_never_sent() -> None:
    (held,) = read_expected("suspense")
    assert (held["trace_number"], held["claim_control_number"], held["amount"]) == (
        "NWE00493027",
        "K88213",
        "88.40",
    )
    assert held["line_control_number"] is None


def test_the_codes_that_the_readme_names_are_in_the_claims_that_it_names() -> None:
    readme = sample_files().joinpath("README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (D1[0-9]{3})-1 \| (.*?) \|", readme, re.MULTILINE)
    assert len(rows) == 47
    for encounter, shows in rows:
        mine = [claim for claim in ALL_CLAIMS if claim[0][1].upper().replace("-", "") == f"{encounter}1"]
        codes = {f"{group}-{reason}" for claim in mine for group, reason, _ in adjustments(claim)}
        codes |= {element for claim in mine for s in claim if s[0] in ("LQ", "MOA") for element in s[1:]}
        named = set(re.findall(r"\b(?:(?:CO|PR|OA|PI)-[0-9]+|(?:MA|M|N)[0-9]+)\b", shows))
        assert named <= codes, encounter
        assert ("no answer yet" in shows) == (not mine), encounter
