"""Find the pyx12 map of a functional group's guide."""

import re
from functools import cache

import msgspec

from claimloop.edi.guides.guides import listed_maps

_GUIDE_WITHOUT_ADDENDUM = re.compile(r"00[0-9]{4}X[0-9]{3}")
_ACKNOWLEDGEMENTS = "FA"


class GuideMap(msgspec.Struct, frozen=True):
    """One map. `guide` is the guide that it transcribes (005010X222A1); `interchange_version` its ISA12.

    `purpose` is the BHT02 of the map if the guide has several maps (278 of 4010).
    """

    interchange_version: str
    guide: str
    functional_id: str
    purpose: str
    file: str


def find_map(interchange_version: str, functional_id: str, guide: str, *, purpose: str = "") -> GuideMap | None:
    """Return the map for ISA12, GS01 and GS08 (or ST03), else the nearest map of the same guide, else None.

    The nearest map has, in order of preference, another ISA12, another addendum (X222A2 or X222 for X222A1), or another
    GS01. The caller can compare the result with the arguments. An acknowledgement (GS01 FA) is never the nearest map of
    a guide.
    """
    guide = guide.strip().upper()
    base = _GUIDE_WITHOUT_ADDENDUM.match(guide)
    if base is None and not guide:
        return None

    def distance(candidate: GuideMap) -> tuple[bool, bool, bool, bool]:
        return (
            candidate.functional_id != functional_id,
            candidate.guide != guide,
            candidate.interchange_version != interchange_version,
            candidate.purpose != purpose,
        )

    near = [
        candidate
        for candidate in _maps()
        if (candidate.guide == guide or (base is not None and candidate.guide.startswith(base[0])))
        and (
            candidate.functional_id == functional_id
            or _ACKNOWLEDGEMENTS not in (candidate.functional_id, functional_id)
        )
    ]
    return min(near, key=distance, default=None)


@cache
def _maps() -> tuple[GuideMap, ...]:
    return tuple(
        GuideMap(interchange_version, guide, functional_id, purpose, file)
        for interchange_version, guide, functional_id, purpose, file in listed_maps()
    )
