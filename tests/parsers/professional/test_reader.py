"""Reading 837P: hierarchy, lines, what has no field, and what is wrong."""

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from claimloop.edi.dates import DateRange
from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.edi.records.claim import Accident, Claim
from claimloop.edi.records.parties import Address, Reference
from claimloop.edi.records.service_line import NO_SERVICE_DATE, Drug
from claimloop.edi.syntax.delimiters import read_delimiters
from claimloop.parsers import read_837p
from claimloop.parsers.professional.reader import ClaimFile, claim_file_items, claim_items

DATA = Path(__file__).resolve().parents[2] / "data"
FILES = sorted([*DATA.glob("837P*.x12"), *DATA.glob("other/837P*.x12")])
EXPECTED = sorted(DATA.glob("expected/837P*.json"))

ISA = "ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PAYER          *240101*1200*^*00501*000000001*0*T*:~"
ABOVE = """\
BHT*0019*00*B1*20240101*1200*CH~NM1*41*2*CLINIC*****46*C1~PER*IC*KIM*TE*5550100~NM1*40*2*PAYER*****46*P1~
HL*1**20*1~PRV*BI*PXC*207N00000X~NM1*85*2*CLINIC*****XX*1234567893~N3*1 MAIN ST~N4*TOWN*IL*627041234~REF*EI*123456789~
NM1*87*2~N3*PO BOX 5~N4*TOWN*IL*62704~
HL*2*1*22*0~SBR*P*18*GRP1*PLAN*****MB~NM1*IL*1*DOE*ANN****MI*MEMBER77~N3*2 ELM ST~N4*TOWN*IL*62704~
DMG*D8*19700102*F~NM1*PR*2*ACME HEALTH*****PI*60054~"""
CLAIM = "CLM*C-1*150***11:B:1*Y*A*Y*Y~HI*ABK:L700*ABF:L400~"
LINE = "LX*1~SV1*HC:99213:25*150*UN*1***1:2~DTP*472*D8*20240105~REF*6R*LINE1~"


def file_of(body: str, guide: str = "005010X222A1") -> bytes:
    """One set with this body in its envelope, the count right."""
    segments = [text.strip() for text in body.split("~") if text.strip()]
    inner = "~\n".join(segments)
    text = (
        f"{ISA}\nGS*HC*CLINIC*PAYER*20240101*1200*1*X*{guide}~\nST*837*0001*{guide}~\n{inner}~\n"
        f"SE*{len(segments) + 2}*0001~\nGE*1*1~\nIEA*1*000000001~\n"
    )
    return text.encode()


def read(body: str, guide: str = "005010X222A1") -> tuple[list[Claim], list[Diagnostic]]:
    """The claims of a set with this body, and the findings."""
    findings: list[Diagnostic] = []
    return list(claim_items(BytesIO(file_of(body, guide)), "t.837", findings.append)), findings


def one(body: str) -> Claim:
    """The only claim of a set in which nothing is wrong."""
    claims, findings = read(body)
    assert findings == []
    (claim,) = claims
    return claim


def test_a_claim_knows_everything_that_stands_above_it() -> None:
    claim = one(ABOVE + CLAIM + LINE)

    assert (claim.billing_provider.name, claim.billing_provider.id) == ("CLINIC", "1234567893")
    assert claim.billing_provider.taxonomy == "207N00000X"
    assert claim.billing_provider.references == (Reference("EI", "123456789"),)
    assert claim.pay_to_address == Address("PO BOX 5", "", "TOWN", "IL", "62704")
    assert claim.subscriber.person.id == "MEMBER77"
    assert (claim.subscriber.relationship, claim.subscriber.claim_filing_indicator) == ("18", "MB")
    assert claim.subscriber.birth_date == date(1970, 1, 2)
    assert claim.payer.id == "60054"
    assert claim.patient is None
    assert claim.source is not None
    assert (claim.source.interchange, claim.source.group, claim.source.transaction) == ("000000001", "1", "0001")


def test_a_line_has_its_procedure_money_pointers_and_date() -> None:
    (line,) = one(ABOVE + CLAIM + LINE).lines

    assert (line.procedure, line.modifiers, line.charge, line.units) == ("99213", ("25",), Decimal(150), Decimal(1))
    assert line.diagnosis_pointers == (1, 2)
    assert line.service_date == DateRange(date(2024, 1, 5), date(2024, 1, 5))
    assert line.line_control_number == "LINE1"


