"""Write claims as one 837P transaction set (005010X222A1), segment by segment in the guide's order.

The claims of a set are grouped into the hierarchy (2000A, 2000B, 2000C): by billing provider, below that by subscriber
and payer, below that by patient. Loop 2300 is in `claim`, 2400 in `line`, and the order of repeated segments in
`order`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from claimloop.builders.encounters.check_parties import digits_only
from claimloop.builders.partner import TradingPartner
from claimloop.builders.professional.claim import ClaimTexts
from claimloop.builders.professional.order import (
    BILLING_REFERENCES,
    PAY_TO_PLAN_REFERENCES,
    PAYER_REFERENCES,
    SUBSCRIBER_REFERENCES,
    UnwritableClaim,
)
from claimloop.builders.professional.parties import PartyTexts
from claimloop.builders.professional.texts import Remembered, Texts
from claimloop.edi.dates import write_date
from claimloop.edi.records.claim import Claim, Patient, Subscriber
from claimloop.edi.records.layout import write_elements
from claimloop.edi.records.parties import Address, Party, Provider
from claimloop.edi.syntax.writer import X12Writer

__all__ = ["CLAIMS_PER_PATIENT", "ProfessionalWriter", "UnwritableClaim"]

CLAIMS_PER_PATIENT = 100
"""Loop 2300 has at most 100 repetitions below one HL (005010X222A1)."""

ProviderKey = tuple[Provider, Address | None, Party | None, str]
SubscriberKey = tuple[Party, Subscriber, bool]
Patients = dict[Patient | None, list[Claim]]


class ProfessionalWriter:
    """Write the sets of one file. Texts that repeat in them are spelled once."""

    def __init__(self, writer: X12Writer, partner: TradingPartner) -> None:
        self._writer = writer
        self._partner = partner
        self._texts = Texts(writer)
        self._parties = PartyTexts(self._texts)
        self._claims = ClaimTexts(self._texts, self._parties)
        shape = self._texts.shape
        self._level = shape("HL*%d*%d*%s*%s~")
        self._insured = shape("SBR*%s*%s*%s*%s*%s****%s")
        self._demographics = shape("DMG*D8*%s*%s")
        self._payers: Remembered[Party] = Remembered(lambda payer: self._parties.party(payer, PAYER_REFERENCES))

    def write_set(self, claims: Sequence[Claim], control_number: int, reference_id: str, moment: datetime) -> None:
        """Write one ST…SE with these claims; `control_number` is ST02, `reference_id` BHT03, `moment` BHT04 and BHT05.

        Raises UnwritableClaim where the guide has no place for a value of a claim. The set is then incomplete, and the
        file must be discarded.
        """
        writer, partner = self._writer, self._partner
        writer.begin_set("837", control_number, partner.guide)
        day, time = f"{moment:%Y%m%d}", f"{moment:%H%M}"
        writer.segment("BHT", "0019", "00", reference_id, day, time, partner.transaction_type)
        self._write_submitter_and_receiver()
        for (provider, pay_to_address, pay_to_plan, currency), subscribers in _hierarchy(claims).items():
            number = self._write_billing_provider(provider, pay_to_address, pay_to_plan, currency)
            for (payer, subscriber, _), patients in subscribers.items():
                self._write_subscriber_level(payer, subscriber, patients, number)
        writer.end_set()

    def _write_submitter_and_receiver(self) -> None:
        """Write 1000A and 1000B."""
        writer, submitter, receiver = self._writer, self._partner.submitter, self._partner.receiver
        writer.segment("NM1", "41", "2", submitter.name, "", "", "", "", "46", submitter.id)
        numbers = []
        for qualifier, number in (
            ("TE", digits_only(submitter.phone)),
            ("EM", submitter.email),
            ("FX", digits_only(submitter.fax)),
        ):
            if number:
                numbers += [qualifier, number]
        writer.segment("PER", "IC", submitter.contact_name, *numbers)
        writer.segment("NM1", "40", "2", receiver.name, "", "", "", "", "46", receiver.id)

    def _write_billing_provider(
        self, provider: Provider, pay_to_address: Address | None, pay_to_plan: Party | None, currency: str
    ) -> int:
        """Write 2000A, 2010AA, 2010AB, 2010AC. Return the HL number."""
        parties = self._parties
        number = self._writer.hl(None, "20", has_children=True)
        text = parties.taxonomy("BI", provider.taxonomy)
        if currency:
            text += self._texts.segment("CUR", ("85", currency))
        text += parties.party(provider, BILLING_REFERENCES)
        if pay_to_address:
            text += self._texts.segment("NM1", ("87", provider.entity_type)) + parties.address(pay_to_address)
        if pay_to_plan:
            text += parties.party(pay_to_plan, PAY_TO_PLAN_REFERENCES)
        self._writer.segments(text)
        return number

    def _write_subscriber_level(self, payer: Party, subscriber: Subscriber, patients: Patients, parent: int) -> None:
        """Write 2000B, and below it the claims (the patient is the subscriber) or 2000C with the claims of each
        patient.
        """
        write, claim_text = self._writer.segments, self._claims.claim
        for claims in _portions(patients.get(None, [])):
            _, text = self._subscriber(payer, subscriber, parent, "0")
            write(text + "".join(map(claim_text, claims)))
        if None in patients:
            return
        number, text = self._subscriber(payer, subscriber, parent, "1")
        write(text)
        for patient, all_claims in patients.items():
            for claims in _portions(all_claims):
                if patient is not None:
                    write(self._patient(patient, number) + "".join(map(claim_text, claims)))

    def _subscriber(self, payer: Party, subscriber: Subscriber, parent: int, has_children: str) -> tuple[int, str]:
        """Return the HL number and the text of 2000B, 2010BA, 2010BB."""
        clean, person = self._texts.clean, subscriber.person
        number = self._writer.next_hl()
        insured = self._insured % (
            clean[subscriber.payer_responsibility], clean[subscriber.relationship], clean[subscriber.group_number],
            clean[subscriber.group_name], clean[subscriber.insurance_type], clean[subscriber.claim_filing_indicator],
        )  # fmt: skip
        text = self._level % (number, parent, "22", has_children) + insured.rstrip(self._texts.signs) + self._texts.end
        if subscriber.condition:
            text += self._texts.record(subscriber.condition, "PAT")
        text += self._parties.name(person) + self._parties.address(person.address) + self._born(subscriber)
        if person.references:
            text += self._parties.references(person.references, SUBSCRIBER_REFERENCES)
        if person.contacts:
            text += self._parties.contacts(person.contacts)
        return number, text + self._payers[payer]

    def _patient(self, patient: Patient, parent: int) -> str:
        """Return 2000C and 2010CA."""
        elements = write_elements(patient.condition, "PAT") if patient.condition else [""]
        elements[0] = patient.relationship
        person = patient.person
        text = self._level % (self._writer.next_hl(), parent, "23", "0") + self._texts.segment("PAT", elements)
        text += self._parties.name(person) + self._parties.address(person.address) + self._born(patient)
        return text + self._parties.references(person.references) + self._parties.contacts(person.contacts)

    def _born(self, person: Subscriber | Patient) -> str:
        if not person.birth_date:
            return ""
        text = self._demographics % (write_date(person.birth_date), self._texts.clean[person.sex])
        return text.rstrip(self._texts.signs) + self._texts.end


def _hierarchy(claims: Sequence[Claim]) -> dict[ProviderKey, dict[SubscriberKey, Patients]]:
    """Return billing provider → payer and subscriber → patient → claims, each in the order of its first claim.

    Where the patient is the subscriber, the patient is None.
    """
    providers: dict[ProviderKey, dict[SubscriberKey, Patients]] = {}
    for claim in claims:
        provider = claim.billing_provider, claim.pay_to_address, claim.pay_to_plan, claim.currency
        subscribers = providers.setdefault(provider, {})
        patients = subscribers.setdefault((claim.payer, claim.subscriber, claim.patient is None), {})
        patients.setdefault(claim.patient, []).append(claim)
    return providers


def _portions(claims: list[Claim]) -> Iterator[list[Claim]]:
    """Yield as many claims at a time as may be below one HL."""
    for first in range(0, len(claims), CLAIMS_PER_PATIENT):
        yield claims[first : first + CLAIMS_PER_PATIENT]
