"""What came in: each file is taken, known, or in the quarantine with its reason; none stops another."""

import errno
import os
from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

import pytest

from claimloop.reconciliation.intake import ARRIVALS, receive_arrival
from claimloop.reconciliation.ledger.connection import LedgerError
from claimloop.reconciliation.nightly import STAGES, archive, inbox
from claimloop.reconciliation.nightly.folders import move, sha256_of
from claimloop.reconciliation.queries.totals import totals
from claimloop.reconciliation.remittances.post import _Poster
from claimloop.reconciliation.run_record import CLEAN, FAILED, WORK_LEFT
from claimloop.samples import sample_files
from claimloop.simulation.answers import answer
from claimloop.tests.reconciliation.making import remittance, write_835
from claimloop.tests.reconciliation.nightly.practice import (
    ledger_of,
    outcomes,
    run,
    stage_of,
    start_practice,
    visit,
    why,
    write_encounters,
)

DAY = date(2026, 11, 24)
NEXT = DAY + timedelta(1)
REMITTANCES = sample_files() / "remittances"
ONE = (REMITTANCES / "commercial-2026-10-20.835").read_bytes()
OTHER = (REMITTANCES / "medicaid-2026-10-27.835").read_bytes()


@pytest.fixture
def practice(tmp_path):
    return start_practice(tmp_path)


@pytest.fixture
def answers(practice, tmp_path):
    """What comes back for three claims that went out: a 999, a 277CA, an 835 and so on, by their kinds."""
    write_encounters(practice / "encounters/a.jsonl", [visit(number, DAY) for number in (1, 2, 3)])
    run(practice, DAY)
    (sent,) = (practice / "outbox").glob("*.837")
    return answer([sent], tmp_path / "answers", 1, scenarios=("none",), as_of=DAY)


def put(practice, **files):
    for name, content in files.items():
        (practice / "inbox" / name).write_bytes(content)


def money(practice) -> Decimal:
    with ledger_of(practice) as ledger, ledger.reading() as connection:
        return Decimal(totals(connection).payments) / 100


def test_each_kind_is_taken_whatever_its_name(practice, answers):
    content = {
        "837P": next(iter((practice / "outbox").glob("*.837"))).read_bytes(),
        "TA1": answers.acknowledgements[0].read_bytes(), "999": answers.acknowledgements[1].read_bytes(),
        "277CA": answers.statuses[0].read_bytes(),
        "835": answers.summary.remittances[0].read_bytes(), "bank": answers.nacha.read_bytes(),
    }  # fmt: skip
    put(practice, **{f"download ({number})": content[kind] for number, kind in enumerate(content)})

    done = run(practice, NEXT)

    assert [(file.kind, file.outcome) for file in done.files] == [(kind, "taken") for kind in content]
    assert stage_of(done, "sort").counts == {f"of kind {kind}": 1 for kind in content}
    assert stage_of(done, "claims").counts["claims imported"] == 0
    assert stage_of(done, "acknowledgements").counts["accepted"] > 0
    assert stage_of(done, "bank").counts["deposits"] > 0
    assert not list((practice / "inbox").iterdir())


def test_an_837p_of_another_system_is_imported(practice, answers, tmp_path):
    other = start_practice(tmp_path / "other")
    put(other, a=next(iter((practice / "outbox").glob("*.837"))).read_bytes())

    done = run(other, DAY)

    assert stage_of(done, "claims").counts == {"claims imported": 3, "claims known": 0, "files taken": 1}
    assert outcomes(done) == {"a": "taken"}


def test_the_same_file_under_two_names_in_one_night_and_in_another_is_known(practice):
    put(practice, a=ONE, b=ONE)

    done = run(practice, DAY)

    assert outcomes(done) == {"a": "taken", "b": "known"}
    assert done.files[1].reason == "the same content as archive/2026-11-24/inbox/a"

    put(practice, a=ONE)
    again = run(practice, DAY)

    assert [(file.outcome, file.place) for file in again.files] == [("known", "archive/2026-11-24/inbox/a-2")]
    assert money(practice) == Decimal("1291.10")


def test_a_cut_file_is_not_posted_and_the_whole_one_is(practice):
    put(practice, cut=OTHER[: len(OTHER) * 2 // 3])

    done = run(practice, DAY)

    assert outcomes(done) == {"cut": "quarantined"}
    assert "never came: nothing of it was posted" in why(practice, "cut")["reason"]
    assert money(practice) == 0

    put(practice, whole=OTHER)
    assert outcomes(run(practice, NEXT)) == {"whole": "taken"}
    assert money(practice) == Decimal("486.90")


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"), (bytes(100), "the file is empty"), (ONE[:60], "the ISA segment at the start"),
        (b"PK\x03\x04" + bytes(50), "the file is a ZIP archive"), (b"Dear Sirs", "there is no ISA segment"),
        (ONE[:107], "it is of no kind known here"), (b"a,b,c\n1,2,3\n", "1 of its lines could not be read"),
    ],
)  # fmt: skip
def test_what_is_none_of_ours_is_put_into_quarantine_and_keeps_nothing_back(practice, content, reason):
    put(practice, odd=content, good=ONE)

    done = run(practice, DAY)

    assert outcomes(done) == {"odd": "quarantined", "good": "taken"}
    assert why(practice, "odd")["reason"].startswith(reason)
    assert (practice / "quarantine/odd").read_bytes() == content
    assert done.exit_code == WORK_LEFT


@pytest.mark.sqlite
def test_a_remittance_without_claims_is_taken(practice):
    write_835(practice / "inbox/none", remittance("T1"))

    done = run(practice, DAY)

    assert outcomes(done) == {"none": "taken"}
    assert stage_of(done, "remittances").counts["claim payments"] == 0


