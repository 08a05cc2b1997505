"""Other payers of a claim (2320 and 2330 of an 837P) and their adjudication of a line (2430).

Fields name their element (see `edi.records.layout`). The guide requires `charge = paid + adjustments` for each payer
(rules.md#other-payer-balances).
"""

from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec

from claimloop.edi.records.adjustments import Adjustment
from claimloop.edi.records.parties import Party, Provider


class OutpatientAdjudication(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """MOA as in the other payer's 835. `reimbursement_rate` is a fraction of 1; `remarks` holds RARCs."""

    reimbursement_rate: Annotated[Decimal | None, "MOA01"] = None
    hcpcs_payable: Annotated[Decimal | None, "MOA02"] = None
    remarks: Annotated[tuple[str, ...], "MOA03..07"] = ()
    esrd_payment: Annotated[Decimal | None, "MOA08"] = None
    nonpayable_professional_component: Annotated[Decimal | None, "MOA09"] = None


class OtherPayer(msgspec.Struct, frozen=True, omit_defaults=True):
    """2320 with 2330A-G: a payer other than the destination payer, with its adjudication if it has adjudicated the
    claim.

    `relationship` is the patient's relationship to that payer's subscriber (18 self). `paid` is AMT*D, `noncovered`
    AMT*A8, `patient_owes` AMT*EAF. `decided_on` is DTP*573 of 2330B. The numbers that the payer assigned (F8 claim, G1
    authorization, 9F referral, T4 adjustment indicator, 2U …) are the references of `payer`. `providers` holds those of
    2330C-G by NM101 (DN, P3, 82, 77, DQ, 85), identified only by their references.
    """

    payer_responsibility: Annotated[str, "SBR01"]
    relationship: Annotated[str, "SBR02"]
    claim_filing_indicator: Annotated[str, "SBR09"]
    payer: Party
    subscriber: Party
    group_number: Annotated[str, "SBR03"] = ""
    group_name: Annotated[str, "SBR04"] = ""
    insurance_type: Annotated[str, "SBR05"] = ""
    adjustments: tuple[Adjustment, ...] = ()
    paid: Decimal | None = None
    noncovered: Decimal | None = None
    patient_owes: Decimal | None = None
    benefits_assigned: Annotated[str, "OI03"] = "Y"
    patient_signature_source: Annotated[str, "OI04"] = ""
    release_of_information: Annotated[str, "OI06"] = "Y"
    outpatient: OutpatientAdjudication | None = None
    decided_on: date | None = None
    providers: tuple[Provider, ...] = ()

    @property
    def claim_number(self) -> str:
        """Return the number that this payer assigned to the claim (REF*F8)."""
        return next((each.value for each in self.payer.references if each.qualifier == "F8"), "")


class LineAdjudication(msgspec.Struct, frozen=True, omit_defaults=True):
    """2430: another payer's adjudication of the line. `payer_id` is NM109 of its 2330B.

    The procedure is the adjudicated one; `units` is the number paid; `bundled_line` is the LX of the line into which
    this line was bundled. `patient_owes` is AMT*EAF; `decided_on` DTP*573.
    """

    payer_id: Annotated[str, "SVD01"]
    paid: Annotated[Decimal, "SVD02"]
    procedure: Annotated[str, "SVD03-2"]
    procedure_qualifier: Annotated[str, "SVD03-1"] = "HC"
    modifiers: Annotated[tuple[str, ...], "SVD03-3..6"] = ()
    description: Annotated[str, "SVD03-7"] = ""
    units: Annotated[Decimal | None, "SVD05"] = None
    bundled_line: Annotated[int | None, "SVD06"] = None
    adjustments: tuple[Adjustment, ...] = ()
    decided_on: date | None = None
    patient_owes: Decimal | None = None
