"""Commands about a file of X12: check, show, explain, convert, acknowledge. They leave the ledger alone."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from claimloop.commands.session import (
    CLEAN,
    FAILED,
    FILES,
    READ_ONCE,
    WORK_LEFT,
    InputFile,
    Session,
    console,
    fail,
    shared,
)
from claimloop.edi.diagnostics import Diagnostic, NotX12, Where

if TYPE_CHECKING:
    from claimloop.parsers.tables import Form


@click.command()
@FILES
@click.option("--guide/--no-guide", default=True, help="Check against the guide and the rules above it too.")
@click.option(
    "--overlay",
    "overlay_path",
    metavar="FILE",
    help="A companion guide's own rules (TOML).",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--second-opinion", is_flag=True, help="Say what pyx12 says of the file as well (slow).")
@shared
def validate(
    session: Session, files: tuple[Path, ...], guide: bool, overlay_path: Path | None, second_opinion: bool
) -> None:
    """Check any X12 file: envelopes, structure, guide, balances, code sets. Exit 1 on errors, 2 on what is no X12.

    Example: claimloop validate outbox/*.837
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
            said = {"file": str(path), "valid": valid, "findings": findings}
            session.write_json(said | ({"pyx12": opinion} if opinion else {}))
        else:
            click.echo(f"{path}: {'valid' if valid else 'not valid'}{f'; pyx12 {opinion} it' if opinion else ''}")
    sys.exit(FAILED if unreadable else WORK_LEFT if session.errors else CLEAN)


@click.command()
@click.argument("file", type=InputFile())
@click.option(
    "--balance", is_flag=True, help="Of an 835, only the sums that do not come out, and what they are made of."
)
@click.option("--all", "every", is_flag=True, help="With --balance: the sums that come out too.")
@shared
def show(session: Session, file: Path, balance: bool, every: bool) -> None:
    """An 837P or an 835 in words and tables; with --json one JSON object a line.

    Example: claimloop show remit.835 --show-values
    """
    from claimloop.parsers.show.show import show_file, show_json

    if every and not balance:
        fail("--all goes with --balance")
    if balance:
        from claimloop.parsers.show.balance import show_balances, show_balances_json

        if session.json:
            show_balances_json(file, sys.stdout.buffer.write, session.report, every=every)
        else:
            show_balances(file, console(), session.report, every=every)
        return
    if session.json:
        show_json(file, sys.stdout.buffer.write, session.report, show_values=session.show_values)
        return
    show_file(file, console(), session.report, show_values=session.show_values)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, path_type=Path))
@click.option("--to", "form", type=click.Choice(["xml", "json", "x12", "parquet", "csv", "jsonl"]), required=True)
@click.option(
    "-o", "--output", "target", metavar="OUT", type=click.Path(path_type=Path),
    help="The file to write [default: stdout]; for tables the folder.",
)  # fmt: skip
@shared
def convert(session: Session, files: tuple[Path, ...], form: str, target: Path | None) -> None:
    """X12 to XML or JSON with the guide's names, and back to the same bytes; or many 835 to tables (docs/tables.md).

    The output holds the files' values. For tables, FILE may be a folder.

    Example: claimloop convert claims.837 --to xml -o claims.xml && claimloop convert era/ --to parquet -o tables
    """
    from claimloop.parsers.tables import FORMS

    table_form = next((known for known in FORMS if known == form), None)
    if table_form is not None:
        if target is None:
            fail(f"--to {form} writes several files: name a folder with -o DIR")
        _convert_to_tables(session, files, table_form, target)
        return
    if len(files) > 1 or files[0].is_dir():
        fail(f"--to {form} takes one file")
    if target is not None and target.is_dir():
        fail(f"{target} is a folder; --to {form} writes one file")
    _convert_one(files[0], form, target)


def _convert_to_tables(session: Session, files: tuple[Path, ...], form: "Form", folder: Path) -> None:
    from claimloop.parsers.tables import write_tables

    with session.progress("tables", 100) as progress:
        written = write_tables(
            files, folder, form, session.report, progress=lambda done, total: progress(100 * done // max(total, 1))
        )
    if session.json:
        session.write_json(written)
    else:
        for name, path in written.files.items():
            click.echo(f"{written.rows[name]:>12,}  {path}")
    sys.exit(WORK_LEFT if session.errors else CLEAN)


def _convert_one(file: Path, form: str, target: Path | None) -> None:
    from claimloop.edi.conversion import form_of, write_json, write_x12, write_xml
    from claimloop.edi.private_files import write_privately

    if not file.is_file():
        fail(f"{file} {READ_ONCE}")
    known = form_of(file)
    if (known == "x12") == (form == "x12"):
        fail(f"{file} is {known.upper()}; it can be converted to {'x12' if known != 'x12' else 'xml or json'}")

    def write(out: Callable[[bytes], object]) -> None:
        if known != "x12":
            write_x12(file, known, out)
        elif form == "xml":
            write_xml(file, out)
        else:
            write_json(file, out)

    if target is None:
        write(sys.stdout.buffer.write)
    else:
        write_privately(target, write)


@click.command()
@click.argument("what", metavar="FILE|CLAIM")
@click.argument("segment", type=click.IntRange(min=1), required=False)
@shared
def explain(session: Session, what: str, segment: int | None) -> None:
    """What a segment is: its loop, its elements by the guide's names, what its codes mean, what is wrong with it.

    SEGMENT is the number that findings carry, counted from 1. Of a CLAIM: why each payment went to it or was held, with
    the claims that it could be for, fact by fact, and the rule that found each line.

    Example: claimloop explain remit.835 17
    """
    if segment is None:
        _explain_claim(session, what)
        return
    from claimloop.parsers.show.explain import explain as explain_segment
    from claimloop.parsers.show.explanation import show_explanation

    file = InputFile().convert(what, None, click.get_current_context())
    told = explain_segment(file, segment, show_values=session.show_values)
    session.write_json(told) if session.json else show_explanation(told, console(), show_values=session.show_values)


def _explain_claim(session: Session, claim: str) -> None:
    from claimloop.commands.tables import print_explanation
    from claimloop.reconciliation.queries.explain_match import explain_claim
    from claimloop.reconciliation.queries.export import as_text

    if Path(claim).is_file():
        fail("say which segment of the file: claimloop explain FILE SEGMENT")
    with session.ledger() as ledger, ledger.reading() as connection:
        told = [as_text(each) for each in explain_claim(connection, claim)]
    if not told:
        fail(f"no payment for {claim} has come")
    session.write_json(told) if session.json else print_explanation(told, console())


@click.command()
@click.argument("file", type=InputFile())
@click.option(
    "-o", "--output", "folder", required=True, metavar="DIR", help="Where the acknowledgements go.",
    type=click.Path(file_okay=False, path_type=Path),
)  # fmt: skip
@click.option("--control-number", type=click.IntRange(1, 999_999_999), help="First ISA13 [default: from the time].")
@click.option("--accept-errors", is_flag=True, help="Accept sets with errors in them (E instead of R).")
@shared
def acknowledge(session: Session, file: Path, folder: Path, control_number: int | None, accept_errors: bool) -> None:
    """Answer a file that came in: TA1, and 999 (for 4010: 997) with every error. Exit 1 where something is rejected.

    Element errors carry a copy of the bad value, as the standard asks: the files may name patients.

    Example: claimloop acknowledge inbox/claims.837 -o outbox
    """
    from claimloop.builders.acknowledgements.acknowledge import acknowledge as answer_file
    from claimloop.builders.acknowledgements.acknowledge import control_number_at
    from claimloop.builders.acknowledgements.files import write_answers
    from claimloop.edi.listing import MOST, Listing

    moment = datetime.now()  # noqa: DTZ005
    number = control_number or control_number_at(moment)
    listing = Listing(session.report, MOST)
    answer = answer_file(file, number, moment, listing, accept_errors=accept_errors)
    listing.finish(Where(file.name), "file")
    written = write_answers(answer, folder, file.name)
    if session.json:
        said = answer.interchanges if session.show_values else answer.masked()
        session.write_json({"file": str(file), "written": written, "interchanges": said})
    else:
        for path in written:
            click.echo(path)
        for line in answer.summary():
            click.echo(line)
    sys.exit(CLEAN if answer.accepted else WORK_LEFT)
