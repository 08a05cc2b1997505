"""Whether a file is NACHA or a statement, damage to it costs only what was damaged."""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claimloop.simulation.bank import write_statement
from claimloop.tests.reconciliation.bank.bank_files import (
    PAYMENTS,
    READ,
    changed,
    deposits_of,
    nacha,
)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"hello\n", b"ISA*00*", b"Date,Balance\n3/2/26,5\n", b"\0" * 99])
def test_a_file_that_is_neither_is_told_once(tmp_path, content):
    assert deposits_of(tmp_path, content) == ([], [("P650", None)])


@pytest.mark.parametrize("kind", ["nacha", "statement"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 120), st.binary(max_size=6)), max_size=6))
def test_no_damage_raises(tmp_path, kind, cuts):
    if kind == "nacha":
        content = nacha(tmp_path).encode()
    else:
        (tmp_path / "written.csv").unlink(missing_ok=True)
        write_statement(tmp_path / "written.csv", PAYMENTS)
        content = (tmp_path / "written.csv").read_bytes()
    for start, length, new in cuts:
        at = start % (len(content) + 1)
        content = content[:at] + new + content[at + length :]
    deposits, found = deposits_of(tmp_path, content)
    assert all(isinstance(each.amount, int) and each.line > 0 for each in deposits)
    assert all(code.startswith("P65") for code, _ in found)


def test_every_byte_of_a_cut_file_gives_no_deposit_that_was_not_there(tmp_path):
    content = nacha(tmp_path).encode()
    for size in range(0, len(content), 7):
        deposits, found = deposits_of(tmp_path, content[:size])
        assert [each.amount for each in deposits] == [amount for _, amount, *_ in READ][: len(deposits)]
        assert found or size > 11 * 95  # only filler is missing


def test_a_statement_that_breaks_off_in_a_row_says_so(tmp_path):
    deposits, found = deposits_of(tmp_path, "Date,Amount,Memo\n3/2/26,5.00,a\n3/2/26,1")
    assert [each.amount for each in deposits] == [500]
    assert found == [("P651", 3)]


def test_no_number_of_an_account_is_kept(tmp_path):
    text = changed(nacha(tmp_path), 3, 13, "SECRET-ACCOUNT-17")
    deposits, _ = deposits_of(tmp_path, text)
    kept = io.StringIO()
    print(deposits, file=kept)
    assert "AETNA" in kept.getvalue()
    assert "SECRET" not in kept.getvalue()
