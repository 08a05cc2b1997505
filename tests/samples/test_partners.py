"""The three partners of the samples, who want everything differently."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.guides import pyx12_opinion
from claimloop.edi.validate import validate
from claimloop.parsers import read_837p
from claimloop.reconciliation.configuration.load import load_configuration
from claimloop.reconciliation.ledger.connection import open_ledger
from claimloop.reconciliation.submissions.outbox import Outbox, SubmitResult
from claimloop.reconciliation.submissions.submit import submit
from claimloop.samples import copy_samples

MOMENT = datetime(2026, 11, 23, 9, 30)


@pytest.fixture
def submission(tmp_path: Path) -> Iterator[SubmitResult]:
    """The sample encounters, sent to all three."""
    copy_samples(tmp_path)
    partners = load_configuration(tmp_path / "partners.toml").partners
    with closing(open_ledger(f"sqlite:///{tmp_path / 'new.db'}")) as ledger:
        encounters = sorted((tmp_path / "encounters").iterdir())
        yield submit(encounters, Outbox(partners, ledger, tmp_path / "outbox", MOMENT, lambda _: None))


def test_each_gets_files_of_its_own_name_and_number(submission: SubmitResult) -> None:
    assert [path.name for path in submission.files] == [
        "T837P.20261123.100000001.txt",
        "T837P.20261123.100000002.txt",
        "northclear-20261123-000000001.x12",
        "HSMA_000007000.837",
    ]
    assert (submission.claims, submission.refused) == (47, 6)


def test_each_gets_its_own_delimiters_letters_and_kind(submission: SubmitResult) -> None:
    fedgate, _, north, harbor = (path.read_text(encoding="ascii") for path in submission.files)
    assert "BHT*0019*00*100000001*20261123*0930*CH~\n" in fedgate
    assert fedgate.count("\nST*") == 2
    assert "'NM1|41|2|Brindle Cove Dermatology PLLC|||||46|207555'" in north
    assert "\n" not in north
    assert "BHT*0019*00*000007000*20261123*0930*RP\nNM1*41*2*BRINDLE COVE" in harbor


def test_every_file_is_right_and_holds_its_payers_claims(submission: SubmitResult) -> None:
    payers = []
    for path in submission.files:
        found: list[Diagnostic] = []
        validate(path, found.append)
        assert [finding.render() for finding in found if finding.severity == "error"] == []
        assert pyx12_opinion(path) == ("cannot read" if path.suffix == ".x12" else "accepts")
        payers.append({claim.payer.id for claim in read_837p(path, found.append)})
    assert payers == [{"FECP1"}, {"FECP1"}, {"NWMH2"}, {"HSMA3"}]
