"""X12's own examples of 005010X222A1, each built from an encounter: the same segments from ST to SE.

`guide_examples/NAME` has the encounter and the partner; the published files are in tests/data (source and licence in
index.tsv there). What is not the same is listed here, with its reason, and nothing else may differ.
"""

import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest

from claimloop.builders.checks.encounter import check_encounter
from claimloop.builders.claims.from_encounter import claims_from
from claimloop.builders.encounters.intake import read_encounters
from claimloop.builders.partner import load_partner
from claimloop.builders.professional.batch import write_batch
from claimloop.edi.npi import is_npi
from claimloop.tests.builders.encounters.examples import MOMENT, NUMBERS, TODAY, pyx12_errors

EXAMPLES = Path(__file__).parent / "guide_examples"
PUBLISHED = Path(__file__).parents[2] / "data"
Segments = list[str]


class Published(NamedTuple):
    """A published file, and the segments of it that are built otherwise: (published, built, reason)."""

    file: str
    differences: tuple[tuple[str, str, str], ...] = ()


ZERO_IN_FRONT = ("CLM*051068*", "CLM*51068*", "payers drop leading zeros of a control number (rules.md#control-number)")
CERTIFICATE = ("PWK*CT*AA", "PWK*CT*AD", "a certificate of medical necessity is on file (AD) in X12's own version")
CONTROL_NUMBER = ("CLM*R03996273 #01*", "CLM*R03996273-01*", "payers change spaces and # (rules.md#control-number)")
STREET = ("N3*P O BOX 123", "N3*7 STATE STREET", "the billing address is a street (2010AA N3)")

OTHER_NPI = ("*1912301953", "*9876543210", "the publisher gave the practice another NPI")
NO_NUMBER = (
    "*PI*999996666~HL*3*", "*PI*999996666~REF*G2*KA6663~HL*3*", "the publisher left the payer's number of the practice out"
)  # fmt: skip
TAXONOMY = ("*203BF0100Y", "*203BF0100X", "taxonomy codes end with X")

EXAMPLES_PUBLISHED: dict[str, tuple[Published, ...]] = {
    "ambulance": (
        Published("badx12__x222-ambulance", (ZERO_IN_FRONT,)),
        Published(
            "lfh__demo-ambulance-example5", (ZERO_IN_FRONT, ("*41::1*", "*41:B:1*", "CLM05-2 is B, the publisher left it out"))
        ),
    ),
    "anesthesia": (Published("badx12__x222-anesthesia"), Published("lfh__demo-example9")),
    "auto_accident": (Published("lfh__demo-autoaccident"),),
    "chiropractic": (
        Published("badx12__x222-chiropractic"),
        Published(
            "lfh__demo-cob-2ndary-example4", (("N3*1264 OAK WOOD AVE", "N3*1264 OAKWOOD AVE", "spelled so elsewhere"),)
        ),
    ),
    "coordination_of_benefits_payer_a": (Published("badx12__x222-cob-claim-from-billing-provider-to-payer-a"),),
    "coordination_of_benefits_payer_b": (
        Published(
            "badx12__x222-cob-claim-from-billing-provider-to-payer-b",
            (("N4*MIAMI*FL*3111", "N4*MIAMI*FL*33111", "a ZIP code has five digits"),),
        ),
    ),
    "commercial": (
        Published("badx12__x222-commercial-health-insurance", (TAXONOMY,)),
        Published("lfh__demo", (TAXONOMY, OTHER_NPI)),
        Published("lfh__demo-example1", (TAXONOMY, OTHER_NPI, NO_NUMBER)),
    ),
    "drug": (
        Published("badx12__x222-drug-administered-in-the-physician-office"), Published("lfh__demo-drug-example10-1"),
    ),
    "encounter_reported_only": (Published("badx12__x222-encounter", (TAXONOMY,)), Published("lfh__demo-example2", (TAXONOMY,))),
    "infusion_by_hcpcs": (
        Published("badx12__x222-home-infusion-therapy-pharmacy-adjudicated-with-hcpcs-i"),
        Published("lfh__demo-drug-example10-3"),
    ),
    "infusion_by_ndc": (
        Published("badx12__x222-home-infusion-therapy-pharmacy-adjudicated-with-ndc-in"),
        Published("lfh__demo-drug-example10-2"),
    ),
    "out_of_network_repriced": (Published("badx12__x222-out-of-network-repriced-claim"),),
    "oxygen": (
        Published("badx12__x222-oxygen", (CONTROL_NUMBER,)),
        Published("lfh__demo-example7", (CONTROL_NUMBER, CERTIFICATE)),
    ),
    "ppo_repriced": (
        Published("badx12__x222-ppo-repriced-claim", (STREET,)),
        Published("lfh__demo-example11", (STREET,)),
    ),
    "wheelchair": (Published("badx12__x222-wheelchair"), Published("lfh__demo-example8", (CERTIFICATE,))),
}  # fmt: skip

