"""External code sets (SNIP type 5): which element of which loop holds which, and whether its code is one.

A code is judged by the date of service; a reason of another payer, or of a remittance, by the date of its decision;
where there is no such date, by the day on which the interchange was made. Lists that the guide check knows (it says
G435) are asked for dates only.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import msgspec

from claimloop.edi.addresses import is_zip
from claimloop.edi.codes import code_list
from claimloop.edi.codes.diagnoses import diagnosis_status
from claimloop.edi.codes.shapes import is_cpt_hcpcs, is_modifier, is_ndc11, is_revenue_code, is_taxonomy
from claimloop.edi.dates import read_date
from claimloop.edi.npi import is_npi
from claimloop.edi.rules.diagnoses import ICD_10, diagnosis_codes
from claimloop.edi.rules.rule import Judge, Rule, remittance_rule, rule
from claimloop.edi.rules.scope import Scope, first_day, readable_day
from claimloop.edi.rules.sent import Sent, SentLoop

_CLIA = re.compile(r"[0-9]{2}D[0-9]{7}", re.ASCII)
_REASONS: Final = " ".join(f"CAS{position:02d}" for position in range(2, 18, 3))
_ANY_MODIFIER: Final = "{0}-3 {0}-4 {0}-5 {0}-6"


class CodeSet(msgspec.Struct, frozen=True):
    """What a code must be. `code` is what a stranger is reported as; `name` and `form` are words for the message.

    `listed` is the list that has its codes; `unknown_too` where the guide check does not look there already.
    """

    name: str
    code: str = "S694"
    form: str = ""
    fits: Callable[[str], bool] | None = None
    listed: str = ""
    unknown_too: bool = True


def is_clia(text: str) -> bool:
    """A laboratory's certificate (CLIA): ten characters, D in the third place, digits elsewhere."""
    return _CLIA.fullmatch(text) is not None


SETS: Final = {
    "npi": CodeSet("NPI", "S695", fits=is_npi),
    "procedure": CodeSet("procedure", form="five characters of CPT or HCPCS", fits=is_cpt_hcpcs),
    "modifier": CodeSet("modifier", form="two letters or digits", fits=is_modifier, listed="modifiers"),
    "drug": CodeSet("NDC", form="eleven digits without dashes", fits=is_ndc11),
    "revenue": CodeSet("revenue code", form="four digits", fits=is_revenue_code),
    "taxonomy": CodeSet("taxonomy", form="ten characters with an X at the end", fits=is_taxonomy),
    "zip": CodeSet("ZIP code", form="five or nine digits without a dash", fits=is_zip),
    "laboratory": CodeSet("CLIA number", form="ten characters with D in the third place", fits=is_clia),
    "reason": CodeSet("adjustment reason", listed="claim_adjustment_reasons"),
    "provider adjustment": CodeSet("provider adjustment reason", listed="provider_adjustments"),
    "state": CodeSet("state", listed="states"),
    "place": CodeSet("place of service", listed="place_of_service", unknown_too=False),
}


class Held(msgspec.Struct, frozen=True):
    """The elements of a segment that hold codes of one set: "SV101-2".

    `only` says when: another element and what it must be, "SV101-1 HC"; two blanks make empty one of the choices.
    """

    places: str
    elements: str
    codes: str
    only: str = ""


_PROFESSIONAL: Final = (
    Held("* NM1", "NM109", "npi", "NM108 XX"),
    Held("* PRV", "PRV03", "taxonomy", "PRV02 PXC"),
    Held("2010AA N4, 2010AC N4, 2310E N4, 2310F N4, 2420G N4, 2420H N4", "N402", "state", "N404  US CA"),
    Held("* N4", "N403", "zip", "N404  US"),
    Held("2300 CLM", "CLM05-1", "place"),
    Held("2300 HI", "HI01-2 HI02-2", "procedure", "HI01-1 BP"),
    Held("2300 REF, 2400 REF", "REF02", "laboratory", "REF01 X4 F4"),
    Held("2400 SV1", "SV101-2", "procedure", "SV101-1 HC"),
    Held("2400 SV1", _ANY_MODIFIER.format("SV101"), "modifier"),
    Held("2400 SV1", "SV105", "place"),
    Held("2400 SV5", "SV501-2", "procedure", "SV501-1 HC"),
    Held("2410 LIN", "LIN03", "drug", "LIN02 N4"),
    Held("2430 SVD", "SVD03-2", "procedure", "SVD03-1 HC"),
    Held("2430 SVD", _ANY_MODIFIER.format("SVD03"), "modifier"),
    Held("2320 CAS, 2430 CAS", _REASONS, "reason"),
)
_REMITTANCE: Final = (
    Held("1000B N1", "N104", "npi", "N103 XX"),
    Held("1000A N4, 1000B N4", "N403", "zip", "N404  US"),
    Held("2100 NM1", "NM109", "npi", "NM108 XX"),
    Held("2100 CAS, 2110 CAS", _REASONS, "reason"),
    Held("2110 SVC", "SVC01-2", "procedure", "SVC01-1 HC"),
    Held("2110 SVC", _ANY_MODIFIER.format("SVC01"), "modifier"),
    Held("2110 SVC", "SVC04", "revenue"),
    Held("2110 SVC", "SVC06-2", "procedure", "SVC06-1 HC"),
    Held("2110 SVC", _ANY_MODIFIER.format("SVC06"), "modifier"),
    Held("2110 REF", "REF02", "npi", "REF01 HPI"),
    Held("PLB", "PLB05-1 PLB07-1 PLB09-1 PLB11-1 PLB13-1", "provider adjustment"),
)

