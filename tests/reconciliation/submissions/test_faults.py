"""A kill at any moment, a full disk, a folder without rights: nothing is lost, doubled or half posted.

`CLAIMLOOP_KILLS=200 pytest tests/reconciliation/submissions/test_faults.py` kills 200 times on each database.
"""

import errno
import os
import random
import signal
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import pytest

from claimloop.reconciliation.audit import audit
from claimloop.reconciliation.ledger.connection import Ledger, LedgerError, open_ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.remittances.post import receive_835
from claimloop.simulation.simulator import simulate
from claimloop.tests.reconciliation.making import (
    MOMENT,
    answer,
    encounter,
    new_ledger,
    receive,
    receive_sets,
    remittance,
    rows,
    send,
    service,
    service_line,
    submitted,
    write_835,
)

KILLS = int(os.environ.get("CLAIMLOOP_KILLS", "8"))
CLAIMS = 120
VIEWS = ("lines", "claims", "remittances", "suspense", "denials")


def filled(folder: Path) -> Ledger:
    return submitted(folder, *(encounter(f"K{place}", *_services(place)) for place in range(CLAIMS)))


def _services(place: int):
    return service_line("99213", 100 + place % 7), service_line("17000", 50), service_line("17003", 20)


def receive_all(ledger: Ledger, files: Sequence[Path]) -> None:
    for path in files:
        for _ in receive_835(path, ledger, Dispositions(), MOMENT, lambda _: None):
            pass


def contents(ledger: Ledger) -> dict[str, list[dict[str, object]]]:
    with ledger.reading() as connection:
        assert audit(connection).problems == []
    return {view: [dict(row) for row in rows(ledger, view)] for view in VIEWS}


def test_a_kill_at_any_moment_loses_and_doubles_nothing(tmp_path):
    undisturbed = filled(tmp_path / "undisturbed")
    sent = sorted((tmp_path / "undisturbed" / "outbox").glob("*.837*"))
    sent = [path for path in sent if not path.name.endswith(".json")]
    files = simulate(sent, tmp_path / "answers", 3, scenarios=("all",)).remittances
    started = time.perf_counter()
    receive_all(undisturbed, files)
    seconds = time.perf_counter() - started
    wanted = contents(undisturbed)
    assert len(wanted["lines"]) >= 3 * CLAIMS
    chance = random.Random(7)
    half_done = 0
    for place in range(KILLS):
        ledger = filled(tmp_path / str(place))
        url = _url(ledger)
        ledger.close()
        half_done += _kill_while_receiving(url, files, chance.uniform(0, seconds * 1.2))
        with closing(open_ledger(url)) as again:
            found = len(rows(again, "remittances"))
            half_done += 0 < found < len(wanted["remittances"])
            receive_all(again, files)
            assert contents(again) == wanted
    assert half_done, "no kill came while there was something to do"


def _kill_while_receiving(url: str, files: Sequence[Path], after: float) -> int:
    """Start a process that receives the files, and kill it; 1 where it was still at work."""
    child = os.fork()
    if not child:
        try:
            with closing(open_ledger(url)) as ledger:
                receive_all(ledger, files)
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return int(os.WIFSIGNALED(status))


def _url(ledger: Ledger) -> str:
    if ledger.url.get_backend_name() == "sqlite":
        return f"sqlite:///{ledger.name}"
    return ledger.url.render_as_string(hide_password=False)


@pytest.mark.sqlite
def test_a_full_disk_is_one_line_and_leaves_no_half_posted_file(tmp_path):
    ledger = filled(tmp_path)
    many = [
        answer(f"K{place}-1", service("99213", 100 + place % 7, 80, f"CO-45 {20 + place % 7}"))
        for place in range(CLAIMS)
    ]
    path = write_835(tmp_path / "in.835", remittance("T1", *many))
    before = contents(ledger)
    with ledger.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    ledger.close()
    with closing(new_ledger(tmp_path)) as full:
        with full.reading() as connection:  # the pool keeps this connection: the limit is the disk's end
            connection.exec_driver_sql(f"PRAGMA max_page_count = {int(pages or 0) + 3}")
        with pytest.raises(LedgerError, match="database or disk is full"):
            receive(full, path)
        assert contents(full) == before
    with closing(new_ledger(tmp_path)) as roomy:
        assert receive(roomy, path)[0].outcome == "posted"


@pytest.mark.sqlite
def test_a_folder_without_room_for_a_file_of_claims_sends_nothing(tmp_path):
    ledger = new_ledger(tmp_path)
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with (
        patch("claimloop.reconciliation.submissions.write_file.os.fsync", side_effect=full),
        pytest.raises(OSError, match="No space left"),
    ):
        send(ledger, tmp_path, encounter("A1"))
    assert rows(ledger, "claims") == []
    assert list((tmp_path / "outbox").iterdir()) == []
    assert send(ledger, tmp_path, encounter("A1")).claims == 1
    ledger.close()


@pytest.mark.sqlite
@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_ledger_that_may_not_be_written_is_one_line(tmp_path):
    ledger = filled(tmp_path)
    ledger.close()
    for file in tmp_path.glob("claimloop.db*"):
        file.chmod(0o400)
    with pytest.raises(LedgerError, match="Permission denied"):
        new_ledger(tmp_path)


@pytest.mark.sqlite
def test_a_ledger_that_turns_read_only_posts_nothing(tmp_path):
    ledger = filled(tmp_path)
    before = contents(ledger)
    with ledger.reading() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(LedgerError, match="readonly database"):
        receive_sets(ledger, tmp_path, remittance("T1", answer("K0-1", service("99213", 100, 80, "CO-45 20"))))
    assert contents(ledger) == before
    ledger.close()
