"""Check an 835, apart from its balances. The reader checks those (R220 to R224; rules.md#balances)."""

from decimal import Decimal
from typing import Final

from claimloop.edi.money import ZERO
from claimloop.edi.rules.rule import remittance_rule as rule
from claimloop.edi.rules.scope import Scope, adjustments, amount, code_shown, money
from claimloop.edi.rules.sent import Sent

_DENIED = "4"
_REVERSAL = "22"
_FORWARDED: Final = frozenset(("19", "20", "21", "23"))
_NO_PAYMENT = "NON"
_ELECTRONIC: Final = frozenset(("ACH", "BOP", "FWT"))
_ACCOUNTS: Final = (6, 7, 8, 9, 12, 13, 14, 15)
_REFERENCED: Final = frozenset(("72", "AP", "FB", "PI", "WO"))
"""PLB reasons that refer to an earlier or later entry and so need a reference (rules.md#provider-adjustments)."""


def count(claim: Sent, scope: Scope) -> None:
    """Add up the totals of the set: claims and charges of the header, interest, and reversals without a correction."""
    totals = scope.totals
    if totals.header is not scope.header:
        totals.header, totals.claims_of_header, totals.charged_of_header = scope.header, 0, ZERO
    totals.claims_of_header += 1
    totals.charged_of_header += amount(claim[3]) or ZERO
    for sent in scope.claim.all("AMT"):
        if sent[1] == "I":
            totals.interest = (totals.interest or ZERO) + (amount(sent[2]) or ZERO)
    if claim[2] == _REVERSAL:
        totals.reversals[claim[1]] = claim.where("CLP02")
    elif totals.reversals:
        totals.reversals.pop(claim[1], None)


def same_adjustment_twice(claim: Sent, scope: Scope) -> None:
    """Check that the same adjustment is not both on the claim and on its lines (rules.md#adjustment-levels)."""
    own = adjustments(scope.claim.all("CAS"))
    if not own:
        return
    of_lines: dict[tuple[str, str], Decimal] = {}
    for line in scope.claim.inner("2110"):
        for _, _, group, reason, number in adjustments(line.all("CAS")):
            of_lines[group, reason] = of_lines.get((group, reason), ZERO) + number
    for sent, position, group, reason, number in own:
        if number and of_lines.get((group, reason)) == number:
            facts = {"group": code_shown(group), "reason": code_shown(reason), "amount": money(number)}
            scope.flag("S601", sent, f"CAS{position:02d}", **facts)


def signs(claim: Sent, scope: Scope) -> None:
    """Check that a reversal negates every amount (rules.md#reversals), and that no other charge is negative."""
    reversal = claim[2] == _REVERSAL
    charges = [(claim, 3, "charge"), (claim, 4, "payment")]
    for line in scope.claim.inner("2110"):
        service = line.one("SVC")
        if service is not None:
            charges += [(service, 2, "charge"), (service, 3, "payment")]
    for sent, position, what in charges:
        number = amount(sent[position])
        if number is None:
            continue
        element = f"{sent[0]}{position:02d}"
        if reversal and number > 0:
            scope.flag("S603", sent, element, what=what, amount=money(number))
        elif not reversal and number < 0 and what == "charge":
            scope.flag("S605", sent, element, amount=money(number))
    if reversal:
        for loop in (scope.claim, *scope.claim.inner("2110")):
            for sent, position, group, reason, number in adjustments(loop.all("CAS")):
                if number > 0:
                    facts = {"group": code_shown(group), "reason": code_shown(reason), "amount": money(number)}
                    scope.flag("S604", sent, f"CAS{position:02d}", **facts)


def status(claim: Sent, scope: Scope) -> None:
    """Check that CLP02 agrees with the payment, and that a forwarded claim names the payer it was forwarded to."""
    if claim[2] == _DENIED and amount(claim[4]):
        scope.flag("S613", claim, "CLP04", amount=money(amount(claim[4]) or ZERO))
    if claim[2] in _FORWARDED and scope.claim.one("NM1", "TT") is None:
        scope.flag("S612", claim, "CLP02", status=claim[2])


