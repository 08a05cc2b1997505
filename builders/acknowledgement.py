"""Acknowledgements of a file that came in: TA1 for each interchange, 999 (005010X231A1) or 997 (4010) for each group.

A set is accepted (A) where no error was found in it, rejected (R) where one was; with `accept_errors` errors inside
a set make it E, accepted with errors. Syntax and guide are judged (SNIP 1 and 2), not what is above them. Warnings
and notes reject nothing and are not told. Acknowledgements (GS01 FA)
are never acknowledged by a 999. Sources: DOMAIN 3.10; the guide as pyx12's maps transcribe it.
"""

from bisect import bisect_right
from datetime import datetime
from pathlib import Path
from typing import Literal

from claimloop.builders.acknowledgement_answers import (
    Acknowledgement,
    GroupAnswer,
    InterchangeAnswer,
    SetAnswer,
    Verdict,
)
from claimloop.builders.acknowledgement_notes import Note, notes_of_sets
from claimloop.builders.acknowledgement_outline import SentGroup, SentInterchange, SentSet, outline
from claimloop.builders.acknowledgement_writing import write_groups, write_ta1
from claimloop.edi.diagnostics import Diagnostic, Report, catalogue
from claimloop.edi.guides.guides import listed_maps
from claimloop.edi.validate import validate

_ACKNOWLEDGEMENTS = "FA"
_MOST_NOTES = 1_000
"""Findings of one set that are told; the verdict counts all of them."""

_MOST_CODES = 5
_ABOVE_THE_GUIDE = "S"
"""Balances, situations and code sets are business: a 277CA tells them, claim by claim, not a 999 for a whole set."""

_GROUP_CODES = {"X113": "3", "X116": "5", "X117": "4", "X121": "6"}
"""AK905: trailer missing, number of sets wrong, control numbers differ or are not unique."""


class _Collected:
    """The errors of a file, by the set or the envelope where they stand."""

    def __init__(self, interchanges: list[SentInterchange]) -> None:
        self.sets = [one for interchange in interchanges for group in interchange.groups for one in group.sets]
        self.groups = [group for interchange in interchanges for group in interchange.groups]
        self.interchanges = interchanges
        self._sets_begin = [one.first for one in self.sets]
        self._groups_begin = [group.first for group in self.groups]
        self._interchanges_begin = [interchange.first for interchange in interchanges]
        self.of_set: dict[int, list[Diagnostic]] = {}
        self.wrong_sets: set[int] = set()
        self.of_group: dict[int, list[Diagnostic]] = {}
        self.of_interchange: dict[int, list[Diagnostic]] = {}

    def take(self, finding: Diagnostic) -> None:
        if finding.severity != "error" or finding.code.startswith(_ABOVE_THE_GUIDE):
            return
        number, entry = finding.where.segment or 0, catalogue()[finding.code]
        set_at = bisect_right(self._sets_begin, number) - 1
        if finding.code in _GROUP_CODES and not (finding.code == "X121" and finding.where.element != "GS06"):
            # A group that was never closed is reported where the next one begins.
            late = finding.code == "X113"
            self._keep(self.of_group, bisect_right(self._groups_begin, number - late) - 1, finding)
        elif entry.ta1 and not (finding.code == "X121" and finding.where.element != "ISA13"):
            late = finding.code == "X110"
            self._keep(self.of_interchange, bisect_right(self._interchanges_begin, number - late) - 1, finding)
        elif set_at >= 0 and self.sets[set_at].holds(number) and finding.code != "X118":
            self.wrong_sets.add(set_at)
            self._keep(self.of_set, set_at, finding)

    @staticmethod
    def _keep(kept: dict[int, list[Diagnostic]], at: int, finding: Diagnostic) -> None:
        if at >= 0 and len(kept.setdefault(at, [])) < _MOST_NOTES:
            kept[at].append(finding)


