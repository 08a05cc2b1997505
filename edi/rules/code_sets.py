"""External code sets (SNIP type 5): the elements that contain codes, and whether each code is valid.

A code is judged by the date of service; another payer's reason code, or one in a remittance, by the date of that
adjudication; without such a date, by the day on which the interchange was created. Lists that the guide check knows (it
reports G435) are used for their dates only.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from claimloop.edi.codes import CodeList, code_list, shipped
from claimloop.edi.codes.diagnoses import DiagnosisStatus, Release, diagnosis_status, releases
from claimloop.edi.codes.shapes import is_clia, is_cpt_hcpcs, is_modifier, is_ndc11, is_revenue_code, is_taxonomy
from claimloop.edi.dates import read_date
from claimloop.edi.npi import is_npi, npi_problem
from claimloop.edi.records.addresses import is_zip
from claimloop.edi.rules.diagnoses import ICD_10
from claimloop.edi.rules.rule import Rule, remittance_rule, rule
from claimloop.edi.rules.scope import Scope, first_day, readable_day
from claimloop.edi.rules.sent import Sent, SentLoop

_REMEMBERED = 10_000
_REASONS: Final = " ".join(f"CAS{position:02d}" for position in range(2, 18, 3))
_OUTPATIENT_REMARKS: Final = "MOA03 MOA04 MOA05 MOA06 MOA07"
_ANY_MODIFIER: Final = "{0}-3 {0}-4 {0}-5 {0}-6"


class CodeSet(msgspec.Struct, frozen=True):
    """A code set. `code` is the finding for a value of the wrong form; `name` and `form` describe it in the message.

    `listed` names the list with its codes; `unknown_too` is True if the guide check does not report unknown codes
    already.
    """

    name: str
    code: str = "S694"
    form: str = ""
    fits: Callable[[str], bool] = bool
    listed: str = ""
    unknown_too: bool = True


SETS: Final = {
    "npi": CodeSet("NPI", "S695", fits=is_npi),
    "procedure": CodeSet("procedure", form="five characters of CPT or HCPCS", fits=is_cpt_hcpcs),
    "modifier": CodeSet("modifier", form="two letters or digits", fits=is_modifier, listed="modifiers"),
    "drug": CodeSet("NDC", form="eleven digits without dashes", fits=is_ndc11),
    "revenue": CodeSet("revenue code", form="four digits", fits=is_revenue_code),
    "taxonomy": CodeSet("taxonomy", form="ten characters that end with X", fits=is_taxonomy),
    "zip": CodeSet("ZIP code", form="five or nine digits without a dash", fits=is_zip),
    "laboratory": CodeSet("CLIA number", form="ten characters with D in third place", fits=is_clia),
    "reason": CodeSet("adjustment reason", listed="claim_adjustment_reasons"),
    "provider adjustment": CodeSet("provider adjustment reason", listed="provider_adjustments"),
    "state": CodeSet("state", listed="states"),
    "remark": CodeSet("remark code", listed="remittance_remarks"),
    "remark again": CodeSet("remark code", listed="remittance_remarks", unknown_too=False),
    "place": CodeSet("place of service", listed="place_of_service", unknown_too=False),
}


class CodeElements(msgspec.Struct, frozen=True):
    """The elements of a segment that contain codes of one set: "SV101-2".

    `only` is a condition: another element and its value, "SV101-1 HC". Two blanks make an empty value one of the
    choices.
    """

    places: str
    elements: str
    codes: str
    only: str = ""


_PROFESSIONAL: Final = (
    CodeElements("* NM1", "NM109", "npi", "NM108 XX"),
    CodeElements("* PRV", "PRV03", "taxonomy", "PRV02 PXC"),
    CodeElements("2010AA N4, 2010AC N4, 2310E N4, 2310F N4, 2420G N4, 2420H N4", "N402", "state", "N404  US CA"),
    CodeElements("* N4", "N403", "zip", "N404  US"),
    CodeElements("2300 CLM", "CLM05-1", "place"),
    CodeElements("2300 HI BP", "HI01-2 HI02-2", "procedure"),
    CodeElements("2300 REF X4, 2400 REF X4, 2400 REF F4", "REF02", "laboratory"),
    CodeElements("2400 SV1", "SV101-2", "procedure", "SV101-1 HC"),
    CodeElements("2400 SV1", _ANY_MODIFIER.format("SV101"), "modifier"),
    CodeElements("2400 SV1", "SV105", "place"),
    CodeElements("2400 SV5", "SV501-2", "procedure", "SV501-1 HC"),
    CodeElements("2410 LIN", "LIN03", "drug", "LIN02 N4"),
    CodeElements("2430 SVD", "SVD03-2", "procedure", "SVD03-1 HC"),
    CodeElements("2430 SVD", _ANY_MODIFIER.format("SVD03"), "modifier"),
    CodeElements("2320 CAS, 2430 CAS", _REASONS, "reason"),
    CodeElements("2320 MOA", _OUTPATIENT_REMARKS, "remark again"),
)
_REMITTANCE: Final = (
    CodeElements("1000B N1", "N104", "npi", "N103 XX"),
    CodeElements("1000A N4, 1000B N4", "N403", "zip", "N404  US"),
    CodeElements("2100 NM1", "NM109", "npi", "NM108 XX"),
    CodeElements("2100 CAS, 2110 CAS", _REASONS, "reason"),
    CodeElements("2110 SVC", "SVC01-2", "procedure", "SVC01-1 HC"),
    CodeElements("2110 SVC", _ANY_MODIFIER.format("SVC01"), "modifier"),
    CodeElements("2110 SVC", "SVC04", "revenue"),
    CodeElements("2110 SVC", "SVC06-2", "procedure", "SVC06-1 HC"),
    CodeElements("2110 SVC", _ANY_MODIFIER.format("SVC06"), "modifier"),
    CodeElements("2100 MOA", _OUTPATIENT_REMARKS, "remark again"),
    CodeElements("2100 MIA", "MIA05 MIA20 MIA21 MIA22 MIA23", "remark again"),
    CodeElements("2110 LQ", "LQ02", "remark", "LQ01 HE"),
    CodeElements("2110 REF HPI", "REF02", "npi", "REF01 HPI"),
    CodeElements("PLB", "PLB05-1 PLB07-1 PLB09-1 PLB11-1 PLB13-1", "provider adjustment"),
)

Found = tuple[str, dict[str, str]]
"""A diagnostic code and the facts of its message."""


def _place(name: str) -> tuple[int, int]:
    """Return an element's position, and the component in it counted from 1 (0 for a simple element)."""
    element, _, component = name.partition("-")
    return int(element[-2:]), int(component or 0)


