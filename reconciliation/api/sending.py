"""Encounters to claim files: the only place where the public face asks `submissions`."""

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from claimloop.builders.encounters.encounter import Encounter, NotAnEncounter
from claimloop.builders.partner import TradingPartner
from claimloop.builders.settings import ConfigurationError
from claimloop.edi.diagnostics import Diagnostic, Report
from claimloop.edi.money import to_cents
from claimloop.reconciliation.api.results import ClaimsSent
from claimloop.reconciliation.ledger.connection import Ledger as Database
from claimloop.reconciliation.submissions.outbox import Outbox
from claimloop.reconciliation.submissions.submit import submit

Partners = TradingPartner | Sequence[TradingPartner]


def send_encounters(
    database: Database,
    encounters: Iterable[Encounter],
    partners: Sequence[TradingPartner],
    folder: str | os.PathLike[str],
    moment: datetime,
    report: Report | None,
    *,
    again: bool,
    second_opinion: bool,
) -> ClaimsSent:
    """Send the encounters, and return what became of them. One with a wrong type in it is held like any other error."""
    findings: list[Diagnostic] = []
    say = report or findings.append
    typed, untyped = _typed(encounters, say)
    outbox = Outbox(partners, database, Path(folder), moment, say, second_opinion=second_opinion)
    sent = submit(typed, outbox, again=again)
    return ClaimsSent(
        files=tuple(sent.files), claims=sent.claims, lines=sent.lines, charge=to_cents(sent.charge),
        encounters=sent.encounters + untyped, held=sent.held + untyped, already_sent=sent.already_sent,
        findings=tuple(findings),
    )  # fmt: skip


def partners_for(given: Partners | None, configured: Sequence[TradingPartner]) -> Sequence[TradingPartner]:
    """Return the partners to send to. Raises ConfigurationError where there is none, and TypeError."""
    partners = configured if given is None else (given,) if isinstance(given, TradingPartner) else tuple(given)
    for partner in partners:
        if not isinstance(partner, TradingPartner):
            kind = type(partner).__name__
            raise TypeError(f"a partner must be a TradingPartner, such as load_partner(path) gives, not {kind}")
    if not partners:
        raise ConfigurationError(["no trading partner: pass partners=, or open the ledger by a configuration with one"])
    return partners


def _typed(encounters: object, report: Callable[[Diagnostic], None]) -> tuple[list[Encounter], int]:
    """Return the encounters whose fields all have their types, and the number of the others, which are reported."""
    if isinstance(encounters, str | bytes | os.PathLike) or not isinstance(encounters, Iterable):
        kind = type(encounters).__name__
        raise TypeError(f"encounters must be a list of Encounter, such as read_encounters(path) gives, not {kind}")
    typed: list[Encounter] = []
    untyped = 0
    for each in encounters:
        if not isinstance(each, Encounter):
            raise TypeError(f"encounters must be Encounter records, not {type(each).__name__}")
        try:
            typed.append(each.typed())
        except NotAnEncounter as problem:
            untyped += 1
            for finding in problem.findings:
                report(finding)
    return typed, untyped
