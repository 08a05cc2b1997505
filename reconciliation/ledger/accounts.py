"""The chart of accounts. Debits are positive, credits negative; a balance is the sum of its legs.

The legs of every entry sum to zero line by line, so the accounts of a line split its charge, and the identity of the
columns of money holds by construction (rules.md#ledger-identities). `CHART` has every account once; the columns, the
identity, and the checks derive from it.
"""

from typing import Literal

import msgspec

CHARGE = "charge"
"""Revenue at the submitted price (credit)."""

INSURANCE_CASH = "insurance_cash"
"""Money that payers announced. With a line: paid for it. Without: in suspense, or a provider-level adjustment."""

CONTRACTUAL = "contractual"
"""The part of a charge that the contract takes off."""

WRITTEN_OFF = "written_off"
"""What the practice gave up."""

PATIENT = "patient"
"""What the patient owes; below zero where they paid more than that."""

PATIENT_CASH = "patient_cash"
"""What the patient paid."""

OPEN = "open"
"""What a payer still owes and has not adjudicated."""

DENIED = "denied"
"""What a payer denied and staff have not resolved; part of what is open."""

SUSPENSE = "suspense"
"""Money received that is not applied to a line (credit)."""

PROVIDER_ADJUSTMENT = "provider_adjustment"
"""Provider-level adjustments (PLB): positive where the payer took money, negative where it gave some."""

REFUND = "refund"
"""Without a line: money out of suspense that went back to the payer (credit)."""

SUSPENSE_ENDED = "suspense_ended"
"""Without a line: money out of suspense that staff wrote off or used otherwise (credit)."""

Column = Literal["charge", "insurance_paid", "contractual", "written_off", "patient", "open", "denied"]


class Account(msgspec.Struct, frozen=True):
    """One account.

    `columns` are the columns of money that its legs on a line count in. The first is its place in the identity; any
    other one shows a part of the first. `settled`: payments and manual entries decide it, line by line, so that
    `posting/settlement.py` can compute it from them. `resolves`: money goes there from suspense without a claim.
    """

    name: str
    columns: tuple[Column, ...] = ()
    settled: bool = False
    resolves: bool = False


CHART = (
    Account(CHARGE, ("charge",)),
    Account(INSURANCE_CASH, ("insurance_paid",), settled=True),
    Account(CONTRACTUAL, ("contractual",), settled=True),
    Account(WRITTEN_OFF, ("written_off",), settled=True),
    Account(PATIENT, ("patient",), settled=True),
    Account(PATIENT_CASH, ("patient",)),
    Account(OPEN, ("open",)),
    Account(DENIED, ("open", "denied"), settled=True),
    Account(SUSPENSE),
    Account(PROVIDER_ADJUSTMENT),
    Account(REFUND, resolves=True),
    Account(SUSPENSE_ENDED, resolves=True),
)

SETTLED: tuple[str, ...] = tuple(account.name for account in CHART if account.settled)
RESOLVED: tuple[str, ...] = tuple(account.name for account in CHART if account.resolves)

WHOLE: Column = "charge"
PARTS: tuple[Column, ...] = tuple(
    dict.fromkeys(account.columns[0] for account in CHART if account.columns and account.columns[0] != WHOLE)
)
"""The columns that a charge is split into: `WHOLE` is their sum."""

IDENTITY = f"{WHOLE} = {' + '.join(PARTS)}".replace("_", " ")
"""The identity in words."""


def accounts_of(column: str) -> tuple[str, ...]:
    """Return the accounts that a column of money adds up."""
    return tuple(account.name for account in CHART if column in account.columns)
