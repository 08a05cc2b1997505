"""`build_837p`: encounters in, checked files in memory out; what must not go out is held."""

from contextlib import closing
from datetime import date, datetime
from decimal import Decimal

import msgspec
import pytest
from msgspec.structs import replace

from claimloop.builders import BuiltFiles, ControlNumbers, Encounter, Service, build_837p
from claimloop.edi.diagnostics import Diagnostic
from claimloop.parsers import read_837p
from claimloop.tests.builders.encounters.examples import MOMENT, SIMPLE, partner

NUMBERS = ControlNumbers(7, 8, 9)


def visit(encounter_id: str, **changes: object) -> Encounter:
    return replace(SIMPLE, encounter_id=encounter_id, **changes)


def build(*encounters: Encounter, numbers: ControlNumbers = NUMBERS, **of_partner: object) -> BuiltFiles:
    return build_837p(encounters, partner(**of_partner), numbers, MOMENT)


def codes(built: BuiltFiles) -> list[str]:
    return [finding.code for finding in built.findings]


def test_a_good_encounter_becomes_a_file_that_reads_back():
    built = build(visit("A1"))
    (file,) = built.files
    assert (built.held, codes(built)) == ((), [])
    assert (file.name, file.lines, file.charge) == ("acme_000000007.837", 2, Decimal("285.00"))
    (claim,) = read_837p(file.content)
    assert claim.patient_control_number == file.claims[0].claim.patient_control_number == "A1-1"
    assert claim.source is not None
    numbers = (claim.source.interchange, claim.source.group, claim.source.transaction)
    assert numbers == ("000000007", "8", "0009") == ("000000007", "8", file.claims[0].set_control_number)


def test_the_same_input_gives_the_same_bytes():
    assert build(visit("A1"), visit("A2")) == build(visit("A1"), visit("A2"))


def test_an_encounter_with_errors_is_held_with_all_of_them_and_the_others_go():
    built = build(visit("A1", diagnoses=("nonsense",), place_of_service="77777"), visit("A2"))
    assert built.held == ("A1",)
    assert {finding.where.subject for finding in built.findings} == {"encounter A1"}
    assert len(built.findings) >= 2
    assert [claim.encounter_id for claim in built.files[0].claims] == ["A2"]


def test_where_nothing_may_go_there_is_no_file_and_no_number_is_used():
    built = build(visit("A1", diagnoses=()))
    assert (built.files, built.held, built.next_numbers) == ((), ("A1",), NUMBERS)
    assert build().files == ()


def test_values_of_a_wrong_type_are_findings():
    service = Service(procedure="99213", charge="many", service_date=date(2024, 5, 2))  # type: ignore[arg-type]
    built = build(visit("A1", services=(service,)), visit("A2"))
    assert (built.held, codes(built)) == (("A1",), ["C304"])
    assert built.findings[0].where.element == "services#1.charge"


def test_an_id_or_a_control_number_that_comes_twice_holds_the_second():
    built = build(visit("A1"), visit("A1"), visit("A2", patient_control_number="A1-1"))
    assert codes(built) == ["P511", "P525"]
    assert built.held == ("A1", "A2")
    assert len(built.files[0].claims) == 1


def test_a_correction_is_not_an_original_claim():
    assert codes(build(visit("A1", frequency="7", payer_claim_number="ICN1"))) == ["P512"]


def test_claims_per_file_and_per_set_divide_the_claims_and_the_numbers_go_on():
    built = build(*(visit(f"A{number}") for number in range(5)), claims_per_file=3, claims_per_set=2)
    assert [len(file.claims) for file in built.files] == [3, 2]
    assert [[claim.set_control_number for claim in file.claims] for file in built.files] == [
        ["0009", "0009", "0010"],
        ["0011", "0011"],
    ]
    assert [file.control_numbers for file in built.files] == [ControlNumbers(7, 8, 9), ControlNumbers(8, 9, 11)]
    assert built.next_numbers == ControlNumbers(9, 10, 12)


