"""The guide check: every kind of error has its words, its loop and element, and a masked value."""

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.guides import GuideCheck, pyx12_opinion
from claimloop.edi.guides import check as module
from claimloop.edi.syntax.tokens import read_batches

ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240101*1200*^*00501*000000001*0*T*:~\n"
CLAIM = (
    ISA
    + """GS*HC*SENDER*RECEIVER*20240101*1200*1*X*005010X222A1~
ST*837*0001*005010X222A1~
BHT*0019*00*X1*20240101*1200*CH~
NM1*41*2*BILLING COMPANY*****46*12345~
PER*IC*JANE ROE*TE*5555550100~
NM1*40*2*EXAMPLE PAYER*****46*99999~
HL*1**20*1~
NM1*85*2*EXAMPLE DERMATOLOGY*****XX*1234567893~
N3*1 MAIN ST~
N4*SPRINGFIELD*IL*627010001~
REF*EI*123456789~
HL*2*1*22*0~
SBR*P*18*******CI~
NM1*IL*1*DOE*JOHN****MI*M1~
N3*2 OAK ST~
N4*SPRINGFIELD*IL*62701~
DMG*D8*19700101*M~
NM1*PR*2*EXAMPLE PAYER*****PI*99999~
CLM*C1*100***11:B:1*Y*A*Y*Y~
HI*ABK:L700~
LX*1~
SV1*HC:99213*100*UN*1***1~
DTP*472*D8*20240101~
SE*23*0001~
GE*1*1~
IEA*1*000000001~
"""
)


def judge(path, **options):
    found: list[Diagnostic] = []
    judge = GuideCheck(found.append, **options)
    with path.open("rb") as stream:
        for batch in read_batches(stream, "a.837", lambda _: None):
            judge.read_batch(batch)
    return judge.passed, found


@pytest.fixture(params=[1, 1000], ids=["by expression", "element by element"])
def check(tmp_path, monkeypatch, request):
    """Both ways of judging elements say the same."""
    monkeypatch.setattr(module, "_WORTH_A_TEST", request.param)
    module._automaton.cache_clear()

    def run(text):
        path = tmp_path / "a.837"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        passed, found = judge(path)
        return passed, [str(each) for each in found]

    yield run
    module._automaton.cache_clear()


