"""Encounters of the fictitious practice by the thousand: the same count gives the same bytes."""

import json
from collections.abc import Iterator
from pathlib import Path

_PAYERS = (
    ("NWMH2", "Northwind Mutual Health", "CI"),
    ("FECP1", "Federal Elder Care Plan", "MB"),
    ("HSMA3", "Harbor State Medical Assistance", "MC"),
)
_VISITS = (
    ("L57.0", (("99213", ("25",), "150.00"), ("17000", (), "95.00"), ("17003", (), "60.00"))),
    ("D22.5", (("99203", ("25",), "190.00"), ("11102", (), "205.00"))),
    ("L70.0", (("99214", (), "215.00"),)),
    ("C44.319", (("17311", (), "1180.00"), ("17312", (), "690.00"))),
    ("D48.5", (("11104", (), "260.00"), ("88305", ("26",), "165.00"))),
    ("L40.0", (("96910", (), "140.00"),)),
)
_NAMES = ("Ashgrove", "Birchall", "Cresswell", "Dunmore", "Elderfield", "Fairlamb", "Greenhow")


def encounters(count: int) -> Iterator[dict[str, object]]:
    """Yield this many visits, each with a different patient, for all three payers in turn."""
    for number in range(1, count + 1):
        payer_id, payer_name, filing = _PAYERS[number % len(_PAYERS)]
        diagnosis, lines = _VISITS[number % len(_VISITS)]
        day = f"2026-09-{1 + number % 28:02d}"
        yield {
            "encounter_id": f"V{number:07d}",
            "patient": {
                "last_name": f"{_NAMES[number % len(_NAMES)]}", "first_name": f"Sample{_letters(number)}",
                "birth_date": f"{1940 + number % 60}-03-0{1 + number % 9}", "sex": "FM"[number % 2],
                "address": {"line1": f"{number} Made Up Rd", "city": "Brindle Cove", "state": "ME", "zip": "04999"},
            },
            "coverages": [
                {
                    "payer_id": payer_id, "payer_name": payer_name, "filing_indicator": filing,
                    "member_id": f"MBR{number:08d}",
                }
            ],
            "diagnoses": [diagnosis],
            "services": [
                {"procedure": code, "modifiers": list(modifiers), "charge": charge, "service_date": day}
                for code, modifiers, charge in lines
            ],
        }  # fmt: skip


def write_encounters(path: Path, count: int) -> None:
    """Write the encounters to a file that only its owner can read."""
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(encounter) + "\n" for encounter in encounters(count))


def _letters(number: int) -> str:
    """Return a number as letters, to make names look like names."""
    text = ""
    while number:
        number, rest = divmod(number, 26)
        text += chr(ord("a") + rest)
    return text
