"""Rules of the service lines of an 837P (DOMAIN 3.6, 3.11)."""

from claimloop.edi.codes.procedures import is_timed_anesthesia, is_unlisted
from claimloop.edi.rules.diagnoses import diagnosis_codes
from claimloop.edi.rules.rule import rule
from claimloop.edi.rules.scope import Scope, amount
from claimloop.edi.rules.sent import Sent

_MINUTES = "MJ"
_LONGEST_KEPT = 30


def pointers(service: Sent, scope: Scope) -> None:
    """Each pointer of SV107 points at a diagnosis of the claim, each at another one."""
    sent = service.parts(7)
    if len(sent) > 1 and len(set(filter(None, sent))) < len([*filter(None, sent)]):
        scope.say("S683", service, "SV107", service[7])
    diagnoses = None
    for component, pointer in enumerate(sent, start=1):
        if pointer == "1" or not pointer.isdigit():
            continue
        if diagnoses is None:
            diagnoses = {str(position) for hi in scope.claim.all("HI") for position, _, _ in diagnosis_codes(hi)}
        if pointer not in diagnoses:
            scope.say("S682", service, f"SV107-{component}", pointer, found=len(diagnoses))


def measured(service: Sent, scope: Scope) -> None:
    """Anesthesia is counted in minutes; nothing is counted by none of it."""
    procedure, units = service.part(1, 2), amount(service[4])
    if is_timed_anesthesia(procedure) and service[3] and service[3] != _MINUTES:
        scope.say("S684", service, "SV103", service[3])
    if units is not None and units <= 0:
        scope.say("S686", service, "SV104", service[4])


def described(service: Sent, scope: Scope) -> None:
    """An unlisted procedure is described in words."""
    if is_unlisted(service.part(1, 2)) and not service.part(1, 7):
        scope.say("S687", service, "SV101-7")


def place(service: Sent, scope: Scope) -> None:
    """SV105 stands where the line was served in another place than the claim says."""
    if service[5] and (claim := scope.claim.one("CLM")) is not None and claim.part(5, 1) == service[5]:
        scope.say("S685", service, "SV105", service[5])


def control_number(reference: Sent, scope: Scope) -> None:
    """REF*6R names one line of the claim; payers need to keep thirty characters of it."""
    if reference[1] != "6R":
        return
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
    if reference[1] in ("G1", "9F") and not reference[4]:
        for earlier in scope.line.all("REF"):
            if earlier is reference:
                return
            if earlier[1] == reference[1] and not earlier[4]:
                scope.say("S691", reference, "REF01", qualifier=reference[1])
                return


def laboratory(reference: Sent, scope: Scope) -> None:
    """A line names a laboratory's certificate (CLIA) where it is not the claim's."""
    if reference[1] == "X4" and (of_claim := scope.claim.one("REF", "X4")) and of_claim[2] == reference[2]:
        scope.say("S692", reference, "REF02", reference[2])


def drug_quantity(quantity: Sent, scope: Scope) -> None:
    """The quantity of a drug is more than nothing."""
    number = amount(quantity[4])
    if number is not None and number <= 0:
        scope.say("S693", quantity, "CTP04", quantity[4])


RULES = (
    rule(pointers, "S682 S683", "2400 SV1"),
    rule(measured, "S684 S686", "2400 SV1"),
    rule(described, "S687", "2400 SV1"),
    rule(place, "S685", "2400 SV1"),
    rule(control_number, "S688 S689", "2400 REF"),
    rule(authorization, "S691", "2400 REF"),
    rule(laboratory, "S692", "2400 REF"),
    rule(drug_quantity, "S693", "2410 CTP"),
)
