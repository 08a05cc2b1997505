"""Process one claim after another: adjudicate it, choose its course, put it into 835s, and record the expected
results.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

import msgspec

from claimloop.simulation.acceptance import (
    LENGTH_OF_A_NUMBER,
    REPLACEMENT,
    VOID,
    RejectionReason,
    original_number,
    rejection_reason,
)
from claimloop.simulation.adjudication import Adjudicator
from claimloop.simulation.case import Case, Event, Story
from claimloop.simulation.chance import Chance, digits
from claimloop.simulation.courses import ALREADY_DECIDED, plain, taken_back
from claimloop.simulation.decisions import ClaimAnswer
from claimloop.simulation.earlier import Original
from claimloop.simulation.remittance_files import RemittanceFiles
from claimloop.simulation.remittances import Place, Remitter, payment_day
from claimloop.simulation.rules import Rules
from claimloop.simulation.scenarios import Rates
from claimloop.simulation.submitted import SubmittedClaim
from claimloop.simulation.truth import (
    LineTruth,
    RemittanceLineTruth,
    ended_truths,
    line_truths,
    remittance_line_truths,
)
from claimloop.simulation.truth_file import TruthFile

PLAIN = ""
"""The scenario of a claim with an ordinary answer."""


class FrontEnd(Protocol):
    """The interface that receives each claim on arrival, to answer it by a 277CA."""

    def take(self, claim: SubmittedClaim, payer_claim_number: str, rejected: RejectionReason) -> None:
        """Receive a claim, the payer's number for it, and why it is rejected (empty: accepted)."""


class _Course(msgspec.Struct, frozen=True):
    """The course of a claim: the scenario's name, its story, and the day of adjudication.

    `again` is True if the same claim, by its control number, was adjudicated before.
    """

    scenario: str
    story: Story
    decided: date
    again: bool = False


_NOTHING = Story((), (), rejected=True)


