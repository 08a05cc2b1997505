"""The command line: options in, results on stdout, findings and progress on stderr. No logic of its own."""

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click
import msgspec

from claimloop.edi.diagnostics import Diagnostic, NotX12, UserError, Where
from claimloop.reconciliation.exporting import FORMATS, Format

if TYPE_CHECKING:
    from rich.console import Console

    from claimloop.parsers.tabular import Form
    from claimloop.reconciliation.configuration import Configuration
    from claimloop.reconciliation.ledger import Ledger

Answer = TypeVar("Answer")
CLEAN, WORK_LEFT, FAILED = 0, 1, 2
_FILES = click.argument(
    "files", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


class Session(msgspec.Struct):
    """The global options, wherever on the line they stood, and what was found so far."""

    ledger_url: str | None = None
    configuration_path: Path | None = None
    json: bool = False
    quiet: bool = False
    show_values: bool = False
    errors: int = 0

    def report(self, finding: Diagnostic) -> None:
        """Print a finding on stderr; values of the file are masked unless asked for."""
        self.errors += finding.severity == "error"
        if not (self.quiet and finding.severity != "error"):
            click.echo(finding.render(show_values=self.show_values), err=True)
            if finding.hint and finding.severity == "error" and not self.quiet:
                click.echo(f"    {finding.hint}", err=True)

    def say(self, text: str) -> None:
        """A line for a person, on stderr."""
        if not self.quiet:
            click.echo(text, err=True)

    def write_json(self, value: object) -> None:
        """One JSON value on one line of stdout."""
        click.echo(_as_json(value))

    @contextmanager
    def ledger(self, *, create: bool = False) -> Iterator["Ledger"]:
        """The ledger of --ledger, else of the configuration, else claimloop.db here."""
        from claimloop.reconciliation.ledger import open_ledger

        ledger = open_ledger(self.ledger_url or self.configuration().ledger, create=create)
        try:
            yield ledger
        finally:
            ledger.close()

    def configuration(self) -> "Configuration":
        """The configuration of --config, else of claimloop.toml here, else the defaults."""
        from claimloop.reconciliation.configuration import Configuration, load_configuration

        path = self.configuration_path or Path("claimloop.toml")
        if self.configuration_path is None and not path.exists():
            return Configuration()
        return load_configuration(path)

    @contextmanager
    def progress(self, what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """A progress bar on a terminal; nothing in a log."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda _done: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda done: bar.update(task, completed=done)


def _as_json(value: object) -> bytes:
    return msgspec.json.encode(value, enc_hook=_path_as_text)


def _path_as_text(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _console() -> "Console":
    """Where tables go: as wide as the terminal, or 120 columns."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 120, highlight=False, markup=False, emoji=False)


def _fail(message: str, *, exit_code: int = FAILED) -> NoReturn:
    for line in message.splitlines():
        click.echo(f"claimloop: {line}", err=True)
    sys.exit(exit_code)


_GLOBAL_OPTIONS = (
    click.option("--ledger", "ledger_url", metavar="URL", help="The ledger, as sqlite:///FILE."),
    click.option(
        "--config",
        "configuration_path",
        metavar="FILE",
        help="Configuration [default: claimloop.toml].",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
    ),
    click.option("--json", "as_json", is_flag=True, help="Machine-readable output."),
    click.option("--quiet", is_flag=True, help="Errors only."),
    click.option("--show-values", is_flag=True, help="Show names and numbers of people instead of masking them."),
)


def _shared(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the session, with the global options taken before and behind the command's name alike."""

    def with_session(**options: Any) -> None:
        session = click.get_current_context().ensure_object(Session)
        session.ledger_url = options.pop("ledger_url") or session.ledger_url
        session.configuration_path = options.pop("configuration_path") or session.configuration_path
        session.json |= options.pop("as_json")
        session.quiet |= options.pop("quiet")
        session.show_values |= options.pop("show_values")
        command(session, **options)

    functools.update_wrapper(with_session, command)
    for option in reversed(_GLOBAL_OPTIONS):
        with_session = option(with_session)
    return with_session


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="claimloop")
@_shared
def commands(session: Session) -> None:
    """Close the claim loop: encounters to 837P, 835 to a posted and balanced ledger."""


def main() -> None:
    """Run a command. What the user can mend is one clear line and exit code 2, never a traceback."""
    try:
        commands(prog_name="claimloop")
    except NotX12 as error:
        _fail(f"not X12: {error}")
    except UserError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or 'a file'}: {error.strerror or error}")


@commands.command()
@click.argument("folder", default="claimloop-demo", type=click.Path(file_okay=False, path_type=Path), metavar="[DIR]")
@_shared
def demo(session: Session, folder: Path) -> None:
    """Run the whole loop on the samples, in a fresh folder.

    Example: claimloop demo /tmp/demo
    """
    from claimloop.reconciliation.demo import run_demo
    from claimloop.reconciliation.tables import print_demo
    from claimloop.samples import copy_samples

    if folder.exists() and any(folder.iterdir()):
        _fail(f"{folder} is not empty; the demo wants a fresh folder")
    copy_samples(folder)
    result = run_demo(folder, session.report)
    session.write_json(result) if session.json else print_demo(result, _console())


@commands.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path), metavar="[DIR]")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of an encounter, write nothing.")
@_shared
def init(session: Session, folder: Path, schema: bool) -> None:
    """Write a starter configuration and templates for encounters; files that exist are left alone.

    Example: claimloop init practice && claimloop init --schema > encounter.schema.json
    """
    from claimloop.builders.templates import json_schema
    from claimloop.reconciliation.starting import write_starter

    if schema:
        click.echo(msgspec.json.format(_as_json(json_schema()), indent=2).decode())
        return
    for path, written in write_starter(folder):
        click.echo(f"{path}{'' if written else ' exists, left alone'}")


