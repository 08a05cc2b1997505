"""Reading item by item: the order, flat memory, and a digest that belongs to the set and not to its envelope."""

import sys
from collections.abc import Iterator
from io import BytesIO, RawIOBase
from itertools import chain, islice, repeat

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.records.remittance import RemittanceEnd
from claimloop.parsers.remittance.reader import remittance_items
from claimloop.parsers.remittance.set_reader import RemittanceItem
from claimloop.tests.parsers.remittance.era import CLAIM, DATA, HEAD, interchange, read, transaction


def stream(text: str) -> list[RemittanceItem]:
    return list(remittance_items(BytesIO(text.encode()), "test.835", lambda finding: None))


def digest(text: str) -> str:
    (end,) = (item for item in stream(text) if isinstance(item, RemittanceEnd))
    return end.digest


def test_items_come_in_the_order_of_the_file() -> None:
    body = (
        "LX*1",
        "TS3*1245319599*11*20261231*1*150",
        *CLAIM[1:],
        "CLP*A2*1*0*0**12*ICN2",
        "PLB*1*2*L6*1*WO:X*-1",
    )
    items = stream(interchange(transaction(*HEAD, *body), transaction(*HEAD, *CLAIM, control="0002")))
    assert [type(item).__name__ for item in items] == [
        "Remittance", "ProviderSummary", "ClaimPayment", "ClaimPayment", "ProviderAdjustment", "ProviderAdjustment",
        "RemittanceEnd", "Remittance", "ClaimPayment", "RemittanceEnd",
    ]  # fmt: skip


def test_the_head_comes_before_the_file_has_been_read_to_its_end() -> None:
    class Endless(RawIOBase):
        def __init__(self) -> None:
            self._pieces: Iterator[str] = chain(
                [interchange(transaction(*HEAD, *CLAIM)).split("SE*")[0]], repeat("~".join((*CLAIM[1:], "")))
            )

        def read(self, size: int = -1) -> bytes:
            return next(self._pieces).encode()

    items = remittance_items(Endless(), "endless.835", lambda finding: None)  # type: ignore[arg-type]
    assert [type(next(items)).__name__ for _ in range(3)] == ["Remittance", "ClaimPayment", "ClaimPayment"]


def test_memory_does_not_grow_with_the_file() -> None:
    claims = ["~".join(CLAIM[1:]).replace("A1", f"A{number}").replace("M1", f"M{number}") for number in range(20_000)]
    text = BytesIO(interchange(transaction(*HEAD, *claims)).encode())
    items = remittance_items(text, "test.835", lambda finding: None)
    before = [sys.getallocatedblocks() for _ in islice(items, 5_000)][-1]
    after = [sys.getallocatedblocks() for _ in islice(items, 14_000)][-1]
    # A claim is some forty blocks: 14,000 that stay would be half a million.
    assert after - before < 50_000


def test_a_claim_that_reaches_over_many_chunks_keeps_all_of_its_lines() -> None:
    lines = [
        f"{CLAIM[3]}~{CLAIM[4]}~{CLAIM[5]}~REF*6R*A1L{number}".replace("*150*100", "*51*1") for number in range(20_000)
    ]
    text = interchange(transaction(*HEAD, "LX*1", "CLP*A1*1*1020000*20000**12*ICN1", *lines)).replace(
        "*100*C", "*20000*C"
    )
    (remittance,), findings = read(text)
    (claim,) = remittance.claims
    assert findings == []
    assert [line.line_control_number for line in claim.services] == [f"A1L{number}" for number in range(20_000)]


def test_findings_about_a_claim_that_began_chunks_ago_have_their_segment() -> None:
    lines = "~".join(["SVC*HC:99213*1*1~REF*6R*L"] * 40_000)
    _, findings = read(interchange(transaction(*HEAD, "LX*1", "CLP*A1*1*1*100**12*ICN1", lines)))
    assert [(finding.code, finding.where.segment) for finding in findings] == [("R221", 10), ("R223", 10)]


def test_the_offset_of_a_finding_is_the_segment_in_the_file() -> None:
    raw = (DATA / "835__pyedi__835-all-fields.x12").read_bytes()
    findings: list[Diagnostic] = []
    list(remittance_items(BytesIO(raw), "test.835", findings.append))
    assert findings
    for finding in findings:
        assert finding.where.offset is not None
        tag = finding.where.element[:3] if finding.where.element[:2] != "SE" else "SE"
        assert raw[finding.where.offset :].decode().startswith(tag)


GOOD = interchange(transaction(*HEAD, *CLAIM))


@pytest.mark.parametrize(
    "other",
    [
        GOOD.replace("000000001", "000000777").replace("*0001~", "*4711~"),
        GOOD.translate(str.maketrans("*:~^", "|>\n!")),
        GOOD.replace("~", "~\r\n"),
        GOOD.replace("~", "~\n"),
        GOOD.replace("~", "\x85"),
        GOOD.replace("CAS*", "~CAS*"),
        GOOD.replace("005010X221A1", "005010X221"),
    ],
    ids=[
        "control numbers",
        "delimiters",
        "CR LF",
        "LF",
        "a terminator beyond ASCII",
        "empty segments",
        "version",
    ],
)
def test_the_same_set_in_another_envelope_has_the_same_digest(other: str) -> None:
    assert other != GOOD
    (end,) = (
        item
        for item in remittance_items(BytesIO(other.encode("latin-1")), "other.835", lambda finding: None)
        if isinstance(item, RemittanceEnd)
    )
    assert end.digest == digest(GOOD)


@pytest.mark.parametrize(
    "other",
    [GOOD.replace("*50~", "*50.00~"), GOOD.replace("~REF*6R*A1L1", ""), GOOD.replace("99213:25", "99213*25")],
    ids=["an amount", "a segment", "a delimiter"],
)
def test_another_content_has_another_digest(other: str) -> None:
    assert digest(other) != digest(GOOD)


def test_a_digest_does_not_depend_on_where_the_set_stands_in_the_file() -> None:
    filler = transaction(*HEAD, *CLAIM[:1], *(CLAIM[1:] * 6_000), control="0002")
    last = transaction(*HEAD, *CLAIM, *(CLAIM[1:] * 9_000), control="0003").replace("MARLOWE", "NÚÑEZ")
    alone = [item for item in stream(interchange(last)) if isinstance(item, RemittanceEnd)]
    behind = [item for item in stream(interchange(filler, last)) if isinstance(item, RemittanceEnd)]
    assert behind[-1] == alone[-1]
