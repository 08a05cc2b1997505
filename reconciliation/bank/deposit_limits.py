"""How many business days may pass between an 835 and its deposit, by the payer that either of them names."""

from collections import defaultdict
from collections.abc import Callable
from functools import cache

from sqlalchemy import Connection, select

from claimloop.reconciliation.bank.deposit import Deposit
from claimloop.reconciliation.bank.payer_names import payer_keys
from claimloop.reconciliation.bank.reassociation import RemittancePayment
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.ledger import schema

DepositDays = Callable[[Deposit | RemittancePayment], int]


def deposit_days(connection: Connection, when: AsOf) -> DepositDays:
    """Return a function for the days that a deposit or a remittance may wait.

    Settings name a payer by its id in claims (2010BB), but a remittance has a tax id (TRN03) and a bank a company id.
    So a payer's ids in claims are those of the claims that its remittances paid. If there are several, the fewest days
    count. A payer without such claims is looked up by the id that the remittance or the bank gives.
    """
    for_all = when.limits("", "").deposit_days
    if all(each.deposit_days is None or not (each.partner or each.payer) for each in when.expectations):
        return lambda item: for_all
    known = _payers(connection, when)

    @cache
    def days(company_id: str, name: str) -> int:
        payers = {payer for key in payer_keys(company_id, name) for payer in known.get(key, ())}
        payers = payers or {(when.partner_of(company_id), company_id)}
        return min(when.limits(partner, payer).deposit_days for partner, payer in payers)

    def of(item: Deposit | RemittancePayment) -> int:
        if isinstance(item, Deposit):
            return days(item.payer_company_id, item.company_name or item.description)
        return days(item.payer_id, item.payer_name)

    return of


def _payers(connection: Connection, when: AsOf) -> dict[str, set[tuple[str, str]]]:
    """Return partner and payer id of claims, by the keys of the payers in their remittances."""
    payments, remittances = schema.claim_payments.c, schema.remittances.c
    sendings, submissions = schema.sendings.c, schema.submissions.c
    query = (
        select(
            remittances.payer_id, remittances.payer_name, submissions.partner, submissions.origin, sendings.payer_id,
        )
        .join_from(schema.claim_payments, schema.remittances, remittances.id == payments.remittance_id)
        .join(
            schema.sendings, (sendings.claim_id == payments.claim_id) & (sendings.turn == payments.sequence)
        )
        .join(schema.submissions, submissions.id == sendings.submission_id)
        .distinct()
    )  # fmt: skip
    known: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for company_id, name, partner, origin, payer in connection.execute(query):
        for key in payer_keys(company_id, name):
            known[key].add((partner if origin == "built" else when.partner_of(payer), payer))
    return known
