"""Prepare a sample file for mutations: fix everything that keeps pyx12 from reading it at all.

Without this most mutations would not test the guides, because pyx12 rejects an ISA that is not padded, a byte that is
not ASCII, an empty segment, or a guide that its index does not name. The file itself is compared as it is.
"""

import msgspec

from claimloop.benchmarks.mutations import Delimited
from claimloop.benchmarks.parity_findings import Text
from claimloop.edi.guides import GuideMap, find_map

_ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)


class Base(msgspec.Struct, frozen=True):
    """Segments with one set of delimiters. `guided` is True where pyx12 has a map for each of its groups."""

    segments: list[str]
    signs: Delimited
    guided: bool

    def written(self, segments: list[str]) -> bytes:
        """Return the file with these segments, one a line."""
        return "".join(f"{text}~\n" for text in segments).encode()


def make_base(text: Text) -> Base | None:
    """Return the file's segments, fixed; None where it has none. Delimiters become `*`, `:` and `~`.

    Where these characters are data, they become a blank.
    """
    rows = [
        [_ascii(element, signs.component) for element in segment.strip().split(signs.element)]
        for segment, signs in zip(text.segments, text.delimiters, strict=True)
        if segment.strip()
    ]
    if not rows:
        return None
    guided = _name_guides(rows)
    for row in rows:
        if row[0] == "ISA":
            row += [""] * (17 - len(row))
            padded = [row[i + 1].strip()[:width].ljust(width) for i, width in enumerate(_ISA_WIDTHS)]
            row[1:] = padded
            row[11], row[13], row[16] = "U" if row[12] == "00401" else "^", padded[12].strip().zfill(9), ":"
    return Base(["*".join(row) for row in rows], Delimited("*", ":"), guided)


def _ascii(element: str, component: str) -> str:
    parts = element.split(component) if component else [element]
    return ":".join("".join(sign if sign.isascii() and sign not in "*:~" else " " for sign in part) for part in parts)


def _name_guides(rows: list[list[str]]) -> bool:
    """Write the guide that is closest to the one named in the file into ISA12, GS01, GS08 and ST03."""
    interchange: list[str] = []
    guide: GuideMap | None = None
    guided = True
    for row in rows:
        if row[0] == "ISA":
            interchange = row
        elif row[0] == "GS" and len(row) > 8 and len(interchange) > 12:
            guide = find_map(interchange[12], row[1], row[8])
            guided = guided and guide is not None
            if guide is not None:
                row[1], row[8], interchange[12] = guide.functional_id, guide.guide, guide.interchange_version
            elif interchange[12] not in ("00401", "00501"):
                interchange[12] = "00501"
        elif row[0] == "ST" and guide is not None and len(row) > 3:
            row[3] = guide.guide
    return guided
