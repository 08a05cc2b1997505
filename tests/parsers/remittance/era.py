"""Small 835 files for tests: a head and an envelope around the segments that a test is about."""

from io import BytesIO
from pathlib import Path

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.records.remittance import Remittance
from claimloop.parsers.remittance.reader import gather, remittance_items

DATA = Path(__file__).resolve().parents[2] / "data"
ISA = "ISA*00*          *00*          *ZZ*INVENTEDPAYER  *ZZ*INVENTEDDERM   *260105*0900*^*00501*000000001*0*T*:"
HEAD = (
    "BPR*I*100*C*ACH*CCP*01*999999992*DA*123456*1512345678**01*999988880*DA*98765*20260105",
    "TRN*1*EFT77*1512345678",
    "DTM*405*20260104",
    "N1*PR*INVENTED HEALTH PLAN*XV*12345",
    "N1*PE*INVENTED DERMATOLOGY*XX*1245319599",
)
CLAIM = (
    "LX*1",
    "CLP*A1*1*150*100*0*12*ICN1*11*1",
    "NM1*QC*1*MARLOWE*ADA****MI*M1",
    "SVC*HC:99213:25*150*100**1",
    "DTM*472*20260102",
    "CAS*CO*45*50",
    "REF*6R*A1L1",
)


def transaction(*segments: str, control: str = "0001") -> str:
    """ST, these segments, SE with the right count."""
    text = "~".join((f"ST*835*{control}", *segments))
    return f"{text}~SE*{text.count('~') + 2}*{control}~"


def interchange(*transactions: str) -> str:
    """Transactions in one group of one interchange."""
    return (
        f"{ISA}~GS*HP*INVENTEDPAYER*INVENTEDDERM*20260105*0900*1*X*005010X221A1~{''.join(transactions)}"
        f"GE*{len(transactions)}*1~IEA*1*000000001~"
    )


def read(text: str | bytes) -> tuple[list[Remittance], list[Diagnostic]]:
    """The remittances of a file that is given as text, and the findings."""
    findings: list[Diagnostic] = []
    stream = BytesIO(text.encode() if isinstance(text, str) else text)
    return gather(remittance_items(stream, "test.835", findings.append)), findings


def read_body(*segments: str, head: tuple[str, ...] = HEAD) -> tuple[Remittance, list[str]]:
    """The one remittance that these segments make behind a good head, and the codes of the findings."""
    (remittance,), findings = read(interchange(transaction(*head, *segments)))
    return remittance, [finding.code for finding in findings]
