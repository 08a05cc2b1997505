"""`claimloop codes`: the code lists."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import click
import msgspec

from claimloop.commands.help import command, group
from claimloop.commands.session import CLEAN, DAY, WORK_LEFT, Session, fail, shared
from claimloop.commands.tables.formats import Form, chosen, format_option, write_rows
from claimloop.edi.columns import Shown, columns_of
from claimloop.edi.counts import counted

Answer = TypeVar("Answer")


class _ListRow(msgspec.Struct, frozen=True):
    """A code list."""

    name: Annotated[str, Shown("id", priority=1, heading="list")]
    codes: Annotated[int, Shown("count", priority=1)]
    date: Annotated[str, Shown("text", priority=2)]
    loaded: Annotated[str, Shown("text", priority=3, heading="loaded by you")]


class _CodeRow(msgspec.Struct, frozen=True):
    """One code of a list."""

    code: Annotated[str, Shown("code", priority=1)]
    start: Annotated[str | None, Shown("day", priority=2)]
    stop: Annotated[str | None, Shown("day", priority=2)]
    label: Annotated[str, Shown("text", priority=1, heading="meaning")]
    status: Annotated[str, Shown("text", priority=1)]


@group(
    examples=[
        "claimloop codes",
        "claimloop codes show place_of_service 11",
    ],
    invoke_without_command=True,
)
@format_option()
@shared
def codes(session: Session, form: Form | None) -> None:
    """Look up code lists, or load newer ones.

    Without a command, lists the code lists with the date of each.
    """
    from claimloop.edi.codes import code_list, shipped
    from claimloop.edi.codes.diagnoses import releases

    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        return
    rows: list[_ListRow] = []
    for name in shipped():
        about = code_list(name).about
        rows.append(_ListRow(name, len(code_list(name)), about.date, about.loaded))
        if session.json:
            session.write_json({"name": name, "codes": len(code_list(name)), "about": about})
    for release in releases():
        days = f"{release.first} to {release.last}"
        rows.append(_ListRow("diagnoses", len(release), days, ""))
        if session.json:
            about_release = {"source": release.source, "first": release.first, "last": release.last}
            session.write_json({"name": "diagnoses", "codes": len(release), "about": about_release})
    if session.json:
        return
    write_rows(rows, _ListRow, form or "table")


@command("show", examples=["claimloop codes show place_of_service 11", "claimloop codes show diagnoses L57.0"])
@click.argument("name", metavar="LIST")
@click.argument("code", required=False)
@format_option()
@shared
def codes_show(session: Session, name: str, code: str | None, form: Form | None) -> None:
    """Show a code list, or one code and whether it is valid today.

    Exit code 1 if the code is not valid today.
    """
    from claimloop.edi.codes import code_list
    from claimloop.edi.codes.diagnoses import diagnosis_status

    today = datetime.now().date()  # noqa: DTZ005
    if name == "diagnoses":
        if code is None:
            fail("there are too many diagnoses to list; name one: claimloop codes show diagnoses L57.0")
        status = diagnosis_status(code.upper().replace(".", ""), today)
        session.write_json({"code": code, "status": status}) if session.json else click.echo(f"{code}  {status}")
        sys.exit(CLEAN if status == "billable" else WORK_LEFT)
    known = _known_list(name, code_list)
    wanted = known if code is None else filter(None, [known.codes.get(code)])
    rows = [_CodeRow(**msgspec.to_builtins(row), status=known.status(row.code, today)) for row in wanted]
    if rows:
        by_name = {column.name: column for column in columns_of(_CodeRow)}
        in_order = [by_name[name] for name in ("code", "status", "start", "stop", "label")]
        write_rows(rows, _CodeRow, chosen(session, form), in_order)
    if code is not None:
        if code not in known:
            fail(f"{name} has no code {code}", exit_code=WORK_LEFT)
        sys.exit(CLEAN if known.status(code, today) == "active" else WORK_LEFT)


@command("load", examples=["claimloop codes load claim_adjustment_reasons carc.csv"])
@click.argument("name", metavar="LIST")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="FILE is the complete list: codes that it does not have become unknown.")
@click.option("--from", "first", metavar="YYYY-MM-DD", type=DAY, help="The first day of a diagnosis list.")
@shared
def codes_load(session: Session, name: str, file: Path, replace: bool, first: datetime | None) -> None:
    """Load a newer list that its owner published.

    FILE is CSV with a column of codes, and with dates and descriptions where the list has them. Diagnoses are the files
    icd10cm-order or icd10cm-codes from CMS. The list is kept for this user and overrides the one in claimloop.
    """
    from claimloop.edi.codes import load
    from claimloop.edi.codes.diagnoses import load_release

    if name == "diagnoses":
        release = load_release(file, first.date() if first else None)
        click.echo(f"diagnoses: {counted(len(release), 'code')} for {release.first} to {release.last}")
        return
    today = datetime.now().date()  # noqa: DTZ005
    count = _known_list(name, lambda name: load(name, file, today, replace=replace))
    click.echo(f"{name}: {counted(count, 'code')} from {file}")


@command("forget", examples=["claimloop codes forget claim_adjustment_reasons"])
@click.argument("name", metavar="LIST")
@shared
def codes_forget(session: Session, name: str) -> None:
    """Remove a loaded list.

    The list in claimloop is in effect again.
    """
    from claimloop.edi.codes import forget
    from claimloop.edi.codes.diagnoses import forget_releases

    forgotten = forget_releases() if name == "diagnoses" else _known_list(name, forget)
    click.echo(f"{name}: {'the loaded list was removed' if forgotten else 'no list was loaded'}")


def _known_list(name: str, ask: Callable[[str], Answer]) -> Answer:
    """Return what `ask` returns for a code list, or end with one line where there is no such list."""
    try:
        return ask(name)
    except KeyError:
        fail(f"there is no code list {name}; `claimloop codes` lists them")


for _command in (codes_show, codes_load, codes_forget):
    codes.add_command(_command)
