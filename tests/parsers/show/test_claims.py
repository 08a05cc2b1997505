"""`show` of an 837P that says everything that the guide has a place for: nothing is left out, nobody is named."""

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from claimloop.edi.records.claim import Claim
from claimloop.parsers.show.privacy import hide_claim
from claimloop.parsers.show.show import show_file, show_json
from claimloop.tests.parsers.professional.test_every_element import file_of, read, set_of

GUIDE = "005010X222A1"
PERSONAL = {"K3": (1,), "NTE": (2,), "CR1": (2, 9, 10), "CR2": (10, 11), "PAT": (6, 8), "DMG": (2,), "FRM": (3, 4)}
"""Elements of whatever loop that say something of a person, or may say anything."""

PEOPLE, PLACES = frozenset(("IL", "QC")), frozenset(("PW", "45"))
PERSONAL_NUMBERS = frozenset(("SY", "Y4", "EA"))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with every element."""
    path = tmp_path_factory.mktemp("every") / "every.837"
    path.write_bytes(file_of(GUIDE, set_of(GUIDE)))
    return path


def secrets() -> set[str]:
    """What the file says of people, and free text; numbers of at least four digits, so that they are no others."""
    found: set[str] = set()
    role = ""
    for tag, *elements in set_of(GUIDE):
        role = elements[0] if tag == "NM1" else "" if tag in ("HL", "CLM", "LX", "SBR") else role
        wanted = PERSONAL.get(tag, ())
        if (role in PEOPLE and tag in ("NM1", "N3", "N4", "PER")) or (role in PLACES and tag in ("N3", "N4")):
            wanted = tuple(range(2 if tag in ("NM1", "PER") else 1, 10))
        if tag == "REF" and elements[0] in PERSONAL_NUMBERS:
            wanted = (2,)
        found |= {elements[at - 1] for at in wanted if len(elements) >= at and len(elements[at - 1]) > 3}
    return found


def text_of(path: Path, *, show_values: bool) -> str:
    """What `show` prints."""
    out = StringIO()
    show_file(path, Console(file=out, width=80, color_system=None), lambda finding: None, show_values=show_values)
    return out.getvalue()


def test_every_value_of_a_claim_is_shown_when_asked_for(path: Path) -> None:
    shown = text_of(path, show_values=True)
    body = set_of(GUIDE)
    first_level = next(at for at, elements in enumerate(body) if elements[0] == "HL")

    values = {
        part
        for tag, *elements in body[first_level:]
        if tag not in ("HL", "LX", "PER", "DTP", "DMG", "PAT", "FRM")
        for element in elements
        for part in element.split(":")
        if part.startswith("T") and part[1:].isdigit()
    }

    assert len(values) > 400
    assert {value for value in values if value not in shown} == set()


def test_no_person_and_no_free_text_is_in_what_is_shown_by_default(path: Path) -> None:
    hidden = secrets()
    written: list[bytes] = []
    show_json(path, written.append, lambda finding: None, show_values=False)
    whole: list[bytes] = []
    show_json(path, whole.append, lambda finding: None, show_values=True)

    assert len(hidden) > 60
    for output in (text_of(path, show_values=False), b"".join(written).decode()):
        assert set(re.findall(r"\w+", output)) & hidden == set()
    assert len(set(re.findall(r"\w+", b"".join(whole).decode())) & hidden) > 60


def test_what_the_business_needs_stays_readable() -> None:
    records, _ = read(file_of(GUIDE, set_of(GUIDE)))
    (claim, _) = (record for record in records if isinstance(record, Claim))

    hidden = hide_claim(claim)

    assert hidden.patient_control_number == claim.patient_control_number
    assert [other.payer for other in hidden.other_payers] == [other.payer for other in claim.other_payers]
    assert hidden.other_payers[0].claim_number == claim.other_payers[0].claim_number != ""
    assert [line.adjudications for line in hidden.lines] == [line.adjudications for line in claim.lines]
    assert hidden.dates == claim.dates
    assert hidden.diagnoses == claim.diagnoses


def test_long_values_are_not_cut_at_the_width_of_the_terminal(path: Path) -> None:
    assert max(map(len, text_of(path, show_values=True).splitlines())) > 120
