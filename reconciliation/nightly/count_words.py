"""The counts of a stage in words: "1 claim built", "2 files built"."""

from claimloop.edi.counts import counted
from claimloop.reconciliation.run_record import NEEDS_WORK
from claimloop.reconciliation.worklists.registry import WORKLISTS

_WORDS: dict[str, tuple[str, str]] = {
    **{name: (worklist.one, worklist.many) for name, worklist in WORKLISTS.items()},
    "accounts not asked": ("account skipped", "accounts skipped"),
    "claim payments": ("claim payment", "claim payments"),
    "claims built": ("claim built", "claims built"),
    "claims imported": ("claim imported", "claims imported"),
    "claims known": ("claim already imported", "claims already imported"),
    "deposits": ("deposit", "deposits"),
    "deposits known": ("deposit already received", "deposits already received"),
    "files built": ("file built", "files built"),
    "no files": ("not a regular file", "not regular files"),
    "remittances held": ("remittance in suspense", "remittances in suspense"),
    "remittances incomplete": ("remittance incomplete", "remittances incomplete"),
    "remittances known": ("remittance already posted", "remittances already posted"),
    "remittances posted": ("remittance posted", "remittances posted"),
    "sums proved": ("sum proved", "sums proved"),
    "known": ("already received", "already received"),
    "sent before": ("sent earlier", "sent earlier"),
    NEEDS_WORK: ("needs work", "need work"),
}
"""Singular and plural by the name that a run records for the count. Any other name is printed as it is."""


def count_in_words(name: str, count: int) -> str:
    """Return a count of a stage with its noun."""
    one, many = _WORDS.get(name, (name, name))
    return counted(count, one, many)
