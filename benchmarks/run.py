"""`make bench`: our speeds and the peers', in one run on one machine, as ratios; peak memory of each process.

The files are our own (make_835.py, volumes.py). Slow peers get a smaller file of the same kind, and speed per segment
is compared.
"""

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from claimloop.benchmarks import tables
from claimloop.benchmarks.acceptance import accept
from claimloop.benchmarks.make_835 import make_835
from claimloop.benchmarks.volumes import make_answers, make_encounters

HERE = Path(__file__).parent
CLAIMS = int(os.environ.get("CLAIMS", "50000"))
LARGE = float(os.environ.get("MEGABYTES", "200"))
SEGMENTS = int(os.environ.get("SEGMENTS", "100000"))
SEGMENTS_A_CLAIM = 17
"""Numbers of the two-line claims of volumes.py, with their share of the levels above."""

MEGABYTES_A_SEGMENT = 2.04e-5
"""Sizes of the 835 files of make_835.py."""


def measure(task: str, path: Path) -> dict[str, float] | None:
    """Run one task in its own process. Return None where it cannot run here."""
    done = subprocess.run(
        [sys.executable, str(HERE / "tasks.py"), task, str(path)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"{task}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main() -> None:
    """Make the files, measure, print tables. Exit with 1 where a peer differs without a named reason."""
    console = Console(width=120, highlight=False)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("pyx12", "oxedi", "x12sdk"))
    console.print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}; {versions}")
    explained = tables.compare(console) & accept(console)
    with tempfile.TemporaryDirectory() as folder:
        judging(Path(folder), console)
        reading(Path(folder), console)
        tables.speeds(Path(folder), console)
        tables.memory(Path(folder), console, LARGE)
        looping(Path(folder), console)
    sys.exit(0 if explained else 1)


def judging(folder: Path, console: Console) -> None:
    """Check an 837P and an 835 against their guides: ours against pyx12, and the cost of ten times the file."""
    table = Table("validation", "file", "segments", "segments/s", "seconds", "ours is", "peak MB")
    for kind in ("837", "835"):
        files = []
        for name, segments in (("small", SEGMENTS), ("great", 10 * SEGMENTS)):
            path = folder / f"{name}.{kind}"
            if kind == "835":
                make_835(path, segments * MEGABYTES_A_SEGMENT)
            else:
                make_encounters(path.with_suffix(".jsonl"), segments // SEGMENTS_A_CLAIM)
                measure("build_file", path.with_suffix(".jsonl"))
            files.append(path)
        theirs = measure("validate_pyx12", files[0])
        for label, path, result in (
            ("syntax and guide", files[0], measure("validate_guide", files[0])),
            ("syntax and guide", files[1], measure("validate_guide", files[1])),
            ("and balances, situations, codes", files[0], measure("validate", files[0])),
            ("and balances, situations, codes", files[1], measure("validate", files[1])),
            ("pyx12 x12n_document", files[0], theirs),
        ):
            if result is None or theirs is None:
                continue
            ratio = (result["items"] / result["seconds"]) / (theirs["items"] / theirs["seconds"])
            table.add_row(
                label, path.name, f"{result['items']:,.0f}", f"{result['items'] / result['seconds']:,.0f}",
                f"{result['seconds']:.2f}", f"{ratio:.1f} x", f"{result['memory']:.0f}",
            )  # fmt: skip
    console.print(table)


def reading(folder: Path, console: Console) -> None:
    """Read 835 files: ours against the peers."""
    middle, large, small = folder / "middle.835", folder / "large.835", folder / "small.835"
    for path, megabytes in ((middle, 38.0), (large, LARGE), (small, 0.7)):
        segments = make_835(path, megabytes)
        console.print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB, {segments:,} segments")
    table = Table("835", "file", "segments/s", "ours is", "peak MB")
    ours = measure("read_records", middle)
    assert ours is not None
    speed = ours["items"] / ours["seconds"]
    for label, task, path in (
        ("typed records, with balances and digest", "read_records", middle),
        ("typed records", "read_records", large),
        ("tokens only", "read_tokens", middle),
        ("show --json", "show_json", large),
        ("oxedi: tables", "read_oxedi", middle),
        ("x12sdk: models", "read_x12sdk", small),
        ("pyx12: validation", "validate_pyx12", small),
    ):
        result = ours if (task, path) == ("read_records", middle) else measure(task, path)
        if result is None:
            table.add_row(label, path.name, "-", "-", "-")
            continue
        theirs = result["items"] / result["seconds"]
        table.add_row(label, path.name, f"{theirs:,.0f}", f"{speed / theirs:.2f} x", f"{result['memory']:.0f}")
    console.print(table)
    result = measure("receive_unknown", large)
    if result:
        console.print(
            f"receive of {large.name} into suspense: {result['items'] / result['seconds']:,.0f} claims/s, "
            f"peak {result['memory']:.0f} MB"
        )


def looping(folder: Path, console: Console) -> None:
    """Send two-line claims through the whole loop."""
    encounters, answers = folder / "loop.jsonl", folder / "loop.835"
    make_encounters(encounters, CLAIMS)
    make_answers(answers, CLAIMS)
    measure("build_file", encounters)
    table = Table(f"{CLAIMS:,} two-line claims", "claims/s", "peak MB")
    for label, task, path in (
        ("claims to 837P text", "write", encounters),
        ("encounters to 837P text, checked", "build", encounters),
        ("encounters to checked file and ledger", "submit", encounters),
        ("837P into claims", "read_837p", encounters.with_suffix(".837")),
        ("837P answered by the simulated payer", "answer", encounters.with_suffix(".837")),
        ("x12sdk: claims written", "write_x12sdk", folder / "small.837"),
        ("835 matched and posted (SQLite)", "receive", answers),
    ):
        result = measure(task, path)
        if result:
            table.add_row(label, f"{result['items'] / result['seconds']:,.0f}", f"{result['memory']:.0f}")
    console.print(table)


if __name__ == "__main__":
    main()
