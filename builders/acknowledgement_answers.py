"""What an acknowledgement says, before it is written."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from claimloop.builders.acknowledgement_notes import Note

Verdict = Literal["A", "E", "P", "R"]
"""Accepted, accepted with errors, partly accepted (groups only), rejected."""

_IN_WORDS = {"A": "accepted", "E": "accepted with errors", "P": "partly accepted", "R": "rejected"}


class SetAnswer(msgspec.Struct):
    """What is said of one set. `codes` are IK502 and the like; `notes` what was found, in the order of the set."""

    kind: str
    control_number: str
    guide: str
    verdict: Verdict
    codes: list[str]
    notes: list[Note]


class GroupAnswer(msgspec.Struct):
    """What is said of one group (AK9): `declared` is GE01, `received` and `accepted` count its sets.

    `form` is the acknowledgement that answers it; empty for a group that none can answer.
    """

    functional_id: str
    control_number: str
    guide: str
    form: Literal["999", "997", ""]
    verdict: Verdict
    codes: list[str]
    declared: int
    received: int
    accepted: int
    sets: list[SetAnswer]


class InterchangeAnswer(msgspec.Struct):
    """What is said of one interchange (TA1): `note` is TA105."""

    control_number: str
    verdict: Verdict
    note: str
    groups: list[GroupAnswer]


class Acknowledgement(msgspec.Struct):
    """The answers to a file, and the texts of the files that say them; empty where there is nothing to say."""

    interchanges: list[InterchangeAnswer]
    ta1: str = ""
    implementation: str = ""  # 999
    functional: str = ""  # 997

    @property
    def accepted(self) -> bool:
        """Whether everything was accepted as it is."""
        return all(
            answer.verdict == "A" and all(group.verdict == "A" for group in answer.groups)
            for answer in self.interchanges
        )

    def summary(self) -> Iterator[str]:
        """One line for each interchange, group and set, for a person."""
        for interchange in self.interchanges:
            note = "" if interchange.note == "000" else f" ({interchange.note})"
            yield f"interchange {interchange.control_number}: {_IN_WORDS[interchange.verdict]}{note}"
            for group in interchange.groups:
                answered = "" if group.form else ", answered by TA1 only"
                codes = f" ({', '.join(group.codes)})" if group.codes else ""
                yield (
                    f"  group {group.control_number} {group.functional_id}: {_IN_WORDS[group.verdict]}{codes}, "
                    f"{group.accepted} of {group.received} sets accepted{answered}"
                )
                for one in group.sets:
                    if one.verdict != "A":
                        yield (
                            f"    set {one.control_number} {one.kind}: {_IN_WORDS[one.verdict]} "
                            f"({', '.join(one.codes)}), {len(one.notes)} segments with errors"
                        )
