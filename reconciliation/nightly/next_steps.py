"""The stages that follow from what was received: claims to their next payer, and the work lists."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from claimloop.edi.money import from_cents
from claimloop.edi.private_files import write_text_privately
from claimloop.reconciliation.claims.history_for_billing import due_for_next_payer
from claimloop.reconciliation.configuration.as_of import as_of_day
from claimloop.reconciliation.nightly.context import Night
from claimloop.reconciliation.nightly.encounters import prove_built
from claimloop.reconciliation.nightly.folders import make_folder
from claimloop.reconciliation.queries.export import export
from claimloop.reconciliation.run_record import Stage
from claimloop.reconciliation.submissions.outbox import Outbox
from claimloop.reconciliation.submissions.secondary_correct_void import send_to_next_payer
from claimloop.reconciliation.submissions.write_file import finish_interrupted
from claimloop.reconciliation.worklists.registry import WORKLISTS
from claimloop.reconciliation.worklists.worklist import Worklist


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
    to = Outbox(partners, night.ledger, outbox, night.moment, night.report, night.settings.second_opinion)
    submission = send_to_next_payer(due, to)
    stage.count("due", len(due))
    stage.count("sent", submission.claims)
    stage.count("files built", len(submission.files))
    stage.amount("charged", submission.charge)
    prove_built(night, "claims to their next payer", submission.files, submission.claims, submission.charge)


def make_worklists(night: Night, stage: Stage) -> None:
    """Count every work list and add up its amounts; write those with rows as CSV to the folder of the run."""
    as_of = as_of_day(night.moment.date(), night.configuration)
    folder = night.folder / "worklists"
    make_folder(folder)
    with night.ledger.reading() as connection:
        for name, worklist in WORKLISTS.items():
            path, tally = folder / f"{name}.csv", _Tally(worklist)
            _write(path, tally.of(worklist.rows(connection, as_of)), worklist.row)
            night.record.worklists[name] = tally.rows, from_cents(tally.cents)
            if tally.rows:
                stage.count(name, tally.rows)
            else:
                path.unlink()


def _write(path: Path, rows: Iterator[msgspec.Struct], row_type: type[msgspec.Struct]) -> None:
    write_text_privately(path, lambda out: export(rows, row_type, "csv", out))


class _Tally:
    """Counts rows while they are written, and totals the amounts at stake regardless of sign."""

    def __init__(self, worklist: Worklist) -> None:
        self.rows = 0
        self.cents = 0
        self._worklist = worklist

    def of(self, rows: Iterator[msgspec.Struct]) -> Iterator[msgspec.Struct]:
        for row in rows:
            self.rows += 1
            self.cents += abs(self._worklist.amount(row))
            yield row
