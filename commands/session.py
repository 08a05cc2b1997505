"""What every command shares: the global options, where output goes, how a mistake is said, exit codes."""

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

READ_ONCE = "is a pipe or a device, which can be read once only; save what it gives as a file."
"""Said of what is no file and no folder."""


class InputFile(click.Path):
    """A file that is read more than once (its kind, its findings, its content), so a pipe is refused in words."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path of a file that is there and can be read again."""
        path = super().convert(value, param, ctx)
        if isinstance(path, Path) and not path.is_file():
            self.fail(f"{path} {READ_ONCE}")
        return path


FILES = click.argument("files", nargs=-1, required=True, metavar="FILE…", type=InputFile())


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
        click.echo(as_json(value))

    @contextmanager
    def ledger(self, *, create: bool = False) -> Iterator["Ledger"]:
        """The ledger of --ledger, else of the configuration, else claimloop.db here."""
        from claimloop.reconciliation.ledger.connection import open_ledger

        ledger = open_ledger(self.ledger_url or self.configuration().ledger, create=create)
        try:
            yield ledger
        finally:
            ledger.close()

    def configuration(self) -> "Configuration":
        """The configuration of --config, else of claimloop.toml here, else the defaults."""
        from claimloop.reconciliation.configuration.load import Configuration, load_configuration

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


def as_json(value: object) -> bytes:
    return msgspec.json.encode(value, enc_hook=path_as_text)


def path_as_text(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def console() -> "Console":
    """Where tables go: as wide as the terminal, or 120 columns."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 120, highlight=False, markup=False, emoji=False)


def fail(message: str, *, exit_code: int = FAILED) -> NoReturn:
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
        help="Configuration [default: claimloop.toml].",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
    ),
    click.option("--json", "as_json", is_flag=True, help="Machine-readable output."),
    click.option("--quiet", is_flag=True, help="Errors only."),
    click.option("--show-values", is_flag=True, help="Show names and numbers of people instead of masking them."),
)


def shared(command: Callable[..., None]) -> Callable[..., None]:
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
