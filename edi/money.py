"""Money and other decimal numbers of X12: exact, never a float."""

import re
from decimal import Decimal

ZERO = Decimal(0)
_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII)
_REMEMBERED = 50_000
_LONGEST = 24
"""The longest text of an amount. X12 allows 18 digits; Decimal arithmetic is exact up to 28."""

_MOST_CENTS = 10**13


class NotAnAmount(ValueError):
    """The text is not an X12 decimal number of sensible length, or an amount of money has more than two decimals."""


class _Amounts(dict[str, Decimal]):
    """Texts already parsed as decimals, because a remittance repeats the same few amounts."""

    def __missing__(self, text: str) -> Decimal:
        if len(text) > _LONGEST or not _NUMBER.fullmatch(text):
            raise NotAnAmount
        if len(self) >= _REMEMBERED:
            self.clear()
        number = self[text] = Decimal(text)
        return number


decimals: dict[str, Decimal] = _Amounts()
"""`decimals[text]` is the Decimal of an X12 R or N0 element. Raises NotAnAmount for any other text."""


class _Cents(dict[Decimal, int]):
    """Amounts already converted to cents, because posting uses each amount of a claim several times."""

    def __missing__(self, amount: Decimal) -> int:
        cents = amount.scaleb(2)
        whole = int(cents)
        if whole != cents or abs(whole) > _MOST_CENTS:
            raise NotAnAmount
        if len(self) >= _REMEMBERED:
            self.clear()
        self[amount] = whole
        return whole


_cents: dict[Decimal, int] = _Cents()


def to_cents(amount: Decimal) -> int:
    """Return the amount in integer cents; nothing is rounded.

    Raises NotAnAmount for a fraction of a cent, and for an amount so large that sums might not fit a database's 64-bit
    integer.
    """
    return _cents[amount]


def from_cents(cents: int) -> Decimal:
    """Return integer cents as a Decimal with two decimals."""
    return Decimal(cents).scaleb(-2)


def two_decimals(cents: int) -> str:
    """Return integer cents as text with two decimals: -5 is "-0.05"."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}{whole}.{rest:02d}"


def x12_number(number: Decimal) -> str:
    """Return a decimal in X12 form: no exponent, no trailing zeros, no decimal point without decimals (100.50 →
    100.5).
    """
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
