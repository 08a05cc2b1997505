"""The sample remittances balance, and contain what their README says."""

import logging
import re
from decimal import Decimal

import pytest
import pyx12.params
import pyx12.x12n_document

from claimloop.samples import sample_files
from claimloop.tests.samples.split_remittances import (
    ALL_CLAIMS,
    ALL_SERVICES,
    ALL_SETS,
    FIRST_SETS,
    NAMES,
    REMITTANCES,
    REPEATED,
    Segment,
    adjusted,
    adjustments,
    claim_level,
    claims,
    line_control_number,
    segments,
    services,
    sets,
    total,
)


def test_there_are_five_files_or_more_of_three_payers() -> None:
    assert len(NAMES) >= 5
    assert len({segment[3] for run in FIRST_SETS for segment in run if segment[0] == "TRN"}) == 3


@pytest.mark.parametrize("name", NAMES)
def test_the_envelope_counts_what_it_holds(name: str) -> None:
    everything = segments(name)
    assert [len(element) for element in everything[0]] == [
        3,
        2,
        10,
        2,
        10,
        2,
        15,
        2,
        15,
        6,
        4,
        1,
        5,
        9,
        1,
        1,
        1,
    ]
    assert everything[-1] == ["IEA", "1", everything[0][13]]
    assert everything[1][0] == "GS"
    assert everything[-2] == ["GE", str(len(list(sets(name)))), everything[1][6]]
    for run in sets(name):
        assert run[-1] == ["SE", str(len(run)), run[0][2]]
    set_numbers = [run[0][2] for run in sets(name)]
    assert len(set(set_numbers)) == len(set_numbers)


@pytest.mark.parametrize("name", NAMES)
def test_lines_claims_and_transactions_balance(name: str) -> None:
    for run in sets(name):
        for claim in claims(run):
            control_number, charge, paid = claim[0][1], Decimal(claim[0][3]), Decimal(claim[0][4])
            assert charge - adjusted(claim) == paid, control_number
            for service in services(claim):
                assert Decimal(service[0][2]) - adjusted(service) == Decimal(service[0][3]), control_number
            if services(claim):
                assert total(Decimal(service[0][2]) for service in services(claim)) == charge, control_number
                lines_paid = total(Decimal(service[0][3]) for service in services(claim))
                assert lines_paid - adjusted(claim_level(claim)) == paid, control_number
            owed = total(amount for group, _, amount in adjustments(claim) if group == "PR")
            assert Decimal(claim[0][5] or 0) == owed, control_number
        provider = total(Decimal(amount) for segment in run if segment[0] == "PLB" for amount in segment[4::2])
        assert Decimal(run[1][2]) == total(Decimal(claim[0][4]) for claim in claims(run)) - provider


@pytest.mark.parametrize("name", NAMES)
def test_amounts_are_written_as_x12_writes_them(name: str) -> None:
    amount = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]?[1-9])?")
    for run in sets(name):
        for segment in run:
            for at in {"BPR": (2,), "CLP": (3, 4), "SVC": (2, 3), "AMT": (2,)}.get(segment[0], ()):
                assert amount.fullmatch(segment[at]), segment
    assert all(figure != 0 for run in sets(name) for _, _, figure in adjustments(run))


@pytest.mark.parametrize("path", REMITTANCES, ids=NAMES)
def test_pyx12_finds_no_error(path: object, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="pyx12"):
        assert pyx12.x12n_document.x12n_document(
            param=pyx12.params.params(), src_file=str(path), fd_997=None, fd_html=None
        )
    assert caplog.messages == []


def has(group: str, reason: str, run: list[Segment]) -> bool:
    return any((g, r) == (group, reason) for g, r, _ in adjustments(run))


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        ("CO", "45"),
        ("PR", "1"),
        ("PR", "2"),
        ("PR", "3"),
        ("CO", "4"),
        ("CO", "97"),
        ("CO", "50"),
        ("CO", "16"),
        ("CO", "29"),
        ("PR", "96"),
        ("OA", "18"),
        ("CO", "253"),
    ],
)
def test_the_adjustment_occurs(group: str, reason: str) -> None:
    assert any(has(group, reason, claim) for claim in ALL_CLAIMS)


def test_some_line_is_paid_in_full_and_some_with_a_contractual_adjustment_only() -> None:
    assert any(not adjustments(service) and Decimal(service[0][3]) > 0 for service in ALL_SERVICES)
    assert any(
        {(group, reason) for group, reason, _ in adjustments(claim)} == {("CO", "45")} and Decimal(claim[0][4]) > 0
        for claim in ALL_CLAIMS
    )


def test_missing_information_names_what_is_missing() -> None:
    lacking = [service for service in ALL_SERVICES if has("CO", "16", service)]
    remarks = {segment[2] for service in lacking for segment in service if segment[0] == "LQ"}
    assert {"M76", "N290"} <= remarks
    assert all(any(segment[0] == "LQ" for segment in service) for service in lacking)


