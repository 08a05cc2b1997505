"""validate: the whole file, in its order, whatever stands in it."""

import pytest

from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.edi.validate import Counts, validate

ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240101*1200*^*00501*000000001*0*T*:~"
GS = "GS*HP*S*R*20240101*1200*1*X*005010X221A1~"
GOOD = ISA + GS + "ST*835*0001~BPR*I*0*C*NON~TRN*1*1*1~SE*4*0001~GE*1*1~IEA*1*000000001~"


def never(found):
    raise AssertionError(str(found))


@pytest.fixture
def findings(tmp_path):
    def check(text, guide=False):
        path = tmp_path / "a.x12"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        found: list[Diagnostic] = []
        validate(path, found.append, guide=guide)
        return [str(each) for each in found]

    return check


def test_a_good_file_has_no_findings_and_is_counted(tmp_path):
    path = tmp_path / "a.x12"
    path.write_text(GOOD + GOOD.replace("000000001", "000000002").replace("ST*835", "ST*837"))
    assert validate(path, never, guide=False) == Counts(16, 2, 2, {"835": 1, "837": 1})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("TRN*", "~TRN*", ["a.x12:5: X123 warning: segment is empty"]),
        ("TRN*", " TRN*", ["a.x12:5: X104 warning: segment ID was read as TRN"]),
        ("TRN*", "trn*", ["a.x12:5: X104 warning: segment ID was read as TRN"]),
        ("TRN*1*1*1", "TRN", ["a.x12:5: X125 error: segment TRN has no elements"]),
        ("TRN*1*1*1", "TRN*1*1*1**", ["a.x12:5: X126 warning: segment ends with an element separator"]),
        ("TRN*", "JOHN DOE*", ["a.x12:5: X124 error: segment does not start with a segment ID  value •••• ••• (masked: 7 letters, 1 space)"]),
        ("TRN*", "TRNX*", ["a.x12:5: X124 error: segment does not start with a segment ID  value •••• (masked: 4 letters)"]),
        ("ST*835*0001~BPR*I*0*C*NON~", "", ["a.x12:3: X120 error: TRN is outside any transaction set", "a.x12:4: X119 error: SE has no open ST"]),
        ("SE*4*", "se*4*", ["a.x12:6: X104 warning: segment ID was read as SE"]),
    ],
)  # fmt: skip
def test_each_fault_of_syntax_has_its_words(findings, old, new, expected):
    found = [line for line in findings(GOOD.replace(old, new)) if "X114" not in line and "X116" not in line]
    assert found == expected


def test_segments_outside_a_set_are_reported_once_for_each_run_of_them(findings):
    stray = "REF*1~REF*2~REF*3~"
    found = findings(GOOD.replace("GE*1*1~", stray + "GE*1*1~" + stray))
    assert found == [
        "a.x12:7: X120 error: REF is outside any transaction set",
        "a.x12:11: X120 error: REF is outside any transaction set",
    ]


def test_an_id_that_was_seen_inside_a_set_is_still_noticed_outside(findings):
    found = findings(GOOD.replace("GE*1*1~", "TRN*1*1*1~GE*1*1~"))
    assert found == ["a.x12:7: X120 error: TRN is outside any transaction set"]


def test_an_id_well_formed_in_one_interchange_is_judged_again_in_the_next(findings):
    second = GOOD.replace("000000001", "000000002").replace("*", "|").replace("TRN|", "TRN*")
    assert findings(GOOD + second) == [
        "a.x12:13: X124 error: segment does not start with a segment ID  value •••*• (masked: 3 letters, 1 digit)"
    ]


def test_the_envelope_is_reported_once_although_pyx12_counts_as_well(findings):
    found = findings(GOOD.replace("SE*4*", "SE*9*"), guide=True)
    assert [line for line in found if "SE0" in line] == [
        "a.x12:6: X114 error: SE01 is 9, but the set has 4 segments  [SE01]"
    ]


def test_findings_come_in_the_order_of_the_file(findings):
    found = findings(GOOD.replace("TRN*1*1*1", "ZZZ*1*").replace("SE*4", "SE*9").replace("GE*1*", "GE*3*"), guide=True)
    places = [int(line.split(":")[1]) for line in found]
    assert len(places) > 3
    assert places == sorted(places)


def test_progress_is_told_in_bytes(tmp_path):
    path = tmp_path / "a.x12"
    path.write_text(GOOD)
    seen: list[int] = []
    validate(path, never, guide=False, progress=seen.append)
    assert seen[-1] == len(GOOD)


def test_a_file_that_is_no_x12_is_refused(findings):
    with pytest.raises(NotX12):
        findings("hello")
