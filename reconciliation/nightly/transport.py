"""The stages that pull files from and push files to the SFTP accounts of the configuration."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import select

from claimloop.edi.diagnostics import UserError
from claimloop.reconciliation.configuration.nightly_settings import SftpAccount
from claimloop.reconciliation.intake import CLAIMS
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.nightly.archive import Arrived, archive
from claimloop.reconciliation.nightly.context import Night, in_one_line
from claimloop.reconciliation.nightly.folders import free_place, look_at, move, sha256_of
from claimloop.reconciliation.nightly.pulling import pull
from claimloop.reconciliation.nightly.pushing import push
from claimloop.reconciliation.nightly.sftp import connect
from claimloop.reconciliation.run_record import Stage
from claimloop.reconciliation.submissions.manifest import manifest_of

_OUTBOX = "outbox"


def pull_files(night: Night, stage: Stage, inbox: Path) -> None:
    """Pull files from the servers into the inbox; an account that fails does not stop the others."""
    for account in night.configuration.sftp:
        if not account.pull:
            continue
        if night.rehearsed:
            stage.count("accounts not asked")
            continue
        try:
            with connect(account, night.edge.environment, night.edge.sleep) as connection:
                pulled = pull(account, connection, inbox, _runs(night), night.settings.settle_seconds)
        except (OSError, UserError) as error:
            stage.fail(in_one_line(error))
            continue
        for each in pulled:
            stage.count(each.outcome)
            night.log("pulled", account=account.name, outcome=each.outcome, file=each.path, problem=each.problem)
            if each.problem:
                stage.fail(each.problem)


def push_files(night: Night, stage: Stage, outboxes: Sequence[Path]) -> None:
    """Push the files of these folders to the accounts of their partners, and archive what was sent.

    Files for a partner without an account stay in the outbox, for staff to upload.
    """
    accounts = [account for account in night.configuration.sftp if account.push]
    for account in accounts:
        files = [path for outbox in outboxes for path in _files_for(night, account, accounts, outbox)]
        if night.rehearsed:
            stage.counts["would be sent"] = stage.counts.get("would be sent", 0) + len(files)
            continue
        if not files:
            continue
        try:
            with connect(account, night.edge.environment, night.edge.sleep) as connection:
                pushed = push(account, connection, files, _runs(night))
        except (OSError, UserError) as error:
            stage.fail(in_one_line(error))
            continue
        for each in pushed:
            stage.count(each.outcome)
            if each.problem:
                stage.fail(each.problem)
            else:
                _archive(night, each.path)


def _files_for(night: Night, account: SftpAccount, accounts: list[SftpAccount], outbox: Path) -> Iterator[Path]:
    """Yield the claim files in the outbox for an account; one without a partner has those of all other partners."""
    named = {each.partner for each in accounts if each.partner}
    submissions = schema.submissions.c
    for path in sorted(outbox.glob("[!.]*")) if outbox.exists() else []:
        with night.ledger.reading() as connection:
            partner = connection.scalar(
                select(submissions.partner).where(
                    submissions.file_name == path.name, submissions.sha256 == sha256_of(path)
                )
            )
        if partner is not None and (partner == account.partner or (not account.partner and partner not in named)):
            yield path


def _archive(night: Night, path: Path) -> None:
    manifest, look = manifest_of(path), look_at(path)
    if manifest.exists():
        move(manifest, free_place(manifest, night.archive / _OUTBOX))
    if look is not None:
        archive(night, Arrived(look, sha256_of(path)), CLAIMS, _OUTBOX, outcome="sent")


def _runs(night: Night) -> Path:
    return Path(night.settings.runs)
