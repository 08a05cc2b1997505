"""Delimiters are read from the ISA, whatever they are and however the ISA is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimloop.edi.diagnostics import NotX12
from claimloop.edi.syntax.delimiters import Delimiters, read_delimiters

SIGNS = "*|:^~!+>;<%&=@#$_'\"\\?/,\t\x1c\x1d\x1e\x1f\x85§"


def isa(element="*", repetition="^", component=":", end="~", version="00501"):
    fields = ["ISA", "00", " " * 10, "00", " " * 10, "ZZ", f"{'SENDER':15}", "ZZ", f"{'RECEIVER':15}"]
    fields += ["240101", "1200", repetition, version, "000000001", "0", "T", component]
    return element.join(fields) + end


def test_the_usual_delimiters():
    assert read_delimiters(isa() + "GS*HP*S*R~") == Delimiters("*", ":", "^", "~")


@given(st.permutations(SIGNS))
def test_any_four_signs_can_be_delimiters(signs):
    element, repetition, component, terminator = signs[:4]
    text = isa(element, repetition, component, terminator) + f"GS{element}HP{terminator}"
    assert read_delimiters(text) == Delimiters(element, component, repetition, terminator)


@pytest.mark.parametrize(
    ("end", "terminator"), [("~\n", "~"), ("~\r\n", "~"), ("\n", "\n"), ("\r\n", "\n"), ("\r", "\r"), ("'\r", "'")]
)
def test_a_terminator_with_a_line_break_and_a_line_break_as_terminator(end, terminator):
    assert read_delimiters(isa(end=end) + f"GS*HP*S*R{end}").segment == terminator


@pytest.mark.parametrize("end", ["~", "~\n", "~\r\n", "\n", "\r\n"])
@pytest.mark.parametrize("following", ["GS*HP*S*R", "TA1*000000001", "IEA*0*000000001"])
def test_an_empty_isa16_leaves_no_component_separator(end, following):
    found = read_delimiters(isa(component="", end=end) + following + end)
    assert (found.component, found.segment) == ("", end[0] if end[0] == "~" else "\n")


def test_isa16_may_be_an_odd_sign_that_data_holds_as_well():
    assert read_delimiters(isa(component="\\") + "GS*HP~").component == "\\"


def test_a_4010_isa_has_no_repetition_separator():
    assert read_delimiters(isa(repetition="U", version="00401") + "GS*HP~").repetition == ""


@pytest.mark.parametrize("repetition", ["", " ", "*", ":", "~", "^^"])
def test_isa11_that_can_separate_nothing_counts_as_none(repetition):
    if repetition == "*":  # one element too many: what stands in ISA16's place ends no segment
        with pytest.raises(NotX12):
            read_delimiters(isa(repetition="*") + "GS*HP~")
    else:
        assert read_delimiters(isa(repetition=repetition) + "GS*HP~").repetition == ""


def test_an_isa_that_is_not_padded_is_read_by_counting_elements():
    text = "ISA|00||00||ZZ|A|ZZ|B|240101|1200|!|00501|1|0|P|>\nGS|HP|A|B\n"
    assert read_delimiters(text) == Delimiters("|", ">", "!", "\n")


def test_an_isa_wrapped_in_the_middle_of_its_repetition_separator_is_read():
    whole = isa()
    wrapped = whole[:82] + "\r\n" + whole[82:] + "GS*HP~"
    assert read_delimiters(wrapped) == Delimiters("*", ":", "^", "~")


@pytest.mark.parametrize(
    "text", ["", "ISA", "ISA*00*", "GS*HP", "ISA 00 ", "ISAX00X", isa(end=""), isa(end="A"), isa()[:-3], "isa*00"]
)
def test_what_is_no_whole_isa_is_refused(text):
    with pytest.raises(NotX12):
        read_delimiters(text)
