"""Read an 835 into records and print the speed: `python benchmarks/read_835.py FILE [ROUNDS]`."""

import resource
import sys
import time
from pathlib import Path

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.records.remittance import ClaimPayment
from claimloop.edi.syntax.tokens import read_batches
from claimloop.parsers.remittance.reader import remittance_items


def main(path: Path, rounds: int) -> None:
    """Print the best of some rounds: bytes, segments, claims, findings, processor seconds, memory."""
    with path.open("rb") as stream:
        segments = sum(len(batch.segments) for batch in read_batches(stream, path.name, lambda finding: None))
    best, claims = float("inf"), 0
    findings: list[Diagnostic] = []
    for _ in range(rounds):
        findings.clear()
        started = time.process_time()
        with path.open("rb") as stream:
            items = remittance_items(stream, path.name, findings.append)
            claims = sum(1 for item in items if isinstance(item, ClaimPayment))
        best = min(best, time.process_time() - started)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{path.stat().st_size / 1e6:.0f} MB, {segments:,} segments, {claims:,} claims, {len(findings)} findings: "
        f"{best:.2f} s, {segments / best:,.0f} segments/s, peak memory {memory:.0f} MB"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
