"""Write loop 2400 of an 837P and those below it: 2410 drug, 2420 providers, 2430 adjudications, 2440 forms."""

from claimloop.builders.professional.order import (
    CERTIFICATE,
    LINE_CONDITIONS,
    LINE_DATES,
    LINE_NOTES,
    LINE_PROVIDERS,
    LINE_REFERENCES,
    in_order,
)
from claimloop.builders.professional.parties import PartyTexts
from claimloop.builders.professional.texts import Texts
from claimloop.edi.dates import write_date
from claimloop.edi.records.claim_supplements import SupportingForm
from claimloop.edi.records.other_payer import LineAdjudication
from claimloop.edi.records.parties import Reference
from claimloop.edi.records.service_line import Drug, ServiceLine

_MODIFIERS = 4


class LineTexts:
    """The segments of lines."""

    def __init__(self, texts: Texts, parties: PartyTexts) -> None:
        self._texts = texts
        self._parties = parties
        self._clean, self._number, self._period = texts.clean, texts.number, texts.period
        self._pointers: dict[tuple[int, ...], str] = {}
        shape = texts.shape
        self._start = shape("LX*%d~SV1*%s:%s%s*%s*%s*%s*%s**%s")
        self._flags = shape("**%s**%s*%s***%s")
        self._served = shape("DTP*472*%s~")
        self._end, self._signs = texts.end, texts.signs
        self._date = shape("DTP*%s*%s~")
        self._control_number = shape("REF*6R*%s~")

    def line(self, line: ServiceLine, number: int) -> str:
        """Return 2400 with this LX number."""
        clean = self._clean
        procedure = ""
        if line.modifiers or line.description:
            component = self._texts.component
            parts = [clean[modifier] for modifier in line.modifiers]
            if line.description:
                parts += [""] * (_MODIFIERS - len(parts)) + [clean[line.description]]
            procedure = component + component.join(parts)
        pointers = self._pointers.get(line.diagnosis_pointers)
        if pointers is None:
            pointers = self._texts.component.join(map(str, line.diagnosis_pointers))
            self._pointers[line.diagnosis_pointers] = pointers
        text = self._start % (
            number, clean[line.procedure_qualifier], clean[line.procedure], procedure, self._number[line.charge],
            clean[line.unit], self._number[line.units], clean[line.place_of_service], pointers,
        )  # fmt: skip
        if line.emergency or line.epsdt or line.family_planning or line.copay_exempt:
            text += self._flags % (
                "Y" if line.emergency else "", "Y" if line.epsdt else "", "Y" if line.family_planning else "",
                "0" if line.copay_exempt else "",
            )  # fmt: skip
        text = text.rstrip(self._signs) + self._end + self._before_date(line)
        text += self._served % self._period[line.service_date]
        text += self._after_date(line)
        if line.drug:
            text += self._drug(line.drug)
        if line.providers:
            for provider in in_order(line.providers, lambda each: each.role, LINE_PROVIDERS):
                text += self._parties.providers[provider]
        for adjudication in line.adjudications:
            text += self._adjudication(adjudication)
        for form in line.forms:
            text += self._form(form)
        return text

    def _before_date(self, line: ServiceLine) -> str:
        """Return SV5, PWK, CR1, CR3, CRC."""
        texts, text = self._texts, ""
        if line.equipment:
            text += texts.record(line.equipment, "SV5")
        if line.attachments:
            certificates_last = sorted(line.attachments, key=lambda each: each.report_type == CERTIFICATE)
            text += "".join(texts.record(each, "PWK") for each in certificates_last)
        if line.ambulance:
            text += texts.record(line.ambulance, "CR1")
        if line.equipment_certification:
            text += texts.record(line.equipment_certification, "CR3")
        if line.conditions:
            for condition in in_order(line.conditions, lambda each: each.category, LINE_CONDITIONS):
                text += texts.record(condition, "CRC")
        return text

    def _after_date(self, line: ServiceLine) -> str:
        """Return the other DTP, QTY, MEA, CN1, REF, AMT, K3, NTE, PS1, HCP."""
        texts, text = self._texts, ""
        if line.dates:
            for qualifier in LINE_DATES:
                if qualifier in line.dates:
                    text += self._date % (qualifier, self._period[line.dates[qualifier]])
        if line.ambulance_patients is not None:
            text += texts.segment("QTY", ("PT", self._number[line.ambulance_patients]))
        if line.obstetric_anesthesia_units is not None:
            text += texts.segment("QTY", ("FL", self._number[line.obstetric_anesthesia_units]))
        for measurement in line.measurements:
            text += texts.record(measurement, "MEA")
        if line.contract:
            text += texts.record(line.contract, "CN1")
        text += self._references(line)
        if line.sales_tax is not None:
            text += texts.segment("AMT", ("T", self._number[line.sales_tax]))
        if line.postage is not None:
            text += texts.segment("AMT", ("F4", self._number[line.postage]))
        for information in line.file_information:
            text += texts.segment("K3", (information,))
        if line.notes:
            for note in in_order(line.notes, lambda each: each.qualifier, LINE_NOTES):
                text += texts.segment("NTE", (note.qualifier, note.value))
        if line.purchased_service:
            text += texts.record(line.purchased_service, "PS1")
        if line.repricing:
            text += texts.record(line.repricing, "HCP")
        return text

    def _references(self, line: ServiceLine) -> str:
        """Return REF, with the line control number among them."""
        if not line.references:
            return self._control_number % self._clean[line.line_control_number] if line.line_control_number else ""
        own = (Reference("6R", line.line_control_number),) if line.line_control_number else ()
        return self._parties.references((*line.references, *own), LINE_REFERENCES)

    def _drug(self, drug: Drug) -> str:
        """2410."""
        texts = self._texts
        text = texts.segment("LIN", ("", drug.code_qualifier, drug.ndc))
        text += texts.segment("CTP", ("", "", "", self._number[drug.quantity], (drug.unit,)))
        if drug.prescription:
            text += texts.segment("REF", (drug.prescription_qualifier, drug.prescription))
        return text

    def _adjudication(self, decided: LineAdjudication) -> str:
        """2430."""
        texts = self._texts
        text = texts.record(decided, "SVD") + texts.adjustments(decided.adjustments)
        if decided.decided_on:
            text += texts.segment("DTP", ("573", "D8", write_date(decided.decided_on)))
        if decided.patient_owes is not None:
            text += texts.segment("AMT", ("EAF", self._number[decided.patient_owes]))
        return text

    def _form(self, form: SupportingForm) -> str:
        """2440."""
        texts = self._texts
        return texts.record(form, "LQ") + "".join(texts.record(answer, "FRM") for answer in form.answers)