class _Row:
    """One prepared row of the table."""

    def __init__(self, held: CodeElements) -> None:
        self.code_set = SETS[held.codes]
        self.components: dict[int, list[tuple[int, str]]] = {}
        for named in held.elements.split():
            position, component = _place(named)
            self.components.setdefault(position, []).append((component, named))
        name, *only = held.only.split(" ") if held.only else ("",)
        self.only = frozenset(only)
        self.asked, self.asked_part = _place(name) if name else (0, 0)
        self.known: CodeList | None = None
        self.fine: set[str] = set()
        """Elements that need no further check as long as `known` is the list."""

    def judge(self, sent: Sent, scope: Scope) -> None:
        """Check that the elements of this row contain codes of their set."""
        asked, asked_part, fine = self.asked, self.asked_part, self.fine
        if asked and not asked_part and sent[asked] not in self.only:
            return
        if self.code_set.listed and (known := code_list(self.code_set.listed)) is not self.known:
            self.known = known
            fine.clear()
        for position in self.components:
            text = sent[position]
            if text and text not in fine:
                applies = not asked_part or sent.part(asked, asked_part) in self.only
                if (not applies or self._is_sound(position, sent, scope)) and len(fine) < _REMEMBERED:
                    fine.add(text)

    def _is_sound(self, position: int, sent: Sent, scope: Scope) -> bool:
        """Check one element. Return True if it is valid regardless of the date."""
        sound = True
        for component, element in self.components[position]:
            code = sent.part(position, component) if component else sent[position]
            if code and not (self.code_set.fits(code) if self.known is None else _is_plain(self.known, code)):
                sound = False
                if (found := _verdict(self.code_set, self.known, code, scope)) is not None:
                    scope.flag(found[0], sent, element, code, **found[1])
        return sound