Place = tuple[int, int, str]
"""An element's position, the component in it counted from 1 (0 for an element without), and its name."""

Found = tuple[str, dict[str, str]]
"""A diagnostic code and the facts of its message."""

Test = Callable[[str, Scope], Found | None]


def _place(name: str) -> Place:
    element, _, component = name.partition("-")
    return int(element[-2:]), int(component or 0), name


def _judge(held: Held) -> Judge:
    """The function that judges the elements of one row of the table."""
    places = tuple(map(_place, held.elements.split()))
    code_set = SETS[held.codes]
    name, *only = held.only.split(" ") if held.only else ("",)
    condition = _place(name)[:2] if name else None
    test = _in_list(code_set) if code_set.listed else _in_form(code_set)

    def judge(sent: Sent, scope: Scope) -> None:
        if condition is not None and _text(sent, *condition) not in only:
            return
        for position, component, element in places:
            code = _text(sent, position, component)
            if code and (found := test(code, scope)) is not None:
                scope.say(found[0], sent, element, code, **found[1])

    return judge


def _text(sent: Sent, position: int, component: int) -> str:
    return sent.part(position, component) if component else sent[position]


def _in_form(code_set: CodeSet) -> Test:
    fits = code_set.fits
    assert fits is not None
    remembered = lru_cache(maxsize=10_000)(fits)
    found = code_set.code, {"what": code_set.name, "form": code_set.form}
    return lambda code, scope: None if remembered(code) else found


def _in_list(code_set: CodeSet) -> Test:
    def test(code: str, scope: Scope) -> Found | None:
        known = code_list(code_set.listed)
        row = known.codes.get(code)
        if row is None:
            if code_set.fits is not None and not code_set.fits(code):
                return code_set.code, {"what": code_set.name, "form": code_set.form}
            return ("S696", {"what": code_set.name}) if code_set.unknown_too else None
        if (row.start is not None or row.stop is not None) and (day := _day_of(code_set, scope)):
            status = known.status(code, read_date(day))
            if status != "active":
                return "S697", {"what": code_set.name, "status": "not valid yet" if status == "not yet" else "ended"}
        return None

    return test


def _day_of(code_set: CodeSet, scope: Scope) -> str:
    """The day by which a code is judged, as CCYYMMDD; empty where there is none."""
    if scope.head.one("BPR") is not None:
        return readable_day(scope.head.text("BPR", 16)) or scope.sent_on
    if code_set.name == "adjustment reason":
        return _decided(scope) or scope.sent_on
    return first_day(scope.line.one("DTP", "472")) or scope.serviced or scope.sent_on


def _decided(scope: Scope) -> str:
    """The day of another payer's decision: that of the line, else that of the claim."""
    loops: list[SentLoop] = [scope.loop, *scope.loop.inner("2330B")]
    return next((day for loop in loops if (day := first_day(loop.one("DTP", "573")))), "")


def diagnoses(sent: Sent, scope: Scope) -> None:
    """Each ICD-10-CM code exists and is complete on the first date of service."""
    day = scope.serviced or scope.sent_on
    for position, qualifier, code in diagnosis_codes(sent):
        if qualifier in ICD_10 and day:
            status = diagnosis_status(code.replace(".", ""), read_date(day))
            if status in ("unknown", "not billable"):
                scope.say("S698" if status == "unknown" else "S699", sent, f"HI{position:02d}-2", code)


def _codes(held: Held) -> str:
    code_set = SETS[held.codes]
    own = code_set.code if code_set.fits is not None else ""
    return f"{own} {'S696 S697' if code_set.listed else ''}".strip()


RULES: tuple[Rule, ...] = (
    *(rule(_judge(held), _codes(held), held.places) for held in _PROFESSIONAL),
    *(remittance_rule(_judge(held), _codes(held), held.places) for held in _REMITTANCE),
    rule(diagnoses, "S698 S699", "2300 HI"),
)
