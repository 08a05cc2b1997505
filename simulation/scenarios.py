"""The registry of payer behaviors by name, and the choice of the one that affects a claim or a remittance."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from claimloop.edi.diagnostics import UserError
from claimloop.simulation import courses, disguises, line_courses
from claimloop.simulation.case import Case, Story
from claimloop.simulation.chance import Chance


class UnknownScenario(UserError):
    """An unknown scenario, or impossible rates. The message is one line that names the problem."""


Level = Literal["claim", "remittance"]


class Scenario(msgspec.Struct, frozen=True):
    """One row. `rate` is the share of claims or remittances that it affects in the set `usual`.

    A claim has at most one scenario. If the scenario that was drawn does not fit it, it gets an ordinary answer.
    """

    name: str
    about: str
    rate: float
    level: Level = "claim"
    fits: Callable[[Case], bool] = courses.any_claim
    tell: Callable[[Case], Story] = courses.plain


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("reversal_same_835", "a later 835 reverses the payment and corrects it, reversal first", 0.008,
             fits=courses.is_paid, tell=courses.reversal_same_835),
    Scenario("correction_first", "a later 835 has the correction before the reversal", 0.002,
             fits=courses.is_paid, tell=courses.correction_first),
    Scenario("reversal_later_835", "reversed in one 835, corrected in the next", 0.003,
             fits=courses.is_paid, tell=courses.reversal_later_835),
    Scenario("recoupment", "reversed, but PLB WO leaves the money; the next 835 takes it by paying less", 0.004,
             fits=courses.is_paid, tell=courses.recoupment),
    Scenario("interest", "interest for late payment: AMT*I at the claim, PLB L6", 0.006,
             fits=courses.is_paid, tell=courses.interest),
    Scenario("claim_split", "one claim answered as two with the same CLP01 and remark MA15", 0.006,
             fits=line_courses.has_lines, tell=line_courses.claim_split),
    Scenario("claim_twice", "the same adjudication again in a later 835, without a reversal", 0.001,
             fits=courses.is_paid, tell=courses.claim_twice),
    Scenario("line_split", "one submitted line returns as two", 0.006,
             fits=line_courses.can_split, tell=line_courses.line_split),
    Scenario("unbundled", "one submitted line returns under two codes, the second with SVC06", 0.003,
             fits=line_courses.can_split, tell=line_courses.unbundled),
    Scenario("bundled", "bundled into another line: paid nothing (CO-97), SVC01 the other's code, SVC06 its own", 0.008,
             fits=line_courses.can_bundle, tell=line_courses.bundled),
    Scenario("bundled_without_svc06", "as bundled, but without SVC06: only REF*6R identifies the line", 0.002,
             fits=line_courses.can_bundle_by_6r, tell=line_courses.bundled_without_svc06),
    Scenario("changed_code", "paid under another procedure code; SVC06 is the submitted one", 0.005,
             fits=line_courses.is_paid_by_line, tell=line_courses.changed_code),
    Scenario("denied_status_4", "denied with CLP02 4", 0.004, tell=courses.denied_status_4),
    Scenario("zero_pay_notice", "nothing is paid: a separate notice, BPR01 H", 0.004,
             tell=courses.zero_pay_notice),
    Scenario("crossover", "forwarded to the next payer (CLP02 19, NM1*TT), which pays in a later 835 (OA-23)", 0.01,
             fits=courses.can_cross, tell=courses.crossover),
    Scenario("crossover_unanswered", "forwarded to the next payer, which has not answered yet", 0.004,
             fits=courses.can_cross, tell=courses.crossover_unanswered),
    Scenario("not_our_claim", "CLP02 23: another payer's claim, forwarded without adjudication", 0.001,
             tell=courses.not_our_claim),
    Scenario("claim_level", "adjudicated at claim level: CAS at 2100, no SVC", 0.005,
             fits=courses.any_claim, tell=line_courses.claim_level),
    Scenario("unknown_claim", "the 835 also pays a claim that the practice never submitted", 0.003,
             tell=courses.unknown_claim),
    Scenario("unbalanced_claim", "CLP04 or SVC03 is wrong by a dollar", 0.001,
             fits=line_courses.is_paid_by_line, tell=line_courses.unbalanced_claim),
    Scenario("missing_6r", "REF*6R is missing", 0.01,
             fits=disguises.has_6r, tell=disguises.missing_6r),
    Scenario("recased_6r", "REF*6R returns in the other letter case", 0.004,
             fits=disguises.has_cased_6r, tell=disguises.recased_6r),
    Scenario("dropped_modifiers", "modifiers and REF*6R are missing", 0.008,
             fits=disguises.has_modifiers, tell=disguises.dropped_modifiers),
    Scenario("ambiguous_lines", "two lines that differ only in modifiers return without them, one denied", 0.002,
             fits=disguises.has_twins, tell=disguises.ambiguous_lines),
    Scenario("truncated_clp01", "CLP01 is truncated", 0.003,
             fits=disguises.can_be_cut, tell=disguises.truncated_clp01),
    Scenario("padded_clp01", "CLP01 has leading zeros", 0.004,
             fits=disguises.can_be_padded, tell=disguises.padded_clp01),
    Scenario("lower_case_clp01", "CLP01 is in lowercase", 0.003,
             fits=disguises.has_capitals, tell=disguises.lower_case_clp01),
    Scenario("missing_clp01", "CLP01 is 0", 0.002, tell=disguises.missing_clp01),
    Scenario("corrected_name", "the payer corrects the patient's name (NM1*74)", 0.006,
             tell=disguises.corrected_name),
    Scenario("corrected_member_id", "the payer corrects the member ID (NM1*74)", 0.006,
             tell=disguises.corrected_member_id),
    Scenario("rejected", "rejected by the front end (277CA); no 835", 0.008, tell=courses.rejected),
    Scenario("unanswered", "accepted, but never answered", 0.004, tell=courses.unanswered),
    Scenario("recouped", "no reversal: PLB WO takes the payment back, at once or in two 835s; the claim is open", 0.003,
             fits=courses.is_paid, tell=courses.recouped),
    Scenario("forward_balance", "more is taken back than paid; PLB FB moves it to later 835s", 0.02, "remittance"),
    Scenario("lump_sum", "PLB without a claim: incentives, bonuses, levies", 0.05, "remittance"),
    Scenario("two_plb_segments", "more provider adjustments than one PLB holds", 0.0, "remittance"),
    Scenario("repeated_file", "the same file arrives again", 0.02, "remittance"),
    Scenario("repeated_835", "the same 835 is repeated inside a clearinghouse's file", 0.03, "remittance"),
    Scenario("two_835s_one_check", "two 835s for one check or transfer", 0.02, "remittance"),
    Scenario("out_of_order", "a file arrives after later ones", 0.03, "remittance"),
    Scenario("unbalanced_payment", "BPR02 is not the total of claims and PLB", 0.005, "remittance"),
)  # fmt: skip
"""Every scenario, in the order in which they are drawn."""

_BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
_SHARE_OF_ALL = 0.8
"""In the set `all`, this share of the claims or remittances has a scenario, each equally often."""


class Rates:
    """The rate of each scenario."""

    def __init__(self, rates: Mapping[str, float]) -> None:
        self._rates = dict(rates)
        self._claims: list[tuple[float, Scenario]] = []
        border = 0.0
        for scenario in SCENARIOS:
            if scenario.level == "claim" and (rate := rates.get(scenario.name, 0.0)):
                border += rate
                self._claims.append((border, scenario))

    def of_claim(self, chance: Chance) -> Scenario | None:
        """Draw the scenario of a claim."""
        drawn = chance.share()
        for border, scenario in self._claims:
            if drawn < border:
                return scenario
        return None

    def happens(self, name: str, chance: Chance) -> bool:
        """Draw whether a remittance's scenario happens."""
        rate = self._rates.get(name, 0.0)
        return rate > 0 and chance.share() < rate


