"""Courses that a payment takes: reversals, recoupments, notices, crossovers, strangers, and what never comes."""

from msgspec.structs import replace

from claimloop.simulation.adjudication import refused_as_unknown, refused_line
from claimloop.simulation.case import Case, Event, NextPayer, ProviderAdjustment, Story
from claimloop.simulation.decisions import (
    FORWARDED_PRIMARY,
    NOT_OURS,
    PRIMARY,
    SECONDARY,
    ClaimAnswer,
    LineAnswer,
    Reason,
    largest,
    reversed_answer,
    with_line,
)
from claimloop.simulation.line_courses import PART_OF_ANOTHER
from claimloop.simulation.rules import Refusal
from claimloop.simulation.submitted import SubmittedLine, SubmittedParty

ALREADY_DECIDED = "already_adjudicated"
NEVER_SENT = "no_claim_matches"
_NOT_COVERED = Refusal("PR", "204", ("N130",))
_LATE_PAYMENT = 50
"""Interest is a fiftieth of the payment."""


# Which claims a course is for.


def any_claim(_: Case) -> bool:
    """Every claim."""
    return True


def is_paid(case: Case) -> bool:
    """Something was paid."""
    return case.answer.paid > 0


def can_cross(case: Case) -> bool:
    """Paid as primary without a refusal, something is left to the patient, and no other payer is on the claim."""
    answer = case.answer
    return (
        answer.status == PRIMARY
        and answer.paid > 0
        and answer.patient > 0
        and not case.claim.other_payers
        and all(_is_priced(line) for line in answer.lines)
    )


def _is_priced(line: LineAnswer) -> bool:
    return not line.remarks and all(
        (reason.group, reason.code) in _PRICING or (reason.group == "PR" and reason.code in ("1", "2", "3"))
        for reason in line.reasons
    )


_PRICING = frozenset((("CO", "45"), ("CO", "59"), ("CO", "253")))


# The courses.


def plain(case: Case) -> Story:
    """The ordinary answer."""
    return Story((Event(case.answer),), (case.answer,))


def reversal_same_835(case: Case) -> Story:
    """Paid; then reversal and correction together."""
    corrected = _corrected(case)
    events = Event(case.answer), Event(reversed_answer(case.answer), 1), Event(corrected, 1)
    return Story(events, (corrected,))


def correction_first(case: Case) -> Story:
    """Paid; then correction and reversal together, in the wrong order."""
    corrected = _corrected(case)
    events = Event(case.answer), Event(corrected, 1), Event(reversed_answer(case.answer), 1)
    return Story(events, (corrected,))


def reversal_later_835(case: Case) -> Story:
    """Paid; reversed; corrected in a third 835."""
    corrected = _corrected(case)
    events = Event(case.answer), Event(reversed_answer(case.answer), 1), Event(corrected, 2)
    return Story(events, (corrected,))


def recoupment(case: Case) -> Story:
    """Reversed, and a negative WO lets the money be for now; the correction pays less, and a positive WO takes it."""
    less, paid = _less(case.answer), case.answer.paid
    number = case.answer.payer_claim_number
    events = (
        Event(case.answer),
        Event(reversed_answer(case.answer), 1, (ProviderAdjustment("WO", number, -paid),)),
        Event(less, 2, (ProviderAdjustment("WO", number, paid),)),
    )
    return Story(events, (less,))