def test_more_than_fifty_lines_are_several_claims_of_one_encounter():
    built = build(visit("A1", services=SIMPLE.services * 30))
    assert [(claim.encounter_id, claim.part) for claim in built.files[0].claims] == [("A1", 1), ("A1", 2)]


def test_what_fails_the_check_of_the_finished_file_is_held_and_the_rest_is_written_without_it(monkeypatch):
    """The companion guide of the partner is one such check; here the check itself finds an error in one claim."""
    from claimloop.builders import final_check
    from claimloop.edi.diagnostics import Where, diagnose

    looked_at = []

    def judge(stream, report, *, name, **_options):
        content = stream.read()
        looked_at.append(name)
        if b"CLM*BAD-1*" in content:
            segments = content.split(b"~")
            place = next(index for index, text in enumerate(segments, 1) if text.strip().startswith(b"CLM*BAD-1*"))
            report(diagnose("X120", Where(name, place), tag="CLM"))

    monkeypatch.setattr(final_check, "validate", judge)
    built = build(visit("GOOD"), visit("BAD"))
    assert (built.held, codes(built)) == (("BAD",), ["P520"])
    assert [claim.encounter_id for claim in built.files[0].claims] == ["GOOD"]
    assert looked_at == ["acme_000000007.837"] * 2
    assert built.next_numbers == ControlNumbers(8, 9, 10)


def test_a_file_that_fails_as_a_whole_is_not_given_and_all_are_held(monkeypatch):
    monkeypatch.setattr("claimloop.builders.final_check.pyx12_opinion", lambda _: "rejects")
    built = build_837p([visit("A1"), visit("A2")], partner(), NUMBERS, MOMENT, second_opinion=True)
    assert (built.files, built.held, built.next_numbers) == ((), ("A1", "A2"), NUMBERS)
    assert codes(built) == ["P521"]


def test_pyx12_gives_a_second_opinion_of_the_bytes():
    built = build_837p([visit("A1")], partner(), NUMBERS, MOMENT, second_opinion=True)
    assert (len(built.files), codes(built)) == (1, [])


def test_findings_go_to_the_report_where_one_is_given():
    told: list[Diagnostic] = []
    built = build_837p([visit("A1", diagnoses=())], partner(), NUMBERS, MOMENT, told.append)
    assert built.findings == ()
    assert told != []


def test_control_numbers_outside_of_the_partners_range_are_refused():
    with pytest.raises(ValueError, match=r"control number 7 is outside the range of partner .*, 100 to 200"):
        build(visit("A1"), control_numbers={"first": 100, "last": 200})


def test_it_writes_what_the_build_command_writes(tmp_path):
    """The same encounters, partner, moment and numbers: the same bytes, with a ledger and without one."""
    from claimloop.reconciliation.ledger.connection import open_ledger
    from claimloop.reconciliation.submissions.outbox import Outbox
    from claimloop.reconciliation.submissions.submit import submit

    visits = [visit("A1"), visit("A2", diagnoses=()), visit("A3")]
    source = tmp_path / "visits.jsonl"
    source.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in visits))
    to = partner(claims_per_file=1)
    told: list[Diagnostic] = []
    with closing(open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")) as ledger:
        sent = submit([source], Outbox((to,), ledger, tmp_path / "outbox", MOMENT, told.append))
    built = build_837p(visits, to, ControlNumbers(1, 1, 1), MOMENT)
    assert {path.name: path.read_bytes() for path in sent.files} == {file.name: file.content for file in built.files}
    assert tuple(told) == built.findings != ()


def test_a_service_of_tomorrow_is_held():
    built = build_837p([visit("A1")], partner(), NUMBERS, datetime(2024, 5, 1))
    assert (built.held, codes(built)[0]) == (("A1",), "C358")
