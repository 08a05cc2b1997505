"""Where each segment of a file stands, and which loops begin with it."""

import io

from claimloop.edi.guides.locating import locate
from claimloop.edi.syntax.tokens import read_batches
from claimloop.tests.edi.guides.test_check import CLAIM


def located(text):
    return list(locate(read_batches(io.BytesIO(text.encode()), "a.837", lambda _: None)))


def test_every_segment_of_a_good_file_has_its_place():
    assert [(each.number, each.elements[0]) for each in located(CLAIM) if each.place is None] == []
    assert [each.place.segment.id for each in located(CLAIM) if each.place] == [
        line.split("*")[0] for line in CLAIM.splitlines()
    ]


def test_loops_are_told_where_they_begin():
    begun = {each.number: [loop.loop.id for loop in each.entered] for each in located(CLAIM) if each.entered}
    assert begun[5] == ["1000A"]
    assert begun[8] == ["DETAIL", "2000A"]
    assert begun[13] == ["2000B"]
    assert begun[20] == ["2300"]
    assert begun[22] == ["2400"]
    assert 14 not in begun


def test_a_loop_that_repeats_begins_again():
    line = "LX*1~\nSV1*HC:99213*100*UN*1***1~\nDTP*472*D8*20240101~\n"
    begun = [each.number for each in located(CLAIM.replace(line, line * 3)) if "2400" in names(each.entered)]
    assert begun == [22, 25, 28]


def names(loops):
    return [loop.loop.id for loop in loops]


def test_a_segment_that_the_guide_does_not_know_has_no_place():
    stranger = next(each for each in located(CLAIM.replace("N3*1 MAIN", "ZZZ*1 MAIN")) if each.elements[0] == "ZZZ")
    assert stranger.place is None
    assert stranger.entered == ()


def test_two_sets_each_begin_with_their_own_loops():
    one = CLAIM[CLAIM.index("ST*") : CLAIM.index("GE*")]
    found = located(CLAIM.replace(one, one * 2))
    assert [each.number for each in found if "1000A" in names(each.entered)] == [5, 28]
