"""What the ledger comes to, in numbers and pictures: facts read from it, and one HTML page made of them."""

from claimloop.reconciliation.reports.page import write_report

__all__ = ["write_report"]
