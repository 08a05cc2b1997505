"""What is said when a remittance or an encounter meets the ledger (P5xx), word for word."""

from contextlib import closing
from datetime import timedelta
from unittest.mock import patch

import msgspec
import pytest

from claimloop.builders.encounters.encounter import Coverage
from claimloop.builders.final_check import FileHeld
from claimloop.reconciliation.acknowledgements.receive import receive_acknowledgements
from claimloop.reconciliation.claims.states import find_claim
from claimloop.reconciliation.decisions.import_file import import_decisions
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.remittances.post import receive_835
from claimloop.reconciliation.submissions.import_837p import import_837p
from claimloop.reconciliation.submissions.outbox import Outbox
from claimloop.reconciliation.submissions.secondary_correct_void import send_corrections, send_to_next_payer
from claimloop.reconciliation.submissions.submit import submit
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.diagnostics.said import says
from claimloop.tests.reconciliation.inbox import Inbox
from claimloop.tests.reconciliation.making import (
    MOMENT,
    encounter,
    new_ledger,
    remittance,
    send,
    service_line,
    write_835,
)
from claimloop.tests.reconciliation.nightly.practice import run as run_night
from claimloop.tests.reconciliation.nightly.practice import start_practice, write_encounters
from claimloop.tests.reconciliation.six_claims import paid, six_claims
from claimloop.tests.reconciliation.submissions.test_import_837p import claim as foreign_claim
from claimloop.tests.reconciliation.submissions.test_import_837p import written


def receive(folder, paths, report):
    """`claimloop receive` of these files by a practice that has sent six claims."""
    with closing(six_claims(folder)) as ledger:
        for path in paths:
            list(receive_835(path, ledger, Dispositions(), MOMENT, report))


def build(folder, encounters, report):
    """`claimloop build` of one file of encounters after the other."""
    with closing(new_ledger(folder)) as ledger:
        for number, each in enumerate(encounters):
            path = folder / f"{number}.json"
            path.write_bytes(msgspec.json.encode(each))
            submit([path], Outbox((partner(),), ledger, folder / "outbox", MOMENT, report))


@says(
    "cut.835:20: X118 error: transaction set 0001 has no SE trailer",
    "cut.835:3: P501 error: set 0001 has no SE trailer: the remittance was not posted",
)
def test_a_set_that_breaks_off(folder, report):
    path = write_835(folder / "cut.835", remittance("T1", paid(1)), complete=False)
    receive(folder, [path], report)


@says("in.835:3: P502 note: payment T1 was already posted; no changes made")
def test_a_payment_that_is_known(folder, report):
    path = write_835(folder / "in.835", remittance("T1", paid(1)))
    receive(folder, [path, path], report)


@says("b.835:3: P503 warning: payment T1 is in suspense: the same payment was received before with different content")
def test_a_payment_that_is_held(folder, report):
    first = write_835(folder / "a.835", remittance("T1", paid(1)))
    second = write_835(folder / "b.835", remittance("T1", paid(2)))
    receive(folder, [first, second], report)


@says("P510 note: already sent as A1-1 in acme_000000001.837: not sent again  [encounter A1]")
def test_an_encounter_that_was_sent(folder, report):
    build(folder, [encounter("A1"), encounter("A1")], report)


@says("P511 error: duplicate encounter ID  [encounter A1]")
def test_an_encounter_id_that_comes_twice(folder, report):
    monday, tuesday = folder / "monday.json", folder / "tuesday.json"
    monday.write_bytes(msgspec.json.encode(encounter("A1", service_line("17000", 100))))
    tuesday.write_bytes(msgspec.json.encode(encounter("A1", service_line("17000", 70))))
    with closing(new_ledger(folder)) as ledger:
        submit([monday, tuesday], Outbox((partner(),), ledger, folder / "outbox", MOMENT, report))


@says("P512 error: build cannot send frequency 8 (corrected or void claim)  [encounter A1]")
def test_a_void_claim_is_not_for_build(folder, report):
    void = msgspec.structs.replace(encounter("A1"), frequency="8", payer_claim_number="ICN1")
    build(folder, [void], report)


def build_with(folder, report, *, second_opinion=False, **settings):
    """`claimloop build` of the encounter A1 for a partner with these settings."""
    path = folder / "a1.json"
    path.write_bytes(msgspec.json.encode(encounter("A1")))
    with closing(new_ledger(folder)) as ledger:
        submit([path], Outbox((partner(**settings),), ledger, folder / "outbox", MOMENT, report, second_opinion))


COMPANION = """
[[change]]
guide = "005010X222"
at = "2010BA/NM1/NM109"
because = "the payer's member ids have nine digits"
shape = "^[0-9]{9}$"
"""


@says(
    "P520 error: claim failed its final check: G436 Subscriber Primary Identifier does not have the "
    "required format  [2010BA encounter A1, NM109]  value ••••• (masked: 1 letter, 4 digits)"
)
def test_a_claim_that_the_companion_guide_forbids(folder, report):
    (folder / "acme.toml").write_text(COMPANION, encoding="utf-8")
    build_with(folder, report, companion_guide=str(folder / "acme.toml"))


