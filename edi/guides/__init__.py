"""The implementation guides: which one a transaction set follows, and what it finds in the set."""

from claimloop.edi.guides.by_pyx12 import check_with_pyx12
from claimloop.edi.guides.check import GuideCheck
from claimloop.edi.guides.maps import GuideMap, find_map

__all__ = ["GuideCheck", "GuideMap", "check_with_pyx12", "find_map"]
