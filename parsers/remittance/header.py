"""Read the head of an 835: BPR, TRN, CUR, REF, DTM, the payer (1000A) and the payee (1000B)."""

from collections.abc import Callable

import msgspec

from claimloop.edi.money import ZERO
from claimloop.edi.records.parties import Address, Contact, Party, Reference
from claimloop.edi.records.remittance import Remittance
from claimloop.edi.syntax.envelope import Source
from claimloop.parsers.cursor import Cursor, shown_tag

HEADER_SEGMENTS = frozenset(("BPR", "TRN", "CUR", "N1", "N3", "N4", "RDM"))
"""Segments that occur only in the head. REF, DTM and PER occur in claims, too."""

_PADDING = [""] * 24
_UP_TO = [frozenset(range(most + 1)) for most in range(24)]


def read_contact(elements: list[str]) -> Contact:
    """Read the pairs of qualifier and number of a PER, at most three."""
    field = elements + _PADDING
    numbers = tuple((field[at], field[at + 1]) for at in (3, 5, 7) if field[at] or field[at + 1])
    return Contact(field[1], field[2], numbers)


class HeaderReader:
    """Collect the head of one set in `remittance`."""

    def __init__(self, cursor: Cursor, source: Source, guide: str) -> None:
        self.remittance = Remittance(guide=guide, source=source)
        self.loop = ""
        self.trace_segment = 0
        self._cursor = cursor
        self._seen: set[str] = set()
        self._open_party: str | None = ""  # "PR", "PE"; "" before both; None in one that no field exists for
        self._readers: dict[str, Callable[[list[str]], None]] = {
            "BPR": self._read_bpr,
            "TRN": self._read_trn,
            "CUR": self._read_cur,
            "REF": self._read_ref,
            "DTM": self._read_dtm,
            "N1": self._read_n1,
            "N3": self._read_n3,
            "N4": self._read_n4,
            "PER": self._read_per,
            "RDM": self._read_rdm,
        }

    def read(self, tag: str, elements: list[str]) -> None:
        """Read one segment of the head."""
        reader = self._readers.get(tag)
        if reader is None:
            self._cursor.report("R202", value=self._cursor.segment, tag=shown_tag(tag))
            self._cursor.keep_text = True
        else:
            reader(elements)

    def finish(self) -> None:
        """Close the head and report what is missing in it."""
        for tag in ("BPR", "TRN"):
            if tag not in self._seen:
                self._cursor.report("R214", tag=tag)

    def _again(self, name: str) -> bool:
        """Return True, with a finding, where a segment that a head has only once is repeated."""
        if name in self._seen:
            self._cursor.report("R209", tag=name)
            self._cursor.keep_text = True
            return True
        self._seen.add(name)
        return False

    def _read_bpr(self, elements: list[str]) -> None:
        if self._again("BPR"):
            return
        field = elements + _PADDING
        remittance, cursor = self.remittance, self._cursor
        remittance.payment_segment = cursor.number
        remittance.handling = field[1]
        remittance.payment_amount = cursor.amount(field[2], "BPR02")
        remittance.credit_debit, remittance.payment_method, remittance.payment_format = field[3:6]
        remittance.payer_account = _account(field[6:10])
        remittance.originating_company = field[10]
        self._supplement(field[11])
        remittance.payee_account = _account(field[12:16])
        remittance.payment_date = cursor.day(field[16], "BPR16")
        if remittance.payment_amount < ZERO:
            cursor.report("R217", "BPR02", amount=remittance.payment_amount)
        cursor.leftover(elements, _UP_TO[16])

    def _read_trn(self, elements: list[str]) -> None:
        if self._again("TRN"):
            return
        field = elements + _PADDING
        self.trace_segment = self._cursor.number
        self.remittance.trace_number, self.remittance.payer_id = field[2:4]
        self._supplement(field[4])
        if field[1] != "1":
            self._cursor.keep_text = True
        self._cursor.leftover(elements, _UP_TO[4])

    def _supplement(self, text: str) -> None:
        """Record BPR11 or TRN04. They are the same number, and a payer may leave out either."""
        if text and not self.remittance.supplemental_id:
            self.remittance.supplemental_id = text
        elif text and text != self.remittance.supplemental_id:
            self._cursor.keep_text = True

    def _read_cur(self, elements: list[str]) -> None:
        if self._again("CUR"):
            return
        field = elements + _PADDING
        self.remittance.currency_entity, self.remittance.currency = field[1:3]
        self.remittance.exchange_rate = self._cursor.quantity(field[3], "CUR03")
        self._cursor.leftover(elements, _UP_TO[3])

    def _read_ref(self, elements: list[str]) -> None:
        field = elements + _PADDING
        reference = Reference(field[1], field[2], field[3])
        if self._open_party == "":
            self.remittance.references.append(reference)
        else:
            self._change_party(lambda party: {"references": (*party.references, reference)})
        self._cursor.leftover(elements, _UP_TO[3])

    def _read_dtm(self, elements: list[str]) -> None:
        dated = self._cursor.dated(elements)
        if dated is None:
            return
        if dated.qualifier == "405" and dated.end is None and self.remittance.production_date is None:
            self.remittance.production_date = dated.date
        else:
            self.remittance.dates.append(dated)

    def _read_n1(self, elements: list[str]) -> None:
        field = elements + _PADDING
        role = field[1]
        if role not in ("PR", "PE"):
            self._open_party = None
            self.loop = ""
            self._cursor.report("R202", "N101", role, tag="N1 in this role")
            self._cursor.keep_text = True
            return
        self.loop = "1000A" if role == "PR" else "1000B"
        if self._again(f"N1*{role}"):
            self._open_party = None
            return
        self._open_party = role
        party = Party(role, "", field[2], id_qualifier=field[3], id=field[4])  # an N1 has no NM102
        if role == "PR":
            self.remittance.payer = party
        else:
            self.remittance.payee = party
        self._cursor.leftover(elements, _UP_TO[4])

    def _read_n3(self, elements: list[str]) -> None:
        field = elements + _PADDING
        if self._again(f"N3 in {self.loop or 'this place'}"):
            return
        self._change_address(line1=field[1], line2=field[2])
        self._cursor.leftover(elements, _UP_TO[2])

    def _read_n4(self, elements: list[str]) -> None:
        field = elements + _PADDING
        if self._again(f"N4 in {self.loop or 'this place'}"):
            return
        self._change_address(
            city=field[1], state=field[2], postal_code=field[3], country=field[4], subdivision=field[7]
        )
        self._cursor.leftover(elements, _UP_TO[4] | {7})

    def _read_per(self, elements: list[str]) -> None:
        contact = read_contact(elements)
        self._change_party(lambda party: {"contacts": (*party.contacts, contact)})
        self._cursor.leftover(elements, _UP_TO[8])

    def _read_rdm(self, elements: list[str]) -> None:
        if not self._again("RDM"):
            self.remittance.delivery = tuple(elements[1:])

    def _change_address(self, **changes: str) -> None:
        self._change_party(lambda party: {"address": msgspec.structs.replace(party.address or Address(), **changes)})

    def _change_party(self, changes: Callable[[Party], dict[str, object]]) -> None:
        """Apply changes to the open party. Where no party is open, keep the text of the segment."""
        remittance = self.remittance
        if self._open_party == "PR":
            remittance.payer = msgspec.structs.replace(remittance.payer, **changes(remittance.payer))
        elif self._open_party == "PE":
            remittance.payee = msgspec.structs.replace(remittance.payee, **changes(remittance.payee))
        else:
            if self._open_party == "":
                self._cursor.report("R203", tag=self._cursor.segment.split(self._cursor.batch.delimiters.element)[0])
            self._cursor.keep_text = True


def _account(fields: list[str]) -> tuple[str, ...]:
    """Return bank id qualifier, bank id, account qualifier, account number; empty where nothing was sent."""
    return tuple(fields) if any(fields) else ()
