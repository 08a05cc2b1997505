"""pyx12's own verdict on a file."""

import pytest

from claimloop.edi.guides import pyx12_opinion
from claimloop.tests.edi.guides.test_check import CLAIM


@pytest.fixture
def opinion(tmp_path):
    def ask(text):
        path = tmp_path / "a.837"
        path.write_bytes(text.encode())
        return pyx12_opinion(path)

    return ask


def test_a_good_claim_is_accepted_and_a_broken_one_rejected(opinion):
    assert opinion(CLAIM) == "accepts"
    assert opinion(CLAIM.replace("*UN*1*", "*XX*1*")) == "rejects"


@pytest.mark.parametrize("text", ["", "hello", CLAIM.replace("DOE", "D\N{LATIN CAPITAL LETTER O WITH DIAERESIS}E")])
def test_what_it_cannot_read_is_said(opinion, text):
    assert opinion(text) == "cannot read"


def test_a_guide_that_it_does_not_have_cannot_be_read(opinion):
    assert opinion(CLAIM.replace("005010X222A1", "005010X222A2")) == "cannot read"


def test_its_messages_which_hold_values_go_nowhere(opinion, capfd, caplog):
    assert opinion(CLAIM.replace("*UN*1*", "*SECRET*1*")) == "rejects"
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
