"""Differences of parity that are names: both sides find the same error, with another code or weight."""

from collections.abc import Iterator

from claimloop.benchmarks.parity_case import Case, Side
from claimloop.benchmarks.parity_explanation import Example, Explanation, both, lighter, renamed
from claimloop.benchmarks.parity_findings import Said

_OF_CHARACTERS = {"X128", "X129", "X130"}


def _no_composite(case: Case) -> Iterator[tuple[Side, Said]]:
    """Explain a component in an element that has none: pyx12 calls it a wrong character, and reports nothing else."""
    for said, note in case.theirs.said.items():
        ours = Said(said.number, said.element, "IK4:13")
        if said.code == "IK4:6" and "invalid composite" in note.texts and "G433" in case.our_codes(ours):
            yield "pyx12", said
            yield "ours", ours
            if set(case.our_codes(said)) <= _OF_CHARACTERS:
                yield "weight", said


def _characters(case: Case) -> Iterator[tuple[Side, Said]]:
    """Explain our warnings about the bytes of a segment, where the guide check has no finding for the element."""
    for said in case.only("ours"):
        codes = set(case.our_codes(said))
        if said.code == "IK4:6" and codes and codes <= _OF_CHARACTERS:
            yield "ours", said


NAMES = (
    Explanation(
        "a known segment out of place",
        "better rule",
        "pyx12 answers every segment that its walker does not find with IK304 = 1, unrecognized segment ID. The "
        "standard reserves 1 for an id that the guide does not use at all. It has 2, unexpected segment, for one that "
        "the guide uses, but not in this place or not with this qualifier. We distinguish them.",
        renamed("IK3:1", "not found", "G412"),
        Example("REF*EI*123456789~", "REF*XX*123456789~"),
    ),
    Explanation(
        "a required loop is missing",
        "better rule",
        "pyx12 reports the first segment of a missing loop with IK304 = 3, required segment missing. The guide's "
        "999 has a code of its own, I7, implementation loop occurs under minimum times.",
        renamed("IK3:3", "Mandatory loop", "G417"),
        Example("NM1*40*2*EXAMPLE PAYER*****46*99999~\n", ""),
    ),
    Explanation(
        "an element marked as not used",
        "pyx12 defect",
        "pyx12 answers an element that the guide marks as not used with IK403 = 10, exclusion condition violated, "
        "which is about elements that exclude each other, and a composite with 5, too long. The 999 has I10, "
        "implementation 'not used' data element present.",
        both(
            renamed("IK4:10", "marked as Not Used", "G431"),
            renamed("IK4:5", "marked as Not Used", "G431"),
        ),
        Example("*MI*M1~", "*MI*M1***X~"),
    ),
    Explanation(
        "numbers of HL and LX",
        "pyx12 defect",
        "pyx12 has its own codes for wrong numbers, HL1, HL2 and LX, which the 999 does not have. Its 999 leaves them "
        "out, so that a set is rejected without a reason. We report data element errors of the segment "
        "(IK304 = 8), with the element.",
        both(
            renamed("IK3:HL1", "", "G441", "HL01"),
            renamed("IK3:HL2", "", "G442", "HL02"),
            renamed("IK3:LX", "", "G443", "LX01"),
        ),
        Example("LX*1~", "LX*2~"),
    ),
    Explanation(
        "separators at the end of a segment",
        "better rule",
        "pyx12 rejects a file for an element separator at the end of a segment, with its own code, SEG1. Most "
        "receivers ignore it and nothing is lost, so we report a warning.",
        renamed("IK3:SEG1", "trailing element terminators", "X126", ""),
        Example("LX*1~", "LX*1*~"),
    ),
    Explanation(
        "codes of an external list",
        "better rule",
        "pyx12 rejects a code that its copy of an external list does not have. These lists (states, countries, "
        "CARC, RARC, places of service) change several times a year. An outdated copy must not reject a valid "
        "claim, so we report a warning.",
        lighter("IK4:7", "is not a valid code", "G435"),
        Example("N4*SPRINGFIELD*IL*62701~", "N4*SPRINGFIELD*QQ*62701~"),
    ),
    Explanation(
        "blanks before a segment id",
        "better rule",
        "pyx12 rejects a file for a blank before a segment id although it reads the segment. We report a warning.",
        lighter("IK3:1", "leading space", "X104"),
        Example("LX*1~", " LX*1~"),
    ),
    Explanation(
        "components in an element that has none",
        "better rule",
        "pyx12 calls a component separator in a simple element a wrong character (IK403 = 6). The standard has 13, "
        "too many components.",
        _no_composite,
        Example("*DOE*", "*DOE:ROE*"),
    ),
    Explanation(
        "characters that have no meaning",
        "better rule",
        "pyx12 checks the characters of an element only where the guide has a place for it, and does not report a "
        "control character in a segment that it does not find. We warn of one in any place (X128 to X130), in "
        "addition to the guide's findings for the element.",
        _characters,
        Example("REF*EI*123456789~", "REF*E\tI*123456789~"),
    ),
)
