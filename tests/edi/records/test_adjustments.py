"""What an adjustment means by its two codes: the table, the patient's share, the allowed amount, a refusal."""

from decimal import Decimal

import pytest

from claimloop.edi.codes import code_list
from claimloop.edi.records.adjustments import (
    Adjustment,
    PatientShare,
    allowed_by,
    denial_category,
    disposition_of,
    effect_rules,
    is_denied,
    patient_share,
    sum_of_disposition,
)


def cas(*told: str) -> list[Adjustment]:
    """ "CO-45 40" as adjustments."""
    parts = (text.replace("-", " ", 1).split() for text in told)
    return [Adjustment(group, reason, Decimal(amount)) for group, reason, amount in parts]


def test_every_rule_of_the_table_says_why_and_none_comes_twice():
    assert all(rule.why.endswith(".") for rule in effect_rules())
    keys = [(rule.group, rule.reason) for rule in effect_rules()]
    assert len(keys) == len(set(keys))


def test_every_reason_of_the_code_list_is_of_one_kind():
    codes = {entry.code for entry in code_list("claim_adjustment_reasons")}
    assert len(codes) > 400
    assert {code for code in codes if not denial_category(code)} == set()
    assert {rule.reason for rule in effect_rules() if rule.kind} <= codes


@pytest.mark.parametrize(
    ("codes", "effect"),
    [
        ("CO-23", "information"), ("PR-23", "patient"), ("CO-290", "open"), ("OA-253", "contractual"),
        ("PI-144", "contractual"), ("CO-246", "contractual"), ("CO-147", "denied"), ("OA-209", "open"),
        ("CO-209", "contractual"), ("CO-P12", "contractual"), ("PI-P12", "contractual"), ("CO-257", "open"),
        ("OA-100", "open"), ("OA-1", "open"), ("CO-303", "contractual"), ("CO-197", "denied"),
    ],
)  # fmt: skip
def test_a_reason_does_what_its_kind_says(codes, effect):
    assert disposition_of(*codes.split("-")) == effect


def test_a_row_of_group_and_reason_wins_over_the_groups_own():
    assert (disposition_of("CO", "45"), disposition_of("CO", "97"), disposition_of("OA", "23")) == (
        "contractual",
        "denied",
        "information",
    )


def test_a_group_that_the_guide_does_not_know_leaves_the_money_open():
    assert (disposition_of("CR", "45"), disposition_of("", "45"), disposition_of("co", "45")) == (
        "open",
        "open",
        "open",
    )


def test_an_estimate_and_what_was_sent_on_are_no_denials():
    assert not any(
        is_denied(Decimal(150), Decimal(0), cas(told)) for told in ("OA-101 150", "PI-101 150", "OA-B11 150")
    )
    assert (disposition_of("OA", "101"), disposition_of("CO", "B11")) == ("information", "open")


def test_an_adjustment_knows_its_effect():
    assert [one.effect for one in cas("CO-45 40", "PR-3 20", "CO-50 10", "PI-45 5")] == [
        "contractual",
        "patient",
        "denied",
        "open",
    ]


def test_the_patients_share_by_its_kind():
    told = cas("PR-1 100", "PR-66 5", "PR-2 20", "PR-3 25", "PR-96 7.50", "CO-1 3", "CO-45 40")
    share = patient_share(told)
    assert share == PatientShare(Decimal(105), Decimal(20), Decimal(25), Decimal("7.50"))
    assert share.total == sum_of_disposition(told, "patient") == Decimal("157.50")


@pytest.mark.parametrize(
    ("charge", "paid", "told", "allowed"),
    [
        ("150", "80", ("CO-45 50", "PR-2 20"), "100"),
        ("150", "78.40", ("CO-45 50", "PR-2 20", "CO-253 1.60"), "100"),
        ("150", "20", ("CO-45 50", "OA-23 80"), "100"),
        ("150", "0", ("CO-45 50", "PR-1 100"), "100"),
        ("150", "0", ("CO-16 150",), "0"),
        ("150", "105", ("CO-45 50", "CO-144 -5"), "100"),
        ("150", "100", ("PR-45 50",), "100"),
        ("-150", "-80", ("CO-45 -50", "PR-2 -20"), "-100"),
        ("90", "100", ("CO-94 -10",), "100"),
    ],
)
def test_the_allowed_amount_is_what_was_priced_before_anybodys_share(charge, paid, told, allowed):
    adjustments = cas(*told)
    assert Decimal(charge) - sum(one.amount for one in adjustments) == Decimal(paid)
    assert allowed_by(Decimal(paid), adjustments) == Decimal(allowed)


@pytest.mark.parametrize(
    ("told", "refused"),
    [
        (("CO-50 150",), True),
        (("CO-45 50", "CO-97 100"), True),
        (("OA-18 150",), True),
        (("PI-16 150",), True),
        (("CO-45 150",), True),
        (("CO-45 50", "PR-1 100"), False),
        (("PR-204 150",), False),
        (("CO-24 150",), False),
        (("OA-23 150",), False),
        (("CO-45 50", "CO-50 20", "PR-1 80"), False),
        (("PI-45 150",), False),
    ],
)
def test_nothing_paid_is_a_refusal_only_by_its_adjustments(told, refused):
    assert is_denied(Decimal(150), Decimal(0), cas(*told)) is refused


def test_what_was_paid_reversed_or_never_charged_is_no_refusal():
    assert not is_denied(Decimal(150), Decimal(1), cas("CO-50 149"))
    assert not is_denied(Decimal(-150), Decimal(0), cas("CO-50 -150"))
    assert not is_denied(Decimal(0), Decimal(0), cas("CO-50 0"))
