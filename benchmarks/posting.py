"""Measure posting against a large ledger: `python benchmarks/posting.py [CLAIMS IN THE LEDGER] [CLAIMS RECEIVED]`.

The program prints CPU seconds of this process: to send the claims, to receive the answers to the first of them, and to
insert the same rows again into a copy of the ledger as it was before. The latter is the bare cost of the rows, with the
same triggers, keys, indexes, batches and commits, by the driver's own executemany.
"""

import resource
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Table, select

from claimloop.benchmarks.tasks import MOMENT, ignore, own_partner
from claimloop.benchmarks.volumes import make_answers, make_encounters
from claimloop.cli import collect_rarely
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import Ledger, open_ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.remittances.post import receive_835
from claimloop.reconciliation.submissions.outbox import Outbox
from claimloop.reconciliation.submissions.submit import submit

_A_LINE_EVERY = 100_000
_BATCH = 500
"""Claim payments that receiving writes at once."""

Rows = list[tuple[Any, ...]]


def main() -> None:
    """Print one line for each step."""
    stored, received = map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (500_000, 100_000)
    collect_rarely()  # as every command does
    with TemporaryDirectory() as name:
        folder = Path(name)
        make_encounters(folder / "encounters.jsonl", stored)
        make_answers(folder / "in.835", received)
        ledger = open_ledger(f"sqlite:///{folder / 'large.db'}")
        started = time.process_time()
        outbox = Outbox((own_partner(),), ledger, folder / "outbox", MOMENT, ignore)
        submit([folder / "encounters.jsonl"], outbox)
        _say("sent", stored, time.process_time() - started)
        ledger.close()
        shutil.copyfile(folder / "large.db", folder / "bare.db")
        copy = open_ledger(f"sqlite:///{folder / 'bare.db'}")
        _receive(folder / "in.835", ledger, copy)
        ledger.close()
        copy.close()


def _receive(answers: Path, ledger: Ledger, copy: Ledger) -> None:
    """Receive the file, and write the rows of each remittance into the copy at once, so that the machine's load affects
    both alike.
    """
    receiving, bare = Spent(), Spent()
    claims = told = 0
    receipts = receive_835(answers, ledger, Dispositions(), MOMENT, ignore)
    while True:
        with receiving:
            receipt = next(receipts, None)
        if receipt is None or claims - told >= _A_LINE_EVERY:
            _say(f"received {told} to {claims}:", claims - told, receiving.lately())
            told = claims
        if receipt is None:
            break
        assert receipt.outcome == "posted"
        claims += receipt.claims
        _insert_again(ledger, copy, bare)
    _say("received", claims, receiving.seconds)
    times = receiving.seconds / bare.seconds
    print(f"the same rows alone: {bare.seconds:.1f} s; receiving costs {times:.2f} times as much")


class Spent:
    """CPU seconds of this process inside `with` blocks."""

    def __init__(self) -> None:
        self.seconds = self._told = 0.0

    def __enter__(self) -> None:
        self._started = time.process_time()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.process_time() - self._started

    def lately(self) -> float:
        """Return those since the last call."""
        lately, self._told = self.seconds - self._told, self.seconds
        return lately


def _insert_again(ledger: Ledger, copy: Ledger, spent: Spent) -> None:
    """Write the rows that receiving wrote for the last remittance into the copy, in one transaction."""
    with ledger.reading() as connection:
        last = connection.execute(select(schema.remittances).order_by(schema.remittances.c.id.desc()).limit(1)).one()
        batches = [*_batches(connection, last.id), [(schema.remittances, [tuple(last)])]]
    with spent, copy.writing() as connection:
        for table, rows in (each for batch in batches for each in batch):
            marks = ", ".join("?" * len(table.columns))
            connection.exec_driver_sql(f"INSERT INTO {table.name} VALUES ({marks})", rows)
        connection.commit()  # before the ledger seals it, which is not part of the bare cost


def _batches(connection: Connection, remittance_id: int) -> Iterator[list[tuple[Table, Rows]]]:
    """Yield the rows that receiving wrote for a remittance, batch by batch in order: legs before their entries."""
    payments, services, adjustments = schema.claim_payments, schema.service_payments, schema.adjustments
    entries, legs = schema.entries, schema.legs
    of_remittance = select(payments.c.id).where(payments.c.remittance_id == remittance_id).order_by(payments.c.id)
    ids = connection.scalars(of_remittance).all()
    for start in range(0, len(ids), _BATCH):
        first, last = ids[start], ids[start : start + _BATCH][-1]
        entered = entries.c.claim_payment_id.between(first, last)
        queries = {
            payments: select(payments).where(payments.c.id.between(first, last)),
            services: select(services).where(services.c.claim_payment_id.between(first, last)),
            adjustments: select(adjustments).where(adjustments.c.claim_payment_id.between(first, last)),
            legs: select(legs).join(entries, entries.c.id == legs.c.entry_id).where(entered),
            entries: select(entries).where(entered),
        }
        yield [(table, [tuple(row) for row in connection.execute(query)]) for table, query in queries.items()]


def _say(what: str, claims: int, seconds: float) -> None:
    rate = f"{seconds:.1f} s CPU, {claims / seconds:.0f} claims/s, peak memory {_memory():.0f} MB"
    print(f"{what} {claims} claims: {rate}", flush=True)


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