def recouped(case: Case) -> Story:
    """No reversal: a WO with the payer's number takes all of the payment back, at once or in two 835s."""
    paid, number = case.answer.paid, case.answer.payer_claim_number
    parts = (paid // 2, paid - paid // 2) if case.chance.below(2) else (paid,)
    takings = (
        Event(None, after, (ProviderAdjustment("WO", number, part),))
        for after, part in enumerate(parts, start=1)
        if part
    )
    return Story((Event(case.answer), *takings), (case.answer,), recouped=True)


def interest(case: Case) -> Story:
    """Interest beside the payment; the 835's L6 is the sum of its claims' AMT*I."""
    answer = replace(case.answer, interest=max(case.answer.paid // _LATE_PAYMENT, 1))
    return Story((Event(answer),), (answer,))


def claim_twice(case: Case) -> Story:
    """The same decision again: the practice already has it, and nobody reversed it."""
    again = replace(case.answer, held=ALREADY_DECIDED)
    return Story((Event(case.answer), Event(again, 1)), (case.answer,))


def denied_status_4(case: Case) -> Story:
    """All lines refused, CLP02 4."""
    answer = refused_as_unknown(case.claim, case.answer.payer_claim_number)
    return Story((Event(answer),), (answer,))


def zero_pay_notice(case: Case) -> Story:
    """Nothing paid, all of it the patient's or refused; in an 835 without money."""
    refusal = _NOT_COVERED if case.chance.below(2) else PART_OF_ANOTHER
    lines = tuple(refused_line(line, refusal) for line in case.claim.lines)
    answer = replace(case.answer, lines=lines, paid=0)
    return Story((Event(answer, notice=True),), (answer,))


def crossover(case: Case) -> Story:
    """The primary sends it on; the next payer pays all or half of what was left to the patient."""
    payer = NextPayer("XOVR2", "INVENTED SUPPLEMENT")
    first = replace(case.answer, status=FORWARDED_PRIMARY, forwarded_to=(payer.name, payer.id), remarks=("MA18",))
    share = 1 + case.chance.below(2)
    lines = []
    for line in case.answer.lines:
        left = sum(reason.amount for reason in line.reasons if reason.group == "PR")
        paid = left // share
        reasons = [Reason("OA", "23", line.charge - left)] if line.charge - left else []
        if left - paid:
            reasons.append(Reason("PR", "2", left - paid))
        lines.append(replace(line, paid=paid, reasons=tuple(reasons), allowed=None, remarks=()))
    second = replace(
        case.answer, status=SECONDARY, lines=tuple(lines), paid=sum(line.paid for line in lines), reasons=(),
        payer_claim_number=f"X{case.answer.payer_claim_number}",
    )  # fmt: skip
    return Story((Event(first), Event(second, 1 + case.chance.below(2), payer=payer)), (first, second))


def crossover_unanswered(case: Case) -> Story:
    """The primary sends it on, and what it left to the patient stays open."""
    first = replace(
        case.answer, status=FORWARDED_PRIMARY, forwarded_to=("INVENTED SUPPLEMENT", "XOVR2"), remarks=("MA18",)
    )
    return Story((Event(first),), (first,))


def not_our_claim(case: Case) -> Story:
    """CLP02 23: sent on to the right payer; the whole charge under OA-B11 decides nothing."""
    lines = tuple(refused_line(line, Refusal("OA", "B11")) for line in case.claim.lines)
    answer = replace(case.answer, status=NOT_OURS, lines=lines, paid=0, forwarded_to=("INVENTED OTHER PLAN", "OTHR3"))
    return Story((Event(answer),), (answer,))


def unknown_claim(case: Case) -> Story:
    """Beside the ordinary answer, one for somebody else's claim."""
    claim, chance = case.claim, case.chance
    stranger = SubmittedParty(
        name=("PELLWORTH", "QUILLIAM", "RAVENSCAR", "STOCKDALE")[chance.below(4)], first_name="NOBODY", entity="1",
        id_qualifier="MI", id=f"ZZ{chance.below(10**9):09d}",
    )  # fmt: skip
    charge = chance.between(50_00, 400_00)
    line = SubmittedLine(
        "1", "", "HC", "99499", (), charge, "UN", "1", claim.first_day, claim.first_day, ("1",), "", (), 0
    )
    number = f"ZX{chance.below(10**9):09d}"
    other = replace(
        claim, control_number=number, patient=stranger, subscriber=stranger, charge=charge, lines=(line,),
        other_payers=(),
    )  # fmt: skip
    paid = charge * 3 // 5
    theirs = ClaimAnswer(
        None, number, PRIMARY, charge, paid, f"Z{case.answer.payer_claim_number}",
        (
            LineAnswer(
                None, "HC", line.procedure, (), charge, paid, "1", line.first_day, line.last_day, "",
                (Reason("CO", "45", charge - paid),), allowed=paid,
            ),
        ),
        held=NEVER_SENT,
    )  # fmt: skip
    return Story((Event(case.answer), Event(theirs, subject=other)), (case.answer,))


def rejected(case: Case) -> Story:
    """Refused before it came to a decision."""
    return Story((), (), refused=True)


def unanswered(case: Case) -> Story:
    """Nothing more is heard."""
    return Story((), ())


def taken_back(story: Story, control_number: str = "") -> tuple[Event, ...]:
    """The reversal of all that was paid for a claim, behind all of it, and so of what was paid twice as often; another
    payer's answers are not this one's, and what a PLB took back already is not taken again.

    `control_number` is CLP01 where it is not the claim's own.
    """
    after = max((event.after for event in story.events), default=-1) + 1
    back = []
    for event in story.events:
        answer = event.answer
        if answer is None or story.recouped:
            continue
        stands = answer in story.standing and not answer.held
        if event.payer is None and (stands or answer.held == ALREADY_DECIDED):
            number = control_number or answer.control_number
            back.append(Event(replace(reversed_answer(answer), control_number=number, held=""), after))
    return tuple(back)


# What they are made of.


def _corrected(case: Case) -> ClaimAnswer:
    """Another decision: less or more is paid; the payer claim number stays or changes (rules.md#reversals)."""
    corrected = _less(case.answer) if case.chance.below(2) else _more(case.answer)
    if case.chance.below(2):
        corrected = replace(corrected, payer_claim_number=f"{case.answer.payer_claim_number}C")
    return corrected


def _less(answer: ClaimAnswer) -> ClaimAnswer:
    """A lower price for the line that was paid most."""
    at = largest(answer)
    return _repriced(answer, at, max(answer.lines[at].paid // 5, 1))


def _more(answer: ClaimAnswer) -> ClaimAnswer:
    """A higher price for the line that was paid most, out of what the contract took off; lower where it took none."""
    at = largest(answer)
    line = answer.lines[at]
    taken = sum(reason.amount for reason in line.reasons if (reason.group, reason.code) == ("CO", "45"))
    return _repriced(answer, at, -(taken // 2)) if taken > 1 else _less(answer)


def _repriced(answer: ClaimAnswer, at: int, cut: int) -> ClaimAnswer:
    """A line with its CO-45 raised, and its payment lowered, by the same amount (negative: the other way)."""
    line = answer.lines[at]
    others = tuple(reason for reason in line.reasons if (reason.group, reason.code) != ("CO", "45"))
    taken = cut + sum(reason.amount for reason in line.reasons if (reason.group, reason.code) == ("CO", "45"))
    reasons = (Reason("CO", "45", taken), *others) if taken else others
    allowed = line.allowed - cut if line.allowed is not None and line.allowed > cut else None
    changed = replace(line, paid=line.paid - cut, reasons=reasons, allowed=allowed)
    return replace(with_line(answer, at, changed), paid=answer.paid - cut)
