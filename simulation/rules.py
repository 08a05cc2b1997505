"""The rules by which a simulated payer adjudicates, read from TOML: prices, plans, denials, payment cycles."""

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from claimloop.edi.diagnostics import UserError
from claimloop.edi.money import NotAnAmount, decimals, to_cents

Rate = Annotated[float, msgspec.Meta(ge=0, le=1)]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]


class RulesError(UserError):
    """The rules cannot be used. The message is one line that gives the reason."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file. An unknown name is an error."""


class Cycle(_Part, frozen=True):
    """Days from receipt to adjudication, days between two payments, and the maximum number of claims in one 835 set."""

    shortest_days: Annotated[int, msgspec.Meta(ge=0)] = 7
    longest_days: Annotated[int, msgspec.Meta(ge=0)] = 20
    every_days: Annotated[int, msgspec.Meta(ge=1)] = 7
    claims_per_remittance: Annotated[int, msgspec.Meta(ge=1)] = 2000


class FeeSchedule(_Part, frozen=True):
    """Prices per unit, as money texts. A procedure without a price is allowed at a percentage of its charge."""

    otherwise_percent: Percent = 60
    prices: dict[str, str] = {}


class Plan(_Part, frozen=True):
    """What a payer leaves to the patient. `payer` and `filing` say which claims it covers; empty covers all."""

    fee_schedule: str
    payer: str = ""
    filing: tuple[str, ...] = ()
    coinsurance_percent: Percent = 0
    copay: str = "0"
    deductible_rate: Rate = 0.0
    deductible: str = "0"
    sequestration_percent: Percent = 0
    method: Literal["ACH", "CHK"] = "ACH"


class Visits(_Part, frozen=True):
    """The procedures to which a copay applies."""

    procedures: frozenset[str] = frozenset()


class MultipleProcedures(_Part, frozen=True):
    """Procedures that are paid at `percent` if a costlier one of the list is on the claim."""

    percent: Percent = 50
    procedures: frozenset[str] = frozenset()


class DenialReason(_Part, frozen=True):
    """Why a line is denied: group, CARC, RARCs."""

    group: Literal["CO", "PR", "OA", "PI"]
    reason: str
    remarks: tuple[str, ...] = ()


class Denial(DenialReason, frozen=True, kw_only=True):
    """A denial of the lines that it describes, and the share of them that it affects."""

    rate: Rate = 1.0
    procedures: frozenset[str] = frozenset()
    modifiers: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    diagnoses: tuple[str, ...] = ()


class Bundling(DenialReason, frozen=True, kw_only=True):
    """A second code that is part of the first of its pair, unless a modifier separates them."""

    pairs: frozenset[tuple[str, str]] = frozenset()
    unless: frozenset[str] = frozenset()


class GlobalPeriod(DenialReason, frozen=True, kw_only=True):
    """The days after a procedure during which a visit is part of it, unless a modifier separates them."""

    days: dict[str, int] = {}
    unless: frozenset[str] = frozenset()


class TimelyFiling(DenialReason, frozen=True, kw_only=True):
    """The maximum number of days from the service to the claim."""

    days: Annotated[int, msgspec.Meta(ge=0)] = 365


class Duplicates(DenialReason, frozen=True, kw_only=True):
    """How many of the last claims are remembered to recognize a duplicate; 0 recognizes none."""

    remember: Annotated[int, msgspec.Meta(ge=0)] = 100_000


class CoverageEnded(DenialReason, frozen=True, kw_only=True):
    """The share of members whose coverage has ended."""

    rate: Rate = 0.0


class Rules(_Part, frozen=True):
    """All rules of a file."""

    fee_schedules: dict[str, FeeSchedule]
    plan: tuple[Plan, ...]
    cycle: Cycle = Cycle()
    visits: Visits = Visits()
    multiple_procedures: MultipleProcedures = MultipleProcedures()
    bundling: Bundling | None = None
    global_period: GlobalPeriod | None = None
    timely_filing: TimelyFiling | None = None
    duplicates: Duplicates | None = None
    coverage_ended: CoverageEnded | None = None
    denial: tuple[Denial, ...] = ()


@cache
def _packaged() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("rules.toml").read_text(encoding="utf-8"))


def load_rules(path: Path | None = None) -> Rules:
    """Return the packaged rules, with the tables of a file in place of theirs. Raises RulesError, OSError."""
    tables = dict(_packaged())
    if path is not None:
        try:
            tables |= tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise RulesError(f"{path}: {error}") from error
    try:
        rules = msgspec.convert(tables, Rules)
    except msgspec.ValidationError as error:
        raise RulesError(f"{path}: {error}") from error
    _check(rules, path)
    return rules


def _check(rules: Rules, path: Path | None) -> None:
    if rules.cycle.longest_days < rules.cycle.shortest_days:
        raise RulesError(f"{path}: cycle.longest_days is less than cycle.shortest_days")
    amounts = [amount for schedule in rules.fee_schedules.values() for amount in schedule.prices.values()]
    for plan in rules.plan:
        if plan.fee_schedule not in rules.fee_schedules:
            raise RulesError(f"{path}: plan.fee_schedule {plan.fee_schedule!r} is not one of fee_schedules")
        amounts += [plan.copay, plan.deductible]
    if not any(not plan.payer and not plan.filing for plan in rules.plan):
        raise RulesError(f"{path}: no plan covers every claim: add one without payer and filing")
    for amount in amounts:
        try:
            negative = cents(amount) < 0
        except NotAnAmount:
            negative = True
        if negative:
            raise RulesError(f"{path}: {amount!r} is not an amount of money")


def cents(amount: str) -> int:
    """Return an amount of the rules in cents. Raises NotAnAmount."""
    return to_cents(decimals[amount])
