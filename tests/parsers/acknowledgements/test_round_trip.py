"""What this project writes as an acknowledgement says the same when it is read."""

import json
from collections import Counter
from datetime import datetime

import pytest

from claimloop.builders.acknowledgements.acknowledge import acknowledge
from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.records.acknowledgement import (
    BatchStatus,
    ClaimStatus,
    GroupAcknowledgement,
    InterchangeAcknowledgement,
    ProviderStatus,
    StatusReportEnd,
)
from claimloop.parsers.acknowledgements.reader import acknowledgement_items
from claimloop.simulation.answers import answer
from claimloop.tests.simulation.making import Line, Visit, write_837

VISITS = [Visit(f"VISIT{number}-1", payer=f"PLAN{number % 2 + 1}", member=f"M{number}") for number in range(60)]
MOMENT = datetime(2026, 10, 7, 12)


def read(path):
    found: list[Diagnostic] = []
    with path.open("rb") as stream:
        items = list(acknowledgement_items(stream, path.name, found.append))
    assert [finding.render() for finding in found] == []
    return items


def only(kind, items):
    return [item for item in items if isinstance(item, kind)]


@pytest.fixture
def answers(tmp_path):
    odd = Visit("ODD-1", (Line("99213", "150"),), charge="99", more=("REF*D9*TRACE77",))
    files = [write_837(tmp_path / "first.837", *VISITS[:40], odd), write_837(tmp_path / "second.837", *VISITS[40:])]
    return answer(files, tmp_path / "answers", 7, scenarios=["usual", "rejected=0.2"])


def test_a_simulated_277ca_reads_as_its_truth(answers):
    truths = [json.loads(line) for line in answers.acknowledgement_truth.read_text(encoding="utf-8").splitlines()]
    truths = [row for row in truths if "claim_control_number" in row]
    told = [(path.name, claim) for path in answers.statuses for claim in only(ClaimStatus, read(path))]
    assert [
        (name, claim.control_number, claim.accepted, claim.statuses[0].category, claim.statuses[0].codes[0].status)
        for name, claim in told
    ] == [
        (row["answer"], row["claim_control_number"], row["accepted"], row["category"], row["status"]) for row in truths
    ]
    assert Counter(claim.accepted for _, claim in told).keys() == {True, False}
    assert {bool(claim.payer_claim_number) for _, claim in told if claim.accepted} == {True}
    assert [claim.clearinghouse_number for _, claim in told if claim.control_number == "ODD-1"] == ["TRACE77"]


def test_the_totals_of_a_simulated_277ca_are_those_of_its_claims(answers):
    for path in answers.statuses:
        items = read(path)
        claims = only(ClaimStatus, items)
        (batch,), (provider,) = only(BatchStatus, items), only(ProviderStatus, items)
        accepted = [claim for claim in claims if claim.accepted]
        rejected = [claim for claim in claims if claim.accepted is False]
        counts = len(accepted), len(rejected) or None
        assert (batch.count("90"), batch.count("AA")) == (provider.count("QA"), provider.count("QC")) == counts
        assert batch.amount("YU") == provider.amount("YU") == sum(claim.charge for claim in accepted)
        assert {claim.batch_reference for claim in claims} == {"BATCH17"}
        assert only(StatusReportEnd, items)[0].claims == len(claims)


def test_the_ta1_and_999_of_a_good_file_accept_it(answers):
    items = [item for path in answers.acknowledgements for item in read(path)]
    assert [ta1.control_number for ta1 in only(InterchangeAcknowledgement, items)] == ["000000017"] * 2
    assert {ta1.note for ta1 in only(InterchangeAcknowledgement, items)} == {"000"}
    assert {item.accepted for item in items} == {True}
    assert [one.control_number for group in only(GroupAcknowledgement, items) for one in group.sets] == ["0001"] * 2


SPOILT = {
    "a good file": ("", ""),
    "a wrong place of service": ("*11:B:1*", "*11:X:1*"),
    "an unknown qualifier": ("NM1*IL*1*", "NM1*QQ*1*"),
    "no diagnosis": ("HI*ABK:L570*ABF:D225~", ""),
    "a letter in an amount": ("SV1*HC:17000*95*", "SV1*HC:17000*9X*"),
    "another count of segments": ("SE*", "SE*9"),
    "another control number": ("GE*1*17", "GE*1*18"),
    "an interchange of another number": ("IEA*1*000000017", "IEA*1*000000018"),
}


@pytest.mark.parametrize("what", SPOILT)
@pytest.mark.parametrize("guide", ["005010X222A1", "004010X098A1"])
def test_what_is_built_is_read(tmp_path, what, guide):
    path = write_837(tmp_path / "claims.837", *VISITS[:3])
    text = path.read_text(encoding="ascii").replace("005010X222A1", guide).replace(*SPOILT[what], 1)
    path.write_text(text, encoding="ascii")
    said = acknowledge(path, 9, MOMENT, lambda _: None)
    (judged,) = said.interchanges
    for form, written in (("TA1", said.ta1), ("999", said.implementation), ("997", said.functional)):
        (tmp_path / f"a.{form}").write_text(written, encoding="ascii")
    (ta1,) = only(InterchangeAcknowledgement, read(tmp_path / "a.TA1"))
    assert (ta1.control_number, ta1.code, ta1.note) == (judged.control_number, judged.verdict, judged.note)
    groups = [
        group
        for form, written in (("999", said.implementation), ("997", said.functional))
        if written
        for group in only(GroupAcknowledgement, read(tmp_path / f"a.{form}"))
    ]
    answered = [group for group in judged.groups if group.form]
    assert [
        (
            group.kind, group.functional_id, group.control_number, group.code, group.declared, group.received,
            group.accepted_sets, group.accepted, [(one.kind, one.control_number, one.code) for one in group.sets],
        )
        for group in groups
    ] == [
        (
            group.form, group.functional_id, group.control_number, group.verdict, group.declared, group.received,
            group.accepted, group.verdict in "AE", [(one.kind, one.control_number, one.verdict) for one in group.sets],
        )
        for group in answered
    ]  # fmt: skip


def test_an_error_in_a_claim_names_the_claim(tmp_path):
    path = write_837(tmp_path / "claims.837", *VISITS[:3])
    head, middle, tail = path.read_text(encoding="ascii").partition("CLM*VISIT1-1*")
    path.write_text(head + middle + tail.replace("*11:B:1*", "*11:X:1*", 1), encoding="ascii")
    (tmp_path / "a.999").write_text(acknowledge(path, 9, MOMENT, lambda _: None).implementation, encoding="ascii")
    (group,) = only(GroupAcknowledgement, read(tmp_path / "a.999"))
    (error,) = group.sets[0].errors
    assert (error.segment_id, error.control_number, group.accepted) == ("CLM", "VISIT1-1", False)
    assert [(one.position, one.component, one.value) for one in error.elements] == [(5, 2, "X")]
