"""Write parties of an 837P: NM1 with the segments that follow it, in any of its loops."""

from collections.abc import Sequence

from claimloop.builders.professional.order import Limits, in_order
from claimloop.builders.professional.texts import Remembered, Texts
from claimloop.edi.records.parties import Address, Contact, Party, Provider, Reference

_NO_ORDER: Limits = {}


class PartyTexts:
    """The segments of parties. Those of providers and payers repeat, so they are remembered."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._clean, self._end, self._signs = texts.clean, texts.end, texts.signs
        self._name = texts.shape("NM1*%s*%s*%s*%s*%s**%s*%s*%s")
        self._street = texts.shape("N3*%s*%s")
        self._city = texts.shape("N4*%s*%s*%s*%s***%s")
        self._taxonomy = texts.shape("PRV*%s*PXC*%s~")
        self.providers: Remembered[Provider] = Remembered(self._provider)

    def name(self, party: Party) -> str:
        """NM1."""
        clean = self._clean
        text = self._name % (
            clean[party.role], clean[party.entity_type], clean[party.name], clean[party.first_name],
            clean[party.middle_name], clean[party.suffix], clean[party.id_qualifier] if party.id else "",
            clean[party.id],
        )  # fmt: skip
        return text.rstrip(self._signs) + self._end

    def address(self, address: Address | None) -> str:
        """Return N3 and N4; an empty text where there is no address."""
        if address is None:
            return ""
        clean = self._clean
        signs, end = self._signs, self._end
        street = self._street % (clean[address.line1], clean[address.line2])
        city = self._city % (
            clean[address.city], clean[address.state], clean[address.postal_code], clean[address.country],
            clean[address.subdivision],
        )  # fmt: skip
        return street.rstrip(signs) + end + city.rstrip(signs) + end

    def taxonomy(self, code: str, taxonomy: str) -> str:
        """Return PRV; an empty text where there is no taxonomy code."""
        return self._taxonomy % (code, self._clean[taxonomy]) if taxonomy else ""

    def references(self, references: Sequence[Reference], order: Limits = _NO_ORDER) -> str:
        """Return REF in the guide's order."""
        return "".join(self.reference(each) for each in in_order(references, lambda each: each.qualifier, order))

    def reference(self, reference: Reference) -> str:
        """Return one REF, on a line with the payer that assigned the number."""
        payer = ("2U", reference.payer_id) if reference.payer_id else ""
        return self._texts.segment("REF", (reference.qualifier, reference.value, reference.description, payer))

    def contacts(self, contacts: Sequence[Contact]) -> str:
        """PER."""
        return "".join(
            self._texts.segment("PER", (each.function, each.name, *(part for pair in each.numbers for part in pair)))
            for each in contacts
        )

    def party(self, party: Party, order: Limits = _NO_ORDER) -> str:
        """Return NM1, N3, N4, REF, PER: all that a party without a taxonomy code may have."""
        text = self.name(party)
        if party.address is not None:
            text += self.address(party.address)
        if party.references:
            text += self.references(party.references, order)
        if party.contacts:
            text += self.contacts(party.contacts)
        return text

    def _provider(self, provider: Provider) -> str:
        """Return one of 2310, 2330C-G or 2420."""
        return (
            self.name(provider)
            + self.taxonomy("PE", provider.taxonomy)
            + self.address(provider.address)
            + self.references(provider.references)
            + self.contacts(provider.contacts)
        )
