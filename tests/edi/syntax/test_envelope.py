"""Envelopes: every count and control number is checked, each fault has its own words."""

from io import BytesIO

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.syntax.envelope import ENVELOPE_SEGMENTS, EnvelopeReader, Source, shown
from claimloop.edi.syntax.tokens import read_batches

ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240101*1200*^*00501*000000001*0*T*:~"
GS = "GS*HP*S*R*20240101*1200*1*X*005010X221A1~"
SET = "ST*835*0001~BPR*I~SE*3*0001~"
GOOD = ISA + GS + SET + "GE*1*1~IEA*1*000000001~"


def never(found):
    raise AssertionError(str(found))


def follow(text):
    """The reader after the whole text, and its findings."""
    findings: list[Diagnostic] = []
    reader = EnvelopeReader("a.x12", findings.append)
    for batch in read_batches(BytesIO(text.encode()), "a.x12", findings.append):
        for number, segment in enumerate(batch.segments, batch.first):
            elements = segment.split("*")
            if elements[0] in ENVELOPE_SEGMENTS:
                reader.read(elements[0], elements, batch, number)
    reader.finish()
    return [str(found) for found in findings]


def test_a_good_envelope_has_no_findings():
    assert follow(GOOD) == []


def test_many_interchanges_groups_and_sets_have_no_findings():
    second = SET.replace("0001", "0002")
    groups = GS + SET + second + "GE*2*1~" + GS.replace("*1*X", "*2*X") + SET + "GE*1*2~"
    first = ISA + groups + "IEA*2*000000001~"
    assert follow(first + first.replace("000000001", "000000002")) == []


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("SE*3*", "SE*15*", "a.x12:5: X114 error: SE01 is 15, but the set has 3 segments  [SE01]"),
        ("SE*3*", "SE*x*", "a.x12:5: X114 error: SE01 is •, but the set has 3 segments  [SE01]"),
        ("SE*3*", "SE**", "a.x12:5: X114 error: SE01 is (empty), but the set has 3 segments  [SE01]"),
        ("SE*3*0001", "SE*3*0002", "a.x12:5: X115 error: SE02 is 0002, but ST02 is 0001  [SE02]"),
        ("SE*3*0001", "SE*3", "a.x12:5: X115 error: SE02 is (empty), but ST02 is 0001  [SE02]"),
        ("GE*1*1", "GE*2*1", "a.x12:6: X116 error: GE01 is 2, but the group has 1 set  [GE01]"),
        ("GE*1*1", "GE*1*7", "a.x12:6: X117 error: GE02 is 7, but GS06 is 1  [GE02]"),
        ("IEA*1", "IEA*3", "a.x12:7: X112 error: IEA01 is 3, but the interchange has 1 group  [IEA01]"),
        (
            "IEA*1*000000001", "IEA*1*000000002",
            "a.x12:7: X111 error: IEA02 is 000000002, but ISA13 is 000000001  [IEA02]",
        ),
        ("SE*3*0001~", "", "a.x12:5: X118 error: transaction set 0001 has no SE trailer"),
        ("GE*1*1~", "", "a.x12:6: X113 error: group 1 has no GE trailer"),
        ("IEA*1*000000001~", "", "a.x12:6: X110 error: interchange 000000001 has no IEA trailer"),
        ("ST*835*0001~", "", "a.x12:4: X119 error: SE has no open ST"),
        ("*SENDER         *", "*SENDER*", "a.x12:1: X122 warning: element has 6 characters, but the ISA requires exactly 15  [ISA06]"),
    ],
)  # fmt: skip
def test_each_fault_has_its_words(old, new, finding):
    assert finding in follow(GOOD.replace(old, new))


def test_a_set_cut_in_the_middle_of_the_file_leaves_three_levels_open():
    assert follow(ISA + GS + "ST*835*0001~BPR*I~") == [
        "a.x12:3: X118 error: transaction set 0001 has no SE trailer",
        "a.x12:3: X113 error: group 1 has no GE trailer",
        "a.x12:3: X110 error: interchange 000000001 has no IEA trailer",
    ]


def test_a_set_that_follows_an_open_one_closes_it():
    findings = follow(GOOD.replace("SE*3*0001~", "ST*835*0002~SE*2*0002~").replace("GE*1", "GE*2"))
    assert findings == ["a.x12:5: X118 error: transaction set 0001 has no SE trailer"]


def test_headers_without_the_level_above_are_reported():
    assert follow(ISA + SET + "IEA*0*000000001~") == ["a.x12:2: X119 error: ST has no open GS"]
    assert follow(ISA + "IEA*0*000000001~" + GS + "GE*0*1~") == ["a.x12:3: X119 error: GS has no open ISA"]


def test_trailers_without_their_headers_are_reported():
    text = ISA + "GE*0*1~IEA*0*000000001~IEA*0*000000001~"
    assert follow(text) == [
        "a.x12:2: X119 error: GE has no open GS",
        "a.x12:4: X119 error: IEA has no open ISA",
    ]


def test_a_control_number_used_twice_is_reported_at_each_level():
    twice = ISA + GS + SET + SET + "GE*2*1~" + GS + "GE*0*1~" + "IEA*2*000000001~"
    assert follow(twice + GOOD) == [
        "a.x12:6: X121 error: control number 0001 is used twice  [ST02]",
        "a.x12:10: X121 error: control number 1 is used twice  [GS06]",
        "a.x12:13: X121 error: control number 000000001 is used twice  [ISA13]",
    ]


def test_a_ta1_may_stand_alone_in_an_interchange():
    assert follow(ISA + "TA1*000000007*240101*1200*A*000~IEA*0*000000001~") == []


def test_a_name_in_the_place_of_a_control_number_is_not_shown():
    findings = follow(GOOD.replace("SE*3*0001", "SE*3*O'HARA"))
    assert findings == ["a.x12:5: X115 error: SE02 is •'••••, but ST02 is 0001  [SE02]"]


@pytest.mark.parametrize(
    ("text", "result"),
    [("0001A", "0001A"), ("005010X222A1", "005010X222A1"), ("", "(empty)"), ("  ", "(empty)"), ("DOE", "•••"), ("0001SMITH", "•••••••••"), ("1\x1b[2J", "•?[••")],
)  # fmt: skip
def test_what_may_be_shown_in_a_message(text, result):
    assert shown(text) == result


def test_a_source_names_the_control_numbers_around_a_record():
    reader = EnvelopeReader("a.x12", never)
    batch = next(read_batches(BytesIO(GOOD.encode()), "a.x12", never))
    for number, segment in enumerate(batch.segments[:3], 1):
        elements = segment.split("*")
        reader.read(elements[0], elements, batch, number)
    assert reader.source(4) == Source("a.x12", "000000001", "1", "0001", 4)
    assert reader.transaction is not None
    assert reader.transaction.guide == "005010X221A1"
