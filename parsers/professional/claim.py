"""Read a claim of an 837P (2300) with its lines (2400): one run of segments from CLM to the next CLM or HL.

A segment with more values than the record has fields is read, and also kept whole as text, so nothing is lost.
"""

from decimal import Decimal

from claimloop.edi.money import ZERO
from claimloop.edi.records.claim import Accident, Claim, Subscriber
from claimloop.edi.records.claim_supplements import AmbulanceTransport, Contract, SpinalManipulation
from claimloop.edi.records.parties import Party, Provider
from claimloop.edi.records.service_line import ServiceLine
from claimloop.edi.syntax.envelope import Source
from claimloop.parsers.professional.hierarchy import Hierarchy
from claimloop.parsers.professional.line import read_line
from claimloop.parsers.professional.other_payer import OTHER_PAYER_SEGMENTS, read_other_payer
from claimloop.parsers.professional.parties import PROVIDER_SEGMENTS, party_at, read_provider, role_of
from claimloop.parsers.professional.run import SegmentRun, padded, remembered
from claimloop.parsers.professional.segments import COMMON, Draft, Handler, amounts, once

CLAIM_PROVIDERS = frozenset(("DN", "P3", "82", "77", "DQ", "PW", "45", "QB", "FA", "LI", "TL"))
"""NM101 of the loops 2310: those of 5010, then those of 4010 only (purchased service, facility)."""

CLAIM_SEGMENTS = OTHER_PAYER_SEGMENTS | frozenset(
    ("DTP", "PWK", "CN1", "AMT", "REF", "K3", "NTE", "CR1", "CR2", "CRC", "HI", "HCP", "NM1", "DSB", "CUR", "UR",
     "CR5", "CR6", "CR7", "HSD", "CL1", "QTY")
)  # fmt: skip
_CODE_LISTS = {
    "ABK": "diagnoses", "ABF": "diagnoses", "BK": "diagnoses", "BF": "diagnoses",
    "BP": "anesthesia_procedures", "BO": "anesthesia_procedures", "BG": "condition_codes",
}  # fmt: skip
_CONDITION = "BG"
_FOLLOWING = {"ABK": "ABF", "BK": "BF", "BP": "BO"}
"""Qualifier of the first code of a list → that of the others, where it differs."""

Codes = tuple[str, str, tuple[str, ...], bool]


# Long: more than a third is the call of `Claim`, which names each of its fields.
def read_claim(run: SegmentRun, above: Hierarchy, source: Source) -> Claim:
    """Return the claim of a run whose first segment is its CLM.

    Invariant: `index` is the next segment to read. Each loop (2310, 2320, 2400) takes its own segments and returns
    where the next one begins, so every segment is read once and none is read twice. A segment that nothing reads, or
    that has a value without a field, is kept as text.
    """
    tags = run.tags
    end = len(tags)
    more_lines = tags.count("LX")
    first_line = tags.index("LX") if more_lines else end
    run.loop = "2300"
    clm = padded(run.texts[0].split(run.separator), 20)
    charge = run.number("CLM02", clm[2])
    place, frequency = _place(run, clm)
    draft = Draft(run)
    index = 1
    while index < first_line:
        tag = tags[index]
        if tag == "NM1":
            index = _provider(draft, index, first_line)
        elif tag == "SBR":
            other_payer, index = read_other_payer(run, index, first_line)
            draft.add("other_payers", other_payer)
        else:
            handler = _HANDLERS.get(tag)
            if handler is None:
                run.expect(index, CLAIM_SEGMENTS)
            else:
                handler(draft, index)
            index += 1
    lines, total = _lines(run, index, more_lines)
    if not (lines and above.is_complete):
        missing = above.missing()
        if not lines:
            missing.append("service line")
        run.report("R255", 0, missing=", ".join(missing))
    if lines and run.charges_are_known and total != charge:
        run.report("R254", 0, "CLM02", charge=charge, total=total)
    return Claim(
        clm[1],
        charge or ZERO,
        place,
        above.billing_provider or Provider(),
        above.subscriber or Subscriber(Party(), payer_responsibility=""),
        above.payer or Party(),
        lines,
        above.patient,
        above.pay_to_address,
        above.pay_to_plan,
        above.currency,
        frequency,
        clm[6],
        clm[7],
        clm[8],
        clm[9],
        clm[10],
        _accident(clm[11], run.component) if clm[11] else None,
        clm[12],
        clm[20],
        other_segments=above.kept() + run.kept(0, end) if run.keeps else above.kept(),
        unreadable=above.unreadable + run.unreadable,
        source=source,
        **draft.whole(),
    )