@commands.command()
@_FILES
@click.option(
    "-o", "--output", "folder", required=True, metavar="DIR", help="Where the file for upload goes.",
    type=click.Path(file_okay=False, path_type=Path),
)  # fmt: skip
@click.option("--again", is_flag=True, help="Send also what was sent before, as a new claim in its place.")
@click.option("--second-opinion", is_flag=True, help="Have pyx12 judge the finished files as well (slow).")
@_shared
def build(session: Session, files: tuple[Path, ...], folder: Path, again: bool, second_opinion: bool) -> None:
    """Build 837P files from encounters (.json, .jsonl, .csv) and record the submission in the ledger.

    Unsendable encounters are refused with all of their findings; the others go out, to the partner of their payer.
    Every file is checked before it is put into its place, with a manifest (JSON) beside it.

    Example: claimloop build encounters.csv -o outbox
    """
    from claimloop.reconciliation.submitting import Wishes, submit_to_each

    partners = session.configuration().partners
    if not partners:
        _fail("no trading partner: there is no claimloop.toml with a [partner] here; start with `claimloop init`")
    with session.ledger(create=True) as ledger, session.progress("encounters") as progress:
        wishes = Wishes(again=again, second_opinion=second_opinion)
        moment = datetime.now()  # noqa: DTZ005
        submission = submit_to_each(files, partners, ledger, folder, moment, session.report, progress, wishes)
    if session.json:
        session.write_json(submission)
    elif submission.files:
        names = ", ".join(map(str, submission.files))
        click.echo(f"{names}: {submission.claims} claims, {submission.lines} lines, {submission.charge:.2f}")
    session.say(
        f"{submission.encounters} encounters: {submission.claims} claims built, {submission.refused} refused, "
        f"{submission.already_sent} sent before"
    )
    sys.exit(WORK_LEFT if session.errors else CLEAN)


