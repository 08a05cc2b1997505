"""Chance without a clock or the state of a generator: numbers derived from a seed and a name.

The draws for a claim depend only on the seed and the claim, so neither the order nor the number of claims changes an
answer, on any machine and any version of Python.
"""

from hashlib import blake2b

_WORD = 0xFFFFFFFF
_WORDS = 16


class Chance:
    """A stream of numbers for one name under one seed."""

    __slots__ = ("_bits", "_left", "_name")

    def __init__(self, seed: int, name: str) -> None:
        self._name = f"{seed}\n{name}"
        self._bits = int.from_bytes(blake2b(self._name.encode("utf-8", "surrogateescape")).digest(), "big")
        self._left = _WORDS

    def below(self, limit: int) -> int:
        """Return a number from 0 to limit − 1."""
        if not self._left:
            self._name += "\n"
            self._bits = int.from_bytes(blake2b(self._name.encode("utf-8", "surrogateescape")).digest(), "big")
            self._left = _WORDS
        word = self._bits & _WORD
        self._bits >>= 32
        self._left -= 1
        return word * limit >> 32

    def share(self) -> float:
        """Return a number from 0 (inclusive) to 1 (exclusive)."""
        return self.below(1 << 32) / (1 << 32)

    def between(self, first: int, last: int) -> int:
        """Return a number from `first` to `last`, both inclusive."""
        return first + self.below(last - first + 1)


def digits(seed: int, name: str, length: int) -> str:
    """Return a number of this many digits, derived from seed and name."""
    number = int.from_bytes(blake2b(f"{seed}\n{name}".encode("utf-8", "surrogateescape")).digest()[:16], "big")
    return f"{number % 10**length:0{length}d}"
