"""The reader behind the rules: which sets it judges, when, and in which order it is heard."""

import pytest

from claimloop.edi.codes import shipped
from claimloop.edi.rules import check
from claimloop.edi.validate import validate
from claimloop.tests.edi.rules.good import CLAIMS, REMITTANCE, findings

LAST_YEAR = "DTP*439*D8*19600401~\n"


def test_other_guides_are_passed_over(tmp_path):
    old = CLAIMS.replace("00501*000000001", "00401*000000001").replace("005010X222A1", "004010X098A1")
    assert findings(tmp_path, old.replace("DTP*439*D8*20260401~\n", LAST_YEAR), "S") == []


def test_each_set_is_judged_by_its_own_levels(tmp_path):
    head, rest = CLAIMS.split("ST*837*0001*005010X222A1~\n")
    body = "ST*837*0001*005010X222A1~\n" + rest.split("GE*1*1~\n")[0]
    second = body.replace("*0001", "*0002").replace("REF*EI*001234567", "REF*EI*00-1234567")
    text = head + body + second + "GE*2*1~\nIEA*1*000000001~\n"
    assert findings(tmp_path, text) == [
        "101: S657 error: tax ID must have nine digits  [2010AA, REF02]  value '00-1234567'"
    ]


@pytest.mark.parametrize("lost", ["SE*36*0001~\n", "SE*36*0001~\nGE*1*1~\nIEA*1*000000001~\n"])
def test_a_set_without_its_trailer_is_judged_all_the_same(tmp_path, lost):
    text = REMITTANCE.replace("CLP*A3*22*-100", "CLP*A3*22*100").replace(lost, "")
    assert "28: S603 error: charge of the reversal is 100.00, but must be negative  [2100, CLP03]" in findings(
        tmp_path, text, "S6"
    )


def test_a_claim_that_is_cut_off_is_judged(tmp_path):
    text = CLAIMS[: CLAIMS.index("DTP*435")]
    assert "24: S661 error: frequency 7 requires the payer's claim number (REF*F8)  [2300, CLM05-3]" in findings(
        tmp_path, text, "S6"
    )


def test_findings_of_a_large_file_come_in_its_order(tmp_path):
    """A reversal waits for its correction until the end of the set; what comes behind it waits as well."""
    lone = "CLP*R*22*-100*-50*0*12*ICN3*11*1~\nNM1*QC*1*BARROW*CLEO****MI*M3~\nDTM*232*20260404~\n"
    denied = "CLP*B*4*100*10*0*12*ICN4*11*1~\nNM1*QC*1*BARROW*CLEO****MI*M3~\nDTM*232*20260404~\n"
    text = REMITTANCE.replace("CLP*A1*1", lone + denied * 5_000 + "CLP*A1*1").replace("*4*250~", "~")
    numbers = [int(line.split(":")[0]) for line in findings(tmp_path, text, "S6")]
    assert numbers[0] == 13
    assert len(numbers) > 1_000
    assert numbers == sorted(numbers)


def test_a_code_that_the_guide_check_reports_is_not_reported_again(tmp_path):
    text = CLAIMS.replace("CLM*A2*200***11:B:1", "CLM*A2*200***97:B:1")
    assert findings(tmp_path, text) == [
        "69: G435 warning: Place of Service Code is not in the installed code list  [2300, CLM05-1]  value '97'"
    ]


def test_rules_are_left_out_with_the_guide(tmp_path):
    path = tmp_path / "a.x12"
    path.write_text(CLAIMS.replace("DTP*439*D8*20260401~\n", LAST_YEAR), encoding="ascii")
    found: list[object] = []
    validate(path, found.append, guide=False)
    assert found == []


def test_a_message_shows_no_text_that_may_be_a_name(tmp_path):
    text = REMITTANCE.replace("CAS*OA*B13*10", "CAS*OA*MARLOWE*40").replace("CAS*CO*45*40", "CAS*OA*MARLOWE*40")
    assert findings(tmp_path, text, "S601") == [
        "14: S601 warning: adjustment OA-••••••• of 40.00 is on both the claim and its lines  [2100, CAS03]"
    ]


@pytest.mark.skipif("remittance_remarks" not in shipped(), reason="this version has no list of remark codes")
def test_a_remark_that_nobody_knows_is_reported(tmp_path):
    text = REMITTANCE.replace("REF*6R*A1L1~\n", "REF*6R*A1L1~\nLQ*HE*N9999~\n")
    assert findings(tmp_path, text, "S6") == [
        "21: S696 warning: remark code is not in the installed code list  [2110, LQ02]  value 'N9999'"
    ]


def test_a_claim_without_end_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(check, "_MOST_KEPT", 50)
    text = REMITTANCE.replace("CAS*OA*B13*10~\n", "CAS*OA*B13*10~\n" * 60)
    said = findings(tmp_path, text, ("X13", "S"))
    assert said == [
        "64: X132 warning: claim has more than 50 segments: balances, situations, and codes were not checked  [2100]"
    ]
