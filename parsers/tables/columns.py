"""The tables of an 835: every column with its type, the element it comes from, and its meaning.

This is the one definition. The record reader (`from_records`), the columnar reader (`columnar`), the files that are
written and docs/tables.md all follow it. Element names are those of 005010X221A1. An element that was not sent or is
empty is null.
"""

from collections.abc import Callable
from typing import Literal

import msgspec

Progress = Callable[[int, int], None]
"""Called with the bytes read so far, and the bytes of all files."""

Kind = Literal["text", "money", "quantity", "date", "integer", "boolean"]

Form = Literal["parquet", "csv", "jsonl"]
FORMS: tuple[Form, ...] = ("parquet", "csv", "jsonl")

TYPES: dict[Kind, str] = {
    "text": "text",
    "money": "decimal(18, 2)",
    "quantity": "decimal(18, 4)",
    "date": "date",
    "integer": "integer (64 bits)",
    "boolean": "true or false",
}
DECIMALS: dict[Kind, int] = {"money": 2, "quantity": 4}


class Column(msgspec.Struct, frozen=True):
    """One column. `source` is the element, or how the value is derived; `field` is the attribute of the record.

    `element` is the element's place in the segment that a row is made of (CLP03: 3). It is 0 where the value is not
    simply one element of that segment.
    """

    name: str
    kind: Kind
    source: str
    doc: str
    element: int = 0
    field: str = ""


class Definition(msgspec.Struct, frozen=True):
    """One table: what a row is, and its columns in order."""

    name: str
    doc: str
    columns: tuple[Column, ...]

    def names(self) -> list[str]:
        """Return the names of the columns."""
        return [column.name for column in self.columns]


def _element(name: str, kind: Kind, source: str, doc: str, field: str = "") -> Column:
    return Column(name, kind, source, doc, int(source[-2:]), field or name)


_FILE = Column("file", "text", "place", "the file, as it was named by the caller")
_REMITTANCE = Column("remittance_id", "integer", "key", "the remittance that the row belongs to")
_CLAIM = Column("claim_id", "integer", "key", "the claim; null where the row belongs to the remittance as a whole")
_SERVICE = Column("service_id", "integer", "key", "the service line; null at claim level")
_OWNER = Column("segment", "integer", "place", "number in the file of the owner's first segment: SVC, CLP or ST")


