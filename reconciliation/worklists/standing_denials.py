"""Lines of which something is still denied, and the refusals that say so: rows for the lists of denials and appeals."""

from typing import Any

from sqlalchemy import Select, Subquery, func, select

from claimloop.reconciliation.ledger import accounts, schema

_legs, _lines, _claims = schema.legs.c, schema.lines.c, schema.claims.c
_payments, _remittances = schema.claim_payments.c, schema.remittances.c
_services, _adjustments = schema.service_payments.c, schema.adjustments.c


def refused_lines() -> Subquery:
    """One row (`line_id`, `denied` in cents) a line or bucket of which something is still denied."""
    return (
        select(_legs.line_id, func.sum(_legs.amount).label("denied"))
        .where(_legs.account == accounts.DENIED)
        .group_by(_legs.line_id)
        .having(func.sum(_legs.amount) > 0)
        .subquery()
    )


def of_their_refusals(query: Select[*tuple[Any, ...]], refused: Subquery) -> Select[*tuple[Any, ...]]:
    """A query of the lines, and of the claims, payments, services, adjustments and remittances that refused them and
    stand: one row an adjustment.
    """
    undone = select(_payments.reverses_id).where(_payments.reverses_id.is_not(None))
    return (
        query.select_from(refused)
        .join(schema.lines, _lines.id == refused.c.line_id)
        .join(schema.claims, _claims.id == _lines.claim_id)
        .join(schema.service_payments, _services.line_id == _lines.id)
        .join(schema.claim_payments, _payments.id == _services.claim_payment_id)
        .join(
            schema.adjustments,
            (_adjustments.claim_payment_id == _payments.id) & (_adjustments.service_ordinal == _services.ordinal),
        )
        .join(schema.remittances, _remittances.id == _payments.remittance_id)
        .where(
            _adjustments.disposition == accounts.DENIED,
            _payments.id.not_in(undone),
            _payments.origin_id.is_(None) | _payments.origin_id.not_in(undone),
        )
    )
