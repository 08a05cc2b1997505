"""The stages that follow from what was received: claims to their next payer, and the work lists."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from claimloop.edi.money import ZERO
from claimloop.edi.private_files import write_text_privately
from claimloop.reconciliation.claims.history_for_billing import due_for_next_payer
from claimloop.reconciliation.configuration.as_of import as_of_day
from claimloop.reconciliation.nightly.context import Night
from claimloop.reconciliation.nightly.encounters import prove_built
from claimloop.reconciliation.nightly.folders import make_folder
from claimloop.reconciliation.queries.export import export
from claimloop.reconciliation.queries.views import Cell
from claimloop.reconciliation.run_record import Stage
from claimloop.reconciliation.submissions.secondary_correct_void import Errand, send_to_next_payer
from claimloop.reconciliation.submissions.write_file import finish_interrupted
from claimloop.reconciliation.worklists.registry import AMOUNTS, COLUMNS, WORKLISTS


def send_secondaries(night: Night, stage: Stage, outbox: Path) -> None:
    """Send every claim that is due to its next payer, and finish a claim file that a killed run left.

    Raises LedgerError, FileHeld, OSError.
    """
    finish_interrupted(night.ledger, outbox)
    partners = night.configuration.partners
    if not partners or not night.settings.send_secondaries:
        return
    with night.ledger.reading() as connection:
        due = due_for_next_payer(connection)
    if not due:
        return
    errand = Errand(partners, night.ledger, outbox, night.moment, night.report, night.settings.second_opinion)
    submission = send_to_next_payer(due, errand)
    stage.count("due", len(due))
    stage.count("sent", submission.claims)
    stage.count("files built", len(submission.files))
    stage.amount("charged", submission.charge)
    prove_built(night, "claims to their next payer", submission.files, submission.claims, submission.charge)


def make_worklists(night: Night, stage: Stage) -> None:
    """Count every work list and its amount, and write each list that is not empty as CSV to the run's folder."""
    as_of = as_of_day(night.moment.date(), night.configuration)
    folder = night.folder / "worklists"
    make_folder(folder)
    with night.ledger.reading() as connection:
        for name, worklist in WORKLISTS.items():
            path, tally = folder / f"{name}.csv", _Tally(AMOUNTS[name])
            _write(path, tally.of(worklist(connection, as_of)), COLUMNS[name])
            night.record.worklists[name] = tally.rows, tally.amount
            if tally.rows:
                stage.count(name, tally.rows)
            else:
                path.unlink()


def _write(path: Path, rows: Iterator[dict[str, Cell]], columns: Sequence[str]) -> None:
    write_text_privately(path, lambda out: export(rows, columns, "csv", out))


class _Tally:
    """Counts rows while they are written, and totals their amounts regardless of sign."""

    def __init__(self, column: str) -> None:
        self.rows = 0
        self.amount = ZERO
        self._column = column

    def of(self, rows: Iterator[dict[str, Cell]]) -> Iterator[dict[str, Cell]]:
        for row in rows:
            self.rows += 1
            self.amount += abs(Decimal(str(row[self._column])))
            yield row
