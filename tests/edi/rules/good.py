"""Small files that break no rule, and ways to break one. All people are made up."""

from pathlib import Path
from typing import NamedTuple

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.validate import validate

CLAIMS = """\
ISA*00*          *00*          *ZZ*INVENTEDDERM   *ZZ*INVENTEDCH     *260601*0900*^*00501*000000001*0*T*:~
GS*HC*INVENTEDDERM*INVENTEDCH*20260601*0900*1*X*005010X222A1~
ST*837*0001*005010X222A1~
BHT*0019*00*1*20260601*0900*CH~
NM1*41*2*INVENTED DERMATOLOGY*****46*INVENTEDDERM~
PER*IC*BILLING OFFICE*TE*2075550100~
NM1*40*2*INVENTED CLEARINGHOUSE*****46*INVENTEDCH~
HL*1**20*1~
PRV*BI*PXC*207N00000X~
NM1*85*2*INVENTED DERMATOLOGY*****XX*2000000010~
N3*100 LANTERN WAY~
N4*BRINDLE COVE*ME*049990001~
REF*EI*001234567~
NM1*87*2~
N3*PO BOX 77~
N4*BRINDLE COVE*ME*049990077~
HL*2*1*22*0~
SBR*P*18*******CI~
NM1*IL*1*MARLOWE*ADA****MI*M1~
N3*1 INVENTED STREET~
N4*BRINDLE COVE*ME*04999~
DMG*D8*19790314*M~
NM1*PR*2*INVENTED HEALTH PLAN*****PI*PLAN1~
CLM*A1*530***11:B:7*Y*A*Y*Y**AA:::ME~
DTP*439*D8*20260401~
DTP*435*D8*20260402~
DTP*096*D8*20260405~
PWK*OZ*BM***AC*DOC1~
AMT*F5*20~
REF*F8*ICN1~
REF*X4*20D1234567~
HI*ABK:L700*ABF:L570~
NM1*DN*1*OKAFOR*BRUNO****XX*1245319599~
NM1*82*1*ASHDOWN*MARIGOLD****XX*2000000028~
PRV*PE*PXC*207N00000X~
NM1*77*2*INVENTED CLINIC*****XX*1811901945~
N3*7 HARBOR ROAD~
N4*BRINDLE COVE*ME*049990007~
LX*1~
SV1*HC:99213:25*130*UN*1***1:2~
DTP*472*D8*20260402~
REF*G1*AUTH1~
REF*6R*A1L1~
LX*2~
SV1*HC:00300*100*MJ*45***2~
DTP*472*RD8*20260402-20260403~
REF*6R*A1L2~
NM1*82*1*BARROW*CLEO****XX*1386672277~
LX*3~
SV1*HC:17999:::::WART REMOVAL BY LASER*100*UN*1***1~
DTP*472*D8*20260402~
REF*6R*A1L3~
LX*4~
SV1*HC:J3301*200*UN*1***1~
DTP*472*D8*20260402~
REF*6R*A1L4~
LIN**N4*00003049320~
CTP****1*ML~
HL*3*1*22*1~
SBR*S****12****MB~
NM1*IL*1*HOLLIS*DINA****MI*M2~
NM1*PR*2*INVENTED MEDICARE*****PI*PLAN2~
HL*4*3*23*0~
PAT*19~
NM1*QC*1*HOLLIS*EMIL~
N3*2 INVENTED STREET~
N4*BRINDLE COVE*ME*04999~
DMG*D8*20150708*F~
CLM*A2*200***11:B:1*Y*A*Y*Y~
HI*ABK:L700~
SBR*P*19*******CI~
CAS*OA*B13*10~
AMT*D*110~
OI***Y***Y~
NM1*IL*1*HOLLIS*DINA****MI*M3~
NM1*PR*2*INVENTED HEALTH PLAN*****PI*PLAN1~
LX*1~
SV1*HC:99213*150*UN*1***1~
DTP*472*D8*20260404~
SVD*PLAN1*100*HC:99213**1~
CAS*CO*45*50~
DTP*573*D8*20260420~
AMT*EAF*0~
LX*2~
SV1*HC:11102*50*UN*1***1~
DTP*472*D8*20260404~
SVD*PLAN1*20*HC:11102**1*1~
CAS*PR*2*30~
DTP*573*D8*20260420~
SE*88*0001~
GE*1*1~
IEA*1*000000001~
"""
"""An 837P: a replaced claim of a subscriber who is the patient, and a secondary claim of a dependent."""

