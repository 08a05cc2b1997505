"""Which submitted claim and line a payment is for: every rule, and every refusal to guess."""

from datetime import date

import msgspec
import pytest

from claimloop.edi.dates import DateRange
from claimloop.edi.records.parties import Party
from claimloop.edi.records.remittance import ClaimPayment, QualifiedDate
from claimloop.reconciliation.ledger.stored_codes import HoldReason
from claimloop.reconciliation.posting.match import (
    Ambiguous,
    ClaimSubmission,
    Matched,
    SubmittedClaim,
    Unmatched,
    match_claim,
    match_lines,
    normalized,
)
from claimloop.tests.reconciliation.making import DAY, answer, claim, line, reversal, service


def matched_numbers(payment: ClaimPayment, submitted: SubmittedClaim) -> list[int | None]:
    """The number of the line that each service was matched to."""
    return [match.line.number if match.line else None for match in match_lines(payment, submitted)]


def rules(payment: ClaimPayment, submitted: SubmittedClaim) -> set[str]:
    return {match.rule for match in match_lines(payment, submitted)}


# Claims.


def test_the_control_number_as_it_was_sent_is_enough():
    submitted = claim(line(1))
    assert match_claim(answer("D1-1", charge=7, paid=7), [submitted]) == Matched(submitted, "control_number")


@pytest.mark.parametrize("returned", ["d1-1", "D11", "D1 1", "000D1-1", "D1.1", "d11"])
def test_case_dashes_blanks_and_zeros_in_front_do_not_matter(returned):
    submitted = claim(line(1))
    match = match_claim(answer(returned, charge=100, paid=100), [submitted])
    assert match == Matched(submitted, "normalized_control_number")


def test_a_number_that_is_only_alike_needs_the_claims_charge_or_one_of_its_procedures():
    submitted = claim(line(1, "99213", 100))
    assert isinstance(match_claim(answer("D11", charge=55, paid=55), [submitted]), Unmatched)
    assert isinstance(match_claim(answer("D11", service("99213", 55, 55)), [submitted]), Matched)
    assert isinstance(match_claim(answer("D11", service("17000", 55, 55)), [submitted]), Unmatched)


def test_a_reversal_bears_out_the_charge_with_its_sign_turned():
    submitted = claim(line(1, "99213", 100))
    assert isinstance(match_claim(reversal(answer("D11", charge=100, paid=80)), [submitted]), Matched)


def test_the_exact_number_wins_over_one_that_is_only_alike():
    first, second = claim(line(1), number="D1-11"), claim(line(1), number="D11-1")
    assert match_claim(answer("D11-1", charge=100, paid=0), [first, second]) == Matched(second, "control_number")


def test_two_claims_that_are_alike_and_fit_both_are_ambiguous():
    first, second = claim(line(1), number="D1-11"), claim(line(1), number="D11-1")
    match = match_claim(answer("D111", charge=100, paid=0), [first, second])
    assert match == Ambiguous((first, second), "normalized_control_number")


def test_of_two_claims_that_are_alike_the_charge_decides():
    first, second = claim(line(1, "99213", 100), number="D1-11"), claim(line(1, "17000", 70), number="D11-1")
    assert match_claim(answer("D111", charge=70, paid=0), [first, second]) == Matched(
        second, "normalized_control_number"
    )


def test_without_candidates_there_is_no_match():
    assert match_claim(answer("K1", charge=1, paid=1), []) == Unmatched()


@pytest.mark.parametrize(
    ("sent", "kept"), [("0", ""), ("--", ""), ("d1-01", "D101"), ("0012", "12"), ("Ä1", "1"), ("", "")]
)
def test_what_is_left_of_a_normalised_number(sent, kept):
    assert normalized(sent) == kept


# Lines by REF*6R.


