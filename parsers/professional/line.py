"""Read a service line of an 837P: loop 2400 with the loops below it, from its LX to the next."""

from typing import Any

from claimloop.edi.money import ZERO, NotAnAmount, decimals
from claimloop.edi.records.claim_supplements import (
    AmbulanceTransport,
    Contract,
    EquipmentCertification,
    EquipmentPrice,
    FormAnswer,
    Measurement,
    PurchasedService,
    SupportingForm,
)
from claimloop.edi.records.service_line import NO_SERVICE_DATE, Drug, ServiceLine
from claimloop.parsers.professional.other_payer import read_adjudication
from claimloop.parsers.professional.parties import PROVIDER_SEGMENTS, party_at, read_provider, role_of
from claimloop.parsers.professional.run import UNREADABLE_NUMBER, Problems, SegmentRun, padded, remembered
from claimloop.parsers.professional.segments import (
    COMMON,
    Draft,
    Handler,
    amounts,
    date_segments,
    dated,
    elements_at,
    once,
    read_record,
    reference,
    several,
)

LINE_SEGMENTS = frozenset(
    ("SV5", "PWK", "CR1", "CR3", "CR5", "CRC", "DTP", "QTY", "MEA", "CN1", "REF", "AMT", "K3", "NTE", "PS1", "HCP",
     "LIN", "CTP", "NM1", "N2", "N3", "N4", "PRV", "PER", "SVD", "CAS", "LQ", "FRM", "SV4", "SV6", "SV7", "HSD",
     "IMM", "LX", "SV1")
)  # fmt: skip
LINE_PROVIDERS = frozenset(("82", "QB", "77", "DQ", "DK", "DN", "P3", "PW", "45", "FA", "LI", "TL"))
"""NM101 of the loops 2420: those of 5010, then those of 4010 only (facility)."""

_CONTROL_NUMBER = "6R"
_PRESCRIPTIONS = frozenset(("XZ", "VY"))
_SERVICE_DATE = "472"


def read_line(run: SegmentRun, start: int, end: int) -> ServiceLine | None:
    """Return the line whose LX is at `start`; None where it has no SV1. Its segments are then kept on the claim.

    An amount or date that cannot be read becomes zero or NO_SERVICE_DATE, with a finding.
    """
    run.loop = "2400"
    tags, texts = run.tags, run.texts
    sv1 = start + 1
    if sv1 == end or tags[sv1] != "SV1":
        try:
            sv1 = tags.index("SV1", start, end)
        except ValueError:
            run.report("R256", start)
            for index in range(start, end):
                run.keep(index)
            return None
    service, problems, whole = services(run.separator, run.component)[texts[sv1]]
    if problems:
        run.report_all(sv1, problems)
    elif not whole:
        run.keep(sv1)
    draft = Draft(run)
    fields = draft.fields = service.copy()
    index = start + 1
    while index < end:
        tag = tags[index]
        if tag == "SV1" and index == sv1:
            index += 1
            continue
        handler = _HANDLERS.get(tag)
        if handler is not None:
            handler(draft, index)
            index += 1
        elif tag == "NM1":
            index = _provider(draft, index, end)
        elif tag == "LIN":
            index = _drug(draft, index, end)
        elif tag == "SVD":
            adjudication, index = read_adjudication(run, index, end)
            if adjudication is not None:
                draft.add("adjudications", adjudication)
        elif tag == "LQ":
            index = _form(draft, index, end)
        else:
            run.expect(index, LINE_SEGMENTS)
            index += 1
    if "service_date" not in fields:
        run.report("R257", start)
        run.unreadable += 1
        fields["service_date"] = NO_SERVICE_DATE
    if "line_control_number" not in fields:
        fields["line_control_number"] = ""
    if run.keeps:
        fields["other_segments"] = run.kept(start, end)
    return ServiceLine(**(draft.whole() if draft.lists else fields))


@remembered
def services(separator: str, component: str, text: str) -> tuple[dict[str, Any], Problems, bool]:
    """Return an SV1's fields (not to be changed), its problems, and whether the fields hold everything in it."""
    sv1 = padded(text.split(separator), 15)
    qualifier, code, *others = padded(sv1[1].split(component), 6)
    problems: list[tuple[str, str, str]] = []
    numbers = []
    for element in (2, 4):
        try:
            numbers.append(decimals[sv1[element]])
        except NotAnAmount:
            problems.append((UNREADABLE_NUMBER, f"SV1{element:02d}", sv1[element]))
            numbers.append(ZERO)
    pointers: list[int] = []
    for position, pointer in enumerate(sv1[7].split(component), start=1):
        if pointer.isascii() and pointer.isdigit() and len(pointer) <= 2:
            pointers.append(int(pointer))
        elif pointer:
            problems.append(("R252", f"SV107-{position}", pointer))
    if not code:
        problems.append(("R262", "SV101-2", sv1[1]))
    whole = not (
        any(others[5:]) or sv1[6] or sv1[8] or sv1[10] or sv1[13] or sv1[14] or any(sv1[16:])
        or any(sv1[element] not in ("", "Y") for element in (9, 11, 12)) or sv1[15] not in ("", "0")
    )  # fmt: skip
    fields: dict[str, Any] = {
        "procedure": code,
        "charge": numbers[0],
        "units": numbers[1],
        "modifiers": tuple(filter(None, others[:4])),
        "unit": sv1[3],
        "diagnosis_pointers": tuple(pointers),
        "place_of_service": sv1[5],
        "procedure_qualifier": qualifier,
    }
    told = {
        "description": others[4], "emergency": sv1[9] == "Y", "epsdt": sv1[11] == "Y",
        "family_planning": sv1[12] == "Y", "copay_exempt": sv1[15] == "0",
    }  # fmt: skip
    fields |= {name: value for name, value in told.items() if value}
    return fields, tuple(problems), whole


