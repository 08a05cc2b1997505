"""A practice that runs every night, and the world around it: a payer that answers, files that come odd ways, kills."""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from claimloop.builders.encounters.encounter import Coverage, Encounter, Service
from claimloop.reconciliation.configuration.load import load_configuration
from claimloop.reconciliation.ledger.connection import Ledger, open_ledger
from claimloop.reconciliation.nightly.context import Edge
from claimloop.reconciliation.nightly.folders import sha256_of
from claimloop.reconciliation.nightly.run import Wishes, run_night
from claimloop.reconciliation.run_record import RunRecord, Stage
from claimloop.samples import copy_samples
from claimloop.simulation.answers import answer
from claimloop.tests.reconciliation import databases
from claimloop.tests.reconciliation.making import Cell, encounter

SEED = 5
NOTHING: Mapping[str, object] = {}
HALF_PAST_TWO = datetime(2026, 1, 1, 2, 30).time()
PAYERS = (
    ("NWMH2", "Northwind Mutual Health", "CI"),
    ("FECP1", "Federal Elder Care Plan", "MB"),
    ("HSMA3", "Harbor State Medical Assistance", "MC"),
)
TWO_PAYERS = (("FIRST1", "First Example Plan"), ("NEXT2", "Next Example Plan"))
VISITS = (
    (("99213", "150", ("25",)), ("17000", "95", ()), ("17003", "60", ())),
    (("99214", "215", ("25",)), ("11102", "205", ()), ("88305", "165", ("26",))),
    (("17000", "95", ("RT",)), ("17000", "95", ("LT",)), ("99213", "150", ("25",))),
    (("99203", "190", ()),),
)


@contextmanager
def silent(_what: str, _total: int | None) -> Iterator[Callable[[int], None]]:
    """Progress that nobody watches."""
    yield lambda _done: None


def edge(now: datetime) -> Edge:
    """A clock that stands, no waiting, and nobody who listens."""
    return Edge(lambda: now, time.perf_counter, lambda _: None, {}, lambda _: None, lambda _: None, silent)


def run(folder: Path, day: date, /, *, more: Mapping[str, object] = NOTHING, **wishes: Any) -> RunRecord:
    """One nightly run at half past two of a day, with `more` at its edge."""
    configuration = load_configuration(folder / "claimloop.toml")
    at = replace(edge(datetime.combine(day, HALF_PAST_TWO)), **more)
    return run_night(folder, configuration, at, Wishes(**wishes))


def start_practice(folder: Path, more: str = "") -> Path:
    """The sample practice's configuration and nothing yet in any folder; its ledger is on the database of the test."""
    copy_samples(folder / "samples")
    practice = folder / "practice"
    practice.mkdir()
    text = (folder / "samples" / "claimloop.toml").read_text()
    text = text.replace('"sqlite:///claimloop.db"', json.dumps(databases.in_use.url(practice)))
    (practice / "claimloop.toml").write_text(f"{text}\n[nightly]\nsettle_seconds = 0\n{more}")
    for name in ("encounters", "inbox"):
        (practice / name).mkdir()
    return practice


def add_partner(practice: Path, name: str, *payers: str) -> None:
    """Another clearinghouse beside the sample's, which takes the claims of these payers."""
    path = practice / "claimloop.toml"
    before, _, one = path.read_text().partition("[partner]")
    one, nightly, after = one.partition("[nightly]")
    other = one.replace('name = "mockclearing"', f'name = "{name}"\npayers = {json.dumps(payers)}')
    other = other.replace("MOCKCLEARING", name.upper())
    path.write_text(f"{before}[[partner]]{one}[[partner]]{other}{nightly}{after}")


def visit(number: int, day: date) -> Encounter:
    """The visit of a patient of his own."""
    payer, name, filing = PAYERS[number % len(PAYERS)]
    services = (
        Service(procedure=code, charge=Decimal(charge), service_date=day, modifiers=modifiers)
        for code, charge, modifiers in VISITS[number % len(VISITS)]
    )
    one = encounter(f"N{number:05d}", *services)
    coverage = Coverage(payer_id=payer, payer_name=name, member_id=f"MBR{number:07d}", filing_indicator=filing)
    patient = replace(one.patient, last_name=f"Testperson{number % 97}")
    return replace(one, coverages=(coverage,), patient=patient)


def with_second_coverage(one: Encounter) -> Encounter:
    """The same for a patient who has another plan behind his first."""
    first, second = (
        replace(one.coverages[0], payer_id=payer, payer_name=name, member_id=f"{one.coverages[0].member_id}{turn}")
        for turn, (payer, name) in enumerate(TWO_PAYERS, start=1)
    )
    return replace(one, coverages=(replace(first, filing_indicator="CI"), replace(second, filing_indicator="CI")))


def unsendable(one: Encounter) -> Encounter:
    """The same with a diagnosis that is none."""
    return replace(one, diagnoses=("99.9X",))


def write_encounters(path: Path, encounters: list[Encounter]) -> None:
    """A file that the practice puts down: JSON Lines or a JSON list."""
    if path.suffix == ".json":
        path.write_bytes(msgspec.json.encode(encounters))
    else:
        path.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in encounters))


