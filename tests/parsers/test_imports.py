"""Reading imports what reading needs: no database, no templates, no terminal, no frames, no XML."""

import subprocess
import sys

import pytest

from claimloop.tests.parsers.remittance.era import CLAIM, HEAD, interchange, transaction

HEAVY = {
    "alembic", "click", "filelock", "jinja2", "lxml", "paramiko", "polars", "psycopg", "pyarrow", "pyx12", "rich",
    "simple_icd_10_cm", "sqlalchemy",
}  # fmt: skip
ERA = interchange(transaction(*HEAD, *CLAIM)).encode()
TA1 = ERA.split(b"GS*")[0] + b"TA1*000000007*260105*0900*A*000~IEA*0*000000001~"


def imported_by(code: str) -> set[str]:
    """The top names of the modules that a fresh interpreter has imported when this code is done."""
    told = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{told}"], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        f"import claimloop.parsers\nassert claimloop.parsers.read_835({ERA!r})[0].claims",
        f"import claimloop.parsers\nassert not claimloop.parsers.read_837p({ERA!r})",
        f"import claimloop.parsers\nassert claimloop.parsers.read_acknowledgements({TA1!r})",
        f"from claimloop.parsers import read_835\nfor finding in read_835({ERA.replace(b'150*100*0', b'150*9*0')!r}).findings: str(finding)",
        "from claimloop.reconciliation import match_lines, submitted_claims",
        "from claimloop.edi import Diagnostic\nfrom claimloop.edi.records import Claim",
    ],
)
def test_reading_and_matching_import_nothing_heavy(code):
    assert imported_by(code) & HEAVY == set()


def test_what_is_heavy_would_be_seen():
    assert imported_by("from claimloop.parsers import check_file\ncheck_file") & HEAVY == set()
    assert "lxml" in imported_by("import lxml.etree")
    assert {"sqlalchemy"} <= imported_by("import claimloop.reconciliation.ledger.connection")
