"""The record of a nightly run, stored in the ledger and as a JSON file, with control totals that prove it."""

from datetime import date, datetime
from decimal import Decimal

import msgspec
from sqlalchemy import Connection, select

from claimloop.edi.money import ZERO
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import next_id
from claimloop.reconciliation.ledger.inserts import FileRow, RunRow, insert
from claimloop.reconciliation.queries.totals import Totals

CLEAN, WORK_LEFT, FAILED = 0, 1, 2
"""Exit codes of a run (rules.md#interface)."""

NEEDS_WORK = "for a person"  # prose: allow for a person
"""The name of the count of what a stage processed and staff must look at. It is stored in records of runs."""


class ControlTotal(msgspec.Struct, frozen=True):
    """One total that must balance: what came in, and where all of it went, by name. `unit` is what is counted.

    `of_arrival` is true for a file that others made, because such a file may be damaged.
    """

    name: str
    unit: str
    came: Decimal | int
    went: dict[str, Decimal | int]
    of_arrival: bool = False

    @property
    def difference(self) -> Decimal | int:
        """Return the difference: zero, or something was lost."""
        return self.came - sum(self.went.values())


class Stage(msgspec.Struct):
    """One stage of a run. `counts` and `amounts` have the names that the report uses; `seconds` is elapsed time.

    `problem` gives in one line why the stage failed; the stages after it still ran.
    """

    name: str
    seconds: float = 0.0
    counts: dict[str, int] = {}
    amounts: dict[str, Decimal] = {}
    problem: str = ""

    def fail(self, problem: str) -> None:
        """Add a reason why the stage could not be completed."""
        self.problem = f"{self.problem}; {problem}" if self.problem else problem

    def count(self, name: str, more: int = 1) -> None:
        """Add to one of the counts."""
        self.counts[name] = self.counts.get(name, 0) + more

    def amount(self, name: str, more: Decimal) -> None:
        """Add to one of the amounts."""
        self.amounts[name] = self.amounts.get(name, ZERO) + more


class TakenFile(msgspec.Struct, frozen=True):
    """What happened to a file. `outcome` is one of these:

    - taken: processed and archived
    - known: its content was received before
    - quarantined
    - waiting: it stays where it was
    - sent
    - held: the held encounters of a file, in a file of their own

    `place` is where the file is now and `came_from` the folder that it was found in, both relative to the folder of the
    configuration if they are inside it.
    """

    name: str
    kind: str
    outcome: str
    place: str
    sha256: str = ""
    size: int = 0
    reason: str = ""
    came_from: str = ""


class RunRecord(msgspec.Struct):
    """One run. `day` is the date it was for; `worklists` has (items, amount) of each work list.

    `in_quarantine` is the number of files that need work. `errors` counts findings. `interrupted_before` is the start
    of an earlier run that was killed. `rehearsed` is true for a dry run, which keeps nothing. `totals` are those of the
    ledger at the end.
    """

    started: datetime
    day: date
    finished: datetime | None = None
    exit_code: int = CLEAN
    rehearsed: bool = False
    only: list[str] = []
    stages: list[Stage] = []
    files: list[TakenFile] = []
    control: list[ControlTotal] = []
    worklists: dict[str, tuple[int, Decimal]] = {}
    in_quarantine: int = 0
    totals: Totals | None = None
    errors: int = 0
    interrupted_before: str = ""


def keep_run(connection: Connection, run: RunRecord) -> None:
    """Store the record of a finished run."""
    assert run.finished is not None
    row = RunRow(
        id=next_id(connection, schema.runs),
        started=_moment(run.started),
        finished=_moment(run.finished),
        day=run.day.isoformat(),
        exit_code=run.exit_code,
        record=msgspec.json.encode(run),
    )
    insert(connection, [row])


def recent_runs(connection: Connection, most: int = 90) -> list[RunRecord]:
    """Return the newest stored runs, the oldest of them first."""
    runs = schema.runs.c
    newest = connection.scalars(select(runs.record).order_by(runs.id.desc()).limit(most))
    return [msgspec.json.decode(record, type=RunRecord) for record in newest][::-1]


def keep_file(connection: Connection, file: TakenFile, moment: datetime) -> None:
    """Keep where a file went."""
    row = FileRow(
        id=next_id(connection, schema.files),
        sha256=file.sha256,
        size=file.size,
        name=file.name,
        kind=file.kind,
        outcome=file.outcome,
        place=file.place,
        moment=_moment(moment),
    )
    insert(connection, [row])


def places_before(connection: Connection, sha256: str) -> list[str]:
    """Return where files with this content were moved when they were processed or sent, in that order."""
    files = schema.files.c
    query = select(files.place).where(files.sha256 == sha256, files.outcome.in_(_TAKEN)).order_by(files.id)
    return list(connection.scalars(query))


_TAKEN = ("taken", "sent")


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