class World:
    """What lies outside the practice. It answers what was uploaded, and remembers every file that it delivered."""

    def __init__(self, folder: Path, practice: Path, seed: int = SEED) -> None:
        self.chance = random.Random(seed)
        self.delivered: Counter[str] = Counter()
        self.uploaded: list[Path] = []
        self.truths: list[Path] = []
        self._folder = folder
        self._practice = practice
        self._on_the_way: list[tuple[date, Path]] = []
        self._number = 0

    def upload(self, day: date, scenarios: Mapping[str, str]) -> None:
        """Take what lies in the outbox away, and have it answered: it is on its way back then.

        The scenarios are by the partner's name, with which each file's name begins.
        """
        for sent in sorted((self._practice / "outbox").glob("*.837")):
            sent.with_name(f"{sent.name}.manifest.json").unlink()
            taken = self._folder / "uploaded" / sent.name
            taken.parent.mkdir(exist_ok=True)
            sent.rename(taken)
            self.uploaded.append(taken)
            answers = answer(
                [taken], self._folder / "answers" / sent.name, SEED + len(self.uploaded),
                scenarios=[scenarios[sent.name.partition("_")[0]]], as_of=day,
            )  # fmt: skip
            self.truths.append(answers.summary.truth)
            for path in (*answers.acknowledgements, *answers.statuses, *answers.summary.remittances):
                late = timedelta(self.chance.choice((0, 0, 0, 0, 5)))
                self._on_the_way.append((date.fromisoformat(path.name[:10]) + late, path))
            last = max((when for when, _ in self._on_the_way), default=day)
            self._on_the_way += [(last, answers.statement), (last, answers.nacha)]

    def deliver(self, day: date | None) -> None:
        """Put what is due into the inbox, under names that say nothing; now and then one of them twice."""
        due = [each for each in self._on_the_way if day is None or each[0] <= day]
        self._on_the_way = [each for each in self._on_the_way if each not in due]
        self.chance.shuffle(due)
        for _, path in due:
            self.put(path.read_bytes())
            if self.chance.random() < 0.1:
                self.put(path.read_bytes())
            if self.chance.random() < 0.05 and path.suffix == ".835":
                self.put(path.read_bytes()[: path.stat().st_size * 2 // 3])

    def put(self, content: bytes) -> None:
        """One file into the inbox."""
        self._number += 1
        path = self._practice / "inbox" / f"download ({self._number})"
        path.write_bytes(content)
        self.delivered[sha256_of(path)] += 1

    def put_encounters(self, name: str, encounters: list[Encounter]) -> None:
        """One file into the folder of encounters."""
        path = self._practice / "encounters" / name
        write_encounters(path, encounters)
        self.delivered[sha256_of(path)] += 1

    def truth(self) -> Iterator[dict[str, Cell]]:
        """What the payers meant: the rows of lines of all answers.

        What a next payer meant stands for the claim that went to the first: its truth has what that one decided too.
        """
        rows: dict[tuple[Cell, Cell], dict[str, Cell]] = {}
        for path in self.truths:
            for text in path.read_text().splitlines():
                row = json.loads(text)
                if row.pop("record") != "line":
                    continue
                claim, line = row["claim_control_number"], row["line_control_number"]
                if claim.endswith("-2"):
                    key = f"{claim[:-1]}1", f"{line[:-4]}1{line[-3:]}"
                    names = ("claim_control_number", "line_control_number", "payer_id")
                    rows[key] = row | {name: rows[key][name] for name in names}
                else:
                    rows[claim, line] = row
        yield from rows.values()


def run_and_kill(folder: Path, day: date, after: float) -> bool:
    """Start a run in a process of its own and kill it after so many seconds; True where it was still at work."""
    child = os.fork()
    if not child:
        try:
            run(folder, day)
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def kept_files(practice: Path) -> Counter[str]:
    """The contents in archive and quarantine, but for what the run itself put there beside the files that came."""
    found: Counter[str] = Counter()
    for folder in ("archive", "quarantine"):
        for path in (practice / folder).rglob("*"):
            of_the_run = path.name.endswith((".reason.json", ".refused.jsonl")) and folder == "quarantine"
            if path.is_file() and not of_the_run:
                found[sha256_of(path)] += 1
    return found


@contextmanager
def ledger_of(practice: Path) -> Iterator[Ledger]:
    """The practice's ledger."""
    with closing(open_ledger(databases.in_use.url(practice))) as ledger:
        yield ledger


def outcomes(run: RunRecord) -> dict[str, str]:
    """What became of each file."""
    return {file.name: file.outcome for file in run.files}


def stage_of(run: RunRecord, name: str) -> Stage:
    """The stage of this name."""
    return next(stage for stage in run.stages if stage.name == name)


def why(practice: Path, name: str) -> dict[str, Any]:
    """What the file beside one in quarantine says of it."""
    reason = practice / "quarantine" / f"{name}.reason.json"
    found: dict[str, Any] = json.loads(reason.read_bytes())
    return found


def told(record: RunRecord) -> object:
    """All that a run and its rehearsal must agree on."""
    stages = [(each.name, each.counts, each.amounts, each.problem) for each in record.stages]
    return (
        [each for each in stages if each[0] not in ("report", "record")],
        [(each.name, each.kind, each.outcome, each.reason) for each in record.files],
        record.control, record.worklists, record.in_quarantine, record.totals, record.errors, record.exit_code,
    )  # fmt: skip