@commands.command()
@_FILES
@click.option("--guide/--no-guide", default=True, help="Check against the guide and the rules above it too.")
@click.option(
    "--overlay",
    "overlay_path",
    metavar="FILE",
    help="A companion guide's own rules (TOML).",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--second-opinion", is_flag=True, help="Say what pyx12 says of the file as well (slow).")
@_shared
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


@commands.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--balance", is_flag=True, help="Of an 835, only the sums that do not come out, and what they are made of."
)
@click.option("--all", "every", is_flag=True, help="With --balance: the sums that come out too.")
@_shared
def show(session: Session, file: Path, balance: bool, every: bool) -> None:
    """An 837P or an 835 in words and tables; with --json one JSON object a line.

    Example: claimloop show remit.835 --show-values
    """
    from claimloop.parsers.show import show_file, show_json

    if every and not balance:
        _fail("--all goes with --balance")
    if balance:
        from claimloop.parsers.show_balance import show_balances, show_balances_json

        if session.json:
            show_balances_json(file, sys.stdout.buffer.write, session.report, every=every)
        else:
            show_balances(file, _console(), session.report, every=every)
        return
    if session.json:
        show_json(file, sys.stdout.buffer.write, session.report, show_values=session.show_values)
        return
    show_file(file, _console(), session.report, show_values=session.show_values)


@commands.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, path_type=Path))
@click.option("--to", "form", type=click.Choice(["xml", "json", "x12", "parquet", "csv", "jsonl"]), required=True)
@click.option(
    "-o", "--output", "target", metavar="OUT", type=click.Path(path_type=Path),
    help="The file to write [default: stdout]; for tables the folder.",
)  # fmt: skip
@_shared
def convert(session: Session, files: tuple[Path, ...], form: str, target: Path | None) -> None:
    """X12 to XML or JSON with the guide's names, and back to the same bytes; or many 835 to tables (docs/tables.md).

    The output holds the files' values. For tables, FILE may be a folder.

    Example: claimloop convert claims.837 --to xml -o claims.xml && claimloop convert era/ --to parquet -o tables
    """
    from claimloop.parsers.tabular import FORMS

    table_form = next((known for known in FORMS if known == form), None)
    if table_form is not None:
        if target is None:
            _fail(f"--to {form} writes several files: name a folder with -o DIR")
        _convert_to_tables(session, files, table_form, target)
        return
    if len(files) > 1 or files[0].is_dir():
        _fail(f"--to {form} takes one file")
    if target is not None and target.is_dir():
        _fail(f"{target} is a folder; --to {form} writes one file")
    _convert_one(files[0], form, target)


def _convert_to_tables(session: Session, files: tuple[Path, ...], form: "Form", folder: Path) -> None:
    from claimloop.parsers.tabular import write_tables

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

    known = form_of(file)
    if (known == "x12") == (form == "x12"):
        _fail(f"{file} is {known.upper()}; it can be converted to {'x12' if known != 'x12' else 'xml or json'}")

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


@commands.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("segment", type=click.IntRange(min=1))
@_shared
def explain(session: Session, file: Path, segment: int) -> None:
    """What a segment is: its loop, its elements by the guide's names, what its codes mean, what is wrong with it.

    SEGMENT is the number that findings carry, counted from 1.

    Example: claimloop explain remit.835 17
    """
    from claimloop.parsers.explaining import explain as explain_segment
    from claimloop.parsers.show_explanation import show_explanation

    told = explain_segment(file, segment, show_values=session.show_values)
    session.write_json(told) if session.json else show_explanation(told, _console(), show_values=session.show_values)


