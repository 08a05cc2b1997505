"""Run the nightly stages in order, each even if others failed, and store a record of the run."""

import os
import platform
from collections.abc import Collection, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from claimloop.edi.private_files import write_privately
from claimloop.reconciliation.configuration.load import Configuration
from claimloop.reconciliation.intake import ARRIVALS
from claimloop.reconciliation.ledger.connection import Ledger, LedgerError, NoLedger, open_ledger
from claimloop.reconciliation.ledger.rehearsal import rehearse
from claimloop.reconciliation.nightly import STAGES
from claimloop.reconciliation.nightly.archive import (
    arrivals_of,
    in_quarantine,
    prove_files,
    wait,
    with_plain_names,
)
from claimloop.reconciliation.nightly.context import Edge, Night, in_one_line
from claimloop.reconciliation.nightly.encounters import send_encounters
from claimloop.reconciliation.nightly.folders import Contents, drop_unwritten, look_twice
from claimloop.reconciliation.nightly.inbox import Arrival, put_unknown_away, receive_arrivals, sort_arrivals
from claimloop.reconciliation.nightly.lock import Holder, only_run
from claimloop.reconciliation.nightly.log import open_log
from claimloop.reconciliation.nightly.next_steps import make_worklists, send_secondaries
from claimloop.reconciliation.nightly.summary import last_line, message
from claimloop.reconciliation.nightly.transport import pull_files, push_files
from claimloop.reconciliation.queries.totals import totals
from claimloop.reconciliation.reports.page import write_report
from claimloop.reconciliation.run_record import (
    CLEAN,
    FAILED,
    NEEDS_WORK,
    WORK_LEFT,
    RunRecord,
    Stage,
    keep_run,
    recent_runs,
)

LOG = "nightly.log"
REPORT = "report.html"


class Wishes(msgspec.Struct, frozen=True):
    """The options of a run: `only` these stages (all if empty), another `day` than today, a dry run (`rehearse`)."""

    only: Collection[str] = ()
    day: date | None = None
    rehearse: bool = False
    show_values: bool = False


def run_night(root: Path, configuration: Configuration, edge: Edge, wishes: Wishes) -> RunRecord:
    """Do everything that is due, once. `root` is the folder of the configuration.

    Raises AnotherRun if another run is in progress, OSError if the folder for runs cannot be written. Every other
    problem is in the record.
    """
    started = edge.now()
    runs = Path(configuration.nightly.runs)
    record = RunRecord(
        started=started, day=wishes.day or started.date(), rehearsed=wishes.rehearse,
        only=[name for name in STAGES if name in wishes.only],
    )  # fmt: skip
    holder = Holder(os.getpid(), platform.node(), started.isoformat(timespec="seconds"))
    with ExitStack() as stack:
        died = stack.enter_context(only_run(runs, None if wishes.rehearse else holder))
        record.interrupted_before = died.started if died else ""
        log = open_log(runs / LOG, edge.now)
        temporary = Path(stack.enter_context(TemporaryDirectory(prefix="claimloop-"))) if wishes.rehearse else None
        moment = datetime.combine(record.day, started.time())
        night = Night(root, configuration, moment, edge, log, record, temporary or _own_folder(runs, started))
        night.log("start", day=record.day, process=holder.process, only=record.only, interrupted=died)
        if died:
            edge.say(f"the run of {died.started} was interrupted; this run completes it")
            with night.stage("tidy up"):
                _tidy(night)
        try:
            night.ledger = stack.enter_context(_ledger(configuration.ledger, temporary))
        except LedgerError as error:
            with night.stage("ledger") as stage:
                stage.fail(in_one_line(error))
        else:
            _Stages(night, wishes).run()
        _finish(night)
    return record


def _tidy(night: Night) -> None:
    """Remove files that a killed run began to write and did not finish."""
    if night.rehearsed:
        return
    runs = Path(night.settings.runs)
    folders = Path(night.settings.outbox), Path(night.settings.quarantine), runs, *runs.glob("*/"), *runs.glob("*/*/")
    for folder in folders:
        drop_unwritten(folder)


@contextmanager
def _ledger(url: str, temporary: Path | None) -> Iterator[Ledger]:
    """Open the ledger; for a dry run, with a temporary folder, one that keeps nothing. Raises LedgerError."""
    try:
        ledger = open_ledger(url, create=temporary is None)
    except NoLedger:
        if temporary is None:
            raise
        ledger = open_ledger(f"sqlite:///{temporary / 'claimloop.db'}")
    with closing(ledger):
        if temporary is None:
            yield ledger
        else:
            with rehearse(ledger) as rehearsal:
                yield rehearsal


def _own_folder(runs: Path, started: datetime) -> Path:
    """Create a new folder that is named after the start time."""
    name = started.strftime("%Y-%m-%dT%H%M%S")
    number = 1
    while True:
        folder = runs / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            return folder


