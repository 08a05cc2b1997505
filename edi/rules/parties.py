"""Check people, providers and addresses of an 837P (rules.md#billing-provider, rules.md#providers)."""

import re
from typing import Final

from claimloop.edi.records.addresses import is_box, is_domestic
from claimloop.edi.rules.rule import rule
from claimloop.edi.rules.scope import Scope
from claimloop.edi.rules.sent import Sent, SentLoop

_TEN_DIGITS = re.compile(r"[0-9]{10}", re.ASCII)
_NINE_DIGITS = re.compile(r"[0-9]{9}", re.ASCII)
_TAX_NUMBERS: Final = frozenset(("EI", "SY"))
_PHONES: Final = frozenset(("TE", "FX"))
_PERSON, _ORGANISATION = "1", "2"


def billing_identifier(level: Sent, scope: Scope) -> None:
    """Check that the billing provider has an NPI or, if it cannot have one, the payer's own number (REF*G2 or LU of
    2010BB).
    """
    provider = scope.billing.inner("2010AA")
    payer = scope.subscriber.inner("2010BB")
    if not provider or not payer or provider[0].text("NM1", 9):
        return
    name = payer[0].one("NM1")
    if name is not None and not (payer[0].one("REF", "G2") or payer[0].one("REF", "LU")):
        scope.flag("S647", name)


def street(address: Sent, scope: Scope) -> None:
    """Check that the billing provider's address is a street. A post-office box may be the pay-to address."""
    for position in (1, 2):
        if is_box(address[position]):
            scope.flag("S648", address, f"N3{position:02d}", address[position])


def full_zip(city: Sent, scope: Scope) -> None:
    """Check that the ZIP codes of billing provider and service facility have nine digits."""
    if is_domestic(city[4]) and len(city[3]) == 5:
        scope.flag("S649", city, "N403", city[3])


def pay_to(name: Sent, scope: Scope) -> None:
    """Check that a pay-to address differs from the billing provider's address."""
    billing = scope.billing.inner("2010AA")
    if billing and _address(billing[0]) == _address(scope.loop):
        scope.flag("S650", name)


def person_or_organization(name: Sent, scope: Scope) -> None:
    """Check that a person has a first name and an organization does not."""
    if name[2] == _PERSON and name[3] and not name[4]:
        scope.flag("S651", name, "NM104")
    elif name[2] == _ORGANISATION and name[4]:
        scope.flag("S652", name, "NM104", name[4])


def state_and_zip(city: Sent, scope: Scope) -> None:
    """Check that an address in the United States or Canada has a state or province and a postal code."""
    if city[4] in ("", "US", "CA"):
        for position, what in ((2, "state or province"), (3, "postal code")):
            if not city[position]:
                scope.flag("S653", city, f"N4{position:02d}", what=what)


def identifiers(reference: Sent, scope: Scope) -> None:
    """Check that a loop has only one number of each kind, and on a line one for each payer (REF04)."""
    if reference.loop == "2010AA" and reference[1] in _TAX_NUMBERS:
        return  # the guide allows only one
    for earlier in scope.loop.all("REF"):
        if earlier is reference:
            return
        if earlier[1] == reference[1] and earlier[4] == reference[4]:
            scope.flag("S654", reference, "REF01", qualifier=reference[1])
            return


def provider_identifier(name: Sent, scope: Scope) -> None:
    """Check that a provider has an NPI or, if it cannot have one, another number."""
    if not name[9] and scope.loop.one("REF") is None:
        scope.flag("S655", name, "NM109")


def telephone(contact: Sent, scope: Scope) -> None:
    """Check that a telephone or fax number is an area code and a number: ten digits, nothing else."""
    for position in (3, 5, 7):
        if contact[position] in _PHONES and not _TEN_DIGITS.fullmatch(contact[position + 1]):
            scope.flag("S656", contact, f"PER{position + 1:02d}", contact[position + 1])


def tax_number(reference: Sent, scope: Scope) -> None:
    """Check that REF*EI and REF*SY are nine digits without a dash."""
    if not _NINE_DIGITS.fullmatch(reference[2]):
        scope.flag("S657", reference, "REF02", reference[2])


def primary_care(name: Sent, scope: Scope) -> None:
    """Check that a primary care provider (P3) is sent only with a referring provider (DN)."""
    above = scope.claim if name.loop == "2310A" else scope.line
    if name[1] == "P3" and not any(loop.one("NM1", "DN") for loop in above.inner(name.loop)):
        scope.flag("S678", name, "NM101")


def rendering_provider(name: Sent, scope: Scope) -> None:
    """Check that a rendering provider is sent only if it differs from the billing provider."""
    if name[9] and name[9] == scope.billing.text_in("2010AA", "NM1", 9):
        scope.flag("S679", name, "NM109", name[9])


def facility(name: Sent, scope: Scope) -> None:
    """Check that a service facility is sent only if its address differs from the billing provider's."""
    billing = scope.billing.inner("2010AA")
    if billing and _address(billing[0]) == _address(scope.loop):
        scope.flag("S680", name)


def line_provider(name: Sent, scope: Scope) -> None:
    """Check that a provider is sent on a line only if it differs from the claim's."""
    claim_loop = {"2420A": "2310B", "2420C": "2310C", "2420D": "2310D", "2420F": "2310A"}[name.loop]
    for loop in scope.claim.inner(claim_loop):
        earlier = loop.one("NM1", name[1])
        if earlier is not None and name[9] and earlier[9] == name[9]:
            scope.flag("S690", name, "NM109", name[9], loop=claim_loop)


def _address(loop: SentLoop) -> tuple[list[str], list[str]] | None:
    street_line, city = loop.one("N3"), loop.one("N4")
    return (street_line[1:3], city[1:5]) if street_line and city else None


RULES = (
    rule(billing_identifier, "S647", "2000B HL"),
    rule(street, "S648", "2010AA N3"),
    rule(full_zip, "S649", "2010AA N4, 2310C N4, 2420C N4"),
    rule(pay_to, "S650", "2010AB NM1"),
    rule(
        person_or_organization,
        "S651 S652",
        "1000A NM1, 2010AA NM1, 2010BA NM1, 2010CA NM1, 2310A NM1, 2310B NM1, 2310D NM1, 2330A NM1, 2420A NM1, "
        "2420D NM1, 2420E NM1, 2420F NM1",
    ),
    rule(state_and_zip, "S653", "* N4"),
    rule(
        identifiers,
        "S654",
        "2010AA REF, 2010BB REF, 2310A REF, 2310B REF, 2310C REF, 2310D REF, 2330B REF, 2330C REF, 2330D REF, "
        "2330E REF, 2330F REF, 2330G REF, 2420A REF, 2420B REF, 2420C REF, 2420D REF, 2420E REF, 2420F REF",
    ),
    rule(
        provider_identifier,
        "S655",
        "2310A NM1, 2310B NM1, 2310D NM1, 2420A NM1, 2420B NM1, 2420D NM1, 2420E NM1, 2420F NM1",
    ),
    rule(telephone, "S656", "* PER"),
    rule(tax_number, "S657", "2010AA REF EI"),
    rule(primary_care, "S678", "2310A NM1 P3, 2420F NM1 P3"),
    rule(rendering_provider, "S679", "2310B NM1"),
    rule(facility, "S680", "2310C NM1"),
    rule(line_provider, "S690", "2420A NM1, 2420C NM1, 2420D NM1, 2420F NM1"),
)
