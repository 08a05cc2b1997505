"""How a payer's answer is spread over the lines: split, bundled, recoded, not spread at all, or out of balance."""

from msgspec.structs import replace

from claimloop.simulation.adjudication import denied_line
from claimloop.simulation.case import Case, Event, Story
from claimloop.simulation.decisions import ClaimAnswer, Reason, largest, with_line
from claimloop.simulation.rules import DenialReason

OUT_OF_BALANCE = "payment_out_of_balance"
PART_OF_ANOTHER = DenialReason("CO", "97", ("M15",))
_NEIGHBOURS = {
    "99203": "99202", "99204": "99203", "99205": "99204", "99212": "99211", "99213": "99212", "99214": "99213",
    "99215": "99214", "11104": "11102", "17004": "17000", "17111": "17110", "12032": "12031",
}  # fmt: skip
"""The code that a payer pays instead of one that it considers too high."""

_SUPPLIES = "99070"
"""The second code of an unbundled line."""


# Which claims a course is for.


def has_lines(case: Case) -> bool:
    """Return True for two lines or more."""
    return len(case.answer.lines) > 1


def can_split(case: Case) -> bool:
    """Return True if a line of more than a few dollars was paid."""
    return any(line.paid > 100 for line in case.answer.lines)


def can_bundle(case: Case) -> bool:
    """Return True if a line was paid, and another has a charge and a different code."""
    return _bundle(case) is not None


def can_bundle_by_6r(case: Case) -> bool:
    """As `can_bundle`, and both lines have different line control numbers."""
    pair = _bundle(case)
    if pair is None:
        return False
    numbers = [line.line_control_number.upper() for line in case.answer.lines]
    return all(numbers) and len(set(numbers)) == len(numbers)


def is_paid_by_line(case: Case) -> bool:
    """Return True if a line was paid."""
    return any(line.paid > 0 for line in case.answer.lines)


# The courses.


def claim_split(case: Case) -> Story:
    """Two CLPs with the same CLP01, in one 835 or in two."""
    answer = case.answer
    middle = case.chance.between(1, len(answer.lines) - 1)
    parts = tuple(
        replace(
            answer, lines=lines, charge=sum(line.charge for line in lines), paid=sum(line.paid for line in lines),
            remarks=("MA15",), payer_claim_number=f"{answer.payer_claim_number}{suffix}",
        )
        for lines, suffix in ((answer.lines[:middle], "A"), (answer.lines[middle:], "B"))
    )  # fmt: skip
    return Story((Event(parts[0]), Event(parts[1], case.chance.below(2))), parts)


def line_split(case: Case) -> Story:
    """A line returns as two with the same REF*6R. REF*6R is the LX number if none was sent (RFI 1684)."""
    answer = _with_halves(case.answer, largest(case.answer), None)
    return Story((Event(answer),), (answer,))


def unbundled(case: Case) -> Story:
    """A line returns as two codes, both with its REF*6R (rules.md#line-control-number)."""
    answer = _with_halves(case.answer, largest(case.answer), _SUPPLIES)
    return Story((Event(answer),), (answer,))


def bundled(case: Case) -> Story:
    """A line is bundled into another: SVC01 is the other's code, SVC06 its own, CO-97."""
    return _bundled(case, with_submitted_code=True)


def bundled_without_svc06(case: Case) -> Story:
    """A line is bundled into another, and only REF*6R identifies it."""
    return _bundled(case, with_submitted_code=False)


def changed_code(case: Case) -> Story:
    """A line is paid under a lower code."""
    at = largest(case.answer)
    line = case.answer.lines[at]
    code = _NEIGHBOURS.get(line.procedure, "99499" if line.procedure != "99499" else "99199")
    changed = replace(line, procedure=code, billed=(line.procedure, line.modifiers))
    answer = with_line(case.answer, at, changed)
    return Story((Event(answer),), (answer,))


def claim_level(case: Case) -> Story:
    """All reasons at 2100, no SVC."""
    sums: dict[tuple[str, str], int] = {}
    for line in case.answer.lines:
        for reason in line.reasons:
            sums[reason.group, reason.code] = sums.get((reason.group, reason.code), 0) + reason.amount
    reasons = tuple(Reason(group, code, amount) for (group, code), amount in sums.items() if amount)
    answer = replace(case.answer, lines=(), reasons=reasons)
    return Story((Event(answer),), (answer,))


def unbalanced_claim(case: Case) -> Story:
    """One dollar too much at the claim, or at a line and the claim."""
    answer = case.answer
    wrong = replace(answer, paid=answer.paid + 1_00, held=OUT_OF_BALANCE)
    if case.chance.below(2):
        at = largest(answer)
        wrong = with_line(wrong, at, replace(answer.lines[at], paid=answer.lines[at].paid + 1_00))
    return Story((Event(wrong),), (wrong,))


# Helpers.


def _with_halves(answer: ClaimAnswer, at: int, other_code: str | None) -> ClaimAnswer:
    """Return the answer with a line split in two.

    If a code is given, the second half has this code, and the submitted one in SVC06.
    """
    line = answer.lines[at]
    units = int(line.units) if line.units.isdigit() else 1
    number = line.line_control_number or (line.of.number if line.of is not None else "")
    first_units, second_units = (str(units // 2), str(units - units // 2)) if units > 1 else (line.units, line.units)
    half = [Reason(reason.group, reason.code, reason.amount // 2) for reason in line.reasons]
    rest = [Reason(reason.group, reason.code, reason.amount - reason.amount // 2) for reason in line.reasons]
    allowed = line.allowed
    charge = line.charge // 2
    paid = charge - sum(reason.amount for reason in half)
    original = line.units if units > 1 else ""
    first = replace(
        line, charge=charge, paid=paid, reasons=_without_zeros(half), units=first_units, original_units=original,
        line_control_number=number, allowed=allowed // 2 if allowed is not None else None,
    )  # fmt: skip
    second = replace(
        line, charge=line.charge - charge, paid=line.paid - paid, reasons=_without_zeros(rest), units=second_units,
        original_units=original, line_control_number=number,
        allowed=allowed - allowed // 2 if allowed is not None else None,
    )  # fmt: skip
    if other_code is not None:
        second = replace(second, procedure=other_code, modifiers=(), billed=(line.procedure, line.modifiers))
    return with_line(answer, at, first, second)


def _without_zeros(reasons: list[Reason]) -> tuple[Reason, ...]:
    return tuple(reason for reason in reasons if reason.amount)


def _bundle(case: Case) -> tuple[int, int] | None:
    """Return the indexes of the line that is paid and of the one that is bundled into it."""
    lines = case.answer.lines
    paid = largest(case.answer) if lines else 0
    if not lines or lines[paid].paid <= 0:
        return None
    for at, line in enumerate(lines):
        if at != paid and line.charge > 0 and line.procedure != lines[paid].procedure:
            return paid, at
    return None


def _bundled(case: Case, *, with_submitted_code: bool) -> Story:
    pair = _bundle(case)
    if pair is None or (line := case.answer.lines[pair[1]]).of is None:
        return Story((Event(case.answer),), (case.answer,))
    into = case.answer.lines[pair[0]]
    absorbed = replace(
        denied_line(line.of, PART_OF_ANOTHER), procedure=into.procedure, modifiers=into.modifiers,
        billed=(line.procedure, line.modifiers) if with_submitted_code else None,
    )  # fmt: skip
    answer = replace(with_line(case.answer, pair[1], absorbed), paid=case.answer.paid - line.paid)
    return Story((Event(answer),), (answer,))
