"""What the rules above the guides say (S6xx) of a file too large for a text file of cases; the rest is in edi/rules."""

from claimloop.parsers.checking import check_file
from claimloop.tests.diagnostics.said import says
from claimloop.tests.edi.rules.good import CLAIMS

CLAIM = "CLM*A3*50***11:B:1*Y*A*Y*Y~HI*ABK:L700~LX*1~SV1*HC:99213*50*UN*1***1~DTP*472*D8*20260404~"


@says(
    "a.837:69: S633 error: claim has no primary payer  [2300]",
    "a.837:569: G414 error: loop 2300 occurs more than 100 times  [2300]",
    "a.837:25085: X114 error: SE01 is 88, but the set has 25,083 segments  [SE01]",
    "a.837:25085: S681 warning: set has 5001 claims, more than the recommended 5000",
    "a.837: X131 note: only the first S633 findings of this file are listed: there are 4998 more",
    "a.837: X131 note: only the first G414 findings of this file are listed: there are 4899 more",
)
def test_a_set_of_more_than_five_thousand_claims_is_worth_a_warning(folder, report):
    claims = CLAIMS.replace("~\n", "~").replace("CLM*A2", CLAIM * 4_999 + "CLM*A2")
    (folder / "a.837").write_text(claims)
    check_file(folder / "a.837", report, most=1)