@pytest.mark.parametrize("returned", ["D11L02", "d11l02", "D11-L02", "00D11L02"])
def test_the_line_control_number_decides_also_against_procedure_and_charge(returned):
    submitted = claim(line(1, "99213", 100), line(2, "17000", 70))
    payment = answer("D1-1", service("17004", 65, 60, "CO-45 5", number=returned))
    assert matched_numbers(payment, submitted) == [2]
    assert rules(payment, submitted) == {"line_control_number"}


def test_lines_come_back_in_another_order():
    submitted = claim(line(1, "99213", 100), line(2, "17000", 70))
    payment = answer("D1-1", service("17000", 70, 70, number="D11L02"), service("99213", 100, 100, number="D11L01"))
    assert matched_numbers(payment, submitted) == [2, 1]


def test_a_split_line_brings_its_number_twice():
    submitted = claim(line(1, "17003", 90))
    payment = answer("D1-1", service("17003", 60, 50, number="D11L01"), service("17003", 30, 0, number="D11L01"))
    assert matched_numbers(payment, submitted) == [1, 1]


def test_an_unbundled_line_brings_its_number_with_every_code_that_it_became():
    """RFI 498: other codes in SVC01, the one that was sent in SVC06."""
    submitted = claim(line(1, "80050", 90))
    payment = answer(
        "D1-1",
        service("80053", 60, 50, number="D11L01", submitted="80050"),
        service("85025", 30, 20, number="D11L01", submitted="80050"),
    )
    assert matched_numbers(payment, submitted) == [1, 1]


def test_a_number_under_which_different_codes_were_billed_is_no_line_control_number():
    """Some payers repeat one number of their own in every line's 6R: then none of the claim's is believed."""
    submitted = claim(line(1, "99213", 100), line(2, "17000", 70))
    payment = answer("D1-1", service("99213", 100, 90, number="D11L01"), service("17000", 70, 60, number="D11L01"))
    assert matched_numbers(payment, submitted) == [1, 2]
    assert rules(payment, submitted) == {"procedure_modifiers_date_charge"}


def test_an_unknown_line_control_number_falls_back_to_the_procedure():
    submitted = claim(line(1, "99213", 100), line(2, "17000", 70))
    payment = answer("D1-1", service("17000", 70, 60, number="1"), service("99213", 100, 90, number="2"))
    assert matched_numbers(payment, submitted) == [2, 1]


def test_a_service_without_a_number_never_meets_a_line_without_one():
    nameless = msgspec.structs.replace(line(1, "99213", 100), line_control_number="")
    assert matched_numbers(answer("D1-1", service("17000", 100, 100)), claim(nameless)) == [None]


def test_lines_with_and_without_numbers_in_one_claim():
    submitted = claim(line(1, "17000", 70), line(2, "17000", 70))
    payment = answer("D1-1", service("17000", 70, 0), service("17000", 70, 70, number="D11L01"))
    assert matched_numbers(payment, submitted) == [2, 1]


# Lines by what they say.


def test_the_submitted_code_counts_where_the_payer_recoded():
    submitted = claim(line(1, "99214", 150), line(2, "99213", 150))
    payment = answer("D1-1", service("99213", 150, 80, submitted="99214"))
    assert matched_numbers(payment, submitted) == [1]


def test_modifiers_tell_two_lines_apart_in_any_order_and_case():
    submitted = claim(line(1, "17000", 70, "59", "RT"), line(2, "17000", 70, "59", "LT"))
    payment = answer(
        "D1-1", service("17000", 70, 10, modifiers=("LT", "59")), service("17000", 70, 20, modifiers=("rt", "59"))
    )
    assert matched_numbers(payment, submitted) == [2, 1]


def test_dropped_modifiers_do_not_keep_a_line_from_its_payment():
    """openemr #7293."""
    submitted = claim(line(1, "99213", 100, "25"), line(2, "17000", 70, "59"))
    payment = answer("D1-1", service("99213", 100, 80), service("17000", 70, 60))
    assert matched_numbers(payment, submitted) == [1, 2]
    assert rules(payment, submitted) == {"procedure_date_charge"}


