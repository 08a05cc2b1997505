"""Several processes, and several threads, that use one ledger at the same time: nothing is lost, and nothing doubled."""

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from claimloop.parsers import read_837p
from claimloop.reconciliation import Configuration, Ledger, LedgerError, RemittanceReceipt
from claimloop.reconciliation.audit import audit
from claimloop.reconciliation.ledger.connection import CONNECTIONS, open_ledger
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation import databases
from claimloop.tests.reconciliation.making import MOMENT, answer, encounter, new_ledger, remittance, service, write_835

CONFIGURATION = Configuration(partners=(partner(),))
ROUNDS = 3

PROGRAM = """
import sys
from pathlib import Path
from claimloop.reconciliation import Ledger
from claimloop.tests.reconciliation.test_api_at_once import CONFIGURATION, ROUNDS, work

url, folder, name = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
with Ledger.open(url, create=True, configuration=CONFIGURATION) as ledger:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(ROUNDS):
        print(*work(ledger, folder, name, number), flush=True)
"""


def work(ledger: Ledger, folder: Path, name: str, number: int) -> tuple[str, str]:
    """Send one claim of one's own and one that all send; receive a payment of one's own and one that all receive."""
    mine, shared = f"{name}{number}", f"S{number}"
    ledger.submit([encounter(mine)], folder=folder / "outbox", moment=MOMENT)
    ledger.submit([encounter(shared)], folder=folder / "outbox", moment=MOMENT)
    own = write_835(folder / f"{mine}.835", remittance(f"T-{mine}", paid(mine)))
    outcomes = [outcome(ledger, own), outcome(ledger, folder / f"{shared}.835")]
    ledger.claims()
    return outcomes[0], outcomes[1]


def paid(encounter_id: str):
    return answer(f"{encounter_id}-1", service("99213", 100, 100))


def outcome(ledger: Ledger, path: Path) -> str:
    (receipt,) = ledger.receive(path, moment=MOMENT)
    assert isinstance(receipt, RemittanceReceipt)
    return receipt.outcome


def shared_files(folder: Path) -> None:
    """The remittances that all receive."""
    for number in range(ROUNDS):
        write_835(folder / f"S{number}.835", remittance(f"T-S{number}", paid(f"S{number}")))


def check(url: str, folder: Path, names: list[str], outcomes: list[tuple[str, str]]) -> None:
    """All was sent once and posted once, in files with numbers of their own, and the books balance."""
    expected = {f"{name}{number}-1" for name in [*names, "S"] for number in range(ROUNDS)}
    assert Counter(own for own, _ in outcomes) == {"posted": len(names) * ROUNDS}
    assert Counter(shared for _, shared in outcomes) == {"posted": ROUNDS, "known": (len(names) - 1) * ROUNDS}
    with Ledger.open(url) as ledger:
        claims = ledger.claims()
        assert sorted(claim.claim_control_number for claim in claims) == sorted(expected)
        assert {claim.balance.insurance_paid for claim in claims} == {10000}
        assert len(ledger.export("remittances")) == len(expected)
    files = [path for path in (folder / "outbox").iterdir() if path.suffix == ".837"]
    assert sorted(path.name for path in files) == sorted(claim.file for claim in claims)
    sent = [claim.patient_control_number for path in files for claim in read_837p(path)]
    assert sorted(sent) == sorted(expected)
    assert [path.name for path in (folder / "outbox").iterdir() if path.name.startswith(".")] == []
    database = open_ledger(url)
    try:
        with database.reading() as connection:
            assert audit(connection).problems == []
    finally:
        database.close()


def test_two_processes_submit_and_receive_at_the_same_time(tmp_path):
    shared_files(tmp_path)
    url = databases.in_use.url(tmp_path)  # nothing is there: both make the ledger
    names = ["A", "B"]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, url, str(tmp_path), name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in names
    ]  # fmt: skip
    outcomes: list[tuple[str, str]] = []
    for process in started:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        told, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        outcomes += [(own, shared) for own, _, shared in (line.partition(" ") for line in told.splitlines())]
    check(url, tmp_path, names, outcomes)


def test_threads_share_a_ledger(tmp_path):
    shared_files(tmp_path)
    new_ledger(tmp_path).close()
    url = databases.in_use.url(tmp_path)
    names = ["A", "B", "C", "D"]

    def run(name: str) -> list[tuple[str, str]]:
        return [work(ledger, tmp_path, name, number) for number in range(ROUNDS)]

    with Ledger.open(url, configuration=CONFIGURATION) as ledger, ThreadPoolExecutor(len(names)) as threads:
        outcomes = [outcome for of_thread in threads.map(run, names) for outcome in of_thread]
    check(url, tmp_path, names, outcomes)


def test_more_threads_than_connections_take_turns(tmp_path):
    new_ledger(tmp_path).close()
    with Ledger.open(databases.in_use.url(tmp_path)) as ledger, ThreadPoolExecutor(40) as threads:
        assert list(threads.map(lambda _: len(ledger.claims()), range(200))) == [0] * 200


def test_a_thread_that_gets_no_connection_is_told_in_one_line(tmp_path, monkeypatch):
    new_ledger(tmp_path).close()
    with Ledger.open(databases.in_use.url(tmp_path)) as ledger, ExitStack() as others:
        pool = ledger._database._engine.pool
        monkeypatch.setattr(pool, "_timeout", 0.05)
        for _ in range(CONNECTIONS):
            others.enter_context(ledger._reading())
        with pytest.raises(LedgerError, match=r"^the ledger .* is busy: more than 15 threads"):
            ledger.claims()
        others.close()
        assert ledger.claims() == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_process_is_told_to_open_its_own(tmp_path):
    new_ledger(tmp_path).close()
    with Ledger.open(databases.in_use.url(tmp_path)) as ledger:
        child = os.fork()
        if not child:
            try:
                ledger.claims()
            except LedgerError as error:
                os._exit(7 if "opened in another process" in str(error) else 1)
            os._exit(2)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 7
        assert ledger.claims() == []
