"""Two nights over a real SFTP server: claims go up, what the payer answers comes down and is posted."""

from datetime import date, timedelta

import pytest

from claimloop.reconciliation.run_record import FAILED
from claimloop.simulation.answers import answer
from claimloop.tests.reconciliation.nightly.practice import ledger_of, run, start_practice, visit, write_encounters

pytestmark = pytest.mark.sqlite

FIRST = date(2026, 9, 7)


@pytest.fixture
def practice(tmp_path, place):
    """A practice that has an account on the tests' server."""
    account = place.account(pull=("/out",), push="/in")
    settings = {"name", "host", "user", "key", "known_hosts", "port", "push", "after_pull"}
    lines = [f"{name} = {getattr(account, name)!r}".replace("'", '"') for name in sorted(settings)]
    return start_practice(tmp_path, "\n".join(["[[sftp]]", *lines, 'pull = ["/out"]', ""]))


def stage_of(record, name):
    return next(stage for stage in record.stages if stage.name == name)


def test_claims_go_up_once_and_answers_come_down_once(practice, place, tmp_path):
    write_encounters(practice / "encounters" / "visits.jsonl", [visit(number, FIRST) for number in range(12)])
    sent = run(practice, FIRST + timedelta(1))

    assert stage_of(sent, "push").counts == {"sent": 1}
    (name,) = place.there()
    assert sorted(path.name for path in (practice / "archive").rglob(f"{name}*")) == [name, f"{name}.manifest.json"]
    assert list((practice / "outbox").iterdir()) == []

    uploaded = tmp_path / "uploaded.837"
    uploaded.write_bytes(place.there()[name])
    answers = answer([uploaded], tmp_path / "answers", 1, scenarios=("none",))
    for path in answers.summary.remittances:
        place.write_out(path.name, path.read_bytes())
    posted = run(practice, FIRST + timedelta(60))

    assert stage_of(posted, "pull").counts == {"pulled": len(answers.summary.remittances)}
    assert stage_of(posted, "push").counts == {}
    assert stage_of(posted, "remittances").counts["claim payments"] == 12
    again = run(practice, FIRST + timedelta(61))
    assert stage_of(again, "pull").counts == {"known": len(answers.summary.remittances)}
    assert stage_of(again, "remittances").counts == {}
    with ledger_of(practice) as ledger, ledger.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM files WHERE outcome = 'sent'").scalar() == 1


def test_a_server_that_is_not_known_fails_its_stages_and_no_other(practice, place):
    (place.folder / "known_hosts").write_text("")
    write_encounters(practice / "encounters" / "visits.jsonl", [visit(1, FIRST)])
    record = run(practice, FIRST + timedelta(1))

    assert record.exit_code == FAILED
    assert "known" in stage_of(record, "pull").problem
    assert "known" in stage_of(record, "push").problem
    assert stage_of(record, "encounters").counts["claims built"] == 1
    assert len(list((practice / "outbox").glob("*.837"))) == 1


def test_a_rehearsal_asks_no_server(practice, place):
    write_encounters(practice / "encounters" / "visits.jsonl", [visit(1, FIRST)])
    record = run(practice, FIRST + timedelta(1), rehearse=True)

    assert stage_of(record, "pull").counts == {"accounts not asked": 1}
    assert stage_of(record, "push").counts == {"would be sent": 1}
    assert place.there() == {}
