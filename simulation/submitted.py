"""Read submitted claims as a payer does: 837P files of any origin, 4010 or 5010, one claim after another.

This reader is separate, small and lenient, and uses only `edi.syntax.tokens.scan`: the simulated payer must not depend
on `claimloop.parsers`, which its answers test. If a file breaks off, its last claim is omitted.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.money import NotAnAmount, decimals, to_cents
from claimloop.edi.syntax.envelope import Group, Interchange
from claimloop.edi.syntax.tokens import Batch, scan
from claimloop.simulation.submitted_claim import (
    NOBODY,
    OtherPayer,
    PriorAdjustment,
    PriorLine,
    SubmittedClaim,
    SubmittedLine,
    SubmittedParty,
)

__all__ = [
    "NOBODY",
    "OtherPayer",
    "PriorAdjustment",
    "PriorLine",
    "SubmittedClaim",
    "SubmittedLine",
    "SubmittedParty",
    "read_submitted",
]


def read_submitted(path: Path) -> Iterator[SubmittedClaim]:
    """Yield the claims of one file, in order. Raises NotX12 if it contains no ISA, OSError if it cannot be read."""
    reader = _Reader(path.name)
    handlers = reader.handlers()
    with path.open("rb") as stream:
        for batch in scan(stream, path.name, _ignore_finding):
            if not isinstance(batch, Batch):
                continue
            separator = batch.delimiters.element
            reader.component = batch.delimiters.component or "\0"
            reader.repetition = batch.delimiters.repetition
            number = batch.first - 1
            for text in batch.segments:
                number += 1
                elements = text.split(separator)
                handler = handlers.get(elements[0])
                if handler is not None:
                    reader.number = number
                    handler(elements)
                    if reader.done is not None:
                        yield reader.done
                        reader.done = None


def _ignore_finding(_: Diagnostic) -> None:
    """Ignore a finding: a payer's front end answers by 999, and this reader uses only what it can read."""


