"""The public face of the ledger. Import its names from `claimloop.reconciliation`."""

from claimloop.reconciliation.api.arguments import UnknownName
from claimloop.reconciliation.api.ledger import Ledger
from claimloop.reconciliation.api.results import (
    AcknowledgementReceipt,
    ClaimsSent,
    Decision,
    DepositReceipt,
    ImportReceipt,
    RemittanceReceipt,
)
from claimloop.reconciliation.api.rows import ClaimHistory, ClaimRow, LineRow
from claimloop.reconciliation.configuration.load import Configuration, load_configuration
from claimloop.reconciliation.decisions.decide import DecisionError
from claimloop.reconciliation.ledger.connection import LedgerError, NoLedger

__all__ = [
    "AcknowledgementReceipt",
    "ClaimHistory",
    "ClaimRow",
    "ClaimsSent",
    "Configuration",
    "Decision",
    "DecisionError",
    "DepositReceipt",
    "ImportReceipt",
    "Ledger",
    "LedgerError",
    "LineRow",
    "NoLedger",
    "RemittanceReceipt",
    "UnknownName",
    "load_configuration",
]
