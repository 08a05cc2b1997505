"""Check coordination of benefits in an 837P: decisions of other payers, and the order of payers.

Rules: rules.md#coordination, rules.md#other-payer-balances.

line       SV102 = Σ SVD02 + Σ CAS(2430)                     for each payer that decided on the line
claim      CLM02 = AMT*D + Σ CAS(2320) + Σ CAS(2430)         for each payer
payment    AMT*D = Σ SVD02 − Σ CAS(2320)                     for each payer that decided on all lines
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from claimloop.edi.money import ZERO
from claimloop.edi.rules.rule import rule
from claimloop.edi.rules.scope import Scope, adjustments, amount, code_shown, money
from claimloop.edi.rules.sent import Sent, SentLoop

_ORDER: Final = "PSTABCDEFGH"
_UNKNOWN = "U"
_MEDICARE: Final = frozenset(("MA", "MB"))


def payer_id(other: SentLoop) -> str:
    """Return the payer identifier of a 2320, which the lines repeat in SVD01."""
    return other.text_in("2330B", "NM1", 9)


def decisions(line: SentLoop, payer: str) -> list[SentLoop]:
    """Return a payer's adjudications of a line: more than one 2430 if it split the line."""
    return [decision for decision in line.inner("2430") if decision.text("SVD", 1) == payer]


def _adjusted(loops: list[SentLoop]) -> Decimal:
    return sum((found[4] for loop in loops for found in adjustments(loop.all("CAS"))), ZERO)


def _on_lines(claim: SentLoop, payer: str) -> list[SentLoop]:
    return [decision for line in claim.inner("2400") for decision in decisions(line, payer)]


def named_payer(decision: Sent, scope: Scope) -> None:
    """Check that SVD01 names one of the other payers of the claim."""
    if decision[1] and decision[1] not in map(payer_id, scope.claim.inner("2320")):
        scope.flag("S620", decision, "SVD01", decision[1])


def line_balance(service: Sent, scope: Scope) -> None:
    """Check that a payer's payment and adjustments of a line add up to the charge."""
    charge = amount(service[2])
    if charge is None or "2430" not in scope.line.loops:
        return
    for payer in dict.fromkeys(loop.text("SVD", 1) for loop in scope.line.inner("2430")):
        found = decisions(scope.line, payer)
        paid = [amount(loop.text("SVD", 2)) for loop in found]
        computed = sum((number or ZERO for number in paid), _adjusted(found))
        place = found[0].one("SVD")
        if computed != charge and None not in paid and place is not None:
            facts = {"charge": money(charge), "computed": money(computed), "difference": money(computed - charge)}
            scope.flag("S621", place, "SVD02", **facts)


def claim_balance(other: Sent, scope: Scope) -> None:
    """Check that a payer's payment of the claim, and its adjustments on the claim and its lines, add up to the
    charge.
    """
    claim, payer = scope.claim, payer_id(scope.loop)
    reported = scope.loop.one("AMT", "D")
    paid, charge = amount(reported[2] if reported else ""), amount(claim.text("CLM", 2))
    if reported is None or paid is None or charge is None:
        return
    lines = _on_lines(claim, payer)
    own = _adjusted([scope.loop])
    computed = paid + own + _adjusted(lines)
    paid_on_lines = sum((amount(loop.text("SVD", 2)) or ZERO for loop in lines), ZERO)
    if computed != charge:
        facts = {"charge": money(charge), "computed": money(computed), "difference": money(computed - charge)}
        scope.flag("S622", reported, "AMT02", **facts)
    elif lines and all(decisions(line, payer) for line in claim.inner("2400")) and paid != paid_on_lines - own:
        scope.flag("S623", reported, "AMT02", paid=money(paid), computed=money(paid_on_lines - own))


def same_adjustment_twice(other: Sent, scope: Scope) -> None:
    """Check that an adjustment is reported on the claim or on its lines, never on both."""
    own = adjustments(scope.loop.all("CAS"))
    if not own:
        return
    of_lines: dict[tuple[str, str], Decimal] = {}
    for loop in _on_lines(scope.claim, payer_id(scope.loop)):
        for _, _, group, reason, number in adjustments(loop.all("CAS")):
            of_lines[group, reason] = of_lines.get((group, reason), ZERO) + number
    for sent, position, group, reason, number in own:
        if number and of_lines.get((group, reason)) == number:
            facts = {"group": code_shown(group), "reason": code_shown(reason), "amount": money(number)}
            scope.flag("S624", sent, f"CAS{position:02d}", **facts)


def reported_once(other: Sent, scope: Scope) -> None:
    """Check that the patient's remaining liability is reported on the claim or on its lines, not on both.

    AMT*A8 is sent only if the payer has not adjudicated the claim.
    """
    owed = scope.loop.one("AMT", "EAF")
    if owed is not None and any(loop.one("AMT", "EAF") for loop in _on_lines(scope.claim, payer_id(scope.loop))):
        scope.flag("S625", owed, "AMT01")
    uncovered = scope.loop.one("AMT", "A8")
    if uncovered is not None and scope.loop.one("AMT", "D") is not None:
        scope.flag("S629", uncovered, "AMT01")


