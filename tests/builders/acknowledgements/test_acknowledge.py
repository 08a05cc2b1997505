"""Acknowledgements: TA1, 999 and 997, true to what was found and valid themselves."""

from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from claimloop.builders.acknowledgements.acknowledge import acknowledge, control_number_at
from claimloop.builders.acknowledgements.files import FileExists, write_answers
from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.edi.guides import pyx12_opinion
from claimloop.edi.validate import validate
from claimloop.tests.edi.guides.test_check import CLAIM, ISA

SAMPLES = Path(__file__).parents[2] / "data"
MOMENT = datetime(2026, 11, 23, 9, 30)
REMITTANCE = SAMPLES / "835__lfh__demo.x12"
GROUP = CLAIM[CLAIM.index("GS*") : CLAIM.index("IEA*")]


@pytest.fixture
def answer(tmp_path):
    def ask(content, **options):
        path = tmp_path / "in.x12"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return acknowledge(path, 42, MOMENT, lambda _: None, **options)

    return ask


def segments(text, *tags):
    lines = text.replace("~\n", "~").split("~")
    return [line for line in lines if line and (not tags or line.split("*")[0] in tags)]


def judged(text, tmp_path):
    """Our errors in an acknowledgement, and what pyx12 says of it."""
    path = tmp_path / "out.x12"
    path.write_text(text)
    found: list[Diagnostic] = []
    validate(path, found.append)
    return [each.render() for each in found if each.severity == "error"], pyx12_opinion(path)


def test_a_good_file_is_accepted(answer):
    said = answer(CLAIM)
    assert said.accepted
    assert segments(said.ta1, "TA1") == ["TA1*000000001*240101*1200*A*000"]
    assert segments(said.implementation, "AK1", "AK2", "IK3", "IK5", "AK9") == [
        "AK1*HC*1*005010X222A1",
        "AK2*837*0001*005010X222A1",
        "IK5*A",
        "AK9*A*1*1*1",
    ]
    assert said.functional == ""


def test_it_goes_back_to_the_sender(answer):
    said = answer(CLAIM.replace("*ZZ*SENDER  ", "*30*SENDER  "))
    isa, gs = segments(said.implementation, "ISA", "GS")
    assert (
        isa
        == "ISA*00*          *00*          *ZZ*RECEIVER       *30*SENDER         *261123*0930*^*00501*000000043*0*T*:"
    )
    assert gs == "GS*FA*RECEIVER*SENDER*20261123*0930*1*X*005010X231A1"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("*100*UN*1*", "*100*XX*1*", ["IK3*SV1*21*2400*8", "CTX*CLM01:C1", "IK4*3*355*7*XX"]),
        ("*11:B:1*", "*11::1*", ["IK3*CLM*18*2300*8", "CTX*CLM01:C1", "IK4*5:2*1332*1"]),
        ("N3*1 MAIN ST~\n", "", ["IK3*N3*8*2010*3"]),
        ("NM1*40*2*EXAMPLE PAYER*****46*99999~\n", "", ["IK3*NM1*5*1000*I7"]),
        ("N3*1 MAIN ST~", "ZZZ*1~", ["IK3*ZZZ*8*2010*1", "IK3*N3*9*2010*3"]),
        ("REF*EI", "REF*XX", ["IK3*REF*10*2010*2", "IK3*REF*11*2010*3"]),
        ("DTP*472", "DTP*472*D8*20240101~\nDTP*472", ["IK3*DTP*23*2400*5", "CTX*CLM01:C1"]),
        ("LX*1~", "LX*2~", ["IK3*LX*20*2400*8", "CTX*CLM01:C1"]),
    ],
)
def test_each_error_is_told_by_segment_and_element(answer, tmp_path, old, new, expected):
    text = CLAIM.replace(old, new, 1)
    count = text[text.index("ST*") : text.index("GE*")].count("~")
    said = answer(text.replace("SE*23", f"SE*{count}"))
    told = segments(said.implementation, "IK3", "CTX", "IK4")
    assert [line for line in told if line in expected] == expected
    assert segments(said.implementation, "IK5", "AK9") == ["IK5*R*5", "AK9*R*1*1*0"]
    assert judged(said.implementation, tmp_path) == ([], "accepts")


