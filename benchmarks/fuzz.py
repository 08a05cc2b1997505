"""Run the whole reading chain on broken bytes: no exception, no hang, bounded memory, nothing lost.

    .venv/bin/python benchmarks/fuzz.py                              200,000 inputs, every stage
    .venv/bin/python benchmarks/fuzz.py 5000 --stages tokens,structure --seed 7
    .venv/bin/python benchmarks/fuzz.py --only 1:4711 --stages guide  one input again, with its traceback

An input that raises anything but NotX12, takes more than 2 seconds of processor time (and 3 for each megabyte) in one
stage, or makes the process grow by more than 100 MB (and 100 times its own size) is a crasher. The program makes it
small, writes it to --crashers and names its seed. It exits with 1 where there are any.
"""

import argparse
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from types import FrameType

import msgspec
from rich.console import Console
from rich.progress import track

from claimloop.benchmarks.broken_bytes import broken
from claimloop.benchmarks.fuzz_stages import STAGES
from claimloop.edi.diagnostics import NotX12

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus" / "files"
SAMPLES = ROOT / "tests" / "data"
LARGEST_SOURCE = 1 << 16
_BLOCK = 200
_SECONDS, _SECONDS_A_MEGABYTE = 2.0, 3.0
_GROWTH = 100 << 20
_GROWTH_FACTOR = 100
_SMALLER_FOR = 20.0
"""Seconds to spend on making a crasher small."""


class TooLong(Exception):
    """An input took longer than its time."""


class TooLarge(Exception):
    """An input made the process grow beyond what its size allows."""


class Crasher(msgspec.Struct, frozen=True):
    """An input that a stage failed on: what happened, and the input made small."""

    seed: str
    stage: str
    problem: str
    raw: bytes


class Block(msgspec.Struct):
    """The results of a block of inputs. `largest` is the peak resident set of the process in bytes."""

    inputs: int = 0
    rejected: int = 0
    slowest: float = 0.0
    slowest_seed: str = ""
    largest: int = 0
    crashers: list[Crasher] = []


@cache
def sources() -> Sequence[bytes]:
    """Return the sample files that are mutated."""
    folder = CORPUS if CORPUS.is_dir() else SAMPLES
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".tsv", ".md", ".json"))
    return [raw for path in files if len(raw := path.read_bytes()) <= LARGEST_SOURCE and b"ISA" in raw]


def try_stage(stage: str, raw: bytes, folder: Path) -> bool:
    """Run one stage on an input. Return False where it is not X12. Raises any error of the stage, TooLong, TooLarge."""
    path = folder / f"{os.getpid()}.x12"
    path.write_bytes(raw)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, _SECONDS + _SECONDS_A_MEGABYTE * len(raw) / 1e6)
    try:
        STAGES[stage](path, raw)
    except NotX12:
        return False
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - grown) * 1024
    if grown > _GROWTH + _GROWTH_FACTOR * len(raw):
        raise TooLarge(f"{grown / 1e6:.0f} MB for an input of {len(raw)} bytes")
    return True


def run_block(first: int, *, seed: str, stages: Sequence[str], folder: Path) -> Block:
    """Run the inputs `first` to `first` + 199 of a seed through the stages."""
    block = Block()
    for number in range(first, first + _BLOCK):
        raw = broken(sources(), f"{seed}:{number}")
        block.inputs += 1
        for stage in stages:
            started = time.perf_counter()
            try:
                if not try_stage(stage, raw, folder):
                    block.rejected += 1
                    break
            except Exception as error:  # any exception is a crasher
                small = smaller(raw, stage, type(error), folder)
                problem = traceback.format_exc(limit=-3)
                block.crashers.append(Crasher(f"{seed}:{number}", stage, problem, small))
                break
            seconds = time.perf_counter() - started
            if seconds > block.slowest:
                block.slowest, block.slowest_seed = seconds, f"{seed}:{number} ({stage}, {len(raw):,} bytes)"
    block.largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return block


def smaller(raw: bytes, stage: str, kind: type[Exception], folder: Path) -> bytes:
    """Return a part of the input that still raises this exception, found by leaving out ever smaller pieces."""
    deadline = time.monotonic() + (_SMALLER_FOR if kind not in (TooLong, TooLarge) else 0)
    size = len(raw) // 2
    while size and time.monotonic() < deadline:
        place = 0
        while place < len(raw) and time.monotonic() < deadline:
            shorter = raw[:place] + raw[place + size :]
            try:
                try_stage(stage, shorter, folder)
            except kind:
                raw = shorter
                continue
            except Exception:  # another error has a crasher of its own
                pass
            place += size
        size //= 2
    return raw


def _too_long(_number: int, _frame: FrameType | None) -> None:
    raise TooLong


def main() -> int:
    """Run the inputs and print the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", type=int, nargs="?", default=200_000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--stages", default=",".join(STAGES))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--crashers", type=Path, default=Path("fuzz-crashers"))
    parser.add_argument("--only", metavar="SEED:NUMBER", help="run this one input, here, and let its exception through")
    options = parser.parse_args()
    stages = options.stages.split(",")
    if unknown := set(stages) - STAGES.keys():
        parser.error(f"no such stage: {', '.join(sorted(unknown))}; there are {', '.join(STAGES)}")
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        if options.only:
            for stage in stages:
                try_stage(stage, broken(sources(), options.only), Path(name))
            return 0
        return _report(_blocks(options, stages, Path(name)), options)


def _blocks(options: argparse.Namespace, stages: Sequence[str], folder: Path) -> Iterator[Block]:
    run = partial(run_block, seed=options.seed, stages=stages, folder=folder)
    starts = range(0, options.inputs, _BLOCK)
    with get_context("fork").Pool(options.processes) as pool:
        yield from track(pool.imap_unordered(run, starts), total=len(starts), console=Console(stderr=True))


def _report(blocks: Iterator[Block], options: argparse.Namespace) -> int:
    started = time.perf_counter()
    total = Block()
    for block in blocks:
        total.inputs += block.inputs
        total.rejected += block.rejected
        total.largest = max(total.largest, block.largest)
        if block.slowest > total.slowest:
            total.slowest, total.slowest_seed = block.slowest, block.slowest_seed
        for crasher in block.crashers:
            options.crashers.mkdir(exist_ok=True)
            path = options.crashers / f"{crasher.seed.replace(':', '-')}-{crasher.stage}.x12"
            path.write_bytes(crasher.raw)
            print(f"{crasher.stage} {crasher.seed} {path} ({len(crasher.raw)} bytes)\n{crasher.problem}", flush=True)
            total.crashers.append(crasher)
    seconds = time.perf_counter() - started
    print(
        f"{total.inputs:,} inputs of {len(sources())} files through {options.stages}: "
        f"{len(total.crashers)} crashers, {total.rejected:,} rejected as not X12; "
        f"{total.inputs / seconds:,.0f} inputs/s, slowest {total.slowest:.2f} s {total.slowest_seed}, "
        f"largest process {total.largest / 1e6:.0f} MB"
    )
    return 1 if total.crashers else 0


if __name__ == "__main__":
    sys.exit(main())
