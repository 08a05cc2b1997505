"""The ledgers that tests begin with: a copy is what would have been built, and no test sees what another one wrote."""

from contextlib import closing
from pathlib import Path

import pytest

from claimloop.reconciliation.audit import audit
from claimloop.reconciliation.ledger.connection import Ledger, open_ledger
from claimloop.tests.reconciliation import databases
from claimloop.tests.reconciliation.making import (
    answer,
    copied,
    dump,
    encounter,
    new_ledger,
    receive_sets,
    remittance,
    send,
    service,
)
from claimloop.tests.reconciliation.six_claims import paid, send_six, six_claims


def test_a_copy_has_what_building_it_in_its_place_gives(tmp_path):
    for name in ("built", "copied"):
        (tmp_path / name).mkdir()
    url = databases.in_use.url(tmp_path / "built")
    with closing(open_ledger(url)) as built, closing(six_claims(tmp_path / "copied")) as copy:
        send_six(built, tmp_path / "built")
        one, other = dump(built), dump(copy)
        for table in set(one) - {"submissions"}:  # their folders differ
            assert one[table] == other[table], table
        with copy.reading() as connection:
            assert audit(connection).problems == []
    assert files_of(tmp_path / "built") == files_of(tmp_path / "copied")


def files_of(folder: Path) -> dict[str, bytes]:
    """All but the ledger's."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith("claimloop.db")}


def test_what_is_written_to_one_copy_is_in_no_other(tmp_path):
    untouched = dump(six_claims(tmp_path / "before"))
    written = six_claims(tmp_path / "written")
    receive_sets(written, tmp_path / "written", remittance("T1", paid(1)))
    (tmp_path / "written" / "outbox" / "acme_000000001.837").write_text("changed")
    assert dump(written) != untouched
    assert dump(six_claims(tmp_path / "after")) == untouched
    assert files_of(tmp_path / "after") == files_of(tmp_path / "before")


def test_an_empty_ledger_stays_empty_for_the_next_test(tmp_path):
    for name in ("one", "two"):
        ledger = new_ledger(tmp_path / name)
        assert dump(ledger)["claims"] == []
        send(ledger, tmp_path / name, encounter("A1"))


def test_a_state_is_built_once_however_often_it_is_asked_for(tmp_path):
    built: list[Path] = []

    def build(ledger: Ledger, folder: Path) -> None:
        built.append(folder)
        send(ledger, folder, encounter("A1"))

    for name in ("one", "two", "three"):
        ledger = copied(tmp_path / name, build)
        (receipt,) = receive_sets(ledger, tmp_path / name, remittance("T1", answer("A1-1", service("99213", 100, 100))))
        assert receipt.outcome == "posted"
    assert len(built) == 1
    assert tmp_path not in built[0].parents


def test_a_state_that_cannot_be_built_is_not_kept_half_done(tmp_path):
    def fail(ledger: Ledger, folder: Path) -> None:
        send(ledger, folder, encounter("A1"))
        raise RuntimeError("out of luck")

    for name in ("one", "two"):
        with pytest.raises(RuntimeError, match="out of luck"):
            copied(tmp_path / name, fail)
        assert not (tmp_path / name).exists()