@commands.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o", "--output", "folder", required=True, metavar="DIR", help="Where the acknowledgements go.",
    type=click.Path(file_okay=False, path_type=Path),
)  # fmt: skip
@click.option("--control-number", type=click.IntRange(1, 999_999_999), help="First ISA13 [default: from the time].")
@click.option("--accept-errors", is_flag=True, help="Accept sets with errors in them (E instead of R).")
@_shared
def acknowledge(session: Session, file: Path, folder: Path, control_number: int | None, accept_errors: bool) -> None:
    """Answer a file that came in: TA1, and 999 (for 4010: 997) with every error. Exit 1 where something is rejected.

    Element errors carry a copy of the bad value, as the standard asks: the files may name patients.

    Example: claimloop acknowledge inbox/claims.837 -o outbox
    """
    from claimloop.builders.acknowledgement import acknowledge as answer_file
    from claimloop.builders.acknowledgement import control_number_at
    from claimloop.builders.acknowledgement_files import write_answers
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


@commands.command()
@_FILES
@_shared
def receive(session: Session, files: tuple[Path, ...]) -> None:
    """Post remittances (835) to the ledger. The same remittance is posted once, in whatever file it comes.

    Example: claimloop receive inbox/*.835
    """
    from claimloop.parsers.kinds import kind_of
    from claimloop.reconciliation.dispositions import Dispositions
    from claimloop.reconciliation.receiving import receive_835
    from claimloop.reconciliation.tables import print_receipts

    dispositions = Dispositions(session.configuration().dispositions)
    receipts = []
    with session.ledger(create=True) as ledger:
        for path in files:
            try:
                kind = kind_of(path)
                if kind != "835":
                    raise NotX12(
                        f"it is {kind or 'of no kind known here'}; only 835 files are received in this version"
                    )
                with session.progress(path.name, path.stat().st_size) as progress:
                    for receipt in receive_835(path, ledger, dispositions, datetime.now(), session.report, progress):  # noqa: DTZ005
                        receipts.append(receipt)
                        if session.json:
                            session.write_json(receipt)
            except (NotX12, OSError) as error:
                session.errors += 1
                click.echo(f"claimloop: {path}: {error}", err=True)
    if not session.json:
        print_receipts(receipts, _console())
    left = any(receipt.suspense or receipt.outcome in ("held", "incomplete") for receipt in receipts)
    sys.exit(WORK_LEFT if session.errors or left else CLEAN)


@commands.command()
@click.argument("claim", required=False)
@_shared
def status(session: Session, claim: str | None) -> None:
    """Totals of the ledger, or one claim's whole history (by its control number or encounter id).

    Example: claimloop status D1001-1
    """
    from claimloop.reconciliation.history import find_claim, story
    from claimloop.reconciliation.tables import print_story, print_totals
    from claimloop.reconciliation.views import totals

    with session.ledger() as ledger, ledger.reading() as connection:
        if claim is None:
            whole = totals(connection)
            session.write_json(whole) if session.json else print_totals(whole, _console())
            return
        claim_id = find_claim(connection, claim)
        if claim_id is None:
            _fail(f"no claim {claim} was submitted")
        told = story(connection, claim_id)
    session.write_json(told) if session.json else print_story(told, _console())


