"""The parity report: our findings against pyx12's, for every sample file and for seeded mutations of them.

    .venv/bin/python benchmarks/parity.py                                  ../shared/corpus, 30 mutations of each file
    .venv/bin/python benchmarks/parity.py --files DIR --mutations 100 --seed 7 --json
    .venv/bin/python benchmarks/parity.py --only 835__lfh__demo --mutation 12     both sides of one mutation, in full
    .venv/bin/python benchmarks/parity.py --only 835__lfh__demo                   both sides of the file as it is

Equal means the same verdict, and the same set of (segment number, element, code of the standard). Every difference
must be explained by one of the named explanations (parity_explanations.py, docs/guides.md). The program exits with 1
where one is not. Values of elements are masked. Without ../shared the samples of tests/data are compared.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import track

from claimloop.benchmarks.mutations import mutate
from claimloop.benchmarks.parity_bases import Base, make_base
from claimloop.benchmarks.parity_case import Case, judge, verdict
from claimloop.benchmarks.parity_explanations import explain
from claimloop.benchmarks.parity_findings import Outcome, read_text
from claimloop.edi.diagnostics import mask
from claimloop.edi.syntax.envelope import ENVELOPE_SEGMENTS

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus" / "files"
SAMPLES = ROOT / "tests" / "data"
_PROCESSES = 2


class Task(msgspec.Struct, frozen=True):
    """One file to compare, as it is and with mutations 1 to `mutations`."""

    path: Path
    mutations: int
    seed: int


class Unexplained(msgspec.Struct, frozen=True):
    """A difference without an explanation. `mutation` 0 is the file as it is."""

    file: str
    mutation: int
    seed: int
    done: str
    difference: str
    segment: str


class Compared(msgspec.Struct):
    """The result of comparing: numbers of texts, and differences by the name of their explanation."""

    texts: int = 0
    equal: int = 0
    same_verdict: int = 0
    findings: int = 0
    differences: int = 0
    explained: dict[str, int] = {}
    seen: dict[str, int] = {}
    unexplained: list[Unexplained] = []


def sample_files(folder: Path | None) -> list[Path]:
    """Return the files to compare, in a fixed order."""
    folder = folder or (CORPUS if CORPUS.is_dir() else SAMPLES)
    return sorted(path for path in folder.rglob("*.x12") if path.is_file())


@cache
def _donors(folder: Path) -> list[str]:
    """Return segments of all files of a folder, for a mutation to put where they do not belong."""
    found: set[str] = set()
    for path in sorted(folder.rglob("*.x12")):
        base = make_base(read_text(path))
        if base is not None and len(base.segments) < 500:
            found.update(base.segments)
    return sorted(segment for segment in found if segment.split("*", 1)[0] not in ENVELOPE_SEGMENTS)


def mutations(
    path: Path, count: int, seed: int, donors: list[str], *, first: int = 1
) -> Iterator[tuple[int, str, bytes]]:
    """Yield mutations `first` to `count` of a file: number, description, file. A tenth of them have no guide."""
    base: Base | None = make_base(read_text(path))
    if base is None:
        return
    for number in range(first, (count if base.guided else -(-count // 10)) + 1):
        segments, done = mutate(base.segments, f"{seed}/{path.name}/{number}", base.signs, donors)
        yield number, done, base.written(segments)


def compare(task: Task) -> Compared:
    """Compare one file and its mutations."""
    compared = Compared()
    folder = task.path.parent
    with tempfile.TemporaryDirectory() as scratch:
        _count(compared, judge(task.path), task, 0, "as it is")
        for number, done, raw in mutations(task.path, task.mutations, task.seed, _donors(folder)):
            path = Path(scratch) / task.path.name
            path.write_bytes(raw)
            _count(compared, judge(path), task, number, done)
    return compared


def _count(compared: Compared, case: Case, task: Task, mutation: int, done: str) -> None:
    explained = explain(case)
    left = case.differences - explained.keys()
    left |= verdict(case, set(explained))
    compared.texts += 1
    compared.equal += not case.differences
    compared.same_verdict += not case.theirs.stopped and case.theirs.accepted == case.ours.accepted
    compared.findings += len(case.theirs.said.keys() | case.ours.said.keys())
    compared.differences += len(case.differences)
    for name in explained.values():
        compared.explained[name] = compared.explained.get(name, 0) + 1
    for name in set(explained.values()):
        compared.seen[name] = compared.seen.get(name, 0) + 1
    for difference in sorted(left):
        compared.unexplained.append(
            Unexplained(
                task.path.stem, mutation, task.seed, done, str(difference), _masked(case, difference.said.number)
            )
        )


def _masked(case: Case, number: int) -> str:
    """Return a segment with its values masked, without its id and qualifiers of one to three characters."""
    if not 0 < number <= len(case.text.segments):
        return ""
    separator = case.text.delimiters[number - 1].element
    elements = case.text.segments[number - 1].split(separator)
    return "*".join(element if len(element) <= 3 else mask(element) for element in elements)


def total(parts: list[Compared]) -> Compared:
    """Return the sum of the results."""
    whole = Compared()
    for part in parts:
        whole.texts += part.texts
        whole.equal += part.equal
        whole.same_verdict += part.same_verdict
        whole.findings += part.findings
        whole.differences += part.differences
        whole.explained = dict(Counter(whole.explained) + Counter(part.explained))
        whole.seen = dict(Counter(whole.seen) + Counter(part.seen))
        whole.unexplained += part.unexplained
    return whole


def run(files: list[Path], count: int, seed: int, *, quiet: bool = False) -> Compared:
    """Compare all files in two processes."""
    tasks = [Task(path, count, seed) for path in files]
    with get_context("spawn").Pool(_PROCESSES) as pool:
        done = pool.imap_unordered(compare, tasks)
        parts = list(track(done, "comparing", len(tasks), console=Console(stderr=True), disable=quiet, transient=True))
    whole = total(parts)
    whole.unexplained.sort(key=lambda each: (each.file, each.mutation, each.difference))
    return whole


def main() -> int:
    """Compare and report. Return 1 where a difference is not explained."""
    parser = argparse.ArgumentParser(description="our findings against pyx12's")
    parser.add_argument("--files", type=Path, help="folder of samples (default: the corpus)")
    parser.add_argument("--mutations", type=int, default=30, help="of each file (default: 30)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    parser.add_argument("--only", help="show one file (part of its name) in full")
    parser.add_argument(
        "--mutation", type=int, default=0, help="with --only: this mutation (default: the file as it is)"
    )
    asked = parser.parse_args()
    files = sample_files(asked.files)
    if asked.only:
        return _show(next(path for path in files if asked.only in path.name), asked.mutation, asked.seed)
    whole = run(files, asked.mutations, asked.seed, quiet=asked.json or not sys.stderr.isatty())
    if asked.json:
        print(msgspec.json.format(msgspec.json.encode(whole)).decode())
    else:
        _print(whole, len(files), asked.mutations, asked.seed)
    return 1 if whole.unexplained else 0


def _print(whole: Compared, files: int, count: int, seed: int) -> None:
    for each in whole.unexplained:
        print(f"UNEXPLAINED {each.file} mutation {each.mutation} seed {each.seed} ({each.done})")
        print(f"    {each.difference}    {each.segment}")
    print(
        f"{files} files, {count} mutations of each (seed {seed}): {whole.texts:,} texts, {whole.findings:,} findings; "
        f"{whole.equal:,} texts equal in every finding, {whole.same_verdict:,} in the verdict; "
        f"{whole.differences:,} differences, {len(whole.unexplained):,} of them unexplained"
    )
    for name, number in sorted(whole.explained.items(), key=lambda item: -item[1]):
        print(f"  {number:7,} differences in {whole.seen[name]:6,} texts   {name}")


def _show(path: Path, mutation: int, seed: int) -> int:
    """Print both sides of one text, and the text."""
    with tempfile.TemporaryDirectory() as scratch:
        done = "as it is"
        shown = path
        if mutation:
            _, done, raw = next(mutations(path, mutation, seed, _donors(path.parent), first=mutation))
            shown = Path(scratch) / path.name
            shown.write_bytes(raw)
        case = judge(shown)
    explained = explain(case)
    print(f"{path.name}, mutation {mutation} of seed {seed}: {done}")
    for number in range(1, len(case.text.segments) + 1):
        print(f"{number:5} {_masked(case, number)}")
    _print_side("pyx12", case.theirs)
    _print_side("ours", case.ours)
    left = verdict(case, set(explained))
    for difference in sorted(case.differences | left):
        print(f"  {difference!s:40} {explained.get(difference, 'UNEXPLAINED')}")
    return 1 if left or case.differences - explained.keys() else 0


def _print_side(name: str, outcome: Outcome) -> None:
    word = f"stopped by {outcome.stopped}" if outcome.stopped else "accepts" if outcome.accepted else "refuses"
    print(
        f"{name}: {word}; done with segment {outcome.passed}; without a code: {', '.join(outcome.silent) or 'nothing'}"
    )
    for said, note in sorted(outcome.said.items()):
        print(f"    {said!s:24} {', '.join(note.ours or note.texts)}{' (warning)' if note.warning else ''}")


if __name__ == "__main__":
    sys.exit(main())
