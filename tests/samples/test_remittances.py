"""The sample remittances, by plain splitting and adding: nothing of the project but the place of the files."""

import json
import logging
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import pyx12.params
import pyx12.x12n_document

from claimloop.samples import sample_files

Segment = list[str]
REMITTANCES = sorted(
    (path for path in sample_files().joinpath("remittances").iterdir() if path.name.endswith(".835")),
    key=lambda path: path.name,
)
NAMES = [path.name for path in REMITTANCES]
REPEATED = "repeated-2026-11-12.835"


def read_expected(name: str) -> list[dict[str, Any]]:
    text = sample_files().joinpath("expected", f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def segments(name: str) -> list[Segment]:
    """The file's segments; the delimiters are where the ISA has them, components are written with a colon."""
    text = sample_files().joinpath("remittances", name).read_bytes().decode("ascii")
    element, component, terminator = text[3], text[104], text[105]
    pieces = [piece.strip("\r\n") for piece in text.split(terminator)]
    assert pieces.pop() == ""
    isa, *others = pieces
    return [isa.split(element), *(other.replace(component, ":").split(element) for other in others)]


def sets(name: str) -> Iterator[list[Segment]]:
    """Each ST to its SE."""
    everything = segments(name)
    starts = [number for number, segment in enumerate(everything) if segment[0] == "ST"]
    ends = [number for number, segment in enumerate(everything) if segment[0] == "SE"]
    for start, end in zip(starts, ends, strict=True):
        yield everything[start : end + 1]


def groups(run: list[Segment], opener: str, closers: tuple[str, ...]) -> list[list[Segment]]:
    """The run cut before each `opener`, up to the next one or a closer."""
    found: list[list[Segment]] = []
    inside = False
    for segment in run:
        inside = segment[0] == opener or (inside and segment[0] not in closers)
        if segment[0] == opener:
            found.append([])
        if inside:
            found[-1].append(segment)
    return found


def claims(run: list[Segment]) -> list[list[Segment]]:
    return groups(run, "CLP", ("LX", "PLB", "SE"))


def services(claim: list[Segment]) -> list[list[Segment]]:
    return groups(claim, "SVC", ())


def claim_level(claim: list[Segment]) -> list[Segment]:
    names = [segment[0] for segment in claim]
    return claim[: names.index("SVC")] if "SVC" in names else claim


def adjustments(run: list[Segment]) -> list[tuple[str, str, Decimal]]:
    """(group, reason, amount) of each CAS."""
    return [
        (segment[1], segment[at], Decimal(segment[at + 1]))
        for segment in run
        if segment[0] == "CAS"
        for at in range(2, len(segment), 3)
    ]


def total(amounts: Iterator[Decimal] | list[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def adjusted(run: list[Segment]) -> Decimal:
    return total(amount for _, _, amount in adjustments(run))


ALL_SETS = [(name, run) for name in NAMES for run in sets(name)]
FIRST_SETS = [run for name, run in ALL_SETS if name != REPEATED]
ALL_CLAIMS = [claim for run in FIRST_SETS for claim in claims(run)]
ALL_SERVICES = [service for claim in ALL_CLAIMS for service in services(claim)]


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


def line_control_number(service: list[Segment]) -> str:
    return next((segment[2] for segment in service if segment[:2] == ["REF", "6R"]), "")


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


CONTRACTUAL = {("CO", "45"), ("CO", "59"), ("CO", "253")}
DECISIONS = {"insurance_paid", "contractual", "patient", "denied"}


def decided(claim: list[Segment]) -> dict[str, Decimal]:
    """Return what one CLP decides (rules.md#dispositions, rules.md#denials)."""
    sums = dict.fromkeys(DECISIONS, Decimal(0)) | {"insurance_paid": Decimal(claim[0][4])}
    for part in [claim_level(claim), *services(claim)]:
        refused = part[0][0] == "SVC" and adjustments(part) == [("CO", "45", Decimal(part[0][2]))]
        for group, reason, amount in adjustments(part):
            contractual = (group, reason) in CONTRACTUAL and not refused
            sums["patient" if group == "PR" else "contractual" if contractual else "denied"] += amount
    return sums


def test_the_expected_lines_add_up_to_what_the_remittances_say_of_each_claim() -> None:
    said: dict[str, dict[str, Decimal]] = {}
    for claim in ALL_CLAIMS:
        key = claim[0][1].upper().replace("-", "")
        sums = decided(claim)
        said[key] = {name: said.get(key, {}).get(name, Decimal(0)) + amount for name, amount in sums.items()}
    del said["K88213"]
    expected: dict[str, dict[str, Decimal]] = {}
    for line in read_expected("lines"):
        sums = expected.setdefault(line["claim_control_number"].replace("-", ""), dict.fromkeys(DECISIONS, Decimal(0)))
        for name in DECISIONS:
            sums[name] += Decimal(line[name])
    answered = {key: sums for key, sums in expected.items() if key in said}
    assert answered == said
    assert len(answered) == 41
    assert all(not any(sums.values()) for key, sums in expected.items() if key not in said)


def test_the_expected_lines_are_decided_by_the_services_that_name_them() -> None:
    by_number: dict[str, Decimal] = {}
    for service in ALL_SERVICES:
        if line_control_number(service):
            number = line_control_number(service)
            by_number[number] = by_number.get(number, Decimal(0)) + Decimal(service[0][3])
    lines = {line["line_control_number"]: Decimal(line["insurance_paid"]) for line in read_expected("lines")}
    assert by_number.pop("K88213L1") == Decimal("88.40")
    assert len(by_number) > 50
    assert {number: lines[number] for number in by_number} == by_number


def test_the_expected_remittances_are_those_of_the_files() -> None:
    expected = {row["trace_number"]: row for row in read_expected("remittances")}
    assert len(expected) == len(FIRST_SETS)
    held = {row["claim_control_number"]: Decimal(row["amount"]) for row in read_expected("suspense")}
    for run in FIRST_SETS:
        row = expected[run[2][2]]
        assert row["payer_id"] == run[2][3]
        assert row["payment_date"].replace("-", "") == run[1][16]
        assert Decimal(row["payment_amount"]) == Decimal(run[1][2])
        suspended = total(Decimal(claim[0][4]) for claim in claims(run) if claim[0][1] in held)
        assert Decimal(row["suspense"]) == suspended
        assert Decimal(row["posted"]) == total(Decimal(claim[0][4]) for claim in claims(run)) - suspended


def test_what_stands_in_suspense_is_the_claim_that_was_never_sent() -> None:
    (held,) = read_expected("suspense")
    assert (held["trace_number"], held["claim_control_number"], held["amount"]) == (
        "NWE00493027",
        "K88213",
        "88.40",
    )
    assert held["line_control_number"] is None


def test_the_codes_that_the_readme_names_are_in_the_claims_that_it_names() -> None:
    readme = sample_files().joinpath("README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (D1[0-9]{3})-1 \| (.*?) \|", readme, re.MULTILINE)
    assert len(rows) == 47
    for encounter, shows in rows:
        mine = [claim for claim in ALL_CLAIMS if claim[0][1].upper().replace("-", "") == f"{encounter}1"]
        codes = {f"{group}-{reason}" for claim in mine for group, reason, _ in adjustments(claim)}
        codes |= {element for claim in mine for s in claim if s[0] in ("LQ", "MOA") for element in s[1:]}
        named = set(re.findall(r"\b(?:(?:CO|PR|OA|PI)-[0-9]+|(?:MA|M|N)[0-9]+)\b", shows))
        assert named <= codes, encounter
        assert ("no answer yet" in shows) == (not mine), encounter
