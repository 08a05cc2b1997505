"""A claim's answer as segments of an 835: loop 2100 and its 2110s (005010X221A1)."""

import re
from functools import lru_cache

from claimloop.edi.money import NotAnAmount, decimals, x12_number
from claimloop.simulation.decisions import ClaimAnswer, LineAnswer, Reason
from claimloop.simulation.submitted import SubmittedClaim, SubmittedParty

END = "~\n"
_SIGNS = str.maketrans({"*": "-", "~": "-", ":": "-", "^": "-", "\n": " ", "\r": " "})
_PLAIN = re.compile(r"[A-Za-z0-9 .,'&/#_-]*", re.ASCII).fullmatch
_NO_SIGN = re.compile(r"[^ -~]").sub
_FILING = frozenset(
    ("12", "13", "14", "15", "16", "17", "AM", "CH", "DS", "HM", "LM", "MA", "MB", "MC", "OF", "TV", "VA", "WC")
)
_OTHER_FILING = {"CI": "15", "BL": "12", "HN": "HM", "09": "ZZ", "10": "ZZ", "11": "ZZ"}
"""CLP06 has fewer kinds of plan than SBR09."""

_FREQUENCIES = frozenset("123456789")
_REASONS_OF_A_SEGMENT = 6


def element(text: str, longest: int = 0) -> str:
    """Return a text from another sender's file without our delimiters, in plain ASCII, and not too long."""
    if not _PLAIN(text):
        text = _NO_SIGN("?", text.translate(_SIGNS))
    return text[:longest].strip() if longest else text.strip()


class _Amounts(dict[int, str]):
    """Amounts already formatted, because the same few amounts repeat."""

    def __missing__(self, cents: int) -> str:
        if len(self) >= 50_000:
            self.clear()
        sign = "-" if cents < 0 else ""
        whole, rest = divmod(abs(cents), 100)
        text = self[cents] = f"{sign}{whole}.{rest:02d}".rstrip("0") if rest else f"{sign}{whole}"
        return text


_amounts = _Amounts()


def amount(cents: int) -> str:
    """Return cents as payers write them: without decimals if they are zero."""
    return _amounts[cents]


def claim_text(answer: ClaimAnswer, subject: SubmittedClaim, received: str) -> tuple[str, int]:
    """Return the segments, each with its terminator, and their count. `subject` is the claim whose people are named."""
    parts = [
        f"CLP*{element(answer.control_number, 38) or '0'}*{answer.status}*{_amounts[answer.charge]}"
        f"*{_amounts[answer.paid]}*{_patient(answer)}*{_filing(subject.filing_indicator)}*{answer.payer_claim_number}"
        f"{_facility(subject)}"
    ]
    _adjustments(parts, answer.reasons)
    patient, subscriber = subject.patient, subject.subscriber
    parts.append(_name("QC", patient, subscriber.id))
    if patient is not subscriber and (subscriber.name or subscriber.id):
        parts.append(_name("IL", subscriber, subscriber.id))
    if answer.corrected is not None:
        last, first, member = (element(text, 35) for text in answer.corrected)
        parts.append(f"NM1*74*1*{last}*{first}****C*{member}" if member else f"NM1*74*1*{last}*{first}".rstrip("*"))
    if answer.forwarded_to is not None:
        name, number = answer.forwarded_to
        parts.append(f"NM1*TT*2*{element(name, 60)}*****PI*{element(number, 80)}")
    if answer.remarks:
        parts.append("MOA***" + "*".join(answer.remarks[:5]))
    parts.append(f"DTM*050*{received}")
    if not answer.lines:
        if subject.first_day:
            parts.append(f"DTM*232*{subject.first_day}")
        if subject.last_day:
            parts.append(f"DTM*233*{subject.last_day}")
    if answer.interest:
        parts.append(f"AMT*I*{_amounts[answer.interest]}")
    for line in answer.lines:
        _line(parts, line)
    parts.append("")
    return END.join(parts), len(parts) - 1


def _line(parts: list[str], line: LineAnswer) -> None:
    procedure = _composite(line.qualifier, line.procedure, line.modifiers)
    units = _quantity(line.units)
    svc = f"SVC*{procedure}*{_amounts[line.charge]}*{_amounts[line.paid]}**{units}"
    if line.billed is not None or line.original_units:
        billed = _composite(line.qualifier, *line.billed) if line.billed is not None else ""
        svc = f"{svc}*{billed}*{_quantity(line.original_units) if line.original_units else ''}".rstrip("*")
    parts.append(svc)
    if line.first_day:
        if line.first_day == line.last_day:
            parts.append(f"DTM*472*{line.first_day}")
        else:
            parts.append(f"DTM*150*{line.first_day}")
            parts.append(f"DTM*151*{line.last_day}")
    if line.reasons:
        _adjustments(parts, line.reasons)
    if line.line_control_number:
        parts.append(f"REF*6R*{element(line.line_control_number, 50)}")
    if line.allowed:
        parts.append(f"AMT*B6*{_amounts[line.allowed]}")
    for remark in line.remarks:
        parts.append(f"LQ*HE*{remark}")


def _adjustments(parts: list[str], reasons: tuple[Reason, ...]) -> None:
    """Append one CAS for adjacent reasons of one group, with at most six reasons each."""
    group, room = "", 0
    for reason in reasons:
        if reason.group == group and room:
            parts[-1] += f"**{reason.code}*{_amounts[reason.amount]}"
            room -= 1
        else:
            group, room = reason.group, _REASONS_OF_A_SEGMENT - 1
            parts.append(f"CAS*{group}*{reason.code}*{_amounts[reason.amount]}")


@lru_cache(maxsize=4096)
def _quantity(text: str) -> str:
    """Return units as an X12 number; 1 if the text is not a number."""
    try:
        return x12_number(abs(decimals[text]))
    except NotAnAmount:
        return "1"


@lru_cache(maxsize=4096)
def _composite(qualifier: str, code: str, modifiers: tuple[str, ...]) -> str:
    return ":".join(element(part) for part in (qualifier or "HC", code, *modifiers))


def _name(role: str, party: SubmittedParty, member_id: str) -> str:
    entity = party.entity if party.entity in ("1", "2") else "1"
    last, first, middle = element(party.name, 60), element(party.first_name, 35), element(party.middle_name, 25)
    if entity == "2":
        first = middle = ""
    number = element(member_id, 80)
    if len(number) > 1:
        return f"NM1*{role}*{entity}*{last}*{first}*{middle}***MI*{number}"
    return f"NM1*{role}*{entity}*{last}*{first}*{middle}".rstrip("*")


def _patient(answer: ClaimAnswer) -> str:
    patient = answer.patient
    return _amounts[patient] if patient else ""


def _filing(indicator: str) -> str:
    return indicator if indicator in _FILING else _OTHER_FILING.get(indicator, "ZZ")


def _facility(claim: SubmittedClaim) -> str:
    if not claim.place_of_service:
        return ""
    frequency = claim.frequency if claim.frequency in _FREQUENCIES else "1"
    return f"*{element(claim.place_of_service, 2)}*{frequency}"