def test_a_good_claim_passes(check):
    assert check(CLAIM) == (True, [])


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("N3*1 MAIN ST~", "ZZZ*1~", "a.837:10: G411 error: segment ZZZ is not in the guide  [2010AA]  value • (masked: 1 digit)"),
        ("N3*1 MAIN ST~", "SVC*1~", "a.837:10: G411 error: segment SVC is not in the guide  [2010AA]  value • (masked: 1 digit)"),
        ("REF*EI", "REF*XX", "a.837:12: G412 error: segment REF is not expected here  [2010AA]  value •• (masked: 2 letters)"),
        ("N3*1 MAIN ST~\n", "", "a.837:10: G413 error: required segment N3 (Billing Provider Address) is missing before this one  [2010AA]"),
        ("DTP*472", "DTP*472*D8*20240101~\nDTP*472", "a.837:25: G415 error: segment DTP (Date - Service Date) occurs more than 1 time  [2400]"),
        ("NM1*40*2*EXAMPLE PAYER*****46*99999~\n", "", "a.837:7: G417 error: required loop 1000B (Receiver Name) is missing before this segment  [1000B]"),
        ("PER*IC", "N3*2~\nPER*IC", "a.837:6: G412 error: segment N3 is not expected here  [1000A]  value • (masked: 1 digit)"),
        ("LX*1~", "LX*2~", "a.837:22: G443 error: LX01 must be 1  [2400, LX01]  value '2'"),
        ("HL*2*1", "HL*3*1", "a.837:13: G441 error: HL01 must be 2  [2000B, HL01]  value '3'"),
        ("HL*2*1", "HL*2*9", "a.837:13: G442 error: HL02 does not match an open level  [2000B, HL02]  value '9'"),
        ("CLM*C1*", "CLM**", "a.837:20: G421 error: Patient Control Number is missing  [2300, CLM01]"),
        ("*11:B:1*", "*11::1*", "a.837:20: G421 error: Facility Code Qualifier is missing  [2300, CLM05-2]"),
        ("**11:B:1*", "***", "a.837:20: G421 error: Health Care Service Location Information is missing  [2300, CLM05]"),
        ("PER*IC*JANE ROE*TE*5555550100", "PER*IC*JANE ROE*TE", "a.837:6: G422 error: Submitter EDI Contact Information lacks an element that must be sent with another  [1000A, PER03]"),
        ("LX*1~", "LX*1*2~", "a.837:22: G423 error: Service Line Number has more elements than the guide allows  [2400, LX02]  value • (masked: 1 digit)"),
        ("N4*SPRINGFIELD*IL*627010001", "N4*S*IL*627010001", "a.837:11: G424 error: Billing Provider City Name is too short  [2010AA, N401]  value • (masked: 1 letter)"),
        ("CLM*C1*", "CLM*" + "C" * 39 + "*", "a.837:20: G425 error: Patient Control Number is too long  [2300, CLM01]  value " + "•" * 24 + "… (masked: 39 letters)"),
        ("*C1*100*", "*C1*1OO*", "a.837:20: G426 error: Total Claim Charge Amount has a character that its type does not allow  [2300, CLM02]  value ••• (masked: 2 letters, 1 digit)"),
        ("*100*UN*1*", "*100*XX*1*", "a.837:23: G427 error: Unit or Basis for Measurement Code is not one of the guide's codes  [2400, SV103]  value 'XX'"),
        ("SBR*P*18", "SBR*Q*18", "a.837:14: G412 error: segment SBR is not expected here  [2000B]  value • (masked: 1 letter)"),
        ("DMG*D8*19700101", "DMG*D8*19701301", "a.837:18: G428 error: Subscriber Birth Date is not a valid date  [2010BA, DMG02]  value •••••••• (masked: 8 digits)"),
        ("BHT*0019*00*X1*20240101*1200", "BHT*0019*00*X1*20240101*2500", "a.837:4: G429 error: Transaction Set Creation Time is not a valid time  [BHT05]  value •••• (masked: 4 digits)"),
        ("*M1~", "*M1***X~", "a.837:15: G431 error: Name Last or Organization Name is not used in this guide  [2010BA, NM112]"),
        ("HC:99213*", "HC:99213:25:26:27:28:NOTE:X:Y*", "a.837:23: G433 error: Composite Medical Procedure Identifier has too many components  [2400, SV101]  value • (masked: 1 letter)"),
        ("*DOE*", "*DOE:ROE*", "a.837:15: G433 error: Subscriber Last Name has too many components  [2010BA, NM103]  value •••:••• (masked: 6 letters)"),
        ("*DOE*", "*DOE *", "a.837:15: G434 error: Subscriber Last Name has trailing spaces  [2010BA, NM103]  value •••  (masked: 3 letters, 1 space)"),
        ("N4*SPRINGFIELD*IL*62701~", "N4*SPRINGFIELD*QQ*62701~", "a.837:17: G435 warning: Subscriber State Code is not in the installed code list  [2010BA, N402]  value •• (masked: 2 letters)"),
        ("N4*SPRINGFIELD*IL*62701~", "N4*SPRINGFIELD*IL*62701*CA***ON~", "a.837:17: G430 error: Subscriber City, State, ZIP Code has elements that exclude each other  [2010BA, N402]"),
        ("ST*837*0001", "ST*835*0001", "a.837:3: G403 error: set 835 is not allowed in a group of guide 005010X222A1  [ST01]"),
        ("GS*HC*SENDER*RECEIVER*20240101", "GS*HC*SENDER*RECEIVER*20241301", "a.837:2: G428 error: Date is not a valid date  [GS04]  value •••••••• (masked: 8 digits)"),
    ],
)  # fmt: skip
def test_each_kind_of_error_has_its_words(check, old, new, finding):
    assert old in CLAIM
    passed, found = check(CLAIM.replace(old, new, 1))
    assert finding in found
    assert passed == all(" error: " not in line for line in found)


def test_a_loop_that_repeats_too_often(check):
    line = "LX*1~\nSV1*HC:99213*100*UN*1***1~\nDTP*472*D8*20240101~\n"
    lines = "".join(line.replace("LX*1", f"LX*{number}") for number in range(1, 52))
    passed, found = check(CLAIM.replace(line, lines))
    assert (passed, found) == (False, ["a.837:172: G414 error: loop 2400 occurs more than 50 times  [2400]"])


def test_a_fault_of_one_set_does_not_spread_to_the_next(check):
    one = CLAIM[CLAIM.index("ST*") : CLAIM.index("GE*")]
    _, found = check(CLAIM.replace(one, one.replace("LX*1~\n", "") + one))
    assert found
    assert all(int(line.split(":")[1]) < 25 for line in found)


@pytest.mark.parametrize("guide", ["005010X222A2", "005010X222"])
def test_a_sister_guide_is_said_once_and_used(check, guide):
    passed, found = check(CLAIM.replace("005010X222A1", guide))
    assert passed
    assert found == [f"a.837:3: G401 note: guide {guide} is not available: the set was checked against 005010X222A1"]


