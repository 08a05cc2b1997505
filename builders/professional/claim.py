"""Write loop 2300 of an 837P with its providers (2310) and other payers (2320, 2330). LineTexts writes the lines."""

from claimloop.builders.professional.line import LineTexts
from claimloop.builders.professional.order import (
    CLAIM_CONDITIONS,
    CLAIM_DATES,
    CLAIM_PROVIDERS,
    CLAIM_REFERENCES,
    DIAGNOSES,
    OTHER_PAYERS_PROVIDERS,
    OTHER_PAYERS_REFERENCES,
    check_writable,
    in_order,
)
from claimloop.builders.professional.parties import PartyTexts
from claimloop.builders.professional.texts import Texts
from claimloop.edi.dates import write_date
from claimloop.edi.records.claim import Accident, Claim
from claimloop.edi.records.other_payer import OtherPayer

_CONDITION, _DISABILITY = "BG", "314"


class ClaimTexts:
    """The segments of claims."""

    def __init__(self, texts: Texts, parties: PartyTexts) -> None:
        self._texts = texts
        self._parties = parties
        self._lines = LineTexts(texts, parties)
        self._clean, self._number, self._period = texts.clean, texts.number, texts.period
        shape = texts.shape
        self._start = shape("CLM*%s*%s***%s:B:%s*%s*%s*%s*%s*%s*%s*%s********%s")
        self._date = shape("DTP*%s*%s~")
        self._disability = shape("DTP*314*RD8*%s-%s~")
        self._patient_paid = shape("AMT*F5*%s~")
        self._reference = shape("REF*%s*%s~")

    def claim(self, claim: Claim) -> str:
        """Return 2300 and all below it. Raises UnwritableClaim where the guide has no place for a value."""
        check_writable(claim)
        clean = self._clean
        text = self._start % (
            clean[claim.patient_control_number], self._number[claim.charge], clean[claim.place_of_service],
            clean[claim.frequency], clean[claim.provider_signature], clean[claim.assignment],
            clean[claim.benefits_assigned], clean[claim.release_of_information],
            clean[claim.patient_signature_source], self._accident(claim.accident) if claim.accident else "",
            clean[claim.special_program], clean[claim.delay_reason],
        )  # fmt: skip
        text = text.rstrip(self._texts.signs) + self._texts.end + self._supplements(claim) + self._codes(claim)
        if claim.repricing:
            text += self._texts.record(claim.repricing, "HCP")
        if claim.providers:
            for provider in in_order(claim.providers, lambda each: each.role, CLAIM_PROVIDERS):
                text += self._parties.providers[provider]
        for payer in claim.other_payers:
            text += self._other_payer(payer)
        line = self._lines.line
        for number, each in enumerate(claim.lines, start=1):
            text += line(each, number)
        return text

    def _accident(self, accident: Accident) -> str:
        """Return CLM11. At most two causes have a place before the state."""
        first, second, *_ = (*accident.causes, "", "")
        parts = (first, second, "", accident.state, accident.country)
        component = self._texts.component
        return component.join([self._clean[part] for part in parts]).rstrip(component)

    def _supplements(self, claim: Claim) -> str:
        """Return the segments between CLM and HI: DTP, PWK, CN1, AMT, REF, K3, NTE, CR1, CR2, CRC."""
        texts, text = self._texts, ""
        if claim.dates:
            for qualifier in CLAIM_DATES:
                if qualifier not in claim.dates:
                    continue
                period = claim.dates[qualifier]
                if qualifier == _DISABILITY:  # a period, even for one day (2300 DTP02)
                    text += self._disability % (write_date(period.start), write_date(period.end))
                else:
                    text += self._date % (qualifier, self._period[period])
        for attachment in claim.attachments:
            text += texts.record(attachment, "PWK")
        if claim.contract:
            text += texts.record(claim.contract, "CN1")
        if claim.patient_paid is not None:
            text += self._patient_paid % self._number[claim.patient_paid]
        if claim.references:
            for reference in in_order(claim.references, lambda each: each.qualifier, CLAIM_REFERENCES):
                text += self._reference % (self._clean[reference.qualifier], self._clean[reference.value])
        for information in claim.file_information:
            text += texts.segment("K3", (information,))
        for note in claim.notes:
            text += texts.segment("NTE", (note.qualifier, note.value))
        if claim.ambulance:
            text += texts.record(claim.ambulance, "CR1")
        if claim.spinal_manipulation:
            text += texts.record(claim.spinal_manipulation, "CR2")
        if claim.conditions:
            for condition in in_order(claim.conditions, lambda each: each.category, CLAIM_CONDITIONS):
                text += texts.record(condition, "CRC")
        return text

    def _codes(self, claim: Claim) -> str:
        """Return HI: diagnoses, anesthesia procedures, condition codes."""
        texts, text = self._texts, ""
        if claim.diagnoses:
            first = claim.diagnosis_qualifier
            other = "ABF" if first == "ABK" else "BF"
            codes = [(first, claim.diagnoses[0]), *((other, code) for code in claim.diagnoses[1:])]
            text += texts.code_segments("HI", codes, DIAGNOSES)
        if claim.anesthesia_procedures:
            codes = list(zip(("BP", "BO"), claim.anesthesia_procedures, strict=False))
            text += texts.code_segments("HI", codes, len(codes))
        if claim.condition_codes:
            text += texts.code_segments("HI", [(_CONDITION, code) for code in claim.condition_codes], DIAGNOSES)
        return text

    def _other_payer(self, payer: OtherPayer) -> str:
        """Return 2320 and 2330A-G."""
        texts, parties = self._texts, self._parties
        text = texts.record(payer, "SBR") + texts.adjustments(payer.adjustments)
        for qualifier, amount in (("D", payer.paid), ("A8", payer.noncovered), ("EAF", payer.patient_owes)):
            if amount is not None:
                text += texts.segment("AMT", (qualifier, self._number[amount]))
        text += texts.record(payer, "OI")
        if payer.outpatient:
            text += texts.record(payer.outpatient, "MOA")
        text += parties.party(payer.subscriber)
        text += parties.name(payer.payer) + parties.address(payer.payer.address)
        if payer.decided_on:
            text += texts.segment("DTP", ("573", "D8", write_date(payer.decided_on)))
        text += parties.references(payer.payer.references, OTHER_PAYERS_REFERENCES)
        for provider in in_order(payer.providers, lambda each: each.role, OTHER_PAYERS_PROVIDERS):
            text += parties.providers[provider]
        return text
