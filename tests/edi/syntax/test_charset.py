"""Data made fit for X12: what a receiver's basic character set holds, and no delimiter in it."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimloop.edi.syntax.charset import clean, loses_characters
from claimloop.edi.syntax.delimiters import Delimiters

USUAL = Delimiters()
BASIC = set(string.ascii_uppercase + string.digits + "!\"&'()*+,-./:;?= ")


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Müller", "MULLER"),
        ("Peña-López", "PENA-LOPEZ"),
        ("Straße", "STRASSE"),
        ("Łukasz Ørsted", "LUKASZ ORSTED"),
        ("O’Hara", "O'HARA"),
        ("Ærø", "AERO"),
        ("  two   blanks ", "TWO BLANKS"),
        ("a*b:c~d^e", "A B C D E"),
        ("tab\tand\nline", "TAB AND LINE"),
        ("李", ""),
        ("½", "1 2"),
        ("", ""),
    ],
)
def test_text_in_the_basic_set(text, result):
    assert clean(text, USUAL) == result


def test_the_extended_set_keeps_small_letters_and_more_signs():
    assert clean("Müller_1@x.org #5", USUAL, "extended") == "Muller_1@x.org #5"


@given(st.text(), st.permutations("*|+:>^!~'\n\x1d/-&"), st.sampled_from(["basic", "extended"]))
def test_no_delimiter_and_no_foreign_character_stays(text, signs, character_set):
    delimiters = Delimiters(*signs[:4])
    cleaned = clean(text, delimiters, character_set)
    assert not set(cleaned) & set(signs[:4])
    assert cleaned.isascii()
    assert cleaned.isprintable()
    assert cleaned == cleaned.strip()
    if character_set == "basic":
        assert set(cleaned) <= BASIC


@given(st.text(), st.sampled_from(["basic", "extended"]))
def test_clean_text_stays_as_it_is(text, character_set):
    cleaned = clean(text, USUAL, character_set)
    assert clean(cleaned, USUAL, character_set) == cleaned
    assert not loses_characters(cleaned, USUAL, character_set)


@pytest.mark.parametrize("text", ["a_b@c.org", "李", "A*B", "A~"])
def test_an_identifier_that_would_become_another_one_is_noticed(text):
    assert loses_characters(text, USUAL)


@pytest.mark.parametrize("text", ["abc", "Müller", " A  B ", "O’Hara"])
def test_another_spelling_is_no_loss(text):
    assert not loses_characters(text, USUAL)