def test_a_modifier_that_was_never_billed_makes_it_another_line():
    submitted = claim(line(1, "99213", 100, "25"))
    assert matched_numbers(answer("D1-1", service("99213", 100, 80, modifiers=("57",))), submitted) == [None]


def test_identical_lines_are_paired_in_their_order():
    submitted = claim(line(1, "17110", 90), line(2, "17110", 90))
    payment = answer("D1-1", service("17110", 90, 70, "CO-45 20"), service("17110", 90, 0, "OA-18 90"))
    assert matched_numbers(payment, submitted) == [1, 2]


def test_one_payment_for_two_identical_lines_goes_to_the_first():
    submitted = claim(line(1, "17110", 90), line(2, "17110", 90))
    assert matched_numbers(answer("D1-1", service("17110", 90, 70)), submitted) == [1]


def test_twins_with_different_modifiers_and_outcomes_stay_unmatched():
    submitted = claim(line(1, "17000", 70, "RT"), line(2, "17000", 70, "LT"))
    payment = answer("D1-1", service("17000", 70, 60, "CO-45 10"), service("17000", 70, 0, "CO-97 70"))
    assert matched_numbers(payment, submitted) == [None, None]
    assert rules(payment, submitted) == {"no_line_matches"}


def test_twins_with_different_modifiers_and_the_same_outcome_may_be_paired():
    submitted = claim(line(1, "17000", 70, "RT"), line(2, "17000", 70, "LT"))
    payment = answer("D1-1", service("17000", 70, 60, "CO-45 10"), service("17000", 70, 60, "CO-45 10"))
    assert matched_numbers(payment, submitted) == [1, 2]


def test_two_outcomes_are_not_shared_out_where_only_one_line_has_no_modifier():
    """The payer dropped a modifier: which of the two is the line that never had one, nobody can know."""
    submitted = claim(line(1, "17000", 70), line(2, "17000", 70, "59"))
    payment = answer("D1-1", service("17000", 70, 60, "CO-45 10"), service("17000", 70, 0, "CO-97 70"))
    assert matched_numbers(payment, submitted) == [None, None]


def test_two_equal_outcomes_are_shared_out_where_only_one_line_has_no_modifier():
    submitted = claim(line(1, "17000", 70), line(2, "17000", 70, "59"))
    payment = answer("D1-1", service("17000", 70, 60, "CO-45 10"), service("17000", 70, 60, "CO-45 10"))
    assert matched_numbers(payment, submitted) == [1, 2]


def test_the_day_tells_two_lines_apart():
    submitted = claim(line(1, "17110", 90, day=date(2026, 9, 1)), line(2, "17110", 90, day=date(2026, 9, 15)))
    payment = answer("D1-1", service("17110", 90, 10, day=date(2026, 9, 15)), service("17110", 90, 20, day=DAY))
    assert matched_numbers(payment, submitted) == [2, 1]


def test_a_service_without_a_date_fits_every_day():
    assert matched_numbers(answer("D1-1", service("99213", 100, 80, day=None)), claim(line(1))) == [1]


def test_a_service_without_a_date_gets_the_line_that_the_dated_one_leaves():
    submitted = claim(line(1, "17110", 90, day=date(2026, 9, 1)), line(2, "17110", 90, day=date(2026, 9, 15)))
    payment = answer(
        "D1-1", service("17110", 90, 10, "CO-45 80", day=None), service("17110", 90, 90, day=date(2026, 9, 1))
    )
    assert matched_numbers(payment, submitted) == [2, 1]


def test_two_services_never_get_one_line_whole():
    submitted = claim(line(1, "17110", 90, day=date(2026, 9, 1)), line(2, "17110", 90, day=date(2026, 9, 15)))
    undated = [service("17110", 90, 90, day=None) for _ in range(2)]
    payment = answer("D1-1", *undated, service("17110", 90, 90, day=date(2026, 9, 1)))
    assert matched_numbers(payment, submitted) == [2, None, 1]


