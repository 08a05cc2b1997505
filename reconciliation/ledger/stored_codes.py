"""The codes that the ledger stores for why money is held, how a payment was matched, and what settled an item.

The text that people read comes from `stored_codes.toml`, so that a wording can change without touching a ledger. A code
never changes its meaning. A new one needs no migration; renaming one does.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

HoldReason = Literal[
    "no_claim_matches", "other_patient_or_service", "several_claims_match", "no_line_matches", "invalid_amount",
    "unreadable_payment", "payment_out_of_balance", "negative_charge", "status_allows_no_payment",
    "already_adjudicated", "charge_exceeds_submitted", "reversal_amounts_differ", "reversal_of_unposted_payment",
    "same_payment_differs", "unreadable_remittance", "notice_only", "remittance_out_of_balance", "other",
]  # fmt: skip
"""Why a payment, a service, or a whole remittance is in suspense. `other` comes from migrations only: a sentence of an
older version that has no code. The sentence itself is kept in the table `former_texts`.
"""

MatchRule = Literal[
    "", "control_number", "normalized_control_number", "truncated_control_number", "member_and_service", "manual",
    "line_control_number", "procedure_modifiers_date_charge", "procedure_date_charge", "split_line", "claim_level",
    "no_line_matches", "other",
]  # fmt: skip
"""The rule that matched a payment to its claim, or a service to its line. Empty: no match. `other` as above."""

Settlement = Literal["posted", "refunded", "written_off", "other"]
"""What ended an item of suspense."""


def hold_reason_text(reason: str, claim_status: str | None = None, *, reverses: bool = False) -> str:
    """Return the text of a hold reason.

    `claim_status` is CLP02 of the payment. `reverses` is true if a reversal settled the item.
    """
    text = _texts()["hold_reasons"][reason].format(claim_status=claim_status or "")
    return f"reversal of: {text}" if reverses else text


def match_rule_text(rule: str) -> str:
    """Return the text of a match rule."""
    return _texts()["match_rules"][rule] if rule else ""


def settlement_text(settled_by: str, claim_control_number: str | None = None) -> str:
    """Return the text of an item's settlement."""
    return _texts()["settlements"][settled_by].format(claim=claim_control_number or "a claim")


@cache
def _texts() -> dict[str, dict[str, str]]:
    path = files("claimloop.reconciliation.ledger").joinpath("stored_codes.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
