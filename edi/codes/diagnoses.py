"""ICD-10-CM: whether a diagnosis code exists and is complete enough to be billed on a date of service.

The codes are those of the release that the package simple_icd_10_cm ships (NCHS, public domain). Importing it builds a
tree for two seconds, so we read its list of codes once, without the import, and keep what we need in the cache. Users
may load newer releases, as CMS publishes them.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import msgspec

from claimloop.edi.cache import cached
from claimloop.edi.codes.owners import folder, keep
from claimloop.edi.codes.shapes import is_icd10cm
from claimloop.edi.codes.table import CodeListError

DiagnosisStatus = Literal["billable", "not billable", "unknown", "outside the table's dates"]

_CATEGORY = 3
_SHIPPED = re.compile(r"code-list-([A-Z][a-z]+)-([0-9]{4})\.txt")
_MONTHS = {"January": 1, "April": 4, "October": 10}
_UNCHANGED_SINCE = {date(2026, 4, 1): date(2025, 10, 1)}
"""The first day of a release → the first day of the earlier release whose codes it repeats. April 2026 has the 74,719
codes that NCHS and CMS published for October 2025.
"""

_CMS_NAME = re.compile(r"icd10cm[-_](?:order|codes)[-_](?:(april)[-_])?(20[0-9]{2})(?:[-_.].*)?", re.IGNORECASE)
_CMS_ORDER = re.compile(r"[0-9]{5} ([0-9A-Z]{3,7}) *([01]) ")
_CMS_CODES = re.compile(r"([0-9A-Z]{3,7}) +[^ ]")


class Release(msgspec.Struct, frozen=True):
    """The billable codes of one release, without decimal points, and the period for which the list is complete."""

    first: date
    last: date
    source: str
    codes: dict[str, str]
    """Category (the first three characters) → its billable codes, separated by blanks."""

    def __len__(self) -> int:
        return sum(codes.count(" ") + 1 for codes in self.codes.values())


def diagnosis_status(code: str, on: date) -> DiagnosisStatus:
    """Whether a code (uppercase, no decimal point) can be billed for a date of service.

    Within a release, a code that is the beginning of longer ones is not billable, and a code that is not listed is
    unknown. Outside every release no code is an error: codes change each October and April, so an unknown code may be
    newer than the table, and a code with longer codes below it may have been complete before these were added. A code
    that is billable in some release counts as billable then too, because few codes are ever withdrawn.
    """
    category = code[:_CATEGORY]
    elsewhere = False
    for number, release in enumerate(releases()):
        codes = _billable(number, category)
        if release.first <= on <= release.last:
            if code in codes:
                return "billable"
            begins = len(code) >= _CATEGORY and any(longer.startswith(code) for longer in codes)
            return "not billable" if begins else "unknown"
        elsewhere = elsewhere or code in codes
    return "billable" if elsewhere else "outside the table's dates"


@cache
def releases() -> tuple[Release, ...]:
    """The installed releases: those that this user loaded, newest first, then the shipped one. Read once.

    Raises CodeListError where one cannot be read.
    """
    return (*map(_loaded, sorted(folder().glob("diagnoses-*.json"), reverse=True)), _shipped())


def load_release(path: Path, first: date | None = None) -> Release:
    """Load a release from a CMS file (icd10cm-order-2027.txt or icd10cm-codes-2027.txt) for this user.

    `first` is its first day; by default, the file name shows it. Raises CodeListError if the file is not a release.
    """
    if first is None:
        found = _CMS_NAME.fullmatch(path.name)
        if found is None:
            raise CodeListError(f"{path}: the name does not say from which day the codes are valid; give --from")
        april, year = found[1], int(found[2])
        first = date(year, 4, 1) if april else date(year - 1, 10, 1)
    codes = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig", errors="replace").splitlines(), start=1):
        order, plain = _CMS_ORDER.match(line), _CMS_CODES.match(line)
        code = order[1] if order else plain[1] if plain else ""
        if not is_icd10cm(code):
            if line.strip():
                raise CodeListError(f"{path}: line {number}: neither a line of icd10cm-order nor of icd10cm-codes")
        elif order is None or order[2] == "1":
            codes.append(code)
    if not codes:
        raise CodeListError(f"{path}: no codes")
    release = _release(first, path.name, sorted(set(codes)))
    keep(folder() / f"diagnoses-{first.isoformat()}.json", msgspec.json.encode(release).decode())
    _forget_what_was_read()
    return release


def forget_releases() -> bool:
    """Return to the shipped release alone. Return False if no other was loaded."""
    paths = sorted(folder().glob("diagnoses-*.json"))
    for path in paths:
        path.unlink()
    _forget_what_was_read()
    return bool(paths)


def _forget_what_was_read() -> None:
    releases.cache_clear()
    _billable.cache_clear()


@cache
def _billable(number: int, category: str) -> frozenset[str]:
    """Return the billable codes of a category in one of the releases. Only the categories that a file uses are
    split.
    """
    return frozenset(releases()[number].codes.get(category, "").split())


def _shipped() -> Release:
    """Return the release that simple_icd_10_cm ships, from the cache if possible."""
    package = find_spec("simple_icd_10_cm")  # finds the package, does not import it
    places = list(package.submodule_search_locations or ()) if package else []
    lists = sorted(file for place in places for file in Path(place, "data").glob("code-list-*.txt"))
    named = _SHIPPED.fullmatch(lists[-1].name) if lists else None
    if named is None or named[1] not in _MONTHS:
        raise CodeListError("simple_icd_10_cm has no list of codes that is known here: install a version of setup.cfg")
    path, first = lists[-1], date(int(named[2]), _MONTHS[named[1]], 1)
    return cached("diagnoses", f"1 {path.name} {path.stat().st_size}", Release, lambda: _derived(path, first))


def _derived(path: Path, first: date) -> Release:
    """Derive a release from a list of chapters, blocks, categories and codes: a code without a longer one below it is
    billable.
    """
    codes = sorted({line for line in path.read_text(encoding="utf-8").split() if is_icd10cm(line)})
    leaves = [code for code, following in zip(codes, [*codes[1:], ""], strict=True) if not following.startswith(code)]
    return _release(first, path.name, leaves)


def _release(first: date, source: str, codes: Iterable[str]) -> Release:
    """Return a release that is in effect until the next first of April or October, when codes change."""
    change = date(first.year, 4, 1) if first.month < 4 else date(first.year, 10, 1)
    change = change if first < change else date(first.year + 1, 4, 1)
    categories: dict[str, list[str]] = {}
    for code in codes:
        categories.setdefault(code[:_CATEGORY], []).append(code)
    joined = {category: " ".join(members) for category, members in categories.items()}
    return Release(_UNCHANGED_SINCE.get(first, first), change - timedelta(days=1), source, joined)


def _loaded(path: Path) -> Release:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Release)
    except (OSError, msgspec.DecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise CodeListError(f"{path}: {reason}; load it again, or `claimloop codes forget diagnoses`") from None