PYX12_REFUSES = {
    "oxygen": "its map does not know PWK02 AD of a certificate of medical necessity (docs/guides.md)",
    "wheelchair": "its map does not know PWK02 AD of a certificate of medical necessity (docs/guides.md)",
}


def stand_in(npi: str) -> str:
    """A right NPI for one of the examples' that is none: its first nine digits, and the check digit that they have."""
    nine = npi[:9] if npi[0] in "12" else f"1{npi[1:9]}"
    return next(nine + digit for digit in "0123456789" if is_npi(nine + digit))


def _each(change: Callable[[str], str]) -> Callable[[Segments], Segments]:
    return lambda segments: [change(segment) for segment in segments]


def _without_control_numbers(segment: str) -> str:
    tag, *elements = segment.split("*")
    match tag:
        case "ST":
            return "*".join((tag, elements[0], "", "005010X222A1"))
        case "SE":
            return tag
        case "BHT":
            return "*".join((tag, *elements[:2], "", "", "", elements[5]))
    return segment


def _plain_number(text: str) -> str:
    if not re.fullmatch(r"[0-9]*\.[0-9]+", text):
        return text
    return (text.rstrip("0").rstrip(".") or "0") if text[0] != "." else f"0{text}".rstrip("0")


def _numbers(segment: str) -> str:
    if segment.startswith("LQ*"):
        return segment
    return "*".join(":".join(map(_plain_number, element.split(":"))) for element in segment.split("*"))


def _right_npi(segment: str) -> str:
    start, qualifier, npi = segment.rpartition("*XX*")
    return start + qualifier + (npi if not qualifier or is_npi(npi) else stand_in(npi))


def _one_day(segment: str) -> str:
    found = re.fullmatch(r"(DTP\*472\*)RD8\*([0-9]{8})-\2", segment)
    return f"{found[1]}D8*{found[2]}" if found else segment


def _no_extension(segment: str) -> str:
    return re.sub(r"\*EX\*[0-9]+$", "", segment)


def _without_what_is_asked_of_patients(segments: Segments) -> Segments:
    """N3, N4 and DMG behind a subscriber who has a patient level below him."""
    kept, of_other = [], False
    for segment in segments:
        if segment.startswith("NM1*PR*"):
            of_other = False
        elif segment.startswith("HL*"):
            of_other = segment.endswith("*22*1")
        if not (of_other and segment.startswith(("N3*", "N4*", "DMG*"))):
            kept.append(segment)
    return kept


def _places_told_once(segments: Segments) -> Segments:
    place = next(segment.split("*")[5].split(":")[0] for segment in segments if segment.startswith("CLM*"))
    return [re.sub(rf"^(SV1(?:\*[^*]*){{4}}\*){place}(?=\*)", r"\1", segment) for segment in segments]


def _zip_of_five(segments: Segments) -> Segments:
    """The ZIP codes of billing provider and facility are compared by their first five digits."""
    found, role = [], ""
    for segment in segments:
        role = segment.split("*")[1] if segment.startswith("NM1*") else role
        if role in ("85", "77") and segment.startswith("N4*"):
            segment = re.sub(r"(\*[0-9]{5})[0-9]{4}$", r"\1", segment)
        found.append(segment)
    return found


