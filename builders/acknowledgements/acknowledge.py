"""Acknowledge a file that was received: TA1 for each interchange, 999 (005010X231A1) or 997 (4010) for each group.

A set without errors is accepted (A), and a set with errors is rejected (R). With `accept_errors`, a set with errors
inside is E, accepted with errors. Syntax and guide are judged (SNIP 1 and 2), but no rule above them. Warnings and
notes reject nothing and are not reported. An error of the envelope rejects its group, or its interchange with
everything in it. The groups of a rejected interchange are still answered, as rejected, so that the sender learns of
every error at once. Acknowledgements (GS01 FA) get no 999, and an interchange of only TA1 gets no answer. Sources:
rules.md#acknowledgements; the guide as pyx12's maps transcribe it.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Literal

from claimloop.builders.acknowledgements.answers import (
    Acknowledgement,
    GroupAnswer,
    InterchangeAnswer,
    SetAnswer,
    Verdict,
)
from claimloop.builders.acknowledgements.notes import Note, notes_of_sets
from claimloop.builders.acknowledgements.outline import SentGroup, SentInterchange, SentSet, outline
from claimloop.builders.acknowledgements.sorting import SortedErrors
from claimloop.builders.acknowledgements.writing import Form, write_groups, write_ta1
from claimloop.edi.diagnostics import Diagnostic, Report, catalogue
from claimloop.edi.validate import validate

_ACKNOWLEDGEMENTS = "FA"
_MOST_CODES = 5
_MOST_CONTROL_NUMBERS = 999_999_999
_NO_ERROR, _CONTENT_IS_INVALID = "000", "024"

_KINDS = {
    "BE": "834",
    "HB": "271",
    "HC": "837",
    "HI": "278",
    "HN": "277",
    "HP": "835",
    "HR": "276",
    "HS": "270",
    "RA": "820",
}
"""The kind of set (ST01) in a group (GS01), for the groups that a 999 can answer (AK101, AK201)."""

_KIND_IS_INVALID, _NUMBER_IS_INVALID = "6", "7"
_HAS_NO_TRAILER, _HAS_ERRORS = "2", "5"


def acknowledge(
    path: Path, control_number: int, moment: datetime, report: Report, *, accept_errors: bool = False
) -> Acknowledgement:
    """Judge a file and write the answers to its sender.

    `control_number` is ISA13 of the first interchange that is written. Each further one, in any of the files, has the
    next. Every finding also goes to `report`. Raises NotX12, and OSError where the file cannot be read.
    """
    interchanges = outline(path)
    errors = SortedErrors(interchanges)

    def take(finding: Diagnostic) -> None:
        errors.take(finding)
        report(finding)

    validate(path, take, most=None)
    answer = Acknowledgement(_answers(interchanges, errors, accept_errors))
    pairs = list(zip(interchanges, answer.interchanges, strict=True))
    numbers = _control_numbers(control_number)

    def notes(form: Form) -> Iterator[tuple[int, list[Note]]]:
        mine = {
            one.number
            for interchange in answer.interchanges
            for group in interchange.groups
            for one in group.sets
            if group.form == form
        }
        return notes_of_sets(path, errors.sets, {at: found for at, found in errors.of_set.items() if at + 1 in mine})

    answer.ta1 = write_ta1(pairs, numbers, moment)
    answer.implementation = write_groups(pairs, "999", numbers, moment, notes("999"))
    answer.functional = write_groups(pairs, "997", numbers, moment, notes("997"))
    return answer


def control_number_at(moment: datetime) -> int:
    """Return an ISA13 for a run at this moment: 31 numbers a second, which start over each year."""
    seconds = (moment.timetuple().tm_yday - 1) * 86_400 + moment.hour * 3600 + moment.minute * 60 + moment.second
    return seconds * 31 + moment.microsecond * 31 // 1_000_000 + 1


def _control_numbers(first: int) -> Iterator[int]:
    """Yield ISA13 of one interchange after another. 1 follows the highest."""
    return ((number - 1) % _MOST_CONTROL_NUMBERS + 1 for number in count(first))


def _answers(interchanges: list[SentInterchange], errors: SortedErrors, accept_errors: bool) -> list[InterchangeAnswer]:
    answers = []
    set_at = group_at = 0
    for at, interchange in enumerate(interchanges):
        groups = []
        faults = errors.of_interchange.get(at, [])
        for group in interchange.groups:
            sets = []
            for one in group.sets:
                wrong, found = errors.of_set.get(set_at, []), errors.in_set[set_at]
                set_at += 1
                sets.append(_set_answer(one, set_at, group, wrong, found, accept_errors))
            codes = errors.of_group.get(group_at, [])[:_MOST_CODES]
            form = _form(group, interchange.version)
            if codes and not form and group.field(1) != _ACKNOWLEDGEMENTS:
                faults = faults or [_CONTENT_IS_INVALID]  # a 999 cannot report it
            groups.append(_group_answer(group, sets, codes, form))
            group_at += 1
        for answer in groups if faults else ():
            answer.verdict, answer.accepted = "R", 0
        verdict: Verdict = "R" if faults else "A"
        answered = bool(groups) or not interchange.acknowledges
        number = interchange.field(13)
        answers.append(InterchangeAnswer(number, verdict, faults[0] if faults else _NO_ERROR, answered, groups))
    return answers


def _set_answer(
    one: SentSet, number: int, group: SentGroup, wrong: list[Diagnostic], found: int, accept_errors: bool
) -> SetAnswer:
    codes = [code for finding in wrong if (code := _set_code(finding))]
    has_errors = found > len(codes)  # in its segments
    kind = one.field(1)
    if kind not in _KINDS.values() and group.field(1) in _KINDS:
        kind = _KINDS[group.field(1)]
        codes.insert(0, _KIND_IS_INVALID)
    if not one.complete:
        codes.append(_HAS_NO_TRAILER)
    broken = bool(codes)  # the set itself, not only its segments
    if has_errors:
        codes.append(_HAS_ERRORS)
    verdict: Verdict = "A"
    if broken or has_errors:
        verdict = "E" if accept_errors and not broken else "R"
    guide = one.field(3) or group.field(8)
    return SetAnswer(kind, one.field(2), guide, verdict, list(dict.fromkeys(codes))[:_MOST_CODES], found, number)


def _set_code(finding: Diagnostic) -> str:
    """Return IK502 of an error of the set itself; empty for an error of one of its segments."""
    if finding.where.element == "ST02" and finding.code != "X121":
        return _NUMBER_IS_INVALID
    return catalogue()[finding.code].ik5


def _group_answer(
    group: SentGroup, sets: list[SetAnswer], codes: list[str], form: Literal["999", "997", ""]
) -> GroupAnswer:
    accepted = sum(one.verdict in "AE" for one in sets)
    verdict: Verdict = "A"
    if codes or (sets and not accepted):
        verdict, accepted = "R", 0
    elif accepted < len(sets):
        verdict = "P"
    elif any(one.verdict == "E" for one in sets):
        verdict = "E"
    declared = group.declared if group.declared is not None else len(sets)
    return GroupAnswer(
        group.field(1), group.field(6), group.field(8), form, verdict, codes, declared, len(sets), accepted, sets
    )


def _form(group: SentGroup, version: str) -> Literal["999", "997", ""]:
    """Return 999 for the guides of 5010, 997 for those of 4010, and nothing for an unknown guide."""
    functional_id, guide = group.field(1), group.field(8)
    if functional_id not in _KINDS:
        return ""
    return "997" if guide.startswith("004010") or (not guide and version == "00401") else "999"
