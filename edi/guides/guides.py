"""The guides as they are used: pyx12's transcription with our corrections."""

from collections.abc import Mapping, Set
from functools import cache

from claimloop.edi.guides.structure import Guide
from claimloop.edi.guides.transcribe import external_codes, transcribed


@cache
def guide_of(file: str) -> Guide:
    """The guide of a map file."""
    return transcribed(file)


def lists_of_others() -> Mapping[str, Set[str]]:
    """The code lists that guides refer to and others keep, by pyx12's names for them."""
    return external_codes()
