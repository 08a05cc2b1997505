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
    """Each pointer of SV107 points at a diagnosis of the claim, each at another one."""
    if service[7] == "1":
        return
    sent = service.parts(7)
    if len(set(sent) - _NOTHING) < len(sent) - sent.count(""):
        scope.say("S683", service, "SV107", service[7])
    for component, pointer in enumerate(sent, start=1):
        if pointer not in scope.diagnosed and pointer.isdigit():
            scope.say("S682", service, f"SV107-{component}", pointer, found=len(scope.diagnosed))


def procedure(service: Sent, scope: Scope) -> None:
    """Anesthesia is counted in minutes, an unlisted procedure described, a transport certified (CR1)."""
    match kind_of_procedure(service.part(1, 2)):
        case "anesthesia" if service[3] and service[3] != _MINUTES:
            scope.say("S684", service, "SV103", service[3])
        case "unlisted" if not service.part(1, 7):
            scope.say("S687", service, "SV101-7")
        case "transport" if not (scope.claim.one("CR1") or scope.line.one("CR1")):
            scope.say("S676", service, "SV101-2")


def units(service: Sent, scope: Scope) -> None:
    """Nothing is counted by none of it."""
    number = amount(service[4])
    if number is not None and number <= 0:
        scope.say("S686", service, "SV104", service[4])


def place(service: Sent, scope: Scope) -> None:
    """SV105 stands where the line was served elsewhere than the claim says; a hospital stay has its admission date."""
    if not service[5] or (claim := scope.claim.one("CLM")) is None:
        return
    if claim.part(5, 1) == service[5]:
        scope.say("S685", service, "SV105", service[5])
    elif service[5] == INPATIENT_HOSPITAL and scope.claim.one("DTP", "435") is None:
        scope.say("S666", service, "SV105")


def control_number(reference: Sent, scope: Scope) -> None:
    """REF*6R names one line of the claim; payers need to keep thirty characters of it."""
    if len(reference[2]) > _LONGEST_KEPT:
        scope.say("S689", reference, "REF02", reference[2], found=len(reference[2]), most=_LONGEST_KEPT)
    for line in scope.claim.inner("2400"):
        if line is scope.line:
            return
        earlier = line.one("REF", "6R")
        if earlier is not None and earlier[2] == reference[2]:
            scope.say("S688", reference, "REF02", reference[2])
            return


def authorization(reference: Sent, scope: Scope) -> None:
    """A line has one prior authorization and one referral for the payer that the claim goes to."""
    if not reference[4]:
        for earlier in scope.line.all("REF"):
            if earlier is reference:
                return
            if earlier[1] == reference[1] and not earlier[4]:
                scope.say("S691", reference, "REF01", qualifier=reference[1])
                return


def laboratory(reference: Sent, scope: Scope) -> None:
    """A line names a laboratory's certificate (CLIA) where it is not the claim's."""
    if (of_claim := scope.claim.one("REF", "X4")) is not None and of_claim[2] == reference[2]:
        scope.say("S692", reference, "REF02", reference[2])


def drug_quantity(quantity: Sent, scope: Scope) -> None:
    """The quantity of a drug is more than nothing."""
    number = amount(quantity[4])
    if number is not None and number <= 0:
        scope.say("S693", quantity, "CTP04", quantity[4])


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
