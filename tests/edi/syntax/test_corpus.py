"""Every sample file: read without an exception, and judged as pyx12 judges it."""

import csv
from pathlib import Path

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.syntax.tokens import read_batches
from claimloop.edi.validate import validate

DATA = Path(__file__).resolve().parents[2] / "data"
FILES = sorted(path for path in DATA.rglob("*.x12"))


def _verdicts():
    """What pyx12 4.0 said by itself of the files that it could read."""
    with (Path(__file__).parent / "pyx12_verdicts.tsv").open(encoding="utf-8", newline="") as lines:
        return {DATA / row["file"]: row["verdict"] == "True" for row in csv.DictReader(lines, delimiter="\t")}


VERDICTS = _verdicts()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_byte_of_a_sample_is_in_a_segment_or_a_finding(path):
    findings: list[Diagnostic] = []
    with path.open("rb") as stream:
        segments = [text for batch in read_batches(stream, path.name, findings.append) for text in batch.segments]
    kept = sum(len(text.replace("\r", "").replace("\n", "").encode()) + 1 for text in segments)
    raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    skipped = sum(int(found.message.split()[1].replace(",", "")) for found in findings if found.code == "X101")
    assert kept >= len(raw) - skipped - raw.count(b"\n") - raw.count(b"\r")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sample_is_judged_as_pyx12_judges_it_in_printable_lines(path):
    findings: list[Diagnostic] = []
    validate(path, findings.append)
    # pyx12 knows no rules above the guide.
    errors = [str(found) for found in findings if found.severity == "error" and not found.code.startswith("S")]
    assert all(str(found).isprintable() for found in findings)
    assert (errors == []) == VERDICTS.get(path, errors == []), errors


def test_most_samples_have_a_verdict():
    assert len(VERDICTS.keys() & set(FILES)) == len(VERDICTS) > len(FILES) / 2