def choose(words: Sequence[str] = ("usual",)) -> Rates:
    """Return the rates for the given words: a set (`usual`, `all`, `none`), and NAME or NAME=RATE for one scenario.

    NAME alone affects all claims, or remittances, without another scenario. If no set is given, only the named
    scenarios happen. Raises UnknownScenario.
    """
    rates: dict[str, float] = {}
    rest: list[str] = []
    for word in words:
        name, given, rate = word.partition("=")
        if word == "usual":
            rates |= {scenario.name: scenario.rate for scenario in SCENARIOS}
        elif word == "all":
            rates |= _all()
        elif word == "none":
            rates.clear()
        elif name not in _BY_NAME:
            raise UnknownScenario(f"unknown scenario {name!r}")
        elif given:
            rates[name] = _rate(name, rate)
        else:
            rest.append(name)
    for name in rest:
        rates.pop(name, None)
    for level in ("claim", "remittance"):
        named = [name for name in rest if _BY_NAME[name].level == level]
        taken = sum(rate for name, rate in rates.items() if _BY_NAME[name].level == "claim") if level == "claim" else 0
        for name in named:
            rates[name] = max(1.0 - taken, 0.0) / len(named) if level == "claim" else 1.0
    if sum(rate for name, rate in rates.items() if _BY_NAME[name].level == "claim") > 1 + 1e-9:
        raise UnknownScenario("the rates of the claims' scenarios total more than 1")
    return Rates(rates)


def _all() -> dict[str, float]:
    claims = [scenario.name for scenario in SCENARIOS if scenario.level == "claim"]
    return {scenario.name: _SHARE_OF_ALL / len(claims) if scenario.level == "claim" else 0.15 for scenario in SCENARIOS}


def _rate(name: str, text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        raise UnknownScenario(f"the rate of {name} must be a number from 0 to 1, not {text!r}")
    return rate
