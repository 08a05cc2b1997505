"""Every code that the ledger can store has a text, every text has a code, and no row holds anything else."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from claimloop.reconciliation.ledger import stored_codes
from claimloop.reconciliation.ledger.stored_codes import (
    HoldReason,
    MatchRule,
    Settlement,
    hold_reason_text,
    match_rule_text,
    settlement_text,
)

SOURCES = Path(stored_codes.__file__).parents[1]
TEXTS = tomllib.loads((SOURCES / "ledger" / "stored_codes.toml").read_text())
CODES = {"hold_reasons": get_args(HoldReason), "match_rules": get_args(MatchRule), "settlements": get_args(Settlement)}


@pytest.mark.parametrize("kind", CODES)
def test_codes_and_texts_are_the_same_set(kind):
    assert list(TEXTS[kind]) == [code for code in CODES[kind] if code]
    assert set(TEXTS) == set(CODES)


@pytest.mark.parametrize("kind", CODES)
def test_every_code_is_stored_by_some_module(kind):
    used = {
        word
        for path in SOURCES.rglob("*.py")
        if path.name != "stored_codes.py"
        for word in re.findall(r'"(\w+)"', path.read_text())
    }
    assert [code for code in CODES[kind] if code and code != "other" and code not in used] == []


def test_a_code_is_one_lowercase_word_and_its_text_is_words():
    for texts in TEXTS.values():
        assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in texts)
        assert all("_" not in text.format(claim_status="", claim="") for text in texts.values())
        assert len(set(texts.values())) == len(texts)


def test_what_the_sentence_carries_is_put_into_the_text():
    assert hold_reason_text("status_allows_no_payment", "23") == "claim status 23 does not allow a payment"
    assert hold_reason_text("no_line_matches", reverses=True) == "reversal of: no service line matches"
    assert match_rule_text("") == ""
    assert settlement_text("posted", "A1-1") == "posted to A1-1"


def test_a_code_that_nobody_knows_has_no_text():
    with pytest.raises(KeyError):
        hold_reason_text("no such claim was submitted")
