"""Queries about submitted claims, built once and run with the parameter THESE.

To build a statement takes longer than to run it for one claim.
"""

from typing import Any

from sqlalchemy import BindParameter, bindparam, func, select

from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.conditions import is_held_item, is_replaced, is_voided, payment_is_in_effect
from claimloop.reconciliation.posting.dispositions import MOVING

THESE = "these"
"""The parameter of each query: a list of control numbers, member ids, claim ids, or payment ids."""

_these: BindParameter[Any] = bindparam(THESE, expanding=True)
_origin, _settling = schema.claim_payments.alias(), schema.suspense.alias()
_claims, _lines, _sendings = schema.claims.c, schema.lines.c, schema.sendings.c
_payments, _services, _adjustments = schema.claim_payments.c, schema.service_payments.c, schema.adjustments.c
_held, _recoupments, _decisions = schema.suspense.c, schema.recoupments.c, schema.decisions.c

CLAIMS_BY_NUMBER = (
    select(_sendings.normalised_control_number, _sendings.claim_id)
    .where(_sendings.normalised_control_number.in_(_these))
    .distinct()
)
CLAIMS_BY_MEMBER = (
    select(_sendings.normalised_member_id, _sendings.claim_id)
    .where(_sendings.normalised_member_id.in_(_these))
    .distinct()
)

LINES_OF_CLAIMS = (
    select(
        _claims.id, _claims.charge, _claims.coverages, _lines.id, _lines.number, _lines.line_control_number,
        _lines.procedure, _lines.modifiers, _lines.service_from, _lines.service_to, _lines.charge,
    )
    .join_from(schema.claims, schema.lines, _lines.claim_id == _claims.id)
    .where(_claims.id.in_(_these))
    .order_by(_claims.id, _lines.number)
)  # fmt: skip
"""The claim-level line of each claim comes first."""

SUBMISSIONS_OF_CLAIMS = (
    select(
        _sendings.claim_id, _sendings.patient_control_number, _sendings.turn, _sendings.payer_id, _sendings.member_id,
        _sendings.last_names,
    )
    .where(_sendings.claim_id.in_(_these))
    .order_by(_sendings.claim_id, _sendings.version)
)  # fmt: skip

REPLACED_CLAIMS = select(_claims.id).where(_claims.id.in_(_these), is_replaced())
VOIDED_CLAIMS = select(_claims.id).where(_claims.id.in_(_these), is_voided())

RECOUPED_OF_CLAIMS = (
    select(_recoupments.claim_id, _recoupments.payer_id, _recoupments.line_id, func.sum(_recoupments.amount))
    .where(_recoupments.claim_id.in_(_these))
    .group_by(_recoupments.claim_id, _recoupments.payer_id, _recoupments.line_id)
)

DECISIONS_OF_CLAIMS = (
    select(_lines.claim_id, _lines.id, _decisions.amount, _decisions.record)
    .join_from(schema.decisions, schema.lines, _lines.id == _decisions.line_id)
    .where(_lines.claim_id.in_(_these))
    .order_by(_decisions.id)
)

PAYMENTS_IN_EFFECT = (
    select(
        _payments.claim_id, _payments.id, _payments.sequence, _payments.record, _payments.payer_id, _origin.c.id,
        _origin.c.claim_id,
    )
    .select_from(schema.claim_payments)
    .outerjoin(_origin, _origin.c.id == _payments.origin_id)
    .where(
        _payments.claim_id.in_(_these),
        payment_is_in_effect(),
        _payments.sequence > 0,
    )
    .order_by(_payments.id)
)  # fmt: skip
"""Payments of claims that no reversal undid, each with the row that held it in suspense, and that row's claim."""

HELD_OF_PAYMENTS = (
    select(
        _held.claim_payment_id, _payments.origin_id, _held.service_ordinal, _held.line_control_number, _held.amount,
        _held.hold_reason,
    )
    .select_from(schema.suspense)
    .outerjoin(_settling, _settling.c.settles_id == _held.id)
    .outerjoin(schema.claim_payments, _payments.id == _settling.c.claim_payment_id)
    .where(_held.claim_payment_id.in_(_these), is_held_item())
)  # fmt: skip
"""Items of suspense of payments, each with the row that posted it since."""

SERVICES_OF_PAYMENTS = select(
    _services.claim_payment_id, _services.ordinal, _services.line_id, _services.charge, _services.paid
).where(_services.claim_payment_id.in_(_these), _services.line_id.is_not(None))

MOVES_OF_PAYMENTS = select(
    _adjustments.claim_payment_id, _adjustments.service_ordinal, _adjustments.disposition, _adjustments.amount
).where(_adjustments.claim_payment_id.in_(_these), _adjustments.disposition.in_(MOVING))