def test_a_day_within_the_lines_period_fits_and_one_outside_does_not():
    submitted = claim(line(1, "99213", 100, day=date(2026, 9, 1), end=date(2026, 9, 3)))
    assert matched_numbers(answer("D1-1", service("99213", 100, 80, day=date(2026, 9, 3))), submitted) == [1]
    assert matched_numbers(answer("D1-1", service("99213", 100, 80, day=date(2026, 9, 4))), submitted) == [None]


def test_a_period_that_the_payer_sends_is_read():
    submitted = claim(line(1, "99213", 100, day=date(2026, 9, 1), end=date(2026, 9, 3)))
    period = service("99213", 100, 80, day=None)
    period.dates = [QualifiedDate("150", date(2026, 9, 1)), QualifiedDate("151", date(2026, 9, 3))]
    assert period.service_date == DateRange(date(2026, 9, 1), date(2026, 9, 3))
    assert matched_numbers(answer("D1-1", period), submitted) == [1]


def test_another_charge_is_another_line():
    assert matched_numbers(answer("D1-1", service("99213", 99, 80)), claim(line(1, "99213", 100))) == [None]


def test_two_services_that_add_up_are_one_split_line():
    submitted = claim(line(1, "17003", 90), line(2, "99213", 100))
    payment = answer("D1-1", service("17003", 60, 50), service("99213", 100, 80), service("17003", 30, 0, "CO-97 30"))
    assert matched_numbers(payment, submitted) == [1, 2, 1]
    assert "split_line" in rules(payment, submitted)


def test_services_that_do_not_add_up_are_no_split_line():
    submitted = claim(line(1, "17003", 90))
    payment = answer("D1-1", service("17003", 60, 50), service("17003", 20, 0))
    assert matched_numbers(payment, submitted) == [None, None]


def test_a_part_that_could_belong_to_either_of_two_lines_stays_unmatched():
    submitted = claim(line(1, "17003", 90), line(2, "17003", 90))
    payment = answer("D1-1", service("17003", 60, 50), service("17003", 30, 0))
    assert matched_numbers(payment, submitted) == [None, None]


def test_a_reversal_finds_its_lines_by_charge_with_the_sign_turned():
    submitted = claim(line(1, "99213", 100), line(2, "17003", 90))
    payment = answer("D1-1", service("99213", 100, 80), service("17003", 60, 50), service("17003", 30, 10))
    assert matched_numbers(reversal(payment), submitted) == [1, 2, 2]


def test_matching_is_blind_to_what_a_code_is_written_like():
    assert matched_numbers(answer("D1-1", service("j1010", 100, 80)), claim(line(1, "J1010", 100))) == [1]


# Numbers that lie.


def test_the_very_number_is_not_believed_against_name_and_member_id():
    submitted = msgspec.structs.replace(
        claim(line(1)), submissions=(ClaimSubmission("D1-1", 1, "PLAN", "MBR1"),), last_names=("MARLOWE",)
    )
    stranger = answer("D1-1", charge=100, paid=100)
    stranger.parties = [Party(role="QC", name="SMITH", id="X999")]
    corrected_name = answer("D1-1", charge=100, paid=100)
    corrected_name.parties = [Party(role="QC", name="SMITH", id="MBR1")]

    reason: HoldReason = "other_patient_or_service"
    assert match_claim(stranger, [submitted]) == Unmatched(reason)
    assert isinstance(match_claim(corrected_name, [submitted]), Matched)


def test_the_very_number_is_not_believed_against_charge_procedures_and_days():
    submitted = claim(line(1, "99213", 100))
    elsewhere = service("88305", 70, 70)
    elsewhere.dates = [QualifiedDate("472", date(2020, 1, 1))]

    assert isinstance(match_claim(answer("D1-1", elsewhere), [submitted]), Unmatched)


def test_a_line_number_is_not_believed_against_code_and_charge_of_another_line():
    submitted = claim(line(1, "99213", 135), line(2, "17000", 150))
    wrong = answer("D1-1", service("99213", 135, 60, "CO-45 75", number="D11L02"))

    assert matched_numbers(wrong, submitted) == [1]