def test_a_line_with_its_whole_charge_as_co_45_is_there() -> None:
    assert any(
        adjustments(service) == [("CO", "45", Decimal(service[0][2]))] and service[0][3] == "0"
        for service in ALL_SERVICES
    )


def test_the_reversal_mirrors_the_payment_and_stands_before_its_correction() -> None:
    same_claim = [claim for claim in ALL_CLAIMS if claim[0][1] == "D1106-1"]
    paid, reversal, correction = same_claim
    assert [claim[0][2] for claim in same_claim] == ["1", "22", "1"]
    assert paid[0][7] == reversal[0][7]
    for before, after in zip(services(paid), services(reversal), strict=True):
        assert before[0][1] == after[0][1]
        assert [Decimal(figure) for figure in before[0][2:4]] == [-Decimal(figure) for figure in after[0][2:4]]
        assert adjustments(before) == [(group, reason, -amount) for group, reason, amount in adjustments(after)]
    assert correction[0][4] != paid[0][4]


def test_interest_on_the_claims_is_what_plb_l6_pays() -> None:
    for run in FIRST_SETS:
        on_claims = total(Decimal(s[2]) for s in run if s[0] == "AMT" and s[1] == "I")
        paid = total(
            Decimal(s[at + 1]) for s in run if s[0] == "PLB" for at in range(3, len(s), 2) if s[at].startswith("L6")
        )
        assert on_claims == -paid
    assert any(s[0] == "AMT" and s[1] == "I" for run in FIRST_SETS for s in run)


def test_a_recoupment_takes_money() -> None:
    takes = [
        Decimal(s[at + 1])
        for run in FIRST_SETS
        for s in run
        if s[0] == "PLB"
        for at in range(3, len(s), 2)
        if s[at].startswith("WO:")
    ]
    assert takes == [Decimal(45)]


def test_a_line_comes_back_split_under_one_line_control_number() -> None:
    (claim,) = [claim for claim in ALL_CLAIMS if claim[0][1] == "D1009-1"]
    numbers = [line_control_number(service) for service in services(claim)]
    assert numbers.count("D10091L03") == 2
    parts = [service for service in services(claim) if line_control_number(service) == "D10091L03"]
    assert total(Decimal(part[0][2]) for part in parts) == 14 * 18
    assert [part[0][7] for part in parts] == ["14", "14"]


def test_lines_come_back_without_number_and_without_modifiers() -> None:
    (claim,) = [claim for claim in ALL_CLAIMS if claim[0][1] == "D1115-1"]
    assert [service[0][1] for service in services(claim)] == ["HC:17000", "HC:17273"]
    assert not any(map(line_control_number, services(claim)))


def test_two_identical_lines_come_back_without_number() -> None:
    (claim,) = [claim for claim in ALL_CLAIMS if claim[0][1] == "D1002-1"]
    assert services(claim)[1] == services(claim)[2]
    assert not any(map(line_control_number, services(claim)))


def test_a_recoded_line_names_the_submitted_procedure() -> None:
    recoded = [service[0] for service in ALL_SERVICES if len(service[0]) > 6 and service[0][6]]
    assert [(svc[1], svc[6]) for svc in recoded] == [("HC:99213:25", "HC:99214:25")]


def test_claims_are_adjudicated_without_lines() -> None:
    without = {claim[0][1] for claim in ALL_CLAIMS if not services(claim)}
    assert without == {"D1111-1", "D1112-1", "D1204-1"}


def test_remark_codes_of_the_claim_stand_in_moa() -> None:
    assert {code for claim in ALL_CLAIMS for s in claim if s[0] == "MOA" for code in s[3:]} == {
        "MA01",
        "MA18",
        "MA130",
    }


def test_control_numbers_come_back_changed_twice() -> None:
    changed = {claim[0][1] for claim in ALL_CLAIMS if not re.fullmatch(r"D1[0-9]{3}-1", claim[0][1])}
    assert changed == {"d1011-1", "D11161", "K88213"}


def test_one_notice_moves_no_money() -> None:
    (notice,) = [run for run in FIRST_SETS if run[1][1] == "H"]
    assert (notice[1][2], notice[1][4]) == ("0", "NON")
    assert claims(notice)
    assert {claim[0][4] for claim in claims(notice)} == {"0"}


def test_the_clearinghouse_has_another_shape_and_several_sets() -> None:
    text = sample_files().joinpath("remittances", "clearinghouse-2026-10-30.835").read_bytes()
    assert b"\n" not in text
    assert (text[3:4], text[104:106]) == (b"|", b">'")
    assert len(list(sets("clearinghouse-2026-10-30.835"))) == 4


def test_a_payment_is_repeated_in_another_envelope() -> None:
    (again,) = sets(REPEATED)
    (first,) = sets("commercial-2026-10-20.835")
    assert again[1:-1] == first[1:-1]
    assert segments(REPEATED)[0][13] != segments("commercial-2026-10-20.835")[0][13]
    traces = [segment[2] for _, run in ALL_SETS for segment in run if segment[0] == "TRN"]
    assert len(traces) == len(set(traces)) + 1
