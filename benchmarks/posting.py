"""Posting against a large ledger: `python benchmarks/posting.py [CLAIMS IN THE LEDGER] [CLAIMS RECEIVED]`.

CPU seconds of this process: to send the claims, to receive the first part of their answers, and to insert the very
rows that this wrote once more into an empty ledger: the bare cost of the same rows, triggers and indexes included.
"""

import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from claimloop.benchmarks.tasks import MOMENT, ignore, own_partner
from claimloop.benchmarks.volumes import make_answers, make_encounters
from claimloop.reconciliation import schema
from claimloop.reconciliation.dispositions import Dispositions
from claimloop.reconciliation.ledger import Ledger, insert_rows, open_ledger
from claimloop.reconciliation.receiving import receive_835
from claimloop.reconciliation.submitting import submit

WRITTEN = ("remittances", "claim_payments", "service_payments", "adjustments", "legs", "entries")
"""The tables that posting writes to, legs before their entries."""


def main() -> None:
    """Prints a line a step."""
    stored, received = map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (500_000, 100_000)
    with TemporaryDirectory() as name:
        folder = Path(name)
        make_encounters(folder / "encounters.jsonl", stored)
        make_answers(folder / "in.835", received)
        ledger = open_ledger(f"sqlite:///{folder / 'large.db'}")
        started = time.process_time()
        submit([folder / "encounters.jsonl"], own_partner(), ledger, folder / "outbox", MOMENT, ignore)
        _say("sent", stored, started)
        before = _memory()
        entries = _count(ledger)
        started = time.process_time()
        outcomes = {
            receipt.outcome for receipt in receive_835(folder / "in.835", ledger, Dispositions(), MOMENT, ignore)
        }
        receiving = _say("received", received, started)
        assert outcomes == {"posted"}
        print(f"peak memory {before:.0f} MB before, {_memory():.0f} MB after")
        bare = _bare(ledger, folder, entries)
        print(f"the same rows alone: {bare:.1f} s; receiving costs {receiving / bare:.2f} times as much")
        ledger.close()


def _bare(ledger: Ledger, folder: Path, entries: int) -> float:
    """CPU seconds to insert what receiving wrote into an empty ledger without rows that it points to."""
    empty = open_ledger(f"sqlite:///{folder / 'bare.db'}")
    rows = {}
    with ledger.reading() as connection:
        for name in WRITTEN:
            table = schema.metadata.tables[name]
            query = select(table)
            if name in ("legs", "entries"):
                query = query.where(table.c["id" if name == "entries" else "entry_id"] > entries)
            rows[name] = [tuple(row) for row in connection.execute(query)]
    started = time.process_time()
    with empty.writing() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for name in WRITTEN:
            insert_rows(connection, schema.metadata.tables[name], rows[name])
        seconds = time.process_time() - started
        connection.rollback()
    empty.close()
    return seconds


def _count(ledger: Ledger) -> int:
    with ledger.reading() as connection:
        return int(connection.scalar(select(func.max(schema.entries.c.id))) or 0)


def _say(what: str, claims: int, started: float) -> float:
    seconds = time.process_time() - started
    print(f"{what} {claims} claims: {seconds:.1f} s CPU, {claims / seconds:.0f} claims/s", flush=True)
    return seconds


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
