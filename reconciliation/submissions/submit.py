"""Submit encounters: read each once, check it, build its claims, write them to the partner's file, and record them.

All of it is one transaction; see `write_file`.
"""

from collections.abc import Iterable, Iterator, Set

from claimloop.builders.claims.coverages import billed_payer
from claimloop.builders.encounters.encounter import Encounter
from claimloop.builders.final_check import until_sendable
from claimloop.builders.partner import TradingPartner
from claimloop.builders.sendable import check_sendable, claims_to_send
from claimloop.edi.diagnostics import Report, Where, diagnose
from claimloop.reconciliation.claims.charges import NewSubmission
from claimloop.reconciliation.claims.states import find_sent, find_taken
from claimloop.reconciliation.submissions.outbox import (
    Outbox,
    Source,
    SubmitResult,
    portions,
    read_each,
    report_nothing,
)
from claimloop.reconciliation.submissions.write_file import ClaimFiles, claim_files

_AT_ONCE = 500


def submit(sources: Iterable[Source], outbox: Outbox, *, again: bool = False) -> SubmitResult:
    """Send encounters or files of them, each to the partner that takes its payer, and record them in the ledger.

    An encounter with an error is held: it is reported with all of its findings and keeps no other one back. One that
    was sent before is reported with a note; with `again` it goes out as a new claim that replaces the earlier one.
    Every finished file is checked before anything of it is kept. Raises LedgerError; FileHeld where a file fails its
    check and the error belongs to no single claim; OSError. Then nothing was sent.
    """
    sources = list(sources)

    def attempt(failed: Set[str]) -> SubmitResult:
        result = SubmitResult(files=[])
        result.hold(len(failed))
        with claim_files(outbox) as files:
            run = _Run(outbox, files, result, failed, again=again)
            for some in portions(read_each(sources, run.report), _AT_ONCE):
                for encounter, partner, version, replaced in run.not_sent_before(list(run.sendable(some))):
                    claims = claims_to_send(encounter, partner, version, run.report)
                    if not claims:
                        result.hold()
                    for part, claim in enumerate(claims, start=1):
                        closes = replaced if part == 1 else ()
                        files.add(partner, NewSubmission(claim, encounter.encounter_id, version, part, closes=closes))
        result.add(files.sent)
        return result

    return until_sendable(attempt, outbox.report)


class _Run:
    """One pass over all encounters except those that `failed` the check of their file. Only the first pass reports."""

    def __init__(
        self, outbox: Outbox, files: ClaimFiles, result: SubmitResult, failed: Set[str], *, again: bool
    ) -> None:
        self.report: Report = report_nothing if failed else outbox.report
        self._outbox = outbox
        self._connection = files.connection
        self._result = result
        self._failed = failed
        self._again = again
        self._seen: set[str] = set()
        self._taken_numbers: set[str] = set()

    def sendable(self, encounters: Iterable[Encounter]) -> Iterator[tuple[Encounter, TradingPartner]]:
        """Yield the encounters without an error, each ID once, with their partner; report and count the others."""
        outbox, result = self._outbox, self._result
        for encounter in encounters:
            result.encounters += 1
            if outbox.progress:
                outbox.progress(result.encounters)
            if encounter.encounter_id in self._failed:
                continue
            payer = billed_payer(encounter)
            partner = outbox.partner_for(payer)
            if partner is None:
                self._hold("P523", encounter, payer=payer)
                continue
            findings = check_sendable(encounter, partner, outbox.moment.date(), self._seen)
            for finding in findings:
                self.report(finding)
            if any(finding.severity == "error" for finding in findings):
                result.hold()
                continue
            self._seen.add(encounter.encounter_id)
            yield encounter, partner

    def not_sent_before(
        self, encounters: list[tuple[Encounter, TradingPartner]]
    ) -> Iterator[tuple[Encounter, TradingPartner, int, tuple[int, ...]]]:
        """Yield the encounters that are to go out, with their partner, their version and the claims that they replace.

        Those that are in the ledger are left out with a note, unless they are to go out again.
        """
        sent = find_sent(self._connection, [encounter.encounter_id for encounter, _ in encounters])
        own = [each.patient_control_number for each, _ in encounters if each.patient_control_number]
        taken = self._taken_numbers
        if own:
            taken |= find_taken(self._connection, own)
        for encounter, partner in encounters:
            before = sent.get(encounter.encounter_id)
            if before is None and encounter.patient_control_number in taken:
                self._hold("P525", encounter, encounter.patient_control_number)
            elif before is None:
                if encounter.patient_control_number:
                    taken.add(encounter.patient_control_number)
                yield encounter, partner, 1, ()
            elif self._again:
                yield encounter, partner, before.version + 1, before.claim_ids
            else:
                where = Where(subject=f"encounter {encounter.encounter_id}")
                self.report(diagnose("P510", where, claim=before.number, file=before.file))
                self._result.already_sent += 1

    def _hold(self, code: str, encounter: Encounter, value: str | None = None, **facts: object) -> None:
        self.report(diagnose(code, Where(subject=f"encounter {encounter.encounter_id}"), value, **facts))
        self._result.hold()
