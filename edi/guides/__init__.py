"""Implementation guides: which guide a transaction set follows, and the check of a set against it."""

from claimloop.edi.guides.check import GuideCheck
from claimloop.edi.guides.maps import GuideMap, find_map
from claimloop.edi.guides.overlays import Overlay, OverlayError, read_overlay
from claimloop.edi.guides.second_opinion import pyx12_opinion

__all__ = ["GuideCheck", "GuideMap", "Overlay", "OverlayError", "find_map", "pyx12_opinion", "read_overlay"]