def decided(other: Sent, scope: Scope) -> None:
    """Check that a payer that adjudicated the claim reports the date (DTP*573) and the amount paid (AMT*D)."""
    lines = _on_lines(scope.claim, payer_id(scope.loop))
    paid = scope.loop.one("AMT", "D")
    if not (lines or paid or scope.loop.one("CAS")):
        return
    dated = any(loop.one("DTP", "573") for loop in (*scope.loop.inner("2330B"), *lines))
    if not dated:
        scope.flag("S626", other)
    if paid is None and scope.loop.one("AMT", "A8") is None:
        scope.flag("S630", other)


def paid_amount(sent: Sent, scope: Scope) -> None:
    """Check that SVD02 and AMT*D are not negative: reversals are netted first."""
    number = amount(sent[2])
    if number is not None and number < 0:
        scope.flag("S627", sent, f"{sent[0]}02", amount=money(number))


def bundled_lines(claim: Sent, scope: Scope) -> None:
    """Check that SVD06 is the number (LX01) of another line, into which this one was bundled."""
    if "2320" not in scope.claim.loops:
        return
    lines = scope.claim.inner("2400")
    numbers = {line.text("LX", 1) for line in lines}
    for line in lines:
        for decision in (sent for loop in line.inner("2430") for sent in loop.all("SVD")):
            if decision[6] and (decision[6] not in numbers or decision[6] == line.text("LX", 1)):
                scope.flag("S628", decision, "SVD06", decision[6])


def zero_adjustment(sent: Sent, scope: Scope) -> None:
    """Check that no adjustment is zero (rules.md#adjustment-levels)."""
    for _, position, _, _, number in adjustments([sent]):
        if not number:
            scope.flag("S637", sent, f"CAS{position:02d}")


def one_identifier(payer: Sent, scope: Scope) -> None:
    """Check that two other payers do not share an identifier, because SVD01 would then match both."""
    earlier = [loop for loop in map(_payer, scope.claim.inner("2320")) if loop is not None and loop[9] == payer[9]]
    if payer[9] and earlier and earlier[0] is not payer:
        scope.flag("S631", payer, "NM109", payer[9])


def _payer(other: SentLoop) -> Sent | None:
    found = other.inner("2330B")
    return found[0].one("NM1") if found else None


def payer_ranks(claim: Sent, scope: Scope) -> None:
    """Check SBR01: one payer for each payer rank, a primary payer, and no gaps."""
    destination = scope.subscriber.one("SBR")
    if destination is None or (destination[1] == "P" and "2320" not in scope.claim.loops):
        return
    ranks = [destination]
    for position, sent in enumerate(_others(scope.claim), start=1):
        if sent[1] != _UNKNOWN and any(sent[1] == earlier[1] for earlier in ranks[:position]):
            scope.flag("S632", sent, "SBR01", turn=sent[1])
        ranks.append(sent)
    taken = {sent[1] for sent in ranks}
    if _UNKNOWN not in taken and taken <= set(_ORDER):
        missing = [rank for rank in _ORDER[: max(map(_ORDER.index, taken))] if rank not in taken]
        if "P" in missing:
            scope.flag("S633", claim)
        elif missing:
            scope.flag("S634", claim, missing=", ".join(missing))


def medicare_secondary(destination: Sent, scope: Scope) -> None:
    """Check that SBR05 gives the reason if Medicare is not the primary payer."""
    if destination[1] not in ("P", _UNKNOWN) and destination[9] in _MEDICARE and not destination[5]:
        scope.flag("S636", destination, "SBR05")


def earlier_payer(other: Sent, scope: Scope) -> None:
    """Check that a payer that ranks before the destination payer has adjudicated the claim or is reported as not
    covering it.
    """
    destination = scope.subscriber.text("SBR", 1)
    if {destination, other[1]} <= set(_ORDER) and _ORDER.index(other[1]) < _ORDER.index(destination):
        adjudicated = scope.loop.one("CAS") or scope.loop.one("AMT", "D") or scope.loop.one("AMT", "A8")
        if adjudicated is None and not _on_lines(scope.claim, payer_id(scope.loop)):
            scope.flag("S635", other, "SBR01", turn=other[1])


def _others(claim: SentLoop) -> Iterator[Sent]:
    for other in claim.inner("2320"):
        yield from other.all("SBR")


RULES = (
    rule(named_payer, "S620", "2430 SVD"),
    rule(line_balance, "S621", "2400 SV1"),
    rule(claim_balance, "S622 S623", "2320 SBR"),
    rule(same_adjustment_twice, "S624", "2320 SBR"),
    rule(reported_once, "S625 S629", "2320 SBR"),
    rule(decided, "S626 S630", "2320 SBR"),
    rule(bundled_lines, "S628", "2300 CLM"),
    rule(paid_amount, "S627", "2430 SVD, 2320 AMT D"),
    rule(one_identifier, "S631", "2330B NM1"),
    rule(payer_ranks, "S632 S633 S634", "2300 CLM"),
    rule(medicare_secondary, "S636", "2000B SBR"),
    rule(earlier_payer, "S635", "2320 SBR"),
    rule(zero_adjustment, "S637", "2320 CAS, 2430 CAS"),
)
