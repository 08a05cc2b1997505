"""The nightly runs in order: how each ended, and the ledger's balances at its end."""

from collections.abc import Iterable
from datetime import date

import msgspec

from claimloop.edi.money import to_cents
from claimloop.reconciliation.run_record import RunRecord


class Run(msgspec.Struct, frozen=True):
    """One run. Amounts are cents at its end, or None if the run stopped before; `problems` are those of its stages.

    `seconds` is None for a run that is not finished, such as the one that makes the report. `worklists` has the number
    of rows on each work list, `worklist_amounts` their money. `unbalanced` names the control totals that did not
    balance.
    """

    day: date
    exit_code: int
    seconds: int | None
    files: int
    errors: int
    paid: int | None
    open: int | None
    denied: int | None
    suspense: int | None
    in_quarantine: int
    worklists: dict[str, int]
    worklist_amounts: dict[str, int]
    unbalanced: tuple[str, ...]
    problems: tuple[str, ...]


def runs_until(records: Iterable[RunRecord], today: date) -> tuple[Run, ...]:
    """Return the runs for a day up to this one, in their order, without rehearsals."""
    return tuple(_run(record) for record in records if record.day <= today and not record.rehearsed)


def _run(record: RunRecord) -> Run:
    totals = record.totals
    lasted = record.finished - record.started if record.finished else None
    return Run(
        day=record.day,
        exit_code=record.exit_code,
        seconds=int(lasted.total_seconds()) if lasted else None,
        files=len(record.files),
        errors=record.errors,
        paid=totals.balance.insurance_paid if totals else None,
        open=totals.balance.open if totals else None,
        denied=totals.balance.denied if totals else None,
        suspense=totals.suspense if totals else None,
        in_quarantine=record.in_quarantine,
        worklists={name: count for name, (count, _) in record.worklists.items()},
        worklist_amounts={name: to_cents(amount) for name, (_, amount) in record.worklists.items()},
        unbalanced=tuple(total.name for total in record.control if total.difference),
        problems=tuple(f"{stage.name}: {stage.problem}" for stage in record.stages if stage.problem),
    )
