"""Break files in many ways by a seed. The same seed gives the same bytes."""

import random
from collections.abc import Callable, Sequence

ISA = b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240101*1200*^*00501*000000001*0*T*:~"
NAME = b"QZXJWVK"
"""Represents a patient's name. It may be in the value of a finding, which is masked, and nowhere else."""

_PIECES = (
    NAME, NAME + b"*", b"~" + NAME, b"~" + NAME + b"*1~", b"*" + NAME, b":" + NAME,
    b"~", b"*", b":", b"^", b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"\xc3", b"\xe2\x80", b"\x85", b"ISA", b"ISA*00*",
    b"GS*", b"GS*HP*S*R*20240101*1200*1*X*005010X221A1~", b"ST*835*1~", b"ST*837*1*005010X222A1~", b"SE*1*1~",
    b"GE*1*1~",
    b"IEA*1*1~", b"TA1*", b"~~", b"**", b"::", b"^^", b" ", b"\x1a", b"\xef\xbb\xbf", b"HL*1**20*1~", b"HL*2*9*22*0~",
    b"CLP*A*1*1*1**12*B~", b"SVC*HC:99213*1*1~", b"CAS*CO*45*1~", b"PLB*1*20241231*WO:1*5~", b"LX*1~",
    b"CLM*A*1***11:B:1~",
    b"SV1*HC:99213*1*UN*1~", b"NM1*QC*1*A~", b"BHT*0019*00*1*20240101*1200*CH~", b"BIN*9*~", b"SE", b"se*1*1~",
)  # fmt: skip
_VALUES = (
    NAME, NAME, b"ADA " + NAME, b"A:" + NAME,
    b"", b"0", b"-0", b"-", b".", b"+1", b"1E5", b"1e999999999", b"NaN", b"inf", b"99999999999999999999999999999999.99",
    b"0.0000000000000001", b"1,5", b"\xc2\xb2", b"\xd9\xa3", b"00000000", b"20240231", b"99999999",
    b"20240101-20231231",
    b"D8", b"RD8", b":", b"::::::::", b"A" * 300, b"9" * 5000, b"%s%n{0}", b"\x1b[2J", b"<a>&amp;", b"'", b'"', b"\\",
)  # fmt: skip

Mutation = Callable[[bytearray, random.Random, Sequence[bytes]], bytearray]


def broken(sources: Sequence[bytes], seed: str, *, huge_one_in: int = 500) -> bytes:
    """Return a source with one to six mutations, three out of four after its ISA; or random bytes after an ISA."""
    chance = random.Random(seed)
    if chance.randrange(12) == 0:
        return ISA + random_bytes(chance)
    raw = chance.choice(sources)
    start = raw.find(b"ISA")
    spared = raw[: start + len(ISA)] if chance.randrange(4) and start >= 0 else b""
    text = bytearray(raw[len(spared) :])
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4, 6))):
        text = chance.choice(_MUTATIONS)(text, chance, sources)
    if chance.randrange(huge_one_in) == 0:
        text = _repeat(text, chance, 1 << chance.randrange(16, 21))
    return spared + bytes(text)


def random_bytes(chance: random.Random) -> bytes:
    """Return up to 2,000 bytes of an alphabet that is sometimes all bytes, sometimes only X12 characters."""
    alphabet = chance.choice((bytes(range(256)), b"*~:^AB1\n\r ", b"ISA*~", b"~\n\r \0", b"*:~HL123"))
    return bytes(chance.choices(alphabet, k=chance.randrange(2_000)))


def _span(text: bytearray, chance: random.Random) -> tuple[int, int]:
    here = chance.randrange(len(text) + 1)
    return here, min(len(text), here + chance.choice((1, 2, 5, 20, 100, 1000)))


def _flip(text: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    for _turn in range(chance.randint(1, 8)):
        if text:
            text[chance.randrange(len(text))] = chance.randrange(256)
    return text


def _delete(text: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    here, there = _span(text, chance)
    del text[here:there]
    return text


def _insert(text: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    here, _there = _span(text, chance)
    text[here:here] = chance.choice(_PIECES) if chance.randrange(4) else random_bytes(chance)
    return text


def _duplicate(text: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    here, there = _span(text, chance)
    target = chance.choice((here, chance.randrange(len(text) + 1)))
    text[target:target] = text[here:there]
    return text


def _splice(text: bytearray, chance: random.Random, sources: Sequence[bytes]) -> bytearray:
    """Join the start of one file and the end of another, or two whole files."""
    other = chance.choice(sources)
    if chance.randrange(3) == 0:
        return text + chance.choice((b"", b"\n", b"-- next --\n", b"\0" * 50)) + other
    return text[: _span(text, chance)[0]] + other[chance.randrange(len(other) + 1) :]


def _truncate(text: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    return text[: _span(text, chance)[0]]


def _swap_delimiters(text: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    """Replace every occurrence of one byte by another, or swap two bytes."""
    old = chance.choice(b"*~:^") if chance.randrange(3) else chance.randrange(256)
    new = chance.choice(b"*~:^|>\n\r \0\x1d") if chance.randrange(3) else chance.randrange(256)
    table = bytearray(range(256))
    table[old] = new
    if chance.randrange(2):
        table[new] = old
    return text.translate(table)


def _change_element(text: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    """Replace the text between two separators."""
    here = text.find(b"*", _span(text, chance)[0]) + 1
    there = min((place for sign in b"*~" if (place := text.find(sign, here)) >= 0), default=len(text))
    text[here:there] = chance.choice(_VALUES)
    return text


def _shuffle(text: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    """Drop, repeat or swap segments."""
    segments = text.split(b"~")
    for _turn in range(chance.randint(1, 5)):
        here, there = chance.randrange(len(segments)), chance.randrange(len(segments))
        match chance.randrange(3):
            case 0:
                segments[here], segments[there] = segments[there], segments[here]
            case 1:
                segments.insert(here, segments[there])
            case 2 if len(segments) > 1:
                del segments[here]
    return bytearray(b"~".join(segments))


def _wrap(text: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    width, line_break = chance.randint(20, 100), chance.choice((b"\n", b"\r\n", b"\r"))
    return bytearray(line_break.join(text[place : place + width] for place in range(0, len(text), width)))


def _encode(text: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    encoding = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037", "utf-8"))
    here, there = (0, len(text)) if chance.randrange(2) else _span(text, chance)
    text[here:there] = text[here:there].decode("latin-1").encode(encoding, "replace")
    return text


def _some_repeats(text: bytearray, chance: random.Random, _: Sequence[bytes]) -> bytearray:
    return _repeat(text, chance, chance.choice((300, 3_000, 30_000)))


def _repeat(text: bytearray, chance: random.Random, size: int) -> bytearray:
    """Repeat a byte, a piece, or a part of the file until it has this size."""
    here, there = _span(text, chance)
    piece = chance.choice((text[here:there], chance.choice(_PIECES), bytes([chance.randrange(256)]))) or b"~"
    text[here:here] = piece * (size // len(piece))
    return text


_MUTATIONS: tuple[Mutation, ...] = (
    _flip, _delete, _insert, _insert, _duplicate, _splice, _truncate, _swap_delimiters, _change_element,
    _change_element, _shuffle, _wrap, _encode, _some_repeats,
)  # fmt: skip
