"""The command line: options in, results on stdout, findings and progress on stderr. No logic of its own."""

import gc

import click

from claimloop.commands import codes, decisions, files, ledger, nightly, report, send, simulate, start
from claimloop.commands.session import Session, fail, shared
from claimloop.edi.diagnostics import NotX12, UserError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="claimloop")
@shared
def commands(session: Session) -> None:
    """Close the claim loop: encounters to 837P, 835 to a posted and balanced ledger."""


for _command in (
    start.demo,
    start.init,
    send.build,
    send.secondary,
    send.correct,
    send.void,
    files.validate,
    files.show,
    files.convert,
    files.explain,
    files.acknowledge,
    ledger.receive,
    ledger.status,
    ledger.export,
    ledger.worklist,
    ledger.audit,
    ledger.migrate,
    decisions.resolve,
    decisions.enter,
    nightly.nightly,
    report.report,
    codes.codes,
    simulate.simulate,
):
    commands.add_command(_command)


def collect_rarely() -> None:
    """Let Python look for unreachable cycles less often than it would.

    Records are made by the hundred thousand, none of them in a cycle: to look at them again and again takes a tenth
    of `receive`.
    """
    gc.set_threshold(20_000)


def main() -> None:
    """Run a command. What the user can mend is one clear line and exit code 2, never a traceback."""
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