def test_ta1_and_999_have_each_their_own_control_number(answer):
    said = answer(CLAIM + CLAIM.replace("000000001", "000000002"))
    isas = segments(said.ta1, "ISA") + segments(said.implementation, "ISA")
    assert [isa[90:99] for isa in isas] == ["000000042", "000000043", "000000044", "000000045"]


def test_behind_the_highest_control_number_comes_the_first(tmp_path):
    path = tmp_path / "in.x12"
    path.write_text(CLAIM)
    said = acknowledge(path, 999_999_999, MOMENT, lambda _: None)
    assert [segments(text, "ISA")[0][90:99] for text in (said.ta1, said.implementation)] == ["999999999", "000000001"]


def test_control_numbers_go_up_with_the_time_and_fit_at_the_end_of_a_leap_year():
    moments = [
        MOMENT,
        MOMENT.replace(microsecond=100_000),
        MOMENT.replace(second=1),
        datetime(2028, 12, 31, 23, 59, 59),
    ]
    numbers = [control_number_at(moment) for moment in moments]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] < 999_999_999


def test_a_segment_is_told_with_the_claim_that_it_belongs_to(answer):
    claim = CLAIM[CLAIM.index("CLM") : CLAIM.index("SE*")]
    other = claim.replace("C1", "C2").replace("LX*1", "LX*7")
    missing = claim.replace("HI*ABK:L700~\n", "").replace("C1", "C3")
    level = "HL*3*1*22*0~\nSBR*P*18*******QQ~\n"
    said = answer(CLAIM.replace(claim, claim + other + missing + level))
    assert segments(said.implementation, "IK3", "CTX")[:5] == [
        "IK3*LX*25*2400*8",
        "CTX*CLM01:C2",
        "IK3*HI*29*2300*3",
        "CTX*CLM01:C3",
        "IK3*SBR*33*2000*8",  # of the next subscriber, whose claim has not begun
    ]
    assert segments(said.implementation)[segments(said.implementation).index("IK3*SBR*33*2000*8") + 1][:3] == "IK4"


ENROLMENT = (
    ISA
    + """GS*BE*SENDER*RECEIVER*20240101*1200*1*X*005010X220A1~
ST*834*0001*005010X220A1~
BGN*00*1*20240101*1200****2~
N1*P5*EXAMPLE SPONSOR*FI*123456789~
N1*IN*EXAMPLE PAYER*FI*987654321~
INS*Y*18*030**A***FT~
REF*0F*MEMBER1~
NM1*IL*1*DOE*JOHN~
HD*030**HLT~
DTP*348*D8*20240101~
COB*U**1*1^!!^35~
INS*Y*18*030**A***FT~
REF*1L*GROUP1~
NM1*XX*1*DOE*JANE~
SE*14*0001~
GE*1*1~
IEA*1*000000001~
"""
)


def test_the_repetition_of_an_element_and_the_member_are_told(answer, tmp_path):
    said = answer(ENROLMENT)
    told = segments(said.implementation, "IK3", "CTX", "IK4")
    at = told.index("IK3*COB*10*2320*8")
    assert told[at + 1 : at + 3] == ["CTX*SUBSCRIBER NUMBER REF02:MEMBER1", "IK4*4::2*1365*7*!!"]
    assert told[at + 3 :] == ["IK3*NM1*13*2000*2", "IK3*REF*14*2000*3", "IK3*NM1*14*2100*I7"]
    assert judged(said.implementation, tmp_path) == ([], "accepts")


def test_what_is_wrong_above_the_guide_is_no_matter_of_a_999(answer):
    said = answer(CLAIM.replace("1234567893", "1234567890"))  # no right check digit
    assert said.accepted


