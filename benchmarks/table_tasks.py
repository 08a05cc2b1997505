"""Measure one task of the tables in its own process: `python benchmarks/table_tasks.py TASK PATH`.

Prints one line of JSON: seconds of the best of some rounds, and the peak resident set in megabytes. Imports are not
timed; reading the file from disk is.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

ROUNDS = 5


def ours(path: Path) -> None:
    """Make nine frames of a file or a folder."""
    from claimloop.parsers import read_tables

    read_tables(path)


def oxedi(path: Path) -> None:
    """Make oxedi's five tables of a file."""
    from oxedi import parse_file

    assert parse_file(str(path)).tables


def oxedi_folder(path: Path) -> None:
    """Make oxedi's tables of every file of a folder, one after the other, without combining them."""
    for file in sorted(path.iterdir()):
        oxedi(file)


def oxedi_folder_in_threads(path: Path) -> None:
    """Do the same in two threads."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(oxedi, sorted(path.iterdir())))


def parquet(path: Path) -> None:
    """Write nine parquet files."""
    from claimloop.parsers import write_tables

    with TemporaryDirectory(dir=path.parent) as folder:
        write_tables(path, folder)


TASKS: dict[str, Callable[[Path], None]] = {
    task.__name__: task for task in (ours, oxedi, oxedi_folder, oxedi_folder_in_threads, parquet)
}

if __name__ == "__main__":
    task, target = TASKS[sys.argv[1]], Path(sys.argv[2])
    rounds = 1 if task is parquet else ROUNDS
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        task(target)
        best = min(best, time.perf_counter() - started)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": best, "memory": memory}))
