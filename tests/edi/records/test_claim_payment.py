"""What a claim payment and its lines mean: derived from fields, in the words of a biller."""

from datetime import date
from decimal import Decimal

import pytest

from claimloop.edi.dates import DateRange
from claimloop.edi.records.parties import Party, Reference
from claimloop.edi.records.remittance import (
    Adjustment,
    ClaimPayment,
    InpatientAdjudication,
    OutpatientAdjudication,
    Procedure,
    QualifiedAmount,
    QualifiedDate,
    RemarkCode,
    ServicePayment,
)


def adjustments(*told):
    """ "CO-45 40" as adjustments."""
    parts = (text.replace("-", " ", 1).split() for text in told)
    return [Adjustment(group, reason, Decimal(amount)) for group, reason, amount in parts]


def line(charge, paid, *told, **more):
    return ServicePayment(
        Procedure("HC", "99213"), Decimal(charge), Decimal(paid), adjustments=adjustments(*told), **more
    )


def claim(charge, paid, *lines, status="1", told=(), **more):
    return ClaimPayment(
        "A1", status, Decimal(charge), Decimal(paid), services=list(lines), adjustments=adjustments(*told), **more
    )


def dated(qualifier, day, end=None):
    return QualifiedDate(qualifier, date(2026, 1, day), date(2026, 1, end) if end else None)


# Denial.


@pytest.mark.parametrize("status", ["1", "2", "3", "4", "5", "19", "20", "21"])
def test_a_denial_is_seen_in_the_money_whatever_clp02_says(status):
    assert claim("150", "0", line("150", "0", "CO-50 150"), status=status).is_denial
    assert not claim("150", "0", line("150", "0", "CO-45 50", "PR-1 100"), status=status).is_denial
    assert not claim("150", "100", line("150", "100", "CO-45 50"), status=status).is_denial


@pytest.mark.parametrize("status", ["23", "25"])
def test_a_claim_that_was_not_judged_was_not_denied(status):
    assert not claim("150", "0", told=("OA-109 150",), status=status).is_denial


def test_a_reversal_of_a_denial_is_no_denial():
    reversal = claim("-150", "0", line("-150", "0", "CO-50 -150"), status="22")
    assert (reversal.is_reversal, reversal.is_denial, reversal.denied) == (True, False, Decimal(-150))


@pytest.mark.parametrize(
    ("charge", "paid", "reversal"), [("-150", "-100", True), ("0", "-5", True), ("150", "-5", False), ("0", "0", False)]
)
def test_a_line_of_a_reversal_is_known_by_its_charge(charge, paid, reversal):
    assert line(charge, paid).is_reversal is reversal


def test_a_denial_without_lines_and_one_at_both_levels():
    assert claim("150", "0", told=("CO-29 150",)).is_denial
    assert claim("150", "0", line("150", "100", "CO-45 50"), told=("CO-197 100",)).is_denial


def test_of_a_claim_paid_in_part_the_refused_line_is_a_denial_and_the_claim_is_not():
    paid, refused = line("150", "100", "CO-45 50"), line("60", "0", "CO-97 60")
    both = claim("210", "100", paid, refused)
    assert (paid.is_denial, refused.is_denial, both.is_denial) == (False, True, False)
    assert (both.denied, both.contractual) == (Decimal(60), Decimal(50))


# Where the charge went.


def test_contractual_denied_and_patient_are_summed_over_both_levels():
    both = claim(
        "210", "52",
        line("150", "72", "CO-45 50", "PR-2 18", "PR-3 10"), line("60", "0", "CO-50 60"), told=("PR-1 20",),
        patient_responsibility=Decimal(48),
    )  # fmt: skip
    share = both.patient_share
    assert (share.deductible, share.coinsurance, share.copay, share.other) == (20, 18, 10, 0)
    assert share.total == both.patient_responsibility
    assert both.charge == both.paid + both.contractual + both.denied + share.total
    assert both.imbalance == 0


def test_an_allowed_amount_that_was_sent_wins_over_a_computed_one():
    computed, sent = line("150", "80", "CO-45 50", "PR-2 20"), line("150", "80", "CO-45 50", "PR-2 20")
    sent.amounts.append(QualifiedAmount("B6", Decimal("101.50")))
    assert (computed.allowed, sent.allowed) == (Decimal(100), Decimal("101.50"))
    assert claim("300", "160", computed, sent).allowed == Decimal("201.50")


@pytest.mark.parametrize(
    ("paid", "told", "allowed"),
    [("80", ("PR-1 20",), "100"), ("60", ("CO-45 40",), "60"), ("98", ("CO-253 2",), "100")],
)
def test_adjustments_of_the_claim_lower_its_allowed_amount_only_where_they_lower_the_price(paid, told, allowed):
    assert claim("150", paid, line("150", "100", "CO-45 50"), told=told).allowed == Decimal(allowed)


def test_the_allowed_amount_of_a_claim_without_lines():
    assert claim("150", "80", told=("CO-45 50", "PR-2 20")).allowed == Decimal(100)


