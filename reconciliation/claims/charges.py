"""Rows and entries for claims that went out: what is charged becomes revenue that is open.

Used for the files that we write and for those that another system sent (`importing`).
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, case, func, select

from claimloop.edi.money import to_cents
from claimloop.edi.records.claim import Claim
from claimloop.reconciliation.claims.states import record_encoder
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.connection import insert_rows, next_id
from claimloop.reconciliation.posting.match import normalized

Row = tuple[object, ...]


class Outgoing(msgspec.Struct):
    """A claim that goes out. `version` counts the sendings of its encounter, `turn` the payers (1 primary).

    `claim_id` is the claim in the ledger whose charges are sent once more, to another payer or to be taken back; None
    where they are new. `closes` are the claims in the ledger that stand no longer: this one replaces or voids them.
    """

    claim: Claim
    encounter_id: str
    version: int = 1
    part: int = 1
    turn: int = 1
    claim_id: int | None = None
    closes: tuple[int, ...] = ()


class Book:
    """The claims of one submission on their way into the ledger, inside one transaction of it."""

    def __init__(self, connection: Connection, moment: datetime, *, imported: bool = False) -> None:
        self.submission_id = next_id(connection, schema.submissions)
        self._connection = connection
        self._imported = int(imported)
        self._day, self._posted = moment.date().isoformat(), moment.isoformat(timespec="seconds")
        self._next_claim = next_id(connection, schema.claims)
        self._next_sending = next_id(connection, schema.sendings)
        self._next_line = next_id(connection, schema.lines)
        self._next_entry = next_id(connection, schema.entries)

    def add(self, outgoing: Sequence[Outgoing], set_number: str) -> None:
        """The rows of the claims of one set."""
        rows: dict[str, list[Row]] = {"claims": [], "sendings": [], "lines": [], "legs": [], "entries": []}
        for each in outgoing:
            for closed in each.closes:
                self._close(closed, rows)
            claim_id = self._charge(each, rows) if each.claim_id is None else each.claim_id
            rows["sendings"].append(self._sending(each, claim_id, set_number))
        for name, some in rows.items():
            insert_rows(self._connection, schema.metadata.tables[name], some)

    def _sending(self, sent: Outgoing, claim_id: int, set_number: str) -> Row:
        claim = sent.claim
        sending_id, self._next_sending = self._next_sending, self._next_sending + 1
        return (
            sending_id, self.submission_id, claim_id, set_number, sent.version, sent.turn, claim.frequency,
            self._imported, claim.patient_control_number, normalized(claim.patient_control_number), claim.payer.id,
            claim.payer.name, claim.subscriber.person.id, normalized(claim.subscriber.person.id),
            "\n".join({claim.patient_person.name: 0, claim.subscriber.person.name: 0}), record_encoder.encode(claim),
        )  # fmt: skip

    def _charge(self, sent: Outgoing, rows: dict[str, list[Row]]) -> int:
        """A new claim with its lines and the entry that charges them; returns its id."""
        claim = sent.claim
        claim_id, self._next_claim = self._next_claim, self._next_claim + 1
        period = claim.service_period
        rows["claims"].append(
            (
                claim_id, sent.encounter_id, sent.version, sent.part, claim.patient_control_number, claim.payer.id,
                claim.payer.name, 1 + len(claim.other_payers), to_cents(claim.charge), period.start.isoformat(),
                period.end.isoformat(),
            )
        )  # fmt: skip
        rows["lines"].append((self._take_line(), claim_id, 0, None, None, "", None, None, None, 0))
        moves: list[tuple[str, int, int]] = []
        for number, line in enumerate(claim.lines, start=1):
            line_id, charge = self._take_line(), to_cents(line.charge)
            rows["lines"].append(
                (
                    line_id, claim_id, number, line.line_control_number, line.procedure, " ".join(line.modifiers),
                    line.service_date.start.isoformat(), line.service_date.end.isoformat(), str(line.units), charge,
                )
            )  # fmt: skip
            if charge:  # a quality code is reported for nothing
                moves += ((accounts.OPEN, line_id, charge), (accounts.CHARGE, line_id, -charge))
        self._enter("claim submitted", moves, rows)
        return claim_id

    def _close(self, claim_id: int, rows: dict[str, list[Row]]) -> None:
        """Take back what was charged for a claim that stands no longer, but for what was paid until now.

        What the patient paid is his: he owes nothing any more, so it is left as his credit.
        """
        legs, lines = schema.legs.c, schema.lines.c
        kept = (accounts.CHARGE, accounts.INSURANCE_CASH)
        account = case((legs.account == accounts.PATIENT_CASH, accounts.PATIENT), else_=legs.account)
        balances = self._connection.execute(
            select(account, legs.line_id, func.sum(legs.amount))
            .join_from(schema.legs, schema.lines, lines.id == legs.line_id)
            .where(lines.claim_id == claim_id, legs.account.not_in(kept))
            .group_by(legs.line_id, account)
            .order_by(legs.line_id, account)
        ).all()
        moves: list[tuple[str, int, int]] = []
        for closed, line_id, amount in balances:
            if amount:
                moves += ((closed, line_id, -int(amount)), (accounts.CHARGE, line_id, int(amount)))
        self._enter("claim closed", moves, rows)

    def _enter(self, kind: str, moves: Sequence[tuple[str, int, int]], rows: dict[str, list[Row]]) -> None:
        """One entry of these (account, line, cents)."""
        if not moves:
            return
        entry, self._next_entry = self._next_entry, self._next_entry + 1
        rows["legs"] += [(entry, number, *move) for number, move in enumerate(moves, start=1)]
        rows["entries"].append((entry, kind, self._day, self._posted, self.submission_id, None, None))

    def _take_line(self) -> int:
        line_id, self._next_line = self._next_line, self._next_line + 1
        return line_id
