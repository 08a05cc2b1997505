"""Payments that were held because what they build on had not come, tried again when it has: a reversal before its
original, a correction before its reversal, whatever the remittances and the order in which they came.

Nothing is changed: the payment is posted by a new entry of its own remittance, which takes its money out of suspense,
and a new item settles the one that was held.
"""

from collections.abc import Collection
from datetime import date

import msgspec
from sqlalchemy import Connection, Row, select

from claimloop.edi.remittance import ClaimPayment
from claimloop.reconciliation import schema
from claimloop.reconciliation.claims_on_file import find_claims
from claimloop.reconciliation.dispositions import Dispositions
from claimloop.reconciliation.ledger import next_id
from claimloop.reconciliation.matching import Matched, match_claim
from claimloop.reconciliation.payment_rows import Rows
from claimloop.reconciliation.posting import Circumstances, ClaimState, Posting, plan, suspense_legs

_AT_ONCE = 500
_payments = msgspec.json.Decoder(ClaimPayment)


def settle_waiting(connection: Connection, numbers: Collection[str], dispositions: Dispositions, posted: str) -> None:
    """Try what waits for claims with these normalised control numbers, until nothing more can be settled.

    `posted` is the moment that the entries bear.
    """
    wanted = sorted(numbers)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        while any(_settle(connection, item, dispositions, posted) for item in _waiting(connection, some)):
            pass


def _waiting(connection: Connection, numbers: list[str]) -> list[Row[tuple[object, ...]]]:
    """The items that wait, the oldest first."""
    held, payments, remittances = schema.suspense.c, schema.claim_payments.c, schema.remittances.c
    settled = select(held.settles_id).where(held.settles_id.is_not(None))
    query = (
        select(
            held.id, held.amount, held.waits_for, held.claim_control_number, payments.payer_id, payments.ordinal,
            payments.record, remittances.id.label("remittance_id"), remittances.payment_date,
        )
        .join_from(schema.suspense, schema.claim_payments, payments.id == held.claim_payment_id)
        .join(schema.remittances, remittances.id == held.remittance_id)
        .where(held.waits_for.in_(numbers), held.id.not_in(settled))
        .order_by(held.id)
    )  # fmt: skip
    return list(connection.execute(query))


def _settle(connection: Connection, item: Row[tuple[object, ...]], dispositions: Dispositions, posted: str) -> bool:
    """Post what was held, if it can be by now. True where it was."""
    payment = _payments.decode(item.record)
    states = find_claims(connection, [item.waits_for]).get(item.waits_for, [])
    match = match_claim(payment, [state.claim for state in states])
    state = next((each for each in states if isinstance(match, Matched) and each.claim is match.claim), None)
    day = date.fromisoformat(item.payment_date)
    posting = plan(payment, match, state, Circumstances(item.payer_id, day, dispositions))
    if posting.claim is None or state is None:
        return False
    _write(connection, item, payment, posting, state, posted)
    return True


def _write(
    connection: Connection, item: Row[tuple[object, ...]], payment: ClaimPayment, posting: Posting, state: ClaimState,
    posted: str,
) -> None:  # fmt: skip
    payment_id, entry = next_id(connection, schema.claim_payments), next_id(connection, schema.entries)
    suspense_id = next_id(connection, schema.suspense)
    rows = Rows()
    # The remittance's own place for the payment is taken by the row that was held.
    rows.add_payment(payment_id, item.remittance_id, -item.ordinal, item.payer_id, payment, posting)
    legs = [leg for leg in (*posting.legs, *suspense_legs(-item.amount)) if leg.amount]
    rows.legs += [(entry, place, leg.account, leg.line_id, leg.amount) for place, leg in enumerate(legs, start=1)]
    kind = "reversal" if posting.reverses else "claim payment"
    if legs:
        rows.entries.append((entry, kind, item.payment_date, posted, None, item.remittance_id, payment_id))
    number = item.claim_control_number
    rows.suspense.append(
        (
            suspense_id, item.remittance_id, payment_id, None, entry if legs else None, number, None, -item.amount,
            f"settled: posted to {state.claim.patient_control_number}", None, item.id,
        )
    )  # fmt: skip
    for place, held in enumerate(posting.held, start=1):
        rows.suspense.append(
            (
                suspense_id + place, item.remittance_id, payment_id, held.service, entry if held.amount else None,
                number, held.line_control_number, held.amount, held.reason, None, None,
            )
        )  # fmt: skip
    rows.write(connection)
