"""Check the service lines of an 837P (rules.md#service-lines, rules.md#line-control-number)."""

from claimloop.edi.codes.procedures import kind_of_procedure
from claimloop.edi.rules.claim_dates import INPATIENT_HOSPITAL
from claimloop.edi.rules.rule import rule
from claimloop.edi.rules.scope import Scope, amount
from claimloop.edi.rules.sent import Sent

_MINUTES = "MJ"
_LONGEST_KEPT = 30
_NOTHING = frozenset(("",))


def pointers(service: Sent, scope: Scope) -> None:
    """Check that each pointer of SV107 points to a diagnosis of the claim, and no two point to the same one."""
    if service[7] == "1":
        return
    sent = service.parts(7)
    if len(set(sent) - _NOTHING) < len(sent) - sent.count(""):
        scope.flag("S683", service, "SV107", service[7])
    for component, pointer in enumerate(sent, start=1):
        if pointer not in scope.diagnosed and pointer.isdigit():
            scope.flag("S682", service, f"SV107-{component}", pointer, found=len(scope.diagnosed))


def procedure(service: Sent, scope: Scope) -> None:
    """Check that anesthesia is in minutes, an unlisted procedure has a description, and a transport a certification
    (CR1).
    """
    match kind_of_procedure(service.part(1, 2)):
        case "anesthesia" if service[3] and service[3] != _MINUTES:
            scope.flag("S684", service, "SV103", service[3])
        case "unlisted" if not service.part(1, 7):
            scope.flag("S687", service, "SV101-7")
        case "transport" if not (scope.claim.one("CR1") or scope.line.one("CR1")):
            scope.flag("S676", service, "SV101-2")


def units(service: Sent, scope: Scope) -> None:
    """Check that the number of units is not zero."""
    number = amount(service[4])
    if number is not None and number <= 0:
        scope.flag("S686", service, "SV104", service[4])


def place(service: Sent, scope: Scope) -> None:
    """Check that SV105 is sent only if it differs from the claim's place of service, and that a hospital stay has an
    admission date.
    """
    if not service[5] or (claim := scope.claim.one("CLM")) is None:
        return
    if claim.part(5, 1) == service[5]:
        scope.flag("S685", service, "SV105", service[5])
    elif service[5] == INPATIENT_HOSPITAL and scope.claim.one("DTP", "435") is None:
        scope.flag("S666", service, "SV105")


def control_number(reference: Sent, scope: Scope) -> None:
    """Check that REF*6R is unique within the claim and has at most the thirty characters that payers must keep."""
    if len(reference[2]) > _LONGEST_KEPT:
        scope.flag("S689", reference, "REF02", reference[2], found=len(reference[2]), most=_LONGEST_KEPT)
    for line in scope.claim.inner("2400"):
        if line is scope.line:
            return
        earlier = line.one("REF", "6R")
        if earlier is not None and earlier[2] == reference[2]:
            scope.flag("S688", reference, "REF02", reference[2])
            return


def authorization(reference: Sent, scope: Scope) -> None:
    """Check that a line has at most one prior authorization and one referral for the destination payer."""
    if not reference[4]:
        for earlier in scope.line.all("REF"):
            if earlier is reference:
                return
            if earlier[1] == reference[1] and not earlier[4]:
                scope.flag("S691", reference, "REF01", qualifier=reference[1])
                return


def laboratory(reference: Sent, scope: Scope) -> None:
    """Check that a line has a laboratory's certificate number (CLIA) only if it differs from the claim's."""
    if (of_claim := scope.claim.one("REF", "X4")) is not None and of_claim[2] == reference[2]:
        scope.flag("S692", reference, "REF02", reference[2])


def drug_quantity(quantity: Sent, scope: Scope) -> None:
    """Check that the quantity of a drug is greater than zero."""
    number = amount(quantity[4])
    if number is not None and number <= 0:
        scope.flag("S693", quantity, "CTP04", quantity[4])


RULES = (
    rule(pointers, "S682 S683", "2400 SV1"),
    rule(procedure, "S676 S684 S687", "2400 SV1"),
    rule(units, "S686", "2400 SV1"),
    rule(place, "S666 S685", "2400 SV1"),
    rule(control_number, "S688 S689", "2400 REF 6R"),
    rule(authorization, "S691", "2400 REF G1, 2400 REF 9F"),
    rule(laboratory, "S692", "2400 REF X4"),
    rule(drug_quantity, "S693", "2410 CTP"),
)
