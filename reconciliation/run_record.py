"""What a nightly run did, as a record: kept in the ledger and as a JSON file; its control totals prove it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from claimloop.edi.money import ZERO
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import insert_rows, next_id
from claimloop.reconciliation.queries.views import Totals

CLEAN, WORK_LEFT, FAILED = 0, 1, 2
"""Exit codes of a run (rules.md#interface)."""

NEEDS_WORK = "for a person"
"""The name under which a stage counts what it took and somebody has to look at."""


class ControlTotal(msgspec.Struct, frozen=True):
    """One sum that must come out: what came in, and where all of it went, by name. `unit` says of what.

    `of_arrival` is true where the sum is of a file that others made: it may be damaged.
    """

    name: str
    unit: str
    came: Decimal | int
    went: dict[str, Decimal | int]
    of_arrival: bool = False

    @property
    def difference(self) -> Decimal | int:
        """Zero, or something was lost."""
        return self.came - sum(self.went.values())


class Stage(msgspec.Struct):
    """One stage of a run. `counts` and `amounts` are in the words of the report; `seconds` are of the wall clock.

    `problem` says in one line why it could not be done; the stages after it were tried all the same.
    """

    name: str
    seconds: float = 0.0
    counts: dict[str, int] = {}
    amounts: dict[str, Decimal] = {}
    problem: str = ""

    def fail(self, problem: str) -> None:
        """One more reason why not all of it could be done."""
        self.problem = f"{self.problem}; {problem}" if self.problem else problem

    def count(self, name: str, more: int = 1) -> None:
        """Add to one of the counts."""
        self.counts[name] = self.counts.get(name, 0) + more

    def amount(self, name: str, more: Decimal) -> None:
        """Add to one of the amounts."""
        self.amounts[name] = self.amounts.get(name, ZERO) + more


class TakenFile(msgspec.Struct, frozen=True):
    """What became of a file. `outcome` is taken, known (its content came before), quarantined, waiting (it stays where
    it was), sent, or held (what was refused of a file, in a file of its own).

    `place` is where it lies now and `came_from` the folder that it was found in, from the folder of the configuration
    where they lie in there.
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
    """One run. `day` is the day it was for; `worklists` has (items, money that hangs on them) of each list.

    `in_quarantine` files wait for a person. `errors` counts the findings. `interrupted_before` is when a run before
    started that was killed. `rehearsed` is true of a dry run: nothing of it was kept. `totals` is the ledger's at the
    end.
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
    """Keep the record of a run that came to its end."""
    assert run.finished is not None
    row = (
        next_id(connection, schema.runs), _moment(run.started), _moment(run.finished), run.day.isoformat(),
        run.exit_code, msgspec.json.encode(run),
    )  # fmt: skip
    insert_rows(connection, schema.runs, [row])


def recent_runs(connection: Connection, most: int = 90) -> list[RunRecord]:
    """The newest runs that were kept, the oldest of them first."""
    runs = schema.runs.c
    newest = connection.scalars(select(runs.record).order_by(runs.id.desc()).limit(most))
    return [msgspec.json.decode(record, type=RunRecord) for record in newest][::-1]


def keep_file(connection: Connection, file: TakenFile, moment: datetime) -> None:
    """Keep where a file went."""
    row: tuple[Any, ...] = (
        next_id(connection, schema.files), file.sha256, file.size, file.name, file.kind, file.outcome, file.place,
        _moment(moment),
    )  # fmt: skip
    insert_rows(connection, schema.files, [row])


def places_before(connection: Connection, sha256: str) -> list[str]:
    """Where files of this content were put when they were taken, the first of them first."""
    files = schema.files.c
    query = select(files.place).where(files.sha256 == sha256, files.outcome.in_(_TAKEN)).order_by(files.id)
    return list(connection.scalars(query))


_TAKEN = ("taken", "sent")


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