def test_errors_can_be_accepted(answer):
    said = answer(CLAIM.replace("*100*UN*1*", "*100*XX*1*"), accept_errors=True)
    assert segments(said.implementation, "IK5", "AK9") == ["IK5*E*5", "AK9*E*1*1*1"]
    assert said.accepted
    assert not answer(CLAIM.replace("SE*23", "SE*24"), accept_errors=True).accepted  # the set itself is broken


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("SE*23*0001", "SE*24*0001", ["IK5*R*4", "AK9*R*1*1*0"]),
        ("SE*23*0001", "SE*23*0002", ["IK5*R*3", "AK9*R*1*1*0"]),
        ("SE*23*0001~\n", "", ["IK5*R*2", "AK9*R*1*1*0"]),
        ("GE*1*1", "GE*2*1", ["IK5*A", "AK9*R*2*1*0*5"]),
        ("GE*1*1", "GE*1*7", ["IK5*A", "AK9*R*1*1*0*4"]),
        ("GE*1*1~\n", "", ["IK5*A", "AK9*R*1*1*0*3"]),
        ("*1*X*005010X222A1", "*0x1*X*005010X222A1", ["IK5*A", "AK9*R*1*1*0*6*4"]),
        ("*1*X*005010X222A1", "*1*X*", ["IK5*A", "AK9*R*1*1*0*2"]),
        ("ST*837*", "ST*83*", ["IK5*R*6*1", "AK9*R*1*1*0"]),
        ("ST*837*0001*", "ST*837*01*", ["IK5*R*7*3", "AK9*R*1*1*0"]),
    ],
)
def test_errors_of_the_envelope_reject_set_or_group(answer, tmp_path, old, new, expected):
    said = answer(CLAIM.replace(old, new))
    assert segments(said.implementation, "IK5", "AK9") == expected
    assert judged(said.implementation, tmp_path) == ([], "accepts")


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        ("IEA*1", "IEA*2", "021"),
        ("IEA*1*000000001", "IEA*1*000000002", "001"),
        ("IEA*1*000000001~\n", "", "023"),
        ("*ZZ*SENDER", "*XX*SENDER", "005"),
        ("*ZZ*RECEIVER", "*XX*RECEIVER", "007"),
        ("*0*T*:", "*5*T*:", "019"),
        ("*0*T*:", "*0*X*:", "020"),
        ("GS*HC*", "GS*XX*", "024"),
        ("*20240101*1200*1*X", "*2024*1200*1*X", "024"),
        ("GE*1*1", "N3*STRAY~\nGE*1*1", "024"),
    ],
)
def test_errors_of_the_interchange_reject_it_and_all_that_stands_in_it(answer, tmp_path, old, new, note):
    said = answer(CLAIM.replace(old, new, 1))
    assert segments(said.ta1, "TA1") == [f"TA1*000000001*240101*1200*R*{note}"]
    assert judged(said.ta1, tmp_path) == ([], "accepts")
    assert segments(said.implementation, "AK9") in ([], ["AK9*R*1*1*0"])
    assert not said.accepted


def test_a_date_that_is_none_is_not_sent_back(answer, tmp_path):
    said = answer(CLAIM.replace("*240101*1200*^", "*249999*9999*^"))
    assert segments(said.ta1, "TA1") == ["TA1*000000001*261123*0930*R*014"]
    assert judged(said.ta1, tmp_path) == ([], "accepts")


def test_an_interchange_of_nothing_but_ta1_is_not_answered(answer):
    said = answer(answer(CLAIM).ta1)
    assert (said.ta1, said.implementation, said.functional) == ("", "", "")
    assert list(said.summary()) == ["interchange 000000042: accepted, acknowledges others and is not answered"]


def test_an_interchange_sent_twice_is_rejected_the_second_time(answer):
    said = answer(CLAIM + CLAIM)
    assert segments(said.ta1, "TA1") == ["TA1*000000001*240101*1200*A*000", "TA1*000000001*240101*1200*R*025"]
    assert [isa[90:99] for isa in segments(said.ta1, "ISA")] == ["000000042", "000000043"]


def test_a_group_sent_twice_is_rejected_the_second_time(answer, tmp_path):
    said = answer(CLAIM.replace("IEA*1", GROUP + "IEA*2"))
    assert segments(said.implementation, "AK9") == ["AK9*A*1*1*1", "AK9*R*1*1*0*19"]
    assert judged(said.implementation, tmp_path) == ([], "accepts")


def test_a_group_is_partly_accepted(answer):
    one = CLAIM[CLAIM.index("ST*") : CLAIM.index("GE*")]
    other = one.replace("0001", "0002").replace("*100*UN*1*", "*100*XX*1*")
    said = answer(CLAIM.replace(one, one + other).replace("GE*1", "GE*2"))
    assert segments(said.implementation, "AK2", "IK5", "AK9") == [
        "AK2*837*0001*005010X222A1",
        "IK5*A",
        "AK2*837*0002*005010X222A1",
        "IK5*R*5",
        "AK9*P*2*2*1",
    ]


