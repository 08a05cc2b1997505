"""Read submitted claims from the ledger as the records that matching and posting work on."""

from collections.abc import Collection, Iterator
from datetime import date
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, Select, select

from claimloop.edi.dates import DateRange
from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.claims import statements as queries
from claimloop.reconciliation.claims.manual_entries import manual_moves
from claimloop.reconciliation.claims.statements import THESE
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.posting.claim_state import ClaimState, EarlierPayment, Held
from claimloop.reconciliation.posting.match import ClaimSubmission, SubmittedClaim, SubmittedLine, normalized
from claimloop.reconciliation.posting.settlement import Recouped

record_encoder = msgspec.json.Encoder()
_claim_payment_decoder = msgspec.json.Decoder(ClaimPayment)
_AT_ONCE = 500
"""The most parameters of one IN list. Every SQLite accepts 999."""


def find_claims(connection: Connection, control_numbers: Collection[str]) -> dict[str, list[ClaimState]]:
    """Return the claims submitted under these normalized control numbers, with their payments in effect.

    A claim submitted under several of the numbers is the same object under each.
    """
    return _find(connection, queries.CLAIMS_BY_NUMBER, control_numbers, {})


def find_members_claims(
    connection: Connection, member_ids: Collection[str], known: dict[int, ClaimState]
) -> dict[str, list[ClaimState]]:
    """Return the claims with these normalized member ids; a claim in `known` (by its id) keeps its state."""
    return _find(connection, queries.CLAIMS_BY_MEMBER, member_ids, known)


def _find(
    connection: Connection, query: Select[str, int], wanted: Collection[str], known: dict[int, ClaimState]
) -> dict[str, list[ClaimState]]:
    claims_of: dict[str, set[int]] = {}
    for some in _portions(wanted):
        for number, claim_id in connection.execute(query, {THESE: some}):
            claims_of.setdefault(number, set()).add(claim_id)
    states = dict(known)
    for some_ids in _portions({claim_id for ids in claims_of.values() for claim_id in ids} - known.keys()):
        _find_some(connection, some_ids, states)
    return {number: [states[claim_id] for claim_id in sorted(ids)] for number, ids in claims_of.items()}


def find_claim(connection: Connection, wanted: str) -> int | None:
    """Return the newest claim with this control number as sent, this encounter id, or this normalized control number.

    The three are tried in this order.
    """
    claims, sendings = schema.claims.c, schema.sendings.c
    for query in (
        select(sendings.claim_id).where(sendings.patient_control_number == wanted).order_by(sendings.id.desc()),
        select(claims.id).where(claims.encounter_id == wanted).order_by(claims.id.desc()),
        select(sendings.claim_id)
        .where(sendings.normalised_control_number == normalized(wanted))
        .order_by(sendings.id.desc()),
    ):
        found: int | None = connection.scalar(query.limit(1))
        if found is not None:
            return found
    return None


def claim_states(connection: Connection, claim_ids: Collection[int]) -> dict[int, ClaimState]:
    """Return these claims by id, with their payments in effect."""
    states: dict[int, ClaimState] = {}
    for some in _portions(claim_ids):
        _find_some(connection, some, states)
    return states


class Sent(msgspec.Struct):
    """An encounter in the ledger: newest version, control number and file of its first part, and its current claims."""

    version: int
    number: str
    file: str
    claim_ids: tuple[int, ...]


def find_taken(connection: Connection, numbers: Collection[str]) -> set[str]:
    """Return the patient control numbers that claims built by claimloop already use."""
    query = select(schema.sendings.c.patient_control_number).where(
        schema.sendings.c.imported == 0, schema.sendings.c.patient_control_number.in_(numbers)
    )
    return set(connection.scalars(query))


def find_sent(connection: Connection, encounter_ids: Collection[str]) -> dict[str, Sent]:
    """Return the encounters among these that were sent."""
    claims, sendings, submissions = schema.claims.c, schema.sendings.c, schema.submissions.c
    sent: dict[str, Sent] = {}
    for some in _portions(encounter_ids):
        query = (
            select(
                claims.encounter_id, claims.id, claims.version, sendings.version, claims.patient_control_number,
                submissions.file_name,
            )
            .join_from(schema.claims, schema.sendings, sendings.claim_id == claims.id)
            .join(schema.submissions, submissions.id == sendings.submission_id)
            .where(claims.encounter_id.in_(some))
            .order_by(claims.id, sendings.id)
        )  # fmt: skip
        newest: dict[str, int] = {}
        for encounter_id, claim_id, of_claim, version, number, file in connection.execute(query):
            known = sent.get(encounter_id)
            if known is None or of_claim > newest[encounter_id]:
                newest[encounter_id] = of_claim
                version = max(version, known.version if known else 0)
                sent[encounter_id] = Sent(version, number, file, (claim_id,))
                continue
            known.version = max(known.version, version)
            if claim_id not in known.claim_ids:
                known.claim_ids += (claim_id,)
    return sent


T = TypeVar("T")


def _portions(values: Collection[T]) -> Iterator[list[T]]:
    wanted = list(values)
    for start in range(0, len(wanted), _AT_ONCE):
        yield wanted[start : start + _AT_ONCE]


