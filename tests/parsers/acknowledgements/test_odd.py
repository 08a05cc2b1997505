"""Acknowledgements that are cut, garbled or endless; and that nothing of a whole one is lost."""

import random
from io import BytesIO
from itertools import islice
from pathlib import Path

import pytest

from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.edi.records.acknowledgement import ClaimStatus, GroupAcknowledgement, StatusReport, StatusReportEnd
from claimloop.parsers.acknowledgements.reader import acknowledgement_items
from claimloop.tests.parsers.acknowledgements.samples import ACKNOWLEDGED, STATUSES

SAMPLES = Path(__file__).parents[2] / "data"
PUBLIC = sorted(path for kind in ("TA1", "999", "277CA") for path in SAMPLES.glob(f"{kind}__*.x12"))
TEXTS = {"ACKNOWLEDGED": ACKNOWLEDGED.encode(), "STATUSES": STATUSES.encode()} | {
    path.name: path.read_bytes() for path in PUBLIC
}
STRUCTURE = {("HL", 1), ("HL", 2), ("HL", 3), ("HL", 4), ("TRN", 1), ("DTP", 2)}
"""What says only how a file is built: levels follow each other, a trace is a trace, a period shows its own format."""


def read(content, report=lambda _: None):
    return list(acknowledgement_items(BytesIO(content), "a.x12", report))


def only(kind, items):
    return [item for item in items if isinstance(item, kind)]


def elements_of(text):
    segments = text.split("~\n")
    for number, segment in enumerate(segments):
        parts = segment.split("*")
        if parts[0] not in ("ISA", "GS", "ST", "SE", "GE", "IEA", ""):
            for place, part in enumerate(parts):
                if part and place and (parts[0], place) not in STRUCTURE:
                    yield segments, number, parts, place


@pytest.mark.parametrize("text", [ACKNOWLEDGED, STATUSES], ids=["999", "277CA"])
def test_every_element_is_in_a_record(text):
    whole, lost, seen = read(text.encode()), [], 0
    for segments, number, parts, place in elements_of(text):
        changed = "*".join([*parts[:place], f"{parts[place]}9", *parts[place + 1 :]])
        seen += 1
        if read("~\n".join([*segments[:number], changed, *segments[number + 1 :]]).encode()) == whole:
            lost.append((changed, place))
    assert lost == []
    assert seen > 40


@pytest.mark.parametrize("text", [ACKNOWLEDGED, STATUSES], ids=["999", "277CA"])
def test_a_segment_that_nobody_knows_is_kept_wherever_it_stands(text):
    segments = text.split("~\n")
    body = [number for number, segment in enumerate(segments) if segment[:3] == "SE*" or segment[:3] == "ST*"]
    for place in range(body[0] + 1, body[1] + 1):
        items = read("~\n".join([*segments[:place], "ZZZ*KEPT", *segments[place:]]).encode())
        assert repr(items).count("'ZZZ*KEPT'") == 1, segments[place - 1]


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_cut_anywhere_is_read_as_far_as_it_goes(name):
    content = TEXTS[name]
    whole = read(content)
    for end in range(len(content)):
        try:
            items = read(content[:end])
        except NotX12:
            assert end < 130
            continue
        assert len(items) <= len(whole)


def test_a_277_that_is_cut_is_not_complete():
    items = read(STATUSES.partition("SE*")[0].encode())
    assert only(StatusReportEnd, items) == [StatusReportEnd(items[0].source, 2, complete=False)]
    assert only(StatusReportEnd, read(STATUSES.encode()))[0].complete


@pytest.mark.parametrize("cut", ["AK9*", "SE*"])
def test_a_999_that_is_cut_is_not_complete(cut):
    (group,) = only(GroupAcknowledgement, read(ACKNOWLEDGED.partition(cut)[0].encode()))
    assert (group.complete, len(group.sets)) == (False, 2)
    (group,) = only(GroupAcknowledgement, read(ACKNOWLEDGED.encode()))
    assert group.complete


def test_an_error_behind_the_verdict_on_a_set_is_not_put_to_that_set():
    (group,) = only(GroupAcknowledgement, read(ACKNOWLEDGED.replace("AK2*837*0002*005010X222A1~\n", "").encode()))
    assert [(one.control_number, one.code, one.errors) for one in group.sets] == [("0001", "A", ())]
    assert "IK3*CLM*22*2300*8" in group.sets[0].other_segments
    assert "IK5*R*5*I5" in group.sets[0].other_segments


@pytest.mark.parametrize("name", TEXTS)
def test_no_garbled_byte_raises_and_none_shows_a_name(name):
    chance, content = random.Random(name), TEXTS[name]
    signs = b"*~:^|>\n \0\xff-9AZa" + content[:60]
    for _ in range(400):
        garbled = bytearray(content)
        for _ in range(chance.randint(1, 12)):
            place = chance.randrange(106, len(garbled))
            match chance.randrange(4):
                case 0:
                    garbled[place] = chance.choice(signs)
                case 1:
                    del garbled[place : place + chance.randint(1, 40)]
                case 2:
                    garbled[place:place] = bytes(chance.choice(signs) for _ in range(chance.randint(1, 5)))
                case _:
                    start = chance.randrange(106, len(garbled))
                    garbled[place:place] = garbled[start : start + chance.randint(1, 80)]
            garbled += content[-20:]
        found: list[Diagnostic] = []
        read(bytes(garbled), found.append)
        for finding in found:
            assert "MARLOWE" not in finding.render(), finding


def test_segments_in_any_order_raise_nothing():
    chance = random.Random(7)
    lines = (ACKNOWLEDGED + STATUSES).splitlines()
    kinds = [line for line in lines if line[:3] != "ISA"]
    for _ in range(300):
        chosen = [lines[0], lines[2], chance.choice((lines[3], STATUSES.splitlines()[2])), *chance.choices(kinds, k=60)]
        items = read("\n".join(chosen).encode())
        reports, ends = len(only(StatusReport, items)), len(only(StatusReportEnd, items))
        assert reports >= ends


def test_small_letters_and_empty_segments_are_read_and_reported():
    found: list[Diagnostic] = []
    text = STATUSES.replace("TRN*2*VISIT1-1~", "trn*2*VISIT1-1~\n~\n~").replace("HL*5*3*PT~", " HL*5*3*pt~")
    items = read(text.encode(), found.append)
    assert [claim.control_number for claim in only(ClaimStatus, items)] == ["VISIT1-1", "VISIT2-1"]
    assert sorted(finding.code for finding in found) == ["R215", "X104", "X104", "X114"]


def test_what_is_no_x12_is_refused():
    with pytest.raises(NotX12):
        read(b"call the payer")


class Endless(BytesIO):
    """A 277CA whose claims never end, and how many bytes of it were read."""

    def __init__(self):
        super().__init__()
        head, claim = STATUSES.encode().split(b"HL*4*3*PT~")[0], STATUSES.encode().split(b"HL*4*3*PT~")[1]
        self._rest, self._claim, self.given = head, b"HL*4*3*PT~" + claim.split(b"HL*5*")[0], 0

    def read(self, size=1):
        while len(self._rest) < size:
            self._rest += self._claim
        piece, self._rest = self._rest[:size], self._rest[size:]
        self.given += size
        return piece


def test_claims_come_while_the_file_is_read():
    stream = Endless()
    items = acknowledgement_items(stream, "a.x12", lambda _: None)
    claims = only(ClaimStatus, islice(items, 20_003))
    assert len(claims) == 20_000
    assert {claim.control_number for claim in claims} == {"VISIT1-1"}
    assert stream.given < 20_000 * 180 + 2 * (1 << 18)