def test_a_guide_of_another_envelope_version_is_used(check):
    passed, found = check(CLAIM.replace("*00501*", "*00401*").replace("*^*", "*U*"))
    assert passed
    assert found == ["a.837:3: G406 warning: ISA12 is 00401, but guide 005010X222A1 requires 00501"]


def test_a_set_without_a_guide_at_hand_is_not_passed(check):
    passed, found = check(CLAIM.replace("005010X222A1", "005010X999").replace("GS*HC", "GS*HS"))
    assert not passed
    assert found == ["a.837:3: G402 warning: no guide 005010X999 for group HS: only syntax and envelopes were checked"]


def test_the_guide_of_the_set_counts_where_the_group_names_none_that_is_known(check):
    text = CLAIM.replace("*X*005010X222A1", "*X*005010X999", 1)
    assert check(text) == (
        True,
        ["a.837:3: G401 note: guide 005010X999 is not available: the set was checked against 005010X222A1"],
    )


def test_other_delimiters_a_byte_order_mark_and_text_around_change_nothing(check):
    table = str.maketrans({"*": "\x1d", ":": "\x1f", "~": "\x1c", "^": "\x1e"})
    assert check("\ufeff" + CLAIM.translate(table)) == (True, [])
    assert check("mail header\n" + CLAIM) == (True, [])
    assert check(CLAIM.replace("~\n", "\n")) == (True, [])
    assert check(CLAIM.replace("~\n", "~\r\n")) == (True, [])
    assert check(CLAIM.replace("SENDER         ", "SENDER")) == (True, [])


def test_a_name_outside_ascii_is_judged_where_it_stands(check):
    expected = [
        "a.837:15: G426 error: Subscriber Last Name has a character that its type does not allow  [2010BA, NM103]  value ••• (masked: 3 letters)"
    ]
    assert check(CLAIM.replace("*DOE*", "*DÖE*")) == (False, expected)
    assert check(CLAIM.replace("*DOE*", "*DÖE*").encode("latin-1")) == (False, expected)


def test_the_check_goes_on_behind_an_empty_segment(check):
    _, found = check(CLAIM.replace("LX*1~", "~LX*2~"))
    assert found == ["a.837:23: G443 error: LX01 must be 1  [2400, LX01]  value '2'"]


def test_an_acknowledgement_of_the_interchange_needs_no_group(check):
    assert check(ISA + "TA1*000000007*240101*1200*A*000~IEA*0*000000001~") == (True, [])


def test_a_period_with_too_many_dashes_is_no_date(check):
    expected = "a.837:24: G428 error: Service Date is not a valid date  [2400, DTP03]  value ••••••••-••••-•••• (masked: 16 digits)"
    assert check(CLAIM.replace("DTP*472*D8*20240101", "DTP*472*RD8*20240101-2024-0102")) == (False, [expected])


def test_values_never_stand_in_a_message(tmp_path):
    path = tmp_path / "a.837"
    path.write_text(
        CLAIM.replace("*DOE*JOHN*", "*SECRETNAME \x07*" + "SECRETFIRST" * 10 + "*").replace("M1~", "SECRETID\x01~")
    )
    _, found = judge(path)
    assert len(found) >= 3
    assert not any("SECRET" in str(each) or "SECRET" in each.message for each in found)


@pytest.mark.parametrize("place", range(3, 23))
def test_the_verdict_is_the_one_of_pyx12_itself(tmp_path, place):
    """On files that pyx12's own reader can read, with the claim broken in one place at a time."""
    segments = CLAIM.splitlines(keepends=True)
    for broken in ("", segments[place] * 2, segments[place].replace("*1", "*Q9", 1)):
        body = [*segments[2:place], broken, *segments[place + 1 : -3]]
        count = "".join(body).count("~") + 1
        path = tmp_path / "a.837"
        path.write_text("".join(segments[:2] + body) + f"SE*{count}*0001~\nGE*1*1~\nIEA*1*000000001~\n")
        passed, _ = judge(path)
        assert pyx12_opinion(path) == ("accepts" if passed else "rejects"), broken


def test_a_file_of_thousands_of_claims_is_judged_like_one_of_one(tmp_path):
    """The expressions are made on the way: what they let pass and what they do not is the same at the end."""
    lines = CLAIM.splitlines(keepends=True)
    claim = "".join(lines[19:24])
    path = tmp_path / "a.837"
    path.write_text("".join(lines[:19]) + claim * 90 + claim.replace("99213*100", "99213*1OO") + "".join(lines[24:]))
    passed, found = judge(path)
    assert not passed
    assert [(each.code, each.where.segment, each.where.element) for each in found] == [("G426", 473, "SV102")]
