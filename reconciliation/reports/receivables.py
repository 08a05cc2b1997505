"""What payers and patients owe now, by age from the first date of service."""

from datetime import date

import msgspec
from sqlalchemy import ColumnElement, Connection, case, func, select

from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.balances import sum_of
from claimloop.reconciliation.ledger.conditions import is_newest_submission
from claimloop.reconciliation.reports.period import summed

_legs, _lines, _claims, _sendings = schema.legs.c, schema.lines.c, schema.claims.c, schema.sendings.c

BUCKETS = ("0-30", "31-60", "61-90", "91-120", "over 120")
"""Days since the first date of service of a claim. A date after the report's day counts as 0."""

LAST_DAYS = (30, 60, 90, 120)
OVER_90 = 3
"""The first bucket that is older than 90 days."""


class Aged(msgspec.Struct, frozen=True):
    """Balances above zero in cents by bucket, and how many claims have them."""

    amounts: tuple[int, ...] = (0,) * len(BUCKETS)
    claims: tuple[int, ...] = (0,) * len(BUCKETS)

    @property
    def amount(self) -> int:
        """Return the sum of all buckets."""
        return sum(self.amounts)

    @property
    def over_90(self) -> int:
        """Return the sum that is older than 90 days."""
        return sum(self.amounts[OVER_90:])

    def __add__(self, other: "Aged") -> "Aged":
        return Aged(summed(self.amounts, other.amounts), summed(self.claims, other.claims))


class PayerOwes(msgspec.Struct, frozen=True):
    """What a payer owes in cents; `denied` is the part of it that the payer denied."""

    payer_name: str
    owed: Aged
    denied: int


class Receivables(msgspec.Struct, frozen=True):
    """What is owed in cents. A claim counts for the payer that it was last submitted to.

    `payer_credits` and `patient_credits` are the balances below zero. `insurance.amount + payer_credits` is the
    ledger's open balance; `patients.amount + patient_credits + patients_paid` is its patient responsibility.
    """

    insurance: Aged
    denied: int
    payers: tuple[PayerOwes, ...]
    patients: Aged
    payer_credits: int
    patient_credits: int
    patients_paid: int


def receivables(connection: Connection, today: date) -> Receivables:
    """Return the balances in the ledger now, with their ages as of a day."""
    balances = (
        select(
            _lines.claim_id,
            sum_of(accounts.OPEN, accounts.DENIED).label("open"),
            sum_of(accounts.DENIED).label("denied"),
            sum_of(accounts.PATIENT).label("patient"),
            sum_of(accounts.PATIENT_CASH).label("paid"),
        )
        .join_from(schema.lines, schema.legs, _legs.line_id == _lines.id)
        .group_by(_lines.claim_id)
        .subquery()
    )
    bucket = _bucket(today)
    query = (
        select(
            _sendings.payer_name, bucket, _above_zero(balances.c.open), _how_many(balances.c.open),
            func.sum(balances.c.denied), _above_zero(balances.c.patient), _how_many(balances.c.patient),
            func.sum(balances.c.open), func.sum(balances.c.patient), func.sum(balances.c.paid),
        )
        .join_from(balances, schema.claims, _claims.id == balances.c.claim_id)
        .join(schema.sendings, _sendings.claim_id == _claims.id)
        .where(
            (balances.c.open != 0) | (balances.c.patient != 0) | (balances.c.paid != 0),
            is_newest_submission(),
        )
        .group_by(_sendings.payer_name, bucket)
    )  # fmt: skip
    payers: dict[str, Aged] = {}
    denied: dict[str, int] = {}
    patients = Aged()
    payer_credits = patient_credits = patients_paid = 0
    for payer, place, owed, claims, refused, patient, owing, net_open, net_patient, paid in connection.execute(query):
        payers[payer] = payers.get(payer, Aged()) + _in_bucket(place, int(owed), claims)
        denied[payer] = denied.get(payer, 0) + int(refused)
        patients += _in_bucket(place, int(patient), owing)
        payer_credits += int(net_open) - int(owed)
        patient_credits += int(net_patient) - int(patient)
        patients_paid += int(paid)
    by_payer = [PayerOwes(payer, owed, denied[payer]) for payer, owed in payers.items() if owed.amount or denied[payer]]
    return Receivables(
        insurance=sum(payers.values(), Aged()),
        denied=sum(denied.values()),
        payers=tuple(sorted(by_payer, key=lambda each: (-each.owed.amount, each.payer_name))),
        patients=patients,
        payer_credits=payer_credits,
        patient_credits=patient_credits,
        patients_paid=patients_paid,
    )


def bucket_of(days: int) -> int:
    """Return the place in `BUCKETS` of an age in days."""
    return sum(days > last for last in LAST_DAYS)


def _bucket(today: date) -> ColumnElement[int]:
    """Return `bucket_of` for the age of a claim's first date of service, computed by the database."""
    earliest = [date.fromordinal(max(today.toordinal() - days, 1)).isoformat() for days in LAST_DAYS]
    cases = [(_claims.service_from >= day, place) for place, day in enumerate(earliest)]
    return case(*cases, else_=len(LAST_DAYS))


def _above_zero(balance: ColumnElement[int]) -> ColumnElement[int]:
    return func.sum(case((balance > 0, balance), else_=0))


def _how_many(balance: ColumnElement[int]) -> ColumnElement[int]:
    return func.sum(case((balance > 0, 1), else_=0))


def _in_bucket(place: int, amount: int, claims: int) -> Aged:
    return Aged(_at(place, amount), _at(place, int(claims)))


def _at(place: int, figure: int) -> tuple[int, ...]:
    return tuple(figure if bucket == place else 0 for bucket in range(len(BUCKETS)))