class _Stages:
    """The stages of one run; those that were not requested are skipped."""

    def __init__(self, night: Night, wishes: Wishes) -> None:
        self._night = night
        self._only = wishes.only
        self._show_values = wishes.show_values
        settings = night.settings
        self._encounters, self._inbox = Path(settings.encounters), Path(settings.inbox)
        outbox = Path(settings.outbox)
        self._outbox = night.folder / "outbox" if night.rehearsed else outbox
        self._outboxes = [outbox, self._outbox] if night.rehearsed else [outbox]

    def run(self) -> None:
        """Run the stages."""
        night = self._night
        if self._wanted("pull"):
            with night.stage("pull") as stage:
                pull_files(night, stage, self._inbox)
        found = self._look()
        if self._wanted("encounters"):
            with night.stage("encounters") as stage:
                files = list(arrivals_of(night, stage, found[self._encounters].complete))
                send_encounters(night, stage, files, self._outbox)
        self._receive(found[self._inbox])
        if self._wanted("secondaries"):
            with night.stage("secondaries") as stage:
                send_secondaries(night, stage, self._outbox)
        if self._wanted("push"):
            with night.stage("push") as stage:
                push_files(night, stage, self._outboxes)
        if self._wanted("worklists"):
            with night.stage("worklists") as stage:
                make_worklists(night, stage)
        with night.stage("proof") as stage, night.ledger.reading() as connection:
            night.record.totals = totals(connection)
            night.record.in_quarantine = in_quarantine(night)
            prove_files(night, found)
            stage.count("sums proved", len(night.record.control) + 2)
        _judge(night)
        night.record.finished = night.edge.now()
        if night.rehearsed:
            return
        if self._wanted("report"):
            with night.stage("report") as stage:
                self._report()
                stage.count("written")
            _judge(night)
        with night.stage("record") as stage:
            with night.ledger.writing() as connection:
                keep_run(connection, night.record)
            stage.count("kept")

    def _report(self) -> None:
        night = self._night
        with night.ledger.reading() as connection:
            write_report(
                connection, night.folder / REPORT, night.record.day, night.configuration,
                [*recent_runs(connection), night.record], show_values=self._show_values, totals=night.record.totals,
            )  # fmt: skip

    def _look(self) -> dict[Path, Contents]:
        """Return the complete files of the two input folders; files that are still being written stay there."""
        night = self._night
        found = {self._encounters: Contents(), self._inbox: Contents()}
        if not any(self._wanted(name) for name in ("encounters", *(kind.stage for kind in ARRIVALS))):
            return found
        with night.stage("pick up") as stage:
            for folder, seen in look_twice(found, lambda: night.edge.sleep(night.settings.settle_seconds)).items():
                found[folder] = contents = with_plain_names(night, stage, seen)
                stage.count(f"in {folder.name}", len(contents.complete))
                for look in contents.being_written:
                    stage.count("still being written")
                    wait(night, look, "it is still being written, or was until a moment ago")
                for look in contents.no_files:
                    stage.count("no files")
                    wait(night, look, "it is a folder, a link, or a pipe, and only regular files are picked up")
        return found

    def _receive(self, contents: Contents) -> None:
        wanted = [kind for kind in ARRIVALS if self._wanted(kind.stage)]
        if not wanted:
            return
        night = self._night
        arrivals: list[Arrival] = []
        with night.stage("sort") as stage:
            arrivals = sort_arrivals(night, stage, contents.complete)
            put_unknown_away(night, stage, arrivals)
        for kind in wanted:
            with night.stage(kind.stage) as stage:
                receive_arrivals(night, stage, [each for each in arrivals if each.kind in kind.names])

    def _wanted(self, name: str) -> bool:
        return not self._only or name in self._only


def _judge(night: Night) -> None:
    """Set the exit code: failed if a stage failed or a control total or the ledger does not balance."""
    record = night.record
    unproved = any(total.difference for total in record.control if not total.of_arrival)
    balances = record.totals is not None and not (record.totals.difference or record.totals.balance.difference)
    work_left = record.errors or record.in_quarantine or any(count for count, _ in record.worklists.values())
    work_left = work_left or any(NEEDS_WORK in stage.counts for stage in record.stages)
    if any(stage.problem for stage in record.stages) or unproved or not balances:
        record.exit_code = FAILED
    elif work_left or any(file.outcome == "waiting" for file in record.files):
        record.exit_code = WORK_LEFT
    else:
        record.exit_code = CLEAN


def _finish(night: Night) -> None:
    """Write the record as JSON and as a mail, and point `latest` to them. If that fails, the run failed."""
    record, settings = night.record, night.settings
    if night.log_problem:
        record.stages.append(Stage("log", problem=night.log_problem))
    _judge(night)
    record.finished = night.edge.now()
    if not night.rehearsed:
        text = msgspec.json.format(msgspec.json.encode(record), indent=2)
        mail = message(record, settings.mail_from, settings.mail_to)
        try:
            write_privately(night.folder / "run.json", lambda out: out(text))
            write_privately(night.folder / "summary.eml", lambda out: out(mail.as_bytes()))
            _point_latest(night.folder)
        except OSError as error:
            record.exit_code = FAILED
            record.stages.append(Stage("record", problem=in_one_line(error)))
    night.log("end", exit_code=record.exit_code, summary=last_line(record))


def _point_latest(folder: Path) -> None:
    """Point `latest` to the newest run's folder atomically."""
    link = folder.parent / f".latest.{folder.name}"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    link.replace(folder.parent / "latest")
