"""What every stage of a run is given: settings, ledger, moment, who is told; and how one fails without the others."""

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
"""Of one file, that are kept for its reason."""

Progress = Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]


class Edge(msgspec.Struct, frozen=True):
    """What only the command line may do: read clocks, wait, speak. `seconds` is a steady clock for durations."""

    now: Callable[[], datetime]
    seconds: Callable[[], float]
    sleep: Callable[[float], None]
    environment: Mapping[str, str]
    say: Callable[[str], None]
    report: Callable[[Diagnostic], None]
    progress: Progress


class Night:
    """One run at work. `moment` is that of its day; in a rehearsal nothing is moved, and the ledger forgets it all."""

    def __init__(
        self, root: Path, configuration: Configuration, moment: datetime, edge: Edge, log: Log, record: RunRecord,
        folder: Path,
    ) -> None:  # fmt: skip
        self.ledger: Ledger
        """Given once it could be opened."""
        self.root = root
        self.configuration = configuration
        self.settings = configuration.nightly
        self.dispositions = Dispositions(configuration.dispositions)
        self.moment = moment
        self.edge = edge
        self.record = record
        self.rehearsed = record.rehearsed
        self.folder = folder
        """Where this run's record, report and lists go."""
        self._log = log
        self._findings: list[Diagnostic] = []
        self.taken: dict[str, str] = {}
        """Where the contents lie that this run took, by SHA-256."""
        self.log_problem = ""
        """Why a line of the log could not be written; the run goes on without."""

    @property
    def archive(self) -> Path:
        """The day's folder of the archive."""
        return Path(self.settings.archive) / self.moment.date().isoformat()

    def log(self, event: str, **facts: object) -> None:
        """A line of the log, but for a rehearsal."""
        if self.rehearsed or self.log_problem:
            return
        try:
            self._log(event, **facts)
        except OSError as error:
            self.log_problem = in_one_line(error)
            self.edge.say(f"the log cannot be written: {self.log_problem}")

    def report(self, finding: Diagnostic) -> None:
        """A finding: told to whoever watches, logged without its value, kept for the reason of a quarantine."""
        self.edge.report(finding)
        self.record.errors += finding.severity == "error"
        if len(self._findings) < _MOST_FINDINGS:
            self._findings.append(finding.masked())
        self.log("finding", text=finding.render())

    @property
    def findings(self) -> list[Diagnostic]:
        """The findings since they were taken last, values masked."""
        return self._findings

    def take_findings(self) -> list[Diagnostic]:
        """The findings since this was asked last, values masked."""
        found, self._findings = self._findings, []
        return found

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """A stage of the run: timed, recorded; what it raises ends it and not the run."""
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
        """Why something could not be done, in one line; of an error that nobody foresaw the log has the places."""
        if isinstance(error, OSError | UserError):
            return in_one_line(error)
        places = traceback.extract_tb(error.__traceback__)
        self.log("bug", kind=type(error).__name__, trace=[f"{_place(each)} {each.name}" for each in places])
        # Its text is left out: it may hold values of people.
        return f"an error of claimloop itself, {type(error).__name__} at {_place(places[-1])}"

    def keep(self, file: TakenFile) -> None:
        """Take down in the ledger where a file is about to be moved."""
        if not self.rehearsed:
            with self.ledger.writing() as connection:
                keep_file(connection, file, self.moment)

    def tell(self, file: TakenFile) -> None:
        """Take down in record and log what became of a file."""
        self.record.files.append(file)
        if file.outcome == "taken":
            self.taken.setdefault(file.sha256, file.place)
        self.log("file", **msgspec.structs.asdict(file))

    def from_root(self, path: Path) -> str:
        """A path as the record has it: from the folder of the configuration where it lies in there."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)


def sentence(stage: Stage) -> str:
    """Return a stage in one line: `encounters: 53 read, 47 claims built, 19,327.00 charged, 0.4 s`."""
    parts = [count_in_words(name, count) for name, count in stage.counts.items()]
    parts += [f"{amount:,.2f} {name}" for name, amount in stage.amounts.items()]
    told = ", ".join(parts) or ("not done" if stage.problem else "nothing to do")
    problem = f"; FAILED: {stage.problem}" if stage.problem else ""
    return f"{stage.name}: {told}, {stage.seconds:.1f} s{problem}"


def in_one_line(error: OSError | UserError) -> str:
    """What went wrong, for a person, in signs that can be written down; a file's name may have others."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(text.encode("utf-8", "backslashreplace").decode().split())


def _place(frame: traceback.FrameSummary) -> str:
    return f"{Path(frame.filename).name}:{frame.lineno}"
