"""Run all checks of a file: `edi` checks syntax, envelopes and guide, and the reader of its kind checks the content."""

import os
from collections.abc import Callable
from pathlib import Path

from claimloop.edi.diagnostics import Diagnostic, Report, Where
from claimloop.edi.guides import Overlay
from claimloop.edi.listing import MOST, Listing
from claimloop.edi.validate import validate
from claimloop.parsers.kinds import kind_of
from claimloop.parsers.professional.reader import claim_items
from claimloop.parsers.remittance.reader import remittance_items

_CONTENT = "R"
"""First letter of the findings of content. The other findings of a reader are syntax, which `validate` reports."""


def check_file(
    path: str | os.PathLike[str],
    report: Report | None = None,
    *,
    guide: bool = True,
    progress: Callable[[int], None] | None = None,
    most: int | None = MOST,
    overlay: Overlay | None = None,
) -> list[Diagnostic]:
    """Check an X12 file of any kind: syntax, envelopes, the guide, the rules above it, balances, code sets.

    Return the findings as a list, or pass them to `report` and return an empty list. At most `most` findings of each
    code are listed (None: all of them). `guide=False` skips the guide and the rules above it. `overlay` holds a
    partner's own rules. `progress` is called with the bytes read so far.

    Raises NotX12 where there is no ISA segment, OSError where the file cannot be read, and OverlayError where the
    overlay does not fit the file's guide.

        for finding in check_file("claims.837"):
            print(finding)
    """
    path = Path(path)
    findings: list[Diagnostic] = []
    report = report or findings.append
    listing = Listing(report, most)

    def report_content(finding: Diagnostic) -> None:
        if finding.code.startswith(_CONTENT):
            listing(finding)

    validate(path, report, guide=guide, progress=progress, most=most, overlay=overlay)
    read = {"835": remittance_items, "837P": claim_items}.get(kind_of(path))
    if read is not None:
        with path.open("rb") as stream:
            for _ in read(stream, path.name, report_content):
                pass  # what it finds is reported while it reads
        listing.finish(Where(path.name), "file")
    return findings
