"""`claimloop acknowledge`: the answers to a file that came in."""

import sys
from datetime import datetime
from pathlib import Path

import click

from claimloop.commands.help import command
from claimloop.commands.session import CLEAN, WORK_LEFT, InputFile, Session, shared
from claimloop.edi.diagnostics import Where


@command(examples=["claimloop acknowledge outbox/mockclearing_000000001.837 -o answers"])
@click.argument("file", type=InputFile())
@click.option(
    "-o", "--output", "folder", required=True, metavar="DIR", help="The folder for the acknowledgements.",
    type=click.Path(file_okay=False, path_type=Path),
)  # fmt: skip
@click.option(
    "--control-number", metavar="N", type=click.IntRange(1, 999_999_999),
    help="The first ISA13.  [default: from the time]",
)  # fmt: skip
@click.option("--accept-errors", is_flag=True, help="Accept sets that have errors (E instead of R).")
@shared
def acknowledge(session: Session, file: Path, folder: Path, control_number: int | None, accept_errors: bool) -> None:
    """Write the TA1 and 999 that answer a file.

    The 999 lists every error (for 4010, a 997). As the standard requires, it copies bad values, so it may identify
    patients. Exit code 1 if something is rejected.
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
        interchanges = answer.interchanges if session.show_values else answer.masked()
        session.write_json({"file": str(file), "written": written, "interchanges": interchanges})
    else:
        for path in written:
            click.echo(path)
        for line in answer.summary():
            click.echo(line)
    sys.exit(CLEAN if answer.accepted else WORK_LEFT)