def acknowledge(
    path: Path, control_number: int, moment: datetime, report: Report, *, accept_errors: bool = False
) -> Acknowledgement:
    """Judge a file and write what its sender is to be told. `control_number` is ISA13 of the first answer in each file.

    Every finding goes to `report` as well. Raises NotX12, and OSError where the file cannot be read.
    """
    interchanges = outline(path)
    collected = _Collected(interchanges)

    def take(finding: Diagnostic) -> None:
        collected.take(finding)
        report(finding)

    validate(path, take, most=None)
    notes = notes_of_sets(path, collected.sets, collected.of_set)
    answers = _answers(collected, notes, accept_errors)
    pairs = list(zip(interchanges, answers, strict=True))
    return Acknowledgement(
        answers,
        write_ta1(pairs, control_number, moment),
        write_groups(pairs, "999", control_number, moment),
        write_groups(pairs, "997", control_number, moment),
    )


def _answers(collected: _Collected, notes: dict[int, list[Note]], accept_errors: bool) -> list[InterchangeAnswer]:
    answers = []
    set_at = group_at = 0
    for at, interchange in enumerate(collected.interchanges):
        groups = []
        for group in interchange.groups:
            sets = []
            for one in group.sets:
                wrong = collected.of_set.get(set_at, [])
                sets.append(
                    _set_answer(one, group, wrong, notes.get(set_at, []), set_at in collected.wrong_sets, accept_errors)
                )
                set_at += 1
            groups.append(_group_answer(group, sets, collected.of_group.get(group_at, []), interchange.version))
            group_at += 1
        faults = collected.of_interchange.get(at, [])
        note = catalogue()[faults[0].code].ta1 if faults else "000"
        answers.append(InterchangeAnswer(interchange.field(13), "R" if faults else "A", note, groups))
    return answers


def _set_answer(
    one: SentSet, group: SentGroup, wrong: list[Diagnostic], notes: list[Note], has_errors: bool, accept_errors: bool
) -> SetAnswer:
    codes = [code for finding in wrong if (code := catalogue()[finding.code].ik5)]
    broken = bool(codes) or not one.complete  # the set itself, not only what stands in it
    if not one.complete:
        codes.append("2")
    if has_errors and len(codes) < len(wrong):
        codes.append("5")
    verdict: Verdict = "A"
    if broken or has_errors:
        verdict = "E" if accept_errors and not broken else "R"
    guide = one.field(3) or group.field(8)
    return SetAnswer(one.field(1), one.field(2), guide, verdict, list(dict.fromkeys(codes))[:_MOST_CODES], notes)


def _group_answer(group: SentGroup, sets: list[SetAnswer], faults: list[Diagnostic], version: str) -> GroupAnswer:
    codes = list(dict.fromkeys(_GROUP_CODES[finding.code] for finding in faults))[:_MOST_CODES]
    accepted = sum(one.verdict in "AE" for one in sets)
    verdict: Verdict = "A"
    if codes or (sets and not accepted):
        verdict = "R"
    elif accepted < len(sets):
        verdict = "P"
    elif any(one.verdict == "E" for one in sets):
        verdict = "E"
    if verdict == "R" and codes:
        accepted = 0
    declared = group.declared if group.declared is not None else len(sets)
    return GroupAnswer(
        group.field(1), group.field(6), group.field(8), _form(group, version), verdict, codes, declared, len(sets),
        accepted, sets,
    )  # fmt: skip


def _form(group: SentGroup, version: str) -> Literal["999", "997", ""]:
    """999 for the guides of 5010, 997 for those of 4010; none where the group is none of a guide that we know."""
    functional_id, guide = group.field(1), group.field(8)
    if functional_id == _ACKNOWLEDGEMENTS or functional_id not in _functional_ids():
        return ""
    return "997" if guide.startswith("004010") or (not guide and version == "00401") else "999"


def _functional_ids() -> frozenset[str]:
    return frozenset(row[2] for row in listed_maps() if row[2] not in ("PS", "SP", _ACKNOWLEDGEMENTS))
