"""Differences of parity that come from where pyx12 stops reading: we read on, and say what is there."""

import re
from collections.abc import Callable, Iterator

from claimloop.benchmarks.parity_case import Case, Side
from claimloop.benchmarks.parity_explanation import Claims, Example, Explanation
from claimloop.benchmarks.parity_findings import Said

_NOT_CLOSED = {"IK5:2", "AK9:3", "TA1:023"}
OF_ENVELOPES = ("IK5:", "AK9:", "TA1:")


def _stopped_by(*exceptions: str, where: Callable[[Case, int], bool] | None = None) -> Claims:
    """pyx12 died of an exception at a segment for which `where` holds: everything from there on is ours alone."""

    def claims(case: Case) -> Iterator[tuple[Side, Said]]:
        for said in case.only("stopped"):
            if said.code.startswith(exceptions) and (where is None or where(case, said.number)):
                yield "stopped", said
                yield from behind(case, said.number)

    return claims


def behind(case: Case, number: int) -> Iterator[tuple[Side, Said]]:
    """Yield our findings from a segment on or about an envelope whose trailer follows; theirs: nothing is closed."""
    for said in case.only("ours"):
        if said.number >= number or said.code.startswith(OF_ENVELOPES):
            yield "ours", said
    for said in case.only("pyx12"):
        if said.code in _NOT_CLOSED and "Mandatory segment" in case.their_texts(said):
            yield "pyx12", said


def _empty_segment(case: Case) -> Iterator[tuple[Side, Said]]:
    number = case.theirs.passed + 1
    if not case.theirs.stopped and 1 < number <= len(case.text.segments) and not case.text.segments[number - 1]:
        yield from behind(case, number)


def _unterminated(case: Case) -> Iterator[tuple[Side, Said]]:
    number = len(case.text.segments)
    terminator = case.text.delimiters[-1].segment.encode() if case.text.delimiters else b"~"
    if case.theirs.passed == number - 1 and not case.raw.rstrip().endswith(terminator.strip() or b"\n"):
        yield from behind(case, number)


def _surplus_components(case: Case, number: int) -> bool:
    return any(said.number == number and "G433" in note.ours for said, note in case.ours.said.items())


def _blank_segment(case: Case, number: int) -> bool:
    return not case.text.tag(number).strip() and bool(case.text.tag(number))


def _no_count(case: Case, number: int) -> bool:
    """Return True where GE01 is not a number."""
    return case.text.tag(number) == "GE" and not re.fullmatch(r"\s*[+-]?\d+\s*", case.text.element(number, 1))


def _period(case: Case, number: int) -> bool:
    """Return True for a period of time (RD8) with more than one dash."""
    segment = case.text.segments[number - 1]
    return any(element.count("-") > 1 for element in segment.split(case.text.delimiters[number - 1].element))


STOPS = (
    Explanation(
        "a guide that pyx12 does not list",
        "better rule",
        "pyx12 raises an EngineError where ISA12, GS01 and GS08 are not exactly in its index, and the whole file has "
        "no answer. We use the closest map of the same guide (another addendum, another ISA12) and report it (G401, "
        "G406). Where there is none we check syntax and envelopes and report that (G402).",
        _stopped_by("EngineError: Map not found"),
        Example("*X*005010X222A1~", "*X*005010X222A2~"),
    ),
    Explanation(
        "an interchange header that is not padded",
        "better rule",
        "pyx12 finds delimiters by column. It rejects a file that does not begin with ISA, whose ISA does not have 106 "
        "characters, or whose ISA12 is neither 00401 nor 00501. We count elements, find the ISA after a mail header "
        "or a byte order mark, and report what is wrong with it (X101, X122, G406).",
        _stopped_by("X12Error"),
        Example("SENDER         *", "SENDER*"),
    ),
    Explanation(
        "a byte that is not ASCII",
        "better rule",
        "pyx12 reads ASCII only and stops with a UnicodeDecodeError for the whole file. We read UTF-8 or Latin-1 and "
        "report the element whose character is not allowed (IK403 = 6).",
        _stopped_by("UnicodeDecodeError"),
        Example("*DOE*", "*DÖE*"),
    ),
    Explanation(
        "an empty segment",
        "pyx12 defect",
        "pyx12 treats an empty segment, two terminators in a row, as the end of the file. It does not read what "
        "follows, and reports every open envelope as not closed. We warn (X123) and continue.",
        _empty_segment,
        Example("LX*1~", "~LX*2~"),
    ),
    Explanation(
        "a last segment without a terminator",
        "pyx12 defect",
        "pyx12 silently drops the text after the last terminator, and reports the interchange as not closed. We read "
        "it and warn (X103).",
        _unterminated,
        Example("IEA*1*000000001~", "IEA*1*000000001"),
    ),
    Explanation(
        "a blank segment",
        "pyx12 defect",
        "pyx12 stops with an IndexError at a segment of blanks only. We warn (X123) and continue.",
        _stopped_by("IndexError", where=_blank_segment),
        Example("LX*1~", " ~LX*2~"),
    ),
    Explanation(
        "more components than the composite has",
        "pyx12 defect",
        "pyx12 stops with an IndexError where a composite has more components than the guide: its message needs the "
        "name of a component that does not exist. We report IK403 = 13, too many components, and continue.",
        _stopped_by("IndexError", where=_surplus_components),
        Example("*11:B:1*", "*11:B:1:X*"),
    ),
    Explanation(
        "a count of sets that is not a number",
        "pyx12 defect",
        "pyx12 stops with a ValueError (or a TypeError where it is missing) at a GE01 that is not a number. We report "
        "AK905 = 5, number of included sets does not match.",
        _stopped_by("ValueError", "TypeError", where=_no_count),
        Example("GE*1*1~", "GE**1~"),
    ),
    Explanation(
        "a period with several dashes",
        "pyx12 defect",
        "pyx12 stops with a ValueError at a period of time (RD8) that has more than one dash.",
        _stopped_by("ValueError", where=_period),
        Example("DTP*472*D8*20240101~", "DTP*472*RD8*20240101-2024-0102~"),
    ),
)