def service_dates(claim: Sent, scope: Scope) -> None:
    """Check that a line has a date, or the claim has one for all its lines, and that a period has two ends."""
    dated = scope.claim.one("DTM", "232") is not None
    for line in scope.claim.inner("2110"):
        given = {sent[1] for sent in line.all("DTM")} & {"150", "151", "472"}
        service = line.one("SVC")
        if service is not None and not given and not dated:
            scope.flag("S616", service)
        elif given in ({"150"}, {"151"}, {"150", "472"}, {"151", "472"}):
            scope.flag("S617", next(sent for sent in line.all("DTM") if sent[1] in ("150", "151")), "DTM01")


def submitted_service(service: Sent, scope: Scope) -> None:
    """Check that SVC06 and SVC07 are sent only if the submitted service differs from the adjudicated one."""
    submitted, units = service.parts(6), amount(service[7])
    if service[6] and submitted[:6] == service.parts(1)[:6]:
        scope.flag("S614", service, "SVC06")
    if units is not None and units == amount(service[5] or "1"):
        scope.flag("S615", service, "SVC07", units=service[7])


def payment(payment: Sent, scope: Scope) -> None:
    """Check that the payment method (BPR04) agrees with the amount (BPR02), and that an electronic payment has its
    accounts.
    """
    number, method = amount(payment[2]), payment[4]
    if number is None:
        return
    if method == _NO_PAYMENT and number:
        scope.flag("S609", payment, "BPR04", amount=money(number))
    elif not number and method and method != _NO_PAYMENT:
        scope.flag("S610", payment, "BPR04", method=code_shown(method))
    elif number and method in _ELECTRONIC:
        for position in _ACCOUNTS:
            if not payment[position]:
                scope.flag("S611", payment, f"BPR{position:02d}", method=method)
                break


def provider_adjustment(sent: Sent, scope: Scope) -> None:
    """Check that no PLB amount is zero, and that a balance that is moved has a reference
    (rules.md#provider-adjustments).
    """
    for position in range(4, 15, 2):
        reason, reference = sent.part(position - 1, 1), sent.part(position - 1, 2)
        if sent[position] and amount(sent[position]) == ZERO:
            scope.flag("S606", sent, f"PLB{position:02d}")
        if reason in _REFERENCED and not reference:
            scope.flag("S618", sent, f"PLB{position - 1:02d}-2", reason=reason)


def interest(trailer: Sent, scope: Scope) -> None:
    """Check that interest of the claims (AMT*I) equals interest paid (PLB L6 with the opposite sign;
    rules.md#interest).
    """
    paid, place = ZERO, None
    for sent in scope.head.all("PLB"):
        for position in range(4, 15, 2):
            if sent.part(position - 1, 1) == "L6":
                paid -= amount(sent[position]) or ZERO
                place = place or (sent, f"PLB{position:02d}")
    reported = scope.totals.interest
    if reported is None:
        if place is not None and paid:
            scope.flag("S608", *place, paid=money(paid))
    elif reported != paid:
        scope.flag("S607", *(place or (trailer, "")), told=money(reported), paid=money(paid))


def reversals_without_correction(_trailer: Sent, scope: Scope) -> None:
    """Check that a correction follows each reversal (rules.md#reversals)."""
    for where in scope.totals.reversals.values():
        scope.flag_at("S602", where)


def summary(sent: Sent, scope: Scope) -> None:
    """Check that TS3 has the count and the sum of the claims under its header."""
    totals = scope.totals
    counted, charged = totals.claims_of_header, totals.charged_of_header
    if totals.header is not scope.header:
        counted, charged = 0, ZERO
    for element, what, declared, computed in (
        ("TS304", "claims", amount(sent[4]), Decimal(counted)),
        ("TS305", "charged", amount(sent[5]), charged),
    ):
        if declared is not None and declared != computed:
            scope.flag("S619", sent, element, what=what, declared=str(declared), computed=str(computed))


RULES = (
    rule(count, "", "2100 CLP"),
    rule(same_adjustment_twice, "S601", "2100 CLP"),
    rule(signs, "S603 S604 S605", "2100 CLP"),
    rule(status, "S612 S613", "2100 CLP"),
    rule(service_dates, "S616 S617", "2100 CLP"),
    rule(submitted_service, "S614 S615", "2110 SVC"),
    rule(payment, "S609 S610 S611", "BPR"),
    rule(provider_adjustment, "S606 S618", "PLB"),
    rule(interest, "S607 S608", "SE"),
    rule(reversals_without_correction, "S602", "SE"),
    rule(summary, "S619", "2000 TS3"),
)