def test_a_dependent_is_the_patient_and_the_next_subscriber_has_none() -> None:
    dependent = "HL*3*2*23*0~PAT*19~NM1*QC*1*DOE*TIM~DMG*D8*20100203*M~" + CLAIM + LINE
    other = "HL*4*1*22*0~SBR*P*18*******CI~NM1*IL*1*ROE*BOB****MI*M2~NM1*PR*2*OTHER*****PI*2~" + CLAIM + LINE

    (first, second), findings = read(ABOVE + dependent + other)

    assert findings == []
    assert first.patient is not None
    assert (first.patient.person.first_name, first.patient.relationship) == ("TIM", "19")
    assert first.subscriber.person.first_name == "ANN"
    assert second.patient is None
    assert (second.subscriber.person.name, second.payer.name) == ("ROE", "OTHER")
    assert second.billing_provider == first.billing_provider


def test_a_second_billing_provider_does_not_inherit_from_the_first() -> None:
    second = "HL*3**20*1~NM1*85*1*SOLO*SAM****XX*1245319599~HL*4*3*22*0~SBR*P*18~NM1*IL*1*ROE*BOB~NM1*PR*2*X~"

    claims, _ = read(ABOVE + CLAIM + LINE + second + CLAIM + LINE)

    assert claims[1].billing_provider.name == "SOLO"
    assert claims[1].billing_provider.taxonomy == ""
    assert claims[1].pay_to_address is None


def test_claim_level_facts_have_their_fields() -> None:
    clm = "CLM*C-1*150***22:B:7*Y*A*N*I*P*AA::OA:IL*02********9~DTP*439*D8*20231231~DTP*435*RD8*20240101-20240103~"
    rest = "AMT*F5*20~REF*F8*ICN7~NTE*ADD*SEE CHART~HI*ABK:L700~NM1*82*1*DR*DEE****XX*1467560003~PRV*PE*PXC*207N00000X~"

    claim = one(ABOVE + clm + rest + LINE)

    assert (claim.place_of_service, claim.frequency, claim.delay_reason) == ("22", "7", "9")
    assert claim.accident == Accident(("AA", "OA"), "IL")
    assert claim.dates["435"] == DateRange(date(2024, 1, 1), date(2024, 1, 3))
    assert claim.patient_paid == Decimal(20)
    assert claim.references == (Reference("F8", "ICN7"),)
    assert claim.notes == (Reference("ADD", "SEE CHART"),)
    rendering = claim.provider("82")
    assert rendering is not None
    assert rendering.taxonomy == "207N00000X"


def test_a_drug_has_ndc_quantity_and_prescription() -> None:
    (line,) = one(ABOVE + CLAIM + LINE + "LIN**N4*00003029305~CTP****1.25*ML~REF*XZ*RX1~").lines

    assert line.drug == Drug("00003029305", Decimal("1.25"), "ML", "RX1")
    assert line.other_segments == ()


@pytest.mark.parametrize("guide", ["004010X098A1", "005010X222", "005010X222A1", "005010X222A2"])
def test_every_version_of_the_guide_is_read_alike(guide: str) -> None:
    claims, findings = read(ABOVE + CLAIM + LINE, guide)

    assert [claim.charge for claim in claims] == [Decimal(150)]
    assert findings == []


@pytest.mark.parametrize(
    ("spoil", "code", "kept"),
    [
        (lambda text: text.replace("*150*UN", "*15O*UN"), "R250", "SV1*HC:99213:25*15O*UN*1***1:2"),
        (lambda text: text.replace("*UN*1*", "*UN*one*"), "R250", "SV1*HC:99213:25*150*UN*one***1:2"),
        (lambda text: text.replace("*20240105", "*20241345"), "R251", "DTP*472*D8*20241345"),
    ],
)
def test_a_value_that_cannot_be_read_is_reported_and_its_segment_kept(
    spoil: Callable[[str], str], code: str, kept: str
) -> None:
    claims, findings = read(ABOVE + CLAIM + spoil(LINE))

    assert [finding.code for finding in findings] == [code]
    assert findings[0].where.segment is not None
    assert findings[0].where.loop == "2400"
    assert claims[0].unreadable == 1
    assert claims[0].lines[0].other_segments == (kept,)


