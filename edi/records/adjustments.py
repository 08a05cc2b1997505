"""Adjustments (CAS) and what they mean: the contract's part, the patient's, a denial, another payer's doing.

Everything here follows from group code and reason code alone, without a payer's own rules and without a day.
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
"""What an adjustment does to its line. `written_off` is never in the table: it is what a practice's own rule says."""

PATIENT_RESPONSIBILITY = "PR"
_GROUPS_BY_KIND = ("CO", "OA", "PI")
"""The groups under which the reason decides; under PR it is always the patient's."""

ABOVE_THE_FEE_SCHEDULE = "45"
CAPITATION = "24"
SEQUESTRATION = "253"
PRIOR_PAYERS = "23"

DEDUCTIBLE = frozenset(("1", "66"))
"""The patient's deductible, and the blood deductible."""

COINSURANCE, COPAY = "2", "3"

REDUCTIONS_OF_THE_PAYMENT = DEDUCTIBLE | {COINSURANCE, COPAY, PRIOR_PAYERS, SEQUESTRATION, "44", "104", "144", "237"}
"""CARC that lower (144 raises) what is paid of an allowed amount, and not the allowed amount itself.

The patient's share, prior payers, sequestration, prompt-payment discount, withholding, incentive, a penalty by law.
"""


class Adjustment(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One (reason, amount, quantity) of a CAS. `group` is CO, PR, OA or PI (4010: CR); `reason` a CARC.

    A positive amount lowers the payment.
    """

    group: str
    reason: str
    amount: Decimal
    quantity: Decimal | None = None

    @property
    def effect(self) -> Effect:
        """What it does to its line, by the table `codes/adjustment_effects.toml`."""
        return effect_of(self.group, self.reason)


class EffectRule(msgspec.Struct, frozen=True):
    """One row of the table; `*` stands for every reason or group that has no row of its own.

    `kind` says what reasons have in common (price, authorization, bundling …); the group's own rows have none.
    """

    group: str
    reason: str
    does: Effect
    why: str
    kind: str = ""


class PatientShare(msgspec.Struct, frozen=True):
    """What the PR adjustments lay on the patient: CARC 1 and 66, 2, 3, and all others (not covered, with notice)."""

    deductible: Decimal = ZERO
    coinsurance: Decimal = ZERO
    copay: Decimal = ZERO
    other: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """All four: what CLP05 must say."""
        return self.deductible + self.coinsurance + self.copay + self.other


@cache
def effect_rules() -> tuple[EffectRule, ...]:
    """The table, in its order."""
    table = tomllib.loads(files("claimloop.edi.codes").joinpath("adjustment_effects.toml").read_text(encoding="utf-8"))
    rules = [EffectRule(group, "*", row["does"], row["why"]) for group, row in table["group"].items()]
    for kind, row in table["kind"].items():
        for group in _GROUPS_BY_KIND:
            rules += [EffectRule(group, reason, row[group], row["why"], kind) for reason in row["reasons"]]
    return msgspec.convert(msgspec.to_builtins(rules), tuple[EffectRule, ...])


@cache
def _kinds() -> dict[str, str]:
    return {rule.reason: rule.kind for rule in effect_rules() if rule.kind}


def kind_of(reason: str) -> str:
    """What a reason is about in one word of the table (price, authorization, bundling …); "" for one it has not."""
    return _kinds().get(reason, "")


@cache
def _by_codes() -> dict[tuple[str, str], Effect]:
    return {(rule.group, rule.reason): rule.does for rule in effect_rules()}


def effect_of(group: str, reason: str) -> Effect:
    """What (group, CARC) does to its line: a row of both, of the group, of neither."""
    table = _by_codes()
    for codes in ((group, reason), (group, "*"), ("*", "*")):
        if codes in table:
            return table[codes]
    return "open"


def sum_of(adjustments: Iterable[Adjustment]) -> Decimal:
    """Σ CAS."""
    return sum((one.amount for one in adjustments), ZERO)


def sum_of_effect(adjustments: Iterable[Adjustment], effect: Effect) -> Decimal:
    """Σ of the adjustments that do this."""
    return sum_of(one for one in adjustments if one.effect == effect)


def sum_of_reason(adjustments: Iterable[Adjustment], reason: str) -> Decimal:
    """Σ of the adjustments with this CARC, whatever their group."""
    return sum_of(one for one in adjustments if one.reason == reason)


def patient_share(adjustments: Iterable[Adjustment]) -> PatientShare:
    """The PR adjustments by their kind."""
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
    """What the payer's price was: the payment and what was taken off only after pricing."""
    return paid + sum_of(one for one in adjustments if one.reason in REDUCTIONS_OF_THE_PAYMENT)


def is_refused(charge: Decimal, paid: Decimal, adjustments: Iterable[Adjustment]) -> bool:
    """Return True when the payer denied a positive charge as a whole (rules.md#denials).

    Nothing is paid, nothing is laid on the patient, and a part is denied; or all of it is CARC 45 under a contract,
    because no fee schedule has a price of 0. Zero-paid for a deductible, by capitation or after another payer is none.
    """
    told = tuple(adjustments)
    if charge <= ZERO or paid != ZERO or sum_of_effect(told, "patient"):
        return False
    if sum_of_effect(told, "denied") > ZERO:
        return True
    return {one.reason for one in told} == {ABOVE_THE_FEE_SCHEDULE} and sum_of_effect(told, "contractual") == charge
