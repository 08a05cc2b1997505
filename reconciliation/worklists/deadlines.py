"""The work list `deadlines`: the last days to file a claim with its payer and to appeal a denial. Read only."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import chain, groupby
from operator import attrgetter
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import Connection, Row, select

from claimloop.edi.columns import MONEY, Shown
from claimloop.reconciliation.claims.history_for_billing import claims_due_for_next_payer
from claimloop.reconciliation.configuration.as_of import NOT_YET, AsOf
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.balances import sum_of
from claimloop.reconciliation.ledger.common_columns import ClaimNumber, LineNumber, PayerName, Since
from claimloop.reconciliation.worklists.awaiting_adjudication import undecided
from claimloop.reconciliation.worklists.standing_denials import denied_lines, with_their_denials
from claimloop.reconciliation.worklists.worklist import Worklist

_AT_ONCE = 500
_FILE: Literal["file"] = "file"
_APPEAL: Literal["appeal"] = "appeal"
_PASSED, _SOON = "passed", "soon"
_claims, _lines, _legs, _sendings = schema.claims.c, schema.lines.c, schema.legs.c, schema.sendings.c
_payments, _remittances, _submissions = schema.claim_payments.c, schema.remittances.c, schema.submissions.c
_services, _adjustments = schema.service_payments.c, schema.adjustments.c


class Deadline(msgspec.Struct, frozen=True, gc=False):
    """The last day to file a claim (`file`) or to appeal a denied line (`appeal`). Cents."""

    what: Annotated[str, Shown("text", priority=1, heading="task")]
    claim_control_number: ClaimNumber
    line_control_number: LineNumber
    payer_id: Annotated[str, Shown("id", listed=False)]
    payer_name: PayerName
    amount: Annotated[int, MONEY]
    since: Since
    deadline: Annotated[str, Shown("day", priority=1)]
    days_left: Annotated[int, Shown("count", priority=1)]
    late: Annotated[str, Shown("text", listed=False)]
    said: Annotated[str, Shown("text", priority=2, heading="reason")]
    file: str


class _Deadline(msgspec.Struct, frozen=True, gc=False):
    """A row before it is selected. `since` is an ISO date; the row is listed `warn` days before its `days` are over."""

    what: Literal["file", "appeal"]
    claim_control_number: str
    line_control_number: str | None
    payer_id: str
    payer_name: str
    amount: int
    since: str
    days: int
    warn: int
    said: str
    file: str

    @property
    def day(self) -> int:
        """Return the deadline as an ordinal."""
        return _ordinal(self.since) + self.days


def deadlines(connection: Connection, when: AsOf) -> Iterator[Deadline]:
    """Yield a row for each claim that is not on file with its payer (`file`) and each denied line (`appeal`).

    A row is listed when its deadline is at most `warn_days` away or has passed; with `everything`, all are. It stays
    until the claim is filed, accepted, paid, written off, or replaced.

    Filing counts from the claim's first date of service. If a claim has several dates, the first is the cautious
    choice. Medicare also uses the line's From date of a professional claim (CMS, Medicare Claims Processing Manual,
    chapter 1, 70). A filing deadline applies to claims that the front end rejected, to claims that no 277CA or 835
    reports as received, and to claims that are due to their next payer and were not submitted.

    An appeal counts from the payment date of the remittance with the denial. It is that of the last payer that
    adjudicated the claim. If that payer denied it more than once, the first denial in effect counts.

    The order: the fewest days left first, then the most money.
    """
    today = when.day.toordinal()
    found = []
    for each in chain(_to_file(connection, when), _to_send_on(connection, when), _to_appeal(connection, when)):
        if when.everything or each.day - today <= each.warn:
            found.append(each)
    found.sort(key=lambda each: (each.day, -each.amount))
    for each in found:
        left = each.day - today
        yield Deadline(
            what=each.what,
            claim_control_number=each.claim_control_number,
            line_control_number=each.line_control_number,
            payer_id=each.payer_id,
            payer_name=each.payer_name,
            amount=each.amount,
            since=each.since,
            deadline=date.fromordinal(each.day).isoformat(),
            days_left=left,
            late=_PASSED if left < 0 else _SOON if left <= each.warn else NOT_YET,
            said=each.said,
            file=each.file,
        )


def _to_file(connection: Connection, when: AsOf) -> Iterator[_Deadline]:
    """Yield the submitted claims that no acknowledgement reports as accepted."""
    limits = cache(when.limits)
    for each in undecided(connection, when):
        if each.acknowledgement.accepted or each.reversed_on:
            continue
        of_payer = limits(each.partner, each.payer_id)
        yield _Deadline(
            _FILE, each.claim_control_number, None, each.payer_id, each.payer_name, each.open, each.service_from,
            of_payer.filing_days, of_payer.warn_days, each.acknowledgement.last, each.file,
        )  # fmt: skip


def _to_send_on(connection: Connection, when: AsOf) -> Iterator[_Deadline]:
    """Yield the claims that are due to their next payer and were not submitted."""
    limits = cache(when.limits)
    for some in claims_due_for_next_payer(connection):
        ids = [each.id for each in some]
        left = (
            select(_claims.id, _claims.service_from, sum_of(*accounts.accounts_of("open")))
            .join_from(schema.claims, schema.lines, _lines.claim_id == _claims.id)
            .join(schema.legs, _legs.line_id == _lines.id)
            .where(_claims.id.in_(ids))
            .group_by(_claims.id)
        )
        known = {claim_id: (day, int(cents)) for claim_id, day, cents in connection.execute(left)}
        for each in some:
            day, cents = known[each.id]
            payer = each.claim.other_payers[each.next_payer_rank - 2].payer
            if cents > 0:
                of_payer = limits(when.partner_of(payer.id), payer.id)
                yield _Deadline(
                    _FILE, each.claim.patient_control_number, None, payer.id, payer.name, cents, day,
                    of_payer.filing_days, of_payer.warn_days, f"payer {each.next_payer_rank - 1} adjudicated", "",
                )  # fmt: skip


def _to_appeal(connection: Connection, when: AsOf) -> Iterator[_Deadline]:
    """Yield the lines of which something is still denied, each with the denial that its deadline counts from."""
    limits = cache(when.limits)
    denied = denied_lines()
    query = with_their_denials(
        select(
            denied.c.line_id, denied.c.denied, _lines.line_control_number, _lines.claim_id, _payments.sequence,
            _claims.patient_control_number, _remittances.payment_date, _remittances.payer_id,
            _remittances.payer_name, _remittances.file, _adjustments.group_code, _adjustments.reason,
        ),
        denied,
    ).order_by(
        denied.c.line_id, _payments.sequence.desc(), _remittances.payment_date, _payments.id, _adjustments.ordinal
    )  # fmt: skip
    rows = connection.execute(query.execution_options(yield_per=_AT_ONCE))
    for some in _portions(groupby(rows, attrgetter("line_id"))):
        sent = _sent_to(connection, {lines[0].claim_id for lines in some})
        for lines in some:
            first = lines[0]
            reasons = dict.fromkeys(
                f"{each.group_code}-{each.reason}" for each in lines if each.sequence == first.sequence
            )
            # A crossover: the payer before forwarded the claim, so only the remittance identifies this payer.
            payer_id, payer_name, partner = sent.get(
                (first.claim_id, first.sequence), (first.payer_id, first.payer_name, "")
            )
            of_payer = limits(partner or when.partner_of(payer_id), payer_id)
            yield _Deadline(
                _APPEAL, first.patient_control_number, first.line_control_number, payer_id, payer_name,
                int(first.denied), first.payment_date, of_payer.appeal_days, of_payer.warn_days, " ".join(reasons),
                first.file,
            )  # fmt: skip


def _portions(
    groups: Iterator[tuple[int, Iterator[Row[*tuple[Any, ...]]]]],
) -> Iterator[list[list[Row[*tuple[Any, ...]]]]]:
    """Yield the rows of some hundred lines at a time."""
    some: list[list[Row[*tuple[Any, ...]]]] = []
    for _, rows in groups:
        some.append(list(rows))
        if len(some) == _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _sent_to(connection: Connection, claim_ids: set[int]) -> dict[tuple[int, int], tuple[str, str, str]]:
    """Return payer ID, payer name, and partner by claim and payer rank, of the newest submission.

    The partner of an imported claim is empty.
    """
    query = (
        select(
            _sendings.claim_id, _sendings.turn, _sendings.payer_id, _sendings.payer_name, _submissions.partner,
            _submissions.origin,
        )
        .join_from(schema.sendings, schema.submissions, _submissions.id == _sendings.submission_id)
        .where(_sendings.claim_id.in_(claim_ids))
        .order_by(_sendings.claim_id, _sendings.version)
    )  # fmt: skip
    return {
        (claim_id, turn): (payer_id, payer_name, partner if origin == "built" else "")
        for claim_id, turn, payer_id, payer_name, partner, origin in connection.execute(query)
    }


@cache
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


LIST = Worklist(
    "deadlines",
    Deadline,
    deadlines,
    money="amount",
    title="Deadlines",
    about="timely filing and appeal deadlines",
    one="filing or appeal deadline",
    many="filing or appeal deadlines",
    urgency=1,
)
