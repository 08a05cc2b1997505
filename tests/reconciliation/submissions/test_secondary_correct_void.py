"""What follows a claim that went out: the next payer's claim, voids, corrections; and what the ledger says of them."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from claimloop.builders.encounters.encounter import Coverage, Encounter
from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.guides import pyx12_opinion
from claimloop.edi.records.claim import Claim
from claimloop.edi.validate import validate
from claimloop.parsers import read_837p
from claimloop.reconciliation.claims.history_for_billing import due_for_next_payer
from claimloop.reconciliation.claims.states import find_claim
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.queries.claim_history import story
from claimloop.reconciliation.submissions.outbox import Outbox, SubmitResult
from claimloop.reconciliation.submissions.secondary_correct_void import (
    send_corrections,
    send_to_next_payer,
    send_voids,
)
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation.making import (
    MOMENT,
    OTHER_PAYER,
    answer,
    encounter,
    new_ledger,
    prove,
    receive_sets,
    remittance,
    reversal,
    rows,
    send,
    service,
    service_line,
)
from claimloop.tests.reconciliation.six_claims import held, of

SECOND = Coverage(
    payer_id="MEDIGAP", payer_name="Second Plan", member_id="S2002", filing_indicator="CI", insurance_type="47"
)


def visit(number: int, *further: Coverage) -> Encounter:
    """99213-25 for 100.00 and 17000 for 50.00, with two coverages or more."""
    one = encounter(f"A{number}", service_line("99213", 100, "25"), service_line("17000", 50))
    return msgspec.structs.replace(one, coverages=(*one.coverages, SECOND, *further))


PRIMARY = answer(
    "A1-1",
    service("99213", 100, 60, "CO-45 20", "PR-2 15", "PR-3 5", number="A11L01", modifiers=("25",)),
    service("17000", 50, 40, "CO-45 10", number="A11L02"),
    payer_claim_number="ICN77",
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = new_ledger(tmp_path)
    yield ledger
    prove(ledger)
    ledger.close()


class Desk:
    """A practice that sent A1 to its primary payer; `findings` are what sending reports."""

    def __init__(self, ledger: Ledger, folder: Path, *visits: Encounter) -> None:
        self.ledger, self.folder = ledger, folder
        self.findings: list[Diagnostic] = []
        send(ledger, folder, *(visits or (visit(1),)))
        self.outbox = Outbox((partner(),), ledger, folder / "outbox", MOMENT, self.findings.append)

    def receive(self, trace: str, *payments: object, payer: str = "PLAN") -> None:
        receive_sets(self.ledger, self.folder, remittance(trace, *payments, payer=payer))  # type: ignore[arg-type]

    def ids(self, *numbers: str) -> list[int]:
        with self.ledger.reading() as connection:
            return [found for number in numbers if (found := find_claim(connection, number))]

    def due(self) -> list[int]:
        with self.ledger.reading() as connection:
            return due_for_next_payer(connection)

    def told(self) -> list[str]:
        return [f"{finding.code} {finding.message}" for finding in self.findings]


def only_claim(submission: SubmitResult) -> Claim:
    """The claim of a file that is right in every way."""
    assert submission.file is not None
    found: list[Diagnostic] = []
    validate(submission.file, found.append)
    assert [finding.render() for finding in found if finding.severity == "error"] == []
    assert pyx12_opinion(submission.file) == "accepts"
    (claim,) = read_837p(submission.file, found.append)
    return claim


# To the next payer.


def test_what_the_patient_owes_waits_for_the_next_payer(ledger, tmp_path):
    desk = Desk(ledger, tmp_path)
    desk.receive("T1", PRIMARY)
    assert of(ledger, "A1-1") == {"insurance_paid": "100.00", "contractual": "30.00", "open": "20.00"}
    assert desk.due() == desk.ids("A1-1")


def test_the_secondary_claim_repeats_what_the_primary_decided(ledger, tmp_path):
    desk = Desk(ledger, tmp_path)
    desk.receive("T1", PRIMARY)
    claim = only_claim(send_to_next_payer(desk.due(), desk.outbox))
    assert (claim.patient_control_number, claim.payer.id, claim.subscriber.payer_responsibility) == (
        "A1-2", "MEDIGAP", "S",
    )  # fmt: skip
    (primary,) = claim.other_payers
    assert (primary.payer.id, primary.payer_responsibility, primary.paid, primary.claim_number) == (
        "PLAN", "P", Decimal(100), "ICN77",
    )  # fmt: skip
    assert primary.adjustments == ()
    first, second = claim.lines
    (decided,) = first.adjudications
    assert [(each.group, each.reason, each.amount) for each in decided.adjustments] == [
        ("CO", "45", Decimal(20)),
        ("PR", "2", Decimal(15)),
        ("PR", "3", Decimal(5)),
    ]
    assert (decided.paid, decided.patient_owes, second.adjudications[0].patient_owes) == (
        Decimal(60), Decimal(20), Decimal(0),
    )  # fmt: skip
    assert [line.line_control_number for line in claim.lines] == ["A11L01", "A11L02"]


def test_the_secondarys_answer_is_posted_to_the_same_lines(ledger, tmp_path):
    desk = Desk(ledger, tmp_path)
    desk.receive("T1", PRIMARY)
    send_to_next_payer(desk.due(), desk.outbox)
    secondary = answer(
        "A1-2",
        service("99213", 100, 15, "OA-23 80", "PR-3 5", number="A11L01"),
        service("17000", 50, 0, "OA-23 50", number="A11L02"),
        status="2",
    )
    desk.receive("S1", secondary, payer=OTHER_PAYER)
    assert of(ledger, "A1-1") == {"insurance_paid": "115.00", "contractual": "30.00", "patient": "5.00"}
    assert [row["charge"] for row in rows(ledger, "claims")] == ["150.00"]
    assert (held(ledger), desk.due()) == ([], [])


def test_a_denial_by_the_secondary_needs_no_claim_status(ledger, tmp_path):
    desk = Desk(ledger, tmp_path)
    desk.receive("T1", PRIMARY)
    send_to_next_payer(desk.due(), desk.outbox)
    refused = answer(
        "A1-2", service("99213", 100, 0, "OA-23 80", "CO-29 20"), service("17000", 50, 0, "OA-23 50"), status="4"
    )
    desk.receive("S1", refused, payer=OTHER_PAYER)
    assert of(ledger, "A1-1") == {
        "insurance_paid": "100.00", "contractual": "30.00", "open": "20.00", "denied": "20.00",
    }  # fmt: skip


def test_a_tertiary_claim_names_both_payers_before_it(ledger, tmp_path):
    third = msgspec.structs.replace(SECOND, payer_id="THIRD", payer_name="Third Plan", member_id="T3")
    desk = Desk(ledger, tmp_path, visit(1, third))
    desk.receive("T1", PRIMARY)
    send_to_next_payer(desk.due(), desk.outbox)
    secondary = answer(
        "A1-2",
        service("99213", 100, 10, "OA-23 80", "PR-2 10", number="A11L01", modifiers=("25",)),
        service("17000", 50, 0, "OA-23 50", number="A11L02"),
        status="2", payer_claim_number="S88",
    )  # fmt: skip
    desk.receive("S1", secondary, payer=OTHER_PAYER)
    claim = only_claim(send_to_next_payer(desk.due(), desk.outbox))
    assert [(each.payer.id, each.payer_responsibility, each.paid) for each in claim.other_payers] == [
        ("PLAN", "P", Decimal(100)),
        ("MEDIGAP", "S", Decimal(10)),
    ]
    assert (claim.payer.id, claim.subscriber.payer_responsibility) == ("THIRD", "T")
    assert [each.payer_id for each in claim.lines[0].adjudications] == ["PLAN", "MEDIGAP"]


def test_a_decision_about_the_claim_as_a_whole_goes_on_as_one(ledger, tmp_path):
    desk = Desk(ledger, tmp_path)
    desk.receive("T1", answer("A1-1", charge=150, paid=100, adjustments=("CO-45 30", "PR-1 20")))
    claim = only_claim(send_to_next_payer(desk.due(), desk.outbox))
    (primary,) = claim.other_payers
    assert (primary.paid, primary.patient_owes, len(primary.adjustments)) == (Decimal(100), Decimal(20), 2)
    assert primary.decided_on is not None
    assert [line.adjudications for line in claim.lines] == [(), ()]


@pytest.mark.parametrize(
    ("payment", "problem"),
    [
        (None, "payer 1 has not adjudicated it yet"),
        (
            msgspec.structs.replace(PRIMARY, status="19"),
            "payer 1 forwarded it to the next payer (crossover)",
        ),
        (
            answer("A1-1", service("99213", 100, 60, "CO-45 20", "PR-2 20", number="A11L01")),
            "payer 1 adjudicated 100.00 of the 150.00 charged",
        ),
    ],
)
def test_a_claim_that_has_no_next_one_yet(ledger, tmp_path, payment, problem):
    desk = Desk(ledger, tmp_path)
    if payment is not None:
        desk.receive("T1", payment)
    result = send_to_next_payer(desk.ids("A1-1"), desk.outbox)
    assert (result.claims, result.refused, desk.told()) == (0, 1, [f"P530 cannot submit a follow-up claim: {problem}"])


def test_an_encounter_with_one_coverage_has_no_next_payer(ledger, tmp_path):
    desk = Desk(ledger, tmp_path, encounter("A1"))
    desk.receive("T1", answer("A1-1", service("99213", 100, 80, "PR-2 20")))
    assert of(ledger, "A1-1") == {"insurance_paid": "80.00", "patient": "20.00"}
    send_to_next_payer(desk.ids("A1"), desk.outbox)
    assert desk.told() == ["P530 cannot submit a follow-up claim: its encounter names no further payer"]


def test_the_next_payer_is_asked_once(ledger, tmp_path):
    desk = Desk(ledger, tmp_path)
    desk.receive("T1", PRIMARY)
    send_to_next_payer(desk.due(), desk.outbox)
    assert desk.due() == []
    send_to_next_payer(desk.ids("A1"), desk.outbox)
    assert desk.told() == ["P530 cannot submit a follow-up claim: its encounter names no further payer"]


# Voids.


def test_a_void_repeats_the_claim_with_the_payers_number(ledger, tmp_path):
    desk = Desk(ledger, tmp_path)
    desk.receive("T1", PRIMARY)
    claim = only_claim(send_voids(desk.ids("A1-1"), desk.outbox))
    assert (claim.frequency, claim.patient_control_number, claim.charge) == ("8", "A1-2", Decimal(150))
    assert ("F8", "ICN77") in [(each.qualifier, each.value) for each in claim.references]


def test_a_voided_claim_is_charged_only_what_was_paid_until_that_is_taken_back(ledger, tmp_path):
    desk = Desk(ledger, tmp_path)
    desk.receive("T1", PRIMARY)
    send_voids(desk.ids("A1-1"), desk.outbox)
    (row,) = rows(ledger, "claims")
    assert (row["status"], row["charge"], row["insurance_paid"], row["open"]) == ("voided", "100.00", "100.00", "0.00")
    receive_sets(ledger, tmp_path, remittance("T2", reversal(PRIMARY, "ICN77"), payer="PLAN", amount=0))
    (row,) = rows(ledger, "claims")
    assert (row["status"], row["charge"], row["insurance_paid"]) == ("voided", "0.00", "0.00")


def test_a_claim_that_no_payer_decided_about_is_not_voided(ledger, tmp_path):
    desk = Desk(ledger, tmp_path)
    send_voids(desk.ids("A1-1"), desk.outbox)
    assert desk.told() == [
        "P530 cannot submit a follow-up claim: the payer has not adjudicated the claim and gave it no claim number"
    ]


# Corrections.


def edited(folder: Path, *visits: Encounter) -> list[Path]:
    path = folder / "edited.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in visits))
    return [path]


BETTER = msgspec.structs.replace(
    visit(1), services=(service_line("99214", 130, "25"), service_line("17000", 50))
)  # fmt: skip


def test_a_correction_takes_the_place_of_the_claim(ledger, tmp_path):
    desk = Desk(ledger, tmp_path)
    desk.receive("T1", PRIMARY)
    claim = only_claim(send_corrections(edited(tmp_path, BETTER), desk.outbox))
    assert (claim.frequency, claim.patient_control_number, claim.charge) == ("7", "A1-2", Decimal(180))
    assert ("F8", "ICN77") in [(each.qualifier, each.value) for each in claim.references]
    assert [(row["claim_control_number"], row["charge"], row["status"]) for row in rows(ledger, "claims")] == [
        ("A1-1", "100.00", "replaced"),
        ("A1-2", "180.00", "submitted"),
    ]


def test_reversal_and_correction_end_with_the_correction_alone(ledger, tmp_path):
    desk = Desk(ledger, tmp_path, encounter("A1", service_line("99213", 100)))
    original = answer("A1-1", service("99213", 100, 80, "CO-45 20"), payer_claim_number="ICN77")
    desk.receive("T1", original)
    send_corrections(edited(tmp_path, encounter("A1", service_line("99214", 130))), desk.outbox)
    better = answer("A1-2", service("99214", 130, 110, "CO-45 20"), payer_claim_number="ICN78")
    desk.receive("T2", reversal(original, "ICN77"), better)
    assert of(ledger, "A1-1") == {}
    assert of(ledger, "A1-2") == {"insurance_paid": "110.00", "contractual": "20.00"}
    assert held(ledger) == []


def test_a_claim_rejected_before_a_decision_goes_as_new(ledger, tmp_path):
    desk = Desk(ledger, tmp_path)
    send_corrections(edited(tmp_path, BETTER), desk.outbox)
    assert desk.told() == [
        "P530 cannot submit a follow-up claim: the payer has not adjudicated the claim and gave it no claim "
        "number; if it was rejected before adjudication, use --rejected"
    ]
    claim = only_claim(send_corrections(edited(tmp_path, BETTER), desk.outbox, rejected=True))
    assert (claim.frequency, claim.patient_control_number) == ("1", "A1-2")
    assert not any(each.qualifier == "F8" for each in claim.references)
    assert [(row["charge"], row["status"]) for row in rows(ledger, "claims")] == [
        ("0.00", "replaced"),
        ("180.00", "submitted"),
    ]


def test_a_part_that_the_correction_no_longer_needs_is_voided(ledger, tmp_path):
    long = encounter("A1", *(service_line("17003", 1) for _ in range(51)))
    desk = Desk(ledger, tmp_path, long)
    desk.receive(
        "T1",
        answer("A1-1", charge=50, paid=50, payer_claim_number="ONE"),
        answer("A1-1B", service("17003", 1, 1), payer_claim_number="TWO"),
    )
    result = send_corrections(edited(tmp_path, encounter("A1", service_line("17003", 1))), desk.outbox)
    assert result.file is not None
    sent = read_837p(result.file, lambda _: None)
    told = [(claim.frequency, claim.references[-1].value, claim.charge) for claim in sent]
    assert told == [("7", "ONE", Decimal(1)), ("8", "TWO", Decimal(1))]
    assert [row["status"] for row in rows(ledger, "claims")] == ["replaced", "voided", "submitted"]


def test_only_the_claims_that_are_meant_are_corrected(ledger, tmp_path):
    desk = Desk(ledger, tmp_path, visit(1), visit(2))
    desk.receive("T1", PRIMARY)
    result = send_corrections(edited(tmp_path, BETTER, visit(2)), desk.outbox, only={"A1"})
    assert (result.claims, desk.told()) == (1, [])


def test_the_story_tells_each_sending(ledger, tmp_path):
    desk = Desk(ledger, tmp_path)
    desk.receive("T1", PRIMARY)
    send_to_next_payer(desk.due(), desk.outbox)
    with ledger.reading() as connection:
        told = story(connection, desk.ids("A1-2")[0]).as_text()
    said = [(event["event"], event.get("claim_control_number"), event.get("payer")) for event in told["events"]]
    assert sorted(said, key=str) == [
        ("payment", None, "INVENTED PLAN"),
        ("submitted", "A1-1", "Invented Plan"),
        ("submitted", "A1-2", "Second Plan"),
    ]


def test_a_correction_that_fails_the_final_check_is_held_and_the_rest_goes(ledger, tmp_path):
    no_visits = (
        '[[change]]\nguide = "005010X222"\nat = "2400/SV1/SV101-2"\nbecause = "the payer pays for no such visit"\n'
        'remove = []\nshape = "^(?!99214)"\n'
    )
    (tmp_path / "acme.toml").write_text(no_visits, encoding="utf-8")
    desk = Desk(ledger, tmp_path, encounter("A1"), encounter("A2"))
    strict = partner(companion_guide=str(tmp_path / "acme.toml"))
    outbox = msgspec.structs.replace(desk.outbox, partners=(strict,))
    visits = encounter("A1", service_line("99214", 130)), encounter("A2", service_line("17000", 70))
    result = send_corrections(edited(tmp_path, *visits), outbox, rejected=True)
    assert (result.encounters, result.claims, result.held) == (2, 1, 1)
    assert [(finding.code, finding.where.subject) for finding in desk.findings] == [("P520", "encounter A1")]


def test_a_correction_that_no_partner_takes_or_that_comes_twice_is_held(ledger, tmp_path):
    desk = Desk(ledger, tmp_path, encounter("A1"), encounter("A2"))
    other = msgspec.structs.replace(encounter("A2").coverages[0], payer_id="OTHER")
    outbox = msgspec.structs.replace(desk.outbox, partners=(partner(payers=["PLAN"]),))
    elsewhere = msgspec.structs.replace(encounter("A2"), coverages=(other,))
    sources = edited(tmp_path, encounter("A1", service_line("17000", 70)), elsewhere)
    again = tmp_path / "again.jsonl"
    again.write_bytes(msgspec.json.encode(encounter("A1", service_line("17000", 80))))
    result = send_corrections([*sources, again], outbox, rejected=True)
    assert (result.encounters, result.claims, result.held) == (3, 1, 2)
    assert [finding.code for finding in desk.findings] == ["P523", "P511"]