def test_a_remittance_is_acknowledged(tmp_path):
    path = tmp_path / "in.835"
    path.write_bytes(REMITTANCE.read_bytes())
    said = acknowledge(path, 1, MOMENT, lambda _: None)
    assert segments(said.implementation, "AK1", "AK2") == ["AK1*HP*1*005010X221A1", "AK2*835*1234*005010X221A1"]
    assert "IK3*PER*" in said.implementation
    assert judged(said.implementation, tmp_path) == ([], "accepts")


def test_a_group_of_4010_is_answered_by_a_997(tmp_path):
    said = acknowledge(SAMPLES / "835__stupidedi__004010-x091a1-case-1.x12", 1, MOMENT, lambda _: None)
    assert said.implementation == ""
    assert segments(said.functional, "ISA")[0][82:89] == "U*00401"
    assert segments(said.functional, "AK1", "AK2") == ["AK1*HP*3063", "AK2*835*0001"]
    assert judged(said.functional, tmp_path) == ([], "accepts")


def test_a_997_names_no_guide_that_has_none(tmp_path):
    path = tmp_path / "in.x12"
    text = (SAMPLES / "835__stupidedi__004010-x091a1-case-1.x12").read_text()
    path.write_text(text.replace("004010X091A1", "004010X091"))
    said = acknowledge(path, 1, MOMENT, lambda _: None)
    assert segments(said.functional, "GS")[0].endswith("*X*004010")
    assert judged(said.functional, tmp_path) == ([], "accepts")


def test_an_acknowledgement_is_answered_by_a_ta1_only(answer):
    said = answer(answer(CLAIM).implementation)
    assert (said.implementation, said.functional) == ("", "")
    assert segments(said.ta1, "TA1") == ["TA1*000000043*261123*0930*A*000"]


def test_delimiters_are_those_of_the_file_where_they_can_be(answer):
    said = answer(CLAIM.translate(str.maketrans("*:~", "|>\n")).replace("\n\n", "\n"))
    assert "\nAK1|HC|1|005010X222A1\n" in said.implementation


def test_delimiters_that_pyx12_does_not_take_are_exchanged(answer, tmp_path):
    said = answer(CLAIM.replace("*^*00501", "*\x01*00501").replace(":", "\x1f"))
    assert segments(said.implementation, "ISA")[0][82:83] == "^"
    assert segments(said.implementation, "ISA")[0][104:105] == ":"
    assert segments(said.implementation, "IK5") == ["IK5*A"]
    assert judged(said.implementation, tmp_path) == ([], "accepts")


def test_a_value_that_cannot_be_sent_is_not_copied(answer):
    said = answer(CLAIM.replace("*DOE*", "*DOE\x07*"))
    assert "IK4*3*1035*6" in segments(said.implementation)


def test_what_is_no_x12_cannot_be_answered(answer):
    with pytest.raises(NotX12):
        answer("hello")


@pytest.mark.parametrize("path", sorted(SAMPLES.rglob("*.x12")), ids=lambda path: path.stem)
def test_the_answer_to_a_sample_is_valid_and_the_same_each_time(path, tmp_path):
    said = acknowledge(path, 1, MOMENT, lambda _: None)
    for text in filter(None, (said.ta1, said.implementation, said.functional)):
        assert judged(text, tmp_path) == ([], "accepts")
    assert acknowledge(path, 1, MOMENT, lambda _: None) == said


def test_what_is_said_to_a_person_or_a_program_has_no_values_of_the_file(answer):
    said = answer(CLAIM.replace("*MI*M1~", "*XX*M1~"))
    assert "IK4*8*66*7*XX" in segments(said.implementation)
    odd = answer(CLAIM.replace("ST*837*0001", "ST*JOHNSON*JOHNSON").replace("GS*HC*SENDER", "GS*HC*JOHNSON"))
    told = "\n".join((*said.summary(), *odd.summary()))
    told += msgspec.json.encode([said.masked(), odd.masked()]).decode()
    assert "JOHNSON" not in told
    assert "XX" not in told


def test_files_are_private_and_never_written_over(answer, tmp_path):
    said = answer(CLAIM)
    written = write_answers(said, tmp_path / "out", "in.x12")
    assert [path.name for path in written] == ["in.x12.ta1", "in.x12.999"]
    assert [path.stat().st_mode & 0o777 for path in written] == [0o600, 0o600]
    assert written[1].read_text() == said.implementation
    with pytest.raises(FileExists, match=r"in\.x12\.ta1 already exists"):
        write_answers(said, tmp_path / "out", "in.x12")
