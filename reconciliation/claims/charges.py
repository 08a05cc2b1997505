"""Rows and entries of new submissions: what is charged becomes revenue that is open.

Used for the claim files that we write and for those that another system sent (`import_837p`).
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, case, func, select

from claimloop.edi.money import to_cents
from claimloop.edi.records.claim import Claim
from claimloop.reconciliation.claims.states import record_encoder
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.connection import next_id
from claimloop.reconciliation.ledger.inserts import ClaimRow, EntryRow, LegRow, LineRow, SendingRow, insert
from claimloop.reconciliation.posting.match import normalized


class _Rows(msgspec.Struct):
    """Rows that wait to be inserted, parents first."""

    claims: list[ClaimRow] = []
    sendings: list[SendingRow] = []
    lines: list[LineRow] = []
    legs: list[LegRow] = []
    entries: list[EntryRow] = []


class NewSubmission(msgspec.Struct):
    """A claim as it goes to one payer. `version` counts the submissions of its encounter, `turn` is the payer rank.

    `claim_id` is the claim in the ledger whose charges go to a further payer or are voided; None where the charges
    are new. `closes` are the claims in the ledger that this one replaces or voids.
    """

    claim: Claim
    encounter_id: str
    version: int = 1
    part: int = 1
    turn: int = 1
    claim_id: int | None = None
    closes: tuple[int, ...] = ()


class Book:
    """Records new submissions and what they charge, inside one transaction; claim files may take them in turns."""

    def __init__(self, connection: Connection, moment: datetime, *, imported: bool = False) -> None:
        self._connection = connection
        self._next_file = next_id(connection, schema.submissions)
        self._imported = int(imported)
        self._day, self._posted = moment.date().isoformat(), moment.isoformat(timespec="seconds")
        self._next_claim = next_id(connection, schema.claims)
        self._next_sending = next_id(connection, schema.sendings)
        self._next_line = next_id(connection, schema.lines)
        self._next_entry = next_id(connection, schema.entries)

    def new_file(self) -> int:
        """The id of a further claim file. Its own row is the caller's to insert, when the file is complete."""
        file_id, self._next_file = self._next_file, self._next_file + 1
        return file_id

    def add(self, file_id: int, submissions: Sequence[NewSubmission], set_number: str) -> None:
        """Insert the rows of one set of a claim file."""
        rows = _Rows()
        for each in submissions:
            for closed in each.closes:
                self._close(closed, file_id, rows)
            claim_id = self._charge(each, file_id, rows) if each.claim_id is None else each.claim_id
            rows.sendings.append(self._sending(each, claim_id, file_id, set_number))
        for some in (rows.claims, rows.sendings, rows.lines, rows.legs, rows.entries):
            insert(self._connection, some)

    def _sending(self, sent: NewSubmission, claim_id: int, file_id: int, set_number: str) -> SendingRow:
        claim = sent.claim
        sending_id, self._next_sending = self._next_sending, self._next_sending + 1
        return SendingRow(
            id=sending_id,
            submission_id=file_id,
            claim_id=claim_id,
            set_control_number=set_number,
            version=sent.version,
            turn=sent.turn,
            frequency=claim.frequency,
            imported=self._imported,
            patient_control_number=claim.patient_control_number,
            normalised_control_number=normalized(claim.patient_control_number),
            payer_id=claim.payer.id,
            payer_name=claim.payer.name,
            member_id=claim.subscriber.person.id,
            normalised_member_id=normalized(claim.subscriber.person.id),
            last_names="\n".join({claim.patient_person.name: 0, claim.subscriber.person.name: 0}),
            record=record_encoder.encode(claim),
        )

    def _charge(self, sent: NewSubmission, file_id: int, rows: _Rows) -> int:
        """Add a new claim with its lines and the entry that charges them; return its id."""
        claim = sent.claim
        claim_id, self._next_claim = self._next_claim, self._next_claim + 1
        period = claim.service_period
        rows.claims.append(
            ClaimRow(
                id=claim_id,
                encounter_id=sent.encounter_id,
                version=sent.version,
                part=sent.part,
                patient_control_number=claim.patient_control_number,
                payer_id=claim.payer.id,
                payer_name=claim.payer.name,
                coverages=1 + len(claim.other_payers),
                charge=to_cents(claim.charge),
                service_from=period.start.isoformat(),
                service_to=period.end.isoformat(),
            )
        )
        rows.lines.append(
            LineRow(
                id=self._take_line(),
                claim_id=claim_id,
                number=0,  # the claim-level line
                line_control_number=None,
                procedure=None,
                modifiers="",
                service_from=None,
                service_to=None,
                units=None,
                charge=0,
            )
        )
        moves: list[tuple[str, int, int]] = []
        for number, line in enumerate(claim.lines, start=1):
            line_id, charge = self._take_line(), to_cents(line.charge)
            rows.lines.append(
                LineRow(
                    id=line_id,
                    claim_id=claim_id,
                    number=number,
                    line_control_number=line.line_control_number,
                    procedure=line.procedure,
                    modifiers=" ".join(line.modifiers),
                    service_from=line.service_date.start.isoformat(),
                    service_to=line.service_date.end.isoformat(),
                    units=str(line.units),
                    charge=charge,
                )
            )
            if charge:  # a quality code is reported for nothing
                moves += ((accounts.OPEN, line_id, charge), (accounts.CHARGE, line_id, -charge))
        self._enter("claim submitted", moves, file_id, rows)
        return claim_id

    def _close(self, claim_id: int, file_id: int, rows: _Rows) -> None:
        """Reverse what was charged for a claim that is replaced or voided, except for what payers have paid.

        What the patient paid stays on the line as a credit: the patient owes nothing for this claim any more.
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
        self._enter("claim closed", moves, file_id, rows)

    def _enter(self, kind: str, moves: Sequence[tuple[str, int, int]], file_id: int, rows: _Rows) -> None:
        """Add one entry of these (account, line, cents)."""
        if not moves:
            return
        entry, self._next_entry = self._next_entry, self._next_entry + 1
        rows.legs += [
            LegRow(entry_id=entry, number=number, account=account, line_id=line_id, amount=cents)
            for number, (account, line_id, cents) in enumerate(moves, start=1)
        ]
        rows.entries.append(EntryRow(id=entry, kind=kind, day=self._day, posted=self._posted, submission_id=file_id))

    def _take_line(self) -> int:
        line_id, self._next_line = self._next_line, self._next_line + 1
        return line_id