@commands.command()
@click.argument("what", type=click.Choice(["lines", "claims", "remittances", "suspense", "entries", "denials"]))
@click.option("--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True)
@_shared
def export(session: Session, what: str, form: Format) -> None:
    """The ledger's rows on stdout.

    Example: claimloop export lines --format jsonl > lines.jsonl
    """
    from claimloop.reconciliation import exporting, views

    with session.ledger() as ledger, ledger.reading() as connection:
        count = exporting.export(
            views.VIEWS[what](connection), views.COLUMNS[what], "jsonl" if session.json else form, sys.stdout
        )
    session.say(f"{count} {what}")


@commands.group(invoke_without_command=True)
@_shared
def codes(session: Session) -> None:
    """The code lists: which there are, what a code means, and an owner's newer list.

    Example: claimloop codes
    """
    from claimloop.edi.codes import code_list, shipped
    from claimloop.edi.codes.diagnoses import releases

    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        return
    for name in shipped():
        about = code_list(name).about
        if session.json:
            session.write_json({"name": name, "codes": len(code_list(name)), "about": about})
        else:
            copy = f"{about.date}, loaded over it: {about.loaded}" if about.loaded else about.date
            click.echo(f"{name:<26}{len(code_list(name)):>7}  {copy}")
    for release in releases():
        if session.json:
            about_release = {"source": release.source, "first": release.first, "last": release.last}
            session.write_json({"name": "diagnoses", "codes": len(release), "about": about_release})
        else:
            click.echo(f"{'diagnoses':<26}{len(release):>7}  {release.first} to {release.last}")


@codes.command("show")
@click.argument("name", metavar="LIST")
@click.argument("code", required=False)
@_shared
def codes_show(session: Session, name: str, code: str | None) -> None:
    """A list, or one code of it and whether it may be used today; exit 1 where it may not.

    Example: claimloop codes show place_of_service 11
    """
    from claimloop.edi.codes import code_list
    from claimloop.edi.codes.diagnoses import diagnosis_status

    today = datetime.now().date()  # noqa: DTZ005
    if name == "diagnoses":
        if code is None:
            _fail("diagnoses are too many to list; name one: claimloop codes show diagnoses L57.0")
        status = diagnosis_status(code.upper().replace(".", ""), today)
        session.write_json({"code": code, "status": status}) if session.json else click.echo(f"{code}  {status}")
        sys.exit(CLEAN if status == "billable" else WORK_LEFT)
    known = _known_list(name, code_list)
    for row in known if code is None else filter(None, [known.codes.get(code)]):
        if session.json:
            session.write_json({**msgspec.structs.asdict(row), "status": known.status(row.code, today)})
        else:
            days = f"{row.start or ''}..{row.stop or ''}" if row.start or row.stop else ""
            click.echo(f"{row.code:<6}{known.status(row.code, today):<9}{days:<24}{row.label}".rstrip())
    if code is not None:
        if code not in known:
            _fail(f"{name} has no code {code}", exit_code=WORK_LEFT)
        sys.exit(CLEAN if known.status(code, today) == "active" else WORK_LEFT)


@codes.command("load")
@click.argument("name", metavar="LIST")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="FILE is the whole list: codes that it does not have are unknown.")
@click.option("--from", "first", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]), help="First day of diagnoses.")
@_shared
def codes_load(session: Session, name: str, file: Path, replace: bool, first: datetime | None) -> None:
    """Take an owner's published list (CSV with a column of codes; dates and descriptions where it has them).

    It is kept for this user and laid over the list that claimloop ships. Diagnoses are the files icd10cm-order or
    icd10cm-codes of CMS.

    Example: claimloop codes load claim_adjustment_reasons carc.csv
    """
    from claimloop.edi.codes import load
    from claimloop.edi.codes.diagnoses import load_release

    if name == "diagnoses":
        release = load_release(file, first.date() if first else None)
        click.echo(f"diagnoses: {len(release)} codes for {release.first} to {release.last}")
        return
    today = datetime.now().date()  # noqa: DTZ005
    count = _known_list(name, lambda name: load(name, file, today, replace=replace))
    click.echo(f"{name}: {count} codes from {file}")


@codes.command("forget")
@click.argument("name", metavar="LIST")
@_shared
def codes_forget(session: Session, name: str) -> None:
    """Drop what was loaded for a list: the list that claimloop ships stands again.

    Example: claimloop codes forget claim_adjustment_reasons
    """
    from claimloop.edi.codes import forget
    from claimloop.edi.codes.diagnoses import forget_releases

    forgotten = forget_releases() if name == "diagnoses" else _known_list(name, forget)
    click.echo(f"{name}: {'forgotten' if forgotten else 'nothing was loaded'}")


def _known_list(name: str, ask: Callable[[str], Answer]) -> Answer:
    """What `ask` says about a code list; one line where there is no such list."""
    try:
        return ask(name)
    except KeyError:
        _fail(f"no code list {name}; `claimloop codes` names them")


if __name__ == "__main__":
    main()
