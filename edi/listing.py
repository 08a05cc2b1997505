"""A bounded list of findings: the findings of a broken file of any size fit on a page."""

from collections import Counter

from claimloop.edi.diagnostics import Diagnostic, Report, Where, diagnose

MOST = 1_000
"""The number of findings of one code that are listed for one file."""


class Listing:
    """Forward the first `most` findings of each code (None: all). A Listing is itself a Report.

    `finish` reports how many findings of each code were omitted, and resets the counts.
    """

    def __init__(self, report: Report, most: int | None) -> None:
        self._report = report
        self._most = most
        self._seen: Counter[str] = Counter()

    def __call__(self, finding: Diagnostic) -> None:
        if self.takes(finding.code):
            self._report(finding)

    def takes(self, code: str) -> bool:
        """Count one finding of this code. Return False if the caller need not create it."""
        self._seen[code] += 1
        return self._most is None or self._seen[code] <= self._most

    def finish(self, where: Where, part: str) -> None:
        """Report what was omitted in the part of the file (an "interchange", the "file") that has ended at `where`."""
        if self._most is not None:
            for code, count in self._seen.items():
                if count > self._most:
                    self._report(diagnose("X131", where, kind=code, count=count - self._most, part=part))
        self._seen.clear()
