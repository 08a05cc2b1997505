"""The content of an acknowledgement, before it is written."""

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec
from msgspec.structs import replace

from claimloop.edi.guides.check import shown_id
from claimloop.edi.syntax.envelope import shown

Verdict = Literal["A", "E", "P", "R"]
"""Accepted, accepted with errors, partly accepted (groups only), rejected."""

_IN_WORDS = {"A": "accepted", "E": "accepted with errors", "P": "partly accepted", "R": "rejected"}


class SetAnswer(msgspec.Struct):
    """The answer to one set. `codes` are IK502 and the like; `number` is its place among the sets of the file, from 1.

    `errors` counts its errors. Values that a 999 copies from the file are only in its text, not here.
    """

    kind: str
    control_number: str
    guide: str
    verdict: Verdict
    codes: list[str]
    errors: int
    number: int


class GroupAnswer(msgspec.Struct):
    """The answer to one group (AK9): `declared` is GE01, `received` and `accepted` count its sets.

    `form` is the acknowledgement that answers it, empty for a group that none can answer.
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
    """The answer to one interchange (TA1): `note` is TA105. An interchange of only TA1 is not `answered`."""

    control_number: str
    verdict: Verdict
    note: str
    answered: bool
    groups: list[GroupAnswer]


class Acknowledgement(msgspec.Struct):
    """The answers to a file, and the texts of the answering files; empty where there is no answer."""

    interchanges: list[InterchangeAnswer]
    ta1: str = ""
    implementation: str = ""  # 999
    functional: str = ""  # 997

    @property
    def accepted(self) -> bool:
        """Return True where nothing was rejected."""
        return all(
            answer.verdict in "AE" and all(group.verdict in "AE" for group in answer.groups)
            for answer in self.interchanges
        )

    def masked(self) -> list[InterchangeAnswer]:
        """Return the answers with malformed ids and numbers masked: in a broken file they could be a name."""
        return [
            replace(
                interchange,
                control_number=_masked(interchange.control_number),
                groups=[
                    replace(
                        group,
                        functional_id=_masked(group.functional_id, shown_id),
                        control_number=_masked(group.control_number),
                        guide=_masked(group.guide),
                        sets=[
                            replace(
                                one,
                                kind=_masked(one.kind),
                                control_number=_masked(one.control_number),
                                guide=_masked(one.guide),
                            )
                            for one in group.sets
                        ],
                    )
                    for group in interchange.groups
                ],
            )
            for interchange in self.interchanges
        ]

    def summary(self) -> Iterator[str]:
        """Yield one line for each interchange, group and set, for people to read."""
        for interchange in self.interchanges:
            note = "" if interchange.note == "000" else f" ({interchange.note})"
            silent = "" if interchange.answered else ", acknowledges others and is not answered"
            yield f"interchange {shown(interchange.control_number)}: {_IN_WORDS[interchange.verdict]}{note}{silent}"
            for group in interchange.groups:
                answered = "" if group.form else ", answered by TA1 only"
                codes = f" ({', '.join(group.codes)})" if group.codes else ""
                name = f"{shown(group.control_number)} {shown_id(group.functional_id)}"
                counts = f"{group.accepted} of {group.received} sets accepted"
                yield f"  group {name}: {_IN_WORDS[group.verdict]}{codes}, {counts}{answered}"
                for one in group.sets:
                    if one.verdict != "A":
                        yield (
                            f"    set {shown(one.control_number)} {shown(one.kind)}: {_IN_WORDS[one.verdict]} "
                            f"({', '.join(one.codes)}), {one.errors} error{'' if one.errors == 1 else 's'}"
                        )


def _masked(text: str, mask: Callable[[str], str] = shown) -> str:
    return mask(text) if text else ""
