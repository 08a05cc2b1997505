"""The file: segments in the guide's order, counts right, accepted by pyx12."""

from io import StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from claimloop.builders.checks.encounter import check_encounter
from claimloop.builders.claims.from_encounter import claims_from
from claimloop.builders.professional.batch import BatchWriter, ControlNumbers, write_batch
from claimloop.builders.professional.writer import UnwritableClaim
from claimloop.edi.dates import DateRange
from claimloop.edi.records.parties import Reference
from claimloop.tests.builders.encounters.examples import (
    BILLING,
    FULL,
    GOLDEN,
    MOMENT,
    NUMBERS,
    OTHER_DOCTOR,
    SIMPLE,
    TODAY,
    built,
    partner,
    pyx12_errors,
)
from claimloop.tests.builders.encounters.strategies import encounter_lists

SECOND_VISIT = replace(SIMPLE, encounter_id="E1002")
CHILD = replace(
    SIMPLE,
    encounter_id="E1003",
    coverages=(replace(SIMPLE.coverages[0], relationship="child", subscriber=SIMPLE.patient),),
    patient=replace(SIMPLE.patient, first_name="Ezra"),
)
SIBLING = replace(CHILD, encounter_id="E1004", patient=replace(SIMPLE.patient, first_name="Ella"))
GOLDEN_FILES = {
    "patient_is_subscriber.837": [SIMPLE],
    "everything.837": [FULL],
    "family.837": [SIMPLE, CHILD, SECOND_VISIT, SIBLING],
}


def segments(text: str, tag: str) -> list[str]:
    return [line.rstrip("~") for line in text.splitlines() if line.startswith(f"{tag}*")]


@pytest.mark.parametrize("name", GOLDEN_FILES)
def test_a_file_is_what_it_was(name):
    assert built(*GOLDEN_FILES[name]) == (GOLDEN / name).read_text()


def test_no_golden_file_is_an_orphan():
    assert sorted(GOLDEN_FILES) == sorted(path.name for path in GOLDEN.iterdir())


@pytest.mark.parametrize("name", GOLDEN_FILES)
def test_pyx12_accepts_the_golden_files(name):
    assert pyx12_errors((GOLDEN / name).read_text()) == []


def test_pyx12_is_asked_for_real():
    assert pyx12_errors(built(SIMPLE).replace("DMG*D8*19840309*F", "DMG*D8*19841309*F"))


@settings(max_examples=4, suppress_health_check=list(HealthCheck))
@given(encounter_lists(8, 16))
def test_pyx12_accepts_every_file_of_sendable_encounters(batch):
    assert pyx12_errors(built(*batch)) == []


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(encounter_lists(1, 12))
def test_counts_and_control_numbers_are_right(batch):
    receiver = partner(claims_per_set=4)
    text = built(*batch, to=receiver)

    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("ST*")]
    for number, start in enumerate(starts):
        end = next(n for n in range(start, len(lines)) if lines[n].startswith("SE*"))
        assert lines[end] == f"SE*{end - start + 1}*{31 + number:04d}~"
        levels = [line.split("*")[1] for line in lines[start:end] if line.startswith("HL*")]
        assert levels == [str(n) for n in range(1, len(levels) + 1)]
        assert sum(line.startswith("CLM*") for line in lines[start:end]) <= 4
    assert lines[-2:] == [f"GE*{len(starts)}*17~", "IEA*1*000000017~"]
    claims = [claim for encounter in batch for claim in claims_from(encounter, receiver)]
    written = [line.split("*")[1] for line in segments(text, "CLM")]
    assert sorted(written) == sorted(claim.patient_control_number for claim in claims)
    assert len(set(written)) == len(written)


def test_claims_of_one_subscriber_stand_together():
    text = built(SIMPLE, CHILD, SECOND_VISIT, SIBLING)

    assert segments(text, "HL") == ["HL*1**20*1", "HL*2*1*22*0", "HL*3*1*22*1", "HL*4*3*23*0", "HL*5*3*23*0"]
    assert [line.split("*")[1] for line in segments(text, "CLM")] == ["E1001-1", "E1002-1", "E1003-1", "E1004-1"]


def test_every_billing_provider_has_its_own_level():
    other = replace(SECOND_VISIT, billing_provider=replace(BILLING, npi=OTHER_DOCTOR.npi))

    levels = segments(built(SIMPLE, other), "HL")

    assert levels == ["HL*1**20*1", "HL*2*1*22*0", "HL*3**20*1", "HL*4*3*22*0"]


@pytest.mark.parametrize(("visit", "levels"), [(SIMPLE, 3), (CHILD, 4)])
def test_the_hundred_and_first_claim_of_a_patient_goes_below_another_level(visit, levels):
    text = built(*(replace(visit, encounter_id=f"V{number}") for number in range(101)))

    assert len(segments(text, "HL")) == levels
    assert len(segments(text, "CLM")) == 101
    assert pyx12_errors(text) == []


