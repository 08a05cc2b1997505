"""Measure how remittances find their claims and lines with damaged keys: `python benchmarks/matching.py [CLAIMS]`.

The simulated payer has the expected result of every line. A line is right where the ledger matches it. It is left
where it does not match and its claim has an item in suspense, for staff. Otherwise it is wrong. The rules that matched
the lines are counted, too.
"""

import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from sqlalchemy import func, select

from claimloop.commands.demo_loop import Answered, run_volume
from claimloop.reconciliation.audit import audit
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import open_ledger
from claimloop.reconciliation.queries.claims import lines as lines_of
from claimloop.reconciliation.queries.export import as_text
from claimloop.reconciliation.queries.suspense import suspense
from claimloop.samples import copy_samples
from claimloop.samples.volumes import write_encounters
from claimloop.simulation.answers import answer

DAMAGES = (
    "missing_6r", "recased_6r", "dropped_modifiers", "ambiguous_lines", "truncated_clp01", "padded_clp01",
    "lower_case_clp01", "missing_clp01", "corrected_name", "corrected_member_id", "line_split", "bundled_without_svc06",
    "changed_code",
)  # fmt: skip
RATES = (0.0, 0.1, 0.4, 0.9)
"""Share of claims with one of the damages. The other claims are answered plainly."""


class Outcome(msgspec.Struct):
    """Lines by result, claims by result, and the rules that matched claims and lines."""

    lines: Counter[str]
    claims: Counter[str]
    claim_rules: dict[str, int]
    line_rules: dict[str, int]
    left_by_scenario: Counter[str]
    wrong_by_scenario: Counter[str]
    problems: list[str]


def measure(folder: Path, claims: int, rate: float) -> Outcome:
    """Run one loop with damages at a rate."""
    copy_samples(folder)
    encounters = folder / "encounters.jsonl"
    write_encounters(encounters, claims)
    scenarios = ("none", *(f"{name}={rate / len(DAMAGES):.6f}" for name in DAMAGES))
    truth: list[Path] = []

    def play(files: list[Path]) -> Answered:
        summary = answer(files, folder / "answers", 5, scenarios=scenarios).summary
        truth.append(summary.truth)
        return Answered(summary.remittances, summary.truth)

    result = run_volume(folder, encounters, play, lambda _: None, lambda _: None)
    ledger = open_ledger(f"sqlite:///{result.ledger}")
    with ledger.reading() as connection:
        held = {(line.claim_control_number, line.line_control_number): line for line in lines_of(connection)}
        waiting = {str(item.claim_control_number) for item in suspense(connection)}
        outcome = Outcome(Counter(), Counter(), {}, {}, Counter(), Counter(), audit(connection).problems)
        worst: dict[str, str] = {}
        for text in truth[0].read_bytes().splitlines():
            row = msgspec.json.decode(text)
            if row.pop("record") != "line":
                continue
            scenario, number = row.pop("scenario"), row["claim_control_number"]
            line = held[number, row["line_control_number"]]
            right, answered = as_text(line) == row, line.status != "submitted"
            verdict = "right" if right else "left" if number in waiting or not answered else "wrong"
            outcome.lines[verdict] += 1
            worst[number] = max(worst.get(number, ""), {"right": "1", "left": "2", "wrong": "3"}[verdict])
            if verdict != "right":
                (outcome.left_by_scenario if verdict == "left" else outcome.wrong_by_scenario)[scenario] += 1
        outcome.claims = Counter({"1": "right", "2": "left", "3": "wrong"}[each] for each in worst.values())
        for table, rules in (
            (schema.claim_payments, outcome.claim_rules),
            (schema.service_payments, outcome.line_rules),
        ):
            query = select(table.c.match_rule, func.count()).group_by(table.c.match_rule)
            for rule, count in connection.execute(query):
                name = rule or "held"
                rules[name] = rules.get(name, 0) + count
    ledger.close()
    return outcome


def main() -> None:
    """Print a row for each rate, with the rules below it."""
    claims = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    for rate in RATES:
        started = time.perf_counter()
        with TemporaryDirectory() as folder:
            outcome = measure(Path(folder) / "loop", claims, rate)
        lines, found = outcome.lines, outcome.claims
        print(
            f"{rate:4.0%} damaged: lines right {lines['right']}, wrong {lines['wrong']}, left {lines['left']}; claims "
            f"right {found['right']}, wrong {found['wrong']}, left {found['left']}; audit {len(outcome.problems)} "
            f"problems; {time.perf_counter() - started:.0f} s"
        )
        print(f"     claims by rule: {outcome.claim_rules}\n     lines by rule: {outcome.line_rules}")
        print(f"     left: {dict(outcome.left_by_scenario)}; wrong: {dict(outcome.wrong_by_scenario)}", flush=True)


if __name__ == "__main__":
    main()
