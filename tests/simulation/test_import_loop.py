"""Claims of other systems, imported as submitted and answered: the ledger holds what the truth says."""

from pathlib import Path

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.submissions.import_837p import import_837p
from claimloop.simulation import simulate
from claimloop.tests.reconciliation.making import MOMENT, new_ledger, prove, receive
from claimloop.tests.simulation.test_loop import differences

DATA = Path(__file__).parents[1] / "data"
LEFT_OUT = {
    "837P__badx12__x222-cob-claim-from-billing-provider-to-payer-b.x12",  # the first payer's 835 never came here
    "837P__imsweb__x12-valid-different-separators.x12",  # its claims do not add up: refused
}
FILES = [path for path in sorted(DATA.glob("837P__*")) if path.name not in LEFT_OUT]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_ledger_equals_the_truth(tmp_path: Path, path: Path) -> None:
    ledger, findings = new_ledger(tmp_path), list[Diagnostic]()
    assert import_837p(path, ledger, MOMENT, findings.append).claims > 0
    words = ("all", "missing_clp01=0", "truncated_clp01=0", "out_of_order=0")
    summary = simulate([path], tmp_path / "answers", 1, scenarios=words)
    for remittance in summary.remittances:
        receive(ledger, remittance)
    assert [wrong for wrong in differences(summary, ledger).values() if wrong] == []
    prove(ledger)
