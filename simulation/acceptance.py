"""What the payer's front end accepts. It rejects a claim that cannot be adjudicated in a 277CA, and sends no 835 for
it.
"""

from typing import Literal

from claimloop.simulation.submitted import SubmittedClaim

RejectionReason = Literal["", "unreadable", "incomplete", "does not add up", "unknown member", "unknown claim"]
"""Why a claim is rejected; empty if it is accepted.

The member is unknown in the scenario `rejected`. The claim is unknown if a void refers to one that was never answered.
"""

REPLACEMENT, VOID = "7", "8"
"""CLM05-3 of a claim that replaces an earlier one, and of one that voids an earlier one."""

LENGTH_OF_A_NUMBER = 13
"""The number of digits of a payer's own claim number (CLP07). Letters after them identify versions of its
adjudication.
"""


def rejection_reason(claim: SubmittedClaim) -> RejectionReason:
    """Return why a claim is rejected as sent; the result is the same for every seed."""
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
    """Return the payer's number of the earlier claim that this one refers to (REF*F8); empty if it is not one of our
    numbers.
    """
    number = claim.payer_claim_number[:LENGTH_OF_A_NUMBER]
    return number if len(number) == LENGTH_OF_A_NUMBER and number.isdigit() else ""
