"""Every work list. To add one, write its module and name it here; the command, report, and nightly run follow."""

from claimloop.reconciliation.worklists import (
    credits,
    deadlines,
    denials,
    deposits,
    provider_adjustments,
    rejected,
    secondary,
    suspense,
    unanswered,
)
from claimloop.reconciliation.worklists.worklist import Worklist

_MODULES = (
    denials, suspense, secondary, credits, rejected, deposits, provider_adjustments, unanswered, deadlines,
)  # fmt: skip

WORKLISTS: dict[str, Worklist] = {module.LIST.name: module.LIST for module in _MODULES}
"""By name, in the order in which the nightly run makes them."""
