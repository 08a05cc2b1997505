"""What arrived: told apart by content, received into the ledger kind by kind, and archived."""

import msgspec

from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.intake import Books, Outcome, arrival_kind, kind_of_arrival, receive_arrival
from claimloop.reconciliation.ledger.connection import LedgerError
from claimloop.reconciliation.nightly.archive import (
    Arrived,
    archive,
    arrivals_of,
    leave,
    place_before,
    quarantine,
)
from claimloop.reconciliation.nightly.context import Night, in_one_line
from claimloop.reconciliation.nightly.counting import count_file
from claimloop.reconciliation.nightly.folders import Look
from claimloop.reconciliation.run_record import NEEDS_WORK, ControlTotal, Stage

UNKNOWN, INBOX = "unknown", "inbox"
_MOST_FAILED = 3
"""After this many failures in a row the other files are not tried, because the files are not the cause."""


class Arrival(msgspec.Struct, frozen=True):
    """A file of the inbox and its kind; the reason where it is of none."""

    file: Arrived
    kind: str
    reason: str = ""


def sort_arrivals(night: Night, stage: Stage, looks: list[Look]) -> list[Arrival]:
    """The files of the inbox by kind."""
    arrivals: list[Arrival] = []
    for file in arrivals_of(night, stage, looks):
        try:
            arrivals.append(Arrival(file, kind_of_arrival(file.path)))
        except OSError as error:
            leave(night, stage, file.look, in_one_line(error))
            continue
        except Exception as problem:
            arrivals.append(Arrival(file, UNKNOWN, night.reason_of(problem)))
        stage.count(f"of kind {arrivals[-1].kind}")
    return arrivals


def put_unknown_away(night: Night, stage: Stage, arrivals: list[Arrival]) -> None:
    """What is of no kind that can be taken goes into quarantine."""
    for arrival in arrivals:
        if arrival.kind == UNKNOWN:
            try:
                outcome = quarantine(night, arrival.file, UNKNOWN, arrival.reason, [])
            except OSError as error:
                leave(night, stage, arrival.file.look, in_one_line(error))
            else:
                stage.count(f"files {outcome}")


def receive_arrivals(night: Night, stage: Stage, arrivals: list[Arrival]) -> None:
    """Receive these files, one after another, and archive each; one that fails does not stop the others.

    What is not done, such as where the ledger fails several times in a row, is done by the next run.
    """
    failed = 0
    for number, arrival in enumerate(arrivals, start=1):
        try:
            outcome = _receive_and_archive(night, stage, arrival)
        except (OSError, LedgerError) as error:
            leave(night, stage, arrival.file.look, in_one_line(error))
            failed += 1
            if failed == _MOST_FAILED and arrivals[number:]:
                stage.fail(f"{len(arrivals) - number} more were not tried")
                return
        else:
            failed = 0
            stage.count(f"files {outcome}")


def _receive_and_archive(night: Night, stage: Stage, arrival: Arrival) -> str:
    """Gives what became of the file. Raises OSError, LedgerError."""
    if not place_before(night, arrival.file.sha256):
        reason, findings = _receive(night, stage, arrival)
        if reason:
            return quarantine(night, arrival.file, arrival.kind, reason, findings)
    return archive(night, arrival.file, arrival.kind, INBOX)


def _receive(night: Night, stage: Stage, arrival: Arrival) -> tuple[str, list[Diagnostic]]:
    """Receive one file. Return why not all of it is in the ledger (empty where it is), and the findings.

    Raises OSError, LedgerError.
    """
    path, kind = arrival.file.path, arrival_kind(arrival.kind)
    night.take_findings()
    outcomes: list[Outcome] = []
    books = Books(night.ledger, night.dispositions, night.moment, night.report)
    try:
        with night.edge.progress(path.name, arrival.file.look.size) as progress:
            outcomes.extend(receive_arrival(path, arrival.kind, books, progress))  # what came before an error stays
        unproved = _prove(night, arrival, outcomes)
        errors = sum(finding.severity == "error" for finding in night.findings)
        reason = kind.why_incomplete(outcomes, errors) if outcomes else kind.nothing
        reason = reason or unproved
    except (OSError, LedgerError):
        raise
    except Exception as error:
        reason = night.reason_of(error)
    finally:
        for outcome in outcomes:
            if kind.needs_staff(outcome):
                stage.count(NEEDS_WORK)
            tally = kind.tally(outcome)
            for name, count in tally.counts.items():
                stage.count(name, count)
            for name, amount in tally.amounts.items():
                stage.amount(name, amount)
    return reason, night.take_findings()


def _prove(night: Night, arrival: Arrival, outcomes: list[Outcome]) -> str:
    """Keep the control totals of a file: what its segments hold, and where all of that went.

    Return the totals that do not add up, of a damaged file, in words; empty where all do.
    """
    kind = arrival_kind(arrival.kind)
    if not kind.counted:
        return ""
    name, counts = arrival.file.path.name, count_file(arrival.file.path, kind.counted)
    totals = [ControlTotal(name, *total, of_arrival=True) for total in kind.totals(outcomes, counts)]
    night.record.control += totals
    wrong = [f"{each.came} {each.unit} came, {sum(each.went.values())} went" for each in totals if each.difference]
    return f"its segments do not add up: {'; '.join(wrong)}" if wrong else ""