@pytest.mark.sqlite
def test_odd_names_are_made_plain_and_the_files_are_taken(practice):
    put(practice, **{os.fsdecode(b"a\xff.835"): ONE, "b\nc": OTHER, "x" * 255: b"no X12"})

    done = run(practice, DAY)

    assert outcomes(done) == {"a_.835": "taken", "b_c": "taken", "x" * 160: "quarantined"}
    assert done.exit_code == WORK_LEFT
    assert not list((practice / "inbox").iterdir())
    (files,) = [total for total in done.control if total.name == "files of inbox"]
    assert (files.came, files.difference) == (3, 0)


@pytest.mark.sqlite
def test_what_is_no_file_is_told_and_left(practice):
    (practice / "inbox/folder").mkdir()
    (practice / "inbox/link").symlink_to("/etc/hostname")
    put(practice, good=ONE)

    done = run(practice, DAY)

    assert outcomes(done) == {"folder": "waiting", "link": "waiting", "good": "taken"}
    assert done.exit_code == WORK_LEFT


@pytest.mark.sqlite
def test_a_file_that_cannot_be_read_waits_and_the_run_has_failed(practice):
    put(practice, a=ONE, b=OTHER)
    real = sha256_of

    def read(path):
        if path.name == "a":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    with patch.object(archive, "sha256_of", read):
        done = run(practice, DAY)

    assert outcomes(done) == {"a": "waiting", "b": "taken"}
    assert done.exit_code == FAILED
    assert stage_of(done, "sort").problem == f"a: {practice / 'inbox/a'}: Permission denied"


@pytest.mark.sqlite
@pytest.mark.parametrize("where", ["kind_of_arrival", "receive_arrival", "count_file"])
def test_an_error_that_nobody_foresaw_puts_one_file_into_quarantine_and_tells_no_value(practice, where):
    put(practice, a=ONE, b=OTHER)
    real = getattr(inbox, where)

    def stumble(path, *others):
        if path.name == "a":
            raise ZeroDivisionError("Testperson")
        return real(path, *others)

    with patch.object(inbox, where, stumble):
        done = run(practice, DAY)

    assert outcomes(done) == {"a": "quarantined", "b": "taken"}
    assert why(practice, "a")["reason"].startswith("an error in claimloop itself, ZeroDivisionError at test_inbox.py:")
    assert "Testperson" not in (practice / "runs/nightly.log").read_text()


@pytest.mark.sqlite
def test_a_file_that_cannot_be_put_away_does_not_stop_the_others_and_is_not_told_as_taken(practice):
    put(practice, a=ONE, b=OTHER)
    real = move

    def stuck(file, place):
        if file.name == "a":
            raise OSError(errno.EROFS, "Read-only file system", str(place))
        real(file, place)

    with patch.object(archive, "move", stuck):
        done = run(practice, DAY)

    assert outcomes(done) == {"a": "waiting", "b": "taken"}
    assert len(done.files) == 2
    assert done.exit_code == FAILED
    assert [total.difference for total in done.control if total.difference] == []

    again = run(practice, NEXT)

    assert outcomes(again) == {"a": "taken"}
    assert again.exit_code == WORK_LEFT
    assert money(practice) == Decimal("1291.10") + Decimal("486.90")


@pytest.mark.sqlite
def test_a_ledger_that_refuses_three_files_is_not_asked_for_more(practice):
    put(practice, **{f"n{number}": ONE + b"\n" * number for number in range(5)})

    with patch.object(inbox, "receive_arrival", side_effect=LedgerError("the ledger is locked")) as asked:
        done = run(practice, DAY)

    assert asked.call_count == 3
    assert stage_of(done, "remittances").problem.endswith("; 2 more were not tried")
    assert len(list((practice / "inbox").iterdir())) == 5
    assert done.exit_code == FAILED

    assert set(outcomes(run(practice, NEXT)).values()) == {"taken"}


@pytest.mark.sqlite
def test_a_file_that_grows_while_it_is_taken_stays_for_the_next_run(practice):
    half = len(OTHER) // 2
    put(practice, a=OTHER[:half])
    real = receive_arrival

    def grow(path, *others):
        yield from real(path, *others)
        with path.open("ab") as file:
            file.write(OTHER[half:])

    with patch.object(inbox, "receive_arrival", grow):
        done = run(practice, DAY)

    assert outcomes(done) == {"a": "waiting"}
    assert not (practice / "quarantine").exists()

    assert outcomes(run(practice, NEXT)) == {"a": "taken"}
    assert money(practice) == Decimal("486.90")


@pytest.mark.sqlite
def test_a_claim_payment_that_got_lost_shows_in_the_control_totals(practice):
    put(practice, a=ONE)
    real = _Poster.add
    dropped: list[object] = []

    def drop_the_first(self, payment):
        if dropped:
            real(self, payment)
        dropped.append(payment)

    with patch.object(_Poster, "add", drop_the_first):
        done = run(practice, DAY)

    (wrong,) = [total for total in done.control if total.difference]
    assert (wrong.unit, wrong.difference) == ("claim payments", 1)
    assert outcomes(done) == {"a": "quarantined"}
    assert "claim payments came" in why(practice, "a")["reason"]


@pytest.mark.sqlite
def test_a_run_in_which_all_that_came_is_taken_is_clean(practice, answers):
    put(practice, a=answers.acknowledgements[0].read_bytes())

    assert run(practice, NEXT).exit_code == CLEAN


def test_a_night_receives_the_kinds_in_the_order_of_the_table():
    stages = [kind.stage for kind in ARRIVALS]
    assert stages == [name for name in STAGES if name in stages]
    names = [name for kind in ARRIVALS for name in kind.names]
    assert len(names) == len(set(names))
