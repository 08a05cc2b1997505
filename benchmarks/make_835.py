"""Write a large 835 as payers send them: `python benchmarks/make_835.py FILE MEGABYTES [SEED]`.

Claims with two or three lines, adjustments, line control numbers, dates, allowed amounts, remark codes; some
denied, a few provider adjustments. Every line, claim and payment balances. All names and numbers are invented.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

CLAIMS_IN_A_SET = 2000
_PROCEDURES = ("99203", "99213:25", "99214:25", "11102", "11103", "17000", "17003", "17110", "12031", "88305")
_LAST_NAMES = ("MARLOWE", "OKAFOR", "LINDQVIST", "BARROW", "TANAKA", "VELASCO", "HOLLIS", "PETROV")
_FIRST_NAMES = ("ADA", "BRUNO", "CLEO", "DINA", "EMIL", "FAY", "GUS", "HANNE")
_NPIS = ("1245319599", "1811901945", "1386672277")


def make_835(path: Path, megabytes: float, seed: int = 1) -> int:
    """Write sets of 2000 claims until the file has this size. Return the number of segments. Same seed, same bytes."""
    chance = random.Random(seed)
    size = segments = sets = claim = 0
    with path.open("w", encoding="ascii", newline="") as file:
        opening = (
            "ISA*00*          *00*          *ZZ*INVENTEDPAYER  *ZZ*INVENTEDDERM   *260105*0900*^*00501*000000001*0*T*:~"
            "GS*HP*INVENTEDPAYER*INVENTEDDERM*20260105*0900*1*X*005010X221A1~"
        )
        size += file.write(opening)
        segments += opening.count("~")
        while size < megabytes * 1_000_000 or not sets:
            sets += 1
            body, paid = [], 0
            for _ in range(CLAIMS_IN_A_SET):
                claim += 1
                lines, claim_paid = _claim(chance, claim)
                body += lines
                paid += claim_paid
            recouped = chance.randrange(1_00, 50_00)
            body.append(f"PLB*{_NPIS[0]}*20261231*WO:ICN{sets:09d}*{_amount(recouped)}*L6*-1.25")
            text = "~".join([*_head(sets, paid - recouped + 125), *body])
            count = text.count("~") + 1
            size += file.write(f"{text}~SE*{count + 1}*{sets:04d}~")
            segments += count + 1
        file.write(f"GE*{sets}*1~IEA*1*000000001~")
    return segments + 2


def _head(number: int, payment: int) -> Iterator[str]:
    yield f"ST*835*{number:04d}"
    yield f"BPR*I*{_amount(payment)}*C*ACH*CCP*01*999999992*DA*123456*1512345678**01*999988880*DA*98765*20260105"
    yield f"TRN*1*EFT{number:09d}*1512345678"
    yield "DTM*405*20260104"
    yield "N1*PR*INVENTED HEALTH PLAN*XV*12345"
    yield "N3*1 MADE UP STREET"
    yield "N4*NOWHERE*PA*17111"
    yield "PER*BL*EDI HELP*TE*8005550100"
    yield f"N1*PE*INVENTED DERMATOLOGY*XX*{_NPIS[0]}"
    yield "REF*TJ*999994703"
    yield "LX*1"


def _claim(chance: random.Random, number: int) -> tuple[list[str], int]:
    """Return the segments of one claim and its payment, in cents."""
    day = f"202512{chance.randrange(1, 29):02d}"
    lines: list[str] = []
    charges = paid = patient = 0
    denied = chance.random() < 0.06
    for line in range(chance.choice((2, 2, 3))):
        charge = chance.randrange(40_00, 400_00, 5_00)
        contractual = 0 if denied else charge * chance.choice((20, 25, 30, 40)) // 100
        coinsurance = 0 if denied else chance.choice((0, 0, 10_00, 20_00, 25_00))
        line_paid = 0 if denied else charge - contractual - coinsurance
        if line_paid < 0:
            coinsurance, line_paid = 0, charge - contractual
        charges, paid, patient = charges + charge, paid + line_paid, patient + coinsurance
        lines.append(f"SVC*HC:{chance.choice(_PROCEDURES)}*{_amount(charge)}*{_amount(line_paid)}**1")
        lines.append(f"DTM*472*{day}")
        if denied:
            lines.append(f"CAS*CO*{chance.choice(('97', '50', '16'))}*{_amount(charge)}")
        else:
            lines.append(f"CAS*CO*45*{_amount(contractual)}")
        if coinsurance:
            lines.append(f"CAS*PR*{chance.choice(('2', '3'))}*{_amount(coinsurance)}")
        lines.append(f"REF*6R*{number:08d}L{line + 1}")
        if denied:
            lines.append("LQ*HE*N130")
        else:
            lines.append(f"AMT*B6*{_amount(charge - contractual)}")
    head = [
        f"CLP*C{number:08d}*1*{_amount(charges)}*{_amount(paid)}*{_amount(patient)}*12*ICN{number:010d}*11*1",
        f"NM1*QC*1*{chance.choice(_LAST_NAMES)}*{chance.choice(_FIRST_NAMES)}****MI*MBR{number % 70000:07d}",
        f"NM1*82*1*DERM*IVY****XX*{chance.choice(_NPIS)}",
        f"REF*1L*GRP{number % 97:04d}",
        f"DTM*050*{day}",
    ]
    return head + lines, paid


def _amount(cents: int) -> str:
    """Format an amount as payers do: without decimals where there are no cents."""
    whole, rest = divmod(cents, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    count = make_835(target, float(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    print(f"{target}: {target.stat().st_size:,} bytes, {count:,} segments")
