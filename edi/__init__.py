"""X12 itself: findings, records, code lists, guides, and conversion to XML and JSON.

A finding is a `Diagnostic`: a `code` of the catalogue (docs/diagnostics.md), a `severity`, a `message` that names no
person, its place (`Where`), and where it helps the `value` and a `hint`. Printed, its value is masked:

    from claimloop.parsers import read_835

    for finding in read_835("remit.835").findings:
        if finding.severity == "error":
            print(finding.code, finding.where.segment, finding.message)

Functions that find take `report`, a function that is called with each finding as it is made. The records are in
`claimloop.edi.records`, the code lists in `claimloop.edi.codes`, XML and JSON in `claimloop.edi.conversion`, the guides
and companion guides in `claimloop.edi.guides`.

Errors: `UserError` is the base of what a user can fix, and its text is one clear line. `NotX12` is raised for a file
without an ISA segment.
"""

from claimloop.edi.diagnostics import Diagnostic, NotX12, Report, Severity, UserError, Where

__all__ = ["Diagnostic", "NotX12", "Report", "Severity", "UserError", "Where"]
