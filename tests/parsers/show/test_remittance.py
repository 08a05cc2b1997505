"""`show` of an 835: what a biller must see of a claim without adding up."""

from io import StringIO

import pytest
from rich.console import Console

from claimloop.parsers.remittance.set_reader import RemittanceItem
from claimloop.parsers.show.remittance import show_remittances
from claimloop.tests.parsers.remittance.era import CLAIM, HEAD, ISA, interchange, read, transaction


def shown(*body: str, head: tuple[str, ...] = HEAD) -> list[str]:
    """The lines that `show` prints for one set."""
    (remittance,), _ = read(interchange(transaction(*head, *body)))
    assert remittance.end is not None
    out = StringIO()
    items: list[RemittanceItem] = [remittance, *remittance.summaries, *remittance.claims]
    items += [*remittance.provider_adjustments, remittance.end]
    show_remittances(items, Console(file=out, width=170, color_system=None))
    return [line.strip() for line in out.getvalue().splitlines()]


def test_the_payment_is_named_as_the_bank_has_it() -> None:
    lines = shown(*CLAIM)
    assert "Check or EFT  EFT77, of payer 1512345678" in lines
    assert "Payment       100.00 by electronic transfer (ACH) (ACH)" in lines
    assert "Date          2026-01-05" in lines


def test_a_denied_claim_and_its_line_say_so_under_any_status() -> None:
    lines = shown("LX*1", "CLP*A1*1*150*0*0*12*ICN1", "SVC*HC:99213*150*0", "CAS*CO*50*150")
    assert "Claim 1  A1  processed as primary (1)  DENIED" in lines
    assert "charge 150.00   paid 0.00   allowed 0.00   denied 150.00" in lines
    assert any("0.00 denied   CO-50 150.00" in line for line in lines)


def test_a_paid_claim_says_nothing_of_a_denial() -> None:
    assert not any("denied" in line.lower() for line in shown(*CLAIM))


def test_what_the_patient_owes_is_split_by_its_kind() -> None:
    told = ("LX*1", "CLP*A1*1*200*102*48*12*I", "SVC*HC:99213*200*102", "CAS*CO*45*50", "CAS*PR*1*20**2*18**3*10")
    assert (
        "charge 200.00   paid 102.00   allowed 150.00   contractual 50.00"
        "   patient 48.00 (deductible 20.00, coinsurance 18.00, copay 10.00)"
    ) in shown(*told)


@pytest.mark.parametrize(("declared", "words"), [("48", ""), ("40", "   CLP05 is 40.00"), ("", "")])
def test_clp05_is_shown_where_the_adjustments_say_otherwise(declared: str, words: str) -> None:
    told = ("LX*1", f"CLP*A1*1*150*102*{declared}*12*I", "SVC*HC:99213*150*102", "CAS*PR*96*48")
    assert f"charge 150.00   paid 102.00   allowed 102.00   patient 48.00 (other 48.00){words}" in shown(*told)


def test_other_payers_sequestration_and_what_was_left_open_have_their_words() -> None:
    told = ("LX*1", "CLP*A1*2*200*58*0*12*I", "SVC*HC:99213*200*58", "CAS*OA*23*80**45*40", "CAS*CO*253*2*1*45*20")
    (money,) = [line for line in shown(*told) if line.startswith("charge")]
    assert money == (
        "charge 200.00   paid 58.00   allowed 140.00   contractual 22.00   by earlier payers 80.00   left open 40.00"
        "   of this sequestration 2.00"
    )


def test_a_claim_that_was_sent_on_says_to_whom_or_that_it_is_not_said() -> None:
    named = shown(*CLAIM[:3], "NM1*TT*2*NEXT PLAN*****PI*99", *CLAIM[3:])
    assert "sent on to NEXT PLAN, PI 99" in named
    unnamed = shown("LX*1", "CLP*A1*19*150*100*0*12*I", "CAS*CO*45*50")
    assert "forwarded to another payer, which is not named" in unnamed


