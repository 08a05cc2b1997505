"""Which values of a finding may be shown: those of fields that are not about a person.

Both must hold: the field is listed here, and the value has the form of the field. The form matters because a broken
file can have a name, a member ID, or a birth date in any field. So the forms leave out everything that a patient's data
could look like: a run of six or more digits is an amount only with a decimal point, and a code of three letters is not
shown.
A field that is not listed stays masked.
"""

import re

_AMOUNT = r"[-+]?\$?(\d{1,5}|\d{0,7}\.\d{0,5}|\d{1,3}(,\d{3})+(\.\d*)?)"
_CODE = r"[A-Z0-9]{1,2}|(?=[A-Z]*\d)[A-Z0-9]{3,4}"
_POINTERS = r"[A-Z]|\d{1,2}(:\d{1,2}){0,3}"
_PROCEDURE = r"[A-Za-z]?\d{3,5}[A-Za-z]?(-[A-Z0-9]{2})?"
_DIAGNOSIS = r"[A-Za-z]\d[A-Za-z0-9](\.?[A-Za-z0-9]{1,4})?|\d{3}(\.\d{1,2})?|[A-Za-z0-9]{2,3}\.[A-Za-z0-9]{1,4}"
_TAXONOMY = r"\d{3}[A-Z]\d{4,5}[A-Z]?"
_NPI = r"[12]\d{9}"
_PAYER_ID = r"\d|(?=[A-Z]*\d)[A-Z0-9]{5}"
_CLIA = r"\d{2}D\d{6,8}"
_NDC = r"\d{4,5}-\d{3,4}-\d{1,2}|\d{11}"
_STATE = r"[A-Z]{2}"
_ZIP = r"\d{1,5}"

_AMOUNTS_OF_CAS = "|".join(f"{position:02d}" for position in range(3, 20) if position % 3 != 2)
_REASONS_OF_CAS = "|".join(f"{position:02d}" for position in (1, *range(2, 18, 3)))
_PROVIDER_LOOPS = "2010AA|2010AB|2310[A-F]|2330[C-G]|2420[A-H]|2500A|2600"
_PAYER_LOOPS = "2010BB|2330B"
_PRACTICE = r"(billing_provider|service_facility|pay_to_address|pay_to_plan)(\.address|_address)?[._]"

_FIELDS = tuple(
    (re.compile(field), re.compile(form))
    for field, form in (
        # X12 elements; a loop before the element where the same element can be a person's.
        (rf"\S* (CLM02|AMT02|QTY02|CAS({_AMOUNTS_OF_CAS})|SV10[24]|SV50[2-6]|SVD0[25]|CTP04)", _AMOUNT),
        (r"\S* HCP(0[2-8]|1[12])", _AMOUNT),
        (r"\S* (BPR02|CLP0[345]|SVC0[2357]|PLB(0[468]|1[024])|TS3(0[4-9]|1\d|2\d)|TS2(0\d|1\d)|M[IO]A\d\d)", _AMOUNT),
        (r"\S* (SV107(-\d)?|SVD06)", _POINTERS),
        (r"\S* (SV101|SVC01|SVC06|SVD03|SV501)-2", _PROCEDURE),
        (r"\S* (SV101|SVC01|SVC06|SVD03)-[1345678]", r"[A-Z0-9]{1,2}"),
        (r"\S* HI\d\d-2", _DIAGNOSIS),
        (rf"\S* (CAS({_REASONS_OF_CAS})|PLB\d\d-1|SVC04|SVD04|HI\d\d-1|LQ0[12])", _CODE),
        (r"\S* (CLM05-[123]|CLM0[6-9]|CLM1[0-2](-\d)?|CLM20|SBR0[1259]|SV10[35]|OI0\d|CLP0[268])", _CODE),
        (r"\S* (PWK0[12]|CR10[134]|NM10[128]|REF01|DTP0[12]|DTM01|AMT01|QTY01)", _CODE),
        (r"\S* (HL0[1-4]|LX01|PER0[1357]|N10[13]|PRV0[12]|BHT0[126])", _CODE),
        (r"\S* (BPR0[134]|TA104|IK304|IK403|IK501|AK901|AK501|STC01-[123]|STC03)", _CODE),
        (r"\S* PRV03", _TAXONOMY),
        (rf"({_PROVIDER_LOOPS}) NM109|1000B N104", _NPI),
        (rf"({_PAYER_LOOPS}) NM109|\S* SVD01", _PAYER_ID),
        (r"(2300|2400) REF02", _CLIA),
        (r"\S* LIN03", _NDC),
        (rf"({_PROVIDER_LOOPS}|1000A|1000B) N402", _STATE),
        (rf"({_PROVIDER_LOOPS}|1000A|1000B) N403", _ZIP),
        # Fields of an encounter, by their path; and columns of its table.
        (r" (\S*[._])?(charge|total_charge|paid|patient_paid|patient_owes|amount)", _AMOUNT),
        (r" (\S*[._])?(units|quantity|percentage|decision)", _AMOUNT),
        (r" \S*(diagnosis_pointers|bundled_into)(#\d+)?", _POINTERS),
        (r" (\S*[._])?(procedure|anesthesia_procedures#\d+)", _PROCEDURE),
        (r" diagnosis_code_set", r"ICD-(9|10)-CM"),
        (r" \S*modifiers#\d+", r"[A-Z0-9]{1,2}"),
        (r" \S*diagnoses#\d+", _DIAGNOSIS),
        (
            r" (\S*[._])?(place_of_service|frequency|unit|filing_indicator|insurance_type|special_program|delay_reason"
            r"|contract\.type|claim_filing_indicator|group|reason)",
            _CODE,
        ),
        (r" (\S*[._])?taxonomy", _TAXONOMY),
        (r" (\S*[._])?npi", _NPI),
        (r" (\S*[._])?(payer_id|bill_to)", _PAYER_ID),
        (r" (\S*[._])?(referring_)?clia_number", _CLIA),
        (r" (\S*[._])?ndc", _NDC),
        (rf" ({_PRACTICE}|accident[._])(state|country)", _STATE),
        (rf" {_PRACTICE}zip", _ZIP),
    )
)  # fmt: skip


def may_be_shown(loop: str, element: str, value: str) -> bool:
    """Whether a value is not about a person, by its field ("2400", "SV102" or "services#1.charge") and its form."""
    place = f"{loop} {element}"
    return any(field.fullmatch(place) and form.fullmatch(value) for field, form in _FIELDS)