def test_lines_count_from_one_in_every_claim():
    assert segments(built(SIMPLE, SECOND_VISIT), "LX") == ["LX*1", "LX*2", "LX*1", "LX*2"]


def test_delimiters_in_data_cannot_break_the_file():
    receiver = partner(delimiters={"element": "|", "component": ">", "repetition": "!", "segment": "'"})
    patient = replace(SIMPLE.patient, last_name="O'Ne|il", first_name="A>B!C")

    assert check_encounter(replace(SIMPLE, patient=patient), receiver, TODAY) == []
    text = built(replace(SIMPLE, patient=patient), to=receiver)

    assert "NM1|IL|1|O NE IL|A B C||||MI|W123456789'" in text
    assert pyx12_errors(text) == []


def test_a_file_may_have_no_line_breaks():
    text = built(SIMPLE, to=partner(line_break=""))

    assert "\n" not in text
    assert pyx12_errors(text) == []


def test_the_summary_says_what_was_written():
    receiver = partner(claims_per_set=2)
    claims = [claim for visit in (SIMPLE, CHILD, SECOND_VISIT) for claim in claims_from(visit, receiver)]
    out = StringIO()

    summary = write_batch(claims, receiver, NUMBERS, MOMENT, out.write)

    assert (summary.claims, summary.lines, str(summary.charge)) == (3, 6, "855.00")
    assert summary.set_numbers == ("0031", "0032")
    assert summary.set_of_claim == {"E1001-1": "0031", "E1003-1": "0031", "E1002-1": "0032"}
    assert segments(out.getvalue(), "BHT") == [
        "BHT*0019*00*B000017*20240630*2105*CH",
        "BHT*0019*00*B000017-2*20240630*2105*CH",
    ]


def test_every_set_that_is_added_says_its_number():
    claims = [claim for visit in (SIMPLE, CHILD, SECOND_VISIT) for claim in claims_from(visit, partner())]
    out = StringIO()
    batch = BatchWriter(partner(), NUMBERS, MOMENT, out.write)
    assert out.getvalue() == ""

    assert [batch.add(claims[:2]), batch.add(claims[2:])] == ["0031", "0032"]

    whole = StringIO()
    assert batch.close() == write_batch(claims, partner(claims_per_set=2), NUMBERS, MOMENT, whole.write)
    assert out.getvalue() == whole.getvalue()


def test_a_file_without_a_set_is_not_closed():
    out = StringIO()
    with pytest.raises(ValueError, match="no claims"):
        BatchWriter(partner(), NUMBERS, MOMENT, out.write).close()
    assert out.getvalue() == ""


def test_claims_are_taken_a_set_at_a_time():
    taken = []

    def visits():
        for number in range(9):
            taken.append(number)
            yield from claims_from(replace(SIMPLE, encounter_id=f"V{number}"), partner())

    ahead = []
    write_batch(
        visits(), partner(claims_per_set=3), NUMBERS, MOMENT,
        lambda text: ahead.append(len(taken)) if text.startswith("ST*") else None,
    )  # fmt: skip

    assert ahead == [3, 6, 9]


def test_the_same_claims_make_the_same_file():
    assert built(SIMPLE, FULL) == built(SIMPLE, FULL)


@pytest.mark.parametrize(
    "numbers",
    [
        ControlNumbers(0, 1, 1, "B1"),
        ControlNumbers(10**9, 1, 1, "B1"),
        ControlNumbers(1, 0, 1, "B1"),
        ControlNumbers(1, 1, 10**9, "B1"),
        ControlNumbers(1, 1, 1, "B" * 25),
    ],
)
def test_numbers_that_do_not_fit_write_nothing(numbers):
    out = StringIO()

    with pytest.raises(ValueError, match=r"a (control number|reference id)"):
        write_batch(claims_from(SIMPLE, partner()), partner(), numbers, MOMENT, out.write)
    assert out.getvalue() == ""


def test_a_file_without_claims_is_not_begun():
    out = StringIO()

    with pytest.raises(ValueError, match="no claims to write"):
        write_batch([], partner(), NUMBERS, MOMENT, out.write)
    assert out.getvalue() == ""


def test_a_control_number_cannot_be_sent_twice_in_a_file():
    with pytest.raises(ValueError, match="E1001-1 is repeated"):
        built(SIMPLE, SIMPLE)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"other_segments": ("K3*STATE",)}, "segment K3"),
        ({"dates": {"573": DateRange(TODAY, TODAY)}}, "date 573"),
        ({"references": (Reference("ZZ", "1"),)}, "reference ZZ"),
    ],
)
def test_what_has_no_place_is_refused_and_not_left_out(changes, problem):
    (claim,) = claims_from(SIMPLE, partner())

    with pytest.raises(UnwritableClaim, match=problem):
        write_batch([replace(claim, **changes)], partner(), NUMBERS, MOMENT, lambda text: None)
