"""Write delimiters and endings as text that XML, JSON and people can read: their bytes in hexadecimal."""

from claimloop.edi.syntax.delimiters import Delimiters

_ABSENT = "-"


def to_hex(text: str) -> str:
    """Return the bytes in hexadecimal: `"~\\r\\n"` becomes `"7E 0D 0A"`."""
    return " ".join(f"{ord(sign):02X}" for sign in text)


def from_hex(text: str) -> str:
    """Return the text that `to_hex` encoded. Raises ValueError."""
    try:
        return bytes.fromhex(text).decode("latin-1")
    except ValueError:
        raise ValueError("delimiters and endings must be bytes in hexadecimal, such as 7E 0D 0A") from None


def delimiters_to_hex(delimiters: Delimiters) -> str:
    """Return element, component, repetition and segment delimiter, a dash for a missing one: `"2A 3A 5E 7E"`."""
    return " ".join(
        to_hex(sign) or _ABSENT
        for sign in (delimiters.element, delimiters.component, delimiters.repetition, delimiters.segment)
    )


def delimiters_from_hex(text: str) -> Delimiters:
    """Return the delimiters that `delimiters_to_hex` encoded. Raises ValueError."""
    delimiters = ["" if code == _ABSENT else from_hex(code) for code in text.split()]
    if len(delimiters) != 4 or not delimiters[0] or not delimiters[3] or any(len(sign) > 1 for sign in delimiters):
        raise ValueError("an interchange must have four delimiters: element, component, repetition, segment")
    return Delimiters(*delimiters)
