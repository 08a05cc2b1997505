"""What the tests of a whole run share: its days, its visits, and its record."""

from datetime import date, timedelta
from pathlib import Path

import msgspec

from claimloop.reconciliation.run_record import RunRecord
from claimloop.tests.reconciliation.nightly.practice import (
    visit,
    write_encounters,
)

DAY = date(2026, 11, 24)
NEXT = DAY + timedelta(1)


def put(practice, *numbers, name="visits.jsonl"):
    write_encounters(practice / "encounters" / name, [visit(number, DAY) for number in numbers])


def latest(practice: Path) -> Path:
    return practice / "runs" / "latest"


def kept(practice) -> RunRecord:
    return msgspec.json.decode((latest(practice) / "run.json").read_bytes(), type=RunRecord)
