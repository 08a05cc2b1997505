"""Find the code that distinguishes a segment from others of its id, by pyx12's rule for its maps."""

from claimloop.edi.guides.structure import Composite, Element, Segment


def qualifier(own: str, elements: tuple[Element | Composite, ...]) -> tuple[tuple[int, int] | None, tuple[str, ...]]:
    """Return the position of the distinguishing code in the segment, and the possible codes.

    The rule is pyx12's: the first element if it is a required code; ENT02; CTX01-1; a code at the start of a composite
    in first position; HL03.
    """
    first, second, third = (*elements[:3], None, None, None)[:3]
    if isinstance(first, Element) and first.type == "ID" and first.usage == "R" and first.codes:
        return (1, 0), first.codes
    if own == "ENT" and isinstance(second, Element) and second.type == "ID" and second.codes:
        return (2, 0), second.codes
    if isinstance(first, Composite) and first.components:
        head = first.components[0]
        if head.codes and (head.type == "ID" or (own == "CTX" and head.type == "AN")):
            return (1, 1), head.codes
    if own == "HL" and isinstance(third, Element) and third.codes:
        return (3, 0), third.codes
    return None, ()


def first_code(segment: Segment) -> str:
    """Return the code that pyx12 adds to the id if several segments share a position. It names their counters."""
    first, second, third = (*segment.elements[:3], None, None, None)[:3]
    if isinstance(first, Element) and first.type == "ID" and first.codes:
        return first.codes[0]
    if segment.id == "ENT" and isinstance(second, Element) and second.type == "ID" and second.codes:
        return second.codes[0]
    if isinstance(first, Composite) and first.components:
        head = first.components[0]
        if head.type == "ID" and head.codes:
            return head.codes[0]
    if segment.id == "HL" and isinstance(third, Element) and third.codes:
        return third.codes[0]
    return ""
