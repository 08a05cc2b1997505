"""People, organizations and their identifiers (NM1/N1, N3, N4, PER, REF and PRV), shared by 837P and 835."""

import msgspec


class Address(msgspec.Struct, frozen=True, omit_defaults=True):
    """N3 and N4. `country` is empty for the United States."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    subdivision: str = ""


class Reference(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """REF: an identifier and its qualifier (REF01).

    `payer_id` is REF04-2 after 2U, on a line of an 837P: the other payer that assigned the number.
    """

    qualifier: str
    value: str
    description: str = ""
    payer_id: str = ""


class Contact(msgspec.Struct, frozen=True, omit_defaults=True):
    """PER: `numbers` are pairs of qualifier (TE, EM, FX, EX, UR) and number."""

    function: str = ""
    name: str = ""
    numbers: tuple[tuple[str, str], ...] = ()


class Party(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """NM1 or N1: a person (`entity_type` 1) or an organization (2) in the role `role` (NM101: 85, IL, PR …).

    `name` is a person's last name or an organization's name.
    """

    role: str = ""
    entity_type: str = ""
    name: str = ""
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    id_qualifier: str = ""
    id: str = ""
    address: Address | None = None
    contacts: tuple[Contact, ...] = ()
    references: tuple[Reference, ...] = ()

    @property
    def full_name(self) -> str:
        """Return the name for display, given names first."""
        return " ".join(part for part in (self.first_name, self.middle_name, self.name, self.suffix) if part)


class Provider(Party, frozen=True, omit_defaults=True):
    """A provider of an 837P; `taxonomy` is PRV03."""

    taxonomy: str = ""
