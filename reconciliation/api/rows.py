"""The rows that the public face gives, and the only place where it asks `queries` and `worklists` for them."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from claimloop.reconciliation.claims.manual_entries import DecisionRow
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.queries.claim_history import (
    Acknowledged,
    ClaimHistory,
    ManualEntry,
    Paid,
    Recouped,
    Submitted,
    story,
)
from claimloop.reconciliation.queries.claims import ClaimRow, LineRow
from claimloop.reconciliation.queries.denials import DenialRow
from claimloop.reconciliation.queries.journal import LegRow
from claimloop.reconciliation.queries.remittances import RemittanceRow
from claimloop.reconciliation.queries.suspense import SuspenseRow
from claimloop.reconciliation.queries.views import VIEWS
from claimloop.reconciliation.worklists.credits import Credit
from claimloop.reconciliation.worklists.deadlines import Deadline
from claimloop.reconciliation.worklists.denials import DeniedLine
from claimloop.reconciliation.worklists.deposits import Unpaired
from claimloop.reconciliation.worklists.provider_adjustments import ProviderAdjustment
from claimloop.reconciliation.worklists.registry import WORKLISTS
from claimloop.reconciliation.worklists.rejected import Rejected
from claimloop.reconciliation.worklists.secondary import DueToNextPayer
from claimloop.reconciliation.worklists.suspense import HeldItem
from claimloop.reconciliation.worklists.unanswered import Unanswered

__all__ = [
    "Acknowledged",
    "ClaimHistory",
    "ClaimRow",
    "Credit",
    "Deadline",
    "DecisionRow",
    "DenialRow",
    "DeniedLine",
    "DueToNextPayer",
    "HeldItem",
    "LegRow",
    "LineRow",
    "ManualEntry",
    "Paid",
    "ProviderAdjustment",
    "Recouped",
    "Rejected",
    "RemittanceRow",
    "Submitted",
    "SuspenseRow",
    "Unanswered",
    "Unpaired",
]

EXPORTS = tuple(VIEWS)
LISTS = tuple(WORKLISTS)


def export_rows(connection: Connection, name: str) -> Sequence[msgspec.Struct]:
    """Return the rows of an export."""
    return list(VIEWS[name].rows(connection))


def worklist_rows(connection: Connection, name: str, when: AsOf) -> Sequence[msgspec.Struct]:
    """Return the rows of a work list as of a day, in its order."""
    return list(WORKLISTS[name].rows(connection, when))


def history_of(connection: Connection, claim_id: int, *, show_values: bool) -> ClaimHistory:
    """Return the history of a claim. Free text of acknowledgements can name people: only with `show_values`."""
    return story(connection, claim_id, show_values=show_values)