def _lines(run: SegmentRun, index: int, more: int) -> tuple[tuple[ServiceLine, ...], Decimal]:
    """Return the lines from the LX at `index` on, and the sum of their charges. `more` counts the LX of the run."""
    lines: list[ServiceLine] = []
    total, end = ZERO, len(run.tags)
    while index < end:
        more -= 1
        after = run.tags.index("LX", index + 1) if more else end
        run.line += 1
        line = read_line(run, index, after)
        if line is not None:
            lines.append(line)
            total += line.charge
        index = after
    run.loop = "2300"
    run.line = 0
    return tuple(lines), total


@remembered
def _places(_: str, component: str, text: str) -> tuple[str, str, bool]:
    """Return CLM05's place of service and frequency, and whether CLM05 has nothing else."""
    parts = padded(text.split(component), 2)
    return parts[0], parts[2], parts[1] in ("", "B") and not any(parts[3:])


def _place(run: SegmentRun, clm: list[str]) -> tuple[str, str]:
    """Read CLM05. Keep the segment where CLM05 has more, or where an element that the guide does not use is filled."""
    place, frequency, whole = _places(run.separator, run.component)[clm[5]]
    beyond = len(clm) > 21 and any(clm[21:])
    if not whole or clm[3] or clm[4] or beyond or any(clm[13:20]) or clm[11].count(run.component) > 4:
        run.keep(0)
    return place, frequency


def _accident(text: str, component: str) -> Accident:
    """Read CLM11."""
    cause = padded(text.split(component), 4)
    return Accident(tuple(filter(None, cause[:3])), cause[3], cause[4])


def _provider(draft: Draft, start: int, end: int) -> int:
    """Read a loop 2310. Return where the next one begins."""
    run = draft.run
    indices, foreign, stop = party_at(run, start, end, PROVIDER_SEGMENTS)
    if role_of(run, start) in CLAIM_PROVIDERS:
        draft.add("providers", read_provider(run, indices))
    else:
        for index in indices:
            run.keep(index)
    for index in foreign:
        _segment(draft, run.tags[index], index)
    return stop


def _segment(draft: Draft, tag: str, index: int) -> None:
    handler = _HANDLERS.get(tag)
    if handler is None:
        draft.run.expect(index, CLAIM_SEGMENTS)
    else:
        handler(draft, index)


@remembered
def _code_lists(separator: str, component: str, text: str) -> Codes:
    """Return an HI's field, the qualifier of its first code, the codes, and whether the HI has nothing else.

    The field is empty where the list, or one of its codes, is of a kind without a field.
    """
    codes = [element.split(component) for element in text.split(separator)[1:] if element]
    field = _CODE_LISTS.get(codes[0][0], "") if codes else ""
    if not all(_CODE_LISTS.get(code[0]) == field and len(code) > 1 for code in codes):
        return "", "", (), False
    first = codes[0][0] if codes else ""
    other = _FOLLOWING.get(first, first)
    whole = not any(any(code[2:]) for code in codes) and all(code[0] == other for code in codes[1:])
    return field, first, tuple(code[1] for code in codes), whole


def _codes(draft: Draft, index: int) -> None:
    """Read an HI: diagnoses, anesthesia procedures or conditions. Codes of the same kind form one list."""
    run, fields = draft.run, draft.fields
    field, qualifier, codes, whole = _code_lists(run.separator, run.component)[run.texts[index]]
    if not field:
        run.keep(index)
        return
    again = field in fields
    if not whole or (qualifier != _CONDITION and again == (qualifier in _FOLLOWING)):
        run.keep(index)
    if field == "diagnoses" and not again:
        fields["diagnosis_qualifier"] = qualifier
    fields[field] = fields.get(field, ()) + codes


_HANDLERS: dict[str, Handler] = COMMON | {
    "HI": _codes,
    "AMT": amounts({"F5": "patient_paid"}),
    "CN1": once("contract", Contract),
    "CR1": once("ambulance", AmbulanceTransport),
    "CR2": once("spinal_manipulation", SpinalManipulation),
}
