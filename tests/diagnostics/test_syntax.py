"""What is said of syntax and envelopes (X1xx), word for word: broken_syntax.txt, and the bytes around and inside."""

import pytest

from claimloop.parsers.checking import check_file
from claimloop.tests.diagnostics.said import broken_files, says, validated
from claimloop.tests.edi.rules.good import CLAIMS, REMITTANCE, broken

GOOD = REMITTANCE.replace("~\n", "~")
CASES = broken_files("broken_syntax.txt")


@pytest.mark.parametrize("text", [REMITTANCE, CLAIMS], ids=["remittance", "claims"])
def test_nothing_is_said_of_the_good_files(tmp_path, text):
    assert validated(tmp_path, text) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_what_is_wrong_with_an_envelope_is_said_where_it_is(tmp_path, case):
    assert validated(tmp_path, broken(REMITTANCE, case.changes)) == list(case.expected)


def validate(folder, content, report):
    """`claimloop validate a.835` of a file with this content."""
    path = folder / "a.835"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    check_file(path, report)


@says("a.835:1: X101 warning: skipped 19 bytes outside any interchange")
def test_the_head_of_a_mail_is_passed_over(folder, report):
    validate(folder, "From: clearinghouse\n\n" + GOOD, report)


@says("a.835:41: X101 warning: skipped 10 bytes outside any interchange")
def test_the_boundary_between_two_attachments_is_passed_over(folder, report):
    validate(folder, GOOD + "\n--boundary\n" + GOOD.replace("000000001", "000000002").replace("EFT77", "EFT78"), report)


@says(
    "a.835:20: X102 error: no segment terminator within 16,777,216 bytes: skipped 17,000,008 bytes",
    "a.835:37: X114 error: SE01 is 36, but the set has 35 segments  [SE01]",
)
def test_a_segment_of_seventeen_million_bytes_is_passed_over(folder, report):
    validate(folder, GOOD.replace("REF*6R*A1L1", "REF*6R*" + "A" * 17_000_000), report)


@says("a.835:40: X103 warning: last 15 bytes of the interchange have no segment terminator")
def test_the_last_terminator_was_lost(folder, report):
    validate(folder, GOOD[:-1], report)


@says("a.835:1: X127 note: file begins with a UTF-8 byte order mark")
def test_a_text_editor_put_a_mark_before_the_file(folder, report):
    validate(folder, "\ufeff" + GOOD, report)


@says(
    "a.835:6: X128 warning: segment contains a control character (0x09)  [N102]  value ••••••••?•••••• •••• (masked: 18 letters, 1 space)",
    "a.835:6: G426 error: Payer Name has a character that its type does not allow  [1000A, N102]"
    "  value ••••••••?•••••• •••• (masked: 18 letters, 1 space)",
)
def test_a_tabulator_stands_in_a_name(folder, report):
    validate(folder, GOOD.replace("INVENTED HEALTH PLAN", "INVENTED\tHEALTH PLAN"), report)


@says(
    "a.835:15: X129 warning: segment contains non-ASCII characters (read as UTF-8)  [NM104]  value ••• (masked: 3 letters)",
    "a.835:15: G426 error: Patient First Name has a character that its type does not allow  [2100, NM104]  value ••• (masked: 3 letters)",
)
def test_a_name_has_its_accent(folder, report):
    validate(folder, GOOD.replace("*ADA*", "*ZOË*"), report)


@says(
    "a.835:15: X129 warning: segment contains non-ASCII characters (read as UTF-8)  [NM104]  value ••• (masked: 3 letters)",
    "a.835:15: G426 error: Patient First Name has a character that its type does not allow  [2100, NM104]  value ••• (masked: 3 letters)",
    "a.835:22: X129 warning: segment contains non-ASCII characters (read as Latin-1)  [NM104]  value •••• (masked: 4 letters)",
    "a.835:22: X130 warning: segment is Latin-1, but earlier segments are UTF-8"
    "  [NM104]  value •••• (masked: 4 letters)",
    "a.835:22: G426 error: Patient First Name has a character that its type does not allow  [2100, NM104]"
    "  value •••• (masked: 4 letters)",
)
def test_a_clearinghouse_glued_claims_of_two_systems_together(folder, report):
    content = GOOD.replace("*ADA*", "*ZOË*").encode().replace(b"*EMIL*", b"*NO\xcbL*")
    validate(folder, content, report)


@says(
    *(f"a.835:{number}: X123 warning: segment is empty" for number in range(39, 44)),
    "a.835:1040: X131 note: only the first X123 findings of this interchange are listed: there are 995 more",
    "a.835:39: R215 warning: skipped an empty segment",
)
def test_of_a_thousand_empty_segments_the_first_are_listed(folder, report):
    validate(folder, GOOD.replace("GE*", "~" * 1_000 + "GE*"), report)


@says(
    "a.837:30: G415 error: segment REF (Clinical Laboratory Improvement Amendment (CLIA) Number) occurs more than 1 time"
    "  [2300]",
    "a.837:5025: X132 warning: claim has more than 5000 segments: balances, situations, and codes were not checked"
    "  [2300]",
    "a.837:50089: X114 error: SE01 is 88, but the set has 50,087 segments  [SE01]",
    "a.837: X131 note: only the first G415 findings of this file are listed: there are 49999 more",
)
def test_a_claim_has_no_end(folder, report):
    path = folder / "a.837"
    path.write_text(CLAIMS.replace("~\n", "~").replace("AMT*F5*20~", "REF*X4*20D1234567~" * 50_000))
    check_file(path, report, most=1)