@says("acme_000000001.837: P521 error: pyx12 rejects the finished file acme_000000001.837: none of it was sent")
def test_a_file_that_pyx12_rejects(folder, report):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("claimloop.builders.final_check.pyx12_opinion", lambda _: "rejects")
        with pytest.raises(FileHeld):
            build_with(folder, report, second_opinion=True)


@says(
    "acme_000000001.837: P522 note: pyx12 cannot check acme_000000001.837: it has no map of 005010X222A2, or the file is "
    "not ASCII"
)
def test_a_file_that_pyx12_has_no_map_for(folder, report):
    build_with(folder, report, second_opinion=True, guide="005010X222A2")


@says("P523 error: no partner accepts claims for payer PLAN  [encounter A1]")
def test_a_payer_without_a_partner(folder, report):
    path = folder / "a1.json"
    path.write_bytes(msgspec.json.encode(encounter("A1")))
    with closing(new_ledger(folder)) as ledger:
        submit([path], Outbox((partner(payers=["OTHER"]),), ledger, folder / "outbox", MOMENT, report))


@says("P524 error: guide has no place for 11 attachments  [encounter A1]")
def test_more_paper_than_the_guide_has_room_for(folder, report):
    """The checks refuse all that is known; this is said if one day they miss something."""
    with patch("claimloop.builders.sendable.unwritable", return_value="no place for 11 attachments"):
        build(folder, [encounter("A1")], report)


@says("P530 error: cannot submit a follow-up claim: payer 1 has not adjudicated it yet  [claim A1-1]")
def test_a_claim_to_the_next_payer_that_comes_too_soon(folder, report):
    second = Coverage(payer_id="OTHER", payer_name="Second Plan", member_id="S2", filing_indicator="CI")
    visit = encounter("A1")
    with closing(new_ledger(folder)) as ledger:
        send(ledger, folder, msgspec.structs.replace(visit, coverages=(*visit.coverages, second)))
        with ledger.reading() as connection:
            claim_id = find_claim(connection, "A1-1")
        assert claim_id is not None
        send_to_next_payer([claim_id], Outbox((partner(),), ledger, folder / "outbox", MOMENT, report))


@says("P531 error: cannot correct an encounter that was never sent  [encounter A1]")
def test_a_correction_of_what_was_never_sent(folder, report):
    path = folder / "edited.json"
    path.write_bytes(msgspec.json.encode(encounter("A1")))
    with closing(new_ledger(folder)) as ledger:
        send_corrections([path], Outbox((partner(),), ledger, folder / "outbox", MOMENT, report))


@says("money.csv:2: P550 error: decision was not posted: no claim A9-1 was submitted")
def test_a_payment_for_a_claim_that_was_never_sent(folder, report):
    path = folder / "money.csv"
    path.write_text("kind,claim,amount,day,reference\npatient-payment,A9-1,20.00,2026-10-03,R1\n")
    with closing(new_ledger(folder)) as ledger:
        import_decisions(path, ledger, Dispositions(), MOMENT, report)


@says("in1.x12: P560 warning: 1 acknowledgement does not match any file or claim of this ledger")
def test_an_acknowledgement_of_what_was_never_sent(folder, report):
    with closing(new_ledger(folder)) as ledger:
        receive_acknowledgements(Inbox(folder).ta1("A"), ledger, MOMENT, report)


@says("void.837:20: P540 error: claim was not imported: it voids an unknown claim  [2300]")
def test_a_foreign_void_of_an_unknown_claim(folder, report):
    path = written(folder, "void.837", foreign_claim(frequency="8", more="REF*F8*ICN1~"))
    with closing(new_ledger(folder)) as ledger:
        import_837p(path, ledger, MOMENT, report)


@says(
    "P510 note: already sent as A1-1 in mockclearing_000000001.837: not sent again  [encounter A1]",
    "P526 error: this encounter was already sent as A1-1, with another member, other dates, or other charges"
    "  [encounter A1]",
)
def test_another_visit_under_an_id_of_before_in_the_nightly_run(folder, report):
    practice = start_practice(folder)
    for day, charge in ((MOMENT.date(), "120.00"), (MOMENT.date() + timedelta(1), "130.00")):
        write_encounters(practice / "encounters" / "visits.jsonl", [encounter("A1", service_line(charge=charge))])
        run_night(practice, day, more={"report": report})


@says(
    "P525 error: patient control number was already sent on another claim  [encounter A2]  value ••-• (masked: 2 letters, 1 digit)"
)
def test_a_control_number_of_the_practice_that_went_out_before(folder, report):
    own = [msgspec.structs.replace(encounter(name), patient_control_number="PC-1") for name in ("A1", "A2")]
    with closing(new_ledger(folder)) as ledger:
        send(ledger, folder, own[0])
        path = folder / "later.json"
        path.write_bytes(msgspec.json.encode(own[1]))
        submit([path], Outbox((partner(),), ledger, folder / "outbox", MOMENT, report))
