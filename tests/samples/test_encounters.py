"""The sample encounters and what is expected of their lines, read plainly: JSON, CSV and Markdown."""

import csv
import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from claimloop.samples import sample_files

ENCOUNTERS = sample_files().joinpath("encounters")
MONEY = ("charge", "insurance_paid", "contractual", "written_off", "patient", "open", "denied")
E_AND_M = ["99202", "99203", "99204", "99205", "99211", "99212", "99213", "99214"]
BIOPSIES = ["11102", "11103", "11104", "11105", "11106", "11107"]
SINGLE = ["17000", "17003", "17004", "17110", "17111", "10060", "88305"]


def read_lines(name: str) -> list[dict[str, Any]]:
    text = sample_files().joinpath(*name.split("/")).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def read_json_encounters() -> list[dict[str, Any]]:
    medicaid = json.loads(ENCOUNTERS.joinpath("medicaid.json").read_text(encoding="utf-8"))
    return [*read_lines("encounters/commercial.jsonl"), *medicaid]


def read_rows() -> list[dict[str, str]]:
    """The rows of medicare.csv: one for each service line."""
    text = ENCOUNTERS.joinpath("medicare.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


JSON_ENCOUNTERS = read_json_encounters()
ROWS = read_rows()
SERVICES = [(encounter, service) for encounter in JSON_ENCOUNTERS for service in encounter["services"]]
EXPECTED = read_lines("expected/lines.jsonl")


def submitted_lines() -> list[tuple[str, str, str, str, list[str], str, Decimal]]:
    """Claim, line, payer, procedure, modifiers, day, charge of every line that the practice sends."""
    lines: list[tuple[str, str, str, str, list[str], str, Decimal]] = []
    counted: Counter[str] = Counter()
    for row in ROWS:
        key = row["encounter_id"]
        counted[key] += 1
        lines.append(
            (
                f"{key}-1",
                f"{key}1L{counted[key]:02d}",
                row["coverage_payer_id"],
                row["service_procedure"],
                row["service_modifiers"].split(),
                row["service_date"],
                Decimal(row["service_charge"]),
            )
        )
    for encounter in JSON_ENCOUNTERS:
        for number, service in enumerate(encounter["services"], start=1):
            lines.append(
                (
                    f"{encounter['encounter_id']}-1",
                    f"{encounter['encounter_id']}1L{number:02d}",
                    encounter["coverages"][0]["payer_id"],
                    service["procedure"],
                    service.get("modifiers", []),
                    service["service_date"],
                    Decimal(service["charge"]),
                )
            )
    return lines


def procedures() -> set[str]:
    return {line[3] for line in submitted_lines()}


def diagnoses() -> set[str]:
    written = {code for encounter in JSON_ENCOUNTERS for code in encounter["diagnoses"]}
    return written | {code for row in ROWS for code in row["diagnoses"].split()}


def test_thirty_encounters_or_more_go_to_three_payers() -> None:
    assert len({line[0] for line in submitted_lines()}) >= 30
    assert {line[2] for line in submitted_lines()} == {"FECP1", "NWMH2", "HSMA3"}


@pytest.mark.parametrize("code", E_AND_M + BIOPSIES + SINGLE)
def test_the_procedure_is_billed(code: str) -> None:
    assert code in procedures()


@pytest.mark.parametrize(("first", "last"), [("17260", "17286"), ("12031", "12057")])
def test_the_range_of_procedures_is_billed_from_end_to_end(first: str, last: str) -> None:
    billed = {code for code in procedures() if first <= code <= last}
    assert {first, last} <= billed
    assert len(billed) >= 7


@pytest.mark.parametrize("stem", ["L70.0", "L40.0", "L20.9", "L57.0", "C44.", "B07.9", "D22.", "L82.1"])
def test_the_diagnosis_occurs(stem: str) -> None:
    assert any(code.startswith(stem) for code in diagnoses())


@pytest.mark.parametrize("modifier", ["25", "59", "RT", "LT", "76"])
def test_the_modifier_occurs(modifier: str) -> None:
    assert any(modifier in line[4] for line in submitted_lines())


def test_an_add_on_has_several_units() -> None:
    units = [Decimal(row["service_units"] or 1) for row in ROWS if row["service_procedure"] == "17003"]
    assert max(units) == 14


def test_dependents_are_children_and_spouses_of_subscribers_or_have_a_member_id_of_their_own() -> None:
    relationships = Counter(encounter["coverages"][0].get("relationship", "self") for encounter in JSON_ENCOUNTERS)
    assert relationships["child"] == 2
    assert relationships["spouse"] == 1
    for encounter in JSON_ENCOUNTERS:
        coverage = encounter["coverages"][0]
        assert ("subscriber" in coverage) == (coverage.get("relationship", "self") != "self")
    own = [e for e in JSON_ENCOUNTERS if e["encounter_id"] == "D1201"]
    assert own[0]["patient"]["birth_date"] == "2019-02-14"
    assert "relationship" not in own[0]["coverages"][0]


def test_providers_authorizations_drugs_and_facilities_occur() -> None:
    assert {e["billing_provider"]["npi"] for e in JSON_ENCOUNTERS if "billing_provider" in e} == {"2000000044"}
    assert {e["rendering_provider"]["npi"] for e in JSON_ENCOUNTERS} == {"2000000028", "2000000036"}
    for field in ("prior_authorization", "referral_number", "referring_provider", "clia_number"):
        assert any(field in encounter for encounter in JSON_ENCOUNTERS), field
    assert [e["patient_paid"] for e in JSON_ENCOUNTERS if "patient_paid" in e] == ["30.00"]
    assert [(s["procedure"], s["drug"]["ndc"]) for _, s in SERVICES if "drug" in s] == [("J3301", "99999-0293-05")]
    assert {row["encounter_id"] for row in ROWS if row["place_of_service"] == "22"} == {"D1007"}


def numbers_at(value: object, name: str) -> set[str]:
    """Every value under this name, however deep."""
    if isinstance(value, list):
        return set().union(*(numbers_at(item, name) for item in value))
    if isinstance(value, dict):
        own = {value[name]} if name in value else set()
        return own.union(*(numbers_at(item, name) for item in value.values()))
    return set()


def test_no_npi_can_be_anybodys_and_each_has_its_check_digit() -> None:
    from_rows = {row[column] for row in ROWS for column in row if column.endswith("npi") and row[column]}
    npis = numbers_at(JSON_ENCOUNTERS, "npi") | from_rows
    for npi in npis:
        assert npi[0] == "2"
        doubled = [2 * int(digit) for digit in npi[-2::-2]]
        luhn = sum(figure - 9 * (figure > 9) for figure in doubled) + sum(int(digit) for digit in npi[1::2])
        assert (24 + luhn) % 10 == 0, npi


def test_the_expected_lines_are_the_submitted_lines() -> None:
    expected = [
        (
            line["claim_control_number"],
            line["line_control_number"],
            line["payer_id"],
            line["procedure"],
            line["modifiers"],
            line["service_date"],
            Decimal(line["charge"]),
        )
        for line in EXPECTED
        if line["line_control_number"]
    ]
    assert sorted(expected) == sorted(submitted_lines())


def test_every_expected_line_holds_the_identity() -> None:
    for line in EXPECTED:
        charge, paid, contractual, written_off, patient, still_open, denied = (Decimal(line[name]) for name in MONEY)
        assert charge == paid + contractual + written_off + patient + still_open, line
        assert written_off == 0
        assert denied == 0 or 0 < denied <= still_open, line
        assert all(str(line[name]) == f"{Decimal(line[name]):.2f}" for name in MONEY)


def test_one_bucket_carries_money_without_a_charge() -> None:
    (bucket,) = [line for line in EXPECTED if line["line_control_number"] is None]
    assert bucket["claim_control_number"] == "D1112-1"
    assert [bucket[name] for name in MONEY] == ["0.00", "160.00", "79.00", "0.00", "30.00", "-269.00", "0.00"]


def test_every_expected_remittance_holds_the_identity() -> None:
    for row in read_lines("expected/remittances.jsonl"):
        payment, posted, suspense, provider = (
            Decimal(row[name]) for name in ("payment_amount", "posted", "suspense", "provider_adjustments")
        )
        assert payment == posted + suspense - provider, row
        assert row["difference"] == "0.00"


def test_what_the_remittances_post_is_what_the_lines_were_paid() -> None:
    posted = sum(Decimal(row["posted"]) for row in read_lines("expected/remittances.jsonl"))
    assert posted == sum(Decimal(line["insurance_paid"]) for line in EXPECTED)


def test_some_claims_are_unanswered() -> None:
    answered = {line["claim_control_number"] for line in EXPECTED if line["open"] != line["charge"]}
    refused = {line["claim_control_number"] for line in EXPECTED if line["denied"] != "0.00"}
    silent = {line["claim_control_number"] for line in EXPECTED} - answered - refused
    assert silent == {"D1012-1", "D1015-1", "D1120-1", "D1121-1", "D1209-1", "D1210-1"}


def test_the_readme_says_of_each_claim_what_the_ledger_must_say() -> None:
    columns = ("charge", "insurance_paid", "contractual", "patient", "open", "denied")
    readme = sample_files().joinpath("README.md").read_text(encoding="utf-8")
    said = {}
    for line in readme.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 9 and cells[0].startswith("D1"):
            said[cells[0]] = [Decimal(cell) for cell in cells[3:]]
    expected = {
        claim: [
            sum(Decimal(line[name]) for line in EXPECTED if line["claim_control_number"] == claim) for name in columns
        ]
        for claim in {str(line["claim_control_number"]) for line in EXPECTED}
    }
    assert said == expected


def test_the_refused_encounters_are_kept_apart() -> None:
    refused = [str(encounter["encounter_id"]) for encounter in read_lines("encounters/refused.jsonl")]
    assert refused == ["D1901", "D1902", "D1903", "D1904", "D1905", "D1906"]
    assert not {f"{number}-1" for number in refused} & {line[0] for line in submitted_lines()}
