"""Files that were damaged on their way: the payer answers what it can, and what it sends is whole and balances."""

import random
from pathlib import Path

import pytest

from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.edi.validate import validate
from claimloop.parsers.remittance.balance_stream import stream_balances
from claimloop.simulation.simulator import simulate
from claimloop.tests.simulation.making import write_837
from claimloop.tests.simulation.test_scenarios import PRACTICE

DATA = Path(__file__).parents[1] / "data"
ISA = 106
TIMES = 30


def damaged(sound: bytes, chance: random.Random) -> bytes:
    """The bytes behind the ISA changed, cut out, put in and doubled, a few times."""
    raw = bytearray(sound)
    for _ in range(chance.randint(1, 12)):
        at, other = chance.randrange(ISA, len(raw)), chance.randrange(ISA, len(raw))
        match chance.randrange(5):
            case 0:
                raw[at] = chance.randrange(256)
            case 1:
                del raw[at : at + chance.randint(1, 40)]
            case 2:
                raw[at:at] = bytes(chance.choice(b"*~:^|>AZ09 .-") for _ in range(chance.randint(1, 6)))
            case 3:
                raw[at:at] = raw[other : other + chance.randint(1, 120)]
            case _:
                raw[at:at] = b"~CLM*X*9*~"
    return bytes(raw)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_in_what_goes_out_is_whole(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    sound = [path.read_bytes() for path in sorted(DATA.glob("837P__*"))]
    sound.append(write_837(tmp_path / "sound.837", *PRACTICE[:6]).read_bytes())
    answered = 0
    for time in range(TIMES):
        path = tmp_path / f"{time}.837"
        path.write_bytes(damaged(chance.choice(sound), chance))
        words = ("all", "unbalanced_claim=0", "unbalanced_payment=0")
        try:
            summary = simulate([path], tmp_path / str(time), seed, scenarios=words)
        except NotX12:
            continue
        findings: list[Diagnostic] = []
        for remittance in summary.remittances:
            answered += 1
            validate(remittance, findings.append, guide=False)
            with remittance.open("rb") as stream:
                assert all(balance.balances for balance in stream_balances(stream, remittance.name, findings.append))
        assert [finding for finding in findings if finding.severity != "note"] == []
    assert answered > TIMES / 4