REMITTANCE = """\
ISA*00*          *00*          *ZZ*INVENTEDPAYER  *ZZ*INVENTEDDERM   *260601*0900*^*00501*000000001*0*T*:~
GS*HP*INVENTEDPAYER*INVENTEDDERM*20260601*0900*1*X*005010X221A1~
ST*835*0001~
BPR*I*131*C*ACH*CCP*01*999999992*DA*123456*1512345678**01*999988880*DA*98765*20260601~
TRN*1*EFT77*1512345678~
N1*PR*INVENTED HEALTH PLAN~
N3*1 PLAN PLAZA~
N4*BRINDLE COVE*ME*04999~
PER*BL*SUPPORT*TE*2075550111~
N1*PE*INVENTED DERMATOLOGY*XX*2000000010~
LX*1~
TS3*2000000010*11*20261231*4*250~
CLP*A1*1*150*100*0*12*ICN1*11*1~
CAS*OA*B13*10~
NM1*QC*1*MARLOWE*ADA****MI*M1~
AMT*I*1~
SVC*HC:99213:25*150*110*0300*1*HC:99214:25*2~
DTM*472*20260402~
CAS*CO*45*40~
REF*6R*A1L1~
CLP*A2*19*100*30*0*12*ICN2*11*1~
NM1*QC*1*HOLLIS*EMIL****MI*M2~
NM1*TT*2*INVENTED MEDICARE*****PI*PLAN2~
SVC*HC:99213*100*30**1~
DTM*150*20260404~
DTM*151*20260405~
CAS*CO*45*70~
CLP*A3*22*-100*-50*0*12*ICN3*11*1~
NM1*QC*1*BARROW*CLEO****MI*M3~
DTM*232*20260404~
SVC*HC:99213*-100*-50**1~
CAS*CO*45*-50~
CLP*A3*4*100*0*0*12*ICN4*11*1~
CAS*CO*45*100~
NM1*QC*1*BARROW*CLEO****MI*M3~
DTM*232*20260404~
PLB*2000000010*20261231*WO:ICN3*-50*L6*-1~
SE*36*0001~
GE*1*1~
IEA*1*000000001~
"""
"""An 835: a paid claim with interest, one sent on to Medicare, a reversal and its correction."""


class Broken(NamedTuple):
    """A case of broken_claims.txt or broken_remittances.txt: what is wrong, the changes, what is said then."""

    what: str
    changes: tuple[tuple[str, str], ...]
    expected: tuple[str, ...]


def cases(name):
    """The cases of a file of this folder: `#` what is wrong, then changes as in a diff, `@` between two of them.

    Lines of two blanks stand before or behind a change, `-` is taken away, `+` put in its place, `=` is what is said.
    """
    for text in (Path(__file__).parent / name).read_text(encoding="utf-8").strip().split("\n\n"):
        what, *lines = text.splitlines()
        expected = tuple(line[2:] for line in lines if line[0] == "=")
        changes = []
        for change in "\n".join(line for line in lines if line[0] != "=").split("\n@\n"):
            old = "".join(f"{line[2:]}~\n" for line in change.splitlines() if line[0] in " -")
            new = "".join(f"{line[2:]}~\n" for line in change.splitlines() if line[0] in " +")
            changes.append((old, new))
        yield Broken(what.removeprefix("# "), tuple(changes), expected)


def broken(good, changes):
    """A good text with segments replaced: each (old, new), where old stands once in it."""
    for old, new in changes:
        assert ("\n" + good).count("\n" + old) == 1, old
        good = ("\n" + good).replace("\n" + old, "\n" + new).removeprefix("\n")
    return good


def findings(tmp_path, text, codes=""):
    """What `validate` says against a text, values shown; only of codes that begin so, where that is given."""
    path = tmp_path / "a.x12"
    path.write_text(text.replace("~\n", "~"), encoding="ascii")
    found: list[Diagnostic] = []
    validate(path, found.append)
    said = (finding.render(show_values=True) for finding in found if finding.code.startswith(codes))
    return [line.removeprefix("a.x12:") for line in said]