def _is_plain(known: CodeList, code: str) -> bool:
    """Return True for a code in the list without start and stop."""
    row = known.codes.get(code)
    return row is not None and row.start is None and row.stop is None


def _verdict(code_set: CodeSet, known: CodeList | None, code: str, scope: Scope) -> Found | None:
    """Return the problem with a code that lacks the form of its set, is not in its list, or has dates; None if there is
    none.
    """
    if (known is None or code not in known) and not code_set.fits(code):
        if code_set.fits is is_npi:
            return code_set.code, {"problem": npi_problem(code)}
        return code_set.code, {"what": code_set.name, "form": code_set.form}
    if known is None:
        return None
    if code not in known:
        return ("S696", {"what": code_set.name}) if code_set.unknown_too else None
    day = _day_of(code_set, scope)
    status = known.status(code, read_date(day)) if day else "active"
    if status == "active":
        return None
    return "S697", {"what": code_set.name, "status": "not valid yet" if status == "not yet" else "no longer valid"}


def _day_of(code_set: CodeSet, scope: Scope) -> str:
    """Return the day by which a code is judged, as CCYYMMDD; empty if there is none."""
    if scope.head.one("BPR") is not None:
        return readable_day(scope.head.text("BPR", 16)) or scope.sent_on
    if code_set.name == "adjustment reason":
        return _decided(scope) or scope.sent_on
    return first_day(scope.line.one("DTP", "472")) or scope.serviced or scope.sent_on


def _decided(scope: Scope) -> str:
    """Return the day of another payer's adjudication: that of the line, else that of the claim."""
    loops: list[SentLoop] = [scope.loop, *scope.loop.inner("2330B")]
    return next((day for loop in loops if (day := first_day(loop.one("DTP", "573")))), "")


class _Diagnoses:
    """Diagnoses that were looked up, by code and day, as long as the installed releases are the same."""

    def __init__(self) -> None:
        self._by: tuple[Release, ...] = ()
        self._status: dict[tuple[str, str], DiagnosisStatus] = {}

    def judge(self, claim: Sent, scope: Scope) -> None:
        """Check that each ICD-10-CM code exists and is complete on the first date of service."""
        if (installed := releases()) is not self._by or len(self._status) >= _REMEMBERED:
            self._by = installed
            self._status.clear()
        day = scope.serviced or scope.sent_on
        for sent, position, qualifier, code in scope.diagnoses:
            if qualifier in ICD_10 and day:
                status = self._status.get((code, day))
                if status is None:
                    status = self._status[code, day] = diagnosis_status(code.replace(".", ""), read_date(day))
                if status in ("unknown", "not billable"):
                    scope.flag("S698" if status == "unknown" else "S699", sent, f"HI{position:02d}-2", code)


def _codes(held: CodeElements) -> str:
    code_set = SETS[held.codes]
    own = code_set.code if code_set.fits is not bool else ""
    return f"{own} {'S696 S697' if code_set.listed else ''}".strip()


def _is_shipped(held: CodeElements) -> bool:
    """Return True if the list comes with this version. Codes of other lists are not checked."""
    return SETS[held.codes].listed in ("", *shipped())


RULES: tuple[Rule, ...] = (
    *(rule(_Row(held).judge, _codes(held), held.places) for held in _PROFESSIONAL if _is_shipped(held)),
    *(remittance_rule(_Row(held).judge, _codes(held), held.places) for held in _REMITTANCE if _is_shipped(held)),
    rule(_Diagnoses().judge, "S698 S699", "2300 CLM"),
)
