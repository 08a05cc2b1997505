"""Lines of which something is still denied, and the denials in effect: for the work lists of denials and appeals."""

from typing import Any

from sqlalchemy import Select, Subquery, func, select

from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.conditions import denial_is_in_effect

_legs, _lines, _claims = schema.legs.c, schema.lines.c, schema.claims.c
_payments, _remittances = schema.claim_payments.c, schema.remittances.c
_services, _adjustments = schema.service_payments.c, schema.adjustments.c


def denied_lines() -> Subquery:
    """Return a row (`line_id`, `denied` in cents) for each line or claim-level line with something denied."""
    return (
        select(_legs.line_id, func.sum(_legs.amount).label("denied"))
        .where(_legs.account == accounts.DENIED)
        .group_by(_legs.line_id)
        .having(func.sum(_legs.amount) > 0)
        .subquery()
    )


def with_their_denials(query: Select[*tuple[Any, ...]], denied: Subquery) -> Select[*tuple[Any, ...]]:
    """Return a query of the lines with the claims, payments, services, adjustments, and remittances that denied them
    and are in effect: a row for each adjustment.
    """
    return (
        query.select_from(denied)
        .join(schema.lines, _lines.id == denied.c.line_id)
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
            denial_is_in_effect(),
        )
    )