def test_a_claim_charge_that_cannot_be_read_counts_as_unreadable() -> None:
    claims, findings = read(ABOVE + CLAIM.replace("*150*", "*$150*") + LINE)

    assert [finding.code for finding in findings] == ["R250"]
    assert findings[0].where.element == "CLM02"
    assert (claims[0].charge, claims[0].unreadable) == (Decimal(0), 1)
    assert claims[0].other_segments[0].startswith("CLM*C-1*$150")


def test_a_line_without_a_service_date_is_reported() -> None:
    claims, findings = read(ABOVE + CLAIM + LINE.replace("DTP*472*D8*20240105~", ""))

    assert [finding.code for finding in findings] == ["R257"]
    assert claims[0].lines[0].service_date == NO_SERVICE_DATE
    assert claims[0].unreadable == 1


def test_lines_that_do_not_sum_to_the_charge_are_reported() -> None:
    _, findings = read(ABOVE + CLAIM.replace("*150*", "*151*") + LINE)

    assert [finding.message for finding in findings] == ["claim charge (CLM02) is 151, but the service lines total 150"]


def test_lines_that_do_not_sum_to_the_charge_are_reported_where_a_date_is_unreadable_too() -> None:
    _, findings = read(ABOVE + CLAIM.replace("*150*", "*151*") + LINE.replace("20240105", "2024"))

    assert [finding.code for finding in findings] == ["R251", "R254"]


def test_a_charge_that_cannot_be_read_makes_no_wrong_sum() -> None:
    _, findings = read(ABOVE + CLAIM + LINE.replace("*150*", "*1S0*"))

    assert [finding.code for finding in findings] == ["R250"]


def test_a_line_without_sv1_stays_on_the_claim() -> None:
    claims, findings = read(ABOVE + CLAIM + LINE + "LX*2~SV2*0300*HC:80053*5*UN*1~")

    assert [finding.code for finding in findings] == ["R256"]
    assert claims[0].other_segments == ("LX*2", "SV2*0300*HC:80053*5*UN*1")


@pytest.mark.parametrize("hl", ["HL*2*9*22*0", "HL*2**22*0", "HL*2*1*24*0"])
def test_a_broken_hierarchy_is_reported_and_read_by_position(hl: str) -> None:
    claims, findings = read(ABOVE.replace("HL*2*1*22*0", hl) + CLAIM + LINE)

    assert [finding.code for finding in findings] == ["R258"]
    assert len(claims) == 1
    assert claims[0].subscriber.person.id == "MEMBER77" or hl.endswith("24*0")


def test_a_level_without_claims_is_reported() -> None:
    other = "HL*3*1*22*0~SBR*P*18~NM1*IL*1*ROE*BOB****MI*M2~NM1*PR*2*OTHER*****PI*2~"

    claims, findings = read(ABOVE + other + CLAIM + LINE)

    assert [finding.code for finding in findings] == ["R260"]
    assert claims[0].subscriber.person.name == "ROE"


def test_a_claim_under_nobody_is_read_and_says_who_is_missing() -> None:
    claims, findings = read(CLAIM + LINE)

    assert claims[0].charge == Decimal(150)
    assert [finding.message for finding in findings] == ["claim has no billing provider, subscriber, payer"]


def test_an_unknown_segment_is_reported_and_kept() -> None:
    claims, findings = read(ABOVE + CLAIM + "ZZZ*1~~" + LINE)

    assert [finding.code for finding in findings] == ["R253"]
    assert claims[0].other_segments == ("ZZZ*1",)


def test_an_institutional_set_is_passed_over_and_said_so() -> None:
    claims, findings = read(ABOVE + CLAIM + LINE, "005010X223A2")

    assert claims == []
    assert [finding.message for finding in findings] == ["skipped transaction set 837I: it is not an 837P"]


