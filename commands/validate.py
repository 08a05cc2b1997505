"""`claimloop validate`: any X12 file, checked."""

import sys
from pathlib import Path

import click

from claimloop.commands.help import command
from claimloop.commands.session import CLEAN, FAILED, FILES, WORK_LEFT, Session, shared
from claimloop.edi.diagnostics import Diagnostic, NotX12


@command(
    examples=[
        "claimloop validate outbox/*.837 remittances/*.835",
        "claimloop validate outbox/*.837 --overlay companion_guides/harbor.toml",
    ]
)
@FILES
@click.option("--guide/--no-guide", default=True, help="Check against the implementation guide and the rules above it.")
@click.option(
    "--overlay",
    "overlay_path",
    metavar="FILE",
    help="Also check the rules of a companion guide (TOML).",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--second-opinion", is_flag=True, help="Also print pyx12's verdict (slow).")
@shared
def validate(
    session: Session, files: tuple[Path, ...], guide: bool, overlay_path: Path | None, second_opinion: bool
) -> None:
    """Check X12 files: envelopes, guide, balances and code sets.

    FILE may be any X12 file. Exit code 1 if a file has errors, 2 if a file is not X12.
    """
    from claimloop.edi.guides import pyx12_opinion, read_overlay
    from claimloop.parsers.checking import check_file

    overlay = read_overlay(overlay_path) if overlay_path else None
    unreadable = False
    for path in files:
        findings: list[Diagnostic] = []
        before = session.errors

        def take(finding: Diagnostic, findings: list[Diagnostic] = findings) -> None:
            if session.json:
                session.errors += finding.severity == "error"
                findings.append(finding if session.show_values else finding.masked())
            else:
                session.report(finding)

        try:
            with session.progress(path.name, path.stat().st_size) as progress:
                check_file(path, take, guide=guide, progress=progress, overlay=overlay)
        except NotX12 as error:
            unreadable = True
            click.echo(f"claimloop: {path}: not X12: {error}", err=True)
            continue
        valid = session.errors == before
        opinion = pyx12_opinion(path) if second_opinion else None
        if session.json:
            result = {"file": str(path), "valid": valid, "findings": findings}
            session.write_json(result | ({"pyx12": opinion} if opinion else {}))
        else:
            click.echo(f"{path}: {'valid' if valid else 'not valid'}{f' (pyx12 {opinion} it)' if opinion else ''}")
    sys.exit(FAILED if unreadable else WORK_LEFT if session.errors else CLEAN)