class Payer:
    """All payers of the files. They adjudicate by one set of rules. `originals` are the claims that others end."""

    def __init__(
        self, folder: Path, seed: int, rates: Rates, rules: Rules, received: date, truth: TruthFile,
        front_end: FrontEnd | None,
    ) -> None:  # fmt: skip
        self.claims = self.lines = self.refused = 0
        self.scenarios: dict[str, int] = {}
        self.originals: dict[str, Original] = {}
        self.files = RemittanceFiles(folder, seed, rates, rules.cycle.every_days)
        self.remitter = Remitter(self.files, seed, rates, rules.cycle.claims_per_remittance, received, truth.remittance)
        self._adjudicator = Adjudicator(rules, seed, received)
        self._cycle = rules.cycle
        self._seed = seed
        self._rates = rates
        self._received = received
        self._truth = truth
        self._front_end = front_end

    def number(self, claim: SubmittedClaim) -> str:
        """Return the payer's own number for a claim. All chance for the claim derives from it."""
        name = f"{claim.control_number}\n{claim.payer.id}\n{claim.responsibility}"
        return f"{claim.first_day[2:4] or '00'}{digits(self._seed, name, LENGTH_OF_A_NUMBER - 2)}"

    def answer(self, claim: SubmittedClaim) -> None:
        """Adjudicate one claim, answer it, and record what the ledger must contain."""
        self.claims += 1
        self.lines += len(claim.lines)
        rejected = rejection_reason(claim)
        number = self.number(claim)
        if rejected:
            course = _Course(PLAIN, _NOTHING, self._received)
        elif claim.frequency == VOID:
            course = self._void(claim)
        else:
            course = self._course(claim, number)
            if claim.frequency == REPLACEMENT and not course.story.rejected:
                course = self._replacement(claim, course)
        story = course.story
        if story.rejected:
            self.refused += 1
        self.scenarios[course.scenario] = self.scenarios.get(course.scenario, 0) + 1
        if self._front_end is not None:
            self._front_end.take(claim, number, rejected or ("unknown member" if story.rejected else ""))
        self._tell(claim, course, self._remit(claim, course), number)

    def _course(self, claim: SubmittedClaim, number: str, *, known: bool = False) -> _Course:
        """Return the course of a claim. `known` marks one that was adjudicated before and is only recomputed."""
        chance = Chance(self._seed, number)
        drawn = self._rates.of_claim(chance)
        answer, again = self._adjudicator.decide(claim, number, chance, known=known)
        case = Case(claim, answer, chance)
        scenario, story = PLAIN, plain(case)
        if not again and drawn is not None and drawn.fits(case):
            scenario, story = drawn.name, drawn.tell(case)
        days = chance.between(self._cycle.shortest_days, self._cycle.longest_days)
        return _Course(scenario, story, self._received + timedelta(days=days), again)

    def _void(self, claim: SubmittedClaim) -> _Course:
        """Void an earlier claim: reverse its answers.

        If the earlier claim is not available, its content is that of the void (rules.md#frequency), and so is CLP01.
        """
        number = original_number(claim)
        original = self.originals.get(number)
        before = self._course(original.claim if original else claim, number, known=True)
        back = taken_back(before.story, "" if original else claim.control_number)
        self._tell_end(original, before)
        return msgspec.structs.replace(before, story=Story(back, ()))

    def _replacement(self, claim: SubmittedClaim, course: _Course) -> _Course:
        """Replace an earlier claim: reverse its answers first, in the same 835."""
        number = original_number(claim)
        original = self.originals.get(number)
        if original is None:
            return course
        before = self._course(original.claim, number, known=True)
        self._tell_end(original, before)
        back = taken_back(before.story)
        if not back:
            return course
        later = (msgspec.structs.replace(event, after=event.after + back[0].after) for event in course.story.events)
        story = msgspec.structs.replace(course.story, events=(*back, *later))
        return msgspec.structs.replace(course, story=story, decided=before.decided)

    def _remit(self, claim: SubmittedClaim, course: _Course) -> list[tuple[ClaimAnswer, Place]]:
        if not course.story.events:
            return []
        method = self._adjudicator.plan(claim).method
        places = []
        for event in course.story.events:
            of = event.answer.of if event.answer else None
            if of is not None and of is not claim and event.subject is None:
                event = msgspec.structs.replace(event, subject=of)
            place = self.remitter.add(event, claim, self._day(event, claim, course), method)
            if event.answer is not None:
                places.append((event.answer, place))
        return places

    def _day(self, event: Event, claim: SubmittedClaim, course: _Course) -> date:
        every = self._cycle.every_days
        payer_id = event.payer.id if event.payer else claim.payer.id or claim.payer.name
        return payment_day(course.decided, payer_id, every) + timedelta(days=event.after * every)

    # expected results

    def _tell_end(self, original: Original | None, before: _Course) -> None:
        """Write the rows of a claim of an earlier run that is now ended; a claim of this run has its own."""
        if original is not None and original.answered:
            still = _others(before.story)
            self._truth.write(ended_truths(original.claim, still, original.end, before.scenario))

    def _tell(
        self, claim: SubmittedClaim, course: _Course, places: list[tuple[ClaimAnswer, Place]], number: str
    ) -> None:
        truth, story = self._truth, course.story
        like = _likeness(claim)
        if not course.again:
            truth.seen(like)
        ended = self.originals.get(number) if self.originals else None
        if claim.frequency == VOID:
            known = original_number(claim) in self.originals
            truth.write([] if known else ended_truths(claim, (), "voided", course.scenario))
            truth.write(_remittance_rows(claim, course, places, ""))
            return
        for_sure = "" if not course.again else ALREADY_DECIDED
        rows = _line_rows(claim, course, for_sure, ended) + _remittance_rows(claim, course, places, for_sure)
        if story.held_if_not_unique:
            held = story.held_if_not_unique
            other = _line_rows(claim, course, held, ended) + _remittance_rows(claim, course, places, held)
            truth.decide_later(like, rows, other)
        else:
            truth.write(rows)


def _line_rows(
    claim: SubmittedClaim, course: _Course, held: str, ended: Original | None
) -> list[LineTruth | RemittanceLineTruth]:
    if course.again:
        return []
    if ended is not None:
        return [*ended_truths(claim, _others(course.story), ended.end, course.scenario)]
    story = course.story
    return [*line_truths(claim, () if held else story.standing, course.scenario, recouped=story.recouped)]


def _remittance_rows(
    claim: SubmittedClaim, course: _Course, places: list[tuple[ClaimAnswer, Place]], held: str
) -> list[LineTruth | RemittanceLineTruth]:
    rows: list[LineTruth | RemittanceLineTruth] = []
    for answer, place in places:
        expected = msgspec.structs.replace(answer, held=held) if held and answer.of is claim else answer
        rows += remittance_line_truths(expected, place.trace_number, place.part, place.claim, course.scenario)
    return rows


def _others(story: Story) -> list[ClaimAnswer]:
    """Return other payers' answers to a claim that was forwarded to them."""
    return [event.answer for event in story.events if event.payer is not None and event.answer is not None]


def _likeness(claim: SubmittedClaim) -> int:
    """Return one number for claims that only their control numbers distinguish: from member, day and charge."""
    return hash((claim.subscriber.id, claim.first_day, claim.charge)) & 0xFFFFFFFFFFFFFFFF
