"""Public 837P files read and written again: the same segments in the same order.

What legitimately differs, and is made alike on both sides before they are compared:

- numbers are in one spelling (100.00 is 100, .5 is 0.5), a range of one day is that day, letters are capitals, empty
  elements at the end of a segment, blanks at the ends of an element and second blanks in it are not there;
- HL01, HL02 and LX01 are counted anew; HL04 says whether patients follow; a level that repeats the one that is open
  is not there;
- NM102 of the pay-to address is the billing provider's;
- REF, DTP, CRC, AMT and NM1 loops of one place may stand in any order: consecutive ones are sorted;
- the reasons of one group of adjustments are in one CAS;
- what stands above the first HL (BHT, submitter, receiver) is the sender's own.
"""

import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from claimloop.builders.professional.writer import ProfessionalWriter
from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.records.claim import Claim
from claimloop.edi.syntax.delimiters import read_delimiters
from claimloop.edi.syntax.writer import X12Writer
from claimloop.edi.validate import validate
from claimloop.parsers.professional.reader import claim_items
from claimloop.tests.builders.encounters.examples import MOMENT, partner

DATA = Path(__file__).resolve().parents[2] / "data"
FILES = sorted([*DATA.glob("837P__*.x12"), *DATA.glob("other/837P__moov*.x12")])
_NUMBER = re.compile(r"-?(?:[0-9]+\.[0-9]*|\.[0-9]+)")
_ANY_ORDER = frozenset(("REF", "DTP", "CRC", "AMT"))

Elements = list[str]


def is_valid(path: Path) -> bool:
    """True for a 5010 file in which neither the guide nor the reader finds an error, but a sum or a code."""
    findings: list[Diagnostic] = []
    validate(path, findings.append, situations=False)
    with path.open("rb") as stream:
        claims = list(claim_items(stream, path.name, findings.append))
    return bool(claims) and not any(finding.severity == "error" for finding in findings)


def segments_of(text: str) -> list[Elements]:
    """The segments from the first HL to the SE of every set, made alike."""
    signs = read_delimiters(text)
    found: list[Elements] = []
    inside = False
    for segment in text.replace("\r", "").replace("\n", "").split(signs.segment):
        elements = segment.split(signs.element)
        inside = elements[0] not in ("ST", "SE") and (inside or elements[0] == "HL")
        if inside:
            found.append([_spelled(element.replace(signs.component, ":")) for element in elements])
    return _levels_once(_in_one_order(_joined(found)))


def _spelled(element: str) -> str:
    parts = [part.strip().upper() for part in element.split(":")]
    while parts and not parts[-1]:
        parts.pop()
    parts = [re.sub(r"  +", " ", part) for part in parts]
    return ":".join(f"{Decimal(part).normalize():f}" if _NUMBER.fullmatch(part) else part for part in parts)


def _joined(found: list[Elements]) -> list[Elements]:
    """Without empty ends, numbers of HL and LX counted anew, CAS of one group put together."""
    made: list[Elements] = []
    lines = 0
    for elements in found:
        while elements and not elements[-1]:
            elements.pop()
        match elements[0]:
            case "HL":
                elements = ["HL", elements[3]]
            case "CLM":
                lines = 0
            case "DTP" if elements[2] == "RD8" and len(set(elements[3].split("-"))) == 1:
                elements = [*elements[:2], "D8", elements[3].split("-")[0]]
            case "NM1" if elements[1] == "87":
                elements = elements[:2]
            case "LX":
                lines += 1
                elements = ["LX", str(lines)]
            case "CAS" if made and made[-1][:2] == elements[:2]:
                made[-1] += [""] * (-(len(made[-1]) - 2) % 3) + elements[2:]
                continue
        made.append(elements)
    return made


def _in_one_order(found: list[Elements]) -> list[Elements]:
    made: list[Elements] = []
    run: list[Elements] = []
    for elements in [*found, [""]]:
        if run and elements[0] != run[0][0]:
            made += sorted(run)
            run = []
        if elements[0] in _ANY_ORDER:
            run.append(elements)
        else:
            made.append(elements)
    return made[:-1]


def _levels_once(found: list[Elements]) -> list[Elements]:
    """Without levels that repeat the one that is open."""
    made: list[Elements] = []
    begins = [at for at, elements in enumerate(found) if elements[0] in ("HL", "CLM")]
    open_levels: dict[str, list[Elements]] = {}
    for begin, end in pairwise([*begins, len(found)]):
        part = found[begin:end]
        if part[0][0] == "HL":
            level = part[0][1]
            if open_levels.get(level) == part:
                continue
            open_levels = {above: text for above, text in open_levels.items() if above < level} | {level: part}
        made += part
    return made


def written(path: Path) -> str:
    """The file made of the claims of a file, set by set, with its own delimiters."""
    with path.open("rb") as stream:
        claims = list(claim_items(stream, path.name, lambda finding: None))
    sets: dict[tuple[str, str, str], list[Claim]] = {}
    for claim in claims:
        assert claim.source is not None
        within = claim.source.interchange, claim.source.group, claim.source.transaction
        sets.setdefault(within, []).append(claim)
    parts: list[str] = []
    receiver = partner()
    writer = X12Writer(
        parts.append, read_delimiters(path.read_text(encoding="latin-1")), character_set="extended", line_break=""
    )
    professional = ProfessionalWriter(writer, receiver)
    writer.begin_interchange(receiver.interchange_ids, 1, MOMENT)
    writer.begin_group(receiver.interchange_ids, "HC", 1, MOMENT, receiver.guide)
    for number, batch in enumerate(sets.values(), start=1):
        professional.write_set(batch, number, "B1", MOMENT)
    writer.end_group()
    writer.end_interchange()
    return "".join(parts)


@pytest.mark.parametrize("path", [path for path in FILES if is_valid(path)], ids=lambda path: path.stem)
def test_a_file_that_was_read_is_written_as_it_was(path: Path) -> None:
    assert segments_of(written(path)) == segments_of(path.read_text(encoding="latin-1"))


def test_most_public_files_are_written_again() -> None:
    assert len([path for path in FILES if is_valid(path)]) > 20
