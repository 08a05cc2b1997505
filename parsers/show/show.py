"""`claimloop show`: an 837P and an 835 for people (words and tables) and for programs (JSON Lines)."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from claimloop.edi.diagnostics import Report, Where, diagnose
from claimloop.edi.guides.locating import locate
from claimloop.edi.records.claim import Claim
from claimloop.edi.records.remittance import (
    ClaimPayment,
    ProviderAdjustment,
    ProviderSummary,
    Remittance,
    RemittanceEnd,
)
from claimloop.edi.syntax.envelope import shown
from claimloop.edi.syntax.tokens import read_batches
from claimloop.parsers.kinds import kind_of
from claimloop.parsers.professional.reader import ClaimFile, claim_file_items
from claimloop.parsers.remittance.reader import remittance_items
from claimloop.parsers.remittance.set_reader import RemittanceItem
from claimloop.parsers.show.privacy import hide_claim, hide_payment, hide_remittance, hide_segment

if TYPE_CHECKING:
    from rich.console import Console

FLUSH = 1 << 16
"""Bytes of JSON that are gathered before they are written."""

ShownRecord = RemittanceItem | ClaimFile | Claim


class Segment(msgspec.Struct, frozen=True):
    """A segment of a file whose kind is not shown in words: its number in the file and its elements, id first.

    `loop` and `name` are the guide's, and are empty where it has no place for the segment.
    """

    number: int
    elements: list[str]
    loop: str = ""
    name: str = ""


class SetEnd(msgspec.Struct, frozen=True):
    """The end of a remittance with its balance: `difference` is BPR02 less what claims and PLB add up to.

    `other_segments` are those that followed the head and belong to no claim: the head was written before them.
    """

    payment_amount: str
    claims: int
    claims_paid: str
    provider_adjusted: str
    expected_payment: str
    difference: str
    complete: bool
    unreadable: int
    digest: str
    other_segments: tuple[str, ...] = ()


_NAMES: dict[type, bytes] = {
    Remittance: b'{"record":"remittance"',
    ClaimPayment: b'{"record":"claim_payment"',
    ProviderAdjustment: b'{"record":"provider_adjustment"',
    ProviderSummary: b'{"record":"summary"',
    SetEnd: b'{"record":"remittance_end"',
    ClaimFile: b'{"record":"file"',
    Claim: b'{"record":"claim"',
    Segment: b'{"record":"segment"',
}


def show_file(path: Path, console: "Console", report: Report, *, show_values: bool) -> None:
    """Print a file in words and tables, or its segments where it is neither an 837P nor an 835.

    Values that identify a patient are hidden unless `show_values` (`claimloop.parsers.show.privacy`). Raises NotX12,
    and OSError where the file cannot be read.
    """
    kind = kind_of(path)
    with path.open("rb") as stream:
        if kind == "835":
            from claimloop.parsers.show.remittance import show_remittances

            show_remittances(_remittance_items(stream, path, report, show_values), console)
        elif kind in ("837P", "837"):
            from claimloop.parsers.show.claims import show_claims

            show_claims(_claim_items(stream, path, report, show_values), console)
        else:
            from claimloop.parsers.show.segments import show_segments

            finding = diagnose("R261", Where(str(path)), kind=shown(kind) if kind else "no transaction set")
            show_segments(read_batches(stream, str(path), report), console, finding.message, show_values=show_values)


def show_json(path: Path, write: Callable[[bytes], object], report: Report, *, show_values: bool) -> None:
    """Write a file as JSON Lines, one object a record, in flat memory.

    Each object has "record": remittance, claim_payment, provider_adjustment, summary, remittance_end; file, claim;
    or segment for other kinds. Amounts are strings, dates ISO. A field that is left out has the default of its
    record, which usually means that it is empty. Values that identify a patient are hidden unless `show_values`. Raises
    NotX12, and OSError where the file cannot be read.
    """
    kind = kind_of(path)
    with path.open("rb") as stream:
        if kind == "835":
            records: Iterator[msgspec.Struct] = _with_balance(_remittance_items(stream, path, report, show_values))
        elif kind in ("837P", "837"):
            records = _claim_items(stream, path, report, show_values)
        else:
            report(diagnose("R261", Where(str(path)), kind=shown(kind) if kind else "no transaction set"))
            records = _segments(stream, path, report, show_values)
        _write_lines(records, write)


def _write_lines(records: Iterator[msgspec.Struct], write: Callable[[bytes], object]) -> None:
    encode_into = msgspec.json.Encoder().encode_into
    lines = bytearray()
    for record in records:
        lines += _NAMES[type(record)]
        body = len(lines)
        encode_into(record, lines, -1)
        if len(lines) - body > len(b"{}"):
            lines[body] = ord(",")
        else:
            del lines[body]
        lines += b"\n"
        if len(lines) > FLUSH:
            write(bytes(lines))
            lines.clear()
    if lines:
        write(bytes(lines))


def _remittance_items(stream: BinaryIO, path: Path, report: Report, show_values: bool) -> Iterator[RemittanceItem]:
    head: list[str] = []
    told = 0
    for item in remittance_items(stream, str(path), report):
        if not show_values:
            if isinstance(item, ClaimPayment):
                hide_payment(item)
            elif isinstance(item, Remittance):
                hide_remittance(item)
                head, told = item.other_segments, len(item.other_segments)
            elif isinstance(item, RemittanceEnd):
                head[told:] = map(hide_segment, head[told:])
        yield item


def _with_balance(items: Iterator[RemittanceItem]) -> Iterator[msgspec.Struct]:
    head, told = Remittance(), 0
    for item in items:
        if isinstance(item, RemittanceEnd):
            payment, expected = head.payment_amount, item.expected_payment()
            yield SetEnd(
                _amount(payment), item.claims, _amount(item.claims_paid), _amount(item.provider_adjusted),
                _amount(expected), _amount(payment - expected), item.complete, item.unreadable, item.digest,
                tuple(head.other_segments[told:]),
            )  # fmt: skip
            continue
        if isinstance(item, Remittance):
            head, told = item, len(item.other_segments)
        yield item


def _amount(amount: Decimal) -> str:
    """Return an amount with two decimals, or with more where the file has more."""
    return f"{amount:.2f}" if amount == round(amount, 2) else f"{amount:f}"


def _claim_items(stream: BinaryIO, path: Path, report: Report, show_values: bool) -> Iterator[ClaimFile | Claim]:
    for item in claim_file_items(stream, str(path), report):
        if isinstance(item, Claim):
            yield item if show_values else hide_claim(item)
        elif show_values or not item.other_segments:
            yield item
        else:
            yield msgspec.structs.replace(item, other_segments=tuple(map(hide_segment, item.other_segments)))


def _segments(stream: BinaryIO, path: Path, report: Report, show_values: bool) -> Iterator[Segment]:
    for located in locate(read_batches(stream, str(path), report)):
        separator, place = located.batch.delimiters.element, located.place
        elements = located.elements if show_values else hide_segment(separator.join(located.elements)).split(separator)
        yield Segment(located.number, elements, place.loop_id if place else "", place.segment.name if place else "")
