"""Everything that can be said against a file: syntax, envelopes and guide by `edi`, content by its reader."""

from collections.abc import Callable
from pathlib import Path

from claimloop.edi.diagnostics import Diagnostic, Report, Where
from claimloop.edi.guides import Overlay
from claimloop.edi.listing import MOST, Listing
from claimloop.edi.validate import validate
from claimloop.parsers.kinds import kind_of
from claimloop.parsers.professional.reader import stream_837p
from claimloop.parsers.remittance.reader import stream_835

_CONTENT = "R"
"""What a reader of content finds; the rest of its findings are syntax, which `validate` reports too."""


def check_file(
    path: Path,
    report: Report,
    *,
    guide: bool = True,
    progress: Callable[[int], None] | None = None,
    most: int | None = MOST,
    overlay: Overlay | None = None,
) -> None:
    """Report every finding on the file, whatever X12 it holds; of each code the first `most` (None: all of them).

    `overlay` holds a partner's own rules. Raises NotX12 where the file holds no X12, OSError where it cannot be read,
    OverlayError where the overlay does not fit the file's guide.
    """
    listing = Listing(report, most)

    def report_content(finding: Diagnostic) -> None:
        if finding.code.startswith(_CONTENT):
            listing(finding)

    validate(path, report, guide=guide, progress=progress, most=most, overlay=overlay)
    read = {"835": stream_835, "837P": stream_837p}.get(kind_of(path))
    if read is not None:
        with path.open("rb") as stream:
            for _ in read(stream, path.name, report_content):
                pass
        listing.finish(Where(path.name), "file")