def test_the_numbers_of_a_claim_have_names() -> None:
    assert "class of contract PPO 3; original claim number 77" in shown(
        *CLAIM[:3], "REF*CE*PPO 3", "REF*F8*77", *CLAIM[3:]
    )


def test_summaries_and_hospital_amounts_have_the_guides_names() -> None:
    lines = shown(
        "LX*1", "TS3*1245319599*11*20261231*1*150********10", "TS2*500", *CLAIM[1:3], "MIA*3**2*1200.50*MA01",
        "MOA*.0855*120", *CLAIM[3:],
    )  # fmt: skip
    assert (
        "Summary TS3: provider 1245319599, facility type 11, fiscal period 2026-12-31, claims 1, charge 150, msp payer 10"
        in lines
    )
    assert "Summary TS2: drg 500" in lines
    assert "inpatient: covered days 3, lifetime psychiatric days 2, claim drg 1200.50" in lines
    assert "outpatient: reimbursement rate .0855, hcpcs payable 120".replace(" .", " 0.") in lines


def test_a_glued_modifier_is_shown_apart_and_as_it_was_sent() -> None:
    lines = shown("LX*1", "CLP*A1*1*100*100*0*12*I", "SVC*HC:9921325*100*100**1")
    assert any("99213-25 (sent 9921325)" in line for line in lines)


@pytest.mark.parametrize("status", ["23", "25"])
def test_a_claim_that_was_not_judged_has_nothing_denied(status: str) -> None:
    lines = shown("LX*1", f"CLP*A1*{status}*150*0*0*12*I", "SVC*HC:99213*150*0", "CAS*OA*16*150")
    assert "charge 150.00   paid 0.00   allowed 0.00   not judged 150.00" in lines
    assert not any("denied" in line.lower() for line in lines)


def test_a_claim_that_does_not_balance_says_found_less_expected() -> None:
    lines = shown("LX*1", "CLP*A1*1*150*100**12*I", "SVC*HC:99213*150*100", "CAS*CO*45*20")
    assert "does not balance: difference -30.00" in lines


def test_everybody_on_a_claim_has_a_word() -> None:
    lines = shown(*CLAIM[:3], "NM1*82*1*DERM*IVY****XX*1811901945", "NM1*GB*1*OTHER*ONE****MI*77", *CLAIM[3:])
    assert "rendered by IVY DERM, XX 1811901945" in lines
    assert "other subscriber ONE OTHER, MI 77" in lines


def test_segments_without_a_field_are_shown_wherever_they_stand() -> None:
    lines = shown(*CLAIM[:3], "ZZ1*CLAIM", *CLAIM[3:], "ZZ2*LINE", "PLB*1*20261231*WO:X*0", "ZZ3*SET")
    assert [line for line in lines if line.startswith("also sent")] == [
        "also sent ZZ1*CLAIM",
        "also sent in line 1: ZZ2*LINE",
        "also sent ZZ3*SET",
    ]


def test_a_set_without_a_group_and_a_provider_adjustment_without_a_reason_say_so() -> None:
    lines = shown(*CLAIM, "PLB*1*20261231*:REF*0")
    assert "Provider adjustment —: 0.00 withheld from the payment, reference REF (provider 1)" in lines
    (remittance,), _ = read(f"{ISA}~{transaction(*HEAD, *CLAIM)}IEA*0*000000001~")
    out = StringIO()
    show_remittances([remittance], Console(file=out, width=170, color_system=None))
    assert "ISA 000000001, GS —, ST 0001" in out.getvalue()


def test_the_sets_of_one_check_are_added_up() -> None:
    head = (HEAD[0].replace("*100*", "*200*"), *HEAD[1:])
    remittances, _ = read(interchange(transaction(*head, *CLAIM), transaction(*head, *CLAIM, control="0002")))
    items: list[RemittanceItem] = []
    for remittance in remittances:
        assert remittance.end is not None
        items += [remittance, *remittance.claims, remittance.end]
    out = StringIO()
    show_remittances(items, Console(file=out, width=170, color_system=None))
    assert "The 2 sets of this check or EFT so far add up to 200.00 of 200.00, difference 0.00." in out.getvalue()
