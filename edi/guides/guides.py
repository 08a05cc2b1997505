"""The guides in use: pyx12's transcription with our corrections and with a trading partner's own rules."""

from collections.abc import Iterator, Mapping, Set
from functools import cache, lru_cache

from claimloop.edi.cache import cached
from claimloop.edi.codes import EXTERNAL_LISTS, code_list
from claimloop.edi.guides.overlays import Overlay, changed, corrections, parse_overlay
from claimloop.edi.guides.structure import Guide
from claimloop.edi.guides.transcribe import map_index, transcribe, version

_KEPT = 16


@cache
def listed_maps() -> tuple[tuple[str, str, str, str, str], ...]:
    """Return the maps as (ISA12, GS08, GS01, BHT02 or "", file): those that pyx12 lists and those that it ships
    unlisted.
    """
    return cached("guides", f"{version()} {corrections()}", tuple[tuple[str, str, str, str, str], ...], _list_maps)


def _list_maps() -> tuple[tuple[str, str, str, str, str], ...]:
    ours = parse_overlay(corrections()).map
    return (*map_index(), *((row.interchange_version, row.guide, row.functional_id, "", row.file) for row in ours))


@lru_cache(maxsize=_KEPT)
def guide_of(file: str, overlay: Overlay | None = None) -> Guide:
    """Return the guide of a map file with the changes of an overlay. Raises OverlayError if they do not fit the
    guide.
    """
    guide = cached(f"guide-{file.removesuffix('.xml')}", f"{version()} {corrections()}", Guide, lambda: _correct(file))
    return guide if overlay is None else changed(guide, _name(file), overlay)


def _correct(file: str) -> Guide:
    return changed(transcribe(file), _name(file), parse_overlay(corrections()))


def _name(file: str) -> str:
    """Return GS08 of the guide; empty for the control segments, which every guide shares."""
    return next((row[1] for row in listed_maps() if row[4] == file), "")


class _Lists(Mapping[str, Set[str]]):
    """The external code lists that guides refer to, by pyx12's names for them. Each list is read on first use."""

    def __init__(self) -> None:
        self._codes: dict[str, Set[str]] = {}

    def __getitem__(self, name: str) -> Set[str]:
        codes = self._codes.get(name)
        if codes is None:
            codes = self._codes[name] = code_list(EXTERNAL_LISTS[name]).codes.keys()
        return codes

    def __iter__(self) -> Iterator[str]:
        return iter(EXTERNAL_LISTS)

    def __len__(self) -> int:
        return len(EXTERNAL_LISTS)


@cache
def external_lists() -> Mapping[str, Set[str]]:
    """Return the codes of each external list, current or retired: our list, overridden by the owner's newer one."""
    return _Lists()
