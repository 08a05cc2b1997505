"""The chart of accounts. Debits are positive, credits negative; a balance is the sum of its legs.

Per line the accounts below `CHARGE` split the charge: since the legs of every entry sum to zero line by line,
`charge = insurance_paid + contractual + written_off + patient + open` holds by construction
(rules.md#ledger-identities).
"""

CHARGE = "charge"
"""Revenue at the submitted price (credit)."""

INSURANCE_CASH = "insurance_cash"
"""Money that payers announced. With a line: paid for it. Without: in suspense, or a provider adjustment."""

CONTRACTUAL = "contractual"
"""The fee-schedule part of a charge that the contract takes off."""

WRITTEN_OFF = "written_off"
"""What the practice gave up."""

PATIENT = "patient"
"""What the patient owes; below zero where he has paid more than that."""

PATIENT_CASH = "patient_cash"
"""What the patient has paid."""

OPEN = "open"
"""What a payer still owes, undecided."""

DENIED = "denied"
"""What a payer refused and nobody has worked yet; part of what is open."""

SUSPENSE = "suspense"
"""Money received that belongs to no known line (credit)."""

PROVIDER_ADJUSTMENT = "provider_adjustment"
"""PLB: positive where the payer took money, negative where it gave some."""

REFUND = "refund"
"""Without a line: money out of suspense that went back to the payer (credit)."""

SUSPENSE_ENDED = "suspense_ended"
"""Without a line: money out of suspense that a person wrote off or put to another use (credit)."""