class _Reader:
    """The open envelope, hierarchy, claim, other payer and line."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.number = 0
        self.component, self.repetition = ":", "^"
        self.done: SubmittedClaim | None = None
        self._interchange, self._group = Interchange(), Group()
        self._transaction = self._guide = ""
        self._bht = [""] * 7
        self._parties: dict[str, _PartyDraft] = {}
        self._party: _PartyDraft | None = None
        self._sbr = [""] * 10
        self._pat01 = ""
        self._claim: _ClaimDraft | None = None

    def handlers(self) -> dict[str, Callable[[list[str]], None]]:
        """Return the handler of each segment id."""
        return {
            "SV1": self._service, "DTP": self._date, "REF": self._reference, "LX": self._begin_line,
            "NM1": self._name, "N3": self._street, "N4": self._city, "DMG": self._born,
            "CLM": self._begin_claim, "HI": self._diagnoses, "HL": self._level, "SBR": self._coverage,
            "PAT": self._relation, "CAS": self._adjust, "SVD": self._prior_line, "AMT": self._amount,
            "BHT": self._begin_batch, "ST": self._begin_set, "GS": self._begin_group, "ISA": self._begin_interchange,
            "SE": self._end, "GE": self._end, "IEA": self._end,
        }  # fmt: skip

    # envelope

    def _begin_interchange(self, elements: list[str]) -> None:
        self._end(elements)
        field = [text.strip() for text in elements] + [""] * 17
        self._interchange = Interchange(
            field[5], field[6], field[7], field[8], field[9], field[10], field[12], field[13], field[15]
        )

    def _begin_group(self, elements: list[str]) -> None:
        self._end(elements)
        field = elements + [""] * 9
        self._group = Group(field[1], field[2].strip(), field[3].strip(), field[4], field[6], field[8])

    def _begin_set(self, elements: list[str]) -> None:
        self._end(elements)
        field = elements + [""] * 4
        self._transaction, self._guide = field[2], field[3] or self._group.version
        self._bht = [""] * 7
        self._parties, self._sbr, self._pat01 = {}, [""] * 10, ""

    def _begin_batch(self, elements: list[str]) -> None:
        self._bht = elements + [""] * 7

    def _end(self, _: list[str]) -> None:
        self._finish()
        self._party = None

    def _finish(self) -> None:
        if self._claim is not None:
            self.done = self._made(self._claim)
            self._claim = None

    # hierarchy

    def _level(self, elements: list[str]) -> None:
        self._end(elements)
        level = elements[3] if len(elements) > 3 else ""
        gone = {"20": ("85", "IL", "PR", "QC"), "22": ("IL", "PR", "QC"), "23": ("QC",)}.get(level, ())
        for role in gone:
            self._parties.pop(role, None)
        self._pat01 = ""
        if level in ("20", "22"):
            self._sbr = [""] * 10

    def _coverage(self, elements: list[str]) -> None:
        if self._claim is None:
            self._sbr = elements + [""] * 10
        else:
            self._claim.other_payers.append(_OtherDraft(elements[1] if len(elements) > 1 else ""))
            self._party = None

    def _relation(self, elements: list[str]) -> None:
        self._pat01 = elements[1] if len(elements) > 1 else ""

    def _name(self, elements: list[str]) -> None:
        role = elements[1] if len(elements) > 1 else ""
        self._party = None
        if self._claim is None:
            if role in ("41", "40", "85", "IL", "PR", "QC") and role not in self._parties:
                self._party = self._parties[role] = _PartyDraft(elements)
        elif self._claim.other_payers and not self._claim.lines and role in ("IL", "PR"):
            field = elements + [""] * 10
            other = self._claim.other_payers[-1]
            if role == "IL":
                other.member_id = other.member_id or field[9]
            else:
                other.payer_id, other.name = other.payer_id or field[9], other.name or field[3]

    def _street(self, elements: list[str]) -> None:
        if self._party is not None:
            self._party.n3 = elements

    def _city(self, elements: list[str]) -> None:
        if self._party is not None:
            self._party.n4 = elements

    def _born(self, elements: list[str]) -> None:
        if self._party is not None:
            self._party.dmg = elements

    # claim

    def _begin_claim(self, elements: list[str]) -> None:
        self._finish()
        self._claim = _ClaimDraft(elements + [""] * 6, self.number)
        self._party = None

    def _diagnoses(self, elements: list[str]) -> None:
        claim = self._claim
        if claim is None or claim.lines:
            return
        for text in elements[1:]:
            qualifier, _, code = text.partition(self.component)
            if qualifier in ("ABK", "ABF", "BK", "BF"):
                claim.diagnoses.append(code.partition(self.component)[0])

    def _reference(self, elements: list[str]) -> None:
        if len(elements) < 3:
            return
        claim, qualifier = self._claim, elements[1]
        if claim is None:
            if self._party is not None and qualifier in ("EI", "SY", "24", "34"):
                self._party.tax_id = self._party.tax_id or elements[2]
        elif claim.lines:
            if qualifier == "6R":
                claim.lines[-1].line_control_number = elements[2]
        elif not claim.other_payers:  # after a 2320, a REF*F8 is the other payer's
            claim.references.setdefault(qualifier, elements[2])

    def _amount(self, elements: list[str]) -> None:
        claim = self._claim
        if claim is None or len(elements) < 3 or claim.lines:
            return
        if elements[1] == "D" and claim.other_payers:
            claim.other_payers[-1].paid = claim.cents(elements[2])
        elif elements[1] == "F5" and not claim.other_payers:
            claim.patient_paid = claim.cents(elements[2])

    def _adjust(self, elements: list[str]) -> None:
        claim = self._claim
        if claim is None or len(elements) < 4:
            return
        if claim.lines:
            into = claim.lines[-1].prior[-1][2] if claim.lines[-1].prior else None
        else:
            into = claim.other_payers[-1].adjustments if claim.other_payers else None
        if into is not None:
            for at in range(2, len(elements) - 1, 3):
                into.append(PriorAdjustment(elements[1], elements[at], claim.cents(elements[at + 1])))

    # line

    def _begin_line(self, elements: list[str]) -> None:
        if self._claim is not None:
            self._claim.lines.append(_LineDraft(elements[1] if len(elements) > 1 else "", self.number))
            self._party = None

    def _service(self, elements: list[str]) -> None:
        if self._claim is not None and self._claim.lines:
            self._claim.lines[-1].sv1 = elements

    def _date(self, elements: list[str]) -> None:
        if self._claim is not None and self._claim.lines and len(elements) > 3 and elements[1] == "472":
            self._claim.lines[-1].day = elements[3]

    def _prior_line(self, elements: list[str]) -> None:
        claim = self._claim
        if claim is not None and claim.lines and len(elements) > 2:
            claim.lines[-1].prior.append((elements[1], claim.cents(elements[2]), []))

    # records

    def _made_party(self, role: str) -> SubmittedParty:
        draft = self._parties.get(role)
        return draft.party() if draft is not None else NOBODY

    def _made(self, claim: "_ClaimDraft") -> SubmittedClaim:
        clm, sbr = claim.clm, self._sbr
        place, qualifier, frequency, *_ = [*clm[5].split(self.component), "", ""]
        subscriber = self._made_party("IL")
        return SubmittedClaim(
            self.file, self._interchange, self._group, self._transaction, self._guide, self._bht[3], self._bht[4],
            self._made_party("41"), self._made_party("40"), self._made_party("85"), self._made_party("PR"),
            subscriber, self._made_party("QC") if "QC" in self._parties else subscriber,
            sbr[1], self._pat01 or sbr[2], sbr[9], sbr[3], clm[1], claim.cents(clm[2]), place, qualifier, frequency,
            claim.references.get("F8", ""), claim.references.get("D9", ""), tuple(claim.diagnoses),
            claim.patient_paid, tuple(line.made(claim, self.component) for line in claim.lines),
            tuple(other.made() for other in claim.other_payers), claim.segment, self.number - 1, claim.unreadable,
        )  # fmt: skip


class _PartyDraft:
    __slots__ = ("_made", "dmg", "n3", "n4", "nm1", "tax_id")

    def __init__(self, nm1: list[str]) -> None:
        self.nm1 = nm1
        self.n3: list[str] = []
        self.n4: list[str] = []
        self.dmg: list[str] = []
        self.tax_id = ""
        self._made: SubmittedParty | None = None

    def party(self) -> SubmittedParty:
        """Return the party, which does not change once a claim refers to it."""
        if self._made is None:
            name, n3, n4, dmg = self.nm1 + [""] * 10, self.n3 + [""] * 2, self.n4 + [""] * 4, self.dmg + [""] * 4
            self._made = SubmittedParty(
                name[3], name[4], name[5], name[2], name[8], name[9], self.tax_id,
                n3[1], n4[1], n4[2], n4[3], dmg[2], dmg[3],
            )  # fmt: skip
        return self._made


class _ClaimDraft:
    __slots__ = (
        "clm", "diagnoses", "lines", "other_payers", "patient_paid", "references", "segment", "unreadable"
    )  # fmt: skip

    def __init__(self, clm: list[str], segment: int) -> None:
        self.clm = clm
        self.segment = segment
        self.references: dict[str, str] = {}
        self.diagnoses: list[str] = []
        self.lines: list[_LineDraft] = []
        self.other_payers: list[_OtherDraft] = []
        self.patient_paid = self.unreadable = 0

    def cents(self, text: str) -> int:
        """Return the amount in cents; 0, counted in `unreadable`, if it is not an amount."""
        try:
            return _cents[text]
        except NotAnAmount:
            self.unreadable += 1
            return 0


class _OtherDraft:
    __slots__ = ("adjustments", "member_id", "name", "paid", "payer_id", "responsibility")

    def __init__(self, responsibility: str) -> None:
        self.responsibility = responsibility
        self.payer_id = self.name = self.member_id = ""
        self.paid: int | None = None
        self.adjustments: list[PriorAdjustment] = []

    def made(self) -> OtherPayer:
        return OtherPayer(
            self.responsibility, self.payer_id, self.name, self.member_id, self.paid, tuple(self.adjustments)
        )


class _LineDraft:
    __slots__ = ("day", "line_control_number", "number", "prior", "segment", "sv1")

    def __init__(self, number: str, segment: int) -> None:
        self.number = number
        self.segment = segment
        self.sv1: list[str] = []
        self.day = self.line_control_number = ""
        self.prior: list[tuple[str, int, list[PriorAdjustment]]] = []

    def made(self, claim: _ClaimDraft, component: str) -> SubmittedLine:
        sv1 = self.sv1 if len(self.sv1) > 7 else self.sv1 + [""] * 8
        code = sv1[1].split(component)
        first, _, last = self.day.partition("-")
        first = _eight_digits(first)
        last = _eight_digits(last) or first
        return SubmittedLine(
            self.number, self.line_control_number, code[0], code[1] if len(code) > 1 else "",
            tuple(modifier for modifier in code[2:6] if modifier), claim.cents(sv1[2]), sv1[3], sv1[4],
            first, last, tuple(one for one in sv1[7].split(component) if one), sv1[5],
            tuple(PriorLine(payer, paid, tuple(why)) for payer, paid, why in self.prior), self.segment,
        )  # fmt: skip


def _eight_digits(day: str) -> str:
    """Return the day; empty if it is not one."""
    return day if len(day) == 8 and day.isascii() and day.isdigit() else ""


class _Cents(dict[str, int]):
    """Texts already parsed as cents, because the same few amounts repeat."""

    def __missing__(self, text: str) -> int:
        if len(self) >= 50_000:
            self.clear()
        cents = self[text] = to_cents(decimals[text])
        return cents


_cents = _Cents()
