"""What every stage of a run shares, and how a stage fails without stopping the others."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from claimloop.edi.diagnostics import Diagnostic, UserError
from claimloop.reconciliation.configuration.load import Configuration
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.nightly.count_words import count_in_words
from claimloop.reconciliation.nightly.log import Log
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.run_record import RunRecord, Stage, TakenFile, keep_file

_MOST_FINDINGS = 10_000
"""The most findings of one file that are kept for its quarantine note."""

Progress = Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]


class Edge(msgspec.Struct, frozen=True):
    """What only the command line may do: read clocks, sleep, print. `seconds` is a monotonic clock."""

    now: Callable[[], datetime]
    seconds: Callable[[], float]
    sleep: Callable[[float], None]
    environment: Mapping[str, str]
    say: Callable[[str], None]
    report: Callable[[Diagnostic], None]
    progress: Progress


class Night:
    """One run in progress. `moment` is on the run's day. A dry run moves no files and undoes its ledger changes."""

    def __init__(
        self, root: Path, configuration: Configuration, moment: datetime, edge: Edge, log: Log, record: RunRecord,
        folder: Path,
    ) -> None:  # fmt: skip
        self.ledger: Ledger
        """Set after it was opened."""
        self.root = root
        self.configuration = configuration
        self.settings = configuration.nightly
        self.dispositions = Dispositions(configuration.dispositions)
        self.moment = moment
        self.edge = edge
        self.record = record
        self.rehearsed = record.rehearsed
        self.folder = folder
        """Where this run's record, report, and work lists are written."""
        self._log = log
        self._findings: list[Diagnostic] = []
        self.taken: dict[str, str] = {}
        """Where this run moved each content, by SHA-256."""
        self.log_problem = ""
        """Why a line of the log could not be written; the run continues without a log."""

    @property
    def archive(self) -> Path:
        """Return the day's folder of the archive."""
        return Path(self.settings.archive) / self.moment.date().isoformat()

    def log(self, event: str, **facts: object) -> None:
        """Write a line of the log, except in a dry run."""
        if self.rehearsed or self.log_problem:
            return
        try:
            self._log(event, **facts)
        except OSError as error:
            self.log_problem = in_one_line(error)
            self.edge.say(f"cannot write the log: {self.log_problem}")

    def report(self, finding: Diagnostic) -> None:
        """Report a finding, log it without its value, and keep it for a quarantine note."""
        self.edge.report(finding)
        self.record.errors += finding.severity == "error"
        if len(self._findings) < _MOST_FINDINGS:
            self._findings.append(finding.masked())
        self.log("finding", text=finding.render())

    @property
    def findings(self) -> list[Diagnostic]:
        """Return the findings since the last `take_findings`, values masked."""
        return self._findings

    def take_findings(self) -> list[Diagnostic]:
        """Return the findings since the last call, values masked, and start again with none."""
        found, self._findings = self._findings, []
        return found

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Run a stage of the run, timed and recorded; an exception ends the stage but not the run."""
        stage = Stage(name, counts={}, amounts={})
        self.record.stages.append(stage)
        started = self.edge.seconds()
        try:
            yield stage
        except (OSError, UserError) as error:
            stage.fail(in_one_line(error))
        except Exception as error:
            stage.fail(self.reason_of(error))
        finally:
            self.take_findings()
            stage.seconds = round(self.edge.seconds() - started, 3)
            self.edge.say(sentence(stage))
            self.log("stage", name=name, seconds=stage.seconds, counts=stage.counts, problem=stage.problem)

    def reason_of(self, error: Exception) -> str:
        """Return an error in one line; for an unexpected one, the log has the stack."""
        if isinstance(error, OSError | UserError):
            return in_one_line(error)
        places = traceback.extract_tb(error.__traceback__)
        self.log("bug", kind=type(error).__name__, trace=[f"{_place(each)} {each.name}" for each in places])
        # The error's text is left out because it may contain patient data.
        return f"an error in claimloop itself, {type(error).__name__} at {_place(places[-1])}"

    def keep(self, file: TakenFile) -> None:
        """Record in the ledger where a file is about to be moved."""
        if not self.rehearsed:
            with self.ledger.writing() as connection:
                keep_file(connection, file, self.moment)

    def record_file(self, file: TakenFile) -> None:
        """Record what happened to a file in the run's record and log."""
        self.record.files.append(file)
        if file.outcome == "taken":
            self.taken.setdefault(file.sha256, file.place)
        self.log("file", **msgspec.structs.asdict(file))

    def from_root(self, path: Path) -> str:
        """Return a path for the record: relative to the folder of the configuration if it is inside it."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)


def sentence(stage: Stage) -> str:
    """Return a stage in one line: `encounters: 53 read, 47 claims built, 19,327.00 charged, 0.4 s`."""
    parts = [count_in_words(name, count) for name, count in stage.counts.items()]
    parts += [f"{amount:,.2f} {name}" for name, amount in stage.amounts.items()]
    results = ", ".join(parts) or ("not done" if stage.problem else "nothing to do")
    problem = f"; FAILED: {stage.problem}" if stage.problem else ""
    return f"{stage.name}: {results}, {stage.seconds:.1f} s{problem}"


def in_one_line(error: OSError | UserError) -> str:
    """Return an error's message in one line of printable UTF-8; a file's name in it may have other bytes."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(text.encode("utf-8", "backslashreplace").decode().split())


def _place(frame: traceback.FrameSummary) -> str:
    return f"{Path(frame.filename).name}:{frame.lineno}"
