"""What every command shares: the global options, where output goes, how a mistake is reported, exit codes."""

import functools
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
import msgspec

from claimloop.edi.diagnostics import Diagnostic

if TYPE_CHECKING:
    from rich.console import Console

    from claimloop.reconciliation.configuration.load import Configuration
    from claimloop.reconciliation.ledger.connection import Ledger

CLEAN, WORK_LEFT, FAILED = 0, 1, 2

_AT_ONCE = 1000
"""Lines that are printed together."""

READ_ONCE = "is a pipe or a device and can be read only once. Save its content as a file first."
"""Reported for anything that is neither a file nor a folder."""

PIPED_WIDTH = 120
"""Columns of a table where there is no terminal and COLUMNS is not set: wide enough for a log or a mail."""


class InputFile(click.Path):
    """A file that is read more than once (its kind, its findings, its content), so that a pipe cannot be one."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path of a file that exists and can be read again."""
        path = super().convert(value, param, ctx)
        if isinstance(path, Path) and not path.is_file():
            self.fail(f"{path} {READ_ONCE}")
        return path


FILES = click.argument("files", nargs=-1, required=True, metavar="FILE…", type=InputFile())


class Session(msgspec.Struct):
    """The global options, given before or after the command's name, and the errors found so far."""

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
        """Print a line on stderr, unless --quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    def write_json(self, value: object) -> None:
        """Print a JSON value on one line of stdout."""
        click.echo(as_json(value))

    @contextmanager
    def ledger(self, *, create: bool = False) -> Iterator["Ledger"]:
        """Open the ledger of --ledger, else of the configuration, else claimloop.db here."""
        from claimloop.reconciliation.ledger.connection import open_ledger

        ledger = open_ledger(self.ledger_url or self.configuration().ledger, create=create)
        try:
            yield ledger
        finally:
            ledger.close()

    def configuration(self) -> "Configuration":
        """Return the configuration of --config, else of claimloop.toml here, else the defaults."""
        from claimloop.reconciliation.configuration.load import Configuration, load_configuration

        path = self.configuration_path or Path("claimloop.toml")
        if self.configuration_path is None and not path.exists():
            return Configuration()
        return load_configuration(path)

    @contextmanager
    def progress(self, what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Show a progress bar on a terminal, and nothing in a log."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda _done: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda done: bar.update(task, completed=done)


def as_json(value: object) -> bytes:
    """Return a value as JSON; a path is its text."""
    return msgspec.json.encode(value, enc_hook=path_as_text)


def path_as_text(value: object) -> str:
    """Return the text of a path. Raises TypeError for anything else that JSON has no form for."""
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def width() -> int:
    """Return how wide output may be: COLUMNS where it is set, else the terminal, else PIPED_WIDTH."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPED_WIDTH


def console() -> "Console":
    """Return where `show` and `explain` print."""
    from rich.console import Console

    return Console(width=width(), highlight=False, markup=False, emoji=False)


def print_lines(lines: Iterable[str]) -> None:
    """Print lines on stdout, in portions, so that a table of any size is written fast."""
    rest = iter(lines)
    while some := list(islice(rest, _AT_ONCE)):
        click.echo("\n".join(some))


def fail(message: str, *, exit_code: int = FAILED) -> NoReturn:
    """Print a mistake that the user can fix, and end."""
    for line in message.splitlines():
        click.echo(f"claimloop: {line}", err=True)
    sys.exit(exit_code)


_GLOBAL_OPTIONS = (
    click.option(
        "--ledger", "ledger_url", metavar="URL", help="The ledger: sqlite:///FILE or postgresql://USER@HOST/DATABASE."
    ),
    click.option(
        "--config",
        "configuration_path",
        metavar="FILE",
        help="The configuration.  [default: claimloop.toml]",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
    ),
    click.option("--json", "as_json", is_flag=True, help="Print JSON for other programs."),
    click.option("--quiet", is_flag=True, help="Print errors only."),
    click.option("--show-values", is_flag=True, help="Show names and ID numbers of people instead of masking them."),
)
DAY = click.DateTime(formats=["%Y-%m-%d"])
AS_OF = click.option("--as-of", metavar="YYYY-MM-DD", type=DAY, help="The day to count from.  [default: today]")


def shared(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the session. The global options may come before or after the command's name."""

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
