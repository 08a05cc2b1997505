"""What came in: told apart by content, taken into the ledger kind by kind, and put away."""

from collections.abc import Callable
from decimal import Decimal

import msgspec

from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.acknowledgements.receive import Acknowledged
from claimloop.reconciliation.bank.receive import BANK, Banked
from claimloop.reconciliation.intake import (
    ACKNOWLEDGEMENTS,
    CLAIMS,
    REMITTANCES,
    Books,
    Outcome,
    is_left_to_a_person,
    kind_of_arrival,
    take_in,
)
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
from claimloop.reconciliation.remittances.post import Receipt
from claimloop.reconciliation.run_record import NEEDS_WORK, ControlTotal, Stage
from claimloop.reconciliation.submissions.import_837p import Imported

UNKNOWN, INBOX = "unknown", "inbox"
_MOST_FAILED = 3
"""Files in a row after which the others are not tried: it is no fault of theirs."""

STAGES: dict[str, tuple[str, ...]] = {
    "claims": (CLAIMS,),
    "acknowledgements": ACKNOWLEDGEMENTS,
    "remittances": (REMITTANCES,),
    "bank": (BANK,),
}
"""The stages that take arrivals in, in their order, and the kinds of files that each one takes."""


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


def take_arrivals(night: Night, stage: Stage, arrivals: list[Arrival]) -> None:
    """Take these files in, one after another, and put each away; one that fails does not stop the others.

    What is not done by then, as where the ledger refuses several in a row, is done by the next run.
    """
    failed = 0
    for number, arrival in enumerate(arrivals, start=1):
        try:
            outcome = _take_and_put_away(night, stage, arrival)
        except (OSError, LedgerError) as error:
            leave(night, stage, arrival.file.look, in_one_line(error))
            failed += 1
            if failed == _MOST_FAILED and arrivals[number:]:
                stage.fail(f"{len(arrivals) - number} more were not tried")
                return
        else:
            failed = 0
            stage.count(f"files {outcome}")


def _take_and_put_away(night: Night, stage: Stage, arrival: Arrival) -> str:
    """Gives what became of the file. Raises OSError, LedgerError."""
    if not place_before(night, arrival.file.sha256):
        reason, findings = _take(night, stage, arrival)
        if reason:
            return quarantine(night, arrival.file, arrival.kind, reason, findings)
    return archive(night, arrival.file, arrival.kind, INBOX)


def _take(night: Night, stage: Stage, arrival: Arrival) -> tuple[str, list[Diagnostic]]:
    """Take one file in: why not all of it is in the ledger (empty where it is), and what was found. Raises OSError,
    LedgerError.
    """
    path = arrival.file.path
    night.take_findings()
    outcomes: list[Outcome] = []
    books = Books(night.ledger, night.dispositions, night.moment, night.report)
    try:
        with night.edge.progress(path.name, arrival.file.look.size) as progress:
            take_in(path, arrival.kind, books, outcomes.append, progress)
        unproved = _prove(night, arrival, outcomes)
        reason = _not_all_taken(outcomes, night.findings) or unproved
    except (OSError, LedgerError):
        raise
    except Exception as error:
        reason = night.reason_of(error)
    finally:
        for outcome in outcomes:
            _count(stage, outcome)
    return reason, night.take_findings()


def _not_all_taken(outcomes: list[Outcome], findings: list[Diagnostic]) -> str:
    """Why something of a file is not in the ledger; empty where all of it is."""
    errors = sum(finding.severity == "error" for finding in findings)
    match outcomes[0] if outcomes else None:
        case None:
            return "it holds no remittance"
        case Receipt():
            cut = [each.trace_number for each in outcomes if isinstance(each, Receipt) and each.outcome == "incomplete"]
            return f"the trailer of {', '.join(cut)} never came: nothing of it was posted" if cut else ""
        case Imported(refused=refused) if refused:
            return f"{refused} of its claims could not be taken"
        case Acknowledged() as told if not (told.accepted + told.rejected + told.other + told.known):
            return "it says nothing of any file or claim"
        case Banked() if errors:
            return f"{errors} of its lines could not be read"
    return ""


def _prove(night: Night, arrival: Arrival, outcomes: list[Outcome]) -> str:
    """Control totals of a file of remittances or claims: what its segments hold, and where all of that went.

    Gives the sum that does not come out in words, of a damaged file; empty where all do.
    """
    if arrival.kind not in (REMITTANCES, CLAIMS):
        return ""
    name, counts = arrival.file.path.name, count_file(arrival.file.path)
    totals: list[ControlTotal] = []

    def prove(unit: str, came: Decimal | int, went: dict[str, Decimal | int]) -> None:
        totals.append(ControlTotal(name, unit, came, went, of_arrival=True))

    for imported in outcomes:
        if isinstance(imported, Imported) and imported.outcome != "known":
            went: dict[str, Decimal | int] = {"new": imported.claims, "known": imported.known}
            prove("claims", counts["CLM"].number, went | {"refused": imported.refused})
    receipts = [each for each in outcomes if isinstance(each, Receipt)]
    if receipts:
        prove("claim payments", counts["CLP"].number, _sums(receipts, lambda each: each.claims))
        prove("payments", counts["BPR"].amount, _sums(receipts, lambda each: each.payment_amount))
        kept = [receipt for receipt in receipts if receipt.outcome in ("posted", "held")]
        parts: dict[str, Decimal | int] = {
            "posted": sum(receipt.posted for receipt in kept),
            "suspense": sum(receipt.suspense for receipt in kept),
            "provider adjustments": -sum(receipt.provider_adjustments for receipt in kept),
        }
        prove("money", sum(receipt.payment_amount for receipt in kept), parts)
    night.record.control += totals
    wrong = [f"{each.came} {each.unit} came, {sum(each.went.values())} went" for each in totals if each.difference]
    return f"its segments do not add up: {'; '.join(wrong)}" if wrong else ""


def _sums(receipts: list[Receipt], of: Callable[[Receipt], Decimal | int]) -> dict[str, Decimal | int]:
    """By outcome."""
    sums: dict[str, Decimal | int] = {}
    for receipt in receipts:
        sums[receipt.outcome] = sums.get(receipt.outcome, 0) + of(receipt)
    return sums


def _count(stage: Stage, outcome: Outcome) -> None:
    if is_left_to_a_person(outcome):
        stage.count(NEEDS_WORK)
    match outcome:
        case Receipt():
            stage.count(f"remittances {outcome.outcome}")
            stage.count("claim payments", outcome.claims)
            if outcome.outcome in ("posted", "held"):
                stage.amount("received", outcome.payment_amount)
                stage.amount("posted", outcome.posted)
                stage.amount("in suspense", outcome.suspense)
        case Imported():
            stage.count("claims imported", outcome.claims)
            stage.count("claims known", outcome.known)
            stage.amount("charged", outcome.charge)
        case Acknowledged():
            for name in ("accepted", "rejected", "other", "known"):
                if getattr(outcome, name):
                    stage.count(name, getattr(outcome, name))
        case Banked():
            stage.count("deposits", outcome.deposits)
            stage.count("deposits known", outcome.known)
            stage.amount("deposited", outcome.amount)
