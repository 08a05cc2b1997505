"""Manual entries and the resolution of items in suspense, as one call: the only place where it asks `decisions`."""

from datetime import date, datetime
from typing import Literal, TypeGuard, get_args

from sqlalchemy import Connection

from claimloop.edi.money import from_cents, to_cents
from claimloop.reconciliation.api.arguments import known_name, text_of
from claimloop.reconciliation.api.results import Decision
from claimloop.reconciliation.claims.manual_entries import ManualEntry, Place
from claimloop.reconciliation.decisions.decide import Decider, DecisionError
from claimloop.reconciliation.posting.dispositions import Dispositions

EntryKind = Literal[
    "patient-payment", "patient-refund", "payer-payment", "payer-refund", "recoupment", "write-off", "transfer"
]
"""A manual entry about a claim: money that is not in an 835."""

ResolutionKind = Literal["post", "write-off-suspense", "refund-suspense", "other"]
"""What ends an item in suspense."""

DecisionKind = EntryKind | ResolutionKind


def decide(
    connection: Connection,
    dispositions: Dispositions,
    kind: DecisionKind,
    moment: datetime,
    day: date,
    *,
    item: int | None,
    claim: str,
    line: str,
    cents: int | None,
    reference: str,
    from_: Place | Literal[""],
    to: Place | Literal[""],
    note: str,
) -> Decision:
    """Make a decision inside a writing transaction. Raises DecisionError, TypeError, ValueError."""
    known_name("decision", kind, [*get_args(EntryKind), *get_args(ResolutionKind)])
    for name, text in (("claim", claim), ("line", line), ("reference", reference), ("note", note)):
        text_of(name, text)
    _check_whole("item", item)
    _check_whole("cents", cents)
    decider = Decider(connection, dispositions, moment.isoformat(timespec="seconds"))
    if _is_resolution(kind):
        if item is None:
            raise DecisionError(f"{kind} needs the number of an item in suspense: pass item=")
        if cents is not None or reference or from_ or to:
            raise DecisionError("an item in suspense is resolved as a whole: leave out cents, reference, from_, and to")
        if kind == "post" and not claim:
            raise DecisionError("post needs the claim that the money is for: pass claim=")
        if kind != "post" and (claim or line):
            raise DecisionError(f"{kind} is not about a claim: leave out claim and line")
        made, is_new = decider.end(item, kind, day, claim=claim, line=line, note=note), True
    else:
        if item is not None:
            raise DecisionError(f"{kind} is about a claim: leave out item")
        if not claim or cents is None or not reference:
            raise DecisionError(f"{kind} needs a claim, cents, and a reference, which makes it count once")
        if kind != "transfer" and (from_ or to):
            raise DecisionError(f"{kind} does not move money between balances: leave out from_ and to")
        made = ManualEntry(kind, from_cents(cents), day, reference, claim, line, from_, to, note)
        is_new = decider.take(made)
    return Decision(
        kind=made.kind, amount=to_cents(made.amount), day=made.day, reference=made.reference, item=item,
        claim=made.claim, line=made.line, note=made.note, is_new=is_new,
    )  # fmt: skip


def _is_resolution(kind: DecisionKind) -> TypeGuard[ResolutionKind]:
    return kind in get_args(ResolutionKind)


def _check_whole(name: str, number: object) -> None:
    """Raise TypeError for anything but a whole number or None: Decimal dollars are not cents."""
    if number is not None and (not isinstance(number, int) or isinstance(number, bool)):
        raise TypeError(f"{name} must be a whole number, not {type(number).__name__}")
