"""Measure one task in its own process: `python benchmarks/tasks.py TASK FILE`; prints one line of JSON.

`items` per `seconds` is the speed, and `memory` is the peak resident set in megabytes. Imports are not timed.
"""

import io
import json
import logging
import resource
import sys
import time
from collections.abc import Callable
from datetime import datetime
from importlib.resources import as_file
from pathlib import Path
from tempfile import TemporaryDirectory

from claimloop.builders.partner import TradingPartner, load_partner
from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.edi.syntax.tokens import read_batches
from claimloop.samples import sample_files

MOMENT = datetime(2026, 11, 2, 9, 0)
Timed = tuple[int, float]


def ignore(_: Diagnostic) -> None:
    """Ignore findings, which are not measured."""


def _segments(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(len(batch.segments) for batch in read_batches(stream, path.name, ignore))


def read_tokens(path: Path) -> Timed:
    """Segments per second: tokens only."""
    started = time.perf_counter()
    return _segments(path), time.perf_counter() - started


def read_records(path: Path) -> Timed:
    """Segments per second: 835 into typed records, with digest and balances."""
    from claimloop.parsers.remittance.reader import remittance_items

    segments = _segments(path)
    started = time.perf_counter()
    with path.open("rb") as stream:
        for _ in remittance_items(stream, path.name, ignore):
            pass
    return segments, time.perf_counter() - started


def read_837p(path: Path) -> Timed:
    """Claims per second: 837P into typed records."""
    from claimloop.parsers.professional.reader import claim_items

    started = time.perf_counter()
    with path.open("rb") as stream:
        claims = sum(1 for _ in claim_items(stream, path.name, ignore))
    return claims, time.perf_counter() - started


def read_oxedi(path: Path) -> Timed:
    """Segments per second: oxedi's tables of the same file."""
    import oxedi

    segments = _segments(path)
    started = time.perf_counter()
    oxedi.parse_file(str(path)) if hasattr(oxedi, "parse_file") else oxedi.parse(path.read_bytes())
    return segments, time.perf_counter() - started


def read_x12sdk(path: Path) -> Timed:
    """Segments per second: x12sdk's models."""
    from x12sdk.io import X12ModelReader

    segments = _segments(path)
    started = time.perf_counter()
    with X12ModelReader(str(path)) as reader:
        for _ in reader.models():
            pass
    return segments, time.perf_counter() - started


def validate_pyx12(path: Path) -> Timed:
    """Segments per second: pyx12's validation."""
    from pyx12.params import params
    from pyx12.x12n_document import x12n_document

    logging.disable(logging.CRITICAL)
    segments = _segments(path)
    started = time.perf_counter()
    x12n_document(params(), str(path), io.StringIO(), None)
    return segments, time.perf_counter() - started


def validate(path: Path) -> Timed:
    """Segments per second: everything that `edi.validate` reports about a file: syntax, envelopes, guide, rules."""
    from claimloop.edi.validate import validate as judge

    started = time.perf_counter()
    counts = judge(path, ignore)
    return counts.segments, time.perf_counter() - started


def validate_guide(path: Path) -> Timed:
    """The same without the rules above the guide, of which pyx12 has none."""
    from claimloop.edi.validate import validate as judge

    started = time.perf_counter()
    counts = judge(path, ignore, situations=False)
    return counts.segments, time.perf_counter() - started


def build(path: Path) -> Timed:
    """Claims per second: encounters (JSONL) checked and written as 837P text, no ledger."""
    return _build(path, Path("/dev/null"))


def build_file(path: Path) -> Timed:
    """The same into a file beside the encounters."""
    return _build(path, path.with_suffix(".837"))


def _build(path: Path, written: Path) -> Timed:
    from claimloop.builders.checks.encounter import check_encounter
    from claimloop.builders.claims.from_encounter import claims_from
    from claimloop.builders.encounters.intake import encounter_items
    from claimloop.builders.professional.batch import ControlNumbers, write_batch

    partner = own_partner()
    started = time.perf_counter()
    claims = (
        claim
        for encounter in encounter_items(path, ignore)
        if not check_encounter(encounter, partner, MOMENT.date())
        for claim in claims_from(encounter, partner)
    )
    with written.open("w") as file:
        summary = write_batch(claims, partner, ControlNumbers(1, 1, 1, "1"), MOMENT, file.write)
    return summary.claims, time.perf_counter() - started


def write(path: Path) -> Timed:
    """Claims per second: claims that are in memory (from encounters, JSONL) as 837P text, nothing else."""
    from claimloop.builders.claims.from_encounter import claims_from
    from claimloop.builders.encounters.intake import encounter_items
    from claimloop.builders.professional.batch import ControlNumbers, write_batch

    partner = own_partner()
    claims = [claim for encounter in encounter_items(path, ignore) for claim in claims_from(encounter, partner)]
    started = time.perf_counter()
    with Path("/dev/null").open("w") as nowhere:
        summary = write_batch(claims, partner, ControlNumbers(1, 1, 1, "1"), MOMENT, nowhere.write)
    return summary.claims, time.perf_counter() - started


def write_x12sdk(path: Path) -> Timed:
    """Claims per second: x12sdk's models of an 837P, which are in memory, as text."""
    from x12sdk.io import X12ModelReader

    with X12ModelReader(str(path)) as reader:
        models = list(reader.models())
    started = time.perf_counter()
    texts = [model.x12() for model in models]
    seconds = time.perf_counter() - started
    return sum(text.count("CLM*") for text in texts), seconds


def submit(path: Path) -> Timed:
    """Claims per second: encounters to a file on disk and rows in a new ledger beside it (kept for `receive`)."""
    from claimloop.reconciliation.ledger.connection import open_ledger
    from claimloop.reconciliation.submissions.outbox import Outbox
    from claimloop.reconciliation.submissions.submit import submit as submit_encounters

    ledger = open_ledger(f"sqlite:///{path.with_suffix('.db')}")
    started = time.perf_counter()
    outbox = Outbox((own_partner(),), ledger, path.parent / "outbox", MOMENT, ignore)
    result = submit_encounters([path], outbox)
    seconds = time.perf_counter() - started
    ledger.close()
    return result.claims, seconds


def answer(path: Path) -> Timed:
    """Claims per second: the simulated payer's answers, with all that payers may do, and the truth beside them."""
    from claimloop.simulation import simulate

    with TemporaryDirectory(dir=path.parent) as folder:
        started = time.perf_counter()
        summary = simulate([path], Path(folder), seed=1, scenarios=["all"])
        return summary.claims, time.perf_counter() - started


def receive(path: Path) -> Timed:
    """Claims per second: an 835 posted to the ledger of the same name, every line matched."""
    from claimloop.reconciliation.ledger.connection import open_ledger
    from claimloop.reconciliation.posting.dispositions import Dispositions
    from claimloop.reconciliation.remittances.post import receive_835

    ledger = open_ledger(f"sqlite:///{path.with_suffix('.db')}")
    started = time.perf_counter()
    receipts = list(receive_835(path, ledger, Dispositions(), MOMENT, ignore))
    seconds = time.perf_counter() - started
    ledger.close()
    if any(receipt.outcome != "posted" or receipt.suspense for receipt in receipts):
        raise SystemExit("not every claim was matched and posted")
    return sum(receipt.claims for receipt in receipts), seconds


def receive_unknown(path: Path) -> Timed:
    """Claims per second: an 835 of which the ledger knows nothing; all of it goes to suspense."""
    from claimloop.reconciliation.ledger.connection import open_ledger
    from claimloop.reconciliation.posting.dispositions import Dispositions
    from claimloop.reconciliation.remittances.post import receive_835

    with TemporaryDirectory(dir=path.parent) as folder:
        ledger = open_ledger(f"sqlite:///{folder}/unknown.db")
        started = time.perf_counter()
        claims = sum(receipt.claims for receipt in receive_835(path, ledger, Dispositions(), MOMENT, ignore))
        seconds = time.perf_counter() - started
        ledger.close()
    return claims, seconds


def show_json(path: Path) -> Timed:
    """Segments per second: `show --json`."""
    from claimloop.parsers.show.show import show_json as show

    segments = _segments(path)
    started = time.perf_counter()
    with Path("/dev/null").open("wb") as nowhere:
        show(path, nowhere.write, ignore, show_values=False)
    return segments, time.perf_counter() - started


def own_partner() -> TradingPartner:
    with as_file(sample_files().joinpath("claimloop.toml")) as path:
        return load_partner(path)


TASKS: dict[str, Callable[[Path], Timed]] = {
    task.__name__: task
    for task in (
        read_tokens, read_records, read_837p, read_oxedi, read_x12sdk, validate_pyx12, validate, validate_guide, build,
        build_file, submit, answer, receive, receive_unknown, show_json, write, write_x12sdk,
    )
}  # fmt: skip

if __name__ == "__main__":
    try:
        items, seconds = TASKS[sys.argv[1]](Path(sys.argv[2]))
    except (ImportError, NotX12) as error:
        raise SystemExit(f"{sys.argv[1]}: {error}") from None
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"items": items, "seconds": seconds, "memory": memory}))