class Normalisation(NamedTuple):
    """What is made the same in the published and the built segments before they are compared, and why."""

    reason: str
    change: Callable[[Segments], Segments]


NORMALISATIONS = (
    Normalisation("the publisher of some files changed the separator of components", _each(lambda s: s.replace(">", ":"))),
    Normalisation("names are sent in capitals, without double blanks", _each(lambda s: " ".join(s.upper().split()))),
    Normalisation("the numbers and moments of a set are ours; X222A2 is the name of the errata", _each(_without_control_numbers)),
    Normalisation("numbers have no zeros at their ends", _each(_numbers)),
    Normalisation("the NPIs of the examples have wrong check digits", _each(_right_npi)),
    Normalisation("a tax id has no dash", _each(lambda s: re.sub(r"^(REF\*EI\*..)-", r"\1", s))),
    Normalisation("a period of one day is a day", _each(_one_day)),
    Normalisation("a submitter has no telephone extension here", _each(lambda s: s if ":" in s else _no_extension(s))),
    Normalisation("a pay-to address is of a person where the billing provider is one", _each(lambda s: s.replace("NM1*87*1", "NM1*87*2"))),
    Normalisation("address, birth date and sex of a subscriber who is not the patient are not asked for", _without_what_is_asked_of_patients),
    Normalisation("a line does not repeat the claim's place of service", _places_told_once),
    Normalisation("ZIP codes of nine digits are wanted where the examples have five", _zip_of_five),
)  # fmt: skip


def built(name: str) -> tuple[str, Segments]:
    """The file that the encounter makes, and its segments from ST to SE."""
    found: list[object] = []
    (encounter,) = read_encounters(EXAMPLES / name / "encounter.json", found.append)
    partner = load_partner(EXAMPLES / name / "partner.toml")
    assert [each for each in check_encounter(encounter, partner, TODAY) if each.severity == "error"] == found == []
    out = StringIO()
    write_batch(claims_from(encounter, partner), partner, NUMBERS, MOMENT, out.write)
    return out.getvalue(), [segment.rstrip("~") for segment in out.getvalue().splitlines()[2:-2]]


def published(file: Published) -> Segments:
    """The segments of the published file from ST to SE, with its listed differences."""
    text = (PUBLISHED / f"837P__{file.file}.x12").read_text().replace("\n", "")
    for old, new, reason in file.differences:
        assert old in text, reason
        text = text.replace(old, new)
    return text.rstrip("~").split("~")[2:-2]


CASES = [(name, file) for name, files in EXAMPLES_PUBLISHED.items() for file in files]


@pytest.mark.parametrize(("name", "file"), CASES, ids=lambda value: getattr(value, "file", value))
def test_an_encounter_makes_the_published_example(name, file):
    _, segments = built(name)
    wanted = published(file)
    for _, change in NORMALISATIONS:
        segments, wanted = change(segments), change(wanted)
    if not any(segment.startswith("REF*6R*") for segment in wanted):
        segments = [segment for segment in segments if not segment.startswith("REF*6R*")]  # every line has one of ours

    assert segments == wanted


@pytest.mark.parametrize("name", EXAMPLES_PUBLISHED)
def test_pyx12_accepts_the_built_example(name):
    text, _ = built(name)
    errors = pyx12_errors(text)

    if name in PYX12_REFUSES:
        assert errors
        assert all('"AD"' in error for error in errors)
    else:
        assert errors == []


def test_no_example_is_an_orphan():
    assert sorted(EXAMPLES_PUBLISHED) == sorted(path.name for path in EXAMPLES.iterdir())
    examples = {path.name for path in PUBLISHED.iterdir() if re.match(r"837P__(badx12__x222-|lfh__demo)", path.name)}
    assert {f"837P__{file.file}.x12" for _, file in CASES} == examples
