"""Delimiters and endings as text that XML, JSON and people can read: their code points in hexadecimal."""

from claimloop.edi.syntax.delimiters import Delimiters

_ABSENT = "-"


def spelled(text: str) -> str:
    """`"~\\r\\n"` is `"7E 0D 0A"`."""
    return " ".join(f"{ord(sign):02X}" for sign in text)


def read_spelled(text: str) -> str:
    """The text that `spelled` spelled. Raises ValueError."""
    try:
        return bytes.fromhex(text).decode("latin-1")
    except ValueError:
        raise ValueError("delimiters and endings are bytes in hexadecimal, as in 7E 0D 0A") from None


def spelled_delimiters(signs: Delimiters) -> str:
    """Element, component, repetition, segment; a dash for one that there is not: `"2A 3A 5E 7E"`."""
    return " ".join(
        spelled(sign) or _ABSENT for sign in (signs.element, signs.component, signs.repetition, signs.segment)
    )


def read_delimiters(text: str) -> Delimiters:
    """The delimiters that `spelled_delimiters` spelled. Raises ValueError."""
    signs = ["" if code == _ABSENT else read_spelled(code) for code in text.split()]
    if len(signs) != 4 or not signs[0] or not signs[3] or any(len(sign) > 1 for sign in signs):
        raise ValueError("the delimiters of an interchange are four: element, component, repetition, segment")
    return Delimiters(*signs)