def _find_some(connection: Connection, wanted: list[int], states: dict[int, ClaimState]) -> None:
    submissions, names = _submissions(connection, wanted)
    closed = closed_claims(connection, wanted)
    lines = connection.execute(queries.LINES_OF_CLAIMS, {THESE: wanted}).all()
    found: dict[int, ClaimState] = {}
    for claim_id, rows in groupby(lines, key=itemgetter(0)):
        claim_level, *rest = rows
        _, charge, coverages, claim_level_id = claim_level[:4]
        submitted = tuple(
            SubmittedLine(line, place, sent, procedure, _modifiers(modifiers), _period(start, end), line_charge)
            for *_, line, place, sent, procedure, modifiers, start, end, line_charge in rest
        )
        claim = SubmittedClaim(
            claim_id, tuple(submissions[claim_id]), charge, claim_level_id, submitted, tuple(names[claim_id]),
            coverages, claim_id in closed,
        )  # fmt: skip
        found[claim_id] = ClaimState(claim, [])
    if found:
        _add_payments(connection, found)
        for claim_id, manual in manual_moves(connection, wanted).items():
            found[claim_id].manual = manual
        _add_recouped(connection, found)
    states |= found


def _submissions(
    connection: Connection, claim_ids: list[int]
) -> tuple[dict[int, list[ClaimSubmission]], dict[int, list[str]]]:
    """Return the submissions of each claim in their order, and the last names of the people in it."""
    submissions: dict[int, list[ClaimSubmission]] = {}
    names: dict[int, list[str]] = {}
    rows = connection.execute(queries.SUBMISSIONS_OF_CLAIMS, {THESE: claim_ids})
    for claim_id, number, payer_rank, payer_id, member_id, last_names in rows:
        submissions.setdefault(claim_id, []).append(ClaimSubmission(number, payer_rank, payer_id, member_id))
        known = names.setdefault(claim_id, [])
        known.extend(name for name in last_names.splitlines() if name not in known)
    return submissions, names


def closed_claims(connection: Connection, claim_ids: Collection[int]) -> set[int]:
    """Return the claims among these that were replaced or voided."""
    closed: set[int] = set()
    for some in _portions(claim_ids):
        for query in (queries.REPLACED_CLAIMS, queries.VOIDED_CLAIMS):
            closed.update(connection.scalars(query, {THESE: some}))
    return closed


@lru_cache(maxsize=4096)
def _period(start: str, end: str) -> DateRange:
    return DateRange(date.fromisoformat(start), date.fromisoformat(end))


@lru_cache(maxsize=4096)
def _modifiers(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _add_recouped(connection: Connection, by_id: dict[int, ClaimState]) -> None:
    """Add what is booked as recouped by PLB. A payer that named a claim but took nothing has an empty entry."""
    found: dict[int, Recouped] = {}
    rows = connection.execute(queries.RECOUPED_OF_CLAIMS, {THESE: list(by_id)})
    for claim_id, payer_id, line_id, amount in rows:
        of_payer = found.setdefault(claim_id, {}).setdefault(payer_id, {})
        if amount:
            of_payer[line_id] = int(amount)
    for claim_id, recouped in found.items():
        by_id[claim_id].recouped = recouped


def _add_payments(connection: Connection, by_id: dict[int, ClaimState]) -> None:
    rows = connection.execute(queries.PAYMENTS_IN_EFFECT, {THESE: list(by_id)}).all()
    standing: dict[int, EarlierPayment] = {}
    part_of: dict[int, int] = {}
    for claim_id, payment_id, sequence, record, payer_id, origin_id, origins_claim in rows:
        if origins_claim == claim_id:  # a service of that payment, posted later: a reversal undoes both
            part_of[payment_id] = origin_id
            continue
        payment = _claim_payment_decoder.decode(record)
        standing[payment_id] = EarlierPayment(payment_id, payer_id, sequence, payment, {}, {}, [])
        by_id[claim_id].payments.append(standing[payment_id])
    for some in _portions(standing):
        _add_decisions(connection, some, standing, _add_held(connection, some, standing))
    parts = {part: standing[whole] for part, whole in part_of.items() if whole in standing}
    for some in _portions(parts):
        _add_decisions(connection, some, parts, set())


def _add_held(
    connection: Connection, payment_ids: list[int], standing: dict[int, EarlierPayment]
) -> set[tuple[int, int]]:
    """Add what each payment has in suspense. Return the services (payment, ordinal) that were posted since.

    The row that records how a payment itself left suspense is not among its held services.
    """
    posted_since = set()
    for payment_id, origin_id, ordinal, *item in connection.execute(queries.HELD_OF_PAYMENTS, {THESE: payment_ids}):
        if origin_id == payment_id:
            posted_since.add((payment_id, ordinal))
        else:
            standing[payment_id].held.append(Held(ordinal, *item))
    return posted_since


def _add_decisions(
    connection: Connection,
    payment_ids: list[int],
    standing: dict[int, EarlierPayment],
    posted_since: Collection[tuple[int, int]],
) -> None:
    """Add the lines and dispositions of each payment, as recorded when it was posted."""
    line_of: dict[tuple[int, int], int] = {}
    services = connection.execute(queries.SERVICES_OF_PAYMENTS, {THESE: payment_ids})
    for payment_id, ordinal, line_id, charge, paid in services:
        if (payment_id, ordinal) in posted_since:
            continue
        earlier = standing[payment_id]
        earlier.charges[line_id] = earlier.charges.get(line_id, 0) + charge
        if earlier.id != payment_id or all(held.service != ordinal for held in earlier.held):
            line_of[payment_id, ordinal] = line_id
            _decide(earlier, line_id, accounts.INSURANCE_CASH, paid)
    moves = connection.execute(queries.MOVES_OF_PAYMENTS, {THESE: payment_ids})
    for payment_id, ordinal, disposition, amount in moves:
        _decide(standing[payment_id], line_of[payment_id, ordinal], disposition, amount)


def _decide(earlier: EarlierPayment, line_id: int, account: str, amount: int) -> None:
    balances = earlier.decision.setdefault(line_id, {})
    balances[account] = balances.get(account, 0) + amount