def test_sequestration_capitation_and_prior_payers_have_their_own_sums():
    told = claim("300", "48", line("150", "48", "CO-45 21", "CO-253 1", "OA-23 80"), line("150", "0", "CO-24 150"))
    assert (told.sequestration, told.prior_payers, told.capitation) == (Decimal(1), Decimal(80), Decimal(150))
    assert (told.services[0].sequestration, told.services[1].capitation) == (Decimal(1), Decimal(150))
    assert not told.services[1].is_denial


def test_interest_is_told_in_amt_i_and_takes_part_in_nothing():
    told = claim("100", "100", amounts=[QualifiedAmount("I", Decimal("1.20")), QualifiedAmount("AU", Decimal(100))])
    assert (told.interest, told.imbalance) == (Decimal("1.20"), Decimal(0))
    assert (told.amount("AU"), told.amount("F5")) == (Decimal(100), None)


# Whose turn, and where it goes next.


@pytest.mark.parametrize(
    ("status", "sequence", "forwarded"),
    [
        ("1", "P", False), ("2", "S", False), ("3", "T", False), ("4", "", False), ("19", "P", True),
        ("20", "S", True), ("21", "T", True), ("22", "", False), ("23", "", True), ("25", "", False), ("5", "", False),
    ],
)  # fmt: skip
def test_the_status_tells_whose_turn_it_was_and_whether_it_was_sent_on(status, sequence, forwarded):
    told = claim("100", "100", status=status)
    assert (told.payer_rank, told.forwarded, told.crossover_to) == (sequence, forwarded, None)


def test_a_crossover_carrier_is_where_the_claim_was_sent_whatever_the_status():
    carrier = Party("TT", "2", "NEXT PLAN", id_qualifier="PI", id="9")
    told = claim("100", "100", parties=[carrier])
    assert (told.forwarded, told.crossover_to) == (True, carrier)


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("QC", "patient"), ("IL", "insured"), ("74", "corrected_insured"), ("82", "rendering_provider"),
        ("TT", "crossover_to"), ("PR", "corrected_payer"), ("GB", "other_subscriber"),
    ],
)  # fmt: skip
def test_every_role_has_its_name(role, name):
    told = claim("1", "1", parties=[Party("XX"), Party(role, name="FIRST"), Party(role, name="SECOND")])
    assert getattr(told, name).name == "FIRST"
    assert getattr(claim("1", "1"), name) is None


# Codes, numbers and days.


def test_remark_codes_of_mia_moa_and_lines_come_together_each_once():
    told = claim(
        "1", "1",
        line("1", "1", remarks=[RemarkCode("HE", "N130"), RemarkCode("RX", "75"), RemarkCode("HE", "MA01")]),
        line("0", "0", remarks=[RemarkCode("HE", "N130"), RemarkCode("HE", "M15")]),
        inpatient=InpatientAdjudication(("1",), ("MA15",)),
        outpatient=OutpatientAdjudication((), ("MA01", "MA18")),
    )  # fmt: skip
    assert told.remark_codes == ("MA15", "MA01", "MA18", "N130", "M15")
    assert told.services[0].remark_codes == ("N130", "MA01")


def test_a_reference_is_found_by_its_qualifier_the_first_one():
    told = claim("1", "1", references=[Reference("EA", "1"), Reference("F8", "2"), Reference("EA", "3")])
    assert (told.reference("EA"), told.reference("F8"), told.reference("G1")) == ("1", "2", "")
    assert line("1", "1", references=[Reference("LU", "11")]).reference("LU") == "11"


def test_references_and_amounts_have_names():
    told = claim("1", "1", references=[Reference("EA", "1")], amounts=[QualifiedAmount("AU", Decimal(9))])
    assert (told.named_references, told.named_amounts) == ({"medical_record_number": "1"}, {"coverage": Decimal(9)})
    one = line("1", "1", references=[Reference("6R", "L1")], amounts=[QualifiedAmount("B6", Decimal(1))])
    assert (one.named_references, one.named_amounts) == ({"line_control_number": "L1"}, {"allowed": Decimal(1)})


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ([dated("472", 2)], (2, 2)),
        ([dated("472", 2, 4)], (2, 4)),
        ([dated("150", 2), dated("151", 5)], (2, 5)),
        ([dated("151", 5), dated("150", 2)], (2, 5)),
        ([dated("150", 2)], (2, 2)),
        ([dated("151", 5)], (5, 5)),
        ([dated("150", 2, 4)], (2, 4)),
        ([dated("472", 3), dated("150", 1)], (3, 3)),
    ],
)
def test_a_line_has_a_day_or_a_period(dates, expected):
    first, last = expected
    assert line("1", "1", dates=dates).service_date == DateRange(date(2026, 1, first), date(2026, 1, last))


def test_a_claim_has_its_own_period_or_that_of_its_lines():
    lines = line("1", "1", dates=[dated("472", 7)]), line("1", "1", dates=[dated("472", 3, 5)]), line("1", "1")
    assert claim("3", "3", *lines).service_dates == DateRange(date(2026, 1, 3), date(2026, 1, 7))
    own = claim("3", "3", *lines, dates=[dated("232", 1), dated("233", 9)])
    assert own.service_dates == DateRange(date(2026, 1, 1), date(2026, 1, 9))
    assert claim("3", "3", line("3", "3")).service_dates is None
