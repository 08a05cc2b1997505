"""Commands that send claims."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from claimloop.commands.session import CLEAN, FILES, WORK_LEFT, Session, fail, shared

if TYPE_CHECKING:
    from claimloop.builders.partner import TradingPartner
    from claimloop.reconciliation.ledger.connection import Ledger
    from claimloop.reconciliation.submissions.outbox import Outbox, SubmitResult

_NO_PARTNER = "no trading partner: there is no claimloop.toml with a [partner] here; start with `claimloop init`"


@click.command()
@FILES
@click.option(
    "-o", "--output", "folder", required=True, metavar="DIR", help="Where the file for upload goes.",
    type=click.Path(file_okay=False, path_type=Path),
)  # fmt: skip
@click.option("--again", is_flag=True, help="Send also what was sent before, as a new claim in its place.")
@click.option("--second-opinion", is_flag=True, help="Have pyx12 judge the finished files as well (slow).")
@shared
def build(session: Session, files: tuple[Path, ...], folder: Path, again: bool, second_opinion: bool) -> None:
    """Build 837P files from encounters (.json, .jsonl, .csv) and record the submission in the ledger.

    Unsendable encounters are refused with all of their findings; the others go out, to the partner of their payer.
    Every file is checked before it is put into its place, with a manifest (JSON) beside it.

    Example: claimloop build encounters.csv -o outbox
    """
    from claimloop.reconciliation.submissions.outbox import Outbox
    from claimloop.reconciliation.submissions.submit import submit

    partners = _partners(session)
    with session.ledger(create=True) as ledger, session.progress("encounters") as progress:
        moment = datetime.now()  # noqa: DTZ005
        outbox = Outbox(partners, ledger, folder, moment, session.report, second_opinion, progress)
        submission = submit(files, outbox, again=again)
    if session.json:
        session.write_json(submission)
    elif submission.files:
        names = ", ".join(map(str, submission.files))
        click.echo(f"{names}: {submission.claims} claims, {submission.lines} lines, {submission.charge:.2f}")
    session.say(
        f"{submission.encounters} encounters: {submission.claims} claims built, {submission.held} refused, "
        f"{submission.already_sent} sent before"
    )
    sys.exit(WORK_LEFT if session.errors else CLEAN)


_CLAIMS = click.argument("claims", nargs=-1, metavar="[CLAIM…]")
_OUTPUT = click.option(
    "-o", "--output", "folder", required=True, metavar="DIR", help="Where the file for upload goes.",
    type=click.Path(file_okay=False, path_type=Path),
)  # fmt: skip
_OPINION = click.option("--second-opinion", is_flag=True, help="Have pyx12 judge the finished files as well (slow).")
_PAYER_CLAIM_NUMBER = click.option(
    "--payer-claim-number", default="", metavar="NUMBER", help="The payer's own [default: of his newest answer]."
)


@click.command()
@_CLAIMS
@click.option("--all-due", is_flag=True, help="Every claim whose payer has decided and left something to the patient.")
@_OUTPUT
@_OPINION
@shared
def secondary(session: Session, claims: tuple[str, ...], all_due: bool, folder: Path, second_opinion: bool) -> None:
    """Send claims to their next payer (secondary, tertiary), with what the payers before decided.

    CLAIM is a control number or an encounter id. A claim that a payer sent on himself (crossover) is not sent.

    Example: claimloop secondary --all-due -o outbox
    """
    from claimloop.reconciliation.claims.history_for_billing import due_for_next_payer
    from claimloop.reconciliation.submissions.secondary_correct_void import send_to_next_payer

    if bool(claims) == all_due:
        fail("name the claims, or say --all-due")
    with session.ledger() as ledger:
        if all_due:
            with ledger.reading() as connection:
                claim_ids = due_for_next_payer(connection)
        else:
            claim_ids = _claim_ids(ledger, claims)
        _tell(session, send_to_next_payer(claim_ids, _outbox(session, ledger, folder, second_opinion)))


@click.command()
@_CLAIMS
@_PAYER_CLAIM_NUMBER
@_OUTPUT
@_OPINION
@shared
def void(
    session: Session, claims: tuple[str, ...], payer_claim_number: str, folder: Path, second_opinion: bool
) -> None:
    """Take claims back that the payer has decided about (frequency 8). What was charged for them is taken back too.

    Example: claimloop void D1001-1 -o outbox
    """
    from claimloop.reconciliation.submissions.secondary_correct_void import send_voids

    if not claims:
        fail("name the claims")
    if payer_claim_number and len(claims) > 1:
        fail("--payer-claim-number is one claim's")
    with session.ledger() as ledger:
        claim_ids = _claim_ids(ledger, claims)
        outbox = _outbox(session, ledger, folder, second_opinion)
        _tell(session, send_voids(claim_ids, outbox, payer_claim_number))


@click.command()
@_CLAIMS
@click.option(
    "--with", "files", multiple=True, required=True, metavar="FILE", help="The edited encounters (JSON, JSONL, CSV).",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)  # fmt: skip
@click.option("--rejected", is_flag=True, help="The claim was rejected before the payer decided: send it as new.")
@_PAYER_CLAIM_NUMBER
@_OUTPUT
@_OPINION
@shared
def correct(
    session: Session,
    claims: tuple[str, ...],
    files: tuple[Path, ...],
    rejected: bool,
    payer_claim_number: str,
    folder: Path,
    second_opinion: bool,
) -> None:
    """Send edited encounters in the place of their claims (frequency 7, with the payer's claim number).

    Without CLAIM every encounter of the files is meant. The earlier claim stands no longer; the ledger links the two.

    Example: claimloop correct D1001-1 --with edited.json -o outbox
    """
    from claimloop.reconciliation.queries.claim_history import encounter_of
    from claimloop.reconciliation.submissions.secondary_correct_void import send_corrections

    if payer_claim_number and len(claims) != 1:
        fail("--payer-claim-number is one claim's: name it")
    with session.ledger() as ledger:
        claim_ids = _claim_ids(ledger, claims)
        with ledger.reading() as connection:
            only = {encounter_of(connection, claim_id) for claim_id in claim_ids} if claims else None
        outbox = _outbox(session, ledger, folder, second_opinion)
        submission = send_corrections(
            files, outbox, only=only, rejected=rejected, payer_claim_number=payer_claim_number
        )
        if only is not None and submission.encounters < len(only):
            fail("the files hold no encounter with the id of a claim that was named", exit_code=WORK_LEFT)
        _tell(session, submission)


def _claim_ids(ledger: "Ledger", claims: tuple[str, ...]) -> list[int]:
    """The claims that are meant, each once."""
    from claimloop.reconciliation.claims.states import find_claim

    found: dict[int, str] = {}
    with ledger.reading() as connection:
        for claim in claims:
            claim_id = find_claim(connection, claim)
            if claim_id is None:
                fail(f"no claim {claim} was submitted")
            found[claim_id] = claim
    return list(found)


def _partners(session: Session) -> "tuple[TradingPartner, ...]":
    partners = session.configuration().partners
    if not partners:
        fail(_NO_PARTNER)
    return partners


def _outbox(session: Session, ledger: "Ledger", folder: Path, second_opinion: bool) -> "Outbox":
    from claimloop.reconciliation.submissions.outbox import Outbox

    moment = datetime.now()  # noqa: DTZ005
    return Outbox(_partners(session), ledger, folder, moment, session.report, second_opinion)


def _tell(session: Session, submission: "SubmitResult") -> NoReturn:
    """What became of the claims; exit 1 where one stayed behind."""
    if session.json:
        session.write_json(submission)
    elif submission.files:
        names = ", ".join(map(str, submission.files))
        click.echo(f"{names}: {submission.claims} claims, {submission.lines} lines, {submission.charge:.2f}")
    session.say(f"{submission.claims} claims built, {submission.held} refused")
    sys.exit(WORK_LEFT if session.errors else CLEAN)
