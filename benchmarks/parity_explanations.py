"""The named explanations of the parity report, in the order in which they are asked; docs/guides.md has them all."""

from claimloop.benchmarks.parity_case import Case, Difference
from claimloop.benchmarks.parity_explanation import Explanation
from claimloop.benchmarks.parity_names import NAMES
from claimloop.benchmarks.parity_rules import RULES
from claimloop.benchmarks.parity_stops import STOPS

EXPLANATIONS: tuple[Explanation, ...] = (*STOPS, *NAMES, *RULES)


def explain(case: Case) -> dict[Difference, str]:
    """The differences that are explained, and by what name: the first explanation that accounts for it."""
    explained: dict[Difference, str] = {}
    if case.differences:
        for explanation in EXPLANATIONS:
            for difference in explanation.differences(case) - explained.keys():
                explained[difference] = explanation.name
    return explained