def test_the_header_comes_first_and_names_sender_and_receiver() -> None:
    header, *claims = claim_file_items(BytesIO(file_of(ABOVE + CLAIM + LINE)), "t.837", print)

    assert isinstance(header, ClaimFile)
    assert (header.submitter.name, header.receiver.name) == ("CLINIC", "PAYER")
    assert (header.reference, header.type, header.interchange.usage) == ("B1", "CH", "T")
    assert len(claims) == 1


def test_bytes_without_an_isa_are_no_x12() -> None:
    with pytest.raises(NotX12):
        list(claim_items(BytesIO(b"CLM*1*2~"), "t.837", print))


def test_a_claim_comes_before_the_file_is_read_to_its_end() -> None:
    stream = BytesIO(file_of(ABOVE + (CLAIM + LINE) * 20_000))

    next(claim_items(stream, "t.837", print))

    assert stream.tell() < len(stream.getvalue()) / 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_money_of_a_public_file_is_read_to_the_cent(path: Path) -> None:
    text = path.read_text(encoding="latin-1")
    separator, terminator = read_delimiters(text).element, read_delimiters(text).segment
    segments = [segment.strip().split(separator) for segment in text.split(terminator)]

    claims = read_837p(path, lambda finding: None)

    assert [claim.charge for claim in claims] == [Decimal(each[2]) for each in segments if each[0] == "CLM"]
    lines = [line.charge for claim in claims for line in claim.lines]
    assert lines == [Decimal(each[2]) for each in segments if each[0] == "SV1"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_that_stands_in_a_claim_of_a_public_file_is_lost(path: Path) -> None:
    text = path.read_text(encoding="latin-1")
    separator, terminator = read_delimiters(text).element, read_delimiters(text).segment
    records = list(claim_file_items(BytesIO(path.read_bytes()), "t.837", lambda finding: None))
    if len(records) < 2:
        return
    said = re.sub(r"[^A-Za-z0-9.]", "", msgspec.json.encode(records).decode())
    implied = {"ABF", "BF", "PXC", "ZZ", "B"}  # qualifiers for which the field itself stands

    for segment in text.split(terminator):
        tag, *elements = segment.strip().split(separator)
        if tag in ("NM1", "N3", "N4", "REF", "NTE", "PER", "SV1", "CAS", "SVD", "CRC", "CLM", "HI", "PRV", "AMT"):
            for part in re.split(r"[^A-Za-z0-9.]+", " ".join(elements[1:])):
                assert part in implied or part in said, (tag, part)


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.stem)
def test_a_public_file_says_what_was_checked_by_hand(path: Path) -> None:
    truth = json.loads(path.read_text(encoding="utf-8"))
    expected = [
        claim
        for interchange in truth["interchanges"]
        for group in interchange["groups"]
        for transaction in group["transactions"]
        for claim in transaction["claims"]
    ]

    claims = read_837p(DATA / truth["file"], lambda finding: None)

    assert len(claims) == len(expected)
    for claim, said in zip(claims, expected, strict=True):
        assert claim.patient_control_number == said["claim_id"]
        assert claim.charge == Decimal(said["charge"])
        assert claim.billing_provider.id == said["billing_provider"]["id"]
        assert claim.subscriber.person.id == said["subscriber"]["id"]
        assert claim.payer.id == said["payer"]["id"]
        assert (claim.patient is None) == (said["patient"] is None)
        assert list(claim.diagnoses) == [code for _, code in said["diagnoses"]]
        for line, line_said in zip(claim.lines, said["lines"], strict=True):
            assert line.procedure == line_said["procedure"]
            assert list(line.modifiers) == line_said["modifiers"]
            assert line.charge == Decimal(line_said["charge"])
            assert line.units == Decimal(line_said["quantity"])
            assert [str(pointer) for pointer in line.diagnosis_pointers] == line_said["pointers"]


def test_a_spoiled_file_never_stops_the_reader() -> None:
    whole = file_of(ABOVE + CLAIM + LINE + "LIN**N4*1~CTP****1*ML~SVD*9*45*HC:99213**1~")
    for position in range(len(ISA) + 1, len(whole)):
        for spoiled in (
            whole[:position],
            whole[:position] + b"*~:" + whole[position:],
            whole[:position] + whole[position + 7 :],
        ):
            list(claim_items(BytesIO(spoiled), "t.837", lambda finding: None))
