"""A bounded list of findings: a broken file of any size is described in a page, not in another file."""

from collections import Counter

from claimloop.edi.diagnostics import Diagnostic, Report, Where, diagnose

MOST = 1_000
"""Findings of one code that are listed for one file."""


class Listing:
    """Passes findings on: of each code the first `most`, None for all. It is a Report itself.

    `finish` says how many of each code were left out, and begins again.
    """

    def __init__(self, report: Report, most: int | None) -> None:
        self._report = report
        self._most = most
        self._seen: Counter[str] = Counter()

    def __call__(self, finding: Diagnostic) -> None:
        if self.takes(finding.code):
            self._report(finding)

    def takes(self, code: str) -> bool:
        """Count one finding of this code; False where it need not even be made."""
        self._seen[code] += 1
        return self._most is None or self._seen[code] <= self._most

    def finish(self, where: Where, part: str) -> None:
        """The part of the file (an "interchange", the "file") that the limit is for has ended at `where`."""
        if self._most is not None:
            for code, count in self._seen.items():
                if count > self._most:
                    self._report(diagnose("X131", where, kind=code, count=count - self._most, part=part))
        self._seen.clear()
