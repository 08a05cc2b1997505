"""Read codes that a payer wrote in lowercase as uppercase. Names and numbers stay as sent."""

_ADJUSTMENT = frozenset((1, *range(2, 400, 3)))
_CODES: dict[str, frozenset[int]] = {
    "GS": frozenset((1, 7, 8)),
    "ST": frozenset((3,)),
    "BPR": frozenset((1, 3, 4, 5, 6, 8, 12, 14)),
    "TRN": frozenset((1,)),
    "CUR": frozenset((1, 2)),
    "N1": frozenset((1, 3)),
    "N4": frozenset((2, 4)),
    "RDM": frozenset((1,)),
    "PER": frozenset((1, 3, 5, 7)),
    "REF": frozenset((1,)),
    "DTM": frozenset((1, 5)),
    "CLP": frozenset((2, 6, 8, 9)),
    "CAS": _ADJUSTMENT,
    "NM1": frozenset((1, 8)),
    "MIA": frozenset((5, 20, 21, 22, 23)),
    "MOA": frozenset((3, 4, 5, 6, 7)),
    "QTY": frozenset((1,)),
    "AMT": frozenset((1,)),
    "LQ": frozenset((1, 2)),
}
"""The elements of each segment that are codes from a list."""

_COMPOSITES: dict[str, tuple[frozenset[int], int]] = {
    "SVC": (frozenset((1, 6)), 6),
    "PLB": (frozenset(range(3, 400, 2)), 1),
}
"""Elements that begin with codes, and how many components are codes: a procedure with its modifiers, a PLB reason."""


def in_uppercase(elements: list[str], component_separator: str) -> list[str]:
    """Return the elements of a segment (its id first, in uppercase) with their codes in uppercase."""
    codes = _CODES.get(elements[0], frozenset())
    composites, parts = _COMPOSITES.get(elements[0], (frozenset(), 0))
    return [
        text.upper()
        if place in codes
        else _first_parts(text, parts, component_separator)
        if place in composites
        else text
        for place, text in enumerate(elements)
    ]


def _first_parts(text: str, parts: int, separator: str) -> str:
    if not separator:
        return text.upper()
    components = text.split(separator)
    return separator.join((*map(str.upper, components[:parts]), *components[parts:]))
