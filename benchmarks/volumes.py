"""Encounters by the thousand, and the 835 that answers them; all invented, same count, same bytes."""

import json
from pathlib import Path

from claimloop.builders.claims.control_numbers import line_control_number, patient_control_number

CLAIMS_IN_A_SET = 2000
_DAYS = tuple(f"2026-09-{day:02d}" for day in range(1, 29))


def encounter_id(number: int) -> str:
    """The id of the n-th encounter."""
    return f"B{number:07d}"


def make_encounters(path: Path, count: int) -> None:
    """Write two-line encounters as JSON Lines."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(1, count + 1):
            day = _DAYS[number % len(_DAYS)]
            encounter = {
                "encounter_id": encounter_id(number),
                "patient": {
                    "last_name": f"Testperson{number % 977}", "first_name": "Robin", "birth_date": "1970-05-17",
                    "sex": "F",
                    "address": {"line1": f"{number} Made Up Rd", "city": "Nowhere", "state": "PA", "zip": "17111"},
                },
                "coverages": [
                    {
                        "payer_id": "NWMH2", "payer_name": "Northwind Mutual Health", "filing_indicator": "CI",
                        "member_id": f"MBR{number:08d}",
                    }
                ],
                "diagnoses": ["L57.0", "D22.5"],
                "services": [
                    {"procedure": "99213", "modifiers": ["25"], "charge": "150.00", "service_date": day},
                    {"procedure": "17000", "charge": "95.00", "service_date": day, "diagnosis_pointers": [1, 2]},
                ],
            }  # fmt: skip
            file.write(json.dumps(encounter) + "\n")


def make_answers(path: Path, count: int) -> None:
    """Write the 835 that pays those encounters: contractual and coinsurance on each line, REF*6R returned."""
    with path.open("w", encoding="ascii") as file:
        file.write(
            "ISA*00*          *00*          *ZZ*NORTHWIND      *ZZ*PRACTICE       "
            "*261101*0900*^*00501*000000001*0*T*:~\n"
            "GS*HP*NORTHWIND*PRACTICE*20261101*0900*1*X*005010X221A1~\n"
        )
        sets = 0
        for first in range(1, count + 1, CLAIMS_IN_A_SET):
            sets += 1
            numbers = range(first, min(first + CLAIMS_IN_A_SET, count + 1))
            segments = [
                f"ST*835*{sets:04d}",
                f"BPR*I*{len(numbers) * 148}*C*ACH*CCP*01*999999992*DA*1*1512345678**01*999988880*DA*2*20261103",
                f"TRN*1*NWE{sets:06d}*1512345678",
                "N1*PR*NORTHWIND MUTUAL HEALTH*XV*NWMH2", "N3*1 MADE UP STREET", "N4*NOWHERE*PA*17111",
                "N1*PE*INVENTED DERMATOLOGY*XX*1245319599", "REF*TJ*999994703", "LX*1",
            ]  # fmt: skip
            for number in numbers:
                segments += _claim(number)
            file.write("~\n".join(segments) + f"~\nSE*{len(segments) + 1}*{sets:04d}~\n")
        file.write(f"GE*{sets}*1~\nIEA*1*000000001~\n")


def _claim(number: int) -> list[str]:
    control_number = patient_control_number(encounter_id(number))
    day = _DAYS[number % len(_DAYS)].replace("-", "")
    return [
        f"CLP*{control_number}*1*245*148*28*CI*NW{number:010d}*11*1",
        f"NM1*QC*1*TESTPERSON{number % 977}*ROBIN****MI*MBR{number:08d}",
        "SVC*HC:99213:25*150*90**1", f"DTM*472*{day}", "CAS*CO*45*40", "CAS*PR*3*20",
        f"REF*6R*{line_control_number(control_number, 1)}", "AMT*B6*110",
        "SVC*HC:17000*95*58**1", f"DTM*472*{day}", "CAS*CO*45*29", "CAS*PR*2*8",
        f"REF*6R*{line_control_number(control_number, 2)}", "AMT*B6*66",
    ]  # fmt: skip
