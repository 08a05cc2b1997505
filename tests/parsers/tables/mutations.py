"""835 files with something odd in them: the same seed, the same bytes."""

import random

ELEMENTS = (
    b"", b"0", b"-5", b"1.255", b"1.250", b" 12", b"+3", b"1e2", b".5", b"5.", b"20250230", b"20250101", b"00010101",
    b"HC:9921325", b"HC:1:2:3:4:5:6:7:8", b"AB", b"6R", b"CO", b"99999999999999.99", b"123456789012", b"\xe9",
    b"\xc3\xa9", b'"', b"a", b"\x01", b"ISA", b"45*10*1*46*5", b"*", b"**", b"1.00000",
)  # fmt: skip
SEGMENTS = (
    b"LX*2", b"LX*", b"LX*1*2", b"LX", b"N3*A", b"clp*X*1*10*10", b" CLP*X*1*10*10", b"CLP*X*1*10*10**12*I", b"CLP",
    b"SVC*HC:1*5*5", b"svc*HC:1*5*5", b"", b" ", b"PLB*1*20251231*WO:A*5", b"TS3*1*11*20251231*1*5",
    b"MOA***MA01*MA02", b"MIA*0****N1", b"PER*CX*A*TE*1", b"QTY*CA*5", b"LQ*HE*N1", b"LQ*RX*1", b"DTM*472*20250101",
    b"DTM*150*20250101", b"DTM*151*20250102", b"DTM*232*20250101", b"DTM*050*20250103",
    b"DTM*472*****RD8*20250101-20250102", b"CAS*CO*45*0", b"CAS*CO*45*5**97*5",
    b"CAS*CO*45*5**97*5**1*1**2*2**3*3**4*4*1*5*5", b"CAS*CO*45*5*****97*5", b"CAS*PR*1*5*2", b"AMT*B6*5",
    b"AMT*B6*5*C", b"REF*6R*Z", b"REF*6R", b"REF*1L*A*B*C", b"NM1*QC*1*A*B*C*D*E*MI*Z", b"NM1*82*1*A*B",
    b"ST*835*0009", b"ST*277*0009", b"SE*1*1", b"GE*1*1", b"IEA*1*000000001", b"BPR*I*5*C*ACH", b"TRN*1*A*B",
    b"GS*HP*A*B*20250101*1200*1*X*005010X221A1", b"N1*PR*X", b"ZZZ*1", b"CLPX*1", b"CAS", b"TA1*1", b"DTM", b"SVC",
    b"SVC*HC:1::25*0*0**1*HC:2*3", b"CLP*A*22*-5*-5*0", b"CLP*A*1*5*5*0*12*I*11*1**470*1.25*0.5",
    b"CLP*A*1*5*5*0*12*I*11*1*X*470", b"CLP*A*4*5*0*0*12*I",
)  # fmt: skip
BEFORE_A_SEGMENT = (b"\n", b"\r\n", b" ", b"\x00")
FOR_A_LETTER = (b"\n", b"\xe9", b'"', b"\x02")


def mutated(seed: int, files: list[bytes]) -> bytes:
    """One of the files with a few things changed, taken out, doubled or put in; at times two in one."""
    chance = random.Random(seed)
    raw = _mutated(chance, chance.choice(files))
    return raw + _mutated(chance, chance.choice(files)) if chance.random() < 0.2 else raw


def _mutated(chance: random.Random, raw: bytes) -> bytes:
    if not raw.startswith(b"ISA") or len(raw) < 110:
        return raw
    separator, component, terminator = raw[3:4], raw[104:105], raw[105:106]
    segments = raw.split(terminator)
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        if len(segments) < 3:
            break
        kind, at = chance.random(), chance.randrange(1, len(segments))
        if kind < 0.35:
            elements = segments[at].split(separator)
            elements[chance.randrange(len(elements))] = chance.choice(ELEMENTS).replace(b"*", separator)
            segments[at] = separator.join(elements)
        elif kind < 0.65:
            segments.insert(at, chance.choice(SEGMENTS).replace(b"*", separator).replace(b":", component))
        elif kind < 0.75:
            del segments[at]
        elif kind < 0.82:
            segments.insert(chance.randrange(1, len(segments)), segments[at])
        elif kind < 0.88:
            segments[at] += separator + chance.choice(ELEMENTS).replace(b"*", separator)
        elif kind < 0.92:
            segments[at] = chance.choice(BEFORE_A_SEGMENT) + segments[at]
        elif kind < 0.95:
            segments[at] = segments[at].replace(b"A", chance.choice(FOR_A_LETTER), 1)
        elif kind < 0.97:
            segments += segments[chance.randrange(len(segments)) :]
        else:
            segments = segments[:at]
    return terminator.join(segments)
