"""The four delimiters of an interchange, read from its ISA segment."""

import msgspec

from claimloop.edi.diagnostics import NotX12

ISA_ELEMENTS = 16
_LINE_BREAKS = "\r\n"


class Delimiters(msgspec.Struct, frozen=True):
    """Single characters. `repetition` is empty if ISA11 is not a separator (4010: "U")."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"

    def __str__(self) -> str:
        return self.element + self.component + self.repetition + self.segment


def read_delimiters(isa: str) -> Delimiters:
    """Return the delimiters of text that starts with an ISA segment and continues with the next segment.

    The function counts elements instead of columns, so it also reads an ISA whose elements are not padded: the element
    separator follows "ISA", the component separator is ISA16, and the terminator is the character after it. A
    terminator of CR LF counts as LF. Raises NotX12 if the text does not contain a complete ISA.
    """
    if len(isa) < 4 or not isa.startswith("ISA") or _is_data(isa[3]):
        raise NotX12("no ISA segment at the start")
    element = isa[3]
    parts = isa.split(element, ISA_ELEMENTS)
    if len(parts) <= ISA_ELEMENTS or len(parts[ISA_ELEMENTS]) < 1:
        raise NotX12("the ISA segment ends before its 16th element")
    component, terminator = _tail(parts[ISA_ELEMENTS], element)
    if not terminator or terminator == element or terminator.isalnum():
        raise NotX12("the character after ISA16 cannot be a segment terminator")
    repetition = parts[11].strip(_LINE_BREAKS)
    if len(repetition) != 1 or _is_data(repetition) or repetition in (element, component, terminator):
        repetition = ""
    return Delimiters(element, component, repetition, terminator)


def _is_data(character: str) -> bool:
    return character.isalnum() or character == " " or character in _LINE_BREAKS


def _tail(tail: str, element: str) -> tuple[str, str]:
    """Return the component separator (empty if ISA16 is empty) and the terminator, from the text after the 16th
    separator.
    """
    if tail[0] in _LINE_BREAKS and _is_header(tail.lstrip(_LINE_BREAKS), element):  # ISA16 is empty
        return "", "\n" if tail.startswith("\r\n") else tail[0]
    tail = tail.lstrip(_LINE_BREAKS)  # a line break in wrapped text
    rest = tail[1:].lstrip(_LINE_BREAKS)
    if _is_header(rest, element):
        line = rest.replace("\r", "\n").partition("\n")[0].rstrip()
        if len(rest) == len(tail) - 1 or line.endswith(tail[0]):  # ISA16 is empty
            return "", tail[0]
    if tail[1:3] == "\r\n":
        return tail[:1], "\n"
    return tail[:1], tail[1:2]


def _is_header(text: str, element: str) -> bool:
    return text.startswith((f"GS{element}", f"TA1{element}", f"IEA{element}"))
