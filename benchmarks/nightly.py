"""Run two nights of a practice: `python -m claimloop.benchmarks.nightly [CLAIMS]`.

The first night sends so many encounters. The second receives all answers of a simulated payer and the bank. The program
prints the seconds of each stage by the wall clock, the CPU of both nights, and the peak memory.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from claimloop.benchmarks.tasks import ignore
from claimloop.reconciliation.configuration.load import load_configuration
from claimloop.reconciliation.nightly.context import Edge
from claimloop.reconciliation.nightly.run import Wishes, run_night
from claimloop.reconciliation.nightly.summary import last_line
from claimloop.reconciliation.run_record import FAILED, RunRecord
from claimloop.samples import copy_first_night
from claimloop.samples.volumes import write_encounters
from claimloop.simulation.answers import answer

SENT, ANSWERED = datetime(2026, 10, 6, 2, 30), datetime(2026, 12, 1, 2, 30)


def main() -> None:
    """Print one line for each stage."""
    claims = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    with TemporaryDirectory() as name:
        folder = Path(name)
        copy_first_night(folder)
        for file in (*(folder / "encounters").iterdir(), *(folder / "inbox").iterdir()):
            file.unlink()
        write_encounters(folder / "encounters" / "encounters.jsonl", claims)
        cpu = _night(folder, SENT)
        answers = answer(sorted((folder / "outbox").glob("*.837")), folder / "answers", 1)
        arrivals = [*answers.acknowledgements, *answers.statuses, *answers.summary.remittances, answers.statement]
        for path in arrivals:
            path.rename(folder / "inbox" / path.name)
        print(f"{len(arrivals)} files came back")
        cpu += _night(folder, ANSWERED)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{claims} encounters out and answered: {cpu:.1f} s CPU, peak memory {memory:.0f} MB")


def _night(folder: Path, now: datetime) -> float:
    """Run once and print each stage. Return the CPU seconds. The run does not wait for files to settle."""
    said: list[str] = []
    edge = Edge(lambda: now, time.monotonic, lambda _: None, {}, said.append, ignore, _no_progress)
    started = time.process_time()
    record: RunRecord = run_night(folder, load_configuration(folder / "claimloop.toml"), edge, Wishes())
    seconds = time.process_time() - started
    print("\n".join(said), last_line(record), sep="\n")
    assert record.exit_code != FAILED
    return seconds


@contextmanager
def _no_progress(_what: str, _total: int | None) -> Iterator[Callable[[int], None]]:
    yield lambda _done: None


if __name__ == "__main__":
    main()
