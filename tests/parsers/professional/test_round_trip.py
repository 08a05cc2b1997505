"""What the builder writes, the reader reads: the same claims, to the last field."""

from io import BytesIO

import msgspec
from hypothesis import given, settings
from msgspec.structs import replace

from claimloop.builders.claims.from_encounter import claims_from
from claimloop.builders.encounters.encounter import Encounter
from claimloop.builders.professional.batch import write_batch
from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.records.claim import Claim
from claimloop.edi.syntax.charset import clean
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.parsers.professional.reader import claim_items
from claimloop.tests.builders.encounters.examples import FULL, MOMENT, NUMBERS, SIMPLE, partner
from claimloop.tests.builders.encounters.strategies import encounter_lists


def written_and_read(claims: list[Claim]) -> tuple[list[Claim], list[Diagnostic]]:
    """The claims of a file made of these claims, without their sources, and what was found in it."""
    parts: list[str] = []
    write_batch(claims, partner(), NUMBERS, MOMENT, parts.append)
    findings: list[Diagnostic] = []
    read = claim_items(BytesIO("".join(parts).encode()), "built.837", findings.append)
    return [replace(claim, source=None) for claim in read], findings


def in_x12_letters(value: object) -> object:
    """The same with every text as X12 can write it: capitals, no accents, no delimiters."""
    match value:
        case str():
            return clean(value, Delimiters())
        case list() | tuple():
            return [in_x12_letters(part) for part in value]
        case dict():
            return {name: in_x12_letters(part) for name, part in value.items()}
    return value


def claims_of(*encounters: Encounter) -> list[Claim]:
    """The claims that these encounters make, in capitals."""
    claims = [claim for encounter in encounters for claim in claims_from(encounter, partner())]
    return [msgspec.convert(in_x12_letters(msgspec.to_builtins(claim)), Claim) for claim in claims]


def test_the_simple_example_comes_back() -> None:
    claims = claims_of(SIMPLE)

    assert written_and_read(claims) == (claims, [])


def test_everything_that_an_encounter_can_say_comes_back() -> None:
    claims = claims_of(FULL)

    assert written_and_read(claims) == (claims, [])


@settings(max_examples=40)
@given(encounters=encounter_lists(1, 6))
def test_any_claims_come_back_whatever_their_hierarchy(encounters: list[Encounter]) -> None:
    claims = claims_of(*encounters)

    read, findings = written_and_read(claims)

    assert findings == []
    assert len(read) == len(claims)
    assert all(claim in read for claim in claims)