def _segment(draft: Draft, tag: str, index: int) -> None:
    handler = _HANDLERS.get(tag)
    if handler is None:
        draft.run.expect(index, LINE_SEGMENTS)
    else:
        handler(draft, index)


def _provider(draft: Draft, start: int, end: int) -> int:
    """Read a loop 2420. Return where the next loop begins. A REF*6R among its segments belongs to the line."""
    run = draft.run
    own = f"REF{run.separator}{_CONTROL_NUMBER}{run.separator}"
    indices, foreign, stop = party_at(run, start, end, PROVIDER_SEGMENTS, own=own)
    if role_of(run, start) in LINE_PROVIDERS:
        draft.add("providers", read_provider(run, indices))
    else:
        for index in indices:
            run.keep(index)
    for index in foreign:
        _segment(draft, run.tags[index], index)
    return stop


def _drug(draft: Draft, start: int, end: int) -> int:
    """Read 2410: LIN, CTP, REF. Keep a LIN without a readable CTP as text: a drug needs its quantity."""
    run = draft.run
    stop = start + 1
    quantity_at = number_at = 0
    while stop < end:
        tag = run.tags[stop]
        if tag == "CTP" and not quantity_at:
            quantity_at = stop
        elif tag == "REF" and not number_at and padded(elements_at(run, stop), 1)[1] in _PRESCRIPTIONS:
            number_at = stop
        else:
            break
        stop += 1
    lin = padded(elements_at(run, start), 3)
    ctp = padded(elements_at(run, quantity_at), 5) if quantity_at else [""] * 6
    run.at = quantity_at
    quantity = run.number("CTP04", ctp[4]) if quantity_at and "drug" not in draft.fields else None
    if quantity is None or not lin[3]:
        for index in range(start, stop):
            run.keep(index)
        return stop
    unit, *more = ctp[5].split(run.component)
    if lin[1] or any(lin[4:]):
        run.keep(start)
    if any(ctp[1:4]) or any(more) or any(ctp[6:]):
        run.keep(quantity_at)
    drug = Drug(lin[3], quantity, unit, code_qualifier=lin[2])
    if number_at:
        ref = padded(elements_at(run, number_at), 2)
        drug = Drug(lin[3], quantity, unit, ref[2], ref[1], lin[2])
        if any(ref[3:]):
            run.keep(number_at)
    draft.fields["drug"] = drug
    return stop


def _form(draft: Draft, start: int, end: int) -> int:
    """Read 2440: LQ and its FRM."""
    run = draft.run
    loop, run.loop = run.loop, "2440"
    lq = padded(elements_at(run, start), 2)
    if any(lq[3:]):
        run.keep(start)
    answers: list[FormAnswer] = []
    index = start + 1
    while index < end and run.tags[index] == "FRM":
        answer = read_record(run, index, FormAnswer)
        if answer is not None:
            answers.append(answer)
        index += 1
    draft.add("forms", SupportingForm(lq[1], lq[2], tuple(answers)))
    run.loop = loop
    return index


def _date(draft: Draft, index: int) -> None:
    """Read a DTP: 472 is the day of service. The other dates go to `dates`."""
    run, fields = draft.run, draft.fields
    qualifier, period, problems, whole = date_segments(run.separator, run.component)[run.texts[index]]
    if qualifier != _SERVICE_DATE:
        dated(draft, index)
        return
    if "service_date" in fields:
        run.keep(index)
        return
    fields["service_date"] = NO_SERVICE_DATE if period is None else period
    if problems:
        run.report_all(index, problems)
    elif not whole:
        run.keep(index)


def _reference(draft: Draft, index: int) -> None:
    """Read a REF: 6R is the line control number. A prescription number belongs to a drug."""
    run, fields = draft.run, draft.fields
    elements = run.texts[index].split(run.separator)
    qualifier = elements[1] if len(elements) > 1 else ""
    if qualifier == _CONTROL_NUMBER and "line_control_number" not in fields:
        fields["line_control_number"] = elements[2] if len(elements) > 2 else ""
        if len(elements) > 3 and any(elements[3:]):
            run.keep(index)
    elif qualifier == "VY":
        run.keep(index)  # links the parts of a compound drug: it belongs to 2410
    else:
        reference(draft, index)


_HANDLERS: dict[str, Handler] = COMMON | {
    "DTP": _date,
    "REF": _reference,
    "SV5": once("equipment", EquipmentPrice),
    "CR1": once("ambulance", AmbulanceTransport),
    "CR3": once("equipment_certification", EquipmentCertification),
    "QTY": amounts({"PT": "ambulance_patients", "FL": "obstetric_anesthesia_units"}),
    "MEA": several("measurements", Measurement),
    "CN1": once("contract", Contract),
    "AMT": amounts({"T": "sales_tax", "F4": "postage"}),
    "PS1": once("purchased_service", PurchasedService),
}
