"""The file that the benchmarks read is a remittance like a payer's, and always the same."""

from pathlib import Path

from claimloop.benchmarks.make_835 import make_835
from claimloop.edi.diagnostics import Diagnostic
from claimloop.parsers import read_835


def test_the_file_balances_and_has_no_findings(tmp_path: Path) -> None:
    findings: list[Diagnostic] = []
    segments = make_835(tmp_path / "big.835", 0.1)
    (remittance,) = read_835(tmp_path / "big.835", findings.append)
    assert findings == []
    assert len(remittance.claims) == 2000
    assert segments == (tmp_path / "big.835").read_bytes().count(b"~")


def test_a_seed_gives_the_same_bytes_again(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        make_835(tmp_path / name, 0.1, seed)
    one, two, three = (path.read_bytes() for path in (tmp_path / "one", tmp_path / "two", tmp_path / "three"))
    assert one == two
    assert one != three
