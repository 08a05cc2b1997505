"""Every public 835 that is at hand: read without an exception, equal to the cent, nothing of it lost."""

import csv
import json
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from claimloop.edi.diagnostics import NotX12
from claimloop.edi.records.parties import Party
from claimloop.edi.records.remittance import Adjustment, ClaimPayment, ProviderAdjustment, Remittance, ServicePayment
from claimloop.edi.syntax.envelope import ENVELOPE_SEGMENTS
from claimloop.edi.syntax.tokens import Batch, read_batches
from claimloop.parsers import read_835
from claimloop.parsers.remittance.reader import gather, remittance_items
from claimloop.tests.parsers.remittance.era import DATA

FILES = sorted(DATA.glob("835__*.x12"))
EXPECTED = sorted((DATA / "expected").glob("835__*.json"))


def name(path: Path) -> str:
    return path.stem


def test_every_sample_names_its_source_and_licence() -> None:
    with (DATA / "index.tsv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert {row["file"] for row in rows} == {path.name for path in DATA.glob("*.x12")}
    assert all(row["source_repo"] and row["licence"] for row in rows)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_sample_is_read(path: Path) -> None:
    sets = path.read_bytes().count(b"BPR")
    remittances = read_835(path, lambda finding: None)
    assert len(remittances) >= max(1, sets)
    assert all(remittance.end for remittance in remittances)


# What the hand-checked answers say, and what was read, in one shape: plain text, amounts without trailing zeros.


def amount(value: Decimal | str | None) -> str | None:
    return None if value is None else f"{Decimal(value).normalize():f}"


def adjustments(found: list[Adjustment]) -> list[dict[str, str | None]]:
    return [
        {
            "group": one.group,
            "reason": one.reason,
            "amount": amount(one.amount),
            "quantity": amount(one.quantity),
        }
        for one in found
    ]


def party(found: Party) -> dict[str, str]:
    return {
        "entity": found.role,
        "last_or_org": found.name,
        "first": found.first_name,
        "middle": found.middle_name,
        "id_qualifier": found.id_qualifier,
        "id": found.id,
    }


def shared(level: ClaimPayment | ServicePayment) -> dict[str, object]:
    return {
        "charge": amount(level.charge),
        "paid": amount(level.paid),
        "adjustments": adjustments(level.adjustments),
        "dates": {dated.qualifier: f"{dated.date:%Y%m%d}" for dated in level.dates},
        "amounts": {one.qualifier: amount(one.amount) for one in level.amounts},
        "refs": [[ref.qualifier, ref.value] for ref in level.references],
    }


def line(found: ServicePayment) -> dict[str, object]:
    submitted = found.submitted_procedure
    return shared(found) | {
        "qualifier": found.procedure.qualifier,
        "procedure": found.procedure.code,
        "modifiers": list(found.procedure.modifiers),
        "revenue_code": found.revenue_code,
        "units_paid": amount(found.units_paid),
        "original_procedure": submitted.code if submitted else "",
        "original_units": amount(found.submitted_units),
        "remarks": [[remark.qualifier, remark.code] for remark in found.remarks],
    }


def claim(found: ClaimPayment) -> dict[str, object]:
    return shared(found) | {
        "claim_id": found.patient_control_number,
        "status": found.status,
        "patient_responsibility": amount(found.patient_responsibility),
        "filing_indicator": found.claim_filing_indicator,
        "payer_control_number": found.payer_claim_number,
        "facility_type": found.facility_type,
        "frequency": found.frequency,
        "drg": found.drg,
        "drg_weight": amount(found.drg_weight),
        "discharge_fraction": amount(found.discharge_fraction),
        "lx": found.header_number,
        "names": [party(one) for one in found.parties],
        "remarks": [],
        "lines": [line(one) for one in found.services],
    }


def provider_adjustment(found: ProviderAdjustment) -> dict[str, str | None]:
    return {
        "provider": found.provider,
        "fiscal_date": found.fiscal_period,
        "reason": found.reason,
        "reference": found.reference,
        "amount": amount(found.amount),
    }


def remittance(found: Remittance) -> dict[str, object]:
    assert found.source is not None
    return {
        "st02": found.source.transaction,
        "payer": {"name": found.payer.name, "id_qualifier": found.payer.id_qualifier, "id": found.payer.id},
        "payee": {"name": found.payee.name, "id_qualifier": found.payee.id_qualifier, "id": found.payee.id},
        "bpr": {
            "handling": found.handling,
            "amount": amount(found.payment_amount),
            "credit_debit": found.credit_debit,
            "method": found.payment_method,
            "date": f"{found.payment_date:%Y%m%d}" if found.payment_date else "",
        },
        "trace": {"number": found.trace_number, "originator": found.payer_id},
        "production_date": f"{found.production_date:%Y%m%d}" if found.production_date else None,
        "claims": [claim(one) for one in found.claims],
        "plb": [provider_adjustment(one) for one in found.provider_adjustments],
    }


AMOUNTS = {
    *("amount", "charge", "paid", "patient_responsibility", "drg_weight", "discharge_fraction"),
    *("quantity", "units_paid", "original_units"),
}


def plain(answer: object, key: str = "") -> object:
    """The hand-checked answer with its amounts in the same spelling, and without its sums."""
    if isinstance(answer, dict):
        if key == "amounts":
            return {qualifier: amount(value) for qualifier, value in answer.items()}
        left_out = {"check", "totals", "st01", "st03"}
        return {field: plain(value, field) for field, value in answer.items() if field not in left_out}
    if isinstance(answer, list):
        return [plain(value) for value in answer]
    return amount(answer) if key in AMOUNTS and isinstance(answer, str) else answer


@pytest.mark.parametrize("path", EXPECTED, ids=name)
def test_every_field_equals_the_hand_checked_answer(path: Path) -> None:
    answer = json.loads(path.read_text(encoding="utf-8"))
    sets = [one for isa in answer["interchanges"] for group in isa["groups"] for one in group["transactions"]]
    read = read_835(DATA / answer["file"], lambda finding: None)
    expected = [{"production_date": None, **one} for one in map(plain, sets) if isinstance(one, dict)]
    assert [remittance(one) for one in read] == expected


@pytest.mark.parametrize("path", EXPECTED, ids=name)
def test_totals_and_balances_equal_the_hand_checked_ones(path: Path) -> None:
    answer = json.loads(path.read_text(encoding="utf-8"))
    sets = [one for isa in answer["interchanges"] for group in isa["groups"] for one in group["transactions"]]
    codes: list[str] = []
    read = read_835(DATA / answer["file"], lambda finding: codes.append(finding.code))
    for found, expected in zip(read, sets, strict=True):
        assert found.end is not None
        assert found.end.claims == expected["totals"]["n_claims"]
        assert found.end.claims_paid == Decimal(expected["totals"]["paid"])
        assert found.end.provider_adjusted == Decimal(expected["totals"]["plb"])
        assert found.end.expected_payment() == Decimal(expected["totals"]["bpr_expected"])
        assert ("R222" not in codes) == expected["totals"]["balanced"]
        for one, check in zip(found.claims, expected["claims"], strict=True):
            assert (one.imbalance == 0) == check["check"]["claim_balances"]


# Nothing is lost.


def leaves(record: object) -> Iterator[str]:
    """Every text in a record."""
    if isinstance(record, str):
        yield record
    elif isinstance(record, dict):
        for field, value in record.items():
            if field not in ("source", "end", "guide", "segment", "header_number"):
                yield from leaves(value)
    elif isinstance(record, list | tuple):
        for value in record:
            yield from leaves(value)
    elif record is not None:
        yield str(record)


def spelled(text: str) -> str:
    """Dates and numbers as the records' JSON spells them, other texts as they are."""
    try:
        return f"{Decimal(text).normalize():f}"
    except ArithmeticError:
        return text.replace("-", "") if len(text) == 10 and text[4] == text[7] == "-" else text


def parts(segment: str, batch: Batch) -> Iterator[str]:
    """The components of a segment's elements; its id is not a value."""
    for element in segment.split(batch.delimiters.element)[1:]:
        yield from element.split(batch.delimiters.component) if batch.delimiters.component else [element]


def sent_values(raw: bytes) -> Counter[str]:
    """Every value of every segment inside the sets; LX01 (one for many claims) and TRN01 (always 1) are left out."""
    sent: Counter[str] = Counter()
    for batch in read_batches(BytesIO(raw), "", lambda finding: None):
        inside = False
        for segment in batch.segments:
            tag = segment.split(batch.delimiters.element)[0].strip()
            inside = (inside or tag == "ST") and tag != "SE"
            if inside and tag not in ENVELOPE_SEGMENTS and tag != "LX":
                sent.update(spelled(part) for part in list(parts(segment, batch))[tag == "TRN" :] if part)
    return sent


def kept_values(raw: bytes) -> Counter[str]:
    """Every value that the records have, in their fields or in the segments that they keep as text."""
    kept: Counter[str] = Counter()
    batch = next(read_batches(BytesIO(raw), "", lambda finding: None))
    for found in gather(remittance_items(BytesIO(raw), "", lambda finding: None)):
        kept["405"] += found.production_date is not None  # the field's name says the qualifier
        for text in leaves(msgspec.to_builtins(found)):
            values = parts(text, batch) if batch.delimiters.element in text else [text]
            kept.update(spelled(value) for value in values if value)
    return kept


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_value_of_a_remittance_is_lost(path: Path) -> None:
    raw = path.read_bytes()
    sent = sent_values(raw)
    lost = sent - kept_values(raw)
    assert sent or path.stem.endswith("raw")
    assert not lost


@pytest.mark.parametrize("seed", range(8))
def test_no_value_of_a_shuffled_remittance_is_lost(seed: int) -> None:
    chance = random.Random(seed)
    for path in FILES:
        raw = path.read_bytes()
        if raw[:3] != b"ISA" or len(raw) > 20_000 or raw.count(b"ST*835*") != 1 or raw.count(b"~") < 9:
            continue
        start, end = raw.index(b"ST*"), raw.rindex(b"SE*")
        first, *body = [segment for segment in raw[start:end].split(b"~") if segment.strip()]
        chance.shuffle(body)
        shuffled = raw[:start] + b"~".join((first, *body)) + b"~" + raw[end:]
        assert not sent_values(shuffled) - kept_values(shuffled), path.name


# Content never raises.


def mutate(raw: bytes, chance: random.Random) -> bytes:
    """The file with a few segments dropped, doubled, swapped or blanked, and a few bytes changed."""
    terminator = b"~" if raw.count(b"~") > 3 else b"\n"
    segments = raw.split(terminator)
    for _ in range(chance.randrange(1, 5)):
        here, there = chance.randrange(len(segments)), chance.randrange(len(segments))
        match chance.randrange(6):
            case 0:
                segments[here] = b""
            case 1:
                segments.insert(here, segments[there])
            case 2:
                segments[here], segments[there] = segments[there], segments[here]
            case 3:
                elements = segments[here].split(b"*")
                elements[chance.randrange(len(elements))] = chance.choice(
                    (b"", b"-", b"9" * 60, b":::::::::", b"\xff\xfe")
                )
                segments[here] = b"*".join(elements)
            case 4:
                segments[here] = chance.randbytes(chance.randrange(30))
            case _:
                segments[here] = segments[here][: chance.randrange(len(segments[here]) + 1)]
    broken = bytearray(terminator.join(segments))
    for _ in range(chance.choice((0, 0, 1, 5))):
        broken[chance.randrange(len(broken))] = chance.randrange(256)
    return bytes(broken[: chance.choice((len(broken), chance.randrange(len(broken)) + 1))])


@pytest.mark.parametrize("seed", range(12))
def test_no_mutation_of_a_remittance_raises(seed: int) -> None:
    chance = random.Random(seed)
    refused = read = 0
    texts: list[str] = []
    for path in FILES:
        raw = path.read_bytes()[:6000]
        try:
            for item in remittance_items(
                BytesIO(mutate(raw, chance)), path.name, lambda finding: texts.append(str(finding))
            ):
                msgspec.json.encode(item)
            read += 1
        except NotX12:
            refused += 1
    assert read > refused
    assert texts
