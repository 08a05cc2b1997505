"""Compare the ledger with the expected results for any order of files: `python benchmarks/arrivals.py [CLAIMS]
[sqlite|postgres] [SEED]`.

A simulated payer answers with all of its scenarios. Its 835 files arrive in an order that SEED shuffles (0: in order).
The program prints the lines of the ledger that differ from what the payer meant, and the problems that `audit` finds.
It starts a PostgreSQL server for this run alone.
"""

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from claimloop.benchmarks.tasks import ignore
from claimloop.cli import collect_rarely
from claimloop.commands.demo_loop import Answered, run_volume
from claimloop.reconciliation.audit import audit
from claimloop.reconciliation.ledger.connection import open_ledger
from claimloop.samples import copy_samples
from claimloop.samples.volumes import write_encounters
from claimloop.simulation.answers import answer
from claimloop.tests.reconciliation.databases import Files, postgres_server

_PAYERS_SEED = 1


def main() -> None:
    """Print one line for each step."""
    claims, database, seed = (*sys.argv[1:], *("2000", "sqlite", "1")[len(sys.argv) - 1 :])
    collect_rarely()
    with TemporaryDirectory() as name, _database(database, Path(name)) as url:
        compare(Path(name) / "loop", url, int(claims), int(seed))


def compare(folder: Path, url: str, claims: int, seed: int) -> None:
    """Send, answer, shuffle, receive, compare."""
    copy_samples(folder)
    configuration = folder / "claimloop.toml"
    own, changed = 'ledger = "sqlite:///claimloop.db"', configuration.read_text(encoding="utf-8")
    assert own in changed
    configuration.write_text(changed.replace(own, f'ledger = "{url}"'), encoding="utf-8")
    encounters = folder / "encounters.jsonl"
    write_encounters(encounters, claims)

    def play(files: list[Path]) -> Answered:
        summary = answer(files, folder / "answers", _PAYERS_SEED, scenarios=("all",)).summary
        arrivals = list(summary.remittances)
        if seed:
            random.Random(seed).shuffle(arrivals)
        _say(f"sent and answered in {len(arrivals)} files", started)
        return Answered(arrivals, summary.truth)

    started = time.perf_counter()
    result = run_volume(folder, encounters, play, ignore, lambda _: None)
    _say(f"received and compared: {result.lines} lines, {sum(result.differing.values())} differ", started)
    for scenario, count in result.differing.items():
        print(f"  {scenario or 'plain answers'}: {count}")
    ledger = open_ledger(url)
    with ledger.reading() as connection:
        problems = audit(connection).problems
    ledger.close()
    _say(f"audit: {len(problems)} problems", started)
    for problem in problems[:10]:
        print(f"  {problem}")


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    """Return the URL of a ledger that does not exist yet."""
    if kind == "postgres":
        with postgres_server() as url:
            yield url
    else:
        yield Files().url(folder)


def _say(what: str, started: float) -> None:
    print(f"{what}; {time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
