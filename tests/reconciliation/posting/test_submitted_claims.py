"""From the claims of 837P files to those that matching knows, without a ledger; and which one a payment is for."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from claimloop.builders.claims.from_encounter import claims_from
from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.records import Claim, Party
from claimloop.parsers import read_837p
from claimloop.reconciliation import Ambiguous, Matched, SubmittedClaims, Unmatched, match_lines, submitted_claims
from claimloop.reconciliation.claims.states import find_claims
from claimloop.reconciliation.posting.match import normalized
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation.making import answer, encounter, new_ledger, send, service, service_line


def sent(*procedures: tuple[str, int], number: str = "A1") -> Claim:
    """A claim as it would be in an 837P."""
    lines = [service_line(procedure, charge) for procedure, charge in procedures or [("99213", 100)]]
    (claim,) = claims_from(encounter(number, *lines), partner())
    return claim


def to_secondary(claim: Claim) -> Claim:
    subscriber = replace(claim.subscriber, payer_responsibility="S", person=replace(claim.subscriber.person, id="M2"))
    return replace(claim, subscriber=subscriber, payer=replace(claim.payer, id="OTHER"))


def test_amounts_are_cents_and_every_claim_and_line_has_its_own_id():
    submitted = submitted_claims([sent(("99213", 100), ("17000", 50)), sent(number="A2")])
    assert [(claim.id, claim.charge, claim.patient_control_number) for claim in submitted.claims] == [
        (1, 15000, "A1-1"),
        (2, 10000, "A2-1"),
    ]
    ids = [each for claim in submitted.claims for each in (claim.claim_level_id, *(line.id for line in claim.lines))]
    assert ids == sorted(set(ids))
    assert [line.number for line in submitted.claims[0].lines] == [1, 2]


def test_the_records_are_those_that_the_ledger_makes_of_the_same_file(tmp_path):
    ledger = new_ledger(tmp_path)
    made = send(ledger, tmp_path, encounter("A1", service_line("99213", 100, "25"), service_line("17000", 50)))
    assert made.file is not None
    submitted = submitted_claims(read_837p(made.file))
    with ledger.reading() as connection:
        ((state,),) = find_claims(connection, [normalized("A1-1")]).values()
    ledger.close()
    ours, theirs = submitted.claims[0], state.claim
    assert [replace(line, id=0) for line in ours.lines] == [replace(line, id=0) for line in theirs.lines]
    assert list(map(normalized, ours.last_names)) == list(map(normalized, theirs.last_names)) == ["MARLOWE"]
    apart = {"id": 0, "claim_level_id": 0, "lines": (), "last_names": ()}  # a file has names as the writer spells them
    assert replace(ours, **apart) == replace(theirs, **apart)


def test_a_payment_finds_its_claim_and_its_lines():
    submitted = submitted_claims([sent(("99213", 100), ("17000", 50)), sent(number="A2")])
    payment = answer("A1-1", service("17000", 50, 40, "CO-45 10.00"), service("99213", 100, 100))
    match = submitted.match(payment)
    assert isinstance(match, Matched)
    assert match.claim is submitted.claims[0]
    assert [line.line and line.line.number for line in match_lines(payment, match.claim)] == [2, 1]


def test_a_number_that_the_payer_changed_is_found_by_charge_or_procedure():
    submitted = submitted_claims([sent()])
    assert isinstance(submitted.match(answer("a11", charge=100, paid=80)), Matched)
    assert submitted.match(answer("K77", charge=100, paid=80)) == Unmatched()


def test_a_payment_without_a_number_is_found_by_its_member():
    submitted = submitted_claims([sent(), sent(("17000", 50), number="A2")])
    payment = answer("", service("17000", 50, 40))
    payment.parties.append(Party("QC", "1", "MARLOWE", "ADA", id_qualifier="MI", id="M1001"))
    match = submitted.match(payment)
    assert isinstance(match, Matched)
    assert (match.claim.patient_control_number, match.rule) == ("A2-1", "member_and_service")


def test_two_claims_that_fit_alike_are_ambiguous():
    submitted = submitted_claims([sent(), sent(number="A2")])
    payment = answer("", service("99213", 100, 40))
    payment.parties.append(Party("IL", "1", "MARLOWE", "ADA", id_qualifier="MI", id="M1001"))
    match = submitted.match(payment)
    assert isinstance(match, Ambiguous)
    assert len(match.candidates) == 2


def test_a_charge_with_a_fraction_of_a_cent_is_no_claims():
    payment = answer("K1", charge=100, paid=0)
    payment.charge = Decimal("0.005")
    assert submitted_claims([sent()]).match(payment) == Unmatched()


def test_the_same_claim_to_a_further_payer_is_one_claim_with_two_sendings():
    (claim,) = submitted_claims([sent(), to_secondary(sent())]).claims
    assert [(sending.payer_rank, sending.payer_id, sending.member_id) for sending in claim.submissions] == [
        (1, "PLAN", "M1001"),
        (2, "OTHER", "M2"),
    ]


def test_the_very_same_claim_again_is_known():
    assert len(submitted_claims([sent(), sent()])) == 1


def test_a_replacement_closes_the_claim_before_it_and_payments_go_to_the_new_one():
    changed = replace(sent(("99213", 120)), frequency="7")
    submitted = submitted_claims([sent(), changed])
    assert [claim.closed for claim in submitted.claims] == [True, False]
    match = submitted.match(answer("A1-1", charge=120, paid=100))
    assert isinstance(match, Matched)
    assert match.claim is submitted.claims[1]


def test_a_void_closes_the_claim_that_it_names():
    submitted = submitted_claims([sent(), replace(sent(), frequency="8")])
    assert [claim.closed for claim in submitted.claims] == [True]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"patient_control_number": ""}, "it has no patient control number (CLM01)"),
        ({"lines": ()}, "it has no service line"),
        ({"unreadable": 1}, "an amount, quantity, or date cannot be read"),
        ({"charge": Decimal("100.005")}, "an amount is not a valid dollar amount"),
        ({"charge": Decimal(99)}, "its charge does not equal the total of its lines"),
        ({"frequency": "8"}, "it voids an unknown claim"),
    ],
)
def test_a_claim_that_cannot_be_used_is_a_finding(changes, why):
    submitted = submitted_claims([replace(sent(), **changes), sent(number="A2")])
    assert [claim.patient_control_number for claim in submitted.claims] == ["A2-1"]
    assert [finding.code for finding in submitted.findings] == ["P540"]
    assert why in submitted.findings[0].message
    told: list[Diagnostic] = []
    assert submitted_claims([replace(sent(), **changes)], told.append).findings == []
    assert len(told) == 1


def test_no_claims_match_nothing():
    assert SubmittedClaims(()).match(answer("A1-1", charge=1, paid=1)) == Unmatched()
