"""Read other payers of an 837P: who they are and how they adjudicated the claim (2320, 2330) and the line (2430)."""

from typing import Any

from claimloop.edi.records.other_payer import LineAdjudication, OtherPayer, OutpatientAdjudication
from claimloop.edi.records.parties import Party
from claimloop.parsers.professional.parties import (
    PARTY_SEGMENTS,
    PROVIDER_SEGMENTS,
    party_at,
    read_payer,
    read_person,
    read_provider,
    role_of,
)
from claimloop.parsers.professional.run import SegmentRun, padded
from claimloop.parsers.professional.segments import (
    Draft,
    adjustments,
    date_segments,
    elements_at,
    read_fields,
    read_record,
)

OTHER_PAYER_PROVIDERS = frozenset(("DN", "P3", "82", "77", "DQ", "85", "QB", "FA", "LI", "TL"))
"""NM101 of the loops 2330C-G: those of 5010, then those of 4010 only (purchased service, facility)."""

OTHER_PAYER_SEGMENTS = frozenset(
    ("SBR", "CAS", "AMT", "OI", "MIA", "MOA", "DMG", "NM1", "N2", "N3", "N4", "PER", "REF", "PRV", "DTP")
)
_AMOUNTS = {"D": "paid", "A8": "noncovered", "EAF": "patient_owes"}
_DECIDED = "573"
_OWED = "EAF"


def read_other_payer(run: SegmentRun, start: int, end: int) -> tuple[OtherPayer, int]:
    """Return loop 2320 whose SBR is at `start`, and where the next one begins.

    The record does not fill in defaults: without an OI, the assignment of benefits is empty.
    """
    loop, run.loop = run.loop, "2320"
    draft = Draft(run)
    fields: dict[str, Any] = draft.fields
    fields.update(benefits_assigned="", release_of_information="")
    fields.update(read_fields(run, start, OtherPayer))
    seen: set[str] = set()
    index = start + 1
    while index < end and run.tags[index] != "SBR":
        tag = run.tags[index]
        if tag == "NM1":
            index = _party(draft, index, end, seen)
            continue
        _segment(draft, tag, index, seen)
        index += 1
    fields.setdefault("payer", Party())
    fields.setdefault("subscriber", Party())
    run.loop = loop
    return OtherPayer(**draft.whole()), index


def _segment(draft: Draft, tag: str, index: int, seen: set[str]) -> None:
    """Read a segment of 2320 or 2330 that belongs to no party."""
    run, fields = draft.run, draft.fields
    match tag:
        case "CAS":
            adjustments(draft, index)
        case "AMT":
            elements = padded(elements_at(run, index), 2)
            _amount(draft, index, elements, _AMOUNTS.get(elements[1]))
        case "OI" if tag not in seen:
            seen.add(tag)
            fields.update(read_fields(run, index, OtherPayer))
        case "MOA" if tag not in seen:
            seen.add(tag)
            draft.set("outpatient", read_record(run, index, OutpatientAdjudication), index)
        case "DTP" if _is_decision(draft, index):
            pass
        case _:
            run.expect(index, OTHER_PAYER_SEGMENTS)


def _party(draft: Draft, start: int, end: int, seen: set[str]) -> int:
    """Read 2330: the other subscriber, the payer, or a provider known by numbers. Return where the next loop begins."""
    run, fields = draft.run, draft.fields
    role = role_of(run, start)
    provider = role in OTHER_PAYER_PROVIDERS
    indices, foreign, stop = party_at(run, start, end, PROVIDER_SEGMENTS if provider else PARTY_SEGMENTS)
    run.loop = "2330"
    if provider:
        draft.add("providers", read_provider(run, indices))
    elif role == "IL" and "subscriber" not in fields:
        fields["subscriber"] = read_person(run, indices)
    elif role == "PR" and "payer" not in fields:
        fields["payer"] = read_payer(run, indices)
    else:
        for index in indices:
            run.keep(index)
    for index in foreign:
        _segment(draft, run.tags[index], index, seen)
    run.loop = "2320"
    return stop


def _amount(draft: Draft, index: int, elements: list[str], field: str | None) -> None:
    run = draft.run
    if field is None or field in draft.fields or any(elements[3:]):
        run.keep(index)
    if field is None or field in draft.fields:
        return
    run.at = index
    draft.set(field, run.number("AMT02", elements[2]), index)


def _is_decision(draft: Draft, index: int) -> bool:
    """Read a DTP*573, the date of adjudication, unless one was read before. Return False for any other segment."""
    run = draft.run
    qualifier, period, problems, whole = date_segments(run.separator, run.component)[run.texts[index]]
    if qualifier != _DECIDED or "decided_on" in draft.fields:
        return False
    draft.fields["decided_on"] = period.start if period else None
    if problems:
        run.report_all(index, problems)
    elif not whole or (period and period.start != period.end):
        run.keep(index)
    return True


def read_adjudication(run: SegmentRun, start: int, end: int) -> tuple[LineAdjudication | None, int]:
    """Return loop 2430 whose SVD is at `start`, and its end. Without a readable payment return None and keep it all."""
    loop, run.loop = run.loop, "2430"
    draft = Draft(run)
    fields = draft.fields
    fields.update(read_fields(run, start, LineAdjudication))
    index = start + 1
    while index < end:
        tag = run.tags[index]
        if tag == "CAS":
            adjustments(draft, index)
        elif tag == "DTP" and _is_decision(draft, index):
            pass
        elif tag == "AMT" and elements_at(run, index)[1:2] == [_OWED]:
            _amount(draft, index, padded(elements_at(run, index), 2), "patient_owes")
        else:
            break
        index += 1
    run.loop = loop
    if "paid" not in fields:
        for kept in range(start, index):
            run.keep(kept)
        return None, index
    return LineAdjudication(**draft.whole()), index
