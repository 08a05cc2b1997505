"""Changed numbers and names in an answer: CLP01, REF*6R, modifiers, corrected people. The money is unchanged."""

from collections.abc import Callable

from msgspec.structs import replace

from claimloop.simulation.adjudication import denied_line
from claimloop.simulation.case import Case, Event, Story
from claimloop.simulation.decisions import ClaimAnswer, LineAnswer
from claimloop.simulation.rules import DenialReason

NO_LINE_FITS = "no_line_matches"
MORE_THAN_ONE = "several_claims_match"
_CUTS = (20, 17, 15, 12, 10, 8, 6)
"""Lengths to which payers are known to truncate (RFI 525, Denti-Cal, Stedi), and shorter ones for shorter numbers."""

_PADDED = 20
_MODIFIERS_MAY_NOT_BE_COMBINED = DenialReason("CO", "4", ("N519",))


# Which claims a disguise is for.


def has_6r(case: Case) -> bool:
    """Return True if every line was sent with a line control number."""
    return bool(case.answer.lines) and all(line.line_control_number for line in case.answer.lines)


def has_cased_6r(case: Case) -> bool:
    """As `has_6r`, and one of them contains a letter."""
    return has_6r(case) and any(_recased(line) != line.line_control_number for line in case.answer.lines)


def has_modifiers(case: Case) -> bool:
    """Return True if a line has modifiers, and every line has a different code."""
    codes = [line.procedure for line in case.answer.lines]
    return len(set(codes)) == len(codes) and any(line.modifiers for line in case.answer.lines)


def has_twins(case: Case) -> bool:
    """Return True if two lines have the same code, day and charge, but different modifiers, and the first of them is
    paid.
    """
    return _twins(case.answer) is not None


def can_be_cut(case: Case) -> bool:
    """Return True if the number is longer than the shortest length to which payers truncate."""
    return len(case.claim.control_number) > _CUTS[-1]


def can_be_padded(case: Case) -> bool:
    """Return True if the number is shorter than 20."""
    return 0 < len(case.claim.control_number) < _PADDED


def has_capitals(case: Case) -> bool:
    """Return True if the number contains an uppercase letter."""
    return case.claim.control_number != case.claim.control_number.lower()


# The disguises.


def missing_6r(case: Case) -> Story:
    """Lines return with code, modifiers, day and charge only."""
    return _story(_each_line(case.answer, lambda line: replace(line, line_control_number="")))


def recased_6r(case: Case) -> Story:
    """Uppercase where lowercase was sent, else lowercase."""
    return _story(_each_line(case.answer, lambda line: replace(line, line_control_number=_recased(line))))


def dropped_modifiers(case: Case) -> Story:
    """Lines return without modifiers and line control numbers."""
    return _story(_each_line(case.answer, lambda line: replace(line, modifiers=(), line_control_number="")))


def ambiguous_lines(case: Case) -> Story:
    """Two lines that differ only in modifiers return without them, and one is denied: no reader can know which."""
    answer = case.answer
    twins = _twins(answer)
    if twins is None or (denied := answer.lines[twins[1]]).of is None:
        return _story(answer)
    bare = {"modifiers": (), "line_control_number": "", "held": NO_LINE_FITS}
    lines = list(answer.lines)
    lines[twins[0]] = replace(lines[twins[0]], **bare)
    lines[twins[1]] = replace(denied_line(denied.of, _MODIFIERS_MAY_NOT_BE_COMBINED), **bare)
    return _story(replace(answer, lines=tuple(lines), paid=answer.paid - denied.paid))


def truncated_clp01(case: Case) -> Story:
    """CLP01 is truncated to the longest of the known lengths that is shorter than the number."""
    number = case.claim.control_number
    length = next(length for length in _CUTS if length < len(number))
    return _story(replace(case.answer, control_number=number[:length]), held_if_not_unique=MORE_THAN_ONE)


def padded_clp01(case: Case) -> Story:
    """CLP01 has leading zeros, up to 20 characters."""
    return _story(replace(case.answer, control_number=case.claim.control_number.rjust(_PADDED, "0")))


def lower_case_clp01(case: Case) -> Story:
    """CLP01 is in lowercase."""
    return _story(replace(case.answer, control_number=case.claim.control_number.lower()))


def missing_clp01(case: Case) -> Story:
    """CLP01 is 0, as if the claim had no number (RFI 535)."""
    return _story(replace(case.answer, control_number="0"), held_if_not_unique=MORE_THAN_ONE)


def corrected_name(case: Case) -> Story:
    """NM1*74 has another last name; NM1*QC is as sent."""
    patient = case.claim.patient
    return _story(replace(case.answer, corrected=(f"{patient.name[:30]}-SMITH".lstrip("-"), patient.first_name, "")))


def corrected_member_id(case: Case) -> Story:
    """NM1*74 has another member ID; NM1*QC is as sent."""
    patient, member = case.claim.patient, case.claim.subscriber.id
    return _story(replace(case.answer, corrected=(patient.name, patient.first_name, f"{member}01")))


# Helpers.


def _story(answer: ClaimAnswer, held_if_not_unique: str = "") -> Story:
    return Story((Event(answer),), (answer,), held_if_not_unique)


def _each_line(answer: ClaimAnswer, change: Callable[[LineAnswer], LineAnswer]) -> ClaimAnswer:
    return replace(answer, lines=tuple(change(line) for line in answer.lines))


def _recased(line: LineAnswer) -> str:
    number = line.line_control_number
    return number.upper() if number != number.upper() else number.lower()


def _twins(answer: ClaimAnswer) -> tuple[int, int] | None:
    lines = answer.lines
    for first, one in enumerate(lines):
        for second in range(first + 1, len(lines)):
            other = lines[second]
            same = (one.procedure, one.first_day, one.charge) == (other.procedure, other.first_day, other.charge)
            if same and one.charge and one.paid and set(one.modifiers) != set(other.modifiers):
                return first, second
    return None
