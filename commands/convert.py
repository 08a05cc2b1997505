"""`claimloop convert`: X12 to other formats, and back."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from claimloop.commands.help import command
from claimloop.commands.session import CLEAN, READ_ONCE, WORK_LEFT, Session, fail, shared

if TYPE_CHECKING:
    from claimloop.parsers.tables import Form


@command(
    examples=[
        "claimloop convert remittances/medicaid-2026-10-27.835 --to xml -o remittance.xml",
        "claimloop convert remittances --to csv -o tables",
    ]
)
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--to", "form", required=True, type=click.Choice(["xml", "json", "x12", "parquet", "csv", "jsonl"]),
    help="xml, json and x12 convert one file. parquet, csv and jsonl make tables of many 835s.",
)  # fmt: skip
@click.option(
    "-o", "--output", "target", metavar="OUT", type=click.Path(path_type=Path),
    help="The file to write, or the folder for tables.  [default: stdout]",
)  # fmt: skip
@shared
def convert(session: Session, files: tuple[Path, ...], form: str, target: Path | None) -> None:
    """Convert X12 to XML, JSON or tables, and back.

    XML and JSON use the guide's names and convert back to the same bytes. For tables, FILE may be a folder. The output
    contains the values of the files, which may identify patients.
    """
    from claimloop.parsers.tables import FORMS

    table_form = next((known for known in FORMS if known == form), None)
    if table_form is not None:
        if target is None:
            fail(f"--to {form} writes several files; name a folder with -o DIR")
        _convert_to_tables(session, files, table_form, target)
        return
    if len(files) > 1 or files[0].is_dir():
        fail(f"--to {form} converts one file")
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
