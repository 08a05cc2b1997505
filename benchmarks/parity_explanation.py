"""What an explanation of a difference is, and the forms that most explanations have."""

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from claimloop.benchmarks.parity_case import Case, Difference, Side
from claimloop.benchmarks.parity_findings import Said

CLAIM = """\
ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240101*1200*^*00501*000000001*0*T*:~
GS*HC*SENDER*RECEIVER*20240101*1200*1*X*005010X222A1~
ST*837*0001*005010X222A1~
BHT*0019*00*X1*20240101*1200*CH~
NM1*41*2*BILLING COMPANY*****46*12345~
PER*IC*JANE ROE*TE*5555550100~
NM1*40*2*EXAMPLE PAYER*****46*99999~
HL*1**20*1~
NM1*85*2*EXAMPLE DERMATOLOGY*****XX*1234567893~
N3*1 MAIN ST~
N4*SPRINGFIELD*IL*627010001~
REF*EI*123456789~
HL*2*1*22*0~
SBR*P*18*******CI~
NM1*IL*1*DOE*JOHN****MI*M1~
N3*2 OAK ST~
N4*SPRINGFIELD*IL*62701~
DMG*D8*19700101*M~
NM1*PR*2*EXAMPLE PAYER*****PI*99999~
CLM*C1*100***11:B:1*Y*A*Y*Y~
HI*ABK:L700~
LX*1~
SV1*HC:99213*100*UN*1***1~
DTP*472*D8*20240101~
SE*23*0001~
GE*1*1~
IEA*1*000000001~
"""
"""The claim that the examples change. Both sides accept it."""

Kind = Literal["pyx12 defect", "better rule"]
Claims = Callable[[Case], Iterator[tuple[Side, Said]]]
"""Return what an explanation accounts for in a case. Pairs that are not differences are skipped."""


class Example(msgspec.Struct, frozen=True):
    """The smallest file that shows a difference: a claim in which `old` was replaced by `new`, once."""

    old: str
    new: str

    def written(self) -> bytes:
        """Return the file, with a correct SE01."""
        text = CLAIM.replace(self.old, self.new, 1)
        count = text[text.find("ST*") :].partition("SE*")[0].count("~") + 1
        return text.replace("SE*23*", f"SE*{count}*").encode()


class Explanation(msgspec.Struct, frozen=True):
    """A named reason for a difference."""

    name: str
    kind: Kind
    reason: str
    claims: Claims
    example: Example

    def differences(self, case: Case) -> set[Difference]:
        """Return the differences of a case that this explains."""
        return {Difference(side, said) for side, said in self.claims(case)} & case.differences


def renamed(code: str, text: str, ours: str, element: str | None = None) -> Claims:
    """Explain that pyx12 reports `code` with a message of the kind `text` where we report `ours` of the catalogue.

    `element` is where we report it when pyx12 names none.
    """

    def claims(case: Case) -> Iterator[tuple[Side, Said]]:
        for theirs, note in case.theirs.said.items():
            if theirs.code != code or text not in note.texts:
                continue
            wanted = (theirs.number, theirs.element if element is None else element)
            for said in case.ours.said:
                if (said.number, said.element) == wanted and ours in case.our_codes(said):
                    yield "ours", said
                    if note.texts == (text,):
                        yield "pyx12", theirs

    return claims


def lighter(code: str, text: str, ours: str) -> Claims:
    """Explain that both sides report it, and that ours, the finding `ours` alone, is a warning."""

    def claims(case: Case) -> Iterator[tuple[Side, Said]]:
        for said in case.only("weight"):
            if said.code == code and text in case.their_texts(said) and ours in case.our_codes(said):
                yield "weight", said

    return claims


def both(*parts: Claims) -> Claims:
    """Combine several forms."""

    def claims(case: Case) -> Iterator[tuple[Side, Said]]:
        for part in parts:
            yield from part(case)

    return claims
