"""Second rounds: what goes to the next payer, is taken back or replaced, is answered, and the ledger holds the truth."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from claimloop.builders.encounters.encounter import Coverage, Encounter
from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.submissions.outbox import Outbox
from claimloop.reconciliation.submissions.secondary_correct_void import (
    send_corrections,
    send_to_next_payer,
    send_voids,
)
from claimloop.simulation import Summary, simulate
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation.making import MOMENT, new_ledger, prove, receive, rows, send
from claimloop.tests.simulation.making import money, truth
from claimloop.tests.simulation.test_loop import practice

CLAIMS = 60
SECOND = Coverage(payer_id="SECND", payer_name="Invented Second", member_id="SEC1", filing_indicator="CI")
SCENARIOS = ("none", "claim_twice=0.1", "reversal_same_835=0.2", "interest=0.1", "missing_6r=0.2", "line_split=0.1")


class Rounds:
    """A practice in its folder: what was sent, answered and received in each round."""

    def __init__(self, folder: Path, encounters: Sequence[Encounter]) -> None:
        self.folder = folder
        self.ledger: Ledger = new_ledger(folder)
        self.findings: list[Diagnostic] = []
        self.summaries: list[Summary] = []
        self.sent: list[Path] = []
        assert send(self.ledger, folder, *encounters).claims == len(encounters)
        self.play(date(2026, 10, 2))

    def outbox(self) -> Outbox:
        return Outbox((partner(),), self.ledger, self.folder / "outbox", MOMENT, self.findings.append)

    def claim_ids(self, encounters: Sequence[Encounter]) -> list[int]:
        wanted = [encounter.encounter_id for encounter in encounters]
        with self.ledger.reading() as connection:
            return list(connection.scalars(select(schema.claims.c.id).where(schema.claims.c.encounter_id.in_(wanted))))

    def play(self, day: date) -> None:
        """Have what was sent since the last round answered, and receive it."""
        files = [path for path in sorted((self.folder / "outbox").glob("*.837")) if path not in self.sent]
        summary = simulate(
            files, self.folder / f"answers{len(self.summaries)}", 1, scenarios=SCENARIOS, as_of=day, earlier=self.sent
        )
        for path in summary.remittances:
            receive(self.ledger, path)
        self.sent += files
        self.summaries.append(summary)


def test_claims_to_the_next_payer_end_as_the_truth_says(tmp_path: Path) -> None:
    visits = [msgspec.structs.replace(one, coverages=(*one.coverages, SECOND)) for one in practice(CLAIMS)]
    rounds = Rounds(tmp_path, visits)
    assert send_to_next_payer(rounds.claim_ids(visits), rounds.outbox()).claims == CLAIMS
    rounds.play(date(2026, 11, 20))
    expected = [money(row) for row in truth(rounds.summaries[1])]
    assert [money(dict(row)) for row in rows(rounds.ledger, "lines")] == expected
    assert any(row["status"] == "paid" for row in expected)
    prove(rounds.ledger)


@pytest.mark.parametrize("how", ["voided", "replaced"])
def test_claims_that_are_taken_back_or_replaced_end_as_the_truth_says(tmp_path: Path, how: str) -> None:
    visits = list(practice(CLAIMS))
    rounds = Rounds(tmp_path, visits)
    if how == "voided":
        send_voids(rounds.claim_ids(visits[:20]), rounds.outbox())
    else:
        edited = tmp_path / "edited.jsonl"
        dearer = [
            msgspec.structs.replace(
                one, services=(msgspec.structs.replace(one.services[0], charge=one.services[0].charge + 10), *one.services[1:])
            )
            for one in visits[:20]
        ]  # fmt: skip
        edited.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in dearer))
        send_corrections([edited], rounds.outbox())
    rounds.play(date(2026, 11, 20))
    expected = {
        (row["claim_control_number"], row["line_control_number"]): money(row)
        for summary in rounds.summaries
        for row in truth(summary)
    }
    held = {
        (row["claim_control_number"], row["line_control_number"]): money(dict(row))
        for row in rows(rounds.ledger, "lines")
    }
    assert held == expected
    assert sum(row["status"] == how for row in expected.values()) >= 20
    prove(rounds.ledger)
