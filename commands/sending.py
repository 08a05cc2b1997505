"""What the commands that send claims share: their options, where claims go, and what they print."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from claimloop.commands.session import CLEAN, WORK_LEFT, Session, fail
from claimloop.edi.counts import counted

if TYPE_CHECKING:
    from claimloop.builders.partner import TradingPartner
    from claimloop.reconciliation.ledger.connection import Ledger
    from claimloop.reconciliation.submissions.outbox import Outbox, SubmitResult

CLAIMS = click.argument("claims", nargs=-1, metavar="[CLAIM…]")
OUTPUT = click.option(
    "-o", "--output", "folder", required=True, metavar="DIR", help="The folder for the claim files to upload.",
    type=click.Path(file_okay=False, path_type=Path),
)  # fmt: skip
SECOND_OPINION = click.option("--second-opinion", is_flag=True, help="Have pyx12 check the finished files too (slow).")
PAYER_CLAIM_NUMBER = click.option(
    "--payer-claim-number",
    default="",
    metavar="NUMBER",
    help="The payer's claim number.  [default: from its latest answer]",
)


def partners_of(session: Session) -> "tuple[TradingPartner, ...]":
    """Return the trading partners of the configuration; without one, nothing can be sent."""
    partners = session.configuration().partners
    if not partners:
        fail("no trading partner: there is no claimloop.toml with a [partner] here; start with `claimloop init`")
    return partners


def claim_ids(ledger: "Ledger", claims: tuple[str, ...]) -> list[int]:
    """Return the ledger's ids of the claims that the user named, each once."""
    from claimloop.reconciliation.claims.states import find_claim

    found: dict[int, str] = {}
    with ledger.reading() as connection:
        for claim in claims:
            claim_id = find_claim(connection, claim)
            if claim_id is None:
                fail(f"no claim {claim} was submitted")
            found[claim_id] = claim
    return list(found)


def outbox(session: Session, ledger: "Ledger", folder: Path, second_opinion: bool) -> "Outbox":
    """Return what `secondary`, `correct` and `void` need to send claims."""
    from claimloop.reconciliation.submissions.outbox import Outbox

    moment = datetime.now()  # noqa: DTZ005
    return Outbox(partners_of(session), ledger, folder, moment, session.report, second_opinion)


def print_submission(session: Session, submission: "SubmitResult") -> None:
    """Print the claim files that were written."""
    if session.json:
        session.write_json(submission)
    elif submission.files:
        names = ", ".join(map(str, submission.files))
        claims, lines = counted(submission.claims, "claim"), counted(submission.lines, "line")
        click.echo(f"{names}: {claims}, {lines}, {submission.charge:,.2f}")


def finish(session: Session, submission: "SubmitResult") -> NoReturn:
    """Print what was sent, and end with exit code 1 where a claim was held."""
    print_submission(session, submission)
    session.say(f"{counted(submission.claims, 'claim')} built, {submission.held:,} held")
    sys.exit(WORK_LEFT if session.errors else CLEAN)
