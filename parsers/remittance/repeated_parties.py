"""Read a payer and payee that are named again after the head, for each claim or LX: a habit of some payers."""

from claimloop.edi.records.remittance import ClaimPayment, Remittance, ServicePayment
from claimloop.parsers.cursor import Cursor
from claimloop.parsers.remittance.claims import ClaimReader

OF_A_PARTY = frozenset(("N2", "N3", "N4", "REF", "PER", "RDM"))
"""Segments that may follow the N1 of a party."""

_PARTIES = {"PR": "payer", "PE": "payee"}


class PartiesAgain:
    """Keep a repeated party as text. While `open` is True, segments belong to it, and the claim that was open waits.

    The head's parties remain the ones that count. The remittance keeps the text of each segment once, even where the
    file repeats it. Each set has its own object.
    """

    def __init__(self, cursor: Cursor, claims: ClaimReader) -> None:
        self.open = False
        self._cursor = cursor
        self._claims = claims
        self._claim: ClaimPayment | None = None
        self._line: ServicePayment | None = None
        self._texts: set[str] = set()
        self._said = False

    def begins(self, tag: str, elements: list[str]) -> bool:
        """Return True for an N1 of a payer or payee."""
        return tag == "N1" and len(elements) > 1 and elements[1] in _PARTIES

    def begin(self, remittance: Remittance, elements: list[str]) -> None:
        """Open a repeated party. Report the head's own once a set, and a different one each time."""
        role = elements[1]
        head = remittance.payer if role == "PR" else remittance.payee
        name, number = (*elements[2:5:2], "", "")[:2]
        if name not in ("", head.name) or number not in ("", head.id):
            self._cursor.report("R264", "N102", role=_PARTIES[role])
        elif not self._said:
            self._said = True
            self._cursor.report("R263")
        self._claim, self._claims.claim = self._claims.claim, None
        self._line, self._claims.line = self._claims.line, None
        self.open = True
        self.keep(remittance)

    def keep(self, remittance: Remittance) -> None:
        """Keep the current segment as text."""
        text = self._cursor.segment
        if text not in self._texts:
            self._texts.add(text)
            remittance.other_segments.append(text)

    def end(self) -> None:
        """Close the party. The claim that waited is open again."""
        if self.open:
            self.open = False
            self._claims.claim, self._claims.line = self._claim, self._line
            self._claim = self._line = None
