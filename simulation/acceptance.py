"""What a payer's front end takes in at all: a claim that cannot be decided is refused by a 277CA, and gets no 835."""

from typing import Literal

from claimloop.simulation.submitted import SubmittedClaim

Refused = Literal["", "unreadable", "incomplete", "does not add up", "unknown member", "unknown claim"]
"""Why a claim is refused; empty where it is taken in.

The member is unknown in the scenario `rejected`; a claim is unknown where one that was never answered is to be voided.
"""

REPLACEMENT, VOID = "7", "8"
"""CLM05-3 of a claim in the place of an earlier one, and of one that takes an earlier one back."""

LENGTH_OF_A_NUMBER = 13
"""Digits of a payer's own number for a claim (CLP07); letters behind them tell versions of its decision."""


def refused_because(claim: SubmittedClaim) -> Refused:
    """What is wrong with a claim as it was sent: the same for every seed."""
    if claim.unreadable:
        return "unreadable"
    if not claim.control_number or not claim.lines or not all(line.procedure for line in claim.lines):
        return "incomplete"
    if claim.charge < 0 or any(line.charge < 0 for line in claim.lines):
        return "does not add up"
    if sum([line.charge for line in claim.lines]) != claim.charge:
        return "does not add up"
    if claim.frequency == VOID and not original_number(claim):
        return "unknown claim"
    return ""


def original_number(claim: SubmittedClaim) -> str:
    """The payer's number of the claim that this one is about (REF*F8); empty where it is none of ours."""
    number = claim.payer_claim_number[:LENGTH_OF_A_NUMBER]
    return number if len(number) == LENGTH_OF_A_NUMBER and number.isdigit() else ""
