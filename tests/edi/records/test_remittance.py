"""What a remittance means beside its claims: the key to the money, contacts, interest."""

from datetime import date
from decimal import Decimal

from claimloop.edi.records.parties import Contact, Party
from claimloop.edi.records.remittance import Delivery, ProviderAdjustment, ReassociationKey, Remittance


def test_the_reassociation_key_is_what_the_banks_record_has():
    remittance = Remittance(
        handling="I", payment_amount=Decimal(100), payment_method="ACH", payment_date=date(2026, 1, 5),
        trace_number="EFT77", payer_id="1512345678",
    )  # fmt: skip
    assert remittance.reassociation_key == ReassociationKey(
        "EFT77", "1512345678", date(2026, 1, 5), Decimal(100), "ACH"
    )
    assert not remittance.is_notice
    assert Remittance(handling="H").is_notice


def test_interest_and_capitation_are_what_the_payer_gave_net():
    def given(reason, amount):
        return ProviderAdjustment("1", "20261231", reason, "", Decimal(amount))

    told = [given("L6", "-5"), given("L6", "1.50"), given("CT", "-1200"), given("WO", "40"), given("CT", "100")]
    remittance = Remittance(provider_adjustments=told)
    assert (remittance.interest, remittance.capitation) == (Decimal("3.50"), Decimal(1100))
    assert (Remittance().interest, Remittance().capitation) == (Decimal(0), Decimal(0))


def test_contacts_are_found_by_what_they_are_for():
    payer = Party(
        "PR",
        contacts=(
            Contact("CX", "CLAIMS", (("TE", "8005550100"),)),
            Contact("BL", "EDI DESK", (("EM", "EDI@PLAN.EXAMPLE"),)),
            Contact("BL", "NIGHT DESK"),
            Contact("IC", "", (("UR", "PLAN.EXAMPLE"),)),
        ),
    )
    remittance = Remittance(payer=payer)
    assert remittance.business_contact == payer.contacts[0]
    assert remittance.technical_contact == payer.contacts[1]
    assert remittance.website == "PLAN.EXAMPLE"


def test_without_contacts_there_are_none():
    assert (Remittance().business_contact, Remittance().technical_contact, Remittance().website) == (None, None, "")


def test_the_delivery_has_its_parts_by_name():
    assert Remittance(delivery=("EM", "CLINIC", "ERA@CLINIC.EXAMPLE")).delivered_by == Delivery(
        "EM", "CLINIC", "ERA@CLINIC.EXAMPLE"
    )
    assert Remittance(delivery=("OL",)).delivered_by == Delivery("OL")
    assert Remittance().delivered_by is None
