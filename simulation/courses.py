"""The course of a payment: reversals, recoupments, notices, crossovers, unknown claims, and missing answers."""

from msgspec.structs import replace

from claimloop.simulation.adjudication import denied_as_unknown, denied_line
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
from claimloop.simulation.rules import DenialReason
from claimloop.simulation.submitted import SubmittedLine, SubmittedParty

ALREADY_DECIDED = "already_adjudicated"
NEVER_SENT = "no_claim_matches"
_NOT_COVERED = DenialReason("PR", "204", ("N130",))
_LATE_PAYMENT = 50
"""Interest is one fiftieth of the payment."""


# Which claims a course is for.


def any_claim(_: Case) -> bool:
    """Return True for every claim."""
    return True


def is_paid(case: Case) -> bool:
    """Return True if the answer pays something."""
    return case.answer.paid > 0


def can_cross(case: Case) -> bool:
    """Return True if the primary payer paid without a denial, the patient owes something, and no other payer is on the
    claim.
    """
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
    """A payment, then its reversal and correction together."""
    corrected = _corrected(case)
    events = Event(case.answer), Event(reversed_answer(case.answer), 1), Event(corrected, 1)
    return Story(events, (corrected,))


def correction_first(case: Case) -> Story:
    """A payment, then correction and reversal together, in the wrong order."""
    corrected = _corrected(case)
    events = Event(case.answer), Event(corrected, 1), Event(reversed_answer(case.answer), 1)
    return Story(events, (corrected,))


def reversal_later_835(case: Case) -> Story:
    """A payment, its reversal, and a correction in a third 835."""
    corrected = _corrected(case)
    events = Event(case.answer), Event(reversed_answer(case.answer), 1), Event(corrected, 2)
    return Story(events, (corrected,))


def recoupment(case: Case) -> Story:
    """A reversal whose money a negative WO leaves with the practice for now. The correction pays less, and a positive
    WO takes the money.
    """
    less, paid = _less(case.answer), case.answer.paid
    number = case.answer.payer_claim_number
    events = (
        Event(case.answer),
        Event(reversed_answer(case.answer), 1, (ProviderAdjustment("WO", number, -paid),)),
        Event(less, 2, (ProviderAdjustment("WO", number, paid),)),
    )
    return Story(events, (less,))


def recouped(case: Case) -> Story:
    """No reversal: a WO with the payer's number takes the whole payment back, at once or in two 835s."""
    paid, number = case.answer.paid, case.answer.payer_claim_number
    parts = (paid // 2, paid - paid // 2) if case.chance.below(2) else (paid,)
    takings = (
        Event(None, after, (ProviderAdjustment("WO", number, part),))
        for after, part in enumerate(parts, start=1)
        if part
    )
    return Story((Event(case.answer), *takings), (case.answer,), recouped=True)


def interest(case: Case) -> Story:
    """Interest in addition to the payment. The 835's L6 is the sum of its claims' AMT*I."""
    answer = replace(case.answer, interest=max(case.answer.paid // _LATE_PAYMENT, 1))
    return Story((Event(answer),), (answer,))


def claim_twice(case: Case) -> Story:
    """The same adjudication again, although the practice already has it and no reversal was sent."""
    again = replace(case.answer, held=ALREADY_DECIDED)
    return Story((Event(case.answer), Event(again, 1)), (case.answer,))


def denied_status_4(case: Case) -> Story:
    """All lines denied, with CLP02 4."""
    answer = denied_as_unknown(case.claim, case.answer.payer_claim_number)
    return Story((Event(answer),), (answer,))


def zero_pay_notice(case: Case) -> Story:
    """Nothing is paid: everything is the patient's responsibility or denied, in an 835 without money."""
    denial = _NOT_COVERED if case.chance.below(2) else PART_OF_ANOTHER
    lines = tuple(denied_line(line, denial) for line in case.claim.lines)
    answer = replace(case.answer, lines=lines, paid=0)
    return Story((Event(answer, notice=True),), (answer,))


def crossover(case: Case) -> Story:
    """The primary payer forwards the claim. The next payer pays all or half of the patient's share."""
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
    """The primary payer forwards the claim, and the patient's share stays open."""
    first = replace(
        case.answer, status=FORWARDED_PRIMARY, forwarded_to=("INVENTED SUPPLEMENT", "XOVR2"), remarks=("MA18",)
    )
    return Story((Event(first),), (first,))


def not_our_claim(case: Case) -> Story:
    """CLP02 23: forwarded to the right payer. The whole charge under OA-B11 adjudicates nothing."""
    lines = tuple(denied_line(line, DenialReason("OA", "B11")) for line in case.claim.lines)
    answer = replace(case.answer, status=NOT_OURS, lines=lines, paid=0, forwarded_to=("INVENTED OTHER PLAN", "OTHR3"))
    return Story((Event(answer),), (answer,))


def unknown_claim(case: Case) -> Story:
    """The ordinary answer, and another answer for a claim of another practice."""
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
    """Rejected before adjudication."""
    return Story((), (), rejected=True)


def unanswered(case: Case) -> Story:
    """No answer at all."""
    return Story((), ())


def taken_back(story: Story, control_number: str = "") -> tuple[Event, ...]:
    """Return the reversals of everything that was paid for a claim, after all of it.

    What was paid twice is reversed twice. Another payer's answers are left alone, and what a PLB already took back is
    not taken again. `control_number` is CLP01 if it is not the claim's own.
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


# Helpers.


def _corrected(case: Case) -> ClaimAnswer:
    """Return another adjudication that pays less or more; the payer claim number stays or changes
    (rules.md#reversals).
    """
    corrected = _less(case.answer) if case.chance.below(2) else _more(case.answer)
    if case.chance.below(2):
        corrected = replace(corrected, payer_claim_number=f"{case.answer.payer_claim_number}C")
    return corrected


def _less(answer: ClaimAnswer) -> ClaimAnswer:
    """Return the answer with a lower price for the line with the largest payment."""
    at = largest(answer)
    return _repriced(answer, at, max(answer.lines[at].paid // 5, 1))


def _more(answer: ClaimAnswer) -> ClaimAnswer:
    """Return the answer with a higher price for the line with the largest payment, out of its contractual adjustment;
    lower if it has none.
    """
    at = largest(answer)
    line = answer.lines[at]
    taken = sum(reason.amount for reason in line.reasons if (reason.group, reason.code) == ("CO", "45"))
    return _repriced(answer, at, -(taken // 2)) if taken > 1 else _less(answer)


def _repriced(answer: ClaimAnswer, at: int, cut: int) -> ClaimAnswer:
    """Return the answer with a line's CO-45 raised and its payment lowered by `cut` (negative: the other way)."""
    line = answer.lines[at]
    others = tuple(reason for reason in line.reasons if (reason.group, reason.code) != ("CO", "45"))
    taken = cut + sum(reason.amount for reason in line.reasons if (reason.group, reason.code) == ("CO", "45"))
    reasons = (Reason("CO", "45", taken), *others) if taken else others
    allowed = line.allowed - cut if line.allowed is not None and line.allowed > cut else None
    changed = replace(line, paid=line.paid - cut, reasons=reasons, allowed=allowed)
    return replace(with_line(answer, at, changed), paid=answer.paid - cut)