def _begins(segment: str) -> Column:
    return Column(
        "segment", "integer", "place", f"number of the row's {segment} in the file, counted from 1", 0, "segment"
    )


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "remittances",
        "One row for each 835 set: the payment and its trace.",
        (
            Column("remittance_id", "integer", "key", "counts the 835 sets of the conversion, from 1"),
            _FILE,
            _begins("ST"),
            Column("interchange", "text", "ISA13", "interchange control number", 0, "source.interchange"),
            Column("group", "text", "GS06", "group control number", 0, "source.group"),
            Column("transaction", "text", "ST02", "set control number", 0, "source.transaction"),
            Column("guide", "text", "ST03 or GS08", "implementation guide", 0, "guide"),
            Column("handling", "text", "BPR01", "I remittance with payment, H notification only", 1, "handling"),
            _element("payment_amount", "money", "BPR02", "the payment: all claims and provider-level adjustments"),
            _element("credit_debit", "text", "BPR03", "C credit, D debit"),
            _element("payment_method", "text", "BPR04", "ACH, CHK, NON …"),
            _element("payment_format", "text", "BPR05", "CCP, CTX"),
            _element("payment_date", "date", "BPR16", "when the payment takes effect"),
            _element("trace_number", "text", "TRN02", "check or EFT number"),
            Column("payer_id", "text", "TRN03", "the payer's own number", 3, "payer_id"),
            Column("supplemental_id", "text", "BPR11 or TRN04", "further division of the payer", 0, "supplemental_id"),
            Column("production_date", "date", "DTM*405", "end of the adjudication cycle", 0, "production_date"),
            Column("currency", "text", "CUR02", "where it is not US dollars", 2, "currency"),
            Column("payer_name", "text", "N102 of N1*PR", "", 0, "payer.name"),
            Column("payee_name", "text", "N102 of N1*PE", "", 0, "payee.name"),
            Column("payee_id", "text", "N104 of N1*PE", "the payee's NPI, or the number of kind N103", 0, "payee.id"),
            Column("complete", "boolean", "derived", "false where the set ended without its SE", 0, "complete"),
        ),
    ),
    Definition(
        "claims",
        "One row for each claim payment (loop 2100).",
        (
            Column("claim_id", "integer", "key", "counts the claims of the conversion, from 1"),
            _REMITTANCE,
            _FILE,
            _begins("CLP"),
            Column("header_number", "text", "LX01", "the LX above the claim", 0, "header_number"),
            _element("patient_control_number", "text", "CLP01", "the claim number that the provider sent (CLM01)"),
            _element("status", "text", "CLP02", "1 primary, 2 secondary, 3 tertiary, 4 denied, 22 reversal …"),
            _element("charge", "money", "CLP03", ""),
            _element("paid", "money", "CLP04", ""),
            _element("patient_responsibility", "money", "CLP05",
                "as the payer reports it; see adjustments of group PR"),
            _element("claim_filing_indicator", "text", "CLP06", "12 PPO, MB Medicare B, MC Medicaid …"),
            _element("payer_claim_number", "text", "CLP07", "the payer's claim number (ICN)"),
            _element("facility_type", "text", "CLP08", "place of service"),
            _element("frequency", "text", "CLP09", "1 original, 7 corrected, 8 void"),
            _element("drg", "text", "CLP11", "diagnosis related group"),
            _element("drg_weight", "quantity", "CLP12", ""),
            _element("discharge_fraction", "quantity", "CLP13", ""),
            Column("statement_start", "date", "DTM*232", "first one sent", 0, "232"),
            Column("statement_end", "date", "DTM*233", "first one sent", 0, "233"),
            Column("received_date", "date", "DTM*050", "when the payer received the claim; first one sent", 0, "050"),
            Column("coverage_end", "date", "DTM*036", "first one sent", 0, "036"),
            Column("is_denial", "boolean", "derived",
                "charged, nothing paid, nothing the patient's, a part denied", 0, "is_denial"),
        ),
    ),
    Definition(
        "services",
        "One row for each service line (loop 2110).",
        (
            Column("service_id", "integer", "key", "counts the service lines of the conversion, from 1"),
            Column("claim_id", "integer", "key", "the claim of the line"),
            _REMITTANCE,
            _FILE,
            _begins("SVC"),
            Column("procedure_qualifier", "text", "SVC01-1", "HC, AD, N4, NU …", 1, "qualifier"),
            Column("procedure", "text", "SVC01-2", "the adjudicated code", 1, "code"),
            Column("modifier_1", "text", "SVC01-3 to 6", "first modifier that was sent", 1, "modifier"),
            Column("modifier_2", "text", "SVC01-3 to 6", "second one", 1, "modifier"),
            Column("modifier_3", "text", "SVC01-3 to 6", "third one", 1, "modifier"),
            Column("modifier_4", "text", "SVC01-3 to 6", "fourth one", 1, "modifier"),
            _element("charge", "money", "SVC02", ""),
            _element("paid", "money", "SVC03", ""),
            _element("revenue_code", "text", "SVC04", ""),
            _element("units_paid", "quantity", "SVC05", "1 where it was not sent (null here)"),
            Column("submitted_procedure_qualifier", "text", "SVC06-1", "", 6, "qualifier"),
            Column("submitted_procedure", "text", "SVC06-2", "sent only where another code was adjudicated", 6, "code"),
            _element("submitted_units", "quantity", "SVC07", "sent only where they differ from the units paid"),
            Column("service_start", "date", "DTM*472 or 150", "day of service, or the first of several", 0, "start"),
            Column("service_end", "date", "DTM*472 or 151", "day of service, or the last of several", 0, "end"),
            Column("line_control_number", "text", "REF*6R", "as the provider sent it; first one", 0, "6R"),
            Column("is_denial", "boolean", "derived",
                "charged, nothing paid, nothing the patient's, a part denied", 0, "is_denial"),
        ),
    ),
    Definition(
        "adjustments",
        "One row for each reason, amount and quantity of a CAS, of claims and of service lines.",
        (
            Column("claim_id", "integer", "key", "the claim"),
            _SERVICE,
            _REMITTANCE,
            _FILE,
            _OWNER,
            _element("group", "text", "CAS01", "CO contractual, PR patient, OA other, PI payer initiated"),
            Column("reason", "text", "CAS02, 05, 08 …", "the claim adjustment reason code (CARC)", 2, "reason"),
            Column("amount", "money", "CAS03, 06, 09 …", "a positive amount lowers the payment", 3, "amount"),
            Column("quantity", "quantity", "CAS04, 07, 10 …", "units not paid", 4, "quantity"),
        ),
    ),
    Definition(
        "provider_adjustments",
        "One row for each reason and amount of a PLB.",
        (
            _REMITTANCE,
            _FILE,
            _begins("PLB"),
            _element("provider", "text", "PLB01", ""),
            _element("fiscal_period", "text", "PLB02", "last day of the fiscal year, CCYYMMDD as sent"),
            Column("reason", "text", "PLB03-1, 05-1 …",
                "WO overpayment, FB forward balance, L6 interest …", 3, "reason"),
            Column("reference", "text", "PLB03-2, 05-2 …", "the payer's reference", 3, "reference"),
            Column("amount", "money", "PLB04, 06 …", "a positive amount lowers the payment", 4, "amount"),
        ),
    ),
    Definition(
        "remarks",
        "One row for each remark code: LQ of a service line, MIA or MOA of a claim.",
        (
            Column("claim_id", "integer", "key", "the claim"),
            _SERVICE,
            _REMITTANCE,
            _FILE,
            _OWNER,
            Column("sent_in", "text", "segment id", "LQ, MIA or MOA", 0, "sent_in"),
            Column("qualifier", "text", "LQ01",
                "HE remark code (RARC), RX NCPDP reject code; null for MIA and MOA", 1, "qualifier"),
            Column("code", "text", "LQ02, MIA05, MIA20 to 23, MOA03 to 07", "the remark code", 2, "code"),
        ),
    ),
    Definition(
        "references",
        "One row for each REF of a service line, a claim, a remittance, its payer or its payee.",
        (
            _CLAIM,
            _SERVICE,
            _REMITTANCE,
            _FILE,
            _OWNER,
            Column("party", "text", "N101", "PR or PE where the REF belongs to the payer or the payee", 0, "party"),
            _element("qualifier", "text", "REF01", "6R line control number, 1L group, F8 original claim …"),
            _element("value", "text", "REF02", "the number"),
            _element("description", "text", "REF03", ""),
        ),
    ),
    Definition(
        "amounts",
        "One row for each AMT or QTY of a claim or a service line. These are not part of any balance.",
        (
            Column("claim_id", "integer", "key", "the claim"),
            _SERVICE,
            _REMITTANCE,
            _FILE,
            _OWNER,
            Column("qualifier", "text", "AMT01 or QTY01",
                "B6 allowed, AU coverage, I interest …; CA covered days …", 1, "qualifier"),
            Column("amount", "money", "AMT02", "null where it is a quantity", 2, "amount"),
            Column("quantity", "quantity", "QTY02", "null where it is an amount", 2, "quantity"),
        ),
    ),
    Definition(
        "parties",
        "One row for each NM1 of a claim, and for the payer and the payee of a remittance.",
        (
            _CLAIM,
            _REMITTANCE,
            _FILE,
            _OWNER,
            Column("role", "text", "NM101 or N101",
                "QC patient, IL insured, 82 rendering, PR payer, PE payee …", 1, "role"),
            Column("entity_type", "text", "NM102", "1 person, 2 organization", 2, "entity_type"),
            Column("name", "text", "NM103 or N102", "last name of a person, name of an organization", 3, "name"),
            Column("first_name", "text", "NM104", "", 4, "first_name"),
            Column("middle_name", "text", "NM105", "", 5, "middle_name"),
            Column("suffix", "text", "NM107", "", 7, "suffix"),
            Column("id_qualifier", "text", "NM108 or N103", "MI member id, XX NPI …", 8, "id_qualifier"),
            Column("id", "text", "NM109 or N104", "", 9, "id"),
            Column("address", "text", "N301", "of the payer and the payee", 0, "line1"),
            Column("address_2", "text", "N302", "", 0, "line2"),
            Column("city", "text", "N401", "", 0, "city"),
            Column("state", "text", "N402", "", 0, "state"),
            Column("postal_code", "text", "N403", "", 0, "postal_code"),
        ),
    ),
)  # fmt: skip
DEFINITION: dict[str, Definition] = {definition.name: definition for definition in DEFINITIONS}
TABLE_NAMES: tuple[str, ...] = tuple(DEFINITION)
