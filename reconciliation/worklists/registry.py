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


def counted_rows(name: str, count: int) -> str:
    """Return how many rows a list has, in words; a nightly run can have recorded a list that is no longer here."""
    return WORKLISTS[name].counted(count) if name in WORKLISTS else f"{count} {name}"
