"""Broken bytes: whatever is done to a file, the reader reports and goes on. NotX12 is its only exception.

A longer run: `python tests/edi/test_fuzz.py 50000 [SEED]`.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.edi.validate import validate

DATA = Path(__file__).resolve().parents[1] / "data"
LARGEST = 4_000
PIECES = (
    b"~", b"*", b":", b"^", b"\n", b"\r\n", b"\0", b"\xff", b"\xc3", b"ISA", b"ISA*00*", b"GS*", b"ST*835*1~", b"SE*1*1~",
    b"GE*1*1~", b"IEA*1*1~", b"TA1*", b"~~", b"**", b" ", b"\x1a", b"\xef\xbb\xbf", b"HL*1**20*1~", b"99999999999999999999",
)  # fmt: skip


def seeds():
    return [raw for path in sorted(DATA.rglob("*.x12")) if len(raw := path.read_bytes()) < LARGEST]


ISA_LENGTH = 106


def mutated(raw, chance):
    """A few cuts, copies, insertions and changed bytes; three times out of four the ISA is spared."""
    spared = raw[:ISA_LENGTH] if chance.randrange(4) else b""
    text = bytearray(raw[len(spared) :])
    for _ in range(chance.randint(1, 6)):
        here, there = sorted(chance.randrange(len(text) + 1) for _ in range(2))
        match chance.randrange(6):
            case 0:
                del text[here : min(there, here + 200)]
            case 1:
                text[here:here] = text[here : min(there, here + 200)]
            case 2:
                text[here:here] = chance.choice(PIECES)
            case 3 if here < len(text):
                text[here] = chance.randrange(256)
            case 4:
                del text[chance.randint(here, there) :]
            case 5 if text:
                old = text[chance.randrange(len(text))]
                new = chance.randrange(256)
                text = bytearray(new if byte == old else byte for byte in text)
        if not text:
            break
    return spared + bytes(text)


def run(count, seed, *, guide_every):
    """How many inputs were read, how many refused as no X12, and how many findings there were."""
    chance = random.Random(seed)
    sources = seeds()
    read = refused = findings = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzz.x12"
        for turn in range(count):
            path.write_bytes(mutated(chance.choice(sources), chance))
            found: list[Diagnostic] = []
            try:
                validate(path, found.append, guide=turn % guide_every == 0)
            except NotX12:
                refused += 1
                continue
            read += 1
            findings += len(found)
            for each in found:
                assert str(each).isprintable()
    return read, refused, findings


def test_a_mutated_file_never_raises_anything_but_not_x12():
    read, refused, findings = run(3_000, seed=1, guide_every=60)
    assert read + refused == 3_000
    assert read > 2_000
    assert refused > 100
    assert findings > read


if __name__ == "__main__":
    began = time.monotonic()
    print(run(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2, guide_every=10), time.monotonic() - began)
