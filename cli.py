"""The command line: options in, results on stdout, findings and progress on stderr. No logic of its own."""

import gc

import click

from claimloop.commands.acknowledge import acknowledge
from claimloop.commands.audit import audit
from claimloop.commands.build import build
from claimloop.commands.codes import codes
from claimloop.commands.convert import convert
from claimloop.commands.correct import correct
from claimloop.commands.demo import demo
from claimloop.commands.enter import enter
from claimloop.commands.explain import explain
from claimloop.commands.export import export
from claimloop.commands.help import group
from claimloop.commands.init import init
from claimloop.commands.migrate import migrate
from claimloop.commands.nightly import nightly
from claimloop.commands.receive import receive
from claimloop.commands.report import report
from claimloop.commands.resolve import resolve
from claimloop.commands.secondary import secondary
from claimloop.commands.session import Session, fail, shared
from claimloop.commands.show import show
from claimloop.commands.simulate import simulate
from claimloop.commands.status import status
from claimloop.commands.validate import validate
from claimloop.commands.void import void
from claimloop.commands.worklist import worklist
from claimloop.edi.diagnostics import NotX12, UserError

SECTIONS: dict[str, tuple[click.Command, ...]] = {
    "Start": (demo, init, nightly),
    "Send": (build, secondary, correct, void),
    "Receive": (receive,),
    "Work": (worklist, resolve, enter),
    "Analyze": (status, report, export),
    "Files": (validate, show, explain, convert, acknowledge, simulate),
    "Maintain": (audit, migrate, codes),
}
"""The commands, in the sections and the order of `claimloop --help`."""


@group(
    examples=["claimloop demo practice"],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(package_name="claimloop")
@shared
def commands(session: Session) -> None:
    """Close the claim loop: encounters to 837P claim files, 835 remittances to a ledger that balances.

    `claimloop COMMAND --help` shows the options of a command, and examples that work in the folder of the demo.
    """


for _commands in SECTIONS.values():
    for _command in _commands:
        commands.add_command(_command)
commands.sections = tuple(
    (heading, tuple(command.name or "" for command in some)) for heading, some in SECTIONS.items()
)


def collect_rarely() -> None:
    """Let Python look for unreachable cycles less often than it would.

    Records are made by the hundred thousand, and none of them is in a cycle. Looking at them again and again would take
    a tenth of the time of `receive`.
    """
    gc.set_threshold(20_000)


def main() -> None:
    """Run a command. A mistake that the user can fix is one clear line and exit code 2, never a traceback."""
    collect_rarely()
    try:
        commands(prog_name="claimloop")
    except NotX12 as error:
        fail(f"not X12: {error}")
    except UserError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or 'a file'}: {error.strerror or error}")


if __name__ == "__main__":
    main()
