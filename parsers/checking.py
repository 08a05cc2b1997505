"""All checks of a file: syntax, envelopes and guide by `edi`, content by its reader."""

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
"""What a reader of content finds; the rest of its findings are syntax, which `validate` reports too."""


def check_file(
    path: str | os.PathLike[str],
    report: Report | None = None,
    *,
    guide: bool = True,
    progress: Callable[[int], None] | None = None,
    most: int | None = MOST,
    overlay: Overlay | None = None,
) -> list[Diagnostic]:
    """Check a file of X12 of any kind: syntax, envelopes, the guide, the rules above it, balances, code sets.

    Gives the findings in a list, or passes them to `report` and gives an empty one. Of each code the first `most` are
    listed (None: all of them). `guide=False` leaves out the guide and what is above it. `overlay` holds a partner's
    own rules. `progress` is called with the bytes read so far.

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
