"""277CA (005010X214): the front end's status of each claim, and the expected acknowledgements.

Each claim file gets one 277CA file, with one set for each of its sets. The guide requires totals before the claims, so
the claims are spooled on disk and memory does not grow with them. Sources: the guide as pyx12's map 277.5010.X214
transcribes it; rules.md#claim-acknowledgements.
"""

import tempfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import IO, Self

import msgspec

from claimloop.edi.money import from_cents
from claimloop.edi.private_files import write_privately
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.envelope import Interchange
from claimloop.edi.syntax.writer import InterchangeIds, X12Writer
from claimloop.simulation.acceptance import RejectionReason
from claimloop.simulation.chance import digits
from claimloop.simulation.submitted import SubmittedClaim, SubmittedParty

GUIDE = "005010X214"
_IN_MEMORY = 4 << 20

STATUS: dict[RejectionReason, tuple[str, str]] = {
    "": ("A2", "20"),
    "unreadable": ("A7", "21"),
    "incomplete": ("A6", "21"),
    "does not add up": ("A7", "178"),
    "unknown member": ("A3", "33"),
    "unknown claim": ("A4", "35"),
}
"""STC01-1 and STC01-2: accepted for processing; missing or invalid information; submitted charges; subscriber or claim
not found.
"""


class StatusTruth(msgspec.Struct, frozen=True):
    """The status of a claim: one row of `acknowledgements.jsonl`. `answer` is the name of the 277CA."""

    file: str
    claim_control_number: str
    accepted: bool
    category: str
    status: str
    because: str
    answer: str


class _Reported(msgspec.Struct, frozen=True):
    """A claim as a 277CA reports it. `provider` counts the changes of the billing provider within the set."""

    provider: int
    billing: SubmittedParty
    patient: SubmittedParty
    member_id: str
    control_number: str
    payer_claim_number: str
    trace: str
    charge: int
    days: tuple[str, str]
    rejected: RejectionReason


class _Totals(msgspec.Struct):
    accepted: int = 0
    rejected: int = 0
    accepted_cents: int = 0
    rejected_cents: int = 0

    def add(self, cents: int, *, accepted: bool) -> None:
        if accepted:
            self.accepted += 1
            self.accepted_cents += cents
        else:
            self.rejected += 1
            self.rejected_cents += cents


class _Set(msgspec.Struct):
    """One submitted set: its sender, its total, and the totals of each billing provider in it."""

    batch_id: str
    submitter: SubmittedParty
    receiver: SubmittedParty
    totals: _Totals
    providers: list[_Totals]
    claims: int = 0


class StatusAnswers:
    """The front end: `take` receives each claim in the order of the files; `write` creates the 277CAs of all of them.

    Use it as a context manager: the claims spooled on disk are deleted at its end.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._spool: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._encode = msgspec.json.Encoder().encode
        self._decode = msgspec.json.Decoder(_Reported).decode
        self._files: dict[str, list[_Set]] = {}
        self._interchanges: dict[str, Interchange] = {}
        self._set: tuple[str, str, str, str] = ("", "", "", "")
        self._billing: SubmittedParty | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()

    def take(self, claim: SubmittedClaim, payer_claim_number: str, rejected: RejectionReason) -> None:
        """Receive a claim, the payer's number for it, and why it is rejected (empty: accepted)."""
        sets = self._files.setdefault(claim.file, [])
        self._interchanges.setdefault(claim.file, claim.interchange)
        place = claim.file, claim.interchange.control_number, claim.group.control_number, claim.transaction
        if place != self._set or not sets:
            self._set, self._billing = place, None
            sets.append(_Set(claim.batch_id, claim.submitter, claim.receiver, _Totals(), []))
        current = sets[-1]
        if claim.billing_provider != self._billing:
            self._billing = claim.billing_provider
            current.providers.append(_Totals())
        current.claims += 1
        for totals in (current.totals, current.providers[-1]):
            totals.add(claim.charge, accepted=not rejected)
        reported = _Reported(
            len(current.providers), claim.billing_provider, claim.patient, claim.subscriber.id, claim.control_number,
            payer_claim_number, claim.trace, claim.charge, (claim.first_day, claim.last_day), rejected,
        )  # fmt: skip
        self._spool.write(self._encode(reported) + b"\n")

    def write(self, folder: Path, received: date, tell: Callable[[StatusTruth], object]) -> list[Path]:
        """Write `<received>-NAME.277` for each claim file; `tell` receives the status of each claim.

        Raises OSError if the folder is not writable.
        """
        self._spool.seek(0)
        claims = (self._decode(line) for line in self._spool)
        paths = []
        for file, sets in self._files.items():
            path = folder / f"{received:%Y-%m-%d}-{Path(file).name}.277"
            write_privately(path, _File(self, file, sets, claims, received, path.name, tell).write)
            paths.append(path)
        return paths

    def ids(self, file: str) -> InterchangeIds:
        """Return the ids of the file with sender and receiver swapped."""
        sent = self._interchanges[file]
        sender, receiver = sent.receiver.strip() or "PAYER", sent.sender.strip() or "PROVIDER"
        qualifiers = (sent.receiver_qualifier or "ZZ", sent.sender_qualifier or "ZZ")
        return InterchangeIds(qualifiers[0], sender, qualifiers[1], receiver, sender, receiver, sent.usage or "T")

    def number(self, file: str, most: int = 8) -> int:
        """Return a control number that is derived from the seed and the file's name."""
        return int(digits(self._seed, f"277 {Path(file).name}", most)) + 1


