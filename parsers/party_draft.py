"""A party of an 837P while it is read: NM1, then N3, N4, PER, REF and PRV behind it."""

from claimloop.edi.parties import Address, Contact, Party, Provider, Reference
from claimloop.parsers.segment_run import SegmentRun, padded

TAXONOMY_QUALIFIERS = frozenset(("PXC", "ZZ"))
"""PRV02 of a provider taxonomy code: 5010, 4010."""

PARTY_SEGMENTS = frozenset(("N2", "N3", "N4", "DMG", "PER", "PRV", "REF"))
_WITHOUT_TAXONOMY = frozenset(("40", "41", "IL", "PR", "QC"))


class PartyDraft:
    """The segments of one party. `take` says whether a segment belongs to it; `party` and `provider` make the record.

    With `whole` the party has no record of its own: all of its segments are kept as text.
    """

    __slots__ = ("_city", "_nm1", "_run", "_street", "contacts", "references", "taxonomy", "whole")

    def __init__(self, run: SegmentRun, index: int, nm1: list[str], *, whole: bool = False) -> None:
        self._run = run
        self.whole = whole
        self._nm1 = padded(nm1, 9)
        self._street: list[str] | None = None
        self._city: list[str] | None = None
        self.contacts: list[Contact] = []
        self.references: list[Reference] = []
        self.taxonomy = ""
        if whole or (len(nm1) > 6 and (nm1[6] or any(nm1[10:]))):
            run.keep(index)

    @property
    def role(self) -> str:
        """NM101."""
        return self._nm1[1]

    def take(self, index: int, elements: list[str]) -> bool:
        """Read a segment that belongs to the party; False where it does not. What does not fit is kept as text."""
        match elements[0]:
            case tag if self.whole:
                if tag not in PARTY_SEGMENTS:
                    return False
                self._run.keep(index)
            case "REF":
                self.references.append(read_reference(self._run, index, elements))
            case "N3" if self._street is None:
                self._street = padded(elements, 2)
                if any(elements[3:]):
                    self._run.keep(index)
            case "N4" if self._city is None:
                self._city = padded(elements, 7)
                if any(elements[5:7]) or any(elements[8:]):
                    self._run.keep(index)
            case "PER":
                field = padded(elements, 2)
                numbers = elements[3:9]
                if len(numbers) % 2:
                    numbers.append("")
                pairs = tuple(zip(numbers[::2], numbers[1::2], strict=True))
                self.contacts.append(Contact(field[1], field[2], tuple(pair for pair in pairs if any(pair))))
                if any(elements[9:]):
                    self._run.keep(index)
            case "PRV" if not self.taxonomy and self.role not in _WITHOUT_TAXONOMY:
                self.taxonomy = read_taxonomy(self._run, index, elements)
            case _:
                return False
        return True

    def address(self) -> Address | None:
        """N3 and N4; None where there is neither."""
        if self._street is None and self._city is None:
            return None
        street, city = self._street or [""] * 3, self._city or [""] * 8
        return Address(street[1], street[2], city[1], city[2], city[3], city[4], city[7])

    def party(self) -> Party:
        """The record. A taxonomy code, for which a Party has no field, is not in it."""
        field = self._nm1
        return Party(
            field[1], field[2], field[3], field[4], field[5], field[7], field[8], field[9],
            self.address(), tuple(self.contacts), tuple(self.references),
        )  # fmt: skip

    def provider(self) -> Provider:
        """The record with its taxonomy code."""
        field = self._nm1
        return Provider(
            field[1], field[2], field[3], field[4], field[5], field[7], field[8], field[9],
            self.address(), tuple(self.contacts), tuple(self.references), self.taxonomy,
        )  # fmt: skip


def read_reference(run: SegmentRun, index: int, elements: list[str]) -> Reference:
    """REF01-03; where there is a REF04 the segment is kept as well."""
    field = padded(elements, 3)
    if any(elements[4:]):
        run.keep(index)
    return Reference(field[1], field[2], field[3])


def read_taxonomy(run: SegmentRun, index: int, elements: list[str]) -> str:
    """PRV03 where PRV02 says that it is a taxonomy code; else nothing, and the segment is kept."""
    field = padded(elements, 3)
    if field[2] not in TAXONOMY_QUALIFIERS or field[1] not in ("BI", "PE") or any(elements[4:]):
        run.keep(index)
    return field[3] if field[2] in TAXONOMY_QUALIFIERS else ""


def read_note(run: SegmentRun, index: int, elements: list[str]) -> Reference:
    """NTE: what kind of note, and its text."""
    field = padded(elements, 2)
    if any(elements[3:]):
        run.keep(index)
    return Reference(field[1], field[2])
