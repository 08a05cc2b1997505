"""Commands about the code lists."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import click
import msgspec

from claimloop.commands.session import CLEAN, WORK_LEFT, Session, fail, shared

Answer = TypeVar("Answer")


@click.group(invoke_without_command=True)
@shared
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
@shared
def codes_show(session: Session, name: str, code: str | None) -> None:
    """A list, or one code of it and whether it may be used today; exit 1 where it may not.

    Example: claimloop codes show place_of_service 11
    """
    from claimloop.edi.codes import code_list
    from claimloop.edi.codes.diagnoses import diagnosis_status

    today = datetime.now().date()  # noqa: DTZ005
    if name == "diagnoses":
        if code is None:
            fail("diagnoses are too many to list; name one: claimloop codes show diagnoses L57.0")
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
            fail(f"{name} has no code {code}", exit_code=WORK_LEFT)
        sys.exit(CLEAN if known.status(code, today) == "active" else WORK_LEFT)


@codes.command("load")
@click.argument("name", metavar="LIST")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="FILE is the whole list: codes that it does not have are unknown.")
@click.option("--from", "first", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]), help="First day of diagnoses.")
@shared
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
@shared
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
        fail(f"no code list {name}; `claimloop codes` names them")