class _File:
    """One 277CA file in progress."""

    def __init__(
        self, answers: StatusAnswers, file: str, sets: list[_Set], claims: Iterator[_Reported], received: date,
        name: str, tell: Callable[[StatusTruth], object],
    ) -> None:  # fmt: skip
        self._answers = answers
        self._file = file
        self._sets = sets
        self._claims = claims
        self._day = f"{received:%Y%m%d}"
        self._moment = datetime.combine(received, time(18, 0))
        self._name = name
        self._tell = tell

    def write(self, write: Callable[[bytes], object]) -> None:
        number = self._answers.number(self._file)
        out = X12Writer(lambda text: write(text.encode("ascii")), Delimiters(), character_set="extended")
        ids = self._answers.ids(self._file)
        out.begin_interchange(ids, number, self._moment)
        out.begin_group(ids, "HN", number, self._moment, GUIDE)
        for place, answered in enumerate(self._sets, start=1):
            out.begin_set("277", place, GUIDE)
            self._write_set(out, answered, f"{number:09d}{place:04d}")
            out.end_set()
        out.end_group()
        out.end_interchange()

    def _write_set(self, out: X12Writer, answered: _Set, reference: str) -> None:
        day = self._day
        out.segment("BHT", "0085", "08", reference, day, "1800", "TH")
        source = out.hl(None, "20", has_children=True)
        out.segment("NM1", "AY", "2", answered.receiver.name or "PAYER", "", "", "", "", "46",
                    answered.receiver.id or "PAYER")  # fmt: skip
        out.segment("TRN", "1", reference)
        out.segment("DTP", "050", "D8", day)
        out.segment("DTP", "009", "D8", day)
        receiver = out.hl(source, "21", has_children=True)
        submitter = answered.submitter
        out.segment(
            "NM1", "41", submitter.entity or "2", submitter.name or "SUBMITTER", submitter.first_name, "", "", "",
            "46", submitter.id or "SUBMITTER",
        )  # fmt: skip
        out.segment("TRN", "2", answered.batch_id or "0")
        total = answered.totals
        whole = from_cents(total.accepted_cents + total.rejected_cents)
        out.segment("STC", ("A1", "19", "PR"), day, "WQ", whole)
        _write_totals(out, total, "90", "AA")
        provider, level = 0, receiver
        for claim in (next(self._claims) for _ in range(answered.claims)):
            if claim.provider != provider:
                provider = claim.provider
                level = self._write_provider(out, claim.billing, answered.providers[provider - 1], receiver)
            self._write_claim(out, claim, level)

    def _write_provider(self, out: X12Writer, billing: SubmittedParty, totals: _Totals, parent: int) -> int:
        level = out.hl(parent, "19", has_children=True)
        known_by = ("XX", billing.npi) if billing.npi else ("FI", billing.tax_id or "000000000")
        out.segment("NM1", "85", billing.entity or "2", billing.name or "PROVIDER", billing.first_name, "", "", "",
                    *known_by)  # fmt: skip
        out.segment("TRN", "1", "0")
        whole = from_cents(totals.accepted_cents + totals.rejected_cents)
        out.segment("STC", ("A1", "19", "PR"), "", "WQ", whole)
        _write_totals(out, totals, "QA", "QC")
        return level

    def _write_claim(self, out: X12Writer, claim: _Reported, parent: int) -> None:
        number = out.next_hl()
        out.segment("HL", str(number), str(parent), "PT")
        patient = claim.patient
        out.segment("NM1", "QC", "1", patient.name or "UNKNOWN", patient.first_name, patient.middle_name, "", "",
                    "MI", claim.member_id or "UNKNOWN")  # fmt: skip
        out.segment("TRN", "2", claim.control_number or "0")
        category, status = STATUS[claim.rejected]
        out.segment("STC", (category, status), self._day, "U" if claim.rejected else "WQ", _money(claim.charge))
        if not claim.rejected:
            out.segment("REF", "1K", claim.payer_claim_number)
        if claim.trace:
            out.segment("REF", "D9", claim.trace)
        first, last = claim.days
        if not first or not last:
            first = last = self._day
        period = ("D8", first) if first == last else ("RD8", f"{first}-{last}")
        out.segment("DTP", "472", *period)
        file, accepted = Path(self._file).name, not claim.rejected
        self._tell(StatusTruth(file, claim.control_number, accepted, category, status, claim.rejected, self._name))


def _write_totals(out: X12Writer, totals: _Totals, accepted: str, rejected: str) -> None:
    """Write QTY and AMT; zero values are omitted."""
    for qualifier, count in ((accepted, totals.accepted), (rejected, totals.rejected)):
        if count:
            out.segment("QTY", qualifier, str(count))
    for qualifier, cents, count in (
        ("YU", totals.accepted_cents, totals.accepted),
        ("YY", totals.rejected_cents, totals.rejected),
    ):
        if count:
            out.segment("AMT", qualifier, _money(cents))


def _money(cents: int) -> Decimal:
    return from_cents(cents)
