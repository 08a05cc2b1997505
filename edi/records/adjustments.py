"""Adjustments (CAS) and their meaning: contractual, patient responsibility, denial, or another payer's adjudication.

The meaning depends only on group code and reason code, not on the payer's own rules or the date.
"""

import tomllib
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from claimloop.edi.money import ZERO

Effect = Literal["contractual", "patient", "denied", "open", "information", "written_off"]
"""What an adjustment does to its line. The table never holds `written_off`, which only a practice's own rule assigns.
"""

PATIENT_RESPONSIBILITY = "PR"
_GROUPS_BY_KIND = ("CO", "OA", "PI")
"""The groups under which the reason decides. Under PR an adjustment always belongs to the patient."""

ABOVE_THE_FEE_SCHEDULE = "45"
CAPITATION = "24"
SEQUESTRATION = "253"
PRIOR_PAYERS = "23"

DEDUCTIBLE = frozenset(("1", "66"))
"""The patient's deductible and the blood deductible."""

COINSURANCE, COPAY = "2", "3"

REDUCTIONS_OF_THE_PAYMENT = DEDUCTIBLE | {COINSURANCE, COPAY, PRIOR_PAYERS, SEQUESTRATION, "44", "104", "144", "237"}
"""CARCs that reduce the payment (144 increases it) but not the allowed amount.

They are the patient's share, prior payers, sequestration, prompt-payment discount, withholding, incentive and statutory
penalty.
"""


class Adjustment(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One (reason, amount, quantity) of a CAS. `group` is CO, PR, OA or PI (4010: CR); `reason` is a CARC.

    A positive amount reduces the payment.
    """

    group: str
    reason: str
    amount: Decimal
    quantity: Decimal | None = None

    @property
    def effect(self) -> Effect:
        """Return what the adjustment does to its line according to `codes/adjustment_effects.toml`."""
        return disposition_of(self.group, self.reason)


class EffectRule(msgspec.Struct, frozen=True):
    """One row of the table; `*` matches every reason or group without a row of its own.

    `kind` groups reasons by topic (price, authorization, bundling …). Rows for a whole group have no kind.
    """

    group: str
    reason: str
    does: Effect
    why: str
    kind: str = ""


class PatientShare(msgspec.Struct, frozen=True):
    """The patient's share in the PR adjustments: CARC 1 and 66, 2, 3, and all others (for example non-covered with
    notice).
    """

    deductible: Decimal = ZERO
    coinsurance: Decimal = ZERO
    copay: Decimal = ZERO
    other: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """Return the sum of all four, which CLP05 must equal."""
        return self.deductible + self.coinsurance + self.copay + self.other


@cache
def effect_rules() -> tuple[EffectRule, ...]:
    """Return the rows of the table in their order."""
    table = tomllib.loads(files("claimloop.edi.codes").joinpath("adjustment_effects.toml").read_text(encoding="utf-8"))
    rules = [EffectRule(group, "*", row["does"], row["why"]) for group, row in table["group"].items()]
    for kind, row in table["kind"].items():
        for group in _GROUPS_BY_KIND:
            rules += [EffectRule(group, reason, row[group], row["why"], kind) for reason in row["reasons"]]
    return msgspec.convert(msgspec.to_builtins(rules), tuple[EffectRule, ...])


@cache
def _kinds() -> dict[str, str]:
    return {rule.reason: rule.kind for rule in effect_rules() if rule.kind}


def denial_category(reason: str) -> str:
    """Return the topic of a reason in the table (price, authorization, bundling …); "" for a reason without a row."""
    return _kinds().get(reason, "")


@cache
def _by_codes() -> dict[tuple[str, str], Effect]:
    return {(rule.group, rule.reason): rule.does for rule in effect_rules()}


def disposition_of(group: str, reason: str) -> Effect:
    """Return what (group, CARC) does to its line: from the row of both, else of the group, else the default row."""
    table = _by_codes()
    for codes in ((group, reason), (group, "*"), ("*", "*")):
        if codes in table:
            return table[codes]
    return "open"


def sum_of(adjustments: Iterable[Adjustment]) -> Decimal:
    """Return Σ CAS."""
    return sum((one.amount for one in adjustments), ZERO)


def sum_of_disposition(adjustments: Iterable[Adjustment], effect: Effect) -> Decimal:
    """Return the sum of the adjustments that have this effect."""
    return sum_of(one for one in adjustments if one.effect == effect)


def sum_of_reason(adjustments: Iterable[Adjustment], reason: str) -> Decimal:
    """Return the sum of the adjustments with this CARC in any group."""
    return sum_of(one for one in adjustments if one.reason == reason)


def patient_share(adjustments: Iterable[Adjustment]) -> PatientShare:
    """Split the PR adjustments into deductible, coinsurance, copay and other."""
    deductible = coinsurance = copay = other = ZERO
    for one in adjustments:
        if one.group != PATIENT_RESPONSIBILITY:
            continue
        if one.reason in DEDUCTIBLE:
            deductible += one.amount
        elif one.reason == COINSURANCE:
            coinsurance += one.amount
        elif one.reason == COPAY:
            copay += one.amount
        else:
            other += one.amount
    return PatientShare(deductible, coinsurance, copay, other)


def allowed_by(paid: Decimal, adjustments: Iterable[Adjustment]) -> Decimal:
    """Return the allowed amount: the payment plus the adjustments that were made after pricing."""
    return paid + sum_of(one for one in adjustments if one.reason in REDUCTIONS_OF_THE_PAYMENT)


def is_denied(charge: Decimal, paid: Decimal, adjustments: Iterable[Adjustment]) -> bool:
    """Return True when the payer denied a positive charge as a whole (rules.md#denials).

    The payer paid nothing, made the patient responsible for nothing, and denied a part; or it adjusted the whole charge
    with CARC 45 under a contract, because no fee schedule has a price of 0. A line that is paid zero because of a
    deductible, capitation or a prior payer is not denied.
    """
    told = tuple(adjustments)
    if charge <= ZERO or paid != ZERO or sum_of_disposition(told, "patient"):
        return False
    if sum_of_disposition(told, "denied") > ZERO:
        return True
    return {one.reason for one in told} == {ABOVE_THE_FEE_SCHEDULE} and sum_of_disposition(
        told, "contractual"
    ) == charge
