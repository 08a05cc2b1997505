"""The payer's answer to a claim and each of its lines: the records that become CLP and SVC, in cents."""

from collections.abc import Iterable

import msgspec

from claimloop.simulation.submitted import SubmittedClaim, SubmittedLine

PRIMARY, SECONDARY, TERTIARY = "1", "2", "3"
DENIED, FORWARDED_PRIMARY, REVERSAL, NOT_OURS = "4", "19", "22", "23"


class Reason(msgspec.Struct, frozen=True, gc=False):
    """One CAS triple without its quantity."""

    group: str
    code: str
    amount: int


class LineAnswer(msgspec.Struct, frozen=True, gc=False):
    """One SVC. `of` is the submitted line that it is really for, or None.

    `procedure` and `modifiers` are SVC01, `billed` is SVC06 ((code, modifiers), None: not sent); `original_units` is
    SVC07. `held` is the reason why it cannot be posted ("": it can).
    """

    of: SubmittedLine | None
    qualifier: str
    procedure: str
    modifiers: tuple[str, ...]
    charge: int
    paid: int
    units: str
    first_day: str
    last_day: str
    line_control_number: str
    reasons: tuple[Reason, ...] = ()
    remarks: tuple[str, ...] = ()
    allowed: int | None = None
    billed: tuple[str, tuple[str, ...]] | None = None
    original_units: str = ""
    held: str = ""


class ClaimAnswer(msgspec.Struct, frozen=True, gc=False):
    """One CLP with its lines. `of` is the submitted claim that it is really for, or None.

    `paid` and `charge` are CLP04 and CLP03; `unspread` is the part of `paid` that is on no line. `held` is the reason
    why it cannot be posted as a whole.
    """

    of: SubmittedClaim | None
    control_number: str
    status: str
    charge: int
    paid: int
    payer_claim_number: str
    lines: tuple[LineAnswer, ...]
    reasons: tuple[Reason, ...] = ()
    remarks: tuple[str, ...] = ()
    interest: int = 0
    corrected: tuple[str, str, str] | None = None
    forwarded_to: tuple[str, str] | None = None
    held: str = ""

    @property
    def patient(self) -> int:
        """Return CLP05: the sum of the PR adjustments."""
        owed = 0
        for reason in self.reasons:
            if reason.group == "PR":
                owed += reason.amount
        for line in self.lines:
            for reason in line.reasons:
                if reason.group == "PR":
                    owed += reason.amount
        return owed


def largest(answer: ClaimAnswer) -> int:
    """Return the index of the line with the largest payment; the answer must have lines."""
    return max(range(len(answer.lines)), key=lambda at: answer.lines[at].paid)


def with_line(answer: ClaimAnswer, at: int, *lines: LineAnswer) -> ClaimAnswer:
    """Return the answer with one line replaced by others; the claim's own amounts stay."""
    return msgspec.structs.replace(answer, lines=(*answer.lines[:at], *lines, *answer.lines[at + 1 :]))


def reversed_answer(answer: ClaimAnswer) -> ClaimAnswer:
    """Return the reversal of an answer: status 22, every amount negated (rules.md#reversals).

    Groups and control numbers stay; remarks and the allowed amount are not repeated.
    """
    return msgspec.structs.replace(
        answer, status=REVERSAL, charge=-answer.charge, paid=-answer.paid, reasons=_negated(answer.reasons),
        lines=tuple(
            msgspec.structs.replace(
                line, charge=-line.charge, paid=-line.paid, reasons=_negated(line.reasons), remarks=(), allowed=None
            )
            for line in answer.lines
        ),
        remarks=(), interest=0, corrected=None, forwarded_to=None,
    )  # fmt: skip


def _negated(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(Reason(reason.group, reason.code, -reason.amount) for reason in reasons)
