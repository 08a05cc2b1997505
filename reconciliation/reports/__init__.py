"""The report: facts read from the ledger, and one HTML page with figures and charts."""

from claimloop.reconciliation.reports.page import write_report

__all__ = ["write_report"]
