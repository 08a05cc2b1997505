"""A payer's payment by transfer or check: the fact that the 835 and the bank both report."""

from datetime import date
from typing import Literal

import msgspec

Method = Literal["ACH", "CHK", "NON"]
"""BPR04: a transfer, a check, or no money at all (a notice)."""


class Payment(msgspec.Struct, frozen=True):
    """One check or transfer. `trace_number` is TRN02, `amount` is BPR02 in cents, `date` is BPR16.

    `company_id` is TRN03 (BPR10): "1" and the payer's tax id.
    """

    trace_number: str
    payer_id: str
    payer_name: str
    payee_name: str
    payee_npi: str
    payee_tax_id: str
    amount: int
    date: date
    method: Method
    company_id: str = ""
